/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * attention: metrics against values worked out by hand or in closed form, and NumPy's draws. */
#include "support.h"

#include "tessera/attention.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static ts_npy array_of(ts_npy_type type, const void *values, size_t n) {
    return (ts_npy){.type = type,
                    .n_dims = 1,
                    .shape = {n},
                    .n_elements = n,
                    .data = ts_span_of(values, n * ts_npy_type_size(type))};
}

static ts_metrics compare(const ts_npy *got, const ts_npy *want) {
    ts_metrics m;
    ts_diag diag = {0};
    if (ts_metrics_compare(got, want, &m, &diag) != TS_OK) fail_msg("%s", diag.message);
    return m;
}

static ts_metrics of(ts_npy_type type, const void *got, const void *want, size_t n) {
    ts_npy g = array_of(type, got, n), w = array_of(type, want, n);
    return compare(&g, &w);
}

#define METRICS(TYPE, type, got, want)                                                             \
    of(TS_NPY_##TYPE, (const type[])got, (const type[])want,                                       \
       sizeof((const type[])got) / sizeof(type))
#define LIST(...)                                                                                  \
    { __VA_ARGS__ }

static void near_to(double got, double want, double relative, const char *what) {
    if (got == want || (isnan(got) && isnan(want))) return;
    if (!(fabs(got - want) <= relative * fabs(want)))
        fail_msg("%s is %.17g; expected %.17g", what, got, want);
}

#define NEAR(got, want) near_to(got, want, 4e-16, #got)

/* ---- by hand --------------------------------------------------------------------------------- */

/* E = -1 0 1 0; sums of squares 30, 28, 2; products 28. Means 2.5 both; deviations' products 3,
 * squares 5 and 3. */
static void small_arrays_have_the_figures_of_paper(void **state) {
    (void)state;
    ts_metrics m = METRICS(INT8, int8_t, LIST(1, 2, 3, 4), LIST(2, 2, 2, 4));
    assert_int_equal(m.n_pairs, 4);
    assert_int_equal(m.n_finite, 4);
    NEAR(m.correlation, 3 / sqrt(15));
    NEAR(m.cosine, 28 / (sqrt(30) * sqrt(28)));
    NEAR(m.mean_error, 0);
    NEAR(m.mae, 0.5);
    NEAR(m.rmse, sqrt(0.5));
    NEAR(m.relative_l2, sqrt(2.0 / 28));
    NEAR(m.max_error, 1);
    NEAR(m.equal, 0.5);
    NEAR(m.within_5, 1);
    NEAR(m.saturated, 0);
    NEAR(m.snr, 10 * log10(14));
    assert_int_equal(m.max_at, 0);
    NEAR(m.max_got, 1);
    NEAR(m.max_want, 2);
}

static void shares_count_their_bounds(void **state) {
    (void)state;
    ts_metrics m =
        METRICS(INT16, int16_t, LIST(0, 5, -5, 6, 10, -10, 11, 100), LIST(0, 0, 0, 0, 0, 0, 0, 0));
    NEAR(m.equal, 1 / 8.0);
    NEAR(m.within_5, 3 / 8.0);
    NEAR(m.within_10, 6 / 8.0);
    NEAR(m.max_error, 100);
    assert_int_equal(m.max_at, 7);
    m = METRICS(FLOAT64, double, LIST(5, 5.0000000000000009, 10, 10.000000000000002),
                LIST(0, 0, 0, 0));
    NEAR(m.within_5, 1 / 4.0);
    NEAR(m.within_10, 3 / 4.0);
}

