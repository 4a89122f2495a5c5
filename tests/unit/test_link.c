/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * object: relocations at their limits, and linking. */
#include "support.h"
#include "trial.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const uint8_t zeros[20000];

/* ---- relocations ----------------------------------------------------------------------------- */

/* One relocation of a type, in code or data of 32 zeros, to an absolute symbol. */
static trial relocation(uint8_t type, uint32_t value, int32_t addend) {
    trial t = trial_begin();
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
    trial_add(&t, "t.o", code_file(&c));
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
            trial_succeed(&t);
            ts_aie2_relocate(type, want + 4, (uint32_t)values[i]);
            const ts_object_section *s = trial_section(&t, type < 50 ? ".text" : ".data");
            test_same_bytes(s->bytes, ts_span_of(want, sizeof want));
            trial_end(&t);
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
        trial_refuse(&t, TS_RANGE, words);
        trial_end(&t);
        t = relocation((uint8_t)type, 0, (int32_t)min - 1);
        snprintf(words, sizeof words, "R_AIE_%u to 'limit'-1 has the value -0x1; expected 0x0 to",
                 type);
        trial_refuse(&t, TS_RANGE, words);
        trial_end(&t);
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
    trial_refuse(&t, TS_UNKNOWN, "t.o: .data.d+0x4: relocation type 54; AIE2 has 0 to 53");
    trial_end(&t);
}

static void a_relocation_must_have_room(void **state) {
    (void)state;
    trial t = trial_begin();
    code_object c;
    code_begin(t.arena, &c);
    code_function(&c, "f", 0, trial_no_calls);
    code_section(&c, ".data", DATA, 4);
    code_symbol(&c, "d", TS_STB_GLOBAL, TS_STT_OBJECT);
    ts_object_reloc reloc = {.offset = 2, .type = 50, .symbol = code_reference(&c, "f")};
    assert_true(ts_object_add_reloc(t.arena, &c.o.sections[c.section], reloc));
    code_bytes(&c, zeros, 4);
    trial_add(&t, "t.o", code_file(&c));
    t.options.entry = "f";
    t.options.needed = (const char *const[]){"d"};
    t.options.n_needed = 1;
    trial_refuse(&t, TS_RANGE, ".data+0x2: R_AIE_50 changes 4 bytes; the section has 2 left");
    trial_end(&t);
}

/* SHT_REL: the addend of data is read from its place; that of code is refused. */
static void addends_in_place(void **state) {
    (void)state;
    for (unsigned type = 0; type <= 51; type += type ? 1 : 50) {
        trial t = trial_begin();
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
        trial_add(&t, "t.o", code_file(&c));
        t.options.entry = "d";
        t.options.no_runtime = true;
        if (type) {
            static const uint8_t want[16] = {4, 4, 7};
            trial_succeed(&t);
            test_same_bytes(trial_section(&t, ".data")->bytes, ts_span_of(want, 16));
        } else {
            trial_refuse(&t, TS_UNSUPPORTED, "the addend of R_AIE_0 is said to be in the bundle");
        }
        trial_end(&t);
    }
}

/* ---- symbols --------------------------------------------------------------------------------- */

static void undefined_symbols_are_named_with_their_users(void **state) {
    (void)state;
    trial t = trial_begin();
    static const char *const calls[] = {"f", "f", "g", "f", "f", NULL};
    trial_add(&t, "a.o", trial_function_file(t.arena, "main", 32, calls, TS_STB_GLOBAL));
    trial_refuse(
        &t, TS_MISSING,
        "out.elf: undefined symbol 'f', used by a.o: .text.main+0x4, a.o: .text.main+0x14, a.o: "
        ".text.main+0x34 and 1 more; also undefined: 'g'");
    trial_end(&t);
    t = trial_begin();
    t.options.no_runtime = true;
    trial_refuse(&t, TS_MISSING, "out.elf: undefined symbol '__start', where the program begins");
    trial_end(&t);
    t = trial_begin();
    trial_refuse(&t, TS_MISSING,
                 "undefined symbol 'main', used by tessera(crt0.o): .text._main_init+0xc");
    trial_end(&t);
}

static void an_undefined_weak_symbol_is_0(void **state) {
    (void)state;
    trial t = trial_begin();
    static const char *const calls[] = {"hook", NULL};
    code_object c;
    code_begin(t.arena, &c);
    code_function(&c, "main", 0, calls);
    c.o.symbols[ts_object_find_symbol(&c.o, "hook")].binding = TS_STB_WEAK;
    trial_add(&t, "a.o", code_file(&c));
    trial_succeed(&t);
    assert_int_equal(trial_symbol(&t, "hook")->place, TS_OBJECT_UNDEFINED);
    trial_end(&t);
}

