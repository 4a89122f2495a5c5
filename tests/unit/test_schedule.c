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

#define LOAD    "LDA_dms_lda_idx_imm"
#define STORE   "ST_dms_sts_idx_imm"
#define STORE8  "ST_S8_ag_idx_imm"
#define VLDA    "VLDA_dmw_lda_w_ag_pstm_nrm_imm"
#define VLDB    "VLDB_dmw_ldb_ag_pstm_nrm_imm"
#define VMAC    "VMAC_vmac_cm_core_dense"
#define VMUL    "VMUL_vmac_cm_core_dense"
#define MOVX    "MOVX_alu_cg"
#define ACQUIRE "ACQ_mLockId_imm"
#define RELEASE "REL_mLockId_imm"

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
    bool jumps = s->n_ops && flag(&s->ops[s->n_ops - 1].op, TS_AIE2_JUMPS);
    unsigned carry = ts_aie2_registers[ts_aie2_register_named("srCarry", 7)].units[0];
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
        if (want.finals[i] != got.finals[i] && !(jumps && i == carry)) {
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

/* Two locks and a jump back to them: llvm-aie has eight bundles, too; nine where a stream may
 * follow. */
static void locks_wait_for_streams_only_where_there_are_any(void **state) {
    (void)state;
    static const char source[] = "rel #0, r16\nrel #1, r16\nj #0\n.endschedule\n.Lend:\n";
    ts_arena *arena = test_begin();
    for (unsigned no_streams = 0; no_streams < 2; no_streams++) {
        ts_buf text = ts_buf_in(arena);
        ts_aie2_assembly made;
        ts_aie2_messages messages = {0};
        ts_buf_printf(&text, ".schedule%s\n%s", no_streams ? " no_streams" : "", source);
        assert_int_equal(
            ts_aie2_assemble(arena, ts_buf_span(&text), "locks.s", NULL, &made, &messages), TS_OK);
        assert_int_equal(made.n_bundles, no_streams ? 8 : 9);
    }
    test_end(arena);
}

/* ---- the checker can fail -----------------------------------------------------------------------
 */

static bool move_earlier(test_random *random, schedule *s) {
    size_t op = test_next(random) % s->n_ops;
    return s->cycles[op]-- > 0;
}

static bool swap_ops(test_random *random, schedule *s) {
    size_t a = test_next(random) % s->n_ops, b = test_next(random) % s->n_ops;
    int cycle = s->cycles[a];
    s->cycles[a] = s->cycles[b];
    s->cycles[b] = cycle;
    return s->cycles[a] != s->cycles[b];
}

static bool drop_empty_bundle(test_random *random, schedule *s) {
    bool used[MAX_CYCLES] = {false};
    int first = (int)(test_next(random) % (unsigned)s->n_cycles);
    for (size_t i = 0; i < s->n_ops; i++)
        used[s->cycles[i]] = true;
    while (first < s->n_cycles && used[first])
        first++;
    if (first == s->n_cycles) return false;
    for (size_t i = 0; i < s->n_ops; i++)
        s->cycles[i] -= s->cycles[i] > first;
    s->n_cycles--;
    return true;
}

/* Some changes are harmless: an op with time to spare, two that do not depend on each other. As ops
 * are placed as early as they can be, few should be. */
static void changed_schedules_are_noticed(void **state) {
    (void)state;
    static const struct {
        const char *what;
        bool (*change)(test_random *random, schedule *s);
        unsigned least; /* of a hundred that are to be noticed */
    } changes[] = {{"an op one cycle earlier", move_earlier, 90},
                   {"two ops in each other's place", swap_ops, 80},
                   {"an empty bundle dropped", drop_empty_bundle, 90}};
    for (size_t c = 0; c < sizeof changes / sizeof *changes; c++) {
        unsigned n_changed = 0, n_noticed = 0;
        for (uint64_t seed = 1; seed <= 300; seed++) {
            ts_arena *arena = test_begin();
            test_random random = {seed ^ UINT64_C(0xbad0000)};
            ts_aie2_region_op ops[MAX_OPS];
            ts_aie2_scheduled out;
            char problem[200];
            size_t n_ops = random_region(&random, ops, 40, false);
            schedule s = run_scheduler(arena, ops, n_ops, NULL, &out);
            if (changes[c].change(&random, &s)) {
                n_changed++;
                n_noticed += check(arena, &s, true, problem) != NULL;
            }
            test_end(arena);
        }
        if (n_changed < 150 || n_noticed * 100 < n_changed * changes[c].least)
            fail_msg("%s: %u of %u noticed", changes[c].what, n_noticed, n_changed);
    }
}

/* ---- by hand ------------------------------------------------------------------------------------
 */

typedef struct region {
    ts_aie2_region_op ops[MAX_OPS];
    size_t n_ops;
} region;

static region region_of(const char *code) {
    region r = {.n_ops = 0};
    while (*code) {
        size_t length = strcspn(code, "|");
        char words[120];
        if (length >= sizeof words || r.n_ops == MAX_OPS) fail_msg("too long: %s", code);
        memcpy(words, code, length);
        words[length] = '\0';
        /* A digit in front is the alias group. */
        bool has_group = *words >= '0' && *words <= '9';
        r.ops[r.n_ops] = (ts_aie2_region_op){
            .op = test_aie2_op(words + (has_group ? 2 : 0)),
            .line = (uint32_t)r.n_ops + 1,
            .alias_group = (uint8_t)(has_group ? *words - '0' : 0),
        };
        r.n_ops++;
        code += length;
        code += *code == '|';
    }
    return r;
}

/* The cycles in which the ops come out, then "/" and the number of bundles. */
static void expect(const char *what, const char *code, bool plain, const char *cycles) {
    ts_arena *arena = test_begin();
    region r = region_of(code);
    ts_aie2_schedule_options options = {.plain = plain};
    ts_aie2_scheduled out;
    char problem[200], got[400];
    size_t length = 0;
    schedule s = run_scheduler(arena, r.ops, r.n_ops, &options, &out);
    const char *text = check(arena, &s, true, problem);
    if (text) fail_msg("%s: %s", what, text);
    check_hazards(arena, &out, plain, 0);
    for (size_t i = 0; i < r.n_ops; i++)
        length += (size_t)snprintf(got + length, sizeof got - length, "%d ", s.cycles[i]);
    snprintf(got + length, sizeof got - length, "/ %d", s.n_cycles);
    if (strcmp(got, cycles)) fail_msg("%s: %s, not %s", what, got, cycles);
    test_end(arena);
}

static void cases_by_hand(void **state) {
    (void)state;
    expect("nothing", "", false, "/ 0");
    expect("a load and its use", LOAD " r0 p0 0|ADD r1 r0 r2", false, "0 7 / 8");
    expect("a multiplication keeps the write port for its second cycle",
           "ADD r0 r1 r2|ADD r3 r1 r2|MUL_mul_r_rr r4 r1 r2|ADD r5 r4 r4", false, "2 3 0 4 / 5");
    expect("a load while the old value is still read",
           LOAD " r0 p0 0|ADD r1 r0 r2|" LOAD " r0 p0 4|ADD r1 r1 r0", false, "0 7 1 8 / 9");
    expect("the same without old values",
           LOAD " r0 p0 0|ADD r1 r0 r2|" LOAD " r0 p0 4|ADD r1 r1 r0", true, "0 7 7 14 / 15");
    expect("MACs of one accumulator: every second cycle",
           "VCLR_vclr cm0|" VMAC " cm0 cm0 x0 x2 r0|" VMAC " cm0 cm0 x0 x2 r0|" VMAC
           " cm0 cm0 x0 x2 r0",
           false, "0 2 4 6 / 11");
    expect("loads into a MAC",
           VLDA " wl0 p0 32|" VLDA " wh0 p0 32|" VLDB " wl2 p1 32|" VLDB " wh2 p1 32|" VMAC
                " cm0 cm0 x0 x2 r0",
           false, "0 1 0 1 8 / 13");
    expect("stores of bytes", STORE8 " r0 p0 0|" STORE8 " r1 p0 1|" LOAD " r2 p0 0", false,
           "0 7 14 / 21");
    expect("they keep off other memory, too",
           "1 " STORE8 " r0 p0 0|1 " STORE8 " r1 p0 1|2 " LOAD " r2 p0 0", false, "0 7 14 / 21");
    expect("they sample their data late", MOVX " r0 1|" STORE8 " r0 p0 0|" MOVX " r0 2", false,
           "0 0 6 / 10");
    expect("a load behind a store", STORE " r0 p0 0|" LOAD " r1 p1 0", false, "0 1 / 8");
    expect("of other memory", "1 " STORE " r0 p0 0|2 " LOAD " r1 p1 0", false, "0 0 / 7");
    expect("a store that goes by way of the rounding unit",
           "VST_SRS_S16_S32_ag_idx_imm bml0 s0 p0 0|" LOAD " r1 p1 0", false, "0 3 / 10");
    expect("memory between locks",
           ACQUIRE " 3 r1|" LOAD " r0 p0 0|ADD r0 r0 r0|" STORE " r0 p1 0|" RELEASE " 3 r1", false,
           "0 4 11 12 16 / 21");
    expect("a loop in eight bundles",
           LOAD " r0 p0 0|ADD r1 r0 r1|PADDA_lda_ptr_inc_idx_imm p0 4|JNZD r2 r2 p1", false,
           "0 7 1 2 / 8");
    expect("a jump that waits for its condition", LOAD " r0 p0 0|ADD r1 r0 r1|JNZ r1 64", false,
           "0 7 8 / 14");
    expect("delay slots are filled", MOVX " r0 0|ADD r1 r2 r3|ADD r4 r5 r6|J_jump_imm 0", false,
           "1 2 3 0 / 6");
    expect("a call, the old return address kept", MOVX " r0 0|MOV_mv_scl r1 lr|JL 0", false,
           "1 1 0 / 6");
    expect("and not read behind the call", MOVX " r0 0|MOV_mv_scl r1 lr|JL 0", true, "0 0 1 / 7");
    expect("a load lands before the return does", LOAD " r0 p0 0|RET", false, "0 1 / 7");
    expect("the return address itself", LOAD " lr p0 0|RET", false, "0 7 / 13");
    expect("a loop is set up early enough", "MOVXM_lng_cg LS 0|MOVXM_lng_cg LE 64|MOVX_alu_cg LC 5",
           false, "0 1 2 / 10");
    expect("one register again and again",
           MOVX " r0 1|MOVA_lda_cg r0 2|" MOVX " r0 3|MUL_mul_r_rr r0 r1 r2|" MOVX " r0 4", false,
           "0 1 2 3 5 / 6");
    expect("carries", "ADD r0 r1 r2|ADC r3 r4 r5|ADD r6 r7 r8|ADD r9 r10 r11", false,
           "0 1 2 3 / 4");
    expect("a pointer loaded through itself",
           "LDA_dms_lda_pstm_nrm_imm p0 p0 4|PADDA_lda_ptr_inc_idx_imm p0 4", false, "0 7 / 8");
    expect("8x8x8 of bytes, from memory to memory",
           VLDA " wl0 p0 32|" VLDA " wh0 p0 32|" VLDB " wl2 p1 32|" VLDB
                " wh2 p1 32|VSHUFFLE x4 x0 x0 r1|" VMUL " cm0 x0 x2 r0|" VMUL
                " cm1 x4 x2 r0|VST_SRS_S8_S32_ag_pstm_nrm_imm cm0 s0 p2 32|"
                "VST_SRS_S8_S32_ag_pstm_nrm_imm cm1 s0 p2 32",
           false, "0 1 0 1 8 8 10 13 15 / 21");
}

/* Eight steps of a 16x16 block: four rows of A, two columns of B, eight accumulators. The vector
 * unit is to have something to do in every cycle, whether there are two sets of registers or one.
 */
static region blocked_product(unsigned n_sets) {
    region r = {.n_ops = 0};
    char words[120];
    for (unsigned k = 0; k < 8; k++) {
        unsigned a = k % n_sets * 6, b = a + 4;
        for (unsigned i = 0; i < 4; i++) {
            snprintf(words, sizeof words, VLDA " wl%u p0 32", a + i);
            r.ops[r.n_ops++].op = test_aie2_op(words);
            snprintf(words, sizeof words, VLDB " w%c%u p1 32", i % 2 ? 'h' : 'l', b + i / 2);
            r.ops[r.n_ops++].op = test_aie2_op(words);
        }
        for (unsigned i = 0; i < 8; i++) {
            snprintf(words, sizeof words, VMAC " cm%u cm%u x%u x%u r0", i, i, a + i / 2, b + i % 2);
            r.ops[r.n_ops++].op = test_aie2_op(words);
        }
    }
    return r;
}

static void a_kernel_is_dense(void **state) {
    (void)state;
    for (unsigned n_sets = 1; n_sets <= 2; n_sets++) {
        ts_arena *arena = test_begin();
        region r = blocked_product(n_sets);
        ts_aie2_scheduled out;
        char problem[200];
        schedule s = run_scheduler(arena, r.ops, r.n_ops, NULL, &out);
        const char *text = check(arena, &s, true, problem);
        if (text) fail_msg("%s", text);
        assert_int_equal(s.n_cycles, 8 + 64 + 4); /* two loads first, the last MAC lands */
        test_end(arena);
    }
}

/* The changes that matter most, one by one. */
static void wrong_schedules_are_told(void **state) {
    (void)state;
    static const struct {
        const char *code;
        int cycles[3];
        int n_cycles;
        const char *problem;
    } cases[] = {
        {LOAD " r0 p0 0|ADD r1 r0 r2", {0, 6}, 8, "op 1 (ADD) reads another r00 than it should"},
        {LOAD " r0 p0 0|ADD r1 r0 r2", {0, 7}, 7, "an op outside the region"},
        {LOAD " r0 p0 0", {0}, 6, "a result lands behind the end"},
        {"ADD r0 r1 r2|" LOAD " r1 p0 0", {7, 0}, 8, "op 0 (ADD) reads another r10 than it should"},
        {LOAD " r0 p0 0|" MOVX " r0 1", {0, 6}, 7, "two writes in one cycle"},
        {LOAD " r0 p0 0|" MOVX " r0 1", {0, 5}, 7, "unit 0 is another at the end"},
        {STORE " r0 p0 0|" LOAD " r1 p0 0", {1, 0}, 8, "op 1 (LDA_dms_lda_idx_imm) reads another"},
        {STORE " r0 p0 0|" LOAD " r1 p0 0", {0, 0}, 8, "op 1 (LDA_dms_lda_idx_imm) reads another"},
        {STORE " r0 p0 0|" STORE " r1 p1 0", {1, 0}, 8, "unit"},
        {"1 " STORE8 " r0 p0 0|2 " STORE " r1 p1 0", {0, 6}, 20, "a port is used twice"},
        {MOVX " r0 1|" STORE8 " r0 p0 0", {6, 0}, 20, "op 1 (ST_S8_ag_idx_imm) reads another r0"},
        {"VADD_8 x0 x2 x4|VLT_S8 l0 x2 x4", {0, 0}, 2, "two ops in one slot"},
        {"MOVXM_lng_cg r0 5|NEZ r1 r2", {0, 0}, 1, "no format has these slots"},
        {ACQUIRE " 3 r1|" LOAD " r0 p0 0", {0, 3}, 20, "memory too soon behind a lock"},
        {STORE " r0 p0 0|" RELEASE " 3 r1", {0, 3}, 20, "a lock too soon behind memory"},
        {"EVENT 0|EVENT 1", {1, 0}, 2, "ordered ops are not in order"},
        {"J_jump_imm 0", {0}, 5, "the region does not end with the delay slots"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ts_arena *arena = test_begin();
        region r = region_of(cases[i].code);
        schedule s = {.ops = r.ops, .n_ops = r.n_ops, .n_cycles = cases[i].n_cycles};
        char problem[200];
        memcpy(s.cycles, cases[i].cycles, r.n_ops * sizeof *s.cycles);
        const char *text = check(arena, &s, true, problem);
        if (!text || !strstr(text, cases[i].problem))
            fail_msg("%s: %s, not %s", cases[i].code, text ? text : "nothing", cases[i].problem);
        test_end(arena);
    }
}

/* ---- limits
 * -------------------------------------------------------------------------------------- */

static void the_longest_region(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_aie2_region_op *ops = TS_ARENA_ARRAY(arena, ts_aie2_region_op, TS_AIE2_MAX_SCHEDULED + 1);
    ts_aie2_scheduled once, twice;
    ts_diag diag = {0};
    test_random random = {7};
    assert_non_null(ops);
    for (size_t i = 0; i < TS_AIE2_MAX_SCHEDULED + 1; i++)
        ops[i].op = test_aie2_random_op(&random, false, 8);
    assert_int_equal(ts_aie2_schedule(arena, ops, TS_AIE2_MAX_SCHEDULED, NULL, &once, &diag),
                     TS_OK);
    check_bundles(ops, TS_AIE2_MAX_SCHEDULED, &once);
    check_hazards(arena, &once, false, 0);
    assert_int_equal(ts_aie2_schedule(arena, ops, TS_AIE2_MAX_SCHEDULED, NULL, &twice, &diag),
                     TS_OK);
    assert_int_equal(once.n_bundles, twice.n_bundles);
    assert_memory_equal(once.places, twice.places, TS_AIE2_MAX_SCHEDULED * sizeof *once.places);
    assert_int_equal(ts_aie2_schedule(arena, ops, TS_AIE2_MAX_SCHEDULED + 1, NULL, &once, &diag),
                     TS_RANGE);
    test_expect_error(&diag, TS_RANGE, "4097 ops in one region; at most 4096");
    test_end(arena);
}

static void input_is_refused(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_aie2_schedule_options options = {.file = "k.s"};
    ts_aie2_scheduled out;
    ts_diag jump = {0}, value = {0};
    region r = region_of("ADD r0 r1 r2|J_jump_imm 0|ADD r0 r1 r2");
    assert_int_equal(ts_aie2_schedule(arena, r.ops, r.n_ops, &options, &out, &jump), TS_RANGE);
    test_expect_error(&jump, TS_RANGE, "line 2: a jump can only be the last op of a region");
    assert_string_equal(jump.file, "k.s");
    r = region_of("ADD r0 r1 r2|" LOAD " r0 p0 0");
    r.ops[1].op.values[2] = 2; /* not a multiple of 4 */
    assert_int_equal(ts_aie2_schedule(arena, r.ops, r.n_ops, &options, &out, &value), TS_RANGE);
    test_expect_error(&value, TS_RANGE, "line 2: ");
    test_end(arena);
}

static ts_status schedule_some(ts_arena *arena, void *context) {
    region *r = context;
    ts_aie2_scheduled out;
    ts_diag diag = {0};
    return ts_aie2_schedule(arena, r->ops, r->n_ops, NULL, &out, &diag);
}

static void nops_are_dropped(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    region r = region_of("NOPA|ADD r0 r1 r2|NOPV");
    ts_aie2_scheduled out;
    ts_diag diag = {0};
    assert_int_equal(ts_aie2_schedule(arena, r.ops, r.n_ops, NULL, &out, &diag), TS_OK);
    check_bundles(r.ops, r.n_ops, &out);
    assert_int_equal(out.n_bundles, 1);
    test_end(arena);
}

static void memory_runs_out(void **state) {
    (void)state;
    region r = region_of("1 " LOAD " r0 p0 0|2 " LOAD " r1 p0 0|" STORE
                         " r0 p0 4|ADD r1 r0 r0|" RELEASE " 3 r1|JNZ r1 64");
    test_every_allocation_fails(schedule_some, &r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_regions_do_the_same),
        cmocka_unit_test(regions_follow_each_other),
        cmocka_unit_test(locks_wait_for_streams_only_where_there_are_any),
        cmocka_unit_test(changed_schedules_are_noticed),
        cmocka_unit_test(cases_by_hand),
        cmocka_unit_test(a_kernel_is_dense),
        cmocka_unit_test(wrong_schedules_are_told),
        cmocka_unit_test(the_longest_region),
        cmocka_unit_test(input_is_refused),
        cmocka_unit_test(nops_are_dropped),
        cmocka_unit_test(memory_runs_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
