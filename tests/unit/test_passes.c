/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The passes that lower and place objectfifos, locks, buffers and descriptors: what they refuse,
 * and with which words; what every one leaves behind. Results that are right are in tests/golden
 * and, against mlir-aie's own tests, in tests/mirror.
 */
#include "support.h"
#include "tessera/design.h"

#include <stdio.h>
#include <string.h>

static ts_status run_passes(ts_arena *arena, const char *text, const char *passes, ts_diag *diag,
                            ts_design **out) {
    TS_TRY(ts_design_parse(arena, test_text(text), "test.mlir", out, diag));
    ts_op *device = ts_op_child((*out)->module, TS_OP_AIE_DEVICE, NULL);
    for (; *passes; passes++) {
        ts_pass_options options = {.is_basic_sequential = *passes == 's',
                                   .dynamic_objectfifos = *passes == 'd'};
        ts_pass pass = *passes == 'l'                     ? TS_PASS_LOCK_IDS
                       : *passes == 'a' || *passes == 's' ? TS_PASS_BUFFER_ADDRESSES
                       : *passes == 'b'                   ? TS_PASS_BD_IDS
                                                          : TS_PASS_OBJECTFIFO;
        TS_TRY(ts_design_run_pass(*out, device, pass, &options, diag));
    }
    return TS_OK;
}

/* ---- what is refused ------------------------------------------------------------------------- */

#define TILES                                                                                      \
    "aie.device(npu1) {\n"                                                                         \
    "%t00 = aie.tile(0, 0)\n%t01 = aie.tile(0, 1)\n%t02 = aie.tile(0, 2)\n"                        \
    "%t03 = aie.tile(0, 3)\n%t12 = aie.tile(1, 2)\n%t22 = aie.tile(2, 2)\n"
#define FIFO "!aie.objectfifo<memref<16xi32>>"
#define VIEW "!aie.objectfifosubview<memref<16xi32>>"

typedef struct bad {
    const char *passes; /* o: objectfifo, d: dynamic, l: locks, a, s: addresses, b: descriptors */
    const char *body;
    ts_status code;
    const char *words;
} bad;

