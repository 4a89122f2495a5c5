/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * What a Phoenix computed, again: every point of ../shared/vectors that can be reproduced, run on a
 * core of its own state. A point that the data set marks `match` must give the recorded bytes;
 * the others are counted. The table goes to the output, TESSERA_VECTORS_VERBOSE=1 tells each point.
 */
#include "code.h"
#include "support.h"

#include "tessera/emulator.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    IN_BUFFER = 0x78000,  /* as the recorded kernels had it: aie2-facts 53 */
    OUT_BUFFER = 0x40000, /* nobody knows; it shows nowhere */
    CYCLES = 4096,
    MAX_ROWS = 300
};

typedef enum outcome {
    PASSED,
    FAILED,
    NOT_MODELED,
    NOT_REPRODUCIBLE,
    N_OUTCOMES
} outcome;

typedef struct row {
    char name[48];
    unsigned n[N_OUTCOMES], n_match_failed;
} row;

typedef struct bench {
    ts_arena *arena;
    ts_core *core;
    uint8_t *own, *south;
    uint8_t *program;
    row mnemonics[MAX_ROWS], classes[8];
    unsigned n_mnemonics, n_classes;
    bool is_verbose;
} bench;

static bool accept_all(void *context, uint16_t instruction) {
    (void)context;
    (void)instruction;
    return true;
}

static const ts_core_ports lenient = {.accept = accept_all};

