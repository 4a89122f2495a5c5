/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Streams of a core, a word at a time. It has one in each direction, whatever the switch makes of
 * it; words go out without TLAST. src: Xilinx/mlir-aie:
 * lib/Dialect/AIE/Transforms/AIECoreToStandard.cpp, AIEPutStreamToStdLowering,
 * AIEGetStreamToStdLowering [code]
 */
#include "code_int.h"

/* mlir-aie takes any channel and means this one. */
static ts_status check_channel(coder *k, const ts_op *op) {
    code_value channel;
    TS_TRY(code_operand_value(k, op, 0, &channel));
    if (channel.kind == CODE_CONSTANT && channel.constant == 0) return TS_OK;
    return CODE_FAIL(
        k, op, TS_UNSUPPORTED,
        "'%s' needs the constant 0 as channel: a core has one stream in each direction", op->name);
}

static ts_status check_word(coder *k, const ts_op *op, const ts_type *type) {
    bool is_word =
        (type->kind == TS_TYPE_INTEGER || type->kind == TS_TYPE_FLOAT) && type->width == 32;
    if (is_word) return TS_OK;
    return CODE_FAIL(k, op, TS_UNSUPPORTED, "'%s' moves i32 or f32; others are not supported",
                     op->name);
}

static ts_status do_put(coder *k, const ts_op *op) {
    code_inst inst = {.op = CODE_PUT_STREAM};
    code_value value;
    uint32_t reg;
    TS_TRY(check_channel(k, op));
    TS_TRY(check_word(k, op, op->operands[1].value->type));
    TS_TRY(code_operand_value(k, op, 1, &value));
    TS_TRY(code_any(k, op, value, &reg));
    inst.from[0] = code_virtual_operand(reg);
    return code_add(k, inst);
}

static ts_status do_get(coder *k, const ts_op *op) {
    uint32_t out;
    TS_TRY(check_channel(k, op));
    TS_TRY(check_word(k, op, op->results[0].type));
    TS_TRY(code_make(k, CODE_GET_STREAM, 0, 0, &out));
    return code_bind(k, &op->results[0], code_in_register(op->results[0].type, out));
}

ts_status code_stream(coder *k, const ts_op *op, bool *known) {
    *known = op->code == TS_OP_AIE_PUT_STREAM || op->code == TS_OP_AIE_GET_STREAM;
    if (!*known) return TS_OK;
    return op->code == TS_OP_AIE_PUT_STREAM ? do_put(k, op) : do_get(k, op);
}
