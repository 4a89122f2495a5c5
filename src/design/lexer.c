/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Words of MLIR's text. One word is known ahead; shapes and the insides of unknown brackets are
 * read from the text itself.
 *
 * src: llvm-project: mlir/docs/LangRef.md, "Notation" and "Identifiers and keywords"
 * [documented]
 */
#include "parse_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_hex(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

ts_status(parse_nomem)(parser *p) {
    return ts_fail_nomem(p->diag);
}

ts_status(parse_fail_at)(parser *p, uint32_t offset, ts_status code, const char *format, ...) {
    char message[256];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    return ts_fail_text(p->diag, code, p->design->file, p->text, p->size, offset, "%s", message);
}

ts_status(parse_wrong)(parser *p, const char *expected) {
    const lex_word *w = &p->word;
    if (w->kind == WORD_END)
        return parse_fail_at(p, w->start, TS_SYNTAX, "expected %s; found the end of the text",
                             expected);
    uint32_t length = w->end - w->start;
    return parse_fail_at(p, w->start, TS_SYNTAX, "expected %s; found '%.*s'", expected,
                         (int)(length > 40 ? 40 : length), p->text + w->start);
}

ts_status parse_deeper(parser *p) {
    if (p->depth >= TS_DESIGN_MAX_DEPTH)
        return parse_fail_at(p, p->word.start, TS_RANGE, "nested deeper than %d levels",
                             TS_DESIGN_MAX_DEPTH);
    p->depth++;
    return TS_OK;
}

/* ---- words ----------------------------------------------------------------------------------- */

static char at(const parser *p, uint32_t offset) {
    return offset < p->size ? p->text[offset] : '\0';
}

static uint32_t skip_blanks(const parser *p, uint32_t from) {
    for (;;) {
        char c = at(p, from);
        if (from < p->size && (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\0')) {
            from++;
        } else if (c == '/' && at(p, from + 1) == '/') {
            const char *line = memchr(p->text + from, '\n', p->size - from);
            from = line ? (uint32_t)(line - p->text) : p->size;
        } else {
            return from;
        }
    }
}

static uint32_t end_of_name(const parser *p, uint32_t from, const char *more) {
    for (;; from++) {
        char c = at(p, from);
        if (!is_letter(c) && !is_digit(c) && (c == '\0' || !strchr(more, c))) return from;
    }
}

/* Behind a sigil: digits, or a letter or one of $._- and more of them. */
static uint32_t end_of_suffix(const parser *p, uint32_t from) {
    if (is_digit(at(p, from))) {
        while (is_digit(at(p, from)))
            from++;
        return from;
    }
    return end_of_name(p, from, "$._-");
}

static ts_status lex_string(parser *p, uint32_t from, uint32_t *end) {
    for (uint32_t i = from + 1; i < p->size; i++) {
        if (p->text[i] == '"') {
            *end = i + 1;
            return TS_OK;
        }
        if (p->text[i] == '\n') break;
        if (p->text[i] == '\\') i++;
    }
    return parse_fail_at(p, from, TS_SYNTAX, "text without its closing quote on the same line");
}

static uint32_t lex_number(const parser *p, uint32_t from, word_kind *kind) {
    *kind = WORD_INTEGER;
    if (at(p, from) == '0' && at(p, from + 1) == 'x' && is_hex(at(p, from + 2))) {
        from += 2;
        while (is_hex(at(p, from)))
            from++;
        return from;
    }
    while (is_digit(at(p, from)))
        from++;
    if (at(p, from) != '.') return from;
    *kind = WORD_FLOAT;
    from++;
    while (is_digit(at(p, from)))
        from++;
    if (at(p, from) == 'e' || at(p, from) == 'E') {
        uint32_t exponent = from + 1;
        if (at(p, exponent) == '+' || at(p, exponent) == '-') exponent++;
        if (is_digit(at(p, exponent))) {
            from = exponent;
            while (is_digit(at(p, from)))
                from++;
        }
    }
    return from;
}

static ts_status lex_mark(parser *p, uint32_t from, uint32_t *end) {
    static const char *const pairs[] = {"->", "::", "..."};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        size_t length = strlen(pairs[i]);
        if (p->size - from >= length && memcmp(p->text + from, pairs[i], length) == 0) {
            *end = from + (uint32_t)length;
            return TS_OK;
        }
    }
    if (!strchr("(){}[]<>,:=?*+-|/", p->text[from]))
        return parse_fail_at(p, from, TS_SYNTAX, "character '%c' has no meaning here",
                             p->text[from]);
    *end = from + 1;
    return TS_OK;
}

