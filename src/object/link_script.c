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
 * src: llvm-aie: lld/ELF/ScriptParser.cpp [code]
 */
#include "link_script_int.h"

#include <stdio.h>
#include <string.h>

/* ---- assignments ----------------------------------------------------------------------------- */

static ts_status new_statement(script_parser *p, script_kind kind, script_statement **out) {
    SCRIPT_MAKE(p, out);
    (*out)->kind = kind;
    (*out)->at = p->at;
    return TS_OK;
}

/* The operator of "+=", "<<=" and so on; its length, or 0. */
static size_t changes(const script_parser *p) {
    size_t length = p->end - p->at;
    if (length < 2 || length > 3 || p->text[p->end - 1] != '=') return 0;
    return length == 3 || strchr("+-*/&|^", p->text[p->at]) ? length - 1 : 0;
}

/* assignment = name ("=" | "+=" | "-=" | "*=" | "/=" | "&=" | "|=" | "^=" | "<<=" | ">>=") expr */
static ts_status read_assignment(script_parser *p, script_statement *out) {
    TS_TRY(script_take_name(p, "expected the name of a symbol", &out->name));
    TS_TRY(script_relook(p, true));
    size_t at = p->at, is_changed = changes(p);
    if (!is_changed && !script_is(p, "=")) return script_wrong(p, TS_SYNTAX, "expected '='");
    TS_TRY(script_look(p, true));
    TS_TRY(script_read_expr(p, &out->value));
    if (is_changed) {
        script_expr *node;
        SCRIPT_MAKE(p, &node);
        *node = (script_expr){.op = SCRIPT_BINARY, .b = out->value, .at = at};
        memcpy(node->symbol, p->text + at, is_changed);
        SCRIPT_MAKE(p, &node->a);
        *node->a = (script_expr){
            .op = strcmp(out->name, ".") ? SCRIPT_SYMBOL : SCRIPT_DOT, .name = out->name, .at = at};
        out->value = node;
    }
    return script_relook(p, false);
}

static ts_status end_statement(script_parser *p) {
    bool found;
    if (script_is(p, ";")) return script_look(p, false);
    TS_TRY(script_take(p, ",", &found));
    return found ? TS_OK : script_wrong(p, TS_SYNTAX, "expected ';'");
}

/* (PROVIDE | PROVIDE_HIDDEN | HIDDEN) "(" assignment ")" [";"] */
static ts_status read_provide(script_parser *p, script_statement *out) {
    bool found;
    out->is_provided = !script_is(p, "HIDDEN");
    out->is_hidden = !script_is(p, "PROVIDE");
    TS_TRY(script_look(p, false));
    TS_TRY(script_expect(p, "("));
    TS_TRY(read_assignment(p, out));
    TS_TRY(script_expect(p, ")"));
    return script_take(p, ";", &found);
}

/* ASSERT "(" expr "," string ")" [";"] */
static ts_status read_assert(script_parser *p, script_statement *out) {
    bool found;
    out->kind = SCRIPT_ASSERT;
    TS_TRY(script_look(p, false));
    TS_TRY(script_expect(p, "("));
    TS_TRY(script_read_value(p, &out->value));
    TS_TRY(script_expect(p, ","));
    TS_TRY(script_take_name(p, "expected a message", &out->name));
    TS_TRY(script_expect(p, ")"));
    return script_take(p, ";", &found);
}

static bool is_provide(const script_parser *p) {
    return script_is(p, "PROVIDE") || script_is(p, "PROVIDE_HIDDEN") || script_is(p, "HIDDEN");
}

/* What begins with a name: an assignment, PROVIDE or ASSERT. */
static ts_status read_simple(script_parser *p, script_statement *out) {
    out->kind = SCRIPT_ASSIGN;
    if (is_provide(p)) return read_provide(p, out);
    if (script_is(p, "ASSERT")) return read_assert(p, out);
    TS_TRY(read_assignment(p, out));
    return end_statement(p);
}

/* ---- sections -------------------------------------------------------------------------------- */

static ts_status read_excluded(script_parser *p, script_pattern *pattern) {
    TS_TRY(script_look(p, false));
    TS_TRY(script_expect(p, "("));
    while (!script_is(p, ")")) {
        pattern->excluded = ts_arena_room(p->arena, pattern->excluded, pattern->n_excluded,
                                          &pattern->excluded_capacity, sizeof *pattern->excluded);
        if (!pattern->excluded) return ts_fail_nomem(p->diag);
        script_widen(p);
        TS_TRY(script_take_name(p, "expected a pattern of files",
                                &pattern->excluded[pattern->n_excluded]));
        pattern->n_excluded++;
    }
    return script_expect(p, ")");
}

