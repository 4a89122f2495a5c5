/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The tree of a design: operations in blocks in regions, values with the list of their uses. All
 * walking is done without recursion, so depth is no matter here.
 */
#include "design_int.h"

#include <string.h>

static const char *const code_names[TS_OP_N_CODES] = {[TS_OP_OTHER] = "?",
#define X(code, name) [TS_OP_##code] = (name),
                                                      TS_OP_LIST(X)
#undef X
};

const char *ts_op_code_name(ts_op_code code) {
    return (unsigned)code < TS_OP_N_CODES ? code_names[code] : "?";
}

ts_design *ts_design_new(ts_arena *arena, const char *file) {
    ts_design *design = TS_ARENA_NEW(arena, ts_design);
    if (!design) return NULL;
    design->arena = arena;
    design->file = file ? file : "";
    design->names = design_names_new(arena);
    if (!design->names) return NULL;
    design->module = ts_op_new(design, TS_OP_MODULE, NULL, 0, NULL, 0, 1);
    return design->module && ts_block_append(design, &design->module->regions[0]) ? design : NULL;
}

/* ---- uses ------------------------------------------------------------------------------------ */

static void unlink_use(ts_use *use) {
    if (!use->value) return;
    if (use->previous)
        use->previous->next = use->next;
    else
        use->value->first_use = use->next;
    if (use->next) use->next->previous = use->previous;
    use->value = NULL;
    use->previous = use->next = NULL;
}

void ts_use_set(ts_use *use, ts_value *value) {
    if (use->value == value) return;
    unlink_use(use);
    if (!value) return;
    use->value = value;
    use->next = value->first_use;
    if (use->next) use->next->previous = use;
    value->first_use = use;
}

void ts_value_replace(ts_value *old_value, ts_value *new_value) {
    if (old_value == new_value) return;
    while (old_value->first_use)
        ts_use_set(old_value->first_use, new_value);
}

bool ts_op_set_operands(ts_design *design, ts_op *op, ts_value *const *operands,
                        size_t n_operands) {
    ts_use *uses = TS_ARENA_ARRAY(design->arena, ts_use, n_operands);
    if (!uses || n_operands > UINT32_MAX) return false;
    for (uint32_t i = 0; i < op->n_operands; i++)
        unlink_use(&op->operands[i]);
    for (size_t i = 0; i < n_operands; i++) {
        uses[i].user = op;
        ts_use_set(&uses[i], operands[i]);
    }
    op->operands = uses;
    op->n_operands = (uint32_t)n_operands;
    return true;
}

bool ts_op_set_successors(ts_design *design, ts_op *op, ts_block *const *successors,
                          size_t n_successors) {
    ts_block **copy = TS_ARENA_ARRAY(design->arena, ts_block *, n_successors);
    if (!copy) return false;
    if (n_successors) memcpy((void *)copy, (const void *)successors, n_successors * sizeof *copy);
    op->successors = copy;
    op->n_successors = (uint32_t)n_successors;
    return true;
}

/* ---- operations ------------------------------------------------------------------------------ */

bool design_set_results(ts_design *design, ts_op *op, const ts_type *const *types, size_t n) {
    op->results = TS_ARENA_ARRAY(design->arena, ts_value, n);
    if (!op->results) return false;
    op->n_results = (uint32_t)n;
    for (size_t i = 0; i < n; i++) {
        op->results[i].type = types[i];
        op->results[i].owner = op;
        op->results[i].index = (uint32_t)i;
        if (!types[i]) return false;
    }
    return true;
}

ts_op *ts_op_new(ts_design *design, ts_op_code code, ts_value *const *operands, size_t n_operands,
                 const ts_type *const *results, size_t n_results, size_t n_regions) {
    ts_op *op = TS_ARENA_NEW(design->arena, ts_op);
    if (!op) return NULL;
    op->code = code;
    op->name = ts_op_code_name(code);
    op->offset = UINT32_MAX;
    op->regions = TS_ARENA_ARRAY(design->arena, ts_region, n_regions);
    op->n_regions = (uint32_t)n_regions;
    if (!op->regions || !design_set_results(design, op, results, n_results) ||
        !ts_op_set_operands(design, op, operands, n_operands))
        return NULL;
    for (size_t i = 0; i < n_regions; i++)
        op->regions[i].owner = op;
    return op;
}

