/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * tessera attention verify: what every variant makes of the same inputs, held against FP32 and
 * against the integer definition. Own kernels must compute the definition to the last bit; those of
 * others, and stored results, must be as near to FP32 as the limits say.
 */
#include "attention.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>

/* What others' kernels must reach when no limit is given. A wrong factor leaves the correlation
 * alone, and a few wrong rows the mean error of many: so there are three. */
#define FOREIGN_CORRELATION 0.99
#define FOREIGN_MAE         1.0
#define FOREIGN_ROW_MAE     8.0

/* ---- rows ------------------------------------------------------------------------------------ */

static size_t n_values(const att_verify_job *job) {
    return (size_t)job->inputs.in.n_queries * job->inputs.in.d;
}

static ts_status measure(const att_verify_job *job, const int8_t *out, ts_metrics *metrics,
                         ts_diag *diag) {
    ts_npy got = {.type = TS_NPY_INT8, .n_dims = 2}, want = {.type = TS_NPY_FLOAT32, .n_dims = 2};
    got.shape[0] = want.shape[0] = job->inputs.in.n_queries;
    got.shape[1] = want.shape[1] = job->inputs.in.d;
    got.n_elements = want.n_elements = n_values(job);
    got.data = ts_span_of(out, n_values(job));
    want.data = ts_span_of(job->reference, n_values(job) * sizeof(float));
    return ts_metrics_compare(&got, &want, metrics, diag);
}

static const int8_t *twin_of(const att_verify_job *job, ts_attention_scores scores) {
    for (size_t i = 0; i < job->n_rows; i++)
        if (job->rows[i].kind == ATT_HOST && job->rows[i].scores == scores) return job->rows[i].out;
    return NULL;
}

static ts_status add_row(att_verify_job *job, const att_row *row, ts_diag *diag) {
    att_row *grown =
        ts_arena_room(job->run->arena, job->rows, job->n_rows, &job->row_capacity, sizeof *grown);
    if (!grown) return ts_fail_nomem(diag);
    job->rows = grown;
    att_row *added = &job->rows[job->n_rows];
    const int8_t *twin = row->kind == ATT_IDEAL ? NULL : twin_of(job, row->scores);
    *added = *row;
    TS_TRY(measure(job, row->out, &added->metrics, diag));
    added->has_twin = twin != NULL;
    for (size_t i = 0; twin && i < n_values(job); i++)
        added->n_differ += added->out[i] != twin[i];
    job->n_rows++;
    return TS_OK;
}

static ts_status add_note(att_verify_job *job, const char *text, ts_diag *diag) {
    const char **grown = ts_arena_room(job->run->arena, job->notes, job->n_notes,
                                       &job->note_capacity, sizeof *grown);
    if (!grown || !text) return ts_fail_nomem(diag);
    job->notes = grown;
    job->notes[job->n_notes++] = text;
    return TS_OK;
}

/* ---- the host -------------------------------------------------------------------------------- */

static ts_status run_reference(att_verify_job *job, ts_diag *diag) {
    const att_case *in = &job->inputs;
    ts_attention_job work = att_job_of(in, TS_ATTENTION_INT32);
    float *reference = TS_ARENA_ARRAY(job->run->arena, float, n_values(job));
    int8_t *rounded = TS_ARENA_ARRAY(job->run->arena, int8_t, n_values(job));
    if (!reference || !rounded) return ts_fail_nomem(diag);
    TS_TRY(ts_attention_fp32(&work, in->scale, in->output_scale, reference, job->run->arena, diag));
    for (size_t i = 0; i < n_values(job); i++)
        rounded[i] = (int8_t)fmax(-128, fmin(127, nearbyint((double)reference[i])));
    job->reference = reference;
    const att_row row = {
        .kind = ATT_IDEAL, .variant = "FP32, rounded", .where = "host", .out = rounded};
    return add_row(job, &row, diag);
}

