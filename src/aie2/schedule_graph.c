/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Which op of a region has to wait for which, and how long.
 *
 * One walk in program order. Of each undivided register it knows the writers whose value is current
 * (one, and the sticky ones that came on top) and who has read that value; of memory, by alias
 * group, the last store and the loads since; of ordered ops the last, and the last that is a fence.
 * Distances are sums along a chain wherever chains are enough, so the number of edges stays near
 * that of ops.
 */
#include "tessera/aie2.h"

#include "schedule.h"

#include <string.h>

enum {
    N_GROUPS = 256,
    MAX_PENDING = 32,
    /* Writers of ls, le and lc stay this far from the end, as the next bundle may be the last of a
     * loop. src: llvm-aie: llvm/lib/Target/AIE/AIEBaseSubtarget.cpp, RegionEndEdges [code] */
    LOOP_SETUP = 8,
};

typedef struct touch {
    uint32_t node;
    aie2_access access;
} touch;

typedef struct touches {
    touch *items;
    uint32_t n, capacity;
} touches;

typedef struct unit_state {
    touches writers; /* of the current value */
    touches readers; /* of the current value */
    touches pending; /* carry only: writers behind those, that nobody has read yet */
} unit_state;

typedef struct node_list {
    uint32_t *items;
    uint32_t n, capacity;
} node_list;

typedef struct memory_state {
    bool is_used;
    uint32_t store; /* the last */
    node_list loads;
} memory_state;

typedef struct walk {
    schedule_graph *graph;
    unit_state *units;
    uint8_t *first_memory, *last_memory; /* by node */
    bool *is_fence;
    memory_state *groups;
    uint32_t last_ordered, last_fence;
    node_list since_ordered, since_fence;
    uint8_t min_port_cycle[TS_AIE2_N_PORTS]; /* of any instruction */
    uint32_t carry;                          /* the unit */
} walk;

static bool grow(schedule_graph *graph, void **items, uint32_t n, uint32_t *capacity, size_t size) {
    if (n < *capacity) return true;
    uint32_t wanted = *capacity ? 2 * *capacity : 8;
    void *grown = ts_arena_grow(graph->arena, *items, *capacity * size, wanted * size);
    if (!grown) {
        graph->failed = true;
        return false;
    }
    *items = grown;
    *capacity = wanted;
    return true;
}

static void push_touch(schedule_graph *graph, touches *list, uint32_t node,
                       const aie2_access *access) {
    void *items = list->items;
    if (!grow(graph, &items, list->n, &list->capacity, sizeof *list->items)) return;
    list->items = items;
    list->items[list->n++] = (touch){node, *access};
}

static void push_node(schedule_graph *graph, node_list *list, uint32_t node) {
    void *items = list->items;
    if (!grow(graph, &items, list->n, &list->capacity, sizeof *list->items)) return;
    list->items = items;
    list->items[list->n++] = node;
}

/* Edges to one node come in a row, so that a second one between the same two is found at once. */
static void add_edge(schedule_graph *graph, uint32_t from, uint32_t to, int distance) {
    if (from == to) return;
    schedule_node *node = &graph->nodes[from];
    if (node->first_edge != SCHEDULE_NONE && graph->edges[node->first_edge].to == to) {
        schedule_edge *edge = &graph->edges[node->first_edge];
        if (edge->distance < distance) edge->distance = distance;
        return;
    }
    schedule_edge *grown = ts_arena_room(graph->arena, graph->edges, graph->n_edges,
                                         &graph->edge_capacity, sizeof *grown);
    if (!grown) {
        graph->failed = true;
        return;
    }
    graph->edges = grown;
    graph->edges[graph->n_edges] = (schedule_edge){to, node->first_edge, distance};
    node->first_edge = (uint32_t)graph->n_edges++;
    graph->nodes[to].n_before++;
}

/* ---- registers ----------------------------------------------------------------------------------
 */

static int at_least(bool plain, int distance, int least) {
    return plain && distance < least ? least : distance;
}

static void order_writes(schedule_graph *graph, const touch *first, uint32_t node,
                         const aie2_access *second) {
    int distance = aie2_output_distance(&first->access, second);
    add_edge(graph, first->node, node, at_least(graph->plain, distance, 1));
}

