/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * object: ELF files and archives. `test_object FOLDER` writes the samples as a fuzzing corpus. */
#include "exercise_object.h"
#include "support.h"

#include <stdio.h>
#include <string.h>

/* ---- samples --------------------------------------------------------------------------------- */

static const uint8_t bundles[64] = {0x19, 0x10, 0x01, 0x00, 0x55, 0x00, 0x02, 0x00};
static const uint8_t numbers[24] = {1, 2, 3, 4, 5, 6, 7, 8};

enum {
    CODE_FLAGS = TS_SHF_ALLOC | TS_SHF_EXECINSTR,
    DATA_FLAGS = TS_SHF_ALLOC | TS_SHF_WRITE,
};

static bool put_reloc(ts_arena *arena, ts_object *o, uint32_t section, uint32_t offset,
                      uint32_t symbol, uint8_t type, int32_t addend, bool in_place) {
    ts_object_reloc reloc = {
        .offset = offset, .symbol = symbol, .type = type, .addend = addend, .in_place = in_place};
    return ts_object_add_reloc(arena, &o->sections[section], reloc);
}

/* Sections of a relocatable sample, in this order. */
enum {
    TEXT = 1,
    INLINE,
    DATA,
    BSS,
    NOTES,
    ADDRSIG,
    ORDERED,
    N_SECTIONS,
};

/* ... and its symbols. */
enum {
    S_FILE = 1,
    S_SECTION,
    S_LABEL,
    S_ENTRY,
    S_INLINE,
    S_CALLEE,
    S_WEAK,
    S_COMMON,
    S_ABSOLUTE,
    S_ZEROS,
    N_SYMBOLS,
};

static void sample_sections(ts_arena *arena, ts_object *o) {
    const ts_object_section sections[] = {
        {.name = ".text",
         .type = TS_SHT_PROGBITS,
         .flags = CODE_FLAGS,
         .align = 16,
         .bytes = {bundles, 48}},
        {.name = ".text.twice",
         .type = TS_SHT_PROGBITS,
         .flags = CODE_FLAGS | TS_SHF_GROUP,
         .align = 16,
         .bytes = {bundles, 16},
         .group = 1},
        {.name = ".data",
         .type = TS_SHT_PROGBITS,
         .flags = DATA_FLAGS,
         .align = 4,
         .bytes = {numbers, 23}},
        {.name = ".bss",
         .type = TS_SHT_NOBITS,
         .flags = DATA_FLAGS,
         .align = 32,
         .nobits_size = 96},
        {.name = ".comment",
         .type = TS_SHT_PROGBITS,
         .flags = TS_SHF_MERGE | TS_SHF_STRINGS,
         .align = 1,
         .entry_size = 1,
         .bytes = {(const uint8_t *)"tessera", 8}},
        {.name = ".llvm_addrsig",
         .type = 0x6fff4c03,
         .flags = TS_SHF_EXCLUDE,
         .align = 1,
         .bytes = {numbers + 3, 1},
         .link = TS_OBJECT_LINK_SYMBOLS},
        {.name = ".order",
         .type = TS_SHT_PROGBITS,
         .flags = TS_SHF_ALLOC | TS_SHF_LINK_ORDER | TS_SHF_INFO_LINK,
         .align = 4,
         .bytes = {numbers, 4},
         .link = TEXT,
         .info = DATA},
    };
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++)
        (void)ts_object_add_section(arena, o, sections[i]);
}

static void sample_symbols(ts_arena *arena, ts_object *o) {
    const ts_object_symbol symbols[] = {
        {.name = "a.s", .place = TS_OBJECT_ABSOLUTE, .type = TS_STT_FILE},
        {.name = "", .place = TS_OBJECT_DEFINED, .section = TEXT, .type = TS_STT_SECTION},
        {.name = ".L0", .place = TS_OBJECT_DEFINED, .section = TEXT, .value = 32},
        {.name = "entry",
         .place = TS_OBJECT_DEFINED,
         .section = TEXT,
         .size = 48,
         .binding = TS_STB_GLOBAL,
         .type = TS_STT_FUNC},
        {.name = "twice",
         .place = TS_OBJECT_DEFINED,
         .section = INLINE,
         .size = 16,
         .binding = TS_STB_WEAK,
         .type = TS_STT_FUNC,
         .other = TS_STV_HIDDEN},
        {.name = "callee", .binding = TS_STB_GLOBAL},
        {.name = "maybe", .binding = TS_STB_WEAK, .type = TS_STT_OBJECT},
        {.name = "shared",
         .place = TS_OBJECT_COMMON,
         .value = 8,
         .size = 40,
         .binding = TS_STB_GLOBAL,
         .type = TS_STT_OBJECT},
        {.name = "base", .place = TS_OBJECT_ABSOLUTE, .value = 0x70000, .binding = TS_STB_GLOBAL},
        {.name = "zeros",
         .place = TS_OBJECT_DEFINED,
         .section = BSS,
         .size = 96,
         .binding = TS_STB_GLOBAL,
         .type = TS_STT_OBJECT},
    };
    for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++)
        (void)ts_object_add_symbol(arena, o, symbols[i]);
}

/* Every kind of section, symbol and relocation. */
static ts_status relocatable(ts_arena *arena, ts_object *o) {
    ts_diag diag = {0};
    TS_TRY(ts_object_init(arena, o, &diag));
    o->file = "sample.o";
    sample_sections(arena, o);
    sample_symbols(arena, o);
    if (o->n_sections != N_SECTIONS || o->n_symbols != N_SYMBOLS) return TS_NOMEM;
    bool done = ts_object_add_group(
                    arena, o, (ts_object_group){.symbol = S_INLINE, .flags = TS_GRP_COMDAT}) &&
                put_reloc(arena, o, TEXT, 2, S_CALLEE, 1, 0, false) &&
                put_reloc(arena, o, TEXT, 6, S_SECTION, 44, 0x20, false) &&
                put_reloc(arena, o, TEXT, 47, 0, 53, -4, false) &&
                put_reloc(arena, o, INLINE, 0, S_ENTRY, 0, 1, false) &&
                put_reloc(arena, o, DATA, 4, S_ZEROS, 50, INT32_MIN, false) &&
                put_reloc(arena, o, DATA, 8, S_COMMON, 50, 0, true) &&
                put_reloc(arena, o, DATA, 22, S_LABEL, 50, 0, true);
    return done ? TS_OK : TS_NOMEM;
}

