/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * What hand-written bundles get wrong when nothing interlocks.
 *
 * One pass over the bundles, a cycle each. Every access of a register is kept for as long as it can
 * matter, in a ring, chained by undivided register; a new op is compared with what the chains of
 * its own registers hold, and with the ops of the last bundles for ports, memory and jumps. Code is
 * taken to run straight on: past labels and past jumps that may fall through. Behind the delay
 * slots of a jump that never falls through, and of a call, whatever was in flight has landed, so
 * nothing is known there. Not looked at: the ways over a jump to its target, from the end of a loop
 * to its start, and how far before its end a loop is set up.
 */
#include "tessera/aie2.h"

#include "effects.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    RING = (AIE2_HORIZON + 1) * TS_AIE2_MAX_OPS * 64,
    N_EFFECTS = AIE2_HORIZON * TS_AIE2_MAX_OPS,
    MAX_SWAPS = 64, /* in suspense */
    MAX_MISSING = 2 * AIE2_HORIZON,
};

/* Access number i (from 1) lies in ring[i % RING]. */
typedef struct record {
    aie2_access access;
    uint8_t op;
    uint32_t bundle;
    uint64_t previous; /* number of the one before it, of the same unit; 0: none */
} record;

/* An older write landing behind a younger: meant when somebody reads the younger one in between. */
typedef struct swap {
    ts_aie2_hazard hazard;
    uint8_t unit;
    uint32_t from, to; /* reads in these cycles see the younger write */
} swap;

/* What the ops of a bundle do all in all, so that most pairs need no look. */
typedef struct summary {
    uint32_t ports; /* a bit each, taken or kept clear of */
    uint8_t last;   /* cycle in which the last of them is let go */
    bool has_fence, has_memory;
} summary;

typedef struct checker {
    const ts_aie2_placed *bundles;
    ts_arena *arena;
    ts_aie2_hazards *out;
    size_t capacity;
    bool failed;
    uint32_t start; /* bundle from which on something is known */
    uint32_t jump;  /* the last jump + 1; 0: none */
    bool jump_goes; /* it never falls through, or is a call */
    record *ring;
    uint64_t *newest; /* by unit */
    uint32_t *reach;  /* by unit: from this bundle on, no access so far can be in the way */
    uint64_t n_records;
    swap swaps[MAX_SWAPS];
    unsigned n_swaps;
    aie2_effects *effects;           /* of the last AIE2_HORIZON bundles, by bundle and op */
    summary summaries[AIE2_HORIZON]; /* of the same bundles */
} checker;

static aie2_effects *effects_at(const checker *c, uint32_t bundle, unsigned op) {
    return &c->effects[bundle % AIE2_HORIZON * TS_AIE2_MAX_OPS + op];
}

/* ---- reporting ----------------------------------------------------------------------------------
 */

static bool is_same(const ts_aie2_hazard *a, const ts_aie2_hazard *b) {
    return a->kind == b->kind && a->first == b->first && a->second == b->second &&
           a->first_op == b->first_op && a->second_op == b->second_op;
}

/* Two ops are named once for a kind, with the largest distance, whatever they have in common. */
static void report(checker *c, const ts_aie2_hazard *hazard) {
    if (c->bundles[hazard->first].is_quiet || c->bundles[hazard->second].is_quiet) return;
    for (size_t i = c->out->n_items; i-- > 0 && i + 64 > c->out->n_items;) {
        ts_aie2_hazard *other = &c->out->items[i];
        if (other->second + 2 * AIE2_HORIZON < hazard->second) break;
        if (!is_same(other, hazard)) continue;
        if (other->missing < hazard->missing) *other = *hazard;
        return;
    }
    ts_aie2_hazard *grown =
        ts_arena_room(c->arena, c->out->items, c->out->n_items, &c->capacity, sizeof *grown);
    if (!grown) {
        c->failed = true;
        return;
    }
    c->out->items = grown;
    c->out->items[c->out->n_items++] = *hazard;
}

/* ---- registers ----------------------------------------------------------------------------------
 */

static uint32_t cycle_of(const record *r) {
    return r->bundle + r->access.cycle;
}

static bool sees(const record *read, const record *write) {
    return (int)read->bundle - (int)write->bundle >=
           aie2_true_distance(&write->access, &read->access);
}

static ts_aie2_hazard between(ts_aie2_hazard_kind kind, const record *first, const record *second,
                              int missing) {
    return (ts_aie2_hazard){.kind = kind,
                            .first = first->bundle,
                            .second = second->bundle,
                            .first_op = first->op,
                            .second_op = second->op,
                            .reg = ts_aie2_unit_registers[first->access.unit],
                            .missing = (uint8_t)missing};
}

