/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * memref.copy: a call of memcpy, or loops where there are gaps.
 * src: llvm-project: mlir/include/mlir/Dialect/MemRef/IR/MemRefOps.td [documented]
 */
#include "code_int.h"

/* Where the first element is, in a register that is nobody else's. */
static ts_status first_element(coder *k, const code_memory *m, uint32_t *out) {
    code_inst inst = {.op = CODE_MOVE_POINTER};
    uint32_t base;
    TS_TRY(code_resolve(k, *m, &base, &inst));
    *out = code_new_register(k, CODE_POINTER);
    if (!*out) return ts_fail_nomem(k->c.diag);
    inst.to = code_virtual_operand(*out);
    return code_add(k, inst);
}

static ts_status move_pointer(coder *k, uint32_t pointer, int64_t by) {
    code_inst inst = {.op = CODE_MOVE_POINTER,
                      .value = (int32_t)by,
                      .to = code_virtual_operand(pointer),
                      .from = {code_virtual_operand(pointer)}};
    return by ? code_add(k, inst) : TS_OK;
}

/* One element, from where `from` points to where `to` does. */
static ts_status copy_element(coder *k, uint32_t width, uint32_t to, uint32_t from) {
    uint8_t bits = width == 1 ? 8 : width == 64 ? 32 : (uint8_t)width;
    for (int32_t at = 0; at < (width == 64 ? 8 : 4); at += 4) {
        uint32_t reg = code_new_register(k, CODE_GENERAL);
        code_inst load = {.op = CODE_LOAD, .bits = bits, .value = at};
        code_inst store = {.op = CODE_STORE, .bits = bits, .value = at};
        if (!reg) return ts_fail_nomem(k->c.diag);
        load.to = store.from[2] = code_virtual_operand(reg);
        load.from[0] = code_virtual_operand(from);
        store.from[0] = code_virtual_operand(to);
        TS_TRY(code_add(k, load));
        TS_TRY(code_add(k, store));
    }
    return TS_OK;
}

/* Element by element: a loop for each dimension, the pointers go on and, behind it, back. */
static ts_status copy_with_gaps(coder *k, const code_memory *source, const code_memory *target) {
    uint32_t from, to, counters[TS_DESIGN_MAX_RANK], n = source->type->n_dims;
    code_block *heads[TS_DESIGN_MAX_RANK];
    TS_TRY(first_element(k, source, &from));
    TS_TRY(first_element(k, target, &to));
    for (uint32_t i = 0; i < n; i++) {
        uint32_t rounds;
        counters[i] = code_new_register(k, CODE_GENERAL);
        heads[i] = code_new_block(k);
        TS_TRY(code_set(k, (int32_t)source->type->shape[i], &rounds));
        TS_TRY(code_add_op(k, CODE_SET, counters[i], rounds, 0));
        TS_TRY(code_go(k, heads[i]));
        TS_TRY(code_start(k, heads[i]));
    }
    TS_TRY(copy_element(k, source->type->element->width, to, from));
    for (uint32_t i = n; i-- > 0;) {
        int64_t size = source->type->shape[i];
        code_block *behind = code_new_block(k);
        code_inst less = {.op = CODE_ADD_IMMEDIATE,
                          .value = -1,
                          .to = code_virtual_operand(counters[i]),
                          .from = {code_virtual_operand(counters[i])}};
        TS_TRY(move_pointer(k, from, source->strides[i]));
        TS_TRY(move_pointer(k, to, target->strides[i]));
        TS_TRY(code_add(k, less));
        TS_TRY(code_branch(k, counters[i], heads[i], behind));
        TS_TRY(code_start(k, behind));
        TS_TRY(move_pointer(k, from, -source->strides[i] * size));
        TS_TRY(move_pointer(k, to, -target->strides[i] * size));
    }
    return TS_OK;
}

/* Of a size that is known, with strides that reach no farther than memory can. */
static bool can_copy(const code_memory *m, const ts_type *like) {
    if (m->type->n_dims != like->n_dims || !ts_type_n_elements(m->type)) return false;
    for (uint32_t i = 0; i < m->type->n_dims; i++) {
        int64_t size = m->type->shape[i], stride = m->strides[i];
        if (size != like->shape[i] || size > COMP_WINDOW_BYTES || stride > INT32_MAX / size ||
            stride < -INT32_MAX / size)
            return false;
    }
    return true;
}

static bool has_gaps(const code_memory *m) {
    int64_t stride = (int64_t)comp_element_bytes(m->type);
    for (uint32_t i = m->type->n_dims; i-- > 0; stride *= m->type->shape[i])
        if (m->type->shape[i] != 1 && m->strides[i] != stride) return true;
    return false;
}

ts_status code_copy_memory(coder *k, const ts_op *op) {
    const code_memory *source, *target;
    uint32_t from, to, length;
    TS_TRY(code_get_memory(k, op, 0, &source));
    TS_TRY(code_get_memory(k, op, 1, &target));
    if (!can_copy(source, target->type) || !can_copy(target, source->type))
        return code_fail_type(k, op, source->type, "which cannot be copied to where it should go");
    if (has_gaps(source) || has_gaps(target)) return copy_with_gaps(k, source, target);
    uint64_t bytes = comp_memref_bytes(source->type);
    TS_TRY(first_element(k, source, &from));
    TS_TRY(first_element(k, target, &to));
    TS_TRY(code_set(k, (int32_t)bytes, &length));
    const uint32_t arguments[] = {to, from, length};
    return code_call_helper(k, "memcpy", arguments, 3, NULL);
}
