/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * One core, tick by tick. A tick issues the bundle at pc: quick ops read their words and keep their
 * results aside, other ops start a flight. Then the actions due in this tick happen, phase by
 * phase, and last the quick results land, so that no op of a bundle sees another and their order is
 * of no consequence.
 */
#include "emulator_int.h"

#include <stdio.h>

static const char *const state_texts[] = {
#define X(name, text) text,
    TS_CORE_STATE_LIST(X)
#undef X
};

const char *ts_core_state_text(ts_core_state state) {
    return (unsigned)state < TS_CORE_N_STATES ? state_texts[state] : "no state";
}

/* ---- life -------------------------------------------------------------------------------------
 */

static void clear_pipeline(ts_core *core) {
    memset(core->ring, 0, sizeof core->ring);
    memset(core->jumps, 0, sizeof core->jumps);
}

void ts_core_code_changed(ts_core *core) {
    memset(core->by_pc, 0, sizeof core->by_pc);
    core->n_ops = core->n_bundles = 0;
    clear_pipeline(core);
}

ts_core *ts_core_new(ts_arena *arena, const uint8_t *program,
                     uint8_t *const windows[TS_CORE_N_WINDOWS], const ts_core_ports *ports) {
    ts_core *core = TS_ARENA_NEW(arena, ts_core);
    if (!core) return NULL;
    core->bundles = TS_ARENA_ARRAY(arena, emu_bundle, EMU_BUNDLES);
    core->ops = TS_ARENA_ARRAY(arena, emu_op, EMU_OPS);
    const emu_semantics **meanings =
        TS_ARENA_ARRAY(arena, const emu_semantics *, ts_aie2_n_instructions);
    if (!core->bundles || !core->ops || !meanings) return NULL;
    for (uint16_t i = 0; i < ts_aie2_n_instructions; i++)
        meanings[i] = emu_meaning_of(i);
    core->meanings = meanings;
    core->program = program;
    memcpy(core->windows, windows, sizeof core->windows);
    if (ports) core->ports = *ports;
    core->break_pc = UINT32_MAX;
    emu_lay_out(&core->layout);
    return core;
}

void ts_core_reset(ts_core *core) {
    for (unsigned unit = 0; unit < ts_aie2_n_units; unit++) {
        unsigned bank = ts_aie2_registers[ts_aie2_unit_registers[unit]].bank;
        if (bank == TS_AIE2_BANK_cr || bank == TS_AIE2_BANK_sr)
            memset(core->file.bytes + core->layout.at[unit], 0, core->layout.size[unit]);
    }
    core->file.words[core->layout.ls] = core->file.words[core->layout.le] = 0;
    core->file.words[core->layout.lc] = 0;
    clear_pipeline(core);
    core->pc = 0;
    core->state = TS_CORE_RUNS;
    core->stop_text[0] = 0;
}

uint32_t ts_core_pc(const ts_core *core) {
    return core->pc;
}
uint64_t ts_core_cycle(const ts_core *core) {
    return core->cycle;
}
uint64_t ts_core_ticks(const ts_core *core) {
    return core->tick;
}
const ts_core_fault *ts_core_faults(const ts_core *core) {
    return &core->fault;
}
uint64_t ts_core_bank_waits(const ts_core *core) {
    return core->bank_waits;
}
uint64_t ts_core_lost_stores(const ts_core *core) {
    return core->lost_stores;
}
const char *ts_core_stop_text(const ts_core *core) {
    return core->stop_text;
}

void ts_core_set_pc(ts_core *core, uint32_t pc) {
    core->pc = pc;
    core->state = TS_CORE_RUNS;
    core->stop_text[0] = 0;
}

void ts_core_count(ts_core *core, uint64_t *counts) {
    core->counts = counts;
}

void ts_core_set_break(ts_core *core, uint32_t pc) {
    core->break_pc = pc;
    core->is_past_break = false;
}

