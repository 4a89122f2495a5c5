/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * aie2: schedules, against a model of the machine of their own.
 *
 * Every op is a function nobody knows of what it reads. A version of a register is told by who
 * wrote it, so it is enough that each op reads, and that the end leaves, what it does when the ops
 * run one after another. The model takes its cycles straight from the instruction rows: operands
 * are read and results land in their cycles, memory in its own, whatever the scheduler thinks of
 * distances. */
#include "aie2_ops.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_OPS = 192,
    MAX_TOUCHES = 128,
    MAX_CYCLES = 2048,
    N_GROUPS = 4,
    TAIL = 16, /* cycles after the last bundle in which something may still happen */
};

/* A read or a write of one undivided register, or (behind those) of one memory group. */
typedef struct event {
    unsigned op, unit;
    int cycle; /* absolute */
    unsigned bypass;
    bool is_write, is_sticky;
    uint64_t version; /* reads: what was seen */
} event;

typedef struct machine {
    const ts_aie2_region_op *ops;
    size_t n_ops;
    event *events; /* op by op, in the order of the rows */
    size_t n_events;
    uint64_t *finals; /* by unit, memory groups behind them */
    char problem[200];
} machine;

static const ts_aie2_instruction *row_of(const ts_aie2_op *op) {
    return &ts_aie2_instructions[op->instruction];
}

static bool flag(const ts_aie2_op *op, unsigned flags) {
    return row_of(op)->flags & flags;
}

static bool is_nop(const ts_aie2_op *op) {
    return ts_aie2_nops[row_of(op)->slot] == op->instruction;
}

/* ---- what an op touches -------------------------------------------------------------------------
 */

static void add_event(machine *m, event e, int issue, unsigned cycle) {
    if (m->n_events == (size_t)MAX_OPS * MAX_TOUCHES) fail_msg("too many events");
    e.cycle = issue + (int)cycle - 1;
    m->events[m->n_events++] = e;
}

static void add_register(machine *m, event e, int issue, unsigned cycle, ts_aie2_register reg) {
    const ts_aie2_register_info *info = &ts_aie2_registers[reg];
    if (!cycle) return;
    for (unsigned i = 0; i < info->n_units; i++) {
        const char *unit = ts_aie2_registers[ts_aie2_unit_registers[info->units[i]]].name;
        /* Of a dimension register only the counters change. */
        if (e.is_write && info->name[0] == 'd' && strchr("0123456789", info->name[1]) &&
            strncmp(unit, "dc", 2) != 0)
            continue;
        e.unit = info->units[i];
        add_event(m, e, issue, cycle);
    }
}

static bool only_adds(ts_aie2_register reg) {
    static const char *const flags[] = {"srCompr_uf", "srF2FFlags",  "srF2IFlags", "srFPFlags",
                                        "srSRS_of",   "srSparse_of", "srUPS_of"};
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (!strcmp(ts_aie2_registers[reg].name, flags[i])) return true;
    return false;
}

/* A store that does not fill its word reads memory, too. */
static void add_memory(machine *m, unsigned op, int issue) {
    const ts_aie2_instruction *row = row_of(&m->ops[op].op);
    unsigned group = m->ops[op].alias_group;
    if (!row->n_memory_cycles) return;
    for (unsigned i = 0; i < N_GROUPS; i++) {
        event e = {.op = op, .unit = ts_aie2_n_units + i};
        if (group && group != i) continue;
        if (row->flags & TS_AIE2_LOADS) add_event(m, e, issue, row->memory_cycles[0]);
        e.is_write = true;
        if (row->flags & TS_AIE2_STORES)
            add_event(m, e, issue, row->memory_cycles[row->n_memory_cycles - 1]);
    }
}

static void add_op(machine *m, unsigned op, int issue) {
    const ts_aie2_op *o = &m->ops[op].op;
    const ts_aie2_instruction *row = row_of(o);
    const ts_aie2_timing *timing = ts_aie2_timing_of(o);
    for (unsigned pass = 0; pass < 2; pass++) {
        for (unsigned i = 0; i < row->n_operands; i++) {
            const ts_aie2_operand *operand = &row->operands[i];
            event e = {.op = op, .is_write = pass};
            e.bypass = pass ? timing->write_bypass[i] : timing->read_bypass[i];
            if (operand->is_register)
                add_register(m, e, issue, pass ? operand->write_cycle : operand->read_cycle,
                             (ts_aie2_register)o->values[i]);
        }
        for (unsigned i = 0; i < row->n_implicit; i++) {
            const ts_aie2_implicit *implicit = &row->implicit[i];
            event e = {.op = op, .is_write = pass, .is_sticky = pass && only_adds(implicit->reg)};
            add_register(m, e, issue, pass ? implicit->write_cycle : implicit->read_cycle,
                         implicit->reg);
        }
    }
    add_memory(m, op, issue);
}

