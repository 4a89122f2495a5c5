/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * Code of cores: one operation after the other, each built, run on the emulator's core, and held
 * against what MLIR's documents say. */
#include "machine.h"

#include <string.h>

enum {
    MAX_CYCLES = 1000000,
    N_WORDS = 16,
    N_STREAM = 8
};

#define FUNCTIONS                                                                                  \
    "func.func @made() -> memref<2xi32> {\n%a = memref.alloc() : memref<2xi32>\n"                  \
    "return %a : memref<2xi32>\n}\n"
#define HEAD                                                                                       \
    "module {\naie.device(npu1_1col) {\n%tile = aie.tile(0, 2)\n"                                  \
    "%out = aie.buffer(%tile) {sym_name = \"out\"} : memref<16xi32>\n"                             \
    "%f = aie.buffer(%tile) {sym_name = \"f\"} : memref<8xf32>\n"                                  \
    "%b = aie.buffer(%tile) {sym_name = \"b\"} : memref<16xbf16>\n" FUNCTIONS                      \
    "%core = aie.core(%tile) {\n%c0 = arith.constant 0 : index\n%c1 = arith.constant 1 : index\n"  \
    "%c2 = arith.constant 2 : index\n%c3 = arith.constant 3 : index\n"                             \
    "%n = memref.load %out[%c3] : memref<16xi32>\n%i3 = arith.index_cast %n : i32 to index\n"
#define TAIL                      "aie.end\n}\n}\n}\n"
#define STORE(value, at)          "memref.store %" value ", %out[%c" at "] : memref<16xi32>\n"
#define AS_WORD(name, from, type) "%" name " = arith.bitcast %" from " : " type " to i32\n"
/* Two floats from memory: f[A] and f[B]. */
#define FLOATS(a, b)                                                                               \
    "%fa = arith.constant " a " : index\n%fb = arith.constant " b " : index\n"                     \
    "%x = memref.load %f[%fa] : memref<8xf32>\n%y = memref.load %f[%fb] : memref<8xf32>\n"

/* %out begins with 0, 1, 2, ..., %f with 1.5, -2.25, NaN, 0.0, -0.0, infinity, 0x3f808000,
 * 0x3f818000, %b with 1.0, -3.0, 0.5, NaN; %n and %i3 are 3, which only the core knows. The words
 * from 0 on. */
typedef struct op_case {
    const char *name, *body;
    uint32_t words[4];
    unsigned n;
} op_case;

