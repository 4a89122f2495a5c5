/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Warnings about bundles that do not fit together in time: each section's bundles are handed to the
 * checker as straight-line code, which begins anew at functions and scheduled regions.
 */
#include "asm_int.h"

#include <string.h>

enum {
    /* Bundles looked at together; more than a program memory holds come in several parts. */
    MAX_PART = TS_AIE2_PROGRAM_BYTES / 2,
};

/* Within a region the scheduler has seen to it that every read gets its value. */
static bool is_scheduled(const assembler *a, const uint32_t *numbers,
                         const ts_aie2_hazard *hazard) {
    uint32_t region = a->notes[numbers[hazard->first]].region;
    return region && region == a->notes[numbers[hazard->second]].region;
}

static bool check_part(assembler *a, const ts_aie2_placed *list, const uint32_t *numbers,
                       size_t n) {
    ts_aie2_hazards found;
    ts_diag diag = {0};
    ts_status status = ts_aie2_find_hazards(a->arena, list, n, &found, &diag);
    if (status != TS_OK) return asm_nomem(a);
    char text[200], before[200] = "";
    uint32_t second = UINT32_MAX;
    for (size_t i = 0; i < found.n_items; i++) {
        const ts_aie2_hazard *hazard = &found.items[i];
        if (is_scheduled(a, numbers, hazard)) continue;
        if (a->messages->n_warnings >= TS_AIE2_MAX_WARNINGS) {
            a->messages->n_warnings++; /* only counted, so not put in words */
            continue;
        }
        ts_aie2_hazard_text(list, hazard, text, sizeof text);
        /* Two ops of a bundle can meet the same thing. */
        if (hazard->second != second || strcmp(text, before) != 0)
            asm_warning_at(a, a->notes[numbers[hazard->second]].place, "%s", text);
        second = hazard->second;
        memcpy(before, text, sizeof before);
    }
    return true;
}

/* The bundles of one section, decoded. */
typedef struct part {
    ts_aie2_placed *list;
    uint32_t *numbers; /* in assembler.bundles */
    size_t n;
} part;

static bool add_bundle(assembler *a, part *p, uint32_t number) {
    const ts_aie2_asm_bundle *at = &a->bundles[number];
    const asm_section *section = &a->sections[at->section];
    ts_aie2_placed *placed = &p->list[p->n];
    ts_aie2_reject why;
    if (!ts_aie2_decode(section->bytes.data + at->offset, section->bytes.size - at->offset,
                        &placed->bundle, &why))
        return true; /* nothing that we write; nothing to say about it */
    placed->address = at->offset;
    placed->line = at->line;
    placed->is_quiet = at->unchecked;
    placed->is_start = a->notes[number].is_start || p->n == 0;
    p->numbers[p->n++] = number;
    if (p->n < MAX_PART) return true;
    bool ok = check_part(a, p->list, p->numbers, p->n);
    p->n = 0;
    return ok;
}

static bool check_section(assembler *a, part *p, uint32_t section) {
    p->n = 0;
    for (size_t i = 0; i < a->sections[section].n_bundles; i++)
        if (!add_bundle(a, p, a->order[a->sections[section].first_bundle + i])) return false;
    return !p->n || check_part(a, p->list, p->numbers, p->n);
}

/* Functions begin anew. */
static void mark_starts(assembler *a) {
    for (const asm_symbol *s = a->first_symbol; s; s = s->next) {
        if (s->kind != ASM_LABEL || (s->type != ASM_STT_FUNC && !s->binding)) continue;
        size_t at = asm_find_bundle(a, s->section, s->offset);
        if (at != SIZE_MAX) a->notes[a->order[at]].is_start = true;
    }
}

bool asm_find_hazards(assembler *a) {
    bool any = false;
    for (size_t i = 0; i < a->n_bundles && !any; i++)
        any = !a->bundles[i].unchecked;
    if (!any) return true;
    size_t most = a->n_bundles < MAX_PART ? a->n_bundles : MAX_PART;
    part p = {.list = TS_ARENA_ARRAY(a->arena, ts_aie2_placed, most),
              .numbers = TS_ARENA_ARRAY(a->arena, uint32_t, most)};
    if (!p.list || !p.numbers) return asm_nomem(a);
    mark_starts(a);
    for (uint32_t i = 0; i < a->n_sections; i++)
        if ((a->sections[i].flags & ASM_SHF_EXECINSTR) && !check_section(a, &p, i)) return false;
    return true;
}