static void one_symbol_has_one_definition(void **state) {
    (void)state;
    trial t = trial_begin();
    trial_add(&t, "a.o", trial_function_file(t.arena, "main", 32, trial_no_calls, TS_STB_GLOBAL));
    trial_add(&t, "b.o", trial_function_file(t.arena, "main", 64, trial_no_calls, TS_STB_GLOBAL));
    trial_refuse(&t, TS_CONFLICT,
                 "b.o: 'main' is defined twice: in .text.main here, and in .text.main of a.o");
    trial_end(&t);
    for (unsigned weak = 0; weak < 2; weak++) {
        t = trial_begin();
        uint8_t first = weak == 0 ? TS_STB_WEAK : TS_STB_GLOBAL;
        uint8_t second = weak == 1 ? TS_STB_WEAK : TS_STB_GLOBAL;
        trial_add(&t, "a.o", trial_function_file(t.arena, "main", 32, trial_no_calls, first));
        trial_add(&t, "b.o", trial_function_file(t.arena, "main", 64, trial_no_calls, second));
        trial_succeed(&t);
        assert_int_equal(t.result.stack.depth, weak == 0 ? 64 : 32);
        trial_end(&t);
    }
}

/* As lld has it: the same absolute value twice is no conflict. */
static void equal_numbers_are_one_definition(void **state) {
    (void)state;
    for (uint32_t other = 0; other < 2; other++) {
        trial t = trial_begin();
        for (uint32_t i = 0; i < 2; i++) {
            code_object c;
            code_begin(t.arena, &c);
            code_function(&c, i ? "other" : "main", 0, trial_no_calls);
            assert_true(ts_object_add_symbol(t.arena, &c.o,
                                             (ts_object_symbol){.name = "size",
                                                                .place = TS_OBJECT_ABSOLUTE,
                                                                .value = 64 + i * other,
                                                                .binding = TS_STB_GLOBAL}));
            trial_add(&t, i ? "b.o" : "a.o", code_file(&c));
        }
        if (other) {
            trial_refuse(&t, TS_CONFLICT,
                         "b.o: 'size' is defined twice: in an absolute value here, and in an "
                         "absolute value of a.o");
        } else {
            trial_succeed(&t);
            assert_int_equal(trial_symbol(&t, "size")->value, 64);
        }
        trial_end(&t);
    }
}

static void common_symbols_are_joined(void **state) {
    (void)state;
    trial t = trial_begin();
    for (uint32_t i = 0; i < 2; i++) {
        code_object c;
        code_begin(t.arena, &c);
        if (!i) code_function(&c, "main", 0, trial_no_calls);
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
        trial_add(&t, i ? "b.o" : "a.o", code_file(&c));
    }
    t.options.keep_unused = true;
    trial_succeed(&t);
    const ts_object_symbol *s = trial_symbol(&t, "shared");
    assert_int_equal(s->size, 100);
    assert_int_equal(s->value % 64, 0);
    assert_string_equal(t.result.program.sections[s->section].name, ".bss");
    assert_int_equal(trial_section(&t, ".bss")->nobits_size, 100);
    trial_end(&t);
}

static void only_needed_members_are_taken(void **state) {
    (void)state;
    trial t = trial_begin();
    static const char *const of_main[] = {"f", NULL}, *const of_f[] = {"g", NULL};
    static const char *const names[] = {"g.o/", "f.o/", "h.o/"};
    const ts_span members[] = {
        trial_function_file(t.arena, "g", 96, trial_no_calls, TS_STB_GLOBAL),
        trial_function_file(t.arena, "f", 64, of_f, TS_STB_GLOBAL),
        trial_function_file(t.arena, "h", 2048, trial_no_calls, TS_STB_GLOBAL),
    };
    trial_add(&t, "lib.a", trial_archive_of(t.arena, names, members, 3));
    trial_add(&t, "a.o", trial_function_file(t.arena, "main", 32, of_main, TS_STB_GLOBAL));
    t.options.keep_unused = true;
    trial_succeed(&t);
    assert_true(trial_has_symbol(&t, "f") && trial_has_symbol(&t, "g"));
    assert_false(trial_has_symbol(&t, "h"));
    assert_int_equal(t.result.stack.depth, 192);
    trial_end(&t);
}

