/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Registers: from an offset to the mechanism that owns it. The map of a kind of tile is built from
 * the register table of npu and the rows below, by name; every register keeps the word written to
 * it, and mechanisms look at those or are told.
 */
#include "array_int.h"

typedef enum mechanism {
    PLAIN, /* keeps its word */
    BD,
    S2MM_CONTROL,
    MM2S_CONTROL,
    S2MM_QUEUE,
    MM2S_QUEUE,
    S2MM_STATUS,
    MM2S_STATUS,
    WRITE_COUNT,
    LOCK,
    LOCK_OVERFLOW,
    LOCK_UNDERFLOW,
    ROUTE, /* of the switch: links are made anew */
    SLOT,
    CORE_CONTROL,
    CORE_STATUS,
    CORE_PC,
    ACCUMULATOR,
    PROCESSOR_BUS,
    ABSENT, /* a mechanism that is not modeled: told when it is switched on */
    ZEROES,
    TIMER_LOW,
    TIMER_HIGH,
    TIMER_CONTROL,
    GENERATE,
    TRACE,
} mechanism;

/* '#' stands for a number, '*' at the end for anything. The first number is the argument, except in
 * the rows of a lock's flags. The first row that fits counts. */
static const struct {
    const char *pattern;
    mechanism mechanism;
} rows[] = {
    {"DMA_BD#_#", BD},
    {"DMA_S2MM_#_Ctrl", S2MM_CONTROL},
    {"DMA_MM2S_#_Ctrl", MM2S_CONTROL},
    {"DMA_S2MM_#_Start_Queue", S2MM_QUEUE},
    {"DMA_MM2S_#_Start_Queue", MM2S_QUEUE},
    {"DMA_S2MM_#_Task_Queue", S2MM_QUEUE},
    {"DMA_MM2S_#_Task_Queue", MM2S_QUEUE},
    {"DMA_S2MM_Status_#", S2MM_STATUS},
    {"DMA_MM2S_Status_#", MM2S_STATUS},
    {"DMA_S2MM_Current_Write_Count_#", WRITE_COUNT},
    {"Lock#_value", LOCK},
    {"Locks_Overflow_#", LOCK_OVERFLOW},
    {"Locks_Underflow_#", LOCK_UNDERFLOW},
    {"Locks_Overflow", LOCK_OVERFLOW},
    {"Locks_Underflow", LOCK_UNDERFLOW},
    {"Stream_Switch_Master_Config_*", ROUTE},
    {"Stream_Switch_Slave_Config_*", ROUTE},
    {"Stream_Switch_Slave_*", SLOT},
    {"Mux_Config", ROUTE},
    {"Demux_Config", ROUTE},
    {"Core_Control", CORE_CONTROL},
    {"Core_Status", CORE_STATUS},
    {"Core_PC", CORE_PC},
    {"Accumulator_Control", ACCUMULATOR},
    {"Core_Processor_Bus", PROCESSOR_BUS},
    {"Trace_Control0", TRACE},
    {"Performance_Control*", ABSENT},
    {"Performance_Ctrl*", ABSENT},
    {"Stream_Switch_Deterministic_Merge_*", ABSENT},
    {"Combo_event_inputs", ABSENT},
    {"Debug_Control*", ABSENT},
    {"Memory_Control", ZEROES},
    {"Timer_Low", TIMER_LOW},
    {"Timer_High", TIMER_HIGH},
    {"Timer_Control", TIMER_CONTROL},
    {"Event_Generate", GENERATE},
};

typedef struct slot {
    const ts_npu_register *reg;
    uint8_t mechanism, argument;
} slot;

struct arr_regmap {
    uint16_t *by_word; /* slot of a word of the tile's addresses; 0: none */
    slot *slots;
    unsigned n_slots;
    uint32_t n_words;
    const ts_npu_register *lock_request;
};

/* ---- building ---------------------------------------------------------------------------------
 */

/* Whether a name fits a pattern; the first number of it. */
static bool fits(const char *pattern, const char *name, unsigned *number) {
    bool has_number = false;
    *number = 0;
    for (; *pattern; pattern++) {
        if (*pattern == '*') return true;
        if (*pattern != '#') {
            if (*name++ != *pattern) return false;
            continue;
        }
        if (*name < '0' || *name > '9') return false;
        unsigned value = 0;
        for (; *name >= '0' && *name <= '9'; name++)
            value = value * 10 + (unsigned)(*name - '0');
        if (!has_number) *number = value;
        has_number = true;
    }
    return !*name;
}

