/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The parts of operations that forms cannot say, checked as check.c checks the rest.
 */
#include "forms.h"

#include <stdio.h>
#include <string.h>

static bool fail(design_why *why, const ts_op *op, const char *what) {
    snprintf(why->text, sizeof why->text, "'%s' %s", op->name, what);
    return false;
}

static bool has_parts(const ts_op *op, uint32_t n_regions) {
    return op->n_regions == n_regions && op->n_successors == 0;
}

/* The first block of a region has arguments of these types; none and no block will do too. */
static bool block_takes(const ts_region *region, const ts_type *const *types, uint32_t n) {
    const ts_block *block = region->first;
    if (!block) return n == 0;
    if (block->n_arguments != n) return false;
    for (uint32_t i = 0; i < n; i++)
        if (block->arguments[i]->type != types[i]) return false;
    return true;
}

static bool is_module(const ts_op *op, design_why *why) {
    if (op->n_operands || op->n_results || !has_parts(op, 1))
        return fail(why, op, "has one region and nothing else");
    const ts_block *block = op->regions[0].first;
    return (block && !block->next && !block->n_arguments) || fail(why, op, "has one block");
}

static bool is_dictionaries(const ts_attr *attr, uint32_t n) {
    if (!attr) return true;
    if (attr->kind != TS_ATTR_ARRAY || attr->n_elements != n || !n) return false;
    bool has_any = false;
    for (uint32_t i = 0; i < n; i++) {
        if (attr->elements[i]->kind != TS_ATTR_DICTIONARY) return false;
        has_any |= attr->elements[i]->n_members != 0;
    }
    return has_any;
}

static bool is_function(const ts_op *op, design_why *why) {
    static const char *const visibilities[] = {"", "private", "public", "nested"};
    const ts_type *type = ts_op_attr(op, "function_type")->type_value;
    const char *visibility = ts_op_text(op, "sym_visibility", "");
    bool is_visibility = false;
    if (op->n_operands || op->n_results || !has_parts(op, 1))
        return fail(why, op, "has one region and nothing else");
    if (type->kind != TS_TYPE_FUNCTION) return fail(why, op, "needs a function type");
    for (size_t i = 0; i < 4; i++)
        is_visibility |= strcmp(visibility, visibilities[i]) == 0;
    if (!is_visibility) return fail(why, op, "is private, public or nested");
    if (op->regions[0].first && !block_takes(&op->regions[0], type->inputs, type->n_inputs))
        return fail(why, op, "has a body whose arguments are not those of its type");
    if (!is_dictionaries(ts_op_attr(op, "arg_attrs"), type->n_inputs) ||
        !is_dictionaries(ts_op_attr(op, "res_attrs"), type->n_results))
        return fail(why, op, "has attributes of arguments that do not fit its type");
    return true;
}

/* Elements of a tensor that is the memref's twin. */
static bool fits_memref(const ts_attr *value, const ts_type *memref) {
    const ts_type *type = value->type;
    return value->kind == TS_ATTR_DENSE && memref->kind == TS_TYPE_MEMREF && type &&
           type->kind == TS_TYPE_TENSOR && type->element == memref->element &&
           type->n_dims == memref->n_dims &&
           (!type->n_dims ||
            memcmp(type->shape, memref->shape, type->n_dims * sizeof *type->shape) == 0);
}

static bool is_buffer(const ts_op *op, design_why *why) {
    const ts_attr *value = ts_op_attr(op, "initial_value");
    if (op->results[0].type->kind != TS_TYPE_MEMREF) return fail(why, op, "must give a memref");
    return !value || fits_memref(value, op->results[0].type) ||
           fail(why, op, "has an initial value of another type than its own");
}

static bool is_global(const ts_op *op, design_why *why) {
    const ts_attr *value = ts_op_attr(op, "initial_value");
    const ts_type *type = ts_op_attr(op, "type")->type_value;
    if (type->kind != TS_TYPE_MEMREF) return fail(why, op, "must be a memref");
    return !value || value->kind == TS_ATTR_UNIT || fits_memref(value, type) ||
           fail(why, op, "has an initial value of another type than its own");
}

static bool is_allocation(const ts_op *op, design_why *why) {
    return (op->n_operands == 1) != (ts_op_attr(op, "col") != NULL) ||
           fail(why, op, "needs a tile, or in its old form a column");
}