/* A linked program: code, data with zeros behind, and a segment without bytes. */
static ts_status program(ts_arena *arena, ts_object *o) {
    static const uint8_t stack[4] = {0};
    ts_diag diag = {0};
    TS_TRY(ts_object_init(arena, o, &diag));
    o->file = "sample.elf";
    o->type = TS_ET_EXEC;
    o->entry = 16;
    const ts_object_section sections[] = {
        {.name = ".text",
         .type = TS_SHT_PROGBITS,
         .flags = CODE_FLAGS,
         .align = 16,
         .bytes = {bundles, 64},
         .in_segment = true},
        {.name = ".rodata",
         .type = TS_SHT_PROGBITS,
         .flags = TS_SHF_ALLOC,
         .addr = 0x74000,
         .align = 4,
         .bytes = {numbers, 8},
         .in_segment = true},
        {.name = ".data",
         .type = TS_SHT_PROGBITS,
         .flags = DATA_FLAGS,
         .addr = 0x74010,
         .align = 16,
         .bytes = {numbers, 24},
         .in_segment = true},
        {.name = ".bss",
         .type = TS_SHT_NOBITS,
         .flags = DATA_FLAGS,
         .addr = 0x74028,
         .align = 4,
         .nobits_size = 24},
        {.name = ".stack_sizes", .type = TS_SHT_PROGBITS, .align = 4, .bytes = {stack, 4}},
    };
    const ts_object_segment segments[] = {
        {.type = TS_PT_LOAD,
         .flags = TS_PF_R | TS_PF_X,
         .file_size = 64,
         .mem_size = 64,
         .align = 16},
        {.type = TS_PT_LOAD,
         .flags = TS_PF_R | TS_PF_W,
         .vaddr = 0x74000,
         .paddr = 0x4000,
         .file_size = 40,
         .mem_size = 64,
         .align = 16},
        {.type = TS_PT_GNU_STACK, .flags = TS_PF_R | TS_PF_W},
    };
    const ts_object_symbol symbols[] = {
        {.name = "loop", .place = TS_OBJECT_DEFINED, .section = 1, .value = 48},
        {.name = "main",
         .place = TS_OBJECT_DEFINED,
         .section = 1,
         .value = 16,
         .size = 48,
         .binding = TS_STB_GLOBAL,
         .type = TS_STT_FUNC},
        {.name = "buffer", .place = TS_OBJECT_ABSOLUTE, .value = 0x70400, .binding = TS_STB_GLOBAL},
        {.name = "table",
         .place = TS_OBJECT_DEFINED,
         .section = 2,
         .value = 0x74000,
         .size = 8,
         .binding = TS_STB_GLOBAL,
         .type = TS_STT_OBJECT},
    };
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++)
        if (!ts_object_add_section(arena, o, sections[i])) return TS_NOMEM;
    for (size_t i = 0; i < sizeof segments / sizeof *segments; i++)
        if (!ts_object_add_segment(arena, o, segments[i])) return TS_NOMEM;
    for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++)
        if (!ts_object_add_symbol(arena, o, symbols[i])) return TS_NOMEM;
    return put_reloc(arena, o, 1, 4, 2, 1, 0, false) ? TS_OK : TS_NOMEM;
}

static ts_span written(ts_arena *arena, const ts_object *object) {
    ts_buf out = ts_buf_in(arena);
    ts_diag diag = {0};
    if (ts_object_write(object, &out, &diag) != TS_OK) fail_msg("%s", diag.message);
    return ts_buf_span(&out);
}

static ts_object read_back(ts_arena *arena, ts_span bytes) {
    ts_object object;
    ts_diag diag = {0};
    if (ts_object_read(arena, bytes, "t.o", &object, &diag) != TS_OK)
        fail_msg("offset 0x%x: %s", (unsigned)diag.offset, diag.message);
    return object;
}

static ts_span relocatable_file(ts_arena *arena) {
    ts_object object;
    assert_int_equal(relocatable(arena, &object), TS_OK);
    return written(arena, &object);
}

static ts_span program_file(ts_arena *arena) {
    ts_object object;
    assert_int_equal(program(arena, &object), TS_OK);
    return written(arena, &object);
}

static void put_member(ts_buf *out, const char *name, ts_span bytes) {
    ts_buf_printf(out, "%-16s%-12d%-6d%-6d%-8d%-10zu`\n", name, 0, 0, 0, 644, bytes.size);
    ts_buf_span_add(out, bytes);
    if (bytes.size % 2) ts_buf_u8(out, '\n');
}

static ts_span gnu_archive(ts_arena *arena) {
    ts_buf out = ts_buf_in(arena);
    ts_buf_text(&out, "!<arch>\n");
    put_member(&out, "/", test_text("\0\0\0"));
    put_member(&out, "//", test_text("a_name_too_long_for_a_header.o/\nanother/\n"));
    put_member(&out, "short.o/", relocatable_file(arena));
    put_member(&out, "/0", program_file(arena));
    return ts_buf_span(&out);
}

static ts_span bsd_archive(ts_arena *arena) {
    ts_buf out = ts_buf_in(arena), named = ts_buf_in(arena), index = ts_buf_in(arena);
    ts_buf_bytes(&named, "a name with blanks.o\0\0\0\0", 24);
    ts_buf_span_add(&named, program_file(arena));
    ts_buf_bytes(&index, "__.SYMDEF SORTED\0\0\0\0\0\0\0\0", 24);
    ts_buf_text(&out, "!<arch>\n");
    put_member(&out, "#1/20", ts_buf_span(&index));
    put_member(&out, "short.o", relocatable_file(arena));
    put_member(&out, "#1/24", ts_buf_span(&named));
    return ts_buf_span(&out);
}

static const struct {
    const char *name;
    ts_span (*make)(ts_arena *arena);
} samples[] = {
    {"relocatable.elf", relocatable_file},
    {"program.elf", program_file},
    {"gnu.ar", gnu_archive},
    {"bsd.ar", bsd_archive},
};

#define N_SAMPLES (sizeof samples / sizeof *samples)

/* The samples lie in the corpus: so their bytes are the same on every machine, and a change of what
 * is written is seen. */
static void samples_are_those_of_the_corpus(void **state) {
    (void)state;
    for (size_t i = 0; i < N_SAMPLES; i++) {
        ts_arena *arena = test_begin();
        ts_span want;
        ts_diag diag = {0};
        const char *path =
            ts_arena_printf(arena, "%s/fuzz/corpus/object/%s", TEST_SOURCE_DIR, samples[i].name);
        if (ts_file_read(arena, path, 0, &want, &diag) != TS_OK) fail_msg("%s", diag.message);
        if (!ts_span_equal(samples[i].make(arena), want)) fail_msg("%s differs", samples[i].name);
        test_end(arena);
    }
}

