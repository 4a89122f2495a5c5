/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Vectors of 512 bits, whole: loads and stores at multiples of 32 bytes, and what one instruction
 * does to all lanes, or a few. Comparisons give a bit for each lane, in one general register or, of
 * 64 lanes, two; instructions want them in r16, of 64 lanes r17:r16, which is what those are kept
 * for.
 *
 * src: llvm-project: mlir/include/mlir/Dialect/Vector/IR/VectorOps.td [documented]
 * src: llvm-aie: llvm/lib/Target/AIE/AIE2InstrPatterns.td: vmax_lt, vmin_ge, vlt, vge, vsel, vbcst
 * [code] src: aie2-facts 30: a set bit of vsel takes the second vector
 */
#include "code_int.h"

#include <string.h>

enum {
    VECTOR_BITS = 512,
    MASK_REGISTER = 16, /* and the next */
};

bool code_is_vector(const ts_type *type) {
    if (type->kind != TS_TYPE_VECTOR || type->n_dims != 1) return false;
    uint32_t width = type->element->width;
    bool is_number = type->element->kind == TS_TYPE_INTEGER || type->element->kind == TS_TYPE_FLOAT;
    return is_number && (width == 8 || width == 16 || width == 32) &&
           ts_type_n_elements(type) * width == VECTOR_BITS;
}

/* Lanes of a vector of i1 that such a vector's comparison gives; 0: none. */
static uint32_t mask_lanes(const ts_type *type) {
    if (type->kind != TS_TYPE_VECTOR || type->n_dims != 1) return 0;
    uint64_t n = ts_type_n_elements(type);
    bool is_bool = type->element->kind == TS_TYPE_INTEGER && type->element->width == 1;
    return is_bool && (n == 16 || n == 32 || n == 64) ? (uint32_t)n : 0;
}

bool code_is_mask(const ts_type *type) {
    return mask_lanes(type) != 0;
}

bool code_is_long_mask(const ts_type *type) {
    return mask_lanes(type) == 64;
}

/* An integer vector's lanes in bits; 0: of floats. */
static uint32_t integer_lanes(const ts_type *type) {
    return type->element->kind == TS_TYPE_INTEGER ? type->element->width : 0;
}

static ts_status bad_type(coder *k, const ts_op *op, const ts_type *type) {
    ts_buf text = ts_buf_in(k->c.arena);
    ts_type_print(type, &text);
    ts_buf_u8(&text, 0);
    if (text.failed) return ts_fail_nomem(k->c.diag);
    return CODE_FAIL(
        k, op, TS_UNSUPPORTED,
        "'%s' works on %s, which is not supported in the code of a core; vectors of 512 "
        "bits are, of i8, i16, i32, bf16 and f32",
        op->name, (const char *)text.data);
}

/* ---- instructions ---------------------------------------------------------------------------- */

/* The register with a vector. */
static ts_status vector(coder *k, const ts_op *op, uint32_t index, uint32_t *out) {
    code_value value;
    const ts_type *type = op->operands[index].value->type;
    *out = 0;
    if (!code_is_vector(type)) return bad_type(k, op, type);
    TS_TRY(code_operand_value(k, op, index, &value));
    if (value.kind != CODE_REGISTER) return code_unsupported(k, op);
    *out = value.reg;
    return TS_OK;
}

static ts_status make(coder *k, const char *text, uint32_t a, uint32_t b, uint32_t *out) {
    *out = code_new_register(k, CODE_VECTOR);
    if (!*out || !text) return ts_fail_nomem(k->c.diag);
    code_inst inst = {.op = CODE_TEXT,
                      .symbol = text,
                      .to = code_virtual_operand(*out),
                      .from = {code_virtual_operand(a), code_virtual_operand(b)}};
    return code_add(k, inst);
}

static ts_status bind(coder *k, const ts_op *op, uint32_t reg) {
    return code_bind(k, &op->results[0], code_in_register(op->results[0].type, reg));
}

/* "vadd.32 $d, $0, $1" of a name and the lanes' bits. */
static const char *text_of(coder *k, const char *name, uint32_t bits, const char *rest) {
    return ts_arena_printf(k->c.arena, "%s%u %s", name, (unsigned)bits, rest);
}

