// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The core program of add_one.mlir: adds 1 to every word of what arrives, for ever. Each round takes a
// full input buffer and an empty output buffer, 16 words a turn of the loop, and gives both back.
// The buffers are symbols of the linker script; the locks of the core's own tile have the ids 48 to 63.

        .set    own, 48
        .set    in_empty, own + 0
        .set    in_full, own + 1
        .set    out_empty, own + 2
        .set    out_full, own + 3
        .set    n_turns, 16

// One buffer: 16 words a turn. r16 is -1, "at least 1" to acq; r17 is 1; x1 is 16 ones.
        .macro  round in, out
        .schedule
        acq     #in_full, r16
        acq     #out_empty, r16
        movxm   p0, #\in
        movxm   p1, #\out
        movx    r0, #n_turns
        .endschedule
        .p2align 4
.Lturn\@:
        .schedule
        vlda    wl0, [p0], #32
        vlda    wh0, [p0], #32
        add     r0, r0, #-1
        vadd.32 x2, x0, x1
        vst     wl2, [p1], #32
        vst     wh2, [p1], #32
        jnz     r0, #.Lturn\@
        .endschedule
        .schedule
        rel     #in_empty, r17
        rel     #out_full, r17
        .endschedule
        .endm

        .section .text.main,"ax",@progbits
        .globl  main
        .type   main,@function
        .p2align 4
main:
        .schedule
        movx    r16, #-1
        movx    r17, #1
        vbcst.32 x1, r17
        .endschedule
        .p2align 4
.Lforever:
        round   of_in_cons_buff_0, of_out_buff_0
        round   of_in_cons_buff_1, of_out_buff_1
        j       #.Lforever
        .rept   5
        nop
        .endr
        .size   main, . - main
