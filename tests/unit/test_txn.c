/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * npu: instruction streams, binary and text. */
#include "support.h"

#include "tessera/npu.h"

#include <stdio.h>
#include <string.h>

static ts_span words_of(ts_arena *arena, const uint32_t *words, size_t n_words) {
    ts_buf out = ts_buf_in(arena);
    for (size_t i = 0; i < n_words; i++)
        ts_buf_u32le(&out, words[i]);
    return ts_buf_span(&out);
}

#define WORDS(arena, ...)                                                                          \
    words_of(arena, (const uint32_t[]){__VA_ARGS__}, sizeof((const uint32_t[]){__VA_ARGS__}) / 4)

/* What aie-translate makes of every kind of op it knows.
 * src: Xilinx/mlir-aie: test/Targets/NPU/npu_instgen.mlir, the CHECK lines [documented] */
static const uint32_t instgen[] = {
    0x06030100, 0x00000104, 0x00000007, 0x000000DC,
    /* write32 in tile (3,4) */
    0x00000000, 0x00000000, 0x06400DEF, 0x00000000, 0x00000042, 0x00000018,
    /* write32 outside of the array */
    0x00000000, 0x00000000, 0xABC00DEF, 0x00000000, 0x00000314, 0x00000018,
    /* blockwrite */
    0x00000001, 0x00000000, 0x12345679, 0x00000030, 0x00000064, 0x00000065, 0x00000066, 0x00000067,
    0x00000068, 0x00000069, 0x0000006A, 0x0000006B,
    /* blockwrite with column and row in the second word */
    0x00000001, 0x00000101, 0x02100064, 0x00000030, 0x00000064, 0x00000065, 0x00000066, 0x00000067,
    0x00000068, 0x00000069, 0x0000006A, 0x0000006B,
    /* maskwrite32 */
    0x00000003, 0x00000000, 0x0430567A, 0x00000000, 0x00001001, 0xF00FF00F, 0x0000001C,
    /* sync */
    0x00000080, 0x00000010, 0x00030401, 0x05010200,
    /* load_pdi */
    0x00020008, 0x00000400, 0x12345678, 0x00000ABC};

static ts_span instgen_bytes(ts_arena *arena) {
    return words_of(arena, instgen, sizeof instgen / 4);
}

static ts_txn parse(ts_arena *arena, ts_span bytes) {
    ts_txn txn;
    ts_diag diag = {0};
    if (ts_txn_parse(arena, bytes, "t.bin", &txn, &diag) != TS_OK) fail_msg("%s", diag.message);
    return txn;
}

static ts_span write_txn(ts_arena *arena, const ts_txn *txn) {
    ts_buf out = ts_buf_in(arena);
    ts_diag diag = {0};
    if (ts_txn_write(txn, &out, &diag) != TS_OK) fail_msg("%s", diag.message);
    return ts_buf_span(&out);
}

static void ops_of_mlir_aie_are_read(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_span bytes = instgen_bytes(arena);
    assert_true(ts_txn_is_binary(bytes));
    ts_txn txn = parse(arena, bytes);
    assert_int_equal(txn.n_ops, 7);
    assert_int_equal(txn.generation, TS_TXN_GENERATION_NPU1);
    assert_int_equal(txn.n_rows, 6);
    assert_int_equal(txn.n_columns, 4);
    assert_int_equal(txn.n_memory_rows, 1);
    assert_int_equal(txn.ops[0].code, TS_TXN_WRITE32);
    assert_int_equal(txn.ops[0].addr, 0x06400DEF);
    assert_int_equal(txn.ops[0].value, 0x42);
    assert_int_equal(txn.ops[2].code, TS_TXN_BLOCKWRITE);
    assert_int_equal(txn.ops[2].data.size, 32);
    assert_int_equal(txn.ops[2].data.data[4], 0x65);
    assert_int_equal(txn.ops[2].raw.size, 0);
    assert_int_equal(txn.ops[3].raw.size, 48); /* bits that no member has */
    assert_int_equal(txn.ops[4].mask, 0xF00FF00F);
    const ts_txn_op *sync = &txn.ops[5];
    assert_int_equal(sync->code, TS_TXN_SYNC);
    assert_int_equal(sync->column, 3);
    assert_int_equal(sync->row, 4);
    assert_int_equal(sync->direction, 1);
    assert_int_equal(sync->channel, 5);
    assert_int_equal(sync->n_columns, 1);
    assert_int_equal(sync->n_rows, 2);
    assert_int_equal(txn.ops[6].id, 2);
    assert_int_equal(txn.ops[6].size, 0x400);
    assert_true(txn.ops[6].host_addr == UINT64_C(0xabc12345678));
    test_same_bytes(write_txn(arena, &txn), bytes);
    test_end(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ops_of_mlir_aie_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
