/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Objectfifos whose element a core chooses while it runs: a buffer of counters beside the core,
 * one for each objectfifo and port; a release moves its counter on, an access is a switch over it.
 * src: Xilinx/mlir-aie: lib/Dialect/AIE/Transforms/AIEObjectFifoStatefulTransform.cpp,
 * dynamicGlobalObjectFifos, updateGlobalNextIndex [code]
 */
#include "pass_fifo.h"

#include <string.h>

/* src: llvm-project: mlir/include/mlir/Dialect/Arith/IR/ArithBase.td, CmpIPredicate [code] */
#define PREDICATE_SGE 5

typedef struct dynamic {
    fifo_state *s;
    ts_op *core;
    ts_value *zero, *counters;
    const ts_type *i32, *index;
    uint32_t n_counters;
} dynamic;

static fifo_port *port_of(const dynamic *d, const ts_op *access, fifo **f) {
    *f = fifo_of_access(d->s, access);
    return &(*f)->ports[ts_op_integer(access, "port", PORT_PRODUCE) != PORT_PRODUCE];
}

static ts_value *load(dynamic *d, ts_value *place) {
    ts_value *operands[2] = {d->counters, place};
    return pass_result(pass_make(&d->s->b, TS_OP_MEMREF_LOAD, operands, 2, &d->i32, 1, 0));
}

static void store(dynamic *d, ts_value *value, ts_value *place) {
    ts_value *operands[3] = {value, d->counters, place};
    pass_make(&d->s->b, TS_OP_MEMREF_STORE, operands, 3, NULL, 0, 0);
}

static ts_value *arithmetic(dynamic *d, ts_op_code code, ts_value *a, ts_value *b) {
    return pass_result(pass_make(&d->s->b, code, (ts_value *[]){a, b}, 2, &d->i32, 1, 0));
}

/* ---- counters -------------------------------------------------------------------------------- */

/* Constants at the start of the core: the counter's place and the depth, in the order in which
 * acquires come. */
static void make_constants(dynamic *d) {
    ts_block *block = d->core->regions[0].first;
    pass_at_start(&d->s->b, block);
    d->zero = pass_constant(&d->s->b, 0, d->i32);
    for (ts_op *op = fifo_next(d->core, d->core, TS_OP_AIE_OBJECTFIFO_ACQUIRE); op;
         op = fifo_next(d->core, op, TS_OP_AIE_OBJECTFIFO_ACQUIRE)) {
        fifo *f;
        fifo_port *port = port_of(d, op, &f);
        if (port->counter || d->s->b.failed) continue;
        port->counter = pass_constant(&d->s->b, d->n_counters++, NULL);
        port->depth = pass_constant(&d->s->b, f->depth, d->i32);
    }
}

static void make_counters(dynamic *d) {
    int64_t n = d->n_counters;
    const ts_type *type = ts_type_memref(d->s->c->design, &n, 1, d->i32);
    pass_before(&d->s->b, d->core);
    d->counters =
        pass_result(pass_make(&d->s->b, TS_OP_AIE_BUFFER,
                              (ts_value *[]){pass_result(pass_tile_of(d->core))}, 1, &type, 1, 0));
    for (fifo *f = d->s->first; f; f = f->next)
        for (int port = 0; port < 2; port++) {
            if (!f->ports[port].counter || !f->ports[port].depth) continue;
            pass_after(&d->s->b, f->ports[port].depth->owner);
            store(d, d->zero, f->ports[port].counter);
        }
}

/* ---- releases and accesses ------------------------------------------------------------------- */

/* counter = (counter + released) modulo depth, without a division. */
static ts_status count_release(dynamic *d, ts_op *op) {
    fifo *f;
    fifo_port *port = port_of(d, op, &f);
    const ts_type *i1 = ts_type_integer(d->s->c->design, 1, TS_SIGNLESS);
    if (!port->counter)
        return pass_fail(d->s->c, op, TS_CONFLICT, "'%s' is released, but never acquired here",
                         f->name);
    pass_after(&d->s->b, op);
    ts_value *counter = load(d, port->counter);
    ts_value *released = pass_constant(&d->s->b, ts_op_integer(op, "size", 1), d->i32);
    ts_value *sum = arithmetic(d, TS_OP_ARITH_ADDI, counter, released);
    ts_op *compare =
        pass_make(&d->s->b, TS_OP_ARITH_CMPI, (ts_value *[]){sum, port->depth}, 2, &i1, 1, 0);
    const ts_type *i64 = ts_type_integer(d->s->c->design, 64, TS_SIGNLESS);
    pass_set(&d->s->b, compare, "predicate",
             i64 ? ts_attr_integer(d->s->c->design, PREDICATE_SGE, i64) : NULL);
    ts_value *wrapped = arithmetic(d, TS_OP_ARITH_SUBI, sum, port->depth);
    ts_value *operands[3] = {pass_result(compare), wrapped, sum};
    ts_op *select = pass_make(&d->s->b, TS_OP_ARITH_SELECT, operands, 3, &d->i32, 1, 0);
    store(d, pass_result(select), port->counter);
    return fifo_built(d->s);
}

