/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Everything the object library does with the bytes of one file, with its laws as checks. Shared by
 * the fuzz target and the unit test; abort() says that a law is broken.
 */
#ifndef TESSERA_TEST_EXERCISE_OBJECT_H
#define TESSERA_TEST_EXERCISE_OBJECT_H

#include "tessera/object.h"

/* Whether two models say the same; where a file has it (`offset`) does not count. */
bool same_object(const ts_object *a, const ts_object *b);

/* Read `bytes` as objects and write, read and look into each, with at most `budget_bytes` of
 * memory. Returns the status of reading; an error without words or a broken law aborts. */
ts_status exercise_object(ts_span bytes, size_t budget_bytes);

#endif
