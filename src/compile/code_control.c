/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Where control goes: loops, branches, blocks.
 * src: llvm-project: mlir/include/mlir/Dialect/SCF/IR/SCFOps.td [documented]
 */
#include "code_int.h"

/* ---- variables ------------------------------------------------------------------------------- */

ts_status code_variable(coder *k, const ts_op *op, const ts_type *type, code_words *out) {
    unsigned width;
    bool is_wide = code_is_wide(type) || code_is_long_mask(type);
    bool is_memory = type->kind == TS_TYPE_MEMREF, is_vector = code_is_vector(type);
    if (!is_memory && !is_wide && !is_vector && !code_is_mask(type))
        TS_TRY(code_width(k, op, type, &width));
    out->low = code_new_register(k, is_memory   ? CODE_POINTER
                                    : is_vector ? CODE_VECTOR
                                                : CODE_GENERAL);
    out->high = is_wide ? code_new_register(k, CODE_GENERAL) : 0;
    return out->low && (out->high || !is_wide) ? TS_OK : ts_fail_nomem(k->c.diag);
}

ts_status code_copy_to(coder *k, const ts_op *op, code_value value, code_words variable,
                       code_copy *list, uint32_t *n) {
    code_words from = {0};
    if (value.kind == CODE_MEMORY)
        TS_TRY(code_pointer(k, op, value.memory, &from.low));
    else
        TS_TRY(code_words_of(k, op, value, &from));
    list[(*n)++] = (code_copy){code_virtual_operand(variable.low), code_virtual_operand(from.low)};
    if (from.high)
        list[(*n)++] =
            (code_copy){code_virtual_operand(variable.high), code_virtual_operand(from.high)};
    return TS_OK;
}

ts_status code_bind_variable(coder *k, const ts_op *op, const ts_value *value,
                             code_words variable) {
    code_value known = code_in_register(value->type, variable.low);
    known.high = variable.high;
    if (value->type->kind == TS_TYPE_MEMREF)
        TS_TRY(code_memory_at(k, op, value->type, code_virtual_operand(variable.low), &known));
    return code_bind(k, value, known);
}

/* A variable for each of `n` values; they are in it. */
static ts_status bind_all(coder *k, const ts_op *op, ts_value *const *values, uint32_t n,
                          code_words **out) {
    code_words *list = TS_ARENA_ARRAY(k->c.arena, code_words, n);
    *out = list;
    if (!list) return ts_fail_nomem(k->c.diag);
    for (uint32_t i = 0; i < n; i++) {
        TS_TRY(code_variable(k, op, values[i]->type, &list[i]));
        TS_TRY(code_bind_variable(k, op, values[i], list[i]));
    }
    return TS_OK;
}

static ts_status bind_results(coder *k, const ts_op *op, code_words **out) {
    ts_value **values = TS_ARENA_ARRAY(k->c.arena, ts_value *, op->n_results);
    if (!values) return ts_fail_nomem(k->c.diag);
    for (uint32_t i = 0; i < op->n_results; i++)
        values[i] = &op->results[i];
    return bind_all(k, op, values, op->n_results, out);
}

/* Operands from `first` on go into `n` variables, all at once. */
static ts_status assign(coder *k, const ts_op *op, uint32_t first, const code_words *variables,
                        uint32_t n) {
    code_copy *copies = TS_ARENA_ARRAY(k->c.arena, code_copy, 2 * (size_t)n);
    code_value value;
    uint32_t n_copies = 0;
    if (!copies) return ts_fail_nomem(k->c.diag);
    if (op->n_operands < first || op->n_operands - first < n) return code_unsupported(k, op);
    for (uint32_t i = 0; i < n; i++) {
        TS_TRY(code_operand_value(k, op, first + i, &value));
        TS_TRY(code_copy_to(k, op, value, variables[i], copies, &n_copies));
    }
    return code_add_copies(k, copies, n_copies);
}

