/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * Designs: whatever parses goes through all passes that place it, verified before or not; what
 * comes out is a design again. */
#include "tessera/design.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const ts_pass passes[] = {TS_PASS_LOCK_IDS, TS_PASS_OBJECTFIFO, TS_PASS_BD_IDS,
                                 TS_PASS_BUFFER_ADDRESSES};

static ts_status place(ts_design *design, const ts_pass_options *options, ts_diag *diag) {
    ts_op *device = ts_op_child(design->module, TS_OP_AIE_DEVICE, NULL);
    for (; device; device = ts_op_child(design->module, TS_OP_AIE_DEVICE, device))
        for (size_t i = 0; i < sizeof passes / sizeof passes[0]; i++)
            TS_TRY(ts_design_run_pass(design, device, passes[i], options, diag));
    return TS_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    ts_arena arena;
    ts_diag diag = {0};
    ts_design *design, *again;
    ts_pass_options options = {.is_basic_sequential = size & 1,
                               .dynamic_objectfifos = size & 2,
                               .packet_objectfifos = size & 4};
    ts_arena_init(&arena, 64u << 20);
    ts_status status = ts_design_parse(&arena, ts_span_of(data, size), "t.mlir", &design, &diag);
    if (status == TS_OK && size & 8) status = ts_design_verify(design, &diag);
    if (status == TS_OK) status = place(design, &options, &diag);
    if (status != TS_OK && !diag.message[0]) abort();
    if (status == TS_OK) {
        ts_buf out = ts_buf_in(&arena);
        ts_design_print(design, &out);
        if (!out.failed &&
            ts_design_parse(&arena, ts_buf_span(&out), "again.mlir", &again, &diag) != TS_OK &&
            diag.code != TS_NOMEM)
            abort();
    }
    ts_arena_free(&arena);
    return 0;
}
