/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Registers: where virtual ones live, and linear scan over that. A virtual register lives from its
 * first place to its last one; what finds no register lies in the frame all its life.
 *
 * Instruction n reads at place 2n and writes at 2n + 1, so its result can have the register of an
 * operand that ends there. A call changes registers in between.
 */
#include "code_int.h"

#include <stdlib.h>
#include <string.h>

enum {
    MAX_LIVE_WORDS = 1 << 22, /* of all blocks together */
    N_GENERAL = 32,
    MASKS = 16,    /* and 17: of lanes, in functions that have some */
    MAX_DEPTH = 5, /* of loops that count */
};

/* What code may put values into. r27 to r31 and p5 are for what it does in between; r25, r26 have
 * meanings of their own, x10 and x11 are for vectors in between. What a callee keeps is marked.
 * src: llvm-aie: llvm/lib/Target/AIE/AIE2CallingConv.td, CSR_AIE2 [code] */
static const struct {
    uint8_t reg;
    bool is_kept;
} order[] = {
    {0, false},  {1, false},  {2, false},  {3, false},  {4, false},  {5, false},  {6, false},
    {7, false},  {8, false},  {9, false},  {10, false}, {11, false}, {12, false}, {13, false},
    {14, false}, {15, false}, {24, false}, {16, true},  {17, true},  {18, true},  {19, true},
    {20, true},  {21, true},  {22, true},  {23, true},  {32, false}, {33, false}, {34, false},
    {35, false}, {36, false}, {38, true},  {39, true},  {40, false}, {41, false}, {42, false},
    {43, false}, {44, false}, {45, false}, {46, false}, {47, false}, {48, false}, {49, false},
};

enum {
    N_ORDER = sizeof order / sizeof *order
};

/* ---- who lives where ------------------------------------------------------------------------- */

typedef struct walk {
    code_function *f;
    uint32_t *live; /* at the place of the walk, which goes backwards */
    uint32_t n_words;
    uint32_t place;
    uint32_t weight; /* of what is met here */
    bool notes;      /* places are noted */
} walk;

static void weigh(walk *w, uint32_t reg) {
    code_virtual *v = &w->f->virtuals[reg];
    v->weight += w->weight;
}

static void stretch(walk *w, uint32_t reg, uint32_t place) {
    code_virtual *v = &w->f->virtuals[reg];
    if (place < v->from) v->from = place;
    if (place > v->to) v->to = place;
}

static void reads(walk *w, code_operand o) {
    if (o.kind != CODE_VIRTUAL) return;
    w->live[o.reg / 32] |= UINT32_C(1) << o.reg % 32;
    if (!w->notes) return;
    stretch(w, o.reg, 2 * w->place);
    weigh(w, o.reg);
}

static void writes(walk *w, code_operand o) {
    if (o.kind != CODE_VIRTUAL) return;
    w->live[o.reg / 32] &= ~(UINT32_C(1) << o.reg % 32);
    if (!w->notes) return;
    stretch(w, o.reg, 2 * w->place + 1);
    weigh(w, o.reg);
}

static void visit(walk *w, code_inst *inst) {
    code_operand *o;
    for (uint32_t i = 0; (o = code_write(inst, i)); i++)
        writes(w, *o);
    for (uint32_t i = 0; (o = code_read(inst, i)); i++)
        reads(w, *o);
}

static void stretch_live(walk *w, uint32_t place) {
    for (uint32_t i = 1; i < w->f->n_virtuals; i++)
        if (w->live[i / 32] >> i % 32 & 1) stretch(w, i, place);
}

static void visit_block(walk *w, code_block *block) {
    memset(w->live, 0, w->n_words * sizeof *w->live);
    for (uint32_t i = 0; i < block->n_next; i++)
        for (uint32_t j = 0; j < w->n_words; j++)
            w->live[j] |= block->next[i]->live[j];
    if (w->notes) stretch_live(w, 2 * block->last + 1);
    w->place = block->last;
    w->weight = UINT32_C(1) << 3 * (block->depth < MAX_DEPTH ? block->depth : MAX_DEPTH);
    if (block->n_next == 2) reads(w, code_virtual_operand(block->condition));
    for (uint32_t i = 0; i < block->n_results; i++)
        reads(w, block->results[i].from);
    for (uint32_t i = block->n_insts; i-- > 0;) {
        w->place--;
        visit(w, &block->insts[i]);
    }
    if (w->notes) stretch_live(w, 2 * block->first);
}

