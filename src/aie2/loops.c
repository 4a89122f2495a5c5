/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Loops as the code itself tells of them. A hardware loop is a value for LS and one for LE, the
 * addresses of its first and last bundle; any other is a jump back to an address that the jump
 * names, or that its pointer was last given. What is computed at run time stays unknown.
 * src: FIM43-Redeye/xdna-emu: src/interpreter/state/context.rs, check_hardware_loop [observed]
 */
#include "aie2_int.h"

#include <string.h>

enum {
    N_POINTERS = 8,
    UNKNOWN = -1
};

typedef struct walker {
    const ts_aie2_code *code;
    ts_arena *arena;
    ts_aie2_loop *loops;
    size_t n_loops, capacity;
    int64_t pointers[N_POINTERS], loop_start, loop_end;
    size_t next_relocation;
    struct pending { /* a jump back whose delay slots are still to come */
        uint32_t target;
        unsigned n_left; /* 0: none */
    } pending;
    bool failed;
} walker;

static bool read_bundle(const ts_aie2_code *code, uint32_t offset, ts_aie2_bundle *out) {
    ts_aie2_reject why;
    return ts_aie2_decode(code->bytes.data + offset, code->bytes.size - offset, out, &why);
}

static void count(const ts_aie2_code *code, ts_aie2_loop *loop) {
    for (uint32_t at = loop->first; at <= loop->last;) {
        ts_aie2_bundle bundle;
        if (!read_bundle(code, at - code->address, &bundle)) {
            at += 2;
            continue;
        }
        bool is_idle = true;
        for (unsigned i = 0; i < bundle.n_ops; i++) {
            if (ts_aie2_is_nop(&bundle.ops[i])) continue;
            is_idle = false;
            loop->n_used[ts_aie2_instructions[bundle.ops[i].instruction].slot]++;
        }
        loop->n_idle += is_idle;
        loop->n_bundles++;
        at += ts_aie2_formats[bundle.format].size;
    }
}

static void add_loop(walker *w, uint32_t first, uint32_t last, bool is_hardware) {
    ts_aie2_loop *grown =
        ts_arena_room(w->arena, w->loops, w->n_loops, &w->capacity, sizeof *grown);
    if (!grown) {
        w->failed = true;
        return;
    }
    w->loops = grown;
    ts_aie2_loop *loop = &w->loops[w->n_loops++];
    *loop = (ts_aie2_loop){.first = first, .last = last, .is_hardware = is_hardware};
    count(w->code, loop);
}

static bool has_address(const ts_aie2_code *code, int64_t address) {
    return address >= code->address && address - code->address < (int64_t)code->bytes.size;
}

static int64_t address_of(const ts_aie2_code *code, const char *symbol) {
    for (size_t i = 0; i < code->n_labels; i++)
        if (strcmp(code->labels[i].name, symbol) == 0) return code->labels[i].address;
    return UNKNOWN;
}

/* An immediate as the linker would fill it in, where the symbol is a label here. */
static int64_t immediate(const walker *w, uint32_t offset, const ts_aie2_bundle *bundle,
                         unsigned slot, unsigned operand) {
    for (size_t i = w->next_relocation; i < w->code->n_relocations; i++) {
        const ts_aie2_code_relocation *r = &w->code->relocations[i];
        if (r->offset != offset) break;
        if (ts_aie2_relocation_of(bundle, slot, operand) != (int)r->type) continue;
        int64_t address = address_of(w->code, r->symbol);
        return address == UNKNOWN ? UNKNOWN : address + r->addend;
    }
    return bundle->ops[slot].values[operand];
}

static void note_jump(walker *w, int64_t target, uint32_t address) {
    if (target <= address && has_address(w->code, target))
        w->pending = (struct pending){(uint32_t)target, TS_AIE2_DELAY_SLOTS + 1};
}

/* The value that an op moves into a register, or UNKNOWN. */
static int64_t moved_value(const walker *w, uint32_t offset, const ts_aie2_bundle *bundle,
                           unsigned slot) {
    const ts_aie2_instruction *in = &ts_aie2_instructions[bundle->ops[slot].instruction];
    bool is_move =
        in->n_operands == 2 && !in->operands[1].is_register && in->operands[0].write_cycle;
    return is_move ? immediate(w, offset, bundle, slot, 1) : UNKNOWN;
}

static void note_write(walker *w, ts_aie2_register r, int64_t value) {
    const ts_aie2_register_info *info = &ts_aie2_registers[r];
    if (info->bank == TS_AIE2_BANK_p) w->pointers[info->index] = value;
    if (!strcmp(info->name, "LS")) w->loop_start = value;
    if (!strcmp(info->name, "LE")) w->loop_end = value;
}

static void note_op(walker *w, uint32_t offset, const ts_aie2_bundle *bundle, unsigned slot) {
    const ts_aie2_op *op = &bundle->ops[slot];
    const ts_aie2_instruction *in = &ts_aie2_instructions[op->instruction];
    uint32_t address = w->code->address + offset;
    for (unsigned k = 0; k < in->n_operands; k++) {
        const ts_aie2_operand *o = &in->operands[k];
        if (o->is_register && o->write_cycle)
            note_write(w, (ts_aie2_register)op->values[k], moved_value(w, offset, bundle, slot));
    }
    if (!(in->flags & TS_AIE2_JUMPS) || in->flags & (TS_AIE2_CALLS | TS_AIE2_RETURNS)) return;
    unsigned last = in->n_operands - 1u;
    if (!in->operands[last].is_register)
        note_jump(w, immediate(w, offset, bundle, slot, last), address);
    else
        note_jump(w, w->pointers[ts_aie2_registers[op->values[last]].index], address);
}

/* A hardware loop is complete when both its ends are known, whichever came last. */
static void note_hardware_loop(walker *w) {
    if (w->loop_start == UNKNOWN || w->loop_end == UNKNOWN) return;
    if (w->loop_start <= w->loop_end && has_address(w->code, w->loop_start) &&
        has_address(w->code, w->loop_end))
        add_loop(w, (uint32_t)w->loop_start, (uint32_t)w->loop_end, true);
    w->loop_start = w->loop_end = UNKNOWN;
}

ts_status ts_aie2_find_loops(ts_arena *arena, const ts_aie2_code *code, ts_aie2_loop **out,
                             size_t *n, ts_diag *diag) {
    walker w = {.code = code, .arena = arena, .loop_start = UNKNOWN, .loop_end = UNKNOWN};
    for (unsigned i = 0; i < N_POINTERS; i++)
        w.pointers[i] = UNKNOWN;
    for (uint32_t at = 0; at < code->bytes.size;) {
        ts_aie2_bundle bundle;
        while (w.next_relocation < code->n_relocations &&
               code->relocations[w.next_relocation].offset < at)
            w.next_relocation++;
        if (!read_bundle(code, at, &bundle)) {
            at += 2;
            continue;
        }
        for (unsigned i = 0; i < bundle.n_ops; i++)
            note_op(&w, at, &bundle, i);
        note_hardware_loop(&w);
        if (w.pending.n_left && !--w.pending.n_left)
            add_loop(&w, w.pending.target, code->address + at, false);
        at += ts_aie2_formats[bundle.format].size;
    }
    *out = w.loops;
    *n = w.n_loops;
    return w.failed ? ts_fail_nomem(diag) : TS_OK;
}
