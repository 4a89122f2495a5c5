/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * The .npy reader; what it accepts must survive writing and reading again. */
#include "tessera/base.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    ts_arena arena;
    ts_arena_init(&arena, 16u << 20);
    ts_diag diag = {0};
    ts_npy array, again;
    if (ts_npy_parse(ts_span_of(data, size), "fuzz.npy", &array, &diag) == TS_OK) {
        ts_buf out = ts_buf_in(&arena);
        if (ts_npy_write(&array, &out, &diag) != TS_OK ||
            ts_npy_parse(ts_buf_span(&out), "again.npy", &again, &diag) != TS_OK ||
            again.type != array.type || again.n_dims != array.n_dims ||
            memcmp(again.shape, array.shape, sizeof array.shape) != 0 ||
            !ts_span_equal(again.data, array.data))
            abort();
    } else if (diag.code == TS_OK || !diag.message[0]) {
        abort();
    }
    ts_arena_free(&arena);
    return 0;
}
