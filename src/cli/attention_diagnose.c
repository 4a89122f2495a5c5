/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * What is wrong with a result: where its errors are (attention_pattern.c), and which mistake
 * explains them. Each change of the table predicts a result; that prediction is also tried larger
 * and smaller by powers of two, negated, cut off instead of rounded, and wrapped around. The change
 * whose prediction is nearest is named, with how near it comes.
 */
#include "attention_causes.h"

#include <math.h>
#include <string.h>

enum {
    MAX_WORK = 1 << 24, /* products that one change may take; beyond it a sample of queries is */
    MAX_GAIN = 6,       /* powers of two that are tried, up and down */
    MAX_WRAPS = 3,
    MAX_FORMS = 2 * MAX_GAIN + MAX_WRAPS + 8,
};

/* An explanation is one that correlates so well and leaves less than half of the error. */
#define GOOD_CORRELATION 0.98
#define GOOD_SHARE       0.5

typedef struct doctor {
    ts_arena *arena;
    const att_case *inputs;
    const int8_t *got;
    const att_want *want;
    att_view view;
    uint32_t *queries; /* of the view's rows */
    bool *is_compared; /* those rows */
    bool is_sample;
    att_diagnosis *out;
} doctor;

/* ---- forms: from a value to the byte --------------------------------------------------------- */

typedef enum cut {
    CUT_NEAREST,
    CUT_DOWN,
    CUT_TO_ZERO,
    CUT_WRAP,
} cut;

typedef struct form {
    double factor, offset;
    cut cut;
    const char *text;
} form;

static double apply(const form *f, double value) {
    value = value * f->factor + f->offset;
    double whole = f->cut == CUT_DOWN      ? floor(value)
                   : f->cut == CUT_TO_ZERO ? trunc(value)
                                           : nearbyint(value);
    if (f->cut == CUT_WRAP) return whole - 256 * floor((whole + 128) / 256);
    return fmax(-128, fmin(127, whole));
}

static size_t make_forms(form forms[MAX_FORMS], double offset) {
    static const struct {
        cut cut;
        const char *text;
    } cuts[] = {{CUT_DOWN, "results are rounded down, not to nearest"},
                {CUT_TO_ZERO, "results are cut off toward zero, not rounded"},
                {CUT_WRAP, "results wrap around instead of saturating"}};
    static const char *const larger[MAX_GAIN] = {
        "results are 2 times too large: a shift is off by one",
        "results are 4 times too large: a shift is off by two",
        "results are 8 times too large: a shift is off by three",
        "results are 16 times too large: a shift is off by four",
        "results are 32 times too large: a shift is off by five",
        "results are 64 times too large: a shift is off by six"};
    static const char *const smaller[MAX_GAIN] = {
        "results are 2 times too small: a shift is off by one",
        "results are 4 times too small: a shift is off by two",
        "results are 8 times too small: a shift is off by three",
        "results are 16 times too small: a shift is off by four",
        "results are 32 times too small: a shift is off by five",
        "results are 64 times too small: a shift is off by six"};
    static const char *const wrapped[MAX_WRAPS] = {
        "results are 2 times too large and wrap around: a shift is off by one",
        "results are 4 times too large and wrap around: a shift is off by two",
        "results are 8 times too large and wrap around: a shift is off by three"};
    size_t n = 0;
    forms[n++] = (form){1, 0, CUT_NEAREST, NULL};
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++)
        forms[n++] = (form){1, 0, cuts[i].cut, cuts[i].text};
    forms[n++] = (form){-1, 0, CUT_NEAREST, "results have the wrong sign"};
    for (int i = 0; i < MAX_GAIN; i++) {
        forms[n++] = (form){ldexp(1, i + 1), 0, CUT_NEAREST, larger[i]};
        forms[n++] = (form){ldexp(1, -i - 1), 0, CUT_NEAREST, smaller[i]};
    }
    for (int i = 0; i < MAX_WRAPS; i++)
        forms[n++] = (form){ldexp(1, i + 1), 0, CUT_WRAP, wrapped[i]};
    if (fabs(offset) >= 1)
        forms[n++] = (form){1, nearbyint(offset), CUT_NEAREST, "results are off by a constant"};
    return n;
}