static const char *mask_name(uint32_t bits) {
    return bits == 8 ? "l0" : "r16";
}

/* ---- lanes ----------------------------------------------------------------------------------- */

static ts_status do_logic(coder *k, const ts_op *op, uint32_t a, uint32_t b, uint32_t *out) {
    uint32_t both, any;
    if (op->code == TS_OP_ARITH_ANDI) return make(k, "vband $d, $0, $1", a, b, out);
    if (op->code == TS_OP_ARITH_ORI) return make(k, "vbor $d, $0, $1", a, b, out);
    /* what is in one of them, less what is in both: no borrow */
    TS_TRY(make(k, "vbor $d, $0, $1", a, b, &any));
    TS_TRY(make(k, "vband $d, $0, $1", a, b, &both));
    return make(k, "vsub.32 $d, $0, $1", any, both, out);
}

static ts_status do_binary(coder *k, const ts_op *op) {
    const ts_type *type = op->operands[0].value->type;
    uint32_t a, b, out;
    TS_TRY(vector(k, op, 0, &a));
    TS_TRY(vector(k, op, 1, &b));
    uint32_t bits = integer_lanes(type);
    if (!bits) return bad_type(k, op, type);
    switch (op->code) {
    case TS_OP_ARITH_ADDI:
        TS_TRY(make(k, text_of(k, "vadd.", bits, "$d, $0, $1"), a, b, &out));
        break;
    case TS_OP_ARITH_SUBI:
        TS_TRY(make(k, text_of(k, "vsub.", bits, "$d, $0, $1"), a, b, &out));
        break;
    case TS_OP_ARITH_MAXSI:
    case TS_OP_ARITH_MINSI: {
        const char *rest = ts_arena_printf(k->c.arena, "$d, %s, $0, $1", mask_name(bits));
        if (!rest) return ts_fail_nomem(k->c.diag);
        k->f->has_masks = true;
        bool is_max = op->code == TS_OP_ARITH_MAXSI;
        TS_TRY(make(k, text_of(k, is_max ? "vmax_lt.s" : "vmin_ge.s", bits, rest), a, b, &out));
        break;
    }
    default: TS_TRY(do_logic(k, op, a, b, &out)); break;
    }
    return bind(k, op, out);
}

/* ---- comparing, choosing --------------------------------------------------------------------- */

/* A comparison by `text`, whose mask goes to where it may stay. */
static ts_status compare(coder *k, const ts_op *op, const char *text, uint32_t a, uint32_t b,
                         code_words *out) {
    const ts_type *type = op->results[0].type;
    code_inst inst = {.op = CODE_TEXT,
                      .symbol = text,
                      .from = {code_virtual_operand(a), code_virtual_operand(b)}};
    TS_TRY(code_variable(k, op, type, out));
    inst.results = TS_ARENA_ARRAY(k->c.arena, code_copy, 2);
    if (!inst.results || !text) return ts_fail_nomem(k->c.diag);
    inst.results[inst.n_results++] =
        (code_copy){code_virtual_operand(out->low), code_fixed_operand(MASK_REGISTER)};
    if (out->high)
        inst.results[inst.n_results++] =
            (code_copy){code_virtual_operand(out->high), code_fixed_operand(MASK_REGISTER + 1)};
    k->f->has_masks = true;
    return code_add(k, inst);
}

static ts_status negate(coder *k, code_words *mask) {
    uint32_t ones;
    TS_TRY(code_set(k, -1, &ones));
    TS_TRY(code_make(k, CODE_XOR, mask->low, ones, &mask->low));
    return mask->high ? code_make(k, CODE_XOR, mask->high, ones, &mask->high) : TS_OK;
}

