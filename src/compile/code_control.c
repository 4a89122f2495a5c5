/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Where control goes: loops, branches, blocks.
 * src: llvm-project: mlir/include/mlir/Dialect/SCF/IR/SCFOps.td [documented]
 */
#include "code_int.h"

/* ---- variables ------------------------------------------------------------------------------- */

ts_status code_variable(coder *k, const ts_op *op, const ts_type *type, uint32_t *out) {
    unsigned width;
    if (type->kind != TS_TYPE_MEMREF) TS_TRY(code_width(k, op, type, &width));
    *out = code_new_register(k, type->kind == TS_TYPE_MEMREF ? CODE_POINTER : CODE_GENERAL);
    return *out ? TS_OK : ts_fail_nomem(k->c.diag);
}

ts_status code_copy_to(coder *k, const ts_op *op, code_value value, uint32_t variable,
                       code_copy *out) {
    uint32_t reg;
    *out = (code_copy){.to = code_virtual_operand(variable)};
    if (value.kind == CODE_MEMORY)
        TS_TRY(code_pointer(k, op, value.memory, &reg));
    else
        TS_TRY(code_any(k, op, value, &reg));
    out->from = code_virtual_operand(reg);
    return TS_OK;
}

ts_status code_bind_variable(coder *k, const ts_op *op, const ts_value *value, uint32_t variable) {
    code_value memory;
    if (value->type->kind != TS_TYPE_MEMREF)
        return code_bind(k, value, code_in_register(value->type, variable));
    TS_TRY(code_memory_at(k, op, value->type, code_virtual_operand(variable), &memory));
    return code_bind(k, value, memory);
}

/* A variable for each of `n` values; they are in it. */
static ts_status bind_all(coder *k, const ts_op *op, ts_value *const *values, uint32_t n,
                          uint32_t **out) {
    uint32_t *list = TS_ARENA_ARRAY(k->c.arena, uint32_t, n);
    *out = list;
    if (!list) return ts_fail_nomem(k->c.diag);
    for (uint32_t i = 0; i < n; i++) {
        TS_TRY(code_variable(k, op, values[i]->type, &list[i]));
        TS_TRY(code_bind_variable(k, op, values[i], list[i]));
    }
    return TS_OK;
}

static ts_status bind_results(coder *k, const ts_op *op, uint32_t **out) {
    ts_value **values = TS_ARENA_ARRAY(k->c.arena, ts_value *, op->n_results);
    if (!values) return ts_fail_nomem(k->c.diag);
    for (uint32_t i = 0; i < op->n_results; i++)
        values[i] = &op->results[i];
    return bind_all(k, op, values, op->n_results, out);
}

/* Operands from `first` on go into `n` variables, all at once. */
static ts_status assign(coder *k, const ts_op *op, uint32_t first, const uint32_t *variables,
                        uint32_t n) {
    code_copy *copies = TS_ARENA_ARRAY(k->c.arena, code_copy, n);
    code_value value;
    if (!copies) return ts_fail_nomem(k->c.diag);
    if (op->n_operands < first || op->n_operands - first < n) return code_unsupported(k, op);
    for (uint32_t i = 0; i < n; i++) {
        TS_TRY(code_operand_value(k, op, first + i, &value));
        TS_TRY(code_copy_to(k, op, value, variables[i], &copies[i]));
    }
    return code_add_copies(k, copies, n);
}

/* The operations of a region of one block, and what its yield gives to `variables`. */
static ts_status body(coder *k, const ts_op *op, const ts_region *region, const uint32_t *variables,
                      uint32_t n) {
    if (!region->first || region->first->next) return code_unsupported(k, op);
    TS_TRY(code_block_ops(k, region->first));
    const ts_op *last = region->first->last;
    if (!n) return TS_OK;
    if (!last || (last->code != TS_OP_SCF_YIELD && last->code != TS_OP_AFFINE_YIELD))
        return code_unsupported(k, op);
    return assign(k, last, 0, variables, n);
}

/* ---- scf.for --------------------------------------------------------------------------------- */

