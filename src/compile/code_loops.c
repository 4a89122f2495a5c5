/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Loops: tests at their end, what does not change in them in front of them, several rounds at once.
 */
#include "code_int.h"

#include <stdlib.h>

enum {
    MAX_HEAD = 8,      /* instructions of a test that is written twice */
    MAX_UNROLLED = 96, /* instructions of a body, times rounds */
    MAX_ROUNDS = 32,
    MAX_GROWTH = 512, /* instructions more, of a program */
};

/* ---- tests ----------------------------------------------------------------------------------- */

/* Registers that only `block` knows get new names in its copy. */
static ts_status rename_inside(coder *k, code_function *f, const code_block *block,
                               uint32_t **out) {
    uint32_t n = f->n_virtuals, *to = TS_ARENA_ARRAY(k->c.arena, uint32_t, n);
    uint8_t *is_outside = TS_ARENA_ARRAY(k->c.arena, uint8_t, n);
    code_operand *o;
    *out = to;
    if (!to || !is_outside) return ts_fail_nomem(k->c.diag);
    for (uint32_t i = 0; i < f->n_blocks; i++) {
        code_block *other = f->blocks[i];
        if (other == block) continue;
        for (uint32_t j = 0; j < other->n_insts; j++) {
            for (uint32_t m = 0; (o = code_read(&other->insts[j], m)); m++)
                if (o->kind == CODE_VIRTUAL) is_outside[o->reg] = 1;
            for (uint32_t m = 0; (o = code_write(&other->insts[j], m)); m++)
                if (o->kind == CODE_VIRTUAL) is_outside[o->reg] = 1;
        }
        for (uint32_t j = 0; j < other->n_results; j++)
            if (other->results[j].from.kind == CODE_VIRTUAL)
                is_outside[other->results[j].from.reg] = 1;
        if (other->n_next == 2) is_outside[other->condition] = 1;
    }
    for (uint32_t i = 0; i < block->n_insts; i++) {
        const code_inst *inst = &block->insts[i];
        if (inst->to.kind != CODE_VIRTUAL || is_outside[inst->to.reg] || to[inst->to.reg]) continue;
        to[inst->to.reg] = code_new_register(k, f->virtuals[inst->to.reg].class);
        if (!to[inst->to.reg]) return ts_fail_nomem(k->c.diag);
    }
    return TS_OK;
}

static void rename_operand(code_operand *o, const uint32_t *to) {
    if (o->kind == CODE_VIRTUAL && to[o->reg]) o->reg = to[o->reg];
}

/* The head's test once more, where the loop goes back. */
static ts_status copy_test(coder *k, code_function *f, const code_block *head, code_block *latch) {
    uint32_t *to;
    TS_TRY(rename_inside(k, f, head, &to));
    for (uint32_t i = 0; i < head->n_insts; i++) {
        code_inst inst = head->insts[i];
        rename_operand(&inst.to, to);
        for (unsigned j = 0; j < 3; j++)
            rename_operand(&inst.from[j], to);
        TS_TRY(code_insert(k, latch, latch->n_insts, inst));
    }
    latch->n_next = 2;
    latch->next[0] = head->next[0];
    latch->next[1] = head->next[1];
    latch->condition = to[head->condition] ? to[head->condition] : head->condition;
    return TS_OK;
}

static bool is_rotated(const code_loop *loop) {
    const code_block *head = loop->head, *latch = loop->latch;
    if (!latch || latch == head || latch->n_next != 1 || head->n_next != 2) return true;
    if (code_is_inside(loop, head->next[0]) == code_is_inside(loop, head->next[1])) return true;
    if (head->n_insts > MAX_HEAD) return true;
    for (uint32_t i = 0; i < head->n_insts; i++)
        if (head->insts[i].n_copies || head->insts[i].n_results ||
            head->insts[i].op == CODE_ACQUIRE || head->insts[i].op == CODE_RELEASE)
            return true;
    return false;
}

ts_status code_rotate_loops(coder *k, code_function *f) {
    code_loop *loops;
    uint32_t n;
    TS_TRY(code_find_loops(k, f, &loops, &n));
    for (uint32_t i = 0; i < n; i++)
        if (!is_rotated(&loops[i])) TS_TRY(copy_test(k, f, loops[i].head, loops[i].latch));
    return n ? code_clean_flow(k, f) : TS_OK;
}

/* ---- what does not change -------------------------------------------------------------------- */

typedef struct hoister {
    coder *k;
    code_function *f;
    const code_loop *loop;
    code_defs defs;
    uint32_t *inside; /* how often each register is written in the loop */
    uint32_t *to;     /* new names: of constants that are there already */
} hoister;

