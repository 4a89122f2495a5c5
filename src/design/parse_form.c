/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The interpreter of forms: reads an operation as its row in forms.c says.
 */
#include "parse_form.h"
#include "forms.h"

#include <stdio.h>
#include <string.h>

/* ---- attributes ------------------------------------------------------------------------------ */

const ts_type *form_integer_type(ts_design *design, const design_attr_spec *spec) {
    static const struct {
        uint8_t width;
        ts_signedness signedness;
    } types[] = {
        [KIND_I8] = {8, TS_SIGNLESS},    [KIND_I16] = {16, TS_SIGNLESS},
        [KIND_I32] = {32, TS_SIGNLESS},  [KIND_I64] = {64, TS_SIGNLESS},
        [KIND_UI8] = {8, TS_UNSIGNED},   [KIND_UI32] = {32, TS_UNSIGNED},
        [KIND_UI64] = {64, TS_UNSIGNED},
    };
    if (spec->kind == KIND_ENUM) return ts_type_integer(design, spec->words->width, TS_SIGNLESS);
    return ts_type_integer(design, types[spec->kind].width, types[spec->kind].signedness);
}

static ts_status wrong_enum(parser *p, const design_enum *words, const char *found) {
    char list[200];
    size_t used = 0;
    const char *names[32];
    size_t n = 0;
    for (uint32_t i = 0; i < words->n_names && n < 32; i++)
        if (words->names[i]) names[n++] = words->names[i];
    const char *near = ts_nearest_word(found, names, n);
    for (size_t i = 0; i < n && used < sizeof list; i++)
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", names[i]);
    if (near)
        return parse_fail_at(p, p->word.start, TS_UNKNOWN, "'%s' is none of %s; did you mean '%s'?",
                             found, list, near);
    return parse_fail_at(p, p->word.start, TS_UNKNOWN, "'%s' is none of %s", found, list);
}

static ts_status parse_enum(parser *p, const design_attr_spec *spec, const ts_attr **out) {
    const design_enum *words = spec->words;
    const char *found = NULL;
    const lex_word w = p->word;
    if (w.kind == WORD_STRING) {
        size_t n_bytes;
        TS_TRY(parse_unquote(p, w, &found, &n_bytes));
    } else if (w.kind == WORD_NAME) {
        found = design_intern(p->design, p->text + w.start, w.end - w.start);
        if (!found) return parse_nomem(p);
    } else {
        char expected[80];
        bool skips = !words->names[0];
        snprintf(expected, sizeof expected, "one of %s, %s%s", words->names[skips],
                 words->names[skips + 1], words->n_names > 2 ? ", ..." : "");
        return parse_wrong(p, expected);
    }
    for (uint32_t i = 0; i < words->n_names; i++)
        if (words->names[i] && strcmp(words->names[i], found) == 0) {
            *out = ts_attr_integer(p->design, i, form_integer_type(p->design, spec));
            return *out ? parse_advance(p) : parse_nomem(p);
        }
    return wrong_enum(p, words, found);
}

static ts_status parse_name(parser *p, const ts_attr **out) {
    const char *name;
    TS_TRY(parse_symbol_name(p, &name));
    *out = ts_attr_string(p->design, name);
    return *out ? TS_OK : parse_nomem(p);
}

static ts_status parse_flags(parser *p, const design_attr_spec *spec, const ts_attr **out) {
    ts_attr *attr = TS_ARENA_NEW(p->arena, ts_attr);
    if (!attr) return parse_nomem(p);
    if (!parse_is(p, "<")) return parse_wrong(p, "'<'");
    attr->kind = TS_ATTR_DIALECT;
    attr->text = *spec->name == 'o' ? "arith.overflow" : "arith.fastmath";
    *out = attr;
    return parse_balanced(p, &attr->data);
}

static ts_status parse_packet(parser *p, const ts_attr **out) {
    if (p->word.kind == WORD_HASH) return parse_attr(p, NULL, out);
    return parse_struct(p, "aie.packet_info", out);
}

static ts_status expect_kind(parser *p, ts_attr_kind kind, const char *expected,
                             const ts_attr **out) {
    const lex_word before = p->word;
    TS_TRY(parse_attr(p, NULL, out));
    if ((*out)->kind == kind) return TS_OK;
    p->word = before;
    return parse_wrong(p, expected);
}

