/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * The helpers that the linker adds (runtime/), run on the emulator's core against C. */
#include "code.h"
#include "support.h"

#include "tessera/emulator.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    DATA_AT = 0x70000,
    MEMORY_BYTES = 4096,
    RANDOM_PAIRS = 3000
};

/* A program with all helpers, in a core. */
typedef struct machine {
    ts_arena *arena;
    ts_object program;
    ts_core *core;
    uint8_t code[TS_AIE2_PROGRAM_BYTES];
    uint8_t windows[TS_CORE_N_WINDOWS][0x10000];
    uint32_t stop;
} machine;

static uint32_t address_of(const machine *m, const char *name) {
    uint32_t number = ts_object_find_symbol(&m->program, name);
    if (!number) fail_msg("no symbol %s", name);
    return m->program.symbols[number].value;
}

static void link_helpers(machine *m) {
    static const char *const none[] = {NULL};
    static const char *const needed[] = {
        "__udivsi3",    "__umodsi3",   "__divsi3",      "__modsi3",  "__udivdi3",  "__umoddi3",
        "__divdi3",     "__moddi3",    "__muldi3",      "__ashldi3", "__lshrdi3",  "__ashrdi3",
        "__addsf3",     "__subsf3",    "__mulsf3",      "__divsf3",  "__eqsf2",    "__nesf2",
        "__ltsf2",      "__lesf2",     "__gtsf2",       "__gesf2",   "__unordsf2", "__fixsfsi",
        "__fixunssfsi", "__floatsisf", "__floatunsisf", "__negsf2",  "memcpy",     "memset",
        "memmove",      "memcmp",      "sqrtf",         "__cmpsf2",  "stop"};
    code_object c;
    ts_link_result result;
    ts_diag diag = {0};
    code_begin(m->arena, &c);
    code_function(&c, "main", 0, none);
    code_function(&c, "stop", 0, none);
    ts_link_file file = {"main.o", code_file(&c)};
    ts_link_options options = {.output = "helpers.elf",
                               .files = &file,
                               .n_files = 1,
                               .script_after = 1,
                               .needed = needed,
                               .n_needed = sizeof needed / sizeof *needed};
    if (ts_link(m->arena, &options, &result, &diag) != TS_OK) fail_msg("%s", diag.message);
    m->program = result.program;
}

static machine *begin(void) {
    ts_arena *arena = test_begin();
    machine *m = TS_ARENA_NEW(arena, machine);
    uint8_t *windows[TS_CORE_N_WINDOWS];
    assert_non_null(m);
    m->arena = arena;
    link_helpers(m);
    ts_span text = m->program.sections[ts_object_find_section(&m->program, ".text")].bytes;
    memcpy(m->code, text.data, text.size);
    for (unsigned i = 0; i < TS_CORE_N_WINDOWS; i++)
        windows[i] = m->windows[i];
    m->core = ts_core_new(arena, m->code, windows, NULL);
    assert_non_null(m->core);
    m->stop = address_of(m, "stop");
    return m;
}

static void set(machine *m, const char *name, uint32_t value) {
    uint64_t words[8] = {value};
    ts_core_set(m->core, code_register(name), words, sizeof words);
}

static uint32_t get(const machine *m, const char *name) {
    uint64_t words[8] = {0};
    ts_core_get(m->core, code_register(name), words, sizeof words);
    return (uint32_t)words[0];
}

/* What a function leaves as it is. src: llvm-aie: llvm/lib/Target/AIE/AIE2CallingConv.td: CSR_AIE2
 * [code] */
static const char *const kept[] = {"r16", "r17", "r18", "r19", "r20", "r21",
                                   "r22", "r23", "p6",  "p7",  "SP"};
/* What it may change, and what it finds there is anything. */
static const char *const changed[] = {"r0",  "r1",  "r2",  "r3",  "r4",  "r5",  "r6",  "r7",
                                      "r8",  "r9",  "r10", "r11", "r12", "r13", "r14", "r15",
                                      "r24", "r25", "r26", "r27", "r28", "r29", "r30", "r31"};

static void scramble(machine *m, uint32_t by) {
    for (size_t i = 0; i < sizeof changed / sizeof *changed; i++)
        set(m, changed[i], by * (uint32_t)(2 * i + 1));
}

static uint32_t kept_value(size_t i) {
    return 0x54321u + (uint32_t)i * 0x1040u;
}

