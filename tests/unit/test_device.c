/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * device: containers made here, loaded and run on the emulator; what is refused, and in what words.
 */
#include "support.h"

#include "tessera/device.h"
#include "tessera/pdi.h"

#include <stdio.h>
#include <string.h>

enum {
    BYTES = 256
};

static ts_span data_file(ts_arena *arena, const char *name) {
    ts_span bytes = {0};
    ts_diag diag = {0};
    const char *path = ts_arena_printf(arena, "%s/data/%s", TEST_SOURCE_DIR, name);
    if (!path || ts_file_read(arena, path, 0, &bytes, &diag) != TS_OK) fail_msg("%s", diag.message);
    return bytes;
}

/* ---- containers ------------------------------------------------------------------------------ */

static bool find_address(const void *context, const char *name, size_t length, uint64_t *out) {
    char copy[128];
    ts_diag ignored = {0};
    if (length >= sizeof copy) return false;
    memcpy(copy, name, length);
    copy[length] = '\0';
    return ts_npu_address_parse(context, copy, out, &ignored) == TS_OK;
}

static ts_span pack_cdo(ts_arena *arena, const char *text) {
    static const ts_cdo_names names = {&ts_npu_phoenix, NULL, find_address, NULL};
    const ts_cdo_source source = {"t.txt", &names, NULL, NULL};
    ts_buf out = ts_buf_in(arena);
    ts_diag diag = {0};
    if (ts_cdo_pack(arena, test_text(text), &source, &out, &diag) != TS_OK)
        fail_msg("%u: %s", diag.line, diag.message);
    return ts_buf_span(&out);
}

static ts_span pack_pdi(ts_arena *arena, ts_span cdo) {
    ts_pdi pdi;
    ts_pdi_image image;
    ts_pdi_partition partition;
    ts_buf out = ts_buf_in(arena);
    ts_diag diag = {0};
    ts_pdi_init(&pdi);
    ts_pdi_image_init(&image, "aie_image", 0x1c000000);
    ts_pdi_partition_init(&partition, TS_PDI_TYPE_CDO, cdo);
    image.n_partitions = 1;
    pdi.images = &image;
    pdi.partitions = &partition;
    pdi.n_images = pdi.n_partitions = 1;
    assert_int_equal(ts_pdi_layout(&pdi, &diag), TS_OK);
    assert_int_equal(ts_pdi_write(&pdi, &out, &diag), TS_OK);
    return ts_buf_span(&out);
}

static ts_status load_pdi(void *context, ts_arena *arena, const char *name, ts_span *out,
                          ts_diag *diag) {
    (void)arena;
    (void)name;
    (void)diag;
    *out = *(const ts_span *)context;
    return TS_OK;
}

static void add_section(ts_xclbin *x, uint32_t kind, ts_span pdi, ts_span text) {
    ts_diag diag = {0};
    ts_json *root = NULL;
    ts_span data;
    if (ts_json_parse(x->arena, text, "doc.json", &root, &diag) != TS_OK)
        fail_msg("%s", diag.message);
    const ts_xclbin_document document = {root, "doc.json", text, load_pdi, &pdi};
    if (ts_xclbin_from_json(x->arena, kind, "", &document, &data, &diag) != TS_OK)
        fail_msg("%s", diag.message);
    assert_non_null(ts_xclbin_append(x, kind, "section", data));
}

/* A partition of so many columns whose PDI is this text. */
static void make_xclbin(ts_arena *arena, unsigned n_columns, const char *cdo, ts_xclbin *out) {
    char partition[600];
    ts_xclbin_init(out, arena, "t.xclbin");
    snprintf(partition, sizeof partition,
             "{\"aie_partition\":{\"name\":\"p\",\"operations_per_cycle\":\"2048\","
             "\"inference_fingerprint\":\"1\",\"pre_post_fingerprint\":\"1\","
             "\"partition\":{\"column_width\":%u,\"start_columns\":[1]},"
             "\"PDIs\":[{\"uuid\":\"806c6eb8-d483-48f4-aa63-44eccc3802d5\",\"file_name\":\"m\","
             "\"cdo_groups\":[{\"name\":\"DPU\",\"type\":\"PRIMARY\",\"pdi_id\":\"1\","
             "\"dpu_kernel_ids\":[\"0x901\"],\"pre_cdo_groups\":[\"0xC1\"]}]}]}}",
             n_columns);
    add_section(out, TS_XCLBIN_AIE_PARTITION, pack_pdi(arena, pack_cdo(arena, cdo)),
                test_text(partition));
}

