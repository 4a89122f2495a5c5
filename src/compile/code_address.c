/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Addresses: in a loop, what is base + scale * variable + rest becomes a pointer that moves along
 * with the variable; its last access moves it. And which accesses share no memory.
 *
 * Pointers have 20 bits and wrap, so what holds of sums and products of 32 bits holds of them.
 * src: FIM43-Redeye/xdna-emu: recorded padda, paddb, padds points [observed]
 */
#include "code_int.h"

#include <string.h>

enum {
    MAX_REST = 4,
    MAX_GROUPS = 6,      /* pointers of a loop */
    MAX_DEPTH = 10,      /* of a sum */
    MAX_START = 1 << 16, /* bytes from a symbol to where a pointer begins */
};

/* ---- sums ------------------------------------------------------------------------------------ */

typedef struct term {
    uint32_t reg, scale;
} term;

typedef struct sum {
    uint32_t variable, scale; /* 0: none */
    term rest[MAX_REST];
    uint32_t n_rest, constant;
} sum;

typedef struct group {
    uint32_t base, pointer;
    sum address; /* its constant is that of the last access */
} group;

typedef struct reducer {
    coder *k;
    code_function *f;
    const code_loop *loop;
    code_defs defs;
    uint32_t *inside; /* how often each register is written in the loop */
    uint32_t
        *step_at; /* by register: 1 + where the latch moves it on; 0: no variable of the loop */
    group groups[MAX_GROUPS];
    uint32_t n_groups;
} reducer;

/* v = v + what does not change, once, in the latch. */
static bool is_step(const reducer *r, const code_inst *inst) {
    if (inst->op != CODE_ADD_IMMEDIATE && inst->op != CODE_ADD) return false;
    if (inst->to.kind != CODE_VIRTUAL || inst->from[0].kind != CODE_VIRTUAL) return false;
    if (inst->to.reg != inst->from[0].reg || r->inside[inst->to.reg] != 1) return false;
    if (inst->op == CODE_ADD_IMMEDIATE) return true;
    return inst->from[1].kind == CODE_VIRTUAL && !r->inside[inst->from[1].reg];
}

static ts_status begin(reducer *r) {
    code_operand *o;
    const code_block *latch = r->loop->latch;
    TS_TRY(code_find_defs(r->k, r->f, &r->defs));
    r->inside = TS_ARENA_ARRAY(r->k->c.arena, uint32_t, r->f->n_virtuals + 1);
    r->step_at = TS_ARENA_ARRAY(r->k->c.arena, uint32_t, r->f->n_virtuals + 1);
    if (!r->inside || !r->step_at) return ts_fail_nomem(r->k->c.diag);
    for (uint32_t i = 0; i < r->f->n_blocks; i++) {
        code_block *block = r->f->blocks[i];
        for (uint32_t j = 0; code_is_inside(r->loop, block) && j < block->n_insts; j++)
            for (uint32_t n = 0; (o = code_write(&block->insts[j], n)); n++)
                if (o->kind == CODE_VIRTUAL) r->inside[o->reg]++;
    }
    for (uint32_t i = 0; i < latch->n_insts; i++)
        if (is_step(r, &latch->insts[i])) r->step_at[latch->insts[i].to.reg] = i + 1;
    return TS_OK;
}

static bool add_rest(sum *s, uint32_t reg, uint32_t scale) {
    for (uint32_t i = 0; i < s->n_rest; i++)
        if (s->rest[i].reg == reg) {
            s->rest[i].scale += scale;
            return true;
        }
    if (s->n_rest == MAX_REST) return false;
    s->rest[s->n_rest++] = (term){reg, scale};
    return true;
}

/* A place in the loop from which the variables are what they were when it began. */
static bool is_before_steps(const reducer *r, const code_block *block, uint32_t at, uint32_t reg) {
    if (block->loop != r->loop) return false;
    return block != r->loop->latch || !r->step_at[reg] || at < r->step_at[reg] - 1;
}

static bool add_scaled(reducer *r, sum *s, uint32_t reg, uint32_t scale, unsigned depth);

