/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Bad designs, each with its message: tests/data/design/bad_parse.txt and bad_verify.txt. A case is
 * three lines: "# name", the text, and "! line:column: message". Those of bad_verify.txt parse;
 * they lie in a device with some tiles, on the second line. TESSERA_GOLDEN_UPDATE=1 rewrites the
 * files; review the diff.
 */
#include "support.h"

#include "tessera/design.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DATA TEST_SOURCE_DIR "/data/design/"

static const char before[] =
    "module { aie.device(npu1) { %s = aie.tile(0, 0) %m = aie.tile(0, 1) %c = aie.tile(0, 2) "
    "%d = aie.tile(0, 3) %e = aie.tile(2, 4)\n";
static const char behind[] = "\n} }";

typedef struct cases {
    ts_arena *arena;
    const char *at, *end;
    bool is_verified;
    unsigned n, n_wrong;
    ts_buf again; /* the file as it would be right */
} cases;

static const char *take_line(cases *c) {
    const char *end = memchr(c->at, '\n', (size_t)(c->end - c->at));
    if (!end) end = c->end;
    const char *line = ts_arena_strndup(c->arena, c->at, (size_t)(end - c->at));
    c->at = end < c->end ? end + 1 : end;
    return line;
}

/* "line:column: message", or what else came of it. */
static const char *result_of(ts_arena *arena, const cases *c, const char *text) {
    ts_diag diag = {0};
    ts_design *design;
    const char *whole =
        c->is_verified ? ts_arena_printf(arena, "%s%s%s", before, text, behind) : text;
    ts_status status = ts_design_parse(arena, test_text(whole), "bad.mlir", &design, &diag);
    if (c->is_verified && status != TS_OK)
        return ts_arena_printf(arena, "does not parse: %u:%u: %s", (unsigned)diag.line,
                               (unsigned)diag.column, diag.message);
    if (c->is_verified) status = ts_design_verify(design, &diag);
    if (status == TS_OK) return "no error";
    assert_int_equal(diag.code, status);
    if (diag.place != TS_PLACE_TEXT) return ts_arena_printf(arena, "no place: %s", diag.message);
    return ts_arena_printf(arena, "%u:%u: %s", (unsigned)diag.line, (unsigned)diag.column,
                           diag.message);
}

static void one_case(cases *c, const char *name) {
    ts_arena arena;
    ts_arena_init(&arena, 0);
    const char *text = take_line(c), *want = take_line(c);
    assert_true(strncmp(name, "# ", 2) == 0 && strncmp(want, "! ", 2) == 0);
    /* An exact copy, so that a read past its end is noticed. */
    char *copy = malloc(strlen(text) + 1);
    assert_non_null(copy);
    memcpy(copy, text, strlen(text) + 1);
    const char *got = result_of(&arena, c, copy);
    free(copy);
    ts_buf_printf(&c->again, "%s\n%s\n! %s\n", name, text, got);
    c->n++;
    if (strcmp(want + 2, got) != 0) {
        c->n_wrong++;
        print_error("%s\n  want %s\n  got  %s\n", name, want + 2, got);
    }
    ts_arena_free(&arena);
}

static void run_cases(const char *path, bool is_verified, unsigned least) {
    ts_arena *arena = test_begin();
    ts_diag diag = {0};
    ts_span file;
    assert_int_equal(ts_file_read(arena, path, 0, &file, &diag), TS_OK);
    cases c = {.arena = arena,
               .at = (const char *)file.data,
               .end = (const char *)file.data + file.size,
               .is_verified = is_verified,
               .again = ts_buf_in(arena)};
    while (c.at < c.end)
        one_case(&c, take_line(&c));
    if (getenv("TESSERA_GOLDEN_UPDATE"))
        assert_int_equal(ts_file_write(path, ts_buf_span(&c.again), &diag), TS_OK);
    else
        assert_int_equal(c.n_wrong, 0);
    assert_true(c.n >= least);
    test_end(arena);
}

static void texts_that_do_not_parse(void **state) {
    (void)state;
    run_cases(DATA "bad_parse.txt", false, 130);
}

static void designs_that_break_rules(void **state) {
    (void)state;
    run_cases(DATA "bad_verify.txt", true, 180);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_that_do_not_parse),
        cmocka_unit_test(designs_that_break_rules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
