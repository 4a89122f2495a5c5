/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Stream switch ports: which port has which number. The numbers are the order of the configuration
 * registers, so one row says where a bundle starts by standing behind another.
 */
#include "npu_int.h"

#include <string.h>

/* clang-format off */
#define CORE  (1U << TS_NPU_BUNDLE_CORE)
#define DMA   (1U << TS_NPU_BUNDLE_DMA)
#define CTRL  (1U << TS_NPU_BUNDLE_TILE_CONTROL)
#define FIFO  (1U << TS_NPU_BUNDLE_FIFO)
#define SOUTH (1U << TS_NPU_BUNDLE_SOUTH)
#define WEST  (1U << TS_NPU_BUNDLE_WEST)
#define NORTH (1U << TS_NPU_BUNDLE_NORTH)
#define EAST  (1U << TS_NPU_BUNDLE_EAST)
#define TRACE (1U << TS_NPU_BUNDLE_TRACE)
#define AROUND (SOUTH | WEST | NORTH | EAST)

/* Ports: src: Xilinx/mlir-aie: lib/Dialect/AIE/IR/AIETargetModel.cpp, aie2_port_id [code]. It gives
 * the shim two trace slaves; the registers (AM025) have one, and so has this table.
 * Connections: the same file, isLegalTileConnection [code]; src: Xilinx/aie-rt:
 * driver/src/stream_switch/xaie_ss_aieml.c, StrmSwCheckPortValidity [code] agrees but for the shim's
 * trace, which it does not let go west or east. */
const ts_npu_ports npu_aie2_shim_ports = {
    .master_offset = 0x3F000, .slave_offset = 0x3F100, .slot_offset = 0x3F200,
    .masters = {
        {TS_NPU_BUNDLE_TILE_CONTROL, 1}, {TS_NPU_BUNDLE_FIFO, 1}, {TS_NPU_BUNDLE_SOUTH, 6},
        {TS_NPU_BUNDLE_WEST, 4}, {TS_NPU_BUNDLE_NORTH, 6}, {TS_NPU_BUNDLE_EAST, 4}},
    .slaves = {
        {TS_NPU_BUNDLE_TILE_CONTROL, 1}, {TS_NPU_BUNDLE_FIFO, 1}, {TS_NPU_BUNDLE_SOUTH, 8},
        {TS_NPU_BUNDLE_WEST, 4}, {TS_NPU_BUNDLE_NORTH, 4}, {TS_NPU_BUNDLE_EAST, 4},
        {TS_NPU_BUNDLE_TRACE, 1}},
    .connections = {
        {CTRL, FIFO | AROUND, NPU_ANY},
        {FIFO | SOUTH, CTRL | FIFO | AROUND, NPU_ANY},
        {WEST | NORTH | EAST, CTRL | FIFO | AROUND, NPU_SAME_WITHIN},
        {TRACE, FIFO | SOUTH, NPU_ANY},
        {TRACE, WEST | EAST, NPU_ONLY_0}},
};

const ts_npu_ports npu_aie2_memory_ports = {
    .master_offset = 0xB0000, .slave_offset = 0xB0100, .slot_offset = 0xB0200,
    .masters = {
        {TS_NPU_BUNDLE_DMA, 6}, {TS_NPU_BUNDLE_TILE_CONTROL, 1}, {TS_NPU_BUNDLE_SOUTH, 4},
        {TS_NPU_BUNDLE_NORTH, 6}},
    .slaves = {
        {TS_NPU_BUNDLE_DMA, 6}, {TS_NPU_BUNDLE_TILE_CONTROL, 1}, {TS_NPU_BUNDLE_SOUTH, 6},
        {TS_NPU_BUNDLE_NORTH, 4}, {TS_NPU_BUNDLE_TRACE, 1}},
    .connections = {
        {DMA, DMA, NPU_SAME},
        {DMA, CTRL | SOUTH | NORTH, NPU_ANY},
        {CTRL, DMA, NPU_ONLY_5},
        {CTRL, SOUTH | NORTH, NPU_ANY},
        {SOUTH | NORTH, DMA | CTRL, NPU_ANY},
        {SOUTH | NORTH, SOUTH | NORTH, NPU_SAME},
        {TRACE, DMA, NPU_ONLY_5},
        {TRACE, SOUTH, NPU_ANY}},
};

