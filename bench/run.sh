#!/bin/sh
# Usage: bench/run.sh TESSERA
# Times of the commands as processes, in milliseconds: the median of 20 runs each, one JSON line per
# measurement. With TESSERA_XCLBINUTIL naming XRT's tool, also the comparison with it. TESSERA_XCLBINS
# may name real containers.
set -eu
tessera=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$here"/../tests/data/xclbin/*.json "$work"
cd "$work"

# median NAME COMMAND...
median() {
    name=$1
    shift
    : >times.txt
    i=0
    while [ $i -lt 20 ]; do
        from=$(date +%s%N)
        "$@" >/dev/null
        to=$(date +%s%N)
        echo $((to - from)) >>times.txt
        i=$((i + 1))
    done
    sort -n times.txt | awk -v name="$name" '{ t[NR] = $1 } END {
        printf "{\"bench\": \"%s\", \"runs\": %d, \"median_ms\": %.2f, \"max_ms\": %.2f}\n", name, NR, t[int((NR + 1) / 2)] / 1e6, t[NR] / 1e6 }'
}

for kib in 64 4096; do
    awk -v n=$((kib * 128)) 'BEGIN { for (i = 0; i < n; i++) printf "%08d", i }' >main.pdi
    recipe="xclbin pack --partition partition.json --kernels kernels.json --memory memory.json"
    median "xclbin pack, PDI of $kib KiB" "$tessera" $recipe -o a.xclbin --force
    median "xclbin info, PDI of $kib KiB" "$tessera" xclbin info a.xclbin
    median "xclbin check, PDI of $kib KiB" "$tessera" xclbin check a.xclbin
done
for real in ${TESSERA_XCLBINS:-}; do
    median "xclbin info $(basename "$real")" "$tessera" xclbin info "$real"
done
# bench/*.c are built with the tests (cmake -DTESSERA_TESTS=ON), as `make bench` does.
for program in attention bundles core array design; do
    if [ -x "$(dirname "$tessera")/tests/bench_$program" ]; then
        "$(dirname "$tessera")/tests/bench_$program"
    else
        echo "SKIPPED: bench_$program is not built" >&2
    fi
done
"$here/as.sh" "$tessera"
"$here/pdi.sh" "$tessera" || [ $? -eq 77 ]
if [ -n "${TESSERA_XCLBINUTIL:-}" ]; then
    "$here/peers/xclbinutil.sh" "$tessera" "$TESSERA_XCLBINUTIL" ${TESSERA_XCLBINS:-}
else
    echo "SKIPPED: the comparison with XRT's xclbinutil; set TESSERA_XCLBINUTIL to its path" >&2
fi
