// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// thresholdLine(p0 in, p1 out, r0 width, r1 threshold, r2 maximum, r3 type): of bytes, 32 a turn; type 0
// alone: the maximum where a byte is above the threshold, else 0.
        .globl  thresholdLine
        .type   thresholdLine,@function
        .p2align 4
thresholdLine:
        .schedule
        movx    r4, #0
        mov     crVaddSign, r4
        vbcst.8 x1, r1
        vbcst.8 x2, r2
        vbcst.8 x3, r4
        movx    r5, #-5
        lshl    r0, r0, r5
        add     r0, r0, #-1
        movxm   p2, #.Lturn
        .endschedule
        .p2align 4
.Lturn:
        .schedule
        vlda    wl0, [p0], #32
        vlt.d8  l4, x1, x0
        vsel.8  x4, x3, x2, l4
        vst     wl4, [p1], #32
        jnzd    r0, r0, p2
        .endschedule
        .schedule
        ret     lr
        .endschedule
        .size   thresholdLine, . - thresholdLine
