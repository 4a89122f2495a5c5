/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Events that reach beyond their tile, timers that they reset, and the trace unit of a core: frames
 * of what happened when, sent as packets from the tile's trace port.
 *
 * src: AM025: Trace_Control0, Trace_Control1, Trace_Event0, Timer_Control, Event_Generate,
 * Event_Broadcast0 [documented]. Frames and packets: Xilinx/mlir-aie: python/utils/trace/utils.py,
 * convert_to_commands, trace_pkts_de_interleave [code]. Numbers of events: Xilinx/aie-rt:
 * driver/src/events/xaie_events_aieml.h [code].
 */
#include "array_int.h"

#include <stdlib.h>

enum {
    EVENT_TRUE = 1,
    EVENT_STREAM_STALL = 24,
    EVENT_CASCADE_STALL = 25,
    EVENT_LOCK_STALL = 26,
    EVENT_INSTR_0 = 33,
    EVENT_ACQUIRE = 44,
    EVENT_RELEASE = 45,
    EVENT_MASK = 0x7f,
    TIMER_EVENT_MASK = 0xff, /* a memory tile has events beyond 127 */
    N_BROADCASTS = 16,
    PACKET_BYTES = 28, /* behind the header: seven words, their high byte first */
    PACKET_WORDS = PACKET_BYTES / 4 + 1,
    /* src: aie2-facts 73 [observed: Phoenix] */
    SIDEWAYS_CYCLES = 4,
    UPRIGHT_CYCLES = 2,
};

/* What a byte or the first byte of a frame begins with. */
enum {
    FRAME_SINGLE1 = 0x80,
    FRAME_SINGLE2 = 0xa0,
    FRAME_MULTIPLE0 = 0xc0,
    FRAME_MULTIPLE1 = 0xd0,
    FRAME_MULTIPLE2 = 0xd4,
    FRAME_REPEAT1 = 0xd8,
    FRAME_REPEAT0 = 0xe0,
    FRAME_START = 0xf0,
    FRAME_FILL = 0xfe,
    FRAME_SYNC = 0xff,
    SYNC_CYCLES = 0x3ffff,
    MOST_REPEATS = 0x3ff,
};

/* Registers, by their offset: a compute tile has those of its core and of its memory, of one name.
 * src: AM025 [documented] */
enum {
    TRACE_CONTROL1 = 0x340d4,
    TRACE_EVENT0 = 0x340e0,
};
static const uint32_t timer_control[TS_NPU_N_KINDS] = {
    [TS_NPU_SHIM] = 0x34000, [TS_NPU_MEMORY] = 0x94000, [TS_NPU_COMPUTE] = 0x34000};

/* ---- frames -----------------------------------------------------------------------------------
 */

static void put(ts_array *a, arr_tile *tile, unsigned byte) {
    arr_trace *t = &tile->cpu->trace;
    if (t->n_bytes == ARR_TRACE_BYTES) {
        arr_find(a, TS_FINDING_LOST_WORDS, tile, TS_FINDING_NO_PC, 1,
                 "the trace of the core is lost: nobody takes what is there already");
        return;
    }
    t->bytes[(t->first_byte + t->n_bytes++) % ARR_TRACE_BYTES] = (uint8_t)byte;
    if (t->n_bytes == PACKET_BYTES) arr_wake(a, t->actor);
}

static void put_number(ts_array *a, arr_tile *tile, uint32_t value, unsigned n_bytes) {
    while (n_bytes-- > 0)
        put(a, tile, value >> 8 * n_bytes & 0xff);
}

