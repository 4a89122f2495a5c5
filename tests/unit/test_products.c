/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Shapes of the multiplier beyond plain matrices: convolutions, channels, complex numbers, sparse
 * matrices, and signs of single products; against plain loops on random numbers.
 */
#include "code.h"
#include "support.h"

#include "tessera/emulator.h"

#include <stdio.h>
#include <string.h>

enum {
    ROUNDS = 30,
    SIGNED = 0x300 /* both operands */
};

typedef struct machine {
    ts_arena *arena;
    ts_core *core;
    uint8_t *program;
    test_random random;
} machine;

static machine machine_new(uint32_t seed) {
    machine m = {.arena = test_begin(), .random = {seed}};
    m.program = ts_arena_alloc(m.arena, TS_AIE2_PROGRAM_BYTES);
    uint8_t *windows[TS_CORE_N_WINDOWS] = {
        [TS_CORE_SOUTH] = ts_arena_alloc(m.arena, TS_CORE_WINDOW_BYTES),
        [TS_CORE_EAST] = ts_arena_alloc(m.arena, TS_CORE_WINDOW_BYTES)};
    m.core = ts_core_new(m.arena, m.program, windows, NULL);
    assert_non_null(m.core);
    return m;
}

static void set(machine *m, const char *name, const void *data, size_t size) {
    ts_core_set(m->core, ts_aie2_register_named(name, strlen(name)), data, size);
}

static void get(const machine *m, const char *name, void *out, size_t size) {
    ts_core_get(m->core, ts_aie2_register_named(name, strlen(name)), out, size);
}

static uint32_t config(unsigned amode, unsigned bmode, unsigned variant, unsigned mask) {
    return amode << 1 | bmode << 3 | variant << 5 | SIGNED | mask << 16;
}

static ts_core_state try_run(machine *m, const char *text, uint32_t word) {
    set(m, "r0", &word, 4);
    code_program(ts_arena_printf(m->arena, "%s\nnop *16\ndone\nnop *16\n", text), m->program);
    ts_core_code_changed(m->core);
    ts_core_set_pc(m->core, 0);
    return ts_core_run(m->core, 1000);
}

static void run(machine *m, const char *text, uint32_t word) {
    if (try_run(m, text, word) != TS_CORE_DONE)
        fail_msg("%08x: %s", word, ts_core_stop_text(m->core));
}

static void fill(machine *m, const char *name, void *out, size_t size) {
    uint8_t *bytes = out;
    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)test_next(&m->random);
    set(m, name, out, size);
}

/* mul_conv_MxN{_Cch}: out(x) = sum of G(u) F(x + u), channel by channel.
 * src: llvm-aie: clang/lib/Headers/aiev2/aiev2_vmult.h [code] */
static void convolutions_slide(void **state) {
    (void)state;
    static const struct {
        unsigned variant, outputs, taps, channels;
    } bytes[] = {{2, 4, 4, 8}, {3, 8, 8, 4}, {4, 32, 8, 1}};
    machine m = machine_new(21);
    for (unsigned round = 0; round < ROUNDS; round++) {
        int8_t x[64], y[64];
        int32_t got[32];
        unsigned k = round % 3, n_ch = bytes[k].channels;
        fill(&m, "x0", x, 64);
        fill(&m, "x1", y, 64);
        run(&m, "vmul cm0, x0, x1, r0", config(0, 1, bytes[k].variant, 0));
        get(&m, "cm0", got, sizeof got);
        for (unsigned at = 0; at < bytes[k].outputs; at++)
            for (unsigned c = 0; c < n_ch; c++) {
                int32_t sum = 0;
                for (unsigned u = 0; u < bytes[k].taps; u++)
                    sum += x[(at + u) * n_ch + c] * y[u * n_ch + c];
                assert_int_equal(got[at * n_ch + c], sum);
            }
    }
    for (unsigned round = 0; round < ROUNDS; round++) {
        int16_t x[32], y[32];
        int64_t acc[16], got[16];
        fill(&m, "x0", x, 64);
        fill(&m, "x1", y, 64);
        fill(&m, "cm1", acc, 128);
        run(&m, "vmsc cm0, cm1, x0, x1, r0", config(1, 3, 3, 0));
        get(&m, "cm0", got, sizeof got);
        for (unsigned at = 0; at < 16; at++) {
            int64_t sum = 0;
            for (unsigned u = 0; u < 4; u++)
                sum += (int64_t)x[at + u] * y[u];
            assert_true(got[at] == (int64_t)((uint64_t)acc[at] - (uint64_t)sum));
        }
    }
    test_end(m.arena);
}

