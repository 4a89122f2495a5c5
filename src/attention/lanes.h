/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * What the variants with vectors compute alike, for the file that includes it, which first defines
 *   VARIANT    the attribute of its functions
 *   vector     LANES numbers of 32 bits
 *   V(name)    the intrinsic of that name on such vectors; V_AND, V_ZERO
 * and behind it the functions that are declared here, each in the instructions it has.
 *
 * Products are VPMADDWD's: a number in an int32 lane is one of 16 bits beside one that does not
 * matter, as its factor is 0. Weights are positive until they are stored: -rnd(-x) = rnd(x), and
 * 32768, read as the int16 -32768, has the same square.
 */
#ifndef ATTENTION_LANES_H
#define ATTENTION_LANES_H

#include <string.h>

enum {
    SLICE = LANES * GROUP, /* bytes of as many keys as there are lanes */
    PAIRS = 2 * LANES, /* bytes of two keys for as many results; lanes that are summed together */
};

VARIANT static inline vector load(const int32_t *p);
VARIANT static inline void store(int32_t *p, vector x);
/* x, and 0 in lanes of keys that do not count. */
VARIANT static inline vector kept(const attention_work *work, uint32_t j, vector x);
/* The largest score of a key that counts, in all lanes. */
VARIANT static vector reference_of(const attention_work *work, const int32_t *scores, uint32_t n);
VARIANT static inline int32_t total(vector x);
VARIANT static inline void store_weights(int16_t *out, vector weights);
/* As int8, those of lanes from 8 on only where the job has so many results. */
VARIANT static inline void store_results(int8_t *out, vector x, uint32_t n_left);
/* 2 * LANES bytes as numbers of 16 bits. */
VARIANT static inline vector widened(const int8_t *bytes);
/* sum + a b, products of neighbors together. */
VARIANT static inline vector plus_product(vector sum, vector a, vector b);

/* ---- rounding -------------------------------------------------------------------------------- */

/* A shift that is known only at run time: x + below + (the bit above) >> count; none for 0. */
typedef struct rounding {
    __m128i count;
    vector below, odd;
} rounding;

VARIANT static inline rounding rounding_by(unsigned shift) {
    return (rounding){.count = _mm_cvtsi32_si128((int)shift),
                      .below = V(set1_epi32)(shift ? (1 << (shift - 1)) - 1 : 0),
                      .odd = V(set1_epi32)(shift != 0)};
}

/* For |x| of at most 2^30. */
VARIANT static inline vector rounded_by(vector x, const rounding *by) {
    vector odd = V_AND(V(sra_epi32)(x, by->count), by->odd);
    return V(sra_epi32)(V(add_epi32)(V(add_epi32)(x, by->below), odd), by->count);
}

/* For all x, and shifts of at most 30. */
VARIANT static inline vector rounded_wide(vector x, const rounding *by) {
    vector floor = V(sra_epi32)(x, by->count);
    vector rest = V(sub_epi32)(x, V(sll_epi32)(floor, by->count));
    vector odd = V_AND(floor, by->odd);
    rest = V(add_epi32)(V(add_epi32)(rest, by->below), odd);
    return V(add_epi32)(floor, V(sra_epi32)(rest, by->count));
}

/* For constant shifts and x from 0 to 2^30. */
#define ROUNDED(x, shift)                                                                          \
    V(srli_epi32)                                                                                  \
    (V(add_epi32)(V(add_epi32)((x), V(set1_epi32)((1 << ((shift)-1)) - 1)),                        \
                  V_AND(V(srli_epi32)((x), (shift)), V(set1_epi32)(1))),                           \
     (shift))

VARIANT static inline vector clamped(vector x, int low, int high) {
    return V(min_epi32)(V(max_epi32)(x, V(set1_epi32)(low)), V(set1_epi32)(high));
}

/* ---- weights --------------------------------------------------------------------------------- */

