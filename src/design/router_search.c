/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The search: rounds in which every flow takes its cheapest way, until none is too crowded.
 *
 * Prices, their order of growth and the order of the heap decide which of many equal ways a flow
 * takes; they are those of mlir-aie, and so are the routes.
 * src: Xilinx/mlir-aie: lib/Dialect/AIE/Transforms/AIEPathFinder.cpp, findPaths,
 * dijkstraShortestPaths; include/aie/Dialect/AIE/Transforms/AIEPathFinder.h, updateDemand,
 * bumpDemand [code]
 */
#include "router.h"

#include <float.h>

#define PRICE_BASE           1.0
#define PRICE_OF_HISTORY     0.1
#define PRICE_OF_USE         0.02
#define PRICE_WHEN_FULL      1.1
#define PRICE_WHEN_PRIORITY  2147483647.0
#define MAX_PACKETS_OF_GROUP 32 /* that share one way before it counts as used twice */
#define HEAP_ARITY           4

enum {
    WHITE,
    GRAY,
    BLACK
};

/* ---- search nodes ---------------------------------------------------------------------------- */

/* Strict: a port is two nodes, one entering its switch (even) and one leaving it (odd). */
static uint32_t entering(const router *r, router_node port) {
    return r->is_strict ? port * 2 : port;
}

static uint32_t leaving(const router *r, router_node port) {
    return r->is_strict ? port * 2 + 1 : port;
}

static router_node port_of(const router *r, uint32_t node) {
    return r->is_strict ? node / 2 : node;
}

static bool add_way(router *r, uint32_t node, uint32_t to, uint32_t edge) {
    router_way *ways = r->ways[node];
    uint32_t at = r->n_ways[node]++;
    for (; at > 0 && ways[at - 1].to > to; at--)
        ways[at] = ways[at - 1];
    ways[at] = (router_way){to, edge};
    return true;
}

/* The edge that all ways to a master port have in the strict model. */
static uint32_t edge_of_port(const router *r, const router_switch *sw, uint32_t at) {
    router_node port = router_leaves_by(r->device, sw->masters[at]);
    for (uint32_t j = 0; j < sw->n_masters; j++)
        if (sw->masters[j] == port) return sw->first_edge + j;
    return sw->first_edge + at;
}

/* Within the switch. */
static void add_connections(router *r, uint32_t node, router_node port) {
    const router_switch *sw = &r->switches[router_tile_of(r->device, port)];
    for (uint32_t i = 0; i < sw->n_slaves; i++)
        for (uint32_t j = 0; sw->slaves[i] == port && j < sw->n_masters; j++)
            if (sw->is_open[i * sw->n_masters + j])
                add_way(r, node, leaving(r, sw->masters[j]),
                        r->is_strict ? edge_of_port(r, sw, j)
                                     : sw->first_edge + i * sw->n_masters + j);
}

static void add_link(router *r, uint32_t node, router_node port) {
    router_end next;
    if (router_neighbor(r->device, router_end_of(r->device, port), &next))
        add_way(r, node, entering(r, router_node_of(r->device, next)), r->first_link + port);
}

static bool make_ways(router *r, uint32_t node) {
    r->ways[node] = TS_ARENA_ARRAY(r->arena, router_way, ROUTER_TILE_NODES + 1);
    if (!r->ways[node]) return false;
    router_node port = port_of(r, node);
    if (!r->is_strict || node % 2 == 0) add_connections(r, node, port);
    if (!r->is_strict || node % 2 == 1) add_link(r, node, port);
    return true;
}

/* ---- the heap -------------------------------------------------------------------------------- */

/* Distances of what lies in the heap may shrink without it being moved. */
static bool heap_push(router *r, uint32_t node) {
    if (r->n_heap == r->heap_capacity) {
        uint32_t capacity = r->heap_capacity ? r->heap_capacity * 2 : 1024;
        if (capacity > ROUTER_MAX_HEAP) return false;
        uint32_t *heap = ts_arena_grow(r->arena, r->heap, r->heap_capacity * sizeof *heap,
                                       capacity * sizeof *heap);
        if (!heap) return false;
        r->heap = heap;
        r->heap_capacity = capacity;
    }
    uint32_t at = r->n_heap++;
    while (at > 0 && r->distance[node] < r->distance[r->heap[(at - 1) / HEAP_ARITY]]) {
        r->heap[at] = r->heap[(at - 1) / HEAP_ARITY];
        at = (at - 1) / HEAP_ARITY;
    }
    r->heap[at] = node;
    return true;
}

