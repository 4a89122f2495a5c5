/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * object: the depth of the stack, of objects, programs and bare memory. */
#include "code.h"
#include "support.h"

#include <string.h>

enum {
    CODE = TS_SHF_ALLOC | TS_SHF_EXECINSTR
};

static const char *const no_calls[] = {NULL};

static ts_stack stack_of(ts_arena *arena, code_object *c) {
    ts_object o;
    ts_stack stack = {0};
    ts_diag diag = {0};
    if (ts_object_read(arena, code_file(c), "t.o", &o, &diag) != TS_OK ||
        ts_stack_of_objects(arena, &o, 1, &stack, &diag) != TS_OK)
        fail_msg("%s", diag.message);
    return stack;
}

static const ts_stack_function *function(const ts_stack *stack, const char *name) {
    for (size_t i = 1; i < stack->n_functions; i++)
        if (strcmp(stack->functions[i].name, name) == 0) return &stack->functions[i];
    fail_msg("no function %s", name);
    return NULL;
}

static void expect_chain(ts_arena *arena, const ts_stack *stack, const char *want) {
    ts_buf out = ts_buf_in(arena);
    ts_stack_chain(stack, stack->root, &out);
    ts_buf_u8(&out, 0);
    assert_string_equal((const char *)out.data, want);
}

static void a_chain_is_summed(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    static const char *const of_a[] = {"b", "c", NULL}, *const of_b[] = {"d", NULL};
    code_object c;
    code_begin(arena, &c);
    code_function(&c, "a", 64, of_a);
    code_function(&c, "b", 32, of_b);
    code_function(&c, "c", 96, no_calls);
    code_function(&c, "d", 1024, no_calls);
    ts_stack stack = stack_of(arena, &c);
    assert_int_equal(stack.depth, 64 + 32 + 1024);
    assert_int_equal(stack.open, 0);
    expect_chain(arena, &stack, "a (64) > b (32) > d (1024)");
    assert_int_equal(function(&stack, "c")->depth, 96);
    assert_true(function(&stack, "b")->is_called);
    assert_false(function(&stack, "a")->is_called);
    test_end(arena);
}

/* `jl #f` with the prologue in its delay slots: f runs above all of it. */
static void delay_slots_count(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    code_object c;
    code_begin(arena, &c);
    code_section(&c, ".text.a", CODE, 16);
    code_symbol(&c, "a", TS_STB_GLOBAL, TS_STT_FUNC);
    code_op(&c, "JL", 0, 0, "f", 0);
    code_op(&c, "PADDB_sp_imm", 32, 0, NULL, 0);
    code_nops(&c, 3);
    code_op(&c, "PADDA_sp_imm", 96, 0, NULL, 0);
    code_op(&c, "RET", 0, 0, NULL, 0);
    code_nops(&c, 4);
    code_op(&c, "PADDA_sp_imm", -128, 0, NULL, 0);
    code_function(&c, "f", 64, no_calls);
    ts_stack stack = stack_of(arena, &c);
    assert_int_equal(stack.depth, 192);
    assert_int_equal(function(&stack, "a")->at_call, 128);
    assert_int_equal(stack.open, 0);
    test_end(arena);
}

/* The frame is gone when the function that is jumped to begins. */
static void a_jump_at_the_end_is_a_call_without_the_frame(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    code_object c;
    code_begin(arena, &c);
    code_section(&c, ".text.a", CODE, 16);
    code_symbol(&c, "a", TS_STB_GLOBAL, TS_STT_FUNC);
    code_op(&c, "PADDA_sp_imm", 256, 0, NULL, 0);
    code_op(&c, "J_jump_imm", 0, 0, "f", 0);
    code_op(&c, "PADDA_sp_imm", -256, 0, NULL, 0);
    code_nops(&c, 4);
    code_function(&c, "f", 320, no_calls);
    ts_stack stack = stack_of(arena, &c);
    assert_int_equal(function(&stack, "a")->frame, 256);
    assert_int_equal(function(&stack, "a")->depth, 320);
    expect_chain(arena, &stack, "a > f (320)");
    test_end(arena);
}

static void recursion_is_open(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    static const char *const of_a[] = {"b", NULL}, *const of_b[] = {"a", NULL};
    code_object c;
    code_begin(arena, &c);
    code_function(&c, "a", 64, of_a);
    code_function(&c, "b", 32, of_b);
    ts_stack stack = stack_of(arena, &c);
    assert_int_equal(stack.open, TS_STACK_RECURSION);
    assert_int_equal(stack.depth, 96);
    assert_string_equal(ts_stack_open_text(stack.open), "recursion");
    assert_null(ts_stack_open_text(0));
    test_end(arena);
}

