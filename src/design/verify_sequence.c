/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Rules of the runtime sequence: host transfers, tasks, register writes.
 *
 * src: Xilinx/mlir-aie: lib/Dialect/AIEX/IR/AIEXDialect.cpp, the verify functions,
 * getHardwareStridesWraps, verifyStridesWraps [code]
 */
#include "verify_int.h"

#include <inttypes.h>
#include <string.h>

/* ---- npu.dma_memcpy_nd ----------------------------------------------------------------------- */

typedef struct pattern {
    int64_t offsets[4], sizes[4], strides[4]; /* 0 is the innermost */
} pattern;

/* A number that is written, or of the constant that gives the value. */
static ts_status read_numbers(verifier *v, const ts_op *op, const char *name, unsigned segment,
                              int64_t fallback, int64_t *out) {
    const ts_attr *attr = ts_op_attr(op, name);
    uint32_t n, taken = 0;
    const ts_use *uses = ts_op_segment(op, segment, &n);
    size_t least = strcmp(name, "static_strides") == 0 ? 3 : 4;
    if (attr->n_elements < least || attr->n_elements > 4)
        return VERIFY_FAIL(v, op, "4 %s, not %zu", name + 7, attr->n_elements);
    for (size_t i = 0; i < attr->n_elements; i++) {
        int64_t value = ts_attr_element(attr, i);
        if (value == TS_DYNAMIC_SIZE) {
            const ts_op *constant = uses[taken++].value->owner;
            if (!constant || constant->code != TS_OP_ARITH_CONSTANT)
                return VERIFY_FAIL(v, op, "%s are constants", name + 7);
            value = ts_op_integer(constant, "value", 0);
        }
        out[attr->n_elements - 1 - i] = value;
        if (value < -(INT64_C(1) << 31) || value > INT64_C(1) << 32)
            return VERIFY_RANGE(v, op, "%" PRId64 " among the %s", value, name + 7);
    }
    /* Once there were three strides, the innermost one going without saying. */
    if (attr->n_elements == 3) {
        memmove(out + 1, out, 3 * sizeof *out);
        out[0] = fallback;
    }
    return TS_OK;
}

static ts_status verify_sizes(verifier *v, const ts_op *op, const pattern *p, uint64_t bytes) {
    for (int i = 0; i < 4; i++)
        if (p->sizes[i] < 1) return VERIFY_RANGE(v, op, "size %d is at least 1", i);
    if ((uint64_t)p->sizes[0] * bytes % 4 != 0)
        return VERIFY_FAIL(v, op, "%" PRId64 " elements of %" PRIu64 " bytes are not whole words",
                           p->sizes[0], bytes);
    for (int i = 0; i < 4; i++) {
        if (p->sizes[i] > 1 && p->strides[i] < (i < 3))
            return VERIFY_RANGE(v, op, "stride %d is at least %d", i, i < 3);
        if (p->offsets[i] < 0) return VERIFY_RANGE(v, op, "offset %d is not negative", i);
        bool is_plain = i == 0 && p->strides[i] == 1;
        if (!is_plain && p->strides[i] * (int64_t)bytes % 4 != 0)
            return VERIFY_FAIL(v, op, "stride %d of %" PRId64 " elements is not whole words", i,
                               p->strides[i]);
    }
    return TS_OK;
}

/* What shim descriptors have room for: 10 bits of wrap, 20 bits of step, 6 of iteration. */
static ts_status verify_ranges(verifier *v, const ts_op *op, const pattern *p, uint64_t bytes) {
    bool is_linear = p->sizes[1] == 1 && p->sizes[2] == 1 && p->strides[0] == 1 &&
                     p->strides[1] == 0 && p->strides[2] == 0;
    int64_t words = p->sizes[0] * (int64_t)bytes / 4;
    if (!is_linear && words > 1023)
        return VERIFY_RANGE(v, op, "size 0 is at most 1023 words, not %" PRId64, words);
    if (p->sizes[1] > 1023)
        return VERIFY_RANGE(v, op, "size 1 is at most 1023, not %" PRId64, p->sizes[1]);
    if (p->sizes[3] > 65)
        return VERIFY_RANGE(v, op, "size 3 is at most 64, not %" PRId64, p->sizes[3]);
    for (int i = 0; i < 4; i++)
        if (p->sizes[i] > 1 && p->strides[i] * (int64_t)bytes / 4 - 1 > 1 << 20)
            return VERIFY_RANGE(v, op, "stride %d is at most %d words", i, 1 << 20);
    return TS_OK;
}

static ts_status verify_burst(verifier *v, const ts_op *op) {
    int64_t burst = ts_op_integer(op, "burst_length", 0);
    bool is_good = burst == 0 || burst == 64 || burst == 128 || burst == 256;
    return is_good || !v->grid
               ? TS_OK
               : VERIFY_RANGE(v, op, "burst_length is 64, 128 or 256, not %" PRId64, burst);
}

