/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The program: sections with their bytes and relocations applied, what is loaded, and symbols.
 * Local symbols come first, file by file, then the global ones in the order in which the link met
 * them. A symbol that a script gives to addresses it sets aside has their number as its size.
 */
#include "link_int.h"

#include <inttypes.h>
#include <string.h>

typedef struct maker {
    link *l;
    ts_object *program;
} maker;

/* ---- relocations ----------------------------------------------------------------------------- */

enum {
    /* In a table about functions, one that is not there is at no address of program memory, rather
     * than at 0, where every program begins. */
    NO_FUNCTION = 0xfffff,
};

static const char *symbol_name(const link_object *o, uint32_t number) {
    const ts_object_symbol *s = &o->model->symbols[number];
    bool is_section = s->type == TS_STT_SECTION && s->place == TS_OBJECT_DEFINED;
    return is_section ? o->model->sections[s->section].name : s->name;
}

/* The address of a symbol; what loaded sections need must be there. */
static ts_status find_value(const link *l, const link_section *section, uint32_t number,
                            uint32_t *out) {
    link_object *o = section->object;
    const ts_object_symbol *s = &o->model->symbols[number];
    const link_section *target = NULL;
    *out = 0;
    if (o->symbols[number]) {
        *out = link_symbol_addr(o->symbols[number]);
        target = o->symbols[number]->state == LINK_DEFINED ? o->symbols[number]->section : NULL;
    } else if (s->place == TS_OBJECT_ABSOLUTE) {
        *out = s->value;
    } else if (s->place == TS_OBJECT_DEFINED) {
        target = &o->sections[s->section];
        if (target->out) *out = target->out->addr + target->offset + s->value;
    }
    if (!target || target->out) return TS_OK;
    if (!(section->model->flags & TS_SHF_ALLOC)) {
        *out = strcmp(section->model->name, ".stack_sizes") == 0 ? NO_FUNCTION : 0;
        return TS_OK;
    }
    if (!ts_object_section_size(target->model)) return TS_OK;
    return ts_fail(l->diag, TS_CONFLICT, o->file,
                   "%s refers to '%s' in %s, which is not part of the program",
                   section->model->name, symbol_name(o, number), target->model->name);
}

static ts_status relocate(const link *l, const link_section *section, uint8_t *bytes) {
    const ts_object_section *model = section->model;
    for (size_t i = 0; i < model->n_relocs; i++) {
        const ts_object_reloc *reloc = &model->relocs[i];
        link_place place = {section->object->file, model->name,
                            symbol_name(section->object, reloc->symbol), reloc->offset};
        uint32_t value;
        TS_TRY(find_value(l, section, reloc->symbol, &value));
        TS_TRY(link_relocate(&place, reloc, value, bytes + reloc->offset,
                             model->bytes.size - reloc->offset, l->diag));
    }
    return TS_OK;
}

/* ---- sections -------------------------------------------------------------------------------- */

static void put_fill(const link_out *out, uint8_t *bytes) {
    for (uint32_t i = 0; out->fill && i < out->size; i++)
        bytes[i] = (uint8_t)(out->fill >> (3 - i % 4) * 8);
}

static void put_script_data(const link_out *out, uint8_t *bytes) {
    ts_cur cur = ts_cur_of(ts_buf_span(&out->data));
    while (ts_cur_left(&cur)) {
        uint32_t offset = ts_cur_u32le(&cur), n = ts_cur_u32le(&cur);
        uint64_t value = ts_cur_u64le(&cur);
        for (uint32_t i = 0; i < n; i++)
            bytes[offset + i] = (uint8_t)(value >> i * 8);
    }
}

static ts_status put_sections(const link *l, const link_out *out, uint8_t *bytes) {
    if (out->data.failed) return ts_fail_nomem(l->diag);
    put_fill(out, bytes);
    put_script_data(out, bytes);
    for (const link_section *s = out->first; s; s = s->next) {
        if (s->model->type == TS_SHT_NOBITS) {
            memset(bytes + s->offset, 0, s->model->nobits_size);
            continue;
        }
        if (s->model->bytes.size)
            memcpy(bytes + s->offset, s->model->bytes.data, s->model->bytes.size);
        TS_TRY(relocate(l, s, bytes + s->offset));
    }
    return TS_OK;
}

