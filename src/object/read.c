/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Reading ELF files. The section headers come first, as they are; then they are told apart into
 * sections of the model and tables, and the tables become symbols, relocations and groups.
 *
 * Why not libelf (elfutils 0.188 was tried): on 468000 changed and cut inputs in memory it read
 * past their end 18 times, in archives; it writes to file descriptors only; its errors tell no
 * place; and what it allocates is outside of our arenas. The part of ELF that is needed is small.
 *
 * src: gABI: chapter 4, for all records and what their fields may hold [documented]
 */
#include "object_int.h"

#include <inttypes.h>
#include <string.h>

const uint8_t object_elf_magic[4] = {0x7f, 'E', 'L', 'F'};

/* A section header, and what became of it. */
typedef struct raw_section {
    uint32_t name_at, type, flags, addr, offset, size, link, info, align, entry_size;
    uint64_t at; /* of the header */
    const char *name;
    ts_span bytes;
    uint32_t number; /* in the model; 0: not there */
    uint32_t group;  /* in the model */
} raw_section;

/* A section of strings. Without one, every name is empty. */
typedef struct string_table {
    ts_span bytes;
    uint64_t offset;
} string_table;

typedef struct reader {
    ts_arena *arena;
    ts_span bytes;
    const char *file;
    ts_diag *diag;
    ts_object *object;
    uint32_t section_off, segment_off;
    uint16_t n_raw, n_segments, names; /* `names`: the table of section names */
    raw_section *raw;
    uint32_t symbols;  /* the symbol table, or 0 */
    uint32_t strings;  /* its strings, or 0 */
    size_t name_bytes; /* of all names so far; they may share bytes of the file */
} reader;

/* ---- the header ------------------------------------------------------------------------------ */

bool ts_object_is_elf(ts_span bytes) {
    return bytes.size >= sizeof object_elf_magic &&
           memcmp(bytes.data, object_elf_magic, sizeof object_elf_magic) == 0;
}

/* A field that must have one value. */
static ts_status expect(reader *r, ts_status code, uint64_t at, const char *what, uint32_t got,
                        uint32_t want) {
    if (got == want) return TS_OK;
    return ts_fail_at(r->diag, code, r->file, at, "%s is %" PRIu32 "; expected %" PRIu32, what, got,
                      want);
}

static ts_status check_identification(reader *r) {
    const uint8_t *id = r->bytes.data;
    if (!ts_object_is_elf(r->bytes))
        return ts_fail_at(r->diag, TS_SYNTAX, r->file, 0, "not an ELF file: expected 7f 45 4c 46");
    if (r->bytes.size < EHDR_BYTES)
        return ts_fail_at(r->diag, TS_TRUNCATED, r->file, r->bytes.size,
                          "%zu bytes; expected the %d bytes of an ELF header", r->bytes.size,
                          EHDR_BYTES);
    TS_TRY(expect(r, TS_UNSUPPORTED, EI_CLASS_AT, "the ELF class", id[EI_CLASS_AT], ELFCLASS32));
    TS_TRY(expect(r, TS_UNSUPPORTED, EI_DATA_AT, "the byte order", id[EI_DATA_AT], ELFDATA2LSB));
    return expect(r, TS_UNSUPPORTED, EI_VERSION_AT, "the ELF version", id[EI_VERSION_AT],
                  EV_CURRENT);
}

static ts_status check_kind(reader *r, uint16_t machine) {
    uint16_t type = r->object->type;
    if (machine != TS_EM_AIE)
        return ts_fail_at(r->diag, TS_UNSUPPORTED, r->file, E_MACHINE_AT,
                          "the machine is 0x%x; expected 0x%x (AIE)", machine, TS_EM_AIE);
    if (type != TS_ET_REL && type != TS_ET_EXEC)
        return ts_fail_at(r->diag, TS_UNSUPPORTED, r->file, E_TYPE_AT,
                          "the ELF type is %u; expected %d (relocatable) or %d (executable)", type,
                          TS_ET_REL, TS_ET_EXEC);
    return TS_OK;
}

