/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Rules of tiles and what belongs to them: cores, buffers, locks, cascades.
 *
 * src: Xilinx/mlir-aie: lib/Dialect/AIE/IR/AIEDialect.cpp, the verify functions;
 * AIETargetModel.cpp, isLegalMemAffinity [code]
 */
#include "verify_int.h"

#include <inttypes.h>
#include <string.h>

enum {
    SHIM = 1 << TS_NPU_SHIM,
    MEMORY = 1 << TS_NPU_MEMORY,
    COMPUTE = 1 << TS_NPU_COMPUTE,
    ANY = SHIM | MEMORY | COMPUTE
};

/* Operands that are tiles, and the kinds they may be. */
static const struct {
    ts_op_code code;
    uint32_t operand;
    unsigned kinds;
    const char *where;
} tile_operands[] = {
    {TS_OP_AIE_CORE, 0, COMPUTE, "a compute tile"},
    {TS_OP_AIE_MEM, 0, COMPUTE, "a compute tile"},
    {TS_OP_AIE_MEMTILE_DMA, 0, MEMORY, "a memory tile"},
    {TS_OP_AIE_SHIM_DMA, 0, SHIM, "a shim tile"},
    {TS_OP_AIE_SHIM_MUX, 0, SHIM, "a shim tile"},
    {TS_OP_AIE_SWITCHBOX, 0, ANY, "a tile"},
    {TS_OP_AIE_BUFFER, 0, COMPUTE | MEMORY, "a tile with memory"},
    {TS_OP_AIE_LOCK, 0, ANY, "a tile"},
    {TS_OP_AIE_FLOW, 0, ANY, "a tile"},
    {TS_OP_AIE_FLOW, 1, ANY, "a tile"},
    {TS_OP_AIE_PACKET_SOURCE, 0, ANY, "a tile"},
    {TS_OP_AIE_PACKET_DEST, 0, ANY, "a tile"},
    {TS_OP_AIE_CASCADE_FLOW, 0, COMPUTE, "a compute tile: only they have a cascade"},
    {TS_OP_AIE_CASCADE_FLOW, 1, COMPUTE, "a compute tile: only they have a cascade"},
    {TS_OP_AIE_CONFIGURE_CASCADE, 0, COMPUTE, "a compute tile: only they have a cascade"},
    {TS_OP_AIE_SHIM_DMA_ALLOCATION, 0, SHIM, "a shim tile"},
    {TS_OP_AIE_OBJECTFIFO_ALLOCATE, 0, COMPUTE | MEMORY, "a tile with memory"},
    {TS_OP_AIE_OBJECTFIFO_REGISTER_EXTERNAL_BUFFERS, 0, SHIM, "a shim tile"},
    {TS_OP_AIEX_DMA_CONFIGURE_TASK, 0, ANY, "a tile"},
};

static ts_status check_tile(verifier *v, const ts_op *op, uint32_t operand, unsigned kinds,
                            const char *where) {
    char place[64];
    if (operand >= op->n_operands) return TS_OK;
    const ts_op *tile = op->operands[operand].value->owner;
    bool is_tile = tile && (tile->code == TS_OP_AIE_TILE || tile->code == TS_OP_AIE_LOGICAL_TILE);
    bool is_unknown = !tile || tile->code == TS_OP_OTHER;
    if (is_unknown) return TS_OK;
    if (!is_tile)
        return VERIFY_FAIL(v, op, "'%s' needs a tile; this is '%s'", op->name, tile->name);
    const ts_npu_tile *kind = verify_kind_of(v, tile);
    if (!kind || (kinds >> kind->kind & 1)) return TS_OK;
    return VERIFY_FAIL(v, op, "'%s' needs %s; it is given %s", op->name, where,
                       verify_place(v, tile, place, sizeof place));
}

static ts_status verify_tile_operands(verifier *v, const ts_op *op) {
    for (size_t i = 0; i < sizeof tile_operands / sizeof tile_operands[0]; i++)
        if (tile_operands[i].code == op->code)
            TS_TRY(check_tile(v, op, tile_operands[i].operand, tile_operands[i].kinds,
                              tile_operands[i].where));
    return TS_OK;
}

