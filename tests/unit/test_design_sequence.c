/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * Runtime sequences: what they are lowered to, write by write, and what is refused with which
 * words. */
#include "support.h"

#include "tessera/design.h"

#include <stdio.h>
#include <string.h>

static ts_status lower(ts_arena *arena, const char *text, ts_design **out, ts_diag *diag) {
    TS_TRY(ts_design_parse(arena, test_text(text), "test.mlir", out, diag));
    ts_op *device = ts_op_child((*out)->module, TS_OP_AIE_DEVICE, NULL);
    return ts_design_run_pass(*out, device, TS_PASS_RUNTIME_SEQUENCE, NULL, diag);
}

/* ---- what is made ---------------------------------------------------------------------------- */

/* The sequence as lines of its own: "w 0x1d214 = 0x1", "m 0x.. = 0x.. & 0x..", "p 0x.. arg 0 + 4",
 * "s 0,0 0:1", "b 0x.. 0x..,0x.." with the words of the constant. */
static void tell_constant(const ts_op *device, const ts_op *op, ts_buf *out) {
    const ts_op *get = op->operands[0].value->owner;
    const ts_op *global = ts_symbol_find(device, ts_op_text(get, "name", ""));
    assert_non_null(global);
    const ts_attr *words = ts_op_attr(global, "initial_value");
    assert_non_null(words);
    uint64_t n = ts_type_n_elements(words->type);
    for (uint64_t i = 0; i < n; i++)
        ts_buf_printf(out, "%s%#x", i ? "," : " ", (unsigned)ts_attr_element(words, i));
}

static unsigned number(const ts_op *op, const char *name) {
    return (unsigned)ts_op_integer(op, name, 0);
}

static void tell(const ts_op *device, const ts_op *op, ts_buf *out) {
    unsigned address = number(op, "address"), value = number(op, "value");
    if (op->code == TS_OP_AIEX_NPU_WRITE32 && ts_op_attr(op, "column"))
        ts_buf_printf(out, "w %u,%u ", number(op, "column"), number(op, "row"));
    else if (op->code == TS_OP_AIEX_NPU_WRITE32)
        ts_buf_text(out, "w ");
    if (op->code == TS_OP_AIEX_NPU_WRITE32) ts_buf_printf(out, "%#x = %#x\n", address, value);
    if (op->code == TS_OP_AIEX_NPU_MASKWRITE32)
        ts_buf_printf(out, "m %#x = %#x & %#x\n", address, value, number(op, "mask"));
    if (op->code == TS_OP_AIEX_NPU_ADDRESS_PATCH)
        ts_buf_printf(out, "p %#x arg %u + %u\n", number(op, "addr"), number(op, "arg_idx"),
                      number(op, "arg_plus"));
    if (op->code == TS_OP_AIEX_NPU_SYNC)
        ts_buf_printf(out, "s %u,%u %u:%u\n", number(op, "column"), number(op, "row"),
                      number(op, "direction"), number(op, "channel"));
    if (op->code == TS_OP_AIEX_NPU_LOAD_PDI)
        ts_buf_printf(out, "l %s\n", ts_op_text(op, "device_ref", "?"));
    if (op->code == TS_OP_AIEX_NPU_BLOCKWRITE) {
        ts_buf_printf(out, "b %#x", address);
        tell_constant(device, op, out);
        ts_buf_text(out, "\n");
    }
}

typedef struct good {
    const char *design, *lines;
} good;

#define SHIM                                                                                       \
    "aie.device(npu1) {\n%t00 = aie.tile(0, 0)\n%t01 = aie.tile(0, 1)\n%t02 = aie.tile(0, 2)\n"    \
    "aie.shim_dma_allocation @in(%t00, MM2S, 1)\naie.shim_dma_allocation @out(%t00, S2MM, 0)\n"
#define SEQUENCE(arguments, body) "aie.runtime_sequence(" arguments ") {\n" body "}\n}"
#define COPY(type, offsets, sizes, strides, rest)                                                  \
    "aiex.npu.dma_memcpy_nd(%a[" offsets "][" sizes "][" strides "]) {" rest "} : " type "\n"

