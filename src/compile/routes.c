/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The routes of a placed design: its switches as one list of connections, walked from every port
 * that something local feeds to every port that feeds something local.
 */
#include "map_int.h"

#include <inttypes.h>
#include <string.h>

/* From a slave to a master of one switch; of packets, those whose id is `id` under `mask`. */
typedef struct edge {
    uint32_t column, row;
    ts_npu_port in, out;
    bool is_packet;
    uint32_t id, mask;
} edge;

/* A setting of a shim multiplexer: which channel of its DMA a southern port is for. */
typedef struct mux {
    uint32_t column;
    bool is_in; /* from the DMA into the array */
    uint8_t south, channel;
} mux;

typedef struct walk {
    map *m;
    edge *edges;
    size_t n_edges, edge_capacity;
    mux *muxes;
    size_t n_muxes, mux_capacity;
    size_t route_capacity;
    size_t n_steps;
    ts_compile_route now;
    ts_compile_hop hops[TS_COMPILE_MAX_HOPS];
} walk;

/* More connections than all switches of a device have are a mistake; steps bound what loops can
 * take. */
enum {
    MAX_EDGES = 8192,
    MAX_STEPS = 1 << 16,
};

/* ---- the connections ------------------------------------------------------------------------- */

static ts_status add_edge(walk *w, const ts_op *op, edge e) {
    if (w->n_edges == MAX_EDGES)
        return COMP_FAIL(&w->m->c, op, TS_RANGE, "more than %d connections", MAX_EDGES);
    edge *grown = ts_arena_room(w->m->c.arena, w->edges, w->n_edges, &w->edge_capacity, sizeof e);
    if (!grown) return ts_fail_nomem(w->m->c.diag);
    w->edges = grown;
    w->edges[w->n_edges++] = e;
    return TS_OK;
}

static bool takes_amsel(const ts_op *masterset, const ts_value *amsel) {
    for (uint32_t i = 0; i < masterset->n_operands; i++)
        if (masterset->operands[i].value == amsel) return true;
    return false;
}

/* A rule sends to every master that listens to its arbiter and msel. */
static ts_status add_rule(walk *w, const comp_tile *tile, const ts_op *box, const ts_op *rule,
                          ts_npu_port in) {
    edge e = {tile->column, tile->row, in, in, true, 0, 0};
    e.id = (uint32_t)ts_op_integer(rule, "value", 0);
    e.mask = (uint32_t)ts_op_integer(rule, "mask", 0);
    for (const ts_op *op = ts_op_child(box, TS_OP_AIE_MASTERSET, NULL); op;
         op = ts_op_child(box, TS_OP_AIE_MASTERSET, op)) {
        if (!rule->n_operands || !takes_amsel(op, rule->operands[0].value)) continue;
        TS_TRY(comp_port(&w->m->c, op, tile, true, &e.out));
        TS_TRY(add_edge(w, op, e));
    }
    return TS_OK;
}

static ts_status add_box(walk *w, const ts_op *box) {
    const comp *c = &w->m->c;
    comp_tile tile;
    TS_TRY(comp_tile_of(c, box, &tile));
    edge e = {.column = tile.column, .row = tile.row};
    for (const ts_op *op = ts_op_child(box, TS_OP_AIE_CONNECT, NULL); op;
         op = ts_op_child(box, TS_OP_AIE_CONNECT, op)) {
        TS_TRY(comp_port(c, op, &tile, false, &e.in));
        TS_TRY(comp_port(c, op, &tile, true, &e.out));
        TS_TRY(add_edge(w, op, e));
    }
    for (const ts_op *op = ts_op_child(box, TS_OP_AIE_PACKET_RULES, NULL); op;
         op = ts_op_child(box, TS_OP_AIE_PACKET_RULES, op)) {
        TS_TRY(comp_port(c, op, &tile, false, &e.in));
        for (const ts_op *rule = ts_op_child(op, TS_OP_AIE_RULE, NULL); rule;
             rule = ts_op_child(op, TS_OP_AIE_RULE, rule))
            TS_TRY(add_rule(w, &tile, box, rule, e.in));
    }
    return TS_OK;
}

static ts_status add_mux(walk *w, const ts_op *op) {
    enum {
        WIRE_NORTH = 5
    };
    comp_tile tile;
    TS_TRY(comp_tile_of(&w->m->c, op, &tile));
    for (const ts_op *part = ts_op_child(op, TS_OP_AIE_CONNECT, NULL); part;
         part = ts_op_child(op, TS_OP_AIE_CONNECT, part)) {
        int64_t from = ts_op_integer(part, "source_channel", 0);
        int64_t to = ts_op_integer(part, "dest_channel", 0);
        bool is_in = ts_op_integer(part, "dest_bundle", 0) == WIRE_NORTH;
        mux *grown =
            ts_arena_room(w->m->c.arena, w->muxes, w->n_muxes, &w->mux_capacity, sizeof *grown);
        if (!grown) return ts_fail_nomem(w->m->c.diag);
        w->muxes = grown;
        w->muxes[w->n_muxes++] =
            (mux){tile.column, is_in, (uint8_t)(is_in ? to : from), (uint8_t)(is_in ? from : to)};
    }
    return TS_OK;
}

/* ---- walking --------------------------------------------------------------------------------- */