void ts_op_append(ts_block *block, ts_op *op) {
    op->block = block;
    op->previous = block->last;
    op->next = NULL;
    if (block->last)
        block->last->next = op;
    else
        block->first = op;
    block->last = op;
}

void ts_op_insert_before(ts_op *where, ts_op *op) {
    op->block = where->block;
    op->previous = where->previous;
    op->next = where;
    if (where->previous)
        where->previous->next = op;
    else
        where->block->first = op;
    where->previous = op;
}

void ts_op_insert_after(ts_op *where, ts_op *op) {
    if (where->next)
        ts_op_insert_before(where->next, op);
    else
        ts_op_append(where->block, op);
}

void ts_op_unlink(ts_op *op) {
    if (!op->block) return;
    if (op->previous)
        op->previous->next = op->next;
    else
        op->block->first = op->next;
    if (op->next)
        op->next->previous = op->previous;
    else
        op->block->last = op->previous;
    op->block = NULL;
    op->previous = op->next = NULL;
}

void ts_op_erase(ts_op *op) {
    ts_op_unlink(op);
    for (ts_op *at = op; at; at = ts_op_next_below(op, at))
        for (uint32_t i = 0; i < at->n_operands; i++)
            unlink_use(&at->operands[i]);
}

/* ---- blocks ---------------------------------------------------------------------------------- */

ts_block *ts_block_append(ts_design *design, ts_region *region) {
    ts_block *block = TS_ARENA_NEW(design->arena, ts_block);
    if (!block) return NULL;
    block->region = region;
    block->previous = region->last;
    if (region->last)
        region->last->next = block;
    else
        region->first = block;
    region->last = block;
    return block;
}

ts_block *ts_block_insert_after(ts_design *design, ts_block *where) {
    if (!where->next) return ts_block_append(design, where->region);
    ts_block *block = TS_ARENA_NEW(design->arena, ts_block);
    if (!block) return NULL;
    block->region = where->region;
    block->previous = where;
    block->next = where->next;
    where->next->previous = block;
    where->next = block;
    return block;
}

ts_value *ts_block_add_argument(ts_design *design, ts_block *block, const ts_type *type) {
    ts_value *value = TS_ARENA_NEW(design->arena, ts_value);
    size_t size = block->n_arguments * sizeof(ts_value *);
    ts_value **list =
        ts_arena_grow(design->arena, (void *)block->arguments, size, size + sizeof(ts_value *));
    if (!value || !list || !type) return NULL;
    value->type = type;
    value->block = block;
    value->index = block->n_arguments;
    list[block->n_arguments++] = value;
    block->arguments = list;
    return value;
}

/* ---- attributes of an operation -------------------------------------------------------------- */

