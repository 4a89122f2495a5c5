/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Findings: what hardware would have let pass. They are counted, never acted upon.
 */
#include "array_int.h"

#include <stdarg.h>
#include <stdio.h>

static const struct {
    const char *name, *text;
} kinds[TS_FINDING_N_KINDS] = {
#define X(constant, name, text) {name, text},
    TS_FINDING_LIST(X)
#undef X
};

const char *ts_finding_name(ts_finding_kind kind) {
    return kind < TS_FINDING_N_KINDS ? kinds[kind].name : "?";
}

const char *ts_finding_text(ts_finding_kind kind) {
    return kind < TS_FINDING_N_KINDS ? kinds[kind].text : "?";
}

/* One and the same: the same kind at the same tile, from the same bundle, or without one at the
 * same address. */
static ts_finding *known(ts_array *a, ts_finding_kind kind, const arr_tile *tile, uint32_t pc,
                         uint64_t address) {
    for (size_t i = 0; i < a->n_findings; i++) {
        ts_finding *f = &a->findings[i];
        if (f->kind == kind && f->column == tile->column && f->row == tile->row && f->pc == pc &&
            (pc != TS_FINDING_NO_PC || f->address == address))
            return f;
    }
    return NULL;
}

void arr_find(ts_array *a, ts_finding_kind kind, const arr_tile *tile, uint32_t pc,
              uint64_t address, const char *format, ...) {
    if (!arr_looks_for(a, kind)) return;
    ts_finding *f = known(a, kind, tile, pc, address);
    if (f) {
        f->count++;
        return;
    }
    if (a->n_findings == a->max_findings) {
        a->lost_findings++;
        return;
    }
    f = &a->findings[a->n_findings++];
    *f = (ts_finding){.kind = kind,
                      .column = tile->column,
                      .row = tile->row,
                      .cycle = arr_now(a),
                      .count = 1,
                      .pc = pc,
                      .address = address};
    va_list args;
    va_start(args, format);
    vsnprintf(f->text, sizeof f->text, format, args);
    va_end(args);
}

size_t ts_array_n_findings(const ts_array *array) {
    return array->n_findings;
}

const ts_finding *ts_array_finding(const ts_array *array, size_t index) {
    return index < array->n_findings ? &array->findings[index] : NULL;
}

uint64_t ts_array_lost_findings(const ts_array *array) {
    return array->lost_findings;
}

void arr_tell(ts_array *a, ts_array_event_kind kind, const arr_tile *tile,
              const arr_channel *channel, uint32_t value, uint32_t pc) {
    if (!a->observer) return;
    ts_array_event event = {.kind = kind,
                            .column = tile->column,
                            .row = tile->row,
                            .is_mm2s = channel && channel->is_mm2s,
                            .channel = channel ? channel->number : 0,
                            .bd = channel ? channel->bd : 0,
                            .cycle = arr_now(a),
                            .value = value,
                            .pc = pc};
    if (kind == TS_ARRAY_EVENT_CORE_STATE && value == TS_CORE_WAITS_LOCK)
        event.lock = (uint8_t)tile->cpu->waits_for_lock;
    a->observer(a->observer_context, &event);
}

void arr_tell_write(const arr_tile *tile, uint32_t offset, const uint8_t *bytes, size_t n_bytes,
                    uint16_t actor, uint32_t pc) {
    ts_array *a = tile->array;
    if (!a->observer) return;
    ts_array_event event = {.kind = TS_ARRAY_EVENT_WATCH,
                            .column = tile->column,
                            .row = tile->row,
                            .cycle = arr_now(a),
                            .value = offset,
                            .pc = pc,
                            .before = tile->data + offset,
                            .after = bytes,
                            .n_bytes = (uint32_t)n_bytes};
    const arr_tile *from = tile;
    if (actor != ARR_NOBODY && a->actors[actor].step == arr_channel_step) {
        const arr_channel *c = a->actors[actor].self;
        from = c->tile;
        event.writer = TS_ARRAY_BY_DMA;
        event.is_mm2s = c->is_mm2s;
        event.channel = c->number;
        event.bd = c->bd;
    } else if (actor != ARR_NOBODY) {
        from = a->actors[actor].self;
        event.writer = TS_ARRAY_BY_CORE;
    }
    event.from_column = from->column;
    event.from_row = from->row;
    a->observer(a->observer_context, &event);
}

void ts_array_observe(ts_array *array, void (*observer)(void *, const ts_array_event *),
                      void *context) {
    array->observer = observer;
    array->observer_context = context;
}
