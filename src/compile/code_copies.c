/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Copies that need not be made: of a constant, of what is written once to what is written once, and
 * of a result to the variable that it could have been made in. Then what nobody reads goes.
 */
#include "code_int.h"

#include <string.h>

enum {
    MAX_DISTANCE = 512 /* instructions between a result and the variable that it goes to */
};

typedef struct copier {
    coder *k;
    code_function *f;
    code_defs defs;
    uint32_t *n_reads;
    uint32_t *to; /* new names */
    bool renames;
} copier;

static ts_status look(copier *c) {
    code_operand *o;
    code_function *f = c->f;
    TS_TRY(code_find_defs(c->k, f, &c->defs));
    c->n_reads = TS_ARENA_ARRAY(c->k->c.arena, uint32_t, f->n_virtuals + 1);
    if (!c->n_reads) return ts_fail_nomem(c->k->c.diag);
    for (uint32_t i = 0; i < f->n_blocks; i++) {
        code_block *block = f->blocks[i];
        for (uint32_t j = 0; j < block->n_insts; j++)
            for (uint32_t n = 0; (o = code_read(&block->insts[j], n)); n++)
                if (o->kind == CODE_VIRTUAL) c->n_reads[o->reg]++;
        for (uint32_t j = 0; j < block->n_results; j++)
            if (block->results[j].from.kind == CODE_VIRTUAL)
                c->n_reads[block->results[j].from.reg]++;
        if (block->n_next == 2) c->n_reads[block->condition]++;
    }
    return TS_OK;
}

/* ---- constants, and other names for the same ------------------------------------------------- */

/* What is put into a register as a constant, where that is all that there is to know of it. `to`:
 * where it goes; an address in the frame is made in a pointer. */
static void use_constant(const copier *c, code_operand to, code_operand *o) {
    if (o->kind != CODE_VIRTUAL) return;
    const code_inst *inst = code_def(&c->defs, o->reg);
    bool is_general = to.kind == CODE_VIRTUAL && c->f->virtuals[to.reg].class == CODE_GENERAL;
    if (!inst || inst->op != CODE_SET || !code_is_constant(&inst->from[0])) return;
    if (inst->from[0].kind == CODE_IMMEDIATE || !is_general) *o = inst->from[0];
}

static uint32_t name_now(const copier *c, uint32_t reg) {
    while (c->to[reg])
        reg = c->to[reg];
    return reg;
}

static void rename_copy(copier *c, code_operand to, code_operand from) {
    if (to.kind != CODE_VIRTUAL || from.kind != CODE_VIRTUAL) return;
    uint32_t reg = name_now(c, from.reg);
    if (c->defs.n[to.reg] != 1 || c->defs.n[reg] != 1 || reg == to.reg || c->to[to.reg]) return;
    if (c->f->virtuals[to.reg].class != c->f->virtuals[reg].class) return;
    c->to[to.reg] = reg;
    c->renames = true;
}

static void forward(copier *c, code_inst *inst) {
    if (inst->op == CODE_SET) {
        use_constant(c, inst->to, &inst->from[0]);
        rename_copy(c, inst->to, inst->from[0]);
    }
    for (uint32_t i = 0; i < inst->n_copies; i++) {
        use_constant(c, inst->copies[i].to, &inst->copies[i].from);
        if (inst->op == CODE_COPY) rename_copy(c, inst->copies[i].to, inst->copies[i].from);
    }
}

/* A register that is now another's name keeps nothing that writes it. */
static void drop_renamed(copier *c, code_inst *inst) {
    if (inst->op == CODE_SET && inst->to.kind == CODE_VIRTUAL && c->to[inst->to.reg])
        inst->to.kind = CODE_NONE;
    for (uint32_t i = 0; inst->op == CODE_COPY && i < inst->n_copies; i++)
        if (inst->copies[i].to.kind == CODE_VIRTUAL && c->to[inst->copies[i].to.reg])
            inst->copies[i--] = inst->copies[--inst->n_copies];
}

static bool is_nothing(const code_inst *inst) {
    return (inst->op == CODE_SET && inst->to.kind == CODE_NONE) ||
           (inst->op == CODE_COPY && !inst->n_copies);
}

static void sweep(code_block *block) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < block->n_insts; i++) {
        code_inst *inst = &block->insts[i];
        if (is_nothing(inst)) continue;
        if (inst->op == CODE_COPY && inst->n_copies == 1)
            *inst = (code_inst){
                .op = CODE_SET, .to = inst->copies[0].to, .from = {inst->copies[0].from}};
        block->insts[n++] = *inst;
    }
    block->n_insts = n;
}