/* Writes of the carry are mostly never read: only the last of a row of such has to stay behind the
 * others, or all additions of a region would keep their order. */
static void settle(schedule_graph *graph, unit_state *unit) {
    if (!unit->pending.n) return;
    touch last = unit->pending.items[unit->pending.n - 1];
    for (uint32_t i = 0; i + 1 < unit->pending.n; i++)
        order_writes(graph, &unit->pending.items[i], last.node, &last.access);
    unit->pending.n = unit->readers.n = unit->writers.n = 0;
    push_touch(graph, &unit->writers, last.node, &last.access);
}

static void read_unit(schedule_graph *graph, unit_state *unit, uint32_t node,
                      const aie2_access *access) {
    settle(graph, unit);
    for (uint32_t i = 0; i < unit->writers.n; i++) {
        const touch *writer = &unit->writers.items[i];
        int distance = aie2_true_distance(&writer->access, access);
        add_edge(graph, writer->node, node, at_least(graph->plain, distance, 1));
    }
    push_touch(graph, &unit->readers, node, access);
}

/* The carry as the ALU writes it, one op a cycle; moves can write it, too. */
static bool may_pend(const walk *w, uint32_t node, const aie2_access *access) {
    return access->unit == w->carry && w->graph->nodes[node].slot == TS_AIE2_SLOT_ALU;
}

static void order_write(walk *w, unit_state *unit, uint32_t node, const aie2_access *access) {
    schedule_graph *graph = w->graph;
    if (!may_pend(w, node, access) || unit->pending.n == MAX_PENDING) settle(graph, unit);
    for (uint32_t i = 0; i < unit->readers.n; i++) {
        const touch *reader = &unit->readers.items[i];
        int distance = aie2_anti_distance(&reader->access, access);
        add_edge(graph, reader->node, node, at_least(graph->plain, distance, 0));
    }
    for (uint32_t i = 0; i < unit->writers.n; i++)
        if (!access->is_sticky || !unit->writers.items[i].access.is_sticky)
            order_writes(graph, &unit->writers.items[i], node, access);
}

/* An op can write a register twice: a pointer that is loaded through itself, and modified. */
static void keep_write(walk *w, unit_state *unit, uint32_t node, const aie2_access *access) {
    schedule_graph *graph = w->graph;
    bool is_again = unit->writers.n && unit->writers.items[unit->writers.n - 1].node == node;
    if (may_pend(w, node, access)) {
        push_touch(graph, &unit->pending, node, access);
        return;
    }
    if (!access->is_sticky && !is_again) unit->writers.n = unit->readers.n = 0;
    push_touch(graph, &unit->writers, node, access);
}

/* ---- memory, locks, streams ---------------------------------------------------------------------
 */

static void memory_edge(const walk *w, uint32_t from, uint32_t to) {
    aie2_effects first = {.last_memory = w->last_memory[from]};
    aie2_effects second = {.first_memory = w->first_memory[to]};
    if (from != SCHEDULE_NONE) add_edge(w->graph, from, to, aie2_memory_distance(&first, &second));
}

static void touch_group(const walk *w, memory_state *group, uint32_t node, bool stores) {
    if (group->store != SCHEDULE_NONE) memory_edge(w, group->store, node);
    if (!stores) {
        push_node(w->graph, &group->loads, node);
        return;
    }
    for (uint32_t i = 0; i < group->loads.n; i++)
        memory_edge(w, group->loads.items[i], node);
    group->loads.n = 0;
    group->store = node;
}

/* A group that has not been met yet has the history of what may alias everything. */
static void begin_group(walk *w, uint8_t number) {
    memory_state *group = &w->groups[number];
    if (group->is_used) return;
    group->is_used = true;
    group->store = w->groups[0].store;
    for (uint32_t i = 0; i < w->groups[0].loads.n; i++)
        push_node(w->graph, &group->loads, w->groups[0].loads.items[i]);
}

