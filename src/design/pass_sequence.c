/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The pass `runtime-sequence`: what the host asks for, down to writes of registers.
 * src: Xilinx/mlir-aie: tools/aiecc/aiecc.cpp, runNpuLoweringPipeline [code]
 */
#include "pass_sequence.h"

#include <string.h>

#define MAX_CASTS 64 /* between a transfer and the argument it moves */

/* ---- values ---------------------------------------------------------------------------------- */

bool sequence_constant(const ts_value *value, int64_t *out) {
    const ts_op *op = value ? value->owner : NULL;
    const ts_attr *attr = op && op->code == TS_OP_ARITH_CONSTANT ? ts_op_attr(op, "value") : NULL;
    if (!attr || attr->kind != TS_ATTR_INTEGER) return false;
    *out = attr->integer;
    return true;
}

uint64_t sequence_element_bits(const ts_type *type) {
    const ts_type *element = type ? type->element : NULL;
    if (!element) return 0;
    if (element->kind == TS_TYPE_INTEGER || element->kind == TS_TYPE_FLOAT) return element->width;
    if (element->kind == TS_TYPE_INDEX) return 64;
    if (element->kind == TS_TYPE_VECTOR) {
        uint64_t bits = sequence_element_bits(element);
        for (uint32_t i = 0; i < element->n_dims; i++)
            bits =
                element->shape[i] > 0 && bits < 1U << 30 ? bits * (uint64_t)element->shape[i] : 0;
        return bits;
    }
    return 0;
}

/* The only static element of an attribute of a view of one dimension. */
static bool single(const ts_op *op, const char *name, int64_t *out) {
    const ts_attr *attr = ts_op_attr(op, name);
    if (!attr || attr->kind != TS_ATTR_DENSE_ARRAY || !attr->type || !attr->type->width)
        return false;
    if (attr->data.size != (attr->type->width + 7) / 8) return false;
    *out = ts_attr_element(attr, 0);
    return *out != TS_DYNAMIC_SIZE;
}

/* src: Xilinx/mlir-aie: lib/Dialect/AIEX/Utils/AIEUtils.cpp, traceSubviewToBlockArgument [code] */
static bool add_subview(const ts_op *op, int64_t *offset_bytes) {
    const ts_type *source = op->operands[0].value->type;
    uint64_t bits = sequence_element_bits(source);
    int64_t offset, size, stride;
    if (!source || source->n_dims != 1 || !bits || bits % 8) return false;
    if (!single(op, "static_offsets", &offset) || !single(op, "static_sizes", &size) ||
        !single(op, "static_strides", &stride) || stride != 1 || offset < 0 || offset > INT32_MAX)
        return false;
    *offset_bytes += offset * (int64_t)(bits / 8);
    return true;
}

/* No layout, or strided<[1], ...>. */
static bool is_contiguous(const ts_type *type) {
    static const char prefix[] = "strided<[";
    if (!type->layout) return true;
    const char *p = type->layout->kind == TS_ATTR_AFFINE_MAP ? type->layout->text : "";
    if (strncmp(p, prefix, sizeof prefix - 1) != 0) return false;
    for (p += sizeof prefix - 1; *p && *p != ']'; p++) {
        bool is_one = *p == '1' && (p[1] == ',' || p[1] == ']' || p[1] == ' ');
        if (!is_one && *p != ',' && *p != ' ') return false;
    }
    return *p == ']';
}

static bool add_reinterpret(const ts_op *op, int64_t *offset_bytes) {
    const ts_type *source = op->operands[0].value->type;
    uint64_t bits = sequence_element_bits(source);
    int64_t offset;
    if (!source || source->is_unranked || !is_contiguous(source)) return false;
    if (!single(op, "static_offsets", &offset) || offset < 0 || offset > INT32_MAX) return false;
    *offset_bytes += offset * (int64_t)(bits / 8);
    return true;
}

const ts_value *sequence_argument(const ts_value *value, int64_t *offset_bytes) {
    *offset_bytes = 0;
    for (uint32_t n = 0; value && n < MAX_CASTS; n++) {
        const ts_op *op = value->owner;
        if (!op) return value->block ? value : NULL;
        if (!op->n_operands) return NULL;
        if (op->code == TS_OP_MEMREF_SUBVIEW && !add_subview(op, offset_bytes)) return NULL;
        if (op->code == TS_OP_MEMREF_REINTERPRET_CAST && !add_reinterpret(op, offset_bytes))
            return NULL;
        if (op->code != TS_OP_MEMREF_SUBVIEW && op->code != TS_OP_MEMREF_REINTERPRET_CAST &&
            op->code != TS_OP_MEMREF_CAST && op->code != TS_OP_MEMREF_ASSUME_ALIGNMENT)
            return NULL;
        value = op->operands[0].value;
    }
    return NULL;
}

