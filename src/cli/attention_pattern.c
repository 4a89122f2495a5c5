/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Where a result is wrong, in words: rows, columns, what repeats, blocks, signs, and what rows that
 * are wrong alone hold instead.
 */
#include "attention_causes.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum {
    MAX_RANGES = 12,   /* that a list tells */
    MAX_ROWS_TOLD = 4, /* whose contents are looked for */
    BLOCK = 8,
};

typedef struct looker {
    ts_arena *arena;
    const att_case *inputs;
    const int8_t *got;
    const float *reference;
    double tolerance;
    const char *name;
    uint32_t n_rows, d;
    uint64_t *in_row, *in_column; /* wrong values */
    att_diagnosis *out;
    att_errors *errors;
} looker;

static ts_status add_line(looker *x, const char *text, ts_diag *diag) {
    const char **grown = ts_arena_room(x->arena, x->out->lines, x->out->n_lines,
                                       &x->out->line_capacity, sizeof *grown);
    if (!grown || !text) return ts_fail_nomem(diag);
    x->out->lines = grown;
    x->out->lines[x->out->n_lines++] = text;
    return TS_OK;
}

static double error_at(const looker *x, size_t i) {
    return x->got[i] - fmax(-128, fmin(127, (double)x->reference[i]));
}

/* ---- counting -------------------------------------------------------------------------------- */

static ts_status count(looker *x, ts_diag *diag) {
    att_errors *e = x->errors;
    x->in_row = TS_ARENA_ARRAY(x->arena, uint64_t, x->n_rows);
    x->in_column = TS_ARENA_ARRAY(x->arena, uint64_t, x->d);
    e->is_bad_row = TS_ARENA_ARRAY(x->arena, bool, x->n_rows);
    if (!x->in_row || !x->in_column || !e->is_bad_row) return ts_fail_nomem(diag);
    for (uint32_t row = 0; row < x->n_rows; row++) {
        double sum = 0;
        for (uint32_t i = 0; i < x->d; i++) {
            double error = fabs(error_at(x, (size_t)row * x->d + i));
            bool is_wrong = error > x->tolerance;
            sum += error;
            e->largest = fmax(e->largest, error);
            x->in_row[row] += is_wrong;
            x->in_column[i] += is_wrong;
            e->n_wrong += is_wrong;
        }
        e->is_bad_row[row] = sum > x->tolerance * x->d || x->in_row[row] * 2 > x->d;
        e->n_bad_rows += e->is_bad_row[row];
    }
    return TS_OK;
}

static ts_status tell_count(looker *x, ts_diag *diag) {
    size_t n = (size_t)x->n_rows * x->d, worst = 0;
    for (size_t i = 0; i < n; i++)
        if (fabs(error_at(x, i)) > fabs(error_at(x, worst))) worst = i;
    return add_line(x,
                    ts_arena_printf(x->arena,
                                    "%" PRIu64 " of %zu values (%.3g %%) are further than %.2g "
                                    "from %s; the furthest is [%zu][%zu]: got %d, want %.4g",
                                    x->errors->n_wrong, n,
                                    100 * (double)x->errors->n_wrong / (double)n, x->tolerance,
                                    x->name, worst / x->d, worst % x->d, x->got[worst],
                                    (double)x->reference[worst]),
                    diag);
}

/* ---- lists of rows and columns --------------------------------------------------------------- */

/* "3, 16-19"; NULL when it would be too long. */
static const char *list(looker *x, const uint64_t *counts, uint32_t n) {
    ts_buf text = ts_buf_in(x->arena);
    unsigned n_ranges = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t first = i;
        if (!counts[i]) continue;
        while (i + 1 < n && counts[i + 1])
            i++;
        if (n_ranges++) ts_buf_text(&text, ", ");
        ts_buf_printf(&text, "%" PRIu32, first);
        if (i > first) ts_buf_printf(&text, "-%" PRIu32, i);
    }
    ts_buf_u8(&text, 0);
    return text.failed || n_ranges > MAX_RANGES ? NULL : (const char *)text.data;
}

/* "1, 3 of each 8": the period that leaves the fewest others in, the shorter one unless a longer
 * one is clearly better; NULL: there is none. */
