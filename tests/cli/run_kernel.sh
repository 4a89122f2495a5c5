# tessera run: a container and a stream made here, on the emulator; then a public build.
cp "$here"/../data/xclbin/kernels.json "$here"/../data/xclbin/memory.json \
    "$here"/../data/xclbin/partition.json "$here"/../data/pdi/loopback.bif .
cat "$here"/../data/pdi/loopback.txt "$here"/../data/run/column.txt >loopback.txt
ok tessera cdo pack loopback.txt -o loopback.bin
ok tessera bootgen -arch versal -image loopback.bif -o main.pdi -w
ok tessera xclbin pack --partition partition.json --kernels kernels.json --memory memory.json -o loop.xclbin
ok tessera insts pack "$here"/../data/run/insts.txt -o insts.bin
i=0
while [ $i -lt 64 ]; do
    printf '%04d' $i
    i=$((i + 1))
done >in.bin

ok tessera run -x loop.xclbin -i insts.bin --arg in:in.bin --arg out:256:out.bin
prints "device  emulator of npu1_1col"
prints "kernel  ATTENTION"
prints "end     done in "
prints_not "findings"
same in.bin out.bin
cp .out first
ok tessera run -x loop.xclbin -i insts.bin --arg in:in.bin --arg out:256:out.bin -k ATTENTION:TESSERA -d emulator
same .out first

ok tessera run -x loop.xclbin -i insts.bin --arg in:in.bin --arg out:256:out.bin --stats
prints "(0,0)  MM2S 0      1            1    256"
prints "(0,2)  S2MM 0"
ok tessera run -x loop.xclbin -i insts.bin --arg in:in.bin --arg out:256:out.bin --iters 1 --warmup 2 --stats --json
prints '"device": "emulator of npu1_1col"'
prints '"end": "done"'
prints '"runs": 1'
prints '"findings": []'
prints '"tasks": 3'
# The array keeps its state: its two channels take one buffer and end, so a second run would wait for ever.

# The other kinds of arguments; a .npy file gives its values; a larger buffer keeps zeros behind.
{
    printf '\223NUMPY\001\000v\000'
    printf '%-117s\n' "{'descr': '|u1', 'fortran_order': False, 'shape': (256,), }"
    cat in.bin
} >in.npy
{ cat in.bin; printf 'behind'; } >long.bin
head -c 262 /dev/zero >zeros.bin
ok tessera run -x loop.xclbin -i insts.bin --arg in:in.npy --arg inout:zeros.bin:out.bin
printf '\000\000\000\000\000\000' >six
{ cat in.bin six; } >want.bin
same want.bin out.bin
ok tessera run -x loop.xclbin -i insts.bin --arg in:long.bin --arg scratch:256

# What never comes: a deadlock, with who waits for what; a time that is up.
sed '/MM2S/d' "$here"/../data/run/insts.txt >stuck.txt
ok tessera insts pack stuck.txt -o stuck.bin
fails 1 "error: loop.xclbin: deadlock on the emulator of npu1_1col" \
    tessera run -x loop.xclbin -i stuck.bin --arg in:in.bin --arg out:256:no.bin
prints "in op 6 of 7 of the stream"
prints "it waits for a token of S2MM 0 of tile (0,0)"
prints "tile (0,0): dma S2MM 0, bd 0, waits for a word at"
prints_not findings
fails 1 "deadlock on" tessera run -x loop.xclbin -i stuck.bin --arg in:in.bin --arg out:256:no.bin --json
prints '"end": "deadlock"'
prints '"ops_done": 6'
prints '"kind": "deadlock"'
fails 1 "timeout on the emulator" tessera run -x loop.xclbin -i insts.bin --arg in:in.bin --arg out:256:no.bin --timeout 0
absent no.bin

# A finding does not change what comes out: here a word goes to a register that is not there.
{ cat "$here"/../data/run/insts.txt; echo "write32 tile(0,0)+0x4 7"; } >strange.txt
ok tessera insts pack strange.txt -o strange.bin
ok tessera run -x loop.xclbin -i strange.bin --arg in:in.bin --arg out:256:out.bin
prints "register at tile (0,0)"
same in.bin out.bin

