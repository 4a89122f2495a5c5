/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * tessera insts: instruction streams (insts.bin) as text, and back.
 */
#include "cli.h"

#include <inttypes.h>

static void add_data(ts_arena *arena, ts_json *node, ts_span data) {
    ts_json *list = ts_json_add(arena, node, "data", TS_JSON_ARRAY);
    ts_cur cur = ts_cur_of(data);
    while (ts_cur_left(&cur))
        ts_json_add_format(arena, list, "", "0x%08" PRIx32, ts_cur_u32le(&cur));
}

static ts_status add_op(ts_arena *arena, const ts_txn *txn, size_t index, ts_json *list) {
    const ts_txn_op *op = &txn->ops[index];
    const ts_npu_device *device = ts_txn_device(txn);
    ts_json *node = ts_json_add(arena, list, "", TS_JSON_OBJECT);
    ts_buf before = ts_buf_in(arena), behind = ts_buf_in(arena), where = ts_buf_in(arena);
    ts_txn_value value;
    ts_json_add_string(arena, node, "op", ts_txn_op_name(op->code));
    ts_json_add_number(arena, node, "code", op->code);
    ts_json_add_number(arena, node, "offset", op->offset);
    for (size_t i = 0; ts_txn_value_at(txn, op, i, &value); i++)
        ts_json_add_format(arena, node, value.name, "0x%" PRIx64, value.value);
    if (op->data.size) add_data(arena, node, op->data);
    if (device && ts_txn_value_at(txn, op, 0, &value) && value.is_addr) {
        ts_npu_address_text(device, value.value, &where);
        ts_json_add_format(arena, node, "register", "%.*s", (int)where.size, (char *)where.data);
    }
    ts_txn_describe(txn, index, device, &before, &behind);
    ts_buf_span_add(&before, ts_buf_span(&behind));
    if (before.size)
        ts_json_add_format(arena, node, "meaning", "%.*s", (int)before.size, (char *)before.data);
    return before.failed || behind.failed || where.failed ? TS_NOMEM : TS_OK;
}

static ts_status list_json(ts_arena *arena, const ts_txn *txn, ts_buf *out, ts_diag *diag) {
    ts_json *root = ts_json_new(arena, TS_JSON_OBJECT);
    ts_json_add_format(arena, root, "version", "%u.%u", txn->major, txn->minor);
    ts_json_add_number(arena, root, "generation", txn->generation);
    ts_json_add_number(arena, root, "columns", txn->n_columns);
    ts_json_add_number(arena, root, "rows", txn->n_rows);
    ts_json_add_number(arena, root, "memory_rows", txn->n_memory_rows);
    ts_json *list = ts_json_add(arena, root, "ops", TS_JSON_ARRAY);
    for (size_t i = 0; i < txn->n_ops; i++)
        if (add_op(arena, txn, i, list) != TS_OK) return ts_fail_nomem(diag);
    ts_json_add_number(arena, root, "unread_bytes", txn->unread.size);
    ts_json_add_number(arena, root, "tail_bytes", txn->tail.size);
    return ts_json_write(out, root, &ts_json_pretty) == TS_OK ? TS_OK : ts_fail_nomem(diag);
}

ts_status cli_parse_insts(ts_arena *arena, ts_span bytes, const char *path, ts_txn *out,
                          ts_diag *diag) {
    ts_buf words = ts_buf_in(arena);
    if (!ts_txn_is_binary(bytes) && ts_txn_from_hex(bytes, &words)) bytes = ts_buf_span(&words);
    if (words.failed) return ts_fail_nomem(diag);
    return ts_txn_parse(arena, bytes, path, out, diag);
}

ts_status cli_read_insts(ts_arena *arena, const char *path, const char *output, ts_txn *out,
                         ts_diag *diag) {
    ts_span bytes;
    TS_TRY(cli_read_input(arena, path, output, &bytes, diag));
    return cli_parse_insts(arena, bytes, path, out, diag);
}

static int run_list(cli_run *run) {
    ts_diag diag = {0};
    ts_txn txn;
    ts_buf out = ts_buf_in(run->arena);
    const char *path = run->positional[0];
    ts_status status = cli_read_insts(run->arena, path, cli_value(run, "output"), &txn, &diag);
    if (status == TS_OK)
        status = cli_has(run, "json")
                     ? list_json(run->arena, &txn, &out, &diag)
                     : ts_txn_list(run->arena, &txn, cli_has(run, "brief"), &out, &diag);
    return status == TS_OK ? cli_deliver(run, &out) : cli_fail(&diag);
}

static int run_pack(cli_run *run) {
    ts_diag diag = {0};
    ts_span text;
    const char *path = run->positional[0], *output = cli_required(run, "output");
    ts_buf out = ts_buf_in(run->arena);
    if (!output) return CLI_USAGE;
    if (cli_read_input(run->arena, path, output, &text, &diag) != TS_OK ||
        ts_txn_pack(run->arena, text, path, &out, &diag) != TS_OK)
        return cli_fail(&diag);
    return cli_deliver(run, &out);
}

static const cli_option list_options[] = {
    {"brief", 'b', NULL, "tell long data by its size; cannot be packed"},
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

static const cli_command insts_list = {
    .name = "list",
    .arguments = "FILE",
    .summary = "Print the ops of an instruction stream",
    .details = "FILE is binary, or text of one hexadecimal word a line (insts.txt).\n"
               "The text that is printed can be packed again, to the same bytes.",
    .example = "tessera insts list insts.bin",
    .options = list_options,
    .min_positional = 1,
    .max_positional = 1,
    .main = run_list,
};

static const cli_command insts_pack = {
    .name = "pack",
    .arguments = "TEXT -o FILE",
    .summary = "Make an instruction stream from the text that 'insts list' prints",
    .example = "tessera insts pack insts.txt -o insts.bin",
    .options = pack_options,
    .min_positional = 1,
    .max_positional = 1,
    .main = run_pack,
};

static const cli_command *const subcommands[] = {&insts_list, &insts_pack, NULL};

const cli_command cli_insts = {
    .name = "insts",
    .arguments = "COMMAND ...",
    .summary = "Instruction streams (insts.bin) as text: list, pack",
    .example = "tessera insts list insts.bin",
    .subcommands = subcommands,
};