/* Slots of `mask` happen `cycles` behind the cycle that follows the last frame. */
static void put_frame(ts_array *a, arr_tile *tile, uint32_t mask, uint64_t cycles) {
    bool is_single = !(mask & (mask - 1));
    uint32_t slot = (uint32_t)__builtin_ctz(mask);
    uint64_t most = (uint64_t)SYNC_CYCLES * ARR_TRACE_BYTES; /* more cannot wait anyway */
    for (cycles = cycles < most ? cycles : most; cycles > SYNC_CYCLES; cycles -= SYNC_CYCLES)
        put(a, tile, FRAME_SYNC);
    uint32_t n = (uint32_t)cycles;
    if (is_single && n < 16)
        put(a, tile, slot << 4 | n);
    else if (is_single && n < 1024)
        put_number(a, tile, FRAME_SINGLE1 << 8 | slot << 10 | n, 2);
    else if (is_single)
        put_number(a, tile, FRAME_SINGLE2 << 16 | slot << 18 | n, 3);
    else if (n < 16)
        put_number(a, tile, FRAME_MULTIPLE0 << 8 | mask << 4 | n, 2);
    else if (n < 1024)
        put_number(a, tile, FRAME_MULTIPLE1 << 16 | mask << 10 | n, 3);
    else
        put_number(a, tile, (uint32_t)FRAME_MULTIPLE2 << 24 | mask << 18 | n, 4);
}

static void put_repeats(ts_array *a, arr_tile *tile, uint64_t n) {
    uint64_t most = (uint64_t)MOST_REPEATS * ARR_TRACE_BYTES;
    for (n = n < most ? n : most; n > MOST_REPEATS; n -= MOST_REPEATS)
        put_number(a, tile, FRAME_REPEAT1 << 8 | MOST_REPEATS, 2);
    if (n >= 16)
        put_number(a, tile, FRAME_REPEAT1 << 8 | (uint32_t)n, 2);
    else if (n)
        put(a, tile, FRAME_REPEAT0 | (unsigned)n);
}

/* The same slots in each of the `n` cycles from `cycle` on. */
static void frames(ts_array *a, arr_tile *tile, uint32_t mask, uint64_t cycle, uint64_t n) {
    arr_trace *t = &tile->cpu->trace;
    if (!mask || !n) return;
    uint64_t cycles = cycle - t->last - 1;
    t->last = cycle + n - 1;
    if (cycles || mask != t->last_mask || !t->is_dense) {
        put_frame(a, tile, mask, cycles);
        n--;
        /* Only a frame without a gap before it can be repeated. */
        if (cycles && n) {
            put_frame(a, tile, mask, 0);
            n--;
            cycles = 0;
        }
        t->is_dense = !cycles;
        t->last_mask = mask;
    }
    put_repeats(a, tile, n);
}

/* Everything before `cycle` is written down. */
static void advance(ts_array *a, arr_tile *tile, uint64_t cycle) {
    arr_trace *t = &tile->cpu->trace;
    if (cycle <= t->at) return;
    frames(a, tile, t->mask, t->at, 1);
    frames(a, tile, t->held, t->at + 1, cycle - t->at - 1);
    t->at = cycle;
    t->mask = t->held;
}

/* ---- start and stop ---------------------------------------------------------------------------
 */

static uint32_t slots_of(const arr_trace *t, unsigned event) {
    uint32_t mask = 0;
    for (unsigned i = 0; i < ARR_TRACE_SLOTS; i++)
        if (event && t->slots[i] == event) mask |= UINT32_C(1) << i;
    return mask;
}

static unsigned stall_event(ts_core_state state) {
    static const uint8_t events[TS_CORE_N_STATES] = {
        [TS_CORE_WAITS_LOCK] = EVENT_LOCK_STALL,
        [TS_CORE_WAITS_STREAM_IN] = EVENT_STREAM_STALL,
        [TS_CORE_WAITS_STREAM_OUT] = EVENT_STREAM_STALL,
        [TS_CORE_WAITS_CASCADE_IN] = EVENT_CASCADE_STALL,
        [TS_CORE_WAITS_CASCADE_OUT] = EVENT_CASCADE_STALL,
    };
    return events[state];
}

static bool is_traced(unsigned event) {
    return event <= EVENT_TRUE || event == EVENT_INSTR_0 || event == EVENT_INSTR_0 + 1 ||
           event == EVENT_ACQUIRE || event == EVENT_RELEASE ||
           (event >= EVENT_STREAM_STALL && event <= EVENT_LOCK_STALL);
}