ts_status form_parse_attr(parser *p, const design_attr_spec *spec, const ts_attr **out) {
    char expected[64];
    switch (spec->kind) {
    case KIND_ENUM: return parse_enum(p, spec, out);
    case KIND_NAME: return parse_name(p, out);
    case KIND_FLAGS: return parse_flags(p, spec, out);
    case KIND_PACKET: return parse_packet(p, out);
    case KIND_DIMS: return parse_array_of(p, "aie.bd_dim_layout_array", "aie.bd_dim_layout", out);
    case KIND_PADS: return parse_array_of(p, "aie.bd_pad_layout_array", "aie.bd_pad_layout", out);
    case KIND_SYMBOL: return expect_kind(p, TS_ATTR_SYMBOL, "a symbol as @name", out);
    case KIND_STRING: return expect_kind(p, TS_ATTR_STRING, "a quoted text", out);
    case KIND_TYPE: return expect_kind(p, TS_ATTR_TYPE, "a type", out);
    case KIND_SYMBOLS:
    case KIND_ARRAY: return expect_kind(p, TS_ATTR_ARRAY, "'['", out);
    default: break;
    }
    if (spec->kind > KIND_UI64) return parse_attr(p, NULL, out);
    if (p->word.kind != WORD_INTEGER && !parse_is(p, "-")) {
        snprintf(expected, sizeof expected, "a number for '%.*s'", (int)spec->length, spec->name);
        return parse_wrong(p, expected);
    }
    const ts_type *type = form_integer_type(p->design, spec);
    return type ? parse_attr(p, type, out) : parse_nomem(p);
}

static bool starts_attr(const parser *p, const design_attr_spec *spec) {
    switch (spec->kind) {
    case KIND_NAME:
    case KIND_SYMBOL: return p->word.kind == WORD_SYMBOL;
    case KIND_STRING: return p->word.kind == WORD_STRING;
    default: return p->word.kind == WORD_INTEGER || parse_is(p, "-");
    }
}

/* ---- types ----------------------------------------------------------------------------------- */

/* The first operand of a segment and how many it has, as far as it is read. */
static uint32_t segment_start(const form_state *s, uint32_t segment, uint32_t *n) {
    uint32_t start = 0;
    for (uint32_t i = 0; i < segment; i++)
        start += s->b->segments[i];
    *n = segment < s->segment ? s->b->segments[segment] : 0;
    return start;
}

static ts_status parse_segment_types(form_state *s, uint32_t segment) {
    parser *p = s->p;
    uint32_t n, start = segment_start(s, segment, &n);
    for (uint32_t i = 0; i < n; i++) {
        const ts_type *type;
        if (i) TS_TRY(parse_take(p, ","));
        TS_TRY(parse_type(p, &type));
        TS_TRY(parse_expect(p, s->b, start + i, type));
    }
    return TS_OK;
}

static ts_status parse_result_types(form_state *s, bool is_many) {
    bool is_more;
    do {
        const ts_type *type;
        TS_TRY(parse_type(s->p, &type));
        TS_TRY(pointers_add(s->p, &s->b->result_types, type));
        is_more = false;
        if (is_many) TS_TRY(parse_maybe(s->p, ",", &is_more));
    } while (is_more);
    return TS_OK;
}

/* t(*): one type for all operands and the result. */
static ts_status parse_common_type(form_state *s) {
    const ts_type *type;
    TS_TRY(parse_type(s->p, &type));
    for (uint32_t i = 0; i < s->b->n_operands; i++)
        TS_TRY(parse_expect(s->p, s->b, i, type));
    s->typed = UINT32_MAX;
    return pointers_add(s->p, &s->b->result_types, type);
}

/* What stands in the brackets of b(%a), e(%a,%b), t(%a): segments. */
static uint32_t segment_in(const form_state *s, const char *word, size_t length, unsigned which) {
    const char *from = memchr(word, '%', length), *end = word + length;
    if (which) from = memchr(from + 1, '%', (size_t)(end - from - 1));
    size_t n = strcspn(from + 1, ",)");
    return design_segment_of(s->form->form, from + 1, n);
}

static ts_status expect_segment(form_state *s, uint32_t segment, const ts_type *type) {
    uint32_t n, start = segment_start(s, segment, &n);
    for (uint32_t i = 0; type && i < n; i++)
        TS_TRY(parse_expect(s->p, s->b, start + i, type));
    return TS_OK;
}

static const ts_type *type_of_segment(const form_state *s, uint32_t segment) {
    uint32_t n, start = segment_start(s, segment, &n);
    return n ? s->b->operands[start].value->type : NULL;
}

static ts_status form_type_word(form_state *s, const char *word, size_t length) {
    if (design_word_is(word, length, "t(>)")) return parse_result_types(s, false);
    if (design_word_is(word, length, "t(>*)")) return parse_result_types(s, true);
    if (design_word_is(word, length, "t(*)")) return parse_common_type(s);
    uint32_t segment = segment_in(s, word, length, 0);
    s->typed |= 1u << segment;
    if (*word == 't') return parse_segment_types(s, segment);
    if (*word == 'b') return expect_segment(s, segment, s->p->i1);
    if (*word == 'x') return TS_OK;
    const ts_type *type = type_of_segment(s, segment_in(s, word, length, 1));
    return expect_segment(s, segment, *word == 'e' && type ? type->element : type);
}

