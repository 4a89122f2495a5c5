/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "attention_cases.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static uint32_t below(test_random *random, uint32_t n) {
    return (uint32_t)(test_next(random) % n);
}

static void make_steps(attention_case *c) {
    ts_diag diag = {0};
    if (ts_attention_steps_of(c->scale, c->output_scale, c->job.d, &c->job.steps, &diag) != TS_OK)
        fail_msg("%s", diag.message);
}

/* ---- by chance ------------------------------------------------------------------------------- */

typedef enum kind {
    ANY,
    SMALL,
    ENDS, /* -128 and 127 */
    N_KINDS
} kind;

static int8_t *values(ts_arena *arena, test_random *random, size_t n, kind of) {
    int8_t *out = ts_arena_alloc(arena, n);
    for (size_t i = 0; i < n; i++) {
        int8_t any = (int8_t)test_next(random);
        int end = any < 0 ? INT8_MIN : INT8_MAX;
        out[i] = (int8_t)(of == ANY ? any : of == SMALL ? any / 8 : end);
    }
    return out;
}

static const uint8_t *mask_for(ts_arena *arena, test_random *random, const ts_attention_job *job) {
    uint8_t *mask = ts_arena_alloc(arena, job->n_keys);
    for (uint32_t j = 0; j < job->n_keys; j++)
        mask[j] = below(random, 3) ? (uint8_t)test_next(random) : 0;
    mask[below(random, job->key_length)] = 2;
    return mask;
}

attention_case attention_random_case(ts_arena *arena, test_random *random, uint32_t n_queries,
                                     uint32_t n_keys, uint32_t d, bool any_output) {
    kind kind_of_scores = (kind)below(random, N_KINDS), kind_of_v = (kind)below(random, N_KINDS);
    attention_case c = {.job = {.n_queries = n_queries, .n_keys = n_keys, .d = d},
                        .output_scale = 1};
    c.job.q = values(arena, random, (size_t)n_queries * d, kind_of_scores);
    c.job.k = values(arena, random, (size_t)n_keys * d, kind_of_scores);
    c.job.v = values(arena, random, (size_t)n_keys * d, kind_of_v);
    c.job.key_length = below(random, 2) ? n_keys : 1 + below(random, n_keys);
    c.job.scores = below(random, 4) ? TS_ATTENTION_INT32 : TS_ATTENTION_INT8;
    if (below(random, 2)) c.job.mask = mask_for(arena, random, &c.job);
    /* Half of them where results are neither the mean nor one key's. */
    c.scale = below(random, 2) ? pow(10, below(random, 18001) / 1000.0 - 12)
                               : pow(10, below(random, 4001) / 1000.0 - 5);
    if (any_output) c.output_scale = pow(2, below(random, 12001) / 1000.0 - 4);
    make_steps(&c);
    snprintf(c.name, sizeof c.name, "%u x %u x %u, scale %.6g, output scale %.6g", n_queries,
             n_keys, d, c.scale, c.output_scale);
    return c;
}

/* ---- extremes -------------------------------------------------------------------------------- */

typedef enum pattern {
    ZEROS,
    LEAST,
    GREATEST,
    OPPOSITE,  /* Q is -128, K 127 */
    DOMINANT,  /* of one key all products with Q are positive, of the others negative */
    EQUAL,     /* all keys are the same */
    CHECKERED, /* -128 and 127 by turns */
    N_PATTERNS
} pattern;

static const char *const pattern_names[N_PATTERNS] = {
    "zeros", "all -128", "all 127", "opposite", "one dominant key", "equal keys", "checkered"};
static const double extreme_scales[] = {0, 1e-12, 1e-5, 0.002, 0.125, 1, 1e6};
enum {
    N_SCALES = sizeof extreme_scales / sizeof *extreme_scales
};

static int8_t q_of(pattern p, uint32_t row, uint32_t i) {
    switch (p) {
    case ZEROS: return 0;
    case LEAST:
    case OPPOSITE: return INT8_MIN;
    case DOMINANT: return i % 3 ? INT8_MAX : INT8_MIN;
    case CHECKERED: return (row + i) % 2 ? INT8_MIN : INT8_MAX;
    default: return INT8_MAX;
    }
}