static void errors_keep_their_sign(void **state) {
    (void)state;
    ts_metrics m = METRICS(INT32, int32_t, LIST(-3, 7, 0), LIST(1, 9, 0));
    NEAR(m.mean_error, -2);
    NEAR(m.mae, 2);
    NEAR(m.max_error, 4);
    m = METRICS(UINT8, uint8_t, LIST(255, 0), LIST(0, 255));
    NEAR(m.mean_error, 0);
    NEAR(m.mae, 255);
    NEAR(m.correlation, -1);
    NEAR(m.cosine, 0);
    assert_int_equal(m.n_saturated, 1);
    assert_int_equal(m.n_want_saturated, 1);
}

/* ---- closed forms ---------------------------------------------------------------------------- */

enum {
    LONG = 4096
};

static void lines_correlate(void **state) {
    (void)state;
    static double got[LONG], want[LONG];
    for (int i = 0; i < LONG; i++) {
        want[i] = i - 1000.25;
        got[i] = -3 * want[i] + 17;
    }
    ts_metrics m = of(TS_NPY_FLOAT64, got, want, LONG);
    near_to(m.correlation, -1, 1e-15, "correlation");
    for (int i = 0; i < LONG; i++)
        got[i] = want[i] + 0.125;
    m = of(TS_NPY_FLOAT64, got, want, LONG);
    NEAR(m.mean_error, 0.125);
    NEAR(m.mae, 0.125);
    NEAR(m.rmse, 0.125);
    NEAR(m.max_error, 0.125);
    near_to(m.correlation, 1, 1e-15, "correlation");
}

static void waves_at_right_angles_do_not(void **state) {
    (void)state;
    static double got[LONG], want[LONG];
    const double turn = 2 * acos(-1) / LONG;
    for (int i = 0; i < LONG; i++) {
        got[i] = sin(turn * i);
        want[i] = cos(turn * i);
    }
    ts_metrics m = of(TS_NPY_FLOAT64, got, want, LONG);
    assert_true(fabs(m.correlation) < 1e-15);
    assert_true(fabs(m.cosine) < 1e-15);
    near_to(m.rmse, 1, 1e-15, "rmse"); /* sqrt(1/2 + 1/2) */
    near_to(m.relative_l2, sqrt(2), 1e-15, "relative L2");
    near_to(m.snr, -10 * log10(2), 1e-14, "snr");
    near_to(m.mae, sqrt(2) * 2 / acos(-1), 1e-6, "mae"); /* mean |sqrt(2) sin(t - 45 degrees)| */
}

/* A naive sum of these is off by 1e-10 and more. */
static void long_sums_lose_nothing(void **state) {
    (void)state;
    static double got[LONG], want[LONG];
    for (int i = 0; i < LONG; i++) {
        got[i] = 0.1;
        want[i] = 0;
    }
    ts_metrics m = of(TS_NPY_FLOAT64, got, want, LONG);
    NEAR(m.mean_error, 0.1);
    NEAR(m.mae, 0.1);
    NEAR(m.rmse, 0.1);
    m = METRICS(FLOAT64, double, LIST(1e100, 1, -1e100, 1), LIST(0, 0, 0, 0));
    NEAR(m.mean_error, 0.5);
}

/* Against plain sums in long double. */
static void random_arrays_agree_with_plain_sums(void **state) {
    (void)state;
    test_random random = {99};
    for (int round = 0; round < 50; round++) {
        int8_t got[97], want[97];
        long double n = 97, gw = 0, gg = 0, ww = 0, ee = 0, g_sum = 0, w_sum = 0, magnitudes = 0;
        for (int i = 0; i < 97; i++) {
            got[i] = (int8_t)test_next(&random);
            want[i] = (int8_t)(test_next(&random) % 5 ? got[i] / 2 : (int)(test_next(&random) % 7));
            long double g = got[i], w = want[i];
            gw += g * w;
            gg += g * g;
            ww += w * w;
            ee += (g - w) * (g - w);
            g_sum += g;
            w_sum += w;
            magnitudes += fabsl(g - w);
        }
        ts_metrics m = of(TS_NPY_INT8, got, want, 97);
        near_to(m.cosine, (double)(gw / sqrtl(gg * ww)), 1e-15, "cosine");
        near_to(m.rmse, (double)sqrtl(ee / n), 1e-15, "rmse");
        near_to(m.mae, (double)(magnitudes / n), 1e-15, "mae");
        near_to(m.mean_error, (double)((g_sum - w_sum) / n), 1e-14, "mean error");
        near_to(m.snr, (double)(10 * log10l(ww / ee)), 1e-13, "snr");
        near_to(m.correlation,
                (double)((n * gw - g_sum * w_sum) /
                         sqrtl((n * gg - g_sum * g_sum) * (n * ww - w_sum * w_sum))),
                1e-14, "correlation");
    }
}

