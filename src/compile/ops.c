/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * What the tree says about places: the tile of an operation, the port that attributes name, the
 * address of a buffer, what a core sees of its neighbors' memories.
 */
#include "compile_int.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* mlir-aie's WireBundle, by enumerator. PLIO and NOC are no ports of an NPU's switches.
 * src: Xilinx/mlir-aie: include/aie/Dialect/AIE/IR/AIEAttrs.td, WireBundle [code] */
static const struct {
    const char *name;
    bool is_port;
    ts_npu_bundle bundle;
} wire_bundles[] = {
    {"Core", true, TS_NPU_BUNDLE_CORE},
    {"DMA", true, TS_NPU_BUNDLE_DMA},
    {"FIFO", true, TS_NPU_BUNDLE_FIFO},
    {"South", true, TS_NPU_BUNDLE_SOUTH},
    {"West", true, TS_NPU_BUNDLE_WEST},
    {"North", true, TS_NPU_BUNDLE_NORTH},
    {"East", true, TS_NPU_BUNDLE_EAST},
    {"PLIO", false, TS_NPU_N_BUNDLES},
    {"NOC", false, TS_NPU_N_BUNDLES},
    {"Trace", true, TS_NPU_BUNDLE_TRACE},
    {"TileControl", true, TS_NPU_BUNDLE_TILE_CONTROL},
};

enum {
    N_WIRE_BUNDLES = sizeof wire_bundles / sizeof wire_bundles[0]
};

/* mlir-aie's AIEDevice, by enumerator; those of other generations are not here. 16 is the parser's
 * own number for a name that was given up.
 * src: Xilinx/mlir-aie: include/aie/Dialect/AIE/IR/AIEAttrs.td, AIEDevice [code] */
static const struct {
    int64_t number;
    const char *name;
} device_numbers[] = {
    {4, "npu1"}, {5, "npu1_1col"}, {6, "npu1_2col"}, {7, "npu1_3col"}, {16, "npu1_4col"},
};

const comp_window comp_windows[COMP_N_WINDOWS] = {
    {"south", 0x40000, 0, -1},
    {"west", 0x50000, -1, 0},
    {"north", 0x60000, 0, 1},
    {"east", 0x70000, 0, 0},
};

const ts_npu_device *ts_compile_device_of(const ts_op *device) {
    const ts_attr *attr = ts_op_attr(device, "device");
    if (attr && attr->kind == TS_ATTR_STRING) return ts_npu_device_find(attr->text);
    if (!attr || attr->kind != TS_ATTR_INTEGER) return NULL;
    for (size_t i = 0; i < sizeof device_numbers / sizeof device_numbers[0]; i++)
        if (device_numbers[i].number == attr->integer)
            return ts_npu_device_find(device_numbers[i].name);
    return NULL;
}

ts_status comp_init(comp *c, ts_arena *arena, const ts_design *design, const ts_op *device,
                    ts_buf *out, ts_diag *diag) {
    *c = (comp){.arena = arena, .design = design, .device = device, .out = out, .diag = diag};
    c->npu = ts_compile_device_of(device);
    if (c->npu) return TS_OK;
    return COMP_FAIL(c, device, TS_UNSUPPORTED,
                     "this device is not supported; npu1 and its parts are (npu1_1col, npu1_2col, "
                     "npu1_3col)");
}

ts_status comp_tile_of(const comp *c, const ts_op *op, comp_tile *out) {
    const ts_op *tile = op;
    int64_t column, row;
    *out = (comp_tile){0};
    if (op->code != TS_OP_AIE_TILE) TS_TRY(comp_source(c, op, 0, TS_OP_AIE_TILE, &tile));
    TS_TRY(comp_need(c, tile, "col", 0, UINT8_MAX, &column));
    TS_TRY(comp_need(c, tile, "row", 0, UINT8_MAX, &row));
    *out = (comp_tile){tile, ts_npu_tile_at(c->npu, (uint32_t)column, (uint32_t)row),
                       (uint32_t)column, (uint32_t)row};
    if (out->kind) return TS_OK;
    return COMP_FAIL(c, tile, TS_RANGE, "no tile (%" PRId64 ",%" PRId64 ") in %s: %u by %u tiles",
                     column, row, c->npu->name, c->npu->n_columns, c->npu->n_rows);
}

ts_status comp_source(const comp *c, const ts_op *op, uint32_t index, ts_op_code code,
                      const ts_op **out) {
    *out = op->n_operands > index ? op->operands[index].value->owner : NULL;
    if (*out && (*out)->code == code) return TS_OK;
    return COMP_FAIL(c, op, TS_UNSUPPORTED, "operand %" PRIu32 " must be the result of %s", index,
                     ts_op_code_name(code));
}

