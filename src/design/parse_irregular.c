/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * What the words of forms cannot say: parts of aie operations, modules and functions.
 *
 * src: Xilinx/mlir-aie: lib/Dialect/AIE/IR/AIEDialect.cpp, the parse functions [code]
 * src: Xilinx/mlir-aie: test, the functions, modules and globals in it [observed]
 */
#include "parse_form.h"

#include <string.h>

const ts_type *form_value_type(const parser *p, const ts_attr *value) {
    (void)p;
    bool has_type = value && (value->kind == TS_ATTR_INTEGER || value->kind == TS_ATTR_FLOAT ||
                              value->kind == TS_ATTR_DENSE);
    return has_type ? value->type : NULL;
}

ts_status form_set_segments(form_state *s) {
    return parse_set_segments(s->p, s->b);
}

static void end_segment(form_state *s, uint32_t n) {
    s->b->segments[s->segment++] = n;
    s->b->n_segments = s->segment;
}

static ts_status parse_spec_attr(form_state *s, const char *name) {
    design_attr_spec spec;
    const ts_attr *attr;
    if (!design_find_spec(s->form->attrs, name, strlen(name), &spec)) return parse_nomem(s->p);
    TS_TRY(form_parse_attr(s->p, &spec, &attr));
    return parse_set(s->p, s->b, name, attr);
}

static ts_status set_i64(form_state *s, const char *name, int64_t value) {
    return parse_set(s->p, s->b, name, ts_attr_integer(s->p->design, value, s->p->i64));
}

/* ---- aie ------------------------------------------------------------------------------------- */

/* "(" ( col | "?" ) "," ( row | "?" ) ")" */
static ts_status parse_place(form_state *s) {
    static const char *const names[] = {"col", "row"}, *const before[] = {"(", ","};
    for (size_t i = 0; i < 2; i++) {
        bool is_open;
        TS_TRY(parse_take(s->p, before[i]));
        TS_TRY(parse_maybe(s->p, "?", &is_open));
        if (!is_open) TS_TRY(parse_spec_attr(s, names[i]));
    }
    return parse_take(s->p, ")");
}

/* Of a memref, the tensor whose elements initialize it. */
static ts_status tensor_like(parser *p, uint32_t at, const ts_type *memref, const ts_type **out) {
    if (memref->kind != TS_TYPE_MEMREF) return parse_fail_at(p, at, TS_SYNTAX, "expected a memref");
    const ts_type type = {.kind = TS_TYPE_TENSOR,
                          .element = memref->element,
                          .shape = memref->shape,
                          .n_dims = memref->n_dims,
                          .is_unranked = memref->is_unranked};
    *out = ts_type_unique(p->design, &type);
    return *out ? TS_OK : parse_nomem(p);
}

/* [ "=" elements ] */
static ts_status parse_initial(form_state *s) {
    parser *p = s->p;
    bool is_there;
    const ts_type *type;
    const ts_attr *value;
    TS_TRY(parse_maybe(p, "=", &is_there));
    if (!is_there) return TS_OK;
    uint32_t at = p->word.start;
    TS_TRY(tensor_like(p, at, s->b->result_types.items[0], &type));
    TS_TRY(parse_attr(p, type, &value));
    if (value->kind != TS_ATTR_DENSE)
        return parse_fail_at(p, at, TS_SYNTAX, "expected elements as dense<...>");
    return parse_set(p, s->b, "initial_value", value);
}

/* %tile "," dir "," channel; before it had a tile: dir "," channel "," col */
static ts_status parse_allocation(form_state *s) {
    parser *p = s->p;
    bool has_tile = p->word.kind == WORD_VALUE;
    if (has_tile) {
        TS_TRY(parse_operand(p, s->b));
        TS_TRY(parse_take(p, ","));
    }
    end_segment(s, has_tile);
    TS_TRY(parse_spec_attr(s, "channel_dir"));
    TS_TRY(parse_take(p, ","));
    TS_TRY(parse_spec_attr(s, "channel_index"));
    if (has_tile) return TS_OK;
    TS_TRY(parse_take(p, ","));
    return parse_spec_attr(s, "col");
}

