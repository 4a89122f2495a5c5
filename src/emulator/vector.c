/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Vectors lane by lane: add, compare, select, move. Lane 0 is in the lowest bytes; compare results
 * are one bit a lane, lane 0 in bit 0.
 * src: aie2-facts 26 to 32 [observed: Phoenix, 2026-03] where nothing else is said
 */
#include "emulator_int.h"

enum {
    VECTOR_BYTES = 64
};

/* What a body works on. */
typedef struct frame {
    uint8_t *d;               /* first result */
    uint8_t *bits_out;        /* second */
    const uint8_t *a, *b, *c; /* operands */
    unsigned bits, n;         /* lanes */
    unsigned order;           /* 0 unsigned, 1 signed, 2 bf16 */
} frame;

enum {
    UNSIGNED,
    SIGNED,
    BF16
};

static frame frame_of(const emu_op *op, emu_flight *flight) {
    uint8_t *data = flight->data;
    frame f = {.d = data + op->out[0],
               .bits_out = data + op->out[1],
               .a = data + op->in[0],
               .b = data + op->in[1],
               .c = data + op->in[2],
               .bits = op->row->from,
               .n = op->row->from ? VECTOR_BYTES * 8u / op->row->from : 0,
               .order = op->row->is_signed};
    if (f.order == UNSIGNED && emu_get32(data + op->in_sign) & 1) f.order = SIGNED;
    return f;
}

static inline uint64_t lane(const frame *f, const uint8_t *v, unsigned i) {
    return emu_lane(v, f->bits, i);
}

static bool is_bf16_nan(uint64_t v) {
    return (v & 0x7fff) > 0x7f80;
}

/* Sign and magnitude as a number; -0 stands below +0. */
static int64_t bf16_order(uint64_t v) {
    int64_t magnitude = (int64_t)(v & 0x7fff);
    return v >> 15 & 1 ? -magnitude - 1 : magnitude;
}

static int64_t key(const frame *f, const uint8_t *v, unsigned i) {
    if (f->order == BF16) return bf16_order(lane(f, v, i));
    return f->order == SIGNED ? emu_signed_lane(v, f->bits, i) : (int64_t)lane(f, v, i);
}

static bool ordered(const frame *f, unsigned i) {
    return f->order != BF16 || !(is_bf16_nan(lane(f, f->a, i)) || is_bf16_nan(lane(f, f->b, i)));
}

static bool less(const frame *f, unsigned i) {
    return ordered(f, i) && key(f, f->a, i) < key(f, f->b, i);
}

static bool not_less(const frame *f, unsigned i) {
    return ordered(f, i) && key(f, f->a, i) >= key(f, f->b, i);
}

static inline void give(const frame *f, unsigned i, uint64_t value) {
    emu_set_lane(f->d, f->bits, i, value);
}

static bool bit(const uint8_t *bits, unsigned i) {
    return bits[i / 8] >> i % 8 & 1;
}

/* One bit a lane into a register of `size` bytes; bits above stay 0. */
static void clear_bits(uint8_t *out, unsigned size) {
    memset(out, 0, size);
}
static void give_bit(uint8_t *out, unsigned i, bool value) {
    out[i / 8] = (uint8_t)(out[i / 8] | (unsigned)value << i % 8);
}

/* ---- arithmetic -------------------------------------------------------------------------------
 */

bool emu_vadd(const emu_op *op, emu_flight *flight) {
    frame f = frame_of(op, flight);
    for (unsigned i = 0; i < f.n; i++)
        give(&f, i, lane(&f, f.a, i) + lane(&f, f.b, i));
    return true;
}

bool emu_vsub(const emu_op *op, emu_flight *flight) {
    frame f = frame_of(op, flight);
    for (unsigned i = 0; i < f.n; i++)
        give(&f, i, lane(&f, f.a, i) - lane(&f, f.b, i));
    return true;
}

bool emu_vband(const emu_op *op, emu_flight *flight) {
    frame f = frame_of(op, flight);
    for (unsigned i = 0; i < VECTOR_BYTES; i++)
        f.d[i] = f.a[i] & f.b[i];
    return true;
}