/* eq ne slt sle sgt sge; others have no instruction. */
static ts_status do_compare(coder *k, const ts_op *op) {
    static const struct {
        const char *name; /* NULL: of the difference */
        bool is_swapped, is_negated;
    } how[] = {{NULL, false, false},   {NULL, false, true},    {"vlt.s", false, false},
               {"vge.s", true, false}, {"vlt.s", true, false}, {"vge.s", false, false}};
    size_t predicate = (size_t)ts_op_integer(op, "predicate", -1);
    const ts_type *type = op->operands[0].value->type;
    uint32_t a, b, difference;
    code_words mask;
    TS_TRY(vector(k, op, 0, &a));
    TS_TRY(vector(k, op, 1, &b));
    uint32_t bits = integer_lanes(type);
    if (!bits) return bad_type(k, op, type);
    if (predicate >= sizeof how / sizeof *how)
        return CODE_FAIL(k, op, TS_UNSUPPORTED,
                         "'%s' of vectors without sign is not supported in the code of a core",
                         op->name);
    const char *name = mask_name(bits);
    if (how[predicate].name) {
        const char *rest = ts_arena_printf(k->c.arena, "%s, $0, $1", name);
        bool is_swapped = how[predicate].is_swapped;
        if (!rest) return ts_fail_nomem(k->c.diag);
        TS_TRY(compare(k, op, text_of(k, how[predicate].name, bits, rest), is_swapped ? b : a,
                       is_swapped ? a : b, &mask));
    } else {
        const char *rest = ts_arena_printf(k->c.arena, "%s, $0", name);
        if (!rest) return ts_fail_nomem(k->c.diag);
        TS_TRY(make(k, text_of(k, "vsub.", bits, "$d, $0, $1"), a, b, &difference));
        TS_TRY(compare(k, op, text_of(k, "veqz.", bits, rest), difference, 0, &mask));
    }
    if (how[predicate].is_negated) TS_TRY(negate(k, &mask));
    return code_bind_variable(k, op, &op->results[0], mask);
}

/* The mask of a select: of lanes, or a bit for all of them. */
static ts_status mask_of(coder *k, const ts_op *op, code_words *out) {
    code_value value;
    uint32_t test, zero;
    TS_TRY(code_operand_value(k, op, 0, &value));
    if (code_is_mask(value.type)) return code_words_of(k, op, value, out);
    if (value.type->kind == TS_TYPE_VECTOR) return bad_type(k, op, value.type);
    TS_TRY(code_zero_extended(k, op, value, &test));
    TS_TRY(code_set(k, 0, &zero));
    TS_TRY(code_make(k, CODE_SUB, zero, test, &out->low));
    out->high = out->low;
    return TS_OK;
}

static ts_status do_select(coder *k, const ts_op *op) {
    const ts_type *type = op->results[0].type;
    code_inst inst = {.op = CODE_TEXT};
    uint32_t a, b, out = code_new_register(k, CODE_VECTOR);
    code_words mask;
    TS_TRY(vector(k, op, 1, &a));
    TS_TRY(vector(k, op, 2, &b));
    TS_TRY(mask_of(k, op, &mask));
    uint32_t bits = type->element->width;
    const char *rest = ts_arena_printf(k->c.arena, "$d, $0, $1, %s", mask_name(bits));
    inst.copies = TS_ARENA_ARRAY(k->c.arena, code_copy, 2);
    if (!out || !rest || !inst.copies) return ts_fail_nomem(k->c.diag);
    inst.symbol = text_of(k, "vsel.", bits, rest);
    if (!inst.symbol) return ts_fail_nomem(k->c.diag);
    inst.to = code_virtual_operand(out);
    inst.from[0] = code_virtual_operand(b);
    inst.from[1] = code_virtual_operand(a);
    inst.copies[inst.n_copies++] =
        (code_copy){code_fixed_operand(MASK_REGISTER), code_virtual_operand(mask.low)};
    if (bits == 8)
        inst.copies[inst.n_copies++] =
            (code_copy){code_fixed_operand(MASK_REGISTER + 1), code_virtual_operand(mask.high)};
    k->f->has_masks = true;
    TS_TRY(code_add(k, inst));
    return bind(k, op, out);
}

/* ---- memory ---------------------------------------------------------------------------------- */

