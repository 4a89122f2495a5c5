/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Attention with AVX-512 and its dot products (VNNI), 16 lanes.
 *
 * VPDPBUSD multiplies unsigned by signed bytes: keys are packed as k + 128, so that scores start
 * from -128 times the sum of q. Weights are positive here until they are stored: -rnd(-x) = rnd(x),
 * and 32768, read as the int16 -32768, has the same square. Products of 16-bit numbers in int32
 * lanes are VPMADDWD's, whose upper halves do not matter as one of both is 0.
 */
#include "attention_int.h"

#if ATTENTION_X86
#include <immintrin.h>
#include <string.h>

#define AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni")))

enum {
    LANES = 16,
    GROUP = 4,
    SLICE = LANES * GROUP, /* bytes of as many keys as there are lanes */
    PAIRS = 2 * LANES, /* bytes of two keys for as many results; lanes that are summed together */
};

/* ---- rounding -------------------------------------------------------------------------------- */

/* A shift that is known only at run time: x + below + (the bit above) >> count; none for 0. */
typedef struct rounding {
    __m128i count;
    __m512i below, odd;
} rounding;

AVX512 static inline rounding rounding_by(unsigned shift) {
    return (rounding){.count = _mm_cvtsi32_si128((int)shift),
                      .below = _mm512_set1_epi32(shift ? (1 << (shift - 1)) - 1 : 0),
                      .odd = _mm512_set1_epi32(shift != 0)};
}

/* For |x| of at most 2^30. */
AVX512 static inline __m512i rounded_by(__m512i x, const rounding *by) {
    __m512i odd = _mm512_and_si512(_mm512_sra_epi32(x, by->count), by->odd);
    return _mm512_sra_epi32(_mm512_add_epi32(_mm512_add_epi32(x, by->below), odd), by->count);
}

/* For all x, and shifts of at most 30. */
AVX512 static inline __m512i rounded_wide(__m512i x, const rounding *by) {
    __m512i floor = _mm512_sra_epi32(x, by->count);
    __m512i rest = _mm512_sub_epi32(x, _mm512_sll_epi32(floor, by->count));
    __m512i odd = _mm512_and_si512(floor, by->odd);
    rest = _mm512_add_epi32(_mm512_add_epi32(rest, by->below), odd);
    return _mm512_add_epi32(floor, _mm512_sra_epi32(rest, by->count));
}

/* For constant shifts and x from 0 to 2^30. */
#define ROUNDED(x, shift)                                                                          \
    _mm512_srli_epi32(                                                                             \
        _mm512_add_epi32(_mm512_add_epi32((x), _mm512_set1_epi32((1 << ((shift)-1)) - 1)),         \
                         _mm512_and_si512(_mm512_srli_epi32((x), (shift)), _mm512_set1_epi32(1))), \
        (shift))

AVX512 static inline __m512i clamped(__m512i x, int low, int high) {
    return _mm512_min_epi32(_mm512_max_epi32(x, _mm512_set1_epi32(low)), _mm512_set1_epi32(high));
}

/* ---- scores ---------------------------------------------------------------------------------- */

static int32_t first_of(const int8_t *q, uint32_t d) {
    int32_t sum = 0;
    for (uint32_t i = 0; i < d; i++)
        sum += q[i];
    return -128 * sum;
}

AVX512 static inline __m512i four_of(const int8_t *q) {
    int32_t word;
    memcpy(&word, q, sizeof word);
    return _mm512_set1_epi32(word);
}

