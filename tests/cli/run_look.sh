# tessera run, looking: break, watch, trace, dump, checks, statistics, programs beside the container.
cp "$here"/../../kernels/add_one/add_one* .
awk 'BEGIN { for (i = 0; i < 16384; i++) printf "%c", 33 + i * 7 % 90 }' >in.bin
ok tessera build add_one.mlir -o a --elf 0,2=add_one.s
run="tessera run -x a/add_one.xclbin -i a/insts.bin --arg in:in.bin --arg out:16384:out.bin"
matches() { grep -qE -- "$1" "${2:-.out}" || die "nothing like '$1'"; }

# ---- names come from the programs beside the container, if they are what it loads

ok $run
prints "names   a/main_core_0_2.elf"
cp out.bin want.bin
mkdir moved
cp a/add_one.xclbin moved
sed 's/n_turns, 16/n_turns, 15/' add_one.s >other.s
ok tessera build add_one.mlir -o other --elf 0,2=other.s
cp other/main_core_0_2.elf moved
ok tessera run -x moved/add_one.xclbin -i a/insts.bin --arg in:in.bin --arg out:16384:out.bin
prints "        not moved/main_core_0_2.elf, which is not what was loaded"
prints_not "names"
fails 1 "no program of a core has a symbol 'main'; --elf gives programs" \
    tessera run -x moved/add_one.xclbin -i a/insts.bin --arg in:in.bin --arg out:16384:out.bin --break main
ok tessera run -x moved/add_one.xclbin -i a/insts.bin --arg in:in.bin --arg out:16384:out.bin --elf 0,2=a/main_core_0_2.elf
prints "names   a/main_core_0_2.elf"

# ---- break: the run stops there, which is no failure; nothing is written

rm out.bin
ok $run --break main
prints "end     break after 0 cycles, in op 0 of 8 of the stream"
prints "        before the first op, while the cores ran by themselves"
matches "^break   the core of tile .0,2. at 0x00060 in main, cycle [0-9]+; what is in flight has not landed"
prints "calls   __start > _main_init > main"
prints "  -> 0x00060  movx    r17, #1"
prints "SP           0x070000"
absent out.bin
ok $run --break 0,2:0x84
prints "at 0x00084 in main+0x24, cycle"
prints "     0x00080  movx    r0, #16"
prints "  x1           0x00000001000000010000000100000001"
ok $run --break main@0,2 --json
prints '"end": "break"'
prints '"pc": 96'
prints '"r17": "0x00000000"'
ok $run --break 0,2:0x3000
prints "break   none was reached"
same out.bin want.bin
fails 1 "--break 0,2:nosuch: no number, and the core's program has no symbol 'nosuch'" $run --break 0,2:nosuch
fails 1 "--break 0x60: an address needs its core" $run --break 0x60
fails 1 "--break main@2: behind the @ comes COLUMN,ROW" $run --break main@2
fails 1 "--break 0,1:0: that tile has no core" $run --break 0,1:0
fails 1 "--break 0,2:0x4000: is not in the program memory" $run --break 0,2:0x4000
fails 1 "--break 0,2:0x70: that core has a break already" $run --break main --break 0,2:0x70
fails 1 "a symbol or an address is missing" $run --break 0,2:

# ---- watch: every write, whose it is, with the bytes before and after

ok $run --watch of_out_buff_0:6 --watch 0,2:0x8000
matches "[0-9]  .0,2.  data.0x00400  0x00000000  0x362f2822  core              0x000b0  main.0x50"
matches "[0-9]  .0,2.  data.0x00404      0x0000      0x443e  core              0x000b0  main.0x50"
matches "[0-9]  .0,2.  data.0x08000  0x00000000  0x362f2821  dma S2MM 0, bd 0"
[ "$(grep -c ' main+0x50$' .out)" -eq 16 ] || die "not two words of each of eight buffers"
ok $run --watch 0,2:0x78000:4 --json
prints '"address": "data+0x08000"'
prints '"writes_lost": 0'
ok $run --watch 0,2:0xf000
prints "no write into what is watched"
fails 1 "--watch 0,2:0x90000: is not in the data memory of that tile" $run --watch 0,2:0x90000
fails 1 "--watch 9,9:0: is not in the data memory of that tile" $run --watch 9,9:0
fails 1 "--watch 0,2:0:0: expected C,R:ADDRESS[:BYTES]" $run --watch 0,2:0:0
fails 1 "--watch main:x: expected C,R:ADDRESS[:BYTES]" $run --watch main:x
fails 1 "no program of a core has a symbol 'nosuch'" $run --watch nosuch

