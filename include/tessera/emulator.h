/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * emulator: what an XDNA1 array does. One core: its registers, its exposed
 * pipeline, its program memory, and ports to everything outside. The array: tiles, memories, locks,
 * DMAs, stream switches, cores, and the memory of the host.
 *
 * A core steps deterministically and never allocates after ts_core_new(). Time has two counters: a
 * tick is a bundle issued; a cycle is a tick or a stall, during which the whole pipeline stands.
 */
#ifndef TESSERA_EMULATOR_H
#define TESSERA_EMULATOR_H

#include "aie2.h"
#include "base.h"
#include "npu.h"
#include "object.h"
#include "xclbin.h"

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
    TS_CORE_N_COUNTS = TS_AIE2_PROGRAM_BYTES / 2,
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
    /* A jump, call or return has taken effect. */
    void (*jumped)(void *context, uint32_t pc);
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
/* From now on each bundle issued counts up counts[pc / 2], of TS_CORE_N_COUNTS; NULL: none does. */
void ts_core_count(ts_core *core, uint64_t *counts);
/* Part-word stores that a loop's way back swallowed: aie2-facts 13. */
uint64_t ts_core_lost_stores(const ts_core *core);
/* Products that the multiplier added up. */
uint64_t ts_core_macs(const ts_core *core);
/* NO_CODE, NOT_MODELED: what and where. Else "". */
const char *ts_core_stop_text(const ts_core *core);

/* A register, low byte first; `size` bytes of it, at most (bits + 7) / 8. */
void ts_core_get(const ts_core *core, ts_aie2_register reg, void *out, size_t size);
void ts_core_set(ts_core *core, ts_aie2_register reg, const void *data, size_t size);

/* Whether instruction `row` has a meaning here. */
bool ts_core_has_meaning(uint16_t row);

/* ---- the array --------------------------------------------------------------------------------
 *
 * Tiles with their memories, locks, DMAs and stream switches, the cores, and the host's buffers.
 * Built once from a device; a step allocates nothing. All positions are those of the partition:
 * column 0 is its leftmost. One array is one thread's; two arrays share nothing. */

typedef struct ts_array ts_array;

/* What hardware lets pass in silence. X(constant, name, what it means) */
#define TS_FINDING_LIST(X)                                                                         \
    X(REGISTER, "register", "an address that is no register and no memory")                        \
    X(READ_ONLY, "read-only", "a write to a register that can only be read")                       \
    X(STACK, "stack", "the stack is beyond its limit")                                             \
    X(UNWRITTEN, "unwritten", "a read of memory that nobody has written")                          \
    X(OUTSIDE, "outside", "an access outside of all memories")                                     \
    X(NO_BUFFER, "no-buffer", "an access to memory where the program has no buffer")               \
    X(LOCK_RANGE, "lock-range", "a lock's value left its range")                                   \
    X(LOCK_ABSENT, "lock-absent", "a lock that does not exist")                                    \
    X(DEADLOCK, "deadlock", "everything waits and nothing can come")                               \
    X(BD_INVALID, "bd-invalid", "a buffer descriptor that is not valid, or has reserved bits")     \
    X(BD_RANGE, "bd-range", "a DMA beyond the memory or buffer")                                   \
    X(QUEUE_FULL, "queue-full", "a task for a DMA channel whose queue is full")                    \
    X(NO_TAKER, "no-taker", "a word of a stream that nobody takes")                                \
    X(NO_SOURCE, "no-source", "somebody takes from a stream that nobody feeds")                    \
    X(NO_PACKET_ROUTE, "no-packet-route", "a packet that no slot of the switch takes")             \
    X(LOST_WORDS, "lost-words", "a route was changed with words in it")                            \
    X(TLAST, "tlast", "a packet ends where its taker does not expect it")                          \
    X(PARITY, "parity", "a packet or control header of wrong parity")                              \
    X(CONTROL, "control-packet", "a control packet of wrong length or address")                    \
    X(TOKEN, "token", "a task-complete token without a route to the controller")                   \
    X(LOST_STORE, "lost-store", "a part-word store lost at the end of a short loop")               \
    X(UNORDERED, "unordered-writes", "two writers of one place without a lock between")            \
    X(CORE_STOPPED, "core-stopped", "a core that cannot go on")                                    \
    X(NOT_MODELED, "not-modeled", "something the emulator does not do")

