/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Whether an operation is as its row in forms.c says: attributes and their kinds, operands and
 * their types, results, regions, successors. What passes here can be written in its custom form;
 * and it is the first half of the verifier.
 */
#include "forms.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static bool fail(design_why *why, const char *format, ...) TS_PRINTF(2, 3);

static bool fail(design_why *why, const char *format, ...) {
    va_list args;
    va_start(args, format);
    vsnprintf(why->text, sizeof why->text, format, args);
    va_end(args);
    return false;
}

/* ---- attributes ------------------------------------------------------------------------------ */

static bool is_integer(const ts_attr *attr, uint32_t width, ts_signedness signedness) {
    return attr->kind == TS_ATTR_INTEGER && attr->type->kind == TS_TYPE_INTEGER &&
           attr->type->width == width && attr->type->signedness == signedness;
}

static bool is_named(const ts_attr *attr, const char *name) {
    return attr->kind == TS_ATTR_DIALECT && strcmp(attr->text, name) == 0;
}

static bool all_are(const ts_attr *attr, ts_attr_kind kind) {
    if (attr->kind != TS_ATTR_ARRAY) return false;
    for (size_t i = 0; i < attr->n_elements; i++)
        if (attr->elements[i]->kind != kind) return false;
    return true;
}

static bool is_struct(const ts_attr *attr, const char *name) {
    return is_named(attr, name) && attr->n_members == 2 &&
           attr->members[0].value->kind == TS_ATTR_INTEGER &&
           attr->members[1].value->kind == TS_ATTR_INTEGER;
}

static bool is_layouts(const ts_attr *attr, const char *name, const char *element) {
    if (!is_named(attr, name) || attr->data.size) return false;
    for (size_t i = 0; i < attr->n_elements; i++)
        if (!is_struct(attr->elements[i], element)) return false;
    return true;
}

static bool is_many_layouts(const ts_attr *attr) {
    if (!is_named(attr, "aie.bd_dim_layout_array_array") || attr->data.size) return false;
    for (size_t i = 0; i < attr->n_elements; i++)
        if (!is_layouts(attr->elements[i], "aie.bd_dim_layout_array", "aie.bd_dim_layout"))
            return false;
    return true;
}

static bool is_symbol_text(const ts_attr *attr) {
    return attr->kind == TS_ATTR_STRING && attr->n_bytes && strlen(attr->text) == attr->n_bytes;
}

static bool is_flags(const ts_attr *attr, const char *name) {
    return attr->kind == TS_ATTR_DIALECT && attr->data.size && attr->data.data[0] == '<' &&
           strcmp(attr->text, *name == 'o' ? "arith.overflow" : "arith.fastmath") == 0;
}

bool design_attr_fits(const design_attr_spec *spec, const ts_attr *attr) {
    switch (spec->kind) {
    case KIND_I8: return is_integer(attr, 8, TS_SIGNLESS);
    case KIND_I16: return is_integer(attr, 16, TS_SIGNLESS);
    case KIND_I32: return is_integer(attr, 32, TS_SIGNLESS);
    case KIND_I64: return is_integer(attr, 64, TS_SIGNLESS);
    case KIND_UI8: return is_integer(attr, 8, TS_UNSIGNED);
    case KIND_UI32: return is_integer(attr, 32, TS_UNSIGNED);
    case KIND_UI64: return is_integer(attr, 64, TS_UNSIGNED);
    case KIND_BOOL: return is_integer(attr, 1, TS_SIGNLESS);
    case KIND_STRING: return attr->kind == TS_ATTR_STRING;
    case KIND_NAME: return is_symbol_text(attr);
    case KIND_SYMBOL: return attr->kind == TS_ATTR_SYMBOL;
    case KIND_SYMBOLS: return all_are(attr, TS_ATTR_SYMBOL);
    case KIND_ARRAY: return attr->kind == TS_ATTR_ARRAY;
    case KIND_DENSE: return attr->kind == TS_ATTR_DENSE;
    case KIND_DENSES: return all_are(attr, TS_ATTR_DENSE);
    case KIND_INTS: return attr->kind == TS_ATTR_DENSE_ARRAY;
    case KIND_TYPE: return attr->kind == TS_ATTR_TYPE;
    case KIND_UNIT: return attr->kind == TS_ATTR_UNIT;
    case KIND_PACKET: return is_struct(attr, "aie.packet_info");
    case KIND_DIMS: return is_layouts(attr, "aie.bd_dim_layout_array", "aie.bd_dim_layout");
    case KIND_DIMSS: return is_many_layouts(attr);
    case KIND_PADS: return is_layouts(attr, "aie.bd_pad_layout_array", "aie.bd_pad_layout");
    case KIND_DEPTH: return is_integer(attr, 32, TS_SIGNLESS) || all_are(attr, TS_ATTR_INTEGER);
    case KIND_FLAGS: return is_flags(attr, spec->name);
    case KIND_ANY: return true;
    case KIND_ENUM:
        return is_integer(attr, spec->words->width, TS_SIGNLESS) &&
               design_enum_name(spec->words, attr->integer);
    }
    return false;
}

