/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Delay slots, and the return addresses behind those of calls, which must be multiples of 16. A nop
 * put between the last delay slot and there would be skipped on the way back but not help: so a nop
 * among the delay slots is made longer. src: llvm-aie: MCTargetDesc/AIEBaseAsmBackend.cpp,
 * emitInstructionEnd [code]
 *
 * Nobody chose the formats of a scheduled region, so there any bundle from the call on may get a
 * larger one; what even that cannot do, a nop in front of the region does.
 */
#include "asm_int.h"

#include <inttypes.h>
#include <string.h>

enum {
    CODE_ALIGN = 16, /* of return addresses */
    NO_RELOCATION = 0xff,
    MAX_LOOSE = 1 + TS_AIE2_DELAY_SLOTS, /* bundles from a call to where it returns to */
};

/* ---- larger bundles -------------------------------------------------------------------------- */

static bool is_nop_bundle(const ts_aie2_bundle *bundle) {
    for (unsigned i = 0; i < bundle->n_ops; i++)
        if (!ts_aie2_is_nop(&bundle->ops[i])) return false;
    return true;
}

/* Where the op of a slot is in a bundle that has one which does something; else n_ops. */
static unsigned find_op(const ts_aie2_bundle *bundle, unsigned slot) {
    unsigned i = 0;
    while (i < bundle->n_ops && (ts_aie2_is_nop(&bundle->ops[i]) ||
                                 ts_aie2_instructions[bundle->ops[i].instruction].slot != slot))
        i++;
    return i;
}

/* The bundle in another format; false when that has no place for all that it does. */
static bool reformat(const ts_aie2_bundle *bundle, unsigned number, ts_aie2_bundle *out) {
    const ts_aie2_format *format = &ts_aie2_formats[number];
    unsigned n_left = 0;
    for (unsigned i = 0; i < bundle->n_ops; i++)
        n_left += !ts_aie2_is_nop(&bundle->ops[i]);
    *out =
        (ts_aie2_bundle){.format = (uint8_t)number, .n_ops = format->n_slots, .is_canonical = true};
    for (unsigned i = 0; i < format->n_slots; i++) {
        unsigned at = find_op(bundle, format->slots[i]);
        bool does = at < bundle->n_ops;
        out->ops[i] =
            does ? bundle->ops[at] : (ts_aie2_op){.instruction = ts_aie2_nops[format->slots[i]]};
        n_left -= does;
    }
    return n_left == 0;
}

static bool decode_at(const assembler *a, size_t number, ts_aie2_bundle *out) {
    const ts_aie2_asm_bundle *bundle = &a->bundles[number];
    const ts_buf *bytes = &a->sections[bundle->section].bytes;
    ts_aie2_reject why;
    return ts_aie2_decode(bytes->data + bundle->offset, bytes->size - bundle->offset, out, &why);
}

static bool is_fixup_of(const asm_fixup *fixup, const ts_aie2_asm_bundle *bundle) {
    return !fixup->size && fixup->section == bundle->section && fixup->offset == bundle->offset;
}

/* What a fixup of `from` is in `to`: by the slot that its op has in both. */
static asm_fixup carry_fixup(const asm_fixup *fixup, const ts_aie2_bundle *from,
                             const ts_aie2_bundle *to) {
    unsigned slot = ts_aie2_instructions[from->ops[fixup->slot].instruction].slot;
    asm_fixup carried = *fixup;
    carried.slot = (uint8_t)find_op(to, slot);
    int type = ts_aie2_relocation_of(to, carried.slot, fixup->operand);
    carried.relocation = type < 0 ? NO_RELOCATION : (uint8_t)type;
    return carried;
}

/* Whether addresses that `from` can take `to` can take as well. */
static bool keeps_relocations(const assembler *a, size_t number, const ts_aie2_bundle *from,
                              const ts_aie2_bundle *to) {
    for (size_t i = a->n_fixups; i-- > a->sections[a->section].jump_fixup;) {
        const asm_fixup *fixup = &a->fixups[i];
        if (is_fixup_of(fixup, &a->bundles[number]) && fixup->relocation != NO_RELOCATION &&
            carry_fixup(fixup, from, to).relocation == NO_RELOCATION)
            return false;
    }
    return true;
}

/* The bundle, `by` bytes longer. */
static bool find_larger(const assembler *a, size_t number, unsigned by, ts_aie2_bundle *out) {
    ts_aie2_bundle bundle;
    if (!decode_at(a, number, &bundle)) return false;
    unsigned size = ts_aie2_formats[bundle.format].size + by;
    for (unsigned i = 0; i < ts_aie2_n_formats; i++)
        if (ts_aie2_formats[i].size == size && reformat(&bundle, i, out) &&
            keeps_relocations(a, number, &bundle, out))
            return true;
    return false;
}

