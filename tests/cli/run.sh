#!/bin/sh
# Usage: run.sh TEST.sh TESSERA
# Run one CLI test in an empty folder. What it may use:
#   ok COMMAND...        must exit 0            out, err: what it printed
#   fails N WORDS COMMAND...  must exit N with WORDS on standard error, in one "error:" or usage
#                        message, and no sanitizer report
#   prints WORDS         the last command's standard output holds WORDS
#   same A B             two files are byte for byte the same
#   golden NAME          the last command's standard output is tests/golden/NAME; rewrite it with
#                        `make golden-update`
set -u
test_file=$1
TESSERA=$2
here=$(cd "$(dirname "$test_file")" && pwd)
shared=$here/../../../shared
export TESSERA here shared
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

die() {
    echo "FAILED: $*" >&2
    echo "--- standard output" >&2
    [ -f .out ] && head -c 3000 .out >&2
    echo "--- standard error" >&2
    [ -f .err ] && head -c 3000 .err >&2
    exit 1
}
tessera() { "$TESSERA" "$@"; }
ok() {
    "$@" >.out 2>.err
    status=$?
    [ $status -eq 0 ] || die "exit $status instead of 0: $*"
}
fails() {
    want=$1
    words=$2
    shift 2
    "$@" >.out 2>.err
    status=$?
    if grep -qE 'Sanitizer|runtime error' .err; then die "sanitizer report: $*"; fi
    [ $status -eq "$want" ] || die "exit $status instead of $want: $*"
    [ -z "$words" ] || grep -qF -- "$words" .err || die "no '$words' on standard error: $*"
}
prints() { grep -qF -- "$1" .out || die "no '$1' on standard output"; }
prints_not() { if grep -qF -- "$1" .out; then die "'$1' on standard output"; fi; }
same() { cmp -s "$1" "$2" || die "$1 and $2 differ: $(cmp "$1" "$2" 2>&1)"; }
golden() {
    if [ "${TESSERA_GOLDEN_UPDATE:-}" = 1 ]; then
        mkdir -p "$(dirname "$here/../golden/$1")"
        cp .out "$here/../golden/$1"
    fi
    diff -u "$here/../golden/$1" .out >.err || die "not as in tests/golden/$1"
}
absent() { for f in "$@"; do [ ! -e "$f" ] || die "$f is there"; done; }
skip() {
    echo "SKIPPED: $*" >&2
    exit 77
}
. "$test_file"
