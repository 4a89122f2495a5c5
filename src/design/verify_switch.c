/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Rules of stream switches: ports exist, connections are legal, no port twice.
 *
 * src: Xilinx/mlir-aie: lib/Dialect/AIE/IR/AIEDialect.cpp, SwitchboxOp::verify, ShimMuxOp::verify,
 * PacketFlowOp::verify [code]
 */
#include "verify_int.h"

#include <inttypes.h>
#include <string.h>

/* Ports of one switch that are taken, by enumeration and channel. */
enum {
    N_BUNDLES = 16,
    N_CHANNELS = 32
};

typedef struct taken {
    const ts_op *by[N_BUNDLES][N_CHANNELS];
} taken;

typedef struct port {
    const char *word;
    int64_t bundle, channel;
} port;

static port port_of(const ts_op *op, const char *bundle, const char *channel) {
    return (port){ts_op_word(op, bundle, "?"), ts_op_integer(op, bundle, 0),
                  ts_op_integer(op, channel, 0)};
}

static bool to_npu(const port *p, ts_npu_port *out) {
    if (p->channel < 0 || p->channel > 255 || !ts_npu_bundle_find(p->word, &out->bundle))
        return false;
    out->channel = (uint8_t)p->channel;
    return true;
}

static ts_status take(verifier *v, const ts_op *op, taken *ports, const port *p,
                      const char *direction) {
    if (p->channel < 0 || p->channel >= N_CHANNELS || p->bundle >= N_BUNDLES)
        return VERIFY_RANGE(v, op, "there is no port %s : %" PRId64, p->word, p->channel);
    const ts_op **by = &ports->by[p->bundle][p->channel];
    if (*by)
        return VERIFY_FAIL(v, op, "%s port %s : %" PRId64 " is in use already", direction, p->word,
                           p->channel);
    *by = op;
    return TS_OK;
}

static ts_status check_port(verifier *v, const ts_op *op, const ts_npu_tile *kind, bool is_master,
                            const port *p) {
    ts_npu_port found;
    uint32_t index;
    if (!kind || (to_npu(p, &found) && ts_npu_port_index(kind, is_master, found, &index)))
        return TS_OK;
    return VERIFY_RANGE(v, op, "the switch of a %s tile has no %s port %s : %" PRId64,
                        ts_npu_kind_name(kind->kind), is_master ? "destination" : "source", p->word,
                        p->channel);
}

static ts_status verify_connect(verifier *v, const ts_op *op, const ts_npu_tile *kind,
                                taken *sources, taken *dests) {
    port from = port_of(op, "source_bundle", "source_channel");
    port to = port_of(op, "dest_bundle", "dest_channel");
    ts_npu_port slave, master;
    TS_TRY(take(v, op, dests, &to, "destination"));
    TS_TRY(check_port(v, op, kind, false, &from));
    TS_TRY(check_port(v, op, kind, true, &to));
    if (from.channel >= 0 && from.channel < N_CHANNELS) sources->by[from.bundle][from.channel] = op;
    if (kind && to_npu(&from, &slave) && to_npu(&to, &master) &&
        !ts_npu_connection_is_legal(kind, slave, master))
        return VERIFY_FAIL(
            v, op, "the switch of a %s tile cannot connect %s : %" PRId64 " to %s : %" PRId64,
            ts_npu_kind_name(kind->kind), from.word, from.channel, to.word, to.channel);
    return TS_OK;
}

static ts_status verify_masterset(verifier *v, const ts_op *op, const ts_npu_tile *kind,
                                  taken *dests) {
    port to = port_of(op, "dest_bundle", "dest_channel");
    int64_t arbiter = -1;
    TS_TRY(take(v, op, dests, &to, "destination"));
    TS_TRY(check_port(v, op, kind, true, &to));
    for (uint32_t i = 0; i < op->n_operands; i++) {
        const ts_op *amsel = op->operands[i].value->owner;
        if (!amsel || amsel->code != TS_OP_AIE_AMSEL)
            return VERIFY_FAIL(v, op, "operand %u is not an aie.amsel", (unsigned)i + 1);
        int64_t own = ts_op_integer(amsel, "arbiterID", 0);
        if (i && own != arbiter)
            return VERIFY_FAIL(
                v, op, "a destination port belongs to one arbiter, not to %" PRId64 " and %" PRId64,
                arbiter, own);
        arbiter = own;
    }
    return TS_OK;
}

