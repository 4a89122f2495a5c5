/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Attributes.
 *
 *   attribute  = number [ ":" type ] | "true" | "false" | "unit" | string | type | symbol
 *              | "[" attributes "]" | dictionary | "array" "<" type [ ":" numbers ] ">"
 *              | "dense" "<" elements ">" ":" type | "dense_resource" "<" name ">" ":" type
 *              | ( "affine_map" | "affine_set" | "strided" ) "<" anything ">"
 *              | "#" alias | "#" dialect "." name [ "<" anything ">" ] | "#" dialect "<" ... ">"
 *   dictionary = "{" name [ "=" attribute ] , ... "}"
 *
 * src: llvm-project: mlir/docs/LangRef.md, "Attributes" [documented]
 * src: Xilinx/mlir-aie: include/aie/Dialect/AIE/IR/AIEAttrs.td [code]
 */
#include "parse_int.h"
#include "print_int.h"

#include <stdlib.h>
#include <string.h>

static ts_status new_attr(parser *p, ts_attr_kind kind, ts_attr **out) {
    *out = TS_ARENA_NEW(p->arena, ts_attr);
    if (!*out) return parse_nomem(p);
    (*out)->kind = kind;
    return TS_OK;
}

/* ---- numbers --------------------------------------------------------------------------------- */

/* As the type stores it: signless and signed sign extended, unsigned zero extended. */
static ts_status fit_integer(parser *p, uint32_t at, const ts_type *type, bool is_negative,
                             uint64_t magnitude, int64_t *out) {
    uint32_t width = type->kind == TS_TYPE_INTEGER ? type->width : 64;
    uint64_t bits = is_negative ? 0 - magnitude : magnitude;
    uint64_t half = UINT64_C(1) << (width > 63 ? 63 : width - 1);
    uint64_t most = width > 63 ? UINT64_MAX : (half - 1) * 2 + 1;
    bool is_signed = type->signedness == TS_SIGNED, is_unsigned = type->signedness == TS_UNSIGNED;
    bool fits = is_negative ? magnitude <= half && (!is_unsigned || !magnitude)
                            : magnitude <= (is_signed ? half - 1 : most);
    if (!fits) {
        ts_buf text = ts_buf_in(p->arena);
        ts_type_print(type, &text);
        ts_buf_u8(&text, 0);
        return text.failed ? parse_nomem(p)
                           : parse_fail_at(p, at, TS_RANGE, "number does not fit %s",
                                           (const char *)text.data);
    }
    if (!is_unsigned && width > 1 && width < 64 && !is_negative && magnitude >= half) bits |= ~most;
    *out = (int64_t)(width == 1 ? bits & 1 : bits);
    return TS_OK;
}

static bool is_readable_float(const ts_type *type) {
    uint64_t bits;
    return type->kind == TS_TYPE_FLOAT && print_float_bits(type, 0, &bits);
}

/* The value of the float or integer word that is next, which is taken. */
static ts_status parse_double(parser *p, bool is_negative, double *out) {
    const char *text =
        ts_arena_strndup(p->arena, p->text + p->word.start, p->word.end - p->word.start);
    if (!text) return parse_nomem(p);
    *out = strtod(text, NULL);
    if (is_negative) *out = -*out;
    return parse_advance(p);
}

static bool is_hexadecimal(const parser *p) {
    return p->word.kind == WORD_INTEGER && p->word.end - p->word.start > 2 &&
           p->text[p->word.start + 1] == 'x';
}

/* A float's value; hexadecimal is its bits. */
static ts_status parse_float_value(parser *p, bool is_negative, const ts_type *type, double *out) {
    if (!is_hexadecimal(p)) return parse_double(p, is_negative, out);
    uint32_t at = p->word.start;
    uint64_t bits;
    TS_TRY(parse_u64(p, "a number", &bits));
    if (is_negative || (type->width < 64 && bits >> type->width))
        return parse_fail_at(p, at, TS_RANGE, "bits do not fit the type");
    *out = print_float_value(type, bits);
    return TS_OK;
}

