/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * Any instruction stream, executed by an array: it ends, and findings keep their form. The same
 * stream gives the same time and findings again. */
#include "tessera/emulator.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    CYCLES = 6000,
    BUFFER = 4096
};

typedef struct result {
    uint64_t cycle, n_findings;
    ts_array_state state;
    ts_status status;
} result;

static result run(const uint8_t *data, size_t size) {
    static uint8_t buffers[2][BUFFER];
    ts_arena arena;
    ts_diag diag = {0};
    ts_txn stream;
    result r = {0};
    ts_arena_init(&arena, 256u << 20);
    r.status = ts_txn_parse(&arena, ts_span_of(data, size), "fuzz", &stream, &diag);
    if (r.status != TS_OK) {
        ts_arena_free(&arena);
        return r;
    }
    ts_array *array = ts_array_new(&arena, ts_npu_device_find("npu1_1col"), NULL);
    uint64_t addresses[2];
    memset(buffers, 0x11, sizeof buffers);
    if (!array) abort();
    for (unsigned i = 0; i < 2; i++)
        if (ts_array_add_buffer(array, "buffer", buffers[i], BUFFER, &addresses[i], &diag) != TS_OK)
            abort();
    ts_array_set_arguments(array, addresses, 2);
    size_t next = 0;
    r.status = ts_array_execute(array, &arena, &stream, "fuzz", CYCLES, &next, &r.state, &diag);
    if (r.status != TS_OK && !diag.message[0]) abort();
    (void)ts_array_run(array, CYCLES);
    ts_buf waits = ts_buf_in(&arena);
    ts_array_report_waits(array, &waits);
    r.n_findings = ts_array_n_findings(array);
    for (size_t i = 0; i < r.n_findings; i++) {
        const ts_finding *f = ts_array_finding(array, i);
        if (!f->text[0] || f->kind >= TS_FINDING_N_KINDS || !f->count) abort();
    }
    r.cycle = ts_array_cycle(array);
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
