# The project's own kernel from design to result: the core's program in assembly and in MLIR, against
# what od and awk make of the same words.
cp "$here"/../../kernels/add_one/add_one* .
awk 'BEGIN { for (i = 0; i < 16384; i++) printf "%c", 33 + i * 7 % 90 }' >in.bin
# shellcheck disable=SC2016 # awk's own $i
words='{ for (i = 1; i <= NF; i++) { v = ($i + 1) % 4294967296
    for (k = 0; k < 4; k++) { printf "\\%03o", v % 256; v = int(v / 256) } } }'
# shellcheck disable=SC2059 # the format is the data
printf "$(od -An -v -tu4 in.bin | awk "$words")" >want.bin

ok tessera build add_one.mlir -o assembly --elf 0,2=add_one.s
ok tessera run -x assembly/add_one.xclbin -i assembly/insts.bin --arg in:in.bin --arg out:16384:out.bin
prints "done in 6773 cycles"
prints_not findings
same out.bin want.bin
ok tessera build add_one_mlir.mlir -o mlir
ok tessera run -x mlir/add_one_mlir.xclbin -i mlir/insts.bin --arg in:in.bin --arg out:16384:out_mlir.bin
prints "done in 8711 cycles"
prints_not findings
same out_mlir.bin want.bin

# ---- without its input it would hang, and is told where

grep -v 'metadata = @of_in}' add_one.mlir >stuck.mlir
ok tessera build stuck.mlir -o stuck --elf 0,2=add_one.s
fails 1 "deadlock on the emulator" tessera run -x stuck/stuck.xclbin -i stuck/insts.bin --arg in:in.bin --arg out:16384:none.bin
prints "deadlock after"
prints "tile (0,2): the core at 0x00084 in main waits for a lock: lock 1 >= 1, has 0"
absent none.bin

# ---- a turn too many reads behind the buffer

sed 's/n_turns, 16/n_turns, 17/' add_one.s >far.s
ok tessera build add_one.mlir -o far --elf 0,2=far.s
ok tessera run -x far/add_one.xclbin -i far/insts.bin --arg in:in.bin --arg out:16384:far.bin
prints "the core reads 32 bytes at 0x78400, where nobody has written"

# ---- a frame deeper than the stack is refused, by name

sed 's/^main:/main:\n        paddb   [sp], #2112/; s/^        j       #.Lforever/        paddb   [sp], #-2112\n&/' add_one.s >deep.s
fails 1 "the stack of main needs 2112 bytes and has 1024 (0x70000 to 0x70400): it would overwrite 1024 bytes of of_out_buff_0" tessera build add_one.mlir -o deep --elf 0,2=deep.s
absent deep
