/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Flows of a design to the router, and the circuits it finds to aie.connect.
 * src: Xilinx/mlir-aie: lib/Dialect/AIE/Transforms/AIECreatePathFindFlows.cpp,
 * ConvertFlowsToInterconnect; AIEPathFinder.cpp, runAnalysis [code]
 */
#include "pass_route.h"

#define MAX_FLOWS 2048 /* more than an array of six rows has ports for */
#define MAX_DESTS 256  /* of one packet flow */

/* ---- reading --------------------------------------------------------------------------------- */

static ts_status read_ends(route *s, ts_op *op, packet_flow *flow) {
    ts_block *block = op->n_regions ? op->regions[0].first : NULL;
    uint32_t n_sources = 0;
    for (const ts_op *end = block ? block->first : NULL; end; end = end->next) {
        router_node node = ROUTER_NO_NODE;
        bool is_dest = end->code == TS_OP_AIE_PACKET_DEST;
        if (!is_dest && end->code != TS_OP_AIE_PACKET_SOURCE) continue;
        TS_TRY(route_port(s, end, pass_tile_of(end), "bundle", "channel", is_dest, &node));
        if (!is_dest) {
            flow->source = node;
            n_sources++;
            continue;
        }
        if (flow->n_dests == MAX_DESTS)
            return pass_fail(s->c, end, TS_RANGE, "more than %d destinations", MAX_DESTS);
        router_node *dests = ts_arena_grow(s->scratch, flow->dests, flow->n_dests * sizeof *dests,
                                           (flow->n_dests + 1) * sizeof *dests);
        if (!dests) return ts_fail_nomem(s->c->diag);
        dests[flow->n_dests++] = node;
        flow->dests = dests;
    }
    if (n_sources != 1)
        return pass_fail(s->c, op, TS_SYNTAX, "must have exactly one aie.packet_source (got %u)",
                         n_sources);
    if (!flow->n_dests)
        return pass_fail(s->c, op, TS_SYNTAX, "must have at least one aie.packet_dest");
    return TS_OK;
}

static ts_status count_flows(route *s, ts_op_code code, uint32_t *n) {
    *n = 0;
    for (ts_op *op = NULL; (op = ts_op_child(s->c->device, code, op));)
        if (++*n > MAX_FLOWS)
            return pass_fail(s->c, op, TS_RANGE, "more than %d flows of a kind", MAX_FLOWS);
    return TS_OK;
}

ts_status route_read_packets(route *s) {
    uint32_t n = 0, n_circuits = 0;
    TS_TRY(count_flows(s, TS_OP_AIE_FLOW, &n_circuits));
    TS_TRY(count_flows(s, TS_OP_AIE_PACKET_FLOW, &n));
    s->flows = TS_ARENA_ARRAY(s->scratch, packet_flow, n);
    if (!s->flows) return ts_fail_nomem(s->c->diag);
    for (ts_op *op = NULL; (op = ts_op_child(s->c->device, TS_OP_AIE_PACKET_FLOW, op));) {
        int64_t id = ts_op_integer(op, "ID", -1);
        if (id < 0 || id >= 1 << PACKETS_ID_BITS)
            return pass_fail(s->c, op, TS_RANGE, "packet id %lld is not within 0 to 31",
                             (long long)id);
        packet_flow *flow = &s->flows[s->n_flows++];
        *flow = (packet_flow){
            .id = (int32_t)id, .is_priority = ts_op_bool(op, "priority_route"), .op = op};
        TS_TRY(read_ends(s, op, flow));
    }
    return TS_OK;
}

static ts_status circuit_ends(route *s, const ts_op *op, router_node *source, router_node *dest) {
    if (op->n_operands != 2)
        return pass_fail(s->c, op, TS_SYNTAX, "aie.flow needs a source and a destination");
    TS_TRY(route_port(s, op, pass_tile_of_value(op->operands[0].value), "source_bundle",
                      "source_channel", false, source));
    return route_port(s, op, pass_tile_of_value(op->operands[1].value), "dest_bundle",
                      "dest_channel", true, dest);
}