static ts_status parse_float_attr(parser *p, uint32_t start, bool is_negative, const ts_type *type,
                                  const ts_attr **out) {
    ts_attr *attr;
    if (!is_readable_float(type))
        return parse_fail_at(p, start, TS_UNSUPPORTED, "floats of this type are not read");
    TS_TRY(new_attr(p, TS_ATTR_FLOAT, &attr));
    TS_TRY(parse_float_value(p, is_negative, type, &attr->real));
    attr->type = type;
    attr->text = ts_arena_strndup(p->arena, p->text + start, p->last_end - start);
    if (!attr->text) return parse_nomem(p);
    *out = attr;
    return TS_OK;
}

/* The type behind a number's words, if there is one: what a number is depends on it. */
static ts_status peek_type(parser *p, const ts_type *fallback, const ts_type **out) {
    const lex_word before = p->word;
    const uint32_t last_end = p->last_end;
    TS_TRY(parse_advance(p));
    *out = fallback;
    if (parse_is(p, ":")) {
        TS_TRY(parse_advance(p));
        if (!parse_starts_type(p)) return parse_wrong(p, "the type of a number");
        TS_TRY(parse_type(p, out));
    }
    p->word = before;
    p->last_end = last_end;
    return TS_OK;
}

static ts_status take_type(parser *p) {
    const ts_type *type;
    bool is_there;
    TS_TRY(parse_maybe(p, ":", &is_there));
    return is_there ? parse_type(p, &type) : TS_OK;
}

static ts_status parse_number(parser *p, const ts_type *expected, const ts_attr **out) {
    uint32_t start = p->word.start;
    bool is_negative;
    TS_TRY(parse_maybe(p, "-", &is_negative));
    bool is_float = p->word.kind == WORD_FLOAT;
    if (!is_float && p->word.kind != WORD_INTEGER) return parse_wrong(p, "a number");
    const ts_type *type = expected;
    if (!expected) {
        const ts_type f64 = {.kind = TS_TYPE_FLOAT, .width = 64, .name = "f64"};
        const ts_type *fallback = is_float ? ts_type_unique(p->design, &f64) : p->i64;
        if (!fallback) return parse_nomem(p);
        TS_TRY(peek_type(p, fallback, &type));
    }
    if (type->kind == TS_TYPE_FLOAT) {
        if (!is_float && !is_hexadecimal(p)) return parse_wrong(p, "a number with a point");
        TS_TRY(parse_float_attr(p, start, is_negative, type, out));
    } else {
        if (is_float || (type->kind != TS_TYPE_INTEGER && type->kind != TS_TYPE_INDEX))
            return parse_wrong(p, is_float ? "an integer" : "a number of an integer type");
        uint64_t magnitude;
        int64_t value;
        TS_TRY(parse_u64(p, "an integer", &magnitude));
        TS_TRY(fit_integer(p, start, type, is_negative, magnitude, &value));
        *out = ts_attr_integer(p->design, value, type);
        if (!*out) return parse_nomem(p);
    }
    return expected ? TS_OK : take_type(p);
}

/* ---- dense elements -------------------------------------------------------------------------- */

typedef struct dense {
    const ts_type *shaped, *element;
    unsigned size; /* bytes of an element */
    ts_buf data;
    uint64_t n;
} dense;

