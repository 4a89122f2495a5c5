/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * What the variants with vectors have in common: keys and values packed for them once, then blocks
 * of a few rows of Q, so that each packed vector that is loaded serves all of them, and the scores
 * of a block stay in the cache.
 *
 * A lane is a key while scores and weights are made, then a value of the result. Keys are packed so
 * that a vector holds a few neighboring values of as many keys as there are lanes; values so that
 * it holds those of two keys for as many results.
 */
#include "attention_int.h"

#include <string.h>

static uint32_t round_up(uint32_t x, uint32_t unit) {
    return (x + unit - 1) / unit * unit;
}

/* Groups are copied as integers of their size: they are many, and small. */
static void pack_row_of_2(const int8_t *row, uint32_t d, uint32_t lanes, uint8_t flip,
                          int8_t *out) {
    uint16_t all = (uint16_t)(flip * 0x101u), word;
    for (uint32_t i = 0; i < d; i += 2, out += (size_t)lanes * 2) {
        memcpy(&word, row + i, sizeof word);
        word ^= all;
        memcpy(out, &word, sizeof word);
    }
}

static void pack_row_of_4(const int8_t *row, uint32_t d, uint32_t lanes, uint8_t flip,
                          int8_t *out) {
    uint32_t all = flip * UINT32_C(0x1010101), word;
    for (uint32_t i = 0; i < d; i += 4, out += (size_t)lanes * 4) {
        memcpy(&word, row + i, sizeof word);
        word ^= all;
        memcpy(out, &word, sizeof word);
    }
}

/* Keys that are added stay 0. */
static void pack_keys(const attention_stages *stages, const ts_attention_job *job, int8_t *out) {
    uint32_t lanes = stages->lanes;
    for (size_t j = 0; j < job->n_keys; j++) {
        const int8_t *row = job->k + j * job->d;
        int8_t *to = out + j / lanes * lanes * job->d + j % lanes * stages->group;
        if (stages->group == 4)
            pack_row_of_4(row, job->d, lanes, stages->flip, to);
        else
            pack_row_of_2(row, job->d, lanes, stages->flip, to);
    }
}

static void pack_values(const ts_attention_job *job, uint32_t d, int8_t *restrict out) {
    static const int8_t none[TS_ATTENTION_MAX_D];
    for (size_t j = 0; j < job->n_keys; j += 2, out += (size_t)d * 2) {
        const int8_t *even = job->v + j * job->d;
        const int8_t *odd = j + 1 < job->n_keys ? even + job->d : none;
        for (size_t i = 0; i < job->d; i++) {
            out[2 * i] = even[i];
            out[2 * i + 1] = odd[i];
        }
    }
}

static bool begin(attention_rows *rows, const attention_stages *stages, ts_arena *arena) {
    const ts_attention_job *job = rows->work->job;
    rows->n_keys = round_up(job->n_keys, 2 * stages->lanes);
    rows->d = round_up(job->d, 2 * stages->lanes);
    size_t n = rows->n_keys;
    int8_t *keys = ts_arena_array(arena, n, job->d), *values = ts_arena_array(arena, n, rows->d);
    rows->scores = TS_ARENA_ARRAY(arena, int32_t, ATTENTION_ROWS * n);
    rows->weights = TS_ARENA_ARRAY(arena, int16_t, ATTENTION_ROWS * n);
    if (!keys || !values || !rows->scores || !rows->weights) return false;
    pack_keys(stages, job, keys);
    pack_values(job, rows->d, values);
    rows->keys = keys;
    rows->values = values;
    return true;
}

bool attention_run_blocks(const attention_stages *stages, const attention_work *work, int8_t *out,
                          ts_arena *arena) {
    const ts_attention_job *job = work->job;
    attention_rows rows = {.work = work};
    if (!begin(&rows, stages, arena)) return false;
    for (uint32_t first = 0; first < job->n_queries; first += ATTENTION_ROWS) {
        for (uint32_t r = 0; r < ATTENTION_ROWS; r++) {
            uint32_t row = first + r < job->n_queries ? first + r : job->n_queries - 1;
            rows.q[r] = job->q + (size_t)row * job->d;
            rows.out[r] = out + (size_t)row * job->d;
        }
        stages->score(&rows);
        for (unsigned r = 0; r < ATTENTION_ROWS; r++)
            rows.normal[r] = attention_normal_of(work, stages->weigh(&rows, r));
        stages->sum(&rows);
    }
    return true;
}
