/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * DMA tasks to aiex.npu.writebd and addresses, pushes and syncs. A task's block is a descriptor:
 * aie.dma_bd, perhaps between two aie.use_lock, and where it goes on.
 * src: Xilinx/mlir-aie: lib/Dialect/AIEX/Transforms/AIEDMATasksToNPU.cpp [code]
 */
#include "pass_sequence_tasks.h"

/* src: Xilinx/mlir-aie: include/aie/Dialect/AIE/IR/AIEAttrs.td, LockAction [code] */
enum {
    ACTION_ACQUIRE,
    ACTION_RELEASE,
    ACTION_ACQUIRE_GREATER_EQUAL
};

typedef struct blocks {
    ts_pass_context *c;
    pass_builder b;
    ts_op *task;
    sequence_channel channel;
    const ts_npu_tile *tile;
} blocks;

/* ---- what a block may hold ------------------------------------------------------------------- */

static ts_op *bd_of(const ts_block *block) {
    ts_op *op = block->first;
    while (op && op->code != TS_OP_AIE_DMA_BD)
        op = op->next;
    return op;
}

/* An entry block may do no more than say where the chain begins, so that it can be a circle. Blocks
 * without any operation are what is left of an end. */
static bool is_skipped(const ts_block *block) {
    bool is_entry = block == block->region->first;
    return !block->first ||
           (is_entry && block->first == block->last &&
            (block->first->code == TS_OP_AIE_NEXT_BD || block->first->code == TS_OP_AIE_END));
}

static bool has_predecessor(const ts_block *block) {
    for (const ts_block *from = block->region->first; from; from = from->next)
        for (uint32_t i = 0; from->last && i < from->last->n_successors; i++)
            if (from->last->successors[i] == block) return true;
    return false;
}

/* A DMA reaches buffers and locks of its own tile, in memory tiles those of both neighbors, too. */
static ts_status check_reach(ts_pass_context *c, const ts_op *task, const ts_op *op) {
    const ts_op *of_task = pass_tile_of(task);
    const ts_op *what = op->n_operands ? op->operands[0].value->owner : NULL;
    if (!of_task || !what || (what->code != TS_OP_AIE_BUFFER && what->code != TS_OP_AIE_LOCK))
        return TS_OK;
    const ts_op *tile = pass_tile_of(what);
    int64_t right = tile ? pass_column(tile) - pass_column(of_task) : 99;
    bool is_near = pass_is_tile(c, of_task, TS_NPU_MEMORY) && right >= -1 && right <= 1 && tile &&
                   pass_row(tile) == pass_row(of_task);
    if (tile && (tile == of_task || is_near)) return TS_OK;
    return pass_fail(c, what, TS_RANGE, "in %s is accessed from an unreachable tile, %s",
                     pass_tile_text(c, tile), pass_tile_text(c, of_task));
}

ts_status sequence_check_blocks(ts_pass_context *c, const ts_op *task) {
    for (const ts_block *block = task->regions[0].first; block; block = block->next) {
        if (!block->first) continue;
        if (block != task->regions[0].first && !has_predecessor(block))
            return pass_fail(c, block->last, TS_CONFLICT,
                             "Block ending in this terminator does not form a chain with entry "
                             "block.");
        for (const ts_op *op = block->first; op; op = op->next) {
            if (op->code == TS_OP_AIE_DMA_BD && ts_op_integer(op, "burst_length", 0) != 0 &&
                !pass_is_tile(c, pass_tile_of(task), TS_NPU_SHIM))
                return pass_fail(c, op, TS_RANGE,
                                 "Burst length is only supported in Shim NOC tiles that are "
                                 "connected to the memory-mapped NOC.");
            TS_TRY(check_reach(c, task, op));
        }
    }
    return TS_OK;
}

