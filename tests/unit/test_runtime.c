/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * The helpers that the linker adds (runtime/), run on the emulator's core against C. */
#include "code.h"
#include "support.h"

#include "tessera/emulator.h"

#include <string.h>

enum {
    DATA_AT = 0x70000,
    MEMORY_BYTES = 4096
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
    static const char *const needed[] = {"__udivsi3", "__umodsi3", "__divsi3", "__modsi3",
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

static void call(machine *m, const char *name) {
    ts_core_set_pc(m->core, address_of(m, name));
    set(m, "LR", m->stop);
    ts_core_set_break(m->core, m->stop);
    (void)ts_core_run(m->core, 100000);
    assert_int_equal(ts_core_pc(m->core), m->stop);
    ts_core_drain(m->core);
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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(division),
        cmocka_unit_test(memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
