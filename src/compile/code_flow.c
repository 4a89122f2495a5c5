/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Blocks: branches that are decided, blocks that belong together, blocks without anything; loops.
 *
 * A loop is what reaches, backwards, from where control goes back to where it goes back to. It
 * counts as one when it is entered there only.
 */
#include "code_int.h"

#include <stdlib.h>
#include <string.h>

enum {
    MAX_LOOPS = 512
};

/* ---- edges ----------------------------------------------------------------------------------- */

/* Blocks that are reached, numbered; how many edges lead to each. */
static ts_status count_edges(coder *k, code_function *f) {
    code_block **list = TS_ARENA_ARRAY(k->c.arena, code_block *, f->n_made + 1);
    uint32_t n = 0, kept = 0;
    if (!list) return ts_fail_nomem(k->c.diag);
    for (uint32_t i = 0; i < f->n_blocks; i++) {
        f->blocks[i]->n_before = 0;
        f->blocks[i]->is_reached = false;
    }
    list[n++] = f->blocks[0];
    f->blocks[0]->is_reached = true;
    while (n) {
        code_block *block = list[--n];
        for (uint32_t i = 0; i < block->n_next; i++) {
            block->next[i]->n_before++;
            if (block->next[i]->is_reached) continue;
            block->next[i]->is_reached = true;
            list[n++] = block->next[i];
        }
    }
    for (uint32_t i = 0; i < f->n_blocks; i++)
        if (f->blocks[i]->is_reached) {
            f->blocks[i]->index = kept;
            f->blocks[kept++] = f->blocks[i];
        }
    f->n_blocks = kept;
    return TS_OK;
}

/* ---- less blocks ----------------------------------------------------------------------------- */

static void go(code_block *block, code_block *to) {
    block->next[0] = to;
    block->n_next = 1;
    block->counter = 0;
}

static bool decide(code_function *f, const code_defs *defs) {
    bool changed = false;
    int32_t value;
    for (uint32_t i = 0; i < f->n_blocks; i++) {
        code_block *block = f->blocks[i];
        if (block->n_next != 2) continue;
        bool is_known = code_known(defs, block->condition, &value);
        if (!is_known && block->next[0] != block->next[1]) continue;
        go(block, block->next[is_known && !value]);
        changed = true;
    }
    return changed;
}

static bool is_empty(const code_block *block) {
    return !block->n_insts && block->n_next == 1 && block->next[0] != block;
}

/* Past blocks without anything; a circle of them stays. */
static bool skip_empty(code_function *f) {
    bool changed = false;
    for (uint32_t i = 0; i < f->n_blocks; i++)
        for (uint32_t j = 0; j < f->blocks[i]->n_next; j++) {
            code_block *to = f->blocks[i]->next[j];
            if (!is_empty(to) || to->next[0] == f->blocks[i]) continue;
            if (is_empty(to->next[0])) continue;
            f->blocks[i]->next[j] = to->next[0];
            changed = true;
        }
    return changed;
}

static ts_status append(coder *k, code_block *block, const code_block *from) {
    for (uint32_t i = 0; i < from->n_insts; i++)
        TS_TRY(code_insert(k, block, block->n_insts, from->insts[i]));
    return TS_OK;
}

/* What only one block leads to, and that nowhere else, is part of it. */
static ts_status join(coder *k, code_function *f, bool *changed) {
    for (uint32_t i = 0; i < f->n_blocks; i++) {
        code_block *block = f->blocks[i], *next = block->next[0];
        if (!block->is_reached || block->n_next != 1) continue;
        if (next == block || next == f->blocks[0] || next->n_before != 1) continue;
        TS_TRY(append(k, block, next));
        memcpy(block->next, next->next, sizeof block->next);
        block->n_next = next->n_next;
        block->condition = next->condition;
        block->results = next->results;
        block->n_results = next->n_results;
        block->counter = next->counter;
        block->rounds = next->rounds;
        next->is_reached = false;
        next->n_next = 0;
        next->n_insts = 0;
        *changed = true;
        i--; /* once more with what follows now */
    }
    return TS_OK;
}

ts_status code_clean_flow(coder *k, code_function *f) {
    code_defs defs;
    bool changed = true;
    while (changed) {
        TS_TRY(count_edges(k, f));
        TS_TRY(code_find_defs(k, f, &defs));
        changed = decide(f, &defs) || skip_empty(f);
        if (changed) continue;
        TS_TRY(join(k, f, &changed));
    }
    return TS_OK;
}

/* ---- loops ----------------------------------------------------------------------------------- */

