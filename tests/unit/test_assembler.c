/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The assembler through its public function. The lists of lines that must and must not assemble
 * cover the instructions of llvm-aie's MC tests for AIE2, in our own words.
 * src: llvm-aie: llvm/test/MC/AIE: addressing-modes.s, bundles.s, nops.s, codealign.s,
 * simple-relocation-test.s, simple-scalar-instr.s, stream-identifier.s, invalid-bundles.s,
 * invalid-instructions.s, instruction-validation.s, invalid-sp-offset.s [code]
 */
#include "support.h"

#include "tessera/aie2.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- helpers --------------------------------------------------------------------------------- */

static const ts_aie2_assemble_options quiet = {.no_hazards = true};

static void fail_with(const char *text, const ts_aie2_messages *messages) {
    char first[1024] = "no message";
    if (messages->n) ts_diag_format(&messages->list[0].diag, first, sizeof first);
    fail_msg("%s\n--- text\n%s", first, text);
}

static ts_aie2_assembly assemble_with(ts_arena *arena, const char *text,
                                      const ts_aie2_assemble_options *options) {
    ts_aie2_assembly out;
    ts_aie2_messages messages = {0};
    if (ts_aie2_assemble(arena, test_text(text), "t.s", options, &out, &messages) != TS_OK)
        fail_with(text, &messages);
    return out;
}

static ts_aie2_assembly assemble(ts_arena *arena, const char *text) {
    return assemble_with(arena, text, &quiet);
}

static const char *hex_of(ts_arena *arena, ts_span bytes) {
    ts_buf out = ts_buf_in(arena);
    for (size_t i = 0; i < bytes.size; i++)
        ts_buf_printf(&out, "%s%02x", i ? " " : "", bytes.data[i]);
    ts_buf_u8(&out, 0);
    return (const char *)out.data;
}

static const ts_aie2_asm_section *section_named(const ts_aie2_assembly *made, const char *name) {
    for (size_t i = 0; i < made->n_sections; i++)
        if (strcmp(made->sections[i].name, name) == 0) return &made->sections[i];
    fail_msg("no section %s", name);
    return NULL;
}

static const ts_aie2_asm_symbol *symbol_named(const ts_aie2_assembly *made, const char *name) {
    for (size_t i = 0; i < made->n_symbols; i++)
        if (strcmp(made->symbols[i].name, name) == 0) return &made->symbols[i];
    return NULL;
}

/* Data that a text gives. */
static void expect_data(const char *text, const char *hex) {
    ts_arena *arena = test_begin();
    ts_aie2_assembly made = assemble(arena, ts_arena_printf(arena, ".data\n%s", text));
    const char *got = hex_of(arena, section_named(&made, ".data")->bytes);
    if (strcmp(got, hex) != 0) fail_msg("got  %s\nwant %s\n--- text\n%s", got, hex, text);
    test_end(arena);
}

/* The first bundle of one line. */
static void expect_code(const char *line, const char *hex) {
    ts_arena *arena = test_begin();
    ts_aie2_assembly made = assemble(arena, line);
    ts_span bytes = made.sections[0].bytes;
    assert_int_equal(made.n_bundles, 1);
    assert_int_equal(bytes.size % 16, 0);
    bytes.size = ts_aie2_bundle_size(bytes.data, bytes.size);
    const char *got = hex_of(arena, bytes);
    if (strcmp(got, hex) != 0) fail_msg("%s\ngot  %s\nwant %s", line, got, hex);
    test_end(arena);
}

/* One message, formatted: errors first. */
static const char *message_of(ts_arena *arena, const char *text,
                              const ts_aie2_assemble_options *options, bool is_warning) {
    ts_aie2_assembly out;
    ts_aie2_messages messages = {0};
    ts_status status = ts_aie2_assemble(arena, test_text(text), "t.s", options, &out, &messages);
    if ((status == TS_OK) != is_warning) fail_with(text, &messages);
    for (size_t i = 0; i < messages.n; i++)
        if (messages.list[i].is_warning == is_warning) {
            char *formatted = ts_arena_alloc(arena, 1024);
            ts_diag_format(&messages.list[i].diag, formatted, 1024);
            assert_true(is_warning || status == messages.list[i].diag.code);
            return formatted;
        }
    fail_msg("no message\n--- text\n%s", text);
    return NULL;
}

static void expect_error(const char *text, const char *words) {
    ts_arena *arena = test_begin();
    const char *got = message_of(arena, text, NULL, false);
    if (strncmp(got, "t.s:", 4) != 0 || strncmp(got + 4, words, strlen(words)) != 0)
        fail_msg("wanted t.s:%s\ngot    %s\n--- text\n%s", words, got, text);
    test_end(arena);
}

static void expect_warning(const char *text, const char *words) {
    ts_arena *arena = test_begin();
    const char *got = message_of(arena, text, NULL, true);
    if (strncmp(got, "t.s:", 4) != 0 || strncmp(got + 4, words, strlen(words)) != 0)
        fail_msg("wanted t.s:%s\ngot    %s\n--- text\n%s", words, got, text);
    test_end(arena);
}

/* ---- lines to bytes -------------------------------------------------------------------------- */

static void reference_encodings(void **state) {
    (void)state;
    /* src: llvm-aie: test/MC/AIE/codealign.s [code]; nops: AIE2AsmBackend.cpp, writeNopData [code]
     */
    expect_code("and r1, r2, r3", "99 34 82 10");
    expect_code("or r1, r2, r3", "99 35 82 10");
    expect_code("nopx", "19 00 00 10");
    expect_code("nop", "01 00");
    expect_code("nopxm", "15 00 00 00 00 00");
    expect_code("nopm; nopx", "43 88 03 00 00 00 00 00");
    expect_code("nops; nopb; nopx; nopm", "37 88 03 00 00 00 00 00 00 00 00 00");
    expect_code("nopa; nopb; nopxm; nops; nopv", "c0 03 00 00 00 00 00 00 00 00 00 00 00 00 00 00");
    /* In no format alone: the smallest that has them. */
    expect_code("nopa; nops; nopxm; nopv", "c0 03 00 00 00 00 00 00 00 00 00 00 00 00 00 00");
    /* 00010 r0 r2 r1 00001 0011001, the rows of I32_ALU and ADD. */
    expect_code("add r2, r0, r1", "99 10 04 10");
}

static void letters_and_spaces_do_not_matter(void **state) {
    (void)state;
    expect_code("\tAND\tR1 ,r2,  R3 // a comment", "99 34 82 10");
    expect_code("# a line of comment; nop\n/* two\nlines */ and r1,/**/r2,r3", "99 34 82 10");
    expect_code("l: m: .L: 7: and r1, r2, r3\r\n", "99 34 82 10");
    expect_code("NopM ; NOPX", "43 88 03 00 00 00 00 00");
    /* A ';' at the end of a line joins the next one, as in llvm-mc. */
    expect_code("nopm;\n\n // here\n nopx", "43 88 03 00 00 00 00 00");
}

/* Different ways to say one thing. */
static void expect_same(const char *a, const char *b) {
    ts_arena *arena = test_begin();
    ts_aie2_assembly x = assemble(arena, a), y = assemble(arena, b);
    test_same_bytes(x.sections[0].bytes, y.sections[0].bytes);
    assert_int_equal(x.sections[0].n_relocs, 0);
    test_end(arena);
}

static void operands_have_several_spellings(void **state) {
    (void)state;
    expect_same("mov l1, cntr", "mov r19:r18, cntr");
    expect_same("padda.3d [p6], d3", "padda.3d [P6], D3");
    expect_same("vlda.3d wl3, [p2], d1", "VLDA.3D wl3, [p2], d1_3d");
    expect_same("mov lc, r0", "mov LC, r0");
    expect_same("movxm r0, #-1", "movxm r0, #0xffffffff");
    expect_same("movxm r0, #0x80000000", "movxm r0, #-2147483648");
    expect_same("lda r1, [p0, #4*2+4]", "lda r1, [p0, #(0b11 << 2)]");
    expect_same("mova r0, #'a'", "mova r0, #97");
    expect_same("x = 12\nlda r1, [p0, #x]", "lda r1, [p0, #014]");
    expect_same("lda r1, [p0, #later]\n.set later, 12", "lda r1, [p0, #12]");
    expect_same("nop\na: nop\nnop\nb: mova r0, #(b - a)", "nop\nnop\nnop\nmova r0, #4");
    expect_same("vlda wl0, [sp, #later]\nlater = -64", "vlda wl0, [sp, #-64]");
    expect_same("ret lr", "RET LR");
    expect_same("acq.cond r1, r2, r26", "acq.cond r1, r2, R26");
}

