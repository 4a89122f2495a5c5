/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * What a core's linker script says: the buffers it sees in the four memories around it, its stack,
 * the room that is left for data, the files to link.
 *
 * src: Xilinx/mlir-aie: lib/Targets/AIETargetLdScript.cpp;
 * lib/Dialect/AIE/Transforms/AIEAssignCoreLinkFiles.cpp [code]
 */
#include "compile_int.h"

#include <inttypes.h>
#include <string.h>

enum {
    /* src: Xilinx/mlir-aie: include/aie/Dialect/AIE/IR/AIEOps.td, CoreOp, stack_size [code] */
    DEFAULT_STACK_BYTES = 0x400
};

typedef struct placer {
    const comp *c;
    comp_tile core;
    ts_link_placement *out;
    ts_link_buffer *buffers;
    const char **inputs;
} placer;

/* ---- buffers --------------------------------------------------------------------------------- */

static const ts_op *next_buffer(const comp *c, const ts_op *after) {
    return ts_op_child(c->device, TS_OP_AIE_BUFFER, after);
}

static ts_status add_window(placer *p, const comp_window *window, uint32_t *end) {
    comp_tile shown, owner;
    if (!comp_window_tile(p->c, &p->core, window, &shown)) return TS_OK;
    for (const ts_op *op = next_buffer(p->c, NULL); op; op = next_buffer(p->c, op)) {
        uint32_t address;
        TS_TRY(comp_tile_of(p->c, op, &owner));
        if (owner.column != shown.column || owner.row != shown.row) continue;
        TS_TRY(comp_buffer_address(p->c, op, &address));
        uint32_t size = (uint32_t)comp_memref_bytes(op->results[0].type);
        p->buffers[p->out->n_buffers++] =
            (ts_link_buffer){ts_op_text(op, "sym_name", ""), window->base + address, size};
        if (address + size > *end) *end = address + size;
    }
    return TS_OK;
}

static bool is_absent(const placer *p, size_t window) {
    comp_tile tile;
    return !comp_window_tile(p->c, &p->core, &comp_windows[window], &tile);
}

static ts_status add_buffers(placer *p) {
    size_t n = 0;
    uint32_t end = p->out->stack_size, ignored = 0;
    for (const ts_op *op = next_buffer(p->c, NULL); op; op = next_buffer(p->c, op))
        n++;
    p->buffers = TS_ARENA_ARRAY(p->c->arena, ts_link_buffer, COMP_N_WINDOWS * n);
    if (!p->buffers) return ts_fail_nomem(p->c->diag);
    for (size_t i = 0; i < COMP_N_WINDOWS; i++)
        TS_TRY(add_window(p, &comp_windows[i], i == COMP_OWN_WINDOW ? &end : &ignored));
    uint32_t base = comp_windows[COMP_OWN_WINDOW].base;
    uint32_t size = p->core.kind->memories[0].size;
    p->out->buffers = p->buffers;
    p->out->data_addr = base + end;
    p->out->data_size = end < size ? size - end : 0;
    p->out->no_south = is_absent(p, 0);
    p->out->no_west = is_absent(p, 1);
    p->out->no_north = is_absent(p, 2);
    return TS_OK;
}

/* ---- files to link --------------------------------------------------------------------------- */

static void add_input(placer *p, const char *name) {
    for (size_t i = 0; i < p->out->n_inputs; i++)
        if (strcmp(p->inputs[i], name) == 0) return;
    if (*name) p->inputs[p->out->n_inputs++] = name;
}

/* The file that the declaration of a called function names. */
static const char *file_of_call(const comp *c, const ts_op *call) {
    const char *name = ts_op_text(call, "callee", "");
    const ts_op *function = ts_symbol_find(c->device, name);
    if (!function) function = ts_symbol_find(c->design->module, name);
    return function && function->code == TS_OP_FUNC_FUNC ? ts_op_text(function, "link_with", "")
                                                         : "";
}

/* The list of the core, or else its own file and those of the functions that it calls. */
static ts_status add_inputs(placer *p, const ts_op *core) {
    const ts_attr *files = ts_op_attr(core, "link_files");
    size_t n = files ? files->n_elements : 1;
    for (const ts_op *op = core; op; op = ts_op_next_below(core, op))
        n += op->code == TS_OP_FUNC_CALL;
    p->inputs = TS_ARENA_ARRAY(p->c->arena, const char *, n);
    if (!p->inputs) return ts_fail_nomem(p->c->diag);
    p->out->inputs = p->inputs;
    for (size_t i = 0; files && i < files->n_elements; i++)
        if (files->elements[i]->kind == TS_ATTR_STRING) add_input(p, files->elements[i]->text);
    if (files) return TS_OK;
    add_input(p, ts_op_text(core, "link_with", ""));
    for (const ts_op *op = core; op; op = ts_op_next_below(core, op))
        if (op->code == TS_OP_FUNC_CALL) add_input(p, file_of_call(p->c, op));
    return TS_OK;
}

ts_status ts_compile_placement(ts_arena *arena, const ts_design *design, const ts_op *core,
                               ts_link_placement *out, ts_diag *diag) {
    comp c;
    placer p = {.c = &c, .out = out};
    *out = (ts_link_placement){0};
    TS_TRY(comp_init(&c, arena, design, ts_op_parent_of(core, TS_OP_AIE_DEVICE), NULL, diag));
    TS_TRY(comp_tile_of(&c, core, &p.core));
    if (p.core.kind->kind != TS_NPU_COMPUTE)
        return COMP_FAIL(&c, core, TS_RANGE, "a %s tile has no core",
                         ts_npu_kind_name(p.core.kind->kind));
    int64_t stack = ts_op_integer(core, "stack_size", DEFAULT_STACK_BYTES);
    if (stack < 0 || stack > p.core.kind->memories[0].size)
        return COMP_FAIL(&c, core, TS_RANGE,
                         "stack_size is %" PRId64 "; the tile has 0x%" PRIx32 " bytes", stack,
                         p.core.kind->memories[0].size);
    out->stack_addr = comp_windows[COMP_OWN_WINDOW].base;
    out->stack_size = (uint32_t)stack;
    out->main = ts_arena_printf(arena, "core_%" PRIu32 "_%" PRIu32, p.core.column, p.core.row);
    if (!out->main) return ts_fail_nomem(diag);
    TS_TRY(add_buffers(&p));
    return add_inputs(&p, core);
}