/* The operations of a region of one block, and what its yield gives to `variables`. */
static ts_status body(coder *k, const ts_op *op, const ts_region *region,
                      const code_words *variables, uint32_t n) {
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
    uint32_t iv, iv_high; /* 0: nobody reads it; high: it is wide */
    bool is_wide, is_unsigned;
    code_words *carried; /* variables of the values that are carried, as arguments of the body */
    uint32_t n_carried;
    code_value from, to, step;
    code_block *start, *behind;
} loop;

static ts_status set_variable(coder *k, uint32_t variable, uint32_t from) {
    return code_add_op(k, CODE_SET, variable, from, 0);
}

static ts_status set_words(coder *k, code_words variable, code_words from) {
    TS_TRY(set_variable(k, variable.low, from.low));
    return variable.high ? set_variable(k, variable.high, from.high) : TS_OK;
}

static ts_status add_wide_step(coder *k, const loop *l) {
    const code_words iv = {l->iv, l->iv_high};
    code_words by, sum;
    TS_TRY(code_wide_words(k, l->op, l->step, CODE_SIGN, &by));
    TS_TRY(code_wide_add(k, iv, by, &sum));
    return set_words(k, iv, sum);
}

static ts_status add_step(coder *k, const loop *l) {
    uint32_t by;
    if (!l->iv) return TS_OK;
    if (l->is_wide) return add_wide_step(k, l);
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

/* A bound or step with what is above its bits, so that 32 bits compare as its own do. */
static ts_status extended(coder *k, const loop *l, code_value value, uint32_t *out) {
    return l->is_unsigned ? code_zero_extended(k, l->op, value, out)
                          : code_sign_extended(k, l->op, value, out);
}

static ts_status wide_words(coder *k, const loop *l, code_value value, code_words *out) {
    return code_wide_words(k, l->op, value, l->is_unsigned ? CODE_ZERO : CODE_SIGN, out);
}

static ts_status dynamic_wide(coder *k, loop *l) {
    code_words from, to, step, left;
    uint32_t enters, again;
    TS_TRY(wide_words(k, l, l->from, &from));
    TS_TRY(wide_words(k, l, l->to, &to));
    TS_TRY(wide_words(k, l, l->step, &step));
    TS_TRY(code_wide_less(k, from, to, !l->is_unsigned, &enters));
    TS_TRY(code_branch(k, enters, l->start, l->behind));
    TS_TRY(code_start(k, l->start));
    TS_TRY(body(k, l->op, &l->op->regions[0], l->carried, l->n_carried));
    TS_TRY(code_wide_subtract(k, to, (code_words){l->iv, l->iv_high}, &left));
    TS_TRY(code_wide_less(k, step, left, false, &again));
    TS_TRY(add_wide_step(k, l));
    TS_TRY(code_branch(k, again, l->start, l->behind));
    return code_start(k, l->behind);
}

/* Another round when more than a step is left: this cannot overflow. */
static ts_status dynamic(coder *k, loop *l) {
    uint32_t from, to, step, enters, left, again;
    TS_TRY(extended(k, l, l->from, &from));
    TS_TRY(extended(k, l, l->to, &to));
    TS_TRY(extended(k, l, l->step, &step));
    if (!l->iv) {
        l->iv = code_new_register(k, CODE_GENERAL);
        TS_TRY(set_variable(k, l->iv, from));
    }
    TS_TRY(code_make(k, l->is_unsigned ? CODE_LTU : CODE_LT, from, to, &enters));
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
    if (l->is_unsigned && (l->from.constant < 0 || l->to.constant < 0)) return false;
    uint64_t span = (uint64_t)l->to.constant - (uint64_t)l->from.constant;
    *out = l->from.constant < l->to.constant ? (span - 1) / (uint64_t)l->step.constant + 1 : 0;
    return !l->is_wide || *out <= UINT32_MAX;
}

/* The results are the variables of what is carried. */
static ts_status bind_loop_results(coder *k, const loop *l) {
    for (uint32_t i = 0; i < l->n_carried; i++)
        TS_TRY(code_bind_variable(k, l->op, &l->op->results[i], l->carried[i]));
    return TS_OK;
}

/* The variable that counts, if anybody reads it; a wide one is compared in any case. */
static ts_status begin_counter(coder *k, loop *l) {
    const ts_value *argument = l->inside->arguments[0];
    code_value value = code_in_register(argument->type, 0);
    unsigned zeros = code_zeros(&l->from), step = code_zeros(&l->step);
    code_words iv, from = {0};
    if (!argument->first_use && !l->is_wide) return TS_OK;
    TS_TRY(code_variable(k, l->op, argument->type, &iv));
    value.reg = l->iv = iv.low;
    value.high = l->iv_high = iv.high;
    value.zeros = (uint8_t)(zeros < step ? zeros : step);
    TS_TRY(code_bind(k, argument, value));
    if (l->is_wide)
        TS_TRY(wide_words(k, l, l->from, &from));
    else
        TS_TRY(extended(k, l, l->from, &from.low));
    return set_words(k, iv, from);
}

/* What is carried begins with the operands from `first` on. */
static ts_status begin_loop(coder *k, loop *l, uint32_t first) {
    const ts_op *op = l->op;
    TS_TRY(bind_all(k, op, l->inside->arguments + 1, l->n_carried, &l->carried));
    TS_TRY(assign(k, op, first, l->carried, l->n_carried));
    TS_TRY(begin_counter(k, l));
    l->start = code_new_block(k);
    l->behind = code_new_block(k);
    return l->start && l->behind ? TS_OK : ts_fail_nomem(k->c.diag);
}

static ts_status make_loop(coder *k, loop *l, uint32_t first) {
    uint64_t n_rounds;
    l->is_wide = code_is_wide(l->inside->arguments[0]->type);
    TS_TRY(begin_loop(k, l, first));
    if (!count_rounds(l, &n_rounds))
        TS_TRY(l->is_wide ? dynamic_wide(k, l) : dynamic(k, l));
    else if (n_rounds)
        TS_TRY(counted(k, l, n_rounds > UINT32_MAX ? 0 : n_rounds));
    return bind_loop_results(k, l);
}

static bool is_loop(const loop *l) {
    return l->inside && l->inside->n_arguments == l->n_carried + 1;
}

static ts_status do_for(coder *k, const ts_op *op) {
    loop l = {.op = op, .inside = op->regions[0].first, .n_carried = op->n_results};
    l.is_unsigned = ts_op_bool(op, "unsignedCmp");
    if (op->n_operands < 3 || !is_loop(&l)) return code_unsupported(k, op);
    TS_TRY(code_operand_value(k, op, 0, &l.from));
    TS_TRY(code_operand_value(k, op, 1, &l.to));
    TS_TRY(code_operand_value(k, op, 2, &l.step));
    return make_loop(k, &l, 3);
}

/* Bounds of several results: from the largest, to the least. */
static ts_status do_affine_for(coder *k, const ts_op *op) {
    loop l = {.op = op, .inside = op->regions[0].first, .n_carried = op->n_results};
    uint32_t n_low, n_high;
    if (!is_loop(&l)) return code_unsupported(k, op);
    TS_TRY(code_affine_extreme(k, op, "lowerBoundMap", 0, true, &l.from, &n_low));
    TS_TRY(code_affine_extreme(k, op, "upperBoundMap", n_low, false, &l.to, &n_high));
    l.step = code_constant(l.inside->arguments[0]->type, ts_op_integer(op, "step", 1));
    return make_loop(k, &l, n_low + n_high);
}

/* affine.apply has one result. */
static ts_status do_affine_value(coder *k, const ts_op *op) {
    code_value value;
    uint32_t n_operands;
    TS_TRY(code_affine_extreme(k, op, "map", 0, op->code == TS_OP_AFFINE_MAX, &value, &n_operands));
    return code_bind(k, &op->results[0], value);
}

/* ---- scf.while, scf.if, scf.index_switch ----------------------------------------------------- */

static ts_status do_while(coder *k, const ts_op *op) {
    const ts_block *before = op->regions[0].first;
    const ts_block *after = op->n_regions > 1 ? op->regions[1].first : NULL;
    code_words *carried, *passed, *results;
    uint32_t test;
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
        TS_TRY(set_words(k, results[i], passed[i]));
    return TS_OK;
}

static ts_status branch(coder *k, const ts_op *op, code_value condition) {
    code_words *results;
    uint32_t test;
    bool has_else = op->n_regions > 1 && op->regions[1].first;
    code_block *then = code_new_block(k), *behind = code_new_block(k);
    code_block *otherwise = has_else ? code_new_block(k) : behind;
    if (!then || !behind || !otherwise) return ts_fail_nomem(k->c.diag);
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

static ts_status do_if(coder *k, const ts_op *op) {
    code_value condition;
    if (op->code == TS_OP_AFFINE_IF)
        TS_TRY(code_affine_set(k, op, &condition));
    else
        TS_TRY(code_operand_value(k, op, 0, &condition));
    return branch(k, op, condition);
}

/* Region 0 is the default, the others those of the cases. */
static ts_status do_switch(coder *k, const ts_op *op) {
    const ts_attr *cases = ts_op_attr(op, "cases");
    code_value value;
    code_words *results;
    uint32_t reg, wanted, test;
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
    code_words *arguments;
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

/* Where a region that is no function goes on, with what. */
typedef struct way_out {
    code_block *behind;
    const code_words *results;
    uint32_t n_results;
} way_out;

static ts_status leave(coder *k, const placed_block *list, const ts_block *block,
                       const way_out *out) {
    const ts_op *last = block->last;
    if (!last && !out) return code_return(k, block->region->owner);
    if (!last) return code_unsupported(k, block->region->owner);
    if (out && last->code == TS_OP_SCF_YIELD) {
        TS_TRY(assign(k, last, 0, out->results, out->n_results));
        return code_go(k, out->behind);
    }
    switch (last->code) {
    case TS_OP_CF_BR: return edge(k, last, 0, find(list, last->successors[0]));
    case TS_OP_CF_COND_BR:
        return branch_both(k, last, find(list, last->successors[0]),
                           find(list, last->successors[1]));
    case TS_OP_AIE_END:
    case TS_OP_FUNC_RETURN: return out ? code_unsupported(k, last) : code_return(k, last);
    default: return code_unsupported(k, last);
    }
}

static ts_status all_blocks(coder *k, const ts_region *region, const way_out *out) {
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
        TS_TRY(leave(k, list, list[i].block, out));
    }
    return TS_OK;
}

ts_status code_region(coder *k, const ts_region *region) {
    return all_blocks(k, region, NULL);
}

static ts_status do_execute(coder *k, const ts_op *op) {
    way_out out = {.behind = code_new_block(k), .n_results = op->n_results};
    code_words *results;
    if (!out.behind) return ts_fail_nomem(k->c.diag);
    if (op->n_regions != 1 || !op->regions[0].first) return code_unsupported(k, op);
    TS_TRY(bind_results(k, op, &results));
    out.results = results;
    TS_TRY(all_blocks(k, &op->regions[0], &out));
    return code_start(k, out.behind);
}

/* ---- all of them ----------------------------------------------------------------------------- */

ts_status code_control(coder *k, const ts_op *op, bool *known) {
    *known = true;
    switch (op->code) {
    case TS_OP_SCF_FOR: return do_for(k, op);
    case TS_OP_AFFINE_FOR: return do_affine_for(k, op);
    case TS_OP_AFFINE_APPLY:
    case TS_OP_AFFINE_MIN:
    case TS_OP_AFFINE_MAX: return do_affine_value(k, op);
    case TS_OP_SCF_WHILE: return do_while(k, op);
    case TS_OP_AFFINE_IF:
    case TS_OP_SCF_IF: return do_if(k, op);
    case TS_OP_SCF_EXECUTE_REGION: return do_execute(k, op);
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