static ts_status run_variant(att_verify_job *job, ts_attention_scores scores,
                             ts_attention_variant variant, ts_diag *diag) {
    ts_arena *arena = job->run->arena;
    ts_attention_job work = att_job_of(&job->inputs, scores);
    int8_t *out = TS_ARENA_ARRAY(arena, int8_t, n_values(job));
    const char *name = ts_arena_printf(
        arena, "%s, %s", att_scores_name(scores),
        variant == TS_ATTENTION_PLAIN ? "plain C" : ts_attention_variant_name(variant));
    if (!out || !name) return ts_fail_nomem(diag);
    TS_TRY(ts_attention_run(variant, &work, out, arena, diag));
    const att_row row = {
        .kind = ATT_HOST, .variant = name, .where = "host", .scores = scores, .out = out};
    return add_row(job, &row, diag);
}

static ts_status run_host(att_verify_job *job, const bool is_chosen[ATT_N_SCORES],
                          att_progress *progress, ts_diag *diag) {
    att_progress_show(progress, "the reference in FP32");
    TS_TRY(run_reference(job, diag));
    for (int scores = 0; scores < ATT_N_SCORES; scores++)
        for (int v = 0; v < TS_N_ATTENTION_VARIANTS && is_chosen[scores]; v++) {
            if (!ts_attention_has_variant((ts_attention_variant)v)) continue;
            att_progress_show(progress, "%s scores on the host",
                              att_scores_name((ts_attention_scores)scores));
            TS_TRY(run_variant(job, (ts_attention_scores)scores, (ts_attention_variant)v, diag));
        }
    return TS_OK;
}

/* ---- the device ------------------------------------------------------------------------------ */

static ts_status run_device(att_verify_job *job, const att_kernel *kernel,
                            ts_attention_scores scores, att_row_kind kind, const char *name,
                            att_progress *progress, ts_diag *diag) {
    const char *device = cli_value(job->run, "device");
    att_result *result = TS_ARENA_NEW(job->run->arena, att_result);
    if (!result || !name) return ts_fail_nomem(diag);
    TS_TRY(att_device_run(job->run, device ? device : TS_DEVICE_EMULATOR, kernel, &job->inputs,
                          scores, progress, result, diag));
    const att_row row = {.kind = kind,
                         .variant = name,
                         .where = result->where,
                         .scores = scores,
                         .out = result->out,
                         .device = result};
    return add_row(job, &row, diag);
}

static ts_status run_own(att_verify_job *job, const att_kernel *kernel, ts_attention_scores scores,
                         att_progress *progress, ts_diag *diag) {
    const char *name = ts_arena_printf(job->run->arena, "%s, AIE2", att_scores_name(scores));
    return run_device(job, kernel, scores, ATT_DEVICE, name, progress, diag);
}

static ts_status run_built(att_verify_job *job, ts_attention_scores scores, const char *folder,
                           att_progress *progress, ts_diag *diag) {
    ts_compile_result built = {0};
    att_kernel kernel;
    const char *name = ts_arena_printf(job->run->arena, "attention_%s", att_scores_name(scores));
    if (!name) return ts_fail_nomem(diag);
    att_progress_show(progress, "building %s", name);
    TS_TRY(att_kernel_build(job->run, scores, folder, NULL, &built, diag));
    TS_TRY(att_kernel_of(job->run, &built, name, &kernel, diag));
    return run_own(job, &kernel, scores, progress, diag);
}

/* Every --build, or else what the program carries. */
static ts_status run_own_kernels(att_verify_job *job, const bool is_chosen[ATT_N_SCORES],
                                 att_progress *progress, ts_diag *diag) {
    const cli_run *run = job->run;
    for (size_t i = 0; i < run->n_given; i++) {
        ts_attention_scores scores;
        att_kernel kernel;
        if (strcmp(run->given[i].option->name, "build") != 0) continue;
        TS_TRY(att_kernel_open(job->run, run->given[i].value, &scores, &kernel, diag));
        if (is_chosen[scores]) TS_TRY(run_own(job, &kernel, scores, progress, diag));
    }
    if (cli_has(run, "build")) return TS_OK;
    for (int scores = 0; scores < ATT_N_SCORES; scores++)
        if (is_chosen[scores])
            TS_TRY(run_built(job, (ts_attention_scores)scores, cli_value(run, "kernel"), progress,
                             diag));
    return TS_OK;
}