static const char memory[] = "{\"mem_topology\":{\"m_count\":1,\"m_mem_data\":[{\"m_type\":"
                             "\"MEM_DRAM\",\"m_used\":1,\"m_size\":\"0x40000\",\"m_tag\":"
                             "\"HOST\",\"m_base_address\":\"0x4000000\"}]}}";

/* Describe a kernel: its name, and the id that a PDI serves. */
static void add_kernel(ts_xclbin *x, const char *name, const char *id) {
    char text[400];
    ts_json *root = NULL;
    ts_diag diag = {0};
    snprintf(text, sizeof text,
             "{\"ps-kernels\":{\"kernels\":[{\"name\":\"%s\",\"type\":\"dpu\",\"extended-data\":"
             "{\"subtype\":\"DPU\",\"functional\":\"0\",\"dpu_kernel_id\":\"%s\"},\"arguments\":"
             "[{\"name\":\"in\",\"memory-connection\":\"HOST\",\"address-qualifier\":\"GLOBAL\","
             "\"type\":\"void*\",\"offset\":\"0\"}],\"instances\":[{\"name\":\"I%s\"}]}]}}",
             name, id, name);
    if (!ts_xclbin_find(x, TS_XCLBIN_MEM_TOPOLOGY))
        add_section(x, TS_XCLBIN_MEM_TOPOLOGY, ts_span_of(NULL, 0), test_text(memory));
    if (ts_json_parse(x->arena, test_text(text), "kernels.json", &root, &diag) != TS_OK)
        fail_msg("%s", diag.message);
    const ts_xclbin_document document = {root, "kernels.json", test_text(text), NULL, NULL};
    if (ts_xclbin_add_kernels(x, &document, &diag) != TS_OK) fail_msg("%s", diag.message);
}

static const char *loopback(ts_arena *arena) {
    ts_span tile = data_file(arena, "pdi/loopback.txt"),
            column = data_file(arena, "run/column.txt");
    const char *text = ts_arena_printf(arena, "%.*s%.*s", (int)tile.size, (const char *)tile.data,
                                       (int)column.size, (const char *)column.data);
    assert_non_null(text);
    return text;
}

/* ---- a device and its stream ----------------------------------------------------------------- */

typedef struct fixture {
    ts_arena *arena;
    ts_device *device;
    ts_xclbin xclbin;
    ts_txn stream;
    ts_device_buffer arguments[2]; /* in, out */
} fixture;

static ts_txn stream_of(ts_arena *arena, const char *text) {
    ts_buf bytes = ts_buf_in(arena);
    ts_txn txn = {0};
    ts_diag diag = {0};
    if (ts_txn_pack(arena, test_text(text), "t.txt", &bytes, &diag) != TS_OK ||
        ts_txn_parse(arena, ts_buf_span(&bytes), "t.bin", &txn, &diag) != TS_OK)
        fail_msg("%s", diag.message);
    return txn;
}

static const char *insts(ts_arena *arena) {
    ts_span text = data_file(arena, "run/insts.txt");
    return ts_arena_strndup(arena, (const char *)text.data, text.size);
}

static ts_device *open_device(ts_arena *arena) {
    ts_device *device = NULL;
    ts_diag diag = {0};
    if (ts_device_open(arena, TS_DEVICE_EMULATOR, NULL, &device, &diag) != TS_OK)
        fail_msg("%s", diag.message);
    return device;
}

