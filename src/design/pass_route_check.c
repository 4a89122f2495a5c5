/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Proof of a routed device: every switch keeps its limits, and a stream that starts where a flow
 * starts comes out where the flow ends and nowhere else. Reads the finished operations only.
 */
#include "pass_route.h"

#define MAX_STEPS 4096 /* of one stream: more than the ports of an array in a line */

typedef struct link {
    router_node from, to;
    const ts_op *op;
} link;

typedef struct rule {
    router_node slave;
    uint32_t mask, value;
    const ts_value *select;
    const ts_op *op;
} rule;

typedef struct master {
    router_node port;
    const ts_op *op; /* aie.masterset */
} master;

typedef struct check {
    route *s;
    link *circuits, *muxes;
    rule *rules;
    master *masters;
    uint32_t n_circuits, n_muxes, n_rules, n_masters;
    /* of the stream that is being followed */
    int32_t id; /* -1: a circuit */
    const ts_op *flow;
    router_node source;
    const router_node *dests;
    uint32_t n_dests, n_steps;
    bool *is_reached;
} check;

static void *add_row(check *k, void *rows, uint32_t *n_rows, size_t size) {
    void *grown = ts_arena_grow(k->s->scratch, rows, *n_rows * size, (*n_rows + 1) * size);
    if (grown) ++*n_rows;
    return grown;
}

/* ---- reading switchboxes --------------------------------------------------------------------- */

/* Of the switch itself: what the shim's multiplexer has is not. */
static ts_status switch_port(check *k, const ts_op *op, const ts_op *tile, const char *bundle,
                             const char *channel, bool is_master, router_node *out) {
    TS_TRY(route_port(k->s, op, tile, bundle, channel, is_master, out));
    router_end end = router_end_of(&k->s->c->grid, *out);
    ts_npu_port port = {.channel = (uint8_t)end.channel};
    uint32_t index;
    if (router_bundle_npu(end.bundle, &port.bundle) &&
        ts_npu_port_index(pass_tile_kind(k->s->c, tile), is_master, port, &index))
        return TS_OK;
    return pass_fail(k->s->c, op, TS_RANGE, "the switch of %s has no %s port %s : %u",
                     pass_tile_text(k->s->c, tile), is_master ? "master" : "slave",
                     router_bundle_name(end.bundle), end.channel);
}

static ts_status read_link(check *k, const ts_op *op, const ts_op *tile, bool is_mux) {
    link **links = is_mux ? &k->muxes : &k->circuits;
    uint32_t *n = is_mux ? &k->n_muxes : &k->n_circuits;
    const ts_npu_device *grid = &k->s->c->grid;
    router_node from, to;
    if (is_mux) { /* its ports face the switch's South with North, the rest of them are its own */
        router_end ends[2];
        const char *names[2][2] = {{"source_bundle", "source_channel"},
                                   {"dest_bundle", "dest_channel"}};
        for (int i = 0; i < 2; i++) {
            int64_t bundle = ts_op_integer(op, names[i][0], -1);
            int64_t channel = ts_op_integer(op, names[i][1], -1);
            if (bundle < 0 || bundle >= ROUTER_N_BUNDLES || channel < 0 ||
                channel >= ROUTER_MAX_CHANNELS)
                return pass_fail(k->s->c, op, TS_RANGE, "the multiplexer has no such port");
            ends[i] = (router_end){(uint32_t)pass_column(tile), (uint32_t)pass_row(tile),
                                   (uint32_t)bundle, (uint32_t)channel};
        }
        from = router_node_of(grid, ends[0]);
        to = router_node_of(grid, ends[1]);
    } else {
        TS_TRY(switch_port(k, op, tile, "source_bundle", "source_channel", false, &from));
        TS_TRY(switch_port(k, op, tile, "dest_bundle", "dest_channel", true, &to));
        if (!router_is_legal(grid, router_end_of(grid, from), router_end_of(grid, to)))
            return pass_fail(k->s->c, op, TS_RANGE, "illegal stream switch connection");
    }
    link *grown = add_row(k, *links, n, sizeof **links);
    if (!grown) return ts_fail_nomem(k->s->c->diag);
    *links = grown;
    grown[*n - 1] = (link){from, to, op};
    return TS_OK;
}

