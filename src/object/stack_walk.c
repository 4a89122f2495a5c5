/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * One function, along every path: how far it moves the stack pointer, what it calls and how deep it
 * is then. The stack grows up: a prologue adds to the stack pointer (`paddb [sp], #64`), an
 * epilogue takes it back, often in the delay slots of the return.
 *
 * Where paths meet, a value is known when both agree, and the depth is the larger; a loop that goes
 * deeper every round is open. A function that comes back with another stack pointer than it was
 * given is open as well, because nothing is right any more for whoever called it.
 *
 * A jump takes effect behind its five delay slots. A jump to where another function begins, or out
 * of its own code, is a call at the end: that function runs on the frame of this one's caller.
 */
#include "stack_int.h"

#include <inttypes.h>
#include <string.h>

enum {
    MAX_MERGES = 64, /* at one place, before it counts as growing without end */
};

/* ---- states ---------------------------------------------------------------------------------- */

static ts_status push(stack_walker *w, uint32_t address) {
    uint32_t *grown =
        ts_arena_room(w->image->arena, w->work, w->n_work, &w->capacity, sizeof *grown);
    if (!grown) return ts_fail_nomem(w->image->diag);
    w->work = grown;
    w->work[w->n_work++] = address;
    return TS_OK;
}

/* What two paths agree on of values; whether that is less than before. */
static bool merge_values(stack_state *at, const stack_state *s) {
    uint16_t known = at->known & s->known;
    uint64_t return_in = at->return_in & s->return_in;
    bool changed = return_in != at->return_in;
    for (unsigned i = 0; i < STACK_VALUES; i++) {
        if (known >> i & 1 && at->values[i] != s->values[i]) known &= (uint16_t) ~(1u << i);
        if (s->landing[i] <= at->landing[i]) continue;
        at->landing[i] = s->landing[i];
        changed = true;
    }
    changed |= known != at->known;
    at->known = known;
    at->return_in = return_in;
    return changed;
}

/* Whether the place is to be looked at again. */
static bool merge(stack_walker *w, stack_state *at, const stack_state *s, uint32_t address) {
    bool changed = merge_values(at, s);
    if (s->depth == at->depth) return changed;
    stack_note(w, TS_STACK_UNBALANCED, address, NULL);
    if (s->depth < at->depth) return changed;
    at->depth = s->depth;
    if (++at->n_merges < MAX_MERGES) return true;
    stack_note(w, TS_STACK_VARIABLE, address, NULL);
    return changed;
}

static void note_unreadable(stack_walker *w, uint32_t address) {
    stack_note(w, TS_STACK_UNREADABLE, address, NULL);
    w->returns = true;
}

/* A path reaches `address`. */
static ts_status reach(stack_walker *w, uint32_t address, const stack_state *s) {
    stack_region *region = stack_region_at(w->image, address);
    if (!region || (address - region->address) % 2) {
        note_unreadable(w, address);
        return TS_OK;
    }
    stack_state *at = &region->states[(address - region->address) / 2];
    if (at->walk == w->walk) return merge(w, at, s, address) ? push(w, address) : TS_OK;
    *at = *s;
    at->walk = w->walk;
    at->n_merges = 0;
    return push(w, address);
}

/* ---- calls ----------------------------------------------------------------------------------- */

static ts_status add_edge(stack_walker *w, uint32_t callee, uint32_t at_call) {
    stack_node *node = &w->image->nodes[w->function];
    for (size_t i = 0; i < node->n_edges; i++) {
        if (node->edges[i].callee != callee) continue;
        if (at_call > node->edges[i].at_call) node->edges[i].at_call = at_call;
        return TS_OK;
    }
    stack_edge *grown =
        ts_arena_room(w->image->arena, node->edges, node->n_edges, &node->capacity, sizeof *grown);
    if (!grown) return ts_fail_nomem(w->image->diag);
    node->edges = grown;
    node->edges[node->n_edges++] = (stack_edge){callee, at_call};
    return TS_OK;
}

/* Whether what is called, comes back. */
static ts_status call(stack_walker *w, const stack_leap *to, const stack_state *s, uint32_t address,
                      bool *returns) {
    *returns = true;
    if (!to->is_known) {
        stack_note(w, TS_STACK_INDIRECT, address, NULL);
        return TS_OK;
    }
    if (!stack_region_at(w->image, to->target)) {
        stack_note(w, TS_STACK_ABSENT, address, stack_absent_name(w->image, to->target));
        return TS_OK;
    }
    uint32_t callee = stack_function_at(w->image, to->target, NULL);
    if (!callee) return ts_fail_nomem(w->image->diag);
    w->image->functions[callee].is_called = true;
    *returns = !w->image->nodes[callee].never_returns;
    return add_edge(w, callee, s->depth > 0 ? (uint32_t)s->depth : 0);
}

/* The function comes back to its caller, or what it jumps to does. */
static void come_back(stack_walker *w, const stack_state *s, uint32_t address) {
    w->returns = true;
    if (s->depth) stack_note(w, TS_STACK_UNBALANCED, address, NULL);
    if (!stack_has_return_address(s)) stack_note(w, TS_STACK_FLOW, address, NULL);
}

/* Whether an address is of the function that is walked. */
static bool is_inside(const stack_walker *w, uint32_t address) {
    uint32_t start = w->image->nodes[w->function].address, size = stack_self(w)->size;
    uint32_t other = stack_find_function(w->image, address);
    if (other == w->function) return true;
    if (size) return address >= start && address - start < size;
    return !other;
}

