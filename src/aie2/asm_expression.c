/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Expressions over 64-bit numbers and symbols. What is a number, or a number and symbols added and
 * taken away, stays flat; anything else over symbols that are not known yet becomes a tree, looked
 * at again at the end.
 *
 *   expression = unary { operator unary }
 *   unary      = { "-" | "+" | "~" | "!" } term
 *   term       = number | "'" character [ "'" ] | number ( "b" | "f" ) | "." | name
 *              | "(" expression ")"
 *
 * Operators bind as llvm-mc has them for ELF, which is not as in C: * / % << >> first, then
 * | ^ &, then + -, then comparisons, then &&, then ||. Shifting right brings in zeros. A comparison
 * that holds is -1, unlike && || and !, which give 1.
 * src: llvm-aie: llvm/lib/MC/MCParser/AsmParser.cpp, getGNUBinOpPrecedence; llvm/lib/MC/MCExpr.cpp,
 * evaluateAsRelocatableImpl [code]
 */
#include "asm_int.h"

#include <string.h>

typedef enum operation {
    LOGICAL_OR,
    LOGICAL_AND,
    EQUAL,
    NOT_EQUAL,
    LESS,
    LESS_EQUAL,
    GREATER,
    GREATER_EQUAL,
    PLUS,
    MINUS,
    OR,
    XOR,
    AND,
    TIMES,
    DIVIDED,
    MODULO,
    SHIFT_LEFT,
    SHIFT_RIGHT,
} operation;

struct asm_node {
    operation op;
    asm_value left, right;
    asm_place place; /* of the operator */
};

static const struct {
    char text[3];
    uint8_t binding;
    operation op;
} operators[] = {
    /* Longer ones before those they begin with. */
    {"||", 1, LOGICAL_OR},    {"&&", 2, LOGICAL_AND}, {"==", 3, EQUAL},       {"!=", 3, NOT_EQUAL},
    {"<>", 3, NOT_EQUAL},     {"<<", 6, SHIFT_LEFT},  {">>", 6, SHIFT_RIGHT}, {"<=", 3, LESS_EQUAL},
    {">=", 3, GREATER_EQUAL}, {"<", 3, LESS},         {">", 3, GREATER},      {"+", 4, PLUS},
    {"-", 4, MINUS},          {"|", 5, OR},           {"^", 5, XOR},          {"&", 5, AND},
    {"*", 6, TIMES},          {"/", 6, DIVIDED},      {"%", 6, MODULO},
};

/* ---- working out ----------------------------------------------------------------------------- */

/* Whether what is between two symbols cannot change any more. */
static bool is_settled(const assembler *a, const asm_symbol *symbol) {
    const asm_section *section = &a->sections[symbol->section];
    return !section->delay || !section->delay_of_call || symbol->offset <= section->jump_offset;
}

/* Removes one symbol of each list when together they are a number. */
static bool cancel(const assembler *a, asm_symbol **plus, asm_symbol **minus, int64_t *number) {
    if (!*plus || !*minus) return false;
    const asm_symbol *p = *plus, *m = *minus;
    if (p != m) {
        if (p->kind != ASM_LABEL || m->kind != ASM_LABEL || p->section != m->section) return false;
        if (!is_settled(a, p) || !is_settled(a, m)) return false;
        *number += (int64_t)p->offset - (int64_t)m->offset;
    }
    *plus = *minus = NULL;
    return true;
}

static int64_t wrap(uint64_t value) {
    return (int64_t)value;
}

/* left + right, or left - right. False when too many symbols stay. */
static bool add(const assembler *a, const asm_value *left, const asm_value *right, bool is_minus,
                asm_value *out) {
    if (left->tree || right->tree) return false;
    asm_symbol *plus[2] = {left->plus, is_minus ? right->minus : right->plus};
    asm_symbol *minus[2] = {left->minus, is_minus ? right->plus : right->minus};
    uint64_t l = (uint64_t)left->number, r = (uint64_t)right->number;
    *out = (asm_value){.number = wrap(is_minus ? l - r : l + r)};
    for (int i = 0; i < 4; i++)
        cancel(a, &plus[i & 1], &minus[i >> 1], &out->number);
    if ((plus[0] && plus[1]) || (minus[0] && minus[1])) return false;
    out->plus = plus[0] ? plus[0] : plus[1];
    out->minus = minus[0] ? minus[0] : minus[1];
    return true;
}

