/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Packet flows: which ids enter a switch where and leave it where, the arbiter and master select
 * that brings them there, and rules for as many ids at once as go together.
 *
 * Order decides numbers here; it is mlir-aie's.
 * src: Xilinx/mlir-aie: lib/Dialect/AIE/Transforms/AIECreatePathFindFlows.cpp, runOnPacketFlow
 * [code]
 */
#include "router_packets.h"

#include <string.h>

/* One connection of a switch that packets of an id need. */
typedef struct packet_connect {
    router_hop hop;
    int32_t id;
    bool is_priority; /* as the last flow with this id through that master has it */
} packet_connect;

/* ---- which connections each id needs --------------------------------------------------------- */

static const router_route *route_of(const packets *p, router_node source) {
    for (uint32_t i = 0; i < p->router->n_flows; i++)
        if (p->router->flows[i].source == source) return &p->router->routes[i];
    return NULL;
}

/* Whether a stream that leaves by `port` gets to `dest`. The depth ends circles. */
static bool leads_to(const router *r, const router_route *route, router_node port, router_node dest,
                     uint32_t depth) {
    router_end next;
    if (port == dest) return true;
    if (depth == 0 || !router_neighbor(r->device, router_end_of(r->device, port), &next))
        return false;
    router_node slave = router_node_of(r->device, next);
    for (uint32_t i = 0; i < route->n_hops; i++)
        if (route->hops[i].from == slave && leads_to(r, route, route->hops[i].to, dest, depth - 1))
            return true;
    return false;
}

static bool add_connect(packets *p, router_hop hop, const packet_flow *flow) {
    bool is_there = false;
    for (uint32_t i = 0; i < p->n_connects; i++) {
        packet_connect *c = &p->connects[i];
        if (c->id != flow->id || c->hop.to != hop.to) continue;
        c->is_priority = flow->is_priority;
        if (c->hop.from == hop.from) is_there = true;
    }
    if (is_there) return true;
    packet_connect *connects =
        ts_arena_grow(p->arena, p->connects, p->n_connects * sizeof *connects,
                      (p->n_connects + 1) * sizeof *connects);
    if (!connects) return false;
    p->connects = connects;
    /* by switch, within one as they come */
    uint32_t at = p->n_connects++, tile = router_tile_of(p->router->device, hop.from);
    for (; at > 0 && router_tile_of(p->router->device, connects[at - 1].hop.from) > tile; at--)
        connects[at] = connects[at - 1];
    connects[at] = (packet_connect){hop, flow->id, flow->is_priority};
    return true;
}

static bool list_connects(packets *p) {
    for (uint32_t i = 0; i < p->n_flows; i++) {
        const packet_flow *flow = &p->flows[i];
        const router_route *route = route_of(p, flow->source);
        for (uint32_t d = 0; route && d < flow->n_dests; d++)
            for (uint32_t k = 0; k < route->n_hops; k++)
                if (leads_to(p->router, route, route->hops[k].to, flow->dests[d], route->n_hops) &&
                    !add_connect(p, route->hops[k], flow))
                    return false;
    }
    return true;
}

/* ---- entries: priority flows first, then by port and id -------------------------------------- */

static bool is_before(const packet_connect *c, const packet_entry *entry) {
    if (c->is_priority != entry->is_priority) return c->is_priority;
    return c->hop.from != entry->slave ? c->hop.from < entry->slave : c->id < entry->id;
}

static packet_entry *find_entry(packets *p, router_node slave, int32_t id, bool is_priority) {
    for (uint32_t i = 0; i < p->n_entries; i++)
        if (p->entries[i].slave == slave && p->entries[i].id == id &&
            p->entries[i].is_priority == is_priority)
            return &p->entries[i];
    return NULL;
}

/* Entries of ordinary flows go before those of priority flows with the same id. */
static packet_entry *entry_for_rule(packets *p, router_node slave, int32_t id) {
    packet_entry *entry = find_entry(p, slave, id, false);
    return entry ? entry : find_entry(p, slave, id, true);
}

static packet_entry *new_entry(packets *p, const packet_connect *c) {
    packet_entry *entries = ts_arena_grow(p->arena, p->entries, p->n_entries * sizeof *entries,
                                          (p->n_entries + 1) * sizeof *entries);
    if (!entries) return NULL;
    p->entries = entries;
    uint32_t at = p->n_entries++;
    for (; at > 0 && is_before(c, &entries[at - 1]); at--)
        entries[at] = entries[at - 1];
    entries[at] = (packet_entry){
        .slave = c->hop.from, .id = c->id, .is_priority = c->is_priority, .select = -1};
    return &entries[at];
}

