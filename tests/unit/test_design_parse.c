/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * Designs read from text: the tree that comes out of custom, generic, old and new spellings. */
#include "support.h"

#include "tessera/design.h"

#include <string.h>

static ts_design *parse(ts_arena *arena, const char *text) {
    ts_diag diag = {0};
    ts_design *design = NULL;
    if (ts_design_parse(arena, test_text(text), "test.mlir", &design, &diag) != TS_OK) {
        char message[1200];
        ts_diag_format(&diag, message, sizeof message);
        fail_msg("%s", message);
    }
    return design;
}

static ts_op *device_of(ts_design *design) {
    ts_op *device = ts_op_child(design->module, TS_OP_AIE_DEVICE, NULL);
    assert_non_null(device);
    return device;
}

static void tiles_and_locks(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_design *design =
        parse(arena, "module @m {\n"
                     "  aie.device(npu1_1col) {\n"
                     "    %t = aie.tile(0, 2) // comment\n"
                     "    %l = aie.lock(%t, 3) {init = -1 : i32, sym_name = \"l\"}\n"
                     "  }\n"
                     "}\n");
    assert_string_equal(ts_op_text(design->module, "sym_name", ""), "m");
    ts_op *device = device_of(design);
    assert_int_equal(ts_op_integer(device, "device", -1), 5);
    ts_op *tile = ts_op_child(device, TS_OP_AIE_TILE, NULL);
    assert_int_equal(ts_op_integer(tile, "col", -1), 0);
    assert_int_equal(ts_op_integer(tile, "row", -1), 2);
    assert_string_equal(tile->results[0].name, "t");
    ts_op *lock = ts_op_child(device, TS_OP_AIE_LOCK, NULL);
    assert_ptr_equal(lock->operands[0].value, &tile->results[0]);
    assert_int_equal(ts_op_integer(lock, "lockID", -1), 3);
    assert_int_equal(ts_op_integer(lock, "init", 0), -1);
    assert_ptr_equal(ts_symbol_find(device, "l"), lock);
    assert_null(lock->next); /* the device's end is implied */
    test_end(arena);
}

/* The same tree, whatever the spelling: printed, they are the same text. */
static void same(const char *a, const char *b) {
    ts_arena *arena = test_begin();
    ts_buf x = ts_buf_in(arena), y = ts_buf_in(arena);
    ts_design_print(parse(arena, a), &x);
    ts_design_print(parse(arena, b), &y);
    test_same_bytes(ts_buf_span(&x), ts_buf_span(&y));
    test_end(arena);
}

static void spellings_give_one_tree(void **state) {
    (void)state;
    same("aie.device(npu1) { %t = aie.tile(0, 2) }",
         "module { \"aie.device\"() ({ %t = \"aie.tile\"() <{row = 2 : i32}> {col = 0 : i32} : () "
         "-> "
         "index \"aie.end\"() : () -> () }) {device = 4 : i32, sym_name = \"main\"} : () -> () }");
    same("aie.device(npu1) { %t = aie.tile(0, 2) %l = aie.lock(%t, 1) %m = aie.mem(%t) { "
         "aie.use_lock(%l, \"Acquire\", 1) aie.next_bd ^e ^e: aie.end } }",
         "aie.device(npu1) @main { %t = aie.tile(0x0, 2) %l = aie.lock(%t, 1) %m = aie.mem(%t) { "
         "\"aie.use_lock\"(%l) {action = 0 : i32, acq_en = true, value = 1 : i32} : (index) -> () "
         "\"aie.next_bd\"()[^e] : () -> () ^e: aie.end } aie.end }");
    same("func.func @f(%a: index) { scf.for %i = %a to %a step %a { scf.yield } return }",
         "func.func @f(%a: index) { scf.for %i = %a to %a step %a { } func.return }");
    same("!t = memref<4xi32> #n = 4 : i32 \"x\"() {a = #n} : () -> !t",
         "\"x\"() {a = 4 : i32} : () -> memref<4 x i32> loc(\"f\":1:2)");
    same("memref.global @g : memref<2xi32> = dense<[7, 7]>",
         "memref.global @g : memref<2xi32> = dense<7>");
}

