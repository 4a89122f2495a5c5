/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * design, inside: what the files of the pass `route` share.
 */
#ifndef TESSERA_DESIGN_PASS_ROUTE_H
#define TESSERA_DESIGN_PASS_ROUTE_H

#include "passes.h"
#include "router_packets.h"

/* Device, the operations that stand for places of its grid, and what is being routed. */
typedef struct route {
    ts_pass_context *c;
    pass_builder b;
    ts_arena *scratch;
    ts_block *body;
    ts_op **tiles, **switches, **muxes; /* by column * rows + row; NULL: none yet */
    router *router;
    packet_flow *flows; /* aie.packet_flow in the order of the design */
    uint32_t n_flows;
} route;

/* Reads tiles, switchboxes and multiplexers. */
TS_NODISCARD ts_status route_begin(route *s, ts_pass_context *c, ts_arena *scratch);
/* The builder before the end of a block. */
void route_at_end(route *s, ts_block *block);
/* The operation for a place, made before the end of the device (or where the builder stands) when
 * there is none; NULL: NOMEM. */
ts_op *route_tile(route *s, uint32_t place);
ts_op *route_switch(route *s, uint32_t place);
ts_op *route_mux(route *s, uint32_t place);
/* A new aie.connect at the end of a switchbox or multiplexer, or (at_start) at its start. */
void route_connect(route *s, ts_op *interconnect, uint32_t from_bundle, uint32_t from_channel,
                   uint32_t to_bundle, uint32_t to_channel, bool at_start);
/* The port that a tile and two attributes name. Errors: RANGE when the tile has no such port. */
TS_NODISCARD ts_status route_port(route *s, const ts_op *op, const ts_op *tile, const char *bundle,
                                  const char *channel, bool is_master, router_node *out);

/* The steps of the pass, in its order. */
TS_NODISCARD ts_status route_controller_ids(ts_pass_context *c);
TS_NODISCARD ts_status route_controller_id(ts_pass_context *c, ts_op *tile);
TS_NODISCARD ts_status route_control_overlay(ts_pass_context *c);
/* The same with more: tokens of all tiles, control packets from the shim's DMA to all tiles. */
#define ROUTE_TOKENS_OF_ALL   1u
#define ROUTE_CONTROL_PACKETS 2u
TS_NODISCARD ts_status route_overlay(ts_pass_context *c, unsigned overlay);
/* The DMA channel of the shim that control packets for a row come from: lower rows have the first.
 * src: Xilinx/mlir-aie: lib/Dialect/AIE/Transforms/AIEGenerateColumnControlOverlay.cpp,
 * getRowToShimChanMap [code] */
uint32_t route_control_channel(const ts_pass_context *c, uint32_t row);
TS_NODISCARD ts_status route_cascades(ts_pass_context *c);
TS_NODISCARD ts_status route_read_packets(route *s);
TS_NODISCARD ts_status route_find(route *s);
TS_NODISCARD ts_status route_write_circuits(route *s);
TS_NODISCARD ts_status route_write_packets(route *s);
void route_write_wires(route *s);
/* Whether each flow of `s` arrives where it should and every switch keeps its limits. */
TS_NODISCARD ts_status route_check(route *s);
/* Flows, circuits and packets, to connections: all of the pass but ids, overlay and cascades. */
TS_NODISCARD ts_status route_flows(ts_pass_context *c);

TS_NODISCARD ts_status ts_pass_route(ts_pass_context *c);
TS_NODISCARD ts_status ts_verify_route(ts_pass_context *c);

/* For clang's static analyzer only, as ts_fail() in base.h: this never returns TS_OK. */
#if defined(__clang_analyzer__) && !defined(pass_fail)
#define pass_fail(c, op, code, ...) TS_NOT_OK(pass_fail(c, op, code, __VA_ARGS__), code)
#endif

#endif
