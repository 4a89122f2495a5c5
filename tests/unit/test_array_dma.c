/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * DMA channels: patterns of addresses, iterations, padding, locks, queues, tokens, ends of packets.
 * Mostly a memory tile or a compute tile between the two directions of the shim.
 */
#include "array_setup.h"

#include <string.h>

enum {
    OWN = 0x80000,
    EAST = 0x100000
};

static uint32_t in[4096], out[8192];

/* Words that tell where they come from. */
static void fill(void) {
    for (uint32_t i = 0; i < 4096; i++)
        in[i] = 0x10000 + i;
    memset(out, 0xee, sizeof out);
}

/* The shim to S2MM 0 of the memory tile, its MM2S 0 to the shim. */
static void begin(setup *s, const char *device) {
    setup_begin(s, device);
    setup_shim(s, 0, 0);
    setup_tokens(s, 0);
    setup_connect(s, 0, 0, "South 3", "North 0");
    setup_connect(s, 0, 0, "North 0", "South 2");
    setup_connect(s, 0, 1, "South 0", "DMA 0");
    setup_connect(s, 0, 1, "DMA 0", "South 0");
    fill();
}

static void send(setup *s, uint32_t n_words) {
    ts_npu_bd bd = setup_linear(s, 0, 0, setup_buffer(s, "in", in, sizeof in), n_words);
    setup_bd(s, 0, 0, 0, &bd);
    setup_task(s, 0, 0, SETUP_MM2S, 0, 0, 1, true);
}

static void take(setup *s, uint32_t n_words) {
    ts_npu_bd bd = setup_linear(s, 0, 0, setup_buffer(s, "out", out, sizeof out), n_words);
    setup_bd(s, 0, 0, 1, &bd);
    setup_task(s, 0, 0, SETUP_S2MM, 0, 1, 1, true);
}

/* `n_words` of `in` into the memory tile's own memory from byte 0 on. */
static void store(setup *s, uint32_t n_words) {
    ts_npu_bd bd = setup_linear(s, 0, 1, OWN, n_words);
    setup_bd(s, 0, 1, 0, &bd);
    setup_task(s, 0, 1, SETUP_S2MM, 0, 0, 1, false);
    send(s, n_words);
    setup_wait(s, 0, 0, SETUP_MM2S, 0);
    ts_array_run(s->array, 100);
}

/* Descriptor 1 of the memory tile sends what `bd` says; `n_words` arrive. */
static void fetch(setup *s, const ts_npu_bd *bd, unsigned times, uint32_t n_words) {
    setup_bd(s, 0, 1, 1, bd);
    setup_task(s, 0, 1, SETUP_MM2S, 0, 1, times, false);
    take(s, n_words);
    setup_wait(s, 0, 0, SETUP_S2MM, 0);
}

/* ---- addresses --------------------------------------------------------------------------------
 */

/* Any pattern of up to four dimensions, against four loops. */
static void patterns_are_nested_loops(void **state) {
    (void)state;
    test_random random = {11};
    setup s;
    begin(&s, "npu1_1col");
    store(&s, 4096);
    for (unsigned round = 0; round < 40; round++) {
        uint32_t wrap[4], step[4], n = 1, base = (uint32_t)(test_next(&random) % 64);
        for (unsigned d = 0; d < 4; d++) {
            wrap[d] = 1 + (uint32_t)(test_next(&random) % 5);
            step[d] = 1 + (uint32_t)(test_next(&random) % 200);
            n *= wrap[d];
        }
        ts_npu_bd bd = setup_linear(&s, 0, 1, OWN + base * 4, n);
        for (unsigned d = 0; d < 4; d++) {
            bd.dim[d].step = step[d];
            if (d < 3) bd.dim[d].wrap = wrap[d];
        }
        fetch(&s, &bd, 1, n);
        uint32_t at = 0;
        for (uint32_t i = 0; i < wrap[3]; i++)
            for (uint32_t j = 0; j < wrap[2]; j++)
                for (uint32_t k = 0; k < wrap[1]; k++)
                    for (uint32_t l = 0; l < wrap[0]; l++)
                        assert_int_equal(
                            out[at++],
                            in[base + i * step[3] + j * step[2] + k * step[1] + l * step[0]]);
    }
    setup_expect_findings(&s, 0);
    setup_end(&s);
}