static const bad bads[] = {
    /* devices and tiles */
    {"l", "aie.device(xcvc1902) {\n}", TS_UNSUPPORTED, "this device is not supported"},
    {"l", "aie.device(npu1_1col) {\n%t = aie.tile(1, 2)\n}", TS_RANGE,
     "tile(1,2) is outside npu1_1col, which has 1 columns and 6 rows"},
    /* locks */
    {"l", TILES "%a = aie.lock(%t02, 3) {sym_name = \"a\"}\n%b = aie.lock(%t02, 3)\n}", TS_CONFLICT,
     "lock 3 of tile(0,2) is taken by 'a' already"},
    {"l", TILES "%a = aie.lock(%t02, 16)\n}", TS_RANGE,
     "lock 16 of tile(0,2) does not exist: it has locks 0 to 15"},
    /* buffers */
    {"a", TILES "%a = aie.buffer(%t02) {sym_name = \"a\"} : memref<20000xi32>\n}", TS_RANGE,
     "tile(0,2) is 14464 bytes over its 65536 bytes of memory: a 80000"},
    {"s",
     TILES "%a = aie.buffer(%t02) {sym_name = \"a\"} : memref<8192xi32>\n"
           "%b = aie.buffer(%t02) {sym_name = \"b\"} : memref<8192xi32>\n"
           "aie.core(%t02) {\naie.end\n}\n}",
     TS_RANGE, "tile(0,2) is 1024 bytes over its 65536 bytes of memory: stack 1024, a 32768, b"},
    {"a", TILES "%a = aie.buffer(%t00) {sym_name = \"a\"} : memref<8xi32>\n}", TS_CONFLICT,
     "buffer 'a' is in tile(0,0), which has no memory"},
    {"a", TILES "%a = aie.buffer(%t02) {mem_bank = 4 : i32, sym_name = \"a\"} : memref<8xi32>\n}",
     TS_RANGE, "bank 4 does not exist: tile(0,2) has 0 to 3"},
    {"a",
     TILES "%a = aie.buffer(%t02) {mem_bank = 1 : i32, sym_name = \"a\"} : memref<4097xi32>\n}",
     TS_RANGE, "buffer 'a' is 4 bytes too large for what is left of bank 1 of tile(0,2)"},
    {"a",
     TILES "%a = aie.buffer(%t02) {address = 512 : i32, sym_name = \"a\"} : memref<8xi32>\n"
           "aie.core(%t02) {\naie.end\n}\n}",
     TS_CONFLICT, "buffer 'a' at 512 lies in the stack of tile(0,2), which ends at 1024"},
    {"a",
     TILES "%a = aie.buffer(%t02) {address = 2048 : i32, sym_name = \"a\"} : memref<8xi32>\n"
           "%b = aie.buffer(%t02) {address = 2076 : i32, sym_name = \"b\"} : memref<8xi32>\n}",
     TS_CONFLICT, "buffers 'a' at 2048 (32 bytes) and 'b' at 2076 of tile(0,2) overlap"},
    {"a",
     TILES "%a = aie.buffer(%t02) {address = 65532 : i32, sym_name = \"a\"} : memref<8xi32>\n}",
     TS_RANGE, "buffer 'a' ends at 65564, 28 bytes behind the memory of tile(0,2)"},
    {"a", TILES "aie.core(%t02) {\naie.end\n} {stack_size = 70000 : i32}\n}", TS_RANGE,
     "tile(0,2) is 4464 bytes over its 65536 bytes of memory: stack 70000"},
    /* descriptors */
    {"b",
     TILES "%a = aie.buffer(%t02) : memref<8xi32>\naie.mem(%t02) {\n"
           "%0 = aie.dma_start(S2MM, 0, ^b, ^e)\n^b:\n"
           "aie.dma_bd(%a : memref<8xi32>, 0, 8) {bd_id = 16 : i32}\naie.next_bd ^b\n^e:\n"
           "aie.end\n}\n}",
     TS_RANGE, "buffer descriptor 16 does not exist: tile(0,2) has 0 to 15"},
    {"b",
     TILES "%a = aie.buffer(%t01) : memref<8xi32>\naie.memtile_dma(%t01) {\n"
           "%0 = aie.dma_start(S2MM, 1, ^b, ^e)\n^b:\n"
           "aie.dma_bd(%a : memref<8xi32>, 0, 8) {bd_id = 3 : i32}\naie.next_bd ^b\n^e:\n"
           "aie.end\n}\n}",
     TS_CONFLICT, "channel 1 of tile(0,1) cannot run buffer descriptor 3"},
    {"b",
     TILES "%a = aie.buffer(%t02) : memref<8xi32>\naie.mem(%t02) {\n"
           "%0 = aie.dma_start(S2MM, 0, ^b, ^e)\n^b:\n"
           "aie.dma_bd(%a : memref<8xi32>, 0, 8) {bd_id = 3 : i32}\naie.next_bd ^c\n^c:\n"
           "aie.dma_bd(%a : memref<8xi32>, 0, 8) {bd_id = 3 : i32}\naie.next_bd ^b\n^e:\n"
           "aie.end\n}\n}",
     TS_CONFLICT, "buffer descriptor 3 of tile(0,2) is taken twice"},
    /* objectfifos */
    {"o", TILES "aie.objectfifo @a(%t02, {%t03}, [1, 2, 3]) : " FIFO "\n}", TS_RANGE,
     "'a' has 3 depths; it needs one for the producer and one for each of its 1 consumers"},
    {"o",
     TILES "aie.objectfifo @a(%t02, {%t03}, 2 : i32) : " FIFO
           "\naie.objectfifo @b(%t03, {%t02}, 2 : i32) : " FIFO
           "\naie.objectfifo.link [@a] -> [@b] ([] [])\naie.objectfifo.link [@a] -> [@b] ([] "
           "[])\n}",
     TS_CONFLICT, "cannot be in more than one link"},
    {"o",
     TILES "aie.objectfifo @a(%t02, {%t03}, 2 : i32) : " FIFO
           "\naie.objectfifo @b(%t12, {%t02}, 2 : i32) : " FIFO
           "\naie.objectfifo.link [@a] -> [@b] ([] [])\n}",
     TS_CONFLICT, "must share a tile"},
    {"o",
     TILES "aie.objectfifo @a(%t02, {%t22}, 2 : i32) : " FIFO "\naie.core(%t03) {\n"
           "%0 = aie.objectfifo.acquire @a(Produce, 1) : " VIEW "\naie.end\n}\n}",
     TS_CONFLICT, "the core of tile(0,3) is not the producer of 'a'"},
    {"o",
     TILES "aie.objectfifo @a(%t02, {%t03}, 2 : i32) : " FIFO "\naie.core(%t02) {\n"
           "aie.objectfifo.release @a(Produce, 0)\naie.end\n}\n}",
     TS_RANGE, "at least 1"},
    {"o",
     TILES "aie.objectfifo @a(%t02, {%t22}, 2 : i32) : " FIFO
           "\naie.objectfifo @b(%t02, {%t22}, 2 : i32) : " FIFO
           "\naie.objectfifo @c(%t02, {%t22}, 2 : i32) : " FIFO "\n}",
     TS_RANGE,
     "no output (MM2S) channel is left in tile(0,2) for objectfifo 'c': of its 2 are taken: 0 a, 1 "
     "b"},
    {"o",
     TILES "aie.objectfifo @a(%t12, {%t02}, 2 : i32) : " FIFO
           "\naie.objectfifo @b(%t22, {%t02}, 2 : i32) : " FIFO
           "\naie.objectfifo @c(%t01, {%t02}, 2 : i32) : " FIFO
           "\naie.objectfifo @d(%t00, {%t02}, 2 : i32) : " FIFO "\n}",
     TS_RANGE, "no input (S2MM) channel is left in tile(0,2) for objectfifo 'd_cons'"},
    {"o",
     TILES "aie.objectfifo @a(%t02, {%t03}, 2 : i32) : " FIFO
           "\naie.objectfifo.allocate @a(%t22)\n}",
     TS_CONFLICT, "'a' cannot lie in tile(2,2): not both of its tiles reach that memory"},
    {"o",
     TILES "aie.objectfifo @a(%t02, {%t03}, 2 : i32) : " FIFO "\naie.core(%t02) {\n"
           "%0 = aie.objectfifo.acquire @a(Produce, 1) : " VIEW
           "\naie.objectfifo.release @a(Produce, 1)\naie.objectfifo.release @a(Produce, 1)\n"
           "%1 = aie.objectfifo.acquire @a(Produce, 1) : " VIEW "\naie.end\n}\n}",
     TS_CONFLICT, "2 elements of 'a' are released before, but only 1 acquired"},
    {"o",
     TILES "aie.objectfifo @a(%t02, {%t03}, 2 : i32) : " FIFO "\naie.core(%t02) {\n"
           "%0 = arith.constant 0 : index\n%1 = arith.constant 1 : index\n"
           "scf.for %i = %0 to %0 step %1 {\n"
           "%2 = aie.objectfifo.acquire @a(Produce, 1) : " VIEW
           "\naie.objectfifo.release @a(Produce, 1)\n}\naie.end\n}\n}",
     TS_RANGE, "this loop never runs: check its bounds"},
    {"o",
     TILES "aie.objectfifo @a(%t02, {%t03}, 2 : i32) : " FIFO "\naie.core(%t02) {\n"
           "%m = memref.alloc() : memref<1xindex>\n%0 = arith.constant 0 : index\n"
           "%1 = arith.constant 1 : index\n%n = memref.load %m[%0] : memref<1xindex>\n"
           "scf.for %i = %0 to %n step %1 {\n"
           "%2 = aie.objectfifo.acquire @a(Produce, 1) : " VIEW
           "\naie.objectfifo.release @a(Produce, 1)\n}\naie.end\n}\n}",
     TS_UNSUPPORTED, "needs constant bounds and a step"},
    {"o",
     TILES "aie.objectfifo @a(%t02, {%t03}, 4093 : i32) : " FIFO
           "\naie.objectfifo @b(%t02, {%t03}, 4091 : i32) : " FIFO "\naie.core(%t02) {\n"
           "%0 = arith.constant 0 : index\n%1 = arith.constant 1 : index\n"
           "%n = arith.constant 100000000 : index\nscf.for %i = %0 to %n step %1 {\n"
           "%2 = aie.objectfifo.acquire @a(Produce, 1) : " VIEW
           "\n%3 = aie.objectfifo.acquire @b(Produce, 1) : " VIEW
           "\naie.objectfifo.release @a(Produce, 1)\naie.objectfifo.release @b(Produce, 1)\n}\n"
           "aie.end\n}\n}",
     TS_RANGE, "more copies of it than"},
    {"o", TILES "aie.objectfifo @a(%t00, {%t02}, 2 : i32) {repeat_count = 2 : i32} : " FIFO "\n}",
     TS_CONFLICT, "'a': repeat_count cannot be on a shim tile"},
    {"o", TILES "aie.objectfifo @a(%t02, {%t22}, 5000 : i32) : " FIFO "\n}", TS_RANGE,
     "the depth of 'a' is not one of 0 to 4096"},
};