static ts_status parse_scalar(parser *p, dense *d) {
    uint32_t start = p->word.start;
    uint64_t bits = 0;
    if (parse_is(p, "true") || parse_is(p, "false")) {
        if (d->element->width != 1) return parse_wrong(p, "a number");
        bits = parse_is(p, "true");
        TS_TRY(parse_advance(p));
    } else {
        bool is_negative;
        TS_TRY(parse_maybe(p, "-", &is_negative));
        if (d->element->kind == TS_TYPE_FLOAT) {
            double value;
            if (p->word.kind != WORD_FLOAT && p->word.kind != WORD_INTEGER)
                return parse_wrong(p, "a number");
            TS_TRY(parse_float_value(p, is_negative, d->element, &value));
            print_float_bits(d->element, value, &bits);
        } else {
            int64_t value;
            uint64_t magnitude;
            TS_TRY(parse_u64(p, "an integer", &magnitude));
            TS_TRY(fit_integer(p, start, d->element, is_negative, magnitude, &value));
            bits = (uint64_t)value;
        }
    }
    ts_buf_uint_le(&d->data, bits, d->size);
    d->n++;
    return d->data.failed ? parse_nomem(p) : TS_OK;
}

/* "[" elements "]" down to the last dimension; each level as long as the shape says. */
static ts_status parse_elements(parser *p, dense *d, uint32_t level) {
    if (level == d->shaped->n_dims) return parse_scalar(p, d);
    uint32_t at = p->word.start;
    TS_TRY(parse_take(p, "["));
    int64_t n = 0;
    bool is_more = !parse_is(p, "]");
    while (is_more) {
        TS_TRY(parse_elements(p, d, level + 1));
        n++;
        TS_TRY(parse_maybe(p, ",", &is_more));
    }
    if (!parse_is(p, "]")) return parse_wrong(p, "',' or ']'");
    if (n != d->shaped->shape[level])
        return parse_fail_at(p, at, TS_CONFLICT, "%lld elements; the type has %lld here",
                             (long long)n, (long long)d->shaped->shape[level]);
    return parse_advance(p);
}

static ts_status parse_hex_elements(parser *p, dense *d, uint64_t n_elements, bool *is_splat) {
    const char *bytes;
    size_t n_bytes;
    uint32_t at = p->word.start;
    TS_TRY(parse_unquote(p, p->word, &bytes, &n_bytes));
    TS_TRY(parse_advance(p));
    if (n_bytes < 2 || n_bytes % 2 || memcmp(bytes, "0x", 2) != 0)
        return parse_fail_at(p, at, TS_SYNTAX, "expected elements as \"0x...\"");
    for (size_t i = 2; i < n_bytes; i += 2) {
        char pair[3] = {bytes[i], bytes[i + 1], 0}, *end;
        unsigned long value = strtoul(pair, &end, 16);
        if (*end || pair[0] == ' ' || pair[0] == '+' || pair[0] == '-')
            return parse_fail_at(p, at, TS_SYNTAX, "expected elements as \"0x...\"");
        ts_buf_u8(&d->data, (uint8_t)value);
    }
    if (d->data.failed) return parse_nomem(p);
    *is_splat = d->data.size == d->size && n_elements != 1;
    if (!*is_splat && d->data.size != n_elements * d->size)
        return parse_fail_at(p, at, TS_CONFLICT, "%zu bytes; the type has %llu elements of %u",
                             d->data.size, (unsigned long long)n_elements, d->size);
    return TS_OK;
}

static ts_status begin_dense(parser *p, uint32_t at, const ts_type *type, dense *d) {
    bool is_shaped = type->kind == TS_TYPE_TENSOR || type->kind == TS_TYPE_VECTOR ||
                     type->kind == TS_TYPE_MEMREF;
    if (!is_shaped || type->is_unranked)
        return parse_fail_at(p, at, TS_SYNTAX, "dense elements need a tensor, vector or memref");
    for (uint32_t i = 0; i < type->n_dims; i++)
        if (type->shape[i] < 0)
            return parse_fail_at(p, at, TS_SYNTAX, "dense elements need a static shape");
    const ts_type *element = type->element;
    bool is_number = element->kind == TS_TYPE_INDEX ||
                     (element->kind == TS_TYPE_INTEGER && element->width <= 64) ||
                     is_readable_float(element);
    if (!is_number)
        return parse_fail_at(p, at, TS_UNSUPPORTED, "dense elements of this type are not read");
    *d = (dense){.shaped = type, .element = element, .data = ts_buf_in(p->arena)};
    d->size = element->kind == TS_TYPE_INDEX ? 8 : (element->width + 7) / 8;
    return TS_OK;
}

