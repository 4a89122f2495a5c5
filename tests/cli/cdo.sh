# tessera cdo: text to binary and back; bad input.
cat >all.txt <<'EOF'
version 2.0
# every kind of argument
mask_poll 0x1000 0x1 0x1 0xa
write64 0x200000000 0x5
dma_write 0x220000 @block.bin
log_string "done"
proc 0x1 [
  write 0xf0000008 0x9
]
generic 0x155 1 2 3
EOF
printf '\001\000\000\000\002\000\000\000' >block.bin
ok tessera cdo pack all.txt -o all.bin
ok tessera cdo list all.bin
prints "dma_write tile(0,2).program+0x0 0x1 0x2  # program+0x0: 8 bytes"
prints "  write 0xf0000008 0x9"
cp .out listed.txt
ok tessera cdo pack listed.txt -o again.bin
same all.bin again.bin
ok tessera cdo list all.bin -o file.txt
same file.txt listed.txt
fails 1 "exists already" tessera cdo list all.bin -o file.txt
ok tessera cdo list all.bin --json
prints '"command": "write64"'
prints '"addr": "0x200000000"'

cp .out all.json
ok tessera cdo list all.bin --json -o file.json
same all.json file.json

# A block is told register by register, and tile by tile.
cat >blocks.txt <<'TXT'
dma_write tile(0,2).core.Event_Broadcast0 { 1 2 }
dma_write tile(0,2)+0xffff8 { 1 2 3 4 }
set tile(0,2).memory.Lock0_value 2 1
set tile(0,2).data+0xfffc 8 0
dma_write tile(0,3).data+0x0 { }
TXT
ok tessera cdo pack blocks.txt -o blocks.bin
ok tessera cdo list blocks.bin
prints "# tile(0,2).core.Event_Broadcast1: "
prints "# tile(0,2)+0xffff8: unknown register := 1"
prints "# compute tile (0,3)"
prints "# data+0x0: 8 bytes"
prints "# tile(0,2).memory.Lock0_value: lock 0 := "
prints "# data+0xfffc: 4 bytes of 0x0, and 28 beyond its end"
prints "# nothing"

echo 'dma_write 0 { 1*100 }' >long.txt
ok tessera cdo pack long.txt -o long.bin
ok tessera cdo list long.bin --brief
prints "{...}  # 100 words"
cp .out brief.txt
fails 1 "--brief leaves data out" tessera cdo pack brief.txt -o no.bin
ok tessera cdo list long.bin
prints "00000001*100"

echo 'write tile(0,2).core.Core_Control 1' >name.txt
ok tessera cdo pack name.txt -o name.bin
ok tessera cdo list name.bin
prints "# compute tile (0,2)"
prints "write tile(0,2).core.Core_Control 0x1  # core: enable on, reset off"
echo 'write tile(0,2).core.Core_Contral 1' >name.txt
fails 1 "name.txt:1:7: no register is called 'tile(0,2).core.Core_Contral'" tessera cdo pack name.txt -o no.bin

printf 'nop\nwirte 1 2\n' >bad.txt
fails 1 "bad.txt:2:1: no command 'wirte'; did you mean 'write'?" tessera cdo pack bad.txt -o no.bin
fails 1 "    wirte 1 2" tessera cdo pack bad.txt -o no.bin
fails 1 "^" tessera cdo pack bad.txt -o no.bin
echo 'dma_write 0 @absent' >bad.txt
fails 1 "absent: cannot open for reading" tessera cdo pack bad.txt -o no.bin
head -c 30 all.bin >short.bin
fails 1 "short.bin: offset 0x14" tessera cdo list short.bin
fails 1 "expected the headers of a PDI" tessera cdo list /dev/null
fails 1 "all.txt: neither a CDO nor a PDI" tessera cdo list all.txt
absent no.bin
fails 1 "all.bin: is read here and also the output file" tessera cdo list all.bin -o all.bin -f
fails 1 "all.txt: is read here and also the output file" tessera cdo pack all.txt -o all.txt -f
fails 2 "option '--output' is required" tessera cdo pack all.txt