static void a_shim_walks_patterns_too(void **state) {
    (void)state;
    setup s;
    begin(&s, "npu1_1col");
    store(&s, 256);
    ts_npu_bd bd = setup_linear(&s, 0, 0, setup_buffer(&s, "out", out, sizeof out), 256);
    bd.dim[0] = (ts_npu_bd_dim){.step = 16, .wrap = 16};
    bd.dim[1] = (ts_npu_bd_dim){.step = 1, .wrap = 16};
    setup_bd(&s, 0, 0, 1, &bd);
    bd = setup_linear(&s, 0, 1, OWN, 256);
    setup_bd(&s, 0, 1, 1, &bd);
    setup_task(&s, 0, 1, SETUP_MM2S, 0, 1, 1, false);
    setup_task(&s, 0, 0, SETUP_S2MM, 0, 1, 1, true);
    setup_wait(&s, 0, 0, SETUP_S2MM, 0);
    for (unsigned i = 0; i < 256; i++)
        assert_int_equal(out[i % 16 * 16 + i / 16], in[i]);
    setup_end(&s);
}

/* src: AM025: zeros in words, in padded rows, in padded blocks */
static void zeros_are_around_the_data(void **state) {
    (void)state;
    enum {
        W = 3,
        H = 4,
        D = 2,
        W0 = 2,
        W1 = 1,
        H0 = 1,
        H1 = 2,
        D0 = 1,
        D1 = 1
    };
    enum {
        TW = W0 + W + W1,
        TH = H0 + H + H1,
        TD = D0 + D + D1
    };
    setup s;
    begin(&s, "npu1_1col");
    store(&s, 1024);
    ts_npu_bd bd = setup_linear(&s, 0, 1, OWN, TW * TH * TD);
    bd.dim[0] = (ts_npu_bd_dim){.step = 1, .wrap = W, .zero_before = W0, .zero_after = W1};
    bd.dim[1] = (ts_npu_bd_dim){.step = 10, .wrap = H, .zero_before = H0, .zero_after = H1};
    bd.dim[2] = (ts_npu_bd_dim){.step = 100, .wrap = D, .zero_before = D0, .zero_after = D1};
    fetch(&s, &bd, 1, TW * TH * TD);
    for (unsigned i = 0; i < TW * TH * TD; i++) {
        unsigned x = i % TW, y = i / TW % TH, z = i / TW / TH;
        bool is_data = x >= W0 && x < W0 + W && y >= H0 && y < H0 + H && z >= D0 && z < D0 + D;
        assert_int_equal(out[i], is_data ? in[x - W0 + (y - H0) * 10 + (z - D0) * 100] : 0);
    }
    setup_end(&s);
}

/* Each run of the descriptor begins a step further, and wraps. */
static void iterations_move_the_base(void **state) {
    (void)state;
    setup s;
    begin(&s, "npu1_1col");
    store(&s, 1024);
    ts_npu_bd bd = setup_linear(&s, 0, 1, OWN, 8);
    bd.iteration_step = 100;
    bd.iteration_wrap = 3;
    fetch(&s, &bd, 5, 40);
    for (unsigned i = 0; i < 40; i++)
        assert_int_equal(out[i], in[i / 8 % 3 * 100 + i % 8]);
    assert_int_equal(setup_read(&s, 0, 1, "DMA_BD1_6") >> 23 & 63, 5 % 3);
    setup_end(&s);
}

