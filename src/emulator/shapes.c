/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The shapes of the multiplier: which factors the products of a lane have, which bits of sub_mask
 * turn their signs, and where the values of a sparse operand stand. One row a shape; mac.c does the
 * arithmetic. What a row does not know (its signs, above all) has no meaning and stops the core.
 *
 * "Recorded" and "points" below: the 845 recorded products whose inputs are known. The
 * parity of a lane does not depend on signs, which proves a shape alone; then every choice of signs
 * that gives the recorded bits of all lanes is searched for, and there is one.
 */
#include "emulator_int.h"

/* Which bits of sub_mask flip the products of a lane: with `period` lanes in turn, each having
 * 8 / period of the low eight bits, product k is flipped by the k-th hexadecimal digit of `bits`
 * (the lowest is k = 0). The high eight bits do nothing. `twin`: known only when bit i of a lane
 * equals bit i + twin, because nothing tells them apart.
 * src: FIM43-Redeye/xdna-emu: tests/isa-hw-baseline-20260324, configuration words of the products
 * [observed: Phoenix, 2026-03, the masks below]; the complex ones also llvm-aie:
 * clang/lib/Headers/aiev2/aiev2_defines.h, OP_TERM_NEG_* [code] */
typedef struct signs {
    uint8_t period, twin;
    uint32_t bits;
} signs;

enum {
    SIGNS_UNKNOWN,
    SIGNS_8_8,        /* masks 04 27 37 57; bit 3 (k = 5, 7) by the pattern [inferred] */
    SIGNS_8_8_PAIRS,  /* 12 1e 9c */
    SIGNS_16_8,       /* 05 54 8a */
    SIGNS_16_16,      /* 55 bb: lanes by two or by four, both would do */
    SIGNS_WIDE_16_8,  /* 43 in two points: bits 0 and 1 only together; bit 3 [inferred] */
    SIGNS_WIDE_16_16, /* 04 08 14 15 1c 46 49 54 5f 6a 6d 7a 7f 82 89 a1 cf ec ef */
    SIGNS_WIDE_32_16, /* documented masks only */
    SIGNS_FLOAT       /* 04 1a 23 28 45 6a 70 7d 90 b5 */
};

static const signs all_signs[] = {
    [SIGNS_8_8] = {2, 0, 0x31312020},       [SIGNS_8_8_PAIRS] = {2, 0, 0x00},
    [SIGNS_16_8] = {4, 0, 0x1100},          [SIGNS_16_16] = {4, 4, 0x10},
    [SIGNS_WIDE_16_8] = {2, 1, 0x33221100}, [SIGNS_WIDE_16_16] = {2, 0, 0x3210},
    [SIGNS_WIDE_32_16] = {2, 2, 0x10},      [SIGNS_FLOAT] = {2, 0, 0x32103210},
};

/* src: llvm-aie: clang/lib/Headers/aiev2/aiev2_vmult.h, the functions named at the end of each row
 * and their aiev2_compute_control() [code]; control words of sparse 16x8, 16x16 and bf16:
 * aie2-facts 48 and the points; sparse operands: aie_api: include/aie_api/aie_doc.hpp, "Sparse Data
 * Format" [documented]. R: recorded points, and how many of them have other inputs or another
 * control word than all before [observed: Phoenix, 2026-03]
 */
