/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * object: linker scripts, and placements that stand for one. */
#include "support.h"
#include "trial.h"

#include <stdio.h>
#include <string.h>

static const uint8_t zeros[20000];

/* The value that a script gives to `x`. */
static uint32_t value_of(const char *expression) {
    trial t = trial_begin();
    char text[512];
    snprintf(text, sizeof text,
             "MEMORY { m (!RX) : ORIGIN = 0x100, LENGTH = 2K }\n"
             "SECTIONS { .text 0 : { *crt0.o(.text*) *(.text*) }\n"
             "_sp_start_value_DM_stack = 0x70000; . = 0x1234; x = %s; }",
             expression);
    trial_add(&t, "a.o", trial_function_file(t.arena, "main", 0, trial_no_calls, TS_STB_GLOBAL));
    trial_set_script(&t, text);
    trial_succeed(&t);
    uint32_t value = trial_symbol(&t, "x")->value;
    trial_end(&t);
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
        {"0777 + 0010K", 777 + 10240}, /* as lld reads them */
        {"0FFh + 10H", 0x10f},
        {"6 ^ 3 | 8 & 12", 13},
        {"ABSOLUTE(. + 4) - ALIGN(0)", 4},
        {"ALIGNOF(.text)", 16},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (value_of(rows[i].text) != rows[i].value)
            fail_msg("%s is 0x%x; expected 0x%x", rows[i].text, (unsigned)value_of(rows[i].text),
                     (unsigned)rows[i].value);
}

static void contents_are_placed_as_asked(void **state) {
    (void)state;
    trial t = trial_begin();
    static const char *const parts[] = {".rodata.b", ".rodata.a", ".rodata.c", ".rodata.keep"};
    code_object c;
    code_begin(t.arena, &c);
    code_function(&c, "main", 0, trial_no_calls);
    for (size_t i = 0; i < 4; i++) {
        code_section(&c, parts[i], CONSTANT, 4);
        code_symbol(&c, parts[i] + 8, TS_STB_GLOBAL, TS_STT_OBJECT);
        code_bytes(&c, zeros, 4 + 4 * i);
    }
    trial_add(&t, "dir/a.o", code_file(&c));
    trial_set_script(
        &t, "PROVIDE(x_start = 0x70000);\nSECTIONS { .text 0 : { *crt0.o(.text*) *(.text*) }\n"
            "_sp_start_value_DM_stack = 0x71000;\n"
            ".table x_start : ALIGN(64) SUBALIGN(16) { first = .; BYTE(1) SHORT(0x203)\n"
            "  LONG(0x4050607) QUAD(8)\n"
            "  . = ALIGN(32); KEEP(dir/a.o(SORT(.rodata.[abc]))) last = .;\n"
            "  . += 4; } =0x90 \n"
            ".rest : { KEEP(*(EXCLUDE_FILE(*b.o) .rodata*)) } \n"
            "/DISCARD/ : { *(.comment) } }\nASSERT(last > first, \"order\")");
    trial_succeed(&t);
    static const uint8_t head[] = {1, 3, 2, 7, 6, 5, 4, 8, 0, 0, 0, 0, 0, 0, 0};
    const ts_object_section *s = trial_section(&t, ".table");
    assert_int_equal(s->addr, 0x70000);
    assert_int_equal(s->align, 64);
    assert_memory_equal(s->bytes.data, head, sizeof head);
    assert_int_equal(trial_symbol(&t, "a")->value, 0x70020);
    assert_int_equal(trial_symbol(&t, "b")->value, 0x70030);
    assert_int_equal(trial_symbol(&t, "c")->value, 0x70040);
    assert_int_equal(trial_symbol(&t, "last")->value, 0x7004c);
    assert_int_equal(s->bytes.size, 0x50);
    assert_int_equal(trial_symbol(&t, "keep")->value, 0x70050);
    trial_end(&t);
}

