/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * design, inside: the router. Ports of stream switches as nodes, the ways between them as edges
 * with a price, flows that look for the cheapest way one after the other, dearer where it is
 * crowded.
 *
 * Two models of the same switches. The plain one is mlir-aie's, so that designs get the routes they
 * are used to; it takes a port that leaves a switch and the port of the same name that enters it
 * for one node, and counts pairs of ports where hardware has ports. The strict one does neither: it
 * is there for the flow sets that the plain one gives no way, or one that does not work. src:
 * Xilinx/mlir-aie: lib/Dialect/AIE/Transforms/AIEPathFinder.cpp [code]
 */
#ifndef TESSERA_DESIGN_ROUTER_H
#define TESSERA_DESIGN_ROUTER_H

#include "tessera/design.h"

/* The wire bundles of mlir-aie, whose numbers are those of the attributes and the order of routes.
 * src: Xilinx/mlir-aie: include/aie/Dialect/AIE/IR/AIEAttrs.td, WireBundle [code] */
#define ROUTER_BUNDLE_LIST(X)                                                                      \
    X(CORE, "Core")                                                                                \
    X(DMA, "DMA")                                                                                  \
    X(FIFO, "FIFO")                                                                                \
    X(SOUTH, "South")                                                                              \
    X(WEST, "West")                                                                                \
    X(NORTH, "North")                                                                              \
    X(EAST, "East")                                                                                \
    X(PLIO, "PLIO")                                                                                \
    X(NOC, "NOC")                                                                                  \
    X(TRACE, "Trace")                                                                              \
    X(TILE_CONTROL, "TileControl")

typedef enum router_bundle {
#define X(code, name) ROUTER_##code,
    ROUTER_BUNDLE_LIST(X)
#undef X
    ROUTER_N_BUNDLES
} router_bundle;

#define ROUTER_MAX_CHANNELS 8

/* Ports of the shim's switch that its multiplexer joins to a DMA channel.
 * src: Xilinx/mlir-aie: lib/Dialect/AIE/Transforms/AIECreatePathFindFlows.cpp, "support for
 * shimDMA" [code] */
#define ROUTER_SHIM_MM2S_PORT(channel) ((channel) == 0 ? 3u : 7u)
#define ROUTER_SHIM_S2MM_PORT(channel) ((channel) == 0 ? 2u : 3u)

#define ROUTER_TILE_NODES     (ROUTER_N_BUNDLES * ROUTER_MAX_CHANNELS)
#define ROUTER_MAX_ITERATIONS 1000 /* as mlir-aie has it */
#define ROUTER_MAX_STRICT     250
#define ROUTER_MAX_STEPS      (UINT64_C(1) << 29) /* ways looked at: some seconds, then it gives up */
#define ROUTER_MAX_HEAP       (1U << 22)          /* entries; only overflowing prices come near */
#define ROUTER_NO_NODE        UINT32_MAX

/* A port of the switch of a tile: ((column * rows + row) * bundles + bundle) * 8 + channel. Their
 * order is that of (column, row, bundle, channel), which settles ties. */
typedef uint32_t router_node;

typedef struct router_end {
    uint32_t column, row, bundle, channel;
} router_end;

/* Price and use of one way: from port to port of a switch, or from switch to switch. */
typedef struct router_edge {
    double price;
    uint32_t n_full;    /* rounds in which it was overfull */
    uint32_t n_used;    /* circuits, and groups of packet flows, of this round */
    uint32_t n_packets; /* packet flows of the present group */
    int32_t group;      /* the group that shares it, or -1 */
    bool is_priority, is_touched;
} router_edge;

typedef struct router_way {
    router_node to;
    uint32_t edge;
} router_way;

typedef struct router_switch {
    router_node *slaves, *masters; /* in ascending order */
    uint32_t n_slaves, n_masters;
    uint32_t first_edge; /* n_slaves * n_masters of them, by slave */
    bool *is_open;       /* of each: whether a flow may take it */
} router_switch;