/* clang-format off */
static const emu_shape shapes[] = {
    {0, 0, 0, EMU_MATRIX,      4, 16, 8, 1,  8,  4, SIGNS_UNKNOWN},    /* 4x16_16x8 */
    {0, 1, 0, EMU_MATRIX,      4, 8, 8, 1,   8,  8, SIGNS_8_8},        /* 4x8_8x8; R 5/4 */
    {0, 1, 1, EMU_ELEMENT,     1, 2, 32, 1,  8,  8, SIGNS_8_8_PAIRS},  /* elem_32_2; R 5/5 */
    {0, 1, 2, EMU_CONVOLUTION, 4, 4, 1, 8,   8,  8, SIGNS_UNKNOWN},    /* conv_4x4_8ch */
    {0, 1, 3, EMU_CONVOLUTION, 8, 8, 1, 4,   8,  8, SIGNS_8_8},        /* conv_8x8_4ch; R 3/2 */
    {0, 1, 4, EMU_CONVOLUTION, 32, 8, 1, 1,  8,  8, SIGNS_UNKNOWN},    /* conv_32x8 */
    {0, 1, 5, EMU_SPARSE,      4, 16, 8, 1,  8,  8, SIGNS_UNKNOWN},    /* 4x16_16x8, sparse */
    {0, 2, 0, EMU_MATRIX,      4, 4, 8, 1,   16, 8, SIGNS_16_8},       /* 4x4_4x8; R 2/2 */
    {0, 2, 1, EMU_MATRIX,      4, 4, 4, 2,   16, 8, SIGNS_16_8},       /* 4x4_4x4_2ch; R 13/3 */
    {0, 3, 0, EMU_MATRIX,      4, 2, 8, 1,   16, 16, SIGNS_16_16},     /* 4x2_2x8; R 3/2 */
    {0, 3, 1, EMU_ELEMENT,     1, 1, 32, 1,  16, 16, SIGNS_UNKNOWN},   /* elem_32 */
    {1, 0, 0, EMU_MATRIX,      4, 2, 4, 1,   32, 16, SIGNS_UNKNOWN},   /* 4x2_2x4 */
    {1, 0, 1, EMU_COMPLEX,     1, 2, 8, 1,   32, 16, SIGNS_WIDE_32_16}, /* elem_8, complex */
    {1, 2, 0, EMU_MATRIX,      2, 8, 8, 1,   16, 8, SIGNS_UNKNOWN},    /* 2x8_8x8 */
    {1, 2, 1, EMU_MATRIX,      4, 8, 4, 1,   16, 8, SIGNS_UNKNOWN},    /* 4x8_8x4 */
    {1, 2, 2, EMU_SPARSE,      2, 16, 8, 1,  16, 8, SIGNS_WIDE_16_8},  /* 2x16_16x8, sparse; R 8/2 */
    {1, 3, 0, EMU_MATRIX,      2, 4, 8, 1,   16, 16, SIGNS_WIDE_16_16}, /* 2x4_4x8; R 3/1 */
    {1, 3, 1, EMU_MATRIX,      4, 4, 4, 1,   16, 16, SIGNS_WIDE_16_16}, /* 4x4_4x4 */
    {1, 3, 2, EMU_ELEMENT,     1, 2, 16, 1,  16, 16, SIGNS_WIDE_16_16}, /* elem_16_2; R 3/2 */
    {1, 3, 3, EMU_CONVOLUTION, 16, 4, 1, 1,  16, 16, SIGNS_WIDE_16_16}, /* conv_16x4; R 5/5 */
    {1, 3, 4, EMU_COMPLEX,     1, 4, 8, 1,   16, 16, SIGNS_WIDE_16_16}, /* elem_8_2, complex; R 4/1 */
    {1, 3, 5, EMU_SPARSE,      2, 8, 8, 1,   16, 16, SIGNS_WIDE_16_16}, /* 2x8_8x8, sparse; R 8/6 */
    /* bmode 1 with 64-bit lanes does what bmode 3 does; no function has it, the points show it */
    {1, 1, 0, EMU_MATRIX,      2, 4, 8, 1,   16, 16, SIGNS_WIDE_16_16}, /* R 11/3 */
    {1, 1, 1, EMU_MATRIX,      4, 4, 4, 1,   16, 16, SIGNS_WIDE_16_16}, /* R 5/3 */
    {1, 1, 2, EMU_ELEMENT,     1, 2, 16, 1,  16, 16, SIGNS_WIDE_16_16}, /* R 2/1 */
    /* floats: amode 2 or 3, any bmode */
    {2, 3, 0, EMU_MATRIX,      4, 8, 4, 1,   16, 16, SIGNS_FLOAT},      /* 4x8_8x4; R 23/13 */
    {2, 3, 1, EMU_ELEMENT,     1, 2, 16, 1,  16, 16, SIGNS_WIDE_16_16}, /* elem_16_2; R 12/9 */
    {2, 3, 2, EMU_SPARSE,      4, 16, 4, 1,  16, 16, SIGNS_FLOAT},      /* 4x16_16x4, sparse; R 4/2 */
};
/* clang-format on */

const emu_shape *emu_shape_of(unsigned amode, unsigned bmode, unsigned variant) {
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        if (shapes[i].amode == amode && shapes[i].bmode == bmode && shapes[i].variant == variant)
            return &shapes[i];
    return NULL;
}

