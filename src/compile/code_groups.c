/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Accesses that move their pointer, and which accesses share no memory: those of different symbols,
 * and those at different distances from one pointer where nothing else touches its symbol.
 */
#include "code_int.h"

#include <string.h>

enum {
    LAST_GROUP = 254 /* the assembler has one more: code_emit.c, for what it puts into the frame */
};

/* ---- steps ----------------------------------------------------------------------------------- */

/* What [p], #imm holds. src: llvm-aie: llvm/lib/Target/AIE/AIE2GenInstrFormats.td, post-modify
 * forms [code] */
static bool is_short_step(const code_inst *inst, int32_t step) {
    if (inst->bits == 32) return step % 4 == 0 && step >= -256 && step <= 252;
    return step >= -8 && step <= 7;
}

static bool has_pointer(code_inst *inst, uint32_t reg) {
    code_operand *o;
    for (uint32_t i = 0; (o = code_read(inst, i)); i++)
        if (o->kind == CODE_VIRTUAL && o->reg == reg) return true;
    for (uint32_t i = 0; (o = code_write(inst, i)); i++)
        if (o->kind == CODE_VIRTUAL && o->reg == reg) return true;
    return false;
}

static bool is_step(const code_inst *inst) {
    return inst->op == CODE_MOVE_POINTER && inst->from[1].kind == CODE_NONE && inst->value &&
           inst->to.kind == CODE_VIRTUAL && inst->from[0].kind == CODE_VIRTUAL &&
           inst->to.reg == inst->from[0].reg;
}

/* The last access by the pointer in front of its step takes it. */
static bool fold(code_block *block, uint32_t at) {
    uint32_t reg = block->insts[at].to.reg;
    int32_t step = block->insts[at].value;
    for (uint32_t i = at; i-- > 0;) {
        code_inst *inst = &block->insts[i];
        if (!has_pointer(inst, reg)) continue;
        if ((inst->op != CODE_LOAD && inst->op != CODE_STORE) || inst->step || inst->value)
            return false;
        if (inst->from[1].kind != CODE_NONE || inst->from[0].kind != CODE_VIRTUAL) return false;
        if (inst->from[0].reg != reg || !is_short_step(inst, step)) return false;
        inst->step = step;
        return true;
    }
    return false;
}

void code_fold_steps(code_function *f) {
    for (uint32_t i = 0; i < f->n_blocks; i++) {
        code_block *block = f->blocks[i];
        for (uint32_t j = 0; j < block->n_insts; j++)
            if (is_step(&block->insts[j]) && fold(block, j)) code_remove(block, j--);
    }
}

/* ---- where pointers point -------------------------------------------------------------------- */

enum {
    OPEN,    /* not seen yet */
    UNKNOWN, /* anywhere */
    FRAME,   /* the room of memref.alloca */
    FIRST_SYMBOL
};

typedef struct grouper {
    coder *k;
    code_function *f;
    uint32_t *origin; /* of each register: one of the above, or FIRST_SYMBOL + n */
    const char **symbols;
    uint32_t n_symbols;
} grouper;

/* A design may place buffers over each other, which is only warned of. */
static bool overlaps(grouper *g, const ts_op *a, const ts_op *b) {
    comp_tile of_a, of_b;
    int64_t at_a = ts_op_integer(a, "address", -1), at_b = ts_op_integer(b, "address", -1);
    if (comp_tile_of(&g->k->c, a, &of_a) != TS_OK || comp_tile_of(&g->k->c, b, &of_b) != TS_OK)
        return true;
    if (of_a.column != of_b.column || of_a.row != of_b.row) return false;
    return at_a < at_b + (int64_t)comp_memref_bytes(b->results[0].type) &&
           at_b < at_a + (int64_t)comp_memref_bytes(a->results[0].type);
}

/* Globals are placed by the linker. */
static bool is_alone(grouper *g, const char *name) {
    const ts_op *device = g->k->c.device, *buffer = ts_symbol_find(device, name);
    if (!buffer || buffer->code != TS_OP_AIE_BUFFER) return true;
    for (const ts_op *op = ts_op_child(device, TS_OP_AIE_BUFFER, NULL); op;
         op = ts_op_child(device, TS_OP_AIE_BUFFER, op))
        if (op != buffer && overlaps(g, op, buffer)) return false;
    return true;
}

static uint32_t symbol_number(grouper *g, const char *name) {
    for (uint32_t i = 0; i < g->n_symbols; i++)
        if (strcmp(g->symbols[i], name) == 0) return FIRST_SYMBOL + i;
    if (FIRST_SYMBOL + g->n_symbols >= LAST_GROUP || !is_alone(g, name)) return UNKNOWN;
    g->symbols[g->n_symbols] = name;
    return FIRST_SYMBOL + g->n_symbols++;
}

static uint32_t origin_of(grouper *g, const code_operand *o) {
    if (o->kind == CODE_SYMBOL) return symbol_number(g, o->symbol);
    if (o->kind == CODE_FRAME) return FRAME;
    return o->kind == CODE_VIRTUAL ? g->origin[o->reg] : UNKNOWN;
}

static bool meet(grouper *g, const code_operand *to, uint32_t origin) {
    if (to->kind != CODE_VIRTUAL || origin == OPEN) return false;
    uint32_t *mine = &g->origin[to->reg], before = *mine;
    *mine = *mine == OPEN || *mine == origin ? origin : UNKNOWN;
    return *mine != before;
}

