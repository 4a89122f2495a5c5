/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Transfers of whole arguments (aiex.npu.dma_memcpy_nd), waiting for them, and writes to buffers.
 * src: Xilinx/mlir-aie: lib/Dialect/AIEX/Transforms/AIEDmaToNpu.cpp;
 * lib/Dialect/AIEX/IR/AIEXDialect.cpp, NpuDmaMemcpyNdOp::verify [code]
 */
#include "pass_sequence.h"

#include <string.h>

#define MAX_ELEMENT_BITS 32

/* ---- reading --------------------------------------------------------------------------------- */

/* Four numbers, written or bound to constants; outermost first in the design, innermost first here.
 */
static ts_status read_four(ts_pass_context *c, const ts_op *op, unsigned segment, const char *name,
                           const char *what, int64_t *out) {
    const ts_attr *fixed = ts_op_attr(op, name);
    uint32_t n_bound = 0, next = 0;
    ts_use *bound = ts_op_segment(op, segment, &n_bound);
    for (uint32_t i = 0; i < 4; i++) {
        bool is_fixed = fixed && fixed->kind == TS_ATTR_DENSE_ARRAY && fixed->type &&
                        fixed->data.size >= 4 * (size_t)((fixed->type->width + 7) / 8);
        int64_t value = is_fixed ? ts_attr_element(fixed, i) : TS_DYNAMIC_SIZE;
        if (value == TS_DYNAMIC_SIZE &&
            (next >= n_bound || !sequence_constant(bound[next++].value, &value)))
            return pass_fail(c, op, TS_UNSUPPORTED, "Only constant %s currently supported.", what);
        out[3 - i] = value;
    }
    return TS_OK;
}

typedef struct transfer {
    sequence_pattern pattern;
    sequence_channel channel;
    const ts_npu_tile *tile;
    const ts_value *argument;
    int64_t offset_bytes; /* from the start of the argument */
} transfer;

static ts_status read_offset(ts_pass_context *c, const ts_op *op, transfer *t) {
    int64_t offsets[4];
    const int64_t limit = INT64_C(1) << 31;
    TS_TRY(read_four(c, op, 1, "static_offsets", "offsets", offsets));
    t->offset_bytes = 0;
    for (int i = 0; i < 4; i++) {
        int64_t stride = t->pattern.strides[i];
        if (offsets[i] == 0 || stride == 0) continue;
        if (offsets[i] > limit || offsets[i] < -limit || stride > limit || stride < -limit)
            return pass_fail(c, op, TS_RANGE, "Offset %d is beyond all bounds.", i);
        t->offset_bytes += offsets[i] * stride * (int64_t)(t->pattern.element_bits / 8);
        if (t->offset_bytes > INT64_C(1) << 40 || t->offset_bytes < -(INT64_C(1) << 40))
            return pass_fail(c, op, TS_RANGE, "Offset %d is beyond all bounds.", i);
    }
    if (t->offset_bytes % 4 != 0)
        return pass_fail(c, op, TS_RANGE, "Offset must be 4-byte-aligned.");
    return TS_OK;
}

static ts_status check_type(ts_pass_context *c, const ts_op *op, const ts_type *type,
                            uint64_t bits) {
    if (bits == 0 || bits > MAX_ELEMENT_BITS)
        return pass_fail(c, op, TS_UNSUPPORTED, "Maximum element bit width allowed is 32bits.");
    uint64_t n = ts_type_n_elements(type);
    if (n && n * bits < 32)
        return pass_fail(c, op, TS_RANGE, "Minimum data transfer size required is 32bits.");
    return TS_OK;
}

static ts_status read_argument(ts_pass_context *c, const ts_op *op, transfer *t) {
    int64_t below;
    const ts_op *seq = ts_op_parent_of(op, TS_OP_AIE_RUNTIME_SEQUENCE);
    t->argument = sequence_argument(op->operands[0].value, &below);
    if (!seq || !t->argument || t->argument->block != seq->regions[0].first)
        return pass_fail(c, op, TS_UNSUPPORTED,
                         "memref must be a block argument or subview/cast/reinterpret_cast of a "
                         "block argument with static offsets, sizes, and strides");
    t->offset_bytes += below;
    return TS_OK;
}

