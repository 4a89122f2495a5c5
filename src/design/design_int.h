/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * What the files of the design library share. */
#ifndef TESSERA_DESIGN_INT_H
#define TESSERA_DESIGN_INT_H

#include "tessera/design.h"

/* ---- names and types, one of each (names.c, types.c) ----------------------------------------- */

typedef struct design_text {
    const char *text;
    uint32_t hash, length;
} design_text;

/* Two hash tables with open addressing; the numbers of slots are powers of two. */
typedef struct ts_design_names {
    design_text *texts;
    const ts_type **types;
    size_t n_texts, n_text_slots, n_types, n_type_slots;
} ts_design_names;

ts_design_names *design_names_new(ts_arena *arena);
/* The one copy of a text in the design; NULL: NOMEM. */
const char *design_intern(ts_design *design, const char *text, size_t length);
uint32_t design_hash(uint32_t hash, const void *data, size_t size);
#define DESIGN_HASH_START 2166136261u

/* ---- pointers to pointers or numbers (map.c)
 * ------------------------------------------------------------ */

typedef struct design_pair {
    const void *from, *to;
    uint32_t number;
} design_pair;

/* Start with {.arena = arena}. */
typedef struct design_map {
    ts_arena *arena;
    design_pair *slots; /* a power of two of them */
    size_t n_pairs, n_slots;
} design_map;

bool design_map_set(design_map *map, const void *from, const void *to); /* false: NOMEM */
const void *design_map_get(const design_map *map, const void *from);    /* NULL: not there */
/* The same for a map to numbers from 1 on; 0: not there. */
bool design_map_set_number(design_map *map, const void *from, uint32_t number);
uint32_t design_map_number(const design_map *map, const void *from);

/* ---- operations (tree.c) --------------------------------------------------------------------- */

/* Results of an operation that has none yet; false: NOMEM. */
bool design_set_results(ts_design *design, ts_op *op, const ts_type *const *types, size_t n);
/* The name under which symbols find it, or NULL: also names that are left out. */
const char *design_symbol_name(const ts_op *op);
/* The grid of a device operation, or NULL when it is none of ours. */
const ts_npu_device *design_device(const ts_op *device);

#endif
