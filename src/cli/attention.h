/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * tessera attention, inside: what build, verify and bench share.
 */
#ifndef TESSERA_CLI_ATTENTION_H
#define TESSERA_CLI_ATTENTION_H

#include "cli.h"

#include "tessera/attention.h"
#include "tessera/compile.h"
#include "tessera/device.h"

enum {
    ATT_TILE = 64,    /* rows and columns of what a kernel takes at once */
    ATT_N_SCORES = 2, /* ts_attention_scores */
    ATT_MAX_TILES = 1024,
};

extern const cli_command att_build, att_verify, att_bench;

/* "int32" of a kernel and of --scores. */
const char *att_scores_name(ts_attention_scores scores);
/* What --scores says; `is_chosen` for each. CLI_DONE, or a usage error that was printed. */
/* A wrong command line of this command. */
int att_usage(const cli_run *run, const char *format, ...) TS_PRINTF(2, 3);
int att_parse_scores(cli_run *run, const char *fallback, bool is_chosen[ATT_N_SCORES]);
/* A number of an option, which must be from `least` to `most`; absent: unchanged. As above. */
int att_parse_real(cli_run *run, const char *option, double least, double most, double *out);
int att_parse_count(cli_run *run, const char *option, uint64_t least, uint64_t most, uint64_t *out);

/* ---- what takes long ------------------------------------------------------------------------- */

/* A line on a terminal that tells what is being done; nothing elsewhere. */
typedef struct att_progress {
    bool is_terminal, has_line;
} att_progress;

att_progress att_progress_new(void);
void att_progress_show(att_progress *progress, const char *format, ...) TS_PRINTF(2, 3);
void att_progress_end(att_progress *progress);

/* ---- inputs ---------------------------------------------------------------------------------- */

typedef struct att_case {
    const char *text; /* "RandomState(42), int8 from -64 to 63" */
    ts_attention_inputs in;
    double scale, output_scale;
    uint8_t *mask; /* or NULL */
    uint32_t key_length;
    ts_attention_steps steps;
} att_case;

#define ATT_INPUT_OPTIONS                                                                          \
    {"q", 0, "F.npy", "queries, int8 [rows][d]"}, {"k", 0, "F.npy", "keys"},                       \
        {"v", 0, "F.npy", "values"},                                                               \
        {"scale", 0, "X",                                                                          \
         "what a product of Q and K counts, s_q s_k / sqrt(d); default 1/sqrt(d)"},                \
        {"output-scale", 0, "X", "s_v / s_out; default 1: outputs in units of V"},                 \
        {"mask", 0, "F.npy", "one uint8 or bool a key; 0: ignore it"},                             \
        {"key-length", 0, "N", "only the first N keys count"},                                     \
        {"numpy-seed", 0, "N", "draw inputs as NumPy's RandomState(N) does (default: 42)"}, {      \
        "gauss", 0, "SEED,T", "draw normal inputs; the larger T, the flatter the softmax"          \
    }

/* The inputs that the options say. CLI_DONE, or an error that was printed. */
int att_read_case(cli_run *run, att_case *out);
ts_attention_job att_job_of(const att_case *inputs, ts_attention_scores scores);
/* int8 values [rows][columns] of a .npy file, in C order. */
ts_status att_read_int8(cli_run *run, const char *path, uint32_t shape[2], int8_t **out,
                        ts_diag *diag);

/* ---- kernels --------------------------------------------------------------------------------- */

/* A kernel that can be loaded. */
typedef struct att_kernel {
    const char *name; /* "attention_int32", or a path */
    ts_span xclbin, insts;
    const char *xclbin_file, *insts_file; /* as errors name them */
    struct att_program {
        uint32_t column, row;
        const char *file;
        ts_span bytes;
    } * programs; /* names and stacks for findings */
    size_t n_programs;
} att_kernel;

/* Build the kernel of these scores that the program carries, or, when `folder` is not NULL, the
 * design that lies there. `output` is where its files will lie; may be NULL.
 * Errors: MISSING, those of ts_compile_build(). */
ts_status att_kernel_build(cli_run *run, ts_attention_scores scores, const char *folder,
                           const char *output, ts_compile_result *result, ts_diag *diag);
/* Of a build's files. */
ts_status att_kernel_of(cli_run *run, const ts_compile_result *result, const char *name,
                        att_kernel *out, ts_diag *diag);
/* What `attention build` left in a folder, and which scores it is for. */
ts_status att_kernel_open(cli_run *run, const char *folder, ts_attention_scores *scores,
                          att_kernel *out, ts_diag *diag);
