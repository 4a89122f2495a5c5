/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Which sections a program needs: those reached by relocations from its entry, from what the script
 * keeps or uses, and from tables of constructors. Sections that are not loaded (comments, debug
 * information) stay; what tells of a section that goes, goes with it.
 *
 * Everything that a live section refers to must be defined; what is not is reported with the places
 * that want it.
 *
 * src: llvm-project: lld/ELF/MarkLive.cpp, isReserved, MarkLive::run, for what is a root [code]
 */
#include "link_int.h"

#include <inttypes.h>
#include <string.h>

typedef struct marker {
    link *l;
    link_section **work;
    size_t n_work, capacity;
    link_symbol **wanted; /* that the script may provide */
    size_t n_wanted, wanted_capacity;
} marker;

static ts_status mark(marker *m, link_section *section) {
    if (!section || section->is_live || section->is_dropped) return TS_OK;
    section->is_live = true;
    link_section **grown =
        ts_arena_room(m->l->arena, m->work, m->n_work, &m->capacity, sizeof *grown);
    if (!grown) return ts_fail_nomem(m->l->diag);
    m->work = grown;
    m->work[m->n_work++] = section;
    return TS_OK;
}

static ts_status mark_symbol(marker *m, link_symbol *symbol) {
    if (!symbol->is_needed && symbol->provider) {
        link_symbol **grown =
            ts_arena_room(m->l->arena, m->wanted, m->n_wanted, &m->wanted_capacity, sizeof *grown);
        if (!grown) return ts_fail_nomem(m->l->diag);
        m->wanted = grown;
        m->wanted[m->n_wanted++] = symbol;
    }
    symbol->is_needed = true;
    return mark(m, symbol->section);
}

static ts_status mark_named(marker *m, const char *name) {
    link_symbol *symbol = link_find_symbol(m->l, name);
    return symbol ? mark_symbol(m, symbol) : TS_OK;
}

static ts_status mark_from(marker *m, const link_section *section) {
    link_object *object = section->object;
    TS_TRY(mark(m, section->in_group)); /* all members are needed when one is */
    if (!(section->model->flags & TS_SHF_ALLOC)) return TS_OK;
    for (size_t i = 0; i < section->model->n_relocs; i++) {
        uint32_t number = section->model->relocs[i].symbol;
        link_symbol *symbol = object->symbols[number];
        TS_TRY(symbol ? mark_symbol(m, symbol) : mark(m, link_section_of(object, number)));
    }
    return TS_OK;
}

enum {
    SHF_GNU_RETAIN = 0x200000,
};

/* ---- roots ----------------------------------------------------------------------------------- */

static bool is_table(const ts_object_section *section) {
    return section->type == TS_SHT_INIT_ARRAY || section->type == TS_SHT_FINI_ARRAY ||
           section->type == TS_SHT_PREINIT_ARRAY || strcmp(section->name, ".init") == 0 ||
           strcmp(section->name, ".fini") == 0 || strncmp(section->name, ".init_array", 11) == 0 ||
           strncmp(section->name, ".ctors", 6) == 0 || strncmp(section->name, ".dtors", 6) == 0;
}

/* Marked to stay; or not loaded, and neither about one section nor part of a group. */
static bool stays(const ts_object_section *section) {
    if (section->flags & SHF_GNU_RETAIN) return true;
    if (section->type == TS_SHT_NOTE && !section->group) return true;
    return !(section->flags & (TS_SHF_ALLOC | TS_SHF_LINK_ORDER)) && !section->group;
}

static ts_status mark_sections(marker *m) {
    for (link_object *o = m->l->objects; o; o = o->next)
        for (size_t i = 1; i < o->model->n_sections; i++) {
            const ts_object_section *section = &o->model->sections[i];
            bool is_root = m->l->options->keep_unused || stays(section) || is_table(section);
            if (is_root) TS_TRY(mark(m, &o->sections[i]));
        }
    return TS_OK;
}

static bool is_in(const script_pattern *patterns, const char *name) {
    for (const script_pattern *p = patterns; p; p = p->next)
        if (link_matches(p->text, name)) return true;
    return false;
}

static ts_status mark_kept(marker *m, const script_statement *s) {
    for (link_object *o = m->l->objects; o; o = o->next) {
        if (!link_matches(s->file->text, o->match)) continue;
        for (size_t i = 1; i < o->model->n_sections; i++)
            if (is_in(s->sections, o->model->sections[i].name)) TS_TRY(mark(m, &o->sections[i]));
    }
    return TS_OK;
}

static ts_status mark_expr(marker *m, const script_expr *e) {
    if (!e) return TS_OK;
    if (e->op == SCRIPT_SYMBOL) TS_TRY(mark_named(m, e->name));
    TS_TRY(mark_expr(m, e->a));
    TS_TRY(mark_expr(m, e->b));
    return mark_expr(m, e->c);
}

static ts_status mark_statements(marker *m, const script_statement *s) {
    for (; s; s = s->next) {
        if (s->is_kept) TS_TRY(mark_kept(m, s));
        if (!s->is_provided) TS_TRY(mark_expr(m, s->value));
        TS_TRY(mark_expr(m, s->address));
        TS_TRY(mark_expr(m, s->align));
        TS_TRY(mark_expr(m, s->subalign));
        TS_TRY(mark_statements(m, s->first));
    }
    return TS_OK;
}

static ts_status mark_roots(marker *m) {
    link *l = m->l;
    TS_TRY(mark_named(m, l->entry));
    for (size_t i = 0; i < l->options->n_needed; i++)
        TS_TRY(mark_named(m, l->options->needed[i]));
    for (const script_name *name = l->script.needed; name; name = name->next)
        TS_TRY(mark_named(m, name->text));
    TS_TRY(mark_statements(m, l->script.first));
    return mark_sections(m);
}

