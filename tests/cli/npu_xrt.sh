# Designs of mlir-aie's test/npu-xrt beyond those of core_mirror.sh: control packets, tasks of DMAs, cascades,
# events, cores that call a kernel (ours, in assembly: there is no C++ compiler here). Each is built, run on the
# emulator with the data of its test.cpp, and must give what that expects. The whole list of designs is at the
# end, so that none is left out in silence; docs/npu-xrt.md has it with the reasons. Skipped without the mirror.
mirror=${TESSERA_MLIR_AIE:-$here/../../../.mirror/hunhoffe+mlir-aie/repo}
git -C "$mirror" rev-parse HEAD >/dev/null 2>&1 || skip "no mirror of mlir-aie at $mirror"
LC_ALL=C
export LC_ALL
: >tested

# words N EXPRESSION: that many 32-bit words of an expression in i; bytes the same. print_words: of lines.
words() {
    awk "BEGIN { for (i = 0; i < $1; i++) printf \"%.0f\\n\", $2 }" | print_words
}
print_words() {
    awk '{ v = $1 % 4294967296; printf "%c%c%c%c", v % 256, int(v / 256) % 256, int(v / 65536) % 256,
         int(v / 16777216) }'
}
bytes() {
    awk "BEGIN { for (i = 0; i < $1; i++) printf \"%c\", $2 }"
}
# control STREAM OPERATION WORDS ADDRESS: the header of a control packet, with odd parity. src: aie2-facts 70
control() {
    awk "BEGIN { h = $1 * 16777216 + $2 * 4194304 + ($3 - 1) * 1048576 + $4
        for (v = h; v >= 1; v = int(v / 2)) n += v % 2
        printf \"%.0f\\n\", h + (n % 2 ? 0 : 2147483648) }"
}

# build FILE [OPTION...]: test/npu-xrt/FILE.mlir to the folder that $design names then.
build() {
    design=$(echo "$1" | tr / _)
    echo "$1" >>tested
    git -C "$mirror" show "HEAD:test/npu-xrt/$1.mlir" | sed 's/NPUDEVICE/npu1/' >"$design.mlir"
    shift
    rm -rf "$design"
    ok tessera build "$design.mlir" -o "$design" -I objects "$@"
}
# run [ARGUMENT...]: what it writes to out.bin must be want.bin; the kinds of findings must be those of $finds.
run() {
    rm -f out.bin
    n=$#
    for argument; do
        set -- "$@" --arg "$argument"
    done
    shift "$n"
    ok tessera run -x "$design/$design.xclbin" -i "$design/insts.bin" "$@"
    [ -f all.bin ] && head -c 1024 all.bin >out.bin
    cmp -s out.bin want.bin || die "$design: not what test.cpp expects"
    found=$(sed -n '/^findings/,$s/^  \([a-z-]*\) at .*/\1/p' .out | sort -u | tr '\n' ' ')
    [ "${found% }" = "${finds-}" ] || die "$design: found '$found'"
    finds=
}

mkdir objects
for source in "$here"/../mirror/kernels/*.s; do
    name=${source##*/}
    ok tessera as "$source" -o "objects/${name%.s}.o"
done

# ---- the stream's writes into memory

words 64 i+1 >in.bin
words 64 '(i % 8 == 4 ? i + 43 : i + 2 + i % 8)' >want.bin
build add_blockwrite/aie --alloc-scheme basic-sequential
run in:in.bin scratch:256 out:256:out.bin

words 64 i+2 >want.bin
build add_one_cpp_aiecc_xchesscc/aie
run in:in.bin scratch:256 out:256:out.bin

# ---- control packets

lock0=$(control 0 0 1 126976)
lock2=$(control 0 0 1 127008)
{
    printf '%s\n' "$lock0" 2 "$lock2" 2
    control 2 1 4 1088
    control 2 1 4 1104
} | print_words >packets.bin
words 8 i+7 >want.bin
build add_one_ctrl_packet/aie --alloc-scheme basic-sequential
run out:256:answers.bin in:packets.bin out:32:out.bin
words 8 i+8 >want.bin
head -c 32 answers.bin >out.bin
same out.bin want.bin
for core in 2 3 4 5; do
    printf '%s\n' "$lock0" 2 "$lock2" 2
