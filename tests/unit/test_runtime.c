/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * The helpers that the linker adds (runtime/), run on the emulator's core against C. */
#include "code.h"
#include "support.h"

#include "tessera/emulator.h"

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
    static const char *const needed[] = {"__udivsi3", "__umodsi3", "__divsi3",  "__modsi3",
                                         "__muldi3",  "__ashldi3", "__lshrdi3", "__ashrdi3",
                                         "memcpy",    "memset",    "stop"};
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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(division),
        cmocka_unit_test(memory),
        cmocka_unit_test(wide_products_and_shifts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