static void channels_and_pairs_stand_side_by_side(void **state) {
    (void)state;
    machine m = machine_new(22);
    for (unsigned round = 0; round < ROUNDS; round++) {
        int8_t x[64], y[64];
        int16_t a[32];
        int32_t got[32];
        fill(&m, "x0", x, 64);
        fill(&m, "x1", y, 64);
        fill(&m, "x2", a, 64);
        run(&m, "vmul cm0, x0, x1, r0", config(0, 1, 1, 0)); /* elem_32_2 */
        get(&m, "cm0", got, sizeof got);
        for (unsigned i = 0; i < 32; i++)
            assert_int_equal(got[i], x[i] * y[i] + x[i + 32] * y[i + 32]);
        run(&m, "vmul cm0, x2, x1, r0", config(0, 2, 1, 0)); /* 4x4_4x4_2ch */
        get(&m, "cm0", got, sizeof got);
        for (unsigned i = 0; i < 32; i++) {
            unsigned channel = i % 2, column = i / 2 % 4, row = i / 8;
            int32_t sum = 0;
            for (unsigned k = 0; k < 4; k++)
                sum += a[(row * 4 + k) * 2 + channel] * y[(k * 4 + column) * 2 + channel];
            assert_int_equal(got[i], sum);
        }
    }
    test_end(m.arena);
}

/* sub_mask as the functions of the header set it.
 * src: llvm-aie: clang/lib/Headers/aiev2/aiev2_defines.h, OP_TERM_NEG_COMPLEX... [code] */
static void complex_numbers_are_pairs(void **state) {
    (void)state;
    static const struct {
        unsigned mask;
        int x_sign, y_sign; /* of the imaginary parts */
    } forms[] = {{0x0a, 1, 1}, {0xa0, -1, 1}, {0x50, 1, -1}, {0xfa, -1, -1}};
    machine m = machine_new(23);
    for (unsigned round = 0; round < ROUNDS; round++) {
        int16_t x[16][2], y[16][2];
        int32_t wide[8][2];
        int64_t got[8][2];
        int64_t sx = forms[round % 4].x_sign, sy = forms[round % 4].y_sign;
        fill(&m, "x0", x, 64);
        fill(&m, "x1", y, 64);
        fill(&m, "x2", wide, 64);
        run(&m, "vmul cm0, x0, x1, r0", config(1, 3, 4, forms[round % 4].mask));
        get(&m, "cm0", got, sizeof got);
        for (unsigned i = 0; i < 8; i++) {
            int64_t re = 0, im = 0;
            for (unsigned k = i; k < 16; k += 8) {
                re += (int64_t)x[k][0] * y[k][0] - sx * sy * x[k][1] * y[k][1];
                im += sy * x[k][0] * y[k][1] + sx * x[k][1] * y[k][0];
            }
            assert_true(got[i][0] == re && got[i][1] == im);
        }
        run(&m, "vmul cm0, x2, x1, r0", config(1, 0, 1, forms[round % 4].mask));
        get(&m, "cm0", got, sizeof got);
        for (unsigned i = 0; i < 8; i++) {
            int64_t re = (int64_t)wide[i][0] * y[i][0] - sx * sy * wide[i][1] * y[i][1];
            int64_t im = sy * wide[i][0] * y[i][1] + sx * wide[i][1] * y[i][0];
            assert_true(got[i][0] == re && got[i][1] == im);
        }
    }
    test_end(m.arena);
}