/* Elements that are all the same are a splat, however they are written. */
static bool all_equal(const dense *d) {
    for (size_t i = d->size; i < d->data.size; i += d->size)
        if (memcmp(d->data.data, d->data.data + i, d->size) != 0) return false;
    return d->data.size != 0;
}

static ts_status parse_dense_body(parser *p, uint32_t at, const ts_type *type,
                                  const ts_attr **out) {
    dense d;
    ts_attr *attr;
    TS_TRY(begin_dense(p, at, type, &d));
    TS_TRY(new_attr(p, TS_ATTR_DENSE, &attr));
    uint64_t n_elements = ts_type_n_elements(type);
    TS_TRY(parse_take(p, "<"));
    if (parse_is(p, ">")) {
        if (n_elements) return parse_wrong(p, "elements");
    } else if (p->word.kind == WORD_STRING) {
        TS_TRY(parse_hex_elements(p, &d, n_elements, &attr->is_splat));
    } else {
        attr->is_splat = !parse_is(p, "[");
        TS_TRY(parse_elements(p, &d, attr->is_splat ? type->n_dims : 0));
    }
    TS_TRY(parse_take(p, ">"));
    attr->type = type;
    attr->is_splat |= all_equal(&d);
    attr->data = ts_span_of(d.data.data, attr->is_splat ? d.size : d.data.size);
    attr->n_elements = (size_t)n_elements;
    *out = attr;
    return TS_OK;
}

ts_status parse_dense(parser *p, const ts_type *expected, const ts_attr **out) {
    uint32_t at = p->word.start;
    TS_TRY(parse_take(p, "dense"));
    if (expected) return parse_dense_body(p, at, expected, out);
    /* How the elements are read depends on the type, which stands behind them. */
    const lex_word body = p->word;
    ts_span skipped;
    const ts_type *type;
    if (!parse_is(p, "<")) return parse_wrong(p, "'<'");
    TS_TRY(parse_balanced(p, &skipped));
    TS_TRY(parse_take(p, ":"));
    uint32_t type_at = p->word.start;
    TS_TRY(parse_type(p, &type));
    const lex_word behind = p->word;
    const uint32_t last_end = p->last_end;
    p->word = body;
    TS_TRY(parse_dense_body(p, type_at, type, out));
    p->word = behind;
    p->last_end = last_end;
    return TS_OK;
}

static ts_status parse_resource(parser *p, const ts_type *expected, const ts_attr **out) {
    ts_attr *attr;
    TS_TRY(new_attr(p, TS_ATTR_DENSE, &attr));
    TS_TRY(parse_advance(p));
    TS_TRY(parse_take(p, "<"));
    if (p->word.kind != WORD_NAME) return parse_wrong(p, "the name of a resource");
    TS_TRY(parse_text(p, &attr->text));
    TS_TRY(parse_take(p, ">"));
    attr->type = expected;
    attr->is_resource = true;
    if (!expected) {
        TS_TRY(parse_take(p, ":"));
        TS_TRY(parse_type(p, &attr->type));
    }
    *out = attr;
    return TS_OK;
}

