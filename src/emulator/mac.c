/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Accumulators: sums, and products of matrices steered by the configuration word. A mode without a
 * known shape has no meaning and stops the core.
 * src: aie2-facts 44 to 49
 */
#include "emulator_int.h"

/* ---- the configuration word -------------------------------------------------------------------
 */

/* src: aie2-facts 45; llvm-aie: clang/lib/Headers/aiev2/aiev2_vmult.h, aiev2_compute_control [code]
 */
typedef struct config {
    bool zeroes, shifts, negates, negates_acc1, negates_acc2, x_signed, y_signed;
    uint8_t amode, bmode, variant;
    uint16_t sub_mask;
} config;

static config config_of(uint32_t word) {
    return (config){.zeroes = word & 1,
                    .amode = word >> 1 & 3,
                    .bmode = word >> 3 & 3,
                    .variant = word >> 5 & 7,
                    .y_signed = word >> 8 & 1,
                    .x_signed = word >> 9 & 1,
                    .shifts = word >> 10 & 1,
                    .negates = word >> 11 & 1,
                    .negates_acc1 = word >> 12 & 1,
                    .negates_acc2 = word >> 13 & 1,
                    .sub_mask = (uint16_t)(word >> 16)};
}

/* Signs of a row: see semantics.c. */
enum {
    MINUS_PRODUCT = 1,
    MINUS_ACC1 = 2,
    MINUS_ACC2 = 4
};

enum {
    MAX_LANES = 32,
    WIDE_LANES = 1, /* amode: 64-bit lanes */
    FLOAT_LANES = 2,
    FLOAT_BMODE = 3
};

/* ---- sums of integers -------------------------------------------------------------------------
 */

/* One accumulator operand: zeroed, shifted, signed. Two's complement; cut when it is stored. */
static uint64_t term(const uint8_t *acc, unsigned bits, unsigned i, bool is_negative) {
    uint64_t v = emu_lane(acc, bits, i);
    return is_negative ? 0 - v : v;
}

static uint64_t first_term(const config *c, const uint8_t *acc, unsigned bits, unsigned i,
                           unsigned signs) {
    if (c->zeroes) return 0;
    uint64_t v = term(acc, bits, i, !(signs & MINUS_ACC1) != !c->negates_acc1);
    return c->shifts ? v << 16 : v;
}

bool emu_vacc(const emu_op *op, emu_flight *flight) {
    uint8_t *data = flight->data;
    config c = config_of(emu_get32(data + op->in[2]));
    unsigned bits = c.amode == WIDE_LANES ? 64 : 32, signs = op->row->variant;
    bool minus2 = !(signs & MINUS_ACC2) != !c.negates_acc2;
    for (unsigned i = 0; i < op->out_size[0] * 8u / bits; i++)
        emu_set_lane(data + op->out[0], bits, i,
                     first_term(&c, data + op->in[0], bits, i, signs) +
                         term(data + op->in[1], bits, i, minus2));
    return true;
}

bool emu_vneg(const emu_op *op, emu_flight *flight) {
    uint8_t *data = flight->data;
    config c = config_of(emu_get32(data + op->in[1]));
    unsigned bits = c.amode == WIDE_LANES ? 64 : 32;
    for (unsigned i = 0; i < op->out_size[0] * 8u / bits; i++)
        emu_set_lane(data + op->out[0], bits, i,
                     first_term(&c, data + op->in[0], bits, i, op->row->variant));
    return true;
}

/* ---- products ---------------------------------------------------------------------------------
 */

enum {
    VECTOR_BYTES = 64,
    SPARSE_BYTES = 80, /* a vector and its mask */
    MAX_FACTORS = 128
};

static uint32_t products_of(const emu_shape *s) {
    return (uint32_t)emu_shape_lanes(s) * emu_shape_terms(s);
}

