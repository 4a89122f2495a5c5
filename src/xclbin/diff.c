/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Where two containers differ, named as a person would: header field, section, record and field,
 * PDI and offset. Sections are matched by kind, partition name and occurrence; those that decode
 * are compared as trees, the others as bytes.
 */
#include "xclbin_int.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

typedef struct differ {
    ts_arena *arena;
    ts_xclbin_differences *out;
    size_t capacity;
    bool failed;
} differ;

static void differ_add(differ *d, const char *where, const char *format, ...) TS_PRINTF(3, 4);

static void differ_add(differ *d, const char *where, const char *format, ...) {
    ts_xclbin_differences *out = d->out;
    ts_xclbin_difference *grown =
        ts_arena_room(d->arena, out->items, out->n_items, &d->capacity, sizeof *grown);
    if (!grown) {
        d->failed = true;
        return;
    }
    out->items = grown;
    va_list args;
    va_start(args, format);
    ts_buf text = ts_buf_in(d->arena);
    ts_buf_vprintf(&text, format, args);
    ts_buf_u8(&text, 0);
    va_end(args);
    if (text.failed || !where) {
        d->failed = true;
        return;
    }
    out->items[out->n_items++] = (ts_xclbin_difference){where, (const char *)text.data};
}

/* First and number of differing bytes; sizes that differ are said too. `base` is where the bytes
 * start in each file, for the absolute offset. */
static void diff_bytes(differ *d, const char *where, ts_span a, ts_span b) {
    size_t common = a.size < b.size ? a.size : b.size, first = common, n = 0;
    for (size_t i = 0; i < common; i++)
        if (a.data[i] != b.data[i]) {
            if (first == common) first = i;
            n++;
        }
    if (a.size != b.size) differ_add(d, where, "%zu bytes, %zu bytes", a.size, b.size);
    if (n)
        differ_add(d, where, "offset 0x%zx: 0x%02x, 0x%02x%s", first, a.data[first], b.data[first],
                   n == 1 ? "" : ts_arena_printf(d->arena, " (%zu bytes differ)", n));
    else if (a.size != b.size)
        differ_add(d, where, "offset 0x%zx: one ends here, the bytes before are the same", common);
}

/* ---- header ---------------------------------------------------------------------------------- */

static void diff_header_bytes(differ *d, const char *where, ts_span a, ts_span b) {
    bool is_uuid = strcmp(where, "header uuid") == 0 || strcmp(where, "header interface_uuid") == 0;
    if (ts_span_equal(a, b)) return;
    if (is_uuid) {
        char first[37], second[37];
        ts_xclbin_format_uuid(a.data, first);
        ts_xclbin_format_uuid(b.data, second);
        differ_add(d, where, "%s, %s", first, second);
    } else {
        diff_bytes(d, where, a, b);
    }
}

