/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * Linker scripts: one object with every kind of section is linked by whatever comes. */
#include "../support/code.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static ts_span core_object(ts_arena *arena) {
    static const char *const calls[] = {"kernel", NULL}, *const none[] = {NULL};
    code_object c;
    code_begin(arena, &c);
    code_function(&c, "core_0_2", 64, calls);
    code_function(&c, "kernel", 96, none);
    code_op(&c, "MOVXM_lng_cg", code_register("p0"), 0, "state", 0);
    code_section(&c, ".rodata.table", TS_SHF_ALLOC, 32);
    code_symbol(&c, "table", TS_STB_GLOBAL, TS_STT_OBJECT);
    code_word(&c, TS_AIE2_RELOCATION_ADDRESS, "table", 0);
    code_section(&c, ".bss.state", TS_SHF_ALLOC | TS_SHF_WRITE, 16);
    code_symbol(&c, "state", TS_STB_GLOBAL, TS_STT_OBJECT);
    code_bytes(&c, "sixteen bytes..", 16);
    return code_file(&c);
}

/* Sections up to what a tile has: a script may ask for gigabytes, which is only slow. */
static bool is_small(const ts_link_result *result) {
    for (size_t i = 0; i < result->n_memories; i++)
        if (result->memories[i].used > 1 << 20) return false;
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    ts_arena arena;
    ts_diag diag = {0};
    ts_link_result result;
    ts_arena_init(&arena, 256u << 20);
    ts_link_file file = {"core.o", core_object(&arena)}, script = {"t.ld", {data, size}};
    const char *const needed[] = {"table"};
    ts_link_options options = {.output = "out.elf",
                               .files = &file,
                               .n_files = 1,
                               .script = &script,
                               .script_after = 1,
                               .needed = needed,
                               .n_needed = 1};
    ts_status status = ts_link(&arena, &options, &result, &diag);
    if (status != TS_OK && !diag.message[0]) abort();
    if (status == TS_OK && is_small(&result)) {
        ts_buf out = ts_buf_in(&arena);
        ts_object again;
        if (ts_object_write(&result.program, &out, &diag) == TS_OK &&
            ts_object_read(&arena, ts_buf_span(&out), "out.elf", &again, &diag) != TS_OK &&
            diag.code != TS_NOMEM)
            abort();
    }
    ts_arena_free(&arena);
    return 0;
}