/* Packet flows, priority flows among them first, then circuits in the order of the design. */
static ts_status add_flows(route *s, router *r) {
    bool ok = true;
    for (uint32_t i = 0; i < s->n_flows; i++)
        for (uint32_t d = 0; d < s->flows[i].n_dests; d++)
            ok = ok && router_add_flow(r, s->flows[i].source, s->flows[i].dests[d], true,
                                       s->flows[i].is_priority, s->flows[i].op);
    router_sort_flows(r);
    for (ts_op *op = NULL; (op = ts_op_child(s->c->device, TS_OP_AIE_FLOW, op));) {
        router_node source = ROUTER_NO_NODE, dest = ROUTER_NO_NODE;
        TS_TRY(circuit_ends(s, op, &source, &dest));
        ok = ok && router_add_flow(r, source, dest, false, false, op);
    }
    return ok ? TS_OK : ts_fail_nomem(s->c->diag);
}

/* Ports of packets that are routed already. */
static ts_status fix_packets(route *s, router *r, uint32_t place) {
    const ts_block *block = s->switches[place]->regions[0].first;
    for (const ts_op *op = block ? block->first : NULL; op; op = op->next) {
        bool is_master = op->code == TS_OP_AIE_MASTERSET;
        router_node port = ROUTER_NO_NODE;
        if (!is_master && op->code != TS_OP_AIE_PACKET_RULES) continue;
        TS_TRY(route_port(s, op, s->tiles[place], is_master ? "dest_bundle" : "source_bundle",
                          is_master ? "dest_channel" : "source_channel", is_master, &port));
        if (!router_fix_port(r, port, is_master)) return ts_fail_nomem(s->c->diag);
    }
    return TS_OK;
}

static ts_status fix_connections(route *s, router *r) {
    for (uint32_t place = 0; place < r->n_switches; place++) {
        const ts_op *sw = s->switches[place];
        if (sw) TS_TRY(fix_packets(s, r, place));
        for (ts_op *op = NULL; sw && (op = ts_op_child(sw, TS_OP_AIE_CONNECT, op));) {
            router_node from = ROUTER_NO_NODE, to = ROUTER_NO_NODE;
            TS_TRY(route_port(s, op, s->tiles[place], "source_bundle", "source_channel", false,
                              &from));
            TS_TRY(route_port(s, op, s->tiles[place], "dest_bundle", "dest_channel", true, &to));
            if (!router_fix_connection(r, router_end_of(r->device, from),
                                       router_end_of(r->device, to)))
                return pass_fail(s->c, op, TS_CONFLICT,
                                 "unable to add fixed connections: %s cannot connect these ports",
                                 pass_tile_text(s->c, s->tiles[place]));
        }
    }
    return TS_OK;
}

/* ---- finding --------------------------------------------------------------------------------- */

static ts_status fail_routing(route *s, ts_status status) {
    ts_buf text = ts_buf_in(s->scratch);
    const router *r = s->router;
    router_explain(r, status, &text);
    ts_buf_u8(&text, 0);
    if (text.failed) return ts_fail_nomem(s->c->diag);
    const ts_op *op = status == TS_MISSING ? r->flows[r->lost_flow].op : s->c->device;
    return pass_fail(s->c, op, TS_CONFLICT, "%s", (const char *)text.data);
}

static ts_status try_routes(route *s, bool is_strict, ts_status *out) {
    s->router = router_new(s->scratch, &s->c->grid, is_strict);
    if (!s->router) return ts_fail_nomem(s->c->diag);
    TS_TRY(add_flows(s, s->router));
    TS_TRY(fix_connections(s, s->router));
    *out = router_run(s->router, is_strict ? ROUTER_MAX_STRICT : ROUTER_MAX_ITERATIONS);
    if (*out == TS_NOMEM) return ts_fail_nomem(s->c->diag);
    return TS_OK;
}

