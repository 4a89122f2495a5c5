/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The table of mistakes, and attention in doubles with each of them.
 */
#include "attention_causes.h"

#include <math.h>
#include <string.h>

/* ---- changes to what goes in ----------------------------------------------------------------- */

static void swap(double *a, double *b) {
    double kept = *a;
    *a = *b;
    *b = kept;
}

static void transpose(double *m, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t j = 0; j < i; j++)
            swap(&m[i * n + j], &m[j * n + i]);
}

/* Each block of 8 by 8 for itself. */
static void transpose_blocks(double *m, uint32_t n_rows, uint32_t d) {
    for (uint32_t row = 0; row + 8 <= n_rows; row += 8)
        for (uint32_t column = 0; column + 8 <= d; column += 8)
            for (uint32_t i = 0; i < 8; i++)
                for (uint32_t j = 0; j < i; j++)
                    swap(&m[(size_t)(row + i) * d + column + j],
                         &m[(size_t)(row + j) * d + column + i]);
}

/* int8 taken for uint8. */
static void unsign(double *m, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (m[i] < 0) m[i] += 256;
}

static void swap_arrays(double **a, double **b) {
    double *kept = *a;
    *a = *b;
    *b = kept;
}

static void q_transposed(att_view *x) {
    transpose(x->q, x->d);
}
static void k_transposed(att_view *x) {
    transpose(x->k, x->d);
}
static void v_transposed(att_view *x) {
    transpose(x->v, x->d);
}
static void q_blocks(att_view *x) {
    transpose_blocks(x->q, x->n_queries, x->d);
}
static void k_blocks(att_view *x) {
    transpose_blocks(x->k, x->n_keys, x->d);
}
static void v_blocks(att_view *x) {
    transpose_blocks(x->v, x->n_keys, x->d);
}
static void q_and_k(att_view *x) {
    swap_arrays(&x->q, &x->k);
}
static void k_and_v(att_view *x) {
    swap_arrays(&x->k, &x->v);
}
static void q_and_v(att_view *x) {
    swap_arrays(&x->q, &x->v);
}
static void q_unsigned(att_view *x) {
    unsign(x->q, (size_t)x->n_queries * x->d);
}
static void k_unsigned(att_view *x) {
    unsign(x->k, (size_t)x->n_keys * x->d);
}
static void v_unsigned(att_view *x) {
    unsign(x->v, (size_t)x->n_keys * x->d);
}
static void scale_twice(att_view *x) {
    x->scale *= 2;
}
static void scale_half(att_view *x) {
    x->scale /= 2;
}
static void scale_four(att_view *x) {
    x->scale *= 4;
}
static void scale_quarter(att_view *x) {
    x->scale /= 4;
}
static void scale_root(att_view *x) {
    x->scale *= sqrt(x->d);
}
static void scale_root_twice(att_view *x) {
    x->scale /= sqrt(x->d);
}
static void scale_negative(att_view *x) {
    x->scale = -x->scale;
}
/* 2^x for e^x, and e^x for 2^x of an argument that was made for it. */
static void base_two(att_view *x) {
    x->scale *= log(2);
}
static void base_e(att_view *x) {
    x->scale /= log(2);
}
static void clamped(att_view *x) {
    x->clamps_scores = true;
}
static void no_sum(att_view *x) {
    x->skips_sum = true;
}
static void by_column(att_view *x) {
    x->by_column = true;
}
static void takes_best(att_view *x) {
    x->takes_best = true;
}
static void uniform(att_view *x) {
    x->is_uniform = true;
}
static void linear(att_view *x) {
    x->is_linear = true;
}
static void all_keys(att_view *x) {
    memset(x->counts, 1, x->n_keys);
}

static void v_ones(att_view *x) {
    for (size_t i = 0; i < (size_t)x->n_keys * x->d; i++)
        x->v[i] = 1;
}

/* Keys and values from different rows. */
static void v_shifted(att_view *x) {
    size_t row = x->d;
    memmove(x->v, x->v + row, ((size_t)x->n_keys - 1) * row * sizeof *x->v);
    memset(x->v + ((size_t)x->n_keys - 1) * row, 0, row * sizeof *x->v);
}

/* Half of the sum over d, or of the keys, was left out. */
static void half_of_d(att_view *x) {
    for (uint32_t row = 0; row < x->n_keys; row++)
        memset(x->k + (size_t)row * x->d + x->d / 2, 0, x->d / 2 * sizeof *x->k);
}

static void half_of_keys(att_view *x) {
    for (uint32_t row = x->n_keys / 2; row < x->n_keys; row++)
        memset(x->v + (size_t)row * x->d, 0, x->d * sizeof *x->v);
}

/* ---- changes to what comes out --------------------------------------------------------------- */

static void out_transposed(att_view *x) {
    transpose(x->out, x->d);
}
static void out_blocks(att_view *x) {
    transpose_blocks(x->out, x->n_queries, x->d);
}

static void out_is(att_view *x, const double *rows) {
    memcpy(x->out, rows, (size_t)x->n_queries * x->d * sizeof *x->out);
}

