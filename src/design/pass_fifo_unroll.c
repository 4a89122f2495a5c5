/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Objectfifos: loops of cores are unrolled until each run of a body begins with the same element,
 * that is by the least common multiple of the depths acquired in it. What is left over becomes
 * straight code behind the loop.
 *
 * mlir-aie goes over the loops beside the one with acquires, too, and unrolls those behind it that
 * were not looked at yet, whether they acquire or not; the same is done here, because programs and
 * their linker scripts show it. Its tables of loops are here one entry per loop.
 * src: Xilinx/mlir-aie: lib/Dialect/AIE/Transforms/AIEObjectFifoStatefulTransform.cpp,
 * unrollForLoops [code]; llvm-project: mlir/lib/Dialect/SCF/Utils/Utils.cpp,
 * loopUnrollByFactor, generateUnrolledLoop; mlir/lib/Dialect/SCF/IR/SCF.cpp,
 * promoteIfSingleIteration [code]
 */
#include "pass_fifo.h"

#define MAX_DEPTH 128 /* of operations within each other */

/* scf.for: bounds and step, then the initial values; its block: the index, then the values. */
enum {
    LOWER,
    UPPER,
    STEP,
    N_CONTROL
};

typedef struct loop_note {
    const ts_op *loop;
    bool has_acquire, is_done;
    int64_t remainder;
} loop_note;

typedef struct unroller {
    fifo_state *s;
    loop_note *notes; /* open addressing by the loop; a power of two */
    size_t n_notes, n_slots;
    uint64_t factor;      /* for the loop with acquires that is worked on */
    const ts_op *current; /* the loop that was visited last */
} unroller;

typedef ts_status visit_function(unroller *u, ts_op *loop);

/* ---- notes ----------------------------------------------------------------------------------- */

static loop_note *slot_of(loop_note *notes, size_t n_slots, const ts_op *loop) {
    size_t at = (size_t)(((uintptr_t)loop >> 4) * UINT64_C(0x9E3779B97F4A7C15) >> 20);
    while (notes[at & (n_slots - 1)].loop && notes[at & (n_slots - 1)].loop != loop)
        at++;
    return &notes[at & (n_slots - 1)];
}

/* NULL: NOMEM. The pointer lasts until the next call. */
static loop_note *note_of(unroller *u, const ts_op *loop) {
    if (2 * u->n_notes >= u->n_slots) {
        size_t n_slots = u->n_slots ? 2 * u->n_slots : 64;
        loop_note *notes = TS_ARENA_ARRAY(u->s->c->design->arena, loop_note, n_slots);
        if (!notes) return NULL;
        for (size_t i = 0; i < u->n_slots; i++)
            if (u->notes[i].loop) *slot_of(notes, n_slots, u->notes[i].loop) = u->notes[i];
        u->notes = notes;
        u->n_slots = n_slots;
    }
    loop_note *note = slot_of(u->notes, u->n_slots, loop);
    if (!note->loop) u->n_notes++;
    note->loop = loop;
    return note;
}

/* ---- walking --------------------------------------------------------------------------------- */

/* All loops of a region, inner ones first. What a visit puts before the operation that was next
 * is passed over; an operation that a visit took out still knows what followed it. */
static ts_status walk(unroller *u, const ts_region *region, visit_function *visit, unsigned depth) {
    if (depth > MAX_DEPTH)
        return pass_fail(u->s->c, region->owner, TS_RANGE,
                         "operations are more than %d deep in each other", MAX_DEPTH);
    for (const ts_block *block = region->first; block; block = block->next)
        for (ts_op *op = block->first, *next; op; op = next) {
            next = op->next;
            for (uint32_t i = 0; i < op->n_regions; i++)
                TS_TRY(walk(u, &op->regions[i], visit, depth + 1));
            if (op->code == TS_OP_SCF_FOR) TS_TRY(visit(u, op));
            while (next && !next->block)
                next = next->next;
        }
    return TS_OK;
}

/* ---- one loop -------------------------------------------------------------------------------- */