/* A path goes on elsewhere: within the function, or it is left for another one. */
static ts_status go(stack_walker *w, const stack_leap *to, const stack_state *s, uint32_t address) {
    bool returns;
    if (to->is_known && is_inside(w, to->target)) return reach(w, to->target, s);
    TS_TRY(call(w, to, s, address, &returns));
    if (returns) come_back(w, s, address);
    return TS_OK;
}

/* Into the next bundle. What no function begins with belongs to this one, whatever its size. */
static ts_status step_on(stack_walker *w, uint32_t address, const stack_state *s) {
    const stack_leap next = {.is_known = true, .target = address};
    if (!stack_find_function(w->image, address)) return reach(w, address, s);
    return go(w, &next, s, address);
}

/* ---- hardware loops -------------------------------------------------------------------------- */

static bool is_known_last(const stack_walker *w, const stack_state *s, uint32_t address) {
    if (s->known >> STACK_LE & 1) return s->values[STACK_LE] == address;
    for (unsigned i = 0; i < w->n_lasts; i++)
        if (w->lasts[i] == address) return true;
    return false;
}

/* Behind the bundle at LE the path also goes back to LS; to each that it may be, if that is open.
 */
static ts_status loop_back(stack_walker *w, uint32_t address, const stack_state *s) {
    if (!is_known_last(w, s, address)) return TS_OK;
    bool is_known = s->known >> STACK_LS & 1;
    for (unsigned i = 0; i < w->n_firsts; i++) {
        const stack_leap back = {.is_known = true, .target = w->firsts[i]};
        if (!is_known || s->values[STACK_LS] == w->firsts[i]) TS_TRY(go(w, &back, s, address));
    }
    if (!w->n_firsts) stack_note(w, TS_STACK_FLOW, address, NULL);
    return TS_OK;
}

/* ---- paths ----------------------------------------------------------------------------------- */

/* The five bundles behind a jump; where they end, or 0. Neither may a jump be among them, nor the
 * end of a hardware loop. */
static uint32_t run_delay_slots(stack_walker *w, uint32_t address, stack_state *s) {
    for (unsigned i = 0; i < TS_AIE2_DELAY_SLOTS; i++) {
        stack_leap jump;
        unsigned size = stack_run_bundle(w, address, s, &jump);
        if (!size) {
            note_unreadable(w, address);
            return 0;
        }
        if (jump.in || is_known_last(w, s, address)) stack_note(w, TS_STACK_FLOW, address, NULL);
        address += size;
    }
    return address;
}

static ts_status take_call(stack_walker *w, const stack_leap *jump, uint32_t address,
                           uint32_t behind, stack_state *s) {
    bool returns;
    TS_TRY(call(w, jump, s, address, &returns));
    stack_forget_at_call(s);
    return returns ? step_on(w, behind, s) : TS_OK;
}

static ts_status take_jump(stack_walker *w, const stack_leap *jump, uint32_t address,
                           uint32_t behind, stack_state *s) {
    uint8_t flags = jump->in->flags;
    bool is_return = flags & TS_AIE2_RETURNS;
    bool has_address = stack_has_return_address(s);
    if (is_known_last(w, s, address)) stack_note(w, TS_STACK_FLOW, address, NULL);
    uint32_t next = run_delay_slots(w, behind, s);
    if (!next) return TS_OK;
    if (flags & TS_AIE2_CALLS) return take_call(w, jump, address, next, s);
    if (is_return) {
        if (!has_address) stack_note(w, TS_STACK_FLOW, address, NULL);
        w->returns = true;
        if (s->depth) stack_note(w, TS_STACK_UNBALANCED, address, NULL);
        return TS_OK;
    }
    TS_TRY(go(w, jump, s, address));
    return strcmp(jump->in->mnemonic, "j") != 0 ? step_on(w, next, s) : TS_OK;
}

static ts_status run_from(stack_walker *w, uint32_t address) {
    const stack_region *region = stack_region_at(w->image, address);
    if (!region) return TS_OK;
    if (w->image->n_steps > w->image->max_steps)
        return ts_fail(w->image->diag, TS_RANGE, region->file,
                       "the code has too many paths to follow: more than %" PRIu64
                       " bundles in all of them",
                       w->image->max_steps);
    stack_state s = region->states[(address - region->address) / 2];
    stack_leap jump;
    unsigned size = stack_run_bundle(w, address, &s, &jump);
    if (!size) {
        note_unreadable(w, address);
        return TS_OK;
    }
    if (jump.in) return take_jump(w, &jump, address, address + size, &s);
    TS_TRY(loop_back(w, address, &s));
    return step_on(w, address + size, &s);
}

/* Once through the function, with the loops that are known so far. */
static ts_status walk_once(stack_walker *w) {
    stack_image *image = w->image;
    const stack_state start = stack_state_at_entry();
    w->walk = ++image->n_walks;
    w->returns = false;
    image->nodes[w->function].n_edges = 0;
    stack_self(w)->found = 0;
    stack_self(w)->open = 0;
    stack_self(w)->open_name = NULL;
    TS_TRY(reach(w, image->nodes[w->function].address, &start));
    while (w->n_work)
        TS_TRY(run_from(w, w->work[--w->n_work]));
    return TS_OK;
}

ts_status stack_walk(stack_image *image, uint32_t function) {
    stack_walker w = {.image = image,
                      .function = function,
                      .sp = ts_aie2_register_named("SP", 2),
                      .lr = ts_aie2_register_named("lr", 2),
                      .ls = ts_aie2_register_named("LS", 2),
                      .le = ts_aie2_register_named("LE", 2)};
    unsigned before;
    do {
        before = w.n_firsts + w.n_lasts;
        TS_TRY(walk_once(&w));
    } while (w.n_firsts + w.n_lasts != before);
    image->nodes[function].never_returns = !w.returns;
    return TS_OK;
}
