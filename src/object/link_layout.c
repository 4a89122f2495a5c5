/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Where everything goes. The script's sections take what they match, the first that does; what is
 * left makes sections of its own behind them; then the script is run from top to bottom, as often
 * as it takes until no symbol changes, because a value may use what comes later.
 *
 * A place at a region's end of use is the next of that region; `.` outside of sections is free.
 * `. += size` there sets addresses aside, and the symbol that stands before them has that size: it
 * is how mlir-aie's scripts tell of the stack and of buffers.
 *
 * src: llvm-project: lld/ELF/LinkerScript.cpp, computeInputSections, assignAddresses,
 * findMemoryRegion [code]
 */
#include "link_int.h"

#include "tessera/aie2.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_ROUNDS = 8
};

typedef struct layout {
    link *l;
    uint64_t dot;
    link_out *out;      /* inside of this section */
    uint64_t out_start; /* its address */
    bool is_final;      /* values must be there now */
    bool changed;
    link_symbol *last; /* the last symbol that was given `dot` */
    uint64_t last_dot;
} layout;

uint32_t link_symbol_addr(const link_symbol *s) {
    if (s->state == LINK_SCRIPT) return s->value;
    if (s->state != LINK_DEFINED) return 0;
    if (!s->section) return s->value;
    return s->section->out ? s->section->out->addr + s->section->offset + s->value : 0;
}

/* ---- sections of the program ----------------------------------------------------------------- */

static uint32_t out_bucket(const char *name) {
    return object_hash(name, strlen(name)) % LINK_BUCKETS;
}

static link_out *find_out(const link *l, const char *name) {
    for (link_out *o = l->out_buckets[out_bucket(name)]; o; o = o->next_hash)
        if (strcmp(o->name, name) == 0) return o;
    return NULL;
}

static ts_status add_out(link *l, const char *name, link_out **out) {
    link_out *o = TS_ARENA_NEW(l->arena, link_out), **bucket = &l->out_buckets[out_bucket(name)];
    if (!o) return ts_fail_nomem(l->diag);
    if (l->n_outs == TS_OBJECT_MAX_SECTIONS)
        return ts_fail(l->diag, TS_RANGE, l->options->output,
                       "more than %d sections of different names", TS_OBJECT_MAX_SECTIONS);
    *o = (link_out){.name = name, .align = 1, .data = ts_buf_in(l->arena), .next_hash = *bucket};
    *bucket = o;
    *l->outs_end = o;
    l->outs_end = &o->next;
    l->n_outs++;
    *out = o;
    return TS_OK;
}

static script_region *find_region(const link *l, const char *name) {
    for (script_region *r = l->script.regions; r; r = r->link)
        if (strcmp(r->name, name) == 0) return r;
    return NULL;
}

static void append(link_out *out, link_section *section, const script_statement *taker) {
    uint32_t align = section->model->align;
    *(out->last ? &out->last->next : &out->first) = section;
    out->last = section;
    out->n_sections++;
    section->out = out;
    section->taker = taker;
    if (align > out->align) out->align = align;
    out->flags |= section->model->flags &
                  (TS_SHF_WRITE | TS_SHF_ALLOC | TS_SHF_EXECINSTR | TS_SHF_MERGE | TS_SHF_STRINGS);
    if (out->type != TS_SHT_PROGBITS)
        out->type = section->model->type == TS_SHT_NOBITS ? TS_SHT_NOBITS : TS_SHT_PROGBITS;
    out->is_used = true;
}

/* ---- which section takes what ---------------------------------------------------------------- */

static bool is_excluded(const script_pattern *p, const char *file) {
    for (size_t i = 0; i < p->n_excluded; i++)
        if (link_matches(p->excluded[i], file)) return true;
    return false;
}

/* The pattern that takes a section, or NULL. */
static const script_pattern *pattern_for(const script_statement *s, const link_section *section) {
    for (const script_pattern *p = s->sections; p; p = p->next)
        if (link_matches(p->text, section->model->name) && !is_excluded(p, section->object->match))
            return p;
    return NULL;
}

static bool is_sorted(const script_statement *s) {
    for (const script_pattern *p = s->sections; p; p = p->next)
        if (p->block) return true;
    return s->file->sorts[0] == SCRIPT_BY_NAME;
}

