/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * From operations to bundles. A line is a bundle; one that ends with ';' goes on on the next, as in
 * llvm-mc. The bytes are written at once, and what is symbolic in them becomes a fixup.
 */
#include "asm_int.h"

#include <string.h>

enum {
    NO_RELOCATION = 0xff,
};

/* ---- bundles --------------------------------------------------------------------------------- */

/* Code addresses that should be multiples of 16: targets of jumps, both ends of a loop. The last
 * fixup is that of the address. */
static bool note_target(assembler *a, const asm_op *op) {
    const ts_aie2_instruction *row = &ts_aie2_instructions[op->op.instruction];
    bool is_start =
        row->n_operands == 2 && row->operands[0].is_register && op->op.values[0] == a->loop_start;
    bool is_end =
        row->n_operands == 2 && row->operands[0].is_register && op->op.values[0] == a->loop_end;
    if (a->no_hazards || (!is_start && !is_end && !(row->flags & TS_AIE2_JUMPS))) return true;
    if (!asm_grow(a, &a->targets, a->n_targets, &a->targets_capacity, sizeof *a->targets))
        return false;
    a->targets[a->n_targets++] = (asm_target){.fixup = a->n_fixups - 1, .is_loop_end = is_end};
    return true;
}

static bool add_fixups(assembler *a, const ts_aie2_bundle *bundle, const asm_op *op,
                       uint32_t offset) {
    unsigned slot = 0;
    while (slot < bundle->n_ops && bundle->ops[slot].instruction != op->op.instruction)
        slot++;
    for (unsigned i = 0; i < op->n_symbolic; i++) {
        int type = ts_aie2_relocation_of(bundle, slot, op->symbolic[i].operand);
        asm_fixup fixup = {
            .value = op->symbolic[i].value,
            .place = op->symbolic[i].place,
            .section = a->section,
            .offset = offset,
            .slot = (uint8_t)slot,
            .operand = op->symbolic[i].operand,
            .relocation = type < 0 ? NO_RELOCATION : (uint8_t)type,
        };
        if (!asm_add_fixup(a, &fixup) || !note_target(a, op)) return false;
    }
    return true;
}

static bool say_reject(assembler *a, const ts_aie2_reject *why, asm_place place) {
    char text[160];
    ts_aie2_reject_text(why, text, sizeof text);
    return asm_error_at(a, TS_RANGE, place, "%s", text);
}

bool asm_add_record(assembler *a, const ts_aie2_asm_bundle *bundle, const asm_bundle_note *note) {
    if (!asm_grow(a, &a->bundles, a->n_bundles, &a->bundles_capacity, sizeof *a->bundles) ||
        !asm_grow(a, &a->notes, a->n_bundles, &a->notes_capacity, sizeof *a->notes))
        return false;
    a->notes[a->n_bundles] = *note;
    a->bundles[a->n_bundles++] = *bundle;
    return true;
}

/* A region begins with nothing in flight. */
static asm_bundle_note note_of(const assembler *a, asm_place place) {
    asm_bundle_note note = {.place = place};
    if (!a->region.is_being_put) return note;
    note.region = a->region.number;
    note.is_start = a->n_bundles == a->region.first_bundle;
    return note;
}

/* A call to an address that is a number already: the text of a linked program, where nothing may
 * move; llvm-aie's own start code has such a call that returns to no multiple of 16. */
static bool calls_number(const asm_op *const *ops, size_t n) {
    for (size_t i = 0; i < n; i++) {
        const ts_aie2_instruction *row = &ts_aie2_instructions[ops[i]->op.instruction];
        if ((row->flags & TS_AIE2_CALLS) && row->n_operands && !row->operands[0].is_register &&
            !ops[i]->n_symbolic)
            return true;
    }
    return false;
}

bool asm_put_bundle(assembler *a, const ts_aie2_bundle *bundle, const asm_op *const *ops, size_t n,
                    uint32_t line, asm_place place) {
    uint8_t bytes[TS_AIE2_MAX_BYTES];
    ts_aie2_reject why;
    uint32_t offset = asm_offset(a);
    unsigned flags = 0;
    size_t first_fixup = a->n_fixups;
    if (!(asm_current(a)->flags & ASM_SHF_EXECINSTR))
        return asm_error_at(a, TS_CONFLICT, place, "operations in section %s, which is not code",
                            asm_current(a)->name);
    if (!ts_aie2_encode(bundle, bytes, &why)) return say_reject(a, &why, place);
    if (!asm_put_bytes(a, bytes, ts_aie2_formats[bundle->format].size, place.at)) return false;
    asm_bundle_note note = note_of(a, place);
    ts_aie2_asm_bundle record = {.section = a->section,
                                 .offset = offset,
                                 .line = line,
                                 .file = place.source->file_index,
                                 .unchecked = a->no_hazards};
    if (!asm_add_record(a, &record, &note)) return false;
    for (size_t i = 0; i < n; i++)
        if (ops[i]->n_symbolic && !add_fixups(a, bundle, ops[i], offset)) return false;
    for (unsigned i = 0; i < bundle->n_ops; i++)
        flags |= ts_aie2_instructions[bundle->ops[i].instruction].flags;
    if (a->no_hazards && calls_number(ops, n)) flags &= ~(unsigned)TS_AIE2_CALLS;
    return asm_count_delay(a, flags, place, first_fixup);
}