static ts_status read_master(check *k, const ts_op *op, const ts_op *tile) {
    router_node port;
    int64_t arbiter = -1;
    TS_TRY(switch_port(k, op, tile, "dest_bundle", "dest_channel", true, &port));
    for (uint32_t i = 0; i < op->n_operands; i++) {
        const ts_op *select = op->operands[i].value->owner;
        if (!select || select->code != TS_OP_AIE_AMSEL)
            return pass_fail(k->s->c, op, TS_SYNTAX, "a masterset takes aie.amsel");
        int64_t of_this = ts_op_integer(select, "arbiterID", -1);
        if (arbiter >= 0 && arbiter != of_this)
            return pass_fail(k->s->c, op, TS_CONFLICT,
                             "a master port can only be tied to one arbiter");
        arbiter = of_this;
    }
    master *grown = add_row(k, k->masters, &k->n_masters, sizeof *grown);
    if (!grown) return ts_fail_nomem(k->s->c->diag);
    k->masters = grown;
    grown[k->n_masters - 1] = (master){port, op};
    return TS_OK;
}

static ts_status read_rules(check *k, const ts_op *op, const ts_op *tile) {
    router_node slave;
    uint32_t n = 0;
    TS_TRY(switch_port(k, op, tile, "source_bundle", "source_channel", false, &slave));
    for (uint32_t i = 0; i < k->n_rules; i++)
        if (k->rules[i].slave == slave)
            return pass_fail(k->s->c, op, TS_CONFLICT, "the port has rules already");
    for (ts_op *r = NULL; (r = ts_op_child(op, TS_OP_AIE_RULE, r)); n++) {
        rule *grown = add_row(k, k->rules, &k->n_rules, sizeof *grown);
        if (!grown) return ts_fail_nomem(k->s->c->diag);
        k->rules = grown;
        if (!r->n_operands) return pass_fail(k->s->c, r, TS_SYNTAX, "a rule takes an aie.amsel");
        grown[k->n_rules - 1] =
            (rule){slave, (uint32_t)ts_op_integer(r, "mask", 0),
                   (uint32_t)ts_op_integer(r, "value", 0), r->operands[0].value, r};
    }
    const ts_npu_tile *kind = pass_tile_kind(k->s->c, tile);
    if (n > kind->n_slots)
        return pass_fail(k->s->c, op, TS_CONFLICT,
                         "port %s : %lld of the switch %s needs %u packet rules; it has %u slots",
                         router_bundle_name((uint32_t)ts_op_integer(op, "source_bundle", 0)),
                         (long long)ts_op_integer(op, "source_channel", 0),
                         pass_tile_text(k->s->c, tile), n, kind->n_slots);
    return TS_OK;
}

static ts_status read_select(check *k, const ts_op *op) {
    int64_t arbiter = ts_op_integer(op, "arbiterID", -1), msel = ts_op_integer(op, "msel", -1);
    if (arbiter < 0 || arbiter >= PACKETS_N_ARBITERS || msel < 0 || msel >= PACKETS_N_MSELS)
        return pass_fail(k->s->c, op, TS_RANGE, "there is no arbiter %lld with msel %lld",
                         (long long)arbiter, (long long)msel);
    for (const ts_op *other = op->block->first; other != op; other = other->next)
        if (other->code == TS_OP_AIE_AMSEL && ts_op_integer(other, "arbiterID", -1) == arbiter &&
            ts_op_integer(other, "msel", -1) == msel)
            return pass_fail(k->s->c, op, TS_CONFLICT, "arbiter %lld has msel %lld twice",
                             (long long)arbiter, (long long)msel);
    return TS_OK;
}

static ts_status read_interconnect(check *k, const ts_op *op, const ts_op *tile, bool is_mux) {
    const ts_block *block = op->n_regions ? op->regions[0].first : NULL;
    if (!block) return TS_OK;
    for (const ts_op *at = block->first; at; at = at->next) {
        if (at->code == TS_OP_AIE_CONNECT) TS_TRY(read_link(k, at, tile, is_mux));
        if (at->code == TS_OP_AIE_MASTERSET) TS_TRY(read_master(k, at, tile));
        if (at->code == TS_OP_AIE_PACKET_RULES) TS_TRY(read_rules(k, at, tile));
        if (at->code == TS_OP_AIE_AMSEL) TS_TRY(read_select(k, at));
    }
    return TS_OK;
}

static ts_status read_all(check *k) {
    uint32_t n = (uint32_t)k->s->c->grid.n_columns * k->s->c->grid.n_rows;
    for (uint32_t place = 0; place < n; place++) {
        if (k->s->switches[place])
            TS_TRY(read_interconnect(k, k->s->switches[place], k->s->tiles[place], false));
        if (k->s->muxes[place])
            TS_TRY(read_interconnect(k, k->s->muxes[place], k->s->tiles[place], true));
    }
    return TS_OK;
}

