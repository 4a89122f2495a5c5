/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The array as a whole: making it, the controller's commands, running and waiting.
 */
#include "array_int.h"

enum {
    DEFAULT_FINDINGS = 256
};

/* ---- making -----------------------------------------------------------------------------------
 */

static bool make_memories(ts_array *a, arr_tile *tile) {
    const ts_npu_tile *kind = tile->kind;
    if (kind->n_memories > 0) {
        tile->data_size = kind->memories[0].size;
        tile->data_bits = (uint8_t)__builtin_ctz(tile->data_size);
        tile->data = ts_arena_alloc(a->arena, tile->data_size);
        tile->known = TS_ARENA_ARRAY(a->arena, uint64_t, tile->data_size / 64);
        tile->writers = TS_ARENA_ARRAY(a->arena, uint32_t, tile->data_size / 4);
        if (!tile->data || !tile->known || !tile->writers) return false;
    }
    if (kind->n_memories > 1) {
        tile->program_size = kind->memories[1].size;
        tile->program = ts_arena_alloc(a->arena, tile->program_size);
        if (!tile->program) return false;
    }
    return true;
}

static bool make_channels(ts_array *a, arr_tile *tile) {
    for (unsigned i = 0; i < 2U * tile->kind->n_channels; i++) {
        arr_channel *c = &tile->channels[i / tile->kind->n_channels][i % tile->kind->n_channels];
        c->tile = tile;
        c->number = (uint8_t)(i % tile->kind->n_channels);
        c->is_mm2s = i >= tile->kind->n_channels;
        c->actor = arr_add_actor(a, arr_channel_step, c);
        if (c->actor == ARR_NOBODY) return false;
    }
    return true;
}

static bool make_tile(ts_array *a, unsigned column, unsigned row) {
    arr_tile *tile = arr_tile_at(a, column, row);
    tile->array = a;
    tile->kind = ts_npu_tile_at(a->device, column, row);
    tile->column = (uint8_t)column;
    tile->row = (uint8_t)row;
    if (!make_memories(a, tile) || !arr_make_registers(a, tile) || !make_channels(a, tile) ||
        !arr_make_streams(a, tile))
        return false;
    tile->control.actor = arr_add_actor(a, arr_control_step, tile);
    if (tile->control.actor == ARR_NOBODY) return false;
    return tile->kind->kind != TS_NPU_COMPUTE || arr_make_core(a, tile);
}

static bool make(ts_array *a) {
    if (!arr_make_maps(a)) return false;
    for (unsigned i = 0; i < a->n_tiles; i++)
        if (!make_tile(a, i / a->device->n_rows, i % a->device->n_rows)) return false;
    a->first_cpu = a->n_actors;
    for (unsigned i = 0; i < a->n_tiles; i++)
        if (a->tiles[i].cpu && !arr_connect_core(a, &a->tiles[i])) return false;
    return true;
}

ts_array *ts_array_new(ts_arena *arena, const ts_npu_device *device,
                       const ts_array_options *options) {
    ts_array *a = TS_ARENA_NEW(arena, ts_array);
    if (!a) return NULL;
    a->arena = arena;
    a->device = device;
    a->n_tiles = (unsigned)device->n_columns * device->n_rows;
    a->tiles = TS_ARENA_ARRAY(arena, arr_tile, a->n_tiles);
    a->max_findings = options && options->max_findings ? options->max_findings : DEFAULT_FINDINGS;
    a->ignored = options ? options->ignored : 0;
    a->findings = TS_ARENA_ARRAY(arena, ts_finding, a->max_findings);
    a->next_alarm = UINT64_MAX;
    a->are_routes_stale = true;
    if (!a->tiles || !a->findings || !make(a)) return NULL;
    return a;
}

const ts_npu_device *ts_array_device(const ts_array *array) {
    return array->device;
}

/* ---- commands ---------------------------------------------------------------------------------
 */

/* The tile of an address; NULL, with a finding at tile (0,0), when there is none. */
static arr_tile *split(ts_array *a, uint64_t address, uint32_t *offset) {
    ts_npu_place place;
    *offset = 0;
    if (!ts_npu_split(a->device, address, &place)) {
        arr_find(a, TS_FINDING_REGISTER, &a->tiles[0], TS_FINDING_NO_PC, address,
                 "an access at 0x%llx, which is outside of the array", (unsigned long long)address);
        return NULL;
    }
    *offset = place.offset;
    return arr_tile_at(a, place.column, place.row);
}