static ts_status lex_sigil(parser *p, char sigil, lex_word *w) {
    static const struct {
        char sigil;
        word_kind kind;
    } kinds[] = {{'%', WORD_VALUE}, {'^', WORD_BLOCK}, {'#', WORD_HASH}, {'!', WORD_BANG}};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (kinds[i].sigil == sigil) w->kind = kinds[i].kind;
    w->end = end_of_suffix(p, w->start + 1);
    if (w->end == w->start + 1)
        return parse_fail_at(p, w->start, TS_SYNTAX, "expected a name behind '%c'", sigil);
    if (sigil == '%' && at(p, w->end) == '#' && is_digit(at(p, w->end + 1)))
        w->end = end_of_suffix(p, w->end + 1);
    return TS_OK;
}

static ts_status lex_symbol(parser *p, lex_word *w) {
    w->kind = WORD_SYMBOL;
    if (at(p, w->start + 1) == '"') return lex_string(p, w->start + 1, &w->end);
    w->end = end_of_name(p, w->start + 1, "$._-");
    if (w->end == w->start + 1)
        return parse_fail_at(p, w->start, TS_SYNTAX, "expected a name behind '@'");
    return TS_OK;
}

ts_status parse_seek(parser *p, uint32_t offset) {
    lex_word *w = &p->word;
    w->start = skip_blanks(p, offset);
    w->end = w->start;
    if (w->start >= p->size) {
        w->kind = WORD_END;
        return TS_OK;
    }
    char c = p->text[w->start];
    if (is_letter(c)) {
        w->kind = WORD_NAME;
        w->end = end_of_name(p, w->start, "$.");
        return TS_OK;
    }
    if (is_digit(c)) {
        w->end = lex_number(p, w->start, &w->kind);
        return TS_OK;
    }
    if (c == '%' || c == '^' || c == '#' || c == '!') return lex_sigil(p, c, w);
    if (c == '@') return lex_symbol(p, w);
    w->kind = c == '"' ? WORD_STRING : WORD_MARK;
    return c == '"' ? lex_string(p, w->start, &w->end) : lex_mark(p, w->start, &w->end);
}

ts_status parse_advance(parser *p) {
    p->last_end = p->word.end;
    return parse_seek(p, p->word.end);
}

bool parse_is(const parser *p, const char *word) {
    size_t length = p->word.end - p->word.start;
    return (p->word.kind == WORD_MARK || p->word.kind == WORD_NAME) &&
           strncmp(p->text + p->word.start, word, length) == 0 && word[length] == '\0';
}

ts_status parse_take(parser *p, const char *word) {
    if (parse_is(p, word)) return parse_advance(p);
    char quoted[64];
    snprintf(quoted, sizeof quoted, "'%s'", word);
    return parse_wrong(p, quoted);
}

ts_status parse_maybe(parser *p, const char *word, bool *is_there) {
    *is_there = parse_is(p, word);
    return *is_there ? parse_advance(p) : TS_OK;
}

/* ---- what words say -------------------------------------------------------------------------- */

ts_status parse_text(parser *p, const char **out) {
    const lex_word w = p->word;
    uint32_t start = w.start + (w.kind == WORD_NAME ? 0 : 1);
    *out = design_intern(p->design, p->text + start, w.end - start);
    return *out ? parse_advance(p) : parse_nomem(p);
}

static int hex_value(char c) {
    return is_digit(c) ? c - '0' : (c | 32) - 'a' + 10;
}

ts_status parse_unquote(parser *p, lex_word w, const char **out, size_t *n_bytes) {
    const char *from = p->text + w.start + 1, *end = p->text + w.end - 1;
    if (w.kind == WORD_SYMBOL && *from == '"') from++;
    char *text = ts_arena_alloc(p->arena, (size_t)(end - from) + 1);
    if (!text) return parse_nomem(p);
    size_t n = 0;
    while (from < end) {
        char c = *from++;
        if (c != '\\') {
            text[n++] = c;
        } else if (from < end && (*from == '"' || *from == '\\')) {
            text[n++] = *from++;
        } else if (from < end && (*from == 'n' || *from == 't')) {
            text[n++] = *from++ == 'n' ? '\n' : '\t';
        } else if (end - from >= 2 && is_hex(from[0]) && is_hex(from[1])) {
            text[n++] = (char)(hex_value(from[0]) << 4 | hex_value(from[1]));
            from += 2;
        } else {
            return parse_fail_at(p, (uint32_t)(from - p->text), TS_SYNTAX,
                                 "expected \\\\, \\\", \\n, \\t or two hexadecimal digits behind "
                                 "a backslash");
        }
    }
    *out = text;
    *n_bytes = n;
    return TS_OK;
}

