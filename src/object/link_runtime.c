/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The code that every core program begins with, as an object to link when no file has it:
 *
 *   __start:    jl #_main_init            at address 0, in the file crt0.o that scripts place first
 *               movxm sp, #_sp_start_value_DM_stack
 *   _main_init: jl #main                  with 0 arguments
 *               done                      the core stops; it does so again if it is enabled again
 *               j #done
 *
 * The names are those that mlir-aie's scripts and its other linkers use.
 * src: Xilinx/mlir-aie: lib/Targets/AIETargetLdScript.cpp, AIETargetBCF.cpp [code]
 */
#include "link_int.h"

#include "tessera/aie2.h"

#include <string.h>

/* One instruction of a slot, by llvm-aie's name, with an immediate that is relocated. */
typedef struct crt_op {
    const char *name;
    int32_t values[2];
    const char *symbol; /* of the immediate, which is the last value */
    int32_t addend;
} crt_op;

static const ts_aie2_instruction *find(const char *name, uint16_t *number) {
    for (uint16_t i = 0; i < ts_aie2_n_instructions; i++)
        if (strcmp(ts_aie2_instructions[i].name, name) == 0) {
            *number = i;
            return &ts_aie2_instructions[i];
        }
    return NULL;
}

static uint32_t reference(ts_arena *arena, ts_object *o, const char *name) {
    uint32_t number = ts_object_find_symbol(o, name);
    return number ? number
                  : ts_object_add_symbol(
                        arena, o, (ts_object_symbol){.name = name, .binding = TS_STB_GLOBAL});
}

static ts_status put(ts_arena *arena, ts_object *o, uint32_t section, const crt_op *row,
                     ts_buf *code, ts_diag *diag) {
    ts_aie2_op op = {0};
    ts_aie2_bundle bundle;
    ts_aie2_reject why;
    uint8_t bytes[TS_AIE2_MAX_BYTES];
    const ts_aie2_instruction *in = find(row->name, &op.instruction);
    if (!in) return ts_fail(diag, TS_UNKNOWN, "crt0.o", "no instruction %s", row->name);
    memcpy(op.values, row->values, sizeof row->values);
    if (!ts_aie2_pack(&op, 1, &bundle, &why) || !ts_aie2_encode(&bundle, bytes, &why))
        return ts_fail(diag, TS_RANGE, "crt0.o", "%s cannot be encoded", row->name);
    for (unsigned i = 0; row->symbol && i < bundle.n_ops; i++) {
        int type = ts_aie2_relocation_of(&bundle, i, in->n_operands - 1u);
        uint32_t symbol = reference(arena, o, row->symbol);
        ts_object_reloc reloc = {.offset = (uint32_t)code->size,
                                 .type = (uint8_t)type,
                                 .symbol = symbol,
                                 .addend = row->addend};
        if (type < 0) continue;
        if (!symbol || !ts_object_add_reloc(arena, &o->sections[section], reloc))
            return ts_fail_nomem(diag);
        break;
    }
    ts_buf_bytes(code, bytes, ts_aie2_formats[bundle.format].size);
    return TS_OK;
}

/* A function in a section of its own. */
static ts_status add_function(ts_arena *arena, ts_object *o, const char *name, const char *section,
                              const crt_op *rows, size_t n, ts_diag *diag) {
    ts_buf code = ts_buf_in(arena);
    uint32_t number = ts_object_add_section(arena, o,
                                            (ts_object_section){
                                                .name = section,
                                                .type = TS_SHT_PROGBITS,
                                                .flags = TS_SHF_ALLOC | TS_SHF_EXECINSTR,
                                                .align = 16,
                                            });
    if (!number) return ts_fail_nomem(diag);
    for (size_t i = 0; i < n; i++)
        TS_TRY(put(arena, o, number, &rows[i], &code, diag));
    while (code.size % 16 && !code.failed)
        ts_buf_u16le(&code, 1); /* nop */
    if (code.failed) return ts_fail_nomem(diag);
    uint32_t known = ts_object_find_symbol(o, name);
    ts_object_symbol symbol = {.name = name,
                               .place = TS_OBJECT_DEFINED,
                               .section = number,
                               .size = (uint32_t)code.size,
                               .binding = TS_STB_GLOBAL,
                               .type = TS_STT_FUNC};
    o->sections[number].bytes = ts_buf_span(&code);
    if (known)
        o->symbols[known] = symbol;
    else if (!ts_object_add_symbol(arena, o, symbol))
        return ts_fail_nomem(diag);
    return TS_OK;
}

static ts_status make_object(ts_arena *arena, ts_object *o, ts_diag *diag) {
    const int32_t sp = ts_aie2_register_named("SP", 2), r0 = ts_aie2_register_named("r0", 2),
                  r1 = ts_aie2_register_named("r1", 2), p0 = ts_aie2_register_named("p0", 2);
    const crt_op start[] = {
        {.name = "JL", .symbol = "_main_init"},
        {.name = "MOVXM_lng_cg", .values = {sp, 0}, .symbol = "_sp_start_value_DM_stack"},
        {.name = "NOP"},
        {.name = "NOP"},
        {.name = "NOP"},
        {.name = "NOP"},
    };
    const crt_op init[] = {
        {.name = "JL", .symbol = "main"},
        {.name = "MOVX_alu_cg", .values = {r0, 0}},
        {.name = "MOVX_alu_cg", .values = {r1, 0}},
        {.name = "MOVA_lda_cg", .values = {p0, 0}},
        {.name = "NOP"},
        {.name = "NOP"},
        {.name = "DONE"},
        {.name = "J_jump_imm", .symbol = "_main_init", .addend = 6 + 3 * 4 + 2 * 2},
        {.name = "NOP"},
        {.name = "NOP"},
        {.name = "NOP"},
        {.name = "NOP"},
        {.name = "NOP"},
    };
    TS_TRY(ts_object_init(arena, o, diag));
    o->file = "crt0.o";
    TS_TRY(add_function(arena, o, "__start", ".text.__start", start, sizeof start / sizeof *start,
                        diag));
    return add_function(arena, o, "_main_init", ".text._main_init", init,
                        sizeof init / sizeof *init, diag);
}

ts_status link_add_runtime(link *l) {
    ts_object *o = TS_ARENA_NEW(l->arena, ts_object);
    if (!o) return ts_fail_nomem(l->diag);
    TS_TRY(make_object(l->arena, o, l->diag));
    return link_add_member(l, o, "tessera(crt0.o)", "tessera:crt0.o", true);
}
