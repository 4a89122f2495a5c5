/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * From switch registers to links and junctions. Made anew, as a whole, in the cycle behind a write
 * to one of those registers; a link that begins where one began before keeps its words.
 *
 * src: aie2-facts 68: FIFOs of 4 words at slaves and at masters to a neighbor, of 2 at local
 * masters; 3 cycles through a switch to or from a local port, 4 from outside to outside
 * [documented]
 */
#include "array_int.h"

enum {
    SLAVE_DEPTH = 4,
    OUTER_DEPTH = 4,
    LOCAL_DEPTH = 2,
    FIFO_DEPTH = 16, /* of the FIFO port [inferred: its name in AIE1's switch, 16 words] */
    LOCAL_LATENCY = 3,
    OUTER_LATENCY = 4,
    MOST_WORDS = ARR_RING - 1 - ARR_S2MM_DEPTH, /* so that ARR_RING holds all */
    RING_STRIDE =
        ARR_RING + 20, /* not a power of two: or all would want the same lines of a cache */
    MAX_HOPS = 512,    /* a path that is longer goes in circles */
    ENABLE_SHIFT = 31,
    PACKET_SHIFT = 30,
    MUX_DMA = 1, /* src: AM025: Mux_Config, Demux_Config [documented] */
};

uint32_t arr_odd_parity(uint32_t word) {
    word &= 0x7fffffff;
    return word | (__builtin_popcount(word) % 2 ? 0 : UINT32_C(1) << 31);
}

/* ---- making -----------------------------------------------------------------------------------
 */

static bool make_links(ts_array *a, arr_link **links, unsigned n) {
    *links = TS_ARENA_ARRAY(a->arena, arr_link, n);
    arr_word *words = TS_ARENA_ARRAY(a->arena, arr_word, (size_t)n * RING_STRIDE);
    if (!*links || !words) return false;
    for (unsigned i = 0; i < n; i++) {
        (*links)[i].ring = words + (size_t)i * RING_STRIDE;
        (*links)[i].mask = ARR_RING - 1;
        (*links)[i].source = (*links)[i].sink = ARR_NOBODY;
    }
    return true;
}

bool arr_make_streams(ts_array *a, arr_tile *tile) {
    tile->n_masters = (uint8_t)ts_npu_port_count(tile->kind, true);
    tile->n_slaves = (uint8_t)ts_npu_port_count(tile->kind, false);
    tile->junctions = TS_ARENA_ARRAY(a->arena, arr_junction, tile->n_slaves);
    if (!tile->junctions || !make_links(a, &tile->from_slave, tile->n_slaves) ||
        !make_links(a, &tile->from_master, tile->n_masters))
        return false;
    for (unsigned i = 0; i < tile->n_slaves; i++) {
        tile->junctions[i].tile = tile;
        tile->junctions[i].slave = (uint8_t)i;
        tile->junctions[i].actor = arr_add_actor(a, arr_junction_step, &tile->junctions[i]);
        if (tile->junctions[i].actor == ARR_NOBODY) return false;
    }
    return true;
}

/* ---- what the registers say -------------------------------------------------------------------
 */

static uint32_t master_config(arr_tile *tile, unsigned master) {
    return *arr_register(tile, ts_npu_port_offset(tile->kind, true, master));
}

static uint32_t slave_config(arr_tile *tile, unsigned slave) {
    return *arr_register(tile, ts_npu_port_offset(tile->kind, false, slave));
}

/* The masters that take from a slave port in circuit mode. */
static unsigned masters_of(arr_tile *tile, unsigned slave, uint8_t *out) {
    unsigned n = 0;
    for (unsigned m = 0; m < tile->n_masters; m++) {
        uint32_t config = master_config(tile, m);
        if (config >> PACKET_SHIFT == 2 && (config & 0x1f) == slave) out[n++] = (uint8_t)m;
    }
    return n;
}

static bool is_outer(ts_npu_bundle bundle) {
    return bundle == TS_NPU_BUNDLE_NORTH || bundle == TS_NPU_BUNDLE_SOUTH ||
           bundle == TS_NPU_BUNDLE_EAST || bundle == TS_NPU_BUNDLE_WEST;
}

