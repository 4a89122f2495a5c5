/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Sections: their names and flags, what is put into them, and what fills the way to a boundary.
 */
#include "asm_int.h"

#include <string.h>

enum {
    MAX_PADDING = 64, /* bundles of padding that are counted: more than any op is in flight */
};

/* Sections whose names say what they are, by the beginning of the name.
 * src: llvm-aie: llvm/lib/MC/MCParser/ELFAsmParser.cpp, ParseSectionArguments; gABI: chapter 4,
 * "Special Sections" [code] */
static const struct {
    const char *prefix;
    uint32_t type, flags;
} known[] = {
    {".text", ASM_SHT_PROGBITS, ASM_SHF_ALLOC | ASM_SHF_EXECINSTR},
    {".init", ASM_SHT_PROGBITS, ASM_SHF_ALLOC | ASM_SHF_EXECINSTR},
    {".fini", ASM_SHT_PROGBITS, ASM_SHF_ALLOC | ASM_SHF_EXECINSTR},
    {".data", ASM_SHT_PROGBITS, ASM_SHF_ALLOC | ASM_SHF_WRITE},
    {".bss", ASM_SHT_NOBITS, ASM_SHF_ALLOC | ASM_SHF_WRITE},
    {".rodata", ASM_SHT_PROGBITS, ASM_SHF_ALLOC},
    {".init_array", ASM_SHT_INIT_ARRAY, ASM_SHF_ALLOC | ASM_SHF_WRITE},
    {".fini_array", ASM_SHT_FINI_ARRAY, ASM_SHF_ALLOC | ASM_SHF_WRITE},
    {".preinit_array", ASM_SHT_PREINIT_ARRAY, ASM_SHF_ALLOC | ASM_SHF_WRITE},
    {".note", ASM_SHT_NOTE, 0},
};

asm_section *asm_current(assembler *a) {
    return &a->sections[a->section];
}

uint32_t asm_offset(assembler *a) {
    const asm_section *section = asm_current(a);
    return section->type == ASM_SHT_NOBITS ? section->room : (uint32_t)section->bytes.size;
}

static bool same_text(const char *x, const char *y) {
    return x == y || (x && y && strcmp(x, y) == 0);
}

/* By all that tells sections apart. */
static uint32_t *bucket_of(assembler *a, const asm_section *like) {
    uint32_t hash = asm_hash(like->name, strlen(like->name)) + like->unique;
    if (like->group) hash = hash * 31 + asm_hash(like->group, strlen(like->group));
    if (like->linked) hash = hash * 31 + asm_hash(like->linked, strlen(like->linked));
    return &a->section_buckets[hash % (sizeof a->section_buckets / sizeof *a->section_buckets)];
}

uint32_t asm_find_section(assembler *a, const asm_section *like) {
    uint32_t *bucket = bucket_of(a, like);
    for (uint32_t i = *bucket; i; i = a->sections[i - 1].next)
        if (strcmp(a->sections[i - 1].name, like->name) == 0 &&
            a->sections[i - 1].unique == like->unique &&
            same_text(a->sections[i - 1].group, like->group) &&
            same_text(a->sections[i - 1].linked, like->linked))
            return i - 1;
    if (a->n_sections == ASM_MAX_SECTIONS) {
        asm_error(a, TS_RANGE, a->p, "more than %d sections", ASM_MAX_SECTIONS);
        return UINT32_MAX;
    }
    if (!asm_grow(a, &a->sections, a->n_sections, &a->sections_capacity, sizeof *a->sections))
        return UINT32_MAX;
    asm_section *section = &a->sections[a->n_sections];
    *section = *like;
    section->bytes = ts_buf_in(a->arena);
    section->align = section->align ? section->align : 1;
    section->next = *bucket;
    *bucket = (uint32_t)++a->n_sections;
    return *bucket - 1;
}

static bool begins_as(const char *name, const char *prefix) {
    size_t length = strlen(prefix);
    return strncmp(name, prefix, length) == 0 && (name[length] == '\0' || name[length] == '.');
}

uint32_t asm_type_by_name(const char *name) {
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (begins_as(name, known[i].prefix)) return known[i].type;
    return ASM_SHT_PROGBITS;
}

/* What a section is by its name; flags 0 and PROGBITS when the name says nothing. */
uint32_t asm_default_section(assembler *a, const char *name, size_t length) {
    asm_section section = {.type = ASM_SHT_PROGBITS};
    section.name = ts_arena_strndup(a->arena, name, length);
    if (!section.name) {
        asm_nomem(a);
        return UINT32_MAX;
    }
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (begins_as(section.name, known[i].prefix)) {
            section.type = known[i].type;
            section.flags = known[i].flags;
        }
    return asm_find_section(a, &section);
}

bool asm_init_sections(assembler *a) {
    a->section = a->previous = asm_default_section(a, ".text", 5);
    return a->section != UINT32_MAX;
}

bool asm_enter_section(assembler *a, uint32_t section) {
    if (section == UINT32_MAX) return false;
    if (a->region.is_open)
        return asm_error(a, TS_SYNTAX, a->p, "another section in a .schedule region");
    a->previous = a->section;
    a->section = section;
    return true;
}

