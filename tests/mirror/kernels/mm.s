// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Products of matrices of 32-bit words in tiles: c += a b (p0 a, p1 b, p2 c), M by K by N tiles of 4 by `depth`
// by 4. Tile (m, k) of a is number k M + m, (k, n) of b number n K + k, (m, n) of c number n M + m; the words of a
// tile stand by rows. `gets`: the first sum of a word begins with one from the cascade; `puts`: the last one
// goes there. Cascade words are broadcast, so that index 1 has them: vextract with 0 hangs silicon.

        .macro  product name, m_tiles, k_tiles, n_tiles, depth, gets, puts
        .globl  \name
        .type   \name,@function
        .p2align 4
\name:
        .schedule
        movx    r0, #\m_tiles
        movx    r1, #\k_tiles
        movx    r2, #\n_tiles
        movx    r3, #\depth
        movx    r4, #\gets
        movx    r5, #\puts
        movx    r15, #1
        mov     r26, r16
        .endschedule
        .schedule
        mov     crSCDEn, r15
        mov     crMCDEn, r15
        mov     r16, r15
        movx    r6, #0
        .endschedule
        .p2align 4
.Lm_tile\@:
        .schedule
        movx    r7, #0
        .endschedule
        .p2align 4
.Ln_tile\@:
        .schedule
        movx    r8, #0
        .endschedule
        .p2align 4
// Of tile (r6, r7, r8): r24 the row of a, r25 b, p5 the word of c.
.Lk_tile\@:
        .schedule
        event   #0
        mul     r12, r8, r0
        add     r12, r12, r6
        mul     r12, r12, r3
        movx    r13, #4
        lshl    r12, r12, r13
        mov     r24, p0
        add     r24, r24, r12
        mul     r12, r7, r1
        add     r12, r12, r8
        mul     r12, r12, r3
        lshl    r12, r12, r13
        mov     r25, p1
        add     r25, r25, r12
        mul     r12, r7, r0
        add     r12, r12, r6
        movx    r13, #6
        lshl    r12, r12, r13
        mov     r13, p2
        add     r12, r12, r13
        mov     p5, r12
        movx    r9, #4
        .endschedule
        .p2align 4
.Lrow\@:
        .schedule
        movx    r10, #4
        .endschedule
        .p2align 4
.Lcolumn\@:
        .schedule
        mov     p3, r24
        mov     p4, r25
        movx    r11, #0
        mov     r12, r3
        nez     r13, r8
        eqz     r14, r4
        or      r13, r13, r14
        jnz     r13, #.Lterm\@
        .endschedule
        .schedule
        vmov    x0, SCD
        .endschedule
        .schedule
        vextract.s32 r11, x0, r16
        .endschedule
        .p2align 4
.Lterm\@:
        .schedule
        lda     r13, [p3], #4
        lda     r14, [p4], #16
        mul     r13, r13, r14
        add     r11, r11, r13
        add     r12, r12, #-1
        jnz     r12, #.Lterm\@
        .endschedule
        .schedule
        lda     r13, [p5, #0]
        add     r11, r11, r13
        st      r11, [p5], #4
        add     r25, r25, #4
        add     r13, r8, #1
        ne      r13, r13, r1
        eqz     r14, r5
        or      r13, r13, r14
        jnz     r13, #.Lnext\@
        .endschedule
        .schedule
        vbcst.32 x0, r11
        vmov    MCD, x0
        .endschedule
        .p2align 4
.Lnext\@:
        .schedule
        add     r10, r10, #-1
        jnz     r10, #.Lcolumn\@
        .endschedule
        .schedule
        add     r25, r25, #-16
        movx    r13, #2
        lshl    r13, r3, r13
        add     r24, r24, r13
        add     r9, r9, #-1
        jnz     r9, #.Lrow\@
        .endschedule
        .schedule
        event   #1
        add     r8, r8, #1
        ne      r13, r8, r1
        jnz     r13, #.Lk_tile\@
        .endschedule
        .schedule
        add     r7, r7, #1
        ne      r13, r7, r2
        jnz     r13, #.Ln_tile\@
        .endschedule
        .schedule
        add     r6, r6, #1
        ne      r13, r6, r0
        jnz     r13, #.Lm_tile\@
        .endschedule
        .schedule
        mov     r16, r26
        ret     lr
        .endschedule
        .size   \name, . - \name
        .endm

        .macro  marks name, n, first, second
        .globl  \name
        .type   \name,@function
        .p2align 4
\name:
        .schedule
        .rept   \n
        event   #\first
        .ifnb   \second
        event   #\second
        .endif
        .endr
        ret     lr
        .endschedule
        .size   \name, . - \name
        .endm

        .section .text.put,"ax",@progbits
        product matmul_scalar_put_4x1x4_4x4x4_i32_i32, 4, 1, 4, 4, 0, 1
        .section .text.put_get,"ax",@progbits
        product matmul_scalar_put_get_4x1x4_4x4x4_i32_i32, 4, 1, 4, 4, 1, 1
        .section .text.get,"ax",@progbits
        product matmul_scalar_get_4x1x4_4x4x4_i32_i32, 4, 1, 4, 4, 1, 0
        .section .text.one,"ax",@progbits
        product matmul_scalar_4x2x4_4x8x4_i32_i32, 4, 2, 4, 8, 0, 0
        .section .text.four,"ax",@progbits
        product matmul_scalar_2x2x2_4x8x4_i32_i32, 2, 2, 2, 8, 0, 0
        .section .text.events,"ax",@progbits
        marks   event_0, 1, 0
        marks   event_1, 1, 1
        marks   flush_trace, 32, 0, 1