static bool is_sort_word(const script_parser *p, script_sort *out) {
    *out = script_is(p, "SORT") || script_is(p, "SORT_BY_NAME") ? SCRIPT_BY_NAME
           : script_is(p, "SORT_BY_ALIGNMENT")                  ? SCRIPT_BY_ALIGNMENT
                                                                : SCRIPT_UNSORTED;
    return *out || script_is(p, "SORT_NONE") || script_is(p, "SORT_BY_INIT_PRIORITY");
}

/* list = { [EXCLUDE_FILE "(" files ")"] pattern [","] }
 * Excluded files are so for all patterns up to the next EXCLUDE_FILE. The list ends before ")" or a
 * word for sorting; `like` has what all of its patterns have, and what is excluded at its end. */
static ts_status read_list(script_parser *p, script_pattern *like, script_pattern ***end) {
    script_sort ignored;
    bool found, was_excluded = like->n_excluded > 0;
    while (!script_is(p, ")") && !is_sort_word(p, &ignored)) {
        if (script_is(p, "EXCLUDE_FILE")) {
            if (!was_excluded)
                like->excluded = NULL, like->n_excluded = like->excluded_capacity = 0;
            TS_TRY(read_excluded(p, like));
            was_excluded = true;
            continue;
        }
        script_widen(p);
        SCRIPT_MAKE(p, *end);
        ***end = *like;
        TS_TRY(script_take_name(p, "expected a pattern of sections", &(**end)->text));
        TS_TRY(script_take(p, ",", &found));
        *end = &(**end)->next;
        was_excluded = false;
    }
    if (!was_excluded) like->excluded = NULL, like->n_excluded = like->excluded_capacity = 0;
    return TS_OK;
}

/* sorted = SORT... "(" (sorted | list) ")", two of them at the most */
static ts_status read_sorted(script_parser *p, script_pattern *like, script_pattern ***end) {
    bool found;
    unsigned n = 0;
    while (n < 2 && is_sort_word(p, &like->sorts[n])) {
        TS_TRY(script_look(p, false));
        TS_TRY(script_expect(p, "("));
        n++;
    }
    TS_TRY(read_list(p, like, end));
    while (n--)
        TS_TRY(script_expect(p, ")"));
    like->sorts[0] = like->sorts[1] = SCRIPT_UNSORTED;
    return script_take(p, ",", &found);
}

/* sections = "(" { list | sorted } ")"
 * Lists that are not sorted, one behind the other, are one in the order of the input.
 * src: llvm-aie: lld/ELF/ScriptParser.cpp, readInputSectionRules, readInputSectionsList [code]
 * src: llvm-project: lld/ELF/LinkerScript.cpp, computeInputSections [code] */
static ts_status read_section_patterns(script_parser *p, script_pattern **out) {
    script_pattern like = {0};
    script_sort sort;
    TS_TRY(script_expect(p, "("));
    while (!script_is(p, ")")) {
        if (!is_sort_word(p, &sort)) {
            TS_TRY(read_list(p, &like, &out));
            continue;
        }
        like.block++;
        TS_TRY(read_sorted(p, &like, &out));
        like.block++;
    }
    return script_expect(p, ")");
}

/* input = [EXCLUDE_FILE "(" files ")"] file sections | SORT "(" file ")" sections
 * KEEP(SORT(*.init_array)) is of mlir-aie's scripts. lld reads it as sections "*.init_array" of a
 * file named SORT, of which there is none; so do we. */
static ts_status read_files(script_parser *p, script_statement *out) {
    SCRIPT_MAKE(p, &out->file);
    if (script_is(p, "EXCLUDE_FILE")) TS_TRY(read_excluded(p, out->file));
    size_t at = p->at;
    bool is_sort = is_sort_word(p, &out->file->sorts[0]);
    script_widen(p);
    TS_TRY(script_take_name(p, "expected a pattern of files", &out->file->text));
    if (!script_is(p, "(")) {
        /* A file without sections: all of it. */
        SCRIPT_MAKE(p, &out->sections);
        out->sections->text = "*";
        return TS_OK;
    }
    TS_TRY(read_section_patterns(p, &out->sections));
    if (!is_sort || !script_is(p, "(")) {
        out->file->sorts[0] = SCRIPT_UNSORTED;
        return TS_OK;
    }
    if (!out->sections || out->sections->next) {
        p->at = at;
        return script_wrong(p, TS_SYNTAX, "expected one pattern of files to sort");
    }
    out->file->text = out->sections->text;
    return read_section_patterns(p, &out->sections);
}

