/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Objectfifos: DMA channels, the programs of the DMAs at both ends, flows between them, and which
 * channel the host's end has.
 * src: Xilinx/mlir-aie: lib/Dialect/AIE/Transforms/AIEObjectFifoStatefulTransform.cpp,
 * assignDMAChannelIndices, createAIETileDMA, createMemTileDMA, createShimDMA, createBdBlock
 * [code]
 */
#include "pass_fifo.h"

#include <string.h>

/* ---- channels -------------------------------------------------------------------------------- */

/* Channels of a memory tile that reach the neighbors' memory.
 * src: Xilinx/mlir-aie: include/aie/Dialect/AIE/IR/AIETargetModel.h,
 * getMaxChannelNumForAdjacentMemTile [code] */
#define CHANNELS_TO_NEIGHBORS 4

static int take_channel(fifo_state *s, const ts_op *tile, int direction, bool to_neighbors) {
    const ts_npu_tile *kind = pass_tile_kind(s->c, tile);
    uint32_t *taken = &fifo_tile_of(s, tile)->channels[direction];
    int n = kind->n_channels;
    if (to_neighbors && n > CHANNELS_TO_NEIGHBORS) n = CHANNELS_TO_NEIGHBORS;
    for (int i = 0; i < n; i++) {
        if (*taken >> i & 1) continue;
        *taken |= 1u << i;
        return i;
    }
    return -1;
}

/* Whether the elements lie in another tile than the one whose DMA moves them. */
static bool is_cross_tile(fifo *f) {
    const fifo *target = fifo_target(f);
    for (size_t i = 0; i < target->buffers.n; i++)
        if (pass_tile_of(target->buffers.ops[i]) != target->producer) return true;
    return false;
}

/* Ends with elements elsewhere choose first, for only some channels reach there. */
static void assign_channels(fifo_state *s, bool is_cross) {
    for (fifo *f = s->first; f; f = f->next) {
        if (!f->n_ends) continue;
        if (f->is_cross_tile == is_cross)
            f->channel = take_channel(s, f->producer, DIR_MM2S, is_cross);
        for (uint32_t i = 0; i < f->n_ends; i++) {
            fifo *end = f->ends[i];
            if (end->is_cross_tile == is_cross)
                end->channel = take_channel(s, end->producer, DIR_S2MM, is_cross);
        }
    }
}

/* Who has a channel: an objectfifo, or a DMA program of the design's own. */
static const char *channel_user(const fifo_state *s, const ts_op *tile, int direction,
                                int channel) {
    for (const fifo *f = s->first; f; f = f->next) {
        bool is_user = direction == DIR_MM2S ? f->n_ends > 0 : f->is_end;
        if (is_user && f->producer == tile && f->channel == channel) return f->name;
    }
    return "aie.dma_start";
}

static ts_status no_channel(fifo_state *s, const fifo *f, int direction) {
    ts_buf users = ts_buf_in(s->c->design->arena);
    const ts_npu_tile *kind = pass_tile_kind(s->c, f->producer);
    for (int i = 0; i < kind->n_channels; i++)
        if (fifo_tile_of(s, f->producer)->channels[direction] >> i & 1)
            ts_buf_printf(&users, "%s%d %s", users.size ? ", " : "", i,
                          channel_user(s, f->producer, direction, i));
    ts_buf_u8(&users, 0);
    return pass_fail(s->c, f->op, TS_RANGE,
                     "no %s channel is left in %s for objectfifo '%s': of its %u are taken: %s",
                     direction == DIR_MM2S ? "output (MM2S)" : "input (S2MM)",
                     pass_tile_text(s->c, f->producer), f->name, kind->n_channels,
                     users.failed ? "" : (const char *)users.data);
}