static uint32_t heap_pop(router *r) {
    uint32_t top = r->heap[0], moved = r->heap[--r->n_heap], at = 0;
    for (;;) {
        uint32_t first = at * HEAP_ARITY + 1, best = first;
        if (first >= r->n_heap) break;
        for (uint32_t i = first + 1; i < first + HEAP_ARITY && i < r->n_heap; i++)
            if (r->distance[r->heap[i]] < r->distance[r->heap[best]]) best = i;
        if (!(r->distance[r->heap[best]] < r->distance[moved])) break;
        r->heap[at] = r->heap[best];
        at = best;
    }
    r->heap[at] = moved;
    return top;
}

/* ---- cheapest ways from one port ------------------------------------------------------------- */

static bool visit(router *r, uint32_t node) {
    r->n_steps += r->n_ways[node];
    for (uint32_t i = 0; i < r->n_ways[node]; i++) {
        router_way way = r->ways[node][i];
        double distance = r->distance[node] + r->edges[way.edge].price;
        bool is_nearer = distance < r->distance[way.to];
        if (r->color[way.to] == BLACK || (r->color[way.to] == GRAY && !is_nearer)) continue;
        if (is_nearer) {
            r->distance[way.to] = distance;
            r->previous[way.to] = node;
            r->previous_edge[way.to] = way.edge;
        }
        if (r->color[way.to] != WHITE) continue;
        if (is_nearer) r->color[way.to] = GRAY;
        if (!heap_push(r, way.to)) return false;
    }
    r->color[node] = BLACK;
    return true;
}

/* What is left open cannot change the ways to destinations that are closed. */
static bool all_closed(const router *r, const router_flow *flow) {
    for (uint32_t i = 0; i < flow->n_dests; i++)
        if (r->color[leaving(r, flow->dests[i])] != BLACK) return false;
    return true;
}

static bool find_ways(router *r, const router_flow *flow) {
    for (uint32_t i = 0; i < r->n_nodes; i++) {
        r->distance[i] = DBL_MAX;
        r->previous[i] = ROUTER_NO_NODE;
        r->color[i] = WHITE;
    }
    uint32_t source = entering(r, flow->source);
    r->distance[source] = 0;
    r->n_heap = 0;
    if (!heap_push(r, source)) return false;
    while (r->n_heap && !all_closed(r, flow)) {
        uint32_t node = heap_pop(r);
        if (!r->ways[node] && !make_ways(r, node)) return false;
        if (!visit(r, node)) return false;
    }
    return true;
}

/* ---- taking a way ---------------------------------------------------------------------------- */

static void touch(router *r, uint32_t edge) {
    if (!r->edges[edge].is_touched) r->touched[r->n_touched++] = edge;
    r->edges[edge].is_touched = true;
}

static void raise_price(router_edge *edge) {
    if (edge->n_used >= 1) edge->price *= edge->is_priority ? PRICE_WHEN_PRIORITY : PRICE_WHEN_FULL;
}

/* A group takes all ways that begin or end where this one does. */
static void claim(router *r, uint32_t edge, router_node from, int32_t group) {
    const router_switch *sw = &r->switches[router_tile_of(r->device, from)];
    r->edges[edge].group = group;
    if (r->is_strict || edge >= r->first_link) return;
    uint32_t row = (edge - sw->first_edge) / sw->n_masters;
    uint32_t column = (edge - sw->first_edge) % sw->n_masters;
    for (uint32_t k = 0; k < sw->n_masters; k++)
        r->edges[sw->first_edge + row * sw->n_masters + k].group = group;
    for (uint32_t k = 0; k < sw->n_slaves; k++)
        r->edges[sw->first_edge + k * sw->n_masters + column].group = group;
}

static void take(router *r, const router_flow *flow, uint32_t edge, router_node from) {
    router_edge *e = &r->edges[edge];
    touch(r, edge);
    e->is_priority = flow->is_priority;
    if (flow->group >= 0 && (e->group == -1 || e->group == flow->group)) {
        claim(r, edge, from, flow->group);
        if (++e->n_packets >= MAX_PACKETS_OF_GROUP) {
            e->n_packets = 0;
            e->n_used++;
        }
    } else {
        e->n_used++;
    }
    raise_price(e);
}