static ts_status check_counts(reader *r) {
    if (r->section_off && !r->n_raw)
        return ts_fail_at(r->diag, TS_UNSUPPORTED, r->file, E_SHNUM_AT,
                          "section headers, but none are counted: more than %d sections",
                          TS_OBJECT_MAX_SECTIONS);
    if (r->n_raw > TS_OBJECT_MAX_SECTIONS + 1)
        return ts_fail_at(r->diag, TS_RANGE, r->file, E_SHNUM_AT,
                          "%u section headers; at most %d are allowed", r->n_raw,
                          TS_OBJECT_MAX_SECTIONS + 1);
    if (r->n_segments > TS_OBJECT_MAX_SEGMENTS)
        return ts_fail_at(r->diag, TS_RANGE, r->file, E_PHNUM_AT,
                          "%u program headers; at most %d are allowed", r->n_segments,
                          TS_OBJECT_MAX_SEGMENTS);
    return TS_OK;
}

static ts_status read_header(reader *r) {
    TS_TRY(check_identification(r));
    ts_cur cur = ts_cur_of(r->bytes);
    r->object->os_abi = r->bytes.data[EI_OSABI_AT];
    r->object->abi_version = r->bytes.data[EI_OSABI_AT + 1];
    ts_cur_seek(&cur, E_TYPE_AT);
    r->object->type = ts_cur_u16le(&cur);
    uint16_t machine = ts_cur_u16le(&cur);
    uint32_t version = ts_cur_u32le(&cur);
    r->object->entry = ts_cur_u32le(&cur);
    r->segment_off = ts_cur_u32le(&cur);
    r->section_off = ts_cur_u32le(&cur);
    r->object->flags = ts_cur_u32le(&cur);
    uint16_t header_bytes = ts_cur_u16le(&cur);
    uint16_t segment_bytes = ts_cur_u16le(&cur);
    r->n_segments = ts_cur_u16le(&cur);
    uint16_t section_bytes = ts_cur_u16le(&cur);
    r->n_raw = ts_cur_u16le(&cur);
    r->names = ts_cur_u16le(&cur);
    TS_TRY(check_kind(r, machine));
    TS_TRY(expect(r, TS_UNSUPPORTED, E_VERSION_AT, "the ELF version", version, EV_CURRENT));
    TS_TRY(
        expect(r, TS_RANGE, E_EHSIZE_AT, "the size of the ELF header", header_bytes, EHDR_BYTES));
    if (r->n_segments)
        TS_TRY(expect(r, TS_RANGE, E_PHENTSIZE_AT, "the size of a program header", segment_bytes,
                      PHDR_BYTES));
    if (r->n_raw)
        TS_TRY(expect(r, TS_RANGE, E_SHENTSIZE_AT, "the size of a section header", section_bytes,
                      SHDR_BYTES));
    return check_counts(r);
}

/* ---- section headers ------------------------------------------------------------------------- */

static void take_section_header(ts_cur *cur, raw_section *out) {
    out->name_at = ts_cur_u32le(cur);
    out->type = ts_cur_u32le(cur);
    out->flags = ts_cur_u32le(cur);
    out->addr = ts_cur_u32le(cur);
    out->offset = ts_cur_u32le(cur);
    out->size = ts_cur_u32le(cur);
    out->link = ts_cur_u32le(cur);
    out->info = ts_cur_u32le(cur);
    out->align = ts_cur_u32le(cur);
    out->entry_size = ts_cur_u32le(cur);
}

static ts_status check_section_header(reader *r, size_t index) {
    raw_section *raw = &r->raw[index];
    if (raw->type == TS_SHT_NULL) return TS_OK;
    if (raw->type != TS_SHT_NOBITS && raw->size &&
        !ts_span_sub(r->bytes, raw->offset, raw->size, &raw->bytes))
        return ts_fail_at(r->diag, TS_TRUNCATED, r->file, raw->at + SH_OFFSET_AT,
                          "section %zu has %" PRIu32 " bytes at offset 0x%" PRIx32
                          "; the file has %zu",
                          index, raw->size, raw->offset, r->bytes.size);
    if (!object_is_alignment(raw->align))
        return ts_fail_at(r->diag, TS_RANGE, r->file, raw->at + SH_ALIGN_AT,
                          "section %zu has the alignment %" PRIu32 "; expected a power of 2", index,
                          raw->align);
    if (raw->flags & TS_SHF_ALLOC && raw->size > UINT64_C(0x100000000) - raw->addr)
        return ts_fail_at(r->diag, TS_RANGE, r->file, raw->at + SH_ADDR_AT,
                          "section %zu has %" PRIu32 " bytes at address 0x%" PRIx32
                          ", beyond the last address",
                          index, raw->size, raw->addr);
    if (raw->link >= r->n_raw)
        return ts_fail_at(r->diag, TS_RANGE, r->file, raw->at + SH_LINK_AT,
                          "section %zu is linked to section %" PRIu32 " of %u", index, raw->link,
                          r->n_raw);
    return TS_OK;
}