uint8_t *asm_reserve(assembler *a, size_t size, const char *at) {
    asm_section *section = asm_current(a);
    if (a->region.is_open) {
        asm_error(a, TS_SYNTAX, at, "only operations can stand in a .schedule region");
        return NULL;
    }
    if (section->type == ASM_SHT_NOBITS) {
        asm_error(a, TS_CONFLICT, at, "section %s only takes room; it cannot hold contents",
                  section->name);
        return NULL;
    }
    if (size > ASM_MAX_OUTPUT - a->output_bytes) {
        a->is_stopped = true;
        asm_error(a, TS_RANGE, at, "more than %d MiB of contents", ASM_MAX_OUTPUT >> 20);
        return NULL;
    }
    a->output_bytes += size;
    size_t start = section->bytes.size;
    if (!section->bytes.data) ts_buf_reserve(&section->bytes, TS_AIE2_MAX_BYTES); /* never NULL */
    ts_buf_zeros(&section->bytes, size);
    if (section->bytes.failed) {
        asm_nomem(a);
        return NULL;
    }
    return section->bytes.data + start;
}

bool asm_put_bytes(assembler *a, const void *bytes, size_t size, const char *at) {
    uint8_t *out = asm_reserve(a, size, at);
    if (out && size) memcpy(out, bytes, size);
    return out != NULL;
}

bool asm_put_zeros(assembler *a, uint64_t size, uint8_t fill, const char *at) {
    asm_section *section = asm_current(a);
    if (size > UINT32_MAX)
        return asm_error(a, TS_RANGE, at, "%llu bytes are more than a section can have",
                         (unsigned long long)size);
    if (section->type == ASM_SHT_NOBITS) {
        if (fill)
            return asm_error(a, TS_CONFLICT, at, "section %s can only hold zeros", section->name);
        if (size > UINT32_MAX - section->room)
            return asm_error(a, TS_RANGE, at, "section %s grows beyond 4 GiB", section->name);
        section->room += (uint32_t)size;
        return true;
    }
    uint8_t *out = asm_reserve(a, (size_t)size, at);
    if (out && size) memset(out, fill, (size_t)size);
    return out != NULL;
}

/* Padding takes cycles like all else. What is far behind its beginning matters to nobody. */
static bool record_padding(assembler *a, uint32_t offset, size_t size, const char *at) {
    const asm_bundle_note note = {.place = asm_here(a, at), .is_padding = true};
    for (int i = 0; size >= 2 && i < MAX_PADDING; i++) {
        uint32_t step = size < TS_AIE2_MAX_BYTES ? (uint32_t)size & ~1u : TS_AIE2_MAX_BYTES;
        const ts_aie2_asm_bundle bundle = {
            .section = a->section, .offset = offset, .unchecked = true};
        offset += step;
        size -= step;
        if (!asm_add_record(a, &bundle, &note) || !asm_count_padding(a, offset)) return false;
    }
    return true;
}

/* Bundles that do nothing; what an odd address lacks comes first, as data.
 * src: llvm-aie: MCTargetDesc/AIE2AsmBackend.cpp, writeNopData [code] */
static bool put_nops(assembler *a, size_t size, const char *at) {
    uint32_t offset = asm_offset(a);
    uint8_t *out = asm_reserve(a, size, at);
    if (!out) return false;
    ts_aie2_fill_nops(out + (size & 1), size & ~(size_t)1);
    return record_padding(a, offset + (uint32_t)(size & 1), size & ~(size_t)1, at);
}

static bool put_fill(assembler *a, size_t size, int64_t fill, unsigned fill_size, const char *at) {
    uint8_t *out = asm_reserve(a, size, at);
    for (size_t i = 0; out && i < size; i++)
        out[i] = (uint8_t)((uint64_t)fill >> i % fill_size * 8);
    return out != NULL;
}

static bool put_gap(assembler *a, size_t gap, const int64_t *fill, unsigned fill_size,
                    const char *at) {
    const asm_section *section = asm_current(a);
    if (section->type == ASM_SHT_NOBITS) return asm_put_zeros(a, gap, 0, at);
    if (fill) return put_fill(a, gap, *fill, fill_size, at);
    if (section->flags & ASM_SHF_EXECINSTR) return put_nops(a, gap, at);
    return asm_put_zeros(a, gap, 0, at);
}

bool asm_align(assembler *a, uint64_t boundary, const int64_t *fill, unsigned fill_size,
               uint64_t most, const char *at) {
    asm_section *section = asm_current(a);
    if (boundary == 0) boundary = 1;
    if ((boundary & (boundary - 1)) != 0 || boundary > (UINT64_C(1) << 31))
        return asm_error(a, TS_RANGE, at, "an alignment must be a power of 2, at most 2^31");
    if (boundary > section->align) section->align = (uint32_t)boundary;
    uint64_t offset = asm_offset(a), gap = (boundary - offset % boundary) % boundary;
    if (gap > most) return true;
    bool ok = gap == 0 || put_gap(a, (size_t)gap, fill, fill_size, at);
    /* What is aligned must stay where it is. */
    if (boundary > 2) asm_current(a)->first_loose = a->n_bundles;
    return ok;
}

bool asm_add_fixup(assembler *a, const asm_fixup *fixup) {
    if (!asm_grow(a, &a->fixups, a->n_fixups, &a->fixups_capacity, sizeof *a->fixups)) return false;
    a->fixups[a->n_fixups++] = *fixup;
    return true;
}
