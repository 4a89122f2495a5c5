/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The linker: its steps in order.
 */
#include "link_int.h"

/* ---- the script ------------------------------------------------------------------------------ */

/* All of the tile's own memory behind a stack of the size that mlir-aie has by default.
 * src: Xilinx/mlir-aie: include/aie/Dialect/AIE/IR/AIEOps.td, CoreOp, stack_size [code] */
static const ts_link_placement whole_tile = {
    .stack_addr = 0x70000,
    .stack_size = 0x400,
    .data_addr = 0x70400,
    .data_size = 0xfc00,
};

static ts_status read_script(link *l) {
    const ts_link_options *o = l->options;
    ts_link_file made = {"the placement", {NULL, 0}};
    ts_buf text = ts_buf_in(l->arena);
    if (o->script) return link_script_parse(l->arena, o->script, &l->script, l->diag);
    if (o->placement) TS_TRY(ts_link_check_placement(o->placement, l->diag));
    ts_link_write_script(o->placement ? o->placement : &whole_tile, &text);
    if (text.failed) return ts_fail_nomem(l->diag);
    made.bytes = ts_buf_span(&text);
    return link_script_parse(l->arena, &made, &l->script, l->diag);
}

/* ---- linking --------------------------------------------------------------------------------- */

ts_status ts_link(ts_arena *arena, const ts_link_options *options, ts_link_result *out,
                  ts_diag *diag) {
    link *l = TS_ARENA_NEW(arena, link);
    *out = (ts_link_result){0};
    if (!l) return ts_fail_nomem(diag);
    l->arena = arena;
    l->options = options;
    l->result = out;
    l->diag = diag;
    l->objects_end = &l->objects;
    l->symbols_end = &l->symbols;
    l->outs_end = &l->outs;
    l->reserved_end = &l->reserved;
    TS_TRY(read_script(l));
    l->entry = options->entry ? options->entry : l->script.entry ? l->script.entry : "__start";
    TS_TRY(link_read_inputs(l));
    TS_TRY(link_find_live(l));
    TS_TRY(link_place_all(l));
    TS_TRY(link_report_uses(l));
    TS_TRY(link_check_memories(l));
    TS_TRY(link_check_overlaps(l));
    TS_TRY(link_make_program(l));
    return link_check_stack(l);
}
