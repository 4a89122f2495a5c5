/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * compile: what is refused and why, how segments reach memory, placements, maps, and a whole build
 * with every allocation failing once. What a configuration looks like is in tests/golden/build. */
#include "tessera/compile.h"
#include "tessera/pdi.h"

#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- designs --------------------------------------------------------------------------------- */

/* Tiles (0,0) to (0,3), what `body` says, in an npu1. */
static const char head[] = "module {\naie.device(npu1) {\n"
                           "%s = aie.tile(0, 0)\n%m = aie.tile(0, 1)\n"
                           "%t = aie.tile(0, 2)\n%u = aie.tile(0, 3)\n";

typedef struct world {
    ts_arena *arena;
    ts_design *design;
    ts_op *device;
} world;

static world open_design(ts_arena *arena, const char *body) {
    world w = {.arena = arena};
    ts_diag diag = {0};
    ts_buf text = ts_buf_in(arena);
    ts_buf_text(&text, head);
    ts_buf_text(&text, body);
    ts_buf_text(&text, "\n}\n}\n");
    if (ts_design_parse(arena, ts_buf_span(&text), "t.mlir", &w.design, &diag) != TS_OK)
        fail_msg("%s\n%s", diag.message, body);
    w.device = ts_op_child(w.design->module, TS_OP_AIE_DEVICE, NULL);
    assert_non_null(w.device);
    return w;
}

static ts_status write_part(const world *w, ts_compile_cdo part, const ts_compile_core *cores,
                            size_t n_cores, ts_buf *out, ts_diag *diag) {
    *out = ts_buf_in(w->arena);
    return ts_compile_cdo_write(w->design, w->device, cores, n_cores, part, out, diag);
}

/* ---- what is refused ------------------------------------------------------------------------- */

#define LOCKS  "%l = aie.lock(%t, 0) {init = 0 : i32}\n"
#define BUFFER "%b = aie.buffer(%t) {address = 1024 : i32, sym_name = \"b\"} : memref<64xi32>\n"
#define MEM(bd)                                                                                    \
    BUFFER LOCKS "%d = aie.mem(%t) {\n%0 = aie.dma_start(S2MM, 0, ^a, ^e)\n^a:\n" bd               \
                 "\naie.next_bd ^e\n^e:\naie.end\n}"
#define MEMTILE(extra, start, bd)                                                                  \
    "%b = aie.buffer(%m) {address = 1024 : i32, sym_name = \"b\"} : memref<64xi32>\n" extra        \
    "%d = aie.memtile_dma(%m) {\n%0 = aie.dma_start(" start ", ^a, ^e)\n^a:\n" bd                  \
    "\naie.next_bd ^e\n^e:\naie.end\n}"
#define SWITCH(tile, body) "%w = aie.switchbox(" tile ") {\n" body "\n}"

