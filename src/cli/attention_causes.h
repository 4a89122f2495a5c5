/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Mistakes that attention kernels make: each a change to the reference, which then predicts what
 * such a kernel would give.
 */
#ifndef TESSERA_CLI_ATTENTION_CAUSES_H
#define TESSERA_CLI_ATTENTION_CAUSES_H

#include "attention.h"

/* What a change works on: copies of its own. */
typedef struct att_view {
    double *q, *k, *v; /* [n_queries][d], [n_keys][d] */
    double *p;         /* one row of weights; by column: all of them */
    double *out;       /* [n_queries][d] */
    uint8_t *counts;   /* [n_keys] */
    uint32_t n_queries, n_keys, d;
    double scale, output_scale;
    bool clamps_scores; /* also as it is, where INT8 scores are meant */
    bool skips_sum, by_column, takes_best, is_uniform, is_linear;
} att_view;

enum {
    ATT_SQUARE_KEYS = 1,    /* only where n_keys == d */
    ATT_SQUARE_QUERIES = 2, /* n_queries == d */
    ATT_SAME_ROWS = 4,      /* n_queries == n_keys */
    ATT_ALL_ROWS = 8,       /* not on a sample of the queries */
    ATT_WITH_MASK = 16,     /* where some key does not count */
    ATT_SHORT = 32,         /* where the key length is less than n_keys */
    ATT_BLOCKS = 64,        /* d, n_keys and n_queries are multiples of 8 */
};

typedef struct att_change {
    const char *text;
    unsigned needs;
    void (*before)(att_view *view); /* to what goes in; or NULL */
    void (*after)(att_view *view);  /* to what comes out; or NULL */
} att_change;

/* The first one changes nothing. Ends with a row of NULL. */
extern const att_change att_changes[];

/* The inputs of a case, of these queries only (NULL: all). Errors: NOMEM. */
ts_status att_view_new(ts_arena *arena, const att_case *inputs, const uint32_t *queries,
                       uint32_t n_queries, att_view *out, ts_diag *diag);
/* Fill it with those inputs again, as if nothing had been changed. */
void att_view_fill(const att_case *inputs, const uint32_t *queries, att_view *view);
bool att_change_fits(const att_change *change, const att_case *inputs, const att_view *view,
                     bool is_sample);
/* view->out becomes what attention with that change gives. */
void att_change_run(const att_change *change, att_view *view);

/* ---- where the errors are -------------------------------------------------------------------- */

/* A row is bad when its mean error is more than what is allowed, or most of its values are wrong.
 */
typedef struct att_errors {
    uint64_t n_wrong;
    bool *is_bad_row;
    uint32_t n_bad_rows;
    uint32_t n_rows, n_columns;           /* with a wrong value */
    const char *rows_text, *columns_text; /* "3, 16-19" */
    bool is_constant;
    double largest;
} att_errors;

/* Adds lines to `lines`. Errors: NOMEM. */
ts_status att_find_pattern(ts_arena *arena, const att_case *inputs, const int8_t *got,
                           const att_want *want, att_diagnosis *lines, att_errors *out,
                           ts_diag *diag);

#endif
