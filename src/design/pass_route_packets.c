/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Plans of packet flows to aie.amsel, aie.masterset and aie.packet_rules, and wires between what is
 * there in the end.
 * src: Xilinx/mlir-aie: lib/Dialect/AIE/Transforms/AIECreatePathFindFlows.cpp, runOnPacketFlow,
 * runOnOperation [code]
 */
#include "pass_route.h"

/* ---- switchboxes ----------------------------------------------------------------------------- */

static void set_i8(route *s, ts_op *op, const char *name, int64_t value) {
    const ts_type *i8 = ts_type_integer(s->c->design, 8, TS_SIGNLESS);
    pass_set(&s->b, op, name, i8 ? ts_attr_integer(s->c->design, value, i8) : NULL);
}

static void write_selects(route *s, const packet_switch *plan, ts_value **values) {
    const ts_type *index = ts_type_index(s->c->design);
    for (uint32_t select = 0; select < PACKETS_N_SELECTS; select++) {
        if (!plan->n_masters[select]) continue;
        ts_op *op = pass_make(&s->b, TS_OP_AIE_AMSEL, NULL, 0, &index, 1, 0);
        set_i8(s, op, "arbiterID", select % PACKETS_N_ARBITERS);
        set_i8(s, op, "msel", select / PACKETS_N_ARBITERS);
        values[select] = pass_result(op);
    }
}

/* As the last flow to that port has it. */
static const ts_attr *keep_header(const route *s, router_node port) {
    for (uint32_t i = s->n_flows; i-- > 0;)
        for (uint32_t d = 0; d < s->flows[i].n_dests; d++)
            if (s->flows[i].dests[d] == port) return ts_op_attr(s->flows[i].op, "keep_pkt_header");
    return NULL;
}

static void write_master(route *s, const packet_switch *plan, router_node port,
                         ts_value *const *values) {
    const ts_type *index = ts_type_index(s->c->design);
    router_end end = router_end_of(&s->c->grid, port);
    ts_value *selects[PACKETS_N_SELECTS];
    size_t n = 0;
    for (uint32_t select = 0; select < PACKETS_N_SELECTS; select++)
        for (uint32_t i = 0; i < plan->n_masters[select]; i++)
            if (plan->masters[select][i] == port) selects[n++] = values[select];
    if (!n || s->b.failed) return;
    ts_op *op = pass_make(&s->b, TS_OP_AIE_MASTERSET, selects, n, &index, 1, 0);
    const ts_attr *keep = keep_header(s, port);
    pass_set_i32(&s->b, op, "dest_bundle", end.bundle);
    pass_set_i32(&s->b, op, "dest_channel", end.channel);
    if (keep) pass_set(&s->b, op, "keep_pkt_header", keep);
}

static ts_op *rules_of(route *s, const ts_op *sw, router_end end) {
    for (ts_op *op = NULL; (op = ts_op_child(sw, TS_OP_AIE_PACKET_RULES, op));)
        if (ts_op_integer(op, "source_bundle", -1) == end.bundle &&
            ts_op_integer(op, "source_channel", -1) == end.channel)
            return op;
    ts_op *op = pass_make(&s->b, TS_OP_AIE_PACKET_RULES, NULL, 0, NULL, 0, 1);
    if (op && !ts_block_append(s->c->design, &op->regions[0])) s->b.failed = true;
    pass_set_i32(&s->b, op, "source_bundle", end.bundle);
    pass_set_i32(&s->b, op, "source_channel", end.channel);
    return op;
}

static void write_rule(route *s, const ts_op *sw, const packet_rule *rule,
                       ts_value *const *values) {
    route_at_end(s, sw->regions[0].first);
    ts_op *rules = rules_of(s, sw, router_end_of(&s->c->grid, rule->slave));
    ts_value *select = values[rule->select];
    if (!rules || s->b.failed) return;
    route_at_end(s, rules->regions[0].first);
    ts_op *op = pass_make(&s->b, TS_OP_AIE_RULE, &select, 1, NULL, 0, 0);
    set_i8(s, op, "mask", rule->mask);
    set_i8(s, op, "value", rule->value);
}

static void write_switch(route *s, const packets *p, uint32_t place) {
    ts_value *values[PACKETS_N_SELECTS] = {0};
    pass_after(&s->b, s->tiles[place]);
    ts_op *sw = route_switch(s, place);
    if (!sw || s->b.failed) return;
    route_at_end(s, sw->regions[0].first);
    write_selects(s, &p->switches[place], values);
    const router_switch *ports = &s->router->switches[place];
    for (uint32_t i = 0; i < ports->n_masters; i++)
        write_master(s, &p->switches[place], ports->masters[i], values);
    for (uint32_t i = 0; i < p->n_rules; i++)
        if (router_tile_of(&s->c->grid, p->rules[i].slave) == place)
            write_rule(s, sw, &p->rules[i], values);
}

/* ---- the shim's multiplexer ------------------------------------------------------------------ */

static void rename_port(route *s, ts_op *op, const char *bundle, const char *channel,
                        uint32_t number) {
    pass_set_i32(&s->b, op, bundle, ROUTER_SOUTH);
    pass_set_i32(&s->b, op, channel, number);
}

