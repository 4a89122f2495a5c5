/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * Code of cores: vectors and the cascade, on the emulator's core, lane by lane against plain loops.
 */
#include "machine.h"

#include <string.h>

enum {
    MAX_CYCLES = 1000000,
    N_BYTES = 256, /* of each buffer: four vectors */
    VECTOR = 64
};

/* %a and %b have anything in them, %c takes results; SIZE is 256 bytes in elements, N 64 bytes. */
#define HEAD(size, type)                                                                           \
    "module {\naie.device(npu1_1col) {\n%tile = aie.tile(0, 2)\n"                                  \
    "%a = aie.buffer(%tile) {sym_name = \"a\"} : memref<" size "x" type ">\n"                      \
    "%b = aie.buffer(%tile) {sym_name = \"b\"} : memref<" size "x" type ">\n"                      \
    "%c = aie.buffer(%tile) {sym_name = \"c\"} : memref<" size "x" type ">\n"                      \
    "%n = aie.buffer(%tile) {sym_name = \"n\"} : memref<1xi32>\n"
#define CORE                                                                                       \
    "%core = aie.core(%tile) {\n%c0 = arith.constant 0 : index\n%c1 = arith.constant 1 : index\n"  \
    "%c16 = arith.constant 16 : index\n%c48 = arith.constant 48 : index\n"                         \
    "%c64 = arith.constant 64 : index\n"
#define TAIL "aie.end\n}\n}\n}\n"

typedef struct cascade {
    uint8_t in[VECTOR], out[VECTOR];
    unsigned n_in, n_out, turn;
} cascade;

static bool cascade_read(void *context, uint8_t data[TS_CORE_CASCADE_BYTES]) {
    cascade *c = context;
    if (c->turn++ % 2) return false;
    memcpy(data, c->in, VECTOR);
    data[0] = (uint8_t)(data[0] + c->n_in++);
    return true;
}

static bool cascade_write(void *context, const uint8_t data[TS_CORE_CASCADE_BYTES]) {
    cascade *c = context;
    if (c->turn++ % 3) return false;
    memcpy(c->out, data, VECTOR);
    c->n_out++;
    return true;
}

/* Built, filled from a seed, run to its end. */
static machine *run(ts_arena *arena, const char *text, cascade *c) {
    const ts_core_ports ports = {
        .context = c, .cascade_read = cascade_read, .cascade_write = cascade_write};
    machine *m = machine_new(arena);
    test_random random = {7};
    ts_diag diag = {0};
    ts_core_state state = TS_CORE_RUNS;
    assert_non_null(text);
    if (machine_build(m, test_text(text), &diag) != TS_OK) fail_msg("%s\n%s", diag.message, text);
    machine_load(m, &ports);
    for (unsigned i = 0; i < N_BYTES; i++) {
        /* some lanes are equal */
        machine_buffer(m, "a")[i] = (uint8_t)(test_next(&random) >> 40);
        bool is_same = i / 4 % 3 == 0;
        machine_buffer(m, "b")[i] =
            is_same ? machine_buffer(m, "a")[i] : (uint8_t)(test_next(&random) >> 40);
    }
    memcpy(machine_buffer(m, "n"), &(uint32_t){3}, 4);
    for (unsigned i = 0; i < 100 && state != TS_CORE_DONE; i++)
        state = ts_core_run(m->core, MAX_CYCLES / 100);
    if (state != TS_CORE_DONE) fail_msg("the core %s\n%s", ts_core_state_text(state), text);
    assert_int_equal(ts_core_faults(m->core)->count, 0);
    return m;
}

/* ---- lane by lane ---------------------------------------------------------------------------- */

static int64_t lane(const uint8_t *bytes, unsigned width, unsigned i) {
    uint64_t bits = 0;
    for (unsigned j = width / 8; j-- > 0;)
        bits = bits << 8 | bytes[i * width / 8 + j];
    return bits >> (width - 1) ? (int64_t)(bits - (UINT64_C(1) << width)) : (int64_t)bits;
}

static const char *const names[] = {"addi", "subi", "maxsi", "minsi", "andi", "ori", "xori",
                                    "eq",   "ne",   "slt",   "sle",   "sgt",  "sge"};

