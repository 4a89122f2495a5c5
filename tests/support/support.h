/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * What the tests share. Include it instead of cmocka's header and its companions.
 */
#ifndef TESSERA_TEST_SUPPORT_H
#define TESSERA_TEST_SUPPORT_H

#include "tessera/base.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* An arena for one test, freed by test_end(). */
ts_arena *test_begin(void);
void test_end(ts_arena *arena);

/* A seeded generator: the same numbers on every machine. */
typedef struct test_random {
    uint64_t state;
} test_random;
uint64_t test_next(test_random *random);

ts_span test_text(const char *text);
/* Fails the test with both texts when they differ. */
void test_same_bytes(ts_span got, ts_span want);

/* The diagnostic has this code and its formatted text contains `words`; anything else fails. */
void test_expect_error(const ts_diag *diag, ts_status code, const char *words);

/* A text that is refused, with what. */
typedef struct test_bad_text {
    const char *text;
    ts_status code;
    const char *words;
} test_bad_text;

/* `read` fills the diagnostic of each text; see test_expect_error(). */
void test_expect_errors(const test_bad_text *rows, size_t n,
                        void (*read)(ts_arena *arena, const char *text, ts_diag *diag));

/* A file under ../shared, or false (said loudly) when that folder is not there. */
bool test_shared_file(ts_arena *arena, const char *name, ts_span *out);

/* Run `attempt` with an arena that grants 0, 1, 2, ... allocations until it succeeds: every single
 * allocation fails once. `attempt` returns TS_NOMEM while it cannot finish, then TS_OK. */
void test_every_allocation_fails(ts_status (*attempt)(ts_arena *arena, void *context),
                                 void *context);

#endif
