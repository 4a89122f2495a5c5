/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The verifier: each operation is as its row in forms.c says, stands where it may, uses values that
 * are there, and keeps the rules of its kind. Operations that Tessera does not know are passed
 * over.
 */
#include "verify_int.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const ts_op *verify_tile_of(const ts_op *op, uint32_t operand) {
    const ts_op *tile = operand < op->n_operands ? op->operands[operand].value->owner : NULL;
    return tile && tile->code == TS_OP_AIE_TILE ? tile : NULL;
}

const ts_npu_tile *verify_kind_of(const verifier *v, const ts_op *tile) {
    if (!v->grid || !tile || tile->code != TS_OP_AIE_TILE) return NULL;
    int64_t col = ts_op_integer(tile, "col", -1), row = ts_op_integer(tile, "row", -1);
    if (col < 0 || row < 0) return NULL;
    return ts_npu_tile_at(v->grid, (uint32_t)col, (uint32_t)row);
}

const char *verify_place(const verifier *v, const ts_op *tile, char *text, size_t size) {
    const ts_npu_tile *kind = verify_kind_of(v, tile);
    snprintf(text, size, "%s%stile (%" PRId64 ", %" PRId64 ")",
             kind ? ts_npu_kind_name(kind->kind) : "", kind ? " " : "",
             ts_op_integer(tile, "col", 0), ts_op_integer(tile, "row", 0));
    return text;
}

/* ---- symbols --------------------------------------------------------------------------------- */

static int by_symbol_only(const ts_op *a, const ts_op *b) {
    return strcmp(design_symbol_name(a), design_symbol_name(b));
}

static int by_symbol(const void *a, const void *b) {
    const ts_op *x = *(const ts_op *const *)a, *y = *(const ts_op *const *)b;
    int order = by_symbol_only(x, y);
    if (order) return order;
    return x->offset < y->offset ? -1 : x->offset > y->offset;
}

/* Operations with symbols directly in a device or module, sorted by them. */
typedef struct symbol_table {
    const ts_op **list;
    size_t n;
} symbol_table;

/* Made when it is asked for first; NULL: NOMEM. */
static const symbol_table *table_of(verifier *v, const ts_op *op) {
    const symbol_table *known = design_map_get(&v->tables, op);
    if (known) return known;
    symbol_table *table = TS_ARENA_NEW(&v->arena, symbol_table);
    size_t n = 0;
    if (!table) return NULL;
    for (int pass = 0; pass < 2; pass++) {
        if (pass && !(table->list = TS_ARENA_ARRAY(&v->arena, const ts_op *, n))) return NULL;
        for (const ts_block *block = op->n_regions ? op->regions[0].first : NULL; block;
             block = block->next)
            for (const ts_op *at = block->first; at; at = at->next)
                if (design_symbol_name(at)) {
                    if (pass) table->list[table->n++] = at;
                    n += !pass;
                }
    }
    if (n > 1) qsort((void *)table->list, n, sizeof *table->list, by_symbol);
    return design_map_set(&v->tables, op, table) ? table : NULL;
}

