/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Types and attributes as text.
 *
 * src: llvm-project: mlir/lib/IR/AsmPrinter.cpp, for where types are left out and how floats
 * are written [code]
 */
#include "print_int.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- names and texts ------------------------------------------------------------------------- */

static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* A name that needs no quotes; `more` are other characters it may have. */
static bool is_bare(const char *name, const char *more) {
    if (!is_letter(*name)) return false;
    for (const char *p = name; *p; p++)
        if (!is_letter(*p) && !(*p >= '0' && *p <= '9') && !strchr(more, *p)) return false;
    return true;
}

void print_quoted(ts_buf *out, const char *text, size_t n_bytes) {
    ts_buf_u8(out, '"');
    for (size_t i = 0; i < n_bytes; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '\\')
            ts_buf_text(out, "\\\\");
        else if (c >= 0x20 && c < 0x7f && c != '"')
            ts_buf_u8(out, c);
        else
            ts_buf_printf(out, "\\%02X", c);
    }
    ts_buf_u8(out, '"');
}

void print_symbol_name(ts_buf *out, const char *name) {
    ts_buf_u8(out, '@');
    /* src: mlir/lib/IR/AsmPrinter.cpp, printKeywordOrString: as a keyword, quoted otherwise */
    if (is_bare(name, "$._-"))
        ts_buf_text(out, name);
    else
        print_quoted(out, name, strlen(name));
}

void print_key(ts_buf *out, const char *name) {
    if (is_bare(name, "$."))
        ts_buf_text(out, name);
    else
        print_quoted(out, name, strlen(name));
}

/* ---- types ----------------------------------------------------------------------------------- */

static void print_list(ts_buf *out, const ts_type *const *types, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        if (i) ts_buf_text(out, ", ");
        ts_type_print(types[i], out);
    }
}

void print_results(ts_buf *out, const ts_type *const *types, uint32_t n) {
    bool is_bare_type = n == 1 && types[0]->kind != TS_TYPE_FUNCTION;
    if (!is_bare_type) ts_buf_u8(out, '(');
    print_list(out, types, n);
    if (!is_bare_type) ts_buf_u8(out, ')');
}

static void print_shaped(const ts_type *type, const char *name, ts_buf *out) {
    ts_buf_printf(out, "%s<", name);
    if (type->is_unranked) ts_buf_text(out, "*x");
    for (uint32_t i = 0; i < type->n_dims; i++)
        if (type->shape[i] < 0)
            ts_buf_text(out, "?x");
        else
            ts_buf_printf(out, "%" PRId64 "x", type->shape[i]);
    ts_type_print(type->element, out);
    if (type->layout) {
        ts_buf_text(out, ", ");
        ts_attr_print(type->layout, out);
    }
    if (type->memory_space) {
        ts_buf_text(out, ", ");
        print_attr(type->memory_space, PRINT_SHORT, out);
    }
    ts_buf_u8(out, '>');
}

static void print_dialect_type(const ts_type *type, ts_buf *out) {
    bool is_builtin = strcmp(type->name, "tuple") == 0 || strcmp(type->name, "complex") == 0;
    ts_buf_printf(out, "%s%s", is_builtin ? "" : "!", type->name);
    if (type->element) {
        ts_buf_u8(out, '<');
        ts_type_print(type->element, out);
        ts_buf_u8(out, '>');
    } else if (type->parameters) {
        ts_buf_printf(out, "<%s>", type->parameters);
    }
}

void ts_type_print(const ts_type *type, ts_buf *out) {
    static const char *const signs[] = {[TS_SIGNLESS] = "", [TS_SIGNED] = "s", [TS_UNSIGNED] = "u"};
    switch (type->kind) {
    case TS_TYPE_NONE: ts_buf_text(out, "none"); break;
    case TS_TYPE_INDEX: ts_buf_text(out, "index"); break;
    case TS_TYPE_INTEGER:
        ts_buf_printf(out, "%si%" PRIu32, signs[type->signedness], type->width);
        break;
    case TS_TYPE_FLOAT: ts_buf_text(out, type->name); break;
    case TS_TYPE_MEMREF: print_shaped(type, "memref", out); break;
    case TS_TYPE_VECTOR: print_shaped(type, "vector", out); break;
    case TS_TYPE_TENSOR: print_shaped(type, "tensor", out); break;
    case TS_TYPE_FUNCTION:
        ts_buf_u8(out, '(');
        print_list(out, type->inputs, type->n_inputs);
        ts_buf_text(out, ") -> ");
        print_results(out, type->results, type->n_results);
        break;
    case TS_TYPE_DIALECT: print_dialect_type(type, out); break;
    }
}

