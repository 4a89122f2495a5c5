/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * DMA tasks of a runtime sequence before their descriptors are written: chains put where they are
 * started, shim allocations resolved, numbers of descriptors given.
 * src: Xilinx/mlir-aie: lib/Dialect/AIEX/Transforms/AIEMaterializeBDChains.cpp,
 * AIESubstituteShimDMAAllocations.cpp, AIEAssignRuntimeSequenceBDIDs.cpp [code]
 */
#include "pass_sequence_tasks.h"

/* ---- shared ---------------------------------------------------------------------------------- */

/* The next operation of that code below the device, behind `after` (NULL: the first). */
static ts_op *next_of(const ts_pass_context *c, const ts_op *after, ts_op_code code) {
    ts_op *op = ts_op_next_below(c->device, after ? after : c->device);
    while (op && op->code != code)
        op = ts_op_next_below(c->device, op);
    return op;
}

static void move_region(ts_region *to, ts_region *from) {
    to->first = from->first;
    to->last = from->last;
    from->first = from->last = NULL;
    for (ts_block *block = to->first; block; block = block->next)
        block->region = to;
}

static void copy_attr(pass_builder *b, const ts_op *from, ts_op *to, const char *name) {
    if (from && ts_op_attr(from, name)) pass_set(b, to, name, ts_op_attr(from, name));
}

/* A dma_configure_task before `op`, which takes over what it says of tokens and repeats. */
static ts_op *make_task(pass_builder *b, ts_op *op, ts_value *tile, int64_t direction,
                        int64_t channel) {
    const ts_type *index = ts_type_index(b->design);
    pass_before(b, op);
    ts_op *task = pass_make(b, TS_OP_AIEX_DMA_CONFIGURE_TASK, &tile, 1, &index, 1, 1);
    pass_set_i32(b, task, "direction", direction);
    pass_set_i32(b, task, "channel", channel);
    copy_attr(b, op, task, "issue_token");
    copy_attr(b, op, task, "repeat_count");
    if (task && op->n_results) task->results[0].name = op->results[0].name;
    if (task) task->offset = op->offset;
    return task;
}

const ts_op *sequence_task_of(const ts_op *op) {
    const ts_op *task = op->n_operands ? op->operands[0].value->owner : NULL;
    return task && task->code == TS_OP_AIEX_DMA_CONFIGURE_TASK ? task : NULL;
}

ts_status sequence_task_channel(ts_pass_context *c, const ts_op *task, sequence_channel *out) {
    *out = (sequence_channel){.tile = pass_tile_of(task),
                              .direction = ts_op_integer(task, "direction", 0),
                              .number = ts_op_integer(task, "channel", -1)};
    const ts_npu_tile *tile = out->tile ? pass_tile_kind(c, out->tile) : NULL;
    if (!tile) return pass_fail(c, task, TS_RANGE, "a task runs on an aie.tile of the device");
    if (out->number < 0 || out->number >= tile->n_channels)
        return pass_fail(c, task, TS_RANGE, "%s has no DMA channel %lld",
                         pass_tile_text(c, out->tile), (long long)out->number);
    out->column = (uint32_t)pass_column(out->tile);
    out->row = (uint32_t)pass_row(out->tile);
    return TS_OK;
}

/* ---- chains ---------------------------------------------------------------------------------- */

static ts_status check_arguments(ts_pass_context *c, const ts_op *op, const ts_op *chain,
                                 uint32_t n_arguments) {
    const ts_block *entry = chain->n_regions ? chain->regions[0].first : NULL;
    uint32_t n_expected = entry ? entry->n_arguments : 0;
    if (n_expected != n_arguments)
        return pass_fail(c, op, TS_CONFLICT, "Number of arguments mismatches.");
    for (uint32_t i = 0; i < n_arguments; i++)
        if (entry->arguments[i]->type != op->operands[i].value->type) {
            ts_buf text = ts_buf_in(c->design->arena);
            ts_type_print(entry->arguments[i]->type, &text);
            ts_buf_text(&text, " but got ");
            ts_type_print(op->operands[i].value->type, &text);
            ts_buf_u8(&text, 0);
            if (text.failed) return ts_fail_nomem(c->diag);
            return pass_fail(c, op, TS_CONFLICT, "Argument %u types mismatch: expected %s", i + 1,
                             (const char *)text.data);
        }
    return TS_OK;
}

