/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Attention with AVX2, 8 lanes. All products are VPMADDWD's, of 16-bit numbers: two neighbors of a
 * row of Q and K, the weights of two keys and their values, or one number in an int32 lane (then
 * the upper halves do not matter as one of both is 0). Weights are positive until they are stored:
 * -rnd(-x) = rnd(x), and 32768, read as the int16 -32768, has the same square.
 */
#include "attention_int.h"

#if ATTENTION_X86
#include <immintrin.h>
#include <string.h>

#define AVX2 __attribute__((target("avx2")))

enum {
    LANES = 8,
    GROUP = 2,
    SLICE = LANES * GROUP, /* bytes of as many keys as there are lanes */
    PAIRS = 2 * LANES, /* bytes of two keys for as many results; lanes that are summed together */
};

/* ---- rounding -------------------------------------------------------------------------------- */

/* A shift that is known only at run time: x + below + (the bit above) >> count; none for 0. */
typedef struct rounding {
    __m128i count;
    __m256i below, odd;
} rounding;

AVX2 static inline rounding rounding_by(unsigned shift) {
    return (rounding){.count = _mm_cvtsi32_si128((int)shift),
                      .below = _mm256_set1_epi32(shift ? (1 << (shift - 1)) - 1 : 0),
                      .odd = _mm256_set1_epi32(shift != 0)};
}

/* For |x| of at most 2^30. */
AVX2 static inline __m256i rounded_by(__m256i x, const rounding *by) {
    __m256i odd = _mm256_and_si256(_mm256_sra_epi32(x, by->count), by->odd);
    return _mm256_sra_epi32(_mm256_add_epi32(_mm256_add_epi32(x, by->below), odd), by->count);
}

/* For all x, and shifts of at most 30. */
AVX2 static inline __m256i rounded_wide(__m256i x, const rounding *by) {
    __m256i floor = _mm256_sra_epi32(x, by->count);
    __m256i rest = _mm256_sub_epi32(x, _mm256_sll_epi32(floor, by->count));
    __m256i odd = _mm256_and_si256(floor, by->odd);
    rest = _mm256_add_epi32(_mm256_add_epi32(rest, by->below), odd);
    return _mm256_add_epi32(floor, _mm256_sra_epi32(rest, by->count));
}

/* For constant shifts and x from 0 to 2^30. */
#define ROUNDED(x, shift)                                                                          \
    _mm256_srli_epi32(                                                                             \
        _mm256_add_epi32(_mm256_add_epi32((x), _mm256_set1_epi32((1 << ((shift)-1)) - 1)),         \
                         _mm256_and_si256(_mm256_srli_epi32((x), (shift)), _mm256_set1_epi32(1))), \
        (shift))

AVX2 static inline __m256i clamped(__m256i x, int low, int high) {
    return _mm256_min_epi32(_mm256_max_epi32(x, _mm256_set1_epi32(low)), _mm256_set1_epi32(high));
}

/* ---- scores ---------------------------------------------------------------------------------- */

AVX2 static inline __m256i two_of(const int16_t *numbers) {
    int32_t word;
    memcpy(&word, numbers, sizeof word);
    return _mm256_set1_epi32(word);
}

AVX2 static inline __m256i widened(const int8_t *bytes) {
    return _mm256_cvtepi8_epi16(_mm_loadu_si128((const void *)bytes));
}

AVX2 static inline __m256i plus_product(__m256i sum, __m256i a, __m256i b) {
    return _mm256_add_epi32(sum, _mm256_madd_epi16(a, b));
}

