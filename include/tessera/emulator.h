/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * emulator: what an XDNA1 array does, bundle by bundle. So far one core: its registers, its exposed
 * pipeline, its program memory, and ports to everything outside.
 *
 * A core steps deterministically and never allocates after ts_core_new(). Time has two counters: a
 * tick is a bundle issued; a cycle is a tick or a stall, during which the whole pipeline stands.
 */
#ifndef TESSERA_EMULATOR_H
#define TESSERA_EMULATOR_H

#include "aie2.h"
#include "base.h"

/* ---- one core ---------------------------------------------------------------------------------
 */

/* Why ts_core_run() came back. Of the WAITS ones, running again tries again. */
#define TS_CORE_STATE_LIST(X)                                                                      \
    X(RUNS, "runs")                                                                                \
    X(WAITS_LOCK, "waits for a lock")                                                              \
    X(WAITS_STREAM_IN, "waits for a word of a stream")                                             \
    X(WAITS_STREAM_OUT, "waits for room in a stream")                                              \
    X(WAITS_CASCADE_IN, "waits for the cascade")                                                   \
    X(WAITS_CASCADE_OUT, "waits for room in the cascade")                                          \
    X(DONE, "executed done")                                                                       \
    X(AT_BREAK, "stopped before a break address")                                                  \
    X(NO_CODE, "program counter at bytes that are no bundle")                                      \
    X(NOT_MODELED, "instruction or mode without a known meaning")

typedef enum ts_core_state {
#define X(name, text) TS_CORE_##name,
    TS_CORE_STATE_LIST(X)
#undef X
    TS_CORE_N_STATES
} ts_core_state;

const char *ts_core_state_text(ts_core_state state);

enum {
    TS_CORE_N_WINDOWS = 4,
    TS_CORE_WINDOW_BYTES = 0x10000,
    TS_CORE_DATA_BASE = 0x40000, /* south, west, north, east; east is the tile's own */
    TS_CORE_CASCADE_BYTES = 64,
};

/* The order of the windows in a core's address space.
 * src: FIM43-Redeye/xdna-emu: src/interpreter/execute/memory/neighbor.rs [code] */
typedef enum ts_core_window {
    TS_CORE_SOUTH,
    TS_CORE_WEST,
    TS_CORE_NORTH,
    TS_CORE_EAST
} ts_core_window;

/* What an access outside of all windows, or across the end of one, was. */
typedef struct ts_core_fault {
    uint64_t count;
    uint32_t pc, address; /* of the first */
    bool is_store;
} ts_core_fault;

/* Everything outside of the core. Any function may be NULL: then locks are granted, streams and
 * cascades wait forever, events vanish. A false return stalls the core; it asks again next cycle.
 */
typedef struct ts_core_ports {
    void *context;
    /* acq: `value` as in the register. `id` 0..63. */
    bool (*acquire)(void *context, unsigned id, int32_t value);
    void (*release)(void *context, unsigned id, int32_t value);
    bool (*stream_read)(void *context, uint32_t *word, bool *is_last);
    bool (*stream_write)(void *context, uint32_t word, bool is_last);
    bool (*cascade_read)(void *context, uint8_t data[TS_CORE_CASCADE_BYTES]);
    bool (*cascade_write)(void *context, const uint8_t data[TS_CORE_CASCADE_BYTES]);
    void (*event)(void *context, unsigned id);
    /* lda.tm and st.tm: the tile's registers. */
    uint32_t (*tile_read)(void *context, uint32_t address);
    void (*tile_write)(void *context, uint32_t address, uint32_t word);
    /* An instruction whose result nobody knows: true lets it give zeros, else the core stops. */
    bool (*accept)(void *context, uint16_t instruction);
    /* Before every access to data memory, for checks; may not change anything. */
    void (*watch)(void *context, uint32_t address, unsigned n_bytes, bool is_store);
} ts_core_ports;

typedef struct ts_core ts_core;

/* A core with all registers 0. `program` (TS_AIE2_PROGRAM_BYTES) and the windows (each
 * TS_CORE_WINDOW_BYTES, or NULL where the tile has no neighbor) are borrowed; whoever writes into
 * `program` calls ts_core_code_changed(). NULL when the arena is exhausted. */
ts_core *ts_core_new(ts_arena *arena, const uint8_t *program,
                     uint8_t *const windows[TS_CORE_N_WINDOWS], const ts_core_ports *ports);
void ts_core_code_changed(ts_core *core);
/* As the hardware's core reset: pc, pipeline, control and status registers, loop registers become
 * 0; all other registers keep what they hold. src: aie2-facts 16 [observed: Phoenix, 2026-03] */
void ts_core_reset(ts_core *core);

/* Up to `n_cycles` more cycles, ending early in any state but RUNS. A waiting core uses one cycle.
 */
ts_core_state ts_core_run(ts_core *core, uint64_t n_cycles);
/* Let what is in flight land, issuing nothing. */
void ts_core_drain(ts_core *core);

uint32_t ts_core_pc(const ts_core *core);
void ts_core_set_pc(ts_core *core, uint32_t pc);
uint64_t ts_core_cycle(const ts_core *core);
uint64_t ts_core_ticks(const ts_core *core);
/* Stop before the bundle at this address; UINT32_MAX: nowhere. */
void ts_core_set_break(ts_core *core, uint32_t pc);
const ts_core_fault *ts_core_faults(const ts_core *core);
/* Part-word stores that a loop's way back swallowed: aie2-facts 13. */
uint64_t ts_core_lost_stores(const ts_core *core);
/* NO_CODE, NOT_MODELED: what and where. Else "". */
const char *ts_core_stop_text(const ts_core *core);

/* A register, low byte first; `size` bytes of it, at most (bits + 7) / 8. */
void ts_core_get(const ts_core *core, ts_aie2_register reg, void *out, size_t size);
void ts_core_set(ts_core *core, ts_aie2_register reg, const void *data, size_t size);

/* Whether instruction `row` has a meaning here. */
bool ts_core_has_meaning(uint16_t row);

#endif