static void begin(fixture *f) {
    ts_diag diag = {0};
    test_random random = {1};
    f->arena = test_begin();
    f->device = open_device(f->arena);
    make_xclbin(f->arena, 1, loopback(f->arena), &f->xclbin);
    add_kernel(&f->xclbin, "LOOP", "0x901");
    f->stream = stream_of(f->arena, insts(f->arena));
    for (unsigned i = 0; i < 2; i++)
        assert_int_equal(
            ts_device_buffer_new(f->device, i ? "out" : "in", BYTES, &f->arguments[i], &diag),
            TS_OK);
    for (unsigned i = 0; i < BYTES; i++)
        f->arguments[0].data[i] = (uint8_t)test_next(&random);
}

static void end(fixture *f) {
    ts_device_close(f->device);
    test_end(f->arena);
}

static void load(fixture *f) {
    ts_diag diag = {0};
    if (ts_device_load(f->device, &f->xclbin, NULL, &diag) != TS_OK) fail_msg("%s", diag.message);
}

static void submit(fixture *f, const ts_txn *stream) {
    ts_diag diag = {0};
    if (ts_device_submit(f->device, stream, f->arguments, 2, &diag) != TS_OK)
        fail_msg("%s", diag.message);
}

static ts_device_result wait(fixture *f, uint64_t timeout_ms) {
    ts_device_result result = {0};
    ts_diag diag = {0};
    if (ts_device_wait(f->device, timeout_ms, &result, &diag) != TS_OK)
        fail_msg("%s", diag.message);
    return result;
}

static void expect_output(const fixture *f) {
    test_same_bytes(ts_span_of(f->arguments[1].data, BYTES),
                    ts_span_of(f->arguments[0].data, BYTES));
}

/* ---- running --------------------------------------------------------------------------------- */

static void bytes_go_there_and_come_back(void **state) {
    (void)state;
    fixture f;
    begin(&f);
    assert_null(ts_device_array(f.device));
    load(&f);
    assert_string_equal(ts_device_kernel(f.device), "LOOP");
    assert_string_equal(ts_device_text(f.device), "emulator of npu1_1col");
    submit(&f, &f.stream);
    ts_device_result result = wait(&f, 10);
    assert_int_equal(result.end, TS_DEVICE_DONE);
    assert_int_equal(result.n_done, f.stream.n_ops);
    assert_true(result.cycles > 64 && result.cycles < 10000);
    expect_output(&f);
    assert_int_equal(ts_array_n_findings(ts_device_array(f.device)), 0);
    end(&f);
}

/* Loading again gives a fresh array: the same bytes in the same number of cycles. */
static void loading_begins_anew(void **state) {
    (void)state;
    fixture f;
    begin(&f);
    uint64_t cycles = 0;
    for (int i = 0; i < 3; i++) {
        load(&f);
        memset(f.arguments[1].data, 0, BYTES);
        submit(&f, &f.stream);
        ts_device_result result = wait(&f, 10);
        assert_int_equal(result.end, TS_DEVICE_DONE);
        if (i) assert_true(result.cycles == cycles);
        cycles = result.cycles;
        expect_output(&f);
    }
    end(&f);
}

/* No op is done twice, however often time is up in between. */
static void a_wait_goes_on_where_time_was_up(void **state) {
    (void)state;
    fixture f;
    begin(&f);
    load(&f);
    submit(&f, &f.stream);
    for (size_t i = 1; i < f.stream.n_ops; i++) {
        ts_device_result result = wait(&f, 0);
        assert_int_equal(result.end, TS_DEVICE_TIMEOUT);
        assert_int_equal(result.n_done, i);
    }
    ts_device_result result = wait(&f, UINT64_MAX);
    assert_int_equal(result.end, TS_DEVICE_DONE);
    expect_output(&f);
    ts_dma_stats dma;
    assert_true(ts_array_dma_stats(ts_device_array(f.device), 0, 0, true, 0, &dma));
    assert_int_equal(dma.tasks, 1);
    assert_int_equal(dma.words, BYTES / 4);
    ts_diag diag = {0};
    assert_int_equal(ts_device_wait(f.device, 1, &result, &diag), TS_CONFLICT);
    end(&f);
}

