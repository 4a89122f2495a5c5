/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Rules of func, scf, cf, memref and vector: types that must agree across operations.
 *
 * src: llvm-project: mlir/docs/LangRef.md, "Blocks" and "Regions" [documented]
 */
#include "verify_int.h"

static ts_status verify_call(verifier *v, const ts_op *op) {
    const char *name = ts_op_text(op, "callee", "");
    const ts_op *function = verify_lookup(v, op, name);
    const ts_attr *attr = function ? ts_op_attr(function, "function_type") : NULL;
    const ts_type *type = attr ? attr->type_value : NULL;
    if (!type || type->kind != TS_TYPE_FUNCTION) return TS_OK;
    if (type->n_inputs != op->n_operands || type->n_results != op->n_results)
        return VERIFY_FAIL(v, op, "'@%s' takes %u values and gives %u", name,
                           (unsigned)type->n_inputs, (unsigned)type->n_results);
    for (uint32_t i = 0; i < op->n_operands; i++)
        if (op->operands[i].value->type != type->inputs[i])
            return VERIFY_FAIL(v, op, "argument %u of '@%s' is of another type", (unsigned)i + 1,
                               name);
    for (uint32_t i = 0; i < op->n_results; i++)
        if (op->results[i].type != type->results[i])
            return VERIFY_FAIL(v, op, "result %u of '@%s' is of another type", (unsigned)i + 1,
                               name);
    return TS_OK;
}

static ts_status verify_return(verifier *v, const ts_op *op) {
    const ts_attr *attr = ts_op_attr(ts_op_parent(op), "function_type");
    const ts_type *type = attr ? attr->type_value : NULL;
    if (!type) return TS_OK;
    bool is_same = type->n_results == op->n_operands;
    for (uint32_t i = 0; is_same && i < op->n_operands; i++)
        is_same = op->operands[i].value->type == type->results[i];
    return is_same ? TS_OK : VERIFY_FAIL(v, op, "what is returned is not what the function gives");
}

/* Values given up from a region are those that the operation around gives. */
static ts_status verify_yield(verifier *v, const ts_op *op) {
    const ts_op *parent = ts_op_parent(op);
    bool is_loop_body = parent && parent->code == TS_OP_SCF_WHILE;
    bool is_ours = parent && (design_forms[parent->code].flags & FORM_YIELD ||
                              parent->code == TS_OP_SCF_EXECUTE_REGION);
    if (!parent || parent->code == TS_OP_OTHER) return TS_OK;
    if (!is_ours && !is_loop_body)
        return VERIFY_FAIL(v, op, "'%s' must stand in a loop or condition", op->name);
    uint32_t n = is_loop_body ? parent->n_operands : parent->n_results;
    bool is_same = n == op->n_operands;
    for (uint32_t i = 0; is_same && i < n; i++)
        is_same = op->operands[i].value->type ==
                  (is_loop_body ? parent->operands[i].value->type : parent->results[i].type);
    return is_same
               ? TS_OK
               : VERIFY_FAIL(v, op, "'%s' must give the values of '%s'", op->name, parent->name);
}

static ts_status verify_condition(verifier *v, const ts_op *op) {
    const ts_op *parent = ts_op_parent(op);
    bool is_same = op->n_operands == parent->n_results + 1;
    for (uint32_t i = 0; is_same && i < parent->n_results; i++)
        is_same = op->operands[i + 1].value->type == parent->results[i].type;
    return is_same ? TS_OK : VERIFY_FAIL(v, op, "'scf.condition' must give the loop's results");
}

static ts_status verify_if(verifier *v, const ts_op *op) {
    if (!op->regions[0].first) return VERIFY_FAIL(v, op, "'%s' has no body", op->name);
    if (op->n_results && !op->regions[1].first)
        return VERIFY_FAIL(v, op, "'%s' with results needs an else", op->name);
    return TS_OK;
}

static ts_status check_branch(verifier *v, const ts_op *op, uint32_t successor, uint32_t first,
                              uint32_t n) {
    const ts_block *to = op->successors[successor];
    bool is_same = to->n_arguments == n;
    for (uint32_t i = 0; is_same && i < n; i++)
        is_same = op->operands[first + i].value->type == to->arguments[i]->type;
    return is_same
               ? TS_OK
               : VERIFY_FAIL(v, op, "'%s' must give its block %u values of its arguments' types",
                             op->name, (unsigned)to->n_arguments);
}

static ts_status verify_branch(verifier *v, const ts_op *op) {
    return check_branch(v, op, 0, 0, op->n_operands);
}

static ts_status verify_condition_branch(verifier *v, const ts_op *op) {
    uint32_t n[3];
    for (unsigned i = 0; i < 3; i++)
        ts_op_segment(op, i, &n[i]);
    TS_TRY(check_branch(v, op, 0, n[0], n[1]));
    return check_branch(v, op, 1, n[0] + n[1], n[2]);
}

/* The blocks of what branches without values take none. */
static ts_status verify_plain_branch(verifier *v, const ts_op *op) {
    for (uint32_t i = 0; i < op->n_successors; i++)
        TS_TRY(check_branch(v, op, i, 0, 0));
    return TS_OK;
}

static ts_status verify_access(verifier *v, const ts_op *op) {
    uint32_t memref = op->code == TS_OP_MEMREF_STORE;
    const ts_type *type = op->operands[memref].value->type;
    if (type->kind != TS_TYPE_MEMREF) return VERIFY_FAIL(v, op, "'%s' needs a memref", op->name);
    if (!type->is_unranked && type->n_dims != op->n_operands - memref - 1)
        return VERIFY_FAIL(v, op, "the memref has %u dimensions; %u indices are given",
                           (unsigned)type->n_dims, (unsigned)(op->n_operands - memref - 1));
    return TS_OK;
}

static ts_status verify_get_global(verifier *v, const ts_op *op) {
    const ts_op *global = verify_lookup(v, op, ts_op_text(op, "name", ""));
    const ts_attr *type = global ? ts_op_attr(global, "type") : NULL;
    return !type || type->type_value == op->results[0].type
               ? TS_OK
               : VERIFY_FAIL(v, op, "global '@%s' is of another type", ts_op_text(op, "name", ""));
}

ts_status verify_upstream(verifier *v, const ts_op *op) {
    switch (op->code) {
    case TS_OP_FUNC_CALL: return verify_call(v, op);
    case TS_OP_FUNC_RETURN: return verify_return(v, op);
    case TS_OP_SCF_YIELD:
    case TS_OP_AFFINE_YIELD: return verify_yield(v, op);
    case TS_OP_SCF_CONDITION: return verify_condition(v, op);
    case TS_OP_SCF_IF:
    case TS_OP_AFFINE_IF: return verify_if(v, op);
    case TS_OP_CF_BR: return verify_branch(v, op);
    case TS_OP_CF_COND_BR: return verify_condition_branch(v, op);
    case TS_OP_AIE_DMA_START:
    case TS_OP_AIE_NEXT_BD: return verify_plain_branch(v, op);
    case TS_OP_MEMREF_LOAD:
    case TS_OP_MEMREF_STORE: return verify_access(v, op);
    case TS_OP_MEMREF_GET_GLOBAL: return verify_get_global(v, op);
    default: return TS_OK;
    }
}
