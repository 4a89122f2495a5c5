/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * attention: attention of int8 matrices in integers, exactly defined and the same in every variant;
 * its reference in floating point; what measures a result against its reference; test inputs as
 * NumPy draws them. See docs/attention.md and docs/compare.md.
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
    unsigned next;   /* word to be drawn; TS_NUMPY_STATE_WORDS: make new ones first */
    bool has_normal; /* normal numbers are made in pairs: the second of one is kept */
    double normal;
} ts_numpy_random;

void ts_numpy_seed(ts_numpy_random *random, uint32_t seed);
uint32_t ts_numpy_next32(ts_numpy_random *random);
/* What randint(low, high, size=n, dtype=int8) draws: values from low to below high.
 * Errors: RANGE when there are none, or when they are no int8. */
TS_NODISCARD ts_status ts_numpy_randint8(ts_numpy_random *random, int low, int high, int8_t *out,
                                         size_t n, ts_diag *diag);
/* What random_sample() and randn() draw: from 0 to below 1; standard normal. */
double ts_numpy_double(ts_numpy_random *random);
double ts_numpy_normal(ts_numpy_random *random);

/* ---- attention ------------------------------------------------------------------------------- */

/* out = softmax(scale Q K^T) V, row by row, in integers. docs/attention.md defines every width,
 * shift and rounding; all variants, and the kernels for the NPU, compute exactly that. */

#define TS_ATTENTION_MAX_ROWS 65536
#define TS_ATTENTION_MAX_D    128

typedef enum ts_attention_scores {
    TS_ATTENTION_INT32, /* scores keep all their bits */
    TS_ATTENTION_INT8,  /* scores are clamped to int8 before softmax: the baseline */
} ts_attention_scores;

/* The integers that stand for the two scales. */
typedef struct ts_attention_steps {
    uint8_t difference_shift; /* 0 to 7, and at most ceil(log2 d) */
    int16_t multiplier;       /* 0 to 32767 */
    uint8_t multiplier_shift; /* 0 to 31, as all that follow */
    int32_t numerator;        /* 2^29 to 32767 * 2^15 */
    uint8_t output_shift;
    uint8_t score_shift; /* these three: INT8 scores only */
    int16_t score_multiplier;
    uint8_t score_multiplier_shift;
} ts_attention_steps;

/* scale: what a product of Q and K counts as a natural logit, s_q s_k / sqrt(d); 0 gives uniform
 * weights. output_scale: s_v / s_out, 2^-10 to below 2^22; 1 gives outputs in units of V.
 * Errors: RANGE. */
TS_NODISCARD ts_status ts_attention_steps_of(double scale, double output_scale, unsigned d,
                                             ts_attention_steps *out, ts_diag *diag);

/* Row-major q [n_queries][d], k and v [n_keys][d]; rows from 1 to TS_ATTENTION_MAX_ROWS; d a
 * multiple of 8 from 8 to TS_ATTENTION_MAX_D. A key counts when it is one of the first key_length
 * and, where there is a mask, mask[key] is not 0; one key at least must count. */
typedef struct ts_attention_job {
    const int8_t *q, *k, *v;
    uint32_t n_queries, n_keys, d;
    const uint8_t *mask; /* [n_keys], or NULL */
    uint32_t key_length; /* 1 to n_keys */
    ts_attention_scores scores;
    ts_attention_steps steps;
} ts_attention_job;

#define TS_ATTENTION_VARIANT_LIST(X)                                                               \
    X(PLAIN, "plain")                                                                              \
    X(AVX2, "avx2")                                                                                \
    X(AVX512_VNNI, "avx512-vnni")

typedef enum ts_attention_variant {
#define X(constant, name) TS_ATTENTION_##constant,
    TS_ATTENTION_VARIANT_LIST(X)
#undef X
    TS_N_ATTENTION_VARIANTS
} ts_attention_variant;

const char *ts_attention_variant_name(ts_attention_variant variant);
/* Whether this machine can run it; the plain one runs everywhere. */
bool ts_attention_has_variant(ts_attention_variant variant);
/* The fastest that this machine can run. */
ts_attention_variant ts_attention_best_variant(void);

/* out [n_queries][d]. Scratch memory is taken from the arena, a few times that of K and V and some
 * rows of scores, never n_queries x n_keys.
 * Errors: RANGE (see ts_attention_job), UNSUPPORTED (not on this machine), NOMEM. */
TS_NODISCARD ts_status ts_attention_run(ts_attention_variant variant, const ts_attention_job *job,
                                        int8_t *out, ts_arena *arena, ts_diag *diag);
/* The reference: real arithmetic in float64, its result not rounded to integers and not clamped.
 * The job's scores and steps are not looked at. Errors: RANGE, NOMEM. */
TS_NODISCARD ts_status ts_attention_fp32(const ts_attention_job *job, double scale,
                                         double output_scale, float *out, ts_arena *arena,
                                         ts_diag *diag);

/* The weight of a key whose exponent is u / 2048 (u from 0 to 32767), as a negative number:
 * about -2^bits 2^(-u / 2048). For `bits` see docs/attention.md; this many for so many keys. */
int32_t ts_attention_weight(unsigned u, unsigned bits);
unsigned ts_attention_weight_bits(uint32_t n_keys);

/* What the kernels for the NPU take as their third buffer, for a job of at most 64 keys. */
#define TS_ATTENTION_BLOCK_WORDS 16
void ts_attention_block(const ts_attention_job *job, int32_t block[TS_ATTENTION_BLOCK_WORDS]);

/* ---- test inputs of attention ---------------------------------------------------------------- */

typedef struct ts_attention_inputs {
    int8_t *q, *k, *v; /* see ts_attention_job */
    uint32_t n_queries, n_keys, d;
    double scale;
} ts_attention_inputs;

/* Both take n_queries, n_keys and d from `out`. Errors: RANGE (as for a job; a temperature that is
 * not more than 0), NOMEM.
 * numpy: Q, K, V, each as RandomState(seed).randint(-64, 64, (rows, d), dtype=int8) goes on
 * drawing; scale = 1 / sqrt(d). gauss: Q, K, V, each as RandomState(seed).randn(rows, d) goes on
 * drawing, in units of its largest magnitude / 127, rounded; scale = s_q s_k / (sqrt(d)
 * temperature). For 64 keys the mean largest probability is about 0.1 at temperature 1, 0.5 at 0.3,
 * 0.9 at 0.06. */
TS_NODISCARD ts_status ts_attention_draw_numpy(uint32_t seed, ts_attention_inputs *out,
                                               ts_arena *arena, ts_diag *diag);
TS_NODISCARD ts_status ts_attention_draw_gauss(uint32_t seed, double temperature,
                                               ts_attention_inputs *out, ts_arena *arena,
                                               ts_diag *diag);
/* A job of all these keys; its steps are left to be made. */
ts_attention_job ts_attention_job_of(const ts_attention_inputs *inputs);

#endif
