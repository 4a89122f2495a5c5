/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Names of values in print: what the text said, what the operation suggests, or a number; unique
 * among all that can be seen.
 *
 * src: llvm-project: mlir/lib/IR/AsmPrinter.cpp, SSANameState [code]
 * src: Xilinx/mlir-aie: include/aie/Dialect/AIE/IR/AIEOps.td and AIEInterfaces.td,
 * getAsmResultNames [code]
 */
#include "forms.h"
#include "print_int.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    N_BUCKETS = 4096
};

struct used_name {
    const char *text;
    used_name *next_in_bucket, *older;
    uint32_t bucket;
};

bool names_begin(printer *p) {
    p->buckets = TS_ARENA_ARRAY(p->arena, used_name *, N_BUCKETS);
    p->values.arena = p->blocks.arena = p->arena;
    return p->buckets != NULL;
}

static uint32_t bucket_of(const char *text) {
    return design_hash(DESIGN_HASH_START, text, strlen(text)) % N_BUCKETS;
}

static bool is_used(const printer *p, const char *text) {
    for (const used_name *name = p->buckets[bucket_of(text)]; name; name = name->next_in_bucket)
        if (strcmp(name->text, text) == 0) return true;
    return false;
}

static const char *use(printer *p, const char *text) {
    used_name *name = TS_ARENA_NEW(p->arena, used_name);
    const char *kept = ts_arena_strdup(p->arena, text);
    if (!name || !kept) {
        p->has_failed = true;
        return "";
    }
    name->text = kept;
    name->bucket = bucket_of(kept);
    name->next_in_bucket = p->buckets[name->bucket];
    p->buckets[name->bucket] = name;
    name->older = p->names.newest;
    p->names.newest = name;
    return kept;
}

void names_leave(printer *p, names_state before) {
    while (p->names.newest != before.newest) {
        p->buckets[p->names.newest->bucket] = p->names.newest->next_in_bucket;
        p->names.newest = p->names.newest->older;
    }
    p->names = before;
}

/* ---- names ----------------------------------------------------------------------------------- */

static const char *next_number(printer *p) {
    char text[16];
    do
        snprintf(text, sizeof text, "%" PRIu32, p->names.next_number++);
    while (is_used(p, text));
    return use(p, text);
}

/* Numbers that are given go on behind those that the text had. */
static void pass_number(printer *p, const char *text) {
    uint32_t number = 0;
    for (; *text >= '0' && *text <= '9' && number < UINT32_MAX / 20; text++)
        number = number * 10 + (uint32_t)(*text - '0');
    if (!*text && number >= p->names.next_number) p->names.next_number = number + 1;
}

static const char *unique(printer *p, const char *wanted) {
    char text[200];
    bool is_number = *wanted >= '0' && *wanted <= '9';
    if (is_number) pass_number(p, wanted);
    if (!is_used(p, wanted)) return use(p, wanted);
    if (is_number) return next_number(p);
    do
        snprintf(text, sizeof text, "%.180s_%" PRIu32, wanted, p->names.next_conflict++);
    while (is_used(p, text));
    return use(p, text);
}

static bool tile_place(const ts_op *op, int64_t *col, int64_t *row) {
    const ts_op *tile = op->n_operands ? op->operands[0].value->owner : NULL;
    if (!tile || tile->code != TS_OP_AIE_TILE) return false;
    *col = ts_op_integer(tile, "col", 0);
    *row = ts_op_integer(tile, "row", 0);
    return true;
}

static void suggest_tile(const ts_op *op, char *text, size_t size) {
    const ts_op *device = ts_op_parent_of(op, TS_OP_AIE_DEVICE);
    const ts_npu_device *grid = device ? design_device(device) : NULL;
    int64_t col = ts_op_integer(op, "col", 0), row = ts_op_integer(op, "row", 0);
    const ts_npu_tile *tile =
        grid && col >= 0 && row >= 0 ? ts_npu_tile_at(grid, (uint32_t)col, (uint32_t)row) : NULL;
    const char *kind = !tile                         ? ""
                       : tile->kind == TS_NPU_SHIM   ? "shim_noc_"
                       : tile->kind == TS_NPU_MEMORY ? "mem_"
                                                     : "";
    snprintf(text, size, "%stile_%" PRId64 "_%" PRId64, kind, col, row);
}

