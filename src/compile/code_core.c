/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The program of a core: its body, the functions that it calls, the globals that they use.
 */
#include "code_int.h"

#include <inttypes.h>

ts_status code_block_ops(coder *k, const ts_block *block) {
    static ts_status (*const makers[])(coder *, const ts_op *, bool *) = {
        code_vector, code_arith, code_memref, code_control, code_outside, code_float, code_stream};
    for (const ts_op *op = block->first; op; op = op->next) {
        bool known = false;
        for (size_t i = 0; !known && i < sizeof makers / sizeof *makers; i++)
            TS_TRY(makers[i](k, op, &known));
        if (!known) return code_unsupported(k, op);
    }
    return TS_OK;
}

/* `name`: of the core's body; NULL: of a func.func. */
static ts_status make_function(coder *k, const ts_op *op, const char *name) {
    code_function *f = TS_ARENA_NEW(k->c.arena, code_function);
    if (!f) return ts_fail_nomem(k->c.diag);
    f->name = name ? name : ts_op_text(op, "sym_name", "");
    k->f = f;
    TS_TRY(code_start(k, code_new_block(k)));
    TS_TRY(code_enter(k, op));
    TS_TRY(code_region(k, &op->regions[0]));
    TS_TRY(code_improve(k, f));
    TS_TRY(code_allocate(k, f));
    return code_emit(k, f);
}

ts_status code_core(comp_build *b, ts_compile_core *core) {
    coder k = {.b = b, .text = ts_buf_in(b->arena)};
    const char *name =
        ts_arena_printf(b->arena, "core_%" PRIu32 "_%" PRIu32, core->column, core->row);
    core->file = ts_arena_printf(b->arena, "%s_core_%" PRIu32 "_%" PRIu32 ".s", b->name,
                                 core->column, core->row);
    if (!name || !core->file) return ts_fail_nomem(b->diag);
    TS_TRY(comp_init(&k.c, b->arena, b->result->design, b->result->device, NULL, b->diag));
    TS_TRY(comp_tile_of(&k.c, core->op, &k.tile));
    TS_TRY(make_function(&k, core->op, name));
    for (size_t i = 0; i < k.n_functions; i++)
        TS_TRY(make_function(&k, k.functions[i], NULL));
    TS_TRY(code_emit_globals(&k));
    if (k.text.failed) return ts_fail_nomem(b->diag);
    core->assembly = ts_buf_span(&k.text);
    return TS_OK;
}
