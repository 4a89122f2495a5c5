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
        cmocka_unit_test(no_memory_is_no_crash),
        cmocka_unit_test(every_truncation_is_an_error_or_a_design),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