static const op_case cases[] = {
    {"affine.if",
     "affine.if affine_set<(d0)[s0] : (d0 - 3 == 0, s0 - 5 >= 0)>(%i3)[%i3] {\n" STORE(
         "n", "0") "} else {\n" STORE("n", "1") "}\n"
                                                "%r = affine.if affine_set<(d0) : (d0 >= 0, d0 <= "
                                                "3)>(%i3) -> (i32) {\n"
                                                "%u = arith.addi %n, %n : i32\naffine.yield %u : "
                                                "i32\n} else {\naffine.yield %n : i32\n}\n" STORE(
                                                    "r", "2"),
     {0, 3, 6},
     3},
    {"affine.min, affine.max",
     "%a = affine.min affine_map<(d0) -> (d0 * 2, 5, d0 + 7)>(%i3)\n"
     "%m = affine.max affine_map<(d0)[s0] -> (d0 - 10, -s0, -(d0 + 1))>(%i3)[%i3]\n"
     "%x = arith.index_cast %a : index to i32\n%y = arith.index_cast %m : index to i32\n" STORE(
         "x", "0") STORE("y", "1"),
     {5, 0xfffffffd},
     2},
    {"affine.for with several bounds",
     "%s = affine.for %i = max affine_map<(d0) -> (d0, 1)>(%i3) to min affine_map<(d0) -> (d0 * 3, "
     "8)>(%i3) step 2 iter_args(%k = %n) -> (i32) {\n%j = arith.index_cast %i : index to i32\n"
     "%t = arith.addi %k, %j : i32\naffine.yield %t : i32\n}\n" STORE("s", "0"),
     {18},
     1},
    {"scf.execute_region",
     "%r = scf.execute_region -> i32 {\n%c = arith.cmpi eq, %n, %n : i32\n"
     "cf.cond_br %c, ^a, ^b(%n : i32)\n^a:\n%d = arith.addi %n, %n : i32\ncf.br ^b(%d : i32)\n"
     "^b(%e: i32):\nscf.yield %e : i32\n}\n" STORE(
         "r", "0") "scf.execute_region no_inline {\n" STORE("r", "1") "scf.yield\n}\n",
     {6, 6},
     2},
    {"memref.alloc, dealloc, dim",
     "%a = memref.alloc() : memref<4x6xi64>\n%w = arith.extsi %n : i32 to i64\n"
     "memref.store %w, %a[%c3, %c2] : memref<4x6xi64>\n%v = memref.load %a[%i3, %c2] : "
     "memref<4x6xi64>\n%t = arith.trunci %v : i64 to i32\nmemref.dealloc %a : memref<4x6xi64>\n"
     "%d = memref.dim %a, %c1 : memref<4x6xi64>\n%e = arith.index_cast %d : index to "
     "i32\n" STORE("t", "0") STORE("e", "1"),
     {3, 6},
     2},
    {"memref.copy with gaps",
     "%a = memref.alloca() : memref<2x2xi32>\n"
     "%v = memref.subview %out[4] [4] [3] : memref<16xi32> to memref<4xi32, strided<[3], offset: "
     "4>>\n%m = memref.reinterpret_cast %out to offset: [5], sizes: [2, 2], strides: [4, 1] : "
     "memref<16xi32> to memref<2x2xi32, strided<[4, 1], offset: 5>>\n"
     "memref.copy %m, %a : memref<2x2xi32, strided<[4, 1], offset: 5>> to memref<2x2xi32>\n"
     "%h = memref.subview %out[0] [4] [1] : memref<16xi32> to memref<4xi32, strided<[1]>>\n"
     "memref.copy %v, %h : memref<4xi32, strided<[3], offset: 4>> to memref<4xi32, strided<[1]>>\n"
     "%x = memref.load %a[%c1, %c0] : memref<2x2xi32>\n" STORE("x", "0"),
     {9, 7, 10, 13},
     4},
    {"memref.copy of bytes with gaps",
     "%a = memref.alloca() : memref<4x4xi8>\n%k = arith.constant 7 : i8\n"
     "affine.for %i = 0 to 4 {\naffine.for %j = 0 to 4 {\naffine.store %k, %a[%i, %j] : "
     "memref<4x4xi8>\n}\n}\n%z = arith.constant 0x1234567800000005 : i64\n"
     "%w = memref.alloca() : memref<2x4xi64>\nmemref.store %z, %w[%c1, %c2] : memref<2x4xi64>\n"
     "%s = memref.subview %w[0, 2] [2, 1] [1, 1] : memref<2x4xi64> to memref<2x1xi64, "
     "strided<[4, 1], offset: 2>>\n%t = memref.alloca() : memref<2x1xi64>\n"
     "memref.copy %s, %t : memref<2x1xi64, strided<[4, 1], offset: 2>> to memref<2x1xi64>\n"
     "%y = memref.load %t[%c1, %c0] : memref<2x1xi64>\n%q = arith.trunci %y : i64 to i32\n"
     "%thirty = arith.constant 32 : i64\n%p = arith.shrui %y, %thirty : i64\n"
     "%r = arith.trunci %p : i64 to i32\n"
     "%d = memref.alloca() : memref<2x2xi8>\n%e = memref.subview %a[1, 2] [2, 2] [1, 1] : "
     "memref<4x4xi8> to memref<2x2xi8, strided<[4, 1], offset: 6>>\n"
     "memref.copy %e, %d : memref<2x2xi8, strided<[4, 1], offset: 6>> to memref<2x2xi8>\n"
     "%g = memref.load %d[%c1, %c1] : memref<2x2xi8>\n%h = arith.extsi %g : i8 to "
     "i32\n" STORE("q", "0") STORE("r", "1") STORE("h", "2"),
     {5, 0x12345678, 7},
     3},
    {"maximumf, minimumf",
     FLOATS(
         "0",
         "1") "%m = arith.maximumf %x, %y : f32\n%l = arith.minimumf %x, %y : f32\n" AS_WORD("p",
                                                                                             "m",
                                                                                             "f32")
         AS_WORD("q", "l", "f32") STORE("p", "0") STORE("q", "1"),
     {0x3fc00000, 0xc0100000},
     2},
    {"maximumf of a NaN, of zeros",
     FLOATS("0", "2") "%m = arith.maximumf %x, %y : f32\n%z = memref.load %f[%c3] : "
                      "memref<8xf32>\n%c4 = arith.constant 4 : index\n%w = memref.load %f[%c4] : "
                      "memref<8xf32>\n%l = arith.minimumf %z, %w : f32\n%k = arith.maximumf %w, %z "
                      ": f32\n%h = arith.maxnumf %y, %x : f32\n" AS_WORD("p", "m", "f32")
                          AS_WORD("q", "l", "f32") AS_WORD("r", "k", "f32") AS_WORD("s", "h", "f32")
                              STORE("p", "0") STORE("q", "1") STORE("r", "2") STORE("s", "3"),
     {0x7fc00000, 0x80000000, 0, 0x3fc00000},
     4},
    {"cmpf one, ueq, ord, true",
     FLOATS("0",
            "2") "%a = arith.cmpf one, %x, %y : f32\n%e = arith.cmpf ueq, %x, %y : f32\n"
                 "%z = memref.load %f[%c1] : memref<8xf32>\n%c = arith.cmpf one, %x, %z : f32\n"
                 "%d = arith.cmpf true, %x, %y : f32\n%p = arith.extui %a : i1 to i32\n%q = "
                 "arith.extui %e : i1 to i32\n%r = arith.extui %c : i1 to i32\n%s = arith.extui "
                 "%d : i1 to i32\n" STORE("p", "0") STORE("q", "1") STORE("r", "2") STORE("s", "3"),
     {0, 1, 1, 1},
     4},
    {"truncf",
     "%c6 = arith.constant 6 : index\n%c7 = arith.constant 7 : index\n"
     "%x = memref.load %f[%c6] : memref<8xf32>\n%y = memref.load %f[%c7] : memref<8xf32>\n"
     "%z = memref.load %f[%c2] : memref<8xf32>\n%t = arith.truncf %x : f32 to bf16\n"
     "%u = arith.truncf %y : f32 to bf16\n%v = arith.truncf %z : f32 to bf16\n"
     "memref.store %t, %b[%c0] : memref<16xbf16>\n%a = arith.bitcast %t : bf16 to i16\n"
     "%c = arith.bitcast %u : bf16 to i16\n%d = arith.bitcast %v : bf16 to i16\n"
     "%p = arith.extui %a : i16 to i32\n%q = arith.extui %c : i16 to i32\n"
     "%r = arith.extui %d : i16 to i32\n" STORE("p", "0") STORE("q", "1") STORE("r", "2"),
     {0x3f80, 0x3f82, 0x7fc0},
     3},
    {"arithmetic of bf16",
     "%x = memref.load %b[%c0] : memref<16xbf16>\n%y = memref.load %b[%c1] : memref<16xbf16>\n"
     "%z = arith.addf %x, %y : bf16\n%w = arith.divf %x, %y : bf16\n%g = arith.cmpf ogt, %x, %y : "
     "bf16\n%m = arith.maximumf %x, %y : bf16\n%k = arith.mulf %m, %z : bf16\n"
     "%a = arith.bitcast %z : bf16 to i16\n%c = arith.bitcast %w : bf16 to i16\n"
     "%d = arith.bitcast %k : bf16 to i16\n%p = arith.extui %a : i16 to i32\n"
     "%q = arith.extui %c : i16 to i32\n%r = arith.extui %g : i1 to i32\n%s = arith.extui %d : "
     "i16 to i32\n" STORE("p", "0") STORE("q", "1") STORE("r", "2") STORE("s", "3"),
     {0xc000, 0xbeab, 1, 0xc000},
     4},
    {"integers and bf16",
     "%x = arith.sitofp %n : i32 to bf16\n%y = arith.fptosi %x : bf16 to i32\n%s = arith.trunci %n "
     ": i32 to i8\n%z = arith.uitofp %s : i8 to f32\n%a = arith.bitcast %x : bf16 to i16\n%p = "
     "arith.extui %a : i16 to i32\n" AS_WORD("q", "z", "f32") STORE("p", "0") STORE("y", "1")
         STORE("q", "2"),
     {0x4040, 3, 0x40400000},
     3},
    {"wide loops",
     "%w = arith.extsi %n : i32 to i64\n%big = arith.constant 4294967297 : i64\n"
     "%s = scf.for %i = %c0 to %i3 step %c1 iter_args(%k = %w) -> (i64) {\n"
     "%t = arith.addi %k, %big : i64\nscf.yield %t : i64\n}\n%five = arith.constant 5 : i64\n"
     "%u = arith.divsi %s, %five : i64\n%h = arith.constant 32 : i64\n%v = arith.shrsi %s, %h : "
     "i64\n%p = arith.trunci %s : i64 to i32\n%q = arith.trunci %v : i64 to i32\n%r = arith.trunci "
     "%u : i64 to i32\n" STORE("p", "0") STORE("q", "1") STORE("r", "2"),
     {6, 3, 0x9999999a},
     3},
};

