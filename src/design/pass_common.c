/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * What all passes need: which grid a device is, tiles and their memory, a builder of operations.
 */
#include "passes.h"

#include <stdio.h>
#include <string.h>

/* ---- devices --------------------------------------------------------------------------------- */

#define MAX_TILES (38 * 11)

typedef struct device_row {
    uint8_t number, n_columns, n_rows, n_memory_rows;
    const char *name;
} device_row;

/* The numbers that a design's device has, and its grid. The Versal parts with AIE-ML tiles are
 * placed, too: their tiles are those of a Phoenix, and mlir-aie's tests use them.
 * src: Xilinx/mlir-aie: include/aie/Dialect/AIE/IR/AIEAttrs.td, AIEDevice [code];
 * include/aie/Dialect/AIE/IR/AIETargetModel.h, VE2302TargetModel, VE2802TargetModel,
 * VirtualizedNPU1TargetModel [code]. 16 is the parser's own number for the old name npu1_4col. */
static const device_row devices[] = {
    {2, 17, 4, 1, "xcve2302"},  {3, 38, 11, 2, "xcve2802"}, {4, 4, 6, 1, "npu1"},
    {5, 1, 6, 1, "npu1_1col"},  {6, 2, 6, 1, "npu1_2col"},  {7, 3, 6, 1, "npu1_3col"},
    {16, 4, 6, 1, "npu1_4col"},
};

/* One aie.tile for each place: a second one for the same place is taken for the first. */
static ts_status merge_tiles(ts_pass_context *c) {
    ts_op *seen[MAX_TILES] = {0};
    ts_op *tile = ts_op_child(c->device, TS_OP_AIE_TILE, NULL);
    while (tile) {
        ts_op *next = ts_op_child(c->device, TS_OP_AIE_TILE, tile);
        if (!pass_tile_kind(c, tile))
            return pass_fail(
                c, tile, TS_RANGE, "%s is outside %s, which has %u columns and %u rows",
                pass_tile_text(c, tile), c->grid.name, c->grid.n_columns, c->grid.n_rows);
        ts_op **place = &seen[pass_column(tile) * c->grid.n_rows + pass_row(tile)];
        if (*place && (*place)->n_results && tile->n_results) {
            ts_value_replace(&tile->results[0], &(*place)->results[0]);
            ts_op_erase(tile);
        } else
            *place = tile;
        tile = next;
    }
    return TS_OK;
}

ts_status ts_pass_begin(ts_pass_context *c, ts_design *design, ts_op *device,
                        const ts_pass_options *options, ts_diag *diag) {
    *c = (ts_pass_context){.design = design, .device = device, .diag = diag};
    if (options) c->options = *options;
    int64_t number = ts_op_integer(device, "device", -1);
    for (size_t i = 0; i < sizeof devices / sizeof devices[0]; i++) {
        const device_row *row = &devices[i];
        if (row->number != number) continue;
        c->grid = *ts_npu_device_find("npu1");
        c->grid.name = row->name;
        c->grid.n_columns = row->n_columns;
        c->grid.n_rows = row->n_rows;
        c->grid.n_memory_rows = row->n_memory_rows;
        return merge_tiles(c);
    }
    return pass_fail(c, device, TS_UNSUPPORTED,
                     "this device is not supported; npu1, npu1_1col, npu1_2col and npu1_3col are");
}

/* ---- tiles ----------------------------------------------------------------------------------- */

ts_op *pass_tile_of_value(const ts_value *value) {
    return value && value->owner && value->owner->code == TS_OP_AIE_TILE ? value->owner : NULL;
}

ts_op *pass_tile_of(const ts_op *op) {
    return op->n_operands ? pass_tile_of_value(op->operands[0].value) : NULL;
}

int64_t pass_column(const ts_op *tile) {
    return ts_op_integer(tile, "col", -1);
}

int64_t pass_row(const ts_op *tile) {
    return ts_op_integer(tile, "row", -1);
}

const ts_npu_tile *pass_tile_kind(const ts_pass_context *c, const ts_op *tile) {
    int64_t column = pass_column(tile), row = pass_row(tile);
    if (column < 0 || row < 0 || column > UINT8_MAX || row > UINT8_MAX) return NULL;
    return ts_npu_tile_at(&c->grid, (uint32_t)column, (uint32_t)row);
}

bool pass_is_tile(const ts_pass_context *c, const ts_op *tile, ts_npu_kind kind) {
    const ts_npu_tile *found = pass_tile_kind(c, tile);
    return found && found->kind == kind;
}

uint32_t pass_memory_bytes(const ts_pass_context *c, const ts_op *tile) {
    const ts_npu_tile *kind = pass_tile_kind(c, tile);
    return kind && kind->n_memories ? kind->memories[0].size : 0;
}

ts_op *pass_core_of(const ts_pass_context *c, const ts_op *tile) {
    ts_op *core = ts_op_child(c->device, TS_OP_AIE_CORE, NULL);
    while (core && pass_tile_of(core) != tile)
        core = ts_op_child(c->device, TS_OP_AIE_CORE, core);
    return core;
}