/* Where a chain runs: on the tile of the last operand, or where the allocation says. */
static ts_status chain_channel(ts_pass_context *c, ts_op *op, sequence_channel *out,
                               uint32_t *n_arguments) {
    *n_arguments = op->n_operands;
    if (op->code == TS_OP_AIEX_DMA_START_BD_CHAIN_FOR) {
        TS_TRY(sequence_allocation(c, op, ts_op_text(op, "alloc", NULL), out, NULL));
        if (!out->tile) out->tile = sequence_tile(c, out->column, out->row);
        return out->tile ? TS_OK : ts_fail_nomem(c->diag);
    }
    if (!op->n_operands || !pass_tile_of_value(op->operands[op->n_operands - 1].value))
        return pass_fail(c, op, TS_SYNTAX, "a chain starts on an aie.tile");
    out->tile = pass_tile_of_value(op->operands[--*n_arguments].value);
    out->direction = ts_op_integer(op, "direction", 0);
    out->number = ts_op_integer(op, "channel", 0);
    return TS_OK;
}

static ts_status inline_chain(ts_pass_context *c, ts_op *op) {
    pass_builder b = {.design = c->design};
    const char *symbol = ts_op_text(op, "symbol", NULL);
    const ts_op *chain = symbol ? ts_symbol_find(c->device, symbol) : NULL;
    sequence_channel channel;
    uint32_t n_arguments;
    if (!chain || chain->code != TS_OP_AIE_BD_CHAIN)
        return pass_fail(c, op, TS_MISSING, "symbol does not reference valid BD chain");
    TS_TRY(chain_channel(c, op, &channel, &n_arguments));
    TS_TRY(check_arguments(c, op, chain, n_arguments));
    ts_op *copy = ts_op_clone(c->design, chain);
    ts_op *task = make_task(&b, op, pass_result(channel.tile), channel.direction, channel.number);
    if (!copy || !task) return ts_fail_nomem(c->diag);
    ts_block *entry = copy->regions[0].first;
    for (uint32_t i = 0; entry && i < n_arguments; i++)
        ts_value_replace(entry->arguments[i], op->operands[i].value);
    if (entry) entry->n_arguments = 0;
    move_region(&task->regions[0], &copy->regions[0]);
    ts_value *value = pass_result(task);
    pass_make(&b, TS_OP_AIEX_DMA_START_TASK, &value, 1, NULL, 0, 0);
    if (b.failed) return ts_fail_nomem(c->diag);
    if (op->n_results) ts_value_replace(&op->results[0], value);
    ts_op_erase(op);
    return sequence_check_blocks(c, task);
}

ts_status sequence_chains(ts_pass_context *c) {
    static const ts_op_code codes[] = {TS_OP_AIEX_DMA_START_BD_CHAIN_FOR,
                                       TS_OP_AIEX_DMA_START_BD_CHAIN};
    for (size_t i = 0; i < 2; i++)
        for (ts_op *op = next_of(c, NULL, codes[i]), *next; op; op = next) {
            next = next_of(c, op, codes[i]);
            TS_TRY(inline_chain(c, op));
        }
    return TS_OK;
}

/* ---- allocations ----------------------------------------------------------------------------- */

static ts_status resolve(ts_pass_context *c, ts_op *op) {
    pass_builder b = {.design = c->design};
    sequence_channel channel;
    const ts_op *allocation;
    TS_TRY(sequence_allocation(c, op, ts_op_text(op, "alloc", NULL), &channel, &allocation));
    if (!channel.tile) channel.tile = sequence_tile(c, channel.column, channel.row);
    if (!channel.tile) return ts_fail_nomem(c->diag);
    ts_op *task = make_task(&b, op, pass_result(channel.tile), channel.direction, channel.number);
    copy_attr(&b, allocation, task, "packet");
    if (b.failed) return ts_fail_nomem(c->diag);
    move_region(&task->regions[0], &op->regions[0]);
    if (op->n_results) ts_value_replace(&op->results[0], pass_result(task));
    ts_op_erase(op);
    return TS_OK;
}

ts_status sequence_allocations(ts_pass_context *c) {
    ts_op *next;
    for (ts_op *op = next_of(c, NULL, TS_OP_AIEX_DMA_CONFIGURE_TASK_FOR); op; op = next) {
        next = next_of(c, op, TS_OP_AIEX_DMA_CONFIGURE_TASK_FOR);
        TS_TRY(resolve(c, op));
    }
    return TS_OK;
}

/* ---- numbers of descriptors ------------------------------------------------------------------ */

/* By place: a bit for each descriptor in use. */
typedef struct bd_numbers {
    ts_pass_context *c;
    uint64_t *in_use;
} bd_numbers;

