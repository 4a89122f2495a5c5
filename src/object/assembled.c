/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * What the assembler made, as an object: the numbers are ELF's already, only the reserved entries
 * move them by one.
 */
#include "object_int.h"

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

/* ---- names to numbers ------------------------------------------------------------------------ */

typedef struct name_index {
    const char **names;
    uint32_t *numbers; /* 0: free */
    size_t mask;
} name_index;

/* Room for `n` names; false: NOMEM. */
static bool make_index(ts_arena *arena, size_t n, name_index *out) {
    size_t size = 16;
    while (size < n * 2)
        size *= 2;
    out->names = TS_ARENA_ARRAY(arena, const char *, size);
    out->numbers = TS_ARENA_ARRAY(arena, uint32_t, size);
    out->mask = size - 1;
    return out->names && out->numbers;
}

/* Where the number of a name is, or has to go. */
static uint32_t *number_of(const name_index *index, const char *name) {
    size_t at = object_hash(name, strlen(name)) & index->mask;
    while (index->numbers[at] && strcmp(index->names[at], name) != 0)
        at = (at + 1) & index->mask;
    index->names[at] = name;
    return &index->numbers[at];
}

typedef struct connector {
    ts_arena *arena;
    ts_object *object;
    name_index sections, symbols, groups; /* of one name the first; groups by their signature */
} connector;

static bool make_indexes(connector *c, size_t n_sections) {
    const ts_object *o = c->object;
    if (!make_index(c->arena, o->n_sections, &c->sections) ||
        !make_index(c->arena, o->n_symbols + n_sections, &c->symbols) ||
        !make_index(c->arena, n_sections, &c->groups))
        return false;
    for (uint32_t i = 1; i < o->n_sections; i++) {
        uint32_t *number = number_of(&c->sections, o->sections[i].name);
        if (!*number) *number = i;
    }
    for (uint32_t i = 1; i < o->n_symbols; i++) {
        uint32_t *number = number_of(&c->symbols, o->symbols[i].name);
        if (!*number) *number = i;
    }
    return true;
}

/* The COMDAT group of a signature, made when it is new; 0: NOMEM. */
static uint32_t find_group(connector *c, const char *signature) {
    uint32_t *group = number_of(&c->groups, signature);
    if (*group != 0) return *group;
    uint32_t *symbol = number_of(&c->symbols, signature);
    if (!*symbol) {
        ts_object_symbol made = {.name = signature, .binding = TS_STB_GLOBAL};
        *symbol = ts_object_add_symbol(c->arena, c->object, made);
    }
    if (*symbol)
        *group = ts_object_add_group(c->arena, c->object,
                                     (ts_object_group){.symbol = *symbol, .flags = TS_GRP_COMDAT});
    return *group;
}

/* The section of that name, or that has the symbol of that name; 0: there is none. */
static uint32_t find_linked(const connector *c, const char *name) {
    uint32_t section = *number_of(&c->sections, name), symbol = *number_of(&c->symbols, name);
    return section || !symbol ? section : c->object->symbols[symbol].section;
}

static ts_status connect(connector *c, const ts_aie2_asm_section *from, uint32_t number,
                         ts_diag *diag) {
    ts_object_section *section = &c->object->sections[number];
    if (from->group) {
        section->group = find_group(c, from->group);
        if (!section->group) return ts_fail_nomem(diag);
    }
    if (!from->linked) return TS_OK;
    section->link = find_linked(c, from->linked);
    if (section->link) return TS_OK;
    return ts_fail(diag, TS_MISSING, c->object->file,
                   "section %s is said to be about '%s'; there is no such section, nor a symbol of "
                   "that name in one",
                   section->name, from->linked);
}

ts_status ts_object_from_assembly(ts_arena *arena, const ts_aie2_assembly *assembly, ts_object *out,
                                  ts_diag *diag) {
    connector c = {.arena = arena, .object = out};
    TS_TRY(ts_object_init(arena, out, diag));
    bool ok = add_symbols(arena, assembly, out);
    for (size_t i = 0; ok && i < assembly->n_sections; i++)
        ok = add_section(arena, &assembly->sections[i], out);
    if (!ok || !make_indexes(&c, assembly->n_sections)) return ts_fail_nomem(diag);
    for (uint32_t i = 0; i < assembly->n_sections; i++)
        TS_TRY(connect(&c, &assembly->sections[i], i + 1, diag));
    return TS_OK;
}