static int64_t wanted(unsigned op, int64_t a, int64_t b) {
    const bool holds[] = {a == b, a != b, a<b, a <= b, a> b, a >= b};
    switch (op) {
    case 0: return a + b;
    case 1: return a - b;
    case 2: return a > b ? a : b;
    case 3: return a < b ? a : b;
    case 4: return a & b;
    case 5: return a | b;
    case 6: return a ^ b;
    default: return holds[op - 7] ? a : b;
    }
}

static char *text_of(ts_arena *arena, unsigned op, unsigned width) {
    unsigned n = VECTOR * 8 / width, n_all = N_BYTES * 8 / width;
    char *v = ts_arena_printf(arena, "vector<%uxi%u>", n, width);
    char *m = ts_arena_printf(arena, "memref<%uxi%u>", n_all, width);
    char *made = op < 7 ? ts_arena_printf(arena, "%%z = arith.%s %%x, %%y : %s\n", names[op], v)
                        : ts_arena_printf(arena,
                                          "%%t = arith.cmpi %s, %%x, %%y : %s\n"
                                          "%%z = arith.select %%t, %%x, %%y : vector<%uxi1>, %s\n",
                                          names[op], v, n, v);
    return ts_arena_printf(
        arena,
        "module {\naie.device(npu1_1col) {\n%%tile = aie.tile(0, 2)\n"
        "%%a = aie.buffer(%%tile) {sym_name = \"a\"} : %s\n"
        "%%b = aie.buffer(%%tile) {sym_name = \"b\"} : %s\n"
        "%%c = aie.buffer(%%tile) {sym_name = \"c\"} : %s\n"
        "%%n = aie.buffer(%%tile) {sym_name = \"n\"} : memref<1xi32>\n"
        "%%core = aie.core(%%tile) {\naffine.for %%i = 0 to %u step %u {\n"
        "%%x = vector.load %%a[%%i] : %s, %s\n%%y = vector.load %%b[%%i] : %s, %s\n%s"
        "vector.store %%z, %%c[%%i] : %s, %s\n}\n" TAIL,
        m, m, m, n_all, n, m, v, m, v, made, m, v);
}

static void lanes_do_what_numbers_do(void **state) {
    (void)state;
    for (unsigned width = 8; width <= 32; width *= 2)
        for (unsigned op = 0; op < sizeof names / sizeof *names; op++) {
            ts_arena *arena = test_begin();
            machine *m = run(arena, text_of(arena, op, width), NULL);
            const uint8_t *a = machine_buffer(m, "a"), *b = machine_buffer(m, "b");
            for (unsigned i = 0; i < N_BYTES * 8 / width; i++) {
                int64_t want = wanted(op, lane(a, width, i), lane(b, width, i));
                uint64_t differ = (uint64_t)(want ^ lane(machine_buffer(m, "c"), width, i));
                if (differ << (64 - width)) fail_msg("%s of i%u: lane %u", names[op], width, i);
            }
            test_end(arena);
        }
}

/* ---- by hand --------------------------------------------------------------------------------- */

#define V  "vector<16xi32>"
#define M  "memref<64xi32>"
#define IN " {in_bounds = [true]} : memref<64xi32>, vector<16xi32>\n"

