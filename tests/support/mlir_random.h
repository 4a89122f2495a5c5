/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Designs with one core whose body is made by chance: integers of many widths, nested loops,
 * branches, blocks, loads and stores, calls. Nothing in it is undefined.
 */
#ifndef TESSERA_TEST_MLIR_RANDOM_H
#define TESSERA_TEST_MLIR_RANDOM_H

#include "support.h"

/* The same text for the same seed. */
void mlir_random(uint64_t seed, ts_buf *out);

#endif
