/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Attention in floating point: what the integers are measured against. Scores are exact; the rest
 * is float64.
 */
#include "attention_int.h"

#include <math.h>

static double score_of(const int8_t *q, const int8_t *k, uint32_t d) {
    int32_t sum = 0;
    for (uint32_t i = 0; i < d; i++)
        sum += q[i] * k[i];
    return sum;
}

/* In place: scores to weights, the largest of which is 1. Gives their sum. */
static double weigh(const ts_attention_job *job, double scale, double *scores) {
    double reference = -HUGE_VAL, sum = 0;
    for (uint32_t j = 0; j < job->key_length; j++)
        if (attention_counts(job, j)) reference = fmax(reference, scores[j]);
    for (uint32_t j = 0; j < job->key_length; j++) {
        scores[j] = attention_counts(job, j) ? exp(scale * (scores[j] - reference)) : 0;
        sum += scores[j];
    }
    return sum;
}

static void run_row(const ts_attention_job *job, double scale, double output_scale, const int8_t *q,
                    double *scores, float *out) {
    double sums[TS_ATTENTION_MAX_D] = {0};
    for (uint32_t j = 0; j < job->key_length; j++)
        scores[j] = score_of(q, job->k + (size_t)j * job->d, job->d);
    double sum = weigh(job, scale, scores);
    for (uint32_t j = 0; j < job->key_length; j++)
        for (uint32_t i = 0; i < job->d; i++)
            sums[i] += scores[j] * job->v[(size_t)j * job->d + i];
    for (uint32_t i = 0; i < job->d; i++)
        out[i] = (float)(output_scale * (sums[i] / sum));
}

ts_status ts_attention_fp32(const ts_attention_job *job, double scale, double output_scale,
                            float *out, ts_arena *arena, ts_diag *diag) {
    TS_TRY(attention_check_shape(job, diag));
    if (!(scale >= 0) || !isfinite(scale) || !(output_scale > 0) || !isfinite(output_scale))
        return ts_fail(diag, TS_RANGE, NULL,
                       "the scale is %g and the output scale %g; expected 0 or more, and more "
                       "than 0",
                       scale, output_scale);
    double *scores = TS_ARENA_ARRAY(arena, double, job->key_length);
    if (!scores) return ts_fail_nomem(diag);
    for (size_t row = 0; row < job->n_queries; row++)
        run_row(job, scale, output_scale, job->q + row * job->d, scores, out + row * job->d);
    return TS_OK;
}