static unsigned nibble(char c) {
    return (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
}

static size_t from_hex(const char *text, uint8_t *out, size_t room) {
    size_t n = strlen(text) / 2;
    for (size_t i = 0; i < n && i < room; i++)
        out[i] = (uint8_t)(nibble(text[2 * i]) << 4 | nibble(text[2 * i + 1]));
    return n < room ? n : room;
}

static const char *text_of(const ts_json *value) {
    return value && value->kind == TS_JSON_STRING ? value->text : NULL;
}

static void set_word(ts_core *core, const char *name, uint32_t value) {
    ts_core_set(core, ts_aie2_register_named(name, strlen(name)), &value, 4);
}

/* Scalars are numbers, vectors bytes, low first. */
static void set_register(ts_core *core, const char *name, const char *value) {
    ts_aie2_register r = ts_aie2_register_named(name, strlen(name));
    assert_true(r);
    if (ts_aie2_registers[r].bits <= 32) {
        set_word(core, name, (uint32_t)strtoul(value, NULL, 16));
        return;
    }
    uint8_t bytes[128];
    ts_core_set(core, r, bytes, from_hex(value, bytes, sizeof bytes));
}

static void clear_registers(ts_core *core) {
    static const uint8_t zeros[128];
    for (ts_aie2_register r = 1; r < ts_aie2_n_registers; r++)
        ts_core_set(core, r, zeros, (ts_aie2_registers[r].bits + 7u) / 8);
}

static void load_program(bench *b, const char *text) {
    char whole[9000];
    snprintf(whole, sizeof whole, "%s\nnop *16\ndone\nnop *16\n", text);
    code_program(whole, b->program);
    clear_registers(b->core);
    ts_core_code_changed(b->core);
    ts_core_reset(b->core);
    set_word(b->core, "p0", IN_BUFFER);
    set_word(b->core, "p1", OUT_BUFFER);
}

static ts_core_state run(bench *b) {
    return ts_core_run(b->core, CYCLES);
}

static bool fill(const ts_json *map, uint8_t *memory, size_t room) {
    for (const ts_json *m = map ? map->first : NULL; m; m = m->next) {
        size_t at = strtoul(m->key, NULL, 10);
        if (at >= room) return false;
        from_hex(text_of(m), memory + at, room - at);
    }
    return true;
}

static bool same(const ts_json *map, const uint8_t *memory, size_t room) {
    uint8_t want[256];
    for (const ts_json *m = map ? map->first : NULL; m; m = m->next) {
        size_t at = strtoul(m->key, NULL, 10), n = from_hex(text_of(m), want, sizeof want);
        if (at + n > room || memcmp(memory + at, want, n)) return false;
    }
    return true;
}

/* A recorded line; where one of vextbcst's lanes has a sign, it is of 5 bits. */
static size_t add_line(char *out, size_t room, const char *line) {
    const char *minus = strncmp(line, "vextbcst", 8) ? NULL : strstr(line, "#-");
    if (!minus) return (size_t)snprintf(out, room, "%s\n", line);
    return (size_t)snprintf(out, room, "%.*s#32%s\n", (int)(minus - line), line, minus + 1);
}

static outcome replay(bench *b, const ts_json *point) {
    const char *repro = ts_json_text(point, "repro", "");
    bool is_open = !strcmp(repro, "no") || !strcmp(repro, "unknown");
    if (is_open && strcmp(ts_json_text(point, "check", ""), "match")) return NOT_REPRODUCIBLE;
    char text[8192];
    size_t n = 0;
    for (const ts_json *line = ts_json_get(point, "asm")->first; line; line = line->next)
        n += add_line(text + n, sizeof text - n, line->text);
    load_program(b, text);
    const ts_json *live = ts_json_get(point, "live");
    for (const ts_json *l = live ? live->first : NULL; l; l = l->next)
        if (text_of(l->first)) set_register(b->core, l->key, l->first->text);
    memset(b->own, 0, TS_CORE_WINDOW_BYTES);
    memset(b->south, 0, TS_CORE_WINDOW_BYTES);
    assert_true(fill(ts_json_get(point, "in"), b->own + 0x8000, 0x8000));
    ts_core_state state = run(b);
    if (state == TS_CORE_NOT_MODELED) return NOT_MODELED;
    if (state != TS_CORE_DONE) fail_msg("%s", ts_core_stop_text(b->core));
    return same(ts_json_get(point, "out"), b->south, TS_CORE_WINDOW_BYTES) ? PASSED : FAILED;
}

static row *row_named(row *rows, unsigned *n, unsigned room, const char *name) {
    for (unsigned i = 0; i < *n; i++)
        if (!strcmp(rows[i].name, name)) return &rows[i];
    assert_true(*n < room);
    snprintf(rows[*n].name, sizeof rows->name, "%s", name);
    return &rows[(*n)++];
}

static void count(row *r, outcome what, bool is_match) {
    r->n[what]++;
    r->n_match_failed += is_match && what != PASSED;
}

static void print_rows(const char *title, const row *rows, unsigned n) {
    row all = {.name = "all"};
    printf("%-24s %7s %7s %12s %17s\n", title, "passed", "failed", "not modeled",
           "not reproducible");
    for (unsigned i = 0; i <= n; i++) {
        const row *r = i < n ? &rows[i] : &all;
        printf("%-24s %7u %7u %12u %17u%s\n", r->name, r->n[PASSED], r->n[FAILED],
               r->n[NOT_MODELED], r->n[NOT_REPRODUCIBLE],
               r->n_match_failed ? "  <- marked match" : "");
        for (unsigned k = 0; i < n && k < N_OUTCOMES; k++)
            all.n[k] += r->n[k];
    }
}

static bench *bench_new(ts_arena *arena) {
    bench *b = TS_ARENA_NEW(arena, bench);
    b->arena = arena;
    b->own = ts_arena_alloc(arena, TS_CORE_WINDOW_BYTES);
    b->south = ts_arena_alloc(arena, TS_CORE_WINDOW_BYTES);
    b->program = ts_arena_alloc(arena, TS_AIE2_PROGRAM_BYTES);
    uint8_t *windows[TS_CORE_N_WINDOWS] = {[TS_CORE_SOUTH] = b->south, [TS_CORE_EAST] = b->own};
    b->core = ts_core_new(arena, b->program, windows, &lenient);
    b->is_verbose = getenv("TESSERA_VECTORS_VERBOSE") != NULL;
    return b;
}

/* The lines of a file of JSON objects, one call each. */
static void each_line(ts_span file, void (*visit)(bench *b, const ts_json *line), bench *b) {
    for (size_t at = 0; at < file.size;) {
        const uint8_t *end = memchr(file.data + at, '\n', file.size - at);
        size_t n = end ? (size_t)(end - (file.data + at)) : file.size - at;
        ts_arena *arena = test_begin();
        ts_json *line;
        ts_diag diag = {0};
        if (n && ts_json_parse(arena, ts_span_of(file.data + at, n), "line", &line, &diag))
            fail_msg("%s", diag.message);
        if (n) visit(b, line);
        test_end(arena);
        at += n + 1;
    }
}

static void one_point(bench *b, const ts_json *point) {
    bool is_match = !strcmp(ts_json_text(point, "check", ""), "match");
    outcome what = replay(b, point);
    count(row_named(b->mnemonics, &b->n_mnemonics, MAX_ROWS, ts_json_text(point, "mnemonic", "?")),
          what, is_match);
    count(row_named(b->classes, &b->n_classes, 8, ts_json_text(point, "class", "?")), what,
          is_match);
    if (b->is_verbose && what != PASSED && what != NOT_REPRODUCIBLE)
        printf("%s %s %s%s\n", ts_json_text(point, "id", "?"), ts_json_text(point, "instr", "?"),
               what == FAILED ? "differs" : ts_core_stop_text(b->core), is_match ? " MATCH" : "");
}

static void recorded_points_come_out(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_span file;
    if (!test_shared_file(arena, "vectors/points.jsonl", &file)) {
        test_end(arena);
        skip();
    }
    bench *b = bench_new(arena);
    each_line(file, one_point, b);
    print_rows("mnemonic", b->mnemonics, b->n_mnemonics);
    print_rows("class", b->classes, b->n_classes);
    unsigned n_wrong = 0, n_passed = 0;
    for (unsigned i = 0; i < b->n_classes; i++) {
        n_wrong += b->classes[i].n_match_failed;
        n_passed += b->classes[i].n[PASSED];
    }
    assert_int_equal(n_wrong, 0);
    assert_true(n_passed >= 4324);
    test_end(arena);
}

/* ---- edge values: bf16 ------------------------------------------------------------------------
 */

enum {
    BLOCK = 16 /* lanes of a conversion */
};

/* An array of hex numbers of `bytes` each, one behind the other. */
static size_t numbers(const ts_json *array, unsigned bytes, uint8_t *out, size_t room) {
    size_t n = 0;
    for (const ts_json *v = array->first; v; v = v->next, n++) {
        uint32_t word = (uint32_t)strtoul(v->text, NULL, 16);
        assert_true((n + 1) * bytes <= room);
        memcpy(out + n * bytes, &word, bytes);
    }
    return n;
}

/* Input through `text`, which goes from p0 to p1, in blocks; compared number by number. */
static void edge_conversion(bench *b, const ts_json *line, const char *text, unsigned in_bytes,
                            unsigned out_bytes) {
    uint8_t in[4096] = {0}, want[4096] = {0};
    size_t n = numbers(ts_json_get(line, "input"), in_bytes, in, sizeof in);
    assert_int_equal(numbers(ts_json_get(line, "output"), out_bytes, want, sizeof want), n);
    const ts_json *rnd = ts_json_get(line, "crRnd");
    for (size_t at = 0; at < n; at += BLOCK) {
        load_program(b, text);
        if (rnd) set_word(b->core, "crRnd", (uint32_t)strtoul(rnd->text, NULL, 10));
        memset(b->south, 0, TS_CORE_WINDOW_BYTES);
        memcpy(b->own + 0x8000, in + at * in_bytes, (size_t)BLOCK * in_bytes);
        assert_int_equal(run(b), TS_CORE_DONE);
        size_t n_here = n - at < BLOCK ? n - at : BLOCK;
        if (memcmp(b->south, want + at * out_bytes, n_here * out_bytes))
            for (size_t i = 0; i < n_here; i++) {
                uint32_t x = 0, got = 0, wanted = 0;
                memcpy(&x, in + (at + i) * in_bytes, in_bytes);
                memcpy(&got, b->south + i * out_bytes, out_bytes);
                memcpy(&wanted, want + (at + i) * out_bytes, out_bytes);
                if (got != wanted)
                    fail_msg("%s: %08x: %08x, recorded %08x", ts_json_text(line, "id", "?"), x, got,
                             wanted);
            }
    }
    printf("%-32s %zu values\n", ts_json_text(line, "id", "?"), n);
}

static bool is_nan(uint32_t v) {
    return (v & 0x7fffffff) > 0x7f800000;
}

/* A NaN counts as right whatever its payload: aie2-facts 42. */
static void edge_product(bench *b, const ts_json *line) {
    uint8_t want[64];
    load_program(b, "movxm r0, #0x1c\nvlda wl0, [p0, #0]\nvlda wh0, [p0, #32]\n"
                    "vlda wl1, [p0, #64]\nvlda wh1, [p0, #96]\nnop *8\n"
                    "vmul.f bml0, x0, x1, r0\nnop *8\nvst amll0, [p1, #0]\nvst amlh0, [p1, #32]");
    assert_int_equal(numbers(ts_json_get(line, "a"), 2, b->own + 0x8000, 64), 32);
    assert_int_equal(numbers(ts_json_get(line, "b"), 2, b->own + 0x8040, 64), 32);
    assert_int_equal(numbers(ts_json_get(line, "c"), 4, want, sizeof want), 16);
    assert_int_equal(run(b), TS_CORE_DONE);
    for (unsigned i = 0; i < 16; i++) {
        uint32_t got, wanted;
        memcpy(&got, b->south + (size_t)i * 4, 4);
        memcpy(&wanted, want + (size_t)i * 4, 4);
        if (got != wanted && !(is_nan(got) && is_nan(wanted)))
            fail_msg("%s lane %u: %08x, recorded %08x", ts_json_text(line, "id", "?"), i, got,
                     wanted);
    }
}

static void one_edge(bench *b, const ts_json *line) {
    const char *id = ts_json_text(line, "id", "?");
    if (!strncmp(id, "edge.conv_bf16_fp32", 19)) {
        edge_conversion(b, line,
                        "vlda amll0, [p0, #0]\nvlda amlh0, [p0, #32]\nnop *7\n"
                        "vconv.bf16.fp32 wl0, bml0\nnop *3\nvst wl0, [p1, #0]",
                        4, 2);
        edge_conversion(b, line,
                        "vlda amll0, [p0, #0]\nvlda amlh0, [p0, #32]\nnop *7\n"
                        "vst.conv.bf16.fp32 bml0, [p1, #0]",
                        4, 2);
    } else if (!strcmp(id, "edge.conv_fp32_bf16")) {
        edge_conversion(b, line,
                        "vldb wl0, [p0, #0]\nnop *7\nvconv.fp32.bf16 bml0, wl0\nnop *3\n"
                        "vst amll0, [p1, #0]\nvst amlh0, [p1, #32]",
                        2, 4);
        edge_conversion(b, line,
                        "vlda.conv.fp32.bf16 bml0, [p0, #0]\nnop *7\n"
                        "vst amll0, [p1, #0]\nvst amlh0, [p1, #32]",
                        2, 4);
    } else if (!strcmp(id, "edge.vfloor")) {
        edge_conversion(b, line,
                        "vldb wl0, [p0, #0]\nmova r0, #0\nmov s0, r0\nnop *7\n"
                        "vfloor.s32.bf16 x1, wl0, s0\nnop *3\n"
                        "vst wl1, [p1, #0]\nvst wh1, [p1, #32]",
                        2, 4);
    } else {
        edge_product(b, line);
    }
}

static void recorded_edge_values_come_out(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_span file;
    if (!test_shared_file(arena, "vectors/edge.jsonl", &file)) {
        test_end(arena);
        skip();
    }
    each_line(file, one_edge, bench_new(arena));
    test_end(arena);
}

/* All 48 modes with each byte its own number, against the routing that was probed. */
static void one_shuffle_table(bench *b, const ts_json *table) {
    for (const ts_json *mode = table->first; mode; mode = mode->next) {
        char text[200];
        snprintf(text, sizeof text,
                 "movxm r0, #%s\nvlda wl0, [p0, #0]\nvlda wh0, [p0, #32]\nvlda wl1, [p0, #64]\n"
                 "vlda wh1, [p0, #96]\nnop *7\nvshuffle x2, x0, x1, r0\nnop *3\n"
                 "vst wl2, [p1, #0]\nvst wh2, [p1, #32]",
                 mode->key);
        load_program(b, text);
        for (unsigned i = 0; i < 128; i++)
            b->own[0x8000 + i] = (uint8_t)i;
        assert_int_equal(run(b), TS_CORE_DONE);
        unsigned i = 0;
        for (const ts_json *v = mode->first; v; v = v->next, i++)
            if (b->south[i] != strtoul(v->text, NULL, 10))
                fail_msg("mode %s byte %u", mode->key, i);
        assert_int_equal(i, 64);
    }
}

static void recorded_shuffle_modes_come_out(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_span file;
    if (!test_shared_file(arena, "vectors/shuffle_modes.json", &file)) {
        test_end(arena);
        skip();
    }
    ts_json *table;
    ts_diag diag = {0};
    if (ts_json_parse(arena, file, "shuffle_modes.json", &table, &diag))
        fail_msg("%s", diag.message);
    one_shuffle_table(bench_new(arena), table);
    test_end(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recorded_points_come_out),
        cmocka_unit_test(recorded_edge_values_come_out),
        cmocka_unit_test(recorded_shuffle_modes_come_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