bool code_is_inside(const code_loop *loop, const code_block *block) {
    return loop->inside[block->index / 32] >> block->index % 32 & 1;
}

static void include(code_loop *loop, const code_block *block) {
    loop->inside[block->index / 32] |= UINT32_C(1) << block->index % 32;
    loop->n_blocks++;
}

typedef struct back_edge {
    code_block *from, *to;
} back_edge;

typedef struct finder {
    coder *k;
    code_function *f;
    code_block **stack;
    uint8_t *state;      /* 0 not met, 1 on the way, 2 done */
    uint8_t *n_taken;    /* edges of each block on the way */
    code_block **before; /* of each block, from first_before[index] on */
    uint32_t *first_before;
    code_loop *loops;
    uint32_t n;
} finder;

static ts_status list_before(finder *w) {
    code_function *f = w->f;
    uint32_t n = 0;
    w->first_before = TS_ARENA_ARRAY(w->k->c.arena, uint32_t, f->n_blocks + 1);
    w->before = TS_ARENA_ARRAY(w->k->c.arena, code_block *, (size_t)2 * f->n_blocks);
    if (!w->first_before || !w->before) return ts_fail_nomem(w->k->c.diag);
    for (uint32_t i = 0; i < f->n_blocks; i++) {
        w->first_before[i] = n;
        n += f->blocks[i]->n_before;
        f->blocks[i]->n_before = 0;
    }
    w->first_before[f->n_blocks] = n;
    for (uint32_t i = 0; i < f->n_blocks; i++)
        for (uint32_t j = 0; j < f->blocks[i]->n_next; j++) {
            code_block *to = f->blocks[i]->next[j];
            w->before[w->first_before[to->index] + to->n_before++] = f->blocks[i];
        }
    return TS_OK;
}

static code_loop *loop_at(finder *w, code_block *head) {
    for (uint32_t i = 0; i < w->n; i++)
        if (w->loops[i].head == head) return &w->loops[i];
    if (w->n == MAX_LOOPS) return NULL;
    code_loop *loop = &w->loops[w->n];
    *loop = (code_loop){.head = head};
    loop->inside = TS_ARENA_ARRAY(w->k->c.arena, uint32_t, w->f->n_blocks / 32 + 1);
    if (!loop->inside) return NULL;
    w->n++;
    include(loop, head);
    return loop;
}

/* All that leads to the latch without the head. */
static void fill(finder *w, code_loop *loop, code_block *latch) {
    uint32_t n = 0;
    loop->latch = loop->n_latches++ ? NULL : latch;
    if (!code_is_inside(loop, latch)) {
        include(loop, latch);
        w->stack[n++] = latch;
    }
    while (n) {
        const code_block *block = w->stack[--n];
        for (uint32_t i = w->first_before[block->index]; i < w->first_before[block->index + 1];
             i++) {
            if (code_is_inside(loop, w->before[i])) continue;
            include(loop, w->before[i]);
            w->stack[n++] = w->before[i];
        }
    }
}

/* Depth first; an edge to a block on the way goes back. Both of each
 * such edge are noted. */
static void find_back_edges(finder *w, back_edge *edges, uint32_t *n_edges) {
    uint32_t n = 0;
    w->stack[n++] = w->f->blocks[0];
    w->state[0] = 1;
    while (n) {
        code_block *block = w->stack[n - 1];
        if (w->n_taken[block->index] == block->n_next) {
            w->state[block->index] = 2;
            n--;
            continue;
        }
        code_block *to = block->next[w->n_taken[block->index]++];
        if (w->state[to->index] == 1) {
            edges[(*n_edges)++] = (back_edge){block, to};
        } else if (!w->state[to->index]) {
            w->state[to->index] = 1;
            w->stack[n++] = to;
        }
    }
}

static int by_size(const void *a, const void *b) {
    const code_loop *x = a, *y = b;
    if (x->n_blocks != y->n_blocks) return x->n_blocks < y->n_blocks ? -1 : 1;
    return x->head->index < y->head->index ? -1 : x->head->index > y->head->index;
}

/* What is known of a loop besides its blocks. */
static void describe(const finder *w, code_loop *loop) {
    uint32_t index = loop->head->index, n_outside = 0;
    code_block *outside = NULL;
    for (uint32_t i = w->first_before[index]; i < w->first_before[index + 1]; i++) {
        if (code_is_inside(loop, w->before[i])) continue;
        outside = w->before[i];
        n_outside++;
    }
    loop->before = n_outside == 1 && outside->n_next == 1 ? outside : NULL;
    for (uint32_t i = 0; i < w->f->n_blocks; i++) {
        code_block *block = w->f->blocks[i];
        if (!code_is_inside(loop, block)) continue;
        block->depth++;
        if (!block->loop) block->loop = loop;
        for (uint32_t j = 0; j < block->n_insts; j++)
            loop->has_calls |= block->insts[j].op == CODE_CALL;
    }
}