static ts_status parse_dense_array(parser *p, const ts_attr **out) {
    ts_attr *attr;
    dense d = {.data = ts_buf_in(p->arena)};
    TS_TRY(new_attr(p, TS_ATTR_DENSE_ARRAY, &attr));
    TS_TRY(parse_advance(p));
    TS_TRY(parse_take(p, "<"));
    uint32_t at = p->word.start;
    TS_TRY(parse_type(p, &d.element));
    bool is_more;
    if (!(d.element->kind == TS_TYPE_INTEGER && d.element->width <= 64) &&
        !is_readable_float(d.element))
        return parse_fail_at(p, at, TS_SYNTAX, "expected an integer or float type");
    d.size = (d.element->width + 7) / 8;
    TS_TRY(parse_maybe(p, ":", &is_more));
    while (is_more) {
        TS_TRY(parse_scalar(p, &d));
        TS_TRY(parse_maybe(p, ",", &is_more));
    }
    attr->type = d.element;
    attr->data = ts_buf_span(&d.data);
    attr->n_elements = (size_t)d.n;
    *out = attr;
    return parse_take(p, ">");
}

/* ---- attributes of the aie dialect ----------------------------------------------------------- */

/* src: Xilinx/mlir-aie: include/aie/Dialect/AIE/IR/AIEAttrs.td, BDDimLayoutAttr, BDPadLayoutAttr,
 * PacketInfoAttr [code]; `wrap` and `step` are what size and stride were called before. */
static const struct {
    const char *name;
    const char *members[2], *old_members[2];
    int64_t most;
} structs[] = {
    {"aie.bd_dim_layout", {"size", "stride"}, {"wrap", "step"}, UINT32_MAX},
    {"aie.bd_pad_layout", {"const_pad_before", "const_pad_after"}, {"", ""}, UINT16_MAX},
    {"aie.packet_info", {"pkt_type", "pkt_id"}, {"", ""}, UINT16_MAX},
};

static const struct {
    const char *name, *element;
} arrays[] = {
    {"aie.bd_dim_layout_array_array", "aie.bd_dim_layout_array"},
    {"aie.bd_dim_layout_array", "aie.bd_dim_layout"},
    {"aie.bd_pad_layout_array", "aie.bd_pad_layout"},
};

static ts_status parse_member(parser *p, size_t which, ts_named_attr *members) {
    int64_t value;
    size_t i = 0;
    while (i < 2 && !parse_is(p, structs[which].members[i]) &&
           !(structs[which].old_members[i][0] && parse_is(p, structs[which].old_members[i])))
        i++;
    if (i == 2 || members[i].value) {
        char expected[80];
        ts_buf text = ts_buf_in(p->arena);
        ts_buf_printf(&text, "'%s' and '%s', each once", structs[which].members[0],
                      structs[which].members[1]);
        ts_buf_u8(&text, 0);
        if (text.failed) return parse_nomem(p);
        strncpy(expected, (const char *)text.data, sizeof expected - 1);
        expected[sizeof expected - 1] = '\0';
        return parse_wrong(p, expected);
    }
    TS_TRY(parse_advance(p));
    TS_TRY(parse_take(p, "="));
    uint32_t at = p->word.start;
    TS_TRY(parse_i64(p, "a number", &value));
    if (value < 0 || value > structs[which].most)
        return parse_fail_at(p, at, TS_RANGE, "'%s' is from 0 to %lld", structs[which].members[i],
                             (long long)structs[which].most);
    members[i].name = structs[which].members[i];
    members[i].value = ts_attr_i32(p->design, value);
    return members[i].value ? TS_OK : parse_nomem(p);
}

ts_status parse_struct(parser *p, const char *name, const ts_attr **out) {
    ts_named_attr members[2] = {{0}};
    size_t which = 0;
    while (strcmp(structs[which].name, name) != 0)
        which++;
    TS_TRY(parse_take(p, "<"));
    TS_TRY(parse_member(p, which, members));
    TS_TRY(parse_take(p, ","));
    TS_TRY(parse_member(p, which, members));
    TS_TRY(parse_take(p, ">"));
    *out = ts_attr_dialect(p->design, name, members, 2);
    return *out ? TS_OK : parse_nomem(p);
}

static bool is_struct(const char *name) {
    for (size_t i = 0; i < sizeof structs / sizeof structs[0]; i++)
        if (strcmp(structs[i].name, name) == 0) return true;
    return false;
}