bool emu_vbor(const emu_op *op, emu_flight *flight) {
    frame f = frame_of(op, flight);
    for (unsigned i = 0; i < VECTOR_BYTES; i++)
        f.d[i] = f.a[i] | f.b[i];
    return true;
}

bool emu_vsel(const emu_op *op, emu_flight *flight) {
    frame f = frame_of(op, flight);
    for (unsigned i = 0; i < f.n; i++)
        give(&f, i, lane(&f, bit(f.c, i) ? f.b : f.a, i));
    return true;
}

bool emu_vaddsub(const emu_op *op, emu_flight *flight) {
    frame f = frame_of(op, flight);
    for (unsigned i = 0; i < f.n; i++) {
        uint64_t b = lane(&f, f.b, i);
        give(&f, i, lane(&f, f.a, i) + (bit(f.c, i) ? 0 - b : b));
    }
    return true;
}

bool emu_vabs_gtz(const emu_op *op, emu_flight *flight) {
    frame f = frame_of(op, flight);
    clear_bits(f.bits_out, op->out_size[1]);
    for (unsigned i = 0; i < f.n; i++) {
        int64_t v = key(&f, f.a, i);
        give(&f, i, (uint64_t)(v < 0 ? -v : v));
        give_bit(f.bits_out, i, v > 0);
    }
    return true;
}

bool emu_vneg_gtz(const emu_op *op, emu_flight *flight) {
    frame f = frame_of(op, flight);
    clear_bits(f.bits_out, op->out_size[1]);
    for (unsigned i = 0; i < f.n; i++) {
        int64_t v = key(&f, f.a, i);
        give(&f, i, (uint64_t)-v);
        give_bit(f.bits_out, i, v > 0);
    }
    return true;
}

bool emu_vbneg_ltz(const emu_op *op, emu_flight *flight) {
    frame f = frame_of(op, flight);
    clear_bits(f.bits_out, op->out_size[1]);
    for (unsigned i = 0; i < f.n; i++) {
        give(&f, i, ~lane(&f, f.a, i));
        give_bit(f.bits_out, i, key(&f, f.a, i) < 0);
    }
    return true;
}

/* src: aie2-facts 40: a NaN keeps the first operand, in both [observed: Phoenix] */
bool emu_vmax_lt(const emu_op *op, emu_flight *flight) {
    frame f = frame_of(op, flight);
    clear_bits(f.bits_out, op->out_size[1]);
    for (unsigned i = 0; i < f.n; i++) {
        bool lt = less(&f, i);
        give(&f, i, lane(&f, lt ? f.b : f.a, i));
        give_bit(f.bits_out, i, lt);
    }
    return true;
}

bool emu_vmin_ge(const emu_op *op, emu_flight *flight) {
    frame f = frame_of(op, flight);
    clear_bits(f.bits_out, op->out_size[1]);
    for (unsigned i = 0; i < f.n; i++) {
        bool ge = not_less(&f, i);
        give(&f, i, lane(&f, ge ? f.b : f.a, i));
        give_bit(f.bits_out, i, ge);
    }
    return true;
}

bool emu_vmaxdiff_lt(const emu_op *op, emu_flight *flight) {
    frame f = frame_of(op, flight);
    clear_bits(f.bits_out, op->out_size[1]);
    for (unsigned i = 0; i < f.n; i++) {
        bool lt = less(&f, i);
        give(&f, i, lt ? 0 : lane(&f, f.a, i) - lane(&f, f.b, i));
        give_bit(f.bits_out, i, lt);
    }
    return true;
}

/* variant: bits tell s1 >= s2 instead of s1 < s2. */
bool emu_vsub_cmp(const emu_op *op, emu_flight *flight) {
    frame f = frame_of(op, flight);
    clear_bits(f.bits_out, op->out_size[1]);
    for (unsigned i = 0; i < f.n; i++) {
        give(&f, i, lane(&f, f.a, i) - lane(&f, f.b, i));
        give_bit(f.bits_out, i, op->row->variant ? not_less(&f, i) : less(&f, i));
    }
    return true;
}

bool emu_vcmp(const emu_op *op, emu_flight *flight) {
    frame f = frame_of(op, flight);
    clear_bits(f.d, op->out_size[0]);
    for (unsigned i = 0; i < f.n; i++)
        give_bit(f.d, i, op->row->variant ? not_less(&f, i) : less(&f, i));
    return true;
}