static void a_weak_reference_takes_no_member(void **state) {
    (void)state;
    trial t = trial_begin();
    static const char *const calls[] = {"f", NULL}, *const names[] = {"f.o/"};
    ts_span member = trial_function_file(t.arena, "f", 64, trial_no_calls, TS_STB_GLOBAL);
    code_object c;
    code_begin(t.arena, &c);
    code_function(&c, "main", 0, calls);
    c.o.symbols[ts_object_find_symbol(&c.o, "f")].binding = TS_STB_WEAK;
    trial_add(&t, "a.o", code_file(&c));
    trial_add(&t, "lib.a", trial_archive_of(t.arena, names, &member, 1));
    trial_succeed(&t);
    assert_int_equal(trial_symbol(&t, "f")->place, TS_OBJECT_UNDEFINED);
    trial_end(&t);
    t = trial_begin();
    member = trial_function_file(t.arena, "f", 64, trial_no_calls, TS_STB_GLOBAL);
    trial_add(&t, "a.o", trial_function_file(t.arena, "main", 0, trial_no_calls, TS_STB_GLOBAL));
    trial_add(&t, "lib.a", trial_archive_of(t.arena, names, &member, 1));
    t.options.needed = (const char *const[]){"f"};
    t.options.n_needed = 1;
    trial_succeed(&t);
    assert_true(trial_has_symbol(&t, "f"));
    trial_end(&t);
}

/* ---- what is kept ---------------------------------------------------------------------------- */

static void what_nothing_refers_to_is_left_out(void **state) {
    (void)state;
    static const char *const calls[] = {"f", NULL};
    for (unsigned keep = 0; keep < 2; keep++) {
        trial t = trial_begin();
        code_object c;
        code_begin(t.arena, &c);
        code_function(&c, "main", 0, calls);
        code_function(&c, "unused", 64, calls);
        code_function(&c, "f", 32, trial_no_calls);
        code_section(&c, ".rodata.t", CONSTANT, 4);
        code_symbol(&c, "table", TS_STB_GLOBAL, TS_STT_OBJECT);
        code_bytes(&c, zeros, 64);
        trial_add(&t, "a.o", code_file(&c));
        t.options.keep_unused = keep;
        trial_succeed(&t);
        assert_int_equal(trial_has_symbol(&t, "unused"), keep);
        assert_int_equal(trial_has_symbol(&t, "table"), keep);
        assert_true(trial_has_symbol(&t, "f"));
        trial_end(&t);
    }
}

/* The second of two COMDAT groups of one name goes, and its users get the first one's symbols. */
static void one_group_of_a_name_is_kept(void **state) {
    (void)state;
    trial t = trial_begin();
    static const char *const calls[] = {"twice", NULL};
    for (int i = 0; i < 2; i++) {
        code_object c;
        code_begin(t.arena, &c);
        code_function(&c, i ? "other" : "main", 0, calls);
        code_function(&c, "twice", i ? 128 : 64, trial_no_calls);
        uint32_t number = ts_object_find_symbol(&c.o, "twice");
        c.o.sections[c.section].group = ts_object_add_group(
            t.arena, &c.o, (ts_object_group){.symbol = number, .flags = TS_GRP_COMDAT});
        c.o.sections[c.section].flags |= TS_SHF_GROUP;
        trial_add(&t, i ? "b.o" : "a.o", code_file(&c));
    }
    t.options.keep_unused = true;
    trial_succeed(&t);
    assert_int_equal(t.result.stack.depth, 64);
    assert_int_equal(trial_section(&t, ".text")->bytes.size, 0xbe);
    trial_end(&t);
}

static void a_table_about_a_section_goes_with_it(void **state) {
    (void)state;
    trial t = trial_begin();
    static const uint8_t size = 100;
    code_object c;
    code_begin(t.arena, &c);
    code_function(&c, "main", 64, trial_no_calls);
    uint32_t main_section = c.section;
    code_function(&c, "unused", 64, trial_no_calls);
    uint32_t unused_section = c.section;
    code_section(&c, ".stack_sizes", TS_SHF_LINK_ORDER, 1);
    c.o.sections[c.section].link = main_section;
    code_word(&c, 50, "main", 0);
    code_bytes(&c, &size, 1);
    code_section(&c, ".stack_sizes", TS_SHF_LINK_ORDER, 1);
    c.o.sections[c.section].link = unused_section;
    code_word(&c, 50, "unused", 0);
    code_bytes(&c, &size, 1);
    trial_add(&t, "a.o", code_file(&c));
    trial_succeed(&t);
    assert_int_equal(trial_section(&t, ".stack_sizes")->bytes.size, 5);
    assert_int_equal(t.result.stack.depth, 100);
    trial_end(&t);
}

