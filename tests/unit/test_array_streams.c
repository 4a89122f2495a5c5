/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Streams: circuits with several ends, packets, arbiters, the FIFO port, control packets and their
 * answers, words and cascades of cores.
 */
#include "array_setup.h"

#include <string.h>

static uint32_t in[1024], out[1024], out2[1024];

static void fill(void) {
    for (uint32_t i = 0; i < 1024; i++)
        in[i] = 0x20000 + i;
    memset(out, 0xee, sizeof out);
    memset(out2, 0xee, sizeof out2);
}

static uint32_t parity(uint32_t word) {
    word &= 0x7fffffff;
    return word | (__builtin_popcount(word) % 2 ? 0 : UINT32_C(1) << 31);
}

static void begin(setup *s, const char *device) {
    setup_begin(s, device);
    setup_shim(s, 0, 0);
    setup_shim(s, 0, 1);
    setup_tokens(s, 0);
    fill();
}

static ts_npu_bd in_bd(setup *s, uint32_t n_words) {
    return setup_linear(s, 0, 0, setup_buffer(s, "in", in, sizeof in), n_words);
}

static void take(setup *s, unsigned channel, unsigned bd_number, uint32_t *to, uint32_t n_words) {
    ts_npu_bd bd = setup_linear(s, 0, 0, setup_buffer(s, "out", to, sizeof out), n_words);
    setup_bd(s, 0, 0, bd_number, &bd);
    setup_task(s, 0, 0, SETUP_S2MM, channel, bd_number, 1, true);
}

/* A tile's S2MM: `n_words` to byte `at` of its memory. */
static void store(setup *s, unsigned row, unsigned channel, unsigned bd_number, uint32_t at,
                  uint32_t n_words) {
    ts_npu_bd bd = setup_linear(s, 0, row, at, n_words);
    setup_bd(s, 0, row, bd_number, &bd);
    setup_task(s, 0, row, SETUP_S2MM, channel, bd_number, 1, false);
}

static const uint8_t *data(const setup *s, unsigned column, unsigned row) {
    return ts_array_memory(s->array, column, row, "data").data;
}

/* ---- circuits ---------------------------------------------------------------------------------
 */

/* One source, three tiles; one of them starts late and holds the others up. */
static void a_circuit_has_several_ends(void **state) {
    (void)state;
    setup s;
    begin(&s, "npu1_1col");
    setup_connect(&s, 0, 0, "South 3", "North 0");
    setup_connect(&s, 0, 1, "South 0", "North 0");
    setup_connect(&s, 0, 2, "South 0", "DMA 0");
    setup_connect(&s, 0, 2, "South 0", "North 1");
    setup_connect(&s, 0, 3, "South 1", "DMA 1");
    setup_connect(&s, 0, 3, "South 1", "North 3");
    setup_connect(&s, 0, 4, "South 3", "DMA 0");
    store(&s, 2, 0, 0, 0x100, 256);
    store(&s, 3, 1, 0, 0x200, 256);
    ts_npu_bd bd = in_bd(&s, 256);
    setup_bd(&s, 0, 0, 0, &bd);
    setup_task(&s, 0, 0, SETUP_MM2S, 0, 0, 1, true);
    assert_int_equal(ts_array_run(s.array, 5000), TS_ARRAY_IDLE);
    ts_dma_stats stats;
    assert_true(ts_array_dma_stats(s.array, 0, 2, false, 0, &stats));
    assert_in_range(stats.words, 1, 60); /* what the switches hold, and no more */
    store(&s, 4, 0, 0, 0x300, 256);
    setup_wait(&s, 0, 0, SETUP_MM2S, 0);
    ts_array_run(s.array, 200);
    assert_memory_equal(data(&s, 0, 2) + 0x100, in, 1024);
    assert_memory_equal(data(&s, 0, 3) + 0x200, in, 1024);
    assert_memory_equal(data(&s, 0, 4) + 0x300, in, 1024);
    setup_expect_findings(&s, 0);
    setup_end(&s);
}