/* ---- extremes -------------------------------------------------------------------------------- */

static void constants_have_no_correlation(void **state) {
    (void)state;
    ts_metrics m = METRICS(INT8, int8_t, LIST(3, 3, 3), LIST(1, 2, 3));
    assert_true(isnan(m.correlation));
    NEAR(m.cosine, 18 / (sqrt(27) * sqrt(14)));
    m = METRICS(FLOAT32, float, LIST(0.1f, 0.1f, 0.1f), LIST(0.1f, 0.1f, 0.1f));
    assert_true(isnan(m.correlation));
    NEAR(m.cosine, 1);
    NEAR(m.equal, 1);
    assert_true(isinf(m.snr) && m.snr > 0);
    NEAR(m.relative_l2, 0);
}

static void zeros_have_no_angle(void **state) {
    (void)state;
    ts_metrics m = METRICS(INT8, int8_t, LIST(0, 0), LIST(0, 0));
    assert_true(isnan(m.correlation) && isnan(m.cosine) && isnan(m.snr));
    NEAR(m.relative_l2, 0);
    NEAR(m.mae, 0);
    m = METRICS(INT8, int8_t, LIST(1, 2), LIST(0, 0));
    assert_true(isnan(m.cosine));
    assert_true(isinf(m.relative_l2) && isinf(m.snr) && m.snr < 0);
    m = METRICS(INT8, int8_t, LIST(0, 0), LIST(1, 2));
    assert_true(isnan(m.cosine));
    NEAR(m.relative_l2, 1);
    NEAR(m.snr, 0);
}

static void one_element_is_enough(void **state) {
    (void)state;
    ts_metrics m = METRICS(INT8, int8_t, LIST(-128), LIST(127));
    NEAR(m.mean_error, -255);
    NEAR(m.max_error, 255);
    NEAR(m.cosine, -1);
    assert_true(isnan(m.correlation));
    NEAR(m.saturated, 1);
    assert_int_equal(m.n_want_saturated, 1);
    ts_npy none = array_of(TS_NPY_INT8, NULL, 0);
    m = compare(&none, &none);
    assert_int_equal(m.n_pairs, 0);
    for (int i = 0; i < TS_N_METRICS; i++)
        assert_true(isnan(ts_metric_value(&m, (ts_metric)i)));
}

static void integers_of_64_bits_are_exact(void **state) {
    (void)state;
    ts_metrics m = METRICS(INT64, int64_t, LIST(INT64_MAX, INT64_MIN, INT64_MAX),
                           LIST(INT64_MAX - 1, INT64_MIN + 3, INT64_MAX));
    NEAR(m.max_error, 3);
    NEAR(m.mean_error, -2.0 / 3);
    assert_int_equal(m.n_equal, 1);
    assert_int_equal(m.n_saturated, 3);
    assert_int_equal(m.n_want_saturated, 1);
    m = METRICS(INT64, int64_t, LIST(INT64_MAX, INT64_MIN), LIST(INT64_MIN, INT64_MAX));
    NEAR(m.max_error, 18446744073709551615.0);
    NEAR(m.correlation, -1);
    m = METRICS(UINT64, uint64_t, LIST(UINT64_MAX, 0), LIST(0, UINT64_MAX));
    NEAR(m.mean_error, 0);
    NEAR(m.mae, 18446744073709551615.0);
}

