/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Integers of 33 to 64 bits: two registers each. Sums, bits, comparisons and shifts by a distance
 * that is known are instructions; products, other shifts and division are calls of the run-time
 * library.
 *
 * A carry is found by a comparison, not by adc: nothing may then come between the two.
 * src: llvm-project: mlir/include/mlir/Dialect/Arith/IR/ArithOps.td [documented]
 */
#include "code_int.h"

/* ---- words ----------------------------------------------------------------------------------- */

static ts_status constant_words(coder *k, const code_value *v, code_words *out) {
    TS_TRY(code_set(k, (int32_t)(uint32_t)v->constant, &out->low));
    return code_set(k, (int32_t)(uint32_t)((uint64_t)v->constant >> 32), &out->high);
}

static ts_status shift_word(coder *k, code_op op, uint32_t reg, int32_t by, uint32_t *out) {
    uint32_t amount;
    *out = reg;
    if (!by) return TS_OK;
    TS_TRY(code_set(k, by, &amount));
    return code_make(k, op, reg, amount, out);
}

/* What is above the bits of the upper word. */
static ts_status extend_high(coder *k, uint32_t reg, unsigned width, code_extension how,
                             uint32_t *out) {
    int32_t spare = 64 - (int32_t)width;
    *out = reg;
    if (how == CODE_ANY || !spare) return TS_OK;
    TS_TRY(shift_word(k, CODE_LSHL, reg, spare, out));
    return shift_word(k, how == CODE_SIGN ? CODE_ASHL : CODE_LSHL, *out, -spare, out);
}

/* A constant in the form that its words have. */
static code_value constant_of(code_value v, code_extension how) {
    unsigned width = v.type->kind == TS_TYPE_INDEX ? 64 : v.type->width;
    if (how == CODE_ZERO && width < 64) v.constant &= (INT64_C(1) << width) - 1;
    if (how != CODE_ZERO && width == 1) v.constant = -v.constant;
    return v;
}

ts_status code_wide_words(coder *k, const ts_op *op, code_value value, code_extension how,
                          code_words *out) {
    if (value.kind == CODE_CONSTANT) {
        value = constant_of(value, how);
        return constant_words(k, &value, out);
    }
    if (value.kind == CODE_REGISTER && value.high) {
        out->low = value.reg;
        return extend_high(k, value.high, value.type->width, how, &out->high);
    }
    if (how == CODE_ZERO) {
        TS_TRY(code_zero_extended(k, op, value, &out->low));
        return code_set(k, 0, &out->high);
    }
    TS_TRY(code_sign_extended(k, op, value, &out->low));
    return shift_word(k, CODE_ASHL, out->low, -31, &out->high);
}

ts_status code_words_of(coder *k, const ts_op *op, code_value value, code_words *out) {
    if (code_is_wide(value.type)) return code_wide_words(k, op, value, CODE_ANY, out);
    if (code_is_vector(value.type) || code_is_mask(value.type)) {
        *out = (code_words){value.reg, value.high};
        return value.kind == CODE_REGISTER ? TS_OK : code_unsupported(k, op);
    }
    out->high = 0;
    return code_any(k, op, value, &out->low);
}

static ts_status bind_words(coder *k, const ts_value *result, code_words words) {
    code_value value = code_in_register(result->type, words.low);
    value.high = words.high;
    return code_bind(k, result, value);
}

static ts_status choose_words(coder *k, uint32_t condition, code_words a, code_words b,
                              code_words *out) {
    TS_TRY(code_choose(k, condition, a.low, b.low, &out->low));
    return code_choose(k, condition, a.high, b.high, &out->high);
}

/* ---- sums, bits ------------------------------------------------------------------------------ */

ts_status code_wide_add(coder *k, code_words a, code_words b, code_words *out) {
    uint32_t carry, high;
    TS_TRY(code_make(k, CODE_ADD, a.low, b.low, &out->low));
    TS_TRY(code_make(k, CODE_LTU, out->low, b.low, &carry));
    TS_TRY(code_make(k, CODE_ADD, a.high, b.high, &high));
    return code_make(k, CODE_ADD, high, carry, &out->high);
}