/* What one instruction of the loop makes. */
static bool add_made(reducer *r, sum *s, const code_inst *inst, uint32_t scale, unsigned depth) {
    const code_operand *a = &inst->from[0], *b = &inst->from[1];
    int32_t value;
    if (a->kind != CODE_VIRTUAL) return false;
    switch (inst->op) {
    case CODE_SET: return add_scaled(r, s, a->reg, scale, depth);
    case CODE_ADD_IMMEDIATE:
        s->constant += scale * (uint32_t)inst->value;
        return add_scaled(r, s, a->reg, scale, depth);
    case CODE_ADD:
        return add_scaled(r, s, a->reg, scale, depth) && add_scaled(r, s, b->reg, scale, depth);
    case CODE_SUB:
        return add_scaled(r, s, a->reg, scale, depth) && add_scaled(r, s, b->reg, 0 - scale, depth);
    case CODE_LSHL:
        if (!code_known(&r->defs, b->reg, &value) || value < 0 || value > 31) return false;
        return add_scaled(r, s, a->reg, scale << value, depth);
    case CODE_MUL:
        if (!code_known(&r->defs, b->reg, &value)) return false;
        return add_scaled(r, s, a->reg, scale * (uint32_t)value, depth);
    default: return false;
    }
}

static bool add_scaled(reducer *r, sum *s, uint32_t reg, uint32_t scale, unsigned depth) {
    int32_t value;
    if (!depth) return false;
    if (code_known(&r->defs, reg, &value)) {
        s->constant += scale * (uint32_t)value;
        return true;
    }
    if (!r->inside[reg]) return add_rest(s, reg, scale);
    if (r->step_at[reg]) {
        if (s->variable && s->variable != reg) return false;
        s->variable = reg;
        s->scale += scale;
        return true;
    }
    const code_inst *inst = code_def(&r->defs, reg);
    return inst && r->f->virtuals[reg].class == CODE_GENERAL &&
           add_made(r, s, inst, scale, depth - 1);
}

/* Each part of the sum must have been made in this round, before the variable moved. */
static bool is_timely(const reducer *r, uint32_t reg, uint32_t variable, unsigned depth) {
    if (!depth) return false;
    if (!r->inside[reg] || r->step_at[reg]) return true;
    const code_inst *inst = code_def(&r->defs, reg);
    if (!inst || !is_before_steps(r, r->defs.block[reg], r->defs.at[reg], variable)) return false;
    for (unsigned i = 0; i < 3; i++)
        if (inst->from[i].kind == CODE_VIRTUAL &&
            !is_timely(r, inst->from[i].reg, variable, depth - 1))
            return false;
    return true;
}

/* ---- accesses that become ones by pointer ---------------------------------------------------- */

static bool is_access(const code_inst *inst) {
    return inst->op == CODE_LOAD || inst->op == CODE_STORE || inst->op == CODE_MOVE_POINTER;
}

static bool find_sum(reducer *r, const code_block *block, uint32_t at, sum *s) {
    const code_inst *inst = &block->insts[at];
    *s = (sum){.constant = (uint32_t)inst->value};
    if (!is_access(inst) || inst->step || inst->from[0].kind != CODE_VIRTUAL) return false;
    if (inst->from[1].kind != CODE_VIRTUAL || r->inside[inst->from[0].reg]) return false;
    uint32_t reg = inst->from[1].reg;
    if (!add_scaled(r, s, reg, 1, MAX_DEPTH)) return false;
    return is_timely(r, reg, s->variable, MAX_DEPTH) && is_before_steps(r, block, at, s->variable);
}

static bool is_same(const group *g, uint32_t base, const sum *s) {
    const sum *t = &g->address;
    if (g->base != base || t->variable != s->variable || t->scale != s->scale) return false;
    if (t->n_rest != s->n_rest) return false;
    for (uint32_t i = 0; i < s->n_rest; i++)
        if (t->rest[i].reg != s->rest[i].reg || t->rest[i].scale != s->rest[i].scale) return false;
    return true;
}

static group *group_of(reducer *r, uint32_t base, const sum *s) {
    for (uint32_t i = 0; i < r->n_groups; i++)
        if (is_same(&r->groups[i], base, s)) return &r->groups[i];
    return NULL;
}

