# From a placed design to every file of a build, and what is refused. The designs in tests/data/build
# have all that a configuration can be told; tests/golden/build has what comes out, as text.
data=$here/../data/build
cat >core.s <<'END'
 .text
 .globl core_0_2
 .type core_0_2,@function
core_0_2:
 ret lr
 nop
 nop
 nop
 nop
 nop
.Lend:
 .size core_0_2, .Lend-core_0_2
END
cat >deep.s <<'END'
 .text
 .globl core_0_2
 .type core_0_2,@function
core_0_2:
 paddb [sp], #2112
 ret lr
 nop
 nop
 nop
 nop
 paddb [sp], #-2112
.Lend:
 .size core_0_2, .Lend-core_0_2
END
for program in core deep; do
    ok tessera as $program.s -o $program.o
    ok tessera ld $program.o -u core_0_2 -e core_0_2 --no-runtime --allow-stack-overflow -o $program.elf
done
elfs="--elf 0,2=core.elf --elf 1,2=core.elf"

# ---- what is made

for name in memory_tile switches; do
    ok tessera build "$data/$name.mlir" -o $name
    prints "$name/$name.xclbin: "
    ok tessera cdo list $name/main.pdi
    golden build/$name.txt
done
absent switches/insts.bin
ok tessera build "$data/cores.mlir" -o cores $elfs
ok tessera cdo list cores/main.pdi
golden build/cores.txt
ok tessera insts list cores/insts.bin
golden build/cores_insts.txt
ok cat cores/main_core_0_2.ld.script cores/main_core_1_2.ld.script
golden build/cores_scripts.txt
ok cat cores/main_design.bif cores/main_mem_topology.json cores/main_kernels.json cores/main_aie_partition.json
golden build/cores_metadata.txt
same cores/main_core_1_2.elf core.elf
ls cores >.out
golden build/cores_files.txt
ok tessera xclbin check cores/cores.xclbin
ok tessera bootgen -arch versal -image cores/main_design.bif -o again.pdi -w
same again.pdi cores/main.pdi
ok tessera xclbin pack --partition cores/main_aie_partition.json --kernels cores/main_kernels.json \
    --memory cores/main_mem_topology.json -o again.xclbin
same again.xclbin cores/cores.xclbin

# The same again, from the placed design too.
ok tessera build "$data/cores.mlir" -o cores2 $elfs
same cores2/cores.xclbin cores/cores.xclbin
ok tessera build cores/input_physical.mlir -o cores3 $elfs --xclbin-name=cores.xclbin
same cores3/cores.xclbin cores/cores.xclbin
same cores3/insts.bin cores/insts.bin

# ---- aiecc's way

cp "$data/cores.mlir" design.mlir
ok tessera build --aie-generate-xclbin --aie-generate-npu-insts --no-compile-host --no-xchesscc \
    --no-xbridge --xclbin-name=final.xclbin --npu-insts-name=final_insts.bin $elfs design.mlir
same final_insts.bin cores/insts.bin
same design.mlir.prj/main.pdi cores/main.pdi
ok tessera xclbin check final.xclbin
absent design.mlir.prj/final.xclbin design.mlir.prj/insts.bin
mkdir out
ok tessera build --get-xclbin --get-npu-insts --xclbin-name=out/n.xclbin --npu-insts-name=out/n.bin \
    '--pdi-name={0}.pdi' --xclbin-kernel-name=OTHER --xclbin-kernel-id=0x902 --xclbin-instance-name=INST \
    --tmpdir tmp $elfs design.mlir
same out/n.bin cores/insts.bin
ok tessera xclbin info out/n.xclbin
prints "OTHER"
prints "0x902"
prints "INST"
fails 2 "unknown option" tessera build --aie-generate-elf design.mlir
fails 2 "basic-sequential or bank-aware" tessera build --alloc-scheme=best design.mlir

# Programs that the design names.
sed '/func.call/d; s/{stack_size/{elf_file = "core.elf", stack_size/' design.mlir |
    sed '/%core_right = /{n;n;s/}/} {elf_file = "programs\/other.elf"}/;}' >named.mlir
mkdir -p folder/programs
cp core.elf folder/programs/other.elf
fails 1 "programs/other.elf: cannot open" tessera build named.mlir -o named
ok tessera build named.mlir -o named -I folder
same named/main.pdi cores/main.pdi

# Programs that are linked here: of assembly, of an object, with what the design names.
count() {
    awk -v from="$1" 'BEGIN { for (i = 0; i < 4096; i++) printf "%c%c%c%c", i % 100 + from, 0, 0, 0 }'
}
count 1 >in.bin
count 2 >want.bin
ok tessera build "$here/../../kernels/add_one/add_one.mlir" -o add_one --elf 0,2="$here/../../kernels/add_one/add_one.s"
ok tessera as "$here/../../kernels/add_one/add_one.s" -o add_one.o
ok tessera build "$here/../../kernels/add_one/add_one.mlir" -o add_one2 --elf 0,2=add_one.o
same add_one2/add_one.xclbin add_one/add_one.xclbin
ok tessera run -x add_one/add_one.xclbin -i add_one/insts.bin --arg in:in.bin --arg out:16384:out.bin
same out.bin want.bin
sed 's/{stack_size/{elf_file = "caller.s", stack_size/; s/@scale(memref<64xi32>, memref<4xbf16>) attributes {link_with = "scale.o"}/@scale(memref<64xi32>, memref<4xbf16>) attributes {link_with = "scale.s"}/
    s/link_with = "first.o"/link_with = "first.s"/' "$data/cores.mlir" >linked.mlir