static void classify(slot *s, const char *name) {
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        unsigned number;
        if (!fits(rows[i].pattern, name, &number)) continue;
        s->mechanism = (uint8_t)rows[i].mechanism;
        s->argument = (uint8_t)number;
        return;
    }
    s->mechanism = PLAIN;
}

static arr_regmap *make_map(ts_array *a, const ts_npu_tile *tile) {
    size_t n_registers, n_slots = 1;
    const ts_npu_register *registers = ts_npu_registers_of(tile, &n_registers);
    for (size_t i = 0; i < n_registers; i++)
        n_slots += registers[i].width / 32;
    arr_regmap *map = TS_ARENA_NEW(a->arena, arr_regmap);
    if (!map) return NULL;
    map->n_words = UINT32_C(1) << (a->device->row_shift - 2);
    map->by_word = TS_ARENA_ARRAY(a->arena, uint16_t, map->n_words);
    map->slots = TS_ARENA_ARRAY(a->arena, slot, n_slots);
    if (!map->by_word || !map->slots || n_slots > UINT16_MAX) return NULL;
    map->n_slots = 1;
    for (size_t i = 0; i < n_registers; i++) {
        const ts_npu_register *reg = &registers[i];
        slot s = {.reg = reg};
        classify(&s, reg->name);
        for (unsigned w = 0; w < reg->width / 32U; w++) {
            if (reg->offset / 4 + w >= map->n_words) continue;
            map->by_word[reg->offset / 4 + w] = (uint16_t)map->n_slots;
            map->slots[map->n_slots++] = s;
        }
    }
    map->lock_request = ts_npu_register_find(tile, "Lock_Request");
    return map;
}

bool arr_make_maps(ts_array *a) {
    for (unsigned i = 0; i < TS_NPU_N_KINDS; i++) {
        a->maps[i] = make_map(a, a->device->tiles[i]);
        if (!a->maps[i]) return false;
    }
    return true;
}

bool arr_make_registers(ts_array *a, arr_tile *tile) {
    tile->map = a->maps[tile->kind->kind];
    tile->registers = TS_ARENA_ARRAY(a->arena, uint32_t, tile->map->n_slots);
    if (!tile->registers) return false;
    for (unsigned i = 1; i < tile->map->n_slots; i++) {
        const ts_npu_register *reg = tile->map->slots[i].reg;
        bool is_first = tile->map->slots[i - 1].reg != reg;
        tile->registers[i] = is_first ? reg->reset : 0;
    }
    return true;
}

uint32_t *arr_register(arr_tile *tile, uint32_t offset) {
    return &tile->registers[tile->map->by_word[offset / 4]];
}

/* ---- lock requests ----------------------------------------------------------------------------
 */

/* Reading an address of this range asks for a lock: the answer is bit 0.
 * src: Xilinx/aie-rt: driver/src/locks/xaie_locks_aieml.c and global/xaiemlgbl_reginit.c,
 * LockIdOff, RelAcqOff, LockValOff [code] */
enum {
    LOCK_ID_SHIFT = 10,
    LOCK_ACQUIRE = 0x200,
    LOCK_VALUE_SHIFT = 2
};

static bool is_lock_request(const arr_tile *tile, uint32_t offset) {
    const ts_npu_register *reg = tile->map->lock_request;
    return reg && offset >= reg->offset &&
           offset - reg->offset < (uint32_t)tile->kind->n_locks << LOCK_ID_SHIFT;
}

static uint32_t request_lock(arr_tile *tile, uint32_t offset) {
    offset -= tile->map->lock_request->offset;
    unsigned lock = offset >> LOCK_ID_SHIFT;
    int32_t value = (int32_t)((offset >> LOCK_VALUE_SHIFT & 0x7f) << 25) >> 25;
    if (offset & LOCK_ACQUIRE) return arr_lock_acquire(tile, lock, value);
    arr_lock_release(tile, lock, value);
    return 1;
}

/* ---- reading ----------------------------------------------------------------------------------
 */

