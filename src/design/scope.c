/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Names while a design is read: values, blocks and aliases in one hash table, keyed by the interned
 * name with its sigil. A scope is one region. Values are seen from the regions inside, unless the
 * operation between is isolated; blocks only from their own region.
 *
 * A value may be used before it is defined; until then a value without definition stands for it.
 */
#include "parse_int.h"

#include <stdio.h>
#include <string.h>

typedef struct entry {
    const char *key;
    struct entry *outer;       /* of the same name, in a scope outside */
    struct entry *next_opened; /* in the same scope */
    uint32_t depth;
    uint32_t at; /* of the first use or of the definition, in the text */
    ts_value *value;
    ts_block *block;
    const ts_attr *attr;
    const ts_type *type;
    bool is_forward; /* used, not defined yet */
} entry;

typedef struct slot {
    const char *key;
    entry *top;
} slot;

typedef struct scope_table {
    slot *slots;
    size_t n_slots, n_used;
    entry *opened[TS_DESIGN_MAX_DEPTH + 1];  /* what each scope holds */
    uint32_t floor[TS_DESIGN_MAX_DEPTH + 1]; /* the outermost scope whose values are seen */
    uint32_t depth;
} scope_table;

enum {
    FIRST_SLOTS = 256
};

static slot *find_slot(slot *slots, size_t n_slots, const char *key) {
    size_t at = (size_t)((uintptr_t)key * UINT64_C(0x9E3779B97F4A7C15) >> 24) & (n_slots - 1);
    while (slots[at].key && slots[at].key != key)
        at = (at + 1) & (n_slots - 1);
    return &slots[at];
}

static ts_status need_table(parser *p) {
    if (!p->scopes) {
        p->scopes = TS_ARENA_NEW(p->arena, scope_table);
        if (!p->scopes) return parse_nomem(p);
        p->scopes->slots = TS_ARENA_ARRAY(p->arena, slot, FIRST_SLOTS);
        p->scopes->n_slots = FIRST_SLOTS;
    }
    return p->scopes->slots ? TS_OK : parse_nomem(p);
}

static ts_status grow(parser *p) {
    scope_table *t = p->scopes;
    slot *slots = TS_ARENA_ARRAY(p->arena, slot, t->n_slots * 2);
    if (!slots) return parse_nomem(p);
    for (size_t i = 0; i < t->n_slots; i++)
        if (t->slots[i].key) *find_slot(slots, t->n_slots * 2, t->slots[i].key) = t->slots[i];
    t->slots = slots;
    t->n_slots *= 2;
    return TS_OK;
}

/* The name with its sigil, so that ^a and %a are apart. */
static const char *make_key(parser *p, char sigil, const char *name) {
    char small[128];
    size_t length = strlen(name);
    if (length + 1 >= sizeof small) {
        const char *text = ts_arena_printf(p->arena, "%c%s", sigil, name);
        return text ? design_intern(p->design, text, length + 1) : NULL;
    }
    small[0] = sigil;
    memcpy(small + 1, name, length);
    return design_intern(p->design, small, length + 1);
}

static entry *top_of(const parser *p, const char *key) {
    return find_slot(p->scopes->slots, p->scopes->n_slots, key)->top;
}

static ts_status add_entry(parser *p, const char *key, uint32_t at, uint32_t depth, entry **out) {
    scope_table *t = p->scopes;
    if (t->n_used * 2 >= t->n_slots) TS_TRY(grow(p));
    slot *s = find_slot(t->slots, t->n_slots, key);
    entry *e = TS_ARENA_NEW(p->arena, entry);
    if (!e) return parse_nomem(p);
    if (!s->key) t->n_used++;
    s->key = key;
    *e = (entry){.key = key, .outer = s->top, .depth = depth, .at = at};
    e->next_opened = t->opened[depth];
    t->opened[depth] = e;
    s->top = e;
    *out = e;
    return TS_OK;
}

ts_status scope_open(parser *p, bool is_isolated) {
    TS_TRY(need_table(p));
    TS_TRY(parse_deeper(p));
    scope_table *t = p->scopes;
    t->depth++; /* at most p->depth */
    t->opened[t->depth] = NULL;
    t->floor[t->depth] = is_isolated ? t->depth : t->floor[t->depth - 1];
    return TS_OK;
}

static ts_status wrong_type(parser *p, uint32_t at, const char *name, const ts_type *type,
                            const ts_type *wanted) {
    ts_buf text = ts_buf_in(p->arena);
    ts_buf_printf(&text, "value '%%%s' is of type ", name);
    ts_type_print(type, &text);
    ts_buf_text(&text, "; expected ");
    ts_type_print(wanted, &text);
    ts_buf_u8(&text, 0);
    return text.failed ? parse_nomem(p)
                       : parse_fail_at(p, at, TS_CONFLICT, "%s", (const char *)text.data);
}

/* The one of two unknown names that comes first in the text. */
static entry *first_unknown(entry *a, entry *b) {
    return !a || b->at < a->at ? b : a;
}

/* What a region used and did not define may be defined behind it, in the region around it. */
static ts_status move_outward(parser *p, entry *e) {
    entry *outer = e->outer;
    if (outer && outer->depth == p->scopes->depth) {
        if (outer->value->type && e->value->type && outer->value->type != e->value->type)
            return wrong_type(p, e->at, e->key + 1, e->value->type, outer->value->type);
        if (!outer->value->type) outer->value->type = e->value->type;
        ts_value_replace(e->value, outer->value);
        return TS_OK;
    }
    ts_value *value = e->value;
    TS_TRY(add_entry(p, e->key, e->at, p->scopes->depth, &outer));
    outer->value = value;
    outer->is_forward = true;
    return TS_OK;
}

