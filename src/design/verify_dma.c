/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Rules of DMAs: their blocks, channels and buffer descriptors.
 *
 * src: Xilinx/mlir-aie: lib/Dialect/AIE/IR/AIEDialect.cpp, HasValidBDs, HasValidDMAChannels,
 * DMAOp::verify, DMABDOp::verify, MemTileDMAOp::verify [code]
 */
#include "verify_int.h"

#include <inttypes.h>
#include <string.h>

static bool is_dma(const ts_op *op) {
    return op->code == TS_OP_AIE_MEM || op->code == TS_OP_AIE_MEMTILE_DMA ||
           op->code == TS_OP_AIE_SHIM_DMA;
}

/* ---- blocks of a DMA ------------------------------------------------------------------------- */

static ts_status verify_bd_block(verifier *v, const ts_block *block, unsigned *n_bds) {
    unsigned bds = 0, acquires = 0, releases = 0;
    for (const ts_op *op = block->first; op; op = op->next) {
        bool is_lock = op->code == TS_OP_AIE_USE_LOCK;
        bool is_release = is_lock && strcmp(ts_op_word(op, "action", ""), "Release") == 0;
        bds += op->code == TS_OP_AIE_DMA_BD;
        releases += is_release;
        acquires += is_lock && !is_release;
        if (bds > 1) return VERIFY_FAIL(v, op, "a block of a DMA has one descriptor");
        if (acquires > 1) return VERIFY_FAIL(v, op, "a block of a DMA acquires one lock");
        if (releases > 1) return VERIFY_FAIL(v, op, "a block of a DMA releases one lock");
    }
    *n_bds += bds;
    return TS_OK;
}

static ts_status verify_channel(verifier *v, const ts_op *op, const ts_npu_tile *kind) {
    int64_t channel = ts_op_integer(op, "channel_index", 0);
    int64_t repeats = ts_op_integer(op, "repeat_count", 0);
    if (channel < 0 || (kind && channel >= kind->n_channels))
        return VERIFY_RANGE(v, op, "channel %" PRId64 " is not from 0 to %d", channel,
                            kind ? kind->n_channels - 1 : 1);
    if (repeats < 0 || repeats > 255)
        return VERIFY_RANGE(v, op, "repeat_count is from 0 to 255, not %" PRId64, repeats);
    return TS_OK;
}

static ts_status verify_dma_body(verifier *v, const ts_op *op) {
    const ts_npu_tile *kind = verify_kind_of(v, verify_tile_of(op, 0));
    unsigned n_bds = 0;
    if (!op->regions[0].first) return VERIFY_FAIL(v, op, "'%s' needs a body", op->name);
    for (const ts_block *block = op->regions[0].first; block; block = block->next) {
        const ts_op *last = block->last;
        bool is_good = last && (last->code == TS_OP_AIE_DMA_START ||
                                last->code == TS_OP_AIE_NEXT_BD || last->code == TS_OP_AIE_END);
        if (!is_good)
            return VERIFY_FAIL(v, last ? last : op,
                               "a block of '%s' ends in aie.dma_start, aie.next_bd or aie.end",
                               op->name);
        TS_TRY(verify_bd_block(v, block, &n_bds));
        if (kind && n_bds > kind->n_bds)
            return VERIFY_RANGE(v, last, "a %s tile has %d buffer descriptors; this needs more",
                                ts_npu_kind_name(kind->kind), kind->n_bds);
        if (last->code == TS_OP_AIE_DMA_START) TS_TRY(verify_channel(v, last, kind));
    }
    return TS_OK;
}

/* aie.dma: each region is one descriptor between two uses of locks. */
static ts_status verify_short_dma(verifier *v, const ts_op *op) {
    const ts_op *parent = ts_op_parent(op);
    if (parent && parent->code != TS_OP_OTHER && parent->regions[0].first->next)
        return VERIFY_FAIL(v, op, "'aie.dma' stands in a region of one block");
    TS_TRY(verify_channel(v, op, parent ? verify_kind_of(v, verify_tile_of(parent, 0)) : NULL));
    for (uint32_t i = 0; i < op->n_regions; i++) {
        unsigned bds = 0, locks = 0;
        const ts_block *block = op->regions[i].first;
        if (!block || block->next) return VERIFY_FAIL(v, op, "a region of 'aie.dma' has one block");
        for (const ts_op *at = block->first; at; at = at->next) {
            bds += at->code == TS_OP_AIE_DMA_BD;
            locks += at->code == TS_OP_AIE_USE_LOCK;
        }
        if (bds != 1) return VERIFY_FAIL(v, op, "a region of 'aie.dma' has one descriptor");
        if (locks != 2) return VERIFY_FAIL(v, op, "a region of 'aie.dma' uses two locks");
    }
    return TS_OK;
}

