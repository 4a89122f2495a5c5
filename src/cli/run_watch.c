/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * What looks into the array while tessera run runs it: break addresses, watched writes, and the
 * observer that hands happenings to those who want them.
 */
#include "cli_run.h"

#include <inttypes.h>
#include <string.h>

enum {
    MAX_WRITES = 100000, /* kept */
    WORD = 4,
    DEFAULT_BYTES = 4
};

size_t cli_run_tile(const cli_run_job *job, uint32_t column, uint32_t row) {
    return (size_t)column * ts_array_device(job->array)->n_rows + row;
}

static size_t n_tiles(const cli_run_job *job) {
    const ts_npu_device *device = ts_array_device(job->array);
    return (size_t)device->n_columns * device->n_rows;
}

/* ---- the words of --break and --watch ---------------------------------------------------------
 */

/* "C,R:NAME[:BYTES]", "NAME[@C,R][:BYTES]". */
typedef struct spec {
    const char *option, *text;
    bool has_tile;
    uint32_t column, row;
    const char *name;  /* a symbol or a number */
    const char *bytes; /* or NULL */
} spec;

static ts_status bad(const spec *s, const char *why, ts_diag *diag) {
    return ts_fail(diag, TS_SYNTAX, NULL, "--%s %s: %s", s->option, s->text, why);
}

static ts_status split(ts_arena *arena, const char *option, const char *text, spec *out,
                       ts_diag *diag) {
    size_t length = strcspn(text, ":");
    *out = (spec){.option = option, .text = text};
    out->has_tile = text[length] && cli_parse_tile(text, length, &out->column, &out->row);
    char *rest = ts_arena_strdup(arena, out->has_tile ? text + length + 1 : text);
    if (!rest) return ts_fail_nomem(diag);
    out->name = rest;
    char *at = strchr(rest, '@'), *colon = strchr(rest, ':');
    if (colon) {
        *colon = '\0';
        out->bytes = colon + 1;
    }
    if (at) {
        if (out->has_tile || !cli_parse_tile(at + 1, strlen(at + 1), &out->column, &out->row))
            return bad(out, "behind the @ comes COLUMN,ROW", diag);
        *at = '\0';
        out->has_tile = true;
    }
    return *rest ? TS_OK : bad(out, "a symbol or an address is missing", diag);
}

static ts_status add_point(cli_run_job *job, cli_run_point **list, size_t *n, size_t *capacity,
                           cli_run_point point, ts_diag *diag) {
    cli_run_point *grown = ts_arena_room(job->arena, *list, *n, capacity, sizeof point);
    if (!grown) return ts_fail_nomem(diag);
    *list = grown;
    grown[(*n)++] = point;
    return TS_OK;
}

static ts_status no_symbol(const cli_run_job *job, const spec *s, ts_diag *diag) {
    size_t n_used = 0;
    for (size_t i = 0; i < job->n_programs; i++)
        n_used += !job->programs[i].is_other;
    return ts_fail(diag, TS_UNKNOWN, NULL, "--%s %s: no %s '%s'%s", s->option, s->text,
                   s->has_tile ? "number, and the core's program has no symbol"
                               : "program of a core has a symbol",
                   s->name, n_used ? "" : "; --elf gives programs");
}

/* ---- breaks -----------------------------------------------------------------------------------
 */

static ts_status add_break(cli_run_job *job, const spec *s, uint32_t column, uint32_t row,
                           uint32_t address, ts_diag *diag) {
    ts_core *core = ts_array_core(job->array, column, row);
    if (!core) return bad(s, "that tile has no core", diag);
    if (address >= TS_AIE2_PROGRAM_BYTES) return bad(s, "is not in the program memory", diag);
    for (size_t i = 0; i < job->n_breaks; i++)
        if (job->breaks[i].column == column && job->breaks[i].row == row)
            return bad(s, "that core has a break already, there is one for each", diag);
    ts_core_set_break(core, address);
    return add_point(job, &job->breaks, &job->n_breaks, &job->break_capacity,
                     (cli_run_point){s->text, column, row, address, 0}, diag);
}

