/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Cores in their tiles: memories of the neighbors, locks, streams, the cascade, control and status.
 */
#include "array_int.h"

enum {
    CASCADE_DEPTH = 2 /* [inferred: a sender and a receiver register; a write without a reader
                         that stalls only at the third would refute it] */
};

/* Core_Control, Core_Status: src: AM025 [documented] */
enum {
    ENABLE = 1,
    RESET = 2,
    STATUS_DONE = 1 << 20
};

static arr_tile *neighbor(const arr_tile *tile, ts_core_window where) {
    static const int8_t columns[] = {0, -1, 0, 0}, rows[] = {-1, 0, 1, 0};
    arr_tile *t = arr_tile_at(tile->array, (uint32_t)(tile->column + columns[where]),
                              (uint32_t)(tile->row + rows[where]));
    return t && t->cpu ? t : NULL;
}

/* Time inside of a port's function: that of the core, when it runs ahead alone. What follows can be
 * seen by others, so that they must come next. */
static void show(arr_tile *tile) {
    ts_array *a = tile->array;
    if (a->alone != tile->cpu) return;
    a->now = arr_now(a);
    if (a->yield_at == UINT64_MAX) a->yield_at = a->now + 1;
    emu_core_yield(tile->cpu->core);
}

/* ---- ports ------------------------------------------------------------------------------------
 */

/* src: aie2-facts 54 [documented]: numbers in fours of 16: south, west, north, own */
static arr_tile *lock_tile(arr_tile *tile, unsigned id) {
    arr_tile *t = neighbor(tile, (ts_core_window)(id / 16));
    if (!t)
        arr_find(tile->array, TS_FINDING_LOCK_ABSENT, tile, ts_core_pc(tile->cpu->core), id,
                 "the core uses lock %u, but has no neighbor there", id);
    return t;
}

static void tell_lock(const arr_tile *tile, ts_array_event_kind kind, unsigned id) {
    arr_tell(tile->array, kind, tile, NULL, id, ts_core_pc(tile->cpu->core));
}

static bool acquire(void *context, unsigned id, int32_t value) {
    arr_tile *tile = context, *t = lock_tile(tile, id);
    tile->cpu->waits_for_lock = id;
    if (!t) return false;
    show(tile);
    if (tile->cpu->state != TS_CORE_WAITS_LOCK) arr_trace_lock(tile->array, tile, true);
    if (arr_lock_acquire(t, id % 16, value)) {
        tell_lock(tile, TS_ARRAY_EVENT_CORE_ACQUIRED, id);
        return true;
    }
    tile->cpu->waits_for_value = value;
    arr_lock_wait(t, tile->cpu->actor);
    return false;
}

static void release(void *context, unsigned id, int32_t value) {
    arr_tile *tile = context, *t = lock_tile(tile, id);
    if (!t) return;
    show(tile);
    arr_trace_lock(tile->array, tile, false);
    arr_lock_release(t, id % 16, value);
    tell_lock(tile, TS_ARRAY_EVENT_CORE_RELEASED, id);
}

static bool stream_read(void *context, uint32_t *word, bool *is_last) {
    arr_tile *tile = context;
    ts_array *a = tile->array;
    arr_link *link = tile->cpu->in;
    show(tile);
    if (!link)
        arr_find(a, TS_FINDING_NO_SOURCE, tile, ts_core_pc(tile->cpu->core), 0,
                 "the core takes a word of its stream, which nobody feeds");
    if (!link || !arr_has_word(a, link)) {
        if (link && link->count) arr_wake_at(a, tile->cpu->actor, link->ring[link->head].time);
        return false;
    }
    arr_word w = arr_pop(a, link);
    *word = w.word;
    *is_last = w.is_last;
    return true;
}

static bool stream_write(void *context, uint32_t word, bool is_last) {
    arr_tile *tile = context;
    show(tile);
    return arr_send(tile->array, tile->cpu->out, word, is_last);
}

static bool cascade_read(void *context, uint8_t data[TS_CORE_CASCADE_BYTES]) {
    arr_tile *tile = context;
    arr_cpu *cpu = tile->cpu;
    unsigned from = cpu->accumulator & 1;
    arr_cascade *c = &cpu->cascade[from];
    show(tile);
    if (!c->count) return false;
    memcpy(data, c->data[c->head], TS_CORE_CASCADE_BYTES);
    c->head = (uint8_t)((c->head + 1) % CASCADE_DEPTH);
    c->count--;
    arr_tile *sender = neighbor(tile, from ? TS_CORE_WEST : TS_CORE_NORTH);
    if (sender) arr_wake(tile->array, sender->cpu->actor);
    return true;
}

