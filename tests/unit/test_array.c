/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The array: words from the host through shim, switches, DMAs, memories, locks and cores and back.
 */
#include "array_setup.h"

#include <string.h>

enum {
    IN = 0x70400,
    OUT = 0x70800,
    WORDS = 64
};

/* Adds 1 to each of 64 words of `in` into `out`, again and again. Locks of the tile: 0 in is free,
 * 1 in is full, 2 out is free, 3 out is full. */
static const char add_one[] = "  .globl main\n"
                              "main:\n"
                              "  .schedule\n"
                              "  mov r16, #-1\n"
                              "  mov r17, #1\n"
                              "  .endschedule\n"
                              "again:\n"
                              "  .schedule\n"
                              "  acq #49, r16\n"
                              "  acq #50, r16\n"
                              "  movxm p0, #0x70400\n"
                              "  movxm p1, #0x70800\n"
                              "  movxm r18, #63\n"
                              "  movxm p2, #word\n"
                              "  .endschedule\n"
                              "word:\n"
                              "  .schedule\n"
                              "  lda r0, [p0], #4\n"
                              "  add r0, r0, #1\n"
                              "  st r0, [p1], #4\n"
                              "  jnzd r18, r18, p2\n"
                              "  .endschedule\n"
                              "  .schedule\n"
                              "  rel #48, r17\n"
                              "  rel #51, r17\n"
                              "  j #again\n"
                              "  .endschedule\n";

static void fill(uint32_t *words, size_t n) {
    test_random random = {7};
    for (size_t i = 0; i < n; i++)
        words[i] = (uint32_t)test_next(&random);
}

/* The tile's DMA: in 0 to `in`, `out` to out 0, each with its locks, for ever. */
static void make_tile_dma(setup *s, unsigned column, unsigned row) {
    ts_npu_bd bd = setup_locks(setup_linear(s, column, row, IN & 0xffff, WORDS), 0, -1, 1, 1);
    bd.use_next = true;
    bd.next = 0;
    setup_bd(s, column, row, 0, &bd);
    bd = setup_locks(setup_linear(s, column, row, OUT & 0xffff, WORDS), 3, -1, 2, 1);
    bd.use_next = true;
    bd.next = 1;
    setup_bd(s, column, row, 1, &bd);
    setup_lock(s, column, row, 0, 1);
    setup_lock(s, column, row, 2, 1);
    setup_task(s, column, row, SETUP_S2MM, 0, 0, 1, false);
    setup_task(s, column, row, SETUP_MM2S, 0, 1, 1, false);
}

static void words_go_around_a_core(void **state) {
    (void)state;
    static uint32_t in[WORDS * 5], out[WORDS * 5];
    setup s;
    setup_begin(&s, "npu1_1col");
    setup_column(&s, 0, 2);
    setup_tokens(&s, 0);
    make_tile_dma(&s, 0, 2);
    setup_program(&s, 0, 2, add_one, NULL, 0);
    fill(in, WORDS * 5);
    ts_npu_bd bd = setup_linear(&s, 0, 0, setup_buffer(&s, "in", in, sizeof in), WORDS * 5);
    setup_bd(&s, 0, 0, 0, &bd);
    bd = setup_linear(&s, 0, 0, setup_buffer(&s, "out", out, sizeof out), WORDS * 5);
    setup_bd(&s, 0, 0, 1, &bd);
    setup_enable(&s, 0, 2);
    setup_task(&s, 0, 0, SETUP_MM2S, 0, 0, 1, false);
    setup_task(&s, 0, 0, SETUP_S2MM, 0, 1, 1, true);
    setup_wait(&s, 0, 0, SETUP_S2MM, 0);
    for (size_t i = 0; i < WORDS * 5; i++)
        assert_int_equal(out[i], in[i] + 1);
    setup_expect_findings(&s, 0);
    setup_end(&s);
}

/* ---- instruction streams ----------------------------------------------------------------------
 */

/* As mlir-aie lowers two dma_memcpy_nd and a dma_wait. */
static const char stream_text[] =
    "blockwrite tile(0,0).shim.DMA_BD1_0 320 0 0 0 0x80000000 0 0 0x2000000\n"
    "address_patch tile(0,0).shim.DMA_BD1_1 arg=0 arg_plus=64\n"
    "write32 tile(0,0).shim.DMA_MM2S_0_Task_Queue 0x1\n"
    "blockwrite tile(0,0).shim.DMA_BD0_0 320 0 0 0 0x80000000 0 0 0x2000000\n"
    "address_patch tile(0,0).shim.DMA_BD0_1 arg=1 arg_plus=0\n"
    "maskwrite32 tile(0,0).shim.DMA_S2MM_0_Ctrl 0xf00 0x1f00\n"
    "write32 tile(0,0).shim.DMA_S2MM_0_Task_Queue 0x80000000\n"
    "noop\n"
    "sync column=0 row=0 direction=0 channel=0 n_columns=1 n_rows=1\n"
    "maskpoll tile(0,0).shim.DMA_S2MM_Status_0 0x0 0x80000\n";