static const char *array_element(const char *name) {
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++)
        if (strcmp(arrays[i].name, name) == 0) return arrays[i].element;
    return NULL;
}

/* An element may also be written out as an attribute of its own. */
static ts_status parse_layout(parser *p, const char *name, const ts_attr **out) {
    uint32_t at = p->word.start;
    if (p->word.kind == WORD_HASH) {
        TS_TRY(parse_attr(p, NULL, out));
        if ((*out)->kind == TS_ATTR_DIALECT && strcmp((*out)->text, name) == 0) return TS_OK;
        return parse_fail_at(p, at, TS_SYNTAX, "expected #%s", name);
    }
    return is_struct(name) ? parse_struct(p, name, out)
                           : parse_array_of(p, name, array_element(name), out);
}

ts_status parse_array_of(parser *p, const char *name, const char *element, const ts_attr **out) {
    pointers list = {0};
    ts_attr *attr;
    TS_TRY(new_attr(p, TS_ATTR_DIALECT, &attr));
    if (p->word.kind == WORD_HASH) return parse_layout(p, name, out);
    TS_TRY(parse_take(p, "["));
    bool is_more = !parse_is(p, "]");
    while (is_more) {
        const ts_attr *item;
        TS_TRY(parse_layout(p, element, &item));
        TS_TRY(pointers_add(p, &list, item));
        TS_TRY(parse_maybe(p, ",", &is_more));
    }
    attr->text = name;
    attr->elements = (const ts_attr *const *)list.items;
    attr->n_elements = list.n;
    *out = attr;
    return parse_is(p, "]") ? parse_advance(p) : parse_wrong(p, "',' or ']'");
}

static ts_status parse_unknown_dialect(parser *p, const char *name, const ts_attr **out) {
    ts_attr *attr;
    TS_TRY(new_attr(p, TS_ATTR_DIALECT, &attr));
    attr->text = name;
    if (parse_is(p, "<")) TS_TRY(parse_balanced(p, &attr->data));
    *out = attr;
    return TS_OK;
}

/* #aie<bd_dim_layout_array[...]>: the name inside the brackets. */
static ts_status parse_opaque_dialect(parser *p, const char *dialect, const ts_attr **out) {
    const lex_word before = p->word;
    TS_TRY(parse_take(p, "<"));
    if (p->word.kind == WORD_NAME) {
        const char *inner, *name;
        TS_TRY(parse_text(p, &inner));
        const char *full = ts_arena_printf(p->arena, "%s.%s", dialect, inner);
        name = full ? design_intern(p->design, full, strlen(full)) : NULL;
        if (!name) return parse_nomem(p);
        if (array_element(name) || is_struct(name)) {
            TS_TRY(parse_layout(p, name, out));
            return parse_take(p, ">");
        }
    }
    p->word = before;
    return parse_unknown_dialect(p, dialect, out);
}

static ts_status parse_hash(parser *p, const ts_attr **out) {
    const char *name;
    uint32_t at = p->word.start;
    TS_TRY(parse_text(p, &name));
    if (strchr(name, '.'))
        return is_struct(name) ? parse_struct(p, name, out) : parse_unknown_dialect(p, name, out);
    if (parse_is(p, "<")) return parse_opaque_dialect(p, name, out);
    *out = scope_find_attr(p, name);
    return *out ? TS_OK
                : parse_fail_at(p, at, TS_UNKNOWN, "there is no attribute alias '#%s'", name);
}

/* ---- the rest -------------------------------------------------------------------------------- */

static ts_status add_attr(parser *p, void *context) {
    const ts_attr *attr;
    TS_TRY(parse_attr(p, NULL, &attr));
    return pointers_add(p, context, attr);
}