/* ---- what goes in and out ----------------------------------------------------------------------
 */

typedef struct outside {
    uint32_t in[N_STREAM], out[N_STREAM];
    unsigned n_in, n_out, turn;
} outside;

/* Every second time it waits. */
static bool stream_read(void *context, uint32_t *word, bool *is_last) {
    outside *o = context;
    if (o->turn++ % 2 || o->n_in == N_STREAM) return false;
    *word = o->in[o->n_in++];
    *is_last = false;
    return true;
}

static bool stream_write(void *context, uint32_t word, bool is_last) {
    outside *o = context;
    assert_false(is_last);
    if (o->turn++ % 3 || o->n_out == N_STREAM) return false;
    o->out[o->n_out++] = word;
    return true;
}

static void fill(machine *m) {
    static const uint32_t f[] = {0x3fc00000, 0xc0100000, 0x7fc00000, 0,
                                 0x80000000, 0x7f800000, 0x3f808000, 0x3f818000};
    static const uint16_t b[] = {0x3f80, 0xc040, 0x3f00, 0x7fc0};
    for (uint32_t j = 0; j < N_WORDS; j++)
        memcpy(machine_buffer(m, "out") + 4 * j, &j, 4);
    memcpy(machine_buffer(m, "f"), f, sizeof f);
    memcpy(machine_buffer(m, "b"), b, sizeof b);
}