static bool constant_of(const ts_value *value, int64_t *out) {
    const ts_op *op = value ? value->owner : NULL;
    const ts_attr *attr = op && op->code == TS_OP_ARITH_CONSTANT ? ts_op_attr(op, "value") : NULL;
    if (!attr || attr->kind != TS_ATTR_INTEGER) return false;
    *out = attr->integer;
    return true;
}

/* How often the loop runs; false when that is not known here. */
static bool trip_count(const ts_op *loop, int64_t *out) {
    int64_t lower, upper, step;
    if (loop->n_operands < N_CONTROL || !constant_of(loop->operands[LOWER].value, &lower) ||
        !constant_of(loop->operands[UPPER].value, &upper) ||
        !constant_of(loop->operands[STEP].value, &step) || step <= 0)
        return false;
    if (upper <= lower) {
        *out = 0;
        return true;
    }
    uint64_t span = (uint64_t)upper - (uint64_t)lower, by = (uint64_t)step;
    uint64_t n = span / by + (span % by != 0);
    *out = (int64_t)n;
    return n <= INT64_MAX;
}

static ts_block *body_of(const ts_op *loop) {
    return loop->n_regions ? loop->regions[0].first : NULL;
}

/* The yield at the body's end; NULL when there is none, as in loops without values. */
static ts_op *yield_of(const ts_op *loop) {
    ts_op *last = body_of(loop)->last;
    return last && last->code == TS_OP_SCF_YIELD ? last : NULL;
}

/* One block that yields as many values as the loop has results, with an argument for each. */
static bool is_regular(const ts_op *loop) {
    const ts_block *body = body_of(loop);
    uint32_t n_values = loop->n_results;
    return body && !body->next && loop->n_operands == N_CONTROL + n_values &&
           body->n_arguments == 1 + n_values &&
           (yield_of(loop) ? yield_of(loop)->n_operands == n_values : !n_values);
}

/* Everything in the body of `from` but the yield goes before `where`, or to the end of `block`. */
static void move_body(const ts_op *from, ts_op *where, ts_block *block) {
    const ts_op *yield = yield_of(from);
    for (ts_op *op = body_of(from)->first, *next; op && op != yield; op = next) {
        next = op->next;
        ts_op_unlink(op);
        if (where)
            ts_op_insert_before(where, op);
        else
            ts_op_append(block, op);
    }
}

/* A loop that runs once becomes its body. The loop itself then only says what followed it. */
static void promote_single(ts_op *loop) {
    int64_t n;
    if (!trip_count(loop, &n) || n != 1) return;
    ts_block *body = body_of(loop);
    ts_op *next = loop->next;
    ts_value_replace(body->arguments[0], loop->operands[LOWER].value);
    for (uint32_t i = 0; i < loop->n_results; i++) {
        ts_value_replace(body->arguments[1 + i], loop->operands[N_CONTROL + i].value);
        ts_value_replace(&loop->results[i], yield_of(loop)->operands[i].value);
    }
    move_body(loop, loop, NULL);
    ts_op_erase(loop);
    loop->next = next;
}

/* The iterations that the factor does not divide, as a loop behind. */
static void make_epilogue(unroller *u, ts_op *loop, ts_value *bound) {
    pass_builder *b = &u->s->b;
    ts_op *rest = b->failed ? NULL : ts_op_clone(b->design, loop);
    if (!rest) {
        b->failed = true;
        return;
    }
    ts_op_insert_after(loop, rest);
    ts_use_set(&rest->operands[LOWER], bound);
    for (uint32_t i = 0; i < loop->n_results; i++) {
        ts_value_replace(&loop->results[i], &rest->results[i]);
        ts_use_set(&rest->operands[N_CONTROL + i], &loop->results[i]);
    }
    promote_single(rest);
}

