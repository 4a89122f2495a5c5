/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Values and blocks get numbers in the order of the walk; operands and successors are then compared
 * by number, types and attributes by their text, since two designs share no pointers.
 */
#include "design_equal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct number {
    const void *thing;
    size_t number;
} number;

typedef struct numbers {
    number *items;
    size_t n, capacity;
} numbers;

static bool add(ts_arena *arena, numbers *list, const void *thing) {
    if (list->n == list->capacity) {
        size_t capacity = list->capacity ? list->capacity * 2 : 256;
        number *items = ts_arena_grow(arena, list->items, list->capacity * sizeof *items,
                                      capacity * sizeof *items);
        if (!items) return false;
        list->items = items;
        list->capacity = capacity;
    }
    list->items[list->n] = (number){thing, list->n};
    list->n++;
    return true;
}

static int by_thing(const void *a, const void *b) {
    uintptr_t x = (uintptr_t)((const number *)a)->thing, y = (uintptr_t)((const number *)b)->thing;
    return x < y ? -1 : x > y;
}

static bool number_all(ts_arena *arena, const ts_design *design, numbers *list) {
    for (const ts_op *op = design->module; op; op = ts_op_next_below(design->module, op)) {
        for (uint32_t i = 0; i < op->n_results; i++)
            if (!add(arena, list, &op->results[i])) return false;
        for (uint32_t i = 0; i < op->n_regions; i++)
            for (ts_block *block = op->regions[i].first; block; block = block->next) {
                if (!add(arena, list, block)) return false;
                for (uint32_t k = 0; k < block->n_arguments; k++)
                    if (!add(arena, list, block->arguments[k])) return false;
            }
    }
    if (list->n) qsort(list->items, list->n, sizeof *list->items, by_thing);
    return true;
}

static size_t find(const numbers *list, const void *thing) {
    const number key = {thing, 0};
    const number *found =
        list->n ? bsearch(&key, list->items, list->n, sizeof key, by_thing) : NULL;
    return found ? found->number : SIZE_MAX;
}

static bool same_type(ts_arena *arena, const ts_type *a, const ts_type *b) {
    ts_buf x = ts_buf_in(arena), y = ts_buf_in(arena);
    ts_type_print(a, &x);
    ts_type_print(b, &y);
    return ts_span_equal(ts_buf_span(&x), ts_buf_span(&y));
}

static bool same_attr(ts_arena *arena, const ts_attr *a, const ts_attr *b) {
    ts_buf x = ts_buf_in(arena), y = ts_buf_in(arena);
    ts_attr_print(a, &x);
    ts_attr_print(b, &y);
    return a->kind == b->kind && a->integer == b->integer && a->n_elements == b->n_elements &&
           a->n_members == b->n_members && a->is_splat == b->is_splat &&
           ts_span_equal(a->data, b->data) && ts_span_equal(ts_buf_span(&x), ts_buf_span(&y));
}

static bool same_attrs(ts_arena *arena, const ts_op *a, const ts_op *b) {
    if (a->n_attrs != b->n_attrs) return false;
    for (uint32_t i = 0; i < a->n_attrs; i++)
        if (strcmp(a->attrs[i].name, b->attrs[i].name) != 0 ||
            !same_attr(arena, a->attrs[i].value, b->attrs[i].value))
            return false;
    return true;
}

static bool same_regions(ts_arena *arena, const ts_op *a, const ts_op *b) {
    if (a->n_regions != b->n_regions) return false;
    for (uint32_t i = 0; i < a->n_regions; i++) {
        const ts_block *x = a->regions[i].first, *y = b->regions[i].first;
        for (; x && y; x = x->next, y = y->next) {
            if (x->n_arguments != y->n_arguments || !x->first != !y->first) return false;
            for (uint32_t k = 0; k < x->n_arguments; k++)
                if (!same_type(arena, x->arguments[k]->type, y->arguments[k]->type)) return false;
        }
        if (x || y) return false;
    }
    return true;
}

static const char *compare(ts_arena *arena, const numbers *na, const numbers *nb, const ts_op *a,
                           const ts_op *b) {
    if (a->code != b->code || strcmp(a->name, b->name) != 0) return "operation";
    if (!same_attrs(arena, a, b)) return "attributes";
    if (a->n_operands != b->n_operands || a->n_results != b->n_results ||
        a->n_successors != b->n_successors)
        return "counts";
    for (uint32_t i = 0; i < a->n_operands; i++)
        if (find(na, a->operands[i].value) != find(nb, b->operands[i].value)) return "operands";
    for (uint32_t i = 0; i < a->n_successors; i++)
        if (find(na, a->successors[i]) != find(nb, b->successors[i])) return "successors";
    for (uint32_t i = 0; i < a->n_results; i++)
        if (!same_type(arena, a->results[i].type, b->results[i].type)) return "results";
    return same_regions(arena, a, b) ? NULL : "regions";
}

bool design_equal(ts_arena *arena, const ts_design *a, const ts_design *b, char *why, size_t size) {
    numbers na = {0}, nb = {0};
    const ts_op *x = a->module, *y = b->module;
    snprintf(why, size, "no memory");
    if (!number_all(arena, a, &na) || !number_all(arena, b, &nb)) return false;
    while (x && y) {
        const char *what = compare(arena, &na, &nb, x, y);
        if (what) {
            snprintf(why, size, "%s of '%s' at %u and of '%s' at %u differ", what, x->name,
                     (unsigned)x->offset, y->name, (unsigned)y->offset);
            return false;
        }
        x = ts_op_next_below(a->module, x);
        y = ts_op_next_below(b->module, y);
    }
    snprintf(why, size, "one has more operations");
    return !x && !y;
}
