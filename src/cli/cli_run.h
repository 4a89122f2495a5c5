/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * tessera run, inside: the job, and what is told about it.
 */
#ifndef TESSERA_CLI_RUN_H
#define TESSERA_CLI_RUN_H

#include "cli.h"

#include "tessera/device.h"

typedef struct cli_run_arg {
    const char *text;           /* as given */
    const char *input, *output; /* files, or NULL */
    ts_span bytes;              /* of the input */
    uint64_t size;
} cli_run_arg;

typedef struct cli_run_job {
    const char *xclbin, *insts;
    cli_run_arg *arguments;
    ts_device_buffer *buffers;
    size_t n_arguments;
    uint64_t n_runs, n_warmups, timeout_ms;
    ts_device *device;
    ts_txn stream;
    ts_device_result result; /* of the last run */
    uint64_t n_done, total_cycles, least_cycles, most_cycles;
} cli_run_job;

/* Print what happened. The exit status. */
int cli_run_report(cli_run *run, cli_run_job *job);

#endif
