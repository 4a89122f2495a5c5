/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Findings: each kind comes when it should, says who and where, and changes nothing.
 */
#include "array_setup.h"

#include <string.h>

#define BIT(kind) (UINT64_C(1) << TS_FINDING_##kind)

static const ts_link_buffer buffers[] = {{"in_buff", 0x70400, 0x100}, {"out_buff", 0x70500, 0x100}};

static void run_core(setup *s, const char *text) {
    setup_program(s, 0, 2, text, buffers, 2);
    setup_enable(s, 0, 2);
    assert_int_equal(ts_array_run(s->array, 10000), TS_ARRAY_IDLE);
}

static void expect_text(const setup *s, ts_finding_kind kind, const char *words) {
    const ts_finding *f = setup_finding(s, kind);
    if (!strstr(f->text, words)) fail_msg("'%s' is not in '%s'", words, f->text);
}

/* ---- cores ------------------------------------------------------------------------------------
 */

/* A frame of 0x480 bytes on a stack of 0x400: word 0x460 of it lies in the input buffer. */
static const char deep[] = "  .globl main\n"
                           "  .type main, @function\n"
                           "main:\n"
                           "  .schedule\n"
                           "  paddb [sp], #0x480\n"
                           "  movxm r0, #0x1234\n"
                           "  st r0, [sp, #-32]\n"
                           "  .endschedule\n"
                           "  .schedule\n"
                           "  movxm p0, #0x70460\n"
                           "  lda r1, [p0, #0]\n"
                           "  add r1, r1, #1\n"
                           "  movxm p1, #0x70560\n"
                           "  st r1, [p1, #0]\n"
                           "  paddb [sp], #-0x480\n"
                           "  ret lr\n"
                           "  .endschedule\n";

static void a_stack_in_a_buffer_is_told(void **state) {
    (void)state;
    uint32_t words[2];
    setup s;
    setup_begin(&s, "npu1_1col");
    run_core(&s, deep);
    const ts_finding *f = setup_finding(&s, TS_FINDING_STACK);
    assert_int_equal(f->address, 0x70460);
    assert_string_equal(ts_array_function(s.array, 0, 2, f->pc), "main");
    expect_text(&s, TS_FINDING_STACK,
                "main writes its stack at 0x70460, 128 bytes beyond its end "
                "0x70400, into in_buff");
    setup_expect_findings(&s, BIT(STACK));
    memcpy(&words[0], ts_array_memory(s.array, 0, 2, "data").data + 0x560, 4);
    assert_int_equal(words[0], 0x1235);
    setup_end(&s);
    /* the same without looking */
    s.arena = test_begin();
    ts_array_options options = {.ignored = UINT64_MAX};
    s.array = ts_array_new(s.arena, s.device, &options);
    run_core(&s, deep);
    assert_int_equal(ts_array_n_findings(s.array), 0);
    memcpy(&words[1], ts_array_memory(s.array, 0, 2, "data").data + 0x560, 4);
    assert_int_equal(words[1], words[0]);
    setup_end(&s);
}

static void reads_of_nothing_are_told(void **state) {
    (void)state;
    setup s;
    setup_begin(&s, "npu1_1col");
    run_core(&s, "  .globl main\nmain:\n"
                 "  .schedule\n"
                 "  movxm p0, #0x70510\n  lda r0, [p0, #0]\n  lda r1, [p0, #0]\n"
                 "  movxm p1, #0x40000\n  lda r2, [p1, #0]\n  st r2, [p0, #4]\n"
                 "  lda r3, [p0, #4]\n  ret lr\n"
                 "  .endschedule\n");
    const ts_finding *f = setup_finding(&s, TS_FINDING_UNWRITTEN);
    assert_int_equal(f->address, 0x70510);
    expect_text(&s, TS_FINDING_UNWRITTEN, "in out_buff");
    assert_int_equal(setup_finding(&s, TS_FINDING_OUTSIDE)->address, 0x40000);
    setup_expect_findings(&s, BIT(UNWRITTEN) | BIT(OUTSIDE));
    setup_end(&s);
}

