// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Division of 32-bit integers, bit by bit with divs: it shifts the next bit of r31 into the remainder,
// subtracts the divisor if it can, and shifts the bit of the quotient into r31.
// r1 / r2; the result is in r0. Changes r0, r1, r2, r27, r31.
// By zero: every bit of the quotient is 1, the remainder is the dividend.
// src: FIM43-Redeye/xdna-emu: tests recorded on a Phoenix, divs [observed]
// src: llvm-aie: llvm/lib/Target/AIE/AIE2CallingConv.td: the result's register is none of the
// arguments'; r16 to r23 stay as they are [code]

        .include "macros.s"

        function __udivsi3
        mov     r31, r1
        movx    r0, #0
        .rept   28
        divs    r0, r31, r0, r2
        .endr
        ret     lr
        .rept   4
        divs    r0, r31, r0, r2
        .endr
        mov     r0, r31
        .size   __udivsi3, . - __udivsi3

        function __umodsi3
        mov     r31, r1
        movx    r0, #0
        .rept   27
        divs    r0, r31, r0, r2
        .endr
        ret     lr
        .rept   5
        divs    r0, r31, r0, r2
        .endr
        .size   __umodsi3, . - __umodsi3

// Of the absolute values: \result is r31, the quotient, or r0, the remainder; negative when \sign is.
        .macro  divide_signed sign, result
        movx    r0, #0
        lt      r27, \sign, r0
        abs     r1, r1
        abs     r2, r2
        mov     r31, r1
        .rept   30
        divs    r0, r31, r0, r2
        .endr
        ret     lr
        divs    r0, r31, r0, r2
        divs    r0, r31, r0, r2
        movx    r1, #0
        sub     r1, r1, \result
        sel.eqz r0, \result, r1, r27
        .endm

// Negative when the signs differ. -2^31 / -1 is -2^31.
        function __divsi3
        xor     r27, r1, r2
        divide_signed r27, r31
        .size   __divsi3, . - __divsi3

// The remainder has the sign of the dividend.
        function __modsi3
        divide_signed r1, r0
        .size   __modsi3, . - __modsi3
