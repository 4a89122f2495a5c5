/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Stream switches, shim multiplexers, cascade directions. Of each switch first its circuits, then
 * its packet masters, then its packet rules; then all multiplexers, then all cascades.
 *
 * src: Xilinx/mlir-aie: lib/Targets/AIERT.cpp, configureSwitches [code];
 * src: Xilinx/aie-rt: driver/src/stream_switch/xaie_ss.c; driver/src/pl/xaie_plif.c;
 * driver/src/core/xaie_core.c, XAie_CoreConfigAccumulatorControl [code]
 */
#include "compile_int.h"

#include <inttypes.h>
#include <stdio.h>

/* One aie.switchbox. */
typedef struct box {
    const comp *c;
    comp_tile tile;
} box;

enum {
    N_ARBITERS = 6,
    N_MSELS = 4,
    MASTER_ARBITER_BITS = 3, /* of the field Configuration; msels are above */
    MUX_DMA = 1,
};

/* Where multiplexer settings are: the shim DMA's streams come in by these southern ports, and go
 * out by those. src: Xilinx/aie-rt: driver/src/pl/xaie_plif.c, XAie_EnableShimDmaToAieStrmPort,
 * XAie_EnableAieToShimDmaStrmPort [code] */
static bool is_mux_port(int64_t channel) {
    return channel == 3 || channel == 7;
}

static bool is_demux_port(int64_t channel) {
    return channel == 2 || channel == 3;
}

static comp_value port_register(const box *s, bool is_master, ts_npu_port port, uint32_t *index) {
    *index = 0;
    (void)ts_npu_port_index(s->tile.kind, is_master, port, index);
    return comp_register_at(s->tile.kind, ts_npu_port_offset(s->tile.kind, is_master, *index));
}

static void write_slave(const box *s, ts_npu_port port, bool is_packet) {
    uint32_t index;
    comp_value value = port_register(s, false, port, &index);
    comp_set(&value, "Slave_Enable", 1);
    comp_set(&value, "Packet_Enable", is_packet);
    comp_write(s->c, &s->tile, value);
}

static ts_status connect(const box *s, const ts_op *op) {
    ts_npu_port from, to;
    uint32_t slave, master;
    TS_TRY(comp_port(s->c, op, &s->tile, false, &from));
    TS_TRY(comp_port(s->c, op, &s->tile, true, &to));
    if (!ts_npu_connection_is_legal(s->tile.kind, from, to))
        return COMP_FAIL(s->c, op, TS_RANGE,
                         "the switch of a %s tile cannot connect %s:%u to %s:%u",
                         ts_npu_kind_name(s->tile.kind->kind), ts_npu_bundle_name(from.bundle),
                         from.channel, ts_npu_bundle_name(to.bundle), to.channel);
    (void)port_register(s, false, from, &slave);
    comp_value value = port_register(s, true, to, &master);
    comp_set(&value, "Master_Enable", 1);
    comp_set(&value, "Configuration", slave);
    comp_write(s->c, &s->tile, value);
    write_slave(s, from, false);
    return TS_OK;
}

static ts_status read_amsel(const box *s, const ts_op *op, uint32_t operand, int64_t *arbiter,
                            int64_t *msel) {
    const ts_op *amsel;
    TS_TRY(comp_source(s->c, op, operand, TS_OP_AIE_AMSEL, &amsel));
    TS_TRY(comp_need(s->c, amsel, "arbiterID", 0, N_ARBITERS - 1, arbiter));
    return comp_need(s->c, amsel, "msel", 0, N_MSELS - 1, msel);
}

/* DMAs get packets without their headers, and so does the shim's south, behind which is a DMA. */
static bool drops_header(const box *s, const ts_op *op, ts_npu_port to) {
    if (ts_op_attr(op, "keep_pkt_header")) return !ts_op_bool(op, "keep_pkt_header");
    return to.bundle == TS_NPU_BUNDLE_DMA ||
           (s->tile.kind->kind == TS_NPU_SHIM && to.bundle == TS_NPU_BUNDLE_SOUTH);
}

