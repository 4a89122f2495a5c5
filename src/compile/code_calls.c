/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * What reaches out of a function: calls, its arguments and results, locks, events.
 *
 * Arguments and results are llvm-aie's: scalars in r0 to r7, pointers in p0 to p5, one after the
 * other, wide values in two registers; registers of results are none of the arguments'. What finds
 * no register lies on the stack, the first word right below sp. src: llvm-aie:
 * llvm/lib/Target/AIE/AIE2CallingConv.td, CC_AIE2, RetCC_AIE2; its library functions (memcpy has
 * its result in p0, its arguments in p1, p2, r0) [code]
 */
#include "code_int.h"

#include <inttypes.h>
#include <string.h>

enum {
    MAX_STACK_WORDS = 256 /* of arguments */
};

/* ---- who has which register ------------------------------------------------------------------ */

typedef struct assigner {
    coder *k;
    const ts_op *op;
    uint32_t n_general, n_pointers, n_vectors, n_stack;
    code_operand_kind stack; /* how its words are named: OUTGOING, INCOMING, NONE: none of it */
} assigner;

static bool is_pointer(const ts_type *type) {
    return type->kind == TS_TYPE_MEMREF;
}

/* Where a value is: `places` of one word, or of the two of a wide value. Both of these are in
 * registers or both on the stack, there the high one first as the stack's words count down. src:
 * llvm-aie: llvm/lib/Target/AIE/AIEBaseISelLowering.cpp, AllocateSplitArg [code] */
static ts_status next_places(assigner *a, const ts_type *type, code_operand places[2]) {
    /* src: llvm-aie: llvm/lib/Target/AIE/AIE2CallingConv.td, AssignToVecX [code] */
    static const uint8_t vectors[] = {0, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11};
    bool is_wide = code_is_wide(type), to_pointer = is_pointer(type);
    if (code_is_vector(type) && a->n_vectors < sizeof vectors) {
        places[0] = code_fixed_operand(CODE_X0 + vectors[a->n_vectors++]);
        return TS_OK;
    }
    if (type->kind == TS_TYPE_VECTOR)
        return CODE_FAIL(
            a->k, a->op, TS_UNSUPPORTED,
            "'%s' hands over a vector, which is not supported of more than %zu, nor of "
            "other sizes than 512 bits",
            a->op->name, sizeof vectors);
    uint32_t *n = to_pointer ? &a->n_pointers : &a->n_general, n_words = 1 + (uint32_t)is_wide;
    uint32_t most = to_pointer ? CODE_N_POINTER_ARGUMENTS : CODE_N_ARGUMENTS;
    bool in_register = *n + n_words <= most;
    if (!in_register && a->stack == CODE_NONE)
        return CODE_FAIL(a->k, a->op, TS_UNSUPPORTED,
                         "'%s' has more results than there are registers for: %" PRIu32 " %s",
                         a->op->name, most, to_pointer ? "pointers" : "scalars");
    if (!in_register && a->n_stack + n_words > MAX_STACK_WORDS)
        return CODE_FAIL(a->k, a->op, TS_RANGE, "'%s' has too many arguments", a->op->name);
    for (uint32_t i = 0; i < n_words; i++) {
        if (in_register)
            places[i] = code_fixed_operand((to_pointer ? CODE_P0 : CODE_R0) + (*n)++);
        else
            places[n_words - 1 - i] =
                (code_operand){.kind = a->stack, .value = (int32_t)a->n_stack++};
    }
    return TS_OK;
}

/* ---- calls ----------------------------------------------------------------------------------- */

/* Operands go to where the convention has them. */
static ts_status bring(assigner *a, code_copy **list, uint32_t *n) {
    coder *k = a->k;
    *list = TS_ARENA_ARRAY(k->c.arena, code_copy, 2 * (size_t)a->op->n_operands);
    if (!*list) return ts_fail_nomem(k->c.diag);
    for (uint32_t i = 0; i < a->op->n_operands; i++) {
        uint32_t first = *n;
        code_operand places[2];
        code_value value;
        TS_TRY(code_operand_value(k, a->op, i, &value));
        TS_TRY(next_places(a, a->op->operands[i].value->type, places));
        TS_TRY(code_copy_to(k, a->op, value, (code_words){0}, *list, n));
        for (uint32_t j = first; j < *n; j++)
            (*list)[j].to = places[j - first];
    }
    return TS_OK;
}

/* A variable for a value that comes from where the convention has it. */
static ts_status take(assigner *a, const ts_value *value, code_copy *list, uint32_t *n) {
    code_operand places[2];
    code_words variable;
    TS_TRY(next_places(a, value->type, places));
    TS_TRY(code_variable(a->k, a->op, value->type, &variable));
    TS_TRY(code_bind_variable(a->k, a->op, value, variable));
    list[(*n)++] = (code_copy){code_virtual_operand(variable.low), places[0]};
    if (variable.high) list[(*n)++] = (code_copy){code_virtual_operand(variable.high), places[1]};
    return TS_OK;
}

