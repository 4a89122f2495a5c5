/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * run_pdi PDI ELF|- IN_BYTES OUT_BYTES [CYCLES]: loads a PDI, gives it an input of a stated
 * pattern by way of the shim's descriptors 1 and 0, as mlir-aie's lowering of two dma_memcpy_nd
 * does, and waits for the output. Prints state, cycles, findings and a sum of the output.
 */
#include "tessera/emulator.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct run {
    ts_arena arena;
    ts_array *array;
    uint8_t *in, *out;
    uint32_t n_in, n_out;
} run;

static void die(const ts_diag *diag) {
    char text[800];
    ts_diag_format(diag, text, sizeof text);
    fprintf(stderr, "%s\n", text);
    exit(2);
}

static void write_bd(run *r, unsigned number, uint8_t *data, uint32_t size, const char *name) {
    const ts_npu_tile *shim = ts_npu_tile_at(ts_array_device(r->array), 0, 0);
    uint64_t address;
    uint32_t words[TS_NPU_BD_MAX_WORDS];
    ts_diag diag = {0};
    if (ts_array_add_buffer(r->array, name, data, size, &address, &diag) != TS_OK) die(&diag);
    ts_npu_bd bd = ts_npu_bd_linear(shim, address, size / 4);
    if (ts_npu_bd_encode(shim, &bd, words, &diag) != TS_OK) die(&diag);
    ts_array_block_write(r->array, shim->bd_offset + (uint64_t)number * shim->bd_stride,
                         ts_span_of(words, sizeof words));
}

static uint32_t offset_of(run *r, const char *name) {
    const ts_npu_tile *shim = ts_npu_tile_at(ts_array_device(r->array), 0, 0);
    return ts_npu_register_find(shim, name)->offset;
}

static ts_array_state go(run *r, uint64_t cycles) {
    write_bd(r, 1, r->in, r->n_in, "in");
    ts_array_write(r->array, offset_of(r, "DMA_MM2S_0_Task_Queue"), 1);
    write_bd(r, 0, r->out, r->n_out, "out");
    ts_array_mask_write(r->array, offset_of(r, "DMA_S2MM_0_Ctrl"), 0x1f00, 0xf00);
    ts_array_write(r->array, offset_of(r, "DMA_S2MM_0_Task_Queue"), UINT32_C(1) << 31);
    return ts_array_wait_token(r->array, 0, 0, false, 0, cycles);
}

static void tell(run *r, ts_array_state state) {
    uint64_t sum = 14695981039346656037u;
    for (uint32_t i = 0; i < r->n_out; i++)
        sum = (sum ^ r->out[i]) * 1099511628211u;
    ts_core_stats stats = {0};
    (void)ts_array_core_stats(r->array, 0, 2, &stats);
    printf("%s cycles %" PRIu64 " bundles %" PRIu64 " output %016" PRIx64 "\n",
           ts_array_state_text(state), ts_array_cycle(r->array), stats.bundles, sum);
    for (size_t i = 0; i < ts_array_n_findings(r->array); i++) {
        const ts_finding *f = ts_array_finding(r->array, i);
        const char *function = ts_array_function(r->array, f->column, f->row, f->pc);
        printf("  %s tile(%u,%u) cycle %" PRIu64 " x%" PRIu64, ts_finding_name(f->kind), f->column,
               f->row, f->cycle, f->count);
        if (f->pc != TS_FINDING_NO_PC) printf(" pc 0x%05x %s", f->pc, function ? function : "");
        printf(": %s\n", f->text);
    }
}

static ts_span file(run *r, const char *path) {
    ts_span bytes;
    ts_diag diag = {0};
    if (ts_file_read(&r->arena, path, 0, &bytes, &diag) != TS_OK) die(&diag);
    return bytes;
}

static void add_program(run *r, const char *path) {
    ts_object *program = TS_ARENA_NEW(&r->arena, ts_object);
    ts_diag diag = {0};
    if (!program || ts_object_read(&r->arena, file(r, path), path, program, &diag) != TS_OK ||
        ts_array_add_symbols(r->array, 0, 2, program, &diag) != TS_OK)
        die(&diag);
}

int main(int argc, char **argv) {
    run r = {0};
    ts_diag diag = {0};
    if (argc < 5) return 2;
    ts_arena_init(&r.arena, 0);
    r.array = ts_array_new(&r.arena, ts_npu_device_find("npu1_1col"), NULL);
    r.n_in = (uint32_t)strtoul(argv[3], NULL, 0);
    r.n_out = (uint32_t)strtoul(argv[4], NULL, 0);
    r.in = ts_arena_alloc(&r.arena, r.n_in);
    r.out = ts_arena_alloc(&r.arena, r.n_out);
    if (!r.array || !r.in || !r.out) return 2;
    if (ts_array_load_pdi(r.array, &r.arena, file(&r, argv[1]), argv[1], &diag) != TS_OK)
        die(&diag);
    if (strcmp(argv[2], "-") != 0) add_program(&r, argv[2]);
    ts_array_launch(r.array);
    for (uint32_t i = 0; i < r.n_in; i++)
        r.in[i] = (uint8_t)(i * 37 + i / 256);
    uint64_t cycles = argc > 5 ? strtoull(argv[5], NULL, 0) : 20000000;
    ts_array_state state = go(&r, cycles);
    tell(&r, state);
    ts_arena_free(&r.arena);
    return state != TS_ARRAY_DONE;
}
