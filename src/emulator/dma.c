/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * DMA channels: tasks from a queue, each a chain of buffer descriptors, each moving words between
 * memory and a stream, one a cycle, between taking one lock and giving another.
 *
 * src: aie2-facts 58 to 67; Xilinx/aie-rt: driver/src/dma/xaie_dma_aieml.c [code]
 */
#include "array_int.h"

#include <inttypes.h>

enum {
    /* Delays around a task of a shim, so that one of N words takes 747 + 1.05 N cycles into the
     * array and 171 + N out of it.
     * src: aie2-facts 61 [observed: Phoenix, 2026-05, N >= 1024] */
    SHIM_MM2S_DELAY = 744,
    SHIM_S2MM_DELAY = 169,
    SHIM_BUBBLE = 20, /* words between two idle cycles of a shim's MM2S */
    BAD_ADDRESS_VALUE = 0,
};

/* Ctrl: src: AM025: DMA_S2MM_0_Ctrl, DMA_MM2S_0_Ctrl of each kind of tile [documented] */
enum {
    CONTROL_RESET = 1 << 1,
    CONTROL_PAUSE_STREAM = 1 << 2,
    CONTROL_OUT_OF_ORDER = 1 << 3,
    CONTROL_COMPRESSION = 1 << 4,
};

const ts_npu_bd *arr_bd_of(arr_tile *tile, unsigned bd) {
    if (!tile->is_bd_decoded[bd]) {
        const uint32_t *words =
            arr_register(tile, tile->kind->bd_offset + bd * tile->kind->bd_stride);
        tile->is_bd_odd[bd] = !ts_npu_bd_decode(tile->kind, words, &tile->bds[bd]);
        tile->is_bd_decoded[bd] = true;
    }
    return &tile->bds[bd];
}

arr_tile *arr_dma_lock(arr_tile *tile, uint32_t id, unsigned *lock) {
    unsigned n = tile->kind->n_locks;
    *lock = id % n;
    if (tile->kind->kind != TS_NPU_MEMORY) return id < n ? tile : NULL;
    /* src: Xilinx/mlir-aie: lib/Dialect/AIE/IR/AIETargetModel.cpp, getLockLocalBaseIndex: western
     * neighbor, own, eastern neighbor [code] */
    return id / n < 3 ? arr_tile_at(tile->array, tile->column + id / n - 1, tile->row) : NULL;
}

/* ---- memory -----------------------------------------------------------------------------------
 */

static void tell_range(ts_array *a, arr_channel *c, uint64_t address, const char *where) {
    arr_find(a, TS_FINDING_BD_RANGE, c->tile, TS_FINDING_NO_PC,
             (uint64_t)c->is_mm2s << 32 | (uint64_t)c->number << 24 | c->bd,
             "dma %s %u, bd %u: word at 0x%" PRIx64 " %s", c->is_mm2s ? "MM2S" : "S2MM", c->number,
             c->bd, address, where);
}

/* The tile whose memory a byte address of a descriptor means; told when it is none of the array. */
static arr_tile *memory_tile(ts_array *a, arr_channel *c, uint64_t address, uint32_t *offset) {
    arr_tile *tile = c->tile;
    uint64_t window = address >> tile->data_bits;
    *offset = (uint32_t)(address - (window << tile->data_bits));
    bool has_neighbors = tile->kind->kind == TS_NPU_MEMORY;
    if (window == has_neighbors) return tile;
    arr_tile *other = NULL;
    if (has_neighbors && window < 3)
        other = arr_tile_at(a, (uint32_t)(tile->column + window - 1), tile->row);
    if (other) return other;
    bool is_western = has_neighbors && !window && a->western && a->western->row == tile->row;
    tell_range(a, c, address,
               is_western ? "is in the memory tile west of the array" : "is outside of the memory");
    return is_western ? a->western : NULL;
}

static uint32_t read_word(ts_array *a, arr_channel *c) {
    uint64_t address = c->walk.at;
    if (c->tile->kind->kind == TS_NPU_SHIM) {
        const uint8_t *from = arr_host_at(a, address, 4, &c->host_buffer);
        if (from) return emu_get32(from);
        tell_range(a, c, address, "is in no buffer of the host");
        return BAD_ADDRESS_VALUE;
    }
    uint32_t offset;
    arr_tile *tile = memory_tile(a, c, address, &offset);
    if (!tile) return BAD_ADDRESS_VALUE;
    if (!arr_is_known(tile, offset, 4)) {
        arr_mark(tile, offset, 4); /* told once */
        arr_find(a, TS_FINDING_UNWRITTEN, c->tile, TS_FINDING_NO_PC,
                 (uint64_t)c->number << 24 | c->bd,
                 "dma MM2S %u, bd %u, sends data+0x%05x, where nobody has written", c->number,
                 c->bd, (unsigned)offset);
    }
    return emu_get32(tile->data + offset);
}

