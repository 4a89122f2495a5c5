/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Types. Of those of dialects only object fifos are taken apart; others keep the text between their
 * brackets.
 *
 *   type     = "index" | "none" | i1 | si8 | ui32 | bf16 | f32 | memref | vector | tensor |
 * function | "!" alias | "!" dialect "." name [ "<" anything ">" ] memref   = "memref" "<" ( "*"
 * "x" | { size "x" } ) type [ "," layout ] [ "," space ] ">" size     = number | "?" | "[" number
 * "]" function = "(" types ")" "->" ( type | "(" types ")" )
 *
 * src: llvm-project: mlir/docs/LangRef.md, "Type System" [documented]
 * src: Xilinx/mlir-aie: include/aie/Dialect/AIE/IR/AIETypes.td [code]
 */
#include "parse_int.h"

#include <string.h>

static const struct {
    const char *name;
    uint32_t width;
} floats[] = {
    {"bf16", 16},      {"f16", 16},       {"f32", 32},     {"f64", 64},   {"f80", 80},
    {"f128", 128},     {"tf32", 19},      {"f8E4M3FN", 8}, {"f8E5M2", 8}, {"f8E4M3", 8},
    {"f8E4M3FNUZ", 8}, {"f8E5M2FNUZ", 8}, {"f4E2M1FN", 4},
};

/* Kept as text between brackets; without a '!' before them. */
static const char *const plain_names[] = {"tuple", "complex"};

static bool name_is(const parser *p, const char *name) {
    return p->word.kind == WORD_NAME && parse_is(p, name);
}

/* Bits of i32, si8, ui64; false when it is no such name. */
static bool integer_name(const parser *p, uint32_t *width, ts_signedness *signedness) {
    const char *text = p->text + p->word.start, *end = p->text + p->word.end;
    if (p->word.kind != WORD_NAME) return false;
    *signedness = *text == 's' ? TS_SIGNED : *text == 'u' ? TS_UNSIGNED : TS_SIGNLESS;
    if (*signedness != TS_SIGNLESS) text++;
    if (text >= end || *text++ != 'i' || text >= end) return false;
    uint32_t value = 0;
    for (; text < end; text++) {
        if (*text < '0' || *text > '9' || value > 1u << 24) return false;
        value = value * 10 + (uint32_t)(*text - '0');
    }
    *width = value;
    return true;
}

static const char *known_name(const parser *p, uint32_t *width) {
    for (size_t i = 0; i < sizeof floats / sizeof floats[0]; i++)
        if (name_is(p, floats[i].name)) {
            *width = floats[i].width;
            return floats[i].name;
        }
    return NULL;
}

bool parse_starts_type(const parser *p) {
    static const char *const names[] = {"index",  "none",  "memref", "vector",
                                        "tensor", "tuple", "complex"};
    uint32_t width;
    ts_signedness signedness;
    if (p->word.kind == WORD_BANG || parse_is(p, "(")) return true;
    if (integer_name(p, &width, &signedness) || known_name(p, &width)) return true;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (name_is(p, names[i])) return true;
    return false;
}

static ts_status unique(parser *p, const ts_type *type, const ts_type **out) {
    *out = ts_type_unique(p->design, type);
    return *out ? TS_OK : parse_nomem(p);
}

/* ---- shapes ---------------------------------------------------------------------------------- */

typedef struct shape {
    int64_t sizes[TS_DESIGN_MAX_RANK];
    uint32_t n;
} shape;

static bool digit_at(const parser *p, uint32_t i) {
    return i < p->size && p->text[i] >= '0' && p->text[i] <= '9';
}

