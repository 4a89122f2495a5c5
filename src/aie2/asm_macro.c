/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Macros. A body is kept as the text it is; a call makes a copy with the arguments put in, which is
 * then read like a file:
 *
 *   definition = ".macro" name { [ "," ] parameter } newline body ".endm"
 *   parameter  = name [ ":" ( "req" | "vararg" ) ] [ "=" default ]
 *   call       = name [ argument { "," argument } ]
 *   argument   = [ parameter "=" ] text
 *
 * In the body \name is an argument, \@ the number of calls so far, \() nothing. Text within
 * parentheses, brackets or quotes may have commas.
 */
#include "asm_int.h"

#include <inttypes.h>
#include <string.h>

static asm_macro **bucket_of(assembler *a, uint32_t hash) {
    return &a->macros[hash % ASM_MACRO_BUCKETS];
}

asm_macro *asm_find_macro(assembler *a, const char *name, size_t length) {
    if (!a->n_macros) return NULL;
    uint32_t hash = asm_hash(name, length);
    for (asm_macro *macro = *bucket_of(a, hash); macro; macro = macro->next)
        if (macro->hash == hash && macro->length == length &&
            memcmp(macro->name, name, length) == 0)
            return macro;
    return NULL;
}

/* ---- bodies ---------------------------------------------------------------------------------- */

static bool is_one_of(const char *word, size_t length, const char *const *list) {
    for (; *list; list++)
        if (strlen(*list) == length && asm_same_word(*list, word, length)) return true;
    return false;
}

static void next_line(assembler *a) {
    asm_skip_line(a);
    if (a->p == a->source->end) return;
    a->p++;
    a->line++;
}

bool asm_take_body(assembler *a, const char *const *opens, const char *const *closes,
                   const char *at, const char **body, const char **end) {
    const asm_place place = asm_here(a, at);
    size_t depth = 1;
    next_line(a);
    for (*body = a->p; a->p != a->source->end; next_line(a)) {
        const char *name;
        size_t length;
        *end = a->p;
        asm_skip_space(a);
        if (*a->p != '.' || !asm_take_name(a, &name, &length)) continue;
        depth += is_one_of(name, length, opens);
        depth -= is_one_of(name, length, closes);
        if (depth) continue;
        asm_skip_statement(a);
        return true;
    }
    return asm_error_at(a, TS_SYNTAX, place, "no %s for this", closes[0]);
}

static size_t name_length(const char *p, const char *end) {
    size_t n = 0;
    while (p + n < end && asm_is_word(p[n]) && p[n] != '@' && p[n] != '?')
        n++;
    return n;
}

/* Behind a backslash; how much of the body it took. */
static size_t put_argument(assembler *a, ts_buf *out, const char *p, const char *end,
                           const asm_parameter *parameters, const asm_argument *arguments,
                           size_t n) {
    if (p < end && *p == '@') {
        ts_buf_printf(out, "%zu", a->n_macro_calls);
        return 1;
    }
    if (p + 1 < end && p[0] == '(' && p[1] == ')') return 2;
    size_t length = name_length(p, end);
    for (size_t i = 0; length && i < n; i++)
        if (parameters[i].length == length && memcmp(parameters[i].name, p, length) == 0) {
            ts_buf_bytes(out, arguments[i].text, arguments[i].length);
            return length;
        }
    ts_buf_u8(out, '\\');
    return 0;
}

bool asm_substitute(assembler *a, ts_buf *out, const char *body, const char *end,
                    const asm_parameter *parameters, const asm_argument *arguments, size_t n) {
    size_t before = out->size;
    for (const char *p = body; p < end;) {
        const char *slash = memchr(p, '\\', (size_t)(end - p));
        if (!slash) slash = end;
        ts_buf_bytes(out, p, (size_t)(slash - p));
        p = slash;
        if (p < end) p += 1 + put_argument(a, out, p + 1, end, parameters, arguments, n);
        if (out->size - before > ASM_MAX_EXPANDED_BYTES) break;
    }
    a->n_expanded_bytes += out->size - before;
    if (out->failed) return asm_nomem(a);
    if (a->n_expanded_bytes <= ASM_MAX_EXPANDED_BYTES) return true;
    a->is_stopped = true;
    return asm_error(a, TS_RANGE, a->p, "macros and repetitions come to more than %d MiB of text",
                     ASM_MAX_EXPANDED_BYTES >> 20);
}