/* A rule can only send to masters that its port can feed. */
static ts_status check_rule(check *k, const rule *r) {
    const ts_npu_device *grid = &k->s->c->grid;
    for (uint32_t i = 0; i < k->n_masters; i++)
        for (uint32_t j = 0; j < k->masters[i].op->n_operands; j++)
            if (k->masters[i].op->operands[j].value == r->select &&
                !router_is_legal(grid, router_end_of(grid, r->slave),
                                 router_end_of(grid, k->masters[i].port)))
                return pass_fail(k->s->c, r->select->owner, TS_RANGE,
                                 "illegal stream switch connection");
    return TS_OK;
}

/* ---- ports ----------------------------------------------------------------------------------- */

static ts_status fail_twice(check *k, const ts_op *op, router_node port, const char *what) {
    router_end end = router_end_of(&k->s->c->grid, port);
    return pass_fail(k->s->c, op, TS_CONFLICT, "%s %s : %u of the switch (%u, %u) is used twice",
                     what, router_bundle_name(end.bundle), end.channel, end.column, end.row);
}

static ts_status check_ports(check *k) {
    for (uint32_t i = 0; i < k->n_rules; i++)
        TS_TRY(check_rule(k, &k->rules[i]));
    for (uint32_t i = 0; i < k->n_circuits; i++) {
        for (uint32_t j = 0; j < i; j++)
            if (k->circuits[j].to == k->circuits[i].to)
                return fail_twice(k, k->circuits[i].op, k->circuits[i].to, "master port");
        for (uint32_t j = 0; j < k->n_rules; j++)
            if (k->rules[j].slave == k->circuits[i].from)
                return fail_twice(k, k->circuits[i].op, k->circuits[i].from, "slave port");
    }
    for (uint32_t i = 0; i < k->n_masters; i++) {
        for (uint32_t j = 0; j < i; j++)
            if (k->masters[j].port == k->masters[i].port)
                return fail_twice(k, k->masters[i].op, k->masters[i].port, "master port");
        for (uint32_t j = 0; j < k->n_circuits; j++)
            if (k->circuits[j].to == k->masters[i].port)
                return fail_twice(k, k->masters[i].op, k->masters[i].port, "master port");
    }
    for (uint32_t i = 0; i < k->n_muxes; i++)
        for (uint32_t j = 0; j < i; j++)
            if (k->muxes[j].to == k->muxes[i].to)
                return fail_twice(k, k->muxes[i].op, k->muxes[i].to, "multiplexer port");
    return TS_OK;
}

/* ---- streams --------------------------------------------------------------------------------- */

static ts_status lost(check *k, router_node at, const char *what) {
    router_end from = router_end_of(&k->s->c->grid, k->source);
    router_end end = router_end_of(&k->s->c->grid, at);
    return pass_fail(k->s->c, k->flow, TS_CONFLICT,
                     "the flow from (%u, %u) %s : %u %s (%u, %u) %s : %u", from.column, from.row,
                     router_bundle_name(from.bundle), from.channel, what, end.column, end.row,
                     router_bundle_name(end.bundle), end.channel);
}

/* True when `port` is one of the flow's destinations; it must not have been there. */
static bool reach(check *k, router_node port, ts_status *status) {
    bool is_dest = false;
    for (uint32_t i = 0; i < k->n_dests; i++) {
        if (k->dests[i] != port) continue;
        if (k->is_reached[i]) *status = lost(k, port, "arrives twice at");
        k->is_reached[i] = true;
        is_dest = true;
    }
    return is_dest;
}

static bool through_mux(const check *k, router_node from, uint32_t to_bundle, router_end *out) {
    for (uint32_t i = 0; i < k->n_muxes; i++) {
        router_end to = router_end_of(&k->s->c->grid, k->muxes[i].to);
        if (k->muxes[i].from == from && (to_bundle == ROUTER_N_BUNDLES || to.bundle == to_bundle)) {
            *out = to;
            return true;
        }
    }
    return false;
}

static ts_status enter_switch(check *k, router_node slave);

static ts_status leave_switch(check *k, router_node port) {
    const ts_npu_device *grid = &k->s->c->grid;
    router_end end = router_end_of(grid, port), next;
    ts_status status = TS_OK;
    if (reach(k, port, &status)) return status;
    if (router_neighbor(grid, end, &next)) return enter_switch(k, router_node_of(grid, next));
    if (end.bundle == ROUTER_SOUTH) {
        end.bundle = ROUTER_NORTH;
        if (through_mux(k, router_node_of(grid, end), ROUTER_N_BUNDLES, &next) &&
            reach(k, router_node_of(grid, next), &status))
            return status;
    }
    return lost(k, port, "comes out at");
}

static ts_status leave_by_select(check *k, const ts_value *select) {
    for (uint32_t i = 0; i < k->n_masters; i++)
        for (uint32_t j = 0; j < k->masters[i].op->n_operands; j++)
            if (k->masters[i].op->operands[j].value == select)
                TS_TRY(leave_switch(k, k->masters[i].port));
    return TS_OK;
}