/* Pointers that the loop needs anyway, without those bases that go. */
static uint32_t count_pointers(reducer *r) {
    uint32_t n = 0;
    uint8_t *met = TS_ARENA_ARRAY(r->k->c.arena, uint8_t, r->f->n_virtuals + 1);
    code_operand *o;
    sum s;
    if (!met) return MAX_GROUPS;
    for (uint32_t i = 0; i < r->f->n_blocks; i++) {
        code_block *block = r->f->blocks[i];
        for (uint32_t j = 0; code_is_inside(r->loop, block) && j < block->n_insts; j++) {
            bool goes = find_sum(r, block, j, &s);
            for (uint32_t m = goes; (o = code_read(&block->insts[j], m)); m++) {
                if (o->kind != CODE_VIRTUAL || r->f->virtuals[o->reg].class != CODE_POINTER)
                    continue;
                n += !met[o->reg];
                met[o->reg] = 1;
            }
        }
    }
    return n;
}

static void collect(reducer *r, uint32_t most) {
    sum s;
    for (uint32_t i = 0; i < r->f->n_blocks; i++) {
        const code_block *block = r->f->blocks[i];
        if (block->loop != r->loop) continue;
        for (uint32_t j = 0; j < block->n_insts; j++) {
            if (!find_sum(r, block, j, &s)) continue;
            uint32_t base = block->insts[j].from[0].reg;
            group *g = group_of(r, base, &s);
            if (!g && r->n_groups < most) {
                g = &r->groups[r->n_groups++];
                *g = (group){.base = base, .address = s};
            }
            if (g) g->address.constant = s.constant;
        }
    }
}

/* ---- where a pointer begins ------------------------------------------------------------------ */

/* The one place outside where the variable begins, if that is a constant. */
static bool begins_with(const reducer *r, uint32_t reg, uint32_t *out) {
    const code_inst *found = NULL;
    code_operand *o;
    for (uint32_t i = 0; i < r->f->n_blocks; i++) {
        code_block *block = r->f->blocks[i];
        if (code_is_inside(r->loop, block)) continue;
        for (uint32_t j = 0; j < block->n_insts; j++)
            for (uint32_t n = 0; (o = code_write(&block->insts[j], n)); n++) {
                if (o->kind != CODE_VIRTUAL || o->reg != reg) continue;
                if (found) return false;
                found = &block->insts[j];
            }
    }
    if (!found || found->op != CODE_SET || found->from[0].kind != CODE_IMMEDIATE) return false;
    *out = (uint32_t)found->from[0].value;
    return true;
}

static ts_status append(reducer *r, code_inst inst) {
    code_block *before = r->loop->before;
    return code_insert(r->k, before, before->n_insts, inst);
}

static ts_status append_op(reducer *r, code_op op, uint32_t a, uint32_t b, uint32_t *out) {
    code_inst inst = {.op = op, .from = {code_virtual_operand(a), code_virtual_operand(b)}};
    *out = code_new_register(r->k, CODE_GENERAL);
    if (!*out) return ts_fail_nomem(r->k->c.diag);
    inst.to = code_virtual_operand(*out);
    return append(r, inst);
}

static ts_status append_constant(reducer *r, uint32_t value, uint32_t *out) {
    code_inst inst = {.op = CODE_SET, .from = {{.kind = CODE_IMMEDIATE, .value = (int32_t)value}}};
    *out = code_new_register(r->k, CODE_GENERAL);
    if (!*out) return ts_fail_nomem(r->k->c.diag);
    inst.to = code_virtual_operand(*out);
    return append(r, inst);
}

/* total += reg * scale */
static ts_status append_term(reducer *r, uint32_t reg, uint32_t scale, uint32_t *total) {
    uint32_t by, shift = 0;
    if (!scale) return TS_OK;
    while (shift < 31 && UINT32_C(1) << shift != scale)
        shift++;
    bool is_power = UINT32_C(1) << shift == scale;
    if (scale != 1) {
        TS_TRY(append_constant(r, is_power ? shift : scale, &by));
        TS_TRY(append_op(r, is_power ? CODE_LSHL : CODE_MUL, reg, by, &reg));
    }
    if (*total) return append_op(r, CODE_ADD, *total, reg, total);
    *total = reg;
    return TS_OK;
}