static ts_txn stream_of(setup *s, const char *text) {
    ts_txn stream;
    ts_diag diag = {0};
    ts_buf bytes = ts_buf_in(s->arena);
    if (ts_txn_pack(s->arena, test_text(text), "t", &bytes, &diag) != TS_OK ||
        ts_txn_parse(s->arena, ts_buf_span(&bytes), "t", &stream, &diag) != TS_OK)
        fail_msg("%s", diag.message);
    return stream;
}

static void begin_loop(setup *s) {
    setup_begin(s, "npu1_1col");
    setup_column(s, 0, 2);
    setup_tokens(s, 0);
    make_tile_dma(s, 0, 2);
    setup_program(s, 0, 2, add_one, NULL, 0);
    setup_enable(s, 0, 2);
}

static void a_stream_runs_a_kernel(void **state) {
    (void)state;
    static uint32_t in[WORDS * 5 + 16], out[WORDS * 5];
    setup s;
    begin_loop(&s);
    fill(in, WORDS * 5 + 16);
    uint64_t addresses[2] = {setup_buffer(&s, "in", in, sizeof in),
                             setup_buffer(&s, "out", out, sizeof out)};
    ts_array_set_arguments(s.array, addresses, 2);
    ts_txn stream = stream_of(&s, stream_text);
    for (unsigned run = 0; run < 2; run++) {
        size_t next = 0;
        ts_array_state ended;
        ts_diag diag = {0};
        memset(out, 0, sizeof out);
        if (ts_array_execute(s.array, s.arena, &stream, "t", 100000, &next, &ended, &diag) != TS_OK)
            fail_msg("%s", diag.message);
        assert_int_equal(ended, TS_ARRAY_DONE);
        assert_int_equal(next, 10);
        for (size_t i = 0; i < WORDS * 5; i++)
            assert_int_equal(out[i], in[i + 16] + 1);
    }
    setup_expect_findings(&s, 0);
    setup_end(&s);
}

static void a_stream_ends_in_time(void **state) {
    (void)state;
    setup s;
    begin_loop(&s);
    ts_txn stream =
        stream_of(&s, "sync column=0 row=0 direction=0 channel=1 n_columns=1 n_rows=1\n");
    size_t next = 0;
    ts_array_state ended;
    assert_int_equal(ts_array_execute(s.array, s.arena, &stream, "t", 100000, &next, &ended, NULL),
                     TS_OK);
    assert_int_equal(ended, TS_ARRAY_DEADLOCK);
    assert_int_equal(next, 0);
    ts_txn endless = stream_of(&s, "maskpoll tile(0,0).shim.Lock0_value 1 1\n");
    ts_core_set_pc(ts_array_core(s.array, 0, 2), 0x3f00); /* zeros are bundles that do nothing */
    assert_int_equal(ts_array_execute(s.array, s.arena, &endless, "t", 500, &next, &ended, NULL),
                     TS_OK);
    assert_true(ended == TS_ARRAY_LIMIT || ended == TS_ARRAY_DEADLOCK);
    setup_end(&s);
}

static void a_stream_with_mistakes_is_refused(void **state) {
    (void)state;
    static const char *const texts[] = {
        "address_patch tile(0,0).shim.DMA_BD1_1 arg=3 arg_plus=0\n",
        "address_patch tile(0,0).shim.DMA_BD1_1 arg=300 arg_plus=0\n",
        "load_pdi id=1 size=64 host_addr=0x1000\n",
        "update_scratch\n",
    };
    static const ts_status want[] = {TS_RANGE, TS_RANGE, TS_MISSING, TS_UNSUPPORTED};
    setup s;
    begin_loop(&s);
    for (size_t i = 0; i < 4; i++) {
        size_t next = 0;
        ts_array_state ended;
        ts_diag diag = {0};
        ts_txn stream = stream_of(&s, texts[i]);
        assert_int_equal(
            ts_array_execute(s.array, s.arena, &stream, "t", 1000, &next, &ended, &diag), want[i]);
    }
    setup_end(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_go_around_a_core),
        cmocka_unit_test(a_stream_runs_a_kernel),
        cmocka_unit_test(a_stream_ends_in_time),
        cmocka_unit_test(a_stream_with_mistakes_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
