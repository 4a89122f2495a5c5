/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * What `attention verify` found, as text and as JSON.
 */
#include "attention.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#define SHOWN_CAUSES 4

/* ---- figures --------------------------------------------------------------------------------- */

const char *att_figure(ts_arena *arena, ts_metric metric, double value) {
    const char *text;
    if (isnan(value)) return "undefined";
    switch (metric) {
    case TS_METRIC_CORRELATION:
    case TS_METRIC_COSINE: text = ts_arena_printf(arena, "%.6f", value); break;
    case TS_METRIC_MEAN_ERROR: text = ts_arena_printf(arena, "%+.4f", value); break;
    case TS_METRIC_MAX_ERROR: text = ts_arena_printf(arena, "%.2f", value); break;
    case TS_METRIC_WITHIN_5:
    case TS_METRIC_WITHIN_10:
    case TS_METRIC_SATURATED: text = ts_arena_printf(arena, "%.4g %%", 100 * value); break;
    default: text = ts_arena_printf(arena, "%.4f", value); break;
    }
    return text ? text : "?";
}

static const cli_column columns[] = {
    {"variant", CLI_LEFT},     {"correlation", CLI_RIGHT}, {"cosine", CLI_RIGHT},
    {"mean error", CLI_RIGHT}, {"MAE", CLI_RIGHT},         {"RMSE", CLI_RIGHT},
    {"largest", CLI_RIGHT},    {"within 5", CLI_RIGHT},    {"within 10", CLI_RIGHT},
    {"saturated", CLI_RIGHT},  {"unlike C", CLI_RIGHT},    {"cycles/tile", CLI_RIGHT},
    {"where", CLI_LEFT}};

static const ts_metric figures[] = {
#define X(constant) TS_METRIC_##constant,
    ATT_FIGURES(X)
#undef X
};

enum {
    N_FIGURES = sizeof figures / sizeof *figures,
};

static uint64_t cycles_per_tile(const att_row *row) {
    return row->device && row->device->n_tiles ? row->device->cycles / row->device->n_tiles : 0;
}

cli_table att_table(const att_verify_job *job) {
    ts_arena *arena = job->run->arena;
    cli_table table = cli_table_new(arena, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < job->n_rows; i++) {
        const att_row *row = &job->rows[i];
        cli_cell(&table, "%s", row->variant);
        for (size_t k = 0; k < N_FIGURES; k++)
            cli_cell(&table, "%s",
                     att_figure(arena, figures[k], ts_metric_value(&row->metrics, figures[k])));
        if (row->has_twin)
            cli_cell(&table, "%" PRIu64, row->n_differ);
        else
            cli_cell(&table, "%s", "");
        if (cycles_per_tile(row))
            cli_cell(&table, "%" PRIu64, cycles_per_tile(row));
        else
            cli_cell(&table, "%s", "");
        cli_cell(&table, "%s", row->where);
    }
    return table;
}

/* ---- text ------------------------------------------------------------------------------------ */

static void print_inputs(const att_verify_job *job, ts_buf *out) {
    const att_case *c = &job->inputs;
    ts_buf_printf(out, "inputs  %s\n", c->text);
    ts_buf_printf(out,
                  "        Q %" PRIu32 " by %" PRIu32 ", K and V %" PRIu32 " by %" PRIu32
                  ", scale %.9g, output scale %.9g",
                  c->in.n_queries, c->in.d, c->in.n_keys, c->in.d, c->scale, c->output_scale);
    if (c->mask) ts_buf_text(out, ", masked");
    if (c->key_length < c->in.n_keys) ts_buf_printf(out, ", key length %" PRIu32, c->key_length);
    ts_buf_text(out, "\n\n");
}

static void print_twins(const att_verify_job *job, ts_buf *out) {
    for (size_t i = 0; i < job->n_rows; i++) {
        const att_row *row = &job->rows[i];
        if (row->kind != ATT_DEVICE || !row->has_twin) continue;
        size_t n = (size_t)job->inputs.in.n_queries * job->inputs.in.d;
        if (!row->n_differ)
            ts_buf_printf(out, "%s = C bit for bit: all %zu bytes\n", row->variant, n);
        else
            ts_buf_printf(out, "%s is not C: %" PRIu64 " of %zu bytes differ\n", row->variant,
                          row->n_differ, n);
    }
}