static const char *const good_lines[] = {
    /* Addresses of every kind. */
    "lda r1, [p0, #0]",
    "lda p3, [p1, #32]",
    "lda lr, [sp, #-28]",
    "lda p2, [sp, #-24]",
    "lda r6, [sp, #-32]",
    "st r4, [p2, #0]",
    "st p6, [p1, #32]",
    "st r0, [sp, #-32]",
    "st p6, [sp, #-28]",
    "vlda wl3, [p2, #-1024]",
    "vlda wl3, [sp, #-1024]",
    "vlda wl1, [p4], m1",
    "vlda amll3, [p2, #-1024]",
    "vlda amll3, [sp, #-1024]",
    "vlda amll1, [p4], m1",
    "vlda wh6, [p5, dj0]",
    "vldb wl3, [p0, #-128]",
    "vldb wl1, [p4], m1",
    "vlda.2d wl3, [p2], d0",
    "vlda.2d amll0, [p2], d0",
    "vldb.2d wl3, [p2], d0",
    "vlda.3d wl3, [p2], d0",
    "vlda.3d amll3, [p2], d0",
    "vldb.3d wl2, [p1], d1",
    "vst wl3, [p2, #0]",
    "vst wl3, [sp, #-32]",
    "vst wl3, [p2, dj2]",
    "vst wl3, [p2], m4",
    "vst wl3, [p2], #0",
    "vst.2d wh6, [p5], d3",
    "vst.2d amll2, [p5], d3",
    "vst.3d wh6, [p5], d3",
    "vst.3d amll6, [p5], d3",
    "padda [sp], #32",
    "padda [p0], #-32",
    "padda.2d [p7], d4",
    "padda.3d [p6], d3",
    "paddb [sp], #32",
    "paddb [p0], #-32",
    "paddb.2d [p7], d4",
    "paddb.3d [p6], d3",
    "padds [p0], #-32",
    "padds.2d [p7], d4",
    "padds.3d [p6], d3",
    /* Bundles. */
    "padda [p1], #4; add r0, r0, r1",
    "padda [p0], #4; mov r0, r1",
    "padda [p0], #4; st r0, [p1, #0]",
    "padda [p1], #4; add r0, r0, r1; mov r2, r1",
    "padda [p1], #4; movxm r2, #64",
    "padda [p1], #4; st r0, [p0, #0]; add r0, r0, r1; mov r2, r1",
    /* Nops. */
    "nop",
    "nopa",
    "nopb",
    "nops",
    "nopm",
    "nopv",
    "nopx",
    "nopxm",
    "nopa; nopb",
    "nopa; nopb; nopx",
    "nopa; nopxm",
    "nopm; nopx",
    "nopa; nopb; nops",
    "nopa; nopb; nopx; nops; nopm; nopv",
    "nopa; nopb; nops; nopxm; nopv",
    "nopa; nops; nopx; nopm; nopv",
    "nopa; nopb; nops; nopm; nopv",
    /* Scalar operations, streams. */
    "add r0, r0, r1",
    "add r1, r2, #3",
    "lshl r0, r0, r1",
    "mova r6, #21",
    "mov p6, sp",
    "movxm r0, #1000000",
    "and r0, r1, r2",
    "mul r0, r0, r2",
    "extend.s8 r0, r0",
    "ltu r1, r2, r1",
    "movxm sp, #32",
    "j #entry_point",
    "vmov MCD, x0",
    "vmov.hi cm0, SCD",
    "vmov.lo cm1, SCD",
    "vmov x0, SCD",
    "mov ms, r0, r28",
    "mov r1, SS",
    "done",
    "event #3",
    "mov r17:r16, cntr",
};

static void lines_of_llvm_aie_assemble(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof good_lines / sizeof *good_lines; i++) {
        ts_arena *arena = test_begin();
        ts_aie2_assembly made = assemble(arena, good_lines[i]);
        assert_int_equal(made.n_bundles, 1);
        test_end(arena);
    }
}

/* ---- every instruction ----------------------------------------------------------------------- */

static void try_by_chance(ts_aie2_op *op, test_random *random) {
    const ts_aie2_instruction *in = &ts_aie2_instructions[op->instruction];
    for (unsigned i = 0; i < in->n_operands; i++) {
        const ts_aie2_operand *o = &in->operands[i];
        if (!o->is_register) {
            uint64_t n = (uint64_t)((int64_t)o->max - o->min) / (uint64_t)o->step + 1;
            op->values[i] = (int32_t)(o->min + (int64_t)(test_next(random) % n) * o->step);
            continue;
        }
        const ts_aie2_register_class *class = &ts_aie2_register_classes[o->register_class];
        do
            op->values[i] = (int32_t)(test_next(random) % ts_aie2_n_registers);
        while (class->to_value[op->values[i]] < 0);
    }
}

/* Two operands can have to be the same. */
static void fill_by_chance(ts_aie2_op *op, test_random *random) {
    uint64_t bits;
    ts_aie2_reject why;
    do
        try_by_chance(op, random);
    while (!ts_aie2_encode_op(op, &bits, &why));
}

static bool holds_op(const ts_aie2_bundle *bundle, const ts_aie2_op *op) {
    size_t n = ts_aie2_instructions[op->instruction].n_operands;
    for (unsigned i = 0; i < bundle->n_ops; i++)
        if (bundle->ops[i].instruction == op->instruction &&
            memcmp(bundle->ops[i].values, op->values, n * sizeof *op->values) == 0)
            return true;
    return false;
}

/* A thousand fillings of a row, a line each: print, assemble, decode, the same ops. */
static void row_comes_back(uint16_t row, test_random *random) {
    enum {
        N_FILLINGS = 1000
    };
    static ts_aie2_op ops[N_FILLINGS];
    ts_arena *arena = test_begin();
    ts_buf text = ts_buf_in(arena);
    bool jumps = ts_aie2_instructions[row].flags & TS_AIE2_JUMPS;
    size_t step = jumps ? 1 + TS_AIE2_DELAY_SLOTS : 1;
    ts_buf_text(&text, ".nohazards\n");
    for (size_t i = 0; i < N_FILLINGS; i++) {
        ops[i] = (ts_aie2_op){.instruction = row};
        fill_by_chance(&ops[i], random);
        ts_aie2_print_op(&ops[i], false, NULL, NULL, &text);
        ts_buf_text(&text, jumps ? "\nnop\nnop\nnop\nnop\nnop\n" : "\n");
    }
    ts_buf_u8(&text, 0);
    ts_aie2_assembly made = assemble(arena, (const char *)text.data);
    assert_int_equal(made.n_bundles, N_FILLINGS * step);
    for (size_t i = 0; i < N_FILLINGS; i++) {
        size_t at = made.bundles[i * step].offset;
        ts_span bytes = made.sections[0].bytes;
        ts_aie2_bundle bundle;
        ts_aie2_reject why;
        assert_true(ts_aie2_decode(bytes.data + at, bytes.size - at, &bundle, &why));
        if (!holds_op(&bundle, &ops[i]))
            fail_msg("%s: line %zu became another operation", ts_aie2_instructions[row].name,
                     i + 2);
    }
    test_end(arena);
}

static void every_instruction_comes_back(void **state) {
    (void)state;
    test_random random = {.state = 1};
    for (uint16_t i = 0; i < ts_aie2_n_instructions; i++)
        row_comes_back(i, &random);
}

/* Whole bundles: as ts_aie2_print_bundle() writes them, nops and all. */
static void random_bundles_come_back(void **state) {
    (void)state;
    test_random random = {.state = 2};
    for (int round = 0; round < 2000; round++) {
        ts_arena *arena = test_begin();
        ts_aie2_bundle bundle = {.format = (uint8_t)(test_next(&random) % ts_aie2_n_formats)};
        const ts_aie2_format *format = &ts_aie2_formats[bundle.format];
        uint8_t bytes[TS_AIE2_MAX_BYTES];
        ts_aie2_reject why;
        ts_buf text = ts_buf_in(arena);
        bundle.n_ops = format->n_slots;
        for (unsigned i = 0; i < format->n_slots; i++) {
            do
                bundle.ops[i].instruction = (uint16_t)(test_next(&random) % ts_aie2_n_instructions);
            while (ts_aie2_instructions[bundle.ops[i].instruction].slot != format->slots[i]);
            fill_by_chance(&bundle.ops[i], &random);
        }
        assert_true(ts_aie2_encode(&bundle, bytes, &why));
        ts_aie2_print_bundle(&bundle, NULL, NULL, &text);
        ts_buf_u8(&text, 0);
        ts_aie2_assembly made = assemble(arena, (const char *)text.data);
        ts_span got = made.sections[0].bytes;
        got.size = ts_aie2_bundle_size(got.data, got.size);
        const char *want = hex_of(arena, ts_span_of(bytes, format->size));
        if (strcmp(hex_of(arena, got), want) != 0)
            fail_msg("%s\ngot  %s\nwant %s", (const char *)text.data, hex_of(arena, got), want);
        test_end(arena);
    }
}

