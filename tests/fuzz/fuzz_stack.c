/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * The depth of the stack: bytes as objects if they are, else as program memory. */
#include "tessera/object.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static ts_status measure(ts_arena *arena, ts_span bytes, ts_stack *stack, ts_diag *diag) {
    ts_object *objects;
    ts_stack_fit fit;
    size_t n;
    if (!ts_object_is_elf(bytes) && !ts_archive_is(bytes))
        return ts_stack_of_memory(arena, bytes, stack, diag);
    TS_TRY(ts_object_read_all(arena, bytes, "t", &objects, &n, diag));
    TS_TRY(ts_stack_of_objects(arena, objects, n, stack, diag));
    return n ? ts_stack_fit_program(arena, &objects[0], stack, &fit, diag) : TS_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    ts_arena arena;
    ts_diag diag = {0};
    ts_stack stack;
    ts_arena_init(&arena, 256u << 20);
    ts_status status = measure(&arena, ts_span_of(data, size), &stack, &diag);
    if (status != TS_OK && !diag.message[0]) abort();
    if (status == TS_OK) {
        ts_buf out = ts_buf_in(&arena);
        for (uint32_t i = 1; i < stack.n_functions && i < 1000; i++)
            ts_stack_chain(&stack, i, &out);
    }
    ts_arena_free(&arena);
    return 0;
}