static void count_inside(hoister *h) {
    code_operand *o;
    for (uint32_t i = 0; i < h->f->n_blocks; i++) {
        code_block *block = h->f->blocks[i];
        if (!code_is_inside(h->loop, block)) continue;
        for (uint32_t j = 0; j < block->n_insts; j++)
            for (uint32_t n = 0; (o = code_write(&block->insts[j], n)); n++)
                if (o->kind == CODE_VIRTUAL) h->inside[o->reg]++;
    }
}

static bool is_same_constant(const code_operand *a, const code_operand *b) {
    return a->kind == b->kind && a->value == b->value && a->symbol == b->symbol;
}

static bool sets_constant(const code_inst *inst) {
    return inst->op == CODE_SET && code_is_constant(&inst->from[0]) &&
           inst->to.kind == CODE_VIRTUAL;
}

/* How often the loop asks for a constant. */
static uint32_t count_same(const hoister *h, const code_inst *wanted) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < h->f->n_blocks; i++) {
        const code_block *block = h->f->blocks[i];
        for (uint32_t j = 0; code_is_inside(h->loop, block) && j < block->n_insts; j++)
            n += sets_constant(&block->insts[j]) &&
                 is_same_constant(&block->insts[j].from[0], &wanted->from[0]);
    }
    return n;
}

/* The register that has the constant in front of the loop already. */
static uint32_t find_same(const hoister *h, const code_inst *wanted) {
    const code_block *before = h->loop->before;
    for (uint32_t i = 0; i < before->n_insts; i++) {
        const code_inst *inst = &before->insts[i];
        if (!sets_constant(inst) || !sets_constant(wanted)) continue;
        if (h->defs.n[inst->to.reg] != 1 || !is_same_constant(&inst->from[0], &wanted->from[0]))
            continue;
        if (h->f->virtuals[inst->to.reg].class == h->f->virtuals[wanted->to.reg].class)
            return inst->to.reg;
    }
    return 0;
}

/* Over calls registers are few: there a constant stays where it is, unless it is met again. */
static bool is_worth_it(const hoister *h, const code_inst *inst) {
    bool is_pointer = h->f->virtuals[inst->to.reg].class == CODE_POINTER;
    if (!h->loop->has_calls) return true;
    if (is_pointer) return false;
    return !sets_constant(inst) || count_same(h, inst) > 1 || find_same(h, inst);
}

static bool can_hoist(const hoister *h, const code_inst *inst) {
    if (!code_is_pure(inst) || h->defs.n[inst->to.reg] != 1) return false;
    for (unsigned i = 0; i < 3; i++)
        if (inst->from[i].kind == CODE_VIRTUAL && h->inside[inst->from[i].reg]) return false;
    return is_worth_it(h, inst);
}

static ts_status hoist_one(hoister *h, code_block *block, uint32_t at) {
    code_inst inst = block->insts[at];
    uint32_t same = find_same(h, &inst);
    code_remove(block, at);
    h->inside[inst.to.reg] = 0;
    h->to[inst.to.reg] = same;
    return same ? TS_OK : code_insert(h->k, h->loop->before, h->loop->before->n_insts, inst);
}

static ts_status hoist_from(hoister *h, code_block *block, bool *changed) {
    for (uint32_t i = 0; i < block->n_insts; i++) {
        if (!can_hoist(h, &block->insts[i])) continue;
        TS_TRY(hoist_one(h, block, i--));
        *changed = true;
    }
    return TS_OK;
}

ts_status code_hoist(coder *k, code_function *f, const code_loop *loop) {
    hoister h = {.k = k, .f = f, .loop = loop};
    bool changed = true;
    TS_TRY(code_find_defs(k, f, &h.defs));
    h.inside = TS_ARENA_ARRAY(k->c.arena, uint32_t, f->n_virtuals + 1);
    h.to = TS_ARENA_ARRAY(k->c.arena, uint32_t, f->n_virtuals + 1);
    if (!h.inside || !h.to) return ts_fail_nomem(k->c.diag);
    count_inside(&h);
    while (changed) {
        changed = false;
        for (uint32_t i = 0; i < f->n_blocks; i++)
            if (code_is_inside(loop, f->blocks[i])) TS_TRY(hoist_from(&h, f->blocks[i], &changed));
    }
    code_rename(f, h.to);
    return TS_OK;
}

/* ---- several rounds at once ------------------------------------------------------------------ */

typedef struct unroller {
    coder *k;
    code_function *f;
    uint32_t growth;
} unroller;

/* The one place outside where the counter begins. */
static code_inst *find_start(const unroller *u, const code_block *block) {
    code_inst *found = NULL;
    for (uint32_t i = 0; i < u->f->n_blocks; i++) {
        code_block *other = u->f->blocks[i];
        for (uint32_t j = 0; other != block && j < other->n_insts; j++) {
            code_inst *inst = &other->insts[j];
            if (inst->to.kind != CODE_VIRTUAL || inst->to.reg != block->counter) continue;
            if (found || inst->op != CODE_SET || inst->from[0].kind != CODE_IMMEDIATE) return NULL;
            found = inst;
        }
    }
    return found;
}