static void touch_memory(walk *w, uint32_t node, bool stores) {
    uint8_t number = w->graph->nodes[node].source->alias_group;
    begin_group(w, number);
    if (number)
        touch_group(w, &w->groups[number], node, stores);
    else
        for (unsigned i = 0; i < N_GROUPS; i++)
            if (w->groups[i].is_used) touch_group(w, &w->groups[i], node, stores);
}

static void fence_edge(const walk *w, uint32_t from, uint32_t to) {
    if (from == SCHEDULE_NONE || from == to) return;
    aie2_effects first = {.is_fence = w->is_fence[from], .last_memory = w->last_memory[from]};
    aie2_effects second = {.first_memory = w->first_memory[to]};
    add_edge(w->graph, from, to, aie2_fence_distance(&first, &second));
}

static void keep_ordered(walk *w, uint32_t node) {
    if (w->last_ordered != SCHEDULE_NONE) add_edge(w->graph, w->last_ordered, node, 1);
    for (uint32_t i = 0; i < w->since_ordered.n; i++)
        add_edge(w->graph, w->since_ordered.items[i], node, 0);
    w->since_ordered.n = 0;
    w->last_ordered = node;
    if (!w->is_fence[node]) return;
    for (uint32_t i = 0; i < w->since_fence.n; i++)
        fence_edge(w, w->since_fence.items[i], node);
    w->since_fence.n = 0;
    w->last_fence = node;
}

static void keep_memory(walk *w, uint32_t node, bool stores) {
    touch_memory(w, node, stores);
    fence_edge(w, w->last_fence, node);
    if (w->last_ordered != SCHEDULE_NONE) add_edge(w->graph, w->last_ordered, node, 0);
    push_node(w->graph, &w->since_ordered, node);
    push_node(w->graph, &w->since_fence, node);
}

/* ---- the end of a region ------------------------------------------------------------------------
 */

static void find_port_cycles(walk *w) {
    memset(w->min_port_cycle, AIE2_HORIZON, sizeof w->min_port_cycle);
    for (unsigned i = 0; i < ts_aie2_n_instructions; i++)
        for (unsigned k = 0; k < ts_aie2_instructions[i].n_timings; k++) {
            const ts_aie2_timing *timing = &ts_aie2_instructions[i].timings[k];
            for (unsigned p = 0; p < timing->n_ports; p++) {
                uint8_t *least = &w->min_port_cycle[timing->ports[p].port];
                if (w->graph->no_streams && timing->ports[p].port == TS_AIE2_PORT_SEMAPHORE &&
                    timing->ports[p].avoids)
                    continue; /* only streams and the cascade keep away from locks */
                if (timing->ports[p].first < *least) *least = timing->ports[p].first;
            }
        }
}

static int larger(int a, int b) {
    return a > b ? a : b;
}

static bool is_loop_register(unsigned unit) {
    const char *name = ts_aie2_registers[ts_aie2_unit_registers[unit]].name;
    return !strcmp(name, "LS") || !strcmp(name, "LE") || !strcmp(name, "LC");
}

/* Bundles after which whatever may follow sees all results, writes no register before this op has
 * read it, finds all ports free and memory as this op left it. */
static int drain_of(const walk *w, const aie2_effects *effects) {
    if (effects->row->flags & TS_AIE2_JUMPS) return SCHEDULE_DELAY_END;
    if (w->graph->no_drain) return 1;
    int drain = effects->is_fence ? AIE2_FENCE_RESUME - AIE2_FIRST_MEMORY_CYCLE + 1 : 1;
    for (unsigned i = 0; i < effects->n_accesses; i++) {
        const aie2_access *access = &effects->accesses[i];
        drain = larger(drain, access->is_write ? access->cycle : access->cycle - 1);
        if (access->is_write && is_loop_register(access->unit)) drain = larger(drain, LOOP_SETUP);
    }
    if (effects->last_memory) drain = larger(drain, effects->last_memory - AIE2_FENCE_STALL + 1);
    for (unsigned i = 0; i < effects->timing->n_ports; i++) {
        const ts_aie2_port_use *use = &effects->timing->ports[i];
        drain = larger(drain, use->last - w->min_port_cycle[use->port] + 1);
    }
    return drain;
}