ts_status parse_symbol_name(parser *p, const char **out) {
    if (p->word.kind != WORD_SYMBOL) return parse_wrong(p, "a symbol as @name");
    if (p->text[p->word.start + 1] != '"') return parse_text(p, out);
    const char *bytes;
    size_t n_bytes;
    TS_TRY(parse_unquote(p, p->word, &bytes, &n_bytes));
    if (memchr(bytes, 0, n_bytes))
        return parse_fail_at(p, p->word.start, TS_SYNTAX, "symbol with a NUL character");
    *out = design_intern(p->design, bytes, n_bytes);
    return *out ? parse_advance(p) : parse_nomem(p);
}

ts_status parse_u64(parser *p, const char *expected, uint64_t *out) {
    if (p->word.kind != WORD_INTEGER) return parse_wrong(p, expected);
    uint64_t value = 0;
    uint32_t i = p->word.start;
    unsigned base = 10;
    if (p->word.end - i > 2 && p->text[i + 1] == 'x') {
        base = 16;
        i += 2;
    }
    for (; i < p->word.end; i++) {
        unsigned digit = (unsigned)hex_value(p->text[i]);
        if (value > (UINT64_MAX - digit) / base)
            return parse_fail_at(p, p->word.start, TS_RANGE, "number does not fit 64 bits");
        value = value * base + digit;
    }
    *out = value;
    return parse_advance(p);
}

ts_status parse_i64(parser *p, const char *expected, int64_t *out) {
    bool is_negative;
    uint64_t value;
    uint32_t start = p->word.start;
    TS_TRY(parse_maybe(p, "-", &is_negative));
    TS_TRY(parse_u64(p, expected, &value));
    if (is_negative && value > UINT64_C(1) << 63)
        return parse_fail_at(p, start, TS_RANGE, "number does not fit 64 bits");
    *out = (int64_t)(is_negative ? 0 - value : value);
    return TS_OK;
}

ts_status parse_balanced(parser *p, ts_span *out) {
    char open[TS_DESIGN_MAX_DEPTH];
    unsigned n_open = 0;
    uint32_t start = p->word.start;
    do {
        if (p->word.kind == WORD_END)
            return parse_fail_at(p, start, TS_SYNTAX, "bracket without its partner");
        char c = p->word.end == p->word.start + 1 ? p->text[p->word.start] : ' ';
        if (strchr("<([{", c)) {
            if (n_open == TS_DESIGN_MAX_DEPTH) return parse_deeper(p);
            open[n_open++] = c;
        } else if (strchr(">)]}", c)) {
            if (!n_open) return parse_wrong(p, "an opening bracket");
            char partner = c == ')' ? '(' : (char)(c - 2);
            /* In affine sets > may also compare. */
            if (c == '>' && open[n_open - 1] != '<') c = ' ';
            if (c != ' ' && open[--n_open] != partner)
                return parse_wrong(p, "brackets that belong together");
        }
        /* "<=" and ">=" compare too. */
        TS_TRY(parse_advance(p));
        if (n_open && open[n_open - 1] == '<' && c == '<' && parse_is(p, "=")) n_open--;
    } while (n_open);
    *out = ts_span_of(p->text + start, p->last_end - start);
    return TS_OK;
}

/* ---- lists ----------------------------------------------------------------------------------- */

ts_status parse_list_bare(parser *p, parse_element *element, void *context) {
    bool is_more;
    do {
        TS_TRY(element(p, context));
        TS_TRY(parse_maybe(p, ",", &is_more));
    } while (is_more);
    return TS_OK;
}

ts_status parse_list(parser *p, const char *close, parse_element *element, void *context) {
    bool is_closed;
    TS_TRY(parse_maybe(p, close, &is_closed));
    if (is_closed) return TS_OK;
    TS_TRY(parse_list_bare(p, element, context));
    if (parse_is(p, close)) return parse_advance(p);
    char expected[32];
    snprintf(expected, sizeof expected, "',' or '%s'", close);
    return parse_wrong(p, expected);
}

ts_status pointers_add(parser *p, pointers *list, const void *item) {
    const void **items =
        ts_arena_room(p->arena, (void *)list->items, list->n, &list->capacity, sizeof *items);
    if (!items) return parse_nomem(p);
    list->items = items;
    list->items[list->n++] = item;
    return TS_OK;
}
