/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Cycles of one emulated core a second, as JSON lines: scalar code as compilers write it (loads,
 * adds, a store, a jump back with its delay slots filled), and a loop of int8 products. Beside them
 * the machine's own integer speed as a yardstick: xorshift steps a second.
 */
#include "code.h"
#include "speed.h"

#include "tessera/emulator.h"

#include <stdio.h>
#include <string.h>

static void set(ts_core *core, const char *name, uint32_t value) {
    ts_core_set(core, ts_aie2_register_named(name, strlen(name)), &value, 4);
}

static int measure(const char *name, const char *text, double steps) {
    static uint8_t program[TS_AIE2_PROGRAM_BYTES];
    static uint8_t own[TS_CORE_WINDOW_BYTES];
    uint8_t *windows[TS_CORE_N_WINDOWS] = {[TS_CORE_EAST] = own};
    ts_arena arena;
    ts_arena_init(&arena, 0);
    code_program(text, program);
    ts_core *core = ts_core_new(&arena, program, windows, NULL);
    if (!core) return 1;
    set(core, "p0", 0x70000);
    set(core, "p1", 0x71000);
    set(core, "r6", 0x308);
    double best = 0;
    for (unsigned round = 0; round < 5; round++) {
        uint64_t cycles = ts_core_cycle(core);
        double from = speed_now();
        ts_core_state state = ts_core_run(core, 20000000);
        double rate = (double)(ts_core_cycle(core) - cycles) / (speed_now() - from);
        if (state != TS_CORE_RUNS) {
            fprintf(stderr, "%s: %s\n", ts_core_state_text(state), ts_core_stop_text(core));
            return 1;
        }
        if (rate > best) best = rate;
    }
    printf(
        "{\"bench\": \"core, %s\", \"cycles_per_second\": %.0f, \"host_steps_per_second\": %.0f, "
        "\"ratio\": %.4f}\n",
        name, best, steps, best / steps);
    ts_arena_free(&arena);
    return 0;
}

int main(void) {
    double steps = speed_yardstick();
    int bad = measure("scalar",
                      "lda r0, [p0, #0]\nlda r1, [p0, #4]\nadd r2, r2, #1\nmul r3, r2, r2\n"
                      "and r4, r2, r3\nltu r5, r4, r2\nadd r7, r0, r1\nxor r8, r7, r3\n"
                      "j #0\nadd r9, r8, #3\nst r7, [p0, #8]\nsub r10, r9, r8\n"
                      "st r8, [p0, #12]\nlshl r11, r10, r2\n",
                      steps);
    bad |= measure("scalar, full bundles",
                   "lda r0, [p0, #0]; st r1, [p0, #4]; add r2, r2, #1; mov r3, r2\n"
                   "lda r4, [p0, #8]; st r2, [p0, #12]; and r5, r2, r3; mov r6, r5\n"
                   "j #0\nadd r7, r6, r5; mov r8, r7\nlda r9, [p0, #16]; sub r10, r9, r8\n"
                   "st r10, [p0, #20]; xor r11, r10, r9; mov r12, r11\nadd r13, r12, r11\n"
                   "ltu r14, r13, r12; mov r15, r14\n",
                   steps);
    bad |= measure("products of int8",
                   "vlda wl0, [p0, #0]; vldb wl1, [p0, #32]; vmac cm0, cm0, x0, x1, r6\n"
                   "vlda wh0, [p0, #64]; vldb wh1, [p0, #96]; vmac cm1, cm1, x0, x1, r6\n"
                   "j #0\nvmac cm2, cm2, x0, x1, r6\nvmac cm3, cm3, x0, x1, r6\n"
                   "vmac cm4, cm4, x0, x1, r6\nvst wl0, [p1, #0]\nnop\n",
                   steps);
    return bad;
}
