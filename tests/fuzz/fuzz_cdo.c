/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * The CDO reader; what it accepts must survive writing, and its listing must pack to it. */
#include "tessera/pdi.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    ts_arena arena;
    ts_arena_init(&arena, 256u << 20);
    ts_diag diag = {0};
    ts_span bytes = ts_span_of(data, size);
    ts_cdo cdo;
    if (ts_cdo_parse(&arena, bytes, "fuzz.cdo", &cdo, &diag) == TS_OK) {
        ts_buf out = ts_buf_in(&arena), text = ts_buf_in(&arena), again = ts_buf_in(&arena);
        ts_buf merged = ts_buf_in(&arena);
        ts_cdo_source source = {.file = "fuzz.txt"};
        static const char *const files[] = {"fuzz.cdo"};
        bool is_v1 = cdo.version < TS_CDO_VERSION_1_50;
        if (ts_cdo_list(&arena, &cdo, NULL, false, &text, &diag) != TS_OK) abort();
        if (!is_v1 &&
            (ts_cdo_write(&cdo, &out, &diag) != TS_OK || !ts_span_equal(ts_buf_span(&out), bytes)))
            abort();
        if (!is_v1 && (ts_cdo_pack(&arena, ts_buf_span(&text), &source, &again, &diag) != TS_OK ||
                       !ts_span_equal(ts_buf_span(&again), bytes)))
            abort();
        (void)!ts_cdo_merge(&arena, &bytes, files, 1, &merged, &diag);
    } else if (diag.code == TS_OK || !diag.message[0]) {
        abort();
    }
    ts_arena_free(&arena);
    return 0;
}