static int64_t shift(operation op, int64_t left, int64_t right) {
    if (right < 0 || right > 63) return 0;
    uint64_t bits = (uint64_t)left;
    return wrap(op == SHIFT_LEFT ? bits << right : bits >> right);
}

/* Of two numbers; division by zero is met before. */
static int64_t compute(operation op, int64_t left, int64_t right) {
    switch (op) {
    case LOGICAL_OR: return left || right;
    case LOGICAL_AND: return left && right;
    case EQUAL: return -(left == right);
    case NOT_EQUAL: return -(left != right);
    case LESS: return -(left < right);
    case LESS_EQUAL: return -(left <= right);
    case GREATER: return -(left > right);
    case GREATER_EQUAL: return -(left >= right);
    case PLUS: return wrap((uint64_t)left + (uint64_t)right);
    case MINUS: return wrap((uint64_t)left - (uint64_t)right);
    case OR: return left | right;
    case XOR: return left ^ right;
    case AND: return left & right;
    case TIMES: return wrap((uint64_t)left * (uint64_t)right);
    case DIVIDED: return right == -1 ? wrap(-(uint64_t)left) : left / right;
    case MODULO: return right == -1 ? 0 : left % right;
    case SHIFT_LEFT:
    case SHIFT_RIGHT: return shift(op, left, right);
    }
    return 0;
}

static bool is_comparison(operation op) {
    return op >= EQUAL && op <= GREATER_EQUAL;
}

/* False without report: not known by now. */
static bool fold(assembler *a, operation op, asm_value *left, asm_value *right, asm_value *out) {
    if (op == PLUS || op == MINUS) return add(a, left, right, op == MINUS, out);
    asm_value distance;
    if (is_comparison(op) && add(a, left, right, true, &distance) && asm_is_number(&distance) &&
        !(asm_is_number(left) && asm_is_number(right))) {
        *left = distance;
        *right = (asm_value){0};
    }
    if (!asm_is_number(left) || !asm_is_number(right)) return false;
    *out = (asm_value){.number = compute(op, left->number, right->number)};
    return true;
}

static bool combine(assembler *a, operation op, asm_value *left, asm_value *right, const char *at,
                    asm_value *out) {
    if ((op == DIVIDED || op == MODULO) && asm_is_number(right) && !right->number)
        return asm_error(a, TS_RANGE, at, "division by zero");
    if (fold(a, op, left, right, out)) return true;
    struct asm_node *node = TS_ARENA_NEW(a->arena, struct asm_node);
    if (!node) return asm_nomem(a);
    *node = (struct asm_node){.op = op, .left = *left, .right = *right, .place = asm_here(a, at)};
    *out = (asm_value){.tree = node};
    return true;
}

/* What a symbol stands for, as far as that is known. */
static bool value_of(assembler *a, asm_symbol *symbol, asm_place place, int depth, asm_value *out);

static bool resolve(assembler *a, asm_value *value, asm_place place, int depth);

static bool resolve_tree(assembler *a, asm_value *value, asm_place place, int depth) {
    const struct asm_node *node = value->tree;
    asm_value left = node->left, right = node->right, result;
    /* Trees share parts: an expression that doubles itself line by line would take forever. */
    if (++a->n_tree_steps > ASM_MAX_TREE_STEPS) {
        a->is_stopped = true;
        return asm_error_at(a, TS_RANGE, place, "too much to work out at the end");
    }
    if (!resolve(a, &left, place, depth + 1) || !resolve(a, &right, place, depth + 1)) return false;
    if ((node->op == DIVIDED || node->op == MODULO) && asm_is_number(&right) && !right.number)
        return asm_error_at(a, TS_RANGE, node->place, "division by zero");
    if (fold(a, node->op, &left, &right, &result)) *value = result;
    return true;
}

static bool resolve(assembler *a, asm_value *value, asm_place place, int depth) {
    if (depth > ASM_MAX_DEPTH) return asm_error_at(a, TS_RANGE, place, "an expression too deep");
    if (value->tree) return resolve_tree(a, value, place, depth);
    asm_value sum = {.number = value->number}, left, right;
    for (int i = 0; i < 2; i++) {
        asm_symbol *symbol = i ? value->minus : value->plus;
        if (!symbol) continue;
        left = sum;
        if (!value_of(a, symbol, place, depth + 1, &right)) return false;
        if (!add(a, &left, &right, i == 1, &sum)) return true;
    }
    *value = sum;
    return true;
}

