/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Operations, regions and blocks as text. What its row in forms.c describes is printed in its
 * custom form, everything else in the generic one.
 *
 * src: llvm-project: mlir/lib/IR/AsmPrinter.cpp, OperationPrinter [code]
 */
#include "forms.h"
#include "print_int.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void print_values(printer *p, const ts_use *uses, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        if (i) ts_buf_text(p->out, ", ");
        print_value(p, uses[i].value);
    }
}

void print_value_types(printer *p, const ts_use *uses, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        if (i) ts_buf_text(p->out, ", ");
        ts_type_print(uses[i].value->type, p->out);
    }
}

static void new_line(printer *p) {
    ts_buf_printf(p->out, "\n%*s", (int)p->indent * 2, "");
}

/* ---- blocks ---------------------------------------------------------------------------------- */

/* Edges between the blocks of a region: who branches where. */
typedef struct edge {
    uint32_t to, from;
} edge;

typedef struct edges {
    edge *items;
    size_t n, next;
} edges;

static uint32_t number_of(const printer *p, const ts_block *block) {
    return design_map_number(&p->blocks, block) - 1;
}

static int by_target(const void *a, const void *b) {
    const edge *x = a, *y = b;
    if (x->to != y->to) return x->to < y->to ? -1 : 1;
    return x->from < y->from ? -1 : x->from > y->from;
}

static edges find_edges(printer *p, const ts_region *region) {
    edges e = {0};
    for (const ts_block *block = region->first; block; block = block->next)
        for (const ts_op *op = block->first; op; op = op->next)
            e.n += op->n_successors;
    e.items = TS_ARENA_ARRAY(p->arena, edge, e.n);
    if (!e.items) {
        p->has_failed = true;
        return (edges){0};
    }
    size_t at = 0;
    for (const ts_block *block = region->first; block; block = block->next)
        for (const ts_op *op = block->first; op; op = op->next)
            for (uint32_t i = 0; i < op->n_successors; i++)
                e.items[at++] = (edge){number_of(p, op->successors[i]), number_of(p, block)};
    if (e.n > 1) qsort(e.items, e.n, sizeof *e.items, by_target);
    return e;
}

/* "// pred: ^bb0", as aie-opt says it. */
static void print_predecessors(printer *p, const ts_block *block, edges *e) {
    uint32_t number = number_of(p, block);
    while (e->next < e->n && e->items[e->next].to < number)
        e->next++;
    size_t end = e->next;
    while (end < e->n && e->items[end].to == number)
        end++;
    size_t n = end - e->next;
    if (n == 0)
        ts_buf_text(p->out, "  // no predecessors");
    else if (n == 1)
        ts_buf_printf(p->out, "  // pred: ^bb%" PRIu32, e->items[e->next].from);
    else
        ts_buf_printf(p->out, "  // %zu preds: ", n);
    for (size_t i = 0; n > 1 && i < n; i++)
        ts_buf_printf(p->out, "%s^bb%" PRIu32, i ? ", " : "", e->items[e->next + i].from);
}

static void print_label(printer *p, const ts_block *block, edges *e) {
    ts_buf_printf(p->out, "\n%*s", (int)(p->indent ? p->indent - 1 : 0) * 2, "");
    print_block_name(p, block);
    if (block->n_arguments) {
        ts_buf_u8(p->out, '(');
        for (uint32_t i = 0; i < block->n_arguments; i++) {
            if (i) ts_buf_text(p->out, ", ");
            print_value(p, block->arguments[i]);
            ts_buf_text(p->out, ": ");
            ts_type_print(block->arguments[i]->type, p->out);
        }
        ts_buf_u8(p->out, ')');
    }
    ts_buf_u8(p->out, ':');
    if (block != block->region->first) print_predecessors(p, block, e);
}

static void print_block(printer *p, const ts_block *block) {
    for (const ts_op *op = block->first; op; op = op->next) {
        new_line(p);
        print_operation(p, op);
    }
}

/* An empty block is written only where "{}" would mean none; and one that is branched to. */
static bool has_label(const ts_region *region, const ts_block *block, bool hides_arguments,
                      const edges *e) {
    const ts_op *owner = region->owner;
    if (block != region->first) return true;
    if (block->n_arguments) return !hides_arguments;
    if (e->n && e->items[0].to == 0) return true;
    if (block->first) return false;
    return block->next || !design_needs_block(owner, (size_t)(region - owner->regions));
}

void print_named_region(printer *p, const ts_region *region, bool hides_arguments) {
    edges e = find_edges(p, region);
    ts_buf_u8(p->out, '{');
    p->indent++;
    for (const ts_block *block = region->first; block; block = block->next) {
        if (has_label(region, block, hides_arguments, &e)) print_label(p, block, &e);
        print_block(p, block);
    }
    p->indent--;
    new_line(p);
    ts_buf_u8(p->out, '}');
}