/* A register's bytes, part by part. */
static void move_register(ts_core *core, ts_aie2_register reg, uint8_t *out, const uint8_t *in,
                          size_t size) {
    const ts_aie2_register_info *info = &ts_aie2_registers[reg];
    size_t done = 0;
    for (unsigned i = 0; i < info->n_units && done < size; i++) {
        unsigned at = core->layout.at[info->units[i]], n = core->layout.size[info->units[i]];
        if (n > size - done) n = (unsigned)(size - done);
        if (out) memcpy(out + done, core->file.bytes + at, n);
        if (in) memcpy(core->file.bytes + at, in + done, n);
        if (in && n == 4 && at / 4 < EMU_WORDS)
            core->file.words[at / 4] &= core->layout.mask[at / 4];
        done += n;
    }
}

void ts_core_get(const ts_core *core, ts_aie2_register reg, void *out, size_t size) {
    memset(out, 0, size);
    move_register((ts_core *)core, reg, out, NULL, size);
}

void ts_core_set(ts_core *core, ts_aie2_register reg, const void *data, size_t size) {
    move_register(core, reg, NULL, data, size);
}

/* ---- memory -----------------------------------------------------------------------------------
 */

/* The physical banks of an access that lies in memory: two in each 16 KB of a window, which
 * alternate every 16 bytes, so that 32 bytes take both.
 * src: aie2-facts 50 [documented], 51 [observed: Phoenix] */
static uint32_t banks_of(uint32_t address, unsigned size) {
    unsigned pair = (address >> 14 & 15) * 2;
    return size > 16 ? UINT32_C(3) << pair : UINT32_C(1) << (pair + (address >> 4 & 1));
}

/* Each access goes into the first cycle that has its banks free; behind the first one the whole
 * core stands still. src: aie2-facts 51: a lost bank costs one cycle and is tried again
 * [observed: Phoenix] */
static void take_later(ts_core *core, uint32_t banks) {
    unsigned k = 1;
    while (k <= core->n_waits && core->rounds[k] & banks)
        k++;
    if (k == EMU_ROUNDS) return;
    if (k > core->n_waits) core->rounds[++core->n_waits] = 0;
    core->rounds[k] |= banks;
}

static inline void take_banks(ts_core *core, uint32_t banks) {
    if (core->rounds[0] & banks)
        take_later(core, banks);
    else
        core->rounds[0] |= banks;
}

/* As it was when the access was issued, where that can be told. */
static uint32_t stack_pointer(const ts_core *core, const emu_flight *flight) {
    const emu_op *op = flight->op;
    bool is_relative =
        op->p == core->layout.sp && op->addressing == EMU_INDEXED && !op->has_modifier;
    return is_relative ? flight->address - (uint32_t)op->offset : core->file.words[core->layout.sp];
}

static uint8_t *memory_at(ts_core *core, const emu_flight *flight, uint32_t address, unsigned size,
                          bool is_store) {
    uint32_t window = (address - TS_CORE_DATA_BASE) / TS_CORE_WINDOW_BYTES;
    uint32_t offset = address % TS_CORE_WINDOW_BYTES;
    core->access_pc = flight->pc;
    core->access_sp = stack_pointer(core, flight);
    if (core->ports.watch) core->ports.watch(core->ports.context, address, size, is_store);
    if (address >= TS_CORE_DATA_BASE && window < TS_CORE_N_WINDOWS && core->windows[window] &&
        offset + size <= TS_CORE_WINDOW_BYTES)
        return core->windows[window] + offset;
    if (!core->fault.count++) {
        core->fault.pc = flight->pc;
        core->fault.address = address;
        core->fault.is_store = is_store;
    }
    return NULL;
}

/* The low bits of an address that an access of this size does not use.
 * src: the bank width of 16 bytes and the alignment rule of vector loads [inferred: all compiled
 * code aligns; a kernel with an unaligned pointer on silicon would refute it] */
static uint32_t aligned(uint32_t address, unsigned size) {
    return address & ~(uint32_t)(size - 1);
}

static void load(ts_core *core, emu_flight *flight) {
    const emu_op *op = flight->op;
    uint8_t *to = flight->data + op->memory;
    if (op->flags & EMU_TILE) {
        uint32_t word =
            core->ports.tile_read ? core->ports.tile_read(core->ports.context, flight->address) : 0;
        emu_put32(to, word);
        return;
    }
    uint32_t address = aligned(flight->address, op->n_bytes);
    const uint8_t *from = memory_at(core, flight, address, op->n_bytes, false);
    if (from) take_banks(core, banks_of(address, op->n_bytes));
    if (!from)
        memset(to, 0, op->n_bytes);
    else if (op->n_bytes == 4)
        memcpy(to, from, 4);
    else
        memcpy(to, from, op->n_bytes);
}