ts_status code_wide_subtract(coder *k, code_words a, code_words b, code_words *out) {
    uint32_t borrow, high;
    TS_TRY(code_make(k, CODE_LTU, a.low, b.low, &borrow));
    TS_TRY(code_make(k, CODE_SUB, a.low, b.low, &out->low));
    TS_TRY(code_make(k, CODE_SUB, a.high, b.high, &high));
    return code_make(k, CODE_SUB, high, borrow, &out->high);
}

static ts_status each_word(coder *k, code_op op, code_words a, code_words b, code_words *out) {
    TS_TRY(code_make(k, op, a.low, b.low, &out->low));
    return code_make(k, op, a.high, b.high, &out->high);
}

/* ---- shifts ---------------------------------------------------------------------------------- */

/* `a` left by n, with what `b` loses to the left; 0 < n < 32. */
static ts_status funnel(coder *k, uint32_t a, uint32_t b, int32_t n, uint32_t *out) {
    uint32_t x, y;
    TS_TRY(shift_word(k, CODE_LSHL, a, n, &x));
    TS_TRY(shift_word(k, CODE_LSHL, b, n - 32, &y));
    return code_make(k, CODE_OR, x, y, out);
}

static ts_status shift_left(coder *k, code_words a, int32_t n, code_words *out) {
    *out = a;
    if (!n) return TS_OK;
    if (n >= 32) {
        TS_TRY(shift_word(k, CODE_LSHL, a.low, n - 32, &out->high));
        return code_set(k, 0, &out->low);
    }
    TS_TRY(shift_word(k, CODE_LSHL, a.low, n, &out->low));
    return funnel(k, a.high, a.low, n, &out->high);
}

static ts_status shift_right(coder *k, code_words a, int32_t n, bool is_signed, code_words *out) {
    code_op op = is_signed ? CODE_ASHL : CODE_LSHL;
    *out = a;
    if (!n) return TS_OK;
    if (n >= 32) {
        TS_TRY(shift_word(k, op, a.high, 32 - n, &out->low));
        return is_signed ? shift_word(k, CODE_ASHL, a.high, -31, &out->high)
                         : code_set(k, 0, &out->high);
    }
    TS_TRY(shift_word(k, op, a.high, -n, &out->high));
    return funnel(k, a.high, a.low, 32 - n, &out->low);
}

static ts_status shift(coder *k, const ts_op *op, code_words a, code_value by, code_words *out) {
    bool is_left = op->code == TS_OP_ARITH_SHLI, is_signed = op->code == TS_OP_ARITH_SHRSI;
    uint32_t arguments[3] = {a.low, a.high, 0};
    if (by.kind == CODE_CONSTANT) {
        int32_t n = (int32_t)(by.constant & 63);
        return is_left ? shift_left(k, a, n, out) : shift_right(k, a, n, is_signed, out);
    }
    arguments[2] = by.reg;
    return code_call_wide(k,
                          is_left     ? "__ashldi3"
                          : is_signed ? "__ashrdi3"
                                      : "__lshrdi3",
                          arguments, 3, out);
}

/* ---- products, division ---------------------------------------------------------------------- */

static ts_status call(coder *k, const char *name, code_words a, code_words b, code_words *out) {
    const uint32_t arguments[] = {a.low, a.high, b.low, b.high};
    return code_call_wide(k, name, arguments, 4, out);
}

static int power_of_two(const code_value *v) {
    uint64_t bits = (uint64_t)v->constant;
    int n = 0;
    if (v->kind != CODE_CONSTANT || !bits || bits & (bits - 1)) return -1;
    while (bits >>= 1)
        n++;
    return n;
}