static ts_status read_transfer(ts_pass_context *c, const ts_op *op, transfer *t) {
    *t = (transfer){0};
    if (!op->n_operands) return pass_fail(c, op, TS_SYNTAX, "a transfer needs a buffer");
    const ts_type *type = op->operands[0].value->type;
    uint32_t burst;
    t->pattern.element_bits = sequence_element_bits(type);
    TS_TRY(check_type(c, op, type, t->pattern.element_bits));
    TS_TRY(read_four(c, op, 3, "static_strides", "strides", t->pattern.strides));
    TS_TRY(read_four(c, op, 2, "static_sizes", "sizes", t->pattern.sizes));
    TS_TRY(sequence_burst(c, op, ts_op_integer(op, "burst_length", 0), &burst));
    TS_TRY(read_offset(c, op, t));
    TS_TRY(sequence_allocation(c, op, ts_op_text(op, "metadata", NULL), &t->channel, NULL));
    t->tile = ts_npu_tile_at(&c->grid, t->channel.column, t->channel.row);
    sequence_fields(&t->pattern);
    TS_TRY(sequence_check_pattern(c, op, t->tile, &t->pattern));
    return read_argument(c, op, t);
}

/* ---- lowering -------------------------------------------------------------------------------- */

static ts_status packet_of(ts_pass_context *c, const ts_op *op, sequence_bd *bd) {
    const ts_attr *packet = ts_op_attr(op, "packet");
    const ts_attr *type = ts_attr_member(packet, "pkt_type"),
                  *id = ts_attr_member(packet, "pkt_id");
    if (!packet) return TS_OK;
    bd->enable_packet = 1;
    bd->packet_type = type ? type->integer : 0;
    bd->packet_id = id ? id->integer : 0;
    if ((uint64_t)bd->packet_type > 7)
        return pass_fail(c, op, TS_RANGE, "Packet type field can only hold 3 bits.");
    if ((uint64_t)bd->packet_id > 31)
        return pass_fail(c, op, TS_RANGE, "Packet ID field can only hold 5 bits.");
    return TS_OK;
}

/* A fourth stride of 0 repeats the transfer: the queue counts, the descriptor does not. */
static void pattern_of(const sequence_pattern *p, const ts_npu_tile *tile, sequence_bd *bd) {
    bd->buffer_length = p->field_sizes[0] * p->sizes[1] * p->sizes[2];
    if (!p->is_linear) {
        bd->d0_size = p->field_sizes[0];
        bd->d0_stride = p->field_strides[0];
        bd->d1_size = p->field_sizes[1];
        bd->d1_stride = p->field_strides[1];
        bd->d2_stride = p->field_strides[2];
        bd->d2_size = tile->kind == TS_NPU_MEMORY ? p->field_sizes[2] : 0;
    }
    if (p->sizes[3] > 1 && p->strides[3] > 0) {
        bd->iteration_size = p->field_sizes[3];
        bd->iteration_stride = p->field_strides[3];
    }
}

static ts_status padding_of(ts_pass_context *c, const ts_op *op, const transfer *t,
                            sequence_bd *bd) {
    bd->d0_zero_before = ts_op_integer(op, "d0_zero_before", 0);
    bd->d1_zero_before = ts_op_integer(op, "d1_zero_before", 0);
    bd->d2_zero_before = ts_op_integer(op, "d2_zero_before", 0);
    bd->d0_zero_after = ts_op_integer(op, "d0_zero_after", 0);
    bd->d1_zero_after = ts_op_integer(op, "d1_zero_after", 0);
    bd->d2_zero_after = ts_op_integer(op, "d2_zero_after", 0);
    bool is_padded = bd->d0_zero_before || bd->d1_zero_before || bd->d2_zero_before ||
                     bd->d0_zero_after || bd->d1_zero_after || bd->d2_zero_after;
    if (is_padded && t->tile->kind == TS_NPU_MEMORY && t->channel.direction != SEQUENCE_MM2S)
        return pass_fail(c, op, TS_RANGE, "MemTile supports zero padding only on MM2S direction");
    return TS_OK;
}

/* The three operations that a transfer is become register writes at once, so that constants are
 * numbered in the order of transfers. */
static ts_status lower_between(ts_pass_context *c, ts_op *before, ts_op *end) {
    ts_op *next;
    for (ts_op *op = before ? before->next : end->block->first; op != end; op = next) {
        next = op->next;
        if (op->code == TS_OP_AIEX_NPU_WRITEBD) TS_TRY(sequence_lower_bd(c, op));
        if (op->code == TS_OP_AIEX_NPU_PUSH_QUEUE) TS_TRY(sequence_lower_push(c, op));
    }
    return TS_OK;
}