/* Nothing of a transfer may lie outside, be masked, or take another way. */
static ts_status check_transfer(coder *k, const ts_op *op, const ts_type *memref, uint32_t first) {
    const ts_attr *map = ts_op_attr(op, "permutation_map"), *in = ts_op_attr(op, "in_bounds");
    bool is_inside = in && in->n_elements == 1 && in->elements && in->elements[0]->integer;
    const char *why = NULL;
    uint32_t n_mask;
    code_value last;
    ts_op_segment(op, 3, &n_mask);
    if (n_mask) why = "with a mask";
    if (map) why = "with a map of its own";
    if (!is_inside) {
        TS_TRY(code_operand_value(k, op, first + memref->n_dims - 1, &last));
        int64_t size = memref->shape[memref->n_dims - 1];
        int64_t n = VECTOR_BITS / (int64_t)memref->element->width;
        is_inside = last.kind == CODE_CONSTANT && last.constant >= 0 && last.constant <= size - n;
    }
    if (!why && !is_inside) why = "that is not said to be in_bounds";
    return why ? CODE_FAIL(k, op, TS_UNSUPPORTED, "'%s' %s is not supported in the code of a core",
                           op->name, why)
               : TS_OK;
}

/* Where the vector lies; the memref is operand `memref`. */
static ts_status place(coder *k, const ts_op *op, const ts_type *type, uint32_t memref,
                       code_inst *inst) {
    const ts_type *of = op->operands[memref].value->type;
    bool is_transfer =
        op->code == TS_OP_VECTOR_TRANSFER_READ || op->code == TS_OP_VECTOR_TRANSFER_WRITE;
    if (!code_is_vector(type)) return bad_type(k, op, type);
    if (of->kind != TS_TYPE_MEMREF || of->element != type->element || !of->n_dims ||
        op->n_operands < memref + 1 + of->n_dims)
        return code_unsupported(k, op);
    if (is_transfer) TS_TRY(check_transfer(k, op, of, memref + 1));
    return code_vector_address(k, op, memref, inst);
}

static ts_status do_load(coder *k, const ts_op *op) {
    code_inst inst = {.op = CODE_VECTOR_LOAD};
    uint32_t out = code_new_register(k, CODE_VECTOR);
    if (!out) return ts_fail_nomem(k->c.diag);
    TS_TRY(place(k, op, op->results[0].type, 0, &inst));
    inst.to = code_virtual_operand(out);
    TS_TRY(code_add(k, inst));
    return bind(k, op, out);
}

static ts_status do_store(coder *k, const ts_op *op) {
    code_inst inst = {.op = CODE_VECTOR_STORE};
    uint32_t from;
    TS_TRY(vector(k, op, 0, &from));
    TS_TRY(place(k, op, op->operands[0].value->type, 1, &inst));
    inst.from[2] = code_virtual_operand(from);
    return code_add(k, inst);
}

/* ---- one value in all lanes ------------------------------------------------------------------ */

static ts_status broadcast(coder *k, const ts_op *op, uint32_t scalar) {
    const ts_type *type = op->results[0].type;
    uint32_t out;
    if (!code_is_vector(type)) return bad_type(k, op, type);
    TS_TRY(make(k, text_of(k, "vbcst.", type->element->width, "$d, $0"), scalar, 0, &out));
    return bind(k, op, out);
}

static ts_status do_broadcast(coder *k, const ts_op *op) {
    code_value value;
    uint32_t reg;
    TS_TRY(code_operand_value(k, op, 0, &value));
    if (value.type != op->results[0].type->element) return bad_type(k, op, value.type);
    TS_TRY(code_any(k, op, value, &reg));
    return broadcast(k, op, reg);
}

static ts_status do_constant(coder *k, const ts_op *op) {
    const ts_attr *value = ts_op_attr(op, "value");
    const ts_type *type = op->results[0].type;
    uint32_t bits = 0, reg;
    if (!code_is_vector(type)) return bad_type(k, op, type);
    size_t bytes = type->element->width / 8;
    if (!value || value->kind != TS_ATTR_DENSE || !value->is_splat || value->data.size < bytes)
        return CODE_FAIL(
            k, op, TS_UNSUPPORTED,
            "a vector whose lanes differ is not supported as a constant in the code of "
            "a core; a memref.global can be loaded");
    for (size_t i = bytes; i-- > 0;)
        bits = bits << 8 | value->data.data[i];
    TS_TRY(code_set(k, (int32_t)bits, &reg));
    return broadcast(k, op, reg);
}

