/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * base: diagnostics, arenas, cursors and builders, numbers and names, files. */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void diag_keeps_the_first_error(void **state) {
    (void)state;
    ts_diag diag = {0};
    assert_int_equal(ts_fail_at(&diag, TS_RANGE, "a.bin", 0x1c8, "found %d", 7), TS_RANGE);
    assert_int_equal(ts_fail(&diag, TS_IO, "b.bin", "later"), TS_IO);
    char text[200];
    ts_diag_format(&diag, text, sizeof text);
    assert_string_equal(text, "a.bin: offset 0x1c8: found 7");
    assert_int_equal(ts_fail(NULL, TS_IO, "x", "no diag is fine"), TS_IO);
}

static void diag_points_into_text(void **state) {
    (void)state;
    const char *source = "first\n  \tbad word\nlast";
    ts_diag diag = {0};
    size_t offset = (size_t)(strstr(source, "bad") - source);
    ts_fail_text(&diag, TS_SYNTAX, "a.s", source, strlen(source), offset, "unknown 'bad'");
    char text[400];
    ts_diag_format(&diag, text, sizeof text);
    assert_string_equal(text, "a.s:2:4: unknown 'bad'\n       bad word\n       ^");
}

static void diag_shortens_long_lines_and_names(void **state) {
    (void)state;
    char source[5000], name[1000];
    memset(source, 'x', sizeof source);
    source[4000] = '!';
    memset(name, 'n', sizeof name);
    memcpy(name + sizeof name - 6, "end.s", 6);
    ts_diag diag = {0};
    ts_fail_text(&diag, TS_SYNTAX, name, source, sizeof source, 4000, "here");
    assert_int_equal(diag.column, 4001);
    assert_int_equal(diag.source[diag.caret], '!');
    assert_string_equal(diag.file + strlen(diag.file) - 5, "end.s");
}

static void diag_hides_control_characters(void **state) {
    (void)state;
    ts_diag diag = {0};
    ts_fail(&diag, TS_SYNTAX, "a\x1b.bin", "name '%s'", "\x1b[31m\r");
    assert_string_equal(diag.file, "a?.bin");
    assert_string_equal(diag.message, "name '?[31m?'");
}

