/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The end of assembling: values that had to wait become numbers or relocations, then the result is
 * put together.
 */
#include "asm_int.h"

#include <inttypes.h>
#include <string.h>

enum {
    NO_RELOCATION = 0xff,
    CODE_ALIGN = 16,
    LOOP_SETUP_BUNDLES = 7, /* LS, LE and LC are known to the machine so many bundles later */
};

/* ---- values ---------------------------------------------------------------------------------- */

static bool is_local_name(const asm_symbol *symbol) {
    return symbol->length >= 2 && symbol->name[0] == '.' && symbol->name[1] == 'L';
}

/* A symbol that a value needs and that no one has defined, though only this text could. */
static bool check_defined(assembler *a, const asm_symbol *symbol, asm_place place) {
    if (symbol->kind != ASM_UNDEFINED) return true;
    if (symbol->is_numbered)
        return asm_error_at(a, TS_MISSING, place, "no label '%.*s:' behind this",
                            (int)symbol->length, symbol->name);
    if (is_local_name(symbol))
        return asm_error_at(a, TS_MISSING, place, "no label '%.*s' in this text",
                            (int)symbol->length, symbol->name);
    return true;
}

static bool check_symbols(assembler *a, const asm_value *value, asm_place place) {
    return (!value->plus || check_defined(a, value->plus, place)) &&
           (!value->minus || check_defined(a, value->minus, place));
}

/* The symbol of a section itself, for what has no name. */
static asm_symbol *section_symbol(assembler *a, uint32_t number) {
    asm_section *section = &a->sections[number];
    if (section->symbol) return section->symbol;
    asm_symbol *symbol = asm_new_symbol(a, "", 0);
    if (!symbol) return NULL;
    symbol->kind = ASM_LABEL;
    symbol->section = number;
    symbol->type = ASM_STT_SECTION;
    section->symbol = symbol;
    return symbol;
}

/* A section's name means its beginning, where nothing else has that name: of several such sections
 * the first one's, as in llvm-mc. */
static bool name_sections(assembler *a) {
    for (uint32_t i = 0; i < a->n_sections; i++) {
        const char *name = a->sections[i].name;
        asm_symbol *symbol = asm_find_symbol(a, name, strlen(name));
        if (!symbol) return false;
        if (symbol->kind != ASM_UNDEFINED || symbol->has_binding) continue;
        symbol->kind = ASM_LABEL;
        symbol->section = i;
        symbol->type = ASM_STT_SECTION;
        symbol->name = "";
        symbol->length = 0;
        a->sections[i].symbol = symbol;
    }
    return true;
}

static bool add_relocation(assembler *a, const asm_fixup *fixup, const asm_value *value) {
    asm_symbol *symbol = value->plus;
    int64_t addend = value->number;
    if (symbol->kind == ASM_LABEL && (!symbol->length || symbol->is_numbered)) {
        addend += symbol->offset;
        symbol = section_symbol(a, symbol->section);
        if (!symbol) return false;
    }
    if (addend < INT32_MIN || addend > UINT32_MAX)
        return asm_error_at(a, TS_RANGE, fixup->place, "an addend of more than 32 bits");
    asm_section *section = &a->sections[fixup->section];
    if (!asm_grow(a, &section->relocs, section->n_relocs, &section->relocs_capacity,
                  sizeof *section->relocs))
        return false;
    symbol->needs_entry = true;
    section->relocs[section->n_relocs] =
        (ts_aie2_asm_reloc){.offset = fixup->offset, .addend = (int32_t)(uint32_t)(uint64_t)addend};
    section->relocs[section->n_relocs].type = fixup->relocation;
    if (!asm_grow(a, &section->reloc_symbols, section->n_relocs, &section->reloc_symbols_capacity,
                  sizeof(asm_symbol *)))
        return false;
    section->reloc_symbols[section->n_relocs++] = symbol;
    return true;
}

static bool patch_data(assembler *a, const asm_fixup *fixup, int64_t number) {
    if (!asm_fits_bytes(number, fixup->size))
        return asm_error_at(a, TS_RANGE, fixup->place, "%" PRId64 " does not fit into %u byte%s",
                            number, fixup->size, fixup->size == 1 ? "" : "s");
    ts_buf_patch_uint_le(&a->sections[fixup->section].bytes, fixup->offset, (uint64_t)number,
                         fixup->size);
    return true;
}