static void huge_and_tiny_values_keep_their_figures(void **state) {
    (void)state;
    ts_metrics m = METRICS(FLOAT64, double, LIST(1.7e308, -1.7e308, 8.5e307),
                           LIST(8.5e307, -8.5e307, 4.25e307));
    NEAR(m.correlation, 1);
    NEAR(m.cosine, 1);
    NEAR(m.relative_l2, 1);
    assert_true(fabs(m.snr) < 1e-14);
    NEAR(m.max_error, 8.5e307);
    near_to(m.rmse, 8.5e307 * sqrt(0.75), 1e-15, "rmse");
    m = METRICS(FLOAT64, double, LIST(1.7e308, -1.7e308), LIST(-1.7e308, 1.7e308));
    NEAR(m.correlation, -1);
    NEAR(m.relative_l2, 2);
    assert_true(isinf(m.max_error) && isinf(m.mae) && isinf(m.rmse));
    NEAR(m.mean_error, 0);
    m = METRICS(FLOAT64, double, LIST(4e-320, -8e-320), LIST(2e-320, -4e-320));
    NEAR(m.correlation, 1);
    near_to(m.cosine, 1, 1e-15, "cosine");
    near_to(m.relative_l2, 1, 1e-3, "relative L2"); /* these have four digits */
    m = METRICS(FLOAT64, double, LIST(1e-200, 2e-200, 4e-200), LIST(1e200, 2e200, 4e200));
    NEAR(m.correlation, 1);
    near_to(m.cosine, 1, 1e-15, "cosine");
    NEAR(m.relative_l2, 1);
    m = METRICS(FLOAT64, double, LIST(1e-300, 0), LIST(0, 1e300));
    NEAR(m.cosine, 0);
    m = METRICS(FLOAT64, double, LIST(1e300, 1e-300), LIST(1e-300, 1e-300));
    near_to(m.snr, -20 * (600 - log10(2) / 2), 1e-14, "snr");
}

static void what_is_not_finite_is_counted(void **state) {
    (void)state;
    const double nan = NAN, inf = INFINITY;
    ts_metrics m = METRICS(FLOAT64, double, LIST(nan, inf, -inf, 1, nan, inf, 2),
                           LIST(nan, inf, inf, nan, 1, -1, 4));
    assert_int_equal(m.n_pairs, 7);
    assert_int_equal(m.n_finite, 1);
    assert_int_equal(m.got_nan, 2);
    assert_int_equal(m.got_inf, 3);
    assert_int_equal(m.want_nan, 2);
    assert_int_equal(m.want_inf, 2);
    assert_int_equal(m.n_unlike, 4);
    NEAR(m.mean_error, -2);
    assert_int_equal(m.max_at, 6);
    m = METRICS(FLOAT64, double, LIST(nan), LIST(1));
    assert_int_equal(m.n_finite, 0);
    assert_true(isnan(m.mae) && isnan(m.max_error) && isnan(m.equal));
}

/* ---- types and orders ------------------------------------------------------------------------ */