/* A symbol or a place in the frame takes the constant part. */
static ts_status begin_pointer(reducer *r, group *g) {
    sum s = g->address;
    uint32_t start, total = 0;
    const code_inst *base = code_def(&r->defs, g->base);
    bool is_known = base && base->op == CODE_SET && code_is_constant(&base->from[0]);
    if (s.variable && begins_with(r, s.variable, &start))
        s.constant += start * s.scale;
    else if (s.variable)
        TS_TRY(append_term(r, s.variable, s.scale, &total));
    for (uint32_t i = 0; i < s.n_rest; i++)
        TS_TRY(append_term(r, s.rest[i].reg, s.rest[i].scale, &total));
    code_inst inst = {.op = CODE_MOVE_POINTER,
                      .value = (int32_t)s.constant,
                      .from = {code_virtual_operand(g->base), code_virtual_operand(total)}};
    int32_t constant = (int32_t)s.constant;
    if (is_known && !total && constant > -MAX_START && constant < MAX_START) {
        inst = (code_inst){.op = CODE_SET, .from = {base->from[0]}};
        inst.from[0].value += constant;
    }
    inst.to = code_virtual_operand(g->pointer);
    return append(r, inst);
}

/* Behind the variable's step. */
static ts_status append_step(reducer *r, const group *g) {
    code_block *latch = r->loop->latch;
    uint32_t variable = g->address.variable, at = 0, by = 0, total = 0;
    if (!variable || !g->address.scale) return TS_OK;
    for (uint32_t i = 0; i < latch->n_insts; i++)
        if (latch->insts[i].to.kind == CODE_VIRTUAL && latch->insts[i].to.reg == variable) at = i;
    const code_inst *step = &latch->insts[at];
    code_inst inst = {.op = CODE_MOVE_POINTER,
                      .to = code_virtual_operand(g->pointer),
                      .from = {code_virtual_operand(g->pointer)}};
    if (step->op == CODE_ADD_IMMEDIATE) {
        inst.value = (int32_t)((uint32_t)step->value * g->address.scale);
        return code_insert(r->k, latch, at + 1, inst);
    }
    by = step->from[1].reg;
    int32_t known;
    if (code_known(&r->defs, by, &known)) {
        inst.value = (int32_t)((uint32_t)known * g->address.scale);
        return code_insert(r->k, latch, at + 1, inst);
    }
    TS_TRY(append_term(r, by, g->address.scale, &total));
    inst.from[1] = code_virtual_operand(total);
    return code_insert(r->k, latch, at + 1, inst);
}

/* Before any step is put in, as places of the loop are compared. */
static void use_pointers(reducer *r) {
    sum s;
    for (uint32_t i = 0; i < r->f->n_blocks; i++) {
        code_block *block = r->f->blocks[i];
        if (block->loop != r->loop) continue;
        for (uint32_t j = 0; j < block->n_insts; j++) {
            if (!find_sum(r, block, j, &s)) continue;
            code_inst *inst = &block->insts[j];
            const group *g = group_of(r, inst->from[0].reg, &s);
            if (!g) continue;
            inst->from[0] = code_virtual_operand(g->pointer);
            inst->from[1] = (code_operand){0};
            inst->value = (int32_t)(s.constant - g->address.constant);
        }
    }
}

ts_status code_reduce_strength(coder *k, code_function *f, const code_loop *loop) {
    reducer r = {.k = k, .f = f, .loop = loop};
    if (!loop->latch || loop->has_calls) return TS_OK;
    TS_TRY(begin(&r));
    uint32_t taken = count_pointers(&r);
    if (taken >= MAX_GROUPS) return TS_OK;
    collect(&r, MAX_GROUPS - taken);
    for (uint32_t i = 0; i < r.n_groups; i++) {
        r.groups[i].pointer = code_new_register(k, CODE_POINTER);
        if (!r.groups[i].pointer) return ts_fail_nomem(k->c.diag);
    }
    /* the tables are of the registers before those */
    use_pointers(&r);
    for (uint32_t i = 0; i < r.n_groups; i++) {
        TS_TRY(begin_pointer(&r, &r.groups[i]));
        TS_TRY(append_step(&r, &r.groups[i]));
    }
    return TS_OK;
}