static void yield_buffer(dynamic *d, ts_op *choice, uint32_t region, ts_op *buffer) {
    ts_block *block = choice ? ts_block_append(d->s->c->design, &choice->regions[region]) : NULL;
    if (!block) d->s->b.failed = true;
    pass_at_end(&d->s->b, block);
    pass_make(&d->s->b, TS_OP_SCF_YIELD, (ts_value *[]){pass_result(buffer)}, 1, NULL, 0, 0);
}

static ts_status switch_element(dynamic *d, ts_op *access, fifo *f, const fifo_port *port) {
    const op_list *buffers = &fifo_target(f)->buffers;
    size_t first = (size_t)ts_op_integer(access, "index", 0);
    const ts_type *i64 = ts_type_integer(d->s->c->design, 64, TS_SIGNLESS);
    if (!f->depth || buffers->n < f->depth)
        return pass_fail(d->s->c, access, TS_RANGE, "'%s' has fewer buffers than elements",
                         f->name);
    int64_t *cases = TS_ARENA_ARRAY(d->s->c->design->arena, int64_t, f->depth);
    if (!cases || !i64) return ts_fail_nomem(d->s->c->diag);
    for (uint32_t i = 0; i < f->depth; i++)
        cases[i] = i;
    pass_after(&d->s->b, access);
    ts_value *counter = load(d, port->counter);
    ts_value *chosen =
        pass_result(pass_make(&d->s->b, TS_OP_ARITH_INDEX_CAST, &counter, 1, &d->index, 1, 0));
    ts_op *choice = pass_make(&d->s->b, TS_OP_SCF_INDEX_SWITCH, &chosen, 1,
                              &buffers->ops[0]->results[0].type, 1, f->depth + 1);
    pass_set(&d->s->b, choice, "cases", ts_attr_dense_array(d->s->c->design, i64, cases, f->depth));
    yield_buffer(d, choice, 0, buffers->ops[first % f->depth]);
    for (uint32_t i = 0; i < f->depth && !d->s->b.failed; i++)
        yield_buffer(d, choice, i + 1, buffers->ops[(first + i) % f->depth]);
    TS_TRY(fifo_built(d->s));
    ts_value_replace(&access->results[0], pass_result(choice));
    return TS_OK;
}

static ts_status switch_elements(dynamic *d, ts_op *acquire) {
    fifo *f;
    const fifo_port *port = port_of(d, acquire, &f);
    if (f->depth <= 1) return TS_OK;
    for (const ts_use *use = acquire->results[0].first_use; use; use = use->next)
        if (use->user->code == TS_OP_AIE_OBJECTFIFO_SUBVIEW_ACCESS)
            TS_TRY(switch_element(d, use->user, f, port));
    return TS_OK;
}

ts_status fifo_make_dynamic(fifo_state *s, ts_op *core) {
    dynamic d = {.s = s, .core = core};
    d.i32 = ts_type_integer(s->c->design, 32, TS_SIGNLESS);
    d.index = ts_type_index(s->c->design);
    for (fifo *f = s->first; f; f = f->next)
        memset(f->ports, 0, sizeof f->ports);
    if (!d.i32 || !d.index) return ts_fail_nomem(s->c->diag);
    if (!fifo_next(core, core, TS_OP_AIE_OBJECTFIFO_ACQUIRE)) return TS_OK;
    make_constants(&d);
    make_counters(&d);
    TS_TRY(fifo_built(s));
    for (ts_op *op = core, *next; op; op = next) {
        next = ts_op_next_below(core, op);
        if (op->code == TS_OP_AIE_OBJECTFIFO_RELEASE) TS_TRY(count_release(&d, op));
        if (op->code == TS_OP_AIE_OBJECTFIFO_ACQUIRE) TS_TRY(switch_elements(&d, op));
    }
    return fifo_built(s);
}
