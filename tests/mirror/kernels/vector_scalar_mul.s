// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// vector_scalar_mul_aie_scalar(p0 a, p1 c, p2 factor, r0 n): c[i] = *factor a[i], for n of at least 1.
        .globl  vector_scalar_mul_aie_scalar
        .type   vector_scalar_mul_aie_scalar,@function
        .p2align 4
vector_scalar_mul_aie_scalar:
        .schedule
        lda     r3, [p2, #0]
        add     r1, r0, #-1
        movxm   p3, #.Lword
        event   #0
        .endschedule
        .p2align 4
.Lword:
        .schedule
        lda     r2, [p0], #4
        mul     r2, r2, r3
        st      r2, [p1], #4
        jnzd    r1, r1, p3
        .endschedule
        .schedule
        event   #1
        ret     lr
        .endschedule
        .size   vector_scalar_mul_aie_scalar, . - vector_scalar_mul_aie_scalar
