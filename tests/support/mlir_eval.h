/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Runs the body of a core and the functions that it calls, as MLIR's documents have them: what the
 * code of a core is held against. It shares nothing with the code generator. `index` has 64 bits.
 */
#ifndef TESSERA_TEST_MLIR_EVAL_H
#define TESSERA_TEST_MLIR_EVAL_H

#include "tessera/design.h"

enum {
    EVAL_MAX_BUFFERS = 16
};

typedef struct eval_buffer {
    const char *name;
    uint8_t *bytes;
    size_t size;
} eval_buffer;

typedef struct eval eval;

/* False, and what is wrong in `text`: something that is not defined, or not known here, or takes
 * too long. */
bool eval_core(const ts_op *core, const eval_buffer *buffers, size_t n_buffers, char text[200]);

#endif
