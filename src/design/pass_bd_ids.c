/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Numbers of buffer descriptors, and the number of the next one in each. A DMA program is either a
 * graph of blocks, entered by aie.dma_start, or a list of aie.dma operations with one region for
 * each descriptor; both become one list here. In a memory tile even and odd channels have their
 * own halves.
 * src: Xilinx/mlir-aie: lib/Dialect/AIE/Transforms/AIEAssignBufferDescriptorIDs.cpp [code]
 */
#include "passes.h"

#define MAX_BDS 48

static const ts_op_code programs[] = {TS_OP_AIE_MEM, TS_OP_AIE_MEMTILE_DMA, TS_OP_AIE_SHIM_DMA};

/* One descriptor: where it is, the channel that runs it, the descriptor behind it. */
typedef struct bd_entry {
    ts_op *op;
    const ts_block *block;
    int64_t channel; /* -1: no channel comes here */
    struct bd_entry *next;
} bd_entry;

typedef struct bd_program {
    ts_pass_context *c;
    const ts_op *tile;
    const ts_npu_tile *kind;
    bd_entry *entries;
    size_t n_entries;
    const ts_op *by_id[MAX_BDS];
} bd_program;

static ts_op *bd_in(const ts_block *block) {
    ts_op *op = block ? block->first : NULL;
    while (op && op->code != TS_OP_AIE_DMA_BD)
        op = op->next;
    return op;
}

/* ---- the list of descriptors ----------------------------------------------------------------- */

static bd_entry *entry_of(const bd_program *p, const ts_block *block) {
    for (size_t i = 0; i < p->n_entries; i++)
        if (p->entries[i].block == block) return &p->entries[i];
    return NULL;
}

/* Everything a channel can reach from its first block. */
static void follow(bd_program *p, const ts_op *start) {
    const ts_block *block = start->n_successors ? start->successors[0] : NULL;
    bd_entry *entry = block ? entry_of(p, block) : NULL;
    while (entry && entry->channel < 0) {
        entry->channel = ts_op_integer(start, "channel_index", 0);
        entry = entry->next;
    }
}

static ts_status link_blocks(bd_program *p, const ts_op *op) {
    for (size_t i = 0; i < p->n_entries; i++) {
        const ts_op *last = p->entries[i].block->last;
        if (last->n_successors) p->entries[i].next = entry_of(p, last->successors[0]);
    }
    for (const ts_block *block = op->regions[0].first; block; block = block->next)
        for (const ts_op *start = block->first; start; start = start->next)
            if (start->code == TS_OP_AIE_DMA_START) follow(p, start);
    return TS_OK;
}

/* The regions of one aie.dma: a list, closed to a ring when it loops. */
static void add_regions(bd_program *p, ts_op *dma) {
    size_t first = p->n_entries;
    const ts_attr *loop = ts_op_attr(dma, "loop");
    for (uint32_t i = 0; i < dma->n_regions; i++) {
        ts_op *bd = bd_in(dma->regions[i].first);
        if (!bd) continue;
        p->entries[p->n_entries] = (bd_entry){.op = bd,
                                              .block = dma->regions[i].first,
                                              .channel = ts_op_integer(dma, "channel_index", 0)};
        if (p->n_entries > first) p->entries[p->n_entries - 1].next = &p->entries[p->n_entries];
        p->n_entries++;
    }
    if (p->n_entries > first && (!loop || loop->integer))
        p->entries[p->n_entries - 1].next = &p->entries[first];
}

static size_t count_bds(const ts_op *op) {
    size_t n = 0;
    for (const ts_op *at = ts_op_next_below(op, op); at; at = ts_op_next_below(op, at))
        n += at->code == TS_OP_AIE_DMA_BD;
    return n;
}

static ts_status read_program(ts_pass_context *c, ts_op *op, bd_program *p) {
    size_t n = count_bds(op);
    *p = (bd_program){.c = c, .tile = pass_tile_of(op)};
    p->kind = p->tile ? pass_tile_kind(c, p->tile) : NULL;
    if (!p->kind || !op->n_regions)
        return pass_fail(c, op, TS_MISSING, "'%s' is not in a tile", op->name);
    if (n > PASS_MAX_BD_CHAIN)
        return pass_fail(c, op, TS_RANGE, "%zu buffer descriptors in %s, which has %u", n,
                         pass_tile_text(c, p->tile), p->kind->n_bds);
    p->entries = TS_ARENA_ARRAY(c->design->arena, bd_entry, n);
    if (!p->entries) return ts_fail_nomem(c->diag);
    bool has_regions = false;
    for (ts_op *dma = ts_op_child(op, TS_OP_AIE_DMA, NULL); dma;
         dma = ts_op_child(op, TS_OP_AIE_DMA, dma)) {
        add_regions(p, dma);
        has_regions = true;
    }
    if (has_regions) return TS_OK;
    for (const ts_block *block = op->regions[0].first; block; block = block->next) {
        ts_op *bd = bd_in(block);
        if (bd) p->entries[p->n_entries++] = (bd_entry){.op = bd, .block = block, .channel = -1};
    }
    return link_blocks(p, op);
}

/* ---- numbers --------------------------------------------------------------------------------- */

