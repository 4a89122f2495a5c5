/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The hash under which names are looked up: the generator fills the tables with it, the library
 * reads them with it. ASCII letters count without regard to case.
 */
#ifndef TESSERA_AIE2_HASH_H
#define TESSERA_AIE2_HASH_H

#include <stddef.h>
#include <stdint.h>

static inline char aie2_lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* FNV-1a. */
static inline uint32_t aie2_hash(const char *name, size_t length) {
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (uint8_t)aie2_lower(name[i])) * 16777619u;
    return hash;
}

#endif
