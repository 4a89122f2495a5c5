/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * attention: every variant this machine has gives the plain one's results, bit for bit; how far
 * these are from exact arithmetic, against the bound that docs/attention.md derives. */
#include "attention_cases.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void same_as_plain(ts_arena *arena, const attention_case *c, const int8_t *want) {
    for (int i = TS_ATTENTION_PLAIN + 1; i < TS_N_ATTENTION_VARIANTS; i++) {
        ts_attention_variant variant = (ts_attention_variant)i;
        if (!ts_attention_has_variant(variant)) continue;
        const int8_t *got = attention_run_case(arena, variant, c);
        for (uint32_t at = 0; at < c->job.n_queries * c->job.d; at++)
            if (got[at] != want[at])
                fail_msg("%s, %s: row %u, column %u is %d; expected %d",
                         ts_attention_variant_name(variant), c->name, at / c->job.d, at % c->job.d,
                         got[at], want[at]);
    }
}

static void variants_have_names(void **state) {
    (void)state;
    assert_string_equal(ts_attention_variant_name(TS_ATTENTION_PLAIN), "plain");
    assert_string_equal(ts_attention_variant_name(TS_N_ATTENTION_VARIANTS), "?");
    assert_true(ts_attention_has_variant(TS_ATTENTION_PLAIN));
    assert_false(ts_attention_has_variant(TS_N_ATTENTION_VARIANTS));
    assert_true(ts_attention_has_variant(ts_attention_best_variant()));
    for (int i = 0; i < TS_N_ATTENTION_VARIANTS; i++) {
        ts_attention_variant variant = (ts_attention_variant)i;
        ts_attention_job job = {.q = (const int8_t[8]){1},
                                .k = (const int8_t[8]){1},
                                .v = (const int8_t[8]){1},
                                .n_queries = 1,
                                .n_keys = 1,
                                .d = 8,
                                .key_length = 1};
        ts_diag diag = {0};
        ts_arena *arena = test_begin();
        int8_t out[8];
        assert_int_equal(ts_attention_steps_of(1, 1, 8, &job.steps, &diag), TS_OK);
        if (ts_attention_has_variant(variant)) {
            assert_int_equal(ts_attention_run(variant, &job, out, arena, &diag), TS_OK);
            assert_int_equal(out[0], 1);
        } else {
            print_message("SKIPPED: this machine does not run attention's variant %s\n",
                          ts_attention_variant_name(variant));
            assert_int_equal(ts_attention_run(variant, &job, out, arena, &diag), TS_UNSUPPORTED);
            test_expect_error(&diag, TS_UNSUPPORTED, "this machine does not run");
        }
        test_end(arena);
    }
}

/* ---- agreement ------------------------------------------------------------------------------- */

/* Buffers end where they end, so that the sanitizer sees a vector that reaches further. */
static void random_jobs_agree(void **state) {
    (void)state;
    test_random random = {77};
    for (uint32_t d = 8; d <= TS_ATTENTION_MAX_D; d += 8)
        for (int round = 0; round < 12; round++) {
            ts_arena *arena = test_begin();
            uint32_t n_queries = 1 + (uint32_t)(test_next(&random) % 9);
            uint32_t n_keys = 1 + (uint32_t)(test_next(&random) % 100);
            attention_case c = attention_random_case(arena, &random, n_queries, n_keys, d, true);
            same_as_plain(arena, &c, attention_run_case(arena, TS_ATTENTION_PLAIN, &c));
            test_end(arena);
        }
}

/* From 511 keys up the weights have fewer bits; the last is the most there are. */
static void many_keys_agree(void **state) {
    (void)state;
    static const uint32_t counts[] = {511, 512, 1023, 1024, 1500, 4096, 65536};
    test_random random = {78};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        ts_arena *arena = test_begin();
        attention_case c = attention_random_case(arena, &random, 2, counts[i], 8, true);
        same_as_plain(arena, &c, attention_run_case(arena, TS_ATTENTION_PLAIN, &c));
        test_end(arena);
    }
}

/* 65,536 keys with equal weights and V = -128, 127: sums as large as they can be. */
static void the_largest_sums_fit(void **state) {
    (void)state;
    static const uint32_t counts[] = {511, 1023, 32767, 65535, 65536};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        for (int v = -128; v <= 127; v += 255) {
            ts_arena *arena = test_begin();
            attention_case c = {.job = {.n_queries = 1, .n_keys = counts[i], .d = 8},
                                .output_scale = 1};
            c.job.key_length = counts[i];
            c.job.q = ts_arena_alloc(arena, 8);
            c.job.k = ts_arena_array(arena, counts[i], 8);
            c.job.v = memset(ts_arena_array(arena, counts[i], 8), v, (size_t)counts[i] * 8);
            ts_diag diag = {0};
            assert_int_equal(ts_attention_steps_of(1, 1, 8, &c.job.steps, &diag), TS_OK);
            const int8_t *want = attention_run_case(arena, TS_ATTENTION_PLAIN, &c);
            assert_int_equal(want[0], v);
            assert_int_equal(want[7], v);
            same_as_plain(arena, &c, want);
            test_end(arena);
        }
}