/* A comment or string table keeps its entry size when all of its parts have it. */
static uint32_t entry_size(const link_out *out) {
    uint32_t size = out->first ? out->first->model->entry_size : 0;
    for (const link_section *s = out->first; s; s = s->next)
        if (s->model->entry_size != size) return 0;
    return size;
}

static ts_status add_section(maker *m, link_out *out) {
    ts_object_section section = {.name = out->name,
                                 .type = out->type ? out->type : TS_SHT_PROGBITS,
                                 .flags = out->flags,
                                 .addr = out->flags & TS_SHF_ALLOC ? out->addr : 0,
                                 .align = out->align,
                                 .entry_size = entry_size(out)};
    if (!section.entry_size) section.flags &= (uint32_t) ~(TS_SHF_MERGE | TS_SHF_STRINGS);
    if (section.type == TS_SHT_NOBITS) {
        section.nobits_size = out->size;
    } else {
        uint8_t *bytes = ts_arena_alloc(m->l->arena, out->size);
        if (!bytes) return ts_fail_nomem(m->l->diag);
        TS_TRY(put_sections(m->l, out, bytes));
        section.bytes = ts_span_of(bytes, out->size);
        section.in_segment = out->flags & TS_SHF_ALLOC && out->size;
    }
    out->number = ts_object_add_section(m->l->arena, m->program, section);
    return out->number ? TS_OK : ts_fail_nomem(m->l->diag);
}

/* ---- segments -------------------------------------------------------------------------------- */

static uint32_t segment_flags(const link_out *out) {
    return TS_PF_R | (out->flags & TS_SHF_WRITE ? TS_PF_W : 0u) |
           (out->flags & TS_SHF_EXECINSTR ? TS_PF_X : 0u);
}

/* A section joins the segment before it when it is of the same kind and begins behind it, but for
 * its alignment: a loader writes zeros into what is between. */
static bool joins(const ts_object_segment *segment, const link_out *before, const link_out *out) {
    uint32_t end = segment->vaddr + segment->mem_size;
    return before && before->region == out->region && segment->flags == segment_flags(out) &&
           out->addr >= end && out->addr - end < (out->align ? out->align : 1) &&
           (before->type != TS_SHT_NOBITS || out->type == TS_SHT_NOBITS);
}

static ts_status add_segments(maker *m) {
    const link_out *before = NULL;
    ts_object *p = m->program;
    for (const link_out *out = m->l->outs; out; out = out->next) {
        if (!(out->flags & TS_SHF_ALLOC) || !out->size || !out->number) continue;
        if (!before || !joins(&p->segments[p->n_segments - 1], before, out)) {
            ts_object_segment segment = {.type = TS_PT_LOAD,
                                         .flags = segment_flags(out),
                                         .vaddr = out->addr,
                                         .paddr = out->addr};
            if (!ts_object_add_segment(m->l->arena, p, segment)) return ts_fail_nomem(m->l->diag);
        }
        ts_object_segment *segment = &p->segments[p->n_segments - 1];
        segment->mem_size = out->addr + out->size - segment->vaddr;
        if (out->type != TS_SHT_NOBITS) segment->file_size = segment->mem_size;
        if (out->align > segment->align) segment->align = out->align;
        before = out;
    }
    ts_object_segment stack = {.type = TS_PT_GNU_STACK, .flags = TS_PF_R | TS_PF_W};
    return ts_object_add_segment(m->l->arena, p, stack) ? TS_OK : ts_fail_nomem(m->l->diag);
}

/* ---- symbols --------------------------------------------------------------------------------- */

static ts_status add_symbol(maker *m, ts_object_symbol symbol) {
    return ts_object_add_symbol(m->l->arena, m->program, symbol) ? TS_OK
                                                                 : ts_fail_nomem(m->l->diag);
}