/* What is made without names gets those that aie-opt would give. */
static void results_are_named_by_what_they_are(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_design *design =
        parse(arena, "aie.device(npu1) { aie.tile(0, 0) aie.tile(1, 1) %t = aie.tile(0, 2) "
                     "aie.lock(%t, 0) aie.buffer(%t) : memref<4xi32> "
                     "aie.buffer(%t) : memref<4xi32> aie.switchbox(%t) { } "
                     "aie.core(%t) { arith.constant 1 : index arith.constant 2 : i32 "
                     "\"x\"() : () -> i32 aie.end } "
                     "aie.runtime_sequence() { } }");
    static const char want[] = "module {\n"
                               "  aie.device(npu1) {\n"
                               "    %shim_noc_tile_0_0 = aie.tile(0, 0)\n"
                               "    %mem_tile_1_1 = aie.tile(1, 1)\n"
                               "    %t = aie.tile(0, 2)\n"
                               "    %lock_0_2 = aie.lock(%t, 0)\n"
                               "    %buffer_0_2 = aie.buffer(%t) : memref<4xi32> \n"
                               "    %buffer_0_2_0 = aie.buffer(%t) : memref<4xi32> \n"
                               "    %switchbox_0_2 = aie.switchbox(%t) {\n"
                               "    }\n"
                               "    %core_0_2 = aie.core(%t) {\n"
                               "      %c1 = arith.constant 1 : index\n"
                               "      %c2_i32 = arith.constant 2 : i32\n"
                               "      %0 = \"x\"() : () -> i32\n"
                               "      aie.end\n"
                               "    }\n"
                               "    aie.runtime_sequence() {\n"
                               "    }\n"
                               "  }\n"
                               "}\n";
    ts_buf text = ts_buf_in(arena);
    ts_design_print(design, &text);
    test_same_bytes(ts_buf_span(&text), test_text(want));
    test_end(arena);
}

static void old_spellings_are_read(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_design *design =
        parse(arena,
              "aie.device(npu1_4col) { aie.shim_dma_allocation @x(MM2S, 1, 2) "
              "aiex.runtime_sequence(%a: memref<8xi32>) { aiex.npu.dma_memcpy_nd(0, 0, %a[0, 0, 0, "
              "0][1, 1, 1, 8][0, 0, 0]) {id = 0 : i64, metadata = @x} : memref<8xi32> } }");
    ts_op *device = device_of(design);
    assert_string_equal(ts_op_word(device, "device", ""), "npu1_4col");
    ts_op *allocation = ts_op_child(device, TS_OP_AIE_SHIM_DMA_ALLOCATION, NULL);
    assert_int_equal(ts_op_integer(allocation, "col", -1), 2);
    assert_int_equal(allocation->n_operands, 0);
    ts_op *sequence = ts_op_child(device, TS_OP_AIE_RUNTIME_SEQUENCE, NULL);
    assert_ptr_equal(ts_symbol_find(device, "sequence"), sequence);
    ts_op *transfer = ts_op_child(sequence, TS_OP_AIEX_NPU_DMA_MEMCPY_ND, NULL);
    assert_int_equal(ts_attr_element(ts_op_attr(transfer, "static_sizes"), 3), 8);
    uint32_t n;
    assert_ptr_equal(ts_op_segment(transfer, 0, &n)->value,
                     sequence->regions[0].first->arguments[0]);
    assert_int_equal(n, 1);
    ts_diag diag = {0};
    assert_int_equal(ts_design_verify(design, &diag), TS_OK);
    test_end(arena);
}

static void numbers_are_what_they_say(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_design *design = parse(
        arena, "\"x\"() {a = 255 : i8, b = 255 : ui8, c = 1.5 : bf16, d = 0x3FC0 : bf16, "
               "e = dense<[1.0, -0.1]> : tensor<2xbf16>, f = -9223372036854775808 : i64, g = true, "
               "h = dense<[1, -2]> : tensor<2xi16>} : () -> ()");
    ts_op *op = design->module->regions[0].first->first;
    assert_int_equal(ts_op_integer(op, "a", 0), -1);
    assert_int_equal(ts_op_integer(op, "b", 0), 255);
    assert_true(ts_attr_equal(ts_op_attr(op, "c"), ts_op_attr(op, "d")));
    static const uint8_t bf16[] = {0x80, 0x3f, 0xcd, 0xbd}; /* 1, and -0.1 to the nearest */
    test_same_bytes(ts_op_attr(op, "e")->data, ts_span_of(bf16, sizeof bf16));
    assert_true(ts_op_integer(op, "f", 0) == INT64_MIN);
    assert_true(ts_op_bool(op, "g"));
    assert_int_equal(ts_attr_element(ts_op_attr(op, "h"), 1), -2);
    test_end(arena);
}