typedef enum ts_finding_kind {
#define X(constant, name, text) TS_FINDING_##constant,
    TS_FINDING_LIST(X)
#undef X
    TS_FINDING_N_KINDS
} ts_finding_kind;

const char *ts_finding_name(ts_finding_kind kind); /* "lock-range" */
const char *ts_finding_text(ts_finding_kind kind); /* what it means */

#define TS_FINDING_NO_PC UINT32_MAX

/* One finding. The same thing again, at the same tile and from the same place, only counts up. */
typedef struct ts_finding {
    ts_finding_kind kind;
    uint32_t column, row;
    uint64_t cycle; /* of the first */
    uint64_t count;
    uint32_t pc;      /* of the core, or TS_FINDING_NO_PC */
    uint64_t address; /* in the tile, in the core's address space, or of the host; 0: none */
    char text[200];   /* who, what, where: one line */
} ts_finding;

typedef struct ts_array_options {
    uint64_t ignored;     /* bit per finding kind that is not looked for */
    size_t max_findings;  /* kept at most; 0: 256 */
    uint64_t load_cycles; /* that the polls of one configuration may take together; 0: 1,000,000 */
} ts_array_options;

/* `options` may be NULL. NULL: the arena is exhausted. */
ts_array *ts_array_new(ts_arena *arena, const ts_npu_device *device,
                       const ts_array_options *options);
const ts_npu_device *ts_array_device(const ts_array *array);

/* ---- the host's memory. Buffers are borrowed; each gets a device address of its own, with a gap
 * to the next, so that what runs over is noticed. Errors: NOMEM, RANGE (too many). */
TS_NODISCARD ts_status ts_array_add_buffer(ts_array *array, const char *name, void *data,
                                           uint64_t size, uint64_t *address, ts_diag *diag);
void ts_array_clear_buffers(ts_array *array);

/* ---- loading. Configurations are executed command by command. Errors: those of the readers;
 * SYNTAX, UNSUPPORTED for commands that an array cannot execute. */
TS_NODISCARD ts_status ts_array_load_cdo(ts_array *array, ts_arena *scratch, ts_span cdo,
                                         const char *file, ts_diag *diag);
TS_NODISCARD ts_status ts_array_load_pdi(ts_array *array, ts_arena *scratch, ts_span pdi,
                                         const char *file, ts_diag *diag);
/* The primary PDI of the AIE_PARTITION for a kernel id (the first one when `kernel_id` is NULL).
 * RANGE when the partition is wider than the device. */
TS_NODISCARD ts_status ts_array_load_xclbin(ts_array *array, ts_arena *scratch,
                                            const ts_xclbin *xclbin, const uint64_t *kernel_id,
                                            ts_diag *diag);
/* Names for findings, and checks that need them: functions, buffers and the stack of the program
 * of a core. The object must outlive the array. */
TS_NODISCARD ts_status ts_array_add_symbols(ts_array *array, uint32_t column, uint32_t row,
                                            const ts_object *program, ts_diag *diag);
/* A stack of `size` bytes from `base` (in the core's address space), when no program tells. */
void ts_array_set_stack(ts_array *array, uint32_t column, uint32_t row, uint32_t base,
                        uint32_t size);
/* What the firmware does when a kernel is launched: cores that are enabled leave reset.
 * src: aie2-facts 17 [observed: Phoenix] */
void ts_array_launch(ts_array *array);

/* ---- the controller: what executes the instruction stream. Addresses are those of the array
 * (ts_npu_join()). Writes take effect at once; time passes only in ts_array_run() and the waits. */
