/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * tessera compare: a result against its reference, in figures; limits decide the exit status.
 */
#include "cli.h"

#include "tessera/attention.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char bfloat16[] = "bfloat16";

typedef struct limit {
    const char *option; /* "max-mae"; from its second part on, "max" or "min" tells the side */
    ts_metric metric;
} limit;

static const limit limits[] = {
    {"min-correlation", TS_METRIC_CORRELATION},
    {"min-cosine", TS_METRIC_COSINE},
    {"max-mean-error", TS_METRIC_MEAN_ERROR},
    {"max-mae", TS_METRIC_MAE},
    {"max-rmse", TS_METRIC_RMSE},
    {"max-relative-l2", TS_METRIC_RELATIVE_L2},
    {"max-error", TS_METRIC_MAX_ERROR},
    {"min-equal", TS_METRIC_EQUAL},
    {"min-within-5", TS_METRIC_WITHIN_5},
    {"min-within-10", TS_METRIC_WITHIN_10},
    {"max-saturated", TS_METRIC_SATURATED},
    {"min-snr", TS_METRIC_SNR},
};

enum {
    N_LIMITS = sizeof limits / sizeof *limits,
};

/* ---- inputs ---------------------------------------------------------------------------------- */

typedef struct input {
    const char *path;
    ts_npy array;
    bool is_raw;
    const char *type; /* as the user knows it */
} input;

