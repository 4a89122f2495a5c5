/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Relocations: the values each can take, and putting one in place.
 *
 * lld checks every value but that of a 32-bit word of data against the 20 bits of an address, and
 * then cuts it to the field. Where the field is narrower (mova, movx: 11 bits; mov: 10 bits) an
 * address would silently lose its upper bits; here it must also be what the instruction reads,
 * which extends the sign.
 *
 * src: llvm-aie: lld/ELF/Arch/AIE2_rela.inc, every case; AIE.cpp, relocateAIE2 [code]
 */
#include "link_int.h"

#include "tessera/aie2.h"

#include <inttypes.h>
#include <stdio.h>

/* Types up to `last`, behind those of the row before. */
static const struct {
    uint8_t last;
    int64_t max;
} ranges[] = {
    {8, 0xfffff},     /* lng: jump and call, 20 bits */
    {27, 0x3ff},      /* lda mova, alu movx: 11 bits with a sign */
    {40, 0x1ff},      /* mv mov: 10 bits with a sign */
    {49, 0xfffff},    /* lng movxm: 32 bits, but lld takes an address */
    {50, 0xfffff},    /* data: an address */
    {51, 0xffffffff}, /* data: a word */
    {52, 0xfffff},    {53, 0xffffffff},
};

bool ts_object_reloc_range(uint8_t type, int64_t *min, int64_t *max) {
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (type <= ranges[i].last) {
            *min = 0;
            *max = ranges[i].max;
            return true;
        }
    return false;
}

static ts_status check_type(const link_place *place, uint8_t type, ts_diag *diag) {
    if (ts_aie2_relocation_size(type)) return TS_OK;
    return ts_fail(diag, TS_UNKNOWN, place->file,
                   "%s+0x%" PRIx32 ": relocation type %u; AIE2 has 0 to %d", place->section,
                   place->offset, type, TS_OBJECT_LAST_AIE2_RELOC);
}

/* The addend that a REL section leaves in place; only data has room to tell it whole. */
static ts_status read_addend(const link_place *place, uint8_t type, const uint8_t *bytes,
                             int64_t *out, ts_diag *diag) {
    uint32_t word = 0;
    if (type < TS_AIE2_RELOCATION_ADDRESS)
        return ts_fail(diag, TS_UNSUPPORTED, place->file,
                       "%s+0x%" PRIx32 ": the addend of R_AIE_%u is said to be in the bundle; only "
                       "SHT_RELA sections are linked",
                       place->section, place->offset, type);
    for (unsigned i = 0; i < 4; i++)
        word |= (uint32_t)bytes[i] << i * 8;
    *out = type % 2 ? word : word & 0xfffff;
    return TS_OK;
}

ts_status link_relocate(const link_place *place, const ts_object_reloc *reloc, uint32_t symbol,
                        uint8_t *bytes, size_t n_bytes, ts_diag *diag) {
    int64_t min = 0, max = 0, addend = reloc->addend;
    TS_TRY(check_type(place, reloc->type, diag));
    if (ts_aie2_relocation_size(reloc->type) > n_bytes)
        return ts_fail(diag, TS_RANGE, place->file,
                       "%s+0x%" PRIx32 ": R_AIE_%u changes %u bytes; the section has %zu left",
                       place->section, place->offset, reloc->type,
                       ts_aie2_relocation_size(reloc->type), n_bytes);
    if (reloc->in_place) TS_TRY(read_addend(place, reloc->type, bytes, &addend, diag));
    int64_t value = (int64_t)symbol + addend;
    (void)ts_object_reloc_range(reloc->type, &min, &max);
    if (value < min || value > max)
        return ts_fail(diag, TS_RANGE, place->file,
                       "%s+0x%" PRIx32 ": R_AIE_%u to '%s'%+" PRId64 " has the value %s0x%" PRIx64
                       "; expected 0x%" PRIx64 " to 0x%" PRIx64,
                       place->section, place->offset, reloc->type, place->symbol, addend,
                       value < 0 ? "-" : "", (uint64_t)(value < 0 ? -value : value), (uint64_t)min,
                       (uint64_t)max);
    ts_aie2_relocate(reloc->type, bytes, (uint32_t)value);
    return TS_OK;
}
