/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * What the ops of an instruction stream do, in words: writes by register and field, descriptors by
 * length and pattern, patches by the host buffer they mean, waits by channel.
 */
#include "tessera/npu.h"

#include "txn_int.h"

#include <inttypes.h>
#include <string.h>

enum {
    STORE_WORDS = 4096, /* that are looked at; what is more is in a memory, or a mistake */
    /* How far behind its descriptor a patch may come: mlir-aie writes it next. */
    MAX_PATCH_DISTANCE = 64,
};

const ts_npu_device *ts_txn_device(const ts_txn *txn) {
    return txn->generation == TS_TXN_GENERATION_NPU1 ? &ts_npu_phoenix : NULL;
}

/* A register of the grid. */
typedef struct target {
    const ts_npu_device *device;
    const ts_npu_tile *tile;
    ts_npu_place place;
} target;

static bool find_target(const ts_npu_device *device, uint64_t addr, target *out) {
    out->device = device;
    if (!device || !ts_npu_split(device, addr, &out->place)) return false;
    out->tile = ts_npu_tile_at(device, out->place.column, out->place.row);
    return out->tile != NULL;
}

/* ---- writes ---------------------------------------------------------------------------------- */

static void blockwrite_text(const ts_txn_op *op, const ts_npu_device *device, ts_buf *before,
                            ts_buf *behind) {
    size_t n_words = op->data.size / TXN_WORD_BYTES;
    size_t n_given = n_words < STORE_WORDS ? n_words : STORE_WORDS;
    uint32_t *words = TS_ARENA_ARRAY(behind->arena, uint32_t, n_given);
    ts_cur cur = ts_cur_of(op->data);
    behind->failed |= !words;
    if (!words) return;
    for (size_t i = 0; i < n_given; i++)
        words[i] = ts_cur_u32le(&cur);
    ts_npu_describe_store(device, op->addr, words, n_given, n_words, before, behind);
}

/* ---- address patches ------------------------------------------------------------------------- */

/* The descriptor whose address is at `to`. */
static bool bd_of(const target *to, uint32_t *bd) {
    uint32_t from_first = to->place.offset - to->tile->bd_offset;
    if (to->place.offset < to->tile->bd_offset ||
        from_first / to->tile->bd_stride >= to->tile->n_bds)
        return false;
    *bd = from_first / to->tile->bd_stride;
    /* The low half of the shim's address is its word 1. */
    return to->tile->kind == TS_NPU_SHIM && from_first % to->tile->bd_stride == 4;
}

/* How many bytes the descriptor moves, as a blockwrite shortly before has set it up. */
static bool bd_length(const ts_txn *txn, size_t index, const target *to, uint64_t *out) {
    for (size_t back = 1; back <= index && back <= MAX_PATCH_DISTANCE; back++) {
        const ts_txn_op *op = &txn->ops[index - back];
        target at;
        if (op->code != TS_TXN_BLOCKWRITE || !find_target(to->device, op->addr, &at)) continue;
        if (op->addr + TXN_WORD_BYTES != txn->ops[index].addr || op->data.size < TXN_WORD_BYTES)
            continue;
        ts_cur cur = ts_cur_of(op->data);
        *out = (uint64_t)ts_cur_u32le(&cur) * TXN_WORD_BYTES;
        return true;
    }
    return false;
}

static void patch_text(const ts_txn *txn, size_t index, const ts_npu_device *device, ts_buf *out) {
    const ts_txn_op *op = &txn->ops[index];
    target to;
    uint32_t bd;
    uint64_t n_bytes;
    bool is_bd = find_target(device, op->addr, &to) && bd_of(&to, &bd);
    if (is_bd) ts_buf_printf(out, "bd %" PRIu32 ": ", bd);
    ts_buf_printf(out, "address of argument %" PRIu64, op->arg);
    if (op->arg_plus) ts_buf_printf(out, " + %" PRIu64 " bytes", op->arg_plus);
    if (is_bd && bd_length(txn, index, &to, &n_bytes))
        ts_buf_printf(out, ", for %" PRIu64 " bytes", n_bytes);
}

/* ---- waits and the rest ---------------------------------------------------------------------- */

static void sync_text(const ts_txn_op *op, ts_buf *out) {
    static const char *const directions[] = {"S2MM", "MM2S"};
    ts_buf_text(out, "waits for a token of ");
    if (op->direction < 2)
        ts_buf_text(out, directions[op->direction]);
    else
        ts_buf_printf(out, "direction %u", op->direction);
    ts_buf_printf(out, " %u of ", op->channel);
    if (op->n_columns == 1 && op->n_rows == 1)
        ts_buf_printf(out, "tile (%u,%u)", op->column, op->row);
    else
        ts_buf_printf(out, "each of %u x %u tiles from (%u,%u)", op->n_columns, op->n_rows,
                      op->column, op->row);
}

/* src: Xilinx/aie-codegen: src/common/xaie_txn.h, XAie_Preempt_level, XAie_StateTableFuncType
 * [code] */
static const char *const levels[] = {"nothing to save", "memory tiles", "compute tiles",
                                     "registers"};
static const char *const functions[] = {"multiplied by", "incremented by", "decremented by"};

static void function_text(const ts_txn_op *op, ts_buf *out) {
    ts_buf_printf(out, "state %u ", op->index);
    if (op->function < sizeof functions / sizeof *functions)
        ts_buf_text(out, functions[op->function]);
    else
        ts_buf_printf(out, "by function %u of", op->function);
    ts_buf_printf(out, " %" PRIu32, op->argument);
}

static void write_text(const ts_txn_op *op, const ts_npu_device *device, uint32_t mask,
                       const char *prefix, ts_buf *out) {
    target to;
    if (!find_target(device, op->addr, &to)) return;
    ts_buf_text(out, prefix);
    ts_npu_describe(to.tile, to.place.offset, op->value, mask, out);
}

void ts_txn_describe(const ts_txn *txn, size_t index, const ts_npu_device *device, ts_buf *before,
                     ts_buf *behind) {
    const ts_txn_op *op = &txn->ops[index];
    switch (op->code) {
    case TS_TXN_WRITE32: write_text(op, device, UINT32_MAX, "", behind); break;
    case TS_TXN_MASKWRITE32: write_text(op, device, op->mask, "", behind); break;
    case TS_TXN_MASKPOLL:
    case TS_TXN_MASKPOLL_BUSY: write_text(op, device, op->mask, "waits until ", behind); break;
    case TS_TXN_BLOCKWRITE:
        if (device && op->data.size) blockwrite_text(op, device, before, behind);
        break;
    case TS_TXN_ADDRESS_PATCH: patch_text(txn, index, device, behind); break;
    case TS_TXN_SYNC: sync_text(op, behind); break;
    case TS_TXN_LOAD_PDI: ts_buf_printf(behind, "PDI %" PRIu32, op->id); break;
    case TS_TXN_PREEMPT:
        if (op->level < sizeof levels / sizeof *levels) ts_buf_text(behind, levels[op->level]);
        break;
    case TS_TXN_UPDATE_STATE_TABLE:
    case TS_TXN_UPDATE_REG: function_text(op, behind); break;
    default: break;
    }
}