static void every_type_is_read(void **state) {
    (void)state;
    static const struct {
        ts_npy_type type;
        uint8_t bytes[8];
        double value;
    } cases[] = {
        {TS_NPY_BOOL, {1}, 1},
        {TS_NPY_INT8, {0x80}, -128},
        {TS_NPY_UINT8, {0xff}, 255},
        {TS_NPY_INT16, {0x00, 0x80}, -32768},
        {TS_NPY_UINT16, {0xff, 0xff}, 65535},
        {TS_NPY_INT32, {0xff, 0xff, 0xff, 0xff}, -1},
        {TS_NPY_UINT32, {0xff, 0xff, 0xff, 0xff}, 4294967295.0},
        {TS_NPY_INT64, {0, 0, 0, 0, 0, 0, 0, 0x80}, -9223372036854775808.0},
        {TS_NPY_UINT64, {0, 0, 0, 0, 0, 0, 0, 0x80}, 9223372036854775808.0},
        {TS_NPY_FLOAT16, {0x00, 0x3c}, 1},
        {TS_NPY_FLOAT16, {0xff, 0x7b}, 65504},
        {TS_NPY_FLOAT16, {0x01, 0x80}, -0x1p-24},
        {TS_NPY_FLOAT16, {0x00, 0x7c}, INFINITY},
        {TS_NPY_FLOAT16, {0x01, 0x7c}, NAN},
        {TS_NPY_FLOAT32, {0, 0, 0xc0, 0xbf}, -1.5},
        {TS_NPY_FLOAT64, {0, 0, 0, 0, 0, 0, 0xf8, 0x3f}, 1.5},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ts_npy array = array_of(cases[i].type, cases[i].bytes, 1);
        NEAR(ts_npy_value(&array, 0), cases[i].value);
    }
}

static void orders_and_types_may_differ(void **state) {
    (void)state;
    static const int8_t rows[] = {1, 2, 3, 4, 5, 6};
    static const float columns[] = {1, 4, 2, 5, 3, 7};
    ts_npy got = array_of(TS_NPY_INT8, rows, 6), want = array_of(TS_NPY_FLOAT32, columns, 6);
    got.n_dims = want.n_dims = 2;
    got.shape[0] = want.shape[0] = 2;
    got.shape[1] = want.shape[1] = 3;
    want.fortran_order = true;
    ts_metrics m = compare(&got, &want);
    assert_int_equal(m.n_equal, 5);
    assert_int_equal(m.max_at, 5);
    NEAR(m.max_want, 7);
    ts_diag diag = {0};
    want.shape[0] = 3;
    want.shape[1] = 2;
    assert_int_equal(ts_metrics_compare(&got, &want, &m, &diag), TS_RANGE);
    test_expect_error(&diag, TS_RANGE, "the shapes differ");
    diag = (ts_diag){0};
    want = got;
    want.data.size--;
    assert_int_equal(ts_metrics_compare(&got, &want, &m, &diag), TS_RANGE);
    test_expect_error(&diag, TS_RANGE, "more or fewer bytes");
    assert_true(isnan(ts_npy_value(&want, 0)));
    NEAR(ts_npy_value(&got, 5), 6);
    assert_true(isnan(ts_npy_value(&got, 6)));
}

static void metrics_have_names(void **state) {
    (void)state;
    ts_metrics m = METRICS(INT8, int8_t, LIST(1, 2), LIST(1, 4));
    assert_string_equal(ts_metric_name(TS_METRIC_MAE), "MAE");
    assert_int_equal(ts_metric_side_of(TS_METRIC_MEAN_ERROR), TS_METRIC_SMALL);
    NEAR(ts_metric_value(&m, TS_METRIC_MAE), 1);
    NEAR(ts_metric_value(&m, TS_METRIC_MEAN_ERROR), -1);
    NEAR(ts_metric_value(&m, TS_METRIC_EQUAL), 0.5);
    assert_true(isnan(ts_metric_value(&m, TS_N_METRICS)));
}

/* ---- NumPy's draws --------------------------------------------------------------------------- */

/* src: ISO C++: [rand.predef], the 10000th value of mt19937, whose seed is 5489 [documented] */
static void the_twister_is_the_standard_one(void **state) {
    (void)state;
    ts_numpy_random random;
    uint32_t value = 0;
    ts_numpy_seed(&random, 5489);
    for (int i = 0; i < 10000; i++)
        value = ts_numpy_next32(&random);
    assert_int_equal(value, 4123659995u);
}