/* Whether anything of an object is loaded. */
static bool is_present(const link_object *o) {
    for (size_t i = 1; i < o->model->n_sections; i++)
        if (o->sections[i].out && o->model->sections[i].flags & TS_SHF_ALLOC) return true;
    return false;
}

static ts_status add_locals(maker *m, const link_object *o) {
    for (size_t i = 1; i < o->model->n_symbols && o->model->symbols; i++) {
        ts_object_symbol s = o->model->symbols[i];
        if (s.binding != TS_STB_LOCAL || s.type == TS_STT_SECTION) continue;
        if (s.place == TS_OBJECT_DEFINED) {
            const link_section *section = &o->sections[s.section];
            if (!section->out) continue;
            s.section = section->out->number;
            s.value += section->out->addr + section->offset;
            if (!s.section) continue;
        } else if (s.place != TS_OBJECT_ABSOLUTE) {
            continue;
        }
        TS_TRY(add_symbol(m, s));
    }
    return TS_OK;
}

static bool is_shown(const link_symbol *s) {
    if (s->state == LINK_SCRIPT) return true;
    if (s->state == LINK_DEFINED)
        return !s->section || (s->section->out && s->section->out->number);
    return s->is_needed && s->state != LINK_COMMON;
}

static ts_status add_global(maker *m, const link_symbol *s) {
    const link_out *out = s->state == LINK_SCRIPT ? s->out : s->section ? s->section->out : NULL;
    bool is_hidden = s->visibility == TS_STV_HIDDEN || s->visibility == TS_STV_INTERNAL;
    ts_object_symbol symbol = {.name = s->name,
                               .value = link_symbol_addr(s),
                               .size = s->state == LINK_SCRIPT ? s->reserved : s->size,
                               .binding = s->is_weak ? TS_STB_WEAK : TS_STB_GLOBAL,
                               .type = s->model ? s->model->type : TS_STT_NOTYPE,
                               .other = s->visibility};
    if (symbol.type == TS_STT_COMMON) symbol.type = TS_STT_OBJECT;
    if (s->state != LINK_UNDEFINED && s->state != LINK_LAZY) {
        symbol.place = out && out->number ? TS_OBJECT_DEFINED : TS_OBJECT_ABSOLUTE;
        symbol.section = out ? out->number : 0;
        if (is_hidden) symbol.binding = TS_STB_LOCAL;
    }
    return add_symbol(m, symbol);
}

static ts_status add_symbols(maker *m) {
    for (const link_object *o = m->l->objects; o; o = o->next)
        if (is_present(o)) TS_TRY(add_locals(m, o));
    for (const link_symbol *s = m->l->symbols; s; s = s->next)
        if (is_shown(s)) TS_TRY(add_global(m, s));
    return TS_OK;
}

/* ---- all of it ------------------------------------------------------------------------------- */

/* Nothing reads the entry of a core's program.
 * src: Xilinx/mlir-aie: lib/Targets/AIETargetLdScript.cpp, comment in .text [documented] */
static ts_status warn_of_entry(link *l, uint32_t addr) {
    return link_warn(l, "%s: the program begins with '%s' at 0x%" PRIx32 "; a core begins at 0x0",
                     l->options->output, l->entry, addr);
}

ts_status link_make_program(link *l) {
    maker m = {.l = l, .program = &l->result->program};
    const link_symbol *entry = link_find_symbol(l, l->entry);
    TS_TRY(ts_object_init(l->arena, m.program, l->diag));
    m.program->file = l->options->output;
    m.program->type = TS_ET_EXEC;
    for (link_out *out = l->outs; out; out = out->next)
        if (out->is_used && (out->size || out->first)) TS_TRY(add_section(&m, out));
    TS_TRY(add_segments(&m));
    TS_TRY(add_symbols(&m));
    m.program->entry = entry ? link_symbol_addr(entry) : 0;
    return m.program->entry ? warn_of_entry(l, m.program->entry) : TS_OK;
}