static const struct {
    const char *body;
    ts_status code;
    const char *words;
} bad_init[] = {
    {"%x = aie.tile(7, 0)", TS_RANGE, "no tile (7,0) in npu1: 4 by 6 tiles"},
    {"%x = aie.tile(0, 6)", TS_RANGE, "no tile (0,6)"},
    {"%l = aie.lock(%t) {sym_name = \"a\"}", TS_MISSING, "lock 'a' has no number"},
    {"%l = aie.lock(%t, 16) {init = 0 : i32}", TS_RANGE, "lockID is 16; expected 0 to 15"},
    {"%l = aie.lock(%m, 64) {init = 0 : i32}", TS_RANGE, "lockID is 64; expected 0 to 63"},
    {"%l = aie.lock(%t, 0) {init = 64 : i32}", TS_RANGE, "init is 64; expected 0 to 63"},
    {"%l = aie.lock(%t, 0) {init = -1 : i32}", TS_RANGE, "init is -1"},
    {"%c = aie.core(%m) {\naie.end\n}", TS_RANGE, "a memory tile has no core"},
    {"%b = aie.buffer(%t) {sym_name = \"a\"} : memref<4xi32> = dense<1>", TS_MISSING,
     "buffer 'a' has no address"},
    {"%b = aie.buffer(%t) {address = 65536 : i32} : memref<4xi32> = dense<1>", TS_RANGE,
     "address is 65536; expected 0 to 65535"},
    {"%b = aie.buffer(%t) {address = 65524 : i32, sym_name = \"a\"} : memref<4xi32> = dense<1>",
     TS_RANGE, "buffer 'a' ends at 0x10004, beyond the tile's 0x10000 bytes"},
    {"%b = aie.buffer(%s) {address = 0 : i32} : memref<4xi32> = dense<1>", TS_RANGE,
     "a shim tile has no memory"},
    {MEM("aie.dma_bd(%b : memref<64xi32>, 0, 64)"), TS_MISSING, "aie.dma_bd has no 'bd_id'"},
    {MEM("aie.dma_bd(%b : memref<64xi32>, 0, 64) {bd_id = 16 : i32}"), TS_RANGE,
     "bd_id is 16; expected 0 to 15"},
    {MEM("aie.dma_bd(%b : memref<64xi32>, 0, 64) {bd_id = 0 : i32, next_bd_id = 16 : i32}"),
     TS_RANGE, "next_bd_id is 16"},
    {MEM("aie.dma_bd(%b : memref<64xi32>, 0, 20000) {bd_id = 0 : i32}"), TS_RANGE, "length"},
    {MEM("aie.dma_bd(%b : memref<64xi32>, 0, 64, [<size = 2, stride = 1>, <size = 2, stride = 1>, "
         "<size = 2, stride = 1>, <size = 2, stride = 1>]) {bd_id = 0 : i32}"),
     TS_RANGE, "4 dimensions; a DMA of a compute tile has 3"},
    {MEM("aie.dma_bd(%b : memref<64xi32>, 0, 64, [<size = 2, stride = 9000>, <size = 2, stride = "
         "1>]) {bd_id = 0 : i32}"),
     TS_RANGE, "dim[1].step"},
    {MEM("aie.dma_bd(%b : memref<64xi32>, 0, 64, [<size = 2, stride = 8>, <size = 300, stride = "
         "1>]) "
         "{bd_id = 0 : i32}"),
     TS_RANGE, "dim[0].wrap"},
    {MEM("aie.dma_bd(%b : memref<64xi32>, 0, 64) {bd_id = 0 : i32, packet = #aie.packet_info<"
         "pkt_type = 8, pkt_id = 1>}"),
     TS_RANGE, "packet type 8, id 1; types go to 7"},
    {MEM("aie.dma_bd(%b : memref<64xi32>, 0, 64) {bd_id = 0 : i32, packet = #aie.packet_info<"
         "pkt_type = 0, pkt_id = 32>}"),
     TS_RANGE, "id 32"},
    {MEM("aie.dma_bd(%b : memref<64xi32>, 0, 0) {bd_id = 0 : i32, packet = #aie.packet_info<"
         "pkt_type = 0, pkt_id = 1>}"),
     TS_RANGE, "a descriptor of length 0 cannot send packets"},
    {MEM("aie.use_lock(%l, Acquire, 64)\naie.dma_bd(%b : memref<64xi32>, 0, 64) {bd_id = 0 : i32}"),
     TS_RANGE, "lock value 64; -64 to 63 fit"},
    {LOCKS BUFFER "%d = aie.mem(%t) {\n%0 = aie.dma_start(S2MM, 0, ^a, ^e)\n^a:\naie.next_bd "
                  "^e\n^e:\naie.end\n}",
     TS_MISSING, "the channel begins with no aie.dma_bd"},
    {BUFFER "%d = aie.mem(%t) {\n%0 = aie.dma_start(MM2S, 2, ^a, ^e)\n^a:\naie.dma_bd(%b : "
            "memref<64xi32>, 0, 64) {bd_id = 0 : i32}\naie.next_bd ^e\n^e:\naie.end\n}",
     TS_RANGE, "channel_index is 2; expected 0 to 1"},
    {BUFFER "%d = aie.mem(%t) {\n%0 = aie.dma_start(MM2S, 1, ^a, ^e, repeat_count = 256)\n^a:\n"
            "aie.dma_bd(%b : memref<64xi32>, 0, 64) {bd_id = 0 : i32}\naie.next_bd ^e\n^e:\naie.end"
            "\n}",
     TS_RANGE, "repeat_count 256; 0 to 255 fit"},
    {BUFFER "%d = aie.mem(%u) {\n%0 = aie.dma_start(S2MM, 0, ^a, ^e)\n^a:\naie.dma_bd(%b : "
            "memref<64xi32>, 0, 64) {bd_id = 0 : i32}\naie.next_bd ^e\n^e:\naie.end\n}",
     TS_RANGE, "the DMA of tile (0,3) cannot reach tile (0,2)"},
    {"%b = aie.buffer(%t) {address = 2 : i32} : memref<8xi16>\n%d = aie.mem(%t) {\n%0 = "
     "aie.dma_start(S2MM, 0, ^a, ^e)\n^a:\naie.dma_bd(%b : memref<8xi16>, 0, 4) {bd_id = 0 : i32}\n"
     "aie.next_bd ^e\n^e:\naie.end\n}",
     TS_RANGE, "address 0x2 is not a multiple of 4 bytes"},
    {"%b = aie.buffer(%t) {address = 0 : i32} : memref<8xi16>\n%d = aie.mem(%t) {\n%0 = "
     "aie.dma_start(S2MM, 0, ^a, ^e)\n^a:\naie.dma_bd(%b : memref<8xi16>, 0, 3) {bd_id = 0 : i32}\n"
     "aie.next_bd ^e\n^e:\naie.end\n}",
     TS_RANGE, "3 elements of 2 bytes are no number of 32-bit words"},
    {"%b = aie.buffer(%t) {address = 0 : i32} : memref<8xi16>\n%d = aie.mem(%t) {\n%0 = "
     "aie.dma_start(S2MM, 0, ^a, ^e)\n^a:\naie.dma_bd(%b : memref<8xi16>, 0, 4, [<size = 2, stride "
     "= 3>, <size = 2, stride = 1>]) {bd_id = 0 : i32}\naie.next_bd ^e\n^e:\naie.end\n}",
     TS_RANGE, "stride 3 of 2-byte elements is no whole number of 32-bit words"},
    {MEMTILE("", "S2MM, 0", "aie.dma_bd(%b : memref<64xi32>, 0, 64) {bd_id = 24 : i32}"), TS_RANGE,
     "descriptor 24 is not for channel 0: even channels have the lower half"},
    {MEMTILE("", "MM2S, 1", "aie.dma_bd(%b : memref<64xi32>, 0, 64) {bd_id = 3 : i32}"), TS_RANGE,
     "descriptor 3 is not for channel 1"},
    {MEMTILE(
         "%x = aie.lock(%t, 0)\n", "S2MM, 0",
         "aie.use_lock(%x, Release, 1)\naie.dma_bd(%b : memref<64xi32>, 0, 64) {bd_id = 0 : i32}"),
     TS_RANGE, "the DMA of tile (0,1) cannot reach tile (0,2)"},
    {"%h = aie.external_buffer {address = 0 : i64} : memref<64xi32>\n%d = aie.shim_dma(%s) {\n%0 = "
     "aie.dma_start(MM2S, 0, ^a, ^e)\n^a:\naie.dma_bd(%h : memref<64xi32>, 0, 64) {bd_id = 0 : "
     "i32, "
     "burst_length = 32 : i32}\naie.next_bd ^e\n^e:\naie.end\n}",
     TS_RANGE, "burst_length 32; 64, 128 and 256 bytes are"},
    {SWITCH("%t", "aie.connect<South : 6, DMA : 0>"), TS_RANGE,
     "the switch of tile (0,2) has no slave port South:6"},
    {SWITCH("%t", "aie.connect<South : 0, DMA : 2>"), TS_RANGE, "has no master port DMA:2"},
    {SWITCH("%t", "aie.connect<NOC : 0, DMA : 0>"), TS_RANGE, "has no slave port NOC:0"},
    {SWITCH("%m", "aie.connect<East : 0, DMA : 0>"), TS_RANGE, "has no slave port East:0"},
    {SWITCH("%m", "aie.connect<South : 0, North : 1>"), TS_RANGE,
     "the switch of a memory tile cannot connect South:0 to North:1"},
    {SWITCH("%t", "%a = aie.amsel<0> (0)\n%b = aie.amsel<1> (0)\n%c = aie.masterset(DMA : 0, %a, "
                  "%b)"),
     TS_CONFLICT, "a master has one arbiter, not 0 and 1"},
    {SWITCH("%t", "%a = aie.amsel<0> (0)\naie.packet_rules(South : 0) {\naie.rule(31, 1, %a)\n"
                  "aie.rule(31, 2, %a)\naie.rule(31, 3, %a)\naie.rule(31, 4, %a)\n"
                  "aie.rule(31, 5, %a)\n}"),
     TS_RANGE, "slave South:0 has 4 slots for rules, and this is one more"},
    {SWITCH("%t", "%a = aie.amsel<0> (0)\naie.packet_rules(South : 0) {\naie.rule(31, 32, %a)\n}"),
     TS_RANGE, "value is 32; expected 0 to 31"},
    {"%x = aie.shim_mux(%s) {\naie.connect<DMA : 0, North : 2>\n}", TS_RANGE,
     "the shim DMA cannot send to North:2; North:3 and North:7 are"},
    {"%x = aie.shim_mux(%s) {\naie.connect<North : 5, DMA : 0>\n}", TS_RANGE,
     "the shim DMA cannot receive from North:5; North:2 and North:3 are"},
    {"%x = aie.shim_mux(%s) {\naie.connect<NOC : 0, North : 3>\n}", TS_UNSUPPORTED,
     "a shim_mux connects DMA and North"},
    {"aie.configure_cascade(%t, South, East)", TS_RANGE, "a cascade comes from north or west"},
    {"aie.configure_cascade(%m, North, South)", TS_RANGE, "between cores"},
};