static ts_status read_break(cli_run_job *job, const char *text, ts_diag *diag) {
    spec s;
    uint32_t address, size;
    uint64_t number;
    size_t before = job->n_breaks;
    TS_TRY(split(job->arena, "break", text, &s, diag));
    if (s.bytes) return bad(&s, "expected SYMBOL[@C,R] or C,R:SYMBOL or C,R:ADDRESS", diag);
    if (ts_parse_u64(s.name, &number)) {
        if (!s.has_tile) return bad(&s, "an address needs its core: C,R:ADDRESS", diag);
        if (number > UINT32_MAX) return bad(&s, "is not in the program memory", diag);
        return add_break(job, &s, s.column, s.row, (uint32_t)number, diag);
    }
    for (size_t i = 0; i < job->n_programs; i++) {
        const cli_run_program *p = &job->programs[i];
        if (p->is_other || (s.has_tile && (p->column != s.column || p->row != s.row))) continue;
        if (cli_run_symbol(job, p->column, p->row, s.name, &address, &size))
            TS_TRY(add_break(job, &s, p->column, p->row, address, diag));
    }
    return job->n_breaks > before ? TS_OK : no_symbol(job, &s, diag);
}

/* ---- watches ----------------------------------------------------------------------------------
 */

/* The tile and offset of an address as the core of a tile has it, or as the tile's memory has it.
 */
static void find_memory(uint32_t *column, uint32_t *row, uint32_t *address) {
    static const int8_t columns[] = {0, -1, 0, 0}, rows[] = {-1, 0, 1, 0};
    if (*address < TS_CORE_DATA_BASE) return;
    uint32_t window = (*address - TS_CORE_DATA_BASE) / TS_CORE_WINDOW_BYTES;
    if (window >= TS_CORE_N_WINDOWS) return;
    *column = (uint32_t)((int)*column + columns[window]);
    *row = (uint32_t)((int)*row + rows[window]);
    *address %= TS_CORE_WINDOW_BYTES;
}

static ts_status add_watch(cli_run_job *job, const spec *s, cli_run_point point, ts_diag *diag) {
    if (ts_array_core(job->array, point.column, point.row))
        find_memory(&point.column, &point.row, &point.address);
    TS_TRY(add_point(job, &job->watches, &job->n_watches, &job->watch_capacity, point, diag));
    /* The array watches one range a tile: from the first to the last. */
    uint32_t from = point.address;
    uint64_t to = (uint64_t)from + point.size;
    for (size_t i = 0; i < job->n_watches; i++) {
        const cli_run_point *p = &job->watches[i];
        if (p->column != point.column || p->row != point.row) continue;
        if (p->address < from) from = p->address;
        if ((uint64_t)p->address + p->size > to) to = (uint64_t)p->address + p->size;
    }
    ts_diag ignored = {0};
    if (to - from <= UINT32_MAX && ts_array_watch(job->array, point.column, point.row, from,
                                                  (uint32_t)(to - from), &ignored) == TS_OK)
        return TS_OK;
    return bad(s, "is not in the data memory of that tile", diag);
}

static ts_status read_watch(cli_run_job *job, const char *text, ts_diag *diag) {
    spec s;
    uint64_t number, size = 0;
    size_t before = job->n_watches;
    TS_TRY(split(job->arena, "watch", text, &s, diag));
    if (s.bytes && (!ts_parse_u64(s.bytes, &size) || !size || size > UINT32_MAX))
        return bad(&s, "expected C,R:ADDRESS[:BYTES] or SYMBOL[@C,R][:BYTES]", diag);
    cli_run_point point = {.text = text, .column = s.column, .row = s.row};
    if (ts_parse_u64(s.name, &number)) {
        if (!s.has_tile) return bad(&s, "an address needs its tile: C,R:ADDRESS", diag);
        if (number > UINT32_MAX) return bad(&s, "is not in the data memory of that tile", diag);
        point.address = (uint32_t)number;
        point.size = size ? (uint32_t)size : DEFAULT_BYTES;
        return add_watch(job, &s, point, diag);
    }
    for (size_t i = 0; i < job->n_programs; i++) {
        const cli_run_program *p = &job->programs[i];
        if (p->is_other || (s.has_tile && (p->column != s.column || p->row != s.row))) continue;
        point.column = p->column;
        point.row = p->row;
        if (!cli_run_symbol(job, p->column, p->row, s.name, &point.address, &point.size)) continue;
        if (size) point.size = (uint32_t)size;
        if (!point.size) point.size = DEFAULT_BYTES;
        TS_TRY(add_watch(job, &s, point, diag));
    }
    return job->n_watches > before ? TS_OK : no_symbol(job, &s, diag);
}

