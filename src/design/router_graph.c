/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The ports of an array of switches as nodes, and what can be connected.
 */
#include "router.h"

#include <string.h>

static const char *const bundle_names[ROUTER_N_BUNDLES] = {
#define X(code, name) name,
    ROUTER_BUNDLE_LIST(X)
#undef X
};

/* Of the npu library's bundles. */
static const uint8_t bundles_of_npu[TS_NPU_N_BUNDLES] = {
    [TS_NPU_BUNDLE_CORE] = ROUTER_CORE,
    [TS_NPU_BUNDLE_DMA] = ROUTER_DMA,
    [TS_NPU_BUNDLE_FIFO] = ROUTER_FIFO,
    [TS_NPU_BUNDLE_SOUTH] = ROUTER_SOUTH,
    [TS_NPU_BUNDLE_WEST] = ROUTER_WEST,
    [TS_NPU_BUNDLE_NORTH] = ROUTER_NORTH,
    [TS_NPU_BUNDLE_EAST] = ROUTER_EAST,
    [TS_NPU_BUNDLE_TRACE] = ROUTER_TRACE,
    [TS_NPU_BUNDLE_TILE_CONTROL] = ROUTER_TILE_CONTROL,
};

/* Ports of the shim's multiplexer, which the router takes for ports of the switch: a flow that ends
 * there is led through South afterwards. NOC and PLIO take part because they settle ties.
 * src: Xilinx/mlir-aie: lib/Dialect/AIE/IR/AIETargetModel.cpp, getNumSourceShimMuxConnections
 * [code] */
static const uint8_t mux_ports[ROUTER_N_BUNDLES][2] = {
    [ROUTER_DMA] = {2, 2},
    [ROUTER_NOC] = {4, 4},
    [ROUTER_PLIO] = {8, 6},
};

const char *router_bundle_name(uint32_t bundle) {
    return bundle < ROUTER_N_BUNDLES ? bundle_names[bundle] : "?";
}

router_bundle router_bundle_of(ts_npu_bundle bundle) {
    return (router_bundle)bundles_of_npu[bundle];
}

bool router_bundle_npu(uint32_t bundle, ts_npu_bundle *out) {
    for (uint32_t i = 0; i < TS_NPU_N_BUNDLES; i++)
        if (bundles_of_npu[i] == bundle) {
            *out = (ts_npu_bundle)i;
            return true;
        }
    return false;
}

router_node router_node_of(const ts_npu_device *device, router_end end) {
    return ((end.column * device->n_rows + end.row) * ROUTER_N_BUNDLES + end.bundle) *
               ROUTER_MAX_CHANNELS +
           end.channel;
}

router_end router_end_of(const ts_npu_device *device, router_node node) {
    uint32_t tile = node / ROUTER_TILE_NODES;
    return (router_end){.column = tile / device->n_rows,
                        .row = tile % device->n_rows,
                        .bundle = node / ROUTER_MAX_CHANNELS % ROUTER_N_BUNDLES,
                        .channel = node % ROUTER_MAX_CHANNELS};
}

uint32_t router_tile_of(const ts_npu_device *device, router_node node) {
    (void)device;
    return node / ROUTER_TILE_NODES;
}

/* South of the shim is open: it leads to the multiplexer. */
static bool leaves_array(const ts_npu_device *device, uint32_t column, uint32_t row,
                         uint32_t bundle) {
    return (bundle == ROUTER_WEST && column == 0) ||
           (bundle == ROUTER_EAST && column + 1 == device->n_columns) ||
           (bundle == ROUTER_NORTH && row + 1 == device->n_rows);
}

uint32_t router_n_ports(const ts_npu_device *device, uint32_t column, uint32_t row, uint32_t bundle,
                        bool is_master) {
    const ts_npu_tile *tile = ts_npu_tile_at(device, column, row);
    ts_npu_bundle npu;
    if (!tile || leaves_array(device, column, row, bundle)) return 0;
    if (tile->kind == TS_NPU_SHIM && mux_ports[bundle][is_master])
        return mux_ports[bundle][is_master];
    if (!router_bundle_npu(bundle, &npu)) return 0;
    uint32_t n = 0, index;
    while (n < ROUTER_MAX_CHANNELS &&
           ts_npu_port_index(tile, is_master, (ts_npu_port){npu, (uint8_t)n}, &index))
        n++;
    return n;
}

