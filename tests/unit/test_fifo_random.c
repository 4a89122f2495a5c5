/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Objectfifos by their meaning: random cores run in a small interpreter before the lowering, by
 * what acquire, release and access mean, and behind it, by locks and buffers. Both must wait for
 * and give the same numbers of elements and use the same buffers in the same order, with loops
 * unrolled and with counters.
 */
#include "support.h"
#include "tessera/design.h"

#include <stdio.h>
#include <string.h>

/* ---- the interpreter ------------------------------------------------------------------------- */

#define N_SLOTS 4096
#define N_FIFOS 3

/* A value: a number, or the name of a buffer. */
typedef struct slot {
    const ts_value *value;
    int64_t number;
    const char *buffer;
} slot;

typedef struct port_state {
    int64_t depth, held, base;
} port_state;

typedef struct machine {
    ts_arena *arena;
    slot slots[N_SLOTS];
    port_state ports[N_FIFOS]; /* by the fifo's letter */
    int64_t counters[N_FIFOS];
    ts_buf trace;
    unsigned n_steps;
    bool gives_too_much; /* released what it does not hold: the design is wrong */
} machine;

static slot *slot_of(machine *m, const ts_value *value) {
    size_t at = (size_t)(((uintptr_t)value >> 3) * 2654435761u);
    while (m->slots[at % N_SLOTS].value && m->slots[at % N_SLOTS].value != value)
        at++;
    m->slots[at % N_SLOTS].value = value;
    return &m->slots[at % N_SLOTS];
}

static slot *operand(machine *m, const ts_op *op, unsigned i) {
    const ts_op *owner = op->operands[i].value->owner;
    slot *s = slot_of(m, op->operands[i].value);
    if (owner && owner->code == TS_OP_AIE_BUFFER)
        s->buffer = ts_op_text(owner, "sym_name", "counters");
    return s;
}

static const char *port_name(const ts_op *op) {
    return ts_op_integer(op, "port", 0) ? "cons" : "prod";
}

static void acquire(machine *m, const ts_op *op) {
    const char *name = ts_op_text(op, "objFifo_name", "a");
    port_state *p = &m->ports[name[0] - 'a'];
    int64_t size = ts_op_integer(op, "size", 0);
    if (size > p->held)
        ts_buf_printf(&m->trace, "wait %s_%s_lock_0 %d\n", name, port_name(op),
                      (int)(size - p->held));
    if (size > p->held) p->held = size;
}

static void release(machine *m, const ts_op *op) {
    const char *name = ts_op_text(op, "objFifo_name", "a");
    port_state *p = &m->ports[name[0] - 'a'];
    int64_t size = ts_op_integer(op, "size", 0);
    p->held -= size;
    m->gives_too_much = m->gives_too_much || p->held < 0;
    p->base = (p->base + size) % p->depth;
    ts_buf_printf(&m->trace, "give %s_%s_lock_0 %d\n", name,
                  ts_op_integer(op, "port", 0) ? "prod" : "cons", (int)size);
}

static void element(machine *m, const ts_op *op) {
    const char *name = ts_op_text(op->operands[0].value->owner, "objFifo_name", "a");
    const port_state *p = &m->ports[name[0] - 'a'];
    int64_t at = (p->base + ts_op_integer(op, "index", 0)) % p->depth;
    slot_of(m, &op->results[0])->buffer = ts_arena_printf(m->arena, "%s_buff_%d", name, (int)at);
}

static void run_region(machine *m, const ts_region *region);

static void run_for(machine *m, const ts_op *op) {
    int64_t upper = operand(m, op, 1)->number, step = operand(m, op, 2)->number;
    for (int64_t i = operand(m, op, 0)->number; i < upper; i += step) {
        slot_of(m, op->regions[0].first->arguments[0])->number = i;
        run_region(m, &op->regions[0]);
    }
}

static void run_switch(machine *m, const ts_op *op) {
    int64_t chosen = operand(m, op, 0)->number;
    const ts_region *region = &op->regions[0];
    if (chosen >= 0 && chosen + 1 < op->n_regions) region = &op->regions[chosen + 1];
    const char *buffer = operand(m, region->first->last, 0)->buffer;
    slot_of(m, &op->results[0])->buffer = buffer;
}

