/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Bytes to bundles. The lowest byte leaves a few formats possible, of which one matches; a few bits
 * of each slot leave a few instructions, of which the first that matches, with all its registers
 * there, is meant. What matches nothing is rejected with its bits, never guessed.
 */
#include "aie2_int.h"

#include <string.h>

const ts_aie2_slot_info ts_aie2_slots[TS_AIE2_N_SLOTS] = {
#define X(constant, name, letter, bits) {name, letter, bits},
    TS_AIE2_SLOT_LIST(X)
#undef X
};

bool ts_aie2_is_nop(const ts_aie2_op *op) {
    return op->instruction == ts_aie2_nops[ts_aie2_instructions[op->instruction].slot];
}

typedef struct bits128 {
    uint64_t low, high;
} bits128;

static bits128 load(const uint8_t *bytes, size_t n_bytes) {
    uint8_t copy[TS_AIE2_MAX_BYTES] = {0};
    memcpy(copy, bytes, n_bytes < sizeof copy ? n_bytes : sizeof copy);
    bits128 out = {0, 0};
    for (unsigned i = 8; i-- > 0;) {
        out.low = out.low << 8 | copy[i];
        out.high = out.high << 8 | copy[i + 8];
    }
    return out;
}

/* `width` bits (1 to 63) from bit `lsb`. */
static uint64_t extract(bits128 from, unsigned lsb, unsigned width) {
    uint64_t value = lsb >= 64 ? from.high >> (lsb - 64) : from.low >> lsb;
    if (lsb && lsb < 64) value |= from.high << (64 - lsb);
    return value & ((UINT64_C(1) << width) - 1);
}

static bool matches(const ts_aie2_format *f, bits128 bits, bits128 known) {
    return !((bits.low ^ f->match[0]) & f->mask[0] & known.low) &&
           !((bits.high ^ f->match[1]) & f->mask[1] & known.high);
}

static const ts_aie2_format *find_format(bits128 bits) {
    unsigned low = bits.low & 0xff;
    for (unsigned i = aie2_format_starts[low]; i < aie2_format_starts[low + 1]; i++) {
        const ts_aie2_format *f = &ts_aie2_formats[aie2_format_candidates[i]];
        if (matches(f, bits, (bits128){UINT64_MAX, UINT64_MAX})) return f;
    }
    return NULL;
}

/* Whether the bytes that are there begin a longer bundle. */
static bool is_beginning(bits128 bits, size_t n_bytes) {
    bits128 known = {n_bytes < 8 ? (UINT64_C(1) << n_bytes * 8) - 1 : UINT64_MAX,
                     n_bytes > 8 && n_bytes < 16 ? (UINT64_C(1) << (n_bytes - 8) * 8) - 1 : 0};
    for (unsigned i = 0; n_bytes < TS_AIE2_MAX_BYTES && i < ts_aie2_n_formats; i++)
        if (ts_aie2_formats[i].size > n_bytes && matches(&ts_aie2_formats[i], bits, known))
            return true;
    return false;
}

unsigned ts_aie2_bundle_size(const uint8_t *bytes, size_t n_bytes) {
    const ts_aie2_format *format = n_bytes < 2 ? NULL : find_format(load(bytes, n_bytes));
    return format ? format->size : 0;
}

static uint32_t field_bits(const ts_aie2_operand *o, uint64_t bits) {
    uint32_t value = 0;
    for (unsigned i = 0; i < o->n_fields; i++) {
        const ts_aie2_field *f = &o->fields[i];
        uint64_t part = bits >> f->lsb & ((UINT64_C(1) << f->width) - 1);
        value |= (uint32_t)(part << f->at);
    }
    return value;
}

/* The encoded value counts from the least one: unsigned from 0, negative from -2^N; signed ones
 * wrap. */
static int32_t immediate(const ts_aie2_operand *o, uint32_t value) {
    int64_t number = value;
    bool is_negative = o->max < 0 || (o->min < 0 && value >> (o->width - 1) & 1);
    if (is_negative) number -= INT64_C(1) << o->width;
    return (int32_t)(number * o->step);
}

/* The operand number whose register is not there, or the number of operands. */
static unsigned decode_operands(const ts_aie2_instruction *in, uint64_t bits, int32_t *values) {
    for (unsigned i = 0; i < in->n_operands; i++) {
        const ts_aie2_operand *o = &in->operands[i];
        uint32_t value = field_bits(o, bits);
        if (!o->is_register) {
            values[i] = immediate(o, value);
            continue;
        }
        values[i] = ts_aie2_register_classes[o->register_class].to_register[value];
        if (!values[i]) return i;
    }
    return in->n_operands;
}

bool ts_aie2_decode_slot(ts_aie2_slot slot, uint64_t bits, ts_aie2_op *out, ts_aie2_reject *why) {
    const aie2_selector *s = &aie2_selectors[slot];
    unsigned index = 0;
    for (unsigned i = 0; i < s->n_bits; i++)
        index |= (unsigned)(bits >> s->bits[i] & 1) << i;
    *why = (ts_aie2_reject){.reason = TS_AIE2_RESERVED, .slot = (uint8_t)slot, .bits = bits};
    for (unsigned i = s->starts[index]; i < s->starts[index + 1]; i++) {
        const ts_aie2_instruction *in = &ts_aie2_instructions[s->candidates[i]];
        if ((bits ^ in->match) & in->mask) continue;
        unsigned n = decode_operands(in, bits, out->values);
        if (n == in->n_operands) {
            out->instruction = s->candidates[i];
            for (; n < TS_AIE2_MAX_OPERANDS; n++)
                out->values[n] = 0;
            return true;
        }
        why->reason = TS_AIE2_NO_REGISTER;
        why->instruction = s->candidates[i];
        why->operand = (uint8_t)n;
    }
    return false;
}

bool ts_aie2_decode(const uint8_t *bytes, size_t n_bytes, ts_aie2_bundle *out,
                    ts_aie2_reject *why) {
    bits128 bits = load(bytes, n_bytes);
    *why = (ts_aie2_reject){.reason = TS_AIE2_TRUNCATED, .bits = bits.low};
    if (n_bytes < 2) return false;
    const ts_aie2_format *format = find_format(bits);
    if (!format) {
        if (!is_beginning(bits, n_bytes)) why->reason = TS_AIE2_NO_FORMAT;
        return false;
    }
    if (format->size > n_bytes) return false;
    out->format = (uint8_t)(format - ts_aie2_formats);
    out->n_ops = format->n_slots;
    out->is_canonical = true;
    for (unsigned i = 0; i < format->n_slots; i++) {
        unsigned slot = format->slots[i];
        uint64_t again, slot_bits = extract(bits, format->lsb[i], ts_aie2_slots[slot].bits);
        if (!ts_aie2_decode_slot((ts_aie2_slot)slot, slot_bits, &out->ops[i], why)) return false;
        if (!ts_aie2_encode_op(&out->ops[i], &again, why) || again != slot_bits)
            out->is_canonical = false;
    }
    return true;
}
