/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The programs of the cores: found or made, read, and their stacks held against what the design
 * gives them. A stack that is too small overwrites the buffer behind it in silence, so it is an
 * error here.
 */
#include "compile_int.h"

#include <inttypes.h>
#include <string.h>

static const ts_compile_elf *given_elf(const comp_build *b, uint32_t column, uint32_t row) {
    const ts_compile_options *o = b->options;
    for (size_t i = 0; i < o->n_elfs; i++)
        if (o->elfs[i].column == column && o->elfs[i].row == row) return &o->elfs[i];
    return NULL;
}

static const ts_compile_core *core_at(const comp_build *b, uint32_t column, uint32_t row) {
    for (size_t i = 0; i < b->result->n_cores; i++)
        if (b->result->cores[i].column == column && b->result->cores[i].row == row)
            return &b->result->cores[i];
    return NULL;
}

/* The file that is given, or that the design names; none: the program is made of the core's body.
 */
static ts_status find_bytes(comp_build *b, ts_compile_core *core) {
    const ts_compile_elf *elf = given_elf(b, core->column, core->row);
    const char *name = ts_op_text(core->op, "elf_file", "");
    if (elf) {
        core->file = elf->file;
        core->bytes = elf->bytes;
        return TS_OK;
    }
    if (!*name) return TS_OK;
    core->file = name;
    return comp_load(b, name, &core->bytes);
}

/* "buffer 'of_in_buff_0' (2048 bytes)", or what else lies behind the stack. */
static void name_hit(const ts_compile_core *core, const ts_link_placement *placement, ts_buf *out) {
    uint64_t end = (uint64_t)placement->stack_addr + core->stack.depth;
    size_t n = 0;
    for (size_t i = 0; i < placement->n_buffers; i++) {
        const ts_link_buffer *buffer = &placement->buffers[i];
        if (buffer->addr < placement->stack_addr || buffer->addr >= end) continue;
        if (n++ < 3) ts_buf_printf(out, "%s%s", n > 1 ? ", " : "", buffer->name);
    }
    if (n > 3) ts_buf_printf(out, " and %zu more", n - 3);
    if (!n) ts_buf_text(out, "what lies behind it");
    ts_buf_u8(out, 0);
}

static ts_status too_deep(comp_build *b, ts_compile_core *core) {
    ts_link_placement placement;
    ts_buf hit = ts_buf_in(b->arena), chain = ts_buf_in(b->arena), text = ts_buf_in(b->arena);
    TS_TRY(ts_compile_placement(b->arena, b->result->design, core->op, &placement, b->diag));
    name_hit(core, &placement, &hit);
    ts_stack_chain(&core->stack, core->stack.root, &chain);
    ts_buf_u8(&chain, 0);
    if (hit.failed || chain.failed) return ts_fail_nomem(b->diag);
    ts_buf_printf(&text,
                  "the stack of core (%" PRIu32 ",%" PRIu32 ") needs %" PRIu32
                  " bytes and has %" PRIu32 ": it would overwrite %s; deepest: %s",
                  core->column, core->row, core->stack.depth, core->stack_bytes,
                  (const char *)hit.data, (const char *)chain.data);
    ts_buf_u8(&text, 0);
    if (text.failed) return ts_fail_nomem(b->diag);
    if (b->options->allow_stack_overflow) return comp_warn(b, "%s", (const char *)text.data);
    b->result->too_deep = core;
    return ts_fail(b->diag, TS_RANGE, core->file, "%s", (const char *)text.data);
}

/* Of a finished program; the linker has done so for what it made. */
static ts_status prove_stack(comp_build *b, ts_compile_core *core) {
    TS_TRY(ts_stack_of_objects(b->arena, &core->program, 1, &core->stack, b->diag));
    for (size_t i = 1; i < core->stack.n_functions; i++) {
        const ts_stack_function *f = &core->stack.functions[i];
        if (f->open && core->stack.open)
            TS_TRY(comp_warn(b, "%s: the depth of the stack is not proven: %s in %s at 0x%" PRIx32,
                             core->file, ts_stack_open_text(f->open), f->name, f->open_at));
    }
    if (b->is_map || core->stack.depth <= core->stack_bytes) return TS_OK;
    return too_deep(b, core);
}

static ts_status get_program(comp_build *b, ts_compile_core *core) {
    TS_TRY(find_bytes(b, core));
    if (!core->file || !ts_object_is_elf(core->bytes)) return comp_link_core(b, core);
    TS_TRY(ts_object_read(b->arena, core->bytes, core->file, &core->program, b->diag));
    return core->program.type == TS_ET_EXEC ? prove_stack(b, core) : comp_link_core(b, core);
}

/* For a map, what cannot be had is not there. */
static ts_status get_optional(comp_build *b, ts_compile_core *core) {
    ts_diag diag = {0}, *kept = b->diag;
    const ts_compile_core empty = *core;
    b->diag = &diag;
    ts_status status = get_program(b, core);
    b->diag = kept;
    if (status != TS_OK) *core = empty;
    return status == TS_NOMEM ? ts_fail_nomem(b->diag) : TS_OK;
}

static ts_status read_core(comp_build *b, const ts_op *op, ts_compile_core *core) {
    comp c;
    comp_tile tile;
    ts_link_placement placement;
    TS_TRY(comp_init(&c, b->arena, b->result->design, b->result->device, NULL, b->diag));
    TS_TRY(comp_tile_of(&c, op, &tile));
    TS_TRY(ts_compile_placement(b->arena, c.design, op, &placement, b->diag));
    if (core_at(b, tile.column, tile.row))
        return COMP_FAIL(&c, op, TS_CONFLICT, "tile (%" PRIu32 ",%" PRIu32 ") has a core already",
                         tile.column, tile.row);
    *core = (ts_compile_core){
        .op = op, .column = tile.column, .row = tile.row, .stack_bytes = placement.stack_size};
    return b->is_map ? get_optional(b, core) : get_program(b, core);
}

/* Programs given for cores that are not there are a mistake of whoever gave them. */
static ts_status check_elfs(comp_build *b) {
    for (size_t i = 0; i < b->options->n_elfs; i++) {
        const ts_compile_elf *elf = &b->options->elfs[i];
        if (given_elf(b, elf->column, elf->row) != elf)
            return ts_fail(b->diag, TS_CONFLICT, elf->file,
                           "is the second program for core (%" PRIu32 ",%" PRIu32 ")", elf->column,
                           elf->row);
        if (!core_at(b, elf->column, elf->row))
            return ts_fail(b->diag, TS_MISSING, b->options->file,
                           "no aie.core at tile (%" PRIu32 ",%" PRIu32 "), for which %s is given",
                           elf->column, elf->row, elf->file);
    }
    return TS_OK;
}

ts_status comp_read_cores(comp_build *b) {
    const ts_op *device = b->result->device;
    size_t n = 0;
    for (const ts_op *op = ts_op_child(device, TS_OP_AIE_CORE, NULL); op;
         op = ts_op_child(device, TS_OP_AIE_CORE, op))
        n++;
    b->result->cores = TS_ARENA_ARRAY(b->arena, ts_compile_core, n);
    if (!b->result->cores) return ts_fail_nomem(b->diag);
    for (const ts_op *op = ts_op_child(device, TS_OP_AIE_CORE, NULL); op;
         op = ts_op_child(device, TS_OP_AIE_CORE, op)) {
        TS_TRY(read_core(b, op, &b->result->cores[b->result->n_cores]));
        b->result->n_cores++;
    }
    return check_elfs(b);
}
