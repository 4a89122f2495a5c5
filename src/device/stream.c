/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * What can be known of an instruction stream before it runs: that the emulator does its ops, and
 * that the host buffers it takes were given.
 */
#include "device_int.h"

#include <inttypes.h>

/* Ops for the firmware's own state, and unknown ones. */
static bool is_done(uint8_t code) {
    switch (code) {
    case TS_TXN_CREATE_SCRATCHPAD:
    case TS_TXN_UPDATE_STATE_TABLE:
    case TS_TXN_UPDATE_REG:
    case TS_TXN_UPDATE_SCRATCH:
    case TS_TXN_MERGE_SYNC: return false;
    default: return code <= TS_TXN_RECORD_TIMER;
    }
}

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

ts_status device_check_stream(const ts_txn *stream, const ts_device_buffer *arguments,
                              size_t n_arguments, ts_diag *diag) {
    if (stream->generation != TS_TXN_GENERATION_NPU1)
        return ts_fail(diag, TS_UNSUPPORTED, NULL,
                       "the instruction stream is for device generation %u; this is %d",
                       stream->generation, TS_TXN_GENERATION_NPU1);
    for (size_t i = 0; i < stream->n_ops; i++) {
        const ts_txn_op *op = &stream->ops[i];
        const char *name = ts_txn_op_name(op->code);
        if (!is_done(op->code))
            return ts_fail(diag, TS_UNSUPPORTED, NULL,
                           "op %zu of the instruction stream, at offset 0x%" PRIx64
                           ", is %s, which the emulator does not do",
                           i, op->offset, name ? name : "unknown");
        if (op->code == TS_TXN_ADDRESS_PATCH)
            TS_TRY(check_patch(op, i, arguments, n_arguments, diag));
    }
    return TS_OK;
}
