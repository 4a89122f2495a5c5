/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Which instruction an operation is: the first row of its mnemonic whose text template the operands
 * fit. When none does, the rows that fitted furthest say what was expected there.
 */
#include "asm_int.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

typedef enum misfit_kind {
    WANTS_END,
    WANTS_MARK,
    WANTS_WORD,
    WANTS_REGISTER,
    WANTS_NUMBER,
    OUT_OF_RANGE, /* a number, but not one of these */
} misfit_kind;

/* Where a row stopped fitting, and why. */
typedef struct misfit {
    misfit_kind kind;
    size_t token;
    char mark;
    const char *word;
    size_t length;
    const ts_aie2_operand *operand;
} misfit;

enum {
    MAX_MISFITS = 8,
    MAX_FAMILIES = 6, /* of registers told in an error */
};

typedef struct misfits {
    misfit list[MAX_MISFITS];
    size_t n;
} misfits;

/* ---- fitting --------------------------------------------------------------------------------- */

/* 32-bit operands take both signed and unsigned values. */
static int64_t largest(const ts_aie2_operand *operand) {
    return operand->width == 32 && operand->step == 1 ? (int64_t)UINT32_MAX : operand->max;
}

static bool is_in_range(const ts_aie2_operand *operand, int64_t number) {
    return number >= operand->min && number <= largest(operand) && number % operand->step == 0;
}

/* A value that can be encoded, in place of one that is not known yet. */
static int32_t stand_in(const ts_aie2_operand *operand) {
    return operand->min <= 0 && operand->max >= 0 ? 0 : operand->max;
}

static bool fits_number(const ts_aie2_operand *operand, unsigned index, const asm_token *token,
                        asm_op *op, misfit *why) {
    why->operand = operand;
    why->kind = WANTS_NUMBER;
    if (token->kind != ASM_TOKEN_NUMBER) return false;
    if (asm_is_number(&token->value)) {
        why->kind = OUT_OF_RANGE;
        op->op.values[index] = (int32_t)(uint32_t)(uint64_t)token->value.number;
        return is_in_range(operand, token->value.number);
    }
    if (op->n_symbolic == ASM_MAX_SYMBOLIC) return false;
    op->op.values[index] = stand_in(operand);
    op->symbolic[op->n_symbolic].operand = (uint8_t)index;
    op->symbolic[op->n_symbolic].place = (asm_place){.source = op->place.source, .at = token->at};
    op->symbolic[op->n_symbolic++].value = token->value;
    return true;
}

static bool fits_operand(const ts_aie2_operand *operand, unsigned index, const asm_token *token,
                         asm_op *op, misfit *why) {
    if (!operand->is_register) return fits_number(operand, index, token, op, why);
    why->kind = WANTS_REGISTER;
    why->operand = operand;
    if (token->kind != ASM_TOKEN_REGISTER) return false;
    op->op.values[index] = token->reg;
    return ts_aie2_register_classes[operand->register_class].to_value[token->reg] >= 0;
}

static bool fits_word(const char *word, size_t length, const asm_token *token, misfit *why) {
    why->kind = WANTS_WORD;
    why->word = word;
    why->length = length;
    return (token->kind == ASM_TOKEN_WORD || token->kind == ASM_TOKEN_REGISTER) &&
           token->length == length && asm_same_word(token->at, word, length);
}

static bool fits_mark(char mark, const asm_token *token, misfit *why) {
    why->kind = WANTS_MARK;
    why->mark = mark;
    return token->kind == ASM_TOKEN_MARK && token->mark == mark;
}

static bool fits(const ts_aie2_instruction *row, const asm_token *tokens, asm_op *op, misfit *why) {
    const char *p = row->text;
    op->n_symbolic = 0;
    for (why->token = 0;; why->token++) {
        const asm_token *token = &tokens[why->token];
        while (*p == ' ')
            p++;
        if (!*p) {
            why->kind = WANTS_END;
            return token->kind == ASM_TOKEN_END;
        }
        const char *start = p;
        bool ok;
        if (*p == '$') {
            unsigned index = (unsigned)(p[1] - '0');
            ok = fits_operand(&row->operands[index], index, token, op, why);
            p += 2;
        } else if (asm_is_word(*p)) {
            while (asm_is_word(*p))
                p++;
            ok = fits_word(start, (size_t)(p - start), token, why);
        } else {
            ok = fits_mark(*p++, token, why);
        }
        if (!ok) return false;
    }
}

/* ---- saying why not -------------------------------------------------------------------------- */

/* Registers whose names differ in their number alone. */
static bool is_same_family(unsigned x, unsigned y) {
    const char *a = ts_aie2_registers[x].name, *b = ts_aie2_registers[y].name;
    size_t letters = strcspn(a, "0123456789");
    return x == y || (a[letters] && strcspn(b, "0123456789") == letters &&
                      strncmp(a, b, letters) == 0 && b[letters]);
}

/* The first or last of a register's family in the class. */
static unsigned edge_of(const ts_aie2_register_class *class, unsigned reg, bool last) {
    unsigned found = reg;
    for (unsigned i = 1; i < ts_aie2_n_registers; i++)
        if (class->to_value[i] >= 0 && is_same_family(reg, i) && (last ? i > found : i < found))
            found = i;
    return found;
}