static void bad_configurations_are_refused(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof bad_init / sizeof bad_init[0]; i++) {
        ts_arena *arena = test_begin();
        world w = open_design(arena, bad_init[i].body);
        ts_diag diag = {0};
        ts_buf out;
        if (write_part(&w, TS_COMPILE_CDO_INIT, NULL, 0, &out, &diag) != bad_init[i].code ||
            !strstr(diag.message, bad_init[i].words) || diag.place != TS_PLACE_TEXT)
            fail_msg("%s\ngot '%s', wanted '%s'", bad_init[i].body, diag.message,
                     bad_init[i].words);
        test_end(arena);
    }
}

static void devices_have_their_names(void **state) {
    (void)state;
    static const char *const names[] = {"npu1", "npu1_1col", "npu1_2col", "npu1_3col", "npu1_4col"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        ts_arena *arena = test_begin();
        ts_design *design;
        ts_diag diag = {0};
        const char *text = ts_arena_printf(arena, "module {\naie.device(%s) {\n}\n}\n", names[i]);
        assert_int_equal(ts_design_parse(arena, test_text(text), "t.mlir", &design, &diag), TS_OK);
        const ts_npu_device *device =
            ts_compile_device_of(ts_op_child(design->module, TS_OP_AIE_DEVICE, NULL));
        assert_non_null(device);
        assert_string_equal(device->name, names[i]);
        test_end(arena);
    }
}