bool asm_push_expansion(assembler *a, asm_input_kind kind, const ts_buf *text,
                        const asm_source *origin, uint32_t line, const char *what, const char *at,
                        uint64_t repeats) {
    asm_source *source = TS_ARENA_NEW(a->arena, asm_source);
    char *copy = asm_copy_text(a, (const char *)text->data, text->size);
    if (!source || !copy) return asm_nomem(a);
    *source = (asm_source){.file = origin->file,
                           .text = copy,
                           .end = copy + text->size + 1,
                           .first_line = line,
                           .file_index = origin->file_index,
                           .macro = what,
                           .caller = a->source,
                           .call = at};
    return asm_push_text(a, kind, source, repeats);
}

/* ---- definitions ----------------------------------------------------------------------------- */

static bool read_qualifier(assembler *a, asm_parameter *parameter) {
    const char *word, *at = a->p;
    size_t length;
    if (!asm_expect_name(a, "req or vararg", &word, &length)) return false;
    parameter->is_required = asm_is_text(word, length, "req");
    parameter->takes_rest = asm_is_text(word, length, "vararg");
    if (parameter->is_required || parameter->takes_rest) return true;
    return asm_error(a, TS_SYNTAX, at, "expected req or vararg");
}

static bool read_parameters(assembler *a, asm_macro *macro) {
    size_t capacity = 0;
    for (asm_take(a, ','); !asm_at_end(a); asm_take(a, ',')) {
        if (macro->n_parameters == ASM_MAX_PARAMETERS)
            return asm_error(a, TS_RANGE, a->p, "more than %d parameters", ASM_MAX_PARAMETERS);
        if (macro->n_parameters && macro->parameters[macro->n_parameters - 1].takes_rest)
            return asm_error(a, TS_SYNTAX, a->p, "a parameter behind the one that takes the rest");
        if (!asm_grow(a, &macro->parameters, macro->n_parameters, &capacity,
                      sizeof *macro->parameters))
            return false;
        asm_parameter *parameter = &macro->parameters[macro->n_parameters++];
        if (!asm_expect_name(a, "the name of a parameter", &parameter->name, &parameter->length))
            return false;
        if (asm_take(a, ':') && !read_qualifier(a, parameter)) return false;
        if (!asm_take(a, '=')) continue;
        asm_argument value = asm_take_argument(a, false);
        parameter->value = value.text;
        parameter->value_length = value.length;
    }
    return true;
}

bool asm_d_macro(assembler *a, int argument, const char *at) {
    static const char *const opens[] = {".macro", NULL};
    static const char *const closes[] = {".endm", ".endmacro", NULL};
    (void)argument;
    asm_macro *macro = TS_ARENA_NEW(a->arena, asm_macro);
    if (!macro) return asm_nomem(a);
    const char *body_end = NULL;
    bool ok = asm_expect_name(a, "the name of the macro", &macro->name, &macro->length) &&
              read_parameters(a, macro);
    uint32_t line = a->line;
    /* Also after an error, so that the body is not taken for code. */
    if (!asm_take_body(a, opens, closes, at, &macro->body, &body_end) || !ok) return false;
    if (asm_find_macro(a, macro->name, macro->length))
        return asm_error(a, TS_CONFLICT, at, "macro '%.*s' is defined already", (int)macro->length,
                         macro->name);
    macro->hash = asm_hash(macro->name, macro->length);
    macro->body_end = body_end;
    macro->source = a->source;
    macro->line = line + 1;
    asm_macro **bucket = bucket_of(a, macro->hash);
    macro->next = *bucket;
    *bucket = macro;
    a->n_macros++;
    return true;
}

bool asm_d_purge(assembler *a, int argument, const char *at) {
    const char *name;
    size_t length;
    (void)argument;
    (void)at;
    if (!asm_expect_name(a, "the name of a macro", &name, &length)) return false;
    asm_macro *macro = asm_find_macro(a, name, length);
    if (!macro) return asm_error(a, TS_MISSING, name, "no macro '%.*s'", (int)length, name);
    asm_macro **link = bucket_of(a, macro->hash);
    while (*link != macro)
        link = &(*link)->next;
    *link = macro->next;
    a->n_macros--;
    return asm_expect_end(a);
}

/* ---- calls ----------------------------------------------------------------------------------- */

