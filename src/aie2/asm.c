/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The assembler: statements one after another.
 *
 *   text      = { statement ( newline | ";" ) }
 *   statement = { label } [ directive | assignment | macro call | operation ]
 *   label     = name ":" | number ":"
 *   assignment = name "=" expression
 *
 * A '#' at the beginning of a statement makes the line a comment; within one it begins an
 * immediate.
 *
 * src: llvm-aie: llvm/lib/MC/MCParser/AsmParser.cpp, parseStatement; AsmLexer.cpp, LexToken [code]
 */
#include "asm_int.h"

#include <string.h>

static bool read_assignment(assembler *a, const char *name, size_t length) {
    a->p++; /* the equals sign */
    if (!asm_no_bundle(a, "an assignment", name)) return false;
    if (length == 1 && *name == '.') return asm_d_org(a, 0, name);
    return asm_assign(a, name, length, name, false);
}

/* What a name begins; a label leaves the rest of its statement. */
static bool read_named(assembler *a) {
    const char *name, *at = a->p;
    size_t length;
    if (!asm_take_name(a, &name, &length))
        return asm_error(a, TS_SYNTAX, a->p, "expected a label, a directive or an operation");
    asm_skip_space(a);
    if (*a->p == ':') {
        a->p++;
        return asm_define_label(a, name, length, at);
    }
    if (*a->p == '=' && a->p[1] != '=') return read_assignment(a, name, length);
    const asm_macro *macro = asm_find_macro(a, name, length);
    if (macro) return asm_call_macro(a, macro, at);
    if (*name == '.') return asm_directive(a, name, length);
    a->bundle_goes_on = false;
    return asm_operation(a, name, length) && asm_expect_end(a);
}

static bool read_numbered(assembler *a) {
    const char *at = a->p;
    uint64_t number = 0;
    for (; asm_is_digit(*a->p); a->p++)
        number = number > UINT32_MAX ? number : number * 10 + (uint64_t)(*a->p - '0');
    if (!asm_take(a, ':'))
        return asm_error(a, TS_SYNTAX, at, "a statement cannot begin with a number");
    return asm_define_number(a, number, at);
}

static bool read_statement(assembler *a) {
    if (asm_is_digit(*a->p)) return read_numbered(a);
    if (*a->p != '#') return read_named(a);
    asm_skip_line(a);
    return true;
}

/* Statements out of macros and repetitions are limited; those of files are limited by their size.
 */
static void count_expanded(assembler *a) {
    if (a->inputs[a->n_inputs - 1].kind == ASM_FILE || a->n_expanded++ < ASM_MAX_EXPANDED) return;
    asm_error(a, TS_RANGE, a->p, "macros and repetitions come to more than %d statements",
              ASM_MAX_EXPANDED);
    a->is_stopped = true;
}

static void end_line(assembler *a) {
    if (a->n_ops && !a->bundle_goes_on && !asm_end_bundle(a)) asm_drop_bundle(a);
    a->p++;
    a->line++;
}

/* After an error the rest of the line says little; its bundle is spoiled too. */
static void recover(assembler *a) {
    asm_drop_bundle(a);
    asm_skip_line(a);
}

/* One statement, or what divides two. False at the end of everything. */
static bool read_next(assembler *a) {
    asm_skip_space(a);
    if (*a->p == '\n') {
        end_line(a);
        return true;
    }
    if (*a->p == ';') {
        a->p++;
        a->bundle_goes_on = a->n_ops != 0;
        return true;
    }
    if (a->p == a->source->end) {
        asm_no_bundle(a, "the end of the text", a->p);
        return asm_pop_text(a);
    }
    count_expanded(a);
    if (!(asm_is_taken(a) ? read_statement(a) : asm_skip_untaken(a)) && !a->is_stopped) recover(a);
    return true;
}

static void init(assembler *a) {
    a->loop_start = ts_aie2_register_named("LS", 2);
    a->loop_end = ts_aie2_register_named("LE", 2);
    a->no_hazards = a->options->no_hazards;
    asm_init_directives(a);
}

ts_status ts_aie2_assemble(ts_arena *arena, ts_span text, const char *file,
                           const ts_aie2_assemble_options *options, ts_aie2_assembly *out,
                           ts_aie2_messages *messages) {
    static const ts_aie2_assemble_options none = {0};
    *out = (ts_aie2_assembly){0};
    assembler *a = TS_ARENA_NEW(arena, assembler);
    if (!a) return TS_NOMEM;
    a->arena = arena;
    a->options = options ? options : &none;
    a->messages = messages;
    init(a);
    if (!asm_init_sections(a) || !asm_push_file(a, text, file)) return a->status;
    while (!a->is_stopped && !a->is_over && read_next(a))
        ;
    return asm_finish(a, out);
}