/* The last value counts, and others may use what came before. */
static void a_symbol_may_be_assigned_twice(void **state) {
    (void)state;
    trial t = trial_begin();
    trial_add(&t, "a.o", trial_function_file(t.arena, "main", 0, trial_no_calls, TS_STB_GLOBAL));
    trial_set_script(&t, "x = 1; y = x; x = end; z = x; x += 4;\n"
                         "SECTIONS { .text 0 : { *(.text*) end = .; } }");
    t.options.entry = "main";
    trial_succeed(&t);
    uint32_t end = trial_symbol(&t, "end")->value;
    assert_int_equal(trial_symbol(&t, "x")->value, end + 4);
    assert_int_equal(trial_symbol(&t, "y")->value, 1);
    assert_int_equal(trial_symbol(&t, "z")->value, end);
    trial_set_script(&t, "x = y + 1; y = x + 1; SECTIONS { .text 0 : { *(.text*) } }");
    trial_refuse(&t, TS_CONFLICT, "t.ld: addresses still change after 8 rounds");
    trial_end(&t);
}

/* Sections that get no input are at the place that is next, and may take room for a stack. */
static void sections_without_input_have_addresses(void **state) {
    (void)state;
    trial t = trial_begin();
    trial_add(&t, "a.o", trial_function_file(t.arena, "main", 64, trial_no_calls, TS_STB_GLOBAL));
    trial_set_script(&t, "MEMORY { program (RX) : ORIGIN = 0, LENGTH = 16K\n"
                         "  data (!RX) : ORIGIN = 0x70400, LENGTH = 0x1000 }\n"
                         "SECTIONS { .text : { *(.text*) } > program\n"
                         "  .data : { data_start = .; *(.data*) data_end = .; } > data\n"
                         "  .stack : { _sp_start_value_DM_stack = .; . += 0x400; } > data\n"
                         "  .pad : { . += 16; code_end = .; } > program\n"
                         "  .bss : { bss_start = .; *(.bss*) bss_end = .; } > data }");
    t.options.entry = "main";
    trial_succeed(&t);
    static const struct {
        const char *name;
        uint32_t value;
    } rows[] = {{"data_start", 0x70400}, {"data_end", 0x70400},
                {"bss_start", 0x70800},  {"bss_end", 0x70800},
                {"code_end", 0x24},      {"_sp_start_value_DM_stack", 0x70400}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(trial_symbol(&t, rows[i].name)->value, rows[i].value);
    assert_int_equal(trial_section(&t, ".stack")->type, TS_SHT_NOBITS);
    assert_int_equal(trial_section(&t, ".stack")->nobits_size, 0x400);
    assert_int_equal(trial_section(&t, ".pad")->flags, CODE);
    assert_true(t.result.fit.is_known);
    assert_int_equal(t.result.fit.given, 0x400);
    assert_string_equal(t.result.uses[0].name, ".stack");
    trial_end(&t);
}

static void what_nothing_needs_may_be_discarded(void **state) {
    (void)state;
    trial t = trial_begin();
    code_object c;
    code_begin(t.arena, &c);
    code_function(&c, "main", 0, trial_no_calls);
    code_section(&c, ".eh_frame", CONSTANT, 4);
    code_word(&c, TS_AIE2_RELOCATION_ADDRESS, "main", 0);
    trial_add(&t, "a.o", code_file(&c));
    t.options.entry = "main";
    t.options.keep_unused = true;
    trial_set_script(&t, "SECTIONS { .text 0 : { *(.text*) } /DISCARD/ : { *(.eh_frame) } }");
    trial_succeed(&t);
    assert_false(ts_object_find_section(&t.result.program, ".eh_frame"));
    trial_set_script(&t, "SECTIONS { .d 0x70000 : { *(.eh_frame) } /DISCARD/ : { *(.text*) } }");
    trial_refuse(&t, TS_CONFLICT,
                 "a.o: .eh_frame refers to 'main' in .text.main, which is not part of the program");
    trial_end(&t);
}

/* What lies between two sections is not loaded, or a buffer there would lose its first values. */
static void segments_leave_out_what_is_between(void **state) {
    (void)state;
    trial t = trial_begin();
    code_object c;
    code_begin(t.arena, &c);
    code_function(&c, "main", 0, trial_no_calls);
    for (int i = 0; i < 2; i++) {
        code_section(&c, i ? ".data.b" : ".data.a", DATA, 4);
        code_symbol(&c, i ? "b" : "a", TS_STB_GLOBAL, TS_STT_OBJECT);
        code_bytes(&c, zeros, 4);
    }
    trial_add(&t, "a.o", code_file(&c));
    t.options.entry = "main";
    t.options.keep_unused = true;
    trial_set_script(&t, "SECTIONS { .text 0 : { *(.text*) } .a 0x70000 : { *(.data.a) }\n"
                         ". = 0x70400; buffer = .; . += 0x100; .b 0x70800 : { *(.data.b) } }");
    trial_succeed(&t);
    const ts_object *p = &t.result.program;
    assert_int_equal(p->n_segments, 4);
    assert_int_equal(p->segments[1].mem_size, 4);
    assert_int_equal(p->segments[2].vaddr, 0x70800);
    trial_end(&t);
}

/* Of two buffers in one place a warning is enough. */
static void buffers_may_share_a_place(void **state) {
    (void)state;
    trial t = trial_begin();
    trial_add(&t, "a.o", trial_function_file(t.arena, "main", 0, trial_no_calls, TS_STB_GLOBAL));
    trial_set_script(&t, "SECTIONS { .text 0 : { *(.text*) }\n"
                         ". = 0x70400; a = .; . += 0x400; . = 0x70600; b = .; . += 0x400; }");
    t.options.entry = "main";
    trial_succeed(&t);
    assert_int_equal(t.result.n_warnings, 1);
    assert_string_equal(t.result.warnings[0],
                        "b, 0x70600 to 0x70a00, overlaps a, 0x70400 to 0x70800");
    trial_end(&t);
}

/* Links one function and a comment. */
static void read_script(ts_arena *arena, const char *text, ts_diag *diag) {
    code_object c;
    code_begin(arena, &c);
    code_function(&c, "main", 0, trial_no_calls);
    code_section(&c, ".comment", 0, 1);
    code_bytes(&c, zeros, 1);
    const ts_link_file file = {"a.o", code_file(&c)}, script = {"t.ld", test_text(text)};
    const ts_link_options options = {
        .output = "out.elf", .files = &file, .n_files = 1, .script = &script, .entry = "main"};
    ts_link_result result;
    if (ts_link(arena, &options, &result, diag) == TS_OK) fail_msg("linked: %s", text);
}

static void bad_scripts_are_named(void **state) {
    (void)state;
    static const test_bad_text cases[] = {
        {"SECTION { }", TS_SYNTAX, "t.ld:1:1: expected MEMORY, SECTIONS"},
        {"SECTIONS {", TS_SYNTAX, "t.ld:1:11: expected '}' at the end of SECTIONS"},
        {"SECTIONS { .text : { *(.text", TS_SYNTAX, "expected a pattern of sections"},
        {"SECTIONS { .text : { *(.text*) ", TS_SYNTAX, "expected"},
        {"SECTIONS { x = ; }", TS_SYNTAX, "t.ld:1:16: expected a value; found ';'"},
        {"SECTIONS { x = 1 }", TS_SYNTAX, "expected ';'; found '}'"},
        {"SECTIONS { x = (1; }", TS_SYNTAX, "expected ')'; found ';'"},
        {"SECTIONS { x = 0x; }", TS_SYNTAX, "expected a number; found '0x'"},
        {"SECTIONS { x = 12a; }", TS_SYNTAX, "expected a number; found '12a'"},
        {"SECTIONS { x = 0xffffffffffffffffK; }", TS_SYNTAX, "expected a number"},
        {"SECTIONS { .a : { *(SORT(.a) SORT(.b .c } }", TS_SYNTAX,
         "expected a pattern of sections; found '}'"},
        {"SECTIONS { .a : { *(SORT(SORT(SORT(.a)))) } }", TS_SYNTAX, "expected ')'; found 'SORT'"},
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
        {"SECTIONS { .text 0 : { *(.text*) } .a 0x70000 : { LONG(1) } .b 0x70002 : { LONG(1) } }",
         TS_CONFLICT, "section .a, 0x70000 to 0x70004, overlaps .b, 0x70002 to 0x70006"},
        {"SECTIONS { .text 0 : { *(.text*) } .data : { LONG(1) } }", TS_RANGE,
         "section .data, 0xe to 0x12, is not in the data memories of a core, 0x40000 to 0x80000"},
        {"SECTIONS { .text 0 : { *(.text*) } .data 0x7fffe : { LONG(1) } }", TS_RANGE,
         "section .data, 0x7fffe to 0x80002, is not in the data memories"},
        {"SECTIONS { .text 0 : { *(.text*) } . = 0x7fffe; b = .; . += 4; }", TS_RANGE,
         "the buffer b, 0x7fffe to 0x80002, is not in the data memories"},
        {"SECTIONS { .text 0 : { *(.text*) . = 0x10000000; } }", TS_RANGE,
         "section .text, 0x0 to 0x10000000, is beyond the last address of a core, 0xfffff"},
        {"SECTIONS { .text 0 : { *(.text*) } .x : { . = 0x10000000; } }", TS_RANGE,
         "section .x, 0xe to 0x10000000, is beyond the last address of a core, 0xfffff"},
        {"SECTIONS { .text 0 : { *(.text*) } .x : { *(.comment) . = 0x10000000; } }", TS_RANGE,
         "section .x has 268435456 bytes; at most 67108864 are allowed"},
        {"MEMORY { d (!RX) : ORIGIN = 0x70000, LENGTH = 64K }\n"
         "SECTIONS { .text 0 : { *(.text*) } .x 0x60000 : { LONG(1) } > d }",
         TS_RANGE, "section .x begins at 0x60000, outside of its memory 'd', 0x70000 to 0x80000"},
        {"MEMORY { d (!RX) : ORIGIN = 0x70000, LENGTH = 4 }\n"
         "SECTIONS { .text 0 : { *(.text*) } .x : { LONG(1) } > d .y : { LONG(1) } > d }",
         TS_RANGE, "d memory, 0x70000 to 0x70004, needs 8 bytes and has 4, 4 too few"},
        {"SECTIONS { .text 0 : { *(.text*) } . = 0x70100; b = .; . += 4;\n"
         ". = 0x70000; _sp_start_value_DM_stack = .; . += 0x400; }",
         TS_CONFLICT,
         "the stack, _sp_start_value_DM_stack, 0x70000 to 0x70400, overlaps b, 0x70100 to 0x70104"},
        {"SECTIONS { .text 0xffffffff : { *(.text*) } }", TS_RANGE, "beyond the last address"},
    };
    test_expect_errors(cases, sizeof cases / sizeof *cases, read_script);
}

static void deep_expressions_are_refused(void **state) {
    (void)state;
    trial t = trial_begin();
    ts_buf text = ts_buf_in(t.arena);
    ts_buf_text(&text, "x = ");
    for (int i = 0; i < 1000; i++)
        ts_buf_text(&text, "(");
    ts_buf_u8(&text, 0);
    trial_set_script(&t, (const char *)text.data);
    trial_refuse(&t, TS_RANGE, "an expression that is too deep");
    trial_end(&t);
}

/* Operators from the left make a tree as deep as they are many. */
static void long_expressions_are_refused(void **state) {
    (void)state;
    for (int n = TS_LINK_MAX_SCRIPT_OPERATORS; n <= 200000; n += 199000) {
        trial t = trial_begin();
        ts_buf text = ts_buf_in(t.arena);
        ts_buf_text(&text, "SECTIONS { .text 0 : { *(.text*) } } y = 2 * 3; x = 1");
        for (int i = 0; i < n; i++)
            ts_buf_text(&text, " + 1");
        ts_buf_text(&text, ";");
        ts_buf_u8(&text, 0);
        trial_add(&t, "a.o", trial_function_file(t.arena, "main", 0, trial_no_calls, 1));
        t.options.entry = "main";
        trial_set_script(&t, (const char *)text.data);
        if (n > TS_LINK_MAX_SCRIPT_OPERATORS) {
            trial_refuse(&t, TS_RANGE, "t.ld:1:4055: an expression that is too long; found '+'");
        } else {
            trial_succeed(&t);
            assert_int_equal(trial_symbol(&t, "x")->value, n + 1);
        }
        trial_end(&t);
    }
}

static const char *text_of(const char *pattern) {
    static char text[256];
    snprintf(
        text, sizeof text,
        "SECTIONS { .text 0 : { *(.text*) }\n.table 0x70000 : { %s } .rest : { *(.rodata*) } }",
        pattern);
    return text;
}

/* What a rule takes of six sections in two files, by the letters they hold. */
static const char *order_of(const char *pattern) {
    static char order[16];
    static const struct {
        const char *name;
        uint32_t align;
    } parts[] = {{".rodata.d", 1}, {".rodata.b", 4}, {".rodata.c", 2}};
    trial t = trial_begin();
    for (unsigned i = 0; i < 2; i++) {
        code_object c;
        code_begin(t.arena, &c);
        if (!i) code_function(&c, "main", 0, trial_no_calls);
        for (unsigned k = 0; k < 3; k++) {
            char letter[4] = {(char)(parts[k].name[8] - (i ? 'a' - 'A' : 0)), ' ', ' ', ' '};
            code_section(&c, parts[k].name, CONSTANT, parts[k].align);
            code_bytes(&c, letter, 4);
        }
        trial_add(&t, i ? "lib+1.a:b=b.o" : "a.o", code_file(&c));
    }
    t.options.entry = "main";
    t.options.keep_unused = true;
    trial_set_script(&t, text_of(pattern));
    trial_succeed(&t);
    uint32_t number = ts_object_find_section(&t.result.program, ".table");
    ts_span bytes = number ? t.result.program.sections[number].bytes : (ts_span){0};
    size_t n = 0;
    for (; n < sizeof order - 1 && n < bytes.size / 4; n++)
        order[n] = (char)bytes.data[n * 4];
    order[n] = 0;
    trial_end(&t);
    return order;
}

/* d, b, c of a.o have alignments 1, 4, 2; D, B, C are those of the other file. */
static void patterns_take_in_their_order(void **state) {
    (void)state;
    static const struct {
        const char *pattern, *order;
    } rows[] = {
        {"*(.rodata.b .rodata.d)", "dbDB"},
        {"*(.rodata.b) *(.rodata.d)", "bBdD"},
        {"*(SORT(.rodata.*))", "bBcCdD"},
        {"*(SORT(.rodata.[bc]) .rodata.d)", "bBcCdD"},
        {"*(.rodata.d .rodata.c SORT(.rodata.*))", "dcDCbB"},
        {"*(.rodata.d, SORT(.rodata.c .rodata.b), .rodata.*)", "dDbBcC"},
        {"*(SORT_BY_ALIGNMENT(.rodata.*))", "bBcCdD"},
        {"*(SORT_BY_NAME(SORT_BY_ALIGNMENT(.rodata.[dc])))", "cCdD"},
        {"*(SORT_BY_ALIGNMENT(SORT_BY_NAME(.rodata.[dc])))", "cCdD"},
        {"*(SORT_NONE(.rodata.c .rodata.b))", "bcBC"},
        {"*(.rodata.[^bd])", "cC"},
        {"*(EXCLUDE_FILE(*b.o) .rodata.d .rodata.b EXCLUDE_FILE(a.o) .rodata.c)", "dbC"},
        {"*(EXCLUDE_FILE(a.o) SORT(.rodata.*))", "BCD"},
        {"*(SORT(EXCLUDE_FILE(a.o) .rodata.b) .rodata.c)", "BcC"},
        {"lib+1.a:b=b.o(.rodata.b)", "B"},
        {"KEEP(*lib+1.a:b*(.rodata.d))", "D"},
        {"EXCLUDE_FILE(lib+1.a:*) *(.rodata.d)", "d"},
        {"a.o", "dbc"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *got = order_of(rows[i].pattern);
        if (strcmp(got, rows[i].order) != 0)
            fail_msg("%s takes %s; expected %s", rows[i].pattern, got, rows[i].order);
    }
}

static void assignments_change_values(void **state) {
    (void)state;
    trial t = trial_begin();
    trial_add(&t, "a.o", trial_function_file(t.arena, "main", 0, trial_no_calls, TS_STB_GLOBAL));
    t.options.entry = "main";
    trial_set_script(&t, "x = 6; x ^= 3; y = 3; y <<= 4; z = y; z >>= 1; z |= 1; HIDDEN(h = 7);\n"
                         "SECTIONS { .text 0 : { *(.text*) } }");
    trial_succeed(&t);
    assert_int_equal(trial_symbol(&t, "x")->value, 5);
    assert_int_equal(trial_symbol(&t, "y")->value, 48);
    assert_int_equal(trial_symbol(&t, "z")->value, 25);
    assert_int_equal(trial_symbol(&t, "h")->value, 7);
    assert_int_equal(trial_symbol(&t, "h")->binding, TS_STB_LOCAL);
    trial_end(&t);
}

/* One value provided may want the next, wherever that stands. */
static void provided_values_want_others(void **state) {
    (void)state;
    enum {
        N = 20000
    };
    trial t = trial_begin();
    ts_buf text = ts_buf_in(t.arena);
    for (int i = 0; i < N; i++)
        ts_buf_printf(&text, "PROVIDE(p%d = p%d * 0 + p0);\n", i + 1, i);
    ts_buf_text(&text, "p0 = 7; PROVIDE(unwanted = nothing);\n"
                       "SECTIONS { .text 0 : { *(.text*) PROVIDE(in = . + 1); } }");
    ts_buf_u8(&text, 0);
    trial_add(&t, "a.o", trial_function_file(t.arena, "main", 0, trial_no_calls, 1));
    t.options.entry = "main";
    t.options.needed = (const char *const[]){"p20000", "in"};
    t.options.n_needed = 2;
    trial_set_script(&t, (const char *)text.data);
    trial_succeed(&t);
    assert_int_equal(trial_symbol(&t, "p20000")->value, 7);
    assert_int_equal(trial_symbol(&t, "p1")->value, 7);
    assert_int_equal(trial_symbol(&t, "in")->value, 15);
    assert_false(trial_has_symbol(&t, "unwanted"));
    trial_end(&t);
}

/* Each EXCLUDE_FILE() adds to those before it. */
static void excluded_files_add_up(void **state) {
    (void)state;
    trial t = trial_begin();
    trial_add(&t, "j.o", trial_function_file(t.arena, "main", 0, trial_no_calls, 1));
    trial_set_script(&t, "SECTIONS { .one 0 : { *(EXCLUDE_FILE(a b c d e f g h i)\n"
                         "EXCLUDE_FILE(j.o k) .text*) } .two : { *(.text*) } }");
    t.options.entry = "main";
    trial_succeed(&t);
    assert_string_equal(t.result.program.sections[trial_symbol(&t, "main")->section].name, ".two");
    trial_end(&t);
}

static void every_cut_of_a_script_is_an_error_or_links(void **state) {
    (void)state;
    for (size_t size = 0; size < strlen(trial_core_script); size++) {
        trial t = trial_begin();
        trial_add(&t, "core.o", trial_core_file(t.arena, 64));
        t.script = (ts_link_file){"t.ld", ts_span_of(trial_core_script, size)};
        t.options.script = &t.script;
        if (trial_attempt(&t) != TS_OK && !t.diag.message[0]) fail_msg("no words at %zu", size);
        trial_end(&t);
    }
}

/* ---- placements ------------------------------------------------------------------------------ */

static void a_placement_stands_for_a_script(void **state) {
    (void)state;
    trial t = trial_begin();
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
    trial_add(&t, "core.o",
              trial_function_file(t.arena, "core_1_2", 1024, trial_no_calls, TS_STB_GLOBAL));
    t.options.placement = &p;
    trial_refuse(&t, TS_MISSING, "INPUT(kernel.o): no file can be looked for here");
    ts_link_placement without = p;
    without.n_inputs = 0;
    t.options.placement = &without;
    trial_succeed(&t);
    assert_int_equal(trial_symbol(&t, "west_in")->value, 0x50000);
    assert_int_equal(t.result.fit.given, 0x800);
    trial_end(&t);
}

static void bad_placements_are_named(void **state) {
    (void)state;
    static const ts_link_placement good = {.main = "main",
                                           .stack_addr = 0x70000,
                                           .stack_size = 0x400,
                                           .data_addr = 0x71000,
                                           .data_size = 0xf000,
                                           .no_west = true};
    static const struct {
        ts_link_buffer buffers[2];
        ts_status code;
        const char *words;
    } rows[] = {
        {{{"a", 0x70400, 4}, {"a", 0x70500, 4}},
         TS_CONFLICT,
         "the placement: buffer 'a' is at 0x70400 and at 0x70500"},
        {{{"a", 0x3fffc, 8}, {"b", 0x40000, 4}},
         TS_RANGE,
         "buffer 'a', 0x3fffc to 0x40004, is not within one of the four memories"},
        {{{"a", 0x7fffc, 8}, {"b", 0x40000, 4}}, TS_RANGE, "buffer 'a', 0x7fffc to 0x80004"},
        {{{"a", 0x80000, 0}, {"b", 0x40000, 4}}, TS_RANGE, "buffer 'a', 0x80000 to 0x80000"},
        {{{"a", 0x4fffc, 8}, {"b", 0x40000, 4}}, TS_RANGE, "buffer 'a', 0x4fffc to 0x50004"},
        {{{"a", 0xfffffffc, 8}, {"b", 0x40000, 4}}, TS_RANGE, "0xfffffffc to 0x100000004"},
        {{{"a", 0x70400, 4}, {"b", 0x50000, 4}},
         TS_RANGE,
         "buffer 'b' is at 0x50000, but no tile with memory is to the west"},
        {{{"a", 0x703fc, 8}, {"b", 0x40000, 4}},
         TS_CONFLICT,
         "the stack, _sp_start_value_DM_stack, 0x70000 to 0x70400, overlaps a, 0x703fc to 0x70404"},
        {{{".", 0x70400, 4}, {"b", 0x40000, 4}}, TS_RANGE, "buffer '.': expected a name"},
        {{{"", 0x70400, 4}, {"b", 0x40000, 4}}, TS_RANGE, "buffer '': expected a name"},
        {{{"a\"b", 0x70400, 4}, {"b", 0x40000, 4}}, TS_RANGE, "buffer 'a\"b': expected a name"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        trial t = trial_begin();
        ts_link_placement p = good;
        p.buffers = rows[i].buffers;
        p.n_buffers = 2;
        trial_add(&t, "a.o", trial_function_file(t.arena, "main", 0, trial_no_calls, 1));
        t.options.placement = &p;
        trial_refuse(&t, rows[i].code, rows[i].words);
        trial_end(&t);
    }
    ts_diag diag = {0};
    ts_link_placement p = good;
    p.stack_size = 0x10001;
    assert_int_equal(ts_link_check_placement(&p, &diag), TS_RANGE);
    test_expect_error(&diag, TS_RANGE, "the stack, 0x70000 to 0x80001, is not within the memory");
    p = good;
    p.data_addr = 0x60000;
    diag = (ts_diag){0};
    assert_int_equal(ts_link_check_placement(&p, &diag), TS_RANGE);
    test_expect_error(&diag, TS_RANGE, "the room for data, 0x60000 to 0x6f000, is not within");
}

/* Names that a script would take for something else stand between quotes. */
static void a_placement_may_have_any_names(void **state) {
    (void)state;
    static const char *const names[] = {"a buffer", "ALIGN", "0x10", "x+y;", "SECTIONS", "(", "#"};
    enum {
        N = sizeof names / sizeof *names
    };
    trial t = trial_begin();
    ts_link_buffer buffers[N];
    for (uint32_t i = 0; i < N; i++)
        buffers[i] = (ts_link_buffer){names[i], 0x70400 + i * 16, 16};
    const ts_link_placement p = {.main = "PROVIDE",
                                 .stack_addr = 0x70000,
                                 .stack_size = 0x400,
                                 .data_addr = 0x71000,
                                 .data_size = 0xf000,
                                 .buffers = buffers,
                                 .n_buffers = N};
    trial_add(&t, "a.o", trial_function_file(t.arena, "PROVIDE", 0, trial_no_calls, 1));
    t.options.placement = &p;
    trial_succeed(&t);
    for (uint32_t i = 0; i < N; i++) {
        assert_int_equal(trial_symbol(&t, names[i])->value, 0x70400 + i * 16);
        assert_int_equal(trial_symbol(&t, names[i])->size, 16);
    }
    assert_int_equal(trial_symbol(&t, "main")->value, trial_symbol(&t, "PROVIDE")->value);
    trial_end(&t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(expressions_have_values),
        cmocka_unit_test(contents_are_placed_as_asked),
        cmocka_unit_test(a_symbol_may_be_assigned_twice),
        cmocka_unit_test(sections_without_input_have_addresses),
        cmocka_unit_test(buffers_may_share_a_place),
        cmocka_unit_test(what_nothing_needs_may_be_discarded),
        cmocka_unit_test(segments_leave_out_what_is_between),
        cmocka_unit_test(patterns_take_in_their_order),
        cmocka_unit_test(assignments_change_values),
        cmocka_unit_test(bad_scripts_are_named),
        cmocka_unit_test(a_placement_stands_for_a_script),
        cmocka_unit_test(bad_placements_are_named),
        cmocka_unit_test(a_placement_may_have_any_names),
        cmocka_unit_test(deep_expressions_are_refused),
        cmocka_unit_test(long_expressions_are_refused),
        cmocka_unit_test(provided_values_want_others),
        cmocka_unit_test(excluded_files_add_up),
        cmocka_unit_test(every_cut_of_a_script_is_an_error_or_links),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