void ts_array_write(ts_array *array, uint64_t address, uint32_t value);
void ts_array_mask_write(ts_array *array, uint64_t address, uint32_t mask, uint32_t value);
void ts_array_block_write(ts_array *array, uint64_t address, ts_span words);
uint32_t ts_array_read(ts_array *array, uint64_t address);
/* The shim's buffer descriptor whose low address word is at `address` gets the device address of
 * buffer argument `argument` plus `plus`. Errors: RANGE. */
TS_NODISCARD ts_status ts_array_patch(ts_array *array, uint64_t address, unsigned argument,
                                      uint64_t plus, ts_diag *diag);
/* The buffers in the order of the kernel's arguments: their device addresses. */
void ts_array_set_arguments(ts_array *array, const uint64_t *addresses, unsigned n);

#define TS_ARRAY_STATE_LIST(X)                                                                     \
    X(DONE, "done")                                                                                \
    X(LIMIT, "cycle limit reached")                                                                \
    X(IDLE, "nothing left to do")                                                                  \
    X(DEADLOCK, "deadlock")                                                                        \
    X(AT_BREAK, "a core reached its break address")

typedef enum ts_array_state {
#define X(constant, text) TS_ARRAY_##constant,
    TS_ARRAY_STATE_LIST(X)
#undef X
} ts_array_state;

const char *ts_array_state_text(ts_array_state state);

/* Up to `n_cycles`: LIMIT, IDLE when nothing moves and nothing waits but cores and descriptors for
 * the host's next command, AT_BREAK. */
ts_array_state ts_array_run(ts_array *array, uint64_t n_cycles);
/* Until (read & mask) == value: DONE; LIMIT; DEADLOCK when nothing moves any more. */
ts_array_state ts_array_poll(ts_array *array, uint64_t address, uint32_t mask, uint32_t value,
                             uint64_t n_cycles);
/* Take the token of a channel, waiting for it: DONE, LIMIT, DEADLOCK (a finding says who waits for
 * what). */
ts_array_state ts_array_wait_token(ts_array *array, uint32_t column, uint32_t row, bool is_mm2s,
                                   uint32_t channel, uint64_t n_cycles);
uint64_t ts_array_cycle(const ts_array *array);
/* Lets that much time pass, also when nothing moves: DONE, or AT_BREAK. */
ts_array_state ts_array_pass(ts_array *array, uint64_t n_cycles);
/* How long the controller is busy with an op, besides what it waits for.
 * src: FIM43-Redeye/xdna-emu: docs/archive/findings/2026-05-04-control-path-cycle-calibration.md
 * [observed: Phoenix, 2026-05] */
uint64_t ts_array_op_cycles(const ts_txn_op *op);

/* Executes an instruction stream from op `*next` on, which becomes that to go on with. Each op
 * takes time as on a Phoenix; buffer arguments are those of ts_array_set_arguments(). `*state` is
 * DONE at the end; LIMIT, DEADLOCK or AT_BREAK before it. Errors: UNSUPPORTED (ops for the
 * firmware's own state), RANGE (an argument that was not given), MISSING, and those of loading a
 * PDI. */
TS_NODISCARD ts_status ts_array_execute(ts_array *array, ts_arena *scratch, const ts_txn *stream,
                                        const char *file, uint64_t n_cycles, size_t *next,
                                        ts_array_state *state, ts_diag *diag);

/* ---- what one sees --------------------------------------------------------------------------- */

size_t ts_array_n_findings(const ts_array *array);
const ts_finding *ts_array_finding(const ts_array *array, size_t index);
/* How many there were beyond those kept. */
uint64_t ts_array_lost_findings(const ts_array *array);
/* Who waits for what, one line each; empty when nobody does. */
void ts_array_report_waits(const ts_array *array, ts_buf *out);