static void lead_to_mux(route *s, uint32_t place, ts_op *op) {
    bool is_rules = op->code == TS_OP_AIE_PACKET_RULES;
    const char *bundle = is_rules ? "source_bundle" : "dest_bundle";
    const char *channel = is_rules ? "source_channel" : "dest_channel";
    if ((!is_rules && op->code != TS_OP_AIE_MASTERSET) ||
        ts_op_integer(op, bundle, -1) != ROUTER_DMA)
        return;
    uint32_t dma = (uint32_t)ts_op_integer(op, channel, 0);
    uint32_t port = is_rules ? ROUTER_SHIM_MM2S_PORT(dma) : ROUTER_SHIM_S2MM_PORT(dma);
    pass_after(&s->b, s->tiles[place]);
    ts_op *mux = route_mux(s, place);
    rename_port(s, op, bundle, channel, port);
    if (is_rules)
        route_connect(s, mux, ROUTER_DMA, dma, ROUTER_NORTH, port, true);
    else
        route_connect(s, mux, ROUTER_NORTH, port, ROUTER_DMA, dma, true);
}

static void write_muxes(route *s) {
    uint32_t n = (uint32_t)s->c->grid.n_columns * s->c->grid.n_rows;
    for (uint32_t place = 0; place < n; place++) {
        const ts_op *sw = s->switches[place];
        if (!sw || !pass_is_tile(s->c, s->tiles[place], TS_NPU_SHIM)) continue;
        const ts_block *block = sw->regions[0].first;
        for (ts_op *op = block ? block->first : NULL; op; op = op->next)
            lead_to_mux(s, place, op);
    }
}

/* Selects of switchboxes that were there before. */
static void note_selects(const route *s, packets *p) {
    for (uint32_t place = 0; place < s->router->n_switches; place++)
        for (ts_op *op = NULL;
             s->switches[place] && (op = ts_op_child(s->switches[place], TS_OP_AIE_AMSEL, op));) {
            int64_t arbiter = ts_op_integer(op, "arbiterID", -1);
            int64_t msel = ts_op_integer(op, "msel", -1);
            if (arbiter >= 0 && arbiter < PACKETS_N_ARBITERS && msel >= 0 && msel < PACKETS_N_MSELS)
                p->switches[place].is_used[arbiter + msel * PACKETS_N_ARBITERS] = true;
        }
}

/* Places of switches come in the order of columns and rows, new tiles in that of the entries. */
ts_status route_write_packets(route *s) {
    packets p = {
        .router = s->router, .arena = s->scratch, .flows = s->flows, .n_flows = s->n_flows};
    ts_diag diag = {0};
    if (!packets_begin(&p)) return ts_fail_nomem(s->c->diag);
    note_selects(s, &p);
    ts_status status = packets_plan(&p, &diag);
    if (status == TS_NOMEM) return ts_fail_nomem(s->c->diag);
    if (status != TS_OK)
        return pass_fail(s->c, p.bad_op ? p.bad_op : s->c->device, status, "%s", diag.message);
    uint32_t n = (uint32_t)s->c->grid.n_columns * s->c->grid.n_rows;
    route_at_end(s, s->body);
    for (uint32_t i = 0; i < p.n_entries; i++)
        route_tile(s, router_tile_of(&s->c->grid, p.entries[i].slave));
    for (uint32_t place = 0; place < n && !s->b.failed; place++)
        if (s->tiles[place]) write_switch(s, &p, place);
    write_muxes(s);
    return s->b.failed ? ts_fail_nomem(s->c->diag) : TS_OK;
}

/* ---- wires ----------------------------------------------------------------------------------- */

static void wire(route *s, ts_op *from, uint32_t from_bundle, ts_op *to, uint32_t to_bundle) {
    ts_value *ends[2] = {pass_result(from), pass_result(to)};
    if (!ends[0] || !ends[1]) return;
    ts_op *op = pass_make(&s->b, TS_OP_AIE_WIRE, ends, 2, NULL, 0, 0);
    pass_set_i32(&s->b, op, "source_bundle", from_bundle);
    pass_set_i32(&s->b, op, "dest_bundle", to_bundle);
}

static void wire_place(route *s, uint32_t place) {
    uint32_t rows = s->c->grid.n_rows;
    ts_op *tile = s->tiles[place], *sw = s->switches[place];
    if (!tile || !sw || !rows) return;
    if (place >= rows && s->switches[place - rows])
        wire(s, s->switches[place - rows], ROUTER_EAST, sw, ROUTER_WEST);
    if (place % rows > 0) {
        wire(s, tile, ROUTER_CORE, sw, ROUTER_CORE);
        wire(s, tile, ROUTER_DMA, sw, ROUTER_DMA);
        if (s->switches[place - 1]) wire(s, s->switches[place - 1], ROUTER_NORTH, sw, ROUTER_SOUTH);
    } else if (s->muxes[place]) {
        wire(s, s->muxes[place], ROUTER_NORTH, sw, ROUTER_SOUTH);
        wire(s, tile, ROUTER_DMA, s->muxes[place], ROUTER_DMA);
    }
}

void route_write_wires(route *s) {
    uint32_t n = (uint32_t)s->c->grid.n_columns * s->c->grid.n_rows;
    route_at_end(s, s->body);
    for (uint32_t place = 0; place < n; place++)
        wire_place(s, place);
}