static void chains_go_on_and_tasks_repeat(void **state) {
    (void)state;
    setup s;
    begin(&s, "npu1_1col");
    store(&s, 1024);
    ts_npu_bd bd = setup_linear(&s, 0, 1, OWN + 400, 4);
    setup_bd(&s, 0, 1, 2, &bd);
    bd = setup_linear(&s, 0, 1, OWN, 4);
    bd.use_next = true;
    bd.next = 2;
    fetch(&s, &bd, 3, 24);
    for (unsigned i = 0; i < 24; i++)
        assert_int_equal(out[i], in[(i % 8 < 4 ? 0 : 100) + i % 4]);
    ts_dma_stats stats;
    assert_true(ts_array_dma_stats(s.array, 0, 1, true, 0, &stats));
    assert_int_equal(stats.words, 24);
    assert_int_equal(stats.descriptors, 6);
    assert_int_equal(stats.tasks, 1);
    setup_end(&s);
}

/* A memory tile's DMA reaches its neighbors' memories and locks. */
static void memory_tiles_reach_their_neighbors(void **state) {
    (void)state;
    setup s;
    begin(&s, "npu1_2col");
    /* into the eastern neighbor, giving lock 5 there; from there when that lock is there */
    ts_npu_bd bd = setup_locks(setup_linear(&s, 0, 1, EAST + 64, 32), 0, 0, 128 + 5, 1);
    setup_bd(&s, 0, 1, 0, &bd);
    setup_task(&s, 0, 1, SETUP_S2MM, 0, 0, 1, false);
    bd = setup_locks(setup_linear(&s, 0, 1, EAST + 64, 32), 128 + 5, -1, 64 + 6, 2);
    setup_bd(&s, 0, 1, 1, &bd);
    setup_task(&s, 0, 1, SETUP_MM2S, 0, 1, 1, false);
    send(&s, 32);
    take(&s, 32);
    setup_wait(&s, 0, 0, SETUP_S2MM, 0);
    assert_memory_equal(out, in, 128);
    assert_memory_equal(ts_array_memory(s.array, 1, 1, "data").data + 64, in, 128);
    assert_int_equal(ts_array_lock(s.array, 1, 1, 5), 0);
    assert_int_equal(ts_array_lock(s.array, 0, 1, 6), 2);
    setup_expect_findings(&s, 0);
    setup_end(&s);
}

/* West of column 0 there is memory as well; it is told that it is none of the array. East of the
 * last column there is none. */
static void a_memory_tile_reaches_west_of_the_array(void **state) {
    (void)state;
    for (unsigned is_east = 0; is_east < 2; is_east++) {
        setup s;
        begin(&s, "npu1_1col");
        ts_npu_bd bd =
            setup_locks(setup_linear(&s, 0, 1, is_east ? EAST : 64, 32), 64 + 1, -1, 64 + 2, 1);
        setup_bd(&s, 0, 1, 0, &bd);
        setup_lock(&s, 0, 1, 1, 1);
        setup_task(&s, 0, 1, SETUP_S2MM, 0, 0, 1, false);
        bd = setup_locks(setup_linear(&s, 0, 1, is_east ? EAST : 64, 32), 64 + 2, -1, 64 + 1, 1);
        setup_bd(&s, 0, 1, 1, &bd);
        setup_task(&s, 0, 1, SETUP_MM2S, 0, 1, 1, false);
        send(&s, 32);
        take(&s, 32);
        setup_wait(&s, 0, 0, SETUP_S2MM, 0);
        if (!is_east) assert_memory_equal(out, in, 128);
        if (is_east) assert_int_equal(out[31], 0);
        const ts_finding *f = setup_finding(&s, TS_FINDING_BD_RANGE);
        assert_int_equal(f->count, 32);
        assert_non_null(strstr(f->text, is_east ? "outside of the memory" : "west of the array"));
        setup_expect_findings(&s, UINT64_C(1) << TS_FINDING_BD_RANGE);
        setup_end(&s);
    }
}

