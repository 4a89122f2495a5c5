/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * What `tessera run` tells: which device ran, how it ended, findings, statistics.
 */
#include "cli_run.h"

#include <inttypes.h>
#include <string.h>

static const char *const ends[] = {"done", "timeout", "deadlock"};

/* ---- tables ---------------------------------------------------------------------------------- */

static const char *place(ts_arena *arena, uint32_t column, uint32_t row) {
    const char *text = ts_arena_printf(arena, "(%" PRIu32 ",%" PRIu32 ")", column, row);
    return text ? text : "?";
}

static void core_row(cli_table *table, const ts_array *array, uint32_t column, uint32_t row) {
    ts_core_stats s;
    if (!ts_array_core_stats(array, column, row, &s) || !s.is_enabled) return;
    cli_cell(table, "%s", place(table->arena, column, row));
    cli_cell(table, "%" PRIu64, s.cycles);
    cli_cell(table, "%" PRIu64, s.bundles);
    cli_cell(table, "%" PRIu64, s.stalls[TS_CORE_WAITS_LOCK]);
    cli_cell(table, "%" PRIu64,
             s.stalls[TS_CORE_WAITS_STREAM_IN] + s.stalls[TS_CORE_WAITS_STREAM_OUT]);
    cli_cell(table, "%" PRIu64,
             s.stalls[TS_CORE_WAITS_CASCADE_IN] + s.stalls[TS_CORE_WAITS_CASCADE_OUT]);
    cli_cell(table, "%" PRIu64, s.bank_waits);
    cli_cell(table, "%s", ts_core_state_text(s.state));
}

static cli_table core_table(ts_arena *arena, const ts_array *array) {
    static const cli_column columns[] = {{"core", CLI_LEFT},          {"cycles", CLI_RIGHT},
                                         {"bundles", CLI_RIGHT},      {"lock waits", CLI_RIGHT},
                                         {"stream waits", CLI_RIGHT}, {"cascade waits", CLI_RIGHT},
                                         {"bank waits", CLI_RIGHT},   {"state", CLI_LEFT}};
    cli_table table = cli_table_new(arena, columns, sizeof columns / sizeof *columns);
    const ts_npu_device *device = ts_array_device(array);
    for (uint32_t column = 0; column < device->n_columns; column++)
        for (uint32_t row = 0; row < device->n_rows; row++)
            core_row(&table, array, column, row);
    return table;
}

static void dma_row(cli_table *table, const ts_array *array, uint32_t column, uint32_t row,
                    uint32_t channel, bool is_mm2s) {
    ts_dma_stats s;
    if (!ts_array_dma_stats(array, column, row, is_mm2s, channel, &s)) return;
    if (!s.tasks && !s.descriptors && !s.is_running) return;
    cli_cell(table, "%s", place(table->arena, column, row));
    cli_cell(table, "%s %" PRIu32, is_mm2s ? "MM2S" : "S2MM", channel);
    cli_cell(table, "%" PRIu64, s.tasks);
    cli_cell(table, "%" PRIu64, s.descriptors);
    cli_cell(table, "%" PRIu64, s.words);
    cli_cell(table, "%" PRIu64, s.busy);
    cli_cell(table, "%" PRIu64, s.lock_waits);
    cli_cell(table, "%" PRIu64, s.stream_waits);
    cli_cell(table, "%s", s.is_running ? "runs" : "idle");
}

static void dma_rows(cli_table *table, const ts_array *array, uint32_t column, uint32_t row,
                     bool is_mm2s) {
    unsigned n = ts_npu_tile_at(ts_array_device(array), column, row)->n_channels;
    for (unsigned channel = 0; channel < n; channel++)
        dma_row(table, array, column, row, channel, is_mm2s);
}