/* Over to the second column, up there, and down and back. */
static void a_circuit_goes_sideways(void **state) {
    (void)state;
    setup s;
    begin(&s, "npu1_2col");
    setup_connect(&s, 0, 0, "South 3", "East 1");
    setup_connect(&s, 1, 0, "West 1", "North 2");
    setup_connect(&s, 1, 1, "South 2", "North 2");
    setup_connect(&s, 1, 2, "South 2", "West 3");
    setup_connect(&s, 0, 2, "East 3", "South 1");
    setup_connect(&s, 0, 1, "North 1", "South 1");
    setup_connect(&s, 0, 0, "North 1", "South 2");
    ts_npu_bd bd = in_bd(&s, 300);
    setup_bd(&s, 0, 0, 0, &bd);
    setup_task(&s, 0, 0, SETUP_MM2S, 0, 0, 1, false);
    take(&s, 0, 1, out, 300);
    setup_wait(&s, 0, 0, SETUP_S2MM, 0);
    assert_memory_equal(out, in, 1200);
    setup_expect_findings(&s, 0);
    setup_end(&s);
}

/* How far a sender gets when the taker has no task, and when its task waits for a lock.
 * src: aie2-facts 62, 64 */
static void a_waiting_channel_takes_fifteen_words(void **state) {
    (void)state;
    uint64_t words[2];
    for (unsigned has_task = 0; has_task < 2; has_task++) {
        setup s;
        ts_dma_stats stats;
        begin(&s, "npu1_1col");
        setup_connect(&s, 0, 0, "South 3", "North 0");
        setup_connect(&s, 0, 1, "South 0", "DMA 0");
        ts_npu_bd bd = setup_locks(setup_linear(&s, 0, 1, 0x80000, 256), 64, -1, 64, 0);
        setup_bd(&s, 0, 1, 0, &bd);
        if (has_task) setup_task(&s, 0, 1, SETUP_S2MM, 0, 0, 1, false);
        bd = in_bd(&s, 256);
        setup_bd(&s, 0, 0, 0, &bd);
        setup_task(&s, 0, 0, SETUP_MM2S, 0, 0, 1, false);
        assert_int_equal(ts_array_run(s.array, 5000), TS_ARRAY_IDLE);
        assert_true(ts_array_dma_stats(s.array, 0, 0, true, 0, &stats));
        words[has_task] = stats.words;
        setup_end(&s);
    }
    assert_int_equal(words[1] - words[0], 15);
}

static void a_fifo_port_holds_words(void **state) {
    (void)state;
    setup s;
    begin(&s, "npu1_1col");
    setup_connect(&s, 0, 0, "South 3", "FIFO 0");
    setup_connect(&s, 0, 0, "FIFO 0", "South 2");
    ts_npu_bd bd = in_bd(&s, 16);
    setup_bd(&s, 0, 0, 0, &bd);
    setup_task(&s, 0, 0, SETUP_MM2S, 0, 0, 1, true);
    setup_wait(&s, 0, 0, SETUP_MM2S, 0); /* all of them are on the way */
    take(&s, 0, 1, out, 16);
    setup_wait(&s, 0, 0, SETUP_S2MM, 0);
    assert_memory_equal(out, in, 64);
    setup_end(&s);
}

static void a_word_that_nobody_takes_is_told(void **state) {
    (void)state;
    setup s;
    begin(&s, "npu1_1col");
    setup_connect(&s, 0, 0, "South 3", "North 0");
    ts_npu_bd bd = in_bd(&s, 16);
    setup_bd(&s, 0, 0, 0, &bd);
    setup_task(&s, 0, 0, SETUP_MM2S, 0, 0, 1, true);
    ts_array_run(s.array, 5000);
    const ts_finding *f = setup_finding(&s, TS_FINDING_NO_TAKER);
    assert_int_equal(f->row, 1);
    assert_non_null(strstr(f->text, "slave port South 0"));
    setup_end(&s);
}

