/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * object: relocations at their limits, linking, linker scripts. */
#include "code.h"
#include "support.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    CODE = TS_SHF_ALLOC | TS_SHF_EXECINSTR,
    DATA = TS_SHF_ALLOC | TS_SHF_WRITE,
    CONSTANT = TS_SHF_ALLOC,
};

static const char *const no_calls[] = {NULL};
static const uint8_t zeros[20000];

/* The parts of one link. */
typedef struct trial {
    ts_arena *arena;
    ts_link_file files[8];
    ts_link_options options;
    ts_link_file script;
    ts_link_result result;
    ts_diag diag;
} trial;

static trial begin(void) {
    return (trial){.arena = test_begin(),
                   .options = {.output = "out.elf", .script_after = SIZE_MAX}};
}

static void end(trial *t) {
    test_end(t->arena);
}

static void add(trial *t, const char *name, ts_span bytes) {
    t->files[t->options.n_files++] = (ts_link_file){name, bytes};
}

static void set_script(trial *t, const char *text) {
    t->script = (ts_link_file){"t.ld", test_text(text)};
    t->options.script = &t->script;
}

static ts_status attempt(trial *t) {
    t->options.files = t->files;
    t->diag = (ts_diag){0};
    return ts_link(t->arena, &t->options, &t->result, &t->diag);
}

static void succeed(trial *t) {
    char text[1024];
    if (attempt(t) == TS_OK) return;
    ts_diag_format(&t->diag, text, sizeof text);
    fail_msg("%s", text);
}

static void refuse(trial *t, ts_status code, const char *words) {
    if (attempt(t) == TS_OK) fail_msg("linked; expected: %s", words);
    test_expect_error(&t->diag, code, words);
}

static const ts_object_symbol *symbol(const trial *t, const char *name) {
    uint32_t number = ts_object_find_symbol(&t->result.program, name);
    if (!number) fail_msg("no symbol %s", name);
    return &t->result.program.symbols[number];
}

static bool has_symbol(const trial *t, const char *name) {
    return ts_object_find_symbol(&t->result.program, name) != 0;
}

static const ts_object_section *section(const trial *t, const char *name) {
    uint32_t number = ts_object_find_section(&t->result.program, name);
    if (!number) fail_msg("no section %s", name);
    return &t->result.program.sections[number];
}

static ts_span archive_of(ts_arena *arena, const char *const *names, const ts_span *members,
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

/* ---- relocations ----------------------------------------------------------------------------- */

/* One relocation of a type, in code or data of 32 zeros, to an absolute symbol. */
static trial relocation(uint8_t type, uint32_t value, int32_t addend) {
    trial t = begin();
    code_object c;
    bool is_data = type >= TS_AIE2_RELOCATION_ADDRESS;
    code_begin(t.arena, &c);
    code_section(&c, is_data ? ".data.d" : ".text.f", is_data ? DATA : CODE, 16);
    code_symbol(&c, "here", TS_STB_GLOBAL, TS_STT_NOTYPE);
    code_bytes(&c, zeros, 4);
    ts_object_reloc reloc = {
        .offset = 4,
        .type = type,
        .symbol = ts_object_add_symbol(t.arena, &c.o,
                                       (ts_object_symbol){.name = "limit",
                                                          .place = TS_OBJECT_ABSOLUTE,
                                                          .value = value,
                                                          .binding = TS_STB_GLOBAL}),
        .addend = addend};
    assert_true(ts_object_add_reloc(t.arena, &c.o.sections[c.section], reloc));
    code_bytes(&c, zeros, 28);
    add(&t, "t.o", code_file(&c));
    t.options.entry = "here";
    t.options.no_runtime = true;
    t.options.allow_stack_overflow = true; /* such code may do anything */
    return t;
}

static void each_relocation_takes_its_limits(void **state) {
    (void)state;
    for (unsigned type = 0; type <= TS_OBJECT_LAST_AIE2_RELOC; type++) {
        int64_t min, max;
        assert_true(ts_object_reloc_range((uint8_t)type, &min, &max));
        const int64_t values[] = {min, max, max / 2 + 1, max / 3};
        for (size_t i = 0; i < 4; i++) {
            uint8_t want[32] = {0};
            trial t = relocation((uint8_t)type, (uint32_t)values[i], 0);
            succeed(&t);
            ts_aie2_relocate(type, want + 4, (uint32_t)values[i]);
            const ts_object_section *s = section(&t, type < 50 ? ".text" : ".data");
            test_same_bytes(s->bytes, ts_span_of(want, sizeof want));
            end(&t);
        }
    }
}

static void each_relocation_refuses_what_is_beyond(void **state) {
    (void)state;
    for (unsigned type = 0; type <= TS_OBJECT_LAST_AIE2_RELOC; type++) {
        int64_t min, max;
        char words[128];
        assert_true(ts_object_reloc_range((uint8_t)type, &min, &max));
        trial t = relocation((uint8_t)type, (uint32_t)max, 1);
        snprintf(words, sizeof words,
                 "t.o: %s+0x4: R_AIE_%u to 'limit'+1 has the value 0x%" PRIx64
                 "; expected 0x%" PRIx64 " to 0x%" PRIx64,
                 type < 50 ? ".text.f" : ".data.d", type, (uint64_t)max + 1, (uint64_t)min,
                 (uint64_t)max);
        refuse(&t, TS_RANGE, words);
        end(&t);
        t = relocation((uint8_t)type, 0, (int32_t)min - 1);
        snprintf(words, sizeof words, "R_AIE_%u to 'limit'-1 has the value -0x1; expected 0x0 to",
                 type);
        refuse(&t, TS_RANGE, words);
        end(&t);
    }
}

/* The widths are those of the instructions that read the fields, with a sign where they have one.
 */
static void limits_are_those_of_the_fields(void **state) {
    (void)state;
    static const struct {
        uint8_t type;
        int64_t max;
    } rows[] = {{0, 0xfffff},  {8, 0xfffff},     {9, 1023},     {15, 1023},      {16, 1023},
                {27, 1023},    {28, 511},        {40, 511},     {41, 0xfffff},   {49, 0xfffff},
                {50, 0xfffff}, {51, 0xffffffff}, {52, 0xfffff}, {53, 0xffffffff}};
    int64_t min, max;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_true(ts_object_reloc_range(rows[i].type, &min, &max));
        assert_int_equal(min, 0);
        assert_int_equal(max, rows[i].max);
    }
    assert_false(ts_object_reloc_range(54, &min, &max));
    assert_false(ts_object_reloc_range(255, &min, &max));
}

