// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What every core program begins with. The file's name is the one that mlir-aie's scripts place
// first. Nothing here needs a stack.
        .section .text.__start,"ax",@progbits
        .globl  __start
        .type   __start,@function
        .p2align 4
__start:
        jl      #_main_init
        movxm   sp, #_sp_start_value_DM_stack
        nop
        nop
        nop
        nop
        .p2align 4
        .size   __start, . - __start

// main() without arguments; then the core is done, again and again should it be woken.
        .section .text._main_init,"ax",@progbits
        .globl  _main_init
        .type   _main_init,@function
        .p2align 4
_main_init:
        movx    r0, #0
        movx    r1, #0
        mova    p0, #0
        jl      #main
        nopx                    // four bytes each, so that main returns to a multiple of 16
        nopx
        nop
        nop
        nop
.Ldone:
        done
        j       #.Ldone
        nop
        nop
        nop
        nop
        nop
        .p2align 4
        .size   _main_init, . - _main_init
