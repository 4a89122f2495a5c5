/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The array: words from the host through shim, switches, DMAs, memories, locks and cores and back.
 */
#include "array_setup.h"

#include "tessera/pdi.h"

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
    ts_txn stream = {0};
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

/* Fills 1,000 words, then waits for ever; the other one goes in circles. */
static const char fills[] = "  .globl main\n"
                            "main:\n"
                            "  .schedule\n"
                            "  mov r16, #-1\n"
                            "  movxm p1, #0x70400\n"
                            "  movxm r18, #999\n"
                            "  movxm p2, #word\n"
                            "  .endschedule\n"
                            "word:\n"
                            "  .schedule\n"
                            "  st r16, [p1], #4\n"
                            "  jnzd r18, r18, p2\n"
                            "  .endschedule\n"
                            "  .schedule\n"
                            "  acq #49, r16\n"
                            "  j #main\n"
                            "  .endschedule\n";
static const char circles[] = "  .globl main\n"
                              "main:\n"
                              "  .schedule\n"
                              "  j #main\n"
                              "  .endschedule\n";

/* What a core does before it first waits comes before the stream's first op; a core without an end
 * does not keep the stream waiting for ever. Only the stream's own time is reported. */
static void a_stream_begins_when_the_array_has_settled(void **state) {
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        setup s;
        setup_begin(&s, "npu1_1col");
        setup_program(&s, 0, 2, i ? circles : fills, NULL, 0);
        setup_enable(&s, 0, 2);
        ts_txn stream = stream_of(&s, "write32 tile(0,2).data+0x139c 5\nnoop\n");
        size_t next = 0;
        ts_array_state ended;
        ts_array_launch(s.array);
        assert_int_equal(ts_array_stream_cycles(s.array), 0);
        assert_int_equal(ts_array_execute(s.array, s.arena, &stream, "t", 1, &next, &ended, NULL),
                         TS_OK);
        assert_int_equal(ended, TS_ARRAY_LIMIT);
        assert_int_equal(ts_array_stream_cycles(s.array), 1);
        assert_int_equal(ts_array_execute(s.array, s.arena, &stream, "t", 500, &next, &ended, NULL),
                         TS_OK);
        assert_int_equal(ended, TS_ARRAY_DONE);
        assert_int_equal(ts_array_stream_cycles(s.array), 101);
        uint64_t settled = ts_array_cycle(s.array) - 101;
        if (i) assert_int_equal(settled, TS_ARRAY_SETTLE_CYCLES);
        if (!i) assert_in_range(settled, 6000, 8000);
        ts_span data = ts_array_memory(s.array, 0, 2, "data");
        assert_int_equal(data.data[0x139c], 5);
        assert_int_equal(data.data[0x1398], i ? 0 : 0xff);
        setup_end(&s);
    }
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

/* ---- loading ----------------------------------------------------------------------------------
 */

static ts_span cdo_of(setup *s, void (*put)(ts_buf *out)) {
    ts_buf out = ts_buf_in(s->arena);
    ts_cdo_begin(&out);
    put(&out);
    assert_int_equal(ts_cdo_finish(&out, NULL), TS_OK);
    return ts_buf_span(&out);
}

static void put_lock(ts_buf *out) {
    ts_cdo_put_write(out, 0x21f000, 5);
    ts_cdo_put(out, TS_CDO_MASK_WRITE64, (const uint32_t[]){0, 0x21f010, 3, 7}, 4);
    ts_cdo_put(out, TS_CDO_MASK_POLL64, (const uint32_t[]){0, 0x21f010, 0x3f, 3, 0}, 5);
    ts_cdo_put(out, TS_CDO_NOP, NULL, 0);
}

static void put_other(ts_buf *out) {
    ts_cdo_put(out, 0x207, (const uint32_t[]){1, 2, 3, 4, 5}, 5);
}

static void put_poll(ts_buf *out) {
    ts_cdo_put(out, TS_CDO_MASK_POLL64, (const uint32_t[]){0, 0x21f010, 0x3f, 9, 0}, 5);
}

static void put_huge(ts_buf *out) {
    ts_cdo_put(out, TS_CDO_SET, (const uint32_t[]){0x200000, 0xffffffff, 9}, 3);
}

static void a_cdo_is_executed(void **state) {
    (void)state;
    setup s;
    ts_diag diag = {0};
    setup_begin(&s, "npu1_1col");
    ts_span cdo = cdo_of(&s, put_lock);
    if (ts_array_load_cdo(s.array, s.arena, cdo, "t.cdo", &diag) != TS_OK)
        fail_msg("%s", diag.message);
    assert_int_equal(ts_array_lock(s.array, 0, 2, 0), 5);
    assert_int_equal(ts_array_lock(s.array, 0, 2, 1), 3);
    setup_expect_findings(&s, 0);
    setup_end(&s);
}