/* The distance that `second` lacks behind `first`. */
static int lacking(const record *first, const record *second, int distance) {
    return distance - (int)(second->bundle - first->bundle);
}

static void suspend_swap(checker *c, const record *older, const record *younger) {
    int missing = lacking(older, younger, aie2_output_distance(&older->access, &younger->access));
    ts_aie2_hazard hazard = between(TS_AIE2_HAZARD_WRITES_SWAPPED, older, younger, missing);
    if (c->n_swaps == MAX_SWAPS) return;
    c->swaps[c->n_swaps++] = (swap){hazard, older->access.unit, cycle_of(younger), cycle_of(older)};
}

/* A read that sees the younger write but not the older: the order was meant. */
static void allow_swaps(checker *c, const record *read) {
    for (unsigned i = 0; i < c->n_swaps;) {
        const swap *s = &c->swaps[i];
        if (s->unit == read->access.unit && cycle_of(read) > s->from && cycle_of(read) <= s->to)
            c->swaps[i] = c->swaps[--c->n_swaps];
        else
            i++;
    }
}

static void settle_swaps(checker *c, uint32_t cycle) {
    for (unsigned i = 0; i < c->n_swaps;) {
        if (c->swaps[i].to >= cycle) {
            i++;
            continue;
        }
        report(c, &c->swaps[i].hazard);
        c->swaps[i] = c->swaps[--c->n_swaps];
    }
}

/* `new` against what an older op, or another of its bundle, does with the same unit. `shadowed`: a
 * write between the two is the one that a read means. */
static void compare(checker *c, const record *old, const record *new, bool shadowed) {
    bool together = old->bundle == new->bundle;
    const aie2_access *a = &old->access, *b = &new->access;
    ts_aie2_hazard hazard;
    if (a->is_write && !b->is_write) {
        if (shadowed && !a->is_sticky) return;
        if (together != sees(new, old)) return;
        if (together)
            hazard = between(TS_AIE2_HAZARD_READ_LATE, new, old,
                             lacking(new, old, aie2_anti_distance(b, a)));
        else
            hazard = between(TS_AIE2_HAZARD_READ_EARLY, old, new,
                             lacking(old, new, aie2_true_distance(a, b)));
        report(c, &hazard);
    } else if (!a->is_write && b->is_write) {
        if (!sees(old, new)) return;
        hazard = between(TS_AIE2_HAZARD_READ_LATE, old, new,
                         lacking(old, new, aie2_anti_distance(a, b)));
        report(c, &hazard);
    } else if (a->is_write && !(a->is_sticky && b->is_sticky)) {
        if (cycle_of(old) == cycle_of(new)) {
            hazard = between(TS_AIE2_HAZARD_WRITES_MEET, old, new, 1);
            report(c, &hazard);
        } else if (!together && cycle_of(old) > cycle_of(new)) {
            suspend_swap(c, old, new);
        }
    }
}

/* Newest first, down to what has landed or, as the ring is finite, is overwritten. */
static void compare_with_chain(checker *c, const record *new) {
    bool shadowed = false;
    uint32_t last_write = UINT32_MAX;
    uint64_t number = c->newest[new->access.unit];
    if (new->bundle >= c->reach[new->access.unit]) return;
    while (number && number + RING > c->n_records) {
        const record *old = &c->ring[number % RING];
        if (old->bundle + AIE2_HORIZON < new->bundle || old->bundle < c->start) break;
        if (old->bundle != new->bundle || old->op != new->op) {
            shadowed = last_write != UINT32_MAX && last_write != old->bundle;
            compare(c, old, new, shadowed);
            if (old->access.is_write && old->bundle < new->bundle &&last_write == UINT32_MAX)
                last_write = old->bundle;
        }
        number = old->previous;
    }
}

static void add_accesses(checker *c, uint32_t bundle, unsigned op) {
    const aie2_effects *effects = effects_at(c, bundle, op);
    for (unsigned i = 0; i < effects->n_accesses; i++) {
        const aie2_access *access = &effects->accesses[i];
        record new = {*access, (uint8_t)op, bundle, c->newest[access->unit]};
        compare_with_chain(c, &new);
        if (!access->is_write) allow_swaps(c, &new);
        if (c->reach[access->unit] < cycle_of(&new)) c->reach[access->unit] = cycle_of(&new);
        c->newest[access->unit] = ++c->n_records;
        c->ring[c->n_records % RING] = new;
    }
}

/* ---- ports, memory, jumps -----------------------------------------------------------------------
 */

