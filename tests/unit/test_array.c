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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_go_around_a_core),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
