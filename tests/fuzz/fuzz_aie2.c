/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * Any bytes as a program: a bundle that decodes encodes to the same bytes, or says that it does
 * not, and has a text; one that does not decode says why. */
#include "tessera/aie2.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_bundle(const ts_aie2_bundle *bundle, const uint8_t *bytes, ts_arena *arena) {
    uint8_t again[TS_AIE2_MAX_BYTES];
    ts_aie2_reject why;
    bool is_same = ts_aie2_encode(bundle, again, &why) &&
                   !memcmp(again, bytes, ts_aie2_formats[bundle->format].size);
    if (is_same != bundle->is_canonical) abort();
    ts_buf text = ts_buf_in(arena);
    ts_aie2_print_bundle(bundle, NULL, NULL, &text);
    if (!text.failed && !text.size) abort();
    for (unsigned i = 0; i < bundle->n_ops; i++)
        ts_aie2_timing_of(&bundle->ops[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    ts_arena arena;
    ts_arena_init(&arena, (size_t)4 << 20);
    uint8_t *copy = malloc(size ? size : 1);
    if (!copy) abort();
    if (size) memcpy(copy, data, size);
    for (size_t at = 0; at < size;) {
        ts_aie2_bundle bundle;
        ts_aie2_reject why;
        char text[200];
        if (ts_aie2_decode(copy + at, size - at, &bundle, &why)) {
            check_bundle(&bundle, copy + at, &arena);
            at += ts_aie2_formats[bundle.format].size;
            continue;
        }
        ts_aie2_reject_text(&why, text, sizeof text);
        if (!*text) abort();
        at += 2;
    }
    free(copy);
    ts_arena_free(&arena);
    return 0;
}
