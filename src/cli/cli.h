/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * What the subcommands share: the table of commands and options, parsed arguments, aligned tables,
 * and how errors and results reach the terminal. Printing and exit statuses live in this folder and
 * nowhere else: 0 done, 1 failed (or differs), 2 usage.
 */
#ifndef TESSERA_CLI_H
#define TESSERA_CLI_H

#include "tessera/base.h"
#include "tessera/npu.h"
#include "tessera/object.h"
#include "tessera/pdi.h"

#include <stdio.h>

enum {
    CLI_DONE = 0,
    CLI_FAILED = 1,
    CLI_USAGE = 2
};

typedef struct cli_option {
    const char *name;  /* without the leading "--" */
    char letter;       /* 0: none */
    const char *value; /* what stands for its value in the help; NULL: a switch */
    const char *help;  /* NULL: not listed */
} cli_option;

typedef struct cli_command cli_command;

/* Everything one run of a command needs. `arena` lives until the command returns. */
typedef struct cli_run {
    const cli_command *command;
    ts_arena *arena;
    const char **positional;
    size_t n_positional;
    struct cli_given {
        const cli_option *option;
        const char *value; /* "" for a switch */
    } * given;             /* in the order of the command line */
    size_t n_given;
} cli_run;

/* One row of the command tree: either a leaf with `main` (or `raw_main`) or a group with
 * `subcommands`. */
struct cli_command {
    const char *name;          /* "info" */
    const char *arguments;     /* "FILE [SECTION...]", for the usage line */
    const char *summary;       /* one line */
    const char *details;       /* more help, or NULL */
    const char *example;       /* a command line that works, for -h */
    const cli_option *options; /* ends with a row of NULL name; may be NULL */
    size_t min_positional, max_positional;
    int (*main)(cli_run *run);
    /* Parses its own argv: for the faces of other tools, whose grammar is not ours. */
    int (*raw_main)(int argc, char **argv, const char *name);
    const cli_command *const *subcommands; /* ends with NULL */
    const char *applet;                    /* also runs when the program is called by this name */
};

/* Run one command of the tree on the words after its name. `path` is how it was reached, for
 * messages: "tessera xclbin". */
int cli_dispatch(const cli_command *command, const char *path, int argc, char **argv);
void cli_print_help(const cli_command *command, const char *path, FILE *out);

bool cli_has(const cli_run *run, const char *option);
/* The last value given, or NULL. */
const char *cli_value(const cli_run *run, const char *option);
/* The value of an option that must be there; prints the usage error and gives NULL otherwise. */
const char *cli_required(const cli_run *run, const char *option);

/* Print an error. Returns CLI_FAILED, so that callers can return it. */
int cli_fail(const ts_diag *diag);
/* The same, of `path` when the error names no file. */
int cli_fail_in(const char *path, ts_diag *diag);
/* Print a usage error with a hint at -h. Returns CLI_USAGE. */
int cli_usage(const char *path, const char *format, ...) TS_PRINTF(2, 3);

/* Write text to standard output; a full disk or closed pipe is CLI_FAILED. */
int cli_print(const ts_buf *text);
int cli_print_json(ts_arena *arena, const ts_json *node);
/* Write text to the file that --output names (with --force also over one that is there), or print
 * it. The exit status. */
int cli_deliver(cli_run *run, const ts_buf *text);

/* Whether two names are the same existing file, also through links. */
bool cli_same_file(const char *a, const char *b);
/* Read a file that must not be the one to be written; `output` may be NULL.
 * Errors: CONFLICT and those of ts_file_read(). */
ts_status cli_read_input(ts_arena *arena, const char *path, const char *output, ts_span *out,
                         ts_diag *diag);
/* The same of a file that another one names, seen from that one's folder. */
ts_status cli_read_beside(ts_arena *arena, const char *beside, const char *name, const char *output,
                          ts_span *out, ts_diag *diag);
/* Refuse to replace an existing output file unless `force`. CLI_DONE or CLI_FAILED. */
int cli_check_overwrite(const char *path, bool force);

/* Column and row of "C,R", the first `length` characters of a text. */
bool cli_parse_tile(const char *text, size_t length, uint32_t *column, uint32_t *row);
/* "0,2=FILE"; the file is part of the text. */
bool cli_parse_tile_file(const char *text, uint32_t *column, uint32_t *row, const char **file);