/* Until nothing changes. */
static ts_status find_live(coder *k, code_function *f) {
    walk w = {.f = f, .n_words = f->n_virtuals / 32 + 1};
    bool changed = true;
    if ((uint64_t)w.n_words * f->n_blocks > MAX_LIVE_WORDS)
        return ts_fail(k->c.diag, TS_RANGE, k->c.design->file, "function %s is too large", f->name);
    w.live = TS_ARENA_ARRAY(k->c.arena, uint32_t, w.n_words);
    if (!w.live) return ts_fail_nomem(k->c.diag);
    for (uint32_t i = 0; i < f->n_blocks; i++) {
        f->blocks[i]->live = TS_ARENA_ARRAY(k->c.arena, uint32_t, w.n_words);
        if (!f->blocks[i]->live) return ts_fail_nomem(k->c.diag);
    }
    while (changed) {
        changed = false;
        for (uint32_t i = f->n_blocks; i-- > 0;) {
            visit_block(&w, f->blocks[i]);
            size_t size = w.n_words * sizeof *w.live;
            if (memcmp(w.live, f->blocks[i]->live, size) == 0) continue;
            memcpy(f->blocks[i]->live, w.live, size);
            changed = true;
        }
    }
    w.notes = true;
    for (uint32_t i = 0; i < f->n_blocks; i++)
        visit_block(&w, f->blocks[i]);
    return TS_OK;
}

/* ---- blocks that nothing reaches, numbers, calls --------------------------------------------- */

static ts_status reach(coder *k, code_function *f) {
    code_block **list = TS_ARENA_ARRAY(k->c.arena, code_block *, f->n_made + 1);
    uint32_t n = 0;
    if (!list) return ts_fail_nomem(k->c.diag);
    list[n++] = f->blocks[0];
    f->blocks[0]->is_reached = true;
    while (n) {
        code_block *block = list[--n];
        for (uint32_t i = 0; i < block->n_next; i++)
            if (!block->next[i]->is_reached) {
                block->next[i]->is_reached = true;
                list[n++] = block->next[i];
            }
    }
    uint32_t kept = 0;
    for (uint32_t i = 0; i < f->n_blocks; i++)
        if (f->blocks[i]->is_reached) f->blocks[kept++] = f->blocks[i];
    f->n_blocks = kept;
    return TS_OK;
}

static void number(code_function *f) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < f->n_blocks; i++) {
        f->blocks[i]->first = n;
        n += f->blocks[i]->n_insts;
        f->blocks[i]->last = n++;
    }
    for (uint32_t i = 0; i < f->n_virtuals; i++)
        f->virtuals[i].from = UINT32_MAX;
}

/* Who lives over a call: by how many calls there are in front of each number. */
static ts_status note_calls(coder *k, code_function *f) {
    const code_block *last = f->blocks[f->n_blocks - 1];
    uint32_t *before = TS_ARENA_ARRAY(k->c.arena, uint32_t, (size_t)last->last + 2), n = 0;
    if (!before) return ts_fail_nomem(k->c.diag);
    for (uint32_t i = 0; i < f->n_blocks; i++) {
        const code_block *block = f->blocks[i];
        for (uint32_t j = 0; j < block->n_insts; j++) {
            before[block->first + j] = n;
            n += block->insts[j].op == CODE_CALL;
        }
        before[block->last] = n;
    }
    before[last->last + 1] = n;
    f->has_calls = n;
    for (uint32_t i = 1; i < f->n_virtuals; i++) {
        code_virtual *v = &f->virtuals[i];
        /* calls at numbers c with from < 2c < to */
        if (v->from != UINT32_MAX && v->from / 2 + 1 <= (v->to + 1) / 2)
            v->over_call = before[(v->to + 1) / 2] != before[v->from / 2 + 1];
    }
    return TS_OK;
}

/* ---- hints ----------------------------------------------------------------------------------- */

static void hint(code_function *f, code_operand a, code_operand b) {
    if (a.kind != CODE_VIRTUAL || (b.kind != CODE_VIRTUAL && b.kind != CODE_FIXED)) return;
    if (!f->virtuals[a.reg].hint)
        f->virtuals[a.reg].hint = b.kind == CODE_FIXED ? ~(int32_t)b.reg : (int32_t)b.reg;
}

static void hint_copies(code_function *f, const code_copy *copies, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        hint(f, copies[i].to, copies[i].from);
        hint(f, copies[i].from, copies[i].to);
    }
}

static void find_hints(code_function *f) {
    for (uint32_t i = 0; i < f->n_blocks; i++) {
        const code_block *block = f->blocks[i];
        for (uint32_t j = 0; j < block->n_insts; j++) {
            const code_inst *inst = &block->insts[j];
            hint_copies(f, inst->copies, inst->n_copies);
            hint_copies(f, inst->results, inst->n_results);
            if (inst->op == CODE_SET) {
                hint(f, inst->to, inst->from[0]);
                hint(f, inst->from[0], inst->to);
            }
        }
        hint_copies(f, block->results, block->n_results);
    }
}

/* ---- linear scan ----------------------------------------------------------------------------- */

typedef struct scan {
    code_function *f;
    uint32_t holds[CODE_N_FIXED]; /* virtual register that is in each; 0: none */
} scan;