/* Operands of a multiply, in the order of the text: up to two accumulators, x, y, configuration. */
typedef struct operands {
    const uint8_t *acc1, *acc2, *x, *y;
    unsigned x_bytes, y_bytes;
    config c;
} operands;

static operands operands_of(const emu_op *op, const uint8_t *data) {
    operands o = {0};
    unsigned n = 0;
    while (n < EMU_ITEMS && op->in_size[n])
        n++;
    o.c = config_of(emu_get32(data + op->in[n - 1]));
    o.y = data + op->in[n - 2];
    o.y_bytes = op->in_size[n - 2];
    o.x = data + op->in[n - 3];
    o.x_bytes = op->in_size[n - 3];
    if (n > 3) o.acc1 = data + op->in[0];
    if (n > 4) o.acc2 = data + op->in[1];
    return o;
}

/* Is it known what the operands do in this shape? A dense shape takes the low 64 bytes of either
 * vector and leaves the mask of a sparse operand alone [observed: Phoenix, 2026-03, 66 points]. */
static bool is_known(const emu_shape *s, const operands *o) {
    if (o->x_bytes < (unsigned)s->rows * s->inner * s->x_bits / 8 && s->kind == EMU_SPARSE)
        return false;
    if (o->x_bytes < VECTOR_BYTES || o->y_bytes < VECTOR_BYTES) return false;
    if (s->kind == EMU_SPARSE && o->y_bytes != SPARSE_BYTES) return false;
    return emu_signs_known(s, o->c.sub_mask);
}

/* False: nothing is multiplied here. */
static bool find_term(const emu_shape *s, const int *positions, unsigned lane, unsigned k,
                      emu_term *out) {
    *out = emu_shape_term(s, lane, k);
    if (s->kind != EMU_SPARSE) return true;
    int position = positions[lane % s->columns * emu_shape_terms(s) + k];
    if (position < 0) return false;
    out->x += (unsigned)position;
    return true;
}

/* Elements as numbers, so that the loops over them are plain. Inlined with `bits` constant. */
static inline void expand_by(const uint8_t *v, unsigned bits, bool is_signed, unsigned n,
                             int64_t *out) {
    for (unsigned i = 0; i < n; i++)
        out[i] = is_signed ? emu_signed_lane(v, bits, i) : (int64_t)emu_lane(v, bits, i);
}

static void expand(const uint8_t *v, unsigned bits, bool is_signed, unsigned n, int64_t *out) {
    switch (bits) {
    case 4: expand_by(v, 4, is_signed, n, out); break;
    case 8: expand_by(v, 8, is_signed, n, out); break;
    case 16: expand_by(v, 16, is_signed, n, out); break;
    default: expand_by(v, 32, is_signed, n, out);
    }
}

/* The two widths a sum can have. In 32 bits products may wrap: only the low bits of a sum count. */
static void multiply_narrow(const emu_shape *s, const int64_t *x64, const int64_t *y64,
                            uint64_t *out) {
    uint32_t x[MAX_FACTORS] = {0}, y[MAX_FACTORS] = {0}, sums[MAX_LANES] = {0};
    unsigned rows = s->rows, inner = s->inner, columns = s->columns;
    for (unsigned i = 0; i < rows * inner; i++)
        x[i] = (uint32_t)x64[i];
    for (unsigned i = 0; i < inner * columns; i++)
        y[i] = (uint32_t)y64[i];
    for (unsigned r = 0; r < rows; r++)
        for (unsigned k = 0; k < inner; k++)
            for (unsigned c = 0; c < columns; c++)
                sums[r * columns + c] += x[r * inner + k] * y[k * columns + c];
    for (unsigned i = 0; i < rows * columns; i++)
        out[i] = sums[i];
}