/* The field of a shim's Mux_Config or Demux_Config for a southern port; 0 when there is none. */
static unsigned mux(arr_tile *tile, const char *name, unsigned channel) {
    char field[] = "South0";
    const ts_npu_register *reg = ts_npu_register_find(tile->kind, name);
    field[5] = (char)('0' + channel);
    const ts_npu_field *f = reg ? ts_npu_field_find(reg, field) : NULL;
    return f ? ts_npu_field_extract(f, *arr_register(tile, reg->offset)) : 0;
}

/* The channel of a shim's DMA behind a southern port, or -1.
 * src: Xilinx/aie-rt: driver/src/pl_if/xaie_plif.c: MM2S 0 and 1 come in at South 3 and 7, S2MM 0
 * and 1 take from South 2 and 3 [code] */
static int shim_dma(arr_tile *tile, bool is_mm2s, unsigned channel) {
    unsigned first = is_mm2s ? 3 : 2, second = is_mm2s ? 7 : 3;
    if (channel != first && channel != second) return -1;
    if (mux(tile, is_mm2s ? "Mux_Config" : "Demux_Config", channel) != MUX_DMA) return -1;
    return channel == second;
}

/* The slave port that a master port leads to, in this tile or a neighbor; false: none. */
static bool next_slave(arr_tile **tile, ts_npu_port port, unsigned *slave) {
    static const struct {
        int8_t column, row;
        ts_npu_bundle bundle;
    } ways[TS_NPU_N_BUNDLES] = {
        [TS_NPU_BUNDLE_NORTH] = {0, 1, TS_NPU_BUNDLE_SOUTH},
        [TS_NPU_BUNDLE_SOUTH] = {0, -1, TS_NPU_BUNDLE_NORTH},
        [TS_NPU_BUNDLE_EAST] = {1, 0, TS_NPU_BUNDLE_WEST},
        [TS_NPU_BUNDLE_WEST] = {-1, 0, TS_NPU_BUNDLE_EAST},
        [TS_NPU_BUNDLE_FIFO] = {0, 0, TS_NPU_BUNDLE_FIFO},
    };
    arr_tile *t =
        arr_tile_at((*tile)->array, (uint32_t)((*tile)->column + ways[port.bundle].column),
                    (uint32_t)((*tile)->row + ways[port.bundle].row));
    if (!t) return false;
    ts_npu_port to = {.bundle = ways[port.bundle].bundle, .channel = port.channel};
    uint32_t index;
    if (!ts_npu_port_index(t->kind, false, to, &index)) return false;
    *tile = t;
    *slave = index;
    return true;
}

/* ---- following a path -------------------------------------------------------------------------
 */

static void end_at(arr_link *link, arr_end end, arr_tile *tile, unsigned port, uint16_t sink) {
    link->end = (uint8_t)end;
    link->end_tile = tile;
    link->end_port = (uint8_t)port;
    link->sink = sink;
}

static void deepen(arr_link *link, unsigned words, unsigned cycles) {
    unsigned capacity = link->capacity + words;
    link->capacity = (uint16_t)(capacity < MOST_WORDS ? capacity : MOST_WORDS);
    link->latency = (uint16_t)(link->latency + cycles);
}

static void end_at_channel(arr_link *link, arr_tile *tile, unsigned master, unsigned number) {
    arr_channel *channel = &tile->channels[0][number];
    channel->link = link;
    if (channel->stats.is_running) link->capacity = (uint16_t)(link->capacity + ARR_S2MM_DEPTH);
    end_at(link, ARR_END_DMA, tile, master, channel->actor);
}

/* A master port of the tile itself, or to what is outside of the array. */
static void end_local(arr_link *link, arr_tile *tile, unsigned master, ts_npu_port port) {
    switch (port.bundle) {
    case TS_NPU_BUNDLE_DMA: end_at_channel(link, tile, master, port.channel); return;
    case TS_NPU_BUNDLE_CORE:
        tile->cpu->in = link;
        end_at(link, ARR_END_CORE, tile, master, tile->cpu->actor);
        return;
    case TS_NPU_BUNDLE_TILE_CONTROL:
        tile->control.in = link;
        end_at(link, ARR_END_CONTROL, tile, master, tile->control.actor);
        return;
    default: break;
    }
    int channel = -1;
    if (tile->kind->kind == TS_NPU_SHIM && port.bundle == TS_NPU_BUNDLE_SOUTH) {
        channel = shim_dma(tile, false, port.channel);
        if (channel < 0 && port.channel == 0) {
            end_at(link, ARR_END_CONTROLLER, tile, master, tile->control.actor);
            tile->control.tokens = link;
            return;
        }
    }
    if (channel >= 0)
        end_at_channel(link, tile, master, (unsigned)channel);
    else
        end_at(link, ARR_END_OUTSIDE, tile, master, ARR_NOBODY);
}