static void accesses_outside_of_buffers_are_told(void **state) {
    (void)state;
    setup s;
    setup_begin(&s, "npu1_1col");
    run_core(&s, "  .globl main\nmain:\n  .schedule\n"
                 "  movxm p0, #0x705fc\n  st r0, [p0, #0]\n  movxm p1, #0x70600\n"
                 "  st r0, [p1, #0]\n  ret lr\n  .endschedule\n");
    assert_int_equal(setup_finding(&s, TS_FINDING_NO_BUFFER)->address, 0x70600);
    setup_expect_findings(&s, BIT(NO_BUFFER));
    assert_int_equal(ts_array_n_findings(s.array), 1);
    setup_end(&s);
}

static void locks_without_a_tile_are_told(void **state) {
    (void)state;
    setup s;
    setup_begin(&s, "npu1_1col");
    run_core(&s, "  .globl main\nmain:\n  .schedule\n  mov r0, #-1\n  acq #17, r0\n  ret lr\n"
                 "  .endschedule\n");
    expect_text(&s, TS_FINDING_LOCK_ABSENT, "lock 17");
    setup_expect_findings(&s, BIT(LOCK_ABSENT));
    setup_end(&s);
}

static void a_stream_without_a_source_is_told(void **state) {
    (void)state;
    setup s;
    setup_begin(&s, "npu1_1col");
    run_core(&s, "  .globl main\nmain:\n  .schedule\n  mov r0, SS\n  ret lr\n  .endschedule\n");
    (void)setup_finding(&s, TS_FINDING_NO_SOURCE);
    ts_npu_bd bd = setup_linear(&s, 0, 2, 0, 4);
    setup_bd(&s, 0, 2, 0, &bd);
    setup_task(&s, 0, 2, SETUP_S2MM, 0, 0, 1, false);
    ts_array_run(s.array, 10);
    assert_int_equal(ts_array_n_findings(s.array), 2);
    setup_expect_findings(&s, BIT(NO_SOURCE));
    setup_end(&s);
}

static void a_core_without_code_is_told(void **state) {
    (void)state;
    setup s;
    setup_begin(&s, "npu1_1col");
    ts_npu_place at = {0, 2, 0x20000};
    uint64_t address;
    assert_true(ts_npu_join(s.device, at, &address));
    ts_array_write(s.array, address, UINT32_MAX);
    setup_enable(&s, 0, 2);
    assert_int_equal(ts_array_run(s.array, 1000), TS_ARRAY_IDLE);
    (void)setup_finding(&s, TS_FINDING_CORE_STOPPED);
    setup_end(&s);
}

/* src: aie2-facts 13 */
static void a_lost_store_is_told(void **state) {
    (void)state;
    setup s;
    setup_begin(&s, "npu1_1col");
    run_core(&s, "  .globl main\nmain:\n  .nohazards\n"
                 "  movxm ls, #.Lls\n  movxm le, #.Lle\n  movxm p0, #0x70400\n  mova r0, #1\n"
                 "  mova r1, #3\n  mov lc, r1\n"
                 "  nop\n  nop\n  nop\n  nop\n  nop\n  nop\n  nop\n  nop\n"
                 "  .p2align 4\n.Lls:\n  nop\n  nop\n  nop\n  nop\n  .p2align 4\n.Lle:\n"
                 "  st.s8 r0, [p0], #1\n  nop\n  nop\n  nop\n  nop\n  nop\n  nop\n"
                 "  ret lr\n  nop\n  nop\n  nop\n  nop\n  nop\n");
    assert_int_equal(setup_finding(&s, TS_FINDING_LOST_STORE)->count, 2);
    setup_end(&s);
}