static void other_devices_are_refused(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_design *design;
    ts_diag diag = {0};
    ts_buf out = ts_buf_in(arena);
    assert_int_equal(ts_design_parse(arena, test_text("module {\naie.device(npu2) {\n}\n}\n"),
                                     "t.mlir", &design, &diag),
                     TS_OK);
    ts_op *device = ts_op_child(design->module, TS_OP_AIE_DEVICE, NULL);
    assert_int_equal(
        ts_compile_cdo_write(design, device, NULL, 0, TS_COMPILE_CDO_INIT, &out, &diag),
        TS_UNSUPPORTED);
    test_expect_error(&diag, TS_UNSUPPORTED,
                      "this device is not supported; npu1 and its parts are");
    test_end(arena);
}

/* ---- instruction streams --------------------------------------------------------------------- */

static const struct {
    const char *body;
    ts_status code;
    const char *words;
} bad_insts[] = {
    {"aiex.npu.write32 {address = 4 : ui32, buffer = @none, value = 1 : ui32}", TS_MISSING,
     "no aie.buffer 'none' in the device"},
    {"aiex.npu.write32 {address = 1073741824 : ui32, buffer = @b, value = 1 : ui32}", TS_RANGE,
     "word 1073741824 of 'b' is outside the tile"},
    {"aiex.npu.write32 {address = 4 : ui32, column = 256 : i32, row = 0 : i32, value = 1 : ui32}",
     TS_RANGE, "column is 256"},
    {"aiex.npu.sync {channel = 256 : i32, column = 0 : i32, column_num = 1 : i32, direction = 0 : "
     "i32, row = 0 : i32, row_num = 1 : i32}",
     TS_RANGE, "channel is 256; expected 0 to 255"},
    {"aiex.npu.dma_wait {symbol = @b}", TS_UNSUPPORTED,
     "aiex.npu.dma_wait is no operation of an instruction stream"},
    {"%g = memref.get_global @none : memref<4xi32>\naiex.npu.blockwrite(%g) {address = 0 : ui32} : "
     "memref<4xi32>",
     TS_MISSING, "memref.global 'none' has no constant values"},
    {"aiex.npu.blockwrite(%x) {address = 0 : ui32} : memref<4xi32>", TS_UNSUPPORTED,
     "operand 0 must be the result of memref.get_global"},
};

static void bad_sequences_are_refused(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof bad_insts / sizeof bad_insts[0]; i++) {
        ts_arena *arena = test_begin();
        ts_buf text = ts_buf_in(arena);
        ts_buf_text(&text, BUFFER "aie.runtime_sequence(%x: memref<4xi32>) {\n");
        ts_buf_text(&text, bad_insts[i].body);
        ts_buf_text(&text, "\n}\n");
        ts_buf_u8(&text, 0);
        world w = open_design(arena, (const char *)text.data);
        const ts_op *sequence = ts_op_child(w.device, TS_OP_AIE_RUNTIME_SEQUENCE, NULL);
        ts_diag diag = {0};
        ts_buf out = ts_buf_in(arena);
        if (ts_compile_insts(w.design, w.device, sequence, &out, &diag) != bad_insts[i].code ||
            !strstr(diag.message, bad_insts[i].words))
            fail_msg("%s\ngot '%s', wanted '%s'", bad_insts[i].body, diag.message,
                     bad_insts[i].words);
        test_end(arena);
    }
}

/* ---- programs -------------------------------------------------------------------------------- */

typedef struct store {
    uint64_t addr;
    uint32_t mask, n_words, first;
} store;

/* What the commands of a CDO write to memories. */
static size_t memory_stores(ts_arena *arena, const ts_buf *bytes, store *out, size_t room) {
    ts_cdo cdo;
    ts_diag diag = {0};
    size_t n = 0;
    if (ts_cdo_parse(arena, ts_buf_span(bytes), "t.cdo", &cdo, &diag) != TS_OK)
        fail_msg("%s", diag.message);
    for (size_t i = 0; i < cdo.n_commands; i++) {
        ts_cdo_store s;
        if (!ts_cdo_store_of(&cdo.commands[i], &s) || (s.addr & 0xfffff) >= 0x30000 ||
            ((s.addr & 0xfffff) >= 0x10000 && (s.addr & 0xfffff) < 0x20000))
            continue;
        assert_true(n < room);
        ts_cur cur = ts_cur_of(s.data);
        out[n++] = (store){s.addr, s.mask, s.count, s.data.size ? ts_cur_u32le(&cur) : s.value};
    }
    return n;
}

static ts_compile_core core_with(const world *w, ts_object_segment *segments, size_t n) {
    ts_compile_core core = {.op = ts_op_child(w->device, TS_OP_AIE_CORE, NULL), .file = "t.elf"};
    core.row = 2;
    core.program.type = TS_ET_EXEC;
    core.program.segments = segments;
    core.program.n_segments = n;
    return core;
}