/* ---- relocations ----------------------------------------------------------------------------- */

static void expect_relocation(const char *line, uint8_t type, uint32_t offset, const char *name,
                              int32_t addend) {
    ts_arena *arena = test_begin();
    ts_aie2_assembly made = assemble(arena, line);
    const ts_aie2_asm_section *section =
        section_named(&made, made.sections[0].n_relocs ? ".text" : ".data");
    assert_int_equal(section->n_relocs, 1);
    const ts_aie2_asm_reloc *reloc = &section->relocs[0];
    if (reloc->type != type || reloc->offset != offset || reloc->addend != addend ||
        strcmp(made.symbols[reloc->symbol].name, name) != 0)
        fail_msg("%s\ngot  R_AIE_%u at %u: %s + %d", line, reloc->type, reloc->offset,
                 made.symbols[reloc->symbol].name, reloc->addend);
    test_end(arena);
}

static void relocations_have_types_and_places(void **state) {
    (void)state;
    expect_relocation("movxm sp, #32\nj #entry_point", 1, 6, "entry_point", 0);
    expect_relocation("jl #f", 1, 0, "f", 0);
    expect_relocation("jl #f + 16", 1, 0, "f", 16);
    expect_relocation("jz r0, #(f - 16)", 1, 0, "f", -16);
    expect_relocation("nop\nnopa; nopb; nops; jl #f; nopv", 0, 2, "f", 0);
    expect_relocation("padda [p1], #4; jl #f", 3, 0, "f", 0);
    expect_relocation("jl #f; vmac cm0, cm0, x0, x0, r0", 4, 0, "f", 0);
    expect_relocation("movxm p0, #buffer", 42, 0, "buffer", 0);
    expect_relocation("vmac cm0, cm0, x0, x0, r0; movxm p0, #buffer", 45, 0, "buffer", 0);
    expect_relocation("nopa; movxm p0, #(buffer + 8)", 44, 0, "buffer", 8);
    expect_relocation("nopb; nopa; nops; movxm p0, #(8 + buffer); nopv", 41, 0, "buffer", 8);
    expect_relocation("mova r0, #s", 10, 0, "s", 0);
    expect_relocation("movx r0, #s", 17, 0, "s", 0);
    expect_relocation("mov r0, #s", 29, 0, "s", 0);
    expect_relocation("nopx; mov r0, #s", 31, 0, "s", 0);
    expect_relocation(".data\n.byte 1, 2, 3, 4\n.word s - 4", 50, 4, "s", -4);
    expect_relocation(".data\n.long 2*8 + s", 50, 0, "s", 16);
    /* Labels of this text too: the linker moves all sections. */
    expect_relocation("nop\n.Lhere: nop\nj #.Lhere", 1, 4, ".Lhere", 0);
    expect_relocation("nop\n.Lhere: nop\nalias = .Lhere + 2\nj #alias", 1, 4, ".Lhere", 2);
    /* What has no name is told from its section. */
    expect_relocation("nop\n1: nop\nj #1b", 1, 4, "", 2);
    expect_relocation("nop\nj #1f\n1: nop", 1, 2, "", 8);
    expect_relocation(".data\n.word 5, .", 50, 4, "", 4);
}

static void names_of_sections_are_their_beginnings(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_aie2_assembly made =
        assemble(arena, ".data\n.word .debug_abbrev, .text + 8\n.set at, .data + 4\n"
                        ".section .debug_abbrev,\"\",@progbits\n.byte 1\n.text\n"
                        "movxm p0, #(.text + 8)\n");
    const ts_aie2_asm_section *data = section_named(&made, ".data");
    assert_int_equal(data->n_relocs, 2);
    const ts_aie2_asm_symbol *symbol = &made.symbols[data->relocs[0].symbol];
    assert_int_equal(symbol->type, 3);
    assert_int_equal(symbol->place, TS_AIE2_DEFINED);
    assert_int_equal(symbol->binding, 0);
    assert_string_equal(made.sections[symbol->section].name, ".debug_abbrev");
    symbol = &made.symbols[data->relocs[1].symbol];
    assert_int_equal(symbol->type, 3);
    assert_int_equal(symbol->section, 0);
    assert_int_equal(data->relocs[1].addend, 8);
    assert_int_equal(made.sections[0].relocs[0].symbol, data->relocs[1].symbol);
    assert_int_equal(symbol_named(&made, "at")->value, 4);
    assert_int_equal(symbol_named(&made, "at")->type, 0);
    assert_null(symbol_named(&made, ".debug_abbrev"));
    test_end(arena);
}

static void symbols_are_listed(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_aie2_assembly made =
        assemble(arena, ".globl main, unused, shared\n"
                        ".type main, @function\n"
                        "main: nop\n"
                        ".Lhidden: nop\n"
                        ".size main, .-main\n"
                        ".weak perhaps\n"
                        ".hidden main\n"
                        "local: nopa; movxm p0, #missing\n"
                        "number = 0x1234\n"
                        ".equiv there, local + 2\n"
                        ".comm shared, 64, 32\n"
                        ".local own\n"
                        ".comm own, 8, 16\n"
                        ".lcomm own2, 4\n"
                        ".data\n.type \"odd name\", %object\n\"odd name\": .word perhaps\n");
    const ts_aie2_asm_symbol *s = symbol_named(&made, "main");
    assert_true(s->place == TS_AIE2_DEFINED && s->section == 0 && s->value == 0 && s->size == 4);
    assert_true(s->binding == 1 && s->type == 2 && s->visibility == 2);
    assert_null(symbol_named(&made, ".Lhidden"));
    s = symbol_named(&made, "unused");
    assert_true(s->place == TS_AIE2_UNDEFINED && s->binding == 1);
    s = symbol_named(&made, "missing");
    assert_true(s->place == TS_AIE2_UNDEFINED && s->binding == 1);
    s = symbol_named(&made, "perhaps");
    assert_true(s->place == TS_AIE2_UNDEFINED && s->binding == 2);
    s = symbol_named(&made, "local");
    assert_true(s->place == TS_AIE2_DEFINED && s->value == 4 && s->binding == 0);
    s = symbol_named(&made, "number");
    assert_true(s->place == TS_AIE2_ABSOLUTE && s->value == 0x1234);
    s = symbol_named(&made, "there");
    assert_true(s->place == TS_AIE2_DEFINED && s->value == 6);
    s = symbol_named(&made, "shared");
    assert_true(s->place == TS_AIE2_COMMON && s->size == 64 && s->value == 32 && s->binding == 1);
    s = symbol_named(&made, "own");
    assert_true(s->place == TS_AIE2_DEFINED && s->size == 8 && s->type == 1 && s->binding == 0);
    assert_string_equal(made.sections[s->section].name, ".bss");
    assert_int_equal(made.sections[s->section].size, 12);
    assert_int_equal(made.sections[s->section].align, 16);
    s = symbol_named(&made, "odd name");
    assert_int_equal(s->type, 1);
    for (size_t i = 0; i < made.n_symbols; i++)
        assert_int_equal(made.symbols[i].binding == 0, i < made.n_local_symbols);
    test_end(arena);
}

/* ---- sections, alignment --------------------------------------------------------------------- */

