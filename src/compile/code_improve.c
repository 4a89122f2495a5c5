/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Better code between what MLIR says and registers: what the passes have in common, and their
 * order. Functions that are too large for the tables here stay as they are.
 */
#include "code_int.h"

enum {
    MAX_BLOCKS = 2048,
    MAX_WORK = 1 << 21 /* loops times instructions and registers */
};

/* ---- operands -------------------------------------------------------------------------------- */

code_operand *code_read(code_inst *inst, uint32_t i) {
    if (i < 3) return &inst->from[i];
    return i - 3 < inst->n_copies ? &inst->copies[i - 3].from : NULL;
}

code_operand *code_write(code_inst *inst, uint32_t i) {
    if (!i) return &inst->to;
    if (--i < inst->n_copies) return &inst->copies[i].to;
    i -= inst->n_copies;
    if (i < inst->n_results) return &inst->results[i].to;
    return i == inst->n_results && inst->step ? &inst->from[0] : NULL;
}

bool code_is_pure(const code_inst *inst) {
    switch (inst->op) {
    case CODE_SET:
    case CODE_SELECT:
    case CODE_MOVE_POINTER:
    case CODE_ADD:
    case CODE_ADD_IMMEDIATE:
    case CODE_SUB:
    case CODE_MUL:
    case CODE_AND:
    case CODE_OR:
    case CODE_XOR:
    case CODE_LSHL:
    case CODE_ASHL:
    case CODE_LT:
    case CODE_GE:
    case CODE_LTU:
    case CODE_GEU:
    case CODE_EQ:
    case CODE_NE:
    case CODE_EQZ:
    case CODE_EXTEND_S8:
    case CODE_EXTEND_U8:
    case CODE_EXTEND_S16:
    case CODE_EXTEND_U16: break;
    default: return false;
    }
    for (unsigned i = 0; i < 3; i++)
        if (inst->from[i].kind == CODE_FIXED) return false;
    return inst->to.kind == CODE_VIRTUAL;
}

bool code_is_constant(const code_operand *o) {
    return o->kind == CODE_IMMEDIATE || o->kind == CODE_SYMBOL || o->kind == CODE_FRAME;
}

/* ---- who writes what ------------------------------------------------------------------------- */

ts_status code_find_defs(coder *k, code_function *f, code_defs *out) {
    code_operand *o;
    out->n = TS_ARENA_ARRAY(k->c.arena, uint32_t, f->n_virtuals + 1);
    out->at = TS_ARENA_ARRAY(k->c.arena, uint32_t, f->n_virtuals + 1);
    out->block = TS_ARENA_ARRAY(k->c.arena, code_block *, f->n_virtuals + 1);
    if (!out->n || !out->at || !out->block) return ts_fail_nomem(k->c.diag);
    for (uint32_t i = 0; i < f->n_blocks; i++)
        for (uint32_t j = 0; j < f->blocks[i]->n_insts; j++)
            for (uint32_t n = 0; (o = code_write(&f->blocks[i]->insts[j], n)); n++) {
                if (o->kind != CODE_VIRTUAL) continue;
                out->n[o->reg]++;
                out->block[o->reg] = f->blocks[i];
                out->at[o->reg] = j;
            }
    return TS_OK;
}

code_inst *code_def(const code_defs *defs, uint32_t reg) {
    return defs->n[reg] == 1 ? &defs->block[reg]->insts[defs->at[reg]] : NULL;
}

bool code_known(const code_defs *defs, uint32_t reg, int32_t *out) {
    const code_inst *inst = code_def(defs, reg);
    if (!inst || inst->op != CODE_SET || inst->from[0].kind != CODE_IMMEDIATE) return false;
    *out = inst->from[0].value;
    return true;
}

void code_rename(code_function *f, const uint32_t *to) {
    code_operand *o;
    for (uint32_t i = 0; i < f->n_blocks; i++) {
        code_block *block = f->blocks[i];
        for (uint32_t j = 0; j < block->n_insts; j++) {
            for (uint32_t n = 0; (o = code_read(&block->insts[j], n)); n++)
                if (o->kind == CODE_VIRTUAL && to[o->reg]) o->reg = to[o->reg];
            for (uint32_t n = 0; (o = code_write(&block->insts[j], n)); n++)
                if (o->kind == CODE_VIRTUAL && to[o->reg]) o->reg = to[o->reg];
        }
        for (uint32_t n = 0; n < block->n_results; n++) {
            o = &block->results[n].from;
            if (o->kind == CODE_VIRTUAL && to[o->reg]) o->reg = to[o->reg];
        }
        if (block->n_next == 2 && to[block->condition]) block->condition = to[block->condition];
    }
}

/* ---- lists of instructions ------------------------------------------------------------------- */

ts_status code_insert(coder *k, code_block *block, uint32_t at, code_inst inst) {
    code_inst *grown =
        ts_arena_room(k->c.arena, block->insts, block->n_insts, &block->capacity, sizeof *grown);
    if (!grown) return ts_fail_nomem(k->c.diag);
    block->insts = grown;
    for (uint32_t i = block->n_insts++; i > at; i--)
        grown[i] = grown[i - 1];
    grown[at] = inst;
    return TS_OK;
}

void code_remove(code_block *block, uint32_t at) {
    block->n_insts--;
    for (uint32_t i = at; i < block->n_insts; i++)
        block->insts[i] = block->insts[i + 1];
}

/* ---- the order of the passes ----------------------------------------------------------------- */

static ts_status improve_loops(coder *k, code_function *f) {
    code_loop *loops;
    uint32_t n;
    TS_TRY(code_find_loops(k, f, &loops, &n));
    if ((uint64_t)n * (f->n_insts + f->n_virtuals) > MAX_WORK) return TS_OK;
    for (uint32_t i = 0; i < n; i++) {
        if (!loops[i].before) continue;
        TS_TRY(code_hoist(k, f, &loops[i]));
        TS_TRY(code_reduce_strength(k, f, &loops[i]));
    }
    return TS_OK;
}

ts_status code_improve(coder *k, code_function *f) {
    if (f->n_blocks > MAX_BLOCKS) return TS_OK;
    TS_TRY(code_clean_flow(k, f));
    TS_TRY(code_merge_copies(k, f));
    TS_TRY(code_remove_dead(k, f));
    TS_TRY(code_rotate_loops(k, f));
    TS_TRY(improve_loops(k, f));
    TS_TRY(code_merge_copies(k, f));
    TS_TRY(code_remove_dead(k, f));
    code_fold_steps(f);
    TS_TRY(code_unroll(k, f));
    code_loop *loops;
    uint32_t n;
    TS_TRY(code_find_loops(k, f, &loops, &n)); /* how deep blocks are, for registers */
    TS_TRY(code_clean_flow(k, f));
    return code_find_groups(k, f);
}
