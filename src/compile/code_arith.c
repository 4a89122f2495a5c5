/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Integers: what can be known now is, the rest becomes instructions or calls of the run-time
 * library. What MLIR calls poison may be anything here too.
 * src: llvm-project: mlir/include/mlir/Dialect/Arith/IR/ArithOps.td [documented]
 */
#include "code_int.h"

#include <string.h>

/* arith.cmpi's predicates. src: llvm-project:
 * mlir/include/mlir/Dialect/Arith/IR/ArithBase.td, Arith_CmpIPredicateAttr [code] */
enum {
    CMP_EQ,
    CMP_NE,
    CMP_SLT,
    CMP_SLE,
    CMP_SGT,
    CMP_SGE,
    CMP_ULT,
    CMP_ULE,
    CMP_UGT,
    CMP_UGE
};

static bool is_constant(const code_value *v) {
    return v->kind == CODE_CONSTANT;
}

/* ---- what is known now ----------------------------------------------------------------------- */

static uint64_t unsigned_of(const code_value *v) {
    unsigned width = v->type->kind == TS_TYPE_INDEX ? 64 : v->type->width;
    return (uint64_t)v->constant & (width >= 64 ? UINT64_MAX : (UINT64_C(1) << width) - 1);
}

static int64_t signed_of(const code_value *v) {
    return v->type->kind == TS_TYPE_INTEGER && v->type->width == 1 ? -v->constant : v->constant;
}