/* A stream may use a shim's descriptor again as soon as its task has begun. */
static void a_task_keeps_its_descriptor(void **state) {
    (void)state;
    setup s;
    begin(&s, "npu1_1col");
    store(&s, 64);
    ts_npu_bd bd = setup_linear(&s, 0, 1, OWN, 32);
    setup_bd(&s, 0, 1, 1, &bd);
    setup_task(&s, 0, 1, SETUP_MM2S, 0, 1, 1, false);
    uint64_t address = setup_buffer(&s, "again", out, sizeof out);
    bd = setup_linear(&s, 0, 0, address, 16);
    setup_bd(&s, 0, 0, 1, &bd);
    setup_task(&s, 0, 0, SETUP_S2MM, 0, 1, 1, true);
    setup_task(&s, 0, 0, SETUP_S2MM, 0, 1, 1, true);
    assert_int_equal(ts_array_run(s.array, 3), TS_ARRAY_LIMIT);
    bd = setup_linear(&s, 0, 0, address + 256, 16);
    setup_bd(&s, 0, 0, 1, &bd);
    setup_wait(&s, 0, 0, SETUP_S2MM, 0);
    setup_wait(&s, 0, 0, SETUP_S2MM, 0);
    assert_memory_equal(out, in, 64);
    assert_memory_equal(out + 64, in + 16, 64);
    setup_expect_findings(&s, 0);
    setup_end(&s);
}

/* ---- locks ------------------------------------------------------------------------------------
 */

static void acquires_wait_for_more_or_for_equal(void **state) {
    (void)state;
    setup s;
    begin(&s, "npu1_1col");
    store(&s, 64);
    ts_npu_bd bd = setup_locks(setup_linear(&s, 0, 1, OWN, 8), 64 + 1, -3, 64 + 2, -1);
    setup_bd(&s, 0, 1, 1, &bd);
    setup_lock(&s, 0, 1, 1, 2);
    setup_task(&s, 0, 1, SETUP_MM2S, 0, 1, 1, false);
    take(&s, 8);
    assert_int_equal(ts_array_run(s.array, 10000), TS_ARRAY_IDLE);
    assert_int_equal(setup_read(&s, 0, 1, "DMA_MM2S_Status_0") & 7, 2 | 4); /* runs, waits */
    setup_lock(&s, 0, 1, 1, 5);
    setup_wait(&s, 0, 0, SETUP_S2MM, 0);
    assert_int_equal(ts_array_lock(s.array, 0, 1, 1), 2);
    assert_int_equal(ts_array_lock(s.array, 0, 1, 2), -1);
    assert_int_equal(setup_read(&s, 0, 1, "Lock2_value"), 0x3f);
    /* equal: 5 is not 3 */
    bd = setup_locks(setup_linear(&s, 0, 1, OWN, 8), 64 + 1, 3, 64 + 2, 0);
    setup_bd(&s, 0, 1, 1, &bd);
    setup_lock(&s, 0, 1, 1, 5);
    setup_task(&s, 0, 1, SETUP_MM2S, 0, 1, 1, false);
    take(&s, 8);
    assert_int_equal(ts_array_run(s.array, 10000), TS_ARRAY_IDLE);
    setup_lock(&s, 0, 1, 1, 3);
    setup_wait(&s, 0, 0, SETUP_S2MM, 0);
    assert_int_equal(ts_array_lock(s.array, 0, 1, 1), 0);
    setup_end(&s);
}

/* A lock is asked for by reading: src: aie-rt, XAie_LockAcquire, XAie_LockRelease */
static void locks_answer_to_reads(void **state) {
    (void)state;
    setup s;
    setup_begin(&s, "npu1_1col");
    uint64_t at = setup_address(&s, 0, 2, "Lock_Request");
    enum {
        ACQUIRE = 0x200,
        LOCK = 0x400
    };
    assert_int_equal(ts_array_read(s.array, at + 3 * LOCK + ACQUIRE + (0x7f << 2)), 0);
    assert_int_equal(ts_array_read(s.array, at + 3 * LOCK + (2 << 2)), 1);
    assert_int_equal(ts_array_lock(s.array, 0, 2, 3), 2);
    assert_int_equal(ts_array_read(s.array, at + 3 * LOCK + ACQUIRE + (0x7f << 2)), 1);
    assert_int_equal(ts_array_lock(s.array, 0, 2, 3), 1);
    setup_expect_findings(&s, 0);
    setup_end(&s);
}