/* One table for all: the entry of what is gone must not be taken for that of address 0. */
static void stack_sizes_of_what_is_gone_say_nothing(void **state) {
    (void)state;
    trial t = trial_begin();
    static const uint8_t size = 100;
    code_object c;
    code_begin(t.arena, &c);
    code_function(&c, "main", 64, trial_no_calls);
    code_function(&c, "unused", 64, trial_no_calls);
    code_section(&c, ".stack_sizes", 0, 1);
    code_word(&c, 50, "unused", 0);
    code_bytes(&c, &size, 1);
    trial_add(&t, "a.o", code_file(&c));
    trial_succeed(&t);
    assert_int_equal(t.result.stack.depth, 64);
    trial_end(&t);
}

static void comments_are_kept_once_and_notes_not(void **state) {
    (void)state;
    trial t = trial_begin();
    for (int i = 0; i < 3; i++) {
        code_object c;
        code_begin(t.arena, &c);
        if (!i) code_function(&c, "main", 0, trial_no_calls);
        code_section(&c, ".comment", TS_SHF_MERGE | TS_SHF_STRINGS, 1);
        c.o.sections[c.section].entry_size = 1;
        code_bytes(&c, i < 2 ? "same" : "else", 5);
        code_section(&c, ".note.GNU-stack", 0, 1);
        code_section(&c, ".linker-options", (uint32_t)TS_SHF_EXCLUDE, 1);
        code_bytes(&c, "x", 2);
        trial_add(&t, "a.o", code_file(&c));
    }
    t.options.script = NULL;
    trial_succeed(&t);
    assert_false(ts_object_find_section(&t.result.program, ".note.GNU-stack"));
    assert_false(ts_object_find_section(&t.result.program, ".linker-options"));
    assert_int_equal(trial_section(&t, ".comment")->entry_size, 1);
    assert_int_equal(trial_section(&t, ".comment")->bytes.size, 10);
    trial_end(&t);
}

/* Other strings have places, also when two objects have the same. */
static void strings_of_debug_information_stay(void **state) {
    (void)state;
    trial t = trial_begin();
    for (int i = 0; i < 2; i++) {
        code_object c;
        code_begin(t.arena, &c);
        code_function(&c, i ? "other" : "main", 0, trial_no_calls);
        code_section(&c, ".debug_str", TS_SHF_MERGE | TS_SHF_STRINGS, 1);
        code_symbol(&c, i ? "s1" : "s0", TS_STB_GLOBAL, TS_STT_NOTYPE);
        code_bytes(&c, "text", 5);
        code_section(&c, ".debug_info", 0, 1);
        code_word(&c, TS_AIE2_RELOCATION_ADDRESS, i ? "s1" : "s0", 0);
        trial_add(&t, i ? "b.o" : "a.o", code_file(&c));
    }
    trial_succeed(&t);
    static const uint8_t want[] = {0, 0, 0, 0, 5, 0, 0, 0};
    test_same_bytes(trial_section(&t, ".debug_info")->bytes, ts_span_of(want, 8));
    assert_int_equal(trial_section(&t, ".debug_str")->bytes.size, 10);
    trial_end(&t);
}

static void constructors_are_warned_of(void **state) {
    (void)state;
    trial t = trial_begin();
    code_object c;
    code_begin(t.arena, &c);
    code_function(&c, "main", 0, trial_no_calls);
    code_section(&c, ".init_array", DATA, 4);
    c.o.sections[c.section].type = TS_SHT_INIT_ARRAY;
    code_word(&c, 50, "main", 0);
    trial_add(&t, "a.o", code_file(&c));
    trial_succeed(&t);
    assert_int_equal(t.result.n_warnings, 1);
    assert_string_equal(t.result.warnings[0], "a.o: .init_array has constructors or destructors; "
                                              "start-up code for a core runs none");
    trial_end(&t);
}

/* ---- the program ----------------------------------------------------------------------------- */