static const char *repeats(looker *x, const uint64_t *counts, uint32_t n) {
    const char *best = NULL;
    double least = 0.8;
    for (uint32_t period = 2; period <= 32 && period * 2 <= n; period *= 2) {
        uint64_t in_period[32] = {0};
        uint32_t n_in = 0, n_wrong = 0;
        for (uint32_t i = 0; i < n; i++)
            in_period[i % period] += counts[i] > 0;
        for (uint32_t i = 0; i < n; i++)
            n_wrong += counts[i] > 0;
        for (uint32_t i = 0; i < period; i++)
            n_in += in_period[i] > 0;
        const char *text = n_in ? list(x, in_period, period) : NULL;
        double share = (double)n_in / period;
        /* Most of what it names must be wrong. */
        if (!text || share > least || n_wrong < 0.7 * share * n) continue;
        least = share * 0.8;
        best = ts_arena_printf(x->arena, "%s of each %" PRIu32, text, period);
    }
    return best;
}

/* Which of `n` lines have wrong values, in words. */
static ts_status tell_lines(looker *x, const char *what, const uint64_t *counts, uint32_t n,
                            uint32_t length, uint32_t *n_some, const char **which, ts_diag *diag) {
    uint32_t n_whole = 0;
    for (uint32_t i = 0; i < n; i++) {
        *n_some += counts[i] > 0;
        n_whole += counts[i] * 10 > (uint64_t)length * 7;
    }
    const char *names = list(x, counts, n), *period = repeats(x, counts, n);
    const char *kind = n_whole == *n_some ? "whole" : n_whole ? "some whole" : "in part";
    *which = *n_some == n ? "all" : period && *n_some * 8 > n ? period : names;
    if (!*which) *which = "here and there";
    return add_line(x,
                    ts_arena_printf(x->arena, "%s: %s (%" PRIu32 " of %" PRIu32 ", %s)", what,
                                    *which, *n_some, n, kind),
                    diag);
}

/* ---- blocks ---------------------------------------------------------------------------------- */

static bool is_wrong_block(const looker *x, uint32_t row, uint32_t column) {
    for (uint32_t i = row; i < row + BLOCK && i < x->n_rows; i++)
        for (uint32_t j = column; j < column + BLOCK && j < x->d; j++)
            if (fabs(error_at(x, (size_t)i * x->d + j)) > x->tolerance) return true;
    return false;
}

/* Only when blocks tell more than rows and columns do. */
static ts_status tell_blocks(looker *x, ts_diag *diag) {
    uint32_t n = 0, n_all = 0, n_rows = 0, n_columns = 0;
    ts_buf text = ts_buf_in(x->arena);
    bool in_column[TS_ATTENTION_MAX_D / BLOCK] = {false};
    for (uint32_t row = 0; row < x->n_rows; row += BLOCK) {
        bool in_row = false;
        for (uint32_t column = 0; column < x->d; column += BLOCK, n_all++) {
            if (!is_wrong_block(x, row, column)) continue;
            if (n++ < MAX_RANGES)
                ts_buf_printf(&text, " (%" PRIu32 ",%" PRIu32 ")", row / BLOCK, column / BLOCK);
            n_columns += !in_column[column / BLOCK];
            in_row = in_column[column / BLOCK] = true;
        }
        n_rows += in_row;
    }
    ts_buf_u8(&text, 0);
    if (text.failed) return ts_fail_nomem(diag);
    if (!n || n * 2 > n_all || n == n_rows * n_columns) return TS_OK;
    return add_line(x,
                    ts_arena_printf(x->arena, "blocks of 8 by 8: %" PRIu32 " of %" PRIu32 ":%s%s",
                                    n, n_all, (const char *)text.data,
                                    n > MAX_RANGES ? " ..." : ""),
                    diag);
}

/* ---- signs and sizes ------------------------------------------------------------------------- */

