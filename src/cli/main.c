/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The program. Called as `tessera`, it dispatches to a subcommand; called by the name of a tool it
 * can stand in for, it is that tool.
 */
#include "cli.h"

#include <string.h>

static int print_version(cli_run *run) {
    (void)run;
    printf("tessera %s\n", TS_VERSION);
    return CLI_DONE;
}

static const cli_command cli_version = {
    .name = "version",
    .arguments = "",
    .summary = "Print the version",
    .example = "tessera version",
    .main = print_version,
};

static const cli_command *const commands[] = {
    &cli_build,      &cli_map,       &cli_run_command, &cli_compare, &cli_xclbin,
    &cli_xclbinutil, &cli_pdi,       &cli_cdo,         &cli_insts,   &cli_bootgen,
    &cli_as,         &cli_nm,        &cli_size,        &cli_objdump, &cli_ld,
    &cli_stack,      &cli_attention, &cli_version,     NULL,
};

static const cli_command cli_tessera = {
    .name = "tessera",
    .arguments = "COMMAND ...",
    .summary = "A toolchain for AMD XDNA NPUs: from AIE MLIR to a verified XCLBIN",
    .example = "tessera xclbin info design.xclbin",
    .subcommands = commands,
};

static int dispatch(int argc, char **argv) {
    const char *name = argc > 0 ? ts_path_base(argv[0]) : "tessera";
    for (const cli_command *const *command = commands; *command; command++)
        if ((*command)->applet && strcmp((*command)->applet, name) == 0)
            return cli_dispatch(*command, name, argc - 1, argv + 1);
    if (argc == 2 && strcmp(argv[1], "--version") == 0) argv[1] = "version";
    return cli_dispatch(&cli_tessera, "tessera", argc > 0 ? argc - 1 : 0, argv + 1);
}

/* What was printed must have arrived: a full disk is a failure too. */
int main(int argc, char **argv) {
    int status = dispatch(argc, argv);
    if (fflush(stdout) == 0 && !ferror(stdout)) return status;
    if (status == CLI_DONE) fprintf(stderr, "error: cannot write to standard output\n");
    return CLI_FAILED;
}
