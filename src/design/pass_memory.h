/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The data memory of one tile: its stack and its buffers. */
#ifndef TESSERA_DESIGN_PASS_MEMORY_H
#define TESSERA_DESIGN_PASS_MEMORY_H

#include "passes.h"

typedef struct pass_placed {
    ts_op *op; /* aie.buffer */
    uint64_t bytes;
    int64_t address, bank; /* -1: none */
    bool is_given;         /* the design says where it lies */
} pass_placed;

typedef struct pass_memory {
    ts_op *tile;
    uint32_t size, stack, n_banks;
    pass_placed *buffers; /* in the text's order */
    size_t n_buffers;
} pass_memory;

/* The next buffer of the device behind `op`, which is the device at first. */
ts_op *pass_next_buffer(const ts_pass_context *c, const ts_op *op);
uint64_t pass_type_bytes(const ts_type *type);
TS_NODISCARD ts_status pass_read_memory(ts_pass_context *c, ts_op *tile, pass_memory *out);
/* "stack 1024, a 800, b 80 and 3 more of 90": what lies there, the largest first. */
const char *pass_memory_text(ts_pass_context *c, const pass_memory *m);

#endif