/* ---- words of a form ------------------------------------------------------------------------- */

static void end_segment(form_state *s, uint32_t n) {
    s->b->segments[s->segment++] = n;
    s->b->n_segments = s->segment;
}

static ts_status form_operands(form_state *s, const char *word, size_t length) {
    uint32_t before = s->b->n_operands;
    bool is_many = word[length - 1] == '*', is_more = true;
    if (!is_many) {
        TS_TRY(parse_operand(s->p, s->b));
        is_more = false;
    } else if (s->p->word.kind != WORD_VALUE) {
        is_more = false;
    }
    while (is_more) {
        TS_TRY(parse_operand(s->p, s->b));
        TS_TRY(parse_maybe(s->p, ",", &is_more));
    }
    end_segment(s, s->b->n_operands - before);
    return TS_OK;
}

/* "[" number or value, ... "]": the numbers go to static_NAME, with a mark where values stand. */
static ts_status form_index_list(form_state *s, const char *name, size_t length) {
    parser *p = s->p;
    uint32_t before = s->b->n_operands;
    int64_t values[TS_DESIGN_MAX_RANK];
    uint32_t n = 0;
    char attr[48];
    TS_TRY(parse_take(p, "["));
    bool is_more = !parse_is(p, "]");
    while (is_more) {
        if (n == TS_DESIGN_MAX_RANK)
            return parse_fail_at(p, p->word.start, TS_RANGE, "more than %d numbers",
                                 TS_DESIGN_MAX_RANK);
        values[n] = TS_DYNAMIC_SIZE;
        if (p->word.kind == WORD_VALUE)
            TS_TRY(parse_operand(p, s->b));
        else
            TS_TRY(parse_i64(p, "a number or a value", &values[n]));
        n++;
        TS_TRY(parse_maybe(p, ",", &is_more));
    }
    TS_TRY(parse_take(p, "]"));
    snprintf(attr, sizeof attr, "static_%.*s", (int)length, name);
    end_segment(s, s->b->n_operands - before);
    s->typed |= 1u << (s->segment - 1); /* i64 or index: what defines them says it */
    return parse_set(p, s->b, attr, ts_attr_dense_array(p->design, p->i64, values, n));
}

static ts_status form_attr(form_state *s, const char *name, size_t length) {
    design_attr_spec spec;
    const ts_attr *attr;
    char text[48];
    if (!design_find_spec(s->form->attrs, name, length, &spec)) return parse_nomem(s->p);
    TS_TRY(form_parse_attr(s->p, &spec, &attr));
    snprintf(text, sizeof text, "%.*s", (int)length, name);
    return parse_set(s->p, s->b, text, attr);
}

/* u(name): the keyword. */
static ts_status form_unit(form_state *s, const char *word, size_t length) {
    char name[32];
    bool is_there;
    snprintf(name, sizeof name, "%.*s", (int)(length - 3), word + 2);
    TS_TRY(parse_maybe(s->p, name, &is_there));
    return is_there ? parse_set(s->p, s->b, name, ts_attr_unit(s->p->design)) : TS_OK;
}

static ts_status form_literal(form_state *s, const char *word, size_t length) {
    char text[32];
    snprintf(text, sizeof text, "%.*s", (int)length, word);
    return parse_take(s->p, text);
}

/* ^name or ^name(%a, %b : types). */
static ts_status form_branch(form_state *s) {
    parser *p = s->p;
    bool has_values;
    TS_TRY(parse_successor(p, s->b));
    TS_TRY(parse_maybe(p, "(", &has_values));
    uint32_t first = s->b->n_operands;
    if (has_values) {
        TS_TRY(parse_operands_until(p, s->b, ":"));
        for (uint32_t i = first; i < s->b->n_operands; i++) {
            const ts_type *type;
            if (i > first) TS_TRY(parse_take(p, ","));
            TS_TRY(parse_type(p, &type));
            TS_TRY(parse_expect(p, s->b, i, type));
        }
        TS_TRY(parse_take(p, ")"));
    }
    s->typed |= 1u << s->segment;
    end_segment(s, s->b->n_operands - first);
    return TS_OK;
}

static ts_status form_regions(form_state *s) {
    bool is_more = true;
    if (parse_is(s->p, "]")) return TS_OK;
    while (is_more) {
        TS_TRY(parse_region(s->p, s->b, NULL));
        TS_TRY(parse_maybe(s->p, ",", &is_more));
    }
    return TS_OK;
}

