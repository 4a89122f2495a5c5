/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * An XCLBIN, PDI or CDO, and an instruction stream, run as `tessera run` runs them: one error with
 * a message, or a run that ends in its cycles with findings in form. The same again gives the same.
 *
 * An input is the size of the first file in four bytes, that file, and the stream. */
#include "tessera/device.h"
#include "tessera/pdi.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    CYCLES = 6000,
    LOAD_CYCLES = 1000,
    N_BUFFERS = 4,
    BUFFER = 4096,
    BUDGET = 512 << 20
};

typedef struct result {
    uint64_t cycle, n_findings, words, bundles;
    uint64_t bytes; /* of the buffers, mixed */
    int status, end;
} result;

static const ts_array_options options = {.load_cycles = LOAD_CYCLES};

static void check_status(ts_status status, const ts_diag *diag) {
    if (status != TS_OK && !diag->message[0]) abort();
}

/* What is there at the end, and that it can be told. */
static void look(ts_arena *arena, ts_array *array, result *r) {
    const ts_npu_device *device = ts_array_device(array);
    ts_buf waits = ts_buf_in(arena);
    ts_array_report_waits(array, &waits);
    r->cycle = ts_array_cycle(array);
    r->n_findings = ts_array_n_findings(array);
    for (size_t i = 0; i < r->n_findings; i++) {
        const ts_finding *f = ts_array_finding(array, i);
        if (!f->text[0] || f->kind >= TS_FINDING_N_KINDS || !f->count) abort();
        if (!ts_npu_tile_at(device, f->column, f->row)) abort();
    }
    for (uint32_t column = 0; column < device->n_columns; column++)
        for (uint32_t row = 0; row < device->n_rows; row++) {
            ts_core_stats core;
            ts_dma_stats dma;
            if (ts_array_core_stats(array, column, row, &core)) r->bundles += core.bundles;
            for (uint32_t k = 0; k < 12; k++)
                if (ts_array_dma_stats(array, column, row, k & 1, k / 2, &dma))
                    r->words += dma.words;
        }
}

static void mix(result *r, const uint8_t *bytes, size_t size) {
    for (size_t i = 0; i < size; i++)
        r->bytes = r->bytes * 31 + bytes[i];
}

/* Happenings are told while it runs, in the order of time. */
static void see(void *context, const ts_array_event *event) {
    uint64_t *last = context;
    if (event->cycle < *last) abort();
    *last = event->cycle;
}

static ts_status run_container(ts_arena *arena, ts_device *device, ts_span file,
                               const ts_txn *stream, result *r, ts_diag *diag) {
    ts_xclbin xclbin;
    ts_device_buffer buffers[N_BUFFERS];
    ts_device_result done = {.end = TS_DEVICE_TIMEOUT};
    uint64_t last = 0;
    TS_TRY(ts_xclbin_read(arena, file, "fuzz.xclbin", &xclbin, diag));
    TS_TRY(ts_device_load(device, &xclbin, NULL, diag));
    for (unsigned i = 0; i < N_BUFFERS; i++)
        TS_TRY(ts_device_buffer_new(device, "buffer", BUFFER, &buffers[i], diag));
    ts_array_observe(ts_device_array(device), see, &last);
    TS_TRY(ts_device_submit(device, stream, buffers, N_BUFFERS, diag));
    for (unsigned piece = 0; piece < 2 && done.end != TS_DEVICE_DONE; piece++)
        TS_TRY(ts_device_wait_cycles(device, CYCLES / 2, &done, diag));
    (void)ts_array_run(ts_device_array(device), CYCLES / 2);
    r->end = (int)done.end;
    if (done.n_done > stream->n_ops) abort();
    for (unsigned i = 0; i < N_BUFFERS; i++)
        mix(r, buffers[i].data, BUFFER);
    look(arena, ts_device_array(device), r);
    return TS_OK;
}

static ts_status run_image(ts_arena *arena, ts_span file, const ts_txn *stream, result *r,
                           ts_diag *diag) {
    uint64_t addresses[N_BUFFERS];
    uint8_t *bytes = ts_arena_alloc(arena, (size_t)N_BUFFERS * BUFFER);
    ts_array *array = ts_array_new(arena, ts_npu_device_find("npu1_1col"), &options);
    if (!array || !bytes) return ts_fail_nomem(diag);
    if (ts_cdo_is_binary(file))
        TS_TRY(ts_array_load_cdo(array, arena, file, "fuzz.cdo", diag));
    else
        TS_TRY(ts_array_load_pdi(array, arena, file, "fuzz.pdi", diag));
    for (unsigned i = 0; i < N_BUFFERS; i++)
        TS_TRY(ts_array_add_buffer(array, "buffer", bytes + (size_t)i * BUFFER, BUFFER,
                                   &addresses[i], diag));
    ts_array_set_arguments(array, addresses, N_BUFFERS);
    ts_array_launch(array);
    size_t next = 0;
    ts_array_state state;
    TS_TRY(ts_array_execute(array, arena, stream, "fuzz.bin", CYCLES, &next, &state, diag));
    (void)ts_array_run(array, CYCLES / 2);
    r->end = (int)state;
    mix(r, bytes, (size_t)N_BUFFERS * BUFFER);
    look(arena, array, r);
    return TS_OK;
}

static ts_status run_both(ts_arena *arena, ts_span file, ts_span insts, result *r, ts_diag *diag) {
    ts_txn stream = {.generation = TS_TXN_GENERATION_NPU1};
    ts_device *device;
    if (insts.size) TS_TRY(ts_txn_parse(arena, insts, "fuzz.bin", &stream, diag));
    if (!ts_xclbin_is_container(file)) return run_image(arena, file, &stream, r, diag);
    TS_TRY(ts_device_open(arena, TS_DEVICE_EMULATOR, &options, &device, diag));
    ts_status status = run_container(arena, device, file, &stream, r, diag);
    ts_device_close(device);
    return status;
}

static result run(const uint8_t *data, size_t size) {
    ts_arena arena;
    ts_diag diag = {0};
    result r;
    memset(&r, 0, sizeof r);
    ts_cur cur = ts_cur_of(ts_span_of(data, size));
    uint32_t n = ts_cur_u32le(&cur);
    if (cur.bad) return r;
    if (n > size - 4) n = (uint32_t)(size - 4);
    ts_arena_init(&arena, BUDGET);
    r.status = (int)run_both(&arena, ts_span_of(data + 4, n),
                             ts_span_of(data + 4 + n, size - 4 - n), &r, &diag);
    check_status((ts_status)r.status, &diag);
    ts_arena_free(&arena);
    return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    result first = run(data, size);
    if (size % 8) return 0;
    result second = run(data, size);
    if (memcmp(&first, &second, sizeof first) != 0) abort();
    return 0;
}
