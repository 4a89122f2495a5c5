/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Times of attention on the host, as JSON lines: each variant and the reference, on one tile and on
 * one head of Whisper, the best of several runs; ratios are to the plain variant of the same run.
 */
#include "attention_cases.h"
#include "speed.h"

#include <stdio.h>

enum {
    REFERENCE = TS_N_ATTENTION_VARIANTS, /* behind the variants */
};

static double run_once(int what, const attention_case *c) {
    ts_arena *arena = test_begin();
    double from = speed_now();
    if (what == REFERENCE)
        (void)attention_reference(arena, c);
    else
        (void)attention_run_case(arena, (ts_attention_variant)what, c);
    double time = speed_now() - from;
    test_end(arena);
    return time;
}

/* At least three runs, and half a second of them. */
static double best_of(int what, const attention_case *c) {
    double best = run_once(what, c), total = best;
    for (unsigned i = 1; i < 3 || total < 0.5; i++) {
        double time = run_once(what, c);
        total += time;
        if (time < best) best = time;
    }
    return best;
}

static void measure(uint32_t n, uint32_t d) {
    ts_arena *arena = test_begin();
    ts_attention_inputs in = {.n_queries = n, .n_keys = n, .d = d};
    ts_diag diag = {0};
    if (ts_attention_draw_gauss(1, 0.3, &in, arena, &diag) != TS_OK) fail_msg("%s", diag.message);
    attention_case c = {.job = ts_attention_job_of(&in), .scale = in.scale, .output_scale = 1};
    if (ts_attention_steps_of(c.scale, 1, d, &c.job.steps, &diag) != TS_OK)
        fail_msg("%s", diag.message);
    double plain = best_of(TS_ATTENTION_PLAIN, &c), n_macs = 2.0 * n * n * d;
    for (int what = 0; what <= REFERENCE; what++) {
        if (what < REFERENCE && !ts_attention_has_variant((ts_attention_variant)what)) {
            fprintf(stderr, "SKIPPED: this machine does not run attention's variant %s\n",
                    ts_attention_variant_name((ts_attention_variant)what));
            continue;
        }
        double time = what == TS_ATTENTION_PLAIN ? plain : best_of(what, &c);
        printf("{\"bench\": \"attention, %u x %u x %u, %s\", \"ms\": %.4f, \"gmac_per_second\": "
               "%.2f, \"ratio\": %.3f}\n",
               n, n, d,
               what == REFERENCE ? "FP32 reference"
                                 : ts_attention_variant_name((ts_attention_variant)what),
               time * 1e3, n_macs / time * 1e-9, plain / time);
    }
    test_end(arena);
}

int main(void) {
    measure(64, 64);
    measure(1500, 64);
    return 0;
}