static void each_fault_has_its_words(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof bads / sizeof bads[0]; i++) {
        ts_arena *arena = test_begin();
        ts_diag diag = {0};
        ts_design *design;
        ts_status status = run_passes(arena, bads[i].body, bads[i].passes, &diag, &design);
        if (status != bads[i].code || !strstr(diag.message, bads[i].words))
            print_error("%s\n%s: %s\n", bads[i].body, ts_status_name(status), diag.message);
        assert_int_equal(status, bads[i].code);
        test_expect_error(&diag, bads[i].code, bads[i].words);
        test_end(arena);
    }
}

/* Seventeen locks for sixteen: the message names those who have them. */
static void locks_that_are_left_out(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_diag diag = {0};
    ts_design *design;
    ts_buf text = ts_buf_in(arena);
    ts_buf_text(&text, TILES);
    for (int i = 0; i < 17; i++)
        ts_buf_printf(&text, "%%l%d = aie.lock(%%t02) {sym_name = \"l%d\"}\n", i, i);
    ts_buf_text(&text, "}\n");
    ts_buf_u8(&text, 0);
    assert_int_equal(run_passes(arena, (const char *)text.data, "l", &diag, &design), TS_RANGE);
    test_expect_error(&diag, TS_RANGE,
                      "no lock is left in tile(0,2) for 'l16': all 16 are taken: l0 0, l1 1");
    test_end(arena);
}