static void sections_have_types_and_flags(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_aie2_assembly made =
        assemble(arena, ".section .text.f,\"ax\",@progbits\nnop\n"
                        ".section .rodata.str1.1,\"aMS\",@progbits,1\n.asciz \"x\"\n"
                        ".pushsection .bss.big,\"aw\",@nobits\n.zero 100\n.p2align 5\n.popsection\n"
                        ".byte 7\n"
                        ".section .stack_sizes,\"o\",@progbits,.text.f\n.word 4\n"
                        ".section .text._Z1f,\"axG\",@progbits,_Z1f,comdat\nnopx\n"
                        ".previous\n.word 5\n"
                        ".section \".note.GNU-stack\",\"\",@progbits\n"
                        ".section .text.f\nnop\n"
                        ".rodata\n.byte 1\n.bss\n.skip 3\n.section .init_array\n.word 0\n");
    const ts_aie2_asm_section *s = &made.sections[0];
    assert_string_equal(s->name, ".text");
    assert_true(s->type == 1 && s->flags == 6 && s->align == 16 && s->size == 0);
    s = section_named(&made, ".text.f");
    assert_true(s->type == 1 && s->flags == 6 && s->size == 4);
    s = section_named(&made, ".rodata.str1.1");
    assert_true(s->flags == 0x32 && s->entry_size == 1 && s->size == 3 && s->bytes.data[2] == 7);
    s = section_named(&made, ".bss.big");
    assert_true(s->type == 8 && s->flags == 3 && s->size == 128 && s->align == 32);
    assert_int_equal(s->bytes.size, 0);
    s = section_named(&made, ".stack_sizes");
    assert_string_equal(s->linked, ".text.f");
    assert_int_equal(s->size, 8);
    s = section_named(&made, ".text._Z1f");
    assert_string_equal(s->group, "_Z1f");
    assert_true(s->flags == 0x206 && s->size == 4);
    s = section_named(&made, ".note.GNU-stack");
    assert_true(s->flags == 0 && s->size == 0);
    s = section_named(&made, ".rodata");
    assert_true(s->flags == 2 && s->size == 1);
    s = section_named(&made, ".init_array");
    assert_true(s->type == 14 && s->flags == 3);
    test_end(arena);
}

static void code_is_aligned_with_nops(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_aie2_assembly made = assemble(arena, "and r1, r2, r3\n.align 64\nor r1, r2, r3\n");
    /* src: llvm-aie: test/MC/AIE/codealign.s [code] */
    assert_string_equal(hex_of(arena, made.sections[0].bytes),
                        "99 34 82 10 "
                        "c0 03 00 00 00 00 00 00 00 00 00 00 00 00 00 00 "
                        "c0 03 00 00 00 00 00 00 00 00 00 00 00 00 00 00 "
                        "c0 03 00 00 00 00 00 00 00 00 00 00 00 00 00 00 "
                        "37 88 03 00 00 00 00 00 00 00 00 00 "
                        "99 35 82 10 37 88 03 00 00 00 00 00 00 00 00 00");
    assert_int_equal(made.sections[0].align, 64);
    made = assemble(arena, ".section .text.g,\"ax\"\nnop\n.p2align 3\nnop\n.p2align 4,,8\nnop\n");
    assert_string_equal(hex_of(arena, section_named(&made, ".text.g")->bytes),
                        "01 00 15 00 00 00 00 00 01 00 15 00 00 00 00 00 01 00");
    test_end(arena);
}

static void data_directives(void **state) {
    (void)state;
    expect_data(".byte 1, -1, 'a', '\\n', 0xff, -128", "01 ff 61 0a ff 80");
    expect_data(".short 0x1234\n.half -2\n.2byte 65535", "34 12 fe ff ff ff");
    expect_data(".word 1\n.long -1\n.int 0xffffffff", "01 00 00 00 ff ff ff ff ff ff ff ff");
    expect_data(".quad -2\n.8byte 0x123456789abcdef0",
                "fe ff ff ff ff ff ff ff f0 de bc 9a 78 56 34 12");
    expect_data(".ascii \"ab\", \"c\" \"d\"\n.asciz \"\"\n.string \"\\x41\\102\\\"\\\\\\t\"",
                "61 62 63 64 00 41 42 22 5c 09 00");
    expect_data(".zero 2\n.space 2, 0xee\n.skip 1\n.fill 2, 2, 0x1234\n.fill 3",
                "00 00 ee ee 00 34 12 34 12 00 00 00");
    expect_data(".byte 1\n.align 4\n.byte 2\n.balign 4, 0xaa\n.byte 3\n.p2align 2, , 1\n.byte 4",
                "01 00 00 00 02 aa aa aa 03 04");
    expect_data(".byte 1\n.org 4\n.byte 2\n. = . + 2\n.byte 3\n.org 9, 0xff",
                "01 00 00 00 02 00 00 03 ff");
    expect_data("a: .byte b - a, . - a\nb: .byte (b - a) * 2, -(a - b)", "02 01 04 02");
    expect_data(".byte later, later << 1 | 1\nlater = 5", "05 0b");
    expect_data(".word e - a\na: .byte 1\ne:", "01 00 00 00 01");
    expect_data(".uleb128 0, 127, 128, 624485\n.sleb128 -1, 63, 64, -123456",
                "00 7f 80 01 e5 8e 26 7f 3f c0 00 c0 bb 78");
    expect_data("x = 1\n.byte x\nx = x + 1\n.byte x\n.set x, x*10\n.byte x", "01 02 14");
}

/* The order of operators is llvm-mc's. */
static void expressions(void **state) {
    (void)state;
    expect_data(".byte 1 + 2 * 3, (1 + 2) * 3, 7 / 2, -7 / 2, 7 % 4, -7 % 4", "07 09 03 fd 03 fd");
    expect_data(".byte 1 << 2 + 1, 1 + 3 & 2, 6 ^ 3, 6 | 1 + 1", "05 03 05 08");
    expect_data(".byte 1 < 2, 2 <= 1, 3 == 3, 3 != 3, 3 <> 2, 2 > 1, 1 >= 2",
                "ff 00 ff 00 ff ff 00");
    expect_data(".byte 1 && 0, 1 && 2, 0 || 3, 0 || 0, !0, !5, ~1, - - 1, +3",
                "00 01 01 00 01 00 fe 01 03");
    expect_data(".quad -8 >> 60, 1 << 63, 1 << 64", "0f 00 00 00 00 00 00 00 "
                                                    "00 00 00 00 00 00 00 80 "
                                                    "00 00 00 00 00 00 00 00");
    expect_data(".byte 0x1f, 0X1F, 0b101, 0B11, 017, 0, 0/**/+/**/1", "1f 1f 05 03 0f 00 01");
    expect_data("a: .byte 1\nb:\n.if b > a && b - a == 1\n.byte 9\n.endif", "01 09");
}

/* ---- macros, repetitions, conditions --------------------------------------------------------- */

static void macros(void **state) {
    (void)state;
    expect_data(".macro two a, b=7\n.byte \\a, \\b\n.endm\ntwo 1\ntwo 2, 3\ntwo b=4, a=5\n",
                "01 07 02 03 05 04");
    expect_data(".macro m x:req, rest:vararg\n.byte \\x\n.ifnb \\rest\nm \\rest\n.endif\n.endm\n"
                "m 1, 2, 3\n",
                "01 02 03");
    expect_data(".macro n\n.byte \\@\n.endm\nn\nn\n n // a comment\n", "00 01 02");
    expect_data(".macro cat a b\n.byte 0x\\a\\()\\b\n.asciz \"\\a\"\n.endm\ncat 1, 2\n",
                "12 31 00");
    expect_data(".macro s t\n.ascii \"\\t\"\n.endm\ns \"a,b\"\ns (c,d)\n",
                "61 2c 62 28 63 2c 64 29");
    expect_data(".macro out\n.macro in v\n.byte \\v + 1\n.endm\nin 1\n.endm\nout\nin 5\n", "02 06");
    expect_data(".macro e v\n.byte 1\n.if \\v\n.exitm\n.endif\n.byte 2\n.endm\ne 0\ne 1\n",
                "01 02 01");
    expect_data(".macro p\n.byte 1\n.endm\np\n.purgem p\n.macro p\n.byte 2\n.endm\np\n", "01 02");
    expect_same(".macro ld r, o\nlda \\r, [p0, \\o]; nopb\n.endm\nld r1, #4\nld r2, #8",
                "lda r1, [p0, #4]; nopb\nlda r2, [p0, #8]; nopb");
    expect_same(".macro add a\nand \\a, \\a, \\a\n.endm\nadd r1", "and r1, r1, r1");
}

static void repetitions(void **state) {
    (void)state;
    expect_data(
        ".rept 3\n.byte 1\n.rept 2\n.byte 2\n.endr\n.endr\n.rept 0\n.byte 9\n.endr\n.byte 3",
        "01 02 02 01 02 02 01 02 02 03");
    expect_data(".irp x, 1, 2+3, (4)\n.byte \\x\n.endr\n.irpc c, 789\n.byte \\c\n.endr",
                "01 05 04 07 08 09");
    expect_data(".macro list v:vararg\n.irp x, \\v\n.byte \\x\n.endr\n.endm\nlist 1, 2, 3",
                "01 02 03");
    expect_data("n = 0\n.rept 4\n.byte n\nn = n + 1\n.endr", "00 01 02 03");
}