/* ---- tiles ----------------------------------------------------------------------------------- */

static ts_status verify_tile(verifier *v, const ts_op *op) {
    int64_t col = ts_op_integer(op, "col", 0), row = ts_op_integer(op, "row", 0);
    const char *scheme = ts_op_text(op, "allocation_scheme", NULL);
    unsigned n_switchboxes = 0;
    if (col < 0 || row < 0) return VERIFY_RANGE(v, op, "a tile's column and row are not negative");
    if (v->grid && (col >= v->grid->n_columns || row >= v->grid->n_rows))
        return VERIFY_RANGE(v, op,
                            "tile (%" PRId64 ", %" PRId64
                            ") is outside of %s, which has %u columns "
                            "and %u rows",
                            col, row, v->grid->name, v->grid->n_columns, v->grid->n_rows);
    for (const ts_use *use = op->results[0].first_use; use; use = use->next)
        n_switchboxes += use->user->code == TS_OP_AIE_SWITCHBOX;
    if (n_switchboxes > 1) return VERIFY_FAIL(v, op, "a tile has one switchbox");
    const ts_npu_tile *kind = verify_kind_of(v, op);
    if (scheme && kind && kind->kind == TS_NPU_SHIM)
        return VERIFY_FAIL(v, op, "a shim tile has no memory and no allocation_scheme");
    if (scheme && strcmp(scheme, "basic-sequential") != 0 && strcmp(scheme, "bank-aware") != 0)
        return VERIFY_FAIL(v, op, "allocation_scheme is basic-sequential or bank-aware");
    return TS_OK;
}

static ts_status verify_core(verifier *v, const ts_op *op) {
    const ts_block *block = op->regions[0].first;
    const ts_npu_tile *kind = verify_kind_of(v, verify_tile_of(op, 0));
    int64_t stack = ts_op_integer(op, "stack_size", 1024);
    if (!block) return VERIFY_FAIL(v, op, "a core needs a body; an empty one holds aie.end");
    bool is_empty = !block->next && block->first == block->last && block->first &&
                    block->first->code == TS_OP_AIE_END;
    if (ts_op_attr(op, "elf_file") && !is_empty)
        return VERIFY_FAIL(v, op, "a core with elf_file has no other body than aie.end");
    if (ts_op_attr(op, "link_with") && ts_op_attr(op, "link_files"))
        return VERIFY_FAIL(v, op, "a core has link_with or link_files, not both");
    if (kind && (stack < 0 || stack > kind->memories[0].size))
        return VERIFY_RANGE(v, op, "stack_size %" PRId64 " is not from 0 to %u bytes", stack,
                            (unsigned)kind->memories[0].size);
    return TS_OK;
}

/* ---- buffers and locks ----------------------------------------------------------------------- */

/* The tile whose core or DMA the operation runs on, or NULL. */
static const ts_op *runs_on(const ts_op *op, bool *is_skipped) {
    for (; op; op = ts_op_parent(op))
        switch (op->code) {
        case TS_OP_AIE_CORE:
        case TS_OP_AIE_MEM:
        case TS_OP_AIE_MEMTILE_DMA:
        case TS_OP_AIE_SHIM_DMA:
        case TS_OP_AIEX_DMA_CONFIGURE_TASK: return verify_tile_of(op, 0);
        case TS_OP_AIE_BD_CHAIN:
        case TS_OP_AIEX_SET_LOCK:
        case TS_OP_FUNC_FUNC:
        case TS_OP_AIE_RUNTIME_SEQUENCE:
        case TS_OP_OTHER: *is_skipped = true; return NULL;
        default: break;
        }
    *is_skipped = true; /* at the top: names only */
    return NULL;
}

