/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * Code of cores: programs by chance run on the emulator's core and in the tests' evaluator, cases
 * by hand, what is refused. TESSERA_CODE_SEED=N runs that program and prints it;
 * TESSERA_CODE_RUNS=N runs so many. */
#include "machine.h"
#include "mlir_random.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    N_RUNS = 120,
    FIRST_SEED = 1000,
    MAX_CYCLES = 20000000
};

/* Buffers get contents, registers anything. */
static void fill(machine *m, uint64_t seed) {
    test_random random = {seed ^ 0x5eed};
    for (const ts_op *op = ts_op_child(m->built.device, TS_OP_AIE_BUFFER, NULL); op;
         op = ts_op_child(m->built.device, TS_OP_AIE_BUFFER, op)) {
        const ts_type *type = op->results[0].type;
        size_t address = (size_t)ts_op_integer(op, "address", 0);
        size_t size = (size_t)ts_type_n_elements(type) * ((type->element->width + 7) / 8);
        for (size_t i = 0; i < size; i++)
            m->wanted[address + i] =
                (uint8_t)(test_next(&random) >> 40) & (type->element->width == 1 ? 1 : 0xff);
        memcpy(m->windows[TS_CORE_EAST] + address, m->wanted + address, size);
        m->buffers[m->n_buffers++] =
            (eval_buffer){ts_op_text(op, "sym_name", ""), m->wanted + address, size};
    }
    for (ts_aie2_register r = 1; r <= 40; r++) {
        uint32_t value = (uint32_t)test_next(&random);
        ts_core_set(m->core, r, &value, r <= 32 ? 4 : 3);
    }
}

static bool same_memory(const machine *m, char why[1000]) {
    for (size_t i = 0; i < m->n_buffers; i++) {
        const eval_buffer *b = &m->buffers[i];
        const uint8_t *got = m->windows[TS_CORE_EAST] + (b->bytes - m->wanted);
        for (size_t j = 0; j < b->size; j++) {
            if (got[j] == b->bytes[j]) continue;
            snprintf(why, 1000, "%s: byte %zu is 0x%02x, not 0x%02x", b->name, j, got[j],
                     b->bytes[j]);
            return false;
        }
    }
    return true;
}

typedef enum outcome {
    SAME,
    LARGE, /* more than the program memory has */
    WRONG
} outcome;

/* Builds it, runs it on the core and in the evaluator. */
static outcome run(ts_arena *arena, ts_span text, uint64_t seed, char why[1000]) {
    machine *m = machine_new(arena);
    ts_diag diag = {0};
    ts_status status = machine_build(m, text, &diag);
    if (status == TS_RANGE && strstr(diag.message, "program memory")) return LARGE;
    ts_diag_format(&diag, why, 1000);
    if (status != TS_OK) return WRONG;
    machine_load(m, NULL);
    fill(m, seed);
    if (!eval_core(m->built.cores[0].op, m->buffers, m->n_buffers, why)) return WRONG;
    ts_core_state state = ts_core_run(m->core, MAX_CYCLES);
    uint64_t n_faults = ts_core_faults(m->core)->count;
    snprintf(why, 1000, "the core %s, with %" PRIu64 " accesses outside of memory",
             ts_core_state_text(state), n_faults);
    if (state != TS_CORE_DONE || n_faults) return WRONG;
    return same_memory(m, why) ? SAME : WRONG;
}

static outcome one_by_chance(uint64_t seed, bool prints) {
    ts_arena *arena = test_begin();
    ts_buf text = ts_buf_in(arena);
    char why[1000];
    mlir_random(seed, &text);
    assert_false(text.failed);
    if (prints) fwrite(text.data, 1, text.size, stdout);
    outcome got = run(arena, ts_buf_span(&text), seed, why);
    test_end(arena);
    if (got == WRONG) fail_msg("TESSERA_CODE_SEED=%" PRIu64 ": %s", seed, why);
    return got;
}