# Bad input.
run="tessera run -x loop.xclbin -i insts.bin"
fails 1 "op 1 of the instruction stream takes argument 0; 0 were given" $run
fails 1 "op 4 of the instruction stream takes argument 1; 1 were given" $run --arg in:in.bin
fails 1 "op 4 of the instruction stream starts at byte 0 of argument 1, which has 0" $run --arg in:in.bin --arg scratch:0
fails 1 "loop.xclbin: no kernel 'ATENTION'; there is ATTENTION" $run -k ATENTION
fails 1 "no device 'emu'; expected 'emulator'" $run -d emu
fails 1 "/dev/null: is hardware, which this version cannot drive" $run -d /dev/null
fails 1 "/dev/accel/none: cannot open" $run -d /dev/accel/none
fails 1 "./in.bin: is no device" $run -d ./in.bin
fails 1 "in.bin: is read here and also an output file" $run --arg in:in.bin --arg out:256:in.bin
fails 1 "insts.bin: is read here and also an output file" $run --arg in:in.bin --arg out:256:./insts.bin
fails 1 "absent: cannot open" $run --arg in:absent --arg out:256:no.bin
fails 1 "--elf 0=x: expected COLUMN,ROW=FILE" $run --elf 0=x --arg in:in.bin --arg out:256:no.bin
fails 1 "tile (9,9) has no core" $run --elf 9,9="$here"/../fuzz/corpus/object/program.elf --arg in:in.bin --arg out:256:no.bin
for bad in in out:64 out:64: in: frob:1 out:x:y scratch:x inout:a; do
    fails 2 "expected in:FILE, out:BYTES:FILE" $run --arg $bad
done
fails 2 "option '--insts' is required" tessera run -x loop.xclbin
fails 2 "--iters is at least 1" $run --iters 0
fails 2 "'a' is no number for --timeout" $run --timeout a
fails 1 "main.pdi: " tessera run -x main.pdi -i insts.bin
echo "update_scratch" >state.txt
ok tessera insts pack state.txt -o state.bin
fails 1 "op 0 of the instruction stream, at offset 0x10, is update_scratch, which the emulator does not do" \
    tessera run -x loop.xclbin -i state.bin
echo "load_pdi id=1" >pdi.txt
ok tessera insts pack pdi.txt -o pdi.bin
fails 1 "pdi.bin: offset 0x10: load_pdi 1: no buffer of the host holds" tessera run -x loop.xclbin -i pdi.bin
printf 'txn 0.1 generation=4\nnoop\n' >other.txt
ok tessera insts pack other.txt -o other.bin
fails 1 "the instruction stream is for device generation 4" tessera run -x loop.xclbin -i other.bin
absent no.bin

# A public build for a Phoenix, when there is a snapshot of its repository.
mirror=${TESSERA_MIRROR:-$here/../../../.mirror}
git_dir=$mirror/Unicorn-Commander+Unicorn-Amanuensis/repo
if [ -d "$git_dir" ] && command -v git >/dev/null; then
    build=whisperx/npu/npu_optimization/mel_kernels/build_fixed_v3/mel_fixed_v3.mlir.prj
    for file in main.pdi main_aie_partition.json main_kernels.json main_mem_topology.json main_core_0_2.elf; do
        git --git-dir="$git_dir" show "HEAD:$build/$file" >$file
    done
    sed -i 's#"file_name": ".*/#"file_name": "#' main_aie_partition.json
    ok tessera xclbin pack --partition main_aie_partition.json --kernels main_kernels.json \
        --memory main_mem_topology.json -o mel.xclbin
    ok tessera insts pack "$here"/../golden/insts/mel.txt -o mel.bin
    head -c 800 /dev/zero | tr '\0' 'z' >mel_in.bin
    ok tessera run -x mel.xclbin -i mel.bin --arg in:mel_in.bin --arg out:80:mel_out.bin \
        --elf 0,2=main_core_0_2.elf --iters 3 --stats
    prints "kernel  MLIR_AIE"
    prints "end     done 3 times"
    prints "in mel_kernel_simple: mel_kernel_simple writes its stack at"
    [ "$(wc -c <mel_out.bin)" -eq 80 ] || die "mel_out.bin is not 80 bytes long"
else
    echo "no snapshot of Unicorn-Amanuensis in $mirror" >&2
fi