static ts_status verify_memcpy(verifier *v, const ts_op *op) {
    pattern p = {.sizes = {0}};
    const ts_type *type = op->operands[0].value->type;
    if (type->kind != TS_TYPE_MEMREF) return VERIFY_FAIL(v, op, "'%s' moves a memref", op->name);
    uint64_t bytes = ts_type_n_bytes(type->element);
    TS_TRY(read_numbers(v, op, "static_offsets", 1, 0, p.offsets));
    TS_TRY(read_numbers(v, op, "static_sizes", 2, 1, p.sizes));
    TS_TRY(read_numbers(v, op, "static_strides", 3, 1, p.strides));
    TS_TRY(verify_packet(v, op));
    if (!v->grid || !bytes) return TS_OK;
    if (bytes > 4) return VERIFY_FAIL(v, op, "elements have at most 4 bytes");
    TS_TRY(verify_burst(v, op));
    int64_t offset = 0;
    for (int i = 0; i < 4; i++)
        offset += p.offsets[i] * (p.strides[i] % 4) % 4;
    if (offset * (int64_t)bytes % 4 != 0)
        return VERIFY_FAIL(v, op, "the transfer does not start at a whole word");
    const ts_op *named = verify_lookup(v, op, ts_op_text(op, "metadata", ""));
    if (!named || named->code != TS_OP_AIE_SHIM_DMA_ALLOCATION) return TS_OK;
    TS_TRY(verify_sizes(v, op, &p, bytes));
    return verify_ranges(v, op, &p, bytes);
}

/* ---- other operations ------------------------------------------------------------------------ */

/* Attributes with their least and most values. */
static const struct {
    ts_op_code code;
    const char *attr;
    int64_t least, most;
} ranges[] = {
    {TS_OP_AIEX_NPU_PUSH_QUEUE, "repeat_count", 0, 255},
    {TS_OP_AIEX_NPU_PUSH_QUEUE, "column", 0, 127},
    {TS_OP_AIEX_NPU_PUSH_QUEUE, "row", 0, 31},
    {TS_OP_AIEX_NPU_PUSH_QUEUE, "channel", 0, 5},
    {TS_OP_AIEX_NPU_SYNC, "direction", 0, 1},
    {TS_OP_AIEX_NPU_SYNC, "channel", 0, 5},
    {TS_OP_AIEX_NPU_SYNC, "column", 0, 127},
    {TS_OP_AIEX_NPU_SYNC, "row", 0, 31},
    {TS_OP_AIEX_NPU_SYNC, "column_num", 1, 127},
    {TS_OP_AIEX_NPU_SYNC, "row_num", 1, 31},
    {TS_OP_AIEX_NPU_ADDRESS_PATCH, "arg_idx", 0, 255},
    {TS_OP_AIEX_NPU_WRITEBD, "packet_id", 0, 31},
    {TS_OP_AIEX_NPU_WRITEBD, "packet_type", 0, 7},
    {TS_OP_AIEX_NPU_WRITEBD, "d0_stride", 0, 0xFFFFF},
    {TS_OP_AIEX_NPU_WRITEBD, "d1_size", 0, 0x3FF},
    {TS_OP_AIEX_NPU_WRITEBD, "d1_stride", 0, 0xFFFFF},
    {TS_OP_AIEX_NPU_WRITEBD, "d2_stride", 0, 0xFFFFF},
    {TS_OP_AIEX_NPU_WRITEBD, "iteration_size", 0, 0x3F},
    {TS_OP_AIEX_NPU_WRITEBD, "iteration_stride", 0, 0xFFFFF},
    {TS_OP_AIEX_SET_LOCK, "value", 0, 63},
    {TS_OP_AIEX_DMA_CONFIGURE_TASK, "repeat_count", 0, 255},
    {TS_OP_AIEX_DMA_CONFIGURE_TASK_FOR, "repeat_count", 0, 255},
};

static ts_status verify_range_table(verifier *v, const ts_op *op) {
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        if (ranges[i].code != op->code) continue;
        int64_t value = ts_op_integer(op, ranges[i].attr, ranges[i].least);
        if (value < ranges[i].least || value > ranges[i].most)
            return VERIFY_RANGE(v, op, "%s is from %" PRId64 " to %" PRId64 ", not %" PRId64,
                                ranges[i].attr, ranges[i].least, ranges[i].most, value);
    }
    return TS_OK;
}