/* "data" or "program" of a tile; {NULL, 0} when there is none. */
ts_span ts_array_memory(const ts_array *array, uint32_t column, uint32_t row, const char *name);
/* NULL when there is no core. */
ts_core *ts_array_core(const ts_array *array, uint32_t column, uint32_t row);
/* The value of a lock of a tile, INT32_MIN when there is none. */
int32_t ts_array_lock(const ts_array *array, uint32_t column, uint32_t row, uint32_t lock);
/* The function of a core's program that holds `pc`, or NULL. */
const char *ts_array_function(const ts_array *array, uint32_t column, uint32_t row, uint32_t pc);

typedef struct ts_core_stats {
    uint64_t cycles; /* since enabled */
    uint64_t bundles;
    uint64_t stalls[TS_CORE_N_STATES]; /* cycles, by what it waited for */
    ts_core_state state;
    uint64_t macs; /* products added up by its multiplier */
    bool is_enabled;
} ts_core_stats;

typedef struct ts_dma_stats {
    uint64_t words, descriptors, tasks;
    uint64_t busy;                                   /* cycles from a task's start to its end */
    uint64_t lock_waits, stream_waits, memory_waits; /* cycles of those */
    bool is_running;
} ts_dma_stats;

/* False when there is no such core or channel. */
bool ts_array_core_stats(const ts_array *array, uint32_t column, uint32_t row, ts_core_stats *out);
bool ts_array_dma_stats(const ts_array *array, uint32_t column, uint32_t row, bool is_mm2s,
                        uint32_t channel, ts_dma_stats *out);

/* Happenings, told as they come, in the order of time. X(constant, what `value` is) */
#define TS_ARRAY_EVENT_LIST(X)                                                                     \
    X(CORE_STATE, "ts_core_state from now on")                                                     \
    X(CORE_EVENT, "number of the event instruction")                                               \
    X(CORE_FUNCTION, "address of the function it is in from now on")                               \
    X(WATCH, "offset in the data memory, of a write into what is watched")                         \
    X(TASK_START, "first descriptor")                                                              \
    X(TASK_END, "first descriptor")                                                                \
    X(BD_START, "descriptor")                                                                      \
    X(BD_END, "descriptor")                                                                        \
    X(BD_WAIT, "lock that is waited for")                                                          \
    X(BD_GO, "lock that was waited for, and is taken now")                                         \
    X(STREAM_WAIT, "descriptor; its channel waits for a word or for room")                         \
    X(STREAM_GO, "descriptor; its channel waits no more")                                          \
    X(LOCK, "lock << 8 | new value & 255")                                                         \
    X(TOKEN, "first descriptor")

typedef enum ts_array_event_kind {
#define X(constant, text) TS_ARRAY_EVENT_##constant,
    TS_ARRAY_EVENT_LIST(X)
#undef X
} ts_array_event_kind;

/* Who writes: ACCESS is by address, from the controller, a control packet or a core's st.tm. */
typedef enum ts_array_writer {
    TS_ARRAY_BY_ACCESS,
    TS_ARRAY_BY_CORE,
    TS_ARRAY_BY_DMA,
} ts_array_writer;

typedef struct ts_array_event {
    ts_array_event_kind kind;
    uint8_t column, row;
    bool is_mm2s;        /* of DMA events */
    uint8_t channel, bd; /* of DMA events */
    uint64_t cycle;
    uint32_t value;
    uint32_t pc;  /* of core events */
    uint8_t lock; /* of CORE_STATE when it waits for one: 0 to 63, as the core numbers them */
    /* Of WATCH: the write, which may reach beyond what is watched, and whose it is. The bytes are
     * there only while the observer looks. */
    const uint8_t *before, *after;
    uint32_t n_bytes;
    ts_array_writer writer;
    uint8_t from_column, from_row;
} ts_array_event;

void ts_array_observe(ts_array *array, void (*observer)(void *context, const ts_array_event *event),
                      void *context);
/* Writes of cores and DMAs into `size` bytes at `offset` of that tile's data memory are told as
 * WATCH events from now on; one range a tile, size 0 ends it. Errors: RANGE. */
TS_NODISCARD ts_status ts_array_watch(ts_array *array, uint32_t column, uint32_t row,
                                      uint32_t offset, uint32_t size, ts_diag *diag);

#endif
