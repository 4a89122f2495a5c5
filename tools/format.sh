#!/bin/sh
# Usage: tools/format.sh check|fix -- clang-format over every C file the repository holds.
set -eu
cd "$(dirname "$0")/.."
files=$(git ls-files -co --exclude-standard '*.c' '*.h')
case "${1:-check}" in
fix) clang-format-14 -i $files ;;
check) clang-format-14 --dry-run -Werror $files ;;
*) echo "usage: $0 check|fix" >&2; exit 2 ;;
esac
