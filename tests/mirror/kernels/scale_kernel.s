// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// scale_by_two(p0 in, p1 out, r0 n): out[i] = 2 in[i], for n of at least 1; in and out may be the same.
        .globl  scale_by_two
        .type   scale_by_two,@function
        .p2align 4
scale_by_two:
        .schedule
        add     r1, r0, #-1
        movxm   p2, #.Lword
        .endschedule
        .p2align 4
.Lword:
        .schedule
        lda     r2, [p0], #4
        add     r2, r2, r2
        st      r2, [p1], #4
        jnzd    r1, r1, p2
        .endschedule
        .schedule
        ret     lr
        .endschedule
        .size   scale_by_two, . - scale_by_two