static bool value_of(assembler *a, asm_symbol *symbol, asm_place place, int depth, asm_value *out) {
    *out = (asm_value){.plus = symbol};
    if (symbol->kind != ASM_EQUAL) return true;
    if (symbol->is_resolving)
        return asm_error_at(a, TS_CONFLICT, place, "'%.*s' stands for itself", (int)symbol->length,
                            symbol->name);
    symbol->is_resolving = true;
    *out = symbol->value;
    bool ok = resolve(a, out, place, depth);
    symbol->is_resolving = false;
    return ok;
}

bool asm_resolve(assembler *a, asm_value *value, asm_place place) {
    if (asm_is_number(value)) return true;
    return resolve(a, value, place, 0);
}

/* ---- reading --------------------------------------------------------------------------------- */

static bool read_expression(assembler *a, unsigned binding, int depth, asm_value *out);

static int digit_of(char c) {
    if (asm_is_digit(c)) return c - '0';
    c = asm_lower(c);
    return c >= 'a' && c <= 'z' ? c - 'a' + 10 : 99;
}

/* C's, at most three, which change nothing: all numbers have 64 bits. */
static void skip_suffix(assembler *a) {
    for (int i = 0; i < 3 && (asm_lower(*a->p) == 'u' || asm_lower(*a->p) == 'l'); i++)
        a->p++;
}

/* Digits behind a prefix, a suffix, and nothing that belongs to a word behind them. */
static bool read_digits(assembler *a, unsigned base, uint64_t *out) {
    const char *start = a->p;
    *out = 0;
    bool too_large = false;
    for (; digit_of(*a->p) < (int)base; a->p++) {
        uint64_t digit = (uint64_t)digit_of(*a->p);
        if (*out > (UINT64_MAX - digit) / base) too_large = true;
        *out = *out * base + digit;
    }
    bool has_digits = a->p != start;
    if (has_digits) skip_suffix(a);
    if (!has_digits || asm_is_word(*a->p))
        return asm_error(a, TS_SYNTAX, a->p, "not a digit of a number with base %u", base);
    if (too_large) return asm_error(a, TS_RANGE, start, "a number of more than 64 bits");
    return true;
}

/* "1b", "1f": behind the digits, nothing else of a word. */
static bool is_local_number(const char *p) {
    while (asm_is_digit(*p))
        p++;
    return (*p == 'b' || *p == 'f') && !asm_is_word(p[1]);
}

static bool read_local_number(assembler *a, asm_value *out) {
    const char *at = a->p;
    uint64_t number = 0;
    for (; asm_is_digit(*a->p); a->p++)
        number = number > UINT32_MAX ? number : number * 10 + (uint64_t)(*a->p - '0');
    asm_symbol *symbol = asm_local_number(a, number, *a->p++ == 'f', at);
    *out = (asm_value){.plus = symbol};
    return symbol != NULL;
}

static bool read_number(assembler *a, asm_value *out) {
    if (is_local_number(a->p)) return read_local_number(a, out);
    unsigned base = 10;
    if (a->p[0] == '0') {
        char c = asm_lower(a->p[1]);
        base = c == 'x' ? 16 : c == 'b' ? 2 : asm_is_digit(c) ? 8 : 10;
        if (base != 10) a->p += base == 8 ? 1 : 2;
    }
    uint64_t number;
    if (!read_digits(a, base, &number)) return false;
    *out = (asm_value){.number = wrap(number)};
    return true;
}

static bool read_character(assembler *a, asm_value *out) {
    const char *at = a->p++;
    uint32_t c;
    if (!asm_take_character(a, &c))
        return asm_error(a, TS_SYNTAX, at, "a quote without a character behind it");
    if (*a->p == '\'') a->p++;
    *out = (asm_value){.number = (int64_t)c};
    return true;
}

