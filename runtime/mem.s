// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// memcpy, memmove and memset (and memcmp, at the end): words when addresses and length are multiples of 4, else bytes. p1 is where to,
// p2 where from, r0 the length (memset: r0 the byte, r1 the length); the result, p1, is in p0.
// Change p0, p1, p2, r0 to r5 (memmove: r0 to r9, r27, m0).
// src: llvm-aie: llvm/lib/Target/AIE/AIE2CallingConv.td [code]

        .include "macros.s"

        function memcpy
        mov     p0, p1
        mov     r2, p1
        mov     r3, p2
        or      r2, r2, r3
        or      r2, r2, r0
        movx    r3, #3
        jz      r0, #.Lcopied
        and     r2, r2, r3
        movx    r3, #-2
        nops    3
        jnz     r2, #.Lcopy_byte
        nops    5
        lshl    r0, r0, r3
        .p2align 4
.Lcopy_word:
        lda     r4, [p2], #4
        add     r0, r0, #-1
        jnz     r0, #.Lcopy_word
        nops    4
        st      r4, [p1], #4
        ret     lr
        nops    5
        .p2align 4
// The store takes its data as the load lands, and the next load is the 7 bundles behind it that memory
// needs after part of a word.
.Lcopy_byte:
        lda.u8  r4, [p2], #1
        st.s8   r4, [p1], #1; add r0, r0, #-1
        jnz     r0, #.Lcopy_byte
        nops    5
        .p2align 4
.Lcopied:
        ret     lr
        nops    5
        .size   memcpy, . - memcpy

// The byte in all of a word by two shifts.
        function memset
        mov     p0, p1
        mov     r2, p1
        or      r2, r2, r1
        movx    r3, #3
        jz      r1, #.Lset
        and     r2, r2, r3
        movx    r3, #-2
        nops    3
        jnz     r2, #.Lset_byte
        extend.u8 r0, r0
        movx    r4, #8
        lshl    r5, r0, r4
        or      r0, r0, r5
        movx    r4, #16
        lshl    r5, r0, r4
        or      r0, r0, r5
        lshl    r1, r1, r3
        .p2align 4
.Lset_word:
        add     r1, r1, #-1
        jnz     r1, #.Lset_word
        nops    4
        st      r0, [p1], #4
        ret     lr
        nops    5
        .p2align 4
.Lset_byte:
        add     r1, r1, #-1
        jnz     r1, #.Lset_byte
        nops    4
        st.s8   r0, [p1], #1
        .p2align 4
.Lset:
        ret     lr
        nops    5
        .size   memset, . - memset

// memmove: as memcpy, from the end down when the destination lies above the source. r1 is the
// size of a unit, 4 or 1, m0 the step. Behind a byte, as it shares a word with others, everything waits
// until it is in memory.
        function memmove
        .schedule
        mov     p0, p1
        mov     r2, p1
        mov     r3, p2
        mova    r1, #1
        mova    r4, #4
        mova    r5, #3
        or      r6, r2, r3
        or      r6, r6, r0
        and     r6, r6, r5
        mov     r27, r6
        sel.eqz r1, r4, r1, r27
        ltu     r27, r3, r2
        mova    r7, #0
        sub     r8, r7, r1
        sel.nez r8, r8, r1, r27
        sub     r9, r0, r1
        sel.nez r9, r9, r7, r27
        mov     m0, r9
        padda   [p1], m0
        padda   [p2], m0
        mov     m0, r8
        jz      r0, #.Lmoved
        .endschedule
        .schedule
        jnz     r6, #.Lmove_byte
        .endschedule
        .p2align 4
.Lmove_word:
        lda     r4, [p2], m0
        add     r0, r0, #-4
        jnz     r0, #.Lmove_word
        nops    4
        st      r4, [p1], m0
        ret     lr
        nops    5
        .p2align 4
.Lmove_byte:
        .schedule
        lda.u8  r4, [p2], m0
        add     r0, r0, #-1
        st.s8   r4, [p1], m0
        jnz     r0, #.Lmove_byte
        .endschedule
        .p2align 4
.Lmoved:
        ret     lr
        nops    5
        .size   memmove, . - memmove

// p0 and p1, r1 bytes; r0 is the difference of the first two that differ, or 0.
        function memcmp
        .schedule
        mova    r0, #0
        jz      r1, #.Lcompared
        .endschedule
        .p2align 4
.Lcompare_byte:
        .schedule
        lda.u8  r2, [p0], #1
        lda.u8  r3, [p1], #1
        add     r1, r1, #-1
        sub     r0, r2, r3
        eqz     r4, r0
        nez     r5, r1
        and     r4, r4, r5
        jnz     r4, #.Lcompare_byte
        .endschedule
        .p2align 4
.Lcompared:
        ret     lr
        nops    5
        .size   memcmp, . - memcmp