/* The stream port of a core, which only one objectfifo can have. */
static ts_status take_stream(fifo_state *s, fifo *f, int direction) {
    uint32_t *taken = &fifo_tile_of(s, f->producer)->streams[direction];
    f->channel = (int)f->stream_port;
    if (f->stream_port > 31 || *taken >> f->stream_port & 1)
        return pass_fail(s->c, f->op, TS_CONFLICT,
                         "the core's %s stream %lld of %s is taken already",
                         direction == DIR_MM2S ? "output" : "input", (long long)f->stream_port,
                         pass_tile_text(s->c, f->producer));
    *taken |= 1u << f->stream_port;
    return TS_OK;
}

/* ---- a program and its blocks ---------------------------------------------------------------- */

/* What the descriptors of one end have in common. */
typedef struct chain {
    fifo *f, *target;
    int direction, acquire, release;
    const ts_attr *dims, *pads;
    int64_t packet; /* -1: none */
} chain;

static ts_op *find_program(const fifo_state *s, ts_op_code code, const ts_op *tile) {
    ts_op *op = ts_op_child(s->c->device, code, NULL);
    while (op && pass_tile_of(op) != tile)
        op = ts_op_child(s->c->device, code, op);
    return op;
}

static ts_op *device_end(const fifo_state *s) {
    const ts_block *block = s->c->device->regions[0].first;
    return block->last && block->last->code == TS_OP_AIE_END ? block->last : NULL;
}

static void at_device_end(fifo_state *s) {
    pass_at_end(&s->b, s->c->device->regions[0].first);
    if (device_end(s)) pass_before(&s->b, device_end(s));
}

/* A DMA program that ends at once, at the end of the device. */
static ts_op *new_program(fifo_state *s, ts_op_code code, ts_op *tile) {
    const ts_type *index = ts_type_index(s->c->design);
    at_device_end(s);
    ts_op *op = pass_make(&s->b, code, (ts_value *[]){pass_result(tile)}, 1, &index, 1, 1);
    ts_block *block = op ? ts_block_append(s->c->design, &op->regions[0]) : NULL;
    if (!block) {
        s->b.failed = true;
        return NULL;
    }
    pass_at_end(&s->b, block);
    pass_make(&s->b, TS_OP_AIE_END, NULL, 0, NULL, 0, 0);
    return s->b.failed ? NULL : op;
}

/* The last block with aie.end: new blocks go before it. */
static ts_block *end_block(const ts_op *program) {
    ts_block *found = NULL;
    for (ts_block *block = program->regions[0].first; block; block = block->next)
        if (block->last && block->last->code == TS_OP_AIE_END) found = block;
    return found;
}

/* aie.dma_start in a block of its own, behind the one that ended the chain of starts. */
static ts_block *start_channel(fifo_state *s, ts_op *program, const fifo *f, int direction) {
    const ts_type *i1 = ts_type_integer(s->c->design, 1, TS_SIGNLESS);
    ts_block *end = end_block(program);
    ts_op *before = NULL;
    for (ts_block *block = program->regions[0].first; end && block; block = block->next)
        if (block->last && block->last->code == TS_OP_AIE_DMA_START &&
            block->last->n_successors == 2 && block->last->successors[1] == end)
            before = block->last;
    ts_block *start_block = pass_block_before(&s->b, end);
    ts_block *first = pass_block_before(&s->b, end);
    pass_at_end(&s->b, start_block);
    ts_op *start = pass_make(&s->b, TS_OP_AIE_DMA_START, NULL, 0, &i1, 1, 0);
    pass_set_i32(&s->b, start, "channel_dir", direction);
    pass_set_i32(&s->b, start, "channel_index", f->channel);
    if (f->iterations > 1 && pass_is_tile(s->c, f->producer, TS_NPU_MEMORY))
        pass_set_i32(&s->b, start, "repeat_count", f->iterations - 1);
    if (s->b.failed || !ts_op_set_successors(s->c->design, start, (ts_block *[]){first, end}, 2)) {
        s->b.failed = true;
        return NULL;
    }
    if (before) before->successors[1] = start_block;
    return first;
}

