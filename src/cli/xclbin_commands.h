/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * What the files of the `tessera xclbin` group share.
 */
#ifndef TESSERA_CLI_XCLBIN_COMMANDS_H
#define TESSERA_CLI_XCLBIN_COMMANDS_H

#include "cli.h"
#include "tessera/xclbin.h"

ts_status xclbin_load(ts_arena *arena, const char *file, ts_xclbin *out, ts_diag *diag);

extern const cli_column xclbin_section_columns[5];
void xclbin_section_table(cli_table *table, const ts_xclbin *x);

extern const cli_command xclbin_info_command, xclbin_extract_command, xclbin_add_command,
    xclbin_remove_command, xclbin_replace_command, xclbin_pack_command;

#endif
