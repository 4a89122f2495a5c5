/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * Whole containers through everything the library does with them. */
#include "../support/exercise_xclbin.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    (void)exercise_xclbin(ts_span_of(data, size), NULL, 64u << 20);
    return 0;
}