static void what_cannot_come_is_a_deadlock(void **state) {
    (void)state;
    fixture f;
    begin(&f);
    load(&f);
    ts_txn stream = stream_of(f.arena, "sync n_columns=1 n_rows=1");
    submit(&f, &stream);
    ts_device_result result = wait(&f, 10);
    assert_int_equal(result.end, TS_DEVICE_DEADLOCK);
    assert_int_equal(result.n_done, 0);
    assert_true(ts_array_n_findings(ts_device_array(f.device)) > 0);
    assert_int_equal(ts_array_finding(ts_device_array(f.device), 0)->kind, TS_FINDING_DEADLOCK);
    stream = stream_of(f.arena, "maskpoll tile(0,2).Lock5_value 1 1");
    submit(&f, &stream);
    assert_int_equal(wait(&f, 10).end, TS_DEVICE_DEADLOCK);
    end(&f);
}

/* Registers after a stream of every op that writes, polls or does nothing. */
static void ops_do_what_they_say(void **state) {
    (void)state;
    fixture f;
    begin(&f);
    load(&f);
    ts_txn stream = stream_of(f.arena, "noop\npreempt level=1\nrecord_timer id=3\n"
                                       "read_regs count=1 0x32004 0\n"
                                       "write32 tile(0,2).data+0x100 0x12345678\n"
                                       "maskwrite32 tile(0,2).data+0x100 0xffff 0xff00\n"
                                       "blockwrite tile(0,2).data+0x104 1 2 {3 4*9}\n"
                                       "maskpoll tile(0,2).data+0x104 1 0xff\n"
                                       "maskpoll_busy tile(0,2).data+0x108 2 0xffffffff\n"
                                       "address_patch tile(0,0).DMA_BD3_1 arg=1 arg_plus=16\n");
    submit(&f, &stream);
    ts_device_result result = wait(&f, 1);
    assert_int_equal(result.end, TS_DEVICE_DONE);
    assert_int_equal(result.n_done, 10);
    ts_span data = ts_array_memory(ts_device_array(f.device), 0, 2, "data");
    static const uint8_t want[] = {0x78, 0xff, 0x34, 0x12, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4};
    test_same_bytes(ts_span_of(data.data + 0x100, sizeof want), ts_span_of(want, sizeof want));
    ts_array *array = ts_device_array(f.device);
    uint32_t low = ts_array_read(array, 0x1d064), high = ts_array_read(array, 0x1d068);
    ts_txn again = stream_of(f.arena, "address_patch tile(0,0).DMA_BD3_1 arg=1\n");
    submit(&f, &again);
    assert_int_equal(wait(&f, 1).end, TS_DEVICE_DONE);
    assert_int_equal(low, ts_array_read(array, 0x1d064) + 16);
    assert_int_equal(high, ts_array_read(array, 0x1d068));
    end(&f);
}

/* In both columns the memory tile turns the stream from the shim around. One sync waits for both.
 */