VARIANT static void narrow(const attention_work *work, int32_t *scores, uint32_t n) {
    const ts_attention_steps *steps = &work->job->steps;
    rounding first = rounding_by(steps->score_shift);
    rounding second = rounding_by(steps->score_multiplier_shift);
    vector multiplier = V(set1_epi32)(steps->score_multiplier);
    for (uint32_t j = 0; j < n; j += LANES) {
        vector x = rounded_by(load(scores + j), &first);
        x = V(madd_epi16)(clamped(x, INT16_MIN, INT16_MAX), multiplier);
        store(scores + j, clamped(rounded_by(x, &second), INT8_MIN, INT8_MAX));
    }
}

/* 2^bits 2^(-u / 2048). */
VARIANT static inline vector weight(vector u, const rounding *last) {
    vector h = V(madd_epi16)(u, V(set1_epi32)(ATTENTION_C3));
    h = V(sub_epi32)(V(set1_epi32)(ATTENTION_C2), ROUNDED(h, 16));
    h = V(madd_epi16)(u, h);
    h = V(sub_epi32)(V(set1_epi32)(ATTENTION_C1), ROUNDED(h, 16));
    h = V(madd_epi16)(u, h);
    h = V(sub_epi32)(V(set1_epi32)(32768), ROUNDED(h, 15));
    for (unsigned i = 1; i < ATTENTION_SQUARINGS; i++) {
        h = V(madd_epi16)(h, h);
        h = ROUNDED(h, 15);
    }
    return rounded_by(V(madd_epi16)(h, h), last);
}

VARIANT static int32_t weigh(const attention_rows *rows, unsigned row) {
    const attention_work *work = rows->work;
    int32_t *scores = rows->scores + (size_t)row * rows->n_keys;
    int16_t *weights = rows->weights + (size_t)row * rows->n_keys;
    if (work->job->scores == TS_ATTENTION_INT8) narrow(work, scores, rows->n_keys);
    rounding first = rounding_by(work->shift), second = rounding_by(work->multiplier_shift);
    rounding last = rounding_by(30 - work->bits);
    vector multiplier = V(set1_epi32)(work->multiplier), sum = V_ZERO;
    vector reference = reference_of(work, scores, rows->n_keys);
    for (uint32_t j = 0; j < rows->n_keys; j += LANES) {
        vector x = V(sub_epi32)(reference, load(scores + j));
        x = clamped(rounded_by(x, &first), 0, INT16_MAX);
        x = rounded_by(V(madd_epi16)(x, multiplier), &second);
        x = weight(V(min_epi32)(x, V(set1_epi32)(ATTENTION_U_MAX)), &last);
        x = kept(work, j, x);
        sum = V(add_epi32)(sum, x);
        store_weights(weights + j, V(sub_epi32)(V_ZERO, x));
    }
    return total(sum);
}

/* ---- results --------------------------------------------------------------------------------- */

/* Two neighbors, the same for all lanes. */
VARIANT static inline vector two_of(const int16_t *numbers) {
    int32_t word;
    memcpy(&word, numbers, sizeof word);
    return V(set1_epi32)(word);
}

VARIANT static void finish(const attention_rows *rows, unsigned row, uint32_t i, vector sum) {
    const ts_attention_job *job = rows->work->job;
    const attention_normal *normal = &rows->normal[row];
    rounding first = rounding_by(normal->shift), second = rounding_by(job->steps.output_shift);
    if (i >= job->d) return;
    vector y = clamped(rounded_wide(sum, &first), INT16_MIN, INT16_MAX);
    y = V(madd_epi16)(y, V(set1_epi32)(normal->factor));
    y = rounded_by(V(sub_epi32)(V_ZERO, y), &second);
    store_results(rows->out[row] + i, y, job->d - i);
}

VARIANT static void sum(const attention_rows *rows) {
    size_t stride = rows->n_keys;
    for (uint32_t i = 0; i < rows->d; i += 2 * LANES) {
        const int8_t *values = rows->values + (size_t)i * 2;
        vector sums[ATTENTION_ROWS][2];
        for (unsigned r = 0; r < ATTENTION_ROWS; r++)
            sums[r][0] = sums[r][1] = V_ZERO;
        for (uint32_t j = 0; j < rows->n_keys; j += 2, values += (size_t)rows->d * 2) {
            vector low = widened(values), high = widened(values + PAIRS);
            for (unsigned r = 0; r < ATTENTION_ROWS; r++) {
                vector z = two_of(rows->weights + r * stride + j);
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

#endif
