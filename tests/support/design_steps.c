/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Steps by name, and flows from switchboxes.
 */
#include "design_steps.h"

#include "../../src/design/pass_route.h"
#include "../../src/design/pass_sequence.h"

#include <string.h>

#define MAX_STREAMS 256 /* that one port sets off */

/* ---- flows from switchboxes ------------------------------------------------------------------ */

/* A stream on its way: it enters `op` (a tile, switchbox or multiplexer) with packet ids that the
 * rules it passed have in common. */
typedef struct stream {
    const ts_op *op;
    int64_t bundle, channel;
    int64_t mask, value;
} stream;

typedef struct finder {
    ts_pass_context *c;
    pass_builder b;
    stream streams[MAX_STREAMS];
    size_t n_streams;
} finder;

static bool through_wire(const finder *f, const ts_op *from, int64_t bundle, stream *out) {
    for (ts_op *wire = NULL; (wire = ts_op_child(f->c->device, TS_OP_AIE_WIRE, wire));) {
        const ts_op *ends[2] = {wire->operands[0].value->owner, wire->operands[1].value->owner};
        int64_t bundles[2] = {ts_op_integer(wire, "source_bundle", -1),
                              ts_op_integer(wire, "dest_bundle", -1)};
        for (int i = 0; i < 2; i++)
            if (ends[i] == from && bundles[i] == bundle) {
                out->op = ends[!i];
                out->bundle = bundles[!i];
                return true;
            }
    }
    return false;
}

/* Master ports are pushed in the order of mlir-aie's list, and the last one is followed first. */
static void send(finder *f, const stream *from, const ts_op *master, int64_t mask, int64_t value) {
    int64_t both = mask & from->mask;
    stream next = {.channel = ts_op_integer(master, "dest_channel", 0),
                   .mask = from->mask | mask,
                   .value = from->value | (mask & value)};
    if ((both & value) != (both & from->value) || f->n_streams == MAX_STREAMS) return;
    if (through_wire(f, from->op, ts_op_integer(master, "dest_bundle", -1), &next))
        f->streams[f->n_streams++] = next;
}

static bool enters(const ts_op *op, const stream *s) {
    return ts_op_integer(op, "source_bundle", -1) == s->bundle &&
           ts_op_integer(op, "source_channel", -1) == s->channel;
}

static void send_packets(finder *f, const stream *s, const ts_op *rules) {
    for (ts_op *m = NULL; (m = ts_op_child(s->op, TS_OP_AIE_MASTERSET, m));)
        for (uint32_t i = 0; i < m->n_operands; i++)
            for (ts_op *r = NULL; (r = ts_op_child(rules, TS_OP_AIE_RULE, r));)
                if (r->operands[0].value == m->operands[i].value)
                    send(f, s, m, ts_op_integer(r, "mask", 0), ts_op_integer(r, "value", 0));
}

static void pass_switch(finder *f, const stream *s) {
    for (ts_op *op = NULL; (op = ts_op_child(s->op, TS_OP_AIE_CONNECT, op));)
        if (enters(op, s)) send(f, s, op, 0, 0);
    for (ts_op *op = NULL; (op = ts_op_child(s->op, TS_OP_AIE_PACKET_RULES, op));)
        if (enters(op, s)) send_packets(f, s, op);
}

static void write_circuit(finder *f, ts_op *tile, int64_t bundle, int64_t channel,
                          const stream *to) {
    ts_value *ends[2] = {&tile->results[0], &to->op->results[0]};
    ts_op *flow = pass_make(&f->b, TS_OP_AIE_FLOW, ends, 2, NULL, 0, 0);
    pass_set_i32(&f->b, flow, "source_bundle", bundle);
    pass_set_i32(&f->b, flow, "source_channel", channel);
    pass_set_i32(&f->b, flow, "dest_bundle", to->bundle);
    pass_set_i32(&f->b, flow, "dest_channel", to->channel);
}

static void write_packet(finder *f, ts_op *tile, int64_t bundle, int64_t channel,
                         const stream *to) {
    ts_design *design = f->c->design;
    ts_value *ends[2] = {&tile->results[0], &to->op->results[0]};
    int64_t ports[2][2] = {{bundle, channel}, {to->bundle, to->channel}};
    ts_op *flow = pass_make(&f->b, TS_OP_AIE_PACKET_FLOW, NULL, 0, NULL, 0, 1);
    ts_block *block = flow ? ts_block_append(design, &flow->regions[0]) : NULL;
    pass_builder inside = {.design = design};
    pass_set(&f->b, flow, "ID",
             ts_attr_integer(design, to->value, ts_type_integer(design, 8, TS_SIGNLESS)));
    pass_at_end(&inside, block);
    for (int i = 0; i < 2; i++) {
        ts_op *end = pass_make(&inside, i ? TS_OP_AIE_PACKET_DEST : TS_OP_AIE_PACKET_SOURCE,
                               &ends[i], 1, NULL, 0, 0);
        pass_set_i32(&inside, end, "bundle", ports[i][0]);
        pass_set_i32(&inside, end, "channel", ports[i][1]);
    }
    f->b.failed = f->b.failed || inside.failed;
}

static void find_from(finder *f, ts_op *tile, int64_t bundle, int64_t channel) {
    f->n_streams = 0;
    stream first = {.channel = channel};
    if (through_wire(f, tile, bundle, &first)) f->streams[f->n_streams++] = first;
    while (f->n_streams) {
        stream s = f->streams[--f->n_streams];
        if (s.op->code != TS_OP_AIE_TILE)
            pass_switch(f, &s);
        else if (s.mask == 0)
            write_circuit(f, tile, bundle, channel, &s);
        else
            write_packet(f, tile, bundle, channel, &s);
    }
}

