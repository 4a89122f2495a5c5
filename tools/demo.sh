#!/bin/sh
# Usage: tools/demo.sh TESSERA
# The main job: the attention kernel is built, runs on the emulator, and is held against FP32; then a kernel with a
# mistake, and a design that would hang, are told what is wrong with them.
set -eu
tessera=$(realpath "$1")
here=$(cd "$(dirname "$0")/.." && pwd)
out=$here/demo
rm -rf "$out"
mkdir -p "$out"
cd "$out"

run() {
    echo
    echo "\$ tessera $*"
    "$tessera" "$@"
}
must_fail() {
    if run "$@"; then
        echo "expected this to fail" >&2
        exit 1
    fi
}

run attention build -o int32
run attention build --scores int8 -o int8
run xclbin check int32/attention_int32.xclbin
run attention verify --numpy-seed 42 --build int32 --build int8 --html report.html

# A shift in the kernel that is off by one.
cp -r "$here/kernels/attention_int32" wrong
sed -i 's/movx    r0, #24/movx    r0, #25/' wrong/attention_int32.s
must_fail attention verify --gauss 1,0.3 --kernel wrong --scores int32 --html wrong.html

# The transfer that brings Q, K and V is missing: hardware would hang.
mkdir stuck
grep -v 'metadata = @qkv_rows}' "$here/kernels/attention_int32/attention_int32.mlir" >stuck/stuck.mlir
cp "$here/kernels/attention_int32/attention_int32.s" stuck
run build stuck/stuck.mlir -o stuck
must_fail run -x stuck/stuck.xclbin -i stuck/insts.bin --arg scratch:12288 --arg out:4096:out.bin --arg scratch:64

"$tessera" map "$here/kernels/attention_int32/attention_int32.mlir" --svg attention.svg
echo
echo "The files are in $out: int32/ and int8/ have what a driver loads, report.html and wrong.html"
echo "heat maps; attention.svg draws the array."