static uint32_t read_memory(const arr_tile *tile, const ts_npu_memory *memory, uint32_t offset) {
    const uint8_t *bytes = memory == &tile->kind->memories[0] ? tile->data : tile->program;
    return emu_get32(bytes + (offset - memory->offset));
}

static void unknown(ts_array *a, arr_tile *tile, uint32_t offset, const char *what) {
    arr_find(a, TS_FINDING_REGISTER, tile, TS_FINDING_NO_PC, offset,
             "%s at 0x%05x of the tile, where there is no register", what, (unsigned)offset);
}

/* 0 while an event that resets it is under way. */
static uint64_t timer_of(const ts_array *a, const arr_tile *tile) {
    return a->now > tile->timer_from ? a->now - tile->timer_from : 0;
}

uint32_t arr_read_word(ts_array *a, arr_tile *tile, uint32_t offset) {
    offset &= (UINT32_C(1) << a->device->row_shift) - 4;
    const ts_npu_memory *memory = ts_npu_memory_at(tile->kind, offset);
    if (memory) return read_memory(tile, memory, offset);
    if (is_lock_request(tile, offset)) return request_lock(tile, offset);
    unsigned at = tile->map->by_word[offset / 4];
    if (!at) {
        unknown(a, tile, offset, "a read");
        return 0;
    }
    const slot *s = &tile->map->slots[at];
    unsigned k = s->argument;
    switch (s->mechanism) {
    case S2MM_STATUS: return arr_channel_status(&tile->channels[0][k]);
    case MM2S_STATUS: return arr_channel_status(&tile->channels[1][k]);
    case WRITE_COUNT: return arr_walk_done(&tile->channels[0][k].walk);
    case LOCK: return (uint32_t)tile->locks[k] & 0x3f;
    case LOCK_OVERFLOW: return (uint32_t)(tile->lock_overflow >> 32 * k);
    case LOCK_UNDERFLOW: return (uint32_t)(tile->lock_underflow >> 32 * k);
    case CORE_CONTROL: return tile->cpu->control;
    case CORE_STATUS: return arr_core_status(tile);
    case CORE_PC: return ts_core_pc(tile->cpu->core);
    case TIMER_LOW: return (uint32_t)timer_of(a, tile);
    case TIMER_HIGH: return (uint32_t)(timer_of(a, tile) >> 32);
    default: return tile->registers[at];
    }
}

/* ---- writing ----------------------------------------------------------------------------------
 */

/* Behind this the bytes are copied. */
static void write_data(arr_tile *tile, uint32_t at, const uint8_t *bytes, size_t n) {
    arr_mark_all(tile, at, n);
    if (arr_is_watched(tile, at, n))
        arr_tell_write(tile, at, bytes, n, ARR_NOBODY, TS_FINDING_NO_PC);
}

static void write_memory(arr_tile *tile, const ts_npu_memory *memory, uint32_t offset,
                         uint32_t value, uint32_t mask) {
    bool is_data = memory == &tile->kind->memories[0];
    uint32_t at = offset - memory->offset;
    uint8_t *bytes = (is_data ? tile->data : tile->program) + at, word[4];
    emu_put32(word, (emu_get32(bytes) & ~mask) | (value & mask));
    if (is_data)
        write_data(tile, at, word, sizeof word);
    else
        tile->cpu->is_code_dirty = true;
    memcpy(bytes, word, sizeof word);
}

static void zero_memory(arr_tile *tile, const ts_npu_register *reg) {
    if (reg->module == TS_NPU_MODULE_CORE) {
        memset(tile->program, 0, tile->program_size);
        tile->cpu->is_code_dirty = true;
        return;
    }
    memset(tile->data, 0, tile->data_size);
    arr_mark_all(tile, 0, tile->data_size);
}

static void write_lock(arr_tile *tile, unsigned lock, uint32_t value) {
    arr_lock_set(tile, lock, (int32_t)(value & 0x3f));
}

static void absent(ts_array *a, const arr_tile *tile, const slot *s, uint32_t word) {
    if (!word) return;
    arr_find(a, TS_FINDING_NOT_MODELED, tile, TS_FINDING_NO_PC, s->reg->offset,
             "%s.%s is set, but what it controls is not modeled",
             ts_npu_module_name(s->reg->module), s->reg->name);
}