/* Each bit of the mask alone, told by its own list of products. */
static void a_bit_of_the_mask_turns_its_products(void **state) {
    (void)state;
    static const unsigned char of_bytes[4][2] = {{0, 2}, {4, 6}, {1, 3}, {5, 7}};
    machine m = machine_new(24);
    for (unsigned round = 0; round < 64; round++) {
        int8_t x[8][8], y[8][8];
        int16_t a[8][4], b[4][8];
        int32_t narrow[4][8];
        int64_t wide[2][8];
        unsigned bit = round % 8, high = test_next(&m.random) & 0xff00;
        fill(&m, "x0", x, 64);
        fill(&m, "x1", y, 64);
        run(&m, "vmul cm0, x0, x1, r0", config(0, 1, 0, 1u << bit | high));
        get(&m, "cm0", narrow, sizeof narrow);
        for (unsigned i = 0; i < 32; i++) {
            int32_t sum = 0;
            for (unsigned k = 0; k < 8; k++) {
                const unsigned char *own = of_bytes[bit % 4];
                bool turns = bit / 4 == i % 2 && (k == own[0] || k == own[1]);
                sum += (turns ? -1 : 1) * x[i / 8][k] * y[k][i % 8];
            }
            assert_int_equal(narrow[i / 8][i % 8], sum);
        }
        fill(&m, "x2", a, 64);
        fill(&m, "x3", b, 64);
        run(&m, "vmul cm0, x2, x3, r0", config(1, 3, 0, 1u << bit | high));
        get(&m, "cm0", wide, sizeof wide);
        for (unsigned i = 0; i < 16; i++) {
            int64_t sum = 0;
            for (unsigned k = 0; k < 4; k++)
                sum += (bit == i % 2 * 4 + k ? -1 : 1) * (int64_t)a[i / 8][k] * b[k][i % 8];
            assert_true(wide[i / 8][i % 8] == sum);
        }
    }
    test_end(m.arena);
}

/* A matrix with two elements other than 0 of each four in a column, as memory has it: column by
 * column, a mask bit a byte, and its two elements a group as they are after loading. The multiplier
 * wants the values transposed.
 * src: aie_api: include/aie_api/aie_doc.hpp, "Sparse Data Format"; detail/mmul.hpp, "Supported
 * Sparse Matrix Multiplication Modes" [documented] */
static void make_sparse(machine *m, unsigned inner, unsigned columns, unsigned bytes, int limit,
                        int *matrix, uint8_t *values, uint8_t *mask) {
    memset(values, 0, 64);
    memset(mask, 0, 16);
    for (unsigned i = 0; i < inner * columns; i++)
        matrix[i] = 0;
    for (unsigned at = 0; at < inner * columns; at += 4) {
        unsigned column = at / inner, first = test_next(&m->random) % 4;
        unsigned second = test_next(&m->random) % 4, places[2] = {first, second};
        if (first == second) /* alone: in the lower half at the first place, else at the second */
            places[0] = places[1] = first;
        else if (first > second)
            places[0] = second, places[1] = first;
        for (unsigned i = first == second && first > 1 ? 1 : 0; i < 2; i++) {
            int value = (int)(test_next(&m->random) % (2u * (unsigned)limit)) - limit;
            unsigned k = at % inner + places[i], value_at = (at % inner / 2 + i) * columns + column;
            matrix[k * columns + column] = value;
            memcpy(values + (size_t)value_at * bytes, &value, bytes);
            for (unsigned b = (at + places[i]) * bytes; b < (at + places[i] + 1) * bytes; b++)
                mask[b / 8] |= (uint8_t)(1u << b % 8);
            if (first == second) break;
        }
    }
}

typedef struct sparse_case {
    unsigned amode, bmode, variant, rows, inner, columns, x_bytes, y_bytes;
    const char *text;
} sparse_case;

static void sparse_matrices_multiply_as_dense_ones(void **state) {
    (void)state;
    static const sparse_case cases[] = {
        {0, 1, 5, 4, 16, 8, 1, 1, "vmul cm0, x2, qx1, r0"},
        {1, 2, 2, 2, 16, 8, 2, 1, "vmul cm0, x2, qx1, r0"},
        {1, 3, 5, 2, 8, 8, 2, 2, "vmul cm0, x2, qx1, r0"},
        {1, 3, 5, 2, 8, 8, 2, 2, "vmul cm0, y4, qx1, r0"},
    };
    machine m = machine_new(25);
    for (unsigned round = 0; round < ROUNDS * 4; round++) {
        const sparse_case *c = &cases[round % 4];
        int matrix[128];
        uint8_t values[64], mask[16], x[64];
        int64_t got[32] = {0};
        make_sparse(&m, c->inner, c->columns, c->y_bytes, c->y_bytes == 1 ? 128 : 32768, matrix,
                    values, mask);
        set(&m, "x1", values, 64);
        set(&m, "q1", mask, 16);
        fill(&m, round % 4 == 3 ? "x8" : "x2", x, 64);
        run(&m, c->text, config(c->amode, c->bmode, c->variant, 0));
        get(&m, "cm0", got, 128);
        for (unsigned i = 0; i < c->rows * c->columns; i++) {
            int64_t sum = 0;
            int32_t narrow;
            for (unsigned k = 0; k < c->inner; k++) {
                unsigned at = i / c->columns * c->inner + k;
                int16_t word;
                memcpy(&word, x + (size_t)at % 32 * 2, 2);
                int factor = c->x_bytes == 1 ? (int8_t)x[at] : word;
                sum += (int64_t)factor * matrix[k * c->columns + i % c->columns];
            }
            memcpy(&narrow, (uint8_t *)got + (size_t)i * 4, 4);
            assert_true(c->amode ? got[i] == sum : narrow == sum);
        }
    }
    test_end(m.arena);
}

