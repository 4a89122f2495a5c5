/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * AIE2 ops for tests: from words, and by chance.
 */
#ifndef TESSERA_TEST_AIE2_OPS_H
#define TESSERA_TEST_AIE2_OPS_H

#include "support.h"

#include "tessera/aie2.h"

/* "LDA_dms_lda_idx_imm r0 p0 4": an instruction by its unique name, then its operands in the order
 * of its text, registers or numbers. Anything else fails the test. */
ts_aie2_op test_aie2_op(const char *words);
/* A bundle of such, divided by ';'; an empty text does nothing. */
ts_aie2_bundle test_aie2_bundle(const char *words);
/* An op of any instruction but nops and, unless they are wanted, jumps; its registers are the first
 * few of their banks, so that ops meet. */
ts_aie2_op test_aie2_random_op(test_random *random, bool want_jump, unsigned n_registers);

#endif
