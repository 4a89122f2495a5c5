/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Do the routes work, and if there are none: which flow, which switch is full, and what crosses it.
 */
#include "router.h"

#define MAX_TOLD 8 /* flows named in a message */

/* ---- do they work ---------------------------------------------------------------------------- */

/* One flow may send on a port; packet flows may share one. `owner` is a flow plus 1. */
static bool claim_port(const router *r, uint32_t *owner, router_node port, uint32_t flow) {
    ts_npu_bundle npu;
    if (!router_bundle_npu(router_end_of(r->device, port).bundle, &npu)) return false;
    port = router_leaves_by(r->device, port);
    if (r->taken && r->taken[port]) return false;
    if (owner[port] && owner[port] != flow + 1)
        return r->flows[owner[port] - 1].group >= 0 && r->flows[flow].group >= 0;
    owner[port] = flow + 1;
    return true;
}

/* Everything that a stream entering at `slave` sets off; the hops it takes are marked. Each hop is
 * taken once, so this ends. */
static bool walk_from(const router *r, uint32_t flow, router_node slave, bool *is_taken,
                      uint32_t *owner, uint32_t *n_arrived) {
    const router_route *route = &r->routes[flow];
    for (uint32_t i = 0; i < route->n_hops; i++) {
        router_node to = route->hops[i].to;
        router_end next;
        bool is_dest = false;
        if (route->hops[i].from != slave) continue;
        if (is_taken[i] || !claim_port(r, owner, to, flow)) return false;
        is_taken[i] = true;
        for (uint32_t d = 0; d < r->flows[flow].n_dests; d++)
            if (r->flows[flow].dests[d] == to) is_dest = true;
        *n_arrived += is_dest;
        if (!is_dest &&
            (!router_neighbor(r->device, router_end_of(r->device, to), &next) ||
             !walk_from(r, flow, router_node_of(r->device, next), is_taken, owner, n_arrived)))
            return false;
    }
    return true;
}

static uint32_t count_dests(const router_flow *flow) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < flow->n_dests; i++) {
        bool is_new = true;
        for (uint32_t k = 0; k < i; k++)
            if (flow->dests[k] == flow->dests[i]) is_new = false;
        n += is_new;
    }
    return n;
}

bool router_routes_work(const router *r) {
    uint32_t *owner = TS_ARENA_ARRAY(r->arena, uint32_t, r->n_switches * (size_t)ROUTER_TILE_NODES);
    if (!owner) return false;
    for (uint32_t i = 0; i < r->n_flows; i++) {
        bool *is_taken = TS_ARENA_ARRAY(r->arena, bool, r->routes[i].n_hops);
        uint32_t n_arrived = 0;
        if (!is_taken || !walk_from(r, i, r->flows[i].source, is_taken, owner, &n_arrived))
            return false;
        for (uint32_t k = 0; k < r->routes[i].n_hops; k++)
            if (!is_taken[k]) return false;
        if (n_arrived != count_dests(&r->flows[i])) return false;
    }
    return true;
}

/* ---- why not --------------------------------------------------------------------------------- */

static void tell_port(const router *r, router_node port, ts_buf *out) {
    router_end end = router_end_of(r->device, port);
    ts_buf_printf(out, "(%u, %u) %s : %u", end.column, end.row, router_bundle_name(end.bundle),
                  end.channel);
}

static void tell_flow(const router *r, uint32_t flow, ts_buf *out) {
    const router_flow *f = &r->flows[flow];
    tell_port(r, f->source, out);
    ts_buf_text(out, " to ");
    tell_port(r, f->dests[0], out);
    if (f->n_dests > 1) ts_buf_printf(out, " and %u more", f->n_dests - 1);
}

