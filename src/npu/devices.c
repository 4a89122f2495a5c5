/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The devices: which tile stands where, what a tile of each kind has, how an address names a tile.
 */
#include "npu_int.h"

#include <string.h>

/* clang-format off */
/* src: Xilinx/mlir-aie: include/aie/Dialect/AIE/IR/AIETargetModel.h, AIE2TargetModel (locks, BDs,
 * memory sizes) [code]; lib/Dialect/AIE/IR/AIETargetModel.cpp, getDmaBdAddress,
 * getLocalLockAddress [code]. Channels, slots and program memory as the register table has them;
 * src: Xilinx/aie-rt: driver/src/global/xaiemlgbl_reginit.c, AieMlCoreMod, program memory [code]. */
static const ts_npu_tile aie2_shim = {
    .kind = TS_NPU_SHIM,
    .n_locks = 16, .lock_offset = 0x14000, .lock_stride = 0x10,
    .n_bds = 16, .n_bd_words = 8, .bd_offset = 0x1D000, .bd_stride = 0x20,
    .n_channels = 2, .n_slots = 4,
    .registers = &npu_aie2_shim_registers,
    .ports = &npu_aie2_shim_ports,
    .bd = &npu_aie2_shim_bd,
};

static const ts_npu_tile aie2_memory = {
    .kind = TS_NPU_MEMORY,
    .n_locks = 64, .lock_offset = 0xC0000, .lock_stride = 0x10,
    .n_bds = 48, .n_bd_words = 8, .bd_offset = 0xA0000, .bd_stride = 0x20,
    .n_channels = 6, .n_slots = 4,
    .memories = {{"data", 0, 0x80000}}, .n_memories = 1,
    .registers = &npu_aie2_memory_registers,
    .ports = &npu_aie2_memory_ports,
    .bd = &npu_aie2_memory_bd,
};

static const ts_npu_tile aie2_compute = {
    .kind = TS_NPU_COMPUTE,
    .n_locks = 16, .lock_offset = 0x1F000, .lock_stride = 0x10,
    .n_bds = 16, .n_bd_words = 6, .bd_offset = 0x1D000, .bd_stride = 0x20,
    .n_channels = 2, .n_slots = 4,
    .memories = {{"data", 0, 0x10000}, {"program", 0x20000, 0x4000}}, .n_memories = 2,
    .registers = &npu_aie2_compute_registers,
    .ports = &npu_aie2_compute_ports,
    .bd = &npu_aie2_compute_bd,
};

/* Six rows, one of them memory tiles; all shim tiles of these grids reach the host's memory.
 * src: Xilinx/mlir-aie: include/aie/Dialect/AIE/IR/AIETargetModel.h, BaseNPU1TargetModel,
 * VirtualizedNPU1TargetModel, getColumnShift, getRowShift [code]; lib/Dialect/AIE/IR/AIEDialect.cpp,
 * getTargetModel: npu1 has four columns [code]. npu1_4col is the same, for designs
 * that spell it out: TK_AIE2_NPU1_4Col. */
#define GRID(device_name, columns)                                                                 \
    {.name = (device_name), .n_columns = (columns), .n_rows = 6, .n_memory_rows = 1,               \
     .column_shift = 25, .row_shift = 20, .tiles = {&aie2_shim, &aie2_memory, &aie2_compute}}

static const ts_npu_device npu1      = GRID("npu1", 4);
static const ts_npu_device npu1_1col = GRID("npu1_1col", 1);
static const ts_npu_device npu1_2col = GRID("npu1_2col", 2);
static const ts_npu_device npu1_3col = GRID("npu1_3col", 3);
static const ts_npu_device npu1_4col = GRID("npu1_4col", 4);
const ts_npu_device ts_npu_phoenix   = GRID("phoenix", 5);
/* clang-format on */

const ts_npu_device *const ts_npu_devices[] = {
    &npu1, &npu1_1col, &npu1_2col, &npu1_3col, &npu1_4col, NULL,
};

const char *ts_npu_kind_name(ts_npu_kind kind) {
    static const char *const names[TS_NPU_N_KINDS] = {"shim", "memory", "compute"};
    return kind < TS_NPU_N_KINDS ? names[kind] : "?";
}

const ts_npu_device *ts_npu_device_find(const char *name) {
    for (const ts_npu_device *const *at = ts_npu_devices; *at; at++)
        if (strcmp((*at)->name, name) == 0) return *at;
    return NULL;
}

const ts_npu_tile *ts_npu_tile_at(const ts_npu_device *device, uint32_t column, uint32_t row) {
    if (column >= device->n_columns || row >= device->n_rows) return NULL;
    if (row == 0) return device->tiles[TS_NPU_SHIM];
    return device->tiles[row <= device->n_memory_rows ? TS_NPU_MEMORY : TS_NPU_COMPUTE];
}

bool ts_npu_split(const ts_npu_device *device, uint64_t address, ts_npu_place *out) {
    uint64_t column = address >> device->column_shift;
    uint64_t row = (address >> device->row_shift) &
                   (((uint64_t)1 << (device->column_shift - device->row_shift)) - 1);
    if (column >= device->n_columns || row >= device->n_rows) return false;
    *out = (ts_npu_place){
        .column = (uint32_t)column,
        .row = (uint32_t)row,
        .offset = (uint32_t)(address & (((uint64_t)1 << device->row_shift) - 1)),
    };
    return true;
}

bool ts_npu_join(const ts_npu_device *device, ts_npu_place place, uint64_t *out) {
    if (!ts_npu_tile_at(device, place.column, place.row)) return false;
    if (place.offset >> device->row_shift) return false;
    *out = (uint64_t)place.column << device->column_shift |
           (uint64_t)place.row << device->row_shift | place.offset;
    return true;
}