static void a_lock_beyond_its_range_is_told(void **state) {
    (void)state;
    setup s;
    setup_begin(&s, "npu1_1col");
    uint64_t at = setup_address(&s, 0, 2, "Lock_Request");
    (void)ts_array_read(s.array, at + 0x400 + (63 << 2));
    (void)ts_array_read(s.array, at + 0x400 + (1 << 2));
    assert_int_equal(ts_array_lock(s.array, 0, 2, 1), 63);
    assert_int_equal(setup_read(&s, 0, 2, "Locks_Overflow"), 2);
    setup_write(&s, 0, 2, "Locks_Overflow", 2);
    assert_int_equal(setup_read(&s, 0, 2, "Locks_Overflow"), 0);
    assert_non_null(strstr(setup_finding(&s, TS_FINDING_LOCK_RANGE)->text, "lock 1 has 63"));
    setup_end(&s);
}

/* ---- queues and tokens ------------------------------------------------------------------------
 */

/* src: aie2-facts 65: four tasks wait, a fifth is lost */
static void a_queue_holds_four_tasks(void **state) {
    (void)state;
    setup s;
    begin(&s, "npu1_1col");
    ts_npu_bd bd = setup_linear(&s, 0, 1, OWN, 8);
    setup_bd(&s, 0, 1, 0, &bd);
    for (unsigned i = 0; i < 5; i++)
        setup_task(&s, 0, 1, SETUP_S2MM, 0, 0, 1, false);
    uint32_t status = setup_read(&s, 0, 1, "DMA_S2MM_Status_0");
    assert_int_equal(status >> 20 & 7, 4);
    assert_int_equal(status >> 18 & 1, 1);
    setup_write(&s, 0, 1, "DMA_S2MM_Status_0", 1 << 18);
    assert_int_equal(setup_read(&s, 0, 1, "DMA_S2MM_Status_0") >> 18 & 1, 0);
    (void)setup_finding(&s, TS_FINDING_QUEUE_FULL);
    setup_end(&s);
}

static void each_task_gives_its_token(void **state) {
    (void)state;
    setup s;
    begin(&s, "npu1_1col");
    ts_npu_bd bd = setup_linear(&s, 0, 1, OWN, 8);
    setup_bd(&s, 0, 1, 0, &bd);
    setup_task(&s, 0, 1, SETUP_S2MM, 0, 0, 3, false);
    send(&s, 8);
    setup_wait(&s, 0, 0, SETUP_MM2S, 0);
    bd = setup_linear(&s, 0, 0, setup_buffer(&s, "in", in, sizeof in), 8);
    setup_bd(&s, 0, 0, 0, &bd);
    setup_task(&s, 0, 0, SETUP_MM2S, 0, 0, 1, true);
    setup_task(&s, 0, 0, SETUP_MM2S, 0, 0, 1, true);
    setup_wait(&s, 0, 0, SETUP_MM2S, 0);
    setup_wait(&s, 0, 0, SETUP_MM2S, 0);
    assert_int_equal(ts_array_wait_token(s.array, 0, 0, true, 0, 1000), TS_ARRAY_DEADLOCK);
    setup_expect_findings(&s, UINT64_C(1) << TS_FINDING_DEADLOCK);
    setup_end(&s);
}

static void a_token_without_a_route_is_told(void **state) {
    (void)state;
    setup s;
    begin(&s, "npu1_1col");
    setup_write(&s, 0, 0, "Stream_Switch_Slave_Config_Tile_Ctrl", 0);
    ts_npu_bd bd = setup_linear(&s, 0, 1, OWN, 8);
    setup_bd(&s, 0, 1, 0, &bd);
    setup_task(&s, 0, 1, SETUP_S2MM, 0, 0, 1, false);
    send(&s, 8);
    setup_wait(&s, 0, 0, SETUP_MM2S, 0);
    (void)setup_finding(&s, TS_FINDING_TOKEN);
    setup_end(&s);
}