static ts_status do_bitcast(coder *k, const ts_op *op) {
    uint32_t reg;
    if (!code_is_vector(op->results[0].type)) return bad_type(k, op, op->results[0].type);
    TS_TRY(vector(k, op, 0, &reg));
    return bind(k, op, reg);
}

/* ---- the cascade ----------------------------------------------------------------------------- */

/* The registers that let a core use it are 0 after a reset. src: aie2-facts 16;
 * llvm-aie: clang/lib/Headers/aiev2/aiev2_streams.h, put_mcd, get_scd [code] */
static ts_status enable(coder *k, const char *text) {
    code_inst inst = {.op = CODE_TEXT, .symbol = text};
    uint32_t one;
    TS_TRY(code_set(k, 1, &one));
    inst.from[0] = code_virtual_operand(one);
    return code_add(k, inst);
}

static ts_status do_put_cascade(coder *k, const ts_op *op) {
    code_inst inst = {.op = CODE_TEXT, .symbol = "vmov MCD, $0"};
    uint32_t reg;
    TS_TRY(vector(k, op, 0, &reg));
    TS_TRY(enable(k, "mov crMCDEn, $0"));
    inst.from[0] = code_virtual_operand(reg);
    return code_add(k, inst);
}

static ts_status do_get_cascade(coder *k, const ts_op *op) {
    uint32_t out;
    if (!code_is_vector(op->results[0].type)) return bad_type(k, op, op->results[0].type);
    TS_TRY(enable(k, "mov crSCDEn, $0"));
    TS_TRY(make(k, "vmov $d, SCD", 0, 0, &out));
    return bind(k, op, out);
}

/* ---- all of them ----------------------------------------------------------------------------- */

static bool is_about_vectors(const ts_op *op) {
    for (uint32_t i = 0; i < op->n_results; i++)
        if (op->results[i].type->kind == TS_TYPE_VECTOR) return true;
    for (uint32_t i = 0; i < op->n_operands; i++)
        if (op->operands[i].value->type->kind == TS_TYPE_VECTOR) return true;
    return false;
}

static ts_status do_arith(coder *k, const ts_op *op, bool *known) {
    switch (op->code) {
    case TS_OP_ARITH_CONSTANT: return do_constant(k, op);
    case TS_OP_ARITH_SELECT: return do_select(k, op);
    case TS_OP_ARITH_CMPI: return do_compare(k, op);
    case TS_OP_ARITH_BITCAST: return do_bitcast(k, op);
    case TS_OP_ARITH_ADDI:
    case TS_OP_ARITH_SUBI:
    case TS_OP_ARITH_MAXSI:
    case TS_OP_ARITH_MINSI:
    case TS_OP_ARITH_ANDI:
    case TS_OP_ARITH_ORI:
    case TS_OP_ARITH_XORI: return do_binary(k, op);
    default: break;
    }
    *known = false;
    return strncmp(op->name, "arith.", 6) == 0 ? code_unsupported(k, op) : TS_OK;
}

ts_status code_vector(coder *k, const ts_op *op, bool *known) {
    *known = true;
    switch (op->code) {
    case TS_OP_VECTOR_LOAD:
    case TS_OP_VECTOR_TRANSFER_READ: return do_load(k, op);
    case TS_OP_VECTOR_STORE:
    case TS_OP_VECTOR_TRANSFER_WRITE: return do_store(k, op);
    case TS_OP_VECTOR_BROADCAST:
    case TS_OP_VECTOR_SPLAT: return do_broadcast(k, op);
    case TS_OP_VECTOR_BITCAST: return do_bitcast(k, op);
    case TS_OP_AIE_PUT_CASCADE: return do_put_cascade(k, op);
    case TS_OP_AIE_GET_CASCADE: return do_get_cascade(k, op);
    default: break;
    }
    if (is_about_vectors(op)) return do_arith(k, op, known);
    *known = false;
    return TS_OK;
}