static const ts_npu_tile *tile_at(const verifier *v, const ts_op *op) {
    int64_t col = ts_op_integer(op, "column", -1), row = ts_op_integer(op, "row", -1);
    return v->grid && col >= 0 && row >= 0 ? ts_npu_tile_at(v->grid, (uint32_t)col, (uint32_t)row)
                                           : NULL;
}

static ts_status verify_queue(verifier *v, const ts_op *op) {
    const ts_npu_tile *kind = tile_at(v, op);
    int64_t id = ts_op_integer(op, "bd_id", 0), channel = ts_op_integer(op, "channel", 0);
    if (!kind) return TS_OK;
    if (id < 0 || id >= kind->n_bds)
        return VERIFY_RANGE(v, op, "bd_id %" PRId64 " is not from 0 to %d", id, kind->n_bds - 1);
    if (op->code == TS_OP_AIEX_NPU_PUSH_QUEUE && channel >= kind->n_channels)
        return VERIFY_RANGE(v, op, "channel %" PRId64 " is not from 0 to %d", channel,
                            kind->n_channels - 1);
    return TS_OK;
}

static ts_status verify_writebd(verifier *v, const ts_op *op) {
    static const char *const pads[] = {"d0_zero_before", "d1_zero_before", "d2_zero_before",
                                       "d0_zero_after",  "d1_zero_after",  "d2_zero_after"};
    const ts_npu_tile *kind = tile_at(v, op);
    bool is_linear = ts_op_integer(op, "d0_size", 0) >= 1 && ts_op_integer(op, "d1_size", 0) == 1 &&
                     ts_op_integer(op, "iteration_size", 0) == 0;
    TS_TRY(verify_queue(v, op));
    if (!is_linear && ts_op_integer(op, "d0_size", 0) > 0x3FF)
        return VERIFY_RANGE(v, op, "d0_size is at most 1023");
    bool is_shim = kind && kind->kind == TS_NPU_SHIM;
    if (is_shim && ts_op_integer(op, "d2_size", 0))
        return VERIFY_FAIL(v, op, "a shim tile's descriptor has no d2_size");
    for (size_t i = 0; is_shim && i < 6; i++)
        if (ts_op_integer(op, pads[i], 0)) return VERIFY_FAIL(v, op, "a shim tile does not pad");
    if (kind && !is_shim && ts_op_integer(op, "burst_length", 0))
        return VERIFY_FAIL(v, op, "only shim tiles have bursts");
    return verify_burst(v, op);
}

static ts_status verify_task(verifier *v, const ts_op *op) {
    const ts_npu_tile *kind = verify_kind_of(v, verify_tile_of(op, 0));
    int64_t channel = ts_op_integer(op, "channel", 0);
    if (kind && (channel < 0 || channel >= kind->n_channels))
        return VERIFY_RANGE(v, op, "channel %" PRId64 " is not from 0 to %d", channel,
                            kind->n_channels - 1);
    for (const ts_op *at = ts_op_next_below(op, op); at; at = ts_op_next_below(op, at))
        if (at->code == TS_OP_AIE_DMA_BD && ts_op_integer(at, "burst_length", 0) && kind &&
            kind->kind != TS_NPU_SHIM)
            return VERIFY_FAIL(v, at, "only shim tiles have bursts");
    return verify_packet(v, op);
}

/* Every block but the first is what another one goes on to. */
static ts_status verify_task_blocks(verifier *v, const ts_op *op) {
    design_map reached = {.arena = &v->arena};
    for (const ts_block *block = op->regions[0].first; block; block = block->next)
        for (uint32_t i = 0; block->last && i < block->last->n_successors; i++)
            if (!design_map_set(&reached, block->last->successors[i], block))
                return ts_fail_nomem(v->diag);
    for (const ts_block *block = op->regions[0].first; block; block = block->next)
        if (block != op->regions[0].first && block->last && !design_map_get(&reached, block))
            return VERIFY_FAIL(v, block->last, "no block of the task goes on to this one");
    return TS_OK;
}

static ts_status verify_task_use(verifier *v, const ts_op *op) {
    static const ts_op_code makers[] = {
        TS_OP_AIEX_DMA_CONFIGURE_TASK, TS_OP_AIEX_DMA_CONFIGURE_TASK_FOR,
        TS_OP_AIEX_DMA_START_BD_CHAIN, TS_OP_AIEX_DMA_START_BD_CHAIN_FOR, TS_OP_OTHER};
    const ts_op *task = op->operands[0].value->owner;
    for (size_t i = 0; task && i < sizeof makers / sizeof makers[0]; i++)
        if (task->code == makers[i]) return TS_OK;
    if (!task) return TS_OK;
    return VERIFY_FAIL(v, op, "'%s' needs a task; this is '%s'", op->name, task->name);
}

