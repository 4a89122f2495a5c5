// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// extern_kernel1(): 14 to the cascade.
        .globl  extern_kernel1
        .type   extern_kernel1,@function
        .p2align 4
extern_kernel1:
        .schedule
        movx    r1, #1
        mov     crMCDEn, r1
        movx    r0, #14
        vbcst.32 x0, r0
        .endschedule
        .schedule
        vmov    MCD, x0
        ret     lr
        .endschedule
        .size   extern_kernel1, . - extern_kernel1
