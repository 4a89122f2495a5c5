/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The table of passes and how one runs: the pass, then its verifier.
 */
#include "pass_route.h"
#include "pass_sequence.h"

static const char *const names[TS_PASS_N] = {
#define X(code, name, text) [TS_PASS_##code] = (name),
    TS_PASS_LIST(X)
#undef X
};

typedef ts_status run_function(ts_pass_context *c);

/* A pass, and what verifies its result (NULL: nothing beyond what the pass itself refuses). */
static const struct {
    run_function *run, *verify;
} passes[TS_PASS_N] = {
    [TS_PASS_OBJECTFIFO] = {ts_pass_objectfifo, ts_verify_objectfifo},
    [TS_PASS_LOCK_IDS] = {ts_pass_lock_ids, ts_verify_lock_ids},
    [TS_PASS_BUFFER_ADDRESSES] = {ts_pass_buffer_addresses, ts_verify_buffer_addresses},
    [TS_PASS_BD_IDS] = {ts_pass_bd_ids, ts_verify_bd_ids},
    [TS_PASS_ROUTE] = {ts_pass_route, ts_verify_route},
    [TS_PASS_RUNTIME_SEQUENCE] = {ts_pass_runtime_sequence, ts_verify_runtime_sequence},
};

const char *ts_pass_name(ts_pass pass) {
    return (unsigned)pass < TS_PASS_N ? names[pass] : "?";
}

ts_status ts_design_run_pass(ts_design *design, ts_op *device, ts_pass pass,
                             const ts_pass_options *options, ts_diag *diag) {
    ts_pass_context c;
    if ((unsigned)pass >= TS_PASS_N || !passes[pass].run)
        return ts_fail(diag, TS_UNSUPPORTED, design->file, "pass '%s' is not supported",
                       ts_pass_name(pass));
    TS_TRY(ts_pass_begin(&c, design, device, options, diag));
    TS_TRY(passes[pass].run(&c));
    return passes[pass].verify ? passes[pass].verify(&c) : TS_OK;
}
