/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Characters and words of assembly text. Comments are C's, both kinds; a statement ends at a new
 * line or ';'. Every text ends with a NUL, which no function here moves past; a NUL within a text
 * is a character that nothing takes.
 *
 * src: llvm-aie: llvm/lib/Target/AIE/MCTargetDesc/AIEMCAsmInfo.cpp, CommentString, AllowAtInName;
 * llvm/lib/MC/MCParser/AsmLexer.cpp [code]
 */
#include "asm_int.h"

#include <string.h>

bool asm_same_word(const char *a, const char *b, size_t length) {
    for (size_t i = 0; i < length; i++)
        if (asm_lower(a[i]) != asm_lower(b[i])) return false;
    return true;
}

bool asm_is_text(const char *p, size_t length, const char *text) {
    return strlen(text) == length && memcmp(p, text, length) == 0;
}

/* FNV-1a. */
uint32_t asm_hash(const char *name, size_t length) {
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (uint8_t)name[i]) * 16777619u;
    return hash;
}

static const char *skip_comment(assembler *a, const char *p) {
    const char *start = p;
    for (p += 2; *p || p < a->source->end; p++) {
        if (*p == '\n') a->line++;
        if (p[0] == '*' && p[1] == '/') return p + 2;
    }
    asm_error(a, TS_SYNTAX, start, "a comment without its end");
    return p;
}

void asm_skip_space(assembler *a) {
    const char *p = a->p;
    for (;;) {
        while (*p == ' ' || *p == '\t' || *p == '\r')
            p++;
        if (*p != '/') break;
        if (p[1] == '/') {
            const char *end = memchr(p, '\n', (size_t)(a->source->end - p));
            p = end ? end : a->source->end;
        } else if (p[1] == '*') {
            p = skip_comment(a, p);
        } else {
            break;
        }
    }
    a->p = p;
}

bool asm_at_end(assembler *a) {
    asm_skip_space(a);
    return *a->p == '\n' || *a->p == ';' || a->p == a->source->end;
}

/* Past one thing that can hide the end of a statement: a string or a comment. */
static void skip_one(assembler *a) {
    if (*a->p == '"') {
        for (a->p++; *a->p != '"' && *a->p != '\n' && a->p != a->source->end; a->p++)
            if (*a->p == '\\' && a->p[1] != '\n' && a->p + 1 != a->source->end) a->p++;
        if (*a->p == '"') a->p++;
        return;
    }
    const char *before = a->p;
    asm_skip_space(a);
    if (a->p == before) a->p++;
}

void asm_skip_statement(assembler *a) {
    while (!asm_at_end(a))
        skip_one(a);
}

void asm_skip_line(assembler *a) {
    while (*a->p != '\n' && a->p != a->source->end) {
        skip_one(a);
        if (a->p == a->source->end) break;
    }
}

bool asm_take(assembler *a, char c) {
    asm_skip_space(a);
    if (*a->p != c || a->p == a->source->end) return false;
    a->p++;
    return true;
}

bool asm_expect(assembler *a, char c, const char *where) {
    if (asm_take(a, c)) return true;
    return asm_error(a, TS_SYNTAX, a->p, "expected '%c' %s", c, where);
}

bool asm_expect_end(assembler *a) {
    if (asm_at_end(a)) return true;
    return asm_error(a, TS_SYNTAX, a->p, "expected the end of the statement here");
}

bool asm_take_name(assembler *a, const char **name, size_t *length) {
    asm_skip_space(a);
    const char *start = a->p;
    if (*start == '"') {
        const char *p = start + 1;
        while (*p != '"' && *p != '\n' && p != a->source->end)
            p++;
        if (*p != '"' || p == start + 1) return false;
        *name = start + 1;
        *length = (size_t)(p - start - 1);
        a->p = p + 1;
        return true;
    }
    if (!asm_is_word_start(*start)) return false;
    while (asm_is_word(*a->p))
        a->p++;
    *name = start;
    *length = (size_t)(a->p - start);
    return true;
}

bool asm_expect_name(assembler *a, const char *what, const char **name, size_t *length) {
    if (asm_take_name(a, name, length)) return true;
    return asm_error(a, TS_SYNTAX, a->p, "expected %s", what);
}

static int hex_digit(char c) {
    if (asm_is_digit(c)) return c - '0';
    c = asm_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void take_escape(assembler *a, uint32_t *out) {
    static const char names[] = "btnvfr", values[] = "\b\t\n\v\f\r";
    char c = *a->p++;
    const char *found = c ? strchr(names, c) : NULL;
    *out = found ? (uint8_t)values[found - names] : (uint8_t)c;
    if (c == 'x') {
        for (*out = 0; hex_digit(*a->p) >= 0; a->p++)
            *out = (*out << 4 | (uint32_t)hex_digit(*a->p)) & 0xff;
    } else if (c >= '0' && c <= '7') {
        *out = (uint32_t)(c - '0');
        for (int i = 0; i < 2 && *a->p >= '0' && *a->p <= '7'; i++)
            *out = *out << 3 | (uint32_t)(*a->p++ - '0');
        *out &= 0xff;
    }
}

bool asm_take_character(assembler *a, uint32_t *out) {
    if (a->p == a->source->end || *a->p == '\n') return false;
    if (*a->p != '\\') {
        *out = (uint8_t)*a->p++;
        return true;
    }
    if (a->p[1] == '\n' || a->p + 1 == a->source->end) return false;
    a->p++;
    take_escape(a, out);
    return true;
}

bool asm_take_string(assembler *a, ts_buf *out) {
    asm_skip_space(a);
    const char *start = a->p;
    if (!asm_take(a, '"')) return asm_error(a, TS_SYNTAX, a->p, "expected a string in quotes");
    while (*a->p != '"' || a->p == a->source->end) {
        uint32_t c;
        if (!asm_take_character(a, &c))
            return asm_error(a, TS_SYNTAX, start, "a string without its closing quote");
        ts_buf_u8(out, (uint8_t)c);
    }
    a->p++;
    return out->failed ? asm_nomem(a) : true;
}
