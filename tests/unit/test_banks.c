/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Banks of data memory: what accesses of one cycle cost when they want the same one, cycle by
 * cycle.
 */
#include "array_setup.h"
#include "code.h"

#include <stdio.h>
#include <string.h>

enum {
    DATA = 0x70000,
    SOUTH = 0x40000
};

typedef struct machine {
    ts_arena *arena;
    ts_core *core;
    uint8_t *program;
} machine;

static machine machine_new(void) {
    machine m = {.arena = test_begin()};
    m.program = ts_arena_alloc(m.arena, TS_AIE2_PROGRAM_BYTES);
    uint8_t *windows[TS_CORE_N_WINDOWS] = {
        [TS_CORE_SOUTH] = ts_arena_alloc(m.arena, TS_CORE_WINDOW_BYTES),
        [TS_CORE_EAST] = ts_arena_alloc(m.arena, TS_CORE_WINDOW_BYTES)};
    m.core = ts_core_new(m.arena, m.program, windows, NULL);
    assert_non_null(m.core);
    return m;
}

static void set_word(machine *m, const char *name, uint32_t value) {
    ts_core_set(m->core, ts_aie2_register_named(name, strlen(name)), &value, 4);
}

/* Cycles lost by a program with these pointers; its cycles are its bundles and those. */
static uint64_t waits(const char *text, uint32_t p0, uint32_t p1, uint32_t p2) {
    machine m = machine_new();
    set_word(&m, "p0", p0);
    set_word(&m, "p1", p1);
    set_word(&m, "p2", p2);
    code_program(ts_arena_printf(m.arena, "%s\nnop *16\ndone\nnop *16\n", text), m.program);
    ts_core_code_changed(m.core);
    ts_core_set_pc(m.core, 0);
    ts_core_state state = ts_core_run(m.core, 100000);
    if (state != TS_CORE_DONE)
        fail_msg("%s: %s", ts_core_state_text(state), ts_core_stop_text(m.core));
    uint64_t n = ts_core_bank_waits(m.core);
    assert_int_equal(ts_core_cycle(m.core), ts_core_ticks(m.core) + n);
    test_end(m.arena);
    return n;
}

/* Words: banks alternate every 16 bytes within 16 KB. src: aie2-facts 50, 51 */
static void a_load_and_a_store_of_one_bank_cost_a_cycle(void **state) {
    (void)state;
    static const char text[] = "lda r0, [p0, #0]; st r1, [p1, #0]";
    assert_int_equal(waits(text, DATA, DATA + 4, 0), 1);
    assert_int_equal(waits(text, DATA, DATA, 0), 1);
    assert_int_equal(waits(text, DATA, DATA + 16, 0), 0);
    assert_int_equal(waits(text, DATA, DATA + 32, 0), 1);
    assert_int_equal(waits(text, DATA + 0x3fe0, DATA + 0x20, 0), 1);
    assert_int_equal(waits(text, DATA + 0x3fe0, DATA + 0x4020, 0), 0);
    assert_int_equal(waits(text, DATA, SOUTH, 0), 0);
    assert_int_equal(waits(text, SOUTH, SOUTH + 96, 0), 1);
    /* In different bundles they do not meet. */
    assert_int_equal(waits("lda r0, [p0, #0]\nst r1, [p1, #0]", DATA, DATA, 0), 0);
    /* There is no bank where there is no memory. */
    assert_int_equal(waits(text, 0x50000, 0x50000, 0), 0);
}

static void vectors_of_32_bytes_take_both_banks(void **state) {
    (void)state;
    static const char two[] = "vlda wl0, [p0, #0]; vldb wl1, [p1, #0]";
    assert_int_equal(waits(two, DATA, DATA + 32, 0), 1);
    assert_int_equal(waits(two, DATA, DATA + 0x4000, 0), 0);
    static const char narrow[] = "vlda.128 wl0, [p0]; vldb.128 wl1, [p1], m0";
    assert_int_equal(waits(narrow, DATA, DATA + 16, 0), 0);
    assert_int_equal(waits(narrow, DATA, DATA + 32, 0), 1);
    static const char three[] = "vlda wl0, [p0, #0]; vldb wl1, [p1, #0]; vst wl2, [p2, #0]";
    assert_int_equal(waits(three, DATA, DATA + 64, DATA + 128), 2);
    assert_int_equal(waits(three, DATA, DATA + 64, DATA + 0x4000), 1);
    assert_int_equal(waits(three, DATA, DATA + 0x4000, DATA + 0x8000), 0);
    /* Two words of different banks go together, before or behind a vector: one cycle more. */
    assert_int_equal(waits("lda r0, [p0, #0]; vldb.128 wl1, [p1], m0; vst wl2, [p2, #0]", DATA,
                           DATA + 16, DATA + 64),
                     1);
}

