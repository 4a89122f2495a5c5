/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Figures of merit. Three passes: the first finds largest magnitudes and counts; the second sums in
 * units of those magnitudes, so that no square overflows and none that matters underflows; the
 * third sums products of deviations from the means. Sums are Neumaier's: the rounding error of each
 * addition is kept and added at the end, so that their error does not grow with their length.
 */
#include "tessera/attention.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* ---- elements -------------------------------------------------------------------------------- */

typedef enum number_kind {
    FRACTION, /* or not finite */
    WHOLE,
} number_kind;

/* An element. Integers keep all their bits: a 64-bit one does not fit a double. */
typedef struct number {
    number_kind kind;
    bool is_negative;   /* WHOLE */
    uint64_t magnitude; /* WHOLE */
    double value;
} number;

static const struct {
    bool is_integer, is_signed;
} types[TS_NPY_N_TYPES] = {
    [TS_NPY_BOOL] = {true, false},   [TS_NPY_INT8] = {true, true},
    [TS_NPY_UINT8] = {true, false},  [TS_NPY_INT16] = {true, true},
    [TS_NPY_UINT16] = {true, false}, [TS_NPY_INT32] = {true, true},
    [TS_NPY_UINT32] = {true, false}, [TS_NPY_INT64] = {true, true},
    [TS_NPY_UINT64] = {true, false},
};

/* src: IEEE 754-2008: binary16 [documented] */
static double half(uint16_t bits) {
    int exponent = bits >> 10 & 31;
    double fraction = bits & 1023;
    double sign = bits >> 15 ? -1 : 1;
    if (exponent == 31) return fraction != 0 ? (double)NAN : sign * HUGE_VAL;
    return sign * (exponent ? ldexp(fraction + 1024, exponent - 25) : ldexp(fraction, -24));
}

static double real(ts_npy_type type, uint64_t bits) {
    uint32_t low = (uint32_t)bits;
    float narrow;
    double wide;
    if (type == TS_NPY_FLOAT16) return half((uint16_t)bits);
    memcpy(&narrow, &low, sizeof narrow);
    memcpy(&wide, &bits, sizeof wide);
    return type == TS_NPY_FLOAT32 ? (double)narrow : wide;
}

/* Where element `index` in C order is in an array in Fortran order. */
static uint64_t fortran_index(const ts_npy *array, uint64_t index) {
    uint64_t stride = array->n_elements, at = 0;
    for (unsigned i = array->n_dims; i-- > 0;) {
        stride /= array->shape[i];
        at += index % array->shape[i] * stride;
        index /= array->shape[i];
    }
    return at;
}

static uint64_t bits_at(const uint8_t *p, size_t size) {
    uint64_t bits = 0;
    for (size_t i = 0; i < size; i++)
        bits |= (uint64_t)p[i] << 8 * i;
    return bits;
}

/* `index` must be that of an element. */
static number number_at(const ts_npy *array, uint64_t index) {
    size_t size = ts_npy_type_size(array->type);
    if (array->fortran_order && array->n_dims > 1) index = fortran_index(array, index);
    uint64_t bits = bits_at(array->data.data + index * size, size);
    if (!size || !types[array->type].is_integer) return (number){.value = real(array->type, bits)};
    number n = {.kind = WHOLE, .magnitude = bits};
    n.is_negative = types[array->type].is_signed && bits >> (8 * size - 1);
    if (n.is_negative) n.magnitude = (size < 8 ? UINT64_C(1) << 8 * size : 0) - bits;
    n.value = n.is_negative ? -(double)n.magnitude : (double)n.magnitude;
    return n;
}

/* Whether there are as many bytes as the elements take. */
static bool is_whole(const ts_npy *array) {
    size_t size = ts_npy_type_size(array->type);
    return size && array->data.size / size == array->n_elements && array->data.size % size == 0;
}

double ts_npy_value(const ts_npy *array, uint64_t index) {
    return is_whole(array) && index < array->n_elements ? number_at(array, index).value
                                                        : (double)NAN;
}

/* a - b, halved when `is_huge`. Exact before the one rounding to double, as far as that can be. */
static double difference(const number *a, const number *b, bool is_huge) {
    if (a->kind != WHOLE || b->kind != WHOLE || a->is_negative != b->is_negative) {
        double scale = is_huge ? 0.5 : 1;
        return a->value * scale - b->value * scale;
    }
    double size = a->magnitude > b->magnitude ? (double)(a->magnitude - b->magnitude)
                                              : (double)(b->magnitude - a->magnitude);
    return (a->magnitude > b->magnitude) != a->is_negative ? size : -size;
}

/* src: numpy/numpy: the least and the greatest value of a type, numpy.iinfo [documented] */
static bool is_saturated(const ts_npy *array, const number *n) {
    unsigned bits = 8 * (unsigned)ts_npy_type_size(array->type);
    if (n->kind != WHOLE || array->type == TS_NPY_BOOL) return false;
    if (!types[array->type].is_signed) return n->magnitude == UINT64_MAX >> (64 - bits);
    return n->magnitude == (UINT64_C(1) << (bits - 1)) - !n->is_negative;
}

