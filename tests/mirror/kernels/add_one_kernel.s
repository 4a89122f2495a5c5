// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// add_one(p0 in, p1 out, r0 n): out[i] = in[i] + 1, for n of at least 1.
        .globl  add_one
        .type   add_one,@function
        .p2align 4
add_one:
        .schedule
        add     r1, r0, #-1
        movxm   p2, #.Lword
        .endschedule
        .p2align 4
.Lword:
        .schedule
        lda     r2, [p0], #4
        add     r2, r2, #1
        st      r2, [p1], #4
        jnzd    r1, r1, p2
        .endschedule
        .schedule
        ret     lr
        .endschedule
        .size   add_one, . - add_one