static ts_status read_section_headers(reader *r) {
    ts_span table;
    if (!ts_span_sub(r->bytes, r->section_off, (uint64_t)r->n_raw * SHDR_BYTES, &table))
        return ts_fail_at(r->diag, TS_TRUNCATED, r->file, E_SHOFF_AT,
                          "%u section headers at offset 0x%" PRIx32 "; the file has %zu bytes",
                          r->n_raw, r->section_off, r->bytes.size);
    r->raw = TS_ARENA_ARRAY(r->arena, raw_section, r->n_raw);
    if (!r->raw) return ts_fail_nomem(r->diag);
    ts_cur cur = ts_cur_of(table);
    for (size_t i = 0; i < r->n_raw; i++) {
        r->raw[i].at = r->section_off + i * SHDR_BYTES;
        r->raw[i].name = "";
        take_section_header(&cur, &r->raw[i]);
        if (i) TS_TRY(check_section_header(r, i));
    }
    return TS_OK;
}

/* ---- strings --------------------------------------------------------------------------------- */

/* The strings of section `index`, said by the field at `at`. Its last byte ends its last string, so
 * that any place in it begins one. */
static ts_status open_strings(reader *r, uint32_t index, uint64_t at, string_table *out) {
    *out = (string_table){0};
    if (!index) return TS_OK;
    if (index >= r->n_raw || r->raw[index].type != TS_SHT_STRTAB)
        return ts_fail_at(
            r->diag, TS_RANGE, r->file, at,
            "the names are said to be in section %" PRIu32 ", which is not a string table", index);
    const raw_section *raw = &r->raw[index];
    if (raw->size && raw->bytes.data[raw->size - 1])
        return ts_fail_at(r->diag, TS_RANGE, r->file, (uint64_t)raw->offset + raw->size - 1,
                          "the string table, section %" PRIu32 ", does not end with a zero", index);
    *out = (string_table){raw->bytes, raw->offset};
    return TS_OK;
}

/* The string at `start`, said by the field at `at`. Place 0 is the empty one. */
static ts_status get_string(reader *r, const string_table *strings, uint32_t start, uint64_t at,
                            const char **out) {
    *out = "";
    if (!start) return TS_OK;
    if (start >= strings->bytes.size)
        return ts_fail_at(r->diag, TS_RANGE, r->file, at,
                          "a name is at %" PRIu32 " of a string table with %zu bytes", start,
                          strings->bytes.size);
    *out = (const char *)strings->bytes.data + start;
    size_t length = strnlen(*out, TS_OBJECT_MAX_NAME_BYTES + 1);
    if (length > TS_OBJECT_MAX_NAME_BYTES)
        return ts_fail_at(r->diag, TS_RANGE, r->file, strings->offset + start,
                          "a name of more than %d bytes", TS_OBJECT_MAX_NAME_BYTES);
    r->name_bytes += length;
    if (r->name_bytes > TS_OBJECT_MAX_NAMES_BYTES)
        return ts_fail_at(r->diag, TS_RANGE, r->file, at, "names of more than %d bytes together",
                          TS_OBJECT_MAX_NAMES_BYTES);
    return TS_OK;
}

static ts_status read_section_names(reader *r) {
    string_table strings;
    TS_TRY(open_strings(r, r->names, E_SHSTRNDX_AT, &strings));
    for (size_t i = 1; i < r->n_raw; i++)
        TS_TRY(get_string(r, &strings, r->raw[i].name_at, r->raw[i].at, &r->raw[i].name));
    return TS_OK;
}

/* ---- no byte belongs to two things ----------------------------------------------------------- */

enum {
    REGION_HEADER = 0,
    REGION_SECTIONS = 0x10000, /* above the numbers of sections */
    REGION_SEGMENTS,
};

static const char *region_name(ts_arena *arena, const reader *r, size_t index) {
    if (index == REGION_HEADER) return "the ELF header";
    if (index == REGION_SECTIONS) return "the section headers";
    if (index == REGION_SEGMENTS) return "the program headers";
    const char *name = ts_arena_printf(arena, "section %zu (%s)", index, r->raw[index].name);
    return name ? name : "a section";
}

