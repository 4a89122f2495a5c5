/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * attention: how far results are from floating point on inputs like those of networks. With a
 * number: so many seeds instead of a few (soak). */
#include "attention_cases.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static ts_npy array_of(ts_npy_type type, const void *values, size_t n) {
    return (ts_npy){.type = type,
                    .n_dims = 1,
                    .shape = {n},
                    .n_elements = n,
                    .data = ts_span_of(values, n * ts_npy_type_size(type))};
}

static ts_metrics compare(const int8_t *got, const float *want, size_t n) {
    ts_npy g = array_of(TS_NPY_INT8, got, n), w = array_of(TS_NPY_FLOAT32, want, n);
    ts_metrics m;
    ts_diag diag = {0};
    if (ts_metrics_compare(&g, &w, &m, &diag) != TS_OK) fail_msg("%s", diag.message);
    return m;
}

/* What exact arithmetic gives, rounded to int8. */
static const int8_t *rounded(ts_arena *arena, const float *exact, size_t n) {
    int8_t *out = ts_arena_alloc(arena, n);
    for (size_t i = 0; i < n; i++)
        out[i] = (int8_t)nearbyint((double)exact[i]);
    return out;
}

static double largest_probability(const attention_case *c, uint32_t row) {
    double top = -HUGE_VAL, sum = 0;
    for (int round = 0; round < 2; round++)
        for (uint32_t j = 0; j < c->job.n_keys; j++) {
            double score = 0;
            for (uint32_t i = 0; i < c->job.d; i++)
                score += c->job.q[row * c->job.d + i] * c->job.k[j * c->job.d + i];
            if (round)
                sum += exp(c->scale * (score - top));
            else
                top = fmax(top, score);
        }
    return 1 / sum;
}

static attention_case case_of(const ts_attention_inputs *in) {
    attention_case c = {.job = ts_attention_job_of(in), .scale = in->scale, .output_scale = 1};
    ts_diag diag = {0};
    if (ts_attention_steps_of(c.scale, 1, c.job.d, &c.job.steps, &diag) != TS_OK)
        fail_msg("%s", diag.message);
    snprintf(c.name, sizeof c.name, "%u x %u x %u, scale %g", in->n_queries, in->n_keys, in->d,
             c.scale);
    return c;
}

/* All variants give the same; this is it. */
static const int8_t *run_all(ts_arena *arena, const attention_case *c) {
    size_t n = (size_t)c->job.n_queries * c->job.d;
    const int8_t *want = attention_run_case(arena, TS_ATTENTION_PLAIN, c);
    for (int i = TS_ATTENTION_PLAIN + 1; i < TS_N_ATTENTION_VARIANTS; i++)
        if (ts_attention_has_variant((ts_attention_variant)i))
            test_same_bytes(ts_span_of(attention_run_case(arena, (ts_attention_variant)i, c), n),
                            ts_span_of(want, n));
    return want;
}

/* ---- uniform inputs -------------------------------------------------------------------------- */

static void seed_42_is_right_with_int32_scores_only(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_attention_inputs in = {.n_queries = 64, .n_keys = 64, .d = 64};
    ts_diag diag = {0};
    assert_int_equal(ts_attention_draw_numpy(42, &in, arena, &diag), TS_OK);
    attention_case c = case_of(&in);
    const float *exact = attention_reference(arena, &c);
    ts_metrics m = compare(run_all(arena, &c), exact, 4096);
    print_message("seed 42, int32 scores: correlation %.10f, MAE %.7f\n", m.correlation, m.mae);
    assert_true(m.correlation >= 0.9999999 && m.mae <= 0.0001 && m.max_error < 0.02);
    c.job.scores = TS_ATTENTION_INT8;
    m = compare(run_all(arena, &c), exact, 4096);
    print_message("seed 42, int8 scores: correlation %.4f, MAE %.2f\n", m.correlation, m.mae);
    assert_true(m.correlation > 0.18 && m.correlation < 0.21 && m.mae > 30);
    test_end(arena);
}