static ts_status begin(finder *w) {
    ts_arena *arena = w->k->c.arena;
    uint32_t n = w->f->n_blocks;
    w->stack = TS_ARENA_ARRAY(arena, code_block *, n + 1);
    w->state = TS_ARENA_ARRAY(arena, uint8_t, n);
    w->n_taken = TS_ARENA_ARRAY(arena, uint8_t, n);
    w->loops = TS_ARENA_ARRAY(arena, code_loop, MAX_LOOPS);
    if (!w->stack || !w->state || !w->n_taken || !w->loops) return ts_fail_nomem(w->k->c.diag);
    for (uint32_t i = 0; i < n; i++) {
        w->f->blocks[i]->depth = 0;
        w->f->blocks[i]->loop = NULL;
    }
    return list_before(w);
}

static ts_status find(coder *k, code_function *f, code_loop **out, uint32_t *n_out) {
    finder w = {.k = k, .f = f};
    uint32_t n_edges = 0;
    TS_TRY(count_edges(k, f));
    back_edge *edges = TS_ARENA_ARRAY(k->c.arena, back_edge, (size_t)2 * f->n_blocks);
    if (!edges) return ts_fail_nomem(k->c.diag);
    TS_TRY(begin(&w));
    find_back_edges(&w, edges, &n_edges);
    for (uint32_t i = 0; i < n_edges; i++) {
        code_loop *loop = loop_at(&w, edges[i].to);
        if (loop) fill(&w, loop, edges[i].from);
    }
    /* One that holds where the function begins is entered elsewhere. */
    for (uint32_t i = 0; i < w.n; i++)
        if (code_is_inside(&w.loops[i], f->blocks[0])) w.loops[i--] = w.loops[--w.n];
    if (w.n) qsort(w.loops, w.n, sizeof *w.loops, by_size);
    for (uint32_t i = 0; i < w.n; i++)
        describe(&w, &w.loops[i]);
    *out = w.loops;
    *n_out = w.n;
    return TS_OK;
}

ts_status code_add_block(coder *k, code_function *f, uint32_t index, code_block **out) {
    code_block **grown =
        ts_arena_room(k->c.arena, f->blocks, f->n_blocks, &f->block_capacity, sizeof *grown);
    *out = TS_ARENA_NEW(k->c.arena, code_block);
    if (!grown || !*out) return ts_fail_nomem(k->c.diag);
    (*out)->number = f->n_made++;
    f->blocks = grown;
    memmove(grown + index + 1, grown + index, (f->n_blocks++ - index) * sizeof *grown);
    grown[index] = *out;
    return TS_OK;
}

static uint32_t place_of(const code_function *f, const code_block *block) {
    uint32_t i = 0;
    while (f->blocks[i] != block)
        i++;
    return i;
}

/* A block in front of a loop that all come through who come from outside. */
static ts_status put_before(coder *k, code_function *f, code_loop *loop) {
    uint32_t n = f->n_blocks;
    code_block *before, **all = TS_ARENA_ARRAY(k->c.arena, code_block *, n);
    if (!all) return ts_fail_nomem(k->c.diag);
    memcpy(all, f->blocks, n * sizeof *all);
    TS_TRY(code_add_block(k, f, place_of(f, loop->head), &before));
    before->index = UINT32_MAX; /* new */
    for (uint32_t i = 0; i < n; i++) {
        bool is_outside = all[i]->index == UINT32_MAX || !code_is_inside(loop, all[i]);
        for (uint32_t j = 0; is_outside && j < all[i]->n_next; j++)
            if (all[i]->next[j] == loop->head) all[i]->next[j] = before;
    }
    before->next[0] = loop->head;
    before->n_next = 1;
    return TS_OK;
}

ts_status code_find_loops(coder *k, code_function *f, code_loop **out, uint32_t *n) {
    bool changed = false;
    TS_TRY(find(k, f, out, n));
    for (uint32_t i = 0; i < *n; i++) {
        if ((*out)[i].before) continue;
        TS_TRY(put_before(k, f, &(*out)[i]));
        changed = true;
    }
    return changed ? find(k, f, out, n) : TS_OK;
}