/* Data addresses are windows onto the neighbors' memories and the own one; a segment may reach from
 * one into the next, begin and end anywhere, and have zeros behind its bytes. */
static void segments_reach_every_window(void **state) {
    (void)state;
    static const uint8_t bytes[20] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    ts_object_segment segments[] = {
        {.type = TS_PT_LOAD, .paddr = 0x20, .mem_size = 6, .bytes = {bytes, 6}},
        {.type = TS_PT_NULL, .paddr = 0x70000, .mem_size = 8, .bytes = {bytes, 8}},
        {.type = TS_PT_LOAD, .paddr = 0x6fffe, .mem_size = 12, .bytes = {bytes, 12}},
        {.type = TS_PT_LOAD, .paddr = 0x70101, .mem_size = 2, .bytes = {bytes, 2}},
        {.type = TS_PT_LOAD, .paddr = 0x70200, .mem_size = 12, .bytes = {bytes, 4}},
        {.type = TS_PT_LOAD, .paddr = 0x70300, .mem_size = 8},
        {.type = TS_PT_LOAD, .paddr = 0x70400, .mem_size = 0},
    };
    static const store want[] = {
        {0x220020, UINT32_MAX, 2, 0x04030201}, /* program memory, rounded up to words */
        {0x30fffc, 0xffff0000, 1, 0x02010000}, /* the end of the northern tile's memory */
        {0x200000, UINT32_MAX, 2, 0x06050403}, {0x200008, 0xffff, 1, 0x0c0b},
        {0x200100, 0x00ffff00, 1, 0x00020100}, {0x200200, UINT32_MAX, 3, 0x04030201},
        {0x200300, UINT32_MAX, 2, 0},
    };
    ts_arena *arena = test_begin();
    world w = open_design(arena, "%c = aie.core(%t) {\naie.end\n}");
    ts_compile_core core = core_with(&w, segments, sizeof segments / sizeof segments[0]);
    ts_diag diag = {0};
    ts_buf out;
    store got[16];
    assert_int_equal(write_part(&w, TS_COMPILE_CDO_ELFS, &core, 1, &out, &diag), TS_OK);
    size_t n = memory_stores(arena, &out, got, 16);
    assert_int_equal(n, sizeof want / sizeof want[0]);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(got[i].addr, want[i].addr);
        assert_int_equal(got[i].n_words, want[i].n_words);
        assert_int_equal(got[i].first, want[i].first);
        if (want[i].mask != UINT32_MAX) assert_int_equal(got[i].mask, want[i].mask);
    }
    test_end(arena);
}