/* Sizes run into the type: "4x?x8xi32" is not made of words. */
static ts_status parse_size(parser *p, uint32_t *at, int64_t *out) {
    uint32_t i = *at;
    if (p->text[i] == '?') {
        *out = TS_DYNAMIC_SIZE;
        i++;
    } else {
        uint64_t value = 0;
        for (; digit_at(p, i); i++) {
            if (value > (uint64_t)INT64_MAX / 10 - 10)
                return parse_fail_at(p, *at, TS_RANGE, "size does not fit 63 bits");
            value = value * 10 + (uint64_t)(p->text[i] - '0');
        }
        *out = (int64_t)value;
    }
    while (i < p->size && p->text[i] == ' ')
        i++;
    if (i >= p->size || p->text[i] != 'x')
        return parse_fail_at(p, i, TS_SYNTAX, "expected 'x' behind a size of a shape");
    *at = i + 1;
    return TS_OK;
}

static ts_status parse_shape(parser *p, shape *out) {
    uint32_t at = p->word.start;
    out->n = 0;
    while (digit_at(p, at) || (at < p->size && p->text[at] == '?')) {
        if (out->n == TS_DESIGN_MAX_RANK)
            return parse_fail_at(p, at, TS_RANGE, "more than %d dimensions", TS_DESIGN_MAX_RANK);
        TS_TRY(parse_size(p, &at, &out->sizes[out->n++]));
        while (at < p->size && (p->text[at] == ' ' || p->text[at] == '\n'))
            at++;
    }
    return parse_seek(p, at);
}

static bool is_layout(const ts_attr *attr) {
    return attr->kind == TS_ATTR_AFFINE_MAP;
}

static ts_status parse_memref_rest(parser *p, ts_type *type) {
    bool is_more;
    TS_TRY(parse_maybe(p, ",", &is_more));
    while (is_more) {
        const ts_attr *attr;
        uint32_t at = p->word.start;
        TS_TRY(parse_attr(p, NULL, &attr));
        if (is_layout(attr) && !type->layout && !type->memory_space)
            type->layout = attr;
        else if (!is_layout(attr) && !type->memory_space)
            type->memory_space = attr;
        else
            return parse_fail_at(p, at, TS_CONFLICT,
                                 "expected a layout, then a memory space, each once");
        TS_TRY(parse_maybe(p, ",", &is_more));
    }
    return TS_OK;
}

static ts_status parse_shaped(parser *p, ts_type_kind kind, const ts_type **out) {
    shape sizes;
    ts_type type = {.kind = kind};
    TS_TRY(parse_advance(p));
    TS_TRY(parse_take(p, "<"));
    if (parse_is(p, "*") && kind != TS_TYPE_VECTOR) {
        uint32_t at = p->word.end;
        if (at >= p->size || p->text[at] != 'x')
            return parse_fail_at(p, at, TS_SYNTAX, "expected 'x' behind '*'");
        type.is_unranked = true;
        TS_TRY(parse_seek(p, at + 1));
        sizes.n = 0;
    } else {
        TS_TRY(parse_shape(p, &sizes));
    }
    if (!parse_starts_type(p)) return parse_wrong(p, "a size or the type of an element");
    TS_TRY(parse_type(p, &type.element));
    type.shape = sizes.n ? sizes.sizes : NULL;
    type.n_dims = sizes.n;
    if (kind == TS_TYPE_MEMREF) TS_TRY(parse_memref_rest(p, &type));
    TS_TRY(parse_take(p, ">"));
    return unique(p, &type, out);
}

/* ---- functions and dialects ------------------------------------------------------------------ */

static ts_status add_type(parser *p, void *context) {
    const ts_type *type;
    TS_TRY(parse_type(p, &type));
    return pointers_add(p, context, type);
}

ts_status parse_types_in_parentheses(parser *p, pointers *out) {
    if (!parse_is(p, "(")) return add_type(p, out);
    TS_TRY(parse_advance(p));
    return parse_list(p, ")", add_type, out);
}

