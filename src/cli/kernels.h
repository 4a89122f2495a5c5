/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The sources of the project's kernels, which the program carries: gen_kernels.c makes the table of
 * the files in kernels/.
 */
#ifndef TESSERA_CLI_KERNELS_H
#define TESSERA_CLI_KERNELS_H

#include "tessera/base.h"

typedef struct cli_kernel_file {
    const char *kernel; /* "attention_int32", the folder */
    const char *name;   /* "attention_int32.mlir" */
    ts_span bytes;
} cli_kernel_file;

/* Ends with a row of NULL. */
extern const cli_kernel_file cli_kernel_files[];

#endif
