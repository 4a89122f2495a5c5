// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Single floats as IEEE 754 has them: to nearest, ties to even, with denormals, infinities and NaN. A NaN
// result is always 0x7fc00000; there are no flags. Operands are r1 and r2, the result is r0. No branches
// and no stack. Change none but r0 to r15 and r24 to r31.
// src: llvm-aie: llvm/lib/Target/AIE/AIE2CallingConv.td: f32 goes as i32 does; r16 to r23 stay as they
// are [code]
// src: Unicorn-Commander/Unicorn-Amanuensis: objects of kernels that call __addsf3, __ltsf2, __floatsisf: operands in
// r1 and r2, the result in r0, compared with 0 behind __ltsf2 [observed]
// src: IEEE 754-2008, 3.4, 4.3.1, 5.4.1, 5.11, 6.2, 6.3 [documented]
// src: aie2-facts 19, 20, 22: shifts to the right have negative amounts, modulo 32; divs; sel

        .include "macros.s"

        .macro  minimum_unsigned to, a, b
        ltu     r27, \a, \b
        sel.nez \to, \a, \b, r27
        .endm

// Constants that nearly all need. Exponents are at the top of a word when the sign is shifted out.
        .macro  constants
        movxm   r24, #0x80000000
        movxm   r25, #0xff000000
        mova    r26, #1
        mova    r28, #0
        mova    r29, #8
        mova    r30, #31
        .endm

// Of \x2, a float shifted left by 1: the exponent, 1 for denormals, and the mantissa with its leading bit
// at bit \lead, which is 32 + \down. Changes r0, r27.
        .macro  unpack x2, exponent, mantissa, down, lead
        mova    r27, #-24
        lshl    \exponent, \x2, r27
        mova    r27, #\down
        lshl    \mantissa, \x2, r29
        lshl    \mantissa, \mantissa, r27
        mova    r27, #\lead
        nez     r0, \exponent
        lshl    r0, r0, r27
        or      \mantissa, \mantissa, r0
        eqz     r0, \exponent
        add     \exponent, \exponent, r0
        .endm

// Denormals get a leading bit as well, and exponents below 1. A zero stays 0.
        .macro  normalize exponent, mantissa
        clz     r0, \mantissa
        lshl    \mantissa, \mantissa, r0
        sub     \exponent, \exponent, r0
        .endm

// \mantissa >> \distance, 0 to 31; bit 0 tells of ones that were shifted out.
        .macro  shift_right mantissa, distance
        sub     r0, r28, \distance
        lshl    r0, \mantissa, r0
        lshl    r27, r0, \distance
        ne      r27, r27, \mantissa
        or      \mantissa, r0, r27
        .endm

// \mantissa, its leading bit at bit 31, and the exponent less 1 become a float without a sign, which is
// too large where the exponent is. Changes \exponent, r0, r27.
        .macro  pack mantissa, exponent
        mova    r27, #24
        lshl    r0, \mantissa, r27
        mova    r27, #-8
        lshl    \mantissa, \mantissa, r27
        and     r27, \mantissa, r26
        or      r0, r0, r27
        ltu     r0, r24, r0
        mova    r27, #23
        lshl    \exponent, \exponent, r27
        add     \mantissa, \mantissa, r0
        add     \mantissa, \mantissa, \exponent
        .endm

// The end of a product: \mantissa from bit 30 or 31 down, and the exponent of bit 31. Denormals lose bits
// before they are rounded. r15 is infinity afterwards, and \mantissa at most that.
        .macro  round_product mantissa, exponent
        normalize \exponent, \mantissa
        movxm   r15, #0x7f800000
        add     \exponent, \exponent, #-1
        lt      r27, \exponent, r28
        sub     r0, r28, \exponent
        sel.nez r14, r0, r28, r27
        sel.nez \exponent, r28, \exponent, r27
        minimum_unsigned r14, r14, r30
        shift_right \mantissa, r14
        mov     r14, \mantissa
        pack    \mantissa, \exponent
        mov     r27, r14
        sel.eqz \mantissa, r28, \mantissa, r27
        minimum_unsigned \mantissa, \mantissa, r15
        .endm

        .section .text.__addsf3,"ax",@progbits
        .p2align 4
        entry   __subsf3
        .schedule
        movxm   r3, #0x80000000
        xor     r2, r2, r3
        .endschedule
        .p2align 4
        .size   __subsf3, . - __subsf3