/* Four reads of 8 bytes from the addresses in the low or high half of a vector; odd ones go to the
 * other bank. Element size aligns.
 * src: FIM43-Redeye/xdna-emu: src/interpreter/execute/memory/mod.rs, execute_vector_load_4x
 * [observed: Phoenix, 3 of 3 tests there] */
static void load_four(ts_core *core, emu_flight *flight) {
    const emu_op *op = flight->op;
    const uint8_t *addresses = flight->data + op->in[0] + (op->row->variant ? 16 : 0);
    uint32_t drop = op->row->from / 4u - 1, banks = 0;
    for (unsigned i = 0; i < 4; i++) {
        uint32_t address = emu_get32(addresses + (size_t)i * 4) & 0xfffff & ~drop;
        if (i & 1) address |= 16;
        const uint8_t *from = memory_at(core, flight, address, 8, false);
        uint8_t *to = flight->data + op->memory + (size_t)i * 8;
        if (from) banks |= banks_of(address, 8);
        if (from)
            memcpy(to, from, 8);
        else
            memset(to, 0, 8);
    }
    take_banks(core, banks); /* whether its own four get in each other's way is not known */
}

/* A part-word store reads its word first, by the port of loads.
 * src: llvm-aie: AIE2Schedule.td, II_STHB: LOAD_A, memory cycles 5 and 11 [code] */
static void read_before_store(ts_core *core, const emu_flight *flight) {
    uint32_t window = (flight->address - TS_CORE_DATA_BASE) / TS_CORE_WINDOW_BYTES;
    if (window < TS_CORE_N_WINDOWS && core->windows[window])
        take_banks(core, banks_of(flight->address, 1));
}

static void store(ts_core *core, emu_flight *flight) {
    const emu_op *op = flight->op;
    const uint8_t *from = flight->data + (op->row->body ? op->memory : op->in[0]);
    if (flight->is_lost) return;
    if (op->flags & EMU_TILE) {
        if (core->ports.tile_write)
            core->ports.tile_write(core->ports.context, flight->address, emu_get32(from));
        return;
    }
    uint32_t address = aligned(flight->address, op->n_bytes);
    uint8_t *to = memory_at(core, flight, address, op->n_bytes, true);
    if (to) take_banks(core, banks_of(address, op->n_bytes));
    if (to && op->n_bytes == 4)
        memcpy(to, from, 4);
    else if (to)
        memcpy(to, from, op->n_bytes);
}

/* ---- what may wait ----------------------------------------------------------------------------
 */

static ts_core_state lock(ts_core *core, emu_flight *flight, bool is_acquire, bool is_conditional) {
    const emu_op *op = flight->op;
    unsigned k = 0;
    unsigned id = op->has_imm ? (unsigned)op->constants[0] : emu_get32(flight->data + op->in[k++]);
    int32_t value = (int32_t)emu_get32(flight->data + op->in[k++]);
    if (is_conditional && !emu_get32(flight->data + op->in[k])) return TS_CORE_RUNS;
    const ts_core_ports *ports = &core->ports;
    id &= 63;
    if (!is_acquire) {
        if (ports->release) ports->release(ports->context, id, value);
        return TS_CORE_RUNS;
    }
    return !ports->acquire || ports->acquire(ports->context, id, value) ? TS_CORE_RUNS
                                                                        : TS_CORE_WAITS_LOCK;
}

/* srSS0: bit 0 the word was the last of its packet, bit 1 there was one.
 * src: llvm-aie: clang/lib/Headers/aiev2/aiev2_streams.h, GET_SS [code] */
static ts_core_state stream_in(ts_core *core, emu_flight *flight) {
    const emu_op *op = flight->op;
    const ts_core_ports *ports = &core->ports;
    uint32_t word = 0;
    bool is_last = false;
    bool got = ports->stream_read && ports->stream_read(ports->context, &word, &is_last);
    if (!got && !op->row->variant) return TS_CORE_WAITS_STREAM_IN;
    emu_put32(flight->data + op->out[0], word);
    emu_put32(flight->data + op->out[1], (got ? 2u : 0u) | (is_last ? 1u : 0u));
    return TS_CORE_RUNS;
}