static int64_t floor_divide(int64_t a, int64_t b) {
    return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

static int64_t ceil_divide(int64_t a, int64_t b) {
    return a / b + (a % b != 0 && (a < 0) == (b < 0));
}

/* False: not defined, or one of the divisions below. */
static bool fold_simple(ts_op_code code, const code_value *va, const code_value *vb, int64_t *out) {
    uint64_t a = unsigned_of(va), b = unsigned_of(vb);
    int64_t sa = signed_of(va), sb = signed_of(vb);
    unsigned width = va->type->kind == TS_TYPE_INDEX ? 64 : va->type->width;
    switch (code) {
    case TS_OP_ARITH_ADDI: *out = (int64_t)(a + b); return true;
    case TS_OP_ARITH_SUBI: *out = (int64_t)(a - b); return true;
    case TS_OP_ARITH_MULI: *out = (int64_t)(a * b); return true;
    case TS_OP_ARITH_ANDI: *out = (int64_t)(a & b); return true;
    case TS_OP_ARITH_ORI: *out = (int64_t)(a | b); return true;
    case TS_OP_ARITH_XORI: *out = (int64_t)(a ^ b); return true;
    case TS_OP_ARITH_MAXSI: *out = sa > sb ? sa : sb; return true;
    case TS_OP_ARITH_MINSI: *out = sa < sb ? sa : sb; return true;
    case TS_OP_ARITH_MAXUI: *out = (int64_t)(a > b ? a : b); return true;
    case TS_OP_ARITH_MINUI: *out = (int64_t)(a < b ? a : b); return true;
    case TS_OP_ARITH_SHLI: *out = b < width ? (int64_t)(a << b) : 0; return true;
    case TS_OP_ARITH_SHRUI: *out = b < width ? (int64_t)(a >> b) : 0; return true;
    case TS_OP_ARITH_SHRSI:
        *out = b >= width ? 0
               : sa < 0   ? (int64_t) ~(~(uint64_t)sa >> b)
                          : (int64_t)((uint64_t)sa >> b);
        return true;
    default: return false;
    }
}

static bool fold_division(ts_op_code code, const code_value *va, const code_value *vb,
                          int64_t *out) {
    uint64_t a = unsigned_of(va), b = unsigned_of(vb);
    int64_t sa = signed_of(va), sb = signed_of(vb);
    if (!b || (sa == INT64_MIN && sb == -1)) return false;
    switch (code) {
    case TS_OP_ARITH_DIVSI: *out = sa / sb; return true;
    case TS_OP_ARITH_REMSI: *out = sa % sb; return true;
    case TS_OP_ARITH_DIVUI: *out = (int64_t)(a / b); return true;
    case TS_OP_ARITH_REMUI: *out = (int64_t)(a % b); return true;
    case TS_OP_ARITH_FLOORDIVSI: *out = floor_divide(sa, sb); return true;
    case TS_OP_ARITH_CEILDIVSI: *out = ceil_divide(sa, sb); return true;
    case TS_OP_ARITH_CEILDIVUI: *out = (int64_t)(a / b + (a % b != 0)); return true;
    default: return false;
    }
}

static bool fold_compare(int64_t predicate, const code_value *va, const code_value *vb) {
    uint64_t a = unsigned_of(va), b = unsigned_of(vb);
    int64_t sa = signed_of(va), sb = signed_of(vb);
    switch (predicate) {
    case CMP_EQ: return a == b;
    case CMP_NE: return a != b;
    case CMP_SLT: return sa < sb;
    case CMP_SLE: return sa <= sb;
    case CMP_SGT: return sa > sb;
    case CMP_SGE: return sa >= sb;
    case CMP_ULT: return a < b;
    case CMP_ULE: return a <= b;
    case CMP_UGT: return a > b;
    default: return a >= b;
    }
}

/* ---- operations with an instruction ---------------------------------------------------------- */

typedef enum extension {
    ANY,
    SIGN,
    ZERO
} extension;

static ts_status extended(coder *k, const ts_op *op, code_value value, extension how,
                          uint32_t *out) {
    if (how == SIGN) return code_sign_extended(k, op, value, out);
    if (how == ZERO) return code_zero_extended(k, op, value, out);
    return code_any(k, op, value, out);
}

static const struct {
    ts_op_code code;
    code_op op;
} plain[] = {
    {TS_OP_ARITH_ADDI, CODE_ADD}, {TS_OP_ARITH_SUBI, CODE_SUB}, {TS_OP_ARITH_MULI, CODE_MUL},
    {TS_OP_ARITH_ANDI, CODE_AND}, {TS_OP_ARITH_ORI, CODE_OR},   {TS_OP_ARITH_XORI, CODE_XOR},
};

static ts_status bind_register(coder *k, const ts_op *op, uint32_t reg, extension how) {
    code_value value = code_in_register(op->results[0].type, reg);
    value.is_sign_extended = how == SIGN;
    value.is_zero_extended = how == ZERO;
    return code_bind(k, &op->results[0], value);
}

/* 2^n: n; else -1. */
static int power_of_two(const code_value *v) {
    if (!is_constant(v)) return -1;
    uint64_t bits = unsigned_of(v);
    if (!bits || bits & (bits - 1) || bits > UINT32_C(0x80000000)) return -1;
    int n = 0;
    while (bits >>= 1)
        n++;
    return n;
}

static ts_status shift_by(coder *k, code_op op, uint32_t reg, int amount, uint32_t *out) {
    uint32_t by;
    *out = reg;
    if (!amount) return TS_OK;
    TS_TRY(code_set(k, amount, &by));
    return code_make(k, op, reg, by, out);
}

/* `add` has room for a small constant. */
static bool is_small(const code_value *v) {
    return is_constant(v) && v->constant >= -64 && v->constant <= 63;
}

static ts_status add_small(coder *k, uint32_t reg, int64_t value, uint32_t *out) {
    *out = code_new_register(k, CODE_GENERAL);
    if (!*out) return ts_fail_nomem(k->c.diag);
    code_inst inst = {.op = CODE_ADD_IMMEDIATE,
                      .value = (int32_t)value,
                      .to = code_virtual_operand(*out),
                      .from = {code_virtual_operand(reg)}};
    return code_add(k, inst);
}

static ts_status do_plain(coder *k, const ts_op *op, code_op how, code_value a, code_value b) {
    uint32_t ra, rb, out;
    if ((how == CODE_ADD || how == CODE_MUL) && is_constant(&a)) {
        code_value kept = a;
        a = b;
        b = kept;
    }
    TS_TRY(code_any(k, op, a, &ra));
    if (is_small(&b) && how == CODE_ADD)
        TS_TRY(add_small(k, ra, b.constant, &out));
    else if (is_small(&b) && how == CODE_SUB && b.constant > -64)
        TS_TRY(add_small(k, ra, -b.constant, &out));
    else if (how == CODE_MUL && power_of_two(&b) >= 0)
        TS_TRY(shift_by(k, CODE_LSHL, ra, power_of_two(&b), &out));
    else {
        TS_TRY(code_any(k, op, b, &rb));
        TS_TRY(code_make(k, how, ra, rb, &out));
    }
    return bind_register(k, op, out, ANY);
}

/* Left by the amount; right by its negative. */
static ts_status do_shift(coder *k, const ts_op *op, code_value a, code_value b) {
    extension how = op->code == TS_OP_ARITH_SHRSI   ? SIGN
                    : op->code == TS_OP_ARITH_SHRUI ? ZERO
                                                    : ANY;
    bool is_left = op->code == TS_OP_ARITH_SHLI;
    code_op shift = op->code == TS_OP_ARITH_SHRSI ? CODE_ASHL : CODE_LSHL;
    uint32_t ra, rb, out, zero;
    TS_TRY(extended(k, op, a, how, &ra));
    if (is_constant(&b)) {
        int amount = (int)(unsigned_of(&b) & 31);
        TS_TRY(shift_by(k, shift, ra, is_left ? amount : -amount, &out));
        return bind_register(k, op, out, how);
    }
    TS_TRY(code_zero_extended(k, op, b, &rb));
    if (!is_left) {
        TS_TRY(code_set(k, 0, &zero));
        TS_TRY(code_make(k, CODE_SUB, zero, rb, &rb));
    }
    TS_TRY(code_make(k, shift, ra, rb, &out));
    return bind_register(k, op, out, how);
}

static ts_status do_extreme(coder *k, const ts_op *op, code_value a, code_value b) {
    bool is_signed = op->code == TS_OP_ARITH_MAXSI || op->code == TS_OP_ARITH_MINSI;
    bool is_max = op->code == TS_OP_ARITH_MAXSI || op->code == TS_OP_ARITH_MAXUI;
    extension how = is_signed ? SIGN : ZERO;
    uint32_t ra, rb, less, out;
    TS_TRY(extended(k, op, a, how, &ra));
    TS_TRY(extended(k, op, b, how, &rb));
    TS_TRY(code_make(k, is_signed ? CODE_LT : CODE_LTU, ra, rb, &less));
    TS_TRY(code_choose(k, less, is_max ? rb : ra, is_max ? ra : rb, &out));
    return bind_register(k, op, out, how);
}

/* ---- division -------------------------------------------------------------------------------- */

static ts_status call_division(coder *k, const char *name, uint32_t a, uint32_t b, uint32_t *out) {
    const uint32_t arguments[] = {a, b};
    return code_call_helper(k, name, arguments, 2, out);
}

/* a with 2^n - 1 added when it is negative, so that shifting rounds towards zero. */
static ts_status bias(coder *k, uint32_t a, int n, uint32_t *out) {
    uint32_t sign, part;
    TS_TRY(shift_by(k, CODE_ASHL, a, -31, &sign));
    TS_TRY(shift_by(k, CODE_LSHL, sign, n - 32, &part));
    return code_make(k, CODE_ADD, a, part, out);
}

/* By 2^n, 0 < n < 31; false: by something else. */
static ts_status divide_by_power(coder *k, const ts_op *op, uint32_t a, int n, uint32_t *out) {
    uint32_t mask, t;
    switch (op->code) {
    case TS_OP_ARITH_DIVUI: return shift_by(k, CODE_LSHL, a, -n, out);
    case TS_OP_ARITH_FLOORDIVSI: return shift_by(k, CODE_ASHL, a, -n, out);
    case TS_OP_ARITH_REMUI:
        TS_TRY(code_set(k, (int32_t)((UINT32_C(1) << n) - 1), &mask));
        return code_make(k, CODE_AND, a, mask, out);
    case TS_OP_ARITH_DIVSI: TS_TRY(bias(k, a, n, &t)); return shift_by(k, CODE_ASHL, t, -n, out);
    default: /* remsi */
        TS_TRY(bias(k, a, n, &t));
        TS_TRY(code_set(k, -(int32_t)(UINT32_C(1) << n), &mask));
        TS_TRY(code_make(k, CODE_AND, t, mask, &t));
        return code_make(k, CODE_SUB, a, t, out);
    }
}

/* The quotient, moved by one when there is a rest that the rounding minds. */
static ts_status divide_rounding(coder *k, const ts_op *op, uint32_t a, uint32_t b, uint32_t *out) {
    bool is_unsigned = op->code == TS_OP_ARITH_CEILDIVUI;
    bool is_floor = op->code == TS_OP_ARITH_FLOORDIVSI;
    uint32_t q, t, rest, is_exact, minds, zero, differ;
    TS_TRY(call_division(k, is_unsigned ? "__udivsi3" : "__divsi3", a, b, &q));
    TS_TRY(code_make(k, CODE_MUL, q, b, &t));
    TS_TRY(code_make(k, CODE_SUB, a, t, &rest));
    TS_TRY(code_make(k, CODE_EQZ, rest, 0, &is_exact));
    TS_TRY(code_make(k, CODE_EQZ, is_exact, 0, &minds));
    if (!is_unsigned) {
        TS_TRY(code_set(k, 0, &zero));
        TS_TRY(code_make(k, CODE_XOR, rest, b, &t));
        TS_TRY(code_make(k, is_floor ? CODE_LT : CODE_GE, t, zero, &differ));
        TS_TRY(code_make(k, CODE_AND, minds, differ, &minds));
    }
    return code_make(k, is_floor ? CODE_SUB : CODE_ADD, q, minds, out);
}

static const struct {
    ts_op_code code;
    extension how;
    const char *helper; /* NULL: more than a call */
} divisions[] = {
    {TS_OP_ARITH_DIVSI, SIGN, "__divsi3"},  {TS_OP_ARITH_REMSI, SIGN, "__modsi3"},
    {TS_OP_ARITH_DIVUI, ZERO, "__udivsi3"}, {TS_OP_ARITH_REMUI, ZERO, "__umodsi3"},
    {TS_OP_ARITH_FLOORDIVSI, SIGN, NULL},   {TS_OP_ARITH_CEILDIVSI, SIGN, NULL},
    {TS_OP_ARITH_CEILDIVUI, ZERO, NULL},
};

static ts_status do_division(coder *k, const ts_op *op, size_t row, code_value a, code_value b) {
    extension how = divisions[row].how;
    int n = power_of_two(&b);
    bool is_power =
        n > 0 && n < 31 && (divisions[row].helper || op->code == TS_OP_ARITH_FLOORDIVSI);
    uint32_t ra, rb, out;
    if (is_power && how == SIGN && signed_of(&b) < 0) is_power = false;
    TS_TRY(extended(k, op, a, how, &ra));
    if (is_power) {
        TS_TRY(divide_by_power(k, op, ra, n, &out));
        return bind_register(k, op, out, how);
    }
    TS_TRY(extended(k, op, b, how, &rb));
    if (divisions[row].helper)
        TS_TRY(call_division(k, divisions[row].helper, ra, rb, &out));
    else
        TS_TRY(divide_rounding(k, op, ra, rb, &out));
    return bind_register(k, op, out, ANY);
}

/* ---- comparing, choosing --------------------------------------------------------------------- */

/* An index has 32 bits here, so what is beyond them is above or below all of them. */
static bool is_beyond(const code_value *v) {
    return is_constant(v) && (v->constant > INT32_MAX || v->constant < INT32_MIN) &&
           v->type->kind == TS_TYPE_INDEX;
}

static ts_status compare(coder *k, const ts_op *op, int64_t predicate, uint32_t a, uint32_t b,
                         uint32_t *out) {
    static const struct {
        code_op op;
        bool is_swapped;
    } how[] = {
        [CMP_EQ] = {CODE_EQ, false},   [CMP_NE] = {CODE_NE, false},  [CMP_SLT] = {CODE_LT, false},
        [CMP_SLE] = {CODE_GE, true},   [CMP_SGT] = {CODE_LT, true},  [CMP_SGE] = {CODE_GE, false},
        [CMP_ULT] = {CODE_LTU, false}, [CMP_ULE] = {CODE_GEU, true}, [CMP_UGT] = {CODE_LTU, true},
        [CMP_UGE] = {CODE_GEU, false},
    };
    if (predicate < 0 || predicate > CMP_UGE) return code_unsupported(k, op);
    bool is_swapped = how[predicate].is_swapped;
    return code_make(k, how[predicate].op, is_swapped ? b : a, is_swapped ? a : b, out);
}

static ts_status do_compare(coder *k, const ts_op *op, code_value a, code_value b) {
    int64_t predicate = ts_op_integer(op, "predicate", -1);
    extension how = predicate >= CMP_ULT ? ZERO : SIGN;
    uint32_t ra = 0, rb = 0, out = 0;
    bool known;
    if (is_constant(&a) && is_constant(&b))
        return code_bind(k, &op->results[0],
                         code_constant(op->results[0].type, fold_compare(predicate, &a, &b)));
    if (code_is_wide(a.type)) return code_wide(k, op, &known);
    if ((is_beyond(&a) || is_beyond(&b)) && predicate < CMP_ULT) {
        code_value inside = {.kind = CODE_CONSTANT, .type = a.type};
        bool holds = is_beyond(&a) ? fold_compare(predicate, &a, &inside)
                                   : fold_compare(predicate, &inside, &b);
        return code_bind(k, &op->results[0], code_constant(op->results[0].type, holds));
    }
    TS_TRY(extended(k, op, a, how, &ra));
    TS_TRY(extended(k, op, b, how, &rb));
    TS_TRY(compare(k, op, predicate, ra, rb, &out));
    return bind_register(k, op, out, ZERO);
}

static ts_status select_memory(coder *k, const ts_op *op, uint32_t condition, code_value a,
                               code_value b) {
    uint32_t pa, pb, ra, rb, chosen, out = code_new_register(k, CODE_POINTER);
    TS_TRY(code_pointer(k, op, a.memory, &pa));
    TS_TRY(code_pointer(k, op, b.memory, &pb));
    TS_TRY(code_make(k, CODE_SET, pa, 0, &ra));
    TS_TRY(code_make(k, CODE_SET, pb, 0, &rb));
    TS_TRY(code_choose(k, condition, ra, rb, &chosen));
    TS_TRY(code_add_op(k, CODE_SET, out, chosen, 0));
    code_value memory;
    TS_TRY(code_memory_at(k, op, op->results[0].type, code_virtual_operand(out), &memory));
    return code_bind(k, &op->results[0], memory);
}

static ts_status do_select(coder *k, const ts_op *op) {
    code_value condition, a, b;
    uint32_t test, ra, rb, out;
    bool known;
    TS_TRY(code_operand_value(k, op, 0, &condition));
    TS_TRY(code_operand_value(k, op, 1, &a));
    TS_TRY(code_operand_value(k, op, 2, &b));
    if (is_constant(&condition)) return code_bind(k, &op->results[0], condition.constant ? a : b);
    if (code_is_wide(op->results[0].type)) return code_wide(k, op, &known);
    TS_TRY(code_zero_extended(k, op, condition, &test));
    if (a.kind == CODE_MEMORY && b.kind == CODE_MEMORY) return select_memory(k, op, test, a, b);
    TS_TRY(code_any(k, op, a, &ra));
    TS_TRY(code_any(k, op, b, &rb));
    TS_TRY(code_choose(k, test, ra, rb, &out));
    return bind_register(k, op, out, ANY);
}

/* ---- from type to type ----------------------------------------------------------------------- */

static ts_status do_cast(coder *k, const ts_op *op, code_value a) {
    const ts_type *type = op->results[0].type;
    bool is_unsigned = op->code == TS_OP_ARITH_EXTUI || op->code == TS_OP_ARITH_INDEX_CASTUI;
    bool is_signed = op->code == TS_OP_ARITH_EXTSI || op->code == TS_OP_ARITH_INDEX_CAST;
    extension how = is_signed ? SIGN : is_unsigned ? ZERO : ANY;
    uint32_t reg;
    unsigned width;
    bool known;
    if (is_constant(&a)) {
        int64_t value = is_signed ? signed_of(&a) : (int64_t)unsigned_of(&a);
        return code_bind(k, &op->results[0], code_constant(type, value));
    }
    if (code_is_wide(type) || code_is_wide(a.type)) return code_wide(k, op, &known);
    TS_TRY(code_width(k, op, type, &width));
    TS_TRY(extended(k, op, a, how, &reg));
    code_value out = code_in_register(type, reg);
    if (how != ANY && a.type->width < width && a.type->kind == TS_TYPE_INTEGER) {
        out.is_sign_extended = true; /* zeros are the sign too */
        out.is_zero_extended = is_unsigned;
    }
    return code_bind(k, &op->results[0], out);
}

/* ---- constants ------------------------------------------------------------------------------- */

/* To the nearest, to even. */
static uint32_t bfloat_bits(uint32_t f) {
    if ((f & 0x7fffffff) > 0x7f800000) return f >> 16 | 0x40;
    return (f + 0x7fff + (f >> 16 & 1)) >> 16;
}

static ts_status do_constant(coder *k, const ts_op *op) {
    const ts_attr *attr = ts_op_attr(op, "value");
    const ts_type *type = op->results[0].type;
    if (!attr) return TS_OK;
    if (attr->kind == TS_ATTR_INTEGER)
        return code_bind(k, &op->results[0], code_constant(type, attr->integer));
    if (attr->kind != TS_ATTR_FLOAT || type->kind != TS_TYPE_FLOAT) return TS_OK;
    float value = (float)attr->real;
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    if (strcmp(type->name, "bf16") == 0)
        bits = bfloat_bits(bits);
    else if (strcmp(type->name, "f32") != 0)
        return TS_OK; /* refused where it is used */
    return code_bind(k, &op->results[0], code_constant(type, bits));
}

/* ---- all of them ----------------------------------------------------------------------------- */

static ts_status make_binary(coder *k, const ts_op *op, bool *known) {
    code_value a, b;
    int64_t value;
    TS_TRY(code_operand_value(k, op, 0, &a));
    TS_TRY(code_operand_value(k, op, 1, &b));
    if (is_constant(&a) && is_constant(&b) &&
        (fold_simple(op->code, &a, &b, &value) || fold_division(op->code, &a, &b, &value)))
        return code_bind(k, &op->results[0], code_constant(op->results[0].type, value));
    if (code_is_wide(a.type) && op->code != TS_OP_ARITH_CMPI) return code_wide(k, op, known);
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        if (plain[i].code == op->code) return do_plain(k, op, plain[i].op, a, b);
    for (size_t i = 0; i < sizeof divisions / sizeof *divisions; i++)
        if (divisions[i].code == op->code) return do_division(k, op, i, a, b);
    switch (op->code) {
    case TS_OP_ARITH_SHLI:
    case TS_OP_ARITH_SHRSI:
    case TS_OP_ARITH_SHRUI: return do_shift(k, op, a, b);
    case TS_OP_ARITH_MAXSI:
    case TS_OP_ARITH_MAXUI:
    case TS_OP_ARITH_MINSI:
    case TS_OP_ARITH_MINUI: return do_extreme(k, op, a, b);
    case TS_OP_ARITH_CMPI: return do_compare(k, op, a, b);
    default: break;
    }
    *known = false;
    return TS_OK;
}

/* Low bits of a result that are 0, from those of the operands. */
static unsigned zeros_of(ts_op_code code, const code_value *a, const code_value *b) {
    unsigned za = code_zeros(a), zb = code_zeros(b), most = 31;
    unsigned least = za < zb ? za : zb, sum = za + zb < most ? za + zb : most;
    switch (code) {
    case TS_OP_ARITH_ADDI:
    case TS_OP_ARITH_SUBI:
    case TS_OP_ARITH_ORI:
    case TS_OP_ARITH_MAXSI:
    case TS_OP_ARITH_MINSI: return least;
    case TS_OP_ARITH_MULI: return sum;
    case TS_OP_ARITH_ANDI: return za > zb ? za : zb;
    case TS_OP_ARITH_SHLI:
        if (!is_constant(b) || b->constant < 0) return 0;
        return za + b->constant < most ? za + (unsigned)b->constant : most;
    default: return 0;
    }
}

static ts_status do_binary(coder *k, const ts_op *op, bool *known) {
    code_value a, b, out;
    TS_TRY(make_binary(k, op, known));
    if (!*known || op->results[0].type->kind != TS_TYPE_INDEX) return TS_OK;
    TS_TRY(code_operand_value(k, op, 0, &a));
    TS_TRY(code_operand_value(k, op, 1, &b));
    TS_TRY(code_look_up(k, op, &op->results[0], &out));
    out.zeros = (uint8_t)zeros_of(op->code, &a, &b);
    return code_bind(k, &op->results[0], out);
}

ts_status code_arith(coder *k, const ts_op *op, bool *known) {
    code_value a;
    *known = true;
    switch (op->code) {
    case TS_OP_ARITH_CONSTANT: return do_constant(k, op);
    case TS_OP_ARITH_SELECT: return do_select(k, op);
    case TS_OP_ARITH_EXTSI:
    case TS_OP_ARITH_EXTUI:
    case TS_OP_ARITH_TRUNCI:
    case TS_OP_ARITH_INDEX_CAST:
    case TS_OP_ARITH_INDEX_CASTUI:
    case TS_OP_ARITH_BITCAST: TS_TRY(code_operand_value(k, op, 0, &a)); return do_cast(k, op, a);
    default: break;
    }
    if (op->code >= TS_OP_ARITH_ADDI && op->code <= TS_OP_ARITH_CMPI)
        return do_binary(k, op, known);
    *known = false;
    return TS_OK;
}