static void out_is_q(att_view *x) {
    out_is(x, x->q);
}
static void out_is_k(att_view *x) {
    out_is(x, x->k);
}
static void out_is_v(att_view *x) {
    out_is(x, x->v);
}

/* Blocks of `height` rows and 8 columns one behind the other, as the multiplier makes them. */
static void leave_blocked(att_view *x, uint32_t height) {
    size_t n = 0;
    double *from = x->q; /* done with */
    memcpy(from, x->out, (size_t)x->n_queries * x->d * sizeof *from);
    for (uint32_t row = 0; row < x->n_queries; row += height)
        for (uint32_t column = 0; column < x->d; column += 8)
            for (uint32_t i = 0; i < height; i++)
                for (uint32_t j = 0; j < 8; j++)
                    x->out[n++] = from[(size_t)(row + i) * x->d + column + j];
}

static void out_blocked_4(att_view *x) {
    leave_blocked(x, 4);
}
static void out_blocked_8(att_view *x) {
    leave_blocked(x, 8);
}

/* ---- the table ------------------------------------------------------------------------------- */

const att_change att_changes[] = {
    {"nothing else", 0, NULL, NULL},
    {"scores are clamped to int8 before softmax", 0, clamped, NULL},
    {"Q is transposed", ATT_SQUARE_QUERIES | ATT_ALL_ROWS, q_transposed, NULL},
    {"K is transposed", ATT_SQUARE_KEYS, k_transposed, NULL},
    {"V is transposed", ATT_SQUARE_KEYS, v_transposed, NULL},
    {"8 by 8 blocks of Q are transposed", ATT_BLOCKS | ATT_ALL_ROWS, q_blocks, NULL},
    {"8 by 8 blocks of K are transposed", ATT_BLOCKS, k_blocks, NULL},
    {"8 by 8 blocks of V are transposed", ATT_BLOCKS, v_blocks, NULL},
    {"Q and K are swapped", ATT_SAME_ROWS | ATT_ALL_ROWS, q_and_k, NULL},
    {"K and V are swapped", 0, k_and_v, NULL},
    {"Q and V are swapped", ATT_SAME_ROWS | ATT_ALL_ROWS, q_and_v, NULL},
    {"Q is taken as unsigned", 0, q_unsigned, NULL},
    {"K is taken as unsigned", 0, k_unsigned, NULL},
    {"V is taken as unsigned", 0, v_unsigned, NULL},
    {"the scale is 2 times too large", 0, scale_twice, NULL},
    {"the scale is 2 times too small", 0, scale_half, NULL},
    {"the scale is 4 times too large", 0, scale_four, NULL},
    {"the scale is 4 times too small", 0, scale_quarter, NULL},
    {"the scale lacks 1/sqrt(d)", 0, scale_root, NULL},
    {"the scale has 1/sqrt(d) twice", 0, scale_root_twice, NULL},
    {"the scale has the wrong sign", 0, scale_negative, NULL},
    {"weights are powers of 2 instead of e", 0, base_two, NULL},
    {"log2(e) is multiplied in twice", 0, base_e, NULL},
    {"weights are not divided by their sum", 0, no_sum, NULL},
    {"softmax runs over queries instead of keys", ATT_ALL_ROWS, by_column, NULL},
    {"only the best key of each row counts", 0, takes_best, NULL},
    {"all keys weigh the same", 0, uniform, NULL},
    {"there is no softmax: scores are the weights", 0, linear, NULL},
    {"keys that the mask leaves out count", ATT_WITH_MASK, all_keys, NULL},
    {"keys behind the key length count", ATT_SHORT, all_keys, NULL},
    {"V is all ones", 0, v_ones, NULL},
    {"V is a row ahead of K", 0, v_shifted, NULL},
    {"scores are sums over half of d", 0, half_of_d, NULL},
    {"the second half of the keys adds nothing", 0, half_of_keys, NULL},
    {"the output is transposed", ATT_SQUARE_QUERIES | ATT_ALL_ROWS, NULL, out_transposed},
    {"8 by 8 blocks of the output are transposed", ATT_BLOCKS | ATT_ALL_ROWS, NULL, out_blocks},
    {"the output is left in blocks of 4 by 8", ATT_BLOCKS | ATT_ALL_ROWS, NULL, out_blocked_4},
    {"the output is left in blocks of 8 by 8", ATT_BLOCKS | ATT_ALL_ROWS, NULL, out_blocked_8},
    {"the output is Q as it came", 0, NULL, out_is_q},
    {"the output is K as it came", ATT_SAME_ROWS | ATT_ALL_ROWS, NULL, out_is_k},
    {"the output is V as it came", ATT_SAME_ROWS | ATT_ALL_ROWS, NULL, out_is_v},
    {NULL, 0, NULL, NULL},
};

/* ---- views ----------------------------------------------------------------------------------- */