cat >caller.s <<'END'
 .include "first.inc"
 .text
 .globl core_0_2
 .type core_0_2,@function
core_0_2:
 j #first
 .rept 5
 nop
 .endr
END
echo ' .set unused, 1' >first.inc
sed 's/core_0_2/first/g' core.s >first.s
sed 's/core_0_2/scale/g' core.s >scale.s
sed 's/core_0_2/core_1_2/g' core.s >right.s
ok tessera build linked.mlir -o linked --elf 1,2=right.s
ok tessera nm linked/main_core_0_2.elf
prints " first"
sed 's/ret lr/return/' core.s >first.s
fails 1 "first.s:5:2: no operation 'return'" tessera build linked.mlir -o none --elf 1,2=right.s
rm first.s
fails 1 "first.s: cannot open" tessera build linked.mlir -o none --elf 1,2=right.s
sed 's/core_0_2/first/g' deep.s >first.s
fails 1 "main_core_0_2.elf: the stack of core_0_2 needs 2112 bytes and has 2048" \
    tessera build linked.mlir -o none --elf 1,2=right.s
absent none

# Programs that are made of the cores' bodies.
ok tessera build "$data/code.mlir" -o code
ok cat code/main_core_0_2.s
golden build/code.s
ok tessera run -x code/code.xclbin -i code/insts.bin --arg in:in.bin --arg out:16384:out.bin
same out.bin want.bin
ok tessera stack code/main_core_0_2.elf
prints "core_0_2"
ok tessera build "$data/code.mlir" -o code2 --elf 0,2=code/main_core_0_2.s
same code2/code.xclbin code/code.xclbin

# ---- what is not

fails 1 "first.o: cannot open" tessera build "$data/cores.mlir" -o none
fails 1 "scale.o: cannot open" tessera build "$data/cores.mlir" -o none --elf 0,2=core.elf
sed 's/^      aie.end/      %holds = arith.constant true\
      cf.assert %holds, "always"\
      aie.end/' "$data/code.mlir" >refused.mlir
fails 1 "refused.mlir:34:7: 'cf.assert' is not supported in the code of a core" \
    tessera build refused.mlir -o none
absent none
fails 1 "no aie.core at tile (0,3), for which core.elf is given" \
    tessera build "$data/cores.mlir" -o none $elfs --elf 0,3=core.elf
fails 1 "is the second program for core (0,2)" \
    tessera build "$data/cores.mlir" -o none $elfs --elf 0,2=deep.elf
fails 1 "the stack of core (0,2) needs 2112 bytes and has 2048: it would overwrite in; deepest: core_0_2 (2112)" \
    tessera build "$data/cores.mlir" -o none --elf 0,2=deep.elf --elf 1,2=core.elf
prints_not "xclbin"
absent none
ok tessera build "$data/cores.mlir" -o deep --elf 0,2=deep.elf --elf 1,2=core.elf --allow-stack-overflow
grep -q "warning: the stack of core (0,2) needs 2112 bytes" .err || die "no warning"
fails 1 "has no aie.device 'other'" tessera build "$data/cores.mlir" -o none --device other
fails 1 "no runtime sequence 'other'" tessera build "$data/cores.mlir" -o none $elfs --sequence other
fails 2 "--elf needs COLUMN,ROW=FILE, not '0,2'" tessera build "$data/cores.mlir" -o none --elf 0,2
mkdir self
cp design.mlir self/input_physical.mlir
fails 1 "is the design and would be replaced" tessera build self/input_physical.mlir -o self $elfs
same self/input_physical.mlir design.mlir
absent self/main.pdi
ok sh -c 'ls -A self | wc -l'
prints 1
fails 1 "cannot make this folder" tessera build "$data/switches.mlir" -o no/such/folder

# ---- where everything lies

ok tessera map "$data/cores.mlir" --elf 0,2=deep.elf
golden build/cores_map.txt
ok tessera map "$data/memory_tile.mlir"
golden build/memory_tile_map.txt
ok tessera map "$data/switches.mlir"
golden build/switches_map.txt
ok tessera map "$data/switches.mlir" --json
prints '"from": "(0,0) DMA:1"'
ok tessera map "$data/switches.mlir" --svg array.svg
grep -q '<path class="route packet"' array.svg || die "no packets in the picture"
[ "$(grep -c '<path class="route' array.svg)" -eq 9 ] || die "routes are missing in the picture"
grep -q '(0,0) DMA:1 → (0,2) Core:0' array.svg || die "no route named in the picture"
tail -n 1 array.svg | grep -qx '</svg>' || die "the picture is cut"
fails 1 "is the design and would be replaced" tessera map design.mlir --svg design.mlir

# ---- what each pass makes of it

cat >fifo.mlir <<'EOF'
module {
  aie.device(npu1_1col) {
    %shim = aie.tile(0, 0)
    %tile = aie.tile(0, 2)
    aie.objectfifo @of_in(%shim, {%tile}, 2 : i32) : !aie.objectfifo<memref<256xi32>>
  }
}
EOF
ok tessera build fifo.mlir -o passes --dump-intermediates
ls passes/0*.mlir >.out
golden build/passes.txt
grep -q 'aie.objectfifo @of_in' passes/00_parsed.mlir || die "the design as parsed has its objectfifo"
grep -q 'aie.flow(' passes/01_objectfifo.mlir || die "behind the first pass there is a flow"
! grep -q 'aie.switchbox' passes/03_buffer-addresses.mlir || die "switches before routing"
cmp passes/04_route.mlir passes/input_physical.mlir || die "behind the last pass it is placed"
ok tessera build passes/02_bd-ids.mlir -o again
same again/main.pdi passes/main.pdi
