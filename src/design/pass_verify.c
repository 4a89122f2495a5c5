/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * After buffer addresses: every buffer lies inside its tile's memory, over no other and not over
 * the stack; its bank is the one its address is in. After objectfifos: DMA programs start channels
 * that exist, and name buffers and locks that they reach.
 */
#include "pass_memory.h"

#include <stdlib.h>

static int by_address(const void *a, const void *b) {
    const pass_placed *x = a, *y = b;
    return x->address < y->address ? -1 : x->address > y->address;
}

static ts_status verify_place(ts_pass_context *c, const pass_memory *m, const pass_placed *b) {
    uint64_t end = (uint64_t)b->address + b->bytes;
    if (b->address < 0)
        return pass_fail(c, b->op, TS_MISSING, "buffer '%s' has no address", pass_name(b->op));
    if (end > m->size)
        return pass_fail(c, b->op, TS_RANGE,
                         "buffer '%s' ends at %llu, %llu bytes behind the memory of %s",
                         pass_name(b->op), (unsigned long long)end,
                         (unsigned long long)(end - m->size), pass_tile_text(c, m->tile));
    if ((uint64_t)b->address < m->stack)
        return pass_fail(
            c, b->op, TS_CONFLICT, "buffer '%s' at %lld lies in the stack of %s, which ends at %u",
            pass_name(b->op), (long long)b->address, pass_tile_text(c, m->tile), m->stack);
    if (b->bank >= 0 && b->address / (m->size / m->n_banks) != b->bank)
        return pass_fail(c, b->op, TS_CONFLICT, "buffer '%s' at %lld is not in bank %lld",
                         pass_name(b->op), (long long)b->address, (long long)b->bank);
    return TS_OK;
}

static ts_status verify_memory(ts_pass_context *c, pass_memory *m) {
    if (m->n_buffers) qsort(m->buffers, m->n_buffers, sizeof *m->buffers, by_address);
    for (size_t i = 0; i < m->n_buffers; i++) {
        const pass_placed *b = &m->buffers[i], *next = b + 1;
        TS_TRY(verify_place(c, m, b));
        if (i + 1 < m->n_buffers && (uint64_t)b->address + b->bytes > (uint64_t)next->address)
            return pass_fail(c, next->op, TS_CONFLICT,
                             "buffers '%s' at %lld (%llu bytes) and '%s' at %lld of %s overlap",
                             pass_name(b->op), (long long)b->address, (unsigned long long)b->bytes,
                             pass_name(next->op), (long long)next->address,
                             pass_tile_text(c, m->tile));
    }
    return TS_OK;
}

ts_status ts_verify_buffer_addresses(ts_pass_context *c) {
    ts_op *tile = ts_op_child(c->device, TS_OP_AIE_TILE, NULL);
    for (; tile; tile = ts_op_child(c->device, TS_OP_AIE_TILE, tile)) {
        pass_memory m;
        TS_TRY(pass_read_memory(c, tile, &m));
        TS_TRY(verify_memory(c, &m));
    }
    return TS_OK;
}

/* ---- DMA programs ---------------------------------------------------------------------------- */

/* A memory tile's first channels reach its neighbors to the left and right, too.
 * src: Xilinx/mlir-aie: include/aie/Dialect/AIE/IR/AIETargetModel.h,
 * getMaxChannelNumForAdjacentMemTile [code] */
static bool reaches(const ts_pass_context *c, const ts_op *tile, const ts_op *other) {
    int64_t columns = pass_column(tile) - pass_column(other);
    if (!other || tile == other) return true;
    return pass_is_tile(c, tile, TS_NPU_MEMORY) && pass_row(tile) == pass_row(other) &&
           columns >= -1 && columns <= 1;
}

static ts_status verify_reach(ts_pass_context *c, const ts_op *op, const ts_op *tile) {
    for (uint32_t i = 0; i < op->n_operands; i++) {
        const ts_op *used = op->operands[i].value->owner;
        if (!used || (used->code != TS_OP_AIE_BUFFER && used->code != TS_OP_AIE_LOCK)) continue;
        if (!reaches(c, tile, pass_tile_of(used)))
            return pass_fail(c, op, TS_CONFLICT, "the DMA of %s does not reach '%s' in %s",
                             pass_tile_text(c, tile), pass_name(used),
                             pass_tile_text(c, pass_tile_of(used)));
    }
    return TS_OK;
}

/* A channel may be started more than once: its tasks wait in a queue. */
static ts_status verify_start(ts_pass_context *c, const ts_op *op, const ts_op *tile) {
    const ts_npu_tile *kind = pass_tile_kind(c, tile);
    int64_t channel = ts_op_integer(op, "channel_index", -1);
    if (channel >= 0 && channel < kind->n_channels) return TS_OK;
    return pass_fail(c, op, TS_RANGE, "%s %lld does not exist: %s has channels 0 to %u",
                     ts_op_integer(op, "channel_dir", 0) ? "MM2S" : "S2MM", (long long)channel,
                     pass_tile_text(c, tile), kind->n_channels - 1);
}

static ts_status verify_dma(ts_pass_context *c, ts_op *program) {
    const ts_op *tile = pass_tile_of(program);
    if (!tile) return pass_fail(c, program, TS_MISSING, "'%s' is not in a tile", program->name);
    for (ts_op *op = program; op; op = ts_op_next_below(program, op)) {
        if (op->code == TS_OP_AIE_DMA_START || op->code == TS_OP_AIE_DMA)
            TS_TRY(verify_start(c, op, tile));
        if (op->code == TS_OP_AIE_DMA_BD || op->code == TS_OP_AIE_USE_LOCK)
            TS_TRY(verify_reach(c, op, tile));
    }
    return TS_OK;
}

ts_status pass_verify_programs(ts_pass_context *c) {
    const ts_block *block = c->device->n_regions ? c->device->regions[0].first : NULL;
    for (ts_op *op = block ? block->first : NULL; op; op = op->next)
        if (op->code == TS_OP_AIE_MEM || op->code == TS_OP_AIE_MEMTILE_DMA ||
            op->code == TS_OP_AIE_SHIM_DMA)
            TS_TRY(verify_dma(c, op));
    return TS_OK;
}