static void a_reset_empties_a_channel(void **state) {
    (void)state;
    setup s;
    begin(&s, "npu1_1col");
    ts_npu_bd bd = setup_linear(&s, 0, 1, OWN, 8);
    setup_bd(&s, 0, 1, 0, &bd);
    setup_task(&s, 0, 1, SETUP_S2MM, 0, 0, 1, false);
    setup_task(&s, 0, 1, SETUP_S2MM, 0, 0, 1, false);
    ts_array_run(s.array, 10);
    assert_int_equal(setup_read(&s, 0, 1, "DMA_S2MM_Status_0") >> 19 & 1, 1);
    setup_field(&s, 0, 1, "DMA_S2MM_0_Ctrl", "Reset", 1);
    setup_field(&s, 0, 1, "DMA_S2MM_0_Ctrl", "Reset", 0);
    assert_int_equal(setup_read(&s, 0, 1, "DMA_S2MM_Status_0") & ~(15u << 24), 0);
    setup_end(&s);
}

/* ---- ends of packets --------------------------------------------------------------------------
 */

/* With finish-on-TLAST a descriptor of 100 words ends after the 24 that came. */
static void a_descriptor_can_end_with_its_packet(void **state) {
    (void)state;
    setup s;
    begin(&s, "npu1_1col");
    setup_field(&s, 0, 1, "DMA_S2MM_0_Ctrl", "FoT_Mode", 1);
    ts_npu_bd bd = setup_locks(setup_linear(&s, 0, 1, OWN, 100), 0, 0, 64 + 3, 1);
    setup_bd(&s, 0, 1, 0, &bd);
    setup_task(&s, 0, 1, SETUP_S2MM, 0, 0, 1, false);
    send(&s, 24);
    setup_wait(&s, 0, 0, SETUP_MM2S, 0);
    ts_array_run(s.array, 100);
    assert_int_equal(ts_array_lock(s.array, 0, 1, 3), 1);
    assert_int_equal(setup_read(&s, 0, 1, "DMA_S2MM_Current_Write_Count_0"), 24);
    setup_expect_findings(&s, 0);
    setup_end(&s);
}

static void a_packet_longer_than_its_descriptor_is_told(void **state) {
    (void)state;
    setup s;
    begin(&s, "npu1_1col");
    setup_field(&s, 0, 1, "DMA_S2MM_0_Ctrl", "FoT_Mode", 1);
    ts_npu_bd bd = setup_linear(&s, 0, 1, OWN, 16);
    setup_bd(&s, 0, 1, 0, &bd);
    setup_task(&s, 0, 1, SETUP_S2MM, 0, 0, 1, false);
    send(&s, 24);
    ts_array_run(s.array, 2000);
    (void)setup_finding(&s, TS_FINDING_TLAST);
    setup_end(&s);
}

/* ---- mistakes ---------------------------------------------------------------------------------
 */

static void a_walk_beyond_a_buffer_is_told(void **state) {
    (void)state;
    setup s;
    begin(&s, "npu1_1col");
    store(&s, 64);
    ts_npu_bd bd = setup_linear(&s, 0, 1, OWN, 16);
    setup_bd(&s, 0, 1, 1, &bd);
    setup_task(&s, 0, 1, SETUP_MM2S, 0, 1, 1, false);
    bd = setup_linear(&s, 0, 0, setup_buffer(&s, "short", out, 32) + 16, 16);
    setup_bd(&s, 0, 0, 1, &bd);
    setup_task(&s, 0, 0, SETUP_S2MM, 0, 1, 1, true);
    setup_wait(&s, 0, 0, SETUP_S2MM, 0);
    assert_int_equal(setup_finding(&s, TS_FINDING_BD_RANGE)->count, 12);
    assert_memory_equal(out + 4, in, 16);
    assert_int_equal(out[8], 0xeeeeeeee);
    setup_end(&s);
}