static uint64_t call(machine *m, const char *name) {
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        set(m, kept[i], kept_value(i));
    ts_core_set_pc(m->core, address_of(m, name));
    set(m, "LR", m->stop);
    ts_core_set_break(m->core, m->stop);
    uint64_t start = ts_core_cycle(m->core);
    (void)ts_core_run(m->core, 100000);
    uint64_t cycles = ts_core_cycle(m->core) - start;
    assert_int_equal(ts_core_pc(m->core), m->stop);
    ts_core_drain(m->core);
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        assert_int_equal(get(m, kept[i]), kept_value(i));
    return cycles;
}

/* Memory before and behind many calls. */
static void fill_memory(machine *m) {
    memset(m->windows, 0xa5, sizeof m->windows);
}

static void check_memory(const machine *m) {
    for (size_t i = 0; i < sizeof m->windows; i++)
        if (((const uint8_t *)m->windows)[i] != 0xa5) fail_msg("memory changed at %zu", i);
}

/* Small and large, and the numbers where division goes wrong. */
static uint32_t number(test_random *random) {
    static const uint32_t edges[] = {0, 1, 0x7fffffff, 0x80000000, 0xffffffff};
    uint64_t bits = test_next(random);
    if (bits % 8 == 0) return edges[bits / 8 % 5];
    return (uint32_t)(bits >> 32) >> bits / 8 % 32;
}

static uint32_t divide(machine *m, const char *name, uint32_t a, uint32_t b) {
    set(m, "r1", a);
    set(m, "r2", b);
    call(m, name);
    return get(m, "r0");
}

static void division(void **state) {
    (void)state;
    machine *m = begin();
    test_random random = {1};
    for (unsigned i = 0; i < 2000; i++) {
        uint32_t a = number(&random), b = number(&random);
        int64_t x = (int32_t)a, y = (int32_t)b;
        if (!b) continue;
        assert_int_equal(divide(m, "__udivsi3", a, b), a / b);
        assert_int_equal(divide(m, "__umodsi3", a, b), a % b);
        assert_int_equal(divide(m, "__divsi3", a, b), (uint32_t)(x / y));
        assert_int_equal(divide(m, "__modsi3", a, b), (uint32_t)(x % y));
    }
    assert_int_equal(divide(m, "__udivsi3", 7, 0), UINT32_MAX);
    assert_int_equal(divide(m, "__umodsi3", 7, 0), 7);
    test_end(m->arena);
}

static void memory(void **state) {
    (void)state;
    machine *m = begin();
    static uint8_t want[MEMORY_BYTES];
    uint8_t *own = m->windows[TS_CORE_N_WINDOWS - 1];
    test_random random = {2};
    for (unsigned i = 0; i < 500; i++) {
        for (unsigned k = 0; k < MEMORY_BYTES; k++)
            own[k] = want[k] = (uint8_t)test_next(&random);
        uint32_t to = (uint32_t)(test_next(&random) % 1000);
        uint32_t from = 1500 + (uint32_t)(test_next(&random) % 1000);
        uint32_t size = (uint32_t)(test_next(&random) % 200);
        if (i % 2) to &= ~3u, from &= ~3u, size &= ~3u;
        set(m, "p1", DATA_AT + to);
        set(m, "p2", DATA_AT + from);
        set(m, "r0", size);
        call(m, "memcpy");
        memcpy(want + to, want + from, size);
        assert_memory_equal(own, want, MEMORY_BYTES);
        assert_int_equal(get(m, "p0"), DATA_AT + to);
        set(m, "p1", DATA_AT + from);
        set(m, "r0", i * 257);
        set(m, "r1", size);
        call(m, "memset");
        memset(want + from, (uint8_t)(i * 257), size);
        assert_memory_equal(own, want, MEMORY_BYTES);
        assert_int_equal(get(m, "p0"), DATA_AT + from);
    }
    test_end(m->arena);
}

/* ---- 64-bit integers ------------------------------------------------------------------------- */

static uint64_t wide(test_random *random) {
    static const uint64_t edges[] = {0,
                                     1,
                                     2,
                                     0x7fffffff,
                                     0x80000000,
                                     0xffffffff,
                                     0x100000000,
                                     0x7fffffff00000000,
                                     0x7fffffffffffffff,
                                     0x8000000000000000,
                                     0x8000000000000001,
                                     0xffffffff00000000,
                                     0xffffffffffffffff};
    uint64_t bits = test_next(random);
    if (bits % 4 == 0) return edges[bits / 4 % (sizeof edges / sizeof *edges)];
    return test_next(random) >> bits / 4 % 64;
}