static void run_op(machine *m, const ts_op *op) {
    slot *out = op->n_results ? slot_of(m, &op->results[0]) : NULL;
    const ts_op *lock;
    assert_true(++m->n_steps < 200000);
    switch (op->code) {
    case TS_OP_ARITH_CONSTANT: out->number = ts_op_integer(op, "value", 0); break;
    case TS_OP_ARITH_ADDI:
        out->number = operand(m, op, 0)->number + operand(m, op, 1)->number;
        break;
    case TS_OP_ARITH_SUBI:
        out->number = operand(m, op, 0)->number - operand(m, op, 1)->number;
        break;
    case TS_OP_ARITH_MULI:
        out->number = operand(m, op, 0)->number * operand(m, op, 1)->number;
        break;
    case TS_OP_ARITH_CMPI:
        out->number = operand(m, op, 0)->number >= operand(m, op, 1)->number;
        break;
    case TS_OP_ARITH_SELECT:
        out->number = operand(m, op, operand(m, op, 0)->number ? 1 : 2)->number;
        break;
    case TS_OP_ARITH_INDEX_CAST: out->number = operand(m, op, 0)->number; break;
    case TS_OP_MEMREF_LOAD: out->number = m->counters[operand(m, op, 1)->number]; break;
    case TS_OP_MEMREF_STORE:
        m->counters[operand(m, op, 2)->number] = operand(m, op, 0)->number;
        break;
    case TS_OP_SCF_FOR: run_for(m, op); break;
    case TS_OP_SCF_INDEX_SWITCH: run_switch(m, op); break;
    case TS_OP_FUNC_CALL:
        ts_buf_printf(&m->trace, "use %s %d\n", operand(m, op, 0)->buffer,
                      (int)operand(m, op, 1)->number);
        break;
    case TS_OP_AIE_USE_LOCK:
        lock = op->operands[0].value->owner;
        ts_buf_printf(&m->trace, "%s %s %d\n",
                      ts_op_integer(op, "action", 0) == 2 ? "wait" : "give",
                      ts_op_text(lock, "sym_name", "?"), (int)ts_op_integer(op, "value", 0));
        break;
    case TS_OP_AIE_OBJECTFIFO_ACQUIRE: acquire(m, op); break;
    case TS_OP_AIE_OBJECTFIFO_RELEASE: release(m, op); break;
    case TS_OP_AIE_OBJECTFIFO_SUBVIEW_ACCESS: element(m, op); break;
    default: break;
    }
}

static void run_region(machine *m, const ts_region *region) {
    for (const ts_op *op = region->first->first; op; op = op->next)
        run_op(m, op);
}

/* What the core of a design does. */
static ts_span run_core(ts_arena *arena, const ts_design *design, const int64_t *depths,
                        bool *is_wrong) {
    machine *m = TS_ARENA_NEW(arena, machine);
    assert_non_null(m);
    m->arena = arena;
    m->trace = ts_buf_in(arena);
    for (int i = 0; i < N_FIFOS; i++)
        m->ports[i].depth = depths[i];
    const ts_op *device = ts_op_child(design->module, TS_OP_AIE_DEVICE, NULL);
    run_region(m, &ts_op_child(device, TS_OP_AIE_CORE, NULL)->regions[0]);
    *is_wrong = m->gives_too_much;
    return ts_buf_span(&m->trace);
}

/* ---- random cores ---------------------------------------------------------------------------- */

typedef struct writer {
    test_random random;
    ts_buf text;
    int64_t depths[N_FIFOS], held[N_FIFOS];
    unsigned n_values;
} writer;

static unsigned below(writer *w, unsigned n) {
    return (unsigned)(test_next(&w->random) % n);
}

/* The producer's side of a and b, the consumer's of c. */
static const char *port_word(unsigned fifo) {
    return fifo == 2 ? "Consume" : "Produce";
}

/* Acquire some, use them, release some of what is held. */
static void write_group(writer *w, const char *index) {
    unsigned fifo = below(w, N_FIFOS), size = 1 + below(w, (unsigned)w->depths[fifo]);
    unsigned view = w->n_values++;
    char name = (char)('a' + fifo);
    ts_buf_printf(&w->text,
                  "%%v%u = aie.objectfifo.acquire @%c(%s, %u) : "
                  "!aie.objectfifosubview<memref<4xi32>>\n",
                  view, name, port_word(fifo), size);
    if (size > w->held[fifo]) w->held[fifo] = size;
    for (unsigned i = 0; i < size; i++) {
        ts_buf_printf(&w->text,
                      "%%v%u = aie.objectfifo.subview.access %%v%u[%u] : "
                      "!aie.objectfifosubview<memref<4xi32>> -> memref<4xi32>\n",
                      w->n_values, view, i);
        ts_buf_printf(&w->text, "func.call @use(%%v%u, %s) : (memref<4xi32>, index) -> ()\n",
                      w->n_values++, index);
    }
    unsigned released =
        below(w, 4) ? (unsigned)w->held[fifo] : below(w, (unsigned)w->held[fifo] + 1);
    w->held[fifo] -= released;
    if (released)
        ts_buf_printf(&w->text, "aie.objectfifo.release @%c(%s, %u)\n", name, port_word(fifo),
                      released);
}

