#!/bin/sh
# Usage: bench/as.sh TESSERA
# Lines a second of the assembler, as a process: a million lines of code as a compiler prints it, of
# all kinds of bundles, with a label every fifty; the best of 5 runs, with and without the check for
# hazards. One JSON line each.
set -eu
tessera=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
awk 'BEGIN {
    split("lda r1, [p0, #4]|st r4, [p2, #0]; add r1, r2, #3|padda [p1], #4; add r0, r0, r1; mov r2, r1|" \
        "vlda wl3, [p2], m1; vadd.32 x0, x1, x2|nop|movxm p0, #(buffer + 8)|vmac cm0, cm0, x0, x2, r3|" \
        "lshl r0, r0, r1|mova r6, #21|nopa ; nopb ; nopx ; nops ; nopm ; nopv|" \
        "vst.2d wh6, [p5], d3; vldb.3d wl2, [p1], d1", line, "|")
    print "\t.text\n\t.globl\tf\n\t.type\tf,@function\nf:"
    for (i = 0; i < 1000000; i++) {
        x = (x * 1103515245 + 12345) % 2147483648
        if (i % 50) print "\t" line[int(x / 65536) % 11 + 1]; else print ".L" i ":  // a label"
    } }' >big.s

# rate NAME OPTION...
rate() {
    name=$1
    shift
    best=
    for run in 1 2 3 4 5; do
        from=$(date +%s%N)
        "$tessera" as big.s -o big.o "$@" 2>/dev/null
        took=$(($(date +%s%N) - from))
        if [ -z "$best" ] || [ $took -lt "$best" ]; then best=$took; fi
    done
    awk -v name="$name" -v ns="$best" 'BEGIN {
        printf "{\"bench\": \"%s\", \"lines\": 1000004, \"best_ms\": %.1f, \"lines_per_s\": %.0f}\n", name, ns / 1e6, 1000004e9 / ns }'
}
rate "as" --no-hazards
rate "as, with hazards"
