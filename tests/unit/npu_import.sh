#!/bin/sh
# Usage: npu_import.sh IMPORT_REGISTERS REGISTERS.json TABLE.tsv
# The committed table is what the import tool makes of the shared data.
set -eu
if [ ! -f "$2" ]; then
    echo "SKIPPED: $2 is not there" >&2
    exit 77
fi
made=$(mktemp)
trap 'rm -f "$made"' EXIT
"$1" "$2" >"$made"
diff -u "$3" "$made"
