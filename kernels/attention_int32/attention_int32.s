// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Attention on one tile: 64 queries, 64 keys, 64 numbers each, scores kept in int32 accumulators.
// The integers it computes are those of docs/attention.md; attention_int32.md tells how.
//
//   void attention_tile(const int8_t *qkv, const int32_t *parameters, int8_t *out, int8_t *keys_low,
//                        int8_t *keys_high, int32_t *tables)
//
// qkv: Q, K, V, each 16 x 8 blocks of 4 rows x 8 bytes (12,288 B); parameters: 16 words; out: 16 x 8 blocks of
// 4 rows x 8 bytes (4,096 B). Scratch: keys_low, keys_high 2,048 B each, tables 320 B. All at multiples of 32.

// Words of the parameters.
        .set    difference_shift, 0
        .set    multiplier, 4
        .set    multiplier_shift, 8
        .set    numerator, 12
        .set    output_shift, 16
        .set    keys_that_count, 24
        .set    score_shift, 32
        .set    score_multiplier, 36
        .set    score_multiplier_shift, 40

// The tables: for each 8 keys a word whose bits are their lanes in 4 rows, set where a key does not count; 16
// numbers 32767; for each 8 keys the block that, times these, puts their scores far below all others.
        .set    ignored_words, 0
        .set    largest, 32
        .set    ignored_blocks, 64

// Weights: -2^-x for x in [0, 1) is ((C3 x - C2) x + C1) x - 1; C1 in Q15, C2 in Q16, C3 in Q17.
        .set    C1, 22704
        .set    C2, 15560
        .set    C3, 6073

// With int8_scores defined, scores are natural logits in int8: their exponents are log2(e) times as much.
        .set    log2_e, 23637
        .set    log2_e_shift, 3

// Configurations of the multiplier.
        .set    int8_4x8x8, 0x308
        .set    int16_int8_4x4x8, 0x310
        .set    int16_elements, 0x338
        .set    round_to_even, 12

// What stays in registers all the time.
//   r1 r2 r3 r4: configurations     r5 .. r14: modes of vshuffle     r15: groups of 4 queries to come
//   r16 .. r19: 4 .. 7, lanes       r21 r22 r23: lanes of rows 1, 2 and 3, 3
//   p0: Q    p1: parameters    p2: out    p3 p4: keys    p5: tables    p6: V
//   m0, m6, m7: back to the first value, query, key

// x\a, x\b hold 4 rows of 8 words. x\a becomes what `op` makes of each row, as four times 4 words.
        .macro  reduce op, a, b, c, cmp:vararg
        vshuffle x\c, x\a, x\b, r5
        vshuffle x\b, x\a, x\b, r6
        \op     x\a, \cmp x\c, x\b
        vshuffle x\c, x\a, x\a, r7
        vshuffle x\b, x\a, x\a, r8
        \op     x\a, \cmp x\c, x\b
        vshuffle x\c, x\a, x\a, r9
        vshuffle x\b, x\a, x\a, r10
        \op     x\a, \cmp x\c, x\b
        .endm

// ---- scores: cm0 .. cm7 = 4 queries x 64 keys; each pair of accumulators takes a pass over the queries --------------

