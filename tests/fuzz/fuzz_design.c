/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * Designs: what parses prints as text that parses to the same tree and prints the same again; the
 * verifier says yes or why not. */
#include "../support/design_equal.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void print_and_compare(ts_arena *arena, const ts_design *design) {
    ts_diag diag = {0};
    ts_design *again;
    char why[256];
    ts_buf text = ts_buf_in(arena), second = ts_buf_in(arena);
    ts_design_print(design, &text);
    if (text.failed) return;
    ts_status status = ts_design_parse(arena, ts_buf_span(&text), "again.mlir", &again, &diag);
    if (status == TS_NOMEM) return;
    if (status != TS_OK) abort();
    ts_design_print(again, &second);
    if (second.failed) return;
    if (!design_equal(arena, design, again, why, sizeof why)) abort();
    if (!ts_span_equal(ts_buf_span(&text), ts_buf_span(&second))) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    ts_arena arena;
    ts_diag diag = {0};
    ts_design *design;
    ts_arena_init(&arena, 256u << 20);
    ts_span text = {data, size};
    ts_status status = ts_design_parse(&arena, text, "fuzz.mlir", &design, &diag);
    if (status != TS_OK && !diag.message[0]) abort();
    if (status == TS_OK) {
        ts_diag wrong = {0};
        if (ts_design_verify(design, &wrong) != TS_OK && !wrong.message[0]) abort();
        print_and_compare(&arena, design);
    }
    ts_arena_free(&arena);
    return 0;
}
