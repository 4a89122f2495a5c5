/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Tables that stay inside the library: the ways from bits and names to the rows that gen_isa.c
 * works out beforehand.
 */
#ifndef TESSERA_AIE2_INT_H
#define TESSERA_AIE2_INT_H

#include "tessera/aie2.h"

/* Which instructions of a slot are possible, told by a few of its bits. */
typedef struct aie2_selector {
    uint8_t n_bits;
    uint8_t bits[9];            /* the first is bit 0 of the index */
    const uint16_t *starts;     /* by index, one more at the end */
    const uint16_t *candidates; /* instructions, in the order of matching */
} aie2_selector;

extern const aie2_selector aie2_selectors[TS_AIE2_N_SLOTS];

extern const int8_t aie2_format_by_slots[256]; /* -1: none */
extern const uint16_t aie2_format_starts[257]; /* by the lowest byte of a bundle */
extern const uint8_t aie2_format_candidates[];

enum {
    AIE2_HASH_SIZE = 2048
};

extern const uint16_t aie2_register_hash[AIE2_HASH_SIZE]; /* 0: empty */

typedef struct aie2_mnemonic {
    uint16_t first, n;
    const char *name;
} aie2_mnemonic;

extern const aie2_mnemonic aie2_mnemonics[]; /* [0] is none */
extern const uint16_t aie2_n_mnemonics;
extern const uint16_t aie2_mnemonic_hash[AIE2_HASH_SIZE];

typedef struct aie2_relocation {
    uint8_t size, n_fields;
    ts_aie2_field fields[2]; /* in the bundle */
} aie2_relocation;

extern const aie2_relocation aie2_relocations[];
extern const uint16_t aie2_n_relocations;

#endif
