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

static const char *list(ts_arena *arena, const ts_txn *txn, bool brief) {
    ts_buf out = ts_buf_in(arena);
    ts_diag diag = {0};
    assert_int_equal(ts_txn_list(arena, txn, brief, &out, &diag), TS_OK);
    ts_buf_u8(&out, 0);
    return (const char *)out.data;
}

static ts_span pack(ts_arena *arena, const char *text) {
    ts_buf out = ts_buf_in(arena);
    ts_diag diag = {0};
    if (ts_txn_pack(arena, test_text(text), "t.txt", &out, &diag) != TS_OK)
        fail_msg("%u:%u: %s in\n%s", diag.line, diag.column, diag.message, text);
    return ts_buf_span(&out);
}

/* Binary to model to binary, and binary to text to binary. */
static void check_laws(ts_arena *arena, ts_span bytes) {
    ts_txn txn = parse(arena, bytes);
    test_same_bytes(write_txn(arena, &txn), bytes);
    test_same_bytes(pack(arena, list(arena, &txn, false)), bytes);
}

static void listings_pack_to_the_same(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    check_laws(arena, instgen_bytes(arena));
    ts_txn txn = parse(arena, instgen_bytes(arena));
    const char *text = list(arena, &txn, true);
    assert_non_null(strstr(text, "txn 0.1 generation=3 columns=4 rows=6 memory_rows=1\n"));
    assert_non_null(strstr(text, "write32 0xabc00def 0x314\n"));
    assert_non_null(strstr(text, "blockwrite tile(1,1).data+0x64 +4=0x101 0x64 0x65 "));
    assert_non_null(strstr(text, "waits for a token of MM2S 5 of each of 1 x 2 tiles from (3,4)"));
    assert_non_null(strstr(text, "load_pdi id=2 size=0x400 host_addr=0xabc12345678  # PDI 2"));
    test_end(arena);
}

/* The two forms of an address patch, and of a masked write as the C structures end it.
 * src: Xilinx/aie-codegen: src/common/xaie_txn.h, patch_op_t, patch_op_opt_t,
 * XAie_MaskWrite32Hdr [code] */
static void forms_of_both_versions_are_read(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_span old = WORDS(arena, 0x06030100, 0x00000104, 2, 16 + 48 + 32, 0x81, 48, 0, 0, 0, 0,
                        0x1d024, 0, 4, 0, 0x80, 1, 3, 0, 0x1d200, 0, 0xf00, 0x1f00, 32, 0);
    ts_span new = WORDS(arena, 0x06030001, 0x00000104, 2, 16 + 24 + 16, 0x81, 24, 0x1d024, 4, 0x80,
                        1, 3, 0x1d200, 0xf00, 0x1f00);
    ts_span both[] = {old, new};
    for (size_t i = 0; i < 2; i++) {
        ts_txn txn = parse(arena, both[i]);
        check_laws(arena, both[i]);
        assert_int_equal(txn.ops[0].code, TS_TXN_ADDRESS_PATCH);
        assert_int_equal(txn.ops[0].addr, 0x1d024);
        assert_int_equal(txn.ops[0].arg, 4);
        assert_true(txn.ops[0].arg_plus == UINT64_C(0x100000080));
        assert_int_equal(txn.ops[1].addr, 0x1d200);
        assert_int_equal(txn.ops[1].value, 0xf00);
        assert_int_equal(txn.ops[1].mask, 0x1f00);
        assert_int_equal(txn.ops[1].data.size, i ? 0 : 4);
    }
    test_end(arena);
}

/* ---- every op -------------------------------------------------------------------------------- */

static const uint8_t codes[] = {
#define X(constant, number, name) number,
    TS_TXN_CODE_LIST(X)
#undef X
        133,
    200, 255};

static uint32_t at_most(test_random *random, unsigned bits) {
    unsigned kind = test_next(random) % 4;
    uint64_t most = bits < 32 ? (1u << bits) - 1 : UINT32_MAX;
    return (uint32_t)(kind == 0 ? 0 : kind == 1 ? most : test_next(random) & most);
}

