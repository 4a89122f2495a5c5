/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * What comes before routing: controller ids of tiles, the packet flow that brings task completion
 * tokens from the shim tile's control port out of each column, and cascades.
 */
#include "pass_route.h"

/* Ids by row. Those of shim tiles must be below 16, for a token has four bits for its sender.
 * src: Xilinx/mlir-aie: lib/Dialect/AIE/Transforms/AIEGenerateColumnControlOverlay.cpp,
 * getTileToControllerIdMap6RowsOrLess [code] */
static const uint8_t controller_ids[] = {15, 26, 27, 29, 30, 31};
#define N_CONTROLLER_IDS (sizeof controller_ids / sizeof controller_ids[0])

/* The channel of the shim's South bundle that tokens leave by.
 * src: the same file, getRowToShimChanMap [code] */
#define TOKEN_CHANNEL 0

static int64_t controller_id(const ts_pass_context *c, const ts_op *tile) {
    int64_t row = pass_row(tile);
    if (c->grid.n_rows <= N_CONTROLLER_IDS && row >= 0 && row < (int64_t)N_CONTROLLER_IDS)
        return controller_ids[row];
    return row;
}

static const ts_attr *packet_info(ts_pass_context *c, int64_t type, int64_t id) {
    ts_named_attr members[2] = {{"pkt_type", ts_attr_i32(c->design, type)},
                                {"pkt_id", ts_attr_i32(c->design, id)}};
    if (!members[0].value || !members[1].value) return NULL;
    return ts_attr_dialect(c->design, "aie.packet_info", members, 2);
}

ts_status route_controller_id(ts_pass_context *c, ts_op *tile) {
    if (ts_op_attr(tile, "controller_id")) return TS_OK;
    const ts_attr *info = packet_info(c, 0, controller_id(c, tile));
    if (!info || !ts_op_set_attr(c->design, tile, "controller_id", info))
        return ts_fail_nomem(c->diag);
    return TS_OK;
}

ts_status route_controller_ids(ts_pass_context *c) {
    for (ts_op *tile = NULL; (tile = ts_op_child(c->device, TS_OP_AIE_TILE, tile));)
        TS_TRY(route_controller_id(c, tile));
    return TS_OK;
}

/* ---- flows of control ------------------------------------------------------------------------ */

static void make_end(route *s, ts_op_code code, ts_value *tile, uint32_t bundle, uint32_t channel) {
    ts_op *op = pass_make(&s->b, code, &tile, 1, NULL, 0, 0);
    pass_set_i32(&s->b, op, "bundle", bundle);
    pass_set_i32(&s->b, op, "channel", channel);
}

/* Between the control port of `tile` and a port of the shim: tokens come from it, control packets
 * go to it. */
static void make_flow(route *s, ts_op *shim, ts_op *tile, uint32_t channel, bool is_token) {
    ts_design *design = s->c->design;
    const ts_type *i8 = ts_type_integer(design, 8, TS_SIGNLESS);
    const ts_attr *id = ts_attr_member(ts_op_attr(tile, "controller_id"), "pkt_id");
    route_at_end(s, s->body);
    ts_op *flow = pass_make(&s->b, TS_OP_AIE_PACKET_FLOW, NULL, 0, NULL, 0, 1);
    ts_block *block = flow ? ts_block_append(design, &flow->regions[0]) : NULL;
    if (!block || !i8) s->b.failed = true;
    if (s->b.failed) return;
    pass_set(&s->b, flow, "ID",
             ts_attr_integer(design, id ? id->integer : controller_id(s->c, tile), i8));
    pass_set(&s->b, flow, "keep_pkt_header", ts_attr_bool(design, true));
    pass_set(&s->b, flow, "priority_route", ts_attr_bool(design, true));
    pass_at_end(&s->b, block);
    ts_op_code of_shim = is_token ? TS_OP_AIE_PACKET_DEST : TS_OP_AIE_PACKET_SOURCE;
    if (is_token) make_end(s, TS_OP_AIE_PACKET_SOURCE, pass_result(tile), ROUTER_TILE_CONTROL, 0);
    make_end(s, of_shim, pass_result(shim), is_token ? ROUTER_SOUTH : ROUTER_DMA, channel);
    if (!is_token) make_end(s, TS_OP_AIE_PACKET_DEST, pass_result(tile), ROUTER_TILE_CONTROL, 0);
}

/* A circuit that has the port already. */
static const ts_op *flow_in_the_way(const ts_pass_context *c, const ts_op *shim, uint32_t channel,
                                    bool is_token) {
    for (ts_op *op = NULL; (op = ts_op_child(c->device, TS_OP_AIE_FLOW, op));) {
        const char *bundle = is_token ? "dest_bundle" : "source_bundle";
        const char *of_channel = is_token ? "dest_channel" : "source_channel";
        if (op->n_operands == 2 && pass_tile_of_value(op->operands[is_token].value) == shim &&
            ts_op_integer(op, bundle, -1) == (is_token ? ROUTER_SOUTH : ROUTER_DMA) &&
            ts_op_integer(op, of_channel, -1) == channel)
            return op;
    }
    return NULL;
}

