// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Multiplication and shifts of 64-bit integers. r3:r2 and r5:r4 are the operands (shifts: r4 the
// amount, 0 to 63), r1:r0 is the result; the low word is in the lower register.
// Change none but r0 to r15 and r24 to r31.
// src: llvm-aie: llvm/lib/Target/AIE/AIE2CallingConv.td: the halves take one register each, the
// result's first; r16 to r23 stay as they are [code]
// src: Unicorn-Commander/Unicorn-Amanuensis: objects of kernels that call __muldi3: the low words go
// into r2 and r4, zeros into r3 and r5; behind the call r0 >> 15 | r1 << 17 is used [observed]
// src: aie2-facts 19: a shift by a negative amount goes right, by its distance modulo 32

        .include "macros.s"

// The upper word of r2 * r4 from products of halves, then the other words' products on top.
        function __muldi3
        .schedule
        mova    r24, #-16
        lshl    r6, r2, r24
        lshl    r7, r4, r24
        extend.u16 r8, r2
        extend.u16 r9, r4
        mul     r10, r8, r9
        mul     r11, r8, r7
        mul     r12, r6, r9
        mul     r13, r6, r7
        mul     r0, r2, r4
        mul     r14, r2, r5
        mul     r15, r3, r4
        lshl    r10, r10, r24
        extend.u16 r25, r11
        add     r10, r10, r25
        extend.u16 r25, r12
        add     r10, r10, r25
        lshl    r10, r10, r24
        lshl    r11, r11, r24
        lshl    r12, r12, r24
        add     r1, r10, r11
        add     r1, r1, r12
        add     r1, r1, r13
        add     r1, r1, r14
        add     r1, r1, r15
        function_end __muldi3

// From 32 on the distance modulo 32 is what the other word moves by. By 31 - n and once more by 1,
// as a shift by 32 would be none.
        function __ashldi3
        .schedule
        mova    r5, #31
        mova    r6, #-1
        mova    r7, #0
        add     r8, r4, #-31
        lt      r27, r5, r4
        lshl    r9, r2, r4
        lshl    r10, r3, r4
        lshl    r11, r2, r6
        lshl    r11, r11, r8
        or      r10, r10, r11
        sel.nez r1, r9, r10, r27
        sel.nez r0, r7, r9, r27
        function_end __ashldi3

        .macro  shift_right name, shift, sign
        function \name
        .schedule
        mova    r5, #31
        mova    r6, #1
        mova    r7, #0
        sub     r8, r5, r4
        sub     r9, r7, r4
        lt      r27, r5, r4
        \shift  r10, r3, r9
        lshl    r11, r2, r9
        lshl    r12, r3, r6
        lshl    r12, r12, r8
        or      r11, r11, r12
        \sign
        sel.nez r0, r10, r11, r27
        sel.nez r1, r7, r10, r27
        function_end \name
        .endm

        .macro  sign_of_high
        mova    r13, #-31
        ashl    r7, r3, r13
        .endm

        .macro  zero_high
        .endm

        shift_right __lshrdi3, lshl, zero_high
        shift_right __ashrdi3, ashl, sign_of_high
