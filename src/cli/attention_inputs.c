/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * What attention works on: Q, K and V of files or drawn, their scales, and which keys count.
 */
#include "attention.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* What ts_attention_steps_of() takes. */
#define LEAST_OUTPUT_SCALE (1.0 / 1024)
#define MOST_OUTPUT_SCALE  4194303.0
#define MOST_SCALE         1e30

/* ---- files ----------------------------------------------------------------------------------- */

static ts_status read_npy(cli_run *run, const char *path, ts_npy *out, ts_diag *diag) {
    ts_span bytes;
    TS_TRY(ts_file_read(run->arena, path, 0, &bytes, diag));
    return ts_npy_parse(bytes, path, out, diag);
}

/* The bytes of an array of bytes, in C order. */
static ts_status in_c_order(ts_arena *arena, const ts_npy *array, uint8_t **out, ts_diag *diag) {
    size_t n = (size_t)array->n_elements;
    uint8_t *bytes = TS_ARENA_ARRAY(arena, uint8_t, n);
    if (!bytes) return ts_fail_nomem(diag);
    if (array->n_dims == 2 && array->fortran_order && array->shape[0]) {
        size_t rows = (size_t)array->shape[0];
        size_t columns = n / rows;
        for (size_t i = 0; i < n; i++)
            bytes[i] = array->data.data[i % columns * rows + i / columns];
    } else if (n) {
        memcpy(bytes, array->data.data, n);
    }
    *out = bytes;
    return TS_OK;
}

ts_status att_read_int8(cli_run *run, const char *path, uint32_t shape[2], int8_t **out,
                        ts_diag *diag) {
    ts_npy array;
    uint8_t *bytes;
    TS_TRY(read_npy(run, path, &array, diag));
    if (array.type != TS_NPY_INT8)
        return ts_fail(diag, TS_RANGE, path, "has %s elements; expected int8",
                       ts_npy_type_name(array.type));
    if (array.n_dims != 2)
        return ts_fail(diag, TS_RANGE, path, "has %u dimensions; expected 2: [rows][d]",
                       array.n_dims);
    for (int i = 0; i < 2; i++)
        if (array.shape[i] < 1 || array.shape[i] > TS_ATTENTION_MAX_ROWS)
            return ts_fail(diag, TS_RANGE, path,
                           "is %" PRIu64 " by %" PRIu64 "; expected 1 to %d rows of 8 to %d",
                           array.shape[0], array.shape[1], TS_ATTENTION_MAX_ROWS,
                           TS_ATTENTION_MAX_D);
    shape[0] = (uint32_t)array.shape[0];
    shape[1] = (uint32_t)array.shape[1];
    TS_TRY(in_c_order(run->arena, &array, &bytes, diag));
    *out = (int8_t *)bytes;
    return TS_OK;
}

static ts_status read_files(cli_run *run, att_case *out, ts_diag *diag) {
    static const char *const names[] = {"q", "k", "v"};
    int8_t **arrays[] = {&out->in.q, &out->in.k, &out->in.v};
    uint32_t shape[3][2];
    for (int i = 0; i < 3; i++)
        TS_TRY(att_read_int8(run, cli_value(run, names[i]), shape[i], arrays[i], diag));
    for (int i = 1; i < 3; i++)
        if (shape[i][1] != shape[0][1] || shape[i][0] != shape[1][0])
            return ts_fail(diag, TS_RANGE, cli_value(run, names[i]),
                           "is %" PRIu32 " by %" PRIu32 "; expected %" PRIu32 " by %" PRIu32
                           ", as %s",
                           shape[i][0], shape[i][1], shape[1][0], shape[0][1],
                           i == 1 ? "the rows of Q are long" : "K");
    out->in.n_queries = shape[0][0];
    out->in.n_keys = shape[1][0];
    out->in.d = shape[0][1];
    out->in.scale = 1 / sqrt(out->in.d);
    out->text = "the files of --q, --k and --v";
    return TS_OK;
}

static ts_status read_mask(cli_run *run, const char *path, att_case *out, ts_diag *diag) {
    ts_npy array;
    TS_TRY(read_npy(run, path, &array, diag));
    if (array.type != TS_NPY_UINT8 && array.type != TS_NPY_BOOL && array.type != TS_NPY_INT8)
        return ts_fail(diag, TS_RANGE, path, "has %s elements; expected uint8 or bool",
                       ts_npy_type_name(array.type));
    if (array.n_elements != out->in.n_keys)
        return ts_fail(diag, TS_RANGE, path,
                       "has %" PRIu64 " elements; expected %" PRIu32 ", one a key",
                       array.n_elements, out->in.n_keys);
    return in_c_order(run->arena, &array, &out->mask, diag);
}

