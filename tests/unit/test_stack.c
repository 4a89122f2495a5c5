/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * object: the depth of the stack, of objects, programs and bare memory. */
#include "code.h"
#include "support.h"

#include <string.h>

/* Macros that the texts below use. `leaf` and `caller` are functions with a frame. */
static const char macros[] = ".macro function name\n"
                             ".section .text.\\name,\"ax\",@progbits\n"
                             ".globl \\name\n"
                             ".type \\name,@function\n"
                             "\\name:\n"
                             ".endm\n"
                             ".macro end name\n"
                             ".size \\name, . - \\name\n"
                             ".endm\n"
                             ".macro nops n\n"
                             ".rept \\n\nnop\n.endr\n"
                             ".endm\n"
                             ".macro back frame=0\n"
                             "ret lr\n"
                             "nops 4\n"
                             "paddb [sp], #-\\frame\n"
                             ".endm\n"
                             ".macro call name\n"
                             "jl #\\name\n"
                             "nops 5\n"
                             ".endm\n"
                             ".macro leaf name, frame\n"
                             "function \\name\n"
                             "paddb [sp], #\\frame\n"
                             "back \\frame\n"
                             "end \\name\n"
                             ".endm\n"
                             ".macro caller name, frame, callee\n"
                             "function \\name\n"
                             "paddb [sp], #\\frame\n"
                             "call \\callee\n"
                             "back \\frame\n"
                             "end \\name\n"
                             ".endm\n";

static ts_object object_of(ts_arena *arena, const char *text) {
    return code_assemble(arena, ts_arena_printf(arena, "%s%s", macros, text));
}

