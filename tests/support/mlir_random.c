/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "mlir_random.h"

#include <inttypes.h>
#include <string.h>

enum {
    MAX_VALUES = 400,
    MAX_DEPTH = 3,
    N_MEMORIES = 5,
    I1 = 0,
    I32 = 6,
    I64 = 9,
    INDEX = 10,
    N_TYPES = 11
};

static const char *const types[N_TYPES] = {"i1",  "i5",  "i8",  "i12", "i16",  "i24",
                                           "i32", "i33", "i48", "i64", "index"};
static const unsigned widths[N_TYPES] = {1, 5, 8, 12, 16, 24, 32, 33, 48, 64, 16};

typedef struct memory {
    const char *type;
    unsigned element; /* in types */
    unsigned n_dims, dims[2];
} memory;

static const memory memories[N_MEMORIES] = {
    {"memref<16xi8>", 2, 1, {16, 0}},  {"memref<4x8xi16>", 4, 2, {4, 8}},
    {"memref<64xi32>", 6, 1, {64, 0}}, {"memref<8xi1>", 0, 1, {8, 0}},
    {"memref<8xi64>", I64, 1, {8, 0}},
};

typedef struct gen {
    test_random random;
    ts_buf *out;
    struct {
        unsigned type, number;
        bool is_constant;
    } values[MAX_VALUES];
    unsigned n_values, next, budget, depth, label;
    unsigned n_functions; /* that can be called; odd ones have a result more */
    const char *prefix;   /* of the names of memories: "m" */
} gen;

static unsigned pick(gen *g, unsigned n) {
    return (unsigned)(test_next(&g->random) >> 33) % n;
}

static unsigned define(gen *g, unsigned type) {
    if (g->n_values < MAX_VALUES) {
        g->values[g->n_values].type = type;
        g->values[g->n_values].is_constant = false;
        g->values[g->n_values++].number = g->next;
    }
    return g->next++;
}

static int64_t any_constant(gen *g, unsigned width) {
    static const int64_t special[] = {0,
                                      1,
                                      -1,
                                      2,
                                      3,
                                      7,
                                      8,
                                      15,
                                      63,
                                      64,
                                      -64,
                                      -65,
                                      1000,
                                      1024,
                                      -2048,
                                      65536,
                                      1 << 30,
                                      INT32_MIN,
                                      (int64_t)1 << 32,
                                      UINT32_MAX,
                                      (int64_t)1 << 40};
    uint64_t most = UINT64_MAX >> (64 - width);
    int64_t value = pick(g, 2) ? special[pick(g, sizeof special / sizeof *special)]
                               : (int64_t)(test_next(&g->random) & most);
    uint64_t bits = (uint64_t)value & most;
    bool is_negative = width > 1 && bits >> (width - 1) & 1;
    return is_negative ? (int64_t)(bits | ~most) : (int64_t)bits;
}

static unsigned constant(gen *g, unsigned type, int64_t value) {
    unsigned n = g->n_values, number = define(g, type);
    if (n < MAX_VALUES) g->values[n].is_constant = true;
    if (type == I1)
        ts_buf_printf(g->out, "%%v%u = arith.constant %s\n", number, value ? "true" : "false");
    else
        ts_buf_printf(g->out, "%%v%u = arith.constant %" PRId64 " : %s\n", number, value,
                      types[type]);
    return number;
}

/* Mostly one that is not known before it runs. */
static unsigned value(gen *g, unsigned type) {
    unsigned found = 0, chosen = 0;
    bool any = !pick(g, 4);
    for (unsigned i = 0; i < g->n_values; i++)
        if (g->values[i].type == type && (any || !g->values[i].is_constant) && !pick(g, ++found))
            chosen = g->values[i].number;
    if (found && pick(g, 8)) return chosen;
    return constant(g, type, type == INDEX ? (int64_t)pick(g, 64) : any_constant(g, widths[type]));
}