AVX512 static void score(const attention_rows *rows) {
    uint32_t d = rows->work->job->d;
    size_t block = (size_t)LANES * d;
    int32_t first[ATTENTION_ROWS];
    for (unsigned r = 0; r < ATTENTION_ROWS; r++)
        first[r] = first_of(rows->q[r], d);
    for (uint32_t j = 0; j < rows->n_keys; j += 2 * LANES) {
        const int8_t *keys = rows->keys + (size_t)j * d;
        __m512i sums[ATTENTION_ROWS][2];
        for (unsigned r = 0; r < ATTENTION_ROWS; r++)
            sums[r][0] = sums[r][1] = _mm512_set1_epi32(first[r]);
        for (uint32_t i = 0; i < d; i += GROUP, keys += SLICE) {
            __m512i low = _mm512_loadu_si512(keys), high = _mm512_loadu_si512(keys + block);
            for (unsigned r = 0; r < ATTENTION_ROWS; r++) {
                __m512i q = four_of(rows->q[r] + i);
                sums[r][0] = _mm512_dpbusd_epi32(sums[r][0], low, q);
                sums[r][1] = _mm512_dpbusd_epi32(sums[r][1], high, q);
            }
        }
        for (unsigned r = 0; r < ATTENTION_ROWS; r++) {
            int32_t *to = rows->scores + (size_t)r * rows->n_keys + j;
            _mm512_storeu_si512(to, sums[r][0]);
            _mm512_storeu_si512(to + LANES, sums[r][1]);
        }
    }
}

/* ---- weights --------------------------------------------------------------------------------- */

AVX512 static inline __mmask16 counts_at(const attention_work *work, uint32_t j) {
    __m128i bytes = _mm_loadu_si128((const void *)(work->counts + j));
    return _mm_test_epi8_mask(bytes, bytes);
}

AVX512 static void narrow(const attention_work *work, int32_t *scores, uint32_t n) {
    const ts_attention_steps *steps = &work->job->steps;
    rounding first = rounding_by(steps->score_shift);
    rounding second = rounding_by(steps->score_multiplier_shift);
    __m512i multiplier = _mm512_set1_epi32(steps->score_multiplier);
    for (uint32_t j = 0; j < n; j += LANES) {
        __m512i x = rounded_by(_mm512_loadu_si512(scores + j), &first);
        x = _mm512_madd_epi16(clamped(x, INT16_MIN, INT16_MAX), multiplier);
        x = clamped(rounded_by(x, &second), INT8_MIN, INT8_MAX);
        _mm512_storeu_si512(scores + j, x);
    }
}

AVX512 static __m512i reference_of(const attention_work *work, const int32_t *scores, uint32_t n) {
    __m512i top = _mm512_set1_epi32(INT32_MIN);
    for (uint32_t j = 0; j < n; j += LANES)
        top = _mm512_mask_max_epi32(top, counts_at(work, j), top, _mm512_loadu_si512(scores + j));
    return _mm512_set1_epi32(_mm512_reduce_max_epi32(top));
}

/* 2^bits 2^(-u / 2048). */
AVX512 static inline __m512i weight(__m512i u, const rounding *last) {
    __m512i h = _mm512_madd_epi16(u, _mm512_set1_epi32(ATTENTION_C3));
    h = _mm512_sub_epi32(_mm512_set1_epi32(ATTENTION_C2), ROUNDED(h, 16));
    h = _mm512_madd_epi16(u, h);
    h = _mm512_sub_epi32(_mm512_set1_epi32(ATTENTION_C1), ROUNDED(h, 16));
    h = _mm512_madd_epi16(u, h);
    h = _mm512_sub_epi32(_mm512_set1_epi32(32768), ROUNDED(h, 15));
    for (unsigned i = 1; i < ATTENTION_SQUARINGS; i++) {
        h = _mm512_madd_epi16(h, h);
        h = ROUNDED(h, 15);
    }
    return rounded_by(_mm512_madd_epi16(h, h), last);
}

