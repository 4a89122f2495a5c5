/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * List scheduling of a region: bundles that do what its ops do one after another.
 *
 * Ops are taken in the order of their height (the longest way to the end of the region), each only
 * when all it depends on has its place, and put into the first cycle where its distances hold, its
 * slot goes with those taken, and its ports are free. Distances may be negative, so an op can land
 * before one that was placed earlier. A jump is placed so that the region ends with its delay
 * slots; the others are then placed around it. No software pipelining, nothing across regions.
 */
#include "tessera/aie2.h"

#include "schedule.h"

#include <inttypes.h>
#include <string.h>

enum {
    JUMP_TRIES = 8, /* cycles for the jump that are tried before it is put where there is room */
};

typedef struct cycle_use {
    uint8_t slots;          /* bit per ts_aie2_slot */
    uint32_t held, shunned; /* bit per ts_aie2_port */
} cycle_use;

typedef struct placing {
    const schedule_graph *graph;
    cycle_use *table;
    uint32_t n_cycles; /* of the table */
    uint32_t *cycle;   /* of issue, by node */
    int32_t *earliest;
    uint32_t *missing; /* edges from ops that have no place yet */
    uint32_t *heap;    /* of ops that miss none */
    uint32_t n_heap;
} placing;

_Static_assert(TS_AIE2_N_PORTS <= 32, "ports are bits of a uint32_t");

/* ---- a heap, the highest op first, then the first in program order ------------------------------
 */

static bool comes_first(const schedule_graph *graph, uint32_t a, uint32_t b) {
    int32_t height_a = graph->nodes[a].height, height_b = graph->nodes[b].height;
    return height_a != height_b ? height_a > height_b : a < b;
}