static ts_status run_foreign(att_verify_job *job, att_progress *progress, ts_diag *diag) {
    att_kernel kernel;
    TS_TRY(att_kernel_foreign(job->run, &kernel, diag));
    return run_device(job, &kernel, job->scores, ATT_FOREIGN, kernel.name, progress, diag);
}

/* A result that was kept: .npy, or bytes. */
static ts_status read_result(att_verify_job *job, const char *path, ts_diag *diag) {
    const ts_attention_inputs *in = &job->inputs.in;
    ts_span bytes;
    uint32_t shape[2] = {in->n_queries, in->d};
    int8_t *out;
    TS_TRY(ts_file_read(job->run->arena, path, 0, &bytes, diag));
    if (ts_npy_is(bytes))
        TS_TRY(att_read_int8(job->run, path, shape, &out, diag));
    else if (bytes.size != n_values(job))
        return ts_fail(diag, TS_RANGE, path,
                       "has %zu bytes; expected a .npy file, or %" PRIu32 " times %" PRIu32
                       " bytes",
                       bytes.size, in->n_queries, in->d);
    else if (!(out = TS_ARENA_ARRAY(job->run->arena, int8_t, n_values(job))))
        return ts_fail_nomem(diag);
    else
        memcpy(out, bytes.data, bytes.size);
    if (shape[0] != in->n_queries || shape[1] != in->d)
        return ts_fail(diag, TS_RANGE, path,
                       "is %" PRIu32 " by %" PRIu32 "; expected %" PRIu32 " by %" PRIu32, shape[0],
                       shape[1], in->n_queries, in->d);
    const att_row row = {.kind = ATT_STORED,
                         .variant = ts_path_base(path),
                         .where = "stored",
                         .scores = job->scores,
                         .out = out};
    return add_row(job, &row, diag);
}

/* When every query takes one key's value as it is, much can be wrong without a trace. */
static ts_status note_sharpness(att_verify_job *job, ts_diag *diag) {
    size_t n_whole = 0, n = n_values(job);
    for (size_t i = 0; i < n; i++)
        n_whole += fabs((double)job->reference[i] - nearbyint((double)job->reference[i])) < 0.01;
    if (n_whole * 10 < n * 9) return TS_OK;
    return add_note(job,
                    "with these inputs nearly every query takes the value of one key as it is: "
                    "mistakes in the scale, in exp or in the sum do not show; try --gauss 1,1 too",
                    diag);
}

static ts_status run_all(att_verify_job *job, const bool is_chosen[ATT_N_SCORES],
                         att_progress *progress, ts_diag *diag) {
    const cli_run *run = job->run;
    const char *device = cli_value(run, "device");
    bool is_none = device && strcmp(device, "none") == 0;
    job->scores = is_chosen[TS_ATTENTION_INT32] ? TS_ATTENTION_INT32 : TS_ATTENTION_INT8;
    TS_TRY(run_host(job, is_chosen, progress, diag));
    if (cli_has(run, "result") || cli_has(run, "xclbin")) TS_TRY(note_sharpness(job, diag));
    if (cli_has(run, "result")) TS_TRY(read_result(job, cli_value(run, "result"), diag));
    if (cli_has(run, "xclbin")) return run_foreign(job, progress, diag);
    if (is_none || cli_has(run, "result")) return TS_OK;
    const char *refusal = att_device_refuses(&job->inputs, true);
    if (!refusal) return run_own_kernels(job, is_chosen, progress, diag);
    return add_note(job, ts_arena_printf(job->run->arena, "not run on a device: %s", refusal),
                    diag);
}

/* ---- judging --------------------------------------------------------------------------------- */

/* A constant reference has no correlation; then the errors alone must do. */
static bool has_no_correlation(const att_verify_job *job) {
    return isnan(job->rows[0].metrics.correlation);
}

static double worst_row_mae(const att_verify_job *job, const int8_t *out) {
    double worst = 0;
    uint32_t d = job->inputs.in.d;
    for (uint32_t row = 0; row < job->inputs.in.n_queries; row++) {
        double sum = 0;
        for (size_t i = (size_t)row * d; i < (size_t)(row + 1) * d; i++)
            sum += fabs(out[i] - (double)job->reference[i]);
        worst = fmax(worst, sum / d);
    }
    return worst;
}

