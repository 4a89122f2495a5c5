/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Copies of operations with all they hold. Two walks: the first makes operations and blocks and
 * notes what became of each value and block, the second sets operands and successors, which may
 * lie behind their use.
 */
#include "design_int.h"

#include <string.h>

typedef struct cloner {
    ts_design *design;
    design_map map;
} cloner;

static bool note(cloner *c, const void *from, const void *to) {
    return design_map_set(&c->map, from, to);
}

/* What became of it, or NULL when it lies outside what is copied. */
static void *found(const cloner *c, const void *from) {
    return (void *)design_map_get(&c->map, from);
}

static bool clone_arguments(cloner *c, const ts_block *from, ts_block *to) {
    for (uint32_t i = 0; i < from->n_arguments; i++) {
        ts_value *argument = ts_block_add_argument(c->design, to, from->arguments[i]->type);
        if (!argument || !note(c, from->arguments[i], argument)) return false;
        argument->name = from->arguments[i]->name;
    }
    return true;
}

static bool clone_blocks(cloner *c, const ts_op *from, ts_op *to) {
    for (uint32_t i = 0; i < from->n_regions; i++)
        for (const ts_block *block = from->regions[i].first; block; block = block->next) {
            ts_block *copy = ts_block_append(c->design, &to->regions[i]);
            if (!copy || !note(c, block, copy) || !clone_arguments(c, block, copy)) return false;
        }
    return true;
}

/* One operation with its blocks, which are empty, and its operands as they were. */
static ts_op *clone_shell(cloner *c, const ts_op *from) {
    ts_design *design = c->design;
    const ts_type **types = TS_ARENA_ARRAY(design->arena, const ts_type *, from->n_results);
    ts_value **operands = TS_ARENA_ARRAY(design->arena, ts_value *, from->n_operands);
    if (!types || !operands) return NULL;
    for (uint32_t i = 0; i < from->n_results; i++)
        types[i] = from->results[i].type;
    for (uint32_t i = 0; i < from->n_operands; i++)
        operands[i] = from->operands[i].value;
    ts_op *to = ts_op_new(design, from->code, operands, from->n_operands, types, from->n_results,
                          from->n_regions);
    ts_named_attr *attrs = TS_ARENA_ARRAY(design->arena, ts_named_attr, from->n_attrs);
    if (!to || !attrs) return NULL;
    to->name = from->name;
    to->offset = from->offset;
    if (from->n_attrs) memcpy(attrs, from->attrs, from->n_attrs * sizeof *attrs);
    to->attrs = attrs;
    to->n_attrs = from->n_attrs;
    for (uint32_t i = 0; i < from->n_results; i++) {
        to->results[i].name = from->results[i].name;
        if (!note(c, &from->results[i], &to->results[i])) return NULL;
    }
    return note(c, from, to) && clone_blocks(c, from, to) ? to : NULL;
}

static bool clone_links(const cloner *c, const ts_op *from, ts_op *to) {
    for (uint32_t i = 0; i < to->n_operands; i++) {
        ts_value *value = found(c, to->operands[i].value);
        if (value) ts_use_set(&to->operands[i], value);
    }
    if (!ts_op_set_successors(c->design, to, from->successors, from->n_successors)) return false;
    for (uint32_t i = 0; i < to->n_successors; i++) {
        ts_block *block = found(c, from->successors[i]);
        if (block) to->successors[i] = block;
    }
    return true;
}

ts_op *ts_op_clone(ts_design *design, const ts_op *op) {
    cloner c = {.design = design, .map = {.arena = design->arena}};
    ts_op *copy = clone_shell(&c, op);
    if (!copy) return NULL;
    for (const ts_op *at = ts_op_next_below(op, op); at; at = ts_op_next_below(op, at)) {
        ts_op *below = clone_shell(&c, at);
        if (!below) return NULL;
        ts_op_append(found(&c, at->block), below);
    }
    for (const ts_op *at = op; at; at = ts_op_next_below(op, at))
        if (!clone_links(&c, at, found(&c, at))) return NULL;
    return copy;
}