/* "%vN = arith.NAME %vA, %vB : type" */
static unsigned binary(gen *g, const char *name, unsigned a, unsigned b, unsigned type) {
    unsigned number = define(g, type);
    ts_buf_printf(g->out, "%%v%u = arith.%s %%v%u, %%v%u : %s\n", number, name, a, b, types[type]);
    return number;
}

/* Index values stay below 2^12. */
static void index_op(gen *g) {
    static const char *const names[] = {"addi", "muli", "divui", "remui", "shli"};
    unsigned which = pick(g, 5), a = value(g, INDEX), b = value(g, INDEX);
    if (which == 2 || which == 3) b = constant(g, INDEX, 1 + pick(g, 9));
    if (which == 4) b = constant(g, INDEX, pick(g, 6));
    unsigned kept = g->n_values; /* what it is before the mask stays unused */
    unsigned number = binary(g, names[which], a, b, INDEX);
    g->n_values = kept;
    unsigned mask = constant(g, INDEX, 0xfff);
    binary(g, "andi", number, mask, INDEX);
}

static void divide(gen *g, unsigned type) {
    static const char *const names[] = {"divsi",     "divui",      "remsi",    "remui",
                                        "ceildivsi", "floordivsi", "ceildivui"};
    unsigned a = value(g, type), b;
    int64_t most = INT64_MAX >> (64 - widths[type]);
    if (pick(g, 2)) {
        int64_t by = any_constant(g, widths[type]);
        b = constant(g, type, by == 0 || by == -1 ? 2 : by);
    } else {
        unsigned mask = constant(g, type, most), one = constant(g, type, 1);
        b = binary(g, "ori", binary(g, "andi", value(g, type), mask, type), one, type);
    }
    binary(g, names[pick(g, 7)], a, b, type);
}

static void shift(gen *g, unsigned type) {
    static const char *const names[] = {"shli", "shrsi", "shrui"};
    unsigned a = value(g, type), b;
    if (pick(g, 2))
        b = constant(g, type, pick(g, widths[type]));
    else
        b = binary(g, "remui", value(g, type), constant(g, type, widths[type]), type);
    binary(g, names[pick(g, 3)], a, b, type);
}

static void arithmetic(gen *g) {
    static const char *const names[] = {"addi", "subi",  "muli",  "andi",  "ori",
                                        "xori", "maxsi", "maxui", "minsi", "minui"};
    unsigned type = pick(g, N_TYPES);
    if (type == INDEX) {
        index_op(g);
        return;
    }
    unsigned kind = pick(g, 8);
    if (kind == 0 && widths[type] > 4)
        divide(g, type);
    else if (kind == 1 && widths[type] > 4 && type != 1)
        shift(g, type);
    else
        binary(g, names[pick(g, 10)], value(g, type), value(g, type), type);
}

static unsigned compare(gen *g) {
    static const char *const words[] = {"eq",  "ne",  "slt", "sle", "sgt",
                                        "sge", "ult", "ule", "ugt", "uge"};
    unsigned type = pick(g, N_TYPES), a = value(g, type), b = value(g, type);
    unsigned number = define(g, I1);
    ts_buf_printf(g->out, "%%v%u = arith.cmpi %s, %%v%u, %%v%u : %s\n", number, words[pick(g, 10)],
                  a, b, types[type]);
    return number;
}

static void choose(gen *g) {
    unsigned type = pick(g, N_TYPES), c = value(g, I1), a = value(g, type), b = value(g, type);
    unsigned number = define(g, type);
    ts_buf_printf(g->out, "%%v%u = arith.select %%v%u, %%v%u, %%v%u : %s\n", number, c, a, b,
                  types[type]);
}

