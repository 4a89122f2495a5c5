/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Loading the program of a core: stop it, hold its DMA channels in reset, write program and data
 * memory segment by segment, release the channels.
 *
 * src: Xilinx/mlir-aie: lib/Targets/AIERT.cpp, addAieElf [code];
 * src: Xilinx/aie-rt: driver/src/core/xaie_elfloader.c; driver/src/dma/xaie_dma.c,
 * XAie_DmaChannelResetAll [code]
 */
#include "compile_int.h"

#include <inttypes.h>
#include <string.h>

static void reset_channels(const comp *c, const comp_tile *tile, bool is_reset) {
    static const char *const directions[] = {"MM2S", "S2MM"};
    for (unsigned direction = 0; direction < 2; direction++)
        for (unsigned channel = 0; channel < tile->kind->n_channels; channel++) {
            comp_value control =
                comp_register(tile->kind, "DMA_%s_%u_Ctrl", directions[direction], channel);
            comp_set(&control, "Reset", is_reset);
            comp_mask_write(c, tile, control);
        }
}

/* The bytes of a segment in memory, up to whole words. Where the file has less than the memory,
 * zeros: the driver writes zeros when the file has none at all, and what follows in the file when
 * it has some, which nobody can want. */
static ts_status segment_bytes(const comp *c, const ts_object_segment *segment, bool in_words,
                               ts_span *out) {
    size_t size = segment->mem_size;
    if (in_words) size = (size + 3) / 4 * 4;
    *out = (ts_span){segment->bytes.data, size};
    if (segment->bytes.size >= size) return TS_OK;
    uint8_t *bytes = ts_arena_alloc(c->arena, size);
    if (!bytes) return ts_fail_nomem(c->diag);
    if (segment->bytes.size) memcpy(bytes, segment->bytes.data, segment->bytes.size);
    *out = (ts_span){bytes, size};
    return TS_OK;
}

static ts_status load_code(const comp *c, const comp_tile *tile, const ts_compile_core *core,
                           const ts_object_segment *segment) {
    const ts_npu_memory *memory = &tile->kind->memories[1];
    ts_span bytes;
    if ((uint64_t)segment->paddr + segment->mem_size > memory->size)
        return ts_fail_at(c->diag, TS_RANGE, core->file, segment->offset,
                          "the segment at 0x%" PRIx32 " has %" PRIu32
                          " bytes, beyond the 0x%" PRIx32 " of the program memory",
                          segment->paddr, segment->mem_size, memory->size);
    TS_TRY(segment_bytes(c, segment, true, &bytes));
    comp_block(c, tile, memory->offset + segment->paddr, bytes);
    return TS_OK;
}

/* A segment may reach from one window into the next. */
static ts_status load_data(const comp *c, const comp_tile *tile, const ts_compile_core *core,
                           const ts_object_segment *segment) {
    uint64_t address = segment->paddr;
    ts_span bytes;
    if (segment->mem_size > COMP_N_WINDOWS * COMP_WINDOW_BYTES)
        return ts_fail_at(
            c->diag, TS_RANGE, core->file, segment->offset,
            "the segment at 0x%" PRIx32 " has %" PRIu32 " bytes; a core sees 0x%x of data memory",
            segment->paddr, segment->mem_size, COMP_N_WINDOWS * (unsigned)COMP_WINDOW_BYTES);
    TS_TRY(segment_bytes(c, segment, false, &bytes));
    while (bytes.size) {
        const comp_window *window = NULL;
        comp_tile target;
        for (size_t i = 0; i < COMP_N_WINDOWS; i++)
            if (address >= comp_windows[i].base &&
                address - comp_windows[i].base < COMP_WINDOW_BYTES)
                window = &comp_windows[i];
        if (!window || !comp_window_tile(c, tile, window, &target))
            return ts_fail_at(c->diag, TS_RANGE, core->file, segment->offset,
                              "the segment at 0x%" PRIx32 " reaches 0x%" PRIx64
                              ", where core (%" PRIu32 ",%" PRIu32 ") has no memory",
                              segment->paddr, address, core->column, core->row);
        size_t n = COMP_WINDOW_BYTES - (address - window->base);
        if (n > bytes.size) n = bytes.size;
        comp_data(c, &target, (uint32_t)(address - window->base), (ts_span){bytes.data, n});
        bytes = (ts_span){bytes.data + n, bytes.size - n};
        address += n;
    }
    return TS_OK;
}

ts_status comp_load_program(const comp *c, const comp_tile *tile, const ts_compile_core *core) {
    comp_value control = comp_register(tile->kind, "Core_Control");
    comp_set(&control, "Enable", 0);
    comp_mask_write(c, tile, control);
    reset_channels(c, tile, true);
    for (size_t i = 0; i < core->program.n_segments; i++) {
        const ts_object_segment *segment = &core->program.segments[i];
        if (segment->type != TS_PT_LOAD || !segment->mem_size) continue;
        bool is_code = segment->paddr < tile->kind->memories[1].size;
        TS_TRY((is_code ? load_code : load_data)(c, tile, core, segment));
    }
    reset_channels(c, tile, false);
    return TS_OK;
}
