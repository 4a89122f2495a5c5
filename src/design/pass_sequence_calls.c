/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Runtime sequences that configure devices and run their sequences: the runs are put in, with what
 * they need of the other device, and each configuration becomes an aiex.npu.load_pdi.
 * src: Xilinx/mlir-aie: lib/Dialect/AIEX/Transforms/AIEMaterializeRuntimeSequences.cpp [code]
 */
#include "pass_sequence.h"

#include <string.h>

#define MAX_CALL_DEPTH 64
#define MAX_RUNS       10000

/* ---- names ----------------------------------------------------------------------------------- */

/* Devices and sequences have a name even when none is written.
 * src: Xilinx/mlir-aie: include/aie/Dialect/AIE/IR/AIEOps.td, AIE_DeviceOp, AIE_RuntimeSequenceOp
 * [code] */
static ts_op *find_named(const ts_op *table, ts_op_code code, const char *unnamed,
                         const char *name) {
    for (ts_op *op = NULL; name && (op = ts_op_child(table, code, op));)
        if (strcmp(ts_op_text(op, "sym_name", unnamed), name) == 0) return op;
    return NULL;
}

static ts_op *device_of(const ts_pass_context *c, const char *name) {
    return find_named(c->design->module, TS_OP_AIE_DEVICE, "main", name);
}

/* The device and the sequence that an aiex.run runs. */
static ts_status callee_of(ts_pass_context *c, const ts_op *run, ts_op **device, ts_op **seq) {
    const ts_op *configure = ts_op_parent_of(run, TS_OP_AIEX_CONFIGURE);
    const char *name = configure ? ts_op_text(configure, "symbol", NULL) : NULL;
    const char *of_seq = ts_op_text(run, "runtime_sequence_symbol", NULL);
    *device = device_of(c, name);
    if (!*device)
        return pass_fail(c, configure ? configure : run, TS_MISSING, "No such device: '@%s'",
                         name ? name : "");
    if (ts_op_integer(*device, "device", -1) != ts_op_integer(c->device, "device", -1))
        return pass_fail(c, configure, TS_CONFLICT, "Device types do not match");
    *seq = find_named(*device, TS_OP_AIE_RUNTIME_SEQUENCE, "sequence", of_seq);
    if (*seq) return TS_OK;
    return pass_fail(c, run, TS_MISSING, "No such runtime sequence for device '%s': '%s'", name,
                     of_seq ? of_seq : "");
}

static ts_status check_acyclic(ts_pass_context *c, const ts_op *root, const ts_op *seq,
                               uint32_t depth, uint32_t *n_runs) {
    if (depth > MAX_CALL_DEPTH || (depth && seq == root))
        return pass_fail(c, root, TS_CONFLICT, "Runtime sequence call graph contains a cycle");
    for (const ts_op *op = seq; (op = ts_op_next_below(seq, op));) {
        ts_op *device = NULL, *callee = NULL;
        if (op->code != TS_OP_AIEX_RUN) continue;
        if (++*n_runs > MAX_RUNS)
            return pass_fail(c, op, TS_RANGE, "more than %d runs, one in the other", MAX_RUNS);
        TS_TRY(callee_of(c, op, &device, &callee));
        TS_TRY(check_acyclic(c, root, callee, depth + 1, n_runs));
    }
    return TS_OK;
}

/* ---- what a run takes from the other device -------------------------------------------------- */

/* A value of the other device and the one that stands for it, or a symbol and its new name. */
typedef struct pair {
    const void *from;
    ts_value *value;
    const char *name;
} pair;

typedef struct inlining {
    ts_pass_context *c;
    pass_builder values;  /* where tiles and locks go: at the start of the device */
    pass_builder symbols; /* where symbols go: before the first sequence */
    const ts_op *from;    /* the other device */
    ts_arena *scratch;
    pair *pairs;
    uint32_t n_pairs;
} inlining;

static bool note(inlining *k, const void *from, ts_value *value, const char *name) {
    pair *pairs = ts_arena_grow(k->scratch, k->pairs, k->n_pairs * sizeof *pairs,
                                (k->n_pairs + 1) * sizeof *pairs);
    if (!pairs) return false;
    pairs[k->n_pairs++] = (pair){from, value, name};
    k->pairs = pairs;
    return true;
}

static pair known(const inlining *k, const void *from) {
    for (uint32_t i = 0; i < k->n_pairs; i++)
        if (k->pairs[i].from == from) return k->pairs[i];
    return (pair){0};
}

static void place(pass_builder *b, ts_op *op) {
    if (b->before)
        ts_op_insert_before(b->before, op);
    else
        ts_op_append(b->block, op);
}

static ts_op *same_tile(const inlining *k, const ts_op *tile) {
    for (ts_op *op = NULL; (op = ts_op_child(k->c->device, TS_OP_AIE_TILE, op));)
        if (pass_column(op) == pass_column(tile) && pass_row(op) == pass_row(tile)) return op;
    return NULL;
}

