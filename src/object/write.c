/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Writing ELF files. First the model is checked, so that whatever is written can be read; then the
 * sections of the file are listed, tables included; then every one gets its place; then bytes.
 *
 *   ELF header | program headers | segments | groups | section, its relocations | ... | symbols |
 *   strings | section names | section headers
 *
 * The order is that of LLVM's object files, with the relocations beside what they are for.
 *
 * src: gABI: chapter 4, for all records [documented]
 */
#include "object_int.h"

#include <inttypes.h>
#include <string.h>

enum {
    /* Sections begin at their alignment in the file too, up to this one; segments, at their
     * address modulo theirs, up to a page. Whoever loads a program for AIE copies it. */
    MAX_SECTION_FILE_ALIGN = 64,
    MAX_SEGMENT_FILE_ALIGN = 4096,
};

/* A section of the file. */
typedef struct out_section {
    uint32_t name_at, type, flags, addr, offset, size, link, info, align, entry_size;
    ts_span bytes;
    bool in_segment; /* written with its segment */
} out_section;

typedef struct writer {
    const ts_object *object;
    ts_arena *arena;
    ts_diag *diag;
    uint32_t *symbol_order;  /* number in the file -> in the model */
    uint32_t *symbol_number; /* number in the model -> in the file */
    uint32_t n_local;        /* with the reserved one */
    out_section *sections;
    size_t n_sections, capacity;
    uint32_t *section_number; /* number in the model -> in the file */
    uint32_t symbols;         /* number of the symbol table in the file */
    ts_buf names, strings;    /* the string tables */
    uint32_t *segment_off;
    uint64_t end; /* of what has a place */
} writer;

/* A model without entries has just the reserved one. */
static size_t at_least_one(size_t n) {
    return n ? n : 1;
}

/* ---- does the model hold together? ----------------------------------------------------------- */

static ts_status check_name(const writer *w, const char *what, size_t index, const char *name) {
    if (!name)
        return ts_fail(w->diag, TS_CONFLICT, w->object->file, "%s %zu has no name, not even \"\"",
                       what, index);
    if (strnlen(name, TS_OBJECT_MAX_NAME_BYTES + 1) > TS_OBJECT_MAX_NAME_BYTES)
        return ts_fail(w->diag, TS_RANGE, w->object->file,
                       "%s %zu has a name of more than %d bytes", what, index,
                       TS_OBJECT_MAX_NAME_BYTES);
    return TS_OK;
}

static ts_status check_object(const writer *w) {
    const ts_object *o = w->object;
    if (o->type != TS_ET_REL && o->type != TS_ET_EXEC)
        return ts_fail(w->diag, TS_RANGE, o->file,
                       "the ELF type is %u; expected %d (relocatable) or %d (executable)", o->type,
                       TS_ET_REL, TS_ET_EXEC);
    if (o->n_symbols > TS_OBJECT_MAX_SYMBOLS)
        return ts_fail(w->diag, TS_RANGE, o->file, "%zu symbols; at most %d are allowed",
                       o->n_symbols, TS_OBJECT_MAX_SYMBOLS);
    if (o->n_segments > TS_OBJECT_MAX_SEGMENTS)
        return ts_fail(w->diag, TS_RANGE, o->file, "%zu segments; at most %d are allowed",
                       o->n_segments, TS_OBJECT_MAX_SEGMENTS);
    if (o->n_sections > TS_OBJECT_MAX_SECTIONS)
        return ts_fail(w->diag, TS_RANGE, o->file, "%zu sections; at most %d are allowed",
                       o->n_sections, TS_OBJECT_MAX_SECTIONS);
    return TS_OK;
}

/* Types that writing makes itself from the rest of the model. */
static bool is_made(uint32_t type) {
    return type == TS_SHT_NULL || type == TS_SHT_SYMTAB || type == TS_SHT_RELA ||
           type == TS_SHT_REL || type == TS_SHT_GROUP || type == TS_SHT_SYMTAB_SHNDX;
}

