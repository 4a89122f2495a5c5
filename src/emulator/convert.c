/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Between widths and between kinds of number: shift-round-saturate, its opposite, pack, unpack,
 * bf16. Lane i stays lane i. src: aie2-facts 28, 33 to 39 [observed: Phoenix, 2026-03 and 2026-06]
 */
#include "emulator_int.h"

/* ---- rounding ---------------------------------------------------------------------------------
 */

/* crRnd. src: aie2-facts 35 */
enum {
    FLOOR = 0,
    CEILING = 1,
    TO_ZERO = 2,
    FROM_ZERO = 3,
    TIES_DOWN = 8,
    TIES_UP = 9,
    TIES_TO_ZERO = 10,
    TIES_FROM_ZERO = 11,
    TIES_EVEN = 12,
    TIES_ODD = 13
};

/* Whether `floor`, which is less than the value by `rest` (of `half` twice), goes up by one. */
static bool rounds_up(emu_wide floor, emu_wide rest, emu_wide half, bool is_negative,
                      unsigned mode) {
    if (rest == 0) return false;
    if (mode >= TIES_DOWN && rest != half) return rest > half;
    switch (mode) {
    case CEILING:
    case TIES_UP: return true;
    case TO_ZERO:
    case TIES_TO_ZERO: return is_negative;
    case FROM_ZERO:
    case TIES_FROM_ZERO: return !is_negative;
    case TIES_EVEN: return floor & 1;
    case TIES_ODD: return !(floor & 1);
    default: return false; /* FLOOR, TIES_DOWN; the codes between are not known to mean anything */
    }
}

enum {
    MAX_SHIFT = 100 /* beyond every lane: the same as any larger shift */
};

emu_wide emu_round_shift(emu_wide value, unsigned shift, unsigned mode) {
    if (shift == 0) return value;
    if (shift > MAX_SHIFT) shift = MAX_SHIFT;
    emu_wide floor = value >> shift;
    emu_wide rest = value - floor * ((emu_wide)1 << shift);
    return floor + rounds_up(floor, rest, (emu_wide)1 << (shift - 1), value < 0, mode);
}

uint64_t emu_saturate(emu_wide value, unsigned bits, bool is_signed, unsigned sat) {
    emu_wide one = 1;
    emu_wide most = is_signed ? (one << (bits - 1)) - 1 : (one << bits) - 1;
    emu_wide least = is_signed ? -(one << (bits - 1)) : 0;
    if (sat & 2 && is_signed) least = -most;
    if (sat & 1) {
        if (value > most) value = most;
        if (value < least) value = least;
    }
    return (uint64_t)value;
}

/* ---- integers ---------------------------------------------------------------------------------
 */

typedef struct controls {
    unsigned sat, rnd;
    bool is_signed;
} controls;

static controls controls_of(const emu_op *op, const uint8_t *data) {
    return (controls){.sat = emu_get32(data + op->in_sat),
                      .rnd = emu_get32(data + op->in_rnd),
                      .is_signed = op->row->is_signed || emu_get32(data + op->in_sign) & 1};
}

static emu_wide value_of(const uint8_t *v, unsigned bits, unsigned i, bool is_signed) {
    return is_signed ? (emu_wide)emu_signed_lane(v, bits, i) : (emu_wide)emu_lane(v, bits, i);
}

/* The way from a register or to memory: what a body reads or writes first. */
static const uint8_t *source(const emu_op *op, const uint8_t *data, unsigned *size) {
    bool loads = op->flags & EMU_LOADS;
    *size = loads ? op->n_bytes : op->in_size[0];
    return data + (loads ? op->memory : op->in[0]);
}

static uint8_t *target(const emu_op *op, uint8_t *data, unsigned *size) {
    bool stores = op->flags & EMU_STORES;
    *size = stores ? op->n_bytes : op->out_size[0];
    return data + (stores ? op->memory : op->out[0]);
}

bool emu_srs(const emu_op *op, emu_flight *flight) {
    uint8_t *data = flight->data;
    unsigned from_size, to_size, from = op->row->from, to = op->row->to;
    const uint8_t *in = source(op, data, &from_size);
    uint8_t *out = target(op, data, &to_size);
    controls c = controls_of(op, data);
    unsigned shift = emu_get32(data + op->in[1]);
    memset(out, 0, to_size);
    /* Accumulator lanes are always signed; the sign of the result only matters when it is clamped.
     */
    for (unsigned i = 0; i < from_size * 8 / from; i++)
        emu_set_lane(out, to, i,
                     emu_saturate(emu_round_shift(emu_signed_lane(in, from, i), shift, c.rnd), to,
                                  c.is_signed, c.sat));
    return true;
}

