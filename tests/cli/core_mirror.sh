# Designs of mlir-aie's test/npu-xrt whose cores are MLIR alone: built without any other compiler, run
# on the emulator, held against what their test.cpp expects. Skipped without the mirror.
mirror=${TESSERA_MLIR_AIE:-$here/../../../.mirror/hunhoffe+mlir-aie/repo}
git -C "$mirror" rev-parse HEAD >/dev/null 2>&1 || skip "no mirror of mlir-aie at $mirror"
LC_ALL=C
export LC_ALL

# words N EXPRESSION: that many 32-bit words of an expression in i; bytes the same.
words() {
    awk "function word(v) { v = v % 4294967296; printf \"%c%c%c%c\", v % 256, int(v / 256) % 256,
         int(v / 65536) % 256, int(v / 16777216) }
         BEGIN { for (i = 0; i < $1; i++) word($2) }"
}
bytes() {
    awk "BEGIN { for (i = 0; i < $1; i++) printf \"%c\", $2 }"
}

# build_one DESIGN [OPTION...]
build_one() {
    design=$1
    shift
    git -C "$mirror" show "HEAD:test/npu-xrt/$design/aie.mlir" | sed 's/NPUDEVICE/npu1/' >"$design.mlir"
    ok tessera build "$design.mlir" -o "$design" "$@"
}

# run_one DESIGN [ARGUMENT...]: what it writes to out.bin must be want.bin.
run_one() {
    design=$1
    shift
    rm -f out.bin
    n=$#
    for argument; do
        set -- "$@" --arg "$argument"
    done
    shift "$n"
    ok tessera run -x "$design/$design.xclbin" -i "$design/insts.bin" "$@"
    cmp -s out.bin want.bin || die "$design: not what test.cpp expects"
}

words 64 i+1 >in.bin
for line in add_one_using_dma:1 add_314_using_dma_op:314 add_one_objFifo:41 add_one_objFifo_elf:41 \
    add_one_cpp_aiecc:1 add_one_cpp_aiecc_xchesscc:1; do
    words 64 "i+1+${line#*:}" >want.bin
    build_one "${line%:*}"
    run_one "${line%:*}" in:in.bin scratch:256 out:256:out.bin
done

words 52 i+1 >in.bin
words 64 '(i % 16 < 2 || i % 16 == 15 ? 378 : ++n + 378)' >want.bin
build_one add_378_i32_using_dma_op_with_padding
run_one add_378_i32_using_dma_op_with_padding in:in.bin scratch:256 out:256:out.bin
bytes 32 i+1 >in.bin
bytes 64 '(i % 16 < 4 || i % 16 >= 12 ? 21 : ++n + 21)' >want.bin
build_one add_21_i8_using_dma_op_with_padding
run_one add_21_i8_using_dma_op_with_padding in:in.bin scratch:32 out:64:out.bin
bytes 3416 1 >in.bin
bytes 4096 '(i < 128 || i >= 63 * 64 || i % 64 < 4 || i % 64 >= 60 ? 12 : 13)' >want.bin
build_one add_12_i8_using_2d_dma_op_with_padding
run_one add_12_i8_using_2d_dma_op_with_padding in:in.bin scratch:32 out:4096:out.bin

bytes 4096 1 >in.bin
bytes 4096 13 >want.bin
build_one packet_flow
run_one packet_flow in:in.bin scratch:32 out:4096:out.bin
bytes 8192 1 >in.bin
bytes 8192 '(i < 4096 ? 13 : 8)' >want.bin
for design in packet_flow_fanin packet_flow_fanout; do
    build_one $design
    run_one $design in:in.bin scratch:32 out:8192:out.bin
done

words 256 i+1 >in.bin
words 256 i >second.bin
words 256 2*i+1 >want.bin
for design in static_L1_init vec_vec_add_memtile_init vec_vec_add_tile_init; do
    build_one $design
    run_one $design in:in.bin in:second.bin out:1024:out.bin
done

# The core fills its buffer before the stream writes into it. 0x37373737 is 926365495.
words 8 '(i == 0 ? 389502840 : i == 1 ? 977026609 : 926365496)' >want.bin
build_one add_maskwrite
run_one add_maskwrite out:32:out.bin

words 64 i >in.bin
words 64 i+256 >want.bin
build_one add_256_using_dma_op_no_double_buffering
run_one add_256_using_dma_op_no_double_buffering in:in.bin scratch:256 out:256:out.bin
words 64 i+1 >in.bin
for line in design1:1 design2:2; do
    words 64 "i+1+${line#*:}" >want.bin
    build_one add_one_two --device "${line%:*}"
    run_one add_one_two in:in.bin scratch:256 out:256:out.bin
done
words 64 i+1 >in.bin
for line in aie_add_1:1 aie_add_2:2; do
    words 64 "i+1+${line#*:}" >want.bin
    build_one add_one_two_runlist --device "${line%:*}"
    run_one add_one_two_runlist in:in.bin out:256:out.bin
done
words 64 'i + 1 + (i % 8 == 4 ? 42 : i % 8 + 1)' >want.bin
build_one add_blockwrite
run_one add_blockwrite in:in.bin scratch:128 out:256:out.bin