static ts_status check_references(const writer *w, size_t index) {
    const ts_object *o = w->object;
    const ts_object_section *section = &o->sections[index];
    if (section->link >= o->n_sections && section->link != TS_OBJECT_LINK_SYMBOLS)
        return ts_fail(w->diag, TS_CONFLICT, o->file,
                       "section %s is linked to section %" PRIu32 " of %zu", section->name,
                       section->link, o->n_sections);
    if (section->flags & TS_SHF_INFO_LINK && section->info >= o->n_sections)
        return ts_fail(w->diag, TS_CONFLICT, o->file, "%s tells of section %" PRIu32 " of %zu",
                       section->name, section->info, o->n_sections);
    if (section->group >= at_least_one(o->n_groups))
        return ts_fail(w->diag, TS_CONFLICT, o->file, "section %s is in group %" PRIu32 " of %zu",
                       section->name, section->group, o->n_groups);
    if (section->in_segment && (section->type == TS_SHT_NOBITS || !section->bytes.size ||
                                !(section->flags & TS_SHF_ALLOC) ||
                                !object_segment_at(o, section->addr, section->bytes.size)))
        return ts_fail(w->diag, TS_CONFLICT, o->file,
                       "section %s, %zu bytes at address 0x%" PRIx32
                       ", is said to lie in a segment, but does not",
                       section->name, section->bytes.size, section->addr);
    return TS_OK;
}

static ts_status check_relocs(const writer *w, const ts_object_section *section) {
    const ts_object *o = w->object;
    uint32_t start = o->type == TS_ET_REL ? 0 : section->addr;
    for (size_t i = 0; i < section->n_relocs; i++) {
        const ts_object_reloc *reloc = &section->relocs[i];
        if (reloc->symbol >= at_least_one(o->n_symbols))
            return ts_fail(w->diag, TS_CONFLICT, o->file,
                           "a relocation of %s with symbol %" PRIu32 " of %zu", section->name,
                           reloc->symbol, o->n_symbols);
        if (reloc->offset < start || reloc->offset - start >= ts_object_section_size(section))
            return ts_fail(w->diag, TS_CONFLICT, o->file,
                           "a relocation at 0x%" PRIx32 "; %s begins at 0x%" PRIx32
                           " and has %" PRIu32 " bytes",
                           reloc->offset, section->name, start, ts_object_section_size(section));
    }
    return TS_OK;
}

static ts_status check_section(const writer *w, size_t index) {
    const ts_object_section *section = &w->object->sections[index];
    TS_TRY(check_name(w, "section", index, section->name));
    if (is_made(section->type))
        return ts_fail(w->diag, TS_CONFLICT, w->object->file,
                       "section %s has type %" PRIu32 "; such tables are made by writing",
                       section->name, section->type);
    if (section->bytes.size && section->type == TS_SHT_NOBITS)
        return ts_fail(w->diag, TS_CONFLICT, w->object->file,
                       "section %s is NOBITS and has %zu bytes", section->name,
                       section->bytes.size);
    if (section->bytes.size > UINT32_MAX)
        return ts_fail(w->diag, TS_RANGE, w->object->file,
                       "section %s has %zu bytes; at most %" PRIu32 " are allowed", section->name,
                       section->bytes.size, UINT32_MAX);
    if (!object_is_alignment(section->align))
        return ts_fail(w->diag, TS_RANGE, w->object->file,
                       "section %s has the alignment %" PRIu32 "; expected a power of 2",
                       section->name, section->align);
    if (section->flags & TS_SHF_ALLOC &&
        ts_object_section_size(section) > UINT64_C(0x100000000) - section->addr)
        return ts_fail(w->diag, TS_RANGE, w->object->file,
                       "section %s has %" PRIu32 " bytes at address 0x%" PRIx32
                       ", beyond the last address",
                       section->name, ts_object_section_size(section), section->addr);
    TS_TRY(check_references(w, index));
    return check_relocs(w, section);
}