bool emu_ups(const emu_op *op, emu_flight *flight) {
    uint8_t *data = flight->data;
    unsigned from_size, to_size, from = op->row->from, to = op->row->to;
    const uint8_t *in = source(op, data, &from_size);
    uint8_t *out = target(op, data, &to_size);
    controls c = controls_of(op, data);
    unsigned shift = emu_get32(data + op->in[op->flags & EMU_LOADS ? 0 : 1]);
    if (shift > 63) shift = 63;
    for (unsigned i = 0; i < to_size * 8 / to; i++)
        emu_set_lane(out, to, i,
                     emu_saturate(value_of(in, from, i, c.is_signed) * ((emu_wide)1 << shift), to,
                                  true, c.sat));
    return true;
}

bool emu_pack(const emu_op *op, emu_flight *flight) {
    uint8_t *data = flight->data;
    unsigned from_size, to_size, from = op->row->from, to = op->row->to;
    const uint8_t *in = source(op, data, &from_size);
    uint8_t *out = target(op, data, &to_size);
    controls c = controls_of(op, data);
    /* The lanes are signed even when the result is not.
     * src: FIM43-Redeye/xdna-emu: src/interpreter/execute/vector_pack.rs [code] */
    for (unsigned i = 0; i < from_size * 8 / from; i++)
        emu_set_lane(out, to, i,
                     emu_saturate(emu_signed_lane(in, from, i), to, c.is_signed, c.sat));
    return true;
}

bool emu_unpack(const emu_op *op, emu_flight *flight) {
    uint8_t *data = flight->data;
    unsigned from_size, to_size, from = op->row->from, to = op->row->to;
    const uint8_t *in = source(op, data, &from_size);
    uint8_t *out = target(op, data, &to_size);
    controls c = controls_of(op, data);
    for (unsigned i = 0; i < to_size * 8 / to; i++)
        emu_set_lane(out, to, i, (uint64_t)value_of(in, from, i, c.is_signed));
    return true;
}

/* ---- bf16 -------------------------------------------------------------------------------------
 */

enum {
    LANES_OF_BF16 = 16 /* of a conversion */
};

/* src: aie2-facts 38: rounding is of the signed value; infinities pass; a NaN stays one */
static uint16_t bf16_of(uint32_t fp32, unsigned mode) {
    uint32_t magnitude = fp32 & 0x7fffffff;
    uint16_t sign = (uint16_t)(fp32 >> 16 & 0x8000), top = (uint16_t)(magnitude >> 16);
    if (magnitude > 0x7f800000) return (uint16_t)(sign | top | !(top & 0x7f));
    emu_wide value = sign ? -(emu_wide)magnitude : magnitude;
    emu_wide rounded = emu_round_shift(value, 16, mode);
    return (uint16_t)(sign | (uint16_t)(rounded < 0 ? -rounded : rounded));
}

bool emu_to_bf16(const emu_op *op, emu_flight *flight) {
    uint8_t *data = flight->data;
    unsigned from_size, to_size;
    const uint8_t *in = source(op, data, &from_size);
    uint8_t *out = target(op, data, &to_size);
    unsigned rnd = emu_get32(data + op->in_rnd);
    for (unsigned i = 0; i < LANES_OF_BF16; i++)
        emu_put16(out + (size_t)i * 2, bf16_of(emu_get32(in + (size_t)i * 4), rnd));
    return true;
}

bool emu_from_bf16(const emu_op *op, emu_flight *flight) {
    uint8_t *data = flight->data;
    unsigned from_size, to_size;
    const uint8_t *in = source(op, data, &from_size);
    uint8_t *out = target(op, data, &to_size);
    for (unsigned i = 0; i < LANES_OF_BF16; i++)
        emu_put32(out + (size_t)i * 4, (uint32_t)emu_get16(in + (size_t)i * 2) << 16);
    return true;
}

/* floor(value * 2^shift), clamped; a NaN gives the largest.
 * src: aie2-facts 39; shift: 6 bits with a sign, FIM43-Redeye/xdna-emu:
 * src/interpreter/execute/vector_arith.rs [code] */
static int32_t floor_of(uint16_t bf16, int shift) {
    int exponent = bf16 >> 7 & 0xff;
    emu_wide mantissa = (bf16 & 0x7f) | (exponent ? 0x80 : 0);
    bool is_negative = bf16 >> 15;
    if (exponent == 255) return is_negative && !(bf16 & 0x7f) ? INT32_MIN : INT32_MAX;
    int scale = (exponent ? exponent : 1) - 127 - 7 + shift;
    if (is_negative) mantissa = -mantissa;
    if (scale > 40) scale = 40;
    emu_wide value = scale >= 0 ? mantissa * ((emu_wide)1 << scale)
                                : emu_round_shift(mantissa, (unsigned)-scale, FLOOR);
    return (int32_t)emu_saturate(value, 32, true, 1);
}

bool emu_vfloor(const emu_op *op, emu_flight *flight) {
    uint8_t *data = flight->data;
    int shift = (int32_t)(emu_get32(data + op->in[1]) << 26) >> 26;
    for (unsigned i = 0; i < LANES_OF_BF16; i++)
        emu_put32(data + op->out[0] + (size_t)i * 4,
                  (uint32_t)floor_of(emu_get16(data + op->in[0] + (size_t)i * 2), shift));
    return true;
}