/* Bit 31 such that the number of ones is odd.
 * src: aie2-facts 69, 70 [documented] */
static uint32_t with_parity(uint32_t word) {
    return word | (__builtin_popcount(word) % 2 ? 0 : UINT32_C(1) << 31);
}

static uint32_t packet_header(const ts_core *core, const emu_op *op, uint32_t id) {
    uint32_t place = core->file.words[core->layout.core_id];
    return with_parity((id & 31) | (uint32_t)op->constants[0] << 12 | (place & 31) << 16 |
                       (place >> 16 & 0x7f) << 21);
}

static uint32_t control_header(const emu_op *op, uint32_t address, uint32_t id) {
    return with_parity((address & 0xfffff) | (uint32_t)op->constants[0] << 20 |
                       (uint32_t)op->constants[1] << 22 | (id & 127) << 24);
}

/* TLAST: never, always, or bit 0 of r28, by row. srMS0: bit 0 tells that the word went out. */
static ts_core_state stream_out(ts_core *core, emu_flight *flight) {
    const emu_op *op = flight->op;
    const ts_core_ports *ports = &core->ports;
    unsigned k = 0;
    uint32_t word = emu_get32(flight->data + op->in[k++]);
    if (op->wait == EMU_WAIT_HEADER) word = packet_header(core, op, word);
    if (op->wait == EMU_WAIT_CONTROL)
        word = control_header(op, word, emu_get32(flight->data + op->in[k++]));
    bool is_last = op->row->variant & 1;
    if (op->in_size[k]) is_last = emu_get32(flight->data + op->in[k]) & 1;
    bool went = ports->stream_write && ports->stream_write(ports->context, word, is_last);
    if (!went && !(op->row->variant & 2)) return TS_CORE_WAITS_STREAM_OUT;
    if (op->out_size[0]) emu_put32(flight->data + op->out[0], went);
    return TS_CORE_RUNS;
}

/* crSCDEn and crMCDEn say whether there is an access at all.
 * src: llvm-aie: clang/lib/Headers/aiev2/aiev2_streams.h, get_scd and put_mcd with `en` [code] */
static ts_core_state cascade(ts_core *core, emu_flight *flight, bool is_read) {
    const emu_op *op = flight->op;
    const ts_core_ports *ports = &core->ports;
    uint8_t *memory = flight->data + op->memory;
    if (is_read) {
        memset(flight->data + op->out[0], 0, op->out_size[0]);
        if (!emu_get32(flight->data + op->in[0])) return TS_CORE_RUNS;
        if (!ports->cascade_read || !ports->cascade_read(ports->context, memory))
            return TS_CORE_WAITS_CASCADE_IN;
        uint8_t *out = flight->data + op->out[0];
        memcpy(out + (op->row->variant == 2 ? TS_CORE_CASCADE_BYTES : 0), memory,
               TS_CORE_CASCADE_BYTES);
        return TS_CORE_RUNS;
    }
    if (!emu_get32(flight->data + op->in[1])) return TS_CORE_RUNS;
    return ports->cascade_write && ports->cascade_write(ports->context, flight->data + op->in[0])
               ? TS_CORE_RUNS
               : TS_CORE_WAITS_CASCADE_OUT;
}

static ts_core_state try_wait(ts_core *core, emu_flight *flight) {
    switch (flight->op->wait) {
    case EMU_WAIT_ACQUIRE: return lock(core, flight, true, false);
    case EMU_WAIT_RELEASE: return lock(core, flight, false, false);
    case EMU_WAIT_ACQUIRE_IF: return lock(core, flight, true, true);
    case EMU_WAIT_RELEASE_IF: return lock(core, flight, false, true);
    case EMU_WAIT_STREAM_IN: return stream_in(core, flight);
    case EMU_WAIT_STREAM_OUT:
    case EMU_WAIT_HEADER:
    case EMU_WAIT_CONTROL: return stream_out(core, flight);
    case EMU_WAIT_CASCADE_IN: return cascade(core, flight, true);
    case EMU_WAIT_CASCADE_OUT: return cascade(core, flight, false);
    default: return TS_CORE_RUNS;
    }
}