static bool read_name(assembler *a, asm_value *out) {
    const char *name, *at = a->p;
    size_t length;
    if (!asm_take_name(a, &name, &length))
        return asm_error(a, TS_SYNTAX, a->p, "expected a number, a name or '('");
    asm_symbol *symbol = length == 1 && *name == '.' && *at != '"'
                             ? asm_here_symbol(a)
                             : asm_find_symbol(a, name, length);
    if (!symbol) return false;
    if (!symbol->is_used && symbol->kind == ASM_UNDEFINED) symbol->place = asm_here(a, at);
    symbol->is_used = true;
    /* What it stands for now, so that x = x + 1 can be said; worked out when it is needed. */
    *out = symbol->kind == ASM_EQUAL ? symbol->value : (asm_value){.plus = symbol};
    return true;
}

static bool read_term(assembler *a, int depth, asm_value *out) {
    asm_skip_space(a);
    char c = *a->p;
    if (asm_is_digit(c)) return read_number(a, out);
    if (c == '\'') return read_character(a, out);
    if (c != '(') return read_name(a, out);
    a->p++;
    return read_expression(a, 1, depth + 1, out) && asm_expect(a, ')', "behind the expression");
}

static bool read_unary(assembler *a, int depth, asm_value *out) {
    asm_skip_space(a);
    const char *at = a->p;
    char c = *at;
    if (depth > ASM_MAX_DEPTH) return asm_error(a, TS_RANGE, at, "an expression too deep");
    if (c != '-' && c != '+' && c != '~' && c != '!') return read_term(a, depth, out);
    a->p++;
    asm_value inner, is_zero, zero = {0}, one = {.number = 1}, ones = {.number = -1};
    if (!read_unary(a, depth + 1, &inner)) return false;
    switch (c) {
    case '-': return combine(a, MINUS, &zero, &inner, at, out);
    case '~': return combine(a, XOR, &inner, &ones, at, out);
    case '!':
        return combine(a, EQUAL, &inner, &zero, at, &is_zero) &&
               combine(a, AND, &is_zero, &one, at, out);
    default: *out = inner; return true;
    }
}

/* The operator here, or -1. Comments have been skipped, so a '/' divides. */
static int find_operator(assembler *a) {
    asm_skip_space(a);
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
        const char *text = operators[i].text;
        if (a->p[0] == text[0] && (!text[1] || a->p[1] == text[1])) return (int)i;
    }
    return -1;
}

static bool read_expression(assembler *a, unsigned binding, int depth, asm_value *out) {
    if (!read_unary(a, depth, out)) return false;
    for (;;) {
        int i = find_operator(a);
        if (i < 0 || operators[i].binding < binding) return true;
        const char *at = a->p;
        a->p += operators[i].text[1] ? 2 : 1;
        asm_value left = *out, right;
        if (!read_expression(a, operators[i].binding + 1u, depth + 1, &right)) return false;
        if (!combine(a, operators[i].op, &left, &right, at, out)) return false;
    }
}

bool asm_expression(assembler *a, asm_value *out) {
    return read_expression(a, 1, 0, out);
}

/* What keeps a value from being a number. */
static const asm_symbol *unknown_in(const asm_value *value) {
    while (value->tree)
        value = asm_is_number(&value->tree->left) ? &value->tree->right : &value->tree->left;
    return value->plus ? value->plus : value->minus;
}

bool asm_number(assembler *a, int64_t *out) {
    asm_skip_space(a);
    asm_place place = asm_here(a, a->p);
    asm_value value;
    if (!asm_expression(a, &value) || !asm_resolve(a, &value, place)) return false;
    if (asm_is_number(&value)) {
        *out = value.number;
        return true;
    }
    const asm_symbol *symbol = unknown_in(&value);
    if (symbol && symbol->kind == ASM_UNDEFINED)
        return asm_error_at(a, TS_MISSING, place,
                            "'%.*s' is not known yet; a number is needed here", (int)symbol->length,
                            symbol->name);
    return asm_error_at(a, TS_SYNTAX, place, "an address; a number is needed here");
}

bool asm_number_in(assembler *a, int64_t min, int64_t max, const char *what, int64_t *out) {
    asm_skip_space(a);
    const char *at = a->p;
    if (!asm_number(a, out)) return false;
    if (*out >= min && *out <= max) return true;
    return asm_error(a, TS_RANGE, at, "%s is %lld; it can be %lld to %lld", what, (long long)*out,
                     (long long)min, (long long)max);
}
