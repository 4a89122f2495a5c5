/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * One core: its pipeline and its arithmetic, against plain references. */
#include "code.h"
#include "support.h"

#include "tessera/emulator.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    DATA = 0x70000
};

typedef struct machine {
    ts_arena *arena;
    ts_core *core;
    uint8_t *program;
    uint8_t *own, *south;
} machine;

static machine machine_with(const ts_core_ports *ports) {
    machine m = {.arena = test_begin()};
    m.program = ts_arena_alloc(m.arena, TS_AIE2_PROGRAM_BYTES);
    m.own = ts_arena_alloc(m.arena, TS_CORE_WINDOW_BYTES);
    m.south = ts_arena_alloc(m.arena, TS_CORE_WINDOW_BYTES);
    uint8_t *windows[TS_CORE_N_WINDOWS] = {[TS_CORE_SOUTH] = m.south, [TS_CORE_EAST] = m.own};
    m.core = ts_core_new(m.arena, m.program, windows, ports);
    assert_non_null(m.core);
    return m;
}

static machine machine_new(void) {
    return machine_with(NULL);
}

static void set(machine *m, const char *name, const void *data, size_t size) {
    ts_aie2_register r = ts_aie2_register_named(name, strlen(name));
    if (!r) fail_msg("no register %s", name);
    ts_core_set(m->core, r, data, size);
}

static void get(const machine *m, const char *name, void *out, size_t size) {
    ts_aie2_register r = ts_aie2_register_named(name, strlen(name));
    if (!r) fail_msg("no register %s", name);
    ts_core_get(m->core, r, out, size);
}

static void set_word(machine *m, const char *name, uint32_t value) {
    set(m, name, &value, 4);
}

static uint32_t word(const machine *m, const char *name) {
    uint32_t value;
    get(m, name, &value, 4);
    return value;
}

/* The text as a new program from address 0, registers and memory as they are. */
static void load(machine *m, const char *text) {
    code_program(ts_arena_printf(m->arena, "%s\nnop *16\ndone\nnop *16\n", text), m->program);
    ts_core_code_changed(m->core);
    ts_core_set_pc(m->core, 0);
}

static void run(machine *m, const char *text) {
    load(m, text);
    ts_core_state state = ts_core_run(m->core, 100000);
    if (state != TS_CORE_DONE)
        fail_msg("%s: %s", ts_core_state_text(state), ts_core_stop_text(m->core));
}

static void put(machine *m, unsigned at, uint32_t value) {
    memcpy(m->own + at, &value, 4);
}

static uint32_t peek(const machine *m, unsigned at) {
    uint32_t value;
    memcpy(&value, m->own + at, 4);
    return value;
}

/* ---- pipeline ---------------------------------------------------------------------------------
 */

/* src: aie2-facts 1 */
static void a_load_lands_seven_cycles_later(void **state) {
    (void)state;
    for (unsigned gap = 0; gap < 9; gap++) {
        machine m = machine_new();
        char text[200];
        set_word(&m, "p0", DATA);
        set_word(&m, "r0", 5);
        put(&m, 0, 77);
        snprintf(text, sizeof text, "lda r0, [p0, #0]\n%s%.0u\nadd r1, r0, #0", gap ? "nop *" : "",
                 gap);
        if (gap) snprintf(text, sizeof text, "lda r0, [p0, #0]\nnop *%u\nadd r1, r0, #0", gap);
        run(&m, text);
        assert_int_equal(word(&m, "r1"), gap >= 6 ? 77 : 5);
        assert_int_equal(word(&m, "r0"), 77);
        test_end(m.arena);
    }
}

static void a_load_overwrites_what_came_between(void **state) {
    (void)state;
    machine m = machine_new();
    set_word(&m, "p0", DATA);
    put(&m, 0, 77);
    run(&m, "lda r0, [p0, #0]\nnop *2\nmova r0, #3\nmov r1, r0");
    assert_int_equal(word(&m, "r1"), 3);
    assert_int_equal(word(&m, "r0"), 77);
    test_end(m.arena);
}

static void a_multiply_lands_in_its_second_cycle(void **state) {
    (void)state;
    machine m = machine_new();
    set_word(&m, "r1", 6);
    set_word(&m, "r2", 7);
    run(&m, "mul r0, r1, r2\nadd r3, r0, #0\nadd r4, r0, #0");
    assert_int_equal(word(&m, "r3"), 0);
    assert_int_equal(word(&m, "r4"), 42);
    test_end(m.arena);
}

static void delayed_moves_land_when_their_name_says(void **state) {
    (void)state;
    for (unsigned n = 1; n <= 6; n++) {
        machine m = machine_new();
        char text[120];
        set_word(&m, "r1", 9);
        snprintf(text, sizeof text, "mov.d%u r0, r1\nnop *%u\nadd r2, r0, #0\nadd r3, r0, #0", n,
                 n > 1 ? n - 1 : 1);
        if (n == 1) snprintf(text, sizeof text, "mov.d1 r0, r1\nadd r2, r0, #0\nadd r3, r0, #0");
        run(&m, text);
        assert_int_equal(word(&m, "r2"), 0);
        assert_int_equal(word(&m, "r3"), 9);
        test_end(m.arena);
    }
}

/* src: aie2-facts 3 */
static void a_byte_store_takes_its_data_late(void **state) {
    (void)state;
    machine m = machine_new();
    set_word(&m, "p0", DATA);
    set_word(&m, "r0", 0x11);
    put(&m, 0, 0xffffffff);
    put(&m, 4, 0xffffffff);
    run(&m, "st.s8 r0, [p0, #1]\nmova p0, #0\nnop *3\nmova r0, #0x22\nmova r0, #0x33");
    assert_int_equal(peek(&m, 0), 0xffff22ff);
    set_word(&m, "p0", DATA + 4);
    set_word(&m, "r0", 0x1111);
    run(&m, "st.s16 r0, [p0, #0]\nnop *5\nmova r0, #0x22");
    assert_int_equal(peek(&m, 4), 0xffff1111);
    test_end(m.arena);
}

/* Memory is written in stage 11 and read in stage 5: a load six bundles behind sees the old byte.
 */
static void a_load_behind_a_byte_store_sees_it_at_stage_eleven(void **state) {
    (void)state;
    for (unsigned gap = 1; gap < 9; gap++) {
        machine m = machine_new();
        char text[120];
        set_word(&m, "p0", DATA);
        set_word(&m, "r0", 0x11);
        snprintf(text, sizeof text, "st.s8 r0, [p0, #0]\nnop *%u\nlda.u8 r1, [p0, #0]", gap);
        run(&m, text);
        assert_int_equal(word(&m, "r1"), gap >= 6 ? 0x11 : 0);
        test_end(m.arena);
    }
}

