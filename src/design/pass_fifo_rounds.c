/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Objectfifos: which buffer an access means and how many elements an acquire waits for are decided
 * once, so every run of a loop's body must begin with the same element and with as many elements
 * held. Unrolling sees to the first within the loop that acquires; a loop around it can still come
 * back with another element, when the inner runs are no multiple of the depth. mlir-aie makes a
 * program that then uses the wrong buffer; here such a loop is refused.
 */
#include "pass_fifo.h"

#define MAX_DEPTH 128 /* of operations within each other */

typedef struct rounds {
    fifo_state *s;
    const fifo *f;
    int port;
    bool is_dynamic; /* the core counts elements itself, but not how many it holds */
    unsigned depth;  /* of operations */
    size_t n_accesses;
} rounds;

/* Where one port is: elements held, and released so far, modulo the depth. */
typedef struct position {
    uint64_t held, released;
} position;

static ts_status follow(rounds *r, const ts_region *region, position *at);

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

static ts_status does_not_return(const rounds *r, const ts_op *op, position from, position to,
                                 const char *what) {
    if (from.held != to.held)
        return pass_fail(r->s->c, op, TS_UNSUPPORTED,
                         "%s begins with %llu elements of '%s' held and ends with %llu: which "
                         "acquire waits for which is not known then",
                         what, (unsigned long long)from.held, r->f->name,
                         (unsigned long long)to.held);
    uint64_t n = (to.released + r->f->depth - from.released) % r->f->depth;
    return pass_fail(r->s->c, op, TS_UNSUPPORTED,
                     "%s moves '%s' on by %llu of its %u elements, so the next one begins with "
                     "another element: make that a multiple, or use dynamic_objfifo_lowering",
                     what, r->f->name, (unsigned long long)n, r->f->depth);
}

static bool is_same(const rounds *r, position a, position b) {
    return a.held == b.held && (r->is_dynamic || a.released == b.released);
}

/* Branches must agree; a branch that is not there moves nothing. What one branch holds another does
 * not, but counting goes on in the text's order, so no more than one may have accesses. */
static ts_status follow_branches(rounds *r, const ts_op *op, position *at) {
    position first = *at;
    size_t n_used = 0;
    for (uint32_t i = 0; i < op->n_regions; i++) {
        position branch = *at;
        size_t before = r->n_accesses;
        if (op->regions[i].first) TS_TRY(follow(r, &op->regions[i], &branch));
        n_used += r->n_accesses > before;
        if (n_used > 1)
            return pass_fail(r->s->c, op, TS_UNSUPPORTED,
                             "'%s' is acquired or released in more than one branch: do that before "
                             "or behind them",
                             r->f->name);
        if (i && !is_same(r, branch, first))
            return does_not_return(r, op, first, branch, "one branch unlike the other");
        first = branch;
    }
    *at = first;
    return TS_OK;
}

static void follow_access(rounds *r, const ts_op *op, position *at) {
    uint64_t size = (uint64_t)ts_op_integer(op, "size", 0);
    if (fifo_of_access(r->s, op) != r->f ||
        (ts_op_integer(op, "port", PORT_PRODUCE) != PORT_PRODUCE) != r->port)
        return;
    r->n_accesses++;
    if (op->code == TS_OP_AIE_OBJECTFIFO_ACQUIRE) {
        if (size > at->held) at->held = size;
        return;
    }
    at->released = (at->released + size) % r->f->depth;
    at->held -= size < at->held ? size : at->held;
}

static ts_status follow_op(rounds *r, const ts_op *op, position *at) {
    position before = *at;
    switch (op->code) {
    case TS_OP_AIE_OBJECTFIFO_ACQUIRE:
    case TS_OP_AIE_OBJECTFIFO_RELEASE: follow_access(r, op, at); return TS_OK;
    case TS_OP_SCF_IF:
    case TS_OP_SCF_INDEX_SWITCH: return follow_branches(r, op, at);
    default: break;
    }
    for (uint32_t i = 0; i < op->n_regions; i++)
        TS_TRY(follow(r, &op->regions[i], at));
    if (!op->n_regions || is_same(r, before, *at) || (op->code == TS_OP_SCF_FOR && runs_once(op)))
        return TS_OK;
    return does_not_return(r, op, before, *at, "each run of this loop");
}

/* Regions of several blocks have branches that nobody follows here. */
static ts_status follow(rounds *r, const ts_region *region, position *at) {
    if (!region->first || region->first->next) return TS_OK;
    if (++r->depth > MAX_DEPTH)
        return pass_fail(r->s->c, region->owner, TS_RANGE,
                         "operations are more than %d deep in each other", MAX_DEPTH);
    for (const ts_op *op = region->first->first; op; op = op->next)
        TS_TRY(follow_op(r, op, at));
    r->depth--;
    return TS_OK;
}

ts_status fifo_check_loops(fifo_state *s, ts_op *core, bool is_dynamic) {
    for (const ts_op *op = fifo_next(core, core, TS_OP_AIE_OBJECTFIFO_ACQUIRE); op;
         op = fifo_next(core, op, TS_OP_AIE_OBJECTFIFO_ACQUIRE)) {
        fifo *f = fifo_of_access(s, op);
        int port = ts_op_integer(op, "port", PORT_PRODUCE) != PORT_PRODUCE;
        rounds r = {.s = s, .f = f, .port = port, .is_dynamic = is_dynamic};
        position at = {0, 0};
        if (f->checked_core[port] == core || !f->depth) continue;
        f->checked_core[port] = core;
        TS_TRY(follow(&r, &core->regions[0], &at));
    }
    return TS_OK;
}
