/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * The reader of CDO text; what it makes must come back from a listing, where it can be read. */
#include "tessera/pdi.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    ts_arena arena;
    ts_arena_init(&arena, 256u << 20);
    ts_diag diag = {0};
    ts_cdo_source source = {.file = "fuzz.txt"};
    ts_buf made = ts_buf_in(&arena), text = ts_buf_in(&arena), again = ts_buf_in(&arena);
    ts_cdo cdo;
    if (ts_cdo_pack(&arena, ts_span_of(data, size), &source, &made, &diag) == TS_OK) {
        /* `raw` and `generic` can say what no reader takes. */
        if (made.size < (1u << 20) &&
            ts_cdo_parse(&arena, ts_buf_span(&made), "fuzz.cdo", &cdo, &diag) == TS_OK &&
            ts_cdo_list(&arena, &cdo, NULL, false, &text, &diag) == TS_OK &&
            (ts_cdo_pack(&arena, ts_buf_span(&text), &source, &again, &diag) != TS_OK ||
             !ts_span_equal(ts_buf_span(&again), ts_buf_span(&made))) &&
            diag.code != TS_NOMEM)
            abort();
    } else if (diag.code == TS_OK || !diag.message[0] ||
               (diag.place != TS_PLACE_TEXT && diag.code != TS_NOMEM)) {
        abort();
    }
    ts_arena_free(&arena);
    return 0;
}
