/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * Attention of jobs made of any bytes, steps included: all variants refuse the same and give the
 * same. 30 bytes of numbers, then the mask, then Q, K and V, which go on with what was there. */
#include "tessera/attention.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static ts_attention_job job_from(ts_cur *cur) {
    ts_attention_job job = {0};
    job.n_queries = ts_cur_u8(cur) % 8;
    job.n_keys = ts_cur_u16le(cur) % 700;
    job.d = ts_cur_u8(cur);
    job.key_length = ts_cur_u16le(cur);
    job.scores = (ts_attention_scores)(ts_cur_u8(cur) % 3);
    ts_attention_steps *s = &job.steps;
    s->difference_shift = ts_cur_u8(cur);
    s->multiplier = (int16_t)ts_cur_u16le(cur);
    s->multiplier_shift = ts_cur_u8(cur);
    s->numerator = (int32_t)ts_cur_u32le(cur);
    s->output_shift = ts_cur_u8(cur);
    s->score_shift = ts_cur_u8(cur);
    s->score_multiplier = (int16_t)ts_cur_u16le(cur);
    s->score_multiplier_shift = ts_cur_u8(cur);
    return job;
}

static double real_from(ts_cur *cur) {
    uint64_t bits = ts_cur_u64le(cur);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* The same bytes again and again. */
static int8_t *fill(ts_arena *arena, size_t n, ts_span bytes, size_t from) {
    int8_t *out = ts_arena_alloc(arena, n);
    if (!out) abort();
    for (size_t i = 0; i < n && bytes.size; i++)
        out[i] = (int8_t)(bytes.data[(from + i) % bytes.size] + i / 97);
    return out;
}

static ts_status run(ts_attention_variant variant, const ts_attention_job *job, int8_t *out,
                     ts_arena *arena) {
    ts_diag diag = {0};
    ts_status status = ts_attention_run(variant, job, out, arena, &diag);
    if (status != TS_OK && !diag.message[0]) abort();
    return status;
}

static void compare(ts_attention_job *job, ts_arena *arena) {
    size_t n = (size_t)job->n_queries * job->d;
    int8_t *want = ts_arena_alloc(arena, n), *got = ts_arena_alloc(arena, n);
    if (!want || !got) abort();
    ts_status status = run(TS_ATTENTION_PLAIN, job, want, arena);
    for (int i = TS_ATTENTION_PLAIN + 1; i < TS_N_ATTENTION_VARIANTS; i++) {
        if (!ts_attention_has_variant((ts_attention_variant)i)) continue;
        if (run((ts_attention_variant)i, job, got, arena) != status) abort();
        if (status == TS_OK && memcmp(got, want, n) != 0) abort();
    }
    int32_t block[TS_ATTENTION_BLOCK_WORDS];
    if (status == TS_OK) ts_attention_block(job, block);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    ts_arena arena;
    ts_arena_init(&arena, 64u << 20);
    ts_cur cur = ts_cur_of(ts_span_of(data, size));
    ts_attention_job job = job_from(&cur);
    double scale = real_from(&cur), output_scale = ts_cur_u8(&cur);
    bool has_mask = ts_cur_u8(&cur) % 2;
    ts_span rest = ts_cur_bytes(&cur, ts_cur_left(&cur));
    job.mask = has_mask ? (const uint8_t *)fill(&arena, job.n_keys, rest, 0) : NULL;
    job.q = fill(&arena, (size_t)job.n_queries * job.d, rest, 1);
    job.k = fill(&arena, (size_t)job.n_keys * job.d, rest, 2);
    job.v = fill(&arena, (size_t)job.n_keys * job.d, rest, 3);
    compare(&job, &arena);
    ts_diag diag = {0};
    if (ts_attention_steps_of(scale, output_scale, job.d, &job.steps, &diag) == TS_OK)
        compare(&job, &arena);
    else if (!diag.message[0])
        abort();
    ts_arena_free(&arena);
    return 0;
}