static bool add_hop(router *r, router_route *route, router_node from, router_node to) {
    router_hop *hops = ts_arena_grow(r->arena, route->hops, route->n_hops * sizeof *hops,
                                     (route->n_hops + 1) * sizeof *hops);
    if (!hops) return false;
    hops[route->n_hops++] = (router_hop){from, to};
    route->hops = hops;
    return true;
}

/* By switch; within one they stay as they came. */
static void sort_hops(const router *r, router_route *route) {
    for (uint32_t i = 1; i < route->n_hops; i++) {
        router_hop hop = route->hops[i];
        uint32_t at = i;
        for (; at > 0 && router_tile_of(r->device, route->hops[at - 1].from) >
                             router_tile_of(r->device, hop.from);
             at--)
            route->hops[at] = route->hops[at - 1];
        route->hops[at] = hop;
    }
}

/* From each destination back to what the flow has already; `color` marks that from here on. */
static ts_status trace_back(router *r, uint32_t index) {
    const router_flow *flow = &r->flows[index];
    router_route *route = &r->routes[index];
    for (uint32_t i = 0; i < r->n_nodes; i++)
        r->color[i] = WHITE;
    r->color[entering(r, flow->source)] = BLACK;
    for (uint32_t i = 0; i < flow->n_dests; i++) {
        if (!r->is_strict && flow->dests[i] == flow->source &&
            !add_hop(r, route, flow->source, flow->source))
            return TS_NOMEM;
        for (uint32_t node = leaving(r, flow->dests[i]); r->color[node] != BLACK;) {
            uint32_t from = r->previous[node];
            r->lost_flow = index;
            if (from == ROUTER_NO_NODE) return TS_MISSING;
            router_node a = port_of(r, from), b = port_of(r, node);
            take(r, flow, r->previous_edge[node], a);
            if (router_tile_of(r->device, a) == router_tile_of(r->device, b) &&
                !add_hop(r, route, a, b))
                return TS_NOMEM;
            r->color[node] = BLACK;
            node = from;
        }
    }
    sort_hops(r, route);
    return TS_OK;
}

/* ---- rounds ---------------------------------------------------------------------------------- */

static void begin_round(router *r) {
    for (uint32_t i = 0; i < r->n_edges; i++) {
        router_edge *e = &r->edges[i];
        double history = PRICE_BASE + PRICE_OF_HISTORY * e->n_full;
        double crowd = PRICE_BASE + PRICE_OF_USE * e->n_used;
        e->price = history * crowd;
        e->n_used = e->n_packets = 0;
        e->group = -1;
        e->is_touched = false;
    }
    r->n_touched = 0;
    for (uint32_t i = 0; i < r->n_flows; i++)
        r->routes[i].n_hops = 0;
}

/* What the packet flows of a group share counts once. */
static void end_group(router *r) {
    for (uint32_t i = 0; i < r->n_touched; i++) {
        router_edge *e = &r->edges[r->touched[i]];
        if (e->n_packets > 0) {
            e->n_packets = 0;
            e->n_used++;
        }
        raise_price(e);
    }
}

static ts_status route_group(router *r, int32_t group) {
    for (uint32_t i = 0; i < r->n_flows; i++)
        if (r->flows[i].group == group) {
            if (!find_ways(r, &r->flows[i])) return TS_RANGE;
            TS_TRY(trace_back(r, i));
        }
    end_group(r);
    return TS_OK;
}

static bool is_first_of_group(const router *r, uint32_t index) {
    for (uint32_t i = 0; i < index; i++)
        if (r->flows[i].group == r->flows[index].group) return false;
    return true;
}

static uint32_t count_full(router *r) {
    uint32_t n_full = 0;
    for (uint32_t i = 0; i < r->n_touched; i++)
        if (r->edges[r->touched[i]].n_used > 1) {
            r->edges[r->touched[i]].n_full++;
            n_full++;
        }
    return n_full;
}

ts_status router_run(router *r, uint32_t max_iterations) {
    if (!r->routes) r->routes = TS_ARENA_ARRAY(r->arena, router_route, r->n_flows);
    if (!r->routes) return TS_NOMEM;
    for (r->n_iterations = 0; r->n_iterations < max_iterations; r->n_iterations++) {
        begin_round(r);
        for (uint32_t i = 0; i < r->n_flows; i++)
            if (is_first_of_group(r, i)) TS_TRY(route_group(r, r->flows[i].group));
        if (count_full(r) == 0) return TS_OK;
        if (r->n_steps > ROUTER_MAX_STEPS) break;
    }
    return TS_CONFLICT;
}