AVX512 static int32_t weigh(const attention_rows *rows, unsigned row) {
    const attention_work *work = rows->work;
    int32_t *scores = rows->scores + (size_t)row * rows->n_keys;
    int16_t *weights = rows->weights + (size_t)row * rows->n_keys;
    if (work->job->scores == TS_ATTENTION_INT8) narrow(work, scores, rows->n_keys);
    rounding first = rounding_by(work->shift), second = rounding_by(work->multiplier_shift);
    rounding last = rounding_by(30 - work->bits);
    __m512i multiplier = _mm512_set1_epi32(work->multiplier), sum = _mm512_setzero_si512();
    __m512i reference = reference_of(work, scores, rows->n_keys);
    for (uint32_t j = 0; j < rows->n_keys; j += LANES) {
        __m512i x = _mm512_sub_epi32(reference, _mm512_loadu_si512(scores + j));
        x = clamped(rounded_by(x, &first), 0, INT16_MAX);
        x = rounded_by(_mm512_madd_epi16(x, multiplier), &second);
        x = weight(_mm512_min_epi32(x, _mm512_set1_epi32(ATTENTION_U_MAX)), &last);
        x = _mm512_maskz_mov_epi32(counts_at(work, j), x);
        sum = _mm512_add_epi32(sum, x);
        x = _mm512_sub_epi32(_mm512_setzero_si512(), x);
        _mm256_storeu_si256((void *)(weights + j), _mm512_cvtepi32_epi16(x));
    }
    return _mm512_reduce_add_epi32(sum);
}

/* ---- results --------------------------------------------------------------------------------- */

AVX512 static void finish(const attention_rows *rows, unsigned row, uint32_t i, __m512i sum) {
    const ts_attention_job *job = rows->work->job;
    const attention_normal *normal = &rows->normal[row];
    rounding first = rounding_by(normal->shift), second = rounding_by(job->steps.output_shift);
    if (i >= job->d) return;
    __m512i y = clamped(rounded_wide(sum, &first), INT16_MIN, INT16_MAX);
    y = _mm512_madd_epi16(y, _mm512_set1_epi32(normal->factor));
    y = rounded_by(_mm512_sub_epi32(_mm512_setzero_si512(), y), &second);
    __mmask16 kept = job->d - i < LANES ? 0xff : 0xffff;
    _mm_mask_storeu_epi8(rows->out[row] + i, kept, _mm512_cvtsepi32_epi8(y));
}

AVX512 static inline __m512i two_of(const int16_t *weights) {
    int32_t word;
    memcpy(&word, weights, sizeof word);
    return _mm512_set1_epi32(word);
}

AVX512 static inline __m512i widened(const int8_t *values) {
    return _mm512_cvtepi8_epi16(_mm256_loadu_si256((const void *)values));
}

AVX512 static void sum(const attention_rows *rows) {
    size_t stride = rows->n_keys;
    for (uint32_t i = 0; i < rows->d; i += 2 * LANES) {
        const int8_t *values = rows->values + (size_t)i * 2;
        __m512i sums[ATTENTION_ROWS][2];
        for (unsigned r = 0; r < ATTENTION_ROWS; r++)
            sums[r][0] = sums[r][1] = _mm512_setzero_si512();
        for (uint32_t j = 0; j < rows->n_keys; j += 2, values += (size_t)rows->d * 2) {
            __m512i low = widened(values), high = widened(values + PAIRS);
            for (unsigned r = 0; r < ATTENTION_ROWS; r++) {
                __m512i z = two_of(rows->weights + r * stride + j);
                sums[r][0] = _mm512_dpwssd_epi32(sums[r][0], low, z);
                sums[r][1] = _mm512_dpwssd_epi32(sums[r][1], high, z);
            }
        }
        for (unsigned r = 0; r < ATTENTION_ROWS; r++) {
            finish(rows, r, i, sums[r][0]);
            finish(rows, r, i + LANES, sums[r][1]);
        }
    }
}

bool attention_avx512(const attention_work *work, int8_t *out, ts_arena *arena) {
    static const attention_stages stages = {
        .lanes = LANES, .group = GROUP, .flip = 0x80, .score = score, .weigh = weigh, .sum = sum};
    return attention_run_blocks(&stages, work, out, arena);
}
#endif
