/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Floats, by calls of the run-time library: the core's scalars have no instructions for them.
 * src: llvm-project: mlir/include/mlir/Dialect/Arith/IR/ArithOps.td [documented]
 */
#include "code_int.h"

#include <string.h>

static bool is_single(const ts_value *value) {
    return value->type->kind == TS_TYPE_FLOAT && value->type->width == 32;
}

static ts_status bind(coder *k, const ts_op *op, uint32_t reg) {
    return code_bind(k, &op->results[0], code_in_register(op->results[0].type, reg));
}

/* Of one or two operands that are single floats or 32-bit integers. */
static ts_status call(coder *k, const ts_op *op, const char *name, uint32_t *out) {
    uint32_t arguments[2] = {0};
    code_value value;
    if (op->n_operands > 2) return code_unsupported(k, op);
    for (uint32_t i = 0; i < op->n_operands; i++) {
        TS_TRY(code_operand_value(k, op, i, &value));
        if (op->code == TS_OP_ARITH_UITOFP)
            TS_TRY(code_zero_extended(k, op, value, &arguments[i]));
        else if (op->code == TS_OP_ARITH_SITOFP)
            TS_TRY(code_sign_extended(k, op, value, &arguments[i]));
        else
            TS_TRY(code_any(k, op, value, &arguments[i]));
    }
    return code_call_helper(k, name, arguments, op->n_operands, out);
}

static const struct {
    ts_op_code code;
    const char *name;
} helpers[] = {
    {TS_OP_ARITH_ADDF, "__addsf3"},      {TS_OP_ARITH_SUBF, "__subsf3"},
    {TS_OP_ARITH_MULF, "__mulsf3"},      {TS_OP_ARITH_DIVF, "__divsf3"},
    {TS_OP_ARITH_SITOFP, "__floatsisf"}, {TS_OP_ARITH_UITOFP, "__floatunsisf"},
    {TS_OP_ARITH_FPTOSI, "__fixsfsi"},   {TS_OP_ARITH_FPTOUI, "__fixunssfsi"},
};

static ts_status do_negate(coder *k, const ts_op *op) {
    code_value value;
    uint32_t reg, sign, out;
    TS_TRY(code_operand_value(k, op, 0, &value));
    TS_TRY(code_any(k, op, value, &reg));
    TS_TRY(code_set(k, is_single(&op->results[0]) ? INT32_MIN : 0x8000, &sign));
    TS_TRY(code_make(k, CODE_XOR, reg, sign, &out));
    return bind(k, op, out);
}

/* By arith.cmpf's predicates: the helper, and how its result is to 0. With a NaN, helpers give what
 * makes their own comparison false.
 * src: llvm-project: mlir/include/mlir/Dialect/Arith/IR/ArithBase.td, Arith_CmpFPredicateAttr;
 * compiler-rt/lib/builtins/comparesf2.c [code] */
static const struct {
    const char *helper; /* NULL: two of them, or none */
    code_op op;
    bool is_swapped; /* 0 op result */
} comparisons[] = {
    {NULL, CODE_EQ, false},      {"__eqsf2", CODE_EQ, false},    {"__gtsf2", CODE_LT, true},
    {"__gesf2", CODE_GE, false}, {"__ltsf2", CODE_LT, false},    {"__lesf2", CODE_GE, true},
    {NULL, CODE_EQ, false},      {"__unordsf2", CODE_EQ, false}, {NULL, CODE_EQ, false},
    {"__lesf2", CODE_LT, true},  {"__ltsf2", CODE_GE, false},    {"__gesf2", CODE_LT, false},
    {"__gtsf2", CODE_GE, true},  {"__nesf2", CODE_NE, false},    {"__unordsf2", CODE_NE, false},
    {NULL, CODE_EQ, false},
};

static ts_status do_compare(coder *k, const ts_op *op) {
    int64_t predicate = ts_op_integer(op, "predicate", -1);
    uint32_t result = 0, zero = 0, out = 0;
    if (predicate < 0 || predicate > 15 || !comparisons[predicate].helper ||
        !is_single(op->operands[0].value))
        return code_unsupported(k, op);
    TS_TRY(call(k, op, comparisons[predicate].helper, &result));
    TS_TRY(code_set(k, 0, &zero));
    bool is_swapped = comparisons[predicate].is_swapped;
    TS_TRY(code_make(k, comparisons[predicate].op, is_swapped ? zero : result,
                     is_swapped ? result : zero, &out));
    code_value value = code_in_register(op->results[0].type, out);
    value.is_zero_extended = true;
    return code_bind(k, &op->results[0], value);
}

/* bf16 is the upper half of a single float. */
static ts_status do_extend(coder *k, const ts_op *op) {
    code_value value;
    uint32_t reg, by, out;
    TS_TRY(code_operand_value(k, op, 0, &value));
    if (strcmp(value.type->name, "bf16") != 0 || !is_single(&op->results[0]))
        return code_unsupported(k, op);
    TS_TRY(code_any(k, op, value, &reg));
    TS_TRY(code_set(k, 16, &by));
    TS_TRY(code_make(k, CODE_LSHL, reg, by, &out));
    return bind(k, op, out);
}

ts_status code_float(coder *k, const ts_op *op, bool *known) {
    uint32_t out = 0;
    *known = true;
    for (size_t i = 0; i < sizeof helpers / sizeof *helpers; i++) {
        if (helpers[i].code != op->code) continue;
        bool to_float = op->results[0].type->kind == TS_TYPE_FLOAT;
        bool is_integer = op->operands[0].value->type->kind == TS_TYPE_INTEGER;
        if (to_float ? !is_single(&op->results[0]) : !is_single(op->operands[0].value))
            return code_unsupported(k, op);
        if (!is_integer && !is_single(op->operands[0].value)) return code_unsupported(k, op);
        TS_TRY(call(k, op, helpers[i].name, &out));
        return bind(k, op, out);
    }
    switch (op->code) {
    case TS_OP_ARITH_NEGF: return do_negate(k, op);
    case TS_OP_ARITH_CMPF: return do_compare(k, op);
    case TS_OP_ARITH_EXTF: return do_extend(k, op);
    default: break;
    }
    *known = false;
    return TS_OK;
}
