/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * One bundle of a function: what it does to the stack pointer, to the pointers p0 to p7, to LS and
 * LE, and to the return address. Values are known as far as they come from immediates. What would
 * make the rest of a walk meaningless is noted as open.
 *
 * src: llvm-aie: llvm/lib/Target/AIE/AIE2FrameLowering.cpp, the direction of growth [code]
 * src: aie2-facts 1: a load lands 7 cycles after issue, over what was written in between
 */
#include "stack_int.h"

#include <string.h>

enum {
    MAX_DEPTH = 1 << 24,
    RETURN_IN_POINTERS = 32, /* bits of return_in: r0 to r31, p0 to p7, lr */
    RETURN_IN_LR = 40,
};

void stack_note(stack_walker *w, uint8_t what, uint32_t address, const char *name) {
    ts_stack_function *f = stack_self(w);
    const stack_region *region = stack_region_at(w->image, address);
    if (!f->open) {
        f->open_at = region ? address - region->shown : address;
        f->open_name = name;
    }
    f->open |= what;
}

ts_stack_function *stack_self(const stack_walker *w) {
    return &w->image->functions[w->function];
}

/* ---- immediates ------------------------------------------------------------------------------ */

static size_t first_reloc(const stack_region *region, uint32_t offset) {
    size_t low = 0, high = region->n_relocs;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (region->relocs[middle].offset < offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* An immediate, as the linker will fill it in. */
static uint32_t immediate(const stack_region *region, uint32_t offset, const ts_aie2_bundle *bundle,
                          unsigned slot, unsigned operand) {
    for (size_t i = first_reloc(region, offset);
         i < region->n_relocs && region->relocs[i].offset == offset; i++)
        if (ts_aie2_relocation_of(bundle, slot, operand) == region->relocs[i].type)
            return region->relocs[i].value;
    return (uint32_t)bundle->ops[slot].values[operand];
}

/* A relocation that fills none of the bundle's operands makes another bundle of it. */
static void check_relocs(stack_walker *w, const stack_region *region, uint32_t offset,
                         const ts_aie2_bundle *bundle) {
    uint32_t end = offset + ts_aie2_formats[bundle->format].size;
    for (size_t i = first_reloc(region, offset);
         i < region->n_relocs && region->relocs[i].offset < end; i++) {
        unsigned slot, operand;
        if (region->relocs[i].offset != offset ||
            !ts_aie2_relocated_operand(bundle, region->relocs[i].type, &slot, &operand))
            stack_note(w, TS_STACK_UNREADABLE, region->address + offset, NULL);
    }
}

/* ---- registers ------------------------------------------------------------------------------- */

/* What an op writes to a register, visible `cycle` bundles later. */
typedef struct write {
    uint32_t address; /* of the bundle */
    bool is_known;
    uint32_t value;
    uint8_t cycle;
    bool is_return; /* the function's own return address */
} write;

/* The first value of the stack pointer is what the entry of a program sets it to. */
static void set_stack_pointer(stack_walker *w, stack_state *s, const write *v) {
    stack_image *image = w->image;
    bool is_other = image->has_start && image->start != v->value;
    if (!v->is_known || w->function != image->entry || is_other) {
        stack_note(w, TS_STACK_VARIABLE, v->address, NULL);
        return;
    }
    image->has_start = true;
    image->start = v->value;
    s->depth = 0;
}

/* LS and LE, of all loops of the function: what is true when it is not known which of them holds.
 */
static void add_loop_end(stack_walker *w, unsigned which, const write *v) {
    uint32_t *list = which == STACK_LS ? w->firsts : w->lasts;
    unsigned *n = which == STACK_LS ? &w->n_firsts : &w->n_lasts;
    for (unsigned i = 0; v->is_known && i < *n; i++)
        if (list[i] == v->value) return;
    if (v->is_known && *n < STACK_MAX_LOOPS)
        list[(*n)++] = v->value;
    else
        stack_note(w, TS_STACK_FLOW, v->address, NULL);
}

/* A write that is known is none when an older one lands behind it. */
static void set_value(stack_state *s, unsigned which, const write *v) {
    uint16_t bit = (uint16_t)(1u << which);
    bool is_known = v->is_known && !s->landing[which];
    s->values[which] = v->value;
    s->known = is_known ? s->known | bit : s->known & (uint16_t)~bit;
    if (!v->is_known && v->cycle > s->landing[which]) s->landing[which] = v->cycle;
}

static int return_bit(const stack_walker *w, ts_aie2_register r) {
    const ts_aie2_register_info *info = &ts_aie2_registers[r];
    if (r == w->lr) return RETURN_IN_LR;
    if (info->bank == TS_AIE2_BANK_r && info->index < RETURN_IN_POINTERS) return info->index;
    if (info->bank == TS_AIE2_BANK_p && info->index < STACK_POINTERS)
        return RETURN_IN_POINTERS + info->index;
    return -1;
}

static bool holds_return(const stack_walker *w, const stack_state *s, ts_aie2_register r) {
    int bit = return_bit(w, r);
    return bit >= 0 && s->return_in >> bit & 1;
}

static void write_register(stack_walker *w, stack_state *s, ts_aie2_register r, const write *v) {
    const ts_aie2_register_info *info = &ts_aie2_registers[r];
    int bit = return_bit(w, r);
    if (bit >= 0) s->return_in &= ~(UINT64_C(1) << bit);
    if (bit >= 0 && v->is_return) s->return_in |= UINT64_C(1) << bit;
    if (r == w->sp) set_stack_pointer(w, s, v);
    if (r == w->ls || r == w->le) {
        unsigned which = r == w->ls ? STACK_LS : STACK_LE;
        add_loop_end(w, which, v);
        set_value(s, which, v);
    }
    if (info->bank == TS_AIE2_BANK_p && info->index < STACK_POINTERS) set_value(s, info->index, v);
}

void stack_forget_at_call(stack_state *s) {
    /* src: llvm-aie: llvm/lib/Target/AIE/AIE2CallingConv.td, CSR_AIE2: r16 to r23, p6, p7 [code]
     * A return to behind the call, by who forgot to restore lr, is a loop and no deeper. */
    const uint64_t kept =
        UINT64_C(0xff0000) | UINT64_C(0xc0) << RETURN_IN_POINTERS | UINT64_C(1) << RETURN_IN_LR;
    s->known &= 0xc0;
    s->return_in &= kept;
    memset(s->landing, 0, sizeof s->landing);
}

bool stack_has_return_address(const stack_state *s) {
    return s->return_in >> RETURN_IN_LR & 1;
}

stack_state stack_state_at_entry(void) {
    return (stack_state){.return_in = UINT64_C(1) << RETURN_IN_LR};
}

/* ---- ops ------------------------------------------------------------------------------------- */

static void raise_frame(stack_walker *w, int32_t depth) {
    ts_stack_function *f = stack_self(w);
    if (depth > 0 && (uint32_t)depth > f->found) f->found = (uint32_t)depth;
}

/* `paddb [sp], #64`: the stack pointer is not an operand, but what the instruction changes. */
static bool move_stack_pointer(stack_walker *w, stack_state *s, const ts_aie2_op *op,
                               uint32_t address) {
    const ts_aie2_instruction *in = &ts_aie2_instructions[op->instruction];
    bool is_moved = false;
    for (unsigned i = 0; i < in->n_implicit; i++) {
        if (in->implicit[i].reg != w->sp || !in->implicit[i].write_cycle) continue;
        is_moved = true;
        if (in->n_operands == 1 && !in->operands[0].is_register)
            s->depth += op->values[0];
        else
            stack_note(w, TS_STACK_VARIABLE, address, NULL);
    }
    if (s->depth < -MAX_DEPTH || s->depth > MAX_DEPTH) {
        stack_note(w, TS_STACK_VARIABLE, address, NULL);
        s->depth = s->depth < 0 ? -MAX_DEPTH : MAX_DEPTH;
    }
    return is_moved;
}

static bool reads_stack_pointer(const stack_walker *w, const ts_aie2_instruction *in) {
    for (unsigned i = 0; i < in->n_implicit; i++)
        if (in->implicit[i].reg == w->sp && in->implicit[i].read_cycle) return true;
    return false;
}

/* `st r0, [sp, #4]` needs room above the stack pointer. */
static void count_store(stack_walker *w, const ts_aie2_op *op, int32_t depth) {
    const ts_aie2_instruction *in = &ts_aie2_instructions[op->instruction];
    if (!(in->flags & TS_AIE2_STORES) || !reads_stack_pointer(w, in)) return;
    for (unsigned i = 0; i < in->n_operands; i++)
        if (!in->operands[i].is_register && in->operands[0].is_register)
            raise_frame(w, depth + op->values[i] + ts_aie2_registers[op->values[0]].bits / 8);
}

static stack_leap leap_of(const stack_region *region, uint32_t offset, const ts_aie2_bundle *bundle,
                          unsigned slot, const stack_state *s) {
    const ts_aie2_op *op = &bundle->ops[slot];
    stack_leap out = {.in = &ts_aie2_instructions[op->instruction]};
    if (!out.in->n_operands) return out;
    unsigned last = out.in->n_operands - 1u;
    if (!out.in->operands[last].is_register) {
        out.is_known = true;
        out.target = immediate(region, offset, bundle, slot, last);
        return out;
    }
    unsigned pointer = ts_aie2_registers[op->values[last]].index;
    out.is_known = pointer < STACK_POINTERS && s->known >> pointer & 1;
    if (out.is_known) out.target = s->values[pointer];
    return out;
}

/* `before` is what the bundle's ops read. */
static void write_operands(stack_walker *w, const stack_region *region, uint32_t offset,
                           const ts_aie2_bundle *bundle, unsigned slot, const stack_state *before,
                           stack_state *s) {
    const ts_aie2_op *op = &bundle->ops[slot];
    const ts_aie2_instruction *in = &ts_aie2_instructions[op->instruction];
    bool is_load = in->flags & TS_AIE2_LOADS;
    bool is_move = in->n_operands == 2 && in->operands[0].is_register &&
                   in->operands[0].write_cycle && !in->operands[0].read_cycle &&
                   !(in->flags & (TS_AIE2_LOADS | TS_AIE2_STORES | TS_AIE2_JUMPS));
    write v = {.address = region->address + offset};
    if (is_move && !in->operands[1].is_register) {
        v.is_known = true;
        v.value = immediate(region, offset, bundle, slot, 1);
    } else if (is_move && !strcmp(in->mnemonic, "mov")) {
        v.is_return = holds_return(w, before, (ts_aie2_register)op->values[1]);
    }
    for (unsigned i = 0; i < in->n_operands; i++) {
        const ts_aie2_operand *operand = &in->operands[i];
        if (!operand->is_register || !operand->write_cycle) continue;
        ts_aie2_register r = (ts_aie2_register)op->values[i];
        v.cycle = operand->write_cycle;
        /* What memory gives to lr is taken for what was saved there. */
        if (is_load) v.is_return = r == w->lr;
        write_register(w, s, r, &v);
    }
    for (unsigned i = 0; i < in->n_implicit; i++) {
        const write unknown = {.address = v.address, .cycle = in->implicit[i].write_cycle};
        if (unknown.cycle && in->implicit[i].reg != w->sp && in->implicit[i].reg != w->lr)
            write_register(w, s, in->implicit[i].reg, &unknown);
    }
}

static void tick(stack_state *s) {
    for (unsigned i = 0; i < STACK_VALUES; i++)
        if (s->landing[i]) s->landing[i]--;
}

unsigned stack_run_bundle(stack_walker *w, uint32_t address, stack_state *s, stack_leap *jump) {
    const stack_region *region = stack_region_at(w->image, address);
    const stack_state before = *s;
    ts_aie2_bundle bundle;
    ts_aie2_reject why;
    unsigned n_moves = 0;
    *jump = (stack_leap){0};
    w->image->n_steps++;
    if (!region) return 0;
    uint32_t offset = address - region->address;
    if (!ts_aie2_decode(region->bytes.data + offset, region->bytes.size - offset, &bundle, &why))
        return 0;
    check_relocs(w, region, offset, &bundle);
    tick(s);
    for (unsigned i = 0; i < bundle.n_ops; i++) {
        if (ts_aie2_instructions[bundle.ops[i].instruction].flags & TS_AIE2_JUMPS)
            *jump = leap_of(region, offset, &bundle, i, &before);
        n_moves += move_stack_pointer(w, s, &bundle.ops[i], address);
        count_store(w, &bundle.ops[i], before.depth);
        write_operands(w, region, offset, &bundle, i, &before, s);
    }
    if (n_moves > 1) stack_note(w, TS_STACK_VARIABLE, address, NULL);
    raise_frame(w, s->depth);
    return ts_aie2_formats[bundle.format].size;
}