const char *design_kind_text(const design_attr_spec *spec, char *text, size_t size) {
    static const char *const texts[] = {
        [KIND_I8] = "an i8",
        [KIND_I16] = "an i16",
        [KIND_I32] = "an i32",
        [KIND_I64] = "an i64",
        [KIND_UI8] = "a ui8",
        [KIND_UI32] = "a ui32",
        [KIND_UI64] = "a ui64",
        [KIND_BOOL] = "true or false",
        [KIND_STRING] = "a text",
        [KIND_NAME] = "a name",
        [KIND_SYMBOL] = "a symbol",
        [KIND_SYMBOLS] = "an array of symbols",
        [KIND_ARRAY] = "an array",
        [KIND_DENSE] = "dense elements",
        [KIND_DENSES] = "an array of dense elements",
        [KIND_INTS] = "array<...>",
        [KIND_TYPE] = "a type",
        [KIND_UNIT] = "without a value",
        [KIND_PACKET] = "#aie.packet_info",
        [KIND_DIMS] = "#aie<bd_dim_layout_array[...]>",
        [KIND_DIMSS] = "#aie<bd_dim_layout_array_array[...]>",
        [KIND_PADS] = "#aie<bd_pad_layout_array[...]>",
        [KIND_DEPTH] = "an i32 or an array of numbers",
        [KIND_FLAGS] = "flags of arith",
        [KIND_ANY] = "anything",
    };
    if (spec->kind != KIND_ENUM) return texts[spec->kind];
    size_t used = (size_t)snprintf(text, size, "an i%" PRIu32 " for one of", spec->words->width);
    for (uint32_t i = 0; i < spec->words->n_names && used < size; i++)
        if (spec->words->names[i])
            used += (size_t)snprintf(text + used, size - used, " %s", spec->words->names[i]);
    return text;
}

/* Attributes that belong to the operation and are wrong or missing; others may be anything. */
static bool check_attrs(const ts_op *op, const design_form *form, design_why *why) {
    design_attr_spec spec;
    const char *at = NULL;
    char name[64], kind[160];
    while (design_next_spec(form->attrs, &at, &spec)) {
        snprintf(name, sizeof name, "%.*s", (int)spec.length, spec.name);
        const ts_attr *attr = ts_op_attr(op, name);
        if (!attr && !spec.is_optional)
            return fail(why, "'%s' needs its attribute '%s'", op->name, name);
        if (attr && !design_attr_fits(&spec, attr))
            return fail(why, "attribute '%s' of '%s' must be %s", name, op->name,
                        design_kind_text(&spec, kind, sizeof kind));
    }
    return true;
}

/* What has no place outside the dictionary needs one. */
static bool check_dictionary(const ts_op *op, const design_form *form, design_why *why) {
    if (*form->form == '!' || strstr(form->form, "dict")) return true;
    for (uint32_t i = 0; i < op->n_attrs; i++)
        if (!design_is_written(form->form, op->attrs[i].name))
            return fail(why, "'%s' has no attribute '%s'", op->name, op->attrs[i].name);
    return true;
}

/* ---- operands -------------------------------------------------------------------------------- */

enum {
    MAX_SEGMENTS = 8
};

typedef struct segments {
    uint32_t n;
    uint32_t start[MAX_SEGMENTS], count[MAX_SEGMENTS], least[MAX_SEGMENTS], most[MAX_SEGMENTS];
} segments;

static void add_segment(segments *s, uint32_t least, uint32_t most) {
    if (s->n == MAX_SEGMENTS) return;
    s->least[s->n] = least;
    s->most[s->n++] = most;
}