static void multiply_wide(const emu_shape *s, const int64_t *x, const int64_t *y, uint64_t *out) {
    unsigned rows = s->rows, inner = s->inner, columns = s->columns;
    memset(out, 0, sizeof *out * rows * columns);
    for (unsigned r = 0; r < rows; r++)
        for (unsigned k = 0; k < inner; k++)
            for (unsigned c = 0; c < columns; c++)
                out[r * columns + c] += (uint64_t)x[r * inner + k] * (uint64_t)y[k * columns + c];
}

/* Every other shape, and every sign: product by product. */
static void multiply_terms(const emu_shape *s, const operands *o, const int64_t *x,
                           const int64_t *y, uint64_t *out) {
    unsigned n_lanes = emu_shape_lanes(s), n_terms = emu_shape_terms(s);
    int positions[EMU_POSITIONS] = {0};
    if (s->kind == EMU_SPARSE) emu_sparse_positions(s, o->y + VECTOR_BYTES, positions);
    for (unsigned lane = 0; lane < n_lanes; lane++) {
        out[lane] = 0;
        for (unsigned k = 0; k < n_terms; k++) {
            emu_term t;
            if (!find_term(s, positions, lane, k, &t)) continue;
            uint64_t product = (uint64_t)x[t.x] * (uint64_t)y[t.y];
            out[lane] += emu_sign_flips(s, o->c.sub_mask, lane, k) ? 0 - product : product;
        }
    }
}

static void multiply(const emu_shape *s, const operands *o, uint64_t *out) {
    int64_t x[MAX_FACTORS] = {0}, y[MAX_FACTORS] = {0};
    expand(o->x, s->x_bits, o->c.x_signed, VECTOR_BYTES * 8u / s->x_bits, x);
    expand(o->y, s->y_bits, o->c.y_signed, VECTOR_BYTES * 8u / s->y_bits, y);
    if (s->kind != EMU_MATRIX || s->channels > 1 || o->c.sub_mask)
        multiply_terms(s, o, x, y, out);
    else if (s->amode == WIDE_LANES)
        multiply_wide(s, x, y, out);
    else
        multiply_narrow(s, x, y, out);
}

/* Products and accumulators together. Inlined with `bits` constant. */
static inline void add_up(const emu_op *op, uint8_t *out, const operands *o, unsigned bits,
                          const uint64_t *products, unsigned n) {
    unsigned signs = op->row->variant;
    bool minus = !(signs & MINUS_PRODUCT) != !o->c.negates;
    bool minus2 = !(signs & MINUS_ACC2) != !o->c.negates_acc2;
    for (unsigned i = 0; i < n; i++) {
        uint64_t sum = minus ? 0 - products[i] : products[i];
        if (o->acc1) sum += first_term(&o->c, o->acc1, bits, i, signs);
        if (o->acc2) sum += term(o->acc2, bits, i, minus2);
        emu_set_lane(out, bits, i, sum);
    }
}

/* ---- the common case, plain enough for a compiler to do it in vectors: 4x8x8 of bytes ----------
 */

enum {
    BYTE_ROWS = 4,
    BYTE_INNER = 8,
    BYTE_COLUMNS = 8,
    BYTE_LANES = BYTE_ROWS * BYTE_COLUMNS,
    BYTE_PRODUCTS = BYTE_LANES * BYTE_INNER
};

static void bytes_to_words(const uint8_t *bytes, bool is_signed, unsigned n, int16_t *out) {
    if (is_signed)
        for (unsigned i = 0; i < n; i++)
            out[i] = (int16_t)((bytes[i] ^ 0x80) - 0x80);
    else
        for (unsigned i = 0; i < n; i++)
            out[i] = bytes[i];
}