static bool patch_bundle(assembler *a, const asm_fixup *fixup, int64_t number) {
    ts_buf *bytes = &a->sections[fixup->section].bytes;
    ts_aie2_bundle bundle;
    ts_aie2_reject why;
    if (!ts_aie2_decode(bytes->data + fixup->offset, bytes->size - fixup->offset, &bundle, &why))
        return asm_error_at(a, TS_CONFLICT, fixup->place, "the bundle cannot be changed");
    ts_aie2_op *op = &bundle.ops[fixup->slot];
    const ts_aie2_operand *operand =
        &ts_aie2_instructions[op->instruction].operands[fixup->operand];
    if (!asm_check_immediate(a, operand, number, fixup->place)) return false;
    op->values[fixup->operand] = (int32_t)(uint32_t)(uint64_t)number;
    uint8_t fresh[TS_AIE2_MAX_BYTES];
    if (!ts_aie2_encode(&bundle, fresh, &why))
        return asm_error_at(a, TS_RANGE, fixup->place, "%" PRId64 " cannot be encoded", number);
    memcpy(bytes->data + fixup->offset, fresh, ts_aie2_formats[bundle.format].size);
    return true;
}

static bool settle(assembler *a, const asm_fixup *fixup) {
    asm_value value = fixup->value;
    if (!asm_resolve(a, &value, fixup->place)) return false;
    if (asm_is_number(&value))
        return fixup->size ? patch_data(a, fixup, value.number)
                           : patch_bundle(a, fixup, value.number);
    if (!check_symbols(a, &value, fixup->place)) return false;
    if (value.tree)
        return asm_error_at(a, TS_UNSUPPORTED, fixup->place,
                            "no relocation says this; symbols can only be added to numbers");
    if (value.minus)
        return asm_error_at(a, TS_UNSUPPORTED, fixup->place,
                            "a difference of symbols that are not in one section");
    if (fixup->relocation == NO_RELOCATION)
        return asm_error_at(a, TS_UNSUPPORTED, fixup->place,
                            fixup->size
                                ? "only 4 bytes can hold an address"
                                : "this operand cannot hold an address; a number is needed");
    return add_relocation(a, fixup, &value);
}

/* ---- checks ---------------------------------------------------------------------------------- */