static bool is_object_fifo(const ts_op *op, design_why *why) {
    const ts_attr *dims = ts_op_attr(op, "dimensionsFromStreamPerConsumer");
    return dims->n_elements + 1 == op->n_operands ||
           fail(why, op, "needs as many dimensionsFromStreamPerConsumer as consumers");
}

static bool is_memcpy(const ts_op *op, design_why *why) {
    return ts_op_attr(op, "x") || !ts_op_attr(op, "y") || fail(why, op, "has 'y' without 'x'");
}

static bool is_select(const ts_op *op, design_why *why) {
    return (op->operands[1].value->type == op->results[0].type &&
            op->operands[2].value->type == op->results[0].type) ||
           fail(why, op, "must select between values of its result's type");
}

/* ---- scf ------------------------------------------------------------------------------------- */

/* Operands from `first` on, results and the last arguments of the block have the same types. */
static bool carries(const ts_op *op, uint32_t first, uint32_t first_argument) {
    const ts_block *block = op->regions[0].first;
    uint32_t n = op->n_operands - first;
    if (op->n_results != n || !block || block->n_arguments != n + first_argument) return false;
    for (uint32_t i = 0; i < n; i++) {
        const ts_type *type = op->operands[first + i].value->type;
        if (op->results[i].type != type || block->arguments[first_argument + i]->type != type)
            return false;
    }
    return true;
}

static bool is_for(const ts_op *op, design_why *why) {
    if (op->n_operands < 3 || !has_parts(op, 1) || !carries(op, 3, 1))
        return fail(why, op, "must carry values of the same types in, around and out");
    const ts_type *type = op->regions[0].first->arguments[0]->type;
    bool is_number = type->kind == TS_TYPE_INDEX || type->kind == TS_TYPE_INTEGER;
    for (uint32_t i = 0; i < 3; i++)
        is_number = is_number && op->operands[i].value->type == type;
    return is_number || fail(why, op, "must count with one integer type");
}

static bool is_condition(const ts_type *type) {
    return type->kind == TS_TYPE_INTEGER && type->width == 1 && type->signedness == TS_SIGNLESS;
}

static bool is_if(const ts_op *op, design_why *why) {
    return (op->n_operands == 1 && has_parts(op, 2) && is_condition(op->operands[0].value->type)) ||
           fail(why, op, "needs one i1 and two regions");
}

static bool is_while(const ts_op *op, design_why *why) {
    const ts_block *block = has_parts(op, 2) ? op->regions[0].first : NULL;
    if (!has_parts(op, 2) || (block ? block->n_arguments : 0) != op->n_operands)
        return fail(why, op, "needs two regions, the first with an argument for each operand");
    for (uint32_t i = 0; i < op->n_operands; i++)
        if (block->arguments[i]->type != op->operands[i].value->type)
            return fail(why, op, "has arguments of other types than its operands");
    return true;
}

static bool is_switch(const ts_op *op, design_why *why) {
    const ts_attr *cases = ts_op_attr(op, "cases");
    return (op->n_operands == 1 && op->operands[0].value->type->kind == TS_TYPE_INDEX &&
            cases->type->kind == TS_TYPE_INTEGER && cases->type->width == 64 &&
            has_parts(op, (uint32_t)cases->n_elements + 1)) ||
           fail(why, op, "needs an index and a region for each case and the default");
}

static bool is_execute(const ts_op *op, design_why *why) {
    return (!op->n_operands && op->n_regions == 1 && op->regions[0].first) ||
           fail(why, op, "needs a region and no operands");
}

/* ---- affine ---------------------------------------------------------------------------------- */

static bool is_map(const ts_op *op, const char *name) {
    const ts_attr *map = ts_op_attr(op, name);
    return map && map->kind == TS_ATTR_AFFINE_MAP;
}

static bool all_indices(const ts_op *op, uint32_t first, uint32_t end) {
    for (uint32_t i = first; i < end; i++)
        if (op->operands[i].value->type->kind != TS_TYPE_INDEX) return false;
    return true;
}