static void multiply_bytes(const operands *o, uint32_t *restrict out) {
    int16_t x[BYTE_ROWS * BYTE_INNER], y[BYTE_INNER * BYTE_COLUMNS];
    int32_t sums[BYTE_LANES] = {0};
    bytes_to_words(o->x, o->c.x_signed, BYTE_ROWS * BYTE_INNER, x);
    bytes_to_words(o->y, o->c.y_signed, BYTE_INNER * BYTE_COLUMNS, y);
    for (unsigned r = 0; r < BYTE_ROWS; r++)
        for (unsigned k = 0; k < BYTE_INNER; k++) {
            const int16_t factor = x[r * BYTE_INNER + k];
            for (unsigned c = 0; c < BYTE_COLUMNS; c++)
                sums[r * BYTE_COLUMNS + c] += factor * y[k * BYTE_COLUMNS + c];
        }
    memcpy(out, sums, sizeof sums);
}

/* sums[i] += acc[i], zeroed, shifted, negated as told. */
static void add_words(uint32_t *restrict sums, const uint8_t *acc, bool is_negative,
                      unsigned shift) {
    uint32_t words[BYTE_LANES], sign = is_negative ? UINT32_MAX : 0;
    memcpy(words, acc, sizeof words);
    for (unsigned i = 0; i < BYTE_LANES; i++)
        sums[i] += ((words[i] ^ sign) - sign) << shift;
}

static void vmac_bytes(const emu_op *op, const operands *o, uint8_t *out) {
    uint32_t sums[BYTE_LANES];
    unsigned signs = op->row->variant;
    multiply_bytes(o, sums);
    uint32_t sign = !(signs & MINUS_PRODUCT) != !o->c.negates ? UINT32_MAX : 0;
    for (unsigned i = 0; i < BYTE_LANES; i++)
        sums[i] = (sums[i] ^ sign) - sign;
    if (o->acc1 && !o->c.zeroes)
        add_words(sums, o->acc1, !(signs & MINUS_ACC1) != !o->c.negates_acc1, o->c.shifts ? 16 : 0);
    if (o->acc2) add_words(sums, o->acc2, !(signs & MINUS_ACC2) != !o->c.negates_acc2, 0);
    memcpy(out, sums, sizeof sums);
}

/* The row of shapes.c, without looking for it. */
static bool is_bytes(const operands *o) {
    return o->c.amode == 0 && o->c.bmode == 1 && o->c.variant == 0 && !o->c.sub_mask &&
           o->x_bytes >= VECTOR_BYTES && o->y_bytes >= VECTOR_BYTES;
}

bool emu_vmac(const emu_op *op, emu_flight *flight) {
    uint8_t *data = flight->data, *out = data + op->out[0];
    operands o = operands_of(op, data);
    if (is_bytes(&o) && op->out_size[0] == BYTE_LANES * 4) {
        flight->n_products = BYTE_PRODUCTS;
        vmac_bytes(op, &o, out);
        return true;
    }
    uint64_t products[MAX_LANES] = {0};
    const emu_shape *s = emu_shape_of(o.c.amode, o.c.bmode, o.c.variant);
    if (!s || s->amode == FLOAT_LANES || !is_known(s, &o)) return false;
    flight->n_products = products_of(s);
    multiply(s, &o, products);
    unsigned n = emu_shape_lanes(s);
    memset(out, 0, op->out_size[0]);
    if (o.c.amode == WIDE_LANES)
        add_up(op, out, &o, 64, products, n);
    else
        add_up(op, out, &o, 32, products, n);
    return true;
}

/* ---- floats -----------------------------------------------------------------------------------
 */

/* A number on its way through the adder: (-1)^is_negative mantissa 2^(exponent - bias). */
typedef struct part {
    int64_t mantissa; /* signed */
    int exponent;
} part;

enum {
    FRACTION = 23 /* bits behind the point in the adder */
};

static int64_t round_even(int64_t value, unsigned shift) {
    return (int64_t)emu_round_shift(value, shift, 12);
}

static part part_of_fp32(uint32_t v, bool is_negative) {
    int exponent = (int)(v >> 23 & 255);
    int64_t mantissa = (v & 0x7fffff) | (exponent ? 0x800000 : 0);
    if ((v >> 31 != 0) != is_negative) mantissa = -mantissa;
    return (part){mantissa, exponent ? exponent : 1};
}

