/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * The reader of the text of instruction streams; what it makes must come back from a listing. */
#include "tessera/npu.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    ts_arena arena;
    ts_arena_init(&arena, 256u << 20);
    ts_diag diag = {0};
    ts_buf made = ts_buf_in(&arena), text = ts_buf_in(&arena), again = ts_buf_in(&arena);
    ts_txn txn;
    if (ts_txn_pack(&arena, ts_span_of(data, size), "fuzz.txt", &made, &diag) == TS_OK) {
        if (ts_txn_parse(&arena, ts_buf_span(&made), "fuzz.bin", &txn, &diag) != TS_OK) abort();
        if (made.size < (1u << 20) &&
            (ts_txn_list(&arena, &txn, false, &text, &diag) != TS_OK ||
             ts_txn_pack(&arena, ts_buf_span(&text), "again.txt", &again, &diag) != TS_OK ||
             !ts_span_equal(ts_buf_span(&again), ts_buf_span(&made))))
            abort();
    } else if (diag.code == TS_OK || !diag.message[0] ||
               (diag.place != TS_PLACE_TEXT && diag.code != TS_NOMEM)) {
        abort();
    }
    (void)ts_txn_from_hex(ts_span_of(data, size), &again);
    ts_arena_free(&arena);
    return 0;
}