typedef struct candidate {
    link_section *section;
    const char *file; /* sorted by it: NULL when not */
    const script_pattern *pattern;
} candidate;

static int compare(const ts_object_section *a, const ts_object_section *b, script_sort sort) {
    if (sort == SCRIPT_BY_NAME) return strcmp(a->name, b->name);
    if (sort == SCRIPT_UNSORTED || a->align == b->align) return 0;
    return a->align > b->align ? -1 : 1;
}

/* Patterns of one block are sorted alike. */
static int by_sort(const void *a, const void *b) {
    const candidate *x = a, *y = b;
    int order = 0;
    if (x->file && y->file) order = strcmp(x->file, y->file);
    if (!order && x->pattern->block != y->pattern->block)
        order = x->pattern->block < y->pattern->block ? -1 : 1;
    for (unsigned i = 0; !order && i < 2; i++)
        order = compare(x->section->model, y->section->model, x->pattern->sorts[i]);
    return order ? order : x->section->order < y->section->order ? -1 : 1;
}

/* Of all objects, what a statement takes, into `list` when there is one; the number. */
static size_t collect(link *l, const script_statement *s, candidate *list) {
    size_t n = 0;
    for (link_object *o = l->objects; o; o = o->next) {
        if (!link_matches(s->file->text, o->match) || is_excluded(s->file, o->match)) continue;
        for (size_t i = 1; i < o->model->n_sections; i++) {
            link_section *section = &o->sections[i];
            if (!section->is_live || section->out) continue;
            const script_pattern *p = pattern_for(s, section);
            if (!p) continue;
            if (list)
                list[n] =
                    (candidate){section, s->file->sorts[0] == SCRIPT_BY_NAME ? o->match : NULL, p};
            n++;
        }
    }
    return n;
}

/* Comments of several objects that are the same text need no second copy. Other strings that are
 * not loaded, those of debug information, have places that something refers to. */
static bool is_repeated(link *l, const link_out *out, link_section *section) {
    const ts_object_section *model = section->model;
    if (strcmp(model->name, ".comment") != 0 || model->flags & TS_SHF_ALLOC || model->n_relocs ||
        !(model->flags & TS_SHF_STRINGS))
        return false;
    uint32_t hash = object_hash(model->bytes.data, model->bytes.size);
    link_section **bucket = &l->text_buckets[hash % LINK_BUCKETS];
    for (const link_section *s = *bucket; s; s = s->next_text)
        if (s->out == out && ts_span_equal(s->model->bytes, model->bytes)) return true;
    section->next_text = *bucket;
    *bucket = section;
    return false;
}

/* Into a section of the program, or nowhere. */
static void put(link *l, link_out *out, link_section *section, const script_statement *taker) {
    if (is_repeated(l, out, section))
        section->is_live = false;
    else
        append(out, section, taker);
}

static ts_status take_inputs(link *l, const script_statement *s, link_out *out) {
    size_t n = collect(l, s, NULL);
    candidate *list = TS_ARENA_ARRAY(l->arena, candidate, n);
    if (!list) return ts_fail_nomem(l->diag);
    (void)collect(l, s, list);
    if (n && is_sorted(s)) qsort(list, n, sizeof *list, by_sort);
    for (size_t i = 0; i < n; i++)
        put(l, out, list[i].section, s);
    return TS_OK;
}

/* Whether a section of the script has more in it than input sections. */
static bool has_statements(const script_statement *s) {
    for (const script_statement *in = s->first; in; in = in->next)
        if (in->kind == SCRIPT_DATA || (in->kind == SCRIPT_ASSIGN && !in->is_provided)) return true;
    return false;
}

/* A section without input still gives its symbols addresses, and `. += size` in it takes room.
 * src: llvm-project: lld/ELF/LinkerScript.cpp, adjustOutputSections [code] */
static void describe_empty(const link *l, const script_statement *s, link_out *out) {
    const script_region *region = s->region ? find_region(l, s->region) : NULL;
    if (out->first || !has_statements(s)) return;
    out->flags = TS_SHF_ALLOC | (region && region->is_code ? TS_SHF_EXECINSTR : TS_SHF_WRITE);
    out->type = TS_SHT_NOBITS;
}

