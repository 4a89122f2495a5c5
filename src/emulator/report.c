/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Who waits for what: of cores, DMA channels and packets.
 */
#include "array_int.h"

#include <inttypes.h>
#include <stdio.h>

enum {
    LINE = 200
};

static void core_line(const arr_tile *tile, char *out) {
    static const char *const sides[] = {"southern ", "western ", "northern ", ""};
    const arr_cpu *cpu = tile->cpu;
    uint32_t pc = ts_core_pc(cpu->core);
    const char *function = ts_array_function(tile->array, tile->column, tile->row, pc);
    int n = snprintf(out, LINE, "tile (%u,%u): the core at 0x%05x%s%s %s", tile->column, tile->row,
                     (unsigned)pc, function ? " in " : "", function ? function : "",
                     ts_core_state_text(cpu->state));
    if (cpu->state != TS_CORE_WAITS_LOCK || n < 0 || n >= LINE) return;
    const arr_tile *owner = cpu->windows[cpu->waits_for_lock / 16];
    int32_t value = cpu->waits_for_value;
    snprintf(out + n, LINE - (size_t)n, ": %slock %u %s %d, has %d",
             sides[cpu->waits_for_lock / 16], cpu->waits_for_lock % 16,
             value < 0 ? ">=" : "==", value < 0 ? -value : value,
             owner ? owner->locks[cpu->waits_for_lock % 16] : 0);
}

static bool core_waits(const arr_tile *tile) {
    return tile->cpu && tile->cpu->is_active && tile->cpu->state >= TS_CORE_WAITS_LOCK &&
           tile->cpu->state <= TS_CORE_WAITS_CASCADE_OUT;
}

static void port_text(const arr_link *link, char *out, size_t size) {
    ts_npu_port port = {0};
    bool is_slave = link->end == ARR_END_OPEN || link->end == ARR_END_JUNCTION;
    ts_npu_port_at(link->end_tile->kind, !is_slave, link->end_port, &port);
    snprintf(out, size, "%s %s %u of tile (%u,%u)", is_slave ? "slave" : "master",
             ts_npu_bundle_name(port.bundle), port.channel, link->end_tile->column,
             link->end_tile->row);
}

static void channel_line(const arr_channel *c, char *out) {
    const arr_tile *tile = c->tile;
    int n = snprintf(out, LINE, "tile (%u,%u): dma %s %u, bd %u, ", tile->column, tile->row,
                     c->is_mm2s ? "MM2S" : "S2MM", c->number, c->bd);
    if (n < 0 || n >= LINE) return;
    char *at = out + n, port[64];
    size_t left = LINE - (size_t)n;
    if (c->waits_lock) {
        unsigned lock;
        const arr_tile *owner = arr_dma_lock(c->tile, c->d->lock_acquire_id, &lock);
        int32_t value = c->d->lock_acquire_value;
        snprintf(at, left, "waits for lock %u %s %d, has %d", c->d->lock_acquire_id,
                 value < 0 ? ">=" : "==", value < 0 ? -value : value,
                 owner ? owner->locks[lock] : 0);
        return;
    }
    if (!c->link) {
        snprintf(at, left, "waits for a stream, but has none");
        return;
    }
    port_text(c->link, port, sizeof port);
    snprintf(at, left, "waits for %s %s, %" PRIu32 " words to go",
             c->is_mm2s ? "room on the way to" : "a word at", port, arr_walk_left(&c->walk));
}

/* Each line goes to `take`, that of a core with its program counter. */
static void each_wait(const ts_array *a,
                      void (*take)(void *, const arr_tile *, uint32_t, const char *),
                      void *context) {
    char line[LINE];
    for (unsigned i = 0; i < a->n_tiles; i++) {
        const arr_tile *tile = &a->tiles[i];
        if (core_waits(tile)) {
            core_line(tile, line);
            take(context, tile, ts_core_pc(tile->cpu->core), line);
        }
        for (unsigned k = 0; k < 2U * ARR_CHANNELS; k++) {
            const arr_channel *c = &tile->channels[k / ARR_CHANNELS][k % ARR_CHANNELS];
            if (!c->tile || (!c->waits_lock && !c->waits_stream)) continue;
            channel_line(c, line);
            take(context, tile, TS_FINDING_NO_PC, line);
        }
    }
}

static void to_buffer(void *context, const arr_tile *tile, uint32_t pc, const char *line) {
    (void)tile;
    (void)pc;
    ts_buf_printf(context, "%s\n", line);
}

void ts_array_report_waits(const ts_array *array, ts_buf *out) {
    each_wait(array, to_buffer, out);
}

typedef struct deadlock {
    ts_array *array;
    unsigned n;
} deadlock;

static void to_finding(void *context, const arr_tile *tile, uint32_t pc, const char *line) {
    deadlock *d = context;
    arr_find(d->array, TS_FINDING_DEADLOCK, tile, pc, d->n++, "%s", line);
}

void arr_report_deadlock(ts_array *a) {
    deadlock d = {.array = a};
    each_wait(a, to_finding, &d);
    if (!d.n)
        arr_find(a, TS_FINDING_DEADLOCK, &a->tiles[0], TS_FINDING_NO_PC, 0,
                 "the controller waits, and nothing in the array moves");
}
