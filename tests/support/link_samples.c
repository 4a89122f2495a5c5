/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * link_samples FOLDER: write small objects with AIE2 code, for the tests of the program.
 */
#include "code.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const none[] = {NULL};
static const char *const calls_kernel[] = {"kernel", NULL}, *const calls_helper[] = {"helper",
                                                                                     NULL};

static void save(ts_arena *arena, const char *folder, const char *name, ts_span bytes) {
    ts_diag diag = {0};
    const char *path = ts_arena_printf(arena, "%s/%s", folder, name);
    if (path && ts_file_write(path, bytes, &diag) == TS_OK) return;
    fprintf(stderr, "link_samples: %s: %s\n", name, diag.message);
    exit(1);
}

static void save_core(ts_arena *arena, const char *folder, const char *name, int32_t frame) {
    code_object c;
    code_begin(arena, &c);
    code_function(&c, "core_0_2", 64, calls_kernel);
    code_function(&c, "kernel", frame, none);
    code_op(&c, "MOVXM_lng_cg", code_register("p0"), 0, "table", 0);
    code_op(&c, "MOVXM_lng_cg", code_register("p0"), 0, "state", 0);
    code_section(&c, ".rodata.table", TS_SHF_ALLOC, 4);
    code_symbol(&c, "table", TS_STB_GLOBAL, TS_STT_OBJECT);
    code_bytes(&c, "a table", 8);
    code_section(&c, ".bss.state", TS_SHF_ALLOC | TS_SHF_WRITE, 4);
    code_symbol(&c, "state", TS_STB_GLOBAL, TS_STT_OBJECT);
    code_bytes(&c, "twelve byte", 12);
    save(arena, folder, name, code_file(&c));
}

static ts_span function_file(ts_arena *arena, const char *name, int32_t frame,
                             const char *const *calls) {
    code_object c;
    code_begin(arena, &c);
    code_function(&c, name, frame, calls);
    return code_file(&c);
}

static ts_span archive_of(ts_arena *arena, const char *name, ts_span member) {
    ts_buf out = ts_buf_in(arena);
    ts_buf_printf(&out, "!<arch>\n%-16s%-12s%-6s%-6s%-8s%-10zu`\n", name, "0", "0", "0", "644",
                  member.size);
    ts_buf_span_add(&out, member);
    return ts_buf_span(&out);
}

static ts_span big_file(ts_arena *arena) {
    code_object c;
    code_begin(arena, &c);
    code_function(&c, "core_0_2", 0, (const char *const[]){"big", NULL});
    code_function(&c, "big", 0, none);
    code_nops(&c, 8483);
    return code_file(&c);
}

/* Nearly all of program memory: a chain of functions, each calling the next. */
static ts_span full_file(ts_arena *arena) {
    enum {
        N = 330
    };
    code_object c;
    code_begin(arena, &c);
    for (int i = 0; i < N; i++) {
        const char *calls[] = {ts_arena_printf(arena, "f%d", i + 1), NULL};
        const char *name = i ? ts_arena_printf(arena, "f%d", i) : "core_0_2";
        if (!name || (i < N - 1 && !calls[0])) exit(1);
        code_function(&c, name, 0, i < N - 1 ? calls : none);
        code_nops(&c, 8);
    }
    return code_file(&c);
}

int main(int argc, char **argv) {
    ts_arena arena;
    if (argc != 2) return 2;
    ts_arena_init(&arena, 0);
    ts_span helper = function_file(&arena, "helper", 64, none);
    save_core(&arena, argv[1], "kernel.o", 2656);
    save_core(&arena, argv[1], "small.o", 96);
    save(&arena, argv[1], "helper.o", helper);
    save(&arena, argv[1], "lib.a", archive_of(&arena, "helper.o/", helper));
    save(&arena, argv[1], "caller.o", function_file(&arena, "core_0_2", 32, calls_helper));
    save(&arena, argv[1], "main.o", function_file(&arena, "main", 64, none));
    save(&arena, argv[1], "full.o", full_file(&arena));
    save(&arena, argv[1], "big.o", big_file(&arena));
    ts_arena_free(&arena);
    return 0;
}
