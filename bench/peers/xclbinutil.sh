#!/bin/sh
# Usage: bench/peers/xclbinutil.sh TESSERA XCLBINUTIL [REAL.xclbin...]
# Compare `tessera xclbinutil` with XRT's xclbinutil: the two recipes of NPU flows, every section kind
# with a JSON form, files of each read by the other, dumps compared as text, real containers, and the
# time of 20 paired runs. Prints one line per comparison; exit 1 when one does not hold.
set -eu
tessera=$(realpath "$1")
xrt=$(realpath "$2")
shift 2
for file; do
    shift
    set -- "$@" "$(realpath "$file")"
done
data=$(realpath "$(dirname "$0")/../../tests/data/xclbin")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
n=0

verdict() {
    n=$((n + 1))
    if [ "$1" = 0 ]; then echo "same    $2"; else
        echo "DIFFERS $2"
        failed=1
    fi
}
ours() { "$tessera" xclbinutil --quiet --force "$@" >/dev/null; }
theirs() { "$xrt" --quiet --force "$@" >/dev/null 2>&1; }

# Two containers: sizes equal, and nothing but time and UUID (and so the mirror) differs.
compare() {
    [ "$(stat -c %s "$1")" = "$(stat -c %s "$2")" ] && ok=0 || ok=1
    verdict $ok "$3: file size $(stat -c %s "$1")"
    rest=$("$tessera" xclbin diff "$1" "$2" | tail -n +2 | grep -vE '^(header (unique_id|time_stamp|uuid)|mirror) ' || true)
    [ -z "$rest" ] && ok=0 || ok=1
    verdict $ok "$3: sections, names, order, payload bytes${rest:+: $rest}"
}