/* The argument's end: a comma or the statement's end, outside of brackets and quotes. */
static void skip_argument(assembler *a, bool takes_rest) {
    int depth = 0;
    while (*a->p != '\n' && a->p != a->source->end) {
        char c = *a->p;
        if (c == ';' || (c == '/' && (a->p[1] == '/' || a->p[1] == '*'))) return;
        if (c == ',' && depth == 0 && !takes_rest) return;
        depth += (c == '(' || c == '[') - ((c == ')' || c == ']') && depth > 0);
        a->p++;
        if (c != '"') continue;
        while (*a->p != '"' && *a->p != '\n' && a->p != a->source->end)
            a->p += *a->p == '\\' && a->p[1] != '\n' && a->p + 1 != a->source->end ? 2 : 1;
        if (*a->p == '"') a->p++;
    }
}

asm_argument asm_take_argument(assembler *a, bool takes_rest) {
    asm_skip_space(a);
    const char *start = a->p;
    skip_argument(a, takes_rest);
    const char *end = a->p;
    while (end > start && (end[-1] == ' ' || end[-1] == '\t' || end[-1] == '\r'))
        end--;
    size_t length = (size_t)(end - start);
    bool is_string = length >= 2 && start[0] == '"' && !takes_rest &&
                     memchr(start + 1, '"', length - 1) == end - 1;
    if (is_string) return (asm_argument){start + 1, length - 2};
    return (asm_argument){start, length};
}

/* "name =" of a parameter: its number, with reading behind it; else n_parameters. */
static size_t take_parameter_name(assembler *a, const asm_macro *macro) {
    const char *start = a->p, *name;
    size_t length, i = macro->n_parameters;
    if (asm_is_word_start(*a->p) && asm_take_name(a, &name, &length) && asm_take(a, '=') &&
        *a->p != '=')
        for (i = 0; i < macro->n_parameters; i++)
            if (macro->parameters[i].length == length &&
                memcmp(macro->parameters[i].name, name, length) == 0)
                return i;
    a->p = start;
    return i;
}

static bool read_arguments(assembler *a, const asm_macro *macro, asm_argument *arguments) {
    size_t n = 0;
    while (!asm_at_end(a)) {
        const char *at = a->p;
        size_t i = take_parameter_name(a, macro);
        if (i == macro->n_parameters) i = n++;
        if (i >= macro->n_parameters)
            return asm_error(a, TS_RANGE, at, "macro '%.*s' takes %zu arguments",
                             (int)macro->length, macro->name, macro->n_parameters);
        arguments[i] = asm_take_argument(a, macro->parameters[i].takes_rest);
        if (!asm_take(a, ',')) break;
    }
    return asm_expect_end(a);
}

static bool complete_arguments(assembler *a, const asm_macro *macro, asm_argument *arguments,
                               const char *at) {
    for (size_t i = 0; i < macro->n_parameters; i++) {
        const asm_parameter *parameter = &macro->parameters[i];
        if (arguments[i].length) continue;
        if (parameter->is_required)
            return asm_error(a, TS_MISSING, at, "macro '%.*s' needs its argument '%.*s'",
                             (int)macro->length, macro->name, (int)parameter->length,
                             parameter->name);
        if (!parameter->value) continue;
        arguments[i] = (asm_argument){parameter->value, parameter->value_length};
    }
    return true;
}

bool asm_call_macro(assembler *a, const asm_macro *macro, const char *at) {
    asm_argument arguments[ASM_MAX_PARAMETERS] = {{0}};
    if (!asm_no_bundle(a, "a macro", at) || !read_arguments(a, macro, arguments) ||
        !complete_arguments(a, macro, arguments, at))
        return false;
    ts_buf text = ts_buf_in(a->arena);
    const char *what = ts_arena_printf(a->arena, "macro '%.*s'", (int)macro->length, macro->name);
    if (!what) return asm_nomem(a);
    if (!asm_substitute(a, &text, macro->body, macro->body_end, macro->parameters, arguments,
                        macro->n_parameters))
        return false;
    a->n_macro_calls++;
    return asm_push_expansion(a, ASM_MACRO, &text, macro->source, macro->line, what, at, 0);
}

bool asm_d_exit_macro(assembler *a, int argument, const char *at) {
    (void)argument;
    size_t n = a->n_inputs;
    while (n && a->inputs[n - 1].kind == ASM_REPEAT)
        n--;
    if (!n || a->inputs[n - 1].kind != ASM_MACRO)
        return asm_error(a, TS_SYNTAX, at, ".exitm outside of a macro");
    a->n_conditions = a->inputs[n - 1].n_conditions;
    while (a->n_inputs >= n) {
        a->inputs[a->n_inputs - 1].repeats = 0;
        asm_pop_text(a);
    }
    return true;
}