static int8_t k_of(pattern p, uint32_t row, uint32_t i, uint32_t n_keys) {
    bool is_first = row == n_keys / 3;
    switch (p) {
    case ZEROS: return 0;
    case LEAST: return INT8_MIN;
    case DOMINANT: return (i % 3 != 0) == is_first ? INT8_MAX : INT8_MIN;
    case EQUAL: return (int8_t)(i * 37);
    case CHECKERED: return (row + i) % 2 ? INT8_MIN : INT8_MAX;
    default: return INT8_MAX;
    }
}

static int8_t v_of(pattern p, uint32_t row, uint32_t i) {
    switch (p) {
    case ZEROS: return 0;
    case LEAST: return INT8_MIN;
    case GREATEST: return INT8_MAX;
    case CHECKERED: return (row + i / 2) % 2 ? INT8_MIN : INT8_MAX;
    default: return (int8_t)(row * 29 + i * 53);
    }
}

static void fill(ts_arena *arena, ts_attention_job *job, pattern p) {
    int8_t *q = ts_arena_array(arena, job->n_queries, job->d);
    int8_t *k = ts_arena_array(arena, job->n_keys, job->d);
    int8_t *v = ts_arena_array(arena, job->n_keys, job->d);
    for (uint32_t i = 0; i < job->n_queries * job->d; i++)
        q[i] = q_of(p, i / job->d, i % job->d);
    for (uint32_t i = 0; i < job->n_keys * job->d; i++) {
        k[i] = k_of(p, i / job->d, i % job->d, job->n_keys);
        v[i] = v_of(p, i / job->d, i % job->d);
    }
    job->q = q;
    job->k = k;
    job->v = v;
}

unsigned attention_n_extremes(uint32_t n_keys) {
    return N_PATTERNS * N_SCALES + 2 * n_keys;
}

static attention_case one_pattern(ts_arena *arena, unsigned index, ts_attention_job job) {
    attention_case c = {.job = job, .output_scale = 1, .scale = extreme_scales[index % N_SCALES]};
    fill(arena, &c.job, (pattern)(index / N_SCALES));
    c.job.key_length = job.n_keys;
    snprintf(c.name, sizeof c.name, "%s, scale %g", pattern_names[index / N_SCALES], c.scale);
    return c;
}

/* The first half: masks of one key; the second: key lengths. */
static attention_case few_keys(ts_arena *arena, unsigned index, ts_attention_job job) {
    test_random random = {index + 1};
    attention_case c =
        attention_random_case(arena, &random, job.n_queries, job.n_keys, job.d, false);
    uint32_t key = index % job.n_keys;
    c.job.scores = TS_ATTENTION_INT32;
    c.job.mask = NULL;
    c.job.key_length = key + 1;
    if (index < job.n_keys) {
        uint8_t *mask = ts_arena_alloc(arena, job.n_keys);
        mask[key] = 255;
        c.job.mask = mask;
        c.job.key_length = job.n_keys;
    }
    snprintf(c.name, sizeof c.name, index < job.n_keys ? "only key %u" : "the first keys to %u",
             key);
    return c;
}

attention_case attention_extreme(ts_arena *arena, unsigned index, uint32_t n_queries,
                                 uint32_t n_keys, uint32_t d) {
    ts_attention_job job = {.n_queries = n_queries, .n_keys = n_keys, .d = d};
    attention_case c = index < N_PATTERNS * N_SCALES
                           ? one_pattern(arena, index, job)
                           : few_keys(arena, index - N_PATTERNS * N_SCALES, job);
    make_steps(&c);
    return c;
}

/* ---- runs ------------------------------------------------------------------------------------ */

int8_t *attention_run_case(ts_arena *arena, ts_attention_variant variant, const attention_case *c) {
    ts_diag diag = {0};
    int8_t *out = ts_arena_array(arena, c->job.n_queries, c->job.d);
    if (ts_attention_run(variant, &c->job, out, arena, &diag) != TS_OK)
        fail_msg("%s, %s: %s", ts_attention_variant_name(variant), c->name, diag.message);
    return out;
}

float *attention_reference(ts_arena *arena, const attention_case *c) {
    ts_diag diag = {0};
    float *out = TS_ARENA_ARRAY(arena, float, (size_t)c->job.n_queries * c->job.d);
    if (ts_attention_fp32(&c->job, c->scale, c->output_scale, out, arena, &diag) != TS_OK)
        fail_msg("%s: %s", c->name, diag.message);
    return out;
}
