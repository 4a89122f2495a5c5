#!/bin/sh
# Usage: bench/pdi.sh TESSERA [BOOTGEN]
# A PDI from a BIF and three CDOs (a program and data of 50 KB, locks and BDs, enables: the sizes of
# a real design), as a process: ours against AMD's, in 20 pairs. A pair is 10 runs of each, one
# behind the other; the ratio of a pair does not see what the machine does in the meantime. Starting
# any process takes time as well, so /bin/true runs beside them, and the ratio above it is told too.
# The files lie in memory where there is a /dev/shm, so that no disk is measured.
set -eu
tessera=$(realpath "$1")
spawn=$(dirname "$tessera")/tests/bench_spawn
bootgen=${2:-/usr/bin/bootgen}
[ -x "$bootgen" ] || {
    echo "SKIPPED: $bootgen is not there (Debian package xilinx-bootgen)" >&2
    exit 77
}
[ -x "$spawn" ] || {
    echo "SKIPPED: bench_spawn is not built (make bench does)" >&2
    exit 77
}
if [ -d /dev/shm ]; then work=$(mktemp -d -p /dev/shm); else work=$(mktemp -d); fi
trap 'rm -rf "$work"' EXIT
cd "$work"
awk 'BEGIN { for (b = 0; b < 4; b++) { printf "dma_write 0x%x {", 0x220000 + b * 1048576
    for (i = 0; i < 3200; i++) printf "%s%x", i % 8 ? " " : "\n", (i * 2654435761 + b) % 4294967296
    print " }" } }' >elfs.txt
awk 'BEGIN { for (i = 0; i < 400; i++) printf "write 0x%x 0x%x\n", 0x21f000 + i * 16, i
    for (i = 0; i < 16; i++) printf "dma_write 0x%x { 1 2 3 4 5 6 }\n", 0x21d000 + i * 32 }' >init.txt
awk 'BEGIN { for (i = 0; i < 16; i++) printf "mask_write 0x%x 1 1\n", 0x232000 + i * 1048576 }' >enable.txt
for part in elfs init enable; do "$tessera" cdo pack $part.txt -o $part.bin; done
cat >design.bif <<'EOF'
all:
{
  id_code = 0x14ca8093
  extended_id_code = 0x01
  image
  {
    name=aie_image, id=0x1c000000
    { type=cdo file=elfs.bin file=init.bin file=enable.bin }
  }
}
EOF
ours="$tessera bootgen -arch versal -image design.bif -o ours.pdi -w"
theirs="$bootgen -arch versal -image design.bif -o theirs.pdi -w"
for pair in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    # shellcheck disable=SC2086 # the commands are lists of words
    if [ $((pair % 2)) -eq 0 ]; then
        "$spawn" 10 $ours -- $theirs -- /bin/true
    else
        "$spawn" 10 $theirs -- $ours -- /bin/true | awk '{ print $2, $1, $3 }'
    fi
done >times.txt
cmp ours.pdi theirs.pdi
awk '{ print $2 / $1, $1, $2, $3 }' times.txt | sort -n | awk -v bytes="$(wc -c <ours.pdi)" '
    { ratio[NR] = $1; ours += $2; theirs += $3; none += $4 }
    END { printf "{\"bench\": \"pdi\", \"pairs\": %d, \"runs_per_pair\": 10, \"pdi_bytes\": %d, ", NR, bytes
        printf "\"tessera_ms\": %.3f, \"bootgen_ms\": %.3f, ", ours / NR / 1e6, theirs / NR / 1e6
        printf "\"empty_process_ms\": %.3f, ", none / NR / 1e6
        printf "\"ratio_above_empty_process\": %.2f, ", (theirs - none) / (ours - none)
        printf "\"ratio_min\": %.2f, \"ratio_median\": %.2f, \"ratio_max\": %.2f}\n",
            ratio[1], (ratio[int((NR + 1) / 2)] + ratio[int(NR / 2) + 1]) / 2, ratio[NR] }'
