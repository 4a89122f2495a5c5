# The same BIF and CDOs through Debian's bootgen: 1 to 6 files, 1 to 3 images, every alignment,
# address form and length that it rewrites, and what it refuses.
peer=
for candidate in /usr/bin/bootgen /usr/local/bin/bootgen; do
    # Ours may be installed by that name too.
    [ -x "$candidate" ] && "$candidate" 2>&1 | grep -q Copyright && peer=$candidate && break
done
[ -n "$peer" ] || skip "bootgen is not installed (Debian package xilinx-bootgen)"

# Command texts from a seed; awk's own generator differs from awk to awk, so it is written out.
make_text() {
    awk -v seed="$1" 'function r(n) { s = (s * 16807) % 2147483647; return int(s / 7) % n }
        function addr() { k = r(5); if (k == 0) return sprintf("0x%x%07x0", 1 + r(3), r(99999))
            if (k == 1) return sprintf("0x%x", 0xf6000000 + 4 * r(64)); return sprintf("0x%x", 4 * r(999999)) }
        function small() { k = r(3); if (k == 2) k = r(1000000); return k }
        BEGIN { s = seed * 7919 + 17; for (i = 0; i < 3; i++) r(2)
            n = 1 + r(14)
            for (i = 0; i < n; i++) { k = r(11)
                if (k < 2) printf "write 0x%x %d\n", 4 * r(99999), small()
                if (k == 2) printf "write64 %s %d\n", addr(), small()
                if (k == 3) printf "mask_write64 %s %d %d\n", addr(), small(), small()
                if (k == 4) printf "nop %s\n", r(2) ? "" : "1 2 3"
                if (k == 5) printf "mask_poll64 %s 1 2 3 %d\n", addr(), r(2)
                if (k == 6) printf "set %s %d %d\n", addr(), r(99), small()
                if (k == 7) printf "marker %d \"%s\"\n", 100 + r(9), substr("abcdefghi", 1, r(9))
                if (k > 7) { w = r(4) ? r(12) : 250 + r(8)
                    printf "dma_write %s {", addr()
                    for (j = 0; j < w; j++) printf " %x%s", small(), j % 8 == 7 ? "\n" : ""
                    print " }" } } }'
}
compare() {
    rm -f ours.pdi theirs.pdi
    "$peer" -arch versal -image "$1" -o theirs.pdi -w >peer.log 2>&1 || die "bootgen: $(cat peer.log)"
    ok tessera bootgen -arch versal -image "$1" -o ours.pdi -w
    same ours.pdi theirs.pdi
}
seed=0
for n_images in 1 2 3; do
    for n_files in 1 2 3 4 5 6; do
        printf 'all:\n{\n  id_code = 0x14ca8093\n  extended_id_code = 0x01\n' >t.bif
        for image in $(seq $n_images); do
            printf '  image\n  {\n    name=aie_%d, id=0x1c00000%d\n' $image $image >>t.bif
            case $(((seed + image) % 3)) in 0) printf '    partition' >>t.bif ;; esac
            printf '    { type=cdo' >>t.bif
            for file in $(seq $n_files); do
                seed=$((seed + 1))
                make_text $seed >t.txt
                ok tessera cdo pack t.txt -o f$image.$file.bin -f
                # bytes behind the commands are not part of them
                [ $((seed % 7)) -ne 0 ] || printf 'odd' >>f$image.$file.bin
                printf ' file=f%d.%d.bin' $image $file >>t.bif
            done
            printf ' }\n' >>t.bif
            [ $((seed % 4)) -ne 0 ] || printf '    { type=cdo, id=7, file=f1.1.bin }\n' >>t.bif
            printf '  }\n' >>t.bif
        done
        printf '}\n' >>t.bif
        compare t.bif
    done
done

# Attributes, and what stands where they are missing.
echo 'write 4 4' >t.txt
ok tessera cdo pack t.txt -o a.bin
body='{ type=cdo file=a.bin }'
for text in "all: { image { $body } }" \
    "x: { id=7 parent_id=8 id_code=0x1 image { name=averyveryverylongname $body } image { id=0 $body } }" \
    "x: { id_code=1 image { id=1 uid=0xffffffff parent_uid=0xffffffff function_id=0xffffffff $body } }" \
    "x: { id_code=0x5 boot_config { smap_width=0 } image { name=img, uid=2, parent_uid=3 function_id=4 $body } }" \
    "x: { id_code=0x5 image { name=img, delay_load, delay_handoff, id=010 $body $body /* again */ $body } // end
}"; do
    echo "$text" >t.bif
    compare t.bif
done

# Both refuse what is beyond bootgen's limits.
both_refuse() {
    echo "$2" >t.bif
    if "$peer" -arch versal -image t.bif -o theirs.pdi -w >/dev/null 2>&1; then die "bootgen takes $2"; fi
    fails 1 "$1" tessera bootgen -arch versal -image t.bif -o ours.pdi -w
}
ten=$(for i in 1 2 3 4 5 6 7 8 9 10; do echo "image { id=$i $body }"; done)
twenty=$(for i in 1 2 3 4 5 6 7 8 9 10; do echo "$body $body"; done)
echo "all: { id_code=1 extended_id_code=63 $ten }" >t.bif
compare t.bif
echo "all: { id_code=1 image { $twenty } }" >t.bif
compare t.bif
both_refuse "more than 10 images" "all: { id_code=1 $ten image { $body } }"
both_refuse "more than 20 partitions" "all: { id_code=1 image { $twenty $body } }"
both_refuse "at most 0x3f" "all: { id_code=1 extended_id_code=64 image { $body } }"

# Both refuse a CDO without commands, and an empty file.
: >empty.bin
echo >t.txt
ok tessera cdo pack t.txt -o none.bin
for file in empty none; do
    echo "all: { id_code=1 image { { type=cdo file=a.bin file=$file.bin } } }" >t.bif
    if "$peer" -arch versal -image t.bif -o theirs.pdi -w >/dev/null 2>&1; then die "bootgen takes $file"; fi
    fails 1 "$file.bin: " tessera bootgen -arch versal -image t.bif -o ours.pdi -w
done
