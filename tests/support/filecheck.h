/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Does a text hold what the CHECK lines of a test of mlir-aie demand? The directives CHECK, -NEXT,
 * -SAME, -NOT, -DAG, -LABEL, -EMPTY and -COUNT-n, {{regular expressions}} and [[VARIABLES]] of
 * LLVM's FileCheck, for texts of which no pattern spans two lines.
 */
#ifndef TESSERA_TEST_FILECHECK_H
#define TESSERA_TEST_FILECHECK_H

#include "tessera/base.h"

/* True when `input` holds what the lines of `checks` with one of the prefixes (separated by commas,
 * usually "CHECK") demand. Otherwise `message` says which line of `checks` (the first is number 1)
 * found nothing, and where the search began. No directive at all is false, too. */
bool filecheck(ts_arena *arena, ts_span checks, ts_span input, const char *prefixes, char *message,
               size_t message_size);

#endif