AVX2 static void score(const attention_rows *rows) {
    uint32_t d = rows->work->job->d;
    size_t block = (size_t)LANES * d;
    int16_t q[ATTENTION_ROWS][TS_ATTENTION_MAX_D];
    for (unsigned r = 0; r < ATTENTION_ROWS; r++)
        for (uint32_t i = 0; i < d; i++)
            q[r][i] = (int16_t)rows->q[r][i];
    for (uint32_t j = 0; j < rows->n_keys; j += 2 * LANES) {
        const int8_t *keys = rows->keys + (size_t)j * d;
        __m256i sums[ATTENTION_ROWS][2];
        for (unsigned r = 0; r < ATTENTION_ROWS; r++)
            sums[r][0] = sums[r][1] = _mm256_setzero_si256();
        for (uint32_t i = 0; i < d; i += GROUP, keys += SLICE) {
            __m256i low = widened(keys), high = widened(keys + block);
            for (unsigned r = 0; r < ATTENTION_ROWS; r++) {
                __m256i two = two_of(&q[r][i]);
                sums[r][0] = plus_product(sums[r][0], low, two);
                sums[r][1] = plus_product(sums[r][1], high, two);
            }
        }
        for (unsigned r = 0; r < ATTENTION_ROWS; r++) {
            int32_t *to = rows->scores + (size_t)r * rows->n_keys + j;
            _mm256_storeu_si256((void *)to, sums[r][0]);
            _mm256_storeu_si256((void *)(to + LANES), sums[r][1]);
        }
    }
}

/* ---- weights --------------------------------------------------------------------------------- */

AVX2 static inline __m256i load(const int32_t *p) {
    return _mm256_loadu_si256((const void *)p);
}

/* All ones in lanes of keys that count. */
AVX2 static inline __m256i counts_at(const attention_work *work, uint32_t j) {
    __m256i ones = _mm256_cvtepu8_epi32(_mm_loadl_epi64((const void *)(work->counts + j)));
    return _mm256_sub_epi32(_mm256_setzero_si256(), ones);
}

AVX2 static void narrow(const attention_work *work, int32_t *scores, uint32_t n) {
    const ts_attention_steps *steps = &work->job->steps;
    rounding first = rounding_by(steps->score_shift);
    rounding second = rounding_by(steps->score_multiplier_shift);
    __m256i multiplier = _mm256_set1_epi32(steps->score_multiplier);
    for (uint32_t j = 0; j < n; j += LANES) {
        __m256i x = rounded_by(load(scores + j), &first);
        x = _mm256_madd_epi16(clamped(x, INT16_MIN, INT16_MAX), multiplier);
        x = clamped(rounded_by(x, &second), INT8_MIN, INT8_MAX);
        _mm256_storeu_si256((void *)(scores + j), x);
    }
}

AVX2 static __m256i reference_of(const attention_work *work, const int32_t *scores, uint32_t n) {
    __m256i least = _mm256_set1_epi32(INT32_MIN), top = least;
    int32_t lanes[LANES], reference = INT32_MIN;
    for (uint32_t j = 0; j < n; j += LANES) {
        __m256i x = _mm256_blendv_epi8(least, load(scores + j), counts_at(work, j));
        top = _mm256_max_epi32(top, x);
    }
    _mm256_storeu_si256((void *)lanes, top);
    for (unsigned i = 0; i < LANES; i++)
        if (lanes[i] > reference) reference = lanes[i];
    return _mm256_set1_epi32(reference);
}

/* 2^bits 2^(-u / 2048). */
AVX2 static inline __m256i weight(__m256i u, const rounding *last) {
    __m256i h = _mm256_madd_epi16(u, _mm256_set1_epi32(ATTENTION_C3));
    h = _mm256_sub_epi32(_mm256_set1_epi32(ATTENTION_C2), ROUNDED(h, 16));
    h = _mm256_madd_epi16(u, h);
    h = _mm256_sub_epi32(_mm256_set1_epi32(ATTENTION_C1), ROUNDED(h, 16));
    h = _mm256_madd_epi16(u, h);
    h = _mm256_sub_epi32(_mm256_set1_epi32(32768), ROUNDED(h, 15));
    for (unsigned i = 1; i < ATTENTION_SQUARINGS; i++) {
        h = _mm256_madd_epi16(h, h);
        h = ROUNDED(h, 15);
    }
    return rounded_by(_mm256_madd_epi16(h, h), last);
}

/* The low halves of negative weights. */
AVX2 static inline void store_weights(int16_t *out, __m256i weights) {
    __m256i z = _mm256_sub_epi32(_mm256_setzero_si256(), weights);
    z = _mm256_permute4x64_epi64(_mm256_packs_epi32(z, z), 0x08);
    _mm_storeu_si128((void *)out, _mm256_castsi256_si128(z));
}