static void conditions(void **state) {
    (void)state;
    expect_data(
        ".if 0\n.byte 1\n.if 1\n.byte 2\n.else\n.endif\n.elseif 0\n.byte 3\n.elseif 1\n.byte 4\n"
        ".elseif 1\n.byte 5\n.else\n.byte 6\n.endif",
        "04");
    expect_data(
        "a=1\n.ifdef a\n.byte 1\n.endif\n.ifndef b\n.byte 2\n.endif\n.ifdef b\n.byte 3\n.endif",
        "01 02");
    expect_data(".ifb\n.byte 1\n.endif\n.ifb x\n.byte 2\n.endif\n.ifnb x\n.byte 3\n.endif",
                "01 03");
    expect_data(
        ".ifc a b,a b\n.byte 1\n.endif\n.ifc a,b\n.byte 2\n.endif\n.ifnc a,b\n.byte 3\n.endif\n"
        ".ifeqs \"x\",\"x\"\n.byte 4\n.endif",
        "01 03 04");
    expect_data(".ifeq 0\n.byte 1\n.endif\n.ifgt 1\n.byte 2\n.endif\n.iflt 1\n.byte 3\n.endif\n"
                ".ifge 0\n.byte 4\n.endif\n.ifle 1\n.byte 5\n.endif\n.ifne 2\n.byte 6\n.endif",
                "01 02 04 06");
    expect_data(".if 0\n\"nothing here is looked at\n.nonsense\n.endif\n.byte 1\n.end\n.byte 2",
                "01");
}

/* ---- files ----------------------------------------------------------------------------------- */

static ts_status load(void *context, ts_arena *arena, const char *name, ts_span *out,
                      ts_diag *diag) {
    (void)context;
    (void)arena;
    if (strcmp(name, "self.inc") == 0)
        *out = test_text(".include \"self.inc\"\n");
    else if (strcmp(name, "data.bin") == 0)
        *out = test_text("12345");
    else if (strcmp(name, "part.inc") == 0)
        *out = test_text(".byte 7\nhere: bad r1\n");
    else if (strcmp(name, "good.inc") == 0)
        *out = test_text("nop\n.ifdef x\n.byte 8\n.endif");
    else
        return ts_fail(diag, TS_IO, name, "is not there");
    return TS_OK;
}

static const ts_aie2_assemble_options loading = {.load = load};

static void files_are_included(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_aie2_assembly made = assemble_with(arena,
                                          "x = 1\nnopx\n.include \"good.inc\"\nnop\n"
                                          ".data\n.incbin \"data.bin\"\n"
                                          ".incbin \"data.bin\", 3\n.incbin \"data.bin\", 1, 2\n",
                                          &loading);
    assert_int_equal(made.n_files, 2);
    assert_string_equal(made.files[1], "good.inc");
    assert_int_equal(made.n_bundles, 3);
    assert_true(made.bundles[0].file == 0 && made.bundles[0].line == 2);
    assert_true(made.bundles[1].file == 1 && made.bundles[1].line == 1);
    assert_true(made.bundles[2].file == 0 && made.bundles[2].line == 4);
    assert_string_equal(hex_of(arena, section_named(&made, ".data")->bytes),
                        "31 32 33 34 35 34 35 32 33");
    const char *got = message_of(arena, ".data\n.include \"part.inc\"", &loading, false);
    assert_non_null(strstr(got, "part.inc:2:7: no operation 'bad'"));
    got = message_of(arena, ".include \"self.inc\"", &loading, false);
    assert_non_null(strstr(got, "more than 64 deep"));
    got = message_of(arena, "  .include \"none.inc\"", &loading, false);
    assert_non_null(strstr(got, "t.s:1:12: none.inc: is not there"));
    test_end(arena);
}

/* ---- control flow ---------------------------------------------------------------------------- */

static void return_addresses_are_aligned(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_aie2_assembly made =
        assemble_with(arena,
                      "nopx\njl #f\nnop\nlda r0, [p0, #0]\n.Lin: nop\nmovxm p0, #.Lin\n"
                      "st r2, [p1, #0]\n.Lback: nop\n.data\n.word .Lback\n",
                      NULL);
    /* The last nop of the delay slots has become 6 bytes long. */
    assert_string_equal(hex_of(arena, ts_span_of(made.sections[0].bytes.data, 32)),
                        "19 00 00 10 15 01 00 00 00 00 01 00 59 80 02 00 "
                        "15 00 00 00 00 00 55 00 60 00 00 00 19 84 02 09");
    assert_int_equal(symbol_named(&made, ".Lback")->value, 32);
    assert_int_equal(symbol_named(&made, ".Lin")->value, 16);
    assert_int_equal(made.sections[0].relocs[1].offset, 22);
    assert_int_equal(made.bundles[5].offset, 22);
    assert_int_equal(made.bundles[7].offset, 32);
    /* Within .nohazards too, only that nothing is said. */
    made =
        assemble(arena, "nopx\njl #f\nnop\nnop\nnop\nnop\nnop\n.Lback: nop\n.data\n.word .Lback");
    assert_int_equal(symbol_named(&made, ".Lback")->value, 32);
    assemble(arena, "nopx\njl p0\nadd r0,r0,r0\nadd r1,r1,r1\nadd r2,r2,r2\nadd r3,r3,r3\n"
                    "add r4,r4,r4");
    /* But not in the text of a linked program, which says its addresses as numbers. */
    made = assemble(arena, "nopx\njl #64\nnop\nnop\nnop\nnop\nnop\nback: nop\n");
    assert_int_equal(symbol_named(&made, "back")->value, 20);
    test_end(arena);
    expect_error(
        "nopx\njl p0\nadd r0,r0,r0\nadd r1,r1,r1\nadd r2,r2,r2\nadd r3,r3,r3\nadd r4,r4,r4",
        "2:1: this call returns to offset 0x1c; it must be a multiple of 16: put nops into "
        "the bundles of the delay slots to make them 4 bytes longer");
}

/* Where the call of a text returns to: behind the fifth bundle after it. */
static uint32_t return_of(const ts_aie2_assembly *made) {
    size_t call = SIZE_MAX;
    ts_span bytes = made->sections[0].bytes;
    for (size_t i = 0; i < made->n_bundles; i++) {
        ts_aie2_bundle bundle;
        ts_aie2_reject why;
        uint32_t offset = made->bundles[i].offset;
        assert_true(ts_aie2_decode(bytes.data + offset, bytes.size - offset, &bundle, &why));
        for (unsigned k = 0; k < bundle.n_ops; k++)
            if (ts_aie2_instructions[bundle.ops[k].instruction].flags & TS_AIE2_CALLS) call = i;
    }
    assert_true(call != SIZE_MAX && call + 5 < made->n_bundles);
    uint32_t last = made->bundles[call + 5].offset;
    return last + ts_aie2_bundle_size(bytes.data + last, bytes.size - last);
}

/* Ops of the region that are in the bundles, and the one relocation lies on the call. */
static void expect_region_whole(const ts_aie2_assembly *made, unsigned n_moves) {
    const ts_aie2_asm_section *text = &made->sections[0];
    unsigned n = 0, slot, operand;
    ts_aie2_bundle bundle;
    ts_aie2_reject why;
    for (size_t i = 0; i < made->n_bundles; i++) {
        uint32_t at = made->bundles[i].offset;
        assert_true(ts_aie2_decode(text->bytes.data + at, text->bytes.size - at, &bundle, &why));
        for (unsigned k = 0; k < bundle.n_ops; k++)
            n += !strcmp(ts_aie2_instructions[bundle.ops[k].instruction].mnemonic, "mova");
    }
    assert_int_equal(n, n_moves);
    assert_int_equal(text->n_relocs, 1);
    uint32_t at = text->relocs[0].offset;
    assert_true(ts_aie2_decode(text->bytes.data + at, text->bytes.size - at, &bundle, &why));
    assert_true(ts_aie2_relocated_operand(&bundle, text->relocs[0].type, &slot, &operand));
    assert_string_equal(ts_aie2_instructions[bundle.ops[slot].instruction].mnemonic, "jl");
}