static void depth_has_a_ceiling(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    static const char *const openings[] = {"module {", "\"x\"() ({", "\"x\"() {a = [",
                                           "[",        "(",          "\"x\"() : () -> memref<4x"};
    for (size_t i = 0; i < sizeof openings / sizeof openings[0]; i++) {
        ts_diag diag = {0};
        ts_design *design;
        ts_buf text = ts_buf_in(arena);
        if (strlen(openings[i]) == 1) ts_buf_text(&text, "\"x\"() {a = ");
        for (size_t k = 0; k < 100000; k++)
            ts_buf_text(&text, openings[i]);
        ts_status status = ts_design_parse(arena, ts_buf_span(&text), "deep", &design, &diag);
        assert_true(status == TS_RANGE || status == TS_SYNTAX);
    }
    test_end(arena);
}

static ts_status print_all(ts_arena *arena, void *context) {
    ts_diag diag = {0};
    ts_design *design;
    ts_buf text = ts_buf_in(arena);
    TS_TRY(ts_design_parse(arena, test_text(context), "test.mlir", &design, &diag));
    ts_design_print(design, &text);
    return text.failed ? TS_NOMEM : TS_OK;
}

static ts_status parse_all(ts_arena *arena, void *context) {
    ts_diag diag = {0};
    ts_design *design;
    return ts_design_parse(arena, test_text(context), "test.mlir", &design, &diag);
}

static void no_memory_is_no_crash(void **state) {
    (void)state;
    static char text[] =
        "#map = affine_map<(d0) -> (d0)>\n"
        "module @m attributes {a.b = 1 : i64} {\n"
        "  aie.device(npu1) {\n"
        "    %t = aie.tile(0, 2)\n"
        "    %b = aie.buffer(%t) : memref<4xi32> = dense<[1, 2, 3, 4]>\n"
        "    aie.objectfifo @f(%t, {%t dimensionsFromStream [<size = 1, stride = 2>]}, 2 : i32) : "
        "!aie.objectfifo<memref<4xi32>>\n"
        "    aie.core(%t) {\n"
        "      %c0 = arith.constant 0 : index\n"
        "      %c1 = arith.constant 1.5 : f32\n"
        "      scf.for %i = %c0 to %c0 step %c0 { \"x.y\"(%i) ({}) {z} : (index) -> () }\n"
        "      affine.for %j = 0 to 4 { %v = affine.load %b[%j + 1] : memref<4xi32> }\n"
        "      cf.br ^bb1(%c0 : index)\n"
        "    ^bb1(%x: index):\n"
        "      aie.end\n"
        "    }\n"
        "  }\n"
        "}\n";
    test_every_allocation_fails(parse_all, text);
    test_every_allocation_fails(print_all, text);
}

static void every_truncation_is_an_error_or_a_design(void **state) {
    (void)state;
    static const char text[] = "module { aie.device(npu1) { %t = aie.tile(0, 2) "
                               "aie.core(%t) { aie.end } {elf_file = \"a\"} } }";
    for (size_t size = 0; size < sizeof text; size++) {
        ts_arena *arena = test_begin();
        ts_diag diag = {0};
        ts_design *design;
        /* An exact copy, so that a read past its end is noticed. */
        char *copy = ts_arena_strndup(arena, text, size);
        ts_status status = ts_design_parse(arena, ts_span_of(copy, size), "t", &design, &diag);
        assert_true(status == TS_OK || diag.message[0]);
        test_end(arena);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tiles_and_locks),
        cmocka_unit_test(spellings_give_one_tree),
        cmocka_unit_test(results_are_named_by_what_they_are),
        cmocka_unit_test(old_spellings_are_read),
        cmocka_unit_test(numbers_are_what_they_say),
        cmocka_unit_test(depth_has_a_ceiling),
        cmocka_unit_test(no_memory_is_no_crash),
        cmocka_unit_test(every_truncation_is_an_error_or_a_design),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
