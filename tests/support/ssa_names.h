/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Names of values as aie-opt prints them, so that its tests' CHECK lines can be held against our
 * output: %tile_0_2, %c1_i32_4, %arg0, numbers for what has no name of its own.
 */
#ifndef TESSERA_TEST_SSA_NAMES_H
#define TESSERA_TEST_SSA_NAMES_H

#include "tessera/design.h"

/* Sets the names of all values of the design. False: no memory. */
bool ssa_names(ts_design *design);

#endif