static void a_route_changed_in_use_loses_words(void **state) {
    (void)state;
    setup s;
    begin(&s, "npu1_1col");
    setup_connect(&s, 0, 0, "South 3", "North 0");
    setup_connect(&s, 0, 1, "South 0", "DMA 0");
    ts_npu_bd bd = in_bd(&s, 16);
    setup_bd(&s, 0, 0, 0, &bd);
    setup_task(&s, 0, 0, SETUP_MM2S, 0, 0, 1, true);
    ts_array_run(s.array, 5000);
    setup_write(&s, 0, 0, "Mux_Config", 0);
    ts_array_run(s.array, 10);
    (void)setup_finding(&s, TS_FINDING_LOST_WORDS);
    setup_end(&s);
}

/* ---- packets ----------------------------------------------------------------------------------
 */

/* The two channels of the shim send packets of two ids each through one wire to two ends. */
static void packets_go_where_their_id_says(void **state) {
    (void)state;
    setup s;
    begin(&s, "npu1_1col");
    for (unsigned i = 0; i < 2; i++) {
        const char *slave = i ? "South 7" : "South 3";
        setup_packet_slave(&s, 0, 0, slave, 0, 4, 0x1e, 0, 0); /* ids 4, 5 */
    }
    setup_packet_master(&s, 0, 0, "North 0", 0, 1, false);
    setup_packet_slave(&s, 0, 1, "South 0", 0, 4, 31, 0, 0);
    setup_packet_slave(&s, 0, 1, "South 0", 1, 5, 31, 1, 2);
    setup_packet_master(&s, 0, 1, "DMA 0", 0, 1, true);
    setup_packet_master(&s, 0, 1, "DMA 1", 1, 4, false);
    store(&s, 1, 0, 0, 0x80000, 64);
    store(&s, 1, 1, 24, 0x81000, 66); /* two packets with their headers */
    for (unsigned i = 0; i < 4; i++) {
        ts_npu_bd bd = in_bd(&s, 32);
        bd.base += i * 128;
        bd.packet = true;
        bd.packet_id = 4 + i % 2;
        bd.packet_type = 3;
        setup_bd(&s, 0, 0, i, &bd);
        setup_task(&s, 0, 0, SETUP_MM2S, i / 2, i, 1, true);
    }
    for (unsigned i = 0; i < 4; i++)
        setup_wait(&s, 0, 0, SETUP_MM2S, i / 2);
    ts_array_run(s.array, 100);
    const uint8_t *got = data(&s, 0, 1);
    bool in_order = memcmp(got, in, 128) == 0;
    assert_memory_equal(got, in + (in_order ? 0 : 64), 128);
    assert_memory_equal(got + 128, in + (in_order ? 64 : 0), 128);
    uint32_t header;
    memcpy(&header, got + 0x1000, 4);
    assert_int_equal(header, parity(5 | 3 << 12));
    assert_memory_equal(got + 0x1004, in + (in_order ? 32 : 96), 128);
    memcpy(&header, got + 0x1000 + 33 * 4, 4);
    assert_int_equal(header, parity(5 | 3 << 12));
    setup_expect_findings(&s, 0);
    setup_end(&s);
}

/* One packet to two masters of the same arbiter. */
static void a_packet_has_several_ends(void **state) {
    (void)state;
    setup s;
    begin(&s, "npu1_1col");
    setup_connect(&s, 0, 0, "South 3", "North 0");
    setup_packet_slave(&s, 0, 1, "South 0", 0, 7, 31, 2, 1);
    setup_packet_master(&s, 0, 1, "DMA 0", 2, 2, true);
    setup_packet_master(&s, 0, 1, "DMA 2", 2, 2, true);
    store(&s, 1, 0, 0, 0x80000, 20);
    store(&s, 1, 2, 1, 0x81000, 20);
    ts_npu_bd bd = in_bd(&s, 20);
    bd.packet = true;
    bd.packet_id = 7;
    setup_bd(&s, 0, 0, 0, &bd);
    setup_task(&s, 0, 0, SETUP_MM2S, 0, 0, 1, true);
    setup_wait(&s, 0, 0, SETUP_MM2S, 0);
    ts_array_run(s.array, 100);
    assert_memory_equal(data(&s, 0, 1), in, 80);
    assert_memory_equal(data(&s, 0, 1) + 0x1000, in, 80);
    setup_expect_findings(&s, 0);
    setup_end(&s);
}