/* ---- numbers --------------------------------------------------------------------------------- */

static bool is_bool(const ts_type *type) {
    return type && type->kind == TS_TYPE_INTEGER && type->width == 1 &&
           type->signedness == TS_SIGNLESS;
}

void print_integer(ts_buf *out, int64_t value, const ts_type *type) {
    if (is_bool(type))
        ts_buf_text(out, value & 1 ? "true" : "false");
    else if (type && type->signedness == TS_UNSIGNED)
        ts_buf_printf(out, "%" PRIu64, (uint64_t)value);
    else
        ts_buf_printf(out, "%" PRId64, value);
}

/* Six digits where they are enough, else as many as tell the number from all others; what has no
 * decimal form is written as its bits. */
static void print_float(ts_buf *out, double value, const ts_type *type) {
    char text[40];
    uint64_t bits;
    if (value != value || value - value != 0) {
        print_float_bits(type, value, &bits);
        ts_buf_printf(out, "0x%0*" PRIX64, (int)(type->width / 4), bits);
        return;
    }
    for (int digits = 6; digits <= 17; digits++) {
        uint64_t again;
        snprintf(text, sizeof text, "%.*e", digits, value);
        if (print_float_bits(type, value, &bits) &&
            print_float_bits(type, strtod(text, NULL), &again) && bits == again)
            break;
    }
    ts_buf_text(out, text);
}

/* ---- attributes ------------------------------------------------------------------------------ */

static void print_element(const ts_attr *attr, const ts_type *element, size_t index, ts_buf *out) {
    if (element->kind == TS_TYPE_FLOAT)
        print_float(out, print_float_value(element, (uint64_t)ts_attr_element(attr, index)),
                    element);
    else
        print_integer(out, ts_attr_element(attr, index), element);
}

/* One level of brackets for each dimension; `*at` counts elements. */
static void print_elements(const ts_attr *attr, uint32_t level, size_t *at, ts_buf *out) {
    const ts_type *type = attr->type;
    if (level == type->n_dims) {
        print_element(attr, type->element, (*at)++, out);
        return;
    }
    ts_buf_u8(out, '[');
    for (int64_t i = 0; i < type->shape[level]; i++) {
        if (i) ts_buf_text(out, ", ");
        print_elements(attr, level + 1, at, out);
    }
    ts_buf_u8(out, ']');
}

/* Beyond this many elements, as hexadecimal bytes.
 * src: mlir/lib/IR/AsmPrinter.cpp, print-elementsattrs-with-hex-if-larger, 100 [code] */
enum {
    MAX_ELEMENTS = 100
};

static void print_dense(const ts_attr *attr, ts_buf *out) {
    size_t at = 0;
    if (attr->is_resource) {
        ts_buf_printf(out, "dense_resource<%s>", attr->text);
        return;
    }
    ts_buf_text(out, "dense<");
    if (attr->is_splat) {
        print_element(attr, attr->type->element, 0, out);
    } else if (attr->n_elements > MAX_ELEMENTS) {
        ts_buf_text(out, "\"0x");
        for (size_t i = 0; i < attr->data.size; i++)
            ts_buf_printf(out, "%02X", attr->data.data[i]);
        ts_buf_u8(out, '"');
    } else if (attr->n_elements) {
        print_elements(attr, 0, &at, out);
    }
    ts_buf_u8(out, '>');
}

static void print_attr_list(const ts_attr *attr, ts_buf *out) {
    ts_buf_u8(out, '[');
    for (size_t i = 0; i < attr->n_elements; i++) {
        if (i) ts_buf_text(out, ", ");
        print_attr(attr->elements[i], PRINT_SHORT, out);
    }
    ts_buf_u8(out, ']');
}

static void print_dense_array(const ts_attr *attr, ts_buf *out) {
    ts_buf_text(out, "array<");
    ts_type_print(attr->type, out);
    for (size_t i = 0; i < attr->n_elements; i++) {
        ts_buf_text(out, i ? ", " : ": ");
        print_element(attr, attr->type, i, out);
    }
    ts_buf_u8(out, '>');
}

