/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Operations of affine. Subscripts become a map over the values they name: [%i + 1, %j] is the map
 * (d0, d1) -> (d0 + 1, d1) with the operands %i and %j.
 *
 *   for   = %i "=" bound "to" bound [ "step" number ] [ carried values ] region [ dictionary ]
 *   bound = number | %value | [ "max" | "min" ] map "(" values ")" [ "[" values "]" ]
 *   if    = set "(" values ")" [ "[" values "]" ] [ "->" types ] region [ "else" region ]
 *   load  = %memref "[" expressions "]" [ dictionary ] ":" type
 *   store = %value "," %memref "[" expressions "]" [ dictionary ] ":" type
 *   apply = map "(" values ")" [ "[" values "]" ] [ dictionary ]
 *
 * src: Xilinx/mlir-aie: test, the affine loops and accesses in it [observed]
 */
#include "parse_form.h"

#include <string.h>

static ts_status set_map(form_state *s, const char *name, const char *text) {
    ts_attr *attr = TS_ARENA_NEW(s->p->arena, ts_attr);
    if (!attr || !text) return parse_nomem(s->p);
    attr->kind = TS_ATTR_AFFINE_MAP;
    attr->text = text;
    return parse_set(s->p, s->b, name, attr);
}

/* Operands from `first` on are of type index. */
static ts_status expect_indices(form_state *s, uint32_t first) {
    for (uint32_t i = first; i < s->b->n_operands; i++)
        TS_TRY(parse_expect(s->p, s->b, i, s->p->index));
    return TS_OK;
}

/* map "(" values ")" [ "[" values "]" ] */
static ts_status parse_applied_map(form_state *s, const char *name) {
    parser *p = s->p;
    const ts_attr *map;
    bool is_there;
    uint32_t at = p->word.start, first = s->b->n_operands;
    TS_TRY(parse_attr(p, NULL, &map));
    if (map->kind != TS_ATTR_AFFINE_MAP)
        return parse_fail_at(p, at, TS_SYNTAX, "expected an affine map or set");
    TS_TRY(parse_set(p, s->b, name, map));
    TS_TRY(parse_take(p, "("));
    TS_TRY(parse_operands_until(p, s->b, ")"));
    TS_TRY(parse_maybe(p, "[", &is_there));
    if (is_there) TS_TRY(parse_operands_until(p, s->b, "]"));
    return expect_indices(s, first);
}

/* ---- subscripts ------------------------------------------------------------------------------ */

typedef struct subscripts {
    form_state *s;
    ts_buf text;
    uint32_t first; /* operand */
    bool is_symbol[TS_DESIGN_MAX_RANK];
} subscripts;

/* The letter and number of a value in the map; the same value is the same one. */
static ts_status add_value(subscripts *x, bool is_symbol) {
    building *b = x->s->b;
    parser *p = x->s->p;
    uint32_t at = p->word.start, number = 0;
    TS_TRY(parse_operand(p, b));
    uint32_t last = --b->n_operands - x->first, i = 0;
    if (last == TS_DESIGN_MAX_RANK)
        return parse_fail_at(p, at, TS_RANGE, "more than %d values", TS_DESIGN_MAX_RANK);
    while (i < last && (b->operands[x->first + i].value != b->operands[x->first + last].value ||
                        x->is_symbol[i] != is_symbol))
        i++;
    for (uint32_t k = 0; k < i; k++)
        number += x->is_symbol[k] == is_symbol;
    if (i == last) {
        x->is_symbol[last] = is_symbol;
        b->n_operands++;
    }
    ts_buf_printf(&x->text, "%c%u", is_symbol ? 's' : 'd', (unsigned)number);
    return TS_OK;
}

static ts_status parse_symbol_value(subscripts *x) {
    parser *p = x->s->p;
    TS_TRY(parse_advance(p));
    TS_TRY(parse_take(p, "("));
    TS_TRY(add_value(x, true));
    return parse_take(p, ")");
}

static bool is_operator(const parser *p) {
    static const char *const operators[] = {"+", "-", "*", "floordiv", "ceildiv", "mod"};
    for (size_t i = 0; i < sizeof operators / sizeof operators[0]; i++)
        if (parse_is(p, operators[i])) return true;
    return false;
}