static ts_status read_keep(script_parser *p, script_statement *out) {
    out->is_kept = true;
    TS_TRY(script_look(p, false));
    TS_TRY(script_expect(p, "("));
    TS_TRY(read_files(p, out));
    return script_expect(p, ")");
}

/* data = (BYTE | SHORT | LONG | QUAD) "(" expr ")" */
static ts_status read_data(script_parser *p, script_statement *out, unsigned n_bytes) {
    out->kind = SCRIPT_DATA;
    out->n_bytes = n_bytes;
    TS_TRY(script_look(p, false));
    TS_TRY(script_expect(p, "("));
    TS_TRY(script_read_value(p, &out->value));
    return script_expect(p, ")");
}

/* Whether an assignment begins here: a name and then '=' or '+=' and so on. */
static ts_status begins_assignment(script_parser *p, bool *out) {
    size_t at = p->at, end = p->end;
    if (is_provide(p) || script_is(p, "ASSERT")) {
        *out = true;
        return TS_OK;
    }
    TS_TRY(script_look(p, true));
    *out = script_is(p, "=") || changes(p);
    p->at = at;
    p->end = end;
    return TS_OK;
}

static ts_status read_content(script_parser *p, script_statement *out) {
    static const struct {
        const char *word;
        unsigned n_bytes;
    } data[] = {{"BYTE", 1}, {"SHORT", 2}, {"LONG", 4}, {"QUAD", 8}};
    bool is_assignment, found;
    for (size_t i = 0; i < sizeof data / sizeof *data; i++)
        if (script_is(p, data[i].word)) {
            TS_TRY(read_data(p, out, data[i].n_bytes));
            return script_take(p, ";", &found);
        }
    TS_TRY(begins_assignment(p, &is_assignment));
    if (is_assignment) return read_simple(p, out);
    out->kind = SCRIPT_INPUT;
    TS_TRY(script_is(p, "KEEP") ? read_keep(p, out) : read_files(p, out));
    return script_take(p, ";", &found);
}

/* Between the name and '{': [address] [(type)] ":" [AT (expr)] [ALIGN (expr)] [SUBALIGN (expr)] */
static ts_status read_output_head(script_parser *p, script_statement *out) {
    bool found;
    if (!script_is(p, ":") && !script_is(p, "(")) TS_TRY(script_read_value(p, &out->address));
    TS_TRY(script_take(p, "(", &found));
    if (found) {
        const char *type;
        TS_TRY(script_take_name(p, "expected a type of sections", &type));
        out->is_not_loaded = strcmp(type, "NOLOAD") == 0;
        TS_TRY(script_expect(p, ")"));
    }
    TS_TRY(script_expect(p, ":"));
    for (;;) {
        script_expr *ignored = NULL, **to = script_is(p, "ALIGN")      ? &out->align
                                            : script_is(p, "SUBALIGN") ? &out->subalign
                                            : script_is(p, "AT")       ? &ignored
                                                                       : NULL;
        if (!to) return TS_OK;
        TS_TRY(script_look(p, false));
        TS_TRY(script_expect(p, "("));
        TS_TRY(script_read_value(p, to));
        TS_TRY(script_expect(p, ")"));
    }
}

/* Behind '}': ["> region] ["AT>" region] [":" segment] ["=" fill] [","] */
static ts_status read_output_tail(script_parser *p, script_statement *out) {
    bool found;
    for (;;) {
        const char *ignored;
        TS_TRY(script_take(p, ">", &found));
        if (found) {
            TS_TRY(script_take_name(p, "expected the name of a memory", &out->region));
            continue;
        }
        if (script_is(p, "AT")) {
            TS_TRY(script_look(p, false));
            TS_TRY(script_expect(p, ">"));
            TS_TRY(script_take_name(p, "expected the name of a memory", &ignored));
            continue;
        }
        TS_TRY(script_take(p, ":", &found));
        if (found) {
            TS_TRY(script_take_name(p, "expected the name of a segment", &ignored));
            continue;
        }
        TS_TRY(script_take(p, "=", &found));
        if (!found) return script_take(p, ",", &found);
        TS_TRY(script_read_value(p, &out->fill));
    }
}

