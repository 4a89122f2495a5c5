/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * Object files and archives through everything the library does with them. */
#include "../support/exercise_object.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    (void)exercise_object(ts_span_of(data, size), 256u << 20);
    return 0;
}
