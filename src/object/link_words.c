/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Linker scripts: words and expressions. How a word ends depends on where it is: "a-b.o" is one
 * among files and three in an expression, so the parser says which kind it wants next.
 *
 * src: llvm-aie: lld/ELF/ScriptParser.cpp, for how operators bind [code]
 * src: llvm-project: lld/ELF/ScriptLexer.cpp, for how words are divided [code]
 */
#include "link_script_int.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* ---- words ----------------------------------------------------------------------------------- */

ts_status script_wrong(script_parser *p, ts_status code, const char *what) {
    size_t length = p->end - p->at;
    if (!length)
        return ts_fail_text(p->diag, code, p->file, p->text, p->size, p->at,
                            "%s; found the end of the script", what);
    return ts_fail_text(p->diag, code, p->file, p->text, p->size, p->at, "%s; found '%.*s'", what,
                        (int)(length > 40 ? 40 : length), p->text + p->at);
}

/* Behind blanks and comments. */
static bool skip_blanks(script_parser *p) {
    for (;;) {
        while (p->at < p->size && isspace((unsigned char)p->text[p->at]))
            p->at++;
        if (p->at < p->size && p->text[p->at] == '#') {
            while (p->at < p->size && p->text[p->at] != '\n')
                p->at++;
            continue;
        }
        if (p->size - p->at < 2 || p->text[p->at] != '/' || p->text[p->at + 1] != '*') return true;
        size_t close = p->at + 2;
        while (close + 1 < p->size && (p->text[close] != '*' || p->text[close + 1] != '/'))
            close++;
        if (close + 1 >= p->size) return false;
        p->at = close + 2;
    }
}

static bool is_name_char(char c) {
    return isalnum((unsigned char)c) || (c && strchr("_.$/\\~[]*?-!", c));
}

/* Names of files and sections: all that is joined to a letter, as in "lib/a-b.o" or "*.init". */
static size_t name_end(const script_parser *p) {
    size_t end = p->at;
    while (end < p->size && is_name_char(p->text[end]))
        end++;
    return end;
}

/* In an expression an operator is a word of its own, and a name has no operator in it. */
static size_t expr_end(const script_parser *p) {
    static const char *const twice[] = {"<<", ">>", "<=", ">=", "==", "!=", "&&", "||",
                                        "+=", "-=", "*=", "/=", "&=", "|=", "^="};
    size_t end = p->at;
    while (end < p->size && (isalnum((unsigned char)p->text[end]) || strchr("_.$", p->text[end])) &&
           p->text[end])
        end++;
    if (end > p->at) return end;
    if (p->size - p->at >= 3 &&
        (memcmp(p->text + p->at, "<<=", 3) == 0 || memcmp(p->text + p->at, ">>=", 3) == 0))
        return p->at + 3;
    for (size_t i = 0; i < sizeof twice / sizeof *twice; i++)
        if (p->size - p->at >= 2 && memcmp(p->text + p->at, twice[i], 2) == 0) return p->at + 2;
    return p->at + 1;
}

ts_status script_look(script_parser *p, bool in_expr) {
    p->at = p->end;
    if (!skip_blanks(p)) {
        p->end = p->at + 2;
        return script_wrong(p, TS_SYNTAX, "a comment does not end");
    }
    p->end = p->at;
    if (p->at == p->size) return TS_OK;
    if (p->text[p->at] == '"') {
        const char *close = memchr(p->text + p->at + 1, '"', p->size - p->at - 1);
        p->end = p->at + 1;
        if (!close) return script_wrong(p, TS_SYNTAX, "a string does not end");
        p->end = (size_t)(close - p->text) + 1;
        return TS_OK;
    }
    p->end = in_expr ? expr_end(p) : name_end(p);
    if (p->end == p->at) p->end = expr_end(p);
    return TS_OK;
}

/* Read the next word again, as of the other kind. */
ts_status script_relook(script_parser *p, bool in_expr) {
    p->end = p->at;
    return script_look(p, in_expr);
}

bool script_at_end(const script_parser *p) {
    return p->at == p->end;
}

bool script_is(const script_parser *p, const char *word) {
    return p->end - p->at == strlen(word) && memcmp(p->text + p->at, word, p->end - p->at) == 0;
}

/* Take a word that must be there. */
ts_status script_expect(script_parser *p, const char *word) {
    char what[32];
    if (script_is(p, word)) return script_look(p, false);
    snprintf(what, sizeof what, "expected '%s'", word);
    return script_wrong(p, TS_SYNTAX, what);
}

ts_status script_take(script_parser *p, const char *word, bool *found) {
    *found = script_is(p, word);
    return *found ? script_look(p, false) : TS_OK;
}

static bool is_quoted(const script_parser *p) {
    return p->end - p->at >= 2 && p->text[p->at] == '"';
}

