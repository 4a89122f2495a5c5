/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * tessera run --trace: happenings as a file for Perfetto (ui.perfetto.dev) or chrome://tracing. A
 * tile is a process. Its core is a track of functions with the waits inside of them, each DMA
 * channel one of tasks, descriptors inside of those, and waits inside of these; locks are counters.
 * The format counts in microseconds: here one is a cycle.
 *
 * src: the "Trace Event Format" of the Chromium project: phases X, C, i, M; slices of a track that
 * lie within each other are nested [documented]
 */
#include "cli_run.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_RECORDS = 500000,
    MAX_CHANNELS = 6, /* of a DMA, in one direction */
    N_TRACKS = 1 + 2 * MAX_CHANNELS,
    BYTES_OF_A_RECORD = 160 /* of text, about */
};

typedef enum kind {
    RUN,
    FUNCTION,
    CORE_WAIT,
    TASK,
    BD,
    BD_WAIT,
    STREAM_WAIT,
    LOCK,
    TOKEN,
    EVENT,
    N_KINDS
} kind;

typedef struct record {
    uint64_t from, to;
    const char *name; /* of a function */
    uint32_t value;   /* state, descriptor, lock, number */
    uint16_t tile;
    uint8_t track, kind;
    int8_t extra; /* the lock's value; which lock */
} record;

/* What has begun and not ended, of one track. */
typedef struct open {
    uint64_t since[N_KINDS];
    bool is_open[N_KINDS];
    const char *name;
    uint32_t value[N_KINDS];
    int8_t extra;
} open;

struct cli_run_trace {
    ts_arena *arena;
    const ts_array *array;
    record *records;
    size_t n_records, capacity;
    uint64_t n_lost;
    open *opens; /* N_TRACKS of each tile */
    size_t n_tiles;
};

cli_run_trace *cli_run_trace_new(ts_arena *arena, const ts_array *array) {
    const ts_npu_device *device = ts_array_device(array);
    cli_run_trace *t = TS_ARENA_NEW(arena, cli_run_trace);
    if (!t) return NULL;
    t->arena = arena;
    t->array = array;
    t->n_tiles = (size_t)device->n_columns * device->n_rows;
    t->opens = TS_ARENA_ARRAY(arena, open, t->n_tiles * N_TRACKS);
    return t->opens ? t : NULL;
}

uint64_t cli_run_trace_lost(const cli_run_trace *trace) {
    return trace->n_lost;
}

/* ---- records ----------------------------------------------------------------------------------
 */

static void keep(cli_run_trace *t, record r) {
    record *list = NULL;
    if (t->n_records < MAX_RECORDS)
        list = ts_arena_room(t->arena, t->records, t->n_records, &t->capacity, sizeof r);
    if (!list) {
        t->n_lost++;
        return;
    }
    t->records = list;
    list[t->n_records++] = r;
}

static void end(cli_run_trace *t, size_t tile, unsigned track, kind k, uint64_t cycle) {
    open *o = &t->opens[tile * N_TRACKS + track];
    if (!o->is_open[k]) return;
    o->is_open[k] = false;
    if (cycle > o->since[k])
        keep(t, (record){.from = o->since[k],
                         .to = cycle,
                         .name = o->name,
                         .value = o->value[k],
                         .tile = (uint16_t)tile,
                         .track = (uint8_t)track,
                         .kind = (uint8_t)k,
                         .extra = o->extra});
}

static open *begin(cli_run_trace *t, size_t tile, unsigned track, kind k, uint64_t cycle,
                   uint32_t value) {
    open *o = &t->opens[tile * N_TRACKS + track];
    end(t, tile, track, k, cycle);
    o->is_open[k] = true;
    o->since[k] = cycle;
    o->value[k] = value;
    return o;
}

/* ---- happenings -------------------------------------------------------------------------------
 */

static void see_state(cli_run_trace *t, size_t tile, const ts_array_event *e) {
    open *o = &t->opens[tile * N_TRACKS];
    bool waits = e->value >= TS_CORE_WAITS_LOCK && e->value <= TS_CORE_WAITS_CASCADE_OUT;
    end(t, tile, 0, CORE_WAIT, e->cycle);
    if (e->value >= TS_CORE_DONE && e->value != TS_CORE_AT_BREAK) {
        end(t, tile, 0, FUNCTION, e->cycle);
        return;
    }
    if (!o->is_open[FUNCTION]) {
        const char *name = ts_array_function(t->array, e->column, e->row, e->pc);
        begin(t, tile, 0, FUNCTION, e->cycle, 0)->name = name ? name : "core";
    }
    if (waits) begin(t, tile, 0, CORE_WAIT, e->cycle, e->value)->extra = (int8_t)e->lock;
}

static void see_function(cli_run_trace *t, size_t tile, const ts_array_event *e) {
    const char *name = ts_array_function(t->array, e->column, e->row, e->pc);
    end(t, tile, 0, FUNCTION, e->cycle);
    begin(t, tile, 0, FUNCTION, e->cycle, 0)->name = name ? name : "core";
}