/* ---- how near a prediction comes ------------------------------------------------------------- */

typedef struct sums {
    double n, g, w, gg, ww, gw, e, ee, equal;
} sums;

static const int8_t *got_row(const doctor *x, uint32_t row) {
    return x->got + (size_t)x->queries[row] * x->view.d;
}

static void add_pair(sums *s, double g, double w) {
    s->n++;
    s->g += g;
    s->w += w;
    s->gg += g * g;
    s->ww += w * w;
    s->gw += g * w;
    s->e += fabs(g - w);
    s->ee += (g - w) * (g - w);
    s->equal += g == w;
}

static double correlation(const sums *s, double undefined) {
    double spread = (s->gg - s->g * s->g / s->n) * (s->ww - s->w * s->w / s->n);
    return spread > 0 ? (s->gw - s->g * s->w / s->n) / sqrt(spread) : undefined;
}

static void compare(const doctor *x, const double *want, const form *f, att_cause *out) {
    sums s = {0};
    for (uint32_t row = 0; row < x->view.n_queries; row++) {
        const int8_t *got = got_row(x, row);
        if (!x->is_compared[row]) continue;
        for (uint32_t i = 0; i < x->view.d; i++)
            add_pair(&s, got[i], apply(f, want[(size_t)row * x->view.d + i]));
    }
    out->correlation = correlation(&s, (double)NAN);
    out->mae = s.e / s.n;
    out->rmse = sqrt(s.ee / s.n);
    out->equal = s.equal / s.n;
}

static double mean_offset(const doctor *x, const double *want) {
    double sum = 0;
    uint64_t n = 0;
    for (uint32_t row = 0; row < x->view.n_queries; row++)
        for (uint32_t i = 0; i < x->view.d && x->is_compared[row]; i++, n++)
            sum += got_row(x, row)[i] - want[(size_t)row * x->view.d + i];
    return n ? sum / (double)n : 0;
}

/* The best form of what a change predicts; the plain one unless another is clearly nearer. */
static ts_status try_forms(doctor *x, const char *name, const double *want, att_cause *best,
                           ts_diag *diag) {
    form forms[MAX_FORMS];
    const char *text = NULL;
    size_t n = make_forms(forms, mean_offset(x, want));
    for (size_t i = 0; i < n; i++) {
        att_cause now = {0};
        compare(x, want, &forms[i], &now);
        x->out->n_tried++;
        /* Anything comes nearer when it is made small. */
        if (i && (now.rmse >= best->rmse * 0.9 || !(now.correlation >= 0.5))) continue;
        *best = now;
        text = forms[i].text;
    }
    best->text = name && text ? ts_arena_printf(x->arena, "%s, and %s", name, text)
                 : name       ? ts_arena_strdup(x->arena, name)
                              : text;
    return best->text || !(name || text) ? TS_OK : ts_fail_nomem(diag);
}

/* ---- the best of them ------------------------------------------------------------------------ */

/* What leaves the error as it is explains nothing. */
static void keep(att_diagnosis *out, const att_cause *cause) {
    size_t at = out->n_causes;
    if (isnan(cause->correlation) || cause->rmse > 0.9 * out->as_it_is.rmse) return;
    while (at > 0 && cause->rmse < out->causes[at - 1].rmse)
        at--;
    if (at == ATT_MAX_CAUSES) return;
    size_t n = out->n_causes < ATT_MAX_CAUSES ? out->n_causes++ : ATT_MAX_CAUSES - 1;
    memmove(&out->causes[at + 1], &out->causes[at], (n - at) * sizeof *cause);
    out->causes[at] = *cause;
}

