/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * attention, inside: what the variants share. docs/attention.md is the definition.
 */
#ifndef ATTENTION_INT_H
#define ATTENTION_INT_H

#include "tessera/attention.h"

/* 1 - 2^-(u/2^15) is u (C1 - u (C2 - u C3)) with C1 in units of 2^-15, C2 of 2^-16, C3 of 2^-17. */
enum {
    ATTENTION_C1 = 22704,
    ATTENTION_C2 = 15560,
    ATTENTION_C3 = 6073,
    ATTENTION_SQUARINGS = 4, /* u / 2^15 is a sixteenth of the exponent */
    ATTENTION_U_MAX = 32767,
    ATTENTION_PADDING = 64, /* keys: `counts` has so many more, which are 0 */
};

/* x / 2^shift, rounded to nearest, ties to even; shift at most 62. */
static inline int64_t attention_round(int64_t x, unsigned shift) {
    int64_t floor = x >> shift, rest = x - floor * ((int64_t)1 << shift);
    int64_t twice = 2 * rest, one = (int64_t)1 << shift;
    return floor + (twice > one || (twice == one && (floor & 1)));
}

static inline int64_t attention_clamp(int64_t x, int64_t low, int64_t high) {
    return x < low ? low : x > high ? high : x;
}

/* A job that was checked, and what follows from it. */
typedef struct attention_work {
    const ts_attention_job *job;
    unsigned bits;         /* the largest weight is 2^bits */
    const uint8_t *counts; /* per key: 1 if it counts, else 0 */
    /* From differences of scores to u. */
    unsigned shift;
    int32_t multiplier;
    unsigned multiplier_shift;
} attention_work;

/* False: NOMEM. */
typedef bool attention_variant(const attention_work *work, int8_t *out, ts_arena *arena);
attention_variant attention_plain;

/* A score as INT8 attention has it. */
int32_t attention_narrow(const ts_attention_steps *steps, int32_t score);
/* One row of results from the sum of its weights, as a positive number, and the sums of weights
 * times values, with the sign that negative weights give them. */
void attention_finish_row(const attention_work *work, int32_t weights, const int32_t *sums,
                          int8_t *out);
/* Errors: RANGE. All but scores and steps; all. */
TS_NODISCARD ts_status attention_check_shape(const ts_attention_job *job, ts_diag *diag);
bool attention_counts(const ts_attention_job *job, uint32_t key);

#endif
