/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Bodies of scalar instructions whose results come later than their first cycle.
 */
#include "emulator_int.h"

bool emu_mul(const emu_op *op, emu_flight *flight) {
    uint8_t *data = flight->data;
    emu_put32(data + op->out[0], emu_get32(data + op->in[0]) * emu_get32(data + op->in[1]));
    return true;
}

/* As it was read, or loaded; the rest of a longer register becomes 0. */
bool emu_copy(const emu_op *op, emu_flight *flight) {
    uint8_t *data = flight->data, *to = data + op->out[0];
    bool loads = op->flags & EMU_LOADS;
    unsigned size = loads ? op->n_bytes : op->in_size[0];
    memset(to, 0, op->out_size[0]);
    memcpy(to, data + (loads ? op->memory : op->in[0]),
           size < op->out_size[0] ? size : op->out_size[0]);
    return true;
}

bool emu_load_part(const emu_op *op, emu_flight *flight) {
    const uint8_t *from = flight->data + op->memory;
    unsigned bits = op->n_bytes * 8u;
    uint64_t value =
        op->row->is_signed ? (uint64_t)emu_signed_lane(from, bits, 0) : emu_lane(from, bits, 0);
    emu_put32(flight->data + op->out[0], (uint32_t)value);
    return true;
}

bool emu_counter(const emu_op *op, emu_flight *flight) {
    memcpy(flight->data + op->out[0], flight->data + op->memory, op->out_size[0]);
    return true;
}
