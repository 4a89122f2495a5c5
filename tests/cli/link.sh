# tessera ld, stack: a core from the samples of the fuzzing corpus, tables, JSON, bad input.
# kernel.o: core_0_2 calls kernel, with a frame of 2656 bytes; small.o the same with 96.
"$TEST_PROGRAMS/link_samples" .

cat >core.ld <<'END'
MEMORY { program (RX) : ORIGIN = 0, LENGTH = 0x20000
         data (!RX) : ORIGIN = 0x70C00, LENGTH = 0xF400 }
ENTRY(__start)
SECTIONS {
  .text : { *crt0.o(.text*) *(.text*) } > program
  .data : { *(.data*) *(.rodata*) } > data
  . = 0x70000; _sp_start_value_DM_stack = .; . += 0x400;
  . = 0x70400; in_buffer = .; . += 0x400;
  . = 0x70800; out_buffer = .; . += 0x400;
  .bss : { *(.bss*) } > data
}
PROVIDE(main = core_0_2);
END
ok tessera ld small.o -T core.ld -o core.elf --map
golden link/map.txt
ok tessera stack core.elf
golden link/stack.txt
ok tessera stack core.elf --json
prints '"bytes": 160'
prints '"bounded": true'
prints '"fits": true'
ok tessera stack --all core.elf
prints "_main_init"
ok tessera ld small.o -T core.ld -o again.elf --json
same core.elf again.elf
prints '"used": 20'
ok tessera nm core.elf
prints "0x00070400  A     in_buffer"

# The stack that does not fit: who, how deep, what it would overwrite.
fails 1 "error: out.elf: the stack of core_0_2 needs 2720 bytes and has 1024 (0x70000 to 0x70400): it would overwrite 1024 bytes of in_buffer at 0x70400, 672 bytes of out_buffer at 0x70800; deepest: __start > _main_init > core_0_2 (64) > kernel (2656)" tessera ld kernel.o -T core.ld -o out.elf
absent out.elf
grep -q "^kernel  *out.elf  *0x" .err || die "no table of the chain"
ok tessera ld kernel.o -T core.ld -o out.elf --allow-stack-overflow
grep -q "^warning: the stack of core_0_2 needs 2720 bytes" .err || die "no warning"
fails 1 "" tessera stack out.elf
prints "the stack has 1024 bytes, 0x70000 to 0x70400: 1696 too few"
prints "overwritten: 672 bytes of out_buffer at 0x70800"
fails 1 "" tessera stack out.elf --json
prints '"fits": false'

# Objects alone, and together.
ok tessera stack kernel.o
prints "at most 2720 bytes: core_0_2 (64) > kernel (2656)"
ok tessera stack caller.o
prints "at least 32 bytes: core_0_2 (32)"
prints "not bounded: call of a function that is not here in core_0_2 at 0x4 (helper)"
ok tessera stack caller.o helper.o
prints "at most 96 bytes: core_0_2 (32) > helper (64)"
ok tessera stack core.elf caller.o helper.o
prints "core.elf:"
prints "caller.o:"

# .stack_sizes, and what it says of code that has another frame.
cat >sized.s <<'END'
        .globl  main
        .type   main,@function
main:   paddb   [sp], #96
        ret     lr
        nop
        nop
        nop
        nop
        paddb   [sp], #-96
        .size   main, . - main
        .section .stack_sizes,"o",@progbits,.text
        .long   main
        .byte   SIZE
END
sed s/SIZE/96/ sized.s >agrees.s
sed s/SIZE/32/ sized.s >differs.s
ok tessera as agrees.s -o agrees.o
ok tessera ld agrees.o -o agrees.elf
[ -s .err ] && die "a warning"
ok tessera stack agrees.elf
grep -q disagrees .out && die "no disagreement"
ok tessera as differs.s -o differs.o
ok tessera ld differs.o -o differs.elf
grep -q "^warning: .stack_sizes states 32 bytes for main, its code has 96" .err || die "no warning"
ok tessera stack differs.o
prints "disagrees: .stack_sizes states 32 bytes for main, its code has 96"
ok tessera stack differs.elf --json
prints '"disagrees": true'

# A tile out of a configuration: 0: jl #32, movxm sp, #0x70000; 32: a frame of 96. DMA buffers and
# loaded data are all that it tells of what is behind the stack.
tile() {
    cat <<'END'
version 2.0
dma_write tile(0,2).program+0x0 {
  10000115 00550000 00070ce0 00010001 00010001 00010001 00010001 00010001
  38036019 10001819 00010001 00010001 3fffa019 00038837 00000000 00000000
}
END
}
tile >alone.txt
ok tessera cdo pack alone.txt -o alone.cdo
ok tessera stack alone.cdo
prints "at most 96 bytes: 0x0 > 0x20 (96)"
prints "the stack has at most 65536 bytes, 0x70000 to 0x80000 (the end of the memory): 65440 free"
{ tile
  echo 'set tile(0,2).data+0x0 0x0 0x10 # cleared with the stack in it'
  echo 'dma_write tile(0,2).data+0x50 0x1 0x2'
  echo 'dma_write tile(0,2).memory.DMA_BD1_0 { 00018010 00000000 00000000 00000000 00000000 00000000 }'
  echo 'dma_write tile(0,2).memory.DMA_BD3_0 { 00040010 00000000 00000000 00000000 00000000 02000000 }'
} >tile.txt
ok tessera cdo pack tile.txt -o tile.cdo
fails 1 "" tessera stack tile.cdo
prints "the stack has at most 64 bytes, 0x70000 to 0x70040 (DMA buffer 3): 32 too few"
prints "overwritten: 32 bytes of DMA buffer 3 at 0x70040"
prints "overwritten: 8 bytes of loaded data at 0x70050"
fails 1 "" tessera stack tile.cdo --json
prints '"stack_bytes_may_be_less": true'