/* src: AM025: Accumulator_Control: input 0 from the north, 1 from the west; output 0 to the south,
 * 1 to the east [documented] */
static bool cascade_write(void *context, const uint8_t data[TS_CORE_CASCADE_BYTES]) {
    arr_tile *tile = context;
    unsigned to = tile->cpu->accumulator >> 1 & 1;
    arr_tile *taker = to ? arr_tile_at(tile->array, tile->column + 1u, tile->row)
                         : arr_tile_at(tile->array, tile->column, tile->row - 1u);
    show(tile);
    if (!taker || !taker->cpu) return false;
    arr_cascade *c = &taker->cpu->cascade[to];
    if (c->count == CASCADE_DEPTH) return false;
    memcpy(c->data[(c->head + c->count++) % CASCADE_DEPTH], data, TS_CORE_CASCADE_BYTES);
    arr_wake(tile->array, taker->cpu->actor);
    return true;
}

static void event(void *context, unsigned id) {
    arr_tile *tile = context;
    ts_array *a = tile->array;
    if (tile->cpu->trace.is_running) show(tile);
    arr_trace_instruction(a, tile, id);
    arr_tell(a, TS_ARRAY_EVENT_CORE_EVENT, tile, NULL, id, ts_core_pc(tile->cpu->core));
}

/* src: Xilinx/mlir-aie: test/npu-xrt/tile_mapped_read: the tile's registers begin at 0x80000, and
 * without Core_Processor_Bus the core stands still for good [code] */
static uint32_t tile_offset(arr_tile *tile, uint32_t address) {
    enum {
        MASK = 0x7ffff,
        BUS_ON = 1
    };
    if (!(tile->cpu->processor_bus & BUS_ON))
        arr_find(tile->array, TS_FINDING_REGISTER, tile, ts_core_pc(tile->cpu->core), address,
                 "the core accesses its tile's registers at 0x%05x, but Core_Processor_Bus is off: "
                 "hardware stands still here",
                 (unsigned)address);
    return address & MASK;
}

static uint32_t tile_read(void *context, uint32_t address) {
    arr_tile *tile = context;
    show(tile);
    return arr_read_word(tile->array, tile, tile_offset(tile, address));
}

static void tile_write(void *context, uint32_t address, uint32_t word) {
    arr_tile *tile = context;
    show(tile);
    arr_write_word(tile->array, tile, tile_offset(tile, address), word, UINT32_MAX);
}

static void jumped(void *context, uint32_t pc) {
    arr_tile *tile = context;
    const arr_symbols *s = &tile->cpu->symbols;
    if (!tile->array->observer || !s->n_functions) return;
    const arr_symbol *function = arr_symbol_find(s->functions, s->n_functions, pc);
    if (!function || function == tile->cpu->function) return;
    tile->cpu->function = function;
    arr_tell(tile->array, TS_ARRAY_EVENT_CORE_FUNCTION, tile, NULL, function->address, pc);
}

/* ---- checks of memory -------------------------------------------------------------------------
 */

static void check_stack(arr_tile *tile, uint32_t address, bool is_store) {
    arr_cpu *cpu = tile->cpu;
    const arr_symbols *s = &cpu->symbols;
    uint32_t sp = cpu->core->access_sp;
    if (sp <= s->stack_end || sp >= TS_CORE_DATA_BASE + 4 * TS_CORE_WINDOW_BYTES) return;
    if (!is_store || address < s->stack_end || address >= sp || cpu->is_stack_told) return;
    cpu->is_stack_told = true;
    const char *buffer = arr_symbol_at(s->buffers, s->n_buffers, address);
    uint32_t pc = cpu->core->access_pc;
    const char *function = ts_array_function(tile->array, tile->column, tile->row, pc);
    arr_find(tile->array, TS_FINDING_STACK, tile, pc, address,
             "%s writes its stack at 0x%05x, %u bytes beyond its end 0x%05x%s%s",
             function ? function : "the core", (unsigned)address, (unsigned)(sp - s->stack_end),
             (unsigned)s->stack_end, buffer ? ", into " : "", buffer ? buffer : "");
}

static void check_buffer(arr_tile *tile, uint32_t address, unsigned n_bytes, bool is_store) {
    const arr_cpu *cpu = tile->cpu;
    enum {
        N_WORDS = TS_CORE_N_WINDOWS * TS_CORE_WINDOW_BYTES / 64
    };
    if (arr_bits_are_set(cpu->symbols.named, N_WORDS, address - TS_CORE_DATA_BASE, n_bytes)) return;
    arr_find(tile->array, TS_FINDING_NO_BUFFER, tile, cpu->core->access_pc, address,
             "the core %s %u bytes at 0x%05x, where its program has no buffer",
             is_store ? "writes" : "reads", n_bytes, (unsigned)address);
}

