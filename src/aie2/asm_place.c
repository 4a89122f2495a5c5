/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Directives about sections and symbols: where things go and what they are.
 */
#include "asm_int.h"

#include <stdio.h>
#include <string.h>

/* ---- sections -------------------------------------------------------------------------------- */

bool asm_d_known_section(assembler *a, int argument, const char *at) {
    (void)argument;
    size_t length = (size_t)(a->p - at);
    char name[16];
    if (length >= sizeof name) return false;
    for (size_t i = 0; i < length; i++)
        name[i] = asm_lower(at[i]);
    return asm_expect_end(a) && asm_enter_section(a, asm_default_section(a, name, length));
}

static const struct {
    char letter;
    uint32_t flag;
} flag_letters[] = {
    {'a', ASM_SHF_ALLOC},      {'w', ASM_SHF_WRITE},   {'x', ASM_SHF_EXECINSTR},
    {'M', ASM_SHF_MERGE},      {'S', ASM_SHF_STRINGS}, {'G', ASM_SHF_GROUP},
    {'o', ASM_SHF_LINK_ORDER}, {'e', 0x80000000u},     {'R', 0x200000},
};

static const struct {
    const char *name;
    uint32_t type;
} section_types[] = {
    {"progbits", ASM_SHT_PROGBITS},
    {"nobits", ASM_SHT_NOBITS},
    {"note", ASM_SHT_NOTE},
    {"init_array", ASM_SHT_INIT_ARRAY},
    {"fini_array", ASM_SHT_FINI_ARRAY},
    {"preinit_array", ASM_SHT_PREINIT_ARRAY},
};

static bool read_flags(assembler *a, uint32_t *flags) {
    const char *at = a->p;
    ts_buf text = ts_buf_in(a->arena);
    if (!asm_take_string(a, &text)) return false;
    *flags = 0;
    for (size_t i = 0; i < text.size; i++) {
        uint32_t flag = 0;
        for (size_t k = 0; k < sizeof flag_letters / sizeof *flag_letters; k++)
            if (flag_letters[k].letter == (char)text.data[i]) flag = flag_letters[k].flag;
        if (!flag)
            return asm_error(a, TS_UNKNOWN, at,
                             "no section flag '%c'; expected letters of awxMSGoeR",
                             text.data[i] >= ' ' && text.data[i] < 0x7f ? text.data[i] : '?');
        *flags |= flag;
    }
    return true;
}

static bool read_type(assembler *a, uint32_t *type) {
    const char *at = a->p, *name;
    size_t length;
    if (*a->p == '@' || *a->p == '%') a->p++;
    if (asm_is_digit(*a->p)) {
        int64_t number;
        if (!asm_number_in(a, 1, UINT32_MAX, "a section type", &number)) return false;
        *type = (uint32_t)number;
        return true;
    }
    if (!asm_expect_name(a, "a section type such as @progbits", &name, &length)) return false;
    for (size_t i = 0; i < sizeof section_types / sizeof *section_types; i++)
        if (asm_is_text(name, length, section_types[i].name)) {
            *type = section_types[i].type;
            return true;
        }
    return asm_error(a, TS_UNKNOWN, at, "no section type '%.*s'", (int)length, name);
}

/* What follows the type because of the flags: entry size, group, the section that it is about. */
static bool read_extras(assembler *a, asm_section *section) {
    const char *name;
    size_t length;
    if (section->flags & ASM_SHF_MERGE) {
        int64_t size;
        if (!asm_expect(a, ',', "and the size of an entry, for flag M") ||
            !asm_number_in(a, 1, UINT32_MAX, "the size of an entry", &size))
            return false;
        section->entry_size = (uint32_t)size;
    }
    if (section->flags & ASM_SHF_GROUP) {
        if (!asm_expect(a, ',', "and the name of the group, for flag G") ||
            !asm_expect_name(a, "the name of the group", &name, &length))
            return false;
        section->group = ts_arena_strndup(a->arena, name, length);
        if (!section->group) return asm_nomem(a);
    }
    if (section->flags & ASM_SHF_LINK_ORDER) {
        if (!asm_expect(a, ',', "and the section it is about, for flag o") ||
            !asm_expect_name(a, "the section it is about", &name, &length))
            return false;
        section->linked = ts_arena_strndup(a->arena, name, length);
        if (!section->linked) return asm_nomem(a);
    }
    while (asm_take(a, ',')) {
        if (!asm_expect_name(a, "comdat or unique", &name, &length)) return false;
        if (asm_is_text(name, length, "comdat") && section->group) continue;
        int64_t number;
        if (!asm_is_text(name, length, "unique"))
            return asm_error(a, TS_SYNTAX, name, "expected comdat or unique");
        if (!asm_expect(a, ',', "and a number") ||
            !asm_number_in(a, 0, UINT32_MAX - 1, "the number", &number))
            return false;
        section->unique = (uint32_t)number + 1;
    }
    return true;
}