static unsigned cast(gen *g, unsigned from_type, unsigned to_type) {
    unsigned from = value(g, from_type);
    const char *name = widths[from_type] > widths[to_type] ? "trunci"
                       : pick(g, 2)                        ? "extsi"
                                                           : "extui";
    if (from_type == INDEX || to_type == INDEX) name = pick(g, 2) ? "index_cast" : "index_castui";
    unsigned number = define(g, to_type);
    ts_buf_printf(g->out, "%%v%u = arith.%s %%v%u : %s to %s\n", number, name, from,
                  types[from_type], types[to_type]);
    return number;
}

/* Of few bits, without sign. */
static void to_index(gen *g) {
    unsigned a = value(g, I32), mask = constant(g, I32, 0xfff);
    unsigned small = binary(g, "andi", a, mask, I32), number = define(g, INDEX);
    ts_buf_printf(g->out, "%%v%u = arith.index_cast %%v%u : i32 to index\n", number, small);
}

static void casts(gen *g) {
    unsigned from = pick(g, N_TYPES), to = pick(g, N_TYPES);
    if (from == to) return;
    if (to == INDEX)
        to_index(g);
    else
        cast(g, from, to);
}

/* ---- memory ---------------------------------------------------------------------------------- */

static unsigned index_below(gen *g, unsigned n) {
    if (!pick(g, 4)) return constant(g, INDEX, pick(g, n));
    unsigned a = value(g, INDEX), mask = constant(g, INDEX, n - 1);
    return binary(g, "andi", a, mask, INDEX);
}

static void indices(gen *g, const memory *m, unsigned out[2]) {
    out[0] = out[1] = 0;
    for (unsigned i = 0; i < m->n_dims; i++)
        out[i] = index_below(g, m->dims[i]);
}

static void put_place(gen *g, unsigned which, const unsigned at[2]) {
    const memory *m = &memories[which];
    bool is_alias = *g->prefix == 'a' && which < 2 && pick(g, 2);
    ts_buf_printf(g->out, "%%%s%u[%%v%u", g->prefix, is_alias ? which + N_MEMORIES : which, at[0]);
    if (m->n_dims > 1) ts_buf_printf(g->out, ", %%v%u", at[1]);
    ts_buf_printf(g->out, "] : %s\n", m->type);
}

static void load(gen *g) {
    unsigned which = pick(g, N_MEMORIES), at[2] = {0, 0};
    indices(g, &memories[which], at);
    ts_buf_printf(g->out, "%%v%u = memref.load ", define(g, memories[which].element));
    put_place(g, which, at);
}

static void store(gen *g) {
    unsigned which = pick(g, N_MEMORIES), at[2] = {0, 0}, v = value(g, memories[which].element);
    indices(g, &memories[which], at);
    ts_buf_printf(g->out, "memref.store %%v%u, ", v);
    put_place(g, which, at);
}

/* Every second word from a place on, or some words from one that is not known. */
static void view(gen *g) {
    unsigned v = value(g, I32), at = index_below(g, 8), s = g->next++, number = define(g, I32);
    const char *type = "memref<16xi32, strided<[2], offset: 9>>";
    if (pick(g, 2)) {
        type = "memref<8xi32, strided<[1], offset: ?>>";
        unsigned from = index_below(g, 32);
        ts_buf_printf(g->out, "%%s%u = memref.subview %%%s2[%%v%u] [8] [1]", s, g->prefix, from);
    } else {
        ts_buf_printf(g->out, "%%s%u = memref.subview %%%s2[9] [16] [2]", s, g->prefix);
    }
    ts_buf_printf(g->out,
                  " : memref<64xi32> to %s\n"
                  "%%v%u = memref.load %%s%u[%%v%u] : %s\n"
                  "memref.store %%v%u, %%s%u[%%v%u] : %s\n",
                  type, number, s, at, type, v, s, at, type);
}