/* What stands in this device for a tile or lock of the other. */
static ts_status value_here(inlining *k, const ts_op *at, ts_value *value, ts_value **out) {
    ts_op *op = value->owner;
    *out = known(k, value).value;
    if (*out) return TS_OK;
    if (!op || (op->code != TS_OP_AIE_TILE && op->code != TS_OP_AIE_LOCK))
        return pass_fail(
            k->c, at, TS_UNSUPPORTED,
            "Referenced SSA value defined by unsupported operation type: %s. Currently "
            "only aie.tile and aie.lock operations are supported.",
            op ? op->name : "a block");
    ts_value *tile = NULL;
    ts_op *here = op->code == TS_OP_AIE_TILE ? same_tile(k, op) : NULL;
    if (op->code == TS_OP_AIE_LOCK && op->n_operands)
        TS_TRY(value_here(k, at, op->operands[0].value, &tile));
    if (!here) {
        here = ts_op_clone(k->c->design, op);
        if (!here) return ts_fail_nomem(k->c->diag);
        if (tile) ts_use_set(&here->operands[0], tile);
        place(&k->values, here);
    }
    *out = &here->results[0];
    return note(k, value, *out, NULL) ? TS_OK : ts_fail_nomem(k->c->diag);
}

static ts_status move_operands(inlining *k, const ts_op *at, ts_op *op) {
    for (uint32_t i = 0; i < op->n_operands; i++) {
        ts_value *value = op->operands[i].value, *here = NULL;
        const ts_op *owner = value->owner   ? value->owner
                             : value->block ? value->block->region->owner
                                            : NULL;
        if (!owner || ts_op_parent(owner) != k->from || owner->code == TS_OP_AIE_RUNTIME_SEQUENCE)
            continue;
        TS_TRY(value_here(k, at, value, &here));
        ts_use_set(&op->operands[i], here);
    }
    return TS_OK;
}

static const char *new_name(inlining *k, const char *name) {
    const char *unique = name;
    for (uint32_t n = 0; ts_symbol_find(k->c->device, unique) && n < PASS_MAX_MADE; n++)
        if (!(unique = ts_arena_printf(k->c->design->arena, "%s_%u", name, n))) return NULL;
    return unique;
}

/* The name in this device of what the other device calls `name`. */
static ts_status symbol_here(inlining *k, const ts_op *at, const char *name, const char **out) {
    ts_op *op = ts_symbol_find(k->from, name);
    *out = name;
    if (!op) {
        if (device_of(k->c, name)) return TS_OK;
        return pass_fail(k->c, at, TS_MISSING, "there is no symbol '@%s'", name);
    }
    *out = known(k, op).name;
    if (*out) return TS_OK;
    *out = new_name(k, name);
    ts_op *copy = *out ? ts_op_clone(k->c->design, op) : NULL;
    const ts_attr *attr = *out ? ts_attr_string(k->c->design, *out) : NULL;
    if (!copy || !attr || !ts_op_set_attr(k->c->design, copy, "sym_name", attr) ||
        !note(k, op, NULL, *out))
        return ts_fail_nomem(k->c->diag);
    TS_TRY(move_operands(k, at, copy));
    place(&k->symbols, copy);
    return TS_OK;
}

static ts_status move_symbols(inlining *k, const ts_op *at, ts_op *op) {
    for (uint32_t i = 0; i < op->n_attrs; i++) {
        const ts_attr *attr = op->attrs[i].value;
        const char *name = NULL;
        if (attr->kind != TS_ATTR_SYMBOL || op->code == TS_OP_AIEX_RUN ||
            op->code == TS_OP_AIEX_CONFIGURE)
            continue;
        TS_TRY(symbol_here(k, at, attr->text, &name));
        const ts_attr *here = ts_attr_symbol(k->c->design, name);
        if (!here) return ts_fail_nomem(k->c->diag);
        op->attrs[i].value = here;
    }
    return TS_OK;
}

/* ---- runs ------------------------------------------------------------------------------------ */

static ts_status check_arguments(ts_pass_context *c, const ts_op *run, const ts_op *callee) {
    const ts_block *body = callee->regions[0].first;
    if (!body || body->n_arguments != run->n_operands)
        return pass_fail(c, run, TS_CONFLICT, "argument count mismatch");
    for (uint32_t i = 0; i < run->n_operands; i++)
        if (body->arguments[i]->type != run->operands[i].value->type)
            return pass_fail(c, run, TS_CONFLICT, "argument %u type mismatch", i);
    return TS_OK;
}

/* The tile that a value is or is on. */
static ts_value *tile_of(ts_value *value) {
    ts_op *op = value->owner;
    if (op && op->code == TS_OP_AIE_LOCK && op->n_operands) return op->operands[0].value;
    return op && op->code == TS_OP_AIE_TILE ? value : NULL;
}

