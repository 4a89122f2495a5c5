#!/bin/sh
# Usage: bench/as.sh TESSERA
# Lines a second of the assembler, as a process: a million lines of all kinds of bundles in random
# order, with a label every fifty, so that every fourth has a hazard; and, with the check for hazards,
# the same number of lines of which none has one. The best of 5 runs; one JSON line each.
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

awk 'BEGIN {
    print "\t.text\nf:"
    for (i = 0; i < 125000; i++)
        print "\tlda r1, [p0], #4\n\tvmac cm0, cm0, x0, x2, r3\n\tpadda [p1], #4; add r0, r0, r2\n\tnop\n" \
            "\tst r4, [p2, #0]; mov r5, r6\n\tvmac cm1, cm1, x0, x2, r3\n\tnop\n\tadd r7, r1, #3"
    }' >clean.s

# rate NAME FILE OPTION...
rate() {
    name=$1
    file=$2
    shift 2
    best=
    for run in 1 2 3 4 5; do
        from=$(date +%s%N)
        "$tessera" as "$file" -o big.o "$@" 2>/dev/null
        took=$(($(date +%s%N) - from))
        if [ -z "$best" ] || [ $took -lt "$best" ]; then best=$took; fi
    done
    awk -v name="$name" -v ns="$best" 'BEGIN {
        printf "{\"bench\": \"%s\", \"lines\": 1000004, \"best_ms\": %.1f, \"lines_per_s\": %.0f}\n", name, ns / 1e6, 1000004e9 / ns }'
}
rate "as" big.s --no-hazards
rate "as, checked, a hazard in every fourth line" big.s
rate "as, checked, no hazards" clean.s
