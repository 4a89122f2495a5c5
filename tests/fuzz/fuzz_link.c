/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * Objects and archives through the linker, beside one that is sound: all sections are kept, with a
 * placement and its buffers. What is linked can be written and read. */
#include "../support/code.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static ts_span sound_object(ts_arena *arena) {
    static const char *const calls[] = {"core_0_2", "kernel", NULL};
    code_object c;
    code_begin(arena, &c);
    code_function(&c, "__start", 0, calls);
    c.o.symbols[ts_object_find_symbol(&c.o, "core_0_2")].binding = TS_STB_WEAK;
    c.o.symbols[ts_object_find_symbol(&c.o, "kernel")].binding = TS_STB_WEAK;
    code_op(&c, "MOVXM_lng_cg", code_register("p0"), 0, "in_buffer", 16);
    code_section(&c, ".comment", TS_SHF_MERGE | TS_SHF_STRINGS, 1);
    code_bytes(&c, "sound", 6);
    return code_file(&c);
}

static void write_and_read(ts_arena *arena, const ts_object *program) {
    ts_buf out = ts_buf_in(arena);
    ts_object again;
    ts_diag diag = {0};
    if (ts_object_write(program, &out, &diag) == TS_OK &&
        ts_object_read(arena, ts_buf_span(&out), "out.elf", &again, &diag) != TS_OK &&
        diag.code != TS_NOMEM)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const ts_link_buffer buffers[] = {{"in_buffer", 0x70400, 0x400}, {"west", 0x50000, 64}};
    static const ts_link_placement placement = {.stack_addr = 0x70000,
                                                .stack_size = 0x400,
                                                .data_addr = 0x70800,
                                                .data_size = 0xf800,
                                                .buffers = buffers,
                                                .n_buffers = 2};
    ts_arena arena;
    ts_diag diag = {0};
    ts_link_result result;
    ts_arena_init(&arena, 256u << 20);
    const ts_link_file files[] = {{"sound.o", sound_object(&arena)}, {"in.o", {data, size}}};
    ts_link_options options = {.output = "out.elf",
                               .files = files,
                               .n_files = 2,
                               .placement = &placement,
                               .keep_unused = size % 2,
                               .no_runtime = true,
                               .allow_stack_overflow = true};
    ts_status status = ts_link(&arena, &options, &result, &diag);
    if (status != TS_OK && (diag.code != status || !diag.message[0])) abort();
    if (status == TS_OK) write_and_read(&arena, &result.program);
    ts_arena_free(&arena);
    return 0;
}
