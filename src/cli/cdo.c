/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * tessera cdo: configuration commands as text, and back.
 */
#include "cli.h"

#include <inttypes.h>
#include <string.h>

static void add_json_arg(ts_arena *arena, ts_json *args, const ts_cdo_arg *arg) {
    char key[32];
    snprintf(key, sizeof key, "%.*s", arg->name_length, arg->name);
    if (arg->kind < TS_CDO_TEXT) {
        ts_json_add_format(arena, args, key, "0x%" PRIx64, arg->value);
        return;
    }
    ts_json *list = ts_json_add(arena, args, key, TS_JSON_ARRAY);
    ts_cur cur = ts_cur_of(arg->data);
    while (ts_cur_left(&cur))
        ts_json_add_format(arena, list, "", "0x%08" PRIx32, ts_cur_u32le(&cur));
}

static void add_json_command(ts_arena *arena, ts_json *list, const ts_cdo_command *command) {
    ts_cdo_args it = ts_cdo_args_of(command);
    ts_cdo_arg arg;
    ts_json *node = ts_json_add(arena, list, "", TS_JSON_OBJECT);
    ts_json_add_string(arena, node, "command", ts_cdo_command_name(command));
    ts_json_add_format(arena, node, "id", "0x%" PRIx32, command->id);
    ts_json_add_number(arena, node, "offset", command->offset);
    ts_json *args = ts_json_add(arena, node, "arguments", TS_JSON_OBJECT);
    while (ts_cdo_next_arg(&it, &arg))
        add_json_arg(arena, args, &arg);
}

/* One CDO of those to list, with what it is called in a PDI. */
typedef struct listing {
    cli_run *run;
    const char *path;
    ts_buf out;
    ts_json *json; /* NULL: text */
} listing;

static ts_status list_one(listing *l, ts_span bytes, const char *where, ts_diag *diag) {
    ts_cdo cdo;
    ts_arena *arena = l->run->arena;
    TS_TRY(ts_cdo_parse(arena, bytes, where, &cdo, diag));
    if (!l->json)
        return ts_cdo_list(arena, &cdo, cli_cdo_names(), cli_has(l->run, "brief"), &l->out, diag);
    ts_json *node = ts_json_add(arena, l->json, "", TS_JSON_OBJECT);
    ts_json_add_string(arena, node, "from", where);
    ts_json_add_format(arena, node, "version", "%" PRIu32 ".%" PRIu32, cdo.version >> 8,
                       cdo.version & 0xff);
    ts_json *commands = ts_json_add(arena, node, "commands", TS_JSON_ARRAY);
    for (size_t i = 0; i < cdo.n_commands; i++)
        add_json_command(arena, commands, &cdo.commands[i]);
    return TS_OK;
}

/* All the CDOs of a PDI; a comment between them tells which is which. */
static ts_status list_pdi(listing *l, ts_span bytes, ts_diag *diag) {
    ts_pdi pdi;
    ts_arena *arena = l->run->arena;
    TS_TRY(ts_pdi_parse(arena, bytes, l->path, &pdi, diag));
    for (size_t i = 0; i < pdi.n_partitions; i++) {
        const ts_pdi_partition *partition = &pdi.partitions[i];
        const char *state = ts_pdi_partition_protection(partition);
        const char *type = ts_pdi_type_name(ts_pdi_partition_type(partition));
        bool is_cdo = !state && ts_pdi_partition_type(partition) == TS_PDI_TYPE_CDO;
        const char *where = ts_arena_printf(arena, "%s, partition %zu", l->path, i);
        if (!where) return ts_fail_nomem(diag);
        if (!l->json && (pdi.n_partitions > 1 || !is_cdo))
            ts_buf_printf(&l->out, "# partition %zu: %s%s%s\n", i, state ? state : "",
                          state ? " " : "", type);
        if (is_cdo) TS_TRY(list_one(l, ts_pdi_partition_content(partition), where, diag));
    }
    return TS_OK;
}