static void watch(void *context, uint32_t address, unsigned n_bytes, bool is_store) {
    arr_tile *tile = context;
    arr_cpu *cpu = tile->cpu;
    uint32_t window = (address - TS_CORE_DATA_BASE) / TS_CORE_WINDOW_BYTES;
    uint32_t offset = address % TS_CORE_WINDOW_BYTES;
    arr_tile *t = window < TS_CORE_N_WINDOWS ? cpu->windows[window] : NULL;
    if (cpu->symbols.has_stack) check_stack(tile, address, is_store);
    if (!t || offset + n_bytes > TS_CORE_WINDOW_BYTES) {
        arr_find(tile->array, TS_FINDING_OUTSIDE, tile, cpu->core->access_pc, address,
                 "the core %s %u bytes at 0x%05x, where it has no memory",
                 is_store ? "writes" : "reads", n_bytes, (unsigned)address);
        return;
    }
    if (cpu->symbols.named) check_buffer(tile, address, n_bytes, is_store);
    if (is_store) {
        arr_mark(t, offset, n_bytes);
        arr_note_write(t, offset, n_bytes, cpu->core->access_data, cpu->actor,
                       cpu->core->access_pc);
        return;
    }
    if (arr_is_known(t, offset, n_bytes)) return;
    arr_mark(t, offset, n_bytes); /* told once */
    const char *buffer = arr_symbol_at(cpu->symbols.buffers, cpu->symbols.n_buffers, address);
    arr_find(tile->array, TS_FINDING_UNWRITTEN, tile, cpu->core->access_pc, address,
             "the core reads %u bytes at 0x%05x%s%s, where nobody has written", n_bytes,
             (unsigned)address, buffer ? ", in " : "", buffer ? buffer : "");
}

/* ---- life -------------------------------------------------------------------------------------
 */

bool arr_make_core(ts_array *a, arr_tile *tile) {
    tile->cpu = TS_ARENA_NEW(a->arena, arr_cpu);
    if (!tile->cpu) return false;
    tile->cpu->control = RESET;
    tile->cpu->trace.start_at = tile->cpu->trace.stop_at = UINT64_MAX;
    tile->cpu->trace.actor = arr_add_actor(a, arr_trace_step, tile);
    return tile->cpu->trace.actor != ARR_NOBODY;
}

static void reset_core(arr_tile *tile) {
    ts_core_reset(tile->cpu->core);
    tile->cpu->core->file.words[tile->cpu->core->layout.core_id] =
        (uint32_t)tile->column << 16 | tile->row;
}

bool arr_connect_core(ts_array *a, arr_tile *tile) {
    arr_cpu *cpu = tile->cpu;
    ts_core_ports ports = {.context = tile,
                           .acquire = acquire,
                           .release = release,
                           .stream_read = stream_read,
                           .stream_write = stream_write,
                           .cascade_read = cascade_read,
                           .cascade_write = cascade_write,
                           .event = event,
                           .tile_read = tile_read,
                           .tile_write = tile_write,
                           .jumped = jumped,
                           .watch = watch};
    uint8_t *windows[TS_CORE_N_WINDOWS];
    for (unsigned i = 0; i < TS_CORE_N_WINDOWS; i++) {
        cpu->windows[i] = neighbor(tile, (ts_core_window)i);
        windows[i] = cpu->windows[i] ? cpu->windows[i]->data : NULL;
    }
    cpu->core = ts_core_new(a->arena, tile->program, windows, &ports);
    if (!cpu->core) return false;
    reset_core(tile);
    cpu->actor = arr_add_actor(a, arr_core_step, tile);
    return true;
}

void arr_core_control(ts_array *a, arr_tile *tile, uint32_t control) {
    arr_cpu *cpu = tile->cpu;
    bool was_active = cpu->is_active;
    if (control & RESET && !(cpu->control & RESET)) {
        reset_core(tile);
        memset(cpu->cascade, 0, sizeof cpu->cascade);
        cpu->state = TS_CORE_RUNS;
    }
    cpu->control = control & (ENABLE | RESET);
    cpu->is_active = cpu->control == ENABLE;
    if (!cpu->is_active || was_active) return;
    cpu->offset = a->now - ts_core_cycle(cpu->core);
    if (cpu->state == TS_CORE_RUNS)
        arr_tell(a, TS_ARRAY_EVENT_CORE_STATE, tile, NULL, TS_CORE_RUNS, ts_core_pc(cpu->core));
    arr_wake(a, cpu->actor);
}