static ts_status forward_all(copier *c) {
    code_function *f = c->f;
    TS_TRY(look(c));
    c->to = TS_ARENA_ARRAY(c->k->c.arena, uint32_t, f->n_virtuals + 1);
    if (!c->to) return ts_fail_nomem(c->k->c.diag);
    for (uint32_t i = 0; i < f->n_blocks; i++) {
        for (uint32_t j = 0; j < f->blocks[i]->n_insts; j++)
            forward(c, &f->blocks[i]->insts[j]);
        for (uint32_t j = 0; j < f->blocks[i]->n_results; j++)
            use_constant(c, f->blocks[i]->results[j].to, &f->blocks[i]->results[j].from);
    }
    if (!c->renames) return TS_OK;
    for (uint32_t i = 0; i < f->n_blocks; i++) {
        for (uint32_t j = 0; j < f->blocks[i]->n_insts; j++)
            drop_renamed(c, &f->blocks[i]->insts[j]);
        sweep(f->blocks[i]);
    }
    for (uint32_t i = 1; i < f->n_virtuals; i++)
        if (c->to[i]) c->to[i] = name_now(c, i);
    code_rename(f, c->to);
    return TS_OK;
}

/* ---- results made where they go -------------------------------------------------------------- */

static bool meets(code_inst *inst, uint32_t reg, bool reads, bool writes) {
    code_operand *o;
    for (uint32_t i = 0; reads && (o = code_read(inst, i)); i++)
        if (o->kind == CODE_VIRTUAL && o->reg == reg) return true;
    for (uint32_t i = 0; writes && (o = code_write(inst, i)); i++)
        if (o->kind == CODE_VIRTUAL && o->reg == reg) return true;
    return false;
}

static bool is_met_between(code_block *block, uint32_t first, uint32_t end, uint32_t reg,
                           bool reads, bool writes) {
    for (uint32_t i = first; i < end; i++)
        if (meets(&block->insts[i], reg, reads, writes)) return true;
    return false;
}

/* `to` is not read or written from the instruction that makes `from` up to the copy at `at`. */
static bool make_there(copier *c, code_block *block, uint32_t at, uint32_t to, uint32_t from) {
    uint32_t made = c->defs.at[from];
    code_operand *o;
    if (is_met_between(block, made + 1, at, to, true, true)) return false;
    if (meets(&block->insts[made], to, false, true)) return false;
    for (uint32_t i = 0; (o = code_write(&block->insts[made], i)); i++)
        if (o->kind == CODE_VIRTUAL && o->reg == from) o->reg = to;
    return true;
}

/* The instruction that makes `from` goes behind the copy at `at`. */
static bool make_later(copier *c, code_block *block, uint32_t at, uint32_t to, uint32_t from) {
    uint32_t made = c->defs.at[from];
    code_inst inst = block->insts[made];
    if (!code_is_pure(&inst)) return false;
    for (unsigned i = 0; i < 3; i++)
        if (inst.from[i].kind == CODE_VIRTUAL &&
            is_met_between(block, made + 1, at + 1, inst.from[i].reg, false, true) &&
            inst.from[i].reg != to)
            return false;
    if (is_met_between(block, made, at, to, false, true)) return false;
    inst.to.reg = to;
    memmove(&block->insts[made], &block->insts[made + 1], (at - made) * sizeof inst);
    block->insts[at] = inst;
    return true;
}

/* One of the copies of an instruction, which a circle could hold together. */
static bool merge_one(copier *c, code_block *block, uint32_t at, code_copy *copy) {
    const code_operand to = copy->to, from = copy->from;
    code_inst *inst = &block->insts[at];
    if (to.kind != CODE_VIRTUAL || from.kind != CODE_VIRTUAL || to.reg == from.reg) return false;
    if (c->defs.n[from.reg] != 1 || c->n_reads[from.reg] != 1) return false;
    if (c->defs.block[from.reg] != block || c->defs.at[from.reg] >= at) return false;
    if (at - c->defs.at[from.reg] > MAX_DISTANCE) return false;
    if (c->f->virtuals[to.reg].class != c->f->virtuals[from.reg].class) return false;
    bool is_read = meets(inst, to.reg, true, false);
    code_copy kept = *copy;
    /* it is out of the copies first, as what remains is looked at */
    if (inst->op == CODE_COPY)
        *copy = inst->copies[--inst->n_copies];
    else
        inst->to.kind = inst->from[0].kind = CODE_NONE;
    if (!is_read && make_there(c, block, at, to.reg, from.reg)) return true;
    if (make_later(c, block, at, to.reg, from.reg)) return true;
    if (inst->op == CODE_COPY) {
        inst->copies[inst->n_copies++] = *copy;
        *copy = kept;
    } else {
        inst->to = to;
        inst->from[0] = from;
    }
    return false;
}