static bool add_node(ts_arena *arena, router_node **nodes, uint32_t *n_nodes, router_node node) {
    router_node *grown =
        ts_arena_grow(arena, *nodes, *n_nodes * sizeof node, (*n_nodes + 1) * sizeof node);
    if (!grown) return false;
    grown[(*n_nodes)++] = node;
    *nodes = grown;
    return true;
}

static bool list_entries(packets *p) {
    for (uint32_t i = 0; i < p->n_connects; i++) {
        const packet_connect *c = &p->connects[i];
        packet_entry *entry = find_entry(p, c->hop.from, c->id, c->is_priority);
        if (!entry) entry = new_entry(p, c);
        if (!entry || !add_node(p->arena, &entry->masters, &entry->n_masters, c->hop.to))
            return false;
    }
    return true;
}

/* ---- arbiters and master selects ------------------------------------------------------------- */

static bool has_node(const router_node *nodes, uint32_t n_nodes, router_node node) {
    for (uint32_t i = 0; i < n_nodes; i++)
        if (nodes[i] == node) return true;
    return false;
}

/* The arbiter that one of the masters has already, or -1. */
static int32_t known_arbiter(const packet_switch *sw, const packet_entry *entry) {
    for (uint32_t i = 0; i < entry->n_masters; i++)
        if (sw->arbiter_of[entry->masters[i] % ROUTER_TILE_NODES])
            return sw->arbiter_of[entry->masters[i] % ROUTER_TILE_NODES] - 1;
    return -1;
}

static bool is_free(const packet_switch *sw, int32_t select) {
    return !sw->n_masters[select] && !sw->is_used[select];
}

static int32_t free_select(const packet_switch *sw, int32_t arbiter) {
    for (int32_t msel = 0; msel < PACKETS_N_MSELS; msel++)
        if (is_free(sw, arbiter + msel * PACKETS_N_ARBITERS))
            return arbiter + msel * PACKETS_N_ARBITERS;
    return -1;
}

/* Numbers rise for ordinary flows and fall for priority flows, so that these keep theirs. */
static int32_t any_free_select(const packet_switch *sw, bool is_priority) {
    for (int32_t i = 0; i < PACKETS_N_SELECTS; i++) {
        int32_t select = is_priority ? PACKETS_N_SELECTS - 1 - i : i;
        if (is_free(sw, select)) return select;
    }
    return -1;
}

static bool give_select(packets *p, packet_switch *sw, int32_t select, const packet_entry *entry) {
    int8_t arbiter = (int8_t)(select % PACKETS_N_ARBITERS);
    for (uint32_t i = 0; i < entry->n_masters; i++) {
        int8_t *of_port = &sw->arbiter_of[entry->masters[i] % ROUTER_TILE_NODES];
        if (*of_port && *of_port != arbiter + 1) continue;
        if (!add_node(p->arena, &sw->masters[select], &sw->n_masters[select], entry->masters[i]))
            return false;
        *of_port = (int8_t)(arbiter + 1);
    }
    return true;
}

/* The first select, of that arbiter if it is known, with a master in common. */
static int32_t select_in_common(const packet_switch *sw, const packet_entry *entry,
                                int32_t arbiter) {
    for (int32_t select = 0; select < PACKETS_N_SELECTS; select++) {
        if (arbiter >= 0 && select % PACKETS_N_ARBITERS != arbiter) continue;
        for (uint32_t i = 0; i < entry->n_masters; i++)
            if (has_node(sw->masters[select], sw->n_masters[select], entry->masters[i]))
                return select;
    }
    return -1;
}

static bool is_same_set(const packet_switch *sw, int32_t select, const packet_entry *entry) {
    if (sw->n_masters[select] != entry->n_masters) return false;
    for (uint32_t i = 0; i < entry->n_masters; i++)
        if (!has_node(sw->masters[select], sw->n_masters[select], entry->masters[i])) return false;
    return true;
}

static const ts_op *op_of_id(const packets *p, int32_t id) {
    for (uint32_t i = 0; i < p->n_flows; i++)
        if (p->flows[i].id == id) return p->flows[i].op;
    return NULL;
}

static ts_status no_select(packets *p, const packet_entry *entry, int32_t arbiter, ts_diag *diag) {
    router_end end = router_end_of(p->router->device, entry->slave);
    p->bad_op = op_of_id(p, entry->id);
    if (arbiter < 0)
        return ts_fail(diag, TS_CONFLICT, NULL,
                       "packet flow %d: the switch (%u, %u) has used up all arbiter-msel "
                       "combinations (%d arbiters with %d msels)",
                       (int)entry->id, end.column, end.row, PACKETS_N_ARBITERS, PACKETS_N_MSELS);
    return ts_fail(diag, TS_CONFLICT, NULL,
                   "packet flow %d: arbiter %d of the switch (%u, %u) has no free msels, and the "
                   "flow must use it because flows to the same ports do",
                   (int)entry->id, (int)arbiter, end.column, end.row);
}