/* Sections to throw away must not be used. When all are kept, relocations will tell. */
static ts_status check_discarded(link *l, const link_out *out) {
    if (out->flags & TS_SHF_ALLOC && !l->options->keep_unused)
        for (const link_section *s = out->first; s; s = s->next)
            if (s->model->flags & TS_SHF_ALLOC && ts_object_section_size(s->model))
                return ts_fail(l->diag, TS_CONFLICT, s->object->file,
                               "%s is needed, and %s puts it into /DISCARD/", s->model->name,
                               l->script.file);
    return TS_OK;
}

static void discard(link_out *out) {
    for (link_section *s = out->first; s; s = s->next) {
        s->out = NULL;
        s->is_live = false;
    }
    out->first = out->last = NULL;
    out->n_sections = out->flags = 0;
    out->is_used = false;
}

static ts_status given_twice(const link *l, const script_statement *s) {
    return ts_fail_text(l->diag, TS_UNSUPPORTED, l->script.file, (const char *)l->script.text.data,
                        l->script.text.size, s->at, "section %s is there already", s->name);
}

static ts_status take_all(link *l) {
    for (script_statement *s = l->script.first; s; s = s->next) {
        if (s->kind != SCRIPT_OUTPUT) continue;
        link_out *out = find_out(l, s->name);
        if (out && strcmp(s->name, "/DISCARD/") != 0) return given_twice(l, s);
        if (!out) TS_TRY(add_out(l, s->name, &out));
        s->out = out;
        for (const script_statement *in = s->first; in; in = in->next)
            if (in->kind == SCRIPT_INPUT) TS_TRY(take_inputs(l, in, out));
        if (s->is_not_loaded) out->type = TS_SHT_NOBITS;
        if (strcmp(s->name, "/DISCARD/") != 0) {
            describe_empty(l, s, out);
        } else {
            TS_TRY(check_discarded(l, out));
            discard(out);
        }
    }
    return TS_OK;
}

/* Where a section goes that no rule of the script takes: to one of its name, common symbols to
 * .bss. */
static ts_status take_orphans(link *l) {
    for (link_object *o = l->objects; o; o = o->next)
        for (size_t i = 1; i < o->model->n_sections; i++) {
            link_section *section = &o->sections[i];
            const char *name = section->model->name;
            bool is_nothing =
                !ts_object_section_size(section->model) && !(section->model->flags & TS_SHF_ALLOC);
            if (!section->is_live || section->out || is_nothing) continue;
            if (strcmp(name, "COMMON") == 0) name = ".bss";
            link_out *out = find_out(l, name);
            if (!out) TS_TRY(add_out(l, name, &out));
            put(l, out, section, NULL);
        }
    return TS_OK;
}

/* ---- values ---------------------------------------------------------------------------------- */

static ts_status value_of(layout *y, const script_expr *e, uint64_t *out);

static ts_status bad_value(const layout *y, const script_expr *e, ts_status code, const char *what,
                           const char *name) {
    const script *s = &y->l->script;
    return ts_fail_text(y->l->diag, code, s->file, (const char *)s->text.data, s->text.size, e->at,
                        "%s%s%s%s", what, name ? " '" : "", name ? name : "", name ? "'" : "");
}

static ts_status symbol_value(layout *y, const script_expr *e, uint64_t *out) {
    const link_symbol *s = link_find_symbol(y->l, e->name);
    if (!s || (s->state != LINK_DEFINED && s->state != LINK_SCRIPT))
        return bad_value(y, e, TS_MISSING, "undefined symbol", e->name);
    *out = link_symbol_addr(s);
    return TS_OK;
}