ts_status parse_function_type(parser *p, const ts_type **out) {
    pointers inputs = {0}, results = {0};
    if (!parse_is(p, "(")) return parse_wrong(p, "'(' of a function type");
    TS_TRY(parse_types_in_parentheses(p, &inputs));
    TS_TRY(parse_take(p, "->"));
    TS_TRY(parse_types_in_parentheses(p, &results));
    const ts_type type = {.kind = TS_TYPE_FUNCTION,
                          .inputs = (const ts_type *const *)inputs.items,
                          .results = (const ts_type *const *)results.items,
                          .n_inputs = (uint32_t)inputs.n,
                          .n_results = (uint32_t)results.n};
    return unique(p, &type, out);
}

static ts_status parse_brackets(parser *p, ts_type *type) {
    ts_span text;
    if (!parse_is(p, "<")) return TS_OK;
    TS_TRY(parse_balanced(p, &text));
    type->parameters = ts_arena_strndup(p->arena, (const char *)text.data + 1, text.size - 2);
    return type->parameters ? TS_OK : parse_nomem(p);
}

static ts_status parse_object_fifo(parser *p, ts_type *type) {
    TS_TRY(parse_take(p, "<"));
    uint32_t at = p->word.start;
    TS_TRY(parse_type(p, &type->element));
    if (type->element->kind != TS_TYPE_MEMREF)
        return parse_fail_at(p, at, TS_SYNTAX, "expected a memref as element of an object fifo");
    return parse_take(p, ">");
}

static ts_status parse_dialect_type(parser *p, const ts_type **out) {
    const char *name;
    uint32_t at = p->word.start;
    TS_TRY(parse_text(p, &name));
    ts_type type = {.kind = TS_TYPE_DIALECT, .name = name};
    if (!strchr(name, '.') && !parse_is(p, "<")) {
        *out = scope_find_type(p, name);
        return *out ? TS_OK
                    : parse_fail_at(p, at, TS_UNKNOWN, "there is no type alias '!%s'", name);
    }
    if (strcmp(name, "aie.objectfifo") == 0 || strcmp(name, "aie.objectfifosubview") == 0)
        TS_TRY(parse_object_fifo(p, &type));
    else
        TS_TRY(parse_brackets(p, &type));
    return unique(p, &type, out);
}

static ts_status parse_named_type(parser *p, const ts_type **out) {
    ts_type type = {.kind = TS_TYPE_INTEGER};
    if (integer_name(p, &type.width, &type.signedness)) {
        if (type.width == 0 || type.width > TS_DESIGN_MAX_BITS)
            return parse_fail_at(p, p->word.start, TS_RANGE, "integers have 1 to %d bits",
                                 TS_DESIGN_MAX_BITS);
    } else if ((type.name = known_name(p, &type.width)) != NULL) {
        type.kind = TS_TYPE_FLOAT;
    } else if (name_is(p, "index")) {
        type.kind = TS_TYPE_INDEX;
    } else if (name_is(p, "none")) {
        type.kind = TS_TYPE_NONE;
    } else {
        type.kind = TS_TYPE_DIALECT;
        for (size_t i = 0; i < 2; i++)
            if (name_is(p, plain_names[i])) type.name = plain_names[i];
        if (!type.name) return parse_wrong(p, "a type");
        TS_TRY(parse_advance(p));
        TS_TRY(parse_brackets(p, &type));
        return unique(p, &type, out);
    }
    TS_TRY(unique(p, &type, out));
    return parse_advance(p);
}

ts_status parse_type(parser *p, const ts_type **out) {
    TS_TRY(parse_deeper(p));
    ts_status status;
    if (parse_is(p, "("))
        status = parse_function_type(p, out);
    else if (p->word.kind == WORD_BANG)
        status = parse_dialect_type(p, out);
    else if (name_is(p, "memref"))
        status = parse_shaped(p, TS_TYPE_MEMREF, out);
    else if (name_is(p, "vector"))
        status = parse_shaped(p, TS_TYPE_VECTOR, out);
    else if (name_is(p, "tensor"))
        status = parse_shaped(p, TS_TYPE_TENSOR, out);
    else
        status = parse_named_type(p, out);
    p->depth--;
    return status;
}