static void an_invalid_descriptor_stops_its_channel(void **state) {
    (void)state;
    setup s;
    begin(&s, "npu1_1col");
    setup_task(&s, 0, 1, SETUP_S2MM, 0, 3, 1, false);
    ts_array_run(s.array, 10);
    assert_int_equal(setup_read(&s, 0, 1, "DMA_S2MM_Status_0") >> 11 & 1, 1);
    (void)setup_finding(&s, TS_FINDING_BD_INVALID);
    setup_task(&s, 0, 1, SETUP_S2MM, 1, 3, 1, false); /* not one for odd channels */
    assert_int_equal(ts_array_n_findings(s.array), 2);
    setup_end(&s);
}

static void sending_what_nobody_wrote_is_told(void **state) {
    (void)state;
    setup s;
    begin(&s, "npu1_1col");
    ts_npu_bd bd = setup_linear(&s, 0, 1, OWN, 4);
    fetch(&s, &bd, 1, 4);
    assert_int_equal(setup_finding(&s, TS_FINDING_UNWRITTEN)->count, 4);
    setup_end(&s);
}

/* ---- time -------------------------------------------------------------------------------------
 */

/* src: aie2-facts 61: 747 + 1.05 N cycles into the array, 171 + N out of it */
static void a_shims_task_takes_its_time(void **state) {
    (void)state;
    static const uint32_t sizes[] = {1024, 2048, 4096};
    for (size_t i = 0; i < 3; i++) {
        ts_dma_stats stats;
        setup s;
        uint32_t n = sizes[i];
        begin(&s, "npu1_1col");
        store(&s, n);
        assert_true(ts_array_dma_stats(s.array, 0, 0, true, 0, &stats));
        assert_in_range(stats.busy * 10000, (7470000 + 10500 * n) / 100 * 98,
                        (7470000 + 10500 * n) / 100 * 102);
        ts_npu_bd bd = setup_linear(&s, 0, 1, OWN, n);
        setup_bd(&s, 0, 1, 1, &bd);
        setup_task(&s, 0, 1, SETUP_MM2S, 0, 1, 1, false);
        ts_array_run(s.array, 1000); /* the way is full before the shim begins */
        take(&s, n);
        setup_wait(&s, 0, 0, SETUP_S2MM, 0);
        assert_true(ts_array_dma_stats(s.array, 0, 0, false, 0, &stats));
        assert_in_range(stats.busy * 100, (171 + n) * 98, (171 + n) * 102);
        assert_memory_equal(out, in, n * 4);
        setup_end(&s);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patterns_are_nested_loops),
        cmocka_unit_test(a_shim_walks_patterns_too),
        cmocka_unit_test(zeros_are_around_the_data),
        cmocka_unit_test(iterations_move_the_base),
        cmocka_unit_test(chains_go_on_and_tasks_repeat),
        cmocka_unit_test(memory_tiles_reach_their_neighbors),
        cmocka_unit_test(a_memory_tile_reaches_west_of_the_array),
        cmocka_unit_test(a_task_keeps_its_descriptor),
        cmocka_unit_test(acquires_wait_for_more_or_for_equal),
        cmocka_unit_test(locks_answer_to_reads),
        cmocka_unit_test(a_lock_beyond_its_range_is_told),
        cmocka_unit_test(a_queue_holds_four_tasks),
        cmocka_unit_test(each_task_gives_its_token),
        cmocka_unit_test(a_token_without_a_route_is_told),
        cmocka_unit_test(a_reset_empties_a_channel),
        cmocka_unit_test(a_descriptor_can_end_with_its_packet),
        cmocka_unit_test(a_packet_longer_than_its_descriptor_is_told),
        cmocka_unit_test(a_walk_beyond_a_buffer_is_told),
        cmocka_unit_test(an_invalid_descriptor_stops_its_channel),
        cmocka_unit_test(sending_what_nobody_wrote_is_told),
        cmocka_unit_test(a_shims_task_takes_its_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
