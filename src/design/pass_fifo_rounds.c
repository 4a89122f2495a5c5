/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Objectfifos: which buffer an access means is decided once, so every run of a loop's body must
 * begin with the same element. Unrolling sees to that within the loop that acquires; a loop around
 * it can still come back with another element, when the inner runs are no multiple of the depth.
 * mlir-aie makes a program that then uses the wrong buffer; here such a loop is refused.
 */
#include "pass_fifo.h"

#define MAX_DEPTH 128 /* of operations within each other */

typedef struct rounds {
    fifo_state *s;
    const fifo *f;
    int port;
    unsigned depth; /* of operations */
} rounds;

static ts_status advance_of(rounds *r, const ts_region *region, uint64_t *out);

static bool is_constant(const ts_value *value, int64_t *out) {
    const ts_op *op = value ? value->owner : NULL;
    const ts_attr *attr = op && op->code == TS_OP_ARITH_CONSTANT ? ts_op_attr(op, "value") : NULL;
    if (!attr || attr->kind != TS_ATTR_INTEGER) return false;
    *out = attr->integer;
    return true;
}

/* Whether a loop runs at most once. */
static bool runs_once(const ts_op *loop) {
    int64_t lower, upper, step;
    return loop->n_operands >= 3 && is_constant(loop->operands[0].value, &lower) &&
           is_constant(loop->operands[1].value, &upper) &&
           is_constant(loop->operands[2].value, &step) &&
           (upper <= lower || (step > 0 && step >= upper - lower));
}

static ts_status does_not_return(const rounds *r, const ts_op *op, uint64_t n, const char *what) {
    return pass_fail(r->s->c, op, TS_UNSUPPORTED,
                     "%s moves '%s' on by %llu of its %u elements, so the next one begins with "
                     "another element: make that a multiple, or use dynamic_objfifo_lowering",
                     what, r->f->name, (unsigned long long)n, r->f->depth);
}

/* Branches must agree; a branch that is not there moves nothing. */
static ts_status advance_of_branches(rounds *r, const ts_op *op, uint64_t *out) {
    uint64_t first = 0;
    for (uint32_t i = 0; i < op->n_regions; i++) {
        uint64_t n = 0;
        if (op->regions[i].first) TS_TRY(advance_of(r, &op->regions[i], &n));
        if (i && n != first)
            return does_not_return(r, op, n > first ? n - first : first - n,
                                   "one branch more than the other");
        first = n;
    }
    *out += first;
    return TS_OK;
}

static ts_status advance_of_op(rounds *r, const ts_op *op, uint64_t *out) {
    uint64_t n = 0;
    switch (op->code) {
    case TS_OP_AIE_OBJECTFIFO_RELEASE:
        if (fifo_of_access(r->s, op) == r->f &&
            (ts_op_integer(op, "port", PORT_PRODUCE) != PORT_PRODUCE) == r->port)
            *out += (uint64_t)ts_op_integer(op, "size", 0);
        return TS_OK;
    case TS_OP_SCF_IF:
    case TS_OP_SCF_INDEX_SWITCH: return advance_of_branches(r, op, out);
    default: break;
    }
    for (uint32_t i = 0; i < op->n_regions; i++)
        TS_TRY(advance_of(r, &op->regions[i], &n));
    if (op->code == TS_OP_SCF_FOR && runs_once(op)) {
        *out += n;
        return TS_OK;
    }
    n %= r->f->depth;
    return n && op->n_regions ? does_not_return(r, op, n, "each run of this loop") : TS_OK;
}

/* Elements that a region releases, modulo the depth. Regions of several blocks have branches that
 * nobody follows here. */
static ts_status advance_of(rounds *r, const ts_region *region, uint64_t *out) {
    if (!region->first || region->first->next) return TS_OK;
    if (++r->depth > MAX_DEPTH)
        return pass_fail(r->s->c, region->owner, TS_RANGE,
                         "operations are more than %d deep in each other", MAX_DEPTH);
    for (const ts_op *op = region->first->first; op; op = op->next)
        TS_TRY(advance_of_op(r, op, out));
    *out %= r->f->depth;
    r->depth--;
    return TS_OK;
}

ts_status fifo_check_loops(fifo_state *s, ts_op *core) {
    for (const ts_op *op = fifo_next(core, core, TS_OP_AIE_OBJECTFIFO_RELEASE); op;
         op = fifo_next(core, op, TS_OP_AIE_OBJECTFIFO_RELEASE)) {
        fifo *f = fifo_of_access(s, op);
        int port = ts_op_integer(op, "port", PORT_PRODUCE) != PORT_PRODUCE;
        rounds r = {.s = s, .f = f, .port = port};
        uint64_t n = 0;
        if (f->checked_core[port] == core || !f->depth) continue;
        f->checked_core[port] = core;
        TS_TRY(advance_of(&r, &core->regions[0], &n));
    }
    return TS_OK;
}
