/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The interpreter of forms, the other way: prints an operation as its row in forms.c says. Spaces
 * fall as in what MLIR's generator makes of the same words.
 *
 * src: llvm-project: mlir/tools/mlir-tblgen/OpFormatGen.cpp, genLiteralPrinter and
 * genElementPrinter [code]
 */
#include "forms.h"
#include "print_int.h"

#include <string.h>

typedef struct form_printer {
    printer *p;
    const ts_op *op;
    const design_form *form;
    const char *at;
    bool is_silent; /* inside a group that is not there */
    uint32_t segment, successor;
    uint32_t start[8], count[8];
} form_printer;

/* ---- spaces ---------------------------------------------------------------------------------- */

static bool is_one_of(const char *word, size_t length, const char *marks) {
    return length == 1 && strchr(marks, *word);
}

static bool space_before(const printer *p, const char *word, size_t length) {
    if (length != 1 && !design_word_is(word, length, "->")) return true;
    return !strchr(p->punctuation ? ">)}]," : "<>(){}[],", *word);
}

static void print_literal(form_printer *f, const char *word, size_t length) {
    printer *p = f->p;
    if (!f->is_silent) {
        if (p->space && space_before(p, word, length)) ts_buf_u8(p->out, ' ');
        ts_buf_bytes(p->out, word, length);
    }
    p->space = !is_one_of(word, length, "<({[");
    p->punctuation =
        !((*word >= 'a' && *word <= 'z') || (*word >= 'A' && *word <= 'Z') || *word == '_');
}

/* Before anything that is not a literal. */
static void begin_element(form_printer *f) {
    printer *p = f->p;
    if (!f->is_silent && (p->space || !p->punctuation)) ts_buf_u8(p->out, ' ');
    p->punctuation = false;
    p->space = true;
}

static void print_blank(form_printer *f, bool is_space) {
    if (is_space && !f->is_silent) ts_buf_u8(f->p->out, ' ');
    f->p->punctuation = !is_space;
    f->p->space = false;
}

/* ---- segments -------------------------------------------------------------------------------- */

/* Which operands are which; design_check() has seen that they can be divided. */
static void divide(form_printer *f) {
    const char *at = f->form->form, *word, *name;
    size_t length, name_length;
    const ts_attr *sizes = ts_op_attr(f->op, "operandSegmentSizes");
    bool is_sized = f->form->flags & FORM_SEGMENTS;
    uint32_t n = 0, single = 0, open = UINT32_MAX;
    while (n < 8 && design_next_word(&at, &word, &length)) {
        bool is_branch = design_word_is(word, length, "^*");
        bool is_part = design_word_is(word, length, "!allocation") ||
                       design_word_is(word, length, "!producer") ||
                       design_word_is(word, length, "!consumers");
        if (!is_branch && !is_part && !design_is_segment(word, length, &name, &name_length))
            continue;
        bool is_open = is_branch || *word == '[' || word[length - 1] == '*' ||
                       word[length - 1] == '?' || word[1] == 'a' || word[1] == 'c';
        if (*word == '%') is_open = word[length - 1] == '*' || word[length - 1] == '?';
        f->count[n] = is_sized ? (uint32_t)ts_attr_element(sizes, n) : !is_open;
        if (is_open) open = n;
        single += !is_open;
        n++;
    }
    if (!is_sized && open != UINT32_MAX) f->count[open] = f->op->n_operands - single;
    for (uint32_t i = 1; i < n; i++)
        f->start[i] = f->start[i - 1] + f->count[i - 1];
}

static const ts_use *uses_of(const form_printer *f, uint32_t segment) {
    return f->op->operands + f->start[segment];
}

static void print_segment(form_printer *f) {
    uint32_t segment = f->segment++;
    begin_element(f);
    if (!f->is_silent) print_values(f->p, uses_of(f, segment), f->count[segment]);
}

static void print_index_list(form_printer *f, const char *name, size_t length) {
    char text[48] = "static_";
    uint32_t segment = f->segment++, taken = 0;
    begin_element(f);
    if (f->is_silent) return;
    strncat(text, name, length);
    const ts_attr *attr = ts_op_attr(f->op, text);
    ts_buf_u8(f->p->out, '[');
    for (size_t i = 0; i < attr->n_elements; i++) {
        int64_t value = ts_attr_element(attr, i);
        if (i) ts_buf_text(f->p->out, ", ");
        if (value == TS_DYNAMIC_SIZE)
            print_value(f->p, uses_of(f, segment)[taken++].value);
        else
            print_integer(f->p->out, value, NULL);
    }
    ts_buf_u8(f->p->out, ']');
}

static void print_branch(form_printer *f) {
    uint32_t segment = f->segment++;
    begin_element(f);
    print_block_name(f->p, f->op->successors[f->successor++]);
    if (!f->count[segment]) return;
    ts_buf_u8(f->p->out, '(');
    print_values(f->p, uses_of(f, segment), f->count[segment]);
    ts_buf_text(f->p->out, " : ");
    print_value_types(f->p, uses_of(f, segment), f->count[segment]);
    ts_buf_u8(f->p->out, ')');
}

/* ---- elements -------------------------------------------------------------------------------- */