static void a_sync_waits_for_every_tile(void **state) {
    (void)state;
    static const char column[] =
        "mask_write tile(%d,0).Mux_Config 0xc00 0x400\n"
        "mask_write tile(%d,0).Demux_Config 0x30 0x10\n"
        "write tile(%d,0).Stream_Switch_Slave_Config_South_3 0x80000000\n"
        "write tile(%d,0).Stream_Switch_Master_Config_North1 0x80000005\n"
        "write tile(%d,0).Stream_Switch_Slave_Config_North_0 0x80000000\n"
        "write tile(%d,0).Stream_Switch_Master_Config_South2 0x8000000e\n"
        "write tile(%d,0).Stream_Switch_Slave_Config_Tile_Ctrl 0xc0000000\n"
        "write tile(%d,0).Stream_Switch_Slave_Tile_Ctrl_Slot0 0xf1f0135\n"
        "write tile(%d,0).Stream_Switch_Master_Config_South0 0xc0000045\n"
        "write tile(%d,1).Stream_Switch_Slave_Config_South_1 0x80000000\n"
        "write tile(%d,1).Stream_Switch_Master_Config_South0 0x80000008\n";
    static const char half[] = "blockwrite tile(%d,0).DMA_BD1_0 32 0 0 0 0x80000000 0 0 0x2000000\n"
                               "address_patch tile(%d,0).DMA_BD1_1 arg=0 arg_plus=%d\n"
                               "blockwrite tile(%d,0).DMA_BD0_0 32 0 0 0 0x80000000 0 0 0x2000000\n"
                               "address_patch tile(%d,0).DMA_BD0_1 arg=1 arg_plus=%d\n"
                               "maskwrite32 tile(%d,0).DMA_S2MM_0_Ctrl 0xf00 0x1f00\n"
                               "write32 tile(%d,0).DMA_MM2S_0_Task_Queue 1\n"
                               "write32 tile(%d,0).DMA_S2MM_0_Task_Queue 0x80000000\n";
    fixture f;
    begin(&f);
    ts_buf cdo = ts_buf_in(f.arena), text = ts_buf_in(f.arena);
    for (int i = 0; i < 2; i++) {
        char numbered[1200];
        size_t n = 0;
        for (const char *p = column; *p && n + 1 < sizeof numbered; p++) {
            bool is_number = p[0] == '%' && p[1] == 'd';
            numbered[n++] = is_number ? (char)('0' + i) : *p;
            p += is_number;
        }
        ts_buf_bytes(&cdo, numbered, n);
        ts_buf_printf(&text, half, i, i, i * 128, i, i, i * 128, i, i, i);
    }
    ts_buf_text(&text, "sync column=0 row=0 n_columns=2 n_rows=1\n");
    ts_buf_u8(&cdo, 0);
    ts_buf_u8(&text, 0);
    make_xclbin(f.arena, 2, (const char *)cdo.data, &f.xclbin);
    load(&f);
    assert_string_equal(ts_device_text(f.device), "emulator of npu1_2col");
    assert_string_equal(ts_device_kernel(f.device), "");
    ts_txn stream = stream_of(f.arena, (const char *)text.data);
    submit(&f, &stream);
    assert_int_equal(wait(&f, 10).end, TS_DEVICE_DONE);
    expect_output(&f);

    /* The first column's token comes, the second's not yet: nothing is lost by waiting again. */
    ts_array *array = ts_device_array(f.device);
    ts_txn one = stream_of(f.arena, "write32 tile(0,0).DMA_MM2S_0_Task_Queue 1\n"
                                    "write32 tile(0,0).DMA_S2MM_0_Task_Queue 0x80000000\n"
                                    "sync column=0 row=0 n_columns=2 n_rows=1\n");
    submit(&f, &one);
    assert_int_equal(wait(&f, 10).end, TS_DEVICE_DEADLOCK);
    ts_array_write(array, 0x201d214, 1);
    ts_array_write(array, 0x201d204, 0x80000000);
    assert_int_equal(wait(&f, 10).end, TS_DEVICE_DONE);
    end(&f);
}

/* ---- kernels --------------------------------------------------------------------------------- */