static ts_status check_block(blocks *k, const ts_block *block) {
    uint32_t n_bds = 0, n_locks = 0;
    const ts_op *lock = NULL;
    for (const ts_op *op = block->first; op; op = op->next) {
        n_bds += op->code == TS_OP_AIE_DMA_BD;
        n_locks += op->code == TS_OP_AIE_USE_LOCK;
        if (op->code == TS_OP_AIE_USE_LOCK && !lock) lock = op;
        if (op->code != TS_OP_AIE_DMA_BD && op->code != TS_OP_AIE_USE_LOCK &&
            op->code != TS_OP_AIE_NEXT_BD && op->code != TS_OP_AIE_END)
            return pass_fail(k->c, k->task, TS_UNSUPPORTED,
                             "Unsupported operation within BD block: %s", op->name);
    }
    if (n_bds < 1)
        return pass_fail(k->c, block->last, TS_MISSING,
                         "Block ending in this terminator does not contain a required aie.dma_bd "
                         "operation.");
    if (n_bds > 1)
        return pass_fail(k->c, block->last, TS_CONFLICT,
                         "This block contains multiple aie.dma_bd operations. Exactly one is "
                         "required.");
    if (!ts_op_attr(bd_of(block), "bd_id"))
        return pass_fail(k->c, bd_of(block), TS_MISSING,
                         "Cannot lower buffer descriptor without assigned ID.");
    if (n_locks != 0 && n_locks != 2)
        return pass_fail(k->c, lock, TS_CONFLICT,
                         "BD blocks must have either 0 or 2 lock operations (acquire and release). "
                         "Found %u lock operations.",
                         n_locks);
    return TS_OK;
}

/* ---- the pattern ----------------------------------------------------------------------------- */

static int64_t member_of(const ts_attr *attr, const char *name) {
    const ts_attr *member = ts_attr_member(attr, name);
    return member && member->kind == TS_ATTR_INTEGER ? member->integer : 0;
}

/* #aie<bd_dim_layout_array[...]> and its like. */
static const ts_attr *array_of(const ts_op *op, const char *name, size_t *n) {
    const ts_attr *attr = ts_op_attr(op, name);
    bool is_list = attr && (attr->kind == TS_ATTR_ARRAY || attr->kind == TS_ATTR_DIALECT);
    *n = is_list ? attr->n_elements : 0;
    return attr;
}

static ts_status read_padding(blocks *k, const ts_op *op, size_t n_dims, sequence_bd *bd) {
    int64_t before[4] = {0}, after[4] = {0};
    size_t n;
    const ts_attr *padding = array_of(op, "pad_dimensions", &n);
    if (!padding) return TS_OK;
    if (!n_dims && k->tile->kind == TS_NPU_MEMORY && k->channel.direction == SEQUENCE_MM2S)
        return pass_fail(k->c, op, TS_RANGE,
                         "Padding requires n-d data layouts expressed as wrap(s) and stride(s).");
    if (!n_dims) return pass_fail(k->c, op, TS_RANGE, "Padding is supported only on MemTiles.");
    if (k->tile->kind != TS_NPU_MEMORY)
        return pass_fail(k->c, op, TS_RANGE, "Padding is only supported by memtile dma bds.");
    if (n > n_dims)
        return pass_fail(k->c, op, TS_RANGE,
                         "Mismatch number of dimensions between padding(s) and wrap(s) and "
                         "stride(s).");
    if (k->channel.direction != SEQUENCE_MM2S)
        return pass_fail(k->c, op, TS_RANGE,
                         "supports padding only for MM2S direction on MemTiles.");
    for (size_t i = 0; i < n; i++) {
        before[i] = member_of(padding->elements[n - i - 1], "const_pad_before");
        after[i] = member_of(padding->elements[n - i - 1], "const_pad_after");
    }
    bd->d0_zero_before = before[0];
    bd->d1_zero_before = before[1];
    bd->d2_zero_before = before[2];
    bd->d0_zero_after = after[0];
    bd->d1_zero_after = after[1];
    bd->d2_zero_after = after[2];
    return TS_OK;
}