/* src: Xilinx/mlir-aie: lib/Dialect/AIE/Transforms/AIEFindFlows.cpp [code] */
static ts_status find_flows(ts_pass_context *c) {
    finder f = {.c = c, .b = {.design = c->design}};
    pass_at_end(&f.b, c->device->regions[0].first);
    for (ts_op *tile = NULL; (tile = ts_op_child(c->device, TS_OP_AIE_TILE, tile));)
        for (int i = 0; i < 2; i++)
            for (int64_t channel = 0; channel < ROUTER_MAX_CHANNELS; channel++)
                find_from(&f, tile, i ? ROUTER_DMA : ROUTER_CORE, channel);
    return f.b.failed ? ts_fail_nomem(c->diag) : TS_OK;
}

/* ---- lengths --------------------------------------------------------------------------------- */

static bool is_direction(int64_t bundle) {
    return bundle == ROUTER_NORTH || bundle == ROUTER_EAST || bundle == ROUTER_SOUTH ||
           bundle == ROUTER_WEST;
}

/* Ports of directions that operations of these codes name, each once. */
static unsigned count_ports(const ts_op *interconnect, const char *bundle, const char *channel) {
    uint64_t seen[2] = {0};
    unsigned n = 0;
    for (ts_op *op = interconnect->regions[0].first->first; op; op = op->next) {
        int64_t b = ts_op_integer(op, bundle, -1), c = ts_op_integer(op, channel, -1);
        if (!is_direction(b) || c < 0 || c >= 8) continue;
        int64_t bit = b * 8 + c;
        n += !(seen[bit / 64] >> (bit % 64) & 1);
        seen[bit / 64] |= UINT64_C(1) << (bit % 64);
    }
    return n;
}

/* src: Xilinx/mlir-aie: lib/Targets/AIEFlowsToJSON.cpp, total_path_length [code] */
unsigned design_path_length(const ts_op *device) {
    unsigned n = 0;
    for (ts_op *op = NULL; (op = ts_op_child(device, TS_OP_AIE_SWITCHBOX, op));)
        n += count_ports(op, "dest_bundle", "dest_channel");
    for (ts_op *op = NULL; (op = ts_op_child(device, TS_OP_AIE_SHIM_MUX, op));)
        n -= count_ports(op, "source_bundle", "source_channel");
    return n;
}

/* ---- steps ----------------------------------------------------------------------------------- */

static ts_status verify_route(ts_pass_context *c) {
    return ts_op_child(c->device, TS_OP_AIE_SWITCHBOX, NULL) ? ts_verify_route(c) : TS_OK;
}

static ts_status tokens_of_all(ts_pass_context *c) {
    return route_overlay(c, ROUTE_TOKENS_OF_ALL);
}

static ts_status control_packets(ts_pass_context *c) {
    return route_overlay(c, ROUTE_CONTROL_PACKETS);
}

static const struct {
    const char *name;
    ts_status (*run)(ts_pass_context *c);
    bool needs_grid; /* else it runs for devices that Tessera does not know, too */
} steps[] = {
    {"aie-create-pathfinder-flows", route_flows, true},
    {"aie-find-flows", find_flows, true},
    {"aie-assign-tile-controller-ids", route_controller_ids, true},
    {"aie-generate-column-control-overlay", route_control_overlay, true},
    {"aie-generate-column-control-overlay=route-shim-to-tct=all-tiles", tokens_of_all, true},
    {"aie-generate-column-control-overlay=route-shim-to-tile-ctrl=true", control_packets, true},
    {"aie-lower-cascade-flows", route_cascades, true},
    {"verify-route", verify_route, true},
    {"aie-materialize-runtime-sequences", sequence_inline_runs, false},
    {"aie-materialize-bd-chains", sequence_chains, true},
    {"aie-substitute-shim-dma-allocations", sequence_allocations, true},
    {"aie-assign-runtime-sequence-bd-ids", sequence_bd_ids, true},
    {"aie-dma-tasks-to-npu", sequence_tasks, true},
    {"aie-dma-to-npu", sequence_registers, true},
    {"aie-lower-set-lock", sequence_locks, true},
    {"aie-ctrl-packet-infer-tiles", sequence_control_tiles, true},
    {"aie-ctrl-packet-to-dma", sequence_control_packets, true},
};
#define N_STEPS (sizeof steps / sizeof steps[0])

static size_t find_step(const char *name) {
    size_t i = 0;
    while (i < N_STEPS && strcmp(steps[i].name, name) != 0)
        i++;
    return i;
}

const char *design_step_name(const char *name) {
    size_t i = find_step(name);
    return i < N_STEPS ? steps[i].name : NULL;
}

bool design_step(const char *name, ts_design *design, ts_op *device, ts_diag *diag,
                 ts_status *status) {
    ts_pass_context c;
    size_t i = find_step(name);
    if (i == N_STEPS) return false;
    ts_diag unsupported = {0};
    *status = ts_pass_begin(&c, design, device, NULL, &unsupported);
    c.diag = diag;
    if (*status == TS_OK || !steps[i].needs_grid)
        *status = steps[i].run(&c);
    else
        *diag = unsupported;
    return true;
}