cp "$data"/*.json "$work"
cd "$work"
i=0
while [ $i -lt 3000 ]; do printf '%08x' $((i * 2654435761 % 4294967296)); i=$((i + 1)); done >main.pdi
printf 'odd size' >odd.pdi

# (a) sections one by one, as older flows do
recipe_a="--add-section PDI:RAW:main.pdi AIE_PARTITION:JSON:partition.json IP_LAYOUT:JSON:ip_layout.json MEM_TOPOLOGY:JSON:memory.json"
# (b) as aiecc does
recipe_b="--add-kernel kernels.json --add-replace-section MEM_TOPOLOGY:JSON:memory.json --add-replace-section AIE_PARTITION:JSON:partition.json"
# (c) all kinds that have a JSON form, and banks that get grouped
recipe_c="--add-section MEM_TOPOLOGY:JSON:banks.json IP_LAYOUT:JSON:ip_layout.json CONNECTIVITY:JSON:connectivity.json CLOCK_FREQ_TOPOLOGY:JSON:clocks.json AIE_METADATA:JSON:aie_metadata.json KEYVALUE_METADATA:JSON:keyvalue.json AIE_PARTITION[two]:JSON:two_pdis.json AIE_RESOURCES:RAW:odd.pdi --key-value SYS:mode:hw_pr SYS:action_mask:LOAD_AIE SYS:PlatformVBNV:amd_npu1_0_0 SYS:FeatureRomTimestamp:0x123 USER:a/b:c"
for r in a b c; do
    eval "arguments=\$recipe_$r"
    ours $arguments --output ours_$r.xclbin
    theirs $arguments --output theirs_$r.xclbin
    compare ours_$r.xclbin theirs_$r.xclbin "recipe $r"
    theirs --input ours_$r.xclbin --info info_$r.txt && ok=0 || ok=1
    verdict $ok "recipe $r: XRT reads ours"
    ours --input theirs_$r.xclbin --info ours_info_$r.txt && ok=0 || ok=1
    verdict $ok "recipe $r: ours reads XRT's"
    # Reports: the same but for the lines about the tools themselves.
    theirs --input theirs_$r.xclbin --info theirs_info_$r.txt
    strip='/^ *(XRT Build Version|Build Date|Hash ID|Tessera Version)/d'
    sed -E "$strip" ours_info_$r.txt >1.txt
    sed -E "$strip" theirs_info_$r.txt >2.txt
    cmp -s 1.txt 2.txt && ok=0 || ok=1
    verdict $ok "recipe $r: --info"
done

# Rewriting: each tool writes the other's file again.
ours --input theirs_b.xclbin --remove-section GROUP_TOPOLOGY --remove-section GROUP_CONNECTIVITY --output ours_again.xclbin
theirs --input theirs_b.xclbin --remove-section GROUP_TOPOLOGY --remove-section GROUP_CONNECTIVITY --output theirs_again.xclbin
compare ours_again.xclbin theirs_again.xclbin "rewritten"

# Dumps: every kind in every form both tools have, from the recipes and from the real files given.
dumps() {
    for kind in MEM_TOPOLOGY IP_LAYOUT CONNECTIVITY GROUP_TOPOLOGY GROUP_CONNECTIVITY CLOCK_FREQ_TOPOLOGY \
        BUILD_METADATA KEYVALUE_METADATA AIE_METADATA EMBEDDED_METADATA SYSTEM_METADATA IP_METADATA \
        AIE_RESOURCES PDI BITSTREAM "AIE_PARTITION$3"; do
        for form in JSON RAW HTML; do
            rm -rf d1 d2
            mkdir d1 d2
            theirs --input "$1" --dump-section "$kind:$form:d2/out" || continue
            [ -f d2/out ] || continue
            ours --input "$1" --dump-section "$kind:$form:d1/out" 2>err.txt || cat err.txt
            diff -r d1 d2 >/dev/null && ok=0 || ok=1
            verdict $ok "$2: --dump-section $kind:$form"
        done
    done
}
dumps theirs_a.xclbin "recipe a" ""
dumps theirs_b.xclbin "recipe b" ""
dumps theirs_c.xclbin "recipe c" "[two]"
for real; do
    name=$(basename "$real")
    dumps "$real" "$name" ""
    # A kernel added to a container that has kernels, XML and banks already.
    ours --input "$real" --add-kernel kernels.json --output ours_real.xclbin
    theirs --input "$real" --add-kernel kernels.json --output theirs_real.xclbin
    compare ours_real.xclbin theirs_real.xclbin "$name: --add-kernel"
    theirs --input "$real" --info theirs_info.txt
    ours --input "$real" --info ours_info.txt
    sed -E "$strip" ours_info.txt >1.txt
    sed -E "$strip" theirs_info.txt >2.txt
    cmp -s 1.txt 2.txt && ok=0 || ok=1
    verdict $ok "$name: --info"
done

# Time: the recipe of aiecc, 20 pairs, alternating; the ratio of the medians, ours / XRT's.
now() { date +%s%N; }
pairs() {
    : >times.txt
    i=0
    while [ $i -lt 20 ]; do
        t0=$(now)
        ours $recipe_b --output o.xclbin
        t1=$(now)
        theirs $recipe_b --output t.xclbin
        t2=$(now)
        echo "$((t1 - t0)) $((t2 - t1))" >>times.txt
        i=$((i + 1))
    done
    ours_ns=$(cut -d' ' -f1 times.txt | sort -n | sed -n 10p)
    theirs_ns=$(cut -d' ' -f2 times.txt | sort -n | sed -n 10p)
    awk -v what="$1" -v a="$ours_ns" -v b="$theirs_ns" 'BEGIN {
        printf "{\"bench\": \"pack recipe b, PDI of %s\", \"pairs\": 20, \"ours_ms\": %.2f, \"xrt_ms\": %.2f, \"ratio\": %.3f}\n", what, a / 1e6, b / 1e6, a / b }'
}
pairs "$(stat -c %s main.pdi) bytes"
awk 'BEGIN { for (i = 0; i < 500000; i++) printf "%08d", i }' >main.pdi
pairs "$(stat -c %s main.pdi) bytes"
echo "$n comparisons, $([ $failed = 0 ] && echo all hold || echo SOME DIFFER)"
exit $failed