static const good goods[] = {
    /* contiguous: no pattern; a token is asked of incoming data only */
    {SHIM SEQUENCE("%a: memref<1024xi32>", COPY("memref<1024xi32>", "0, 0, 0, 4", "1, 1, 1, 64",
                                                "0, 0, 0, 1", "id = 3 : i64, metadata = @in")),
     "b 0x1d060 0x40,0,0,0,0x80000000,0x2000000,0,0x2000000\np 0x1d064 arg 0 + 16\n"
     "w 0x1d21c = 0x3\n"},
    {SHIM SEQUENCE("%a: memref<1024xi32>",
                   COPY("memref<1024xi32>", "0, 0, 0, 0", "1, 1, 1, 64", "0, 0, 0, 1",
                        "id = 0 : i64, metadata = @out") "aiex.npu.dma_wait {symbol = @out}\n"),
     "b 0x1d000 0x40,0,0,0,0x80000000,0x2000000,0,0x2000000\np 0x1d004 arg 0 + 0\n"
     "w 0x1d204 = 0x80000000\ns 0,0 0:0\n"},
    /* a pattern of 16 by 8 words of bytes, repeated 4 times with a step, bursts of 64 */
    {SHIM SEQUENCE("%a: memref<65536xi8>",
                   COPY("memref<65536xi8>", "0, 0, 0, 0", "4, 2, 8, 64", "4096, 2048, 128, 1",
                        "id = 1 : i64, metadata = @in, issue_token = true, burst_length = 64")),
     "b 0x1d020 0x100,0,0,0x1000000,0x80001f,0x20001ff,0x3003ff,0x2000000\n"
     "p 0x1d024 arg 0 + 0\nw 0x1d21c = 0x80030001\n"},
    /* a fourth stride of 0 is the queue's to repeat */
    {SHIM SEQUENCE("%a: memref<1024xi32>", COPY("memref<1024xi32>", "0, 0, 0, 0", "8, 1, 1, 64",
                                                "0, 0, 0, 1", "id = 0 : i64, metadata = @in")),
     "b 0x1d000 0x40,0,0,0,0x80000000,0x2000000,0,0x2000000\np 0x1d004 arg 0 + 0\n"
     "w 0x1d21c = 0x70000\n"},
    /* the same words are one constant; a part of an argument */
    {SHIM SEQUENCE("%x: memref<8xi32>, %y: memref<64xi16>",
                   "%a = memref.subview %y[32] [32] [1] : memref<64xi16> to memref<32xi16, "
                   "strided<[1], offset: 32>>\n" COPY("memref<32xi16, strided<[1], offset: 32>>",
                                                      "0, 0, 0, 2", "1, 1, 1, 16", "0, 0, 0, 1",
                                                      "id = 0 : i64, metadata = @in")),
     "b 0x1d000 0x8,0,0,0,0x80000000,0x2000000,0,0x2000000\np 0x1d004 arg 1 + 68\n"
     "w 0x1d21c = 0\n"},
    /* buffers, locks, absolute writes */
    {SHIM "%b = aie.buffer(%t02) {sym_name = \"rtp\", address = 1024 : i32} : memref<16xi32>\n"
          "%l = aie.lock(%t02, 3)\n" SEQUENCE("", "aiex.npu.rtp_write(@rtp, 3, 7)\n"
                                                  "aiex.set_lock(%l, 5)\n"
                                                  "aiex.npu.write32 {address = 4 : ui32, buffer = "
                                                  "@rtp, value = 9 : ui32}\n"),
     "w 0,2 0x40c = 0x7\nw 0,2 0x1f030 = 0x5\nw 0x200410 = 0x9\n"},
    /* tasks: numbers, a chain of two, awaited, its numbers used again */
    {SHIM SEQUENCE(
         "%a: memref<64xi32>",
         "%k = aiex.dma_configure_task_for @in {\naie.dma_bd(%a : memref<64xi32>, 0, 32)\n"
         "aie.next_bd ^b\n^b:\naie.dma_bd(%a : memref<64xi32>, 32, 32)\naie.end\n} {issue_token = "
         "true}\naiex.dma_start_task(%k)\naiex.dma_await_task(%k)\n"
         "%n = aiex.dma_configure_task(%t00, MM2S, 0) {\naie.dma_bd(%a : memref<64xi32>, 0, 64, "
         "[<size = 2, stride = 32>, <size = 8, stride = 4>, <size = 4, stride = 1>])\naie.end\n}\n"
         "aiex.dma_start_task(%n)\n"),
     "b 0x1d000 0x20,0,0,0,0x80000000,0x2000000,0,0xe000000\np 0x1d004 arg 0 + 0\n"
     "b 0x1d020 0x20,0x80,0,0,0x80000000,0x2000000,0,0x2000000\np 0x1d024 arg 0 + 128\n"
     "w 0x1d21c = 0x80000000\ns 0,0 1:1\n"
     "b 0x1d000 0x40,0,0,0x400000,0x80800003,0x200001f,0,0x2000000\np 0x1d004 arg 0 + 0\n"
     "w 0x1d214 = 0\n"},
    /* a core's tile: locks, the address under a mask */
    {SHIM
     "%b = aie.buffer(%t02) {address = 4096 : i32} : memref<64xi32>\n%p = aie.lock(%t02, 0)\n"
     "%q = aie.lock(%t02, 1)\n" SEQUENCE(
         "", "%k = aiex.dma_configure_task(%t02, S2MM, 0) {\n"
             "aie.use_lock(%p, AcquireGreaterEqual, 1)\naie.dma_bd(%b : memref<64xi32>, 8, 16) "
             "{bd_id = 2 : i32}\naie.use_lock(%q, Release, 1)\naie.end\n}\n"
             "aiex.dma_start_task(%k)\n"),
     "b 0x21d040 0x20010,0,0,0,0,0x2043fe0\nm 0x21d040 = 0x1020000 & 0xfffc000\n"
     "w 0x21de04 = 0x2\n"},
};