/* Word i of the first vector of %c is times_a * a[i] + times_b * b[i] + plus. */
static const struct {
    const char *name, *functions, *body;
    uint32_t times_a, times_b, plus;
} cases[] = {
    {"transfers, a constant, a scalar in all lanes", "",
     "%z = arith.constant 0 : i32\n%k = arith.constant dense<-5> : " V "\n"
     "%x = vector.transfer_read %a[%c0], %z : " M ", " V "\n%m = memref.load %n[%c0] : "
     "memref<1xi32>\n%s = vector.splat %m : " V "\n%t = vector.broadcast %m : i32 to " V "\n"
     "%u = arith.addi %s, %t : " V "\n%w = arith.addi %x, %u : " V "\n%y = arith.addi %w, %k : " V
     "\nvector.transfer_write %y, %c[%c0] {in_bounds = [true]} : " V ", " M "\n",
     1, 0, 1},
    {"carried around loops, out of branches", "",
     "%k = arith.constant dense<2> : " V "\n%x = vector.load %a[%c0] : " M ", " V "\n"
     "%y = vector.load %b[%c0] : " M ", " V "\n%m = memref.load %n[%c0] : memref<1xi32>\n"
     "%e = arith.index_cast %m : i32 to index\n"
     "%s:2 = scf.for %i = %c0 to %e step %c1 iter_args(%p = %x, %q = %y) -> (" V ", " V ") {\n"
     "%r = arith.addi %p, %k : " V "\nscf.yield %q, %r : " V ", " V "\n}\n"
     "%o = arith.cmpi eq, %e, %c1 : index\n%z = scf.if %o -> (" V ") {\nscf.yield %s#0 : " V
     "\n} else {\nscf.yield %s#1 : " V "\n}\nvector.store %z, %c[%c0] : " M ", " V "\n",
     1, 0, 4},
    {"a constant from outside of the core", "%k = arith.constant dense<2> : " V "\n",
     "%x = vector.load %a[%c0] : " M ", " V "\n%m = memref.load %n[%c0] : memref<1xi32>\n"
     "%z = arith.constant 3 : i32\n%o = arith.cmpi ne, %m, %z : i32\n"
     "scf.if %o {\n%y = arith.subi %x, %k : " V "\nvector.store %y, %c[%c0] : " M ", " V
     "\n} else {\n%y = arith.addi %x, %k : " V "\nvector.store %y, %c[%c0] : " M ", " V "\n}\n",
     1, 0, 2},
    {"changing places", "",
     "%x = vector.load %a[%c0] : " M ", " V "\n%y = vector.load %b[%c0] : " M ", " V "\n"
     "%m = memref.load %n[%c0] : memref<1xi32>\n%e = arith.index_cast %m : i32 to index\n"
     "%s:2 = scf.for %i = %c0 to %e step %c1 iter_args(%p = %x, %q = %y) -> (" V ", " V ") {\n"
     "scf.yield %q, %p : " V ", " V "\n}\n%t = arith.addi %s#0, %s#0 : " V
     "\n%z = arith.addi %t, %s#1 : " V "\nvector.store %z, %c[%c0] : " M ", " V "\n",
     1, 2, 0},
    {"arguments, results, what lives over calls",
     "func.func @f(%p: " V ", %q: " V ", %k: i32) -> (" V ", " V ") {\n%s = vector.splat %k : " V
     "\n%r = arith.addi %p, %s : " V "\nreturn %q, %r : " V ", " V "\n}\n",
     "%x = vector.load %a[%c0] : " M ", " V "\n%y = vector.load %b[%c0] : " M ", " V "\n"
     "%m = memref.load %n[%c0] : memref<1xi32>\n"
     "%r:2 = func.call @f(%x, %y, %m) : (" V ", " V ", i32) -> (" V ", " V ")\n"
     "%s:2 = func.call @f(%r#0, %r#1, %m) : (" V ", " V ", i32) -> (" V ", " V ")\n"
     "%t = arith.addi %x, %s#0 : " V "\n%u = arith.addi %t, %s#1 : " V
     "\nvector.store %u, %c[%c0] : " M ", " V "\n",
     2, 1, 6},
    {"more than there are registers", "",
     "%x = vector.load %a[%c0] : " M ", " V "\n%y = vector.load %b[%c0] : " M ", " V "\n"
     "%0 = arith.addi %x, %y : " V "\n%1 = arith.addi %0, %y : " V "\n%2 = arith.addi %1, %y : " V
     "\n%3 = arith.addi %2, %y : " V "\n%4 = arith.addi %3, %y : " V "\n%5 = arith.addi %4, %y : " V
     "\n%6 = arith.addi %5, %y : " V "\n%7 = arith.addi %6, %y : " V "\n%8 = arith.addi %7, %y : " V
     "\n%9 = arith.addi %8, %y : " V "\n%10 = arith.addi %9, %y : " V
     "\n%11 = arith.addi %10, %y : " V "\n%12 = arith.addi %11, %y : " V "\n%13 = arith.addi %12, "
     "%y : " V "\n%20 = arith.subi %13, %0 : " V "\n%21 = arith.addi %20, %1 : " V
     "\n%22 = arith.subi %21, %2 : " V "\n%23 = arith.addi %22, %3 : " V "\n%24 = arith.subi %23, "
     "%4 : " V "\n%25 = arith.addi %24, %5 : " V "\n%26 = arith.subi %25, %6 : " V
     "\n%27 = arith.addi %26, %7 : " V "\n%28 = arith.subi %27, %8 : " V "\n%29 = arith.addi %28, "
     "%9 : " V "\n%30 = arith.subi %29, %10 : " V "\n%31 = arith.addi %30, %11 : " V
     "\n%32 = arith.subi %31, %12 : " V "\n%33 = arith.addi %32, %13 : " V
     "\nvector.store %33, %c[%c0] : " M ", " V "\n",
     1, 21, 0},
    {"offsets of all kinds", "",
     "%g = memref.alloca() : memref<4x16xi32>\n%m = memref.load %n[%c0] : memref<1xi32>\n"
     "%e = arith.index_cast %m : i32 to index\n%f = arith.muli %e, %c16 : index\n"
     "%x = vector.load %a[%f] : " M ", " V "\nvector.store %x, %g[%e, %c0] : memref<4x16xi32>, " V
     "\n%v = memref.subview %a[%f] [16] [1] : " M " to memref<16xi32, strided<[1], offset: ?>>\n"
     "%y = vector.load %v[%c0] : memref<16xi32, strided<[1], offset: ?>>, " V "\n"
     "%w = vector.load %g[%e, %c0] : memref<4x16xi32>, " V "\n%u = vector.load %a[%c48] : " M ", " V
     "\n%p = arith.subi %w, %y : " V "\n%q = arith.addi %p, %u : " V "\n%o = arith.subi %q, %x : " V
     "\n%h = vector.load %a[%c0] : " M ", " V "\n%r = arith.addi %o, %h : " V
     "\nvector.store %r, %c[%c0] : " M ", " V "\n",
     1, 0, 0},
    {"a memref that is said to be aligned",
     "func.func @f(%p: " M ", %q: " M ") {\n%c0 = arith.constant 0 : index\n"
     "%s = memref.assume_alignment %p, 32 : " M "\nmemref.assume_alignment %q, 64 : " M "\n"
     "%x = vector.load %s[%c0] : " M ", " V "\nvector.store %x, %q[%c0] : " M ", " V
     "\nreturn\n}\n",
     "func.call @f(%b, %c) : (" M ", " M ") -> ()\n", 0, 1, 0},
    {"all lanes by one bit, a mask that is kept", "",
     "%x = vector.load %a[%c0] : " M ", " V "\n%y = vector.load %b[%c0] : " M ", " V "\n"
     "%t = arith.cmpi eq, %x, %x : " V "\n%l = arith.cmpi ne, %x, %x : " V
     "\n%m = memref.load %n[%c0] : memref<1xi32>\n%z = arith.constant 3 : i32\n"
     "%o = arith.cmpi eq, %m, %z : i32\n%p = arith.select %o, %x, %y : " V
     "\n%q = arith.cmpi ne, %m, %z : i32\n%r = arith.select %q, %x, %y : " V
     "\n%u = arith.select %t, %p, %r : vector<16xi1>, " V
     "\n%w = arith.select %l, %p, %r : vector<16xi1>, " V "\n%s = arith.addi %u, %w : " V
     "\n%h = vector.bitcast %s : " V " to vector<64xi8>\n%i = arith.bitcast %s : " V
     " to vector<16xf32>\n%j = vector.bitcast %h : vector<64xi8> to " V
     "\nvector.store %j, %c[%c0] : " M ", " V "\n",
     1, 1, 0},
};