const ts_op *verify_symbol(verifier *v, const ts_op *op, const char *name) {
    const symbol_table *table = table_of(v, op);
    size_t low = 0, high = table ? table->n : 0;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(design_symbol_name(table->list[middle]), name);
        if (order == 0) return table->list[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

const ts_op *verify_lookup(verifier *v, const ts_op *from, const char *name) {
    for (const ts_op *at = ts_op_parent(from); at; at = ts_op_parent(at)) {
        if (at->code != TS_OP_AIE_DEVICE && at->code != TS_OP_MODULE) continue;
        const ts_op *found = verify_symbol(v, at, name);
        if (found) return found;
    }
    return NULL;
}

ts_status verify_symbols(verifier *v, const ts_op *op) {
    const symbol_table *table = table_of(v, op);
    if (!table) return ts_fail_nomem(v->diag);
    for (size_t i = 1; i < table->n; i++)
        if (by_symbol_only(table->list[i - 1], table->list[i]) == 0)
            return VERIFY_FAIL(v, table->list[i], "symbol '%s' is defined twice",
                               design_symbol_name(table->list[i]));
    return TS_OK;
}

/* ---- symbols that are referred to ------------------------------------------------------------ */

/* What a symbol may name: one of these codes. OTHER: anything that has the name. */
static const struct {
    ts_op_code code;
    const char *attr;
    ts_op_code targets[3];
    const char *what;
} references[] = {
    {TS_OP_AIE_OBJECTFIFO_ALLOCATE, "objFifo_name", {TS_OP_AIE_OBJECTFIFO}, "object fifo"},
    {TS_OP_AIE_OBJECTFIFO_ACQUIRE, "objFifo_name", {TS_OP_AIE_OBJECTFIFO}, "object fifo"},
    {TS_OP_AIE_OBJECTFIFO_RELEASE, "objFifo_name", {TS_OP_AIE_OBJECTFIFO}, "object fifo"},
    {TS_OP_AIE_OBJECTFIFO_REGISTER_EXTERNAL_BUFFERS,
     "objFifo_name",
     {TS_OP_AIE_OBJECTFIFO},
     "object fifo"},
    {TS_OP_AIE_OBJECTFIFO_REGISTER_PROCESS, "objFifo_name", {TS_OP_AIE_OBJECTFIFO}, "object fifo"},
    {TS_OP_FUNC_CALL, "callee", {TS_OP_FUNC_FUNC}, "function"},
    {TS_OP_AIEX_NPU_DMA_WAIT, "symbol", {0}, "symbol"},
    {TS_OP_AIEX_CONFIGURE, "symbol", {TS_OP_AIE_DEVICE}, "device"},
    {TS_OP_AIEX_NPU_LOAD_PDI, "device_ref", {TS_OP_AIE_DEVICE}, "device"},
    {TS_OP_AIEX_DMA_START_BD_CHAIN, "symbol", {TS_OP_AIE_BD_CHAIN}, "chain of descriptors"},
    {TS_OP_AIEX_DMA_START_BD_CHAIN_FOR, "symbol", {TS_OP_AIE_BD_CHAIN}, "chain of descriptors"},
    {TS_OP_MEMREF_GET_GLOBAL, "name", {TS_OP_MEMREF_GLOBAL}, "global"},
};

static ts_status check_reference(verifier *v, const ts_op *op, const char *name,
                                 const ts_op_code *targets, const char *what) {
    const ts_op *found = verify_lookup(v, op, name);
    bool is_good = found && targets[0] == TS_OP_OTHER;
    for (size_t i = 0; found && i < 3; i++)
        is_good |= targets[i] != TS_OP_OTHER && found->code == targets[i];
    if (is_good) return TS_OK;
    if (found) return VERIFY_FAIL(v, op, "'%s' is '%s'; expected a %s", name, found->name, what);
    return ts_op_fail(v->diag, v->design, op, TS_UNKNOWN, "there is no %s '@%s'", what, name);
}

static ts_status verify_references(verifier *v, const ts_op *op) {
    for (size_t i = 0; i < sizeof references / sizeof references[0]; i++) {
        if (references[i].code != op->code) continue;
        const ts_attr *attr = ts_op_attr(op, references[i].attr);
        if (attr)
            TS_TRY(check_reference(v, op, attr->text, references[i].targets, references[i].what));
    }
    return TS_OK;
}

/* ---- all operations -------------------------------------------------------------------------- */

static void enter(verifier *v, const ts_op *op) {
    const ts_op *device = op->code == TS_OP_AIE_DEVICE ? op : ts_op_parent_of(op, TS_OP_AIE_DEVICE);
    if (device == v->device) return;
    v->device = device;
    v->grid = device ? design_device(device) : NULL;
}

static ts_status verify_one(verifier *v, const ts_op *op) {
    enter(v, op);
    TS_TRY(verify_structure(v, op));
    if (op->code == TS_OP_OTHER) return TS_OK;
    if (op->code == TS_OP_AIE_DEVICE || op->code == TS_OP_MODULE) TS_TRY(verify_symbols(v, op));
    TS_TRY(verify_references(v, op));
    TS_TRY(verify_upstream(v, op));
    TS_TRY(verify_tiles(v, op));
    TS_TRY(verify_dma(v, op));
    TS_TRY(verify_switches(v, op));
    TS_TRY(verify_fifos(v, op));
    return verify_sequence(v, op);
}

ts_status ts_design_verify(const ts_design *design, ts_diag *diag) {
    verifier v = {.design = design, .diag = diag};
    ts_arena_init(&v.arena, 0);
    v.tables.arena = &v.arena;
    ts_status status = TS_OK;
    /* First what each operation is alone: rules may then rely on it. */
    for (const ts_op *op = design->module; op && status == TS_OK;
         op = ts_op_next_below(design->module, op)) {
        design_why why;
        if (op->code != TS_OP_OTHER && !design_check(op, &why))
            status = VERIFY_FAIL(&v, op, "%s", why.text);
    }
    for (const ts_op *op = design->module; op && status == TS_OK;
         op = ts_op_next_below(design->module, op))
        status = verify_one(&v, op);
    if (status == TS_OK) status = verify_order(&v, design->module);
    ts_arena_free(&v.arena);
    return status;
}
