#!/bin/sh
# Usage: tools/fuzz.sh BUILD SECONDS [TARGET...]
# Run libFuzzer on every target of a build, so many seconds each, on two cores, starting from the
# corpus. New inputs stay in BUILD/found; a failure stops and leaves its input in BUILD/failed.
set -eu
build=$1
seconds=$2
shift 2
here=$(cd "$(dirname "$0")/.." && pwd)
if [ $# -eq 0 ]; then
    for file in "$here"/tests/fuzz/fuzz_*.c; do
        set -- "$@" "$(basename "$file" .c | sed 's/fuzz_//')"
    done
fi
mkdir -p "$build/found" "$build/failed"
run_target() {
    mkdir -p "$build/found/$1"
    "$build/tests/fuzz/fuzz_$1" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=1024 \
        -max_len=16384 -print_final_stats=1 -artifact_prefix="$build/failed/$1-" \
        "$build/found/$1" "$here/tests/fuzz/corpus/$1" >"$build/found/$1.log" 2>&1 || {
        tail -n 40 "$build/found/$1.log"
        echo "fuzz_$1: FAILED"
        return 1
    }
    echo "fuzz_$1: $(sed -n 's/^stat::number_of_executed_units: *//p' "$build/found/$1.log") runs in ${seconds}s, nothing found"
}
failed=0
while [ $# -gt 0 ]; do
    run_target "$1" &
    first=$!
    second=
    if [ $# -gt 1 ]; then
        run_target "$2" &
        second=$!
        shift
    fi
    shift
    wait $first || failed=1
    [ -z "$second" ] || wait "$second" || failed=1
done
exit $failed