static ts_status try_changes(doctor *x, double *reference, ts_diag *diag) {
    for (const att_change *change = att_changes; change->text; change++) {
        att_cause cause = {0};
        bool is_none = change == att_changes;
        if (!att_change_fits(change, x->inputs, &x->view, x->is_sample)) continue;
        att_view_fill(x->inputs, x->queries, &x->view);
        x->view.clamps_scores = x->want->clamps_scores;
        att_change_run(change, &x->view);
        if (is_none) {
            const form plain = {1, 0, CUT_NEAREST, NULL};
            compare(x, x->view.out, &plain, &x->out->as_it_is);
            memcpy(reference, x->view.out,
                   (size_t)x->view.n_queries * x->view.d * sizeof *reference);
        }
        TS_TRY(try_forms(x, is_none ? NULL : change->text, x->view.out, &cause, diag));
        if (cause.text) keep(x->out, &cause);
    }
    return TS_OK;
}

/* ---- columns in another order ---------------------------------------------------------------- */

static double column_correlation(const doctor *x, const double *want, uint32_t a, uint32_t b) {
    sums s = {0};
    for (uint32_t row = 0; row < x->view.n_queries; row++)
        if (x->is_compared[row])
            add_pair(&s, got_row(x, row)[a], want[(size_t)row * x->view.d + b]);
    return correlation(&s, 0);
}

/* Which column of the reference each column is most like; false unless that is an order of them. */
static bool find_order(const doctor *x, const double *want, uint32_t *order) {
    bool is_other = false, is_taken[TS_ATTENTION_MAX_D] = {false};
    for (uint32_t a = 0; a < x->view.d; a++) {
        double best = 0.9;
        order[a] = x->view.d;
        for (uint32_t b = 0; b < x->view.d; b++) {
            double r = column_correlation(x, want, a, b);
            if (r <= best) continue;
            best = r;
            order[a] = b;
        }
        if (order[a] == x->view.d || is_taken[order[a]]) return false;
        is_taken[order[a]] = true;
        is_other |= order[a] != a;
    }
    return is_other;
}

/* "columns are in another order: 0 2 4 6 1 3 5 7 in each 8" */
static const char *order_text(const doctor *x, const uint32_t *order) {
    uint32_t period = x->view.d;
    ts_buf text = ts_buf_in(x->arena);
    for (uint32_t n = 2; n < period; n *= 2) {
        bool is_same = true;
        for (uint32_t i = 0; i < x->view.d; i++)
            is_same &= order[i] == i / n * n + order[i % n];
        if (is_same) period = n;
    }
    ts_buf_text(&text, "columns are in another order:");
    for (uint32_t i = 0; i < period && i < 16; i++)
        ts_buf_printf(&text, " %u", (unsigned)order[i]);
    if (period > 16) ts_buf_text(&text, " ...");
    if (period < x->view.d) ts_buf_printf(&text, " in each %u", (unsigned)period);
    ts_buf_u8(&text, 0);
    return text.failed ? NULL : (const char *)text.data;
}

static ts_status try_order(doctor *x, const double *reference, ts_diag *diag) {
    uint32_t order[TS_ATTENTION_MAX_D];
    att_cause cause = {0};
    if (!find_order(x, reference, order)) return TS_OK;
    const char *name = order_text(x, order);
    if (!name) return ts_fail_nomem(diag);
    for (uint32_t row = 0; row < x->view.n_queries; row++)
        for (uint32_t i = 0; i < x->view.d; i++)
            x->view.out[(size_t)row * x->view.d + i] =
                reference[(size_t)row * x->view.d + order[i]];
    TS_TRY(try_forms(x, name, x->view.out, &cause, diag));
    keep(x->out, &cause);
    return TS_OK;
}

/* ---- all of it ------------------------------------------------------------------------------- */

