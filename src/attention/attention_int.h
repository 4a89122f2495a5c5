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
    return floor + ((twice > one) | ((twice == one) & (floor & 1)));
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
attention_variant attention_avx2;
attention_variant attention_avx512;
/* Whether variants other than the plain one are compiled at all; -DATTENTION_X86=0 leaves them out.
 */
#ifndef ATTENTION_X86
#if defined(__x86_64__) && defined(__GNUC__)
#define ATTENTION_X86 1
#else
#define ATTENTION_X86 0
#endif
#endif

/* How sums of weighted values become results: rounded by `shift`, times `factor`. */
typedef struct attention_normal {
    unsigned shift;
    int32_t factor;
} attention_normal;

/* From the sum of the weights, as a positive number. */
attention_normal attention_normal_of(const attention_work *work, int32_t weights);

/* ---- blocks of rows: blocks.c ---------------------------------------------------------------- */

enum {
    ATTENTION_ROWS = 4, /* that are worked on together */
};

/* Some rows of Q with all keys. Keys and values per row are rounded up to twice the lanes of a
 * vector; those added do not count, or are not kept. At the end of Q a row may be here twice. */
typedef struct attention_rows {
    const attention_work *work;
    uint32_t n_keys, d;
    const int8_t *keys;   /* [n_keys / lanes][job's d / group][lanes][group] */
    const int8_t *values; /* [n_keys / 2][d][2]: of two keys */
    int32_t *scores;      /* [ATTENTION_ROWS][n_keys] */
    int16_t *weights;     /* [ATTENTION_ROWS][n_keys], negative */
    const int8_t *q[ATTENTION_ROWS];
    int8_t *out[ATTENTION_ROWS];
    attention_normal normal[ATTENTION_ROWS];
} attention_rows;

/* What a variant does with them, in this order. */
typedef struct attention_stages {
    unsigned lanes; /* int32 lanes of a vector: at most 16 */
    unsigned group; /* values of a key that a product sums at once: 2 or 4 */
    uint8_t flip;   /* keys are stored with these bits flipped */
    void (*score)(const attention_rows *rows);
    int32_t (*weigh)(const attention_rows *rows, unsigned row); /* gives the sum of the weights */
    void (*sum)(const attention_rows *rows);
} attention_stages;

bool attention_run_blocks(const attention_stages *stages, const attention_work *work, int8_t *out,
                          ts_arena *arena);

/* ---- jobs: run.c ----------------------------------------------------------------------------- */

/* All but scores and steps. Errors: RANGE. */
TS_NODISCARD ts_status attention_check_shape(const ts_attention_job *job, ts_diag *diag);
bool attention_counts(const ts_attention_job *job, uint32_t key);

#endif