static uint64_t call_wide(machine *m, const char *name, uint64_t a, uint64_t b) {
    scramble(m, (uint32_t)(a ^ b) | 1);
    set(m, "r2", (uint32_t)a);
    set(m, "r3", (uint32_t)(a >> 32));
    set(m, "r4", (uint32_t)b);
    set(m, "r5", (uint32_t)(b >> 32));
    call(m, name);
    return get(m, "r0") | (uint64_t)get(m, "r1") << 32;
}

static void expect_wide(machine *m, const char *name, uint64_t a, uint64_t b, uint64_t want) {
    uint64_t got = call_wide(m, name, a, b);
    if (got != want)
        fail_msg("%s 0x%llx 0x%llx: 0x%llx, expected 0x%llx", name, (unsigned long long)a,
                 (unsigned long long)b, (unsigned long long)got, (unsigned long long)want);
}

static uint64_t negated_if(uint64_t x, bool negative) {
    return negative ? 0 - x : x;
}

static void wide_products_and_shifts(void **state) {
    (void)state;
    machine *m = begin();
    test_random random = {3};
    fill_memory(m);
    for (unsigned i = 0; i < RANDOM_PAIRS; i++) {
        uint64_t a = wide(&random), b = wide(&random);
        unsigned n = i % 64;
        uint64_t ones = n ? ~(UINT64_MAX >> n) : 0;
        expect_wide(m, "__muldi3", a, b, a * b);
        /* The amount is one word; the register behind it is anything. */
        uint64_t amount = n | (b << 32);
        expect_wide(m, "__ashldi3", a, amount, a << n);
        expect_wide(m, "__lshrdi3", a, amount, a >> n);
        expect_wide(m, "__ashrdi3", a, amount, a >> 63 ? a >> n | ones : a >> n);
    }
    check_memory(m);
    test_end(m->arena);
}

static void wide_division(void **state) {
    (void)state;
    machine *m = begin();
    test_random random = {4};
    fill_memory(m);
    for (unsigned i = 0; i < RANDOM_PAIRS / 4; i++) {
        uint64_t a = wide(&random), b = wide(&random);
        bool a_below = a >> 63, b_below = b >> 63;
        uint64_t x = negated_if(a, a_below), y = negated_if(b, b_below);
        if (!b) continue;
        expect_wide(m, "__udivdi3", a, b, a / b);
        expect_wide(m, "__umoddi3", a, b, a % b);
        expect_wide(m, "__divdi3", a, b, negated_if(x / y, a_below != b_below));
        expect_wide(m, "__moddi3", a, b, negated_if(x % y, a_below));
    }
    expect_wide(m, "__umoddi3", 7, 0, 7);
    expect_wide(m, "__udivdi3", (uint64_t)7 << 32, 0, UINT64_MAX);
    check_memory(m);
    test_end(m->arena);
}

/* ---- floats ---------------------------------------------------------------------------------- */