typedef struct loop {
    const ts_op *op;
    const ts_block *inside;
    uint32_t iv;       /* 0: nobody reads it */
    uint32_t *carried; /* variables of the values that are carried, as arguments of the body */
    uint32_t n_carried;
    code_value from, to, step;
    code_block *start, *behind;
} loop;

static ts_status add_step(coder *k, const loop *l) {
    uint32_t by;
    if (!l->iv) return TS_OK;
    if (l->step.kind == CODE_CONSTANT && l->step.constant >= -64 && l->step.constant <= 63) {
        code_inst inst = {.op = CODE_ADD_IMMEDIATE,
                          .value = (int32_t)l->step.constant,
                          .to = code_virtual_operand(l->iv),
                          .from = {code_virtual_operand(l->iv)}};
        return code_add(k, inst);
    }
    TS_TRY(code_any(k, l->op, l->step, &by));
    return code_add_op(k, CODE_ADD, l->iv, l->iv, by);
}

static ts_status set_variable(coder *k, uint32_t variable, uint32_t from) {
    return code_add_op(k, CODE_SET, variable, from, 0);
}

/* `n_rounds` 0: more than anything counts. */
static ts_status counted(coder *k, const loop *l, uint64_t n_rounds) {
    uint32_t counter = code_new_register(k, CODE_GENERAL), n;
    if (n_rounds) {
        TS_TRY(code_set(k, (int32_t)(uint32_t)n_rounds, &n));
        TS_TRY(set_variable(k, counter, n));
    }
    TS_TRY(code_go(k, l->start));
    TS_TRY(code_start(k, l->start));
    TS_TRY(body(k, l->op, &l->op->regions[0], l->carried, l->n_carried));
    TS_TRY(add_step(k, l));
    if (!n_rounds) {
        TS_TRY(code_go(k, l->start));
        return code_start(k, l->behind);
    }
    code_inst less = {.op = CODE_ADD_IMMEDIATE,
                      .value = -1,
                      .to = code_virtual_operand(counter),
                      .from = {code_virtual_operand(counter)}};
    TS_TRY(code_add(k, less));
    k->block->counter = counter;
    k->block->rounds = (uint32_t)n_rounds;
    TS_TRY(code_branch(k, counter, l->start, l->behind));
    return code_start(k, l->behind);
}

/* Another round when more than a step is left: this cannot overflow. */
static ts_status dynamic(coder *k, loop *l) {
    uint32_t from, to, step, enters, left, again;
    TS_TRY(code_sign_extended(k, l->op, l->from, &from));
    TS_TRY(code_sign_extended(k, l->op, l->to, &to));
    TS_TRY(code_sign_extended(k, l->op, l->step, &step));
    if (!l->iv) {
        TS_TRY(code_variable(k, l->op, l->inside->arguments[0]->type, &l->iv));
        TS_TRY(set_variable(k, l->iv, from));
    }
    TS_TRY(code_make(k, CODE_LT, from, to, &enters));
    TS_TRY(code_branch(k, enters, l->start, l->behind));
    TS_TRY(code_start(k, l->start));
    TS_TRY(body(k, l->op, &l->op->regions[0], l->carried, l->n_carried));
    TS_TRY(code_make(k, CODE_SUB, to, l->iv, &left));
    TS_TRY(code_make(k, CODE_LTU, step, left, &again));
    TS_TRY(code_add_op(k, CODE_ADD, l->iv, l->iv, step));
    TS_TRY(code_branch(k, again, l->start, l->behind));
    return code_start(k, l->behind);
}

static bool count_rounds(const loop *l, uint64_t *out) {
    if (l->from.kind != CODE_CONSTANT || l->to.kind != CODE_CONSTANT ||
        l->step.kind != CODE_CONSTANT || l->step.constant <= 0)
        return false;
    uint64_t span = (uint64_t)l->to.constant - (uint64_t)l->from.constant;
    *out = l->from.constant < l->to.constant ? (span - 1) / (uint64_t)l->step.constant + 1 : 0;
    return true;
}