typedef struct router_flow {
    int32_t group; /* of packet flows; -1: a circuit */
    bool is_priority;
    router_node source;
    router_node *dests;
    uint32_t n_dests;
    const ts_op *op; /* the first operation that asked for it */
} router_flow;

/* One connection of a switch on the way of a flow. */
typedef struct router_hop {
    router_node from, to;
} router_hop;

/* The connections of a flow by switch (column, then row), within one from the destinations back. */
typedef struct router_route {
    router_hop *hops;
    uint32_t n_hops;
} router_route;

typedef struct router {
    ts_arena *arena;
    const ts_npu_device *device;
    bool is_strict;
    uint32_t n_nodes; /* search nodes: twice the ports when strict */
    router_switch *switches;
    uint32_t n_switches;
    router_edge *edges;
    uint32_t n_edges, first_link;
    router_way **ways; /* by search node, in ascending order; made when first needed */
    uint32_t *n_ways;
    router_flow *flows;
    uint32_t n_flows;
    bool *taken;                  /* ports that existing connections send on; NULL: none */
    router_route *routes;         /* by flow, after router_run() */
    uint32_t *touched, n_touched; /* edges with a use in this round */
    double *distance;             /* search state, by search node */
    uint32_t *previous;           /* search node, or ROUTER_NO_NODE */
    uint32_t *previous_edge;
    uint8_t *color;
    uint32_t *heap, n_heap, heap_capacity;
    uint32_t n_iterations; /* rounds that the last run took */
    uint64_t n_steps;
    uint32_t lost_flow; /* the flow without any way, when router_run() says MISSING */
} router;

/* "South"; and the number of a bundle of the npu library's. */
const char *router_bundle_name(uint32_t bundle);
router_bundle router_bundle_of(ts_npu_bundle bundle);
/* False for NOC and PLIO, which no switch of an NPU has. */
bool router_bundle_npu(uint32_t bundle, ts_npu_bundle *out);

router_node router_node_of(const ts_npu_device *device, router_end end);
router_end router_end_of(const ts_npu_device *device, router_node node);
uint32_t router_tile_of(const ts_npu_device *device, router_node node);
/* Ports of a switch, the shim's multiplexer included; 0 for those that would leave the array. */
uint32_t router_n_ports(const ts_npu_device *device, uint32_t column, uint32_t row, uint32_t bundle,
                        bool is_master);
bool router_is_legal(const ts_npu_device *device, router_end slave, router_end master);
/* The port of the neighbor that a master port leads to; false when it leads to none. */
bool router_neighbor(const ts_npu_device *device, router_end master, router_end *out);

/* A router without flows. NULL: NOMEM. */
router *router_new(ts_arena *arena, const ts_npu_device *device, bool is_strict);
/* A destination of a flow; flows from the same source are one, packet flows that share an end are
 * of one group. */
bool router_add_flow(router *r, router_node source, router_node dest, bool is_packet,
                     bool is_priority, const ts_op *op);
/* Priority flows first, by source. */
void router_sort_flows(router *r);
/* Take what an existing connection uses out. False when the switch has no such connection left. */
bool router_fix_connection(router *r, router_end slave, router_end master);
/* Keep flows from a port that packets of existing rules use. */
bool router_fix_port(router *r, router_node port, bool is_master);
/* The port of the switch by which a flow leaves that ends at the shim's DMA; any other is itself.
 */
router_node router_leaves_by(const ts_npu_device *device, router_node port);
/* Routes for all flows. MISSING: a flow has no way at all (lost_flow); CONFLICT: too crowded, edges
 * tell where; RANGE: gave up. */
TS_NODISCARD ts_status router_run(router *r, uint32_t max_iterations);
/* Whether the routes found bring every flow where it wants to go, and no port is used twice. */
bool router_routes_work(const router *r);
/* Why router_run() failed, as one line. */
void router_explain(const router *r, ts_status status, ts_buf *out);

#endif