static const char *limits_missed(const att_verify_job *job, const att_row *row) {
    const ts_metrics *m = &row->metrics;
    bool is_foreign = row->kind == ATT_FOREIGN || row->kind == ATT_STORED;
    bool is_loose = is_foreign && !job->is_exact; /* then defaults hold */
    double correlation = job->has_correlation ? job->min_correlation : FOREIGN_CORRELATION;
    double mae = job->has_mae ? job->max_mae : FOREIGN_MAE;
    bool skips = has_no_correlation(job) && !job->has_correlation;
    ts_arena *arena = job->run->arena;
    if ((is_loose || job->has_correlation) && !skips && !(m->correlation >= correlation))
        return ts_arena_printf(arena, "its correlation is %s; expected %.6g at least",
                               att_figure(arena, TS_METRIC_CORRELATION, m->correlation),
                               correlation);
    if ((is_loose || job->has_mae) && !(m->mae <= mae))
        return ts_arena_printf(arena, "its MAE is %.4g; expected %.4g at most", m->mae, mae);
    if (is_loose && !job->has_mae && worst_row_mae(job, row->out) > FOREIGN_ROW_MAE)
        return ts_arena_printf(arena, "the MAE of its worst row is %.4g; expected %.4g at most",
                               worst_row_mae(job, row->out), FOREIGN_ROW_MAE);
    return NULL;
}

static bool has_findings(const att_row *row) {
    return row->kind == ATT_DEVICE && row->device && row->device->n_findings;
}

static const char *why_bad(const att_verify_job *job, const att_row *row) {
    bool is_own = row->kind == ATT_HOST || row->kind == ATT_DEVICE;
    if (row->device && !row->device->is_done) return "it did not end";
    if ((is_own || job->is_exact) && row->n_differ)
        return ts_arena_printf(job->run->arena,
                               "%" PRIu64 " of %zu bytes differ from the %s definition",
                               row->n_differ, n_values(job), att_scores_name(row->scores));
    if (has_findings(row))
        return "the emulator has findings; an own kernel gives it no cause for any";
    /* The baseline's figures are what they are. */
    if (is_own && row->scores == TS_ATTENTION_INT8) return NULL;
    return limits_missed(job, row);
}

/* FP32, or for what must equal the definition, that. */
static ts_status want_of(const att_verify_job *job, const att_row *row, att_want *out,
                         ts_diag *diag) {
    bool is_own = row->kind == ATT_HOST || row->kind == ATT_DEVICE || job->is_exact;
    const int8_t *twin = is_own && row->n_differ ? twin_of(job, row->scores) : NULL;
    *out = (att_want){.name = "FP32", .values = job->reference, .tolerance = 1};
    if (!twin) return TS_OK;
    float *values = TS_ARENA_ARRAY(job->run->arena, float, n_values(job));
    if (!values) return ts_fail_nomem(diag);
    for (size_t i = 0; i < n_values(job); i++)
        values[i] = twin[i];
    *out = (att_want){.name = "the definition",
                      .values = values,
                      .tolerance = 0.5,
                      .clamps_scores = row->scores == TS_ATTENTION_INT8};
    return TS_OK;
}

static ts_status judge(att_verify_job *job, att_progress *progress, ts_diag *diag) {
    job->is_good = true;
    for (size_t i = 0; i < job->n_rows; i++) {
        att_want want;
        att_row *row = &job->rows[i];
        row->is_judged = row->kind != ATT_IDEAL;
        row->why = row->is_judged ? why_bad(job, row) : NULL;
        row->is_good = !row->why;
        job->is_good &= row->is_good;
        if (row->is_good || (row->device && !row->device->is_done)) continue;
        if (has_findings(row) && !row->n_differ) continue;
        att_diagnosis *diagnosis = TS_ARENA_NEW(job->run->arena, att_diagnosis);
        if (!diagnosis) return ts_fail_nomem(diag);
        att_progress_show(progress, "what is wrong with %s", row->variant);
        TS_TRY(want_of(job, row, &want, diag));
        TS_TRY(att_diagnose(job->run->arena, &job->inputs, row->out, &want, diagnosis, diag));
        row->diagnosis = diagnosis;
    }
    return TS_OK;
}

/* ---- the command ----------------------------------------------------------------------------- */