/* ---- drawn inputs ---------------------------------------------------------------------------- */

static ts_status draw_numpy(cli_run *run, uint64_t seed, att_case *out, ts_diag *diag) {
    out->in.n_queries = out->in.n_keys = out->in.d = ATT_TILE;
    out->text =
        ts_arena_printf(run->arena, "NumPy's RandomState(%" PRIu64 "), int8 from -64 to 63", seed);
    if (!out->text) return ts_fail_nomem(diag);
    return ts_attention_draw_numpy((uint32_t)seed, &out->in, run->arena, diag);
}

/* "7,0.3" */
static bool parse_gauss(const char *text, uint64_t *seed, double *temperature) {
    char left[24] = "";
    int n = 0;
    const char *comma = strchr(text, ',');
    size_t length = comma ? (size_t)(comma - text) : sizeof left;
    if (length >= sizeof left) return false;
    memcpy(left, text, length);
    if (!ts_parse_u64(left, seed) || *seed > UINT32_MAX) return false;
    return sscanf(comma + 1, "%lf%n", temperature, &n) == 1 && !comma[1 + n] &&
           isfinite(*temperature) && *temperature > 0;
}

static ts_status draw_gauss(cli_run *run, uint64_t seed, double temperature, att_case *out,
                            ts_diag *diag) {
    out->in.n_queries = out->in.n_keys = out->in.d = ATT_TILE;
    out->text =
        ts_arena_printf(run->arena, "normal numbers of RandomState(%" PRIu64 "), temperature %g",
                        seed, temperature);
    if (!out->text) return ts_fail_nomem(diag);
    return ts_attention_draw_gauss((uint32_t)seed, temperature, &out->in, run->arena, diag);
}

/* ---- all of it ------------------------------------------------------------------------------- */

/* Which kind of inputs; each kind alone. */
static int check_kind(cli_run *run, int *n_files) {
    static const char *const names[] = {"q", "k", "v"};
    for (int i = 0; i < 3; i++)
        *n_files += cli_has(run, names[i]);
    int n_kinds = (*n_files > 0) + cli_has(run, "numpy-seed") + cli_has(run, "gauss");
    if (*n_files && *n_files < 3) return att_usage(run, "--q, --k and --v go together");
    if (n_kinds > 1)
        return att_usage(run, "inputs are files, --numpy-seed or --gauss, only one of them");
    return CLI_DONE;
}

static int read_arrays(cli_run *run, att_case *out, ts_diag *diag) {
    int n_files = 0;
    uint64_t seed = 42;
    double temperature = 1;
    const char *gauss = cli_value(run, "gauss");
    int status = check_kind(run, &n_files);
    if (status == CLI_DONE) status = att_parse_count(run, "numpy-seed", 0, UINT32_MAX, &seed);
    if (status != CLI_DONE) return status;
    if (gauss && !parse_gauss(gauss, &seed, &temperature))
        return att_usage(run, "'%s' is not SEED,TEMPERATURE for --gauss, as 7,0.3", gauss);
    ts_status read = n_files ? read_files(run, out, diag)
                     : gauss ? draw_gauss(run, seed, temperature, out, diag)
                             : draw_numpy(run, seed, out, diag);
    return read == TS_OK ? CLI_DONE : cli_fail(diag);
}

int att_read_case(cli_run *run, att_case *out) {
    ts_diag diag = {0};
    *out = (att_case){.output_scale = 1};
    const char *mask = cli_value(run, "mask");
    int status = read_arrays(run, out, &diag);
    if (status != CLI_DONE) return status;
    uint64_t key_length = out->in.n_keys;
    out->scale = out->in.scale;
    status = att_parse_real(run, "scale", 0, MOST_SCALE, &out->scale);
    if (status == CLI_DONE)
        status = att_parse_real(run, "output-scale", LEAST_OUTPUT_SCALE, MOST_OUTPUT_SCALE,
                                &out->output_scale);
    if (status == CLI_DONE)
        status = att_parse_count(run, "key-length", 1, out->in.n_keys, &key_length);
    if (status != CLI_DONE) return status;
    out->key_length = (uint32_t)key_length;
    if (mask && read_mask(run, mask, out, &diag) != TS_OK) return cli_fail(&diag);
    if (ts_attention_steps_of(out->scale, out->output_scale, out->in.d, &out->steps, &diag) !=
        TS_OK)
        return cli_fail(&diag);
    return CLI_DONE;
}

ts_attention_job att_job_of(const att_case *inputs, ts_attention_scores scores) {
    ts_attention_job job = ts_attention_job_of(&inputs->in);
    job.mask = inputs->mask;
    job.key_length = inputs->key_length;
    job.scores = scores;
    job.steps = inputs->steps;
    return job;
}