/* Where the counter goes down: its only mention in the body. */
static bool find_step(code_block *block, uint32_t *out) {
    uint32_t n = 0;
    code_operand *o;
    for (uint32_t i = 0; i < block->n_insts; i++) {
        bool is_met = false;
        for (uint32_t j = 0; (o = code_read(&block->insts[i], j)); j++)
            is_met |= o->kind == CODE_VIRTUAL && o->reg == block->counter;
        for (uint32_t j = 0; (o = code_write(&block->insts[i], j)); j++)
            is_met |= o->kind == CODE_VIRTUAL && o->reg == block->counter;
        if (!is_met) continue;
        if (block->insts[i].op != CODE_ADD_IMMEDIATE || block->insts[i].value != -1) return false;
        *out = i;
        n++;
    }
    return n == 1;
}

/* How many rounds become one. A rest is written out behind the loop, so it should be worth it. */
static uint32_t choose_rounds(const unroller *u, uint32_t size, uint32_t rounds) {
    uint32_t best = 1, most = size ? MAX_UNROLLED / size : 0;
    if (most > MAX_ROUNDS) most = MAX_ROUNDS;
    for (uint32_t n = 2; n <= most && n <= rounds; n++) {
        uint32_t copies = n - 1 + rounds % n;
        bool fits =
            u->growth + copies * size <= MAX_GROWTH && (n + rounds % n) * size <= 2 * MAX_UNROLLED;
        if (fits && (rounds % n == 0 || n - best > 2)) best = n;
    }
    return best;
}

/* Each round has its own lists of copies. */
static ts_status append_one(unroller *u, code_block *to, code_inst inst) {
    code_copy *copies = TS_ARENA_ARRAY(u->k->c.arena, code_copy, inst.n_copies + 1);
    if (!copies) return ts_fail_nomem(u->k->c.diag);
    for (uint32_t i = 0; i < inst.n_copies; i++)
        copies[i] = inst.copies[i];
    inst.copies = copies;
    return code_insert(u->k, to, to->n_insts, inst);
}

static ts_status append_rounds(unroller *u, code_block *to, const code_inst *body, uint32_t size,
                               uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t j = 0; j < size; j++)
            TS_TRY(append_one(u, to, body[j]));
    return TS_OK;
}

/* The rest, between the loop and what is behind it. */
static ts_status append_rest(unroller *u, code_block *block, const code_inst *body, uint32_t size,
                             uint32_t n) {
    code_block *rest;
    TS_TRY(code_add_block(u->k, u->f, block->index + 1, &rest));
    for (uint32_t i = block->index + 1; i < u->f->n_blocks; i++)
        u->f->blocks[i]->index = i;
    rest->n_next = 1;
    rest->next[0] = block->next[1];
    block->next[1] = rest;
    return append_rounds(u, rest, body, size, n);
}

static ts_status unroll_block(unroller *u, code_block *block) {
    uint32_t step = 0, rounds = block->rounds;
    if (!block->counter || block->n_next != 2 || block->next[0] != block || block->next[1] == block)
        return TS_OK;
    code_inst *start = find_start(u, block);
    if (!start || !find_step(block, &step)) return TS_OK;
    for (uint32_t i = 0; i < block->n_insts; i++)
        if (block->insts[i].op == CODE_CALL) return TS_OK;
    uint32_t size = block->n_insts - 1, n = choose_rounds(u, size, rounds);
    if (n == 1) return TS_OK;
    code_inst less = block->insts[step];
    code_inst *body = TS_ARENA_ARRAY(u->k->c.arena, code_inst, size);
    if (!body) return ts_fail_nomem(u->k->c.diag);
    code_remove(block, step);
    for (uint32_t i = 0; i < size; i++)
        body[i] = block->insts[i];
    TS_TRY(append_rounds(u, block, body, size, n - 1));
    u->growth += (n - 1 + rounds % n) * size;
    start->from[0].value = (int32_t)(rounds / n);
    if (rounds % n) TS_TRY(append_rest(u, block, body, size, rounds % n));
    block->rounds = rounds / n;
    if (rounds / n > 1) return code_insert(u->k, block, block->n_insts, less);
    block->next[0] = block->next[1];
    block->n_next = 1;
    block->counter = 0;
    return TS_OK;
}

ts_status code_unroll(coder *k, code_function *f) {
    unroller u = {.k = k, .f = f, .growth = k->growth};
    for (uint32_t i = 0; i < f->n_blocks; i++)
        f->blocks[i]->index = i;
    for (uint32_t i = 0; i < f->n_blocks; i++)
        TS_TRY(unroll_block(&u, f->blocks[i]));
    k->growth = u.growth;
    return code_remove_dead(k, f);
}
