/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * For developers and tests: passes on a design, and mlir-aie's own tests of them.
 *
 *     design_opt [--names] [-p PASS[=OPTION]]... FILE   the design behind the passes, as text
 *     design_opt --hold FILE...                         do these tests of mlir-aie hold?
 *     design_opt --list LIST ROOT                       do all that LIST names, below ROOT?
 *
 * A test holds when each of its RUN lines does: with FileCheck, what the CHECK lines demand is in
 * our output; with --verify-diagnostics, we refuse what they refuse in the line they name (in our
 * own words), and nothing else; with `not` in front, we refuse the design. What mlir-aie's
 * operations verify themselves is refused here by the passes that read them: a test of errors
 * without passes runs all of them.
 */
#include "design_steps.h"
#include "filecheck.h"
#include "ssa_names.h"
#include "tessera/design.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_WORDS  64
#define MAX_PASSES 8

typedef struct step {
    ts_pass pass;
    const char *name; /* of a step that is only a part of a pass; else NULL */
    ts_pass_options options;
} step;

typedef struct command {
    step steps[MAX_PASSES];
    size_t n_steps;
    bool must_fail, has_filecheck, splits, verifies, simplifies;
    bool reads_last;   /* no run of aie-opt: the CHECK lines are for what the last one gave */
    bool counts_paths; /* what is checked is the length of all routes */
    char prefixes[128];
    const char *unknown; /* a word of the RUN line that nobody here knows */
} command;

/* ---- passes by name -------------------------------------------------------------------------- */

static const struct {
    const char *flag;
    ts_pass pass;
} flags[] = {
    {"aie-objectFifo-stateful-transform", TS_PASS_OBJECTFIFO},
    {"aie-assign-lock-ids", TS_PASS_LOCK_IDS},
    {"aie-assign-buffer-addresses", TS_PASS_BUFFER_ADDRESSES},
    {"aie-assign-bd-ids", TS_PASS_BD_IDS},
};

static bool find_pass(const char *name, size_t length, ts_pass *out) {
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
        if (strlen(flags[i].flag) == length && memcmp(flags[i].flag, name, length) == 0) {
            *out = flags[i].pass;
            return true;
        }
    for (int pass = 0; pass < TS_PASS_N; pass++)
        if (strlen(ts_pass_name((ts_pass)pass)) == length &&
            memcmp(ts_pass_name((ts_pass)pass), name, length) == 0) {
            *out = (ts_pass)pass;
            return true;
        }
    return false;
}

/* "aie-assign-buffer-addresses=alloc-scheme=bank-aware" */
static bool add_step(command *c, const char *text) {
    size_t length = strcspn(text, "=");
    step *s = &c->steps[c->n_steps];
    const char *part = design_step_name(text);
    if (c->n_steps == MAX_PASSES) return false;
    if (!part && !find_pass(text, length, &s->pass)) return false;
    const char *option = text + length;
    *s = (step){.pass = s->pass, .name = part};
    s->options.is_basic_sequential = strstr(option, "basic-sequential") != NULL;
    s->options.is_bank_aware = strstr(option, "bank-aware") != NULL;
    s->options.dynamic_objectfifos = strstr(option, "dynamic-objFifos") != NULL;
    s->options.packet_objectfifos = strstr(option, "packet-sw-objFifos") != NULL;
    c->n_steps++;
    return true;
}

/* ---- one design ------------------------------------------------------------------------------ */

static ts_status run_step(ts_design *design, ts_op *device, const step *s, ts_diag *diag) {
    ts_status status;
    if (s->name && design_step(s->name, design, device, diag, &status)) return status;
    return ts_design_run_pass(design, device, s->pass, &s->options, diag);
}

/* Tests of mlir-aie may hold modules in a module. */
static ts_op *next_device(const ts_design *design, const ts_op *after) {
    do
        after = ts_op_next_below(design->module, after);
    while (after && after->code != TS_OP_AIE_DEVICE);
    return (ts_op *)after;
}

static ts_status run_steps(ts_design *design, const command *c, ts_diag *diag) {
    for (size_t i = 0; i < c->n_steps; i++)
        for (ts_op *device = next_device(design, design->module); device;
             device = next_device(design, device))
            TS_TRY(run_step(design, device, &c->steps[i], diag));
    return TS_OK;
}