/* ---- versions -----------------------------------------------------------------------------------
 */

static uint64_t mix(uint64_t value) {
    value = (value ^ value >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    value = (value ^ value >> 27) * UINT64_C(0x94d049bb133111eb);
    return value ^ value >> 31;
}

static uint64_t after_write(const event *write, uint64_t before) {
    uint64_t own = mix(write->op + 1);
    if (write->is_sticky) return before + own;
    if (write->unit >= ts_aie2_n_units) return mix(before) + own; /* part of a memory group */
    return own;
}

/* One after another. */
static void run_in_order(machine *m) {
    for (size_t i = 0; i < m->n_events; i++) {
        event *e = &m->events[i];
        if (e->is_write)
            m->finals[e->unit] = after_write(e, m->finals[e->unit]);
        else
            e->version = m->finals[e->unit];
    }
}

static int in_time(const void *a, const void *b) {
    const event *x = *(event *const *)a, *y = *(event *const *)b;
    if (x->unit != y->unit) return x->unit < y->unit ? -1 : 1;
    if (x->cycle != y->cycle) return x->cycle < y->cycle ? -1 : 1;
    return x->op < y->op ? -1 : x->op > y->op;
}

static bool is_seen(const event *write, const event *read) {
    return write->cycle < read->cycle ||
           (write->cycle == read->cycle && write->bypass && write->bypass == read->bypass);
}

static void say(machine *m, const char *what, const event *a, const event *b) {
    if (*m->problem) return;
    snprintf(m->problem, sizeof m->problem, "%s: ops %u (%s) and %u (%s), unit %u, cycle %d", what,
             a->op, row_of(&m->ops[a->op].op)->name, b->op, row_of(&m->ops[b->op].op)->name,
             a->unit, a->cycle);
}

/* The events of one unit in time: writes land, reads see what has landed. */
static void run_unit(machine *m, event **events, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (!events[i]->is_write) {
            uint64_t version = 0;
            for (size_t k = 0; k < n && events[k]->cycle <= events[i]->cycle; k++) {
                bool memory = events[i]->unit >= ts_aie2_n_units;
                if (!events[k]->is_write || events[k]->op == events[i]->op) continue;
                if (memory && events[k]->cycle == events[i]->cycle)
                    say(m, "memory is read and written in one cycle", events[i], events[k]);
                if (is_seen(events[k], events[i])) version = after_write(events[k], version);
            }
            events[i]->version = version;
        }
    uint64_t last = 0;
    const event *before = NULL;
    for (size_t i = 0; i < n; i++)
        if (events[i]->is_write) {
            if (before && before->cycle == events[i]->cycle && before->op != events[i]->op &&
                !(before->is_sticky && events[i]->is_sticky))
                say(m, "two writes in one cycle", before, events[i]);
            last = after_write(events[i], last);
            before = events[i];
        }
    if (n) m->finals[events[0]->unit] = last;
}

static void run_in_time(ts_arena *arena, machine *m) {
    event **order = TS_ARENA_ARRAY(arena, event *, m->n_events + 1);
    assert_non_null(order);
    for (size_t i = 0; i < m->n_events; i++)
        order[i] = &m->events[i];
    qsort(order, m->n_events, sizeof *order, in_time);
    for (size_t first = 0, n; first < m->n_events; first += n) {
        for (n = 1; first + n < m->n_events && order[first + n]->unit == order[first]->unit;)
            n++;
        run_unit(m, order + first, n);
    }
}

static machine new_machine(ts_arena *arena, const ts_aie2_region_op *ops, size_t n_ops) {
    machine m = {.ops = ops, .n_ops = n_ops};
    m.events = TS_ARENA_ARRAY(arena, event, (size_t)MAX_OPS * MAX_TOUCHES);
    m.finals = TS_ARENA_ARRAY(arena, uint64_t, ts_aie2_n_units + N_GROUPS);
    assert_non_null(m.events);
    assert_non_null(m.finals);
    return m;
}

/* ---- the other rules ----------------------------------------------------------------------------
 */

/* A schedule as the checker sees it: the cycle of each op, and the length. */
typedef struct schedule {
    const ts_aie2_region_op *ops;
    size_t n_ops;
    int cycles[MAX_OPS];
    int n_cycles;
} schedule;

static bool holds_port(const ts_aie2_port_use *use, int issue, int cycle) {
    return issue + use->first - 1 <= cycle && cycle <= issue + use->last - 1;
}

/* All pairs, cycle by cycle: slow and plain. */
static const char *check_ports(const schedule *s) {
    for (size_t a = 0; a < s->n_ops; a++)
        for (size_t b = a + 1; b < s->n_ops; b++) {
            if (abs(s->cycles[a] - s->cycles[b]) > TAIL) continue;
            const ts_aie2_timing *x = ts_aie2_timing_of(&s->ops[a].op);
            const ts_aie2_timing *y = ts_aie2_timing_of(&s->ops[b].op);
            for (unsigned i = 0; i < x->n_ports; i++)
                for (unsigned k = 0; k < y->n_ports; k++) {
                    if (x->ports[i].port != y->ports[k].port) continue;
                    if (x->ports[i].avoids && y->ports[k].avoids) continue;
                    for (int t = s->cycles[a]; t < s->cycles[a] + TAIL; t++)
                        if (holds_port(&x->ports[i], s->cycles[a], t) &&
                            holds_port(&y->ports[k], s->cycles[b], t))
                            return "a port is used twice in one cycle";
                }
        }
    return NULL;
}

static const char *check_slots(const schedule *s) {
    for (int t = 0; t < s->n_cycles; t++) {
        unsigned slots = 0;
        for (size_t i = 0; i < s->n_ops; i++) {
            unsigned bit = 1u << row_of(&s->ops[i].op)->slot;
            if (s->cycles[i] != t) continue;
            if (slots & bit) return "two ops in one slot";
            slots |= bit;
        }
        if (ts_aie2_choose_format(slots) < 0) return "no format has these slots";
    }
    return NULL;
}

static bool is_lock(const ts_aie2_op *op) {
    const char *name = row_of(op)->mnemonic;
    return !strncmp(name, "acq", 3) || !strncmp(name, "rel", 3) || !strcmp(name, "done");
}

/* In program order `a` comes before `b`. Memory is done when a lock stops the core in its second
 * cycle, and begins when it goes on in its eighth. */
static const char *check_order(const schedule *s) {
    for (size_t a = 0; a < s->n_ops; a++)
        for (size_t b = a + 1; b < s->n_ops; b++) {
            const ts_aie2_op *x = &s->ops[a].op, *y = &s->ops[b].op;
            const ts_aie2_instruction *rx = row_of(x), *ry = row_of(y);
            bool ordered_x = flag(x, TS_AIE2_ORDERED), ordered_y = flag(y, TS_AIE2_ORDERED);
            int distance = s->cycles[b] - s->cycles[a];
            if (ordered_x && ordered_y && distance < 1) return "ordered ops are not in order";
            if (ordered_x && ry->n_memory_cycles && distance < 0)
                return "memory before an ordered op";
            if (ordered_y && rx->n_memory_cycles && distance < 0)
                return "memory behind an ordered op";
            if (is_lock(x) && ry->n_memory_cycles && distance + ry->memory_cycles[0] <= 8)
                return "memory too soon behind a lock";
            if (is_lock(y) && rx->n_memory_cycles &&
                rx->memory_cycles[rx->n_memory_cycles - 1] >= distance + 2)
                return "a lock too soon behind memory";
        }
    return NULL;
}

static const char *check_jump(const schedule *s) {
    for (size_t i = 0; i < s->n_ops; i++)
        if (flag(&s->ops[i].op, TS_AIE2_JUMPS) && i + 1 == s->n_ops &&
            s->cycles[i] != s->n_cycles - 1 - TS_AIE2_DELAY_SLOTS)
            return "the region does not end with the delay slots";
    return NULL;
}

static const char *check_drained(const machine *m, const schedule *s) {
    for (size_t i = 0; i < m->n_events; i++) {
        const event *e = &m->events[i];
        bool memory = e->unit >= ts_aie2_n_units;
        /* Memory of an op behind the end is touched in its fifth cycle, registers in its first. */
        int end = s->n_cycles + (memory ? 4 : 0);
        if (e->is_write && e->cycle >= end) return "a result lands behind the end";
        if (!e->is_write && e->cycle > end) return "an operand is read behind the end";
    }
    return NULL;
}

/* NULL, or what is wrong. */
static const char *check(ts_arena *arena, const schedule *s, bool drained, char problem[200]) {
    static const char *(*const checks[])(const schedule *) = {check_ports, check_slots, check_order,
                                                              check_jump};
    machine want = new_machine(arena, s->ops, s->n_ops), got = new_machine(arena, s->ops, s->n_ops);
    for (unsigned i = 0; i < s->n_ops; i++) {
        if (s->cycles[i] < 0 || s->cycles[i] >= s->n_cycles) return "an op outside the region";
        add_op(&want, i, 0);
        add_op(&got, i, s->cycles[i]);
    }
    run_in_order(&want);
    run_in_time(arena, &got);
    for (size_t i = 0; i < want.n_events; i++)
        if (!want.events[i].is_write && want.events[i].version != got.events[i].version) {
            const event *e = &want.events[i];
            snprintf(problem, 200, "op %u (%s) reads another %s%u than it should", e->op,
                     row_of(&s->ops[e->op].op)->name,
                     e->unit < ts_aie2_n_units
                         ? ts_aie2_registers[ts_aie2_unit_registers[e->unit]].name
                         : "memory group ",
                     e->unit < ts_aie2_n_units ? 0 : e->unit - ts_aie2_n_units);
            return problem;
        }
    for (unsigned i = 0; i < ts_aie2_n_units + 0u + N_GROUPS; i++)
        if (want.finals[i] != got.finals[i]) {
            snprintf(problem, 200, "unit %u is another at the end", i);
            return problem;
        }
    if (*got.problem) return strcpy(problem, got.problem);
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        const char *text = checks[i](s);
        if (text) return text;
    }
    return drained ? check_drained(&got, s) : NULL;
}