ts_status scope_close(parser *p) {
    scope_table *t = p->scopes;
    entry *unknown = NULL, *next, *first = t->opened[t->depth];
    bool is_isolated = t->floor[t->depth] == t->depth;
    for (entry *e = first; e; e = e->next_opened) {
        find_slot(t->slots, t->n_slots, e->key)->top = e->outer;
        if (e->is_forward && (e->block || is_isolated)) unknown = first_unknown(unknown, e);
    }
    t->depth--;
    p->depth--;
    if (unknown)
        return parse_fail_at(p, unknown->at, TS_UNKNOWN,
                             unknown->block ? "there is no block '%s' in this region"
                                            : "value '%s' is not defined",
                             unknown->key);
    for (entry *e = first; e; e = next) {
        next = e->next_opened;
        if (e->is_forward) TS_TRY(move_outward(p, e));
    }
    return TS_OK;
}

/* ---- values ---------------------------------------------------------------------------------- */

/* %a#0 is %a. */
static size_t key_length(const char *name) {
    size_t length = strlen(name);
    return length > 2 && strcmp(name + length - 2, "#0") == 0 ? length - 2 : length;
}

static ts_status value_key(parser *p, const char *name, const char **out) {
    size_t length = key_length(name);
    const char *short_name = name[length] ? ts_arena_strndup(p->arena, name, length) : name;
    *out = short_name ? make_key(p, '%', short_name) : NULL;
    return *out ? TS_OK : parse_nomem(p);
}

/* The value of that name, or one that stands for it; NULL type: not known yet. */
ts_status scope_use_value(parser *p, const char *name, uint32_t at, ts_value **out) {
    const char *key;
    TS_TRY(value_key(p, name, &key));
    entry *e = top_of(p, key);
    if (!e || e->depth < p->scopes->floor[p->scopes->depth]) {
        TS_TRY(add_entry(p, key, at, p->scopes->depth, &e));
        e->value = TS_ARENA_NEW(p->arena, ts_value);
        if (!e->value) return parse_nomem(p);
        e->is_forward = true;
    }
    *out = e->value;
    return TS_OK;
}

ts_status scope_expect_type(parser *p, const char *name, uint32_t at, ts_value *value,
                            const ts_type *type) {
    if (!value->type) value->type = type;
    return value->type == type ? TS_OK : wrong_type(p, at, name, value->type, type);
}

ts_status scope_define_value(parser *p, const char *name, uint32_t at, ts_value *value) {
    const char *key;
    TS_TRY(value_key(p, name, &key));
    const scope_table *t = p->scopes;
    entry *e = top_of(p, key);
    if (e && e->depth >= t->floor[t->depth] && !e->is_forward)
        return parse_fail_at(p, at, TS_CONFLICT, "value '%%%s' is defined twice", name);
    if (e && e->depth == t->depth && e->is_forward) {
        if (e->value->type && e->value->type != value->type)
            return wrong_type(p, e->at, name, value->type, e->value->type);
        ts_value_replace(e->value, value);
        e->is_forward = false;
    } else {
        TS_TRY(add_entry(p, key, at, t->depth, &e));
    }
    e->value = value;
    return TS_OK;
}

/* ---- blocks ---------------------------------------------------------------------------------- */

static void move_to_end(ts_region *region, ts_block *block) {
    if (region->last == block) return;
    if (block->previous)
        block->previous->next = block->next;
    else
        region->first = block->next;
    block->next->previous = block->previous;
    block->previous = region->last;
    block->next = NULL;
    region->last->next = block;
    region->last = block;
}

ts_status scope_block(parser *p, ts_region *region, const char *name, uint32_t at,
                      bool is_definition, ts_block **out) {
    const char *key = make_key(p, '^', name);
    if (!key) return parse_nomem(p);
    entry *e = top_of(p, key);
    if (!e || e->depth != p->scopes->depth) {
        TS_TRY(add_entry(p, key, at, p->scopes->depth, &e));
        e->block = ts_block_append(p->design, region);
        if (!e->block) return parse_nomem(p);
        e->is_forward = true;
    }
    *out = e->block;
    if (!is_definition) return TS_OK;
    if (!e->is_forward)
        return parse_fail_at(p, at, TS_CONFLICT, "block '%s' is defined twice", key);
    e->is_forward = false;
    move_to_end(region, e->block); /* blocks stand in the order of their definitions */
    return TS_OK;
}

/* ---- aliases --------------------------------------------------------------------------------- */

ts_status scope_alias(parser *p, const char *name, uint32_t at, const ts_attr *attr,
                      const ts_type *type) {
    TS_TRY(need_table(p));
    const char *key = make_key(p, type ? '!' : '#', name);
    if (!key) return parse_nomem(p);
    entry *e = top_of(p, key);
    if (e) return parse_fail_at(p, at, TS_CONFLICT, "alias '%s' is defined twice", key);
    TS_TRY(add_entry(p, key, at, 0, &e));
    e->attr = attr;
    e->type = type;
    return TS_OK;
}

static const entry *find_alias(const parser *p, char sigil, const char *name) {
    const char *key = p->scopes ? make_key((parser *)p, sigil, name) : NULL;
    return key ? top_of(p, key) : NULL;
}

const ts_attr *scope_find_attr(const parser *p, const char *name) {
    const entry *e = find_alias(p, '#', name);
    return e ? e->attr : NULL;
}

const ts_type *scope_find_type(const parser *p, const char *name) {
    const entry *e = find_alias(p, '!', name);
    return e ? e->type : NULL;
}
