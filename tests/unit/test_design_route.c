/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * Routing: random sets of flows arrive or fail with a reason; small designs, connection by
 * connection. */
#include "support.h"

#include "tessera/design.h"

#include <stdio.h>
#include <string.h>

/* Bundles as the attributes number them. */
enum {
    CORE,
    DMA,
    FIFO,
    SOUTH,
    WEST,
    NORTH,
    EAST,
    TRACE = 9,
    CONTROL = 10
};

#define NPU1 4 /* of the attribute "device" */

/* ---- designs built by hand ------------------------------------------------------------------- */

typedef struct array {
    ts_design *design;
    ts_op *device;
    ts_block *body;
    ts_op *tiles[4][6];
} array;

static void set(array *a, ts_op *op, const char *name, int64_t value) {
    assert_true(ts_op_set_attr(a->design, op, name, ts_attr_i32(a->design, value)));
}

static void new_array(array *a, ts_arena *arena) {
    *a = (array){.design = ts_design_new(arena, "flows.mlir")};
    assert_non_null(a->design);
    a->device = ts_op_new(a->design, TS_OP_AIE_DEVICE, NULL, 0, NULL, 0, 1);
    assert_non_null(a->device);
    ts_op_append(a->design->module->regions[0].first, a->device);
    a->body = ts_block_append(a->design, &a->device->regions[0]);
    assert_non_null(a->body);
    set(a, a->device, "device", NPU1);
}

static ts_value *tile(array *a, uint32_t column, uint32_t row) {
    const ts_type *index = ts_type_index(a->design);
    ts_op **place = &a->tiles[column][row];
    if (!*place) {
        *place = ts_op_new(a->design, TS_OP_AIE_TILE, NULL, 0, &index, 1, 0);
        assert_non_null(*place);
        set(a, *place, "col", column);
        set(a, *place, "row", row);
        ts_op_append(a->body, *place);
    }
    return &(*place)->results[0];
}

typedef struct end {
    uint32_t column, row, bundle, channel;
} end;

static void add_circuit(array *a, end from, end to) {
    ts_value *tiles[2] = {tile(a, from.column, from.row), tile(a, to.column, to.row)};
    ts_op *flow = ts_op_new(a->design, TS_OP_AIE_FLOW, tiles, 2, NULL, 0, 0);
    assert_non_null(flow);
    set(a, flow, "source_bundle", from.bundle);
    set(a, flow, "source_channel", from.channel);
    set(a, flow, "dest_bundle", to.bundle);
    set(a, flow, "dest_channel", to.channel);
    ts_op_append(a->body, flow);
}

static void add_packet_end(array *a, ts_block *block, ts_op_code code, end at) {
    ts_value *operand = tile(a, at.column, at.row);
    ts_op *op = ts_op_new(a->design, code, &operand, 1, NULL, 0, 0);
    assert_non_null(op);
    set(a, op, "bundle", at.bundle);
    set(a, op, "channel", at.channel);
    ts_op_append(block, op);
}

static void add_packets(array *a, uint32_t id, end from, const end *to, size_t n_dests) {
    ts_op *flow = ts_op_new(a->design, TS_OP_AIE_PACKET_FLOW, NULL, 0, NULL, 0, 1);
    ts_block *block = flow ? ts_block_append(a->design, &flow->regions[0]) : NULL;
    assert_non_null(block);
    set(a, flow, "ID", id);
    add_packet_end(a, block, TS_OP_AIE_PACKET_SOURCE, from);
    for (size_t i = 0; i < n_dests; i++)
        add_packet_end(a, block, TS_OP_AIE_PACKET_DEST, to[i]);
    for (size_t i = 0; i < n_dests; i++)
        tile(a, to[i].column, to[i].row);
    ts_op_append(a->body, flow);
}

/* ---- random flows ---------------------------------------------------------------------------- */

static uint32_t below(test_random *random, uint32_t n) {
    return (uint32_t)(test_next(random) >> 11) % n;
}

/* A DMA channel that nothing uses yet, of either direction. */
static bool free_channel(test_random *random, uint32_t used[4][6], end *out) {
    for (int tries = 0; tries < 20; tries++) {
        uint32_t column = below(random, 4), row = below(random, 6);
        uint32_t channel = below(random, row == 1 ? 6 : 2);
        if (used[column][row] >> channel & 1) continue;
        used[column][row] |= 1U << channel;
        *out = (end){column, row, DMA, channel};
        return true;
    }
    return false;
}

typedef struct counts {
    unsigned n_routed, n_refused, n_flows;
} counts;

static void random_flows(array *a, test_random *random, counts *n) {
    uint32_t sources[4][6] = {{0}}, dests[4][6] = {{0}}, id = 0;
    uint32_t n_flows = 1 + below(random, 18);
    for (uint32_t i = 0; i < n_flows; i++) {
        end from, to[3];
        size_t n_dests = 0, wanted = below(random, 8) ? 1 : 1 + below(random, 3);
        if (!free_channel(random, sources, &from)) break;
        while (n_dests < wanted && free_channel(random, dests, &to[n_dests]))
            n_dests++;
        if (!n_dests) break;
        n->n_flows++;
        if (below(random, 3) == 0 && id < 32) {
            add_packets(a, id++, from, to, n_dests);
            continue;
        }
        for (size_t d = 0; d < n_dests; d++)
            add_circuit(a, from, to[d]);
    }
}