/* That two lines are one bundle is easily overlooked. */
static const char *joined_note(const assembler *a, const asm_op *op) {
    return op->line == a->bundle_line ? "" : "; the line before it ends with ';', which joins them";
}

/* Which slots exclude each other: those of lng with it, and nop with all that have their own.
 * src: llvm-aie: llvm/lib/Target/AIE/AIE2CompositeFormats.td [code] */
static bool say_no_format(assembler *a) {
    const asm_op *last = &a->ops[a->n_ops - 1];
    unsigned slot = ts_aie2_instructions[last->op.instruction].slot;
    for (size_t i = 0; i + 1 < a->n_ops; i++) {
        const ts_aie2_instruction *row = &ts_aie2_instructions[a->ops[i].op.instruction];
        if (ts_aie2_choose_format(1u << row->slot | 1u << slot) >= 0) continue;
        return asm_error_at(
            a, TS_CONFLICT, last->place, "no bundle format has %s (slot %s) beside %s (slot %s)%s",
            ts_aie2_instructions[last->op.instruction].mnemonic, ts_aie2_slots[slot].name,
            row->mnemonic, ts_aie2_slots[row->slot].name, joined_note(a, last));
    }
    return asm_error_at(a, TS_CONFLICT, last->place, "no bundle format has these slots together");
}

bool asm_end_bundle(assembler *a) {
    ts_aie2_op ops[TS_AIE2_MAX_OPS];
    const asm_op *list[TS_AIE2_MAX_OPS];
    ts_aie2_bundle bundle;
    ts_aie2_reject why;
    size_t n = a->n_ops;
    for (size_t i = 0; i < n; i++) {
        ops[i] = a->ops[i].op;
        list[i] = &a->ops[i];
    }
    a->n_ops = 0;
    a->slots = 0;
    a->bundle_goes_on = false;
    if (!n) return true;
    if (!ts_aie2_pack(ops, n, &bundle, &why)) return say_reject(a, &why, a->bundle_start);
    return asm_put_bundle(a, &bundle, list, n, a->bundle_line, a->bundle_start);
}

void asm_drop_bundle(assembler *a) {
    a->n_ops = 0;
    a->slots = 0;
    a->bundle_goes_on = false;
}

bool asm_no_bundle(assembler *a, const char *what, const char *at) {
    if (!a->n_ops) return true;
    asm_drop_bundle(a);
    return asm_error(a, TS_SYNTAX, at, "%s within a bundle: the operation before it ends with ';'",
                     what);
}

/* ---- operations ------------------------------------------------------------------------------ */

/* The op behind those of the bundle, which must leave it a slot. */
static bool add_op(assembler *a) {
    asm_op *op = &a->ops[a->n_ops];
    const ts_aie2_instruction *row = &ts_aie2_instructions[op->op.instruction];
    unsigned slot = 1u << row->slot;
    if (a->slots & slot)
        for (size_t i = 0; i < a->n_ops; i++) {
            const ts_aie2_instruction *other = &ts_aie2_instructions[a->ops[i].op.instruction];
            if (other->slot == row->slot)
                return asm_error_at(a, TS_CONFLICT, op->place,
                                    "two operations for slot %s: %s and %s%s",
                                    ts_aie2_slots[row->slot].name, other->mnemonic, row->mnemonic,
                                    joined_note(a, op));
        }
    a->slots |= slot;
    if (a->n_ops++ == 0) {
        a->bundle_start = op->place;
        a->bundle_line = op->line;
        return true;
    }
    return ts_aie2_choose_format(a->slots) >= 0 || say_no_format(a);
}

static bool say_unknown(assembler *a, const char *mnemonic, size_t length) {
    char word[32];
    if (length < sizeof word) {
        memcpy(word, mnemonic, length);
        word[length] = '\0';
        const char *nearest = ts_aie2_nearest_mnemonic(word);
        if (nearest)
            return asm_error(a, TS_UNKNOWN, mnemonic, "no operation '%s'; did you mean '%s'?", word,
                             nearest);
    }
    return asm_error(a, TS_UNKNOWN, mnemonic, "no operation '%.*s'",
                     (int)(length < 60 ? length : 60), mnemonic);
}

static bool says_3d(const char *mnemonic, size_t length) {
    for (size_t i = 0; i + 3 <= length; i++)
        if (mnemonic[i] == '.' && mnemonic[i + 1] == '3' && asm_lower(mnemonic[i + 2]) == 'd')
            return true;
    return false;
}

bool asm_operation(assembler *a, const char *mnemonic, size_t length) {
    size_t first, n_rows, n_tokens;
    asm_token tokens[ASM_MAX_TOKENS];
    if (!ts_aie2_find_mnemonic(mnemonic, length, &first, &n_rows))
        return say_unknown(a, mnemonic, length);
    if (a->n_ops == TS_AIE2_MAX_OPS)
        return asm_error(a, TS_CONFLICT, mnemonic, "more than %d operations in a bundle",
                         TS_AIE2_MAX_OPS);
    asm_op *op = &a->ops[a->n_ops];
    op->place = asm_here(a, mnemonic);
    op->line = a->line;
    memset(op->op.values, 0, sizeof op->op.values);
    if (!asm_read_operands(a, says_3d(mnemonic, length), tokens, &n_tokens)) return false;
    if (!asm_match(a, mnemonic, length, first, n_rows, tokens, op)) return false;
    return a->region.is_open ? asm_add_to_region(a, op) : add_op(a);
}