static bool group_is_there(const form_state *s, const char *at) {
    const char *word;
    size_t length;
    design_attr_spec spec;
    design_next_word(&at, &word, &length);
    if (*word == '$')
        return design_find_spec(s->form->attrs, word + 1, length - 1, &spec) &&
               starts_attr(s->p, &spec);
    if (*word == '%') return s->p->word.kind == WORD_VALUE;
    while (length == 1 && *word == '.')
        design_next_word(&at, &word, &length);
    char text[32];
    snprintf(text, sizeof text, "%.*s", (int)length, word);
    return parse_is(s->p, text);
}

/* Behind the group; its segments are empty. */
static void skip_group(form_state *s) {
    const char *word, *name;
    size_t length, name_length;
    while (design_next_word(&s->at, &word, &length)) {
        if (design_word_is(word, length, ")?")) return;
        if (design_is_segment(word, length, &name, &name_length)) end_segment(s, 0);
    }
}

static ts_status form_word(form_state *s, const char *word, size_t length) {
    const char *name;
    size_t name_length;
    switch (*word) {
    case '$': return form_attr(s, word + 1, length - 1);
    case '%': return form_operands(s, word, length);
    case '!': return form_irregular(s, word + 1, length - 1);
    case '.':
    case '_': return TS_OK;
    case '^': return length == 2 ? form_branch(s) : parse_successor(s->p, s->b);
    default: break;
    }
    if (design_is_segment(word, length, &name, &name_length))
        return form_index_list(s, name, name_length);
    if (length > 3 && word[1] == '(')
        return *word == 'u' ? form_unit(s, word, length) : form_type_word(s, word, length);
    if (design_word_is(word, length, "dict")) return parse_optional_dictionary(s->p, s->b);
    if (design_word_is(word, length, "region")) return parse_region(s->p, s->b, NULL);
    if (design_word_is(word, length, "regions")) return form_regions(s);
    return form_literal(s, word, length);
}

static ts_status form_words(form_state *s) {
    const char *word;
    size_t length;
    while (design_next_word(&s->at, &word, &length)) {
        if (design_word_is(word, length, ")?")) continue;
        if (design_word_is(word, length, "?(") || design_word_is(word, length, "?+(")) {
            if (!group_is_there(s, s->at)) skip_group(s);
            continue;
        }
        TS_TRY(form_word(s, word, length));
    }
    return TS_OK;
}

/* ---- results --------------------------------------------------------------------------------- */

/* i1 in the shape of a type. */
static const ts_type *bool_like(parser *p, const ts_type *type) {
    if (!type || (type->kind != TS_TYPE_VECTOR && type->kind != TS_TYPE_TENSOR)) return p->i1;
    ts_type shaped = *type;
    shaped.element = p->i1;
    return ts_type_unique(p->design, &shaped);
}

static ts_status form_results(form_state *s) {
    parser *p = s->p;
    const char *rule = s->form->results;
    const ts_type *type = NULL;
    if (!*rule || *rule == '>' || *rule == '*') return TS_OK;
    if ((s->form->flags & FORM_NAMED) && !s->b->n_named) return TS_OK;
    uint32_t which = (uint32_t)(rule[1] - '0');
    const ts_type *of = which < s->b->n_operands ? s->b->operands[which].value->type : NULL;
    switch (*rule) {
    case '$': type = form_value_type(p, ts_op_attr(s->b->op, "value")); break;
    case '=': type = of; break;
    case 'e': type = of ? of->element : NULL; break;
    case 'b': type = bool_like(p, of); break;
    default: type = rule[1] == '1' ? p->i1 : p->index; break;
    }
    if (!type)
        return parse_fail_at(p, s->b->name_at, TS_SYNTAX, "'%s' has no type for its result",
                             s->b->op->name);
    return pointers_add(p, &s->b->result_types, type);
}

/* Operands whose types are not written are indices. */
static ts_status form_plain_operands(form_state *s) {
    for (uint32_t i = 0; i < s->segment; i++)
        if (!(s->typed >> i & 1)) TS_TRY(expect_segment(s, i, s->p->index));
    return TS_OK;
}

ts_status parse_custom(parser *p, building *b) {
    const design_form *form = &design_forms[b->op->code];
    form_state s = {.p = p, .b = b, .form = form, .at = form->form};
    TS_TRY(form_words(&s));
    TS_TRY(form_plain_operands(&s));
    if ((form->flags & FORM_SEGMENTS) && *form->form != '!') TS_TRY(form_set_segments(&s));
    return form_results(&s);
}
