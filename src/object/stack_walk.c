/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * One function, along every path: how far it moves the stack pointer, what it calls and how deep it
 * is then. The stack grows up: a prologue adds to the stack pointer (`paddb [sp], #64`), an
 * epilogue takes it back, often in the delay slots of the return.
 *
 * Beside the depth, the values of the pointers p0 to p7 are followed, as far as they come from
 * immediates: they are the targets of `jnzd`, `j pN` and `jl pN`. Where paths meet, a pointer is
 * known when both agree, and the depth is the larger; a loop that goes deeper every round is open.
 *
 * A jump takes effect behind its five delay slots. A jump to where another function begins, or out
 * of its own code, is a call at the end: that function runs on the frame of this one's caller.
 *
 * src: llvm-aie: llvm/lib/Target/AIE/AIE2FrameLowering.cpp, the direction of growth [code]
 * src: llvm-aie: llvm/lib/Target/AIE/AIE2CallingConv.td, CSR_AIE2: a call keeps p6 and p7 [code]
 */
#include "stack_int.h"

#include <string.h>

enum {
    MAX_MERGES = 64, /* at one place, before it counts as growing without end */
    FIRST_KEPT_POINTER = 6,
    MAX_DEPTH = 1 << 24,
};

typedef struct walker {
    stack_image *image;
    uint32_t function, walk;
    uint32_t *work; /* addresses whose state changed */
    size_t n_work, capacity;
    struct {
        uint32_t first, last;
    } loops[STACK_MAX_LOOPS];
    unsigned n_loops;
    bool has_first, has_last; /* half of a hardware loop is known */
    uint32_t first, last;
    ts_aie2_register sp, ls, le;
} walker;

/* A jump of a bundle. */
typedef struct leap {
    const ts_aie2_instruction *in; /* NULL: none */
    bool is_known;
    uint32_t target;
} leap;

static ts_stack_function *self(const walker *w) {
    return &w->image->functions[w->function];
}

static void note_open(walker *w, uint8_t what, uint32_t address, const char *name) {
    ts_stack_function *f = self(w);
    const stack_region *region = stack_region_at(w->image, address);
    if (!f->open) {
        f->open_at = region ? address - region->shown : address;
        f->open_name = name;
    }
    f->open |= what;
}

/* ---- states ---------------------------------------------------------------------------------- */

static void raise_frame(walker *w, const stack_state *s) {
    ts_stack_function *f = self(w);
    if (s->depth > 0 && (uint32_t)s->depth > f->found) f->found = (uint32_t)s->depth;
}

static ts_status push(walker *w, uint32_t address) {
    uint32_t *grown = object_grow(w->image->arena, w->work, w->n_work, &w->capacity, sizeof *grown);
    if (!grown) return ts_fail_nomem(w->image->diag);
    w->work = grown;
    w->work[w->n_work++] = address;
    return TS_OK;
}

/* What two paths agree on; whether the place is to be looked at again. */
static bool merge(walker *w, stack_state *at, const stack_state *s, uint32_t address) {
    uint8_t known = at->known & s->known;
    bool changed;
    for (unsigned i = 0; i < STACK_POINTERS; i++)
        if (known >> i & 1 && at->pointers[i] != s->pointers[i]) known &= (uint8_t) ~(1u << i);
    changed = known != at->known;
    at->known = known;
    if (s->depth == at->depth) return changed;
    note_open(w, TS_STACK_UNBALANCED, address, NULL);
    if (s->depth < at->depth) return changed;
    at->depth = s->depth;
    if (++at->n_merges < MAX_MERGES) return true;
    note_open(w, TS_STACK_VARIABLE, address, NULL);
    return changed;
}

