/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * tessera ld: objects and archives to a core program, by a linker script or without one.
 */
#include "cli.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

/* ---- files ----------------------------------------------------------------------------------- */

typedef struct finder {
    cli_run *run;
    const char *script, *output;
} finder;

static bool try_path(finder *f, const char *path) {
    return path && access(path, F_OK) == 0 && (!f->script || !cli_same_file(path, f->script));
}

/* INPUT(name): as it is, beside the script, in the folders of -L. Also "-lNAME" as libNAME.a. */
static const char *find_path(finder *f, const char *name) {
    ts_arena *arena = f->run->arena;
    if (strncmp(name, "-l", 2) == 0) name = ts_arena_printf(arena, "lib%s.a", name + 2);
    if (!name) return NULL;
    if (try_path(f, name)) return name;
    const char *path = f->script ? ts_path_beside(arena, f->script, name) : NULL;
    if (try_path(f, path)) return path;
    for (size_t i = 0; i < f->run->n_given; i++) {
        if (strcmp(f->run->given[i].option->name, "library-path") != 0) continue;
        path = ts_arena_printf(arena, "%s/%s", f->run->given[i].value, name);
        if (try_path(f, path)) return path;
    }
    return NULL;
}

static ts_status find_file(void *context, const char *name, ts_link_file *out, ts_diag *diag) {
    finder *f = context;
    out->name = find_path(f, name);
    if (!out->name)
        return ts_fail(diag, TS_MISSING, f->script,
                       "INPUT(%s): no such file here, beside the script, or in a folder of -L",
                       name);
    return cli_read_input(f->run->arena, out->name, f->output, &out->bytes, diag);
}

/* ---- options --------------------------------------------------------------------------------- */

static ts_status read_files(finder *f, ts_link_options *o, ts_link_file *script, ts_diag *diag) {
    cli_run *run = f->run;
    ts_link_file *files = TS_ARENA_ARRAY(run->arena, ts_link_file, run->n_positional);
    const char **needed = TS_ARENA_ARRAY(run->arena, const char *, run->n_given);
    if (!files || !needed) return ts_fail_nomem(diag);
    for (size_t i = 0; i < run->n_positional; i++) {
        files[i].name = run->positional[i];
        TS_TRY(cli_read_input(run->arena, files[i].name, f->output, &files[i].bytes, diag));
    }
    for (size_t i = 0; i < run->n_given; i++)
        if (strcmp(run->given[i].option->name, "undefined") == 0)
            needed[o->n_needed++] = run->given[i].value;
    o->files = files;
    o->n_files = run->n_positional;
    o->needed = needed;
    o->script_after = SIZE_MAX;
    if (!f->script) return TS_OK;
    script->name = f->script;
    o->script = script;
    return cli_read_input(run->arena, f->script, f->output, &script->bytes, diag);
}

/* ---- what is printed ------------------------------------------------------------------------- */

static const cli_column use_columns[] = {
    {"memory", CLI_LEFT},  {"address", CLI_LEFT}, {"bytes", CLI_RIGHT},
    {"section", CLI_LEFT}, {"name", CLI_LEFT},    {"file", CLI_LEFT},
};

static cli_table use_table(ts_arena *arena, const ts_link_result *r, size_t most) {
    cli_table table = cli_table_new(arena, use_columns, sizeof use_columns / sizeof *use_columns);
    for (size_t i = 0; i < r->n_uses && i < most; i++) {
        const ts_link_use *use = &r->uses[i];
        cli_cell(&table, "%s", use->memory);
        cli_cell(&table, "0x%08" PRIx32, use->addr);
        cli_cell(&table, "%" PRIu32, use->size);
        cli_cell(&table, "%s", use->section);
        cli_cell(&table, "%s", use->name);
        cli_cell(&table, "%s", use->file);
    }
    return table;
}

static void print_to(FILE *file, const ts_buf *text) {
    if (!text->failed && text->size) fwrite(text->data, 1, text->size, file);
}

enum {
    MOST_EXPLAINED = 100
};

/* Tables that explain a failure. */
static void explain(cli_run *run, const ts_link_result *r, ts_status status) {
    ts_buf out = ts_buf_in(run->arena);
    if (status != TS_RANGE || !r->n_uses) return;
    if (r->has_stack && r->fit.needed > r->fit.given) {
        cli_table table = cli_stack_table(run->arena, &r->stack, false);
        cli_table_write(&table, &out);
    } else if (!r->program.n_sections) {
        cli_table table = use_table(run->arena, r, MOST_EXPLAINED);
        cli_table_write(&table, &out);
        if (r->n_uses > MOST_EXPLAINED)
            ts_buf_printf(&out, "and %zu smaller ones\n", r->n_uses - MOST_EXPLAINED);
    }
    print_to(stderr, &out);
}

static ts_json *json_memories(ts_arena *arena, ts_json *root, const ts_link_result *r) {
    ts_json *list = ts_json_add(arena, root, "memories", TS_JSON_ARRAY);
    for (size_t i = 0; i < r->n_memories; i++) {
        ts_json *node = ts_json_add(arena, list, "", TS_JSON_OBJECT);
        ts_json_add_string(arena, node, "name", r->memories[i].name);
        ts_json_add_number(arena, node, "address", r->memories[i].addr);
        ts_json_add_number(arena, node, "bytes", r->memories[i].size);
        ts_json_add_number(arena, node, "used", r->memories[i].used);
    }
    return list;
}

