/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * tessera as: AIE2 assembly to an object file.
 */
#include "cli.h"

#include <string.h>

/* Where the files that the text names are looked for. */
typedef struct search {
    const cli_run *run;
    const char *source, *output;
} search;

/* Beside the source first, then in each -I folder. */
static ts_status load(void *context, ts_arena *arena, const char *name, ts_span *out,
                      ts_diag *diag) {
    const search *s = context;
    ts_status status = cli_read_beside(arena, s->source, name, s->output, out, diag);
    for (size_t i = 0; status == TS_IO && name[0] != '/' && i < s->run->n_given; i++) {
        if (strcmp(s->run->given[i].option->name, "include") != 0) continue;
        const char *path = ts_arena_printf(arena, "%s/%s", s->run->given[i].value, name);
        if (!path) return ts_fail_nomem(diag);
        ts_diag second = {0};
        status = cli_read_input(arena, path, s->output, out, &second);
        if (status != TS_OK && status != TS_IO) *diag = second;
    }
    return status;
}

static int print_messages_json(cli_run *run, const ts_aie2_messages *messages) {
    ts_arena *arena = run->arena;
    ts_json *rows = ts_json_new(arena, TS_JSON_ARRAY);
    for (size_t i = 0; i < messages->n; i++) {
        const ts_aie2_message *m = &messages->list[i];
        ts_json *row = ts_json_add(arena, rows, "", TS_JSON_OBJECT);
        ts_json_add_string(arena, row, "severity", m->is_warning ? "warning" : "error");
        ts_json_add_string(arena, row, "code", ts_status_name(m->diag.code));
        ts_json_add_string(arena, row, "file", m->diag.file);
        ts_json_add_number(arena, row, "line", m->diag.line);
        ts_json_add_number(arena, row, "column", m->diag.column);
        ts_json_add_string(arena, row, "message", m->diag.message);
    }
    return cli_print_json(arena, rows);
}

static void print_messages(const ts_aie2_messages *messages) {
    for (size_t i = 0; i < messages->n; i++) {
        char text[1024];
        ts_diag_format(&messages->list[i].diag, text, sizeof text);
        fprintf(stderr, "%s: %s\n", messages->list[i].is_warning ? "warning" : "error", text);
    }
    if (messages->n_warnings > TS_AIE2_MAX_WARNINGS)
        fprintf(stderr, "warning: %zu more warnings\n",
                messages->n_warnings - TS_AIE2_MAX_WARNINGS);
    if (messages->n_errors >= TS_AIE2_MAX_ERRORS)
        fprintf(stderr, "error: stopped after %zu errors\n", messages->n_errors);
}

static ts_status write_object(cli_run *run, const ts_aie2_assembly *assembly, const char *output,
                              ts_diag *diag) {
    ts_object object;
    ts_buf bytes = ts_buf_in(run->arena);
    TS_TRY(ts_object_from_assembly(run->arena, assembly, &object, diag));
    TS_TRY(ts_object_write(&object, &bytes, diag));
    return ts_file_write(output, ts_buf_span(&bytes), diag);
}

static int run_as(cli_run *run) {
    const char *source = run->positional[0], *output = cli_value(run, "output");
    ts_aie2_assembly assembly;
    ts_aie2_messages messages = {0};
    ts_span text;
    ts_diag diag = {0};
    if (!output) {
        const char *stem = ts_path_stem(run->arena, source);
        output = stem ? ts_arena_printf(run->arena, "%s.o", stem) : NULL;
        if (!output) return ts_fail_nomem(&diag), cli_fail(&diag);
    }
    search place = {.run = run, .source = source, .output = output};
    const ts_aie2_assemble_options options = {
        .load = load, .context = &place, .no_hazards = cli_has(run, "no-hazards")};
    if (cli_read_input(run->arena, source, output, &text, &diag) != TS_OK) return cli_fail(&diag);
    ts_status status = ts_aie2_assemble(run->arena, text, source, &options, &assembly, &messages);
    if (!cli_has(run, "json"))
        print_messages(&messages);
    else if (print_messages_json(run, &messages) != CLI_DONE)
        return CLI_FAILED;
    if (status == TS_NOMEM) ts_fail_nomem(&diag);
    if (status == TS_NOMEM || (status == TS_OK && write_object(run, &assembly, output, &diag)))
        return cli_fail_in(source, &diag);
    return status == TS_OK ? CLI_DONE : CLI_FAILED;
}

static const cli_option options[] = {
    {"output", 'o', "FILE.o", "the object file; else the source's name with .o, in this folder"},
    {"include", 'I', "DIR", "look there for files that the source names; may be given again"},
    {"no-hazards", 0, NULL, "say nothing of bundles that do not fit together in time"},
    {"json", 0, NULL, "print errors and warnings as JSON"},
    {NULL, 0, NULL, NULL},
};

const cli_command cli_as = {
    .name = "as",
    .arguments = "FILE.s [-o FILE.o]",
    .summary = "Assemble AIE2 code into an object file",
    .details = "The syntax is that of llvm-aie's assembler; docs/assembly.md has all of it.",
    .example = "tessera as kernel.s -o kernel.o",
    .options = options,
    .min_positional = 1,
    .max_positional = 1,
    .main = run_as,
};