/* A path reaches `address`. */
static ts_status reach(walker *w, uint32_t address, const stack_state *s) {
    stack_region *region = stack_region_at(w->image, address);
    if (!region) {
        note_open(w, TS_STACK_UNREADABLE, address, NULL);
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

static ts_status add_edge(walker *w, uint32_t callee, uint32_t at_call) {
    stack_node *node = &w->image->nodes[w->function];
    for (size_t i = 0; i < node->n_edges; i++) {
        if (node->edges[i].callee != callee) continue;
        if (at_call > node->edges[i].at_call) node->edges[i].at_call = at_call;
        return TS_OK;
    }
    stack_edge *grown =
        object_grow(w->image->arena, node->edges, node->n_edges, &node->capacity, sizeof *grown);
    if (!grown) return ts_fail_nomem(w->image->diag);
    node->edges = grown;
    node->edges[node->n_edges++] = (stack_edge){callee, at_call};
    return TS_OK;
}

static ts_status call(walker *w, const leap *to, const stack_state *s, uint32_t address) {
    if (!to->is_known) {
        note_open(w, TS_STACK_INDIRECT, address, NULL);
        return TS_OK;
    }
    if (!stack_region_at(w->image, to->target)) {
        note_open(w, TS_STACK_ABSENT, address, stack_absent_name(w->image, to->target));
        return TS_OK;
    }
    uint32_t callee = stack_function_at(w->image, to->target, NULL);
    if (!callee) return ts_fail_nomem(w->image->diag);
    w->image->functions[callee].is_called = true;
    return add_edge(w, callee, s->depth > 0 ? (uint32_t)s->depth : 0);
}

/* Whether an address is of the function that is walked. */
static bool is_inside(const walker *w, uint32_t address) {
    uint32_t start = w->image->nodes[w->function].address, size = self(w)->size;
    uint32_t other = stack_find_function(w->image, address);
    if (other == w->function) return true;
    if (size) return address >= start && address - start < size;
    return !other;
}

static ts_status go(walker *w, const leap *to, const stack_state *s, uint32_t address) {
    if (to->is_known && is_inside(w, to->target)) return reach(w, to->target, s);
    return call(w, to, s, address);
}

/* ---- one bundle ------------------------------------------------------------------------------ */

/* An immediate, as the linker will fill it in. */
static uint32_t immediate(const stack_region *region, uint32_t offset, const ts_aie2_bundle *bundle,
                          unsigned slot, unsigned operand) {
    size_t low = 0, high = region->n_relocs;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (region->relocs[middle].offset < offset)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < region->n_relocs && region->relocs[low].offset == offset; low++)
        if (ts_aie2_relocation_of(bundle, slot, operand) == region->relocs[low].type)
            return region->relocs[low].value;
    return (uint32_t)bundle->ops[slot].values[operand];
}

static void add_loop(walker *w) {
    if (!w->has_first || !w->has_last) return;
    for (unsigned i = 0; i < w->n_loops; i++)
        if (w->loops[i].first == w->first && w->loops[i].last == w->last) return;
    if (w->n_loops < STACK_MAX_LOOPS) {
        w->loops[w->n_loops].first = w->first;
        w->loops[w->n_loops++].last = w->last;
    }
    w->has_first = w->has_last = false;
}

/* The first value of the stack pointer is what the entry of a program sets it to. */
static void set_stack_pointer(walker *w, stack_state *s, bool is_known, uint32_t value,
                              uint32_t address) {
    if (!is_known || w->function != w->image->entry) {
        note_open(w, TS_STACK_VARIABLE, address, NULL);
        return;
    }
    w->image->has_start = true;
    w->image->start = value;
    s->depth = 0;
}

static void write_register(walker *w, stack_state *s, ts_aie2_register r, bool is_known,
                           uint32_t value, uint32_t address) {
    const ts_aie2_register_info *info = &ts_aie2_registers[r];
    if (r == w->sp) set_stack_pointer(w, s, is_known, value, address);
    if (r == w->ls && is_known) w->has_first = true, w->first = value;
    if (r == w->le && is_known) w->has_last = true, w->last = value;
    if (r == w->ls || r == w->le) add_loop(w);
    if (info->bank != TS_AIE2_BANK_p || info->index >= STACK_POINTERS) return;
    uint8_t bit = (uint8_t)(1u << info->index);
    s->pointers[info->index] = value;
    s->known = is_known ? s->known | bit : s->known & (uint8_t)~bit;
}

/* `paddb [sp], #64`: the stack pointer is not an operand, but what the instruction changes. */
static void move_stack_pointer(walker *w, stack_state *s, const ts_aie2_op *op, uint32_t address) {
    const ts_aie2_instruction *in = &ts_aie2_instructions[op->instruction];
    for (unsigned i = 0; i < in->n_implicit; i++) {
        if (in->implicit[i].reg != w->sp || !in->implicit[i].write_cycle) continue;
        if (in->n_operands == 1 && !in->operands[0].is_register)
            s->depth += op->values[0];
        else
            note_open(w, TS_STACK_VARIABLE, address, NULL);
    }
    if (s->depth < -MAX_DEPTH || s->depth > MAX_DEPTH) {
        note_open(w, TS_STACK_VARIABLE, address, NULL);
        s->depth = s->depth < 0 ? -MAX_DEPTH : MAX_DEPTH;
    }
}

static leap leap_of(const stack_region *region, uint32_t offset, const ts_aie2_bundle *bundle,
                    unsigned slot, const stack_state *s) {
    const ts_aie2_op *op = &bundle->ops[slot];
    leap out = {.in = &ts_aie2_instructions[op->instruction]};
    if (!out.in->n_operands) return out;
    unsigned last = out.in->n_operands - 1u;
    if (!out.in->operands[last].is_register) {
        out.is_known = true;
        out.target = immediate(region, offset, bundle, slot, last);
        return out;
    }
    unsigned pointer = ts_aie2_registers[op->values[last]].index;
    out.is_known = pointer < STACK_POINTERS && s->known >> pointer & 1;
    if (out.is_known) out.target = s->pointers[pointer];
    return out;
}

static void run_op(walker *w, const stack_region *region, uint32_t offset,
                   const ts_aie2_bundle *bundle, unsigned slot, stack_state *s) {
    const ts_aie2_op *op = &bundle->ops[slot];
    const ts_aie2_instruction *in = &ts_aie2_instructions[op->instruction];
    uint32_t address = region->address + offset;
    bool is_move = in->n_operands == 2 && in->operands[0].is_register &&
                   in->operands[0].write_cycle && !in->operands[0].read_cycle &&
                   !in->operands[1].is_register && !(in->flags & (TS_AIE2_LOADS | TS_AIE2_JUMPS));
    uint32_t value = is_move ? immediate(region, offset, bundle, slot, 1) : 0;
    move_stack_pointer(w, s, op, address);
    for (unsigned i = 0; i < in->n_operands; i++)
        if (in->operands[i].is_register && in->operands[i].write_cycle)
            write_register(w, s, (ts_aie2_register)op->values[i], is_move, value, address);
}

/* Run the bundle at an address; `size` 0: it is none. All slots read what was before it. */
static unsigned run_bundle(walker *w, uint32_t address, stack_state *s, leap *jump) {
    const stack_region *region = stack_region_at(w->image, address);
    ts_aie2_bundle bundle;
    ts_aie2_reject why;
    *jump = (leap){0};
    if (!region) return 0;
    uint32_t offset = address - region->address;
    if (!ts_aie2_decode(region->bytes.data + offset, region->bytes.size - offset, &bundle, &why))
        return 0;
    for (unsigned i = 0; i < bundle.n_ops; i++)
        if (ts_aie2_instructions[bundle.ops[i].instruction].flags & TS_AIE2_JUMPS)
            *jump = leap_of(region, offset, &bundle, i, s);
    for (unsigned i = 0; i < bundle.n_ops; i++)
        run_op(w, region, offset, &bundle, i, s);
    raise_frame(w, s);
    return ts_aie2_formats[bundle.format].size;
}

/* ---- paths ----------------------------------------------------------------------------------- */

/* The five bundles behind a jump; where they end, or 0. */
static uint32_t run_delay_slots(walker *w, uint32_t address, stack_state *s) {
    for (unsigned i = 0; i < TS_AIE2_DELAY_SLOTS; i++) {
        leap ignored;
        unsigned size = run_bundle(w, address, s, &ignored);
        if (!size) {
            note_open(w, TS_STACK_UNREADABLE, address, NULL);
            return 0;
        }
        address += size;
    }
    return address;
}

/* Behind the last bundle of a function whose size is told, where none begins, is padding: that
 * function ends with a call that does not come back. */
static ts_status step_on(walker *w, uint32_t address, const stack_state *s) {
    leap next = {.is_known = true, .target = address};
    uint32_t size = self(w)->size;
    if (size && address - w->image->nodes[w->function].address == size &&
        !stack_find_function(w->image, address))
        return TS_OK;
    return go(w, &next, s, address);
}

static ts_status take_jump(walker *w, const leap *jump, uint32_t address, uint32_t behind,
                           stack_state *s) {
    uint8_t flags = jump->in->flags;
    bool is_loop = !strcmp(jump->in->mnemonic, "jnzd");
    uint32_t next = run_delay_slots(w, behind, s);
    if (!next || flags & TS_AIE2_RETURNS) return TS_OK;
    if (flags & TS_AIE2_CALLS) {
        TS_TRY(call(w, jump, s, address));
        s->known &= (uint8_t) ~((1u << FIRST_KEPT_POINTER) - 1);
        return step_on(w, next, s);
    }
    /* A counted loop goes back into what is walked anyway. */
    if (jump->is_known || !is_loop) TS_TRY(go(w, jump, s, address));
    return strcmp(jump->in->mnemonic, "j") != 0 ? step_on(w, next, s) : TS_OK;
}

static ts_status run_from(walker *w, uint32_t address) {
    const stack_region *region = stack_region_at(w->image, address);
    if (!region) return TS_OK;
    stack_state s = region->states[(address - region->address) / 2];
    leap jump;
    unsigned size = run_bundle(w, address, &s, &jump);
    if (!size) {
        note_open(w, TS_STACK_UNREADABLE, address, NULL);
        return TS_OK;
    }
    if (jump.in) return take_jump(w, &jump, address, address + size, &s);
    for (unsigned i = 0; i < w->n_loops; i++)
        if (w->loops[i].last == address && is_inside(w, w->loops[i].first))
            TS_TRY(reach(w, w->loops[i].first, &s));
    return step_on(w, address + size, &s);
}

ts_status stack_walk(stack_image *image, uint32_t function) {
    walker w = {.image = image,
                .function = function,
                .walk = ++image->n_walks,
                .sp = ts_aie2_register_named("SP", 2),
                .ls = ts_aie2_register_named("LS", 2),
                .le = ts_aie2_register_named("LE", 2)};
    const stack_state start = {0};
    image->nodes[function].n_edges = 0;
    self(&w)->found = 0;
    self(&w)->open = 0;
    TS_TRY(reach(&w, image->nodes[function].address, &start));
    while (w.n_work)
        TS_TRY(run_from(&w, w.work[--w.n_work]));
    return TS_OK;
}