static void arena_gives_zeroed_aligned_memory(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    for (size_t size = 0; size < 9000; size += 37) {
        uint8_t *block = ts_arena_alloc(arena, size);
        assert_non_null(block);
        assert_int_equal((uintptr_t)block % _Alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(block[i], 0);
        memset(block, 0xff, size);
    }
    test_end(arena);
}

static void arena_refuses_what_it_cannot_give(void **state) {
    (void)state;
    ts_arena arena;
    ts_arena_init(&arena, 100000);
    assert_null(ts_arena_alloc(&arena, 200000));
    assert_null(ts_arena_alloc(&arena, SIZE_MAX));
    assert_null(ts_arena_array(&arena, SIZE_MAX / 4, 8));
    assert_non_null(ts_arena_alloc(&arena, 50000));
    assert_null(ts_arena_alloc(&arena, 60000));
    assert_true(arena.used_bytes <= 100000);
    ts_arena_free(&arena);
    assert_non_null(ts_arena_alloc(&arena, 60000)); /* usable again */
    ts_arena_free(&arena);
}

/* An array that grows keeps what it holds, moves only when it is full, and is whole after a
 * failure. */
static void arena_has_room_for_one_more(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    uint32_t *items = NULL;
    size_t capacity = 0;
    for (uint32_t n = 0; n < 1000; n++) {
        size_t before = capacity;
        uint32_t *grown = ts_arena_room(arena, items, n, &capacity, sizeof *grown);
        assert_non_null(grown);
        assert_true(capacity > n);
        if (n < before) assert_ptr_equal(grown, items);
        items = grown;
        items[n] = n * 3;
        if (n % 7 == 0) assert_non_null(ts_arena_alloc(arena, 1));
    }
    for (uint32_t n = 0; n < 1000; n++)
        assert_int_equal(items[n], n * 3);
    size_t full = capacity, huge = SIZE_MAX / 2 + 1;
    arena->grants = 0;
    assert_null(ts_arena_room(arena, items, full, &capacity, sizeof *items));
    assert_int_equal(capacity, full);
    arena->grants = UINT64_MAX;
    assert_null(ts_arena_room(arena, items, huge, &huge, 1));
    assert_null(ts_arena_room(arena, items, full, &capacity, SIZE_MAX / 1000));
    test_end(arena);
}

static void arena_grows_in_place_when_it_can(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    char *block = ts_arena_alloc(arena, 16);
    memcpy(block, "0123456789abcde", 16);
    assert_ptr_equal(ts_arena_grow(arena, block, 16, 64), block);
    for (int i = 16; i < 64; i++)
        assert_int_equal(block[i], 0);
    assert_non_null(ts_arena_alloc(arena, 1));
    char *moved = ts_arena_grow(arena, block, 64, 100);
    assert_ptr_not_equal(moved, block);
    assert_string_equal(moved, "0123456789abcde");
    test_end(arena);
}

static void cursor_stops_at_the_end(void **state) {
    (void)state;
    static const uint8_t bytes[] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    ts_cur cur = ts_cur_of(ts_span_of(bytes, sizeof bytes));
    assert_int_equal(ts_cur_u32le(&cur), 0x04030201);
    ts_cur_seek(&cur, 0);
    assert_int_equal(ts_cur_u32be(&cur), 0x01020304);
    assert_int_equal(ts_cur_left(&cur), 5);
    assert_int_equal(ts_cur_u64le(&cur), 0);
    assert_true(cur.bad);
    assert_int_equal(ts_cur_u8(&cur), 0); /* stays bad */
    cur = ts_cur_of((ts_span){0});
    assert_int_equal(ts_cur_left(&cur), 0);
    assert_int_equal(ts_cur_u8(&cur), 0);
    assert_true(cur.bad);
    cur = ts_cur_of(ts_span_of(bytes, sizeof bytes));
    ts_cur_skip(&cur, UINT64_MAX);
    assert_true(cur.bad);
}

static void span_parts_cannot_wrap(void **state) {
    (void)state;
    static const uint8_t bytes[16];
    ts_span all = ts_span_of(bytes, 16), part;
    assert_true(ts_span_sub(all, 16, 0, &part));
    assert_true(ts_span_sub(all, 4, 12, &part));
    assert_false(ts_span_sub(all, 4, 13, &part));
    assert_false(ts_span_sub(all, 17, 0, &part));
    assert_false(ts_span_sub(all, 8, UINT64_MAX - 4, &part));
    assert_false(ts_span_sub(all, UINT64_MAX, 2, &part));
}

static void builder_mirrors_the_cursor(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    test_random random = {42};
    for (unsigned n = 1; n <= 8; n++)
        for (int i = 0; i < 200; i++) {
            uint64_t value = test_next(&random) >> (64 - 8 * n);
            ts_buf buf = ts_buf_in(arena);
            ts_buf_uint_le(&buf, value, n);
            ts_cur cur = ts_cur_of(ts_buf_span(&buf));
            assert_int_equal(ts_cur_uint_le(&cur, n), value);
            assert_false(cur.bad);
            assert_int_equal(ts_cur_left(&cur), 0);
        }
    ts_buf buf = ts_buf_in(arena);
    ts_buf_u16le(&buf, 0x0201);
    ts_buf_u32be(&buf, 0x03040506);
    ts_buf_printf(&buf, "%s-%d", "x", 5);
    ts_buf_align(&buf, 16);
    ts_buf_patch_uint_le(&buf, 14, 0xbbaa, 2);
    static const uint8_t want[16] = {1, 2, 3, 4, 5, 6, 'x', '-', '5', 0, 0, 0, 0, 0, 0xaa, 0xbb};
    test_same_bytes(ts_buf_span(&buf), ts_span_of(want, 16));
    ts_buf_patch_uint_le(&buf, 15, 0, 2);
    assert_true(buf.failed);
    test_end(arena);
}

static void numbers_are_read_whole_or_not_at_all(void **state) {
    (void)state;
    static const struct {
        const char *text;
        bool ok;
        uint64_t value;
    } rows[] = {
        {"0", true, 0},
        {"00", true, 0},
        {"42", true, 42},
        {"0x1F", true, 31},
        {"017", true, 15},
        {"18446744073709551615", true, UINT64_MAX},
        {"0xffffffffffffffff", true, UINT64_MAX},
        {"18446744073709551616", false, 0},
        {"0x10000000000000000", false, 0},
        {"", false, 0},
        {"0x", false, 0},
        {"-1", false, 0},
        {" 1", false, 0},
        {"1 ", false, 0},
        {"08", false, 0},
        {"12a", false, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint64_t value = 0;
        if (ts_parse_u64(rows[i].text, &value) != rows[i].ok ||
            (rows[i].ok && value != rows[i].value))
            fail_msg("'%s'", rows[i].text);
    }
}

static void nearest_word_helps_but_does_not_guess(void **state) {
    (void)state;
    static const char *const words[] = {"extract", "remove", "replace", "pack"};
    assert_string_equal(ts_nearest_word("extrat", words, 4), "extract");
    assert_string_equal(ts_nearest_word("PACK", words, 4), "pack");
    assert_null(ts_nearest_word("frobnicate", words, 4));
    assert_null(ts_nearest_word("x", words, 0));
}

static char folder[] = "/tmp/tessera-test-XXXXXX";

static int make_folder(void **state) {
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state) {
    (void)state;
    return rmdir(folder); /* fails when a test left something behind */
}

static const char *in_folder(ts_arena *arena, const char *name) {
    return ts_arena_printf(arena, "%s/%s", folder, name);
}

static void files_are_written_whole(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_diag diag = {0};
    const char *path = in_folder(arena, "out.bin");
    assert_int_equal(ts_file_write(path, test_text("first"), &diag), TS_OK);
    assert_int_equal(ts_file_write(path, test_text("second, longer"), &diag), TS_OK);
    ts_span got;
    assert_int_equal(ts_file_read(arena, path, 0, &got, &diag), TS_OK);
    test_same_bytes(got, test_text("second, longer"));
    assert_int_equal(ts_file_read(arena, path, 5, &got, &diag), TS_RANGE);
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    mode_t mask = umask(0);
    umask(mask);
    assert_int_equal(st.st_mode & 0777, 0666 & ~mask);
    unlink(path);
    test_end(arena);
}

static void a_link_stays_a_link(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_diag diag = {0};
    const char *path = in_folder(arena, "real"), *link = in_folder(arena, "link");
    assert_int_equal(ts_file_write(path, test_text("old"), &diag), TS_OK);
    assert_int_equal(symlink(path, link), 0);
    assert_int_equal(ts_file_write(link, test_text("new"), &diag), TS_OK);
    struct stat st;
    assert_int_equal(lstat(link, &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    ts_span got;
    assert_int_equal(ts_file_read(arena, path, 0, &got, &diag), TS_OK);
    test_same_bytes(got, test_text("new"));
    unlink(link);
    unlink(path);
    test_end(arena);
}

static void an_abandoned_set_leaves_nothing(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_diag diag = {0};
    ts_file_set set;
    ts_file_set_init(&set, arena);
    assert_int_equal(ts_file_set_add(&set, in_folder(arena, "a"), test_text("a"), &diag), TS_OK);
    assert_int_equal(
        ts_file_set_add(&set, in_folder(arena, "no/such/folder/b"), test_text("b"), &diag), TS_IO);
    test_expect_error(&diag, TS_IO, "cannot create");
    ts_file_set_abandon(&set);
    assert_int_not_equal(access(in_folder(arena, "a"), F_OK), 0);
    test_end(arena);
}

static void file_errors_say_what_and_why(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_diag diag = {0};
    ts_span got;
    assert_int_equal(ts_file_read(arena, in_folder(arena, "none"), 0, &got, &diag), TS_IO);
    test_expect_error(&diag, TS_IO, "none: cannot open for reading: No such file or directory");
    diag = (ts_diag){0};
    assert_int_equal(ts_file_read(arena, folder, 0, &got, &diag), TS_IO);
    test_expect_error(&diag, TS_IO, "is a folder");
    diag = (ts_diag){0};
    assert_int_equal(ts_file_write(folder, test_text("x"), &diag), TS_IO);
    test_expect_error(&diag, TS_IO, "is a folder");
    diag = (ts_diag){0};
    assert_int_equal(ts_file_write("/dev/null", test_text("x"), &diag), TS_OK);
    struct stat st;
    assert_int_equal(stat("/dev/null", &st), 0);
    assert_true(S_ISCHR(st.st_mode));
    test_end(arena);
}

static void paths(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    assert_string_equal(ts_path_beside(arena, "a/b/c.json", "main.pdi"), "a/b/main.pdi");
    assert_string_equal(ts_path_beside(arena, "c.json", "main.pdi"), "main.pdi");
    assert_string_equal(ts_path_beside(arena, "a/c.json", "/x/main.pdi"), "/x/main.pdi");
    assert_string_equal(ts_path_stem(arena, "a.b/main.tar.gz"), "main.tar");
    assert_string_equal(ts_path_stem(arena, "dir/.hidden"), ".hidden");
    assert_true(ts_path_is_plain_name("..a"));
    assert_false(ts_path_is_plain_name(".."));
    assert_false(ts_path_is_plain_name("a/b"));
    assert_false(ts_path_is_plain_name(""));
    test_end(arena);
}

/* ---- listings -------------------------------------------------------------------------------- */

static void blocks_of_listings_come_back(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    test_random random = {3};
    for (size_t n = 0; n < 200; n++) {
        ts_buf words = ts_buf_in(arena), text = ts_buf_in(arena), again = ts_buf_in(arena);
        ts_diag diag = {0};
        for (size_t i = 0; i < n; i++)
            ts_buf_u32le(&words, test_next(&random) % 3 ? 7 : (uint32_t)test_next(&random));
        ts_list_words(ts_buf_span(&words), 2, &text);
        ts_buf_text(&text, "}");
        ts_scan scan = ts_scan_of(ts_buf_span(&text), "t", &diag);
        assert_int_equal(ts_scan_words(&scan, n, &again), TS_OK);
        test_same_bytes(ts_buf_span(&again), ts_buf_span(&words));
        scan = ts_scan_of(ts_buf_span(&text), "t", &diag);
        if (n) assert_int_equal(ts_scan_words(&scan, n - 1, &again), TS_RANGE);
        text.size = again.size = 0;
        ts_list_bytes(ts_buf_span(&words), 3, &text);
        ts_buf_text(&text, "}");
        scan = ts_scan_of(ts_buf_span(&text), "t", &diag);
        assert_int_equal(ts_scan_bytes(&scan, &again), TS_OK);
        test_same_bytes(ts_buf_span(&again), ts_buf_span(&words));
    }
    test_end(arena);
}

static void words_of_listings_have_places(void **state) {
    (void)state;
    ts_diag diag = {0};
    const char *text = "  # nothing\n\n two 0x3 # rest\n\t4\n";
    ts_scan scan = ts_scan_of(test_text(text), "t.txt", &diag);
    char token[TS_SCAN_MAX_TOKEN];
    const char *at;
    uint64_t number = 0;
    ts_scan_lines(&scan);
    assert_int_equal(ts_scan_token(&scan, token, &at), TS_OK);
    assert_string_equal(token, "two");
    assert_int_equal(ts_scan_number(&scan, 3, "a number", &number), TS_OK);
    assert_int_equal(number, 3);
    assert_true(ts_scan_at_line_end(&scan));
    ts_scan_lines(&scan);
    assert_int_equal(ts_scan_number(&scan, 3, "a number", &number), TS_RANGE);
    test_expect_error(&diag, TS_RANGE, "t.txt:4:2: 4 is more than the 0x3 that fits");
}

/* The examples of NIST's page for FIPS 180-4, and lengths around the end of a block. */
static void sha256_is_what_the_standard_says(void **state) {
    (void)state;
    static const struct {
        const char *text;
        size_t n; /* times */
        const char *hash;
    } cases[] = {
        {"", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
        {"a", 1000000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
        {"a", 55, "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"},
        {"a", 64, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ts_arena *arena = test_begin();
        ts_buf text = ts_buf_in(arena);
        char hash[TS_SHA256_TEXT];
        for (size_t n = 0; n < cases[i].n; n++)
            ts_buf_text(&text, cases[i].text);
        ts_sha256_text(ts_buf_span(&text), hash);
        assert_string_equal(hash, cases[i].hash);
        test_end(arena);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(diag_keeps_the_first_error),
        cmocka_unit_test(diag_points_into_text),
        cmocka_unit_test(diag_shortens_long_lines_and_names),
        cmocka_unit_test(diag_hides_control_characters),
        cmocka_unit_test(arena_gives_zeroed_aligned_memory),
        cmocka_unit_test(arena_refuses_what_it_cannot_give),
        cmocka_unit_test(arena_has_room_for_one_more),
        cmocka_unit_test(arena_grows_in_place_when_it_can),
        cmocka_unit_test(cursor_stops_at_the_end),
        cmocka_unit_test(span_parts_cannot_wrap),
        cmocka_unit_test(builder_mirrors_the_cursor),
        cmocka_unit_test(numbers_are_read_whole_or_not_at_all),
        cmocka_unit_test(nearest_word_helps_but_does_not_guess),
        cmocka_unit_test(files_are_written_whole),
        cmocka_unit_test(a_link_stays_a_link),
        cmocka_unit_test(an_abandoned_set_leaves_nothing),
        cmocka_unit_test(file_errors_say_what_and_why),
        cmocka_unit_test(paths),
        cmocka_unit_test(sha256_is_what_the_standard_says),
        cmocka_unit_test(blocks_of_listings_come_back),
        cmocka_unit_test(words_of_listings_have_places),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