/* ---- moving code ----------------------------------------------------------------------------- */

/* What lies behind `offset` moves by `by` bytes. */
static void move_records(assembler *a, uint32_t offset, uint32_t by) {
    asm_section *section = asm_current(a);
    for (size_t i = a->n_bundles; i-- > section->jump_bundle;)
        if (a->bundles[i].section == a->section && a->bundles[i].offset > offset)
            a->bundles[i].offset += by;
    for (size_t i = a->n_fixups; i-- > section->jump_fixup;)
        if (a->fixups[i].section == a->section && a->fixups[i].offset > offset)
            a->fixups[i].offset += by;
    for (size_t i = 0; i < section->n_recent; i++)
        if (section->recent[i]->offset > offset) section->recent[i]->offset += by;
}

/* Room for `by` bytes at `offset`. NULL: reported. */
static uint8_t *make_room(assembler *a, uint32_t offset, unsigned by) {
    size_t behind = asm_current(a)->bytes.size - offset;
    if (!asm_reserve(a, by, a->p)) return NULL;
    uint8_t *at = asm_current(a)->bytes.data + offset;
    memmove(at + by, at, behind);
    return at;
}

static void carry_fixups(assembler *a, size_t number, const ts_aie2_bundle *from,
                         const ts_aie2_bundle *to) {
    for (size_t i = a->n_fixups; i-- > asm_current(a)->jump_fixup;)
        if (is_fixup_of(&a->fixups[i], &a->bundles[number]))
            a->fixups[i] = carry_fixup(&a->fixups[i], from, to);
}

static bool lengthen(assembler *a, size_t number, unsigned by) {
    ts_aie2_bundle from, to;
    uint8_t bytes[TS_AIE2_MAX_BYTES];
    ts_aie2_reject why;
    if (by == 0) return true;
    if (!decode_at(a, number, &from) || !find_larger(a, number, by, &to)) return true;
    unsigned size = ts_aie2_formats[to.format].size;
    if (is_nop_bundle(&from))
        ts_aie2_fill_nops(bytes, size);
    else if (!ts_aie2_encode(&to, bytes, &why))
        return true;
    uint32_t offset = a->bundles[number].offset;
    uint8_t *at = make_room(a, offset, by);
    if (!at) return false;
    memcpy(at, bytes, size);
    carry_fixups(a, number, &from, &to);
    move_records(a, offset, by);
    return true;
}

/* ---- return addresses ------------------------------------------------------------------------ */

/* Bundles that may grow, from the last on; all that llvm-aie's assembler lets grow are nops. */
static size_t list_loose(const assembler *a, size_t list[MAX_LOOSE], bool only_nops) {
    const asm_section *section = &a->sections[a->section];
    size_t n = 0, first = section->jump_bundle;
    if (first < section->first_loose) first = section->first_loose;
    for (size_t i = a->n_bundles; n < MAX_LOOSE && i-- > first;) {
        ts_aie2_bundle bundle;
        if (a->bundles[i].section != a->section || !decode_at(a, i, &bundle)) continue;
        if (is_nop_bundle(&bundle) || (!only_nops && a->notes[i].region)) list[n++] = i;
    }
    return n;
}

/* By how much a bundle can grow: bit n says by 2n bytes. */
static unsigned growths(const assembler *a, size_t number) {
    ts_aie2_bundle larger;
    unsigned set = 1;
    for (unsigned by = 2; by < TS_AIE2_MAX_BYTES; by += 2)
        if (find_larger(a, number, by, &larger)) set |= 1u << by / 2;
    return set;
}

/* Shares out `gap` bytes among bundles that can grow so: as much as can be to the first, and so on.
 */
static bool share_out(const unsigned *can, size_t n, unsigned gap, unsigned *by) {
    if (n == 0) return gap == 0;
    for (unsigned i = 0; i <= gap; i += 2) {
        by[0] = gap - i;
        if ((can[0] >> by[0] / 2 & 1) && share_out(can + 1, n - 1, i, by + 1)) return true;
    }
    return false;
}

static bool lengthen_all(assembler *a, const size_t *list, size_t n, const unsigned *by) {
    for (size_t i = 0; i < n; i++)
        if (!lengthen(a, list[i], by[i])) return false;
    return true;
}

/* One nop takes all, as in llvm-aie's assembler, or the bundles of a region share. */
static bool stretch(assembler *a, unsigned gap, bool *done) {
    size_t list[MAX_LOOSE];
    unsigned can[MAX_LOOSE], by[MAX_LOOSE];
    size_t n = list_loose(a, list, true);
    for (size_t i = 0; i < n; i++)
        if ((*done = (growths(a, list[i]) >> gap / 2 & 1) != 0)) return lengthen(a, list[i], gap);
    n = list_loose(a, list, false);
    for (size_t i = 0; i < n; i++)
        can[i] = growths(a, list[i]);
    *done = share_out(can, n, gap, by);
    return !*done || lengthen_all(a, list, n, by);
}

