/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Floats, by calls of the run-time library: the core's scalars have no instructions for them. bf16
 * is the upper half of a single float; what is done with it is done with that one, and rounded. A
 * single float has more than twice the digits, so a sum, product or quotient is rounded as if once.
 * src: llvm-project: mlir/include/mlir/Dialect/Arith/IR/ArithOps.td [documented]
 */
#include "code_int.h"

#include <string.h>

enum {
    SIGN_AWAY = 0x7fffffff,
    INFINITE = 0x7f800000
};

static bool is_bfloat(const ts_type *type) {
    return type->kind == TS_TYPE_FLOAT && strcmp(type->name, "bf16") == 0;
}

static bool is_known(const ts_type *type) {
    return (type->kind == TS_TYPE_FLOAT && type->width == 32) || is_bfloat(type);
}

static ts_status with_constant(coder *k, code_op op, uint32_t reg, int32_t value, uint32_t *out) {
    uint32_t constant;
    TS_TRY(code_set(k, value, &constant));
    return code_make(k, op, reg, constant, out);
}

/* ---- single floats and halves of them -------------------------------------------------------- */

/* An operand as a single float. */
static ts_status single(coder *k, const ts_op *op, uint32_t index, uint32_t *out) {
    code_value value;
    *out = 0;
    TS_TRY(code_operand_value(k, op, index, &value));
    if (!is_known(value.type)) return code_unsupported(k, op);
    TS_TRY(code_any(k, op, value, out));
    return is_bfloat(value.type) ? with_constant(k, CODE_LSHL, *out, 16, out) : TS_OK;
}

/* 1 for a NaN. */
static ts_status is_nan(coder *k, uint32_t reg, uint32_t *out) {
    uint32_t size, limit;
    TS_TRY(with_constant(k, CODE_AND, reg, SIGN_AWAY, &size));
    TS_TRY(code_set(k, INFINITE, &limit));
    return code_make(k, CODE_LTU, limit, size, out);
}

/* To the nearest, to even; a NaN stays one. */
static ts_status to_bfloat(coder *k, uint32_t reg, uint32_t *out) {
    uint32_t high, odd, sum, nan, test;
    TS_TRY(with_constant(k, CODE_LSHL, reg, -16, &high));
    TS_TRY(with_constant(k, CODE_AND, high, 1, &odd));
    TS_TRY(with_constant(k, CODE_ADD, reg, 0x7fff, &sum));
    TS_TRY(code_make(k, CODE_ADD, sum, odd, &sum));
    TS_TRY(with_constant(k, CODE_LSHL, sum, -16, &sum));
    TS_TRY(with_constant(k, CODE_OR, high, 0x40, &nan));
    TS_TRY(is_nan(k, reg, &test));
    return code_choose(k, test, nan, sum, out);
}

static ts_status bind(coder *k, const ts_op *op, uint32_t reg) {
    const ts_type *type = op->results[0].type;
    if (is_bfloat(type)) TS_TRY(to_bfloat(k, reg, &reg));
    return code_bind(k, &op->results[0], code_in_register(type, reg));
}

/* ---- arithmetic ------------------------------------------------------------------------------ */

static const struct {
    ts_op_code code;
    const char *name;
} helpers[] = {
    {TS_OP_ARITH_ADDF, "__addsf3"},
    {TS_OP_ARITH_SUBF, "__subsf3"},
    {TS_OP_ARITH_MULF, "__mulsf3"},
    {TS_OP_ARITH_DIVF, "__divsf3"},
};

static ts_status call_two(coder *k, const ts_op *op, const char *name, uint32_t *out) {
    uint32_t arguments[2];
    TS_TRY(single(k, op, 0, &arguments[0]));
    TS_TRY(single(k, op, 1, &arguments[1]));
    return code_call_helper(k, name, arguments, 2, out);
}

static ts_status do_negate(coder *k, const ts_op *op) {
    const ts_type *type = op->results[0].type;
    code_value value;
    uint32_t reg, out;
    TS_TRY(code_operand_value(k, op, 0, &value));
    if (!is_known(type)) return code_unsupported(k, op);
    TS_TRY(code_any(k, op, value, &reg));
    TS_TRY(with_constant(k, CODE_XOR, reg, is_bfloat(type) ? 0x8000 : INT32_MIN, &out));
    return code_bind(k, &op->results[0], code_in_register(type, out));
}

/* A number that is ordered as floats are, -0 below 0: the bits of a negative one turned around. */
static ts_status order_of(coder *k, uint32_t reg, uint32_t *out) {
    uint32_t sign;
    TS_TRY(with_constant(k, CODE_ASHL, reg, -31, &sign));
    TS_TRY(with_constant(k, CODE_AND, sign, SIGN_AWAY, &sign));
    return code_make(k, CODE_XOR, reg, sign, out);
}

/* Of a NaN and a number, maxnumf and minnumf give the number, maximumf and minimumf the NaN. */
static ts_status do_extreme(coder *k, const ts_op *op) {
    bool is_max = op->code == TS_OP_ARITH_MAXIMUMF || op->code == TS_OP_ARITH_MAXNUMF;
    bool gives_number = op->code == TS_OP_ARITH_MAXNUMF || op->code == TS_OP_ARITH_MINNUMF;
    uint32_t a, b, order_a, order_b, less, out, nan;
    TS_TRY(single(k, op, 0, &a));
    TS_TRY(single(k, op, 1, &b));
    TS_TRY(order_of(k, a, &order_a));
    TS_TRY(order_of(k, b, &order_b));
    TS_TRY(code_make(k, CODE_LT, order_a, order_b, &less));
    TS_TRY(code_choose(k, less, is_max ? b : a, is_max ? a : b, &out));
    TS_TRY(is_nan(k, a, &nan));
    TS_TRY(code_choose(k, nan, gives_number ? b : a, out, &out));
    TS_TRY(is_nan(k, b, &nan));
    TS_TRY(code_choose(k, nan, gives_number ? a : b, out, &out));
    return bind(k, op, out);
}