// r5 is the operand of the larger magnitude, r6 the other one; r7 and r8 the same shifted left. The
// mantissas have their leading bit at bit 30.
        entry   __addsf3
        .schedule
        constants
        lshl    r3, r1, r26
        lshl    r4, r2, r26
        ltu     r27, r3, r4
        sel.nez r5, r2, r1, r27
        sel.nez r6, r1, r2, r27
        sel.nez r7, r4, r3, r27
        sel.nez r8, r3, r4, r27
        unpack  r7, r9, r10, -2, 30
        unpack  r8, r11, r12, -2, 30
        sub     r11, r9, r11
        minimum_unsigned r11, r11, r30
        shift_right r12, r11
        xor     r14, r5, r6
        sub     r11, r28, r12
        lt      r27, r14, r28
        sel.nez r12, r11, r12, r27
        add     r10, r10, r12
        mov     r13, r10
        clz     r11, r10
        minimum_unsigned r11, r11, r9
        lshl    r10, r10, r11
        sub     r9, r9, r11
        pack    r10, r9
        movxm   r15, #0x7f800000
        minimum_unsigned r10, r10, r15
        and     r11, r5, r24
        or      r10, r10, r11
        and     r11, r1, r2
        and     r11, r11, r24
        mov     r27, r13
        sel.eqz r10, r11, r10, r27
        geu     r27, r7, r25
        eq      r12, r14, r24
        and     r12, r12, r27
        sel.nez r10, r5, r10, r27
        ltu     r27, r25, r7
        or      r27, r27, r12
        movxm   r15, #0x7fc00000
        sel.nez r0, r15, r10, r27
        function_end __addsf3

// 24 by 24 bits by halves of 12: r9, r10 and r11, r12. r8 has the upper 32 of the 48 bits of the product.
        function __mulsf3
        .schedule
        constants
        lshl    r3, r1, r26
        lshl    r4, r2, r26
        unpack  r3, r5, r6, -1, 31
        normalize r5, r6
        unpack  r4, r7, r8, -1, 31
        normalize r7, r8
        add     r5, r5, r7
        add     r5, r5, #-63
        add     r5, r5, #-63
        mova    r13, #-20
        mova    r14, #12
        lshl    r9, r6, r13
        lshl    r10, r6, r14
        lshl    r10, r10, r13
        lshl    r11, r8, r13
        lshl    r12, r8, r14
        lshl    r12, r12, r13
        mul     r6, r10, r12
        mul     r10, r10, r11
        mul     r12, r9, r12
        mul     r8, r9, r11
        mova    r14, #-12
        add     r10, r10, r12
        lshl    r11, r6, r14
        add     r10, r10, r11
        lshl    r11, r10, r14
        add     r8, r8, r11
        lshl    r8, r8, r29
        mova    r14, #20
        mova    r13, #-24
        lshl    r11, r10, r14
        lshl    r11, r11, r13
        or      r8, r8, r11
        mova    r13, #28
        lshl    r10, r10, r13
        lshl    r6, r6, r14
        or      r10, r10, r6
        nez     r10, r10
        or      r8, r8, r10
        round_product r8, r5
        ltu     r27, r3, r4
        sel.nez r5, r3, r4, r27
        sel.nez r6, r4, r3, r27
        geu     r27, r6, r25
        sel.nez r8, r15, r8, r27
        eqz     r5, r5
        and     r5, r5, r27
        ltu     r27, r25, r6
        or      r27, r27, r5
        xor     r6, r1, r2
        and     r6, r6, r24
        or      r8, r8, r6
        movxm   r15, #0x7fc00000
        sel.nez r0, r15, r8, r27
        function_end __mulsf3

