/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * The JSON reader; what it accepts must survive writing and reading again. */
#include "tessera/base.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    ts_arena arena;
    ts_arena_init(&arena, 16u << 20);
    ts_diag diag = {0};
    ts_json *tree, *again;
    if (ts_json_parse(&arena, ts_span_of(data, size), "fuzz.json", &tree, &diag) == TS_OK) {
        ts_buf first = ts_buf_in(&arena), second = ts_buf_in(&arena);
        if (ts_json_write(&first, tree, &ts_json_compact) == TS_OK) {
            if (ts_json_parse(&arena, ts_buf_span(&first), "again.json", &again, &diag) != TS_OK &&
                diag.code != TS_NOMEM)
                abort();
            if (diag.code == TS_OK && ts_json_write(&second, again, &ts_json_compact) == TS_OK &&
                !ts_span_equal(ts_buf_span(&first), ts_buf_span(&second)))
                abort();
        }
    } else if (diag.code == TS_OK || !diag.message[0]) {
        abort(); /* an error without words */
    }
    ts_arena_free(&arena);
    return 0;
}