/* First tiles, then what is on them, then symbols. */
static ts_status bring_along(inlining *k, const ts_op *run, ts_op *copy) {
    for (ts_op *op = copy; (op = ts_op_next_below(copy, op));)
        for (uint32_t i = 0; i < op->n_operands; i++) {
            ts_value *tile = tile_of(op->operands[i].value), *here = NULL;
            if (tile && tile->owner && ts_op_parent(tile->owner) == k->from)
                TS_TRY(value_here(k, run, tile, &here));
        }
    for (ts_op *op = copy; (op = ts_op_next_below(copy, op));)
        TS_TRY(move_operands(k, run, op));
    for (ts_op *op = copy; (op = ts_op_next_below(copy, op));)
        TS_TRY(move_symbols(k, run, op));
    return TS_OK;
}

static ts_status inline_run(inlining *k, ts_op *run) {
    ts_pass_context *c = k->c;
    ts_op *device = NULL, *callee = NULL;
    TS_TRY(callee_of(c, run, &device, &callee));
    TS_TRY(check_arguments(c, run, callee));
    ts_op *copy = ts_op_clone(c->design, callee);
    if (!copy) return ts_fail_nomem(c->diag);
    ts_block *body = copy->regions[0].first;
    for (uint32_t i = 0; i < run->n_operands; i++)
        ts_value_replace(body->arguments[i], run->operands[i].value);
    k->from = device;
    k->n_pairs = 0;
    if (device != c->device) TS_TRY(bring_along(k, run, copy));
    for (ts_op *op = body->first, *next; op; op = next) {
        next = op->next;
        ts_op_unlink(op);
        ts_op_insert_before(run, op);
    }
    ts_op_erase(run);
    return TS_OK;
}

/* The last comes first: names are given in that order. */
static ts_op *next_run(ts_op *seq) {
    ts_op *last = NULL;
    for (ts_op *op = seq; (op = ts_op_next_below(seq, op));)
        if (op->code == TS_OP_AIEX_RUN) last = op;
    return last;
}

static ts_status inline_all(ts_pass_context *c, ts_arena *scratch, ts_op *first) {
    inlining k = {.c = c, .scratch = scratch};
    pass_at_start(&k.values, c->device->regions[0].first);
    pass_before(&k.symbols, first);
    for (ts_op *seq = first; seq; seq = ts_op_child(c->device, TS_OP_AIE_RUNTIME_SEQUENCE, seq))
        for (ts_op *run; (run = next_run(seq));)
            TS_TRY(inline_run(&k, run));
    return TS_OK;
}

/* ---- configurations -------------------------------------------------------------------------- */

/* A second loading of what was loaded last changes nothing. */
static bool loads_again(const ts_op *op, const char *name) {
    return op && op->code == TS_OP_AIEX_NPU_LOAD_PDI &&
           strcmp(ts_op_text(op, "device_ref", ""), name) == 0;
}

static ts_status flatten(ts_pass_context *c, ts_op *configure) {
    pass_builder b = {.design = c->design};
    const char *name = ts_op_text(configure, "symbol", "");
    ts_block *body = configure->regions[0].first;
    if (!device_of(c, name))
        return pass_fail(c, configure, TS_MISSING, "No such device: '@%s'", name);
    pass_before(&b, configure);
    if (!loads_again(configure->previous, name) && !loads_again(body ? body->first : NULL, name)) {
        ts_op *load = pass_make(&b, TS_OP_AIEX_NPU_LOAD_PDI, NULL, 0, NULL, 0, 0);
        pass_set(&b, load, "device_ref", ts_attr_symbol(c->design, name));
    }
    for (ts_op *op = body ? body->first : NULL, *next; op; op = next) {
        next = op->next;
        ts_op_unlink(op);
        ts_op_insert_before(configure, op);
    }
    ts_op_erase(configure);
    return b.failed ? ts_fail_nomem(c->diag) : TS_OK;
}

static ts_status inline_sequences(ts_pass_context *c, ts_arena *scratch) {
    ts_op *first = ts_op_child(c->device, TS_OP_AIE_RUNTIME_SEQUENCE, NULL);
    uint32_t n_runs = 0;
    for (ts_op *seq = first; seq; seq = ts_op_child(c->device, TS_OP_AIE_RUNTIME_SEQUENCE, seq))
        TS_TRY(check_acyclic(c, seq, seq, 0, &n_runs));
    if (first) TS_TRY(inline_all(c, scratch, first));
    for (ts_op *seq = first; seq; seq = ts_op_child(c->device, TS_OP_AIE_RUNTIME_SEQUENCE, seq))
        for (ts_op *op; (op = ts_op_child(seq, TS_OP_AIEX_CONFIGURE, NULL));)
            TS_TRY(flatten(c, op));
    return TS_OK;
}

ts_status sequence_inline_runs(ts_pass_context *c) {
    ts_arena scratch;
    ts_arena_init(&scratch, c->design->arena->budget_bytes);
    ts_status status = inline_sequences(c, &scratch);
    ts_arena_free(&scratch);
    return status;
}