static void near_to_reference(ts_arena *arena, const attention_case *c, const int8_t *got,
                              double most) {
    const float *want = attention_reference(arena, c);
    for (uint32_t at = 0; at < c->job.n_queries * c->job.d; at++) {
        double exact = fmin(127, fmax(-128, (double)want[at]));
        if (!(fabs(got[at] - exact) <= most))
            fail_msg("%s: row %u, column %u is %d; expected %.6f within %.6f", c->name,
                     at / c->job.d, at % c->job.d, got[at], exact, most);
    }
}

/* Tiles of 64 keys; two shapes. */
static void extremes_agree_and_are_right(void **state) {
    (void)state;
    for (unsigned i = 0; i < attention_n_extremes(64); i++)
        for (uint32_t d = 64; d <= 72; d += 8) {
            ts_arena *arena = test_begin();
            attention_case c = attention_extreme(arena, i, 5, 64, d);
            const int8_t *want = attention_run_case(arena, TS_ATTENTION_PLAIN, &c);
            same_as_plain(arena, &c, want);
            near_to_reference(arena, &c, want, 1);
            test_end(arena);
        }
}

/* ---- the bound ------------------------------------------------------------------------------- */

/* For every u and every width of weights: |w - W 2^-t| <= 2^-10 W 2^-t + 9/16, and w = W at 0. */
static void the_exponential_keeps_its_bound(void **state) {
    (void)state;
    for (unsigned bits = 7; bits <= 15; bits++) {
        double one = ldexp(1, (int)bits);
        assert_true(ts_attention_weight(0, bits) == -one);
        for (unsigned u = 1; u <= 32767; u++) {
            double exact = one * exp2(-(double)u / 2048);
            double error = fabs(-ts_attention_weight(u, bits) - exact);
            if (!(error <= exact / 1024 + 9.0 / 16))
                fail_msg("u = %u, %u bits: off by %.6f of %.6f", u, bits, error, exact);
        }
    }
}

/* The bound of docs/attention.md. */
static double bound(uint32_t n_keys, double output_scale) {
    const double epsilon = 1.825e-3;
    double one = ldexp(1, (int)ts_attention_weight_bits(n_keys));
    double a = 255.0 * (n_keys - 1) * (9.0 / 16) / one;
    double e1 = fmax(a, 127.5 * epsilon + a / 2) / (1 - fmax(epsilon, a / 255));
    return 0.5 + output_scale * (e1 + 0.0040) + 0.0118;
}

static void random_jobs_keep_the_bound(void **state) {
    (void)state;
    test_random random = {79};
    assert_true(bound(64, 1) < 0.89 && bound(111, 1) < 1 && bound(112, 1) > 1);
    for (int round = 0; round < 400; round++) {
        ts_arena *arena = test_begin();
        uint32_t n_keys = 1 + (uint32_t)(test_next(&random) % (round % 8 ? 120 : 700));
        uint32_t d = 8 * (1 + (uint32_t)(test_next(&random) % 16));
        attention_case c = attention_random_case(arena, &random, 3, n_keys, d, round % 2 == 0);
        c.job.scores = TS_ATTENTION_INT32;
        ts_attention_variant best = ts_attention_best_variant();
        near_to_reference(arena, &c, attention_run_case(arena, best, &c),
                          bound(n_keys, c.output_scale));
        test_end(arena);
    }
}

/* One key with all the weight and V = 127, all others at a distance where weights lose most, with
 * V = -128. Gives the largest error over the distances. */
static double conspiracy(uint32_t n_keys) {
    double worst = 0;
    for (int distance = 0; distance < 400; distance++) {
        ts_arena *arena = test_begin();
        attention_case c = {.job = {.n_queries = 1, .n_keys = n_keys, .d = 8, .key_length = n_keys},
                            .output_scale = 1};
        int8_t *q = ts_arena_alloc(arena, 8), *k = ts_arena_array(arena, n_keys, 8);
        int8_t *v = memset(ts_arena_array(arena, n_keys, 8), INT8_MIN, (size_t)n_keys * 8);
        ts_diag diag = {0};
        c.scale = (double)(distance + 1) / 400 * 16 * log(2);
        q[0] = k[0] = 1;
        v[0] = INT8_MAX;
        c.job.q = q;
        c.job.k = k;
        c.job.v = v;
        assert_int_equal(ts_attention_steps_of(c.scale, 1, 8, &c.job.steps, &diag), TS_OK);
        const int8_t *got = attention_run_case(arena, TS_ATTENTION_PLAIN, &c);
        near_to_reference(arena, &c, got, bound(n_keys, 1));
        worst = fmax(worst, fabs(got[0] - (double)attention_reference(arena, &c)[0]));
        test_end(arena);
    }
    return worst;
}

/* So that nobody takes the bound for too careful. */
static void keys_that_conspire_come_near_the_bound(void **state) {
    (void)state;
    double tile = conspiracy(64), more = conspiracy(511);
    print_message("largest error where keys conspire: 64 keys %.3f, 511 keys %.3f\n", tile, more);
    assert_true(tile > 0.6 && tile < 0.89);
    assert_true(more > 1.9 && more < 2.77);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(variants_have_names),
        cmocka_unit_test(random_jobs_agree),
        cmocka_unit_test(many_keys_agree),
        cmocka_unit_test(the_largest_sums_fit),
        cmocka_unit_test(extremes_agree_and_are_right),
        cmocka_unit_test(the_exponential_keeps_its_bound),
        cmocka_unit_test(random_jobs_keep_the_bound),
        cmocka_unit_test(keys_that_conspire_come_near_the_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