static ts_status parse_array(parser *p, const ts_attr **out) {
    pointers list = {0};
    ts_attr *attr;
    TS_TRY(new_attr(p, TS_ATTR_ARRAY, &attr));
    TS_TRY(parse_take(p, "["));
    TS_TRY(parse_list(p, "]", add_attr, &list));
    attr->elements = (const ts_attr *const *)list.items;
    attr->n_elements = list.n;
    *out = attr;
    return TS_OK;
}

typedef struct members {
    ts_named_attr *items;
    size_t n, capacity;
} members;

static ts_status add_member(parser *p, void *context) {
    members *list = context;
    ts_named_attr item = {0};
    bool has_value;
    uint32_t at = p->word.start;
    if (p->word.kind == WORD_STRING) {
        size_t n_bytes;
        const char *bytes;
        TS_TRY(parse_unquote(p, p->word, &bytes, &n_bytes));
        if (!n_bytes || memchr(bytes, 0, n_bytes))
            return parse_wrong(p, "the name of an attribute");
        item.name = design_intern(p->design, bytes, n_bytes);
        if (!item.name) return parse_nomem(p);
        TS_TRY(parse_advance(p));
    } else if (p->word.kind == WORD_NAME) {
        TS_TRY(parse_text(p, &item.name));
    } else {
        return parse_wrong(p, "the name of an attribute");
    }
    for (size_t i = 0; i < list->n; i++)
        if (list->items[i].name == item.name)
            return parse_fail_at(p, at, TS_CONFLICT, "attribute '%s' twice", item.name);
    TS_TRY(parse_maybe(p, "=", &has_value));
    if (has_value)
        TS_TRY(parse_attr(p, NULL, &item.value));
    else if (!(item.value = ts_attr_unit(p->design)))
        return parse_nomem(p);
    if (list->n == TS_DESIGN_MAX_MEMBERS)
        return parse_fail_at(p, at, TS_RANGE, "more than %d attributes", TS_DESIGN_MAX_MEMBERS);
    ts_named_attr *items =
        ts_arena_room(p->arena, list->items, list->n, &list->capacity, sizeof *items);
    if (!items) return parse_nomem(p);
    list->items = items;
    list->items[list->n++] = item;
    return TS_OK;
}

static int by_name(const void *a, const void *b) {
    return strcmp(((const ts_named_attr *)a)->name, ((const ts_named_attr *)b)->name);
}

ts_status parse_dictionary(parser *p, const ts_attr **out) {
    members list = {0};
    ts_attr *attr;
    TS_TRY(new_attr(p, TS_ATTR_DICTIONARY, &attr));
    TS_TRY(parse_take(p, "{"));
    TS_TRY(parse_list(p, "}", add_member, &list));
    if (list.n > 1) qsort(list.items, list.n, sizeof *list.items, by_name);
    attr->members = list.items;
    attr->n_members = list.n;
    *out = attr;
    return TS_OK;
}

static ts_status parse_symbol(parser *p, const ts_attr **out) {
    ts_attr *attr;
    pointers nested = {0};
    bool is_more;
    TS_TRY(new_attr(p, TS_ATTR_SYMBOL, &attr));
    TS_TRY(parse_symbol_name(p, &attr->text));
    TS_TRY(parse_maybe(p, "::", &is_more));
    while (is_more) {
        ts_attr *item;
        TS_TRY(new_attr(p, TS_ATTR_SYMBOL, &item));
        TS_TRY(parse_symbol_name(p, &item->text));
        TS_TRY(pointers_add(p, &nested, item));
        TS_TRY(parse_maybe(p, "::", &is_more));
    }
    attr->elements = (const ts_attr *const *)nested.items;
    attr->n_elements = nested.n;
    *out = attr;
    return TS_OK;
}

static ts_status parse_string(parser *p, const ts_attr **out) {
    ts_attr *attr;
    TS_TRY(new_attr(p, TS_ATTR_STRING, &attr));
    TS_TRY(parse_unquote(p, p->word, &attr->text, &attr->n_bytes));
    *out = attr;
    return parse_advance(p);
}

