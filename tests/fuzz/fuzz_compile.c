/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * Whole builds and maps of designs, with the code of their cores where no file is linked. */
#include "tessera/compile.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_parts(ts_arena *arena, const ts_compile_result *r) {
    for (ts_compile_cdo part = 0; part < TS_COMPILE_N_CDOS; part++) {
        ts_diag diag = {0};
        ts_buf out = ts_buf_in(arena);
        ts_status status = ts_compile_cdo_write(r->design, r->device, NULL, 0, part, &out, &diag);
        if (status != TS_OK && !diag.message[0]) abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    ts_arena arena;
    ts_arena_init(&arena, 256u << 20);
    ts_diag diag = {0};
    ts_compile_result result;
    ts_compile_map map;
    ts_compile_options o = {.file = "fuzz.mlir", .text = ts_span_of(data, size)};
    if (ts_compile_place(&arena, &o, &result, &diag) == TS_OK) {
        write_parts(&arena, &result);
        if (ts_compile_map_of(&arena, &result, &map, &diag) != TS_OK && !diag.message[0]) abort();
    } else if (!diag.message[0]) {
        abort();
    }
    diag = (ts_diag){0};
    if (ts_compile_build(&arena, &o, &result, &diag) != TS_OK && !diag.message[0]) abort();
    ts_arena_free(&arena);
    return 0;
}
