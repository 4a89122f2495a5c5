/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * device: one interface to whatever runs an XCLBIN. Open a device, load a container, make buffers,
 * submit an instruction stream, wait for its end. Today that is the emulator; hardware is
 * recognized and refused. See docs/run.md.
 *
 * One device is one thread's.
 */
#ifndef TESSERA_DEVICE_H
#define TESSERA_DEVICE_H

#include "tessera/base.h"
#include "tessera/emulator.h"
#include "tessera/npu.h"
#include "tessera/xclbin.h"

#define TS_DEVICE_EMULATOR "emulator"
/* Cycles that a millisecond of a timeout lasts on the emulator, whose results may not depend on how
 * fast the host is. The array of a Phoenix runs at 800 to 1600 MHz.
 * src: amd/xdna-driver: src/driver/amdxdna/npu1_regs.c, npu1_dpm_clk_table [code] */
#define TS_DEVICE_CYCLES_PER_MS 1000000

typedef struct ts_device ts_device;

/* `name`: TS_DEVICE_EMULATOR, or the path of an NPU, /dev/accel/accelN. `options` are the
 * emulator's; may be NULL. Close it before the arena is freed.
 * Errors: UNKNOWN, IO, UNSUPPORTED (hardware), NOMEM. */
TS_NODISCARD ts_status ts_device_open(ts_arena *arena, const char *name,
                                      const ts_array_options *options, ts_device **out,
                                      ts_diag *diag);
/* NULL is allowed. */
void ts_device_close(ts_device *device);

/* Configure the partition for a kernel of a container: "NAME" or "NAME:INSTANCE"; NULL when there
 * is only one. What was loaded before is gone. Errors: UNKNOWN (no such kernel), MISSING (which?),
 * RANGE (a partition wider than a device), those of the readers, NOMEM. */
TS_NODISCARD ts_status ts_device_load(ts_device *device, const ts_xclbin *xclbin,
                                      const char *kernel, ts_diag *diag);
/* The kernel that is loaded: "MLIR_AIE"; "" when the container names none. */
const char *ts_device_kernel(const ts_device *device);
/* "emulator of npu1_1col": what runs it. */
const char *ts_device_text(const ts_device *device);
/* The emulator's array once something is loaded, to look into; else NULL. */
ts_array *ts_device_array(ts_device *device);

/* Memory of the host that the device can reach, zeroed; it lives as long as the device. */
typedef struct ts_device_buffer {
    const char *name;
    uint8_t *data;
    uint64_t size;
} ts_device_buffer;

TS_NODISCARD ts_status ts_device_buffer_new(ts_device *device, const char *name, uint64_t size,
                                            ts_device_buffer *out, ts_diag *diag);

/* Hand over a stream with the kernel's buffers, in the order of its runtime sequence. Stream and
 * buffers must stay until it has ended. Errors: MISSING (nothing is loaded, an argument was not
 * given), UNSUPPORTED (generation, op), RANGE (a patch beyond its buffer), NOMEM. */
TS_NODISCARD ts_status ts_device_submit(ts_device *device, const ts_txn *stream,
                                        const ts_device_buffer *arguments, size_t n_arguments,
                                        ts_diag *diag);

typedef enum ts_device_end {
    TS_DEVICE_DONE,
    TS_DEVICE_TIMEOUT,  /* it goes on in the next ts_device_wait() */
    TS_DEVICE_DEADLOCK, /* the stream waits for what cannot come any more */
} ts_device_end;

typedef struct ts_device_result {
    ts_device_end end;
    size_t n_done;   /* ops of the stream that are done: the next one is what it waits in */
    uint64_t cycles; /* since the stream's first op; 0 where nobody counts them */
} ts_device_result;

/* Errors: CONFLICT (nothing was submitted), those of executing ops. */
TS_NODISCARD ts_status ts_device_wait(ts_device *device, uint64_t timeout_ms, ts_device_result *out,
                                      ts_diag *diag);

#endif