static ts_status parse_dims(parser *p, const char *keyword, const ts_attr **out) {
    bool is_there;
    TS_TRY(parse_maybe(p, keyword, &is_there));
    if (is_there) return parse_array_of(p, "aie.bd_dim_layout_array", "aie.bd_dim_layout", out);
    *out = ts_attr_dialect(p->design, "aie.bd_dim_layout_array", NULL, 0);
    return *out ? TS_OK : parse_nomem(p);
}

static ts_status parse_producer(form_state *s) {
    const ts_attr *dims;
    TS_TRY(parse_operand(s->p, s->b));
    end_segment(s, 1);
    TS_TRY(parse_dims(s->p, "dimensionsToStream", &dims));
    return parse_set(s->p, s->b, "dimensionsToStream", dims);
}

static ts_status parse_consumers(form_state *s) {
    parser *p = s->p;
    pointers all = {0};
    bool is_more = true;
    while (is_more) {
        const ts_attr *dims;
        TS_TRY(parse_operand(p, s->b));
        TS_TRY(parse_dims(p, "dimensionsFromStream", &dims));
        TS_TRY(pointers_add(p, &all, dims));
        TS_TRY(parse_maybe(p, ",", &is_more));
    }
    end_segment(s, (uint32_t)all.n);
    ts_attr *attr = TS_ARENA_NEW(p->arena, ts_attr);
    if (!attr) return parse_nomem(p);
    attr->kind = TS_ATTR_DIALECT;
    attr->text = "aie.bd_dim_layout_array_array";
    attr->elements = (const ts_attr *const *)all.items;
    attr->n_elements = all.n;
    return parse_set(p, s->b, "dimensionsFromStreamPerConsumer", attr);
}

static ts_status parse_initials(form_state *s) {
    bool is_there;
    const ts_attr *values;
    TS_TRY(parse_maybe(s->p, "=", &is_there));
    if (!is_there) return TS_OK;
    if (!parse_is(s->p, "[")) return parse_wrong(s->p, "'['");
    TS_TRY(parse_attr(s->p, NULL, &values));
    return parse_set(s->p, s->b, "initValues", values);
}

/* "[" numbers "]" "[" numbers "]"; both were once left out. */
static ts_status parse_offsets(form_state *s) {
    static const char *const names[] = {"src_offsets", "dst_offsets"};
    bool is_short = parse_is(s->p, ")");
    for (size_t i = 0; i < 2; i++) {
        if (is_short)
            TS_TRY(parse_set(s->p, s->b, names[i], ts_attr_array(s->p->design, NULL, 0)));
        else
            TS_TRY(parse_spec_attr(s, names[i]));
    }
    return TS_OK;
}

static ts_status add_argument(parser *p, void *context) {
    TS_TRY(parse_argument(p, context, true));
    return parse_optional_location(p);
}

/* "(" arguments ")" region */
static ts_status parse_arguments(form_state *s) {
    arguments list = {0};
    TS_TRY(parse_take(s->p, "("));
    TS_TRY(parse_list(s->p, ")", add_argument, &list));
    return parse_region(s->p, s->b, &list);
}

/* [ column "," row "," ], which was once there and meant nothing. */
static ts_status parse_column_row(form_state *s) {
    static const char *const names[] = {"x", "y"};
    for (size_t i = 0; i < 2 && s->p->word.kind == WORD_INTEGER; i++) {
        int64_t value;
        TS_TRY(parse_i64(s->p, "a number", &value));
        TS_TRY(set_i64(s, names[i], value));
        TS_TRY(parse_take(s->p, ","));
    }
    return TS_OK;
}

/* ---- builtin, func, memref, arith ------------------------------------------------------------ */

static ts_status parse_attributes(form_state *s) {
    bool is_there;
    TS_TRY(parse_maybe(s->p, "attributes", &is_there));
    if (!is_there) return TS_OK;
    return parse_is(s->p, "{") ? parse_optional_dictionary(s->p, s->b) : parse_wrong(s->p, "'{'");
}