/* ---- symbols and places ---------------------------------------------------------------------- */

/* Old designs name a column instead of a tile. */
static bool place_of(ts_pass_context *c, const ts_op *op, sequence_channel *out) {
    out->tile = pass_tile_of(op);
    int64_t column = out->tile ? pass_column(out->tile) : ts_op_integer(op, "col", -1);
    int64_t row = out->tile ? pass_row(out->tile) : 0;
    if (column < 0 || row < 0 || column >= c->grid.n_columns || row >= c->grid.n_rows) return false;
    out->column = (uint32_t)column;
    out->row = (uint32_t)row;
    return true;
}

ts_status sequence_allocation(ts_pass_context *c, const ts_op *op, const char *symbol,
                              sequence_channel *out, const ts_op **allocation) {
    const ts_op *found = symbol ? ts_symbol_find(c->device, symbol) : NULL;
    *out = (sequence_channel){0};
    if (!found || found->code != TS_OP_AIE_SHIM_DMA_ALLOCATION)
        return pass_fail(c, op, TS_MISSING, "couldn't find shim_dma_allocation op @%s",
                         symbol ? symbol : "");
    if (!place_of(c, found, out))
        return pass_fail(c, op, TS_MISSING, "shim_dma_allocation @%s must reference a valid tile",
                         symbol);
    out->direction = ts_op_integer(found, "channel_dir", 0);
    out->number = ts_op_integer(found, "channel_index", 0);
    const ts_npu_tile *tile = ts_npu_tile_at(&c->grid, out->column, out->row);
    if (out->number < 0 || out->number >= tile->n_channels)
        return pass_fail(c, found, TS_RANGE, "tile(%u,%u) has no DMA channel %lld", out->column,
                         out->row, (long long)out->number);
    if (allocation) *allocation = found;
    return TS_OK;
}

ts_op *sequence_tile(ts_pass_context *c, uint32_t column, uint32_t row) {
    for (ts_op *tile = NULL; (tile = ts_op_child(c->device, TS_OP_AIE_TILE, tile));)
        if (pass_column(tile) == column && pass_row(tile) == row) return tile;
    pass_builder b = {.design = c->design};
    const ts_type *index = ts_type_index(c->design);
    pass_at_start(&b, c->device->n_regions ? c->device->regions[0].first : NULL);
    ts_op *tile = pass_make(&b, TS_OP_AIE_TILE, NULL, 0, &index, 1, 0);
    pass_set_i32(&b, tile, "col", column);
    pass_set_i32(&b, tile, "row", row);
    const ts_npu_tile *kind = ts_npu_tile_at(&c->grid, column, row);
    const char *word = !kind || kind->kind == TS_NPU_COMPUTE ? "tile"
                       : kind->kind == TS_NPU_SHIM           ? "shim_noc_tile"
                                                             : "mem_tile";
    if (tile) tile->results[0].name = pass_text(&b, "%s_%u_%u", word, column, row);
    return b.failed ? NULL : tile;
}

ts_status sequence_register(ts_pass_context *c, const ts_op *op, uint32_t column, uint32_t row,
                            const char *name, const ts_npu_register **reg, uint64_t *address) {
    const ts_npu_tile *tile = ts_npu_tile_at(&c->grid, column, row);
    const ts_npu_register *found = tile ? ts_npu_register_find(tile, name) : NULL;
    if (!found || !ts_npu_join(&c->grid, (ts_npu_place){column, row, found->offset}, address))
        return pass_fail(c, op, TS_RANGE, "tile(%u,%u) has no register %s", column, row, name);
    if (reg) *reg = found;
    return TS_OK;
}

ts_status sequence_buffer(ts_pass_context *c, const ts_op *op, const char *symbol,
                          const ts_op **buffer, int64_t *address) {
    const ts_op *found = symbol ? ts_symbol_find(c->device, symbol) : NULL;
    if (!found || found->code != TS_OP_AIE_BUFFER)
        return pass_fail(c, op, TS_MISSING, "buffer '%s' not found in device",
                         symbol ? symbol : "");
    if (!ts_op_attr(found, "address"))
        return pass_fail(c, op, TS_MISSING, "buffer '%s' must have address assigned", symbol);
    if (!pass_tile_of(found) || !pass_tile_kind(c, pass_tile_of(found)))
        return pass_fail(c, op, TS_MISSING, "buffer '%s' must be on a tile", symbol);
    *buffer = found;
    *address = ts_op_integer(found, "address", 0);
    return TS_OK;
}