static void a_word_store_takes_its_data_at_issue(void **state) {
    (void)state;
    machine m = machine_new();
    set_word(&m, "p0", DATA);
    set_word(&m, "r0", 1);
    run(&m, "st r0, [p0], #4\nmova r0, #2\nst r0, [p0], #4\nlda r1, [p0, #-8]");
    assert_int_equal(peek(&m, 0), 1);
    assert_int_equal(peek(&m, 4), 2);
    assert_int_equal(word(&m, "r1"), 1);
    assert_int_equal(word(&m, "p0"), DATA + 8);
    test_end(m.arena);
}

static void five_delay_slots_follow_a_jump(void **state) {
    (void)state;
    machine m = machine_new();
    /* 4 bytes a bundle; the jump is at 0, its slots at 4..20, 24 and 28 are jumped over. */
    set_word(&m, "p0", 32);
    run(&m, "j p0\nadd r0, r0, #1\nadd r0, r0, #1\nadd r0, r0, #1\nadd r0, r0, #1\nadd r0, r0, #1\n"
            "add r0, r0, #32\nadd r0, r0, #32\nadd r1, r0, #0");
    assert_int_equal(word(&m, "r0"), 5);
    assert_int_equal(word(&m, "r1"), 5);
    test_end(m.arena);
}

static void a_call_returns_behind_its_delay_slots(void **state) {
    (void)state;
    machine m = machine_new();
    set_word(&m, "p0", 0x400);
    load(&m, "jl p0\nadd r0, r0, #1\nnop *4\nadd r1, r0, #0");
    uint8_t sub[TS_AIE2_PROGRAM_BYTES];
    memcpy(m.program + 0x400, sub, code_program("ret lr\nadd r0, r0, #8\nnop *4", sub));
    assert_int_equal(ts_core_run(m.core, 1000), TS_CORE_DONE);
    assert_int_equal(word(&m, "r0"), 9);
    assert_int_equal(word(&m, "r1"), 9);
    test_end(m.arena);
}

/* src: aie2-facts 12: jnzd tests before it decrements */
static void jnzd_wants_one_less_than_the_trips(void **state) {
    (void)state;
    for (uint32_t n = 0; n < 5; n++) {
        machine m = machine_new();
        set_word(&m, "r1", n);
        run(&m, "add r0, r0, #1\njnzd r1, r1, p0\nnop *5");
        assert_int_equal(word(&m, "r0"), n + 1);
        assert_int_equal(word(&m, "r1"), UINT32_MAX);
        test_end(m.arena);
    }
}

static void jz_and_jnz_look_at_their_register(void **state) {
    (void)state;
    for (uint32_t n = 0; n < 2; n++) {
        machine m = machine_new();
        set_word(&m, "r1", n);
        load(&m, "jz r1, #0x400\nnop *5\nadd r0, r0, #1\njnz r1, #0x400\nnop *5\nadd r0, r0, #2");
        uint8_t there[TS_AIE2_PROGRAM_BYTES];
        memcpy(m.program + 0x400, there, code_program("add r0, r0, #4\ndone\nnop *16", there));
        assert_int_equal(ts_core_run(m.core, 1000), TS_CORE_DONE);
        assert_int_equal(word(&m, "r0"), n ? 5 : 4);
        test_end(m.arena);
    }
}

/* A loop of two bundles with `lc` trips; 14 bundles to set up, 4 bytes each but for the long ones.
 */
static const char *const loop_text = "mov ls, p0\nmov le, p1\nmov lc, r5\nnop *8\n"
                                     "add r0, r0, #1\nadd r1, r1, #3\nadd r2, r2, #1";

static void hardware_loops_run_lc_times(void **state) {
    (void)state;
    for (uint32_t n = 0; n < 6; n++) {
        machine m = machine_new();
        load(&m, loop_text);
        uint32_t at = 0, n_bundles = 0;
        for (; n_bundles < 11; n_bundles++)
            at += ts_aie2_bundle_size(m.program + at, 16);
        set_word(&m, "p0", at);
        set_word(&m, "p1", at + ts_aie2_bundle_size(m.program + at, 16));
        set_word(&m, "r5", n);
        assert_int_equal(ts_core_run(m.core, 1000), TS_CORE_DONE);
        uint32_t trips = n ? n : 1; /* without a count the loop is just code */
        assert_int_equal(word(&m, "r0"), trips);
        assert_int_equal(word(&m, "r1"), 3 * trips);
        assert_int_equal(word(&m, "r2"), 1);
        assert_int_equal(word(&m, "LC"), 0);
        assert_int_equal(ts_core_ticks(m.core), 11 + 2 * trips + 1 + 16 + 1 + 5 + 16);
        test_end(m.arena);
    }
}

/* src: aie2-facts 13 */
static void a_byte_store_in_the_last_bundle_of_a_short_loop_is_lost(void **state) {
    (void)state;
    for (unsigned body = 2; body <= 60; body += 58) {
        machine m = machine_new();
        char text[300];
        snprintf(text, sizeof text,
                 "mov ls, p0\nmov le, p1\nmov lc, r5\nnop *8\nadd r0, r0, #1 *%u\n"
                 "st.s8 r0, [p2], #1\nnop",
                 body - 1);
        load(&m, text);
        uint32_t at = 0, start = 0;
        for (unsigned i = 0; i < 11 + body - 1; i++) {
            if (i == 11) start = at;
            at += ts_aie2_bundle_size(m.program + at, 16);
        }
        set_word(&m, "p0", start);
        set_word(&m, "p1", at);
        set_word(&m, "p2", DATA);
        set_word(&m, "r5", 3);
        assert_int_equal(ts_core_run(m.core, 2000), TS_CORE_DONE);
        bool is_short = at - start <= 96;
        assert_int_equal(ts_core_lost_stores(m.core), is_short ? 2 : 0);
        assert_int_equal(m.own[0] != 0, !is_short);
        assert_int_equal(m.own[2] != 0, true);
        test_end(m.arena);
    }
}

/* src: aie2-facts 4: by way of the bypass the next bundle, without it the one after that */
static void vector_results_reach_by_bypass_one_bundle_earlier(void **state) {
    (void)state;
    machine m = machine_new();
    uint8_t x[64], got[64];
    memset(x, 1, sizeof x);
    set(&m, "x1", x, 64);
    set_word(&m, "p0", DATA);
    run(&m, "vadd.8 x0, x1, x1\nvadd.8 x2, x0, x1\nvst wl0, [p0, #0]");
    get(&m, "x2", got, 64);
    assert_int_equal(got[0], 3);
    assert_int_equal(m.own[0], 2);
    run(&m, "vadd.8 x0, x1, x2\nvst wl0, [p0, #32]\nvst wl0, [p0, #64]");
    assert_int_equal(m.own[32], 2);
    assert_int_equal(m.own[64], 4);
    test_end(m.arena);
}