static void unknown_relocations_are_refused(void **state) {
    (void)state;
    trial t = relocation(54, 0, 0);
    refuse(&t, TS_UNKNOWN, "t.o: .data.d+0x4: relocation type 54; AIE2 has 0 to 53");
    end(&t);
}

static void a_relocation_must_have_room(void **state) {
    (void)state;
    trial t = begin();
    code_object c;
    code_begin(t.arena, &c);
    code_function(&c, "f", 0, no_calls);
    code_section(&c, ".data", DATA, 4);
    code_symbol(&c, "d", TS_STB_GLOBAL, TS_STT_OBJECT);
    ts_object_reloc reloc = {.offset = 2, .type = 50, .symbol = code_reference(&c, "f")};
    assert_true(ts_object_add_reloc(t.arena, &c.o.sections[c.section], reloc));
    code_bytes(&c, zeros, 4);
    add(&t, "t.o", code_file(&c));
    t.options.entry = "f";
    t.options.needed = (const char *const[]){"d"};
    t.options.n_needed = 1;
    refuse(&t, TS_RANGE, ".data+0x2: R_AIE_50 changes 4 bytes; the section has 2 left");
    end(&t);
}

/* SHT_REL: the addend of data is read from its place; that of code is refused. */
static void addends_in_place(void **state) {
    (void)state;
    for (unsigned type = 0; type <= 51; type += type ? 1 : 50) {
        trial t = begin();
        code_object c;
        static const uint8_t addend[4] = {4, 0, 0, 0};
        code_begin(t.arena, &c);
        code_section(&c, ".data", DATA, 4);
        code_symbol(&c, "d", TS_STB_GLOBAL, TS_STT_OBJECT);
        ts_object_reloc reloc = {
            .type = (uint8_t)type, .in_place = true, .symbol = code_reference(&c, "d")};
        assert_true(ts_object_add_reloc(t.arena, &c.o.sections[c.section], reloc));
        code_bytes(&c, addend, 4);
        code_bytes(&c, zeros, 12);
        add(&t, "t.o", code_file(&c));
        t.options.entry = "d";
        t.options.no_runtime = true;
        if (type) {
            static const uint8_t want[16] = {4, 4, 7};
            succeed(&t);
            test_same_bytes(section(&t, ".data")->bytes, ts_span_of(want, 16));
        } else {
            refuse(&t, TS_UNSUPPORTED, "the addend of R_AIE_0 is said to be in the bundle");
        }
        end(&t);
    }
}

/* ---- symbols --------------------------------------------------------------------------------- */

static ts_span function_file(ts_arena *arena, const char *name, int32_t frame,
                             const char *const *calls, uint8_t binding) {
    code_object c;
    code_begin(arena, &c);
    code_function(&c, name, frame, calls);
    c.o.symbols[ts_object_find_symbol(&c.o, name)].binding = binding;
    return code_file(&c);
}

static void undefined_symbols_are_named_with_their_users(void **state) {
    (void)state;
    trial t = begin();
    static const char *const calls[] = {"f", "f", "g", "f", "f", NULL};
    add(&t, "a.o", function_file(t.arena, "main", 32, calls, TS_STB_GLOBAL));
    refuse(&t, TS_MISSING,
           "out.elf: undefined symbol 'f', used by a.o: .text.main+0x4, a.o: .text.main+0x14, a.o: "
           ".text.main+0x34 and 1 more; also undefined: 'g'");
    end(&t);
    t = begin();
    t.options.no_runtime = true;
    refuse(&t, TS_MISSING, "out.elf: undefined symbol '__start', where the program begins");
    end(&t);
    t = begin();
    refuse(&t, TS_MISSING,
           "undefined symbol 'main', used by tessera(crt0.o): .text._main_init+0xc");
    end(&t);
}

static void an_undefined_weak_symbol_is_0(void **state) {
    (void)state;
    trial t = begin();
    static const char *const calls[] = {"hook", NULL};
    code_object c;
    code_begin(t.arena, &c);
    code_function(&c, "main", 0, calls);
    c.o.symbols[ts_object_find_symbol(&c.o, "hook")].binding = TS_STB_WEAK;
    add(&t, "a.o", code_file(&c));
    succeed(&t);
    assert_int_equal(symbol(&t, "hook")->place, TS_OBJECT_UNDEFINED);
    end(&t);
}

static void one_symbol_has_one_definition(void **state) {
    (void)state;
    trial t = begin();
    add(&t, "a.o", function_file(t.arena, "main", 32, no_calls, TS_STB_GLOBAL));
    add(&t, "b.o", function_file(t.arena, "main", 64, no_calls, TS_STB_GLOBAL));
    refuse(&t, TS_CONFLICT,
           "b.o: 'main' is defined twice: in .text.main here, and in .text.main of a.o");
    end(&t);
    for (unsigned weak = 0; weak < 2; weak++) {
        t = begin();
        uint8_t first = weak == 0 ? TS_STB_WEAK : TS_STB_GLOBAL;
        uint8_t second = weak == 1 ? TS_STB_WEAK : TS_STB_GLOBAL;
        add(&t, "a.o", function_file(t.arena, "main", 32, no_calls, first));
        add(&t, "b.o", function_file(t.arena, "main", 64, no_calls, second));
        succeed(&t);
        assert_int_equal(t.result.stack.depth, weak == 0 ? 64 : 32);
        end(&t);
    }
}