static ts_status named_value(layout *y, const script_expr *e, uint64_t *out) {
    const script_region *region = find_region(y->l, e->name);
    const link_out *section = find_out(y->l, e->name);
    const link_symbol *symbol = link_find_symbol(y->l, e->name);
    bool wants_region = e->op == SCRIPT_ORIGIN || e->op == SCRIPT_LENGTH;
    if (wants_region && !region) return bad_value(y, e, TS_MISSING, "there is no memory", e->name);
    if (e->op == SCRIPT_ORIGIN) *out = region->origin;
    if (e->op == SCRIPT_LENGTH) *out = region->length;
    if (e->op == SCRIPT_ALIGNOF) *out = section ? section->align : 0;
    if (e->op == SCRIPT_SIZEOF) *out = section ? section->size : 0;
    if (e->op == SCRIPT_DEFINED)
        *out = symbol && (symbol->state == LINK_DEFINED || symbol->state == LINK_SCRIPT);
    if (e->op != SCRIPT_ADDR) return TS_OK;
    if (!section) return bad_value(y, e, TS_MISSING, "there is no section", e->name);
    *out = section->addr;
    return TS_OK;
}

static ts_status binary_value(layout *y, const script_expr *e, uint64_t a, uint64_t b,
                              uint64_t *out) {
    bool is_twice = e->symbol[1] != 0;
    switch (e->symbol[0]) {
    case '+': *out = a + b; return TS_OK;
    case '-': *out = a - b; return TS_OK;
    case '*': *out = a * b; return TS_OK;
    case '/':
    case '%':
        if (!b) return bad_value(y, e, TS_RANGE, "division by zero", NULL);
        *out = e->symbol[0] == '/' ? a / b : a % b;
        return TS_OK;
    case '&': *out = is_twice ? a && b : a & b; return TS_OK;
    case '|': *out = is_twice ? a || b : a | b; return TS_OK;
    case '^': *out = a ^ b; return TS_OK;
    case '=': *out = a == b; return TS_OK;
    case '!': *out = a != b; return TS_OK;
    case '<':
        *out = e->symbol[1] == '<' ? (b < 64 ? a << b : 0) : is_twice ? a <= b : a < b;
        return TS_OK;
    default:
        *out = e->symbol[1] == '>' ? (b < 64 ? a >> b : 0) : is_twice ? a >= b : a > b;
        return TS_OK;
    }
}

static ts_status align_up(const layout *y, const script_expr *e, uint64_t value, uint64_t boundary,
                          uint64_t *out) {
    if (!boundary) boundary = 1;
    if (boundary & (boundary - 1) || boundary > UINT32_MAX)
        return bad_value(y, e, TS_RANGE, "an alignment must be a power of 2", NULL);
    *out = (value + boundary - 1) & ~(boundary - 1);
    return TS_OK;
}

static ts_status computed_value(layout *y, const script_expr *e, uint64_t *out) {
    uint64_t a = 0, b = 0;
    TS_TRY(value_of(y, e->a, &a));
    if (e->op == SCRIPT_CONDITION) return value_of(y, a ? e->b : e->c, out);
    if (e->op == SCRIPT_UNARY) {
        *out = e->symbol[0] == '-'   ? 0 - a
               : e->symbol[0] == '~' ? ~a
               : e->symbol[0] == '!' ? !a
                                     : a;
        return TS_OK;
    }
    TS_TRY(value_of(y, e->b, &b));
    if (e->op == SCRIPT_ALIGN) return align_up(y, e, a, b, out);
    if (e->op == SCRIPT_BINARY) return binary_value(y, e, a, b, out);
    *out = (e->op == SCRIPT_MAX) == (a > b) ? a : b;
    return TS_OK;
}

static ts_status value_of(layout *y, const script_expr *e, uint64_t *out) {
    switch (e->op) {
    case SCRIPT_NUMBER: *out = e->number; return TS_OK;
    case SCRIPT_DOT: *out = y->dot; return TS_OK;
    case SCRIPT_SYMBOL: return symbol_value(y, e, out);
    case SCRIPT_DEFINED:
    case SCRIPT_ORIGIN:
    case SCRIPT_LENGTH:
    case SCRIPT_SIZEOF:
    case SCRIPT_ALIGNOF:
    case SCRIPT_ADDR: return named_value(y, e, out);
    default: return computed_value(y, e, out);
    }
}

/* A value that must be an address. */
static ts_status addr_of(layout *y, const script_expr *e, uint64_t *out) {
    TS_TRY(value_of(y, e, out));
    if (*out > UINT32_MAX) return bad_value(y, e, TS_RANGE, "an address beyond 32 bits", NULL);
    return TS_OK;
}

/* ---- running the script ---------------------------------------------------------------------- */