static int write_samples(const char *folder) {
    ts_arena arena;
    ts_diag diag = {0};
    ts_arena_init(&arena, 0);
    for (size_t i = 0; i < N_SAMPLES && !diag.code; i++)
        (void)!ts_file_write(ts_arena_printf(&arena, "%s/%s", folder, samples[i].name),
                             samples[i].make(&arena), &diag);
    ts_arena_free(&arena);
    return diag.code != TS_OK;
}

/* ---- writing and reading --------------------------------------------------------------------- */

static void what_is_written_is_read(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_object made, object;
    assert_int_equal(relocatable(arena, &made), TS_OK);
    object = read_back(arena, written(arena, &made));
    assert_true(same_object(&object, &made));
    assert_int_equal(program(arena, &made), TS_OK);
    object = read_back(arena, written(arena, &made));
    assert_false(same_object(&object, &made)); /* the segments have their bytes now */
    test_same_bytes(object.segments[0].bytes, ts_span_of(bundles, 64));
    assert_int_equal(object.segments[1].bytes.size, 40);
    made.segments[0].bytes = object.segments[0].bytes;
    made.segments[1].bytes = object.segments[1].bytes;
    assert_true(same_object(&object, &made));
    test_same_bytes(written(arena, &object), written(arena, &made));
    assert_int_equal(ts_object_init(arena, &made, NULL), TS_OK);
    object = read_back(arena, written(arena, &made));
    assert_true(same_object(&object, &made));
    made = (ts_object){.type = TS_ET_REL, .flags = TS_EF_AIE_AIE2}; /* not even what is reserved */
    assert_true(ts_span_equal(written(arena, &made), written(arena, &object)));
    test_end(arena);
}

static void the_laws_hold(void **state) {
    (void)state;
    for (size_t i = 0; i < N_SAMPLES; i++) {
        ts_arena *arena = test_begin();
        assert_int_equal(exercise_object(samples[i].make(arena), 0), TS_OK);
        test_end(arena);
    }
}

/* One number of a file. */
static uint32_t word(ts_span file, size_t at, unsigned n_bytes) {
    ts_cur cur = ts_cur_of(file);
    ts_cur_seek(&cur, at);
    return (uint32_t)ts_cur_uint_le(&cur, n_bytes);
}

/* Where the header of section `index` is. */
static size_t header_of(ts_span file, uint32_t index) {
    return word(file, 32, 4) + (size_t)index * 40;
}

/* Fields of a section header. */
enum {
    NAME = 0,
    TYPE = 4,
    FLAGS = 8,
    ADDR = 12,
    OFFSET = 16,
    SIZE = 20,
    LINK = 24,
    INFO = 28,
    ALIGN = 32,
    ENTSIZE = 36,
};

static const char *name_of(ts_span file, uint32_t index) {
    size_t names = header_of(file, word(file, 50, 2));
    return (const char *)file.data + word(file, names + OFFSET, 4) +
           word(file, header_of(file, index) + NAME, 4);
}

/* The number of a section of the file. */
static uint32_t find(ts_span file, const char *name) {
    uint32_t n = word(file, 48, 2);
    for (uint32_t i = 1; i < n; i++)
        if (strcmp(name_of(file, i), name) == 0) return i;
    fail_msg("no %s", name);
    return 0;
}

static void the_layout_is_as_llvm_has_it(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    static const char *const order[] = {
        "",       ".group",     ".text",     ".rela.text", ".text.twice", ".rela.text.twice",
        ".data",  ".rela.data", ".rel.data", ".bss",       ".comment",    ".llvm_addrsig",
        ".order", ".symtab",    ".strtab",   ".shstrtab"};
    ts_span file = relocatable_file(arena);
    static const uint8_t start[] = {0x7f, 'E', 'L', 'F', 1, 1, 1, 0, 0, 0, 0, 0,
                                    0,    0,   0,   0,   1, 0, 8, 1, 1, 0, 0, 0};
    test_same_bytes(ts_span_of(file.data, sizeof start), ts_span_of(start, sizeof start));
    assert_int_equal(word(file, 36, 4), 2); /* flags */
    assert_int_equal(word(file, 48, 2), sizeof order / sizeof *order);
    for (uint32_t i = 0; i < sizeof order / sizeof *order; i++)
        assert_string_equal(name_of(file, i), order[i]);
    size_t symbols = header_of(file, find(file, ".symtab"));
    assert_int_equal(word(file, symbols + LINK, 4), find(file, ".strtab"));
    assert_int_equal(word(file, symbols + INFO, 4), S_ENTRY); /* the first that is not local */
    assert_int_equal(word(file, symbols + ENTSIZE, 4), 16);
    size_t relocs = header_of(file, find(file, ".rela.data"));
    assert_int_equal(word(file, relocs + FLAGS, 4), TS_SHF_INFO_LINK);
    assert_int_equal(word(file, relocs + INFO, 4), find(file, ".data"));
    relocs = header_of(file, find(file, ".rela.text.twice"));
    assert_int_equal(word(file, relocs + FLAGS, 4), TS_SHF_INFO_LINK | TS_SHF_GROUP);
    size_t group = word(file, header_of(file, 1) + OFFSET, 4);
    assert_int_equal(word(file, header_of(file, 1) + INFO, 4), S_INLINE);
    assert_int_equal(word(file, group + 0, 4), TS_GRP_COMDAT);
    assert_int_equal(word(file, group + 4, 4), find(file, ".text.twice"));
    assert_int_equal(word(file, group + 8, 4), find(file, ".rela.text.twice"));
    file = program_file(arena);
    for (uint32_t i = 0; i < 2; i++) { /* segments lie at their address modulo the alignment */
        size_t segment = 52 + 32 * (size_t)i;
        assert_int_equal(word(file, segment + 4, 4) % 16, word(file, segment + 8, 4) % 16);
        uint32_t section = find(file, i ? ".rodata" : ".text");
        assert_int_equal(word(file, header_of(file, section) + OFFSET, 4),
                         word(file, segment + 4, 4));
    }
    test_end(arena);
}