const ts_npu_ports npu_aie2_compute_ports = {
    .master_offset = 0x3F000, .slave_offset = 0x3F100, .slot_offset = 0x3F200,
    .masters = {
        {TS_NPU_BUNDLE_CORE, 1}, {TS_NPU_BUNDLE_DMA, 2}, {TS_NPU_BUNDLE_TILE_CONTROL, 1},
        {TS_NPU_BUNDLE_FIFO, 1}, {TS_NPU_BUNDLE_SOUTH, 4}, {TS_NPU_BUNDLE_WEST, 4},
        {TS_NPU_BUNDLE_NORTH, 6}, {TS_NPU_BUNDLE_EAST, 4}},
    .slaves = {
        {TS_NPU_BUNDLE_CORE, 1}, {TS_NPU_BUNDLE_DMA, 2}, {TS_NPU_BUNDLE_TILE_CONTROL, 1},
        {TS_NPU_BUNDLE_FIFO, 1}, {TS_NPU_BUNDLE_SOUTH, 6}, {TS_NPU_BUNDLE_WEST, 4},
        {TS_NPU_BUNDLE_NORTH, 4}, {TS_NPU_BUNDLE_EAST, 4}, {TS_NPU_BUNDLE_TRACE, 2}},
    .connections = {
        {DMA | FIFO | AROUND, CORE | DMA | CTRL | FIFO | AROUND, NPU_SAME_WITHIN},
        {CORE, DMA | CTRL | FIFO | AROUND, NPU_ANY},
        {CTRL, CORE | FIFO | AROUND, NPU_ANY},
        {TRACE, DMA, NPU_ONLY_0},
        {TRACE, FIFO | SOUTH, NPU_ANY}},
};
/* clang-format on */

static const char *const bundle_names[TS_NPU_N_BUNDLES] = {
#define X(name, word) word,
    TS_NPU_BUNDLE_LIST(X)
#undef X
};

const char *ts_npu_bundle_name(ts_npu_bundle bundle) {
    return bundle < TS_NPU_N_BUNDLES ? bundle_names[bundle] : "?";
}

bool ts_npu_bundle_find(const char *name, ts_npu_bundle *out) {
    for (size_t i = 0; i < TS_NPU_N_BUNDLES; i++)
        if (strcmp(bundle_names[i], name) == 0) {
            *out = (ts_npu_bundle)i;
            return true;
        }
    return false;
}

static const npu_port_run *runs_of(const ts_npu_tile *tile, bool is_master) {
    return is_master ? tile->ports->masters : tile->ports->slaves;
}

unsigned ts_npu_port_count(const ts_npu_tile *tile, bool is_master) {
    unsigned count = 0;
    for (const npu_port_run *run = runs_of(tile, is_master); run->count; run++)
        count += run->count;
    return count;
}

bool ts_npu_port_at(const ts_npu_tile *tile, bool is_master, uint32_t index, ts_npu_port *out) {
    for (const npu_port_run *run = runs_of(tile, is_master); run->count; run++) {
        if (index < run->count) {
            *out = (ts_npu_port){.bundle = run->bundle, .channel = (uint8_t)index};
            return true;
        }
        index -= run->count;
    }
    return false;
}

bool ts_npu_port_index(const ts_npu_tile *tile, bool is_master, ts_npu_port port, uint32_t *out) {
    uint32_t first = 0;
    for (const npu_port_run *run = runs_of(tile, is_master); run->count; run++) {
        if (run->bundle == port.bundle && port.channel < run->count) {
            *out = first + port.channel;
            return true;
        }
        first += run->count;
    }
    return false;
}

static bool channels_fit(npu_channels channels, ts_npu_port slave, ts_npu_port master) {
    switch (channels) {
    case NPU_ANY: return true;
    case NPU_SAME: return slave.channel == master.channel;
    case NPU_SAME_WITHIN: return slave.bundle != master.bundle || slave.channel == master.channel;
    case NPU_ONLY_0: return master.channel == 0;
    case NPU_ONLY_5: return master.channel == 5;
    }
    return false;
}

bool ts_npu_connection_is_legal(const ts_npu_tile *tile, ts_npu_port slave, ts_npu_port master) {
    uint32_t index;
    if (!ts_npu_port_index(tile, false, slave, &index) ||
        !ts_npu_port_index(tile, true, master, &index))
        return false;
    for (size_t i = 0; i < NPU_MAX_CONNECTIONS; i++) {
        const npu_connection *row = &tile->ports->connections[i];
        if ((row->slaves >> slave.bundle & 1) && (row->masters >> master.bundle & 1))
            return channels_fit(row->channels, slave, master);
    }
    return false;
}

uint32_t ts_npu_port_offset(const ts_npu_tile *tile, bool is_master, uint32_t index) {
    return (is_master ? tile->ports->master_offset : tile->ports->slave_offset) + 4 * index;
}

uint32_t ts_npu_slot_offset(const ts_npu_tile *tile, uint32_t slave, uint32_t slot) {
    return tile->ports->slot_offset + 4 * (slave * tile->n_slots + slot);
}