/* x times y: 8 by 8 bits of mantissa make 14 behind the point. */
static part part_of_product(uint16_t x, uint16_t y, bool is_negative) {
    int ex = x >> 7 & 255, ey = y >> 7 & 255;
    int64_t mantissa = (int64_t)((x & 0x7f) | (ex ? 0x80 : 0)) * ((y & 0x7f) | (ey ? 0x80 : 0));
    if ((((x ^ y) >> 15) != 0) != is_negative) mantissa = -mantissa;
    return (part){mantissa * (1 << (FRACTION - 14)), (ex ? ex : 1) + (ey ? ey : 1) - 127};
}

static bool is_nan32(uint32_t v) {
    return (v & 0x7fffffff) > 0x7f800000;
}
static bool is_nan16(uint16_t v) {
    return (v & 0x7fff) > 0x7f80;
}

enum {
    MAX_PARTS = 20
};

typedef struct sum {
    part parts[MAX_PARTS];
    unsigned n;
    bool is_nan, plus_infinity, minus_infinity, all_negative;
} sum;

static void add_part(sum *s, part p, bool is_negative) {
    s->parts[s->n++] = p;
    s->all_negative = s->all_negative && is_negative;
}

static void add_infinity(sum *s, bool is_negative) {
    if (is_negative)
        s->minus_infinity = true;
    else
        s->plus_infinity = true;
}

static void add_fp32(sum *s, uint32_t v, bool negate) {
    bool is_negative = (v >> 31 != 0) != negate;
    if (is_nan32(v)) s->is_nan = true;
    if ((v & 0x7fffffff) == 0x7f800000) add_infinity(s, is_negative);
    add_part(s, part_of_fp32(v, negate), is_negative);
}

static void add_product(sum *s, uint16_t x, uint16_t y, bool negate) {
    bool x_infinite = (x & 0x7fff) == 0x7f80, y_infinite = (y & 0x7fff) == 0x7f80;
    bool is_negative = (((x ^ y) >> 15) != 0) != negate;
    if (is_nan16(x) || is_nan16(y)) s->is_nan = true;
    if ((x_infinite && !(y & 0x7f80)) || (y_infinite && !(x & 0x7f80))) s->is_nan = true;
    if (x_infinite || y_infinite) add_infinity(s, is_negative);
    add_part(s, part_of_product(x, y, negate), is_negative);
}

/* src: aie2-facts 42: NaN results have payload 1 */
static uint32_t nan_of(bool is_negative) {
    return (is_negative ? UINT32_C(0xff800001) : UINT32_C(0x7f800001));
}

/* Everything aligned to the largest exponent, each part rounded to even, added exactly, normalized
 * with rounding to even; what is too small becomes a signed zero.
 * src: aie2-facts 41, 43 [observed: Phoenix, 2026-06, as outcomes] */
static uint32_t total(const sum *s) {
    int top = -1000;
    for (unsigned i = 0; i < s->n; i++)
        if (s->parts[i].mantissa && s->parts[i].exponent > top) top = s->parts[i].exponent;
    int64_t mantissa = 0;
    for (unsigned i = 0; i < s->n; i++)
        if (s->parts[i].mantissa)
            mantissa += round_even(s->parts[i].mantissa, (unsigned)(top - s->parts[i].exponent));
    bool is_negative = mantissa < 0 || (mantissa == 0 && s->all_negative);
    if (s->is_nan || (s->plus_infinity && s->minus_infinity)) return nan_of(is_negative);
    uint32_t sign = is_negative ? UINT32_C(1) << 31 : 0;
    if (s->plus_infinity || s->minus_infinity)
        return (s->minus_infinity ? UINT32_C(0xff800000) : UINT32_C(0x7f800000));
    uint64_t magnitude = (uint64_t)(mantissa < 0 ? -mantissa : mantissa);
    if (!magnitude) return sign;
    int length = 64 - __builtin_clzll(magnitude), drop = length - FRACTION - 1;
    int exponent = top + drop;
    if (drop > 0) {
        magnitude = (uint64_t)round_even((int64_t)magnitude, (unsigned)drop);
        if (magnitude >> (FRACTION + 1)) {
            magnitude >>= 1;
            exponent++;
        }
    } else {
        magnitude <<= -drop;
    }
    if (exponent >= 255) return sign | UINT32_C(0x7f800000);
    if (exponent <= 0) return sign;
    return sign | (uint32_t)exponent << 23 | (uint32_t)(magnitude & 0x7fffff);
}

