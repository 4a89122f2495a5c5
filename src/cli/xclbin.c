/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * tessera xclbin: list, check and diff; the other commands of the group are in xclbin_info.c and
 * xclbin_files.c.
 */
#include "xclbin_commands.h"

#include <inttypes.h>

ts_status xclbin_load(ts_arena *arena, const char *file, ts_xclbin *out, ts_diag *diag) {
    ts_span bytes;
    TS_TRY(ts_file_read(arena, file, 0, &bytes, diag));
    return ts_xclbin_read(arena, bytes, file, out, diag);
}

static const cli_option json_option[] = {
    {"json", 0, NULL, "print JSON for programs"},
    {NULL, 0, NULL, NULL},
};

/* ---- list ------------------------------------------------------------------------------------ */

void xclbin_section_table(cli_table *table, const ts_xclbin *x) {
    for (size_t i = 0; i < x->n_sections; i++) {
        const ts_xclbin_section *s = &x->sections[i];
        char room[24];
        const char *index = ts_xclbin_section_index(s);
        cli_cell(table, "%zu", i);
        cli_cell(table, "%s%s%s%s", ts_xclbin_kind_name(s->kind, room), *index ? "[" : "", index,
                 *index ? "]" : "");
        cli_cell(table, "0x%" PRIx64, s->file_offset);
        cli_cell(table, "%zu", s->data.size);
        cli_cell(table, "%.16s", (const char *)s->name);
    }
}

static int list_main(cli_run *run) {
    ts_diag diag = {0};
    ts_xclbin x;
    if (xclbin_load(run->arena, run->positional[0], &x, &diag) != TS_OK) return cli_fail(&diag);
    cli_table table = cli_table_new(run->arena, xclbin_section_columns, 5);
    xclbin_section_table(&table, &x);
    return cli_show_table(run, &table, NULL);
}

const cli_column xclbin_section_columns[5] = {{"#", CLI_RIGHT},
                                              {"section", CLI_LEFT},
                                              {"offset", CLI_RIGHT},
                                              {"bytes", CLI_RIGHT},
                                              {"name", CLI_LEFT}};

static const cli_command list_command = {
    .name = "list",
    .arguments = "FILE [--json]",
    .summary = "List the sections",
    .example = "tessera xclbin list design.xclbin",
    .options = json_option,
    .min_positional = 1,
    .max_positional = 1,
    .main = list_main,
};

/* ---- check ----------------------------------------------------------------------------------- */

static const char *const severities[] = {"note", "warning", "error"};

static int check_main(cli_run *run) {
    ts_diag diag = {0};
    ts_xclbin x;
    ts_xclbin_findings found;
    const char *file = run->positional[0];
    if (xclbin_load(run->arena, file, &x, &diag) != TS_OK ||
        ts_xclbin_check(run->arena, &x, &found, &diag) != TS_OK)
        return cli_fail(&diag);
    bool strict = cli_has(run, "strict");
    int result = found.n_errors || (strict && found.n_warnings) ? CLI_FAILED : CLI_DONE;
    static const cli_column columns[] = {
        {"severity", CLI_LEFT}, {"rule", CLI_LEFT}, {"section", CLI_LEFT}, {"finding", CLI_LEFT}};
    cli_table table = cli_table_new(run->arena, columns, 4);
    for (size_t i = 0; i < found.n_items; i++) {
        cli_cell(&table, "%s", severities[found.items[i].severity]);
        cli_cell(&table, "%s", found.items[i].rule);
        cli_cell(&table, "%s", found.items[i].section);
        cli_cell(&table, "%s", found.items[i].text);
    }
    ts_buf summary = ts_buf_in(run->arena);
    ts_buf_printf(&summary, "%s: %zu errors, %zu warnings%s\n", file, found.n_errors,
                  found.n_warnings, found.n_errors ? "" : "; XRT and the driver would load it");
    ts_buf_u8(&summary, 0);
    if (summary.failed) table.failed = true;
    int printed = cli_show_table(run, &table, (const char *)summary.data);
    return printed == CLI_DONE ? result : printed;
}

static const cli_option check_options[] = {
    {"json", 0, NULL, "print JSON for programs"},
    {"strict", 0, NULL, "exit 1 for warnings too"},
    {NULL, 0, NULL, NULL},
};

static const cli_command check_command = {
    .name = "check",
    .arguments = "FILE [--strict] [--json]",
    .summary = "Say what XRT or the driver would refuse",
    .details =
        "Exit status 1 when there is an error. Errors stop the loader; warnings are things that "
        "load but\nwill not do what was meant, or that one tool takes badly.",
    .example = "tessera xclbin check design.xclbin",
    .options = check_options,
    .min_positional = 1,
    .max_positional = 1,
    .main = check_main,
};

/* ---- diff ------------------------------------------------------------------------------------ */

static int diff_main(cli_run *run) {
    ts_diag diag = {0};
    ts_xclbin a, b;
    ts_xclbin_differences found;
    if (xclbin_load(run->arena, run->positional[0], &a, &diag) != TS_OK ||
        xclbin_load(run->arena, run->positional[1], &b, &diag) != TS_OK ||
        ts_xclbin_diff(run->arena, &a, &b, &found, &diag) != TS_OK)
        return cli_fail(&diag);
    static const cli_column columns[] = {{"where", CLI_LEFT}, {"difference", CLI_LEFT}};
    cli_table table = cli_table_new(run->arena, columns, 2);
    for (size_t i = 0; i < found.n_items; i++) {
        cli_cell(&table, "%s", found.items[i].where);
        cli_cell(&table, "%s", found.items[i].text);
    }
    int printed = cli_show_table(run, &table, NULL);
    return printed != CLI_DONE ? printed : found.n_items ? CLI_FAILED : CLI_DONE;
}

static const cli_command diff_command = {
    .name = "diff",
    .arguments = "FIRST SECOND [--json]",
    .summary = "Name every difference between two containers",
    .details = "Values are given as FIRST's, SECOND's. Exit status 1 when they differ.",
    .example = "tessera xclbin diff works.xclbin refused.xclbin",
    .options = json_option,
    .min_positional = 2,
    .max_positional = 2,
    .main = diff_main,
};

/* ---- the group ------------------------------------------------------------------------------- */

static const cli_command *const commands[] = {
    &xclbin_info_command,    &list_command,
    &xclbin_extract_command, &xclbin_add_command,
    &xclbin_remove_command,  &xclbin_replace_command,
    &xclbin_pack_command,    &diff_command,
    &check_command,          NULL,
};

const cli_command cli_xclbin = {
    .name = "xclbin",
    .arguments = "COMMAND ...",
    .summary = "Look into, make, edit, compare and check XCLBIN containers",
    .example = "tessera xclbin info design.xclbin",
    .subcommands = commands,
};
