// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// extern_kernel3(p0 buffer, r0 n): n zeros, n of at least 8, but at 5 a value from the cascade and 100. Its
// first word goes by way of the buffer: vextract with index 0 hangs silicon (aie2-facts 75).
        .globl  extern_kernel3
        .type   extern_kernel3,@function
        .p2align 4
extern_kernel3:
        .schedule
        movx    r1, #1
        mov     crSCDEn, r1
        .endschedule
        .schedule
        vmov    x0, SCD
        .endschedule
        .schedule
        vst     wl0, [p0, #0]
        .endschedule
        .schedule
        lda     r1, [p0, #0]
        movx    r2, #100
        add     r1, r1, r2
        add     r0, r0, #-1
        movx    r2, #0
        mov     p1, p0
        movxm   p2, #.Lword
        .endschedule
        .p2align 4
.Lword:
        .schedule
        st      r2, [p1], #4
        jnzd    r0, r0, p2
        .endschedule
        .schedule
        st      r1, [p0, #20]
        ret     lr
        .endschedule
        .size   extern_kernel3, . - extern_kernel3
