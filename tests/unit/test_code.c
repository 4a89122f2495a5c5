/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * Code of cores: programs by chance run on the emulator's core and in the tests' evaluator, cases
 * by hand, what is refused. TESSERA_CODE_SEED=N runs that program and prints it;
 * TESSERA_CODE_RUNS=N runs so many. */
#include "mlir_eval.h"
#include "mlir_random.h"
#include "support.h"

#include "tessera/compile.h"
#include "tessera/emulator.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    N_RUNS = 200,
    FIRST_SEED = 1000,
    MAX_CYCLES = 20000000,
    OWN_MEMORY = 0x70000
};

typedef struct machine {
    ts_arena *arena;
    ts_compile_result built;
    ts_core *core;
    uint8_t code[TS_AIE2_PROGRAM_BYTES];
    uint8_t windows[TS_CORE_N_WINDOWS][TS_CORE_WINDOW_BYTES];
    uint8_t wanted[TS_CORE_WINDOW_BYTES];
    eval_buffer buffers[EVAL_MAX_BUFFERS];
    size_t n_buffers;
} machine;

static ts_status build(machine *m, ts_span text, ts_diag *diag) {
    const ts_compile_options options = {.file = "code.mlir", .text = text};
    return ts_compile_build(m->arena, &options, &m->built, diag);
}

static void load(machine *m) {
    const ts_object *program = &m->built.cores[0].program;
    uint8_t *windows[TS_CORE_N_WINDOWS];
    for (size_t i = 0; i < program->n_segments; i++) {
        const ts_object_segment *s = &program->segments[i];
        if (s->type != TS_PT_LOAD || !s->bytes.size) continue;
        uint8_t *to = s->flags & TS_PF_X ? m->code + s->vaddr
                                         : m->windows[TS_CORE_EAST] + (s->vaddr - OWN_MEMORY);
        memcpy(to, s->bytes.data, s->bytes.size);
    }
    for (unsigned i = 0; i < TS_CORE_N_WINDOWS; i++)
        windows[i] = m->windows[i];
    m->core = ts_core_new(m->arena, m->code, windows, NULL);
    assert_non_null(m->core);
}

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
    machine *m = TS_ARENA_NEW(arena, machine);
    ts_diag diag = {0};
    assert_non_null(m);
    m->arena = arena;
    ts_status status = build(m, text, &diag);
    if (status == TS_RANGE && strstr(diag.message, "program memory")) return LARGE;
    ts_diag_format(&diag, why, 1000);
    if (status != TS_OK) return WRONG;
    load(m);
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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(programs_by_chance_do_what_mlir_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
