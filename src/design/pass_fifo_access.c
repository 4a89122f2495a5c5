/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Objectfifos: what cores do with them. An acquire becomes a use of a lock for the elements it
 * adds to those the core holds, a release one for those it gives back, an access to an element the
 * buffer it lies in. Which buffer that is follows from counting in the order of the text: loops
 * have been unrolled so that each run of a body begins with the same element.
 * src: Xilinx/mlir-aie: lib/Dialect/AIE/Transforms/AIEObjectFifoStatefulTransform.cpp,
 * createUseLocks, runOnOperation, "Replace ops" [code]
 */
#include "pass_fifo.h"

#include <string.h>

typedef struct access_state {
    fifo_state *s;
    ts_op *core;
} access_state;

static int port_of(const ts_op *access) {
    return ts_op_integer(access, "port", PORT_PRODUCE) == PORT_PRODUCE ? PORT_PRODUCE
                                                                       : PORT_CONSUME;
}

/* The lock of the count of free elements, or of full ones. */
static void use_lock(fifo_state *s, fifo *f, int action, int port, int64_t n) {
    const fifo *target = fifo_target(f);
    bool is_free = (action == LOCK_RELEASE) == (port == PORT_CONSUME);
    if (target->locks.n < 2) return;
    ts_value *lock = pass_result(target->locks.ops[is_free ? 0 : 1]);
    ts_op *op = pass_make(&s->b, TS_OP_AIE_USE_LOCK, &lock, 1, NULL, 0, 0);
    pass_set_i32(&s->b, op, "action", action);
    pass_set_i32(&s->b, op, "value", n);
}

/* What a core may not touch. */
static ts_status check(access_state *a, const ts_op *op, const fifo *f) {
    if (f->link && fifo_shared_tile(f->link) == pass_tile_of(a->core))
        return pass_fail(a->s->c, op, TS_UNSUPPORTED,
                         "'%s' is linked in %s: its core cannot use it there", f->name,
                         pass_tile_text(a->s->c, pass_tile_of(a->core)));
    if (f->stream >= 0)
        return pass_fail(a->s->c, op, TS_UNSUPPORTED,
                         "'%s' is a stream of the core: there are no elements to use", f->name);
    if (!f->depth)
        return pass_fail(a->s->c, op, TS_RANGE, "'%s' has no elements on this end", f->name);
    return TS_OK;
}

/* ---- releases -------------------------------------------------------------------------------- */

static ts_status rewrite_release(access_state *a, ts_op *op, size_t position) {
    fifo_state *s = a->s;
    fifo *f = fifo_of_access(s, op);
    fifo_port *port = &f->ports[port_of(op)];
    fifo_release *release = TS_ARENA_NEW(s->c->design->arena, fifo_release);
    if (!release) return ts_fail_nomem(s->c->diag);
    TS_TRY(check(a, op, f));
    pass_after(&s->b, op);
    use_lock(s, f, LOCK_RELEASE, port_of(op),
             ts_op_integer(op, "size", 1) * (f->repeat ? f->repeat : 1));
    *release = (fifo_release){.op = op, .position = position};
    if (port->last)
        port->last->next = release;
    else
        port->releases = release;
    port->last = release;
    return TS_OK;
}

/* Whether two operations, the first before the second in the text, run one after the other: their
 * parents meet in one block, not in two branches of an operation. */
static bool is_sequence(const ts_op *first, const ts_op *second) {
    for (const ts_op *b = second; b && b->code != TS_OP_AIE_DEVICE; b = ts_op_parent(b))
        for (const ts_op *a = first; a && a->code != TS_OP_AIE_DEVICE; a = ts_op_parent(a))
            if (a->block == b->block && a != b) return true;
    return false;
}

/* Elements released since the last acquire looked; those releases are done with. */
static size_t count_released(fifo_port *port, const ts_op *acquire, size_t position) {
    size_t n = 0;
    for (fifo_release **at = &port->releases; *at && (*at)->position < position;) {
        if (is_sequence((*at)->op, acquire)) {
            n += (size_t)ts_op_integer((*at)->op, "size", 1);
            *at = (*at)->next;
        } else
            at = &(*at)->next;
    }
    return n;
}

/* ---- acquires -------------------------------------------------------------------------------- */