static void kernels_are_found_by_name(void **state) {
    (void)state;
    static const struct {
        const char *name;
        ts_status status;
        const char *words;
    } cases[] = {
        {"LOOP", TS_OK, NULL},
        {"LOOP:ILOOP", TS_OK, NULL},
        {"OTHER", TS_MISSING, "no PDI serves the kernel 0x902"},
        {"LOO", TS_UNKNOWN, "t.xclbin: no kernel 'LOO'; there is LOOP, OTHER"},
        {"LOOPS", TS_UNKNOWN, "no kernel 'LOOPS'"},
        {NULL, TS_MISSING, "t.xclbin: several kernels, one must be named: LOOP, OTHER"},
    };
    fixture f;
    begin(&f);
    add_kernel(&f.xclbin, "OTHER", "0x902");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ts_diag diag = {0};
        assert_int_equal(ts_device_load(f.device, &f.xclbin, cases[i].name, &diag),
                         cases[i].status);
        if (cases[i].words) test_expect_error(&diag, cases[i].status, cases[i].words);
        if (!cases[i].words) assert_string_equal(ts_device_kernel(f.device), "LOOP");
        assert_true((ts_device_array(f.device) != NULL) == !cases[i].words);
    }
    end(&f);
}

static void containers_without_kernels_load_their_first_pdi(void **state) {
    (void)state;
    fixture f;
    begin(&f);
    make_xclbin(f.arena, 4, "write tile(3,2).Lock7_value 5", &f.xclbin);
    load(&f);
    assert_string_equal(ts_device_text(f.device), "emulator of npu1");
    assert_int_equal(ts_array_lock(ts_device_array(f.device), 3, 2, 7), 5);
    ts_diag diag = {0};
    assert_int_equal(ts_device_load(f.device, &f.xclbin, "A", &diag), TS_UNKNOWN);
    test_expect_error(&diag, TS_UNKNOWN, "no kernel 'A'; there is none");
    make_xclbin(f.arena, 5, "write tile(4,2).Lock7_value 5", &f.xclbin);
    load(&f);
    assert_string_equal(ts_device_text(f.device), "emulator of phoenix");
    end(&f);
}

/* ---- errors ---------------------------------------------------------------------------------- */

static void devices_are_named(void **state) {
    (void)state;
    static const struct {
        const char *name;
        ts_status status;
        const char *words;
    } cases[] = {
        {"npu", TS_UNKNOWN, "no device 'npu'; expected 'emulator' or a path"},
        {"/absent/accel0", TS_IO, "/absent/accel0: cannot open"},
        {"/dev/null", TS_UNSUPPORTED, "/dev/null: is hardware, which this version cannot drive"},
        {"./", TS_UNKNOWN, "./: is no device"},
    };
    ts_arena *arena = test_begin();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ts_device *device = NULL;
        ts_diag diag = {0};
        assert_int_equal(ts_device_open(arena, cases[i].name, NULL, &device, &diag),
                         cases[i].status);
        test_expect_error(&diag, cases[i].status, cases[i].words);
        assert_null(device);
    }
    ts_device_close(NULL);
    test_end(arena);
}

static void containers_that_cannot_be_loaded_are_named(void **state) {
    (void)state;
    fixture f;
    begin(&f);
    ts_diag diag = {0};
    assert_int_equal(ts_device_submit(f.device, &f.stream, f.arguments, 2, &diag), TS_MISSING);
    test_expect_error(&diag, TS_MISSING, "nothing is loaded");
    diag = (ts_diag){0};
    make_xclbin(f.arena, 6, "nop", &f.xclbin);
    assert_int_equal(ts_device_load(f.device, &f.xclbin, NULL, &diag), TS_RANGE);
    test_expect_error(&diag, TS_RANGE, "the partition is 6 columns wide; NPU1 devices have 1 to 5");
    diag = (ts_diag){0};
    ts_xclbin_init(&f.xclbin, f.arena, "empty.xclbin");
    assert_int_equal(ts_device_load(f.device, &f.xclbin, NULL, &diag), TS_MISSING);
    test_expect_error(&diag, TS_MISSING, "empty.xclbin: there is no AIE_PARTITION section");
    end(&f);
}