// 26 bits of the quotient, from 2^24 up; one more tells of a remainder.
        function __divsf3
        .schedule
        constants
        lshl    r3, r1, r26
        lshl    r4, r2, r26
        unpack  r3, r5, r6, -1, 31
        normalize r5, r6
        unpack  r4, r7, r8, -1, 31
        normalize r7, r8
        sub     r5, r5, r7
        add     r5, r5, #63
        add     r5, r5, #63
        add     r5, r5, #1
        mova    r13, #-9
        mova    r14, #-8
        mova    r15, #23
        lshl    r9, r6, r13
        lshl    r31, r6, r15
        lshl    r8, r8, r14
        .rept   26
        divs    r9, r31, r9, r8
        .endr
        mova    r14, #6
        nez     r9, r9
        lshl    r8, r31, r14
        or      r8, r8, r9
        round_product r8, r5
        mov     r27, r4
        sel.eqz r8, r15, r8, r27
        eq      r27, r3, r25
        sel.nez r8, r15, r8, r27
        eq      r27, r4, r25
        sel.nez r8, r28, r8, r27
        eqz     r5, r3
        eq      r6, r3, r25
        or      r5, r5, r6
        eq      r6, r3, r4
        and     r5, r5, r6
        ltu     r6, r25, r3
        or      r5, r5, r6
        ltu     r6, r25, r4
        or      r27, r5, r6
        xor     r6, r1, r2
        and     r6, r6, r24
        or      r8, r8, r6
        movxm   r15, #0x7fc00000
        sel.nez r0, r15, r8, r27
        function_end __divsf3

// Floats as integers of the same order, zeros alike: r3 and r4. r27 tells of a NaN.
        .macro  order
        movxm   r24, #0x80000000
        movxm   r25, #0xff000000
        mova    r26, #1
        mova    r28, #0
        sub     r3, r24, r1
        lt      r27, r1, r28
        sel.nez r3, r3, r1, r27
        sub     r4, r24, r2
        lt      r27, r2, r28
        sel.nez r4, r4, r2, r27
        unordered
        .endm

        .macro  unordered
        lshl    r5, r1, r26
        lshl    r6, r2, r26
        ltu     r5, r25, r5
        ltu     r6, r25, r6
        or      r27, r5, r6
        .endm

// -1, 0, 1 for less, equal, greater; with a NaN what makes the comparison false.
        .macro  compare_end nan
        order
        lt      r5, r3, r4
        lt      r6, r4, r3
        sub     r5, r6, r5
        mova    r6, #\nan
        sel.nez r0, r6, r5, r27
        ret     lr
        .endschedule
        .endm

        function __ltsf2
        entry   __lesf2
        entry   __eqsf2
        entry   __nesf2
        entry   __cmpsf2
        .schedule
        compare_end 1
        .size   __ltsf2, . - __ltsf2
        .size   __lesf2, . - __lesf2
        .size   __eqsf2, . - __eqsf2
        .size   __nesf2, . - __nesf2
        .size   __cmpsf2, . - __cmpsf2

        function __gtsf2
        entry   __gesf2
        .schedule
        compare_end -1
        .size   __gtsf2, . - __gtsf2
        .size   __gesf2, . - __gesf2

        function __unordsf2
        .schedule
        movxm   r25, #0xff000000
        mova    r26, #1
        unordered
        mov     r0, r27
        function_end __unordsf2

// Toward zero: r7 is the magnitude where r6, the exponent, is at least 127 and r8, what it is above 158,
// not above 0. r28 is 0.
        .macro  magnitude
        movxm   r24, #0x80000000
        mova    r3, #1
        mova    r4, #-24
        mova    r5, #8
        mova    r28, #0
        lshl    r6, r1, r3
        lshl    r6, r6, r4
        lshl    r7, r1, r5
        or      r7, r7, r24
        mova    r8, #158
        sub     r8, r6, r8
        lshl    r7, r7, r8
        .endm

