/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Types, made unique: equal types are equal pointers, so comparing types is comparing pointers.
 */
#include "design_int.h"

#include <string.h>

static bool same_text(const char *a, const char *b) {
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_attr(const ts_attr *a, const ts_attr *b) {
    return a == b || (a && b && ts_attr_equal(a, b));
}

/* memcmp() of two arrays that may be NULL when they are empty. */
static bool same_bytes(const void *a, const void *b, size_t size) {
    return size == 0 || memcmp(a, b, size) == 0;
}

static bool types_equal(const ts_type *a, const ts_type *b) {
    return a->kind == b->kind && a->signedness == b->signedness && a->width == b->width &&
           a->element == b->element && a->n_dims == b->n_dims && a->is_unranked == b->is_unranked &&
           a->n_inputs == b->n_inputs && a->n_results == b->n_results &&
           same_text(a->name, b->name) && same_text(a->parameters, b->parameters) &&
           same_bytes(a->shape, b->shape, a->n_dims * sizeof *a->shape) &&
           same_bytes((const void *)a->inputs, (const void *)b->inputs,
                      a->n_inputs * sizeof(const ts_type *)) &&
           same_bytes((const void *)a->results, (const void *)b->results,
                      a->n_results * sizeof(const ts_type *)) &&
           same_attr(a->layout, b->layout) && same_attr(a->memory_space, b->memory_space);
}

/* Equal types hash alike; layouts and memory spaces are rare enough to be left out. */
static uint32_t hash_type(const ts_type *type) {
    const uint32_t head[] = {(uint32_t)type->kind, (uint32_t)type->signedness,
                             type->width,          type->n_dims,
                             type->n_inputs,       type->n_results};
    uint32_t hash = design_hash(DESIGN_HASH_START, head, sizeof head);
    hash = design_hash(hash, &type->element, sizeof(const ts_type *));
    if (type->n_dims) hash = design_hash(hash, type->shape, type->n_dims * sizeof *type->shape);
    if (type->n_inputs)
        hash =
            design_hash(hash, (const void *)type->inputs, type->n_inputs * sizeof(const ts_type *));
    if (type->name) hash = design_hash(hash, type->name, strlen(type->name));
    if (type->parameters) hash = design_hash(hash, type->parameters, strlen(type->parameters));
    return hash;
}

static const ts_type **find_slot(const ts_type **slots, size_t n_slots, const ts_type *type) {
    size_t at = hash_type(type) & (n_slots - 1);
    while (slots[at] && !types_equal(slots[at], type))
        at = (at + 1) & (n_slots - 1);
    return &slots[at];
}

static bool grow(ts_design *design) {
    ts_design_names *names = design->names;
    size_t n_slots = names->n_type_slots * 2;
    const ts_type **slots = TS_ARENA_ARRAY(design->arena, const ts_type *, n_slots);
    if (!slots) return false;
    for (size_t i = 0; i < names->n_type_slots; i++)
        if (names->types[i]) *find_slot(slots, n_slots, names->types[i]) = names->types[i];
    names->types = slots;
    names->n_type_slots = n_slots;
    return true;
}

static const ts_type *const *copy_list(ts_design *design, const ts_type *const *list, uint32_t n) {
    const ts_type **copy = TS_ARENA_ARRAY(design->arena, const ts_type *, n);
    if (copy && n) memcpy((void *)copy, (const void *)list, n * sizeof(const ts_type *));
    return copy;
}

static const ts_type *copy_type(ts_design *design, const ts_type *type) {
    ts_type *copy = TS_ARENA_NEW(design->arena, ts_type);
    if (!copy) return NULL;
    *copy = *type;
    copy->name = design_intern(design, type->name, strlen(type->name));
    bool is_good = copy->name != NULL;
    if (type->n_dims) {
        int64_t *shape = TS_ARENA_ARRAY(design->arena, int64_t, type->n_dims);
        if (shape) memcpy(shape, type->shape, type->n_dims * sizeof *shape);
        copy->shape = shape;
        is_good = is_good && shape;
    }
    if (type->parameters) {
        copy->parameters = ts_arena_strdup(design->arena, type->parameters);
        is_good = is_good && copy->parameters;
    }
    if (type->kind == TS_TYPE_FUNCTION) {
        copy->inputs = copy_list(design, type->inputs, type->n_inputs);
        copy->results = copy_list(design, type->results, type->n_results);
        is_good = is_good && copy->inputs && copy->results;
    }
    return is_good ? copy : NULL;
}

const ts_type *ts_type_unique(ts_design *design, const ts_type *type) {
    ts_design_names *names = design->names;
    ts_type wanted = *type;
    if (!wanted.name) wanted.name = "";
    const ts_type **slot = find_slot(names->types, names->n_type_slots, &wanted);
    const ts_type *known = *slot;
    if (known) return known;
    if (names->n_types * 2 >= names->n_type_slots) {
        if (!grow(design)) return NULL;
        slot = find_slot(names->types, names->n_type_slots, &wanted);
    }
    const ts_type *copy = copy_type(design, &wanted);
    if (!copy) return NULL;
    *slot = copy;
    names->n_types++;
    return copy;
}

const ts_type *ts_type_integer(ts_design *design, uint32_t width, ts_signedness signedness) {
    const ts_type type = {.kind = TS_TYPE_INTEGER, .width = width, .signedness = signedness};
    return ts_type_unique(design, &type);
}

const ts_type *ts_type_index(ts_design *design) {
    const ts_type type = {.kind = TS_TYPE_INDEX};
    return ts_type_unique(design, &type);
}

const ts_type *ts_type_memref(ts_design *design, const int64_t *shape, uint32_t n_dims,
                              const ts_type *element) {
    if (!element) return NULL;
    const ts_type type = {
        .kind = TS_TYPE_MEMREF, .shape = shape, .n_dims = n_dims, .element = element};
    return ts_type_unique(design, &type);
}

uint64_t ts_type_n_elements(const ts_type *type) {
    const uint64_t ceiling = UINT64_C(1) << 40;
    uint64_t n = 1;
    if (type->is_unranked) return 0;
    for (uint32_t i = 0; i < type->n_dims; i++) {
        if (type->shape[i] < 0) return 0;
        uint64_t size = (uint64_t)type->shape[i];
        if (size && n > ceiling / size) return 0;
        n *= size;
    }
    return n;
}

/* Bits of one element; a vector counts whole, index is 32 bits wide on AIE. 0: no size. */
static uint64_t element_bits(const ts_type *element) {
    switch (element->kind) {
    case TS_TYPE_INDEX: return 32;
    case TS_TYPE_INTEGER:
    case TS_TYPE_FLOAT: return element->width;
    case TS_TYPE_VECTOR:
        return element->element ? ts_type_n_elements(element) * element_bits(element->element) : 0;
    default: return 0;
    }
}

uint64_t ts_type_n_bytes(const ts_type *type) {
    const ts_type *element = type->element ? type->element : type;
    uint64_t n = type->element ? ts_type_n_elements(type) : 1;
    uint64_t bits = element_bits(element);
    if (bits > (UINT64_C(1) << 20)) return 0;
    return (n * bits + 7) / 8;
}