static void a_core_is_linked(void **state) {
    (void)state;
    trial t = trial_begin();
    trial_add(&t, "core.o", trial_core_file(t.arena, 128));
    trial_set_script(&t, trial_core_script);
    trial_succeed(&t);
    const ts_object *p = &t.result.program;
    assert_int_equal(p->type, TS_ET_EXEC);
    assert_int_equal(p->entry, 0);
    assert_int_equal(trial_symbol(&t, "__start")->value, 0);
    assert_int_equal(trial_symbol(&t, "main")->value, trial_symbol(&t, "core_0_2")->value);
    assert_int_equal(trial_symbol(&t, "table")->value, 0x70c20);
    assert_int_equal(trial_symbol(&t, "counter")->value, 0x70c00);
    assert_int_equal(trial_symbol(&t, "state")->value, 0x70c50);
    assert_int_equal(trial_symbol(&t, "_sp_start_value_DM_stack")->size, 0x400);
    assert_int_equal(trial_symbol(&t, "in")->size, 0x400);
    assert_int_equal(trial_section(&t, ".data")->bytes.data[0], 0x28);
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
    trial_end(&t);
}

static void the_same_input_gives_the_same_bytes(void **state) {
    (void)state;
    trial t = trial_begin();
    ts_buf first = ts_buf_in(t.arena), second = ts_buf_in(t.arena), again = ts_buf_in(t.arena);
    ts_object read;
    trial_add(&t, "core.o", trial_core_file(t.arena, 128));
    trial_set_script(&t, trial_core_script);
    trial_succeed(&t);
    assert_int_equal(ts_object_write(&t.result.program, &first, &t.diag), TS_OK);
    trial_succeed(&t);
    assert_int_equal(ts_object_write(&t.result.program, &second, &t.diag), TS_OK);
    test_same_bytes(ts_buf_span(&first), ts_buf_span(&second));
    assert_int_equal(ts_object_read(t.arena, ts_buf_span(&first), "out.elf", &read, &t.diag),
                     TS_OK);
    assert_int_equal(ts_object_write(&read, &again, &t.diag), TS_OK);
    test_same_bytes(ts_buf_span(&first), ts_buf_span(&again));
    trial_end(&t);
}

/* The start-up code: both functions, as the disassembler reads them. */
static void start_up_code(void **state) {
    (void)state;
    trial t = trial_begin();
    trial_add(&t, "core.o", trial_function_file(t.arena, "main", 0, trial_no_calls, TS_STB_GLOBAL));
    trial_succeed(&t);
    ts_buf out = ts_buf_in(t.arena);
    const ts_object_section *text = trial_section(&t, ".text");
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
    trial_end(&t);
}

static void a_core_begins_at_0(void **state) {
    (void)state;
    trial t = trial_begin();
    trial_add(&t, "a.o", trial_function_file(t.arena, "first", 0, trial_no_calls, TS_STB_GLOBAL));
    trial_add(&t, "b.o", trial_function_file(t.arena, "main", 0, trial_no_calls, TS_STB_GLOBAL));
    t.options.entry = "main";
    t.options.keep_unused = true;
    trial_succeed(&t);
    assert_int_equal(t.result.n_warnings, 1);
    assert_string_equal(t.result.warnings[0],
                        "out.elf: the program begins with 'main' at 0x10; a core begins at 0x0");
    t.options.keep_unused = false;
    trial_succeed(&t);
    assert_int_equal(t.result.n_warnings, 0);
    trial_end(&t);
}

/* Where it comes from an archive, it is behind what objects got from others. */
static void the_entry_is_asked_for_last(void **state) {
    (void)state;
    static const char *const calls[] = {"f", NULL}, *const start[] = {"s.o/"},
                             *const f[] = {"f.o/"};
    trial t = trial_begin();
    ts_span s_o = trial_function_file(t.arena, "begin", 0, trial_no_calls, TS_STB_GLOBAL);
    ts_span f_o = trial_function_file(t.arena, "f", 0, trial_no_calls, TS_STB_GLOBAL);
    trial_add(&t, "s.a", trial_archive_of(t.arena, start, &s_o, 1));
    trial_add(&t, "a.o", trial_function_file(t.arena, "main", 0, calls, TS_STB_GLOBAL));
    trial_add(&t, "f.a", trial_archive_of(t.arena, f, &f_o, 1));
    t.options.entry = "begin";
    t.options.keep_unused = true;
    trial_succeed(&t);
    assert_true(trial_symbol(&t, "begin")->value > trial_symbol(&t, "f")->value);
    trial_end(&t);
}