static void programs_by_chance_do_what_mlir_says(void **state) {
    const char *seed = getenv("TESSERA_CODE_SEED"), *runs = getenv("TESSERA_CODE_RUNS");
    unsigned n_large = 0;
    uint64_t first = seed ? strtoull(seed, NULL, 10) : FIRST_SEED;
    uint64_t n = runs ? strtoull(runs, NULL, 10) : seed ? 1 : N_RUNS;
    (void)state;
    for (uint64_t i = 0; i < n; i++)
        n_large += one_by_chance(first + i, seed) == LARGE;
    printf("%" PRIu64 " programs from seed %" PRIu64 ", %u of them too large\n", n, first, n_large);
    assert_true(n_large * 10 <= n);
}

/* ---- by hand --------------------------------------------------------------------------------- */

enum {
    N_WORDS = 16
};

#define HEAD                                                                                       \
    "module {\naie.device(npu1_1col) {\n%outside = arith.constant 5 : i32\n"                       \
    "%tile = aie.tile(0, 2)\n%above = aie.tile(0, 3)\n"                                            \
    "%out = aie.buffer(%tile) {sym_name = \"out\"} : memref<16xi32>\n"                             \
    "%near = aie.buffer(%above) {sym_name = \"near\"} : memref<4xi32>\n"                           \
    "%l = aie.lock(%above, 3)\n"                                                                   \
    "memref.global \"private\" constant @table : memref<4xi16> = dense<[1, -2, 300, -32768]>\n"    \
    "memref.global @room : memref<4xi32>\n"                                                        \
    "memref.global @same : memref<3xi32> = dense<7>\n"                                             \
    "func.func private @given(i32)\n"                                                              \
    "func.func @swap(%a: i32, %b: i32) -> (i32, i32) {\nreturn %b, %a : i32, i32\n}\n"             \
    "func.func @pick(%a: memref<4xi32>, %b: memref<4xi32>, %c: i1) -> memref<4xi32> {\n"           \
    "%r = arith.select %c, %a, %b : memref<4xi32>\nreturn %r : memref<4xi32>\n}\n"                 \
    "%core = aie.core(%tile) {\n%c0 = arith.constant 0 : index\n%c1 = arith.constant 1 : index\n"  \
    "%c2 = arith.constant 2 : index\n%c3 = arith.constant 3 : index\n"
#define TAIL "aie.end\n}\n}\n}\n"