static ts_status take_results(assigner *a, code_inst *call) {
    call->results = TS_ARENA_ARRAY(a->k->c.arena, code_copy, 2 * (size_t)a->op->n_results);
    if (!call->results) return ts_fail_nomem(a->k->c.diag);
    for (uint32_t i = 0; i < a->op->n_results; i++)
        TS_TRY(take(a, &a->op->results[i], call->results, &call->n_results));
    return TS_OK;
}

/* A function with a body is made too. */
static ts_status want_function(coder *k, const ts_op *function) {
    if (!function->n_regions || !function->regions[0].first) return TS_OK;
    for (size_t i = 0; i < k->n_functions; i++)
        if (k->functions[i] == function) return TS_OK;
    const ts_op **grown = ts_arena_room(k->c.arena, k->functions, k->n_functions,
                                        &k->function_capacity, sizeof *grown);
    if (!grown) return ts_fail_nomem(k->c.diag);
    k->functions = grown;
    k->functions[k->n_functions++] = function;
    return TS_OK;
}

static ts_status do_call(coder *k, const ts_op *op) {
    const char *name = ts_op_text(op, "callee", "");
    const ts_op *function = ts_symbol_find(k->c.device, name);
    assigner a = {.k = k, .op = op};
    code_inst call = {.op = CODE_CALL, .symbol = name};
    if (!function) function = ts_symbol_find(k->c.design->module, name);
    if (!function || function->code != TS_OP_FUNC_FUNC)
        return CODE_FAIL(k, op, TS_MISSING, "there is no func.func @%s", name);
    TS_TRY(want_function(k, function));
    TS_TRY(take_results(&a, &call));
    a.stack = CODE_OUTGOING;
    TS_TRY(bring(&a, &call.copies, &call.n_copies));
    if (k->f->n_outgoing < a.n_stack) k->f->n_outgoing = a.n_stack;
    return code_add(k, call);
}

ts_status code_call_helper(coder *k, const char *name, const uint32_t *arguments, uint32_t n,
                           uint32_t *result) {
    bool is_memcpy = !result;
    uint32_t next[] = {result ? 1 : 0, is_memcpy ? 1 : 0}; /* of a class */
    code_inst call = {.op = CODE_CALL, .symbol = name, .n_copies = n};
    call.copies = TS_ARENA_ARRAY(k->c.arena, code_copy, n);
    call.results = TS_ARENA_ARRAY(k->c.arena, code_copy, 1);
    if (!call.copies || !call.results) return ts_fail_nomem(k->c.diag);
    for (uint32_t i = 0; i < n; i++) {
        code_class class = k->f->virtuals[arguments[i]].class;
        uint32_t reg = (class == CODE_POINTER ? CODE_P0 : CODE_R0) + next[class]++;
        call.copies[i] = (code_copy){code_fixed_operand(reg), code_virtual_operand(arguments[i])};
    }
    if (result) {
        *result = code_new_register(k, CODE_GENERAL);
        if (!*result) return ts_fail_nomem(k->c.diag);
        call.results[0] = (code_copy){code_virtual_operand(*result), code_fixed_operand(CODE_R0)};
        call.n_results = 1;
    }
    return code_add(k, call);
}

ts_status code_call_wide(coder *k, const char *name, const uint32_t *arguments, uint32_t n,
                         code_words *result) {
    code_inst call = {.op = CODE_CALL, .symbol = name, .n_copies = n, .n_results = 2};
    call.copies = TS_ARENA_ARRAY(k->c.arena, code_copy, n);
    call.results = TS_ARENA_ARRAY(k->c.arena, code_copy, 2);
    result->low = code_new_register(k, CODE_GENERAL);
    result->high = code_new_register(k, CODE_GENERAL);
    if (!call.copies || !call.results || !result->low || !result->high)
        return ts_fail_nomem(k->c.diag);
    for (uint32_t i = 0; i < n; i++)
        call.copies[i] =
            (code_copy){code_fixed_operand(CODE_R0 + 2 + i), code_virtual_operand(arguments[i])};
    call.results[0] = (code_copy){code_virtual_operand(result->low), code_fixed_operand(CODE_R0)};
    call.results[1] =
        (code_copy){code_virtual_operand(result->high), code_fixed_operand(CODE_R0 + 1)};
    return code_add(k, call);
}

/* ---- the function itself --------------------------------------------------------------------- */

