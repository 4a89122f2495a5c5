/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "code.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void need(bool is_true, const char *what) {
    if (is_true) return;
    fprintf(stderr, "code: %s\n", what);
    abort();
}

/* The symbol that is open ends here. */
static void end_symbols(code_object *c) {
    for (size_t i = 1; i < c->o.n_symbols; i++) {
        ts_object_symbol *s = &c->o.symbols[i];
        if (s->place == TS_OBJECT_DEFINED && s->section == c->section && s->size == UINT32_MAX)
            s->size = (uint32_t)c->code.size - s->value;
    }
}

static void flush(code_object *c) {
    ts_object_section *section = &c->o.sections[c->section];
    if (!c->section) return;
    need(!c->code.failed, "memory");
    if (section->type == TS_SHT_NOBITS)
        section->nobits_size = (uint32_t)c->code.size;
    else
        section->bytes = ts_buf_span(&c->code);
    end_symbols(c);
}

void code_begin(ts_arena *arena, code_object *c) {
    ts_diag diag = {0};
    *c = (code_object){.arena = arena};
    need(ts_object_init(arena, &c->o, &diag) == TS_OK, diag.message);
}

void code_section(code_object *c, const char *name, uint32_t flags, uint32_t align) {
    flush(c);
    ts_object_section section = {
        .name = name, .type = TS_SHT_PROGBITS, .flags = flags, .align = align};
    if (strncmp(name, ".bss", 4) == 0) section.type = TS_SHT_NOBITS;
    c->section = ts_object_add_section(c->arena, &c->o, section);
    c->code = ts_buf_in(c->arena);
    need(c->section != 0, "a section");
}

uint32_t code_reference(code_object *c, const char *name) {
    uint32_t number = ts_object_find_symbol(&c->o, name);
    if (number) return number;
    return ts_object_add_symbol(c->arena, &c->o,
                                (ts_object_symbol){.name = name, .binding = TS_STB_GLOBAL});
}

void code_symbol(code_object *c, const char *name, uint8_t binding, uint8_t type) {
    uint32_t number = code_reference(c, name);
    need(number != 0, "a symbol");
    bool is_local = binding == TS_STB_LOCAL;
    if (!is_local) end_symbols(c);
    c->o.symbols[number] = (ts_object_symbol){.name = name,
                                              .place = TS_OBJECT_DEFINED,
                                              .section = c->section,
                                              .value = (uint32_t)c->code.size,
                                              .size = is_local ? 0 : UINT32_MAX,
                                              .binding = binding,
                                              .type = type};
}

static uint16_t find(const char *name) {
    for (uint16_t i = 0; i < ts_aie2_n_instructions; i++)
        if (strcmp(ts_aie2_instructions[i].name, name) == 0) return i;
    need(false, name);
    return 0;
}

static void relocate(code_object *c, int type, const char *symbol, int32_t addend) {
    ts_object_reloc reloc = {.offset = (uint32_t)c->code.size,
                             .type = (uint8_t)type,
                             .symbol = code_reference(c, symbol),
                             .addend = addend};
    need(type >= 0 && reloc.symbol &&
             ts_object_add_reloc(c->arena, &c->o.sections[c->section], reloc),
         "a relocation");
}

void code_op(code_object *c, const char *name, int32_t a, int32_t b, const char *symbol,
             int32_t addend) {
    ts_aie2_op op = {.instruction = find(name), .values = {a, b}};
    ts_aie2_bundle bundle;
    ts_aie2_reject why;
    uint8_t bytes[TS_AIE2_MAX_BYTES];
    need(ts_aie2_pack(&op, 1, &bundle, &why) && ts_aie2_encode(&bundle, bytes, &why), name);
    unsigned last = ts_aie2_instructions[op.instruction].n_operands - 1u;
    for (unsigned i = 0; symbol && i < bundle.n_ops; i++)
        if (bundle.ops[i].instruction == op.instruction)
            relocate(c, ts_aie2_relocation_of(&bundle, i, last), symbol, addend);
    ts_buf_bytes(&c->code, bytes, ts_aie2_formats[bundle.format].size);
}

