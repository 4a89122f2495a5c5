#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# All public Phoenix builds with their intermediate designs: routing what mlir-aie placed gives the
# text that mlir-aie's router gave, and lowering the runtime sequence of that gives the register
# writes that mlir-aie made. For those with a source, all our passes on it give the same, but for
# cores' bodies, which become control flow and programs there, where constants stand, and the tile of a
# shim allocation, which was a column when the builds were made.
# Usage: routes.sh DESIGN_OPT MIRROR-OF-THE-BUILDS
set -eu
opt=$1
mirror=$2
if ! git -C "$mirror" rev-parse -q --verify HEAD >/dev/null 2>&1; then
    echo "SKIPPED: there is no copy of the public builds at $mirror"
    exit 77
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

show() { # PATH: a file of the mirror, or nothing
    git -C "$mirror" show "HEAD:$1" 2>/dev/null
}
cores_out() {
    awk '/aie\.core\(/ { print "core"; inside = 1 }
         inside { if (/^    }/) inside = 0; next }
         /arith\.constant/ { next }
         { gsub(/%c[0-9_]*i64(_[0-9]+)?/, "%c"); sub(/ *$/, ""); print }' "$1" |
        sed -E 's/(allocation @[a-z_0-9]+)\(%shim_noc_tile_([0-9]+)_0, ([A-Z0-9]+, [0-9]+)\)/\1(\3, \2)/'
}
# same NAME THEIRS OURS: one more, and one more that is equal
same() {
    if cmp -s "$2" "$3"; then return 0; fi
    echo "DIFFERS: $1"
    diff -u "$2" "$3" | head -40
    return 1
}

n_routes=0 routes=0 n_writes=0 writes=0 n_sources=0 sources=0
git -C "$mirror" ls-tree -r --name-only HEAD | grep '/input_physical\.mlir$' | sort >physical
git -C "$mirror" ls-tree -r --name-only HEAD >all
while read -r file; do
    build=${file%/input_physical.mlir}
    show "$file" >physical.mlir
    "$opt" --names physical.mlir >theirs
    if show "$build/input_with_addresses.mlir" >placed.mlir; then
        n_routes=$((n_routes + 1))
        "$opt" --names -p aie-create-pathfinder-flows placed.mlir >ours || true
        same "$build: routes" theirs ours && routes=$((routes + 1))
    fi
    if ! show "$build/npu_insts.mlir" >insts.mlir; then continue; fi
    n_writes=$((n_writes + 1))
    "$opt" --names -p runtime-sequence physical.mlir >ours || true
    "$opt" --names insts.mlir >theirs
    cores_out theirs >theirs.out
    cores_out ours >ours.out
    same "$build: writes" theirs.out ours.out && writes=$((writes + 1))
    case $build in */mel_kernels/build_*) ;; *) continue ;; esac
    source=${build%.prj}
    if ! show "$source" >source.mlir; then continue; fi
    n_sources=$((n_sources + 1))
    "$opt" --names -p lock-ids -p objectfifo -p bd-ids -p buffer-addresses=basic-sequential \
        -p route -p runtime-sequence source.mlir >ours || true
    cores_out ours >ours.out
    same "$build: from the source" theirs.out ours.out && sources=$((sources + 1))
done <physical

echo "$routes of $n_routes public builds have our routes"
echo "$writes of $n_writes public builds have our register writes"
echo "$sources of $n_sources public builds come out the same from their sources"
[ "$n_routes" -gt 0 ] && [ "$routes" -eq "$n_routes" ] && [ "$writes" -eq "$n_writes" ] &&
    [ "$sources" -eq "$n_sources" ]
