/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Who acts when. Each cycle every active actor makes one step, in the order of their numbers: DMA
 * channels, junctions and control ports before cores. An actor without anything to do leaves the
 * set until it is woken, for the next cycle, or by its alarm. When nobody is active time jumps to
 * the next alarm; when a core is the only one it runs on until it does something that others can
 * see.
 */
#include "array_int.h"

uint16_t arr_add_actor(ts_array *a, arr_step *step, void *self) {
    if (a->n_actors == ARR_MAX_ACTORS) return ARR_NOBODY;
    a->actors[a->n_actors] = (arr_actor){.step = step, .self = self, .alarm = UINT64_MAX};
    a->n_sets = a->n_actors / 64 + 1;
    return (uint16_t)a->n_actors++;
}

void arr_wake_at(ts_array *a, uint16_t actor, uint64_t cycle) {
    if (cycle <= a->now + 1) {
        arr_wake(a, actor);
        return;
    }
    if (cycle < a->actors[actor].alarm) a->actors[actor].alarm = cycle;
    if (cycle < a->next_alarm) a->next_alarm = cycle;
}

void arr_wake_set(ts_array *a, arr_set *set) {
    for (unsigned i = 0; i < a->n_sets; i++) {
        a->next.bits[i] |= set->bits[i];
        set->bits[i] = 0;
    }
}

/* Wakes those whose time has come, and finds the next time. */
static void ring_alarms(ts_array *a) {
    a->next_alarm = UINT64_MAX;
    for (unsigned i = 0; i < a->n_actors; i++) {
        arr_actor *actor = &a->actors[i];
        if (actor->alarm <= a->now) {
            a->active.bits[i / 64] |= UINT64_C(1) << i % 64;
            actor->alarm = UINT64_MAX;
        } else if (actor->alarm < a->next_alarm) {
            a->next_alarm = actor->alarm;
        }
    }
}

/* Takes over those woken; whether none, one or more are active, and one of them. */
static unsigned gather(ts_array *a, unsigned *one) {
    unsigned n = 0;
    for (unsigned i = 0; i < a->n_sets; i++) {
        uint64_t bits = a->active.bits[i] |= a->next.bits[i];
        a->next.bits[i] = 0;
        if (!bits) continue;
        n += bits & (bits - 1) ? 2 : 1;
        *one = i * 64 + (unsigned)__builtin_ctzll(bits);
    }
    return n;
}

static void step_all(ts_array *a) {
    for (unsigned i = 0; i < a->n_sets; i++) {
        for (uint64_t bits = a->active.bits[i]; bits; bits &= bits - 1) {
            arr_actor *actor = &a->actors[i * 64 + (unsigned)__builtin_ctzll(bits)];
            if (!actor->step(a, actor->self)) a->active.bits[i] &= ~(bits & (0 - bits));
        }
    }
}

/* The only active actor is a core: run it until `end`, or until it does what others can see. */
static bool run_alone(ts_array *a, arr_tile *tile, uint64_t end) {
    arr_cpu *cpu = tile->cpu;
    if (a->next_alarm < end) end = a->next_alarm;
    uint64_t from = a->now;
    a->alone = cpu;
    a->yield_at = UINT64_MAX;
    bool goes_on = arr_core_until(a, tile, end);
    a->alone = NULL;
    uint64_t reached = cpu->offset + ts_core_cycle(cpu->core);
    if (a->yield_at < reached) reached = a->yield_at;
    if (reached > end) reached = end;
    a->now = reached > from ? reached : from + 1;
    return goes_on;
}

ts_array_state arr_run(ts_array *a, uint64_t n_cycles, bool (*is_done)(ts_array *, void *),
                       void *context) {
    uint64_t end = n_cycles > UINT64_MAX - a->now ? UINT64_MAX : a->now + n_cycles;
    a->has_break = false;
    for (;;) {
        if (is_done && is_done(a, context)) return TS_ARRAY_DONE;
        if (a->now >= end) return TS_ARRAY_LIMIT;
        if (a->are_routes_stale) arr_rebuild_routes(a);
        if (a->next_alarm <= a->now) ring_alarms(a);
        unsigned one = 0, n = gather(a, &one);
        if (!n) {
            if (a->next_alarm == UINT64_MAX) return TS_ARRAY_IDLE;
            a->now = a->next_alarm < end ? a->next_alarm : end;
            continue;
        }
        if (n == 1 && one >= a->first_cpu) {
            if (!run_alone(a, a->actors[one].self, end))
                a->active.bits[one / 64] &= ~(UINT64_C(1) << one % 64);
        } else {
            step_all(a);
            a->now++;
        }
        if (a->has_break) return TS_ARRAY_AT_BREAK;
    }
}