static void print_findings(const att_row *row, ts_buf *out) {
    const att_result *r = row->device;
    if (!r || !r->n_findings) return;
    ts_buf_printf(out, "\nfindings in %s\n", row->variant);
    for (size_t i = 0; i < r->n_findings; i++)
        ts_buf_printf(out, "  %s\n", r->findings[i]);
    if (r->lost_findings) ts_buf_printf(out, "  and %" PRIu64 " more\n", r->lost_findings);
}

static void print_diagnosis(const att_verify_job *job, const att_row *row, ts_buf *out) {
    static const cli_column cause_columns[] = {{"if", CLI_LEFT},
                                               {"correlation", CLI_RIGHT},
                                               {"MAE", CLI_RIGHT},
                                               {"RMSE", CLI_RIGHT},
                                               {"equal", CLI_RIGHT}};
    const att_diagnosis *d = row->diagnosis;
    cli_table table = cli_table_new(job->run->arena, cause_columns, 5);
    for (size_t i = 0; i <= d->n_causes && i <= SHOWN_CAUSES; i++) {
        const att_cause *cause = i ? &d->causes[i - 1] : &d->as_it_is;
        cli_cell(&table, "  %s", i ? cause->text : "nothing is wrong");
        cli_cell(&table, "%s",
                 att_figure(job->run->arena, TS_METRIC_CORRELATION, cause->correlation));
        cli_cell(&table, "%.4g", cause->mae);
        cli_cell(&table, "%.4g", cause->rmse);
        cli_cell(&table, "%.4g %%", 100 * cause->equal);
    }
    for (size_t i = 0; i < d->n_lines; i++)
        ts_buf_printf(out, "  %s\n", d->lines[i]);
    ts_buf_printf(out, "  likely: %s\n\n", d->verdict);
    cli_table_write(&table, out);
}

static void print_row(const att_verify_job *job, const att_row *row, ts_buf *out) {
    print_findings(row, out);
    if (row->is_good) return;
    ts_buf_printf(out, "\nFAILED: %s: %s\n", row->variant, row->why);
    if (row->device && !row->device->is_done && row->device->text)
        ts_buf_printf(out, "%s", row->device->text);
    if (row->diagnosis) print_diagnosis(job, row, out);
}

int att_print_text(const att_verify_job *job) {
    ts_buf out = ts_buf_in(job->run->arena);
    cli_table table = att_table(job);
    print_inputs(job, &out);
    cli_table_write(&table, &out);
    ts_buf_u8(&out, '\n');
    print_twins(job, &out);
    for (size_t i = 0; i < job->n_notes; i++)
        ts_buf_printf(&out, "%s\n", job->notes[i]);
    for (size_t i = 0; i < job->n_rows; i++)
        print_row(job, &job->rows[i], &out);
    if (cli_has(job->run, "html")) ts_buf_printf(&out, "report: %s\n", cli_value(job->run, "html"));
    ts_buf_text(&out, job->is_good ? "passed\n" : "\nfailed\n");
    return cli_print(&out);
}

/* ---- JSON ------------------------------------------------------------------------------------ */

/* JSON has no NaN and no infinity. */
static void add_real(ts_arena *arena, ts_json *object, const char *key, double value) {
    char text[40];
    snprintf(text, sizeof text, "%.17g", value);
    ts_json_add_text(arena, object, key, isfinite(value) ? TS_JSON_NUMBER : TS_JSON_NULL,
                     isfinite(value) ? text : "null");
}

static void add_inputs(ts_arena *arena, ts_json *root, const att_case *c) {
    ts_json *node = ts_json_add(arena, root, "inputs", TS_JSON_OBJECT);
    ts_json_add_string(arena, node, "text", c->text);
    ts_json_add_number(arena, node, "n_queries", c->in.n_queries);
    ts_json_add_number(arena, node, "n_keys", c->in.n_keys);
    ts_json_add_number(arena, node, "d", c->in.d);
    ts_json_add_number(arena, node, "key_length", c->key_length);
    ts_json_add_bool(arena, node, "masked", c->mask != NULL);
    add_real(arena, node, "scale", c->scale);
    add_real(arena, node, "output_scale", c->output_scale);
}

