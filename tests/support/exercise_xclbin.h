/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Everything the xclbin library does with the bytes of one file, with its laws as checks. Shared by
 * the fuzz target, the unit test and the soak test; abort() says that a law is broken.
 */
#ifndef TESSERA_TEST_EXERCISE_XCLBIN_H
#define TESSERA_TEST_EXERCISE_XCLBIN_H

#include "tessera/xclbin.h"

/* Read `bytes` as a container and, if it is one, decode, check, compare with `original` (may be
 * NULL), take apart, put together and write it. At most `budget_bytes` of memory in each of these
 * operations, beside what reading took. Returns the
 * status of reading; an error without words, a broken law or a bad message aborts. */
ts_status exercise_xclbin(ts_span bytes, const ts_xclbin *original, size_t budget_bytes);

#endif
