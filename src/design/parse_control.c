/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Operations of scf.
 *
 *   for    = %i "=" %from "to" %to "step" %step [ "iter_args" "(" inits ")" "->" types ]
 *            [ ":" type ] region [ dictionary ]
 *   inits  = %a "=" %b , ...
 *   if     = %condition [ "->" types ] region [ "else" region ] [ dictionary ]
 *   while  = [ "(" inits ")" ] ":" function-type region "do" region [ "attributes" dictionary ]
 *   execute = [ "->" types ] [ "no_inline" ] region [ dictionary ]
 *   switch = %value [ dictionary ] [ "->" types ] { "case" number region } "default" region
 *
 * src: Xilinx/mlir-aie: test, the loops and conditions in it, and what aie-opt prints [observed]
 */
#include "parse_form.h"

static ts_status add_init(parser *p, void *context) {
    form_state *s = context;
    TS_TRY(parse_argument(p, s->inits, false));
    TS_TRY(parse_take(p, "="));
    return parse_operand(p, s->b);
}

ts_status form_inits(form_state *s, arguments *list) {
    s->inits = list;
    TS_TRY(parse_take(s->p, "("));
    return parse_list(s->p, ")", add_init, s);
}

/* Types behind "->" become the results' and those of the values that go round. */
static ts_status carried_types(form_state *s, arguments *list, uint32_t first_operand) {
    parser *p = s->p;
    uint32_t at = p->word.start;
    TS_TRY(parse_take(p, "->"));
    TS_TRY(parse_types_in_parentheses(p, &s->b->result_types));
    if (s->b->result_types.n + first_operand != s->b->n_operands)
        return parse_fail_at(p, at, TS_CONFLICT, "%u values have %zu types",
                             (unsigned)(s->b->n_operands - first_operand), s->b->result_types.n);
    for (uint32_t i = first_operand; i < s->b->n_operands; i++) {
        const ts_type *type = s->b->result_types.items[i - first_operand];
        TS_TRY(parse_expect(p, s->b, i, type));
        list->items[list->n - (s->b->n_operands - i)].type = type;
    }
    return TS_OK;
}

ts_status form_carried(form_state *s, arguments *list) {
    bool is_there;
    TS_TRY(parse_maybe(s->p, "iter_args", &is_there));
    if (!is_there) return TS_OK;
    uint32_t first = s->b->n_operands;
    TS_TRY(form_inits(s, list));
    return carried_types(s, list, first);
}

static ts_status parse_for(form_state *s) {
    static const char *const before[] = {"=", "to", "step"};
    parser *p = s->p;
    arguments list = {0};
    bool has_type, is_unsigned;
    const ts_type *type = p->index;
    TS_TRY(parse_maybe(p, "unsigned", &is_unsigned));
    if (is_unsigned) TS_TRY(parse_set(p, s->b, "unsignedCmp", ts_attr_unit(p->design)));
    TS_TRY(parse_argument(p, &list, false));
    for (size_t i = 0; i < 3; i++) {
        TS_TRY(parse_take(p, before[i]));
        TS_TRY(parse_operand(p, s->b));
    }
    TS_TRY(form_carried(s, &list));
    TS_TRY(parse_maybe(p, ":", &has_type));
    if (has_type) TS_TRY(parse_type(p, &type));
    list.items[0].type = type;
    for (uint32_t i = 0; i < 3; i++)
        TS_TRY(parse_expect(p, s->b, i, type));
    TS_TRY(parse_region(p, s->b, &list));
    return parse_optional_dictionary(p, s->b);
}

ts_status form_else(form_state *s) {
    parser *p = s->p;
    bool has_else;
    TS_TRY(parse_region(p, s->b, NULL));
    TS_TRY(parse_maybe(p, "else", &has_else));
    if (has_else) {
        TS_TRY(parse_region(p, s->b, NULL));
    } else {
        ts_region *none = TS_ARENA_NEW(p->arena, ts_region);
        if (!none) return parse_nomem(p);
        none->owner = s->b->op;
        TS_TRY(pointers_add(p, &s->b->regions, none));
    }
    return parse_optional_dictionary(p, s->b);
}

