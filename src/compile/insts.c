/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * A lowered runtime sequence as an instruction stream: one op of the stream for each operation.
 *
 * src: Xilinx/mlir-aie: lib/Targets/AIETargetNPU.cpp, AIETranslateNpuToBinary;
 * lib/Dialect/AIEX/IR/AIEXDialect.cpp, getAbsoluteAddress, getDataWords [code]
 */
#include "compile_int.h"

#include <inttypes.h>
#include <string.h>

typedef ts_status convert(const comp *c, const ts_op *op, ts_txn_op *out);

/* An attribute that must be there, as the bits of an unsigned number. */
static ts_status need_bits(const comp *c, const ts_op *op, const char *name, unsigned n_bits,
                           uint64_t *out) {
    int64_t value;
    *out = 0;
    TS_TRY(comp_need(c, op, name, n_bits < 64 ? -(INT64_C(1) << (n_bits - 1)) : INT64_MIN,
                     n_bits < 63 ? (INT64_C(1) << n_bits) - 1 : INT64_MAX, &value));
    *out = (uint64_t)value & (UINT64_MAX >> (64 - n_bits));
    return TS_OK;
}

static ts_status need_u32(const comp *c, const ts_op *op, const char *name, uint32_t *out) {
    uint64_t value;
    TS_TRY(need_bits(c, op, name, 32, &value));
    *out = (uint32_t)value;
    return TS_OK;
}

static ts_status need_u8(const comp *c, const ts_op *op, const char *name, uint8_t *out) {
    int64_t value;
    TS_TRY(comp_need(c, op, name, 0, UINT8_MAX, &value));
    *out = (uint8_t)value;
    return TS_OK;
}

/* ---- addresses ------------------------------------------------------------------------------- */

/* Word `index` of a buffer. */
static ts_status buffer_word(const comp *c, const ts_op *op, const char *name, uint64_t index,
                             uint64_t *out) {
    const ts_op *buffer = ts_symbol_find(c->device, name);
    comp_tile tile;
    uint32_t address;
    if (!buffer || buffer->code != TS_OP_AIE_BUFFER)
        return COMP_FAIL(c, op, TS_MISSING, "no aie.buffer '%s' in the device", name);
    TS_TRY(comp_tile_of(c, buffer, &tile));
    TS_TRY(comp_buffer_address(c, buffer, &address));
    uint64_t offset = tile.kind->memories[0].offset + address + 4 * index;
    ts_npu_place place = {tile.column, tile.row, (uint32_t)offset};
    if (offset >> 32 || !ts_npu_join(c->npu, place, out))
        return COMP_FAIL(c, op, TS_RANGE, "word %" PRIu64 " of '%s' is outside the tile", index,
                         name);
    return TS_OK;
}

/* Of a register: absolute, in a tile by its column and row, or in a named buffer. */
static ts_status register_address(const comp *c, const ts_op *op, uint64_t *out) {
    const char *buffer = ts_op_text(op, "buffer", "");
    int64_t column, row;
    TS_TRY(need_bits(c, op, "address", 32, out));
    if (*buffer) return buffer_word(c, op, buffer, *out, out);
    if (!ts_op_attr(op, "column") || !ts_op_attr(op, "row")) return TS_OK;
    TS_TRY(comp_need(c, op, "column", 0, UINT8_MAX, &column));
    TS_TRY(comp_need(c, op, "row", 0, UINT8_MAX, &row));
    uint64_t in_tile = (UINT64_C(1) << c->npu->row_shift) - 1;
    *out = (uint64_t)column << c->npu->column_shift | (uint64_t)row << c->npu->row_shift |
           (*out & in_tile);
    return TS_OK;
}

/* ---- operations ------------------------------------------------------------------------------ */

static ts_status write32(const comp *c, const ts_op *op, ts_txn_op *out) {
    TS_TRY(register_address(c, op, &out->addr));
    return need_u32(c, op, "value", &out->value);
}

static ts_status maskwrite32(const comp *c, const ts_op *op, ts_txn_op *out) {
    TS_TRY(write32(c, op, out));
    return need_u32(c, op, "mask", &out->mask);
}

/* The constant words behind a memref.get_global. */
static ts_status global_words(const comp *c, const ts_op *op, const ts_attr **out) {
    const ts_op *get;
    *out = NULL;
    TS_TRY(comp_source(c, op, 0, TS_OP_MEMREF_GET_GLOBAL, &get));
    const char *name = ts_op_text(get, "name", "");
    const ts_op *global = ts_symbol_find(c->device, name);
    if (!global) global = ts_symbol_find(c->design->module, name);
    const ts_attr *value = global ? ts_op_attr(global, "initial_value") : NULL;
    if (!value || value->kind != TS_ATTR_DENSE || value->is_resource)
        return COMP_FAIL(c, op, TS_MISSING, "memref.global '%s' has no constant values", name);
    if (comp_element_bytes(value->type) != 4)
        return COMP_FAIL(c, op, TS_UNSUPPORTED, "'%s' must have elements of 32 bits", name);
    *out = value;
    return TS_OK;
}

