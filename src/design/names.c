/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Names of a design, each kept once: a design of ten thousand operations has a few hundred.
 */
#include "design_int.h"

#include <string.h>

enum {
    FIRST_SLOTS = 64
};

/* FNV-1a. */
uint32_t design_hash(uint32_t hash, const void *data, size_t size) {
    const unsigned char *p = data;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ p[i]) * 16777619u;
    return hash;
}

ts_design_names *design_names_new(ts_arena *arena) {
    ts_design_names *names = TS_ARENA_NEW(arena, ts_design_names);
    if (!names) return NULL;
    names->n_text_slots = names->n_type_slots = FIRST_SLOTS;
    names->texts = TS_ARENA_ARRAY(arena, design_text, FIRST_SLOTS);
    names->types = TS_ARENA_ARRAY(arena, const ts_type *, FIRST_SLOTS);
    return names->texts && names->types ? names : NULL;
}

/* The slot that holds the text, or the free one where it belongs. */
static design_text *find_slot(design_text *slots, size_t n_slots, const char *text, size_t length,
                              uint32_t hash) {
    size_t at = hash & (n_slots - 1);
    while (slots[at].text && (slots[at].hash != hash || slots[at].length != length ||
                              memcmp(slots[at].text, text, length) != 0))
        at = (at + 1) & (n_slots - 1);
    return &slots[at];
}

static bool grow(ts_arena *arena, ts_design_names *names) {
    size_t n_slots = names->n_text_slots * 2;
    design_text *slots = TS_ARENA_ARRAY(arena, design_text, n_slots);
    if (!slots) return false;
    for (size_t i = 0; i < names->n_text_slots; i++) {
        const design_text *old = &names->texts[i];
        if (old->text) *find_slot(slots, n_slots, old->text, old->length, old->hash) = *old;
    }
    names->texts = slots;
    names->n_text_slots = n_slots;
    return true;
}

const char *design_intern(ts_design *design, const char *text, size_t length) {
    ts_design_names *names = design->names;
    uint32_t hash = design_hash(DESIGN_HASH_START, text, length);
    design_text *slot = find_slot(names->texts, names->n_text_slots, text, length, hash);
    if (slot->text) return slot->text;
    if (names->n_texts * 2 >= names->n_text_slots) {
        if (!grow(design->arena, names)) return NULL;
        slot = find_slot(names->texts, names->n_text_slots, text, length, hash);
    }
    char *copy = ts_arena_strndup(design->arena, text, length);
    if (!copy) return NULL;
    *slot = (design_text){.text = copy, .hash = hash, .length = (uint32_t)length};
    names->n_texts++;
    return copy;
}