/* The next word as a string, without quotes. */
ts_status script_take_name(script_parser *p, const char *what, const char **out) {
    size_t from = p->at, to = p->end;
    if (script_at_end(p) || (!is_quoted(p) && !is_name_char(p->text[p->at])))
        return script_wrong(p, TS_SYNTAX, what);
    if (is_quoted(p)) from++, to--;
    if (to - from > TS_OBJECT_MAX_NAME_BYTES)
        return script_wrong(p, TS_RANGE, "a name that is too long");
    if (memchr(p->text + from, 0, to - from))
        return script_wrong(p, TS_SYNTAX, "a zero byte in a name");
    *out = ts_arena_strndup(p->arena, p->text + from, to - from);
    if (!*out) return ts_fail_nomem(p->diag);
    return script_look(p, false);
}

void script_widen(script_parser *p) {
    while (!script_at_end(p) && is_name_char(p->text[p->at]) && p->end < p->size &&
           (is_name_char(p->text[p->end]) || (p->text[p->end] && strchr("+=^:", p->text[p->end]))))
        p->end++;
}

/* ---- expressions ----------------------------------------------------------------------------- */

static ts_status take_in_expr(script_parser *p, const char *word) {
    char what[32];
    if (script_is(p, word)) return script_look(p, true);
    snprintf(what, sizeof what, "expected '%s'", word);
    return script_wrong(p, TS_SYNTAX, what);
}

/* Digits of a base up to `length`; false when there are others, or too many. */
static bool parse_digits(const char *text, size_t length, unsigned base, uint64_t *out) {
    *out = 0;
    for (size_t i = 0; i < length; i++) {
        const char *digits = "0123456789abcdef";
        const char *digit = memchr(digits, tolower((unsigned char)text[i]), base);
        if (!digit || *out > (UINT64_MAX >> 1) / base) return false;
        *out = *out * base + (uint64_t)(digit - digits);
    }
    return length > 0;
}

/* A number: 0x400, 400h, 1024, 1K, 4M. A zero in front says nothing.
 * src: llvm-aie: lld/ELF/ScriptParser.cpp, parseInt [code] */
static ts_status read_number(script_parser *p, script_expr *out) {
    const char *text = p->text + p->at;
    size_t length = p->end - p->at;
    int last = tolower((unsigned char)text[length - 1]);
    unsigned base = 10, shift = last == 'k' ? 10 : last == 'm' ? 20 : 0;
    if (length > 2 && text[0] == '0' && (text[1] | 32) == 'x') {
        text += 2;
        length -= 2;
        base = 16;
        shift = 0;
    } else if (last == 'h' || shift) {
        length--;
        if (!shift) base = 16;
    }
    if (!parse_digits(text, length, base, &out->number) || out->number > (UINT64_MAX >> 1) >> shift)
        return script_wrong(p, TS_SYNTAX, "expected a number");
    out->number <<= shift;
    out->op = SCRIPT_NUMBER;
    return script_look(p, true);
}

/* function = DEFINED "(" symbol ")" | ORIGIN "(" region ")" | ... ; and which stand for a number.
 */
static const struct {
    const char *word;
    script_op op;
    unsigned n_args; /* values; 0: a name; 3: one value, which it is */
} functions[] = {
    {"DEFINED", SCRIPT_DEFINED, 0}, {"ORIGIN", SCRIPT_ORIGIN, 0},   {"LENGTH", SCRIPT_LENGTH, 0},
    {"SIZEOF", SCRIPT_SIZEOF, 0},   {"ADDR", SCRIPT_ADDR, 0},       {"LOADADDR", SCRIPT_ADDR, 0},
    {"ALIGN", SCRIPT_ALIGN, 1},     {"ALIGNOF", SCRIPT_ALIGNOF, 0}, {"MAX", SCRIPT_MAX, 2},
    {"MIN", SCRIPT_MIN, 2},         {"ABSOLUTE", SCRIPT_UNARY, 3},
};

/* ALIGN(a) is ALIGN(., a). */
static ts_status read_arguments(script_parser *p, script_expr *out, unsigned n) {
    TS_TRY(take_in_expr(p, "("));
    TS_TRY(script_read_expr(p, &out->a));
    if (n == 3) {
        out->symbol[0] = '+';
    } else if (script_is(p, ",")) {
        TS_TRY(script_look(p, true));
        TS_TRY(script_read_expr(p, &out->b));
    } else if (n == 2) {
        return script_wrong(p, TS_SYNTAX, "expected ',' and a second value");
    } else {
        out->b = out->a;
        SCRIPT_MAKE(p, &out->a);
        *out->a = (script_expr){.op = SCRIPT_DOT, .at = out->at};
    }
    return take_in_expr(p, ")");
}

static ts_status read_name_argument(script_parser *p, script_expr *out) {
    if (!script_is(p, "(")) return script_wrong(p, TS_SYNTAX, "expected '('");
    TS_TRY(script_look(p, false));
    TS_TRY(script_take_name(p, "expected a name", &out->name));
    return take_in_expr(p, ")");
}