static void vectors_do_what_mlir_says(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ts_arena *arena = test_begin();
        char *text = ts_arena_printf(arena, "%s%s%s%s%s", HEAD("64", "i32"), cases[i].functions,
                                     CORE, cases[i].body, TAIL);
        machine *m = run(arena, text, NULL);
        for (unsigned j = 0; j < 16; j++) {
            uint32_t a, b, c;
            memcpy(&a, machine_buffer(m, "a") + 4 * j, 4);
            memcpy(&b, machine_buffer(m, "b") + 4 * j, 4);
            memcpy(&c, machine_buffer(m, "c") + 4 * j, 4);
            uint32_t want = cases[i].times_a * a + cases[i].times_b * b + cases[i].plus;
            if (c != want) fail_msg("%s: word %u is 0x%08x, not 0x%08x", cases[i].name, j, c, want);
        }
        test_end(arena);
    }
}

/* Each way, with a core that has to wait. */
static void the_cascade_carries_vectors(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    cascade c = {{1, 2, 3, 4}, {0}, 0, 0, 0};
    char *text = ts_arena_printf(
        arena, "%s%s%s%s", HEAD("64", "i32"), CORE,
        "%x = aie.get_cascade() : " V "\n%s = scf.for %i = %c0 to %c16 step %c1 iter_args(%p = %x) "
        "-> (" V ") {\n%y = aie.get_cascade() : vector<32xbf16>\n%z = vector.bitcast %y : "
        "vector<32xbf16> to " V "\n%r = arith.addi %p, %z : " V "\naie.put_cascade(%r : " V ")\n"
        "scf.yield %r : " V "\n}\nvector.store %s, %c[%c0] : " M ", " V "\n",
        TAIL);
    machine *m = run(arena, text, &c);
    assert_int_equal(c.n_in, 17);
    assert_int_equal(c.n_out, 16);
    /* 17 times 0x04030201, and 0 + 1 + ... + 16 */
    uint32_t word;
    memcpy(&word, c.out, 4);
    assert_int_equal(word, 17 * UINT32_C(0x04030201) + 136);
    memcpy(&word, machine_buffer(m, "c"), 4);
    assert_int_equal(word, 17 * UINT32_C(0x04030201) + 136);
    test_end(arena);
}