/* ---- from the library's output to the checker's input -------------------------------------------
 */

/* Each op in its place once, and nothing else but nops. */
static void check_bundles(const ts_aie2_region_op *ops, size_t n_ops,
                          const ts_aie2_scheduled *out) {
    size_t n_found = 0, n_wanted = 0;
    for (size_t b = 0; b < out->n_bundles; b++) {
        uint8_t bytes[TS_AIE2_MAX_BYTES];
        ts_aie2_bundle again;
        ts_aie2_reject why;
        assert_true(ts_aie2_encode(&out->bundles[b], bytes, &why));
        assert_true(ts_aie2_decode(bytes, sizeof bytes, &again, &why));
        assert_int_equal(again.format, out->bundles[b].format);
        for (unsigned i = 0; i < again.n_ops; i++)
            n_found += !is_nop(&again.ops[i]);
    }
    for (size_t i = 0; i < n_ops; i++) {
        ts_aie2_schedule_place place = out->places[i];
        if (is_nop(&ops[i].op)) {
            assert_int_equal(place.bundle, UINT32_MAX);
            continue;
        }
        n_wanted++;
        assert_true(place.bundle < out->n_bundles);
        assert_true(place.op < out->bundles[place.bundle].n_ops);
        assert_memory_equal(&out->bundles[place.bundle].ops[place.op], &ops[i].op,
                            sizeof ops[i].op);
    }
    assert_int_equal(n_found, n_wanted);
}

