/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "exercise_object.h"

#include <stdlib.h>
#include <string.h>

static bool same_reloc(const ts_object_reloc *a, const ts_object_reloc *b) {
    return a->offset == b->offset && a->symbol == b->symbol && a->type == b->type &&
           a->in_place == b->in_place && a->addend == b->addend;
}

static bool same_section(const ts_object_section *a, const ts_object_section *b) {
    if (strcmp(a->name, b->name) != 0 || a->type != b->type || a->flags != b->flags ||
        a->addr != b->addr || a->align != b->align || a->entry_size != b->entry_size ||
        a->nobits_size != b->nobits_size || a->link != b->link || a->info != b->info ||
        a->group != b->group || a->in_segment != b->in_segment || a->n_relocs != b->n_relocs)
        return false;
    for (size_t i = 0; i < a->n_relocs; i++)
        if (!same_reloc(&a->relocs[i], &b->relocs[i])) return false;
    return ts_span_equal(a->bytes, b->bytes);
}

static bool same_symbol(const ts_object_symbol *a, const ts_object_symbol *b) {
    return strcmp(a->name, b->name) == 0 && a->place == b->place && a->section == b->section &&
           a->value == b->value && a->size == b->size && a->binding == b->binding &&
           a->type == b->type && a->other == b->other;
}

static bool same_segment(const ts_object_segment *a, const ts_object_segment *b) {
    return a->type == b->type && a->flags == b->flags && a->vaddr == b->vaddr &&
           a->paddr == b->paddr && a->file_size == b->file_size && a->mem_size == b->mem_size &&
           a->align == b->align && ts_span_equal(a->bytes, b->bytes);
}

bool same_object(const ts_object *a, const ts_object *b) {
    if (a->type != b->type || a->os_abi != b->os_abi || a->abi_version != b->abi_version ||
        a->flags != b->flags || a->entry != b->entry || a->n_sections != b->n_sections ||
        a->n_symbols != b->n_symbols || a->n_groups != b->n_groups ||
        a->n_segments != b->n_segments)
        return false;
    for (size_t i = 0; i < a->n_sections; i++)
        if (!same_section(&a->sections[i], &b->sections[i])) return false;
    for (size_t i = 0; i < a->n_symbols; i++)
        if (!same_symbol(&a->symbols[i], &b->symbols[i])) return false;
    for (size_t i = 0; i < a->n_segments; i++)
        if (!same_segment(&a->segments[i], &b->segments[i])) return false;
    for (size_t i = 0; i < a->n_groups; i++)
        if (a->groups[i].symbol != b->groups[i].symbol || a->groups[i].flags != b->groups[i].flags)
            return false;
    return true;
}

/* Whatever lies where a section in a segment says, is what the section holds. */
static void look(ts_arena *arena, const ts_object *object) {
    ts_diag diag = {0};
    for (uint32_t i = 1; i < object->n_sections; i++) {
        const ts_object_section *section = &object->sections[i];
        ts_span bytes;
        uint32_t *symbols, found = ts_object_find_section(object, section->name);
        size_t n;
        if (!found || found > i) abort();
        if (section->in_segment &&
            (!ts_object_bytes_at(object, section->addr, ts_object_section_size(section), &bytes) ||
             !ts_span_equal(bytes, section->bytes)))
            abort();
        if (i > 16) continue; /* each looks at all symbols */
        if (ts_object_section_symbols(arena, object, i, &symbols, &n, &diag) != TS_OK) return;
        for (size_t k = 0; k + 1 < n; k++)
            if (object->symbols[symbols[k]].value > object->symbols[symbols[k + 1]].value) abort();
    }
    for (uint32_t i = 1; i < object->n_symbols && i < 16; i++)
        if (!ts_object_find_symbol(object, object->symbols[i].name)) abort();
}

static void write_and_read(ts_arena *arena, const ts_object *object) {
    ts_buf first = ts_buf_in(arena), second = ts_buf_in(arena);
    ts_object again;
    ts_diag diag = {0};
    ts_status status = ts_object_write(object, &first, &diag);
    if (status == TS_OK)
        status = ts_object_read(arena, ts_buf_span(&first), "written", &again, &diag);
    if (status == TS_OK) {
        if (!same_object(object, &again)) abort();
        status = ts_object_write(&again, &second, &diag);
    }
    if (status == TS_OK && !ts_span_equal(ts_buf_span(&first), ts_buf_span(&second))) abort();
    if (status != TS_OK && status != TS_NOMEM) abort();
}

ts_status exercise_object(ts_span bytes, size_t budget_bytes) {
    ts_arena arena;
    ts_diag diag = {0};
    ts_object *objects;
    size_t n;
    ts_arena_init(&arena, budget_bytes);
    ts_status status = ts_object_read_all(&arena, bytes, "in", &objects, &n, &diag);
    if (status != TS_OK && (diag.code != status || !diag.message[0])) abort();
    for (size_t i = 0; status == TS_OK && i < n; i++) {
        look(&arena, &objects[i]);
        write_and_read(&arena, &objects[i]);
    }
    ts_arena_free(&arena);
    return status;
}
