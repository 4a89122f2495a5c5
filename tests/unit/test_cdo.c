/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * pdi: CDO binaries, their text, and merging. */
#include "support.h"

#include "tessera/pdi.h"

#include "../../src/pdi/cdo_commands.h"

#include <stdio.h>
#include <string.h>

static const struct {
    uint32_t id;
    const char *name, *args;
} rows[] = {
#define X(id, name, args) {id, name, args},
    CDO_COMMANDS(X)
#undef X
};

#define N_ROWS (sizeof rows / sizeof *rows)

/* A CDO of these command words, header computed here and not by the library. */
static ts_span cdo_of(ts_arena *arena, uint32_t version, const uint32_t *words, size_t n_words) {
    ts_buf out = ts_buf_in(arena);
    uint32_t header[4] = {4, 0x4f4443, version, (uint32_t)n_words}, sum = 0;
    for (int i = 0; i < 4; i++) {
        ts_buf_u32le(&out, header[i]);
        sum += header[i];
    }
    ts_buf_u32le(&out, ~sum);
    for (size_t i = 0; i < n_words; i++)
        ts_buf_u32le(&out, words[i]);
    return ts_buf_span(&out);
}

#define CDO(arena, ...)                                                                            \
    cdo_of(arena, 0x200, (const uint32_t[]){__VA_ARGS__},                                          \
           sizeof((const uint32_t[]){__VA_ARGS__}) / 4)

static ts_cdo parse(ts_arena *arena, ts_span bytes) {
    ts_cdo cdo;
    ts_diag diag = {0};
    if (ts_cdo_parse(arena, bytes, "t.cdo", &cdo, &diag) != TS_OK) fail_msg("%s", diag.message);
    return cdo;
}

static const char *list(ts_arena *arena, const ts_cdo *cdo, const ts_cdo_names *names, bool brief) {
    ts_buf out = ts_buf_in(arena);
    ts_diag diag = {0};
    assert_int_equal(ts_cdo_list(arena, cdo, names, brief, &out, &diag), TS_OK);
    ts_buf_u8(&out, 0);
    return (const char *)out.data;
}

static ts_span pack(ts_arena *arena, const char *text, const ts_cdo_names *names) {
    ts_buf out = ts_buf_in(arena);
    ts_diag diag = {0};
    ts_cdo_source source = {.file = "t.txt", .names = names};
    if (ts_cdo_pack(arena, test_text(text), &source, &out, &diag) != TS_OK)
        fail_msg("%u:%u: %s in\n%s", diag.line, diag.column, diag.message, text);
    return ts_buf_span(&out);
}

/* Both laws: binary to model to binary, and binary to text to binary. */
static void check_laws(ts_arena *arena, ts_span bytes) {
    ts_cdo cdo = parse(arena, bytes);
    ts_buf again = ts_buf_in(arena);
    ts_diag diag = {0};
    assert_int_equal(ts_cdo_write(&cdo, &again, &diag), TS_OK);
    test_same_bytes(ts_buf_span(&again), bytes);
    test_same_bytes(pack(arena, list(arena, &cdo, NULL, false), NULL), bytes);
}

static bool holds(const char *word, size_t length, const char *part) {
    const char *at = strstr(word, part);
    return at && at < word + length;
}

/* Words for the arguments of a row; the rest arguments get `n_rest` words. */
static size_t make_args(const char *spec, size_t n_rest, test_random *random, uint32_t *words) {
    size_t n = 0;
    for (const char *p = spec; *p; p += strcspn(p, " "), p += *p == ' ') {
        size_t length = strcspn(p, " ");
        bool wide = holds(p, length, ":addr64");
        bool rest = holds(p, length, ":data") || holds(p, length, ":text");
        if (holds(p, length, ":commands")) {
            words[n++] = 0x00020103;
            words[n++] = 1;
            words[n++] = 2;
        } else {
            for (size_t i = 0; i < (rest ? n_rest : 1u + wide); i++)
                words[n++] = (uint32_t)test_next(random);
        }
    }
    return n;
}