static void read_slots(ts_array *a, arr_tile *tile) {
    arr_trace *t = &tile->cpu->trace;
    for (unsigned i = 0; i < ARR_TRACE_SLOTS; i++) {
        uint32_t word = *arr_register(tile, TRACE_EVENT0 + i / 4 * 4);
        t->slots[i] = word >> i % 4 * 8 & EVENT_MASK;
        if (is_traced(t->slots[i])) continue;
        arr_find(a, TS_FINDING_NOT_MODELED, tile, TS_FINDING_NO_PC, t->slots[i],
                 "slot %u of the core's trace asks for event %u, which is not modeled", i,
                 t->slots[i]);
    }
}

/* Events of the cycle of the start are not seen, nor those of the cycle of the stop.
 * src: FIM43-Redeye/xdna-emu: docs/coverage/trace-start-stop-latency-gap.md [observed: Phoenix] */
static void start(ts_array *a, arr_tile *tile, uint64_t cycle) {
    arr_trace *t = &tile->cpu->trace;
    uint64_t timer = cycle > tile->timer_from ? cycle - tile->timer_from : 0;
    if (t->is_running || t->mode) return;
    t->is_running = true;
    read_slots(a, tile);
    put(a, tile, FRAME_START);
    put_number(a, tile, (uint32_t)(timer >> 32) & 0xffffff, 3);
    put_number(a, tile, (uint32_t)timer, 4);
    t->last = cycle;
    t->is_dense = false;
    t->at = cycle + 1;
    t->held = slots_of(t, EVENT_TRUE) | slots_of(t, stall_event(tile->cpu->state));
    t->mask = t->held;
}

static void stop(ts_array *a, arr_tile *tile, uint64_t cycle) {
    arr_trace *t = &tile->cpu->trace;
    if (!t->is_running) return;
    advance(a, tile, cycle);
    t->is_running = false;
    unsigned n_gone = t->n_sent ? (t->n_sent - 1u) * 4 : 0; /* of the packet on its way */
    while ((t->n_bytes + n_gone) % PACKET_BYTES && t->n_bytes < ARR_TRACE_BYTES)
        put(a, tile, FRAME_FILL);
    arr_wake(a, t->actor);
}

void arr_trace_control(ts_array *a, arr_tile *tile, uint32_t control) {
    arr_trace *t = &tile->cpu->trace;
    t->mode = control & 3;
    t->start_event = control >> 16 & EVENT_MASK;
    t->stop_event = control >> 24 & EVENT_MASK;
    if (t->mode)
        arr_find(a, TS_FINDING_NOT_MODELED, tile, TS_FINDING_NO_PC, t->mode,
                 "the core's trace has mode %u; only 0, events and time, is modeled", t->mode);
    if (t->start_event == EVENT_TRUE) start(a, tile, a->now);
}

/* ---- events -----------------------------------------------------------------------------------
 */

void arr_trace_event(ts_array *a, arr_tile *tile, unsigned event) {
    arr_trace *t = &tile->cpu->trace;
    uint64_t now = arr_now(a);
    if (t->is_running && now >= t->at && slots_of(t, event)) {
        advance(a, tile, now);
        t->mask |= slots_of(t, event);
    }
    if (event == t->stop_event)
        stop(a, tile, now);
    else if (event == t->start_event)
        start(a, tile, now);
}

void arr_trace_instruction(ts_array *a, arr_tile *tile, unsigned number) {
    arr_trace_event(a, tile, EVENT_INSTR_0 + number % 2);
}

void arr_trace_lock(ts_array *a, arr_tile *tile, bool is_acquire) {
    arr_trace_event(a, tile, is_acquire ? EVENT_ACQUIRE : EVENT_RELEASE);
}

void arr_trace_state(ts_array *a, arr_tile *tile, ts_core_state before, ts_core_state now) {
    arr_trace *t = &tile->cpu->trace;
    uint32_t off = slots_of(t, stall_event(before)), on = slots_of(t, stall_event(now));
    uint64_t cycle = arr_now(a) - (a->alone != NULL); /* told behind the cycle that it is about */
    if (!t->is_running || off == on || cycle < t->at) return;
    advance(a, tile, cycle);
    t->held = (t->held & ~off) | on;
    t->mask = (t->mask & ~off) | on;
}