static ts_status tell_signs(looker *x, ts_diag *diag) {
    uint64_t n = 0, above = 0, smaller = 0, saturated = 0;
    double sum = 0, gw = 0, ww = 0;
    size_t n_values = (size_t)x->n_rows * x->d;
    for (size_t i = 0; i < n_values; i++) {
        double error = error_at(x, i), want = (double)x->reference[i];
        sum += error;
        gw += x->got[i] * want;
        ww += want * want;
        saturated += x->got[i] == INT8_MIN || x->got[i] == INT8_MAX;
        if (fabs(error) <= (x->errors->n_wrong ? x->tolerance : 0)) continue;
        n++;
        above += error > 0;
        smaller += fabs((double)x->got[i]) < fabs(want);
    }
    if (!n) return TS_OK;
    return add_line(
        x,
        ts_arena_printf(x->arena,
                        "signs: %.3g %% of these are too high, %.3g %% too low; mean error of all "
                        "%+.4g; %.3g %% are nearer to 0 than they should be; size %.4g times that "
                        "of %s; %" PRIu64 " saturated",
                        100 * (double)above / (double)n, 100 - 100 * (double)above / (double)n,
                        sum / (double)n_values, 100 * (double)smaller / (double)n,
                        ww > 0 ? gw / ww : 0.0, x->name, saturated),
        diag);
}

/* ---- what a wrong row holds ------------------------------------------------------------------ */

static bool is_constant(const int8_t *values, uint32_t n) {
    for (uint32_t i = 1; i < n; i++)
        if (values[i] != values[0]) return false;
    return true;
}

static bool is_like_reference(const looker *x, const int8_t *row, uint32_t other) {
    for (uint32_t i = 0; i < x->d; i++)
        if (fabs(row[i] - (double)x->reference[(size_t)other * x->d + i]) > x->tolerance)
            return false;
    return true;
}

/* "row 3 of V" */
static const char *find_input(const looker *x, const int8_t *row) {
    const ts_attention_inputs *in = &x->inputs->in;
    const struct {
        const int8_t *rows;
        uint32_t n;
        char name;
    } arrays[] = {{in->q, in->n_queries, 'Q'}, {in->k, in->n_keys, 'K'}, {in->v, in->n_keys, 'V'}};
    for (size_t a = 0; a < 3; a++)
        for (uint32_t i = 0; i < arrays[a].n; i++)
            if (memcmp(arrays[a].rows + (size_t)i * x->d, row, x->d) == 0)
                return ts_arena_printf(x->arena, "row %" PRIu32 " of %c", i, arrays[a].name);
    return NULL;
}

static const char *contents(const looker *x, uint32_t index) {
    const int8_t *row = x->got + (size_t)index * x->d;
    if (is_constant(row, x->d)) return ts_arena_printf(x->arena, "%d throughout", row[0]);
    for (uint32_t other = 0; other < x->n_rows; other++)
        if (is_like_reference(x, row, other))
            return ts_arena_printf(x->arena, "what belongs in row %" PRIu32, other);
    return find_input(x, row);
}

static ts_status tell_contents(looker *x, ts_diag *diag) {
    unsigned n = 0;
    for (uint32_t row = 0; row < x->n_rows && n < MAX_ROWS_TOLD; row++) {
        if (!x->errors->is_bad_row[row]) continue;
        const char *text = contents(x, row);
        n++;
        if (text)
            TS_TRY(add_line(x, ts_arena_printf(x->arena, "row %" PRIu32 " holds %s", row, text),
                            diag));
    }
    return TS_OK;
}

ts_status att_find_pattern(ts_arena *arena, const att_case *inputs, const int8_t *got,
                           const att_want *want, att_diagnosis *lines, att_errors *out,
                           ts_diag *diag) {
    looker x = {.arena = arena,
                .inputs = inputs,
                .got = got,
                .reference = want->values,
                .tolerance = want->tolerance,
                .name = want->name,
                .n_rows = inputs->in.n_queries,
                .d = inputs->in.d,
                .out = lines,
                .errors = out};
    *out = (att_errors){0};
    TS_TRY(count(&x, diag));
    TS_TRY(tell_count(&x, diag));
    if (out->n_wrong) {
        TS_TRY(
            tell_lines(&x, "rows", x.in_row, x.n_rows, x.d, &out->n_rows, &out->rows_text, diag));
        TS_TRY(tell_lines(&x, "columns", x.in_column, x.d, x.n_rows, &out->n_columns,
                          &out->columns_text, diag));
        TS_TRY(tell_blocks(&x, diag));
    }
    TS_TRY(tell_signs(&x, diag));
    out->is_constant = is_constant(got, (uint32_t)((size_t)x.n_rows * x.d));
    if (out->is_constant)
        return add_line(&x, ts_arena_printf(arena, "every value is %d", got[0]), diag);
    bool is_few = out->n_bad_rows * 2 <= x.n_rows;
    return is_few ? tell_contents(&x, diag) : TS_OK;
}