size_t asm_find_bundle(const assembler *a, uint32_t section, uint32_t offset) {
    size_t low = a->sections[section].first_bundle;
    size_t end = low + a->sections[section].n_bundles, high = end;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (a->bundles[a->order[middle]].offset < offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low < end && a->bundles[a->order[low]].offset == offset ? low : SIZE_MAX;
}

/* Within a section bundles come in the order of their offsets. */
static bool order_bundles(assembler *a) {
    a->order = TS_ARENA_ARRAY(a->arena, uint32_t, a->n_bundles);
    if (!a->order) return asm_nomem(a);
    for (size_t i = 0; i < a->n_bundles; i++)
        a->sections[a->bundles[i].section].n_bundles++;
    size_t first = 0;
    for (size_t i = 0; i < a->n_sections; i++) {
        a->sections[i].first_bundle = first;
        first += a->sections[i].n_bundles;
        a->sections[i].n_bundles = 0;
    }
    for (size_t i = 0; i < a->n_bundles; i++) {
        asm_section *section = &a->sections[a->bundles[i].section];
        a->order[section->first_bundle + section->n_bundles++] = (uint32_t)i;
    }
    return true;
}

/* src: llvm-aie: AIE2InstrInfo.cpp, getAlignmentBoundaries [code] */
static bool check_loop_end(assembler *a, const asm_fixup *setup, uint32_t section,
                           uint32_t offset) {
    if (offset % CODE_ALIGN)
        return asm_error_at(a, TS_CONFLICT, setup->place,
                            "the last bundle of a loop must begin at a multiple of %d; this is "
                            "offset 0x%" PRIx32,
                            CODE_ALIGN, offset);
    size_t end = asm_find_bundle(a, section, offset);
    if (end == SIZE_MAX || a->notes[a->order[end]].is_padding)
        return asm_error_at(a, TS_CONFLICT, setup->place, "no bundle begins at this end of a loop");
    size_t at = asm_find_bundle(a, setup->section, setup->offset);
    if (setup->section == section && at < end && end - at < LOOP_SETUP_BUNDLES)
        asm_warning_at(a, setup->place,
                       "the end of a loop is set %zu bundles before it; it should be %d", end - at,
                       LOOP_SETUP_BUNDLES);
    return true;
}

/* src: llvm-aie: AIEMachineAlignment.cpp, verifyAlignment [code] */
static bool check_target(assembler *a, const asm_target *target) {
    const asm_fixup *fixup = &a->fixups[target->fixup];
    asm_value value = fixup->value;
    if (!asm_resolve(a, &value, fixup->place)) return false;
    const asm_symbol *label = value.plus;
    if (!label || value.minus || value.tree || label->kind != ASM_LABEL) return true;
    int64_t offset = label->offset + value.number;
    if (offset < 0 || offset > UINT32_MAX) return true;
    if (target->is_loop_end) return check_loop_end(a, fixup, label->section, (uint32_t)offset);
    if (offset % CODE_ALIGN)
        asm_warning_at(a, fixup->place,
                       "a jump to offset 0x%" PRIx64 "; targets should be multiples of %d",
                       (uint64_t)offset, CODE_ALIGN);
    return true;
}

static void check_delay(assembler *a, const asm_section *section) {
    if (section->delay && !section->delay_unchecked)
        asm_warning_at(a, section->jump,
                       "%s ends within the delay slots of this jump; %" PRIu32 " of %d are missing",
                       section->name, section->delay, TS_AIE2_DELAY_SLOTS);
}

/* llvm-aie ends .text, and only it, at a multiple of 16.
 * src: llvm-aie: MCTargetDesc/AIETargetELFStreamer.cpp, finish [code] */
static bool end_sections(assembler *a) {
    if (a->region.is_open)
        asm_error_at(a, TS_SYNTAX, a->region.place, ".schedule without its .endschedule");
    a->region.is_open = false;
    a->section = 0;
    if (!asm_align(a, CODE_ALIGN, NULL, 0, UINT64_MAX, a->p)) return false;
    for (size_t i = 0; i < a->n_sections; i++) {
        check_delay(a, &a->sections[i]);
        a->sections[i].delay = 0;
    }
    return true;
}

/* ---- the result ------------------------------------------------------------------------------ */

/* Whether a symbol goes into the result; what it stands for is told by then. */
static bool is_kept(const asm_symbol *symbol) {
    if (symbol->needs_entry) return true;
    if (!symbol->length || symbol->is_numbered || symbol->name[0] == '\n') return false;
    if (symbol->kind == ASM_UNDEFINED) return symbol->has_binding;
    return !is_local_name(symbol);
}

static bool is_local(const asm_symbol *symbol) {
    if (symbol->kind == ASM_UNDEFINED && !symbol->has_binding) return false;
    return symbol->binding == ASM_STB_LOCAL;
}

/* A symbol that stands for another one's place, or for a number. */
static bool fill_equal(assembler *a, const asm_symbol *symbol, ts_aie2_asm_symbol *out) {
    asm_value value = symbol->value;
    if (!asm_resolve(a, &value, symbol->place)) return false;
    const asm_symbol *label = value.plus;
    if (value.tree || value.minus || (label && label->kind != ASM_LABEL))
        return asm_error_at(a, TS_UNSUPPORTED, symbol->place,
                            "'%.*s' stands for something that is not in this text",
                            (int)symbol->length, symbol->name);
    int64_t number = value.number + (label ? (int64_t)label->offset : 0);
    if (number < INT32_MIN || number > UINT32_MAX)
        return asm_error_at(a, TS_RANGE, symbol->place, "'%.*s' has more than 32 bits",
                            (int)symbol->length, symbol->name);
    out->place = label ? TS_AIE2_DEFINED : TS_AIE2_ABSOLUTE;
    out->section = label ? label->section : 0;
    out->value = (uint32_t)(uint64_t)number;
    if (label && !symbol->type && label->type != ASM_STT_SECTION) out->type = label->type;
    return true;
}

static bool fill_size(assembler *a, const asm_symbol *symbol, ts_aie2_asm_symbol *out) {
    asm_value size = symbol->size;
    if (!symbol->has_size) return true;
    if (!asm_resolve(a, &size, symbol->size_place)) return false;
    if (!asm_is_number(&size) || size.number < 0 || size.number > UINT32_MAX)
        return asm_error_at(a, TS_RANGE, symbol->size_place, "no size: not a number of bytes");
    out->size = (uint32_t)size.number;
    return true;
}

static bool fill_symbol(assembler *a, const asm_symbol *symbol, ts_aie2_asm_symbol *out) {
    *out = (ts_aie2_asm_symbol){
        .name = symbol->length ? ts_arena_strndup(a->arena, symbol->name, symbol->length) : "",
        .value = symbol->offset,
        .section = symbol->section,
        .binding = is_local(symbol) || symbol->binding ? symbol->binding : ASM_STB_GLOBAL,
        .type = symbol->type,
        .visibility = symbol->visibility,
    };
    if (!out->name) return asm_nomem(a);
    switch (symbol->kind) {
    case ASM_UNDEFINED: out->place = TS_AIE2_UNDEFINED; break;
    case ASM_LABEL: out->place = TS_AIE2_DEFINED; break;
    case ASM_COMMON_SYMBOL: out->place = TS_AIE2_COMMON; break;
    case ASM_EQUAL:
        if (!fill_equal(a, symbol, out)) return false;
        break;
    }
    return fill_size(a, symbol, out);
}

static bool make_symbols(assembler *a, ts_aie2_assembly *out) {
    for (const asm_symbol *s = a->first_symbol; s; s = s->next)
        out->n_symbols += is_kept(s);
    out->symbols = TS_ARENA_ARRAY(a->arena, ts_aie2_asm_symbol, out->n_symbols);
    if (!out->symbols) return asm_nomem(a);
    uint32_t n = 0;
    for (int locals = 1; locals >= 0; locals--) {
        for (asm_symbol *s = a->first_symbol; s && !a->is_stopped; s = s->next) {
            if (!is_kept(s) || is_local(s) != (locals == 1)) continue;
            fill_symbol(a, s, &out->symbols[n]);
            s->index = n++;
        }
        if (locals) out->n_local_symbols = n;
    }
    return a->status == TS_OK;
}

static bool make_sections(assembler *a, ts_aie2_assembly *out) {
    out->sections = TS_ARENA_ARRAY(a->arena, ts_aie2_asm_section, a->n_sections);
    if (!out->sections) return asm_nomem(a);
    out->n_sections = a->n_sections;
    for (size_t i = 0; i < a->n_sections; i++) {
        const asm_section *section = &a->sections[i];
        for (size_t k = 0; k < section->n_relocs; k++)
            section->relocs[k].symbol = section->reloc_symbols[k]->index;
        bool is_room = section->type == ASM_SHT_NOBITS;
        out->sections[i] = (ts_aie2_asm_section){
            .name = section->name,
            .type = section->type,
            .flags = section->flags,
            .align = section->align,
            .entry_size = section->entry_size,
            .size = is_room ? section->room : (uint32_t)section->bytes.size,
            .bytes = ts_buf_span(&section->bytes),
            .group = section->group,
            .linked = section->linked,
            .relocs = section->relocs,
            .n_relocs = section->n_relocs,
        };
    }
    return true;
}

/* Nobody wrote it, and so nobody wants to hear of it. */
static void drop_padding(assembler *a) {
    size_t n = 0;
    for (size_t i = 0; i < a->n_bundles; i++)
        if (!a->notes[i].is_padding) a->bundles[n++] = a->bundles[i];
    a->n_bundles = n;
}

ts_status asm_finish(assembler *a, ts_aie2_assembly *out) {
    if (!a->is_stopped && end_sections(a) && order_bundles(a) && name_sections(a)) {
        for (size_t i = 0; i < a->n_fixups && !a->is_stopped; i++)
            settle(a, &a->fixups[i]);
        for (size_t i = 0; i < a->n_targets && !a->is_stopped; i++)
            check_target(a, &a->targets[i]);
    }
    if (a->status != TS_OK || !make_symbols(a, out) || !make_sections(a, out) ||
        !asm_find_hazards(a)) {
        *out = (ts_aie2_assembly){0};
        return a->status;
    }
    drop_padding(a);
    out->bundles = a->bundles;
    out->n_bundles = a->n_bundles;
    out->files = a->files;
    out->n_files = a->n_files;
    return TS_OK;
}
