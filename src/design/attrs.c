/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Attributes: builders, comparison, and reading members and elements.
 */
#include "design_int.h"

#include <string.h>

static ts_attr *new_attr(ts_design *design, ts_attr_kind kind) {
    ts_attr *attr = TS_ARENA_NEW(design->arena, ts_attr);
    if (attr) attr->kind = kind;
    return attr;
}

const ts_attr *ts_attr_unit(ts_design *design) {
    return new_attr(design, TS_ATTR_UNIT);
}

const ts_attr *ts_attr_integer(ts_design *design, int64_t value, const ts_type *type) {
    ts_attr *attr = type ? new_attr(design, TS_ATTR_INTEGER) : NULL;
    if (!attr) return NULL;
    attr->integer = value;
    attr->type = type;
    return attr;
}

const ts_attr *ts_attr_bool(ts_design *design, bool value) {
    return ts_attr_integer(design, value, ts_type_integer(design, 1, TS_SIGNLESS));
}

const ts_attr *ts_attr_i32(ts_design *design, int64_t value) {
    return ts_attr_integer(design, value, ts_type_integer(design, 32, TS_SIGNLESS));
}

const ts_attr *ts_attr_string(ts_design *design, const char *text) {
    ts_attr *attr = new_attr(design, TS_ATTR_STRING);
    if (!attr) return NULL;
    attr->n_bytes = strlen(text);
    attr->text = ts_arena_strdup(design->arena, text);
    return attr->text ? attr : NULL;
}

const ts_attr *ts_attr_symbol(ts_design *design, const char *root) {
    ts_attr *attr = new_attr(design, TS_ATTR_SYMBOL);
    if (!attr) return NULL;
    attr->text = design_intern(design, root, strlen(root));
    return attr->text ? attr : NULL;
}

const ts_attr *ts_attr_array(ts_design *design, const ts_attr *const *elements, size_t n_elements) {
    ts_attr *attr = new_attr(design, TS_ATTR_ARRAY);
    const ts_attr **copy = TS_ARENA_ARRAY(design->arena, const ts_attr *, n_elements);
    if (!attr || !copy) return NULL;
    for (size_t i = 0; i < n_elements; i++)
        if (!(copy[i] = elements[i])) return NULL;
    attr->elements = copy;
    attr->n_elements = n_elements;
    return attr;
}

const ts_attr *ts_attr_dialect(ts_design *design, const char *name, const ts_named_attr *members,
                               size_t n_members) {
    ts_attr *attr = new_attr(design, TS_ATTR_DIALECT);
    ts_named_attr *copy = TS_ARENA_ARRAY(design->arena, ts_named_attr, n_members);
    if (!attr || !copy) return NULL;
    attr->text = design_intern(design, name, strlen(name));
    for (size_t i = 0; i < n_members; i++) {
        copy[i].name = design_intern(design, members[i].name, strlen(members[i].name));
        copy[i].value = members[i].value;
        if (!copy[i].name || !copy[i].value) return NULL;
    }
    attr->members = copy;
    attr->n_members = n_members;
    return attr->text ? attr : NULL;
}

static size_t element_bytes(const ts_type *element) {
    return element && element->width ? (element->width + 7) / 8 : 8;
}

const ts_attr *ts_attr_dense_array(ts_design *design, const ts_type *element, const int64_t *values,
                                   size_t n_values) {
    ts_attr *attr = element ? new_attr(design, TS_ATTR_DENSE_ARRAY) : NULL;
    if (!attr) return NULL;
    size_t size = element_bytes(element);
    ts_buf data = ts_buf_in(design->arena);
    for (size_t i = 0; i < n_values; i++)
        ts_buf_uint_le(&data, (uint64_t)values[i], (unsigned)size);
    attr->type = element;
    attr->n_elements = n_values;
    attr->data = ts_buf_span(&data);
    return data.failed ? NULL : attr;
}

static bool lists_equal(const ts_attr *a, const ts_attr *b) {
    if (a->n_elements != b->n_elements || a->n_members != b->n_members) return false;
    if (a->elements)
        for (size_t i = 0; i < a->n_elements; i++)
            if (!ts_attr_equal(a->elements[i], b->elements[i])) return false;
    for (size_t i = 0; i < a->n_members; i++)
        if (strcmp(a->members[i].name, b->members[i].name) != 0 ||
            !ts_attr_equal(a->members[i].value, b->members[i].value))
            return false;
    return true;
}

static bool texts_equal(const ts_attr *a, const ts_attr *b) {
    if (a->kind == TS_ATTR_STRING)
        return a->n_bytes == b->n_bytes && memcmp(a->text, b->text, a->n_bytes) == 0;
    if (!a->text || !b->text) return a->text == b->text;
    return strcmp(a->text, b->text) == 0;
}

static uint64_t bits_of(double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

bool ts_attr_equal(const ts_attr *a, const ts_attr *b) {
    if (a == b) return true;
    if (a->kind != b->kind || a->type != b->type || a->type_value != b->type_value ||
        a->is_splat != b->is_splat || a->is_resource != b->is_resource)
        return false;
    /* Not the text of a float: 1.0 and 1.000000e+00 are one number; but NaNs keep their bits. */
    if (a->kind == TS_ATTR_FLOAT) return bits_of(a->real) == bits_of(b->real);
    return a->integer == b->integer && texts_equal(a, b) && ts_span_equal(a->data, b->data) &&
           lists_equal(a, b);
}

const ts_attr *ts_attr_member(const ts_attr *attr, const char *name) {
    for (size_t i = 0; attr && i < attr->n_members; i++)
        if (strcmp(attr->members[i].name, name) == 0) return attr->members[i].value;
    return NULL;
}

int64_t ts_attr_element(const ts_attr *attr, size_t index) {
    const ts_type *element =
        attr->kind == TS_ATTR_DENSE && attr->type ? attr->type->element : attr->type;
    size_t size = element_bytes(element);
    if (attr->is_splat) index = 0;
    if (size > 8 || attr->data.size < size || index > attr->data.size / size - 1) return 0;
    uint64_t value = 0;
    for (size_t i = 0; i < size; i++)
        value |= (uint64_t)attr->data.data[index * size + i] << (8 * i);
    if (element && element->kind == TS_TYPE_INTEGER && element->signedness == TS_UNSIGNED)
        return (int64_t)value;
    unsigned shift = 64 - 8 * (unsigned)size;
    if (element && element->width == 1) return (int64_t)(value & 1);
    return (int64_t)(value << shift) >> shift;
}
