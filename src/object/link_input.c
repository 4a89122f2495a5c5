/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * What goes into a program: the files in their order, members of archives when something needs
 * them, and one table of the global symbols. A member comes in at the moment it is first needed,
 * and is searched before the file that asked goes on: the order of sections in the program depends
 * on it.
 *
 * src: llvm-project: lld/ELF/InputFiles.cpp, ObjFile::initializeSymbols; Symbols.cpp,
 * Symbol::resolve; Driver.cpp, LinkerDriver::link, where the entry is asked for behind all files,
 * for the order and for what takes precedence [code]
 */
#include "link_int.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- symbols --------------------------------------------------------------------------------- */

static link_symbol **bucket_of(const link *l, const char *name) {
    return &l->buckets[object_hash(name, strlen(name)) % l->n_buckets];
}

link_symbol *link_find_symbol(const link *l, const char *name) {
    if (!l->n_buckets) return NULL;
    for (link_symbol *s = *bucket_of(l, name); s; s = s->next_hash)
        if (strcmp(s->name, name) == 0) return s;
    return NULL;
}

/* As many buckets as symbols, or more. */
static bool make_buckets(link *l) {
    size_t n = l->n_buckets ? l->n_buckets * 2 : LINK_BUCKETS;
    link_symbol **buckets = TS_ARENA_ARRAY(l->arena, link_symbol *, n);
    if (!buckets) return false;
    l->buckets = buckets;
    l->n_buckets = n;
    for (link_symbol *s = l->symbols; s; s = s->next) {
        link_symbol **bucket = bucket_of(l, s->name);
        s->next_hash = *bucket;
        *bucket = s;
    }
    return true;
}

link_symbol *link_symbol_named(link *l, const char *name) {
    link_symbol *s = link_find_symbol(l, name);
    if (s) return s;
    s = TS_ARENA_NEW(l->arena, link_symbol);
    if (!s || (l->n_symbols == l->n_buckets && !make_buckets(l))) return NULL;
    link_symbol **bucket = bucket_of(l, name);
    *s = (link_symbol){.name = name, .is_weak = true, .next_hash = *bucket};
    *bucket = s;
    *l->symbols_end = s;
    l->symbols_end = &s->next;
    l->n_symbols++;
    return s;
}

ts_status link_warn(link *l, const char *format, ...) {
    ts_buf text = ts_buf_in(l->arena);
    ts_link_result *r = l->result;
    va_list args;
    va_start(args, format);
    ts_buf_vprintf(&text, format, args);
    va_end(args);
    ts_buf_u8(&text, 0);
    const char **grown =
        ts_arena_room(l->arena, r->warnings, r->n_warnings, &r->warning_capacity, sizeof *grown);
    if (!grown || text.failed) return ts_fail_nomem(l->diag);
    r->warnings = grown;
    r->warnings[r->n_warnings++] = (const char *)text.data;
    return TS_OK;
}

link_section *link_section_of(link_object *object, uint32_t symbol) {
    const ts_object_symbol *s = &object->model->symbols[symbol];
    return s->place == TS_OBJECT_DEFINED ? &object->sections[s->section] : NULL;
}

/* Where a definition is, for errors: "a.o, .text.f". */
static const char *where(const link_object *object, const ts_object_symbol *s) {
    return s->place == TS_OBJECT_DEFINED  ? object->model->sections[s->section].name
           : s->place == TS_OBJECT_COMMON ? "a common symbol"
                                          : "an absolute value";
}

static ts_status defined_twice(link *l, const link_symbol *s, const link_object *object,
                               const ts_object_symbol *model) {
    return ts_fail(l->diag, TS_CONFLICT, object->file,
                   "'%s' is defined twice: in %s here, and in %s of %s", s->name,
                   where(object, model), where(s->object, s->model), s->object->file);
}

/* Let `object` define `s`. */
static void define(link_symbol *s, link_object *object, const ts_object_symbol *model) {
    s->state = model->place == TS_OBJECT_COMMON ? LINK_COMMON : LINK_DEFINED;
    s->object = object;
    s->model = model;
    s->section = model->place == TS_OBJECT_DEFINED ? &object->sections[model->section] : NULL;
    s->value = model->place == TS_OBJECT_COMMON ? 0 : model->value;
    s->size = model->size;
    s->align = model->place == TS_OBJECT_COMMON ? model->value : 0;
    s->is_weak = model->binding == TS_STB_WEAK;
}