static void suggest_constant(const ts_op *op, char *text, size_t size) {
    const ts_attr *value = ts_op_attr(op, "value");
    const ts_type *type = op->results[0].type;
    if (!value || value->kind != TS_ATTR_INTEGER)
        snprintf(text, size, "cst");
    else if (type->kind == TS_TYPE_INDEX)
        snprintf(text, size, "c%" PRId64, value->integer);
    else if (type->kind == TS_TYPE_INTEGER && type->width == 1)
        snprintf(text, size, value->integer ? "true" : "false");
    else if (type->kind == TS_TYPE_INTEGER)
        snprintf(text, size, "c%" PRId64 "_i%" PRIu32, value->integer, type->width);
}

/* What the operation suggests for its result, or nothing. */
static void suggest(const ts_op *op, char *text, size_t size) {
    int64_t col, row;
    switch (op->code) {
    case TS_OP_AIE_TILE: suggest_tile(op, text, size); break;
    case TS_OP_ARITH_CONSTANT: suggest_constant(op, text, size); break;
    case TS_OP_AIE_CORE:
    case TS_OP_AIE_MEM:
    case TS_OP_AIE_MEMTILE_DMA:
    case TS_OP_AIE_SHIM_DMA:
    case TS_OP_AIE_SWITCHBOX:
    case TS_OP_AIE_SHIM_MUX:
    case TS_OP_AIE_BUFFER:
    case TS_OP_AIE_LOCK:
        if (tile_place(op, &col, &row))
            snprintf(text, size, "%s_%" PRId64 "_%" PRId64, strchr(op->name, '.') + 1, col, row);
        break;
    case TS_OP_MEMREF_ALLOC: snprintf(text, size, "alloc"); break;
    case TS_OP_MEMREF_ALLOCA: snprintf(text, size, "alloca"); break;
    default: break;
    }
}

/* Results that are written as one: %a:2 is %a#0 and %a#1. */
typedef struct value_group {
    const char *name;
    uint32_t first, n;
} value_group;

static value_group *name_value(printer *p, const ts_value *value, const char *name) {
    value_group *group = TS_ARENA_NEW(p->arena, value_group);
    if (!group || !design_map_set(&p->values, value, group)) {
        p->has_failed = true;
        return NULL;
    }
    *group = (value_group){.name = name, .first = value->index, .n = 1};
    return group;
}

static void name_argument(printer *p, const ts_value *value, bool is_entry) {
    char text[24];
    if (value->name)
        name_value(p, value, unique(p, value->name));
    else if (!is_entry)
        name_value(p, value, next_number(p));
    else {
        snprintf(text, sizeof text, "arg%" PRIu32, p->names.next_argument++);
        name_value(p, value, unique(p, text));
    }
}

void names_results(printer *p, const ts_op *op) {
    char text[64] = "";
    value_group *group = NULL;
    suggest(op, text, sizeof text);
    for (uint32_t i = 0; i < op->n_results; i++) {
        const ts_value *value = &op->results[i];
        if (group && (!value->name || value->name == op->results[i - 1].name)) {
            group->n++;
            if (!design_map_set(&p->values, value, group)) p->has_failed = true;
            continue;
        }
        const char *wanted = value->name ? value->name : text;
        group = name_value(p, value, *wanted ? unique(p, wanted) : next_number(p));
    }
}

names_state names_enter(printer *p, const ts_region *region) {
    names_state before = p->names;
    uint32_t number = 0;
    for (const ts_block *block = region->first; block; block = block->next) {
        number++;
        if (!design_map_set_number(&p->blocks, block, number)) p->has_failed = true;
        for (uint32_t i = 0; i < block->n_arguments; i++)
            name_argument(p, block->arguments[i], block == region->first);
        for (const ts_op *op = block->first; op; op = op->next)
            names_results(p, op);
    }
    return before;
}

uint32_t print_group(printer *p, const ts_value *first) {
    const value_group *group = design_map_get(&p->values, first);
    ts_buf_printf(p->out, "%%%s", group ? group->name : "");
    if (!group || group->n == 1) return 1;
    ts_buf_printf(p->out, ":%" PRIu32, group->n);
    return group->n;
}

void print_value(printer *p, const ts_value *value) {
    const value_group *group = design_map_get(&p->values, value);
    ts_buf_printf(p->out, "%%%s", group ? group->name : "<unknown>");
    if (group && group->n > 1) ts_buf_printf(p->out, "#%" PRIu32, value->index - group->first);
}

void print_block_name(printer *p, const ts_block *block) {
    uint32_t number = design_map_number(&p->blocks, block);
    ts_buf_printf(p->out, "^bb%" PRIu32, number ? number - 1 : 0);
}