/* ---- what is provided ------------------------------------------------------------------------ */

/* The first PROVIDE() of each name. */
static ts_status note_providers(link *l, const script_statement *s) {
    for (; s; s = s->next) {
        TS_TRY(note_providers(l, s->first));
        if (!s->is_provided) continue;
        link_symbol *symbol = link_find_symbol(l, s->name);
        if (symbol && !symbol->provider) symbol->provider = s;
    }
    return TS_OK;
}

/* PROVIDE(name = value) counts when something live wants the name and nothing defines it. */
static ts_status provide(marker *m, link_symbol *symbol) {
    if (symbol->state != LINK_UNDEFINED && symbol->state != LINK_LAZY) return TS_OK;
    symbol->state = LINK_SCRIPT;
    symbol->is_weak = false;
    if (symbol->provider->is_hidden) symbol->visibility = TS_STV_HIDDEN;
    return mark_expr(m, symbol->provider->value);
}

static ts_status spread(marker *m) {
    while (m->n_work || m->n_wanted)
        TS_TRY(m->n_work ? mark_from(m, m->work[--m->n_work])
                         : provide(m, m->wanted[--m->n_wanted]));
    return TS_OK;
}

/* A table about one section lives as long as that one. */
static ts_status mark_linked(marker *m) {
    for (link_object *o = m->l->objects; o; o = o->next)
        for (size_t i = 1; i < o->model->n_sections; i++) {
            const ts_object_section *section = &o->model->sections[i];
            if (section->flags & TS_SHF_LINK_ORDER && section->link < o->model->n_sections &&
                o->sections[section->link].is_live)
                TS_TRY(mark(m, &o->sections[i]));
        }
    return spread(m);
}

/* ---- undefined symbols ----------------------------------------------------------------------- */

enum {
    MAX_USES_TOLD = 3
};

static bool is_undefined(const link_symbol *s) {
    return s && s->state != LINK_DEFINED && s->state != LINK_COMMON && s->state != LINK_SCRIPT &&
           !s->is_weak;
}

/* Where live, loaded sections of an object use a symbol: the first of them into `out`. */
static unsigned uses_of(const link_object *o, const link_symbol *symbol, unsigned n, ts_buf *out) {
    for (size_t i = 1; i < o->model->n_sections; i++) {
        const ts_object_section *section = &o->model->sections[i];
        if (!o->sections[i].is_live || !(section->flags & TS_SHF_ALLOC)) continue;
        for (size_t k = 0; k < section->n_relocs; k++) {
            if (o->symbols[section->relocs[k].symbol] != symbol) continue;
            if (n < MAX_USES_TOLD)
                ts_buf_printf(out, "%s %s: %s+0x%" PRIx32, n ? "," : "", o->file, section->name,
                              section->relocs[k].offset);
            n++;
        }
    }
    return n;
}

/* Who else than an object wants it. */
static const char *wanted_by(const link *l, const link_symbol *symbol) {
    if (strcmp(symbol->name, l->entry) == 0) return ", where the program begins";
    for (size_t i = 0; i < l->options->n_needed; i++)
        if (strcmp(symbol->name, l->options->needed[i]) == 0) return ", which was asked for";
    return ", used by the script";
}

static ts_status undefined(link *l, const link_symbol *symbol) {
    ts_buf uses = ts_buf_in(l->arena), others = ts_buf_in(l->arena);
    unsigned n = 0, n_others = 0;
    for (const link_object *o = l->objects; o; o = o->next)
        n = uses_of(o, symbol, n, &uses);
    if (n > MAX_USES_TOLD) ts_buf_printf(&uses, " and %u more", n - MAX_USES_TOLD);
    for (const link_symbol *s = symbol->next; s; s = s->next)
        if (is_undefined(s) && s->is_needed && n_others++ < 5)
            ts_buf_printf(&others, "%s '%s'", n_others > 1 ? "," : "; also undefined:", s->name);
    if (n_others > 5) ts_buf_printf(&others, " and %u more", n_others - 5);
    ts_buf_u8(&uses, 0);
    ts_buf_u8(&others, 0);
    if (uses.failed || others.failed) return ts_fail_nomem(l->diag);
    return ts_fail(l->diag, TS_MISSING, l->options->output, "undefined symbol '%s'%s%s%s",
                   symbol->name, n ? ", used by" : wanted_by(l, symbol), (const char *)uses.data,
                   (const char *)others.data);
}

static ts_status check_symbols(link *l) {
    for (const link_symbol *s = l->symbols; s; s = s->next)
        if (s->is_needed && is_undefined(s)) return undefined(l, s);
    return TS_OK;
}

static ts_status warn_of_tables(link *l) {
    for (const link_object *o = l->objects; o; o = o->next)
        for (size_t i = 1; i < o->model->n_sections; i++)
            if (is_table(&o->model->sections[i]) && o->sections[i].is_live &&
                ts_object_section_size(&o->model->sections[i]))
                return link_warn(l,
                                 "%s: %s has constructors or destructors; start-up code for a "
                                 "core runs none",
                                 o->file, o->model->sections[i].name);
    return TS_OK;
}

ts_status link_find_live(link *l) {
    marker m = {.l = l};
    TS_TRY(note_providers(l, l->script.first));
    TS_TRY(mark_roots(&m));
    TS_TRY(spread(&m));
    TS_TRY(mark_linked(&m));
    TS_TRY(check_symbols(l));
    return warn_of_tables(l);
}