static void use_lock(fifo_state *s, ts_op *lock, int action, int64_t value) {
    ts_op *op =
        pass_make(&s->b, TS_OP_AIE_USE_LOCK, (ts_value *[]){pass_result(lock)}, 1, NULL, 0, 0);
    pass_set_i32(&s->b, op, "action", action);
    pass_set_i32(&s->b, op, "value", value);
}

static const ts_attr *packet_info(fifo_state *s, int64_t id) {
    ts_named_attr members[2] = {{"pkt_type", ts_attr_i32(s->c->design, 0)},
                                {"pkt_id", ts_attr_i32(s->c->design, id)}};
    if (!members[0].value || !members[1].value) return NULL;
    return ts_attr_dialect(s->c->design, "aie.packet_info", members, 2);
}

/* One descriptor: wait for the elements, move them, say so. */
static void fill_block(fifo_state *s, const chain *ch, ts_block *block, ts_op *buffer,
                       int64_t offset, int64_t length, size_t pair, ts_block *next) {
    ts_op *const *locks = ch->target->locks.ops;
    bool has_locks = ch->target->locks.n >= 2 * pair + 2;
    size_t acquired = 2 * pair + (ch->direction == DIR_MM2S);
    size_t released = 2 * pair + (ch->direction == DIR_S2MM);
    pass_at_end(&s->b, block);
    if (has_locks) use_lock(s, locks[acquired], LOCK_ACQUIRE_GREATER_EQUAL, ch->acquire);
    if (ch->packet >= 0) {
        ts_op *packet = pass_make(&s->b, TS_OP_AIE_DMA_BD_PACKET, NULL, 0, NULL, 0, 0);
        pass_set_i32(&s->b, packet, "packet_type", 0);
        pass_set_i32(&s->b, packet, "packet_id", ch->packet);
    }
    ts_op *bd =
        pass_make(&s->b, TS_OP_AIE_DMA_BD, (ts_value *[]){pass_result(buffer)}, 1, NULL, 0, 0);
    if (offset) pass_set_i32(&s->b, bd, "offset", offset);
    pass_set_i32(&s->b, bd, "len", length);
    if (ch->dims) pass_set(&s->b, bd, "dimensions", ch->dims);
    if (ch->dims && ch->pads) pass_set(&s->b, bd, "pad_dimensions", ch->pads);
    if (has_locks) use_lock(s, locks[released], LOCK_RELEASE, ch->release);
    ts_op *jump = pass_make(&s->b, TS_OP_AIE_NEXT_BD, NULL, 0, NULL, 0, 0);
    if (jump && !ts_op_set_successors(s->c->design, jump, &next, 1)) s->b.failed = true;
}

/* ---- what each end's descriptors move -------------------------------------------------------- */

/* The parts of one element that this end moves, one descriptor each. */
typedef struct parts {
    const fifo_link *link; /* join or distribute, or NULL */
    size_t n;              /* descriptors for each element and repetition */
    size_t only;           /* this end moves one part: its number; else SIZE_MAX */
    int64_t length;        /* without parts */
} parts;

static size_t index_in(fifo *const *list, size_t n, const fifo *f) {
    for (size_t i = 0; i < n; i++)
        if (list[i] == f) return i;
    return 0;
}

static parts parts_of(fifo_state *s, fifo *f) {
    const fifo_link *link = f->link && f->link->target ? f->link : NULL;
    parts p = {.n = 1, .only = SIZE_MAX, .length = fifo_n_elements(f)};
    if (!link || !pass_is_tile(s->c, f->producer, TS_NPU_MEMORY)) return p;
    if (!fifo_is_join(link) && !fifo_is_distribute(link)) {
        int64_t whole = fifo_n_elements(link->target);
        /* A smaller target is what padding makes larger on the way. */
        if (link->target != f && whole >= p.length) p.length = whole;
        return p;
    }
    bool is_join = fifo_is_join(link);
    p.link = link;
    if (link->target == f)
        p.n = is_join ? link->n_ins : link->n_outs;
    else
        p.only =
            is_join ? index_in(link->ins, link->n_ins, f) : index_in(link->outs, link->n_outs, f);
    return p;
}