static void local_symbols_are_put_first(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_object made;
    ts_diag diag = {0};
    assert_int_equal(relocatable(arena, &made), TS_OK);
    made.sections[ADDRSIG].link = 0;
    made.symbols[S_FILE].binding = TS_STB_GLOBAL; /* the first, now behind .L0 */
    ts_object object = read_back(arena, written(arena, &made));
    assert_string_equal(object.symbols[1].name, "");
    assert_string_equal(object.symbols[2].name, ".L0");
    assert_string_equal(object.symbols[3].name, "a.s");
    assert_string_equal(object.symbols[4].name, "entry");
    for (uint32_t s = 1; s < object.n_sections; s++)
        for (size_t i = 0; i < object.sections[s].n_relocs; i++)
            assert_string_equal(object.symbols[object.sections[s].relocs[i].symbol].name,
                                made.symbols[made.sections[s].relocs[i].symbol].name);
    assert_string_equal(object.symbols[object.groups[1].symbol].name, "twice");
    made.sections[ADDRSIG].link = TS_OBJECT_LINK_SYMBOLS;
    ts_buf out = ts_buf_in(arena);
    (void)!ts_object_write(&made, &out, &diag);
    test_expect_error(&diag, TS_CONFLICT, "section .llvm_addrsig may hold numbers of symbols");
    test_end(arena);
}

static void a_file_can_be_appended(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_object made;
    ts_diag diag = {0};
    ts_buf out = ts_buf_in(arena);
    assert_int_equal(program(arena, &made), TS_OK);
    ts_buf_text(&out, "odd");
    assert_int_equal(ts_object_write(&made, &out, &diag), TS_OK);
    assert_true(ts_span_equal(ts_span_of(out.data + 3, out.size - 3), written(arena, &made)));
    test_end(arena);
}

/* ---- looking into one ------------------------------------------------------------------------ */

static void what_is_asked_for_is_found(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_object object = read_back(arena, relocatable_file(arena));
    ts_diag diag = {0};
    uint32_t *symbols;
    size_t n;
    ts_span bytes;
    assert_int_equal(ts_object_find_section(&object, ".bss"), BSS);
    assert_int_equal(ts_object_find_section(&object, ".absent"), 0);
    assert_int_equal(ts_object_section_size(&object.sections[BSS]), 96);
    assert_int_equal(ts_object_find_symbol(&object, "callee"), S_CALLEE);
    assert_int_equal(ts_object_find_symbol(&object, "absent"), 0);
    assert_int_equal(ts_object_section_symbols(arena, &object, TEXT, &symbols, &n, &diag), TS_OK);
    assert_int_equal(n, 2);
    assert_int_equal(symbols[0], S_ENTRY);
    assert_int_equal(symbols[1], S_LABEL);
    assert_int_equal(ts_object_section_symbols(arena, &object, NOTES, &symbols, &n, &diag), TS_OK);
    assert_int_equal(n, 0);
    assert_false(ts_object_bytes_at(&object, 0, 1, &bytes));
    /* Of symbols with one name: the one that is not local, and that is defined. */
    object.symbols[S_LABEL].name = object.symbols[S_CALLEE].name = "zeros";
    assert_int_equal(ts_object_find_symbol(&object, "zeros"), S_ZEROS);
    test_end(arena);
}

static void bytes_are_found_by_address(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_object object = read_back(arena, program_file(arena));
    ts_span bytes;
    assert_true(ts_object_bytes_at(&object, 0, 64, &bytes));
    test_same_bytes(bytes, ts_span_of(bundles, 64));
    assert_true(ts_object_bytes_at(&object, 0x74012, 2, &bytes));
    test_same_bytes(bytes, ts_span_of(numbers + 2, 2));
    assert_true(ts_object_bytes_at(&object, 0x74008, 8, &bytes)); /* between two sections */
    test_same_bytes(bytes, ts_span_of("\0\0\0\0\0\0\0\0", 8));
    assert_false(ts_object_bytes_at(&object, 0, 65, &bytes));
    assert_false(ts_object_bytes_at(&object, 0x74028, 1, &bytes)); /* zeros, not in the file */
    assert_false(ts_object_bytes_at(&object, UINT32_MAX, UINT32_MAX, &bytes));
    test_end(arena);
}

static void numbers_have_names(void **state) {
    (void)state;
    char name[12];
    assert_string_equal(ts_object_section_type_name(TS_SHT_NOBITS), "NOBITS");
    assert_null(ts_object_section_type_name(10));
    ts_object_reloc_name(12, name);
    assert_string_equal(name, "R_AIE_12");
    ts_object_reloc_name(255, name);
    assert_string_equal(name, "R_AIE_255");
}

/* ---- bad files ------------------------------------------------------------------------------- */

static ts_span with(ts_arena *arena, ts_span file, size_t at, unsigned n_bytes, uint32_t value) {
    ts_buf out = ts_buf_in(arena);
    ts_buf_span_add(&out, file);
    ts_buf_patch_uint_le(&out, at, value, n_bytes);
    return ts_buf_span(&out);
}

static void expect_bad(ts_arena *arena, ts_span file, ts_status code, const char *words) {
    ts_object object;
    ts_diag diag = {0};
    (void)!ts_object_read(arena, file, "t.o", &object, &diag);
    test_expect_error(&diag, code, words);
}

