/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * .schedule [plain] [no_drain] [no_streams] ... .endschedule: operations one after another, which
 * the scheduler makes bundles of. Between them .noalias N says that what the following ones read
 * and write in memory is in group N; 0 is memory that anything may touch.
 */
#include "asm_int.h"

#include <inttypes.h>
#include <string.h>

bool asm_d_schedule(assembler *a, int argument, const char *at) {
    (void)argument;
    if (a->region.is_open)
        return asm_error(a, TS_SYNTAX, at, ".schedule within a region that is not ended yet");
    a->region.n = 0;
    a->region.alias_group = 0;
    a->region.options = (ts_aie2_schedule_options){.file = a->source->file};
    const char *word;
    size_t length;
    while (asm_take_name(a, &word, &length)) {
        bool is_plain = asm_is_text(word, length, "plain");
        bool is_no_streams = asm_is_text(word, length, "no_streams");
        if (!is_plain && !is_no_streams && !asm_is_text(word, length, "no_drain"))
            return asm_error(a, TS_UNKNOWN, word, "expected plain, no_drain or no_streams");
        a->region.options.plain |= is_plain;
        a->region.options.no_streams |= is_no_streams;
        a->region.options.no_drain |= !is_plain && !is_no_streams;
        asm_take(a, ',');
    }
    a->region.is_open = true;
    a->region.place = asm_here(a, at);
    return asm_expect_end(a);
}

bool asm_d_no_alias(assembler *a, int argument, const char *at) {
    (void)argument;
    int64_t group;
    if (!a->region.is_open)
        return asm_error(a, TS_SYNTAX, at, ".noalias outside of .schedule and .endschedule");
    if (!asm_number_in(a, 0, UINT8_MAX, "a group", &group)) return false;
    a->region.alias_group = (uint8_t)group;
    return asm_expect_end(a);
}

bool asm_add_to_region(assembler *a, const asm_op *op) {
    asm_region *region = &a->region;
    if (region->n == TS_AIE2_MAX_SCHEDULED)
        return asm_error_at(a, TS_RANGE, op->place, "more than %d operations in a region",
                            TS_AIE2_MAX_SCHEDULED);
    if (!asm_grow(a, &region->ops, region->n, &region->capacity, sizeof *region->ops) ||
        !asm_grow(a, &region->list, region->n, &region->list_capacity, sizeof *region->list))
        return false;
    region->ops[region->n] = *op;
    region->list[region->n++] =
        (ts_aie2_region_op){.op = op->op, .line = op->line, .alias_group = region->alias_group};
    return true;
}

static void begin_bundles(assembler *a) {
    asm_region *region = &a->region;
    region->number++;
    region->is_being_put = true;
    region->is_in_delay = asm_current(a)->delay != 0;
    region->first_bundle = a->n_bundles;
    region->first_fixup = a->n_fixups;
}

/* The ops of a bundle are those that the scheduler has placed there. */
static bool put_scheduled(assembler *a, const ts_aie2_scheduled *scheduled) {
    asm_region *region = &a->region;
    const asm_op **ops =
        TS_ARENA_ARRAY(a->arena, const asm_op *, scheduled->n_bundles *TS_AIE2_MAX_OPS);
    uint8_t *n = TS_ARENA_ARRAY(a->arena, uint8_t, scheduled->n_bundles);
    if (!ops || !n) return asm_nomem(a);
    for (size_t i = 0; i < region->n; i++) {
        uint32_t bundle = scheduled->places[i].bundle;
        if (bundle < scheduled->n_bundles && n[bundle] < TS_AIE2_MAX_OPS)
            ops[bundle * TS_AIE2_MAX_OPS + n[bundle]++] = &region->ops[i];
    }
    const asm_op *nearest = &region->ops[0];
    begin_bundles(a);
    for (size_t i = 0; i < scheduled->n_bundles; i++) {
        const asm_op **those = &ops[i * TS_AIE2_MAX_OPS];
        if (n[i]) nearest = those[0];
        if (!asm_put_bundle(a, &scheduled->bundles[i], those, n[i], nearest->line, nearest->place))
            break;
    }
    region->is_being_put = false;
    return a->status == TS_OK;
}

bool asm_d_end_schedule(assembler *a, int argument, const char *at) {
    (void)argument;
    asm_region *region = &a->region;
    if (!region->is_open) return asm_error(a, TS_SYNTAX, at, ".endschedule without its .schedule");
    region->is_open = false;
    if (!asm_expect_end(a)) return false;
    if (!region->n) return true;
    ts_aie2_scheduled scheduled;
    ts_diag diag = {0};
    ts_status status =
        ts_aie2_schedule(a->arena, region->list, region->n, &region->options, &scheduled, &diag);
    if (status == TS_NOMEM) return asm_nomem(a);
    if (status != TS_OK) return asm_error_at(a, status, region->place, "%.250s", diag.message);
    return put_scheduled(a, &scheduled);
}