static void every_command_survives(void **state) {
    (void)state;
    test_random random = {7};
    static const size_t n_rest[] = {0, 1, 4, 5, 9, 17, 251, 252, 253, 254, 255, 256, 600};
    for (size_t i = 0; i < N_ROWS; i++) {
        bool is_open = strstr(rows[i].args, ":data") || strstr(rows[i].args, ":text");
        for (size_t k = 0; k < (is_open ? sizeof n_rest / sizeof *n_rest : 1); k++) {
            ts_arena *arena = test_begin();
            uint32_t words[700];
            size_t n = make_args(rows[i].args, n_rest[k], &random, words);
            ts_buf out = ts_buf_in(arena);
            ts_diag diag = {0};
            ts_cdo_begin(&out);
            if (rows[i].id == TS_CDO_END)
                ts_buf_u32le(&out, TS_CDO_END);
            else
                ts_cdo_put(&out, rows[i].id, words, n);
            assert_int_equal(ts_cdo_finish(&out, &diag), TS_OK);
            ts_cdo cdo = parse(arena, ts_buf_span(&out));
            assert_int_equal(cdo.n_commands, 1);
            assert_string_equal(ts_cdo_command_name(&cdo.commands[0]), rows[i].name);
            assert_int_equal(cdo.commands[0].args.size, n * 4);
            check_laws(arena, ts_buf_span(&out));
            test_end(arena);
        }
    }
}

static void unusual_forms_survive(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    check_laws(arena, CDO(arena, 0x00000111));
    check_laws(arena, cdo_of(arena, 0x132, NULL, 0));
    check_laws(arena, CDO(arena, 0x00ff0105, 4, 0, 0x1000, 5, 6)); /* a long length not needed */
    check_laws(arena, CDO(arena, 0x5a020103, 1, 2));               /* reserved bits */
    check_laws(arena, CDO(arena, 0x0002ffff, 1, 2, 0x00ff1234, 0, 0x000a0155, 0, 0, 0, 0, 0, 0, 0,
                          0, 0, 0));                                /* ids without a row */
    check_laws(arena, CDO(arena, 0x00000100, 1, 2, 3));             /* behind an end mark */
    check_laws(arena, CDO(arena, 0x00020103, 1, 2, 0xffffffff, 9)); /* behind an end */
    check_laws(arena, CDO(arena, 0x0002011a, 1, 0xffffff));         /* a proc that holds none */
    check_laws(arena, CDO(arena, 0x0003011a, 1, 0x00000100, 7));    /* one with an early end */
    check_laws(arena, CDO(arena, 0x0001011a, 1, 0x0000011f));       /* empty ones */
    check_laws(arena, CDO(arena, 0x00010117, 0x00226162));          /* a quote in a text */
    check_laws(arena, CDO(arena, 0x00020117, 0x5c5c5c5c, 0));       /* unusual padding */
    check_laws(arena, CDO(arena, 0x00010117, 0x61006161));          /* a zero inside */
    ts_buf tail = ts_buf_in(arena);
    ts_buf_span_add(&tail, CDO(arena, 0x00000111));
    for (int i = 0; i < 70; i++)
        ts_buf_u8(&tail, (uint8_t)(i * 5));
    check_laws(arena, ts_buf_span(&tail));
    ts_buf extra = ts_buf_in(arena);
    static const uint32_t header[] = {6, 0x4f4443, 0x200, 1, 0xaaaa, 0xbbbb};
    uint32_t sum = 0;
    for (int i = 0; i < 6; i++) {
        ts_buf_u32le(&extra, header[i]);
        sum += header[i];
    }
    ts_buf_u32le(&extra, ~sum);
    ts_buf_u32le(&extra, 0x00000111);
    check_laws(arena, ts_buf_span(&extra));
    assert_int_equal(parse(arena, ts_buf_span(&extra)).header.size, 8);
    test_end(arena);
}

static void nesting_is_limited_but_survives(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    uint32_t words[80] = {0};
    size_t n = 0;
    for (uint32_t level = 20; level > 0; level--) {
        words[n++] = (2 * level - 1) << 16 | 0x011a;
        words[n++] = level;
    }
    check_laws(arena, cdo_of(arena, 0x200, words, n));
    test_end(arena);
}

