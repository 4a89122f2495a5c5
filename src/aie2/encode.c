/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Bundles to bytes, and the choice of a format. Open bits of no operand are 0, as llvm-aie leaves
 * them.
 */
#include "aie2_int.h"

#include <string.h>

static bool reject(ts_aie2_reject *why, ts_aie2_reason reason, const ts_aie2_op *op,
                   unsigned operand) {
    *why = (ts_aie2_reject){.reason = reason,
                            .slot = ts_aie2_instructions[op->instruction].slot,
                            .operand = (uint8_t)operand,
                            .instruction = op->instruction};
    return false;
}

/* The bits of an operand's value, or -1 when it has none of that value. */
static int64_t encoded_value(const ts_aie2_operand *o, int32_t value) {
    if (o->is_register) {
        if (value <= 0 || value >= ts_aie2_n_registers) return -1;
        return ts_aie2_register_classes[o->register_class].to_value[value];
    }
    if (value < o->min || value > o->max || value % o->step) return -1;
    return (int64_t)((uint64_t)(int64_t)(value / o->step) & ((UINT64_C(1) << o->width) - 1));
}

bool ts_aie2_encode_op(const ts_aie2_op *op, uint64_t *bits, ts_aie2_reject *why) {
    const ts_aie2_instruction *in = &ts_aie2_instructions[op->instruction];
    uint64_t filled = 0;
    *bits = in->match;
    for (unsigned i = 0; i < in->n_operands; i++) {
        const ts_aie2_operand *o = &in->operands[i];
        int64_t value = encoded_value(o, op->values[i]);
        if (value < 0) return reject(why, TS_AIE2_BAD_VALUE, op, i);
        for (unsigned k = 0; k < o->n_fields; k++) {
            const ts_aie2_field *f = &o->fields[k];
            uint64_t mask = ((UINT64_C(1) << f->width) - 1) << f->lsb;
            uint64_t part = ((uint64_t)value >> f->at << f->lsb) & mask;
            if ((*bits ^ part) & mask & filled) return reject(why, TS_AIE2_NOT_SAME, op, i);
            *bits |= part;
            filled |= mask;
        }
    }
    return true;
}

/* OR `value` into the bundle from bit `lsb`. */
static void deposit(uint64_t out[2], unsigned lsb, uint64_t value) {
    if (lsb >= 64) {
        out[1] |= value << (lsb - 64);
        return;
    }
    out[0] |= value << lsb;
    if (lsb) out[1] |= value >> (64 - lsb);
}

bool ts_aie2_encode(const ts_aie2_bundle *bundle, uint8_t out[TS_AIE2_MAX_BYTES],
                    ts_aie2_reject *why) {
    const ts_aie2_format *format = &ts_aie2_formats[bundle->format];
    uint64_t words[2] = {format->match[0], format->match[1]};
    for (unsigned i = 0; i < format->n_slots; i++) {
        const ts_aie2_op *op = &bundle->ops[i];
        uint64_t bits;
        if (ts_aie2_instructions[op->instruction].slot != format->slots[i])
            return reject(why, TS_AIE2_NO_SLOTS, op, 0);
        if (!ts_aie2_encode_op(op, &bits, why)) return false;
        deposit(words, format->lsb[i], bits);
    }
    for (unsigned i = 0; i < TS_AIE2_MAX_BYTES; i++)
        out[i] = (uint8_t)(words[i / 8] >> i % 8 * 8);
    return true;
}

int ts_aie2_choose_format(unsigned slot_set) {
    return slot_set < 256 ? aie2_format_by_slots[slot_set] : -1;
}

static ts_aie2_op nop_of(unsigned slot) {
    return (ts_aie2_op){.instruction = ts_aie2_nops[slot]};
}

bool ts_aie2_pack(const ts_aie2_op *ops, size_t n_ops, ts_aie2_bundle *out, ts_aie2_reject *why) {
    const ts_aie2_op *by_slot[TS_AIE2_N_SLOTS] = {0};
    unsigned slot_set = 0;
    for (size_t i = 0; i < n_ops; i++) {
        unsigned slot = ts_aie2_instructions[ops[i].instruction].slot;
        if (by_slot[slot]) return reject(why, TS_AIE2_NO_SLOTS, &ops[i], 0);
        by_slot[slot] = &ops[i];
        slot_set |= 1u << slot;
    }
    int chosen = ts_aie2_choose_format(slot_set);
    if (chosen < 0) {
        *why =
            (ts_aie2_reject){.reason = TS_AIE2_NO_SLOTS, .slot = TS_AIE2_N_SLOTS, .bits = slot_set};
        return false;
    }
    const ts_aie2_format *format = &ts_aie2_formats[chosen];
    out->format = (uint8_t)chosen;
    out->n_ops = format->n_slots;
    out->is_canonical = true;
    for (unsigned i = 0; i < format->n_slots; i++) {
        const ts_aie2_op *op = by_slot[format->slots[i]];
        out->ops[i] = op ? *op : nop_of(format->slots[i]);
    }
    return true;
}

/* The bundle of `size` bytes that does nothing: src: llvm-aie:
 * llvm/lib/Target/AIE/MCTargetDesc/AIE2AsmBackend.cpp, writeNopData [code] */
static void nop_bundle(uint8_t *out, unsigned size) {
#define S(name) (1u << TS_AIE2_SLOT_##name)
    static const uint8_t slots[] = {
        [2 / 2] = S(NOP),
        [4 / 2] = S(ALU),
        [6 / 2] = S(LNG),
        [8 / 2] = S(ST) | S(MV),
        [10 / 2] = S(LDA) | S(LDB) | S(MV),
        [12 / 2] = S(LDB) | S(ST) | S(ALU) | S(MV),
        [14 / 2] = S(LDA) | S(ST) | S(MV) | S(VEC),
        [16 / 2] = S(LDB) | S(LDA) | S(ST) | S(LNG) | S(VEC),
    };
#undef S
    ts_aie2_bundle bundle = {.format = (uint8_t)ts_aie2_choose_format(slots[size / 2])};
    uint8_t bytes[TS_AIE2_MAX_BYTES];
    ts_aie2_reject why;
    for (unsigned i = 0; i < ts_aie2_formats[bundle.format].n_slots; i++)
        bundle.ops[i] = nop_of(ts_aie2_formats[bundle.format].slots[i]);
    if (ts_aie2_encode(&bundle, bytes, &why)) memcpy(out, bytes, size);
}

void ts_aie2_fill_nops(uint8_t *out, size_t n_bytes) {
    while (n_bytes >= 2) {
        unsigned size = n_bytes < TS_AIE2_MAX_BYTES ? (unsigned)n_bytes & ~1u : TS_AIE2_MAX_BYTES;
        nop_bundle(out, size);
        out += size;
        n_bytes -= size;
    }
}
