/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * .if and its like: a stack of conditions. The part that is left out is still looked through for
 * the directives that end it.
 */
#include "asm_int.h"

#include <string.h>

static bool open_if(assembler *a, bool is_taken, bool was_taken, const char *at) {
    if (a->n_conditions == ASM_MAX_CONDITIONS) {
        a->is_stopped = true;
        return asm_error(a, TS_RANGE, at, ".if more than %d deep", ASM_MAX_CONDITIONS);
    }
    a->conditions[a->n_conditions++] = (asm_condition){
        .is_taken = is_taken, .was_taken = was_taken || is_taken, .place = asm_here(a, at)};
    return true;
}

bool asm_skip_if(assembler *a, const char *at) {
    return open_if(a, false, true, at);
}

/* A condition that cannot be read counts as false, so that its .endif is still its own. */
static bool open_bad_if(assembler *a, const char *at) {
    open_if(a, false, true, at);
    return false;
}

static bool holds(int kind, int64_t value) {
    switch (kind) {
    case ASM_IF_ZERO: return value == 0;
    case ASM_IF_POSITIVE: return value > 0;
    case ASM_IF_NOT_NEGATIVE: return value >= 0;
    case ASM_IF_NEGATIVE: return value < 0;
    case ASM_IF_NOT_POSITIVE: return value <= 0;
    default: return value != 0;
    }
}

bool asm_d_if(assembler *a, int kind, const char *at) {
    int64_t value;
    if (!asm_number(a, &value) || !asm_expect_end(a)) return open_bad_if(a, at);
    return open_if(a, holds(kind, value), false, at);
}

bool asm_d_if_blank(assembler *a, int wants_blank, const char *at) {
    bool is_blank = asm_at_end(a);
    asm_skip_statement(a);
    return open_if(a, is_blank == (wants_blank != 0), false, at);
}

/* .ifc a, b: texts as they stand, without the quotes around them. */
bool asm_d_if_same(assembler *a, int wants_same, const char *at) {
    asm_argument first = asm_take_argument(a, false);
    if (!asm_expect(a, ',', "between the two texts")) return open_bad_if(a, at);
    asm_argument second = asm_take_argument(a, false);
    if (!asm_expect_end(a)) return open_bad_if(a, at);
    bool is_same =
        first.length == second.length && memcmp(first.text, second.text, first.length) == 0;
    return open_if(a, is_same == (wants_same != 0), false, at);
}

bool asm_d_if_defined(assembler *a, int wants_defined, const char *at) {
    const char *name;
    size_t length;
    if (!asm_expect_name(a, "a symbol", &name, &length) || !asm_expect_end(a))
        return open_bad_if(a, at);
    const asm_symbol *symbol = asm_find_symbol(a, name, length);
    if (!symbol) return false;
    return open_if(a, (symbol->kind != ASM_UNDEFINED) == (wants_defined != 0), false, at);
}

/* The innermost condition of the text being read, whose .else has not come yet. */
static asm_condition *open_condition(assembler *a, const char *what, const char *at) {
    if (a->n_conditions <= a->inputs[a->n_inputs - 1].n_conditions) {
        asm_error(a, TS_SYNTAX, at, "%s without an .if before it", what);
        return NULL;
    }
    asm_condition *top = &a->conditions[a->n_conditions - 1];
    if (!top->had_else) return top;
    asm_error(a, TS_SYNTAX, at, "%s behind .else", what);
    return NULL;
}

bool asm_d_else_if(assembler *a, int argument, const char *at) {
    (void)argument;
    asm_condition *top = open_condition(a, ".elseif", at);
    if (!top) return false;
    top->is_taken = false;
    if (top->was_taken) {
        asm_skip_statement(a);
        return true;
    }
    int64_t value;
    if (!asm_number(a, &value)) return false;
    top->is_taken = top->was_taken = value != 0;
    return asm_expect_end(a);
}

bool asm_d_else(assembler *a, int argument, const char *at) {
    (void)argument;
    asm_condition *top = open_condition(a, ".else", at);
    if (!top) return false;
    top->is_taken = !top->was_taken;
    top->was_taken = top->had_else = true;
    return asm_expect_end(a);
}

bool asm_d_end_if(assembler *a, int argument, const char *at) {
    (void)argument;
    if (a->n_conditions <= a->inputs[a->n_inputs - 1].n_conditions)
        return asm_error(a, TS_SYNTAX, at, ".endif without an .if before it");
    a->n_conditions--;
    return asm_expect_end(a);
}
