/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Both texts are cut into lines with runs of blanks made one blank. A directive's pattern becomes
 * one POSIX extended regular expression, with the values of variables spelled out, and is looked
 * for line by line. Labels are found first, so that the directives between two labels see only the
 * lines between them.
 * src: llvm-project: llvm/docs/CommandGuide/FileCheck.rst [documented]
 */
#include "filecheck.h"

#include <ctype.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_GROUPS 64

typedef enum kind {
    PLAIN,
    NEXT,
    SAME,
    NOT,
    DAG,
    LABEL,
    EMPTY,
    COUNT
} kind;

typedef struct directive {
    kind kind;
    unsigned count; /* COUNT */
    unsigned line;  /* in the text with the directives */
    char *pattern;
} directive;

typedef struct variable {
    const char *name;
    char *value;
    struct variable *next;
} variable;

/* A place between two characters of a line. */
typedef struct place {
    size_t line, column;
} place;

typedef struct match {
    place begin, end;
} match;

typedef struct checker {
    ts_arena *arena;
    directive *directives;
    size_t n_directives, capacity;
    char **lines;
    size_t n_lines;
    variable *variables;
    char *message;
    size_t message_size;
} checker;

static bool is_before(place a, place b) {
    return a.line < b.line || (a.line == b.line && a.column < b.column);
}

/* One line with runs of blanks made one, none at its end. */
static char *squeeze(ts_arena *arena, const char *text, size_t length) {
    char *out = ts_arena_alloc(arena, length + 1);
    size_t size = 0;
    if (!out) return NULL;
    for (size_t i = 0; i < length; i++) {
        char c = text[i] == '\t' || text[i] == '\r' ? ' ' : text[i];
        if (c != ' ' || !size || out[size - 1] != ' ') out[size++] = c;
    }
    while (size && out[size - 1] == ' ')
        size--;
    out[size] = '\0';
    return out;
}

static void cut(checker *c, ts_span input) {
    const char *p = (const char *)input.data, *end = p + input.size;
    size_t n = 1;
    for (const char *q = p; q < end; q++)
        n += *q == '\n';
    c->lines = TS_ARENA_ARRAY(c->arena, char *, n);
    while (c->lines && p < end) {
        const char *stop = memchr(p, '\n', (size_t)(end - p));
        if (!stop) stop = end;
        c->lines[c->n_lines++] = squeeze(c->arena, p, (size_t)(stop - p));
        p = stop + 1;
    }
}

/* ---- reading the directives ------------------------------------------------------------------ */

/* What stands behind the prefix, up to and with the colon; NULL when it is no directive. */
static const char *suffix(const char *p, const char *end, directive *out) {
    static const struct {
        const char *word;
        kind kind;
    } words[] = {{"-NEXT:", NEXT},   {"-SAME:", SAME},   {"-NOT:", NOT}, {"-DAG:", DAG},
                 {"-LABEL:", LABEL}, {"-EMPTY:", EMPTY}, {":", PLAIN}};
    size_t left = (size_t)(end - p);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        size_t n = strlen(words[i].word);
        if (left < n || memcmp(p, words[i].word, n) != 0) continue;
        out->kind = words[i].kind;
        return p + n;
    }
    if (left < 8 || memcmp(p, "-COUNT-", 7) != 0 || !isdigit((unsigned char)p[7])) return NULL;
    out->kind = COUNT;
    for (p += 7; p < end && isdigit((unsigned char)*p); p++)
        out->count = out->count * 10 + (unsigned)(*p - '0');
    return p < end && *p == ':' ? p + 1 : NULL;
}

static bool is_word(char c) {
    return isalnum((unsigned char)c) || c == '-' || c == '_';
}

static void add(checker *c, directive d) {
    if (c->n_directives == c->capacity) {
        size_t more = c->capacity ? 2 * c->capacity : 64;
        c->directives =
            ts_arena_grow(c->arena, c->directives, c->capacity * sizeof d, more * sizeof d);
        c->capacity = c->directives ? more : 0;
        if (!c->directives) abort();
    }
    c->directives[c->n_directives++] = d;
}