static ts_status find_kernel(void *context, const char *name, ts_link_file *out, ts_diag *diag) {
    if (strcmp(name, "kernel.o") != 0) return ts_fail(diag, TS_MISSING, name, "not here");
    *out = (ts_link_file){"dir/kernel.o", *(ts_span *)context};
    return TS_OK;
}

static void a_script_brings_files(void **state) {
    (void)state;
    trial t = trial_begin();
    static const char *const calls[] = {"kernel", NULL};
    ts_span kernel = trial_function_file(t.arena, "kernel", 96, trial_no_calls, TS_STB_GLOBAL);
    trial_add(&t, "core.o", trial_function_file(t.arena, "main", 32, calls, TS_STB_GLOBAL));
    trial_add(&t, "last.o", trial_function_file(t.arena, "last", 32, calls, TS_STB_GLOBAL));
    trial_set_script(&t, "SECTIONS { .text 0 : { *crt0.o(.text*) *(.text*) }\n . = 0x70000; "
                         "_sp_start_value_DM_stack = .; }\nINPUT(kernel.o)");
    t.options.find = find_kernel;
    t.options.find_context = &kernel;
    t.options.script_after = 1;
    t.options.keep_unused = true;
    trial_succeed(&t);
    assert_true(trial_symbol(&t, "kernel")->value > trial_symbol(&t, "main")->value);
    assert_true(trial_symbol(&t, "last")->value > trial_symbol(&t, "kernel")->value);
    trial_set_script(&t, "INPUT(other.o)");
    trial_refuse(&t, TS_MISSING, "other.o: not here");
    trial_end(&t);
}

/* Helpers come when something needs them, and only those. */
static void helpers_are_added(void **state) {
    (void)state;
    trial t = trial_begin();
    static const char *const calls[] = {"__divsi3", "memcpy", NULL};
    trial_add(&t, "core.o", trial_function_file(t.arena, "main", 32, calls, TS_STB_GLOBAL));
    trial_succeed(&t);
    assert_true(trial_has_symbol(&t, "__divsi3") && trial_has_symbol(&t, "memcpy"));
    const ts_object_symbol *division = trial_symbol(&t, "__divsi3");
    assert_int_equal(division->type, TS_STT_FUNC);
    assert_int_equal(t.result.stack.depth, 32);
    assert_int_equal(t.result.stack.open, 0);
    for (size_t i = 0; i < t.result.n_uses; i++)
        assert_string_not_equal(t.result.uses[i].name, "__udivsi3");
    t.options.no_runtime = true;
    trial_refuse(&t, TS_MISSING, "undefined symbol '__start'");
    trial_end(&t);
}

/* memcpy and memset are in one object; a program may bring one and need the other. */
static void a_program_may_have_its_own_helper(void **state) {
    (void)state;
    static const char *const calls[] = {"memset", "memcpy", NULL};
    static const uint8_t bindings[] = {TS_STB_GLOBAL, TS_STB_WEAK};
    for (size_t i = 0; i < 2; i++) {
        trial t = trial_begin();
        trial_add(&t, "a.o", trial_function_file(t.arena, "main", 32, calls, TS_STB_GLOBAL));
        trial_add(&t, "own.o",
                  trial_function_file(t.arena, "memcpy", 96, trial_no_calls, bindings[i]));
        trial_succeed(&t);
        assert_int_equal(t.result.stack.depth, 128);
        assert_true(trial_has_symbol(&t, "memset"));
        trial_end(&t);
    }
    trial t = trial_begin();
    trial_add(&t, "init.o",
              trial_function_file(t.arena, "_main_init", 32, trial_no_calls, TS_STB_GLOBAL));
    trial_succeed(&t);
    assert_int_equal(trial_symbol(&t, "__start")->value, 0);
    assert_false(trial_has_symbol(&t, "main"));
    trial_end(&t);
}

/* ---- memories and the stack ------------------------------------------------------------------ */

static void program_memory_has_a_limit(void **state) {
    (void)state;
    for (uint32_t size = 16384 - 96; size <= 16384; size += 96) {
        trial t = trial_begin();
        code_object c;
        code_begin(t.arena, &c);
        code_section(&c, ".text.main", CODE, 16);
        code_symbol(&c, "main", TS_STB_GLOBAL, TS_STT_FUNC);
        code_bytes(&c, zeros, size);
        trial_add(&t, "a.o", code_file(&c));
        trial_set_script(&t, trial_core_script);
        if (size < 16384) {
            trial_succeed(&t);
        } else {
            trial_refuse(
                &t, TS_RANGE,
                "out.elf: program memory, 0x0 to 0x4000, needs 16480 bytes and has 16384, 96 too "
                "few; largest: main 16384, _main_init 64, __start 32");
            assert_string_equal(t.result.uses[0].name, "main");
        }
        trial_end(&t);
    }
}

