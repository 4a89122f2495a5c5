/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * A kernel on a device: Q, K and V in one buffer, the result out of another, tile by tile of 64
 * queries; how long its core worked, and what the emulator noticed.
 */
#include "attention.h"

#include <inttypes.h>
#include <string.h>

enum {
    TILE_BYTES = ATT_TILE * ATT_TILE,
    IN_BYTES = 3 * TILE_BYTES,
    BLOCK_BYTES = 4 * TS_ATTENTION_BLOCK_WORDS,
    N_ARGUMENTS = 3, /* Q K V, out, parameters; others' kernels have the first two */
    TIMEOUT_MS = 200,
    MAX_CORES = 32,
    MAX_LINES = 64,
};

/* ---- how long a core works ------------------------------------------------------------------- */

/* From the first lock it gets to the last it gives, without the time it waits for locks between. */
typedef struct core_clock {
    uint64_t begin, last_release, waits, waits_at_release, wait_from;
    bool has_begun, has_released, waits_now;
} core_clock;

typedef struct watcher {
    core_clock cores[MAX_CORES];
} watcher;

static void note_state(core_clock *core, const ts_array_event *event) {
    bool waits = event->value == TS_CORE_WAITS_LOCK;
    if (core->waits_now && !waits) core->waits += event->cycle - core->wait_from;
    if (waits && !core->waits_now) core->wait_from = event->cycle;
    core->waits_now = waits;
}

static void see(void *context, const ts_array_event *event) {
    watcher *w = context;
    unsigned index = event->column * 6U + event->row;
    if (index >= MAX_CORES) return;
    core_clock *core = &w->cores[index];
    switch (event->kind) {
    case TS_ARRAY_EVENT_CORE_STATE: note_state(core, event); break;
    case TS_ARRAY_EVENT_CORE_ACQUIRED:
        if (!core->has_begun) {
            core->begin = event->cycle;
            core->waits = 0;
            core->wait_from = event->cycle;
        }
        core->has_begun = true;
        break;
    case TS_ARRAY_EVENT_CORE_RELEASED:
        if (!core->has_begun) break;
        core->last_release = event->cycle;
        core->waits_at_release = core->waits;
        core->has_released = true;
        break;
    default: break;
    }
}

static uint64_t busiest(const watcher *w) {
    uint64_t most = 0;
    for (int i = 0; i < MAX_CORES; i++) {
        const core_clock *core = &w->cores[i];
        if (!core->has_released) continue;
        uint64_t cycles = core->last_release - core->begin - core->waits_at_release;
        most = cycles > most ? cycles : most;
    }
    return most;
}

/* ---- what a kernel can take ------------------------------------------------------------------ */

unsigned att_n_arguments(const ts_txn *stream) {
    uint64_t most = 0;
    for (size_t i = 0; i < stream->n_ops; i++)
        if (stream->ops[i].code == TS_TXN_ADDRESS_PATCH && stream->ops[i].arg + 1 > most)
            most = stream->ops[i].arg + 1;
    return most > UINT32_MAX ? UINT32_MAX : (unsigned)most;
}

const char *att_device_refuses(const att_case *inputs, bool has_block) {
    const ts_attention_inputs *in = &inputs->in;
    if (in->d != ATT_TILE) return "kernels take rows of 64";
    if (in->n_keys > ATT_TILE) return "kernels take 64 keys at most";
    if (in->n_queries > ATT_TILE * ATT_MAX_TILES) return "that is too many queries to emulate";
    if (has_block) return NULL;
    if (in->n_keys < ATT_TILE || inputs->key_length < in->n_keys || inputs->mask)
        return "a kernel with two buffers takes 64 keys and no mask";
    if (in->n_queries % ATT_TILE) return "a kernel with two buffers takes 64 queries at a time";
    return NULL;
}

/* ---- one tile -------------------------------------------------------------------------------- */

typedef struct runner {
    cli_run *run;
    const att_kernel *kernel;
    ts_device *device;
    ts_txn stream;
    unsigned n_arguments;
    ts_device_buffer buffers[N_ARGUMENTS];
    watcher watcher;
    const char *insts_file; /* as errors name it */
} runner;

