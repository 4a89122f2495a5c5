/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Attention in integers, one row after the other: docs/attention.md in plain loops. The other
 * variants are held against this one.
 */
#include "attention_int.h"

static int32_t narrow(const ts_attention_steps *steps, int32_t score) {
    int64_t x = attention_clamp(attention_round(score, steps->score_shift), INT16_MIN, INT16_MAX);
    x = attention_round(x * steps->score_multiplier, steps->score_multiplier_shift);
    return (int32_t)attention_clamp(x, INT8_MIN, INT8_MAX);
}

int32_t ts_attention_weight(unsigned u, unsigned bits) {
    int64_t x = u < ATTENTION_U_MAX ? u : ATTENTION_U_MAX;
    int64_t h2 = ATTENTION_C2 - attention_round(x * ATTENTION_C3, 16);
    int64_t h1 = ATTENTION_C1 - attention_round(x * h2, 16);
    int64_t z = attention_round(x * h1, 15) - 32768;
    for (unsigned i = 1; i < ATTENTION_SQUARINGS; i++)
        z = attention_round(-(z * z), 15);
    return (int32_t)attention_round(-(z * z), 30 - bits);
}

static unsigned exponent_of(const attention_work *work, int32_t difference) {
    int64_t x = attention_clamp(attention_round(difference, work->shift), INT16_MIN, INT16_MAX);
    int64_t u = attention_round(x * work->multiplier, work->multiplier_shift);
    return (unsigned)attention_clamp(u, 0, ATTENTION_U_MAX);
}

static void make_scores(const attention_work *work, const int8_t *q, int32_t *scores) {
    const ts_attention_job *job = work->job;
    const int8_t *k = job->k;
    for (uint32_t j = 0; j < job->n_keys; j++, k += job->d) {
        int32_t sum = 0;
        for (uint32_t i = 0; i < job->d; i++)
            sum += q[i] * k[i];
        scores[j] = job->scores == TS_ATTENTION_INT8 ? narrow(&job->steps, sum) : sum;
    }
}

static int32_t reference_of(const attention_work *work, const int32_t *scores) {
    int32_t reference = INT32_MIN;
    for (uint32_t j = 0; j < work->job->n_keys; j++)
        if (work->counts[j] && scores[j] > reference) reference = scores[j];
    return reference;
}

/* The sum is at least 2^7, so e is at least -8; m has its highest bit, of 16, set: static analyzers
 * do not know that. */
attention_normal attention_normal_of(const attention_work *work, int32_t weights) {
    int e = -8;
    while (weights >> (e + 16))
        e++;
    int32_t m = (e >= 0 ? weights >> e : weights << -e) | 1 << 15;
    return (attention_normal){.shift = (unsigned)(e + 8),
                              .factor = (work->job->steps.numerator + (m >> 1)) / m};
}

static void finish_row(const attention_work *work, int32_t weights, const int32_t *sums,
                       int8_t *out) {
    attention_normal normal = attention_normal_of(work, weights);
    unsigned shift = work->job->steps.output_shift;
    for (uint32_t i = 0; i < work->job->d; i++) {
        int64_t y = attention_round(sums[i], normal.shift);
        y = attention_clamp(y, INT16_MIN, INT16_MAX);
        y = attention_round(-(y * normal.factor), shift);
        out[i] = (int8_t)attention_clamp(y, INT8_MIN, INT8_MAX);
    }
}

static void run_row(const attention_work *work, const int8_t *q, int32_t *scores, int8_t *out) {
    const ts_attention_job *job = work->job;
    int32_t weights = 0, sums[TS_ATTENTION_MAX_D] = {0};
    make_scores(work, q, scores);
    int32_t reference = reference_of(work, scores);
    for (uint32_t j = 0; j < job->n_keys; j++) {
        if (!work->counts[j]) continue;
        int32_t z = ts_attention_weight(exponent_of(work, reference - scores[j]), work->bits);
        weights -= z;
        for (uint32_t i = 0; i < job->d; i++)
            sums[i] += z * job->v[(size_t)j * job->d + i];
    }
    finish_row(work, weights, sums, out);
}

bool attention_plain(const attention_work *work, int8_t *out, ts_arena *arena) {
    const ts_attention_job *job = work->job;
    int32_t *scores = TS_ARENA_ARRAY(arena, int32_t, job->n_keys);
    if (!scores) return false;
    for (size_t row = 0; row < job->n_queries; row++)
        run_row(work, job->q + row * job->d, scores, out + row * job->d);
    return true;
}