static bool merge_at(copier *c, code_block *block, uint32_t at) {
    code_inst *inst = &block->insts[at];
    if (inst->op == CODE_SET) {
        code_copy copy = {inst->to, inst->from[0]};
        return merge_one(c, block, at, &copy);
    }
    for (uint32_t i = 0; inst->op == CODE_COPY && i < inst->n_copies; i++)
        if (merge_one(c, block, at, &inst->copies[i])) return true;
    return false;
}

/* Places move with what is merged. */
static void place_again(copier *c, code_block *block) {
    code_operand *o;
    for (uint32_t i = 0; i < block->n_insts; i++)
        for (uint32_t j = 0; (o = code_write(&block->insts[i], j)); j++) {
            if (o->kind != CODE_VIRTUAL) continue;
            c->defs.block[o->reg] = block;
            c->defs.at[o->reg] = i;
        }
}

static void merge_block(copier *c, code_block *block) {
    for (uint32_t i = 0; i < block->n_insts; i++) {
        if (!merge_at(c, block, i)) continue;
        place_again(c, block);
        i--;
    }
}

ts_status code_merge_copies(coder *k, code_function *f) {
    copier c = {.k = k, .f = f};
    TS_TRY(forward_all(&c));
    TS_TRY(look(&c));
    for (uint32_t i = 0; i < f->n_blocks; i++)
        merge_block(&c, f->blocks[i]);
    for (uint32_t i = 0; i < f->n_blocks; i++)
        sweep(f->blocks[i]);
    return TS_OK;
}

/* ---- what nobody reads ----------------------------------------------------------------------- */

static bool is_needed(const uint8_t *needed, code_operand o) {
    return o.kind == CODE_VIRTUAL ? needed[o.reg] : o.kind == CODE_FIXED;
}

static bool need(uint8_t *needed, const code_operand *o) {
    if (o->kind != CODE_VIRTUAL || needed[o->reg]) return false;
    needed[o->reg] = 1;
    return true;
}

static bool can_go(const code_inst *inst) {
    return code_is_pure(inst) || (inst->op == CODE_LOAD && !inst->step);
}

/* Whether more is needed because of this one. */
static bool need_operands(uint8_t *needed, code_inst *inst) {
    bool more = false;
    if (inst->op == CODE_COPY) {
        for (uint32_t i = 0; i < inst->n_copies; i++)
            if (is_needed(needed, inst->copies[i].to)) more |= need(needed, &inst->copies[i].from);
        return more;
    }
    if (can_go(inst) && !is_needed(needed, inst->to)) return false;
    code_operand *o;
    for (uint32_t i = 0; (o = code_read(inst, i)); i++)
        more |= need(needed, o);
    return more;
}

static bool need_block(uint8_t *needed, code_block *block) {
    bool more = false;
    const code_operand condition = code_virtual_operand(block->condition);
    if (block->n_next == 2) more |= need(needed, &condition);
    for (uint32_t i = 0; i < block->n_results; i++)
        more |= need(needed, &block->results[i].from);
    for (uint32_t i = block->n_insts; i-- > 0;)
        more |= need_operands(needed, &block->insts[i]);
    return more;
}

static void remove_from(const uint8_t *needed, code_block *block) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < block->n_insts; i++) {
        code_inst inst = block->insts[i];
        for (uint32_t j = 0; inst.op == CODE_COPY && j < inst.n_copies; j++)
            if (!is_needed(needed, inst.copies[j].to))
                inst.copies[j--] = inst.copies[--inst.n_copies];
        bool goes =
            inst.op == CODE_COPY ? !inst.n_copies : can_go(&inst) && !is_needed(needed, inst.to);
        if (!goes) block->insts[n++] = inst;
    }
    block->n_insts = n;
}

ts_status code_remove_dead(coder *k, code_function *f) {
    uint8_t *needed = TS_ARENA_ARRAY(k->c.arena, uint8_t, f->n_virtuals + 1);
    bool more = true;
    if (!needed) return ts_fail_nomem(k->c.diag);
    while (more) {
        more = false;
        for (uint32_t i = f->n_blocks; i-- > 0;)
            more |= need_block(needed, f->blocks[i]);
    }
    for (uint32_t i = 0; i < f->n_blocks; i++)
        remove_from(needed, f->blocks[i]);
    return TS_OK;
}