static void write_word(ts_array *a, arr_channel *c, uint32_t word) {
    uint64_t address = c->walk.at;
    if (c->tile->kind->kind == TS_NPU_SHIM) {
        uint8_t *to = arr_host_at(a, address, 4, &c->host_buffer);
        if (to)
            emu_put32(to, word);
        else
            tell_range(a, c, address, "is in no buffer of the host");
        return;
    }
    uint32_t offset;
    arr_tile *tile = memory_tile(a, c, address, &offset);
    if (!tile) return;
    uint8_t bytes[4];
    emu_put32(bytes, word);
    arr_mark(tile, offset, 4);
    arr_note_write(tile, offset, 4, bytes, c->actor, TS_FINDING_NO_PC);
    emu_put32(tile->data + offset, word);
}

/* ---- tasks ------------------------------------------------------------------------------------
 */

void arr_channel_push(ts_array *a, arr_channel *c, uint32_t word) {
    unsigned n_bds = c->tile->kind->n_bds;
    arr_task task = {.bd = (uint8_t)(word & 63),
                     .repeats = (uint16_t)(word >> 16 & 255),
                     .has_token = word >> 31};
    if (c->is_reset) return;
    if (c->n_queued == ARR_QUEUE) {
        c->has_overflow = true;
        arr_find(a, TS_FINDING_QUEUE_FULL, c->tile, TS_FINDING_NO_PC,
                 (uint64_t)c->is_mm2s << 8 | c->number,
                 "dma %s %u: a task with bd %u is lost, %d are queued already",
                 c->is_mm2s ? "MM2S" : "S2MM", c->number, task.bd, ARR_QUEUE);
        return;
    }
    if (task.bd >= n_bds || !ts_npu_bd_is_for_channel(c->tile->kind, task.bd, c->number)) {
        arr_find(a, TS_FINDING_BD_INVALID, c->tile, TS_FINDING_NO_PC,
                 (uint64_t)c->is_mm2s << 32 | (uint64_t)c->number << 24 | task.bd,
                 "dma %s %u cannot run bd %u", c->is_mm2s ? "MM2S" : "S2MM", c->number, task.bd);
        if (task.bd >= n_bds) return;
    }
    c->queue[c->n_queued++] = task;
    arr_wake(a, c->actor);
}

/* The channel's own FIFO takes words from a task's start to its end. */
static void set_running(ts_array *a, arr_channel *c, bool is_running) {
    if (c->stats.is_running == is_running) return;
    c->stats.is_running = is_running;
    if (c->is_mm2s || !c->link) return;
    c->link->capacity =
        (uint16_t)(c->link->capacity + (is_running ? ARR_S2MM_DEPTH : -ARR_S2MM_DEPTH));
    if (is_running && c->link->source_waits) {
        c->link->source_waits = false;
        arr_wake(a, c->link->source);
    }
}

void arr_channel_control(ts_array *a, arr_channel *c, uint32_t control) {
    bool is_shim = c->tile->kind->kind == TS_NPU_SHIM;
    bool is_reset = !is_shim && control & CONTROL_RESET;
    c->controller = control >> 8 & 255;
    c->out_of_order = !c->is_mm2s && control & CONTROL_OUT_OF_ORDER;
    c->finish_on_last = c->is_mm2s ? 0 : control >> 16 & 3;
    c->is_paused = is_shim && control & (CONTROL_RESET | CONTROL_PAUSE_STREAM);
    if (control & CONTROL_COMPRESSION && !is_shim)
        arr_find(a, TS_FINDING_NOT_MODELED, c->tile, TS_FINDING_NO_PC, c->number,
                 "dma %s %u: compression is not supported, words pass as they are",
                 c->is_mm2s ? "MM2S" : "S2MM", c->number);
    if (is_reset && !c->is_reset) {
        c->state = ARR_CHANNEL_IDLE;
        c->n_queued = 0;
        c->has_overflow = c->waits_lock = c->waits_stream = false;
        set_running(a, c, false);
    }
    c->is_reset = is_reset;
    arr_wake(a, c->actor);
}