/* The first directive of a line. */
static void read_line(checker *c, const char *p, const char *end, const char *prefix,
                      unsigned line) {
    size_t n = strlen(prefix);
    for (const char *q = p; (size_t)(end - q) > n; q++) {
        directive d = {.line = line};
        if (memcmp(q, prefix, n) != 0 || (q > p && is_word(q[-1]))) continue;
        const char *rest = suffix(q + n, end, &d);
        if (!rest) continue;
        while (rest < end && (*rest == ' ' || *rest == '\t'))
            rest++;
        d.pattern = squeeze(c->arena, rest, (size_t)(end - rest));
        add(c, d);
        return;
    }
}

static void read_directives(checker *c, ts_span checks, const char *prefixes) {
    char *list = ts_arena_strdup(c->arena, prefixes);
    const char *p = (const char *)checks.data, *end = p + checks.size;
    for (unsigned line = 1; p < end; line++) {
        const char *stop = memchr(p, '\n', (size_t)(end - p));
        if (!stop) stop = end;
        size_t before = c->n_directives;
        for (char *q = list; q && *q && c->n_directives == before;) {
            size_t n = strcspn(q, ",");
            char *prefix = ts_arena_strndup(c->arena, q, n);
            if (prefix) read_line(c, p, stop, prefix, line);
            q += n + (q[n] == ',');
        }
        p = stop + 1;
    }
}

/* ---- patterns -------------------------------------------------------------------------------- */

typedef struct compiled {
    ts_buf text;
    const char *captures[MAX_GROUPS]; /* the variable that a group sets, or NULL */
    size_t n_groups;
    bool is_bad;
} compiled;

static void add_literal(ts_buf *out, const char *text, size_t length) {
    for (size_t i = 0; i < length; i++)
        if (strchr(".[]{}()\\*+?|^$", text[i]) && text[i])
            ts_buf_printf(out, "\\%c", text[i]);
        else
            ts_buf_u8(out, (uint8_t)text[i]);
}

/* A group of the expression's own: they count, too. */
static size_t groups_in(const char *text, size_t length) {
    size_t n = 0;
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '\\')
            i++;
        else if (text[i] == '[') {
            i += i + 1 < length && text[i + 1] == '^' ? 2 : 1;
            for (i += i < length && text[i] == ']'; i < length && text[i] != ']'; i++) {
            }
        } else if (text[i] == '(')
            n++;
    }
    return n;
}

static void add_expression(compiled *out, const char *text, size_t length, const char *name) {
    size_t groups = 1 + groups_in(text, length);
    if (out->n_groups + groups >= MAX_GROUPS) {
        out->is_bad = true;
        return;
    }
    out->captures[out->n_groups + 1] = name;
    out->n_groups += groups;
    ts_buf_u8(&out->text, '(');
    for (size_t i = 0; i < length; i++) {
        /* LLVM's expressions know \d, \s and \w; POSIX knows classes only. */
        const char *class = text[i] != '\\' || i + 1 >= length ? NULL
                            : text[i + 1] == 'd'               ? "[0-9]"
                            : text[i + 1] == 's'               ? "[ \t]"
                                                               : NULL;
        if (class) {
            ts_buf_text(&out->text, class);
            i++;
        } else
            ts_buf_u8(&out->text, (uint8_t)text[i]);
    }
    ts_buf_u8(&out->text, ')');
}

static void add_variable(checker *c, compiled *out, const char *text, size_t length) {
    const char *colon = memchr(text, ':', length);
    if (colon) {
        size_t n = (size_t)(colon - text);
        char *name = ts_arena_strndup(c->arena, text, n);
        add_expression(out, colon + 1, length - n - 1, name);
        return;
    }
    char *name = ts_arena_strndup(c->arena, text, length);
    for (size_t i = 1; i <= out->n_groups && i < 10; i++)
        if (out->captures[i] && strcmp(out->captures[i], name) == 0) {
            ts_buf_printf(&out->text, "\\%zu", i);
            return;
        }
    for (variable *v = c->variables; v; v = v->next)
        if (strcmp(v->name, name) == 0) {
            add_literal(&out->text, v->value, strlen(v->value));
            return;
        }
    out->is_bad = true;
}