static void fill(runner *r, const ts_attention_job *job, uint32_t first, uint32_t n_queries) {
    uint8_t *in = r->buffers[0].data;
    memset(in, 0, IN_BYTES);
    memcpy(in, job->q + (size_t)first * ATT_TILE, (size_t)n_queries * ATT_TILE);
    memcpy(in + TILE_BYTES, job->k, (size_t)job->n_keys * ATT_TILE);
    memcpy(in + TILE_BYTES + TILE_BYTES, job->v, (size_t)job->n_keys * ATT_TILE);
    memset(r->buffers[1].data, 0, TILE_BYTES);
    int32_t block[TS_ATTENTION_BLOCK_WORDS];
    ts_attention_block(job, block);
    for (size_t i = 0; i < TS_ATTENTION_BLOCK_WORDS; i++)
        for (unsigned k = 0; k < 4; k++)
            r->buffers[2].data[4 * i + k] = (uint8_t)((uint32_t)block[i] >> 8 * k);
}

static ts_status note_end(runner *r, const ts_device_result *result, att_result *out,
                          ts_diag *diag) {
    static const char *const ends[] = {"done", "timeout", "deadlock"};
    ts_buf text = ts_buf_in(r->run->arena);
    ts_buf_printf(&text, "%s after %" PRIu64 " cycles, in op %zu of %zu of the stream\n",
                  ends[result->end], result->cycles, result->n_done, r->stream.n_ops);
    ts_array_report_waits(ts_device_array(r->device), &text);
    ts_buf_u8(&text, 0);
    if (text.failed) return ts_fail_nomem(diag);
    out->text = (const char *)text.data;
    return TS_OK;
}

static ts_status run_tile(runner *r, const ts_attention_job *job, uint32_t first, att_result *out,
                          ts_diag *diag) {
    ts_device_result result;
    uint32_t n = job->n_queries - first < ATT_TILE ? job->n_queries - first : ATT_TILE;
    r->watcher = (watcher){0};
    fill(r, job, first, n);
    TS_TRY(ts_device_submit(r->device, &r->stream, r->buffers, r->n_arguments, diag));
    TS_TRY(ts_device_wait(r->device, TIMEOUT_MS, &result, diag));
    out->is_done = result.end == TS_DEVICE_DONE;
    if (!out->is_done) return note_end(r, &result, out, diag);
    memcpy(out->out + (size_t)first * ATT_TILE, r->buffers[1].data, (size_t)n * ATT_TILE);
    out->cycles += busiest(&r->watcher);
    out->run_cycles += result.cycles;
    out->n_tiles++;
    return TS_OK;
}

/* ---- all tiles ------------------------------------------------------------------------------- */

static ts_status add_programs(runner *r, ts_diag *diag) {
    ts_array *array = ts_device_array(r->device);
    for (size_t i = 0; array && i < r->kernel->n_programs; i++) {
        const struct att_program *p = &r->kernel->programs[i];
        ts_object *object = TS_ARENA_NEW(r->run->arena, ts_object);
        if (!object) return ts_fail_nomem(diag);
        TS_TRY(ts_object_read(r->run->arena, p->bytes, p->file, object, diag));
        TS_TRY(ts_array_add_symbols(array, p->column, p->row, object, diag));
    }
    return TS_OK;
}