static bool follow(grouper *g, code_inst *inst) {
    bool changed = false;
    if (inst->op == CODE_SET || inst->op == CODE_MOVE_POINTER)
        return meet(g, &inst->to, origin_of(g, &inst->from[0]));
    if (inst->op == CODE_COPY) {
        for (uint32_t i = 0; i < inst->n_copies; i++)
            changed |= meet(g, &inst->copies[i].to, origin_of(g, &inst->copies[i].from));
        return changed;
    }
    changed = meet(g, &inst->to, UNKNOWN);
    for (uint32_t i = 0; i < inst->n_results; i++)
        changed |= meet(g, &inst->results[i].to, UNKNOWN);
    return changed;
}

/* ---- one block ------------------------------------------------------------------------------- */

static bool is_access(const code_inst *inst) {
    return inst->op == CODE_LOAD || inst->op == CODE_STORE;
}

static uint32_t access_origin(const grouper *g, const code_inst *inst) {
    return inst->from[0].kind == CODE_VIRTUAL ? g->origin[inst->from[0].reg] : UNKNOWN;
}

typedef struct piece {
    int64_t from, to;
} piece;

enum {
    MAX_PIECES = 64
};

typedef struct pieces {
    piece list[MAX_PIECES];
    uint32_t n;
} pieces;

/* The number of a piece of memory; false: it lies across another, or there are too many. */
static bool find_piece(pieces *p, piece wanted, uint32_t *out) {
    for (uint32_t i = 0; i < p->n; i++) {
        const piece *other = &p->list[i];
        *out = i;
        if (other->from == wanted.from && other->to == wanted.to) return true;
        if (other->from < wanted.to && wanted.from < other->to) return false;
    }
    if (p->n == MAX_PIECES) return false;
    *out = p->n;
    p->list[p->n++] = wanted;
    return true;
}

/* Both loads and stores; else their order costs nothing. */
static bool is_mixed(const grouper *g, const code_block *block, uint32_t origin) {
    bool loads = false, stores = false;
    for (uint32_t i = 0; i < block->n_insts; i++) {
        const code_inst *inst = &block->insts[i];
        if (!is_access(inst) || access_origin(g, inst) != origin) continue;
        loads |= inst->op == CODE_LOAD;
        stores |= inst->op == CODE_STORE;
    }
    return loads && stores;
}

/* All accesses of `origin` in the block are by one pointer, which moves by what is known: each
 * piece gets a group, from `first` on, and 0 is given back where that is not so. */
static uint32_t split(const grouper *g, code_block *block, uint32_t origin, uint32_t first,
                      bool writes) {
    pieces p = {.n = 0};
    uint32_t reg = 0, number = 0;
    int64_t distance = 0;
    for (uint32_t i = 0; i < block->n_insts; i++) {
        code_inst *inst = &block->insts[i];
        if (is_access(inst) && access_origin(g, inst) == origin) {
            if (!reg) reg = inst->from[0].reg;
            if (inst->from[0].reg != reg || inst->from[1].kind != CODE_NONE) return 0;
            const piece here = {distance + inst->value, distance + inst->value + inst->bits / 8};
            if (!find_piece(&p, here, &number) || first + number > LAST_GROUP) return 0;
            if (writes) inst->group = (uint8_t)(first + number);
            distance += inst->step;
        } else if (reg && is_step(inst) && inst->to.reg == reg) {
            distance += inst->value;
        } else if (reg) {
            code_operand *o;
            for (uint32_t n = 0; (o = code_write(inst, n)); n++)
                if (o->kind == CODE_VIRTUAL && o->reg == reg) return 0;
        }
    }
    return p.n;
}

/* A pointer whose symbol is not known may point anywhere, so those stay in group 0. */
static void group_block(grouper *g, code_block *block) {
    uint32_t next = 1;
    uint8_t done[LAST_GROUP + 1] = {0};
    for (uint32_t i = 0; i < block->n_insts; i++) {
        uint32_t origin = access_origin(g, &block->insts[i]);
        if (!is_access(&block->insts[i]) || origin <= UNKNOWN || done[origin]) continue;
        done[origin] = 1;
        bool is_split = is_mixed(g, block, origin);
        uint32_t n = is_split ? split(g, block, origin, next, false) : 0;
        if (n) {
            split(g, block, origin, next, true);
            next += n;
            continue;
        }
        if (next > LAST_GROUP) return;
        for (uint32_t j = i; j < block->n_insts; j++)
            if (is_access(&block->insts[j]) && access_origin(g, &block->insts[j]) == origin)
                block->insts[j].group = (uint8_t)next;
        next++;
    }
}

ts_status code_find_groups(coder *k, code_function *f) {
    grouper g = {.k = k, .f = f};
    bool changed = true;
    g.origin = TS_ARENA_ARRAY(k->c.arena, uint32_t, f->n_virtuals + 1);
    g.symbols = TS_ARENA_ARRAY(k->c.arena, const char *, LAST_GROUP);
    if (!g.origin || !g.symbols) return ts_fail_nomem(k->c.diag);
    while (changed) {
        changed = false;
        for (uint32_t i = 0; i < f->n_blocks; i++)
            for (uint32_t j = 0; j < f->blocks[i]->n_insts; j++)
                changed |= follow(&g, &f->blocks[i]->insts[j]);
    }
    for (uint32_t i = 0; i < f->n_blocks; i++)
        group_block(&g, f->blocks[i]);
    return TS_OK;
}