static int check_options(cli_run *run) {
    static const char *const path = "tessera attention verify";
    const char *device = cli_value(run, "device");
    if (cli_has(run, "xclbin") != cli_has(run, "insts"))
        return cli_usage(path, "--xclbin and --insts go together");
    if (cli_has(run, "core-elf") && !cli_has(run, "xclbin"))
        return cli_usage(path, "--core-elf is for --xclbin");
    if (cli_has(run, "xclbin") + cli_has(run, "build") + cli_has(run, "kernel") > 1)
        return cli_usage(path, "kernels are of --build, --kernel or --xclbin, only one of them");
    if (device && strcmp(device, "none") == 0 && cli_has(run, "xclbin"))
        return cli_usage(path, "--xclbin needs a device");
    return CLI_DONE;
}

static int parse_limits(cli_run *run, att_verify_job *job) {
    int status = att_parse_real(run, "min-correlation", -1, 1, &job->min_correlation);
    if (status == CLI_DONE) status = att_parse_real(run, "max-mae", 0, 255, &job->max_mae);
    job->has_correlation = cli_has(run, "min-correlation");
    job->has_mae = cli_has(run, "max-mae");
    job->is_exact = cli_has(run, "exact");
    return status;
}

/* "int32, plain C" as "int32_plain_c.npy". */
static const char *file_of(const att_verify_job *job, const char *folder, const char *name) {
    char *path = ts_arena_printf(job->run->arena, "%s/%s.npy", folder, name);
    size_t at = strlen(folder) + 1, n = 0;
    for (size_t i = at; path && name[i - at]; i++) {
        char c = name[i - at];
        if (c != ',' && !(c == ' ' && n && path[at + n - 1] == '_'))
            path[at + n++] = c == ' ' || c == '/' ? '_' : (char)tolower((unsigned char)c);
    }
    if (path) memcpy(path + at + n, ".npy", 5);
    return path;
}

/* What is read is not written over. */
static ts_status check_output(const cli_run *run, const char *path, ts_diag *diag) {
    static const char *const inputs[] = {"q", "k", "v", "mask", "result", "xclbin", "insts"};
    for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++)
        if (cli_has(run, inputs[i]) && cli_same_file(cli_value(run, inputs[i]), path))
            return ts_fail(diag, TS_CONFLICT, path, "is read here and also an output file");
    return TS_OK;
}

static ts_status keep_array(const att_verify_job *job, ts_file_set *set, const char *name,
                            const void *values, ts_npy_type type, uint32_t n_rows, ts_diag *diag) {
    ts_npy array = {.type = type, .n_dims = 2};
    ts_buf bytes = ts_buf_in(job->run->arena);
    const char *path = file_of(job, cli_value(job->run, "keep"), name);
    if (!path) return ts_fail_nomem(diag);
    TS_TRY(check_output(job->run, path, diag));
    array.shape[0] = n_rows;
    array.shape[1] = job->inputs.in.d;
    array.n_elements = (uint64_t)n_rows * job->inputs.in.d;
    array.data = ts_span_of(values, (size_t)array.n_elements * ts_npy_type_size(type));
    TS_TRY(ts_npy_write(&array, &bytes, diag));
    return ts_file_set_add(set, path, ts_buf_span(&bytes), diag);
}

static ts_status keep_arrays(const att_verify_job *job, ts_file_set *set, ts_diag *diag) {
    const ts_attention_inputs *in = &job->inputs.in;
    TS_TRY(keep_array(job, set, "q", in->q, TS_NPY_INT8, in->n_queries, diag));
    TS_TRY(keep_array(job, set, "k", in->k, TS_NPY_INT8, in->n_keys, diag));
    TS_TRY(keep_array(job, set, "v", in->v, TS_NPY_INT8, in->n_keys, diag));
    TS_TRY(keep_array(job, set, "reference", job->reference, TS_NPY_FLOAT32, in->n_queries, diag));
    for (size_t i = 0; i < job->n_rows; i++)
        if (job->rows[i].kind != ATT_STORED)
            TS_TRY(keep_array(job, set,
                              job->rows[i].kind == ATT_FOREIGN ? "result" : job->rows[i].variant,
                              job->rows[i].out, TS_NPY_INT8, in->n_queries, diag));
    return ts_file_set_commit(set, diag);
}