done | print_words >packets.bin
words 32 i%8+7 >want.bin
build add_one_ctrl_packet_4_cores/aie --alloc-scheme basic-sequential
finds=no-source # what S2MM 0 of the shim waits for has no flow in this design
run scratch:256 in:packets.bin out:128:out.bin
build add_one_ctrl_packet_col_overlay/aie --alloc-scheme basic-sequential --generate-ctrl-pkt-overlay
run scratch:256 in:packets.bin out:128:out.bin

# ---- DMAs, tasks, tokens, locks by the stream; no core, or one that does nothing

words 4096 i+1 >in.bin
cp in.bin want.bin
for design in memtile_dmas/blockwrite_using_locks memtile_dmas/writebd memtile_dmas/writebd_tokens \
    tile_dmas/blockwrite_using_locks tile_dmas/writebd tile_dmas/writebd_tokens; do
    build $design/aie
    case $design in memtile_dmas_*) finds=bd-range ;; esac # their data lies west of the array
    run in:in.bin scratch:16384 out:16384:out.bin
done
words 4096 'i % 1024 + 1 + (i < 1024 ? 2048 : i < 2048 ? 0 : i < 3072 ? 3072 : 1024)' >want.bin
for design in memtile_dmas/dma_configure_task_lock memtile_dmas/dma_configure_task_token; do
    build $design/aie
    finds=bd-range
    run in:in.bin out:16384:out.bin
done
words 1024 i+1 >in.bin
cp in.bin want.bin
for design in core_dmas/dma_configure_task_lock core_dmas/dma_configure_task_token; do
    build $design/aie
    run in:in.bin out:4096:out.bin
done
words 5 i >a.bin
words 96 i+1 >b.bin
words 96 i+2 >c.bin
awk 'BEGIN { print 10; for (i = 0; i < 8; i++) { s = 0; for (j = 12 * i; j < 12 * i + 12; j++) s += 2 * j + 3; print s } }' |
    print_words >want.bin
build dmabd_task_queue/aie
run in:a.bin in:b.bin in:c.bin out:36:out.bin

# ---- several devices: each as a container of its own

words 64 i+1 >in.bin
build add_one_two_runlist/aie --device aie_add_1
words 64 i+2 >want.bin
run in:in.bin out:256:out.bin
mv out.bin between.bin
build add_one_two_runlist/aie --device aie_add_2
words 64 i+4 >want.bin
run in:between.bin out:256:out.bin
build add_one_two_txn/aie --device add_one
words 64 i+2 >want.bin
run in:in.bin out:256:out.bin
build add_one_two_txn/aie --device add_two
words 64 i+2 >in.bin
words 64 i+104 >want.bin
run in:in.bin out:256:out.bin
# `main` is configured by its PDI here; test.cpp does it by control packets that aiecc makes.
for line in ctrl_packet_reconfig:1:12 ctrl_packet_reconfig_1x4_cores:4:12 ctrl_packet_reconfig_4x1_cores:4:12 \
    ctrl_packet_reconfig_elf:1:3; do
    each=${line#*:}
    size=$((${each%:*} * 4096))
    bytes $size '(i % 128 + 1)' >in.bin
    bytes $size "(i % 128 + 1 + ${each#*:} + int(i / 4096))" >want.bin
    build "${line%%:*}/aie" --device main
    ok tessera insts list "$design/insts.bin"
    grep -v '^load_pdi id=0 ' .out >insts.txt
    ok tessera insts pack insts.txt -o insts.bin
    mv insts.bin "$design/insts.bin"
    run in:in.bin "out:$size:out.bin"
done

# ---- cores that call a kernel

words 64 i+1 >in.bin
words 64 i+2 >want.bin
for design in add_one_func_link_with_peano add_one_func_link_with_chess; do
    build $design/aie
    run in:in.bin scratch:128 out:256:out.bin
done
words 64 '(i + 2) * 2' >want.bin
for design in add_one_scale_func_link_with_peano add_one_scale_func_link_with_chess; do
    build $design/aie
    run in:in.bin scratch:128 out:256:out.bin
done
words 64 '(i == 5 ? 214 : 0)' >want.bin
build cascade_flows/aie
run in:in.bin scratch:128 out:256:out.bin
words 128 '(i < 16 ? 1 : 0)' >in.bin
words 128 '(i < 16 ? 1 : 2 ^ (int(i / 16) - 1))' >want.bin
build runtime_cumsum/aie
run inout:in.bin:out.bin
words 64 263982575 >in.bin
words 64 i%8+42 >want.bin
build tile_mapped_read/aie
run in:in.bin out:256:out.bin
bytes 8192 i*37%255 >in.bin
bytes 8192 '(i * 37 % 255 <= 50 ? 0 : 255)' >want.bin
build two_col/aie
run in:in.bin scratch:128 out:8192:out.bin
words 4096 i+1 >in.bin
words 4096 '(i + 1) * 3' >want.bin
build vector_scalar_using_dma/aie
run in:in.bin scratch:16384 out:16384:out.bin
words 256 'i * 1103 % 65536' >a.bin
words 256 '(i * 3701 + 5) % 65536' >b.bin
awk 'BEGIN { for (i = 0; i < 16; i++) for (j = 0; j < 16; j++) { s = 0
    for (k = 0; k < 16; k++) s += (i * 16 + k) * 1103 % 65536 * (((k * 16 + j) * 3701 + 5) % 65536); printf "%.0f\n", s } }' |
    print_words >want.bin
