/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * tessera attention build: a kernel's container, instruction stream and everything else that
 * `tessera build` makes, from the sources that the program carries or a folder's.
 */
#include "attention.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

static ts_status stage(cli_run *run, ts_file_set *set, const char *folder,
                       const ts_compile_result *r, ts_diag *diag) {
    for (size_t i = 0; i < r->n_files; i++) {
        const char *path = ts_arena_printf(run->arena, "%s/%s", folder, r->files[i].name);
        if (!path) return ts_fail_nomem(diag);
        TS_TRY(ts_file_set_add(set, path, r->files[i].bytes, diag));
    }
    return ts_file_set_commit(set, diag);
}

static ts_status write_files(cli_run *run, const char *folder, const ts_compile_result *r,
                             ts_diag *diag) {
    ts_file_set set;
    TS_TRY(cli_make_folder(folder, diag));
    ts_file_set_init(&set, run->arena);
    ts_status status = stage(run, &set, folder, r, diag);
    ts_file_set_abandon(&set);
    return status;
}

static const cli_column file_columns[] = {{"file", CLI_LEFT}, {"bytes", CLI_RIGHT}};

static int show(cli_run *run, const char *folder, const ts_compile_result *r) {
    cli_table table = cli_table_new(run->arena, file_columns, 2);
    const ts_compile_file *last = &r->files[r->n_files - 1]; /* the container */
    for (size_t i = 0; i < r->n_files; i++) {
        cli_cell(&table, "%s/%s", folder, r->files[i].name);
        cli_cell(&table, "%zu", r->files[i].bytes.size);
    }
    if (cli_has(run, "json")) return cli_show_table(run, &table, NULL);
    printf("%s/%s: %zu bytes; insts.bin and %zu more files in %s\n", folder, last->name,
           last->bytes.size, r->n_files - 2, folder);
    return CLI_DONE;
}

static int run_build(cli_run *run) {
    ts_diag diag = {0};
    ts_compile_result result = {0};
    bool is_chosen[ATT_N_SCORES];
    int status = att_parse_scores(run, "int32", is_chosen);
    if (status != CLI_DONE) return status;
    ts_attention_scores scores =
        is_chosen[TS_ATTENTION_INT32] ? TS_ATTENTION_INT32 : TS_ATTENTION_INT8;
    const char *folder = cli_value(run, "output"), *kernel = cli_value(run, "kernel");
    if (!folder) folder = ts_arena_printf(run->arena, "attention_%s", att_scores_name(scores));
    if (!folder) {
        (void)ts_fail_nomem(&diag);
        return cli_fail(&diag);
    }
    ts_status built = att_kernel_build(run, scores, kernel, folder, &result, &diag);
    if (built == TS_OK) built = write_files(run, folder, &result, &diag);
    for (size_t i = 0; i < result.n_warnings; i++)
        fprintf(stderr, "warning: %s\n", result.warnings[i]);
    return built == TS_OK ? show(run, folder, &result) : cli_fail(&diag);
}

static const cli_option options[] = {
    {"scores", 0, "S", "int32 (default) or int8"},
    {"output", 'o', "DIR", "the folder for all files; default attention_int32 or attention_int8"},
    {"kernel", 0, "DIR", "build the only .mlir of that folder, with the .s beside it"},
    {"json", 0, NULL, "list the files as JSON"},
    {NULL, 0, NULL, NULL},
};

const cli_command att_build = {
    .name = "build",
    .arguments = "[--scores int32|int8] [-o DIR]",
    .summary = "Make the XCLBIN and instruction stream of an attention kernel",
    .details = "The sources are in the program: nothing else is needed.",
    .example = "tessera attention build -o attention",
    .options = options,
    .main = run_build,
};