// cm\n = (or +=) far below any score where a key does not count.
        .macro  set_apart op, n, a, b
        vlda    wl\b, [p5, #(ignored_blocks + 32 * \n)]
        .ifc    \op, vmul
        vmul    cm\n, x\a, x\b, r2
        .else
        vmac    cm\n, cm\n, x\a, x\b, r2
        .endif
        .endm

        .macro  score op, n, b, step
        vlda    wl\b, [p3], \step
        vldb    wh\b, [p4], \step
        .ifc    \op, vmul
        vmul    cm\n, x1, x\b, r1
        .else
        vmac    cm\n, cm\n, x1, x\b, r1
        .endif
        .endm

// 8 numbers of 4 queries, and of 16 keys. The queries come by both load slots in turn.
        .macro  score_pair load, n, m, op=vmac, query=#32, key=#32
        \load    wl1, [p0], \query
        score   \op, \n, 2, #32
        score   \op, \m, 3, \key
        .endm

        .macro  pass n, m, query=m6, key=#32
        .ifdef  int8_scores
        score_pair vldb, \n, \m, vmul
        .else
        vldb    wl1, [p5, #largest]
        set_apart vmul, \n, 1, 2
        set_apart vmul, \m, 1, 3
        score_pair vldb, \n, \m
        .endif
        .rept   3
        score_pair vlda, \n, \m
        score_pair vldb, \n, \m
        .endr
        score_pair vlda, \n, \m, vmac, \query, \key
        .endm

// The scores, and in x8, x9 the largest of each row's keys that are 8 apart.
        .macro  scores
        pass    0, 1
        pass    2, 3
        pass    4, 5
        pass    6, 7, #32, m7
        .ifndef int8_scores
        largest_of_all
        .endif
        .endm

        .macro  larger n
        vmov    x10, bml\n
        vmov    x11, bmh\n
        vmax_lt.s32 x8, r20, x8, x10
        vmax_lt.s32 x9, r20, x9, x11
        .endm

        .macro  largest_of_all
        vmov    x8, bml0
        vmov    x9, bmh0
        .irp    n, 1, 2, 3, 4, 5, 6, 7
        larger  \n
        .endr
        .endm

// cm\n = its scores as int8, as they are scaled by x8.
        .macro  clamp n
        vsrs.s16.s32 x\n, cm\n, s0
        vmul    cm\n, x\n, x8, r3
        vsrs.s8.s32 wl\n, cm\n, s1
        vups.s32.s8 cm\n, wl\n, s2
        set_apart vmac, \n, 9, 10
        .endm

// ---- weights --------------------------------------------------------------------------------------------------------

// x\n = the exponents of 8 keys, in Q11, cut off at 16.
        .macro  exponent n
        vsub    cm\n, cm8, cm\n, r4
        vsrs.s16.s32 x\n, cm\n, s0
        vmul    cm\n, x\n, x8, r3
        vsrs.s16.s32 x\n, cm\n, s1
        .endm

// The polynomial of x\n in three steps by way of x\t, then squares; each by an accumulator \c of its own.
        .macro  cubic n, t, c
        vmac    cm\c, cm0, x\n, x9, r3
        vsrs.s16.s32 x\t, cm\c, s2
        .endm

        .macro  square n, t, c
        vmac    cm\c, cm1, x\n, x\t, r3
        vsrs.s16.s32 x\t, cm\c, s2
        .endm

        .macro  line n, t, c
        vmac    cm\c, cm8, x\n, x\t, r3
        vsrs.s16.s32 x\n, cm\c, s3
        .endm

        .macro  power n, c
        vnegmul cm\c, x\n, x\n, r3
        vsrs.s16.s32 x\n, cm\c, s3
        .endm

        .macro  ignore n
        lda     r20, [p5, #(ignored_words + 4 * \n)]
        vsel.16 x\n, x\n, x8, r20
        .endm

// ---- values ---------------------------------------------------------------------------------------------------------

// \shift: how far the sums of a row go down; \to: what they are multiplied with. The sum of its weights, cut to
// 16 bits, divides the numerator in 16 steps.
        .macro  reciprocal lane, shift, to
        vextract.s32 r25, x10, \lane
        sub     r25, r4, r25
        clz     r26, r25
        sub     r27, r0, r26
        mov     \shift, r27
        add     r26, r26, #-16
        lshl    r25, r25, r26
        lshl    r26, r25, r24
        add     r26, r28, r26
        lshl    r27, r26, r29
        lshl    r31, r26, r30
        .rept   16
        divs    r27, r31, r27, r25
        .endr
        mov     \to, r31
        .endm

// 4 rows of 4 keys' weights times 4 keys' values, 8 numbers at a time.
        .macro  values a, op=vmac
        .irp    n, 0, 1, 2, 3, 4, 5, 6, 7
        vldb    wl6, [p6], #32
        .ifc    \op, vmul
        vmul    cm\n, x\a, x6, r2
        .else
        vmac    cm\n, cm\n, x\a, x6, r2
        .endif
        .endr
        .endm

        .macro  values_pair a, b, op=vmac
        values  \a, \op
        values  \b
        vmov    wl\a, wh\a
        vmov    wl\b, wh\b
        values  \a
        values  \b
        .endm

// 8 numbers of 4 rows: each row by its own shift, then by its reciprocal, in two parts.
        .macro  rows n, a, b, c, d
        vsrs.s16.s32 x\a, cm\n, s0
        vsrs.s16.s32 x\b, cm\n, s1
        vsrs.s16.s32 x\c, cm\n, s2
        mov     s3, r30
        vsrs.s16.s32 x\d, cm\n, s3
        vsel.16 x\a, x\a, x\b, r21
        vsel.16 x\c, x\c, x\d, r23
        vsel.16 x\a, x\a, x\c, r22
        .endm

        .macro  finish a
        vnegmul cm8, x\a, x0, r3
        mov     s3, r29
        vst.srs.s8.s32 cm8, s3, [p2], #32
        .endm

        .section .text.attention_tile,"ax",@progbits
        .globl  attention_tile
        .type   attention_tile,@function
        .p2align 4
attention_tile:
        .schedule
        paddb   [sp], #64
        st      r16, [sp, #-64]
        st      r17, [sp, #-60]
        st      r18, [sp, #-56]
        st      r19, [sp, #-52]
        st      r20, [sp, #-48]
        st      r21, [sp, #-44]
        st      r22, [sp, #-40]
        st      r23, [sp, #-36]
        st      p6, [sp, #-32]
        st      p7, [sp, #-28]
        mov     crRnd, #round_to_even
        mov     crSat, #1
        mov     crSRSSign, #1
        mov     crUPSSign, #1
        mov     crVaddSign, #1
        .endschedule

// The tables of the keys that do not count.
        .macro  table n
        lshl    r1, r2, r3
        and     r1, r1, r4
        mul     r16, r1, r5
        add     r3, r3, #-8
        mov     r17, r16
        st      r16, [p5, #(ignored_words + 4 * \n)]
        vsel.8  x2, x0, x1, l0
        vst     wl2, [p5, #(ignored_blocks + 32 * \n)]
        .endm

        .schedule
        lda     r2, [p1, #keys_that_count]
        lda     r6, [p1, #(keys_that_count + 4)]
        movx    r3, #0
        movx    r1, #-1
        xor     r2, r2, r1
        xor     r6, r6, r1
        movxm   r5, #0x01010101
        movxm   r4, #0xff
        movx    r7, #-128
        vbcst.8 x0, r3
        vbcst.8 x1, r7
        movxm   r8, #32767
        vbcst.16 x3, r8
        vst     wl3, [p5, #largest]
        table   0
        table   1
        table   2
        table   3
        or      r2, r6, r6
        movx    r3, #0
        table   4
        table   5
        table   6
        table   7
        .endschedule

// K by blocks of 8 numbers x 8 keys, each in two halves: 8 keys of 8 numbers are turned by one vshuffle. In memory
// they follow each other by 16 keys, then by 8 numbers of them, then by 8 keys.
        .macro  turn a, from, to
        vlda    wl\a, [p6], \from
        vldb    wh\a, [p7], \from
        vshuffle x\a, x\a, x\a, r5
        .noalias 2
        vst     wl\a, [p3], \to
        .noalias 3
        vst     wh\a, [p4], \to
        .noalias 1
        .endm

        .schedule
        movxm   m1, #4096
        mov     p6, p0
        padda   [p6], m1
        mov     p7, p6
        padda   [p7], #256
        movxm   m6, #512
        movxm   m1, #(512 - 4096 + 32)
        movx    r5, #35
        movx    r15, #8
        .endschedule
        .p2align 4
.Lturn:
        .schedule
        .noalias 1
        turn    0, m6, #32
        turn    1, m6, #480
        turn    2, m6, #32
        turn    3, m6, #480
        turn    4, m6, #32
        turn    5, m6, #480
        turn    6, m6, #32
        turn    7, m1, #-1504
        add     r15, r15, #-1
        jnz     r15, #.Lturn
        .endschedule

        .schedule
        padda   [p3], #-512
        padda   [p4], #-512
        movxm   m1, #8192
        mov     p6, p0
        padda   [p6], m1
        movxm   m0, #-4096
        movxm   m6, #-224
        movxm   m7, #-2016
        movx    r1, #int8_4x8x8
        movx    r2, #int16_int8_4x4x8
        movx    r3, #int16_elements
        movx    r4, #0
        movx    r5, #32
        movx    r6, #33
        movx    r7, #10
        movx    r8, #11
        movx    r9, #8
        movx    r10, #9
        movx    r11, #30
        movx    r12, #31
        movx    r13, #6
        movx    r14, #7
        movx    r15, #16
        movx    r16, #4
        movx    r17, #5
        movx    r18, #6
        movx    r19, #7
        movxm   r21, #0x0000ff00
        movxm   r22, #0xffff0000
        movxm   r23, #0xff000000
        .endschedule

        .schedule
        scores
        .endschedule

// 4 queries: weights, values; then their end beside the scores of the next 4. (Behind the last queries come keys.)
        .p2align 4
.Lqueries:
        .schedule
        .noalias 1
        .ifdef  int8_scores
        lda     r24, [p1, #score_shift]
        lda     r25, [p1, #score_multiplier]
        lda     r26, [p1, #score_multiplier_shift]
        mov     s0, r24
        mov     s1, r26
        mov     s2, r4
        vbcst.16 x8, r25
        vlda    wl9, [p5, #largest]
        .irp    n, 0, 1, 2, 3, 4, 5, 6, 7
        clamp   \n
        .endr
        largest_of_all
        .endif

        reduce  vmax_lt.s32, 8, 9, 10, r20,
        vshuffle x2, x8, x8, r11
        vshuffle x3, x8, x8, r12
        vmov    bml8, x2
        vmov    bmh8, x3

        .ifdef  int8_scores
        movx    r24, #0
        movxm   r25, #log2_e
        movx    r26, #log2_e_shift
        .else
        lda     r24, [p1, #difference_shift]
        lda     r25, [p1, #multiplier]
        lda     r26, [p1, #multiplier_shift]
        .endif
        mov     s0, r24
        mov     s1, r26
        vbcst.16 x8, r25
        .irp    n, 0, 1, 2, 3, 4, 5, 6, 7
        exponent \n
        .endr

        movx    r24, #16
        mov     s2, r24
        movx    r25, #15
        mov     s3, r25
        movxm   r26, #-C2
        vbcst.16 x10, r26
        vups.s32.s16 cm0, x10, s2
        movxm   r26, #C1
        vbcst.16 x11, r26
        vups.s32.s16 cm1, x11, s2
        movxm   r26, #-32768
        vbcst.16 x10, r26
        vups.s32.s16 cm8, x10, s3
        movxm   r26, #C3
        vbcst.16 x9, r26
        cubic   0, 10, 2
        cubic   1, 11, 3
        cubic   2, 8, 4
        square  0, 10, 5
        square  1, 11, 6
        square  2, 8, 7
        line    0, 10, 2
        line    1, 11, 3
        line    2, 8, 4
        cubic   3, 10, 5
        cubic   4, 11, 6
        cubic   5, 8, 7
        power   0, 2
        power   1, 3
        power   2, 4
        square  3, 10, 5
        square  4, 11, 6
        square  5, 8, 7
        power   0, 2
        power   1, 3
        power   2, 4
        line    3, 10, 5
        line    4, 11, 6
        line    5, 8, 7
        cubic   6, 10, 2
        cubic   7, 11, 3
        power   0, 4
        power   1, 5
        power   2, 6
        power   3, 7
        power   4, 2
        power   5, 3
        square  6, 10, 4
        square  7, 11, 5
        power   0, 6
        power   1, 7
        power   2, 2
        power   3, 3
        power   4, 4
        power   5, 5
        line    6, 10, 6
        line    7, 11, 7
        power   3, 2
        power   4, 3
        power   5, 4
        power   6, 5
        power   7, 6
        power   3, 7
        power   4, 2
        power   5, 3
        power   6, 4
        power   7, 5
        power   6, 6
        power   7, 7
        power   6, 2
        power   7, 3

        vbcst.16 x8, r4
        .irp    n, 0, 1, 2, 3, 4, 5, 6, 7
        ignore  \n
        .endr

        movx    r24, #1
        vbcst.16 x9, r24
        vmul    cm8, x0, x9, r3
        .irp    n, 1, 2, 3, 4, 5, 6, 7
        vmac    cm8, cm8, x\n, x9, r3
        .endr
        vmov    x10, bml8
        vmov    x11, bmh8
        reduce  vadd.32, 10, 11, 9

        movx    r0, #24
        movx    r24, #-1
        lda     r28, [p1, #numerator]
        movx    r29, #-16
        movx    r30, #16
        reciprocal r16, s0, m1
        reciprocal r17, s1, m2
        reciprocal r18, s2, m3
        reciprocal r19, m5, m4

        vshuffle x8, x0, x1, r13
        vshuffle x1, x0, x1, r14
        vshuffle x0, x2, x3, r13
        vshuffle x3, x2, x3, r14
        vshuffle x2, x4, x5, r13
        vshuffle x5, x4, x5, r14
        vshuffle x4, x6, x7, r13
        vshuffle x7, x6, x7, r14
        values_pair 8, 1, vmul
        values_pair 0, 3
        values_pair 2, 5
        values_pair 4, 7
        padda   [p6], m0

        mov     r24, m1
        vbcst.16 x0, r24
        mov     r25, m2
        vbcst.16 x1, r25
        mov     r26, m3
        vbcst.16 x2, r26
        mov     r27, m4
        vbcst.16 x3, r27
        vsel.16 x0, x0, x1, r21
        vsel.16 x2, x2, x3, r23
        vsel.16 x0, x0, x2, r22
        mov     r30, m5
        lda     r29, [p1, #output_shift]
        .noalias 2
        .irp    n, 0, 1, 2, 3, 4, 5, 6, 7
        rows    \n, 4, 5, 6, 7
        finish  4
        .endr
        .noalias 1
        scores
        add     r15, r15, #-1
        jnz     r15, #.Lqueries
        .endschedule

        .schedule
        lda     p6, [sp, #-32]
        lda     p7, [sp, #-28]
        lda     r16, [sp, #-64]
        lda     r17, [sp, #-60]
        lda     r18, [sp, #-56]
        lda     r19, [sp, #-52]
        lda     r20, [sp, #-48]
        lda     r21, [sp, #-44]
        lda     r22, [sp, #-40]
        lda     r23, [sp, #-36]
        paddb   [sp], #-64
        ret     lr
        .endschedule
        .size   attention_tile, . - attention_tile