static ts_status run_text(ts_arena *arena, ts_span text, const char *file, const command *c,
                          bool with_names, ts_buf *out, ts_diag *diag) {
    ts_design *design;
    TS_TRY(ts_design_parse(arena, text, file, &design, diag));
    TS_TRY(ts_design_verify(design, diag));
    TS_TRY(run_steps(design, c, diag));
    TS_TRY(ts_design_verify(design, diag));
    if (with_names && !ssa_names(design)) return ts_fail_nomem(diag);
    for (ts_op *device = NULL;
         c->counts_paths && (device = ts_op_child(design->module, TS_OP_AIE_DEVICE, device));)
        ts_buf_printf(out, "\"total_path_length\": %u,\n", design_path_length(device));
    if (!c->counts_paths) ts_design_print(design, out);
    return out->failed ? ts_fail_nomem(diag) : TS_OK;
}

static int print_one(const command *c, const char *path, bool with_names) {
    ts_arena arena;
    ts_diag diag = {0};
    ts_span text;
    ts_arena_init(&arena, 0);
    ts_buf out = ts_buf_in(&arena);
    ts_status status = ts_file_read(&arena, path, 0, &text, &diag);
    if (status == TS_OK) status = run_text(&arena, text, path, c, with_names, &out, &diag);
    if (status == TS_OK) {
        fwrite(out.data, 1, out.size, stdout);
    } else {
        char message[1024];
        ts_diag_format(&diag, message, sizeof message);
        fprintf(stderr, "%s\n", message);
    }
    ts_arena_free(&arena);
    return status != TS_OK;
}

/* ---- RUN lines ------------------------------------------------------------------------------- */

/* Words between blanks; quotes join and vanish. */
static size_t split_words(char *text, char **words) {
    size_t n = 0;
    for (char *p = text; *p && n < MAX_WORDS;) {
        while (*p == ' ')
            p++;
        if (!*p) break;
        char *to = words[n++] = p, quote = 0;
        for (; *p && (*p != ' ' || quote); p++)
            if (quote ? *p == quote : *p == '"' || *p == '\'')
                quote = quote ? 0 : *p;
            else
                *to++ = *p;
        if (*p) p++;
        *to = '\0';
    }
    return n;
}

static bool is_any(const char *word, const char *const *list) {
    for (; *list; list++)
        if (strcmp(word, *list) == 0) return true;
    return false;
}

static void read_run(char *text, command *c) {
    static const char *const silent[] = {"|",  "%s", "2>&1",   "aie-opt", "%PYTHON",
                                         "-o", "<",  "%t.opt", NULL};
    char *words[MAX_WORDS];
    size_t n = split_words(text, words);
    *c = (command){.prefixes = "CHECK", .reads_last = true};
    for (size_t i = 0; i < n; i++) {
        char *word = words[i];
        char *flag = word + strspn(word, "-");
        if (strcmp(word, "aie-opt") == 0) c->reads_last = false;
        if (strcmp(word, "not") == 0)
            c->must_fail = true;
        else if (strcmp(word, "FileCheck") == 0)
            c->has_filecheck = true;
        else if (strcmp(word, "aie-translate") == 0)
            c->counts_paths = true;
        else if (c->counts_paths && strcmp(flag, "aie-flows-to-json") == 0)
            continue;
        else if (strcmp(flag, "split-input-file") == 0)
            c->splits = true;
        else if (strcmp(flag, "verify-diagnostics") == 0)
            c->verifies = true;
        else if (strcmp(flag, "canonicalize") == 0)
            c->simplifies = true;
        else if (strncmp(flag, "check-prefix", 12) == 0 && strchr(flag, '='))
            snprintf(c->prefixes, sizeof c->prefixes, "%s", strchr(flag, '=') + 1);
        else if (!is_any(word, silent) && !(flag > word && add_step(c, flag)))
            c->unknown = word;
    }
}

/* ---- does a test hold? ----------------------------------------------------------------------- */

typedef struct test {
    ts_arena arena;
    const char *path;
    ts_span text;
    command last; /* that RUN lines without aie-opt go on with */
    char message[1200];
} test;

