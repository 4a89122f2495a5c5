        .text
        .globl  f
        .p2align 4
        .type   f,@function
f:
        lda     r1, [p0, #4]; nopb
.Lx:    movxm   p0, #(g + 4); padda [p1], #-8
        mova r0, #later; vst.3d wh6, [p5], d3
        jl #f; nopa
        nop
        nop
        mov r17:r16, cntr
        nop
        nop
        movxm   le, #.Lend
        movxm   ls, #.Lx
        j       #1f
        nop
        nop
        nop
        nop
1:      nop
        .p2align 4
.Lend:  nopb ; nopa ; nops ; nopxm ; nopv
        vmac    cm0, cm0, x0, x0, r0; add r1, r2, #3
        .size   f, .-f
later = 3