/* Nine buffers: the largest are named, the rest is summed up. */
static void buffers_that_are_too_many(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_diag diag = {0};
    ts_design *design;
    ts_buf text = ts_buf_in(arena);
    ts_buf_text(&text, TILES);
    for (int i = 0; i < 10; i++)
        ts_buf_printf(&text, "%%b%d = aie.buffer(%%t02) {sym_name = \"b%d\"} : memref<%dxi8>\n", i,
                      i, 8000 + 4 * i);
    ts_buf_text(&text, "}\n");
    ts_buf_u8(&text, 0);
    assert_int_equal(run_passes(arena, (const char *)text.data, "s", &diag, &design), TS_RANGE);
    test_expect_error(
        &diag, TS_RANGE,
        "tile(0,2) is 14644 bytes over its 65536 bytes of memory: b9 8036, b8 8032, b7 "
        "8028, b6 8024, b5 8020, b4 8016, b3 8012, b2 8008 and 2 more of 16004");
    test_end(arena);
}

/* Seventeen descriptors for sixteen. */
static void descriptors_that_are_left_out(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_diag diag = {0};
    ts_design *design;
    const char *text = TILES "aie.objectfifo @a(%t02, {%t22}, 9 : i32) : " FIFO
                             "\naie.objectfifo @b(%t22, {%t02}, 9 : i32) : " FIFO "\n}";
    assert_int_equal(run_passes(arena, text, "ob", &diag, &design), TS_RANGE);
    test_expect_error(&diag, TS_RANGE, "no buffer descriptor is left in tile(");
    test_end(arena);
}