// What does not fit, and NaN, by its sign: the largest or the least integer.
        function __fixsfsi
        .schedule
        magnitude
        sub     r9, r28, r7
        lt      r27, r1, r28
        sel.nez r7, r9, r7, r27
        add     r9, r24, #-1
        sel.nez r9, r24, r9, r27
        lt      r27, r8, r28
        sel.nez r7, r7, r9, r27
        mova    r9, #127
        lt      r27, r6, r9
        sel.nez r0, r28, r7, r27
        function_end __fixsfsi

// Negative ones become 0.
        function __fixunssfsi
        .schedule
        magnitude
        mova    r9, #-1
        lt      r27, r28, r8
        sel.nez r7, r9, r7, r27
        mova    r9, #127
        lt      r5, r6, r9
        lt      r6, r1, r28
        or      r27, r5, r6
        sel.nez r0, r28, r7, r27
        function_end __fixunssfsi

// r2 >= 0, without a sign, to r0.
        .macro  from_integer
        movxm   r24, #0x80000000
        mova    r26, #1
        mova    r28, #0
        clz     r3, r2
        mova    r4, #157
        sub     r4, r4, r3
        lshl    r3, r2, r3
        pack    r3, r4
        mov     r27, r2
        sel.eqz r0, r28, r3, r27
        .endm

        function __floatsisf
        .schedule
        abs     r2, r1
        from_integer
        and     r1, r1, r24
        or      r0, r0, r1
        function_end __floatsisf

        function __floatunsisf
        .schedule
        mov     r2, r1
        from_integer
        function_end __floatunsisf

        function __negsf2
        .schedule
        movxm   r2, #0x80000000
        xor     r0, r1, r2
        function_end __negsf2

// C's sqrtf, to nearest. r9 is the mantissa, doubled where the exponent is odd; two of its bits a round go
// to the remainder r7, and one to the root r8, whose square the remainder is what is missing to: 24 bits
// and one for rounding, and whether a remainder is left. Of less than 0, and of NaN, NaN; -0 is -0.
        function sqrtf
        .schedule
        constants
        lshl    r3, r1, r26
        unpack  r3, r5, r6, -1, 31
        normalize r5, r6
        add     r5, r5, #-64
        add     r5, r5, #-63
        and     r27, r5, r26
        mova    r9, #-1
        ashl    r5, r5, r9
        lshl    r9, r6, r9
        sel.nez r9, r6, r9, r27
        add     r5, r5, #63
        add     r5, r5, #63
        mova    r7, #0
        mova    r8, #0
        mova    r10, #25
        mova    r11, #2
        mova    r12, #-30
        .endschedule
        .p2align 4
.Lsqrt_bit:
        .schedule
        lshl    r7, r7, r11
        lshl    r13, r9, r12
        or      r7, r7, r13
        lshl    r9, r9, r11
        lshl    r14, r8, r11
        or      r14, r14, r26
        lshl    r8, r8, r26
        geu     r27, r7, r14
        sub     r13, r7, r14
        sel.nez r7, r13, r7, r27
        or      r8, r8, r27
        add     r10, r10, #-1
        jnz     r10, #.Lsqrt_bit
        .endschedule
        .schedule
        mova    r11, #7
        nez     r7, r7
        lshl    r8, r8, r11
        or      r8, r8, r7
        pack    r8, r5
        movxm   r15, #0x7f800000
        eq      r27, r1, r15
        eqz     r11, r3
        or      r27, r27, r11
        sel.nez r8, r1, r8, r27
        ltu     r11, r25, r3
        lt      r12, r1, r28
        nez     r13, r3
        and     r12, r12, r13
        or      r27, r11, r12
        movxm   r15, #0x7fc00000
        sel.nez r0, r15, r8, r27
        function_end sqrtf