# ---- trace: what Perfetto reads, also of a run that hangs

ok $run --trace t.json
ok "$TEST_PROGRAMS/check_trace" t.json
prints "slices of 6 tracks"
for text in '"tid":0,"ts":[0-9]+,"name":"main","dur":[0-9]+' '"name":"waits for a lock: lock 1","dur":[0-9]+' \
    '"pid":1,"tid":7,"ts":[0-9]+,"name":"bd 1","dur":[0-9]+' '"name":"lock 3","args":."value":1' \
    '"name":"dma MM2S 0"' '"name":"waits for lock 3","dur":[0-9]+' '"name":"run 0","dur":[0-9]+'; do
    matches "$text" t.json
done
ok $run --trace again.json
same t.json again.json
fails 1 "timeout on the emulator" $run --timeout 0 --trace none.json
ok "$TEST_PROGRAMS/check_trace" none.json
fails 1 "in.bin: is read here and also an output file" $run --trace in.bin

# ---- dump

ok $run --dump-tile 0,2 --dump-tile 0,1:memtile.txt
prints "tile (0,2) at cycle "
prints "core    enabled, at 0x00084 in main+0x24, waits for a lock"
prints "  lock 0 is 1, lock 2 is 2; the others 0"
prints "  bd 0  256 words (1024 bytes) at data+0x8000, acquire lock 0 >= 1, release lock 1 +1, next bd 1"
prints "  data+0x10000"
grep -q "tile (0,1) at cycle" memtile.txt || die "no dump of the memory tile"
prints_not "tile (0,1)"
ok $run --dump-tile 0,2 --json
prints '"bd": 3'
fails 1 "--dump-tile 0: expected COLUMN,ROW[:FILE]" $run --dump-tile 0
fails 1 "--dump-tile 0,2:: expected" $run --dump-tile 0,2:
fails 1 "--dump-tile 0,9: there is no such tile" $run --dump-tile 0,9
fails 1 "insts.bin: is read here" $run --dump-tile 0,2:a/insts.bin

# ---- checks

sed 's/n_turns, 16/n_turns, 17/' add_one.s >far.s
ok tessera build add_one.mlir -o far --elf 0,2=far.s
far="tessera run -x far/add_one.xclbin -i far/insts.bin --arg in:in.bin --arg out:16384:far.bin"
ok $far
prints "unwritten at tile (0,2)"
prints "no-buffer at tile (0,2)"
for list in none stack,deadlock -unwritten,-no-buffer all,-unwritten,-no-buffer all,none; do
    ok $far --check $list
    prints_not findings
done
ok $far --check unwritten
prints "unwritten at"
prints_not "no-buffer"
fails 2 "--check: no finding is called 'unwriten'; did you mean 'unwritten'?" $far --check all,-unwriten
fails 2 "--check: no finding is called ''" $far --check stack,,deadlock

# ---- statistics

ok $run --stats
matches "^.0,2. +[0-9]+ +4207 +[0-9]+ +0 +0 +0  waits for a lock"
prints "(0,2)  513    0  512  342  257    0  301     0"
prints "(0,2)  S2MM 0      0           16  16384"
ok $run --stats --json
prints '"lda": 513'
prints '"bytes": 16384'

# ---- a limit in cycles

fails 1 "timeout on the emulator" $run --cycles 3000
matches "^end     timeout after 3[0-9]+ cycles"
ok $run --cycles 100000
