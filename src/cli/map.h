/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * What the tables and the picture of `tessera map` share.
 */
#ifndef TESSERA_CLI_MAP_H
#define TESSERA_CLI_MAP_H

#include "cli.h"

#include "tessera/compile.h"

enum {
    MAP_N_USES = TS_COMPILE_USE_PROGRAM + 1
};

/* One tile, added up. */
typedef struct map_tile {
    uint64_t bytes[MAP_N_USES];
    uint32_t largest_free;
    size_t n_locks, n_descriptors;
    bool is_crossed; /* by a route */
} map_tile;

void map_sum_tile(const ts_compile_map *map, uint32_t column, uint32_t row, map_tile *out);
/* "(0,2) DMA:1", with its NUL. */
void map_end_text(const ts_compile_route *route, bool is_to, ts_buf *out);
/* Append an SVG. */
void map_draw(const ts_compile_map *map, const char *title, ts_buf *out);

#endif
