/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Junctions: a slave port in circuit mode with several masters, which pass a word when all of them
 * have room; and a slave port in packet mode, which asks its slots where a packet goes, waits for
 * the arbiter, and holds it until the packet's last word.
 *
 * src: aie2-facts 68, 69, 72; Xilinx/aie-rt: driver/src/stream_switch/xaie_ss.c: a master's
 * configuration in packet mode is its arbiter and the set of msels it takes [code]
 */
#include "array_int.h"

enum {
    MASTER_ARBITER = 0x7,
    MASTER_MSEL_SHIFT = 3,
    MASTER_DROP = 0x80,
    MASTER_ON = 3, /* enable and packet enable */
};

bool arr_send(ts_array *a, arr_link *link, uint32_t word, bool is_last) {
    if (!link) return false;
    if (!arr_has_room(link)) {
        link->source_waits = true;
        return false;
    }
    if (link->sink == ARR_NOBODY && !link->is_told) {
        ts_npu_port port = {0};
        bool is_slave = link->end == ARR_END_OPEN;
        const arr_tile *tile = link->end_tile;
        link->is_told = true;
        ts_npu_port_at(tile->kind, !is_slave, link->end_port, &port);
        arr_find(a, TS_FINDING_NO_TAKER, tile, TS_FINDING_NO_PC,
                 (uint64_t)is_slave << 8 | link->end_port,
                 "a word 0x%08x arrives at %s port %s %u, from where it goes nowhere",
                 (unsigned)word, is_slave ? "slave" : "master", ts_npu_bundle_name(port.bundle),
                 port.channel);
    }
    arr_push(a, link, word, is_last);
    return true;
}

/* ---- packets ----------------------------------------------------------------------------------
 */

/* The slot that takes a packet id, or -1. */
static int find_slot(arr_tile *tile, unsigned slave, uint32_t id, uint32_t *slot) {
    for (unsigned i = 0; i < tile->kind->n_slots; i++) {
        *slot = *arr_register(tile, ts_npu_slot_offset(tile->kind, slave, i));
        uint32_t mask = *slot >> 16 & 0x1f;
        if (*slot >> 8 & 1 && ((*slot >> 24 ^ id) & mask) == 0) return (int)i;
    }
    return -1;
}

static void find_outs(arr_junction *j, uint32_t slot) {
    arr_tile *tile = j->tile;
    j->n_outs = 0;
    j->drops = 0;
    for (unsigned m = 0; m < tile->n_masters; m++) {
        uint32_t config = *arr_register(tile, ts_npu_port_offset(tile->kind, true, m));
        if (config >> 30 != MASTER_ON || ((config ^ slot) & MASTER_ARBITER)) continue;
        if (!(config >> (MASTER_MSEL_SHIFT + (slot >> 4 & 3)) & 1)) continue;
        if (config & MASTER_DROP) j->drops |= UINT32_C(1) << j->n_outs;
        tile->from_master[m].source = j->actor;
        j->outs[j->n_outs++] = &tile->from_master[m];
    }
}

/* Round-robin among the slaves that want the arbiter. */
static bool get_arbiter(arr_junction *j, unsigned number) {
    arr_arbiter *arbiter = &j->tile->arbiters[number];
    unsigned n = j->tile->n_slaves;
    arbiter->waiters |= UINT32_C(1) << j->slave;
    if (arbiter->owner) return false;
    for (unsigned i = 1; i <= n; i++) {
        unsigned slave = (arbiter->last + i) % n;
        if (!(arbiter->waiters >> slave & 1)) continue;
        if (slave != j->slave) return false;
        break;
    }
    arbiter->owner = true;
    arbiter->last = j->slave;
    arbiter->waiters &= ~(UINT32_C(1) << j->slave);
    j->arbiter = (uint8_t)number;
    return true;
}

static void let_others(ts_array *a, arr_junction *j) {
    arr_arbiter *arbiter = &j->tile->arbiters[j->arbiter];
    arbiter->owner = false;
    for (uint32_t w = arbiter->waiters; w; w &= w - 1)
        arr_wake(a, j->tile->junctions[__builtin_ctz(w)].actor);
}

/* The next word is a header: false when the packet cannot go on yet, or never. */
static bool begin_packet(ts_array *a, arr_junction *j) {
    uint32_t header = j->in->ring[j->in->head].word, slot = 0;
    if (find_slot(j->tile, j->slave, header & 0x1f, &slot) < 0) {
        ts_npu_port port = {0};
        ts_npu_port_at(j->tile->kind, false, j->slave, &port);
        if (!j->is_told)
            arr_find(a, TS_FINDING_NO_PACKET_ROUTE, j->tile, TS_FINDING_NO_PC, header & 0x1f,
                     "no slot of slave port %s %u takes packets of id %u: the stream stands",
                     ts_npu_bundle_name(port.bundle), port.channel, (unsigned)(header & 0x1f));
        j->is_told = true;
        return false;
    }
    if (!get_arbiter(j, slot & 7)) return false;
    if (header != arr_odd_parity(header))
        arr_find(a, TS_FINDING_PARITY, j->tile, TS_FINDING_NO_PC, j->slave,
                 "a packet header 0x%08x has the wrong parity", (unsigned)header);
    find_outs(j, slot);
    if (!j->n_outs)
        arr_find(a, TS_FINDING_NO_TAKER, j->tile, TS_FINDING_NO_PC, header & 0x1f,
                 "packets of id %u go to arbiter %u msel %u, which no master port takes",
                 (unsigned)(header & 0x1f), (unsigned)(slot & 7), (unsigned)(slot >> 4 & 3));
    j->in_packet = j->is_first = true;
    return true;
}

/* ---- both -------------------------------------------------------------------------------------
 */

static bool all_have_room(arr_junction *j, uint32_t skipped) {
    for (unsigned i = 0; i < j->n_outs; i++) {
        if (skipped >> i & 1 || arr_has_room(j->outs[i])) continue;
        j->outs[i]->source_waits = true;
        j->outs[i]->source = j->actor;
        return false;
    }
    return true;
}

bool arr_junction_step(ts_array *a, void *self) {
    arr_junction *j = self;
    if (!j->in) return false;
    if (!arr_has_word(a, j->in)) {
        if (j->in->count) arr_wake_at(a, j->actor, j->in->ring[j->in->head].time);
        return false;
    }
    if (j->is_packet && !j->in_packet && !begin_packet(a, j)) return false;
    uint32_t skipped = j->is_packet && j->is_first ? j->drops : 0;
    if (!all_have_room(j, skipped)) return false;
    arr_word w = arr_pop(a, j->in);
    for (unsigned i = 0; i < j->n_outs; i++)
        if (!(skipped >> i & 1)) arr_send(a, j->outs[i], w.word, w.is_last);
    j->is_first = false;
    if (j->is_packet && w.is_last) {
        j->in_packet = false;
        let_others(a, j);
    }
    return true;
}