/* Whether two definitions are one number. */
static bool is_same_number(const link_symbol *s, const ts_object_symbol *model) {
    return model->place == TS_OBJECT_ABSOLUTE && s->model->place == TS_OBJECT_ABSOLUTE &&
           s->value == model->value;
}

/* A strong definition beats a weak one, that a common symbol is between them; the largest of common
 * symbols of one name, with the strictest alignment, stands for all. What the files define counts
 * before what Tessera's own helpers do, some of which come several in one object.
 * src: llvm-project: lld/ELF/Symbols.cpp, Symbol::checkDuplicate, for equal numbers [code] */
static ts_status resolve(link *l, link_symbol *s, link_object *object,
                         const ts_object_symbol *model) {
    bool is_weak = model->binding == TS_STB_WEAK, is_common = model->place == TS_OBJECT_COMMON;
    bool is_defined = s->state == LINK_DEFINED || s->state == LINK_COMMON;
    if (is_defined && object->is_runtime) return TS_OK;
    if (s->state == LINK_SCRIPT)
        return link_warn(l, "%s: '%s' is given another value by %s", object->file, s->name,
                         l->script.file);
    if (is_defined && s->object->is_runtime) {
        define(s, object, model);
        return TS_OK;
    }
    if (s->state == LINK_COMMON && is_common) {
        uint32_t align = s->align > model->value ? s->align : model->value;
        if (model->size > s->size) define(s, object, model);
        s->align = align;
        return TS_OK;
    }
    if (s->state == LINK_DEFINED && !s->is_weak && (is_weak || is_common)) return TS_OK;
    if (s->state == LINK_DEFINED && s->is_weak && is_weak) return TS_OK;
    if (s->state == LINK_COMMON && is_weak) return TS_OK;
    if (s->state == LINK_DEFINED && !s->is_weak && is_same_number(s, model)) return TS_OK;
    if (s->state == LINK_DEFINED && !s->is_weak) return defined_twice(l, s, object, model);
    define(s, object, model);
    return TS_OK;
}

/* ---- objects --------------------------------------------------------------------------------- */

static ts_status add_object(link *l, const ts_object *model, const char *file, const char *match,
                            bool is_runtime);

static ts_status take_member(link *l, link_symbol *s) {
    link_member *member = s->member;
    s->state = LINK_UNDEFINED;
    s->member = NULL;
    if (member->is_taken) return TS_OK;
    member->is_taken = true;
    return add_object(l, member->model, member->file, member->match, member->is_runtime);
}

/* A weak reference does not bring a member in. */
static ts_status refer(link *l, link_symbol *s, bool is_weak) {
    s->is_referenced = true;
    if (s->state == LINK_UNDEFINED || s->state == LINK_LAZY) s->is_weak = s->is_weak && is_weak;
    return s->state == LINK_LAZY && !is_weak ? take_member(l, s) : TS_OK;
}

ts_status link_refer(link *l, const char *name) {
    link_symbol *s = link_symbol_named(l, name);
    return s ? refer(l, s, false) : ts_fail_nomem(l->diag);
}

/* Sections that are not for a program: those to exclude, and notes to the linker. */
static bool is_linked(const ts_object_section *section) {
    return !(section->flags & (uint32_t)TS_SHF_EXCLUDE) &&
           strcmp(section->name, ".note.GNU-stack") != 0;
}

/* Of COMDAT groups with the same signature the first one counts. The symbol table remembers: a
 * group's signature is a symbol of this table behind a name that no file can have. */
static ts_status take_groups(link *l, link_object *object) {
    const ts_object *model = object->model;
    bool *is_second = TS_ARENA_ARRAY(l->arena, bool, model->n_groups);
    if (!is_second) return ts_fail_nomem(l->diag);
    for (size_t i = 1; i < model->n_groups; i++) {
        const ts_object_symbol *symbol = &model->symbols[model->groups[i].symbol];
        const char *name = symbol->name;
        if (symbol->type == TS_STT_SECTION && symbol->place == TS_OBJECT_DEFINED)
            name = model->sections[symbol->section].name;
        if (!(model->groups[i].flags & TS_GRP_COMDAT)) continue;
        char *signature = ts_arena_printf(l->arena, "\1%s", name);
        link_symbol *s = signature ? link_symbol_named(l, signature) : NULL;
        if (!s) return ts_fail_nomem(l->diag);
        is_second[i] = s->is_referenced;
        s->is_referenced = true;
    }
    for (size_t i = 1; i < model->n_sections; i++)
        if (model->sections[i].group)
            object->sections[i].is_dropped |= is_second[model->sections[i].group];
    return TS_OK;
}