void print_region(printer *p, const ts_region *region, bool hides_arguments) {
    names_state before = names_enter(p, region);
    print_named_region(p, region, hides_arguments);
    names_leave(p, before);
}

/* ---- operations ------------------------------------------------------------------------------ */

void print_rest(printer *p, const ts_op *op, bool with_keyword) {
    const design_form *form = &design_forms[op->code];
    bool is_first = true;
    for (uint32_t i = 0; i < op->n_attrs; i++) {
        const ts_named_attr *attr = &op->attrs[i];
        bool is_sizes =
            (form->flags & FORM_SEGMENTS) && strcmp(attr->name, "operandSegmentSizes") == 0;
        if (is_sizes || design_is_written(form->form, attr->name)) continue;
        if (is_first)
            ts_buf_text(p->out, with_keyword ? " attributes {" : " {");
        else
            ts_buf_text(p->out, ", ");
        is_first = false;
        print_key(p->out, attr->name);
        if (attr->value->kind == TS_ATTR_UNIT) continue;
        ts_buf_text(p->out, " = ");
        ts_attr_print(attr->value, p->out);
    }
    if (!is_first) ts_buf_u8(p->out, '}');
}

static void print_generic(printer *p, const ts_op *op) {
    print_quoted(p->out, op->name, strlen(op->name));
    ts_buf_u8(p->out, '(');
    print_values(p, op->operands, op->n_operands);
    ts_buf_u8(p->out, ')');
    for (uint32_t i = 0; i < op->n_successors; i++) {
        ts_buf_text(p->out, i ? ", " : "[");
        print_block_name(p, op->successors[i]);
    }
    if (op->n_successors) ts_buf_u8(p->out, ']');
    for (uint32_t i = 0; i < op->n_regions; i++) {
        ts_buf_text(p->out, i ? ", " : " (");
        print_region(p, &op->regions[i], false);
    }
    if (op->n_regions) ts_buf_u8(p->out, ')');
    if (op->n_attrs) {
        ts_buf_u8(p->out, ' ');
        print_members(op->attrs, op->n_attrs, p->out);
    }
    ts_buf_text(p->out, " : (");
    print_value_types(p, op->operands, op->n_operands);
    ts_buf_text(p->out, ") -> ");
    bool is_bare = op->n_results == 1 && op->results[0].type->kind != TS_TYPE_FUNCTION;
    if (!is_bare) ts_buf_u8(p->out, '(');
    for (uint32_t i = 0; i < op->n_results; i++) {
        if (i) ts_buf_text(p->out, ", ");
        ts_type_print(op->results[i].type, p->out);
    }
    if (!is_bare) ts_buf_u8(p->out, ')');
}

/* "%a, %b:2 = " */
static void print_result_names(printer *p, const ts_op *op) {
    for (uint32_t i = 0; i < op->n_results;) {
        if (i) ts_buf_text(p->out, ", ");
        i += print_group(p, &op->results[i]);
    }
    if (op->n_results) ts_buf_text(p->out, " = ");
}

/* Inside a function names are of func, outside of builtin. */
static const char *short_name(const ts_op *op) {
    const ts_op *parent = ts_op_parent(op);
    if (op->code == TS_OP_MODULE) return "module";
    if (parent && parent->code == TS_OP_FUNC_FUNC && strncmp(op->name, "func.", 5) == 0)
        return op->name + 5;
    return op->name;
}

void print_operation(printer *p, const ts_op *op) {
    design_why why;
    print_result_names(p, op);
    if (!design_check(op, &why)) {
        print_generic(p, op);
        return;
    }
    ts_buf_text(p->out, short_name(op));
    print_custom(p, op);
}

void ts_op_print(const ts_op *op, ts_buf *out) {
    printer p = {.out = out, .arena = out->arena};
    if (!names_begin(&p)) {
        out->failed = true;
        return;
    }
    /* An operation alone may name values from around it. */
    const ts_region *around[TS_DESIGN_MAX_DEPTH];
    uint32_t n = 0;
    for (const ts_block *at = op->block; at && n < TS_DESIGN_MAX_DEPTH;) {
        around[n++] = at->region;
        at = at->region->owner ? at->region->owner->block : NULL;
    }
    while (n)
        names_enter(&p, around[--n]);
    if (!op->block) names_results(&p, op);
    print_operation(&p, op);
    if (p.has_failed) out->failed = true;
}

void ts_design_print(const ts_design *design, ts_buf *out) {
    ts_op_print(design->module, out);
    ts_buf_u8(out, '\n');
}