static void compare_ports(checker *c, ts_aie2_hazard hazard, const aie2_effects *first,
                          const aie2_effects *second) {
    int distance = (int)(hazard.second - hazard.first);
    int port = aie2_port_clash(first->timing, second->timing, distance);
    if (port < 0) return;
    int missing = 1;
    while (missing < MAX_MISSING &&
           aie2_port_clash(first->timing, second->timing, distance + missing) >= 0)
        missing++;
    bool part_word = port == TS_AIE2_PORT_PART_WORD_STORE;
    hazard.kind = part_word ? TS_AIE2_HAZARD_PART_WORD : TS_AIE2_HAZARD_PORT;
    hazard.port = (uint8_t)port;
    hazard.missing = (uint8_t)missing;
    report(c, &hazard);
}

/* The stack is shared with nobody. */
static bool is_on_stack(const aie2_effects *effects) {
    for (unsigned i = 0; i < effects->row->n_implicit; i++)
        if (!strcmp(ts_aie2_registers[effects->row->implicit[i].reg].name, "SP")) return true;
    return false;
}

static void compare_fences(checker *c, ts_aie2_hazard hazard, const aie2_effects *first,
                           const aie2_effects *second) {
    bool met = (first->is_fence && second->first_memory && !is_on_stack(second)) ||
               (first->last_memory && second->is_fence && !is_on_stack(first));
    int missing = aie2_fence_distance(first, second) - (int)(hazard.second - hazard.first);
    if (!met || missing <= 0) return;
    hazard.kind = TS_AIE2_HAZARD_LOCK;
    hazard.missing = (uint8_t)missing;
    report(c, &hazard);
}

static void summarize(const aie2_effects *effects, summary *s) {
    for (unsigned i = 0; i < effects->timing->n_ports; i++) {
        const ts_aie2_port_use *use = &effects->timing->ports[i];
        if (use->is_presumed) continue;
        s->ports |= UINT32_C(1) << use->port;
        if (s->last < use->last) s->last = use->last;
    }
    s->has_fence |= effects->is_fence;
    s->has_memory |= effects->last_memory > 0;
}

static bool may_meet(const summary *first, const summary *second, uint32_t distance) {
    return (first->ports & second->ports && distance < first->last) ||
           (first->has_fence && second->has_memory) || (first->has_memory && second->has_fence);
}

static void compare_with_bundle(checker *c, uint32_t first_bundle, uint32_t bundle, unsigned op) {
    bool together = first_bundle == bundle;
    unsigned n_ops = together ? op : c->bundles[first_bundle].bundle.n_ops;
    const aie2_effects *second = effects_at(c, bundle, op);
    for (unsigned i = 0; i < n_ops; i++) {
        const aie2_effects *first = effects_at(c, first_bundle, i);
        ts_aie2_hazard hazard = {.first = first_bundle,
                                 .second = bundle,
                                 .first_op = (uint8_t)i,
                                 .second_op = (uint8_t)op};
        compare_ports(c, hazard, first, second);
        /* In one bundle there is no order; a lock beside a store is kept from no one. */
        if (!together) compare_fences(c, hazard, first, second);
    }
}

static void compare_ops(checker *c, uint32_t bundle, unsigned op) {
    uint32_t first = bundle >= AIE2_HORIZON ? bundle - AIE2_HORIZON + 1 : 0;
    summary mine = {0}, *all = &c->summaries[bundle % AIE2_HORIZON];
    summarize(effects_at(c, bundle, op), &mine);
    for (uint32_t b = first < c->start ? c->start : first; b <= bundle; b++)
        if (may_meet(&c->summaries[b % AIE2_HORIZON], &mine, bundle - b))
            compare_with_bundle(c, b, bundle, op);
    summarize(effects_at(c, bundle, op), all);
}

/* The conditional jumps test a general register; none of the others reads one. */
static bool falls_through(const ts_aie2_instruction *row, const ts_aie2_op *op) {
    for (unsigned i = 0; i < row->n_operands; i++)
        if (row->operands[i].is_register && row->operands[i].read_cycle &&
            ts_aie2_registers[op->values[i]].bank == TS_AIE2_BANK_r)
            return true;
    return false;
}

static void find_jump(checker *c, uint32_t bundle, unsigned op) {
    const ts_aie2_instruction *row = effects_at(c, bundle, op)->row;
    if (!(row->flags & TS_AIE2_JUMPS)) return;
    if (c->jump && bundle - (c->jump - 1) <= TS_AIE2_DELAY_SLOTS && c->jump - 1 >= c->start) {
        ts_aie2_hazard hazard = {.kind = TS_AIE2_HAZARD_JUMP,
                                 .first = c->jump - 1,
                                 .second = bundle,
                                 .second_op = (uint8_t)op};
        const ts_aie2_bundle *first = &c->bundles[hazard.first].bundle;
        while (hazard.first_op + 1 < first->n_ops &&
               !(effects_at(c, hazard.first, hazard.first_op)->row->flags & TS_AIE2_JUMPS))
            hazard.first_op++;
        hazard.missing = (uint8_t)(TS_AIE2_DELAY_SLOTS + 1 - (bundle - hazard.first));
        report(c, &hazard);
        return;
    }
    c->jump = bundle + 1;
    c->jump_goes = !falls_through(row, &c->bundles[bundle].bundle.ops[op]);
}