/* bf16 of a small whole number. */
static uint16_t bf16_of(int value) {
    float f = (float)value;
    uint32_t bits;
    memcpy(&bits, &f, 4);
    return (uint16_t)(bits >> 16);
}

/* 4x16_16x4; bmode does nothing, and a dense shape leaves the mask alone. */
static void sparse_floats_multiply_too(void **state) {
    (void)state;
    machine m = machine_new(27);
    for (unsigned round = 0; round < ROUNDS; round++) {
        int matrix[64], a[64];
        uint8_t values[64], mask[16];
        uint16_t x[64], y[32];
        float got[16];
        make_sparse(&m, 16, 4, 2, 16, matrix, values, mask);
        for (unsigned i = 0; i < 32; i++)
            y[i] = bf16_of((int16_t)(values[2 * i] | values[2 * i + 1] << 8));
        for (unsigned i = 0; i < 64; i++)
            x[i] = bf16_of(a[i] = (int)(test_next(&m.random) % 33) - 16);
        set(&m, "x4", x, 64);
        set(&m, "x5", x + 32, 64);
        set(&m, "x0", y, 64);
        set(&m, "q0", mask, 16);
        run(&m, "vmul.f bml0, y2, qx0, r0", config(2, round % 4, 2, 0));
        get(&m, "bml0", got, sizeof got);
        for (unsigned i = 0; i < 16; i++) {
            int sum = 0;
            for (unsigned k = 0; k < 16; k++)
                sum += a[i / 4 * 16 + k] * matrix[k * 4 + i % 4];
            assert_true(got[i] == (float)sum);
        }
        run(&m, "vmul.f bml0, y2, qx0, r0\nvmul.f bml1, x4, x0, r0",
            config(2 + round % 2, round % 4, round / 4 % 2, 0));
        float dense[16];
        get(&m, "bml0", got, sizeof got);
        get(&m, "bml1", dense, sizeof dense);
        assert_memory_equal(got, dense, sizeof got);
    }
    test_end(m.arena);
}

/* What is not known stops: signs nobody saw, a sparse shape without a mask. */
static void what_is_not_known_stops(void **state) {
    (void)state;
    static const uint32_t words[] = {
        1u << 16,                     /* 4x16_16x8 with a sign */
        1u << 1 | 1u << 16,           /* 4x2_2x4 with a sign */
        3u << 3 | 1u << 16,           /* 4x2_2x8: halves differ */
        1u << 1 | 1u << 5 | 1u << 16, /* complex: twins differ */
        1u << 3 | 5u << 5,
        1u << 1 | 2u << 3 | 2u << 5, /* sparse shapes */
        1u << 1 | 3u << 3 | 7u << 5,
        2u << 1 | 3u << 3, /* no shape; floats */
    };
    machine m = machine_new(26);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        assert_int_equal(try_run(&m, "vmul cm0, x0, x1, r0", words[i]), TS_CORE_NOT_MODELED);
    assert_int_equal(try_run(&m, "vmul cm0, x0, qx1, r0", config(1, 2, 2, 1)), TS_CORE_NOT_MODELED);
    assert_int_equal(try_run(&m, "vmul cm0, x0, qx1, r0", config(1, 2, 2, 3)), TS_CORE_DONE);
    test_end(m.arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(convolutions_slide),
        cmocka_unit_test(channels_and_pairs_stand_side_by_side),
        cmocka_unit_test(complex_numbers_are_pairs),
        cmocka_unit_test(a_bit_of_the_mask_turns_its_products),
        cmocka_unit_test(sparse_matrices_multiply_as_dense_ones),
        cmocka_unit_test(sparse_floats_multiply_too),
        cmocka_unit_test(what_is_not_known_stops),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