static ts_status check_symbol(const writer *w, size_t index) {
    const ts_object_symbol *symbol = &w->object->symbols[index];
    TS_TRY(check_name(w, "symbol", index, symbol->name));
    if (symbol->place == TS_OBJECT_DEFINED &&
        (!symbol->section || symbol->section >= w->object->n_sections))
        return ts_fail(w->diag, TS_CONFLICT, w->object->file,
                       "the symbol '%s' is in section %" PRIu32 " of %zu", symbol->name,
                       symbol->section, w->object->n_sections);
    if (symbol->binding > 15 || symbol->type > 15)
        return ts_fail(w->diag, TS_RANGE, w->object->file,
                       "the symbol '%s' has binding %u and type %u; at most 15 are allowed",
                       symbol->name, symbol->binding, symbol->type);
    return TS_OK;
}

static ts_status check_segment(const writer *w, size_t index) {
    const ts_object_segment *segment = &w->object->segments[index];
    const char *file = w->object->file;
    if (segment->bytes.size && segment->bytes.size != segment->file_size)
        return ts_fail(w->diag, TS_CONFLICT, file,
                       "segment %zu has %zu bytes; it is said to have %" PRIu32 " in the file",
                       index, segment->bytes.size, segment->file_size);
    if (segment->type == TS_PT_LOAD && segment->file_size > segment->mem_size)
        return ts_fail(w->diag, TS_RANGE, file,
                       "segment %zu has %" PRIu32 " bytes in the file and %" PRIu32
                       " in memory; expected at most as many",
                       index, segment->file_size, segment->mem_size);
    if (segment->mem_size > UINT64_C(0x100000000) - segment->vaddr)
        return ts_fail(w->diag, TS_RANGE, file,
                       "segment %zu has %" PRIu32 " bytes at address 0x%" PRIx32
                       ", beyond the last address",
                       index, segment->mem_size, segment->vaddr);
    if (!object_is_alignment(segment->align))
        return ts_fail(w->diag, TS_RANGE, file,
                       "segment %zu has the alignment %" PRIu32 "; expected a power of 2", index,
                       segment->align);
    return TS_OK;
}

static ts_status check_model(const writer *w) {
    const ts_object *o = w->object;
    TS_TRY(check_object(w));
    for (size_t i = 1; i < o->n_sections; i++)
        TS_TRY(check_section(w, i));
    for (size_t i = 1; i < o->n_symbols; i++)
        TS_TRY(check_symbol(w, i));
    for (size_t i = 1; i < o->n_groups; i++)
        if (o->groups[i].symbol >= at_least_one(o->n_symbols))
            return ts_fail(w->diag, TS_CONFLICT, o->file,
                           "group %zu is named by symbol %" PRIu32 " of %zu", i,
                           o->groups[i].symbol, o->n_symbols);
    for (size_t i = 0; i < o->n_segments; i++)
        TS_TRY(check_segment(w, i));
    return TS_OK;
}

/* ---- numbers in the file --------------------------------------------------------------------- */

static ts_status order_symbols(writer *w) {
    const ts_object *o = w->object;
    size_t n = at_least_one(o->n_symbols);
    w->symbol_order = TS_ARENA_ARRAY(w->arena, uint32_t, n);
    w->symbol_number = TS_ARENA_ARRAY(w->arena, uint32_t, n);
    if (!w->symbol_order || !w->symbol_number) return ts_fail_nomem(w->diag);
    uint32_t next = 1;
    for (int is_local = 1; is_local >= 0; is_local--) {
        for (size_t i = 1; i < n; i++)
            if ((o->symbols[i].binding == TS_STB_LOCAL) == is_local)
                w->symbol_order[next++] = (uint32_t)i;
        if (is_local) w->n_local = next;
    }
    bool is_same = true;
    for (uint32_t i = 1; i < n; i++) {
        w->symbol_number[w->symbol_order[i]] = i;
        is_same = is_same && w->symbol_order[i] == i;
    }
    for (size_t i = 1; i < o->n_sections && !is_same; i++)
        if (o->sections[i].link == TS_OBJECT_LINK_SYMBOLS)
            return ts_fail(w->diag, TS_CONFLICT, o->file,
                           "section %s may hold numbers of symbols, so their order must stay; but "
                           "a local symbol is behind others",
                           o->sections[i].name);
    return TS_OK;
}