ts_status route_find(route *s) {
    ts_status status;
    TS_TRY(try_routes(s, false, &status));
    if (status == TS_OK && router_routes_work(s->router)) return TS_OK;
    TS_TRY(try_routes(s, true, &status));
    if (status == TS_OK && router_routes_work(s->router)) return TS_OK;
    return fail_routing(s, status);
}

/* ---- circuits -------------------------------------------------------------------------------- */

static bool is_shim(const route *s, router_end end) {
    const ts_npu_tile *tile = ts_npu_tile_at(&s->c->grid, end.column, end.row);
    return tile && tile->kind == TS_NPU_SHIM;
}

/* A stream that enters at the multiplexer reaches the switch from the south. */
static void enter_mux(route *s, uint32_t place, router_end *source) {
    if (!is_shim(s, *source) || (source->bundle != ROUTER_DMA && source->bundle != ROUTER_SOUTH))
        return;
    uint32_t channel =
        source->bundle == ROUTER_DMA ? ROUTER_SHIM_MM2S_PORT(source->channel) : source->channel;
    route_connect(s, route_mux(s, place), source->bundle, source->channel, ROUTER_NORTH, channel,
                  false);
    source->bundle = ROUTER_SOUTH;
    source->channel = channel;
}

static void leave_by_mux(route *s, uint32_t place, router_end *dest) {
    if (!is_shim(s, *dest) || dest->bundle != ROUTER_DMA) return;
    uint32_t channel = ROUTER_SHIM_S2MM_PORT(dest->channel);
    route_connect(s, route_mux(s, place), ROUTER_NORTH, channel, ROUTER_DMA, dest->channel, false);
    dest->bundle = ROUTER_SOUTH;
    dest->channel = channel;
}

static void write_circuit(route *s, const router_flow *flow, const router_route *way) {
    const ts_npu_device *grid = &s->c->grid;
    router_end source = router_end_of(grid, flow->source);
    bool is_entered = false;
    for (uint32_t i = 0; i < way->n_hops; i++) {
        uint32_t place = router_tile_of(grid, way->hops[i].from);
        router_end from = router_end_of(grid, way->hops[i].from);
        router_end to = router_end_of(grid, way->hops[i].to);
        ts_op *sw = route_switch(s, place);
        if (way->hops[i].from == flow->source) {
            if (!is_entered) enter_mux(s, place, &source);
            is_entered = true;
            from = source;
        }
        leave_by_mux(s, place, &to);
        route_connect(s, sw, from.bundle, from.channel, to.bundle, to.channel, false);
    }
}

ts_status route_write_circuits(route *s) {
    bool *is_done = TS_ARENA_ARRAY(s->scratch, bool, s->router->n_flows);
    if (!is_done) return ts_fail_nomem(s->c->diag);
    ts_op *next;
    for (ts_op *op = ts_op_child(s->c->device, TS_OP_AIE_FLOW, NULL); op; op = next) {
        router_node source = ROUTER_NO_NODE, dest = ROUTER_NO_NODE;
        next = ts_op_child(s->c->device, TS_OP_AIE_FLOW, op);
        TS_TRY(circuit_ends(s, op, &source, &dest));
        route_at_end(s, s->body);
        for (uint32_t i = 0; i < s->router->n_flows; i++) {
            if (s->router->flows[i].source != source || is_done[i]) continue;
            if (s->router->flows[i].group >= 0)
                return pass_fail(s->c, op, TS_CONFLICT,
                                 "a packet flow starts at the same port as this circuit");
            write_circuit(s, &s->router->flows[i], &s->router->routes[i]);
            is_done[i] = true;
        }
        ts_op_erase(op);
    }
    return TS_OK;
}
