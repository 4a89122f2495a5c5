/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The three CDOs of a design, in mlir-aie's order.
 *
 * src: Xilinx/mlir-aie: lib/Targets/AIETargetCDODirect.cpp; lib/Targets/AIERT.cpp, addAieElfs,
 * initLocks, initBuffers, addInitConfig, addCoreEnable [code]
 */
#include "compile_int.h"

#include "tessera/pdi.h"

#include <inttypes.h>

static const ts_op *next_tile(const comp *c, const ts_op *after) {
    return ts_op_child(c->device, TS_OP_AIE_TILE, after);
}

/* ---- programs -------------------------------------------------------------------------------- */

static const ts_compile_core *core_of(const ts_compile_core *cores, size_t n_cores,
                                      const ts_op *op) {
    for (size_t i = 0; i < n_cores; i++)
        if (cores[i].op == op) return &cores[i];
    return NULL;
}

static ts_status write_elfs(const comp *c, const ts_compile_core *cores, size_t n_cores) {
    for (const ts_op *op = next_tile(c, NULL); op; op = next_tile(c, op)) {
        const ts_compile_core *core = core_of(cores, n_cores, comp_core_on(op));
        comp_tile tile;
        TS_TRY(comp_tile_of(c, op, &tile));
        if (core && tile.kind->kind == TS_NPU_COMPUTE) TS_TRY(comp_load_program(c, &tile, core));
    }
    return TS_OK;
}

/* ---- initial values -------------------------------------------------------------------------- */

static void write_lock(const comp *c, const comp_tile *tile, uint32_t id, uint32_t value) {
    comp_value lock =
        comp_register_at(tile->kind, tile->kind->lock_offset + id * tile->kind->lock_stride);
    comp_set(&lock, "Lock_value", value);
    comp_write(c, tile, lock);
}

static ts_status reset_cores(const comp *c) {
    for (const ts_op *op = next_tile(c, NULL); op; op = next_tile(c, op)) {
        comp_tile tile;
        TS_TRY(comp_tile_of(c, op, &tile));
        if (!comp_core_on(op)) continue;
        if (tile.kind->kind != TS_NPU_COMPUTE)
            return COMP_FAIL(c, op, TS_RANGE, "a %s tile has no core",
                             ts_npu_kind_name(tile.kind->kind));
        for (uint32_t reset = 2; reset-- > 0;) {
            comp_value control = comp_register(tile.kind, "Core_Control");
            comp_set(&control, "Reset", reset);
            comp_mask_write(c, &tile, control);
        }
        for (uint32_t id = 0; id < tile.kind->n_locks; id++)
            write_lock(c, &tile, id, 0);
    }
    return TS_OK;
}

static ts_status init_lock(const comp *c, const ts_op *op) {
    comp_tile tile;
    int64_t id, value;
    if (!ts_op_attr(op, "lockID"))
        return COMP_FAIL(c, op, TS_MISSING, "lock '%s' has no number; lock-ids gives it one",
                         ts_op_text(op, "sym_name", ""));
    if (!ts_op_attr(op, "init")) return TS_OK;
    TS_TRY(comp_tile_of(c, op, &tile));
    TS_TRY(comp_need(c, op, "lockID", 0, tile.kind->n_locks - 1, &id));
    TS_TRY(comp_need(c, op, "init", 0, 63, &value));
    write_lock(c, &tile, (uint32_t)id, (uint32_t)value);
    return TS_OK;
}

/* The bytes of constant elements, with a splat's repeated. */
static ts_status dense_bytes(const comp *c, const ts_op *op, const ts_attr *dense, ts_span *out) {
    uint64_t size = comp_memref_bytes(dense->type);
    *out = dense->data;
    if (!dense->is_splat || !dense->data.size || dense->data.size == size) {
        if (dense->data.size == size) return TS_OK;
        return COMP_FAIL(c, op, TS_RANGE, "%zu bytes of initial values; the buffer has %" PRIu64,
                         dense->data.size, size);
    }
    ts_buf bytes = ts_buf_in(c->arena);
    ts_buf_reserve(&bytes, size);
    while (!bytes.failed && bytes.size + dense->data.size <= size)
        ts_buf_span_add(&bytes, dense->data);
    *out = ts_buf_span(&bytes);
    return bytes.failed ? ts_fail_nomem(c->diag) : TS_OK;
}

static ts_status init_buffer(const comp *c, const ts_op *op) {
    const ts_attr *value = ts_op_attr(op, "initial_value");
    comp_tile tile;
    ts_span bytes;
    uint32_t address;
    if (!value || value->kind != TS_ATTR_DENSE) return TS_OK;
    TS_TRY(comp_tile_of(c, op, &tile));
    TS_TRY(comp_buffer_address(c, op, &address));
    if (value->is_resource)
        return COMP_FAIL(c, op, TS_UNSUPPORTED, "initial values in a resource are not supported");
    if (comp_memref_bytes(value->type) > comp_memref_bytes(op->results[0].type))
        return COMP_FAIL(c, op, TS_RANGE, "the initial values are longer than the buffer");
    TS_TRY(dense_bytes(c, op, value, &bytes));
    comp_data(c, &tile, address, bytes);
    return TS_OK;
}

static ts_status for_each(const comp *c, ts_op_code code,
                          ts_status (*write)(const comp *c, const ts_op *op)) {
    for (const ts_op *op = c->device; op; op = ts_op_next_below(c->device, op))
        if (op->code == code) TS_TRY(write(c, op));
    return TS_OK;
}

static ts_status write_init(const comp *c) {
    TS_TRY(reset_cores(c));
    TS_TRY(for_each(c, TS_OP_AIE_LOCK, init_lock));
    TS_TRY(for_each(c, TS_OP_AIE_BUFFER, init_buffer));
    TS_TRY(comp_configure_dmas(c));
    return comp_configure_switches(c);
}

static ts_status write_enable(const comp *c) {
    for (const ts_op *op = next_tile(c, NULL); op; op = next_tile(c, op)) {
        comp_tile tile;
        TS_TRY(comp_tile_of(c, op, &tile));
        if (!comp_core_on(op) || tile.kind->kind != TS_NPU_COMPUTE) continue;
        comp_value control = comp_register(tile.kind, "Core_Control");
        comp_set(&control, "Enable", 1);
        comp_mask_write(c, &tile, control);
    }
    return TS_OK;
}

/* Each begins with a command, because bootgen refuses a CDO without any. */
ts_status ts_compile_cdo_write(const ts_design *design, const ts_op *device,
                               const ts_compile_core *cores, size_t n_cores, ts_compile_cdo part,
                               ts_buf *out, ts_diag *diag) {
    comp c;
    ts_buf cdo = ts_buf_in(out->arena);
    TS_TRY(comp_init(&c, out->arena, design, device, &cdo, diag));
    ts_cdo_begin(&cdo);
    ts_cdo_put(&cdo, TS_CDO_NOP, NULL, 0);
    switch (part) {
    case TS_COMPILE_CDO_ELFS: TS_TRY(write_elfs(&c, cores, n_cores)); break;
    case TS_COMPILE_CDO_INIT: TS_TRY(write_init(&c)); break;
    case TS_COMPILE_CDO_ENABLE: TS_TRY(write_enable(&c)); break;
    case TS_COMPILE_N_CDOS: break;
    }
    TS_TRY(ts_cdo_finish(&cdo, diag));
    ts_buf_span_add(out, ts_buf_span(&cdo));
    return out->failed ? ts_fail_nomem(diag) : TS_OK;
}