static int32_t sum_of_lanes(const int32_t lanes[LANES]) {
    int32_t sum = 0;
    for (unsigned i = 0; i < LANES; i++)
        sum += lanes[i];
    return sum;
}

AVX2 static int32_t weigh(const attention_rows *rows, unsigned row) {
    const attention_work *work = rows->work;
    int32_t *scores = rows->scores + (size_t)row * rows->n_keys, lanes[LANES];
    int16_t *weights = rows->weights + (size_t)row * rows->n_keys;
    if (work->job->scores == TS_ATTENTION_INT8) narrow(work, scores, rows->n_keys);
    rounding first = rounding_by(work->shift), second = rounding_by(work->multiplier_shift);
    rounding last = rounding_by(30 - work->bits);
    __m256i multiplier = _mm256_set1_epi32(work->multiplier), sum = _mm256_setzero_si256();
    __m256i reference = reference_of(work, scores, rows->n_keys);
    for (uint32_t j = 0; j < rows->n_keys; j += LANES) {
        __m256i x = _mm256_sub_epi32(reference, load(scores + j));
        x = clamped(rounded_by(x, &first), 0, INT16_MAX);
        x = rounded_by(_mm256_madd_epi16(x, multiplier), &second);
        x = weight(_mm256_min_epi32(x, _mm256_set1_epi32(ATTENTION_U_MAX)), &last);
        x = _mm256_and_si256(x, counts_at(work, j));
        sum = _mm256_add_epi32(sum, x);
        store_weights(weights + j, x);
    }
    _mm256_storeu_si256((void *)lanes, sum);
    return sum_of_lanes(lanes);
}

/* ---- results --------------------------------------------------------------------------------- */

AVX2 static void finish(const attention_rows *rows, unsigned row, uint32_t i, __m256i sum) {
    const ts_attention_job *job = rows->work->job;
    const attention_normal *normal = &rows->normal[row];
    rounding first = rounding_by(normal->shift), second = rounding_by(job->steps.output_shift);
    if (i >= job->d) return;
    __m256i y = clamped(rounded_wide(sum, &first), INT16_MIN, INT16_MAX);
    y = _mm256_madd_epi16(y, _mm256_set1_epi32(normal->factor));
    y = rounded_by(_mm256_sub_epi32(_mm256_setzero_si256(), y), &second);
    __m128i half = _mm_packs_epi32(_mm256_castsi256_si128(y), _mm256_extracti128_si256(y, 1));
    _mm_storel_epi64((void *)(rows->out[row] + i), _mm_packs_epi16(half, half));
}

AVX2 static void sum(const attention_rows *rows) {
    size_t stride = rows->n_keys;
    for (uint32_t i = 0; i < rows->d; i += 2 * LANES) {
        const int8_t *values = rows->values + (size_t)i * 2;
        __m256i sums[ATTENTION_ROWS][2];
        for (unsigned r = 0; r < ATTENTION_ROWS; r++)
            sums[r][0] = sums[r][1] = _mm256_setzero_si256();
        for (uint32_t j = 0; j < rows->n_keys; j += 2, values += (size_t)rows->d * 2) {
            __m256i low = widened(values), high = widened(values + PAIRS);
            for (unsigned r = 0; r < ATTENTION_ROWS; r++) {
                __m256i z = two_of(rows->weights + r * stride + j);
                sums[r][0] = plus_product(sums[r][0], low, z);
                sums[r][1] = plus_product(sums[r][1], high, z);
            }
        }
        for (unsigned r = 0; r < ATTENTION_ROWS; r++) {
            finish(rows, r, i, sums[r][0]);
            finish(rows, r, i + LANES, sums[r][1]);
        }
    }
}

bool attention_avx2(const attention_work *work, int8_t *out, ts_arena *arena) {
    static const attention_stages stages = {
        .lanes = LANES, .group = GROUP, .score = score, .weigh = weigh, .sum = sum};
    return attention_run_blocks(&stages, work, out, arena);
}
#endif