static void common_symbols_are_joined(void **state) {
    (void)state;
    trial t = begin();
    for (uint32_t i = 0; i < 2; i++) {
        code_object c;
        code_begin(t.arena, &c);
        if (!i) code_function(&c, "main", 0, no_calls);
        code_section(&c, i ? ".data.b" : ".data.a", DATA, 4);
        code_symbol(&c, i ? "b" : "a", TS_STB_GLOBAL, TS_STT_OBJECT);
        code_word(&c, 50, "shared", 0);
        c.o.symbols[ts_object_find_symbol(&c.o, "shared")] =
            (ts_object_symbol){.name = "shared",
                               .place = TS_OBJECT_COMMON,
                               .value = i ? 64 : 4,
                               .size = i ? 8 : 100,
                               .binding = TS_STB_GLOBAL,
                               .type = TS_STT_OBJECT};
        add(&t, i ? "b.o" : "a.o", code_file(&c));
    }
    t.options.keep_unused = true;
    succeed(&t);
    const ts_object_symbol *s = symbol(&t, "shared");
    assert_int_equal(s->size, 100);
    assert_int_equal(s->value % 64, 0);
    assert_string_equal(t.result.program.sections[s->section].name, ".bss");
    assert_int_equal(section(&t, ".bss")->nobits_size, 100);
    end(&t);
}

static void only_needed_members_are_taken(void **state) {
    (void)state;
    trial t = begin();
    static const char *const of_main[] = {"f", NULL}, *const of_f[] = {"g", NULL};
    static const char *const names[] = {"g.o/", "f.o/", "h.o/"};
    const ts_span members[] = {
        function_file(t.arena, "g", 96, no_calls, TS_STB_GLOBAL),
        function_file(t.arena, "f", 64, of_f, TS_STB_GLOBAL),
        function_file(t.arena, "h", 2048, no_calls, TS_STB_GLOBAL),
    };
    add(&t, "lib.a", archive_of(t.arena, names, members, 3));
    add(&t, "a.o", function_file(t.arena, "main", 32, of_main, TS_STB_GLOBAL));
    t.options.keep_unused = true;
    succeed(&t);
    assert_true(has_symbol(&t, "f") && has_symbol(&t, "g"));
    assert_false(has_symbol(&t, "h"));
    assert_int_equal(t.result.stack.depth, 192);
    end(&t);
}

static void a_weak_reference_takes_no_member(void **state) {
    (void)state;
    trial t = begin();
    static const char *const calls[] = {"f", NULL}, *const names[] = {"f.o/"};
    ts_span member = function_file(t.arena, "f", 64, no_calls, TS_STB_GLOBAL);
    code_object c;
    code_begin(t.arena, &c);
    code_function(&c, "main", 0, calls);
    c.o.symbols[ts_object_find_symbol(&c.o, "f")].binding = TS_STB_WEAK;
    add(&t, "a.o", code_file(&c));
    add(&t, "lib.a", archive_of(t.arena, names, &member, 1));
    succeed(&t);
    assert_int_equal(symbol(&t, "f")->place, TS_OBJECT_UNDEFINED);
    end(&t);
    t = begin();
    member = function_file(t.arena, "f", 64, no_calls, TS_STB_GLOBAL);
    add(&t, "a.o", function_file(t.arena, "main", 0, no_calls, TS_STB_GLOBAL));
    add(&t, "lib.a", archive_of(t.arena, names, &member, 1));
    t.options.needed = (const char *const[]){"f"};
    t.options.n_needed = 1;
    succeed(&t);
    assert_true(has_symbol(&t, "f"));
    end(&t);
}

/* ---- what is kept ---------------------------------------------------------------------------- */

static void what_nothing_refers_to_is_left_out(void **state) {
    (void)state;
    static const char *const calls[] = {"f", NULL};
    for (unsigned keep = 0; keep < 2; keep++) {
        trial t = begin();
        code_object c;
        code_begin(t.arena, &c);
        code_function(&c, "main", 0, calls);
        code_function(&c, "unused", 64, calls);
        code_function(&c, "f", 32, no_calls);
        code_section(&c, ".rodata.t", CONSTANT, 4);
        code_symbol(&c, "table", TS_STB_GLOBAL, TS_STT_OBJECT);
        code_bytes(&c, zeros, 64);
        add(&t, "a.o", code_file(&c));
        t.options.keep_unused = keep;
        succeed(&t);
        assert_int_equal(has_symbol(&t, "unused"), keep);
        assert_int_equal(has_symbol(&t, "table"), keep);
        assert_true(has_symbol(&t, "f"));
        end(&t);
    }
}

/* The second of two COMDAT groups of one name goes, and its users get the first one's symbols. */
static void one_group_of_a_name_is_kept(void **state) {
    (void)state;
    trial t = begin();
    static const char *const calls[] = {"twice", NULL};
    for (int i = 0; i < 2; i++) {
        code_object c;
        code_begin(t.arena, &c);
        code_function(&c, i ? "other" : "main", 0, calls);
        code_function(&c, "twice", i ? 128 : 64, no_calls);
        uint32_t number = ts_object_find_symbol(&c.o, "twice");
        c.o.sections[c.section].group = ts_object_add_group(
            t.arena, &c.o, (ts_object_group){.symbol = number, .flags = TS_GRP_COMDAT});
        c.o.sections[c.section].flags |= TS_SHF_GROUP;
        add(&t, i ? "b.o" : "a.o", code_file(&c));
    }
    t.options.keep_unused = true;
    succeed(&t);
    assert_int_equal(t.result.stack.depth, 64);
    assert_int_equal(section(&t, ".text")->bytes.size, 0xbe);
    end(&t);
}