/* The members of each group in a circle. */
static ts_status join_groups(link *l, link_object *object) {
    const ts_object *model = object->model;
    link_section **last = TS_ARENA_ARRAY(l->arena, link_section *, model->n_groups);
    if (!last) return ts_fail_nomem(l->diag);
    for (size_t i = 1; i < model->n_sections; i++) {
        link_section *section = &object->sections[i], **before = &last[model->sections[i].group];
        if (!model->sections[i].group) continue;
        section->in_group = *before ? (*before)->in_group : section;
        if (*before) (*before)->in_group = section;
        *before = section;
    }
    return TS_OK;
}

static ts_status make_sections(link *l, link_object *object) {
    const ts_object *model = object->model;
    object->sections = TS_ARENA_ARRAY(l->arena, link_section, model->n_sections);
    object->symbols = TS_ARENA_ARRAY(l->arena, link_symbol *, model->n_symbols);
    if (!object->sections || !object->symbols) return ts_fail_nomem(l->diag);
    for (size_t i = 1; i < model->n_sections; i++)
        object->sections[i] = (link_section){.object = object,
                                             .model = &model->sections[i],
                                             .order = l->n_sections++,
                                             .is_dropped = !is_linked(&model->sections[i])};
    TS_TRY(join_groups(l, object));
    return take_groups(l, object);
}

/* Definitions first, so that a file that has both does not fetch a member for its own symbol. */
static ts_status enter_symbols(link *l, link_object *object) {
    const ts_object *model = object->model;
    for (size_t i = 1; i < model->n_symbols; i++) {
        const ts_object_symbol *s = &model->symbols[i];
        if (s->binding == TS_STB_LOCAL) continue;
        object->symbols[i] = link_symbol_named(l, s->name);
        if (!object->symbols[i]) return ts_fail_nomem(l->diag);
        if ((s->other & 3) > object->symbols[i]->visibility)
            object->symbols[i]->visibility = s->other & 3;
        if (s->place == TS_OBJECT_UNDEFINED) continue;
        if (s->place == TS_OBJECT_DEFINED && object->sections[s->section].is_dropped) continue;
        TS_TRY(resolve(l, object->symbols[i], object, s));
    }
    for (size_t i = 1; i < model->n_symbols; i++) {
        const ts_object_symbol *s = &model->symbols[i];
        bool is_dropped = s->place == TS_OBJECT_DEFINED && object->sections[s->section].is_dropped;
        if (object->symbols[i] && (s->place == TS_OBJECT_UNDEFINED || is_dropped))
            TS_TRY(refer(l, object->symbols[i], s->binding == TS_STB_WEAK));
    }
    return TS_OK;
}

static ts_status check_object(const link *l, const ts_object *model, const char *file) {
    if (model->type != TS_ET_REL)
        return ts_fail(l->diag, TS_CONFLICT, file,
                       "a program; only relocatable objects are linked");
    if ((model->flags & 3) != TS_EF_AIE_AIE2)
        return ts_fail(l->diag, TS_CONFLICT, file,
                       "an object for the core with ELF flags %" PRIu32 "; expected %d (AIE2)",
                       model->flags, TS_EF_AIE_AIE2);
    return TS_OK;
}

static ts_status add_object(link *l, const ts_object *model, const char *file, const char *match,
                            bool is_runtime) {
    link_object *object = TS_ARENA_NEW(l->arena, link_object);
    if (!object) return ts_fail_nomem(l->diag);
    TS_TRY(check_object(l, model, file));
    *object = (link_object){.model = model, .file = file, .match = match, .is_runtime = is_runtime};
    *l->objects_end = object;
    l->objects_end = &object->next;
    l->n_objects++;
    TS_TRY(make_sections(l, object));
    return enter_symbols(l, object);
}

/* ---- archives -------------------------------------------------------------------------------- */

ts_status link_add_member(link *l, const ts_object *model, const char *file, const char *match,
                          bool is_runtime) {
    link_member *member = TS_ARENA_NEW(l->arena, link_member);
    if (!member) return ts_fail_nomem(l->diag);
    *member = (link_member){model, file, match, false, is_runtime};
    for (size_t i = 1; i < model->n_symbols && !member->is_taken; i++) {
        const ts_object_symbol *s = &model->symbols[i];
        if (s->binding == TS_STB_LOCAL || s->place == TS_OBJECT_UNDEFINED) continue;
        link_symbol *symbol = link_symbol_named(l, s->name);
        if (!symbol) return ts_fail_nomem(l->diag);
        if (symbol->state != LINK_UNDEFINED) continue;
        symbol->state = LINK_LAZY;
        symbol->member = member;
        if (symbol->is_referenced && !symbol->is_weak) TS_TRY(take_member(l, symbol));
    }
    return TS_OK;
}