static void bad_headers_are_named(void **state) {
    (void)state;
    static const struct {
        size_t at;
        unsigned n_bytes;
        uint32_t value;
        ts_status code;
        const char *words;
    } cases[] = {
        {0, 1, 0x7e, TS_SYNTAX, "offset 0x0: not an ELF file"},
        {4, 1, 2, TS_UNSUPPORTED, "offset 0x4: the ELF class is 2; expected 1"},
        {5, 1, 2, TS_UNSUPPORTED, "offset 0x5: the byte order is 2; expected 1"},
        {6, 1, 0, TS_UNSUPPORTED, "offset 0x6: the ELF version is 0; expected 1"},
        {16, 2, 3, TS_UNSUPPORTED, "offset 0x10: the ELF type is 3; expected 1"},
        {18, 2, 62, TS_UNSUPPORTED, "offset 0x12: the machine is 0x3e; expected 0x108 (AIE)"},
        {20, 4, 2, TS_UNSUPPORTED, "offset 0x14: the ELF version is 2"},
        {28, 4, 0x10000000, TS_TRUNCATED, "offset 0x1c: 3 program headers at offset 0x10000000"},
        {32, 4, UINT32_MAX, TS_TRUNCATED, "section headers at offset 0xffffffff; the file has"},
        {40, 2, 64, TS_RANGE, "offset 0x28: the size of the ELF header is 64; expected 52"},
        {42, 2, 56, TS_RANGE, "offset 0x2a: the size of a program header is 56; expected 32"},
        {44, 2, 65, TS_RANGE, "offset 0x2c: 65 program headers; at most 64 are allowed"},
        {46, 2, 64, TS_RANGE, "offset 0x2e: the size of a section header is 64; expected 40"},
        {48, 2, 0, TS_UNSUPPORTED, "offset 0x30: section headers, but none are counted"},
        {48, 2, 0xff01, TS_RANGE, "offset 0x30: 65281 section headers; at most 65280"},
        {50, 2, 1, TS_RANGE, "offset 0x32: the names are said to be in section 1, which is not"},
        {50, 2, 0xffff, TS_RANGE, "in section 65535, which is not a string table"},
        {52 + 4, 4, 0x10000, TS_TRUNCATED, "segment 0 has 64 bytes at offset 0x10000"},
        {52 + 8, 4, 0xffffffc1, TS_RANGE, "segment 0 has 64 bytes at address 0xffffffc1, beyond"},
        {52 + 20, 4, 63, TS_RANGE, "segment 0 has 64 bytes in the file and 63 in memory"},
        {52 + 28, 4, 12, TS_RANGE, "segment 0 has the alignment 12; expected a power of 2"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ts_arena *arena = test_begin();
        ts_span file = program_file(arena);
        expect_bad(arena, with(arena, file, cases[i].at, cases[i].n_bytes, cases[i].value),
                   cases[i].code, cases[i].words);
        test_end(arena);
    }
}

static void bad_section_headers_are_named(void **state) {
    (void)state;
    static const struct {
        const char *section;
        size_t field;
        uint32_t value;
        ts_status code;
        const char *words;
    } cases[] = {
        {".text", NAME, 0x10000, TS_RANGE, "a name is at 65536 of a string table with"},
        {".text", OFFSET, 0x10000, TS_TRUNCATED, "section 2 has 48 bytes at offset 0x10000"},
        {".text", SIZE, UINT32_MAX, TS_TRUNCATED, "section 2 has 4294967295 bytes"},
        {".text", ADDR, 0xffffffd1, TS_RANGE, "address 0xffffffd1, beyond the last address"},
        {".text", ALIGN, 3, TS_RANGE, "section 2 has the alignment 3; expected a power of 2"},
        {".text", LINK, 99, TS_RANGE, "section 2 is linked to section 99 of 16"},
        {".text", OFFSET, 0, TS_RANGE, "the ELF header and section 2 (.text) overlap"},
        {".text", SIZE, 49, TS_RANGE, "section 2 (.text) and section 3 (.rela.text) overlap"},
        {".comment", TYPE, TS_SHT_SYMTAB, TS_RANGE, "section 13 is a second symbol table"},
        {".comment", TYPE, TS_SHT_SYMTAB_SHNDX, TS_UNSUPPORTED, "a table for more than 65279"},
        {".order", INFO, 99, TS_RANGE, ".order tells of section 99 of 16"},
        {".symtab", ENTSIZE, 24, TS_RANGE, "the size of a record is 24; expected 16"},
        {".symtab", SIZE, 40, TS_RANGE, ".symtab has 40 bytes, which is not a number of records"},
        {".symtab", LINK, 2, TS_RANGE, "the names are said to be in section 2, which is not"},
        {".symtab", INFO, 3, TS_RANGE, "not local is said to be 3; it is 4"},
        {".symtab", LINK, 0, TS_RANGE, "of a string table with 0 bytes"},
        {".rela.text", ENTSIZE, 8, TS_RANGE, "the size of a record is 8; expected 12"},
        {".rela.text", SIZE, 35, TS_RANGE, ".rela.text has 35 bytes"},
        {".rela.text", LINK, 14, TS_RANGE, "said to be in section 14, which is not the symbol"},
        {".rela.text", INFO, 0, TS_RANGE, ".rela.text is for section 0, which is none"},
        {".rela.text", INFO, 13, TS_RANGE, ".rela.text is for section 13, which is none"},
        {".rela.text", INFO, 9999, TS_RANGE, ".rela.text is for section 9999"},
        {".rel.data", INFO, 11, TS_RANGE, "a relocation at 0x8; .llvm_addrsig begins at 0x0"},
        {".group", INFO, 11, TS_RANGE, ".group is named by symbol 11 of section 13"},
        {".group", LINK, 2, TS_RANGE, ".group is named by symbol 5 of section 2"},
        {".group", SIZE, 0, TS_RANGE, ".group is empty"},
        {".group", SIZE, 6, TS_RANGE, ".group has 6 bytes"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ts_arena *arena = test_begin();
        ts_span file = relocatable_file(arena);
        size_t at = header_of(file, find(file, cases[i].section)) + cases[i].field;
        expect_bad(arena, with(arena, file, at, 4, cases[i].value), cases[i].code, cases[i].words);
        test_end(arena);
    }
}

static void bad_records_are_named(void **state) {
    (void)state;
    static const struct {
        const char *section;
        size_t at; /* within it */
        unsigned n_bytes;
        uint32_t value;
        ts_status code;
        const char *words;
    } cases[] = {
        {".symtab", 3 * 16 + 0, 4, 0x10000, TS_RANGE, "a name is at 65536 of a string table"},
        {".symtab", 3 * 16 + 14, 2, 99, TS_RANGE, "the symbol '.L0' is in section 99 of 16"},
        {".symtab", 3 * 16 + 14, 2, 13, TS_RANGE,
         "the symbol '.L0' is in section 13 (.symtab), which is a table"},
        {".symtab", 3 * 16 + 14, 2, 0xff00, TS_UNSUPPORTED, "is in section 0xff00"},
        {".symtab", 3 * 16 + 14, 2, 0xffff, TS_UNSUPPORTED, "is in section 0xffff"},
        {".symtab", 3 * 16 + 12, 1, 0x10, TS_RANGE, "said to be 4; it is 3"},
        {".symtab", 6 * 16 + 12, 1, 0x00, TS_RANGE, "the local symbol 'callee' is behind others"},
        {".strtab", 57, 1, 'x', TS_RANGE, "does not end with a zero"},
        {".rela.text", 0, 4, 48, TS_RANGE, "a relocation at 0x30; .text begins at 0x0 and has 48"},
        {".rela.text", 4, 4, 11 << 8, TS_RANGE, "a relocation of .text with symbol 11 of 11"},
        {".group", 4, 4, 0, TS_RANGE, ".group has section 0 of 16 as a member"},
        {".group", 4, 4, 16, TS_RANGE, ".group has section 16 of 16 as a member"},
        {".group", 8, 4, 4, TS_RANGE, "section 4 (.text.twice) is a member of two groups"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ts_arena *arena = test_begin();
        ts_span file = relocatable_file(arena);
        size_t header = header_of(file, find(file, cases[i].section));
        size_t at = word(file, header + OFFSET, 4) + cases[i].at;
        if (strcmp(cases[i].section, ".strtab") == 0) /* its last byte */
            at = word(file, header + OFFSET, 4) + word(file, header + SIZE, 4) - 1;
        expect_bad(arena, with(arena, file, at, cases[i].n_bytes, cases[i].value), cases[i].code,
                   cases[i].words);
        test_end(arena);
    }
}

/* The script symbols of lld stand in the last section, whatever it is. */
static void a_programs_symbol_in_a_table_is_absolute(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_span file = program_file(arena);
    size_t at = word(file, header_of(file, find(file, ".symtab")) + OFFSET, 4) + 3 * 16 + 14;
    assert_int_equal(word(file, at, 2), 0xfff1);
    ts_object want = read_back(arena, file);
    file = with(arena, file, at, 2, find(file, ".strtab"));
    ts_object object = read_back(arena, file);
    assert_true(same_object(&object, &want));
    test_end(arena);
}

static void long_names_are_refused(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_object object;
    ts_diag diag = {0};
    ts_buf out = ts_buf_in(arena);
    char *name = ts_arena_alloc(arena, TS_OBJECT_MAX_NAME_BYTES + 2);
    memset(name, 'x', TS_OBJECT_MAX_NAME_BYTES);
    assert_int_equal(ts_object_init(arena, &object, &diag), TS_OK);
    ts_object_add_symbol(arena, &object, (ts_object_symbol){.name = name});
    ts_span file = written(arena, &object);
    object = read_back(arena, file);
    assert_string_equal(object.symbols[1].name, name);
    name[TS_OBJECT_MAX_NAME_BYTES] = 'x';
    object.symbols[1].name = name;
    (void)!ts_object_write(&object, &out, &diag);
    test_expect_error(&diag, TS_RANGE, "symbol 1 has a name of more than 65535 bytes");
    /* The name one byte longer, through the zero behind it. */
    size_t header = header_of(file, find(file, ".strtab"));
    size_t end = word(file, header + OFFSET, 4) + word(file, header + SIZE, 4);
    file = with(arena, file, end - 1, 1, 'x');
    file = with(arena, file, header + SIZE, 4, word(file, header + SIZE, 4) + 1);
    expect_bad(arena, file, TS_RANGE, "");
    test_end(arena);
}

/* A small file can have the same long name for all of its symbols. */
static void names_have_a_limit_together(void **state) {
    (void)state;
    enum {
        N = TS_OBJECT_MAX_NAMES_BYTES / TS_OBJECT_MAX_NAME_BYTES
    };
    ts_arena *arena = test_begin();
    ts_object object;
    ts_diag diag = {0};
    ts_buf out = ts_buf_in(arena);
    char *name = ts_arena_alloc(arena, TS_OBJECT_MAX_NAME_BYTES + 1);
    memset(name, 'x', TS_OBJECT_MAX_NAME_BYTES);
    assert_int_equal(ts_object_init(arena, &object, &diag), TS_OK);
    for (size_t i = 0; i < N + 1; i++)
        ts_object_add_symbol(arena, &object, (ts_object_symbol){.name = i ? "" : name});
    ts_span file = written(arena, &object);
    size_t symbols = word(file, header_of(file, find(file, ".symtab")) + OFFSET, 4);
    for (size_t i = 1; i < N + 1; i++)
        memcpy((uint8_t *)file.data + symbols + i * 16, (const uint8_t[]){1}, 1);
    (void)read_back(arena, file);
    memcpy((uint8_t *)file.data + symbols + (N + 1) * 16, (const uint8_t[]){1}, 1);
    expect_bad(arena, file, TS_RANGE, "names of more than 67108864 bytes together");
    for (size_t i = 1; i <= N + 1; i++)
        object.symbols[i].name = name;
    (void)!ts_object_write(&object, &out, &diag);
    test_expect_error(&diag, TS_RANGE, "names of more than 67108864 bytes together");
    test_end(arena);
}

static void every_truncation_is_an_error(void **state) {
    (void)state;
    for (size_t i = 0; i < N_SAMPLES; i++) {
        ts_arena *arena = test_begin();
        ts_span file = samples[i].make(arena);
        for (size_t size = 0; size < file.size; size++) {
            ts_arena *scratch = test_begin();
            uint8_t *copy = ts_arena_alloc(scratch, size); /* so that one byte too far is seen */
            memcpy(copy, file.data, size);
            ts_status status = exercise_object(ts_span_of(copy, size), 0);
            /* An archive may end behind any member. */
            if (status == TS_OK && i < 2) fail_msg("%s, %zu bytes", samples[i].name, size);
            test_end(scratch);
        }
        test_end(arena);
    }
}

static void every_bit_flip_is_an_error_or_keeps_the_laws(void **state) {
    (void)state;
    for (size_t i = 0; i < N_SAMPLES; i++) {
        ts_arena *arena = test_begin();
        ts_buf copy = ts_buf_in(arena);
        ts_buf_span_add(&copy, samples[i].make(arena));
        for (size_t bit = 0; bit < copy.size * 8; bit++) {
            copy.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
            (void)exercise_object(ts_buf_span(&copy), 64u << 20);
            copy.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
        test_end(arena);
    }
}

/* ---- models that cannot be written ----------------------------------------------------------- */

static void expect_unwritable(ts_arena *arena, const ts_object *object, ts_status code,
                              const char *words) {
    ts_buf out = ts_buf_in(arena);
    ts_diag diag = {0};
    (void)!ts_object_write(object, &out, &diag);
    test_expect_error(&diag, code, words);
}

static void contradictions_are_refused(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_object o;
#define REFUSED(make, change, code, words)                                                         \
    do {                                                                                           \
        assert_int_equal(make(arena, &o), TS_OK);                                                  \
        change;                                                                                    \
        expect_unwritable(arena, &o, code, words);                                                 \
    } while (0)
    REFUSED(relocatable, o.type = 3, TS_RANGE, "sample.o: the ELF type is 3");
    REFUSED(relocatable, o.sections[TEXT].name = NULL, TS_CONFLICT, "section 1 has no name");
    REFUSED(relocatable, o.sections[TEXT].type = TS_SHT_RELA, TS_CONFLICT,
            "section .text has type 4; such tables are made by writing");
    REFUSED(relocatable, o.sections[TEXT].type = TS_SHT_NOBITS, TS_CONFLICT,
            "section .text is NOBITS and has 48 bytes");
    REFUSED(relocatable, o.sections[TEXT].align = 24, TS_RANGE, "the alignment 24");
    REFUSED(relocatable, o.sections[BSS].addr = UINT32_MAX, TS_RANGE, "beyond the last address");
    REFUSED(relocatable, o.sections[TEXT].link = N_SECTIONS, TS_CONFLICT,
            "section .text is linked to section 8 of 8");
    REFUSED(relocatable, o.sections[ORDERED].info = N_SECTIONS, TS_CONFLICT,
            ".order tells of section 8 of 8");
    REFUSED(relocatable, o.sections[TEXT].group = 2, TS_CONFLICT,
            "section .text is in group 2 of 2");
    REFUSED(relocatable, o.sections[TEXT].relocs[0].symbol = N_SYMBOLS, TS_CONFLICT,
            "a relocation of .text with symbol 11 of 11");
    REFUSED(relocatable, o.sections[TEXT].relocs[0].offset = 48, TS_CONFLICT,
            "a relocation at 0x30; .text begins at 0x0 and has 48 bytes");
    REFUSED(relocatable, o.sections[TEXT].in_segment = true, TS_CONFLICT,
            "section .text, 48 bytes at address 0x0, is said to lie in a segment");
    REFUSED(relocatable, o.symbols[S_LABEL].section = 0, TS_CONFLICT,
            "the symbol '.L0' is in section 0 of 8");
    REFUSED(relocatable, o.symbols[S_ENTRY].section = N_SECTIONS, TS_CONFLICT,
            "the symbol 'entry' is in section 8 of 8");
    REFUSED(relocatable, o.symbols[S_ENTRY].binding = 16, TS_RANGE, "binding 16 and type 2");
    REFUSED(relocatable, o.symbols[S_ENTRY].name = NULL, TS_CONFLICT, "symbol 4 has no name");
    REFUSED(relocatable, o.groups[1].symbol = N_SYMBOLS, TS_CONFLICT,
            "group 1 is named by symbol 11 of 11");
    REFUSED(program, o.segments[0].mem_size = 63, TS_RANGE, "64 bytes in the file and 63");
    REFUSED(program, o.segments[0].vaddr = UINT32_MAX, TS_CONFLICT, "is said to lie in a segment");
    REFUSED(program, o.segments[2].mem_size = UINT32_MAX;
            o.segments[2].vaddr = 2, TS_RANGE, "segment 2 has 4294967295 bytes at address 0x2");
    REFUSED(program, o.segments[1].align = 6, TS_RANGE, "segment 1 has the alignment 6");
    REFUSED(program, o.segments[1].bytes = ts_span_of(bundles, 8), TS_CONFLICT,
            "segment 1 has 8 bytes; it is said to have 40 in the file");
    REFUSED(program, o.sections[3].addr = 0x74007, TS_CONFLICT,
            "section .data at address 0x74007 begins inside .rodata, which has 8 bytes at 0x74000");
    REFUSED(program, o.n_segments = TS_OBJECT_MAX_SEGMENTS + 1, TS_RANGE,
            "65 segments; at most 64");
#undef REFUSED
    test_end(arena);
}

static void too_many_sections_are_refused(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_object object;
    ts_diag diag = {0};
    assert_int_equal(ts_object_init(arena, &object, &diag), TS_OK);
    /* With the three tables, and the reserved one that does not count. */
    for (size_t i = 0; i < TS_OBJECT_MAX_SECTIONS - 3; i++)
        ts_object_add_section(arena, &object, (ts_object_section){.name = "", .type = 1});
    ts_object again = read_back(arena, written(arena, &object));
    assert_true(same_object(&object, &again));
    ts_object_add_section(arena, &object, (ts_object_section){.name = "", .type = 1});
    expect_unwritable(arena, &object, TS_RANGE, "65280 sections with all tables; at most 65279");
    test_end(arena);
}

/* ---- archives -------------------------------------------------------------------------------- */

static void archives_are_read(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_archive archive;
    ts_diag diag = {0};
    ts_span file = gnu_archive(arena);
    assert_true(ts_archive_is(file));
    assert_false(ts_object_is_elf(file));
    assert_int_equal(ts_archive_read(arena, file, "t.a", &archive, &diag), TS_OK);
    assert_int_equal(archive.n_members, 2);
    assert_string_equal(archive.members[0].name, "short.o");
    assert_string_equal(archive.members[1].name, "a_name_too_long_for_a_header.o");
    assert_true(ts_span_equal(archive.members[0].bytes, relocatable_file(arena)));
    assert_true(ts_span_equal(archive.members[1].bytes, program_file(arena)));
    file = bsd_archive(arena);
    assert_int_equal(ts_archive_read(arena, file, "t.a", &archive, &diag), TS_OK);
    assert_int_equal(archive.n_members, 2);
    assert_string_equal(archive.members[0].name, "short.o");
    assert_string_equal(archive.members[1].name, "a name with blanks.o");
    assert_true(ts_span_equal(archive.members[1].bytes, program_file(arena)));
    assert_int_equal(ts_archive_read(arena, test_text("!<arch>\n"), "t.a", &archive, &diag), TS_OK);
    assert_int_equal(archive.n_members, 0);
    test_end(arena);
}

/* A member of odd size has a byte behind it, but for the last one it may be missing. */
static void members_of_odd_size_are_padded(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_archive archive;
    ts_diag diag = {0};
    ts_buf out = ts_buf_in(arena);
    ts_buf_text(&out, "!<arch>\n");
    put_member(&out, "a/", test_text("odd"));
    put_member(&out, "b/", test_text("also!"));
    for (int i = 0; i < 2; i++, out.size--) {
        assert_int_equal(ts_archive_read(arena, ts_buf_span(&out), "t.a", &archive, &diag), TS_OK);
        assert_int_equal(archive.n_members, 2);
        test_same_bytes(archive.members[1].bytes, test_text("also!"));
    }
    test_end(arena);
}

static void a_file_is_what_its_bytes_say(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_object *objects;
    size_t n;
    ts_diag diag = {0};
    assert_int_equal(ts_object_read_all(arena, gnu_archive(arena), "kernel.o", &objects, &n, &diag),
                     TS_OK);
    assert_int_equal(n, 2);
    assert_string_equal(objects[0].file, "kernel.o(short.o)");
    assert_int_equal(objects[1].type, TS_ET_EXEC);
    assert_int_equal(
        ts_object_read_all(arena, relocatable_file(arena), "kernel.a", &objects, &n, &diag), TS_OK);
    assert_int_equal(n, 1);
    (void)!ts_object_read_all(arena, test_text("text"), "t.o", &objects, &n, &diag);
    test_expect_error(&diag, TS_SYNTAX, "t.o: offset 0x0: neither an object file nor an archive");
    ts_buf out = ts_buf_in(arena);
    diag = (ts_diag){0};
    ts_buf_text(&out, "!<arch>\n");
    put_member(&out, "notes/", test_text("text"));
    (void)!ts_object_read_all(arena, ts_buf_span(&out), "t.a", &objects, &n, &diag);
    test_expect_error(&diag, TS_SYNTAX, "t.a(notes): offset 0x0: not an ELF file");
    test_end(arena);
}

static void bad_archives_are_named(void **state) {
    (void)state;
#define REST "0           0     0     644     "
    static const struct {
        const char *text;
        ts_status code;
        const char *words;
    } cases[] = {
        {"!<arch>", TS_SYNTAX, "offset 0x0: not an archive"},
        {"!<thin>\n", TS_UNSUPPORTED, "offset 0x0: a thin archive"},
        {"!<arch>\na/", TS_TRUNCATED, "offset 0x8: 2 bytes are left; expected the 60 bytes"},
        {"!<arch>\na/              " REST "0         ``", TS_SYNTAX,
         "offset 0x42: expected the end of a member's header, 60 0a; found 60 60"},
        {"!<arch>\na/              " REST "-1        `\n", TS_SYNTAX,
         "offset 0x38: the member's size is \"-1\"; expected a decimal number"},
        {"!<arch>\na/              " REST "          `\n", TS_SYNTAX, "size is \"\""},
        {"!<arch>\na/              " REST "1 1       `\n", TS_SYNTAX, "size is \"1 1\""},
        {"!<arch>\na/              " REST "9999999999`\n", TS_TRUNCATED,
         "offset 0x38: a member of 9999999999 bytes; 0 are left"},
        {"!<arch>\n                " REST "0         `\n", TS_SYNTAX,
         "offset 0x8: a member without a name"},
        {"!<arch>\n/0              " REST "0         `\n", TS_SYNTAX, "no member \"//\""},
        {"!<arch>\n/x              " REST "0         `\n", TS_SYNTAX,
         "the member's name is \"/x\"; expected a decimal number behind \"/\""},
        {"!<arch>\n//              " REST "2         `\na\n/2              " REST "0         `\n",
         TS_RANGE, "offset 0x46: the name is at 2 of the table of long names, which has 2 bytes"},
        {"!<arch>\n//              " REST "2         `\nab/0              " REST "0         `\n",
         TS_SYNTAX, "the name at 0 of the table of long names does not end"},
        {"!<arch>\n//              " REST "2         `\n/\n/0              " REST "0         `\n",
         TS_SYNTAX, "offset 0x46: a member without a name"},
        {"!<arch>\n#1/             " REST "0         `\n", TS_SYNTAX, "behind \"#1/\""},
        {"!<arch>\n#1/3            " REST "2         `\nab", TS_RANGE,
         "a name of 3 bytes in a member of 2"},
    };
#undef REST
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ts_arena *arena = test_begin();
        ts_archive archive;
        ts_diag diag = {0};
        (void)!ts_archive_read(arena, test_text(cases[i].text), "t.a", &archive, &diag);
        test_expect_error(&diag, cases[i].code, cases[i].words);
        test_end(arena);
    }
}

static void names_of_members_have_limits(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    static char name[TS_ARCHIVE_MAX_NAME_BYTES + 2];
    ts_archive archive;
    ts_diag diag = {0};
    ts_buf out = ts_buf_in(arena);
    memset(name, 'n', TS_ARCHIVE_MAX_NAME_BYTES);
    ts_buf_text(&out, "!<arch>\n");
    put_member(&out, "#1/1024", test_text(name));
    assert_int_equal(ts_archive_read(arena, ts_buf_span(&out), "t.a", &archive, &diag), TS_OK);
    name[TS_ARCHIVE_MAX_NAME_BYTES] = 'n';
    put_member(&out, "#1/1025", test_text(name));
    (void)!ts_archive_read(arena, ts_buf_span(&out), "t.a", &archive, &diag);
    test_expect_error(&diag, TS_RANGE, "a member's name of 1025 bytes; at most 1024 are allowed");
    out.size = 8;
    diag = (ts_diag){0};
    put_member(&out, "#1/3", ts_span_of("a\0b", 3));
    (void)!ts_archive_read(arena, ts_buf_span(&out), "t.a", &archive, &diag);
    test_expect_error(&diag, TS_SYNTAX, "a member's name with a zero byte in it");
    test_end(arena);
}

/* ---- memory ---------------------------------------------------------------------------------- */

static ts_status everything(ts_arena *arena, void *context) {
    ts_object made, *objects;
    ts_buf out = ts_buf_in(arena), plain = ts_buf_in(arena);
    ts_diag diag = {0};
    uint32_t *symbols;
    size_t n;
    TS_TRY(relocatable(arena, &made));
    TS_TRY(ts_object_write(&made, &plain, &diag));
    TS_TRY(program(arena, &made));
    TS_TRY(ts_object_write(&made, &plain, &diag));
    TS_TRY(ts_object_read_all(arena, *(ts_span *)context, "t.a", &objects, &n, &diag));
    TS_TRY(ts_object_section_symbols(arena, &objects[0], TEXT, &symbols, &n, &diag));
    return ts_object_write(&objects[0], &out, &diag);
}

static void every_allocation_fails_once(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_span archive = gnu_archive(arena);
    test_every_allocation_fails(everything, &archive);
    test_end(arena);
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples_are_those_of_the_corpus),
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(the_laws_hold),
        cmocka_unit_test(the_layout_is_as_llvm_has_it),
        cmocka_unit_test(local_symbols_are_put_first),
        cmocka_unit_test(a_file_can_be_appended),
        cmocka_unit_test(what_is_asked_for_is_found),
        cmocka_unit_test(bytes_are_found_by_address),
        cmocka_unit_test(numbers_have_names),
        cmocka_unit_test(bad_headers_are_named),
        cmocka_unit_test(bad_section_headers_are_named),
        cmocka_unit_test(bad_records_are_named),
        cmocka_unit_test(a_programs_symbol_in_a_table_is_absolute),
        cmocka_unit_test(long_names_are_refused),
        cmocka_unit_test(names_have_a_limit_together),
        cmocka_unit_test(every_truncation_is_an_error),
        cmocka_unit_test(every_bit_flip_is_an_error_or_keeps_the_laws),
        cmocka_unit_test(contradictions_are_refused),
        cmocka_unit_test(too_many_sections_are_refused),
        cmocka_unit_test(archives_are_read),
        cmocka_unit_test(members_of_odd_size_are_padded),
        cmocka_unit_test(a_file_is_what_its_bytes_say),
        cmocka_unit_test(bad_archives_are_named),
        cmocka_unit_test(names_of_members_have_limits),
        cmocka_unit_test(every_allocation_fails_once),
    };
    if (argc == 2) return write_samples(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