/* src: aie2-facts 5: two bundles apart an accumulator reaches the next multiply, one is too few */
static void accumulators_chain_two_bundles_apart(void **state) {
    (void)state;
    for (unsigned gap = 0; gap < 3; gap++) {
        machine m = machine_new();
        uint8_t ones[64];
        uint32_t acc[32];
        char text[160];
        memset(ones, 1, sizeof ones);
        set(&m, "x0", ones, 64);
        set(&m, "x1", ones, 64);
        set_word(&m, "r0", 0x308); /* int8, 4x8 by 8x8, signed */
        snprintf(text, sizeof text, "vmul cm0, x0, x1, r0\n%s%svmac cm0, cm0, x0, x1, r0",
                 gap > 0 ? "nop\n" : "", gap > 1 ? "nop\n" : "");
        run(&m, text);
        get(&m, "cm0", acc, sizeof acc);
        for (unsigned i = 0; i < 32; i++)
            assert_int_equal(acc[i], gap ? 16 : 8);
        test_end(m.arena);
    }
}

static void a_multiply_reads_its_vectors_at_issue(void **state) {
    (void)state;
    machine m = machine_new();
    uint8_t ones[64];
    uint32_t acc[32];
    memset(ones, 1, sizeof ones);
    set(&m, "x1", ones, 64);
    set(&m, "x2", ones, 64);
    set_word(&m, "r0", 0x308);
    run(&m, "vmov x0, x2\nvmul cm0, x0, x1, r0\nvmul cm1, x0, x1, r0");
    get(&m, "cm0", acc, sizeof acc);
    assert_int_equal(acc[0], 0);
    get(&m, "cm1", acc, sizeof acc);
    assert_int_equal(acc[0], 8);
    test_end(m.arena);
}

/* src: aie2-facts 7, 8 */
static void late_operands_are_read_late(void **state) {
    (void)state;
    machine m = machine_new();
    uint8_t twos[32], got[64];
    memset(twos, 2, sizeof twos);
    set_word(&m, "p0", DATA);
    memcpy(m.own, twos, 32);
    /* The source lands six cycles behind the unpack's issue: one before its read in stage 7. */
    run(&m, "vunpack.s16.s8 x1, wl0\nvldb wl2, [p0, #0]");
    get(&m, "x1", got, 64);
    assert_int_equal(got[0], 0);
    run(&m, "vlda wl0, [p0, #0]\nvunpack.s16.s8 x1, wl0");
    get(&m, "x1", got, 64);
    assert_int_equal(got[0], 2);
    /* The shift of a fused load is read in stage 7. */
    set_word(&m, "r0", 4);
    run(&m, "vlda.ups.s32.s16 bml0, s0, [p0, #0]\nnop *4\nmov s0, r0\nmov s0, r1");
    get(&m, "bml0", got, 64);
    assert_int_equal(got[0], 0x20);
    assert_int_equal(got[1], 0x20);
    test_end(m.arena);
}

/* Each line with its instructions turned by so many. */
static const char *turned(ts_arena *arena, const char *text, unsigned by) {
    ts_buf out = ts_buf_in(arena);
    while (*text) {
        const char *ops[TS_AIE2_MAX_OPS];
        int sizes[TS_AIE2_MAX_OPS];
        unsigned n = 0;
        size_t line = strcspn(text, "\n");
        for (size_t at = 0; at < line; at += (size_t)sizes[n - 1] + 1) {
            ops[n] = text + at;
            sizes[n++] = (int)strcspn(text + at, ";\n");
        }
        for (unsigned i = 0; i < n; i++)
            ts_buf_printf(&out, "%s%.*s", i ? ";" : "", sizes[(i + by) % n], ops[(i + by) % n]);
        ts_buf_u8(&out, '\n');
        text += line + 1;
    }
    ts_buf_u8(&out, 0);
    return (const char *)out.data;
}

/* The same bundles in every order of their slots. */
static void the_order_of_slots_is_of_no_consequence(void **state) {
    (void)state;
    static const char *const text =
        "lda r0, [p0], #4; st r1, [p1], #4; add r1, r0, r2; mov r2, r1\n"
        "lda r3, [p0, dj0]; vldb wl0, [p2], #32; st r1, [p1], m1; add r4, r1, r2; mov r5, r4; "
        "vmul cm0, x0, x1, r6\n"
        "vlda wh0, [p2], #32; vldb wl1, [p2], #32; st r4, [p1], #4; add r0, r0, #1; mov r7, r0\n"
        "nop *7\n"
        "vmac cm1, cm0, x0, x1, r6; vadd.16 x2, x0, x1; add r2, r4, r5; st r2, [p1], #4\n"
        "vsrs.s8.s32 wl4, cm0, s0; vadd.8 x2, x2, x1; padda [p0], #64\n";
    uint8_t first[TS_CORE_WINDOW_BYTES / 64], registers[128], again[128];
    machine reference = {0};
    for (unsigned rotation = 0; rotation < 6; rotation++) {
        machine m = machine_new();
        for (unsigned i = 0; i < 1024; i++)
            m.own[i] = (uint8_t)(i * 7);
        set_word(&m, "p0", DATA);
        set_word(&m, "p1", DATA + 512);
        set_word(&m, "p2", DATA + 256);
        set_word(&m, "dj0", 8);
        set_word(&m, "m1", 12);
        set_word(&m, "r6", 0x308);
        run(&m, turned(m.arena, text, rotation));
        if (!rotation) {
            memcpy(first, m.own, sizeof first);
            reference = m;
            continue;
        }
        assert_memory_equal(first, m.own, sizeof first);
        for (ts_aie2_register r = 1; r < ts_aie2_n_registers; r++) {
            size_t size = (ts_aie2_registers[r].bits + 7u) / 8;
            ts_core_get(reference.core, r, registers, size);
            ts_core_get(m.core, r, again, size);
            if (memcmp(registers, again, size)) fail_msg("%s differs", ts_aie2_registers[r].name);
        }
        test_end(m.arena);
    }
    test_end(reference.arena);
}

/* ---- addresses --------------------------------------------------------------------------------
 */

/* All offsets of three nested loops, as loops. */
static void three_dimensions_are_three_loops(void **state) {
    (void)state;
    enum {
        N1 = 3,
        N2 = 2,
        N3 = 2
    };
    machine m = machine_new();
    int s1 = 4, s2 = 40, s3 = 1000;
    set_word(&m, "p0", DATA);
    set_word(&m, "dn0", N1 - 1);
    set_word(&m, "dj0", (uint32_t)s1);
    set_word(&m, "dn4", N2 - 1);
    set_word(&m, "dj4", (uint32_t)(s2 - (N1 - 1) * s1));
    set_word(&m, "m0", (uint32_t)(s3 - (N2 - 1) * s2 - (N1 - 1) * s1));
    for (int k = 0; k < N3; k++)
        for (int j = 0; j < N2; j++)
            for (int i = 0; i < N1; i++) {
                assert_int_equal(word(&m, "p0"), DATA + k * s3 + j * s2 + i * s1);
                run(&m, "padda.3d [p0], d0");
            }
    assert_int_equal(word(&m, "dc0"), 0);
    assert_int_equal(word(&m, "dc4"), 0);
    set_word(&m, "p1", DATA);
    set_word(&m, "dn1", 1);
    set_word(&m, "dj1", 8);
    set_word(&m, "m1", 0xffffc); /* -4 in 20 bits */
    run(&m, "padds.2d [p1], d1");
    assert_int_equal(word(&m, "p1"), DATA + 8);
    run(&m, "paddb.2d [p1], d1");
    assert_int_equal(word(&m, "p1"), DATA + 4);
    test_end(m.arena);
}