static ts_status check_overlaps(reader *r) {
    object_region *regions = TS_ARENA_ARRAY(r->arena, object_region, (size_t)r->n_raw + 3);
    if (!regions) return ts_fail_nomem(r->diag);
    size_t n = 0;
    regions[n++] = (object_region){0, EHDR_BYTES, REGION_HEADER};
    if (r->n_raw)
        regions[n++] =
            (object_region){r->section_off, (uint64_t)r->n_raw * SHDR_BYTES, REGION_SECTIONS};
    if (r->n_segments)
        regions[n++] =
            (object_region){r->segment_off, (uint64_t)r->n_segments * PHDR_BYTES, REGION_SEGMENTS};
    for (size_t i = 0; i < r->n_raw; i++)
        if (r->raw[i].bytes.size)
            regions[n++] = (object_region){r->raw[i].offset, r->raw[i].size, i};
    size_t first = object_find_overlap(regions, n);
    if (first == SIZE_MAX) return TS_OK;
    return ts_fail_at(r->diag, TS_RANGE, r->file, regions[first + 1].offset, "%s and %s overlap",
                      region_name(r->arena, r, regions[first].index),
                      region_name(r->arena, r, regions[first + 1].index));
}

/* ---- sections -------------------------------------------------------------------------------- */

static bool is_reloc_table(const raw_section *raw) {
    return raw->type == TS_SHT_RELA || raw->type == TS_SHT_REL;
}

static ts_status find_symbol_table(reader *r) {
    for (uint32_t i = 1; i < r->n_raw; i++) {
        const raw_section *raw = &r->raw[i];
        if (raw->type == TS_SHT_SYMTAB_SHNDX)
            return ts_fail_at(r->diag, TS_UNSUPPORTED, r->file, raw->at + SH_TYPE_AT,
                              "a table for more than %d sections", TS_OBJECT_MAX_SECTIONS);
        if (raw->type != TS_SHT_SYMTAB) continue;
        if (r->symbols)
            return ts_fail_at(r->diag, TS_RANGE, r->file, raw->at + SH_TYPE_AT,
                              "section %" PRIu32 " is a second symbol table; section %" PRIu32
                              " is one already",
                              i, r->symbols);
        r->symbols = i;
        r->strings = raw->link;
    }
    return TS_OK;
}

/* Whether a section is a table that writing makes anew. */
static bool is_table(const reader *r, uint32_t index) {
    const raw_section *raw = &r->raw[index];
    return raw->type == TS_SHT_NULL || raw->type == TS_SHT_GROUP || is_reloc_table(raw) ||
           index == r->symbols || index == r->strings || index == r->names;
}

static uint32_t model_link(const reader *r, uint32_t link) {
    return link && link == r->symbols ? TS_OBJECT_LINK_SYMBOLS : r->raw[link].number;
}

static ts_status model_info(reader *r, const raw_section *raw, uint32_t *out) {
    *out = raw->info;
    if (!(raw->flags & TS_SHF_INFO_LINK)) return TS_OK;
    if (raw->info >= r->n_raw)
        return ts_fail_at(r->diag, TS_RANGE, r->file, raw->at + SH_INFO_AT,
                          "%s tells of section %" PRIu32 " of %u", raw->name, raw->info, r->n_raw);
    *out = r->raw[raw->info].number;
    return TS_OK;
}

static ts_status make_section(reader *r, const raw_section *raw) {
    bool has_bytes = raw->type != TS_SHT_NOBITS;
    ts_object_section *section = &r->object->sections[raw->number];
    *section = (ts_object_section){
        .name = raw->name,
        .type = raw->type,
        .flags = raw->flags | (raw->group ? (uint32_t)TS_SHF_GROUP : 0),
        .addr = raw->addr,
        .align = raw->align,
        .entry_size = raw->entry_size,
        .bytes = raw->bytes,
        .nobits_size = has_bytes ? 0 : raw->size,
        .link = model_link(r, raw->link),
        .group = raw->group,
        .offset = raw->offset,
    };
    return model_info(r, raw, &section->info);
}

static void number_sections(reader *r) {
    uint32_t n = 1;
    for (uint32_t i = 1; i < r->n_raw; i++)
        if (!is_table(r, i)) r->raw[i].number = n++;
    r->object->n_sections = r->object->section_capacity = n;
}

static ts_status make_sections(reader *r) {
    ts_object *object = r->object;
    object->sections = TS_ARENA_ARRAY(r->arena, ts_object_section, object->n_sections);
    if (!object->sections) return ts_fail_nomem(r->diag);
    object->sections[0].name = "";
    for (uint32_t i = 1; i < r->n_raw; i++)
        if (r->raw[i].number) TS_TRY(make_section(r, &r->raw[i]));
    return TS_OK;
}

