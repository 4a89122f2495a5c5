/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Relocations: which operand of a bundle each fills, and filling it. Rows are in relocations.tsv.
 */
#include "aie2_int.h"

/* Data: a 20-bit address and a 32-bit word, each in one of two names.
 * src: llvm-aie: lld/ELF/Arch/AIE.cpp, relocateAIE2 [code] */
static const aie2_relocation data_relocations[] = {
    {4, 1, {{0, 20, 0}}},
    {4, 1, {{0, 32, 0}}},
    {4, 1, {{0, 20, 0}}},
    {4, 1, {{0, 32, 0}}},
};

static const aie2_relocation *row_of(unsigned type) {
    if (type < aie2_n_relocations) return &aie2_relocations[type];
    return type < TS_AIE2_N_RELOCATIONS ? &data_relocations[type - aie2_n_relocations] : NULL;
}

static bool fills(const aie2_relocation *row, const ts_aie2_operand *o, unsigned slot_lsb) {
    if (row->n_fields != o->n_fields) return false;
    for (unsigned i = 0; i < row->n_fields; i++) {
        bool found = false;
        for (unsigned k = 0; k < o->n_fields; k++)
            found |= row->fields[i].lsb == o->fields[k].lsb + slot_lsb &&
                     row->fields[i].width == o->fields[k].width &&
                     row->fields[i].at == o->fields[k].at;
        if (!found) return false;
    }
    return true;
}

int ts_aie2_relocation_of(const ts_aie2_bundle *bundle, unsigned slot_index, unsigned operand) {
    const ts_aie2_format *format = &ts_aie2_formats[bundle->format];
    const ts_aie2_instruction *in = &ts_aie2_instructions[bundle->ops[slot_index].instruction];
    if (operand >= in->n_operands || in->operands[operand].is_register) return -1;
    for (unsigned i = 0; i < aie2_n_relocations; i++)
        if (aie2_relocations[i].size == format->size &&
            fills(&aie2_relocations[i], &in->operands[operand], format->lsb[slot_index]))
            return (int)i;
    return -1;
}

bool ts_aie2_relocated_operand(const ts_aie2_bundle *bundle, unsigned type, unsigned *slot_index,
                               unsigned *operand) {
    for (unsigned i = 0; i < bundle->n_ops; i++)
        for (unsigned k = 0; k < ts_aie2_instructions[bundle->ops[i].instruction].n_operands; k++)
            if (ts_aie2_relocation_of(bundle, i, k) == (int)type) {
                *slot_index = i;
                *operand = k;
                return true;
            }
    return false;
}

unsigned ts_aie2_relocation_size(unsigned type) {
    const aie2_relocation *row = row_of(type);
    return row ? row->size : 0;
}

void ts_aie2_relocate(unsigned type, uint8_t *bytes, uint32_t value) {
    const aie2_relocation *row = row_of(type);
    for (unsigned i = 0; row && i < row->n_fields; i++) {
        const ts_aie2_field *f = &row->fields[i];
        for (unsigned bit = 0; bit < f->width; bit++) {
            uint8_t *byte = &bytes[(f->lsb + bit) / 8];
            uint8_t mask = (uint8_t)(1u << (f->lsb + bit) % 8);
            *byte = value >> (f->at + bit) & 1 ? *byte | mask : *byte & (uint8_t)~mask;
        }
    }
}