static ts_status blockwrite(const comp *c, const ts_op *op, ts_txn_op *out) {
    const ts_attr *value;
    TS_TRY(register_address(c, op, &out->addr));
    TS_TRY(global_words(c, op, &value));
    uint64_t n = ts_type_n_elements(value->type);
    if (n * 4 > UINT64_C(1) << c->npu->row_shift)
        return COMP_FAIL(c, op, TS_RANGE,
                         "%" PRIu64 " words are more than a tile has addresses for", n);
    out->data = value->data;
    if (!value->is_splat || n * 4 == value->data.size) return TS_OK;
    ts_buf words = ts_buf_in(c->arena);
    ts_buf_reserve(&words, 4 * n);
    for (uint64_t i = 0; i < n && !words.failed; i++)
        ts_buf_span_add(&words, value->data);
    out->data = ts_buf_span(&words);
    return words.failed ? ts_fail_nomem(c->diag) : TS_OK;
}

static ts_status sync(const comp *c, const ts_op *op, ts_txn_op *out) {
    TS_TRY(need_u8(c, op, "column", &out->column));
    TS_TRY(need_u8(c, op, "row", &out->row));
    TS_TRY(need_u8(c, op, "direction", &out->direction));
    TS_TRY(need_u8(c, op, "channel", &out->channel));
    TS_TRY(need_u8(c, op, "column_num", &out->n_columns));
    return need_u8(c, op, "row_num", &out->n_rows);
}

static ts_status address_patch(const comp *c, const ts_op *op, ts_txn_op *out) {
    TS_TRY(need_bits(c, op, "addr", 32, &out->addr));
    TS_TRY(need_bits(c, op, "arg_idx", 32, &out->arg));
    return need_bits(c, op, "arg_plus", 32, &out->arg_plus);
}

static ts_status load_pdi(const comp *c, const ts_op *op, ts_txn_op *out) {
    (void)c;
    out->id = (uint32_t)ts_op_integer(op, "id", 0);
    out->size = (uint32_t)ts_op_integer(op, "size", 0);
    out->host_addr = (uint64_t)ts_op_integer(op, "address", 0);
    return TS_OK;
}

static ts_status preempt(const comp *c, const ts_op *op, ts_txn_op *out) {
    return need_u8(c, op, "level", &out->level);
}

static const struct {
    ts_op_code code;
    ts_txn_code txn;
    convert *convert;
} conversions[] = {
    {TS_OP_AIEX_NPU_WRITE32, TS_TXN_WRITE32, write32},
    {TS_OP_AIEX_NPU_MASKWRITE32, TS_TXN_MASKWRITE32, maskwrite32},
    {TS_OP_AIEX_NPU_BLOCKWRITE, TS_TXN_BLOCKWRITE, blockwrite},
    {TS_OP_AIEX_NPU_SYNC, TS_TXN_SYNC, sync},
    {TS_OP_AIEX_NPU_ADDRESS_PATCH, TS_TXN_ADDRESS_PATCH, address_patch},
    {TS_OP_AIEX_NPU_LOAD_PDI, TS_TXN_LOAD_PDI, load_pdi},
    {TS_OP_AIEX_NPU_PREEMPT, TS_TXN_PREEMPT, preempt},
};

enum {
    N_CONVERSIONS = sizeof conversions / sizeof conversions[0]
};

/* Operations that only make values, or end the block. */
static bool says_nothing(const ts_op *op) {
    return op->code == TS_OP_MEMREF_GET_GLOBAL || op->code == TS_OP_AIE_END ||
           op->code == TS_OP_CAST || strncmp(op->name, "arith.", 6) == 0 ||
           strncmp(op->name, "memref.", 7) == 0;
}

bool comp_is_lowered(const ts_op *op) {
    for (size_t i = 0; i < N_CONVERSIONS; i++)
        if (conversions[i].code == op->code) return true;
    return says_nothing(op);
}

static ts_status add_op(const comp *c, const ts_op *op, ts_txn *txn) {
    ts_txn_op *out = &txn->ops[txn->n_ops];
    if (says_nothing(op)) return TS_OK;
    for (size_t i = 0; i < N_CONVERSIONS; i++) {
        if (conversions[i].code != op->code) continue;
        *out = (ts_txn_op){.code = (uint8_t)conversions[i].txn};
        txn->n_ops++;
        return conversions[i].convert(c, op, out);
    }
    return COMP_FAIL(
        c, op, TS_UNSUPPORTED,
        "%s is no operation of an instruction stream; runtime-sequence lowers those it "
        "can",
        op->name);
}

ts_status ts_compile_insts(const ts_design *design, const ts_op *device, const ts_op *sequence,
                           ts_buf *out, ts_diag *diag) {
    comp c;
    size_t n = 0;
    TS_TRY(comp_init(&c, out->arena, design, device, NULL, diag));
    ts_txn txn = ts_txn_for(c.npu);
    const ts_block *body = sequence->n_regions ? sequence->regions[0].first : NULL;
    for (const ts_op *op = body ? body->first : NULL; op; op = op->next)
        n++;
    txn.ops = TS_ARENA_ARRAY(c.arena, ts_txn_op, n);
    if (!txn.ops) return ts_fail_nomem(diag);
    for (const ts_op *op = body ? body->first : NULL; op; op = op->next)
        TS_TRY(add_op(&c, op, &txn));
    return ts_txn_write(&txn, out, diag);
}
