/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * What is known of each value of the MLIR: a constant, a register, a place in memory.
 */
#include "code_int.h"

#include <inttypes.h>

/* ---- names ----------------------------------------------------------------------------------- */

static size_t slot_of(const code_named *list, size_t capacity, const ts_value *value) {
    size_t i = (size_t)(((uintptr_t)value >> 4) * UINT64_C(0x9e3779b97f4a7c15)) & (capacity - 1);
    while (list[i].value && list[i].value != value)
        i = (i + 1) & (capacity - 1);
    return i;
}

static ts_status grow(coder *k) {
    size_t capacity = k->value_capacity ? 2 * k->value_capacity : 256;
    code_named *grown = TS_ARENA_ARRAY(k->c.arena, code_named, capacity);
    if (!grown) return ts_fail_nomem(k->c.diag);
    for (size_t i = 0; i < k->value_capacity; i++)
        if (k->values[i].value) grown[slot_of(grown, capacity, k->values[i].value)] = k->values[i];
    k->values = grown;
    k->value_capacity = capacity;
    return TS_OK;
}

ts_status code_bind(coder *k, const ts_value *value, code_value known) {
    if (2 * k->n_values >= k->value_capacity) TS_TRY(grow(k));
    code_named *named = &k->values[slot_of(k->values, k->value_capacity, value)];
    k->n_values += !named->value;
    known.type = value->type;
    *named = (code_named){value, known};
    return TS_OK;
}

ts_status code_unsupported(coder *k, const ts_op *op) {
    return CODE_FAIL(k, op, TS_UNSUPPORTED, "'%s' is not supported in the code of a core",
                     op->name);
}

ts_status code_look_up(coder *k, const ts_op *op, const ts_value *value, code_value *out) {
    *out = (code_value){0};
    if (k->value_capacity) *out = k->values[slot_of(k->values, k->value_capacity, value)].known;
    if (out->kind != CODE_UNKNOWN) return TS_OK;
    if (value->owner &&
        (value->owner->code == TS_OP_ARITH_CONSTANT || value->owner->code == TS_OP_AIE_BUFFER ||
         value->owner->code == TS_OP_MEMREF_GET_GLOBAL)) {
        bool known; /* from outside of the core */
        bool is_vector = value->type->kind == TS_TYPE_VECTOR;
        TS_TRY(is_vector                                    ? code_vector(k, value->owner, &known)
               : value->owner->code == TS_OP_ARITH_CONSTANT ? code_arith(k, value->owner, &known)
                                                            : code_memref(k, value->owner, &known));
        *out = k->values[slot_of(k->values, k->value_capacity, value)].known;
        /* a register holds it in this block, which others need not come by */
        if (is_vector) TS_TRY(code_bind(k, value, (code_value){0}));
        if (out->kind != CODE_UNKNOWN) return TS_OK;
    }
    return CODE_FAIL(k, op, TS_UNSUPPORTED,
                     "an operand of '%s' comes from '%s', which is not supported in the code of a "
                     "core",
                     op->name, value->owner ? value->owner->name : "an argument");
}

ts_status code_operand_value(coder *k, const ts_op *op, uint32_t index, code_value *out) {
    return code_look_up(k, op, op->operands[index].value, out);
}

/* ---- types ----------------------------------------------------------------------------------- */

ts_status code_width(coder *k, const ts_op *op, const ts_type *type, unsigned *out) {
    *out = 32;
    if (type->kind == TS_TYPE_INDEX) return TS_OK;
    *out = type->width;
    if (type->kind == TS_TYPE_INTEGER && type->width >= 1 && type->width <= 32) return TS_OK;
    if (type->kind == TS_TYPE_FLOAT && (type->width == 32 || type->width == 16)) return TS_OK;
    ts_buf text = ts_buf_in(k->c.arena);
    ts_type_print(type, &text);
    ts_buf_u8(&text, 0);
    if (text.failed) return ts_fail_nomem(k->c.diag);
    return CODE_FAIL(k, op, TS_UNSUPPORTED,
                     "'%s' works on a value of type %s, which is not supported in the code of a "
                     "core",
                     op->name, (const char *)text.data);
}