unsigned emu_shape_lanes(const emu_shape *s) {
    unsigned parts = s->kind == EMU_COMPLEX ? 2 : 1;
    return (unsigned)s->rows * s->columns * s->channels * parts;
}

/* Half of a sparse operand's elements can be other than zero. */
unsigned emu_shape_terms(const emu_shape *s) {
    return s->kind == EMU_SPARSE ? s->inner / 2u : s->inner;
}

emu_term emu_shape_term(const emu_shape *s, unsigned lane, unsigned k) {
    unsigned channel = lane % s->channels, at = lane / s->channels;
    unsigned row = at / s->columns, column = at % s->columns, base;
    switch (s->kind) {
    case EMU_ELEMENT: return (emu_term){lane + k * s->columns, lane + k * s->columns};
    case EMU_CONVOLUTION: /* `at` is the output, k the tap */
        return (emu_term){(at + k) * s->channels + channel, k * s->channels + channel};
    case EMU_COMPLEX: /* real lanes: re re, im im; imaginary ones: re im, im re */
        base = lane / 2 * 2 + k / 2 * 2 * s->columns;
        return (emu_term){base + k % 2, base + (k % 2 ^ lane % 2)};
    case EMU_SPARSE: return (emu_term){row * s->inner, k * s->columns + column};
    default:
        return (emu_term){(row * s->inner + k) * s->channels + channel,
                          (k * s->columns + column) * s->channels + channel};
    }
}

/* ---- signs ------------------------------------------------------------------------------------
 */

bool emu_signs_known(const emu_shape *s, unsigned mask) {
    const signs *g = &all_signs[s->signs];
    if (!mask) return true;
    if (!g->period) return false;
    static const uint8_t twins[] = {0, 0x11, 0x33, 0, 0x0f}; /* by distance */
    return !g->twin || !((mask ^ mask >> g->twin) & twins[g->twin]);
}

bool emu_sign_flips(const emu_shape *s, unsigned mask, unsigned lane, unsigned k) {
    const signs *g = &all_signs[s->signs];
    if (!(mask & 255)) return false;
    return mask >> (lane % g->period * (8u / g->period) + (g->bits >> 4 * k & 15)) & 1;
}

/* ---- sparse operands --------------------------------------------------------------------------
 */

enum {
    GROUP = 4 /* elements of a column that share two values */
};

/* Four elements, two values: of two set bits the lower one has the first value; a bit alone has the
 * first one in the lower half, the second in the upper. More than two bits select nothing.
 * src: aie_api: include/aie_api/aie_doc.hpp, "Sparse partial decompression" [documented]; more than
 * two bits [observed: Phoenix, 2026-03, in all 16 recorded sparse points of 64-bit lanes] */
static void select_two(unsigned bits, int *first, int *second) {
    static const int selections[16][2] = {
        [0] = {-1, -1}, [1] = {0, -1},   [2] = {1, -1},   [3] = {0, 1},
        [4] = {-1, 2},  [5] = {0, 2},    [6] = {1, 2},    [7] = {-1, -1},
        [8] = {-1, 3},  [9] = {0, 3},    [10] = {1, 3},   [11] = {-1, -1},
        [12] = {2, 3},  [13] = {-1, -1}, [14] = {-1, -1}, [15] = {-1, -1},
    };
    *first = selections[bits][0];
    *second = selections[bits][1];
}

/* positions[column * terms + k]: the element of the column that value k is, or -1. The mask has a
 * bit a byte, column by column; an element is there when one of its bytes is. */
void emu_sparse_positions(const emu_shape *s, const uint8_t *mask, int *positions) {
    unsigned element_bytes = s->y_bits / 8u, terms = emu_shape_terms(s);
    for (unsigned column = 0; column < s->columns; column++)
        for (unsigned k = 0; k < terms; k += 2) {
            int *pair = positions + (size_t)column * terms + k;
            unsigned bits = 0, first = column * s->inner + k / 2 * GROUP;
            for (unsigned i = 0; i < GROUP * element_bytes; i++) {
                unsigned at = first * element_bytes + i;
                bits |= ((unsigned)mask[at / 8] >> at % 8 & 1u) << i / element_bytes;
            }
            select_two(bits, &pair[0], &pair[1]);
            for (unsigned i = 0; i < 2; i++)
                if (pair[i] >= 0) pair[i] += (int)(k / 2 * GROUP);
        }
}