static ts_span pdi_of(setup *s, void (*put)(ts_buf *out)) {
    ts_pdi pdi;
    ts_pdi_image image;
    ts_pdi_partition partition;
    ts_buf out = ts_buf_in(s->arena);
    ts_pdi_init(&pdi);
    ts_pdi_image_init(&image, "aie_image", 1);
    ts_pdi_partition_init(&partition, TS_PDI_TYPE_CDO, cdo_of(s, put));
    image.n_partitions = 1;
    pdi.images = &image;
    pdi.partitions = &partition;
    pdi.n_images = pdi.n_partitions = 1;
    assert_int_equal(ts_pdi_layout(&pdi, NULL), TS_OK);
    assert_int_equal(ts_pdi_write(&pdi, &out, NULL), TS_OK);
    return ts_buf_span(&out);
}

static ts_status load_pdi(void *context, ts_arena *arena, const char *name, ts_span *out,
                          ts_diag *diag) {
    (void)arena, (void)name, (void)diag;
    *out = pdi_of(context, put_lock);
    return TS_OK;
}

static void make_xclbin(setup *s, const char *columns, ts_xclbin *x) {
    ts_diag diag = {0};
    ts_json *root;
    ts_span section;
    const char *text = ts_arena_printf(
        s->arena,
        "{\"aie_partition\": {\"name\": \"t\", \"operations_per_cycle\": \"2048\", "
        "\"inference_fingerprint\": \"1\", \"pre_post_fingerprint\": \"2\", "
        "\"kernel_commit_id\": \"\", \"partition\": {\"column_width\": %s, "
        "\"start_columns\": [0]}, \"PDIs\": [{\"uuid\": "
        "\"806c6eb8-d483-48f4-aa63-44eccc3802d5\", \"file_name\": \"main.pdi\", "
        "\"cdo_groups\": [{\"name\": \"DPU\", \"type\": \"PRIMARY\", \"pdi_id\": \"0x01\", "
        "\"dpu_kernel_ids\": [\"0x901\"], \"pre_cdo_groups\": [\"0xC1\"]}]}]}}",
        columns);
    if (ts_json_parse(s->arena, test_text(text), "t.json", &root, &diag) != TS_OK)
        fail_msg("%s", diag.message);
    ts_xclbin_document document = {.root = root, .file = "t.json", .load = load_pdi, .context = s};
    if (ts_xclbin_from_json(s->arena, TS_XCLBIN_AIE_PARTITION, "", &document, &section, &diag) !=
        TS_OK)
        fail_msg("%s", diag.message);
    ts_xclbin_init(x, s->arena, "t.xclbin");
    assert_non_null(ts_xclbin_append(x, TS_XCLBIN_AIE_PARTITION, "t", section));
}

static void an_xclbin_is_loaded(void **state) {
    (void)state;
    setup s;
    ts_xclbin x;
    ts_diag diag = {0};
    uint64_t kernel = 0x901;
    setup_begin(&s, "npu1_1col");
    make_xclbin(&s, "1", &x);
    if (ts_array_load_xclbin(s.array, s.arena, &x, &kernel, &diag) != TS_OK)
        fail_msg("%s", diag.message);
    assert_int_equal(ts_array_lock(s.array, 0, 2, 0), 5);
    kernel = 0x902;
    assert_int_equal(ts_array_load_xclbin(s.array, s.arena, &x, &kernel, NULL), TS_MISSING);
    make_xclbin(&s, "2", &x);
    assert_int_equal(ts_array_load_xclbin(s.array, s.arena, &x, NULL, NULL), TS_RANGE);
    ts_xclbin_init(&x, s.arena, "t.xclbin");
    assert_int_equal(ts_array_load_xclbin(s.array, s.arena, &x, NULL, NULL), TS_MISSING);
    setup_end(&s);
}

static void a_cdo_with_other_commands_is_refused(void **state) {
    (void)state;
    static void (*const puts[])(ts_buf *) = {put_other, put_poll, put_huge};
    static const ts_status want[] = {TS_UNSUPPORTED, TS_CONFLICT, TS_RANGE};
    setup s;
    setup_begin(&s, "npu1_1col");
    for (size_t i = 0; i < 3; i++) {
        ts_diag diag = {0};
        assert_int_equal(ts_array_load_cdo(s.array, s.arena, cdo_of(&s, puts[i]), "t.cdo", &diag),
                         want[i]);
    }
    setup_end(&s);
}