/* Names of sections have more characters than those of symbols. */
static bool read_section_name(assembler *a, const char **name, size_t *length) {
    asm_skip_space(a);
    if (*a->p == '"') return asm_expect_name(a, "the name of a section", name, length);
    *name = a->p;
    while (asm_is_word(*a->p) || (*a->p && strchr("-+*!#%&^~|:=", *a->p)))
        a->p++;
    *length = (size_t)(a->p - *name);
    return *length || asm_error(a, TS_SYNTAX, a->p, "expected the name of a section");
}

static bool read_section(assembler *a, uint32_t *out) {
    const char *name, *at = a->p;
    size_t length;
    asm_section section = {.type = 0};
    if (!read_section_name(a, &name, &length)) return false;
    if (!asm_take(a, ',')) {
        if (!asm_expect_end(a)) return false;
        *out = asm_default_section(a, name, length);
        return *out != UINT32_MAX;
    }
    asm_skip_space(a);
    if (!read_flags(a, &section.flags)) return false;
    if (asm_take(a, ',')) {
        asm_skip_space(a);
        if (!read_type(a, &section.type) || !read_extras(a, &section)) return false;
    }
    if (!asm_expect_end(a)) return false;
    section.name = ts_arena_strndup(a->arena, name, length);
    if (!section.name) return asm_nomem(a);
    if (!section.type) section.type = asm_type_by_name(section.name);
    *out = asm_find_section(a, &section);
    if (*out == UINT32_MAX) return false;
    const asm_section *found = &a->sections[*out];
    if (found->flags != section.flags || found->type != section.type ||
        found->entry_size != section.entry_size)
        return asm_error(a, TS_CONFLICT, at, "section %s had other flags or another type before",
                         found->name);
    return true;
}

bool asm_d_section(assembler *a, int argument, const char *at) {
    uint32_t section;
    (void)argument;
    (void)at;
    return read_section(a, &section) && asm_enter_section(a, section);
}

bool asm_d_push_section(assembler *a, int argument, const char *at) {
    uint32_t section;
    (void)argument;
    if (a->n_section_stack == ASM_MAX_NESTING)
        return asm_error(a, TS_RANGE, at, ".pushsection more than %d deep", ASM_MAX_NESTING);
    if (!read_section(a, &section)) return false;
    a->section_stack[a->n_section_stack][0] = a->section;
    a->section_stack[a->n_section_stack++][1] = a->previous;
    return asm_enter_section(a, section);
}

bool asm_d_pop_section(assembler *a, int argument, const char *at) {
    (void)argument;
    if (!a->n_section_stack)
        return asm_error(a, TS_SYNTAX, at, ".popsection without its .pushsection");
    if (a->region.is_open) return asm_error(a, TS_SYNTAX, at, ".popsection in a .schedule region");
    a->section = a->section_stack[--a->n_section_stack][0];
    a->previous = a->section_stack[a->n_section_stack][1];
    return asm_expect_end(a);
}

bool asm_d_previous(assembler *a, int argument, const char *at) {
    (void)argument;
    (void)at;
    return asm_expect_end(a) && asm_enter_section(a, a->previous);
}

/* ---- symbols --------------------------------------------------------------------------------- */

static asm_symbol *take_symbol(assembler *a) {
    const char *name;
    size_t length;
    if (!asm_expect_name(a, "a symbol", &name, &length)) return NULL;
    asm_symbol *symbol = asm_find_symbol(a, name, length);
    if (symbol && !symbol->place.source) symbol->place = asm_here(a, name);
    return symbol;
}

static const char *const binding_names[] = {
    [ASM_STB_LOCAL] = "local", [ASM_STB_GLOBAL] = "global", [ASM_STB_WEAK] = "weak"};

/* From one binding to another only what is global can become weak, as in llvm-mc. */
bool asm_d_binding(assembler *a, int binding, const char *at) {
    do {
        asm_symbol *symbol = take_symbol(a);
        if (!symbol) return false;
        if (symbol->has_binding && symbol->binding != binding && binding != ASM_STB_WEAK)
            return asm_error(a, TS_CONFLICT, at, "'%.*s' is %s already", (int)symbol->length,
                             symbol->name, binding_names[symbol->binding]);
        symbol->binding = (uint8_t)binding;
        symbol->has_binding = true;
    } while (asm_take(a, ','));
    return asm_expect_end(a);
}

