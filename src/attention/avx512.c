/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Attention with AVX-512 and its dot products (VNNI), 16 lanes. VPDPBUSD multiplies unsigned by
 * signed bytes: keys are packed as k + 128, so that scores start from -128 times the sum of q.
 */
#include "attention_int.h"

#if ATTENTION_X86
#include <immintrin.h>

#define VARIANT __attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni")))
#define V(name) _mm512_##name
#define V_AND   _mm512_and_si512
#define V_ZERO  _mm512_setzero_si512()

enum {
    LANES = 16,
    GROUP = 4,
};

typedef __m512i vector;

#include "lanes.h"

VARIANT static inline vector load(const int32_t *p) {
    return _mm512_loadu_si512(p);
}

VARIANT static inline void store(int32_t *p, vector x) {
    _mm512_storeu_si512(p, x);
}

VARIANT static inline vector widened(const int8_t *bytes) {
    return _mm512_cvtepi8_epi16(_mm256_loadu_si256((const void *)bytes));
}

VARIANT static inline vector plus_product(vector sum, vector a, vector b) {
    return _mm512_dpwssd_epi32(sum, a, b);
}

VARIANT static inline __mmask16 counts_at(const attention_work *work, uint32_t j) {
    __m128i bytes = _mm_loadu_si128((const void *)(work->counts + j));
    return _mm_test_epi8_mask(bytes, bytes);
}

VARIANT static inline vector kept(const attention_work *work, uint32_t j, vector x) {
    return _mm512_maskz_mov_epi32(counts_at(work, j), x);
}

VARIANT static vector reference_of(const attention_work *work, const int32_t *scores, uint32_t n) {
    vector top = _mm512_set1_epi32(INT32_MIN);
    for (uint32_t j = 0; j < n; j += LANES)
        top = _mm512_mask_max_epi32(top, counts_at(work, j), top, load(scores + j));
    return _mm512_set1_epi32(_mm512_reduce_max_epi32(top));
}

VARIANT static inline int32_t total(vector x) {
    return _mm512_reduce_add_epi32(x);
}

VARIANT static inline void store_weights(int16_t *out, vector weights) {
    _mm256_storeu_si256((void *)out, _mm512_cvtepi32_epi16(weights));
}

VARIANT static inline void store_results(int8_t *out, vector x, uint32_t n_left) {
    __mmask16 some = n_left < LANES ? 0xff : 0xffff;
    _mm_mask_storeu_epi8(out, some, _mm512_cvtsepi32_epi8(x));
}

static int32_t first_of(const int8_t *q, uint32_t d) {
    int32_t sum = 0;
    for (uint32_t i = 0; i < d; i++)
        sum += q[i];
    return -128 * sum;
}

VARIANT static inline vector four_of(const int8_t *q) {
    int32_t word;
    memcpy(&word, q, sizeof word);
    return _mm512_set1_epi32(word);
}

VARIANT static void score(const attention_rows *rows) {
    uint32_t d = rows->work->job->d;
    size_t block = (size_t)LANES * d;
    int32_t first[ATTENTION_ROWS];
    for (unsigned r = 0; r < ATTENTION_ROWS; r++)
        first[r] = first_of(rows->q[r], d);
    for (uint32_t j = 0; j < rows->n_keys; j += 2 * LANES) {
        const int8_t *keys = rows->keys + (size_t)j * d;
        vector sums[ATTENTION_ROWS][2];
        for (unsigned r = 0; r < ATTENTION_ROWS; r++)
            sums[r][0] = sums[r][1] = _mm512_set1_epi32(first[r]);
        for (uint32_t i = 0; i < d; i += GROUP, keys += SLICE) {
            vector low = _mm512_loadu_si512(keys), high = _mm512_loadu_si512(keys + block);
            for (unsigned r = 0; r < ATTENTION_ROWS; r++) {
                vector q = four_of(rows->q[r] + i);
                sums[r][0] = _mm512_dpbusd_epi32(sums[r][0], low, q);
                sums[r][1] = _mm512_dpbusd_epi32(sums[r][1], high, q);
            }
        }
        for (unsigned r = 0; r < ATTENTION_ROWS; r++) {
            int32_t *to = rows->scores + (size_t)r * rows->n_keys + j;
            store(to, sums[r][0]);
            store(to + LANES, sums[r][1]);
        }
    }
}

bool attention_avx512(const attention_work *work, int8_t *out, ts_arena *arena) {
    static const attention_stages stages = {
        .lanes = LANES, .group = GROUP, .flip = 0x80, .score = score, .weigh = weigh, .sum = sum};
    return attention_run_blocks(&stages, work, out, arena);
}
#endif