static ts_status masterset(const box *s, const ts_op *op) {
    ts_npu_port to;
    uint32_t master, msels = 0;
    int64_t arbiter = -1;
    TS_TRY(comp_port(s->c, op, &s->tile, true, &to));
    for (uint32_t i = 0; i < op->n_operands; i++) {
        int64_t its_arbiter, msel;
        TS_TRY(read_amsel(s, op, i, &its_arbiter, &msel));
        if (arbiter >= 0 && arbiter != its_arbiter)
            return COMP_FAIL(s->c, op, TS_CONFLICT,
                             "a master has one arbiter, not %" PRId64 " and %" PRId64, arbiter,
                             its_arbiter);
        arbiter = its_arbiter;
        msels |= UINT32_C(1) << msel;
    }
    if (arbiter < 0) return COMP_FAIL(s->c, op, TS_MISSING, "aie.masterset has no aie.amsel");
    comp_value value = port_register(s, true, to, &master);
    comp_set(&value, "Master_Enable", 1);
    comp_set(&value, "Packet_Enable", 1);
    comp_set(&value, "Drop_Header", drops_header(s, op, to));
    comp_set(&value, "Configuration", (uint32_t)arbiter | msels << MASTER_ARBITER_BITS);
    comp_write(s->c, &s->tile, value);
    return TS_OK;
}

static ts_status rule(const box *s, const ts_op *op, ts_npu_port from, uint32_t slot) {
    uint32_t slave = 0;
    int64_t mask, id, arbiter, msel;
    if (slot >= s->tile.kind->n_slots)
        return COMP_FAIL(s->c, op, TS_RANGE,
                         "slave %s:%u has %u slots for rules, and this is one more",
                         ts_npu_bundle_name(from.bundle), from.channel, s->tile.kind->n_slots);
    TS_TRY(comp_need(s->c, op, "mask", 0, 31, &mask));
    TS_TRY(comp_need(s->c, op, "value", 0, 31, &id));
    TS_TRY(read_amsel(s, op, 0, &arbiter, &msel));
    write_slave(s, from, true);
    (void)ts_npu_port_index(s->tile.kind, false, from, &slave);
    comp_value value =
        comp_register_at(s->tile.kind, ts_npu_slot_offset(s->tile.kind, slave, slot));
    comp_set(&value, "id", (uint32_t)id);
    comp_set(&value, "mask", (uint32_t)mask);
    comp_set(&value, "enable", 1);
    comp_set(&value, "msel", (uint32_t)msel);
    comp_set(&value, "arbit", (uint32_t)arbiter);
    comp_write(s->c, &s->tile, value);
    return TS_OK;
}

static ts_status packet_rules(const box *s, const ts_op *op) {
    ts_npu_port from;
    uint32_t slot = 0;
    TS_TRY(comp_port(s->c, op, &s->tile, false, &from));
    for (const ts_op *r = ts_op_child(op, TS_OP_AIE_RULE, NULL); r;
         r = ts_op_child(op, TS_OP_AIE_RULE, r))
        TS_TRY(rule(s, r, from, slot++));
    return TS_OK;
}

static ts_status configure_box(const comp *c, const ts_op *op) {
    static const struct {
        ts_op_code code;
        ts_status (*write)(const box *s, const ts_op *op);
    } parts[] = {
        {TS_OP_AIE_CONNECT, connect},
        {TS_OP_AIE_MASTERSET, masterset},
        {TS_OP_AIE_PACKET_RULES, packet_rules},
    };
    box s = {.c = c};
    TS_TRY(comp_tile_of(c, op, &s.tile));
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        for (const ts_op *part = ts_op_child(op, parts[i].code, NULL); part;
             part = ts_op_child(op, parts[i].code, part))
            TS_TRY(parts[i].write(&s, part));
    return TS_OK;
}

/* ---- shim multiplexers ----------------------------------------------------------------------- */

/* In an aie.shim_mux the array is to the north; "North" there is "South" at the switch. */
enum {
    WIRE_DMA = 1,
    WIRE_NORTH = 5,
};

