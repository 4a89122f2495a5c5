/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

ts_arena *test_begin(void) {
    ts_arena *arena = malloc(sizeof *arena);
    assert_non_null(arena);
    ts_arena_init(arena, 0);
    return arena;
}

void test_end(ts_arena *arena) {
    ts_arena_free(arena);
    free(arena);
}

/* splitmix64 */
uint64_t test_next(test_random *random) {
    uint64_t z = random->state += 0x9e3779b97f4a7c15ULL;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
    return z ^ z >> 31;
}

ts_span test_text(const char *text) {
    return ts_span_of(text, strlen(text));
}

void test_same_bytes(ts_span got, ts_span want) {
    if (ts_span_equal(got, want)) return;
    size_t at = 0;
    while (at < got.size && at < want.size && got.data[at] == want.data[at])
        at++;
    fail_msg("bytes differ at %zu of %zu and %zu\n--- got\n%.*s\n--- want\n%.*s", at, got.size,
             want.size, (int)(got.size < 2000 ? got.size : 2000), (const char *)got.data,
             (int)(want.size < 2000 ? want.size : 2000), (const char *)want.data);
}

void test_expect_error(const ts_diag *diag, ts_status code, const char *words) {
    char text[1024];
    ts_diag_format(diag, text, sizeof text);
    if (diag->code != code || !strstr(text, words))
        fail_msg("wanted %s with '%s', got %s: %s", ts_status_name(code), words,
                 ts_status_name(diag->code), text);
}

void test_expect_errors(const test_bad_text *rows, size_t n,
                        void (*read)(ts_arena *arena, const char *text, ts_diag *diag)) {
    for (size_t i = 0; i < n; i++) {
        ts_arena *arena = test_begin();
        ts_diag diag = {0};
        read(arena, rows[i].text, &diag);
        test_expect_error(&diag, rows[i].code, rows[i].words);
        test_end(arena);
    }
}

bool test_shared_file(ts_arena *arena, const char *name, ts_span *out) {
    ts_diag diag = {0};
    const char *path = ts_arena_printf(arena, "%s/%s", TEST_SHARED_DIR, name);
    if (ts_file_read(arena, path, 0, out, &diag) == TS_OK) return true;
    fprintf(stderr, "SKIPPED: %s is not there\n", path);
    return false;
}

void test_every_allocation_fails(ts_status (*attempt)(ts_arena *arena, void *context),
                                 void *context) {
    for (uint64_t grants = 0; grants < 100000; grants++) {
        ts_arena arena;
        ts_arena_init(&arena, 0);
        arena.grants = grants;
        ts_status status = attempt(&arena, context);
        ts_arena_free(&arena);
        if (status == TS_OK) {
            assert_true(grants > 0);
            return;
        }
        if (status != TS_NOMEM)
            fail_msg("with %llu allocations: %s instead of NOMEM", (unsigned long long)grants,
                     ts_status_name(status));
    }
    fail_msg("never succeeded");
}