/* Core (0,2) and the one above it write the same word of (0,2). */
static void writers_without_a_lock_are_told(void **state) {
    (void)state;
    setup s;
    setup_begin(&s, "npu1_1col");
    setup_program(&s, 0, 2,
                  "  .globl main\nmain:\n  .schedule\n  movxm p0, #0x70500\n  st r0, [p0, #0]\n"
                  "  ret lr\n  .endschedule\n",
                  buffers, 2);
    setup_program(&s, 0, 3,
                  "  .globl main\nmain:\n  .schedule\n  movxm p0, #0x40500\n  st r0, [p0, #0]\n"
                  "  st r0, [p0, #4]\n  ret lr\n  .endschedule\n",
                  buffers, 2);
    setup_enable(&s, 0, 2);
    ts_array_run(s.array, 1000);
    setup_enable(&s, 0, 3);
    ts_array_run(s.array, 1000);
    assert_int_equal(setup_finding(&s, TS_FINDING_UNORDERED)->count, 1);
    expect_text(&s, TS_FINDING_UNORDERED, "data+0x00500 is written by the core of tile (0,2)");
    /* with a lock of the tile in between nothing is said */
    size_t before = ts_array_n_findings(s.array);
    setup_lock(&s, 0, 2, 4, 1);
    setup_write(&s, 0, 2, "Core_Control", 2);
    setup_enable(&s, 0, 2);
    ts_array_run(s.array, 1000);
    assert_int_equal(ts_array_n_findings(s.array), before);
    assert_int_equal(setup_finding(&s, TS_FINDING_UNORDERED)->count, 1);
    setup_end(&s);
}

/* ---- deadlock ---------------------------------------------------------------------------------
 */