/* The lock pair of an element without parts is always the first. */
static void fill_part(fifo_state *s, const chain *ch, const parts *p, ts_block *block,
                      ts_op *buffer, size_t turn, ts_block *next) {
    if (!p->link) {
        fill_block(s, ch, block, buffer, 0, p->length, 0, next);
        return;
    }
    size_t part = p->only == SIZE_MAX ? turn % p->n : p->only;
    fill_block(s, ch, block, buffer, fifo_part_offset(p->link, part),
               fifo_part_length(p->link, part), part, next);
}

/* Behind the last descriptor: the first again, or an end when the channel runs a number of times.
 */
static ts_block *behind_last(fifo_state *s, ts_op *program, const fifo *f, ts_block *first) {
    if (!f->iterations || !pass_is_tile(s->c, f->producer, TS_NPU_MEMORY)) return first;
    ts_block *block = pass_block_before(&s->b, end_block(program));
    pass_at_end(&s->b, block);
    pass_make(&s->b, TS_OP_AIE_END, NULL, 0, NULL, 0, 0);
    return block;
}

static ts_status make_chain(fifo_state *s, ts_op *program, const chain *ch, const op_list *buffers,
                            const parts *p, size_t n_elements, size_t repeat) {
    size_t turns = repeat * p->n, n = n_elements < buffers->n ? n_elements : buffers->n;
    if (!n) return TS_OK;
    if (n * turns > PASS_MAX_BD_CHAIN)
        return pass_fail(s->c, ch->f->op, TS_RANGE,
                         "'%s' would need %zu buffer descriptors in %s, which has %u", ch->f->name,
                         n * turns, pass_tile_text(s->c, ch->f->producer),
                         pass_tile_kind(s->c, ch->f->producer)->n_bds);
    ts_block *first = start_channel(s, program, ch->f, ch->direction), *block = first;
    for (size_t i = 0; i < n && !s->b.failed; i++)
        for (size_t turn = 0; turn < turns && !s->b.failed; turn++) {
            bool is_last = i + 1 == n && turn + 1 == turns;
            ts_block *next = is_last ? behind_last(s, program, ch->f, first)
                                     : pass_block_before(&s->b, end_block(program));
            fill_part(s, ch, p, block, buffers->ops[i], turn, next);
            block = next;
        }
    return fifo_built(s);
}

/* ---- programs by kind of tile ---------------------------------------------------------------- */

static ts_status make_tile_dma(fifo_state *s, const chain *ch, ts_op_code code) {
    const fifo *target = ch->target;
    fifo *f = ch->f;
    bool is_memory = code == TS_OP_AIE_MEMTILE_DMA;
    size_t n = is_memory && target != f && f->link ? target->depth : f->depth;
    parts p = parts_of(s, f);
    if (!f->depth) return TS_OK;
    ts_op *program = find_program(s, code, is_memory ? target->producer : f->producer);
    if (!program) program = new_program(s, code, target->producer);
    if (!program || !end_block(program))
        return s->b.failed ? fifo_built(s)
                           : pass_fail(s->c, program, TS_MISSING, "a DMA program without aie.end");
    return make_chain(s, program, ch, &target->buffers, &p, n, f->repeat ? (size_t)f->repeat : 1);
}

