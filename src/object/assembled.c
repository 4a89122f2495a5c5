/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * What the assembler made, as an object: the numbers are ELF's already, only the reserved entries
 * move them by one.
 */
#include "tessera/object.h"

#include <string.h>

static const uint8_t places[] = {
    [TS_AIE2_UNDEFINED] = TS_OBJECT_UNDEFINED,
    [TS_AIE2_DEFINED] = TS_OBJECT_DEFINED,
    [TS_AIE2_ABSOLUTE] = TS_OBJECT_ABSOLUTE,
    [TS_AIE2_COMMON] = TS_OBJECT_COMMON,
};

static bool add_symbols(ts_arena *arena, const ts_aie2_assembly *from, ts_object *out) {
    for (size_t i = 0; i < from->n_symbols; i++) {
        const ts_aie2_asm_symbol *symbol = &from->symbols[i];
        bool is_defined = symbol->place == TS_AIE2_DEFINED;
        ts_object_symbol made = {.name = symbol->name,
                                 .place = (ts_object_place)places[symbol->place],
                                 .section = is_defined ? symbol->section + 1 : 0,
                                 .value = symbol->value,
                                 .size = symbol->size,
                                 .binding = symbol->binding,
                                 .type = symbol->type,
                                 .other = symbol->visibility};
        if (!ts_object_add_symbol(arena, out, made)) return false;
    }
    return true;
}

static bool add_relocs(ts_arena *arena, const ts_aie2_asm_section *from, ts_object_section *out) {
    for (size_t i = 0; i < from->n_relocs; i++) {
        const ts_aie2_asm_reloc *reloc = &from->relocs[i];
        ts_object_reloc made = {.offset = reloc->offset,
                                .symbol = reloc->symbol + 1,
                                .type = reloc->type,
                                .addend = reloc->addend};
        if (!ts_object_add_reloc(arena, out, made)) return false;
    }
    return true;
}

/* The COMDAT group of a signature, made when it is new; 0: NOMEM. */
static uint32_t find_group(ts_arena *arena, ts_object *object, const char *signature) {
    for (uint32_t i = 1; i < object->n_groups; i++)
        if (strcmp(object->symbols[object->groups[i].symbol].name, signature) == 0) return i;
    uint32_t symbol = ts_object_find_symbol(object, signature);
    if (!symbol) {
        ts_object_symbol made = {.name = signature, .binding = TS_STB_GLOBAL};
        symbol = ts_object_add_symbol(arena, object, made);
    }
    ts_object_group group = {.symbol = symbol, .flags = TS_GRP_COMDAT};
    return symbol ? ts_object_add_group(arena, object, group) : 0;
}

static bool add_section(ts_arena *arena, const ts_aie2_asm_section *from, ts_object *out) {
    ts_object_section made = {.name = from->name,
                              .type = from->type,
                              .flags = from->flags,
                              .align = from->align,
                              .entry_size = from->entry_size,
                              .bytes = from->bytes};
    if (from->type == TS_SHT_NOBITS) {
        made.bytes = (ts_span){0};
        made.nobits_size = from->size;
    }
    uint32_t number = ts_object_add_section(arena, out, made);
    return number && add_relocs(arena, from, &out->sections[number]);
}

static bool connect(ts_arena *arena, const ts_aie2_asm_section *from, uint32_t number,
                    ts_object *out) {
    if (from->group) {
        uint32_t group = find_group(arena, out, from->group);
        if (!group) return false;
        out->sections[number].group = group;
    }
    if (from->linked) out->sections[number].link = ts_object_find_section(out, from->linked);
    return true;
}

ts_status ts_object_from_assembly(ts_arena *arena, const ts_aie2_assembly *assembly, ts_object *out,
                                  ts_diag *diag) {
    TS_TRY(ts_object_init(arena, out, diag));
    bool ok = add_symbols(arena, assembly, out);
    for (size_t i = 0; ok && i < assembly->n_sections; i++)
        ok = add_section(arena, &assembly->sections[i], out);
    for (uint32_t i = 0; ok && i < assembly->n_sections; i++)
        ok = connect(arena, &assembly->sections[i], i + 1, out);
    return ok ? TS_OK : ts_fail_nomem(diag);
}