static ts_status enter_switch(check *k, router_node slave) {
    bool is_taken = false;
    if (++k->n_steps > MAX_STEPS) return lost(k, slave, "goes in circles through");
    for (uint32_t i = 0; i < k->n_circuits; i++)
        if (k->circuits[i].from == slave) {
            is_taken = true;
            TS_TRY(leave_switch(k, k->circuits[i].to));
        }
    for (uint32_t i = 0; i < k->n_rules && !is_taken; i++)
        if (k->rules[i].slave == slave && k->id >= 0 &&
            ((uint32_t)k->id & k->rules[i].mask) == k->rules[i].value) {
            is_taken = true;
            TS_TRY(leave_by_select(k, k->rules[i].select));
        }
    return is_taken ? TS_OK : lost(k, slave, "is lost at");
}

/* A shim's DMA, and for circuits its South, goes through the multiplexer first. */
static ts_status follow(check *k) {
    const ts_npu_device *grid = &k->s->c->grid;
    router_end end = router_end_of(grid, k->source), to;
    router_node slave = k->source;
    k->n_steps = 0;
    if (end.row == 0 && through_mux(k, k->source, ROUTER_NORTH, &to)) {
        to.bundle = ROUTER_SOUTH;
        slave = router_node_of(grid, to);
    }
    TS_TRY(enter_switch(k, slave));
    for (uint32_t i = 0; i < k->n_dests; i++)
        if (!k->is_reached[i]) return lost(k, k->dests[i], "does not arrive at");
    return TS_OK;
}

static bool add_dest(check *k, router_node **dests, uint32_t *n_dests, router_node dest) {
    for (uint32_t i = 0; i < *n_dests; i++)
        if ((*dests)[i] == dest) return true;
    router_node *grown = add_row(k, *dests, n_dests, sizeof dest);
    if (!grown) return false;
    grown[*n_dests - 1] = dest;
    *dests = grown;
    return true;
}

static ts_status follow_to(check *k, const ts_op *op, int32_t id, router_node source,
                           const router_node *dests, uint32_t n_dests) {
    k->flow = op;
    k->id = id;
    k->source = source;
    k->dests = dests;
    k->n_dests = n_dests;
    k->is_reached = TS_ARENA_ARRAY(k->s->scratch, bool, n_dests);
    return k->is_reached ? follow(k) : ts_fail_nomem(k->s->c->diag);
}

/* Packet flows of one source and id are one stream. */
static ts_status follow_packets(check *k) {
    const route *s = k->s;
    for (uint32_t i = 0; i < s->n_flows; i++) {
        router_node *dests = NULL;
        uint32_t n_dests = 0;
        for (uint32_t j = 0; j < s->n_flows; j++)
            for (uint32_t d = 0; d < s->flows[j].n_dests; d++)
                if (s->flows[j].source == s->flows[i].source && s->flows[j].id == s->flows[i].id &&
                    !add_dest(k, &dests, &n_dests, s->flows[j].dests[d]))
                    return ts_fail_nomem(s->c->diag);
        TS_TRY(follow_to(k, s->flows[i].op, s->flows[i].id, s->flows[i].source, dests, n_dests));
    }
    return TS_OK;
}

static ts_status follow_circuits(check *k) {
    const router *r = k->s->router;
    for (uint32_t i = 0; r && i < r->n_flows; i++) {
        const router_flow *flow = &r->flows[i];
        router_node *dests = NULL;
        uint32_t n_dests = 0;
        if (flow->group >= 0) continue;
        for (uint32_t d = 0; d < flow->n_dests; d++)
            if (!add_dest(k, &dests, &n_dests, flow->dests[d])) return ts_fail_nomem(k->s->c->diag);
        TS_TRY(follow_to(k, flow->op, -1, flow->source, dests, n_dests));
    }
    return TS_OK;
}

ts_status route_check(route *s) {
    check k = {.s = s};
    TS_TRY(read_all(&k));
    TS_TRY(check_ports(&k));
    TS_TRY(follow_circuits(&k));
    return follow_packets(&k);
}

static ts_status verify(ts_pass_context *c, ts_arena *scratch) {
    route s;
    TS_TRY(route_begin(&s, c, scratch));
    TS_TRY(route_read_packets(&s));
    return route_check(&s);
}

ts_status ts_verify_route(ts_pass_context *c) {
    ts_arena scratch;
    ts_arena_init(&scratch, c->design->arena->budget_bytes);
    ts_status status = verify(c, &scratch);
    ts_arena_free(&scratch);
    return status;
}