/* ---- comparisons ----------------------------------------------------------------------------- */

/* By arith.cmpf's predicates: the helper, and how its result is to 0. With a NaN, helpers give what
 * makes their own comparison false. Two of the predicates are one comparison or another.
 * src: llvm-project: mlir/include/mlir/Dialect/Arith/IR/ArithBase.td, Arith_CmpFPredicateAttr;
 * compiler-rt/lib/builtins/comparesf2.c [code] */
enum {
    CMP_FALSE = 0,
    CMP_OEQ = 1,
    CMP_OGT = 2,
    CMP_OLT = 4,
    CMP_ONE = 6,
    CMP_UEQ = 8,
    CMP_UNO = 14,
    CMP_TRUE = 15
};

static const struct {
    const char *helper; /* NULL: see below */
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

static ts_status compare(coder *k, const ts_op *op, int64_t predicate, uint32_t *out) {
    uint32_t result, zero;
    TS_TRY(call_two(k, op, comparisons[predicate].helper, &result));
    TS_TRY(code_set(k, 0, &zero));
    bool is_swapped = comparisons[predicate].is_swapped;
    return code_make(k, comparisons[predicate].op, is_swapped ? zero : result,
                     is_swapped ? result : zero, out);
}

static ts_status do_compare(coder *k, const ts_op *op) {
    int64_t predicate = ts_op_integer(op, "predicate", -1);
    const ts_type *type = op->results[0].type;
    uint32_t first, second, out;
    if (predicate < 0 || predicate > CMP_TRUE || !is_known(op->operands[0].value->type))
        return code_unsupported(k, op);
    if (predicate == CMP_FALSE || predicate == CMP_TRUE)
        return code_bind(k, &op->results[0], code_constant(type, predicate == CMP_TRUE));
    if (predicate == CMP_ONE || predicate == CMP_UEQ) {
        TS_TRY(compare(k, op, predicate == CMP_ONE ? CMP_OLT : CMP_OEQ, &first));
        TS_TRY(compare(k, op, predicate == CMP_ONE ? CMP_OGT : CMP_UNO, &second));
        TS_TRY(code_make(k, CODE_OR, first, second, &out));
    } else {
        TS_TRY(compare(k, op, predicate, &out));
    }
    code_value value = code_in_register(type, out);
    value.is_zero_extended = true;
    return code_bind(k, &op->results[0], value);
}

/* ---- from type to type ----------------------------------------------------------------------- */

/* An integer of many digits becomes bf16 by way of a single float, as with LLVM. */
static ts_status from_integer(coder *k, const ts_op *op) {
    bool is_signed = op->code == TS_OP_ARITH_SITOFP;
    code_value value;
    uint32_t reg, out;
    TS_TRY(code_operand_value(k, op, 0, &value));
    if (!is_known(op->results[0].type)) return code_unsupported(k, op);
    if (is_signed)
        TS_TRY(code_sign_extended(k, op, value, &reg));
    else
        TS_TRY(code_zero_extended(k, op, value, &reg));
    TS_TRY(code_call_helper(k, is_signed ? "__floatsisf" : "__floatunsisf", &reg, 1, &out));
    return bind(k, op, out);
}

static ts_status to_integer(coder *k, const ts_op *op) {
    uint32_t reg, out;
    unsigned width;
    TS_TRY(code_width(k, op, op->results[0].type, &width));
    TS_TRY(single(k, op, 0, &reg));
    TS_TRY(code_call_helper(k, op->code == TS_OP_ARITH_FPTOSI ? "__fixsfsi" : "__fixunssfsi", &reg,
                            1, &out));
    return code_bind(k, &op->results[0], code_in_register(op->results[0].type, out));
}

/* Between bf16 and f32. */
static ts_status do_resize(coder *k, const ts_op *op) {
    uint32_t reg;
    if (!is_known(op->results[0].type)) return code_unsupported(k, op);
    TS_TRY(single(k, op, 0, &reg));
    return bind(k, op, reg);
}

ts_status code_float(coder *k, const ts_op *op, bool *known) {
    uint32_t out;
    *known = true;
    for (size_t i = 0; i < sizeof helpers / sizeof *helpers; i++) {
        if (helpers[i].code != op->code) continue;
        TS_TRY(call_two(k, op, helpers[i].name, &out));
        return bind(k, op, out);
    }
    switch (op->code) {
    case TS_OP_ARITH_NEGF: return do_negate(k, op);
    case TS_OP_ARITH_MAXIMUMF:
    case TS_OP_ARITH_MINIMUMF:
    case TS_OP_ARITH_MAXNUMF:
    case TS_OP_ARITH_MINNUMF: return do_extreme(k, op);
    case TS_OP_ARITH_CMPF: return do_compare(k, op);
    case TS_OP_ARITH_SITOFP:
    case TS_OP_ARITH_UITOFP: return from_integer(k, op);
    case TS_OP_ARITH_FPTOSI:
    case TS_OP_ARITH_FPTOUI: return to_integer(k, op);
    case TS_OP_ARITH_EXTF:
    case TS_OP_ARITH_TRUNCF: return do_resize(k, op);
    default: break;
    }
    *known = false;
    return TS_OK;
}