static bool fails(test *t, const char *format, const char *what) {
    snprintf(t->message, sizeof t->message, format, what);
    return false;
}

/* Where the next part of a file ends: at a line "// -----". */
static const char *part_end(const char *p, const char *end) {
    for (; p < end; p = memchr(p, '\n', (size_t)(end - p))
                            ? (const char *)memchr(p, '\n', (size_t)(end - p)) + 1
                            : end)
        if ((size_t)(end - p) >= 8 && memcmp(p, "// -----", 8) == 0) return p;
    return end;
}

/* The first line that an expected `word` (error, note) of a part means, or `wanted` when one means
 * that; 0: there is none. */
static unsigned expected_line(const char *p, const char *end, const char *word, unsigned wanted) {
    static const char start[] = "expected-";
    unsigned line = 1, found = 0;
    size_t n = sizeof start - 1;
    for (; p < end; line += *p++ == '\n') {
        if ((size_t)(end - p) < n + strlen(word) || memcmp(p, start, n) != 0 ||
            memcmp(p + n, word, strlen(word)) != 0)
            continue;
        const char *at = p + n + strlen(word);
        while (at < end && *at == ' ')
            at++;
        long shift = *at == '@' ? strtol(at + 1, NULL, 10) : 0;
        if (strncmp(at, "@above", 6) == 0) shift = -1;
        if (strncmp(at, "@below", 6) == 0) shift = 1;
        unsigned meant = (unsigned)((long)line + shift);
        if (meant == wanted) return meant;
        if (!found) found = meant;
    }
    return found;
}

/* An error in the line of any error of theirs, or of a note: the other half of what does not fit.
 */
static bool is_expected(const char *p, const char *end, unsigned line) {
    return expected_line(p, end, "error", line) == line ||
           expected_line(p, end, "note", line) == line;
}

static bool part_holds(test *t, const command *c, const char *p, const char *end, ts_buf *out) {
    ts_diag diag = {0};
    unsigned line = c->verifies ? expected_line(p, end, "error", 0) : 0;
    ts_status status =
        run_text(&t->arena, ts_span_of(p, (size_t)(end - p)), t->path, c, true, out, &diag);
    char message[1024];
    ts_diag_format(&diag, message, sizeof message);
    if (status != TS_OK && !line && !c->must_fail) return fails(t, "refused: %s", message);
    if (status == TS_OK && line) return fails(t, "%s", "not refused");
    /* A device that is not supported is no reason of theirs. */
    if (strstr(diag.message, "this device is not supported"))
        return c->must_fail || fails(t, "%s", "a device that is not supported");
    if (line && diag.place == TS_PLACE_TEXT && !is_expected(p, end, diag.line)) {
        snprintf(t->message, sizeof t->message, "refused in another line than %u: %s", line,
                 message);
        return false;
    }
    if (status != TS_OK) snprintf(t->message, sizeof t->message, "%s", message);
    return true;
}

/* The passes that look at what a design without passes would be refused for. */
static void add_all_steps(command *c) {
    static const ts_pass all[] = {TS_PASS_LOCK_IDS, TS_PASS_OBJECTFIFO, TS_PASS_BD_IDS,
                                  TS_PASS_BUFFER_ADDRESSES, TS_PASS_RUNTIME_SEQUENCE};
    c->steps[c->n_steps++] = (step){.name = design_step_name("aie-materialize-runtime-sequences")};
    c->steps[c->n_steps++] = (step){.name = design_step_name("verify-route")};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        c->steps[c->n_steps++] = (step){.pass = all[i]};
}

