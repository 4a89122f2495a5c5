// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Division of 64-bit integers, bit by bit: r3:r2 / r5:r4, the result in r1:r0. 32 rounds when the upper
// word of the dividend's absolute value is 0, else 64. Change none but r0 to r15 and r24 to r31.
// By zero: every bit of the quotient of the absolute values is 1, the remainder is the dividend.
// src: llvm-aie: llvm/lib/Target/AIE/AIE2CallingConv.td: the halves take one register each, the
// result's first; r16 to r23 stay as they are [code]
// src: aie2-facts 21: carry and borrow, which adc and sbc use

        .include "macros.s"

// r3:r2 becomes the quotient, r7:r6 the remainder of what is in r3:r2 and r5:r4. The remainder and the
// dividend shift left as one number. Nothing is carried out of that, as the remainder is never larger
// than what of the dividend has been shifted into it. r28 is 0.
        .macro  divide name
        mova    r28, #0
        mova    r10, #32
        mova    r11, #64
        mova    r6, #0
        mova    r7, #0
        mov     r27, r3
        sel.nez r10, r11, r10, r27
        sel.nez r3, r3, r2, r27
        sel.nez r2, r2, r28, r27
        .endschedule
        .p2align 4
.L\name\()_bit:
        .schedule
        add     r2, r2, r2
        adc     r3, r3, r3
        adc     r6, r6, r6
        adc     r7, r7, r7
        sub     r12, r6, r4
        sbc     r13, r7, r5
        sbc     r27, r28, r28
        add     r27, r27, #1
        or      r2, r2, r27
        sel.nez r6, r12, r6, r27
        sel.nez r7, r13, r7, r27
        add     r10, r10, #-1
        jnz     r10, #.L\name\()_bit
        .endschedule
        .schedule
        .endm

// \high:\low less a sign of all ones or none.
        .macro  flip high, low, sign
        xor     \low, \low, \sign
        xor     \high, \high, \sign
        sub     \low, \low, \sign
        sbc     \high, \high, \sign
        .endm

// Absolute values; the signs are in r14 and r15.
        .macro  absolute
        mova    r24, #-31
        ashl    r14, r3, r24
        ashl    r15, r5, r24
        flip    r3, r2, r14
        flip    r5, r4, r15
        .endm

        function __udivdi3
        .schedule
        divide  udiv
        mov     r0, r2
        mov     r1, r3
        function_end __udivdi3

        function __umoddi3
        .schedule
        divide  umod
        mov     r0, r6
        mov     r1, r7
        function_end __umoddi3

        function __divdi3
        .schedule
        absolute
        divide  div
        xor     r14, r14, r15
        flip    r3, r2, r14
        mov     r0, r2
        mov     r1, r3
        function_end __divdi3

// The remainder has the sign of the dividend.
        function __moddi3
        .schedule
        absolute
        divide  mod
        flip    r7, r6, r14
        mov     r0, r6
        mov     r1, r7
        function_end __moddi3
