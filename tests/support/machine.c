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

static unsigned count(ts_span text, const char *word) {
    unsigned n = 0;
    for (size_t i = 0; i + strlen(word) <= text.size; i++)
        n += memcmp(text.data + i, word, strlen(word)) == 0;
    return n;
}

/* Each function that was made states its frame, and the proof finds the same in its code. */
static void check_stack(machine *m) {
    const ts_compile_core *core = &m->built.cores[0];
    ts_stack stack;
    ts_diag diag = {0};
    unsigned n_stated = 0;
    if (ts_stack_of_objects(m->arena, &core->program, 1, &stack, &diag) != TS_OK)
        fail_msg("%s", diag.message);
    for (size_t i = 1; i < stack.n_functions; i++) {
        const ts_stack_function *f = &stack.functions[i];
        n_stated += f->is_stated;
        if (f->is_stated && (f->stated != f->found || f->open))
            fail_msg("%s states a frame of %u bytes; its code has %u", f->name, f->stated,
                     f->found);
    }
    assert_int_equal(n_stated, count(core->assembly, ".stack_sizes"));
    assert_int_equal(n_stated, count(core->assembly, "@function"));
    assert_int_equal(stack.open, 0);
}

ts_status machine_build(machine *m, ts_span text, ts_diag *diag) {
    const ts_compile_options options = {.file = "code.mlir", .text = text};
    ts_status status = ts_compile_build(m->arena, &options, &m->built, diag);
    if (status == TS_OK) check_stack(m);
    return status;
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
