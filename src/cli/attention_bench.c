/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * tessera attention bench: how long a tile of 64 queries takes, on the host by the clock and on the
 * emulated array in cycles.
 */
#include "attention.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    MAX_RUNS = 10000,
    MAX_ROWS = 16,
};

/* What a plain scalar C kernel for the same tile takes when Peano compiles it, about. */
#define SCALAR_CYCLES 2900000.0

typedef struct bench_row {
    const char *variant, *where;
    double median_ns, least_ns;  /* of the host, per tile */
    uint64_t cycles, run_cycles; /* of the array, per tile */
    double ratio;                /* how many times faster than the first of its kind */
} bench_row;

typedef struct bench {
    cli_run *run;
    att_case inputs;
    uint64_t n_runs;
    double n_tiles;
    bench_row rows[MAX_ROWS];
    size_t n_rows;
    att_progress progress;
} bench;

static bench_row *add_row(bench *b, const char *variant, const char *where) {
    if (b->n_rows == MAX_ROWS || !variant || !where) return NULL;
    b->rows[b->n_rows] = (bench_row){.variant = variant, .where = where};
    return &b->rows[b->n_rows++];
}

/* ---- the host -------------------------------------------------------------------------------- */

static double now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static ts_status time_once(const bench *b, ts_attention_variant variant,
                           const ts_attention_job *job, int8_t *out, double *ns, ts_diag *diag) {
    ts_arena scratch;
    ts_arena_init(&scratch, 0);
    double begin = now_ns();
    ts_status status = ts_attention_run(variant, job, out, &scratch, diag);
    *ns = (now_ns() - begin) / b->n_tiles;
    ts_arena_free(&scratch);
    return status;
}

static ts_status time_variant(bench *b, ts_attention_scores scores, ts_attention_variant variant,
                              double plain_ns, ts_diag *diag) {
    ts_arena *arena = b->run->arena;
    ts_attention_job job = att_job_of(&b->inputs, scores);
    size_t n = (size_t)b->n_runs;
    double *ns = TS_ARENA_ARRAY(arena, double, n);
    int8_t *out = TS_ARENA_ARRAY(arena, int8_t, (size_t)job.n_queries * job.d);
    const char *name = ts_attention_variant_name(variant);
    bench_row *row =
        add_row(b, ts_arena_printf(arena, "%s, %s", att_scores_name(scores), name), "host");
    if (!ns || !out || !row) return ts_fail_nomem(diag);
    att_progress_show(&b->progress, "%s", row->variant);
    for (size_t i = 0; i < n; i++)
        TS_TRY(time_once(b, variant, &job, out, &ns[i], diag));
    qsort(ns, n, sizeof *ns, by_value);
    row->median_ns = ns[n / 2];
    row->least_ns = ns[0];
    row->ratio = plain_ns > 0 && row->median_ns > 0 ? plain_ns / row->median_ns : 1;
    return TS_OK;
}

static ts_status time_host(bench *b, ts_attention_scores scores, ts_diag *diag) {
    size_t first = b->n_rows;
    for (int v = 0; v < TS_N_ATTENTION_VARIANTS; v++) {
        if (!ts_attention_has_variant((ts_attention_variant)v)) continue;
        double plain = b->n_rows > first ? b->rows[first].median_ns : 0;
        TS_TRY(time_variant(b, scores, (ts_attention_variant)v, plain, diag));
    }
    return TS_OK;
}

/* ---- the array ------------------------------------------------------------------------------- */

static ts_status time_device(bench *b, ts_attention_scores scores, ts_diag *diag) {
    ts_compile_result built = {0};
    att_kernel kernel;
    att_result result;
    const char *device = cli_value(b->run, "device");
    const char *name = ts_arena_printf(b->run->arena, "%s, AIE2", att_scores_name(scores));
    if (!name) return ts_fail_nomem(diag);
    att_progress_show(&b->progress, "%s", name);
    TS_TRY(att_kernel_build(b->run, scores, cli_value(b->run, "kernel"), NULL, &built, diag));
    TS_TRY(att_kernel_of(b->run, &built, name, &kernel, diag));
    TS_TRY(att_device_run(b->run, device ? device : TS_DEVICE_EMULATOR, &kernel, &b->inputs, scores,
                          &b->progress, &result, diag));
    if (!result.is_done) return ts_fail(diag, TS_CONFLICT, name, "%s", result.text);
    bench_row *row = add_row(b, name, result.where);
    if (!row) return ts_fail_nomem(diag);
    row->cycles = result.cycles / result.n_tiles;
    row->run_cycles = result.run_cycles / result.n_tiles;
    row->ratio = row->cycles ? SCALAR_CYCLES / (double)row->cycles : 0;
    return TS_OK;
}

