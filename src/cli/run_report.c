/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * What `tessera run` tells: which device ran, how it ended, findings, statistics.
 */
#include "cli_run.h"

#include <inttypes.h>
#include <string.h>

static const char *const ends[] = {"done", "timeout", "deadlock", "break"};

/* ---- text ------------------------------------------------------------------------------------ */

/* All but those of a deadlock: who waits is told by print_waits(). */
static void print_findings(const ts_array *array, ts_buf *out) {
    size_t n = ts_array_n_findings(array), n_told = 0;
    for (size_t i = 0; i < n; i++) {
        const ts_finding *f = ts_array_finding(array, i);
        if (f->kind == TS_FINDING_DEADLOCK) continue;
        if (!n_told++) ts_buf_printf(out, "\nfindings\n");
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

static void print_programs(const cli_run_job *job, ts_buf *out) {
    size_t n = 0, n_others = 0;
    for (size_t i = 0; i < job->n_programs; i++) {
        const cli_run_program *p = &job->programs[i];
        n_others += p->is_other;
        if (p->is_other) continue;
        ts_buf_printf(out, "%s%s", n++ ? ", " : "names   ", p->file);
    }
    if (n) ts_buf_u8(out, '\n');
    for (size_t i = 0; i < job->n_programs && n_others; i++)
        if (job->programs[i].is_other)
            ts_buf_printf(out, "        not %s, which is not what was loaded\n",
                          job->programs[i].file);
}

static void print_result(const cli_run_job *job, ts_buf *out) {
    const ts_device_result *r = &job->result;
    const char *kernel = ts_device_kernel(job->device);
    ts_buf_printf(out, "device  %s\n", ts_device_text(job->device));
    if (*kernel) ts_buf_printf(out, "kernel  %s\n", kernel);
    print_programs(job, out);
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
    if (job->result.end == TS_DEVICE_AT_BREAK && job->result.cycles == 0) {
        ts_buf_printf(out, "        before the first op, while the cores ran by themselves\n");
        return;
    }
    if (job->result.n_done >= job->stream.n_ops) return; /* the last one's time had not passed */
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

static void print_looks(cli_run *run, const cli_run_job *job, ts_buf *out) {
    cli_run_print_breaks(job, out);
    if (job->n_watches) {
        cli_table writes = cli_run_write_table(run->arena, job);
        if (!job->n_writes) ts_buf_text(out, "\nno write into what is watched\n");
        print_table(&writes, out);
        if (job->lost_writes) ts_buf_printf(out, "and %" PRIu64 " more\n", job->lost_writes);
    }
    if (job->trace && cli_run_trace_lost(job->trace))
        ts_buf_printf(out, "\nthe trace is cut: %" PRIu64 " more happenings are not in it\n",
                      cli_run_trace_lost(job->trace));
    if (cli_has(run, "stats")) {
        cli_table cores = cli_run_core_table(run->arena, job->array),
                  slots = cli_run_slot_table(run->arena, job),
                  dmas = cli_run_dma_table(run->arena, job->array);
        print_table(&cores, out);
        print_table(&slots, out);
        print_table(&dmas, out);
    }
    cli_run_print_dumps(run, job, out);
}

static int print_text(cli_run *run, const cli_run_job *job) {
    ts_buf out = ts_buf_in(run->arena);
    const ts_array *array = ts_device_array(job->device);
    print_result(job, &out);
    if (job->result.end != TS_DEVICE_DONE) print_op(run->arena, job, &out);
    if (array && job->result.end != TS_DEVICE_DONE) print_waits(run->arena, array, &out);
    if (array) print_findings(array, &out);
    if (array) print_looks(run, job, &out);
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

static void add_programs(ts_arena *arena, ts_json *root, const cli_run_job *job) {
    ts_json *list = ts_json_add(arena, root, "programs", TS_JSON_ARRAY);
    for (size_t i = 0; i < job->n_programs; i++) {
        const cli_run_program *p = &job->programs[i];
        ts_json *node = ts_json_add(arena, list, "", TS_JSON_OBJECT);
        ts_json_add_number(arena, node, "column", p->column);
        ts_json_add_number(arena, node, "row", p->row);
        ts_json_add_string(arena, node, "file", p->file);
        ts_json_add_bool(arena, node, "used", !p->is_other);
    }
}

static void add_looks(cli_run *run, const cli_run_job *job, ts_json *root) {
    ts_arena *arena = run->arena;
    add_programs(arena, root, job);
    if (job->n_breaks) cli_run_add_breaks(job, root);
    if (job->n_watches) {
        cli_table writes = cli_run_write_table(arena, job);
        add_table(root, "writes", &writes);
        ts_json_add_number(arena, root, "writes_lost", job->lost_writes);
    }
    if (job->trace) ts_json_add_number(arena, root, "trace_lost", cli_run_trace_lost(job->trace));
    if (cli_has(run, "stats")) {
        cli_table cores = cli_run_core_table(arena, job->array),
                  slots = cli_run_slot_table(arena, job),
                  dmas = cli_run_dma_table(arena, job->array);
        add_table(root, "cores", &cores);
        add_table(root, "slots", &slots);
        add_table(root, "dmas", &dmas);
    }
    if (cli_has(run, "dump-tile")) cli_run_add_dumps(run, job, root);
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
    if (array) add_looks(run, job, root);
    return cli_print_json(arena, root);
}

int cli_run_report(cli_run *run, cli_run_job *job) {
    int status = cli_has(run, "json") ? print_json(run, job) : print_text(run, job);
    if (job->result.end == TS_DEVICE_DONE || job->result.end == TS_DEVICE_AT_BREAK) return status;
    fprintf(stderr, "error: %s: %s on the %s\n", job->xclbin, ends[job->result.end],
            ts_device_text(job->device));
    return CLI_FAILED;
}
