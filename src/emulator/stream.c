/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The controller: executes an instruction stream op by op.
 *
 * src: FIM43-Redeye/xdna-emu: docs/archive/findings/2026-05-04-control-path-cycle-calibration.md:
 * a write32 takes 100.5 cycles, a blockwrite of 8 words 203, a maskwrite about 210, wherever the
 * tile is [observed: Phoenix, 2026-05]. Other ops as a write32 [inferred].
 */
#include "array_int.h"

#include <inttypes.h>

enum {
    OP_CYCLES = 100,
    BLOCK_WORD_CYCLES = 13,
    MASK_CYCLES = 210
};

typedef struct runner {
    ts_array *array;
    ts_arena *scratch;
    uint64_t end; /* cycle */
    const char *file;
    ts_diag *diag;
} runner;

static uint64_t cycles_left(const runner *r) {
    return r->end > r->array->now ? r->end - r->array->now : 0;
}

uint64_t ts_array_op_cycles(const ts_txn_op *op) {
    if (op->code == TS_TXN_BLOCKWRITE) return OP_CYCLES + op->data.size / 4 * BLOCK_WORD_CYCLES;
    return op->code == TS_TXN_MASKWRITE32 ? MASK_CYCLES : OP_CYCLES;
}

ts_array_state ts_array_pass(ts_array *array, uint64_t n_cycles) {
    uint64_t until = n_cycles > UINT64_MAX - array->now ? UINT64_MAX : array->now + n_cycles;
    if (ts_array_run(array, n_cycles) == TS_ARRAY_AT_BREAK) return TS_ARRAY_AT_BREAK;
    array->now = until;
    return TS_ARRAY_DONE;
}

static ts_array_state pass(runner *r, uint64_t cycles) {
    if (cycles <= cycles_left(r)) return ts_array_pass(r->array, cycles);
    (void)ts_array_pass(r->array, cycles_left(r));
    return TS_ARRAY_LIMIT;
}

/* One token of that channel from each tile of a rectangle. When that ends early, those that came
 * are put back: the op will be executed again. */
static ts_array_state sync(runner *r, const ts_txn_op *op) {
    unsigned n_tiles = (unsigned)op->n_columns * op->n_rows;
    ts_array_state state = TS_ARRAY_DONE;
    arr_token token = {.channel = op->channel, .is_mm2s = op->direction != 0};
    unsigned i = 0;
    for (; i < n_tiles && state == TS_ARRAY_DONE; i++)
        state = ts_array_wait_token(r->array, op->column + i / op->n_rows, op->row + i % op->n_rows,
                                    token.is_mm2s, token.channel, cycles_left(r));
    if (state == TS_ARRAY_DONE) return state;
    for (i--; i-- > 0 && r->array->n_tokens < ARR_TOKENS;) {
        token.column = (uint8_t)(op->column + i / op->n_rows);
        token.row = (uint8_t)(op->row + i % op->n_rows);
        r->array->tokens[r->array->n_tokens++] = token;
    }
    return state;
}

static ts_status load_pdi(runner *r, const ts_txn_op *op) {
    uint32_t hint = 0;
    const uint8_t *pdi = arr_host_at(r->array, op->host_addr, op->size, &hint);
    if (!pdi || !op->size)
        return ts_fail_at(r->diag, TS_MISSING, r->file, op->offset,
                          "load_pdi %" PRIu32 ": no buffer of the host holds %" PRIu32
                          " bytes at 0x%" PRIx64,
                          op->id, op->size, op->host_addr);
    TS_TRY(ts_array_load_pdi(r->array, r->scratch, ts_span_of(pdi, op->size), r->file, r->diag));
    arr_start_cores(r->array);
    return TS_OK;
}

/* `*next` counts up once the op has had its effect: nothing is queued or taken twice when time is
 * up or a break comes while it passes. */
static ts_status execute(runner *r, const ts_txn_op *op, size_t *next, ts_array_state *state) {
    ts_array *a = r->array;
    *state = TS_ARRAY_DONE;
    switch (op->code) {
    case TS_TXN_WRITE32: ts_array_write(a, op->addr, op->value); break;
    case TS_TXN_BLOCKWRITE: ts_array_block_write(a, op->addr, op->data); break;
    case TS_TXN_MASKWRITE32: ts_array_mask_write(a, op->addr, op->mask, op->value); break;
    case TS_TXN_MASKPOLL:
    case TS_TXN_MASKPOLL_BUSY:
        *state = ts_array_poll(a, op->addr, op->mask, op->value, cycles_left(r));
        break;
    case TS_TXN_SYNC: *state = sync(r, op); break;
    case TS_TXN_ADDRESS_PATCH:
        if (op->arg >= ARR_ARGUMENTS)
            return ts_fail_at(r->diag, TS_RANGE, r->file, op->offset,
                              "address_patch: argument %" PRIu64 " is beyond the %d possible",
                              op->arg, ARR_ARGUMENTS);
        TS_TRY(ts_array_patch(a, op->addr, (unsigned)op->arg, op->arg_plus, r->diag));
        break;
    case TS_TXN_LOAD_PDI: TS_TRY(load_pdi(r, op)); break;
    case TS_TXN_NOOP:
    case TS_TXN_PREEMPT:
    case TS_TXN_LOAD_PM_START:
    case TS_TXN_READ_REGS:
    case TS_TXN_RECORD_TIMER: break;
    default:
        return ts_fail_at(r->diag, TS_UNSUPPORTED, r->file, op->offset,
                          "the op %s (%u) is not supported", ts_txn_op_name(op->code), op->code);
    }
    if (*state != TS_ARRAY_DONE) return TS_OK;
    ++*next;
    *state = pass(r, ts_array_op_cycles(op));
    return TS_OK;
}

/* Until nothing moves any more, or the first op comes: DONE, or AT_BREAK. */
static ts_array_state settle(ts_array *a) {
    if (!a->settles_until) return TS_ARRAY_DONE;
    uint64_t left = a->settles_until > a->now ? a->settles_until - a->now : 0;
    if (ts_array_run(a, left) == TS_ARRAY_AT_BREAK) return TS_ARRAY_AT_BREAK;
    a->settles_until = 0;
    a->stream_from = a->now;
    return TS_ARRAY_DONE;
}

ts_status ts_array_execute(ts_array *array, ts_arena *scratch, const ts_txn *stream,
                           const char *file, uint64_t n_cycles, size_t *next, ts_array_state *state,
                           ts_diag *diag) {
    runner r = {.array = array, .scratch = scratch, .file = file, .diag = diag};
    *state = settle(array);
    if (*state != TS_ARRAY_DONE) return TS_OK;
    r.end = n_cycles > UINT64_MAX - array->now ? UINT64_MAX : array->now + n_cycles;
    while (*state == TS_ARRAY_DONE && *next < stream->n_ops)
        TS_TRY(execute(&r, &stream->ops[*next], next, state));
    return TS_OK;
}