/* Each core has one lock and wants the other's; the output waits for them, the host for it. */
static void a_deadlock_says_who_waits(void **state) {
    (void)state;
    static uint32_t out[16];
    setup s;
    setup_begin(&s, "npu1_1col");
    setup_column(&s, 0, 2);
    setup_tokens(&s, 0);
    setup_program(&s, 0, 2,
                  "  .globl main\n  .type main, @function\nmain:\n  .schedule\n  mov r0, #-1\n"
                  "  acq #48, r0\n  acq #32, r0\n  ret lr\n  .endschedule\n",
                  buffers, 2);
    setup_program(&s, 0, 3,
                  "  .globl main\n  .type main, @function\nmain:\n  .schedule\n  mov r0, #-1\n"
                  "  acq #48, r0\n  acq #0, r0\n  ret lr\n  .endschedule\n",
                  buffers, 2);
    setup_lock(&s, 0, 2, 0, 1);
    setup_lock(&s, 0, 3, 0, 1);
    ts_npu_bd bd = setup_locks(setup_linear(&s, 0, 2, 0x500, 16), 3, -1, 2, 1);
    setup_bd(&s, 0, 2, 0, &bd);
    setup_task(&s, 0, 2, SETUP_MM2S, 0, 0, 1, false);
    bd = setup_linear(&s, 0, 0, setup_buffer(&s, "out", out, sizeof out), 16);
    setup_bd(&s, 0, 0, 0, &bd);
    setup_task(&s, 0, 0, SETUP_S2MM, 0, 0, 1, true);
    setup_enable(&s, 0, 2);
    setup_enable(&s, 0, 3);
    assert_int_equal(ts_array_wait_token(s.array, 0, 0, false, 0, 100000), TS_ARRAY_DEADLOCK);
    ts_buf text = ts_buf_in(s.arena);
    ts_array_report_waits(s.array, &text);
    ts_buf_u8(&text, 0);
    static const char *const lines[] = {
        "tile (0,0): dma S2MM 0, bd 0, waits for a word at master South 2 of tile (0,0), 16 words",
        "tile (0,2): dma MM2S 0, bd 0, waits for lock 3 >= 1, has 0",
        "in main waits for a lock: northern lock 0 >= 1, has 0",
        "in main waits for a lock: southern lock 0 >= 1, has 0",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        if (!strstr((const char *)text.data, lines[i]))
            fail_msg("'%s' is not in:\n%s", lines[i], (const char *)text.data);
    setup_expect_findings(&s, BIT(DEADLOCK));
    assert_int_equal(ts_array_n_findings(s.array), 4);
    setup_end(&s);
}

/* ---- registers and descriptors ----------------------------------------------------------------
 */

static void unknown_registers_are_told(void **state) {
    (void)state;
    setup s;
    setup_begin(&s, "npu1_1col");
    ts_array_write(s.array, 0x1dff4, 1);           /* in the shim, between registers */
    ts_array_write(s.array, UINT64_C(7) << 25, 1); /* column 7 */
    setup_write(&s, 0, 2, "Core_Status", 1);       /* read only */
    assert_int_equal(ts_array_read(s.array, 0x1dff4), 0);
    assert_int_equal(ts_array_n_findings(s.array), 3);
    assert_int_equal(setup_finding(&s, TS_FINDING_REGISTER)->count, 2);
    expect_text(&s, TS_FINDING_READ_ONLY, "core.Core_Status");
    setup_end(&s);
}

static void what_is_not_modeled_is_told(void **state) {
    (void)state;
    setup s;
    setup_begin(&s, "npu1_1col");
    setup_write(&s, 0, 2, "memory.Trace_Control0", 0);
    assert_int_equal(ts_array_n_findings(s.array), 0);
    setup_write(&s, 0, 2, "memory.Trace_Control0", 0x7a0000);
    setup_write(&s, 0, 1, "Performance_Control0", 1);
    assert_int_equal(ts_array_n_findings(s.array), 2);
    expect_text(&s, TS_FINDING_NOT_MODELED, "memory.Trace_Control0");
    setup_field(&s, 0, 2, "DMA_MM2S_0_Ctrl", "Compression_Enable", 1);
    assert_int_equal(ts_array_n_findings(s.array), 3);
    setup_expect_findings(&s, BIT(NOT_MODELED));
    setup_end(&s);
}

static void a_walk_beyond_a_named_buffer_is_told(void **state) {
    (void)state;
    setup s;
    setup_begin(&s, "npu1_1col");
    setup_program(&s, 0, 2, "  .globl main\nmain:\n  .schedule\n  ret lr\n  .endschedule\n",
                  buffers, 2);
    ts_npu_bd bd = setup_linear(&s, 0, 2, 0x440, 48); /* to the end of in_buff */
    setup_bd(&s, 0, 2, 0, &bd);
    setup_task(&s, 0, 2, SETUP_MM2S, 0, 0, 1, false);
    bd.length = 49;
    setup_bd(&s, 0, 2, 1, &bd);
    setup_task(&s, 0, 2, SETUP_MM2S, 1, 1, 1, false);
    ts_array_run(s.array, 100);
    expect_text(&s, TS_FINDING_BD_RANGE, "bd 1: walks 4 bytes beyond the 256 of in_buff");
    assert_int_equal(setup_finding(&s, TS_FINDING_BD_RANGE)->count, 1);
    setup_end(&s);
}

static void findings_have_a_ceiling(void **state) {
    (void)state;
    setup s;
    setup_begin(&s, "npu1_1col");
    ts_array_options options = {.max_findings = 4};
    s.array = ts_array_new(s.arena, s.device, &options);
    for (uint32_t i = 0; i < 6; i++)
        ts_array_write(s.array, 0x1df00 + i * 4, 1);
    assert_int_equal(ts_array_n_findings(s.array), 4);
    assert_int_equal(ts_array_lost_findings(s.array), 2);
    assert_null(ts_array_finding(s.array, 4));
    setup_end(&s);
}

static void every_kind_has_a_name(void **state) {
    (void)state;
    for (unsigned i = 0; i < TS_FINDING_N_KINDS; i++) {
        assert_true(strlen(ts_finding_name((ts_finding_kind)i)) > 3);
        assert_true(strlen(ts_finding_text((ts_finding_kind)i)) > 10);
    }
    assert_string_equal(ts_finding_name(TS_FINDING_N_KINDS), "?");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stack_in_a_buffer_is_told),
        cmocka_unit_test(reads_of_nothing_are_told),
        cmocka_unit_test(accesses_outside_of_buffers_are_told),
        cmocka_unit_test(locks_without_a_tile_are_told),
        cmocka_unit_test(a_stream_without_a_source_is_told),
        cmocka_unit_test(a_core_without_code_is_told),
        cmocka_unit_test(a_lost_store_is_told),
        cmocka_unit_test(writers_without_a_lock_are_told),
        cmocka_unit_test(a_deadlock_says_who_waits),
        cmocka_unit_test(unknown_registers_are_told),
        cmocka_unit_test(what_is_not_modeled_is_told),
        cmocka_unit_test(a_walk_beyond_a_named_buffer_is_told),
        cmocka_unit_test(findings_have_a_ceiling),
        cmocka_unit_test(every_kind_has_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
