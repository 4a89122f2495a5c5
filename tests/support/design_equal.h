/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * Whether two designs are the same tree. */
#ifndef TESSERA_TEST_DESIGN_EQUAL_H
#define TESSERA_TEST_DESIGN_EQUAL_H

#include "tessera/design.h"

/* Operations, attributes, types, regions, and which value is used where; not names and places. What
 * differs first is described in `why`. */
bool design_equal(ts_arena *arena, const ts_design *a, const ts_design *b, char *why, size_t size);

#endif