/* ---- the ring ---------------------------------------------------------------------------------
 */

/* Sizes that registers have, each as a copy of constant length. */
static inline void copy_bytes(uint8_t *to, const uint8_t *from, unsigned size) {
    switch (size) {
    case 4: memcpy(to, from, 4); break;
    case 16: memcpy(to, from, 16); break;
    case 32: memcpy(to, from, 32); break;
    case 64: memcpy(to, from, 64); break;
    default: memcpy(to, from, size);
    }
}

static void copy_spans(ts_core *core, emu_flight *flight, unsigned first, unsigned n) {
    for (const emu_span *s = flight->op->spans + first, *end = s + n; s < end; s++) {
        uint8_t *in_file = core->file.bytes + s->at, *in_data = flight->data + s->data;
        if (!s->is_write)
            copy_bytes(in_data, in_file, s->size);
        else if (s->is_narrow)
            core->file.words[s->at / 4] = emu_get32(in_data) & core->layout.mask[s->at / 4];
        else
            copy_bytes(in_file, in_data, s->size);
    }
}

static void not_modeled(ts_core *core, const emu_flight *flight, const char *what) {
    core->state = TS_CORE_NOT_MODELED;
    snprintf(core->stop_text, sizeof core->stop_text, "0x%05x: %s: %s", (unsigned)flight->pc,
             ts_aie2_instructions[flight->op->instruction].name, what);
}

static void act(ts_core *core, unsigned phase, emu_flight *flight, const emu_action *action) {
    const emu_op *op = flight->op;
    switch (phase) {
    case EMU_LOAD:
        if (op->flags & EMU_LOADS_FOUR)
            load_four(core, flight);
        else if (op->flags & EMU_LOADS)
            load(core, flight);
        else
            read_before_store(core, flight);
        break;
    case EMU_EXECUTE:
        if (!op->row->body(op, flight)) not_modeled(core, flight, "no known meaning in this mode");
        break;
    case EMU_STORE: store(core, flight); break;
    case EMU_END: core->state = TS_CORE_DONE; break;
    default: copy_spans(core, flight, action->first, action->n);
    }
}

static void run_phases(ts_core *core, emu_slot *slot, unsigned from, unsigned to) {
    uint32_t phases = slot->phases & ((UINT32_C(1) << to) - 1) & ~((UINT32_C(1) << from) - 1);
    for (; phases; phases &= phases - 1) {
        unsigned phase = (unsigned)__builtin_ctz(phases);
        for (unsigned i = 0; i < slot->count[phase]; i++) {
            emu_flight *flight = &core->flights[slot->entries[phase][i].flight];
            act(core, phase, flight, &flight->op->actions[slot->entries[phase][i].action]);
        }
        slot->count[phase] = 0;
    }
}

/* Asks what may wait, in order; what was granted is not asked again. */
static ts_core_state run_waits(ts_core *core, emu_slot *slot) {
    for (; slot->n_waited < slot->count[EMU_WAIT]; slot->n_waited++) {
        emu_flight *flight = &core->flights[slot->entries[EMU_WAIT][slot->n_waited].flight];
        ts_core_state state = try_wait(core, flight);
        if (state != TS_CORE_RUNS) return state;
        /* src: aie2-facts 56: a lock operation costs a cycle even when free [observed: Phoenix] */
        if (flight->op->wait <= EMU_WAIT_RELEASE_IF) core->cycle++;
    }
    slot->n_waited = slot->count[EMU_WAIT] = 0;
    return TS_CORE_RUNS;
}

static bool schedule(ts_core *core, const emu_op *op, unsigned flight) {
    for (unsigned i = 0; i < op->n_actions; i++) {
        const emu_action *a = &op->actions[i];
        emu_slot *slot = &core->ring[(core->tick + a->stage - 1) % EMU_RING];
        unsigned n = slot->count[a->phase];
        if (n == EMU_SLOT) return false;
        slot->entries[a->phase][n].flight = (uint8_t)flight;
        slot->entries[a->phase][n].action = (uint8_t)i;
        slot->count[a->phase] = (uint8_t)(n + 1);
        slot->phases |= 1u << a->phase;
    }
    return true;
}