static ts_status copy_word(subscripts *x) {
    parser *p = x->s->p;
    ts_buf_bytes(&x->text, p->text + p->word.start, p->word.end - p->word.start);
    return parse_advance(p);
}

/* One expression, up to a comma or the closing bracket; what it means is not asked. */
static ts_status copy_expression(subscripts *x) {
    parser *p = x->s->p;
    uint32_t open = 0;
    bool wants_value = true;
    for (;;) {
        if (wants_value && (parse_is(p, "-") || parse_is(p, "("))) {
            open += parse_is(p, "(");
            TS_TRY(copy_word(x));
        } else if (wants_value) {
            if (p->word.kind == WORD_VALUE)
                TS_TRY(add_value(x, false));
            else if (parse_is(p, "symbol"))
                TS_TRY(parse_symbol_value(x));
            else if (p->word.kind == WORD_INTEGER)
                TS_TRY(copy_word(x));
            else
                return parse_wrong(p, "a number, a value or '('");
            wants_value = false;
        } else if (is_operator(p)) {
            ts_buf_u8(&x->text, ' ');
            TS_TRY(copy_word(x));
            ts_buf_u8(&x->text, ' ');
            wants_value = true;
        } else if (open && parse_is(p, ")")) {
            open--;
            TS_TRY(copy_word(x));
        } else {
            return open ? parse_wrong(p, "')'") : TS_OK;
        }
    }
}

/* The symbols go behind the dimensions, as the map has them. */
static ts_status sort_operands(subscripts *x, uint32_t *n_dims) {
    building *b = x->s->b;
    uint32_t n = b->n_operands - x->first, at = 0;
    operand sorted[TS_DESIGN_MAX_RANK];
    for (int pass = 0; pass < 2; pass++) {
        for (uint32_t i = 0; i < n; i++)
            if (x->is_symbol[i] == (pass == 1)) sorted[at++] = b->operands[x->first + i];
        if (pass == 0) *n_dims = at;
    }
    if (n) memcpy(b->operands + x->first, sorted, n * sizeof *sorted);
    return expect_indices(x->s, x->first);
}

static ts_status parse_subscripts(form_state *s) {
    parser *p = s->p;
    subscripts x = {.s = s, .text = ts_buf_in(p->arena), .first = s->b->n_operands};
    ts_buf map = ts_buf_in(p->arena);
    uint32_t n_dims = 0;
    TS_TRY(parse_take(p, "["));
    bool is_more = !parse_is(p, "]");
    while (is_more) {
        TS_TRY(copy_expression(&x));
        TS_TRY(parse_maybe(p, ",", &is_more));
        if (is_more) ts_buf_text(&x.text, ", ");
    }
    TS_TRY(parse_take(p, "]"));
    TS_TRY(sort_operands(&x, &n_dims));
    ts_buf_text(&map, "affine_map<(");
    for (uint32_t i = 0; i < n_dims; i++)
        ts_buf_printf(&map, "%sd%u", i ? ", " : "", (unsigned)i);
    ts_buf_text(&map, ")");
    uint32_t n_symbols = s->b->n_operands - x.first - n_dims;
    for (uint32_t i = 0; i < n_symbols; i++)
        ts_buf_printf(&map, "%ss%u%s", i ? ", " : "[", (unsigned)i, i + 1 == n_symbols ? "]" : "");
    ts_buf_text(&map, " -> (");
    ts_buf_span_add(&map, ts_buf_span(&x.text));
    ts_buf_text(&map, ")>");
    ts_buf_u8(&map, 0);
    return map.failed || x.text.failed ? parse_nomem(p) : set_map(s, "map", (char *)map.data);
}

/* ---- operations ------------------------------------------------------------------------------ */