void code_nops(code_object *c, unsigned n) {
    while (n--)
        code_op(c, "NOP", 0, 0, NULL, 0);
}

void code_bytes(code_object *c, const void *data, size_t size) {
    ts_buf_bytes(&c->code, data, size);
}

void code_word(code_object *c, uint8_t type, const char *symbol, int32_t addend) {
    relocate(c, type, symbol, addend);
    ts_buf_u32le(&c->code, 0);
}

void code_function(code_object *c, const char *name, int32_t frame, const char *const *calls) {
    const char *section = ts_arena_printf(c->arena, ".text.%s", name);
    need(section != NULL, "memory");
    code_section(c, section, TS_SHF_ALLOC | TS_SHF_EXECINSTR, 16);
    code_symbol(c, name, TS_STB_GLOBAL, TS_STT_FUNC);
    if (frame) code_op(c, "PADDA_sp_imm", frame, 0, NULL, 0);
    for (; calls && *calls; calls++) {
        code_op(c, "JL", 0, 0, *calls, 0);
        code_nops(c, TS_AIE2_DELAY_SLOTS);
    }
    code_op(c, "RET", 0, 0, NULL, 0);
    code_nops(c, TS_AIE2_DELAY_SLOTS - 1);
    if (frame)
        code_op(c, "PADDA_sp_imm", -frame, 0, NULL, 0);
    else
        code_nops(c, 1);
}

ts_span code_file(code_object *c) {
    ts_buf out = ts_buf_in(c->arena);
    ts_diag diag = {0};
    flush(c);
    need(ts_object_write(&c->o, &out, &diag) == TS_OK, diag.message);
    return ts_buf_span(&out);
}

ts_object code_assemble(ts_arena *arena, const char *text) {
    static const ts_aie2_assemble_options quiet = {.no_hazards = true};
    ts_aie2_assembly *assembly = TS_ARENA_NEW(arena, ts_aie2_assembly);
    ts_aie2_messages messages = {0};
    ts_diag diag = {0};
    ts_object o;
    need(text && assembly, "memory");
    ts_status status =
        ts_aie2_assemble(arena, ts_span_of(text, strlen(text)), "t.s", &quiet, assembly, &messages);
    if (status != TS_OK && messages.n)
        fprintf(stderr, "t.s:%u: ", (unsigned)messages.list[0].diag.line);
    need(status == TS_OK, messages.n ? messages.list[0].diag.message : "memory");
    need(ts_object_from_assembly(arena, assembly, &o, &diag) == TS_OK, diag.message);
    o.file = "t.o";
    return o;
}

/* `nop *7` becomes a repetition. */
static void expand(const char *text, ts_buf *out) {
    while (*text) {
        int length = (int)strcspn(text, "\n"), times;
        const char *star = memchr(text, '*', (size_t)length);
        if (star && sscanf(star, "* %d", &times) == 1)
            ts_buf_printf(out, ".rept %d\n%.*s\n.endr\n", times, (int)(star - text), text);
        else
            ts_buf_printf(out, "%.*s\n", length, text);
        text += length + (text[length] != 0);
    }
    ts_buf_u8(out, 0);
}

size_t code_program(const char *text, uint8_t out[TS_AIE2_PROGRAM_BYTES]) {
    ts_arena arena;
    ts_arena_init(&arena, 0);
    ts_buf expanded = ts_buf_in(&arena);
    expand(text, &expanded);
    need(!expanded.failed, "memory");
    ts_object o = code_assemble(&arena, (const char *)expanded.data);
    const ts_object_section *code = &o.sections[ts_object_find_section(&o, ".text")];
    size_t size = code->bytes.size;
    need(!code->n_relocs, "a program for program memory has no relocations");
    need(size <= TS_AIE2_PROGRAM_BYTES, "a program that fits");
    memset(out, 0, TS_AIE2_PROGRAM_BYTES);
    memcpy(out, code->bytes.data, size);
    ts_arena_free(&arena);
    return size;
}

ts_aie2_register code_register(const char *name) {
    return ts_aie2_register_named(name, strlen(name));
}