/* Channels 4 and 5 of a memory tile reach its own memory and locks only. */
static ts_status verify_local_channel(verifier *v, const ts_op *start) {
    const ts_op *dma = ts_op_parent(start);
    const ts_op *tile = dma ? verify_tile_of(dma, 0) : NULL;
    if (!dma || dma->code != TS_OP_AIE_MEMTILE_DMA || !tile ||
        ts_op_integer(start, "channel_index", 0) < 4)
        return TS_OK;
    const ts_block *block = start->successors[0];
    for (unsigned steps = 0; block && steps < 64; steps++) {
        for (const ts_op *op = block->first; op; op = op->next) {
            bool is_part = op->code == TS_OP_AIE_DMA_BD || op->code == TS_OP_AIE_USE_LOCK;
            const ts_op *owner = is_part ? op->operands[0].value->owner : NULL;
            const ts_op *lies_in = owner ? verify_tile_of(owner, 0) : NULL;
            if (lies_in && lies_in != tile)
                return VERIFY_FAIL(v, op,
                                   "channels 4 and 5 of a memory tile use its own buffers and "
                                   "locks only");
        }
        bool goes_on = block->last && block->last->n_successors;
        block = goes_on ? block->last->successors[0] : NULL;
        if (block == start->successors[0]) break;
    }
    return TS_OK;
}

/* ---- buffer descriptors ---------------------------------------------------------------------- */

typedef struct bd {
    verifier *v;
    const ts_op *op, *dma;
    const ts_npu_tile *kind; /* NULL: not known */
    const ts_type *type;     /* of the buffer */
    uint64_t element_bytes;
    int64_t n_elements; /* of the buffer; -1: not known */
    const ts_attr *dims;
} bd;

static int64_t member(const ts_attr *attr, const char *name) {
    const ts_attr *value = ts_attr_member(attr, name);
    return value ? value->integer : 0;
}

static ts_status verify_dims(const bd *b) {
    size_t most = b->dma->code == TS_OP_AIE_MEMTILE_DMA ? 4 : 3;
    int64_t last = 0;
    if (!b->dims) return TS_OK;
    if (b->dims->n_elements > most)
        return VERIFY_RANGE(b->v, b->op, "%zu dimensions; a descriptor here has at most %zu",
                            b->dims->n_elements, most);
    for (size_t i = 0; i < b->dims->n_elements; i++) {
        int64_t size = member(b->dims->elements[i], "size");
        int64_t stride = member(b->dims->elements[i], "stride");
        if (stride <= 0) return VERIFY_RANGE(b->v, b->op, "a stride is at least 1");
        if (b->n_elements >= 0 && stride > b->n_elements)
            return VERIFY_RANGE(
                b->v, b->op, "stride %" PRId64 " is longer than the buffer's %" PRId64 " elements",
                stride, b->n_elements);
        if (size > 1023)
            return VERIFY_RANGE(b->v, b->op, "a size is at most 1023, not %" PRId64, size);
        if (stride >= 1 << 19)
            return VERIFY_RANGE(b->v, b->op, "a stride is below %d, not %" PRId64, 1 << 19, stride);
        last += stride * (size - 1);
    }
    if (b->n_elements >= 0 && last >= b->n_elements)
        return VERIFY_RANGE(b->v, b->op,
                            "sizes and strides reach element %" PRId64 " of a buffer of %" PRId64,
                            last, b->n_elements);
    if (b->dims->n_elements && b->element_bytes && b->element_bytes != 4 &&
        member(b->dims->elements[b->dims->n_elements - 1], "stride") != 1)
        return VERIFY_FAIL(b->v, b->op,
                           "the innermost stride of elements of %" PRIu64 " bytes is 1",
                           b->element_bytes);
    return TS_OK;
}

static ts_status verify_pads(const bd *b) {
    const ts_attr *pads = ts_op_attr(b->op, "pad_dimensions");
    int64_t length = ts_op_integer(b->op, "len", b->n_elements), total = 1;
    if (!pads) return TS_OK;
    if (!b->dims) return VERIFY_FAIL(b->v, b->op, "padding needs dimensions");
    if (b->dma->code != TS_OP_AIE_MEMTILE_DMA)
        return VERIFY_FAIL(b->v, b->op, "only memory tiles pad");
    if (pads->n_elements != b->dims->n_elements)
        return VERIFY_FAIL(b->v, b->op, "%zu paddings for %zu dimensions", pads->n_elements,
                           b->dims->n_elements);
    for (size_t i = 0; i < pads->n_elements; i++) {
        total *= member(pads->elements[i], "const_pad_before") +
                 member(pads->elements[i], "const_pad_after") +
                 member(b->dims->elements[i], "size");
        if (length >= 0 && total > length)
            return VERIFY_RANGE(b->v, b->op, "with padding it is longer than its length %" PRId64,
                                length);
    }
    if (!pads->n_elements) return TS_OK;
    const ts_attr *inner = pads->elements[pads->n_elements - 1];
    bool is_whole = (uint64_t)member(inner, "const_pad_before") * b->element_bytes % 4 == 0 &&
                    (uint64_t)member(inner, "const_pad_after") * b->element_bytes % 4 == 0;
    return is_whole ? TS_OK : VERIFY_FAIL(b->v, b->op, "the innermost padding is whole words");
}