/* From a slave port (when `master` is UINT_MAX) or from a master port to the end. */
static void follow(arr_link *link, arr_tile *tile, unsigned slave, unsigned master) {
    bool from_outside = false;
    for (unsigned hops = 0; hops < MAX_HOPS; hops++) {
        ts_npu_port port;
        if (master == UINT32_MAX) {
            uint8_t masters[ARR_PORTS];
            uint32_t config = slave_config(tile, slave);
            deepen(link, SLAVE_DEPTH, 0);
            ts_npu_port_at(tile->kind, false, slave, &port);
            from_outside = is_outer(port.bundle);
            unsigned n = config >> ENABLE_SHIFT ? masters_of(tile, slave, masters) : 0;
            if (config >> PACKET_SHIFT == 3 || n > 1) {
                end_at(link, ARR_END_JUNCTION, tile, slave, tile->junctions[slave].actor);
                tile->junctions[slave].in = link;
                tile->junctions[slave].is_packet = config >> PACKET_SHIFT == 3;
                return;
            }
            if (!n) {
                end_at(link, ARR_END_OPEN, tile, slave, ARR_NOBODY);
                return;
            }
            master = masters[0];
        }
        ts_npu_port_at(tile->kind, true, master, &port);
        bool to_outside = is_outer(port.bundle);
        deepen(link, to_outside ? OUTER_DEPTH : LOCAL_DEPTH,
               from_outside && to_outside ? OUTER_LATENCY : LOCAL_LATENCY);
        if (port.bundle == TS_NPU_BUNDLE_FIFO) deepen(link, FIFO_DEPTH, 1);
        bool is_through = to_outside || port.bundle == TS_NPU_BUNDLE_FIFO;
        if (!is_through || !next_slave(&tile, port, &slave)) {
            end_local(link, tile, master, port);
            return;
        }
        master = UINT32_MAX;
    }
    end_at(link, ARR_END_OPEN, tile, slave, ARR_NOBODY);
}

/* ---- the whole --------------------------------------------------------------------------------
 */

static void forget(arr_tile *tile) {
    for (unsigned i = 0; i < tile->n_slaves; i++) {
        arr_junction *j = &tile->junctions[i];
        j->in = NULL;
        if (!j->in_packet) j->n_outs = 0;
        tile->from_slave[i].is_used = false;
    }
    for (unsigned i = 0; i < tile->n_masters; i++)
        tile->from_master[i].is_used = false;
    for (unsigned i = 0; i < ARR_CHANNELS; i++)
        tile->channels[0][i].link = tile->channels[1][i].link = NULL;
    if (tile->cpu) tile->cpu->in = tile->cpu->out = tile->cpu->trace.out = NULL;
    tile->control.in = tile->control.out = tile->control.tokens = NULL;
}

static void begin(arr_link *link, uint16_t source) {
    link->is_used = true;
    link->source = source;
    link->sink = ARR_NOBODY;
    link->capacity = link->latency = 0;
}

/* The actor that sends into a slave port of its own tile. */
static uint16_t source_of(arr_tile *tile, ts_npu_port port, arr_link *link) {
    int channel = -1;
    switch (port.bundle) {
    case TS_NPU_BUNDLE_DMA: channel = port.channel; break;
    case TS_NPU_BUNDLE_CORE: tile->cpu->out = link; return tile->cpu->actor;
    case TS_NPU_BUNDLE_TILE_CONTROL: tile->control.out = link; return tile->control.actor;
    case TS_NPU_BUNDLE_TRACE:
        if (!tile->cpu || port.channel) return ARR_NOBODY; /* channel 1: the memory's */
        tile->cpu->trace.out = link;
        return tile->cpu->trace.actor;
    case TS_NPU_BUNDLE_SOUTH:
        if (tile->kind->kind == TS_NPU_SHIM) channel = shim_dma(tile, true, port.channel);
        break;
    default: break;
    }
    if (channel < 0) return ARR_NOBODY;
    tile->channels[1][channel].link = link;
    return tile->channels[1][channel].actor;
}