ts_status att_view_new(ts_arena *arena, const att_case *inputs, const uint32_t *queries,
                       uint32_t n_queries, att_view *out, ts_diag *diag) {
    const ts_attention_inputs *in = &inputs->in;
    size_t n_q = (size_t)n_queries * in->d, n_k = (size_t)in->n_keys * in->d;
    size_t most = n_q > n_k ? n_q : n_k; /* they may be swapped */
    *out = (att_view){.n_queries = n_queries, .n_keys = in->n_keys, .d = in->d};
    out->q = TS_ARENA_ARRAY(arena, double, most);
    out->k = TS_ARENA_ARRAY(arena, double, most);
    out->v = TS_ARENA_ARRAY(arena, double, most);
    out->out = TS_ARENA_ARRAY(arena, double, n_q);
    out->p = TS_ARENA_ARRAY(arena, double, (size_t)n_queries * in->n_keys);
    out->counts = TS_ARENA_ARRAY(arena, uint8_t, in->n_keys);
    if (!out->q || !out->k || !out->v || !out->out || !out->p || !out->counts)
        return ts_fail_nomem(diag);
    att_view_fill(inputs, queries, out);
    return TS_OK;
}

void att_view_fill(const att_case *inputs, const uint32_t *queries, att_view *x) {
    const ts_attention_inputs *in = &inputs->in;
    for (uint32_t row = 0; row < x->n_queries; row++)
        for (uint32_t i = 0; i < x->d; i++)
            x->q[(size_t)row * x->d + i] = in->q[(size_t)(queries ? queries[row] : row) * x->d + i];
    for (size_t i = 0; i < (size_t)x->n_keys * x->d; i++) {
        x->k[i] = in->k[i];
        x->v[i] = in->v[i];
    }
    for (uint32_t key = 0; key < x->n_keys; key++)
        x->counts[key] = key < inputs->key_length && (!inputs->mask || inputs->mask[key]);
    x->scale = inputs->scale;
    x->output_scale = inputs->output_scale;
    x->clamps_scores = x->skips_sum = x->by_column = x->takes_best = false;
    x->is_uniform = x->is_linear = false;
}

bool att_change_fits(const att_change *change, const att_case *inputs, const att_view *x,
                     bool is_sample) {
    unsigned lacks = 0;
    if (x->n_keys != x->d) lacks |= ATT_SQUARE_KEYS;
    if (x->n_queries != x->d) lacks |= ATT_SQUARE_QUERIES;
    if (x->n_queries != x->n_keys) lacks |= ATT_SAME_ROWS;
    if (is_sample) lacks |= ATT_ALL_ROWS;
    if (!inputs->mask) lacks |= ATT_WITH_MASK;
    if (inputs->key_length == x->n_keys) lacks |= ATT_SHORT;
    if (x->n_keys % 8 || x->n_queries % 8) lacks |= ATT_BLOCKS;
    return !(change->needs & lacks);
}

/* ---- attention with a change ----------------------------------------------------------------- */

static double score(const att_view *x, uint32_t query, uint32_t key) {
    const double *q = x->q + (size_t)query * x->d, *k = x->k + (size_t)key * x->d;
    double sum = 0;
    for (uint32_t i = 0; i < x->d; i++)
        sum += q[i] * k[i];
    sum *= x->is_uniform ? 0 : x->scale;
    return x->clamps_scores ? fmax(-128, fmin(127, nearbyint(sum))) : sum;
}

/* Weights of one row of `n` scores that lie `step` apart. */
static void softmax(const att_view *x, double *p, uint32_t n, size_t step, bool uses_mask) {
    double most = -INFINITY, sum = 0;
    for (uint32_t i = 0; i < n; i++)
        if ((!uses_mask || x->counts[i]) && p[i * step] > most) most = p[i * step];
    for (uint32_t i = 0; i < n; i++) {
        double *w = &p[i * step];
        bool is_best = *w == most;
        *w = x->is_linear ? *w : x->takes_best ? (is_best ? 1 : 0) : exp(*w - most);
        if (uses_mask && !x->counts[i]) *w = 0;
        sum += *w;
    }
    if (x->skips_sum || x->is_linear || !(sum > 0)) return;
    for (uint32_t i = 0; i < n; i++)
        p[i * step] /= sum;
}

static void all_weights(att_view *x) {
    for (uint32_t query = 0; query < x->n_queries; query++) {
        double *p = x->p + (size_t)query * x->n_keys;
        for (uint32_t key = 0; key < x->n_keys; key++)
            p[key] = score(x, query, key);
        if (!x->by_column) softmax(x, p, x->n_keys, 1, true);
    }
    for (uint32_t key = 0; key < x->n_keys && x->by_column; key++)
        softmax(x, x->p + key, x->n_queries, x->n_keys, false);
}

void att_change_run(const att_change *change, att_view *x) {
    if (change->before) change->before(x);
    all_weights(x);
    memset(x->out, 0, (size_t)x->n_queries * x->d * sizeof *x->out);
    for (uint32_t query = 0; query < x->n_queries; query++)
        for (uint32_t key = 0; key < x->n_keys; key++) {
            double p = x->p[(size_t)query * x->n_keys + key] * x->output_scale;
            if (p == 0) continue;
            for (uint32_t i = 0; i < x->d; i++)
                x->out[(size_t)query * x->d + i] += p * x->v[(size_t)key * x->d + i];
        }
    if (change->after) change->after(x);
}