static void bad_segments_are_refused(void **state) {
    (void)state;
    static const struct {
        uint32_t paddr, size;
        const char *words;
    } bad[] = {
        {0x3ff0, 32, "the segment at 0x3ff0 has 32 bytes, beyond the 0x4000 of the program memory"},
        {0x4000, 4, "the segment at 0x4000 reaches 0x4000, where core (0,2) has no memory"},
        {0x40000, 4, "reaches 0x40000"}, /* to the south is a memory tile */
        {0x50000, 4, "reaches 0x50000"}, /* to the west is nothing */
        {0x7fffc, 8, "the segment at 0x7fffc reaches 0x80000, where core (0,2) has no memory"},
        {0x70000, 0xffffffff, "has 4294967295 bytes; a core sees 0x40000 of data memory"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ts_arena *arena = test_begin();
        ts_object_segment segment = {
            .type = TS_PT_LOAD, .paddr = bad[i].paddr, .mem_size = bad[i].size};
        world w = open_design(arena, "%c = aie.core(%t) {\naie.end\n}");
        ts_compile_core core = core_with(&w, &segment, 1);
        ts_diag diag = {0};
        ts_buf out;
        assert_int_equal(write_part(&w, TS_COMPILE_CDO_ELFS, &core, 1, &out, &diag), TS_RANGE);
        test_expect_error(&diag, TS_RANGE, bad[i].words);
        test_end(arena);
    }
}

/* ---- placements ------------------------------------------------------------------------------ */

static void placements_show_what_a_core_sees(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    world w = open_design(
        arena, "%b = aie.buffer(%t) {address = 4096 : i32, sym_name = \"b\"} : memref<64xi32>\n"
               "%c = aie.buffer(%u) {address = 1024 : i32, sym_name = \"c\"} : memref<3xi8>\n"
               "%d = aie.buffer(%m) {address = 0 : i32, sym_name = \"d\"} : memref<3xi8>\n"
               "%e = aie.core(%u) {\naie.end\n} {link_with = \"a.o\", stack_size = 512 : i32}");
    const ts_op *core = ts_op_child(w.device, TS_OP_AIE_CORE, NULL);
    ts_link_placement p;
    ts_diag diag = {0};
    assert_int_equal(ts_compile_placement(arena, w.design, core, &p, &diag), TS_OK);
    assert_string_equal(p.main, "core_0_3");
    assert_int_equal(p.stack_addr, 0x70000);
    assert_int_equal(p.stack_size, 512);
    assert_int_equal(p.data_addr, 0x70403);
    assert_int_equal(p.data_size, 0x10000 - 0x403);
    assert_int_equal(p.n_buffers, 2);
    assert_string_equal(p.buffers[0].name, "b");
    assert_int_equal(p.buffers[0].addr, 0x41000);
    assert_int_equal(p.buffers[1].addr, 0x70400);
    assert_false(p.no_south);
    assert_true(p.no_west);
    assert_false(p.no_north);
    assert_int_equal(p.n_inputs, 1);
    assert_string_equal(p.inputs[0], "a.o");
    test_end(arena);
}

/* Files to link come from the core, its list, or the functions it calls, each once. */
static void files_to_link_are_found(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    world w = open_design(
        arena, "func.func private @f() attributes {link_with = \"f.o\"}\n"
               "func.func private @g() attributes {link_with = \"g.o\"}\n"
               "func.func private @h()\n"
               "%c = aie.core(%t) {\nfunc.call @g() : () -> ()\nfunc.call @f() : () -> ()\n"
               "func.call @h() : () -> ()\nfunc.call @g() : () -> ()\naie.end\n}\n"
               "%d = aie.core(%u) {\nfunc.call @g() : () -> ()\naie.end\n} "
               "{link_files = [\"x.o\", \"y.a\"]}");
    const ts_op *core = ts_op_child(w.device, TS_OP_AIE_CORE, NULL);
    ts_link_placement p;
    ts_diag diag = {0};
    assert_int_equal(ts_compile_placement(arena, w.design, core, &p, &diag), TS_OK);
    assert_int_equal(p.n_inputs, 2);
    assert_string_equal(p.inputs[0], "g.o");
    assert_string_equal(p.inputs[1], "f.o");
    core = ts_op_child(w.device, TS_OP_AIE_CORE, core);
    assert_int_equal(ts_compile_placement(arena, w.design, core, &p, &diag), TS_OK);
    assert_int_equal(p.n_inputs, 2);
    assert_string_equal(p.inputs[1], "y.a");
    test_end(arena);
}

/* ---- maps ------------------------------------------------------------------------------------ */

static ts_compile_map map_of(const world *w) {
    ts_compile_result placed = {.design = w->design, .device = w->device};
    ts_compile_map map;
    ts_diag diag = {0};
    if (ts_compile_map_of(w->arena, &placed, &map, &diag) != TS_OK) fail_msg("%s", diag.message);
    return map;
}

/* A loop of connections, and packets that fork at every tile: both come to an end. */
static void maps_of_loops_end(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_buf text = ts_buf_in(arena);
    ts_buf_text(&text, "%v = aie.tile(1, 2)\n"
                       "%w0 = aie.switchbox(%t) {\naie.connect<East : 0, East : 0>\n"
                       "aie.connect<DMA : 0, East : 1>\n}\n"
                       "%w1 = aie.switchbox(%v) {\naie.connect<West : 0, West : 0>\n"
                       "%a = aie.amsel<0> (0)\n%m0 = aie.masterset(West : 1, %a)\n"
                       "%m1 = aie.masterset(West : 2, %a)\n%m2 = aie.masterset(North : 0, %a)\n"
                       "aie.packet_rules(Core : 0) {\naie.rule(31, 3, %a)\n}\n}\n");
    ts_buf_u8(&text, 0);
    world w = open_design(arena, (const char *)text.data);
    ts_compile_map map = map_of(&w);
    /* The DMA's goes nowhere behind the gap, and so do the three copies of the core's packets. */
    assert_int_equal(map.n_routes, 4);
    for (size_t i = 0; i < map.n_routes; i++)
        assert_true(map.routes[i].is_open);
    assert_int_equal(map.routes[0].n_hops, 1);
    assert_true(map.routes[1].is_packet);
    assert_int_equal(map.routes[1].packet_id, 3);
    test_end(arena);
}

static void maps_add_up(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    world w = open_design(
        arena, "%b = aie.buffer(%t) {address = 16380 : i32, sym_name = \"b\"} : memref<2xi32>\n"
               "%c = aie.buffer(%t) {address = 0 : i32, sym_name = \"c\"} : memref<16xi8>\n");
    ts_compile_map map = map_of(&w);
    uint64_t sum = 0;
    uint32_t at = 0;
    for (size_t i = 0; i < map.n_pieces; i++) {
        const ts_compile_piece *p = &map.pieces[i];
        if (p->row != 2) continue;
        assert_int_equal(p->addr, at);
        at += p->size;
        sum += p->size;
        if (strcmp(p->name, "b") == 0) assert_true(p->first_bank == 0 && p->last_bank == 1);
    }
    assert_int_equal(sum, 0x10000);
    test_end(arena);
}

/* ---- a whole build --------------------------------------------------------------------------- */

static const char *read_data(ts_arena *arena, const char *name) {
    const char *path = ts_arena_printf(arena, TEST_SOURCE_DIR "/data/build/%s", name);
    ts_span bytes;
    ts_diag diag = {0};
    if (ts_file_read(arena, path, 0, &bytes, &diag) != TS_OK) fail_msg("%s", diag.message);
    return ts_arena_strndup(arena, (const char *)bytes.data, bytes.size);
}

/* `nop`s, and one word of data. */
static ts_span make_program(ts_arena *arena) {
    static const uint8_t code[16] = {0x19, 0x18, 0, 0x10, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0};
    ts_object object;
    ts_diag diag = {0};
    ts_buf out = ts_buf_in(arena);
    assert_int_equal(ts_object_init(arena, &object, &diag), TS_OK);
    object.type = TS_ET_EXEC;
    ts_object_segment segment = {.type = TS_PT_LOAD,
                                 .flags = 5,
                                 .file_size = sizeof code,
                                 .mem_size = sizeof code,
                                 .align = 16,
                                 .bytes = {code, sizeof code}};
    assert_true(ts_object_add_segment(arena, &object, segment));
    if (ts_object_write(&object, &out, &diag) != TS_OK) fail_msg("%s", diag.message);
    return ts_buf_span(&out);
}

typedef struct attempt {
    const char *text;
    ts_span elf;
    size_t n_elfs;
    bool is_map;
} attempt;

static ts_status build_once(ts_arena *arena, void *context) {
    const attempt *a = context;
    ts_diag diag = {0};
    ts_compile_result result;
    ts_compile_map map;
    ts_compile_elf elfs[] = {{0, 2, "a.elf", a->elf}, {1, 2, "a.elf", a->elf}};
    ts_compile_options o = {
        .file = "cores.mlir", .text = test_text(a->text), .elfs = elfs, .n_elfs = a->n_elfs};
    ts_status status = a->is_map ? ts_compile_place(arena, &o, &result, &diag)
                                 : ts_compile_build(arena, &o, &result, &diag);
    if (status == TS_OK && a->is_map) status = ts_compile_map_of(arena, &result, &map, &diag);
    if (status != TS_OK) assert_true(diag.message[0]);
    return status;
}

/* A little of everything. */
static const char small[] =
    "module {\naie.device(npu1_1col) {\n%s = aie.tile(0, 0)\n%t = aie.tile(0, 2)\n"
    "%c = aie.core(%t) {\naie.end\n}\n"
    "%b = aie.buffer(%t) {address = 1025 : i32, sym_name = \"b\"} : memref<8xi8> = dense<1>\n"
    "%l = aie.lock(%t, 0) {init = 1 : i32}\n"
    "%m = aie.mem(%t) {\n%0 = aie.dma_start(S2MM, 0, ^a, ^e)\n^a:\n"
    "aie.use_lock(%l, Acquire, 1)\naie.dma_bd(%b : memref<8xi8>, 3, 4) {bd_id = 0 : i32}\n"
    "aie.next_bd ^e\n^e:\naie.end\n}\n"
    "%w = aie.switchbox(%t) {\naie.connect<South : 0, DMA : 0>\n%a = aie.amsel<0> (0)\n"
    "%q = aie.masterset(South : 0, %a)\naie.packet_rules(DMA : 0) {\naie.rule(31, 1, %a)\n}\n}\n"
    "%x = aie.shim_mux(%s) {\naie.connect<DMA : 0, North : 3>\n}\n"
    "aie.runtime_sequence(%y: memref<4xi32>) {\n"
    "aiex.npu.write32 {address = 4 : ui32, value = 1 : ui32}\n}\n}\n}\n";

static void builds_survive_every_failed_allocation(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    attempt a = {small, make_program(arena), 1, false};
    test_every_allocation_fails(build_once, &a);
    a.is_map = true;
    test_every_allocation_fails(build_once, &a);
    test_end(arena);
}

static void builds_of_cut_designs_end(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    attempt a = {NULL, make_program(arena), 2, false};
    char *text = ts_arena_strdup(arena, read_data(arena, "cores.mlir"));
    for (size_t n = strlen(text); n > 0; n -= n > 300 ? 291 : n) {
        ts_arena *own = test_begin();
        text[n] = '\0';
        a.text = text;
        (void)build_once(own, &a);
        test_end(own);
    }
    test_end(arena);
}

static void files_have_their_names(void **state) {
    (void)state;
    static const char *const names[] = {"input_physical.mlir",
                                        "first_core_0_2.elf",
                                        "first_core_0_2.ld.script",
                                        "first_aie_cdo_elfs.bin",
                                        "first_aie_cdo_init.bin",
                                        "first_aie_cdo_enable.bin",
                                        "i_a.seq",
                                        "i_b.seq",
                                        "first_design.bif",
                                        "first.pdi",
                                        "first_mem_topology.json",
                                        "first_kernels.json",
                                        "first_aie_partition.json",
                                        "x.xclbin"};
    ts_arena *arena = test_begin();
    ts_compile_result result;
    ts_diag diag = {0};
    ts_compile_elf elf = {0, 2, "a.elf", make_program(arena)};
    ts_compile_options o = {
        .file = "dir/x.mlir",
        .text = test_text("module {\naie.device(npu1_1col) @first {\n%t = aie.tile(0, 2)\n"
                          "%c = aie.core(%t) {\naie.end\n}\n"
                          "aie.runtime_sequence @a(%x: memref<4xi32>) {\n}\n"
                          "aie.runtime_sequence @b(%x: memref<4xi32>) {\n}\n}\n"
                          "aie.device(npu1_1col) @second {\n}\n}\n"),
        .insts = "i.seq",
        .elfs = &elf,
        .n_elfs = 1};
    assert_int_equal(ts_compile_build(arena, &o, &result, &diag), TS_CONFLICT);
    test_expect_error(&diag, TS_CONFLICT, "'second' behind 'first': choose one with --device");
    o.device = "first";
    diag = (ts_diag){0};
    if (ts_compile_build(arena, &o, &result, &diag) != TS_OK) fail_msg("%s", diag.message);
    assert_int_equal(result.n_files, sizeof names / sizeof names[0]);
    for (size_t i = 0; i < result.n_files; i++)
        assert_string_equal(result.files[i].name, names[i]);
    o.insts = "a/b";
    assert_int_equal(ts_compile_build(arena, &o, &result, &diag), TS_RANGE);
    o.insts = "first.pdi";
    o.sequence = "a";
    diag = (ts_diag){0};
    assert_int_equal(ts_compile_build(arena, &o, &result, &diag), TS_CONFLICT);
    test_expect_error(&diag, TS_CONFLICT, "two files of the build would have the name 'first.pdi'");
    test_end(arena);
}

/* ---- the cache ------------------------------------------------------------------------------- */

static const char with_core[] = "module {\naie.device(npu1_1col) {\n%t = aie.tile(0, 2)\n"
                                "%c = aie.core(%t) {\naie.end\n}\n}\n}\n";

typedef struct shelf {
    ts_arena *arena;
    ts_span entry; /* what is there; kept is what was put there */
    ts_span kept;
} shelf;

static bool find_on_shelf(void *context, const char *name, ts_span *out) {
    const shelf *s = context;
    assert_int_equal(strlen(name), TS_SHA256_TEXT - 1);
    *out = s->entry;
    return s->entry.size;
}

static void keep_on_shelf(void *context, const char *name, ts_span bytes) {
    shelf *s = context;
    (void)name;
    s->kept.size = bytes.size;
    s->kept.data = ts_arena_alloc(s->arena, bytes.size);
    memcpy((uint8_t *)(uintptr_t)s->kept.data, bytes.data, bytes.size);
}

static ts_status build_from_shelf(ts_arena *arena, void *context) {
    ts_diag diag = {0};
    ts_compile_result result;
    const ts_compile_options o = {.file = "core.mlir",
                                  .text = test_text(with_core),
                                  .find_cached = find_on_shelf,
                                  .keep_cached = keep_on_shelf,
                                  .context = context};
    return ts_compile_build(arena, &o, &result, &diag);
}

/* The first `size` bytes behind the hash, with one changed, and the hash that they have. */
static ts_span forge(ts_arena *arena, ts_span entry, size_t size, size_t changed, uint8_t with) {
    enum {
        BEFORE = 8 + TS_SHA256_BYTES
    };
    uint8_t *bytes = ts_arena_alloc(arena, BEFORE + size + 1);
    memcpy(bytes, entry.data, BEFORE + size);
    if (changed < size) bytes[BEFORE + changed] ^= with;
    ts_sha256(ts_span_of(bytes + BEFORE, size), bytes + 8);
    return ts_span_of(bytes, BEFORE + size);
}

static void cached_programs_are_not_believed(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    shelf s = {.arena = arena};
    assert_int_equal(build_from_shelf(arena, &s), TS_OK);
    const ts_span good = s.kept;
    size_t size = good.size - 8 - TS_SHA256_BYTES;
    for (size_t n = 0; n < 2 * size; n += n < 200 || n > 2 * size - 8 ? 1 : 53) {
        ts_arena *own = test_begin();
        size_t cut = n < size ? n : size;
        shelf bad = {.arena = own, .entry = forge(own, good, cut, n < size ? cut : n - size, 0xff)};
        assert_int_equal(build_from_shelf(own, &bad), TS_OK);
        if (n < size) assert_true(ts_span_equal(bad.kept, good)); /* made again */
        test_end(own);
    }
    s.entry = good;
    s.kept = (ts_span){0};
    assert_int_equal(build_from_shelf(arena, &s), TS_OK);
    assert_int_equal(s.kept.size, 0);
    test_every_allocation_fails(build_from_shelf, &s);
    test_end(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_configurations_are_refused),
        cmocka_unit_test(devices_have_their_names),
        cmocka_unit_test(other_devices_are_refused),
        cmocka_unit_test(bad_sequences_are_refused),
        cmocka_unit_test(segments_reach_every_window),
        cmocka_unit_test(bad_segments_are_refused),
        cmocka_unit_test(placements_show_what_a_core_sees),
        cmocka_unit_test(files_to_link_are_found),
        cmocka_unit_test(maps_of_loops_end),
        cmocka_unit_test(maps_add_up),
        cmocka_unit_test(builds_survive_every_failed_allocation),
        cmocka_unit_test(builds_of_cut_designs_end),
        cmocka_unit_test(files_have_their_names),
        cmocka_unit_test(cached_programs_are_not_believed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
