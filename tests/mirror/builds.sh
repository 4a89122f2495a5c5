#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# The public Phoenix builds: from their source design our passes make the buffers, locks, addresses,
# DMA programs, flows and allocations that mlir-aie made, in its order and under its names, and each
# core uses its locks, buffers and functions in the same order.
#
# The builds' mlir-aie wrote the column of a host allocation where today's has the tile. Left out of
# the comparison: what other passes add (controller ids and their packet flow), where
# constants stand (mlir-aie moves those of the runtime sequence to the device), and the bodies of
# cores beyond that order (there control flow is blocks and branches already).
# Usage: builds.sh DESIGN_OPT MIRROR-OF-THE-BUILDS
set -eu
opt=$1
mirror=$2
kernels=whisperx/npu/npu_optimization/mel_kernels
if ! git -C "$mirror" rev-parse -q --verify HEAD >/dev/null 2>&1; then
    echo "SKIPPED: there is no copy of the public builds at $mirror"
    exit 77
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
git -C "$mirror" ls-tree -r --name-only HEAD "$kernels" |
    grep '\.mlir$' >"$folder/names"
while read -r name; do
    mkdir -p "$folder/$(dirname "$name")"
    git -C "$mirror" show "HEAD:$name" >"$folder/$name"
done <"$folder/names"

# The device without cores' bodies, and the order of what cores do.
device() {
    awk '/aie\.core\(/ { print "core"; inside = 1 }
         inside && /^    }/ { inside = 0; next }
         inside { next }
         /aie\.packet_flow/ { packet = 1 }
         packet { if (/^    }/) packet = 0; next }
         /arith\.constant/ { next }
         { sub(/ {controller_id = [^}]*}/, ""); sub(/ *$/, ""); print }' "$1" |
        sed -E '/shim_dma_allocation/s/\(%shim_noc_tile_([0-9]+)_0, ([A-Z0-9]+, [0-9]+)\)/(\2, \1)/'
}
cores() {
    awk '/aie\.core\(/ { inside = 1 }
         inside && /aie\.use_lock|func\.call/ {
             gsub(/%(subview|cast|frame)[a-z_0-9]*/, "%view"); gsub(/^ */, ""); print }
         inside && /^    }/ { inside = 0 }' "$1"
}

# Ours from source $1 against theirs in $2; addresses by the scheme that theirs show.
compare() {
    scheme=basic-sequential
    if grep -q mem_bank "$2"; then scheme=; fi
    "$opt" --names -p lock-ids -p objectfifo -p bd-ids -p "buffer-addresses=$scheme" "$1" \
        >"$folder/ours" && "$opt" --names "$2" >"$folder/theirs" || return 1
    { device "$folder/ours"; cores "$folder/ours"; } >"$folder/a"
    { device "$folder/theirs"; cores "$folder/theirs"; } >"$folder/b"
    diff -u "$folder/b" "$folder/a" >"$folder/diff"
}

# The source beside the build, or else one of that name.
is_same() {
    for source in "$1" $(find "$folder" -name "$(basename "$1")" -type f | sort); do
        if [ -f "$source" ] && compare "$source" "$2"; then return 0; fi
    done
    return 1
}

n=0
n_same=0
for placed in $(find "$folder" -name input_with_addresses.mlir | sort); do
    build=$(dirname "$placed")
    if [ -z "$(find "$folder" -name "$(basename "${build%.prj}")" -type f)" ]; then
        echo "(source not public: ${build#"$folder/$kernels/"})"
        continue
    fi
    n=$((n + 1))
    : >"$folder/diff"
    if is_same "${build%.prj}" "$placed"; then
        n_same=$((n_same + 1))
        echo "same:    ${build#"$folder/$kernels/"}"
    else
        echo "DIFFERS: ${build#"$folder/$kernels/"}"
        cat "$folder/diff"
    fi
done
echo "$n_same of $n public builds are the same up to addresses"
[ "$n" -gt 0 ] && [ "$n" -eq "$n_same" ]