static ts_status make_shim_dma(fifo_state *s, const chain *ch) {
    fifo *f = ch->f;
    if (!f->externals.n) return TS_OK;
    ts_op *program = find_program(s, TS_OP_AIE_SHIM_DMA, f->producer);
    if (!program) program = new_program(s, TS_OP_AIE_SHIM_DMA, f->producer);
    if (!program || !end_block(program))
        return s->b.failed ? fifo_built(s)
                           : pass_fail(s->c, program, TS_MISSING, "a DMA program without aie.end");
    ts_block *first = start_channel(s, program, f, ch->direction), *block = first;
    for (size_t i = 0; i < f->externals.n && !s->b.failed; i++) {
        const ts_op *external = f->externals.ops[i];
        ts_block *next =
            i + 1 == f->externals.n ? first : pass_block_before(&s->b, end_block(program));
        fill_block(s, ch, block, f->externals.ops[i], 0,
                   (int64_t)ts_type_n_elements(external->results[0].type), 0, next);
        block = next;
    }
    return fifo_built(s);
}

static ts_status make_dma(fifo_state *s, fifo *f, int direction, const ts_attr *dims,
                          const ts_attr *pads, int64_t packet) {
    chain ch = {.f = f,
                .target = fifo_target(f),
                .direction = direction,
                .acquire = 1,
                .release = 1,
                .dims = dims,
                .packet = packet};
    bool is_memory = pass_is_tile(s->c, f->producer, TS_NPU_MEMORY);
    int64_t repeat = f->link && f->link->target ? fifo_link_repeat(f->link) : 0;
    if (is_memory && direction == DIR_MM2S) ch.pads = pads;
    /* What comes in once goes out `repeat` times: the input counts for all of them. */
    if (repeat && (is_memory ? f->link->ins[0] == f : ch.target == f))
        ch.acquire = ch.release = (int)repeat;
    if (pass_is_tile(s->c, f->producer, TS_NPU_SHIM)) {
        ch.target = f;
        ch.acquire = ch.release = 1;
        return make_shim_dma(s, &ch);
    }
    return make_tile_dma(s, &ch, is_memory ? TS_OP_AIE_MEMTILE_DMA : TS_OP_AIE_MEM);
}

/* ---- flows ----------------------------------------------------------------------------------- */

static void make_flow(fifo_state *s, const fifo *f, const fifo *end, int64_t from, int64_t to) {
    ts_value *tiles[2] = {pass_result(f->producer), pass_result(end->producer)};
    pass_after(&s->b, f->op);
    ts_op *flow = pass_make(&s->b, TS_OP_AIE_FLOW, tiles, 2, NULL, 0, 0);
    pass_set_i32(&s->b, flow, "source_bundle", from);
    pass_set_i32(&s->b, flow, "source_channel", f->channel);
    pass_set_i32(&s->b, flow, "dest_bundle", to);
    pass_set_i32(&s->b, flow, "dest_channel", end->channel);
}

static int64_t wire_of(const fifo_state *s, const fifo *whole, const fifo *end, bool is_stream) {
    if (whole->plio) return pass_is_tile(s->c, end->producer, TS_NPU_SHIM) ? WIRE_PLIO : WIRE_DMA;
    return is_stream ? WIRE_CORE : WIRE_DMA;
}

/* Where the runtime sequence finds the host's end. */
static void make_allocation(fifo_state *s, const fifo *f, const fifo *end, int direction,
                            int64_t packet) {
    const ts_type *i64 = ts_type_integer(s->c->design, 64, TS_SIGNLESS);
    if (!pass_is_tile(s->c, end->producer, TS_NPU_SHIM) || !i64) return;
    at_device_end(s);
    ts_op *op = pass_make(&s->b, TS_OP_AIE_SHIM_DMA_ALLOCATION,
                          (ts_value *[]){pass_result(end->producer)}, 1, NULL, 0, 0);
    pass_set_text(&s->b, op, "sym_name", pass_text(&s->b, "%s_shim_alloc", f->name));
    pass_set_i32(&s->b, op, "channel_dir", direction);
    pass_set(&s->b, op, "channel_index", ts_attr_integer(s->c->design, end->channel, i64));
    if (f->plio) pass_set(&s->b, op, "plio", ts_attr_bool(s->c->design, true));
    if (packet >= 0) pass_set(&s->b, op, "packet", packet_info(s, packet));
}

