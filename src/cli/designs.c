/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * What the commands on designs share: finding the programs of the cores.
 */
#include "designs.h"

#include <string.h>
#include <unistd.h>

int cli_read_elfs(cli_run *run, const char *path, ts_compile_options *out) {
    ts_diag diag = {0};
    ts_compile_elf *elfs = TS_ARENA_ARRAY(run->arena, ts_compile_elf, run->n_given);
    if (!elfs) {
        (void)ts_fail_nomem(&diag);
        return cli_fail(&diag);
    }
    for (size_t i = 0; i < run->n_given; i++) {
        const char *value = run->given[i].value;
        if (strcmp(run->given[i].option->name, "elf") != 0) continue;
        ts_compile_elf *elf = &elfs[out->n_elfs++];
        if (!cli_parse_tile_file(value, &elf->column, &elf->row, &elf->file))
            return cli_usage(path, "--elf needs COLUMN,ROW=FILE, not '%s'", value);
        if (ts_file_read(run->arena, elf->file, 0, &elf->bytes, &diag) != TS_OK)
            return cli_fail(&diag);
    }
    out->elfs = elfs;
    return CLI_DONE;
}

static const char *find_program(const cli_run *run, const char *name) {
    const char *beside = ts_path_beside(run->arena, run->positional[0], name);
    if (!beside || access(beside, F_OK) == 0) return beside;
    for (size_t i = 0; i < run->n_given; i++) {
        if (strcmp(run->given[i].option->name, "include") != 0) continue;
        const char *path = ts_arena_printf(run->arena, "%s/%s", run->given[i].value, name);
        if (!path || access(path, F_OK) == 0) return path;
    }
    return beside;
}

ts_status cli_load_program(void *context, const char *name, ts_span *out, ts_diag *diag) {
    const cli_run *run = context;
    const char *path = find_program(run, name);
    if (!path) return ts_fail_nomem(diag);
    return ts_file_read(run->arena, path, 0, out, diag);
}
