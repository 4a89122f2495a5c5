/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Locks that the host sets.
 * src: Xilinx/mlir-aie: lib/Dialect/AIEX/Transforms/AIELowerSetLock.cpp [code]
 */
#include "pass_sequence.h"

/* src: Xilinx/mlir-aie: include/aie/Dialect/AIE/IR/AIETargetModel.h, getMaxLockValue [code] */
#define MAX_LOCK_VALUE 63

static ts_status set_lock(ts_pass_context *c, ts_op *op) {
    pass_builder b = {.design = c->design};
    const ts_op *lock = op->n_operands ? op->operands[0].value->owner : NULL;
    int64_t value = ts_op_integer(op, "value", 0);
    if (!lock || lock->code != TS_OP_AIE_LOCK)
        return pass_fail(c, op, TS_SYNTAX, "sets an aie.lock");
    const ts_op *at = pass_tile_of(lock);
    const ts_npu_tile *tile = at ? pass_tile_kind(c, at) : NULL;
    if (value < 0 || value > MAX_LOCK_VALUE)
        return pass_fail(c, op, TS_RANGE, "Lock value exceeds the maximum value of %d",
                         MAX_LOCK_VALUE);
    if (!ts_op_attr(lock, "lockID"))
        return pass_fail(c, op, TS_MISSING, "Tried to lower a SetLockOp on an unassigned lock");
    int64_t id = ts_op_integer(lock, "lockID", 0);
    if (!tile || id < 0 || id >= tile->n_locks)
        return pass_fail(c, op, TS_RANGE, "Lock ID out of range for given tile. Max ID: %d",
                         tile ? tile->n_locks - 1 : 0);
    pass_before(&b, op);
    sequence_make_write(&b, tile->lock_offset + (uint32_t)id * tile->lock_stride, (uint32_t)value);
    ts_op *write = op->previous;
    pass_set_i32(&b, write, "column", pass_column(at));
    pass_set_i32(&b, write, "row", pass_row(at));
    if (b.failed) return ts_fail_nomem(c->diag);
    ts_op_erase(op);
    return TS_OK;
}

ts_status sequence_locks(ts_pass_context *c) {
    ts_op *next;
    for (ts_op *op = ts_op_next_below(c->device, c->device); op; op = next) {
        next = ts_op_next_below(c->device, op);
        if (op->code == TS_OP_AIEX_SET_LOCK) TS_TRY(set_lock(c, op));
    }
    return TS_OK;
}