/* %out begins with 0, 1, 2, ...; only the words that change are told. */
static const struct {
    const char *body;
    uint32_t at, words[16];
    unsigned n;
} cases[] = {
    {"%t = memref.get_global @table : memref<4xi16>\n%x = memref.load %t[%c3] : memref<4xi16>\n"
     "%y = arith.extsi %x : i16 to i32\nmemref.store %y, %out[%c0] : memref<16xi32>\n"
     "%s = memref.get_global @same : memref<3xi32>\n%z = memref.load %s[%c2] : memref<3xi32>\n"
     "memref.store %z, %out[%c1] : memref<16xi32>\n",
     0,
     {0xffff8000, 7},
     2},
    {"%r = memref.get_global @room : memref<4xi32>\n"
     "memref.store %outside, %r[%c3] : memref<4xi32>\n%a = memref.alloca() : memref<4xi32>\n"
     "memref.copy %r, %a : memref<4xi32> to memref<4xi32>\n"
     "%x = memref.load %a[%c3] : memref<4xi32>\nmemref.store %x, %out[%c0] : memref<16xi32>\n",
     0,
     {5},
     1},
    {"affine.for %i = 1 to 4 {\n%x = affine.load %out[%i * 2 + 1] : memref<16xi32>\n"
     "affine.store %x, %out[12 - %i] : memref<16xi32>\n}\n"
     "%i = affine.apply affine_map<(d0)[s0] -> (d0 mod 2 + (s0 + 5) floordiv 4)>(%c3)[%c2]\n"
     "%y = arith.index_cast %i : index to i32\nmemref.store %y, %out[%c1] : memref<16xi32>\n"
     "%z = affine.for %j = 0 to %c3 step 2 iter_args(%k = %y) -> (i32) {\n"
     "%w = arith.addi %k, %k : i32\naffine.yield %w : i32\n}\n"
     "memref.store %z, %out[%c0] : memref<16xi32>\n",
     0,
     {8, 2},
     2},
    {"%x = arith.constant 1.5 : f32\n%n = memref.load %out[%c3] : memref<16xi32>\n"
     "%f = arith.sitofp %n : i32 to f32\n%p = arith.mulf %f, %x : f32\n"
     "%d = arith.divf %p, %x : f32\n%s = arith.subf %p, %d : f32\n%g = arith.negf %s : f32\n"
     "%q = arith.bitcast %g : f32 to i32\nmemref.store %q, %out[%c0] : memref<16xi32>\n"
     "%c = arith.cmpf olt, %g, %x : f32\n%i = arith.extui %c : i1 to i32\n"
     "memref.store %i, %out[%c1] : memref<16xi32>\n%h = arith.fptosi %p : f32 to i32\n"
     "memref.store %h, %out[%c2] : memref<16xi32>\n",
     0,
     {0xbfc00000, 1, 4},
     3},
    {"%b = arith.constant 2.5 : bf16\n%n = memref.load %out[%c0] : memref<16xi32>\n"
     "%z = arith.constant 0 : i32\n%c = arith.cmpi eq, %n, %z : i32\n"
     "%s = arith.select %c, %b, %b : bf16\n%w = arith.extf %s : bf16 to f32\n"
     "%q = arith.bitcast %w : f32 to i32\nmemref.store %q, %out[%c0] : memref<16xi32>\n"
     "%u = arith.cmpf ult, %w, %w : f32\n%i = arith.extui %u : i1 to i32\n"
     "memref.store %i, %out[%c1] : memref<16xi32>\n",
     0,
     {0x40200000, 0},
     2},
    {"%x = memref.load %out[%c2] : memref<16xi32>\n%y = memref.load %out[%c3] : memref<16xi32>\n"
     "%r:2 = func.call @swap(%x, %y) : (i32, i32) -> (i32, i32)\n"
     "memref.store %r#0, %out[%c2] : memref<16xi32>\n"
     "memref.store %r#1, %out[%c3] : memref<16xi32>\n",
     2,
     {3, 2},
     2},
    {"%a = memref.alloca() : memref<4xi32>\n%b = memref.alloca() : memref<4xi32>\n"
     "%n = memref.load %out[%c3] : memref<16xi32>\n%c = arith.cmpi eq, %n, %n : i32\n"
     "memref.store %n, %b[%c2] : memref<4xi32>\n%m = arith.addi %n, %n : i32\n"
     "memref.store %m, %a[%c2] : memref<4xi32>\n"
     "%p = func.call @pick(%a, %b, %c) : (memref<4xi32>, memref<4xi32>, i1) -> memref<4xi32>\n"
     "%x = memref.load %p[%c2] : memref<4xi32>\nmemref.store %x, %out[%c0] : memref<16xi32>\n",
     0,
     {6},
     1},
    {"memref.store %outside, %near[%c1] : memref<4xi32>\n"
     "%x = memref.load %near[%c1] : memref<4xi32>\nmemref.store %x, %out[%c0] : memref<16xi32>\n",
     0,
     {5},
     1},
    {"%v = memref.reinterpret_cast %out to offset: [4], sizes: [2, 2], strides: [4, 1] : "
     "memref<16xi32> to memref<2x2xi32, strided<[4, 1], offset: 4>>\n"
     "%x = memref.load %v[%c1, %c1] : memref<2x2xi32, strided<[4, 1], offset: 4>>\n"
     "memref.store %x, %out[%c0] : memref<16xi32>\n"
     "%e = memref.expand_shape %out [[0, 1]] output_shape [4, 4] : memref<16xi32> into "
     "memref<4x4xi32>\n%y = memref.load %e[%c3, %c2] : memref<4x4xi32>\n"
     "memref.store %y, %e[%c0, %c1] : memref<4x4xi32>\n",
     0,
     {9, 14},
     2},
    {"%big = arith.constant 9223372036854775806 : index\n%t = arith.constant 12 : i32\n"
     "cf.br ^head(%c0 : index)\n^head(%i: index):\n%c = arith.cmpi slt, %i, %big : index\n"
     "cf.cond_br %c, ^in, ^end\n^in:\n%x = arith.index_cast %i : index to i32\n"
     "memref.store %x, %out[%c0] : memref<16xi32>\n%d = arith.cmpi eq, %x, %t : i32\n"
     "%j = arith.addi %i, %c2 : index\ncf.cond_br %d, ^end, ^head(%j : index)\n^end:\n",
     0,
     {12},
     1},
    /* more rounds than are done at once, and a rest */
    {"%z = affine.for %i = 0 to 97 iter_args(%s = %outside) -> (i32) {\n"
     "%x = arith.index_cast %i : index to i32\n%w = arith.addi %s, %x : i32\n"
     "affine.yield %w : i32\n}\nmemref.store %z, %out[%c0] : memref<16xi32>\n",
     0,
     {4661},
     1},
    /* what one round stores, the next one loads */
    {"affine.for %i = 0 to 13 {\n%x = affine.load %out[%i] : memref<16xi32>\n"
     "%y = arith.addi %x, %outside : i32\naffine.store %y, %out[%i + 1] : memref<16xi32>\n}\n",
     1,
     {5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60, 65},
     13},
};

