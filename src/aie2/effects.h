/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * What an op does and when, as the hazard checker and the scheduler see it: which undivided
 * registers it reads and writes in which cycle, when it touches memory, which ports it holds.
 */
#ifndef TESSERA_AIE2_EFFECTS_H
#define TESSERA_AIE2_EFFECTS_H

#include "tessera/aie2.h"

enum {
    AIE2_MAX_ACCESSES = 2 * TS_AIE2_MAX_OPERANDS * TS_AIE2_MAX_UNITS + 32,
    AIE2_HORIZON = 16, /* cycles after which an op has done all it does */
    /* When a lock stops the core and when memory may be touched again; the source calls both
     * conservative. src: llvm-aie: llvm/lib/Target/AIE/AIEBaseInstrInfo.cpp,
     * getCoreStallCycleAfterLock, getCoreResumeCycleAfterLock [code] */
    AIE2_FENCE_STALL = 2,
    AIE2_FENCE_RESUME = 8,
    AIE2_FIRST_MEMORY_CYCLE = 5, /* of all ops that touch memory the earliest */
};

typedef struct aie2_access {
    uint8_t unit;
    uint8_t cycle; /* counted from 1, the cycle of issue */
    uint8_t bypass;
    bool is_write;
    bool is_sticky; /* a write that only adds to what is there: the order of such does not matter */
} aie2_access;

typedef struct aie2_effects {
    const ts_aie2_instruction *row;
    const ts_aie2_timing *timing;
    bool is_nop;
    bool is_fence;                     /* lock or done: memory keeps clear of it */
    uint8_t first_memory, last_memory; /* cycles; 0: memory is not touched */
    unsigned n_accesses;               /* reads before writes */
    aie2_access accesses[AIE2_MAX_ACCESSES];
} aie2_effects;

void aie2_effects_of(const ts_aie2_op *op, aie2_effects *out);
/* Bundles between two ops (the second issued `out` later at least) so that the read sees the write,
 * that the read does not see the write, that the second write stays. May be negative. */
int aie2_true_distance(const aie2_access *write, const aie2_access *read);
int aie2_anti_distance(const aie2_access *read, const aie2_access *write);
int aie2_output_distance(const aie2_access *first, const aie2_access *second);
/* Between two ops on the same memory, and between memory and a fence. */
int aie2_memory_distance(const aie2_effects *first, const aie2_effects *second);
int aie2_fence_distance(const aie2_effects *first, const aie2_effects *second);
/* The first port that both want in one cycle when the second op is issued `distance` cycles later,
 * or -1. */
int aie2_port_clash(const ts_aie2_timing *first, const ts_aie2_timing *second, int distance);

#endif
