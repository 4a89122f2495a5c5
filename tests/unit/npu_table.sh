#!/bin/sh
# Usage: npu_table.sh GEN_REGISTERS
# A wrong register table stops the build with its line.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# refused LINE WORDS ROW...: rows behind a good module, register and field
refused() {
    line=$1
    words=$2
    shift 2
    printf 'module\tm\tshim\n0x0\tA\t32\trw\t0\n\t7:0\tf\n' >"$work/table"
    printf '%b\n' "$@" >>"$work/table"
    if "$gen" "$work/table" "$work/out.c" p 2>"$work/err"; then
        echo "taken: $*" >&2
        exit 1
    fi
    grep -qF "table:$line: " "$work/err" && grep -qF "$words" "$work/err" && return
    echo "wanted line $line and '$words', got: $(cat "$work/err")" >&2
    exit 1
}
gen=$1
refused 4 'is not a number' 'x\tB\t32\trw\t0'
refused 4 'a register has 5 columns' '0x4\tB\t32\trw'
refused 4 'width 31' '0x4\tB\t31\trw\t0'
refused 4 'no +STRIDE for brace 1' '0x4\tB{0..3}\t32\trw\t0'
refused 4 "'+4' behind the number of B" '0x4+4\tB\t32\trw\t0'
refused 4 'a below b' '0x4+4\tB{3..3}\t32\trw\t0'
refused 4 'expected {a..b}' '0x4+4\tB{0..3\t32\trw\t0'
refused 4 "'x' behind a number" '0x4\tB\t32x\trw\t0'
refused 4 'longer than 510' "0x4\\t$(printf '%0600d' 0)"
refused 4 'ends beyond bit 32' '\t32:8\tg'
refused 4 'expected high:low' '\t8:9\tg'
refused 4 'B has 0 fields' '0x4\tB\t32\trw\t0'
refused 2 'A: f and g overlap' '\t8:7\tg'
refused 4 'A and B overlap' '0x2\tB\t32\trw\t0' '\t0\tf'
refused 4 'm.A is there twice' '0x4\tA\t32\trw\t0' '\t0\tf'
refused 5 'needs an access of its own' '0x4\tB\t32\tmixed\t0' '\t0\tf'
