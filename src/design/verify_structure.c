/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Where operations stand, how blocks end, and that every value is defined before it is used: in its
 * block, in a block through which every way to the use leads, or in a region around.
 */
#include "verify_int.h"

#include <string.h>

static bool is_terminator(const ts_op *op) {
    return design_forms[op->code].flags & FORM_TERMINATOR;
}

/* Blocks of these need not end in a terminator. */
static bool is_open(const ts_op *op) {
    unsigned flags = design_forms[op->code].flags;
    if (op->code == TS_OP_OTHER || (flags & (FORM_END | FORM_FLAT))) return true;
    return (flags & FORM_YIELD) && op->n_results == 0;
}

static ts_status verify_blocks(verifier *v, const ts_op *op) {
    for (uint32_t i = 0; i < op->n_regions; i++)
        for (const ts_block *block = op->regions[i].first; block; block = block->next) {
            for (const ts_op *at = block->first; at; at = at->next)
                if (is_terminator(at) && at->next)
                    return VERIFY_FAIL(v, at, "'%s' must be the last operation of its block",
                                       at->name);
            bool is_ended =
                block->last && (block->last->code == TS_OP_OTHER || is_terminator(block->last));
            if (!is_open(op) && !is_ended)
                return VERIFY_FAIL(v, block->last ? block->last : op,
                                   "a block of '%s' must end in a terminator", op->name);
        }
    return TS_OK;
}

/* One block, or as many as branch to each other. */
static ts_status verify_region_count(verifier *v, const ts_op *op) {
    unsigned flags = design_forms[op->code].flags;
    bool is_single =
        flags & (FORM_END | FORM_YIELD) || (op->code == TS_OP_SCF_WHILE && op->n_regions == 2);
    for (uint32_t i = 0; is_single && i < op->n_regions; i++)
        if (op->regions[i].first && op->regions[i].first->next)
            return VERIFY_FAIL(v, op, "a region of '%s' has one block", op->name);
    return TS_OK;
}

static ts_status verify_parent(verifier *v, const ts_op *op) {
    const ts_op_code *parents = design_forms[op->code].parents;
    const ts_op *parent = ts_op_parent(op);
    if (parents[0] == TS_OP_OTHER || !parent || parent->code == TS_OP_OTHER) return TS_OK;
    for (size_t i = 0; i < 3; i++)
        if (parents[i] != TS_OP_OTHER && parent->code == parents[i]) return TS_OK;
    return VERIFY_FAIL(v, op, "'%s' must stand in '%s', not in '%s'", op->name,
                       ts_op_code_name(parents[0]), parent->name);
}

/* ---- values before their uses ---------------------------------------------------------------- */

/* Operations are numbered, so that order is a comparison. */
typedef struct order {
    verifier *v;
    design_map places;  /* operation to its place in its block, from one */
    design_map reached; /* block to a map of blocks that can be reached without it */
} order;

static uint32_t place_of(const order *o, const void *thing) {
    return design_map_number(&o->places, thing);
}

/* Blocks to which a way leads from the entry that does not pass `around`. */
static design_map *reached_without(const order *o, const ts_region *region, const ts_block *around,
                                   size_t n_blocks) {
    ts_arena *arena = &o->v->arena;
    const ts_block **queue = TS_ARENA_ARRAY(arena, const ts_block *, n_blocks);
    design_map *seen = TS_ARENA_NEW(arena, design_map);
    size_t first = 0, n = 0;
    if (!queue || !seen) return NULL;
    seen->arena = arena;
    if (!region->first) return seen;
    queue[n++] = region->first;
    if (!design_map_set(seen, region->first, region)) return NULL;
    while (first < n) {
        const ts_block *block = queue[first++];
        for (uint32_t i = 0; block->last && i < block->last->n_successors; i++) {
            const ts_block *next = block->last->successors[i];
            if (next == around || design_map_get(seen, next)) continue;
            if (!design_map_set(seen, next, region)) return NULL;
            queue[n++] = next;
        }
    }
    return seen;
}

/* Regions with more blocks are not searched. */
enum {
    MAX_BLOCKS = 512
};

/* Every way to `b` leads through `a`; of the same region. */
static bool block_dominates(order *o, const ts_block *a, const ts_block *b) {
    const ts_region *region = a->region;
    size_t n = 0;
    if (a == b || a == region->first) return true;
    const design_map *seen = design_map_get(&o->reached, a);
    for (const ts_block *block = region->first; !seen && block && n <= MAX_BLOCKS;
         block = block->next)
        n++;
    if (n > MAX_BLOCKS) return true;
    if (!seen) {
        seen = reached_without(o, region, a, n);
        if (!seen || !design_map_set(&o->reached, a, seen)) return true;
    }
    return !design_map_get(seen, b);
}

/* The block of the value's region in which the use lies, however deep; NULL: outside of it. */
static const ts_op *user_in(const ts_op *op, const ts_region *region) {
    while (op && op->block && op->block->region != region)
        op = ts_op_parent(op);
    return op && op->block ? op : NULL;
}

static bool is_before(order *o, const ts_op *definition, const ts_op *user) {
    const ts_op *here = user_in(user, definition->block->region);
    if (!here || here == definition) return false;
    if (here->block == definition->block) return place_of(o, definition) < place_of(o, here);
    return block_dominates(o, definition->block, here->block);
}

static ts_status number_operations(order *o, const ts_op *op) {
    for (uint32_t i = 0; i < op->n_regions; i++)
        for (const ts_block *block = op->regions[i].first; block; block = block->next) {
            uint32_t place = 1;
            for (const ts_op *at = block->first; at; at = at->next)
                if (!design_map_set_number(&o->places, at, place++))
                    return ts_fail_nomem(o->v->diag);
        }
    return TS_OK;
}

static ts_status verify_use(order *o, const ts_op *op, uint32_t operand) {
    const ts_value *value = op->operands[operand].value;
    const char *name = value->name ? value->name : "";
    bool is_good;
    if (value->owner) {
        is_good = value->owner->block && is_before(o, value->owner, op);
    } else {
        const ts_op *here = user_in(op, value->block->region);
        is_good = here && block_dominates(o, value->block, here->block);
    }
    if (is_good) return TS_OK;
    return VERIFY_FAIL(o->v, op, "'%s' uses '%%%s' where it is not defined yet", op->name, name);
}

ts_status verify_order(verifier *v, const ts_op *root) {
    order o = {.v = v, .places = {.arena = &v->arena}, .reached = {.arena = &v->arena}};
    for (const ts_op *op = root; op; op = ts_op_next_below(root, op))
        TS_TRY(number_operations(&o, op));
    for (const ts_op *op = root; op; op = ts_op_next_below(root, op))
        for (uint32_t i = 0; i < op->n_operands; i++)
            TS_TRY(verify_use(&o, op, i));
    return TS_OK;
}

ts_status verify_structure(verifier *v, const ts_op *op) {
    TS_TRY(verify_parent(v, op));
    TS_TRY(verify_region_count(v, op));
    return verify_blocks(v, op);
}
