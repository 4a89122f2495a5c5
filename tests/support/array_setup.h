/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Arrays for tests, configured register by register, by name. Mistakes of a test fail it.
 */
#ifndef TESSERA_TEST_ARRAY_SETUP_H
#define TESSERA_TEST_ARRAY_SETUP_H

#include "support.h"

#include "tessera/emulator.h"

typedef struct setup {
    ts_arena *arena;
    const ts_npu_device *device;
    ts_array *array;
} setup;

void setup_begin(setup *s, const char *device);
void setup_end(setup *s);

/* A tile of the array; fails outside of it. */
const ts_npu_tile *setup_tile(const setup *s, unsigned column, unsigned row);
uint64_t setup_address(const setup *s, unsigned column, unsigned row, const char *name);
void setup_write(setup *s, unsigned column, unsigned row, const char *name, uint32_t value);
uint32_t setup_read(setup *s, unsigned column, unsigned row, const char *name);
/* A field of a register, the others as they are. */
void setup_field(setup *s, unsigned column, unsigned row, const char *name, const char *field,
                 uint32_t value);

/* A descriptor that walks `n_words` from `base` (as the DMA of that tile numbers bytes; a memory
 * tile's own begin at 0x80000). */
ts_npu_bd setup_linear(const setup *s, unsigned column, unsigned row, uint64_t base,
                       uint32_t n_words);
void setup_bd(setup *s, unsigned column, unsigned row, unsigned number, const ts_npu_bd *bd);
/* Waits for `acquire` (0: no lock), gives `release`. */
ts_npu_bd setup_locks(ts_npu_bd bd, unsigned acquire_id, int acquire, unsigned release_id,
                      int release);

enum {
    SETUP_S2MM,
    SETUP_MM2S
};

void setup_task(setup *s, unsigned column, unsigned row, int direction, unsigned channel,
                unsigned bd, unsigned times, bool has_token);
void setup_lock(setup *s, unsigned column, unsigned row, unsigned lock, int value);

/* Ports as text: "South 3". */
void setup_connect(setup *s, unsigned column, unsigned row, const char *slave, const char *master);
void setup_packet_slave(setup *s, unsigned column, unsigned row, const char *slave, unsigned slot,
                        unsigned id, unsigned mask, unsigned arbiter, unsigned msel);
void setup_packet_master(setup *s, unsigned column, unsigned row, const char *master,
                         unsigned arbiter, unsigned msels, bool drops_header);
/* The shim's DMA: MM2S comes in at South 3 and 7, S2MM takes from South 2 and 3. */
void setup_shim(setup *s, unsigned column, unsigned channel);
/* From MM2S 0 of the shim in that column up to S2MM 0 of a compute tile, and back. */
void setup_column(setup *s, unsigned column, unsigned row);
/* The way of tokens from the shim's control port to the controller. */
void setup_tokens(setup *s, unsigned column);

/* Assembles and links a program ("main" is its function), loads it, tells its symbols. */
void setup_program(setup *s, unsigned column, unsigned row, const char *text,
                   const ts_link_buffer *buffers, size_t n_buffers);
void setup_enable(setup *s, unsigned column, unsigned row);

/* A host buffer; gives its device address. */
uint64_t setup_buffer(setup *s, const char *name, void *data, size_t size);
/* Runs until the token comes, else fails with what the array says. Gives the cycles it took. */
uint64_t setup_wait(setup *s, unsigned column, unsigned row, int direction, unsigned channel);
/* Fails, telling them, when there are findings other than of these kinds (bits). */
void setup_expect_findings(const setup *s, uint64_t kinds);
const ts_finding *setup_finding(const setup *s, ts_finding_kind kind);

#endif