/* ---- symbols --------------------------------------------------------------------------------- */

/* The records of a table, each `size` bytes long. */
static ts_status count_records(reader *r, const raw_section *raw, uint32_t size, size_t *out) {
    TS_TRY(expect(r, TS_RANGE, raw->at + SH_ENTSIZE_AT, "the size of a record", raw->entry_size,
                  size));
    if (raw->size % size)
        return ts_fail_at(r->diag, TS_RANGE, r->file, raw->at + SH_SIZE_AT,
                          "%s has %" PRIu32 " bytes, which is not a number of records of %" PRIu32,
                          raw->name, raw->size, size);
    *out = raw->size / size;
    return TS_OK;
}

/* lld leaves symbols of a linker script in whatever section is last, a string table; their values
 * are addresses all the same, so in a program such a symbol counts as absolute. */
static ts_status place_in_section(reader *r, uint64_t at, uint16_t index, ts_object_symbol *out) {
    if (index >= r->n_raw)
        return ts_fail_at(r->diag, TS_RANGE, r->file, at + ST_SHNDX_AT,
                          "the symbol '%s' is in section %u of %u", out->name, index, r->n_raw);
    out->section = r->raw[index].number;
    out->place = out->section ? TS_OBJECT_DEFINED : TS_OBJECT_ABSOLUTE;
    if (!out->section && r->object->type == TS_ET_REL)
        return ts_fail_at(r->diag, TS_RANGE, r->file, at + ST_SHNDX_AT,
                          "the symbol '%s' is in section %u (%s), which is a table", out->name,
                          index, r->raw[index].name);
    return TS_OK;
}

static ts_status place_symbol(reader *r, uint64_t at, uint16_t index, ts_object_symbol *out) {
    switch (index) {
    case SHN_UNDEF: out->place = TS_OBJECT_UNDEFINED; return TS_OK;
    case SHN_ABS: out->place = TS_OBJECT_ABSOLUTE; return TS_OK;
    case SHN_COMMON: out->place = TS_OBJECT_COMMON; return TS_OK;
    default: break;
    }
    if (index >= SHN_LORESERVE)
        return ts_fail_at(r->diag, TS_UNSUPPORTED, r->file, at + ST_SHNDX_AT,
                          "the symbol '%s' is in section 0x%x; no section has such a number",
                          out->name, index);
    return place_in_section(r, at, index, out);
}

static ts_status read_symbol(reader *r, ts_cur *cur, uint64_t at, const string_table *strings,
                             ts_object_symbol *out) {
    uint32_t name_at = ts_cur_u32le(cur);
    out->value = ts_cur_u32le(cur);
    out->size = ts_cur_u32le(cur);
    uint8_t info = ts_cur_u8(cur);
    out->binding = info >> 4;
    out->type = info & 0xf;
    out->other = ts_cur_u8(cur);
    uint16_t index = ts_cur_u16le(cur);
    TS_TRY(get_string(r, strings, name_at, at, &out->name));
    return place_symbol(r, at, index, out);
}

/* Local symbols first, then all others; where they begin is said in the section header. */
static ts_status check_symbol_order(reader *r, const raw_section *raw) {
    const ts_object *object = r->object;
    size_t n_local = 1;
    while (n_local < object->n_symbols && object->symbols[n_local].binding == TS_STB_LOCAL)
        n_local++;
    for (size_t i = n_local; i < object->n_symbols; i++)
        if (object->symbols[i].binding == TS_STB_LOCAL)
            return ts_fail_at(r->diag, TS_RANGE, r->file, raw->offset + (uint64_t)i * SYM_BYTES,
                              "the local symbol '%s' is behind others", object->symbols[i].name);
    if (object->n_symbols > 1 && raw->info != n_local)
        return ts_fail_at(r->diag, TS_RANGE, r->file, raw->at + SH_INFO_AT,
                          "the first symbol that is not local is said to be %" PRIu32 "; it is %zu",
                          raw->info, n_local);
    return TS_OK;
}