/* ---- all bundles --------------------------------------------------------------------------------
 */

static void begin_bundle(checker *c, uint32_t bundle) {
    bool after_jump = c->jump && c->jump_goes && bundle == c->jump + TS_AIE2_DELAY_SLOTS;
    if (c->bundles[bundle].is_start || after_jump) {
        settle_swaps(c, UINT32_MAX);
        c->start = bundle;
        c->jump = 0;
    }
    settle_swaps(c, bundle + 1);
}

static void check_bundle(checker *c, uint32_t number) {
    const ts_aie2_bundle *bundle = &c->bundles[number].bundle;
    begin_bundle(c, number);
    c->summaries[number % AIE2_HORIZON] = (summary){0};
    for (unsigned i = 0; i < bundle->n_ops; i++) {
        aie2_effects_of(&bundle->ops[i], effects_at(c, number, i));
        if (effects_at(c, number, i)->is_nop) continue;
        add_accesses(c, number, i);
        compare_ops(c, number, i);
        find_jump(c, number, i);
    }
}

static int by_place(const void *a, const void *b) {
    const ts_aie2_hazard *x = a, *y = b;
    if (x->second != y->second) return x->second < y->second ? -1 : 1;
    if (x->first != y->first) return x->first < y->first ? -1 : 1;
    if (x->second_op != y->second_op) return x->second_op < y->second_op ? -1 : 1;
    if (x->first_op != y->first_op) return x->first_op < y->first_op ? -1 : 1;
    return (x->kind > y->kind) - (x->kind < y->kind);
}

ts_status ts_aie2_find_hazards(ts_arena *arena, const ts_aie2_placed *bundles, size_t n_bundles,
                               ts_aie2_hazards *out, ts_diag *diag) {
    *out = (ts_aie2_hazards){0};
    checker *c = TS_ARENA_NEW(arena, checker);
    if (!c) return ts_fail_nomem(diag);
    c->bundles = bundles;
    c->arena = arena;
    c->out = out;
    c->ring = TS_ARENA_ARRAY(arena, record, RING);
    c->newest = TS_ARENA_ARRAY(arena, uint64_t, ts_aie2_n_units);
    c->reach = TS_ARENA_ARRAY(arena, uint32_t, ts_aie2_n_units);
    c->effects = TS_ARENA_ARRAY(arena, aie2_effects, N_EFFECTS);
    if (!c->ring || !c->newest || !c->reach || !c->effects) return ts_fail_nomem(diag);
    for (uint32_t i = 0; i < n_bundles; i++)
        check_bundle(c, i);
    settle_swaps(c, UINT32_MAX);
    if (c->failed) return ts_fail_nomem(diag);
    if (out->n_items) qsort(out->items, out->n_items, sizeof *out->items, by_place);
    return TS_OK;
}

/* ---- text ---------------------------------------------------------------------------------------
 */

static const char *mnemonic_at(const ts_aie2_placed *placed, unsigned op) {
    return ts_aie2_instructions[placed->bundle.ops[op].instruction].mnemonic;
}

void ts_aie2_hazard_text(const ts_aie2_placed *bundles, const ts_aie2_hazard *hazard, char *out,
                         size_t size) {
#define X(constant, text) text,
    static const char *const texts[] = {TS_AIE2_HAZARD_LIST(X)};
#undef X
#define X(name) #name,
    static const char *const ports[] = {TS_AIE2_PORT_LIST(X)};
#undef X
    const ts_aie2_placed *first = &bundles[hazard->first];
    char where[32];
    if (first->line)
        snprintf(where, sizeof where, "line %" PRIu32, first->line);
    else
        snprintf(where, sizeof where, "address 0x%" PRIx32, first->address);
    const char *subject = mnemonic_at(&bundles[hazard->second], hazard->second_op);
    if (hazard->reg) subject = ts_aie2_registers[hazard->reg].text;
    if (hazard->kind == TS_AIE2_HAZARD_PORT) subject = ports[hazard->port];
    snprintf(out, size, "%s%s %s: %u more bundle%s behind %s (%s)",
             hazard->kind == TS_AIE2_HAZARD_PORT ? "port " : "", subject, texts[hazard->kind],
             hazard->missing, hazard->missing == 1 ? "" : "s", mnemonic_at(first, hazard->first_op),
             where);
}