static bool fits(const scan *s, const code_virtual *v, size_t i) {
    uint8_t reg = order[i].reg;
    code_class class = reg >= CODE_X0     ? CODE_VECTOR
                       : reg >= N_GENERAL ? CODE_POINTER
                                          : CODE_GENERAL;
    if (s->f->has_masks && (reg == MASKS || reg == MASKS + 1)) return false;
    return class == v->class && (order[i].is_kept || !v->over_call);
}

static bool is_free(const scan *s, const code_virtual *v, uint32_t reg) {
    uint32_t holder = s->holds[reg];
    return !holder || s->f->virtuals[holder].to < v->from;
}

static int32_t hinted(const scan *s, const code_virtual *v) {
    int32_t reg = v->hint < 0 ? ~v->hint : v->hint ? s->f->virtuals[v->hint].fixed : -1;
    for (size_t i = 0; reg >= 0 && i < N_ORDER; i++)
        if (order[i].reg == reg && fits(s, v, i) && is_free(s, v, (uint32_t)reg)) return reg;
    return -1;
}

/* A free register: the first that the function need not keep, or has to keep already. */
static int32_t find_free(const scan *s, const code_virtual *v) {
    int32_t reg = hinted(s, v);
    for (size_t i = 0; reg < 0 && i < N_ORDER; i++)
        if (fits(s, v, i) && is_free(s, v, order[i].reg)) reg = order[i].reg;
    return reg;
}

/* What a register is worth to a value: how often it is met, by how long it takes the register. What
 * can be made again is worth less. */
static uint64_t worth(const code_virtual *v) {
    uint64_t value = ((uint64_t)v->weight << 16) / (v->to - v->from + 1);
    return v->constant.kind == CODE_NONE ? value : value / 4;
}

/* The register that is worth the least, if that is less than to `v`. */
static int32_t evict(scan *s, const code_virtual *v) {
    int32_t best = -1;
    uint64_t least = worth(v);
    for (size_t i = 0; i < N_ORDER; i++) {
        const code_virtual *holder = &s->f->virtuals[s->holds[order[i].reg]];
        if (!fits(s, v, i) || worth(holder) >= least) continue;
        best = order[i].reg;
        least = worth(holder);
    }
    return best;
}

/* What has one value all its life, which an instruction can make. */
static ts_status find_constants(coder *k, code_function *f) {
    code_defs defs;
    TS_TRY(code_find_defs(k, f, &defs));
    for (uint32_t i = 1; i < f->n_virtuals; i++) {
        const code_inst *inst = code_def(&defs, i);
        if (!inst || inst->op != CODE_SET || inst->to.kind != CODE_VIRTUAL) continue;
        if (inst->from[0].kind == CODE_IMMEDIATE || inst->from[0].kind == CODE_SYMBOL)
            f->virtuals[i].constant = inst->from[0];
    }
    return TS_OK;
}

static void to_frame(code_function *f, code_virtual *v) {
    v->fixed = -1;
    if (v->class != CODE_VECTOR) {
        if (v->constant.kind == CODE_NONE) v->slot = f->slots++;
        return;
    }
    v->slot = CODE_IN_ROOM + f->room / 4;
    f->room += CODE_VECTOR_BYTES;
}

static void assign(scan *s, uint32_t number_of) {
    code_virtual *v = &s->f->virtuals[number_of];
    int32_t reg = find_free(s, v);
    if (reg < 0) {
        reg = evict(s, v);
        if (reg >= 0) to_frame(s->f, &s->f->virtuals[s->holds[reg]]);
    }
    if (reg < 0) {
        to_frame(s->f, v);
        return;
    }
    v->fixed = reg;
    s->holds[reg] = number_of;
    s->f->used |= UINT64_C(1) << reg;
}

typedef struct start {
    uint32_t from, reg;
} start;

static int by_start(const void *a, const void *b) {
    const start *x = a, *y = b;
    if (x->from != y->from) return x->from < y->from ? -1 : 1;
    return x->reg < y->reg ? -1 : x->reg > y->reg;
}

ts_status code_allocate(coder *k, code_function *f) {
    start *starts;
    scan s = {.f = f};
    uint32_t n = 0;
    TS_TRY(reach(k, f));
    if (f->has_masks) f->used |= UINT64_C(3) << MASKS;
    number(f);
    TS_TRY(find_live(k, f));
    TS_TRY(note_calls(k, f));
    find_hints(f);
    TS_TRY(find_constants(k, f));
    starts = TS_ARENA_ARRAY(k->c.arena, start, f->n_virtuals);
    if (!starts) return ts_fail_nomem(k->c.diag);
    for (uint32_t i = 1; i < f->n_virtuals; i++)
        if (f->virtuals[i].from != UINT32_MAX) starts[n++] = (start){f->virtuals[i].from, i};
    if (n) qsort(starts, n, sizeof *starts, by_start);
    for (uint32_t i = 0; i < n; i++)
        assign(&s, starts[i].reg);
    return TS_OK;
}