static ts_status read_symbols(reader *r) {
    ts_object *object = r->object;
    const raw_section *raw = &r->raw[r->symbols];
    string_table strings = {0};
    size_t n = 0;
    if (r->symbols) {
        TS_TRY(count_records(r, raw, SYM_BYTES, &n));
        TS_TRY(open_strings(r, r->strings, raw->at + SH_LINK_AT, &strings));
    }
    if (n > TS_OBJECT_MAX_SYMBOLS)
        return ts_fail_at(r->diag, TS_RANGE, r->file, raw->at + SH_SIZE_AT,
                          "%zu symbols; at most %d are allowed", n, TS_OBJECT_MAX_SYMBOLS);
    object->n_symbols = object->symbol_capacity = n ? n : 1;
    object->symbols = TS_ARENA_ARRAY(r->arena, ts_object_symbol, object->n_symbols);
    if (!object->symbols) return ts_fail_nomem(r->diag);
    object->symbols[0].name = "";
    if (!n) return TS_OK;
    ts_cur cur = ts_cur_of(raw->bytes);
    ts_cur_skip(&cur, SYM_BYTES);
    for (size_t i = 1; i < n; i++)
        TS_TRY(read_symbol(r, &cur, raw->offset + (uint64_t)i * SYM_BYTES, &strings,
                           &object->symbols[i]));
    return check_symbol_order(r, raw);
}

/* ---- relocations ----------------------------------------------------------------------------- */

/* The section that a relocation table is for. */
static ts_status find_target(reader *r, const raw_section *raw, ts_object_section **out) {
    if (!r->symbols || raw->link != r->symbols)
        return ts_fail_at(r->diag, TS_RANGE, r->file, raw->at + SH_LINK_AT,
                          "the symbols of %s are said to be in section %" PRIu32
                          ", which is not the symbol table",
                          raw->name, raw->link);
    if (raw->info >= r->n_raw || !r->raw[raw->info].number)
        return ts_fail_at(r->diag, TS_RANGE, r->file, raw->at + SH_INFO_AT,
                          "%s is for section %" PRIu32 ", which is none to relocate", raw->name,
                          raw->info);
    *out = &r->object->sections[r->raw[raw->info].number];
    return TS_OK;
}

static ts_status read_reloc(reader *r, ts_cur *cur, uint64_t at, bool in_place,
                            const ts_object_section *target, ts_object_reloc *out) {
    out->offset = ts_cur_u32le(cur);
    uint32_t info = ts_cur_u32le(cur);
    out->symbol = info >> 8;
    out->type = (uint8_t)info;
    out->in_place = in_place;
    out->addend = in_place ? 0 : (int32_t)ts_cur_u32le(cur);
    if (out->symbol >= r->object->n_symbols)
        return ts_fail_at(r->diag, TS_RANGE, r->file, at + 4,
                          "a relocation of %s with symbol %" PRIu32 " of %zu", target->name,
                          out->symbol, r->object->n_symbols);
    uint32_t start = r->object->type == TS_ET_REL ? 0 : target->addr;
    if (out->offset < start || out->offset - start >= ts_object_section_size(target))
        return ts_fail_at(r->diag, TS_RANGE, r->file, at,
                          "a relocation at 0x%" PRIx32 "; %s begins at 0x%" PRIx32
                          " and has %" PRIu32 " bytes",
                          out->offset, target->name, start, ts_object_section_size(target));
    return TS_OK;
}

/* Count first, so that many small tables for one section take no more than one big one. */
static ts_status make_reloc_room(reader *r) {
    for (size_t i = 1; i < r->n_raw; i++) {
        const raw_section *raw = &r->raw[i];
        ts_object_section *target = NULL;
        size_t n = 0;
        if (!is_reloc_table(raw)) continue;
        TS_TRY(find_target(r, raw, &target));
        TS_TRY(count_records(r, raw, raw->type == TS_SHT_RELA ? RELA_BYTES : REL_BYTES, &n));
        target->reloc_capacity += n;
    }
    for (size_t i = 1; i < r->object->n_sections; i++) {
        ts_object_section *section = &r->object->sections[i];
        if (!section->reloc_capacity) continue;
        section->relocs = TS_ARENA_ARRAY(r->arena, ts_object_reloc, section->reloc_capacity);
        if (!section->relocs) return ts_fail_nomem(r->diag);
    }
    return TS_OK;
}

static ts_status read_reloc_table(reader *r, const raw_section *raw) {
    ts_object_section *target = &r->object->sections[r->raw[raw->info].number];
    ts_cur cur = ts_cur_of(raw->bytes);
    while (ts_cur_left(&cur)) {
        uint64_t at = raw->offset + ts_cur_off(&cur);
        TS_TRY(read_reloc(r, &cur, at, raw->type == TS_SHT_REL, target,
                          &target->relocs[target->n_relocs]));
        target->n_relocs++;
    }
    return TS_OK;
}