/* The end of a bracketed part: "}}" or "]]", braces and brackets inside skipped. */
static const char *part_end(const char *p, const char *closing) {
    unsigned depth = 0;
    for (; *p; p++) {
        if (!depth && p[0] == closing[0] && p[1] == closing[1]) {
            while (closing[0] == '}' && p[2] == '}')
                p++; /* "{{a{2}}}" */
            return p;
        }
        if (closing[0] != ']') continue;
        if (*p == '\\' && p[1])
            p++;
        else if (*p == '[')
            depth++;
        else if (*p == ']' && depth)
            depth--;
    }
    return NULL;
}

static void compile(checker *c, const char *pattern, compiled *out) {
    out->text = ts_buf_in(c->arena);
    for (const char *p = pattern; *p;) {
        bool is_expression = strncmp(p, "{{", 2) == 0, is_variable = strncmp(p, "[[", 2) == 0;
        /* "[[" is a variable only when a name follows. */
        is_variable = is_variable && (isalpha((unsigned char)p[2]) || p[2] == '_' || p[2] == '$');
        if (!is_expression && !is_variable) {
            add_literal(&out->text, p++, 1);
            continue;
        }
        const char *end = part_end(p + 2, is_expression ? "}}" : "]]");
        if (!end) {
            out->is_bad = true;
            break;
        }
        if (is_expression)
            add_expression(out, p + 2, (size_t)(end - p) - 2, NULL);
        else
            add_variable(c, out, p + 2, (size_t)(end - p) - 2);
        p = end + 2;
    }
    ts_buf_u8(&out->text, 0);
}

static void set_variables(checker *c, const compiled *p, const regmatch_t *groups,
                          const char *text) {
    for (size_t i = 1; i <= p->n_groups; i++) {
        if (!p->captures[i] || groups[i].rm_so < 0) continue;
        variable *v = TS_ARENA_NEW(c->arena, variable);
        size_t n = (size_t)(groups[i].rm_eo - groups[i].rm_so);
        if (!v) abort();
        *v = (variable){p->captures[i], ts_arena_strndup(c->arena, text + groups[i].rm_so, n),
                        c->variables};
        c->variables = v;
    }
}

/* The first match from `from` on, in lines below `end`. */
static bool find(checker *c, const char *pattern, place from, size_t end, match *out) {
    compiled p = {0};
    regex_t regex;
    regmatch_t groups[MAX_GROUPS + 1];
    bool is_found = false;
    compile(c, pattern, &p);
    if (p.is_bad || p.text.failed || regcomp(&regex, (const char *)p.text.data, REG_EXTENDED) != 0)
        return false;
    for (size_t line = from.line; line < end && line < c->n_lines && !is_found; line++) {
        size_t column = line == from.line ? from.column : 0;
        const char *text = c->lines[line] + column;
        if (regexec(&regex, text, MAX_GROUPS, groups, column ? REG_NOTBOL : 0) != 0) continue;
        *out = (match){{line, column + (size_t)groups[0].rm_so},
                       {line, column + (size_t)groups[0].rm_eo}};
        set_variables(c, &p, groups, text);
        is_found = true;
    }
    regfree(&regex);
    return is_found;
}

/* ---- checking -------------------------------------------------------------------------------- */

static bool fail(checker *c, const directive *d, place at, const char *what) {
    snprintf(c->message, c->message_size, "line %u: %s '%s' from line %zu: %s", d->line, what,
             d->pattern, at.line + 1, at.line < c->n_lines ? c->lines[at.line] : "(end)");
    return false;
}

/* The directives NOT between `first` and `end`: nothing of them between two places. */
static bool check_nots(checker *c, size_t first, size_t end, place from, place to) {
    for (size_t i = first; i < end; i++) {
        match m;
        if (c->directives[i].kind != NOT) continue;
        if (find(c, c->directives[i].pattern, from, to.line + 1, &m) && is_before(m.begin, to))
            return fail(c, &c->directives[i], m.begin, "found, but should not be there:");
    }
    return true;
}