static void calls_through_pointers(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    code_object c;
    code_begin(arena, &c);
    code_section(&c, ".text.known", CODE, 16);
    code_symbol(&c, "known", TS_STB_GLOBAL, TS_STT_FUNC);
    code_op(&c, "MOVXM_lng_cg", code_register("p6"), 0, "f", 0);
    code_op(&c, "JL_IND", code_register("p6"), 0, NULL, 0);
    code_nops(&c, 5);
    code_op(&c, "JL_IND", code_register("p6"), 0, NULL, 0); /* a call keeps it */
    code_nops(&c, 5);
    code_op(&c, "RET", 0, 0, NULL, 0);
    code_nops(&c, 5);
    code_section(&c, ".text.lost", CODE, 16);
    code_symbol(&c, "lost", TS_STB_GLOBAL, TS_STT_FUNC);
    code_op(&c, "MOVXM_lng_cg", code_register("p0"), 0, "f", 0);
    code_op(&c, "JL_IND", code_register("p0"), 0, NULL, 0);
    code_nops(&c, 5);
    code_op(&c, "JL_IND", code_register("p0"), 0, NULL, 0); /* ... this one not */
    code_nops(&c, 5);
    code_op(&c, "RET", 0, 0, NULL, 0);
    code_nops(&c, 5);
    code_function(&c, "f", 64, no_calls);
    ts_stack stack = stack_of(arena, &c);
    assert_int_equal(function(&stack, "known")->open, 0);
    assert_int_equal(function(&stack, "known")->depth, 64);
    assert_int_equal(function(&stack, "lost")->open, TS_STACK_INDIRECT);
    assert_int_equal(function(&stack, "lost")->open_at, 6 + 4 + 5 * 2);
    test_end(arena);
}

static void functions_that_are_not_here(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    static const char *const calls[] = {"memcpy", NULL};
    code_object c;
    code_begin(arena, &c);
    code_function(&c, "a", 64, calls);
    ts_stack stack = stack_of(arena, &c);
    assert_int_equal(stack.open, TS_STACK_ABSENT);
    assert_int_equal(stack.depth, 64);
    assert_string_equal(function(&stack, "a")->open_name, "memcpy");
    test_end(arena);
}

static void a_loop_may_jump_back(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    code_object c;
    code_begin(arena, &c);
    code_section(&c, ".text.a", CODE, 16);
    code_symbol(&c, "a", TS_STB_GLOBAL, TS_STT_FUNC);
    code_op(&c, "PADDA_sp_imm", 64, 0, NULL, 0);
    code_symbol(&c, ".loop", TS_STB_LOCAL, TS_STT_NOTYPE);
    code_op(&c, "JNZ", code_register("r0"), 0, ".loop", 0);
    code_nops(&c, 5);
    code_op(&c, "RET", 0, 0, NULL, 0);
    code_nops(&c, 4);
    code_op(&c, "PADDA_sp_imm", -64, 0, NULL, 0);
    ts_stack stack = stack_of(arena, &c);
    assert_int_equal(stack.open, 0);
    assert_int_equal(stack.depth, 64);
    test_end(arena);
}

static void a_loop_that_goes_deeper_is_open(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    code_object c;
    code_begin(arena, &c);
    code_section(&c, ".text.a", CODE, 16);
    code_symbol(&c, "a", TS_STB_GLOBAL, TS_STT_FUNC);
    code_symbol(&c, ".loop", TS_STB_LOCAL, TS_STT_NOTYPE);
    code_op(&c, "PADDA_sp_imm", 64, 0, NULL, 0);
    code_op(&c, "JNZ", code_register("r0"), 0, ".loop", 0);
    code_nops(&c, 5);
    code_op(&c, "RET", 0, 0, NULL, 0);
    code_nops(&c, 5);
    ts_stack stack = stack_of(arena, &c);
    assert_int_equal(stack.open, TS_STACK_UNBALANCED | TS_STACK_VARIABLE);
    test_end(arena);
}

