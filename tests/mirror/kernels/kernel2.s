// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// extern_kernel2(): a value from the cascade, and 114 instead of it to the next.
        .globl  extern_kernel2
        .type   extern_kernel2,@function
        .p2align 4
extern_kernel2:
        .schedule
        movx    r1, #1
        mov     crMCDEn, r1
        mov     crSCDEn, r1
        .endschedule
        .schedule
        vmov    x0, SCD
        .endschedule
        .schedule
        movx    r0, #114
        vbcst.32 x0, r0
        vmov    MCD, x0
        ret     lr
        .endschedule
        .size   extern_kernel2, . - extern_kernel2