static void accesses_outside_are_told_and_read_zero(void **state) {
    (void)state;
    machine m = machine_new();
    set_word(&m, "p0", 0x50010);
    set_word(&m, "r1", 4);
    set_word(&m, "r0", 7);
    run(&m, "st r1, [p0, #0]\nlda r0, [p0, #4]");
    assert_int_equal(word(&m, "r0"), 0);
    assert_int_equal(ts_core_faults(m.core)->count, 2);
    assert_int_equal(ts_core_faults(m.core)->address, 0x50010);
    assert_true(ts_core_faults(m.core)->is_store);
    test_end(m.arena);
}

/* ---- arithmetic -------------------------------------------------------------------------------
 */

static const uint32_t extremes[] = {0,          1,          2,          31,         32,
                                    0x7f,       0x80,       0xff,       0x7fff,     0x8000,
                                    0xffff,     0x7fffffff, 0x80000000, 0x80000001, 0xffffffe0,
                                    0xfffffffe, 0xffffffff, 0x12345678};

static void scalar_arithmetic_is_that_of_c(void **state) {
    (void)state;
    machine m = machine_new();
    size_t n = sizeof extremes / sizeof *extremes;
    for (size_t i = 0; i < n * n; i++) {
        uint32_t a = extremes[i / n], b = extremes[i % n];
        uint64_t wide = (uint64_t)a + b;
        set_word(&m, "r1", a);
        set_word(&m, "r2", b);
        run(&m, "add r3, r1, r2\nadc r4, r1, r2\nsub r5, r1, r2\nsbc r6, r1, r2\nmul r7, r1, r2\n"
                "lt r8, r1, r2\nltu r9, r1, r2\nge r10, r1, r2\ngeu r11, r1, r2\nabs r12, r1\n"
                "clz r13, r1\nextend.s8 r14, r1\nextend.u16 r15, r1\nlshl r16, r1, r2\n"
                "ashl r17, r1, r2\nclb r18, r1");
        uint32_t distance = (b >> 31 ? 0 - b : b) % 32;
        assert_int_equal(word(&m, "r3"), (uint32_t)wide);
        assert_int_equal(word(&m, "r4"), (uint32_t)(wide + (wide >> 32)));
        assert_int_equal(word(&m, "r5"), a - b);
        assert_int_equal(word(&m, "r6"), a - b - (a < b));
        assert_int_equal(word(&m, "r7"), a * b);
        assert_int_equal(word(&m, "r8"), (int32_t)a < (int32_t)b);
        assert_int_equal(word(&m, "r9"), a < b);
        assert_int_equal(word(&m, "r10"), (int32_t)a >= (int32_t)b);
        assert_int_equal(word(&m, "r11"), a >= b);
        assert_int_equal(word(&m, "r12"), (int32_t)a < 0 ? 0 - a : a);
        assert_int_equal(word(&m, "r13"), a ? __builtin_clz(a) : 32);
        assert_int_equal(word(&m, "r14"), (uint32_t)(int8_t)a);
        assert_int_equal(word(&m, "r15"), a & 0xffff);
        assert_int_equal(word(&m, "r16"), b >> 31 ? a >> distance : a << distance);
        assert_int_equal(word(&m, "r17"),
                         b >> 31 ? (uint32_t)((int32_t)a >> distance) : a << distance);
        uint32_t signs = a >> 31 ? ~a : a;
        assert_int_equal(word(&m, "r18"), signs ? __builtin_clz(signs) : 32);
    }
    test_end(m.arena);
}

/* 32 steps divide. */
static void division_steps_divide(void **state) {
    (void)state;
    test_random random = {7};
    machine m = machine_new();
    for (unsigned i = 0; i < 50; i++) {
        uint32_t a = (uint32_t)test_next(&random), b = (uint32_t)test_next(&random) >> i % 31 >> 1;
        if (!b) b = 3;
        set_word(&m, "r31", a);
        set_word(&m, "r0", 0);
        set_word(&m, "r1", b);
        run(&m, "divs r0, r31, r0, r1 *32");
        assert_int_equal(word(&m, "r31"), a / b);
        assert_int_equal(word(&m, "r0"), a % b);
    }
    test_end(m.arena);
}

/* value / 2^shift by long double, whose mantissa holds every lane exactly. */
static int64_t rounded(int64_t value, unsigned shift, unsigned mode) {
    long double x = ldexpl((long double)value, -(int)shift), low = floorl(x), up = ceill(x);
    long double rest = x - low;
    bool ties = mode >= 8;
    if (low == up) return (int64_t)low;
    if (ties && rest != 0.5L) return (int64_t)(rest > 0.5L ? up : low);
    switch (mode) {
    case 0:
    case 8: return (int64_t)low;
    case 1:
    case 9: return (int64_t)up;
    case 2:
    case 10: return (int64_t)(x < 0 ? up : low);
    case 3:
    case 11: return (int64_t)(x < 0 ? low : up);
    case 12: return (int64_t)(fmodl(low, 2) == 0 ? low : up);
    default: return (int64_t)(fmodl(low, 2) == 0 ? up : low);
    }
}

static int64_t clamped(int64_t v, unsigned bits, bool is_signed, unsigned sat) {
    int64_t most = is_signed ? (INT64_C(1) << (bits - 1)) - 1 : (INT64_C(1) << bits) - 1;
    int64_t least = is_signed ? -most - (sat & 2 ? 0 : 1) : 0;
    if (!(sat & 1)) return v;
    return v > most ? most : v < least ? least : v;
}

static int64_t random_lane(test_random *random, unsigned bits) {
    uint64_t v = test_next(random);
    if (v % 5 == 0) return (int64_t)(v >> 8 & 1 ? INT64_MIN : INT64_MAX) >> (64 - bits);
    int64_t wide = (int64_t)test_next(random) >> (64 - bits);
    return wide >> v % bits;
}