/* The same by LS and LE. */
static void hardware_loops_are_followed(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    code_object c;
    code_begin(arena, &c);
    code_section(&c, ".text.a", CODE, 16);
    code_symbol(&c, "a", TS_STB_GLOBAL, TS_STT_FUNC);
    code_op(&c, "MOVXM_lng_cg", code_register("LS"), 0, ".first", 0);
    code_op(&c, "MOVXM_lng_cg", code_register("LE"), 0, ".last", 0);
    code_symbol(&c, ".first", TS_STB_LOCAL, TS_STT_NOTYPE);
    code_nops(&c, 2);
    code_symbol(&c, ".last", TS_STB_LOCAL, TS_STT_NOTYPE);
    code_op(&c, "PADDA_sp_imm", 32, 0, NULL, 0);
    code_op(&c, "RET", 0, 0, NULL, 0);
    code_nops(&c, 5);
    ts_stack stack = stack_of(arena, &c);
    assert_true(stack.open & TS_STACK_VARIABLE);
    test_end(arena);
}

static void a_stack_pointer_from_a_register_is_open(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    code_object c;
    code_begin(arena, &c);
    code_section(&c, ".text.a", CODE, 16);
    code_symbol(&c, "a", TS_STB_GLOBAL, TS_STT_FUNC);
    code_op(&c, "MOV_mv_scl", code_register("SP"), code_register("p0"), NULL, 0);
    code_op(&c, "RET", 0, 0, NULL, 0);
    code_nops(&c, 5);
    ts_stack stack = stack_of(arena, &c);
    assert_int_equal(stack.open, TS_STACK_VARIABLE);
    test_end(arena);
}

/* `jl #exit` is the last thing; zeros follow. */
static void padding_is_no_path(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    static const uint8_t zeros[64] = {0};
    code_object c;
    code_begin(arena, &c);
    code_section(&c, ".text", CODE, 16);
    code_symbol(&c, "a", TS_STB_GLOBAL, TS_STT_FUNC);
    code_op(&c, "JL", 0, 0, "exit", 0);
    code_nops(&c, 5);
    uint32_t size = (uint32_t)c.code.size;
    code_bytes(&c, zeros, sizeof zeros);
    code_function(&c, "exit", 64, no_calls);
    c.o.symbols[ts_object_find_symbol(&c.o, "a")].size = size;
    ts_stack stack = stack_of(arena, &c);
    assert_int_equal(stack.open, 0);
    assert_int_equal(stack.depth, 64);
    test_end(arena);
}

static void bytes_that_are_no_code_are_open(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    code_object c;
    code_begin(arena, &c);
    code_section(&c, ".text.a", CODE, 16);
    code_symbol(&c, "a", TS_STB_GLOBAL, TS_STT_FUNC);
    code_op(&c, "RET", 0, 0, NULL, 0);
    code_nops(&c, 3);
    ts_stack stack = stack_of(arena, &c);
    assert_int_equal(stack.open, TS_STACK_UNREADABLE);
    test_end(arena);
}

/* An address and ULEB128; 300 is ac 02. */
static void stack_sizes_count_when_they_are_more(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    static const char *const calls[] = {"f", NULL};
    static const uint8_t of_a[] = {0xac, 0x02}, of_f[] = {0x10};
    code_object c;
    code_begin(arena, &c);
    code_function(&c, "a", 64, calls);
    code_function(&c, "f", 32, no_calls);
    code_section(&c, ".stack_sizes", 0, 1);
    code_word(&c, TS_AIE2_RELOCATION_ADDRESS, "a", 0);
    code_bytes(&c, of_a, sizeof of_a);
    code_word(&c, TS_AIE2_RELOCATION_ADDRESS, "f", 0);
    code_bytes(&c, of_f, sizeof of_f);
    ts_stack stack = stack_of(arena, &c);
    const ts_stack_function *a = function(&stack, "a"), *f = function(&stack, "f");
    assert_true(a->is_stated && f->is_stated);
    assert_int_equal(a->stated, 300);
    assert_int_equal(a->found, 64);
    assert_int_equal(a->frame, 300);
    assert_int_equal(f->frame, 32);
    assert_int_equal(stack.depth, 332);
    test_end(arena);
}

static void bad_stack_sizes_are_errors(void **state) {
    (void)state;
    static const struct {
        uint8_t bytes[16];
        size_t size;
    } cases[] = {{{1, 2, 3}, 3},
                 {{0, 0, 0, 0}, 4},
                 {{0, 0, 0, 0, 0x80}, 5},
                 {{0, 0, 0, 0, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1}, 14}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ts_arena *arena = test_begin();
        ts_stack stack;
        ts_diag diag = {0};
        code_object c;
        code_begin(arena, &c);
        code_function(&c, "a", 64, no_calls);
        code_section(&c, ".stack_sizes", 0, 1);
        code_bytes(&c, cases[i].bytes, cases[i].size);
        (void)code_file(&c);
        c.o.file = "t.o";
        (void)!ts_stack_of_objects(arena, &c.o, 1, &stack, &diag);
        test_expect_error(&diag, TS_RANGE, ".stack_sizes+0x0: expected an address");
        test_end(arena);
    }
}

