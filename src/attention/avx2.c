/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Attention with AVX2, 8 lanes. Scores are products of 16-bit numbers too: of two neighbors of a
 * row of Q and of K.
 */
#include "attention_int.h"

#if ATTENTION_X86
#include <immintrin.h>

#define VARIANT __attribute__((target("avx2")))
#define V(name) _mm256_##name
#define V_AND   _mm256_and_si256
#define V_ZERO  _mm256_setzero_si256()

enum {
    LANES = 8,
    GROUP = 2,
};

typedef __m256i vector;

#include "lanes.h"

VARIANT static inline vector load(const int32_t *p) {
    return _mm256_loadu_si256((const void *)p);
}

VARIANT static inline void store(int32_t *p, vector x) {
    _mm256_storeu_si256((void *)p, x);
}

VARIANT static inline vector widened(const int8_t *bytes) {
    return _mm256_cvtepi8_epi16(_mm_loadu_si128((const void *)bytes));
}

VARIANT static inline vector plus_product(vector sum, vector a, vector b) {
    return _mm256_add_epi32(sum, _mm256_madd_epi16(a, b));
}

/* All ones in lanes of keys that count. */
VARIANT static inline vector counts_at(const attention_work *work, uint32_t j) {
    vector ones = _mm256_cvtepu8_epi32(_mm_loadl_epi64((const void *)(work->counts + j)));
    return _mm256_sub_epi32(V_ZERO, ones);
}

VARIANT static inline vector kept(const attention_work *work, uint32_t j, vector x) {
    return V_AND(x, counts_at(work, j));
}

VARIANT static vector reference_of(const attention_work *work, const int32_t *scores, uint32_t n) {
    vector least = _mm256_set1_epi32(INT32_MIN), top = least;
    int32_t lanes[LANES], reference = INT32_MIN;
    for (uint32_t j = 0; j < n; j += LANES) {
        vector x = _mm256_blendv_epi8(least, load(scores + j), counts_at(work, j));
        top = _mm256_max_epi32(top, x);
    }
    store(lanes, top);
    for (unsigned i = 0; i < LANES; i++)
        if (lanes[i] > reference) reference = lanes[i];
    return _mm256_set1_epi32(reference);
}

VARIANT static inline int32_t total(vector x) {
    int32_t lanes[LANES], sum = 0;
    store(lanes, x);
    for (unsigned i = 0; i < LANES; i++)
        sum += lanes[i];
    return sum;
}

VARIANT static inline void store_weights(int16_t *out, vector weights) {
    vector z = _mm256_permute4x64_epi64(_mm256_packs_epi32(weights, weights), 0x08);
    _mm_storeu_si128((void *)out, _mm256_castsi256_si128(z));
}

VARIANT static inline void store_results(int8_t *out, vector x, uint32_t n_left) {
    (void)n_left; /* d is a multiple of 8 */
    __m128i half = _mm_packs_epi32(_mm256_castsi256_si128(x), _mm256_extracti128_si256(x, 1));
    _mm_storel_epi64((void *)out, _mm_packs_epi16(half, half));
}

VARIANT static void score(const attention_rows *rows) {
    uint32_t d = rows->work->job->d;
    size_t block = (size_t)LANES * d;
    int16_t q[ATTENTION_ROWS][TS_ATTENTION_MAX_D];
    for (unsigned r = 0; r < ATTENTION_ROWS; r++)
        for (uint32_t i = 0; i < d; i++)
            q[r][i] = (int16_t)rows->q[r][i];
    for (uint32_t j = 0; j < rows->n_keys; j += 2 * LANES) {
        const int8_t *keys = rows->keys + (size_t)j * d;
        vector sums[ATTENTION_ROWS][2];
        for (unsigned r = 0; r < ATTENTION_ROWS; r++)
            sums[r][0] = sums[r][1] = V_ZERO;
        for (uint32_t i = 0; i < d; i += GROUP, keys += SLICE) {
            vector low = widened(keys), high = widened(keys + block);
            for (unsigned r = 0; r < ATTENTION_ROWS; r++) {
                vector two = two_of(&q[r][i]);
                sums[r][0] = plus_product(sums[r][0], low, two);
                sums[r][1] = plus_product(sums[r][1], high, two);
            }
        }
        for (unsigned r = 0; r < ATTENTION_ROWS; r++) {
            int32_t *to = rows->scores + (size_t)r * rows->n_keys + j;
            store(to, sums[r][0]);
            store(to + LANES, sums[r][1]);
        }
    }
}

bool attention_avx2(const attention_work *work, int8_t *out, ts_arena *arena) {
    static const attention_stages stages = {
        .lanes = LANES, .group = GROUP, .score = score, .weigh = weigh, .sum = sum};
    return attention_run_blocks(&stages, work, out, arena);
}
#endif
