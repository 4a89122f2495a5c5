/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * design, inside: packet flows over routes that are found: arbiters, master selects, rules.
 */
#ifndef TESSERA_DESIGN_ROUTER_PACKETS_H
#define TESSERA_DESIGN_ROUTER_PACKETS_H

#include "router.h"

/* Of a switch; a select is arbiter + 6 * msel.
 * src: Xilinx/mlir-aie: lib/Dialect/AIE/Transforms/AIECreatePathFindFlows.cpp, numArbiters [code]
 */
#define PACKETS_N_ARBITERS 6
#define PACKETS_N_MSELS    4
#define PACKETS_N_SELECTS  (PACKETS_N_ARBITERS * PACKETS_N_MSELS)
#define PACKETS_ID_BITS    5

typedef struct packet_flow {
    int32_t id;
    bool is_priority;
    router_node source;
    router_node *dests;
    uint32_t n_dests;
    ts_op *op;
} packet_flow;

/* What packets of one id that enter by a slave port are to leave by. */
typedef struct packet_entry {
    router_node slave;
    int32_t id;
    bool is_priority;
    router_node *masters;
    uint32_t n_masters;
    int32_t select; /* -1: none yet */
} packet_entry;

/* A rule and the ids it is for. */
typedef struct packet_rule {
    router_node slave;
    uint32_t mask, value, select;
    int32_t first_id; /* of the ids, the one that was there first */
} packet_rule;

/* The masters of each select of a switch, in the order they were given it. */
typedef struct packet_switch {
    router_node *masters[PACKETS_N_SELECTS];
    uint32_t n_masters[PACKETS_N_SELECTS];
    bool is_used[PACKETS_N_SELECTS];      /* by what was there before */
    int8_t arbiter_of[ROUTER_TILE_NODES]; /* of master ports, plus 1; 0: none */
} packet_switch;

typedef struct packets {
    const router *router;
    ts_arena *arena;
    packet_flow *flows;
    uint32_t n_flows;
    packet_switch *switches; /* by tile, from packets_begin() */
    packet_rule *rules;      /* in the order they are written, tile by tile as they come */
    uint32_t n_rules;
    struct packet_connect *connects;
    uint32_t n_connects;
    packet_entry *entries;
    uint32_t n_entries;
    const ts_op *bad_op; /* of a failure: the flow that is in trouble */
} packets;

/* Room for the switches, so that selects in use can be noted. False: NOMEM. */
bool packets_begin(packets *p);
/* Plan everything; `flows` in the order of the design. Errors: CONFLICT, with what is full. */
TS_NODISCARD ts_status packets_plan(packets *p, ts_diag *diag);

#endif