#define X "%x = vector.load %a[%c0] : " M ", " V "\n"
static const test_bad_text refused[] = {
    {"%x = vector.load %a[%c1] : " M ", " V "\n", TS_UNSUPPORTED,
     "'vector.load' needs an address that is known to be a multiple of 32 bytes"},
    {"%m = memref.load %n[%c0] : memref<1xi32>\n%e = arith.index_cast %m : i32 to index\n"
     "%x = vector.load %a[%e] : " M ", " V "\n",
     TS_UNSUPPORTED, "'vector.load' needs an address"},
    {"%x = vector.load %a[%c0] : " M ", vector<8xi32>\n", TS_UNSUPPORTED,
     "'vector.load' works on vector<8xi32>"},
    {X "%y = arith.muli %x, %x : " V "\n", TS_UNSUPPORTED, "'arith.muli' is not supported"},
    {X "%y = arith.cmpi ult, %x, %x : " V "\n", TS_UNSUPPORTED,
     "'arith.cmpi' of vectors without sign"},
    {X "%f = vector.bitcast %x : " V
       " to vector<16xf32>\n%y = arith.addf %f, %f : vector<16xf32>\n",
     TS_UNSUPPORTED, "'arith.addf' is not supported"},
    {X "%f = vector.bitcast %x : " V
       " to vector<16xf32>\n%g = arith.bitcast %f : vector<16xf32> to " V
       "\n%y = arith.addi %g, %g : " V "\n%z = arith.extsi %y : " V " to vector<16xi64>\n",
     TS_UNSUPPORTED, "'arith.extsi' is not supported"},
    {"%k = arith.constant dense<[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]> : " V "\n",
     TS_UNSUPPORTED, "a vector whose lanes differ"},
    {"%z = arith.constant 0 : i32\naffine.for %i = 0 to 64 step 16 {\n"
     "%x = vector.transfer_read %a[%i], %z : " M ", " V "\n}\n",
     TS_UNSUPPORTED, "'vector.transfer_read' that is not said to be in_bounds"},
    {"%v = memref.subview %a[0] [16] [2] : " M " to memref<16xi32, strided<[2]>>\n"
     "%x = vector.load %v[%c0] : memref<16xi32, strided<[2]>>, " V "\n",
     TS_UNSUPPORTED, "whose rows have gaps"},
    {"%x = aie.get_cascade() : i512\n", TS_UNSUPPORTED, "'aie.get_cascade' works on i512"},
    {X "%y = \"vector.reduction\"(%x) : (" V ") -> i32\n", TS_UNSUPPORTED,
     "'vector.reduction' is not supported"},
};

static void what_is_not_supported_is_named(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        ts_arena *arena = test_begin();
        machine *m = machine_new(arena);
        ts_diag diag = {0};
        char *text =
            ts_arena_printf(arena, "%s%s%s%s", HEAD("64", "i32"), CORE, refused[i].text, TAIL);
        assert_non_null(text);
        (void)machine_build(m, test_text(text), &diag);
        test_expect_error(&diag, refused[i].code, refused[i].words);
        test_end(arena);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lanes_do_what_numbers_do),
        cmocka_unit_test(vectors_do_what_mlir_says),
        cmocka_unit_test(the_cascade_carries_vectors),
        cmocka_unit_test(what_is_not_supported_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