static ts_status check_length(blocks *k, const ts_op *op, const sequence_pattern *p,
                              int64_t n_words) {
    int64_t product = 1;
    for (int i = 0; i < 3; i++) {
        product *= p->field_sizes[i];
        if (product > INT64_C(1) << 32) product = INT64_C(1) << 32; /* no length is that long */
    }
    if (product == n_words) return TS_OK;
    return pass_fail(k->c, op, TS_RANGE,
                     "Buffer descriptor length does not match length of transfer expressed by "
                     "lowest three dimensions of data layout transformation strides/wraps. BD "
                     "length is %lld bytes. Lowest three dimensions would result in transfer of "
                     "%lld bytes.",
                     (long long)n_words * 4, (long long)product * 4);
}

static void write_pattern(const sequence_pattern *p, sequence_bd *bd) {
    bd->iteration_size = p->field_sizes[3];
    bd->iteration_stride = p->field_strides[3];
    if (p->sizes[3] > 1 && p->strides[3] == 0) bd->iteration_size = bd->iteration_stride = 0;
    if (p->is_linear) return;
    bd->d0_size = p->field_sizes[0];
    bd->d0_stride = p->field_strides[0];
    bd->d1_size = p->field_sizes[1];
    bd->d1_stride = p->field_strides[1];
    bd->d2_stride = p->field_strides[2];
}

static ts_status read_pattern(blocks *k, const ts_op *op, uint64_t bits, sequence_bd *bd) {
    sequence_pattern p = {.element_bits = bits, .sizes = {1, 1, 1, 1}};
    size_t n;
    const ts_attr *dims = array_of(op, "dimensions", &n);
    if (n > 4)
        return pass_fail(k->c, op, TS_RANGE,
                         "At most four data layout transformation dimensions may be provided.");
    TS_TRY(read_padding(k, op, n, bd));
    if (!n) return TS_OK;
    for (size_t i = 0; i < n; i++) {
        p.sizes[i] = member_of(dims->elements[n - i - 1], "size");
        p.strides[i] = member_of(dims->elements[n - i - 1], "stride");
    }
    sequence_fields(&p);
    if (n > 2 && k->tile->kind == TS_NPU_MEMORY) bd->d2_size = member_of(dims->elements[2], "size");
    TS_TRY(sequence_check_pattern(k->c, op, k->tile, &p));
    write_pattern(&p, bd);
    return check_length(k, op, &p, bd->buffer_length);
}

/* ---- locks, packets, next -------------------------------------------------------------------- */

/* A memory tile sees its western neighbor's locks first, then its own, then the eastern's.
 * src: Xilinx/mlir-aie: lib/Dialect/AIE/IR/AIETargetModel.cpp, getLockLocalBaseIndex [code] */
static int64_t first_lock(const blocks *k, const ts_op *lock) {
    const ts_op *tile = pass_tile_of(lock);
    if (k->tile->kind != TS_NPU_MEMORY || !tile) return 0;
    int64_t right = pass_column(tile) - k->channel.column;
    return right >= -1 && right <= 1 ? (right + 1) * k->tile->n_locks : 0;
}

static ts_status read_lock(blocks *k, const ts_op *use, sequence_bd *bd) {
    const ts_op *lock = use->n_operands ? use->operands[0].value->owner : NULL;
    int64_t action = ts_op_integer(use, "action", 0), value = ts_op_integer(use, "value", 1);
    if (!lock || lock->code != TS_OP_AIE_LOCK)
        return pass_fail(k->c, use, TS_SYNTAX, "a descriptor uses an aie.lock");
    if (!ts_op_attr(lock, "lockID")) return TS_OK;
    int64_t id = ts_op_integer(lock, "lockID", 0) + first_lock(k, lock);
    if (action == ACTION_RELEASE) {
        bd->lock_rel_id = id;
        bd->lock_rel_val = value;
    } else {
        bd->lock_acq_id = id;
        bd->lock_acq_val = action == ACTION_ACQUIRE_GREATER_EQUAL ? -value : value;
        bd->lock_acq_enable = 1;
    }
    return TS_OK;
}