/* Calls across objects, a weak function that another object replaces. */
static void objects_are_taken_together(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    static const char *const calls[] = {"f", NULL};
    ts_object objects[2];
    ts_stack stack;
    ts_diag diag = {0};
    code_object a, b;
    code_begin(arena, &a);
    code_function(&a, "main", 32, calls);
    code_function(&a, "f", 4096, no_calls);
    a.o.symbols[ts_object_find_symbol(&a.o, "f")].binding = TS_STB_WEAK;
    code_begin(arena, &b);
    code_function(&b, "f", 64, no_calls);
    assert_int_equal(ts_object_read(arena, code_file(&a), "a.o", &objects[0], &diag), TS_OK);
    assert_int_equal(ts_object_read(arena, code_file(&b), "b.o", &objects[1], &diag), TS_OK);
    assert_int_equal(ts_stack_of_objects(arena, objects, 2, &stack, &diag), TS_OK);
    assert_int_equal(function(&stack, "main")->depth, 96);
    objects[1].type = TS_ET_EXEC;
    (void)!ts_stack_of_objects(arena, objects, 2, &stack, &diag);
    test_expect_error(&diag, TS_CONFLICT, "a program is measured alone");
    test_end(arena);
}

/* 0: jl #32, movxm sp; 32: a frame and jl #80; 80: a frame. No names. */
static void memory_is_entered_at_0(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_stack stack;
    ts_diag diag = {0};
    code_object c;
    code_begin(arena, &c);
    code_section(&c, ".text", CODE, 16);
    code_op(&c, "JL", 32, 0, NULL, 0);
    code_op(&c, "MOVXM_lng_cg", code_register("SP"), 0x70000, NULL, 0);
    code_nops(&c, 10);
    assert_int_equal(c.code.size, 32);
    code_op(&c, "JL", 80, 0, NULL, 0);
    code_op(&c, "PADDB_sp_imm", 32, 0, NULL, 0);
    code_nops(&c, 4);
    code_op(&c, "RET", 0, 0, NULL, 0);
    code_op(&c, "PADDB_sp_imm", -32, 0, NULL, 0);
    code_nops(&c, 4);
    while (c.code.size < 80)
        code_nops(&c, 1);
    code_op(&c, "PADDB_sp_imm", 96, 0, NULL, 0);
    code_op(&c, "RET", 0, 0, NULL, 0);
    code_op(&c, "PADDB_sp_imm", -96, 0, NULL, 0);
    code_nops(&c, 4);
    assert_int_equal(ts_stack_of_memory(arena, ts_buf_span(&c.code), &stack, &diag), TS_OK);
    assert_int_equal(stack.depth, 128);
    assert_true(stack.has_start);
    assert_int_equal(stack.start, 0x70000);
    expect_chain(arena, &stack, "0x0 > 0x20 (32) > 0x50 (96)");
    assert_int_equal(ts_stack_of_memory(arena, (ts_span){0}, &stack, &diag), TS_OK);
    assert_int_equal(stack.root, 0);
    assert_int_equal(stack.depth, 0);
    test_end(arena);
}

/* Ten thousand functions, each calling the next. */
static void a_long_chain_is_no_deep_recursion_here(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    enum {
        N = 10000
    };
    ts_stack stack;
    ts_diag diag = {0};
    code_object c;
    code_begin(arena, &c);
    code_section(&c, ".text", CODE, 16);
    for (int32_t i = 0; i < N; i++) {
        int32_t size = 4 + 6 + 10 + 4 + 10;
        code_op(&c, "PADDB_sp_imm", 32, 0, NULL, 0);
        code_op(&c, "JL", (i + 1) * size, 0, NULL, 0);
        code_nops(&c, 5);
        code_op(&c, "RET", 0, 0, NULL, 0);
        code_nops(&c, 5);
    }
    assert_int_equal(ts_stack_of_memory(arena, ts_buf_span(&c.code), &stack, &diag), TS_OK);
    assert_int_equal(stack.depth, 32 * N);
    assert_int_equal(stack.open, TS_STACK_ABSENT);
    test_end(arena);
}

