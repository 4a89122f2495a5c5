/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * One link in memory, tried and looked at: for the tests of the linker.
 */
#ifndef TESSERA_TEST_TRIAL_H
#define TESSERA_TEST_TRIAL_H

#include "code.h"

enum {
    CODE = TS_SHF_ALLOC | TS_SHF_EXECINSTR,
    DATA = TS_SHF_ALLOC | TS_SHF_WRITE,
    CONSTANT = TS_SHF_ALLOC,
};

/* The parts of one link. */
typedef struct trial {
    ts_arena *arena;
    ts_link_file files[8];
    ts_link_options options;
    ts_link_file script;
    ts_link_result result;
    ts_diag diag;
} trial;

/* Calls of a function that calls nothing. */
extern const char *const trial_no_calls[1];
/* A script like those of mlir-aie, and its core: data of every kind. */
extern const char trial_core_script[];
ts_span trial_core_file(ts_arena *arena, int32_t frame);
ts_span trial_function_file(ts_arena *arena, const char *name, int32_t frame,
                            const char *const *calls, uint8_t binding);
ts_span trial_archive_of(ts_arena *arena, const char *const *names, const ts_span *members,
                         size_t n);

trial trial_begin(void);
void trial_end(trial *t);
void trial_add(trial *t, const char *name, ts_span bytes);
void trial_set_script(trial *t, const char *text);
ts_status trial_attempt(trial *t);
/* It links; or it is refused with these words. Anything else fails the test. */
void trial_succeed(trial *t);
void trial_refuse(trial *t, ts_status code, const char *words);

/* Of the program; one that is not there fails the test. */
const ts_object_symbol *trial_symbol(const trial *t, const char *name);
bool trial_has_symbol(const trial *t, const char *name);
const ts_object_section *trial_section(const trial *t, const char *name);

#endif
