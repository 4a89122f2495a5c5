// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the files here begin and end functions with. Each is in a section of its own, so that a program
// gets only those that it calls.

        .macro  function name
        .section .text.\name,"ax",@progbits
        .p2align 4
        entry   \name
        .endm

        .macro  entry name
        .globl  \name
        .type   \name,@function
\name:
        .endm

// The return, with what is still to do in its delay slots.
        .macro  function_end name
        ret     lr
        .endschedule
        .size   \name, . - \name
        .endm

        .macro  nops n
        .rept   \n
        nop
        .endr
        .endm