/* What is behind the stack of a program, with and without a size of the stack's symbol. */
static void what_is_overwritten_is_named(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    static const uint8_t bytes[64] = {0};
    ts_object o;
    ts_stack_fit fit;
    ts_diag diag = {0};
    ts_stack stack = {.depth = 1024 + 96, .has_start = true, .start = 0x70000};
    assert_int_equal(ts_object_init(arena, &o, &diag), TS_OK);
    const ts_object_symbol symbols[] = {
        {.name = "_sp_start_value_DM_stack",
         .place = TS_OBJECT_ABSOLUTE,
         .value = 0x70000,
         .size = 1024,
         .binding = TS_STB_GLOBAL},
        {.name = "in",
         .place = TS_OBJECT_ABSOLUTE,
         .value = 0x70400,
         .size = 32,
         .binding = TS_STB_GLOBAL},
        {.name = "out", .place = TS_OBJECT_ABSOLUTE, .value = 0x70440, .binding = TS_STB_GLOBAL},
        {.name = "west", .place = TS_OBJECT_ABSOLUTE, .value = 0x50000, .binding = TS_STB_GLOBAL},
    };
    for (size_t i = 0; i < 4; i++)
        assert_true(ts_object_add_symbol(arena, &o, symbols[i]));
    assert_true(ts_object_add_section(arena, &o,
                                      (ts_object_section){.name = ".data",
                                                          .type = TS_SHT_PROGBITS,
                                                          .flags = TS_SHF_ALLOC,
                                                          .addr = 0x70450,
                                                          .bytes = {bytes, 64}}));
    assert_int_equal(ts_stack_fit_program(arena, &o, &stack, &fit, &diag), TS_OK);
    assert_true(fit.is_known);
    assert_int_equal(fit.given, 1024);
    assert_int_equal(fit.n_hit, 3);
    assert_string_equal(fit.hit[0].name, "in");
    assert_int_equal(fit.hit[0].size, 32);
    assert_string_equal(fit.hit[1].name, "out");
    assert_int_equal(fit.hit[1].size, 16);
    assert_string_equal(fit.hit[2].name, ".data");
    assert_int_equal(fit.hit[2].size, 16);
    o.symbols[1].size = 0;
    stack.depth = 1024;
    assert_int_equal(ts_stack_fit_program(arena, &o, &stack, &fit, &diag), TS_OK);
    assert_int_equal(fit.given, 1024);
    assert_int_equal(fit.n_hit, 0);
    stack.has_start = false;
    o.n_symbols = 1;
    assert_int_equal(ts_stack_fit_program(arena, &o, &stack, &fit, &diag), TS_OK);
    assert_false(fit.is_known);
    test_end(arena);
}

static ts_status everything(ts_arena *arena, void *context) {
    ts_object *o = context;
    ts_stack stack;
    ts_stack_fit fit;
    ts_diag diag = {0};
    TS_TRY(ts_stack_of_objects(arena, o, 1, &stack, &diag));
    return ts_stack_fit_program(arena, o, &stack, &fit, &diag);
}

static void every_allocation_fails_once(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    static const char *const calls[] = {"f", "absent", NULL};
    code_object c;
    code_begin(arena, &c);
    code_function(&c, "a", 64, calls);
    code_function(&c, "f", 64, no_calls);
    (void)code_file(&c);
    test_every_allocation_fails(everything, &c.o);
    test_end(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_chain_is_summed),
        cmocka_unit_test(delay_slots_count),
        cmocka_unit_test(a_jump_at_the_end_is_a_call_without_the_frame),
        cmocka_unit_test(recursion_is_open),
        cmocka_unit_test(calls_through_pointers),
        cmocka_unit_test(functions_that_are_not_here),
        cmocka_unit_test(a_loop_may_jump_back),
        cmocka_unit_test(a_loop_that_goes_deeper_is_open),
        cmocka_unit_test(hardware_loops_are_followed),
        cmocka_unit_test(a_stack_pointer_from_a_register_is_open),
        cmocka_unit_test(padding_is_no_path),
        cmocka_unit_test(bytes_that_are_no_code_are_open),
        cmocka_unit_test(stack_sizes_count_when_they_are_more),
        cmocka_unit_test(bad_stack_sizes_are_errors),
        cmocka_unit_test(objects_are_taken_together),
        cmocka_unit_test(memory_is_entered_at_0),
        cmocka_unit_test(a_long_chain_is_no_deep_recursion_here),
        cmocka_unit_test(what_is_overwritten_is_named),
        cmocka_unit_test(every_allocation_fails_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