/* ---- issue ------------------------------------------------------------------------------------
 */

enum {
    MAX_RESULTS = 32 /* words that the ops of a bundle write in their first cycle */
};

typedef struct results {
    unsigned n;
    struct {
        uint16_t word;
        uint32_t value;
    } list[MAX_RESULTS];
} results;

static inline void put(results *r, uint16_t word, uint32_t value) {
    r->list[r->n].word = word;
    r->list[r->n++].value = value;
}

static int32_t sign20(uint32_t value) {
    return (int32_t)(value << 12) >> 12;
}

/* The address of an access, and what its pointer and counters become. A counter that has reached
 * its number goes back to 0 and the next dimension's step is taken, last the modifier itself. src:
 * llvm-aie: clang/lib/Headers/aiev2/aiev2_addr.h, dims_2d_from_steps, dims_3d_from_steps [code] */
static uint32_t address_of(const ts_core *core, const emu_op *op, results *out) {
    const uint32_t *w = core->file.words;
    uint32_t base = w[op->p];
    uint32_t step = op->has_modifier ? (uint32_t)sign20(w[op->m]) : (uint32_t)op->offset;
    if (op->addressing == EMU_INDEXED) return (base + step) & 0xfffff;
    if (op->flags & EMU_FILLS) {
        put(out, op->p, (base & ~UINT32_C(31)) + 32);
        return base;
    }
    if (op->addressing == EMU_POST_2D || op->addressing == EMU_POST_3D) {
        if (w[op->dc] != w[op->dn]) {
            step = w[op->dj];
            put(out, op->dc, w[op->dc] + 1);
        } else {
            put(out, op->dc, 0);
            if (op->addressing == EMU_POST_3D) {
                bool more = w[op->dc2] != w[op->dn2];
                if (more) step = w[op->dj2];
                put(out, op->dc2, more ? w[op->dc2] + 1 : 0);
            }
        }
    }
    put(out, op->p, base + step);
    return base;
}

static void jump(ts_core *core, uint32_t target) {
    core->jumps[(core->tick + TS_AIE2_DELAY_SLOTS + 1) % 8] = (target & 0xfffff) + 1;
}

/* Where a call comes back to: behind its delay slots. */
static uint32_t return_address(const ts_core *core, uint32_t next) {
    for (unsigned i = 0; i < TS_AIE2_DELAY_SLOTS && next < TS_AIE2_PROGRAM_BYTES; i++)
        next += ts_aie2_bundle_size(core->program + next, TS_AIE2_PROGRAM_BYTES - next);
    return next;
}

static uint32_t shift(uint32_t value, uint32_t amount, bool is_arithmetic) {
    uint32_t distance = (amount >> 31 ? 0 - amount : amount) % 32;
    if (!(amount >> 31)) return value << distance;
    return is_arithmetic ? (uint32_t)((int32_t)value >> distance) : value >> distance;
}

static void divide_step(const ts_core *core, const emu_op *op, results *out) {
    const uint32_t *w = core->file.words;
    uint32_t quotient = w[core->layout.r31];
    uint32_t rest = w[op->a] << 1 | quotient >> 31;
    bool fits = rest >= w[op->b];
    put(out, op->d, fits ? rest - w[op->b] : rest);
    put(out, core->layout.r31, quotient << 1 | fits);
}