static void add_strings(ts_arena *arena, ts_json *object, const char *key,
                        const char *const *strings, size_t n) {
    ts_json *list = ts_json_add(arena, object, key, TS_JSON_ARRAY);
    for (size_t i = 0; i < n; i++)
        ts_json_add_string(arena, list, "", strings[i]);
}

static void add_cause(ts_arena *arena, ts_json *node, const att_cause *cause) {
    add_real(arena, node, "correlation", cause->correlation);
    add_real(arena, node, "mae", cause->mae);
    add_real(arena, node, "rmse", cause->rmse);
    add_real(arena, node, "equal", cause->equal);
}

static void add_diagnosis(ts_arena *arena, ts_json *row, const att_diagnosis *d) {
    ts_json *node = ts_json_add(arena, row, "diagnosis", TS_JSON_OBJECT);
    add_strings(arena, node, "pattern", d->lines, d->n_lines);
    ts_json_add_string(arena, node, "likely", d->verdict);
    ts_json_add_number(arena, node, "tried", d->n_tried);
    ts_json *list = ts_json_add(arena, node, "causes", TS_JSON_ARRAY);
    for (size_t i = 0; i < d->n_causes; i++) {
        ts_json *cause = ts_json_add(arena, list, "", TS_JSON_OBJECT);
        ts_json_add_string(arena, cause, "text", d->causes[i].text);
        add_cause(arena, cause, &d->causes[i]);
    }
}

static void add_metrics(ts_arena *arena, ts_json *node, const ts_metrics *metrics) {
    char key[32];
    for (int m = 0; m < TS_N_METRICS; m++) {
        snprintf(key, sizeof key, "%s", ts_metric_name((ts_metric)m));
        for (char *p = key; *p; p++)
            *p = *p == ' ' ? '_' : (char)tolower((unsigned char)*p);
        const char *kept = ts_arena_strdup(arena, key);
        add_real(arena, node, kept ? kept : "", ts_metric_value(metrics, (ts_metric)m));
    }
}

static void add_row(ts_arena *arena, ts_json *list, const att_row *row) {
    ts_json *node = ts_json_add(arena, list, "", TS_JSON_OBJECT);
    ts_json_add_string(arena, node, "variant", row->variant);
    ts_json_add_string(arena, node, "where", row->where);
    add_metrics(arena, node, &row->metrics);
    if (row->has_twin) ts_json_add_number(arena, node, "unlike_c", row->n_differ);
    if (row->device) {
        const att_result *r = row->device;
        ts_json_add_bool(arena, node, "done", r->is_done);
        ts_json_add_number(arena, node, "cycles_per_tile", cycles_per_tile(row));
        ts_json_add_number(arena, node, "tiles", r->n_tiles);
        ts_json_add_number(arena, node, "run_cycles", r->run_cycles);
        add_strings(arena, node, "findings", r->findings, r->n_findings);
        ts_json_add_number(arena, node, "findings_lost", r->lost_findings);
    }
    ts_json_add_bool(arena, node, "good", row->is_good);
    if (row->why) ts_json_add_string(arena, node, "why", row->why);
    if (row->diagnosis) add_diagnosis(arena, node, row->diagnosis);
}

int att_print_json(const att_verify_job *job) {
    ts_arena *arena = job->run->arena;
    ts_json *root = ts_json_new(arena, TS_JSON_OBJECT);
    add_inputs(arena, root, &job->inputs);
    ts_json *list = ts_json_add(arena, root, "rows", TS_JSON_ARRAY);
    for (size_t i = 0; i < job->n_rows; i++)
        add_row(arena, list, &job->rows[i]);
    add_strings(arena, root, "notes", job->notes, job->n_notes);
    ts_json_add_bool(arena, root, "passed", job->is_good);
    return cli_print_json(arena, root);
}