static uint64_t *used_of(const bd_numbers *n, const sequence_channel *channel) {
    return &n->in_use[channel->column * n->c->grid.n_rows + channel->row];
}

static ts_op *next_bd(const ts_op *task, const ts_op *after) {
    ts_op *op = ts_op_next_below(task, after ? after : task);
    while (op && op->code != TS_OP_AIE_DMA_BD)
        op = ts_op_next_below(task, op);
    return op;
}

static ts_status honor(bd_numbers *n, const ts_op *task, const ts_npu_tile *tile, uint64_t *used) {
    for (ts_op *bd = next_bd(task, NULL); bd; bd = next_bd(task, bd)) {
        int64_t id = ts_op_integer(bd, "bd_id", -1);
        if (!ts_op_attr(bd, "bd_id")) continue;
        if (id < 0 || id >= tile->n_bds)
            return pass_fail(n->c, bd, TS_RANGE, "BD ID exceeds the maximum ID.");
        if (*used >> id & 1)
            return pass_fail(n->c, task, TS_CONFLICT,
                             "Specified buffer descriptor ID %lld is already in use. Emit an "
                             "aiex.dma_free_task operation to reuse BDs.",
                             (long long)id);
        *used |= UINT64_C(1) << id;
    }
    return TS_OK;
}

static ts_status give(bd_numbers *n, const ts_op *task, const sequence_channel *channel,
                      const ts_npu_tile *tile, uint64_t *used) {
    pass_builder b = {.design = n->c->design};
    for (ts_op *bd = next_bd(task, NULL); bd; bd = next_bd(task, bd)) {
        uint32_t id = 0;
        if (ts_op_attr(bd, "bd_id")) continue;
        while (id < tile->n_bds && ((*used >> id & 1) ||
                                    !ts_npu_bd_is_for_channel(tile, id, (uint32_t)channel->number)))
            id++;
        if (id == tile->n_bds)
            return pass_fail(n->c, task, TS_CONFLICT,
                             "Allocator exhausted available buffer descriptor IDs: %s has %u, all "
                             "of them in use; free or await a task first",
                             pass_tile_text(n->c, channel->tile), tile->n_bds);
        *used |= UINT64_C(1) << id;
        pass_set_i32(&b, bd, "bd_id", id);
    }
    return b.failed ? ts_fail_nomem(n->c->diag) : TS_OK;
}

static ts_status number_task(bd_numbers *n, const ts_op *task) {
    sequence_channel channel;
    TS_TRY(sequence_task_channel(n->c, task, &channel));
    const ts_npu_tile *tile = pass_tile_kind(n->c, channel.tile);
    TS_TRY(honor(n, task, tile, used_of(n, &channel)));
    return give(n, task, &channel, tile, used_of(n, &channel));
}

static ts_status free_task(bd_numbers *n, const ts_op *op) {
    const ts_op *task = sequence_task_of(op);
    sequence_channel channel;
    if (!task)
        return pass_fail(n->c, op, TS_MISSING,
                         "op does not reference a valid configure_task operation.");
    TS_TRY(sequence_task_channel(n->c, task, &channel));
    for (ts_op *bd = next_bd(task, NULL); bd; bd = next_bd(task, bd)) {
        int64_t id = ts_op_integer(bd, "bd_id", -1);
        if (id < 0 || id >= 64)
            return pass_fail(n->c, bd, TS_MISSING, "Free called on BD chain with unassigned IDs.");
        *used_of(n, &channel) &= ~(UINT64_C(1) << id);
    }
    return TS_OK;
}

/* In the order of the text; what is awaited is free from there on. */
ts_status sequence_bd_ids(ts_pass_context *c) {
    bd_numbers n = {.c = c};
    ts_op *next;
    n.in_use =
        TS_ARENA_ARRAY(c->design->arena, uint64_t, (size_t)c->grid.n_columns * c->grid.n_rows);
    if (!n.in_use) return ts_fail_nomem(c->diag);
    for (ts_op *op = ts_op_next_below(c->device, c->device); op; op = next) {
        next = ts_op_next_below(c->device, op);
        if (op->code == TS_OP_AIEX_DMA_CONFIGURE_TASK) TS_TRY(number_task(&n, op));
        if (op->code == TS_OP_AIEX_DMA_AWAIT_TASK || op->code == TS_OP_AIEX_DMA_FREE_TASK)
            TS_TRY(free_task(&n, op));
        if (op->code == TS_OP_AIEX_DMA_FREE_TASK) ts_op_erase(op);
    }
    return TS_OK;
}