static void a_packet_without_a_route_is_told(void **state) {
    (void)state;
    setup s;
    begin(&s, "npu1_1col");
    setup_connect(&s, 0, 0, "South 3", "North 0");
    setup_packet_slave(&s, 0, 1, "South 0", 0, 7, 31, 2, 1);
    setup_packet_master(&s, 0, 1, "DMA 0", 2, 2, true);
    ts_npu_bd bd = in_bd(&s, 4);
    bd.packet = true;
    bd.packet_id = 9;
    setup_bd(&s, 0, 0, 0, &bd);
    setup_task(&s, 0, 0, SETUP_MM2S, 0, 0, 1, true);
    ts_array_run(s.array, 5000);
    assert_non_null(strstr(setup_finding(&s, TS_FINDING_NO_PACKET_ROUTE)->text, "id 9"));
    setup_end(&s);
}

/* The packet says which descriptor takes it. */
static void packets_come_out_of_order(void **state) {
    (void)state;
    setup s;
    begin(&s, "npu1_1col");
    setup_connect(&s, 0, 0, "South 3", "North 0");
    setup_packet_slave(&s, 0, 1, "South 0", 0, 0, 0, 0, 0);
    setup_packet_master(&s, 0, 1, "DMA 0", 0, 1, false);
    setup_field(&s, 0, 1, "DMA_S2MM_0_Ctrl", "Enable_Out_of_Order", 1);
    for (unsigned i = 0; i < 3; i++) {
        ts_npu_bd bd = setup_linear(&s, 0, 1, 0x80000 + i * 0x100, 16);
        setup_bd(&s, 0, 1, 5 + i, &bd);
        bd = in_bd(&s, 16);
        bd.base += i * 64;
        bd.packet = true;
        bd.out_of_order_bd = 5 + (i + 1) % 3;
        setup_bd(&s, 0, 0, i, &bd);
        setup_task(&s, 0, 0, SETUP_MM2S, 0, i, 1, true);
    }
    setup_task(&s, 0, 1, SETUP_S2MM, 0, 0, 3, false);
    for (unsigned i = 0; i < 3; i++)
        setup_wait(&s, 0, 0, SETUP_MM2S, 0);
    ts_array_run(s.array, 100);
    for (unsigned i = 0; i < 3; i++)
        assert_memory_equal(data(&s, 0, 1) + (i + 1) % 3 * 0x100, in + i * 16, 64);
    setup_expect_findings(&s, 0);
    setup_end(&s);
}

/* ---- control packets --------------------------------------------------------------------------
 */

/* Two words into the memory of a tile, then two of its words back. */
static void control_packets_write_and_read(void **state) {
    (void)state;
    setup s;
    begin(&s, "npu1_1col");
    setup_connect(&s, 0, 0, "South 3", "North 0");
    setup_connect(&s, 0, 1, "South 0", "North 0");
    setup_packet_slave(&s, 0, 2, "South 0", 0, 1, 31, 0, 0);
    setup_packet_master(&s, 0, 2, "TileControl 0", 0, 1, false);
    setup_packet_slave(&s, 0, 2, "TileControl 0", 0, 2, 31, 1, 0);
    setup_packet_master(&s, 0, 2, "South 0", 1, 1, true);
    setup_connect(&s, 0, 1, "North 0", "South 0");
    setup_connect(&s, 0, 0, "North 0", "South 2");
    in[0] = parity(0x440 | 1 << 20 | 0 << 22); /* write 2 words at 0x440 */
    in[1] = 111;
    in[2] = 222;
    in[4] = parity(0x440 | 1 << 20 | 1 << 22 | 2 << 24); /* read them, answer with id 2 */
    for (unsigned i = 0; i < 2; i++) {
        ts_npu_bd bd = in_bd(&s, i ? 1 : 3);
        bd.base += i * 16;
        bd.packet = true;
        bd.packet_id = 1;
        bd.packet_type = 1;
        setup_bd(&s, 0, 0, i, &bd);
        setup_task(&s, 0, 0, SETUP_MM2S, 0, i, 1, false);
    }
    take(&s, 0, 2, out, 2);
    setup_wait(&s, 0, 0, SETUP_S2MM, 0);
    assert_int_equal(out[0], 111);
    assert_int_equal(out[1], 222);
    setup_expect_findings(&s, 0);
    setup_end(&s);
}