static void list_segments(const char *form, segments *s) {
    const char *word, *name;
    size_t length, name_length;
    while (design_next_word(&form, &word, &length)) {
        bool is_list = *word == '[' || word[length - 1] == '*';
        bool is_optional = is_list || word[length - 1] == '?';
        if (design_is_segment(word, length, &name, &name_length) ||
            design_word_is(word, length, "^*"))
            add_segment(s, !is_optional, is_list ? UINT32_MAX : 1);
        else if (design_word_is(word, length, "!allocation"))
            add_segment(s, 0, 1);
        else if (design_word_is(word, length, "!producer"))
            add_segment(s, 1, 1);
        else if (design_word_is(word, length, "!consumers"))
            add_segment(s, 1, UINT32_MAX);
    }
}

/* Without sizes of segments at most one of them has a number of operands that is not fixed. */
static bool divide_by_rest(const ts_op *op, segments *s, design_why *why) {
    uint64_t least = 0;
    bool is_open = false;
    for (uint32_t i = 0; i < s->n; i++) {
        least += s->least[i];
        is_open |= s->most[i] != s->least[i];
    }
    if (op->n_operands < least || (!is_open && op->n_operands > least))
        return fail(why, "'%s' takes %s%u operand%s; it has %u", op->name,
                    is_open ? "at least " : "", (unsigned)least, least == 1 ? "" : "s",
                    (unsigned)op->n_operands);
    uint32_t rest = op->n_operands - (uint32_t)least;
    for (uint32_t i = 0; i < s->n; i++) {
        s->count[i] = s->least[i];
        if (s->most[i] == s->least[i]) continue;
        s->count[i] += rest;
        rest = 0;
        if (s->count[i] > s->most[i])
            return fail(why, "'%s' has %u operands too many", op->name,
                        (unsigned)(s->count[i] - s->most[i]));
    }
    return true;
}

static bool divide_by_sizes(const ts_op *op, segments *s, design_why *why) {
    const ts_attr *sizes = ts_op_attr(op, "operandSegmentSizes");
    uint64_t total = 0;
    if (!sizes || sizes->kind != TS_ATTR_DENSE_ARRAY || sizes->n_elements != s->n ||
        sizes->type->kind != TS_TYPE_INTEGER || sizes->type->width != 32)
        return fail(why, "'%s' needs operandSegmentSizes with %u numbers", op->name,
                    (unsigned)s->n);
    for (uint32_t i = 0; i < s->n; i++) {
        int64_t n = ts_attr_element(sizes, i);
        if (n < s->least[i] || n > s->most[i])
            return fail(why, "operandSegmentSizes of '%s' has a wrong number %" PRId64, op->name,
                        n);
        s->count[i] = (uint32_t)n;
        total += (uint32_t)n;
    }
    return total == op->n_operands ||
           fail(why, "operandSegmentSizes of '%s' adds up to %" PRIu64 "; it has %u operands",
                op->name, total, (unsigned)op->n_operands);
}

static bool divide(const ts_op *op, const design_form *form, segments *s, design_why *why) {
    list_segments(form->form, s);
    bool is_good =
        form->flags & FORM_SEGMENTS ? divide_by_sizes(op, s, why) : divide_by_rest(op, s, why);
    for (uint32_t i = 1; i < s->n; i++)
        s->start[i] = s->start[i - 1] + s->count[i - 1];
    return is_good;
}

static bool wrong_type(const ts_op *op, uint32_t operand, const char *expected, design_why *why) {
    return fail(why, "operand %u of '%s' must be %s", (unsigned)operand + 1, op->name, expected);
}

static bool segment_is(const ts_op *op, const segments *s, uint32_t segment, const ts_type *type,
                       const char *expected, design_why *why) {
    for (uint32_t i = 0; i < s->count[segment]; i++)
        if (op->operands[s->start[segment] + i].value->type != type)
            return wrong_type(op, s->start[segment] + i, expected, why);
    return true;
}

static uint32_t segment_in(const char *form, const char *word, size_t length, unsigned which) {
    const char *from = memchr(word, '%', length);
    if (which && from) from = memchr(from + 1, '%', (size_t)(word + length - from - 1));
    return from ? design_segment_of(form, from + 1, strcspn(from + 1, ",)")) : UINT32_MAX;
}