static void on_stack(gen *g) {
    unsigned a = value(g, I32), b = value(g, I32), at = index_below(g, 4), s = g->next++;
    unsigned zero = constant(g, INDEX, 0), three = constant(g, INDEX, 3);
    ts_buf_printf(g->out,
                  "%%s%u = memref.alloca() : memref<4xi32>\n"
                  "memref.store %%v%u, %%s%u[%%v%u] : memref<4xi32>\n"
                  "memref.store %%v%u, %%s%u[%%v%u] : memref<4xi32>\n"
                  "memref.store %%v%u, %%s%u[%%v%u] : memref<4xi32>\n"
                  "%%v%u = memref.load %%s%u[%%v%u] : memref<4xi32>\n",
                  s, a, s, zero, b, s, three, a, s, at, define(g, I32), s, at);
}

/* ---- control --------------------------------------------------------------------------------- */

static void statements(gen *g, unsigned n);

static void yield(gen *g, unsigned type, unsigned v, unsigned w) {
    ts_buf_printf(g->out, "scf.yield %%v%u, %%v%u : %s, i32\n", v, w, types[type]);
}

/* A region with its own values; gives two of them. */
static void inside(gen *g, unsigned type, unsigned more) {
    unsigned n = g->n_values;
    g->depth++;
    statements(g, 1 + pick(g, 4));
    g->depth--;
    unsigned a = value(g, type), b = value(g, I32);
    if (more) yield(g, type, a, b);
    g->n_values = n;
}

static void loop(gen *g) {
    unsigned type = pick(g, INDEX), a = value(g, type), b = value(g, I32), n = g->n_values;
    unsigned from = constant(g, INDEX, pick(g, 3));
    unsigned to = constant(g, INDEX, pick(g, 8)), by = constant(g, INDEX, 1 + pick(g, 3));
    if (!pick(g, 3)) {
        unsigned seven = constant(g, INDEX, 7);
        to = binary(g, "andi", value(g, INDEX), seven, INDEX);
    }
    unsigned iv = g->next++, x = g->next++, y = g->next++, r = g->next++;
    bool carries = pick(g, 2);
    if (carries)
        ts_buf_printf(g->out,
                      "%%r%u:2 = scf.for %%v%u = %%v%u to %%v%u step %%v%u iter_args(%%v%u = "
                      "%%v%u, %%v%u = %%v%u) -> (%s, i32) {\n",
                      r, iv, from, to, by, x, a, y, b, types[type]);
    else
        ts_buf_printf(g->out, "scf.for %%v%u = %%v%u to %%v%u step %%v%u {\n", iv, from, to, by);
    unsigned kept = g->next;
    g->next = iv, define(g, INDEX);
    if (carries) {
        g->next = x, define(g, type);
        g->next = y, define(g, I32);
    }
    g->next = kept;
    inside(g, type, carries);
    ts_buf_text(g->out, "}\n");
    g->n_values = n;
    if (!carries) return;
    unsigned zero = constant(g, I32, 0);
    ts_buf_printf(g->out, "%%v%u = arith.addi %%r%u#1, %%v%u : i32\n", define(g, I32), r, zero);
    unsigned same = g->next;
    ts_buf_printf(g->out, "%%v%u = arith.xori %%r%u#0, %%r%u#0 : %s\n", same, r, r, types[type]);
    define(g, type);
    ts_buf_printf(g->out, "%%v%u = arith.ori %%v%u, %%r%u#0 : %s\n", define(g, type), same, r,
                  types[type]);
}

static void branch(gen *g) {
    unsigned type = pick(g, INDEX), c = pick(g, 2) ? compare(g) : value(g, I1), r = g->next++;
    bool gives = pick(g, 2), has_else = gives || pick(g, 2);
    if (gives)
        ts_buf_printf(g->out, "%%r%u:2 = scf.if %%v%u -> (%s, i32) {\n", r, c, types[type]);
    else
        ts_buf_printf(g->out, "scf.if %%v%u {\n", c);
    inside(g, type, gives);
    if (has_else) {
        ts_buf_text(g->out, "} else {\n");
        inside(g, type, gives);
    }
    ts_buf_text(g->out, "}\n");
    if (!gives) return;
    ts_buf_printf(g->out, "%%v%u = arith.muli %%r%u#1, %%r%u#1 : i32\n", define(g, I32), r, r);
    ts_buf_printf(g->out, "%%v%u = arith.subi %%r%u#0, %%r%u#0 : %s\n", define(g, type), r, r,
                  types[type]);
}