static ts_status parse_module(form_state *s) {
    if (s->p->word.kind == WORD_SYMBOL) TS_TRY(parse_spec_attr(s, "sym_name"));
    TS_TRY(parse_attributes(s));
    return parse_region(s->p, s->b, NULL);
}

static ts_status parse_signature(form_state *s) {
    parser *p = s->p;
    const ts_type *type;
    uint32_t at = p->word.start;
    TS_TRY(parse_function_type(p, &type));
    if (type->n_inputs != s->b->n_operands)
        return parse_fail_at(p, at, TS_CONFLICT, "%u operands have %u types",
                             (unsigned)s->b->n_operands, (unsigned)type->n_inputs);
    for (uint32_t i = 0; i < type->n_inputs; i++)
        TS_TRY(parse_expect(p, s->b, i, type->inputs[i]));
    for (uint32_t i = 0; i < type->n_results; i++)
        TS_TRY(pointers_add(p, &s->b->result_types, type->results[i]));
    s->typed = UINT32_MAX;
    return TS_OK;
}

typedef struct function {
    arguments named;
    pointers inputs, input_attrs, results, result_attrs;
    bool has_names, has_input_attrs, has_result_attrs;
} function;

static ts_status parse_argument_attrs(parser *p, pointers *list, bool *has_any) {
    const ts_attr *attr;
    *has_any |= parse_is(p, "{");
    if (parse_is(p, "{")) {
        TS_TRY(parse_dictionary(p, &attr));
    } else {
        ts_attr *empty = TS_ARENA_NEW(p->arena, ts_attr);
        if (!empty) return parse_nomem(p);
        empty->kind = TS_ATTR_DICTIONARY;
        attr = empty;
    }
    TS_TRY(pointers_add(p, list, attr));
    return parse_optional_location(p);
}

static ts_status add_input(parser *p, void *context) {
    function *f = context;
    const ts_type *type;
    bool has_name = p->word.kind == WORD_VALUE;
    if (f->inputs.n && has_name != f->has_names)
        return parse_wrong(p, "all arguments with names or none");
    f->has_names = has_name;
    if (has_name) {
        TS_TRY(parse_argument(p, &f->named, true));
        type = f->named.items[f->named.n - 1].type;
    } else {
        TS_TRY(parse_type(p, &type));
    }
    TS_TRY(pointers_add(p, &f->inputs, type));
    return parse_argument_attrs(p, &f->input_attrs, &f->has_input_attrs);
}

static ts_status add_result(parser *p, void *context) {
    function *f = context;
    const ts_type *type;
    TS_TRY(parse_type(p, &type));
    TS_TRY(pointers_add(p, &f->results, type));
    return parse_argument_attrs(p, &f->result_attrs, &f->has_result_attrs);
}

static ts_status parse_function_results(parser *p, function *f) {
    bool is_there;
    TS_TRY(parse_maybe(p, "->", &is_there));
    if (!is_there) return TS_OK;
    TS_TRY(parse_maybe(p, "(", &is_there));
    if (is_there) return parse_list(p, ")", add_result, f);
    const ts_type *type; /* what follows a bare type is the body */
    TS_TRY(parse_type(p, &type));
    return pointers_add(p, &f->results, type);
}

static ts_status set_function(form_state *s, const function *f) {
    ts_design *design = s->p->design;
    const ts_type type = {.kind = TS_TYPE_FUNCTION,
                          .inputs = (const ts_type *const *)f->inputs.items,
                          .results = (const ts_type *const *)f->results.items,
                          .n_inputs = (uint32_t)f->inputs.n,
                          .n_results = (uint32_t)f->results.n};
    ts_attr *attr = TS_ARENA_NEW(s->p->arena, ts_attr);
    if (!attr || !(attr->type_value = ts_type_unique(design, &type))) return parse_nomem(s->p);
    attr->kind = TS_ATTR_TYPE;
    TS_TRY(parse_set(s->p, s->b, "function_type", attr));
    if (f->has_input_attrs)
        TS_TRY(parse_set(
            s->p, s->b, "arg_attrs",
            ts_attr_array(design, (const ts_attr *const *)f->input_attrs.items, f->input_attrs.n)));
    if (!f->has_result_attrs) return TS_OK;
    return parse_set(
        s->p, s->b, "res_attrs",
        ts_attr_array(design, (const ts_attr *const *)f->result_attrs.items, f->result_attrs.n));
}