/* Addresses that are set aside, once, in the last round. */
static ts_status reserve(layout *y, uint64_t size) {
    link *l = y->l;
    bool is_named = y->last && y->last_dot == y->dot;
    if (!y->is_final || !size) return TS_OK;
    if (is_named) y->last->reserved = (uint32_t)size;
    if (y->out) return TS_OK; /* the section tells of it */
    link_reserved *r = TS_ARENA_NEW(l->arena, link_reserved);
    if (!r) return ts_fail_nomem(l->diag);
    *r = (link_reserved){is_named ? y->last->name : "", (uint32_t)y->dot, (uint32_t)size, NULL};
    *l->reserved_end = r;
    l->reserved_end = &r->next;
    return TS_OK;
}

static ts_status set_dot(layout *y, const script_statement *s) {
    uint64_t value = 0;
    bool is_step = s->value->op == SCRIPT_BINARY && s->value->symbol[0] == '+' &&
                   s->value->a->op == SCRIPT_DOT;
    TS_TRY(addr_of(y, s->value, &value));
    if (y->out && value < y->dot)
        return bad_value(y, s->value, TS_RANGE, "'.' cannot go back inside of a section", NULL);
    if (is_step && value > y->dot) TS_TRY(reserve(y, value - y->dot));
    y->dot = value;
    if (y->out) y->out->is_used |= y->dot > y->out_start;
    return TS_OK;
}

static ts_status assign(layout *y, const script_statement *s) {
    uint64_t value = 0;
    if (strcmp(s->name, ".") == 0) return set_dot(y, s);
    link_symbol *symbol = link_find_symbol(y->l, s->name);
    if (!symbol || symbol->state != LINK_SCRIPT) return TS_OK; /* not wanted */
    TS_TRY(addr_of(y, s->value, &value));
    symbol->value = (uint32_t)value;
    symbol->out = y->out;
    if (s->value->op == SCRIPT_DOT) {
        y->last = symbol;
        y->last_dot = y->dot;
    }
    return TS_OK;
}

static ts_status check_assert(layout *y, const script_statement *s) {
    uint64_t value = 0;
    if (!y->is_final) return TS_OK;
    TS_TRY(value_of(y, s->value, &value));
    if (value) return TS_OK;
    return ts_fail_text(y->l->diag, TS_CONFLICT, y->l->script.file,
                        (const char *)y->l->script.text.data, y->l->script.text.size, s->at,
                        "ASSERT: %s", s->name);
}

static ts_status put_data(layout *y, const script_statement *s) {
    uint64_t value = 0;
    TS_TRY(value_of(y, s->value, &value));
    y->out->is_used = true;
    y->out->type = TS_SHT_PROGBITS;
    y->out->flags |= TS_SHF_ALLOC;
    if (y->is_final) {
        ts_buf_u32le(&y->out->data, (uint32_t)(y->dot - y->out_start));
        ts_buf_u32le(&y->out->data, s->n_bytes);
        ts_buf_u64le(&y->out->data, value);
    }
    y->dot += s->n_bytes;
    return TS_OK;
}

static ts_status too_high(const layout *y, const link_out *out) {
    return ts_fail(y->l->diag, TS_RANGE, y->l->options->output,
                   "section %s ends beyond the last address, 0xffffffff", out->name);
}

/* Sections one behind the other, up to the one whose turn is not yet. */
static ts_status place_sections(layout *y, link_section **at, const link_section *end,
                                uint64_t subalign) {
    for (; *at != end; *at = (*at)->next) {
        uint64_t align = subalign ? subalign : (*at)->model->align;
        if (align > 1) y->dot = (y->dot + align - 1) & ~(align - 1);
        (*at)->offset = (uint32_t)(y->dot - y->out_start);
        y->dot += ts_object_section_size((*at)->model);
        if (y->dot > UINT32_MAX) return too_high(y, y->out);
    }
    return TS_OK;
}