static void wrong_control_packets_are_told(void **state) {
    (void)state;
    setup s;
    begin(&s, "npu1_1col");
    setup_connect(&s, 0, 0, "South 3", "North 0");
    setup_packet_slave(&s, 0, 1, "South 0", 0, 1, 31, 0, 0);
    setup_packet_master(&s, 0, 1, "TileControl 0", 0, 1, false);
    in[0] = parity(0x440 | 2 << 20) ^ UINT32_C(0x80000000); /* 3 words at 0x440, bad parity */
    in[1] = 111;
    ts_npu_bd bd = in_bd(&s, 2);
    bd.packet = true;
    bd.packet_id = 1;
    setup_bd(&s, 0, 0, 0, &bd);
    setup_task(&s, 0, 0, SETUP_MM2S, 0, 0, 1, false);
    ts_array_run(s.array, 5000);
    (void)setup_finding(&s, TS_FINDING_PARITY);
    (void)setup_finding(&s, TS_FINDING_CONTROL);
    setup_end(&s);
}

/* ---- cores ------------------------------------------------------------------------------------
 */

/* Takes 16 words of its stream, sends each plus 5 on. */
static const char plus_five[] = "  .globl main\n"
                                "main:\n"
                                "  .schedule\n"
                                "  movxm r18, #15\n"
                                "  movxm p2, #word\n"
                                "  .endschedule\n"
                                "word:\n"
                                "  .schedule\n"
                                "  mov r0, SS\n"
                                "  add r0, r0, #5\n"
                                "  mov ms, r0\n"
                                "  jnzd r18, r18, p2\n"
                                "  .endschedule\n"
                                "  .schedule\n"
                                "  ret lr\n"
                                "  .endschedule\n";

static void cores_pass_words_on(void **state) {
    (void)state;
    setup s;
    begin(&s, "npu1_1col");
    setup_column(&s, 0, 2);
    setup_write(&s, 0, 2, "Stream_Switch_Master_Config_DMA0", 0);
    setup_connect(&s, 0, 2, "South 0", "Core 0");
    setup_connect(&s, 0, 2, "Core 0", "North 0"); /* to the core above */
    setup_connect(&s, 0, 3, "South 0", "Core 0");
    setup_connect(&s, 0, 3, "Core 0", "South 1");
    setup_connect(&s, 0, 2, "North 1", "South 0");
    for (unsigned row = 2; row < 4; row++) {
        setup_program(&s, 0, row, plus_five, NULL, 0);
        setup_enable(&s, 0, row);
    }
    ts_npu_bd bd = in_bd(&s, 16);
    setup_bd(&s, 0, 0, 0, &bd);
    setup_task(&s, 0, 0, SETUP_MM2S, 0, 0, 1, false);
    take(&s, 0, 1, out, 16);
    setup_wait(&s, 0, 0, SETUP_S2MM, 0);
    for (unsigned i = 0; i < 16; i++)
        assert_int_equal(out[i], in[i] + 10);
    ts_array_run(s.array, 1000);
    assert_int_equal(setup_read(&s, 0, 2, "Core_Status") >> 20 & 1, 1); /* done */
    ts_core_stats stats;
    assert_true(ts_array_core_stats(s.array, 0, 3, &stats));
    assert_in_range(stats.stalls[TS_CORE_WAITS_STREAM_IN], 100, 2000);
    setup_expect_findings(&s, 0);
    setup_end(&s);
}