static void see_channel(cli_run_trace *t, size_t tile, unsigned track, const ts_array_event *e) {
    static const struct {
        uint8_t kind;
        bool begins;
    } meanings[] = {
        [TS_ARRAY_EVENT_TASK_START] = {TASK, true},
        [TS_ARRAY_EVENT_TASK_END] = {TASK, false},
        [TS_ARRAY_EVENT_BD_START] = {BD, true},
        [TS_ARRAY_EVENT_BD_END] = {BD, false},
        [TS_ARRAY_EVENT_BD_WAIT] = {BD_WAIT, true},
        [TS_ARRAY_EVENT_BD_GO] = {BD_WAIT, false},
        [TS_ARRAY_EVENT_STREAM_WAIT] = {STREAM_WAIT, true},
        [TS_ARRAY_EVENT_STREAM_GO] = {STREAM_WAIT, false},
    };
    kind k = (kind)meanings[e->kind].kind;
    /* What an outer one ends or begins, ends all within. */
    for (unsigned inner = STREAM_WAIT; inner > k; inner--)
        end(t, tile, track, (kind)inner, e->cycle);
    if (meanings[e->kind].begins)
        begin(t, tile, track, k, e->cycle, e->value);
    else
        end(t, tile, track, k, e->cycle);
}

static void see_instant(cli_run_trace *t, size_t tile, unsigned track, kind k,
                        const ts_array_event *e) {
    record r = {.from = e->cycle,
                .to = e->cycle,
                .value = e->value,
                .tile = (uint16_t)tile,
                .track = (uint8_t)track,
                .kind = (uint8_t)k};
    if (k == LOCK) {
        r.value = e->value >> 8;
        r.extra = (int8_t)(e->value & 255);
    }
    keep(t, r);
}

void cli_run_trace_event(cli_run_trace *t, const ts_array_event *e) {
    size_t tile = (size_t)e->column * ts_array_device(t->array)->n_rows + e->row;
    unsigned track = 1u + (e->is_mm2s ? MAX_CHANNELS : 0u) + e->channel;
    if (track >= N_TRACKS) return;
    switch (e->kind) {
    case TS_ARRAY_EVENT_CORE_STATE: see_state(t, tile, e); break;
    case TS_ARRAY_EVENT_CORE_FUNCTION: see_function(t, tile, e); break;
    case TS_ARRAY_EVENT_CORE_EVENT: see_instant(t, tile, 0, EVENT, e); break;
    case TS_ARRAY_EVENT_LOCK: see_instant(t, tile, 0, LOCK, e); break;
    case TS_ARRAY_EVENT_TOKEN: see_instant(t, tile, track, TOKEN, e); break;
    case TS_ARRAY_EVENT_TASK_START:
    case TS_ARRAY_EVENT_TASK_END:
    case TS_ARRAY_EVENT_BD_START:
    case TS_ARRAY_EVENT_BD_END:
    case TS_ARRAY_EVENT_BD_WAIT:
    case TS_ARRAY_EVENT_BD_GO:
    case TS_ARRAY_EVENT_STREAM_WAIT:
    case TS_ARRAY_EVENT_STREAM_GO: see_channel(t, tile, track, e); break;
    case TS_ARRAY_EVENT_CORE_ACQUIRED: /* the lock's own event has its new value */
    case TS_ARRAY_EVENT_CORE_RELEASED:
    case TS_ARRAY_EVENT_WATCH: break;
    }
}

void cli_run_trace_run(cli_run_trace *t, uint64_t number, uint64_t from) {
    keep(t, (record){.from = from,
                     .to = ts_array_cycle(t->array),
                     .value = (uint32_t)number,
                     .tile = (uint16_t)t->n_tiles,
                     .kind = RUN});
}

/* ---- the file ---------------------------------------------------------------------------------
 */

/* Outer before inner, so that a reader that goes through the file once nests them. */
static int by_time(const void *a, const void *b) {
    const record *x = a, *y = b;
    if (x->from != y->from) return x->from < y->from ? -1 : 1;
    if (x->to != y->to) return x->to > y->to ? -1 : 1;
    if (x->tile != y->tile) return x->tile < y->tile ? -1 : 1;
    if (x->track != y->track) return x->track < y->track ? -1 : 1;
    if (x->kind != y->kind) return x->kind < y->kind ? -1 : 1;
    if (x->value != y->value) return x->value < y->value ? -1 : 1;
    return (x->extra > y->extra) - (x->extra < y->extra);
}

/* Names of symbols may hold any bytes. */
static void put_name(ts_buf *out, const char *name) {
    for (const char *p = name; *p; p++) {
        unsigned char c = (unsigned char)*p;
        if (c == '"' || c == '\\') ts_buf_u8(out, '\\');
        ts_buf_u8(out, c < 0x20 || c > 0x7e ? '?' : c);
    }
}