static ts_status parse_bound(form_state *s, const char *name) {
    parser *p = s->p;
    bool is_there;
    if (p->word.kind == WORD_INTEGER || parse_is(p, "-")) {
        int64_t value;
        TS_TRY(parse_i64(p, "a bound", &value));
        return set_map(s, name,
                       ts_arena_printf(p->arena, "affine_map<() -> (%lld)>", (long long)value));
    }
    if (p->word.kind == WORD_VALUE) {
        TS_TRY(parse_operand(p, s->b));
        TS_TRY(expect_indices(s, s->b->n_operands - 1));
        return set_map(s, name, "affine_map<()[s0] -> (s0)>");
    }
    TS_TRY(parse_maybe(p, "max", &is_there));
    if (!is_there) TS_TRY(parse_maybe(p, "min", &is_there));
    return parse_applied_map(s, name);
}

static ts_status parse_step(form_state *s) {
    parser *p = s->p;
    bool is_there;
    int64_t step = 1;
    TS_TRY(parse_maybe(p, "step", &is_there));
    if (is_there) TS_TRY(parse_i64(p, "a step", &step));
    return parse_set(p, s->b, "step", ts_attr_integer(p->design, step, p->index));
}

static ts_status parse_affine_for(form_state *s) {
    parser *p = s->p;
    building *b = s->b;
    arguments list = {0};
    TS_TRY(parse_argument(p, &list, false));
    list.items[0].type = p->index;
    TS_TRY(parse_take(p, "="));
    TS_TRY(parse_bound(s, "lowerBoundMap"));
    b->segments[0] = b->n_operands;
    TS_TRY(parse_take(p, "to"));
    TS_TRY(parse_bound(s, "upperBoundMap"));
    b->segments[1] = b->n_operands - b->segments[0];
    TS_TRY(parse_step(s));
    TS_TRY(form_carried(s, &list));
    b->segments[2] = b->n_operands - b->segments[0] - b->segments[1];
    b->n_segments = 3;
    TS_TRY(parse_set_segments(p, b));
    TS_TRY(parse_region(p, b, &list));
    return parse_optional_dictionary(p, b);
}

static ts_status parse_affine_if(form_state *s) {
    TS_TRY(parse_applied_map(s, "condition"));
    TS_TRY(form_result_types(s));
    return form_else(s);
}

/* [ dictionary ] ":" the memref's type; its element's type is that of the value. */
static ts_status parse_memref_type(form_state *s, uint32_t memref, const ts_type **element) {
    parser *p = s->p;
    const ts_type *type;
    TS_TRY(parse_optional_dictionary(p, s->b));
    TS_TRY(parse_take(p, ":"));
    uint32_t at = p->word.start;
    TS_TRY(parse_type(p, &type));
    if (type->kind != TS_TYPE_MEMREF) return parse_fail_at(p, at, TS_SYNTAX, "expected a memref");
    *element = type->element;
    return parse_expect(p, s->b, memref, type);
}

static ts_status parse_affine_load(form_state *s) {
    const ts_type *element;
    TS_TRY(parse_operand(s->p, s->b));
    TS_TRY(parse_subscripts(s));
    TS_TRY(parse_memref_type(s, 0, &element));
    return pointers_add(s->p, &s->b->result_types, element);
}

static ts_status parse_affine_store(form_state *s) {
    const ts_type *element;
    TS_TRY(parse_operand(s->p, s->b));
    TS_TRY(parse_take(s->p, ","));
    TS_TRY(parse_operand(s->p, s->b));
    TS_TRY(parse_subscripts(s));
    TS_TRY(parse_memref_type(s, 1, &element));
    return parse_expect(s->p, s->b, 0, element);
}

static ts_status parse_affine_apply(form_state *s) {
    TS_TRY(parse_applied_map(s, "map"));
    return parse_optional_dictionary(s->p, s->b);
}

ts_status form_affine(form_state *s, const char *name, size_t length, bool *is_known) {
    static const struct {
        const char *name;
        ts_status (*parse)(form_state *s);
    } parts[] = {
        {"affine_for", parse_affine_for},     {"affine_if", parse_affine_if},
        {"affine_load", parse_affine_load},   {"affine_store", parse_affine_store},
        {"affine_apply", parse_affine_apply},
    };
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (design_word_is(name, length, parts[i].name)) {
            *is_known = true;
            return parts[i].parse(s);
        }
    return TS_OK;
}
