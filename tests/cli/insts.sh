# tessera insts: text to binary and back; bad input.

# Golden texts are listings of themselves; `make golden-update` rewrites them.
for golden in "$here"/../golden/insts/*.txt; do
    ok tessera insts pack "$golden" -o golden.bin -f
    ok tessera insts list golden.bin -o again.txt -f
    if [ "${TESSERA_GOLDEN_UPDATE:-}" = 1 ]; then
        cmp -s again.txt "$golden" || cp again.txt "$golden"
    fi
    diff -u "$golden" again.txt >.out 2>&1 || die "$golden lists differently"
done

# The stream of a public build for a Phoenix, written by hand from its npu_insts.mlir, is the file
# that aie-translate wrote: the repository keeps that file's size and SHA-256.
# src: Unicorn-Commander/Unicorn-Amanuensis: whisperx/npu/npu_optimization/mel_kernels/
# build_fixed_v3/insts_v3.bin and mel_fixed_v3.mlir.prj/npu_insts.mlir [code]
cat >mel.txt <<'EOF'
blockwrite 118816 200 0 0 0 0x80000000 33554432 0 33554432
address_patch 118820 arg=0
write32 119316 1
blockwrite 118784 20 0 0 0 0x80000000 33554432 0 33554432
address_patch 118788 arg=1
maskwrite32 119296 3840 7936
write32 119300 0x80000000
sync n_columns=1 n_rows=1
EOF
ok tessera insts pack mel.txt -o mel.bin
[ "$(wc -c <mel.bin)" -eq 300 ] || die "mel.bin is not 300 bytes long"
sha256sum mel.bin | grep -q ^5ffe91a930c7660586724f170d4f368b833704636776eded1ea58fa8dd3d35dd ||
    die "mel.bin is not what aie-translate wrote"

ok tessera insts list mel.bin
prints "blockwrite tile(0,0).shim.DMA_BD1_0 0xc8 0x0 "
prints "# bd 1: address of argument 0, for 800 bytes"
prints "write32 tile(0,0).shim.DMA_MM2S_0_Task_Queue 0x1  # dma MM2S 0 starts bd 1, 1 time"
prints "# waits for a token of S2MM 0 of tile (0,0)"
cp .out listed.txt
ok tessera insts list mel.bin -o file.txt
same file.txt listed.txt
fails 1 "exists already" tessera insts list mel.bin -o file.txt
ok tessera insts list mel.bin --json
prints '"op": "address_patch"'
prints '"arg": "0x1"'
prints '"register": "tile(0,0).shim.DMA_BD0_1"'
prints '"meaning": "bd 0: address of argument 1, for 80 bytes"'

# One hexadecimal word a line, as older flows leave it.
od -An -v -t x4 mel.bin | tr -s ' ' '\n' | grep . >mel_words.txt
ok tessera insts list mel_words.txt -o words.out
same words.out listed.txt

echo 'blockwrite tile(0,2).program+0x0 { 1*100 }' >long.txt
ok tessera insts pack long.txt -o long.bin
ok tessera insts list long.bin --brief
prints "{...}  # program+0x0: 400 bytes"
cp .out brief.txt
fails 1 "--brief leaves data out" tessera insts pack brief.txt -o no.bin

printf 'noop\nwritr32 1 2\n' >bad.txt
fails 1 "bad.txt:2:1: no op 'writr32'; did you mean 'write32'?" tessera insts pack bad.txt -o no.bin
fails 1 "    writr32 1 2" tessera insts pack bad.txt -o no.bin
head -c 100 mel.bin >short.bin
fails 1 "short.bin: offset 0xc: the header tells a size of 300; the file has 100 bytes" tessera insts list short.bin
fails 1 "an instruction stream starts with a header" tessera insts list /dev/null
fails 1 "mel.txt: offset 0x0: not an instruction stream" tessera insts list mel.txt
absent no.bin
fails 1 "mel.bin: is read here and also the output file" tessera insts list mel.bin -o mel.bin -f
fails 2 "option '--output' is required" tessera insts pack mel.txt

# A public stream for four columns, when there is a snapshot of its repository.
mirror=${TESSERA_MIRROR:-$here/../../../.mirror}
git_dir=$mirror/Unicorn-Commander+Unicorn-Amanuensis/repo
if [ -d "$git_dir" ] && command -v git >/dev/null; then
    path=whisperx/npu/npu_optimization/whisper_encoder_kernels/build_attention_iron/insts.txt
    git --git-dir="$git_dir" show "HEAD:$path" >four.bin
    ok tessera insts list four.bin
    prints "# bd 1: address of argument 7, for 4096 bytes"
    if grep -qE 'unknown|^[a-z0-9]+ 0x' .out; then die "a register of $path has no name"; fi
    cp .out four.txt
    ok tessera insts pack four.txt -o four_again.bin
    same four.bin four_again.bin
else
    echo "no snapshot of Unicorn-Amanuensis in $mirror" >&2
fi