/* "r0..r31, p0..p7" */
static void describe_class(unsigned register_class, char *out, size_t size) {
    const ts_aie2_register_class *class = &ts_aie2_register_classes[register_class];
    size_t at = 0;
    int n_shown = 0;
    out[0] = '\0';
    for (unsigned i = 1; i < ts_aie2_n_registers && at < size; i++) {
        if (class->to_value[i] < 0 || edge_of(class, i, false) != i) continue;
        if (n_shown++ == MAX_FAMILIES) {
            snprintf(out + at, size - at, ", ..");
            return;
        }
        unsigned last = edge_of(class, i, true);
        const char *to = last == i ? "" : "..";
        at += (size_t)snprintf(out + at, size - at, "%s%s%s%s", at ? ", " : "",
                               ts_aie2_registers[i].text, to,
                               last == i ? "" : ts_aie2_registers[last].text);
    }
}

static void describe(const misfit *why, char *out, size_t size) {
    switch (why->kind) {
    case WANTS_END: snprintf(out, size, "the end of the operation"); break;
    case WANTS_MARK: snprintf(out, size, "'%c'", why->mark); break;
    case WANTS_WORD: snprintf(out, size, "'%.*s'", (int)why->length, why->word); break;
    case WANTS_REGISTER: describe_class(why->operand->register_class, out, size); break;
    case WANTS_NUMBER:
    case OUT_OF_RANGE:
        snprintf(out, size, "#%" PRId32 " to #%" PRId64, why->operand->min, largest(why->operand));
        if (why->operand->step != 1)
            snprintf(out + strlen(out), size - strlen(out), " in steps of %" PRId32,
                     why->operand->step);
        break;
    }
}

static void describe_token(const asm_token *token, char *out, size_t size) {
    switch (token->kind) {
    case ASM_TOKEN_END: snprintf(out, size, "the end"); break;
    case ASM_TOKEN_MARK: snprintf(out, size, "'%c'", token->mark); break;
    case ASM_TOKEN_NUMBER: snprintf(out, size, "a number"); break;
    case ASM_TOKEN_REGISTER:
    case ASM_TOKEN_WORD: snprintf(out, size, "'%.*s'", (int)token->length, token->at); break;
    }
}

static bool say_range(assembler *a, const ts_aie2_operand *operand, int64_t number,
                      asm_place place) {
    const char *unit = operand->step == 1 ? "" : " in steps of ";
    char step[16] = "";
    if (operand->step != 1) snprintf(step, sizeof step, "%" PRId32, operand->step);
    if (number >= operand->min && number <= largest(operand))
        return asm_error_at(a, TS_RANGE, place,
                            "%" PRId64 " is no multiple of %s; expected #%" PRId32 " to #%" PRId64
                            "%s%s",
                            number, step, operand->min, largest(operand), unit, step);
    return asm_error_at(a, TS_RANGE, place,
                        "%" PRId64 " is out of range; expected #%" PRId32 " to #%" PRId64 "%s%s",
                        number, operand->min, largest(operand), unit, step);
}

bool asm_check_immediate(assembler *a, const ts_aie2_operand *operand, int64_t number,
                         asm_place place) {
    return is_in_range(operand, number) || say_range(a, operand, number, place);
}

static void keep(misfits *all, const misfit *why) {
    if (all->n && why->token < all->list[0].token) return;
    if (all->n && why->token > all->list[0].token) all->n = 0;
    if (all->n < MAX_MISFITS) all->list[all->n++] = *why;
}

/* "'a', 'b' or 'c'" of all that could stand at the token, each once. */
static void list_expected(const misfits *all, char *out, size_t size) {
    char parts[MAX_MISFITS][96];
    size_t n = 0;
    for (size_t i = 0; i < all->n; i++) {
        describe(&all->list[i], parts[n], sizeof parts[n]);
        bool is_new = true;
        for (size_t k = 0; k < n; k++)
            is_new = is_new && strcmp(parts[k], parts[n]) != 0;
        n += is_new;
    }
    size_t at = 0;
    for (size_t i = 0; i < n && at < size; i++)
        at += (size_t)snprintf(out + at, size - at, "%s%s",
                               i == 0       ? ""
                               : i + 1 == n ? " or "
                                            : ", ",
                               parts[i]);
}

static bool say_misfit(assembler *a, const char *mnemonic, size_t length, const asm_token *tokens,
                       const misfits *all) {
    const asm_token *token = &tokens[all->list[0].token];
    for (size_t i = 0; i < all->n; i++)
        if (all->list[i].kind == OUT_OF_RANGE)
            return say_range(a, all->list[i].operand, token->value.number, asm_here(a, token->at));
    char expected[240], found[64];
    list_expected(all, expected, sizeof expected);
    describe_token(token, found, sizeof found);
    return asm_error(a, TS_SYNTAX, token->at, "%.*s: expected %s, not %s", (int)length, mnemonic,
                     expected, found);
}

bool asm_match(assembler *a, const char *mnemonic, size_t length, size_t first, size_t n_rows,
               const asm_token *tokens, asm_op *out) {
    misfits all = {.n = 0};
    for (size_t i = 0; i < n_rows; i++) {
        uint16_t number = ts_aie2_by_mnemonic[first + i];
        misfit why;
        out->op.instruction = number;
        if (fits(&ts_aie2_instructions[number], tokens, out, &why)) return true;
        keep(&all, &why);
    }
    return say_misfit(a, mnemonic, length, tokens, &all);
}