/* Values that fill the arguments of a chain or of another sequence. */
static ts_status verify_arguments(verifier *v, const ts_op *op, const ts_op *callee,
                                  const char *name, uint32_t n) {
    const ts_block *block = callee->n_regions ? callee->regions[0].first : NULL;
    uint32_t n_wanted = block ? block->n_arguments : 0;
    if (n != n_wanted)
        return VERIFY_FAIL(v, op, "'@%s' takes %u values, not %u", name, (unsigned)n_wanted,
                           (unsigned)n);
    for (uint32_t i = 0; i < n; i++)
        if (op->operands[i].value->type != block->arguments[i]->type)
            return VERIFY_FAIL(v, op, "argument %u of '@%s' is of another type", (unsigned)i + 1,
                               name);
    return TS_OK;
}

static ts_status verify_chain(verifier *v, const ts_op *op) {
    const char *name = ts_op_text(op, "symbol", "");
    bool has_tile = op->code == TS_OP_AIEX_DMA_START_BD_CHAIN;
    return verify_arguments(v, op, verify_lookup(v, op, name), name, op->n_operands - has_tile);
}

static ts_status verify_run(verifier *v, const ts_op *op) {
    const ts_op *configure = ts_op_parent(op);
    const char *name = ts_op_text(op, "runtime_sequence_symbol", "");
    const ts_op *device = verify_lookup(v, configure, ts_op_text(configure, "symbol", ""));
    const ts_op *sequence = device ? verify_symbol(v, device, name) : NULL;
    if (!sequence || sequence->code != TS_OP_AIE_RUNTIME_SEQUENCE)
        return ts_op_fail(v->diag, v->design, op, TS_UNKNOWN, "there is no runtime sequence '@%s'",
                          name);
    return verify_arguments(v, op, sequence, name, op->n_operands);
}

static ts_status verify_configure(verifier *v, const ts_op *op) {
    const ts_op *device = verify_lookup(v, op, ts_op_text(op, "symbol", ""));
    if (!device || !v->device ||
        ts_op_integer(device, "device", 0) == ts_op_integer(v->device, "device", 0))
        return TS_OK;
    return VERIFY_FAIL(v, op, "'@%s' is for another device", ts_op_text(op, "symbol", ""));
}

static ts_status verify_set_lock(verifier *v, const ts_op *op) {
    const ts_op *lock = op->operands[0].value->owner;
    return !lock || lock->code == TS_OP_AIE_LOCK || lock->code == TS_OP_OTHER
               ? TS_OK
               : VERIFY_FAIL(v, op, "'%s' needs a lock; this is '%s'", op->name, lock->name);
}

static ts_status verify_control_packet(verifier *v, const ts_op *op) {
    return (ts_op_attr(op, "data") != NULL) != (ts_op_attr(op, "length") != NULL)
               ? TS_OK
               : VERIFY_FAIL(v, op, "a control packet has data to write or a length to read");
}

static ts_status verify_blockwrite(verifier *v, const ts_op *op) {
    const ts_type *type = op->operands[0].value->type;
    return type->kind == TS_TYPE_MEMREF ? TS_OK
                                        : VERIFY_FAIL(v, op, "'%s' writes a memref", op->name);
}

ts_status verify_sequence(verifier *v, const ts_op *op) {
    TS_TRY(verify_range_table(v, op));
    switch (op->code) {
    case TS_OP_AIEX_NPU_DMA_MEMCPY_ND: return verify_memcpy(v, op);
    case TS_OP_AIEX_NPU_PUSH_QUEUE: return verify_queue(v, op);
    case TS_OP_AIEX_NPU_WRITEBD: return verify_writebd(v, op);
    case TS_OP_AIEX_NPU_BLOCKWRITE: return verify_blockwrite(v, op);
    case TS_OP_AIEX_DMA_CONFIGURE_TASK:
        TS_TRY(verify_task(v, op));
        return verify_task_blocks(v, op);
    case TS_OP_AIEX_DMA_CONFIGURE_TASK_FOR: return verify_task_blocks(v, op);
    case TS_OP_AIEX_DMA_START_TASK:
    case TS_OP_AIEX_DMA_AWAIT_TASK:
    case TS_OP_AIEX_DMA_FREE_TASK: return verify_task_use(v, op);
    case TS_OP_AIEX_DMA_START_BD_CHAIN:
    case TS_OP_AIEX_DMA_START_BD_CHAIN_FOR: return verify_chain(v, op);
    case TS_OP_AIEX_RUN: return verify_run(v, op);
    case TS_OP_AIEX_CONFIGURE: return verify_configure(v, op);
    case TS_OP_AIEX_SET_LOCK: return verify_set_lock(v, op);
    case TS_OP_AIEX_CONTROL_PACKET: return verify_control_packet(v, op);
    default: return TS_OK;
    }
}