/* output = name head "{" { content } "}" tail */
static ts_status read_output(script_parser *p, script_statement *out) {
    out->kind = SCRIPT_OUTPUT;
    TS_TRY(script_take_name(p, "expected the name of a section", &out->name));
    TS_TRY(read_output_head(p, out));
    TS_TRY(script_expect(p, "{"));
    script_statement **end = &out->first;
    while (!script_is(p, "}")) {
        bool found;
        TS_TRY(script_take(p, ";", &found));
        if (found) continue;
        TS_TRY(new_statement(p, SCRIPT_INPUT, end));
        TS_TRY(read_content(p, *end));
        end = &(*end)->next;
    }
    TS_TRY(script_expect(p, "}"));
    return read_output_tail(p, out);
}

/* SECTIONS "{" { output | assignment | ENTRY(name) } "}" */
static ts_status read_sections(script_parser *p, script *out, script_statement ***end) {
    TS_TRY(script_expect(p, "{"));
    while (!script_is(p, "}")) {
        bool found, is_assignment;
        TS_TRY(script_take(p, ";", &found));
        if (found) continue;
        if (script_at_end(p))
            return script_wrong(p, TS_SYNTAX, "expected '}' at the end of SECTIONS");
        if (script_is(p, "ENTRY")) {
            TS_TRY(script_look(p, false));
            TS_TRY(script_expect(p, "("));
            TS_TRY(script_take_name(p, "expected the name of a symbol", &out->entry));
            TS_TRY(script_expect(p, ")"));
            continue;
        }
        if (script_is(p, "OVERLAY") || script_is(p, "INCLUDE"))
            return script_wrong(p, TS_UNSUPPORTED,
                                "Tessera's linker has no overlays and no INCLUDE");
        TS_TRY(begins_assignment(p, &is_assignment));
        TS_TRY(new_statement(p, SCRIPT_ASSIGN, *end));
        TS_TRY(is_assignment ? read_simple(p, **end) : read_output(p, **end));
        *end = &(**end)->next;
    }
    return script_expect(p, "}");
}

/* ---- memory ---------------------------------------------------------------------------------- */

/* "(" letters ")": (RX) is for code, (!RX) for all but code */
static ts_status read_attributes(script_parser *p, script_region *region) {
    const char *letters;
    bool is_not = false;
    TS_TRY(script_look(p, false));
    TS_TRY(script_take_name(p, "expected attributes of a memory", &letters));
    for (const char *c = letters; *c; c++) {
        if (*c == '!') {
            is_not = !is_not;
        } else if (*c == 'x' || *c == 'X') {
            *(is_not ? &region->is_not_code : &region->is_code) = true;
        } else if (!strchr("rwaliRWALI", *c)) {
            return script_wrong(p, TS_SYNTAX,
                                "an attribute of a memory is one of R, W, X, A, I, L, !");
        }
    }
    return script_expect(p, ")");
}

/* A word that may be joined to a '=': ORIGIN, org, o; LENGTH, len, l */
static ts_status read_region_value(script_parser *p, const char *const words[3],
                                   script_expr **out) {
    bool found = false;
    for (unsigned i = 0; i < 3 && !found; i++)
        TS_TRY(script_take(p, words[i], &found));
    if (!found) {
        char what[32];
        snprintf(what, sizeof what, "expected '%s'", words[0]);
        return script_wrong(p, TS_SYNTAX, what);
    }
    TS_TRY(script_expect(p, "="));
    return script_read_value(p, out);
}

/* region = name [attributes] ":" ORIGIN "=" expr "," LENGTH "=" expr */
static ts_status read_region(script_parser *p, script_region *region) {
    static const char *const origin[3] = {"ORIGIN", "org", "o"};
    static const char *const length[3] = {"LENGTH", "len", "l"};
    TS_TRY(script_take_name(p, "expected the name of a memory", &region->name));
    if (script_is(p, "(")) TS_TRY(read_attributes(p, region));
    TS_TRY(script_expect(p, ":"));
    TS_TRY(read_region_value(p, origin, &region->origin_expr));
    TS_TRY(script_expect(p, ","));
    return read_region_value(p, length, &region->length_expr);
}