/* ---- happenings -------------------------------------------------------------------------------
 */

typedef struct seen {
    uint64_t last;
    unsigned n[32];
    ts_array_event write; /* the last that was watched */
    uint32_t before, after;
} seen;

static void see(void *context, const ts_array_event *event) {
    seen *x = context;
    assert_true(event->cycle >= x->last);
    x->last = event->cycle;
    x->n[event->kind]++;
    if (event->kind != TS_ARRAY_EVENT_WATCH) return;
    x->write = *event;
    memcpy(&x->before, event->before, sizeof x->before);
    memcpy(&x->after, event->after, sizeof x->after);
}

static void happenings_come_in_order(void **state) {
    (void)state;
    static uint32_t in[WORDS], out[WORDS];
    seen x = {0};
    setup s;
    begin_loop(&s);
    fill(in, WORDS);
    assert_int_equal(ts_array_watch(s.array, 0, 2, IN & 0xffff, 4, NULL), TS_OK);
    ts_array_observe(s.array, see, &x);
    ts_npu_bd bd = setup_linear(&s, 0, 0, setup_buffer(&s, "in", in, sizeof in), WORDS);
    setup_bd(&s, 0, 0, 0, &bd);
    bd = setup_linear(&s, 0, 0, setup_buffer(&s, "out", out, sizeof out), WORDS);
    setup_bd(&s, 0, 0, 1, &bd);
    setup_task(&s, 0, 0, SETUP_MM2S, 0, 0, 1, false);
    setup_task(&s, 0, 0, SETUP_S2MM, 0, 1, 1, true);
    setup_wait(&s, 0, 0, SETUP_S2MM, 0);
    assert_int_equal(x.n[TS_ARRAY_EVENT_WATCH], 1);
    assert_true(x.write.writer == TS_ARRAY_BY_DMA && !x.write.is_mm2s && x.after == in[0]);
    uint64_t at;
    assert_true(ts_npu_join(s.device, (ts_npu_place){.row = 2, .offset = IN & 0xffff}, &at));
    ts_array_write(s.array, at, 77);
    assert_int_equal(x.n[TS_ARRAY_EVENT_WATCH], 2);
    assert_true(x.write.writer == TS_ARRAY_BY_ACCESS && x.before == in[0] && x.after == 77);
    assert_int_equal(x.n[TS_ARRAY_EVENT_TOKEN], 1);
    assert_int_equal(x.n[TS_ARRAY_EVENT_TASK_END], 2);
    assert_int_equal(x.n[TS_ARRAY_EVENT_BD_END], 4);
    assert_true(x.n[TS_ARRAY_EVENT_CORE_STATE] >= 2 && x.n[TS_ARRAY_EVENT_LOCK] >= 8);
    /* Every wait of a channel has an end but those that last. */
    assert_true(x.n[TS_ARRAY_EVENT_BD_GO] > 0 && x.n[TS_ARRAY_EVENT_STREAM_GO] > 0);
    assert_true(x.n[TS_ARRAY_EVENT_BD_WAIT] - x.n[TS_ARRAY_EVENT_BD_GO] <= 2);
    assert_true(x.n[TS_ARRAY_EVENT_STREAM_WAIT] - x.n[TS_ARRAY_EVENT_STREAM_GO] <= 2);
    setup_end(&s);
}

/* Who writes what is watched, and where a core is. */
static void writes_and_functions_are_told(void **state) {
    (void)state;
    uint64_t *counts;
    seen x = {0};
    setup s;
    setup_begin(&s, "npu1_1col");
    setup_program(&s, 0, 2,
                  "  .globl main\n  .type main, @function\nmain:\n"
                  "  .schedule\n  movxm p0, #0x70500\n  movxm r0, #0x1234\n  st r0, [p0, #0]\n  st "
                  "r0, [p0, #8]\n"
                  "  st r0, [p0, #16]\n  ret lr\n  .endschedule\n",
                  NULL, 0);
    counts = TS_ARENA_ARRAY(s.arena, uint64_t, TS_CORE_N_COUNTS);
    ts_core_count(ts_array_core(s.array, 0, 2), counts);
    ts_array_observe(s.array, see, &x);
    assert_int_equal(ts_array_watch(s.array, 0, 2, 0x504, 12, NULL), TS_OK);
    assert_int_equal(ts_array_watch(s.array, 0, 2, 0xfff8, 12, NULL), TS_RANGE);
    setup_enable(&s, 0, 2);
    assert_int_equal(ts_array_run(s.array, 10000), TS_ARRAY_IDLE);
    assert_int_equal(x.n[TS_ARRAY_EVENT_WATCH], 1);
    assert_int_equal(x.write.value, 0x508);
    assert_int_equal(x.write.n_bytes, 4);
    assert_int_equal(x.write.writer, TS_ARRAY_BY_CORE);
    assert_int_equal(x.write.from_row, 2);
    assert_int_equal(x.after, 0x1234);
    assert_true(x.n[TS_ARRAY_EVENT_CORE_FUNCTION] >= 2); /* into main and back */
    uint64_t n = 0;
    for (size_t i = 0; i < TS_CORE_N_COUNTS; i++)
        n += counts[i];
    ts_core_stats stats;
    assert_true(ts_array_core_stats(s.array, 0, 2, &stats));
    assert_true(n > 8 && n <= stats.bundles);
    setup_end(&s);
}