static int run_list(cli_run *run) {
    ts_diag diag = {0};
    ts_span bytes;
    listing l = {run, run->positional[0], ts_buf_in(run->arena), NULL};
    if (cli_has(run, "json")) l.json = ts_json_new(run->arena, TS_JSON_ARRAY);
    const char *output = cli_value(run, "output");
    if (cli_read_input(run->arena, l.path, output, &bytes, &diag) != TS_OK) return cli_fail(&diag);
    bool is_cdo = ts_cdo_is_binary(bytes);
    ts_status status = is_cdo ? list_one(&l, bytes, l.path, &diag) : list_pdi(&l, bytes, &diag);
    if (status == TS_SYNTAX && !is_cdo && !ts_pdi_is_image(bytes)) {
        diag = (ts_diag){0};
        (void)ts_fail(&diag, TS_SYNTAX, l.path, "neither a CDO nor a PDI");
    }
    if (status != TS_OK) return cli_fail(&diag);
    if (l.json && ts_json_write(&l.out, l.json, &ts_json_pretty) != TS_OK) l.out.failed = true;
    return cli_deliver(run, &l.out);
}

/* "@name" in a listing: beside the listing. */
static ts_status read_beside(const void *context, ts_arena *arena, const char *name, ts_span *out,
                             ts_diag *diag) {
    const char *path = ts_path_beside(arena, context, name);
    if (!path) return ts_fail_nomem(diag);
    return ts_file_read(arena, path, 1u << 24, out, diag);
}

static int run_pack(cli_run *run) {
    ts_diag diag = {0};
    ts_span text;
    const char *path = run->positional[0], *output = cli_required(run, "output");
    ts_buf out = ts_buf_in(run->arena);
    ts_cdo_source source = {path, cli_cdo_names(), path, read_beside};
    if (!output) return CLI_USAGE;
    if (cli_check_overwrite(output, cli_has(run, "force")) != CLI_DONE) return CLI_FAILED;
    if (cli_read_input(run->arena, path, output, &text, &diag) != TS_OK ||
        ts_cdo_pack(run->arena, text, &source, &out, &diag) != TS_OK ||
        ts_file_write(output, ts_buf_span(&out), &diag) != TS_OK)
        return cli_fail(&diag);
    return CLI_DONE;
}

static const cli_option list_options[] = {
    {"brief", 'b', NULL, "tell blocks by their size; cannot be packed"},
    {"json", 0, NULL, "print JSON"},
    {"output", 'o', "FILE", "write there instead of to standard output"},
    {"force", 'f', NULL, "replace a file that is there"},
    {NULL, 0, NULL, NULL},
};

static const cli_option pack_options[] = {
    {"output", 'o', "FILE", "where to write"},
    {"force", 'f', NULL, "replace a file that is there"},
    {NULL, 0, NULL, NULL},
};

static const cli_command cdo_list = {
    .name = "list",
    .arguments = "FILE",
    .summary = "Print the commands of a CDO, or of the CDOs in a PDI",
    .details = "The text of one CDO can be packed again, to the same bytes.",
    .example = "tessera cdo list main.pdi --brief",
    .options = list_options,
    .min_positional = 1,
    .max_positional = 1,
    .main = run_list,
};

static const cli_command cdo_pack = {
    .name = "pack",
    .arguments = "TEXT -o FILE",
    .summary = "Make a CDO from the text that 'cdo list' prints",
    .example = "tessera cdo pack main.txt -o main.cdo",
    .options = pack_options,
    .min_positional = 1,
    .max_positional = 1,
    .main = run_pack,
};

static const cli_command *const subcommands[] = {&cdo_list, &cdo_pack, NULL};

const cli_command cli_cdo = {
    .name = "cdo",
    .arguments = "COMMAND ...",
    .summary = "Configuration commands as text: list, pack",
    .example = "tessera cdo list main_aie_cdo_init.bin",
    .subcommands = subcommands,
};