static schedule run_scheduler(ts_arena *arena, const ts_aie2_region_op *ops, size_t n_ops,
                              const ts_aie2_schedule_options *options, ts_aie2_scheduled *out) {
    schedule s = {.ops = ops, .n_ops = n_ops};
    ts_diag diag = {0};
    if (ts_aie2_schedule(arena, ops, n_ops, options, out, &diag) != TS_OK)
        fail_msg("%s", diag.message);
    check_bundles(ops, n_ops, out);
    s.n_cycles = (int)out->n_bundles;
    for (size_t i = 0; i < n_ops; i++)
        s.cycles[i] = (int)out->places[i].bundle;
    return s;
}

static ts_aie2_hazards hazards_of(ts_arena *arena, const ts_aie2_scheduled *out) {
    ts_aie2_placed *placed = TS_ARENA_ARRAY(arena, ts_aie2_placed, out->n_bundles + 1);
    ts_aie2_hazards found;
    ts_diag diag = {0};
    assert_non_null(placed);
    for (size_t i = 0; i < out->n_bundles; i++)
        placed[i].bundle = out->bundles[i];
    assert_int_equal(ts_aie2_find_hazards(arena, placed, out->n_bundles, &found, &diag), TS_OK);
    return found;
}

/* Old values and late reads are used on purpose, unless schedules are to be plain. */
static void check_hazards(ts_arena *arena, const ts_aie2_scheduled *out, bool plain,
                          uint64_t seed) {
    ts_aie2_hazards found = hazards_of(arena, out);
    for (size_t i = 0; i < found.n_items; i++) {
        ts_aie2_hazard_kind kind = found.items[i].kind;
        if (plain || (kind != TS_AIE2_HAZARD_READ_EARLY && kind != TS_AIE2_HAZARD_READ_LATE &&
                      kind != TS_AIE2_HAZARD_WRITES_SWAPPED))
            fail_msg("seed %llu: hazard %d in bundle %u", (unsigned long long)seed, (int)kind,
                     found.items[i].second);
    }
}