static void heap_push(placing *p, uint32_t node) {
    uint32_t at = p->n_heap++;
    while (at && comes_first(p->graph, node, p->heap[(at - 1) / 2])) {
        p->heap[at] = p->heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    p->heap[at] = node;
}

static uint32_t heap_pop(placing *p) {
    uint32_t top = p->heap[0], node = p->heap[--p->n_heap], at = 0;
    for (;;) {
        uint32_t child = 2 * at + 1;
        if (child >= p->n_heap) break;
        if (child + 1 < p->n_heap && comes_first(p->graph, p->heap[child + 1], p->heap[child]))
            child++;
        if (!comes_first(p->graph, p->heap[child], node)) break;
        p->heap[at] = p->heap[child];
        at = child;
    }
    p->heap[at] = node;
    return top;
}

/* ---- reservations -------------------------------------------------------------------------------
 */

static bool fits(const placing *p, const schedule_node *node, uint32_t at) {
    unsigned slots = p->table[at].slots, bit = 1u << node->slot;
    if (slots & bit || ts_aie2_choose_format(slots | bit) < 0) return false;
    for (unsigned i = 0; i < node->timing->n_ports; i++) {
        const ts_aie2_port_use *use = &node->timing->ports[i];
        uint32_t port = 1u << use->port;
        for (uint32_t t = at + use->first - 1; t < at + use->last; t++)
            if (p->table[t].held & port || (!use->avoids && p->table[t].shunned & port))
                return false;
    }
    return true;
}

static void reserve(placing *p, uint32_t number, uint32_t at) {
    const schedule_node *node = &p->graph->nodes[number];
    p->cycle[number] = at;
    p->table[at].slots |= (uint8_t)(1u << node->slot);
    for (unsigned i = 0; i < node->timing->n_ports; i++) {
        const ts_aie2_port_use *use = &node->timing->ports[i];
        for (uint32_t t = at + use->first - 1; t < at + use->last; t++)
            *(use->avoids ? &p->table[t].shunned : &p->table[t].held) |= 1u << use->port;
    }
}

/* ---- placing ------------------------------------------------------------------------------------
 */

/* What follows a placed op may come no earlier than this. */
static void release(placing *p, uint32_t number) {
    const schedule_graph *graph = p->graph;
    int32_t at = (int32_t)p->cycle[number];
    for (uint32_t e = graph->nodes[number].first_edge; e != SCHEDULE_NONE;
         e = graph->edges[e].next) {
        uint32_t to = graph->edges[e].to;
        int32_t distance = graph->edges[e].distance;
        if (p->earliest[to] < at + distance) p->earliest[to] = at + distance;
        if (--p->missing[to] == 0 && to != graph->jump) heap_push(p, to);
    }
}

static void begin(placing *p) {
    const schedule_graph *graph = p->graph;
    memset(p->table, 0, p->n_cycles * sizeof *p->table);
    p->n_heap = 0;
    for (uint32_t i = 0; i < graph->n_nodes; i++) {
        p->cycle[i] = SCHEDULE_NONE;
        p->earliest[i] = 0;
        p->missing[i] = graph->nodes[i].n_before;
    }
    for (uint32_t i = 0; i < graph->n_nodes; i++)
        if (!graph->nodes[i].is_nop && !p->missing[i] && i != graph->jump) heap_push(p, i);
}

/* All ops but the jump, whose cycle may be reserved already; false when one is not drained `end`
 * cycles from the start. */
static bool place_all(placing *p, uint32_t end) {
    const schedule_graph *graph = p->graph;
    while (p->n_heap) {
        uint32_t number = heap_pop(p);
        const schedule_node *node = &graph->nodes[number];
        uint32_t at = (uint32_t)p->earliest[number];
        while (!fits(p, node, at))
            at++;
        if (at + (uint32_t)node->drain > end) return false;
        reserve(p, number, at);
        release(p, number);
    }
    return true;
}

static uint32_t end_of(const placing *p) {
    uint32_t end = 0;
    for (uint32_t i = 0; i < p->graph->n_nodes; i++)
        if (p->cycle[i] != SCHEDULE_NONE && p->cycle[i] + (uint32_t)p->graph->nodes[i].drain > end)
            end = p->cycle[i] + (uint32_t)p->graph->nodes[i].drain;
    return end;
}

/* The others are placed as if there were no jump; then it is tried where it would cost nothing and
 * in the cycles behind that, the others around it, before it goes where there is room anyway. */
static void place_with_jump(placing *p) {
    uint32_t jump = p->graph->jump, end = end_of(p);
    const schedule_node *node = &p->graph->nodes[jump];
    uint32_t first = end > SCHEDULE_DELAY_END ? end - SCHEDULE_DELAY_END : 0, last;
    if (first < (uint32_t)p->earliest[jump]) first = (uint32_t)p->earliest[jump];
    for (last = first; !fits(p, node, last);)
        last++;
    for (uint32_t at = first; at < last && at < first + JUMP_TRIES; at++) {
        begin(p);
        reserve(p, jump, at);
        if (place_all(p, at + SCHEDULE_DELAY_END) && (uint32_t)p->earliest[jump] <= at) return;
    }
    begin(p);
    (void)place_all(p, UINT32_MAX);
    reserve(p, jump, last);
}

static ts_status make_placing(placing *p, const schedule_graph *graph, ts_diag *diag) {
    ts_arena *arena = graph->arena;
    *p = (placing){.graph = graph};
    /* Behind all ops that have a place, the next finds one within a horizon, or two for a jump. */
    p->n_cycles = (graph->n_nodes + 8) * AIE2_HORIZON;
    p->table = TS_ARENA_ARRAY(arena, cycle_use, p->n_cycles);
    p->cycle = TS_ARENA_ARRAY(arena, uint32_t, graph->n_nodes);
    p->earliest = TS_ARENA_ARRAY(arena, int32_t, graph->n_nodes);
    p->missing = TS_ARENA_ARRAY(arena, uint32_t, graph->n_nodes);
    p->heap = TS_ARENA_ARRAY(arena, uint32_t, graph->n_nodes);
    if (!p->table || !p->cycle || !p->earliest || !p->missing || !p->heap)
        return ts_fail_nomem(diag);
    return TS_OK;
}

/* ---- bundles ------------------------------------------------------------------------------------
 */

static ts_status fail_at_line(ts_diag *diag, const ts_aie2_schedule_options *options, uint32_t line,
                              const ts_aie2_reject *why) {
    char text[160];
    ts_aie2_reject_text(why, text, sizeof text);
    return ts_fail(diag, TS_RANGE, options->file, "line %" PRIu32 ": %s", line, text);
}

/* `next` chains the ops of a cycle; `heads` starts the chains. */
static void chain_cycles(const placing *p, uint32_t *heads, uint32_t n_bundles, uint32_t *next) {
    for (uint32_t i = 0; i < n_bundles; i++)
        heads[i] = SCHEDULE_NONE;
    for (uint32_t i = p->graph->n_nodes; i-- > 0;)
        if (p->cycle[i] != SCHEDULE_NONE) {
            next[i] = heads[p->cycle[i]];
            heads[p->cycle[i]] = i;
        }
}

static uint32_t index_in(const ts_aie2_bundle *bundle, unsigned slot) {
    for (uint32_t i = 0; i < bundle->n_ops; i++)
        if (ts_aie2_instructions[bundle->ops[i].instruction].slot == slot) return i;
    return SCHEDULE_NONE;
}

static ts_status make_bundles(const placing *p, const ts_aie2_schedule_options *options,
                              ts_aie2_scheduled *out, ts_diag *diag) {
    const schedule_graph *graph = p->graph;
    uint32_t n_bundles = end_of(p);
    uint32_t *heads = TS_ARENA_ARRAY(graph->arena, uint32_t, n_bundles);
    uint32_t *next = TS_ARENA_ARRAY(graph->arena, uint32_t, graph->n_nodes);
    out->bundles = TS_ARENA_ARRAY(graph->arena, ts_aie2_bundle, n_bundles);
    out->places = TS_ARENA_ARRAY(graph->arena, ts_aie2_schedule_place, graph->n_nodes);
    if (!heads || !next || !out->bundles || !out->places) return ts_fail_nomem(diag);
    out->n_bundles = n_bundles;
    chain_cycles(p, heads, n_bundles, next);
    memset(out->places, 0xff, graph->n_nodes * sizeof *out->places);
    for (uint32_t b = 0; b < n_bundles; b++) {
        ts_aie2_op ops[TS_AIE2_MAX_OPS];
        ts_aie2_reject why;
        size_t n_ops = 0;
        for (uint32_t i = heads[b]; i != SCHEDULE_NONE && n_ops < TS_AIE2_MAX_OPS; i = next[i])
            ops[n_ops++] = graph->nodes[i].source->op;
        uint32_t line = n_ops ? graph->nodes[heads[b]].source->line : 0;
        if (!ts_aie2_pack(ops, n_ops, &out->bundles[b], &why))
            return fail_at_line(diag, options, line, &why);
        for (uint32_t i = heads[b]; i != SCHEDULE_NONE; i = next[i])
            out->places[i] =
                (ts_aie2_schedule_place){b, index_in(&out->bundles[b], graph->nodes[i].slot)};
    }
    return TS_OK;
}

static ts_status check_input(const ts_aie2_region_op *ops, size_t n_ops,
                             const ts_aie2_schedule_options *options, ts_diag *diag) {
    if (n_ops > TS_AIE2_MAX_SCHEDULED)
        return ts_fail(diag, TS_RANGE, options->file, "%zu ops in one region; at most %d", n_ops,
                       TS_AIE2_MAX_SCHEDULED);
    for (size_t i = 0; i < n_ops; i++) {
        uint64_t bits;
        ts_aie2_reject why;
        if (!ts_aie2_encode_op(&ops[i].op, &bits, &why))
            return fail_at_line(diag, options, ops[i].line, &why);
        if (i + 1 < n_ops && ts_aie2_instructions[ops[i].op.instruction].flags & TS_AIE2_JUMPS)
            return ts_fail(diag, TS_RANGE, options->file,
                           "line %" PRIu32 ": a jump can only be the last op of a region",
                           ops[i].line);
    }
    return TS_OK;
}

ts_status ts_aie2_schedule(ts_arena *arena, const ts_aie2_region_op *ops, size_t n_ops,
                           const ts_aie2_schedule_options *options, ts_aie2_scheduled *out,
                           ts_diag *diag) {
    static const ts_aie2_schedule_options defaults = {0};
    if (!options) options = &defaults;
    schedule_graph graph = {.arena = arena,
                            .plain = options->plain,
                            .no_drain = options->no_drain,
                            .no_streams = options->no_streams};
    placing p;
    TS_TRY(check_input(ops, n_ops, options, diag));
    TS_TRY(schedule_make_graph(&graph, ops, n_ops, diag));
    TS_TRY(make_placing(&p, &graph, diag));
    begin(&p);
    (void)place_all(&p, UINT32_MAX);
    if (graph.jump != SCHEDULE_NONE) place_with_jump(&p);
    return make_bundles(&p, options, out, diag);
}