ts_status sequence_lower_memcpy(ts_pass_context *c, ts_op *op) {
    transfer t;
    sequence_bd bd = {.valid_bd = 1};
    uint64_t address = 0;
    pass_builder b = {.design = c->design};
    ts_op *before = op->previous;
    TS_TRY(read_transfer(c, op, &t));
    bd.column = t.channel.column;
    bd.row = t.channel.row;
    bd.bd_id = ts_op_integer(op, "id", 0);
    bd.burst_length = ts_op_integer(op, "burst_length", 0);
    pattern_of(&t.pattern, t.tile, &bd);
    TS_TRY(packet_of(c, op, &bd));
    TS_TRY(padding_of(c, op, &t, &bd));
    TS_TRY(sequence_bd_address(c, op, t.channel.column, t.channel.row, bd.bd_id, true, &address));
    pass_before(&b, op);
    sequence_make_bd(&b, &bd);
    sequence_make_patch(&b, address, t.argument->index, t.offset_bytes);
    sequence_make_push(&b, &t.channel,
                       t.channel.direction != SEQUENCE_MM2S || ts_op_bool(op, "issue_token"),
                       t.pattern.field_sizes[3], bd.bd_id);
    if (b.failed) return ts_fail_nomem(c->diag);
    for (ts_op *made = before ? before->next : op->block->first; made != op; made = made->next)
        made->offset = op->offset; /* errors are the transfer's */
    TS_TRY(lower_between(c, before, op));
    ts_op_erase(op);
    return TS_OK;
}

ts_status sequence_lower_wait(ts_pass_context *c, ts_op *op) {
    sequence_channel channel;
    pass_builder b = {.design = c->design};
    const char *symbol = ts_op_text(op, "symbol", NULL);
    if (!symbol || !ts_symbol_find(c->device, symbol))
        return pass_fail(c, op, TS_MISSING, "couldn't find symbol in parent device");
    TS_TRY(sequence_allocation(c, op, symbol, &channel, NULL));
    pass_before(&b, op);
    sequence_make_sync(&b, &channel);
    if (b.failed) return ts_fail_nomem(c->diag);
    ts_op_erase(op);
    return TS_OK;
}

/* ---- writes to buffers ----------------------------------------------------------------------- */

static void copy_number(pass_builder *b, const ts_op *from, ts_op *to, const char *name) {
    if (ts_op_attr(from, name)) pass_set(b, to, name, ts_op_attr(from, name));
}

ts_status sequence_lower_rtp(ts_pass_context *c, ts_op *op) {
    const ts_op *buffer = NULL;
    int64_t address = 0;
    pass_builder b = {.design = c->design};
    TS_TRY(sequence_buffer(c, op, ts_op_text(op, "buffer", NULL), &buffer, &address));
    const ts_op *tile = pass_tile_of(buffer);
    int64_t index = ts_op_integer(op, "index", 0);
    uint64_t n_bytes = buffer->n_results ? ts_type_n_bytes(buffer->results[0].type) : 0;
    if (n_bytes && (uint64_t)index * 4 + 4 > ((n_bytes + 3) & ~UINT64_C(3)))
        return pass_fail(c, op, TS_RANGE, "index %lld is outside the buffer of %llu bytes",
                         (long long)index, (unsigned long long)n_bytes);
    pass_before(&b, op);
    sequence_make_write(&b, (uint64_t)(address + index * 4),
                        (uint32_t)ts_op_integer(op, "value", 0));
    ts_op *write = op->previous;
    pass_set_i32(&b, write, "column", pass_column(tile));
    pass_set_i32(&b, write, "row", pass_row(tile));
    if (b.failed) return ts_fail_nomem(c->diag);
    ts_op_erase(op);
    return TS_OK;
}

/* An address within a buffer counts words; the result is the address in the array.
 * src: Xilinx/mlir-aie: lib/Dialect/AIEX/IR/AIEXDialect.cpp, getAbsoluteAddress [code] */
ts_status sequence_lower_write(ts_pass_context *c, ts_op *op) {
    const char *symbol = ts_op_text(op, "buffer", NULL);
    const ts_op *buffer = NULL;
    int64_t address = 0;
    uint64_t absolute = 0;
    pass_builder b = {.design = c->design};
    if (!symbol) return TS_OK;
    TS_TRY(sequence_buffer(c, op, symbol, &buffer, &address));
    const ts_op *tile = pass_tile_of(buffer);
    address += ts_op_integer(op, "address", 0) * 4;
    ts_npu_place place = {(uint32_t)pass_column(tile), (uint32_t)pass_row(tile), (uint32_t)address};
    if (address < 0 || address > UINT32_MAX || !ts_npu_join(&c->grid, place, &absolute))
        return pass_fail(c, op, TS_RANGE, "the address is outside the tile");
    pass_before(&b, op);
    ts_value *data = op->n_operands ? op->operands[0].value : NULL;
    ts_op *write = pass_make(&b, op->code, &data, op->n_operands ? 1 : 0, NULL, 0, 0);
    sequence_set_u32(&b, write, "address", absolute);
    if (op->code != TS_OP_AIEX_NPU_BLOCKWRITE) copy_number(&b, op, write, "value");
    copy_number(&b, op, write, "mask");
    if (b.failed) return ts_fail_nomem(c->diag);
    ts_op_erase(op);
    return TS_OK;
}
