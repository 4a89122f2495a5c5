#!/bin/sh
# Usage: tools/demo.sh TESSERA
# The main job, on the project's own example: a configuration written as text becomes a PDI, the PDI
# with the files a compiler leaves becomes an XCLBIN, and that is looked into, checked, taken apart, put
# together again, and compared with one that differs in one lock.
set -eu
tessera=$(realpath "$1")
here=$(cd "$(dirname "$0")/.." && pwd)
out=$here/demo
rm -rf "$out"
mkdir -p "$out"
data=$here/tests/data
cp "$data"/xclbin/kernels.json "$data"/xclbin/memory.json "$data"/xclbin/partition.json \
    "$data"/pdi/loopback.txt "$data"/pdi/loopback.bif "$out"
cd "$out"

run() {
    echo
    echo "\$ tessera $*"
    "$tessera" "$@" || [ "$1 $2" = "xclbin diff" ]
}
run cdo pack loopback.txt -o loopback.bin
run bootgen -arch versal -image loopback.bif -o main.pdi -w
run cdo list main.pdi --brief
run xclbin pack --partition partition.json --kernels kernels.json --memory memory.json -o loopback.xclbin
run xclbin info loopback.xclbin
run xclbin check loopback.xclbin
run xclbin extract loopback.xclbin -o loopback
run xclbin pack loopback -o again.xclbin
cmp loopback.xclbin again.xclbin && echo "loopback.xclbin and again.xclbin are the same, byte for byte"

# The same with no buffer free: nothing would ever arrive.
sed 's/Lock0_value 0x1/Lock0_value 0x0/' loopback.txt >stuck.txt
"$tessera" cdo pack stuck.txt -o loopback.bin --force
"$tessera" bootgen -arch versal -image loopback.bif -o main.pdi -w
run xclbin pack --partition partition.json --kernels kernels.json --memory memory.json -o stuck.xclbin
run xclbin diff loopback.xclbin stuck.xclbin
echo
echo "The files are in $out"