/* The core reads a lock of its tile over the processor bus. */
static void a_core_reads_its_tiles_registers(void **state) {
    (void)state;
    static const char text[] = "  .globl main\nmain:\n  .schedule\n  movxm p0, #0x9f050\n"
                               "  movxm p1, #0x70500\n  lda.tm r0, [p0]\n  st r0, [p1, #0]\n"
                               "  ret lr\n  .endschedule\n";
    for (unsigned is_on = 0; is_on < 2; is_on++) {
        setup s;
        setup_begin(&s, "npu1_1col");
        setup_program(&s, 0, 2, text, NULL, 0);
        setup_lock(&s, 0, 2, 5, 42);
        setup_write(&s, 0, 2, "Core_Processor_Bus", is_on);
        setup_enable(&s, 0, 2);
        assert_int_equal(ts_array_run(s.array, 10000), TS_ARRAY_IDLE);
        assert_int_equal(ts_array_memory(s.array, 0, 2, "data").data[0x500], 42);
        assert_int_equal(ts_array_n_findings(s.array), is_on ? 0 : 1);
        setup_end(&s);
    }
}

static ts_status make_small(ts_arena *arena, void *context) {
    (void)context;
    static uint8_t data[16];
    uint64_t address;
    ts_array *array = ts_array_new(arena, ts_npu_device_find("npu1_1col"), NULL);
    if (!array) return TS_NOMEM;
    return ts_array_add_buffer(array, "b", data, sizeof data, &address, NULL);
}

static void every_allocation_fails_once(void **state) {
    (void)state;
    test_every_allocation_fails(make_small, NULL);
}

/* The same run in one go and in small pieces ends in the same cycles. */
static void time_does_not_depend_on_pieces(void **state) {
    (void)state;
    static uint32_t in[WORDS * 5], out[WORDS * 5];
    uint64_t cycles[2];
    for (unsigned i = 0; i < 2; i++) {
        setup s;
        begin_loop(&s);
        fill(in, WORDS * 5);
        ts_npu_bd bd = setup_linear(&s, 0, 0, setup_buffer(&s, "in", in, sizeof in), WORDS * 5);
        setup_bd(&s, 0, 0, 0, &bd);
        bd = setup_linear(&s, 0, 0, setup_buffer(&s, "out", out, sizeof out), WORDS * 5);
        setup_bd(&s, 0, 0, 1, &bd);
        setup_task(&s, 0, 0, SETUP_MM2S, 0, 0, 1, false);
        setup_task(&s, 0, 0, SETUP_S2MM, 0, 1, 1, true);
        if (i)
            while (ts_array_wait_token(s.array, 0, 0, false, 0, 3) == TS_ARRAY_LIMIT) {
            }
        else
            setup_wait(&s, 0, 0, SETUP_S2MM, 0);
        ts_core_stats stats;
        assert_true(ts_array_core_stats(s.array, 0, 2, &stats));
        cycles[i] = ts_array_cycle(s.array) * 1000003 + stats.bundles;
        setup_end(&s);
    }
    assert_int_equal(cycles[0], cycles[1]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cdo_is_executed),
        cmocka_unit_test(an_xclbin_is_loaded),
        cmocka_unit_test(a_cdo_with_other_commands_is_refused),
        cmocka_unit_test(happenings_come_in_order),
        cmocka_unit_test(writes_and_functions_are_told),
        cmocka_unit_test(a_core_reads_its_tiles_registers),
        cmocka_unit_test(every_allocation_fails_once),
        cmocka_unit_test(time_does_not_depend_on_pieces),
        cmocka_unit_test(words_go_around_a_core),
        cmocka_unit_test(a_stream_runs_a_kernel),
        cmocka_unit_test(a_stream_ends_in_time),
        cmocka_unit_test(a_stream_begins_when_the_array_has_settled),
        cmocka_unit_test(a_stream_with_mistakes_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