/* The bundle at the end of the list comes before all of the region's. */
static void bring_forward(assembler *a) {
    size_t first = a->region.first_bundle++, last = a->n_bundles - 1;
    ts_aie2_asm_bundle bundle = a->bundles[last];
    asm_bundle_note note = a->notes[last];
    memmove(&a->bundles[first + 1], &a->bundles[first], (last - first) * sizeof bundle);
    memmove(&a->notes[first + 1], &a->notes[first], (last - first) * sizeof note);
    a->bundles[first] = bundle;
    a->notes[first] = note;
}

/* Whatever the region does is done a cycle later, all of it. */
static bool put_before_region(assembler *a, unsigned gap) {
    const asm_region *region = &a->region;
    ts_aie2_asm_bundle nop = a->bundles[region->first_bundle];
    const asm_bundle_note note = {.place = region->place};
    uint8_t *at = make_room(a, nop.offset, gap);
    if (!at || !asm_add_record(a, &nop, &note)) return false;
    ts_aie2_fill_nops(at, gap);
    for (size_t i = region->first_bundle; i + 1 < a->n_bundles; i++)
        a->bundles[i].offset += gap;
    for (size_t i = region->first_fixup; i < a->n_fixups; i++)
        a->fixups[i].offset += gap;
    bring_forward(a);
    return true;
}

static bool is_call_of_region(const assembler *a) {
    return a->region.is_being_put && !a->region.is_in_delay &&
           a->sections[a->section].jump_bundle >= a->region.first_bundle;
}

static bool align_return(assembler *a) {
    asm_section *section = asm_current(a);
    unsigned gap = (unsigned)(CODE_ALIGN - section->bytes.size % CODE_ALIGN) % CODE_ALIGN;
    if (section->align < CODE_ALIGN) section->align = CODE_ALIGN;
    bool done = gap == 0;
    if (!done && gap % 2 == 0 && !stretch(a, gap, &done)) return false;
    if (!done && gap % 2 == 0 && is_call_of_region(a)) return put_before_region(a, gap);
    if (done || section->delay_unchecked) return true;
    return asm_error_at(a, TS_CONFLICT, section->jump,
                        "this call returns to offset 0x%zx; it must be a multiple of %d: put nops "
                        "into the bundles of the delay slots to make them %u bytes longer",
                        section->bytes.size, CODE_ALIGN, gap);
}

/* ---- delay slots ----------------------------------------------------------------------------- */

static uint32_t line_of(asm_place place) {
    uint32_t line = place.source->first_line;
    for (const char *p = place.source->text; p < place.at; p++)
        line += *p == '\n';
    return line;
}

static void begin_delay(assembler *a, bool is_call, asm_place place, size_t first_fixup) {
    asm_section *section = asm_current(a);
    section->delay = TS_AIE2_DELAY_SLOTS;
    section->delay_of_call = is_call;
    section->delay_unchecked = a->no_hazards;
    section->jump = place;
    section->jump_bundle = a->n_bundles - 1;
    section->jump_offset = a->bundles[a->n_bundles - 1].offset;
    section->jump_fixup = first_fixup;
    section->n_recent = 0;
}

bool asm_count_delay(assembler *a, unsigned flags, asm_place place, size_t first_fixup) {
    asm_section *section = asm_current(a);
    if (section->delay) {
        if ((flags & TS_AIE2_JUMPS) && !a->no_hazards)
            return asm_error_at(a, TS_CONFLICT, place,
                                "a jump in the delay slots of the jump on line %" PRIu32
                                "; %d bundles must come between",
                                line_of(section->jump), TS_AIE2_DELAY_SLOTS);
        if (--section->delay == 0 && section->delay_of_call && !align_return(a)) return false;
    }
    if (flags & TS_AIE2_JUMPS) begin_delay(a, (flags & TS_AIE2_CALLS) != 0, place, first_fixup);
    return true;
}

bool asm_count_padding(assembler *a, uint32_t end) {
    asm_section *section = asm_current(a);
    if (!section->delay || --section->delay || !section->delay_of_call) return true;
    if (section->align < CODE_ALIGN) section->align = CODE_ALIGN;
    if (end % CODE_ALIGN == 0 || section->delay_unchecked) return true;
    return asm_error_at(a, TS_CONFLICT, section->jump,
                        "this call returns to offset 0x%" PRIx32
                        ", into or behind an alignment; it must be a multiple of %d",
                        end, CODE_ALIGN);
}