/* src: AM025: DMA_S2MM_Status_0, DMA_MM2S_Status_0 [documented] */
uint32_t arr_channel_status(const arr_channel *c) {
    uint32_t status = 0;
    bool runs = c->state != ARR_CHANNEL_IDLE && c->state != ARR_CHANNEL_HALT;
    if (c->state == ARR_CHANNEL_START) status |= 1;
    if (runs && c->state != ARR_CHANNEL_START) status |= 2;
    if (c->waits_lock) status |= 1 << 2;
    if (c->waits_stream) status |= 1 << 4;
    if (c->state == ARR_CHANNEL_HALT) status |= 1 << 11;
    if (c->has_overflow) status |= 1 << 18;
    if (runs || c->n_queued) status |= 1 << 19;
    return status | (uint32_t)c->n_queued << 20 | (uint32_t)c->bd << 24;
}

static bool halt(arr_channel *c) {
    c->state = ARR_CHANNEL_HALT;
    return false;
}

/* The last byte that a descriptor touches, from its first on. */
static uint64_t reach(const ts_npu_bd *d) {
    uint64_t bytes = 0, steps = d->length ? d->length - 1 : 0;
    for (unsigned i = 0; i < TS_NPU_BD_MAX_DIMS; i++) {
        uint64_t wrap = d->dim[i].wrap;
        uint64_t here = wrap && steps >= wrap ? wrap - 1 : steps;
        bytes += here * d->dim[i].step * 4;
        steps = wrap ? steps / wrap : 0;
    }
    return bytes + 3;
}

/* Whether it stays in the buffer that it begins in, where the core's program names one. */
static void check_buffer(ts_array *a, arr_channel *c) {
    const arr_cpu *cpu = c->tile->cpu;
    if (!cpu || !cpu->symbols.n_buffers || !c->d->length) return;
    uint32_t own = TS_CORE_DATA_BASE + TS_CORE_EAST * TS_CORE_WINDOW_BYTES, plus = 0;
    const arr_symbol *s =
        arr_symbol_find(cpu->symbols.buffers, cpu->symbols.n_buffers, own + (uint32_t)c->walk.base);
    if (!s) return;
    plus = own + (uint32_t)c->walk.base - s->address;
    if (plus + reach(c->d) < s->size) return;
    arr_find(a, TS_FINDING_BD_RANGE, c->tile, TS_FINDING_NO_PC,
             (uint64_t)c->is_mm2s << 32 | (uint64_t)c->number << 24 | c->bd,
             "dma %s %u, bd %u: walks %" PRIu64 " bytes beyond the %u of %s",
             c->is_mm2s ? "MM2S" : "S2MM", c->number, c->bd, plus + reach(c->d) + 1 - s->size,
             (unsigned)s->size, s->name);
}

/* Makes descriptor `bd` the present one, with what the registers say now: a stream may use a number
 * again as soon as its task has begun. src: Xilinx/mlir-aie: test/npu-xrt/dmabd_task_queue, whose
 * stream does [code] */
static bool load(ts_array *a, arr_channel *c, unsigned bd) {
    arr_tile *tile = c->tile;
    c->bd = (uint8_t)bd;
    if (bd >= tile->kind->n_bds) return halt(c);
    c->held = *arr_bd_of(tile, bd);
    c->d = &c->held;
    if (tile->is_bd_odd[bd] || !c->d->valid)
        arr_find(a, TS_FINDING_BD_INVALID, tile, TS_FINDING_NO_PC,
                 (uint64_t)c->is_mm2s << 32 | (uint64_t)c->number << 24 | bd, "dma %s %u: bd %u %s",
                 c->is_mm2s ? "MM2S" : "S2MM", c->number, bd,
                 c->d->valid ? "has bits set that no field has"
                             : "is not valid; the channel stops");
    if (!c->d->valid) return halt(c);
    c->stats.words += arr_walk_done(&c->walk);
    arr_walk_start(&c->walk, c->d, c->is_mm2s && tile->kind->kind == TS_NPU_MEMORY);
    check_buffer(a, c);
    c->has_acquired = !c->d->lock_acquire;
    c->sends_header = c->is_mm2s && c->d->packet;
    c->state = ARR_CHANNEL_ACQUIRE;
    arr_tell(a, TS_ARRAY_EVENT_BD_START, tile, c, bd, 0);
    return true;
}

