# tessera as: an object file; options; errors and warnings as text and as JSON.
cat >f.s <<'END'
        .globl  f
        .type   f,@function
f:      lda     r0, [p0, #4]
        movxm   p1, #(buffer + 8)
        .include "nops.inc"
        ret     lr
        nop
        nop
        nop
        nop
        nop
        .size   f, .-f
        .section .rodata.t,"a",@progbits
        .word   f, 1
END
mkdir inc
printf 'nop\nnop\nnop\nnop\nnop\n' >inc/nops.inc
ok tessera as f.s -o f.o -I other -I inc
ok tessera nm f.o
prints "0x00000000  T     f"
prints "U     buffer"
ok tessera objdump -d -r f.o
prints "R_AIE_42"
prints "R_AIE_50"
prints "lda     r0, [p0, #4]"
prints "ret     lr"

# Beside the source comes before -I; the object's name is the source's.
printf 'nopx\n' >nops.inc
ok tessera as f.s --no-hazards
ok tessera objdump -d f.o
prints "nopx"

# The text of an object is the object again.
ok tessera objdump --source f.o
cp .out g.s
ok tessera as g.s -o g.o
ok tessera objdump --source g.o
sed 's/g\.o/f.o/' .out >g2.s
same g.s g2.s

cat >bad.s <<'END'
        addd    r0, r1, r2
        lda     r0, [p0, #3]
END
fails 1 "bad.s:1:9: no operation 'addd'; did you mean 'add'?" tessera as bad.s -o bad.o
fails 1 "bad.s:2:26: 3 is no multiple of 4; expected #-128 to #124 in steps of 4" tessera as bad.s -o bad.o
absent bad.o
printf 'lda r0, [p0, #0]\nadd r1, r0, r0\n' >early.s
ok tessera as early.s -o early.o --json
prints '"severity": "warning"'
prints '"line": 2'
fails 2 "too few arguments" tessera as
fails 1 "absent.s: cannot open for reading" tessera as absent.s
fails 1 "is read here and also the output file" tessera as f.s -o f.s
fails 1 "f.s:5:18: nops.inc" tessera as f.s -o nops.inc
ok tessera as -h
prints "example:"

# A section that is about another one (flag o) names that, or a symbol in it.
for about in main .text.main; do
    cat >about.s <<END
    .section .text.main, "ax", @progbits
    .globl main
    .type main, @function
main:
    ret lr
    nop
    nop
    nop
    nop
    nop
.Lend:
    .size main, .Lend - main
    .section .stack_sizes, "o", @progbits, $about
    .long main
    .byte 96
END
    ok tessera as about.s -o about.o
    ok tessera ld about.o -o about.elf --map
    prints "stack: at most 96 of 1024 bytes"
done
sed 's/progbits, .text.main/progbits, nothing/' about.s >unlinked.s
fails 1 "error: unlinked.s: section .stack_sizes is said to be about 'nothing'; there is no such section" tessera as unlinked.s -o unlinked.o