static void cases_by_hand_do_what_mlir_says(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ts_arena *arena = test_begin();
        machine *m = machine_new(arena);
        ts_diag diag = {0};
        uint32_t want[N_WORDS];
        char *text = ts_arena_printf(arena, "%s%s%s", HEAD, cases[i].body, TAIL);
        assert_non_null(text);
        if (machine_build(m, test_text(text), &diag) != TS_OK)
            fail_msg("case %zu: %s", i, diag.message);
        machine_load(m, NULL);
        const ts_op *out = ts_op_child(m->built.device, TS_OP_AIE_BUFFER, NULL);
        uint8_t *got = m->windows[TS_CORE_EAST] + ts_op_integer(out, "address", 0);
        for (uint32_t j = 0; j < N_WORDS; j++) {
            memcpy(got + 4 * j, &j, 4);
            want[j] = j;
        }
        memcpy(want + cases[i].at, cases[i].words, 4 * cases[i].n);
        assert_int_equal(ts_core_run(m->core, MAX_CYCLES), TS_CORE_DONE);
        assert_int_equal(ts_core_faults(m->core)->count, 0);
        for (uint32_t j = 0; j < N_WORDS && i != 2; j++) /* case 2 writes more */
            if (memcmp(got + 4 * j, &want[j], 4) != 0)
                fail_msg("case %zu: word %u is not 0x%x", i, j, want[j]);
        assert_memory_equal(got + 4 * cases[i].at, cases[i].words, 4 * cases[i].n);
        test_end(arena);
    }
}

static const struct {
    const char *body, *words;
    ts_status status;
} refused[] = {
    {"%a = memref.alloca() : memref<1xf64>\n", "works on memref<1xf64>", TS_UNSUPPORTED},
    {"%x = memref.load %out[%c0] : memref<16xi32>\n%y = arith.extsi %x : i32 to i65\n",
     "'arith.extsi' works on a value of type i65", TS_UNSUPPORTED},
    {"%x = memref.load %out[%c0] : memref<16xi32>\n%y = arith.extsi %x : i32 to i64\n"
     "%z = arith.sitofp %y : i64 to f32\n",
     "'arith.sitofp' works on a value of type i64", TS_UNSUPPORTED},
    {"%x = memref.load %out[%c0] : memref<16xi32>\n%y = arith.extsi %x : i32 to i64\n"
     "%z = arith.bitcast %y : i64 to f64\n",
     "'arith.bitcast' is not supported", TS_UNSUPPORTED},
    {"%x = arith.constant 1.0 : f64\n%y = arith.addf %x, %x : f64\n",
     "an operand of 'arith.addf' comes from 'arith.constant'", TS_UNSUPPORTED},
    {"\"test.unknown\"() : () -> ()\n", "'test.unknown' is not supported in the code of a core",
     TS_UNSUPPORTED},
    {"aie.use_lock(%l, Acquire, 200)\n", "a lock cannot be used so", TS_RANGE},
    {"func.call @given(%outside) : (i32) -> ()\n", "given", TS_MISSING},
    {"%a = memref.alloca() : memref<4096xi32>\n", "no room on the stack", TS_UNSUPPORTED},
    {"%a = memref.alloc(%c2) : memref<?xi32>\n", "no room on the stack", TS_UNSUPPORTED},
    {"%x = arith.constant 4294967296 : index\n%y = arith.index_cast %x : index to i32\n"
     "%v = memref.load %out[%c0] : memref<16xi32>\n%i = arith.index_cast %v : i32 to index\n"
     "%j = arith.addi %i, %x : index\n",
     "does not fit into the 32 bits", TS_RANGE},
    {"%v = vector.load %out[%c1] : memref<16xi32>, vector<16xi32>\n",
     "'vector.load' needs an address", TS_UNSUPPORTED},
};