static void a_table_about_a_section_goes_with_it(void **state) {
    (void)state;
    trial t = begin();
    static const uint8_t size = 100;
    code_object c;
    code_begin(t.arena, &c);
    code_function(&c, "main", 64, no_calls);
    uint32_t main_section = c.section;
    code_function(&c, "unused", 64, no_calls);
    uint32_t unused_section = c.section;
    code_section(&c, ".stack_sizes", TS_SHF_LINK_ORDER, 1);
    c.o.sections[c.section].link = main_section;
    code_word(&c, 50, "main", 0);
    code_bytes(&c, &size, 1);
    code_section(&c, ".stack_sizes", TS_SHF_LINK_ORDER, 1);
    c.o.sections[c.section].link = unused_section;
    code_word(&c, 50, "unused", 0);
    code_bytes(&c, &size, 1);
    add(&t, "a.o", code_file(&c));
    succeed(&t);
    assert_int_equal(section(&t, ".stack_sizes")->bytes.size, 5);
    assert_int_equal(t.result.stack.depth, 100);
    end(&t);
}

/* One table for all: the entry of what is gone must not be taken for that of address 0. */
static void stack_sizes_of_what_is_gone_say_nothing(void **state) {
    (void)state;
    trial t = begin();
    static const uint8_t size = 100;
    code_object c;
    code_begin(t.arena, &c);
    code_function(&c, "main", 64, no_calls);
    code_function(&c, "unused", 64, no_calls);
    code_section(&c, ".stack_sizes", 0, 1);
    code_word(&c, 50, "unused", 0);
    code_bytes(&c, &size, 1);
    add(&t, "a.o", code_file(&c));
    succeed(&t);
    assert_int_equal(t.result.stack.depth, 64);
    end(&t);
}

static void comments_are_kept_once_and_notes_not(void **state) {
    (void)state;
    trial t = begin();
    for (int i = 0; i < 3; i++) {
        code_object c;
        code_begin(t.arena, &c);
        if (!i) code_function(&c, "main", 0, no_calls);
        code_section(&c, ".comment", TS_SHF_MERGE | TS_SHF_STRINGS, 1);
        c.o.sections[c.section].entry_size = 1;
        code_bytes(&c, i < 2 ? "same" : "else", 5);
        code_section(&c, ".note.GNU-stack", 0, 1);
        code_section(&c, ".linker-options", (uint32_t)TS_SHF_EXCLUDE, 1);
        code_bytes(&c, "x", 2);
        add(&t, "a.o", code_file(&c));
    }
    t.options.script = NULL;
    succeed(&t);
    assert_false(ts_object_find_section(&t.result.program, ".note.GNU-stack"));
    assert_false(ts_object_find_section(&t.result.program, ".linker-options"));
    assert_int_equal(section(&t, ".comment")->entry_size, 1);
    end(&t);
}

static void constructors_are_warned_of(void **state) {
    (void)state;
    trial t = begin();
    code_object c;
    code_begin(t.arena, &c);
    code_function(&c, "main", 0, no_calls);
    code_section(&c, ".init_array", DATA, 4);
    c.o.sections[c.section].type = TS_SHT_INIT_ARRAY;
    code_word(&c, 50, "main", 0);
    add(&t, "a.o", code_file(&c));
    succeed(&t);
    assert_int_equal(t.result.n_warnings, 1);
    assert_string_equal(t.result.warnings[0], "a.o: .init_array has constructors or destructors; "
                                              "start-up code for a core runs none");
    end(&t);
}

/* ---- the program ----------------------------------------------------------------------------- */

static const char core_script[] = "MEMORY { program (RX) : ORIGIN = 0, LENGTH = 0x0020000\n"
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