static ts_op *make_packet_flow(fifo_state *s, const fifo *f, int64_t id) {
    const ts_type *i8 = ts_type_integer(s->c->design, 8, TS_SIGNLESS);
    pass_after(&s->b, f->op);
    ts_op *flow = pass_make(&s->b, TS_OP_AIE_PACKET_FLOW, NULL, 0, NULL, 0, 1);
    pass_set(&s->b, flow, "ID", i8 ? ts_attr_integer(s->c->design, id, i8) : NULL);
    if (!flow || !ts_block_append(s->c->design, &flow->regions[0])) s->b.failed = true;
    return flow;
}

static void add_packet_end(fifo_state *s, ts_op *flow, ts_op_code code, const fifo *f) {
    if (!flow || s->b.failed) return;
    pass_at_start(&s->b, flow->regions[0].first);
    ts_op *op = pass_make(&s->b, code, (ts_value *[]){pass_result(f->producer)}, 1, NULL, 0, 0);
    pass_set_i32(&s->b, op, "bundle", WIRE_DMA);
    pass_set_i32(&s->b, op, "channel", f->channel);
}

/* ---- one objectfifo -------------------------------------------------------------------------- */

static ts_status take_packet(fifo_state *s, int64_t *packet) {
    *packet = -1;
    if (!s->c->options.packet_objectfifos) return TS_OK;
    if (s->packet_id > 31)
        return pass_fail(s->c, s->c->device, TS_RANGE,
                         "more than 32 packet flows: packet identifiers are 0 to 31");
    *packet = s->packet_id++;
    return TS_OK;
}

static ts_status connect_producer(fifo_state *s, fifo *f, ts_op **packet_flow) {
    int64_t packet;
    *packet_flow = NULL;
    if (f->stream == 0 || f->stream == 2) return take_stream(s, f, DIR_MM2S);
    if (f->channel < 0) return no_channel(s, f, DIR_MM2S);
    TS_TRY(take_packet(s, &packet));
    TS_TRY(make_dma(s, f, DIR_MM2S, f->dims_to, f->pads, packet));
    make_allocation(s, f, f, DIR_MM2S, packet);
    if (packet >= 0) *packet_flow = make_packet_flow(s, f, packet);
    return TS_OK;
}

static ts_status connect_consumer(fifo_state *s, fifo *f, fifo *end, ts_op *packet_flow) {
    if (end->stream == 1 || end->stream == 2) {
        TS_TRY(take_stream(s, end, DIR_S2MM));
    } else {
        if (end->channel < 0) return no_channel(s, end, DIR_S2MM);
        TS_TRY(make_dma(s, end, DIR_S2MM, end->dims_from[0], NULL, -1));
        make_allocation(s, f, end, DIR_S2MM, -1);
    }
    if (packet_flow)
        add_packet_end(s, packet_flow, TS_OP_AIE_PACKET_DEST, end);
    else
        make_flow(s, f, end, wire_of(s, f, f, f->stream == 0 || f->stream == 2),
                  wire_of(s, f, end, end->stream > 0));
    return fifo_built(s);
}

ts_status fifo_make_dmas(fifo_state *s) {
    for (fifo *f = s->first; f; f = f->next)
        f->is_cross_tile = is_cross_tile(f);
    assign_channels(s, true);
    assign_channels(s, false);
    for (fifo *f = s->first; f; f = f->next) {
        ts_op *packet_flow;
        if (!f->n_ends) continue;
        s->b.offset = f->op->offset;
        TS_TRY(connect_producer(s, f, &packet_flow));
        for (uint32_t i = 0; i < f->n_ends; i++)
            TS_TRY(connect_consumer(s, f, f->ends[i], packet_flow));
        add_packet_end(s, packet_flow, TS_OP_AIE_PACKET_SOURCE, f);
    }
    return fifo_built(s);
}