static ts_status verify_rules(verifier *v, const ts_op *op, const ts_npu_tile *kind,
                              taken *sources) {
    port from = port_of(op, "source_bundle", "source_channel");
    unsigned n_rules = 0;
    TS_TRY(take(v, op, sources, &from, "source"));
    TS_TRY(check_port(v, op, kind, false, &from));
    for (const ts_op *rule = ts_op_child(op, TS_OP_AIE_RULE, NULL); rule;
         rule = ts_op_child(op, TS_OP_AIE_RULE, rule))
        if (++n_rules > (kind ? kind->n_slots : 4))
            return VERIFY_RANGE(v, rule, "a source port has %d rules at most",
                                kind ? kind->n_slots : 4);
    return TS_OK;
}

static ts_status verify_switchbox(verifier *v, const ts_op *op) {
    const ts_npu_tile *kind = verify_kind_of(v, verify_tile_of(op, 0));
    taken sources = {0}, dests = {0};
    bool is_mux = op->code == TS_OP_AIE_SHIM_MUX;
    const ts_op *tile = op->operands[0].value->owner;
    if (tile && tile->code == TS_OP_AIE_LOGICAL_TILE)
        return VERIFY_FAIL(v, op, "'%s' needs an aie.tile, not a logical one", op->name);
    for (const ts_op *at = op->regions[0].first->first; at; at = at->next) {
        if (at->code == TS_OP_AIE_CONNECT)
            TS_TRY(verify_connect(v, at, is_mux ? NULL : kind, &sources, &dests));
        else if (at->code == TS_OP_AIE_MASTERSET && !is_mux)
            TS_TRY(verify_masterset(v, at, kind, &dests));
        else if (at->code == TS_OP_AIE_PACKET_RULES && !is_mux)
            TS_TRY(verify_rules(v, at, kind, &sources));
        else if (at->code != TS_OP_AIE_END && at->code != TS_OP_OTHER &&
                 (is_mux || at->code != TS_OP_AIE_AMSEL))
            return VERIFY_FAIL(v, at, "'%s' cannot stand in '%s'", at->name, op->name);
    }
    return TS_OK;
}

/* Every source that selects it with every destination that it selects. */
static ts_status verify_amsel(verifier *v, const ts_op *op) {
    int64_t arbiter = ts_op_integer(op, "arbiterID", 0), msel = ts_op_integer(op, "msel", 0);
    const ts_npu_tile *kind = verify_kind_of(v, verify_tile_of(ts_op_parent(op), 0));
    if (arbiter < 0 || arbiter > 5)
        return VERIFY_RANGE(v, op, "a switch has arbiters 0 to 5, not %" PRId64, arbiter);
    if (msel < 0 || msel > 3)
        return VERIFY_RANGE(v, op, "an arbiter has selects 0 to 3, not %" PRId64, msel);
    for (const ts_use *a = op->results[0].first_use; a && kind; a = a->next)
        for (const ts_use *b = op->results[0].first_use; b; b = b->next) {
            if (a->user->code != TS_OP_AIE_RULE || b->user->code != TS_OP_AIE_MASTERSET) continue;
            port from = port_of(ts_op_parent(a->user), "source_bundle", "source_channel");
            port to = port_of(b->user, "dest_bundle", "dest_channel");
            ts_npu_port slave, master;
            if (to_npu(&from, &slave) && to_npu(&to, &master) &&
                !ts_npu_connection_is_legal(kind, slave, master))
                return VERIFY_FAIL(
                    v, b->user,
                    "the switch of a %s tile cannot connect %s : %" PRId64 " to %s : %" PRId64,
                    ts_npu_kind_name(kind->kind), from.word, from.channel, to.word, to.channel);
        }
    return TS_OK;
}