static ts_status prepare(runner *r, const char *device, const att_case *inputs, ts_diag *diag) {
    static const struct {
        const char *name;
        uint64_t size;
    } buffers[N_ARGUMENTS] = {{"argument 0 (Q, K, V)", IN_BYTES},
                              {"argument 1 (out)", TILE_BYTES},
                              {"argument 2 (parameters)", BLOCK_BYTES}};
    ts_xclbin xclbin;
    TS_TRY(ts_device_open(r->run->arena, device, NULL, &r->device, diag));
    TS_TRY(ts_xclbin_read(r->run->arena, r->kernel->xclbin, r->kernel->xclbin_file, &xclbin, diag));
    TS_TRY(cli_parse_insts(r->run->arena, r->kernel->insts, r->insts_file, &r->stream, diag));
    r->n_arguments = att_n_arguments(&r->stream);
    if (r->n_arguments < 2 || r->n_arguments > N_ARGUMENTS)
        return ts_fail(diag, TS_RANGE, r->insts_file,
                       "takes %u buffers; expected 2 (Q K V, out) or 3 (and parameters)",
                       r->n_arguments);
    const char *refusal = att_device_refuses(inputs, r->n_arguments == N_ARGUMENTS);
    if (refusal) return ts_fail(diag, TS_RANGE, r->kernel->xclbin_file, "%s", refusal);
    TS_TRY(ts_device_load(r->device, &xclbin, cli_value(r->run, "kernel-name"), diag));
    TS_TRY(add_programs(r, diag));
    for (int i = 0; i < N_ARGUMENTS; i++)
        TS_TRY(ts_device_buffer_new(r->device, buffers[i].name, buffers[i].size, &r->buffers[i],
                                    diag));
    if (ts_device_array(r->device)) ts_array_observe(ts_device_array(r->device), see, &r->watcher);
    return TS_OK;
}

static ts_status keep_findings(runner *r, att_result *out, ts_diag *diag) {
    const ts_array *array = ts_device_array(r->device);
    ts_arena *arena = r->run->arena;
    for (size_t i = 0; array && i < ts_array_n_findings(array) && i < MAX_LINES; i++) {
        const ts_finding *f = ts_array_finding(array, i);
        const char **grown = ts_arena_room(arena, out->findings, out->n_findings,
                                           &out->finding_capacity, sizeof *grown);
        char times[32] = "";
        if (f->count > 1) snprintf(times, sizeof times, ", %" PRIu64 " times", f->count);
        const char *line =
            ts_arena_printf(arena, "%s at tile (%" PRIu32 ",%" PRIu32 "), cycle %" PRIu64 "%s: %s",
                            ts_finding_name(f->kind), f->column, f->row, f->cycle, times, f->text);
        if (!grown || !line) return ts_fail_nomem(diag);
        out->findings = grown;
        out->findings[out->n_findings++] = line;
    }
    if (!array) return TS_OK;
    out->lost_findings =
        ts_array_n_findings(array) - out->n_findings + ts_array_lost_findings(array);
    return TS_OK;
}

static ts_status run_tiles(runner *r, const ts_attention_job *job, att_progress *progress,
                           att_result *out, ts_diag *diag) {
    size_t n_tiles = (job->n_queries + ATT_TILE - 1) / ATT_TILE;
    for (size_t i = 0; i < n_tiles; i++) {
        att_progress_show(progress, "%s on the %s: tile %zu of %zu", r->kernel->name,
                          ts_device_text(r->device), i + 1, n_tiles);
        TS_TRY(run_tile(r, job, (uint32_t)i * ATT_TILE, out, diag));
        if (!out->is_done) break;
    }
    return keep_findings(r, out, diag);
}

static ts_status run_kernel(runner *r, const char *device, const att_case *inputs,
                            ts_attention_scores scores, att_progress *progress, att_result *out,
                            ts_diag *diag) {
    ts_attention_job job = att_job_of(inputs, scores);
    TS_TRY(prepare(r, device, inputs, diag));
    out->out = TS_ARENA_ARRAY(r->run->arena, int8_t, (size_t)job.n_queries * job.d);
    out->where = ts_arena_strdup(r->run->arena, ts_device_text(r->device));
    if (!out->out || !out->where) return ts_fail_nomem(diag);
    return run_tiles(r, &job, progress, out, diag);
}

ts_status att_device_run(cli_run *run, const char *device, const att_kernel *kernel,
                         const att_case *inputs, ts_attention_scores scores, att_progress *progress,
                         att_result *out, ts_diag *diag) {
    runner r = {.run = run, .kernel = kernel, .insts_file = kernel->insts_file};
    *out = (att_result){0};
    ts_status status = run_kernel(&r, device, inputs, scores, progress, out, diag);
    ts_device_close(r.device);
    return status;
}
