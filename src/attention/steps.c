/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Integers from scales, and the parameter block of the kernels that work with them.
 */
#include "attention_int.h"

#include <math.h>
#include <string.h>

static unsigned ceil_log2(unsigned d) {
    unsigned bits = 0;
    while (1u << bits < d)
        bits++;
    return bits;
}

typedef struct factor {
    unsigned shift, multiplier_shift;
    int32_t multiplier;
} factor;

/* What is x * `unit` * 2^fraction of a 16-bit x = s / 2^shift, as x * multiplier /
 * 2^multiplier_shift. The shift is the least one with which the largest x is worth `limit`, so that
 * what is clamped does not matter. */
static factor factor_of(double unit, unsigned fraction, double limit, unsigned d) {
    factor f = {0};
    unsigned most = ceil_log2(d);
    while (f.shift < most && ldexp(32767 * unit, (int)f.shift) < limit)
        f.shift++;
    double per_x = ldexp(unit, (int)(fraction + f.shift));
    if (per_x >= 32767) {
        f.multiplier = 32767;
        return f;
    }
    while (f.multiplier_shift < 31 && ldexp(per_x, (int)f.multiplier_shift) < 16384)
        f.multiplier_shift++;
    f.multiplier = (int32_t)nearbyint(ldexp(per_x, (int)f.multiplier_shift));
    if (f.multiplier == 32768) {
        f.multiplier = 16384;
        f.multiplier_shift--;
    }
    return f;
}

/* numerator / 2^output_shift is output_scale * 2^8. */
static ts_status set_output(double output_scale, ts_attention_steps *out, ts_diag *diag) {
    const double most = 32767.0 * 32768;
    int exponent = 0;
    double fraction = frexp(output_scale, &exponent);
    if (!(output_scale > 0) || !isfinite(output_scale) || exponent < -9 || exponent > 22)
        return ts_fail(diag, TS_RANGE, NULL,
                       "the output scale is %g; expected one from 2^-10 to below 2^22",
                       output_scale);
    out->numerator = (int32_t)fmin(nearbyint(ldexp(fraction, 30)), most);
    out->output_shift = (uint8_t)(22 - exponent);
    return TS_OK;
}

ts_status ts_attention_steps_of(double scale, double output_scale, unsigned d,
                                ts_attention_steps *out, ts_diag *diag) {
    const double log2_e = 1.4426950408889634;
    *out = (ts_attention_steps){0};
    if (!(scale >= 0) || !isfinite(scale))
        return ts_fail(diag, TS_RANGE, NULL, "the scale is %g; expected 0 or more", scale);
    if (d < 8 || d > TS_ATTENTION_MAX_D || d % 8)
        return ts_fail(diag, TS_RANGE, NULL,
                       "rows of %u values; expected a multiple of 8 from 8 to %d", d,
                       TS_ATTENTION_MAX_D);
    TS_TRY(set_output(output_scale, out, diag));
    factor difference = factor_of(scale * log2_e, 11, 16, d);
    out->difference_shift = (uint8_t)difference.shift;
    out->multiplier = (int16_t)difference.multiplier;
    out->multiplier_shift = (uint8_t)difference.multiplier_shift;
    factor score = factor_of(scale, 0, 128, d);
    out->score_shift = (uint8_t)score.shift;
    out->score_multiplier = (int16_t)score.multiplier;
    out->score_multiplier_shift = (uint8_t)score.multiplier_shift;
    return TS_OK;
}

void ts_attention_block(const ts_attention_job *job, int32_t block[TS_ATTENTION_BLOCK_WORDS]) {
    const ts_attention_steps *s = &job->steps;
    uint32_t keys[2] = {0};
    const int32_t words[TS_ATTENTION_BLOCK_WORDS] = {
        [0] = s->difference_shift, [1] = s->multiplier,
        [2] = s->multiplier_shift, [3] = s->numerator,
        [4] = s->output_shift,     [8] = s->score_shift,
        [9] = s->score_multiplier, [10] = s->score_multiplier_shift,
    };
    for (uint32_t key = 0; key < job->n_keys && key < 64; key++)
        keys[key / 32] |= (uint32_t)attention_counts(job, key) << key % 32;
    memcpy(block, words, sizeof words);
    memcpy(block + 6, keys, sizeof keys);
}