static bool has_relocs(const ts_object_section *section, bool in_place) {
    for (size_t i = 0; i < section->n_relocs; i++)
        if (section->relocs[i].in_place == in_place) return true;
    return false;
}

/* Groups first, as their members must follow them; then sections with their relocations. */
static ts_status number_sections(writer *w) {
    const ts_object *o = w->object;
    w->section_number = TS_ARENA_ARRAY(w->arena, uint32_t, at_least_one(o->n_sections));
    if (!w->section_number) return ts_fail_nomem(w->diag);
    size_t next = at_least_one(o->n_groups);
    for (size_t i = 1; i < o->n_sections; i++) {
        w->section_number[i] = (uint32_t)next++;
        next += (size_t)has_relocs(&o->sections[i], false) + has_relocs(&o->sections[i], true);
    }
    w->symbols = (uint32_t)next;
    w->capacity = next + 3;
    if (w->capacity - 1 > TS_OBJECT_MAX_SECTIONS)
        return ts_fail(w->diag, TS_RANGE, o->file,
                       "%zu sections with all tables; at most %d are allowed", w->capacity - 1,
                       TS_OBJECT_MAX_SECTIONS);
    w->sections = TS_ARENA_ARRAY(w->arena, out_section, w->capacity);
    if (!w->sections) return ts_fail_nomem(w->diag);
    w->n_sections = 1;
    return TS_OK;
}

/* ---- the sections of the file ---------------------------------------------------------------- */

/* The place of a name in a string table: `prefix` and `name`. */
static uint32_t put_name(ts_buf *table, const char *prefix, const char *name) {
    size_t at = table->size;
    if (!prefix[0] && !name[0]) return 0;
    ts_buf_text(table, prefix);
    ts_buf_text(table, name);
    ts_buf_u8(table, 0);
    return (uint32_t)at;
}

static out_section *add(writer *w, const char *prefix, const char *name, uint32_t type,
                        ts_span bytes) {
    out_section *section = &w->sections[w->n_sections++];
    section->name_at = put_name(&w->names, prefix, name);
    section->type = type;
    section->bytes = bytes;
    section->size = (uint32_t)bytes.size;
    section->align = 1;
    return section;
}

/* The members of all groups, gathered in one pass over the sections. */
static ts_status list_groups(writer *w) {
    const ts_object *o = w->object;
    ts_buf *words = TS_ARENA_ARRAY(w->arena, ts_buf, o->n_groups);
    if (!words) return ts_fail_nomem(w->diag);
    for (size_t i = 1; i < o->n_groups; i++) {
        words[i] = ts_buf_in(w->arena);
        ts_buf_u32le(&words[i], o->groups[i].flags);
    }
    for (size_t i = 1; i < o->n_sections; i++) {
        const ts_object_section *section = &o->sections[i];
        if (!section->group) continue;
        uint32_t number = w->section_number[i];
        ts_buf_u32le(&words[section->group], number);
        if (has_relocs(section, false)) ts_buf_u32le(&words[section->group], ++number);
        if (has_relocs(section, true)) ts_buf_u32le(&words[section->group], ++number);
    }
    for (size_t i = 1; i < o->n_groups; i++) {
        if (words[i].failed) return ts_fail_nomem(w->diag);
        out_section *out = add(w, "", ".group", TS_SHT_GROUP, ts_buf_span(&words[i]));
        out->link = w->symbols;
        out->info = w->symbol_number[o->groups[i].symbol];
        out->align = out->entry_size = 4;
    }
    return TS_OK;
}

