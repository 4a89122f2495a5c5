/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * attention: for now, what measures a result against its reference, and NumPy's draws of test
 * inputs. See docs/compare.md.
 */
#ifndef TESSERA_ATTENTION_H
#define TESSERA_ATTENTION_H

#include "tessera/base.h"

/* ---- metrics --------------------------------------------------------------------------------- */

/* How far a result (got, G) is from its reference (want, W). All figures are over the pairs of
 * which both values are finite; E = G - W. X(constant, member, name, which side is better). */
#define TS_METRIC_LIST(X)                                                                          \
    X(CORRELATION, correlation, "correlation", TS_METRIC_HIGH)                                     \
    X(COSINE, cosine, "cosine", TS_METRIC_HIGH)                                                    \
    X(MEAN_ERROR, mean_error, "mean error", TS_METRIC_SMALL)                                       \
    X(MAE, mae, "MAE", TS_METRIC_LOW)                                                              \
    X(RMSE, rmse, "RMSE", TS_METRIC_LOW)                                                           \
    X(RELATIVE_L2, relative_l2, "relative L2", TS_METRIC_LOW)                                      \
    X(MAX_ERROR, max_error, "largest error", TS_METRIC_LOW)                                        \
    X(EQUAL, equal, "equal", TS_METRIC_HIGH)                                                       \
    X(WITHIN_5, within_5, "within 5", TS_METRIC_HIGH)                                              \
    X(WITHIN_10, within_10, "within 10", TS_METRIC_HIGH)                                           \
    X(SATURATED, saturated, "saturated", TS_METRIC_LOW)                                            \
    X(SNR, snr, "SNR dB", TS_METRIC_HIGH)

typedef enum ts_metric_side {
    TS_METRIC_HIGH,
    TS_METRIC_LOW,
    TS_METRIC_SMALL, /* near 0, from either side */
} ts_metric_side;

typedef enum ts_metric {
#define X(constant, member, name, side) TS_METRIC_##constant,
    TS_METRIC_LIST(X)
#undef X
    TS_N_METRICS
} ts_metric;

/* Undefined figures are NaN: those of no pairs, the correlation with a constant, the cosine with
 * zeros. */
typedef struct ts_metrics {
    uint64_t n_pairs;
    uint64_t n_finite;  /* pairs that the figures are over */
    double correlation; /* Pearson's */
    double cosine;      /* sum GW / (|G| |W|) */
    double mean_error;  /* sum E / n, with its sign */
    double mae;         /* sum |E| / n */
    double rmse;        /* sqrt(sum E^2 / n) */
    double relative_l2; /* |E| / |W|; infinite when only W is all 0, 0 when E is */
    double max_error;   /* largest |E| */
    double equal;       /* share of pairs with E = 0 */
    double within_5;    /* share of |E| <= 5 */
    double within_10;   /* share of |E| <= 10 */
    double saturated;   /* share of G at the least or greatest value of its integer type */
    double snr;         /* 10 log10(sum W^2 / sum E^2), dB; infinite without an error */
    uint64_t max_at;    /* first pair with the largest error, in C order */
    double max_got, max_want;
    uint64_t n_equal, n_saturated, n_want_saturated;
    uint64_t got_nan, got_inf, want_nan, want_inf;
    uint64_t n_unlike; /* pairs not both finite and not the same: both NaN, or the same infinity */
} ts_metrics;

const char *ts_metric_name(ts_metric metric);
ts_metric_side ts_metric_side_of(ts_metric metric);
double ts_metric_value(const ts_metrics *metrics, ts_metric metric);

/* Compare arrays of the same shape; element types may differ. Differences of integers are exact
 * before they are rounded to double; sums are compensated and scaled, so that neither length nor
 * magnitude costs digits. Errors: RANGE (shapes differ; bytes missing). */
TS_NODISCARD ts_status ts_metrics_compare(const ts_npy *got, const ts_npy *want, ts_metrics *out,
                                          ts_diag *diag);
/* One element as a double, by its index in C order; NaN when there is none. */
double ts_npy_value(const ts_npy *array, uint64_t index);

/* ---- NumPy's random numbers ------------------------------------------------------------------ */

#define TS_NUMPY_STATE_WORDS 624

/* numpy.random.RandomState(seed): the Mersenne Twister MT19937. */
typedef struct ts_numpy_random {
    uint32_t state[TS_NUMPY_STATE_WORDS];
    unsigned next; /* word to be drawn; TS_NUMPY_STATE_WORDS: make new ones first */
} ts_numpy_random;

void ts_numpy_seed(ts_numpy_random *random, uint32_t seed);
uint32_t ts_numpy_next32(ts_numpy_random *random);
/* What randint(low, high, size=n, dtype=int8) draws: values from low to below high.
 * Errors: RANGE when there are none, or when they are no int8. */
TS_NODISCARD ts_status ts_numpy_randint8(ts_numpy_random *random, int low, int high, int8_t *out,
                                         size_t n, ts_diag *diag);

#endif