/* [ visibility ] @name "(" inputs ")" [ "->" results ] [ "attributes" dictionary ] [ region ] */
static ts_status parse_func(form_state *s) {
    static const char *const visibilities[] = {"private", "public", "nested"};
    parser *p = s->p;
    function f = {0};
    for (size_t i = 0; i < 3; i++) {
        bool is_there;
        TS_TRY(parse_maybe(p, visibilities[i], &is_there));
        if (is_there)
            TS_TRY(
                parse_set(p, s->b, "sym_visibility", ts_attr_string(p->design, visibilities[i])));
    }
    TS_TRY(parse_spec_attr(s, "sym_name"));
    TS_TRY(parse_take(p, "("));
    TS_TRY(parse_list(p, ")", add_input, &f));
    TS_TRY(parse_function_results(p, &f));
    TS_TRY(set_function(s, &f));
    TS_TRY(parse_attributes(s));
    if (parse_is(p, "{")) return parse_region(p, s->b, &f.named);
    ts_region *none = TS_ARENA_NEW(p->arena, ts_region);
    if (!none) return parse_nomem(p);
    none->owner = s->b->op;
    return pointers_add(p, &s->b->regions, none);
}

/* [ "=" ( elements | "uninitialized" ) ] behind the type of a global */
static ts_status parse_global(form_state *s) {
    parser *p = s->p;
    bool is_there;
    const ts_type *type;
    const ts_attr *value;
    TS_TRY(parse_maybe(p, "=", &is_there));
    if (!is_there) return TS_OK;
    TS_TRY(parse_maybe(p, "uninitialized", &is_there));
    if (is_there) return parse_set(p, s->b, "initial_value", ts_attr_unit(p->design));
    const ts_attr *declared = ts_op_attr(s->b->op, "type");
    uint32_t at = p->word.start;
    TS_TRY(tensor_like(p, at, declared->type_value, &type));
    TS_TRY(parse_attr(p, type, &value));
    if (value->kind != TS_ATTR_DENSE)
        return parse_fail_at(p, at, TS_SYNTAX, "expected elements as dense<...>");
    return parse_set(p, s->b, "initial_value", value);
}

/* [ type of the condition "," ] type of the rest */
static ts_status parse_select(form_state *s) {
    parser *p = s->p;
    const ts_type *condition = p->i1, *type;
    bool is_more;
    TS_TRY(parse_type(p, &type));
    TS_TRY(parse_maybe(p, ",", &is_more));
    if (is_more) {
        condition = type;
        TS_TRY(parse_type(p, &type));
    }
    TS_TRY(parse_expect(p, s->b, 0, condition));
    TS_TRY(parse_expect(p, s->b, 1, type));
    TS_TRY(parse_expect(p, s->b, 2, type));
    s->typed = UINT32_MAX;
    return pointers_add(p, &s->b->result_types, type);
}

ts_status form_irregular(form_state *s, const char *name, size_t length) {
    static const struct {
        const char *name;
        ts_status (*parse)(form_state *s);
    } parts[] = {
        {"place", parse_place},           {"initial", parse_initial},
        {"allocation", parse_allocation}, {"producer", parse_producer},
        {"consumers", parse_consumers},   {"initials", parse_initials},
        {"offsets", parse_offsets},       {"arguments", parse_arguments},
        {"column_row", parse_column_row}, {"module", parse_module},
        {"signature", parse_signature},   {"func", parse_func},
        {"global", parse_global},         {"select", parse_select},
    };
    bool is_known = false;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (design_word_is(name, length, parts[i].name)) return parts[i].parse(s);
    ts_status status = form_control(s, name, length, &is_known);
    return is_known ? status : form_affine(s, name, length, &is_known);
}