/* index + step * i, when the body uses the index. */
static ts_value *index_of_copy(unroller *u, const ts_op *loop, ts_value *step, uint64_t i) {
    pass_builder *b = &u->s->b;
    ts_value *index = body_of(loop)->arguments[0];
    pass_at_end(b, body_of(loop));
    if (yield_of(loop)) pass_before(b, yield_of(loop));
    ts_value *number = pass_constant(b, (int64_t)i, index->type);
    ts_op *stride =
        pass_make(b, TS_OP_ARITH_MULI, (ts_value *[]){step, number}, 2, &index->type, 1, 0);
    return pass_result(pass_make(b, TS_OP_ARITH_ADDI, (ts_value *[]){index, pass_result(stride)}, 2,
                                 &index->type, 1, 0));
}

/* One more copy of the body at the body's end; `first` is the loop as it was. */
static void append_copy(unroller *u, ts_op *loop, const ts_op *first, ts_value *step, uint64_t i) {
    pass_builder *b = &u->s->b;
    ts_op *yield = yield_of(loop);
    ts_value *index = NULL;
    if (body_of(first)->arguments[0]->first_use) index = index_of_copy(u, loop, step, i);
    ts_op *copy = b->failed ? NULL : ts_op_clone(b->design, first);
    if (!copy) {
        b->failed = true;
        return;
    }
    ts_block *body = body_of(copy);
    if (index) ts_value_replace(body->arguments[0], index);
    for (uint32_t j = 0; j < loop->n_results; j++)
        ts_value_replace(body->arguments[1 + j], yield->operands[j].value);
    for (uint32_t j = 0; j < loop->n_results; j++)
        ts_use_set(&yield->operands[j], yield_of(copy)->operands[j].value);
    move_body(copy, yield, body_of(loop));
    ts_op_erase(copy);
}

static uint64_t n_below(const ts_op *root) {
    uint64_t n = 0;
    for (const ts_op *op = ts_op_next_below(root, root); op; op = ts_op_next_below(root, op))
        n++;
    return n;
}

/* A constant before the loop, of its index's type. */
static ts_value *bound_before(unroller *u, ts_op *loop, int64_t value) {
    pass_before(&u->s->b, loop);
    return pass_constant(&u->s->b, value, loop->operands[LOWER].value->type);
}

/* `n` runs in all, of which each of the new loop does `factor`. */
static ts_status unroll(unroller *u, ts_op *loop, int64_t n, uint64_t factor) {
    pass_builder *b = &u->s->b;
    int64_t lower, step_value, rest = n % (int64_t)factor;
    ts_value *step = loop->operands[STEP].value, *upper = loop->operands[UPPER].value;
    if (body_of(loop)->first == yield_of(loop)) return TS_OK;
    if (factor == 1) {
        promote_single(loop);
        return TS_OK;
    }
    uint64_t size = n_below(loop);
    if (size * (factor + 1) + b->n_made > PASS_MAX_MADE)
        return pass_fail(u->s->c, loop, TS_RANGE,
                         "unrolling this loop %llu times makes more than %u operations; "
                         "dynamic_objfifo_lowering needs no unrolling",
                         (unsigned long long)factor, PASS_MAX_MADE);
    b->n_made += (uint32_t)(size * (factor + 1));
    if (!constant_of(loop->operands[LOWER].value, &lower) || !constant_of(step, &step_value))
        return TS_OK;
    if ((uint64_t)step_value > INT64_MAX / factor)
        return pass_fail(u->s->c, loop, TS_RANGE, "the step of this loop times %llu is too large",
                         (unsigned long long)factor);
    if (rest) upper = bound_before(u, loop, lower + (n - rest) * step_value);
    ts_value *wide = bound_before(u, loop, step_value * (int64_t)factor);
    if (rest) make_epilogue(u, loop, upper);
    TS_TRY(fifo_built(u->s));
    ts_use_set(&loop->operands[UPPER], upper);
    ts_use_set(&loop->operands[STEP], wide);
    ts_op *first = ts_op_clone(b->design, loop);
    if (!first) return ts_fail_nomem(u->s->c->diag);
    for (uint64_t i = 1; i < factor && !b->failed; i++)
        append_copy(u, loop, first, step, i);
    ts_op_erase(first);
    TS_TRY(fifo_built(u->s));
    promote_single(loop);
    return TS_OK;
}

/* ---- which loops ----------------------------------------------------------------------------- */