static void calls_of_regions_return_to_aligned_addresses(void **state) {
    (void)state;
    for (unsigned n_moves = 1; n_moves <= 11; n_moves++)
        for (unsigned n_nops = 0; n_nops < 8; n_nops++) {
            ts_arena *arena = test_begin();
            ts_buf text = ts_buf_in(arena);
            for (unsigned i = 0; i < n_nops; i++)
                ts_buf_text(&text, "nop\n");
            ts_buf_text(&text, ".schedule\n");
            for (unsigned i = 0; i < n_moves; i++)
                ts_buf_printf(&text, "mova r%u, #%u\n", i, i);
            ts_buf_text(&text, "jl #g\n.endschedule\nback: nop\n");
            ts_buf_u8(&text, 0);
            ts_aie2_assembly made = assemble_with(arena, (const char *)text.data, NULL);
            assert_int_equal(return_of(&made) % 16, 0);
            assert_int_equal(return_of(&made), symbol_named(&made, "back")->value);
            expect_region_whole(&made, n_moves);
            test_end(arena);
        }
}

/* Delay slots that have no room left: the region begins behind a nop, its label before that. */
static void full_regions_get_a_nop_in_front(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_buf text = ts_buf_in(arena);
    ts_buf_text(&text, ".rept 7\nnop\n.endr\nf:\n.schedule no_drain\n");
    for (unsigned i = 0; i < 6; i++) {
        ts_buf_printf(&text, "mova r%u, #1\npaddb [p%u], #32\nst r20, [p7, #%u]\n", i, i % 4,
                      4 * i);
        if (i < 5) ts_buf_printf(&text, "vadd.32 x%u, x9, x10\nadd r%u, r20, r21\n", i, i + 8);
    }
    ts_buf_text(&text, "jl #g\n.endschedule\nback: nop\n.data\n.word f\n");
    ts_buf_u8(&text, 0);
    ts_aie2_assembly made = assemble_with(arena, (const char *)text.data, NULL);
    assert_int_equal(return_of(&made) % 16, 0);
    assert_int_equal(return_of(&made), symbol_named(&made, "back")->value);
    assert_int_equal(symbol_named(&made, "f")->value, 14);
    assert_int_equal(made.bundles[8].offset, 28);
    assert_int_equal(made.sections[0].relocs[0].offset, 28);
    test_end(arena);
}

static void labels_move_when_sections_interleave(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_aie2_assembly made =
        assemble(arena, "f: jl #g\nnop\nmova r1, #1\n.La: mova r2, #2\n"
                        ".pushsection .text.b,\"ax\",@progbits\njl #h\nnop\nnop\nnop\nnop\nnop\n"
                        ".popsection\nmova r3, #3\nmova r4, #4\n.data\n.word .La - f\n");
    assert_string_equal(hex_of(arena, section_named(&made, ".data")->bytes), "14 00 00 00");
    assert_int_equal(made.bundles[3].offset, 0x14);
    test_end(arena);
}

static void padding_takes_cycles(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_aie2_assembly made;
    ts_aie2_messages messages = {0};
    const char *text = "lda r0, [p0, #0]\nnop\nnop\nnop\nnop\nnop\n.p2align 4\nadd r1, r0, r0\n";
    assert_int_equal(ts_aie2_assemble(arena, test_text(text), "t.s", NULL, &made, &messages),
                     TS_OK);
    assert_int_equal(messages.n, 0);
    assert_int_equal(made.n_bundles, 7);
    test_end(arena);
    expect_error("jl #g\nnop\nnop\nnop\nnop\n.p2align 5\nnop\n",
                 "1:1: this call returns to offset 0x1e, into or behind an alignment; it must be a "
                 "multiple of 16");
    /* What is aligned stays so, though a nop before it could be made longer. */
    expect_error("jl #g\nnop\nnop\nnop\nmova r0, #1\n.p2align 3\nadd r1, r1, r1\n",
                 "1:1: this call returns to offset 0x14; it must be a multiple of 16");
}

static void control_flow_is_checked(void **state) {
    (void)state;
    expect_error(
        "ret lr\nnop\nnop\nj p0\nnop\n",
        "4:1: a jump in the delay slots of the jump on line 1; 5 bundles must come between");
    expect_error("movxm le, #.Lend\n.rept 8\nnopx\n.endr\n.Lend: nop\n",
                 "1:11: the last bundle of a loop must begin at a multiple of 16; this is offset "
                 "0x26");
    expect_error("movxm le, #.Lend\n.align 16\n.Lend:\n.align 32\n",
                 "1:11: no bundle begins at this end of a loop");
    expect_warning("movxm le, #.Lend\n.align 16\nnopa\n.align 16\n.Lend: nopa\n.align 16",
                   "1:11: the end of a loop is set 4 bundles before it; it should be 7");
    expect_warning("a: nopx\nb: j #b\n.rept 5\nnop\n.endr",
                   "2:6: a jump to offset 0x4; targets should be multiples of 16");
    expect_warning(".section .text.x,\"ax\"\nret lr\nnop\n",
                   "2:1: .text.x ends within the delay slots of this jump; 4 of 5 are missing");
}

static void hazards_are_warned_of(void **state) {
    (void)state;
    expect_warning("lda r0, [p0, #0]\nadd r1, r0, r0\n",
                   "2:1: r0 is read before its new value is there: 6 more bundles behind lda");
    ts_arena *arena = test_begin();
    ts_aie2_assembly made;
    ts_aie2_messages messages = {0};
    const char *text = ".nohazards\nlda r0, [p0, #0]\nadd r1, r0, r0\n.hazards\nnop\n";
    assert_int_equal(ts_aie2_assemble(arena, test_text(text), "t.s", NULL, &made, &messages),
                     TS_OK);
    assert_int_equal(messages.n, 0);
    assert_true(made.bundles[1].unchecked && !made.bundles[2].unchecked);
    text = "lda r0, [p0, #0]\nadd r1, r0, r0\n";
    assert_int_equal(ts_aie2_assemble(arena, test_text(text), "t.s", &quiet, &made, &messages),
                     TS_OK);
    assert_int_equal(messages.n, 0);
    test_end(arena);
}

static void regions_are_scheduled(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_aie2_assembly made = assemble_with(arena,
                                          ".schedule\nlda r0, [p0, #0]\n.noalias 1\n"
                                          "movxm p1, #buffer\nadd r1, r0, r0\nst r1, [p1, #0]\n"
                                          ".endschedule\n",
                                          NULL);
    assert_true(made.n_bundles >= 8);
    assert_int_equal(made.sections[0].n_relocs, 1);
    ts_aie2_bundle bundle;
    ts_aie2_reject why;
    const ts_aie2_asm_reloc *reloc = &made.sections[0].relocs[0];
    unsigned slot, operand;
    assert_true(ts_aie2_decode(made.sections[0].bytes.data + reloc->offset,
                               made.sections[0].bytes.size - reloc->offset, &bundle, &why));
    assert_true(ts_aie2_relocated_operand(&bundle, reloc->type, &slot, &operand));
    assert_string_equal(ts_aie2_instructions[bundle.ops[slot].instruction].mnemonic, "movxm");
    test_end(arena);
    expect_error(".schedule\nj p0\nnop\nadd r0, r0, r0\n.endschedule", "1:1: ");
    expect_error(".schedule\na:\n.endschedule", "2:1: a label in a .schedule region");
    expect_error(".schedule\n.byte 1\n.endschedule",
                 "2:7: only operations can stand in a .schedule");
    expect_error(".schedule\nnop", "1:1: .schedule without its .endschedule");
    expect_error(".endschedule", "1:1: .endschedule without its .schedule");
    expect_error(".schedule fast", "1:11: expected plain, no_drain or no_streams");
    expect_error(".pushsection .text.b,\"ax\"\n.schedule\nnopa\n.popsection\n.endschedule",
                 "4:1: .popsection in a .schedule region");
}

static void expect_silence(const char *text) {
    ts_arena *arena = test_begin();
    ts_aie2_assembly made;
    ts_aie2_messages messages = {0};
    if (ts_aie2_assemble(arena, test_text(text), "t.s", NULL, &made, &messages) != TS_OK ||
        messages.n)
        fail_with(text, &messages);
    test_end(arena);
}

static void regions_have_no_hazards_of_their_own(void **state) {
    (void)state;
    expect_silence(".schedule\nlda r0, [p0, #0]\nadd r6, r0, r0\nmov.d3 r6, p1\n"
                   "add r7, r6, r6\n.endschedule\n");
    /* But with the code behind it. */
    expect_warning(".schedule no_drain\nlda r0, [p0, #0]\n.endschedule\nadd r1, r0, r0\n",
                   "4:1: r0 is read before its new value is there: ");
    /* And of one region with the next one, which begins anew. */
    expect_silence(".schedule\nlda r0, [p0, #0]\n.endschedule\n.schedule\nadd r1, r0, r0\n"
                   ".endschedule\n");
}