/* The files of --xclbin, --insts and --core-elf. */
ts_status att_kernel_foreign(cli_run *run, att_kernel *out, ts_diag *diag);

/* ---- the device ------------------------------------------------------------------------------ */

typedef struct att_result {
    int8_t *out;
    const char *where;   /* "emulator of npu1_1col" */
    bool is_done;        /* else `text` says how it ended */
    uint64_t cycles;     /* of the busiest core, over all tiles, from acquire to release */
    uint64_t run_cycles; /* from the stream's first op to its last */
    uint32_t n_tiles;
    const char **findings; /* one line each */
    size_t n_findings, finding_capacity;
    uint64_t lost_findings;
    const char *text; /* who waits for what */
} att_result;

/* Whether a kernel can take such inputs; else why not. A kernel of others has two buffers. */
const char *att_device_refuses(const att_case *inputs, bool has_block);
unsigned att_n_arguments(const ts_txn *stream);
/* Run a kernel on a case, 64 queries at a time. Errors: those of device. */
ts_status att_device_run(cli_run *run, const char *device, const att_kernel *kernel,
                         const att_case *inputs, ts_attention_scores scores, att_progress *progress,
                         att_result *out, ts_diag *diag);

/* ---- what is wrong --------------------------------------------------------------------------- */

/* A cause that was tried: what the reference would be if it were true, held against the result. */
typedef struct att_cause {
    const char *text;
    double correlation, mae, rmse, equal; /* of the result with what it predicts */
} att_cause;

enum {
    ATT_MAX_CAUSES = 8,
};

typedef struct att_diagnosis {
    const char **lines; /* the pattern: which rows, columns, blocks, signs */
    size_t n_lines, line_capacity;
    att_cause causes[ATT_MAX_CAUSES]; /* best first */
    size_t n_causes, n_tried;
    att_cause as_it_is; /* the reference itself */
    const char *verdict;
} att_diagnosis;

/* What a result should have been. */
typedef struct att_want {
    const char *name; /* "FP32" */
    const float *values;
    double tolerance; /* a value is wrong when it is further off */
    bool clamps_scores;
} att_want;

/* Errors: NOMEM. */
ts_status att_diagnose(ts_arena *arena, const att_case *inputs, const int8_t *got,
                       const att_want *want, att_diagnosis *out, ts_diag *diag);

/* ---- verify ---------------------------------------------------------------------------------- */

typedef enum att_row_kind {
    ATT_IDEAL, /* the reference rounded */
    ATT_HOST,
    ATT_DEVICE,
    ATT_FOREIGN,
    ATT_STORED,
} att_row_kind;

typedef struct att_row {
    att_row_kind kind;
    const char *variant, *where;
    ts_attention_scores scores;
    const int8_t *out;
    ts_metrics metrics;
    bool has_twin;
    uint64_t n_differ; /* bytes unlike the plain C twin's */
    const att_result *device;
    bool is_judged, is_good;
    const char *why; /* not good */
    const att_diagnosis *diagnosis;
} att_row;

typedef struct att_verify_job {
    cli_run *run;
    att_case inputs;
    const float *reference;
    att_row *rows;
    size_t n_rows, row_capacity;
    const char **notes;
    size_t n_notes, note_capacity;
    ts_attention_scores scores; /* whose definition others are held against */
    double min_correlation, max_mae;
    bool has_correlation, has_mae, is_exact, is_good;
} att_verify_job;

#define ATT_FIGURES(X)                                                                             \
    X(CORRELATION)                                                                                 \
    X(COSINE)                                                                                      \
    X(MEAN_ERROR)                                                                                  \
    X(MAE)                                                                                         \
    X(RMSE)                                                                                        \
    X(MAX_ERROR)                                                                                   \
    X(WITHIN_5)                                                                                    \
    X(WITHIN_10)                                                                                   \
    X(SATURATED)

/* A figure as the table has it. */
const char *att_figure(ts_arena *arena, ts_metric metric, double value);
cli_table att_table(const att_verify_job *job);
int att_print_text(const att_verify_job *job);
int att_print_json(const att_verify_job *job);
/* One HTML file, complete in itself. */
void att_write_html(const att_verify_job *job, ts_buf *out);
/* An image of one byte a pixel as a PNG, in base64. `palette` has 256 colors of 3 bytes. */
enum {
    ATT_PALETTE = 768,
};

void att_png_base64(ts_arena *arena, const uint8_t *pixels, uint32_t width, uint32_t height,
                    const uint8_t palette[ATT_PALETTE], ts_buf *out);

#endif