static ts_status run_contents(layout *y, const script_statement *s, uint64_t subalign) {
    link_section *at = y->out->first;
    for (const script_statement *in = s ? s->first : NULL; in; in = in->next) {
        if (in->kind == SCRIPT_ASSIGN) TS_TRY(assign(y, in));
        if (in->kind == SCRIPT_ASSERT) TS_TRY(check_assert(y, in));
        if (in->kind == SCRIPT_DATA) TS_TRY(put_data(y, in));
        if (in->kind != SCRIPT_INPUT) continue;
        const link_section *end = at;
        while (end && end->taker == in)
            end = end->next;
        TS_TRY(place_sections(y, &at, end, subalign));
    }
    return place_sections(y, &at, NULL, subalign);
}

/* The region of a section that names none, by what the regions are for. */
static script_region *region_for(const link *l, const link_out *out) {
    bool is_code = out->flags & TS_SHF_EXECINSTR;
    if (!(out->flags & TS_SHF_ALLOC)) return NULL;
    for (script_region *r = l->script.regions; r; r = r->link)
        if (is_code ? r->is_code : r->is_not_code || !r->is_code) return r;
    return NULL;
}

static ts_status choose_region(layout *y, const script_statement *s, link_out *out) {
    out->region = NULL;
    if (s && s->region) {
        out->region = find_region(y->l, s->region);
        if (!out->region)
            return ts_fail_text(y->l->diag, TS_MISSING, y->l->script.file,
                                (const char *)y->l->script.text.data, y->l->script.text.size, s->at,
                                "there is no memory '%s' for %s", s->region, s->name);
    } else if (!s || !s->address) {
        out->region = region_for(y->l, out);
    }
    return TS_OK;
}

static ts_status start_section(layout *y, const script_statement *s, link_out *out) {
    uint64_t align = out->align;
    TS_TRY(choose_region(y, s, out));
    if (out->region) y->dot = out->region->next;
    if (!(out->flags & TS_SHF_ALLOC)) y->dot = 0;
    if (s && s->address) TS_TRY(addr_of(y, s->address, &y->dot));
    if (s && s->align) {
        TS_TRY(value_of(y, s->align, &align));
        uint64_t ignored = 0;
        TS_TRY(align_up(y, s->align, 0, align, &ignored));
        if (align < out->align) align = out->align;
        out->align = (uint32_t)align;
    }
    if (align > 1) y->dot = (y->dot + align - 1) & ~(align - 1);
    y->out = out;
    y->out_start = y->dot;
    return TS_OK;
}

/* A section with an address of its own may be told to lie in a memory that is elsewhere. */
static ts_status check_region(const layout *y, const script_statement *s, const link_out *out) {
    const script_region *r = out->region;
    if (!y->is_final || !s || !s->address || !r || !out->size ||
        (y->out_start >= r->origin && y->out_start - r->origin <= r->length))
        return TS_OK;
    return ts_fail(y->l->diag, TS_RANGE, y->l->options->output,
                   "section %s begins at 0x%" PRIx32 ", outside of its memory '%s', 0x%" PRIx64
                   " to 0x%" PRIx64,
                   out->name, out->addr, r->name, r->origin, r->origin + r->length);
}

static ts_status place_section(layout *y, const script_statement *s, link_out *out) {
    uint64_t before = y->dot, subalign = 0;
    if (s && s->subalign) TS_TRY(value_of(y, s->subalign, &subalign));
    if (subalign & (subalign - 1))
        return bad_value(y, s->subalign, TS_RANGE, "an alignment must be a power of 2", NULL);
    TS_TRY(start_section(y, s, out));
    if (s && s->fill) {
        uint64_t fill = 0;
        TS_TRY(value_of(y, s->fill, &fill));
        out->fill = (uint32_t)fill;
    }
    TS_TRY(run_contents(y, s, subalign));
    if (y->dot > UINT32_MAX) return too_high(y, out);
    y->changed |= out->addr != y->out_start || out->size != y->dot - y->out_start;
    out->addr = (uint32_t)y->out_start;
    out->size = (uint32_t)(y->dot - y->out_start);
    out->is_placed = true;
    TS_TRY(check_region(y, s, out));
    if (out->region && out->size && y->dot > out->region->next) out->region->next = y->dot;
    if (!(out->flags & TS_SHF_ALLOC)) y->dot = before;
    y->out = NULL;
    return TS_OK;
}