static void list_relocs(writer *w, uint32_t index, bool in_place) {
    const ts_object_section *section = &w->object->sections[index];
    ts_buf records = ts_buf_in(w->arena);
    for (size_t i = 0; i < section->n_relocs; i++) {
        const ts_object_reloc *reloc = &section->relocs[i];
        if (reloc->in_place != in_place) continue;
        ts_buf_u32le(&records, reloc->offset);
        ts_buf_u32le(&records, w->symbol_number[reloc->symbol] << 8 | reloc->type);
        if (!in_place) ts_buf_u32le(&records, (uint32_t)reloc->addend);
    }
    w->names.failed |= records.failed;
    out_section *out = add(w, in_place ? ".rel" : ".rela", section->name,
                           in_place ? TS_SHT_REL : TS_SHT_RELA, ts_buf_span(&records));
    out->flags = TS_SHF_INFO_LINK | (section->group ? TS_SHF_GROUP : 0);
    out->link = w->symbols;
    out->info = w->section_number[index];
    out->align = 4;
    out->entry_size = in_place ? REL_BYTES : RELA_BYTES;
}

static void list_section(writer *w, uint32_t index) {
    const ts_object_section *section = &w->object->sections[index];
    out_section *out = add(w, "", section->name, section->type, section->bytes);
    out->flags = section->flags | (section->group ? (uint32_t)TS_SHF_GROUP : 0);
    out->addr = section->addr;
    out->size = ts_object_section_size(section);
    out->align = section->align;
    out->entry_size = section->entry_size;
    out->in_segment = section->in_segment;
    out->link =
        section->link == TS_OBJECT_LINK_SYMBOLS ? w->symbols : w->section_number[section->link];
    out->info =
        section->flags & TS_SHF_INFO_LINK ? w->section_number[section->info] : section->info;
    if (has_relocs(section, false)) list_relocs(w, index, false);
    if (has_relocs(section, true)) list_relocs(w, index, true);
}

static uint16_t symbol_section(const writer *w, const ts_object_symbol *symbol) {
    switch (symbol->place) {
    case TS_OBJECT_DEFINED: return (uint16_t)w->section_number[symbol->section];
    case TS_OBJECT_ABSOLUTE: return SHN_ABS;
    case TS_OBJECT_COMMON: return SHN_COMMON;
    case TS_OBJECT_UNDEFINED: break;
    }
    return SHN_UNDEF;
}

static void list_symbols(writer *w) {
    const ts_object *o = w->object;
    ts_buf records = ts_buf_in(w->arena);
    ts_buf_reserve(&records, at_least_one(o->n_symbols) * SYM_BYTES);
    ts_buf_zeros(&records, SYM_BYTES);
    for (size_t i = 1; i < o->n_symbols; i++) {
        const ts_object_symbol *symbol = &o->symbols[w->symbol_order[i]];
        ts_buf_u32le(&records, put_name(&w->strings, "", symbol->name));
        ts_buf_u32le(&records, symbol->value);
        ts_buf_u32le(&records, symbol->size);
        ts_buf_u8(&records, (uint8_t)(symbol->binding << 4 | symbol->type));
        ts_buf_u8(&records, symbol->other);
        ts_buf_u16le(&records, symbol_section(w, symbol));
    }
    w->names.failed |= records.failed;
    out_section *out = add(w, "", ".symtab", TS_SHT_SYMTAB, ts_buf_span(&records));
    out->link = w->symbols + 1;
    out->info = w->n_local;
    out->align = 4;
    out->entry_size = SYM_BYTES;
}

static ts_status list_sections(writer *w) {
    const ts_object *o = w->object;
    w->names = ts_buf_in(w->arena);
    w->strings = ts_buf_in(w->arena);
    ts_buf_u8(&w->names, 0);
    ts_buf_u8(&w->strings, 0);
    TS_TRY(list_groups(w));
    for (uint32_t i = 1; i < o->n_sections; i++)
        list_section(w, i);
    list_symbols(w);
    (void)add(w, "", ".strtab", TS_SHT_STRTAB, ts_buf_span(&w->strings));
    out_section *names = add(w, "", ".shstrtab", TS_SHT_STRTAB, (ts_span){0});
    names->bytes = ts_buf_span(&w->names);
    names->size = (uint32_t)names->bytes.size;
    if (w->names.failed || w->strings.failed) return ts_fail_nomem(w->diag);
    if (w->names.size + w->strings.size > TS_OBJECT_MAX_NAMES_BYTES)
        return ts_fail(w->diag, TS_RANGE, o->file, "names of more than %d bytes together",
                       TS_OBJECT_MAX_NAMES_BYTES);
    return TS_OK;
}

