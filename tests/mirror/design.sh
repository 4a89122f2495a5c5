#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# mlir-aie's own tests of its passes, held against ours: those that the lists beside this file name.
# Usage: design.sh DESIGN_OPT MIRROR-OF-MLIR-AIE LIST...
set -eu
opt=$1
mirror=$2
shift 2
if ! git -C "$mirror" rev-parse -q --verify HEAD >/dev/null 2>&1; then
    echo "SKIPPED: there is no copy of mlir-aie at $mirror"
    exit 77
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
status=0
for list in "$@"; do
    for name in $(sed 's/#.*//' "$list"); do
        mkdir -p "$folder/test/$(dirname "$name")"
        git -C "$mirror" show "HEAD:test/$name" >"$folder/test/$name"
    done
    "$opt" --list "$list" "$folder/test" || status=1
done
exit $status