static bool begin_chain(ts_array *a, arr_channel *c) {
    if (c->out_of_order) {
        c->state = ARR_CHANNEL_HEADER;
        return true;
    }
    return load(a, c, c->task.bd);
}

static bool begin_task(ts_array *a, arr_channel *c) {
    if (!c->n_queued || c->is_reset) return false;
    c->task = c->queue[0];
    memmove(c->queue, c->queue + 1, sizeof c->queue[0] * --c->n_queued);
    c->begun = a->now;
    c->bubble = 0;
    set_running(a, c, true);
    arr_tell(a, TS_ARRAY_EVENT_TASK_START, c->tile, c, c->task.bd, 0);
    if (c->tile->kind->kind != TS_NPU_SHIM || !c->is_mm2s) return begin_chain(a, c);
    if (!load(a, c, c->task.bd)) return false;
    c->state = ARR_CHANNEL_START;
    c->until = a->now + SHIM_MM2S_DELAY;
    arr_wake_at(a, c->actor, c->until);
    return true;
}

static bool end_task(ts_array *a, arr_channel *c) {
    c->state = ARR_CHANNEL_IDLE;
    c->stats.tasks++;
    c->stats.busy += a->now + 1 - c->begun;
    set_running(a, c, false);
    arr_tell(a, TS_ARRAY_EVENT_TASK_END, c->tile, c, c->task.bd, 0);
    if (c->task.has_token) arr_issue_token(a, c);
    return c->n_queued != 0;
}

/* Behind the last descriptor of a chain. */
static bool end_chain(ts_array *a, arr_channel *c) {
    if (c->task.repeats) {
        c->task.repeats--;
        return begin_chain(a, c);
    }
    if (c->tile->kind->kind == TS_NPU_SHIM && !c->is_mm2s) {
        c->state = ARR_CHANNEL_END;
        c->until = a->now + SHIM_S2MM_DELAY;
        arr_wake_at(a, c->actor, c->until);
        return false;
    }
    return end_task(a, c);
}

/* The iteration counts up each time a descriptor has run.
 * src: AM025: Iteration_Current [documented] */
static void iterate(arr_channel *c) {
    if (!c->tile->is_bd_decoded[c->bd]) return; /* a stream has written it anew meanwhile */
    ts_npu_bd *d = &c->tile->bds[c->bd];
    if (d->iteration_wrap <= 1 && !d->iteration_current) return;
    d->iteration_current = (d->iteration_current + 1) % d->iteration_wrap;
    uint32_t words[TS_NPU_BD_MAX_WORDS];
    if (ts_npu_bd_encode(c->tile->kind, d, words, NULL) == TS_OK)
        memcpy(arr_register(c->tile, c->tile->kind->bd_offset + c->bd * c->tile->kind->bd_stride),
               words, c->tile->kind->n_bd_words * sizeof words[0]);
}

static bool end_bd(ts_array *a, arr_channel *c) {
    const ts_npu_bd *d = c->d;
    c->stats.descriptors++;
    arr_tell(a, TS_ARRAY_EVENT_BD_END, c->tile, c, c->bd, 0);
    if (d->lock_release_value) {
        unsigned lock;
        arr_tile *owner = arr_dma_lock(c->tile, d->lock_release_id, &lock);
        if (owner) arr_lock_release(owner, lock, d->lock_release_value);
        if (!owner)
            arr_find(a, TS_FINDING_LOCK_ABSENT, c->tile, TS_FINDING_NO_PC, d->lock_release_id,
                     "dma %s %u, bd %u: releases lock %u, which is not there",
                     c->is_mm2s ? "MM2S" : "S2MM", c->number, c->bd, d->lock_release_id);
    }
    iterate(c);
    if (c->d->use_next) return load(a, c, c->d->next);
    return end_chain(a, c);
}

/* ---- steps ------------------------------------------------------------------------------------
 */