/* The quotient, moved by one when there is a rest that the rounding minds. */
static ts_status divide_rounding(coder *k, const ts_op *op, code_words a, code_words b,
                                 code_words *out) {
    bool is_unsigned = op->code == TS_OP_ARITH_CEILDIVUI;
    bool is_floor = op->code == TS_OP_ARITH_FLOORDIVSI;
    code_words q, t, rest, one;
    uint32_t any, zero, differ;
    TS_TRY(call(k, is_unsigned ? "__udivdi3" : "__divdi3", a, b, &q));
    TS_TRY(call(k, "__muldi3", q, b, &t));
    TS_TRY(code_wide_subtract(k, a, t, &rest));
    TS_TRY(code_make(k, CODE_OR, rest.low, rest.high, &any));
    TS_TRY(code_set(k, 0, &zero));
    TS_TRY(code_make(k, CODE_NE, any, zero, &one.low));
    one.high = zero;
    if (!is_unsigned) {
        TS_TRY(code_make(k, CODE_XOR, rest.high, b.high, &differ));
        TS_TRY(code_make(k, is_floor ? CODE_LT : CODE_GE, differ, zero, &differ));
        TS_TRY(code_make(k, CODE_AND, one.low, differ, &one.low));
    }
    return is_floor ? code_wide_subtract(k, q, one, out) : code_wide_add(k, q, one, out);
}

/* ---- comparing ------------------------------------------------------------------------------- */

/* a < b: by the upper words, when these are equal by the lower ones. */
ts_status code_wide_less(coder *k, code_words a, code_words b, bool is_signed, uint32_t *out) {
    uint32_t low, high, differ;
    TS_TRY(code_make(k, CODE_LTU, a.low, b.low, &low));
    TS_TRY(code_make(k, is_signed ? CODE_LT : CODE_LTU, a.high, b.high, &high));
    TS_TRY(code_make(k, CODE_NE, a.high, b.high, &differ));
    return code_choose(k, differ, high, low, out);
}

static ts_status equal(coder *k, code_words a, code_words b, uint32_t *out) {
    code_words t;
    TS_TRY(each_word(k, CODE_XOR, a, b, &t));
    TS_TRY(code_make(k, CODE_OR, t.low, t.high, out));
    return code_make(k, CODE_EQZ, *out, 0, out);
}

/* By predicate: eq ne slt sle sgt sge ult ule ugt uge. */
static const struct {
    code_extension how;
    bool is_equality, is_swapped, is_negated;
} comparisons[] = {
    {CODE_SIGN, true, false, false},  {CODE_SIGN, true, false, true},
    {CODE_SIGN, false, false, false}, {CODE_SIGN, false, true, true},
    {CODE_SIGN, false, true, false},  {CODE_SIGN, false, false, true},
    {CODE_ZERO, false, false, false}, {CODE_ZERO, false, true, true},
    {CODE_ZERO, false, true, false},  {CODE_ZERO, false, false, true},
};

static ts_status do_compare(coder *k, const ts_op *op, code_value va, code_value vb) {
    size_t predicate = (size_t)ts_op_integer(op, "predicate", -1);
    code_words a, b;
    uint32_t out;
    if (predicate >= sizeof comparisons / sizeof *comparisons) return code_unsupported(k, op);
    code_extension how = comparisons[predicate].how;
    TS_TRY(code_wide_words(k, op, va, how, &a));
    TS_TRY(code_wide_words(k, op, vb, how, &b));
    bool is_swapped = comparisons[predicate].is_swapped;
    if (comparisons[predicate].is_equality)
        TS_TRY(equal(k, a, b, &out));
    else
        TS_TRY(code_wide_less(k, is_swapped ? b : a, is_swapped ? a : b, how == CODE_SIGN, &out));
    if (comparisons[predicate].is_negated) TS_TRY(code_make(k, CODE_EQZ, out, 0, &out));
    code_value value = code_in_register(op->results[0].type, out);
    value.is_zero_extended = true;
    return code_bind(k, &op->results[0], value);
}

/* ---- all of them ----------------------------------------------------------------------------- */