/* The results are the variables of what is carried. */
static ts_status bind_loop_results(coder *k, const loop *l) {
    for (uint32_t i = 0; i < l->n_carried; i++)
        TS_TRY(code_bind_variable(k, l->op, &l->op->results[i], l->carried[i]));
    return TS_OK;
}

/* What is carried begins with the operands from `first` on. */
static ts_status begin_loop(coder *k, loop *l, uint32_t first) {
    const ts_op *op = l->op;
    uint32_t from;
    TS_TRY(bind_all(k, op, l->inside->arguments + 1, l->n_carried, &l->carried));
    TS_TRY(assign(k, op, first, l->carried, l->n_carried));
    if (l->inside->arguments[0]->first_use) {
        TS_TRY(code_variable(k, op, l->inside->arguments[0]->type, &l->iv));
        TS_TRY(code_bind_variable(k, op, l->inside->arguments[0], l->iv));
        TS_TRY(code_any(k, op, l->from, &from));
        TS_TRY(set_variable(k, l->iv, from));
    }
    l->start = code_new_block(k);
    l->behind = code_new_block(k);
    return l->start && l->behind ? TS_OK : ts_fail_nomem(k->c.diag);
}

static ts_status make_loop(coder *k, loop *l, uint32_t first) {
    uint64_t n_rounds;
    TS_TRY(begin_loop(k, l, first));
    if (!count_rounds(l, &n_rounds))
        TS_TRY(dynamic(k, l));
    else if (n_rounds)
        TS_TRY(counted(k, l, n_rounds > UINT32_MAX ? 0 : n_rounds));
    return bind_loop_results(k, l);
}

static bool is_loop(const loop *l) {
    return l->inside && l->inside->n_arguments == l->n_carried + 1;
}

static ts_status do_for(coder *k, const ts_op *op) {
    loop l = {.op = op, .inside = op->regions[0].first, .n_carried = op->n_results};
    if (op->n_operands < 3 || !is_loop(&l)) return code_unsupported(k, op);
    TS_TRY(code_operand_value(k, op, 0, &l.from));
    TS_TRY(code_operand_value(k, op, 1, &l.to));
    TS_TRY(code_operand_value(k, op, 2, &l.step));
    return make_loop(k, &l, 3);
}

/* Bounds of one result; the largest or least of several are not supported. */
static ts_status do_affine_for(coder *k, const ts_op *op) {
    loop l = {.op = op, .inside = op->regions[0].first, .n_carried = op->n_results};
    uint32_t n, n_low, n_high;
    if (!is_loop(&l)) return code_unsupported(k, op);
    TS_TRY(code_affine_map(k, op, "lowerBoundMap", 0, &l.from, 1, &n, &n_low));
    if (n != 1) return code_unsupported(k, op);
    TS_TRY(code_affine_map(k, op, "upperBoundMap", n_low, &l.to, 1, &n, &n_high));
    if (n != 1) return code_unsupported(k, op);
    l.step = code_constant(l.inside->arguments[0]->type, ts_op_integer(op, "step", 1));
    return make_loop(k, &l, n_low + n_high);
}

static ts_status do_affine_apply(coder *k, const ts_op *op) {
    code_value value;
    uint32_t n, n_operands;
    TS_TRY(code_affine_map(k, op, "map", 0, &value, 1, &n, &n_operands));
    return n == 1 ? code_bind(k, &op->results[0], value) : code_unsupported(k, op);
}

/* ---- scf.while, scf.if, scf.index_switch ----------------------------------------------------- */