static ts_status read_locks(blocks *k, const ts_block *block, sequence_bd *bd) {
    uint32_t n_acquires = 0, n_releases = 0;
    for (const ts_op *op = block->first; op; op = op->next) {
        if (op->code != TS_OP_AIE_USE_LOCK) continue;
        bool is_release = ts_op_integer(op, "action", 0) == ACTION_RELEASE;
        n_releases += is_release;
        n_acquires += !is_release;
    }
    if (n_acquires != 1 || n_releases != 1) return TS_OK;
    for (const ts_op *op = block->first; op; op = op->next)
        if (op->code == TS_OP_AIE_USE_LOCK) TS_TRY(read_lock(k, op, bd));
    return TS_OK;
}

static ts_status read_packet(blocks *k, const ts_op *op, sequence_bd *bd) {
    const ts_attr *packet = ts_op_attr(op, "packet");
    if (!packet) packet = ts_op_attr(k->task, "packet");
    if (!packet) return TS_OK;
    bd->enable_packet = 1;
    bd->packet_type = member_of(packet, "pkt_type");
    bd->packet_id = member_of(packet, "pkt_id");
    if ((uint64_t)bd->packet_id > 31)
        return pass_fail(k->c, op, TS_RANGE, "Packet ID exceeds the maximum supported by 5 bits.");
    if ((uint64_t)bd->packet_type > 7)
        return pass_fail(k->c, op, TS_RANGE,
                         "Packet Type exceeds the maximum supported by 3 bits.");
    return TS_OK;
}

static ts_status read_next(blocks *k, const ts_block *block, const ts_op *op, sequence_bd *bd) {
    const ts_attr *next = ts_op_attr(op, "next_bd_id");
    if (next) bd->next_bd = ts_op_integer(op, "next_bd_id", 0);
    bd->use_next_bd = next != NULL;
    if (block->last->code != TS_OP_AIE_NEXT_BD || !block->last->n_successors) return TS_OK;
    const ts_op *behind = bd_of(block->last->successors[0]);
    if (!behind) return TS_OK; /* an end */
    if (next)
        return pass_fail(k->c, op, TS_CONFLICT,
                         "Cannot specify both next_bd_id attribute and aie.next_bd operation.");
    bd->next_bd = ts_op_integer(behind, "bd_id", 0);
    bd->use_next_bd = 1;
    return TS_OK;
}

/* ---- addresses ------------------------------------------------------------------------------- */

static ts_status write_buffer(blocks *k, const ts_op *op, const ts_op *buffer, uint64_t address,
                              int64_t offset_bytes) {
    if (!ts_op_attr(buffer, "address"))
        return pass_fail(k->c, op, TS_MISSING, "Cannot lower buffer without associated address.");
    int64_t at = ts_op_integer(buffer, "address", 0) + offset_bytes;
    if (k->tile->kind == TS_NPU_SHIM) {
        sequence_make_write(&k->b, address, (uint32_t)at);
        return TS_OK;
    }
    uint32_t word = k->tile->kind == TS_NPU_MEMORY ? 1 : 0;
    const ts_npu_register *reg = ts_npu_register_at(k->tile, k->tile->bd_offset + 4 * word);
    const ts_npu_field *field = reg ? ts_npu_field_find(reg, "Base_Address") : NULL;
    if (!field) return pass_fail(k->c, op, TS_UNSUPPORTED, "the descriptor takes no address");
    sequence_make_maskwrite(&k->b, address, ts_npu_field_insert(field, 0, (uint32_t)(at / 4)),
                            ts_npu_field_mask(field));
    return TS_OK;
}

