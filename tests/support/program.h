/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Small programs for tests, from text: instructions of a bundle divided by ";", `nop *7` seven idle
 * bundles, numbers with "#" or without. No labels.
 */
#ifndef TESSERA_TEST_PROGRAM_H
#define TESSERA_TEST_PROGRAM_H

#include "support.h"

#include "tessera/aie2.h"

typedef struct test_program {
    uint8_t bytes[TS_AIE2_PROGRAM_BYTES];
    size_t size;
    bool is_bad; /* what could not be read is in `error` */
    char error[160];
    unsigned rotation; /* slots of each bundle are given in an order turned by so many */
} test_program;

/* Append bundles, one a line or divided by newlines. */
void test_assemble(test_program *program, const char *text);

#endif