/* Those with an addend first, in the order that writing has. */
static ts_status read_relocs(reader *r) {
    TS_TRY(make_reloc_room(r));
    for (size_t i = 1; i < r->n_raw; i++)
        if (r->raw[i].type == TS_SHT_RELA) TS_TRY(read_reloc_table(r, &r->raw[i]));
    for (size_t i = 1; i < r->n_raw; i++)
        if (r->raw[i].type == TS_SHT_REL) TS_TRY(read_reloc_table(r, &r->raw[i]));
    return TS_OK;
}

/* ---- groups ---------------------------------------------------------------------------------- */

static ts_status read_members(reader *r, const raw_section *raw, uint32_t group) {
    ts_cur cur = ts_cur_of(raw->bytes);
    r->object->groups[group].flags = ts_cur_u32le(&cur);
    while (ts_cur_left(&cur)) {
        uint64_t at = raw->offset + ts_cur_off(&cur);
        uint32_t index = ts_cur_u32le(&cur);
        if (!index || index >= r->n_raw)
            return ts_fail_at(r->diag, TS_RANGE, r->file, at,
                              "%s has section %" PRIu32 " of %u as a member", raw->name, index,
                              r->n_raw);
        if (r->raw[index].group)
            return ts_fail_at(r->diag, TS_RANGE, r->file, at,
                              "section %" PRIu32 " (%s) is a member of two groups", index,
                              r->raw[index].name);
        r->raw[index].group = group;
    }
    return TS_OK;
}

static ts_status read_group(reader *r, const raw_section *raw, uint32_t group) {
    size_t n_words = 0;
    TS_TRY(count_records(r, raw, 4, &n_words));
    if (!n_words)
        return ts_fail_at(r->diag, TS_RANGE, r->file, raw->at + SH_SIZE_AT,
                          "%s is empty; a group begins with its flags", raw->name);
    if (!r->symbols || raw->link != r->symbols || raw->info >= r->object->n_symbols)
        return ts_fail_at(r->diag, TS_RANGE, r->file, raw->at + SH_LINK_AT,
                          "%s is named by symbol %" PRIu32 " of section %" PRIu32
                          "; there is no such symbol",
                          raw->name, raw->info, raw->link);
    r->object->groups[group].symbol = raw->info;
    return read_members(r, raw, group);
}

static ts_status read_groups(reader *r) {
    ts_object *object = r->object;
    size_t n = 1;
    for (size_t i = 1; i < r->n_raw; i++)
        n += r->raw[i].type == TS_SHT_GROUP;
    object->groups = TS_ARENA_ARRAY(r->arena, ts_object_group, n);
    if (!object->groups) return ts_fail_nomem(r->diag);
    object->n_groups = object->group_capacity = n;
    n = 1;
    for (size_t i = 1; i < r->n_raw; i++)
        if (r->raw[i].type == TS_SHT_GROUP) TS_TRY(read_group(r, &r->raw[i], (uint32_t)n++));
    return TS_OK;
}

/* ---- segments -------------------------------------------------------------------------------- */

static ts_status check_segment(reader *r, size_t index, uint64_t at, ts_object_segment *segment) {
    if (segment->file_size &&
        !ts_span_sub(r->bytes, segment->offset, segment->file_size, &segment->bytes))
        return ts_fail_at(r->diag, TS_TRUNCATED, r->file, at + P_OFFSET_AT,
                          "segment %zu has %" PRIu32 " bytes at offset 0x%" PRIx32
                          "; the file has %zu",
                          index, segment->file_size, segment->offset, r->bytes.size);
    if (segment->type == TS_PT_LOAD && segment->file_size > segment->mem_size)
        return ts_fail_at(r->diag, TS_RANGE, r->file, at + P_FILESZ_AT,
                          "segment %zu has %" PRIu32 " bytes in the file and %" PRIu32
                          " in memory; expected at most as many",
                          index, segment->file_size, segment->mem_size);
    if (segment->mem_size > UINT64_C(0x100000000) - segment->vaddr)
        return ts_fail_at(r->diag, TS_RANGE, r->file, at + P_VADDR_AT,
                          "segment %zu has %" PRIu32 " bytes at address 0x%" PRIx32
                          ", beyond the last address",
                          index, segment->mem_size, segment->vaddr);
    if (!object_is_alignment(segment->align))
        return ts_fail_at(r->diag, TS_RANGE, r->file, at + P_ALIGN_AT,
                          "segment %zu has the alignment %" PRIu32 "; expected a power of 2", index,
                          segment->align);
    return TS_OK;
}