static void begin_at_slaves(arr_tile *tile) {
    for (unsigned i = 0; i < tile->n_slaves; i++) {
        ts_npu_port port;
        arr_link *link = &tile->from_slave[i];
        ts_npu_port_at(tile->kind, false, i, &port);
        uint16_t source = source_of(tile, port, link);
        if (source == ARR_NOBODY) continue;
        begin(link, source);
        follow(link, tile, i, UINT32_MAX);
    }
}

/* Masters that packets go to, and those of a slave with several. */
static void begin_at_masters(arr_tile *tile) {
    uint8_t masters[ARR_PORTS];
    for (unsigned m = 0; m < tile->n_masters; m++) {
        uint32_t config = master_config(tile, m);
        if (!(config >> ENABLE_SHIFT)) continue;
        bool is_packet = config >> PACKET_SHIFT & 1;
        unsigned slave = config & 0x1f;
        if (!is_packet && (slave >= tile->n_slaves || masters_of(tile, slave, masters) < 2))
            continue;
        begin(&tile->from_master[m], is_packet ? ARR_NOBODY : tile->junctions[slave].actor);
        follow(&tile->from_master[m], tile, 0, m);
    }
}

static void connect_junctions(arr_tile *tile) {
    for (unsigned i = 0; i < tile->n_slaves; i++) {
        arr_junction *j = &tile->junctions[i];
        uint8_t masters[ARR_PORTS];
        if (!j->in || j->is_packet) continue;
        j->n_outs = masters_of(tile, i, masters);
        for (unsigned k = 0; k < j->n_outs; k++)
            j->outs[k] = &tile->from_master[masters[k]];
    }
}

/* Room for its words, and for those that a channel takes ahead. */
static void fit_ring(arr_link *link) {
    arr_word words[ARR_RING];
    unsigned size = 16;
    while (size < ARR_RING &&
           (size <= (unsigned)link->capacity + ARR_S2MM_DEPTH || size < link->count))
        size *= 2;
    if (size == link->mask + 1u) return;
    for (unsigned i = 0; i < link->count; i++)
        words[i] = link->ring[(link->head + i) & link->mask];
    for (unsigned i = 0; i < link->count; i++)
        link->ring[i] = words[i];
    link->head = 0;
    link->mask = (uint16_t)(size - 1);
}

static void settle(ts_array *a, arr_link *link, arr_tile *tile) {
    link->is_told = false;
    link->source_waits = false;
    if (!link->is_used && link->count) {
        arr_find(a, TS_FINDING_LOST_WORDS, tile, TS_FINDING_NO_PC, 0,
                 "a stream is taken apart with %u words in it", link->count);
        link->count = 0;
    }
    if (link->is_used) fit_ring(link);
    if (link->is_used && link->count && link->sink != ARR_NOBODY) arr_wake(a, link->sink);
    if (link->is_used) arr_wake(a, link->source);
}

void arr_rebuild_routes(ts_array *a) {
    a->are_routes_stale = false;
    for (unsigned i = 0; i < a->n_tiles; i++)
        forget(&a->tiles[i]);
    for (unsigned i = 0; i < a->n_tiles; i++)
        begin_at_masters(&a->tiles[i]);
    for (unsigned i = 0; i < a->n_tiles; i++)
        begin_at_slaves(&a->tiles[i]);
    for (unsigned i = 0; i < a->n_tiles; i++)
        connect_junctions(&a->tiles[i]);
    for (unsigned i = 0; i < a->n_tiles; i++) {
        arr_tile *tile = &a->tiles[i];
        for (unsigned k = 0; k < tile->n_slaves; k++)
            settle(a, &tile->from_slave[k], tile);
        for (unsigned k = 0; k < tile->n_masters; k++)
            settle(a, &tile->from_master[k], tile);
        for (unsigned k = 0; k < ARR_CHANNELS; k++) {
            arr_wake(a, tile->channels[0][k].actor);
            arr_wake(a, tile->channels[1][k].actor);
        }
        for (unsigned k = 0; k < tile->n_slaves; k++)
            if (tile->junctions[k].in) arr_wake(a, tile->junctions[k].actor);
    }
}