/* From any number, near the largest and least too, a few rounds of any step. */
static void loop_of_type(gen *g) {
    unsigned type = 1 + pick(g, I64), n = g->n_values, rounds = pick(g, 5);
    uint64_t most = UINT64_MAX >> (64 - widths[type]),
             step = 1 + test_next(&g->random) % (most / 8);
    bool is_unsigned = pick(g, 3) == 0;
    uint64_t from = test_next(&g->random) & most, to = (from + step * rounds - pick(g, 2)) & most;
    uint64_t sign = is_unsigned ? 0 : most / 2 + 1;
    if ((from ^ sign) > (to ^ sign) && pick(g, 4)) to = sign ? most / 2 : most;
    if (pick(g, 2)) step = most / 8 + 1;
    int64_t constants[] = {(int64_t)from, (int64_t)to, (int64_t)step};
    unsigned bounds[3];
    for (unsigned i = 0; i < 3; i++) {
        uint64_t bits = (uint64_t)constants[i];
        bool is_negative = bits > most / 2;
        bounds[i] = constant(g, type, is_negative ? (int64_t)(bits | ~most) : (int64_t)bits);
        if (i == 2 || pick(g, 2)) continue;
        unsigned any = value(g, type), none = binary(g, "xori", any, any, type);
        bounds[i] = binary(g, "addi", bounds[i], none, type);
    }
    unsigned iv = g->next++, x = g->next++, r = g->next++, first = constant(g, type, 1);
    ts_buf_printf(g->out,
                  "%%v%u = scf.for %s%%v%u = %%v%u to %%v%u step %%v%u iter_args(%%v%u = %%v%u) -> "
                  "(%s) : %s {\n",
                  r, is_unsigned ? "unsigned " : "", iv, bounds[0], bounds[1], bounds[2], x, first,
                  types[type], types[type]);
    unsigned kept = g->next;
    g->next = iv, define(g, type);
    g->next = x, define(g, type);
    g->next = kept;
    g->depth++;
    statements(g, pick(g, 3));
    g->depth--;
    unsigned three = constant(g, type, 3), product = g->next++, sum = g->next++;
    ts_buf_printf(g->out,
                  "%%v%u = arith.muli %%v%u, %%v%u : %s\n%%v%u = arith.addi %%v%u, %%v%u : %s\n"
                  "scf.yield %%v%u : %s\n}\n",
                  product, x, three, types[type], sum, product, iv, types[type], sum, types[type]);
    g->n_values = n;
    kept = g->next;
    g->next = r, define(g, type);
    g->next = kept;
}

/* Down from a few to 0; two values change places. */
static void loop_while(gen *g) {
    unsigned n0 = constant(g, I32, pick(g, 4)), a = value(g, I32), b = value(g, I32);
    unsigned n = g->n_values, r = g->next++, i = g->next++, x = g->next++, y = g->next++;
    unsigned j = g->next++, u = g->next++, w = g->next++, zero = g->next++, c = g->next++;
    ts_buf_printf(g->out,
                  "%%r%u:3 = scf.while (%%v%u = %%v%u, %%v%u = %%v%u, %%v%u = %%v%u) : (i32, i32, "
                  "i32) -> (i32, i32, i32) {\n"
                  "%%v%u = arith.constant 0 : i32\n"
                  "%%v%u = arith.cmpi sgt, %%v%u, %%v%u : i32\n"
                  "scf.condition(%%v%u) %%v%u, %%v%u, %%v%u : i32, i32, i32\n} do {\n"
                  "^bb0(%%v%u: i32, %%v%u: i32, %%v%u: i32):\n",
                  r, i, n0, x, a, y, b, zero, c, i, zero, c, i, y, x, j, u, w);
    unsigned kept = g->next;
    g->next = u, define(g, I32);
    g->next = w, define(g, I32);
    g->next = kept;
    g->depth++;
    statements(g, 1 + pick(g, 3));
    g->depth--;
    unsigned d = value(g, I32), one = constant(g, I32, -1), less = g->next++;
    ts_buf_printf(g->out,
                  "%%v%u = arith.addi %%v%u, %%v%u : i32\n"
                  "scf.yield %%v%u, %%v%u, %%v%u : i32, i32, i32\n}\n",
                  less, j, one, less, w, d);
    g->n_values = n;
    ts_buf_printf(g->out, "%%v%u = arith.xori %%r%u#1, %%r%u#0 : i32\n", define(g, I32), r, r);
    ts_buf_printf(g->out, "%%v%u = arith.addi %%r%u#2, %%r%u#1 : i32\n", define(g, I32), r, r);
}