static bool is_mux_bundle(uint32_t bundle) {
    return mux_ports[bundle][0] != 0;
}

/* Of ports that exist. */
static bool can_connect(const ts_npu_tile *tile, router_end slave, router_end master) {
    if (tile->kind == TS_NPU_SHIM && (is_mux_bundle(slave.bundle) || is_mux_bundle(master.bundle)))
        return true;
    ts_npu_port in = {.channel = (uint8_t)slave.channel};
    ts_npu_port out = {.channel = (uint8_t)master.channel};
    return router_bundle_npu(slave.bundle, &in.bundle) &&
           router_bundle_npu(master.bundle, &out.bundle) &&
           ts_npu_connection_is_legal(tile, in, out);
}

bool router_is_legal(const ts_npu_device *device, router_end slave, router_end master) {
    const ts_npu_tile *tile = ts_npu_tile_at(device, slave.column, slave.row);
    return tile &&
           slave.channel < router_n_ports(device, slave.column, slave.row, slave.bundle, false) &&
           master.channel < router_n_ports(device, slave.column, slave.row, master.bundle, true) &&
           can_connect(tile, slave, master);
}

bool router_neighbor(const ts_npu_device *device, router_end master, router_end *out) {
    router_end next = master;
    switch (master.bundle) {
    case ROUTER_SOUTH:
        if (master.row == 0) return false;
        next.row--;
        next.bundle = ROUTER_NORTH;
        break;
    case ROUTER_NORTH:
        next.row++;
        next.bundle = ROUTER_SOUTH;
        break;
    case ROUTER_WEST:
        if (master.column == 0) return false;
        next.column--;
        next.bundle = ROUTER_EAST;
        break;
    case ROUTER_EAST:
        next.column++;
        next.bundle = ROUTER_WEST;
        break;
    default: return false;
    }
    *out = next;
    return master.channel <
               router_n_ports(device, master.column, master.row, master.bundle, true) &&
           next.column < device->n_columns && next.row < device->n_rows;
}

/* Ports of one side of a switch in ascending order. */
static bool list_ports(router *r, uint32_t tile, bool is_master, router_node **nodes,
                       uint32_t *n_nodes) {
    uint32_t column = tile / r->device->n_rows, row = tile % r->device->n_rows;
    *nodes = TS_ARENA_ARRAY(r->arena, router_node, (size_t)ROUTER_TILE_NODES);
    *n_nodes = 0;
    if (!*nodes) return false;
    for (uint32_t bundle = 0; bundle < ROUTER_N_BUNDLES; bundle++) {
        ts_npu_bundle npu;
        if (r->is_strict && !router_bundle_npu(bundle, &npu)) continue;
        uint32_t n = router_n_ports(r->device, column, row, bundle, is_master);
        for (uint32_t channel = 0; channel < n; channel++)
            (*nodes)[(*n_nodes)++] =
                router_node_of(r->device, (router_end){column, row, bundle, channel});
    }
    return true;
}

static bool same_ports(const router_node *a, const router_node *b, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        if (a[i] % ROUTER_TILE_NODES != b[i] % ROUTER_TILE_NODES) return false;
    return true;
}

/* An earlier switch of the same kind with the same ports: what it connects, this one does. */
static const router_switch *twin_of(const router *r, uint32_t tile) {
    const router_switch *sw = &r->switches[tile];
    uint32_t rows = r->device->n_rows;
    for (uint32_t i = 0; i < tile; i++) {
        const router_switch *other = &r->switches[i];
        if (ts_npu_tile_at(r->device, i / rows, i % rows) ==
                ts_npu_tile_at(r->device, tile / rows, tile % rows) &&
            other->n_slaves == sw->n_slaves && other->n_masters == sw->n_masters &&
            same_ports(other->slaves, sw->slaves, sw->n_slaves) &&
            same_ports(other->masters, sw->masters, sw->n_masters))
            return other;
    }
    return NULL;
}

