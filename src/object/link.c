/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The linker: its steps in order, and the script that stands for a placement.
 */
#include "link_int.h"

#include <inttypes.h>
#include <string.h>

/* ---- a script for a placement ---------------------------------------------------------------- */

static const char script_head[] = "}\n"
                                  "ENTRY(__start)\n"
                                  "SECTIONS\n"
                                  "{\n"
                                  "  . = 0x0;\n"
                                  "  .text : {\n"
                                  "     /* the __start symbol has to come at address zero. */\n"
                                  "     *crt0.o(.text*)\n"
                                  "     _ctors_start = .;\n"
                                  "     _init_array_start = .;\n"
                                  "     KEEP(SORT(*.init_array))\n"
                                  "     _ctors_end = .;\n"
                                  "     _init_array_end = .;\n"
                                  "     _dtors_start = .;\n"
                                  "     _dtors_end = .;\n"
                                  "     *(.text*)\n"
                                  "  } > program\n"
                                  "  .data : {\n"
                                  "     *(.data*)\n"
                                  "     *(.rodata*)\n"
                                  "  } > data\n"
                                  "  .comment : {\n"
                                  "     *(.comment*)\n"
                                  "  }\n"
                                  "  .symtab : {\n"
                                  "     *(.symtab)\n"
                                  "  }\n"
                                  "  .shstrtab : {\n"
                                  "     *(.shstrtab)\n"
                                  "  }\n"
                                  "  .strtab : {\n"
                                  "     *(.strtab)\n"
                                  "  }\n"
                                  "  .stack_sizes : {\n"
                                  "     *(.stack_sizes)\n"
                                  "  }\n"
                                  "\n";

enum {
    WINDOW_BYTES = 0x10000
};

/* A window onto a neighbor's memory, or the tile's own, which is the one to the east. */
static void write_window(const ts_link_placement *p, const char *where, bool is_absent,
                         uint32_t base, ts_buf *out) {
    if (is_absent) {
        ts_buf_printf(
            out, "/* No tile with memory exists to the %s. */\n. = 0x%" PRIX32 ";\n. += 0x%X;\n",
            where, base, (unsigned)WINDOW_BYTES);
        return;
    }
    for (size_t i = 0; i < p->n_buffers; i++)
        if (p->buffers[i].addr >= base && p->buffers[i].addr - base < WINDOW_BYTES)
            ts_buf_printf(out, ". = 0x%" PRIX32 ";\n%s = .;\n. += 0x%" PRIX32 ";\n",
                          p->buffers[i].addr, p->buffers[i].name, p->buffers[i].size);
}

void ts_link_write_script(const ts_link_placement *p, ts_buf *out) {
    ts_buf_printf(out,
                  "\nMEMORY\n{\n   program (RX) : ORIGIN = 0, LENGTH = 0x0020000\n"
                  "   data (!RX) : ORIGIN = 0x%" PRIX32 ", LENGTH = 0x%" PRIX32 "\n",
                  p->data_addr, p->data_size);
    ts_buf_text(out, script_head);
    ts_buf_printf(
        out, ". = 0x%" PRIX32 ";\n_sp_start_value_DM_stack = .;\n. += 0x%" PRIX32 "; /* stack */\n",
        p->stack_addr, p->stack_size);
    write_window(p, "south", p->no_south, 0x40000, out);
    write_window(p, "west", p->no_west, 0x50000, out);
    write_window(p, "north", p->no_north, 0x60000, out);
    write_window(p, "east", false, 0x70000, out);
    ts_buf_text(out, "  .bss : { *(.bss*) } > data\n}\n");
    for (size_t i = 0; i < p->n_inputs; i++)
        ts_buf_printf(out, "INPUT(%s)\n", p->inputs[i]);
    if (p->main) ts_buf_printf(out, "PROVIDE(main = %s);\n", p->main);
}

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