/* ---- places ---------------------------------------------------------------------------------- */

static uint64_t align_up(uint64_t value, uint64_t boundary) {
    return (value + boundary - 1) / boundary * boundary;
}

static uint32_t capped(uint32_t align, uint32_t most) {
    return align == 0 ? 1 : align < most ? align : most;
}

static ts_status place_segments(writer *w) {
    const ts_object *o = w->object;
    w->segment_off = TS_ARENA_ARRAY(w->arena, uint32_t, o->n_segments);
    if (!w->segment_off) return ts_fail_nomem(w->diag);
    w->end = EHDR_BYTES + o->n_segments * PHDR_BYTES;
    for (size_t i = 0; i < o->n_segments; i++) {
        const ts_object_segment *segment = &o->segments[i];
        if (!segment->file_size) continue;
        uint32_t align = capped(segment->align, MAX_SEGMENT_FILE_ALIGN);
        w->end += (segment->vaddr - w->end) % align;
        w->segment_off[i] = (uint32_t)w->end;
        w->end += segment->file_size;
    }
    return TS_OK;
}

static void place_section(writer *w, out_section *section) {
    const ts_object *o = w->object;
    if (section->in_segment) {
        const ts_object_segment *segment = object_segment_at(o, section->addr, section->size);
        section->offset = w->segment_off[segment - o->segments] + section->addr - segment->vaddr;
        return;
    }
    if (section->bytes.size)
        w->end = align_up(w->end, capped(section->align, MAX_SECTION_FILE_ALIGN));
    section->offset = (uint32_t)w->end;
    w->end += section->bytes.size;
}

/* Only sections in segments are where the model says, so only they can collide. */
static ts_status check_overlaps(const writer *w) {
    object_region *regions = TS_ARENA_ARRAY(w->arena, object_region, w->n_sections);
    if (!regions) return ts_fail_nomem(w->diag);
    size_t n = 0;
    for (size_t i = 1; i < w->n_sections; i++)
        if (w->sections[i].in_segment)
            regions[n++] = (object_region){w->sections[i].offset, w->sections[i].size, i};
    size_t first = object_find_overlap(regions, n);
    if (first == SIZE_MAX) return TS_OK;
    const out_section *a = &w->sections[regions[first].index];
    const out_section *b = &w->sections[regions[first + 1].index];
    const char *names = (const char *)w->names.data;
    return ts_fail(w->diag, TS_CONFLICT, w->object->file,
                   "section %s at address 0x%" PRIx32 " begins inside %s, which has %" PRIu32
                   " bytes at 0x%" PRIx32,
                   names + b->name_at, b->addr, names + a->name_at, a->size, a->addr);
}

static ts_status place(writer *w) {
    TS_TRY(place_segments(w));
    for (size_t i = 1; i < w->n_sections; i++)
        place_section(w, &w->sections[i]);
    w->end = align_up(w->end, 4);
    if (w->end + w->n_sections * SHDR_BYTES > UINT32_MAX)
        return ts_fail(w->diag, TS_RANGE, w->object->file,
                       "the file would have %" PRIu64 " bytes; ELF32 ends at 4 GiB",
                       w->end + w->n_sections * SHDR_BYTES);
    return check_overlaps(w);
}

/* ---- bytes ----------------------------------------------------------------------------------- */