/* Without its name: <k = v, ...> or [..., ...]. */
void print_dialect_body(const ts_attr *attr, ts_buf *out) {
    if (attr->n_members) {
        ts_buf_u8(out, '<');
        for (size_t i = 0; i < attr->n_members; i++) {
            ts_buf_printf(out, "%s%s = ", i ? ", " : "", attr->members[i].name);
            print_attr(attr->members[i].value, PRINT_BARE, out);
        }
        ts_buf_u8(out, '>');
    } else if (attr->data.size) {
        ts_buf_span_add(out, attr->data);
    } else {
        ts_buf_u8(out, '[');
        for (size_t i = 0; i < attr->n_elements; i++) {
            if (i) ts_buf_text(out, ", ");
            print_dialect_body(attr->elements[i], out);
        }
        ts_buf_u8(out, ']');
    }
}

static bool ends_with_array(const char *name) {
    size_t length = strlen(name);
    return length > 6 && strcmp(name + length - 6, "_array") == 0;
}

static void print_dialect(const ts_attr *attr, ts_buf *out) {
    const char *dot = strchr(attr->text, '.');
    if (!attr->n_members && !attr->data.size && dot && ends_with_array(dot)) {
        ts_buf_printf(out, "#%.*s<%s", (int)(dot - attr->text), attr->text, dot + 1);
        print_dialect_body(attr, out);
        ts_buf_u8(out, '>');
        return;
    }
    ts_buf_printf(out, "#%s", attr->text);
    if (attr->n_members || attr->data.size) print_dialect_body(attr, out);
}

static void print_symbol(const ts_attr *attr, ts_buf *out) {
    print_symbol_name(out, attr->text);
    for (size_t i = 0; i < attr->n_elements; i++) {
        ts_buf_text(out, "::");
        print_symbol_name(out, attr->elements[i]->text);
    }
}

void print_members(const ts_named_attr *members, size_t n, ts_buf *out) {
    ts_buf_u8(out, '{');
    for (size_t i = 0; i < n; i++) {
        if (i) ts_buf_text(out, ", ");
        print_key(out, members[i].name);
        if (members[i].value->kind == TS_ATTR_UNIT) continue;
        ts_buf_text(out, " = ");
        ts_attr_print(members[i].value, out);
    }
    ts_buf_u8(out, '}');
}

/* Whether the type behind a number says more than its absence. */
static bool has_type(const ts_attr *attr, print_style style) {
    const ts_type *type = attr->type;
    if (style == PRINT_BARE || !type || attr->kind == TS_ATTR_DENSE_ARRAY) return false;
    if (attr->kind == TS_ATTR_INTEGER) {
        if (is_bool(type)) return false;
        return style == PRINT_WHOLE || type->kind != TS_TYPE_INTEGER || type->width != 64 ||
               type->signedness != TS_SIGNLESS;
    }
    if (attr->kind == TS_ATTR_FLOAT)
        return style == PRINT_WHOLE || type->width != 64 || attr->real - attr->real != 0;
    return attr->kind == TS_ATTR_DENSE;
}

void print_attr(const ts_attr *attr, print_style style, ts_buf *out) {
    switch (attr->kind) {
    case TS_ATTR_UNIT: ts_buf_text(out, "unit"); break;
    case TS_ATTR_INTEGER: print_integer(out, attr->integer, attr->type); break;
    case TS_ATTR_FLOAT: print_float(out, attr->real, attr->type); break;
    case TS_ATTR_STRING: print_quoted(out, attr->text, attr->n_bytes); break;
    case TS_ATTR_TYPE: ts_type_print(attr->type_value, out); break;
    case TS_ATTR_SYMBOL: print_symbol(attr, out); break;
    case TS_ATTR_ARRAY: print_attr_list(attr, out); break;
    case TS_ATTR_DICTIONARY: print_members(attr->members, attr->n_members, out); break;
    case TS_ATTR_DENSE_ARRAY: print_dense_array(attr, out); break;
    case TS_ATTR_DENSE: print_dense(attr, out); break;
    case TS_ATTR_AFFINE_MAP: ts_buf_text(out, attr->text); break;
    case TS_ATTR_DIALECT: print_dialect(attr, out); break;
    }
    if (has_type(attr, style)) {
        ts_buf_text(out, " : ");
        ts_type_print(attr->type, out);
    }
}

void ts_attr_print(const ts_attr *attr, ts_buf *out) {
    print_attr(attr, PRINT_WHOLE, out);
}