bool asm_d_visibility(assembler *a, int visibility, const char *at) {
    (void)at;
    do {
        asm_symbol *symbol = take_symbol(a);
        if (!symbol) return false;
        symbol->visibility = (uint8_t)visibility;
    } while (asm_take(a, ','));
    return asm_expect_end(a);
}

/* .type symbol, @function: also with %, quotes, or as STT_FUNC */
bool asm_d_type(assembler *a, int argument, const char *at) {
    static const struct {
        const char *name;
        uint8_t type;
    } types[] = {
        {"function", ASM_STT_FUNC},
        {"STT_FUNC", ASM_STT_FUNC},
        {"object", ASM_STT_OBJECT},
        {"STT_OBJECT", ASM_STT_OBJECT},
        {"notype", ASM_STT_NOTYPE},
        {"STT_NOTYPE", ASM_STT_NOTYPE},
        {"common", ASM_STT_OBJECT},
        {"STT_COMMON", ASM_STT_OBJECT},
        {"gnu_unique_object", ASM_STT_OBJECT},
    };
    (void)argument;
    (void)at;
    asm_symbol *symbol = take_symbol(a);
    if (!symbol) return false;
    asm_take(a, ',');
    asm_skip_space(a);
    const char *start = a->p, *name;
    size_t length;
    if (*a->p == '@' || *a->p == '%') a->p++;
    if (!asm_expect_name(a, "a type such as @function", &name, &length)) return false;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (asm_is_text(name, length, types[i].name)) {
            symbol->type = types[i].type;
            return asm_expect_end(a);
        }
    return asm_error(a, TS_UNKNOWN, start, "no symbol type '%.*s'", (int)length, name);
}

bool asm_d_size(assembler *a, int argument, const char *at) {
    (void)argument;
    (void)at;
    asm_symbol *symbol = take_symbol(a);
    if (!symbol || !asm_expect(a, ',', "and the size")) return false;
    asm_skip_space(a);
    symbol->size_place = asm_here(a, a->p);
    symbol->has_size = asm_expression(a, &symbol->size);
    return symbol->has_size && asm_expect_end(a);
}

bool asm_d_set(assembler *a, int is_fixed, const char *at) {
    const char *name;
    size_t length;
    (void)at;
    if (!asm_expect_name(a, "a symbol", &name, &length) || !asm_expect(a, ',', "and the value"))
        return false;
    return asm_assign(a, name, length, name, is_fixed != 0);
}

/* Room in .bss under a name that no other file sees. */
static bool place_local(assembler *a, asm_symbol *symbol, uint64_t size, uint64_t align,
                        const char *at) {
    uint32_t here = a->section;
    a->section = asm_default_section(a, ".bss", 4);
    if (a->section == UINT32_MAX) return false;
    bool ok = asm_align(a, align, NULL, 0, UINT64_MAX, at);
    symbol->kind = ASM_LABEL;
    symbol->section = a->section;
    symbol->offset = asm_offset(a);
    ok = ok && asm_put_zeros(a, size, 0, at);
    a->section = here;
    return ok;
}

/* .comm symbol, size [, alignment] */
bool asm_d_common(assembler *a, int is_local, const char *at) {
    int64_t size, align = 1;
    asm_symbol *symbol = take_symbol(a);
    if (!symbol || !asm_expect(a, ',', "and the size")) return false;
    if (!asm_number_in(a, 0, UINT32_MAX, "the size", &size)) return false;
    if (asm_take(a, ',') && !asm_number_in(a, 1, 1 << 30, "the alignment", &align)) return false;
    if (!asm_expect_end(a)) return false;
    if (align & (align - 1)) return asm_error(a, TS_RANGE, at, "an alignment must be a power of 2");
    if (symbol->kind != ASM_UNDEFINED)
        return asm_error(a, TS_CONFLICT, at, "'%.*s' is defined already", (int)symbol->length,
                         symbol->name);
    symbol->type = ASM_STT_OBJECT;
    symbol->size = (asm_value){.number = size};
    symbol->has_size = true;
    symbol->place = asm_here(a, at);
    if (is_local || (symbol->has_binding && symbol->binding == ASM_STB_LOCAL))
        return place_local(a, symbol, (uint64_t)size, (uint64_t)align, at);
    symbol->kind = ASM_COMMON_SYMBOL;
    symbol->offset = (uint32_t)align;
    if (!symbol->has_binding) symbol->binding = ASM_STB_GLOBAL;
    symbol->has_binding = true;
    return true;
}
