#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# The public Phoenix builds: from their source design our passes make the buffers, locks, addresses,
# DMA programs, flows and allocations that mlir-aie made, in its order and under its names, and each
# core uses its locks, buffers and functions in the same order.
#
# Left out of the comparison: what other passes add (controller ids and their packet flow), where
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
git -C "$mirror" archive HEAD "$kernels" | tar -x -C "$folder"

# The device without cores' bodies, and the order of what cores do.
device() {
    awk '/aie\.core\(/ { print "core"; inside = 1 }
         inside && /^    }/ { inside = 0; next }
         inside { next }
         /aie\.packet_flow/ { packet = 1 }
         packet { if (/^    }/) packet = 0; next }
         /arith\.constant/ { next }
         { sub(/ {controller_id = [^}]*}/, ""); sub(/ *$/, ""); print }' "$1"
}
cores() {
    awk '/aie\.core\(/ { inside = 1 }
         inside && /aie\.use_lock|func\.call/ {
             gsub(/%(subview|cast|frame)[a-z_0-9]*/, "%view"); gsub(/^ */, ""); print }
         inside && /^    }/ { inside = 0 }' "$1"
}

n=0
n_same=0
for placed in $(find "$folder" -name input_with_addresses.mlir | sort); do
    build=$(dirname "$placed")
    source=${build%.prj}
    name=${build#"$folder/$kernels/"}
    if ! [ -f "$source" ]; then
        echo "no source: $name"
        continue
    fi
    n=$((n + 1))
    if "$opt" --names -p lock-ids -p objectfifo -p bd-ids \
        -p buffer-addresses=basic-sequential "$source" >"$folder/ours" &&
        "$opt" --names "$placed" >"$folder/theirs"; then
        device "$folder/ours" >"$folder/a"
        device "$folder/theirs" >"$folder/b"
        cores "$folder/ours" >>"$folder/a"
        cores "$folder/theirs" >>"$folder/b"
        if diff -u "$folder/b" "$folder/a"; then
            n_same=$((n_same + 1))
            continue
        fi
    fi
    echo "DIFFERS: $name"
done
echo "$n_same of $n public builds are the same up to addresses"
[ "$n" -gt 0 ] && [ "$n" -eq "$n_same" ]
