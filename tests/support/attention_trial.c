/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * attention_trial XCLBIN INSTS ELF int32|int8 RUNS [SEED]: runs a kernel for one 64 x 64 tile on
 * the emulator with inputs by chance and extreme ones, and compares every byte with the plain C
 * variant. Prints how many agreed, and the cycles of the core from its last lock acquired to its
 * next wait.
 */
#include "tessera/attention.h"
#include "tessera/device.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ROWS = 64,
    D = 64,
    TILE = ROWS * D,
    SMALLEST = INT8_MIN,
    LARGEST = INT8_MAX,
    CORE_ROW = 2
};

typedef struct trial {
    ts_arena arena;
    ts_device *device;
    ts_txn stream;
    ts_device_buffer buffers[3]; /* Q, K, V; out; parameters */
    ts_attention_scores scores;
    uint64_t random;
    uint64_t began, cycles, most_cycles; /* of the core, for a tile */
    uint8_t mask[ROWS];
    unsigned n_equal;
} trial;

static void check(ts_status status, const ts_diag *diag) {
    char text[800];
    if (status == TS_OK) return;
    ts_diag_format(diag, text, sizeof text);
    fprintf(stderr, "%s\n", text);
    exit(2);
}

static uint64_t next(trial *t) {
    t->random ^= t->random << 13;
    t->random ^= t->random >> 7;
    t->random ^= t->random << 17;
    return t->random;
}

static double unit(trial *t) {
    return (double)(next(t) >> 11) * 0x1p-53;
}

/* ---- inputs ---------------------------------------------------------------------------------- */

typedef struct inputs {
    double scale, output_scale;
    bool has_mask;
    uint32_t key_length;
} inputs;

static int8_t *part(trial *t, unsigned n) {
    return (int8_t *)t->buffers[0].data + (size_t)n * TILE;
}

static void fill(trial *t, unsigned n, int value) {
    memset(part(t, n), value, TILE);
}

/* The sum of four: nearly normal, cut to `most`. */
static void fill_by_chance(trial *t, unsigned n, double most, bool is_flat) {
    int8_t *to = part(t, n);
    for (size_t i = 0; i < TILE; i++) {
        double v = unit(t) * 2 - 1;
        if (!is_flat) v = (v + unit(t) + unit(t) + unit(t) - 1.5) / 2;
        to[i] = (int8_t)lrint(fmax(-128, fmin(127, v * most)));
    }
}

static inputs by_chance(trial *t) {
    inputs in = {exp2(unit(t) * 30 - 22), 1, next(t) % 4 == 0, ROWS};
    if (next(t) % 4 == 0) in.key_length = 1 + (uint32_t)(next(t) % ROWS);
    if (next(t) % 4 == 0) in.output_scale = exp2(unit(t) * 6 - 4);
    bool is_flat = next(t) % 2;
    for (unsigned n = 0; n < 3; n++)
        fill_by_chance(t, n, next(t) % 8 ? 128 : 8, is_flat);
    for (unsigned i = 0; i < ROWS; i++)
        t->mask[i] = (uint8_t)(next(t) % 3 == 0);
    t->mask[next(t) % in.key_length] = 1;
    return in;
}

static void dominant(trial *t, unsigned key) {
    fill_by_chance(t, 2, 128, true);
    fill(t, 0, LARGEST);
    fill(t, 1, SMALLEST);
    memset(part(t, 1) + (size_t)key * D, LARGEST, D);
}

enum {
    N_VALUES = 5,
    N_CONSTANT = N_VALUES * N_VALUES * N_VALUES,
    N_EXTREMES = N_CONSTANT + 4 * ROWS + 4,
    N_SCALES = 5
};

/* Constant inputs at all scales; key lengths; masks of one key; one key far above all others. */
static inputs extreme(trial *t, unsigned number, unsigned scale) {
    static const int values[N_VALUES] = {0, SMALLEST, LARGEST, 1, -1};
    static const double scales[N_SCALES] = {0, 1e-7, 1.0 / 8, 3, 1e6};
    inputs in = {scales[scale], 1, false, ROWS};
    if (number < N_CONSTANT) {
        fill(t, 0, values[number % N_VALUES]);
        fill(t, 1, values[number / N_VALUES % N_VALUES]);
        fill(t, 2, values[number / N_VALUES / N_VALUES]);
        return in;
    }
    number -= N_CONSTANT;
    for (unsigned n = 0; n < 3; n++)
        fill_by_chance(t, n, 128, true);
    if (number < ROWS) in.key_length = number + 1;
    if (number / ROWS == 1) {
        in.has_mask = true;
        memset(t->mask, 0, ROWS);
        t->mask[number % ROWS] = 1;
    }
    if (number / ROWS == 2) dominant(t, number % ROWS);
    if (number / ROWS == 3) memcpy(part(t, 1), part(t, 0), TILE);
    return in;
}

/* ---- one tile -------------------------------------------------------------------------------- */

static void observe(void *context, const ts_array_event *event) {
    trial *t = context;
    if (event->kind != TS_ARRAY_EVENT_CORE_STATE || event->row != CORE_ROW) return;
    if (event->value == TS_CORE_RUNS)
        t->began = event->cycle;
    else if (event->value == TS_CORE_WAITS_LOCK && event->cycle - t->began > t->cycles)
        t->cycles = event->cycle - t->began;
}