/* ---- normal inputs --------------------------------------------------------------------------- */

static unsigned n_seeds = 4;

typedef struct worst {
    double probability; /* the mean */
    double mae, mean_error, max_error;
    double ideal_mae;
    double correlation_lost; /* less than that of exact arithmetic, rounded */
} worst;

static void one_seed(uint32_t seed, double temperature, worst *w) {
    ts_arena *arena = test_begin();
    ts_attention_inputs in = {.n_queries = 64, .n_keys = 64, .d = 64};
    ts_diag diag = {0};
    assert_int_equal(ts_attention_draw_gauss(seed, temperature, &in, arena, &diag), TS_OK);
    attention_case c = case_of(&in);
    const float *exact = attention_reference(arena, &c);
    ts_metrics m = compare(run_all(arena, &c), exact, 4096);
    ts_metrics ideal = compare(rounded(arena, exact, 4096), exact, 4096);
    for (uint32_t row = 0; row < 64; row++)
        w->probability += largest_probability(&c, row) / 64 / n_seeds;
    w->mae = fmax(w->mae, m.mae);
    w->ideal_mae = fmax(w->ideal_mae, ideal.mae);
    w->mean_error = fmax(w->mean_error, fabs(m.mean_error));
    w->max_error = fmax(w->max_error, m.max_error);
    w->correlation_lost = fmax(w->correlation_lost, ideal.correlation - m.correlation);
    test_end(arena);
}

/* Each seed for itself keeps the bars. */
static void normal_inputs_keep_the_bars(void **state) {
    (void)state;
    static const double cases[][2] = {{1, 0.1}, {0.3, 0.5}, {0.06, 0.9}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        worst w = {0};
        for (uint32_t seed = 0; seed < n_seeds; seed++)
            one_seed(seed, cases[i][0], &w);
        print_message("temperature %.2f, %u seeds: mean largest probability %.3f; worst MAE %.4f "
                      "(ideal %.4f), mean error %.4f, error %.3f, correlation lost %.7f\n",
                      cases[i][0], n_seeds, w.probability, w.mae, w.ideal_mae, w.mean_error,
                      w.max_error, w.correlation_lost);
        assert_true(fabs(w.probability - cases[i][1]) < 0.04);
        assert_true(w.mae <= 0.27 && w.mean_error <= 0.02 && w.correlation_lost <= 0.0005);
        assert_true(w.max_error < 0.89);
    }
}

/* A head of Whisper: 1,500 keys, so weights have 13 bits. */
static void long_rows_keep_the_bars(void **state) {
    (void)state;
    static const double temperatures[] = {1, 0.3, 0.06};
    for (size_t i = 0; i < 3; i++) {
        ts_arena *arena = test_begin();
        ts_attention_inputs in = {.n_queries = 16, .n_keys = 1500, .d = 64};
        ts_diag diag = {0};
        const size_t n = (size_t)16 * 64;
        assert_int_equal(ts_attention_draw_gauss(1, temperatures[i], &in, arena, &diag), TS_OK);
        attention_case c = case_of(&in);
        const float *exact = attention_reference(arena, &c);
        ts_metrics m = compare(run_all(arena, &c), exact, n);
        ts_metrics ideal = compare(rounded(arena, exact, n), exact, n);
        print_message("temperature %.2f, 1,500 keys: MAE %.4f (ideal %.4f), mean error %.4f, "
                      "largest %.3f, correlation lost %.7f\n",
                      temperatures[i], m.mae, ideal.mae, m.mean_error, m.max_error,
                      ideal.correlation - m.correlation);
        assert_true(m.mae <= 0.27 && fabs(m.mean_error) <= 0.02);
        assert_true(ideal.correlation - m.correlation <= 0.0005);
        test_end(arena);
    }
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seed_42_is_right_with_int32_scores_only),
        cmocka_unit_test(normal_inputs_keep_the_bars),
        cmocka_unit_test(long_rows_keep_the_bars),
    };
    if (argc > 1) n_seeds = (unsigned)strtoul(argv[1], NULL, 10);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