/* ---- happenings -------------------------------------------------------------------------------
 */

static uint32_t little_endian(const uint8_t *bytes, uint32_t n) {
    uint32_t value = 0;
    for (uint32_t i = 0; i < n; i++)
        value |= (uint32_t)bytes[i] << i * 8;
    return value;
}

/* Bytes [at, at + n) of a write, within a word. */
static void keep_write(cli_run_job *job, const ts_array_event *e, uint32_t at, uint32_t n) {
    cli_run_write *list = NULL;
    if (job->n_writes < MAX_WRITES)
        list = ts_arena_room(job->arena, job->writes, job->n_writes, &job->write_capacity,
                             sizeof *list);
    if (!list) {
        job->lost_writes++;
        return;
    }
    job->writes = list;
    list[job->n_writes++] = (cli_run_write){.cycle = e->cycle,
                                            .address = at,
                                            .before = little_endian(e->before + (at - e->value), n),
                                            .after = little_endian(e->after + (at - e->value), n),
                                            .pc = e->pc,
                                            .column = e->column,
                                            .row = e->row,
                                            .size = (uint8_t)n,
                                            .writer = (uint8_t)e->writer,
                                            .from_column = e->from_column,
                                            .from_row = e->from_row,
                                            .channel = e->channel,
                                            .bd = e->bd,
                                            .is_mm2s = e->is_mm2s};
}

static void see_write(cli_run_job *job, const ts_array_event *e) {
    for (size_t i = 0; i < job->n_watches; i++) {
        const cli_run_point *p = &job->watches[i];
        if (p->column != e->column || p->row != e->row) continue;
        uint32_t at = p->address > e->value ? p->address : e->value;
        uint32_t end = p->address + p->size;
        if (end > e->value + e->n_bytes) end = e->value + e->n_bytes;
        while (at < end) {
            uint32_t n = WORD - at % WORD;
            if (n > end - at) n = end - at;
            keep_write(job, e, at, n);
            at += n;
        }
    }
}

/* A function that is entered at its beginning was called; one entered elsewhere is come back to. */
static void see_function(cli_run_calls *calls, const ts_array_event *e) {
    enum {
        MOST = sizeof calls->functions / sizeof *calls->functions
    };
    if (e->pc != e->value) {
        while (calls->depth && calls->functions[calls->depth - 1] != e->value)
            calls->depth--;
        if (calls->depth) return;
    }
    if (calls->depth < MOST) calls->functions[calls->depth++] = e->value;
}

static void see(void *context, const ts_array_event *event) {
    cli_run_job *job = context;
    if (event->kind == TS_ARRAY_EVENT_WATCH) see_write(job, event);
    if (event->kind == TS_ARRAY_EVENT_CORE_FUNCTION)
        see_function(&job->calls[cli_run_tile(job, event->column, event->row)], event);
    if (job->trace) cli_run_trace_event(job->trace, event);
}

/* The function that a core begins in. */
static void begin_calls(cli_run_job *job, const cli_run_program *program) {
    const char *name = ts_array_function(job->array, program->column, program->row, 0);
    cli_run_calls *calls = &job->calls[cli_run_tile(job, program->column, program->row)];
    uint32_t size;
    if (name && !calls->depth &&
        cli_run_symbol(job, program->column, program->row, name, &calls->functions[0], &size))
        calls->depth = 1;
}