/* A part-word store reads its word with its bundle and writes it six bundles later. */
static void part_word_stores_want_their_bank_twice(void **state) {
    (void)state;
    static const char first[] = "st.s8 r0, [p0, #0]; vldb wl1, [p1, #0]";
    assert_int_equal(waits(first, DATA, DATA + 64, 0), 1);
    assert_int_equal(waits(first, DATA, DATA + 0x4000, 0), 0);
    for (unsigned gap = 1; gap < 9; gap++) {
        char text[120];
        snprintf(text, sizeof text, "st.s8 r0, [p0, #0]\nnop *%u\nvldb wl1, [p1, #0]", gap);
        assert_int_equal(waits(text, DATA, DATA + 64, 0), gap == 5);
    }
}

/* The inner loop of a public measurement: one bundle, a load and a store eight words apart, 24
 * times. A Phoenix stalls 24 cycles in it. src: FIM43-Redeye/xdna-emu: docs/superpowers/findings/
 * 2026-07-13-memory-stall-bank-arbitration.md [observed: Phoenix, 2026-07] */
static void a_loop_of_loads_and_stores_waits_each_time(void **state) {
    (void)state;
    enum {
        N_BEFORE = 19 /* bundles that set the loop up */
    };
    static const char format[] = "mova r0, #24\nnop *7\nmov lc, r0\nmovxm ls, #%u\nmovxm le, #%u\n"
                                 "nop *8\nlda r1, [p0], #4; st r2, [p1], #4";
    char text[300];
    machine m = machine_new();
    snprintf(text, sizeof text, format, 64U, 64U);
    (void)code_program(text, m.program);
    unsigned at = 0;
    for (unsigned i = 0; i < N_BEFORE; i++)
        at += ts_aie2_bundle_size(m.program + at, 16);
    test_end(m.arena);
    snprintf(text, sizeof text, format, at, at);
    assert_int_equal(waits(text, DATA + 0x420, DATA + 0x400, 0), 24);
    assert_int_equal(waits(text, DATA + 0x420, DATA + 0x4400, 0), 0);
    assert_int_equal(waits(text, DATA + 0x410, DATA + 0x400, 0), 0);
    assert_int_equal(waits(text, DATA + 0x408, DATA + 0x400, 0), 12);
}

/* In the array: the whole core stands still, and the statistics say why. A DMA of the same bank
 * does not wait and makes nobody wait. src: aie2-facts 52 [observed: Phoenix] */
static uint64_t array_cycles(const char *store_to, bool with_dma, ts_core_stats *stats) {
    setup s;
    setup_begin(&s, "npu1_1col");
    setup_program(&s, 0, 2,
                  ts_arena_printf(s.arena,
                                  "  .globl main\nmain:\n  movxm p0, #0x70400\n  movxm p1, #%s\n"
                                  "  movxm r18, #99\n  movxm p2, #word\nword:\n"
                                  "  lda r1, [p0, #0]; st r2, [p1, #0]\n  jnzd r18, r18, p2\n"
                                  "  nop\n  nop\n  nop\n  nop\n  nop\n  done\n"
                                  "  nop\n  nop\n  nop\n  nop\n  nop\n  nop\n  nop\n",
                                  store_to),
                  NULL, 0);
    setup_connect(&s, 0, 2, "DMA 0", "DMA 0");
    ts_npu_bd bd = setup_linear(&s, 0, 2, 0x400, 256);
    setup_bd(&s, 0, 2, 0, &bd);
    bd = setup_linear(&s, 0, 2, 0x800, 256);
    setup_bd(&s, 0, 2, 1, &bd);
    setup_enable(&s, 0, 2);
    if (with_dma) {
        setup_task(&s, 0, 2, SETUP_MM2S, 0, 0, 1, false);
        setup_task(&s, 0, 2, SETUP_S2MM, 0, 1, 1, false);
    }
    assert_int_equal(ts_array_run(s.array, 100000), TS_ARRAY_IDLE);
    assert_true(ts_array_core_stats(s.array, 0, 2, stats));
    ts_dma_stats dma;
    assert_true(ts_array_dma_stats(s.array, 0, 2, true, 0, &dma));
    uint64_t busy = dma.busy;
    setup_end(&s);
    return busy;
}

static void a_core_in_the_array_waits_and_its_dma_does_not(void **state) {
    (void)state;
    ts_core_stats apart, same, beside;
    (void)array_cycles("0x70410", false, &apart);
    uint64_t alone = array_cycles("0x70410", true, &beside);
    assert_int_equal(apart.bank_waits, 0);
    assert_int_equal(beside.bank_waits, 0);
    assert_int_equal(apart.cycles, beside.cycles);
    uint64_t with = array_cycles("0x70404", true, &same);
    assert_int_equal(same.bank_waits, 100);
    assert_int_equal(same.cycles, apart.cycles + 100);
    assert_int_equal(same.bundles, apart.bundles);
    assert_int_equal(with, alone);
    assert_true(alone >= 256);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_load_and_a_store_of_one_bank_cost_a_cycle),
        cmocka_unit_test(vectors_of_32_bytes_take_both_banks),
        cmocka_unit_test(part_word_stores_want_their_bank_twice),
        cmocka_unit_test(a_loop_of_loads_and_stores_waits_each_time),
        cmocka_unit_test(a_core_in_the_array_waits_and_its_dma_does_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