/* The side that a port is on, as steps to the neighbor; false: something of the tile's own. */
static bool side_of(ts_npu_port port, int *column, int *row, ts_npu_bundle *opposite) {
    static const struct {
        ts_npu_bundle side, opposite;
        int column, row;
    } sides[] = {
        {TS_NPU_BUNDLE_SOUTH, TS_NPU_BUNDLE_NORTH, 0, -1},
        {TS_NPU_BUNDLE_WEST, TS_NPU_BUNDLE_EAST, -1, 0},
        {TS_NPU_BUNDLE_NORTH, TS_NPU_BUNDLE_SOUTH, 0, 1},
        {TS_NPU_BUNDLE_EAST, TS_NPU_BUNDLE_WEST, 1, 0},
    };
    for (size_t i = 0; i < sizeof sides / sizeof sides[0]; i++)
        if (sides[i].side == port.bundle) {
            *column = sides[i].column;
            *row = sides[i].row;
            *opposite = sides[i].opposite;
            return true;
        }
    return false;
}

/* What lies behind a shim's southern port: its DMA, when a multiplexer says so. */
static ts_npu_port end_port(const walk *w, const ts_compile_hop *hop, ts_npu_port port,
                            bool is_in) {
    for (size_t i = 0; i < w->n_muxes; i++) {
        const mux *x = &w->muxes[i];
        if (hop->row == 0 && port.bundle == TS_NPU_BUNDLE_SOUTH && x->column == hop->column &&
            x->is_in == is_in && x->south == port.channel)
            return (ts_npu_port){TS_NPU_BUNDLE_DMA, x->channel};
    }
    return port;
}

static ts_status end_route(walk *w, bool is_open) {
    map *m = w->m;
    if (m->out->n_routes == TS_COMPILE_MAX_ROUTES) return TS_OK;
    ts_compile_route *grown = ts_arena_room(m->c.arena, m->out->routes, m->out->n_routes,
                                            &w->route_capacity, sizeof *grown);
    ts_compile_route route = w->now;
    route.hops = TS_ARENA_ARRAY(m->c.arena, ts_compile_hop, route.n_hops);
    if (!grown || !route.hops) return ts_fail_nomem(m->c.diag);
    memcpy(route.hops, w->hops, route.n_hops * sizeof *route.hops);
    const ts_compile_hop *first = &w->hops[0], *last = &w->hops[route.n_hops - 1];
    route.from = end_port(w, first, first->in, true);
    route.to = end_port(w, last, last->out, false);
    route.is_open = is_open;
    m->out->routes = grown;
    m->out->routes[m->out->n_routes++] = route;
    return TS_OK;
}

/* Whether packets of what has come so far go on by `e`. */
static bool goes_on(const walk *w, const edge *e) {
    if (!e->is_packet || !w->now.is_packet) return true;
    uint32_t both = e->mask & w->now.packet_mask;
    return (e->id & both) == (w->now.packet_id & both);
}

static bool same_port(ts_npu_port a, ts_npu_port b) {
    return a.bundle == b.bundle && a.channel == b.channel;
}

static ts_status follow(walk *w, const edge *e);

/* Every connection from a slave port; none: the route is open there. */
static ts_status follow_from(walk *w, uint32_t column, uint32_t row, ts_npu_port in) {
    bool is_any = false;
    for (size_t i = 0; i < w->n_edges; i++) {
        const edge *e = &w->edges[i];
        if (e->column != column || e->row != row || !same_port(e->in, in) || !goes_on(w, e))
            continue;
        is_any = true;
        TS_TRY(follow(w, e));
    }
    return is_any ? TS_OK : end_route(w, true);
}

/* Depth is at most TS_COMPILE_MAX_HOPS. */
static ts_status follow(walk *w, const edge *e) {
    ts_compile_route before = w->now;
    int column, row;
    ts_npu_port next = e->out;
    if (w->now.n_hops == TS_COMPILE_MAX_HOPS || w->n_steps >= MAX_STEPS) return TS_OK;
    w->n_steps++;
    w->hops[w->now.n_hops++] = (ts_compile_hop){e->column, e->row, e->in, e->out};
    if (e->is_packet && !w->now.is_packet) {
        w->now.is_packet = true;
        w->now.packet_id = e->id;
        w->now.packet_mask = e->mask;
    }
    ts_status status;
    if (!side_of(e->out, &column, &row, &next.bundle) || (e->row == 0 && row < 0))
        status = end_route(w, false);
    else
        status = follow_from(w, e->column + (uint32_t)column, e->row + (uint32_t)row, next);
    w->now = before;
    return status;
}

/* Whether no other switch sends to this slave. */
static bool is_start(const walk *w, const edge *e) {
    int column, row;
    ts_npu_port from = e->in;
    if (!side_of(e->in, &column, &row, &from.bundle)) return true;
    for (size_t i = 0; i < w->n_edges; i++) {
        const edge *x = &w->edges[i];
        if (x->column == e->column + (uint32_t)column && x->row == e->row + (uint32_t)row &&
            same_port(x->out, from))
            return false;
    }
    return true;
}

ts_status comp_add_routes(map *m) {
    walk *w = TS_ARENA_NEW(m->c.arena, walk);
    if (!w) return ts_fail_nomem(m->c.diag);
    w->m = m;
    for (const ts_op *op = ts_op_child(m->c.device, TS_OP_AIE_SWITCHBOX, NULL); op;
         op = ts_op_child(m->c.device, TS_OP_AIE_SWITCHBOX, op))
        TS_TRY(add_box(w, op));
    for (const ts_op *op = ts_op_child(m->c.device, TS_OP_AIE_SHIM_MUX, NULL); op;
         op = ts_op_child(m->c.device, TS_OP_AIE_SHIM_MUX, op))
        TS_TRY(add_mux(w, op));
    for (size_t i = 0; i < w->n_edges; i++)
        if (is_start(w, &w->edges[i])) TS_TRY(follow(w, &w->edges[i]));
    return TS_OK;
}