void ts_array_write(ts_array *array, uint64_t address, uint32_t value) {
    ts_array_mask_write(array, address, UINT32_MAX, value);
}

void ts_array_mask_write(ts_array *array, uint64_t address, uint32_t mask, uint32_t value) {
    uint32_t offset;
    arr_tile *tile = split(array, address, &offset);
    if (tile) arr_write_word(array, tile, offset, value, mask);
}

void ts_array_block_write(ts_array *array, uint64_t address, ts_span words) {
    uint32_t offset;
    arr_tile *tile = split(array, address, &offset);
    if (tile) arr_write_words(array, tile, offset, words.data, words.size / 4);
}

uint32_t ts_array_read(ts_array *array, uint64_t address) {
    uint32_t offset;
    arr_tile *tile = split(array, address, &offset);
    return tile ? arr_read_word(array, tile, offset) : 0;
}

/* ---- running ----------------------------------------------------------------------------------
 */

static const char *const state_texts[] = {
#define X(constant, text) text,
    TS_ARRAY_STATE_LIST(X)
#undef X
};

const char *ts_array_state_text(ts_array_state state) {
    return (size_t)state < sizeof state_texts / sizeof state_texts[0] ? state_texts[state] : "?";
}

ts_array_state ts_array_run(ts_array *array, uint64_t n_cycles) {
    return arr_run(array, n_cycles, NULL, NULL);
}

/* What the controller waits for must come: an array at rest will not bring it. */
static ts_array_state wait_for(ts_array *a, uint64_t n_cycles, bool (*is_done)(ts_array *, void *),
                               void *context) {
    ts_array_state state = arr_run(a, n_cycles, is_done, context);
    if (state != TS_ARRAY_IDLE) return state;
    arr_report_deadlock(a);
    return TS_ARRAY_DEADLOCK;
}

typedef struct poll {
    uint64_t address;
    uint32_t mask, value;
} poll;

static bool is_polled(ts_array *a, void *context) {
    const poll *p = context;
    return (ts_array_read(a, p->address) & p->mask) == p->value;
}

ts_array_state ts_array_poll(ts_array *array, uint64_t address, uint32_t mask, uint32_t value,
                             uint64_t n_cycles) {
    poll p = {.address = address, .mask = mask, .value = value & mask};
    return wait_for(array, n_cycles, is_polled, &p);
}

static bool has_token(ts_array *a, void *context) {
    return a->n_tokens && arr_controller_take(a, *(const arr_token *)context);
}

ts_array_state ts_array_wait_token(ts_array *array, uint32_t column, uint32_t row, bool is_mm2s,
                                   uint32_t channel, uint64_t n_cycles) {
    arr_token token = {.column = (uint8_t)column,
                       .row = (uint8_t)row,
                       .channel = (uint8_t)channel,
                       .is_mm2s = is_mm2s};
    return wait_for(array, n_cycles, has_token, &token);
}

uint64_t ts_array_cycle(const ts_array *array) {
    return array->now;
}

uint64_t ts_array_stream_cycles(const ts_array *array) {
    return array->settles_until ? 0 : array->now - array->stream_from;
}

/* ---- looking ----------------------------------------------------------------------------------
 */

ts_span ts_array_memory(const ts_array *array, uint32_t column, uint32_t row, const char *name) {
    const arr_tile *tile = arr_tile_at(array, column, row);
    if (tile && tile->data && strcmp(name, "data") == 0)
        return ts_span_of(tile->data, tile->data_size);
    if (tile && tile->program && strcmp(name, "program") == 0)
        return ts_span_of(tile->program, tile->program_size);
    return ts_span_of(NULL, 0);
}

int32_t ts_array_lock(const ts_array *array, uint32_t column, uint32_t row, uint32_t lock) {
    const arr_tile *tile = arr_tile_at(array, column, row);
    return tile && lock < tile->kind->n_locks ? tile->locks[lock] : INT32_MIN;
}
