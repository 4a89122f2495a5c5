/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * The XML of EMBEDDED_METADATA; what was written must read back as itself. */
#include "tessera/xclbin.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    ts_arena arena;
    ts_arena_init(&arena, 16u << 20);
    ts_diag diag = {0};
    ts_json *tree, *again;
    if (ts_xclbin_parse_xml(&arena, ts_span_of(data, size), "fuzz.xml", &tree, &diag) == TS_OK) {
        ts_buf first = ts_buf_in(&arena), second = ts_buf_in(&arena);
        ts_xclbin_write_xml(&first, tree);
        if (!first.failed &&
            ts_xclbin_parse_xml(&arena, ts_buf_span(&first), "again.xml", &again, &diag) == TS_OK) {
            ts_xclbin_write_xml(&second, again);
            if (!second.failed && !ts_span_equal(ts_buf_span(&first), ts_buf_span(&second)))
                abort();
        } else if (diag.code != TS_OK && diag.code != TS_NOMEM) {
            abort();
        }
    } else if (diag.code == TS_OK || !diag.message[0]) {
        abort();
    }
    ts_arena_free(&arena);
    return 0;
}
