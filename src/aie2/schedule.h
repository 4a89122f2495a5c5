/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The graph that the scheduler works on: ops and the least distances between them.
 */
#ifndef TESSERA_AIE2_SCHEDULE_H
#define TESSERA_AIE2_SCHEDULE_H

#include "effects.h"

#define SCHEDULE_NONE UINT32_MAX /* no node, no edge, no cycle */

enum {
    SCHEDULE_DELAY_END = TS_AIE2_DELAY_SLOTS + 1, /* from a jump to the end of its region */
};

/* `to` is to be issued `distance` cycles later than the op whose edge this is, at least. */
typedef struct schedule_edge {
    uint32_t to, next;
    int32_t distance;
} schedule_edge;

typedef struct schedule_node {
    const ts_aie2_region_op *source;
    const ts_aie2_timing *timing;
    uint8_t slot;
    bool is_nop; /* in no bundle of its own */
    uint32_t first_edge;
    uint32_t n_before; /* edges that end here */
    int32_t drain;     /* bundles from this one to where nothing of it is left to happen */
    int32_t height;    /* the same, with all that has to follow it */
} schedule_node;

typedef struct schedule_graph {
    ts_arena *arena;
    bool plain, no_drain, no_streams;
    schedule_node *nodes;
    uint32_t n_nodes;
    uint32_t jump; /* the last node, or SCHEDULE_NONE */
    schedule_edge *edges;
    size_t n_edges, edge_capacity;
    bool failed; /* the arena is exhausted */
} schedule_graph;

/* Nodes, edges, drains and heights. */
ts_status schedule_make_graph(schedule_graph *graph, const ts_aie2_region_op *ops, size_t n_ops,
                              ts_diag *diag);

#endif
