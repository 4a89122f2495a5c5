/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The pass `route`: controller ids and the flow that brings task completion tokens out of each
 * column, cascades, then every flow to connections of switchboxes, rules for packets, and wires.
 * src: Xilinx/mlir-aie: tools/aiecc/aiecc.cpp, runResourceAllocationPipeline, runRoutingPipeline
 * [code]
 */
#include "pass_route.h"

/* ---- operations for places ------------------------------------------------------------------- */

static ts_op **place_of(route *s, ts_op **of_kind, const ts_op *tile) {
    if (!tile || !pass_tile_kind(s->c, tile)) return NULL;
    return &of_kind[pass_column(tile) * s->c->grid.n_rows + pass_row(tile)];
}

static ts_status note(route *s, ts_op *op) {
    ts_op **place = NULL;
    if (op->code == TS_OP_AIE_TILE)
        place = place_of(s, s->tiles, op);
    else if (op->code == TS_OP_AIE_SWITCHBOX)
        place = place_of(s, s->switches, pass_tile_of(op));
    else if (op->code == TS_OP_AIE_SHIM_MUX)
        place = place_of(s, s->muxes, pass_tile_of(op));
    else
        return TS_OK;
    if (!place) return pass_fail(s->c, op, TS_RANGE, "%s is not on a tile of the device", op->name);
    if (*place) return pass_fail(s->c, op, TS_CONFLICT, "a second %s for one place", op->name);
    *place = op;
    return TS_OK;
}

ts_status route_begin(route *s, ts_pass_context *c, ts_arena *scratch) {
    size_t n = (size_t)c->grid.n_columns * c->grid.n_rows;
    *s = (route){.c = c, .scratch = scratch, .b = {.design = c->design}};
    s->tiles = TS_ARENA_ARRAY(scratch, ts_op *, n);
    s->switches = TS_ARENA_ARRAY(scratch, ts_op *, n);
    s->muxes = TS_ARENA_ARRAY(scratch, ts_op *, n);
    if (!s->tiles || !s->switches || !s->muxes) return ts_fail_nomem(c->diag);
    s->body = c->device->n_regions ? c->device->regions[0].first : NULL;
    if (!s->body) return pass_fail(c, c->device, TS_MISSING, "the device has no body");
    for (ts_op *op = s->body->first; op; op = op->next)
        TS_TRY(note(s, op));
    return TS_OK;
}

void route_at_end(route *s, ts_block *block) {
    pass_at_end(&s->b, block);
    if (block && block->last && block->last->code == TS_OP_AIE_END) pass_before(&s->b, block->last);
}

/* src: Xilinx/mlir-aie: include/aie/Dialect/AIE/IR/AIEOps.td, AIE_TileOp, getAsmResultNames [code]
 */
static const char *tile_word(const route *s, uint32_t row) {
    const ts_npu_tile *kind = ts_npu_tile_at(&s->c->grid, 0, row);
    if (kind && kind->kind == TS_NPU_SHIM) return "shim_noc_tile";
    return kind && kind->kind == TS_NPU_MEMORY ? "mem_tile" : "tile";
}

static void name_result(route *s, ts_op *op, const char *word, uint32_t place) {
    uint32_t rows = s->c->grid.n_rows;
    if (op) op->results[0].name = pass_text(&s->b, "%s_%u_%u", word, place / rows, place % rows);
}

ts_op *route_tile(route *s, uint32_t place) {
    const ts_type *index = ts_type_index(s->c->design);
    if (s->tiles[place]) return s->tiles[place];
    ts_op *tile = pass_make(&s->b, TS_OP_AIE_TILE, NULL, 0, &index, 1, 0);
    pass_set_i32(&s->b, tile, "col", place / s->c->grid.n_rows);
    pass_set_i32(&s->b, tile, "row", place % s->c->grid.n_rows);
    name_result(s, tile, tile_word(s, place % s->c->grid.n_rows), place);
    return s->tiles[place] = tile;
}

static ts_op *interconnect(route *s, ts_op **of_kind, uint32_t place, ts_op_code code,
                           const char *word) {
    const ts_type *index = ts_type_index(s->c->design);
    if (of_kind[place]) return of_kind[place];
    ts_value *tile = pass_result(route_tile(s, place));
    ts_op *op = tile ? pass_make(&s->b, code, &tile, 1, &index, 1, 1) : NULL;
    if (op && !ts_block_append(s->c->design, &op->regions[0])) s->b.failed = true;
    name_result(s, op, word, place);
    return of_kind[place] = op;
}

ts_op *route_switch(route *s, uint32_t place) {
    return interconnect(s, s->switches, place, TS_OP_AIE_SWITCHBOX, "switchbox");
}