static bool is_bool(const ts_type *type) {
    return type->kind == TS_TYPE_INTEGER && type->width == 1 && type->signedness == TS_SIGNLESS;
}

/* t, b, e, s and x of a form. */
static bool check_type_word(const ts_op *op, const char *form, const segments *s, const char *word,
                            size_t length, uint32_t *typed, design_why *why) {
    uint32_t a = segment_in(form, word, length, 0), b = segment_in(form, word, length, 1);
    if (a >= s->n) return true;
    *typed |= 1u << a;
    if (*word == 'b')
        for (uint32_t i = 0; i < s->count[a]; i++)
            if (!is_bool(op->operands[s->start[a] + i].value->type))
                return wrong_type(op, s->start[a] + i, "an i1", why);
    if ((*word != 'e' && *word != 's') || b >= s->n || !s->count[b]) return true;
    const ts_type *of = op->operands[s->start[b]].value->type;
    if (*word == 'e' && !of->element) return wrong_type(op, s->start[b], "a memref", why);
    return segment_is(op, s, a, *word == 'e' ? of->element : of,
                      *word == 'e' ? "of the element's type" : "of the other's type", why);
}

static bool check_operand_types(const ts_op *op, const design_form *form, const segments *s,
                                design_why *why) {
    const char *at = form->form, *word;
    size_t length;
    uint32_t typed = 0, segment = 0;
    bool is_common = strstr(form->form, "t(*)") != NULL;
    if (is_common)
        for (uint32_t i = 1; i < op->n_operands; i++)
            if (op->operands[i].value->type != op->operands[0].value->type)
                return wrong_type(op, i, "of the other's type", why);
    while (design_next_word(&at, &word, &length)) {
        const char *name;
        size_t name_length;
        bool is_segment = design_is_segment(word, length, &name, &name_length);
        if (*word == '[' && is_segment) typed |= 1u << segment;
        if (design_word_is(word, length, "^*")) typed |= 1u << segment;
        segment += is_segment || design_word_is(word, length, "^*") ||
                   design_word_is(word, length, "!allocation") ||
                   design_word_is(word, length, "!producer") ||
                   design_word_is(word, length, "!consumers");
        if (length > 3 && word[1] == '(' && strchr("tbesx", *word) && word[2] == '%' &&
            !check_type_word(op, form->form, s, word, length, &typed, why))
            return false;
    }
    bool is_free = is_common || strstr(form->form, "!signature") || strstr(form->form, "!select");
    for (uint32_t i = 0; i < s->n && !is_free; i++)
        for (uint32_t k = 0; k < s->count[i] && !(typed >> i & 1); k++)
            if (op->operands[s->start[i] + k].value->type->kind != TS_TYPE_INDEX)
                return wrong_type(op, s->start[i] + k, "of type index", why);
    return true;
}

/* ---- results, regions, successors ------------------------------------------------------------ */

static bool check_result_type(const ts_op *op, const char *rule, design_why *why) {
    const ts_type *type = op->results[0].type;
    uint32_t which = (uint32_t)(rule[1] - '0');
    const ts_type *of = which < op->n_operands ? op->operands[which].value->type : NULL;
    const ts_attr *value = ts_op_attr(op, "value");
    bool is_good = true;
    switch (*rule) {
    case 'i': is_good = rule[1] == '1' ? is_bool(type) : type->kind == TS_TYPE_INDEX; break;
    case '*': is_good = op->n_operands && op->operands[0].value->type == type; break;
    case '=': is_good = of == type; break;
    case 'e': is_good = of && of->element == type; break;
    case '$':
        is_good = value && value->type == type &&
                  (value->kind == TS_ATTR_INTEGER || value->kind == TS_ATTR_FLOAT ||
                   value->kind == TS_ATTR_DENSE);
        break;
    case 'b':
        is_good = of && (of->element && of->kind != TS_TYPE_MEMREF
                             ? type->kind == of->kind && type->element && is_bool(type->element) &&
                                   ts_type_n_elements(type) == ts_type_n_elements(of)
                             : is_bool(type));
        break;
    default: break;
    }
    return is_good || fail(why, "the result of '%s' has a wrong type", op->name);
}