static void put_text(ts_buf *out, const record *r) {
    static const char *const sides[] = {"southern ", "western ", "northern ", ""};
    switch (r->kind) {
    case RUN: ts_buf_printf(out, "run %" PRIu32, r->value); break;
    case FUNCTION: put_name(out, r->name); break;
    case CORE_WAIT:
        ts_buf_text(out, ts_core_state_text((ts_core_state)r->value));
        if (r->value == TS_CORE_WAITS_LOCK)
            ts_buf_printf(out, ": %slock %d", sides[r->extra / 16 % 4], r->extra % 16);
        break;
    case TASK: ts_buf_printf(out, "task from bd %" PRIu32, r->value); break;
    case BD: ts_buf_printf(out, "bd %" PRIu32, r->value); break;
    case BD_WAIT: ts_buf_printf(out, "waits for lock %" PRIu32, r->value); break;
    case STREAM_WAIT: ts_buf_text(out, "waits for its stream"); break;
    case LOCK: ts_buf_printf(out, "lock %" PRIu32, r->value); break;
    case TOKEN: ts_buf_text(out, "token"); break;
    default: ts_buf_printf(out, "event %" PRIu32, r->value); break;
    }
}

static void put_record(ts_buf *out, const record *r) {
    static const char phases[N_KINDS] = {'X', 'X', 'X', 'X', 'X', 'X', 'X', 'C', 'i', 'i'};
    char phase = phases[r->kind];
    ts_buf_printf(out, "{\"ph\":\"%c\",\"pid\":%u,\"tid\":%u,\"ts\":%" PRIu64 ",\"name\":\"", phase,
                  r->tile + 1u, r->track, r->from);
    put_text(out, r);
    ts_buf_u8(out, '"');
    if (phase == 'X') ts_buf_printf(out, ",\"dur\":%" PRIu64, r->to - r->from);
    if (phase == 'C') ts_buf_printf(out, ",\"args\":{\"value\":%d}", r->extra);
    if (phase == 'i') ts_buf_text(out, ",\"s\":\"t\"");
    ts_buf_text(out, "}");
}

static void put_track_name(ts_buf *out, size_t tile, unsigned track) {
    unsigned channel = track - 1;
    ts_buf_printf(out, ",\n{\"ph\":\"M\",\"pid\":%zu,\"tid\":%u,\"name\":\"thread_name\",",
                  tile + 1, track);
    if (!track)
        ts_buf_text(out, "\"args\":{\"name\":\"core\"}}");
    else
        ts_buf_printf(out, "\"args\":{\"name\":\"dma %s %u\"}}",
                      channel < MAX_CHANNELS ? "S2MM" : "MM2S", channel % MAX_CHANNELS);
}

/* Names of the tiles and tracks that have something. */
static void put_names(const cli_run_trace *t, const uint8_t *has_track, ts_buf *out) {
    unsigned n_rows = ts_array_device(t->array)->n_rows;
    ts_buf_printf(out,
                  "{\"ph\":\"M\",\"pid\":%zu,\"name\":\"process_name\","
                  "\"args\":{\"name\":\"controller\"}}",
                  t->n_tiles + 1);
    for (size_t tile = 0; tile < t->n_tiles; tile++) {
        const uint8_t *tracks = has_track + tile * N_TRACKS;
        if (!memchr(tracks, 1, N_TRACKS)) continue;
        ts_buf_printf(out,
                      ",\n{\"ph\":\"M\",\"pid\":%zu,\"name\":\"process_name\","
                      "\"args\":{\"name\":\"tile (%zu,%zu)\"}}",
                      tile + 1, tile / n_rows, tile % n_rows);
        for (unsigned track = 0; track < N_TRACKS; track++)
            if (tracks[track]) put_track_name(out, tile, track);
    }
}

static void end_all(cli_run_trace *t) {
    uint64_t now = ts_array_cycle(t->array);
    for (size_t tile = 0; tile < t->n_tiles; tile++)
        for (unsigned track = 0; track < N_TRACKS; track++)
            for (unsigned k = N_KINDS; k-- > 0;)
                end(t, tile, track, (kind)k, now);
}

ts_status cli_run_trace_write(cli_run_trace *t, ts_buf *out, ts_diag *diag) {
    uint8_t *has_track = TS_ARENA_ARRAY(t->arena, uint8_t, (t->n_tiles + 1) * N_TRACKS);
    if (!has_track) return ts_fail_nomem(diag);
    end_all(t);
    for (size_t i = 0; i < t->n_records; i++)
        has_track[t->records[i].tile * N_TRACKS + t->records[i].track] = 1;
    if (t->n_records) qsort(t->records, t->n_records, sizeof *t->records, by_time);
    ts_buf_reserve(out, t->n_records * BYTES_OF_A_RECORD);
    ts_buf_printf(
        out,
        "{\"displayTimeUnit\":\"ns\",\n\"otherData\":{\"time\":\"1 us is one cycle of the "
        "array\",\"left_out\":\"%" PRIu64 "\"},\n\"traceEvents\":[\n",
        t->n_lost);
    put_names(t, has_track, out);
    for (size_t i = 0; i < t->n_records; i++) {
        ts_buf_text(out, ",\n");
        put_record(out, &t->records[i]);
    }
    ts_buf_text(out, "\n]}\n");
    return out->failed ? ts_fail_nomem(diag) : TS_OK;
}
