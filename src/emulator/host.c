/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The host's memory: buffers with device addresses, which only a shim's DMA reaches.
 */
#include "array_int.h"

#include <inttypes.h>

enum {
    FIRST_ADDRESS = 0x10000, /* so that 0 and what is near is no buffer */
    PAGE = 0x1000,           /* buffers begin at multiples of it, as those of a driver do */
    ADDRESS_BITS = 48,       /* of a shim's descriptor: src: AM025: DMA_BD0_2 [documented] */
};

ts_status ts_array_add_buffer(ts_array *array, const char *name, void *data, uint64_t size,
                              uint64_t *address, ts_diag *diag) {
    if (array->n_buffers == ARR_BUFFERS)
        return ts_fail(diag, TS_RANGE, NULL, "buffer %s: there are %d already, the most possible",
                       name, ARR_BUFFERS);
    if (!array->next_address) array->next_address = FIRST_ADDRESS;
    if (size > (UINT64_C(1) << ADDRESS_BITS) - array->next_address - 2 * (uint64_t)PAGE)
        return ts_fail(diag, TS_RANGE, NULL,
                       "buffer %s: %" PRIu64 " bytes do not fit into %d bits of addresses", name,
                       size, ADDRESS_BITS);
    const char *kept = ts_arena_strdup(array->arena, name);
    if (!kept) return ts_fail_nomem(diag);
    array->buffers[array->n_buffers++] = (arr_buffer){
        .name = kept, .data = (uint8_t *)data, .address = array->next_address, .size = size};
    *address = array->next_address;
    array->next_address += (size + PAGE - 1) / PAGE * PAGE + PAGE;
    return TS_OK;
}

void ts_array_clear_buffers(ts_array *array) {
    array->n_buffers = 0;
    array->n_arguments = 0;
    array->next_address = FIRST_ADDRESS;
}

uint8_t *arr_host_at(ts_array *a, uint64_t address, uint64_t size, uint32_t *hint) {
    for (unsigned i = 0; i <= a->n_buffers; i++) {
        unsigned k = i ? i - 1 : *hint;
        if (k >= a->n_buffers) continue;
        const arr_buffer *b = &a->buffers[k];
        if (address < b->address || size > b->size || address - b->address > b->size - size)
            continue;
        *hint = k;
        return b->data + (address - b->address);
    }
    return NULL;
}

void ts_array_set_arguments(ts_array *array, const uint64_t *addresses, unsigned n) {
    array->n_arguments = n < ARR_ARGUMENTS ? n : ARR_ARGUMENTS;
    for (unsigned i = 0; i < array->n_arguments; i++)
        array->arguments[i] = addresses[i];
}

/* A shim's descriptor keeps the low 30 bits of a word address in its second word, the high 16 in
 * its third. src: AM025: DMA_BD0_1, DMA_BD0_2 [documented] */
ts_status ts_array_patch(ts_array *array, uint64_t address, unsigned argument, uint64_t plus,
                         ts_diag *diag) {
    ts_npu_place place;
    if (!ts_npu_split(array->device, address, &place))
        return ts_fail(diag, TS_RANGE, NULL, "address patch: 0x%" PRIx64 " is outside of the array",
                       address);
    if (argument >= array->n_arguments)
        return ts_fail(diag, TS_RANGE, NULL,
                       "address patch: argument %u was not given, there are %u", argument,
                       array->n_arguments);
    uint64_t to = array->arguments[argument] + plus;
    ts_array_write(array, address, (uint32_t)to & ~UINT32_C(3));
    ts_array_mask_write(array, address + 4, 0xffff, (uint32_t)(to >> 32) & 0xffff);
    return TS_OK;
}
