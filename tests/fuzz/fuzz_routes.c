/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * Designs: whatever parses is routed and its runtime sequences are lowered, verified before or not;
 * what comes out is a design again. */
#include "tessera/design.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const ts_pass passes[] = {TS_PASS_ROUTE, TS_PASS_RUNTIME_SEQUENCE};

static ts_status place(ts_design *design, const ts_pass_options *options, ts_diag *diag) {
    ts_op *device = ts_op_child(design->module, TS_OP_AIE_DEVICE, NULL);
    for (; device; device = ts_op_child(design->module, TS_OP_AIE_DEVICE, device))
        for (size_t i = 0; i < sizeof passes / sizeof passes[0]; i++)
            TS_TRY(ts_design_run_pass(design, device, passes[i], options, diag));
    return TS_OK;
}

/* The text of a design as a design; false: no memory, or the text is none. */
static bool again(ts_arena *arena, const ts_design *design, ts_design **out) {
    ts_diag diag = {0};
    ts_buf text = ts_buf_in(arena);
    ts_design_print(design, &text);
    if (text.failed) return true;
    ts_status status = ts_design_parse(arena, ts_buf_span(&text), "again.mlir", out, &diag);
    return status == TS_OK || status == TS_NOMEM;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    ts_arena arena;
    ts_diag diag = {0};
    ts_design *design, *copy = NULL;
    ts_pass_options options = {.control_packets = size & 1};
    ts_arena_init(&arena, 64u << 20);
    ts_status status = ts_design_parse(&arena, ts_span_of(data, size), "t.mlir", &design, &diag);
    if (status == TS_OK && size & 8) status = ts_design_verify(design, &diag);
    bool is_text = status == TS_OK && again(&arena, design, &copy);
    if (status == TS_OK) status = place(design, &options, &diag);
    if (status != TS_OK && !diag.message[0]) abort();
    if (status == TS_OK && is_text && !again(&arena, design, &copy)) abort();
    ts_arena_free(&arena);
    return 0;
}