static bool is_affine_for(const ts_op *op, design_why *why) {
    uint32_t n[3];
    const ts_attr *step = ts_op_attr(op, "step");
    for (unsigned i = 0; i < 3; i++)
        ts_op_segment(op, i, &n[i]);
    const ts_attr *sizes = ts_op_attr(op, "operandSegmentSizes");
    if (!sizes || sizes->kind != TS_ATTR_DENSE_ARRAY || sizes->n_elements != 3 ||
        sizes->type->width != 32 || (uint64_t)n[0] + n[1] + n[2] != op->n_operands)
        return fail(why, op, "needs operandSegmentSizes with 3 numbers");
    if (!is_map(op, "lowerBoundMap") || !is_map(op, "upperBoundMap") ||
        step->kind != TS_ATTR_INTEGER || step->type->kind != TS_TYPE_INDEX)
        return fail(why, op, "needs maps as bounds and an index as step");
    if (!has_parts(op, 1) || !carries(op, n[0] + n[1], 1) || !all_indices(op, 0, n[0] + n[1]) ||
        op->regions[0].first->arguments[0]->type->kind != TS_TYPE_INDEX)
        return fail(why, op, "must carry values of the same types in, around and out");
    return true;
}

static bool is_affine_if(const ts_op *op, design_why *why) {
    return (is_map(op, "condition") && has_parts(op, 2) && all_indices(op, 0, op->n_operands)) ||
           fail(why, op, "needs a set over indices and two regions");
}

static bool is_affine_access(const ts_op *op, uint32_t memref, design_why *why) {
    size_t length;
    if (op->n_operands <= memref || op->operands[memref].value->type->kind != TS_TYPE_MEMREF)
        return fail(why, op, "needs a memref");
    const ts_type *element = op->operands[memref].value->type->element;
    bool is_store = memref == 1;
    if (!has_parts(op, 0) || op->n_results != !is_store ||
        (is_store ? op->operands[0].value->type : op->results[0].type) != element)
        return fail(why, op, "must move an element of its memref");
    return (is_map(op, "map") && all_indices(op, memref + 1, op->n_operands) &&
            design_subscripts(op, memref + 1, &length)) ||
           fail(why, op, "needs a map over indices");
}

static bool is_affine_load(const ts_op *op, design_why *why) {
    return is_affine_access(op, 0, why);
}

static bool is_affine_store(const ts_op *op, design_why *why) {
    return is_affine_access(op, 1, why);
}

static bool is_affine_apply(const ts_op *op, design_why *why) {
    return (is_map(op, "map") && has_parts(op, 0) && op->n_results == 1 &&
            op->results[0].type->kind == TS_TYPE_INDEX && all_indices(op, 0, op->n_operands)) ||
           fail(why, op, "needs a map over indices and gives an index");
}

/* ---- subscripts ------------------------------------------------------------------------------ */

typedef struct reader {
    const char *at, *end;
    uint32_t next[2]; /* dimension and symbol that may come next for the first time */
    bool wants_value;
} reader;

static bool take(reader *r, const char *text) {
    size_t length = strlen(text);
    if ((size_t)(r->end - r->at) < length || memcmp(r->at, text, length) != 0) return false;
    r->at += length;
    return true;
}

static bool take_number(reader *r, uint32_t *out) {
    const char *start = r->at;
    *out = 0;
    while (r->at < r->end && *r->at >= '0' && *r->at <= '9' && r->at - start < 9)
        *out = *out * 10 + (uint32_t)(*r->at++ - '0');
    return r->at > start;
}

/* d0 comes before d1, as naming values from left to right makes it. */
static bool take_value(reader *r) {
    uint32_t number, which = *r->at == 's';
    if (!take(r, "d") && !take(r, "s")) {
        const char *start = r->at;
        while (r->at < r->end && *r->at >= '0' && *r->at <= '9')
            r->at++;
        return r->at > start;
    }
    if (!take_number(r, &number) || number > r->next[which]) return false;
    r->next[which] += number == r->next[which];
    return true;
}

static bool take_operator(reader *r) {
    static const char *const operators[] = {" + ",   " - ",        " * ",
                                            " mod ", " floordiv ", " ceildiv "};
    for (size_t i = 0; i < sizeof operators / sizeof operators[0]; i++)
        if (take(r, operators[i])) return true;
    return false;
}

