// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// scale_int32(p0 a, p1 c): c[i] = 3 a[i], of 1024 words.
        .globl  scale_int32
        .type   scale_int32,@function
        .p2align 4
scale_int32:
        .schedule
        movxm   r1, #1023
        movx    r3, #3
        movxm   p2, #.Lword
        event   #0
        .endschedule
        .p2align 4
.Lword:
        .schedule
        lda     r2, [p0], #4
        mul     r2, r2, r3
        st      r2, [p1], #4
        jnzd    r1, r1, p2
        .endschedule
        .schedule
        event   #1
        ret     lr
        .endschedule
        .size   scale_int32, . - scale_int32