/* Where the name is or belongs in the sorted list. */
static uint32_t attr_position(const ts_op *op, const char *name, bool *is_there) {
    uint32_t low = 0, high = op->n_attrs;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = strcmp(op->attrs[middle].name, name);
        if (order == 0) {
            *is_there = true;
            return middle;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *is_there = false;
    return low;
}

const ts_attr *ts_op_attr(const ts_op *op, const char *name) {
    bool is_there;
    uint32_t at = attr_position(op, name, &is_there);
    return is_there ? op->attrs[at].value : NULL;
}

int64_t ts_op_integer(const ts_op *op, const char *name, int64_t fallback) {
    const ts_attr *attr = ts_op_attr(op, name);
    return attr && attr->kind == TS_ATTR_INTEGER ? attr->integer : fallback;
}

bool ts_op_bool(const ts_op *op, const char *name) {
    const ts_attr *attr = ts_op_attr(op, name);
    return attr &&
           (attr->kind == TS_ATTR_UNIT || (attr->kind == TS_ATTR_INTEGER && attr->integer != 0));
}

const char *ts_op_text(const ts_op *op, const char *name, const char *fallback) {
    const ts_attr *attr = ts_op_attr(op, name);
    return attr && (attr->kind == TS_ATTR_STRING || attr->kind == TS_ATTR_SYMBOL) ? attr->text
                                                                                  : fallback;
}

static void remove_attr(ts_op *op, uint32_t at) {
    op->n_attrs--;
    memmove(&op->attrs[at], &op->attrs[at + 1], (op->n_attrs - at) * sizeof *op->attrs);
}

bool ts_op_set_attr(ts_design *design, ts_op *op, const char *name, const ts_attr *value) {
    bool is_there;
    uint32_t at = attr_position(op, name, &is_there);
    if (!value) {
        if (is_there) remove_attr(op, at);
        return true;
    }
    if (is_there) {
        op->attrs[at].value = value;
        return true;
    }
    const char *kept = design_intern(design, name, strlen(name));
    size_t size = op->n_attrs * sizeof *op->attrs;
    ts_named_attr *list = ts_arena_grow(design->arena, op->attrs, size, size + sizeof *list);
    if (!kept || !list) return false;
    memmove(&list[at + 1], &list[at], (op->n_attrs - at) * sizeof *list);
    list[at] = (ts_named_attr){.name = kept, .value = value};
    op->attrs = list;
    op->n_attrs++;
    return true;
}

ts_use *ts_op_segment(const ts_op *op, unsigned segment, uint32_t *n_operands) {
    const ts_attr *sizes = ts_op_attr(op, "operandSegmentSizes");
    uint64_t first = 0;
    *n_operands = 0;
    if (!sizes || sizes->kind != TS_ATTR_DENSE_ARRAY || segment >= sizes->n_elements)
        return op->operands;
    for (unsigned i = 0; i < segment; i++)
        first += (uint32_t)ts_attr_element(sizes, i);
    uint64_t count = (uint32_t)ts_attr_element(sizes, segment);
    if (first + count > op->n_operands) return op->operands;
    *n_operands = (uint32_t)count;
    return op->operands + first;
}

/* ---- walking --------------------------------------------------------------------------------- */

ts_op *ts_op_parent(const ts_op *op) {
    return op->block ? op->block->region->owner : NULL;
}

ts_op *ts_op_parent_of(const ts_op *op, ts_op_code code) {
    ts_op *parent = ts_op_parent(op);
    while (parent && parent->code != code)
        parent = ts_op_parent(parent);
    return parent;
}

static ts_op *first_from_block(ts_block *block) {
    while (block && !block->first)
        block = block->next;
    return block ? block->first : NULL;
}

static ts_op *first_from_region(const ts_op *op, size_t region) {
    for (; region < op->n_regions; region++) {
        ts_op *first = first_from_block(op->regions[region].first);
        if (first) return first;
    }
    return NULL;
}

ts_op *ts_op_next_below(const ts_op *root, const ts_op *op) {
    ts_op *below = first_from_region(op, 0);
    if (below) return below;
    while (op != root && op->block) {
        if (op->next) return op->next;
        ts_op *next = first_from_block(op->block->next);
        if (next) return next;
        const ts_region *region = op->block->region;
        const ts_op *parent = region->owner;
        next = first_from_region(parent, (size_t)(region - parent->regions) + 1);
        if (next) return next;
        op = parent;
    }
    return NULL;
}

ts_op *ts_op_child(const ts_op *parent, ts_op_code code, const ts_op *after) {
    ts_op *op = NULL;
    if (after)
        op = after->next;
    else if (parent->n_regions && parent->regions[0].first)
        op = parent->regions[0].first->first;
    while (op && op->code != code)
        op = op->next;
    return op;
}

/* src: Xilinx/mlir-aie: include/aie/Dialect/AIE/IR/AIEOps.td, getDefaultDeviceName and
 * getDefaultRuntimeSequenceName [code] */
const char *design_symbol_name(const ts_op *op) {
    const char *fallback = op->code == TS_OP_AIE_DEVICE             ? "main"
                           : op->code == TS_OP_AIE_RUNTIME_SEQUENCE ? "sequence"
                                                                    : NULL;
    return ts_op_text(op, "sym_name", fallback);
}

ts_op *ts_symbol_find(const ts_op *table, const char *name) {
    if (!table->n_regions) return NULL;
    for (ts_block *block = table->regions[0].first; block; block = block->next)
        for (ts_op *op = block->first; op; op = op->next) {
            const char *symbol = design_symbol_name(op);
            if (symbol && strcmp(symbol, name) == 0) return op;
        }
    return NULL;
}
