/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Effects of an op, from the rows of its instruction, and the distances that two ops have to keep.
 */
#include "tessera/aie2.h"

#include "effects.h"

#include <string.h>

/* Overflow and exception flags are set and stay set, so that several ops may set one in any order;
 * carry and the state of streams are overwritten. src: llvm-aie: llvm/lib/Target/AIE/
 * AIEBaseSubtarget.cpp, WAWStickyRegistersEdges [code] */
static bool is_sticky(const ts_aie2_register_info *info) {
    static const char *const overwritten[] = {"srCarry", "srMS0", "srSS0"};
    if (info->bank != TS_AIE2_BANK_sr) return false;
    for (size_t i = 0; i < sizeof overwritten / sizeof *overwritten; i++)
        if (!strcmp(info->name, overwritten[i])) return false;
    return true;
}

static void add(aie2_effects *out, ts_aie2_register reg, aie2_access access) {
    const ts_aie2_register_info *info = &ts_aie2_registers[reg];
    bool only_counters =
        access.is_write && (info->bank == TS_AIE2_BANK_d || info->bank == TS_AIE2_BANK_d_3d);
    for (unsigned i = 0; i < info->n_units && out->n_accesses < AIE2_MAX_ACCESSES; i++) {
        access.unit = info->units[i];
        if (only_counters &&
            ts_aie2_registers[ts_aie2_unit_registers[access.unit]].bank != TS_AIE2_BANK_dc)
            continue;
        out->accesses[out->n_accesses++] = access;
    }
}

static void add_all(const ts_aie2_op *op, bool writes, aie2_effects *out) {
    for (unsigned i = 0; i < out->row->n_operands; i++) {
        const ts_aie2_operand *operand = &out->row->operands[i];
        uint8_t cycle = writes ? operand->write_cycle : operand->read_cycle;
        uint8_t bypass = writes ? out->timing->write_bypass[i] : out->timing->read_bypass[i];
        int32_t value = op->values[i];
        if (operand->is_register && cycle && value > 0 && value < ts_aie2_n_registers)
            add(out, (ts_aie2_register)value,
                (aie2_access){.cycle = cycle, .bypass = bypass, .is_write = writes});
    }
    for (unsigned i = 0; i < out->row->n_implicit; i++) {
        const ts_aie2_implicit *implicit = &out->row->implicit[i];
        uint8_t cycle = writes ? implicit->write_cycle : implicit->read_cycle;
        bool sticky = writes && is_sticky(&ts_aie2_registers[implicit->reg]);
        if (cycle)
            add(out, implicit->reg,
                (aie2_access){.cycle = cycle, .is_write = writes, .is_sticky = sticky});
    }
}

static bool takes_port(const ts_aie2_timing *timing, unsigned port) {
    for (unsigned i = 0; i < timing->n_ports; i++)
        if (timing->ports[i].port == port && !timing->ports[i].avoids) return true;
    return false;
}

void aie2_effects_of(const ts_aie2_op *op, aie2_effects *out) {
    const ts_aie2_instruction *row = &ts_aie2_instructions[op->instruction];
    out->row = row;
    out->timing = ts_aie2_timing_of(op);
    out->is_nop = ts_aie2_is_nop(op);
    out->is_fence = takes_port(out->timing, TS_AIE2_PORT_SEMAPHORE) ||
                    takes_port(out->timing, TS_AIE2_PORT_DONE);
    out->first_memory = row->n_memory_cycles ? row->memory_cycles[0] : 0;
    out->last_memory = row->n_memory_cycles ? row->memory_cycles[row->n_memory_cycles - 1] : 0;
    out->n_accesses = 0;
    add_all(op, false, out);
    add_all(op, true, out);
}

static int bypassed(const aie2_access *write, const aie2_access *read) {
    return write->bypass != TS_AIE2_NO_BYPASS && write->bypass == read->bypass;
}

int aie2_true_distance(const aie2_access *write, const aie2_access *read) {
    return write->cycle - read->cycle + 1 - bypassed(write, read);
}

int aie2_anti_distance(const aie2_access *read, const aie2_access *write) {
    return read->cycle - write->cycle + bypassed(write, read);
}

int aie2_output_distance(const aie2_access *first, const aie2_access *second) {
    return first->cycle - second->cycle + 1;
}

/* src: llvm-aie: llvm/lib/Target/AIE/AIEBaseInstrInfo.cpp, getMemoryLatency [code] */
int aie2_memory_distance(const aie2_effects *first, const aie2_effects *second) {
    return first->last_memory - second->first_memory + 1;
}

/* src: llvm-aie: llvm/lib/Target/AIE/AIEBaseSubtarget.cpp, LockDelays [code] */
int aie2_fence_distance(const aie2_effects *first, const aie2_effects *second) {
    if (first->is_fence) return AIE2_FENCE_RESUME - second->first_memory + 1;
    return first->last_memory - AIE2_FENCE_STALL + 1;
}

int aie2_port_clash(const ts_aie2_timing *first, const ts_aie2_timing *second, int distance) {
    for (unsigned i = 0; i < first->n_ports; i++)
        for (unsigned k = 0; k < second->n_ports; k++) {
            const ts_aie2_port_use *a = &first->ports[i], *b = &second->ports[k];
            if (a->is_presumed || b->is_presumed) continue;
            if (a->port == b->port && !(a->avoids && b->avoids) && a->first <= b->last + distance &&
                b->first + distance <= a->last)
                return a->port;
        }
    return -1;
}