static void print_known_attr(const design_attr_spec *spec, const ts_attr *attr, ts_buf *out) {
    switch (spec->kind) {
    case KIND_ENUM: ts_buf_text(out, design_enum_name(spec->words, attr->integer)); break;
    case KIND_NAME: print_symbol_name(out, attr->text); break;
    case KIND_PACKET:
    case KIND_DIMS:
    case KIND_PADS:
    case KIND_FLAGS: print_dialect_body(attr, out); break;
    case KIND_SYMBOLS:
    case KIND_ARRAY:
    case KIND_DEPTH:
    case KIND_ANY: ts_attr_print(attr, out); break;
    default: print_attr(attr, PRINT_BARE, out); break;
    }
}

static void print_form_attr(form_printer *f, const char *name, size_t length) {
    design_attr_spec spec;
    char text[48] = "";
    begin_element(f);
    if (f->is_silent || !design_find_spec(f->form->attrs, name, length, &spec)) return;
    strncat(text, name, length);
    const ts_attr *attr = ts_op_attr(f->op, text);
    if (attr)
        print_known_attr(&spec, attr, f->p->out);
    else if (spec.has_default)
        ts_buf_bytes(f->p->out, spec.text, strcspn(spec.text, " "));
}

static void print_type_word(form_printer *f, const char *word, size_t length) {
    if (*word != 't') return;
    begin_element(f);
    if (f->is_silent) return;
    if (word[2] == '>' || word[2] == '*') {
        for (uint32_t i = 0; i < f->op->n_results; i++) {
            if (i) ts_buf_text(f->p->out, ", ");
            ts_type_print(f->op->results[i].type, f->p->out);
        }
        return;
    }
    uint32_t segment = design_segment_of(f->form->form, word + 3, length - 4);
    print_value_types(f->p, uses_of(f, segment), f->count[segment]);
}

static void print_regions(form_printer *f) {
    begin_element(f);
    for (uint32_t i = 0; i < f->op->n_regions; i++) {
        if (i) ts_buf_text(f->p->out, ", ");
        print_region(f->p, &f->op->regions[i], false);
    }
}

static void print_unit(form_printer *f, const char *word, size_t length) {
    char text[32] = "";
    bool was_silent = f->is_silent;
    strncat(text, word + 2, length - 3);
    f->is_silent |= !ts_op_attr(f->op, text);
    print_literal(f, word + 2, length - 3);
    f->is_silent = was_silent;
}

static void print_part(form_printer *f, const char *word, size_t length) {
    bool has_own_space =
        design_word_is(word, length, "!column_row") || design_word_is(word, length, "!module");
    if (!has_own_space) begin_element(f);
    if (f->is_silent) return;
    uint32_t n_segments = 0;
    print_irregular(f->p, f->op, word + 1, length - 1, &n_segments);
    f->segment += n_segments;
}

/* Whether what anchors a group is there: its first attribute or operands. */
static bool group_is_there(const form_printer *f, bool is_weak) {
    const char *at = f->at, *word, *name;
    size_t length, name_length;
    while (design_next_word(&at, &word, &length) && !design_word_is(word, length, ")?")) {
        if (*word == '$') {
            char text[48] = "";
            strncat(text, word + 1, length - 1);
            if (ts_op_attr(f->op, text)) return true;
            break;
        }
        if (*word == '[' && length > 3) {
            char text[48] = "static_";
            strncat(text, word + 2, length - 3);
            return ts_op_attr(f->op, text) != NULL;
        }
        if (design_is_segment(word, length, &name, &name_length)) return f->count[f->segment] != 0;
    }
    if (!is_weak) return false;
    /* A weak group is printed with its default when the one behind it is there. */
    while (!design_word_is(word, length, ")?"))
        if (!design_next_word(&at, &word, &length)) return false;
    if (!design_next_word(&at, &word, &length)) return false;
    form_printer behind = *f;
    behind.at = at;
    return group_is_there(&behind, false);
}

static void print_word(form_printer *f, const char *word, size_t length) {
    const char *name;
    size_t name_length;
    switch (*word) {
    case '$': print_form_attr(f, word + 1, length - 1); return;
    case '%': print_segment(f); return;
    case '!': print_part(f, word, length); return;
    case '.': print_blank(f, false); return;
    case '^':
        if (length == 2) {
            print_branch(f);
        } else {
            begin_element(f);
            print_block_name(f->p, f->op->successors[f->successor++]);
        }
        return;
    default: break;
    }
    if (design_is_segment(word, length, &name, &name_length)) {
        print_index_list(f, name, name_length);
    } else if (design_word_is(word, length, "_")) {
        print_blank(f, true);
    } else if (length > 3 && word[1] == '(') {
        if (*word == 'u')
            print_unit(f, word, length);
        else
            print_type_word(f, word, length);
    } else if (design_word_is(word, length, "dict")) {
        print_rest(f->p, f->op, false);
        f->p->punctuation = false;
    } else if (design_word_is(word, length, "region") || design_word_is(word, length, "regions")) {
        print_regions(f);
    } else {
        print_literal(f, word, length);
    }
}

void print_custom(printer *p, const ts_op *op) {
    form_printer f = {.p = p, .op = op, .form = &design_forms[op->code]};
    const bool space = p->space, punctuation = p->punctuation;
    const char *word;
    size_t length;
    f.at = f.form->form;
    p->space = true;
    p->punctuation = false;
    if (*f.at != '!') divide(&f);
    while (design_next_word(&f.at, &word, &length)) {
        if (design_word_is(word, length, "?(") || design_word_is(word, length, "?+("))
            f.is_silent = !group_is_there(&f, word[1] == '+');
        else if (design_word_is(word, length, ")?"))
            f.is_silent = false;
        else
            print_word(&f, word, length);
    }
    p->space = space;
    p->punctuation = punctuation;
}