for design in aie_plainx1 aie_plainx4 aie_bufferx4 aie_cascadex4; do
    build matrix_multiplication_using_cascade/$design
    finds="bd-range not-modeled" # traces, which go to an address of no buffer
    run in:a.bin in:b.bin out:33792:all.bin
done
rm all.bin
words 4096 i%99+1 >in.bin
words 1 3 >factor.bin
words 4096 '(i % 99 + 1) * 3' >want.bin
build vec_mul_event_trace/aie
finds=not-modeled # its shim's trace, and events like those of ports
run in:in.bin in:factor.bin out:16384:out.bin scratch:4 out:32768:trace.bin
# Its test.py wants at least four of the slots 0 and 1, INSTR_EVENT_0 and INSTR_EVENT_1, in the trace. Packets of
# eight words, high bytes first; frames by their first byte.
od -An -v -tu4 -w32 trace.bin | awk 'BEGIN { n = i = 0 }
    $1 == 0 { exit }
    { for (k = 2; k <= 8; k++) for (j = 3; j >= 0; j--) b[n++] = int($k / 256 ^ j) % 256 }
    END { while (i < n) { c = b[i]
        if (c == 240) i += 8
        else if (c < 128) { e[int(c / 16)]++; i++ }
        else if (c < 192) { e[int(c / 4) % 8]++; i += c < 160 ? 2 : 3 }
        else if (c < 216) i += c < 208 ? 2 : c < 212 ? 3 : 4
        else i += c < 220 ? 2 : 1 }
    print e[0], e[1] }' >events
echo "4 4" >want
same events want

# ---- none is left out

git -C "$mirror" ls-tree -r HEAD --name-only test/npu-xrt | sed -n 's#^test/npu-xrt/\(.*\)\.mlir$#\1#p' | sort >names
# core_mirror.sh has these; the last three are for other generations.
for design in add_12_i8_using_2d_dma_op_with_padding add_21_i8_using_dma_op_with_padding \
    add_256_using_dma_op_no_double_buffering add_314_using_dma_op add_378_i32_using_dma_op_with_padding \
    add_maskwrite add_one_cpp_aiecc add_one_objFifo add_one_objFifo_elf add_one_two add_one_using_dma packet_flow \
    packet_flow_fanin packet_flow_fanout static_L1_init vec_vec_add_memtile_init vec_vec_add_tile_init \
    loadpdi reconfigure_loadpdi reconfigure_loadpdi_persistent_memtile; do
    echo $design/aie
done >>tested
sort -u tested >here
same here names
echo "$(wc -l <names) designs, 3 of them for other generations"