static ts_status do_while(coder *k, const ts_op *op) {
    const ts_block *before = op->regions[0].first;
    const ts_block *after = op->n_regions > 1 ? op->regions[1].first : NULL;
    uint32_t *carried, *passed, *results, test;
    code_value condition;
    code_block *head = code_new_block(k), *inside = code_new_block(k), *behind = code_new_block(k);
    if (!head || !inside || !behind) return ts_fail_nomem(k->c.diag);
    if (!before || !after || before->next || after->next || !before->last ||
        before->last->code != TS_OP_SCF_CONDITION || before->n_arguments != op->n_operands ||
        after->n_arguments != op->n_results)
        return code_unsupported(k, op);
    TS_TRY(bind_all(k, op, before->arguments, before->n_arguments, &carried));
    TS_TRY(bind_all(k, op, after->arguments, after->n_arguments, &passed));
    TS_TRY(bind_results(k, op, &results));
    TS_TRY(assign(k, op, 0, carried, before->n_arguments));
    TS_TRY(code_go(k, head));
    TS_TRY(code_start(k, head));
    TS_TRY(code_block_ops(k, before));
    TS_TRY(code_operand_value(k, before->last, 0, &condition));
    TS_TRY(code_zero_extended(k, op, condition, &test));
    TS_TRY(assign(k, before->last, 1, passed, after->n_arguments));
    TS_TRY(code_branch(k, test, inside, behind));
    TS_TRY(code_start(k, inside));
    TS_TRY(body(k, op, &op->regions[1], carried, before->n_arguments));
    TS_TRY(code_go(k, head));
    TS_TRY(code_start(k, behind));
    for (uint32_t i = 0; i < op->n_results; i++)
        TS_TRY(set_variable(k, results[i], passed[i]));
    return TS_OK;
}

static ts_status do_if(coder *k, const ts_op *op) {
    code_value condition;
    uint32_t *results, test;
    bool has_else = op->n_regions > 1 && op->regions[1].first;
    code_block *then = code_new_block(k), *behind = code_new_block(k);
    code_block *otherwise = has_else ? code_new_block(k) : behind;
    if (!then || !behind || !otherwise) return ts_fail_nomem(k->c.diag);
    TS_TRY(code_operand_value(k, op, 0, &condition));
    TS_TRY(code_zero_extended(k, op, condition, &test));
    TS_TRY(bind_results(k, op, &results));
    if (op->n_results && !has_else) return code_unsupported(k, op);
    TS_TRY(code_branch(k, test, then, otherwise));
    TS_TRY(code_start(k, then));
    TS_TRY(body(k, op, &op->regions[0], results, op->n_results));
    TS_TRY(code_go(k, behind));
    if (has_else) {
        TS_TRY(code_start(k, otherwise));
        TS_TRY(body(k, op, &op->regions[1], results, op->n_results));
        TS_TRY(code_go(k, behind));
    }
    return code_start(k, behind);
}

/* Region 0 is the default, the others those of the cases. */
static ts_status do_switch(coder *k, const ts_op *op) {
    const ts_attr *cases = ts_op_attr(op, "cases");
    code_value value;
    uint32_t *results, reg, wanted, test;
    code_block *behind = code_new_block(k);
    if (!behind) return ts_fail_nomem(k->c.diag);
    TS_TRY(code_operand_value(k, op, 0, &value));
    TS_TRY(code_any(k, op, value, &reg));
    TS_TRY(bind_results(k, op, &results));
    for (uint32_t i = 1; i < op->n_regions; i++) {
        code_block *hit = code_new_block(k), *next = code_new_block(k);
        int64_t number = cases ? ts_attr_element(cases, i - 1) : INT64_MAX;
        if (number < INT32_MIN || number > INT32_MAX) return code_unsupported(k, op);
        TS_TRY(code_set(k, (int32_t)number, &wanted));
        TS_TRY(code_make(k, CODE_EQ, reg, wanted, &test));
        TS_TRY(code_branch(k, test, hit, next));
        TS_TRY(code_start(k, hit));
        TS_TRY(body(k, op, &op->regions[i], results, op->n_results));
        TS_TRY(code_go(k, behind));
        TS_TRY(code_start(k, next));
    }
    TS_TRY(body(k, op, &op->regions[0], results, op->n_results));
    TS_TRY(code_go(k, behind));
    return code_start(k, behind);
}

/* ---- blocks of a region ---------------------------------------------------------------------- */

enum {
    MAX_BLOCKS = 4096 /* of a region */
};

typedef struct placed_block {
    const ts_block *block;
    code_block *made;
    uint32_t *arguments;
} placed_block;

