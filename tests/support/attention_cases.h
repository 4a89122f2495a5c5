/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Jobs for whatever computes attention: by chance, and the extremes.
 */
#ifndef TEST_ATTENTION_CASES_H
#define TEST_ATTENTION_CASES_H

#include "support.h"

#include "tessera/attention.h"

typedef struct attention_case {
    ts_attention_job job;
    double scale, output_scale; /* that its steps were made from */
    char name[80];
} attention_case;

/* Values of all kinds, scales from 1e-12 to 1e6, often with a mask or a key length; one in four has
 * INT8 scores. Output scales are from 1/16 to 256 where `any_output` is set, else 1. */
attention_case attention_random_case(ts_arena *arena, test_random *random, uint32_t n_queries,
                                     uint32_t n_keys, uint32_t d, bool any_output);
/* INT32 scores, output scale 1. Zeros, all -128, all 127, one key dominant, all keys equal and
 * more, at the largest and smallest scales; a mask of each single key; each key length. */
unsigned attention_n_extremes(uint32_t n_keys);
attention_case attention_extreme(ts_arena *arena, unsigned index, uint32_t n_queries,
                                 uint32_t n_keys, uint32_t d);

/* Runs or fails the test. */
int8_t *attention_run_case(ts_arena *arena, ts_attention_variant variant, const attention_case *c);
float *attention_reference(ts_arena *arena, const attention_case *c);

#endif
