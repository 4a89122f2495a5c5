/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * A map in the making.
 */
#ifndef TESSERA_COMPILE_MAP_INT_H
#define TESSERA_COMPILE_MAP_INT_H

#include "compile_int.h"

typedef struct map {
    comp c;
    const ts_compile_result *placed;
    ts_compile_map *out;
} map;

/* The routes through the switches, from end to end. */
ts_status comp_add_routes(map *m);

#endif
