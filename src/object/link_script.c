/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Linker scripts, as far as programs for AIE need them; all that mlir-aie generates. One function
 * for each rule of the grammar, which stands above it.
 *
 *   script     = { MEMORY "{" regions "}" | SECTIONS "{" statements "}" | ENTRY "(" name ")"
 *                | (INPUT | GROUP) "(" names ")" | EXTERN "(" names ")" | assignment
 *                | (OUTPUT_FORMAT | OUTPUT_ARCH | SEARCH_DIR) "(" words ")" | assert }
 *
 * PHDRS, OVERLAY, VERSION and INCLUDE are refused.
 *
 * src: Xilinx/mlir-aie: lib/Targets/AIETargetLdScript.cpp [code]
 * src: llvm-aie: lld/ELF/ScriptParser.cpp, for how words are divided and operators bind [code]
 */
#include "link_int.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

typedef struct parser {
    ts_arena *arena;
    const char *file;
    const char *text;
    size_t size;
    size_t at, end;              /* of the word that is next */
    unsigned depth, n_operators; /* of the expression that is read */
    ts_diag *diag;
} parser;

/* ---- words ----------------------------------------------------------------------------------- */

static ts_status wrong(parser *p, ts_status code, const char *what) {
    size_t length = p->end - p->at;
    if (!length)
        return ts_fail_text(p->diag, code, p->file, p->text, p->size, p->at,
                            "%s; found the end of the script", what);
    return ts_fail_text(p->diag, code, p->file, p->text, p->size, p->at, "%s; found '%.*s'", what,
                        (int)(length > 40 ? 40 : length), p->text + p->at);
}