ts_status code_enter(coder *k, const ts_op *function) {
    const ts_block *first = function->regions[0].first;
    const ts_attr *type = ts_op_attr(function, "function_type");
    const ts_type *signature = type ? type->type_value : NULL;
    assigner a = {.k = k, .op = function};
    code_operand places[2];
    uint32_t n = 0;
    if (function->code != TS_OP_FUNC_FUNC || !signature) return TS_OK;
    code_copy *copies = TS_ARENA_ARRAY(k->c.arena, code_copy, 2 * (size_t)first->n_arguments);
    if (!copies) return ts_fail_nomem(k->c.diag);
    for (uint32_t i = 0; i < signature->n_results; i++)
        TS_TRY(next_places(&a, signature->results[i], places));
    a.stack = CODE_INCOMING;
    for (uint32_t i = 0; i < first->n_arguments; i++)
        TS_TRY(take(&a, first->arguments[i], copies, &n));
    k->f->n_incoming = a.n_stack;
    return code_add_copies(k, copies, n);
}

ts_status code_return(coder *k, const ts_op *op) {
    assigner a = {.k = k, .op = op};
    code_block *block = k->block;
    if (op->code == TS_OP_FUNC_RETURN) TS_TRY(bring(&a, &block->results, &block->n_results));
    block->n_next = 0;
    block->is_open = false;
    return TS_OK;
}

/* ---- locks ----------------------------------------------------------------------------------- */

enum {
    /* src: Xilinx/mlir-aie: include/aie/Dialect/AIE/IR/AIEAttrs.td, LockAction [code] */
    LOCK_ACQUIRE,
    LOCK_RELEASE,
    LOCK_ACQUIRE_GREATER_EQUAL,
    N_LOCKS = 16
};

/* As a core counts them: its neighbors' as it sees their memories.
 * src: Xilinx/mlir-aie: include/aie/Dialect/AIE/IR/AIETargetModel.h, AIE2TargetModel,
 * getLockLocalBaseIndex [code] */
static ts_status lock_number(coder *k, const ts_op *op, int32_t *out) {
    const ts_op *lock;
    comp_tile owner, shown;
    int64_t id;
    TS_TRY(comp_source(&k->c, op, 0, TS_OP_AIE_LOCK, &lock));
    TS_TRY(comp_tile_of(&k->c, lock, &owner));
    TS_TRY(comp_need(&k->c, lock, "lockID", 0, N_LOCKS - 1, &id));
    for (size_t i = 0; i < COMP_N_WINDOWS; i++) {
        if (!comp_window_tile(&k->c, &k->tile, &comp_windows[i], &shown)) continue;
        if (shown.column != owner.column || shown.row != owner.row) continue;
        *out = (int32_t)id + N_LOCKS * (int32_t)i;
        return TS_OK;
    }
    return CODE_FAIL(k, op, TS_RANGE,
                     "core (%" PRIu32 ",%" PRIu32 ") does not see the locks of tile (%" PRIu32
                     ",%" PRIu32 ")",
                     k->tile.column, k->tile.row, owner.column, owner.row);
}

/* "At least n" is -n. src: Xilinx/mlir-aie: lib/Dialect/AIE/Transforms/AIECoreToStandard.cpp,
 * AIEUseLockToStdLowering [code] */
static ts_status do_use_lock(coder *k, const ts_op *op) {
    int64_t action = ts_op_integer(op, "action", LOCK_ACQUIRE);
    int64_t value = ts_op_integer(op, "value", 1);
    code_inst inst = {.op = action == LOCK_RELEASE ? CODE_RELEASE : CODE_ACQUIRE};
    uint32_t reg;
    if (action == LOCK_ACQUIRE_GREATER_EQUAL) value = -value;
    if (action < LOCK_ACQUIRE || action > LOCK_ACQUIRE_GREATER_EQUAL || value > 127 || value < -127)
        return CODE_FAIL(k, op, TS_RANGE, "a lock cannot be used so");
    TS_TRY(lock_number(k, op, &inst.value));
    TS_TRY(code_set(k, (int32_t)value, &reg));
    inst.from[0] = code_virtual_operand(reg);
    return code_add(k, inst);
}

static ts_status do_event(coder *k, const ts_op *op) {
    int64_t number;
    TS_TRY(comp_need(&k->c, op, "val", 0, 3, &number));
    return code_add(k, (code_inst){.op = CODE_EVENT, .value = (int32_t)number});
}

ts_status code_outside(coder *k, const ts_op *op, bool *known) {
    *known = true;
    switch (op->code) {
    case TS_OP_FUNC_CALL: return do_call(k, op);
    case TS_OP_AIE_USE_LOCK: return do_use_lock(k, op);
    case TS_OP_AIE_EVENT: return do_event(k, op);
    default: break;
    }
    *known = false;
    return TS_OK;
}