int64_t code_canonical(const ts_type *type, int64_t value) {
    if (type->kind == TS_TYPE_INDEX || type->width >= 64 || type->width == 0) return value;
    if (type->width == 1) return value & 1;
    unsigned shift = 64 - type->width;
    uint64_t high = (uint64_t)value << shift;
    uint64_t sign = high >> 63 ? ~(UINT64_MAX >> shift) : 0;
    return (int64_t)(high >> shift | sign);
}

code_value code_constant(const ts_type *type, int64_t value) {
    return (code_value){
        .kind = CODE_CONSTANT, .type = type, .constant = code_canonical(type, value)};
}

bool code_is_wide(const ts_type *type) {
    return type->kind == TS_TYPE_INTEGER && type->width > 32 && type->width <= 64;
}

unsigned code_zeros(const code_value *value) {
    unsigned n = 0;
    if (value->kind != CODE_CONSTANT) return value->zeros;
    while (n < 31 && !((uint64_t)value->constant >> n & 1))
        n++;
    return n;
}

code_value code_in_register(const ts_type *type, uint32_t reg) {
    return (code_value){.kind = CODE_REGISTER, .type = type, .reg = reg};
}

/* ---- registers ------------------------------------------------------------------------------- */

/* Addresses and counts have 32 bits here; a constant may be written as if it had no sign. */
static ts_status set_constant(coder *k, const ts_op *op, const ts_type *type, int64_t value,
                              uint32_t *out) {
    unsigned width;
    TS_TRY(code_width(k, op, type, &width));
    if (value < INT32_MIN || value > (int64_t)UINT32_MAX)
        return CODE_FAIL(k, op, TS_RANGE,
                         "the constant %" PRId64 " does not fit into the 32 bits that an index has "
                         "in the code of a core",
                         value);
    return code_set(k, (int32_t)(uint32_t)(uint64_t)value, out);
}

ts_status code_any(coder *k, const ts_op *op, code_value value, uint32_t *out) {
    unsigned width;
    *out = value.reg;
    if (value.kind == CODE_CONSTANT) return set_constant(k, op, value.type, value.constant, out);
    if (value.kind != CODE_REGISTER) return code_unsupported(k, op);
    return code_width(k, op, value.type, &width);
}

/* By shifts up and down again. */
static ts_status shift_both(coder *k, uint32_t reg, unsigned width, code_op down, uint32_t *out) {
    uint32_t up, amount, back;
    TS_TRY(code_set(k, 32 - (int32_t)width, &amount));
    TS_TRY(code_make(k, CODE_LSHL, reg, amount, &up));
    TS_TRY(code_set(k, (int32_t)width - 32, &back));
    return code_make(k, down, up, back, out);
}

ts_status code_sign_extended(coder *k, const ts_op *op, code_value value, uint32_t *out) {
    unsigned width;
    TS_TRY(code_width(k, op, value.type, &width));
    if (value.kind == CODE_CONSTANT)
        return set_constant(k, op, value.type, width == 1 ? -value.constant : value.constant, out);
    uint32_t reg;
    TS_TRY(code_any(k, op, value, &reg));
    *out = reg;
    if (width == 32 || value.is_sign_extended) return TS_OK;
    if (width == 8) return code_make(k, CODE_EXTEND_S8, reg, 0, out);
    if (width == 16) return code_make(k, CODE_EXTEND_S16, reg, 0, out);
    return shift_both(k, reg, width, CODE_ASHL, out);
}

ts_status code_zero_extended(coder *k, const ts_op *op, code_value value, uint32_t *out) {
    unsigned width;
    uint32_t reg, mask;
    TS_TRY(code_width(k, op, value.type, &width));
    if (value.kind == CODE_CONSTANT && width < 32)
        return code_set(k, (int32_t)(value.constant & ((INT64_C(1) << width) - 1)), out);
    TS_TRY(code_any(k, op, value, &reg));
    *out = reg;
    if (width == 32 || value.is_zero_extended) return TS_OK;
    if (width == 8) return code_make(k, CODE_EXTEND_U8, reg, 0, out);
    if (width == 16) return code_make(k, CODE_EXTEND_U16, reg, 0, out);
    TS_TRY(code_set(k, (int32_t)((UINT32_C(1) << width) - 1), &mask));
    return code_make(k, CODE_AND, reg, mask, out);
}
