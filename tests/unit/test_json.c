/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * base: the JSON tree. */
#include "support.h"

#include <string.h>

static ts_json *parse(ts_arena *arena, const char *text) {
    ts_json *tree = NULL;
    ts_diag diag = {0};
    if (ts_json_parse(arena, test_text(text), "t.json", &tree, &diag) != TS_OK)
        fail_msg("%s: %s", text, diag.message);
    return tree;
}

static const char *write(ts_arena *arena, const ts_json *tree, const ts_json_style *style) {
    ts_buf out = ts_buf_in(arena);
    assert_int_equal(ts_json_write(&out, tree, style), TS_OK);
    ts_buf_u8(&out, 0);
    return (const char *)out.data;
}

static void scalars_keep_their_text(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    const char *text = "[18446744073709551616,1.50,-0,1e3,true,null,\"0x10\",\"\",\"\xc3\xa9\",{"
                       "\"a\":1,\"a\":2}]\n";
    assert_string_equal(write(arena, parse(arena, text), &ts_json_compact), text);
    test_end(arena);
}

static void look_ups_find_the_first_of_a_name(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    const ts_json *tree =
        parse(arena, "{\"a\":{\"b\":{\"c\":\"deep\"}},\"x\":1,\"x\":2,\"l\":[7,8]}");
    assert_string_equal(ts_json_path(tree, "a.b.c")->text, "deep");
    assert_null(ts_json_path(tree, "a.b.d"));
    assert_null(ts_json_path(NULL, "a"));
    assert_string_equal(ts_json_text(tree, "x", "none"), "1");
    assert_string_equal(ts_json_text(tree, "l", "none"), "none");
    assert_string_equal(ts_json_get(tree, "l")->last->text, "8");
    assert_int_equal(ts_json_get(tree, "l")->n_children, 2);
    test_end(arena);
}

static void building_and_changing(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_json *tree = ts_json_new(arena, TS_JSON_OBJECT);
    ts_json_add_string(arena, tree, "s", "a\"\\/\n\x01");
    ts_json_add_number(arena, tree, "n", UINT64_MAX);
    ts_json_add_bool(arena, tree, "b", true);
    ts_json *list = ts_json_add(arena, tree, "l", TS_JSON_ARRAY);
    ts_json_add_format(arena, list, "", "0x%x", 255);
    ts_json_add(arena, tree, "e", TS_JSON_ARRAY);
    ts_json *copy = ts_json_copy(arena, tree);
    assert_true(ts_json_set_string(arena, tree, "n", "new"));
    assert_true(ts_json_set_string(arena, tree, "z", "added"));
    assert_string_equal(write(arena, copy, &ts_json_compact),
                        "{\"s\":\"a\\\"\\\\/\\n\\u0001\",\"n\":18446744073709551615,\"b\":true,"
                        "\"l\":[\"0xff\"],\"e\":[]}\n");
    assert_string_equal(write(arena, tree, &ts_json_pretty),
                        "{\n  \"s\": \"a\\\"\\\\/\\n\\u0001\",\n  \"n\": \"new\",\n  \"b\": true,\n"
                        "  \"l\": [\n    \"0xff\"\n  ],\n  \"e\": [],\n  \"z\": \"added\"\n}\n");
    test_end(arena);
}

static void bytes_that_are_not_utf8_do_not_reach_json(void **state) {
    (void)state;
    static const struct {
        const char *in, *out;
    } rows[] = {
        {"\xff", "\xef\xbf\xbd"},
        {"a\xc3", "a\xef\xbf\xbd"},
        {"\xc3\xa9", "\xc3\xa9"},
        {"\xc0\x80", "\xef\xbf\xbd\xef\xbf\xbd"},
        {"\xe2\x82\xac", "\xe2\x82\xac"},
        {"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
        {"\xf0\x9f\x98\x80!", "\xf0\x9f\x98\x80!"},
        {"\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
        {"\xe0\x9f\xbf", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ts_arena *arena = test_begin();
        ts_json *list = ts_json_new(arena, TS_JSON_ARRAY);
        ts_json_add_string(arena, list, "", rows[i].in);
        assert_string_equal(write(arena, list, &ts_json_compact),
                            ts_arena_printf(arena, "[\"%s\"]\n", rows[i].out));
        static const ts_json_style raw = {.raw_bytes = true};
        assert_string_equal(write(arena, list, &raw),
                            ts_arena_printf(arena, "[\"%s\"]\n", rows[i].in));
        test_end(arena);
    }
}

static void errors_have_line_and_column(void **state) {
    (void)state;
    static const struct {
        const char *text, *words;
        ts_status code;
    } rows[] = {
        {"", "premature EOF", TS_SYNTAX},         {"{\"a\": 1,\n \"b\" 2}", "t.json:2:", TS_SYNTAX},
        {"[1,]", "t.json:1:5", TS_SYNTAX},        {"{} x", "trailing garbage", TS_SYNTAX},
        {"\"\xff\"", "UTF8", TS_SYNTAX},          {"\"a\\u0000b\"", "U+0000", TS_SYNTAX},
        {"{\"\\u0000\":1}", "U+0000", TS_SYNTAX}, {"nul", "invalid string", TS_SYNTAX},
        {"1.", "malformed number", TS_SYNTAX},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ts_arena *arena = test_begin();
        ts_diag diag = {0};
        ts_json *tree;
        assert_int_equal(ts_json_parse(arena, test_text(rows[i].text), "t.json", &tree, &diag),
                         rows[i].code);
        test_expect_error(&diag, rows[i].code, rows[i].words);
        test_end(arena);
    }
}

static void depth_is_bounded(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    char text[4 * TS_JSON_MAX_DEPTH] = {0};
    memset(text, '[', TS_JSON_MAX_DEPTH);
    memset(text + TS_JSON_MAX_DEPTH, ']', TS_JSON_MAX_DEPTH);
    assert_non_null(parse(arena, text));
    memset(text, '[', TS_JSON_MAX_DEPTH + 1);
    memset(text + TS_JSON_MAX_DEPTH + 1, ']', TS_JSON_MAX_DEPTH + 1);
    ts_diag diag = {0};
    ts_json *tree;
    assert_int_equal(ts_json_parse(arena, test_text(text), "t.json", &tree, &diag), TS_RANGE);
    test_end(arena);
}

static ts_status parse_and_write(ts_arena *arena, void *context) {
    ts_json *tree;
    ts_diag diag = {0};
    TS_TRY(ts_json_parse(arena, test_text(context), "t.json", &tree, &diag));
    ts_buf out = ts_buf_in(arena);
    return ts_json_write(&out, tree, &ts_json_pretty);
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    char text[] = "{\"a\": [1, \"two\", {\"three\": null}], \"b\": true}";
    test_every_allocation_fails(parse_and_write, text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scalars_keep_their_text),
        cmocka_unit_test(look_ups_find_the_first_of_a_name),
        cmocka_unit_test(building_and_changing),
        cmocka_unit_test(bytes_that_are_not_utf8_do_not_reach_json),
        cmocka_unit_test(errors_have_line_and_column),
        cmocka_unit_test(depth_is_bounded),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