/* The pass follows every stream through what it has written and fails itself when one goes astray;
 * here it is enough to hear what it says. */
static void random_sets_arrive_or_say_why(void **state) {
    test_random random = {.state = 20240607};
    counts n = {0};
    (void)state;
    for (int set_number = 0; set_number < 500; set_number++) {
        ts_arena *arena = test_begin();
        ts_diag diag = {0};
        array a;
        new_array(&a, arena);
        random_flows(&a, &random, &n);
        ts_status status = ts_design_run_pass(a.design, a.device, TS_PASS_ROUTE, NULL, &diag);
        if (status == TS_OK) {
            n.n_routed++;
        } else {
            n.n_refused++;
            if (!strstr(diag.message, "flow") || strlen(diag.message) < 40)
                fail_msg("set %d: %s", set_number, diag.message);
        }
        test_end(arena);
    }
    print_message("%u sets routed, %u refused, %u flows\n", n.n_routed, n.n_refused, n.n_flows);
    assert_true(n.n_routed > 400);
}

/* ---- what is refused ------------------------------------------------------------------------- */

#define TILES                                                                                      \
    "aie.device(npu1) {\n"                                                                         \
    "%t00 = aie.tile(0, 0)\n%t01 = aie.tile(0, 1)\n%t02 = aie.tile(0, 2)\n"                        \
    "%t03 = aie.tile(0, 3)\n%t12 = aie.tile(1, 2)\n%t10 = aie.tile(1, 0)\n"
#define PACKETS(id, source, dest)                                                                  \
    "aie.packet_flow(" #id ") {\naie.packet_source<" source ">\naie.packet_dest<" dest ">\n}\n"

typedef struct bad {
    const char *body;
    ts_status code;
    const char *words;
} bad;