/* src: Xilinx/mlir-aie: include/aie/Dialect/AIE/IR/AIEOps.td, AIE_CoreOp, stack_size [code] */
#define DEFAULT_STACK_BYTES 1024

uint32_t pass_stack_bytes(const ts_pass_context *c, const ts_op *tile) {
    const ts_op *core = pass_core_of(c, tile);
    uint32_t fallback = c->options.stack_bytes ? c->options.stack_bytes : DEFAULT_STACK_BYTES;
    if (!core) return 0;
    int64_t bytes = ts_op_integer(core, "stack_size", fallback);
    return bytes < 0 ? 0 : bytes > INT32_MAX ? INT32_MAX : (uint32_t)bytes;
}

const char *pass_tile_text(const ts_pass_context *c, const ts_op *tile) {
    const char *text =
        tile ? ts_arena_printf(c->design->arena, "tile(%lld,%lld)", (long long)pass_column(tile),
                               (long long)pass_row(tile))
             : NULL;
    return text ? text : "a tile";
}

const char *pass_name(const ts_op *op) {
    const char *name = ts_op_text(op, "sym_name", NULL);
    if (!name && op->n_results) name = op->results[0].name;
    return name ? name : op->name;
}

ts_status pass_fail(ts_pass_context *c, const ts_op *op, ts_status code, const char *format, ...) {
    char text[sizeof c->diag->message];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return ts_op_fail(c->diag, c->design, op, code, "%s", text);
}

/* ---- building -------------------------------------------------------------------------------- */

void pass_at_end(pass_builder *b, ts_block *block) {
    b->block = block;
    b->before = NULL;
}

void pass_at_start(pass_builder *b, ts_block *block) {
    b->block = block;
    b->before = block ? block->first : NULL;
}

void pass_after(pass_builder *b, ts_op *op) {
    if (!op) return;
    b->block = op->block;
    b->before = op->next;
}

void pass_before(pass_builder *b, ts_op *op) {
    if (!op) return;
    b->block = op->block;
    b->before = op;
}

ts_op *pass_make(pass_builder *b, ts_op_code code, ts_value *const *operands, size_t n_operands,
                 const ts_type *const *results, size_t n_results, size_t n_regions) {
    ts_op *op = NULL;
    if (!b->failed && b->block)
        op = ts_op_new(b->design, code, operands, n_operands, results, n_results, n_regions);
    if (!op || ++b->n_made > PASS_MAX_MADE) {
        b->failed = true;
        return NULL;
    }
    op->offset = b->offset;
    if (b->before)
        ts_op_insert_before(b->before, op);
    else
        ts_op_append(b->block, op);
    return op;
}

void pass_set(pass_builder *b, ts_op *op, const char *name, const ts_attr *value) {
    if (b->failed || !op) return;
    b->failed = !value || !ts_op_set_attr(b->design, op, name, value);
}

void pass_set_i32(pass_builder *b, ts_op *op, const char *name, int64_t value) {
    pass_set(b, op, name, ts_attr_i32(b->design, value));
}

void pass_set_text(pass_builder *b, ts_op *op, const char *name, const char *text) {
    pass_set(b, op, name, text ? ts_attr_string(b->design, text) : NULL);
}

void pass_set_segments(pass_builder *b, ts_op *op, const int64_t *sizes, size_t n_sizes) {
    const ts_type *i32 = ts_type_integer(b->design, 32, TS_SIGNLESS);
    pass_set(b, op, "operandSegmentSizes",
             i32 ? ts_attr_dense_array(b->design, i32, sizes, n_sizes) : NULL);
}

ts_value *pass_result(ts_op *op) {
    return op && op->n_results ? &op->results[0] : NULL;
}

ts_value *pass_constant(pass_builder *b, int64_t value, const ts_type *type) {
    if (!type) type = ts_type_index(b->design);
    ts_op *op = pass_make(b, TS_OP_ARITH_CONSTANT, NULL, 0, &type, 1, 0);
    pass_set(b, op, "value", type ? ts_attr_integer(b->design, value, type) : NULL);
    return pass_result(op);
}

ts_block *pass_block_before(pass_builder *b, ts_block *where) {
    if (b->failed || !where) return NULL;
    ts_block *block = TS_ARENA_NEW(b->design->arena, ts_block);
    if (!block) {
        b->failed = true;
        return NULL;
    }
    block->region = where->region;
    block->previous = where->previous;
    block->next = where;
    if (where->previous)
        where->previous->next = block;
    else
        where->region->first = block;
    where->previous = block;
    return block;
}

char *pass_text(pass_builder *b, const char *format, ...) {
    char text[512];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    char *copy = n < 0 || (size_t)n >= sizeof text ? NULL : ts_arena_strdup(b->design->arena, text);
    if (!copy) b->failed = true;
    return copy;
}