/* A core with data of every kind. */
static ts_span core_file(ts_arena *arena, int32_t frame) {
    static const char *const calls[] = {"kernel", NULL};
    code_object c;
    code_begin(arena, &c);
    code_function(&c, "core_0_2", 64, calls);
    code_function(&c, "kernel", frame, no_calls);
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

static void a_core_is_linked(void **state) {
    (void)state;
    trial t = begin();
    add(&t, "core.o", core_file(t.arena, 128));
    set_script(&t, core_script);
    succeed(&t);
    const ts_object *p = &t.result.program;
    assert_int_equal(p->type, TS_ET_EXEC);
    assert_int_equal(p->entry, 0);
    assert_int_equal(symbol(&t, "__start")->value, 0);
    assert_int_equal(symbol(&t, "main")->value, symbol(&t, "core_0_2")->value);
    assert_int_equal(symbol(&t, "table")->value, 0x70c20);
    assert_int_equal(symbol(&t, "counter")->value, 0x70c00);
    assert_int_equal(symbol(&t, "state")->value, 0x70c50);
    assert_int_equal(symbol(&t, "_sp_start_value_DM_stack")->size, 0x400);
    assert_int_equal(symbol(&t, "in")->size, 0x400);
    assert_int_equal(section(&t, ".data")->bytes.data[0], 0x28);
    /* Segments: code; data, read-write; zeros behind it; the stack's note. */
    assert_int_equal(p->n_segments, 3);
    assert_int_equal(p->segments[0].flags, TS_PF_R | TS_PF_X);
    assert_int_equal(p->segments[0].align, 16);
    assert_int_equal(p->segments[1].flags, TS_PF_R | TS_PF_W);
    assert_int_equal(p->segments[1].vaddr, 0x70c00);
    assert_int_equal(p->segments[1].file_size, 0x48);
    assert_int_equal(p->segments[1].mem_size, 0x50 + 100);
    assert_int_equal(p->segments[2].type, TS_PT_GNU_STACK);
    assert_int_equal(t.result.stack.depth, 64 + 128);
    assert_int_equal(t.result.fit.given, 0x400);
    assert_int_equal(t.result.n_warnings, 0);
    assert_int_equal(t.result.n_memories, 2);
    assert_int_equal(t.result.memories[1].used, 0x50 + 100);
    assert_int_equal(t.result.uses[0].size, 0x400);
    end(&t);
}

static void the_same_input_gives_the_same_bytes(void **state) {
    (void)state;
    trial t = begin();
    ts_buf first = ts_buf_in(t.arena), second = ts_buf_in(t.arena), again = ts_buf_in(t.arena);
    ts_object read;
    add(&t, "core.o", core_file(t.arena, 128));
    set_script(&t, core_script);
    succeed(&t);
    assert_int_equal(ts_object_write(&t.result.program, &first, &t.diag), TS_OK);
    succeed(&t);
    assert_int_equal(ts_object_write(&t.result.program, &second, &t.diag), TS_OK);
    test_same_bytes(ts_buf_span(&first), ts_buf_span(&second));
    assert_int_equal(ts_object_read(t.arena, ts_buf_span(&first), "out.elf", &read, &t.diag),
                     TS_OK);
    assert_int_equal(ts_object_write(&read, &again, &t.diag), TS_OK);
    test_same_bytes(ts_buf_span(&first), ts_buf_span(&again));
    end(&t);
}

/* The start-up code: both functions, as the disassembler reads them. */
static void start_up_code(void **state) {
    (void)state;
    trial t = begin();
    add(&t, "core.o", function_file(t.arena, "main", 0, no_calls, TS_STB_GLOBAL));
    succeed(&t);
    ts_buf out = ts_buf_in(t.arena);
    const ts_object_section *text = section(&t, ".text");
    for (uint32_t at = 0; at < 0x60;) {
        ts_aie2_bundle bundle;
        ts_aie2_reject why;
        assert_true(ts_aie2_decode(text->bytes.data + at, text->bytes.size - at, &bundle, &why));
        ts_aie2_print_bundle(&bundle, NULL, NULL, &out);
        ts_buf_u8(&out, '\n');
        at += ts_aie2_formats[bundle.format].size;
    }
    ts_buf_u8(&out, 0);
    assert_non_null(strstr((const char *)out.data, "jl      #32\nmovxm   sp, #458752\nnop"));
    assert_non_null(strstr((const char *)out.data,
                           "movx    r0, #0\nmovx    r1, #0\nmova    p0, #0\n"
                           "jl      #96\nnopx\nnopx\nnop\nnop\nnop\ndone\n"
                           "j       #64"));
    end(&t);
}

static void a_placement_stands_for_a_script(void **state) {
    (void)state;
    trial t = begin();
    const ts_link_buffer buffers[] = {
        {"west_in", 0x50000, 0x100}, {"in", 0x70800, 0x400}, {"out", 0x71000, 0x80}};
    const char *const inputs[] = {"kernel.o"};
    const ts_link_placement p = {.main = "core_1_2",
                                 .stack_addr = 0x70000,
                                 .stack_size = 0x800,
                                 .data_addr = 0x71080,
                                 .data_size = 0xef80,
                                 .buffers = buffers,
                                 .n_buffers = 3,
                                 .inputs = inputs,
                                 .n_inputs = 1,
                                 .no_south = true};
    ts_buf text = ts_buf_in(t.arena);
    ts_link_write_script(&p, &text);
    ts_buf_u8(&text, 0);
    const char *s = (const char *)text.data;
    assert_non_null(
        strstr(s, "   data (!RX) : ORIGIN = 0x71080, LENGTH = 0xEF80\n}\nENTRY(__start)\n"));
    assert_non_null(strstr(s,
                           ". = 0x70000;\n_sp_start_value_DM_stack = .;\n. += 0x800; /* stack */\n"
                           "/* No tile with memory exists to the south. */\n"
                           ". = 0x40000;\n. += 0x10000;\n"
                           ". = 0x50000;\nwest_in = .;\n. += 0x100;\n"
                           ". = 0x70800;\nin = .;\n. += 0x400;\n"
                           ". = 0x71000;\nout = .;\n. += 0x80;\n"
                           "  .bss : { *(.bss*) } > data\n}\n"
                           "INPUT(kernel.o)\nPROVIDE(main = core_1_2);\n"));
    add(&t, "core.o", function_file(t.arena, "core_1_2", 1024, no_calls, TS_STB_GLOBAL));
    t.options.placement = &p;
    refuse(&t, TS_MISSING, "INPUT(kernel.o): no file can be looked for here");
    ts_link_placement without = p;
    without.n_inputs = 0;
    t.options.placement = &without;
    succeed(&t);
    assert_int_equal(symbol(&t, "west_in")->value, 0x50000);
    assert_int_equal(t.result.fit.given, 0x800);
    end(&t);
}

static ts_status find_kernel(void *context, const char *name, ts_link_file *out, ts_diag *diag) {
    if (strcmp(name, "kernel.o") != 0) return ts_fail(diag, TS_MISSING, name, "not here");
    *out = (ts_link_file){"dir/kernel.o", *(ts_span *)context};
    return TS_OK;
}

static void a_script_brings_files(void **state) {
    (void)state;
    trial t = begin();
    static const char *const calls[] = {"kernel", NULL};
    ts_span kernel = function_file(t.arena, "kernel", 96, no_calls, TS_STB_GLOBAL);
    add(&t, "core.o", function_file(t.arena, "main", 32, calls, TS_STB_GLOBAL));
    add(&t, "last.o", function_file(t.arena, "last", 32, calls, TS_STB_GLOBAL));
    set_script(&t, "SECTIONS { .text 0 : { *crt0.o(.text*) *(.text*) }\n . = 0x70000; "
                   "_sp_start_value_DM_stack = .; }\nINPUT(kernel.o)");
    t.options.find = find_kernel;
    t.options.find_context = &kernel;
    t.options.script_after = 1;
    t.options.keep_unused = true;
    succeed(&t);
    assert_true(symbol(&t, "kernel")->value > symbol(&t, "main")->value);
    assert_true(symbol(&t, "last")->value > symbol(&t, "kernel")->value);
    set_script(&t, "INPUT(other.o)");
    refuse(&t, TS_MISSING, "other.o: not here");
    end(&t);
}

/* Helpers come when something needs them, and only those. */
static void helpers_are_added(void **state) {
    (void)state;
    trial t = begin();
    static const char *const calls[] = {"__divsi3", "memcpy", NULL};
    add(&t, "core.o", function_file(t.arena, "main", 32, calls, TS_STB_GLOBAL));
    succeed(&t);
    assert_true(has_symbol(&t, "__divsi3") && has_symbol(&t, "memcpy"));
    const ts_object_symbol *division = symbol(&t, "__divsi3");
    assert_int_equal(division->type, TS_STT_FUNC);
    assert_int_equal(t.result.stack.depth, 32);
    assert_int_equal(t.result.stack.open, 0);
    for (size_t i = 0; i < t.result.n_uses; i++)
        assert_string_not_equal(t.result.uses[i].name, "__udivsi3");
    t.options.no_runtime = true;
    refuse(&t, TS_MISSING, "undefined symbol '__start'");
    end(&t);
}

/* ---- memories and the stack ------------------------------------------------------------------ */

static void program_memory_has_a_limit(void **state) {
    (void)state;
    for (uint32_t size = 16384 - 96; size <= 16384; size += 96) {
        trial t = begin();
        code_object c;
        code_begin(t.arena, &c);
        code_section(&c, ".text.main", CODE, 16);
        code_symbol(&c, "main", TS_STB_GLOBAL, TS_STT_FUNC);
        code_bytes(&c, zeros, size);
        add(&t, "a.o", code_file(&c));
        set_script(&t, core_script);
        if (size < 16384) {
            succeed(&t);
        } else {
            refuse(
                &t, TS_RANGE,
                "out.elf: program memory, 0x0 to 0x4000, needs 16480 bytes and has 16384, 96 too "
                "few; largest: main 16384, _main_init 64, __start 32");
            assert_string_equal(t.result.uses[0].name, "main");
        }
        end(&t);
    }
}

static void data_memory_has_a_limit(void **state) {
    (void)state;
    trial t = begin();
    code_object c;
    code_begin(t.arena, &c);
    code_function(&c, "main", 0, no_calls);
    code_op(&c, "MOVXM_lng_cg", code_register("p0"), 0, "big", 0);
    code_section(&c, ".bss.big", DATA, 4);
    code_symbol(&c, "big", TS_STB_GLOBAL, TS_STT_OBJECT);
    for (int i = 0; i < 4; i++)
        code_bytes(&c, zeros, sizeof zeros);
    add(&t, "a.o", code_file(&c));
    refuse(&t, TS_RANGE,
           "data memory, 0x70400 to 0x80000, needs 80000 bytes and has 64512, 15488 too "
           "few; largest: big 80000");
    end(&t);
}

static void data_in_a_buffer_is_refused(void **state) {
    (void)state;
    trial t = begin();
    add(&t, "core.o", core_file(t.arena, 64));
    set_script(&t, "SECTIONS { .text 0 : { *crt0.o(.text*) *(.text*) }\n"
                   ".data 0x70400 : { *(.data*) *(.rodata*) *(.bss*) }\n"
                   ". = 0x70000; _sp_start_value_DM_stack = .; . += 0x400;\n"
                   "in = .; . += 0x100; }\nmain = core_0_2;");
    refuse(&t, TS_CONFLICT, "section .data, 0x70400 to 0x704b4, overlaps in, 0x70400 to 0x70500");
    end(&t);
}

static void a_stack_that_does_not_fit_is_refused(void **state) {
    (void)state;
    trial t = begin();
    add(&t, "core.o", core_file(t.arena, 2656));
    set_script(&t, core_script);
    refuse(&t, TS_RANGE,
           "out.elf: the stack of core_0_2 needs 2720 bytes and has 1024 (0x70000 to 0x70400): it "
           "would overwrite 1024 bytes of in at 0x70400, 672 bytes of out at 0x70800; deepest: "
           "__start > _main_init > core_0_2 (64) > kernel (2656)");
    assert_int_equal(t.result.fit.n_hit, 2);
    t.options.allow_stack_overflow = true;
    succeed(&t);
    assert_int_equal(t.result.n_warnings, 1);
    assert_non_null(strstr(t.result.warnings[0], "needs 2720 bytes"));
    end(&t);
    t = begin();
    add(&t, "core.o", core_file(t.arena, 1024 - 64));
    set_script(&t, core_script);
    succeed(&t);
    end(&t);
}

static void a_stack_without_a_bound_is_warned_of(void **state) {
    (void)state;
    trial t = begin();
    static const char *const calls[] = {"main", NULL};
    add(&t, "core.o", function_file(t.arena, "main", 64, calls, TS_STB_GLOBAL));
    succeed(&t);
    assert_int_equal(t.result.n_warnings, 1);
    assert_non_null(strstr(t.result.warnings[0],
                           "the depth of the stack is not proven: recursion in "
                           "main at 0x60"));
    end(&t);
}

/* ---- scripts --------------------------------------------------------------------------------- */

/* The value that a script gives to `x`. */
static uint32_t value_of(const char *expression) {
    trial t = begin();
    char text[512];
    snprintf(text, sizeof text,
             "MEMORY { m (!RX) : ORIGIN = 0x100, LENGTH = 2K }\n"
             "SECTIONS { .text 0 : { *crt0.o(.text*) *(.text*) }\n"
             "_sp_start_value_DM_stack = 0x70000; . = 0x1234; x = %s; }",
             expression);
    add(&t, "a.o", function_file(t.arena, "main", 0, no_calls, TS_STB_GLOBAL));
    set_script(&t, text);
    succeed(&t);
    uint32_t value = symbol(&t, "x")->value;
    end(&t);
    return value;
}

static void expressions_have_values(void **state) {
    (void)state;
    static const struct {
        const char *text;
        uint32_t value;
    } rows[] = {
        {"1 + 2 * 3", 7},
        {"(1 + 2) * 3", 9},
        {"10 - 3 - 2", 5},
        {"7 / 2 + 7 % 4", 6},
        {"1 << 4 | 3", 19},
        {"0xff & ~0xf", 0xf0},
        {"256 >> 4", 16},
        {"1 < 2", 1},
        {"2 <= 1", 0},
        {"3 > 2 && 2 >= 2", 1},
        {"0 || 0", 0},
        {"1 == 1 ? 5 : 6", 5},
        {"1 != 1 ? 5 : 6", 6},
        {"!3", 0},
        {"-(-4)", 4},
        {"+4", 4},
        {".", 0x1234},
        {". + 4", 0x1238},
        {"ALIGN(0x100)", 0x1300},
        {"ALIGN(., 16)", 0x1240},
        {"MAX(3, 4) + MIN(3, 4)", 7},
        {"DEFINED(main)", 1},
        {"DEFINED(nothing)", 0},
        {"ORIGIN(m) + LENGTH(m)", 0x900},
        {"SIZEOF(.text)", 110},
        {"ADDR(.text) + SIZEOF(.nothing)", 0},
        {"main", 96},
        {"2M", 0x200000},
        {"0777", 0777},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (value_of(rows[i].text) != rows[i].value)
            fail_msg("%s is 0x%x; expected 0x%x", rows[i].text, (unsigned)value_of(rows[i].text),
                     (unsigned)rows[i].value);
}

static void contents_are_placed_as_asked(void **state) {
    (void)state;
    trial t = begin();
    static const char *const parts[] = {".rodata.b", ".rodata.a", ".rodata.c", ".rodata.keep"};
    code_object c;
    code_begin(t.arena, &c);
    code_function(&c, "main", 0, no_calls);
    for (size_t i = 0; i < 4; i++) {
        code_section(&c, parts[i], CONSTANT, 4);
        code_symbol(&c, parts[i] + 8, TS_STB_GLOBAL, TS_STT_OBJECT);
        code_bytes(&c, zeros, 4 + 4 * i);
    }
    add(&t, "dir/a.o", code_file(&c));
    set_script(&t,
               "PROVIDE(x_start = 0x70000);\nSECTIONS { .text 0 : { *crt0.o(.text*) *(.text*) }\n"
               "_sp_start_value_DM_stack = 0x71000;\n"
               ".table x_start : ALIGN(64) SUBALIGN(16) { first = .; BYTE(1) SHORT(0x203)\n"
               "  LONG(0x4050607) QUAD(8)\n"
               "  . = ALIGN(32); KEEP(dir/a.o(SORT(.rodata.[abc]))) last = .;\n"
               "  . += 4; } =0x90 \n"
               ".rest : { KEEP(*(EXCLUDE_FILE(*b.o) .rodata*)) } \n"
               "/DISCARD/ : { *(.comment) } }\nASSERT(last > first, \"order\")");
    succeed(&t);
    static const uint8_t head[] = {1, 3, 2, 7, 6, 5, 4, 8, 0, 0, 0, 0, 0, 0, 0};
    const ts_object_section *s = section(&t, ".table");
    assert_int_equal(s->addr, 0x70000);
    assert_int_equal(s->align, 64);
    assert_memory_equal(s->bytes.data, head, sizeof head);
    assert_int_equal(symbol(&t, "a")->value, 0x70020);
    assert_int_equal(symbol(&t, "b")->value, 0x70030);
    assert_int_equal(symbol(&t, "c")->value, 0x70040);
    assert_int_equal(symbol(&t, "last")->value, 0x7004c);
    assert_int_equal(s->bytes.size, 0x50);
    assert_int_equal(symbol(&t, "keep")->value, 0x70050);
    end(&t);
}

static void bad_scripts_are_named(void **state) {
    (void)state;
    static const struct {
        const char *text;
        ts_status code;
        const char *words;
    } cases[] = {
        {"SECTION { }", TS_SYNTAX, "t.ld:1:1: expected MEMORY, SECTIONS"},
        {"SECTIONS {", TS_SYNTAX, "t.ld:1:11: expected '}' at the end of SECTIONS"},
        {"SECTIONS { .text : { *(.text", TS_SYNTAX, "expected a pattern of sections"},
        {"SECTIONS { .text : { *(.text*) ", TS_SYNTAX, "expected"},
        {"SECTIONS { x = ; }", TS_SYNTAX, "t.ld:1:16: expected a value; found ';'"},
        {"SECTIONS { x = 1 }", TS_SYNTAX, "expected ';'; found '}'"},
        {"SECTIONS { x = (1; }", TS_SYNTAX, "expected ')'; found ';'"},
        {"SECTIONS { x = 12z; }", TS_SYNTAX, "expected a number; found '12z'"},
        {"SECTIONS { x = 99999999999999999999; }", TS_SYNTAX, "expected a number"},
        {"x = MAX(1);", TS_SYNTAX, "expected ',' and a second value"},
        {"/* no end", TS_SYNTAX, "t.ld:1:1: a comment does not end"},
        {"ENTRY(\"no end)", TS_SYNTAX, "a string does not end"},
        {"MEMORY { m : ORIGIN = 0 }", TS_SYNTAX, "expected ','"},
        {"MEMORY { m : LENGTH = 0 }", TS_SYNTAX, "expected 'ORIGIN'"},
        {"MEMORY { m (q) : ORIGIN = 0, LENGTH = 1 }", TS_SYNTAX, "an attribute of a memory"},
        {"MEMORY { m : o = 0, l = 1 m : o = 0, l = 1 }", TS_CONFLICT,
         "t.ld:1:27: a memory that is there already"},
        {"PHDRS { }", TS_UNSUPPORTED, "has no such command; found 'PHDRS'"},
        {"SECTIONS { OVERLAY : { } }", TS_UNSUPPORTED, "no overlays"},
        {"SECTIONS { .a : { } .a : { } }", TS_UNSUPPORTED, "section .a is there already"},
        {"SECTIONS { .a : { *(.text*) } > m }", TS_MISSING, "there is no memory 'm' for .a"},
        {"x = nothing;", TS_MISSING, "undefined symbol 'nothing', used by the script"},
        {"x = ORIGIN(m);", TS_MISSING, "there is no memory 'm'"},
        {"x = ADDR(.m);", TS_MISSING, "there is no section '.m'"},
        {"x = 1 / 0;", TS_RANGE, "division by zero"},
        {"x = ALIGN(3);", TS_RANGE, "an alignment must be a power of 2"},
        {"x = 0x100000000;", TS_RANGE, "an address beyond 32 bits"},
        {"SECTIONS { .text 16 : { . = 8; *(.text*) } }", TS_RANGE, "'.' cannot go back"},
        {"ASSERT(1 == 2, \"one is not two\")", TS_CONFLICT, "ASSERT: one is not two"},
        {"SECTIONS { /DISCARD/ : { *(.text*) } }", TS_CONFLICT, "puts it into /DISCARD/"},
        {"SECTIONS { .text 0 : { *(.text*) } .data 8 : { LONG(1) } }", TS_CONFLICT,
         "overlaps .data"},
        {"SECTIONS { .text 0 : { *(.text*) . = 0x10000000; } }", TS_RANGE,
         "section .text, 0x0 to 0x10000000, is beyond the last address of a core, 0xfffff"},
        {"SECTIONS { .text 0 : { *(.text*) } .x : { . = 0x10000000; } }", TS_RANGE,
         "section .x has 268435456 bytes; at most 67108864 are allowed"},
        {"SECTIONS { .text 0xffffffff : { *(.text*) } }", TS_RANGE, "beyond the last address"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        trial t = begin();
        add(&t, "a.o", function_file(t.arena, "main", 0, no_calls, TS_STB_GLOBAL));
        set_script(&t, cases[i].text);
        t.options.entry = "main";
        refuse(&t, cases[i].code, cases[i].words);
        end(&t);
    }
}

static void deep_expressions_are_refused(void **state) {
    (void)state;
    trial t = begin();
    ts_buf text = ts_buf_in(t.arena);
    ts_buf_text(&text, "x = ");
    for (int i = 0; i < 1000; i++)
        ts_buf_text(&text, "(");
    ts_buf_u8(&text, 0);
    set_script(&t, (const char *)text.data);
    refuse(&t, TS_RANGE, "an expression that is too deep");
    end(&t);
}

static void every_cut_of_a_script_is_an_error_or_links(void **state) {
    (void)state;
    for (size_t size = 0; size < sizeof core_script - 1; size++) {
        trial t = begin();
        add(&t, "core.o", core_file(t.arena, 64));
        t.script = (ts_link_file){"t.ld", ts_span_of(core_script, size)};
        t.options.script = &t.script;
        if (attempt(&t) != TS_OK && !t.diag.message[0]) fail_msg("no words at %zu", size);
        end(&t);
    }
}

/* ---- input that is none ---------------------------------------------------------------------- */

static void only_objects_for_aie2_are_linked(void **state) {
    (void)state;
    trial t = begin();
    code_object c;
    code_begin(t.arena, &c);
    code_function(&c, "main", 0, no_calls);
    c.o.flags = TS_EF_AIE_AIE1;
    add(&t, "a.o", code_file(&c));
    refuse(&t, TS_CONFLICT, "a.o: an object for the core with ELF flags 1; expected 2 (AIE2)");
    c.o.flags = TS_EF_AIE_AIE2;
    c.o.type = TS_ET_EXEC;
    t.files[0].bytes = code_file(&c);
    refuse(&t, TS_CONFLICT, "a.o: a program; only relocatable objects are linked");
    t.files[0].bytes = test_text("text");
    refuse(&t, TS_SYNTAX, "a.o: offset 0x0");
    end(&t);
}

typedef struct granted {
    ts_span core;
    ts_link_file script;
} granted;

static ts_status everything(ts_arena *arena, void *context) {
    granted *g = context;
    ts_link_file file = {"core.o", g->core};
    ts_link_options options = {
        .output = "out.elf", .files = &file, .n_files = 1, .script = &g->script, .script_after = 1};
    ts_link_result result;
    ts_diag diag = {0};
    ts_buf out = ts_buf_in(arena);
    TS_TRY(ts_link(arena, &options, &result, &diag));
    return ts_object_write(&result.program, &out, &diag);
}

static void every_allocation_fails_once(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    granted g = {core_file(arena, 64), {"t.ld", test_text(core_script)}};
    test_every_allocation_fails(everything, &g);
    test_end(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_relocation_takes_its_limits),
        cmocka_unit_test(each_relocation_refuses_what_is_beyond),
        cmocka_unit_test(limits_are_those_of_the_fields),
        cmocka_unit_test(unknown_relocations_are_refused),
        cmocka_unit_test(a_relocation_must_have_room),
        cmocka_unit_test(addends_in_place),
        cmocka_unit_test(undefined_symbols_are_named_with_their_users),
        cmocka_unit_test(an_undefined_weak_symbol_is_0),
        cmocka_unit_test(one_symbol_has_one_definition),
        cmocka_unit_test(common_symbols_are_joined),
        cmocka_unit_test(only_needed_members_are_taken),
        cmocka_unit_test(a_weak_reference_takes_no_member),
        cmocka_unit_test(what_nothing_refers_to_is_left_out),
        cmocka_unit_test(one_group_of_a_name_is_kept),
        cmocka_unit_test(a_table_about_a_section_goes_with_it),
        cmocka_unit_test(stack_sizes_of_what_is_gone_say_nothing),
        cmocka_unit_test(comments_are_kept_once_and_notes_not),
        cmocka_unit_test(constructors_are_warned_of),
        cmocka_unit_test(a_core_is_linked),
        cmocka_unit_test(the_same_input_gives_the_same_bytes),
        cmocka_unit_test(start_up_code),
        cmocka_unit_test(helpers_are_added),
        cmocka_unit_test(a_placement_stands_for_a_script),
        cmocka_unit_test(a_script_brings_files),
        cmocka_unit_test(program_memory_has_a_limit),
        cmocka_unit_test(data_memory_has_a_limit),
        cmocka_unit_test(data_in_a_buffer_is_refused),
        cmocka_unit_test(a_stack_that_does_not_fit_is_refused),
        cmocka_unit_test(a_stack_without_a_bound_is_warned_of),
        cmocka_unit_test(expressions_have_values),
        cmocka_unit_test(contents_are_placed_as_asked),
        cmocka_unit_test(bad_scripts_are_named),
        cmocka_unit_test(deep_expressions_are_refused),
        cmocka_unit_test(every_cut_of_a_script_is_an_error_or_links),
        cmocka_unit_test(only_objects_for_aie2_are_linked),
        cmocka_unit_test(every_allocation_fails_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
