/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Values are named region by region, a whole region before the regions within it. A name that is
 * taken gets a number from one counter for all names; an inner region begins with the counters of
 * the one around it.
 * src: llvm-project: mlir/lib/IR/AsmPrinter.cpp, SSANameState [code];
 * src: Xilinx/mlir-aie: include/aie/Dialect/AIE/IR/AIEOps.td, getAsmResultNames [code]
 */
#include "ssa_names.h"

#include <stdio.h>
#include <string.h>

typedef struct scope {
    const struct scope *outer;
    const char **names;
    size_t n_names, capacity;
    unsigned next_value, next_argument, next_conflict;
} scope;

static bool is_taken(const scope *s, const char *name) {
    for (; s; s = s->outer)
        for (size_t i = 0; i < s->n_names; i++)
            if (strcmp(s->names[i], name) == 0) return true;
    return false;
}

static bool take(ts_arena *arena, scope *s, const char *name, ts_value *value) {
    char *unique = ts_arena_strdup(arena, name);
    while (unique && is_taken(s, unique))
        unique = ts_arena_printf(arena, "%s_%u", name, s->next_conflict++);
    if (s->n_names == s->capacity) {
        size_t more = s->capacity ? 2 * s->capacity : 32;
        s->names = ts_arena_grow(arena, (void *)s->names, s->capacity * sizeof *s->names,
                                 more * sizeof *s->names);
        s->capacity = more;
    }
    if (!unique || !s->names) return false;
    s->names[s->n_names++] = unique;
    value->name = unique;
    return true;
}

/* "i32", "index": what follows a constant's value. */
static void constant_name(ts_arena *arena, const ts_op *op, char *out, size_t size) {
    const ts_attr *value = ts_op_attr(op, "value");
    ts_buf type = ts_buf_in(arena);
    snprintf(out, size, "cst");
    if (!value || value->kind != TS_ATTR_INTEGER || !value->type) return;
    if (value->type->kind == TS_TYPE_INTEGER && value->type->width == 1) {
        snprintf(out, size, "%s", value->integer ? "true" : "false");
        return;
    }
    long long number = value->integer;
    const char *sign = number < 0 ? "-" : "";
    ts_type_print(value->type, &type);
    if (value->type->kind == TS_TYPE_INDEX)
        snprintf(out, size, "c%s%lld", sign, number < 0 ? -number : number);
    else
        snprintf(out, size, "c%s%lld_%.*s", sign, number < 0 ? -number : number, (int)type.size,
                 (const char *)type.data);
}

static void place_name(const ts_op *op, const char *kind, char *out, size_t size) {
    const ts_op *tile = op->n_operands ? op->operands[0].value->owner : NULL;
    if (tile)
        snprintf(out, size, "%s_%lld_%lld", kind, (long long)ts_op_integer(tile, "col", -1),
                 (long long)ts_op_integer(tile, "row", -1));
}

/* src: Xilinx/mlir-aie: include/aie/Dialect/AIE/IR/AIETargetModel.h, nocColumns [code]; all shim
 * tiles of npu1 are noc */
static bool is_noc(long long device, long long column) {
    static const signed char ve2302[] = {2, 3, 6, 7, 10, 11, -1};
    static const signed char ve2802[] = {2, 3, 6, 7, 14, 15, 22, 23, 30, 31, -1};
    if (device != 2 && device != 3) return true;
    for (const signed char *at = device == 2 ? ve2302 : ve2802; *at >= 0; at++)
        if (*at == column) return true;
    return false;
}

static void tile_name(const ts_op *op, char *out, size_t size) {
    long long column = ts_op_integer(op, "col", -1), row = ts_op_integer(op, "row", -1);
    const ts_op *device = ts_op_parent(op);
    long long number = device ? ts_op_integer(device, "device", 4) : 4;
    int n_memory_rows = number == 3 ? 2 : 1;
    snprintf(out, size, "%s_%lld_%lld",
             row == 0               ? (is_noc(number, column) ? "shim_noc_tile" : "shim_pl_tile")
             : row <= n_memory_rows ? "mem_tile"
                                    : "tile",
             column, row);
}