/* Kept as text, with one space where there was any white space. */
static ts_status parse_affine(parser *p, const ts_attr **out) {
    ts_attr *attr;
    ts_span body;
    uint32_t start = p->word.start;
    TS_TRY(new_attr(p, TS_ATTR_AFFINE_MAP, &attr));
    TS_TRY(parse_advance(p));
    if (!parse_is(p, "<")) return parse_wrong(p, "'<'");
    TS_TRY(parse_balanced(p, &body));
    ts_buf text = ts_buf_in(p->arena);
    bool was_space = false;
    for (uint32_t i = start; i < p->last_end; i++) {
        bool is_space = strchr(" \t\r\n", p->text[i]) != NULL;
        if (!is_space || !was_space) ts_buf_u8(&text, is_space ? ' ' : (uint8_t)p->text[i]);
        was_space = is_space;
    }
    ts_buf_u8(&text, 0);
    if (text.failed) return parse_nomem(p);
    attr->text = (const char *)text.data;
    *out = attr;
    return TS_OK;
}

static ts_status parse_type_attr(parser *p, const ts_attr **out) {
    ts_attr *attr;
    TS_TRY(new_attr(p, TS_ATTR_TYPE, &attr));
    *out = attr;
    return parse_type(p, &attr->type_value);
}

static ts_status parse_bool(parser *p, bool value, const ts_attr **out) {
    *out = ts_attr_bool(p->design, value);
    return *out ? parse_advance(p) : parse_nomem(p);
}

static ts_status parse_word_attr(parser *p, const ts_type *expected, const ts_attr **out) {
    if (parse_is(p, "true") || parse_is(p, "false")) return parse_bool(p, parse_is(p, "true"), out);
    if (parse_is(p, "dense")) return parse_dense(p, expected, out);
    if (parse_is(p, "dense_resource")) return parse_resource(p, expected, out);
    if (parse_is(p, "array")) return parse_dense_array(p, out);
    if (parse_is(p, "affine_map") || parse_is(p, "affine_set") || parse_is(p, "strided"))
        return parse_affine(p, out);
    if (parse_is(p, "unit")) {
        *out = ts_attr_unit(p->design);
        return *out ? parse_advance(p) : parse_nomem(p);
    }
    if (parse_is(p, "loc")) {
        *out = ts_attr_unit(p->design);
        return *out ? parse_optional_location(p) : parse_nomem(p);
    }
    return parse_starts_type(p) ? parse_type_attr(p, out) : parse_wrong(p, "an attribute");
}

static ts_status parse_any(parser *p, const ts_type *expected, const ts_attr **out) {
    switch (p->word.kind) {
    case WORD_INTEGER:
    case WORD_FLOAT: return parse_number(p, expected, out);
    case WORD_STRING: return parse_string(p, out);
    case WORD_SYMBOL: return parse_symbol(p, out);
    case WORD_HASH: return parse_hash(p, out);
    case WORD_BANG: return parse_type_attr(p, out);
    default: break;
    }
    if (parse_is(p, "-")) return parse_number(p, expected, out);
    if (parse_is(p, "[")) return parse_array(p, out);
    if (parse_is(p, "{")) return parse_dictionary(p, out);
    return parse_word_attr(p, expected, out);
}

ts_status parse_attr(parser *p, const ts_type *expected, const ts_attr **out) {
    TS_TRY(parse_deeper(p));
    ts_status status = parse_any(p, expected, out);
    p->depth--;
    return status;
}

ts_status parse_optional_location(parser *p) {
    bool is_there;
    ts_span skipped;
    TS_TRY(parse_maybe(p, "loc", &is_there));
    if (!is_there) return TS_OK;
    return parse_is(p, "(") ? parse_balanced(p, &skipped) : parse_wrong(p, "'(' behind loc");
}