static void put_header(const writer *w, ts_buf *out) {
    const ts_object *o = w->object;
    ts_buf_bytes(out, object_elf_magic, sizeof object_elf_magic);
    ts_buf_u8(out, ELFCLASS32);
    ts_buf_u8(out, ELFDATA2LSB);
    ts_buf_u8(out, EV_CURRENT);
    ts_buf_u8(out, o->os_abi);
    ts_buf_u8(out, o->abi_version);
    ts_buf_zeros(out, E_TYPE_AT - EI_PAD_AT);
    ts_buf_u16le(out, o->type);
    ts_buf_u16le(out, TS_EM_AIE);
    ts_buf_u32le(out, EV_CURRENT);
    ts_buf_u32le(out, o->entry);
    ts_buf_u32le(out, o->n_segments ? EHDR_BYTES : 0);
    ts_buf_u32le(out, (uint32_t)w->end);
    ts_buf_u32le(out, o->flags);
    ts_buf_u16le(out, EHDR_BYTES);
    ts_buf_u16le(out, o->n_segments ? PHDR_BYTES : 0);
    ts_buf_u16le(out, (uint16_t)o->n_segments);
    ts_buf_u16le(out, SHDR_BYTES);
    ts_buf_u16le(out, (uint16_t)w->n_sections);
    ts_buf_u16le(out, (uint16_t)(w->n_sections - 1));
}

static void put_words(ts_buf *out, const uint32_t *words, size_t n_bytes) {
    for (size_t i = 0; i < n_bytes / sizeof *words; i++)
        ts_buf_u32le(out, words[i]);
}

static void put_segment_headers(const writer *w, ts_buf *out) {
    for (size_t i = 0; i < w->object->n_segments; i++) {
        const ts_object_segment *s = &w->object->segments[i];
        const uint32_t words[] = {s->type,      w->segment_off[i], s->vaddr, s->paddr,
                                  s->file_size, s->mem_size,       s->flags, s->align};
        put_words(out, words, sizeof words);
    }
}

static void put_section_header(ts_buf *out, const out_section *s) {
    const uint32_t words[] = {s->name_at, s->type, s->flags, s->addr,  s->offset,
                              s->size,    s->link, s->info,  s->align, s->entry_size};
    put_words(out, words, sizeof words);
}

/* Zeros up to an offset of the file, which begins at `start`. */
static void pad_to(ts_buf *out, size_t start, uint64_t offset) {
    size_t at = out->size - start;
    if (!out->failed && offset > at) ts_buf_zeros(out, (size_t)offset - at);
}

static void put_segments(const writer *w, ts_buf *out, size_t start) {
    for (size_t i = 0; i < w->object->n_segments; i++) {
        const ts_object_segment *segment = &w->object->segments[i];
        if (!segment->file_size) continue;
        pad_to(out, start, w->segment_off[i]);
        ts_buf_span_add(out, segment->bytes);
        pad_to(out, start, (uint64_t)w->segment_off[i] + segment->file_size);
    }
    for (size_t i = 1; i < w->n_sections && !out->failed; i++)
        if (w->sections[i].in_segment)
            memcpy(out->data + start + w->sections[i].offset, w->sections[i].bytes.data,
                   w->sections[i].bytes.size);
}

static void put_sections(const writer *w, ts_buf *out, size_t start) {
    for (size_t i = 1; i < w->n_sections; i++) {
        if (w->sections[i].in_segment || !w->sections[i].bytes.size) continue;
        pad_to(out, start, w->sections[i].offset);
        ts_buf_span_add(out, w->sections[i].bytes);
    }
    pad_to(out, start, w->end);
    for (size_t i = 0; i < w->n_sections; i++)
        put_section_header(out, &w->sections[i]);
}

ts_status ts_object_write(const ts_object *object, ts_buf *out, ts_diag *diag) {
    writer w = {.object = object, .arena = out->arena, .diag = diag};
    size_t start = out->size;
    TS_TRY(check_model(&w));
    TS_TRY(order_symbols(&w));
    TS_TRY(number_sections(&w));
    TS_TRY(list_sections(&w));
    TS_TRY(place(&w));
    ts_buf_reserve(out, (size_t)w.end + w.n_sections * SHDR_BYTES);
    put_header(&w, out);
    put_segment_headers(&w, out);
    put_segments(&w, out, start);
    put_sections(&w, out, start);
    return out->failed ? ts_fail_nomem(diag) : TS_OK;
}