static ts_status verify_rule_op(verifier *v, const ts_op *op) {
    const ts_op *amsel = op->operands[0].value->owner;
    int64_t mask = ts_op_integer(op, "mask", 0), value = ts_op_integer(op, "value", 0);
    if (!amsel || amsel->code != TS_OP_AIE_AMSEL)
        return VERIFY_FAIL(v, op, "a rule needs an aie.amsel");
    if (mask < 0 || mask > 31 || value < 0 || value > 31)
        return VERIFY_RANGE(v, op, "mask and value have 5 bits: 0 to 31");
    return TS_OK;
}

/* ---- flows ----------------------------------------------------------------------------------- */

/* What a tile itself has: others are ways through. A source feeds the switch. */
static ts_status verify_end(verifier *v, const ts_op *op, uint32_t operand, bool is_source,
                            const port *p) {
    const ts_npu_tile *kind = verify_kind_of(v, verify_tile_of(op, operand));
    ts_npu_port found;
    uint32_t index;
    if (p->channel < 0) return VERIFY_RANGE(v, op, "a channel is not negative");
    if (!kind || !ts_npu_bundle_find(p->word, &found.bundle)) return TS_OK;
    bool is_dma = found.bundle == TS_NPU_BUNDLE_DMA;
    if (!is_dma && found.bundle != TS_NPU_BUNDLE_CORE && found.bundle != TS_NPU_BUNDLE_TRACE &&
        found.bundle != TS_NPU_BUNDLE_TILE_CONTROL)
        return TS_OK;
    bool is_good = to_npu(p, &found) && (kind->kind == TS_NPU_SHIM && is_dma
                                             ? p->channel < kind->n_channels
                                             : ts_npu_port_index(kind, !is_source, found, &index));
    return is_good ? TS_OK
                   : VERIFY_RANGE(v, op, "a %s tile has no %s %s : %" PRId64,
                                  ts_npu_kind_name(kind->kind),
                                  is_source ? "source" : "destination", p->word, p->channel);
}

static ts_status verify_flow(verifier *v, const ts_op *op) {
    port from = port_of(op, "source_bundle", "source_channel");
    port to = port_of(op, "dest_bundle", "dest_channel");
    TS_TRY(verify_end(v, op, 0, true, &from));
    return verify_end(v, op, 1, false, &to);
}

static ts_status verify_packet_end(verifier *v, const ts_op *op) {
    port p = port_of(op, "bundle", "channel");
    return verify_end(v, op, 0, op->code == TS_OP_AIE_PACKET_SOURCE, &p);
}

static ts_status verify_packet_flow(verifier *v, const ts_op *op) {
    int64_t id = ts_op_integer(op, "ID", 0);
    unsigned n_sources = 0, n_dests = 0;
    if (id < 0 || id > 31)
        return VERIFY_RANGE(v, op, "a packet's number is from 0 to 31, not %" PRId64, id);
    for (const ts_op *at = op->regions[0].first->first; at; at = at->next) {
        n_sources += at->code == TS_OP_AIE_PACKET_SOURCE;
        n_dests += at->code == TS_OP_AIE_PACKET_DEST;
        if (at->code != TS_OP_AIE_PACKET_SOURCE && at->code != TS_OP_AIE_PACKET_DEST &&
            at->code != TS_OP_AIE_END)
            return VERIFY_FAIL(v, at, "'%s' cannot stand in 'aie.packet_flow'", at->name);
    }
    if (n_sources != 1)
        return VERIFY_FAIL(v, op, "a packet flow has one aie.packet_source, not %u", n_sources);
    if (n_dests == 0) return VERIFY_FAIL(v, op, "a packet flow needs an aie.packet_dest");
    return TS_OK;
}

ts_status verify_switches(verifier *v, const ts_op *op) {
    switch (op->code) {
    case TS_OP_AIE_SWITCHBOX:
    case TS_OP_AIE_SHIM_MUX: return verify_switchbox(v, op);
    case TS_OP_AIE_AMSEL: return verify_amsel(v, op);
    case TS_OP_AIE_RULE: return verify_rule_op(v, op);
    case TS_OP_AIE_FLOW: return verify_flow(v, op);
    case TS_OP_AIE_PACKET_SOURCE:
    case TS_OP_AIE_PACKET_DEST: return verify_packet_end(v, op);
    case TS_OP_AIE_PACKET_FLOW: return verify_packet_flow(v, op);
    default: return TS_OK;
    }
}
