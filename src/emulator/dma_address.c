/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The walk of a buffer descriptor through memory: up to four nested dimensions, each with a step
 * and a number of steps, and zeros around the data of the inner three.
 *
 * src: aie2-facts 58: the address engine agreed with a Phoenix on 810 cases [observed]; src:
 * FIM43-Redeye/xdna-emu: src/device/dma/transfer/padding.rs: zeros of dimension 1 and 2 are whole
 * padded rows and blocks, and the length counts them [code]
 */
#include "array_int.h"

static void pad(arr_walk *walk, const ts_npu_bd *bd) {
    for (unsigned d = 0; d < 3; d++) {
        uint32_t around = bd->dim[d].zero_before + bd->dim[d].zero_after;
        if (!around) continue;
        walk->is_padded = true;
        if (bd->dim[d].wrap) walk->total[d] = bd->dim[d].wrap + around;
    }
}

/* How far the address moves when dimension d steps: its own step, and back to the start of those
 * within. */
static void find_deltas(arr_walk *walk, const ts_npu_bd *bd) {
    int64_t back = 0;
    for (unsigned d = 0; d < TS_NPU_BD_MAX_DIMS; d++) {
        int64_t step = (int64_t)bd->dim[d].step * 4;
        walk->delta[d] = step - back;
        if (walk->total[d]) back += step * (walk->total[d] - 1);
    }
}

static void begin_run(arr_walk *walk) {
    uint32_t total = walk->total[0];
    walk->run = walk->run_length = total && total < walk->left ? total : walk->left;
    walk->left -= walk->run;
}

void arr_walk_start(arr_walk *walk, const ts_npu_bd *bd, bool may_pad) {
    *walk = (arr_walk){.length = bd->length, .left = bd->length};
    walk->base = bd->base;
    if (bd->iteration_wrap > 1 || bd->iteration_current)
        walk->base += (uint64_t)bd->iteration_current * bd->iteration_step * 4;
    walk->at = walk->base;
    for (unsigned d = 0; d < TS_NPU_BD_MAX_DIMS; d++)
        walk->total[d] = bd->dim[d].wrap;
    if (may_pad) pad(walk, bd);
    find_deltas(walk, bd);
    begin_run(walk);
}

bool arr_walk_is_data(arr_walk *walk, const ts_npu_bd *bd) {
    if (!walk->is_padded) return true;
    int64_t at = (int64_t)walk->base;
    for (unsigned d = 0; d < TS_NPU_BD_MAX_DIMS; d++) {
        uint32_t before = bd->dim[d].zero_before,
                 c = d ? walk->count[d] : walk->run_length - walk->run;
        if (c < before || (bd->dim[d].wrap && c - before >= bd->dim[d].wrap)) return false;
        at += (int64_t)(c - before) * bd->dim[d].step * 4;
    }
    walk->at = (uint64_t)at;
    return true;
}

void arr_walk_carry(arr_walk *walk) {
    for (unsigned d = 1; d < TS_NPU_BD_MAX_DIMS; d++) {
        if (++walk->count[d] != walk->total[d]) {
            walk->at += (uint64_t)walk->delta[d];
            break;
        }
        walk->count[d] = 0;
    }
    begin_run(walk);
}