static const placed_block *find(const placed_block *list, const ts_block *block) {
    while (list->block != block)
        list++;
    return list;
}

/* To a block by way of one that sets its arguments, which are the operands from `first` on. */
static ts_status edge(coder *k, const ts_op *op, uint32_t first, const placed_block *to) {
    TS_TRY(assign(k, op, first, to->arguments, to->block->n_arguments));
    return code_go(k, to->made);
}

static ts_status branch_both(coder *k, const ts_op *op, const placed_block *then,
                             const placed_block *otherwise) {
    code_value condition;
    uint32_t test;
    code_block *first = code_new_block(k), *second = code_new_block(k);
    TS_TRY(code_operand_value(k, op, 0, &condition));
    TS_TRY(code_zero_extended(k, op, condition, &test));
    if (!then->block->n_arguments) first = then->made;
    if (!otherwise->block->n_arguments) second = otherwise->made;
    TS_TRY(code_branch(k, test, first, second));
    if (first != then->made) {
        TS_TRY(code_start(k, first));
        TS_TRY(edge(k, op, 1, then));
    }
    if (second == otherwise->made) return TS_OK;
    TS_TRY(code_start(k, second));
    return edge(k, op, 1 + then->block->n_arguments, otherwise);
}

static ts_status leave(coder *k, const placed_block *list, const ts_block *block) {
    const ts_op *last = block->last;
    if (!last) return code_return(k, block->region->owner);
    switch (last->code) {
    case TS_OP_CF_BR: return edge(k, last, 0, find(list, last->successors[0]));
    case TS_OP_CF_COND_BR:
        return branch_both(k, last, find(list, last->successors[0]),
                           find(list, last->successors[1]));
    case TS_OP_AIE_END:
    case TS_OP_FUNC_RETURN: return code_return(k, last);
    default: return code_unsupported(k, last);
    }
}

ts_status code_region(coder *k, const ts_region *region) {
    size_t n = 0;
    for (const ts_block *block = region->first; block; block = block->next)
        n++;
    if (n > MAX_BLOCKS)
        return CODE_FAIL(k, region->owner, TS_RANGE, "%zu blocks; at most %d are supported", n,
                         MAX_BLOCKS);
    placed_block *list = TS_ARENA_ARRAY(k->c.arena, placed_block, n);
    if (!list) return ts_fail_nomem(k->c.diag);
    n = 0;
    for (const ts_block *block = region->first; block; block = block->next, n++) {
        list[n] = (placed_block){.block = block, .made = code_new_block(k)};
        if (n)
            TS_TRY(bind_all(k, region->owner, block->arguments, block->n_arguments,
                            &list[n].arguments));
    }
    if (!n) return code_return(k, region->owner);
    TS_TRY(code_go(k, list[0].made));
    for (size_t i = 0; i < n; i++) {
        TS_TRY(code_start(k, list[i].made));
        TS_TRY(code_block_ops(k, list[i].block));
        TS_TRY(leave(k, list, list[i].block));
    }
    return TS_OK;
}

/* ---- all of them ----------------------------------------------------------------------------- */

ts_status code_control(coder *k, const ts_op *op, bool *known) {
    *known = true;
    switch (op->code) {
    case TS_OP_SCF_FOR: return do_for(k, op);
    case TS_OP_AFFINE_FOR: return do_affine_for(k, op);
    case TS_OP_AFFINE_APPLY: return do_affine_apply(k, op);
    case TS_OP_SCF_WHILE: return do_while(k, op);
    case TS_OP_SCF_IF: return do_if(k, op);
    case TS_OP_SCF_INDEX_SWITCH: return do_switch(k, op);
    /* Whoever holds them reads them. */
    case TS_OP_SCF_YIELD:
    case TS_OP_AFFINE_YIELD:
    case TS_OP_SCF_CONDITION:
    case TS_OP_CF_BR:
    case TS_OP_CF_COND_BR:
    case TS_OP_FUNC_RETURN:
    case TS_OP_AIE_END: return TS_OK;
    default: break;
    }
    *known = false;
    return TS_OK;
}