static ts_status write_address(blocks *k, const ts_op *op, int64_t bd_id, int64_t offset_bytes) {
    const ts_value *value = op->operands[0].value;
    uint64_t address = 0;
    int64_t below = 0;
    const ts_value *argument = sequence_argument(value, &below);
    TS_TRY(sequence_bd_address(k->c, op, k->channel.column, k->channel.row, bd_id, true, &address));
    if (argument) {
        if (k->tile->kind != TS_NPU_SHIM)
            return pass_fail(k->c, op, TS_RANGE,
                             "DDR memory (runtime input arguments) can only be referred to on shim "
                             "tiles.");
        sequence_make_patch(&k->b, address, argument->index, below + offset_bytes);
        return TS_OK;
    }
    if (value->owner && value->owner->code == TS_OP_AIE_BUFFER) {
        return write_buffer(k, op, value->owner, address, offset_bytes);
    }
    return pass_fail(k->c, op, TS_UNSUPPORTED,
                     "Buffer argument must be a constant aie.buffer, a runtime sequence input "
                     "argument, or a (chain of) subview(s) or cast(s) of a block argument with "
                     "constant offsets and strides equal to one.");
}

/* ---- one descriptor -------------------------------------------------------------------------- */

static ts_status read_length(blocks *k, const ts_op *op, uint64_t bits, sequence_bd *bd) {
    const ts_type *type = op->operands[0].value->type;
    int64_t offset = ts_op_integer(op, "offset", 0), bytes = (int64_t)((bits + 7) / 8);
    int64_t n =
        ts_op_attr(op, "len") ? ts_op_integer(op, "len", 0) : (int64_t)ts_type_n_elements(type);
    const int64_t limit = INT64_C(1) << 40;
    if (!bits || bits > UINT16_MAX)
        return pass_fail(k->c, op, TS_UNSUPPORTED,
                         "the elements of this buffer have no known size");
    if (offset < 0 || n < 0 || offset > limit || n > limit)
        return pass_fail(k->c, op, TS_RANGE, "offset and length are beyond all bounds");
    bd->buffer_offset = offset * bytes;
    bd->buffer_length = n * bytes / 4;
    if (bd->buffer_offset % 4 != 0)
        return pass_fail(k->c, op, TS_RANGE, "Offset must be aligned to 4 byte boundary.");
    if (n * bytes < 4)
        return pass_fail(
            k->c, op, TS_RANGE,
            "Transfer size of %lld bytes falls below minimum hardware transfer unit of "
            "4 bytes.",
            (long long)n * bytes);
    if (bd->buffer_length > UINT32_MAX)
        return pass_fail(k->c, op, TS_RANGE, "Transfer of %lld words is too long.",
                         (long long)bd->buffer_length);
    return TS_OK;
}

static ts_status write_block(blocks *k, const ts_block *block) {
    const ts_op *op = bd_of(block);
    sequence_bd bd = {.valid_bd = 1, .column = k->channel.column, .row = k->channel.row};
    if (!op->n_operands) return pass_fail(k->c, op, TS_SYNTAX, "aie.dma_bd needs a buffer");
    uint64_t bits = sequence_element_bits(op->operands[0].value->type);
    bd.bd_id = ts_op_integer(op, "bd_id", 0);
    bd.burst_length = ts_op_integer(op, "burst_length", 0);
    TS_TRY(read_length(k, op, bits, &bd));
    TS_TRY(read_pattern(k, op, bits, &bd));
    TS_TRY(read_next(k, block, op, &bd));
    TS_TRY(read_packet(k, op, &bd));
    TS_TRY(read_locks(k, block, &bd));
    sequence_make_bd(&k->b, &bd);
    return write_address(k, op, bd.bd_id, bd.buffer_offset);
}