static ts_status mux_connect(const comp *c, const comp_tile *tile, const ts_op *op) {
    int64_t from, to, from_channel, to_channel;
    TS_TRY(comp_need(c, op, "source_bundle", 0, INT32_MAX, &from));
    TS_TRY(comp_need(c, op, "dest_bundle", 0, INT32_MAX, &to));
    TS_TRY(comp_need(c, op, "source_channel", 0, UINT8_MAX, &from_channel));
    TS_TRY(comp_need(c, op, "dest_channel", 0, UINT8_MAX, &to_channel));
    bool is_out = from == WIRE_NORTH;
    int64_t channel = is_out ? from_channel : to_channel;
    if (is_out ? to != WIRE_DMA : from != WIRE_DMA || to != WIRE_NORTH)
        return COMP_FAIL(c, op, TS_UNSUPPORTED,
                         "a shim_mux connects DMA and North; others are not supported");
    if (is_out ? !is_demux_port(channel) : !is_mux_port(channel))
        return COMP_FAIL(c, op, TS_RANGE,
                         "the shim DMA %s North:%" PRId64 "; North:%d and North:%d are",
                         is_out ? "cannot receive from" : "cannot send to", channel, is_out ? 2 : 3,
                         is_out ? 3 : 7);
    char field[16];
    snprintf(field, sizeof field, "South%" PRId64, channel);
    comp_value value = comp_register(tile->kind, is_out ? "Demux_Config" : "Mux_Config");
    comp_set(&value, field, MUX_DMA);
    comp_mask_write(c, tile, value);
    return TS_OK;
}

static ts_status configure_mux(const comp *c, const ts_op *op) {
    comp_tile tile;
    TS_TRY(comp_tile_of(c, op, &tile));
    if (tile.kind->kind != TS_NPU_SHIM)
        return COMP_FAIL(c, op, TS_RANGE, "only shim tiles have an aie.shim_mux");
    for (const ts_op *part = ts_op_child(op, TS_OP_AIE_CONNECT, NULL); part;
         part = ts_op_child(op, TS_OP_AIE_CONNECT, part))
        TS_TRY(mux_connect(c, &tile, part));
    return TS_OK;
}

/* ---- cascades -------------------------------------------------------------------------------- */

/* South, west, north, east are 3 to 6; north and south are 0, west and east 1 in the register. */
static ts_status configure_cascade(const comp *c, const ts_op *op) {
    enum {
        SOUTH = 3,
        WEST = 4,
        NORTH = 5,
        EAST = 6
    };
    comp_tile tile;
    int64_t from, to;
    TS_TRY(comp_tile_of(c, op, &tile));
    TS_TRY(comp_need(c, op, "inputDir", SOUTH, EAST, &from));
    TS_TRY(comp_need(c, op, "outputDir", SOUTH, EAST, &to));
    if (tile.kind->kind != TS_NPU_COMPUTE || (from != NORTH && from != WEST) ||
        (to != SOUTH && to != EAST))
        return COMP_FAIL(
            c, op, TS_RANGE,
            "a cascade comes from north or west and goes south or east, between cores");
    comp_value value = comp_register(tile.kind, "Accumulator_Control");
    comp_set(&value, "Input", from == WEST);
    comp_set(&value, "Output", to == EAST);
    comp_write(c, &tile, value);
    return TS_OK;
}

ts_status comp_configure_switches(const comp *c) {
    static const struct {
        ts_op_code code;
        ts_status (*write)(const comp *c, const ts_op *op);
    } kinds[] = {
        {TS_OP_AIE_SWITCHBOX, configure_box},
        {TS_OP_AIE_SHIM_MUX, configure_mux},
        {TS_OP_AIE_CONFIGURE_CASCADE, configure_cascade},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        for (const ts_op *op = ts_op_child(c->device, kinds[i].code, NULL); op;
             op = ts_op_child(c->device, kinds[i].code, op))
            TS_TRY(kinds[i].write(c, op));
    return TS_OK;
}
