/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Which variant runs, on what: jobs are checked here, so that no variant has to.
 */
#include "attention_int.h"

#include <inttypes.h>

/* ---- variants -------------------------------------------------------------------------------- */

static bool has_plain(void) {
    return true;
}

#if ATTENTION_X86
static bool has_avx2(void) {
    return __builtin_cpu_supports("avx2");
}

static bool has_avx512(void) {
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vnni");
}
#define X86(function) function
#else
#define X86(function) NULL
#endif

static const struct {
    bool (*is_here)(void);
    attention_variant *run;
} variants[TS_N_ATTENTION_VARIANTS] = {
    [TS_ATTENTION_PLAIN] = {has_plain, attention_plain},
    [TS_ATTENTION_AVX2] = {X86(has_avx2), X86(attention_avx2)},
    [TS_ATTENTION_AVX512_VNNI] = {X86(has_avx512), X86(attention_avx512)},
};

const char *ts_attention_variant_name(ts_attention_variant variant) {
    static const char *const names[TS_N_ATTENTION_VARIANTS] = {
#define X(constant, name) name,
        TS_ATTENTION_VARIANT_LIST(X)
#undef X
    };
    return variant < TS_N_ATTENTION_VARIANTS ? names[variant] : "?";
}

bool ts_attention_has_variant(ts_attention_variant variant) {
    return variant < TS_N_ATTENTION_VARIANTS && variants[variant].run &&
           variants[variant].is_here();
}

ts_attention_variant ts_attention_best_variant(void) {
    unsigned best = TS_N_ATTENTION_VARIANTS - 1;
    while (best > TS_ATTENTION_PLAIN && !ts_attention_has_variant((ts_attention_variant)best))
        best--;
    return (ts_attention_variant)best;
}

/* ---- checks ---------------------------------------------------------------------------------- */

bool attention_counts(const ts_attention_job *job, uint32_t key) {
    return key < job->key_length && (!job->mask || job->mask[key]);
}

static ts_status check_rows(const char *name, uint32_t n, ts_diag *diag) {
    if (n >= 1 && n <= TS_ATTENTION_MAX_ROWS) return TS_OK;
    return ts_fail(diag, TS_RANGE, NULL, "%" PRIu32 " rows of %s; expected 1 to %d", n, name,
                   TS_ATTENTION_MAX_ROWS);
}

ts_status attention_check_shape(const ts_attention_job *job, ts_diag *diag) {
    TS_TRY(check_rows("Q", job->n_queries, diag));
    TS_TRY(check_rows("K and V", job->n_keys, diag));
    if (job->d < 8 || job->d > TS_ATTENTION_MAX_D || job->d % 8)
        return ts_fail(diag, TS_RANGE, NULL,
                       "rows of %" PRIu32 " values; expected a multiple of 8 from 8 to %d", job->d,
                       TS_ATTENTION_MAX_D);
    if (job->key_length < 1 || job->key_length > job->n_keys)
        return ts_fail(diag, TS_RANGE, NULL, "a key length of %" PRIu32 "; expected 1 to %" PRIu32,
                       job->key_length, job->n_keys);
    for (uint32_t key = 0; key < job->key_length; key++)
        if (attention_counts(job, key)) return TS_OK;
    return ts_fail(diag, TS_RANGE, NULL, "no key counts: the mask is 0 for the first %" PRIu32,
                   job->key_length);
}

/* What ts_attention_steps_of() makes holds all of this. */
static ts_status check_steps(const ts_attention_job *job, ts_diag *diag) {
    const ts_attention_steps *s = &job->steps;
    bool is_good = s->difference_shift <= 7 && s->score_shift <= 7 && s->multiplier >= 0 &&
                   s->score_multiplier >= 0 && s->multiplier_shift <= 31 &&
                   s->score_multiplier_shift <= 31 && s->output_shift <= 31 &&
                   s->numerator >= 1 << 29 && s->numerator <= 32767 * 32768;
    if (job->scores != TS_ATTENTION_INT32 && job->scores != TS_ATTENTION_INT8)
        return ts_fail(diag, TS_RANGE, NULL, "scores of kind %d; expected INT32 or INT8",
                       (int)job->scores);
    return is_good ? TS_OK
                   : ts_fail(diag, TS_RANGE, NULL,
                             "shifts or factors outside what attention takes; expected those that "
                             "were made from a scale");
}

/* ---- runs ------------------------------------------------------------------------------------ */

/* So many bits that a sum over all keys, each worth 2^bits times 128, fits an int32. */
unsigned ts_attention_weight_bits(uint32_t n_keys) {
    unsigned bits = 15;
    while (bits > 7 && n_keys >= UINT32_C(1) << (24 - bits))
        bits--;
    return bits;
}

static attention_work work_of(const ts_attention_job *job, const uint8_t *counts) {
    attention_work work = {.job = job,
                           .bits = ts_attention_weight_bits(job->n_keys),
                           .counts = counts,
                           .shift = job->steps.difference_shift,
                           .multiplier = job->steps.multiplier,
                           .multiplier_shift = job->steps.multiplier_shift};
    if (job->scores != TS_ATTENTION_INT8) return work;
    work.shift = 0; /* one unit is a natural logit: log2(e) * 2^11 = 23637 / 2^3 */
    work.multiplier = 23637;
    work.multiplier_shift = 3;
    return work;
}

ts_status ts_attention_run(ts_attention_variant variant, const ts_attention_job *job, int8_t *out,
                           ts_arena *arena, ts_diag *diag) {
    TS_TRY(attention_check_shape(job, diag));
    TS_TRY(check_steps(job, diag));
    if (!ts_attention_has_variant(variant))
        return ts_fail(diag, TS_UNSUPPORTED, NULL,
                       "this machine does not run attention's variant %s",
                       ts_attention_variant_name(variant));
    uint8_t *counts = ts_arena_alloc(arena, (size_t)job->n_keys + ATTENTION_PADDING);
    if (!counts) return ts_fail_nomem(diag);
    for (uint32_t key = 0; key < job->n_keys; key++)
        counts[key] = attention_counts(job, key);
    attention_work work = work_of(job, counts);
    return variants[variant].run(&work, out, arena) ? TS_OK : ts_fail_nomem(diag);
}