/* Every edge goes forward in program order. */
static void find_heights(schedule_graph *graph) {
    for (uint32_t i = graph->n_nodes; i-- > 0;) {
        schedule_node *node = &graph->nodes[i];
        node->height = node->drain;
        for (uint32_t e = node->first_edge; e != SCHEDULE_NONE; e = graph->edges[e].next) {
            const schedule_edge *edge = &graph->edges[e];
            node->height = larger(node->height, edge->distance + graph->nodes[edge->to].height);
        }
    }
}

/* ---- the walk -----------------------------------------------------------------------------------
 */

static void add_node(walk *w, uint32_t number, aie2_effects *effects) {
    schedule_graph *graph = w->graph;
    schedule_node *node = &graph->nodes[number];
    aie2_effects_of(&node->source->op, effects);
    node->timing = effects->timing;
    node->slot = effects->row->slot;
    node->is_nop = effects->is_nop;
    node->first_edge = SCHEDULE_NONE;
    w->first_memory[number] = effects->first_memory;
    w->last_memory[number] = effects->last_memory;
    w->is_fence[number] = effects->is_fence;
    if (effects->is_nop) return;
    node->drain = drain_of(w, effects);
    if (effects->row->flags & TS_AIE2_JUMPS) graph->jump = number;
    for (unsigned i = 0; i < effects->n_accesses; i++) {
        const aie2_access *access = &effects->accesses[i];
        if (access->is_write)
            order_write(w, &w->units[access->unit], number, access);
        else
            read_unit(graph, &w->units[access->unit], number, access);
    }
    for (unsigned i = 0; i < effects->n_accesses; i++) {
        const aie2_access *access = &effects->accesses[i];
        if (access->is_write) keep_write(w, &w->units[access->unit], number, access);
    }
    if (effects->row->flags & TS_AIE2_ORDERED) keep_ordered(w, number);
    if (effects->first_memory) keep_memory(w, number, effects->row->flags & TS_AIE2_STORES);
}

static ts_status make_walk(walk *w, schedule_graph *graph, ts_diag *diag) {
    ts_arena *arena = graph->arena;
    *w = (walk){.graph = graph, .last_ordered = SCHEDULE_NONE, .last_fence = SCHEDULE_NONE};
    w->units = TS_ARENA_ARRAY(arena, unit_state, ts_aie2_n_units);
    w->groups = TS_ARENA_ARRAY(arena, memory_state, N_GROUPS);
    w->first_memory = TS_ARENA_ARRAY(arena, uint8_t, graph->n_nodes);
    w->last_memory = TS_ARENA_ARRAY(arena, uint8_t, graph->n_nodes);
    w->is_fence = TS_ARENA_ARRAY(arena, bool, graph->n_nodes);
    if (!w->units || !w->groups || !w->first_memory || !w->last_memory || !w->is_fence)
        return ts_fail_nomem(diag);
    w->groups[0].is_used = true;
    w->groups[0].store = SCHEDULE_NONE;
    w->carry = ts_aie2_registers[ts_aie2_register_named("srCarry", strlen("srCarry"))].units[0];
    find_port_cycles(w);
    return TS_OK;
}

ts_status schedule_make_graph(schedule_graph *graph, const ts_aie2_region_op *ops, size_t n_ops,
                              ts_diag *diag) {
    walk w;
    graph->n_nodes = (uint32_t)n_ops;
    graph->jump = SCHEDULE_NONE;
    graph->nodes = TS_ARENA_ARRAY(graph->arena, schedule_node, n_ops);
    aie2_effects *effects = TS_ARENA_NEW(graph->arena, aie2_effects);
    if (!graph->nodes || !effects) return ts_fail_nomem(diag);
    TS_TRY(make_walk(&w, graph, diag));
    for (uint32_t i = 0; i < graph->n_nodes; i++) {
        graph->nodes[i].source = &ops[i];
        add_node(&w, i, effects);
    }
    /* No calling convention and no loop hands the carry over a jump, and jnzd itself writes it:
     * there it need not be that of the last op. */
    if (graph->jump == SCHEDULE_NONE) settle(graph, &w.units[w.carry]);
    if (graph->failed) return ts_fail_nomem(diag);
    find_heights(graph);
    return TS_OK;
}