static bool has_access(const ts_op *loop) {
    const ts_block *body = body_of(loop);
    for (const ts_op *op = body ? body->first : NULL; op; op = op->next)
        if (op->code == TS_OP_AIE_OBJECTFIFO_ACQUIRE) return true;
    return false;
}

/* Unrolls a loop of the region at hand, unless that was done or it is not its turn. */
static ts_status visit_beside(unroller *u, ts_op *loop) {
    loop_note *note = note_of(u, loop), *last = note ? note_of(u, u->current) : NULL;
    int64_t n = 0, step = 0;
    if (!last) return ts_fail_nomem(u->s->c->diag);
    note = slot_of(u->notes, u->n_slots, loop);
    bool had_acquire = note->has_acquire;
    bool is_passed_over = last->remainder > 1 && !had_acquire && u->current != loop;
    bool is_known = trip_count(loop, &n) && is_regular(loop);
    note->remainder = 0;
    note->has_acquire = false;
    u->current = loop;
    if (note->is_done || is_passed_over) return TS_OK;
    if (!is_known && has_access(loop))
        return pass_fail(u->s->c, loop, TS_UNSUPPORTED,
                         "a loop that acquires from objectfifos needs constant bounds and a step; "
                         "dynamic_objfifo_lowering on the core needs none");
    if (!is_known) return TS_OK;
    uint64_t factor = (uint64_t)n < u->factor ? (uint64_t)n : u->factor;
    if (!factor)
        return pass_fail(u->s->c, loop, TS_RANGE, "this loop never runs: check its bounds");
    int64_t rest = n % (int64_t)factor;
    note->remainder = rest;
    if (!constant_of(loop->operands[STEP].value, &step) ||
        ((uint64_t)step >= factor && !had_acquire)) {
        note->remainder = 0;
        return TS_OK;
    }
    note->is_done = true;
    return unroll(u, loop, n, factor);
}

static uint64_t gcd(uint64_t a, uint64_t b) {
    while (b) {
        uint64_t t = a % b;
        a = b;
        b = t;
    }
    return a;
}

/* The least common multiple of the depths that the loop's body acquires from; 0: none, or beyond
 * what can be unrolled. */
static uint64_t common_depth(const unroller *u, const ts_op *loop, bool *is_found) {
    uint64_t factor = 1;
    *is_found = false;
    for (const ts_op *op = body_of(loop)->first; op; op = op->next) {
        if (op->code != TS_OP_AIE_OBJECTFIFO_ACQUIRE) continue;
        const fifo *f = fifo_of_access(u->s, op);
        *is_found = true;
        if (!f->depth) continue;
        factor *= f->depth / gcd(factor, f->depth);
        if (factor > PASS_MAX_MADE) return 0;
    }
    return factor;
}

static ts_status visit_loop(unroller *u, ts_op *loop) {
    bool is_found;
    const ts_region *region = loop->block->region;
    if (!body_of(loop)) return TS_OK;
    u->factor = common_depth(u, loop, &is_found);
    loop_note *note = note_of(u, loop);
    if (!note) return ts_fail_nomem(u->s->c->diag);
    note->has_acquire = is_found;
    note->remainder = 0;
    if (!is_found) {
        note->is_done = true;
        return TS_OK;
    }
    if (!u->factor)
        return pass_fail(u->s->c, loop, TS_RANGE,
                         "the depths of what this loop acquires ask for more copies of it than %u",
                         PASS_MAX_MADE);
    u->current = loop;
    for (unsigned turns = 0; turns < PASS_MAX_DEPTH; turns++) {
        note = note_of(u, u->current);
        if (!note) return ts_fail_nomem(u->s->c->diag);
        if (note->remainder <= 1 && !note->has_acquire) return TS_OK;
        TS_TRY(walk(u, region, visit_beside, 0));
    }
    return pass_fail(u->s->c, u->s->c->device, TS_RANGE, "loops cannot be unrolled to an end");
}

ts_status fifo_unroll(fifo_state *s, ts_op *core) {
    unroller u = {.s = s};
    return core->n_regions ? walk(&u, &core->regions[0], visit_loop, 0) : TS_OK;
}