/* The products of one lane. */
static void add_products(sum *out, const emu_shape *s, const operands *o, const int *positions,
                         unsigned lane, bool minus) {
    unsigned n_terms = emu_shape_terms(s);
    for (unsigned k = 0; k < n_terms; k++) {
        emu_term t;
        if (!find_term(s, positions, lane, k, &t)) continue;
        add_product(out, emu_get16(o->x + (size_t)t.x * 2), emu_get16(o->y + (size_t)t.y * 2),
                    minus != emu_sign_flips(s, o->c.sub_mask, lane, k));
    }
}

/* amode 2 or 3; bmode does nothing. src: shapes.c, the rows of floats */
static const emu_shape *float_shape_of(const config *c) {
    return c->amode < FLOAT_LANES ? NULL : emu_shape_of(FLOAT_LANES, FLOAT_BMODE, c->variant);
}

bool emu_vmac_f(const emu_op *op, emu_flight *flight) {
    uint8_t *data = flight->data;
    operands o = operands_of(op, data);
    const emu_shape *s = float_shape_of(&o.c);
    if (!s || !is_known(s, &o)) return false;
    flight->n_products = products_of(s);
    unsigned signs = op->row->variant, n_lanes = emu_shape_lanes(s);
    bool minus = !(signs & MINUS_PRODUCT) != !o.c.negates;
    bool minus1 = !(signs & MINUS_ACC1) != !o.c.negates_acc1;
    bool minus2 = !(signs & MINUS_ACC2) != !o.c.negates_acc2;
    int positions[EMU_POSITIONS] = {0};
    if (s->kind == EMU_SPARSE) emu_sparse_positions(s, o.y + VECTOR_BYTES, positions);
    for (unsigned i = 0; i < n_lanes; i++) {
        sum sums = {.all_negative = true};
        add_products(&sums, s, &o, positions, i, minus);
        if (o.acc1 && !o.c.zeroes) add_fp32(&sums, emu_get32(o.acc1 + (size_t)i * 4), minus1);
        if (o.acc2) add_fp32(&sums, emu_get32(o.acc2 + (size_t)i * 4), minus2);
        emu_put32(data + op->out[0] + (size_t)i * 4, total(&sums));
    }
    return true;
}

/* vadd.f, vsub.f, vneg.f and their like: 16 lanes. */
bool emu_vacc_f(const emu_op *op, emu_flight *flight) {
    uint8_t *data = flight->data;
    unsigned signs = op->row->variant;
    bool has_two = op->in_size[2] != 0;
    config c = config_of(emu_get32(data + op->in[has_two ? 2 : 1]));
    bool minus1 = !(signs & MINUS_ACC1) != !c.negates_acc1;
    bool minus2 = !(signs & MINUS_ACC2) != !c.negates_acc2;
    for (unsigned i = 0; i < op->out_size[0] / 4u; i++) {
        sum sums = {.all_negative = true};
        if (!c.zeroes) add_fp32(&sums, emu_get32(data + op->in[0] + (size_t)i * 4), minus1);
        if (has_two) add_fp32(&sums, emu_get32(data + op->in[1] + (size_t)i * 4), minus2);
        emu_put32(data + op->out[0] + (size_t)i * 4, total(&sums));
    }
    return true;
}