/* All queries, or as many of them, evenly spaced, as there is time for; wrong ones are compared. */
static ts_status choose_queries(doctor *x, const att_errors *errors, ts_diag *diag) {
    const ts_attention_inputs *in = &x->inputs->in;
    uint64_t work = (uint64_t)in->n_keys * in->d, room = MAX_WORK / work + 1;
    uint32_t n = in->n_queries < room ? in->n_queries : (uint32_t)room;
    bool is_few = errors->n_bad_rows && errors->n_rows * 2 <= in->n_queries;
    uint32_t n_compared = 0;
    x->is_sample = n < in->n_queries;
    x->queries = TS_ARENA_ARRAY(x->arena, uint32_t, n);
    x->is_compared = TS_ARENA_ARRAY(x->arena, bool, n);
    if (!x->queries || !x->is_compared) return ts_fail_nomem(diag);
    for (uint32_t i = 0; i < n; i++) {
        x->queries[i] = (uint32_t)((uint64_t)i * in->n_queries / n);
        x->is_compared[i] = !is_few || errors->is_bad_row[x->queries[i]];
        n_compared += x->is_compared[i];
    }
    for (uint32_t i = 0; i < n && !n_compared; i++)
        x->is_compared[i] = true;
    return att_view_new(x->arena, x->inputs, x->queries, n, &x->view, diag);
}

/* "rows 8-15, columns 16-23 (1.6 % of all values) are wrong, the others are right" */
static const char *clobbered(const doctor *x, const att_errors *e) {
    const ts_attention_inputs *in = &x->inputs->in;
    bool has_rows = e->n_rows * 2 <= in->n_queries, has_columns = e->n_columns * 2 <= in->d;
    return ts_arena_printf(x->arena, "%s%s%s%s%s are clobbered, the others are right",
                           has_rows ? "rows " : "", has_rows ? e->rows_text : "",
                           has_rows && has_columns ? ", columns "
                           : has_columns           ? "columns "
                                                   : "",
                           has_columns ? e->columns_text : "",
                           has_rows && has_columns ? ", where they meet," : "");
}

static ts_status conclude(doctor *x, const att_errors *errors, ts_diag *diag) {
    att_diagnosis *out = x->out;
    const att_cause *best = out->n_causes ? &out->causes[0] : NULL;
    uint32_t n_rows = x->inputs->in.n_queries;
    bool is_few = errors->n_bad_rows && errors->n_rows * 2 <= n_rows;
    bool is_part = errors->n_rows * 2 <= n_rows || errors->n_columns * 2 <= x->view.d;
    bool is_good = best && best->rmse < GOOD_SHARE * out->as_it_is.rmse &&
                   (best->correlation >= GOOD_CORRELATION || best->rmse < 0.5);
    const char *where = is_few ? ts_arena_printf(x->arena, "in %u of %u rows ",
                                                 (unsigned)errors->n_bad_rows, (unsigned)n_rows)
                               : "";
    if (!where) return ts_fail_nomem(diag);
    if (errors->is_constant && errors->n_wrong)
        out->verdict = "the result is constant: nothing was computed, or not written";
    else if (is_good)
        out->verdict = ts_arena_printf(x->arena, "%s%s (correlation %.6f, MAE %.4g with that)",
                                       where, best->text, best->correlation, best->mae);
    else if (errors->largest <= 1)
        out->verdict = "rounding: no value is further off than 1";
    else if (is_part)
        out->verdict = clobbered(x, errors);
    else
        out->verdict = "none of the causes that were tried explains it";
    return out->verdict ? TS_OK : ts_fail_nomem(diag);
}

ts_status att_diagnose(ts_arena *arena, const att_case *inputs, const int8_t *got,
                       const att_want *want, att_diagnosis *out, ts_diag *diag) {
    doctor x = {.arena = arena, .inputs = inputs, .got = got, .want = want, .out = out};
    att_errors errors;
    *out = (att_diagnosis){0};
    TS_TRY(att_find_pattern(arena, inputs, got, want, out, &errors, diag));
    TS_TRY(choose_queries(&x, &errors, diag));
    double *plain = TS_ARENA_ARRAY(arena, double, (size_t)x.view.n_queries *x.view.d);
    if (!plain) return ts_fail_nomem(diag);
    TS_TRY(try_changes(&x, plain, diag));
    TS_TRY(try_order(&x, plain, diag));
    return conclude(&x, &errors, diag);
}