void sequence_set_u32(pass_builder *b, ts_op *op, const char *name, uint64_t value) {
    const ts_type *u32 = ts_type_integer(b->design, 32, TS_UNSIGNED);
    pass_set(b, op, name, u32 ? ts_attr_integer(b->design, (int64_t)value, u32) : NULL);
}

/* ---- the pass -------------------------------------------------------------------------------- */

static ts_status lower_op(ts_pass_context *c, ts_op *op) {
    switch (op->code) {
    case TS_OP_AIEX_NPU_DMA_MEMCPY_ND: return sequence_lower_memcpy(c, op);
    case TS_OP_AIEX_NPU_DMA_WAIT: return sequence_lower_wait(c, op);
    case TS_OP_AIEX_NPU_WRITEBD: return sequence_lower_bd(c, op);
    case TS_OP_AIEX_NPU_PUSH_QUEUE: return sequence_lower_push(c, op);
    case TS_OP_AIEX_NPU_RTP_WRITE: return sequence_lower_rtp(c, op);
    case TS_OP_AIEX_NPU_WRITE32:
    case TS_OP_AIEX_NPU_MASKWRITE32:
    case TS_OP_AIEX_NPU_BLOCKWRITE: return sequence_lower_write(c, op);
    default: return TS_OK;
    }
}

/* src: Xilinx/mlir-aie: lib/Dialect/AIEX/Transforms/AIEDmaToNpu.cpp [code] */
ts_status sequence_registers(ts_pass_context *c) {
    for (ts_op *seq = NULL; (seq = ts_op_child(c->device, TS_OP_AIE_RUNTIME_SEQUENCE, seq));) {
        ts_op *next;
        for (ts_op *op = ts_op_next_below(seq, seq); op; op = next) {
            next = ts_op_next_below(seq, op);
            TS_TRY(lower_op(c, op));
        }
    }
    return TS_OK;
}

ts_status ts_pass_runtime_sequence(ts_pass_context *c) {
    TS_TRY(sequence_inline_runs(c));
    TS_TRY(sequence_chains(c));
    TS_TRY(sequence_allocations(c));
    TS_TRY(sequence_bd_ids(c));
    TS_TRY(sequence_tasks(c));
    TS_TRY(sequence_registers(c));
    return sequence_locks(c);
}

/* What may be left: what the instruction stream has a command for, and what such a command reads.
 */
static bool is_lowered(ts_op_code code) {
    return code == TS_OP_AIEX_NPU_WRITE32 || code == TS_OP_AIEX_NPU_MASKWRITE32 ||
           code == TS_OP_AIEX_NPU_BLOCKWRITE || code == TS_OP_AIEX_NPU_SYNC ||
           code == TS_OP_AIEX_NPU_ADDRESS_PATCH || code == TS_OP_AIEX_NPU_LOAD_PDI ||
           code == TS_OP_AIEX_NPU_PREEMPT || code == TS_OP_AIEX_CONTROL_PACKET ||
           code == TS_OP_MEMREF_GET_GLOBAL || code == TS_OP_ARITH_CONSTANT ||
           code == TS_OP_MEMREF_SUBVIEW || code == TS_OP_MEMREF_REINTERPRET_CAST ||
           code == TS_OP_MEMREF_CAST || code == TS_OP_MEMREF_ASSUME_ALIGNMENT ||
           code == TS_OP_AIE_END;
}

static ts_status verify_op(ts_pass_context *c, const ts_op *op) {
    if (!is_lowered(op->code))
        return pass_fail(c, op, TS_UNSUPPORTED, "%s is not supported in a runtime sequence",
                         op->name);
    bool is_write = op->code == TS_OP_AIEX_NPU_WRITE32 || op->code == TS_OP_AIEX_NPU_MASKWRITE32 ||
                    op->code == TS_OP_AIEX_NPU_BLOCKWRITE;
    if (is_write && ts_op_integer(op, "address", 0) % 4 != 0)
        return pass_fail(c, op, TS_RANGE, "the address %lld is not a multiple of 4",
                         (long long)ts_op_integer(op, "address", 0));
    return TS_OK;
}

ts_status ts_verify_runtime_sequence(ts_pass_context *c) {
    for (ts_op *seq = NULL; (seq = ts_op_child(c->device, TS_OP_AIE_RUNTIME_SEQUENCE, seq));)
        for (ts_op *op = seq; (op = ts_op_next_below(seq, op));)
            TS_TRY(verify_op(c, op));
    return TS_OK;
}