/* ---- errors ---------------------------------------------------------------------------------- */

static void errors_of_operations(void **state) {
    (void)state;
    static const struct {
        const char *line, *words;
    } rows[] = {
        {"padda [p0], #4; padda [p0], #4", "1:17: two operations for slot lda: padda and padda"},
        {"add r0, r0, r0; add r0, r0, r0", "1:17: two operations for slot alu: add and add"},
        {"padda [p1], #4; add r0, r0, r1; mov r2, r1; lda r0, [p0, #0]",
         "1:45: two operations for slot lda: padda and lda"},
        {"movxm r0, #1; add r1, r1, r1", "1:15: no bundle format has add (slot alu) beside movxm"},
        {"nop; nopa", "1:6: no bundle format has nopa (slot lda) beside nop (slot nop)"},
        {"nopa;\nnopa", "2:1: two operations for slot lda: nopa and nopa; the line before it"},
        {"padda [p0], MCD",
         "1:13: padda: expected m0..m7 or #-2048 to #2044 in steps of 4, not 'MCD'"},
        {"vmov.hi cm0, MCD", "1:14: vmov.hi: expected 'SCD', not 'MCD'"},
        {"padda [p0], #2060", "1:13: 2060 is out of range; expected #-2048 to #2044 in steps of 4"},
        {"padda [p0], #6", "1:13: 6 is no multiple of 4; expected #-2048 to #2044 in steps of 4"},
        {"padda [sp], #150000", "1:13: 150000 is out of range; expected #-131072 to #131040"},
        {"padda [sp], #22", "1:13: 22 is no multiple of 32; expected #-131072 to #131040"},
        {"mova r0, #2000", "1:10: 2000 is out of range; expected #-1024 to #1023"},
        {"vlda wl0, [sp, #0]", "1:16: 0 is out of range; expected #-131072 to #-32 in steps of 32"},
        {"movxm r0, #0x100000000", "1:11: 4294967296 is out of range; expected #-2147483648 to "
                                   "#4294967295"},
        {"addd r0, r1, r2", "1:1: no operation 'addd'; did you mean 'add'?"},
        {"frobnicate", "1:1: no operation 'frobnicate'\n"},
        {"add r0, r1", "1:11: add: expected ',', not the end"},
        {"add r0, r1, r2, r3", "1:15: add: expected the end of the operation, not ','"},
        {"add r0, r1, p2", "1:13: add: expected r0..r31 or #-64 to #63, not 'p2'"},
        {"add r0, r1, 4", "1:13: a number as an operand begins with '#'"},
        {"add r0, r1, {", "1:13: unexpected character in an operand"},
        {"lda r0, [r1, #0]", "1:10: lda: expected p0..p7 or 'sp', not 'r1'"},
        {"vadd.32 x0, r1, x2", "1:13: vadd.32: expected x0..x11, not 'r1'"},
        {"padda.3d [p0], d4", "1:16: padda.3d: expected d0..d3, not 'd4'"},
        {"lda r0, [p0, #x]", "1:14: this operand cannot hold an address; a number is needed"},
        {"lda r0, [p0, #x]\nx = 3", "1:14: 3 is no multiple of 4"},
        {"mova r0, #x\nx = 5000", "1:10: 5000 is out of range"},
        {"nop\n.data\nnop", "3:1: operations in section .data, which is not code"},
        {"j #.Lnowhere", "1:3: no label '.Lnowhere' in this text"},
        {"j #1b", "1:4: no label '1:' before this"},
        {"1: j #1f", "1:6: no label '1:' behind this"},
        {"nopa; here: nopb", "1:7: a label within a bundle: the operation before it ends with ';'"},
        {"nopa; .byte 1", "1:7: a directive within a bundle"},
        {"nopa;\n.L:", "2:1: a label within a bundle"},
        {"nopa;", "2:1: the end of the text within a bundle"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        expect_error(rows[i].line, rows[i].words);
}

static void types_of_sections_go_by_name(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_aie2_assembly made =
        assemble(arena, ".section .init_array,\"aw\"\n.word 0\n.section .note.x,\"\"\n.word 0\n"
                        ".section .bss.x,\"aw\"\n.zero 4\n.section .other,\"aw\"\n.word 0\n");
    assert_int_equal(section_named(&made, ".init_array")->type, 14);
    assert_int_equal(section_named(&made, ".note.x")->type, 7);
    assert_int_equal(section_named(&made, ".bss.x")->type, 8);
    assert_int_equal(section_named(&made, ".other")->type, 1);
    test_end(arena);
    expect_data(".byte 10UL, 0xffu, 0b1l, 010u", "0a ff 01 08");
}

static void errors_of_directives(void **state) {
    (void)state;
    static const struct {
        const char *line, *words;
    } rows[] = {
        {".aline 4", "1:1: no directive '.aline'; did you mean '.align'?"},
        {".subsection 1", "1:1: this directive is known, but not read here"},
        {"a: nop\na: nop", "2:1: 'a' is defined already, on line 1"},
        {"a = 1\na: nop", "2:1: 'a' is defined already, on line 1"},
        {"a: nop\na = 1", "2:1: 'a' is defined already"},
        {".equiv a, 1\na = 2", "2:1: 'a' is defined already"},
        {".weak b\n.globl b", "2:1: 'b' is weak already"},
        {".globl b\n.local b", "2:1: 'b' is global already"},
        {".: nop", "1:1: '.' is the current address"},
        {".align 3", "1:1: an alignment must be a power of 2"},
        {".p2align 40", "1:10: an alignment is 40; it can be 0 to 31"},
        {".byte 256", "1:7: 256 does not fit into 1 byte"},
        {".short -32769", "1:8: -32769 does not fit into 2 bytes"},
        {".byte x\nx = 300", "1:7: 300 does not fit into 1 byte"},
        {".byte x", "1:7: only 4 bytes can hold an address"},
        {".word x - y", "1:7: a difference of symbols that are not in one section"},
        {".word x * 2", "1:7: no relocation says this"},
        {".word 1 +", "1:10: expected a number, a name or '('"},
        {".word (1", "1:9: expected ')' behind the expression"},
        {".word 1 2", "1:9: expected the end of the statement here"},
        {".word 1/0", "1:8: division by zero"},
        {".word 1/x\nx = 0", "1:8: division by zero"},
        {".word 0x", "1:9: not a digit of a number with base 16"},
        {".word 12a", "1:9: not a digit of a number with base 10"},
        {".word 99999999999999999999", "1:7: a number of more than 64 bits"},
        {".word 'a", NULL},
        {"x = y\ny = x\n.word x", "3:7: 'y' stands for itself"},
        {"x = y\n.data", "1:1: 'x' stands for something that is not in this text"},
        {".ascii \"abc", "1:8: a string without its closing quote"},
        {".ascii abc", "1:8: expected a string in quotes"},
        {".space -1", "1:8: a size is -1; it can be 0 to 4294967295"},
        {".space x", "1:8: 'x' is not known yet; a number is needed here"},
        {"x: .space x", "1:11: an address; a number is needed here"},
        {".data\n.word 1\n.org 2", "3:6: offset 2 lies behind; this is offset 4"},
        {".bss\n.byte 1", "2:7: section .bss only takes room; it cannot hold contents"},
        {".space 70000000", "1:1: more than 64 MiB of contents"},
        {".section", "1:9: expected the name of a section"},
        {".section .x, \"aq\"", "1:14: no section flag 'q'"},
        {".section .x, \"a\", @odd", "1:19: no section type 'odd'"},
        {".section .x, \"aM\", @progbits", "1:29: expected ',' and the size of an entry"},
        {".section .text, \"aw\"", "1:10: section .text had other flags or another type before"},
        {".popsection", "1:1: .popsection without its .pushsection"},
        {".type f, @thing", "1:10: no symbol type 'thing'"},
        {".globl 5", "1:8: expected a symbol"},
        {"f:\n.size f, g", "2:10: no size: not a number of bytes"},
        {"a: .comm a, 4", "1:4: 'a' is defined already"},
        {".include \"x\"", "1:10: cannot read files from here"},
        {".if x", "1:5: 'x' is not known yet; a number is needed here"},
        {".if 1", "1:1: an .if without its .endif"},
        {".else", "1:1: .else without an .if before it"},
        {".if 1\n.else\n.else\n.endif", "3:1: .else behind .else"},
        {".endif", "1:1: .endif without an .if before it"},
        {".macro m\nnop", "1:1: no .endm for this"},
        {".macro m a:opt\n.endm", "1:12: expected req or vararg"},
        {".macro m\n.endm\n.macro m\n.endm", "3:1: macro 'm' is defined already"},
        {".macro m a:req\n.endm\nm", "3:1: macro 'm' needs its argument 'a'"},
        {".macro m a\n.endm\nm 1, 2", "3:6: macro 'm' takes 1 arguments"},
        {".macro m\nm\n.endm\nm", NULL},
        {".macro m r\nadd \\r, r0, r0\n.endm\nnop\nm p1",
         "2:5: add: expected r0..r31, not 'p1' (in macro 'm', called at t.s:5)"},
        {".rept 2\nnop", "1:1: no .endr for this"},
        {".rept 2000000\nnop\n.endr", "1:1: more than 1000000 repetitions"},
        {".endr", "1:1: an end without its beginning"},
        {".exitm", "1:1: .exitm outside of a macro"},
        {".purgem x", "1:9: no macro 'x'"},
        {".error \"as said\"", "1:1: as said"},
        {"/* no end", "1:1: a comment without its end"},
        {"5", "1:1: a statement cannot begin with a number"},
        {"+", "1:1: expected a label, a directive or an operation"},
        {".noalias 1", "1:1: .noalias outside of .schedule and .endschedule"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].words) {
            expect_error(rows[i].line, rows[i].words);
            continue;
        }
        ts_arena *arena = test_begin();
        ts_aie2_assembly made;
        ts_aie2_messages messages = {0};
        (void)!ts_aie2_assemble(arena, test_text(rows[i].line), "t.s", NULL, &made, &messages);
        test_end(arena);
    }
    expect_warning(".warning \"look\"", "1:1: look");
}

static void many_errors_are_told_then_no_more(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_buf text = ts_buf_in(arena);
    for (int i = 0; i < 50; i++)
        ts_buf_text(&text, i == 3 ? "nop\n" : "bad; add r0\n");
    ts_buf_u8(&text, 0);
    ts_aie2_assembly made;
    ts_aie2_messages messages = {0};
    assert_int_equal(
        ts_aie2_assemble(arena, test_text((const char *)text.data), "t.s", NULL, &made, &messages),
        TS_UNKNOWN);
    assert_int_equal(messages.n, TS_AIE2_MAX_ERRORS);
    assert_int_equal(messages.list[3].diag.line, 5);
    assert_int_equal(made.n_sections, 0);
    test_end(arena);
}

/* What would take forever or all memory ends with an error. */
static void traps_end(void **state) {
    (void)state;
    expect_error(".macro m\nm\nm\n.endm\nm",
                 "2:2: files, macros and repetitions more than 64 deep");
    expect_error(".rept 30000000\n.endr", "1:1: more than 1000000 repetitions");
    expect_error(".rept 1000\n.rept 1000\n.endr\n.endr", "2:1: more than 1000000 repetitions");
    expect_error(".rept 500\n.rept 1001\nx = 1; y = 1\n.endr\n.endr",
                 "3:1: macros and repetitions come to more than 1000000 statements");
    expect_error(".fill 0xffffffff, 8, 1", "1:1: more than 64 MiB of contents");
    expect_error(".bss\n.space 0xffffffff\n.space 1", "3:1: section .bss grows beyond 4 GiB");
    ts_arena *arena = test_begin();
    ts_buf text = ts_buf_in(arena);
    for (int i = 0; i < 60; i++)
        ts_buf_printf(&text, "a%d = a%d * a%d\n", i + 1, i, i);
    ts_buf_text(&text, ".word a60\n");
    ts_buf_u8(&text, 0);
    expect_error((const char *)text.data, "61:7: too much to work out at the end");
    text.size = 0;
    ts_buf_text(&text, ".word ");
    for (int i = 0; i < 1000; i++)
        ts_buf_u8(&text, '(');
    ts_buf_u8(&text, 0);
    expect_error((const char *)text.data, "1:72: an expression too deep");
    text.size = 0;
    for (int i = 0; i < 1000; i++)
        ts_buf_printf(&text, "a%d = a%d\n", i, i + 1);
    ts_buf_text(&text, ".word a0\n");
    ts_buf_u8(&text, 0);
    expect_error((const char *)text.data, "1001:7: an expression too deep");
    test_end(arena);
}

/* ---- everything at once ---------------------------------------------------------------------- */

static const char whole[] = "// all kinds of lines\n"
                            ".globl f\n.type f,@function\n"
                            ".macro m a, b=2\n.byte \\a, \\b\n.endm\n"
                            "f: lda r1, [p0, #4]; nopb\n"
                            ".Lx: movxm p0, #(g + 4)\n"
                            "jl #f; nopa\nnop\nnop\nnop\nnop\nnop\n"
                            "1: j #1b\nnop\nnop\nnop\nnop\nnop\n"
                            ".size f, . - f\n"
                            ".section .data.x,\"aw\",@progbits\n"
                            "m 1\nm 3, 4\n.rept 2\n.word .Lx - f, later * 2, g\n.endr\n"
                            ".irp q, 1, 2\n.byte \\q\n.endr\n"
                            ".asciz \"text\"\n.if later2\n.endif\nlater = 4\n"
                            ".schedule\nadd r0, r1, r2\n";

/* The text with what is missing behind it, so that every way through is gone. */
static ts_status assemble_whole(ts_arena *arena, void *context) {
    static const ts_aie2_assemble_options options = {.load = load};
    ts_aie2_assembly made;
    ts_aie2_messages messages = {0};
    return ts_aie2_assemble(arena, test_text(context), "t.s", &options, &made, &messages);
}

static void every_allocation_fails_once(void **state) {
    (void)state;
    char text[] = ".globl f\n.macro m a\nadd \\a, r0, r0\n.endm\nf: m r1\nlda r2, [p0, #x]; nopb\n"
                  ".Ly: jl #f\nnop\nnop\nnop\nnop\nlda r5, [p0, #4]\n"
                  ".rept 2\nmovxm p0, #(g + 1)\n.endr\n.section .d,\"aw\"\n.irpc c, 12\n"
                  ".word \\c, .Ly, y * 2\n.endr\n.asciz \"s\"\n.text\n.include \"good.inc\"\n"
                  ".schedule\nadd r0, r1, r2\n.endschedule\nx = 8\ny = 3\n";
    test_every_allocation_fails(assemble_whole, text);
}

static void every_truncation_ends(void **state) {
    (void)state;
    for (size_t n = 0; n < sizeof whole; n++) {
        ts_arena *arena = test_begin();
        char *text = ts_arena_strndup(arena, whole, n);
        ts_status status = assemble_whole(arena, text);
        assert_int_not_equal(status, TS_NOMEM);
        test_end(arena);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reference_encodings),
        cmocka_unit_test(letters_and_spaces_do_not_matter),
        cmocka_unit_test(operands_have_several_spellings),
        cmocka_unit_test(lines_of_llvm_aie_assemble),
        cmocka_unit_test(every_instruction_comes_back),
        cmocka_unit_test(random_bundles_come_back),
        cmocka_unit_test(relocations_have_types_and_places),
        cmocka_unit_test(names_of_sections_are_their_beginnings),
        cmocka_unit_test(symbols_are_listed),
        cmocka_unit_test(sections_have_types_and_flags),
        cmocka_unit_test(code_is_aligned_with_nops),
        cmocka_unit_test(data_directives),
        cmocka_unit_test(expressions),
        cmocka_unit_test(macros),
        cmocka_unit_test(repetitions),
        cmocka_unit_test(conditions),
        cmocka_unit_test(files_are_included),
        cmocka_unit_test(return_addresses_are_aligned),
        cmocka_unit_test(calls_of_regions_return_to_aligned_addresses),
        cmocka_unit_test(full_regions_get_a_nop_in_front),
        cmocka_unit_test(labels_move_when_sections_interleave),
        cmocka_unit_test(padding_takes_cycles),
        cmocka_unit_test(control_flow_is_checked),
        cmocka_unit_test(hazards_are_warned_of),
        cmocka_unit_test(regions_are_scheduled),
        cmocka_unit_test(regions_have_no_hazards_of_their_own),
        cmocka_unit_test(errors_of_operations),
        cmocka_unit_test(types_of_sections_go_by_name),
        cmocka_unit_test(errors_of_directives),
        cmocka_unit_test(many_errors_are_told_then_no_more),
        cmocka_unit_test(traps_end),
        cmocka_unit_test(every_allocation_fails_once),
        cmocka_unit_test(every_truncation_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
