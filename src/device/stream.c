/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * What the firmware does with an instruction stream, on the emulator's array: ops one after the
 * other, each done before the next begins; polls and syncs wait. Ops that only keep the firmware's
 * books are passed over. Ops whose effect is not known are refused before anything runs.
 */
#include "device_int.h"

#include <inttypes.h>

typedef enum action {
    REFUSED,
    NOTHING, /* to an array */
    WRITES,
    WAITS,
    PATCHES,
} action;

/* read_regs and record_timer leave values where only the firmware's own tools look; preempt allows
 * an interruption that never comes.
 * src: Xilinx/aie-codegen: src/common/xaie_txn.h, XAie_TxnOpcode [code] */
static action action_of(uint8_t code) {
    switch (code) {
    case TS_TXN_WRITE32:
    case TS_TXN_BLOCKWRITE:
    case TS_TXN_MASKWRITE32: return WRITES;
    case TS_TXN_MASKPOLL:
    case TS_TXN_MASKPOLL_BUSY:
    case TS_TXN_SYNC: return WAITS;
    case TS_TXN_ADDRESS_PATCH: return PATCHES;
    case TS_TXN_NOOP:
    case TS_TXN_PREEMPT:
    case TS_TXN_READ_REGS:
    case TS_TXN_RECORD_TIMER: return NOTHING;
    default: return REFUSED;
    }
}

/* ---- before it runs -------------------------------------------------------------------------- */

static ts_status check_patch(const ts_txn_op *op, size_t index, const ts_device_buffer *arguments,
                             size_t n_arguments, ts_diag *diag) {
    if (op->arg >= n_arguments)
        return ts_fail(diag, TS_MISSING, NULL,
                       "op %zu of the instruction stream takes argument %" PRIu64
                       "; %zu were given, numbered from 0",
                       index, op->arg, n_arguments);
    const ts_device_buffer *buffer = &arguments[op->arg];
    if (op->arg_plus < buffer->size) return TS_OK;
    return ts_fail(diag, TS_RANGE, NULL,
                   "op %zu of the instruction stream starts at byte %" PRIu64
                   " of argument %" PRIu64 ", which has %" PRIu64,
                   index, op->arg_plus, op->arg, buffer->size);
}

ts_status device_check_stream(const ts_device *device, const ts_txn *stream,
                              const ts_device_buffer *arguments, size_t n_arguments,
                              ts_diag *diag) {
    (void)device;
    if (stream->generation != TS_TXN_GENERATION_NPU1)
        return ts_fail(diag, TS_UNSUPPORTED, NULL,
                       "the instruction stream is for device generation %u; this is %d",
                       stream->generation, TS_TXN_GENERATION_NPU1);
    for (size_t i = 0; i < stream->n_ops; i++) {
        const ts_txn_op *op = &stream->ops[i];
        const char *name = ts_txn_op_name(op->code);
        if (action_of(op->code) == REFUSED)
            return ts_fail(diag, TS_UNSUPPORTED, NULL,
                           "op %zu of the instruction stream, at offset 0x%" PRIx64
                           ", is %s, which the emulator does not do",
                           i, op->offset, name ? name : "unknown");
        if (action_of(op->code) == PATCHES)
            TS_TRY(check_patch(op, i, arguments, n_arguments, diag));
    }
    return TS_OK;
}

/* ---- running --------------------------------------------------------------------------------- */

static uint64_t left(const ts_device *device, uint64_t deadline) {
    uint64_t now = ts_array_cycle(device->array);
    return now < deadline ? deadline - now : 0;
}

static void write_op(ts_array *array, const ts_txn_op *op) {
    if (op->code == TS_TXN_WRITE32)
        ts_array_write(array, op->addr, op->value);
    else if (op->code == TS_TXN_MASKWRITE32)
        ts_array_mask_write(array, op->addr, op->mask, op->value);
    else
        ts_array_block_write(array, op->addr, op->data);
}

/* A token of each tile, column by column. */
static ts_array_state wait_tokens(ts_device *device, const ts_txn_op *op, uint64_t deadline) {
    uint32_t n_tiles = (uint32_t)op->n_columns * op->n_rows;
    for (; device->next_tile < n_tiles; device->next_tile++) {
        ts_array_state state =
            ts_array_wait_token(device->array, op->column + device->next_tile / op->n_rows,
                                op->row + device->next_tile % op->n_rows, op->direction != 0,
                                op->channel, left(device, deadline));
        if (state != TS_ARRAY_DONE) return state;
    }
    device->next_tile = 0;
    return TS_ARRAY_DONE;
}

static ts_array_state wait_op(ts_device *device, const ts_txn_op *op, uint64_t deadline) {
    if (op->code == TS_TXN_SYNC) return wait_tokens(device, op, deadline);
    return ts_array_poll(device->array, op->addr, op->mask, op->value, left(device, deadline));
}

ts_status device_execute(ts_device *device, uint64_t deadline, ts_device_end *end, ts_diag *diag) {
    for (; device->next < device->stream->n_ops; device->next++) {
        const ts_txn_op *op = &device->stream->ops[device->next];
        action what = action_of(op->code);
        ts_array_state state = TS_ARRAY_DONE;
        if (what == WRITES) write_op(device->array, op);
        if (what == WAITS) state = wait_op(device, op, deadline);
        if (what == PATCHES)
            TS_TRY(ts_array_patch(device->array, op->addr, (unsigned)op->arg, op->arg_plus, diag));
        if (state == TS_ARRAY_DONE) continue;
        *end = state == TS_ARRAY_DEADLOCK ? TS_DEVICE_DEADLOCK : TS_DEVICE_TIMEOUT;
        return TS_OK;
    }
    *end = TS_DEVICE_DONE;
    return TS_OK;
}