bool emu_veqz(const emu_op *op, emu_flight *flight) {
    frame f = frame_of(op, flight);
    clear_bits(f.d, op->out_size[0]);
    for (unsigned i = 0; i < f.n; i++)
        give_bit(f.d, i, lane(&f, f.a, i) == 0);
    return true;
}

/* ---- moving lanes -----------------------------------------------------------------------------
 */

static void broadcast(const frame *f, uint8_t *out, uint64_t value) {
    for (unsigned i = 0; i < f->n; i++)
        emu_set_lane(out, f->bits, i, value);
}

bool emu_vbcst(const emu_op *op, emu_flight *flight) {
    frame f = frame_of(op, flight);
    broadcast(&f, f.d, lane(&f, f.a, 0));
    return true;
}

bool emu_vbcstshfl(const emu_op *op, emu_flight *flight) {
    static const uint8_t zeros[VECTOR_BYTES];
    uint8_t value[VECTOR_BYTES];
    frame f = frame_of(op, flight);
    broadcast(&f, value, lane(&f, f.a, 0));
    emu_shuffle(value, zeros, emu_get32(f.b), f.d);
    return true;
}

/* The index is an immediate or in a register; lanes go round. */
static unsigned index_of(const emu_op *op, const frame *f, const uint8_t *in_register) {
    uint32_t index = op->has_imm ? (uint32_t)op->constants[0] : emu_get32(in_register);
    return f->n ? index % f->n : 0;
}

bool emu_vextbcst(const emu_op *op, emu_flight *flight) {
    frame f = frame_of(op, flight);
    broadcast(&f, f.d, lane(&f, f.a, index_of(op, &f, f.b)));
    return true;
}

/* src: FIM43-Redeye/xdna-emu: src/interpreter/execute/vector_misc.rs [code]; never recorded */
bool emu_vextract(const emu_op *op, emu_flight *flight) {
    frame f = frame_of(op, flight);
    unsigned i = index_of(op, &f, f.b);
    uint64_t value = (uint64_t)key(&f, f.a, i);
    if (op->out_size[0] == 8)
        emu_put64(f.d, value);
    else
        emu_put32(f.d, (uint32_t)value);
    return true;
}

bool emu_vinsert(const emu_op *op, emu_flight *flight) {
    frame f = frame_of(op, flight);
    memcpy(f.d, f.a, VECTOR_BYTES);
    give(&f, index_of(op, &f, f.b), lane(&f, f.c, 0));
    return true;
}

bool emu_vpush_hi(const emu_op *op, emu_flight *flight) {
    frame f = frame_of(op, flight);
    for (unsigned i = 0; i + 1 < f.n; i++)
        give(&f, i, lane(&f, f.a, i + 1));
    give(&f, f.n - 1, lane(&f, f.b, 0));
    return true;
}

bool emu_vpush_lo(const emu_op *op, emu_flight *flight) {
    frame f = frame_of(op, flight);
    give(&f, 0, lane(&f, f.a, 0));
    for (unsigned i = 1; i < f.n; i++)
        give(&f, i, lane(&f, f.b, i - 1));
    return true;
}

/* Bytes of s1 moved down, then of s2. src: aie2-facts 32 for amounts far above 64 [observed], the
 * rest as aie_api's shift_bytes [inferred: its name; vshift with a small amount would refute it] */
bool emu_vshift(const emu_op *op, emu_flight *flight) {
    frame f = frame_of(op, flight);
    uint32_t amount = emu_get32(f.c);
    memset(f.d, 0, VECTOR_BYTES);
    if (amount > VECTOR_BYTES) return true;
    memcpy(f.d, f.a + amount, VECTOR_BYTES - amount);
    memcpy(f.d + VECTOR_BYTES - amount, f.b, amount);
    return true;
}

bool emu_vshift_align(const emu_op *op, emu_flight *flight) {
    const uint8_t *data = flight->data;
    uint8_t moved[VECTOR_BYTES] = {0};
    frame f = frame_of(op, flight);
    uint32_t down = emu_get32(f.b), amount = emu_get32(data + op->in[3]);
    memset(f.d, 0, VECTOR_BYTES);
    if (amount > VECTOR_BYTES) return true;
    if (down < VECTOR_BYTES / 4)
        memcpy(moved, f.a + (size_t)down * 4, VECTOR_BYTES - (size_t)down * 4);
    memcpy(f.d, moved, VECTOR_BYTES - amount);
    memcpy(f.d + VECTOR_BYTES - amount, f.c, amount);
    return true;
}