static const bad bads[] = {
    {TILES "aie.flow(%t02, DMA : 2, %t03, DMA : 0)\n}", TS_RANGE,
     "tile(0,2) has no slave port DMA : 2; it has 2 ports of that bundle"},
    {TILES "aie.flow(%t02, DMA : 0, %t01, Core : 0)\n}", TS_RANGE,
     "tile(0,1) has no master port Core : 0; it has 0 ports of that bundle"},
    {TILES "aie.flow(%t02, DMA : 0, %t02, South : 4)\n}", TS_RANGE, "no master port South : 4"},
    {TILES "aie.flow(%t02, Trace : 0, %t12, DMA : 1)\naie.flow(%t02, Trace : 2, %t12, DMA : 0)\n}",
     TS_RANGE, "no slave port Trace : 2"},
    {TILES "aie.flow(%t02, DMA : 0, %t03, DMA : 0)\naie.flow(%t02, DMA : 1, %t03, DMA : 0)\n}",
     TS_CONFLICT,
     "no route for the flow (0, 2) DMA : 1 to (0, 3) DMA : 0: port DMA : 0 of the switch (0, 3) is "
     "taken, by the flow from (0, 2) DMA : 0"},
    {TILES "aie.packet_flow(32) {\naie.packet_source<%t02, DMA : 0>\n"
           "aie.packet_dest<%t03, DMA : 0>\n}\n}",
     TS_RANGE, "packet id 32 is not within 0 to 31"},
    {TILES "aie.packet_flow(1) {\naie.packet_dest<%t03, DMA : 0>\n}\n}", TS_SYNTAX,
     "must have exactly one aie.packet_source (got 0)"},
    {TILES "aie.packet_flow(1) {\naie.packet_source<%t03, DMA : 0>\n}\n}", TS_SYNTAX,
     "must have at least one aie.packet_dest"},
    {TILES
     "aie.packet_flow(1) {\naie.packet_source<%t03, DMA : 0>\naie.packet_source<%t02, DMA : 0>\n"
     "aie.packet_dest<%t12, DMA : 0>\n}\n}",
     TS_SYNTAX, "must have exactly one aie.packet_source (got 2)"},
    {TILES PACKETS(28, "%t00, DMA : 0", "%t02, TileControl : 0")
         PACKETS(29, "%t00, DMA : 0", "%t03, TileControl : 0")
             PACKETS(26, "%t00, DMA : 0", "%t03, DMA : 0") "}",
     TS_CONFLICT, "can lead to false packet id match for id 28"},
    {TILES PACKETS(0, "%t02, DMA : 0", "%t03, DMA : 0") PACKETS(1, "%t02, DMA : 0", "%t12, DMA : 1")
         PACKETS(2, "%t02, DMA : 0", "%t02, DMA : 0") PACKETS(3, "%t02, DMA : 0", "%t02, Core : 0")
             PACKETS(4, "%t02, DMA : 0", "%t02, TileControl : 0") "}",
     TS_CONFLICT, "packet rules; it has 4 slots"},
    {TILES PACKETS(1, "%t02, DMA : 0", "%t03, DMA : 0") "aie.flow(%t02, DMA : 0, %t12, DMA : 0)\n}",
     TS_CONFLICT, "a packet flow starts at the same port as this circuit"},
    {TILES PACKETS(1, "%t02, DMA : 0", "%t03, DMA : 0") PACKETS(
         1, "%t02, DMA : 1",
         "%t03, DMA : 0") "%s = aie.switchbox(%t03) {\naie.connect<South : 9, DMA : 1>\n}\n}",
     TS_RANGE, "no slave port South : 9"},
    {TILES "%s = aie.switchbox(%t01) {\naie.connect<South : 1, North : 2>\n}\n}", TS_CONFLICT,
     "unable to add fixed connections: tile(0,1) cannot connect these ports"},
    {TILES "%s = aie.switchbox(%t02) {\naie.connect<DMA : 0, North : 0>\n}\n"
           "%u = aie.switchbox(%t02) {\naie.connect<DMA : 1, North : 1>\n}\n}",
     TS_CONFLICT, "a second aie.switchbox for one place"},
    {TILES "%s = aie.switchbox(%t02) {\naie.connect<DMA : 0, North : 0>\n"
           "aie.connect<DMA : 1, North : 0>\n}\n}",
     TS_CONFLICT, "master port North : 0 of the switch (0, 2) is used twice"},
    {TILES "%s = aie.switchbox(%t02) {\naie.connect<DMA : 0, North : 0>\n}\n"
           "aie.flow(%t02, DMA : 0, %t03, DMA : 0)\n}",
     TS_CONFLICT, "no way at all for the flow (0, 2) DMA : 0 to (0, 3) DMA : 0"},
    {TILES "%s = aie.switchbox(%t02) {\n%a = aie.amsel<0> (0)\n%b = aie.amsel<1> (0)\n"
           "%m = aie.masterset(North : 0, %a, %b)\n}\n}",
     TS_CONFLICT, "a master port can only be tied to one arbiter"},
    {TILES "%s = aie.switchbox(%t02) {\n%a = aie.amsel<0> (0)\n%b = aie.amsel<0> (0)\n}\n}",
     TS_CONFLICT, "arbiter 0 has msel 0 twice"},
    {TILES "%s = aie.switchbox(%t02) {\n%a = aie.amsel<6> (0)\n}\n}", TS_RANGE,
     "there is no arbiter 6 with msel 0"},
    {TILES "aie.flow(%t12, DMA : 0, %t00, South : 0)\n}", TS_CONFLICT,
     "the port South : 0 of tile(0,0) is needed for task completion tokens"},
    {TILES "aie.cascade_flow(%t02, %t03)\n}", TS_RANGE,
     "source tile must be to the North or West of the destination tile"},
    {TILES "aie.cascade_flow(%t01, %t02)\n}", TS_RANGE, "only compute tiles have cascades"},
    {TILES "aie.flow(%t00, DMA : 0, %t02, DMA : 0)\naie.flow(%t00, DMA : 1, %t02, DMA : 1)\n"
           "aie.flow(%t10, DMA : 0, %t02, Core : 0)\naie.flow(%t10, DMA : 1, %t02, Core : 0)\n}",
     TS_CONFLICT, "port Core : 0 of the switch (0, 2) is taken"},
};

static void bad_designs_say_why(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof bads / sizeof bads[0]; i++) {
        ts_arena *arena = test_begin();
        ts_diag diag = {0};
        ts_design *design;
        ts_status status =
            ts_design_parse(arena, test_text(bads[i].body), "bad.mlir", &design, &diag);
        if (status == TS_OK)
            status = ts_design_run_pass(design, ts_op_child(design->module, TS_OP_AIE_DEVICE, NULL),
                                        TS_PASS_ROUTE, NULL, &diag);
        if (status != bads[i].code || !strstr(diag.message, bads[i].words))
            fail_msg("%zu: %s: %s\nwanted: %s\nfor %s", i, ts_status_name(status), diag.message,
                     bads[i].words, bads[i].body);
        test_end(arena);
    }
}

static ts_status route_sample(ts_arena *arena, void *context) {
    const char *text =
        "aie.device(npu1_1col) {\n%t00 = aie.tile(0, 0)\n%t02 = aie.tile(0, 2)\n"
        "aie.flow(%t00, DMA : 0, %t02, DMA : 0)\n" PACKETS(3, "%t02, DMA : 0", "%t00, DMA : 1") "}";
    ts_design *design;
    ts_diag diag = {0};
    (void)context;
    TS_TRY(ts_design_parse(arena, test_text(text), "sample.mlir", &design, &diag));
    return ts_design_run_pass(design, ts_op_child(design->module, TS_OP_AIE_DEVICE, NULL),
                              TS_PASS_ROUTE, NULL, &diag);
}

static void no_memory_is_no_crash(void **state) {
    (void)state;
    test_every_allocation_fails(route_sample, NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_sets_arrive_or_say_why),
        cmocka_unit_test(bad_designs_say_why),
        cmocka_unit_test(no_memory_is_no_crash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