# INPUT(): beside the script, in -L; archives.
mkdir lib
mv helper.o lib
{ cat core.ld; echo 'INPUT(helper.o)'; } >input.ld
fails 1 "input.ld: INPUT(helper.o): no such file here, beside the script, or in a folder of -L" tessera ld caller.o -T input.ld -o in.elf
ok tessera ld caller.o -T input.ld -L lib -o in.elf
mv input.ld lib
ok tessera ld caller.o -T lib/input.ld -o in2.elf
same in.elf in2.elf
ok tessera ld caller.o lib.a -T core.ld -o lib.elf
ok tessera nm lib.elf
prints "helper"

# A full program memory.
ok tessera ld full.o -T core.ld -o full.elf --map
prints "program memory: 15918 of 16384 bytes from 0x0"

# Without a script.
ok tessera ld main.o -o plain.elf -M
prints "stack: at most 64 of 1024 bytes"
ok tessera ld main.o -o plain2.elf --gc-sections -e main -u main --no-runtime --no-gc-sections
absent nothing

fails 1 "error: x.elf: undefined symbol 'helper', used by caller.o: .text.core_0_2+0x4" tessera ld caller.o -T core.ld -o x.elf
fails 1 "error: small.o: 'core_0_2' is defined twice: in .text.core_0_2 here, and in .text.core_0_2 of caller.o" tessera ld caller.o small.o -T core.ld -o x.elf
fails 1 "error: x.elf: program memory, 0x0 to 0x4000, needs 17108 bytes and has 16384, 724 too few; largest: big 16980" tessera ld big.o -T core.ld -o x.elf
grep -q "^program  0x000000" .err || die "no table of what took the room"
echo 'SECTIONS {' >bad.ld
fails 1 "error: bad.ld:2:1: expected '}' at the end of SECTIONS; found the end of the script" tessera ld small.o -T bad.ld -o x.elf
fails 1 "small.o: is read here and also the output file" tessera ld small.o -T core.ld -o small.o
fails 1 "absent.o: cannot open for reading" tessera ld absent.o -o x.elf
fails 1 "absent.o: cannot open for reading" tessera stack absent.o
fails 2 "option '--output' is required" tessera ld small.o
fails 2 "too few arguments" tessera ld
fails 2 "too few arguments" tessera stack
absent x.elf
ok tessera ld -h
prints "tessera ld main_input.o -T main_core_0_2.ld.script -o main_core_0_2.elf"
ok tessera stack -h

# What llvm-aie's tests of relocations assemble, linked: a jump in a bundle with its symbol, and a
# call of what no file has, which must not become one of address 0.
# src: llvm-aie: llvm/test/MC/AIE/simple-relocation-test.s, bundle-slot-symbol-reloc.s [code]
cat >jump.s <<'END'
    .global entry_point
.entry_point:
    movxm sp, #32
    j #entry_point
END
cat >call.s <<'END'
    .text
    .globl _start
_start:
    jl #undeclared_callee
    nop
END
cat >target.s <<'END'
    .globl entry_point
    .globl undeclared_callee
    .skip 14
entry_point:
    nop
undeclared_callee:
    nop
END
for name in jump call target; do ok tessera as $name.s -o $name.o; done
ok tessera ld jump.o target.o -e entry_point --no-runtime --no-gc-sections -o jump.elf
ok tessera objdump jump.elf
prints "j       #30  // <entry_point>"
ok tessera ld call.o target.o -e _start --no-runtime -o call.elf
ok tessera objdump call.elf
prints "jl      #32  // <undeclared_callee>"
fails 1 "error: call.elf: undefined symbol 'undeclared_callee', used by call.o: .text+0x0" tessera ld call.o -e _start --no-runtime -o call.elf

# A warning when the core would begin with something else.
ok tessera ld jump.o target.o -e entry_point --no-runtime --no-gc-sections -o jump.elf
grep -q "^warning: jump.elf: the program begins with 'entry_point' at 0x1e; a core begins at 0x0" .err || die "no warning"

# More pieces than anyone reads: the table ends.
i=0
while [ $i -lt 150 ]; do
    echo ".section .data.d$i,\"aw\",@progbits; .globl d$i; .type d$i,@object; d$i: .skip 500; .size d$i, 500"
    i=$((i + 1))
done >pieces.s
ok tessera as pieces.s -o pieces.o
fails 1 "error: x.elf: data memory, 0x70400 to 0x80000, needs 75000 bytes and has 64512, 10488 too few; largest: d0 500, d1 500, d2 500, 147 more" tessera ld main.o pieces.o --no-gc-sections -o x.elf
grep -q "^and [0-9]* smaller ones" .err || die "the table does not end"