bool emu_zeros(const emu_op *op, emu_flight *flight) {
    memset(flight->data + op->out[0], 0, op->out_size[0]);
    return true;
}

/* ---- shuffle ----------------------------------------------------------------------------------
 */

/* Each mode transposes matrices of rows x columns elements that lie one behind the other in the 128
 * bytes of both operands; the result is the low or the high half. Mode 38 swaps pairs instead.
 * src: llvm-aie: clang/lib/Headers/aiev2/aiev2_enums.h, T8_64x2_lo and the rest [code]; the bytes
 * of all 48: aie2-facts 31 [observed: Phoenix, 2026-04] */
typedef struct transpose {
    uint8_t bytes, rows, columns;
    bool is_high;
} transpose;

/* clang-format off */
static const transpose modes[48] = {
    {1, 64, 2, 0}, {1, 64, 2, 1}, {2, 32, 2, 0}, {2, 32, 2, 1}, {4, 16, 2, 0}, {4, 16, 2, 1},
    {8, 8, 2, 0}, {8, 8, 2, 1}, {16, 4, 2, 0}, {16, 4, 2, 1}, {32, 2, 2, 0}, {32, 2, 2, 1},
    {16, 2, 4, 0}, {16, 2, 4, 1}, {8, 2, 8, 0}, {8, 2, 8, 1}, {4, 2, 16, 0}, {4, 2, 16, 1},
    {2, 2, 32, 0}, {2, 2, 32, 1}, {1, 2, 64, 0}, {1, 2, 64, 1}, {64, 1, 2, 0}, {64, 1, 2, 1},
    {2, 16, 4, 0}, {2, 16, 4, 1}, {2, 4, 16, 0}, {2, 4, 16, 1}, {2, 8, 4, 0}, {2, 4, 8, 0},
    {4, 8, 4, 0}, {4, 8, 4, 1}, {4, 4, 8, 0}, {4, 4, 8, 1}, {4, 4, 4, 0}, {1, 8, 8, 0},
    {1, 16, 4, 0}, {1, 4, 16, 0}, {2, 1, 2, 0}, {2, 4, 4, 0}, {2, 4, 2, 0}, {2, 2, 4, 0},
    {2, 8, 2, 0}, {2, 2, 8, 0}, {2, 16, 2, 0}, {2, 2, 16, 0}, {1, 8, 4, 0}, {1, 4, 8, 0},
};
/* clang-format on */

enum {
    FLIP = 38,
    N_MODES = sizeof modes / sizeof *modes
};

void emu_shuffle(const uint8_t *low, const uint8_t *high, unsigned mode, uint8_t *out) {
    uint8_t both[2 * VECTOR_BYTES], all[2 * VECTOR_BYTES];
    mode %= 64;
    memcpy(both, low, VECTOR_BYTES);
    memcpy(both + VECTOR_BYTES, high, VECTOR_BYTES);
    if (mode >= N_MODES) {
        memset(out, 0, VECTOR_BYTES);
        out[0] = low[0];
        return;
    }
    if (mode == FLIP) {
        for (unsigned i = 0; i < VECTOR_BYTES; i++)
            out[i] = low[i ^ 2];
        return;
    }
    const transpose *t = &modes[mode];
    unsigned to = 0, block = (unsigned)t->bytes * t->rows * t->columns;
    for (unsigned from = 0; from < sizeof both; from += block)
        for (unsigned c = 0; c < t->columns; c++)
            for (unsigned r = 0; r < t->rows; r++, to += t->bytes)
                memcpy(all + to, both + from + ((size_t)r * t->columns + c) * t->bytes, t->bytes);
    memcpy(out, all + (t->is_high ? VECTOR_BYTES : 0), VECTOR_BYTES);
}

bool emu_vshuffle(const emu_op *op, emu_flight *flight) {
    frame f = frame_of(op, flight);
    emu_shuffle(f.a, f.b, emu_get32(f.c), f.d);
    return true;
}