static ts_status add_archive(link *l, const ts_link_file *file) {
    ts_archive archive;
    TS_TRY(ts_archive_read(l->arena, file->bytes, file->name, &archive, l->diag));
    ts_object *models = TS_ARENA_ARRAY(l->arena, ts_object, archive.n_members);
    if (!models) return ts_fail_nomem(l->diag);
    for (size_t i = 0; i < archive.n_members; i++) {
        const ts_archive_member *member = &archive.members[i];
        const char *name = ts_arena_printf(l->arena, "%s(%s)", file->name, member->name);
        const char *match = ts_arena_printf(l->arena, "%s:%s", file->name, member->name);
        if (!name || !match) return ts_fail_nomem(l->diag);
        TS_TRY(ts_object_read(l->arena, member->bytes, name, &models[i], l->diag));
        TS_TRY(link_add_member(l, &models[i], name, match, false));
    }
    return TS_OK;
}

static ts_status add_file(link *l, const ts_link_file *file) {
    if (ts_archive_is(file->bytes)) return add_archive(l, file);
    ts_object *model = TS_ARENA_NEW(l->arena, ts_object);
    if (!model) return ts_fail_nomem(l->diag);
    TS_TRY(ts_object_read(l->arena, file->bytes, file->name, model, l->diag));
    return add_object(l, model, file->name, file->name, false);
}

/* ---- what the script names ------------------------------------------------------------------- */

/* Symbols that a value needs must be there, from an archive if nowhere else. */
static ts_status refer_in(link *l, const script_expr *e) {
    if (!e) return TS_OK;
    if (e->op == SCRIPT_SYMBOL) TS_TRY(link_refer(l, e->name));
    TS_TRY(refer_in(l, e->a));
    TS_TRY(refer_in(l, e->b));
    return refer_in(l, e->c);
}

static ts_status refer_in_statements(link *l, const script_statement *s) {
    for (; s; s = s->next) {
        TS_TRY(refer_in(l, s->value));
        TS_TRY(refer_in(l, s->address));
        TS_TRY(refer_in(l, s->align));
        TS_TRY(refer_in(l, s->subalign));
        TS_TRY(refer_in_statements(l, s->first));
    }
    return TS_OK;
}

static ts_status add_script_files(link *l) {
    for (const script_name *name = l->script.inputs; name; name = name->next) {
        ts_link_file file = {0};
        if (!l->options->find)
            return ts_fail_text(l->diag, TS_MISSING, l->script.file,
                                (const char *)l->script.text.data, l->script.text.size, name->at,
                                "INPUT(%s): no file can be looked for here", name->text);
        TS_TRY(l->options->find(l->options->find_context, name->text, &file, l->diag));
        TS_TRY(add_file(l, &file));
    }
    return TS_OK;
}

/* Symbols that the script assigns are defined from the start, so that no archive is asked. */
static ts_status enter_assigned(link *l, const script_statement *s) {
    for (; s; s = s->next) {
        TS_TRY(enter_assigned(l, s->first));
        if (s->kind != SCRIPT_ASSIGN || s->is_provided || strcmp(s->name, ".") == 0) continue;
        link_symbol *symbol = link_symbol_named(l, s->name);
        if (!symbol) return ts_fail_nomem(l->diag);
        symbol->state = LINK_SCRIPT;
        symbol->is_weak = false;
        symbol->is_referenced = true;
        if (s->is_hidden) symbol->visibility = TS_STV_HIDDEN;
    }
    return TS_OK;
}

ts_status link_read_inputs(link *l) {
    const ts_link_options *o = l->options;
    TS_TRY(enter_assigned(l, l->script.first));
    for (size_t i = 0; i < o->n_needed; i++)
        TS_TRY(link_refer(l, o->needed[i]));
    for (const script_name *name = l->script.needed; name; name = name->next)
        TS_TRY(link_refer(l, name->text));
    for (size_t i = 0; i < o->n_files; i++) {
        if (i == o->script_after) TS_TRY(add_script_files(l));
        TS_TRY(add_file(l, &o->files[i]));
    }
    if (o->script_after >= o->n_files) TS_TRY(add_script_files(l));
    TS_TRY(refer_in_statements(l, l->script.first));
    TS_TRY(link_refer(l, l->entry));
    return o->no_runtime ? TS_OK : link_add_runtime(l);
}