static ts_status write_task(ts_pass_context *c, ts_op *task) {
    blocks k = {.c = c, .b = {.design = c->design}, .task = task};
    TS_TRY(sequence_task_channel(c, task, &k.channel));
    k.tile = pass_tile_kind(c, k.channel.tile);
    if (task->n_results && task->results[0].first_use)
        return pass_fail(c, task, TS_CONFLICT, "Cannot lower while op still has uses.");
    TS_TRY(sequence_check_blocks(c, task));
    for (const ts_block *block = task->regions[0].first; block; block = block->next)
        if (!is_skipped(block)) TS_TRY(check_block(&k, block));
    pass_before(&k.b, task);
    for (const ts_block *block = task->regions[0].first; block; block = block->next)
        if (!is_skipped(block)) TS_TRY(write_block(&k, block));
    if (k.b.failed) return ts_fail_nomem(c->diag);
    ts_op_erase(task);
    return TS_OK;
}

/* ---- starting and awaiting ------------------------------------------------------------------- */

static const ts_op *first_bd(const ts_op *task) {
    const ts_block *block = task->regions[0].first;
    const ts_op *bd = block ? bd_of(block) : NULL;
    if (!bd && block && block->last && block->last->n_successors == 1)
        bd = bd_of(block->last->successors[0]);
    return bd && ts_op_attr(bd, "bd_id") ? bd : NULL;
}

static ts_status start_task(ts_pass_context *c, ts_op *op) {
    pass_builder b = {.design = c->design};
    const ts_op *task = sequence_task_of(op);
    sequence_channel channel;
    if (!task) return pass_fail(c, op, TS_MISSING, "does not start an aiex.dma_configure_task");
    TS_TRY(sequence_task_channel(c, task, &channel));
    const ts_op *bd = first_bd(task);
    if (!bd)
        return pass_fail(c, op, TS_MISSING,
                         "First buffer descriptor in chain has not been assigned an ID");
    pass_before(&b, op);
    sequence_make_push(&b, &channel, ts_op_bool(task, "issue_token"),
                       ts_op_integer(task, "repeat_count", 0), ts_op_integer(bd, "bd_id", 0));
    if (b.failed) return ts_fail_nomem(c->diag);
    ts_op_erase(op);
    return TS_OK;
}

static ts_status await_task(ts_pass_context *c, ts_op *op) {
    pass_builder b = {.design = c->design};
    const ts_op *task = sequence_task_of(op);
    sequence_channel channel;
    if (!task) return pass_fail(c, op, TS_MISSING, "does not await an aiex.dma_configure_task");
    if (!ts_op_bool(task, "issue_token"))
        return pass_fail(c, op, TS_CONFLICT,
                         "Cannot wait on a BD that is not configured to issue a token.");
    TS_TRY(sequence_task_channel(c, task, &channel));
    pass_before(&b, op);
    sequence_make_sync(&b, &channel);
    if (b.failed) return ts_fail_nomem(c->diag);
    ts_op_erase(op);
    return TS_OK;
}

ts_status sequence_tasks(ts_pass_context *c) {
    ts_op *next;
    for (ts_op *op = ts_op_next_below(c->device, c->device); op; op = next) {
        next = ts_op_next_below(c->device, op);
        if (op->code == TS_OP_AIEX_DMA_START_TASK) TS_TRY(start_task(c, op));
        if (op->code == TS_OP_AIEX_DMA_AWAIT_TASK) TS_TRY(await_task(c, op));
    }
    for (ts_op *op = ts_op_next_below(c->device, c->device); op; op = next) {
        next = ts_op_next_below(c->device, op);
        if (op->code != TS_OP_AIEX_DMA_CONFIGURE_TASK) continue;
        while (next && ts_op_parent_of(next, TS_OP_AIEX_DMA_CONFIGURE_TASK) == op)
            next = ts_op_next_below(c->device, next);
        TS_TRY(write_task(c, op));
    }
    return TS_OK;
}