static void data_memory_has_a_limit(void **state) {
    (void)state;
    trial t = trial_begin();
    code_object c;
    code_begin(t.arena, &c);
    code_function(&c, "main", 0, trial_no_calls);
    code_op(&c, "MOVXM_lng_cg", code_register("p0"), 0, "big", 0);
    code_section(&c, ".bss.big", DATA, 4);
    code_symbol(&c, "big", TS_STB_GLOBAL, TS_STT_OBJECT);
    for (int i = 0; i < 4; i++)
        code_bytes(&c, zeros, sizeof zeros);
    trial_add(&t, "a.o", code_file(&c));
    trial_refuse(&t, TS_RANGE,
                 "data memory, 0x70400 to 0x80000, needs 80000 bytes and has 64512, 15488 too "
                 "few; largest: big 80000");
    trial_end(&t);
}

/* A label in a section of no size that no rule takes is where its section would be. */
static void empty_sections_have_addresses(void **state) {
    (void)state;
    trial t = trial_begin();
    code_object c;
    code_begin(t.arena, &c);
    code_function(&c, "main", 0, trial_no_calls);
    code_op(&c, "MOVXM_lng_cg", code_register("p0"), 0, "mark", 0);
    code_section(&c, "mine", DATA, 4);
    code_symbol(&c, "mark", TS_STB_GLOBAL, TS_STT_NOTYPE);
    trial_add(&t, "a.o", code_file(&c));
    trial_succeed(&t);
    assert_int_equal(trial_symbol(&t, "mark")->value, 0x70400);
    trial_end(&t);
}

/* Time and room go with the number of sections and symbols, not with its square: 20000 of each in
 * four groups, and comments. */
static void many_sections_are_no_burden(void **state) {
    (void)state;
    enum {
        N = 20000
    };
    trial t = trial_begin();
    code_object c;
    code_begin(t.arena, &c);
    code_function(&c, "main", 0, trial_no_calls);
    uint32_t sections = (uint32_t)c.o.n_sections;
    for (uint32_t i = 0; i < N; i++) {
        const char *name = ts_arena_printf(t.arena, "s%u", (unsigned)i);
        uint32_t number = ts_object_add_section(
            t.arena, &c.o,
            (ts_object_section){.name = i % 2 ? name : ".comment",
                                .type = TS_SHT_PROGBITS,
                                .group = i % 4,
                                .flags = i % 2 ? (uint32_t)DATA : TS_SHF_STRINGS,
                                .bytes = ts_span_of(name, 2)});
        (void)ts_object_add_symbol(t.arena, &c.o,
                                   (ts_object_symbol){.name = name,
                                                      .place = TS_OBJECT_DEFINED,
                                                      .section = number,
                                                      .size = 2,
                                                      .binding = TS_STB_GLOBAL});
        if (i < 3) (void)ts_object_add_group(t.arena, &c.o, (ts_object_group){.flags = 0});
    }
    assert_int_equal(c.o.n_sections, sections + N);
    trial_add(&t, "a.o", code_file(&c));
    t.options.keep_unused = true;
    trial_succeed(&t);
    assert_int_equal(trial_section(&t, ".comment")->bytes.size, 2 * 10);
    assert_int_equal(trial_symbol(&t, "s19999")->value, 0x70400 + N - 2);
    assert_int_equal(t.result.n_uses, N / 2 + 4);
    trial_end(&t);
}

static void data_in_a_buffer_is_refused(void **state) {
    (void)state;
    trial t = trial_begin();
    trial_add(&t, "core.o", trial_core_file(t.arena, 64));
    trial_set_script(&t, "SECTIONS { .text 0 : { *crt0.o(.text*) *(.text*) }\n"
                         ".data 0x70400 : { *(.data*) *(.rodata*) *(.bss*) }\n"
                         ". = 0x70000; _sp_start_value_DM_stack = .; . += 0x400;\n"
                         "in = .; . += 0x100; }\nmain = core_0_2;");
    trial_refuse(&t, TS_CONFLICT,
                 "section .data, 0x70400 to 0x704b4, overlaps in, 0x70400 to 0x70500");
    trial_end(&t);
}