static void sequences_become_writes(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof goods / sizeof goods[0]; i++) {
        ts_arena *arena = test_begin();
        ts_diag diag = {0};
        ts_design *design;
        ts_buf out = ts_buf_in(arena);
        if (lower(arena, goods[i].design, &design, &diag) != TS_OK)
            fail_msg("%zu: %s\n%s", i, diag.message, goods[i].design);
        ts_op *device = ts_op_child(design->module, TS_OP_AIE_DEVICE, NULL);
        ts_op *seq = ts_op_child(device, TS_OP_AIE_RUNTIME_SEQUENCE, NULL);
        for (ts_op *op = seq; (op = ts_op_next_below(seq, op));)
            tell(device, op, &out);
        ts_buf_u8(&out, 0);
        assert_false(out.failed);
        assert_string_equal((const char *)out.data, goods[i].lines);
        test_end(arena);
    }
}

/* ---- what is refused ------------------------------------------------------------------------- */

typedef struct bad {
    const char *design;
    ts_status code;
    const char *words;
} bad;

#define BAD_COPY(offsets, sizes, strides, rest)                                                    \
    SHIM SEQUENCE("%a: memref<65536xi8>", COPY("memref<65536xi8>", offsets, sizes, strides, rest))
#define IN "id = 0 : i64, metadata = @in"
#define TASK(body)                                                                                 \
    SHIM SEQUENCE("%a: memref<64xi32>",                                                            \
                  "%k = aiex.dma_configure_task(%t00, MM2S, 0) {\n" body "}\n")

