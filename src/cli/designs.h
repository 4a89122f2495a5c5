/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Designs on the command line: the programs given for their cores.
 */
#ifndef TESSERA_CLI_DESIGNS_H
#define TESSERA_CLI_DESIGNS_H

#include "cli.h"

#include "tessera/compile.h"

/* Read the programs of --elf C,R=FILE. `path` names the command. CLI_DONE, or an error that was
 * printed. */
int cli_read_elfs(cli_run *run, const char *path, ts_compile_options *out);
/* Read what an elf_file attribute names: beside the design, which is the first word of the command
 * line, or in a folder of --include. `context` is the run. */
ts_status cli_load_program(void *context, const char *name, ts_span *out, ts_diag *diag);

#endif