static void choose_case(gen *g) {
    unsigned at = index_below(g, 4), r = g->next++;
    ts_buf_printf(g->out, "%%r%u = scf.index_switch %%v%u -> i32\n", r, at);
    for (unsigned i = 0; i < 3; i++) {
        unsigned n = g->n_values;
        if (i < 2)
            ts_buf_printf(g->out, "case %u {\n", i + 1);
        else
            ts_buf_text(g->out, "default {\n");
        g->depth++;
        statements(g, 1);
        g->depth--;
        ts_buf_printf(g->out, "scf.yield %%v%u : i32\n", value(g, I32));
        ts_buf_text(g->out, "}\n");
        g->n_values = n;
    }
    ts_buf_printf(g->out, "%%v%u = arith.addi %%r%u, %%r%u : i32\n", define(g, I32), r, r);
}

static void call(gen *g) {
    if (!g->n_functions) return;
    static const unsigned in[] = {I32, 2, INDEX, I1, I64, 4, 8, I32};
    unsigned which = pick(g, g->n_functions), v[8], x, y, z;
    for (unsigned i = 0; i < 8; i++)
        v[i] = value(g, in[i]);
    x = g->next++, y = define(g, I32), z = define(g, 4);
    ts_buf_printf(g->out,
                  "%%r%u:%u = func.call @f%u(%%v%u, %%%s0, %%v%u, %%%s1, %%v%u, %%%s2, %%v%u, "
                  "%%%s3, %%v%u, %%v%u, %%%s4, %%v%u, %%v%u, %%%s0, %%%s1) : (",
                  x, 2 + which % 2, which, v[0], g->prefix, v[1], g->prefix, v[2], g->prefix, v[3],
                  g->prefix, v[4], v[5], g->prefix, v[6], v[7], g->prefix, g->prefix);
    ts_buf_printf(g->out, "i32, %s, i8, %s, index, %s, i1, %s, i64, i16, %s, i48, i32, %s, %s)",
                  memories[0].type, memories[1].type, memories[2].type, memories[3].type,
                  memories[4].type, memories[0].type, memories[1].type);
    ts_buf_printf(g->out, " -> (i32, i16%s)\n", which % 2 ? ", i64" : "");
    ts_buf_printf(g->out, "%%v%u = arith.addi %%r%u#0, %%r%u#0 : i32\n", y, x, x);
    ts_buf_printf(g->out, "%%v%u = arith.addi %%r%u#1, %%r%u#1 : i16\n", z, x, x);
    if (which % 2)
        ts_buf_printf(g->out, "%%v%u = arith.addi %%r%u#2, %%r%u#2 : i64\n", define(g, I64), x, x);
}

static void statement(gen *g) {
    static void (*const simple[])(gen *) = {arithmetic, arithmetic, arithmetic, arithmetic, choose,
                                            casts,      casts,      load,       load,       store,
                                            store,      view,       on_stack};
    static void (*const nested[])(gen *) = {loop,   loop,       loop_of_type, branch,
                                            branch, loop_while, choose_case,  call};
    if (pick(g, 4) || g->depth >= MAX_DEPTH)
        simple[pick(g, sizeof simple / sizeof *simple)](g);
    else
        nested[pick(g, sizeof nested / sizeof *nested)](g);
}