ts_status form_result_types(form_state *s) {
    bool has_results;
    TS_TRY(parse_maybe(s->p, "->", &has_results));
    return has_results ? parse_types_in_parentheses(s->p, &s->b->result_types) : TS_OK;
}

static ts_status parse_if(form_state *s) {
    TS_TRY(parse_operand(s->p, s->b));
    TS_TRY(parse_expect(s->p, s->b, 0, s->p->i1));
    TS_TRY(form_result_types(s));
    return form_else(s);
}

static ts_status parse_while(form_state *s) {
    parser *p = s->p;
    arguments list = {0};
    const ts_type *type;
    bool has_attributes;
    if (parse_is(p, "(")) TS_TRY(form_inits(s, &list));
    TS_TRY(parse_take(p, ":"));
    uint32_t at = p->word.start;
    TS_TRY(parse_function_type(p, &type));
    if (type->n_inputs != list.n)
        return parse_fail_at(p, at, TS_CONFLICT, "%u values have %u types", (unsigned)list.n,
                             (unsigned)type->n_inputs);
    for (uint32_t i = 0; i < list.n; i++) {
        TS_TRY(parse_expect(p, s->b, i, type->inputs[i]));
        list.items[i].type = type->inputs[i];
    }
    for (uint32_t i = 0; i < type->n_results; i++)
        TS_TRY(pointers_add(p, &s->b->result_types, type->results[i]));
    TS_TRY(parse_region(p, s->b, &list));
    TS_TRY(parse_take(p, "do"));
    TS_TRY(parse_region(p, s->b, NULL));
    TS_TRY(parse_maybe(p, "attributes", &has_attributes));
    return has_attributes ? parse_optional_dictionary(p, s->b) : TS_OK;
}

/* In the tree the default region is the first. */
static ts_status parse_switch(form_state *s) {
    parser *p = s->p;
    ts_buf cases = ts_buf_in(p->arena);
    pointers *regions = &s->b->regions;
    bool is_case;
    TS_TRY(parse_operand(p, s->b));
    TS_TRY(parse_expect(p, s->b, 0, p->index));
    TS_TRY(parse_optional_dictionary(p, s->b));
    TS_TRY(form_result_types(s));
    TS_TRY(pointers_add(p, regions, NULL));
    TS_TRY(parse_maybe(p, "case", &is_case));
    while (is_case) {
        int64_t value;
        TS_TRY(parse_i64(p, "the number of a case", &value));
        ts_buf_u64le(&cases, (uint64_t)value);
        TS_TRY(parse_region(p, s->b, NULL));
        TS_TRY(parse_maybe(p, "case", &is_case));
    }
    TS_TRY(parse_take(p, "default"));
    TS_TRY(parse_region(p, s->b, NULL));
    regions->items[0] = regions->items[--regions->n];
    ts_attr *attr = TS_ARENA_NEW(p->arena, ts_attr);
    if (!attr || cases.failed) return parse_nomem(p);
    attr->kind = TS_ATTR_DENSE_ARRAY;
    attr->type = p->i64;
    attr->data = ts_buf_span(&cases);
    attr->n_elements = cases.size / 8;
    return parse_set(p, s->b, "cases", attr);
}

static ts_status parse_execute(form_state *s) {
    parser *p = s->p;
    bool is_there;
    TS_TRY(form_result_types(s));
    TS_TRY(parse_maybe(p, "no_inline", &is_there));
    ts_attr *unit = is_there ? TS_ARENA_NEW(p->arena, ts_attr) : NULL;
    if (is_there && !unit) return parse_nomem(p);
    if (unit) TS_TRY(parse_set(p, s->b, "no_inline", unit));
    TS_TRY(parse_region(p, s->b, NULL));
    return parse_optional_dictionary(p, s->b);
}

ts_status form_control(form_state *s, const char *name, size_t length, bool *is_known) {
    static const struct {
        const char *name;
        ts_status (*parse)(form_state *s);
    } parts[] = {{"for", parse_for},
                 {"if", parse_if},
                 {"while", parse_while},
                 {"switch", parse_switch},
                 {"execute", parse_execute}};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (design_word_is(name, length, parts[i].name)) {
            *is_known = true;
            return parts[i].parse(s);
        }
    return TS_OK;
}