/* ---- what is left behind --------------------------------------------------------------------- */

static const char whole[] = TILES
    "aie.objectfifo @in(%t00, {%t01}, 2 : i32) : !aie.objectfifo<memref<32xi32>>\n"
    "aie.objectfifo @a(%t01, {%t02}, 2 : i32) : " FIFO "\n"
    "aie.objectfifo @b(%t01, {%t12}, 3 : i32) : " FIFO "\n"
    "aie.objectfifo.link [@in] -> [@a, @b] ([] [0, 16])\n"
    "aie.objectfifo @c(%t02, {%t03}, 2 : i32) : " FIFO "\n"
    "aie.objectfifo @out(%t03, {%t00}, 2 : i32) : " FIFO "\n"
    "aie.core(%t02) {\n"
    "%0 = arith.constant 0 : index\n%1 = arith.constant 1 : index\n%n = arith.constant 7 : index\n"
    "scf.for %i = %0 to %n step %1 {\n"
    "%2 = aie.objectfifo.acquire @a(Consume, 1) : " VIEW "\n"
    "%3 = aie.objectfifo.subview.access %2[0] : " VIEW " -> memref<16xi32>\n"
    "%4 = aie.objectfifo.acquire @c(Produce, 1) : " VIEW "\n"
    "%5 = aie.objectfifo.subview.access %4[0] : " VIEW " -> memref<16xi32>\n"
    "memref.copy %3, %5 : memref<16xi32> to memref<16xi32>\n"
    "aie.objectfifo.release @a(Consume, 1)\naie.objectfifo.release @c(Produce, 1)\n}\naie.end\n}\n"
    "}\n";

/* The same with fewer operations: the test is quadratic in them. */
static const char part[] =
    "aie.device(npu1) {\n%t00 = aie.tile(0, 0)\n%t02 = aie.tile(0, 2)\n"
    "aie.objectfifo @a(%t00, {%t02}, 2 : i32) : " FIFO "\naie.core(%t02) {\n"
    "%0 = arith.constant 0 : index\n%1 = arith.constant 1 : index\n%n = arith.constant 3 : index\n"
    "scf.for %i = %0 to %n step %1 {\n%2 = aie.objectfifo.acquire @a(Consume, 1) : " VIEW "\n"
    "aie.objectfifo.release @a(Consume, 1)\n}\naie.end\n}\n}\n";

static ts_status run_part(ts_arena *arena, void *context) {
    ts_diag diag = {0};
    ts_design *design;
    return run_passes(arena, part, context, &diag, &design);
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    test_every_allocation_fails(run_part, (void *)"loba");
    test_every_allocation_fails(run_part, (void *)"ld");
}

/* A placed design placed again is the same. */
static void passes_run_again_change_nothing(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_diag diag = {0};
    ts_design *once, *twice;
    assert_int_equal(run_passes(arena, whole, "loba", &diag, &once), TS_OK);
    assert_int_equal(run_passes(arena, whole, "lobaloba", &diag, &twice), TS_OK);
    ts_buf a = ts_buf_in(arena), b = ts_buf_in(arena);
    ts_design_print(once, &a);
    ts_design_print(twice, &b);
    assert_true(a.size > 1000);
    test_same_bytes(ts_buf_span(&b), ts_buf_span(&a));
    test_end(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_fault_has_its_words),
        cmocka_unit_test(locks_that_are_left_out),
        cmocka_unit_test(buffers_that_are_too_many),
        cmocka_unit_test(descriptors_that_are_left_out),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(passes_run_again_change_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