static void statements(gen *g, unsigned n) {
    for (unsigned i = 0; i < n && g->budget; i++) {
        g->budget--;
        statement(g);
    }
}

/* ---- blocks ---------------------------------------------------------------------------------- */

static void diamond(gen *g) {
    unsigned t = pick(g, 2) ? I64 : I32, c = compare(g), a = value(g, t), b = value(g, I32);
    unsigned at = g->label, n = g->n_values;
    const char *type = types[t];
    g->label += 3;
    ts_buf_printf(g->out, "cf.cond_br %%v%u, ^b%u(%%v%u : %s), ^b%u(%%v%u, %%v%u : i32, %s)\n", c,
                  at, a, type, at + 1, b, a, type);
    ts_buf_printf(g->out, "^b%u(%%v%u: %s):\n", at, define(g, t), type);
    statements(g, 3);
    ts_buf_printf(g->out, "cf.br ^b%u(%%v%u : %s)\n", at + 2, value(g, t), type);
    g->n_values = n;
    ts_buf_printf(g->out, "^b%u(%%v%u: i32, ", at + 1, define(g, I32));
    ts_buf_printf(g->out, "%%v%u: %s):\n", define(g, t), type);
    statements(g, 3);
    ts_buf_printf(g->out, "cf.br ^b%u(%%v%u : %s)\n", at + 2, value(g, t), type);
    g->n_values = n;
    ts_buf_printf(g->out, "^b%u(%%v%u: %s):\n", at + 2, define(g, t), type);
}

/* A loop of blocks whose arguments change places. */
static void circle(gen *g) {
    unsigned n0 = constant(g, I32, pick(g, 4)), a = value(g, I32), b = value(g, I32);
    unsigned at = g->label, i = g->next++, zero = g->next++, c = g->next++, one = g->next++;
    g->label += 3;
    ts_buf_printf(g->out, "cf.br ^b%u(%%v%u, %%v%u, %%v%u : i32, i32, i32)\n", at, n0, a, b);
    unsigned x = define(g, I32), y = define(g, I32), n = g->n_values;
    ts_buf_printf(g->out,
                  "^b%u(%%v%u: i32, %%v%u: i32, %%v%u: i32):\n"
                  "%%v%u = arith.constant 0 : i32\n%%v%u = arith.constant -1 : i32\n"
                  "%%v%u = arith.cmpi ne, %%v%u, %%v%u : i32\n"
                  "cf.cond_br %%v%u, ^b%u, ^b%u\n^b%u:\n",
                  at, i, x, y, zero, one, c, i, zero, c, at + 1, at + 2, at + 1);
    g->depth += 2;
    statements(g, 3);
    g->depth -= 2;
    unsigned less = g->next++;
    ts_buf_printf(g->out,
                  "%%v%u = arith.addi %%v%u, %%v%u : i32\n"
                  "cf.br ^b%u(%%v%u, %%v%u, %%v%u : i32, i32, i32)\n^b%u:\n",
                  less, i, one, at, less, y, x, at + 2);
    g->n_values = n;
}

/* Values that nobody knows before it runs. */
static void unknowns(gen *g) {
    for (unsigned i = 0; i < 5; i++)
        load(g);
    for (unsigned i = 0; i < 3; i++)
        to_index(g);
}

static void body(gen *g, unsigned groups) {
    unknowns(g);
    for (unsigned i = 0; i < groups; i++) {
        statements(g, 4 + pick(g, 6));
        unsigned kind = pick(g, 4);
        if (kind == 0) diamond(g);
        if (kind == 1) circle(g);
    }
}

/* ---- the design ------------------------------------------------------------------------------ */