static void arguments_have_names_and_kinds(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_cdo cdo = parse(arena, CDO(arena, 0x00050106, 2, 0x10, 3, 4, 5, 0x00050207, 1, 2, 3, 4, 5));
    ts_cdo_args it = ts_cdo_args_of(&cdo.commands[0]);
    ts_cdo_arg arg;
    assert_true(ts_cdo_next_arg(&it, &arg));
    assert_int_equal(arg.kind, TS_CDO_ADDR64);
    assert_int_equal(arg.value, 0x200000010);
    int n = 1;
    while (ts_cdo_next_arg(&it, &arg))
        n++;
    assert_int_equal(n, 4); /* flags and error are not there */
    assert_memory_equal(arg.name, "timeout", 7);
    it = ts_cdo_args_of(&cdo.commands[1]);
    for (n = 0; ts_cdo_next_arg(&it, &arg); n++)
        ;
    assert_int_equal(arg.kind, TS_CDO_ADDR64LO);
    assert_int_equal(arg.value, 0x500000004);
    test_end(arena);
}

static void stores_are_told(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_cdo cdo =
        parse(arena, CDO(arena, 0x00020103, 0x10, 7, 0x00040107, 1, 0x10, 0xf0, 7, 0x0004010c, 0,
                         0x10, 9, 7, 0x00040105, 0, 0x20, 5, 6, 0x00000111));
    static const ts_cdo_store want[] = {{0x10, 7, 0xffffffff, 1, {0}},
                                        {0x100000010, 7, 0xf0, 1, {0}},
                                        {0x10, 7, 0xffffffff, 9, {0}},
                                        {0x20, 0, 0xffffffff, 2, {0}}};
    for (size_t i = 0; i < 4; i++) {
        ts_cdo_store got;
        assert_true(ts_cdo_store_of(&cdo.commands[i], &got));
        assert_int_equal(got.addr, want[i].addr);
        assert_int_equal(got.value, want[i].value);
        assert_int_equal(got.mask, want[i].mask);
        assert_int_equal(got.count, want[i].count);
        assert_int_equal(got.data.size, i == 3 ? 8 : 0);
    }
    ts_cdo_store none;
    assert_false(ts_cdo_store_of(&cdo.commands[4], &none));
    test_end(arena);
}

