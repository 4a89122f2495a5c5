/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * From pointers to pointers or numbers: a hash table with open addressing that only grows. */
#include "design_int.h"

static design_pair *find_slot(design_pair *slots, size_t n_slots, const void *from) {
    size_t at =
        (size_t)(((uintptr_t)from >> 3) * UINT64_C(0x9E3779B97F4A7C15) >> 20) & (n_slots - 1);
    while (slots[at].from && slots[at].from != from)
        at = (at + 1) & (n_slots - 1);
    return &slots[at];
}

static design_pair *add_slot(design_map *map, const void *from) {
    if (map->n_pairs * 2 >= map->n_slots) {
        size_t n_slots = map->n_slots ? map->n_slots * 2 : 32;
        design_pair *slots = TS_ARENA_ARRAY(map->arena, design_pair, n_slots);
        if (!slots) return NULL;
        for (size_t i = 0; i < map->n_slots; i++)
            if (map->slots[i].from) *find_slot(slots, n_slots, map->slots[i].from) = map->slots[i];
        map->slots = slots;
        map->n_slots = n_slots;
    }
    design_pair *slot = find_slot(map->slots, map->n_slots, from);
    map->n_pairs += !slot->from;
    slot->from = from;
    return slot;
}

bool design_map_set(design_map *map, const void *from, const void *to) {
    design_pair *slot = add_slot(map, from);
    if (slot) slot->to = to;
    return slot;
}

bool design_map_set_number(design_map *map, const void *from, uint32_t number) {
    design_pair *slot = add_slot(map, from);
    if (slot) slot->number = number;
    return slot;
}

const void *design_map_get(const design_map *map, const void *from) {
    return map->n_slots ? find_slot(map->slots, map->n_slots, from)->to : NULL;
}

uint32_t design_map_number(const design_map *map, const void *from) {
    return map->n_slots ? find_slot(map->slots, map->n_slots, from)->number : 0;
}