/* Bundles by address, for the use of slots. */
static ts_status begin_counts(cli_run_job *job, ts_diag *diag) {
    const ts_npu_device *device = ts_array_device(job->array);
    job->counts = TS_ARENA_ARRAY(job->arena, uint64_t *, n_tiles(job));
    if (!job->counts) return ts_fail_nomem(diag);
    for (uint32_t column = 0; column < device->n_columns; column++)
        for (uint32_t row = 0; row < device->n_rows; row++) {
            ts_core *core = ts_array_core(job->array, column, row);
            if (!core) continue;
            uint64_t *counts = TS_ARENA_ARRAY(job->arena, uint64_t, TS_CORE_N_COUNTS);
            if (!counts) return ts_fail_nomem(diag);
            job->counts[cli_run_tile(job, column, row)] = counts;
            ts_core_count(core, counts);
        }
    return TS_OK;
}

ts_status cli_run_begin_looking(cli_run *run, cli_run_job *job, ts_diag *diag) {
    if (!job->array) return TS_OK;
    job->calls = TS_ARENA_ARRAY(job->arena, cli_run_calls, n_tiles(job));
    if (!job->calls) return ts_fail_nomem(diag);
    for (size_t i = 0; i < run->n_given; i++) {
        const char *option = run->given[i].option->name, *value = run->given[i].value;
        if (strcmp(option, "break") == 0) TS_TRY(read_break(job, value, diag));
        if (strcmp(option, "watch") == 0) TS_TRY(read_watch(job, value, diag));
    }
    if (cli_has(run, "stats")) TS_TRY(begin_counts(job, diag));
    if (cli_has(run, "trace")) {
        job->trace = cli_run_trace_new(job->arena, job->array);
        if (!job->trace) return ts_fail_nomem(diag);
    }
    if (!job->trace && !job->n_breaks && !job->n_watches) return TS_OK;
    for (size_t i = 0; i < job->n_programs; i++)
        if (!job->programs[i].is_other) begin_calls(job, &job->programs[i]);
    ts_array_observe(job->array, see, job);
    return TS_OK;
}

/* ---- the table --------------------------------------------------------------------------------
 */

static void writer_cell(cli_table *table, const cli_run_write *w) {
    bool is_other = w->from_column != w->column || w->from_row != w->row;
    char of[32] = "";
    if (is_other) snprintf(of, sizeof of, " of (%u,%u)", w->from_column, w->from_row);
    if (w->writer == TS_ARRAY_BY_CORE)
        cli_cell(table, "core%s", of);
    else if (w->writer == TS_ARRAY_BY_DMA)
        cli_cell(table, "dma %s %u%s, bd %u", w->is_mm2s ? "MM2S" : "S2MM", w->channel, of, w->bd);
    else
        cli_cell(table, "access by address");
}

cli_table cli_run_write_table(ts_arena *arena, const cli_run_job *job) {
    static const cli_column columns[] = {
        {"cycle", CLI_RIGHT}, {"tile", CLI_LEFT}, {"address", CLI_LEFT}, {"old", CLI_RIGHT},
        {"new", CLI_RIGHT},   {"by", CLI_LEFT},   {"pc", CLI_LEFT},      {"function", CLI_LEFT}};
    cli_table table = cli_table_new(arena, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < job->n_writes; i++) {
        const cli_run_write *w = &job->writes[i];
        bool is_core = w->writer == TS_ARRAY_BY_CORE;
        cli_cell(&table, "%" PRIu64, w->cycle);
        cli_cell(&table, "(%u,%u)", w->column, w->row);
        cli_cell(&table, "data+0x%05" PRIx32, w->address);
        cli_cell(&table, "0x%0*" PRIx32, w->size * 2, w->before);
        cli_cell(&table, "0x%0*" PRIx32, w->size * 2, w->after);
        writer_cell(&table, w);
        if (is_core)
            cli_cell(&table, "0x%05" PRIx32, w->pc);
        else
            cli_cell(&table, "%s", "");
        cli_cell(&table, "%s",
                 is_core ? cli_run_function(arena, job, w->from_column, w->from_row, w->pc) : "");
    }
    return table;
}