static const bad bads[] = {
    {BAD_COPY("0, 0, 0, 0", "1, 1, 0, 64", "0, 0, 64, 1", IN), TS_RANGE,
     "Size 1 must be a positive integer."},
    {BAD_COPY("0, 0, 0, 0", "1, 1, 1, 63", "0, 0, 0, 1", IN), TS_RANGE,
     "63 elements at 1 bytes each equal 63 bytes, which is not divisible by 4"},
    {BAD_COPY("0, 0, 0, 0", "1, 1, 2, 64", "0, 0, 6, 1", IN), TS_RANGE,
     "Stride 1 is 6 elements * 1 bytes = 6 bytes, which is not divisible by 4"},
    {BAD_COPY("0, 0, 0, 0", "1, 1, 2, 64", "0, 0, 0, 1", IN), TS_RANGE,
     "Stride 1 must be a positive integer."},
    {BAD_COPY("0, 0, 0, 0", "2, 1, 1, 64", "-64, 0, 0, 1", IN), TS_RANGE,
     "Stride 3 must be a non-negative integer."},
    {BAD_COPY("0, 0, 0, 2", "1, 1, 1, 64", "0, 0, 0, 1", IN), TS_RANGE,
     "Offset must be 4-byte-aligned."},
    {BAD_COPY("0, 0, 0, 0", "1, 1, 2, 8192", "0, 0, 8192, 1", IN), TS_RANGE,
     "Size 0 exceeds the [0:1023] range."},
    {BAD_COPY("0, 0, 0, 0", "1, 1, 2000, 4", "0, 0, 4, 1", IN), TS_RANGE,
     "Size 1 exceeds the [0:1023] range."},
    {BAD_COPY("0, 0, 0, 0", "66, 1, 1, 4", "4, 0, 0, 1", IN), TS_RANGE,
     "Size 3 exceeds the [1:64] range."},
    {BAD_COPY("0, 0, 0, 0", "1, 1, 2, 4", "0, 0, 4194312, 1", IN), TS_RANGE,
     "Stride 1 exceeds the [1:1048576] range."},
    {BAD_COPY("0, 0, 0, 0", "1, 1, 1, 64", "0, 0, 0, 1", IN ", burst_length = 100"), TS_RANGE,
     "Supported burst lengths: 64 128 256"},
    {BAD_COPY("0, 0, 0, 0", "1, 1, 1, 64", "0, 0, 0, 1", "id = 0 : i64, metadata = @none"),
     TS_MISSING, "couldn't find shim_dma_allocation op @none"},
    {BAD_COPY("0, 0, 0, 0", "1, 1, 1, 64", "0, 0, 0, 1", "id = 16 : i64, metadata = @in"), TS_RANGE,
     "BD ID exceeds the maximum ID."},
    {BAD_COPY("0, 0, 0, 0", "1, 1, 1, 64", "0, 0, 0, 1", IN ", d0_zero_before = 1"), TS_RANGE,
     "ShimTile doesn't support zero padding."},
    {SHIM SEQUENCE("%a: memref<64xi64>",
                   COPY("memref<64xi64>", "0, 0, 0, 0", "1, 1, 1, 64", "0, 0, 0, 1", IN)),
     TS_UNSUPPORTED, "Maximum element bit width allowed is 32bits."},
    {SHIM SEQUENCE("%a: memref<1xi16>",
                   COPY("memref<1xi16>", "0, 0, 0, 0", "1, 1, 1, 2", "0, 0, 0, 1", IN)),
     TS_RANGE, "Minimum data transfer size required is 32bits."},
    {SHIM SEQUENCE("%a: memref<64xi32>, %n: i64",
                   COPY("memref<64xi32>", "0, 0, 0, 0", "1, 1, 1, %n", "0, 0, 0, 1", IN)),
     TS_UNSUPPORTED, "Only constant sizes currently supported."},
    {SHIM SEQUENCE("", "aiex.npu.dma_wait {symbol = @none}\n"), TS_MISSING,
     "couldn't find symbol in parent device"},
    {SHIM SEQUENCE("", "aiex.npu.rtp_write(@none, 0, 1)\n"), TS_MISSING,
     "buffer 'none' not found in device"},
    {SHIM "%b = aie.buffer(%t02) {sym_name = \"b\"} : memref<4xi32>\n" SEQUENCE(
         "", "aiex.npu.rtp_write(@b, 0, 1)\n"),
     TS_MISSING, "buffer 'b' must have address assigned"},
    {SHIM "%b = aie.buffer(%t02) {sym_name = \"b\", address = 0 : i32} : memref<4xi32>\n" SEQUENCE(
         "", "aiex.npu.rtp_write(@b, 4, 1)\n"),
     TS_RANGE, "index 4 is outside the buffer of 16 bytes"},
    {SHIM SEQUENCE("", "aiex.npu.push_queue(0, 0, S2MM : 2) {issue_token = false, repeat_count = 0 "
                       ": i32, bd_id = 0 : i32}\n"),
     TS_RANGE, "tile(0,0) has no DMA channel 2"},
    {SHIM SEQUENCE("", "aiex.npu.push_queue(0, 0, S2MM : 1) {issue_token = false, repeat_count = "
                       "256 : i32, bd_id = 0 : i32}\n"),
     TS_RANGE, "Repeat count exceeds the [0:255] range."},
    {SHIM SEQUENCE("", "aiex.npu.push_queue(9, 0, S2MM : 1) {issue_token = false, repeat_count = 0 "
                       ": i32, bd_id = 0 : i32}\n"),
     TS_RANGE, "there is no tile(9,0)"},
    {SHIM "%l = aie.lock(%t02)\n" SEQUENCE("", "aiex.set_lock(%l, 1)\n"), TS_MISSING,
     "unassigned lock"},
    {SHIM "%l = aie.lock(%t02, 0)\n" SEQUENCE("", "aiex.set_lock(%l, 64)\n"), TS_RANGE,
     "Lock value exceeds the maximum value of 63"},
    {SHIM "%l = aie.lock(%t02, 16)\n" SEQUENCE("", "aiex.set_lock(%l, 1)\n"), TS_RANGE,
     "Lock ID out of range for given tile. Max ID: 15"},
    /* tasks */
    {TASK("aie.dma_bd(%a : memref<64xi32>, 0, 64)\naie.dma_bd(%a : memref<64xi32>, 0, "
          "64)\naie.end\n"),
     TS_CONFLICT, "This block contains multiple aie.dma_bd operations"},
    {TASK("aie.dma_bd(%a : memref<64xi32>, 0, 0)\naie.end\n"), TS_RANGE,
     "falls below minimum hardware transfer unit of 4 bytes"},
    {TASK("aie.dma_bd(%a : memref<64xi32>, 0, 60, [<size = 2, stride = 32>, <size = 32, stride = "
          "1>])\naie.end\n"),
     TS_RANGE, "Buffer descriptor length does not match length of transfer"},
    {TASK(
         "aie.dma_bd(%a : memref<64xi32>, 0, 64) {packet = #aie.packet_info<pkt_type = 8, pkt_id = "
         "1>}\naie.end\n"),
     TS_RANGE, "Packet Type exceeds the maximum supported by 3 bits."},
    {SHIM SEQUENCE("%a: memref<64xi32>",
                   "%k = aiex.dma_configure_task(%t02, MM2S, 0) {\naie.dma_bd(%a : memref<64xi32>, "
                   "0, 64)\naie.end\n}\n"),
     TS_RANGE, "can only be referred to on shim tiles."},
    {SHIM SEQUENCE("%a: memref<64xi32>",
                   "%k = aiex.dma_configure_task(%t00, MM2S, 0) {\naie.dma_bd(%a : memref<64xi32>, "
                   "0, 64)\naie.end\n}\naiex.dma_await_task(%k)\n"),
     TS_CONFLICT, "Cannot wait on a BD that is not configured to issue a token."},
    {SHIM SEQUENCE("%a: memref<64xi32>",
                   "%k = aiex.dma_configure_task(%t00, MM2S, 0) {\naie.dma_bd(%a : memref<64xi32>, "
                   "0, 64) {bd_id = 7 : i32}\naie.end\n}\n"
                   "%n = aiex.dma_configure_task(%t00, MM2S, 0) {\naie.dma_bd(%a : memref<64xi32>, "
                   "0, 64) {bd_id = 7 : i32}\naie.end\n}\n"),
     TS_CONFLICT, "Specified buffer descriptor ID 7 is already in use"},
    {SHIM "%b = aie.buffer(%t02) {address = 0 : i32} : memref<64xi32>\n" SEQUENCE(
         "", "%k = aiex.dma_configure_task(%t01, MM2S, 0) {\naie.dma_bd(%b : memref<64xi32>, 0, "
             "64)\naie.end\n}\n"),
     TS_RANGE, "is accessed from an unreachable tile, tile(0,1)"},
    {SHIM SEQUENCE("", "%k = aiex.dma_start_bd_chain @none() : () on (%t00, MM2S, 0)\n"),
     TS_MISSING, "symbol does not reference valid BD chain"},
    {"aie.device(npu1) {\naie.runtime_sequence() {\naiex.configure @other {\n}\n}\n}", TS_MISSING,
     "No such device: '@other'"},
    {"aie.device(npu1) @main {\naie.runtime_sequence @s() {\naiex.configure @main {\n"
     "aiex.run @s() : ()\n}\n}\n}",
     TS_CONFLICT, "Runtime sequence call graph contains a cycle"},
};

static void bad_sequences_say_why(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof bads / sizeof bads[0]; i++) {
        ts_arena *arena = test_begin();
        ts_diag diag = {0};
        ts_design *design;
        ts_status status = lower(arena, bads[i].design, &design, &diag);
        if (status != bads[i].code || !strstr(diag.message, bads[i].words))
            fail_msg("%zu: %s: %s\nwanted: %s\nfor %s", i, ts_status_name(status), diag.message,
                     bads[i].words, bads[i].design);
        assert_int_equal(diag.place, TS_PLACE_TEXT);
        test_end(arena);
    }
}

static ts_status lower_sample(ts_arena *arena, void *context) {
    ts_design *design;
    ts_diag diag = {0};
    return lower(arena, goods[*(const size_t *)context].design, &design, &diag);
}

static void no_memory_is_no_crash(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof goods / sizeof goods[0]; i++)
        test_every_allocation_fails(lower_sample, &i);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sequences_become_writes),
        cmocka_unit_test(bad_sequences_say_why),
        cmocka_unit_test(no_memory_is_no_crash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