static ts_status read_segments(reader *r) {
    ts_object *object = r->object;
    ts_span table;
    if (!ts_span_sub(r->bytes, r->segment_off, (uint64_t)r->n_segments * PHDR_BYTES, &table))
        return ts_fail_at(r->diag, TS_TRUNCATED, r->file, E_PHOFF_AT,
                          "%u program headers at offset 0x%" PRIx32 "; the file has %zu bytes",
                          r->n_segments, r->segment_off, r->bytes.size);
    object->n_segments = object->segment_capacity = r->n_segments;
    object->segments = TS_ARENA_ARRAY(r->arena, ts_object_segment, object->n_segments);
    if (!object->segments) return ts_fail_nomem(r->diag);
    ts_cur cur = ts_cur_of(table);
    for (size_t i = 0; i < object->n_segments; i++) {
        ts_object_segment *segment = &object->segments[i];
        segment->type = ts_cur_u32le(&cur);
        segment->offset = ts_cur_u32le(&cur);
        segment->vaddr = ts_cur_u32le(&cur);
        segment->paddr = ts_cur_u32le(&cur);
        segment->file_size = ts_cur_u32le(&cur);
        segment->mem_size = ts_cur_u32le(&cur);
        segment->flags = ts_cur_u32le(&cur);
        segment->align = ts_cur_u32le(&cur);
        TS_TRY(check_segment(r, i, r->segment_off + (uint64_t)i * PHDR_BYTES, segment));
    }
    return TS_OK;
}

/* A section is in a segment when its address and its place in the file agree about that. */
static void place_in_segments(ts_object *object) {
    for (size_t i = 1; i < object->n_sections; i++) {
        ts_object_section *section = &object->sections[i];
        if (!section->bytes.size || !(section->flags & TS_SHF_ALLOC)) continue;
        const ts_object_segment *segment =
            object_segment_at(object, section->addr, section->bytes.size);
        section->in_segment =
            segment &&
            (uint64_t)segment->offset + (section->addr - segment->vaddr) == section->offset;
    }
}

/* ---- all of it ------------------------------------------------------------------------------- */

static ts_status read_sections(reader *r) {
    TS_TRY(read_section_headers(r));
    TS_TRY(read_section_names(r));
    TS_TRY(check_overlaps(r));
    TS_TRY(find_symbol_table(r));
    number_sections(r);
    TS_TRY(read_symbols(r));
    TS_TRY(read_groups(r));
    TS_TRY(make_sections(r));
    return read_relocs(r);
}

ts_status ts_object_read(ts_arena *arena, ts_span bytes, const char *file, ts_object *out,
                         ts_diag *diag) {
    ts_object object = {.file = file};
    reader r = {.arena = arena, .bytes = bytes, .file = file, .diag = diag, .object = &object};
    TS_TRY(read_header(&r));
    TS_TRY(read_segments(&r));
    TS_TRY(read_sections(&r));
    place_in_segments(&object);
    *out = object;
    return TS_OK;
}

static ts_status read_archive(ts_arena *arena, ts_span bytes, const char *file, ts_object **out,
                              size_t *n_out, ts_diag *diag) {
    ts_archive archive;
    TS_TRY(ts_archive_read(arena, bytes, file, &archive, diag));
    ts_object *objects = TS_ARENA_ARRAY(arena, ts_object, archive.n_members);
    if (!objects) return ts_fail_nomem(diag);
    for (size_t i = 0; i < archive.n_members; i++) {
        const ts_archive_member *member = &archive.members[i];
        const char *name = ts_arena_printf(arena, "%s(%s)", file, member->name);
        if (!name) return ts_fail_nomem(diag);
        TS_TRY(ts_object_read(arena, member->bytes, name, &objects[i], diag));
    }
    *out = objects;
    *n_out = archive.n_members;
    return TS_OK;
}

ts_status ts_object_read_all(ts_arena *arena, ts_span bytes, const char *file, ts_object **out,
                             size_t *n_out, ts_diag *diag) {
    if (ts_archive_is(bytes)) return read_archive(arena, bytes, file, out, n_out, diag);
    if (!ts_object_is_elf(bytes))
        return ts_fail_at(diag, TS_SYNTAX, file, 0,
                          "neither an object file nor an archive: expected 7f 45 4c 46 or "
                          "\"!<arch>\"");
    ts_object *object = TS_ARENA_NEW(arena, ts_object);
    if (!object) return ts_fail_nomem(diag);
    TS_TRY(ts_object_read(arena, bytes, file, object, diag));
    *out = object;
    *n_out = 1;
    return TS_OK;
}
