/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The records of an ELF32 file, as reading and writing share them.
 */
#ifndef TESSERA_OBJECT_INT_H
#define TESSERA_OBJECT_INT_H

#include "tessera/object.h"

/* Where the fields of the headers lie, for errors; reading and writing take them in this order.
 * src: gABI: chapter 4, "ELF Header", "Section Header", "Program Header" [documented] */
enum {
    EI_CLASS_AT = 4,
    EI_DATA_AT = 5,
    EI_VERSION_AT = 6,
    EI_OSABI_AT = 7,
    EI_PAD_AT = 9,
    E_TYPE_AT = 16,
    E_MACHINE_AT = 18,
    E_VERSION_AT = 20,
    E_PHOFF_AT = 28,
    E_SHOFF_AT = 32,
    E_EHSIZE_AT = 40,
    E_PHENTSIZE_AT = 42,
    E_PHNUM_AT = 44,
    E_SHENTSIZE_AT = 46,
    E_SHNUM_AT = 48,
    E_SHSTRNDX_AT = 50,

    SH_TYPE_AT = 4,
    SH_ADDR_AT = 12,
    SH_OFFSET_AT = 16,
    SH_SIZE_AT = 20,
    SH_LINK_AT = 24,
    SH_INFO_AT = 28,
    SH_ALIGN_AT = 32,
    SH_ENTSIZE_AT = 36,

    P_OFFSET_AT = 4,
    P_VADDR_AT = 8,
    P_FILESZ_AT = 16,
    P_ALIGN_AT = 28,

    ST_SHNDX_AT = 14,

    EHDR_BYTES = 52,
    PHDR_BYTES = 32,
    SHDR_BYTES = 40,
    SYM_BYTES = 16,
    REL_BYTES = 8,
    RELA_BYTES = 12,

    ELFCLASS32 = 1,
    ELFDATA2LSB = 1,
    EV_CURRENT = 1,

    /* Numbers that are no sections. */
    SHN_UNDEF = 0,
    SHN_LORESERVE = 0xff00,
    SHN_ABS = 0xfff1,
    SHN_COMMON = 0xfff2,
    SHN_XINDEX = 0xffff,
};

extern const uint8_t object_elf_magic[4];

uint32_t object_hash(const void *bytes, size_t size);

/* 0 or a power of 2. */
bool object_is_alignment(uint32_t value);

/* Bytes of a file that belong to one thing. */
typedef struct object_region {
    uint64_t offset, size;
    size_t index; /* what it is, to whoever made it */
} object_region;

/* Sort by offset. The first of two neighbors of which the second begins inside the first, or
 * SIZE_MAX when no two overlap. Regions without bytes must not be among them. */
size_t object_find_overlap(object_region *regions, size_t n);

/* The first TS_PT_LOAD segment whose bytes in the file cover these addresses, or NULL. */
const ts_object_segment *object_segment_at(const ts_object *object, uint32_t addr, uint64_t size);

#endif