static ts_status assign_select(packets *p, packet_entry *entry, ts_diag *diag) {
    packet_switch *sw = &p->switches[router_tile_of(p->router->device, entry->slave)];
    int32_t arbiter = known_arbiter(sw, entry);
    int32_t select = select_in_common(sw, entry, arbiter);
    if (select >= 0 && is_same_set(sw, select, entry)) {
        entry->select = select;
        return TS_OK;
    }
    if (select >= 0) arbiter = select % PACKETS_N_ARBITERS;
    select = arbiter >= 0 ? free_select(sw, arbiter) : any_free_select(sw, entry->is_priority);
    if (select < 0) return no_select(p, entry, arbiter, diag);
    entry->select = select;
    return give_select(p, sw, select, entry) ? TS_OK : ts_fail_nomem(diag);
}

/* ---- rules ----------------------------------------------------------------------------------- */

static bool same_masters(const packet_entry *a, const packet_entry *b) {
    if (a->n_masters != b->n_masters) return false;
    for (uint32_t i = 0; i < a->n_masters; i++)
        if (!has_node(b->masters, b->n_masters, a->masters[i])) return false;
    return true;
}

/* Bits in which the ids of a rule differ do not count. */
static void widen_rule(packet_rule *rule, int32_t id) {
    rule->mask &= ~((uint32_t)rule->first_id ^ (uint32_t)id);
    rule->value = (uint32_t)rule->first_id & rule->mask;
}

static bool add_rule(packets *p, const packet_entry *entry) {
    packet_rule *rules = ts_arena_grow(p->arena, p->rules, p->n_rules * sizeof *rules,
                                       (p->n_rules + 1) * sizeof *rules);
    if (!rules) return false;
    p->rules = rules;
    rules[p->n_rules++] = (packet_rule){.slave = entry->slave,
                                        .mask = (1U << PACKETS_ID_BITS) - 1,
                                        .value = (uint32_t)entry->id,
                                        .select = (uint32_t)entry->select,
                                        .first_id = entry->id};
    return true;
}

/* An id joins the first rule of its port with the same masters. */
static bool place_id(packets *p, const packet_entry *entry) {
    for (uint32_t i = 0; i < p->n_rules; i++) {
        packet_rule *rule = &p->rules[i];
        if (rule->slave == entry->slave &&
            same_masters(entry, entry_for_rule(p, rule->slave, rule->first_id))) {
            widen_rule(rule, entry->id);
            return true;
        }
    }
    return add_rule(p, entry);
}

/* From the last connection to the first. */
static bool make_rules(packets *p) {
    for (uint32_t i = p->n_connects; i-- > 0;) {
        const packet_connect *c = &p->connects[i];
        if (!place_id(p, entry_for_rule(p, c->hop.from, c->id))) return false;
    }
    return true;
}

static ts_status check_rules(packets *p, ts_diag *diag) {
    for (uint32_t i = 0; i < p->n_rules; i++)
        for (uint32_t k = 0; k < i; k++) {
            const packet_rule *rule = &p->rules[i], *before = &p->rules[k];
            router_end end = router_end_of(p->router->device, rule->slave);
            if (before->slave != rule->slave ||
                ((uint32_t)rule->first_id & before->mask) != before->value)
                continue;
            p->bad_op = op_of_id(p, rule->first_id);
            return ts_fail(diag, TS_CONFLICT, NULL,
                           "the rule (%u, %u) of port %s : %u of the switch (%u, %u) can lead to "
                           "false packet id match for id %u, which is not supposed to pass through "
                           "this port; consider changing all uses of packet id %u",
                           before->mask, before->value, router_bundle_name(end.bundle), end.channel,
                           end.column, end.row, rule->value, rule->value);
        }
    return TS_OK;
}

bool packets_begin(packets *p) {
    p->switches = TS_ARENA_ARRAY(p->arena, packet_switch, p->router->n_switches);
    return p->switches != NULL;
}

ts_status packets_plan(packets *p, ts_diag *diag) {
    if (!list_connects(p) || !list_entries(p)) return ts_fail_nomem(diag);
    for (uint32_t i = 0; i < p->n_entries; i++)
        TS_TRY(assign_select(p, &p->entries[i], diag));
    if (!make_rules(p)) return ts_fail_nomem(diag);
    return check_rules(p, diag);
}