static bool check_results(const ts_op *op, const design_form *form, design_why *why) {
    const char *rule = form->results;
    bool is_any = *rule == '>' && (strstr(form->form, "t(>*)") || strstr(form->form, "!signature"));
    bool is_one = *rule && !is_any;
    if ((form->flags & FORM_NAMED) && op->n_results == 0) return true;
    if (!is_any && op->n_results != (is_one ? 1 : 0))
        return fail(why, "'%s' gives %s; it has %u results", op->name,
                    is_one ? "one result" : "no result", (unsigned)op->n_results);
    return !is_one || check_result_type(op, rule, why);
}

static bool check_parts(const ts_op *op, const design_form *form, design_why *why) {
    const char *at = form->form, *word;
    size_t length;
    uint32_t n_regions = 0, n_successors = 0;
    bool is_any = false;
    while (design_next_word(&at, &word, &length)) {
        n_regions +=
            design_word_is(word, length, "region") || design_word_is(word, length, "!arguments");
        is_any |= design_word_is(word, length, "regions");
        n_successors += *word == '^';
    }
    if (!is_any && op->n_regions != n_regions)
        return fail(why, "'%s' has %u regions; expected %u", op->name, (unsigned)op->n_regions,
                    (unsigned)n_regions);
    if (op->n_successors != n_successors)
        return fail(why, "'%s' has %u successors; expected %u", op->name,
                    (unsigned)op->n_successors, (unsigned)n_successors);
    return true;
}

/* [%a]: as many operands as its numbers leave open. */
static bool check_index_lists(const ts_op *op, const design_form *form, const segments *s,
                              design_why *why) {
    const char *at = form->form, *word, *name;
    size_t length, name_length;
    char text[48];
    while (design_next_word(&at, &word, &length)) {
        uint32_t open = 0;
        if (*word != '[' || !design_is_segment(word, length, &name, &name_length)) continue;
        snprintf(text, sizeof text, "static_%.*s", (int)name_length, name);
        const ts_attr *attr = ts_op_attr(op, text);
        bool is_good = !attr || (attr->type->kind == TS_TYPE_INTEGER && attr->type->width == 64 &&
                                 attr->n_elements <= TS_DESIGN_MAX_RANK);
        for (size_t i = 0; attr && is_good && i < attr->n_elements; i++)
            open += ts_attr_element(attr, i) == TS_DYNAMIC_SIZE;
        if (!is_good || open != s->count[design_segment_of(form->form, name, name_length)])
            return fail(why, "'%s' of '%s' does not fit its operands", text, op->name);
    }
    return true;
}

/* Groups with a comma stand in order: a later one needs those before it. */
static bool check_groups(const ts_op *op, const design_form *form, design_why *why) {
    const char *at = form->form, *word;
    size_t length;
    const char *missing = NULL;
    size_t missing_length = 0;
    bool is_comma = false, is_weak = false, was_group = false;
    char name[64];
    while (design_next_word(&at, &word, &length)) {
        if (design_word_is(word, length, "?(") || design_word_is(word, length, "?+(")) {
            is_weak = word[1] == '+';
            design_next_word(&at, &word, &length);
            is_comma = design_word_is(word, length, ",");
            was_group = true;
        }
        if (*word == '$' && was_group && is_comma) {
            snprintf(name, sizeof name, "%.*s", (int)length - 1, word + 1);
            bool is_there = ts_op_attr(op, name) != NULL;
            if (is_there && missing)
                return fail(why, "'%s' has '%s' without '%.*s'", op->name, name,
                            (int)missing_length, missing);
            if (!is_there && !is_weak) {
                missing = word + 1;
                missing_length = length - 1;
            }
        }
        if (design_word_is(word, length, ")?")) was_group = false;
    }
    return true;
}

bool design_check(const ts_op *op, design_why *why) {
    const design_form *form = &design_forms[op->code];
    segments s = {0};
    if (!form->form) return fail(why, "'%s' has no custom form", op->name);
    if (!check_attrs(op, form, why)) return false;
    if (*form->form == '!') return design_check_irregular(op, why);
    return check_dictionary(op, form, why) && divide(op, form, &s, why) &&
           check_operand_types(op, form, &s, why) && check_results(op, form, why) &&
           check_parts(op, form, why) && check_groups(op, form, why) &&
           check_index_lists(op, form, &s, why) && design_check_irregular(op, why);
}
