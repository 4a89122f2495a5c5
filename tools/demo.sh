#!/bin/sh
# Usage: tools/demo.sh TESSERA
# The main job, on the project's own example: a container from the files a compiler leaves, looked
# into, checked, taken apart, put together again, and compared with one that differs in a byte.
set -eu
tessera=$(realpath "$1")
here=$(cd "$(dirname "$0")/.." && pwd)
out=$here/demo
rm -rf "$out"
mkdir -p "$out"
cp "$here"/tests/data/xclbin/kernels.json "$here"/tests/data/xclbin/memory.json \
    "$here"/tests/data/xclbin/partition.json "$out"
cd "$out"
# The example has no compiled design yet; its PDI is 4 KiB of counted words.
awk 'BEGIN { for (i = 0; i < 512; i++) printf "%08d", i }' >main.pdi

run() {
    echo
    echo "\$ tessera $*"
    "$tessera" "$@" || [ "$1 $2" = "xclbin diff" ]
}
run xclbin pack --partition partition.json --kernels kernels.json --memory memory.json -o attention.xclbin
run xclbin info attention.xclbin
run xclbin check attention.xclbin
run xclbin extract attention.xclbin -o attention
run xclbin pack attention -o again.xclbin
cmp attention.xclbin again.xclbin && echo "attention.xclbin and again.xclbin are the same, byte for byte"
printf 'X' | dd of=main.pdi bs=1 seek=1000 conv=notrunc 2>/dev/null
run xclbin pack --partition partition.json --kernels kernels.json --memory memory.json -o changed.xclbin
run xclbin diff attention.xclbin changed.xclbin
echo
echo "The files are in $out"