static bool can_reach(const verifier *v, const ts_op *from, const ts_op *to) {
    const ts_npu_tile *a = verify_kind_of(v, from), *b = verify_kind_of(v, to);
    int64_t dc = ts_op_integer(to, "col", 0) - ts_op_integer(from, "col", 0);
    int64_t dr = ts_op_integer(to, "row", 0) - ts_op_integer(from, "row", 0);
    if (!a || !b || (dc == 0 && dr == 0)) return true;
    if (a->kind == TS_NPU_MEMORY) return dr == 0 && (dc == 1 || dc == -1);
    if (dc == 0) return dr == 1 || (dr == -1 && b->kind != TS_NPU_MEMORY);
    return dc == -1 && dr == 0;
}

static ts_status verify_reach(verifier *v, const ts_op *op) {
    const ts_op *tile = verify_tile_of(op, 0);
    char here[64], there[64];
    if (!tile || !v->grid) return TS_OK;
    for (const ts_use *use = op->results[0].first_use; use; use = use->next) {
        bool is_skipped = false;
        const ts_op *from = runs_on(use->user, &is_skipped);
        if (is_skipped || !from || can_reach(v, from, tile)) continue;
        return VERIFY_FAIL(v, use->user, "%s cannot reach what lies in %s",
                           verify_place(v, from, here, sizeof here),
                           verify_place(v, tile, there, sizeof there));
    }
    return TS_OK;
}

static ts_status verify_buffer(verifier *v, const ts_op *op) {
    const ts_type *type = op->results[0].type;
    const ts_npu_tile *kind = verify_kind_of(v, verify_tile_of(op, 0));
    int64_t address = ts_op_integer(op, "address", 0);
    uint64_t n_bytes = ts_type_n_bytes(type);
    bool is_static = !type->is_unranked;
    for (uint32_t i = 0; i < type->n_dims; i++)
        is_static = is_static && type->shape[i] >= 0;
    if (!is_static) return VERIFY_FAIL(v, op, "a buffer has a static shape");
    if (kind && (address < 0 || (uint64_t)address + n_bytes > kind->memories[0].size))
        return VERIFY_RANGE(v, op,
                            "%" PRIu64 " bytes from %" PRId64 " do not lie in the %u bytes of the "
                            "tile's memory",
                            n_bytes, address, (unsigned)kind->memories[0].size);
    if (ts_op_integer(op, "mem_bank", 0) < 0)
        return VERIFY_RANGE(v, op, "mem_bank is not negative");
    return verify_reach(v, op);
}

/* src: Xilinx/mlir-aie: include/aie/Dialect/AIE/IR/AIETargetModel.h, getMaxLockValue [code] */
enum {
    MAX_LOCK_VALUE = 63
};

static ts_status verify_lock(verifier *v, const ts_op *op) {
    const ts_npu_tile *kind = verify_kind_of(v, verify_tile_of(op, 0));
    int64_t id = ts_op_integer(op, "lockID", 0), init = ts_op_integer(op, "init", 0);
    if (id < 0 || (kind && id >= kind->n_locks))
        return VERIFY_RANGE(v, op, "lock %" PRId64 " is not from 0 to %d", id,
                            kind ? kind->n_locks - 1 : 15);
    if (kind && (init < 0 || init > MAX_LOCK_VALUE))
        return VERIFY_RANGE(v, op, "a lock's value is from 0 to %d, not %" PRId64, MAX_LOCK_VALUE,
                            init);
    return verify_reach(v, op);
}

static ts_status verify_use_lock(verifier *v, const ts_op *op) {
    const ts_op *parent = ts_op_parent(op), *lock = op->operands[0].value->owner;
    const ts_op *memory = ts_op_parent_of(op, TS_OP_AIE_MEM);
    if (parent && (parent->code == TS_OP_AIE_DEVICE || parent->code == TS_OP_MODULE))
        return VERIFY_FAIL(v, op, "a lock is used in a core or DMA, not here");
    /* A number stands for a lock once locks have been made local to their cores. */
    if (lock && lock->code != TS_OP_AIE_LOCK && strncmp(lock->name, "aie.", 4) == 0)
        return VERIFY_FAIL(v, op, "'aie.use_lock' needs a lock; this is '%s'", lock->name);
    if (memory && lock && lock->code == TS_OP_AIE_LOCK &&
        lock->operands[0].value != memory->operands[0].value)
        return VERIFY_FAIL(v, op, "a compute tile's DMA uses locks of its own tile only");
    return TS_OK;
}