/* ---- sums ------------------------------------------------------------------------------------ */

typedef struct sum {
    double total, lost;
} sum;

static void add(sum *s, double x) {
    double total = s->total + x;
    if (fabs(s->total) >= fabs(x))
        s->lost += (s->total - total) + x;
    else
        s->lost += (x - total) + s->total;
    s->total = total;
}

static double value_of(const sum *s) {
    return s->total + s->lost;
}

/* ---- the three passes ------------------------------------------------------------------------ */

/* A quantity is summed as x * 2^-exponent, which is at most 1. The factor is 0 where 2^-exponent is
 * no ordinary double. */
typedef struct unit {
    int exponent;
    double factor;
} unit;

static unit unit_of(double top) {
    unit u = {0};
    (void)frexp(top, &u.exponent);
    if (u.exponent > -1000 && u.exponent < 1000) u.factor = ldexp(1, -u.exponent);
    return u;
}

static double in_units(double x, const unit *u) {
    return u->factor > 0 ? x * u->factor : ldexp(x, -u->exponent);
}

typedef struct pass {
    const ts_npy *got, *want;
    ts_metrics *out;
    bool is_huge; /* differences are halved */
    number first_got, first_want;
    bool got_varies, want_varies;
    double top_got, top_want, top_error;
    unit got_unit, want_unit, error_unit;
    sum got_squares, want_squares, error_squares, products;
    sum got_sum, want_sum, error_sum, error_magnitudes;
} pass;

static bool is_finite_pair(const number *g, const number *w) {
    return isfinite(g->value) && isfinite(w->value);
}

/* Counts what is not finite. */
static void count_special(const number *g, const number *w, ts_metrics *out) {
    out->got_nan += isnan(g->value) != 0;
    out->got_inf += isinf(g->value) != 0;
    out->want_nan += isnan(w->value) != 0;
    out->want_inf += isinf(w->value) != 0;
    bool is_same = (isnan(g->value) && isnan(w->value)) ||
                   (isinf(g->value) && isinf(w->value) && (g->value > 0) == (w->value > 0));
    out->n_unlike += !is_same;
}

static void find_tops(pass *p) {
    for (uint64_t i = 0; i < p->out->n_pairs; i++) {
        number g = number_at(p->got, i), w = number_at(p->want, i);
        p->out->n_saturated += is_saturated(p->got, &g);
        p->out->n_want_saturated += is_saturated(p->want, &w);
        if (!is_finite_pair(&g, &w)) {
            count_special(&g, &w, p->out);
            continue;
        }
        p->top_got = fmax(p->top_got, fabs(g.value));
        p->top_want = fmax(p->top_want, fabs(w.value));
    }
    p->is_huge = p->top_got > ldexp(1, 1022) || p->top_want > ldexp(1, 1022);
}

static void find_errors(pass *p) {
    ts_metrics *m = p->out;
    double scale = p->is_huge ? 0.5 : 1;
    uint64_t n_5 = 0, n_10 = 0;
    p->top_error = -1;
    for (uint64_t i = 0; i < m->n_pairs; i++) {
        number g = number_at(p->got, i), w = number_at(p->want, i);
        if (!is_finite_pair(&g, &w)) continue;
        double error = fabs(difference(&g, &w, p->is_huge));
        if (!m->n_finite++) {
            p->first_got = g;
            p->first_want = w;
        }
        p->got_varies |= difference(&g, &p->first_got, true) != 0;
        p->want_varies |= difference(&w, &p->first_want, true) != 0;
        m->n_equal += error == 0;
        n_5 += error <= 5 * scale;
        n_10 += error <= 10 * scale;
        if (error <= p->top_error) continue;
        p->top_error = error;
        m->max_at = i;
        m->max_got = g.value;
        m->max_want = w.value;
    }
    double n = (double)m->n_finite;
    m->max_error = p->top_error / scale;
    m->equal = (double)m->n_equal / n;
    m->within_5 = (double)n_5 / n;
    m->within_10 = (double)n_10 / n;
}

static void sum_up(pass *p) {
    p->got_unit = unit_of(p->top_got);
    p->want_unit = unit_of(p->top_want);
    p->error_unit = unit_of(p->top_error);
    for (uint64_t i = 0; i < p->out->n_pairs; i++) {
        number g = number_at(p->got, i), w = number_at(p->want, i);
        if (!is_finite_pair(&g, &w)) continue;
        double got = in_units(g.value, &p->got_unit), want = in_units(w.value, &p->want_unit);
        double error = in_units(difference(&g, &w, p->is_huge), &p->error_unit);
        add(&p->got_sum, got);
        add(&p->want_sum, want);
        add(&p->error_sum, error);
        add(&p->error_magnitudes, fabs(error));
        add(&p->got_squares, got * got);
        add(&p->want_squares, want * want);
        add(&p->error_squares, error * error);
        add(&p->products, got * want);
    }
}