/* Takes released elements off, then adds what is missing to `size`. */
static ts_status hold(access_state *a, const ts_op *op, fifo *f, size_t n_released,
                      size_t *n_added) {
    fifo_state *s = a->s;
    fifo_port *port = &f->ports[port_of(op)];
    size_t size = (size_t)ts_op_integer(op, "size", 1);
    if (port->n_held) {
        if (n_released > port->n_held)
            return pass_fail(s->c, op, TS_CONFLICT,
                             "%zu elements of '%s' are released before, but only %zu acquired",
                             n_released, f->name, port->n_held);
        port->held += n_released;
        port->n_held -= n_released;
    }
    *n_added = size > port->n_held ? size - port->n_held : 0;
    *n_added *= f->repeat ? (size_t)f->repeat : 1;
    if (*n_added + port->n_held > PASS_MAX_MADE)
        return pass_fail(s->c, op, TS_RANGE, "more elements than are supported");
    uint32_t *held = TS_ARENA_ARRAY(s->c->design->arena, uint32_t, *n_added + port->n_held);
    if (!held) return ts_fail_nomem(s->c->diag);
    if (port->n_held) memcpy(held, port->held, port->n_held * sizeof *held);
    for (size_t i = 0; i < *n_added; i++) {
        held[port->n_held++] = port->next_acquire;
        port->next_acquire = (port->next_acquire + 1) % f->depth;
    }
    port->held = held;
    return TS_OK;
}

/* src: as above, "Replace subview.access ops" */
static ts_status check_linked(access_state *a, const ts_op *access, const fifo *f) {
    int direction;
    if (f->link && (fifo_is_join(f->link) || fifo_is_distribute(f->link)))
        return pass_fail(a->s->c, access, TS_UNSUPPORTED,
                         "'%s' is part of a join or distribute: a core cannot use it", f->name);
    if (f->link && !fifo_share_memory(a->s, f->producer, f->consumers[0], &direction))
        return pass_fail(a->s->c, access, TS_UNSUPPORTED,
                         "'%s' is linked, and its tiles share no memory", f->name);
    return TS_OK;
}

/* Each access to what is acquired here becomes the buffer it means. */
static ts_status rewrite_elements(access_state *a, ts_op *op, fifo *f) {
    const fifo_port *port = &f->ports[port_of(op)];
    const op_list *buffers = &fifo_target(f)->buffers;
    for (const ts_use *use = op->results[0].first_use; use; use = use->next) {
        ts_op *access = use->user;
        int64_t index = ts_op_integer(access, "index", -1);
        if (access->code != TS_OP_AIE_OBJECTFIFO_SUBVIEW_ACCESS)
            return pass_fail(a->s->c, access, TS_UNSUPPORTED,
                             "only aie.objectfifo.subview.access can use what was acquired");
        if (index < 0 || (size_t)index >= port->n_held || port->held[index] >= buffers->n)
            return pass_fail(a->s->c, access, TS_RANGE, "element %lld of '%s' is not acquired here",
                             (long long)index, f->name);
        TS_TRY(check_linked(a, access, f));
        ts_value_replace(&access->results[0], pass_result(buffers->ops[port->held[index]]));
    }
    return TS_OK;
}

static ts_status rewrite_acquire(access_state *a, ts_op *op, size_t position) {
    fifo_state *s = a->s;
    fifo *f = fifo_of_access(s, op);
    fifo_port *port = &f->ports[port_of(op)];
    size_t n_added = 0;
    TS_TRY(check(a, op, f));
    size_t n_released = count_released(port, op, position);
    TS_TRY(hold(a, op, f, n_released, &n_added));
    pass_after(&s->b, op);
    if (n_added) use_lock(s, f, LOCK_ACQUIRE_GREATER_EQUAL, port_of(op), (int64_t)n_added);
    return rewrite_elements(a, op, f);
}

/* ---- one core -------------------------------------------------------------------------------- */

typedef ts_status rewrite_function(access_state *a, ts_op *op, size_t position);

/* The position counts the text's own operations of either kind, not those made on the way. */
static ts_status for_each(access_state *a, ts_op_code code, rewrite_function *rewrite) {
    size_t position = 0;
    for (ts_op *op = a->core, *next; op; op = next) {
        next = ts_op_next_below(a->core, op);
        if (op->code != TS_OP_AIE_OBJECTFIFO_ACQUIRE && op->code != TS_OP_AIE_OBJECTFIFO_RELEASE)
            continue;
        position++;
        if (op->code == code) TS_TRY(rewrite(a, op, position));
    }
    return TS_OK;
}

ts_status fifo_rewrite_accesses(fifo_state *s, ts_op *core) {
    access_state a = {.s = s, .core = core};
    for (fifo *f = s->first; f; f = f->next)
        memset(f->ports, 0, sizeof f->ports);
    TS_TRY(for_each(&a, TS_OP_AIE_OBJECTFIFO_RELEASE, rewrite_release));
    TS_TRY(for_each(&a, TS_OP_AIE_OBJECTFIFO_ACQUIRE, rewrite_acquire));
    return fifo_built(s);
}
