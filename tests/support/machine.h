/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * A design with one core, built without another compiler, and that core alone on the emulator: for
 * the tests of the code of cores.
 */
#ifndef TESSERA_TEST_MACHINE_H
#define TESSERA_TEST_MACHINE_H

#include "mlir_eval.h"
#include "support.h"

#include "tessera/compile.h"
#include "tessera/emulator.h"

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

machine *machine_new(ts_arena *arena);
/* Fails the test when what .stack_sizes states is not what the proof of the stack finds. */
ts_status machine_build(machine *m, ts_span text, ts_diag *diag);
/* The core with its program; ports may be NULL. */
void machine_load(machine *m, const ts_core_ports *ports);
/* The bytes of a buffer in the core's own memory. */
uint8_t *machine_buffer(machine *m, const char *name);

#endif