static bool acquire(ts_array *a, arr_channel *c) {
    const ts_npu_bd *d = c->d;
    unsigned lock;
    arr_tile *owner = arr_dma_lock(c->tile, d->lock_acquire_id, &lock);
    if (!c->waits_lock) c->since = a->now;
    if (!owner) {
        arr_find(a, TS_FINDING_LOCK_ABSENT, c->tile, TS_FINDING_NO_PC, d->lock_acquire_id,
                 "dma %s %u, bd %u: acquires lock %u, which is not there",
                 c->is_mm2s ? "MM2S" : "S2MM", c->number, c->bd, d->lock_acquire_id);
        return halt(c);
    }
    if (!arr_lock_acquire(owner, lock, d->lock_acquire_value)) {
        if (!c->waits_lock) arr_tell(a, TS_ARRAY_EVENT_BD_WAIT, c->tile, c, d->lock_acquire_id, 0);
        c->waits_lock = true;
        arr_lock_wait(owner, c->actor);
        return false;
    }
    if (c->waits_lock) arr_tell(a, TS_ARRAY_EVENT_BD_GO, c->tile, c, d->lock_acquire_id, 0);
    c->stats.lock_waits += a->now - c->since;
    c->waits_lock = false;
    c->has_acquired = true;
    return true;
}

static void begin_stream_wait(ts_array *a, arr_channel *c) {
    if (!c->link)
        arr_find(a, c->is_mm2s ? TS_FINDING_NO_TAKER : TS_FINDING_NO_SOURCE, c->tile,
                 TS_FINDING_NO_PC, (uint64_t)c->is_mm2s << 8 | c->number,
                 "dma %s %u, bd %u: its stream port %s", c->is_mm2s ? "MM2S" : "S2MM", c->number,
                 c->bd, c->is_mm2s ? "leads nowhere" : "is fed by nobody");
    if (c->waits_stream) return;
    c->since = a->now;
    c->waits_stream = true;
    arr_tell(a, TS_ARRAY_EVENT_STREAM_WAIT, c->tile, c, c->bd, 0);
}

static void end_stream_wait(ts_array *a, arr_channel *c) {
    if (!c->waits_stream) return;
    c->stats.stream_waits += a->now - c->since;
    c->waits_stream = false;
    arr_tell(a, TS_ARRAY_EVENT_STREAM_GO, c->tile, c, c->bd, 0);
}

/* src: aie2-facts 69 [documented] */
static uint32_t packet_header(const arr_channel *c) {
    return arr_odd_parity(c->d->packet_id | c->d->out_of_order_bd << 5 | c->d->packet_type << 12 |
                          (uint32_t)c->tile->row << 16 | (uint32_t)c->tile->column << 21);
}

static bool send(ts_array *a, arr_channel *c) {
    bool is_shim = c->tile->kind->kind == TS_NPU_SHIM;
    if (is_shim && c->bubble == SHIM_BUBBLE) {
        c->bubble = 0;
        return true;
    }
    if (!c->link || !arr_has_room(c->link)) {
        begin_stream_wait(a, c);
        if (c->link) c->link->source_waits = true;
        return false;
    }
    end_stream_wait(a, c);
    if (c->sends_header) {
        c->sends_header = false;
        return arr_send(a, c->link, packet_header(c), false);
    }
    uint32_t word = arr_walk_is_data(&c->walk, c->d) ? read_word(a, c) : 0;
    arr_walk_step(&c->walk);
    c->bubble++;
    arr_send(a, c->link, word, !c->walk.run && !c->d->tlast_suppress);
    return c->walk.run ? true : end_bd(a, c);
}

/* The words of a packet end before, or behind, those of the descriptor: FoT says what then. */
static bool is_finished(ts_array *a, arr_channel *c, bool is_last) {
    if (!c->walk.run) {
        if (c->finish_on_last && !is_last)
            arr_find(a, TS_FINDING_TLAST, c->tile, TS_FINDING_NO_PC,
                     (uint64_t)c->number << 8 | c->bd,
                     "dma S2MM %u, bd %u is full, but its packet goes on", c->number, c->bd);
        return true;
    }
    return is_last && (c->finish_on_last || c->out_of_order);
}

static bool receive(ts_array *a, arr_channel *c) {
    if (!c->link || !arr_has_word(a, c->link)) {
        begin_stream_wait(a, c);
        if (c->link && c->link->count) arr_wake_at(a, c->actor, c->link->ring[c->link->head].time);
        return false;
    }
    end_stream_wait(a, c);
    arr_word w = arr_pop(a, c->link);
    write_word(a, c, w.word);
    arr_walk_step(&c->walk);
    return is_finished(a, c, w.is_last) ? end_bd(a, c) : true;
}