/* An op with random values in the members it has: those that ts_txn_value_at() names. */
static ts_txn_op random_op(ts_arena *arena, const ts_txn *txn, uint8_t code, test_random *random) {
    ts_txn_op op = {.code = code}, all = {.code = code};
    ts_txn_value value;
    bool is_new = txn->major == 1;
    all.addr = at_most(random, 32);
    if (!is_new && test_next(random) % 2 && code != TS_TXN_BLOCKWRITE && code != TS_TXN_UPDATE_REG)
        all.addr |= test_next(random) << 32;
    all.value = at_most(random, 32);
    all.mask = at_most(random, 32);
    all.column = (uint8_t)at_most(random, 8);
    all.row = (uint8_t)at_most(random, 8);
    all.direction = (uint8_t)at_most(random, 8);
    all.channel = (uint8_t)at_most(random, 8);
    all.n_columns = (uint8_t)at_most(random, 8);
    all.n_rows = (uint8_t)at_most(random, 8);
    all.n_tokens = (uint8_t)at_most(random, 8);
    all.arg = is_new ? at_most(random, 8) : test_next(random);
    all.arg_plus = test_next(random);
    all.action = at_most(random, 32);
    all.id = at_most(random, code == TS_TXN_LOAD_PDI ? 16 : 32);
    all.size = at_most(random, 32);
    all.count = at_most(random, code == TS_TXN_LOAD_PM_START ? 24 : 32);
    all.host_addr = test_next(random);
    all.argument = at_most(random, 32);
    all.index = (uint8_t)at_most(random, 8);
    all.function = (uint8_t)at_most(random, 8);
    all.usage = (uint8_t)at_most(random, 8);
    all.level = (uint8_t)at_most(random, 8);
    for (size_t i = 0; ts_txn_value_at(txn, &all, i, &value); i++) {
#define COPY(member)                                                                               \
    if (strcmp(value.name, #member) == 0) op.member = all.member
        COPY(addr);
        COPY(value);
        COPY(mask);
        COPY(column);
        COPY(row);
        COPY(direction);
        COPY(channel);
        COPY(n_columns);
        COPY(n_rows);
        COPY(n_tokens);
        COPY(arg);
        COPY(arg_plus);
        COPY(action);
        COPY(id);
        COPY(size);
        COPY(count);
        COPY(host_addr);
        COPY(argument);
        COPY(index);
        COPY(function);
        COPY(usage);
        COPY(level);
#undef COPY
    }
    bool tells_size = code >= TS_TXN_CUSTOM || code == TS_TXN_BLOCKWRITE ||
                      (!is_new && (code == TS_TXN_WRITE32 || code == TS_TXN_MASKWRITE32 ||
                                   code == TS_TXN_MASKPOLL || code == TS_TXN_MASKPOLL_BUSY));
    if (tells_size) {
        ts_buf data = ts_buf_in(arena);
        for (uint64_t n = test_next(random) % 20; n > 0; n--)
            ts_buf_u32le(&data, test_next(random) % 2 ? 0 : (uint32_t)test_next(random));
        op.data = ts_buf_span(&data);
    }
    return op;
}

static void assert_same_op(const ts_txn *txn, const ts_txn_op *got, const ts_txn_op *want) {
    ts_txn_value a, b;
    assert_int_equal(got->code, want->code);
    for (size_t i = 0; ts_txn_value_at(txn, want, i, &b); i++) {
        assert_true(ts_txn_value_at(txn, got, i, &a));
        assert_string_equal(a.name, b.name);
        if (a.value != b.value) fail_msg("%s of op %u", a.name, got->code);
    }
    test_same_bytes(got->data, want->data);
    assert_int_equal(got->raw.size, 0);
}

static void every_op_survives(void **state) {
    (void)state;
    test_random random = {11};
    for (unsigned version = 0; version < 2; version++)
        for (unsigned round = 0; round < 40; round++) {
            ts_arena *arena = test_begin();
            ts_txn txn = ts_txn_for(ts_npu_device_find("npu1_2col"));
            ts_txn_op ops[sizeof codes];
            txn.major = (uint8_t)version;
            txn.minor = (uint8_t)!version;
            if (round % 8 == 7) txn.generation = 4;
            txn.ops = ops;
            txn.n_ops = sizeof codes;
            for (size_t i = 0; i < sizeof codes; i++)
                ops[i] = random_op(arena, &txn, codes[i], &random);
            ts_span bytes = write_txn(arena, &txn);
            ts_txn again = parse(arena, bytes);
            assert_int_equal(again.n_ops, sizeof codes);
            assert_int_equal(again.generation, txn.generation);
            assert_int_equal(again.n_columns, 2);
            for (size_t i = 0; i < sizeof codes; i++)
                assert_same_op(&txn, &again.ops[i], &ops[i]);
            check_laws(arena, bytes);
            test_end(arena);
        }
}

/* Every bit of every op: what is still a stream comes back, also through text. */
static void every_flipped_bit_survives(void **state) {
    (void)state;
    test_random random = {5};
    for (unsigned version = 0; version < 2; version++) {
        ts_arena *arena = test_begin();
        ts_txn txn = ts_txn_for(ts_npu_device_find("npu1"));
        ts_txn_op ops[sizeof codes];
        txn.major = (uint8_t)version;
        txn.minor = (uint8_t)!version;
        txn.ops = ops;
        txn.n_ops = sizeof codes;
        for (size_t i = 0; i < sizeof codes; i++)
            ops[i] = random_op(arena, &txn, codes[i], &random);
        ts_span bytes = write_txn(arena, &txn);
        size_t n_read = 0;
        for (size_t bit = 0; bit < bytes.size * 8; bit += 3) {
            ts_arena *inner = test_begin();
            ts_buf changed = ts_buf_in(inner);
            ts_diag diag = {0};
            ts_buf_span_add(&changed, bytes);
            changed.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
            if (ts_txn_parse(inner, ts_buf_span(&changed), "t", &txn, &diag) == TS_OK) {
                check_laws(inner, ts_buf_span(&changed));
                n_read++;
            } else {
                assert_true(diag.message[0] && diag.place == TS_PLACE_OFFSET);
            }
            test_end(inner);
        }
        assert_true(n_read > bytes.size);
        test_end(arena);
    }
}

static void every_truncation_is_refused(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_span bytes = instgen_bytes(arena);
    for (size_t size = 0; size < bytes.size; size++) {
        ts_buf part = ts_buf_in(arena);
        ts_diag diag = {0};
        ts_txn txn;
        ts_buf_bytes(&part, bytes.data, size);
        assert_int_not_equal(ts_txn_parse(arena, ts_buf_span(&part), "t", &txn, &diag), TS_OK);
        if (size < TS_TXN_HEADER_BYTES) continue;
        /* The header agrees with the size, the ops do not. */
        diag = (ts_diag){0};
        ts_buf_patch_uint_le(&part, 12, size, 4);
        assert_int_not_equal(ts_txn_parse(arena, ts_buf_span(&part), "t", &txn, &diag), TS_OK);
        assert_int_equal(diag.place, TS_PLACE_OFFSET);
    }
    test_end(arena);
}

static void what_stands_behind_the_ops_is_kept(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_span bytes = WORDS(arena, 0x06030100, 0xabcd0104, 1, 24, 5, 0x11223344, 0x55667788);
    ts_txn txn = parse(arena, bytes);
    assert_int_equal(txn.reserved, 0xabcd);
    assert_int_equal(txn.unread.size, 4);
    assert_int_equal(txn.tail.size, 4);
    check_laws(arena, bytes);
    test_end(arena);
}

/* ---- errors ---------------------------------------------------------------------------------- */

static void bad_streams_are_named(void **state) {
    (void)state;
    static const struct {
        uint32_t words[8];
        size_t n_words;
        ts_status status;
        const char *words_of_error;
    } cases[] = {
        {{0x06030100, 0x104, 0}, 3, TS_TRUNCATED, "offset 0xc: 12 bytes; an instruction stream"},
        {{0x06030200, 0x104, 0, 16}, 4, TS_SYNTAX, "version 0.2; expected 0.1 or 1.0"},
        {{0x06030100, 0x104, 0, 12}, 4, TS_TRUNCATED, "offset 0xc: the header tells a size of 12"},
        {{0x06030100, 0x104, 0, 17}, 4, TS_TRUNCATED, "size of 17; the file has 16 bytes"},
        {{0x06030100, 0x104, 2, 20, 5}, 5, TS_RANGE, "offset 0x8: the header counts 2 ops"},
        {{0x06030100, 0x104, 2, 24, 5, 5}, 6, TS_OK, NULL},
        {{0x06030100, 0x104, 2, 24, 5, 8},
         6,
         TS_TRUNCATED,
         "op 1 (load_pdi) needs 16 bytes; 4 are"},
        {{0x06030100, 0x104, 2, 24, 9, 5},
         6,
         TS_TRUNCATED,
         "offset 0x18: the stream ends before op 1"},
        {{0x06030100, 0x104, 1, 20, 2}, 5, TS_UNSUPPORTED, "offset 0x10: op 0 has code 2"},
        {{0x06030100, 0x104, 1, 32, 1, 0, 0, 12},
         8,
         TS_RANGE,
         "offset 0x1c: op 0 (blockwrite) tells a size of 12"},
        {{0x06030100, 0x104, 1, 32, 1, 0, 0, 18}, 8, TS_RANGE, "size of 18; expected whole words"},
        {{0x06030100, 0x104, 1, 32, 1, 0, 0, 20}, 8, TS_TRUNCATED, "size of 20; 16 bytes are left"},
        {{0x06030100, 0x104, 1, 24, 0x85, 4}, 6, TS_RANGE, "op 0 (custom) tells a size of 4"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ts_arena *arena = test_begin();
        ts_diag diag = {0};
        ts_txn txn;
        ts_span bytes = words_of(arena, cases[i].words, cases[i].n_words);
        ts_status status = ts_txn_parse(arena, bytes, "t.bin", &txn, &diag);
        assert_int_equal(status, cases[i].status);
        if (status != TS_OK) test_expect_error(&diag, cases[i].status, cases[i].words_of_error);
        test_end(arena);
    }
}

static void bad_text_is_named(void **state) {
    (void)state;
    static const struct {
        const char *text;
        ts_status status;
        const char *words;
    } cases[] = {
        {"txn 0.2", TS_UNSUPPORTED, "t.txt:1:5: version '0.2'"},
        {"txn 0.1 columns", TS_SYNTAX, "t.txt:1:9: expected a name"},
        {"txn 0.1 columns=256", TS_RANGE, "columns is 256; 0xff is the most"},
        {"txn 0.1 colums=2", TS_UNKNOWN, "a stream has no 'colums'"},
        {"noop\ntxn 0.1", TS_CONFLICT, "t.txt:2:1: 'txn' comes once, before"},
        {"writ32 0 1", TS_UNKNOWN, "no op 'writ32'; did you mean 'write32'?"},
        {"write32", TS_SYNTAX, "t.txt:1:8: expected an address"},
        {"write32 4", TS_SYNTAX, "expected a number, the value"},
        {"write32 4 0x100000000", TS_RANGE, "more than the 0xffffffff that fits"},
        {"write32 tile(0,0).shim.DMA_BDO_0 1", TS_UNKNOWN, "t.txt:1:9: "},
        {"txn 0.1 generation=4\nwrite32 tile(0,0).shim.DMA_BD0_0 1", TS_SYNTAX,
         "t.txt:2:9: 'tile(0,0).shim.DMA_BD0_0' is no number for the address"},
        {"txn 1.0\nwrite32 0x100000000 1", TS_RANGE, "0xffffffff is the most"},
        {"txn 1.0\naddress_patch 4 arg=256", TS_RANGE, "arg is 256; 0xff is the most"},
        {"txn 1.0\naddress_patch 4 action=1", TS_UNKNOWN, "address_patch has no 'action'"},
        {"sync clumn=1", TS_UNKNOWN, "sync has no 'clumn'"},
        {"sync column=x", TS_SYNTAX, "'x' is no number for column"},
        {"write32 4 1 +2=1", TS_RANGE, "write32 has no word at 2"},
        {"write32 4 1 +24=1", TS_RANGE, "write32 has no word at 24"},
        {"write32 4 1 +8=1", TS_CONFLICT, "byte 8 of write32 has a name of its own"},
        {"preempt +0=0x100", TS_CONFLICT, "byte 1 of preempt"},
        {"noop 1", TS_RANGE, "noop takes no data"},
        {"custom", TS_MISSING, "custom needs code=N"},
        {"custom code=128", TS_RANGE, "op 128 is sync; 'custom' is for unknown ones from 128 on"},
        {"custom code=2", TS_RANGE, "op 2 is not known"},
        {"blockwrite 0 {...}", TS_SYNTAX, "--brief leaves data out"},
        {"blockwrite 0 { 1*5000000 }", TS_RANGE, "more words than there is room for"},
        {"blockwrite 0 { 1", TS_SYNTAX, "up to '}'"},
        {"blockwrite 0 \"a\"", TS_SYNTAX, "expected a number"},
        {"unread { 1 }\nnoop", TS_CONFLICT, "ops come before 'unread'"},
        {"unread { 1 }\nunread { 1 }", TS_CONFLICT, "this block comes once"},
        {"tail 1", TS_SYNTAX, "expected '{'"},
        {"tail { 1 } 2", TS_SYNTAX, "more than the statement takes"},
        {"{", TS_SYNTAX, "expected an op"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ts_arena *arena = test_begin();
        ts_buf out = ts_buf_in(arena);
        ts_diag diag = {0};
        assert_int_equal(ts_txn_pack(arena, test_text(cases[i].text), "t.txt", &out, &diag),
                         cases[i].status);
        test_expect_error(&diag, cases[i].status, cases[i].words);
        test_end(arena);
    }
}

static void values_that_do_not_fit_are_refused(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_txn_op op = {.code = TS_TXN_BLOCKWRITE, .addr = UINT64_C(1) << 32};
    ts_txn txn = ts_txn_for(ts_npu_device_find("npu1"));
    ts_buf out = ts_buf_in(arena);
    ts_diag diag = {0};
    txn.ops = &op;
    txn.n_ops = 1;
    assert_int_equal(ts_txn_write(&txn, &out, &diag), TS_RANGE);
    test_expect_error(&diag, TS_RANGE, "op 0: blockwrite: addr is 0x100000000; 32 bits are there");
    diag = (ts_diag){0};
    op = (ts_txn_op){.code = TS_TXN_BLOCKWRITE, .data = ts_span_of("abc", 3)};
    assert_int_equal(ts_txn_write(&txn, &out, &diag), TS_RANGE);
    test_expect_error(&diag, TS_RANGE, "3 bytes of data; expected whole words");
    diag = (ts_diag){0};
    op = (ts_txn_op){.code = 14};
    assert_int_equal(ts_txn_write(&txn, &out, &diag), TS_UNSUPPORTED);
    diag = (ts_diag){0};
    txn.minor = 7;
    assert_int_equal(ts_txn_write(&txn, &out, &diag), TS_UNSUPPORTED);
    assert_null(ts_txn_op_name(14));
    test_end(arena);
}

/* ---- words ----------------------------------------------------------------------------------- */

static void ops_are_told_in_words(void **state) {
    (void)state;
    static const struct {
        const char *text, *words;
    } cases[] = {
        {"write32 tile(0,0).DMA_MM2S_0_Task_Queue 0x80020003",
         "dma MM2S 0 starts bd 3, 3 times, token"},
        {"maskpoll tile(0,2).core.Core_Status 0x100000 0x100000", "waits until Core_Done=1"},
        {"blockwrite tile(0,0).DMA_BD2_0 200 0 0 0 0x80000000 0x2000000 0 0x2000000\n"
         "address_patch tile(0,0).DMA_BD2_1 arg=1 arg_plus=64",
         "# bd 2: address of argument 1 + 64 bytes, for 800 bytes"},
        {"address_patch tile(0,0).DMA_BD2_2 arg=1", "# address of argument 1\n"},
        {"address_patch 0x7fffffff arg=1", "# address of argument 1\n"},
        {"sync direction=5 n_rows=1 n_columns=1", "direction 5 0 of tile (0,0)"},
        {"preempt level=2", "# compute tiles"},
        {"update_reg 4 index=3 function=1 argument=7", "# state 3 incremented by 7"},
        {"update_state_table function=9", "# state 0 by function 9 of 0"},
        {"blockwrite tile(0,2).program+0x0 {1*20}", "program+0x0: 80 bytes"},
        {"blockwrite tile(0,2).Lock0_value 1 2 3 4 5 6 7 8 {9}", "Lock0_value: lock 0 := 1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ts_arena *arena = test_begin();
        ts_txn txn = parse(arena, pack(arena, cases[i].text));
        const char *text = list(arena, &txn, false);
        if (!strstr(text, cases[i].words)) fail_msg("no '%s' in\n%s", cases[i].words, text);
        test_end(arena);
    }
}

static void hexadecimal_words_are_read(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_buf text = ts_buf_in(arena), out = ts_buf_in(arena);
    for (size_t i = 0; i < sizeof instgen / 4; i++)
        ts_buf_printf(&text, i % 2 ? "%08X\r\n" : "%08x ", instgen[i]);
    assert_true(ts_txn_from_hex(ts_buf_span(&text), &out));
    test_same_bytes(ts_buf_span(&out), instgen_bytes(arena));
    static const char *const bad[] = {"", "\n", "1234567", "123456789", "0x123456", "12345678;"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(ts_txn_from_hex(test_text(bad[i]), &out));
    test_end(arena);
}

static ts_status attempt_all(ts_arena *arena, void *context) {
    const ts_span *bytes = context;
    ts_txn txn;
    ts_diag diag = {0};
    ts_buf text = ts_buf_in(arena), out = ts_buf_in(arena), again = ts_buf_in(arena);
    TS_TRY(ts_txn_parse(arena, *bytes, "t", &txn, &diag));
    TS_TRY(ts_txn_write(&txn, &out, &diag));
    TS_TRY(ts_txn_list(arena, &txn, false, &text, &diag));
    TS_TRY(ts_txn_pack(arena, ts_buf_span(&text), "t", &again, &diag));
    test_same_bytes(ts_buf_span(&again), *bytes);
    return TS_OK;
}

static void every_allocation_fails_once(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_span bytes = pack(arena, "blockwrite tile(0,2).data+0xfffc { 1 2*300 3 }\nnoop\n"
                                "custom code=200 1 2 3\nunread { 1 2 3 4 }\ntail { 5 }");
    test_every_allocation_fails(attempt_all, &bytes);
    test_end(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ops_of_mlir_aie_are_read),
        cmocka_unit_test(listings_pack_to_the_same),
        cmocka_unit_test(forms_of_both_versions_are_read),
        cmocka_unit_test(every_op_survives),
        cmocka_unit_test(every_flipped_bit_survives),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(what_stands_behind_the_ops_is_kept),
        cmocka_unit_test(bad_streams_are_named),
        cmocka_unit_test(bad_text_is_named),
        cmocka_unit_test(values_that_do_not_fit_are_refused),
        cmocka_unit_test(ops_are_told_in_words),
        cmocka_unit_test(hexadecimal_words_are_read),
        cmocka_unit_test(every_allocation_fails_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