static ts_status verify_ids(const bd *b) {
    static const char *const names[] = {"bd_id", "next_bd_id"};
    for (size_t i = 0; i < 2 && b->kind; i++) {
        int64_t id = ts_op_integer(b->op, names[i], 0);
        if (id < 0 || id >= b->kind->n_bds)
            return VERIFY_RANGE(b->v, b->op, "%s %" PRId64 " is not from 0 to %d", names[i], id,
                                b->kind->n_bds - 1);
    }
    return TS_OK;
}

ts_status verify_packet(verifier *v, const ts_op *op) {
    const ts_attr *packet = ts_op_attr(op, "packet");
    if (!packet) return TS_OK;
    if (member(packet, "pkt_type") > 7)
        return VERIFY_RANGE(v, op, "a packet's type has 3 bits: 0 to 7");
    if (member(packet, "pkt_id") > 31)
        return VERIFY_RANGE(v, op, "a packet's number has 5 bits: 0 to 31");
    return TS_OK;
}

static ts_status verify_bytes(const bd *b, const ts_op *buffer) {
    int64_t length = ts_op_integer(b->op, "len", b->n_elements);
    int64_t offset = ts_op_integer(b->op, "offset", 0);
    if (length < 0 && !ts_op_attr(b->op, "len"))
        return VERIFY_FAIL(b->v, b->op, "a buffer without a static shape needs a length");
    if (length < 0 || offset < 0)
        return VERIFY_RANGE(b->v, b->op, "offset and length are not negative");
    if (b->element_bytes && (uint64_t)length * b->element_bytes % 4 != 0)
        return VERIFY_FAIL(b->v, b->op, "%" PRId64 " elements are not whole words of 4 bytes",
                           length);
    if (!buffer || !ts_op_attr(buffer, "address") || buffer->code != TS_OP_AIE_BUFFER) return TS_OK;
    uint64_t start =
        (uint64_t)ts_op_integer(buffer, "address", 0) + (uint64_t)offset * b->element_bytes;
    return start % 4 == 0 ? TS_OK
                          : VERIFY_FAIL(b->v, b->op,
                                        "the transfer starts at byte %" PRIu64
                                        ", which is not a multiple of 4",
                                        start);
}

static ts_status verify_bd_buffer(const bd *b, const ts_op *buffer) {
    if (b->type->is_unranked) return TS_OK;
    bool is_known =
        buffer && (buffer->code == TS_OP_AIE_BUFFER || buffer->code == TS_OP_AIE_EXTERNAL_BUFFER ||
                   buffer->code == TS_OP_OTHER);
    if (!is_known)
        return VERIFY_FAIL(b->v, b->op, "a descriptor moves an aie.buffer or aie.external_buffer");
    if (b->dma->code == TS_OP_AIE_MEM && buffer->code == TS_OP_AIE_BUFFER &&
        buffer->operands[0].value != b->dma->operands[0].value)
        return VERIFY_FAIL(b->v, b->op, "a compute tile's DMA moves buffers of its own tile only");
    return TS_OK;
}

static ts_status verify_bd(verifier *v, const ts_op *op) {
    const ts_op *dma = ts_op_parent(op), *buffer = op->operands[0].value->owner;
    if (dma && dma->code == TS_OP_AIE_DMA) dma = ts_op_parent(dma);
    bd b = {.v = v, .op = op, .dma = dma, .type = op->operands[0].value->type, .n_elements = -1};
    if (b.type->kind != TS_TYPE_MEMREF) return VERIFY_FAIL(v, op, "a descriptor moves a memref");
    TS_TRY(verify_packet(v, op));
    if (!dma || !is_dma(dma)) return TS_OK; /* checked where it comes to lie */
    b.kind = verify_kind_of(v, verify_tile_of(dma, 0));
    b.dims = ts_op_attr(op, "dimensions");
    b.element_bytes = ts_type_n_bytes(b.type->element);
    bool is_static = !b.type->is_unranked;
    for (uint32_t i = 0; i < b.type->n_dims; i++)
        is_static = is_static && b.type->shape[i] >= 0;
    if (is_static) b.n_elements = (int64_t)ts_type_n_elements(b.type);
    TS_TRY(verify_bd_buffer(&b, buffer));
    TS_TRY(verify_bytes(&b, buffer));
    TS_TRY(verify_ids(&b));
    TS_TRY(verify_dims(&b));
    TS_TRY(verify_pads(&b));
    if (ts_op_integer(op, "burst_length", 0) && b.kind && b.kind->kind != TS_NPU_SHIM)
        return VERIFY_FAIL(v, op, "only shim tiles have bursts");
    return TS_OK;
}

ts_status verify_dma(verifier *v, const ts_op *op) {
    if (is_dma(op)) return verify_dma_body(v, op);
    switch (op->code) {
    case TS_OP_AIE_DMA: return verify_short_dma(v, op);
    case TS_OP_AIE_DMA_START: return verify_local_channel(v, op);
    case TS_OP_AIE_DMA_BD: return verify_bd(v, op);
    default: return TS_OK;
    }
}