static ts_status read_word(script_parser *p, script_expr *out) {
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        if (!script_is(p, functions[i].word)) continue;
        TS_TRY(script_look(p, true));
        out->op = functions[i].op;
        return functions[i].n_args ? read_arguments(p, out, functions[i].n_args)
                                   : read_name_argument(p, out);
    }
    out->op = script_is(p, ".") ? SCRIPT_DOT : SCRIPT_SYMBOL;
    size_t from = p->at, to = p->end;
    if (is_quoted(p)) from++, to--;
    out->name = ts_arena_strndup(p->arena, p->text + from, to - from);
    if (!out->name) return ts_fail_nomem(p->diag);
    return script_look(p, true);
}

/* primary = number | "." | symbol | function | "(" expr ")" | ("-" | "~" | "!" | "+") primary */
static ts_status read_primary(script_parser *p, script_expr **out) {
    if (script_at_end(p)) return script_wrong(p, TS_SYNTAX, "expected a value");
    if (++p->depth > TS_LINK_MAX_SCRIPT_DEPTH)
        return script_wrong(p, TS_RANGE, "an expression that is too deep");
    char c = p->text[p->at];
    ts_status status = TS_OK;
    if (script_is(p, "(")) {
        TS_TRY(script_look(p, true));
        TS_TRY(script_read_expr(p, out));
        status = take_in_expr(p, ")");
    } else {
        SCRIPT_MAKE(p, out);
        (*out)->at = p->at;
        if (script_is(p, "-") || script_is(p, "~") || script_is(p, "!") || script_is(p, "+")) {
            (*out)->op = SCRIPT_UNARY;
            (*out)->symbol[0] = c;
            TS_TRY(script_look(p, true));
            status = read_primary(p, &(*out)->a);
        } else if (isdigit((unsigned char)c)) {
            status = read_number(p, *out);
        } else if (isalpha((unsigned char)c) || (c && strchr("_.$\"", c))) {
            status = read_word(p, *out);
        } else {
            status = script_wrong(p, TS_SYNTAX, "expected a value");
        }
    }
    p->depth--;
    return status;
}

/* How tightly an operator binds; 0: none. */
static unsigned strength(const script_parser *p) {
    static const struct {
        const char *words;
        unsigned strength;
    } rows[] = {{" * / % ", 10}, {" + - ", 9}, {" << >> ", 8}, {" < <= > >= ", 7}, {" == != ", 6},
                {" & ", 5},      {" ^ ", 4},   {" | ", 3},     {" && ", 2},        {" || ", 1}};
    char word[5] = " ";
    size_t length = p->end - p->at;
    if (!length || length > 2) return 0;
    memcpy(word + 1, p->text + p->at, length);
    word[length + 1] = ' ';
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strstr(rows[i].words, word)) return rows[i].strength;
    return 0;
}

/* binary = primary { operator binary }, by strength; equal ones from the left */
static ts_status read_binary(script_parser *p, unsigned weakest, script_expr **out) {
    TS_TRY(read_primary(p, out));
    for (;;) {
        unsigned here = strength(p);
        if (!here || here < weakest) return TS_OK;
        if (++p->n_operators > TS_LINK_MAX_SCRIPT_OPERATORS)
            return script_wrong(p, TS_RANGE, "an expression that is too long");
        script_expr *node;
        SCRIPT_MAKE(p, &node);
        *node = (script_expr){.op = SCRIPT_BINARY, .a = *out, .at = p->at};
        memcpy(node->symbol, p->text + p->at, p->end - p->at);
        TS_TRY(script_look(p, true));
        TS_TRY(read_binary(p, here + 1, &node->b));
        *out = node;
    }
}

/* expr = binary [ "?" expr ":" expr ]. The next word must have been read as one of an expression.
 */
ts_status script_read_expr(script_parser *p, script_expr **out) {
    if (!p->depth) p->n_operators = 0;
    if (++p->depth > TS_LINK_MAX_SCRIPT_DEPTH)
        return script_wrong(p, TS_RANGE, "an expression that is too deep");
    TS_TRY(read_binary(p, 1, out));
    if (script_is(p, "?")) {
        script_expr *node;
        SCRIPT_MAKE(p, &node);
        *node = (script_expr){.op = SCRIPT_CONDITION, .a = *out, .at = p->at};
        TS_TRY(script_look(p, true));
        TS_TRY(script_read_expr(p, &node->b));
        TS_TRY(take_in_expr(p, ":"));
        TS_TRY(script_read_expr(p, &node->c));
        *out = node;
    }
    p->depth--;
    return TS_OK;
}

/* An expression where the words around are not of one. */
ts_status script_read_value(script_parser *p, script_expr **out) {
    TS_TRY(script_relook(p, true));
    TS_TRY(script_read_expr(p, out));
    return script_relook(p, false);
}