static cli_table dma_table(ts_arena *arena, const ts_array *array) {
    static const cli_column columns[] = {
        {"tile", CLI_LEFT},         {"dma", CLI_LEFT},           {"tasks", CLI_RIGHT},
        {"descriptors", CLI_RIGHT}, {"words", CLI_RIGHT},        {"busy", CLI_RIGHT},
        {"lock waits", CLI_RIGHT},  {"stream waits", CLI_RIGHT}, {"state", CLI_LEFT}};
    cli_table table = cli_table_new(arena, columns, sizeof columns / sizeof *columns);
    const ts_npu_device *device = ts_array_device(array);
    for (uint32_t column = 0; column < device->n_columns; column++)
        for (uint32_t row = 0; row < device->n_rows; row++)
            for (unsigned k = 0; k < 2; k++)
                dma_rows(&table, array, column, row, k != 0);
    return table;
}

/* ---- text ------------------------------------------------------------------------------------ */

static void print_findings(const ts_array *array, ts_buf *out) {
    size_t n = ts_array_n_findings(array);
    if (n) ts_buf_printf(out, "\nfindings\n");
    for (size_t i = 0; i < n; i++) {
        const ts_finding *f = ts_array_finding(array, i);
        ts_buf_printf(out, "  %s at tile (%" PRIu32 ",%" PRIu32 "), cycle %" PRIu64,
                      ts_finding_name(f->kind), f->column, f->row, f->cycle);
        if (f->count > 1) ts_buf_printf(out, ", %" PRIu64 " times", f->count);
        if (f->pc != TS_FINDING_NO_PC) {
            const char *function = ts_array_function(array, f->column, f->row, f->pc);
            ts_buf_printf(out, ", pc 0x%" PRIx32 "%s%s", f->pc, function ? " in " : "",
                          function ? function : "");
        }
        ts_buf_printf(out, ": %s\n", f->text);
    }
    if (ts_array_lost_findings(array))
        ts_buf_printf(out, "  and %" PRIu64 " more\n", ts_array_lost_findings(array));
}

static void print_result(const cli_run_job *job, ts_buf *out) {
    const ts_device_result *r = &job->result;
    const char *kernel = ts_device_kernel(job->device);
    ts_buf_printf(out, "device  %s\n", ts_device_text(job->device));
    if (*kernel) ts_buf_printf(out, "kernel  %s\n", kernel);
    if (r->end != TS_DEVICE_DONE)
        ts_buf_printf(out, "end     %s after %" PRIu64 " cycles, in op %zu of %zu of the stream\n",
                      ends[r->end], r->cycles, r->n_done, job->stream.n_ops);
    else if (job->n_done == 1)
        ts_buf_printf(out, "end     done in %" PRIu64 " cycles\n", r->cycles);
    else
        ts_buf_printf(out,
                      "end     done %" PRIu64 " times in %" PRIu64 " to %" PRIu64
                      " cycles, mean %" PRIu64 "\n",
                      job->n_done, job->least_cycles, job->most_cycles,
                      job->total_cycles / job->n_done);
}

static void print_op(ts_arena *arena, const cli_run_job *job, ts_buf *out) {
    ts_buf before = ts_buf_in(arena), behind = ts_buf_in(arena);
    ts_txn_describe(&job->stream, job->result.n_done, ts_txn_device(&job->stream), &before,
                    &behind);
    if (behind.size) ts_buf_printf(out, "        it %.*s\n", (int)behind.size, (char *)behind.data);
}

static void print_waits(ts_arena *arena, const ts_array *array, ts_buf *out) {
    ts_buf waits = ts_buf_in(arena);
    ts_array_report_waits(array, &waits);
    if (!waits.size) return;
    ts_buf_text(out, "\nwaiting\n");
    const char *p = (const char *)waits.data, *end = p + waits.size;
    for (const char *newline; p < end && (newline = memchr(p, '\n', (size_t)(end - p)));
         p = newline + 1)
        ts_buf_printf(out, "  %.*s\n", (int)(newline - p), p);
}