static const struct {
    ts_op_code code;
    code_extension how;
    code_op op;         /* of each word; SET: see below */
    const char *helper; /* of both */
} binaries[] = {
    {TS_OP_ARITH_ADDI, CODE_ANY, CODE_SET, NULL},
    {TS_OP_ARITH_SUBI, CODE_ANY, CODE_SET, NULL},
    {TS_OP_ARITH_ANDI, CODE_ANY, CODE_AND, NULL},
    {TS_OP_ARITH_ORI, CODE_ANY, CODE_OR, NULL},
    {TS_OP_ARITH_XORI, CODE_ANY, CODE_XOR, NULL},
    {TS_OP_ARITH_MULI, CODE_ANY, CODE_SET, "__muldi3"},
    {TS_OP_ARITH_DIVSI, CODE_SIGN, CODE_SET, "__divdi3"},
    {TS_OP_ARITH_REMSI, CODE_SIGN, CODE_SET, "__moddi3"},
    {TS_OP_ARITH_DIVUI, CODE_ZERO, CODE_SET, "__udivdi3"},
    {TS_OP_ARITH_REMUI, CODE_ZERO, CODE_SET, "__umoddi3"},
    {TS_OP_ARITH_FLOORDIVSI, CODE_SIGN, CODE_SET, NULL},
    {TS_OP_ARITH_CEILDIVSI, CODE_SIGN, CODE_SET, NULL},
    {TS_OP_ARITH_CEILDIVUI, CODE_ZERO, CODE_SET, NULL},
    {TS_OP_ARITH_SHLI, CODE_ANY, CODE_SET, NULL},
    {TS_OP_ARITH_SHRSI, CODE_SIGN, CODE_SET, NULL},
    {TS_OP_ARITH_SHRUI, CODE_ZERO, CODE_SET, NULL},
    {TS_OP_ARITH_MAXSI, CODE_SIGN, CODE_SET, NULL},
    {TS_OP_ARITH_MAXUI, CODE_ZERO, CODE_SET, NULL},
    {TS_OP_ARITH_MINSI, CODE_SIGN, CODE_SET, NULL},
    {TS_OP_ARITH_MINUI, CODE_ZERO, CODE_SET, NULL},
};

static ts_status do_words(coder *k, const ts_op *op, code_words a, code_words b, code_value vb,
                          code_words *out) {
    uint32_t test;
    switch (op->code) {
    case TS_OP_ARITH_ADDI: return code_wide_add(k, a, b, out);
    case TS_OP_ARITH_SUBI: return code_wide_subtract(k, a, b, out);
    case TS_OP_ARITH_SHLI:
    case TS_OP_ARITH_SHRSI:
    case TS_OP_ARITH_SHRUI: return shift(k, op, a, vb, out);
    case TS_OP_ARITH_FLOORDIVSI:
    case TS_OP_ARITH_CEILDIVSI:
    case TS_OP_ARITH_CEILDIVUI: return divide_rounding(k, op, a, b, out);
    case TS_OP_ARITH_MAXSI:
    case TS_OP_ARITH_MINSI: TS_TRY(code_wide_less(k, a, b, true, &test)); break;
    default: TS_TRY(code_wide_less(k, a, b, false, &test)); break;
    }
    bool is_max = op->code == TS_OP_ARITH_MAXSI || op->code == TS_OP_ARITH_MAXUI;
    return choose_words(k, test, is_max ? b : a, is_max ? a : b, out);
}

/* By powers of two: shifts, masks. False: by something else. */
static ts_status by_power(coder *k, const ts_op *op, code_words a, int n, code_words *out,
                          bool *done) {
    code_words mask;
    code_value below = {.constant = (int64_t)((UINT64_C(1) << n) - 1)};
    *done = true;
    switch (op->code) {
    case TS_OP_ARITH_MULI: return shift_left(k, a, n, out);
    case TS_OP_ARITH_DIVUI: return shift_right(k, a, n, false, out);
    case TS_OP_ARITH_REMUI:
        TS_TRY(constant_words(k, &below, &mask));
        return each_word(k, CODE_AND, a, mask, out);
    case TS_OP_ARITH_FLOORDIVSI:
        *done = n < 63;
        return *done ? shift_right(k, a, n, true, out) : TS_OK;
    default: break;
    }
    *done = false;
    return TS_OK;
}