static ts_stack stack_of(ts_arena *arena, const char *text) {
    ts_object *o = TS_ARENA_NEW(arena, ts_object);
    ts_stack stack = {0};
    ts_diag diag = {0};
    *o = object_of(arena, text);
    if (ts_stack_of_objects(arena, o, 1, &stack, &diag) != TS_OK) fail_msg("%s", diag.message);
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

/* A text, and what is to be said of its function `a`. */
typedef struct stack_case {
    const char *what, *text;
    uint8_t open; /* its own and that of what it calls */
    uint32_t depth;
} stack_case;

static void expect_cases(const stack_case *cases, size_t n) {
    for (size_t i = 0; i < n; i++) {
        ts_arena *arena = test_begin();
        ts_stack stack = stack_of(arena, cases[i].text);
        const ts_stack_function *a = function(&stack, "a");
        if ((a->open | a->open_below) != cases[i].open || a->depth != cases[i].depth)
            fail_msg("%s: open %#x, depth %u; expected %#x, %u", cases[i].what,
                     (unsigned)(a->open | a->open_below), (unsigned)a->depth,
                     (unsigned)cases[i].open, (unsigned)cases[i].depth);
        test_end(arena);
    }
}

static void chains_are_summed(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_stack stack = stack_of(arena, "function a\n paddb [sp], #64\n call b\n call c\n back 64\n"
                                     "caller b, 32, d\n leaf c, 96\n leaf d, 1024\n");
    assert_int_equal(stack.depth, 64 + 32 + 1024);
    assert_int_equal(stack.open, 0);
    expect_chain(arena, &stack, "a (64) > b (32) > d (1024)");
    assert_int_equal(function(&stack, "c")->depth, 96);
    assert_true(function(&stack, "b")->is_called);
    assert_false(function(&stack, "a")->is_called);
    stack = stack_of(arena, "function a\n paddb [sp], #256\n j #f\n paddb [sp], #-256\n nops 4\n"
                            "leaf f, 320\n");
    assert_int_equal(function(&stack, "a")->frame, 256);
    expect_chain(arena, &stack, "a > f (320)");
    test_end(arena);
}

/* What compilers make: nothing of it is open. */
static void frames(void **state) {
    (void)state;
    static const stack_case cases[] = {
        {"a frame in delay slots",
         "function a\n jl #f\n paddb [sp], #32\n nops 3\n padda [sp], #96\n back 128\n leaf f, "
         "64\n",
         0, 192},
        {"several steps",
         "function a\n paddb [sp], #32\n padda [sp], #64\n call f\n paddb [sp], #-64\n call g\n"
         "back 32\n leaf f, 32\n leaf g, 64\n",
         0, 128},
        {"a frame on one path only",
         "function a\n jz r0, #.Lnone\n nops 5\n paddb [sp], #96\n call f\n back 96\n"
         ".Lnone:\n back\n leaf f, 32\n",
         0, 128},
        {"a jump at the end",
         "function a\n paddb [sp], #32\n call g\n j #f\n nops 4\n"
         "paddb [sp], #-32\n leaf f, 96\n leaf g, 32\n",
         0, 96},
        {"falling into the next function",
         ".text\n.globl a\n.type a,@function\na:\n nop\n .size a, . - a\n"
         ".globl f\n.type f,@function\nf:\n paddb [sp], #64\n back 64\n .size f, . - f\n",
         0, 64},
        {"a jump back",
         "function a\n paddb [sp], #64\n.Lagain:\n jnz r0, #.Lagain\n nops 5\n"
         "back 64\n",
         0, 64},
        {"a counted loop",
         "function a\n paddb [sp], #64\n movxm p0, #.Lround\n.Lround:\n"
         "jnzd r0, r0, p0\n nops 5\n back 64\n",
         0, 64},
        {"a hardware loop",
         "function a\n movxm ls, #.Lone\n movxm le, #.Ltwo\n paddb [sp], #64\n"
         ".Lone:\n nop\n.Ltwo:\n nop\n back 64\n",
         0, 64},
        {"a call through a known pointer",
         "function a\n movxm p6, #f\n jl p6\n nops 5\n jl p6\n nops 5\n back\n leaf f, 64\n", 0,
         64},
        {"a call of what follows a symbol",
         "function a\n jl #f + 4\n nops 5\n back\n function f\n paddb [sp], #512\n"
         "paddb [sp], #64\n back 64\n",
         0, 64},
        {"a function by another name",
         "function a\n call g\n back\n .globl g\n .set g, f\n leaf f, 64\n", 0, 64},
        {"a label that is no function",
         "function a\n call f\n back\n .section .text.f,\"ax\"\n"
         "f:\n paddb [sp], #64\n back 64\n",
         0, 64},
        {"a function without a size",
         "function a\n j #.Lend\n nops 5\n .Lend:\n paddb [sp], #64\n"
         "back 64\n",
         0, 64},
        {"a size that is too small",
         "function a\n call f\n .size a, . - a\n paddb [sp], #64\n back 64\n leaf f, 32\n", 0, 64},
        {"the return address in a register",
         "function a\n mov r16, lr\n call f\n mov lr, r16\n back\n leaf f, 32\n", 0, 32},
        {"the return address on the stack",
         "function a\n paddb [sp], #32\n st lr, [sp, #-4]\n call f\n lda lr, [sp, #-4]\n nops 6\n"
         "back 32\n leaf f, 32\n",
         0, 64},
        {"padding behind a call that does not come back",
         "function a\n jl #exit\n nops 5\n end a\n .space 64\n"
         "function exit\n paddb [sp], #64\n.Lself:\n j #.Lself\n nops 5\n end exit\n",
         0, 64},
        {"a jump to what does not come back",
         "function a\n paddb [sp], #32\n j #exit\n nops 5\n"
         "function exit\n paddb [sp], #64\n.Lself:\n j #.Lself\n nops 5\n",
         0, 96},
        {"code that nothing reaches", "function a\n back\n paddb [sp], #1024\n back\n", 0, 0},
        {"a store above the stack pointer", "function a\n st r0, [sp, #60]\n back\n", 0, 64},
        {"a store above the frame of a call",
         "function a\n paddb [sp], #32\n st r0, [sp, #28]\n call f\n back 32\n leaf f, 64\n", 0,
         96},
    };
    expect_cases(cases, sizeof cases / sizeof *cases);
}

/* Where the depth is only a lower bound, that is said. */
static void what_is_open(void **state) {
    (void)state;
    static const stack_case cases[] = {
        {"recursion", "caller a, 64, b\n caller b, 32, a\n", TS_STACK_RECURSION, 96},
        {"recursion at the end",
         "function a\n paddb [sp], #32\n call b\n j #a\n nops 4\n"
         "paddb [sp], #-32\n leaf b, 32\n",
         0, 64},
        {"an unknown function", "caller a, 64, memcpy\n", TS_STACK_ABSENT, 64},
        {"a weak unknown function", ".weak f\n caller a, 64, f\n", TS_STACK_ABSENT, 64},
        {"an unknown pointer", "function a\n jl p0\n nops 5\n back\n", TS_STACK_INDIRECT, 0},
        {"a pointer that a call changes",
         "function a\n movxm p0, #f\n jl p0\n nops 5\n jl p0\n nops 5\n back\n leaf f, 64\n",
         TS_STACK_INDIRECT, 64},
        {"a pointer with a load under way",
         "function a\n lda p0, [p1, #0]\n movxm p0, #f\n nops 6\n jl p0\n nops 5\n back\n leaf f, "
         "64\n",
         TS_STACK_INDIRECT, 0},
        {"a pointer that moved on",
         "function a\n movxm p6, #f\n padda [p6], #32\n jl p6\n nops 5\n back\n leaf f, 64\n",
         TS_STACK_INDIRECT, 0},
        {"a pointer that differs by path",
         "function a\n movxm p6, #f\n jz r0, #.Lon\n nops 5\n movxm p6, #g\n .Lon:\n jl p6\n"
         "nops 5\n back\n leaf f, 64\n leaf g, 32\n",
         TS_STACK_INDIRECT, 0},
        {"a jump through a pointer", "function a\n j p0\n nops 5\n", TS_STACK_INDIRECT, 0},
        {"a counted loop to an unknown place", "function a\n jnzd r0, r0, p0\n nops 5\n back\n",
         TS_STACK_INDIRECT, 0},
        {"the stack pointer from a register", "function a\n mov sp, p0\n back\n", TS_STACK_VARIABLE,
         0},
        {"the stack pointer from a sum", "function a\n add.nc sp, r0, #16\n back\n",
         TS_STACK_VARIABLE, 0},
        {"the stack pointer set in a function", "function a\n movxm sp, #0x70000\n back\n",
         TS_STACK_VARIABLE, 0},
        {"two moves at once", "function a\n padda [sp], #64; paddb [sp], #-64\n back\n",
         TS_STACK_VARIABLE, 0},
        {"a loop that goes deeper",
         "function a\n.Lagain:\n paddb [sp], #64\n jnz r0, #.Lagain\n nops 5\n back 64\n",
         TS_STACK_UNBALANCED | TS_STACK_VARIABLE, 64 * 64},
        {"paths that differ",
         "function a\n jz r0, #.Lon\n nops 5\n paddb [sp], #64\n.Lon:\n back 64\n",
         TS_STACK_UNBALANCED, 64},
        {"a callee that leaves its frame",
         "caller a, 32, f\n function f\n paddb [sp], #64\n back\n", TS_STACK_UNBALANCED, 96},
        {"a callee that takes its caller's", "caller a, 32, f\n function f\n back 32\n",
         TS_STACK_UNBALANCED, 32},
        {"a jump out with a frame", "function a\n paddb [sp], #64\n j #f\n nops 5\n leaf f, 32\n",
         TS_STACK_UNBALANCED, 96},
        {"a hardware loop that goes deeper",
         "function a\n movxm ls, #.Lone\n movxm le, #.Ltwo\n.Lone:\n nop\n.Ltwo:\n"
         "paddb [sp], #32\n back 32\n",
         TS_STACK_UNBALANCED | TS_STACK_VARIABLE, 32 * 64},
        {"a second loop with the first one's LS",
         "function a\n movxm ls, #.Lone\n movxm le, #.Ltwo\n.Lone:\n nop\n.Ltwo:\n nop\n"
         "movxm le, #.Lthree\n.Lthree:\n paddb [sp], #32\n back 32\n",
         TS_STACK_UNBALANCED | TS_STACK_VARIABLE, 32 * 64},
        {"a loop whose end differs by path",
         "function a\n movxm ls, #.Lone\n movxm le, #.Ltwo\n jz r0, #.Lone\n nops 5\n"
         "movxm le, #.Lthree\n.Lone:\n nop\n.Ltwo:\n paddb [sp], #32\n.Lthree:\n nop\n back 32\n",
         TS_STACK_UNBALANCED | TS_STACK_VARIABLE, 32 * 64},
        {"a loop of unknown place", "function a\n mov ls, r0\n back\n", TS_STACK_FLOW, 0},
        {"a loop that ends among delay slots",
         "function a\n movxm ls, #a\n movxm le, #.Llast\n ret lr\n nops 3\n.Llast:\n nop\n nop\n",
         TS_STACK_FLOW, 0},
        {"a call in a delay slot", "function a\n ret lr\n jl #f\n nops 4\n leaf f, 64\n",
         TS_STACK_FLOW, 0},
        {"a return to elsewhere", "function a\n movxm lr, #f\n back\n leaf f, 64\n", TS_STACK_FLOW,
         0},
        {"a return address that was counted on",
         "function a\n mov r16, lr\n add r16, r16, #2\n mov lr, r16\n back\n", TS_STACK_FLOW, 0},
        {"code that ends", "function a\n ret lr\n nops 3\n", TS_STACK_UNREADABLE, 0},
        {"data among code", "function a\n .long 0x1f1f1f1f\n back\n", TS_STACK_UNREADABLE, 0},
        {"a jump into the middle of a bundle", "function a\n j #a + 1\n nops 5\n",
         TS_STACK_UNREADABLE, 0},
        {"no padding behind a call that comes back",
         "function a\n jl #f\n nops 5\n end a\n leaf f, 64\n", TS_STACK_UNREADABLE, 64},
    };
    expect_cases(cases, sizeof cases / sizeof *cases);
}

static void open_things_have_a_place_and_words(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_stack stack = stack_of(arena, "caller a, 64, memcpy\n");
    assert_string_equal(function(&stack, "a")->open_name, "memcpy");
    assert_int_equal(function(&stack, "a")->open_at, 4);
    assert_string_equal(ts_stack_open_text(stack.open), "call of a function that is not here");
    assert_null(ts_stack_open_text(0));
    test_end(arena);
}

/* A relocation that the bundle's operands do not have changes the bundle. */
static void relocations_that_do_not_fit_are_open(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_stack stack;
    ts_diag diag = {0};
    ts_object o = object_of(arena, "function a\n jl #f\n nops 5\n back\n leaf f, 64\n");
    ts_object_section *text = &o.sections[ts_object_find_section(&o, ".text.a")];
    assert_int_equal(text->n_relocs, 1);
    assert_int_equal(ts_stack_of_objects(arena, &o, 1, &stack, &diag), TS_OK);
    assert_int_equal(stack.open, 0);
    text->relocs[0].in_place = true; /* what is added, is not told */
    assert_int_equal(ts_stack_of_objects(arena, &o, 1, &stack, &diag), TS_OK);
    assert_int_equal(function(&stack, "a")->open, TS_STACK_ABSENT);
    text->relocs[0].in_place = false;
    text->relocs[0].offset = 2;
    assert_int_equal(ts_stack_of_objects(arena, &o, 1, &stack, &diag), TS_OK);
    assert_true(function(&stack, "a")->open & TS_STACK_UNREADABLE);
    test_end(arena);
}

/* ---- .stack_sizes ---------------------------------------------------------------------------- */

/* As LLVM writes it: an address and ULEB128. */
static void stack_sizes_count_when_they_are_more(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_stack stack = stack_of(arena, "function a\n call f\n paddb [sp], #32\n call f\n"
                                     "paddb [sp], #32\n back 64\n leaf f, 32\n"
                                     ".section .stack_sizes,\"o\",@progbits,.text.a\n"
                                     ".long a\n .byte 0xac, 0x02\n .long f\n .byte 0x10\n"
                                     ".long a\n .byte 0x20\n");
    const ts_stack_function *a = function(&stack, "a"), *f = function(&stack, "f");
    assert_true(a->is_stated && f->is_stated);
    assert_int_equal(a->stated, 300);
    assert_int_equal(a->found, 64);
    assert_int_equal(a->frame, 300);
    assert_int_equal(a->at_call, 32 + 300 - 64);
    assert_int_equal(f->stated, 16);
    assert_int_equal(f->frame, 32);
    assert_int_equal(stack.depth, 300);
    assert_true(ts_stack_disagrees(a) && ts_stack_disagrees(f));
    stack =
        stack_of(arena, "leaf a, 64\n leaf f, 32\n .section .stack_sizes,\"o\",@progbits,.text.a\n"
                        ".long a\n .byte 64\n");
    assert_false(ts_stack_disagrees(function(&stack, "a")));
    assert_false(ts_stack_disagrees(function(&stack, "f")));
    test_end(arena);
}

static void bad_stack_sizes_are_errors(void **state) {
    (void)state;
    static const char *const cases[] = {
        "1, 2, 3", "0, 0, 0, 0", "0, 0, 0, 0, 0x80",
        "0, 0, 0, 0, 128, 128, 128, 128, 128, 128, 128, 128, 128, 1"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ts_arena *arena = test_begin();
        ts_stack stack;
        ts_diag diag = {0};
        ts_object o = object_of(arena, ts_arena_printf(arena,
                                                       "leaf a, 64\n"
                                                       ".section .stack_sizes,\"\",@progbits\n"
                                                       ".byte %s\n",
                                                       cases[i]));
        (void)!ts_stack_of_objects(arena, &o, 1, &stack, &diag);
        test_expect_error(&diag, TS_RANGE, ".stack_sizes+0x0: expected an address");
        test_end(arena);
    }
}

/* ---- objects, programs, memory --------------------------------------------------------------- */

/* Calls across objects, a weak function that another object replaces. */
static void objects_are_taken_together(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_object objects[2];
    ts_stack stack;
    ts_diag diag = {0};
    objects[0] = object_of(arena, "caller main, 32, f\n leaf f, 4096\n .weak f\n");
    objects[1] = object_of(arena, "leaf f, 64\n");
    assert_int_equal(ts_stack_of_objects(arena, objects, 2, &stack, &diag), TS_OK);
    assert_int_equal(function(&stack, "main")->depth, 96);
    objects[1].type = TS_ET_EXEC;
    (void)!ts_stack_of_objects(arena, objects, 2, &stack, &diag);
    test_expect_error(&diag, TS_CONFLICT, "a program is measured alone");
    test_end(arena);
}

/* 0: jl #32, movxm sp; 32: a frame and jl #80; 80: a frame. No names. */
static const char bare[] = "jl #32\n movxm sp, #0x70000\n nops 10\n"
                           "jl #80\n paddb [sp], #32\n nops 4\n back 32\n .org 80\n"
                           "paddb [sp], #96\n back 96\n";

static void memory_is_entered_at_0(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_stack stack;
    ts_diag diag = {0};
    ts_object o = object_of(arena, bare);
    ts_span code = o.sections[ts_object_find_section(&o, ".text")].bytes;
    assert_int_equal(ts_stack_of_memory(arena, code, &stack, &diag), TS_OK);
    assert_int_equal(stack.depth, 128);
    assert_int_equal(stack.open, 0);
    assert_true(stack.has_start);
    assert_int_equal(stack.start, 0x70000);
    expect_chain(arena, &stack, "0x0 > 0x20 (32) > 0x50 (96)");
    assert_int_equal(ts_stack_of_memory(arena, (ts_span){0}, &stack, &diag), TS_OK);
    assert_int_equal(stack.root, 0);
    assert_int_equal(stack.depth, 0);
    test_end(arena);
}

/* A core starts at 0, also when the file says otherwise; and code is found without sections. */
static void programs_are_entered_at_0(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_stack stack;
    ts_diag diag = {0};
    ts_object o = object_of(arena, bare);
    ts_span code = o.sections[ts_object_find_section(&o, ".text")].bytes;
    o.type = TS_ET_EXEC;
    o.entry = 80;
    assert_int_equal(ts_stack_of_objects(arena, &o, 1, &stack, &diag), TS_OK);
    assert_int_equal(stack.depth, 128);
    o.n_sections = 1;
    o.n_symbols = 1;
    assert_true(ts_object_add_segment(arena, &o,
                                      (ts_object_segment){.type = TS_PT_LOAD,
                                                          .flags = TS_PF_R | TS_PF_X,
                                                          .file_size = (uint32_t)code.size,
                                                          .mem_size = (uint32_t)code.size,
                                                          .bytes = code}));
    assert_int_equal(ts_stack_of_objects(arena, &o, 1, &stack, &diag), TS_OK);
    assert_int_equal(stack.depth, 128);
    test_end(arena);
}

/* The stack pointer is set twice: its first value is no longer what the depth is counted from. */
static void a_second_start_is_open(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_stack stack;
    ts_diag diag = {0};
    ts_object o = object_of(arena, "movxm sp, #0x70000\n movxm sp, #0x70000\n back\n .org 64\n"
                                   "movxm sp, #0x70000\n movxm sp, #0x70100\n back\n");
    ts_span code = o.sections[ts_object_find_section(&o, ".text")].bytes;
    assert_int_equal(ts_stack_of_memory(arena, ts_span_of(code.data, 64), &stack, &diag), TS_OK);
    assert_int_equal(stack.open, 0);
    code = ts_span_of(code.data + 64, code.size - 64);
    assert_int_equal(ts_stack_of_memory(arena, code, &stack, &diag), TS_OK);
    assert_int_equal(stack.open, TS_STACK_VARIABLE);
    test_end(arena);
}

/* Of a program only what it reaches counts, of objects everything. */
static void what_is_not_reached_is_not_open_in_a_program(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_stack stack;
    ts_diag diag = {0};
    ts_object o = object_of(arena, "jl #32\n nops 13\n paddb [sp], #64\n back 64\n"
                                   ".globl lost\n .type lost,@function\n .p2align 4\n lost:\n"
                                   "jl p0\n nops 5\n back\n end lost\n");
    assert_int_equal(ts_stack_of_objects(arena, &o, 1, &stack, &diag), TS_OK);
    assert_int_equal(stack.open, TS_STACK_INDIRECT);
    assert_true(function(&stack, "lost")->is_reached);
    o.type = TS_ET_EXEC;
    assert_int_equal(ts_stack_of_objects(arena, &o, 1, &stack, &diag), TS_OK);
    assert_int_equal(stack.depth, 64);
    assert_int_equal(stack.open, 0);
    assert_false(function(&stack, "lost")->is_reached);
    test_end(arena);
}

/* Four hundred functions that jump into the same long stretch: all paths are more than all code. */
static void too_many_paths_are_an_error(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_stack stack;
    ts_diag diag = {0};
    ts_object o = object_of(arena, ".macro one\n call .Lnext\\@\n j #.Lshared\n nops 5\n"
                                   ".Lnext\\@:\n .endm\n"
                                   "function a\n .rept 400\n one\n .endr\n back\n"
                                   ".Lshared:\n nops 4000\n back\n");
    (void)!ts_stack_of_objects(arena, &o, 1, &stack, &diag);
    test_expect_error(&diag, TS_RANGE, "the code has too many paths to follow");
    test_end(arena);
}

/* Ten thousand functions, each calling the next. */
static void a_long_chain_is_no_deep_recursion_here(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_stack stack = stack_of(arena, ".macro one\n paddb [sp], #32\n call .Lnext\\@\n back 32\n"
                                     ".Lnext\\@:\n .endm\n"
                                     "function a\n .rept 10000\n one\n .endr\n");
    assert_int_equal(stack.depth, 32 * 10000);
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
    /* What lies in the room takes of it. */
    o.symbols[1].size = 2048;
    stack.depth = 1025;
    assert_int_equal(ts_stack_fit_program(arena, &o, &stack, &fit, &diag), TS_OK);
    assert_int_equal(fit.given, 1024);
    assert_int_equal(fit.hit[0].size, 1);
    o.symbols[1].size = 0;
    stack.depth = 1024;
    /* Another name of the start is nothing that is behind it. */
    o.symbols[4] = o.symbols[1];
    o.symbols[4].name = "bottom_of_stack";
    assert_int_equal(ts_stack_fit_program(arena, &o, &stack, &fit, &diag), TS_OK);
    assert_int_equal(fit.given, 1024);
    /* With nothing behind it, there is the rest of the memory. */
    o.n_symbols = 1;
    o.n_sections = 1;
    stack.start = 0x7fc00;
    stack.depth = 1025;
    assert_int_equal(ts_stack_fit_program(arena, &o, &stack, &fit, &diag), TS_OK);
    assert_true(fit.is_known);
    assert_int_equal(fit.given, 1024);
    assert_int_equal(fit.n_hit, 0);
    stack.has_start = false;
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
    ts_object o = object_of(arena, "function a\n paddb [sp], #64\n call f\n call absent\n back 64\n"
                                   "leaf f, 64\n");
    test_every_allocation_fails(everything, &o);
    test_end(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chains_are_summed),
        cmocka_unit_test(frames),
        cmocka_unit_test(what_is_open),
        cmocka_unit_test(open_things_have_a_place_and_words),
        cmocka_unit_test(relocations_that_do_not_fit_are_open),
        cmocka_unit_test(stack_sizes_count_when_they_are_more),
        cmocka_unit_test(bad_stack_sizes_are_errors),
        cmocka_unit_test(objects_are_taken_together),
        cmocka_unit_test(memory_is_entered_at_0),
        cmocka_unit_test(programs_are_entered_at_0),
        cmocka_unit_test(a_second_start_is_open),
        cmocka_unit_test(what_is_not_reached_is_not_open_in_a_program),
        cmocka_unit_test(too_many_paths_are_an_error),
        cmocka_unit_test(a_long_chain_is_no_deep_recursion_here),
        cmocka_unit_test(what_is_overwritten_is_named),
        cmocka_unit_test(every_allocation_fails_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