/* Out of order: the header of the next packet names the descriptor. */
static bool take_header(ts_array *a, arr_channel *c) {
    if (!c->link || !arr_has_word(a, c->link)) {
        begin_stream_wait(a, c);
        if (c->link && c->link->count) arr_wake_at(a, c->actor, c->link->ring[c->link->head].time);
        return false;
    }
    end_stream_wait(a, c);
    return load(a, c, arr_pop(a, c->link).word >> 5 & 63);
}

__attribute__((noinline)) static bool step(ts_array *a, arr_channel *c) {
    if (c->is_paused || c->is_reset) return false;
    if (c->state == ARR_CHANNEL_IDLE && !begin_task(a, c)) return false;
    switch (c->state) {
    case ARR_CHANNEL_START:
        if (a->now < c->until) return false;
        c->state = ARR_CHANNEL_ACQUIRE;
        return true;
    case ARR_CHANNEL_ACQUIRE:
        if (!c->has_acquired && !acquire(a, c)) return false;
        c->state = ARR_CHANNEL_MOVE;
        if (!c->walk.run) return end_bd(a, c);
        return c->is_mm2s ? send(a, c) : receive(a, c);
    case ARR_CHANNEL_HEADER: return take_header(a, c);
    case ARR_CHANNEL_MOVE: return c->is_mm2s ? send(a, c) : receive(a, c);
    case ARR_CHANNEL_END:
        if (a->now < c->until) return false;
        return end_task(a, c);
    default: return false;
    }
}

/* ---- the plain case ---------------------------------------------------------------------------
 *
 * A word in the midst of a run, between the tile's own memory and a link that has words before and
 * room behind: nothing begins, ends, wakes or is told. Most steps are of this kind. Whatever else
 * there may be is left to step(), which does the same in general.
 */

/* Whether the next word is in the tile's own memory, which shims do not have. */
static inline bool is_own(const arr_channel *c, uint32_t *offset) {
    uint64_t at = c->walk.at - c->tile->own_from;
    *offset = (uint32_t)at;
    return at < c->tile->data_size;
}

static inline bool is_in_run(const arr_channel *c) {
    return c->state == ARR_CHANNEL_MOVE && c->walk.run > 1 && c->link && !c->is_paused &&
           !c->is_reset && !c->waits_stream;
}

static inline void next_in_run(arr_channel *c) {
    c->walk.run--;
    c->walk.at += (uint64_t)c->walk.delta[0];
}

static inline bool send_plain(ts_array *a, arr_channel *c) {
    arr_link *link = c->link;
    uint32_t offset;
    if (c->sends_header || c->walk.is_padded || !is_own(c, &offset) ||
        !arr_is_word_known(c->tile, offset) || !link->count || !arr_has_room(link) ||
        link->sink == ARR_NOBODY)
        return false;
    arr_word *w = arr_link_end(link);
    w->time = a->now + link->latency;
    w->word = emu_get32(c->tile->data + offset);
    w->is_last = false;
    link->count++;
    next_in_run(c);
    return true;
}

static inline bool receive_plain(ts_array *a, arr_channel *c) {
    arr_link *link = c->link;
    const arr_word *w = &link->ring[link->head];
    uint32_t offset;
    if (!arr_has_word(a, link) || w->is_last || link->source_waits || !is_own(c, &offset) ||
        !arr_is_write_plain(c->tile, offset, c->actor))
        return false;
    arr_mark_word(c->tile, offset);
    c->tile->writers[offset / 4] = arr_writer(c->tile, c->actor);
    emu_put32(c->tile->data + offset, w->word);
    link->head = (uint16_t)((link->head + 1) & link->mask);
    link->count--;
    next_in_run(c);
    return true;
}

bool arr_channel_step(ts_array *a, void *self) {
    arr_channel *c = self;
    if (is_in_run(c) && (c->is_mm2s ? send_plain(a, c) : receive_plain(a, c))) return true;
    return step(a, c);
}

bool ts_array_dma_stats(const ts_array *array, uint32_t column, uint32_t row, bool is_mm2s,
                        uint32_t channel, ts_dma_stats *out) {
    const arr_tile *tile = arr_tile_at(array, column, row);
    if (!tile || channel >= tile->kind->n_channels) return false;
    const arr_channel *c = &tile->channels[is_mm2s][channel];
    *out = c->stats;
    out->words += arr_walk_done(&c->walk);
    if (out->is_running) out->busy += array->now - c->begun;
    if (c->waits_lock) out->lock_waits += array->now - c->since;
    if (c->waits_stream) out->stream_waits += array->now - c->since;
    return true;
}
