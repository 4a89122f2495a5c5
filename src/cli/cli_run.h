/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * tessera run, inside: the job, what looks into the array while it runs, and what is told about it.
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

/* A core's program, for names. */
typedef struct cli_run_program {
    uint32_t column, row;
    const char *file;
    ts_object *object;
    bool is_other; /* found beside the container, but it is not what was loaded: not used */
} cli_run_program;

/* One --break or --watch, on one tile. */
typedef struct cli_run_point {
    const char *text; /* as given */
    uint32_t column, row;
    uint32_t address, size; /* in the program; in the data memory */
} cli_run_point;

typedef struct cli_run_write {
    uint64_t cycle;
    uint32_t address, before, after, pc;
    uint8_t column, row, size; /* 1 to 4 bytes */
    uint8_t writer, from_column, from_row, channel, bd;
    bool is_mm2s;
} cli_run_write;

/* The calls that a core is in, as its jumps tell: functions entered at their beginning. */
typedef struct cli_run_calls {
    uint32_t functions[64];
    unsigned depth;
} cli_run_calls;

typedef struct cli_run_trace cli_run_trace;

typedef struct cli_run_job {
    const char *xclbin, *insts;
    cli_run_arg *arguments;
    ts_device_buffer *buffers;
    size_t n_arguments;
    uint64_t n_runs, n_warmups, timeout_ms;
    uint64_t cycles; /* instead of timeout_ms; 0: none given */
    ts_array_options options;
    ts_device *device;
    ts_array *array; /* NULL where the device has none */
    ts_txn stream;
    ts_device_result result; /* of the last run */
    uint64_t n_done, total_cycles, least_cycles, most_cycles;
    cli_run_program *programs;
    size_t n_programs, program_capacity;
    cli_run_point *breaks, *watches;
    size_t n_breaks, n_watches, break_capacity, watch_capacity;
    cli_run_write *writes;
    size_t n_writes, write_capacity;
    uint64_t lost_writes;
    cli_run_calls *calls; /* by tile */
    uint64_t **counts;    /* by tile: bundles by address */
    cli_run_trace *trace; /* NULL: none is wanted */
    ts_arena *arena;
} cli_run_job;

/* Column and row of a tile as one number. */
size_t cli_run_tile(const cli_run_job *job, uint32_t column, uint32_t row);
/* The file must be none that is read here. Errors: CONFLICT. */
ts_status cli_run_check_output(const cli_run_job *job, const char *output, ts_diag *diag);

/* ---- run_programs.c: names ------------------------------------------------------------------- */

/* Programs of --elf, and those that `tessera build` left beside the container if they are what was
 * loaded. */
ts_status cli_run_add_programs(cli_run *run, cli_run_job *job, ts_diag *diag);
/* The address of a symbol of a core's program, and its size. False: there is none. */
bool cli_run_symbol(const cli_run_job *job, uint32_t column, uint32_t row, const char *name,
                    uint32_t *address, uint32_t *size);
/* "main+0x10", "main", or "" when nobody knows. */
const char *cli_run_function(ts_arena *arena, const cli_run_job *job, uint32_t column, uint32_t row,
                             uint32_t pc);

/* ---- run_watch.c: breaks, watched writes, calls, the observer ----------------------------------
 */

/* Read --break and --watch, and begin to look. */
ts_status cli_run_begin_looking(cli_run *run, cli_run_job *job, ts_diag *diag);
cli_table cli_run_write_table(ts_arena *arena, const cli_run_job *job);

/* ---- run_trace.c ------------------------------------------------------------------------------
 */

cli_run_trace *cli_run_trace_new(ts_arena *arena, const ts_array *array);
void cli_run_trace_event(cli_run_trace *trace, const ts_array_event *event);
/* One run of the stream, from `from` to now. */
void cli_run_trace_run(cli_run_trace *trace, uint64_t number, uint64_t from);
/* Ends what is open and gives the text of the file. Errors: NOMEM. */
ts_status cli_run_trace_write(cli_run_trace *trace, ts_buf *out, ts_diag *diag);
/* What was left out because there was too much. */
uint64_t cli_run_trace_lost(const cli_run_trace *trace);

/* ---- run_state.c: what is in a tile ------------------------------------------------------------
 */

void cli_run_print_breaks(const cli_run_job *job, ts_buf *out);
void cli_run_add_breaks(const cli_run_job *job, ts_json *root);
/* --dump-tile C,R[:FILE]. Whether the words are well formed and the tiles exist. */
ts_status cli_run_check_dumps(cli_run *run, const cli_run_job *job, ts_diag *diag);
void cli_run_print_dumps(cli_run *run, const cli_run_job *job, ts_buf *out);
void cli_run_add_dumps(cli_run *run, const cli_run_job *job, ts_json *root);
ts_status cli_run_add_dump_files(cli_run *run, const cli_run_job *job, ts_file_set *set,
                                 ts_diag *diag);

/* ---- run_stats.c, run_report.c -----------------------------------------------------------------
 */

cli_table cli_run_core_table(ts_arena *arena, const ts_array *array);
cli_table cli_run_slot_table(ts_arena *arena, const cli_run_job *job);
cli_table cli_run_dma_table(ts_arena *arena, const ts_array *array);
/* Print what happened. The exit status. */
int cli_run_report(cli_run *run, cli_run_job *job);

#endif