static ts_status read_memory(script_parser *p, script *out) {
    script_region **end = &out->regions;
    while (*end)
        end = &(*end)->link;
    TS_TRY(script_expect(p, "{"));
    for (unsigned n = 0; !script_is(p, "}"); n++) {
        size_t at = p->at;
        if (n == TS_LINK_MAX_REGIONS) return script_wrong(p, TS_RANGE, "too many memories");
        SCRIPT_MAKE(p, end);
        TS_TRY(read_region(p, *end));
        for (script_region *r = out->regions; r != *end; r = r->link)
            if (strcmp(r->name, (*end)->name) == 0) {
                p->end = p->at = at;
                TS_TRY(script_look(p, false));
                return script_wrong(p, TS_CONFLICT, "a memory that is there already");
            }
        end = &(*end)->link;
    }
    return script_expect(p, "}");
}

/* ---- the script ------------------------------------------------------------------------------ */

/* "(" { name [","] } ")"; AS_NEEDED "(" names ")" and -lNAME are among them in INPUT */
static ts_status read_names(script_parser *p, script_name **end) {
    while (*end)
        end = &(*end)->next;
    TS_TRY(script_expect(p, "("));
    while (!script_is(p, ")")) {
        bool found;
        TS_TRY(script_take(p, ",", &found));
        if (found) continue;
        if (script_is(p, "AS_NEEDED"))
            return script_wrong(p, TS_UNSUPPORTED, "there are no shared objects here");
        SCRIPT_MAKE(p, end);
        (*end)->at = p->at;
        script_widen(p);
        TS_TRY(script_take_name(p, "expected a name", &(*end)->text));
        end = &(*end)->next;
    }
    return script_expect(p, ")");
}

static ts_status read_command(script_parser *p, script *out, script_statement ***end, bool *found) {
    script_name *ignored = NULL;
    *found = true;
    TS_TRY(new_statement(p, SCRIPT_ASSIGN, *end));
    script_statement *statement = **end;
    **end = NULL;
    size_t at = p->at, stop = p->end;
    TS_TRY(script_look(p, false));
    size_t next_at = p->at, next_end = p->end;
    p->at = at;
    p->end = stop;
#define COMMAND(word) (script_is(p, word) && (p->at = next_at, p->end = next_end, true))
    if (COMMAND("MEMORY")) return read_memory(p, out);
    if (COMMAND("SECTIONS")) return read_sections(p, out, end);
    if (COMMAND("INPUT") || COMMAND("GROUP")) return read_names(p, &out->inputs);
    if (COMMAND("EXTERN")) return read_names(p, &out->needed);
    if (COMMAND("OUTPUT_FORMAT") || COMMAND("OUTPUT_ARCH") || COMMAND("SEARCH_DIR"))
        return read_names(p, &ignored);
    if (COMMAND("ENTRY")) {
        TS_TRY(script_expect(p, "("));
        TS_TRY(script_take_name(p, "expected the name of a symbol", &out->entry));
        return script_expect(p, ")");
    }
#undef COMMAND
    if (script_is(p, "PHDRS") || script_is(p, "VERSION") || script_is(p, "INCLUDE") ||
        script_is(p, "OVERLAY"))
        return script_wrong(p, TS_UNSUPPORTED, "Tessera's linker has no such command");
    TS_TRY(begins_assignment(p, found));
    if (!*found) return TS_OK;
    **end = statement;
    TS_TRY(read_simple(p, statement));
    *end = &statement->next;
    return TS_OK;
}

ts_status link_script_parse(ts_arena *arena, const ts_link_file *file, script *out, ts_diag *diag) {
    script_parser p = {.arena = arena,
                       .file = file->name,
                       .text = (const char *)file->bytes.data,
                       .size = file->bytes.size,
                       .diag = diag};
    script_statement **end = &out->first;
    *out = (script){.file = file->name, .text = file->bytes};
    TS_TRY(script_look(&p, false));
    while (!script_at_end(&p)) {
        bool found;
        TS_TRY(script_take(&p, ";", &found));
        if (found) continue;
        TS_TRY(read_command(&p, out, &end, &found));
        if (!found)
            return script_wrong(
                &p, TS_SYNTAX, "expected MEMORY, SECTIONS, ENTRY, INPUT, PROVIDE or an assignment");
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