/* Numbers that are there already: in range, each once. */
static ts_status take_given(bd_program *p) {
    for (size_t i = 0; i < p->n_entries; i++) {
        const ts_op *bd = p->entries[i].op;
        int64_t id = ts_op_integer(bd, "bd_id", -1), next = ts_op_integer(bd, "next_bd_id", 0);
        if (next < 0 || next >= p->kind->n_bds)
            return pass_fail(p->c, bd, TS_RANGE,
                             "the next buffer descriptor, %lld, does not exist: %s has 0 to %u",
                             (long long)next, pass_tile_text(p->c, p->tile), p->kind->n_bds - 1);
        if (!ts_op_attr(bd, "bd_id")) continue;
        if (id < 0 || id >= p->kind->n_bds)
            return pass_fail(p->c, bd, TS_RANGE,
                             "buffer descriptor %lld does not exist: %s has 0 to %u", (long long)id,
                             pass_tile_text(p->c, p->tile), p->kind->n_bds - 1);
        if (p->by_id[id])
            return pass_fail(p->c, bd, TS_CONFLICT, "buffer descriptor %lld of %s is taken twice",
                             (long long)id, pass_tile_text(p->c, p->tile));
        p->by_id[id] = bd;
    }
    return TS_OK;
}

static const char *bd_buffer(const ts_op *bd) {
    const ts_op *buffer = bd->n_operands ? bd->operands[0].value->owner : NULL;
    return buffer ? pass_name(buffer) : "?";
}

static ts_status exhausted(bd_program *p, const bd_entry *entry) {
    ts_buf users = ts_buf_in(p->c->design->arena);
    unsigned n = 0;
    for (uint32_t id = 0; id < p->kind->n_bds; id++) {
        if (!ts_npu_bd_is_for_channel(p->kind, id, (uint32_t)entry->channel)) continue;
        n++;
        if (p->by_id[id])
            ts_buf_printf(&users, "%s%u %s", users.size ? ", " : "", id, bd_buffer(p->by_id[id]));
    }
    ts_buf_u8(&users, 0);
    return pass_fail(p->c, entry->op, TS_RANGE,
                     "no buffer descriptor is left in %s for channel %lld, which has %u: %s",
                     pass_tile_text(p->c, p->tile), (long long)entry->channel, n,
                     users.failed ? "" : (const char *)users.data);
}

static ts_status set_i32(bd_program *p, ts_op *op, const char *name, int64_t value) {
    const ts_attr *attr = ts_attr_i32(p->c->design, value);
    return attr && ts_op_set_attr(p->c->design, op, name, attr) ? TS_OK : ts_fail_nomem(p->c->diag);
}

static ts_status number(bd_program *p) {
    for (size_t i = 0; i < p->n_entries; i++) {
        bd_entry *entry = &p->entries[i];
        uint32_t id = 0;
        if (ts_op_attr(entry->op, "bd_id")) continue;
        if (entry->channel < 0 || entry->channel >= p->kind->n_channels)
            return pass_fail(p->c, entry->op, TS_RANGE,
                             "no channel of %s runs this buffer descriptor",
                             pass_tile_text(p->c, p->tile));
        while (id < p->kind->n_bds &&
               (p->by_id[id] || !ts_npu_bd_is_for_channel(p->kind, id, (uint32_t)entry->channel)))
            id++;
        if (id == p->kind->n_bds) return exhausted(p, entry);
        p->by_id[id] = entry->op;
        TS_TRY(set_i32(p, entry->op, "bd_id", id));
    }
    for (size_t i = 0; i < p->n_entries; i++) {
        const bd_entry *next = p->entries[i].next;
        if (next)
            TS_TRY(set_i32(p, p->entries[i].op, "next_bd_id", ts_op_integer(next->op, "bd_id", 0)));
    }
    return TS_OK;
}

ts_status ts_pass_bd_ids(ts_pass_context *c) {
    for (size_t i = 0; i < sizeof programs / sizeof programs[0]; i++) {
        ts_op *op = ts_op_child(c->device, programs[i], NULL);
        for (; op; op = ts_op_child(c->device, programs[i], op)) {
            bd_program p;
            TS_TRY(read_program(c, op, &p));
            TS_TRY(take_given(&p));
            TS_TRY(number(&p));
        }
    }
    return TS_OK;
}

/* ---- verifier -------------------------------------------------------------------------------- */

static ts_status verify_program(bd_program *p) {
    TS_TRY(take_given(p));
    for (size_t i = 0; i < p->n_entries; i++) {
        const bd_entry *entry = &p->entries[i];
        int64_t id = ts_op_integer(entry->op, "bd_id", -1);
        if (id < 0)
            return pass_fail(p->c, entry->op, TS_MISSING, "a buffer descriptor without a number");
        if (entry->channel >= 0 &&
            !ts_npu_bd_is_for_channel(p->kind, (uint32_t)id, (uint32_t)entry->channel))
            return pass_fail(p->c, entry->op, TS_CONFLICT,
                             "channel %lld of %s cannot run buffer descriptor %lld",
                             (long long)entry->channel, pass_tile_text(p->c, p->tile),
                             (long long)id);
        if (entry->next && ts_op_integer(entry->op, "next_bd_id", -1) !=
                               ts_op_integer(entry->next->op, "bd_id", -1))
            return pass_fail(p->c, entry->op, TS_CONFLICT,
                             "next_bd_id is not the number of the next buffer descriptor");
    }
    return TS_OK;
}

ts_status ts_verify_bd_ids(ts_pass_context *c) {
    for (size_t i = 0; i < sizeof programs / sizeof programs[0]; i++) {
        ts_op *op = ts_op_child(c->device, programs[i], NULL);
        for (; op; op = ts_op_child(c->device, programs[i], op)) {
            bd_program p;
            TS_TRY(read_program(c, op, &p));
            TS_TRY(verify_program(&p));
        }
    }
    return TS_OK;
}