static void what_is_not_supported_is_named(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        ts_arena *arena = test_begin();
        machine *m = machine_new(arena);
        ts_diag diag = {0};
        char *text = ts_arena_printf(arena, "%s%s%s", HEAD, refused[i].body, TAIL);
        assert_non_null(text);
        (void)machine_build(m, test_text(text), &diag);
        test_expect_error(&diag, refused[i].status, refused[i].words);
        test_end(arena);
    }
}

/* As the core sees the locks around it. */
static void locks_have_the_numbers_of_their_tiles(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    machine *m = machine_new(arena);
    ts_diag diag = {0};
    if (machine_build(
            m,
            test_text(HEAD "aie.use_lock(%l, AcquireGreaterEqual, 2)\naie.use_lock(%l, Release)\n"
                           "aie.event(1)\n" TAIL),
            &diag) != TS_OK)
        fail_msg("%s", diag.message);
    char *text = ts_arena_strndup(arena, (const char *)m->built.cores[0].assembly.data,
                                  m->built.cores[0].assembly.size);
    assert_non_null(strstr(text, "#-2\n        acq #35, r0\n"));
    assert_non_null(strstr(text, "#1\n        rel #35, r0\n        event #1\n"));
    test_end(arena);
}

/* One of seven: each takes a whole build, and test_compile.c fails all of one without code. */
static void code_survives_failed_allocations(void **state) {
    static const char text[] =
        "module {\naie.device(npu1_1col) {\n%t = aie.tile(0, 2)\n"
        "%b = aie.buffer(%t) {sym_name = \"b\"} : memref<8xi32>\n"
        "memref.global constant @g : memref<2xi32> = dense<[1, 2]>\n"
        "func.func @f(%m: memref<8xi32>, %x: i32) -> i32 {\nreturn %x : i32\n}\n"
        "%core = aie.core(%t) {\n%c0 = arith.constant 0 : index\n%c1 = arith.constant 1 : index\n"
        "%g = memref.get_global @g : memref<2xi32>\n%y = memref.load %g[%c1] : memref<2xi32>\n"
        "affine.for %i = 0 to 3 {\n%x = affine.load %b[%i + 1] : memref<8xi32>\n"
        "%z = func.call @f(%b, %x) : (memref<8xi32>, i32) -> i32\n%w = arith.addi %z, %y : i32\n"
        "affine.store %w, %b[%i] : memref<8xi32>\n}\naie.end\n}\n}\n}\n";
    (void)state;
    const ts_compile_options options = {.file = "code.mlir", .text = test_text(text)};
    ts_status status = TS_NOMEM;
    for (uint64_t n = 0; status == TS_NOMEM; n += 7) {
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
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(programs_by_chance_do_what_mlir_says),
        cmocka_unit_test(cases_by_hand_do_what_mlir_says),
        cmocka_unit_test(what_is_not_supported_is_named),
        cmocka_unit_test(locks_have_the_numbers_of_their_tiles),
        cmocka_unit_test(code_survives_failed_allocations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
