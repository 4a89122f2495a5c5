/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "trial.h"

#include "support.h"

#include <string.h>

const char *const trial_no_calls[1] = {NULL};

trial trial_begin(void) {
    return (trial){.arena = test_begin(),
                   .options = {.output = "out.elf", .script_after = SIZE_MAX}};
}

void trial_end(trial *t) {
    test_end(t->arena);
}

void trial_add(trial *t, const char *name, ts_span bytes) {
    t->files[t->options.n_files++] = (ts_link_file){name, bytes};
}

void trial_set_script(trial *t, const char *text) {
    t->script = (ts_link_file){"t.ld", test_text(text)};
    t->options.script = &t->script;
}

ts_status trial_attempt(trial *t) {
    t->options.files = t->files;
    t->diag = (ts_diag){0};
    return ts_link(t->arena, &t->options, &t->result, &t->diag);
}

void trial_succeed(trial *t) {
    char text[1024];
    if (trial_attempt(t) == TS_OK) return;
    ts_diag_format(&t->diag, text, sizeof text);
    fail_msg("%s", text);
}

void trial_refuse(trial *t, ts_status code, const char *words) {
    if (trial_attempt(t) == TS_OK) fail_msg("linked; expected: %s", words);
    test_expect_error(&t->diag, code, words);
}

const ts_object_symbol *trial_symbol(const trial *t, const char *name) {
    uint32_t number = ts_object_find_symbol(&t->result.program, name);
    if (!number) fail_msg("no symbol %s", name);
    return &t->result.program.symbols[number];
}

bool trial_has_symbol(const trial *t, const char *name) {
    return ts_object_find_symbol(&t->result.program, name) != 0;
}

const ts_object_section *trial_section(const trial *t, const char *name) {
    uint32_t number = ts_object_find_section(&t->result.program, name);
    if (!number) fail_msg("no section %s", name);
    return &t->result.program.sections[number];
}

ts_span trial_archive_of(ts_arena *arena, const char *const *names, const ts_span *members,
                         size_t n) {
    ts_buf out = ts_buf_in(arena);
    ts_buf_text(&out, "!<arch>\n");
    for (size_t i = 0; i < n; i++) {
        ts_buf_printf(&out, "%-16s%-12s%-6s%-6s%-8s%-10zu`\n", names[i], "0", "0", "0", "644",
                      members[i].size);
        ts_buf_span_add(&out, members[i]);
        if (out.size % 2) ts_buf_u8(&out, '\n');
    }
    return ts_buf_span(&out);
}

ts_span trial_function_file(ts_arena *arena, const char *name, int32_t frame,
                            const char *const *calls, uint8_t binding) {
    code_object c;
    code_begin(arena, &c);
    code_function(&c, name, frame, calls);
    c.o.symbols[ts_object_find_symbol(&c.o, name)].binding = binding;
    return code_file(&c);
}

const char trial_core_script[] = "MEMORY { program (RX) : ORIGIN = 0, LENGTH = 0x0020000\n"
                                 "  data (!RX) : ORIGIN = 0x70C00, LENGTH = 0xF400 }\n"
                                 "ENTRY(__start)\n"
                                 "SECTIONS {\n"
                                 "  . = 0x0;\n"
                                 "  .text : { *crt0.o(.text*) _ctors_start = .;\n"
                                 "     KEEP(SORT(*.init_array)) *(.text*) } > program\n"
                                 "  .data : { *(.data*) *(.rodata*) } > data\n"
                                 "  . = 0x70000; _sp_start_value_DM_stack = .;\n"
                                 "  . += 0x400; /* stack */\n"
                                 "  . = 0x40000; . += 0x10000;\n"
                                 "  . = 0x70400; in = .; . += 0x400;\n"
                                 "  . = 0x70800; out = .; . += 0x400;\n"
                                 "  .bss : { *(.bss*) } > data\n"
                                 "}\n"
                                 "PROVIDE(main = core_0_2);\n";

static const uint8_t zeros[100];

ts_span trial_core_file(ts_arena *arena, int32_t frame) {
    static const char *const calls[] = {"kernel", NULL};
    code_object c;
    code_begin(arena, &c);
    code_function(&c, "core_0_2", 64, calls);
    code_function(&c, "kernel", frame, trial_no_calls);
    code_op(&c, "MOVXM_lng_cg", code_register("p0"), 0, "in", 16);
    code_op(&c, "MOVXM_lng_cg", code_register("p0"), 0, "table", 4);
    code_op(&c, "MOVXM_lng_cg", code_register("p0"), 0, "state", 0);
    code_op(&c, "MOVXM_lng_cg", code_register("p0"), 0, "counter", 0);
    code_section(&c, ".data.counter", DATA, 4);
    code_symbol(&c, "counter", TS_STB_GLOBAL, TS_STT_OBJECT);
    code_word(&c, 50, "table", 8);
    code_section(&c, ".rodata.table", CONSTANT, 32);
    code_symbol(&c, "table", TS_STB_GLOBAL, TS_STT_OBJECT);
    code_bytes(&c, zeros, 40);
    code_section(&c, ".bss.state", DATA, 16);
    code_symbol(&c, "state", TS_STB_GLOBAL, TS_STT_OBJECT);
    code_bytes(&c, zeros, 100);
    return code_file(&c);
}
