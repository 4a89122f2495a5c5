#!/bin/sh
# Text rules for everything the repository holds: no trailing space, no tab outside Makefiles, a
# final newline, no invisible characters; an SPDX line in C files; every source key known.
set -eu
cd "$(dirname "$0")/.."
status=0
complain() {
    echo "$1"
    status=1
}
files=$(git ls-files -co --exclude-standard | grep -vE '^tests/(fuzz/corpus|golden|data)/|^LICENSE$')
for file in $files; do
    [ -f "$file" ] || continue
    [ -s "$file" ] || continue
    [ -z "$(tail -c 1 "$file")" ] || complain "$file: no newline at the end"
    if grep -nE '[[:space:]]+$' "$file"; then complain "$file: space at the end of a line"; fi
    case "$file" in
    Makefile | *.tsv) ;;
    *) if grep -nP '\t' "$file"; then complain "$file: tab"; fi ;;
    esac
    if grep -nP '[\x{200b}-\x{200f}\x{202a}-\x{202e}\x{2060}-\x{2064}\x{feff}\x{00a0}]' "$file"; then
        complain "$file: invisible character"
    fi
    case "$file" in
    *.c | *.h) head -n 1 "$file" | grep -q 'SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception' ||
        complain "$file: first line is not the SPDX line" ;;
    esac
done
# "src: KEY: ..." in comments; keys are the headings of docs/sources.md.
for key in $(git grep -hoE 'src: [A-Za-z0-9_./-]+:' -- 'src/*.[ch]' 'include/*.h' 'src/*.tsv' 2>/dev/null | sed -E 's/src: (.*):/\1/' | sort -u); do
    grep -q "^| \`$key\` |" docs/sources.md || complain "source key '$key' is not in docs/sources.md"
done
exit $status