/* An event in the timers and cores' traces of a tile, in a cycle to come. */
static void deliver(ts_array *a, arr_tile *tile, unsigned event, uint64_t cycle) {
    if ((*arr_register(tile, timer_control[tile->kind->kind]) >> 8 & TIMER_EVENT_MASK) == event)
        tile->timer_from = cycle;
    if (!tile->cpu) return;
    arr_trace *t = &tile->cpu->trace;
    if (event == t->start_event) t->start_at = cycle;
    if (event == t->stop_event) t->stop_at = cycle;
    if (event == t->start_event || event == t->stop_event) arr_wake_at(a, t->actor, cycle);
}

/* To all tiles, as far as it goes in each direction: blocks are not looked at.
 * Numbers by kind of tile: CORE_BROADCAST_0, MEM_TILE_BROADCAST_0, PL_BROADCAST_A_0. */
static void broadcast(ts_array *a, const arr_tile *from, unsigned number) {
    static const uint8_t first[TS_NPU_N_KINDS] = {
        [TS_NPU_SHIM] = 110, [TS_NPU_MEMORY] = 142, [TS_NPU_COMPUTE] = 107};
    for (unsigned i = 0; i < a->n_tiles; i++) {
        arr_tile *tile = &a->tiles[i];
        uint64_t columns = (uint64_t)abs((int)tile->column - (int)from->column);
        uint64_t rows = (uint64_t)abs((int)tile->row - (int)from->row);
        uint64_t cycle = a->now + columns * SIDEWAYS_CYCLES + rows * UPRIGHT_CYCLES;
        deliver(a, tile, first[tile->kind->kind] + number, cycle);
    }
}

void arr_generate_event(ts_array *a, arr_tile *tile, const ts_npu_register *reg, uint32_t event) {
    bool is_memory = reg->module == TS_NPU_MODULE_MEMORY && tile->cpu;
    event &= 0xff;
    if (!event) return;
    if (!is_memory) deliver(a, tile, event, a->now);
    /* src: AM025: Event_Broadcast0 stands 8 bytes behind Event_Generate [documented] */
    for (unsigned i = 0; i < N_BROADCASTS; i++)
        if (*arr_register(tile, reg->offset + 8 + 4 * i) == event) broadcast(a, tile, i);
}

/* ---- packets ----------------------------------------------------------------------------------
 */

static uint32_t next_word(arr_tile *tile) {
    arr_trace *t = &tile->cpu->trace;
    uint32_t word = 0;
    if (t->n_sent == 0) {
        uint32_t control = *arr_register(tile, TRACE_CONTROL1);
        return arr_odd_parity((control & 0x1f) | (control >> 12 & 7) << 12 |
                              (uint32_t)tile->row << 16 | (uint32_t)tile->column << 21);
    }
    for (unsigned i = 0; i < 4; i++)
        word = word << 8 | t->bytes[(t->first_byte + i) % ARR_TRACE_BYTES];
    return word;
}

static bool send(ts_array *a, arr_tile *tile) {
    arr_trace *t = &tile->cpu->trace;
    bool has_packet = t->n_sent || t->n_bytes >= PACKET_BYTES;
    if (!has_packet || !t->out ||
        !arr_send(a, t->out, next_word(tile), t->n_sent == PACKET_WORDS - 1))
        return false;
    if (t->n_sent) {
        t->first_byte = (uint16_t)((t->first_byte + 4) % ARR_TRACE_BYTES);
        t->n_bytes = (uint16_t)(t->n_bytes - 4);
    }
    t->n_sent = (uint8_t)((t->n_sent + 1) % PACKET_WORDS);
    return true;
}

bool arr_trace_step(ts_array *a, void *self) {
    arr_tile *tile = self;
    arr_trace *t = &tile->cpu->trace;
    if (t->start_at <= a->now) {
        start(a, tile, t->start_at);
        t->start_at = UINT64_MAX;
    }
    if (t->stop_at <= a->now) {
        stop(a, tile, t->stop_at);
        t->stop_at = UINT64_MAX;
    }
    /* There is one alarm for both. */
    uint64_t next = t->start_at < t->stop_at ? t->start_at : t->stop_at;
    if (next != UINT64_MAX) arr_wake_at(a, t->actor, next);
    return send(a, tile);
}
