// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// sum(p0 a, p1 c): c += a, of 16 words. zero(p0 c): c = 0, of 16 words.
        .globl  sum
        .type   sum,@function
        .p2align 4
sum:
        .schedule
        vlda    wl0, [p0, #0]
        vlda    wh0, [p0, #32]
        vldb    wl1, [p1, #0]
        vldb    wh1, [p1, #32]
        vadd.32 x2, x0, x1
        vst     wl2, [p1, #0]
        vst     wh2, [p1, #32]
        ret     lr
        .endschedule
        .size   sum, . - sum

        .globl  zero
        .type   zero,@function
        .p2align 4
zero:
        .schedule
        movx    r0, #0
        vbcst.32 x0, r0
        vst     wl0, [p0, #0]
        vst     wh0, [p0, #32]
        ret     lr
        .endschedule
        .size   zero, . - zero