static const struct {
    ts_op_code code;
    const char *name;
    bool is_placed, has_symbol;
} kinds[] = {
    {TS_OP_AIE_CORE, "core", true, false},
    {TS_OP_AIE_MEM, "mem", true, false},
    {TS_OP_AIE_MEMTILE_DMA, "memtile_dma", true, false},
    {TS_OP_AIE_SHIM_DMA, "shim_dma", true, false},
    {TS_OP_AIE_SWITCHBOX, "switchbox", true, false},
    {TS_OP_AIE_SHIM_MUX, "shim_mux", true, false},
    {TS_OP_AIE_BUFFER, "buffer", true, true},
    {TS_OP_AIE_LOCK, "lock", true, true},
    {TS_OP_AIE_EXTERNAL_BUFFER, "", false, true},
    {TS_OP_MEMREF_ALLOC, "alloc", false, false},
    {TS_OP_MEMREF_ALLOCA, "alloca", false, false},
    {TS_OP_MEMREF_CAST, "cast", false, false},
    {TS_OP_MEMREF_SUBVIEW, "subview", false, false},
    {TS_OP_MEMREF_REINTERPRET_CAST, "reinterpret_cast", false, false},
    {TS_OP_MEMREF_COLLAPSE_SHAPE, "collapse_shape", false, false},
    {TS_OP_MEMREF_EXPAND_SHAPE, "expand_shape", false, false},
};

static void name_of(ts_arena *arena, const ts_op *op, char *out, size_t size) {
    *out = '\0';
    if (op->code == TS_OP_ARITH_CONSTANT) constant_name(arena, op, out, size);
    if (op->code == TS_OP_AIE_TILE) tile_name(op, out, size);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (kinds[i].code != op->code) continue;
        const char *symbol = ts_op_text(op, "sym_name", NULL);
        if (kinds[i].has_symbol && symbol)
            snprintf(out, size, "%s", symbol);
        else if (kinds[i].is_placed)
            place_name(op, kinds[i].name, out, size);
        else
            snprintf(out, size, "%s", kinds[i].name);
    }
}

static bool name_block(ts_arena *arena, scope *s, const ts_block *block) {
    char name[128];
    for (uint32_t i = 0; i < block->n_arguments; i++) {
        if (block->previous)
            snprintf(name, sizeof name, "%u", s->next_value++);
        else
            snprintf(name, sizeof name, "arg%u", s->next_argument++);
        if (!take(arena, s, name, block->arguments[i])) return false;
    }
    for (ts_op *op = block->first; op; op = op->next) {
        if (!op->n_results) continue;
        name_of(arena, op, name, sizeof name);
        /* A result without a name is numbered; several of one operation share the number. */
        bool is_numbered = !*name;
        if (is_numbered) snprintf(name, sizeof name, "%u", s->next_value++);
        if (op->n_results == 1 && !take(arena, s, name, &op->results[0])) return false;
        for (uint32_t i = 0; op->n_results > 1 && i < op->n_results; i++)
            op->results[i].name = NULL;
    }
    return true;
}

static bool name_region(ts_arena *arena, const scope *outer, const ts_region *region) {
    scope s = {.outer = outer};
    if (outer) {
        s.next_value = outer->next_value;
        s.next_argument = outer->next_argument;
        s.next_conflict = outer->next_conflict;
    }
    for (const ts_block *block = region->first; block; block = block->next)
        if (!name_block(arena, &s, block)) return false;
    for (const ts_block *block = region->first; block; block = block->next)
        for (const ts_op *op = block->first; op; op = op->next)
            for (uint32_t i = 0; i < op->n_regions; i++)
                if (!name_region(arena, &s, &op->regions[i])) return false;
    return true;
}

bool ssa_names(ts_design *design) {
    return name_region(design->arena, NULL, &design->module->regions[0]);
}