/* Facts of the scalar unit: aie2-facts 19 to 24 [observed: Phoenix, 2026-03]. */
static void quick(ts_core *core, const emu_op *op, results *out) {
    const uint32_t *w = core->file.words;
    uint32_t a = w[op->a], b = op->has_imm ? op->imm : w[op->b], value = 0;
    uint32_t carry = w[core->layout.carry] & 1;
    switch (op->quick) {
    case EMU_Q_NOP: return;
    case EMU_Q_ADD:
        value = a + b;
        put(out, core->layout.carry, value < a);
        break;
    case EMU_Q_SUB:
        value = a - b;
        put(out, core->layout.carry, a < b);
        break;
    case EMU_Q_ADC:
        value = a + b + carry;
        put(out, core->layout.carry, (uint32_t)(((uint64_t)a + b + carry) >> 32));
        break;
    case EMU_Q_SBC:
        value = a - b - carry;
        put(out, core->layout.carry, a < (uint64_t)b + carry);
        break;
    case EMU_Q_AND: value = a & b; break;
    case EMU_Q_OR: value = a | b; break;
    case EMU_Q_XOR: value = a ^ b; break;
    case EMU_Q_LSHL: value = shift(a, b, false); break;
    case EMU_Q_ASHL: value = shift(a, b, true); break;
    case EMU_Q_ABS:
        value = a >> 31 ? 0 - a : a;
        /* src: llvm-aie: AIE2Schedule.td, II_ABS writes srCarry [code]; as 0 - a would [inferred]
         */
        put(out, core->layout.carry, a >> 31);
        break;
    case EMU_Q_CLB:
        value = a >> 31 ? ~a : a;
        value = value ? (uint32_t)__builtin_clz(value) : 32;
        break;
    case EMU_Q_CLZ: value = a ? (uint32_t)__builtin_clz(a) : 32; break;
    case EMU_Q_EQ: value = a == b; break;
    case EMU_Q_NE: value = a != b; break;
    case EMU_Q_LT: value = (int32_t)a < (int32_t)b; break;
    case EMU_Q_LTU: value = a < b; break;
    case EMU_Q_GE: value = (int32_t)a >= (int32_t)b; break;
    case EMU_Q_GEU: value = a >= b; break;
    case EMU_Q_EQZ: value = a == 0; break;
    case EMU_Q_NEZ: value = a != 0; break;
    case EMU_Q_EXTEND_S8: value = (uint32_t)(int8_t)a; break;
    case EMU_Q_EXTEND_S16: value = (uint32_t)(int16_t)a; break;
    case EMU_Q_EXTEND_U8: value = a & 0xff; break;
    case EMU_Q_EXTEND_U16: value = a & 0xffff; break;
    case EMU_Q_SELEQZ: value = w[core->layout.r27] == 0 ? a : b; break;
    case EMU_Q_SELNEZ: value = w[core->layout.r27] != 0 ? a : b; break;
    case EMU_Q_DIVS: divide_step(core, op, out); return;
    case EMU_Q_MOVE: value = op->has_imm ? op->imm : a; break;
    case EMU_Q_ADD_NC: value = a + op->imm; break;
    case EMU_Q_POINTER: (void)address_of(core, op, out); return;
    case EMU_Q_JUMP: jump(core, op->has_imm ? op->imm : a); return;
    case EMU_Q_JUMP_ZERO:
        if (!a) jump(core, op->imm);
        return;
    case EMU_Q_JUMP_NOT_ZERO:
        if (a) jump(core, op->imm);
        return;
    case EMU_Q_JUMP_DECREMENT:
        if (a) jump(core, b);
        value = a - 1;
        put(out, core->layout.carry, !a);
        break;
    case EMU_Q_EVENT:
        if (core->ports.event) core->ports.event(core->ports.context, op->imm);
        return;
    default: return;
    }
    put(out, op->d, value);
}

static void start_flight(ts_core *core, const emu_op *op, results *out, bool is_lost) {
    unsigned index = core->next_flight++ % EMU_FLIGHTS;
    emu_flight *flight = &core->flights[index];
    flight->op = op;
    flight->pc = core->issue_pc;
    flight->is_lost = is_lost && op->store_stage == 11;
    memset(flight->data, 0, 16);
    if (op->addressing) flight->address = address_of(core, op, out);
    if (op->flags & EMU_LINKS) emu_put32(flight->data + op->out[0], return_address(core, core->pc));
    if (op->flags & EMU_COUNTER) emu_put64(flight->data + op->memory, core->cycle);
    copy_spans(core, flight, 0, op->n_reads_now);
    if (op->flags & EMU_UNKNOWN &&
        !(core->ports.accept && core->ports.accept(core->ports.context, op->instruction)))
        not_modeled(core, flight, "what it loads is not known");
    if (op->runs_now && op->row->body && !op->row->body(op, flight))
        not_modeled(core, flight, "no known meaning in this mode");
    if (!schedule(core, op, index)) not_modeled(core, flight, "too much lands in one cycle");
}

static void land(ts_core *core, const results *r) {
    for (unsigned i = 0; i < r->n; i++)
        core->file.words[r->list[i].word] = r->list[i].value & core->layout.mask[r->list[i].word];
}