static void srs_rounds_and_saturates(void **state) {
    (void)state;
    static const unsigned modes[] = {0, 1, 2, 3, 8, 9, 10, 11, 12, 13};
    test_random random = {8};
    machine m = machine_new();
    for (unsigned round = 0; round < 2000; round++) {
        unsigned mode = modes[round % 10], sat = round / 10 % 4, shift = round / 40 % 33;
        bool wide = round & 1, is_signed = round & 2;
        uint8_t acc[128];
        uint32_t out[16];
        int64_t lanes[32];
        unsigned bits = wide ? 64 : 32, n = wide ? 16 : 32;
        for (unsigned i = 0; i < n; i++) {
            lanes[i] = random_lane(&random, bits);
            memcpy(acc + (size_t)i * bits / 8, &lanes[i], bits / 8);
        }
        set(&m, "cm0", acc, sizeof acc);
        set_word(&m, "s0", shift);
        set_word(&m, "crRnd", mode);
        set_word(&m, "crSat", sat);
        set_word(&m, "crSRSSign", is_signed);
        run(&m, wide ? "vsrs.d32.s64 x0, cm0, s0" : "vsrs.d16.s32 x0, cm0, s0");
        get(&m, "x0", out, 64);
        for (unsigned i = 0; i < n; i++) {
            int64_t want = clamped(rounded(lanes[i], shift, mode), wide ? 32 : 16, is_signed, sat);
            uint32_t got = wide ? out[i] : out[i / 2] >> i % 2 * 16 & 0xffff;
            uint32_t mask = wide ? UINT32_MAX : 0xffff;
            if (got != ((uint32_t)want & mask))
                fail_msg("%lld >> %u, mode %u, crSat %u: %x, expected %x", (long long)lanes[i],
                         shift, mode, sat, got, (uint32_t)want & mask);
        }
    }
    test_end(m.arena);
}

static void ups_shifts_up(void **state) {
    (void)state;
    test_random random = {9};
    machine m = machine_new();
    for (unsigned round = 0; round < 200; round++) {
        unsigned shift = round % 20, sat = round / 20 % 2;
        int16_t in[16];
        int32_t out[16];
        for (unsigned i = 0; i < 16; i++)
            in[i] = (int16_t)random_lane(&random, 16);
        set(&m, "wl0", in, sizeof in);
        set_word(&m, "s1", shift);
        set_word(&m, "crSat", sat);
        set_word(&m, "p0", DATA);
        memcpy(m.own, in, sizeof in);
        run(&m, "vups.s32.s16 bml0, wl0, s1\nvlda.ups.s32.s16 bmh0, s1, [p0, #0]");
        for (unsigned half = 0; half < 2; half++) {
            get(&m, half ? "bmh0" : "bml0", out, sizeof out);
            for (unsigned i = 0; i < 16; i++)
                assert_int_equal(out[i], (int32_t)(uint32_t)clamped((int64_t)in[i] * (1 << shift),
                                                                    32, true, sat));
        }
    }
    test_end(m.arena);
}

static void pack_and_unpack_are_opposite(void **state) {
    (void)state;
    test_random random = {10};
    machine m = machine_new();
    for (unsigned round = 0; round < 50; round++) {
        uint8_t in[32], out[32], memory[32];
        for (unsigned i = 0; i < 32; i++)
            in[i] = (uint8_t)test_next(&random);
        set(&m, "wl0", in, 32);
        set_word(&m, "p0", DATA);
        set_word(&m, "crSat", round % 4 == 2 ? 0 : round % 4);
        run(&m, "vunpack.s16.s8 x1, wl0\nvunpack.s8.s4 x2, wl0\nnop *7\nvpack.s8.s16 wl3, x1\n"
                "vpack.s4.s8 wl4, x2\nvst.pack.s8.s16 x1, [p0, #0]");
        get(&m, "wl3", out, 32);
        if (round % 4 != 3) assert_memory_equal(in, out, 32); /* symmetric clamping cuts -128 */
        memcpy(memory, m.own, 32);
        assert_memory_equal(out, memory, 32);
        get(&m, "wl4", out, 32);
        if (round % 4 != 3) assert_memory_equal(in, out, 32);
    }
    test_end(m.arena);
}

/* Integer products against plain loops, in every shape. */
static void products_are_those_of_matrices(void **state) {
    (void)state;
    static const struct {
        unsigned amode, bmode, variant, rows, inner, columns, x_bits, y_bits;
    } shapes[] = {
        {0, 0, 0, 4, 16, 8, 8, 4},  {0, 1, 0, 4, 8, 8, 8, 8},   {0, 2, 0, 4, 4, 8, 16, 8},
        {0, 3, 0, 4, 2, 8, 16, 16}, {1, 0, 0, 4, 2, 4, 32, 16}, {1, 2, 0, 2, 8, 8, 16, 8},
        {1, 2, 1, 4, 8, 4, 16, 8},  {1, 3, 0, 2, 4, 8, 16, 16}, {1, 3, 1, 4, 4, 4, 16, 16},
    };
    test_random random = {11};
    machine m = machine_new();
    for (unsigned round = 0; round < 200; round++) {
        unsigned k = round % 9;
        bool x_signed = round & 16, y_signed = round & 32, zero = round & 64;
        uint8_t x[64], y[64], acc[128], got[128];
        for (unsigned i = 0; i < 64; i++) {
            x[i] = (uint8_t)test_next(&random);
            y[i] = (uint8_t)test_next(&random);
            acc[i] = (uint8_t)test_next(&random);
            acc[i + 64] = (uint8_t)test_next(&random);
        }
        set(&m, "x0", x, 64);
        set(&m, "x1", y, 64);
        set(&m, "cm1", acc, 128);
        set_word(&m, "r0",
                 (uint32_t)zero | shapes[k].amode << 1 | shapes[k].bmode << 3 |
                     shapes[k].variant << 5 | (uint32_t)y_signed << 8 | (uint32_t)x_signed << 9);
        uint64_t macs = ts_core_macs(m.core);
        run(&m, "vmac cm0, cm1, x0, x1, r0");
        assert_int_equal(ts_core_macs(m.core) - macs,
                         shapes[k].rows * shapes[k].inner * shapes[k].columns);
        get(&m, "cm0", got, 128);
        unsigned xb = shapes[k].x_bits, yb = shapes[k].y_bits, ab = shapes[k].amode ? 8 : 4;
        for (unsigned i = 0; i < shapes[k].rows * shapes[k].columns; i++) {
            uint64_t sum = 0, have = 0;
            memcpy(&sum, acc + (size_t)i * ab, ab);
            if (zero) sum = 0;
            for (unsigned j = 0; j < shapes[k].inner; j++) {
                unsigned xi = i / shapes[k].columns * shapes[k].inner + j;
                unsigned yi = j * shapes[k].columns + i % shapes[k].columns;
                uint64_t a = 0, b = 0;
                memcpy(&a, x + (size_t)xi * xb / 8, xb / 8);
                memcpy(&b, y + (size_t)yi * yb / 8, yb < 8 ? 1 : yb / 8);
                if (yb == 4) b = b >> yi % 2 * 4 & 15;
                int64_t sa = (int64_t)(a << (64 - xb)), sb = (int64_t)(b << (64 - yb));
                sum += (x_signed ? (uint64_t)(sa >> (64 - xb)) : a) *
                       (y_signed ? (uint64_t)(sb >> (64 - yb)) : b);
            }
            memcpy(&have, got + (size_t)i * ab, ab);
            assert_true(have == (ab == 4 ? (uint32_t)sum : sum));
        }
    }
    test_end(m.arena);
}