/* ---- tables ---------------------------------------------------------------------------------- */

typedef enum cli_align {
    CLI_LEFT,
    CLI_RIGHT,
} cli_align;

typedef struct cli_column {
    const char *title;
    cli_align align;
} cli_column;

/* An aligned table; cells are copied. Control characters in cells are shown as '?'. */
typedef struct cli_table {
    ts_arena *arena;
    const cli_column *columns;
    size_t n_columns;
    const char **cells; /* row by row */
    size_t n_cells, capacity;
    bool failed;
} cli_table;

cli_table cli_table_new(ts_arena *arena, const cli_column *columns, size_t n_columns);
void cli_cell(cli_table *table, const char *format, ...) TS_PRINTF(2, 3);
void cli_table_write(const cli_table *table, ts_buf *out);

/* The same rows as a JSON array of objects, keyed by column title in lower case with '_'. */
ts_json *cli_table_json(const cli_table *table);

/* Print the rows as JSON with --json; else, when there are any, as a table, and `summary`
 * (may be NULL) below. The exit status. */
int cli_show_table(cli_run *run, const cli_table *table, const char *summary);

/* ---- configuration images ------------------------------------------------------------------- */

/* Read and parse a PDI file. */
ts_status cli_read_pdi(ts_arena *arena, const char *path, ts_pdi *out, ts_diag *diag);
/* Append the image that the BIF at `path` describes, to be written to `output`, which must be none
 * of the files read; warns when bootgen would. */
ts_status cli_build_bif(ts_arena *arena, const char *path, const char *output, ts_buf *out,
                        ts_diag *diag);
/* Register names for CDO text, or NULL. */
const ts_cdo_names *cli_cdo_names(void);

/* A folder; one that is there already is good. Errors: IO. */
ts_status cli_make_folder(const char *path, ts_diag *diag);

/* ---- instruction streams -------------------------------------------------------------------- */

/* An instruction stream, binary or one hexadecimal word a line. */
ts_status cli_parse_insts(ts_arena *arena, ts_span bytes, const char *path, ts_txn *out,
                          ts_diag *diag);
/* Of a file, which must not be the one to be written; `output` may be NULL. */
ts_status cli_read_insts(ts_arena *arena, const char *path, const char *output, ts_txn *out,
                         ts_diag *diag);

/* ---- object files --------------------------------------------------------------------------- */

/* Every object of the files on the command line, members of archives too. */
ts_status cli_read_objects(cli_run *run, ts_object **out, size_t *n_out, ts_diag *diag);
/* The deepest chain of calls, or all functions. */
cli_table cli_stack_table(ts_arena *arena, const ts_stack *stack, bool wants_all);

/* ---- core programs in configurations --------------------------------------------------------- */

/* What a configuration writes to a part of a tile. */
typedef struct cli_written {
    uint32_t offset, size; /* of the part, in the tile */
    uint8_t *bytes;        /* `size` of them */
    uint8_t *is_written;   /* the same, 1 where it was written */
} cli_written;

/* A tile whose program memory a configuration writes to. */
typedef struct cli_program {
    const char *where; /* "" or "PDI 1, " */
    uint32_t column, row;
    cli_written program, data, descriptors;
} cli_program;

typedef struct cli_programs {
    cli_program *list; /* in the order of their first write */
    size_t n;
} cli_programs;

/* Whether `bytes` is a CDO, a PDI or an XCLBIN. */
bool cli_holds_programs(ts_span bytes);
ts_status cli_find_programs(ts_arena *arena, ts_span bytes, const char *file, cli_programs *out,
                            ts_diag *diag);

/* ---- the commands ---------------------------------------------------------------------------- */

extern const cli_command cli_build, cli_map;
extern const cli_command cli_xclbin, cli_xclbinutil;
extern const cli_command cli_pdi, cli_cdo, cli_insts, cli_bootgen, cli_objdump;
extern const cli_command cli_compare, cli_run_command, cli_attention;
extern const cli_command cli_as, cli_nm, cli_size, cli_ld, cli_stack;

#endif
