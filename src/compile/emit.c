/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Register writes as CDO commands. Values are put together from the register table's fields, so
 * that no offset or shift stands anywhere else.
 */
#include "compile_int.h"

#include "tessera/pdi.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

comp_value comp_register(const ts_npu_tile *kind, const char *format, ...) {
    char name[64];
    va_list args;
    va_start(args, format);
    vsnprintf(name, sizeof name, format, args);
    va_end(args);
    const ts_npu_register *reg = ts_npu_register_find(kind, name);
    assert(reg);
    return (comp_value){.reg = reg};
}

comp_value comp_register_at(const ts_npu_tile *kind, uint32_t offset) {
    const ts_npu_register *reg = ts_npu_register_at(kind, offset);
    assert(reg && reg->offset == offset);
    return (comp_value){.reg = reg};
}

void comp_set(comp_value *value, const char *field, uint32_t field_value) {
    const ts_npu_field *f = ts_npu_field_find(value->reg, field);
    assert(f);
    value->value = ts_npu_field_insert(f, value->value, field_value);
    value->mask |= ts_npu_field_mask(f);
}

/* The address in the partition: column 0 is its first. */
static uint64_t address_of(const comp *c, const comp_tile *tile, uint32_t offset) {
    uint64_t address = 0;
    bool is_there = ts_npu_join(c->npu, (ts_npu_place){tile->column, tile->row, offset}, &address);
    assert(is_there);
    (void)is_there;
    return address;
}

void comp_write_at(const comp *c, const comp_tile *tile, uint32_t offset, uint32_t value) {
    ts_cdo_put_write(c->out, address_of(c, tile, offset), value);
}

void comp_mask_write_at(const comp *c, const comp_tile *tile, uint32_t offset, uint32_t mask,
                        uint32_t value) {
    uint64_t address = address_of(c, tile, offset);
    uint32_t words[] = {(uint32_t)(address >> 32), (uint32_t)address, mask, value};
    ts_cdo_put(c->out, TS_CDO_MASK_WRITE64, words, 4);
}

void comp_write(const comp *c, const comp_tile *tile, comp_value value) {
    comp_write_at(c, tile, value.reg->offset, value.value);
}

void comp_mask_write(const comp *c, const comp_tile *tile, comp_value value) {
    comp_mask_write_at(c, tile, value.reg->offset, value.mask, value.value);
}

void comp_block(const comp *c, const comp_tile *tile, uint32_t offset, ts_span bytes) {
    if (bytes.size) ts_cdo_put_block(c->out, address_of(c, tile, offset), bytes);
}

/* Bytes `first` to below `end` of the word at `offset`. */
static void part_of_word(const comp *c, const comp_tile *tile, uint32_t offset, unsigned first,
                         unsigned end, const uint8_t *bytes) {
    uint32_t mask = 0, value = 0;
    for (unsigned i = first; i < end; i++) {
        mask |= UINT32_C(0xff) << 8 * i;
        value |= (uint32_t)bytes[i - first] << 8 * i;
    }
    comp_mask_write_at(c, tile, offset, mask, value);
}

/* A masked write for the bytes before the first whole word, a block, a masked write for the rest.
 * src: Xilinx/aie-rt: driver/src/memory/xaie_mem.c, XAie_DataMemBlockWrite [code] */
void comp_data(const comp *c, const comp_tile *tile, uint32_t address, ts_span bytes) {
    uint32_t offset = tile->kind->memories[0].offset + address;
    unsigned over = offset % 4;
    if (over && bytes.size) {
        size_t n = bytes.size < 4 - over ? bytes.size : 4 - over;
        part_of_word(c, tile, offset - over, over, over + (unsigned)n, bytes.data);
        bytes = (ts_span){bytes.data + n, bytes.size - n};
        offset += 4 - over;
    }
    unsigned rest = bytes.size % 4;
    size_t n_whole = bytes.size - rest;
    comp_block(c, tile, offset, (ts_span){bytes.data, n_whole});
    if (rest) part_of_word(c, tile, offset + (uint32_t)n_whole, 0, rest, bytes.data + n_whole);
}