static void write_block(writer *w, unsigned level, const char *index) {
    unsigned n = 1 + below(w, 3);
    for (unsigned i = 0; i < n; i++) {
        if (level == 0 || below(w, 2)) {
            write_group(w, index);
            continue;
        }
        char inner[16];
        snprintf(inner, sizeof inner, "%%i%u", w->n_values++);
        ts_buf_printf(&w->text, "scf.for %s = %%c%u to %%c%u step %%c%u {\n", inner, below(w, 3),
                      3 + below(w, 6), 1 + below(w, 2));
        write_block(w, level - 1, inner);
        ts_buf_text(&w->text, "}\n");
    }
}

static void write_design(writer *w, uint64_t seed, ts_arena *arena) {
    *w = (writer){.random = {seed}, .text = ts_buf_in(arena)};
    ts_buf_text(&w->text, "aie.device(npu1) {\n%t = aie.tile(0, 3)\n%n = aie.tile(0, 2)\n"
                          "func.func private @use(memref<4xi32>, index)\n");
    for (unsigned i = 0; i < N_FIFOS; i++) {
        w->depths[i] = 1 + below(w, 4);
        ts_buf_printf(&w->text,
                      "aie.objectfifo @%c(%%%c, {%%%c}, %d : i32) : "
                      "!aie.objectfifo<memref<4xi32>>\n",
                      'a' + (int)i, i == 2 ? 'n' : 't', i == 2 ? 't' : 'n', (int)w->depths[i]);
    }
    ts_buf_text(&w->text, "aie.core(%t) {\n");
    for (unsigned i = 0; i < 9; i++)
        ts_buf_printf(&w->text, "%%c%u = arith.constant %u : index\n", i, i);
    write_block(w, 3, "%c0");
    ts_buf_text(&w->text, "aie.end\n}\n}\n");
}

/* False when the lowering refuses: loops that do not come back to the same elements. */
static bool runs_the_same(ts_arena *arena, uint64_t seed, bool is_dynamic) {
    writer w;
    ts_diag diag = {0};
    ts_design *design;
    ts_pass_options options = {.dynamic_objectfifos = is_dynamic};
    write_design(&w, seed, arena);
    assert_int_equal(ts_design_parse(arena, ts_buf_span(&w.text), "random.mlir", &design, &diag),
                     TS_OK);
    bool is_wrong;
    ts_span before = run_core(arena, design, w.depths, &is_wrong);
    if (is_wrong) return false;
    ts_op *device = ts_op_child(design->module, TS_OP_AIE_DEVICE, NULL);
    ts_status status = ts_design_run_pass(design, device, TS_PASS_OBJECTFIFO, &options, &diag);
    if (status == TS_UNSUPPORTED) return false;
    if (status != TS_OK) print_error("seed %u: %s\n", (unsigned)seed, diag.message);
    assert_int_equal(status, TS_OK);
    ts_span after = run_core(arena, design, w.depths, &is_wrong);
    if (!ts_span_equal(before, after))
        print_error("seed %u\n%.*s", (unsigned)seed, (int)w.text.size, (const char *)w.text.data);
    test_same_bytes(after, before);
    return true;
}

static void run_seeds(bool is_dynamic, unsigned n_wanted) {
    unsigned n_same = 0;
    for (uint64_t seed = 1; seed <= 400; seed++) {
        ts_arena *arena = test_begin();
        n_same += runs_the_same(arena, seed, is_dynamic);
        test_end(arena);
    }
    print_message("%u of 400 random cores lowered and the same, the rest wrong or refused\n",
                  n_same);
    assert_true(n_same >= n_wanted);
}

static void unrolled_cores_do_the_same(void **state) {
    (void)state;
    run_seeds(false, 200);
}

static void counting_cores_do_the_same(void **state) {
    (void)state;
    run_seeds(true, 150);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unrolled_cores_do_the_same),
        cmocka_unit_test(counting_cores_do_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