/* ---- regions by chance --------------------------------------------------------------------------
 */

static size_t random_region(test_random *random, ts_aie2_region_op *ops, size_t max_ops,
                            bool may_jump) {
    size_t n_ops = 1 + test_next(random) % max_ops;
    unsigned n_registers = 1 + (unsigned)(test_next(random) % 4);
    bool jumps = may_jump && test_next(random) % 3 == 0;
    for (size_t i = 0; i < n_ops; i++) {
        bool is_jump = jumps && i + 1 == n_ops;
        ops[i] = (ts_aie2_region_op){
            .op = test_aie2_random_op(random, is_jump, n_registers),
            .line = (uint32_t)i + 1,
            .alias_group = (uint8_t)(test_next(random) % N_GROUPS),
        };
    }
    return n_ops;
}

static void random_regions_do_the_same(void **state) {
    (void)state;
    enum {
        N_REGIONS = 1500
    };
    for (uint64_t seed = 1; seed <= N_REGIONS; seed++) {
        ts_arena *arena = test_begin();
        test_random random = {seed};
        ts_aie2_region_op ops[MAX_OPS];
        size_t n_ops = random_region(&random, ops, seed % 50 ? 40 : MAX_OPS, true);
        ts_aie2_schedule_options options = {.plain = seed % 3 == 0, .no_drain = seed % 4 == 0};
        ts_aie2_scheduled out;
        char problem[200];
        schedule s = run_scheduler(arena, ops, n_ops, &options, &out);
        const char *text = check(arena, &s, !options.no_drain, problem);
        if (text) fail_msg("seed %llu: %s", (unsigned long long)seed, text);
        check_hazards(arena, &out, options.plain, seed);
        test_end(arena);
    }
}

/* Two regions scheduled apart, one behind the other: that is what draining is for. */
static void regions_follow_each_other(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 500; seed++) {
        ts_arena *arena = test_begin();
        test_random random = {seed ^ UINT64_C(0x5eed0000)};
        ts_aie2_region_op ops[MAX_OPS];
        ts_aie2_scheduled out;
        char problem[200];
        size_t n_first = random_region(&random, ops, 20, true);
        size_t n_second = random_region(&random, ops + n_first, 20, false);
        schedule first = run_scheduler(arena, ops, n_first, NULL, &out);
        schedule second = run_scheduler(arena, ops + n_first, n_second, NULL, &out);
        first.n_ops += n_second;
        for (size_t i = 0; i < n_second; i++)
            first.cycles[n_first + i] = first.n_cycles + second.cycles[i];
        first.n_cycles += second.n_cycles;
        const char *text = check(arena, &first, true, problem);
        if (text) fail_msg("seed %llu: %s", (unsigned long long)seed, text);
        test_end(arena);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_regions_do_the_same),
        cmocka_unit_test(regions_follow_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