/* `word` is what the register has now. */
static void take_effect(ts_array *a, arr_tile *tile, const slot *s, uint32_t word, uint32_t mask) {
    unsigned k = s->argument;
    switch (s->mechanism) {
    case BD: tile->is_bd_decoded[k] = false; break;
    case S2MM_CONTROL: arr_channel_control(a, &tile->channels[0][k], word); break;
    case MM2S_CONTROL: arr_channel_control(a, &tile->channels[1][k], word); break;
    case S2MM_QUEUE: arr_channel_push(a, &tile->channels[0][k], word); break;
    case MM2S_QUEUE: arr_channel_push(a, &tile->channels[1][k], word); break;
    case S2MM_STATUS:
    case MM2S_STATUS:
        if (word & mask & 1 << 18)
            tile->channels[s->mechanism == MM2S_STATUS][k].has_overflow = false;
        break;
    case LOCK: write_lock(tile, k, word); break;
    case LOCK_OVERFLOW: tile->lock_overflow &= ~((uint64_t)(word & mask) << 32 * k); break;
    case LOCK_UNDERFLOW: tile->lock_underflow &= ~((uint64_t)(word & mask) << 32 * k); break;
    case ROUTE: a->are_routes_stale = true; break;
    case CORE_CONTROL: arr_core_control(a, tile, word); break;
    case CORE_PC: ts_core_set_pc(tile->cpu->core, word); break;
    case ACCUMULATOR: tile->cpu->accumulator = word; break;
    case ABSENT: absent(a, tile, s, word); break;
    case TRACE:
        if (s->reg->module == TS_NPU_MODULE_CORE)
            arr_trace_control(a, tile, word);
        else
            absent(a, tile, s, word);
        break;
    case GENERATE: arr_generate_event(a, tile, s->reg, word); break;
    case TIMER_CONTROL:
        if (word >> 31) tile->timer_from = a->now;
        break;
    case PROCESSOR_BUS: tile->cpu->processor_bus = word; break;
    case ZEROES:
        if (word & 1) zero_memory(tile, s->reg);
        break;
    default: break;
    }
}

void arr_write_word(ts_array *a, arr_tile *tile, uint32_t offset, uint32_t value, uint32_t mask) {
    offset &= (UINT32_C(1) << a->device->row_shift) - 4;
    const ts_npu_memory *memory = ts_npu_memory_at(tile->kind, offset);
    if (memory) {
        write_memory(tile, memory, offset, value, mask);
        return;
    }
    unsigned at = is_lock_request(tile, offset) ? 0 : tile->map->by_word[offset / 4];
    if (!at) {
        unknown(a, tile, offset, "a write");
        return;
    }
    const slot *s = &tile->map->slots[at];
    if (s->reg->access == TS_NPU_ACCESS_RO) {
        arr_find(a, TS_FINDING_READ_ONLY, tile, TS_FINDING_NO_PC, offset,
                 "a write to %s.%s, which can only be read", ts_npu_module_name(s->reg->module),
                 s->reg->name);
        return;
    }
    uint32_t *word = &tile->registers[at];
    if (s->reg->access == TS_NPU_ACCESS_WTC)
        *word &= ~(value & mask);
    else
        *word = (*word & ~mask) | (value & mask);
    take_effect(a, tile, s, s->reg->access == TS_NPU_ACCESS_WTC ? value & mask : *word, mask);
    if (s->mechanism == ZEROES) *word = 0;
}

/* Whole memories at once; words of registers one by one. */
void arr_write_words(ts_array *a, arr_tile *tile, uint32_t offset, const uint8_t *words, size_t n) {
    const ts_npu_memory *memory = ts_npu_memory_at(tile->kind, offset & ~UINT32_C(3));
    uint32_t at = memory ? (offset & ~UINT32_C(3)) - memory->offset : 0;
    if (memory && n <= (memory->size - at) / 4) {
        bool is_data = memory == &tile->kind->memories[0];
        if (is_data)
            write_data(tile, at, words, n * 4);
        else
            tile->cpu->is_code_dirty = true;
        memcpy((is_data ? tile->data : tile->program) + at, words, n * 4);
        return;
    }
    for (size_t i = 0; i < n; i++)
        arr_write_word(a, tile, offset + (uint32_t)i * 4, emu_get32(words + i * 4), UINT32_MAX);
}