static machine *run(ts_arena *arena, const char *name, const char *body, outside *o) {
    const ts_core_ports ports = {
        .context = o, .stream_read = stream_read, .stream_write = stream_write};
    machine *m = machine_new(arena);
    ts_diag diag = {0};
    char *text = ts_arena_printf(arena, "%s%s%s", HEAD, body, TAIL);
    assert_non_null(text);
    if (machine_build(m, test_text(text), &diag) != TS_OK) fail_msg("%s: %s", name, diag.message);
    machine_load(m, &ports);
    fill(m);
    ts_core_state state = TS_CORE_RUNS;
    for (unsigned i = 0; i < 100 && state != TS_CORE_DONE; i++)
        state = ts_core_run(m->core, MAX_CYCLES / 100);
    if (state != TS_CORE_DONE) fail_msg("%s: the core %s", name, ts_core_state_text(state));
    assert_int_equal(ts_core_faults(m->core)->count, 0);
    return m;
}

static void operations_do_what_mlir_says(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ts_arena *arena = test_begin();
        outside o = {{0}, {0}, 0, 0, 0};
        machine *m = run(arena, cases[i].name, cases[i].body, &o);
        const uint8_t *got = machine_buffer(m, "out");
        for (unsigned j = 0; j < cases[i].n; j++) {
            uint32_t word;
            memcpy(&word, got + 4 * j, 4);
            if (word != cases[i].words[j])
                fail_msg("%s: word %u is 0x%08x, not 0x%08x", cases[i].name, j, word,
                         cases[i].words[j]);
        }
        test_end(arena);
    }
}

/* What is printed reads back as the same, in custom forms. */
static void operations_are_printed_as_they_are_read(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ts_arena *arena = test_begin();
        ts_buf texts[2] = {ts_buf_in(arena), ts_buf_in(arena)};
        char *text = ts_arena_printf(arena, "%s%s%s", HEAD, cases[i].body, TAIL);
        assert_non_null(text);
        ts_span span = test_text(text);
        for (unsigned j = 0; j < 2; j++) {
            ts_design *design;
            ts_diag diag = {0};
            if (ts_design_parse(arena, span, "ops.mlir", &design, &diag) != TS_OK)
                fail_msg("%s, %u: %s", cases[i].name, j, diag.message);
            ts_design_print(design, &texts[j]);
            span = ts_buf_span(&texts[j]);
        }
        test_same_bytes(ts_buf_span(&texts[1]), ts_buf_span(&texts[0]));
        test_end(arena);
    }
}