static void function(gen *g, unsigned number) {
    unsigned a, b, c, d;
    g->n_values = 0;
    g->prefix = "a";
    a = define(g, I32), b = define(g, 2), c = g->next++, d = define(g, I1);
    ts_buf_printf(g->out,
                  "func.func @f%u(%%v%u: i32, %%a0: %s, %%v%u: i8, %%a1: %s, %%v%u: index, %%a2: "
                  "%s, %%v%u: i1, %%a3: %s, ",
                  number, a, memories[0].type, b, memories[1].type, c, memories[2].type, d,
                  memories[3].type);
    a = define(g, I64), b = define(g, 4);
    ts_buf_printf(g->out, "%%v%u: i64, %%v%u: i16, %%a4: %s, ", a, b, memories[4].type);
    a = define(g, 8), b = define(g, I32);
    ts_buf_printf(g->out, "%%v%u: i48, %%v%u: i32, %%a5: %s, %%a6: %s) -> (i32, i16%s) {\n", a, b,
                  memories[0].type, memories[1].type, number % 2 ? ", i64" : "");
    unsigned mask = constant(g, INDEX, 0xfff);
    binary(g, "andi", c, mask, INDEX);
    g->depth = 1;
    g->budget = 12;
    body(g, 1);
    g->depth = 0;
    unsigned x = value(g, I32), y = value(g, 4), z = number % 2 ? value(g, I64) : 0;
    if (number % 2)
        ts_buf_printf(g->out, "func.return %%v%u, %%v%u, %%v%u : i32, i16, i64\n}\n", x, y, z);
    else
        ts_buf_printf(g->out, "func.return %%v%u, %%v%u : i32, i16\n}\n", x, y);
}

/* What there is at the end goes to memory. */
static void show(gen *g) {
    unsigned n = g->n_values, shown = 0;
    for (unsigned i = 0; i < n && shown < 24; i++) {
        unsigned type = g->values[i].type, v = g->values[i].number, wide = v;
        bool is_wide = widths[type] > 32;
        const char *to = is_wide ? "i64" : "i32";
        if (n > 24 && pick(g, n) >= 24) continue;
        if (type != I32 && type != I64)
            ts_buf_printf(g->out, "%%v%u = arith.%s %%v%u : %s to %s\n", wide = g->next++,
                          type == INDEX ? "index_cast"
                          : pick(g, 2)  ? "extsi"
                                        : "extui",
                          v, types[type], to);
        ts_buf_printf(g->out,
                      "%%v%u = arith.constant %u : index\n"
                      "memref.store %%v%u, %%%s[%%v%u] : memref<32x%s>\n",
                      g->next, shown++, wide, is_wide ? "wide" : "shown", g->next, to);
        g->next++;
    }
}

void mlir_random(uint64_t seed, ts_buf *out) {
    gen g = {.random = {seed}, .out = out};
    unsigned n_functions = pick(&g, 3);
    ts_buf_text(out, "module {\naie.device(npu1_1col) {\n%tile = aie.tile(0, 2)\n");
    for (unsigned i = 0; i < N_MEMORIES; i++)
        ts_buf_printf(out, "%%m%u = aie.buffer(%%tile) {sym_name = \"m%u\"} : %s\n", i, i,
                      memories[i].type);
    ts_buf_text(out, "%shown = aie.buffer(%tile) {sym_name = \"shown\"} : memref<32xi32>\n"
                     "%wide = aie.buffer(%tile) {sym_name = \"wide\"} : memref<32xi64>\n");
    for (unsigned i = 0; i < n_functions; i++) {
        function(&g, i);
        g.n_functions = i + 1;
    }
    ts_buf_text(out, "%core = aie.core(%tile) {\n");
    g.n_values = 0;
    g.prefix = "m";
    g.budget = 40;
    body(&g, 4);
    show(&g);
    ts_buf_text(out, "aie.end\n} {stack_size = 8192 : i32}\n}\n}\n");
}