/* Behind blanks and comments. */
static bool skip_blanks(parser *p) {
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
static size_t name_end(const parser *p) {
    size_t end = p->at;
    while (end < p->size && is_name_char(p->text[end]))
        end++;
    return end;
}

/* In an expression an operator is a word of its own, and a name has no operator in it. */
static size_t expr_end(const parser *p) {
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

static ts_status look(parser *p, bool in_expr) {
    p->at = p->end;
    if (!skip_blanks(p)) {
        p->end = p->at + 2;
        return wrong(p, TS_SYNTAX, "a comment does not end");
    }
    p->end = p->at;
    if (p->at == p->size) return TS_OK;
    if (p->text[p->at] == '"') {
        const char *close = memchr(p->text + p->at + 1, '"', p->size - p->at - 1);
        p->end = p->at + 1;
        if (!close) return wrong(p, TS_SYNTAX, "a string does not end");
        p->end = (size_t)(close - p->text) + 1;
        return TS_OK;
    }
    p->end = in_expr ? expr_end(p) : name_end(p);
    if (p->end == p->at) p->end = expr_end(p);
    return TS_OK;
}

/* Read the next word again, as of the other kind. */
static ts_status relook(parser *p, bool in_expr) {
    p->end = p->at;
    return look(p, in_expr);
}

static bool at_end(const parser *p) {
    return p->at == p->end;
}

static bool is(const parser *p, const char *word) {
    return p->end - p->at == strlen(word) && memcmp(p->text + p->at, word, p->end - p->at) == 0;
}

/* Take a word that must be there. */
static ts_status expect(parser *p, const char *word) {
    char what[32];
    if (is(p, word)) return look(p, false);
    snprintf(what, sizeof what, "expected '%s'", word);
    return wrong(p, TS_SYNTAX, what);
}

static ts_status take(parser *p, const char *word, bool *found) {
    *found = is(p, word);
    return *found ? look(p, false) : TS_OK;
}

static bool is_quoted(const parser *p) {
    return p->end - p->at >= 2 && p->text[p->at] == '"';
}

/* The next word as a string, without quotes. */
static ts_status take_name(parser *p, const char *what, const char **out) {
    size_t from = p->at, to = p->end;
    if (at_end(p) || (!is_quoted(p) && !is_name_char(p->text[p->at])))
        return wrong(p, TS_SYNTAX, what);
    if (is_quoted(p)) from++, to--;
    if (to - from > TS_OBJECT_MAX_NAME_BYTES) return wrong(p, TS_RANGE, "a name that is too long");
    if (memchr(p->text + from, 0, to - from)) return wrong(p, TS_SYNTAX, "a zero byte in a name");
    *out = ts_arena_strndup(p->arena, p->text + from, to - from);
    if (!*out) return ts_fail_nomem(p->diag);
    return look(p, false);
}

/* Where only names of files and sections can be, more belongs to them: "lib.a:a+b.o", "[^a]". */
static void widen(parser *p) {
    while (!at_end(p) && is_name_char(p->text[p->at]) && p->end < p->size &&
           (is_name_char(p->text[p->end]) || (p->text[p->end] && strchr("+=^:", p->text[p->end]))))
        p->end++;
}

/* A node of the tree, zeroed. */
#define MAKE(p, out)                                                                               \
    do {                                                                                           \
        *(out) = ts_arena_alloc((p)->arena, sizeof **(out));                                       \
        if (!*(out)) return ts_fail_nomem((p)->diag);                                              \
    } while (0)

/* ---- expressions ----------------------------------------------------------------------------- */

static ts_status read_expr(parser *p, script_expr **out);

static ts_status take_in_expr(parser *p, const char *word) {
    char what[32];
    if (is(p, word)) return look(p, true);
    snprintf(what, sizeof what, "expected '%s'", word);
    return wrong(p, TS_SYNTAX, what);
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
static ts_status read_number(parser *p, script_expr *out) {
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
        return wrong(p, TS_SYNTAX, "expected a number");
    out->number <<= shift;
    out->op = SCRIPT_NUMBER;
    return look(p, true);
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
static ts_status read_arguments(parser *p, script_expr *out, unsigned n) {
    TS_TRY(take_in_expr(p, "("));
    TS_TRY(read_expr(p, &out->a));
    if (n == 3) {
        out->symbol[0] = '+';
    } else if (is(p, ",")) {
        TS_TRY(look(p, true));
        TS_TRY(read_expr(p, &out->b));
    } else if (n == 2) {
        return wrong(p, TS_SYNTAX, "expected ',' and a second value");
    } else {
        out->b = out->a;
        MAKE(p, &out->a);
        *out->a = (script_expr){.op = SCRIPT_DOT, .at = out->at};
    }
    return take_in_expr(p, ")");
}

static ts_status read_name_argument(parser *p, script_expr *out) {
    if (!is(p, "(")) return wrong(p, TS_SYNTAX, "expected '('");
    TS_TRY(look(p, false));
    TS_TRY(take_name(p, "expected a name", &out->name));
    return take_in_expr(p, ")");
}

static ts_status read_word(parser *p, script_expr *out) {
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        if (!is(p, functions[i].word)) continue;
        TS_TRY(look(p, true));
        out->op = functions[i].op;
        return functions[i].n_args ? read_arguments(p, out, functions[i].n_args)
                                   : read_name_argument(p, out);
    }
    out->op = is(p, ".") ? SCRIPT_DOT : SCRIPT_SYMBOL;
    size_t from = p->at, to = p->end;
    if (is_quoted(p)) from++, to--;
    out->name = ts_arena_strndup(p->arena, p->text + from, to - from);
    if (!out->name) return ts_fail_nomem(p->diag);
    return look(p, true);
}

/* primary = number | "." | symbol | function | "(" expr ")" | ("-" | "~" | "!" | "+") primary */
static ts_status read_primary(parser *p, script_expr **out) {
    if (at_end(p)) return wrong(p, TS_SYNTAX, "expected a value");
    if (++p->depth > TS_LINK_MAX_SCRIPT_DEPTH)
        return wrong(p, TS_RANGE, "an expression that is too deep");
    char c = p->text[p->at];
    ts_status status = TS_OK;
    if (is(p, "(")) {
        TS_TRY(look(p, true));
        TS_TRY(read_expr(p, out));
        status = take_in_expr(p, ")");
    } else {
        MAKE(p, out);
        (*out)->at = p->at;
        if (is(p, "-") || is(p, "~") || is(p, "!") || is(p, "+")) {
            (*out)->op = SCRIPT_UNARY;
            (*out)->symbol[0] = c;
            TS_TRY(look(p, true));
            status = read_primary(p, &(*out)->a);
        } else if (isdigit((unsigned char)c)) {
            status = read_number(p, *out);
        } else if (isalpha((unsigned char)c) || (c && strchr("_.$\"", c))) {
            status = read_word(p, *out);
        } else {
            status = wrong(p, TS_SYNTAX, "expected a value");
        }
    }
    p->depth--;
    return status;
}

/* How tightly an operator binds; 0: none. */
static unsigned strength(const parser *p) {
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
static ts_status read_binary(parser *p, unsigned weakest, script_expr **out) {
    TS_TRY(read_primary(p, out));
    for (;;) {
        unsigned here = strength(p);
        if (!here || here < weakest) return TS_OK;
        if (++p->n_operators > TS_LINK_MAX_SCRIPT_OPERATORS)
            return wrong(p, TS_RANGE, "an expression that is too long");
        script_expr *node;
        MAKE(p, &node);
        *node = (script_expr){.op = SCRIPT_BINARY, .a = *out, .at = p->at};
        memcpy(node->symbol, p->text + p->at, p->end - p->at);
        TS_TRY(look(p, true));
        TS_TRY(read_binary(p, here + 1, &node->b));
        *out = node;
    }
}

/* expr = binary [ "?" expr ":" expr ]. The next word must have been read as one of an expression.
 */
static ts_status read_expr(parser *p, script_expr **out) {
    if (!p->depth) p->n_operators = 0;
    if (++p->depth > TS_LINK_MAX_SCRIPT_DEPTH)
        return wrong(p, TS_RANGE, "an expression that is too deep");
    TS_TRY(read_binary(p, 1, out));
    if (is(p, "?")) {
        script_expr *node;
        MAKE(p, &node);
        *node = (script_expr){.op = SCRIPT_CONDITION, .a = *out, .at = p->at};
        TS_TRY(look(p, true));
        TS_TRY(read_expr(p, &node->b));
        TS_TRY(take_in_expr(p, ":"));
        TS_TRY(read_expr(p, &node->c));
        *out = node;
    }
    p->depth--;
    return TS_OK;
}

/* An expression where the words around are not of one. */
static ts_status read_value(parser *p, script_expr **out) {
    TS_TRY(relook(p, true));
    TS_TRY(read_expr(p, out));
    return relook(p, false);
}

/* ---- assignments ----------------------------------------------------------------------------- */

static ts_status new_statement(parser *p, script_kind kind, script_statement **out) {
    MAKE(p, out);
    (*out)->kind = kind;
    (*out)->at = p->at;
    return TS_OK;
}

/* The operator of "+=", "<<=" and so on; its length, or 0. */
static size_t changes(const parser *p) {
    size_t length = p->end - p->at;
    if (length < 2 || length > 3 || p->text[p->end - 1] != '=') return 0;
    return length == 3 || strchr("+-*/&|^", p->text[p->at]) ? length - 1 : 0;
}

/* assignment = name ("=" | "+=" | "-=" | "*=" | "/=" | "&=" | "|=" | "^=" | "<<=" | ">>=") expr */
static ts_status read_assignment(parser *p, script_statement *out) {
    TS_TRY(take_name(p, "expected the name of a symbol", &out->name));
    TS_TRY(relook(p, true));
    size_t at = p->at, is_changed = changes(p);
    if (!is_changed && !is(p, "=")) return wrong(p, TS_SYNTAX, "expected '='");
    TS_TRY(look(p, true));
    TS_TRY(read_expr(p, &out->value));
    if (is_changed) {
        script_expr *node;
        MAKE(p, &node);
        *node = (script_expr){.op = SCRIPT_BINARY, .b = out->value, .at = at};
        memcpy(node->symbol, p->text + at, is_changed);
        MAKE(p, &node->a);
        *node->a = (script_expr){
            .op = strcmp(out->name, ".") ? SCRIPT_SYMBOL : SCRIPT_DOT, .name = out->name, .at = at};
        out->value = node;
    }
    return relook(p, false);
}

static ts_status end_statement(parser *p) {
    bool found;
    if (is(p, ";")) return look(p, false);
    TS_TRY(take(p, ",", &found));
    return found ? TS_OK : wrong(p, TS_SYNTAX, "expected ';'");
}

/* (PROVIDE | PROVIDE_HIDDEN | HIDDEN) "(" assignment ")" [";"] */
static ts_status read_provide(parser *p, script_statement *out) {
    bool found;
    out->is_provided = !is(p, "HIDDEN");
    out->is_hidden = !is(p, "PROVIDE");
    TS_TRY(look(p, false));
    TS_TRY(expect(p, "("));
    TS_TRY(read_assignment(p, out));
    TS_TRY(expect(p, ")"));
    return take(p, ";", &found);
}

/* ASSERT "(" expr "," string ")" [";"] */
static ts_status read_assert(parser *p, script_statement *out) {
    bool found;
    out->kind = SCRIPT_ASSERT;
    TS_TRY(look(p, false));
    TS_TRY(expect(p, "("));
    TS_TRY(read_value(p, &out->value));
    TS_TRY(expect(p, ","));
    TS_TRY(take_name(p, "expected a message", &out->name));
    TS_TRY(expect(p, ")"));
    return take(p, ";", &found);
}

static bool is_provide(const parser *p) {
    return is(p, "PROVIDE") || is(p, "PROVIDE_HIDDEN") || is(p, "HIDDEN");
}

/* What begins with a name: an assignment, PROVIDE or ASSERT. */
static ts_status read_simple(parser *p, script_statement *out) {
    out->kind = SCRIPT_ASSIGN;
    if (is_provide(p)) return read_provide(p, out);
    if (is(p, "ASSERT")) return read_assert(p, out);
    TS_TRY(read_assignment(p, out));
    return end_statement(p);
}

/* ---- sections -------------------------------------------------------------------------------- */

static ts_status read_excluded(parser *p, script_pattern *pattern) {
    TS_TRY(look(p, false));
    TS_TRY(expect(p, "("));
    while (!is(p, ")")) {
        pattern->excluded = object_grow(p->arena, pattern->excluded, pattern->n_excluded,
                                        &pattern->excluded_capacity, sizeof *pattern->excluded);
        if (!pattern->excluded) return ts_fail_nomem(p->diag);
        widen(p);
        TS_TRY(
            take_name(p, "expected a pattern of files", &pattern->excluded[pattern->n_excluded]));
        pattern->n_excluded++;
    }
    return expect(p, ")");
}

static bool is_sort_word(const parser *p, script_sort *out) {
    *out = is(p, "SORT") || is(p, "SORT_BY_NAME") ? SCRIPT_BY_NAME
           : is(p, "SORT_BY_ALIGNMENT")           ? SCRIPT_BY_ALIGNMENT
                                                  : SCRIPT_UNSORTED;
    return *out || is(p, "SORT_NONE") || is(p, "SORT_BY_INIT_PRIORITY");
}

/* list = { [EXCLUDE_FILE "(" files ")"] pattern [","] }
 * Excluded files are so for all patterns up to the next EXCLUDE_FILE. The list ends before ")" or a
 * word for sorting; `like` has what all of its patterns have, and what is excluded at its end. */
static ts_status read_list(parser *p, script_pattern *like, script_pattern ***end) {
    script_sort ignored;
    bool found, was_excluded = like->n_excluded > 0;
    while (!is(p, ")") && !is_sort_word(p, &ignored)) {
        if (is(p, "EXCLUDE_FILE")) {
            if (!was_excluded)
                like->excluded = NULL, like->n_excluded = like->excluded_capacity = 0;
            TS_TRY(read_excluded(p, like));
            was_excluded = true;
            continue;
        }
        widen(p);
        MAKE(p, *end);
        ***end = *like;
        TS_TRY(take_name(p, "expected a pattern of sections", &(**end)->text));
        TS_TRY(take(p, ",", &found));
        *end = &(**end)->next;
        was_excluded = false;
    }
    if (!was_excluded) like->excluded = NULL, like->n_excluded = like->excluded_capacity = 0;
    return TS_OK;
}

/* sorted = SORT... "(" (sorted | list) ")", two of them at the most */
static ts_status read_sorted(parser *p, script_pattern *like, script_pattern ***end) {
    bool found;
    unsigned n = 0;
    while (n < 2 && is_sort_word(p, &like->sorts[n])) {
        TS_TRY(look(p, false));
        TS_TRY(expect(p, "("));
        n++;
    }
    TS_TRY(read_list(p, like, end));
    while (n--)
        TS_TRY(expect(p, ")"));
    like->sorts[0] = like->sorts[1] = SCRIPT_UNSORTED;
    return take(p, ",", &found);
}

/* sections = "(" { list | sorted } ")"
 * Lists that are not sorted, one behind the other, are one in the order of the input.
 * src: llvm-aie: lld/ELF/ScriptParser.cpp, readInputSectionRules, readInputSectionsList [code]
 * src: llvm-project: lld/ELF/LinkerScript.cpp, computeInputSections [code] */
static ts_status read_section_patterns(parser *p, script_pattern **out) {
    script_pattern like = {0};
    script_sort sort;
    TS_TRY(expect(p, "("));
    while (!is(p, ")")) {
        if (!is_sort_word(p, &sort)) {
            TS_TRY(read_list(p, &like, &out));
            continue;
        }
        like.block++;
        TS_TRY(read_sorted(p, &like, &out));
        like.block++;
    }
    return expect(p, ")");
}

/* input = [EXCLUDE_FILE "(" files ")"] file sections | SORT "(" file ")" sections
 * KEEP(SORT(*.init_array)) is of mlir-aie's scripts. lld reads it as sections "*.init_array" of a
 * file named SORT, of which there is none; so do we. */
static ts_status read_files(parser *p, script_statement *out) {
    MAKE(p, &out->file);
    if (is(p, "EXCLUDE_FILE")) TS_TRY(read_excluded(p, out->file));
    size_t at = p->at;
    bool is_sort = is_sort_word(p, &out->file->sorts[0]);
    widen(p);
    TS_TRY(take_name(p, "expected a pattern of files", &out->file->text));
    if (!is(p, "(")) {
        /* A file without sections: all of it. */
        MAKE(p, &out->sections);
        out->sections->text = "*";
        return TS_OK;
    }
    TS_TRY(read_section_patterns(p, &out->sections));
    if (!is_sort || !is(p, "(")) {
        out->file->sorts[0] = SCRIPT_UNSORTED;
        return TS_OK;
    }
    if (!out->sections || out->sections->next) {
        p->at = at;
        return wrong(p, TS_SYNTAX, "expected one pattern of files to sort");
    }
    out->file->text = out->sections->text;
    return read_section_patterns(p, &out->sections);
}

static ts_status read_keep(parser *p, script_statement *out) {
    out->is_kept = true;
    TS_TRY(look(p, false));
    TS_TRY(expect(p, "("));
    TS_TRY(read_files(p, out));
    return expect(p, ")");
}

/* data = (BYTE | SHORT | LONG | QUAD) "(" expr ")" */
static ts_status read_data(parser *p, script_statement *out, unsigned n_bytes) {
    out->kind = SCRIPT_DATA;
    out->n_bytes = n_bytes;
    TS_TRY(look(p, false));
    TS_TRY(expect(p, "("));
    TS_TRY(read_value(p, &out->value));
    return expect(p, ")");
}

/* Whether an assignment begins here: a name and then '=' or '+=' and so on. */
static ts_status begins_assignment(parser *p, bool *out) {
    size_t at = p->at, end = p->end;
    if (is_provide(p) || is(p, "ASSERT")) {
        *out = true;
        return TS_OK;
    }
    TS_TRY(look(p, true));
    *out = is(p, "=") || changes(p);
    p->at = at;
    p->end = end;
    return TS_OK;
}

static ts_status read_content(parser *p, script_statement *out) {
    static const struct {
        const char *word;
        unsigned n_bytes;
    } data[] = {{"BYTE", 1}, {"SHORT", 2}, {"LONG", 4}, {"QUAD", 8}};
    bool is_assignment, found;
    for (size_t i = 0; i < sizeof data / sizeof *data; i++)
        if (is(p, data[i].word)) {
            TS_TRY(read_data(p, out, data[i].n_bytes));
            return take(p, ";", &found);
        }
    TS_TRY(begins_assignment(p, &is_assignment));
    if (is_assignment) return read_simple(p, out);
    out->kind = SCRIPT_INPUT;
    TS_TRY(is(p, "KEEP") ? read_keep(p, out) : read_files(p, out));
    return take(p, ";", &found);
}

/* Between the name and '{': [address] [(type)] ":" [AT (expr)] [ALIGN (expr)] [SUBALIGN (expr)] */
static ts_status read_output_head(parser *p, script_statement *out) {
    bool found;
    if (!is(p, ":") && !is(p, "(")) TS_TRY(read_value(p, &out->address));
    TS_TRY(take(p, "(", &found));
    if (found) {
        const char *type;
        TS_TRY(take_name(p, "expected a type of sections", &type));
        out->is_not_loaded = strcmp(type, "NOLOAD") == 0;
        TS_TRY(expect(p, ")"));
    }
    TS_TRY(expect(p, ":"));
    for (;;) {
        script_expr *ignored = NULL, **to = is(p, "ALIGN")      ? &out->align
                                            : is(p, "SUBALIGN") ? &out->subalign
                                            : is(p, "AT")       ? &ignored
                                                                : NULL;
        if (!to) return TS_OK;
        TS_TRY(look(p, false));
        TS_TRY(expect(p, "("));
        TS_TRY(read_value(p, to));
        TS_TRY(expect(p, ")"));
    }
}

/* Behind '}': ["> region] ["AT>" region] [":" segment] ["=" fill] [","] */
static ts_status read_output_tail(parser *p, script_statement *out) {
    bool found;
    for (;;) {
        const char *ignored;
        TS_TRY(take(p, ">", &found));
        if (found) {
            TS_TRY(take_name(p, "expected the name of a memory", &out->region));
            continue;
        }
        if (is(p, "AT")) {
            TS_TRY(look(p, false));
            TS_TRY(expect(p, ">"));
            TS_TRY(take_name(p, "expected the name of a memory", &ignored));
            continue;
        }
        TS_TRY(take(p, ":", &found));
        if (found) {
            TS_TRY(take_name(p, "expected the name of a segment", &ignored));
            continue;
        }
        TS_TRY(take(p, "=", &found));
        if (!found) return take(p, ",", &found);
        TS_TRY(read_value(p, &out->fill));
    }
}

/* output = name head "{" { content } "}" tail */
static ts_status read_output(parser *p, script_statement *out) {
    out->kind = SCRIPT_OUTPUT;
    TS_TRY(take_name(p, "expected the name of a section", &out->name));
    TS_TRY(read_output_head(p, out));
    TS_TRY(expect(p, "{"));
    script_statement **end = &out->first;
    while (!is(p, "}")) {
        bool found;
        TS_TRY(take(p, ";", &found));
        if (found) continue;
        TS_TRY(new_statement(p, SCRIPT_INPUT, end));
        TS_TRY(read_content(p, *end));
        end = &(*end)->next;
    }
    TS_TRY(expect(p, "}"));
    return read_output_tail(p, out);
}

/* SECTIONS "{" { output | assignment | ENTRY(name) } "}" */
static ts_status read_sections(parser *p, script *out, script_statement ***end) {
    TS_TRY(expect(p, "{"));
    while (!is(p, "}")) {
        bool found, is_assignment;
        TS_TRY(take(p, ";", &found));
        if (found) continue;
        if (at_end(p)) return wrong(p, TS_SYNTAX, "expected '}' at the end of SECTIONS");
        if (is(p, "ENTRY")) {
            TS_TRY(look(p, false));
            TS_TRY(expect(p, "("));
            TS_TRY(take_name(p, "expected the name of a symbol", &out->entry));
            TS_TRY(expect(p, ")"));
            continue;
        }
        if (is(p, "OVERLAY") || is(p, "INCLUDE"))
            return wrong(p, TS_UNSUPPORTED, "Tessera's linker has no overlays and no INCLUDE");
        TS_TRY(begins_assignment(p, &is_assignment));
        TS_TRY(new_statement(p, SCRIPT_ASSIGN, *end));
        TS_TRY(is_assignment ? read_simple(p, **end) : read_output(p, **end));
        *end = &(**end)->next;
    }
    return expect(p, "}");
}

/* ---- memory ---------------------------------------------------------------------------------- */

/* "(" letters ")": (RX) is for code, (!RX) for all but code */
static ts_status read_attributes(parser *p, script_region *region) {
    const char *letters;
    bool is_not = false;
    TS_TRY(look(p, false));
    TS_TRY(take_name(p, "expected attributes of a memory", &letters));
    for (const char *c = letters; *c; c++) {
        if (*c == '!') {
            is_not = !is_not;
        } else if (*c == 'x' || *c == 'X') {
            *(is_not ? &region->is_not_code : &region->is_code) = true;
        } else if (!strchr("rwaliRWALI", *c)) {
            return wrong(p, TS_SYNTAX, "an attribute of a memory is one of R, W, X, A, I, L, !");
        }
    }
    return expect(p, ")");
}

/* A word that may be joined to a '=': ORIGIN, org, o; LENGTH, len, l */
static ts_status read_region_value(parser *p, const char *const words[3], script_expr **out) {
    bool found = false;
    for (unsigned i = 0; i < 3 && !found; i++)
        TS_TRY(take(p, words[i], &found));
    if (!found) {
        char what[32];
        snprintf(what, sizeof what, "expected '%s'", words[0]);
        return wrong(p, TS_SYNTAX, what);
    }
    TS_TRY(expect(p, "="));
    return read_value(p, out);
}

/* region = name [attributes] ":" ORIGIN "=" expr "," LENGTH "=" expr */
static ts_status read_region(parser *p, script_region *region) {
    static const char *const origin[3] = {"ORIGIN", "org", "o"};
    static const char *const length[3] = {"LENGTH", "len", "l"};
    TS_TRY(take_name(p, "expected the name of a memory", &region->name));
    if (is(p, "(")) TS_TRY(read_attributes(p, region));
    TS_TRY(expect(p, ":"));
    TS_TRY(read_region_value(p, origin, &region->origin_expr));
    TS_TRY(expect(p, ","));
    return read_region_value(p, length, &region->length_expr);
}

static ts_status read_memory(parser *p, script *out) {
    script_region **end = &out->regions;
    while (*end)
        end = &(*end)->link;
    TS_TRY(expect(p, "{"));
    while (!is(p, "}")) {
        size_t at = p->at;
        MAKE(p, end);
        TS_TRY(read_region(p, *end));
        for (script_region *r = out->regions; r != *end; r = r->link)
            if (strcmp(r->name, (*end)->name) == 0) {
                p->end = p->at = at;
                TS_TRY(look(p, false));
                return wrong(p, TS_CONFLICT, "a memory that is there already");
            }
        end = &(*end)->link;
    }
    return expect(p, "}");
}

/* ---- the script ------------------------------------------------------------------------------ */

/* "(" { name [","] } ")"; AS_NEEDED "(" names ")" and -lNAME are among them in INPUT */
static ts_status read_names(parser *p, script_name **end) {
    while (*end)
        end = &(*end)->next;
    TS_TRY(expect(p, "("));
    while (!is(p, ")")) {
        bool found;
        TS_TRY(take(p, ",", &found));
        if (found) continue;
        if (is(p, "AS_NEEDED")) return wrong(p, TS_UNSUPPORTED, "there are no shared objects here");
        MAKE(p, end);
        (*end)->at = p->at;
        widen(p);
        TS_TRY(take_name(p, "expected a name", &(*end)->text));
        end = &(*end)->next;
    }
    return expect(p, ")");
}

static ts_status read_command(parser *p, script *out, script_statement ***end, bool *found) {
    script_name *ignored = NULL;
    *found = true;
    TS_TRY(new_statement(p, SCRIPT_ASSIGN, *end));
    script_statement *statement = **end;
    **end = NULL;
    size_t at = p->at, stop = p->end;
    TS_TRY(look(p, false));
    size_t next_at = p->at, next_end = p->end;
    p->at = at;
    p->end = stop;
#define COMMAND(word) (is(p, word) && (p->at = next_at, p->end = next_end, true))
    if (COMMAND("MEMORY")) return read_memory(p, out);
    if (COMMAND("SECTIONS")) return read_sections(p, out, end);
    if (COMMAND("INPUT") || COMMAND("GROUP")) return read_names(p, &out->inputs);
    if (COMMAND("EXTERN")) return read_names(p, &out->needed);
    if (COMMAND("OUTPUT_FORMAT") || COMMAND("OUTPUT_ARCH") || COMMAND("SEARCH_DIR"))
        return read_names(p, &ignored);
    if (COMMAND("ENTRY")) {
        TS_TRY(expect(p, "("));
        TS_TRY(take_name(p, "expected the name of a symbol", &out->entry));
        return expect(p, ")");
    }
#undef COMMAND
    if (is(p, "PHDRS") || is(p, "VERSION") || is(p, "INCLUDE") || is(p, "OVERLAY"))
        return wrong(p, TS_UNSUPPORTED, "Tessera's linker has no such command");
    TS_TRY(begins_assignment(p, found));
    if (!*found) return TS_OK;
    **end = statement;
    TS_TRY(read_simple(p, statement));
    *end = &statement->next;
    return TS_OK;
}

ts_status link_script_parse(ts_arena *arena, const ts_link_file *file, script *out, ts_diag *diag) {
    parser p = {.arena = arena,
                .file = file->name,
                .text = (const char *)file->bytes.data,
                .size = file->bytes.size,
                .diag = diag};
    script_statement **end = &out->first;
    *out = (script){.file = file->name, .text = file->bytes};
    TS_TRY(look(&p, false));
    while (!at_end(&p)) {
        bool found;
        TS_TRY(take(&p, ";", &found));
        if (found) continue;
        TS_TRY(read_command(&p, out, &end, &found));
        if (!found)
            return wrong(&p, TS_SYNTAX,
                         "expected MEMORY, SECTIONS, ENTRY, INPUT, PROVIDE or an assignment");
    }
    return TS_OK;
}

/* ---- patterns -------------------------------------------------------------------------------- */

/* One character against "[a-z_]" from `*at`, which moves behind it. */
static bool in_set(const char **at, char c) {
    const char *p = *at + 1;
    bool is_not = *p == '!' || *p == '^', found = false;
    p += is_not;
    for (bool first = true; *p && (first || *p != ']'); first = false) {
        if (p[1] == '-' && p[2] && p[2] != ']') {
            found |= c >= p[0] && c <= p[2];
            p += 3;
        } else {
            found |= c == *p++;
        }
    }
    *at = *p ? p + 1 : p;
    return found != is_not;
}

/* With the last '*' alone to come back to, so that the time is at most the product of the lengths.
 */
bool link_matches(const char *pattern, const char *name) {
    const char *star = NULL, *star_name = NULL;
    while (*name) {
        const char *next = pattern;
        bool same;
        if (*pattern == '*') {
            star = ++pattern;
            star_name = name;
            continue;
        }
        if (*pattern == '[')
            same = in_set(&next, *name);
        else
            same = *pattern && (*pattern == '?' || *pattern == *name),
            next = pattern + (*pattern != 0);
        if (same) {
            pattern = next;
            name++;
        } else if (star) {
            pattern = star;
            name = ++star_name;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return !*pattern;
}