/* The master port that an edge leads through. */
static router_node port_of_edge(const router *r, uint32_t edge) {
    if (edge >= r->first_link) return edge - r->first_link;
    uint32_t tile = 0;
    while (tile + 1 < r->n_switches && r->switches[tile + 1].first_edge <= edge)
        tile++;
    const router_switch *sw = &r->switches[tile];
    return sw->masters[(edge - sw->first_edge) % sw->n_masters];
}

/* The way that was too crowded most often. */
static bool worst_edge(const router *r, uint32_t *out) {
    uint32_t most = 0;
    for (uint32_t i = 0; i < r->n_edges; i++)
        if (r->edges[i].n_used > 1 && r->edges[i].n_full > most) {
            most = r->edges[i].n_full;
            *out = i;
        }
    return most > 0;
}

/* Whether the flow leaves the switch by the bundle of that port (or by the port itself, where a
 * bundle is not a direction). */
static bool crosses(const router *r, uint32_t flow, router_node port, bool by_bundle) {
    for (uint32_t i = 0; i < r->routes[flow].n_hops; i++) {
        router_node to = r->routes[flow].hops[i].to;
        if (to == port || (by_bundle && to / ROUTER_MAX_CHANNELS == port / ROUTER_MAX_CHANNELS))
            return true;
    }
    return false;
}

static void tell_crossing(const router *r, router_node port, bool by_bundle, uint32_t lost,
                          ts_buf *out) {
    uint32_t n_told = 0, n_more = 0;
    for (uint32_t i = 0; i < r->n_flows; i++) {
        if (i == lost || !crosses(r, i, port, by_bundle)) continue;
        if (n_told == MAX_TOLD) {
            n_more++;
            continue;
        }
        ts_buf_text(out, n_told++ ? ", " : "");
        tell_port(r, r->flows[i].source, out);
    }
    if (n_more) ts_buf_printf(out, " and %u more", n_more);
}

/* Ports of a bundle of a switch that some flow leaves by. */
static uint32_t count_taken(const router *r, router_node port) {
    router_node first = port - port % ROUTER_MAX_CHANNELS;
    uint32_t n = 0;
    for (router_node at = first; at < first + ROUTER_MAX_CHANNELS; at++) {
        bool is_taken = r->taken && r->taken[at];
        for (uint32_t i = 0; i < r->n_flows && !is_taken; i++)
            is_taken = crosses(r, i, at, false);
        n += is_taken;
    }
    return n;
}

static void explain_crowd(const router *r, uint32_t edge, ts_buf *out) {
    router_node port = port_of_edge(r, edge);
    router_end end = router_end_of(r->device, port), next;
    bool by_bundle = router_neighbor(r->device, end, &next);
    uint32_t lost = 0;
    for (uint32_t i = 0; i < r->n_flows; i++)
        if (crosses(r, i, port, false)) lost = i;
    ts_buf_text(out, "no route for the flow ");
    tell_flow(r, lost, out);
    if (by_bundle)
        ts_buf_printf(
            out, ": %u of %u ports %s of the switch (%u, %u) are taken, by the flows from ",
            count_taken(r, port), router_n_ports(r->device, end.column, end.row, end.bundle, true),
            router_bundle_name(end.bundle), end.column, end.row);
    else
        ts_buf_printf(out, ": port %s : %u of the switch (%u, %u) is taken, by the flow from ",
                      router_bundle_name(end.bundle), end.channel, end.column, end.row);
    tell_crossing(r, port, by_bundle, lost, out);
}

void router_explain(const router *r, ts_status status, ts_buf *out) {
    uint32_t edge = 0;
    if (status == TS_MISSING) {
        ts_buf_text(out, "no way at all for the flow ");
        tell_flow(r, r->lost_flow, out);
        ts_buf_text(out, ": no switch connects such ports, or existing connections are in the way");
    } else if (status == TS_CONFLICT && worst_edge(r, &edge)) {
        explain_crowd(r, edge, out);
    } else {
        ts_buf_text(out, "the flows find no routes that do not share a port");
    }
}