/* Inputs, the reference and every result but the one that is a file already. */
static ts_status keep(const att_verify_job *job, ts_diag *diag) {
    const char *folder = cli_value(job->run, "keep");
    ts_file_set set;
    if (!folder) return TS_OK;
    TS_TRY(cli_make_folder(folder, diag));
    ts_file_set_init(&set, job->run->arena);
    ts_status status = keep_arrays(job, &set, diag);
    ts_file_set_abandon(&set);
    return status;
}

static ts_status write_report(const att_verify_job *job, ts_diag *diag) {
    const char *path = cli_value(job->run, "html");
    ts_buf html = ts_buf_in(job->run->arena);
    if (!path) return TS_OK;
    TS_TRY(check_output(job->run, path, diag));
    att_write_html(job, &html);
    if (html.failed) return ts_fail_nomem(diag);
    return ts_file_write(path, ts_buf_span(&html), diag);
}

static int run_verify(cli_run *run) {
    ts_diag diag = {0};
    att_verify_job job = {.run = run};
    att_progress progress = att_progress_new();
    bool is_chosen[ATT_N_SCORES];
    int status = check_options(run);
    if (status == CLI_DONE)
        status = att_parse_scores(run, cli_has(run, "kernel") ? "int32" : "both", is_chosen);
    if (status == CLI_DONE) status = parse_limits(run, &job);
    if (status == CLI_DONE) status = att_read_case(run, &job.inputs);
    if (status != CLI_DONE) return status;
    ts_status done = run_all(&job, is_chosen, &progress, &diag);
    if (done == TS_OK) done = judge(&job, &progress, &diag);
    if (done == TS_OK) done = write_report(&job, &diag);
    if (done == TS_OK) done = keep(&job, &diag);
    att_progress_end(&progress);
    if (done != TS_OK) return cli_fail(&diag);
    status = cli_has(run, "json") ? att_print_json(&job) : att_print_text(&job);
    return status == CLI_DONE && !job.is_good ? CLI_FAILED : status;
}

static const cli_option options[] = {
    ATT_INPUT_OPTIONS,
    {"scores", 0, "S", "int32, int8 or both (default)"},
    {"device", 'd', "NAME", "'emulator' (default), a path like /dev/accel/accel0, or 'none'"},
    {"build", 0, "DIR", "take a kernel from what 'attention build' left there"},
    {"kernel", 0, "DIR", "build the kernel from the .mlir and .s in that folder"},
    {"xclbin", 'x', "FILE", "verify this kernel: buffers Q K V, and out (and parameters)"},
    {"insts", 'i', "FILE", "its instruction stream"},
    {"core-elf", 0, "C,R=FILE", "the program of its core, for names and its stack"},
    {"kernel-name", 'k', "NAME", "the kernel, when the container has several"},
    {"result", 0, "FILE", "verify a stored result: int8 .npy, or its bytes"},
    {"exact", 0, NULL, "others' results must equal the definition to the last bit, too"},
    {"min-correlation", 0, "X", "fail when the correlation with FP32 is less"},
    {"max-mae", 0, "X", "fail when the mean absolute error against FP32 is more"},
    {"html", 0, "FILE", "write a report with heat maps: one file"},
    {"keep", 0, "DIR", "write inputs, reference and every result there as .npy"},
    {"json", 0, NULL, "print JSON"},
    {NULL, 0, NULL, NULL},
};

const cli_command att_verify = {
    .name = "verify",
    .arguments = "[--numpy-seed N | --gauss SEED,T | --q F --k F --v F] [OPTIONS]",
    .summary = "Hold attention of the host, of kernels and of stored results against FP32",
    .details =
        "Own kernels and host variants must compute the integer definition to the last bit.\n"
        "Others' kernels and stored results must correlate 0.99 with FP32, with a mean absolute\n"
        "error of at most 1 (and 8 in the worst row), unless limits are given. What is wrong is\n"
        "looked for: rows, columns, blocks, signs, and causes tried one by one.",
    .example = "tessera attention verify --numpy-seed 42 --html report.html",
    .options = options,
    .main = run_verify,
};