/* Four accumulators over the cascade, from the tile in the west or in the north. */
static const char cascade_sender[] = "  .globl main\n"
                                     "main:\n"
                                     "  .schedule\n"
                                     "  mova r0, #1\n"
                                     "  mov crMCDEn, r0\n"
                                     "  .endschedule\n"
                                     "  nop\n  nop\n  nop\n  nop\n  nop\n  nop\n"
                                     "  .schedule\n"
                                     "  movxm p0, #0x70400\n"
                                     "  vlda wl0, [p0], #32\n"
                                     "  vlda wh0, [p0], #32\n"
                                     "  vmov MCD, x0\n"
                                     "  vmov MCD, x0\n"
                                     "  vmov MCD, x0\n"
                                     "  ret lr\n"
                                     "  .endschedule\n";
static const char cascade_taker[] = "  .globl main\n"
                                    "main:\n"
                                    "  .schedule\n"
                                    "  mova r0, #1\n"
                                    "  mov crSCDEn, r0\n"
                                    "  .endschedule\n"
                                    "  nop\n  nop\n  nop\n  nop\n  nop\n  nop\n"
                                    "  .schedule\n"
                                    "  movxm p0, #0x70400\n"
                                    "  vmov x0, SCD\n"
                                    "  vmov x0, SCD\n"
                                    "  vmov x0, SCD\n"
                                    "  vst wl0, [p0], #32\n"
                                    "  vst wh0, [p0], #32\n"
                                    "  ret lr\n"
                                    "  .endschedule\n";

static void cascade(bool goes_east) {
    setup s;
    uint8_t value[64];
    begin(&s, "npu1_2col");
    unsigned to_column = goes_east, to_row = goes_east ? 3 : 2;
    for (unsigned i = 0; i < 64; i++)
        value[i] = (uint8_t)(i * 3 + 1);
    setup_program(&s, 0, 3, cascade_sender, NULL, 0);
    setup_program(&s, to_column, to_row, cascade_taker, NULL, 0);
    setup_write(&s, 0, 3, "Accumulator_Control", goes_east ? 2 : 0);
    setup_write(&s, to_column, to_row, "Accumulator_Control", goes_east ? 1 : 0);
    uint64_t address;
    assert_true(ts_npu_join(s.device, (ts_npu_place){0, 3, 0x400}, &address));
    ts_array_block_write(s.array, address, ts_span_of(value, 64));
    setup_enable(&s, 0, 3);
    assert_int_equal(ts_array_run(s.array, 10000), TS_ARRAY_IDLE);
    ts_core_stats stats;
    assert_true(ts_array_core_stats(s.array, 0, 3, &stats));
    assert_int_equal(stats.state,
                     TS_CORE_WAITS_CASCADE_OUT); /* two are on the way, the third waits */
    setup_enable(&s, to_column, to_row);
    assert_int_equal(ts_array_run(s.array, 10000), TS_ARRAY_IDLE);
    assert_memory_equal(data(&s, to_column, to_row) + 0x400, value, 64);
    assert_true(ts_array_core_stats(s.array, 0, 3, &stats));
    assert_int_equal(stats.state, TS_CORE_DONE);
    setup_expect_findings(&s, 0);
    setup_end(&s);
}

static void cascades_go_south_and_east(void **state) {
    (void)state;
    cascade(false);
    cascade(true);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_circuit_has_several_ends),
        cmocka_unit_test(a_circuit_goes_sideways),
        cmocka_unit_test(a_waiting_channel_takes_fifteen_words),
        cmocka_unit_test(a_fifo_port_holds_words),
        cmocka_unit_test(a_word_that_nobody_takes_is_told),
        cmocka_unit_test(a_route_changed_in_use_loses_words),
        cmocka_unit_test(packets_go_where_their_id_says),
        cmocka_unit_test(a_packet_has_several_ends),
        cmocka_unit_test(a_packet_without_a_route_is_told),
        cmocka_unit_test(packets_come_out_of_order),
        cmocka_unit_test(control_packets_write_and_read),
        cmocka_unit_test(wrong_control_packets_are_told),
        cmocka_unit_test(cores_pass_words_on),
        cmocka_unit_test(cascades_go_south_and_east),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