static void read_values(ts_arena *arena, const char *name, ts_npy *out) {
    char path[300];
    ts_span bytes;
    ts_diag diag = {0};
    snprintf(path, sizeof path, "%s/data/numpy/%s.npy", TEST_SOURCE_DIR, name);
    if (ts_file_read(arena, path, 0, &bytes, &diag) != TS_OK ||
        ts_npy_parse(bytes, path, out, &diag) != TS_OK)
        fail_msg("%s", diag.message);
}

/* The files are numpy.random.RandomState(SEED).randint(-64, 64, 1000, dtype=numpy.int8), saved
 * once with NumPy 2.4.6. */
static void draws_are_those_of_numpy(void **state) {
    (void)state;
    static const uint32_t seeds[] = {0, 42, 4294967295u};
    for (size_t i = 0; i < 3; i++) {
        ts_arena *arena = test_begin();
        ts_numpy_random random;
        ts_npy want;
        ts_diag diag = {0};
        int8_t got[1000];
        char name[40];
        snprintf(name, sizeof name, "randint8_%u", seeds[i]);
        read_values(arena, name, &want);
        ts_numpy_seed(&random, seeds[i]);
        assert_int_equal(ts_numpy_randint8(&random, -64, 64, got, 1000, &diag), TS_OK);
        test_same_bytes(ts_span_of(got, 1000), want.data);
        test_end(arena);
    }
}

/* The file: RandomState(7).randint(low, high, n, dtype=numpy.int8) for these, one behind the other.
 * Draws that are out of range are drawn again, and each call starts with a new word. */
static void draws_of_other_ranges_follow_each_other(void **state) {
    (void)state;
    static const int ranges[][3] = {
        {-128, 128, 101}, {-5, 6, 202}, {3, 4, 3}, {-100, 100, 303}, {0, 2, 50}};
    ts_arena *arena = test_begin();
    ts_numpy_random random;
    ts_npy want;
    ts_diag diag = {0};
    int8_t got[659];
    size_t at = 0;
    read_values(arena, "randint8_ranges", &want);
    ts_numpy_seed(&random, 7);
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        assert_int_equal(ts_numpy_randint8(&random, ranges[i][0], ranges[i][1], got + at,
                                           (size_t)ranges[i][2], &diag),
                         TS_OK);
        at += (size_t)ranges[i][2];
    }
    assert_int_equal(at, sizeof got);
    test_same_bytes(ts_span_of(got, sizeof got), want.data);
    assert_int_equal(ts_numpy_randint8(&random, 4, 4, got, 1, &diag), TS_RANGE);
    diag = (ts_diag){0};
    assert_int_equal(ts_numpy_randint8(&random, 0, 129, got, 1, &diag), TS_RANGE);
    test_expect_error(&diag, TS_RANGE, "no int8 is from 0 to below 129");
    test_end(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_arrays_have_the_figures_of_paper),
        cmocka_unit_test(shares_count_their_bounds),
        cmocka_unit_test(errors_keep_their_sign),
        cmocka_unit_test(lines_correlate),
        cmocka_unit_test(waves_at_right_angles_do_not),
        cmocka_unit_test(long_sums_lose_nothing),
        cmocka_unit_test(random_arrays_agree_with_plain_sums),
        cmocka_unit_test(constants_have_no_correlation),
        cmocka_unit_test(zeros_have_no_angle),
        cmocka_unit_test(one_element_is_enough),
        cmocka_unit_test(integers_of_64_bits_are_exact),
        cmocka_unit_test(huge_and_tiny_values_keep_their_figures),
        cmocka_unit_test(what_is_not_finite_is_counted),
        cmocka_unit_test(every_type_is_read),
        cmocka_unit_test(orders_and_types_may_differ),
        cmocka_unit_test(metrics_have_names),
        cmocka_unit_test(the_twister_is_the_standard_one),
        cmocka_unit_test(draws_are_those_of_numpy),
        cmocka_unit_test(draws_of_other_ranges_follow_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
