/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * When operands are read and results land.
 */
#include "aie2_int.h"

static bool holds(const ts_aie2_timing *row, const ts_aie2_op *op) {
    for (unsigned i = 0; i < row->n_conditions; i++) {
        int32_t value = op->values[row->conditions[i].operand];
        if (value <= 0 || value >= ts_aie2_n_registers ||
            ts_aie2_registers[value].bank != row->conditions[i].bank)
            return false;
    }
    return true;
}

const ts_aie2_timing *ts_aie2_timing_of(const ts_aie2_op *op) {
    const ts_aie2_instruction *in = &ts_aie2_instructions[op->instruction];
    unsigned i = 0;
    while (i + 1 < in->n_timings && !holds(&in->timings[i], op))
        i++; /* the last has no conditions */
    return &in->timings[i];
}

bool ts_aie2_sees(const ts_aie2_op *producer, unsigned written, const ts_aie2_op *consumer,
                  unsigned read, unsigned distance) {
    unsigned out = ts_aie2_timing_of(producer)->write_bypass[written];
    unsigned in = ts_aie2_timing_of(consumer)->read_bypass[read];
    unsigned earlier = out && out == in;
    unsigned lands = ts_aie2_instructions[producer->instruction].operands[written].write_cycle;
    unsigned reads = ts_aie2_instructions[consumer->instruction].operands[read].read_cycle;
    return reads + distance + earlier > lands;
}