/* x in units of the errors' sum. */
static double in_errors(const pass *p, double x) {
    return ldexp(x, p->error_unit.exponent + p->is_huge);
}

static void conclude_errors(const pass *p) {
    ts_metrics *m = p->out;
    double n = (double)m->n_finite;
    double errors = sqrt(value_of(&p->error_squares)), wants = sqrt(value_of(&p->want_squares));
    int apart = p->error_unit.exponent + p->is_huge - p->want_unit.exponent;
    m->mean_error = in_errors(p, value_of(&p->error_sum) / n);
    m->mae = in_errors(p, value_of(&p->error_magnitudes) / n);
    m->rmse = in_errors(p, sqrt(value_of(&p->error_squares) / n));
    m->relative_l2 = errors > 0 ? ldexp(errors / wants, apart) : 0;
    /* In logarithms: the ratio itself may be out of a double's range. */
    m->snr = errors > 0 ? 20 * (log10(wants / errors) - apart * log10(2)) : HUGE_VAL;
    if (wants <= 0) m->snr = errors > 0 ? -HUGE_VAL : (double)NAN;
    m->cosine = value_of(&p->products) / (sqrt(value_of(&p->got_squares)) * wants);
}

/* Pearson's correlation: of deviations from the means, each in units of its own largest one. */
static double correlation(const pass *p) {
    double n = (double)p->out->n_finite;
    double got_mean = value_of(&p->got_sum) / n, want_mean = value_of(&p->want_sum) / n;
    sum both = {0}, gots = {0}, wants = {0};
    double got_top = 0, want_top = 0;
    for (unsigned round = 0; round < 2; round++)
        for (uint64_t i = 0; i < p->out->n_pairs; i++) {
            number g = number_at(p->got, i), w = number_at(p->want, i);
            if (!is_finite_pair(&g, &w)) continue;
            double got = in_units(g.value, &p->got_unit) - got_mean;
            double want = in_units(w.value, &p->want_unit) - want_mean;
            if (round == 0) {
                got_top = fmax(got_top, fabs(got));
                want_top = fmax(want_top, fabs(want));
                continue;
            }
            got /= got_top;
            want /= want_top;
            add(&both, got * want);
            add(&gots, got * got);
            add(&wants, want * want);
        }
    return value_of(&both) / (sqrt(value_of(&gots)) * sqrt(value_of(&wants)));
}

/* Rounding must not make a cosine of more than 1. */
static double within_one(double x) {
    return isnan(x) ? x : fmin(1, fmax(-1, x));
}

static bool is_same_shape(const ts_npy *a, const ts_npy *b) {
    if (a->n_dims != b->n_dims || a->n_elements != b->n_elements) return false;
    for (unsigned i = 0; i < a->n_dims; i++)
        if (a->shape[i] != b->shape[i]) return false;
    return true;
}

ts_status ts_metrics_compare(const ts_npy *got, const ts_npy *want, ts_metrics *out,
                             ts_diag *diag) {
    if (!is_same_shape(got, want))
        return ts_fail(diag, TS_RANGE, NULL,
                       "the shapes differ: %" PRIu64 " elements in %u dimensions, %" PRIu64
                       " in %u",
                       got->n_elements, got->n_dims, want->n_elements, want->n_dims);
    if (!is_whole(got) || !is_whole(want))
        return ts_fail(diag, TS_RANGE, NULL, "an array has more or fewer bytes than its elements");
    pass p = {.got = got, .want = want, .out = out};
    *out = (ts_metrics){.n_pairs = got->n_elements};
    find_tops(&p);
    out->saturated = (double)out->n_saturated / (double)out->n_pairs;
    find_errors(&p);
    if (!out->n_finite) {
        out->max_error = NAN;
        out->correlation = out->cosine = out->mean_error = out->mae = out->rmse = NAN;
        out->relative_l2 = out->snr = NAN;
        return TS_OK;
    }
    sum_up(&p);
    conclude_errors(&p);
    out->correlation = p.got_varies && p.want_varies ? correlation(&p) : (double)NAN;
    out->correlation = within_one(out->correlation);
    out->cosine = within_one(out->cosine);
    return TS_OK;
}

/* ---- names ----------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    ts_metric_side side;
    size_t member;
} rows[TS_N_METRICS] = {
#define X(constant, member, name, side) {name, side, offsetof(ts_metrics, member)},
    TS_METRIC_LIST(X)
#undef X
};

const char *ts_metric_name(ts_metric metric) {
    return metric < TS_N_METRICS ? rows[metric].name : "?";
}

ts_metric_side ts_metric_side_of(ts_metric metric) {
    return metric < TS_N_METRICS ? rows[metric].side : TS_METRIC_LOW;
}

double ts_metric_value(const ts_metrics *metrics, ts_metric metric) {
    double value = NAN;
    if (metric < TS_N_METRICS)
        memcpy(&value, (const char *)metrics + rows[metric].member, sizeof value);
    return value;
}