/* Lane by lane: 32 products, or 16 sums of two. */
static void element_products_are_lane_by_lane(void **state) {
    (void)state;
    test_random random = {14};
    machine m = machine_new();
    for (unsigned round = 0; round < 20; round++) {
        int16_t x[32], y[32];
        int32_t narrow[32];
        int64_t wide[16];
        for (unsigned i = 0; i < 32; i++) {
            x[i] = (int16_t)test_next(&random);
            y[i] = (int16_t)test_next(&random);
        }
        set(&m, "x0", x, 64);
        set(&m, "x1", y, 64);
        set_word(&m, "r0", 3u << 3 | 1u << 5 | 0x300);
        set_word(&m, "r1", 1u << 1 | 3u << 3 | 2u << 5 | 0x300);
        run(&m, "vnegmul cm0, x0, x1, r0\nvmul cm1, x0, x1, r1");
        get(&m, "cm0", narrow, sizeof narrow);
        get(&m, "cm1", wide, sizeof wide);
        for (unsigned i = 0; i < 32; i++)
            assert_true(narrow[i] == (int32_t)(0u - (uint32_t)(x[i] * y[i])));
        for (unsigned i = 0; i < 16; i++)
            assert_true(wide[i] == (int64_t)x[i] * y[i] + (int64_t)x[i + 16] * y[i + 16]);
    }
    test_end(m.arena);
}

/* A mode nobody has described stops the core and says so. */
static void an_unknown_mode_stops_the_core(void **state) {
    (void)state;
    machine m = machine_new();
    set_word(&m, "r0", 7u << 5);
    load(&m, "vmul cm0, x0, x1, r0");
    assert_int_equal(ts_core_run(m.core, 100), TS_CORE_NOT_MODELED);
    assert_non_null(strstr(ts_core_stop_text(m.core), "VMUL_vmac_cm_core_dense"));
    load(&m, "vldb.sparse.pop.16 qwl0, [p0]");
    assert_int_equal(ts_core_run(m.core, 100), TS_CORE_NOT_MODELED);
    test_end(m.arena);
}

/* Small whole numbers are exact in any order. */
static void float_products_of_small_numbers_are_exact(void **state) {
    (void)state;
    test_random random = {12};
    machine m = machine_new();
    for (unsigned round = 0; round < 50; round++) {
        int a[32], b[32];
        uint16_t x[32], y[32];
        float got[16];
        for (unsigned i = 0; i < 32; i++) {
            a[i] = (int)(test_next(&random) % 33) - 16;
            b[i] = (int)(test_next(&random) % 33) - 16;
            float fa = (float)a[i], fb = (float)b[i];
            uint32_t wa, wb;
            memcpy(&wa, &fa, 4);
            memcpy(&wb, &fb, 4);
            x[i] = (uint16_t)(wa >> 16);
            y[i] = (uint16_t)(wb >> 16);
        }
        set(&m, "x0", x, 64);
        set(&m, "x1", y, 64);
        set_word(&m, "r0", 0x1c);
        set_word(&m, "r1", 0x3c);
        run(&m, "vmul.f bml0, x0, x1, r0\nvmul.f bml1, x0, x1, r1\nnop *5\n"
                "vadd.f bml2, bml0, bml1, r0\nvmsc.f bml3, bml0, x0, x1, r0");
        for (unsigned i = 0; i < 16; i++) {
            float matrix = 0, element = (float)(a[i] * b[i] + a[i + 16] * b[i + 16]);
            for (unsigned k = 0; k < 8; k++)
                matrix += (float)(a[i / 4 * 8 + k] * b[k * 4 + i % 4]);
            get(&m, "bml0", got, 64);
            assert_true(got[i] == matrix);
            get(&m, "bml1", got, 64);
            assert_true(got[i] == element);
            get(&m, "bml2", got, 64);
            assert_true(got[i] == matrix + element);
            get(&m, "bml3", got, 64);
            assert_true(got[i] == 0);
        }
    }
    test_end(m.arena);
}

/* Transposing there and back is nothing; a mode and its opposite. */
static void shuffles_undo_each_other(void **state) {
    (void)state;
    static const uint8_t pairs[][2] = {{28, 29}, {35, 35}, {36, 37}, {39, 39}, {40, 41},
                                       {42, 43}, {44, 45}, {46, 47}, {34, 34}, {38, 38}};
    machine m = machine_new();
    uint8_t x[64], got[64];
    for (unsigned i = 0; i < 64; i++)
        x[i] = (uint8_t)(i * 5);
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        for (unsigned turn = 0; turn < 2; turn++) {
            set(&m, "x0", x, 64);
            set_word(&m, "r0", pairs[i][turn]);
            set_word(&m, "r1", pairs[i][!turn]);
            run(&m, "vshuffle x1, x0, x0, r0\nvshuffle x2, x1, x1, r1");
            get(&m, "x2", got, 64);
            assert_memory_equal(x, got, 64);
        }
    test_end(m.arena);
}

/* As the subtraction that they are would leave it. */
static void abs_and_jnzd_leave_a_carry(void **state) {
    (void)state;
    static const uint32_t values[] = {0, 5, (uint32_t)-5, 0x80000000};
    machine m = machine_new();
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        set_word(&m, "r1", values[i]);
        run(&m, "abs r0, r1\nmov r2, srCarry");
        assert_int_equal(word(&m, "r2"), values[i] >> 31);
    }
    set_word(&m, "r1", 1);
    set_word(&m, "p0", 0);
    set_word(&m, "srCarry", 1);
    run(&m, "mov r3, srCarry\njnzd r1, r1, p0\nnop *5\nmov r2, srCarry");
    assert_int_equal(word(&m, "r3"), 0); /* behind 1 - 1, as the second trip has it */
    assert_int_equal(word(&m, "r2"), 1); /* behind 0 - 1 */
    test_end(m.arena);
}

static void addresses_lose_their_low_bits(void **state) {
    (void)state;
    machine m = machine_new();
    for (unsigned plus = 0; plus < 4; plus++) {
        set_word(&m, "p0", DATA + 8 + plus);
        set_word(&m, "r1", 0x1000 + plus);
        put(&m, 8, 77);
        put(&m, 12, 78);
        run(&m, "lda r0, [p0, #0]\nnop *7\nst r1, [p0, #4]");
        assert_int_equal(word(&m, "r0"), 77);
        assert_int_equal(peek(&m, 12), 0x1000 + plus);
    }
    test_end(m.arena);
}

/* Four times 8 bytes; every other address is in the other bank. */
static void a_gather_reads_four_places(void **state) {
    (void)state;
    machine m = machine_new();
    static const uint32_t at[4] = {0x40, 0x83, 0x200, 0x1048};
    uint32_t addresses[8] = {0}, got[8];
    for (unsigned i = 0; i < 4; i++)
        addresses[i] = DATA + at[i];
    for (unsigned i = 0; i < 0x2000; i += 4)
        put(&m, i, i);
    set(&m, "wl0", addresses, 32);
    run(&m, "vldb.4x32.lo wl1, wl0\nnop *8");
    get(&m, "wl1", got, 32);
    for (unsigned i = 0; i < 8; i++) {
        uint32_t from = at[i / 2] & ~7u;
        if (i / 2 % 2) from |= 16;
        assert_int_equal(got[i], from + i % 2 * 4);
    }
    test_end(m.arena);
}

