# Public builds that keep their objects, linker scripts and core programs: linking gives the same
# .text and .data, and every core's stack has a proven bound. Needs the mirror; see link_peer.c for
# what stands in for the toolchain's own libraries.
repo=${TESSERA_LINK_MIRROR:-/work/.mirror/Unicorn-Commander+Unicorn-Amanuensis/repo}
git -C "$repo" rev-parse HEAD >/dev/null 2>&1 || skip "no mirror of Unicorn-Commander/Unicorn-Amanuensis at $repo"
git -C "$repo" ls-tree -r --name-only HEAD | grep -E '\.elf$|\.o$|\.ld\.script$|/main\.pdi$' >names
while read -r name; do
    mkdir -p "$(dirname "m/$name")"
    git -C "$repo" show "HEAD:$name" >"m/$name"
done <names

# Another folder's object of the name that a core's script has, with which the core is the same.
found_elsewhere() {
    input=$(sed -n 's/^INPUT(\(.*\))$/\1/p' "m/${1%.elf}.ld.script")
    for other in $(grep "/$input$" names); do
        "$TEST_PROGRAMS/link_peer" "m/$1" "m/${1%.elf}.ld.script" "$folder/main_input.o" \
            "m/$(dirname "$other")" >.other 2>&1 && return 0
    done
    return 1
}

same=0 elsewhere=0 missing=0 limits=0
for core in $(grep 'main_core_.*elf$' names); do
    folder=m/$(dirname "$core")
    "$TEST_PROGRAMS/link_peer" "m/$core" "m/${core%.elf}.ld.script" "$folder/main_input.o" "$folder" "$folder/.." >.out 2>&1
    case $? in
    0) same=$((same + 1)) ;;
    3) # An object that the build did not keep, or kept of another version.
        if found_elsewhere "$core"; then
            elsewhere=$((elsewhere + 1))
        else
            missing=$((missing + 1))
            cat .out
        fi ;;
    *) die "$core: $(cat .out)" ;;
    esac
    tessera stack "m/$core" >.out || [ $? -eq 1 ] || die "$core: stack"
    grep -q '^at most' .out || die "$core: not bounded"
    want=$(sed -n 's/^at most \([0-9]*\) bytes.*/\1/p' .out)
    here_has=$(sed -n 's/^the stack has \([0-9]*\) .*/\1/p' .out)
    got=$(tessera objdump -d "m/$core" | awk -f "$here/stack_bound.awk")
    [ "$got" = "$want" ] || die "$core: $want bytes, but the listing says $got"
    # The PDI tells the same from DMA buffers; at most more, where buffers are other cores' alone.
    pdi=m/$(dirname "$core")/main.pdi
    [ -f "$pdi.txt" ] || tessera stack "$pdi" >"$pdi.txt"
    place=$(echo "$core" | sed 's/.*main_core_\(.*\)_\(.*\)\.elf$/\1,\2/')
    sed -n "/: tile $place:\$/,/^the stack/p" "$pdi.txt" >.out
    grep -q "^at most $want bytes" .out || die "$pdi: not $want bytes"
    tile_has=$(sed -n 's/^the stack has at most \([0-9]*\) .*/\1/p' .out)
    [ "$tile_has" -ge "$here_has" ] || die "$pdi: $tile_has bytes, not $here_has"
    [ "$tile_has" -gt "$here_has" ] || limits=$((limits + 1))
done
[ "$limits" = 46 ] || die "$limits limits are the same in PDIs, not 46"
echo "$same core programs are the same, $elsewhere with an object of another folder, $missing lack an object"
[ "$same $elsewhere $missing" = "45 2 1" ] || die "expected 45, 2 and 1"
tessera stack m/whisperx/npu/npu_optimization/whisper_encoder_kernels/build_attention_64x64/attention_64x64.mlir.prj/main_core_0_2.elf >.out
prints "at most 2784 bytes: __start > _main_init (32) > core_0_2 (64) > attention_64x64 (32) > attention_tile_32x32 (2656)"
prints "overwritten: 1760 bytes of of_QKV_cons_buff_0 at 0x70400"