static bool run(trial *t, const inputs *in, const char *what, unsigned number) {
    int8_t want[TILE];
    ts_diag diag = {0};
    ts_arena scratch;
    ts_arena_init(&scratch, 0);
    ts_attention_job job = {.q = part(t, 0),
                            .k = part(t, 1),
                            .v = part(t, 2),
                            .n_queries = ROWS,
                            .n_keys = ROWS,
                            .d = D,
                            .mask = in->has_mask ? t->mask : NULL,
                            .key_length = in->key_length,
                            .scores = t->scores};
    check(ts_attention_steps_of(in->scale, in->output_scale, D, &job.steps, &diag), &diag);
    check(ts_attention_run(TS_ATTENTION_PLAIN, &job, want, &scratch, &diag), &diag);
    ts_attention_block(&job, (int32_t *)(void *)t->buffers[2].data);
    memset(t->buffers[1].data, 0x55, TILE);
    t->cycles = 0;
    ts_device_result result;
    check(ts_device_submit(t->device, &t->stream, t->buffers, 3, &diag), &diag);
    check(ts_device_wait(t->device, 1000, &result, &diag), &diag);
    if (t->cycles > t->most_cycles) t->most_cycles = t->cycles;
    ts_arena_free(&scratch);
    if (result.end == TS_DEVICE_DONE && memcmp(want, t->buffers[1].data, TILE) == 0) {
        t->n_equal++;
        return true;
    }
    printf("%s %u at scale %g: %s\n", what, number, in->scale,
           result.end == TS_DEVICE_DONE ? "other bytes" : "does not end");
    return false;
}

static unsigned run_all(trial *t, unsigned n_runs) {
    unsigned n = 0;
    for (unsigned i = 0; i < n_runs; i++, n++) {
        uint64_t seed = t->random;
        inputs in = by_chance(t);
        if (!run(t, &in, "by chance", i)) printf("seed 0x%016" PRIx64 "\n", seed);
    }
    unsigned step = n_runs >= N_EXTREMES ? 1 : 41; /* a few of each kind, or all */
    for (unsigned i = 0; i < N_EXTREMES * N_SCALES; i += step, n++) {
        inputs in = extreme(t, i % N_EXTREMES, i / N_EXTREMES);
        (void)run(t, &in, "extreme", i % N_EXTREMES);
    }
    return n;
}

/* ---- the whole ------------------------------------------------------------------------------- */

static void open_device(trial *t, char **argv) {
    ts_diag diag = {0};
    ts_span bytes;
    ts_xclbin xclbin;
    ts_object program;
    check(ts_device_open(&t->arena, TS_DEVICE_EMULATOR, NULL, &t->device, &diag), &diag);
    check(ts_file_read(&t->arena, argv[1], 0, &bytes, &diag), &diag);
    check(ts_xclbin_read(&t->arena, bytes, argv[1], &xclbin, &diag), &diag);
    check(ts_device_load(t->device, &xclbin, NULL, &diag), &diag);
    check(ts_file_read(&t->arena, argv[2], 0, &bytes, &diag), &diag);
    check(ts_txn_parse(&t->arena, bytes, argv[2], &t->stream, &diag), &diag);
    check(ts_file_read(&t->arena, argv[3], 0, &bytes, &diag), &diag);
    check(ts_object_read(&t->arena, bytes, argv[3], &program, &diag), &diag);
    check(ts_array_add_symbols(ts_device_array(t->device), 0, CORE_ROW, &program, &diag), &diag);
    ts_array_observe(ts_device_array(t->device), observe, t);
    static const uint64_t sizes[3] = {(uint64_t)3 * TILE, TILE,
                                      TS_ATTENTION_BLOCK_WORDS * sizeof(int32_t)};
    static const char *const names[3] = {"QKV", "out", "parameters"};
    for (unsigned i = 0; i < 3; i++)
        check(ts_device_buffer_new(t->device, names[i], sizes[i], &t->buffers[i], &diag), &diag);
}

int main(int argc, char **argv) {
    static trial t;
    if (argc < 6) return 2;
    ts_arena_init(&t.arena, 0);
    t.scores = strcmp(argv[4], "int8") == 0 ? TS_ATTENTION_INT8 : TS_ATTENTION_INT32;
    t.random = argc > 6 ? strtoull(argv[6], NULL, 0) : 0x2545f4914f6cdd1d;
    open_device(&t, argv);
    unsigned n = run_all(&t, (unsigned)strtoul(argv[5], NULL, 0));
    ts_array *array = ts_device_array(t.device);
    for (size_t i = 0; i < ts_array_n_findings(array); i++)
        printf("finding: %s\n", ts_array_finding(array, i)->text);
    printf("%u of %u tiles equal, at most %" PRIu64 " cycles, %zu findings\n", t.n_equal, n,
           t.most_cycles, ts_array_n_findings(array));
    bool is_good = t.n_equal == n && ts_array_n_findings(array) == 0;
    ts_device_close(t.device);
    ts_arena_free(&t.arena);
    return is_good ? 0 : 1;
}