static int print_json(cli_run *run, const ts_link_result *r) {
    ts_json *root = ts_json_new(run->arena, TS_JSON_OBJECT);
    cli_table table = use_table(run->arena, r, SIZE_MAX);
    ts_json *uses = cli_table_json(&table);
    if (!json_memories(run->arena, root, r) || !uses) return cli_print_json(run->arena, NULL);
    uses->key = "uses";
    ts_json_append(root, uses);
    ts_json *stack = ts_json_add(run->arena, root, "stack", TS_JSON_OBJECT);
    ts_json_add_number(run->arena, stack, "needed", r->stack.depth);
    ts_json_add_bool(run->arena, stack, "bounded", !r->stack.open);
    if (r->fit.is_known) ts_json_add_number(run->arena, stack, "bytes", r->fit.given);
    return cli_print_json(run->arena, root);
}

static int print_map(cli_run *run, const ts_link_result *r) {
    ts_buf out = ts_buf_in(run->arena);
    cli_table table = use_table(run->arena, r, SIZE_MAX);
    cli_table_write(&table, &out);
    for (size_t i = 0; i < r->n_memories; i++)
        ts_buf_printf(&out, "%s memory: %" PRIu32 " of %" PRIu32 " bytes from 0x%" PRIx32 "\n",
                      r->memories[i].name, r->memories[i].used, r->memories[i].size,
                      r->memories[i].addr);
    if (r->fit.is_known)
        ts_buf_printf(&out, "stack: %s %" PRIu32 " of %" PRIu32 " bytes\n",
                      r->stack.open ? "at least" : "at most", r->fit.needed, r->fit.given);
    return cli_print(&out);
}

/* ---- the command ----------------------------------------------------------------------------- */

static int run_ld(cli_run *run) {
    ts_diag diag = {0};
    ts_link_file script = {0};
    ts_link_result result;
    finder f = {run, cli_value(run, "script"), cli_required(run, "output")};
    ts_link_options o = {.output = f.output,
                         .find = find_file,
                         .find_context = &f,
                         .entry = cli_value(run, "entry"),
                         .keep_unused = cli_has(run, "no-gc-sections"),
                         .no_runtime = cli_has(run, "no-runtime"),
                         .allow_stack_overflow = cli_has(run, "allow-stack-overflow")};
    if (!f.output) return CLI_USAGE;
    if (read_files(&f, &o, &script, &diag) != TS_OK) return cli_fail(&diag);
    ts_status status = ts_link(run->arena, &o, &result, &diag);
    for (size_t i = 0; i < result.n_warnings; i++)
        fprintf(stderr, "warning: %s\n", result.warnings[i]);
    if (status != TS_OK) {
        (void)cli_fail(&diag);
        explain(run, &result, status);
        return CLI_FAILED;
    }
    ts_buf bytes = ts_buf_in(run->arena);
    if (ts_object_write(&result.program, &bytes, &diag) != TS_OK ||
        ts_file_write(f.output, ts_buf_span(&bytes), &diag) != TS_OK)
        return cli_fail(&diag);
    if (cli_has(run, "json")) return print_json(run, &result);
    return cli_has(run, "map") ? print_map(run, &result) : CLI_DONE;
}

static const cli_option options[] = {
    {"output", 'o', "FILE", "the core program to write (required)"},
    {"script", 'T', "FILE", "linker script, as mlir-aie writes it"},
    {"library-path", 'L', "DIR", "look here too for the files that the script names"},
    {"entry", 'e', "SYMBOL", "where the program begins; else as the script says, or __start"},
    {"undefined", 'u', "SYMBOL", "keep this symbol, and get it from an archive"},
    {"gc-sections", 0, NULL, "leave out what nothing refers to (always done)"},
    {"no-gc-sections", 0, NULL, "keep every section"},
    {"no-runtime", 0, NULL, "without Tessera's start-up code and helpers"},
    {"allow-stack-overflow", 0, NULL, "a stack that does not fit is a warning"},
    {"map", 'M', NULL, "print what took the room"},
    {"json", 0, NULL, "the same as JSON"},
    {NULL, 0, NULL, NULL},
};

const cli_command cli_ld = {
    .name = "ld",
    .arguments = "FILE... -o FILE",
    .summary = "Link objects and archives to a core program whose stack is proven to fit",
    .details = "Files of the script's INPUT() come behind those of the command line. Without a\n"
               "script, code is at 0, the stack has 1024 bytes at 0x70000, data is behind it.\n"
               "Refused: undefined and doubled symbols, values that do not fit their place, full\n"
               "memories, data in a buffer, a stack deeper than what the script gives it.",
    .example = "tessera ld main_input.o -T main_core_0_2.ld.script -o main_core_0_2.elf",
    .options = options,
    .min_positional = 1,
    .max_positional = SIZE_MAX,
    .main = run_ld,
};