static void streams_that_cannot_run_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *text;
        size_t n_arguments;
        ts_status status;
        const char *words;
    } cases[] = {
        {"noop\naddress_patch 4 arg=1", 1, TS_MISSING,
         "op 1 of the instruction stream takes argument 1"},
        {"address_patch 4 arg=1 arg_plus=256", 2, TS_RANGE,
         "starts at byte 256 of argument 1, which has 256"},
        {"txn 0.1 generation=4", 2, TS_UNSUPPORTED, "for device generation 4; this is 3"},
        {"update_scratch", 2, TS_UNSUPPORTED,
         "op 0 of the instruction stream, at offset 0x10, is update_scratch"},
        {"noop\nmerge_sync n_tokens=1", 2, TS_UNSUPPORTED, "at offset 0x14, is merge_sync"},
        {"custom code=140", 2, TS_UNSUPPORTED, "is custom, which the emulator does not do"},
    };
    fixture f;
    begin(&f);
    load(&f);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ts_diag diag = {0};
        ts_txn stream = stream_of(f.arena, cases[i].text);
        assert_int_equal(
            ts_device_submit(f.device, &stream, f.arguments, cases[i].n_arguments, &diag),
            cases[i].status);
        test_expect_error(&diag, cases[i].status, cases[i].words);
        ts_device_result result;
        diag = (ts_diag){0};
        assert_int_equal(ts_device_wait(f.device, 1, &result, &diag), TS_CONFLICT);
    }
    end(&f);
}

/* A container whose loading fails half way leaves nothing loaded. */
static void a_bad_configuration_leaves_nothing(void **state) {
    (void)state;
    fixture f;
    begin(&f);
    load(&f);
    ts_diag diag = {0};
    make_xclbin(f.arena, 1, "write tile(0,2).Lock7_value 5\nmask_poll tile(0,2).Lock7_value 1 0 1",
                &f.xclbin);
    assert_int_not_equal(ts_device_load(f.device, &f.xclbin, NULL, &diag), TS_OK);
    assert_null(ts_device_array(f.device));
    end(&f);
}

typedef struct attempt {
    const ts_xclbin *xclbin;
    const ts_txn *stream;
} attempt;

static ts_status run_all(ts_arena *arena, ts_device **device, const attempt *a, ts_diag *diag) {
    ts_device_buffer arguments[2];
    ts_device_result result;
    TS_TRY(ts_device_open(arena, TS_DEVICE_EMULATOR, NULL, device, diag));
    TS_TRY(ts_device_load(*device, a->xclbin, "LOOP", diag));
    for (unsigned i = 0; i < 2; i++)
        TS_TRY(ts_device_buffer_new(*device, "b", BYTES, &arguments[i], diag));
    TS_TRY(ts_device_submit(*device, a->stream, arguments, 2, diag));
    TS_TRY(ts_device_wait(*device, 10, &result, diag));
    assert_int_equal(result.end, TS_DEVICE_DONE);
    return TS_OK;
}

static ts_status attempt_all(ts_arena *arena, void *context) {
    ts_device *device = NULL;
    ts_diag diag = {0};
    ts_status status = run_all(arena, &device, context, &diag);
    ts_device_close(device);
    return status;
}

static void every_allocation_fails_once(void **state) {
    (void)state;
    fixture f;
    begin(&f);
    attempt a = {&f.xclbin, &f.stream};
    test_every_allocation_fails(attempt_all, &a);
    end(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_go_there_and_come_back),
        cmocka_unit_test(loading_begins_anew),
        cmocka_unit_test(a_wait_goes_on_where_time_was_up),
        cmocka_unit_test(what_cannot_come_is_a_deadlock),
        cmocka_unit_test(ops_do_what_they_say),
        cmocka_unit_test(a_sync_waits_for_every_tile),
        cmocka_unit_test(kernels_are_found_by_name),
        cmocka_unit_test(containers_without_kernels_load_their_first_pdi),
        cmocka_unit_test(devices_are_named),
        cmocka_unit_test(containers_that_cannot_be_loaded_are_named),
        cmocka_unit_test(streams_that_cannot_run_are_refused),
        cmocka_unit_test(a_bad_configuration_leaves_nothing),
        cmocka_unit_test(every_allocation_fails_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