/* Only moves write them. */
static void status_flags_stay_as_written(void **state) {
    (void)state;
    static const char *const flags[] = {"srSRS_of", "srUPS_of", "srFPFlags", "srF2IFlags"};
    machine m = machine_new();
    uint8_t large[128];
    memset(large, 0x7f, sizeof large);
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        for (uint32_t value = 0; value < 2; value++) {
            set(&m, "cm0", large, sizeof large);
            set_word(&m, "crSat", 1);
            set_word(&m, "s0", 0);
            set_word(&m, flags[i], value);
            run(&m, "vsrs.d8.s32 wl0, cm0, s0\nnop *8");
            assert_int_equal(word(&m, flags[i]), value);
        }
    test_end(m.arena);
}

/* ---- what waits -------------------------------------------------------------------------------
 */

typedef struct outside {
    int32_t lock;
    unsigned n_asked, n_events;
    uint32_t words[8];
    bool last[8];
    unsigned n_words, n_read;
} outside;

static bool acquire(void *context, unsigned id, int32_t value) {
    outside *o = context;
    o->n_asked++;
    assert_int_equal(id, 49);
    if (value < 0 ? o->lock < -value : o->lock != value) return false;
    o->lock -= value < 0 ? -value : value;
    return true;
}

static void release(void *context, unsigned id, int32_t value) {
    outside *o = context;
    assert_int_equal(id, 50);
    o->lock += value;
}

static bool stream_write(void *context, uint32_t sent, bool is_last) {
    outside *o = context;
    if (o->n_words == 3) return false;
    o->words[o->n_words] = sent;
    o->last[o->n_words++] = is_last;
    return true;
}

static bool stream_read(void *context, uint32_t *got, bool *is_last) {
    outside *o = context;
    if (o->n_read == o->n_words) return false;
    *is_last = o->last[o->n_read];
    *got = o->words[o->n_read++];
    return true;
}

static void an_event(void *context, unsigned id) {
    outside *o = context;
    o->n_events += id;
}

static const ts_core_ports ports_of_outside = {.acquire = acquire,
                                               .release = release,
                                               .stream_read = stream_read,
                                               .stream_write = stream_write,
                                               .event = an_event};

static void locks_hold_the_core(void **state) {
    (void)state;
    outside o = {0};
    ts_core_ports ports = ports_of_outside;
    ports.context = &o;
    machine m = machine_with(&ports);
    set_word(&m, "r0", UINT32_MAX);
    set_word(&m, "r1", 1);
    set_word(&m, "p0", DATA);
    put(&m, 0, 5);
    load(&m, "acq #49, r0\nlda r2, [p0, #0]\nevent #2\nnop *6\nadd r3, r2, #0\nrel #50, r1");
    assert_int_equal(ts_core_run(m.core, 50), TS_CORE_WAITS_LOCK);
    assert_int_equal(ts_core_run(m.core, 50), TS_CORE_WAITS_LOCK);
    put(&m, 0, 6); /* who holds the lock still writes */
    o.lock = 1;
    assert_int_equal(ts_core_run(m.core, 500), TS_CORE_DONE);
    assert_int_equal(word(&m, "r3"), 6);
    assert_int_equal(o.lock, 1);
    assert_int_equal(o.n_events, 2);
    assert_int_equal(o.n_asked, 3);
    /* src: aie2-facts 56: two waits of a cycle, and one cycle for each lock operation */
    assert_int_equal(ts_core_cycle(m.core), ts_core_ticks(m.core) + 4);
    test_end(m.arena);
}

static void words_go_through_streams(void **state) {
    (void)state;
    outside o = {0};
    ts_core_ports ports = ports_of_outside;
    ports.context = &o;
    machine m = machine_with(&ports);
    set_word(&m, "r0", 7);
    load(&m, "mov ms, r0\nmov.tlast ms, r0\nmov.nb ms, r0\nmov.nb ms, r0\nnop *6\nmov r8, srMS0\n"
             "mov r1, SS\nnop *7\nmov r2, srSS0\nmov r3, SS\nnop *7\nmov r4, srSS0\nmov r5, SS\n"
             "mov.nb r6, SS\nnop *7\nmov r7, srSS0\nmov r9, SS");
    assert_int_equal(ts_core_run(m.core, 500), TS_CORE_WAITS_STREAM_IN);
    assert_int_equal(o.n_words, 3);
    assert_int_equal(word(&m, "r8"), 0);
    assert_int_equal(word(&m, "r1"), 7);
    assert_int_equal(word(&m, "r2"), 2);
    assert_int_equal(word(&m, "r4"), 3);
    assert_int_equal(word(&m, "r7"), 0);
    test_end(m.arena);
}

/* src: aie2-facts 69, 70: id, type and place of a packet header; address, length, operation and id
 * of a control header; ones are odd */
static void headers_go_through_streams(void **state) {
    (void)state;
    outside o = {0};
    ts_core_ports ports = ports_of_outside;
    ports.context = &o;
    machine m = machine_with(&ports);
    set_word(&m, "CORE_ID", 3u << 16 | 4);
    set_word(&m, "r0", 21);
    set_word(&m, "m0", 0x1d004);
    run(&m, "mov.ph ms, r0, #5\nmov.cph.tlast ms, m0, #1, #2, r0");
    assert_int_equal(o.n_words, 2);
    uint32_t packet = 21u | 5u << 12 | 4u << 16 | 3u << 21;
    uint32_t control = 0x1d004u | 1u << 20 | 2u << 22 | 21u << 24;
    assert_int_equal(o.words[0] & 0x7fffffff, packet);
    assert_int_equal(o.words[1] & 0x7fffffff, control);
    assert_true(!o.last[0] && o.last[1]);
    for (unsigned i = 0; i < 2; i++)
        assert_int_equal(__builtin_popcount(o.words[i]) % 2, 1);
    test_end(m.arena);
}

/* ---- everything -------------------------------------------------------------------------------
 */

static void every_instruction_has_a_meaning(void **state) {
    (void)state;
    unsigned n_missing = 0;
    for (uint16_t i = 0; i < ts_aie2_n_instructions; i++)
        if (!ts_core_has_meaning(i)) {
            n_missing++;
            print_message("no meaning: %s\n", ts_aie2_instructions[i].name);
        }
    assert_int_equal(n_missing, 0);
}

