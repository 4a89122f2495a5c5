/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Buffer descriptors of DMA programs: whole words from whole words, patterns that stay within the
 * buffer and that a tile of the kind has dimensions for, padding only where there is some.
 * src: Xilinx/mlir-aie: lib/Dialect/AIE/IR/AIEDialect.cpp, DMABDOp::verify [code]
 */
#include "pass_memory.h"

#define MAX_DIM_SIZE   1023
#define MAX_DIM_STRIDE (1 << 19)

/* A descriptor with what all rules ask for. */
typedef struct bd_view {
    const ts_op *op;
    const ts_op *tile;
    const ts_attr *dims, *pads; /* NULL: none */
    uint64_t n_elements, width; /* of the buffer; bytes of an element */
    int64_t offset, length;     /* elements */
    bool is_memory_tile;
} bd_view;

static int64_t member(const ts_attr *list, size_t i, const char *name) {
    const ts_attr *value = ts_attr_member(list->elements[i], name);
    return value && value->kind == TS_ATTR_INTEGER ? value->integer : 0;
}

static ts_status fail(ts_pass_context *c, const bd_view *bd, const char *what) {
    return pass_fail(c, bd->op, TS_RANGE, "the DMA of %s, buffer '%s': %s",
                     pass_tile_text(c, bd->tile), pass_name(bd->op->operands[0].value->owner),
                     what);
}

/* ---- words ----------------------------------------------------------------------------------- */

static ts_status verify_words(ts_pass_context *c, const bd_view *bd) {
    const ts_op *buffer = bd->op->operands[0].value->owner;
    int64_t address = ts_op_integer(buffer, "address", 0);
    if (bd->length < 0 || bd->offset < 0) return fail(c, bd, "a negative length or offset");
    if ((uint64_t)bd->length * bd->width % 4)
        return fail(c, bd, "the length is not a multiple of 4 bytes");
    if (buffer->code == TS_OP_AIE_BUFFER &&
        ((uint64_t)address + (uint64_t)bd->offset * bd->width) % 4)
        return fail(c, bd, "the transfer does not begin at a multiple of 4 bytes");
    return TS_OK;
}

/* ---- dimensions ------------------------------------------------------------------------------ */

static const char *wrong_dimension(const bd_view *bd, size_t i) {
    int64_t size = member(bd->dims, i, "size"), stride = member(bd->dims, i, "stride");
    if (stride < 1) return "a stride is not positive";
    if ((uint64_t)stride > bd->n_elements) return "a stride is larger than the buffer";
    if (size < 0 || size > MAX_DIM_SIZE) return "the size of a dimension is beyond 1023";
    if (stride >= MAX_DIM_STRIDE) return "a stride is beyond 524287";
    return NULL;
}

static const char *wrong_dimensions(const bd_view *bd) {
    uint64_t last = 0;
    size_t n = bd->dims->n_elements;
    if (n > (bd->is_memory_tile ? 4u : 3u)) return "more dimensions than its tile has";
    for (size_t i = 0; i < n; i++) {
        const char *wrong = wrong_dimension(bd, i);
        int64_t size = member(bd->dims, i, "size");
        if (wrong) return wrong;
        if (size) last += (uint64_t)(size - 1) * (uint64_t)member(bd->dims, i, "stride");
    }
    if (last >= bd->n_elements) return "its sizes and strides reach beyond the buffer";
    if (bd->width != 4 && n && member(bd->dims, n - 1, "stride") != 1)
        return "the innermost stride must be 1 for elements that are not 32 bits wide";
    return NULL;
}

static const char *wrong_padding(const bd_view *bd) {
    size_t n = bd->pads->n_elements;
    int64_t all = 1, before = 0, after = 0;
    if (!bd->dims) return "padding needs dimensions";
    if (!bd->is_memory_tile) return "only memory tiles pad";
    if (n != bd->dims->n_elements) return "padding has other dimensions than the pattern";
    for (size_t i = 0; i < n; i++) {
        before = member(bd->pads, i, "const_pad_before");
        after = member(bd->pads, i, "const_pad_after");
        if (before < 0 || after < 0 || before > MAX_DIM_SIZE || after > MAX_DIM_SIZE)
            return "padding is out of range";
        all *= before + after + member(bd->dims, i, "size");
        if (all > bd->length) return "with padding there is more data than its length";
    }
    if ((uint64_t)before * bd->width % 4 || (uint64_t)after * bd->width % 4)
        return "innermost padding is not whole words";
    return NULL;
}

/* ---- one descriptor -------------------------------------------------------------------------- */

ts_status pass_verify_bd(ts_pass_context *c, const ts_op *op, const ts_op *tile) {
    const ts_value *value = op->n_operands ? op->operands[0].value : NULL;
    const ts_op *buffer = value ? value->owner : NULL;
    if (!buffer || (buffer->code != TS_OP_AIE_BUFFER && buffer->code != TS_OP_AIE_EXTERNAL_BUFFER))
        return pass_fail(c, op, TS_CONFLICT,
                         "a DMA moves aie.buffer and aie.external_buffer, nothing else");
    bd_view bd = {.op = op,
                  .tile = tile,
                  .dims = ts_op_attr(op, "dimensions"),
                  .pads = ts_op_attr(op, "pad_dimensions"),
                  .n_elements = ts_type_n_elements(value->type),
                  .offset = ts_op_integer(op, "offset", 0),
                  .is_memory_tile = pass_is_tile(c, tile, TS_NPU_MEMORY)};
    if (!bd.n_elements) return TS_OK; /* a size that only the host knows */
    bd.width = pass_type_bytes(value->type) / bd.n_elements;
    bd.length = ts_op_integer(op, "len", (int64_t)bd.n_elements);
    if (bd.length > INT32_MAX || bd.offset > INT32_MAX) return fail(c, &bd, "too large a number");
    TS_TRY(verify_words(c, &bd));
    const char *wrong = bd.dims ? wrong_dimensions(&bd) : NULL;
    if (!wrong && bd.pads) wrong = wrong_padding(&bd);
    return wrong ? fail(c, &bd, wrong) : TS_OK;
}