uint32_t route_control_channel(const ts_pass_context *c, uint32_t row) {
    uint32_t n_channels = ts_npu_tile_at(&c->grid, 0, 0)->n_channels;
    uint32_t per_channel = c->grid.n_rows / n_channels;
    uint32_t channel = per_channel ? row / per_channel : 0;
    return channel < n_channels ? channel : n_channels - 1;
}

/* The handle by which a runtime sequence sends control packets. */
static void make_allocation(route *s, ts_op *shim, uint32_t channel) {
    ts_design *design = s->c->design;
    const char *name =
        pass_text(&s->b, "ctrlpkt_col%u_mm2s_chan%u", (unsigned)pass_column(shim), channel);
    ts_value *tile = pass_result(shim);
    if (!name || !tile || ts_symbol_find(s->c->device, name)) return;
    const ts_type *i64 = ts_type_integer(design, 64, TS_SIGNLESS);
    route_at_end(s, s->body);
    ts_op *op = pass_make(&s->b, TS_OP_AIE_SHIM_DMA_ALLOCATION, &tile, 1, NULL, 0, 0);
    pass_set_text(&s->b, op, "sym_name", name);
    pass_set_i32(&s->b, op, "channel_dir", 1); /* MM2S */
    pass_set(&s->b, op, "channel_index", i64 ? ts_attr_integer(design, channel, i64) : NULL);
}

static bool has_end(const ts_op *flow, ts_op_code code, const ts_op *tile, int64_t bundle,
                    int64_t channel) {
    const ts_op *end = ts_op_child(flow, code, NULL);
    return end && pass_tile_of(end) == tile && ts_op_integer(end, "bundle", -1) == bundle &&
           ts_op_integer(end, "channel", -1) == channel;
}

/* A design that has been here before has the flow. One that drops the header, which is all that a
 * token is, does not count: as mlir-aie's, ours comes behind it and decides. */
static bool is_there(const ts_pass_context *c, const ts_op *shim, const ts_op *tile,
                     uint32_t channel, bool is_token) {
    for (ts_op *op = NULL; (op = ts_op_child(c->device, TS_OP_AIE_PACKET_FLOW, op));)
        if (ts_op_bool(op, "keep_pkt_header") &&
            has_end(op, is_token ? TS_OP_AIE_PACKET_SOURCE : TS_OP_AIE_PACKET_DEST, tile,
                    ROUTER_TILE_CONTROL, 0) &&
            has_end(op, is_token ? TS_OP_AIE_PACKET_DEST : TS_OP_AIE_PACKET_SOURCE, shim,
                    is_token ? ROUTER_SOUTH : ROUTER_DMA, channel))
            return true;
    return false;
}

static ts_status make_control(route *s, ts_op *shim, ts_op *tile, bool is_token) {
    uint32_t channel =
        is_token ? TOKEN_CHANNEL : route_control_channel(s->c, (uint32_t)pass_row(tile));
    if (is_there(s->c, shim, tile, channel, is_token)) return TS_OK;
    const ts_op *flow = flow_in_the_way(s->c, shim, channel, is_token);
    if (flow)
        return pass_fail(s->c, flow, TS_CONFLICT,
                         "failed to generate column control overlay: the port %s : %u of %s is "
                         "needed for %s",
                         is_token ? "South" : "DMA", channel, pass_tile_text(s->c, shim),
                         is_token ? "task completion tokens" : "control packets");
    make_flow(s, shim, tile, channel, is_token);
    if (!is_token) make_allocation(s, shim, channel);
    return TS_OK;
}

/* Tiles in the order of the design, as many as there were. */
static ts_status write_column(route *s, uint32_t column, ts_op *const *tiles, uint32_t n_tiles,
                              unsigned overlay) {
    uint32_t rows = s->c->grid.n_rows;
    pass_at_start(&s->b, s->body);
    ts_op *shim = route_tile(s, column * rows);
    if (!shim) return ts_fail_nomem(s->c->diag);
    for (uint32_t i = 0; i < n_tiles; i++)
        if (pass_column(tiles[i]) == column && (overlay & ROUTE_TOKENS_OF_ALL || tiles[i] == shim))
            TS_TRY(make_control(s, shim, tiles[i], true));
    for (uint32_t i = 0; i < n_tiles && overlay & ROUTE_CONTROL_PACKETS; i++)
        if (pass_column(tiles[i]) == column) TS_TRY(make_control(s, shim, tiles[i], false));
    return TS_OK;
}

/* Shim tiles that a column lacks are made, but send no tokens, as in mlir-aie.
 * src: Xilinx/mlir-aie: lib/Dialect/AIE/Transforms/AIEGenerateColumnControlOverlay.cpp,
 * AIEGenerateColumnControlOverlayPass [code] */