/* src: AM025: Core_Status [documented] */
uint32_t arr_core_status(const arr_tile *tile) {
    static const uint32_t by_state[TS_CORE_N_STATES] = {
        [TS_CORE_WAITS_STREAM_IN] = 1 << 10,  [TS_CORE_WAITS_STREAM_OUT] = 1 << 12,
        [TS_CORE_WAITS_CASCADE_IN] = 1 << 14, [TS_CORE_WAITS_CASCADE_OUT] = 1 << 15,
        [TS_CORE_DONE] = STATUS_DONE,
    };
    const arr_cpu *cpu = tile->cpu;
    uint32_t status = cpu->control;
    if (cpu->state == TS_CORE_WAITS_LOCK)
        return status | UINT32_C(1) << (6 + cpu->waits_for_lock / 16);
    return status | by_state[cpu->state];
}

static void tell_state(ts_array *a, arr_tile *tile, ts_core_state state) {
    if (state == tile->cpu->state) return;
    arr_trace_state(a, tile, tile->cpu->state, state);
    tile->cpu->state = state;
    arr_tell(a, TS_ARRAY_EVENT_CORE_STATE, tile, NULL, state, ts_core_pc(tile->cpu->core));
}

/* What is left to look at behind a run; false: the core has nothing to do until it is woken. */
static bool after_run(ts_array *a, arr_tile *tile, ts_core_state state) {
    arr_cpu *cpu = tile->cpu;
    if (state != cpu->state) tell_state(a, tile, state);
    for (; cpu->lost_stores < ts_core_lost_stores(cpu->core); cpu->lost_stores++)
        arr_find(a, TS_FINDING_LOST_STORE, tile, cpu->core->lost_pc, 0,
                 "a part-word store in the last bundle of a short loop is lost on the way back");
    switch (state) {
    case TS_CORE_RUNS: return true;
    case TS_CORE_AT_BREAK: a->has_break = true; return true;
    case TS_CORE_NO_CODE:
    case TS_CORE_NOT_MODELED:
        arr_find(a, state == TS_CORE_NO_CODE ? TS_FINDING_CORE_STOPPED : TS_FINDING_NOT_MODELED,
                 tile, ts_core_pc(cpu->core), 0, "the core stops: %s",
                 ts_core_stop_text(cpu->core));
        return false;
    default: return false;
    }
}

bool arr_core_until(ts_array *a, arr_tile *tile, uint64_t cycle) {
    arr_cpu *cpu = tile->cpu;
    if (!cpu->is_active) return false;
    if (cpu->is_code_dirty) ts_core_code_changed(cpu->core);
    cpu->is_code_dirty = false;
    uint64_t at = cpu->offset + ts_core_cycle(cpu->core);
    if (at < a->now) {
        cpu->stats.stalls[cpu->state] += a->now - at;
        emu_core_skip(cpu->core, a->now - at);
        at = a->now;
    }
    if (at >= cycle) return true;
    ts_core_state state = ts_core_run(cpu->core, cycle - at);
    if (state >= TS_CORE_WAITS_LOCK && state <= TS_CORE_WAITS_CASCADE_OUT)
        cpu->stats.stalls[state]++;
    return after_run(a, tile, state);
}

bool arr_core_step(ts_array *a, void *self) {
    return arr_core_until(a, self, a->now + 1);
}

void arr_start_cores(ts_array *a) {
    for (unsigned i = 0; i < a->n_tiles; i++)
        if (a->tiles[i].cpu && a->tiles[i].cpu->control & ENABLE)
            arr_core_control(a, &a->tiles[i], ENABLE);
}

void ts_array_launch(ts_array *array) {
    arr_start_cores(array);
    array->settles_until = array->now + TS_ARRAY_SETTLE_CYCLES;
}

ts_core *ts_array_core(const ts_array *array, uint32_t column, uint32_t row) {
    const arr_tile *tile = arr_tile_at(array, column, row);
    return tile && tile->cpu ? tile->cpu->core : NULL;
}

bool ts_array_core_stats(const ts_array *array, uint32_t column, uint32_t row, ts_core_stats *out) {
    const arr_tile *tile = arr_tile_at(array, column, row);
    if (!tile || !tile->cpu) return false;
    const arr_cpu *cpu = tile->cpu;
    *out = cpu->stats;
    out->cycles = ts_core_cycle(cpu->core);
    out->bundles = ts_core_ticks(cpu->core);
    out->bank_waits = ts_core_bank_waits(cpu->core);
    out->macs = ts_core_macs(cpu->core);
    out->state = cpu->state;
    out->is_enabled = cpu->is_active;
    uint64_t at = cpu->offset + ts_core_cycle(cpu->core);
    if (cpu->is_active && at < array->now) {
        out->cycles += array->now - at;
        out->stalls[cpu->state] += array->now - at;
    }
    return true;
}