static void diff_header(differ *d, const ts_xclbin_header *a, const ts_xclbin_header *b) {
    /* `length` and `n_sections` follow from the rest, which is compared itself. */
#define INT(field, n_bytes)                                                                        \
    if (a->field != b->field && strcmp(#field, "length") != 0)                                     \
        differ_add(d, "header " #field, "%" PRIu64 ", %" PRIu64, a->field, b->field);
#define BYTES(field, n_bytes)                                                                      \
    diff_header_bytes(d, "header " #field, ts_span_of(a->field, n_bytes),                          \
                      ts_span_of(b->field, n_bytes));
    TS_XCLBIN_HEADER_FIELDS(INT, BYTES)
#undef INT
#undef BYTES
}

/* ---- trees ----------------------------------------------------------------------------------- */

static const char *child_path(const differ *d, const char *path, const ts_json *parent,
                              const ts_json *child, size_t index) {
    if (parent->kind == TS_JSON_ARRAY) return ts_arena_printf(d->arena, "%s[%zu]", path, index);
    return ts_arena_printf(d->arena, "%s%s%s", path, *path ? "." : "", child->key);
}

static void diff_tree(differ *d, const char *where, const char *path, const ts_json *a,
                      const ts_json *b) {
    if (!path) {
        d->failed = true;
        return;
    }
    if (!a->first && !b->first) {
        if (strcmp(a->text, b->text) != 0)
            differ_add(d, where, "%s: %s, %s", path, a->text, b->text);
        return;
    }
    size_t index = 0;
    const ts_json *x = a->first, *y = b->first;
    for (; x || y; index++) {
        const ts_json *only = !y ? x : !x ? y : NULL;
        const ts_json *parent = x ? a : b;
        if (x && y && a->kind != TS_JSON_ARRAY && strcmp(x->key, y->key) != 0) {
            differ_add(d, where, "%s: has '%s', has '%s'", path, x->key, y->key);
        } else if (only) {
            differ_add(d, where, "%s: only in the %s", child_path(d, path, parent, only, index),
                       x ? "first" : "second");
        } else {
            diff_tree(d, where, child_path(d, path, parent, x, index), x, y);
        }
        if (x) x = x->next;
        if (y) y = y->next;
    }
}

/* ---- AIE_PARTITION --------------------------------------------------------------------------- */

static ts_status diff_partition(differ *d, const char *where, ts_span a, ts_span b) {
    ts_xclbin_partition p, q;
    ts_diag ignored = {0};
    TS_TRY(ts_xclbin_read_partition(d->arena, a, "", &p, &ignored));
    TS_TRY(ts_xclbin_read_partition(d->arena, b, "", &q, &ignored));
    for (size_t i = 0; i < p.n_pdis && i < q.n_pdis; i++) {
        char uuid[37];
        ts_xclbin_format_uuid(p.pdis[i].uuid, uuid);
        const char *pdi = ts_arena_printf(d->arena, "%s PDI %zu (%s)", where, i, uuid);
        if (!ts_span_equal(p.pdis[i].image, q.pdis[i].image))
            diff_bytes(d, pdi, p.pdis[i].image, q.pdis[i].image);
    }
    const ts_xclbin_codec_context context = {d->arena, "", &ignored};
    ts_json *x = ts_json_new(d->arena, TS_JSON_OBJECT), *y = ts_json_new(d->arena, TS_JSON_OBJECT);
    if (!x || !y) return TS_NOMEM;
    TS_TRY(ts_xclbin_partition_to_json(&context, a, "", x, NULL));
    TS_TRY(ts_xclbin_partition_to_json(&context, b, "", y, NULL));
    diff_tree(d, where, "", x->first, y->first);
    return TS_OK;
}

/* ---- sections -------------------------------------------------------------------------------- */

static ts_status diff_decoded(differ *d, const char *where, const ts_xclbin_section *a,
                              const ts_xclbin_section *b) {
    if (a->kind == TS_XCLBIN_AIE_PARTITION) return diff_partition(d, where, a->data, b->data);
    ts_json *x, *y;
    ts_diag ignored = {0};
    if (a->kind == TS_XCLBIN_EMBEDDED_METADATA) {
        TS_TRY(ts_xclbin_parse_xml(d->arena, a->data, "", &x, &ignored));
        TS_TRY(ts_xclbin_parse_xml(d->arena, b->data, "", &y, &ignored));
    } else {
        TS_TRY(ts_xclbin_to_json(d->arena, a, "", "", &x, NULL, &ignored));
        TS_TRY(ts_xclbin_to_json(d->arena, b, "", "", &y, NULL, &ignored));
        x = x->first;
        y = y->first;
    }
    diff_tree(d, where, "", x, y);
    return TS_OK;
}

static void diff_section(differ *d, const ts_xclbin_section *a, const ts_xclbin_section *b) {
    const char *where = ts_xclbin_section_label(d->arena, a);
    if (memcmp(a->name, b->name, sizeof a->name) != 0)
        differ_add(d, where, "name '%.16s', '%.16s'", (const char *)a->name, (const char *)b->name);
    if (ts_span_equal(a->data, b->data)) return;
    size_t before = d->out->n_items;
    ts_status status = diff_decoded(d, where, a, b);
    if (status == TS_NOMEM) d->failed = true;
    /* What does not decode, or differs only where the tree does not show it. */
    if (status != TS_OK || d->out->n_items == before) diff_bytes(d, where, a->data, b->data);
}

/* The section of `x` that is the same one as `s` of `from`: kind, partition name, occurrence. */
static const ts_xclbin_section *counterpart(const ts_xclbin *from, const ts_xclbin_section *s,
                                            const ts_xclbin *x) {
    size_t occurrence = 0;
    const char *index = ts_xclbin_section_index(s);
    for (const ts_xclbin_section *t = from->sections; t < s; t++)
        occurrence += t->kind == s->kind && strcmp(ts_xclbin_section_index(t), index) == 0;
    for (size_t i = 0; i < x->n_sections; i++) {
        const ts_xclbin_section *t = &x->sections[i];
        if (t->kind == s->kind && strcmp(ts_xclbin_section_index(t), index) == 0 &&
            occurrence-- == 0)
            return t;
    }
    return NULL;
}

static ts_span gaps_of(differ *d, const ts_xclbin *x) {
    ts_buf all = ts_buf_in(d->arena);
    for (size_t i = 0; i < x->n_gaps; i++)
        ts_buf_span_add(&all, x->gaps[i].data);
    d->failed |= all.failed;
    return ts_buf_span(&all);
}

ts_status ts_xclbin_diff(ts_arena *arena, const ts_xclbin *a, const ts_xclbin *b,
                         ts_xclbin_differences *out, ts_diag *diag) {
    *out = (ts_xclbin_differences){0};
    differ d = {.arena = arena, .out = out};
    for (size_t i = 0; i < a->n_sections; i++) {
        const ts_xclbin_section *s = &a->sections[i], *t = counterpart(a, s, b);
        if (t)
            diff_section(&d, s, t);
        else
            differ_add(&d, ts_xclbin_section_label(arena, s), "only in the first, %zu bytes",
                       s->data.size);
    }
    bool same_order = a->n_sections == b->n_sections;
    for (size_t i = 0; i < b->n_sections; i++) {
        const ts_xclbin_section *t = &b->sections[i], *s = counterpart(b, t, a);
        if (!s)
            differ_add(&d, ts_xclbin_section_label(arena, t), "only in the second, %zu bytes",
                       t->data.size);
        same_order &= s == &a->sections[i];
    }
    if (!same_order && !out->n_items) differ_add(&d, "sections", "the same, in another order");
    diff_header(&d, &a->header, &b->header);
    ts_span mirror_a = gaps_of(&d, a), mirror_b = gaps_of(&d, b);
    if (!ts_span_equal(mirror_a, mirror_b))
        differ_add(&d, "mirror", "the copy of the metadata behind the sections differs");
    return d.failed ? ts_fail_nomem(diag) : TS_OK;
}