/* ---- cascades -------------------------------------------------------------------------------- */

static ts_status verify_cascade_flow(verifier *v, const ts_op *op) {
    const ts_op *from = verify_tile_of(op, 0), *to = verify_tile_of(op, 1);
    if (!from || !to) return TS_OK;
    int64_t dc = ts_op_integer(to, "col", 0) - ts_op_integer(from, "col", 0);
    int64_t dr = ts_op_integer(to, "row", 0) - ts_op_integer(from, "row", 0);
    bool is_near = (dc == 0 && (dr == 1 || dr == -1)) || (dr == 0 && (dc == 1 || dc == -1));
    return is_near ? TS_OK : VERIFY_FAIL(v, op, "a cascade joins tiles next to each other");
}

static ts_status verify_configure_cascade(verifier *v, const ts_op *op) {
    const char *in = ts_op_word(op, "inputDir", ""), *out = ts_op_word(op, "outputDir", "");
    if (!v->grid) return TS_OK;
    if (strcmp(in, "North") != 0 && strcmp(in, "West") != 0)
        return VERIFY_FAIL(v, op, "a cascade comes in from North or West, not from %s", in);
    if (strcmp(out, "South") != 0 && strcmp(out, "East") != 0)
        return VERIFY_FAIL(v, op, "a cascade goes out to South or East, not to %s", out);
    return TS_OK;
}

static ts_status verify_cascade_value(verifier *v, const ts_op *op) {
    const ts_type *type =
        op->code == TS_OP_AIE_GET_CASCADE ? op->results[0].type : op->operands[0].value->type;
    uint64_t bits = ts_type_n_bytes(type) * 8;
    if (!v->grid || bits == 512) return TS_OK;
    return VERIFY_FAIL(v, op, "the cascade is 512 bits wide; this value has %" PRIu64, bits);
}

static ts_status verify_event(verifier *v, const ts_op *op) {
    int64_t value = ts_op_integer(op, "val", 0);
    return value == 0 || value == 1
               ? TS_OK
               : VERIFY_RANGE(v, op, "an event is 0 or 1, not %" PRId64, value);
}

static ts_status verify_allocation(verifier *v, const ts_op *op) {
    const ts_npu_tile *shim = v->grid ? v->grid->tiles[TS_NPU_SHIM] : NULL;
    int64_t channel = ts_op_integer(op, "channel_index", 0);
    if (shim && (channel < 0 || channel >= shim->n_channels) && !ts_op_bool(op, "plio"))
        return VERIFY_RANGE(v, op, "a shim tile has channels 0 to %d, not %" PRId64,
                            shim->n_channels - 1, channel);
    return TS_OK;
}

ts_status verify_tiles(verifier *v, const ts_op *op) {
    TS_TRY(verify_tile_operands(v, op));
    switch (op->code) {
    case TS_OP_AIE_TILE: return verify_tile(v, op);
    case TS_OP_AIE_CORE: return verify_core(v, op);
    case TS_OP_AIE_BUFFER: return verify_buffer(v, op);
    case TS_OP_AIE_LOCK: return verify_lock(v, op);
    case TS_OP_AIE_USE_LOCK: return verify_use_lock(v, op);
    case TS_OP_AIE_CASCADE_FLOW: return verify_cascade_flow(v, op);
    case TS_OP_AIE_CONFIGURE_CASCADE: return verify_configure_cascade(v, op);
    case TS_OP_AIE_GET_CASCADE:
    case TS_OP_AIE_PUT_CASCADE: return verify_cascade_value(v, op);
    case TS_OP_AIE_EVENT: return verify_event(v, op);
    case TS_OP_AIE_SHIM_DMA_ALLOCATION: return verify_allocation(v, op);
    default: return TS_OK;
    }
}