static float to_float(uint32_t bits) {
    float f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

static uint32_t to_bits(float f) {
    uint32_t bits;
    memcpy(&bits, &f, sizeof bits);
    return bits;
}

static const uint32_t special[] = {
    0x00000000, 0x00000001, 0x00000002, 0x00400000, 0x007fffff, 0x00800000, 0x00800001,
    0x00ffffff, 0x01000000, 0x0c000000, 0x33800000, 0x34000000, 0x3effffff, 0x3f000000,
    0x3f7fffff, 0x3f800000, 0x3f800001, 0x40000000, 0x40490fdb, 0x4affffff, 0x4b000001,
    0x4b800000, 0x4effffff, 0x4f000000, 0x4f7fffff, 0x4f800000, 0x7e800000, 0x7f000000,
    0x7f7fffff, 0x7f800000, 0x7f800001, 0x7fc00000, 0x7fffffff};

enum {
    N_SPECIAL = sizeof special / sizeof *special
};

static uint32_t special_bits(unsigned i) {
    return special[i / 2] | (i % 2 ? 0x80000000 : 0);
}

static uint32_t call_one(machine *m, const char *name, uint32_t a) {
    scramble(m, a | 1);
    set(m, "r1", a);
    call(m, name);
    return get(m, "r0");
}

static uint32_t call_two(machine *m, const char *name, uint32_t a, uint32_t b) {
    scramble(m, (a ^ b) | 1);
    set(m, "r1", a);
    set(m, "r2", b);
    call(m, name);
    return get(m, "r0");
}

static void expect_float(machine *m, const char *name, uint32_t a, uint32_t b, float want) {
    uint32_t got = call_two(m, name, a, b);
    uint32_t bits = isnan(want) ? 0x7fc00000 : to_bits(want);
    if (got != bits) fail_msg("%s 0x%08x 0x%08x: 0x%08x, expected 0x%08x", name, a, b, got, bits);
}

static void expect_sum(machine *m, uint32_t a, uint32_t b) {
    float x = to_float(a), y = to_float(b);
    expect_float(m, "__addsf3", a, b, x + y);
    expect_float(m, "__subsf3", a, b, x - y);
}

static void expect_product(machine *m, uint32_t a, uint32_t b) {
    float x = to_float(a), y = to_float(b), quotient;
    if (y != 0 || isnan(y)) /* C does not say what a division by zero is */
        quotient = x / y;
    else if (isnan(x) || x == 0)
        quotient = NAN;
    else
        quotient = (a ^ b) >> 31 ? -INFINITY : INFINITY;
    expect_float(m, "__mulsf3", a, b, x * y);
    expect_float(m, "__divsf3", a, b, quotient);
}

/* The sign of a comparison's result is what callers look at. */
static int sign(uint32_t value) {
    return value >> 31 ? -1 : value != 0;
}

static void expect_order(machine *m, uint32_t a, uint32_t b) {
    static const char *const below[] = {"__eqsf2", "__nesf2", "__ltsf2", "__lesf2", "__cmpsf2"};
    static const char *const above[] = {"__gtsf2", "__gesf2"};
    float x = to_float(a), y = to_float(b);
    bool has_nan = isnan(x) || isnan(y);
    int want = x < y ? -1 : x > y;
    for (unsigned i = 0; i < 5; i++)
        assert_int_equal(sign(call_two(m, below[i], a, b)), has_nan ? 1 : want);
    for (unsigned i = 0; i < 2; i++)
        assert_int_equal(sign(call_two(m, above[i], a, b)), has_nan ? -1 : want);
    assert_int_equal(call_two(m, "__unordsf2", a, b), has_nan);
}

static void expect_conversions(machine *m, uint32_t a) {
    double x = to_float(a);
    bool below = a >> 31;
    uint32_t whole, natural;
    if (isnan(x) || fabs(x) >= 2147483648.0)
        whole = below ? 0x80000000 : 0x7fffffff;
    else
        whole = (uint32_t)(int32_t)x;
    if (below)
        natural = 0;
    else
        natural = isnan(x) || x >= 4294967296.0 ? UINT32_MAX : (uint32_t)x;
    assert_int_equal(call_one(m, "__fixsfsi", a), whole);
    assert_int_equal(call_one(m, "__fixunssfsi", a), natural);
    assert_int_equal(call_one(m, "__floatsisf", a), to_bits((float)(int32_t)a));
    assert_int_equal(call_one(m, "__floatunsisf", a), to_bits((float)a));
    assert_int_equal(call_one(m, "__negsf2", a), a ^ 0x80000000);
}

/* Any bits; or a number near the other one, where sums cancel; or of a small exponent, where
 * products get denormal; or of few bits, where there are ties. */
static uint32_t near_bits(test_random *random, uint32_t other) {
    uint64_t bits = test_next(random);
    uint32_t any = (uint32_t)(bits >> 32), step = (uint32_t)(bits >> 8) & 0xff;
    switch (bits % 5) {
    case 0: return any;
    case 1: return other ^ (any & 0x81ffffff & (uint32_t)test_next(random));
    case 2: return (any & 0x807fffff) | (0x7f - (other >> 23 & 0x7f)) << 23;
    case 3: return any & (0xffffffff << step % 24);
    default: return (any & 0x807fffff) | (((other >> 23) + step % 64 - 32) & 0xff) << 23;
    }
}

static void each_pair(void (*check)(machine *m, uint32_t a, uint32_t b), uint64_t seed) {
    machine *m = begin();
    test_random random = {seed};
    fill_memory(m);
    for (unsigned i = 0; i < 2 * N_SPECIAL; i++)
        for (unsigned k = 0; k < 2 * N_SPECIAL; k++)
            check(m, special_bits(i), special_bits(k));
    print_message("seed %u\n", (unsigned)seed);
    for (unsigned i = 0; i < RANDOM_PAIRS; i++) {
        uint32_t a = (uint32_t)(test_next(&random) >> 16);
        uint32_t b = near_bits(&random, a);
        check(m, a, b);
        check(m, b, special_bits(i % (2 * N_SPECIAL)));
    }
    check_memory(m);
    test_end(m->arena);
}

static void sums(void **state) {
    (void)state;
    each_pair(expect_sum, 5);
}

static void products(void **state) {
    (void)state;
    each_pair(expect_product, 6);
}

static void order(void **state) {
    (void)state;
    each_pair(expect_order, 7);
}

static void conversions(void **state) {
    (void)state;
    machine *m = begin();
    test_random random = {8};
    fill_memory(m);
    for (unsigned i = 0; i < 2 * N_SPECIAL; i++)
        expect_conversions(m, special_bits(i));
    print_message("seed 8\n");
    for (unsigned i = 0; i < RANDOM_PAIRS; i++) {
        uint32_t any = (uint32_t)(test_next(&random) >> 16);
        expect_conversions(m, any);
        expect_conversions(m, any >> i % 32);
        expect_conversions(m, (any & 0x807fffff) | (120 + i % 45) << 23);
    }
    check_memory(m);
    test_end(m->arena);
}

static void expect_root(machine *m, uint32_t a) {
    float want = sqrtf(to_float(a));
    uint32_t got = call_one(m, "sqrtf", a), bits = isnan(want) ? 0x7fc00000 : to_bits(want);
    if (got != bits) fail_msg("sqrtf 0x%08x: 0x%08x, expected 0x%08x", a, got, bits);
}

/* Squares and what is beside them are where a root is exact, or rounded at the very edge. */
static void roots(void **state) {
    (void)state;
    machine *m = begin();
    test_random random = {10};
    fill_memory(m);
    for (unsigned i = 0; i < 2 * N_SPECIAL; i++)
        expect_root(m, special_bits(i));
    print_message("seed 10\n");
    for (unsigned i = 0; i < RANDOM_PAIRS / 4; i++) {
        uint32_t any = (uint32_t)(test_next(&random) >> 16);
        float few = to_float((any & 0x3ffff000) | 0x20000000);
        uint32_t square = to_bits(few * few);
        expect_root(m, any);
        expect_root(m, any & 0x7fffffff);
        expect_root(m, any >> (8 + i % 24));
        expect_root(m, square + i % 3 - 1);
    }
    check_memory(m);
    test_end(m->arena);
}

static void comparison_of_memory(void **state) {
    (void)state;
    machine *m = begin();
    uint8_t *own = m->windows[TS_CORE_N_WINDOWS - 1];
    test_random random = {11};
    for (unsigned i = 0; i < 600; i++) {
        uint32_t size = (uint32_t)(test_next(&random) % 60),
                 at = (uint32_t)(test_next(&random) % 61);
        uint32_t a = (uint32_t)(test_next(&random) % 100), b = 500 + (uint32_t)(i % 100);
        for (unsigned k = 0; k < 60; k++)
            own[a + k] = own[b + k] = (uint8_t)test_next(&random);
        own[b + at] = (uint8_t)test_next(&random);
        scramble(m, i * 2 + 1);
        set(m, "p0", DATA_AT + a);
        set(m, "p1", DATA_AT + b);
        set(m, "r1", size);
        call(m, "memcmp");
        int want = memcmp(own + a, own + b, size);
        assert_int_equal(sign(get(m, "r0")), want < 0 ? -1 : want > 0);
    }
    test_end(m->arena);
}

/* Ranges that share bytes, to either side, and the same one. */
static void overlapping_memory(void **state) {
    (void)state;
    machine *m = begin();
    static uint8_t want[MEMORY_BYTES];
    uint8_t *own = m->windows[TS_CORE_N_WINDOWS - 1];
    test_random random = {9};
    for (unsigned i = 0; i < 600; i++) {
        for (unsigned k = 0; k < MEMORY_BYTES; k++)
            own[k] = want[k] = (uint8_t)test_next(&random);
        uint32_t from = 500 + (uint32_t)(test_next(&random) % 100);
        uint32_t to =
            from + (uint32_t)(test_next(&random) % (i % 3 ? 41 : 1001)) - (i % 3 ? 20 : 500);
        uint32_t size = (uint32_t)(test_next(&random) % 100);
        if (i % 2) to &= ~3u, from &= ~3u, size &= ~3u;
        scramble(m, size * 2 + 1);
        set(m, "p1", DATA_AT + to);
        set(m, "p2", DATA_AT + from);
        set(m, "r0", size);
        call(m, "memmove");
        memmove(want + to, want + from, size);
        assert_memory_equal(own, want, MEMORY_BYTES);
        assert_int_equal(get(m, "p0"), DATA_AT + to);
    }
    test_end(m->arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(division),
        cmocka_unit_test(memory),
        cmocka_unit_test(wide_products_and_shifts),
        cmocka_unit_test(wide_division),
        cmocka_unit_test(sums),
        cmocka_unit_test(products),
        cmocka_unit_test(order),
        cmocka_unit_test(conversions),
        cmocka_unit_test(roots),
        cmocka_unit_test(overlapping_memory),
        cmocka_unit_test(comparison_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