/* Any instruction with any operands runs, stops for a reason, and never reads beyond anything. */
static void any_instruction_runs_or_says_why_not(void **state) {
    (void)state;
    test_random random = {13};
    machine m = machine_new();
    uint8_t noise[128];
    for (uint16_t i = 0; i < ts_aie2_n_instructions; i++)
        for (unsigned round = 0; round < 8; round++) {
            const ts_aie2_instruction *in = &ts_aie2_instructions[i];
            ts_aie2_op op = {.instruction = i};
            for (unsigned k = 0; k < in->n_operands; k++) {
                const ts_aie2_operand *o = &in->operands[k];
                const ts_aie2_register_class *class = &ts_aie2_register_classes[o->register_class];
                while (o->is_register && (!op.values[k] || class->to_value[op.values[k]] < 0))
                    op.values[k] =
                        class->to_register[test_next(&random) & ((1u << class->width) - 1)];
                if (!o->is_register) op.values[k] = o->min;
            }
            ts_aie2_bundle bundle;
            ts_aie2_reject why;
            load(&m, "nop *2");
            ts_core_reset(m.core);
            if (!ts_aie2_pack(&op, 1, &bundle, &why) || !ts_aie2_encode(&bundle, m.program, &why))
                continue; /* operands that share a field */
            memset(m.program + ts_aie2_formats[bundle.format].size, 0, 64);
            for (unsigned at = ts_aie2_formats[bundle.format].size; at < 128; at += 2)
                ts_aie2_fill_nops(m.program + at, 2);
            for (ts_aie2_register r = 1; r < ts_aie2_n_registers; r++) {
                for (unsigned b = 0; b < 128; b++)
                    noise[b] = (uint8_t)test_next(&random);
                ts_core_set(m.core, r, noise, (ts_aie2_registers[r].bits + 7u) / 8);
            }
            ts_core_state state_now = ts_core_run(m.core, 30);
            if (state_now == TS_CORE_NOT_MODELED || state_now == TS_CORE_NO_CODE)
                assert_true(*ts_core_stop_text(m.core));
        }
    test_end(m.arena);
}

static void a_break_comes_before_its_bundle(void **state) {
    (void)state;
    machine m = machine_new();
    load(&m, "mova r0, #1\nmova r0, #2\nmova r0, #3");
    ts_core_set_break(m.core, 4);
    assert_int_equal(ts_core_run(m.core, 100), TS_CORE_AT_BREAK);
    assert_int_equal(word(&m, "r0"), 1);
    assert_int_equal(ts_core_run(m.core, 100), TS_CORE_DONE);
    assert_int_equal(word(&m, "r0"), 3);
    test_end(m.arena);
}

/* src: aie2-facts 16 */
static void a_reset_keeps_general_registers(void **state) {
    (void)state;
    machine m = machine_new();
    run(&m, "mova r0, #9\nmovx crSat, r0\nmovx crRnd, r0\nnop *3");
    assert_int_equal(word(&m, "crSat"), 1);
    assert_int_equal(word(&m, "crRnd"), 9);
    ts_core_reset(m.core);
    assert_int_equal(word(&m, "crSat"), 0);
    assert_int_equal(word(&m, "crRnd"), 0);
    assert_int_equal(word(&m, "r0"), 9);
    test_end(m.arena);
}

static void bytes_that_are_no_bundle_stop_the_core(void **state) {
    (void)state;
    machine m = machine_new();
    load(&m, "nop");
    memset(m.program, 0xff, 64);
    assert_int_equal(ts_core_run(m.core, 100), TS_CORE_NO_CODE);
    assert_non_null(strstr(ts_core_stop_text(m.core), "0x00000"));
    ts_core_set_pc(m.core, TS_AIE2_PROGRAM_BYTES);
    assert_int_equal(ts_core_run(m.core, 100), TS_CORE_NO_CODE);
    test_end(m.arena);
}

static ts_status make_core(ts_arena *arena, void *context) {
    (void)context;
    static const uint8_t program[TS_AIE2_PROGRAM_BYTES];
    uint8_t *windows[TS_CORE_N_WINDOWS] = {0};
    return ts_core_new(arena, program, windows, NULL) ? TS_OK : TS_NOMEM;
}

static void every_allocation_fails_once(void **state) {
    (void)state;
    test_every_allocation_fails(make_core, NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_load_lands_seven_cycles_later),
        cmocka_unit_test(a_load_overwrites_what_came_between),
        cmocka_unit_test(a_multiply_lands_in_its_second_cycle),
        cmocka_unit_test(delayed_moves_land_when_their_name_says),
        cmocka_unit_test(a_byte_store_takes_its_data_late),
        cmocka_unit_test(a_load_behind_a_byte_store_sees_it_at_stage_eleven),
        cmocka_unit_test(a_word_store_takes_its_data_at_issue),
        cmocka_unit_test(five_delay_slots_follow_a_jump),
        cmocka_unit_test(a_call_returns_behind_its_delay_slots),
        cmocka_unit_test(jnzd_wants_one_less_than_the_trips),
        cmocka_unit_test(jz_and_jnz_look_at_their_register),
        cmocka_unit_test(hardware_loops_run_lc_times),
        cmocka_unit_test(a_byte_store_in_the_last_bundle_of_a_short_loop_is_lost),
        cmocka_unit_test(vector_results_reach_by_bypass_one_bundle_earlier),
        cmocka_unit_test(accumulators_chain_two_bundles_apart),
        cmocka_unit_test(a_multiply_reads_its_vectors_at_issue),
        cmocka_unit_test(late_operands_are_read_late),
        cmocka_unit_test(the_order_of_slots_is_of_no_consequence),
        cmocka_unit_test(three_dimensions_are_three_loops),
        cmocka_unit_test(accesses_outside_are_told_and_read_zero),
        cmocka_unit_test(scalar_arithmetic_is_that_of_c),
        cmocka_unit_test(division_steps_divide),
        cmocka_unit_test(srs_rounds_and_saturates),
        cmocka_unit_test(ups_shifts_up),
        cmocka_unit_test(pack_and_unpack_are_opposite),
        cmocka_unit_test(products_are_those_of_matrices),
        cmocka_unit_test(element_products_are_lane_by_lane),
        cmocka_unit_test(an_unknown_mode_stops_the_core),
        cmocka_unit_test(float_products_of_small_numbers_are_exact),
        cmocka_unit_test(shuffles_undo_each_other),
        cmocka_unit_test(locks_hold_the_core),
        cmocka_unit_test(words_go_through_streams),
        cmocka_unit_test(headers_go_through_streams),
        cmocka_unit_test(abs_and_jnzd_leave_a_carry),
        cmocka_unit_test(addresses_lose_their_low_bits),
        cmocka_unit_test(a_gather_reads_four_places),
        cmocka_unit_test(status_flags_stay_as_written),
        cmocka_unit_test(every_instruction_has_a_meaning),
        cmocka_unit_test(any_instruction_runs_or_says_why_not),
        cmocka_unit_test(a_break_comes_before_its_bundle),
        cmocka_unit_test(a_reset_keeps_general_registers),
        cmocka_unit_test(bytes_that_are_no_bundle_stop_the_core),
        cmocka_unit_test(every_allocation_fails_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