/* Spaced as the parser of subscripts spaces it. */
static bool take_expressions(reader *r) {
    uint32_t open = 0;
    r->wants_value = true;
    while (r->at < r->end) {
        if (r->wants_value) {
            if (take(r, "-")) continue;
            if (take(r, "(")) {
                open++;
                continue;
            }
            if (!take_value(r)) return false;
            r->wants_value = false;
        } else if (take_operator(r) || (!open && take(r, ", "))) {
            r->wants_value = true;
        } else if (open && take(r, ")")) {
            open--;
        } else {
            return false;
        }
    }
    return !r->wants_value && !open;
}

static bool are_distinct(const ts_op *op, uint32_t first, uint32_t end) {
    if (end - first > TS_DESIGN_MAX_RANK) return false;
    for (uint32_t i = first; i < end; i++)
        for (uint32_t k = first; k < i; k++)
            if (op->operands[i].value == op->operands[k].value) return false;
    return true;
}

const char *design_subscripts(const ts_op *op, uint32_t first, size_t *length) {
    const char *text = ts_op_attr(op, "map")->text;
    const char *arrow = strstr(text, " -> (");
    size_t size = strlen(text);
    char head[TS_DESIGN_MAX_RANK * 12], want[TS_DESIGN_MAX_RANK * 12];
    if (!arrow || size < 2 || strcmp(text + size - 2, ")>") != 0) return NULL;
    reader r = {.at = arrow + 5, .end = text + size - 2};
    const char *body = r.at;
    if (r.at > r.end || (r.at < r.end && !take_expressions(&r))) return NULL;
    uint32_t n = op->n_operands - first, n_dims = r.next[0];
    if (n_dims + r.next[1] != n || !are_distinct(op, first, first + n_dims) ||
        !are_distinct(op, first + n_dims, op->n_operands))
        return NULL;
    size_t used = (size_t)snprintf(want, sizeof want, "affine_map<(");
    for (uint32_t i = 0; i < n_dims; i++)
        used +=
            (size_t)snprintf(want + used, sizeof want - used, "%sd%u", i ? ", " : "", (unsigned)i);
    used += (size_t)snprintf(want + used, sizeof want - used, ")");
    for (uint32_t i = 0; i < r.next[1]; i++)
        used += (size_t)snprintf(want + used, sizeof want - used, "%ss%u%s", i ? ", " : "[",
                                 (unsigned)i, i + 1 == r.next[1] ? "]" : "");
    if ((size_t)(arrow - text) >= sizeof head) return NULL;
    memcpy(head, text, (size_t)(arrow - text));
    head[arrow - text] = '\0';
    *length = (size_t)(r.end - body);
    return strcmp(head, want) == 0 ? body : NULL;
}

bool design_check_irregular(const ts_op *op, design_why *why) {
    switch (op->code) {
    case TS_OP_MODULE: return is_module(op, why);
    case TS_OP_FUNC_FUNC: return is_function(op, why);
    case TS_OP_AIE_BUFFER: return is_buffer(op, why);
    case TS_OP_MEMREF_GLOBAL: return is_global(op, why);
    case TS_OP_AIE_SHIM_DMA_ALLOCATION: return is_allocation(op, why);
    case TS_OP_AIE_OBJECTFIFO: return is_object_fifo(op, why);
    case TS_OP_AIEX_NPU_DMA_MEMCPY_ND: return is_memcpy(op, why);
    case TS_OP_ARITH_SELECT: return is_select(op, why);
    case TS_OP_SCF_FOR: return is_for(op, why);
    case TS_OP_SCF_IF: return is_if(op, why);
    case TS_OP_SCF_WHILE: return is_while(op, why);
    case TS_OP_SCF_INDEX_SWITCH: return is_switch(op, why);
    case TS_OP_AFFINE_FOR: return is_affine_for(op, why);
    case TS_OP_AFFINE_IF: return is_affine_if(op, why);
    case TS_OP_AFFINE_LOAD: return is_affine_load(op, why);
    case TS_OP_AFFINE_STORE: return is_affine_store(op, why);
    case TS_OP_AFFINE_MIN:
    case TS_OP_AFFINE_MAX:
    case TS_OP_AFFINE_APPLY: return is_affine_apply(op, why);
    case TS_OP_SCF_EXECUTE_REGION: return is_execute(op, why);
    default: return true;
    }
}
