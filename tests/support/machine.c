/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "machine.h"

#include <string.h>

enum {
    OWN_MEMORY = 0x70000
};

machine *machine_new(ts_arena *arena) {
    machine *m = TS_ARENA_NEW(arena, machine);
    assert_non_null(m);
    m->arena = arena;
    return m;
}

ts_status machine_build(machine *m, ts_span text, ts_diag *diag) {
    const ts_compile_options options = {.file = "code.mlir", .text = text};
    return ts_compile_build(m->arena, &options, &m->built, diag);
}

void machine_load(machine *m, const ts_core_ports *ports) {
    const ts_object *program = &m->built.cores[0].program;
    uint8_t *windows[TS_CORE_N_WINDOWS];
    for (size_t i = 0; i < program->n_segments; i++) {
        const ts_object_segment *s = &program->segments[i];
        if (s->type != TS_PT_LOAD || !s->bytes.size) continue;
        uint8_t *to = s->flags & TS_PF_X ? m->code + s->vaddr
                                         : m->windows[TS_CORE_EAST] + (s->vaddr - OWN_MEMORY);
        memcpy(to, s->bytes.data, s->bytes.size);
    }
    for (unsigned i = 0; i < TS_CORE_N_WINDOWS; i++)
        windows[i] = m->windows[i];
    m->core = ts_core_new(m->arena, m->code, windows, ports);
    assert_non_null(m->core);
}

uint8_t *machine_buffer(machine *m, const char *name) {
    const ts_op *op = ts_symbol_find(m->built.device, name);
    assert_non_null(op);
    return m->windows[TS_CORE_EAST] + ts_op_integer(op, "address", 0);
}
