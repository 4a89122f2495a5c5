/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Numbers of locks: each lock of a tile without one gets the lowest that is free, in the text's
 * order. src: Xilinx/mlir-aie: lib/Dialect/AIE/Transforms/AIEAssignLockIDs.cpp [code]
 */
#include "passes.h"

#define MAX_LOCKS 64

/* The locks of one tile by number. */
typedef struct lock_table {
    const ts_op *by_id[MAX_LOCKS];
    unsigned n_locks, n_used;
} lock_table;

static ts_op *next_lock(const ts_pass_context *c, const ts_op *op) {
    do
        op = ts_op_next_below(c->device, op);
    while (op && op->code != TS_OP_AIE_LOCK);
    return (ts_op *)op;
}

/* Every lock of the tile that has a number, none twice. */
static ts_status fill(ts_pass_context *c, const ts_op *tile, lock_table *table) {
    const ts_npu_tile *kind = pass_tile_kind(c, tile);
    *table = (lock_table){.n_locks = kind ? kind->n_locks : 0};
    for (ts_op *op = next_lock(c, c->device); op; op = next_lock(c, op)) {
        int64_t id = ts_op_integer(op, "lockID", -1);
        if (pass_tile_of(op) != tile || id < 0) continue;
        if (id >= table->n_locks)
            return pass_fail(c, op, TS_RANGE,
                             "lock %lld of %s does not exist: it has locks 0 to %d", (long long)id,
                             pass_tile_text(c, tile), (int)table->n_locks - 1);
        if (table->by_id[id])
            return pass_fail(c, op, TS_CONFLICT, "lock %lld of %s is taken by '%s' already",
                             (long long)id, pass_tile_text(c, tile), pass_name(table->by_id[id]));
        table->by_id[id] = op;
        table->n_used++;
    }
    return TS_OK;
}

/* Who holds the locks: "a 0, b 1, ...". */
static const char *users(ts_pass_context *c, const lock_table *table) {
    ts_buf out = ts_buf_in(c->design->arena);
    for (unsigned i = 0; i < table->n_locks; i++)
        if (table->by_id[i])
            ts_buf_printf(&out, "%s%s %u", out.size ? ", " : "", pass_name(table->by_id[i]), i);
    ts_buf_u8(&out, 0);
    return out.failed ? "" : (const char *)out.data;
}

static ts_status number(ts_pass_context *c, const ts_op *tile, lock_table *table) {
    unsigned next = 0;
    for (ts_op *op = next_lock(c, c->device); op; op = next_lock(c, op)) {
        if (pass_tile_of(op) != tile || ts_op_attr(op, "lockID")) continue;
        while (next < table->n_locks && table->by_id[next])
            next++;
        if (next == table->n_locks)
            return pass_fail(
                c, op, TS_RANGE, "no lock is left in %s for '%s': all %u are taken: %s",
                pass_tile_text(c, tile), pass_name(op), table->n_locks, users(c, table));
        const ts_attr *id = ts_attr_i32(c->design, next);
        if (!id || !ts_op_set_attr(c->design, op, "lockID", id)) return ts_fail_nomem(c->diag);
        table->by_id[next] = op;
    }
    return TS_OK;
}

ts_status ts_pass_lock_ids(ts_pass_context *c) {
    ts_op *tile = ts_op_child(c->device, TS_OP_AIE_TILE, NULL);
    for (; tile; tile = ts_op_child(c->device, TS_OP_AIE_TILE, tile)) {
        lock_table table;
        TS_TRY(fill(c, tile, &table));
        TS_TRY(number(c, tile, &table));
    }
    return TS_OK;
}

ts_status ts_verify_lock_ids(ts_pass_context *c) {
    ts_op *tile = ts_op_child(c->device, TS_OP_AIE_TILE, NULL);
    for (; tile; tile = ts_op_child(c->device, TS_OP_AIE_TILE, tile)) {
        lock_table table;
        TS_TRY(fill(c, tile, &table));
    }
    for (ts_op *op = next_lock(c, c->device); op; op = next_lock(c, op))
        if (!ts_op_attr(op, "lockID"))
            return pass_fail(c, op, TS_MISSING, "lock '%s' has no number", pass_name(op));
    return TS_OK;
}