static void a_stack_that_does_not_fit_is_refused(void **state) {
    (void)state;
    trial t = trial_begin();
    trial_add(&t, "core.o", trial_core_file(t.arena, 2656));
    trial_set_script(&t, trial_core_script);
    trial_refuse(
        &t, TS_RANGE,
        "out.elf: the stack of core_0_2 needs 2720 bytes and has 1024 (0x70000 to 0x70400): it "
        "would overwrite 1024 bytes of in at 0x70400, 672 bytes of out at 0x70800; deepest: "
        "__start > _main_init > core_0_2 (64) > kernel (2656)");
    assert_int_equal(t.result.fit.n_hit, 2);
    t.options.allow_stack_overflow = true;
    trial_succeed(&t);
    assert_int_equal(t.result.n_warnings, 1);
    assert_non_null(strstr(t.result.warnings[0], "needs 2720 bytes"));
    trial_end(&t);
    t = trial_begin();
    trial_add(&t, "core.o", trial_core_file(t.arena, 1024 - 64));
    trial_set_script(&t, trial_core_script);
    trial_succeed(&t);
    trial_end(&t);
}

static void a_stack_without_a_bound_is_warned_of(void **state) {
    (void)state;
    trial t = trial_begin();
    static const char *const calls[] = {"main", NULL};
    trial_add(&t, "core.o", trial_function_file(t.arena, "main", 64, calls, TS_STB_GLOBAL));
    trial_succeed(&t);
    assert_int_equal(t.result.n_warnings, 1);
    assert_non_null(strstr(t.result.warnings[0],
                           "the depth of the stack is not proven: recursion in "
                           "main at 0x60"));
    trial_end(&t);
}

/* ---- input that is none ---------------------------------------------------------------------- */

static void only_objects_for_aie2_are_linked(void **state) {
    (void)state;
    trial t = trial_begin();
    code_object c;
    code_begin(t.arena, &c);
    code_function(&c, "main", 0, trial_no_calls);
    c.o.flags = TS_EF_AIE_AIE1;
    trial_add(&t, "a.o", code_file(&c));
    trial_refuse(&t, TS_CONFLICT,
                 "a.o: an object for the core with ELF flags 1; expected 2 (AIE2)");
    c.o.flags = TS_EF_AIE_AIE2;
    c.o.type = TS_ET_EXEC;
    t.files[0].bytes = code_file(&c);
    trial_refuse(&t, TS_CONFLICT, "a.o: a program; only relocatable objects are linked");
    t.files[0].bytes = test_text("text");
    trial_refuse(&t, TS_SYNTAX, "a.o: offset 0x0");
    trial_end(&t);
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
    granted g = {trial_core_file(arena, 64), {"t.ld", test_text(trial_core_script)}};
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
        cmocka_unit_test(equal_numbers_are_one_definition),
        cmocka_unit_test(common_symbols_are_joined),
        cmocka_unit_test(only_needed_members_are_taken),
        cmocka_unit_test(a_weak_reference_takes_no_member),
        cmocka_unit_test(what_nothing_refers_to_is_left_out),
        cmocka_unit_test(one_group_of_a_name_is_kept),
        cmocka_unit_test(a_table_about_a_section_goes_with_it),
        cmocka_unit_test(stack_sizes_of_what_is_gone_say_nothing),
        cmocka_unit_test(comments_are_kept_once_and_notes_not),
        cmocka_unit_test(strings_of_debug_information_stay),
        cmocka_unit_test(constructors_are_warned_of),
        cmocka_unit_test(a_core_is_linked),
        cmocka_unit_test(the_same_input_gives_the_same_bytes),
        cmocka_unit_test(start_up_code),
        cmocka_unit_test(helpers_are_added),
        cmocka_unit_test(a_program_may_have_its_own_helper),
        cmocka_unit_test(a_core_begins_at_0),
        cmocka_unit_test(the_entry_is_asked_for_last),
        cmocka_unit_test(a_script_brings_files),
        cmocka_unit_test(program_memory_has_a_limit),
        cmocka_unit_test(data_memory_has_a_limit),
        cmocka_unit_test(empty_sections_have_addresses),
        cmocka_unit_test(many_sections_are_no_burden),
        cmocka_unit_test(data_in_a_buffer_is_refused),
        cmocka_unit_test(a_stack_that_does_not_fit_is_refused),
        cmocka_unit_test(a_stack_without_a_bound_is_warned_of),
        cmocka_unit_test(only_objects_for_aie2_are_linked),
        cmocka_unit_test(every_allocation_fails_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