static bool run_holds(test *t, command *c) {
    const char *p = (const char *)t->text.data, *end = p + t->text.size;
    ts_buf out = ts_buf_in(&t->arena);
    bool is_refused = false;
    if (c->unknown) return fails(t, "not one of our passes: %s", c->unknown);
    /* What is refused is so before anything is simplified. */
    if (c->simplifies && !c->verifies && !c->must_fail)
        return fails(t, "not one of our passes: %s", "canonicalize");
    if (!c->n_steps && (c->verifies || c->must_fail)) add_all_steps(c);
    while (p < end) {
        const char *stop = c->splits ? part_end(p, end) : end;
        t->message[0] = '\0';
        if (!part_holds(t, c, p, stop, &out)) return false;
        is_refused = is_refused || t->message[0];
        p = stop < end ? stop + 8 : end;
        if (p < end) ts_buf_text(&out, "// -----\n");
    }
    if (c->must_fail && !is_refused) return fails(t, "%s", "not refused");
    if (!c->has_filecheck || c->must_fail) return true;
    return filecheck(&t->arena, t->text, ts_buf_span(&out), c->prefixes, t->message,
                     sizeof t->message);
}

/* Every RUN line of the file, continued lines joined. */
static bool test_holds(test *t) {
    const char *p = (const char *)t->text.data, *end = p + t->text.size;
    char line[2048];
    size_t n = 0, n_runs = 0;
    for (const char *stop; p < end; p = stop + 1) {
        stop = memchr(p, '\n', (size_t)(end - p));
        if (!stop) stop = end;
        const char *run = NULL;
        for (const char *q = p; q + 4 <= stop && !run; q++)
            if (memcmp(q, "RUN:", 4) == 0) run = q + 4;
        if (!run) continue;
        size_t length = (size_t)(stop - run);
        if (length && run[length - 1] == '\r') length--;
        if (n + length >= sizeof line) return fails(t, "%s", "a RUN line too long");
        memcpy(line + n, run, length);
        n += length;
        if (n && line[n - 1] == '\\') {
            n--;
            continue;
        }
        line[n] = '\0';
        n = 0;
        command c, last = t->last;
        read_run(line, &c);
        if (c.reads_last) {
            memcpy(c.steps, last.steps, sizeof c.steps);
            c.n_steps = last.n_steps;
            c.splits = last.splits;
        }
        t->last = c;
        n_runs++;
        if (!run_holds(t, &c)) return false;
    }
    return n_runs ? true : fails(t, "%s", "no RUN line");
}

static bool hold(const char *root, const char *name, bool is_loud) {
    test t = {.path = name};
    ts_diag diag = {0};
    ts_arena_init(&t.arena, 0);
    char *path = root ? ts_arena_printf(&t.arena, "%s/%s", root, name) : (char *)name;
    bool is_read = ts_file_read(&t.arena, path, 0, &t.text, &diag) == TS_OK;
    bool holds = is_read && test_holds(&t);
    if (!is_read) snprintf(t.message, sizeof t.message, "%s", diag.message);
    if (!holds)
        printf("FAILS %s\n    %s\n", name, t.message);
    else if (is_loud)
        printf("holds %s%s%s\n", name, t.message[0] ? "\n    " : "", t.message);
    ts_arena_free(&t.arena);
    return holds;
}

static int hold_list(const char *list, const char *root) {
    char line[512];
    size_t n = 0, n_held = 0;
    FILE *file = fopen(list, "r");
    if (!file) return 2;
    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "#\r\n ")] = '\0';
        if (!line[0]) continue;
        n++;
        n_held += hold(root, line, false);
    }
    fclose(file);
    printf("%zu of %zu tests of mlir-aie hold\n", n_held, n);
    return n && n == n_held ? 0 : 1;
}

int main(int argc, char **argv) {
    command c = {0};
    bool with_names = false;
    if (argc == 4 && strcmp(argv[1], "--list") == 0) return hold_list(argv[2], argv[3]);
    if (argc > 2 && strcmp(argv[1], "--hold") == 0) {
        int n_failed = 0;
        for (int i = 2; i < argc; i++)
            n_failed += !hold(NULL, argv[i], true);
        printf("%d of %d hold\n", argc - 2 - n_failed, argc - 2);
        return n_failed != 0;
    }
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--names") == 0)
            with_names = true;
        else if (strcmp(argv[i], "-p") == 0 && i + 1 < argc) {
            if (!add_step(&c, argv[++i])) {
                fprintf(stderr, "design_opt: no pass '%s'\n", argv[i]);
                return 2;
            }
        } else
            return print_one(&c, argv[i], with_names);
    }
    fprintf(stderr, "usage: design_opt [--names] [-p PASS[=OPTION]]... FILE\n");
    return 2;
}
