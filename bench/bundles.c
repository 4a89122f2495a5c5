/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Bundles decoded a second, as a JSON line: a million bundles of all formats and instructions by
 * chance, decoded with all operands and the test whether they encode to the same bytes; the best
 * of 5 rounds on one core.
 */
#include "aie2_ops.h"
#include "speed.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    N_BUNDLES = 1000000
};

/* One to three operations for different slots, in the smallest bundle. */
static size_t put_bundle(test_random *random, uint8_t *out) {
    ts_aie2_op ops[3];
    size_t n = 0, wanted = 1 + test_next(random) % 3;
    unsigned slots = 0;
    while (n < wanted) {
        ops[n] = test_aie2_random_op(random, false, 8);
        unsigned slot = 1u << ts_aie2_instructions[ops[n].instruction].slot;
        if (slots & slot || ts_aie2_choose_format(slots | slot) < 0) continue;
        slots |= slot;
        n++;
    }
    ts_aie2_bundle bundle;
    ts_aie2_reject why;
    uint8_t bytes[TS_AIE2_MAX_BYTES];
    if (!ts_aie2_pack(ops, n, &bundle, &why) || !ts_aie2_encode(&bundle, bytes, &why)) abort();
    size_t size = ts_aie2_formats[bundle.format].size;
    for (size_t i = 0; i < size; i++)
        out[i] = bytes[i];
    return size;
}

static size_t decode_all(const uint8_t *bytes, size_t size) {
    size_t n = 0;
    for (size_t at = 0; at < size; n++) {
        ts_aie2_bundle bundle;
        ts_aie2_reject why;
        if (!ts_aie2_decode(bytes + at, size - at, &bundle, &why) || !bundle.is_canonical) abort();
        at += ts_aie2_formats[bundle.format].size;
    }
    return n;
}

int main(void) {
    test_random random = {1};
    uint8_t *bytes = malloc((size_t)N_BUNDLES * TS_AIE2_MAX_BYTES);
    if (!bytes) return 1;
    size_t size = 0;
    for (size_t i = 0; i < N_BUNDLES; i++)
        size += put_bundle(&random, bytes + size);
    double best = 0;
    for (unsigned round = 0; round < 5; round++) {
        double from = speed_now();
        size_t n = decode_all(bytes, size);
        double rate = (double)n / (speed_now() - from);
        if (rate > best) best = rate;
    }
    printf("{\"bench\": \"decode\", \"bundles\": %d, \"bytes\": %zu, \"bundles_per_s\": %.0f}\n",
           N_BUNDLES, size, best);
    free(bytes);
    return 0;
}