static void print_table(const cli_table *table, ts_buf *out) {
    if (!table->n_cells && !table->failed) return;
    ts_buf_u8(out, '\n');
    cli_table_write(table, out);
}

static int print_text(cli_run *run, const cli_run_job *job) {
    ts_buf out = ts_buf_in(run->arena);
    const ts_array *array = ts_device_array(job->device);
    print_result(job, &out);
    if (job->result.end != TS_DEVICE_DONE) print_op(run->arena, job, &out);
    if (array && job->result.end != TS_DEVICE_DONE) print_waits(run->arena, array, &out);
    if (array) print_findings(array, &out);
    if (array && cli_has(run, "stats")) {
        cli_table cores = core_table(run->arena, array), dmas = dma_table(run->arena, array);
        print_table(&cores, &out);
        print_table(&dmas, &out);
    }
    return cli_print(&out);
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static void add_findings(ts_arena *arena, ts_json *root, const ts_array *array) {
    ts_json *list = ts_json_add(arena, root, "findings", TS_JSON_ARRAY);
    for (size_t i = 0; i < ts_array_n_findings(array); i++) {
        const ts_finding *f = ts_array_finding(array, i);
        ts_json *node = ts_json_add(arena, list, "", TS_JSON_OBJECT);
        ts_json_add_string(arena, node, "kind", ts_finding_name(f->kind));
        ts_json_add_number(arena, node, "column", f->column);
        ts_json_add_number(arena, node, "row", f->row);
        ts_json_add_number(arena, node, "cycle", f->cycle);
        ts_json_add_number(arena, node, "count", f->count);
        if (f->pc != TS_FINDING_NO_PC) {
            const char *function = ts_array_function(array, f->column, f->row, f->pc);
            ts_json_add_number(arena, node, "pc", f->pc);
            if (function) ts_json_add_string(arena, node, "function", function);
        }
        ts_json_add_string(arena, node, "text", f->text);
    }
    ts_json_add_number(arena, root, "findings_lost", ts_array_lost_findings(array));
}

static void add_table(ts_json *root, const char *key, const cli_table *table) {
    ts_json *rows = cli_table_json(table);
    if (!root || !rows) return;
    rows->key = key;
    ts_json_append(root, rows);
}

static int print_json(cli_run *run, const cli_run_job *job) {
    ts_arena *arena = run->arena;
    const ts_array *array = ts_device_array(job->device);
    ts_json *root = ts_json_new(arena, TS_JSON_OBJECT);
    ts_json_add_string(arena, root, "device", ts_device_text(job->device));
    ts_json_add_string(arena, root, "kernel", ts_device_kernel(job->device));
    ts_json_add_string(arena, root, "end", ends[job->result.end]);
    ts_json_add_number(arena, root, "runs", job->n_done);
    ts_json_add_number(arena, root, "ops", job->stream.n_ops);
    ts_json_add_number(arena, root, "ops_done", job->result.n_done);
    ts_json_add_number(arena, root, "cycles", job->result.cycles);
    ts_json_add_number(arena, root, "cycles_least", job->least_cycles);
    ts_json_add_number(arena, root, "cycles_most", job->most_cycles);
    ts_json_add_number(arena, root, "cycles_total", job->total_cycles);
    if (array) add_findings(arena, root, array);
    if (array && cli_has(run, "stats")) {
        cli_table cores = core_table(arena, array), dmas = dma_table(arena, array);
        add_table(root, "cores", &cores);
        add_table(root, "dmas", &dmas);
    }
    return cli_print_json(arena, root);
}

int cli_run_report(cli_run *run, cli_run_job *job) {
    int status = cli_has(run, "json") ? print_json(run, job) : print_text(run, job);
    if (job->result.end == TS_DEVICE_DONE) return status;
    fprintf(stderr, "error: %s: %s on the %s\n", job->xclbin, ends[job->result.end],
            ts_device_text(job->device));
    return CLI_FAILED;
}
