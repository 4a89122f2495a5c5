/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * The reader of instruction streams; what it accepts must survive writing, and its listing must
 * pack to it. */
#include "tessera/npu.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    ts_arena arena;
    ts_arena_init(&arena, 256u << 20);
    ts_diag diag = {0};
    ts_span bytes = ts_span_of(data, size);
    ts_txn txn;
    if (ts_txn_parse(&arena, bytes, "fuzz.bin", &txn, &diag) == TS_OK) {
        ts_buf out = ts_buf_in(&arena), text = ts_buf_in(&arena), again = ts_buf_in(&arena);
        if (!ts_txn_is_binary(bytes) || ts_txn_write(&txn, &out, &diag) != TS_OK ||
            !ts_span_equal(ts_buf_span(&out), bytes))
            abort();
        if (ts_txn_list(&arena, &txn, false, &text, &diag) != TS_OK ||
            ts_txn_pack(&arena, ts_buf_span(&text), "fuzz.txt", &again, &diag) != TS_OK ||
            !ts_span_equal(ts_buf_span(&again), bytes))
            abort();
    } else if (diag.code == TS_OK || diag.place != TS_PLACE_OFFSET || !diag.message[0]) {
        abort();
    }
    ts_arena_free(&arena);
    return 0;
}