static void words_of_streams_keep_their_order(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    outside o = {{10, 20, 30, 40, 50, 60, 70, 80}, {0}, 0, 0, 0};
    run(arena, "streams",
        "%z = arith.constant 0 : i32\n%one = arith.constant 1 : i32\n"
        "%first = aie.get_stream(%z : i32) : i32\naie.put_stream(%z : i32, %first : i32)\n"
        "cf.br ^head(%n : i32)\n^head(%i: i32):\n%a = aie.get_stream(%z : i32) : i32\n"
        "%d = aie.get_stream(%z : i32) : f32\n%e = arith.bitcast %d : f32 to i32\n"
        "%s = arith.subi %e, %a : i32\naie.put_stream(%z : i32, %s : i32)\n"
        "aie.put_stream(%z : i32, %d : f32)\n%j = arith.subi %i, %one : i32\n"
        "%c = arith.cmpi ne, %j, %z : i32\ncf.cond_br %c, ^head(%j : i32), ^end\n^end:\n",
        &o);
    const uint32_t want[] = {10, 10, 30, 10, 50, 10, 70};
    assert_int_equal(o.n_in, 7);
    assert_int_equal(o.n_out, 7);
    assert_memory_equal(o.out, want, sizeof want);
    test_end(arena);
}

static const test_bad_text refused[] = {
    {"%a = func.call @made() : () -> memref<2xi32>\n", TS_UNSUPPORTED,
     "what 'memref.alloc' makes is on the stack, and cannot go out of its function"},
    {"%a = memref.alloca() : memref<2xi32>\n%r = scf.for %i = %c0 to %i3 step %c1 iter_args(%p = "
     "%a) -> (memref<2xi32>) {\n%q = memref.alloc() : memref<2xi32>\n"
     "%v = memref.cast %q : memref<2xi32> to memref<?xi32>\n"
     "%w = memref.cast %v : memref<?xi32> to memref<2xi32>\nscf.yield %w : memref<2xi32>\n}\n",
     TS_UNSUPPORTED, "what 'memref.alloc' makes is on the stack, and cannot go out of its loop"},
    {"%r:2 = \"arith.addui_extended\"(%n, %n) : (i32, i32) -> (i32, i1)\n", TS_UNSUPPORTED,
     "'arith.addui_extended' is not supported in the code of a core"},
    {"%z = arith.constant 1 : i32\naie.put_stream(%z : i32, %n : i32)\n", TS_UNSUPPORTED,
     "'aie.put_stream' needs the constant 0"},
    {"%z = arith.constant 0 : i32\n%x = aie.get_stream(%z : i32) : i128\n", TS_UNSUPPORTED,
     "'aie.get_stream' moves i32 or f32"},
    {"%a = memref.alloca() : memref<2xi32>\n%d = memref.dim %a, %i3 : memref<2xi32>\n",
     TS_UNSUPPORTED, "'memref.dim' works on memref<2xi32>"},
    {"%d = memref.alloca() : memref<8xf16>\n%x = memref.load %d[%c0] : memref<8xf16>\n"
     "%y = arith.addf %x, %x : f16\n",
     TS_UNSUPPORTED, "'arith.addf' is not supported"},
    {"%x = arith.sitofp %n : i32 to f64\n", TS_UNSUPPORTED, "'arith.sitofp' is not supported"},
};

static void what_is_not_supported_is_named(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        ts_arena *arena = test_begin();
        machine *m = machine_new(arena);
        ts_diag diag = {0};
        char *text = ts_arena_printf(arena, "%s%s%s", HEAD, refused[i].text, TAIL);
        assert_non_null(text);
        (void)machine_build(m, test_text(text), &diag);
        test_expect_error(&diag, refused[i].code, refused[i].words);
        test_end(arena);
    }
}

/* Each allocation of a build fails once, or one of many of them does. */
static void operations_survive_failed_allocations(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ts_arena *kept = test_begin();
        char *text = ts_arena_printf(kept, "%s%s%s", HEAD, cases[i].body, TAIL);
        assert_non_null(text);
        const ts_compile_options options = {.file = "code.mlir", .text = test_text(text)};
        ts_status status = TS_NOMEM;
        for (uint64_t n = i; status == TS_NOMEM; n += 151) {
            ts_compile_result result;
            ts_diag diag = {0};
            ts_arena arena;
            ts_arena_init(&arena, 0);
            arena.grants = n;
            status = ts_compile_build(&arena, &options, &result, &diag);
            if (status != TS_OK) test_expect_error(&diag, TS_NOMEM, "memory");
            ts_arena_free(&arena);
        }
        assert_int_equal(status, TS_OK);
        test_end(kept);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(operations_do_what_mlir_says),
        cmocka_unit_test(operations_are_printed_as_they_are_read),
        cmocka_unit_test(words_of_streams_keep_their_order),
        cmocka_unit_test(what_is_not_supported_is_named),
        cmocka_unit_test(operations_survive_failed_allocations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