static ts_status set_regions(layout *y) {
    for (script_region *r = y->l->script.regions; r; r = r->link) {
        TS_TRY(addr_of(y, r->origin_expr, &r->origin));
        TS_TRY(addr_of(y, r->length_expr, &r->length));
        r->next = r->origin;
    }
    return TS_OK;
}

/* A script may give a symbol several values, so only the last of a round can tell of a change. */
static void note_values(layout *y) {
    for (link_symbol *s = y->l->symbols; s; s = s->next) {
        y->changed |= s->state == LINK_SCRIPT && s->value != s->before;
        s->before = s->value;
    }
}

static ts_status run_once(layout *y) {
    y->dot = 0;
    y->last = NULL;
    TS_TRY(set_regions(y));
    for (link_out *o = y->l->outs; o; o = o->next)
        o->is_placed = false;
    for (script_statement *s = y->l->script.first; s; s = s->next) {
        if (s->kind == SCRIPT_ASSIGN) TS_TRY(assign(y, s));
        if (s->kind == SCRIPT_ASSERT) TS_TRY(check_assert(y, s));
        if (s->kind == SCRIPT_OUTPUT && strcmp(s->name, "/DISCARD/") != 0)
            TS_TRY(place_section(y, s, s->out));
    }
    for (link_out *o = y->l->outs; o; o = o->next)
        if (!o->is_placed && o->is_used) TS_TRY(place_section(y, NULL, o));
    note_values(y);
    return TS_OK;
}

static ts_status run_script(link *l) {
    layout y = {.l = l, .changed = true};
    for (unsigned round = 0; y.changed; round++) {
        if (round == MAX_ROUNDS)
            return ts_fail(l->diag, TS_CONFLICT, l->script.file,
                           "addresses still change after %d rounds", MAX_ROUNDS);
        y.changed = false;
        TS_TRY(run_once(&y));
    }
    y.is_final = true;
    return run_once(&y);
}

/* ---- common symbols -------------------------------------------------------------------------- */

/* Each becomes a section of an object of our own, in the order of appearance. */
static ts_status make_commons(link *l) {
    size_t n = 0, i = 1;
    for (const link_symbol *s = l->symbols; s; s = s->next)
        n += s->state == LINK_COMMON && s->is_needed;
    if (!n) return TS_OK;
    ts_object *model = TS_ARENA_NEW(l->arena, ts_object);
    link_object *object = TS_ARENA_NEW(l->arena, link_object);
    if (!model || !object) return ts_fail_nomem(l->diag);
    TS_TRY(ts_object_init(l->arena, model, l->diag));
    model->sections = TS_ARENA_ARRAY(l->arena, ts_object_section, n + 1);
    *object = (link_object){.model = model, .file = "common symbols", .match = "COMMON"};
    object->sections = TS_ARENA_ARRAY(l->arena, link_section, n + 1);
    object->symbols = TS_ARENA_ARRAY(l->arena, link_symbol *, 1);
    if (!model->sections || !object->sections || !object->symbols) return ts_fail_nomem(l->diag);
    model->n_sections = n + 1;
    for (link_symbol *s = l->symbols; s; s = s->next) {
        if (s->state != LINK_COMMON || !s->is_needed) continue;
        if (!object_is_alignment(s->align))
            return ts_fail(l->diag, TS_RANGE, s->object->file,
                           "the common symbol '%s' has the alignment %" PRIu32
                           "; expected a power of 2",
                           s->name, s->align);
        model->sections[i] = (ts_object_section){.name = "COMMON",
                                                 .type = TS_SHT_NOBITS,
                                                 .flags = TS_SHF_ALLOC | TS_SHF_WRITE,
                                                 .align = s->align,
                                                 .nobits_size = s->size};
        object->sections[i] = (link_section){.object = object,
                                             .model = &model->sections[i],
                                             .order = l->n_sections++,
                                             .piece = s->name,
                                             .is_live = true};
        s->state = LINK_DEFINED;
        s->section = &object->sections[i++];
    }
    *l->objects_end = object;
    l->objects_end = &object->next;
    return TS_OK;
}

ts_status link_place_all(link *l) {
    TS_TRY(make_commons(l));
    TS_TRY(take_all(l));
    TS_TRY(take_orphans(l));
    return run_script(l);
}
