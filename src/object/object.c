/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The model of an object: making one piece by piece, and looking into one.
 */
#include "object_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- making ---------------------------------------------------------------------------------- */

/* Append to an array of the model; NAME is its field. */
#define APPEND(arena, owner, name, singular, item)                                                 \
    do {                                                                                           \
        void *grown_ = ts_arena_room((arena), (owner)->name, (owner)->n_##name,                    \
                                     &(owner)->singular##_capacity, sizeof(item));                 \
        if (!grown_) return 0;                                                                     \
        (owner)->name = grown_;                                                                    \
        (owner)->name[(owner)->n_##name++] = (item);                                               \
    } while (0)

uint32_t ts_object_add_section(ts_arena *arena, ts_object *object, ts_object_section section) {
    APPEND(arena, object, sections, section, section);
    return (uint32_t)(object->n_sections - 1);
}

uint32_t ts_object_add_symbol(ts_arena *arena, ts_object *object, ts_object_symbol symbol) {
    APPEND(arena, object, symbols, symbol, symbol);
    return (uint32_t)(object->n_symbols - 1);
}

uint32_t ts_object_add_group(ts_arena *arena, ts_object *object, ts_object_group group) {
    APPEND(arena, object, groups, group, group);
    return (uint32_t)(object->n_groups - 1);
}

bool ts_object_add_segment(ts_arena *arena, ts_object *object, ts_object_segment segment) {
    APPEND(arena, object, segments, segment, segment);
    return true;
}

bool ts_object_add_reloc(ts_arena *arena, ts_object_section *section, ts_object_reloc reloc) {
    APPEND(arena, section, relocs, reloc, reloc);
    return true;
}

ts_status ts_object_init(ts_arena *arena, ts_object *out, ts_diag *diag) {
    ts_object object = {.type = TS_ET_REL, .flags = TS_EF_AIE_AIE2};
    (void)ts_object_add_section(arena, &object, (ts_object_section){.name = ""});
    (void)ts_object_add_symbol(arena, &object, (ts_object_symbol){.name = ""});
    (void)ts_object_add_group(arena, &object, (ts_object_group){0});
    if (!object.n_sections || !object.n_symbols || !object.n_groups) return ts_fail_nomem(diag);
    *out = object;
    return TS_OK;
}

/* ---- looking into one ------------------------------------------------------------------------ */

uint32_t ts_object_section_size(const ts_object_section *section) {
    return section->type == TS_SHT_NOBITS ? section->nobits_size : (uint32_t)section->bytes.size;
}

uint32_t ts_object_find_section(const ts_object *object, const char *name) {
    for (size_t i = 1; i < object->n_sections; i++)
        if (strcmp(object->sections[i].name, name) == 0) return (uint32_t)i;
    return 0;
}

/* How much a symbol is the one a name means. */
static int rank(const ts_object_symbol *symbol) {
    return (symbol->place != TS_OBJECT_UNDEFINED) + 2 * (symbol->binding != TS_STB_LOCAL);
}

uint32_t ts_object_find_symbol(const ts_object *object, const char *name) {
    uint32_t best = 0;
    for (size_t i = 1; i < object->n_symbols; i++) {
        const ts_object_symbol *symbol = &object->symbols[i];
        if (strcmp(symbol->name, name) == 0 &&
            (!best || rank(symbol) > rank(&object->symbols[best])))
            best = (uint32_t)i;
    }
    return best;
}

typedef struct label {
    uint32_t value, symbol;
} label;

static int by_value(const void *a, const void *b) {
    const label *x = a, *y = b;
    if (x->value != y->value) return x->value < y->value ? -1 : 1;
    return x->symbol < y->symbol ? -1 : x->symbol > y->symbol;
}

static bool is_label(const ts_object_symbol *symbol, uint32_t section) {
    return symbol->place == TS_OBJECT_DEFINED && symbol->section == section && symbol->name[0] &&
           symbol->type != TS_STT_SECTION && symbol->type != TS_STT_FILE;
}

ts_status ts_object_section_symbols(ts_arena *arena, const ts_object *object, uint32_t section,
                                    uint32_t **out, size_t *n_out, ts_diag *diag) {
    size_t n = 0;
    for (size_t i = 1; i < object->n_symbols; i++)
        n += is_label(&object->symbols[i], section);
    label *labels = TS_ARENA_ARRAY(arena, label, n);
    uint32_t *numbers = TS_ARENA_ARRAY(arena, uint32_t, n);
    if (!labels || !numbers) return ts_fail_nomem(diag);
    n = 0;
    for (size_t i = 1; i < object->n_symbols; i++)
        if (is_label(&object->symbols[i], section))
            labels[n++] = (label){object->symbols[i].value, (uint32_t)i};
    if (n) qsort(labels, n, sizeof *labels, by_value);
    for (size_t i = 0; i < n; i++)
        numbers[i] = labels[i].symbol;
    *out = numbers;
    *n_out = n;
    return TS_OK;
}

const ts_object_segment *object_segment_at(const ts_object *object, uint32_t addr, uint64_t size) {
    for (size_t i = 0; i < object->n_segments; i++) {
        const ts_object_segment *segment = &object->segments[i];
        if (segment->type == TS_PT_LOAD && addr >= segment->vaddr &&
            addr - segment->vaddr <= segment->file_size &&
            size <= segment->file_size - (addr - segment->vaddr))
            return segment;
    }
    return NULL;
}

bool ts_object_bytes_at(const ts_object *object, uint32_t vaddr, uint32_t size, ts_span *out) {
    const ts_object_segment *segment = object_segment_at(object, vaddr, size);
    return segment && ts_span_sub(segment->bytes, vaddr - segment->vaddr, size, out);
}

uint32_t object_hash(const void *bytes, size_t size) {
    const uint8_t *at = bytes;
    uint32_t h = 2166136261u; /* FNV-1a */
    for (size_t i = 0; i < size; i++)
        h = (h ^ at[i]) * 16777619u;
    return h;
}

bool object_is_alignment(uint32_t value) {
    return (value & (value - 1)) == 0;
}

static int by_offset(const void *a, const void *b) {
    const object_region *x = a, *y = b;
    if (x->offset != y->offset) return x->offset < y->offset ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

size_t object_find_overlap(object_region *regions, size_t n) {
    if (n) qsort(regions, n, sizeof *regions, by_offset);
    for (size_t i = 0; i + 1 < n; i++)
        if (regions[i + 1].offset - regions[i].offset < regions[i].size) return i;
    return SIZE_MAX;
}

/* ---- names ----------------------------------------------------------------------------------- */

const char *ts_object_section_type_name(uint32_t type) {
    switch (type) {
#define X(constant, value)                                                                         \
    case TS_SHT_##constant: return #constant;
        TS_SHT_LIST(X)
#undef X
    default: return NULL;
    }
}

void ts_object_reloc_name(uint8_t type, char out[12]) {
    snprintf(out, 12, "R_AIE_%u", type);
}
