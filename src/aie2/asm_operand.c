/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The operands of one operation as tokens, before it is known which instruction it is:
 *
 *   operands = operand { "," operand }
 *   operand  = register | word | "#" expression | "[" pointer [ "," index ] "]"
 *   register = name [ ":" name ]
 *
 * src: llvm-aie: llvm/lib/Target/AIE/AsmParser/AIE2AsmParser.cpp [code]
 */
#include "asm_int.h"

#include <string.h>

/* A register whose text stands for two is the 3D one in operations that say so.
 * src: llvm-aie: AsmParser/AIE2AsmParser.cpp, convertToD_3D [code] */
static ts_aie2_register widen_3d(const char *at, size_t length, ts_aie2_register reg) {
    if (length != 2 || asm_lower(at[0]) != 'd' || at[1] < '0' || at[1] > '3') return reg;
    char name[] = "d0_3d";
    name[1] = at[1];
    return ts_aie2_register_named(name, strlen(name));
}

static void read_word(assembler *a, bool is_3d, asm_token *out) {
    const char *at = a->p;
    while (asm_is_word(*a->p))
        a->p++;
    size_t length = (size_t)(a->p - at);
    out->reg = ts_aie2_register_named(at, length);
    if (*a->p == ':' && asm_is_word_start(a->p[1])) {
        const char *end = a->p + 1;
        while (asm_is_word(*end))
            end++;
        ts_aie2_register pair = ts_aie2_register_named(at, (size_t)(end - at));
        if (pair) {
            out->reg = pair;
            a->p = end;
            length = (size_t)(end - at);
        }
    }
    if (is_3d && out->reg) out->reg = widen_3d(at, length, out->reg);
    out->kind = out->reg ? ASM_TOKEN_REGISTER : ASM_TOKEN_WORD;
    out->length = (uint32_t)length;
}

static bool read_token(assembler *a, bool is_3d, asm_token *out) {
    char c = *a->p;
    out->at = a->p;
    if (asm_is_word_start(c)) {
        read_word(a, is_3d, out);
        return true;
    }
    if (c == '#') {
        a->p++;
        out->kind = ASM_TOKEN_NUMBER;
        return asm_expression(a, &out->value);
    }
    if (c == '[' || c == ']' || c == ',') {
        a->p++;
        out->kind = ASM_TOKEN_MARK;
        out->mark = c;
        return true;
    }
    if (asm_is_digit(c) || c == '-')
        return asm_error(a, TS_SYNTAX, a->p, "a number as an operand begins with '#'");
    return asm_error(a, TS_SYNTAX, a->p, "unexpected character in an operand");
}

bool asm_read_operands(assembler *a, bool is_3d, asm_token tokens[ASM_MAX_TOKENS], size_t *n) {
    for (*n = 0; !asm_at_end(a); (*n)++) {
        if (*n + 1 == ASM_MAX_TOKENS)
            return asm_error(a, TS_RANGE, a->p, "more operands than any operation has");
        if (!read_token(a, is_3d, &tokens[*n])) return false;
    }
    tokens[*n].kind = ASM_TOKEN_END;
    tokens[*n].at = a->p;
    return true;
}