static ts_status do_binary(coder *k, const ts_op *op, bool *known) {
    code_value va, vb;
    code_words a, b = {0}, out;
    size_t row = 0;
    bool done = false;
    while (row < sizeof binaries / sizeof *binaries && binaries[row].code != op->code)
        row++;
    *known = row < sizeof binaries / sizeof *binaries;
    if (!*known) return TS_OK;
    TS_TRY(code_operand_value(k, op, 0, &va));
    TS_TRY(code_operand_value(k, op, 1, &vb));
    bool is_shift = op->code >= TS_OP_ARITH_SHLI && op->code <= TS_OP_ARITH_SHRUI;
    TS_TRY(code_wide_words(k, op, va, binaries[row].how, &a));
    if (power_of_two(&vb) >= 0) TS_TRY(by_power(k, op, a, power_of_two(&vb), &out, &done));
    if (done) return bind_words(k, &op->results[0], out);
    if (!is_shift) TS_TRY(code_wide_words(k, op, vb, binaries[row].how, &b));
    if (binaries[row].helper)
        TS_TRY(call(k, binaries[row].helper, a, b, &out));
    else if (binaries[row].op != CODE_SET)
        TS_TRY(each_word(k, binaries[row].op, a, b, &out));
    else
        TS_TRY(do_words(k, op, a, b, vb, &out));
    return bind_words(k, &op->results[0], out);
}

static ts_status do_select(coder *k, const ts_op *op) {
    code_value condition, va, vb;
    code_words a, b, out;
    uint32_t test;
    TS_TRY(code_operand_value(k, op, 0, &condition));
    TS_TRY(code_operand_value(k, op, 1, &va));
    TS_TRY(code_operand_value(k, op, 2, &vb));
    if (condition.kind == CODE_CONSTANT)
        return code_bind(k, &op->results[0], condition.constant ? va : vb);
    TS_TRY(code_zero_extended(k, op, condition, &test));
    TS_TRY(code_words_of(k, op, va, &a));
    TS_TRY(code_words_of(k, op, vb, &b));
    TS_TRY(choose_words(k, test, a, b, &out));
    return bind_words(k, &op->results[0], out);
}

/* To a wide value, or from one to a narrower one. */
static ts_status do_cast(coder *k, const ts_op *op, code_value value) {
    bool is_unsigned = op->code == TS_OP_ARITH_EXTUI || op->code == TS_OP_ARITH_INDEX_CASTUI;
    bool is_same = op->code == TS_OP_ARITH_TRUNCI || op->code == TS_OP_ARITH_BITCAST;
    code_extension how = is_same ? CODE_ANY : is_unsigned ? CODE_ZERO : CODE_SIGN;
    const ts_type *type = op->results[0].type;
    code_words words;
    if (!code_is_wide(type) && type->kind != TS_TYPE_INDEX && type->kind != TS_TYPE_INTEGER)
        return code_unsupported(k, op);
    if (op->code == TS_OP_ARITH_BITCAST && value.type->kind != TS_TYPE_INTEGER)
        return code_unsupported(k, op);
    TS_TRY(code_wide_words(k, op, value, how, &words));
    if (!code_is_wide(type)) words.high = 0;
    return bind_words(k, &op->results[0], words);
}

ts_status code_wide(coder *k, const ts_op *op, bool *known) {
    code_value value;
    *known = true;
    switch (op->code) {
    case TS_OP_ARITH_SELECT: return do_select(k, op);
    case TS_OP_ARITH_CMPI: {
        code_value other;
        TS_TRY(code_operand_value(k, op, 0, &value));
        TS_TRY(code_operand_value(k, op, 1, &other));
        return do_compare(k, op, value, other);
    }
    case TS_OP_ARITH_EXTSI:
    case TS_OP_ARITH_EXTUI:
    case TS_OP_ARITH_TRUNCI:
    case TS_OP_ARITH_INDEX_CAST:
    case TS_OP_ARITH_INDEX_CASTUI:
    case TS_OP_ARITH_BITCAST:
        TS_TRY(code_operand_value(k, op, 0, &value));
        return do_cast(k, op, value);
    default: return do_binary(k, op, known);
    }
}