/* ---- what is printed ------------------------------------------------------------------------- */

static const cli_column columns[] = {{"variant", CLI_LEFT},     {"ns per tile", CLI_RIGHT},
                                     {"least ns", CLI_RIGHT},   {"cycles", CLI_RIGHT},
                                     {"run cycles", CLI_RIGHT}, {"times faster", CLI_RIGHT},
                                     {"than", CLI_LEFT},        {"where", CLI_LEFT}};

static int show(bench *b) {
    cli_table table = cli_table_new(b->run->arena, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < b->n_rows; i++) {
        const bench_row *row = &b->rows[i];
        bool is_host = row->median_ns > 0;
        cli_cell(&table, "%s", row->variant);
        if (is_host) {
            cli_cell(&table, "%.0f", row->median_ns);
            cli_cell(&table, "%.0f", row->least_ns);
        }
        for (int empty = 0; empty < 2; empty++)
            cli_cell(&table, "%s", "");
        if (!is_host) {
            cli_cell(&table, "%" PRIu64, row->cycles);
            cli_cell(&table, "%" PRIu64, row->run_cycles);
        }
        cli_cell(&table, "%.2f", row->ratio);
        cli_cell(&table, "%s", is_host ? "plain C" : "scalar C on the core");
        cli_cell(&table, "%s", row->where);
    }
    return cli_show_table(b->run, &table, NULL);
}

static ts_status run_all(bench *b, const bool is_chosen[ATT_N_SCORES], ts_diag *diag) {
    const char *device = cli_value(b->run, "device");
    bool is_none = device && strcmp(device, "none") == 0;
    b->n_tiles = ceil(b->inputs.in.n_queries / (double)ATT_TILE);
    for (int scores = 0; scores < ATT_N_SCORES; scores++)
        if (is_chosen[scores]) TS_TRY(time_host(b, (ts_attention_scores)scores, diag));
    if (is_none || att_device_refuses(&b->inputs, true)) return TS_OK;
    for (int scores = 0; scores < ATT_N_SCORES; scores++)
        if (is_chosen[scores]) TS_TRY(time_device(b, (ts_attention_scores)scores, diag));
    return TS_OK;
}

static int run_bench(cli_run *run) {
    ts_diag diag = {0};
    bench b = {.run = run, .n_runs = 201, .progress = att_progress_new()};
    bool is_chosen[ATT_N_SCORES];
    int status = att_parse_scores(run, cli_has(run, "kernel") ? "int32" : "both", is_chosen);
    if (status == CLI_DONE) status = att_parse_count(run, "iters", 1, MAX_RUNS, &b.n_runs);
    if (status == CLI_DONE) status = att_read_case(run, &b.inputs);
    if (status != CLI_DONE) return status;
    ts_status done = run_all(&b, is_chosen, &diag);
    att_progress_end(&b.progress);
    return done == TS_OK ? show(&b) : cli_fail(&diag);
}

static const cli_option options[] = {
    ATT_INPUT_OPTIONS,
    {"scores", 0, "S", "int32, int8 or both (default)"},
    {"device", 'd', "NAME", "'emulator' (default), a path like /dev/accel/accel0, or 'none'"},
    {"kernel", 0, "DIR", "build the kernel from the .mlir and .s in that folder"},
    {"iters", 0, "N", "time each host variant so many times (default 201)"},
    {"json", 0, NULL, "print JSON"},
    {NULL, 0, NULL, NULL},
};

const cli_command att_bench = {
    .name = "bench",
    .arguments = "[--iters N] [--device NAME] [INPUTS]",
    .summary = "Measure host variants and kernels: time and cycles of a tile",
    .details =
        "Times are medians by the host's clock; cycles are those of the emulated core from its\n"
        "first lock acquired to its last released, and of the whole run with its transfers.",
    .example = "tessera attention bench",
    .options = options,
    .main = run_bench,
};