static bool open_switch(router *r, uint32_t tile) {
    router_switch *sw = &r->switches[tile];
    if (!list_ports(r, tile, false, &sw->slaves, &sw->n_slaves) ||
        !list_ports(r, tile, true, &sw->masters, &sw->n_masters))
        return false;
    sw->first_edge = r->n_edges;
    r->n_edges += sw->n_slaves * sw->n_masters;
    size_t n_pairs = (size_t)sw->n_slaves * sw->n_masters;
    sw->is_open = TS_ARENA_ARRAY(r->arena, bool, n_pairs);
    if (!sw->is_open) return false;
    const router_switch *twin = twin_of(r, tile);
    if (twin) {
        memcpy(sw->is_open, twin->is_open, n_pairs * sizeof *sw->is_open);
        return true;
    }
    const ts_npu_tile *kind =
        ts_npu_tile_at(r->device, tile / r->device->n_rows, tile % r->device->n_rows);
    for (uint32_t i = 0; i < sw->n_slaves; i++)
        for (uint32_t j = 0; j < sw->n_masters; j++)
            sw->is_open[i * sw->n_masters + j] =
                can_connect(kind, router_end_of(r->device, sw->slaves[i]),
                            router_end_of(r->device, sw->masters[j]));
    return true;
}

static bool new_arrays(router *r) {
    r->edges = TS_ARENA_ARRAY(r->arena, router_edge, r->n_edges);
    r->touched = TS_ARENA_ARRAY(r->arena, uint32_t, r->n_edges);
    r->ways = TS_ARENA_ARRAY(r->arena, router_way *, r->n_nodes);
    r->n_ways = TS_ARENA_ARRAY(r->arena, uint32_t, r->n_nodes);
    r->distance = TS_ARENA_ARRAY(r->arena, double, r->n_nodes);
    r->previous = TS_ARENA_ARRAY(r->arena, uint32_t, r->n_nodes);
    r->previous_edge = TS_ARENA_ARRAY(r->arena, uint32_t, r->n_nodes);
    r->color = TS_ARENA_ARRAY(r->arena, uint8_t, r->n_nodes);
    return r->edges && r->touched && r->ways && r->n_ways && r->distance && r->previous &&
           r->previous_edge && r->color;
}

router *router_new(ts_arena *arena, const ts_npu_device *device, bool is_strict) {
    router *r = TS_ARENA_NEW(arena, router);
    if (!r) return NULL;
    r->arena = arena;
    r->device = device;
    r->is_strict = is_strict;
    r->n_switches = (uint32_t)device->n_columns * device->n_rows;
    r->n_nodes = r->n_switches * ROUTER_TILE_NODES * (is_strict ? 2 : 1);
    r->switches = TS_ARENA_ARRAY(arena, router_switch, r->n_switches);
    if (!r->switches) return NULL;
    for (uint32_t tile = 0; tile < r->n_switches; tile++)
        if (!open_switch(r, tile)) return NULL;
    r->first_link = r->n_edges;
    r->n_edges += r->n_switches * ROUTER_TILE_NODES;
    return new_arrays(r) ? r : NULL;
}

static bool find_port(const router_node *nodes, uint32_t n_nodes, router_node node, uint32_t *out) {
    for (uint32_t i = 0; i < n_nodes; i++)
        if (nodes[i] == node) {
            *out = i;
            return true;
        }
    return false;
}

router_node router_leaves_by(const ts_npu_device *device, router_node port) {
    router_end end = router_end_of(device, port);
    const ts_npu_tile *tile = ts_npu_tile_at(device, end.column, end.row);
    if (!tile || tile->kind != TS_NPU_SHIM || end.bundle != ROUTER_DMA) return port;
    end.bundle = ROUTER_SOUTH;
    end.channel = ROUTER_SHIM_S2MM_PORT(end.channel);
    return router_node_of(device, end);
}