ts_op *route_mux(route *s, uint32_t place) {
    return interconnect(s, s->muxes, place, TS_OP_AIE_SHIM_MUX, "shim_mux");
}

void route_connect(route *s, ts_op *op, uint32_t from_bundle, uint32_t from_channel,
                   uint32_t to_bundle, uint32_t to_channel, bool at_start) {
    pass_builder outside = s->b;
    ts_block *block = op ? op->regions[0].first : NULL;
    if (at_start)
        pass_at_start(&s->b, block);
    else
        route_at_end(s, block);
    ts_op *connect = pass_make(&s->b, TS_OP_AIE_CONNECT, NULL, 0, NULL, 0, 0);
    pass_set_i32(&s->b, connect, "source_bundle", from_bundle);
    pass_set_i32(&s->b, connect, "source_channel", from_channel);
    pass_set_i32(&s->b, connect, "dest_bundle", to_bundle);
    pass_set_i32(&s->b, connect, "dest_channel", to_channel);
    s->b.block = outside.block;
    s->b.before = outside.before;
}

ts_status route_port(route *s, const ts_op *op, const ts_op *tile, const char *bundle,
                     const char *channel, bool is_master, router_node *out) {
    if (!tile || !pass_tile_kind(s->c, tile))
        return pass_fail(s->c, op, TS_RANGE, "%s needs an aie.tile of the device", op->name);
    int64_t b = ts_op_integer(op, bundle, -1), ch = ts_op_integer(op, channel, -1);
    router_end end = {.column = (uint32_t)pass_column(tile), .row = (uint32_t)pass_row(tile)};
    if (b < 0 || b >= ROUTER_N_BUNDLES)
        return pass_fail(s->c, op, TS_UNKNOWN, "%s has no bundle %lld", op->name, (long long)b);
    end.bundle = (uint32_t)b;
    uint32_t n = router_n_ports(&s->c->grid, end.column, end.row, end.bundle, is_master);
    if (ch < 0 || ch >= n)
        return pass_fail(s->c, op, TS_RANGE,
                         "%s has no %s port %s : %lld; it has %u ports of that bundle",
                         pass_tile_text(s->c, tile), is_master ? "master" : "slave",
                         router_bundle_name(end.bundle), (long long)ch, n);
    end.channel = (uint32_t)ch;
    *out = router_node_of(&s->c->grid, end);
    return TS_OK;
}

/* ---- the pass -------------------------------------------------------------------------------- */

static ts_status run_flows(ts_pass_context *c, ts_arena *scratch) {
    route s;
    TS_TRY(route_begin(&s, c, scratch));
    TS_TRY(route_read_packets(&s));
    TS_TRY(route_find(&s));
    TS_TRY(route_write_circuits(&s));
    TS_TRY(route_write_packets(&s));
    route_write_wires(&s);
    if (s.b.failed) return ts_fail_nomem(c->diag);
    return route_check(&s);
}

ts_status route_flows(ts_pass_context *c) {
    ts_arena scratch;
    ts_arena_init(&scratch, c->design->arena->budget_bytes);
    scratch.grants = c->design->arena->grants;
    ts_status status = run_flows(c, &scratch);
    ts_arena_free(&scratch);
    return status;
}

/* A design that comes routed: its packet flows stay beside their routes, circuits are gone. */
static bool has_work(const route *s) {
    uint32_t n = (uint32_t)s->c->grid.n_columns * s->c->grid.n_rows;
    if (ts_op_child(s->c->device, TS_OP_AIE_FLOW, NULL) ||
        ts_op_child(s->c->device, TS_OP_AIE_CASCADE_FLOW, NULL))
        return true;
    for (uint32_t place = 0; place < n; place++)
        if (s->switches[place] && ts_op_child(s->switches[place], TS_OP_AIE_PACKET_RULES, NULL))
            return false;
    return true;
}

static bool is_routed(ts_pass_context *c) {
    ts_diag ignored = {0}, *diag = c->diag;
    ts_arena scratch;
    route s;
    ts_arena_init(&scratch, c->design->arena->budget_bytes);
    c->diag = &ignored;
    bool is_done = route_begin(&s, c, &scratch) == TS_OK && !has_work(&s) &&
                   route_read_packets(&s) == TS_OK && route_check(&s) == TS_OK;
    c->diag = diag;
    ts_arena_free(&scratch);
    return is_done;
}

ts_status ts_pass_route(ts_pass_context *c) {
    if (is_routed(c)) return TS_OK;
    TS_TRY(route_cascades(c));
    TS_TRY(route_controller_ids(c));
    TS_TRY(route_overlay(c, c->options.control_packets ? ROUTE_CONTROL_PACKETS : 0));
    return route_flows(c);
}