const ts_op *comp_core_on(const ts_op *tile) {
    if (!tile->n_results) return NULL;
    for (const ts_use *use = tile->results[0].first_use; use; use = use->next)
        if (use->user->code == TS_OP_AIE_CORE) return use->user;
    return NULL;
}

ts_status comp_need(const comp *c, const ts_op *op, const char *name, int64_t min, int64_t max,
                    int64_t *out) {
    const ts_attr *attr = ts_op_attr(op, name);
    *out = 0;
    if (!attr || attr->kind != TS_ATTR_INTEGER)
        return COMP_FAIL(c, op, TS_MISSING, "%s has no '%s'", op->name, name);
    *out = attr->integer;
    if (*out >= min && *out <= max) return TS_OK;
    return COMP_FAIL(c, op, TS_RANGE, "%s is %" PRId64 "; expected %" PRId64 " to %" PRId64, name,
                     *out, min, max);
}

uint64_t comp_element_bytes(const ts_type *type) {
    const ts_type *element = type ? type->element : NULL;
    if (!element) return 0;
    if (element->kind == TS_TYPE_INTEGER || element->kind == TS_TYPE_FLOAT)
        return (element->width + 7) / 8;
    return element->kind == TS_TYPE_INDEX ? 8 : ts_type_n_bytes(element);
}

uint64_t comp_memref_bytes(const ts_type *type) {
    return ts_type_n_elements(type) * comp_element_bytes(type);
}

ts_status comp_buffer_address(const comp *c, const ts_op *buffer, uint32_t *out) {
    comp_tile tile;
    int64_t address;
    *out = 0;
    TS_TRY(comp_tile_of(c, buffer, &tile));
    if (tile.kind->kind == TS_NPU_SHIM)
        return COMP_FAIL(c, buffer, TS_RANGE, "a shim tile has no memory for a buffer");
    if (!ts_op_attr(buffer, "address"))
        return COMP_FAIL(c, buffer, TS_MISSING,
                         "buffer '%s' has no address; buffer-addresses "
                         "gives it one",
                         ts_op_text(buffer, "sym_name", ""));
    TS_TRY(comp_need(c, buffer, "address", 0, tile.kind->memories[0].size - 1, &address));
    uint64_t end = (uint64_t)address + comp_memref_bytes(buffer->results[0].type);
    if (end > tile.kind->memories[0].size)
        return COMP_FAIL(c, buffer, TS_RANGE,
                         "buffer '%s' ends at 0x%" PRIx64 ", beyond the tile's 0x%" PRIx32
                         " bytes of data memory",
                         ts_op_text(buffer, "sym_name", ""), end, tile.kind->memories[0].size);
    *out = (uint32_t)address;
    return TS_OK;
}

ts_status comp_port(const comp *c, const ts_op *op, const comp_tile *tile, bool is_master,
                    ts_npu_port *out) {
    const char *end = is_master ? "dest" : "source";
    char name[32];
    int64_t bundle, channel;
    snprintf(name, sizeof name, "%s_bundle", end);
    TS_TRY(comp_need(c, op, name, 0, N_WIRE_BUNDLES - 1, &bundle));
    snprintf(name, sizeof name, "%s_channel", end);
    TS_TRY(comp_need(c, op, name, 0, UINT8_MAX, &channel));
    *out = (ts_npu_port){wire_bundles[bundle].bundle, (uint8_t)channel};
    uint32_t index;
    if (wire_bundles[bundle].is_port && ts_npu_port_index(tile->kind, is_master, *out, &index))
        return TS_OK;
    return COMP_FAIL(c, op, TS_RANGE,
                     "the switch of tile (%" PRIu32 ",%" PRIu32 ") has no %s port %s:%" PRId64,
                     tile->column, tile->row, is_master ? "master" : "slave",
                     wire_bundles[bundle].name, channel);
}

bool comp_window_tile(const comp *c, const comp_tile *core, const comp_window *window,
                      comp_tile *out) {
    int64_t column = (int64_t)core->column + window->column;
    int64_t row = (int64_t)core->row + window->row;
    *out = (comp_tile){0};
    if (column < 0 || row < 0) return false;
    out->kind = ts_npu_tile_at(c->npu, (uint32_t)column, (uint32_t)row);
    out->column = (uint32_t)column;
    out->row = (uint32_t)row;
    return out->kind && out->kind->kind == TS_NPU_COMPUTE;
}
