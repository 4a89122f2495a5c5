# tessera pdi: an image from a BIF, as a folder, and back; replaced parts; bad input.
cat >a.txt <<'EOF'
write 0x232000 0x1
dma_write 0x220000 { 1 2 3 4 5 }
EOF
echo 'mask_write 0x232000 0x2 0x0' >b.txt
ok tessera cdo pack a.txt -o a.bin
ok tessera cdo pack b.txt -o b.bin
cat >two.bif <<'EOF'
all:
{
  id_code = 0x14ca8093
  extended_id_code = 0x01
  image { name=aie_image, id=0x1c000000
    { type=cdo file=a.bin file=b.bin }
    partition { id=5, type=cdo file="b.bin" }
  }
  image { name=second, id=0x1c000001 { type=cdo, file=a.bin } } // the last
}
EOF
ok tessera pdi pack two.bif -o two.pdi
ok tessera pdi info two.pdi
prints "id code           0x14ca8093"
prints "2  second     0x1c000001  0x0  cdo   plain"
ok tessera pdi info two.pdi --json
prints '"image_id": "0x1c000001"'
prints '"commands": 3'

ok tessera pdi extract two.pdi -o parts
ok tessera pdi pack parts -o again.pdi
same two.pdi again.pdi
ok tessera pdi pack parts/pdi.json -o again.pdi --force
same two.pdi again.pdi
ok tessera cdo list parts/second.2.cdo
prints "dma_write tile(0,2).program+0x0 {  # program+0x0: 20 bytes"

# A longer part is taken, and lengths and checksums follow.
cp parts/second.2.cdo parts/aie_image.1.cdo
ok tessera pdi pack parts -o longer.pdi
ok tessera pdi info longer.pdi --json
prints '"offset": "0x340"'

fails 1 "exists already; use --force" tessera pdi pack parts -o longer.pdi
fails 1 "exists already; use --force" tessera pdi extract two.pdi -o parts
ok tessera pdi extract two.pdi -o parts --force
fails 2 "option '--output' is required" tessera pdi extract two.pdi
fails 2 "option '--output' is required" tessera pdi pack two.bif
fails 2 "too few arguments" tessera pdi info
fails 1 "cannot open for reading" tessera pdi info absent.pdi
fails 1 "a.txt: offset 0x28: not a PDI" tessera pdi info a.txt
head -c 700 two.pdi >short.pdi
fails 1 "short.pdi: offset 0x130: 96 bytes of data at offset 0x290; the file has 700" tessera pdi info short.pdi
ok tessera pdi extract two.pdi -o keys
cp keys/pdi.json pdi.json
sed 's/"header"/"headers"/' pdi.json >keys/pdi.json
fails 1 "headers: nothing of that name belongs here" tessera pdi pack keys -o no.pdi
sed 's/"identification": [^,]*,//' pdi.json >keys/pdi.json
fails 1 "keys/pdi.json: the header has the identification 0x00000000" tessera pdi pack keys -o no.pdi
fails 1 "is read here and also the output file" tessera pdi pack two.bif -o a.bin -f
# A partition that is no CDO is said to be one, not that the image is none.
sed 's/second.2.cdo/aie_image.1.txt/' pdi.json >keys/pdi.json
echo 'no commands' >keys/aie_image.1.txt
ok tessera pdi pack keys -o text.pdi
fails 1 "partition 2: offset 0x4: not a CDO" tessera cdo list text.pdi
echo 'all: { image { { type=cdo file=absent.bin } } }' >absent.bif
fails 1 "absent.bin: cannot open for reading" tessera pdi pack absent.bif -o no.pdi
absent no.pdi
echo 'all: { image { { type=cod file=a.bin } } }' >bad.bif
fails 1 "bad.bif:1:23: no partition type 'cod'" tessera pdi pack bad.bif -o no.pdi
echo 'all: { image { { type=cdo file=bad.bif } } }' >notcdo.bif
fails 1 "bad.bif: offset 0x4: not a CDO" tessera pdi pack notcdo.bif -o no.pdi
absent no.pdi
ok tessera pdi -h
prints "extract"