static ts_status write_overlay(route *s, unsigned overlay) {
    uint32_t rows = s->c->grid.n_rows, n_tiles = 0;
    size_t n_places = (size_t)s->c->grid.n_columns * rows;
    ts_op **tiles = TS_ARENA_ARRAY(s->scratch, ts_op *, n_places);
    if (!tiles) return ts_fail_nomem(s->c->diag);
    for (ts_op *op = NULL; (op = ts_op_child(s->c->device, TS_OP_AIE_TILE, op));)
        tiles[n_tiles++] = op;
    for (uint32_t column = 0; column < s->c->grid.n_columns; column++) {
        bool is_occupied = false;
        for (uint32_t i = 0; i < n_tiles; i++)
            is_occupied = is_occupied || pass_column(tiles[i]) == column;
        if (is_occupied) TS_TRY(write_column(s, column, tiles, n_tiles, overlay));
    }
    return s->b.failed ? ts_fail_nomem(s->c->diag) : TS_OK;
}

ts_status route_overlay(ts_pass_context *c, unsigned overlay) {
    ts_arena scratch;
    route s;
    ts_arena_init(&scratch, c->design->arena->budget_bytes);
    ts_status status = route_begin(&s, c, &scratch);
    if (status == TS_OK) status = write_overlay(&s, overlay);
    ts_arena_free(&scratch);
    return status;
}

ts_status route_control_overlay(ts_pass_context *c) {
    return route_overlay(c, 0);
}

/* ---- cascades -------------------------------------------------------------------------------- */

/* Directions that cascades of one tile take.
 * src: Xilinx/mlir-aie: lib/Dialect/AIE/Transforms/AIELowerCascadeFlows.cpp [code]; directions
 * include/aie/Dialect/AIE/IR/AIEAttrs.td, CascadeDir [code] */
enum {
    CASCADE_SOUTH = ROUTER_SOUTH,
    CASCADE_WEST = ROUTER_WEST,
    CASCADE_NORTH = ROUTER_NORTH,
    CASCADE_EAST = ROUTER_EAST
};

static ts_status direction(ts_pass_context *c, const ts_op *op, const ts_op *from, const ts_op *to,
                           int *out, int *in) {
    if (!from || !to) return pass_fail(c, op, TS_SYNTAX, "a cascade goes from tile to tile");
    if (!pass_is_tile(c, from, TS_NPU_COMPUTE) || !pass_is_tile(c, to, TS_NPU_COMPUTE))
        return pass_fail(c, op, TS_RANGE, "only compute tiles have cascades: %s to %s",
                         pass_tile_text(c, from), pass_tile_text(c, to));
    int64_t right = pass_column(to) - pass_column(from), down = pass_row(from) - pass_row(to);
    if (right == 0 && down == 1) {
        *out = CASCADE_SOUTH;
        *in = CASCADE_NORTH;
    } else if (right == 1 && down == 0) {
        *out = CASCADE_EAST;
        *in = CASCADE_WEST;
    } else {
        return pass_fail(
            c, op, TS_RANGE,
            "source tile must be to the North or West of the destination tile: %s to %s",
            pass_tile_text(c, from), pass_tile_text(c, to));
    }
    return TS_OK;
}

static ts_status cascade_at(ts_pass_context *c, const ts_op *tile, int *in, int *out, bool *found) {
    *in = CASCADE_NORTH;
    *out = CASCADE_SOUTH;
    *found = false;
    for (ts_op *op = NULL; (op = ts_op_child(c->device, TS_OP_AIE_CASCADE_FLOW, op));) {
        if (op->n_operands != 2)
            return pass_fail(c, op, TS_SYNTAX, "a cascade goes from tile to tile");
        const ts_op *from = pass_tile_of_value(op->operands[0].value);
        const ts_op *to = pass_tile_of_value(op->operands[1].value);
        int leaves = CASCADE_SOUTH, enters = CASCADE_NORTH;
        TS_TRY(direction(c, op, from, to, &leaves, &enters));
        if (from == tile) *out = leaves;
        if (to == tile) *in = enters;
        *found = *found || from == tile || to == tile;
    }
    return TS_OK;
}

ts_status route_cascades(ts_pass_context *c) {
    pass_builder b = {.design = c->design};
    ts_op *flow = ts_op_child(c->device, TS_OP_AIE_CASCADE_FLOW, NULL), *next;
    ts_block *body = c->device->n_regions ? c->device->regions[0].first : NULL;
    if (!flow || !body) return TS_OK;
    pass_at_end(&b, body);
    if (body->last && body->last->code == TS_OP_AIE_END) pass_before(&b, body->last);
    for (ts_op *tile = NULL; (tile = ts_op_child(c->device, TS_OP_AIE_TILE, tile));) {
        int in, out;
        bool found = false;
        TS_TRY(cascade_at(c, tile, &in, &out, &found));
        if (!found) continue;
        ts_value *operand = pass_result(tile);
        ts_op *op = pass_make(&b, TS_OP_AIE_CONFIGURE_CASCADE, &operand, 1, NULL, 0, 0);
        pass_set_i32(&b, op, "inputDir", in);
        pass_set_i32(&b, op, "outputDir", out);
    }
    for (; flow; flow = next) {
        next = ts_op_child(c->device, TS_OP_AIE_CASCADE_FLOW, flow);
        ts_op_erase(flow);
    }
    return b.failed ? ts_fail_nomem(c->diag) : TS_OK;
}