static void bad_binaries_are_named(void **state) {
    (void)state;
    static const struct {
        uint32_t words[10];
        size_t n_words;
        ts_status code;
        const char *words_in_error;
    } cases[] = {
        {{0}, 0, TS_TRUNCATED, "offset 0x0: ends inside the header"},
        {{4, 0x4f4443, 0x200, 0}, 4, TS_TRUNCATED, "offset 0x10: ends inside"},
        {{4, 0x4f4444, 0x200, 0, 0}, 5, TS_SYNTAX, "offset 0x4: not a CDO: found 0x004f4444"},
        {{0x4000000, 0x43444f00, 0, 0, 0}, 5, TS_UNSUPPORTED, "big-endian"},
        {{3, 0x4f4443, 0x200, 0, 0}, 5, TS_RANGE, "header of 3 words; expected 4"},
        {{0x10000, 0x4f4443, 0x200, 0, 0}, 5, TS_RANGE, "header of 65536 words"},
        {{5, 0x4f4443, 0x200, 0, 0}, 5, TS_TRUNCATED, "ends inside the header"},
        {{4, 0x4f4443, 0x200, 0, 1}, 5, TS_RANGE, "checksum 0x00000001"},
        {{4, 0x4f4443, 0x300, 0, 0xffb0b8b8}, 5, TS_UNSUPPORTED, "CDO version 0x300"},
        {{4, 0x4f4443, 0x100, 0, 0xffb0bab8}, 5, TS_RANGE, "with version 0x100"},
        {{4, 0x4f4443, 0x200, 2, 0xffb0b9b6, 0},
         6,
         TS_TRUNCATED,
         "8 bytes of commands; 4 are left"},
        {{4, 0x4f4443, 0x200, 2, 0xffb0b9b6, 0x20103, 1},
         7,
         TS_TRUNCATED,
         "offset 0x14: write has 2 argument words; 1 are left"},
        {{4, 0x4f4443, 0x200, 2, 0xffb0b9b6, 0x10103, 1},
         7,
         TS_RANGE,
         "write has 1 argument words; expected 2"},
        {{4, 0x4f4443, 0x200, 2, 0xffb0b9b6, 0x10105, 1}, 7, TS_RANGE, "expected at least 2"},
        {{4, 0x4f4443, 0x200, 2, 0xffb0b9b6, 0x10101, 1}, 7, TS_RANGE, "expected 4 to 6"},
        {{4, 0x4f4443, 0x200, 1, 0xffb0b9b7, 0xff0111}, 6, TS_TRUNCATED, "nop has 0"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ts_arena *arena = test_begin();
        ts_buf bytes = ts_buf_in(arena);
        ts_diag diag = {0};
        ts_cdo cdo;
        for (size_t k = 0; k < cases[i].n_words; k++)
            ts_buf_u32le(&bytes, cases[i].words[k]);
        (void)!ts_cdo_parse(arena, ts_buf_span(&bytes), "t.cdo", &cdo, &diag);
        test_expect_error(&diag, cases[i].code, cases[i].words_in_error);
        test_end(arena);
    }
}

/* Version 1, written out by hand after its decoder in bootgen: two sections, a block with one word
 * skipped before its data. */
static ts_span version_1(ts_arena *arena) {
    static const uint32_t words[] = {4,     0x584c4e58, 0x100, 2,     0xa7b3b0a1, 0x77,  9, 2,
                                     0x103, 0x100,      5,     0x105, 8,          2,     1, 99,
                                     6,     7,          0x78,  4,     1,          0x301, 0, 0xabcd};
    ts_buf out = ts_buf_in(arena);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        ts_buf_u32le(&out, words[i]);
    return ts_buf_span(&out);
}

static void version_1_is_read(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_diag diag = {0};
    ts_cdo cdo = parse(arena, version_1(arena));
    assert_string_equal(list(arena, &cdo, NULL, false), "version 1.0\n"
                                                        "section 0x77 0x9 0x2\n"
                                                        "write 0x100 0x5\n"
                                                        "dma_write 0x8 0x2 0x1 0x63 0x6 0x7\n"
                                                        "section 0x78 0x4 0x1\n"
                                                        "cfu_set_crc32 0x0\n"
                                                        "tail {\n  cd ab 00 00\n}\n");
    ts_buf out = ts_buf_in(arena);
    assert_int_equal(ts_cdo_write(&cdo, &out, &diag), TS_UNSUPPORTED);
    test_expect_error(&diag, TS_UNSUPPORTED, "version 1.0 can be read, not written");
    test_end(arena);
}

static void every_truncation_is_an_error(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_span files[] = {CDO(arena, 0x00020103, 1, 2, 0x00040105, 0, 8, 1, 2, 0x00010111, 0),
                       version_1(arena)};
    for (size_t f = 0; f < 2; f++)
        for (size_t size = 0; size < files[f].size - (f ? 4 : 0); size++) {
            ts_diag diag = {0};
            ts_cdo cdo;
            assert_int_not_equal(
                ts_cdo_parse(arena, ts_span_of(files[f].data, size), "t", &cdo, &diag), TS_OK);
            assert_true(diag.message[0]);
        }
    test_end(arena);
}

static void every_bit_flip_is_an_error_or_survives(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_span file = CDO(arena, 0x00020103, 1, 2, 0x00040105, 0, 8, 1, 2, 0x00010117, 0x61,
                       0x0005011a, 1, 0x00030102, 1, 2, 3, 0x00000100, 5);
    for (size_t bit = 0; bit < file.size * 8; bit++) {
        ts_arena *inner = test_begin();
        uint8_t *copy = ts_arena_alloc(inner, file.size);
        memcpy(copy, file.data, file.size);
        copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
        ts_diag diag = {0};
        ts_cdo cdo;
        if (ts_cdo_parse(inner, ts_span_of(copy, file.size), "t", &cdo, &diag) == TS_OK)
            check_laws(inner, ts_span_of(copy, file.size));
        else
            assert_true(diag.message[0] && bit / 8 < file.size);
        if (bit < 20 * 8) assert_int_not_equal(diag.code, TS_OK); /* the checksum sees those */
        test_end(inner);
    }
    test_end(arena);
}

/* ---- text ------------------------------------------------------------------------------------ */

static void listing_reads_well(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    uint32_t words[40] = {0x00120105, 0, 0x220000};
    for (uint32_t i = 0; i < 16; i++)
        words[3 + i] = i < 4 ? i : 0x00010001;
    words[19] = 0x00030102;
    words[20] = 0x1d1f000;
    words[21] = 0x3f;
    words[22] = 0x2;
    ts_cdo cdo = parse(arena, cdo_of(arena, 0x200, words, 23));
    assert_string_equal(list(arena, &cdo, NULL, false),
                        "version 2.0\n"
                        "dma_write 0x220000 {  # 16 words\n"
                        "  00000000 00000001 00000002 00000003 00010001*12\n"
                        "}\n"
                        "mask_write 0x1d1f000 0x3f 0x2\n");
    assert_string_equal(list(arena, &cdo, NULL, true), "version 2.0\n"
                                                       "dma_write 0x220000 {...}  # 16 words\n"
                                                       "mask_write 0x1d1f000 0x3f 0x2\n");
    test_end(arena);
}

static void text_is_free_in_form(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    const char *text = "\r\n  # a comment\n"
                       "write 16 0x7   # decimal, hexadecimal\n"
                       "\tdma_write 0x100 1 { 2 0x3\n\n # inside\n a*2 } 11\n"
                       "log_string \"a\\\"\\\\b\"\n"
                       "proc 1 [\n  nop\n  psm_sequence [\n ]\n]\n"
                       "mask_poll 1 2 3 4\n"
                       "mask_poll 1 2 3 4 5 6\n"
                       "generic 0x155 9\n"
                       "raw 0x00000111\n"
                       "end";
    test_same_bytes(pack(arena, text, NULL),
                    CDO(arena, 0x00020103, 16, 7, 0x00080105, 0, 0x100, 1, 2, 3, 10, 10, 11,
                        0x00010117, 0x625c2261, 0x0003011a, 1, 0x111, 0x11f, 0x00040101, 1, 2, 3, 4,
                        0x00060101, 1, 2, 3, 4, 5, 6, 0x00010155, 9, 0x111, 0xffffffff));
    test_same_bytes(pack(arena, "", NULL), cdo_of(arena, 0x200, NULL, 0));
    test_same_bytes(pack(arena, "version 1.50\n", NULL), cdo_of(arena, 0x132, NULL, 0));
    test_end(arena);
}

static void read_text(ts_arena *arena, const char *text, ts_diag *diag) {
    ts_buf out = ts_buf_in(arena);
    ts_cdo_source source = {.file = "t.txt"};
    (void)!ts_cdo_pack(arena, test_text(text), &source, &out, diag);
}

static void bad_text_is_named(void **state) {
    (void)state;
    static const test_bad_text cases[] = {
        {"wirte 1 2", TS_UNKNOWN, "t.txt:1:1: no command 'wirte'; did you mean 'write'?"},
        {"nop\nfrobnicate", TS_UNKNOWN, "t.txt:2:1: no command 'frobnicate'"},
        {"write 1", TS_SYNTAX, "t.txt:1:8: expected a number, the value"},
        {"write 1 2 3", TS_SYNTAX, "t.txt:1:11: more than the command takes"},
        {"write 1 two", TS_SYNTAX, "t.txt:1:9: 'two' is no number"},
        {"write 1 0x100000000", TS_RANGE, "more than the 0xffffffff that fits"},
        {"write 0x100000000 1", TS_RANGE, "t.txt:1:7"},
        {"write Core_Control 1", TS_UNKNOWN, "no register is called 'Core_Control'"},
        {"dma_write 0 { 1", TS_SYNTAX, "expected hexadecimal words up to '}'"},
        {"dma_write 0 { xyz }", TS_SYNTAX, "t.txt:1:15: expected hexadecimal"},
        {"dma_write 0 { 1*zz }", TS_SYNTAX, "expected a count"},
        {"dma_write 0 { 1*99999999 }", TS_RANGE, "more words than"},
        {"dma_write 0 { 1*4000000 1*4000000 }", TS_RANGE, "room for, by"},
        {"dma_write 0 {...}", TS_SYNTAX, "--brief"},
        {"dma_write 0 @file", TS_UNSUPPORTED, "files cannot be read here"},
        {"log_string \"abc", TS_SYNTAX, "t.txt:1:12: a text without its closing quote"},
        {"proc 1 [\nnop\n", TS_SYNTAX, "expected ']'"},
        {"]", TS_UNKNOWN, "no command ']'"},
        {"nop\nversion 2.0", TS_CONFLICT, "t.txt:2:1: the version comes once"},
        {"version 2", TS_SYNTAX, "expected a version such as 2.0"},
        {"version 1.0", TS_UNSUPPORTED, "versions 1.50 to 2.255"},
        {"nop\nheader 1", TS_CONFLICT, "before the commands"},
        {"tail { 1ff }", TS_RANGE, "0xff"},
        {"tail 1", TS_SYNTAX, "expected '{'"},
        {"generic 0x10000", TS_RANGE, "0xffff"},
        {"{", TS_SYNTAX, "expected a command"},
    };
    test_expect_errors(cases, sizeof cases / sizeof *cases, read_text);
}

static void deep_brackets_are_refused(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_buf text = ts_buf_in(arena), out = ts_buf_in(arena);
    for (int i = 0; i < 1000; i++)
        ts_buf_text(&text, "psm_sequence [\n");
    ts_diag diag = {0};
    ts_cdo_source source = {.file = "t.txt"};
    (void)!ts_cdo_pack(arena, ts_buf_span(&text), &source, &out, &diag);
    test_expect_error(&diag, TS_RANGE, "nested deeper than 4");
    test_end(arena);
}

static bool name_even(const void *context, uint64_t addr, ts_buf *out) {
    (void)context;
    if (addr % 2) return false;
    ts_buf_printf(out, "tile(0,2).core.R%llu", (unsigned long long)addr);
    return true;
}

static bool address_of(const void *context, const char *name, size_t length, uint64_t *out) {
    unsigned long long addr;
    char copy[64];
    snprintf(copy, sizeof copy, "%.*s", (int)length, name);
    if (sscanf(copy, "tile(0,2).core.R%llu", &addr) != 1) return false;
    *out = addr == 4 && context ? 5 : addr; /* with a context: a name that leads astray */
    return true;
}

static void say(const void *context, const ts_cdo *cdo, size_t index, ts_buf *before,
                ts_buf *behind) {
    (void)context;
    if (index == 0) ts_buf_text(before, "the first\nof all");
    ts_buf_printf(behind, "%s %zu", ts_cdo_command_name(&cdo->commands[index]), index);
}

static void names_and_comments_come_from_outside(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_span file = CDO(arena, 0x00020103, 4, 2, 0x00020103, 5, 2, 0x00070105, 0, 6, 1, 2, 3, 4, 5);
    ts_cdo cdo = parse(arena, file);
    ts_cdo_names names = {.name = name_even, .address = address_of, .comment = say};
    const char *text = list(arena, &cdo, &names, false);
    assert_string_equal(text, "version 2.0\n"
                              "# the first\n"
                              "# of all\n"
                              "write tile(0,2).core.R4 0x2  # write 0\n"
                              "write 0x5 0x2  # write 1\n"
                              "dma_write tile(0,2).core.R6 {  # dma_write 2\n"
                              "  00000001 00000002 00000003 00000004 00000005\n"
                              "}\n");
    test_same_bytes(pack(arena, text, &names), file);
    names.context = "";
    assert_non_null(strstr(list(arena, &cdo, &names, false), "write 0x4 0x2"));
    test_end(arena);
}

static ts_status give_words(const void *context, ts_arena *arena, const char *name, ts_span *out,
                            ts_diag *diag) {
    (void)arena;
    (void)diag;
    assert_string_equal(name, context);
    *out = ts_span_of("\1\0\0\0\2\0\0\0", strcmp(name, "odd") == 0 ? 7 : 8);
    return TS_OK;
}

static void files_are_read_through_the_caller(void **state) {
    (void)state;
    static const char *const names[] = {"a file.bin", "plain.bin", "odd"};
    static const char *const texts[] = {"dma_write 8 @\"a file.bin\"", "dma_write 8 @plain.bin",
                                        "dma_write 8 @odd"};
    for (int i = 0; i < 3; i++) {
        ts_arena *arena = test_begin();
        ts_buf out = ts_buf_in(arena);
        ts_diag diag = {0};
        ts_cdo_source source = {.file = "t.txt", .context = names[i], .read = give_words};
        ts_status status = ts_cdo_pack(arena, test_text(texts[i]), &source, &out, &diag);
        if (i < 2)
            test_same_bytes(ts_buf_span(&out), CDO(arena, 0x00040105, 0, 8, 1, 2));
        else
            test_expect_error(&diag, TS_RANGE, "7 bytes; expected whole words");
        assert_int_equal(status == TS_OK, i < 2);
        test_end(arena);
    }
}

/* ---- merging --------------------------------------------------------------------------------- */

static ts_status merge(ts_arena *arena, const ts_span *inputs, size_t n, ts_buf *out,
                       ts_diag *diag) {
    static const char *const files[] = {"a.cdo", "b.cdo", "c.cdo"};
    return ts_cdo_merge(arena, inputs, files, n, out, diag);
}

static void expect_merge(ts_arena *arena, ts_span input, ts_span want) {
    ts_buf out = ts_buf_in(arena);
    ts_diag diag = {0};
    if (merge(arena, &input, 1, &out, &diag) != TS_OK) fail_msg("%s", diag.message);
    test_same_bytes(ts_buf_span(&out), want);
}

/* What bootgen 2022.2 made of the same inputs. */
static void merging_writes_as_bootgen_does(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    expect_merge(
        arena,
        CDO(arena, 0x00030105, 0, 0x220104, 5, 0x00ff0105, 4, 0, 0x220104, 5, 6, 0x00020105, 0,
            0x220104, 0x00050101, 1, 2, 3, 4, 0, 0x00030108, 0, 1, 2, 0x00000100, 0x00020103, 1, 1),
        CDO(arena, 0x00020103, 0x220104, 5, 0x00010111, 0, 0x00040105, 0, 0x220104, 5, 6,
            0x00020111, 0, 0, 0x00020105, 0, 0x220104, 0x00040101, 1, 2, 3, 4, 0x00020103, 1, 2));
    expect_merge(arena,
                 CDO(arena, 0x00040119, 100, 0x63006261, 0x67666564, 0x68, 0x00020117, 0x78,
                     0x79797979, 0x00020114, 0, 0, 0x00ff0111, 3, 0, 0, 0, 0x00030155, 1, 2, 3,
                     0x0001011d, 1, 0x0001011d, 2),
                 CDO(arena, 0x00020119, 100, 0x6261, 0x00010117, 0x78, 0x114, 0x00030111, 0, 0, 0,
                     0x00030155, 1, 2, 3, 0x11d, 0x0001011d, 2));
    expect_merge(arena,
                 CDO(arena, 0x00060106, 0, 1, 2, 3, 4, 0, 0x00060106, 7, 1, 2, 3, 4, 0, 0x00030108,
                     2, 3, 4, 0x00040107, 0, 3, 4, 5, 0x00030246, 1, 2, 1, 0x00030246, 1, 2, 3,
                     0x00020118, 5, 0),
                 CDO(arena, 0x00040101, 1, 2, 3, 4, 0x00050106, 7, 1, 2, 3, 4, 0x00030108, 2, 3, 4,
                     0x00030102, 3, 4, 5, 0x00020246, 1, 2, 0x00030246, 1, 2, 3, 0x00010118, 5));
    expect_merge(arena, CDO(arena, 0x000a0105, 0, 0xf6000004, 1, 2, 3, 4, 5, 6, 7, 8),
                 CDO(arena, 0x00020103, 0xf6000004, 1, 0x00020103, 0xf6000008, 2, 0x00020103,
                     0xf600000c, 3, 0x00020111, 0, 0, 0x00060105, 0, 0xf6000010, 4, 5, 6, 7,
                     0x00020103, 0xf6000020, 8));
    expect_merge(
        arena,
        CDO(arena, 0x0002011b, 99, 0x656d616e, 0x00040105, 0, 4, 7, 8, 0x11c, 0x00020103, 1, 2),
        CDO(arena, 0x0002011b, 8, 0x656d616e, 0x00010111, 0, 0x00040105, 0, 4, 7, 8, 0x11c,
            0x00020103, 1, 2));
    expect_merge(
        arena,
        CDO(arena, 0x0009011a, 7, 0x00020103, 1, 2, 0x00040105, 0, 4, 7, 8, 0x00020103, 1, 2),
        CDO(arena, 0x0009011a, 7, 0x00020103, 1, 2, 0x00040105, 0, 4, 7, 8, 0x00020103, 1, 2));
    test_end(arena);
}

static void merging_joins_files_each_aligned_alone(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_buf out = ts_buf_in(arena);
    ts_diag diag = {0};
    ts_span block = CDO(arena, 0x00040105, 0, 0, 5, 6);
    ts_span inputs[] = {CDO(arena, 0x111), block, block};
    assert_int_equal(merge(arena, inputs, 3, &out, &diag), TS_OK);
    test_same_bytes(ts_buf_span(&out),
                    CDO(arena, 0x111, 0x00040105, 0, 0, 5, 6, 0x00040105, 0, 0, 5, 6));
    test_end(arena);
}

static void bad_merges_are_named(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_span bad[] = {cdo_of(arena, 0x200, NULL, 0), CDO(arena, 0x100), version_1(arena),
                     CDO(arena, 0x00020301, 1, 2), CDO(arena, 0x0002011a, 1, 0x00ff0105)};
    static const char *const words[] = {"b.cdo: holds no commands", "b.cdo: holds no commands",
                                        "b.cdo: CDO version 1.0", "versions before 2.0",
                                        "offset 0x1c: dma_write has 0"};
    for (size_t i = 0; i < 5; i++) {
        ts_span inputs[] = {CDO(arena, 0x111), bad[i]};
        ts_buf out = ts_buf_in(arena);
        ts_diag diag = {0};
        ts_status status = merge(arena, inputs, 2, &out, &diag);
        test_expect_error(&diag, status, words[i]);
        assert_int_not_equal(status, TS_OK);
    }
    test_end(arena);
}

/* Positions after the header of 5 words: data wants a multiple of 4 words. */
static void blocks_are_aligned_as_the_driver_does(void **state) {
    (void)state;
    static const struct {
        size_t n_words, n_pad;
    } cases[] = {{1, 0}, {252, 0}, {253, 0}, {254, 3}, {1000, 3}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ts_arena *arena = test_begin();
        ts_buf out = ts_buf_in(arena), data = ts_buf_in(arena);
        ts_diag diag = {0};
        ts_buf_zeros(&data, cases[i].n_words * 4);
        ts_cdo_begin(&out);
        ts_cdo_put_block(&out, 0x220000, ts_buf_span(&data));
        assert_int_equal(ts_cdo_finish(&out, &diag), TS_OK);
        size_t header = cases[i].n_words + 2 < 255 ? 3 : 4;
        assert_int_equal(out.size / 4, 5 + cases[i].n_pad + header + cases[i].n_words);
        check_laws(arena, ts_buf_span(&out));
        test_end(arena);
    }
}

static ts_status everything(ts_arena *arena, void *context) {
    ts_diag diag = {0};
    ts_cdo cdo;
    ts_span *file = context;
    ts_buf text = ts_buf_in(arena), again = ts_buf_in(arena), merged = ts_buf_in(arena);
    ts_cdo_source source = {.file = "t.txt"};
    TS_TRY(ts_cdo_parse(arena, *file, "t.cdo", &cdo, &diag));
    TS_TRY(ts_cdo_list(arena, &cdo, NULL, false, &text, &diag));
    TS_TRY(ts_cdo_pack(arena, ts_buf_span(&text), &source, &again, &diag));
    test_same_bytes(ts_buf_span(&again), *file);
    return merge(arena, file, 1, &merged, &diag);
}

static void every_allocation_fails_once(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_span file = CDO(arena, 0x00020103, 1, 2, 0x00070105, 0, 8, 1, 2, 3, 4, 5, 0x00010117, 0x61,
                       0x0005011a, 1, 0x00030102, 1, 2, 3, 0x5a020103, 1, 2);
    test_every_allocation_fails(everything, &file);
    test_end(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_command_survives),
        cmocka_unit_test(unusual_forms_survive),
        cmocka_unit_test(nesting_is_limited_but_survives),
        cmocka_unit_test(arguments_have_names_and_kinds),
        cmocka_unit_test(stores_are_told),
        cmocka_unit_test(bad_binaries_are_named),
        cmocka_unit_test(version_1_is_read),
        cmocka_unit_test(every_truncation_is_an_error),
        cmocka_unit_test(every_bit_flip_is_an_error_or_survives),
        cmocka_unit_test(listing_reads_well),
        cmocka_unit_test(text_is_free_in_form),
        cmocka_unit_test(bad_text_is_named),
        cmocka_unit_test(deep_brackets_are_refused),
        cmocka_unit_test(names_and_comments_come_from_outside),
        cmocka_unit_test(files_are_read_through_the_caller),
        cmocka_unit_test(merging_writes_as_bootgen_does),
        cmocka_unit_test(merging_joins_files_each_aligned_alone),
        cmocka_unit_test(bad_merges_are_named),
        cmocka_unit_test(blocks_are_aligned_as_the_driver_does),
        cmocka_unit_test(every_allocation_fails_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
