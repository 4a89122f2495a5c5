#!/bin/sh
# Usage: tools/demo.sh TESSERA
# The main job, on the project's own kernel: a design and its core's program, in assembly and in MLIR,
# become XCLBINs; these run on the emulator; the results are compared with what od and awk work out; and
# a design that would hang is told where.
set -eu
tessera=$(realpath "$1")
here=$(cd "$(dirname "$0")/.." && pwd)
out=$here/demo
rm -rf "$out"
mkdir -p "$out"
cp "$here"/kernels/add_one/add_one*.mlir "$here"/kernels/add_one/add_one.s "$out"
cd "$out"

run() {
    echo
    echo "\$ tessera $*"
    "$tessera" "$@"
}
# 4,096 words, and what they are plus 1.
awk 'BEGIN { for (i = 0; i < 16384; i++) printf "%c", 33 + i * 7 % 90 }' >in.bin
# shellcheck disable=SC2016 # awk's own $i
words='{ for (i = 1; i <= NF; i++) { v = ($i + 1) % 4294967296
    for (k = 0; k < 4; k++) { printf "\\%03o", v % 256; v = int(v / 256) } } }'
# shellcheck disable=SC2059 # the format is the data
printf "$(od -An -v -tu4 in.bin | awk "$words")" >want.bin

run build add_one.mlir -o assembly --elf 0,2=add_one.s
run map add_one.mlir
"$tessera" map add_one.mlir --svg add_one.svg
run insts list assembly/insts.bin
run xclbin check assembly/add_one.xclbin
run run -x assembly/add_one.xclbin -i assembly/insts.bin --arg in:in.bin --arg out:16384:out.bin --stats
run compare out.bin want.bin --dtype int32

# The same with the core's program in MLIR, a word at a time.
run build add_one_mlir.mlir -o mlir
run run -x mlir/add_one_mlir.xclbin -i mlir/insts.bin --arg in:in.bin --arg out:16384:out_mlir.bin
cmp out.bin out_mlir.bin && echo "out.bin and out_mlir.bin are the same"

# The same without the transfer that brings the input: hardware would hang.
grep -v 'metadata = @of_in}' add_one.mlir >stuck.mlir
run build stuck.mlir -o stuck --elf 0,2=add_one.s
if run run -x stuck/stuck.xclbin -i stuck/insts.bin --arg in:in.bin --arg out:16384:out_stuck.bin; then
    echo "expected a deadlock" >&2
    exit 1
fi
echo
echo "The files are in $out; add_one.svg draws the array"
