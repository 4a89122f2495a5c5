/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Designs read, verified and printed, in megabytes of text a second of processor time,
 * as a JSON line: the corpus of
 * the fuzz target many times in one text; the best of 5 rounds on one core.
 */
#include "support.h"

#include "tessera/design.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum {
    N_COPIES = 200
};

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Modules that may stand behind each other: those without aliases. */
static ts_span make_text(ts_arena *arena) {
    static const char *const names[] = {"fifos", "placed", "sequence"};
    ts_buf text = ts_buf_in(arena);
    for (int copy = 0; copy < N_COPIES; copy++)
        for (size_t i = 0; i < 3; i++) {
            ts_diag diag = {0};
            ts_span file;
            const char *path =
                ts_arena_printf(arena, TEST_SOURCE_DIR "/fuzz/corpus/design/%s.mlir", names[i]);
            if (!path || ts_file_read(arena, path, 0, &file, &diag) != TS_OK)
                return ts_span_of(0, 0);
            ts_buf_span_add(&text, file);
        }
    return ts_buf_span(&text);
}

static void keep_least(double *least, double value) {
    if (*least == 0 || value < *least) *least = value;
}

int main(void) {
    ts_arena arena;
    ts_arena_init(&arena, 0);
    ts_span text = make_text(&arena);
    double parse = 0, verify = 0, print = 0;
    for (int round = 0; round < 5; round++) {
        ts_arena work;
        ts_diag diag = {0};
        ts_design *design;
        ts_arena_init(&work, 0);
        double start = now();
        if (ts_design_parse(&work, text, "bench", &design, &diag) != TS_OK) return 1;
        double parsed = now();
        (void)!ts_design_verify(design, &diag); /* names are defined many times: an error */
        double verified = now();
        ts_buf out = ts_buf_in(&work);
        ts_design_print(design, &out);
        keep_least(&parse, parsed - start);
        keep_least(&verify, verified - parsed);
        keep_least(&print, now() - verified);
        ts_arena_free(&work);
    }
    double megabytes = (double)text.size / 1e6;
    printf(
        "{\"bench\": \"design\", \"megabytes\": %.1f, \"parse_mb_s\": %.1f, \"verify_mb_s\": %.1f, "
        "\"print_mb_s\": %.1f}\n",
        megabytes, megabytes / parse, megabytes / verify, megabytes / print);
    ts_arena_free(&arena);
    return 0;
}