/* ---- ticks ------------------------------------------------------------------------------------
 */

/* src: aie2-facts 12: behind the bundle at le, lc counts down and above 0 the loop goes on; a jump
 * that takes effect there wins [observed: Phoenix] */
static bool loops_back(ts_core *core) {
    uint32_t *w = core->file.words;
    if (core->issue_pc != w[core->layout.le] || !w[core->layout.lc]) return false;
    if (--w[core->layout.lc] == 0) return false;
    core->pc = w[core->layout.ls];
    return true;
}

enum {
    LOST_STORE_BODY = 96 /* bytes from ls to le: aie2-facts 13 [observed: Phoenix, approximate] */
};

static bool loses_store(const ts_core *core, const emu_bundle *bundle) {
    const uint32_t *w = core->file.words;
    return bundle->has_part_word_store && core->pc == w[core->layout.le] &&
           w[core->layout.lc] > 1 && w[core->layout.le] - w[core->layout.ls] <= LOST_STORE_BODY;
}

/* False: nothing was issued. */
static bool issue(ts_core *core, results *out) {
    uint32_t *target = &core->jumps[core->tick % 8];
    if (*target) {
        core->pc = *target - 1;
        *target = 0;
        if (core->ports.jumped) core->ports.jumped(core->ports.context, core->pc);
    }
    if (core->pc == core->break_pc && !core->is_past_break) {
        core->is_past_break = true;
        core->state = TS_CORE_AT_BREAK;
        return false;
    }
    core->is_past_break = false;
    const emu_bundle *bundle = emu_fetch(core, core->pc);
    if (!bundle) return false;
    bool is_lost = loses_store(core, bundle);
    core->lost_stores += is_lost;
    if (is_lost) core->lost_pc = core->pc;
    core->issue_pc = core->pc;
    if (core->counts) core->counts[core->pc / 2]++;
    core->pc += bundle->size;
    for (const emu_op *op = core->ops + bundle->first_op, *end = op + bundle->n_ops; op < end;
         op++) {
        if (op->quick) quick(core, op, out);
        if (!op->quick || op->flags & EMU_LINKS) start_flight(core, op, out, is_lost);
    }
    return true;
}

static void wait_for_banks(ts_core *core) {
    core->cycle += core->n_waits;
    core->bank_waits += core->n_waits;
    core->n_waits = 0;
}

/* One tick; false when it ended in a wait or a stop before anything happened. */
static bool tick(ts_core *core, bool issues) {
    emu_slot *slot = &core->ring[core->tick % EMU_RING];
    core->state = TS_CORE_RUNS;
    if (slot->count[EMU_WAIT]) core->state = run_waits(core, slot);
    if (core->state != TS_CORE_RUNS) {
        core->cycle++;
        return false;
    }
    results out;
    out.n = 0;
    if (issues && !issue(core, &out)) return false;
    if (slot->phases) {
        run_phases(core, slot, EMU_READ, EMU_COMMIT);
        run_phases(core, slot, EMU_COMMIT, EMU_STORE);
        land(core, &out);
        run_phases(core, slot, EMU_STORE, EMU_N_PHASES);
        slot->phases = 0;
        core->rounds[0] = 0;
        if (core->n_waits) wait_for_banks(core);
    } else {
        land(core, &out);
    }
    if (issues) (void)loops_back(core);
    core->tick++;
    core->cycle++;
    return true;
}

void ts_core_drain(ts_core *core) {
    ts_core_state state = core->state;
    for (unsigned i = 0; i < EMU_RING; i++)
        if (!tick(core, false)) return;
    core->state = state;
}

ts_core_state ts_core_run(ts_core *core, uint64_t n_cycles) {
    core->end = n_cycles > UINT64_MAX - core->cycle ? UINT64_MAX : core->cycle + n_cycles;
    if (core->state == TS_CORE_DONE || core->state == TS_CORE_NO_CODE ||
        core->state == TS_CORE_NOT_MODELED)
        return core->state;
    core->state = TS_CORE_RUNS;
    while (core->cycle < core->end && tick(core, true) && core->state == TS_CORE_RUNS) {
    }
    if (core->state == TS_CORE_DONE) ts_core_drain(core);
    return core->state;
}