static bool take_port(router *r, router_node port) {
    if (!r->taken)
        r->taken = TS_ARENA_ARRAY(r->arena, bool, r->n_switches *(size_t)ROUTER_TILE_NODES);
    if (!r->taken) return false;
    r->taken[port] = true;
    return true;
}

bool router_fix_port(router *r, router_node port, bool is_master) {
    router_switch *sw = &r->switches[router_tile_of(r->device, port)];
    uint32_t at;
    if (!find_port(is_master ? sw->masters : sw->slaves, is_master ? sw->n_masters : sw->n_slaves,
                   port, &at))
        return true;
    for (uint32_t k = 0; is_master && k < sw->n_slaves; k++)
        sw->is_open[k * sw->n_masters + at] = false;
    for (uint32_t k = 0; !is_master && k < sw->n_masters; k++)
        sw->is_open[at * sw->n_masters + k] = false;
    return !is_master || take_port(r, port);
}

bool router_fix_connection(router *r, router_end slave, router_end master) {
    router_switch *sw = &r->switches[slave.column * r->device->n_rows + slave.row];
    uint32_t i, j;
    if (!find_port(sw->slaves, sw->n_slaves, router_node_of(r->device, slave), &i) ||
        !find_port(sw->masters, sw->n_masters, router_node_of(r->device, master), &j))
        return false;
    if (!take_port(r, sw->masters[j])) return false;
    for (uint32_t k = 0; k < sw->n_masters; k++)
        sw->is_open[i * sw->n_masters + k] = false;
    for (uint32_t k = 0; r->is_strict && k < sw->n_slaves; k++)
        sw->is_open[k * sw->n_masters + j] = false;
    return router_is_legal(r->device, slave, master);
}

static bool same_end(const router_flow *flow, router_node source, router_node dest) {
    if (flow->source == source) return true;
    for (uint32_t i = 0; i < flow->n_dests; i++)
        if (flow->dests[i] == dest) return true;
    return false;
}

/* The group of the first flow that shares an end, else one more than all before it. */
static int32_t group_of(const router *r, router_node source, router_node dest) {
    int32_t highest = -1;
    for (uint32_t i = 0; i < r->n_flows; i++) {
        if (same_end(&r->flows[i], source, dest)) return r->flows[i].group;
        if (r->flows[i].group > highest) highest = r->flows[i].group;
    }
    return highest + 1;
}

static bool add_dest(router *r, router_flow *flow, router_node dest, bool in_front) {
    router_node *dests = ts_arena_grow(r->arena, flow->dests, flow->n_dests * sizeof *dests,
                                       (flow->n_dests + 1) * sizeof *dests);
    if (!dests) return false;
    uint32_t at = flow->n_dests++;
    for (; in_front && at > 0; at--)
        dests[at] = dests[at - 1];
    dests[at] = dest;
    flow->dests = dests;
    return true;
}

bool router_add_flow(router *r, router_node source, router_node dest, bool is_packet,
                     bool is_priority, const ts_op *op) {
    for (uint32_t i = 0; i < r->n_flows; i++)
        if (r->flows[i].source == source) {
            if (is_priority) r->flows[i].is_priority = true;
            return add_dest(r, &r->flows[i], dest, is_priority);
        }
    router_flow *flows = ts_arena_grow(r->arena, r->flows, r->n_flows * sizeof *flows,
                                       (r->n_flows + 1) * sizeof *flows);
    if (!flows) return false;
    r->flows = flows;
    flows[r->n_flows] = (router_flow){.group = is_packet ? group_of(r, source, dest) : -1,
                                      .is_priority = is_priority,
                                      .source = source,
                                      .op = op};
    return add_dest(r, &flows[r->n_flows++], dest, false);
}

void router_sort_flows(router *r) {
    for (uint32_t i = 1; i < r->n_flows; i++) {
        router_flow flow = r->flows[i];
        uint32_t at = i;
        for (; at > 0 && flow.is_priority &&
               (!r->flows[at - 1].is_priority || r->flows[at - 1].source > flow.source);
             at--)
            r->flows[at] = r->flows[at - 1];
        r->flows[at] = flow;
    }
}