static ts_status find_type(const char *name, ts_npy_type *out, ts_diag *diag) {
    const char *names[TS_NPY_N_TYPES + 1];
    for (int i = 0; i < TS_NPY_N_TYPES; i++) {
        names[i] = ts_npy_type_name((ts_npy_type)i);
        if (strcmp(names[i], name) != 0) continue;
        *out = (ts_npy_type)i;
        return TS_OK;
    }
    names[TS_NPY_N_TYPES] = bfloat16;
    const char *near = ts_nearest_word(name, names, TS_NPY_N_TYPES + 1);
    return ts_fail(diag, TS_UNKNOWN, NULL, "no element type '%s'%s%s%s", name,
                   near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

/* bfloat16 is the upper half of a float32. */
static ts_status widen(ts_arena *arena, ts_span bytes, ts_span *out, ts_diag *diag) {
    ts_buf wide = ts_buf_in(arena);
    ts_cur cur = ts_cur_of(bytes);
    ts_buf_reserve(&wide, bytes.size * 2);
    while (ts_cur_left(&cur) >= 2)
        ts_buf_u32le(&wide, (uint32_t)ts_cur_u16le(&cur) << 16);
    *out = ts_buf_span(&wide);
    return wide.failed ? ts_fail_nomem(diag) : TS_OK;
}

/* Values one behind the other. */
static ts_status read_raw(ts_arena *arena, ts_span bytes, const char *type, input *out,
                          ts_diag *diag) {
    if (!type)
        return ts_fail(diag, TS_MISSING, out->path,
                       "is no .npy file; --dtype must say what its elements are");
    bool is_short = strcmp(type, bfloat16) == 0;
    out->array.type = TS_NPY_FLOAT32;
    if (!is_short) TS_TRY(find_type(type, &out->array.type, diag));
    size_t size = is_short ? 2 : ts_npy_type_size(out->array.type);
    if (bytes.size % size)
        return ts_fail(diag, TS_RANGE, out->path, "%zu bytes are no whole number of %s elements",
                       bytes.size, type);
    out->is_raw = true;
    out->type = type;
    out->array.n_dims = 1;
    out->array.shape[0] = out->array.n_elements = bytes.size / size;
    out->array.data = bytes;
    return is_short ? widen(arena, bytes, &out->array.data, diag) : TS_OK;
}

static ts_status read_array(cli_run *run, const char *path, input *out, ts_diag *diag) {
    ts_span bytes;
    *out = (input){.path = path};
    TS_TRY(ts_file_read(run->arena, path, 0, &bytes, diag));
    if (!ts_npy_is(bytes)) return read_raw(run->arena, bytes, cli_value(run, "dtype"), out, diag);
    TS_TRY(ts_npy_parse(bytes, path, &out->array, diag));
    out->type = ts_npy_type_name(out->array.type);
    return TS_OK;
}

/* "64,64" or "64x64". */
static ts_status parse_shape(const char *text, ts_npy *out, ts_diag *diag) {
    const char *p = text;
    out->n_dims = 0;
    out->n_elements = 1;
    do {
        char part[24] = "";
        size_t length = strcspn(p, ",x");
        uint64_t size = 0;
        if (length < sizeof part) memcpy(part, p, length);
        if (!ts_parse_u64(part, &size) || out->n_dims == TS_NPY_MAX_DIMS || size > UINT32_MAX ||
            out->n_elements > UINT32_MAX)
            return ts_fail(diag, TS_SYNTAX, NULL, "'%s' is no shape; expected one like 64,64",
                           text);
        out->shape[out->n_dims++] = size;
        out->n_elements *= size;
        p += length;
    } while (*p++);
    return TS_OK;
}

/* A raw file has the shape of --shape, or of the other file, when that is possible. */
static ts_status give_shape(input *raw, const ts_npy *shape, bool is_asked, ts_diag *diag) {
    if (!raw->is_raw) return TS_OK;
    if (shape->n_elements != raw->array.n_elements)
        return is_asked ? ts_fail(diag, TS_RANGE, raw->path,
                                  "has %" PRIu64 " elements; the shape asks for %" PRIu64,
                                  raw->array.n_elements, shape->n_elements)
                        : TS_OK;
    raw->array.n_dims = shape->n_dims;
    memcpy(raw->array.shape, shape->shape, sizeof raw->array.shape);
    return TS_OK;
}

static ts_status read_inputs(cli_run *run, input in[2], ts_diag *diag) {
    const char *text = cli_value(run, "shape");
    ts_npy shape = {0};
    if (text) TS_TRY(parse_shape(text, &shape, diag));
    for (int i = 0; i < 2; i++)
        TS_TRY(read_array(run, run->positional[i], &in[i], diag));
    for (int i = 0; i < 2; i++)
        TS_TRY(give_shape(&in[i], text ? &shape : &in[!i].array, text != NULL, diag));
    return TS_OK;
}

/* ---- limits ---------------------------------------------------------------------------------- */

typedef struct verdict {
    bool is_asked, is_met, is_least;
    double limit;
} verdict;

/* A number, or a percentage. */
static bool parse_limit(const char *text, double *out) {
    char *end;
    *out = strtod(text, &end);
    if (end != text && strcmp(end, "%") == 0) *out /= 100;
    return end != text && (!*end || strcmp(end, "%") == 0) && isfinite(*out);
}

/* CLI_DONE, or a usage error that was printed. */
static int judge(cli_run *run, const ts_metrics *metrics, verdict out[TS_N_METRICS]) {
    for (size_t i = 0; i < N_LIMITS; i++) {
        const char *text = cli_value(run, limits[i].option);
        double value = ts_metric_value(metrics, limits[i].metric);
        verdict *v = &out[limits[i].metric];
        if (!text) continue;
        if (!parse_limit(text, &v->limit))
            return cli_usage("tessera compare", "'%s' is no number for --%s", text,
                             limits[i].option);
        if (ts_metric_side_of(limits[i].metric) == TS_METRIC_SMALL) value = fabs(value);
        v->is_asked = true;
        v->is_least = strncmp(limits[i].option, "min", 3) == 0;
        /* An undefined figure meets no limit. */
        v->is_met = v->is_least ? value >= v->limit : value <= v->limit;
    }
    return CLI_DONE;
}

static bool passes(const ts_metrics *m, const verdict verdicts[TS_N_METRICS]) {
    bool is_asked = false, is_met = m->n_unlike == 0;
    for (int i = 0; i < TS_N_METRICS; i++) {
        is_asked |= verdicts[i].is_asked;
        is_met &= verdicts[i].is_met || !verdicts[i].is_asked;
    }
    return is_met && (is_asked || m->n_equal == m->n_finite);
}

/* ---- what is printed ------------------------------------------------------------------------- */

static bool is_share(ts_metric metric) {
    return metric == TS_METRIC_EQUAL || metric == TS_METRIC_WITHIN_5 ||
           metric == TS_METRIC_WITHIN_10 || metric == TS_METRIC_SATURATED;
}

static const char *figure(ts_arena *arena, ts_metric metric, double value) {
    const char *text;
    if (isnan(value)) return "undefined";
    if (isinf(value)) return value > 0 ? "infinite" : "-infinite";
    if (is_share(metric))
        text = ts_arena_printf(arena, "%.6g %%", 100 * value);
    else
        text = ts_arena_printf(arena, "%.7g", value);
    return text ? text : "?";
}

static void add_place(const ts_npy *array, uint64_t index, ts_buf *out) {
    uint64_t stride = array->n_elements;
    for (unsigned i = 0; i < array->n_dims; i++) {
        stride /= array->shape[i];
        ts_buf_printf(out, "[%" PRIu64 "]", index / stride);
        index %= stride;
    }
}

static void print_counts(const ts_metrics *m, const input in[2], ts_buf *out) {
    if (m->n_finite && m->max_error > 0) {
        ts_buf_text(out, "\nlargest error at ");
        add_place(&in[0].array, m->max_at, out);
        ts_buf_printf(out, ": got %.9g, want %.9g\n", m->max_got, m->max_want);
    }
    if (m->n_saturated || m->n_want_saturated)
        ts_buf_printf(out, "saturated: %" PRIu64 " of got, %" PRIu64 " of want\n", m->n_saturated,
                      m->n_want_saturated);
    if (m->n_finite < m->n_pairs)
        ts_buf_printf(out,
                      "not finite: got has %" PRIu64 " NaN and %" PRIu64
                      " infinities, want %" PRIu64 " and %" PRIu64 "; %" PRIu64
                      " of these pairs are unlike\n",
                      m->got_nan, m->got_inf, m->want_nan, m->want_inf, m->n_unlike);
}

static void print_text(cli_run *run, const ts_metrics *m, const input in[2],
                       const verdict verdicts[TS_N_METRICS], ts_buf *out) {
    static const cli_column columns[] = {
        {"metric", CLI_LEFT}, {"value", CLI_RIGHT}, {"", CLI_LEFT}};
    cli_table table = cli_table_new(run->arena, columns, 3);
    ts_buf_printf(out, "%" PRIu64 " pairs of %s and %s, shape ", m->n_pairs, in[0].type,
                  in[1].type);
    for (unsigned i = 0; i < in[0].array.n_dims; i++)
        ts_buf_printf(out, "%s%" PRIu64, i ? "x" : "", in[0].array.shape[i]);
    ts_buf_text(out, in[0].array.n_dims ? "\n\n" : "()\n\n");
    for (int i = 0; i < TS_N_METRICS; i++) {
        const verdict *v = &verdicts[i];
        cli_cell(&table, "%s", ts_metric_name((ts_metric)i));
        cli_cell(&table, "%s", figure(run->arena, (ts_metric)i, ts_metric_value(m, (ts_metric)i)));
        if (!v->is_asked)
            cli_cell(&table, "%s", "");
        else
            cli_cell(&table, "%s: at %s %s", v->is_met ? "good" : "FAILED",
                     v->is_least ? "least" : "most", figure(run->arena, (ts_metric)i, v->limit));
    }
    cli_table_write(&table, out);
    print_counts(m, in, out);
}

/* JSON has no NaN and no infinity. */
static void add_figure(ts_arena *arena, ts_json *object, const char *key, double value) {
    char text[40];
    snprintf(text, sizeof text, "%.17g", value);
    ts_json_add_text(arena, object, key, isfinite(value) ? TS_JSON_NUMBER : TS_JSON_NULL,
                     isfinite(value) ? text : "null");
}

static void add_key(char key[32], ts_metric metric) {
    snprintf(key, 32, "%s", ts_metric_name(metric));
    for (char *p = key; *p; p++)
        *p = *p == ' ' ? '_' : (char)(*p >= 'A' && *p <= 'Z' ? *p - 'A' + 'a' : *p);
}

static void add_counts(ts_arena *arena, ts_json *root, const ts_metrics *m) {
    const struct {
        const char *key;
        uint64_t value;
    } counts[] = {
        {"pairs", m->n_pairs},
        {"finite", m->n_finite},
        {"n_equal", m->n_equal},
        {"n_saturated", m->n_saturated},
        {"n_want_saturated", m->n_want_saturated},
        {"got_nan", m->got_nan},
        {"got_inf", m->got_inf},
        {"want_nan", m->want_nan},
        {"want_inf", m->want_inf},
        {"unlike", m->n_unlike},
        {"largest_at", m->max_at},
    };
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        ts_json_add_number(arena, root, counts[i].key, counts[i].value);
    add_figure(arena, root, "largest_got", m->max_got);
    add_figure(arena, root, "largest_want", m->max_want);
}

static void add_metrics(ts_arena *arena, ts_json *root, const ts_metrics *m,
                        const verdict verdicts[TS_N_METRICS]) {
    char key[32];
    ts_json *figures = ts_json_add(arena, root, "metrics", TS_JSON_OBJECT);
    ts_json *failed = ts_json_add(arena, root, "failed", TS_JSON_ARRAY);
    for (int i = 0; i < TS_N_METRICS; i++) {
        add_key(key, (ts_metric)i);
        add_figure(arena, figures, key, ts_metric_value(m, (ts_metric)i));
        if (verdicts[i].is_asked && !verdicts[i].is_met) ts_json_add_string(arena, failed, "", key);
    }
}

static int print_json(cli_run *run, const ts_metrics *m, const input in[2],
                      const verdict verdicts[TS_N_METRICS], bool is_good) {
    ts_arena *arena = run->arena;
    ts_json *root = ts_json_new(arena, TS_JSON_OBJECT);
    ts_json_add_string(arena, root, "got", in[0].path);
    ts_json_add_string(arena, root, "want", in[1].path);
    ts_json_add_string(arena, root, "got_dtype", in[0].type);
    ts_json_add_string(arena, root, "want_dtype", in[1].type);
    ts_json *shape = ts_json_add(arena, root, "shape", TS_JSON_ARRAY);
    for (unsigned i = 0; i < in[0].array.n_dims; i++)
        ts_json_add_number(arena, shape, "", in[0].array.shape[i]);
    add_counts(arena, root, m);
    add_metrics(arena, root, m, verdicts);
    ts_json_add_bool(arena, root, "passed", is_good);
    return cli_print_json(arena, root);
}

static int run_compare(cli_run *run) {
    ts_diag diag = {0};
    input in[2];
    ts_metrics metrics;
    verdict verdicts[TS_N_METRICS] = {0};
    ts_buf out = ts_buf_in(run->arena);
    if (read_inputs(run, in, &diag) != TS_OK ||
        ts_metrics_compare(&in[0].array, &in[1].array, &metrics, &diag) != TS_OK)
        return cli_fail_in(run->positional[0], &diag);
    int status = judge(run, &metrics, verdicts);
    if (status != CLI_DONE) return status;
    bool is_good = passes(&metrics, verdicts);
    if (cli_has(run, "json")) {
        status = print_json(run, &metrics, in, verdicts, is_good);
    } else {
        print_text(run, &metrics, in, verdicts, &out);
        status = cli_print(&out);
    }
    return status == CLI_DONE && is_good ? CLI_DONE : CLI_FAILED;
}

static const cli_option options[] = {
    {"dtype", 't', "TYPE", "element type of files that are not .npy: int8, float32, bfloat16, ..."},
    {"shape", 0, "N,N,...", "their shape, for the place of the largest error"},
    {"min-correlation", 0, "X", "fail when Pearson's correlation is less, or undefined"},
    {"min-cosine", 0, "X", "fail when the cosine of the angle between them is less"},
    {"max-mean-error", 0, "X", "fail when the mean of got - want is further from 0"},
    {"max-mae", 0, "X", "fail when the mean absolute error is more"},
    {"max-rmse", 0, "X", "fail when the root of the mean squared error is more"},
    {"max-relative-l2", 0, "X", "fail when |got - want| / |want| is more"},
    {"max-error", 0, "X", "fail when the largest error is more"},
    {"min-equal", 0, "X", "fail when a smaller share is equal (0.99 or 99%)"},
    {"min-within-5", 0, "X", "fail when a smaller share is off by 5 or less"},
    {"min-within-10", 0, "X", "fail when a smaller share is off by 10 or less"},
    {"max-saturated", 0, "X", "fail when more of got is at the ends of its integer type"},
    {"min-snr", 0, "DB", "fail when the signal to noise ratio is less"},
    {"json", 0, NULL, "print JSON"},
    {NULL, 0, NULL, NULL},
};

const cli_command cli_compare = {
    .name = "compare",
    .arguments = "GOT WANT [--max-mae X] [--min-correlation X] ...",
    .summary = "Measure a result against its reference",
    .details =
        "Files are .npy, or raw values of the type that --dtype says. Without limits the exit\n"
        "status says whether all values are equal; with limits, whether all of them are met.\n"
        "NaN and infinities must stand in the same places in both.",
    .example = "tessera compare out.bin reference.npy --dtype int8 --max-mae 0.3",
    .options = options,
    .min_positional = 2,
    .max_positional = 2,
    .main = run_compare,
};