static bool overlaps(const match *all, size_t n, match m, place *behind) {
    for (size_t i = 0; i < n; i++)
        if (is_before(m.begin, all[i].end) && is_before(all[i].begin, m.end)) {
            *behind = all[i].end;
            return true;
        }
    return false;
}

/* A group of directives DAG from `first`: in any order, none over another. */
static bool check_group(checker *c, size_t *first, place *at, size_t end) {
    match all[256];
    size_t n = 0;
    place start = *at, last = *at, begin = {SIZE_MAX, 0};
    for (; *first < c->n_directives && c->directives[*first].kind == DAG && n < 256; ++*first) {
        const directive *d = &c->directives[*first];
        place from = start;
        match m;
        do {
            if (!find(c, d->pattern, from, end, &m)) return fail(c, d, start, "not found:");
        } while (overlaps(all, n, m, &from));
        all[n++] = m;
        if (is_before(last, m.end)) last = m.end;
        if (is_before(m.begin, begin)) begin = m.begin;
    }
    *at = last;
    return true;
}

static bool check_one(checker *c, const directive *d, place *at, size_t end, place *begin) {
    match m = {*at, *at};
    place from = *at;
    size_t to = end;
    if (d->kind == NEXT || d->kind == EMPTY) {
        from = (place){at->line + 1, 0};
        to = from.line + 1 < end ? from.line + 1 : end;
    } else if (d->kind == SAME)
        to = at->line + 1;
    if (d->kind == EMPTY) {
        if (from.line >= c->n_lines || c->lines[from.line][0]) return fail(c, d, from, "no empty");
        m = (match){from, from};
    }
    unsigned n = d->kind == COUNT ? d->count : 1;
    for (unsigned i = 0; i < n && d->kind != EMPTY; i++) {
        if (!find(c, d->pattern, from, to, &m)) return fail(c, d, from, "not found:");
        if (i == 0) *begin = m.begin;
        from = m.end;
    }
    if (d->kind == EMPTY) *begin = m.begin;
    *at = m.end;
    return true;
}

/* Directives from `first` up to `last`, in the lines below `end`. */
static bool check_block(checker *c, size_t first, size_t last, place *at, size_t end) {
    size_t nots = first;
    for (size_t i = first; i < last;) {
        const directive *d = &c->directives[i];
        place before = *at, begin = *at;
        if (d->kind == NOT) {
            i++;
            continue;
        }
        size_t first_here = i;
        if (d->kind == DAG) {
            if (!check_group(c, &i, at, end)) return false;
        } else {
            if (!check_one(c, d, at, end, &begin)) return false;
            i++;
        }
        if (!check_nots(c, nots, first_here, before, d->kind == DAG ? before : begin)) return false;
        nots = i;
    }
    return check_nots(c, nots, last, *at, (place){end, 0});
}

static bool check_all(checker *c) {
    place at = {0, 0};
    for (size_t i = 0; i < c->n_directives;) {
        size_t last = i;
        while (last < c->n_directives && c->directives[last].kind != LABEL)
            last++;
        match label = {{c->n_lines, 0}, {c->n_lines, 0}};
        if (last < c->n_directives && !find(c, c->directives[last].pattern, at, c->n_lines, &label))
            return fail(c, &c->directives[last], at, "not found:");
        /* What stands before a label on its own line is not looked at; nothing needs it. */
        if (!check_block(c, i, last, &at, label.begin.line)) return false;
        at = label.end;
        i = last + 1;
    }
    return true;
}

bool filecheck(ts_arena *arena, ts_span checks, ts_span input, const char *prefixes, char *message,
               size_t message_size) {
    checker c = {.arena = arena, .message = message, .message_size = message_size};
    snprintf(message, message_size, "no directives");
    read_directives(&c, checks, prefixes);
    cut(&c, input);
    if (!c.n_directives || !c.lines) return false;
    message[0] = '\0';
    return check_all(&c);
}
