/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * A container as a folder: a manifest with header and layout, and one file per section, in the form
 * a person can read and edit as long as that form gives the very same bytes back (tried on the
 * spot). Put together unchanged, the folder gives the file byte for byte; changed, a fresh layout.
 */
#include "xclbin_int.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <uuid/uuid.h>

#define FORMAT "tessera-xclbin-1"

/* What tells whether the payloads are the ones the layout was made for. */
static const uuid_t digest_name_space = {0x1f, 0x8c, 0x5d, 0xe2, 0x60, 0x7a, 0x4c, 0x11,
                                         0x8b, 0x39, 0xd4, 0x02, 0x5e, 0xaf, 0x73, 0x0c};

static void add_to_digest(uint8_t digest[16], ts_span data) {
    uuid_t of_data = {0}, next = {0};
    uint8_t both[32];
    uuid_generate_sha1(of_data, digest_name_space, data.size ? (const char *)data.data : "",
                       data.size);
    memcpy(both, digest, 16);
    memcpy(both + 16, of_data, 16);
    uuid_generate_sha1(next, digest_name_space, (const char *)both, sizeof both);
    memcpy(digest, next, 16);
}

static void digest_of(const ts_xclbin *x, uint8_t digest[16]) {
    memset(digest, 0, 16);
    for (size_t i = 0; i < x->n_sections; i++)
        add_to_digest(digest, x->sections[i].data);
}

/* ---- to files -------------------------------------------------------------------------------- */

typedef struct exploder {
    ts_arena *arena;
    const ts_xclbin *x;
    ts_xclbin_side_file **files;
    ts_diag *diag;
} exploder;

static ts_status add_file(const exploder *e, const char *name, ts_span data) {
    ts_xclbin_side_file *file = TS_ARENA_NEW(e->arena, ts_xclbin_side_file);
    if (!file || !name) return ts_fail_nomem(e->diag);
    *file = (ts_xclbin_side_file){*e->files, name, data};
    *e->files = file;
    return TS_OK;
}

static bool is_plain_text(const uint8_t *bytes, size_t size) {
    size_t length = 0;
    while (length < size && bytes[length] >= 0x20 && bytes[length] < 0x7f)
        length++;
    for (size_t i = length; i < size; i++)
        if (bytes[i]) return false;
    return true;
}

/* Fixed bytes: as text when they are text padded with NULs, else "hex:...". */
static void put_bytes(ts_arena *arena, ts_json *node, const char *key, const uint8_t *bytes,
                      size_t size) {
    ts_buf text = ts_buf_in(arena);
    if (is_plain_text(bytes, size) && (size < 4 || memcmp(bytes, "hex:", 4) != 0)) {
        ts_buf_bytes(&text, bytes, size);
    } else {
        ts_buf_text(&text, "hex:");
        for (size_t i = 0; i < size; i++)
            ts_buf_printf(&text, "%02x", bytes[i]);
    }
    ts_buf_u8(&text, 0);
    if (!text.failed) ts_json_add_string(arena, node, key, (const char *)text.data);
}

static void put_header(ts_arena *arena, ts_json *node, const ts_xclbin_header *h) {
#define INT(field, n_bytes)   ts_json_add_number(arena, node, #field, h->field);
#define BYTES(field, n_bytes) put_bytes(arena, node, #field, h->field, n_bytes);
    TS_XCLBIN_HEADER_FIELDS(INT, BYTES)
#undef INT
#undef BYTES
}

/* Loads from the files made so far: what the reader of the folder will see. */
static ts_status load_made(void *context, ts_arena *arena, const char *name, ts_span *out,
                           ts_diag *diag) {
    (void)arena;
    for (const ts_xclbin_side_file *f = context; f; f = f->next)
        if (strcmp(f->name, name) == 0) {
            *out = f->data;
            return TS_OK;
        }
    return ts_fail(diag, TS_MISSING, name, "no such file");
}

/* The section as JSON, if that gives the same bytes back. */
static ts_status try_json(const exploder *e, const ts_xclbin_section *s, size_t index,
                          ts_span *text, ts_xclbin_side_file **files, bool *is_exact) {
    ts_json *tree, *again;
    ts_diag ignored = {0};
    const char *prefix = ts_arena_printf(e->arena, "%02zu_", index);
    ts_buf out = ts_buf_in(e->arena);
    ts_span data;
    *is_exact = false;
    if (!prefix) return ts_fail_nomem(e->diag);
    ts_status status = ts_xclbin_to_json(e->arena, s, "", prefix, &tree, files, &ignored);
    if (status == TS_OK) status = ts_json_write(&out, tree, &ts_xclbin_json_pretty);
    *text = ts_buf_span(&out);
    if (status == TS_OK) status = ts_json_parse(e->arena, *text, "", &again, &ignored);
    if (status == TS_OK) {
        const ts_xclbin_document document = {again, "", *text, load_made, *files};
        status = ts_xclbin_from_json(e->arena, s->kind, ts_xclbin_section_index(s), &document,
                                     &data, &ignored);
    }
    if (status == TS_OK) *is_exact = ts_span_equal(data, s->data);
    return status == TS_NOMEM ? ts_fail_nomem(e->diag) : TS_OK;
}

static const char *raw_extension(uint32_t kind) {
    switch (kind) {
    case TS_XCLBIN_EMBEDDED_METADATA: return "xml";
    case TS_XCLBIN_PDI: return "pdi";
    case TS_XCLBIN_BUILD_METADATA:
    case TS_XCLBIN_AIE_METADATA:
    case TS_XCLBIN_AIE_TRACE_METADATA:
    case TS_XCLBIN_IP_METADATA:
    case TS_XCLBIN_SYSTEM_METADATA: return "json";
    default: return "bin";
    }
}

static ts_status explode_section(const exploder *e, size_t i, ts_json *list) {
    const ts_xclbin_section *s = &e->x->sections[i];
    char room[24];
    const char *kind = ts_xclbin_kind_name(s->kind, room);
    const char *stem = ts_arena_printf(e->arena, "%02zu_%s", i, kind);
    const ts_xclbin_kind_info *about = ts_xclbin_kind_about(s->kind);
    if (!stem) return ts_fail_nomem(e->diag);
    bool as_json = false;
    ts_span content = s->data;
    ts_xclbin_side_file *sides = NULL;
    /* Texts of their own form are better left as they are; the list kinds become readable. */
    bool is_list = ts_xclbin_array_list(s->kind) || s->kind == TS_XCLBIN_AIE_PARTITION;
    if (about && is_list && s->data.size) TS_TRY(try_json(e, s, i, &content, &sides, &as_json));
    if (!as_json) content = s->data;
    const char *name =
        ts_arena_printf(e->arena, "%s.%s", stem, as_json ? "json" : raw_extension(s->kind));
    ts_json *entry = ts_json_add(e->arena, list, "", TS_JSON_OBJECT);
    ts_json_add_string(e->arena, entry, "kind", kind);
    put_bytes(e->arena, entry, "name", s->name, sizeof s->name);
    const char *index = ts_xclbin_section_index(s);
    /* Only there is it needed, and only there is it known to be UTF-8. */
    if (as_json && *index) ts_json_add_string(e->arena, entry, "index", index);
    ts_json_add_string(e->arena, entry, "format", as_json ? "JSON" : "RAW");
    ts_json_add_string(e->arena, entry, "file", name ? name : "");
    ts_json_add_number(e->arena, entry, "offset", s->file_offset);
    if (s->padding) ts_json_add_number(e->arena, entry, "padding", s->padding);
    TS_TRY(add_file(e, name, content));
    for (ts_xclbin_side_file *side = as_json ? sides : NULL; side; side = side->next)
        TS_TRY(add_file(e, side->name, side->data));
    return entry ? TS_OK : ts_fail_nomem(e->diag);
}

static bool is_alignment(const ts_xclbin_gap *gap) {
    if (gap->data.size >= 8) return false;
    for (size_t i = 0; i < gap->data.size; i++)
        if (gap->data.data[i]) return false;
    return true;
}

static ts_status explode_gaps(const exploder *e, ts_json *layout) {
    ts_json *list = ts_json_add(e->arena, layout, "between", TS_JSON_ARRAY);
    for (size_t i = 0; i < e->x->n_gaps; i++) {
        const ts_xclbin_gap *gap = &e->x->gaps[i];
        if (is_alignment(gap)) continue;
        const char *name = ts_arena_printf(e->arena, "between_%08" PRIx64 ".bin", gap->file_offset);
        ts_json *entry = ts_json_add(e->arena, list, "", TS_JSON_OBJECT);
        ts_json_add_number(e->arena, entry, "offset", gap->file_offset);
        ts_json_add_string(e->arena, entry, "file", name ? name : "");
        TS_TRY(add_file(e, name, gap->data));
    }
    return list ? TS_OK : ts_fail_nomem(e->diag);
}

ts_status ts_xclbin_explode(ts_arena *arena, const ts_xclbin *x, ts_xclbin_side_file **files,
                            ts_diag *diag) {
    *files = NULL;
    const exploder e = {arena, x, files, diag};
    ts_json *root = ts_json_new(arena, TS_JSON_OBJECT);
    if (!root) return ts_fail_nomem(diag);
    ts_json_add_string(arena, root, "format", FORMAT);
    ts_json *header = ts_json_add(arena, root, "header", TS_JSON_OBJECT);
    if (header) put_header(arena, header, &x->header);
    ts_json *sections = ts_json_add(arena, root, "sections", TS_JSON_ARRAY);
    for (size_t i = 0; i < x->n_sections; i++)
        TS_TRY(explode_section(&e, i, sections));
    ts_json *layout = ts_json_add(arena, root, "layout", TS_JSON_OBJECT);
    ts_json_add_number(arena, layout, "file_size", x->file_size);
    uint8_t digest[16];
    char text[37];
    digest_of(x, digest);
    ts_xclbin_format_uuid(digest, text);
    ts_json_add_string(arena, layout, "content", text);
    TS_TRY(explode_gaps(&e, layout));
    ts_buf out = ts_buf_in(arena);
    if (ts_json_write(&out, root, &ts_json_pretty) != TS_OK) return ts_fail_nomem(diag);
    return add_file(&e, TS_XCLBIN_MANIFEST, ts_buf_span(&out));
}

/* ---- from files ------------------------------------------------------------------------------ */

typedef struct imploder {
    ts_xclbin *x;
    const ts_xclbin_document *manifest;
    ts_diag *diag;
} imploder;

#define FAIL(m, node, code, ...)                                                                   \
    return ts_xclbin_bad_value((m)->manifest, node, code, (m)->diag, __VA_ARGS__)

static ts_status take_number(const imploder *m, const ts_json *object, const char *key,
                             unsigned n_bytes, const char *fallback, uint64_t *out) {
    const char *text = ts_json_text(object, key, fallback);
    if (!text) FAIL(m, object, TS_MISSING, "'%s' is missing", key);
    if (!ts_parse_u64(text, out) || (n_bytes < 8 && *out >> (8 * n_bytes)))
        FAIL(m, ts_json_get(object, key), TS_RANGE, "'%s' is '%s'; expected a number of %u bytes",
             key, text, n_bytes);
    return TS_OK;
}

static ts_status take_bytes(const imploder *m, const ts_json *object, const char *key, uint8_t *out,
                            size_t size) {
    const char *text = ts_json_text(object, key, NULL);
    if (!text) FAIL(m, object, TS_MISSING, "'%s' is missing", key);
    memset(out, 0, size);
    if (strncmp(text, "hex:", 4) != 0) {
        size_t length = strlen(text);
        if (length > size)
            FAIL(m, ts_json_get(object, key), TS_RANGE, "'%s' has %zu bytes; expected at most %zu",
                 key, length, size);
        memcpy(out, text, length);
        return TS_OK;
    }
    text += 4;
    for (size_t i = 0; i < size; i++) {
        unsigned value;
        int used = 0;
        if (strlen(text) < 2 || sscanf(text, "%2x%n", &value, &used) != 1 || used != 2)
            FAIL(m, ts_json_get(object, key), TS_SYNTAX,
                 "'%s': expected 'hex:' and %zu hexadecimal digits", key, 2 * size);
        out[i] = (uint8_t)value;
        text += 2;
    }
    if (*text)
        FAIL(m, ts_json_get(object, key), TS_SYNTAX,
             "'%s': expected 'hex:' and %zu hexadecimal digits", key, 2 * size);
    return TS_OK;
}

static ts_status take_header(const imploder *m, const ts_json *node, ts_xclbin_header *h) {
#define INT(field, n_bytes)   TS_TRY(take_number(m, node, #field, n_bytes, NULL, &h->field));
#define BYTES(field, n_bytes) TS_TRY(take_bytes(m, node, #field, h->field, n_bytes));
    TS_XCLBIN_HEADER_FIELDS(INT, BYTES)
#undef INT
#undef BYTES
    return TS_OK;
}

static ts_status load_file(const imploder *m, const ts_json *entry, const char **name,
                           ts_span *out) {
    *name = ts_json_text(entry, "file", "");
    if (!ts_path_is_plain_name(*name))
        FAIL(m, entry, TS_RANGE, "'file' is '%s'; expected a name inside the folder", *name);
    return m->manifest->load(m->manifest->context, m->x->arena, *name, out, m->diag);
}

static ts_status implode_section(const imploder *m, const ts_json *entry) {
    ts_arena *arena = m->x->arena;
    uint32_t kind;
    uint64_t padding, offset;
    const char *kind_name = ts_json_text(entry, "kind", ""), *name;
    if (!ts_xclbin_kind_find(kind_name, &kind))
        FAIL(m, entry, TS_UNKNOWN, "'%s' isn't a valid section name", kind_name);
    ts_span data;
    TS_TRY(load_file(m, entry, &name, &data));
    if (strcmp(ts_json_text(entry, "format", "RAW"), "JSON") == 0) {
        ts_json *tree;
        TS_TRY(ts_json_parse(arena, data, name, &tree, m->diag));
        const ts_xclbin_document document = {tree, name, data, m->manifest->load,
                                             m->manifest->context};
        TS_TRY(ts_xclbin_from_json(arena, kind, ts_json_text(entry, "index", ""), &document, &data,
                                   m->diag));
    }
    TS_TRY(take_number(m, entry, "padding", 4, "0", &padding));
    TS_TRY(take_number(m, entry, "offset", 8, "0", &offset));
    ts_xclbin_section *s = ts_xclbin_append(m->x, kind, "", data);
    if (!s) return ts_fail_nomem(m->diag);
    s->padding = (uint32_t)padding;
    s->file_offset = offset;
    return take_bytes(m, entry, "name", s->name, sizeof s->name);
}

static ts_status implode_gaps(const imploder *m, const ts_json *list) {
    size_t n = list ? list->n_children : 0;
    m->x->gaps = TS_ARENA_ARRAY(m->x->arena, ts_xclbin_gap, n);
    if (!m->x->gaps) return ts_fail_nomem(m->diag);
    for (const ts_json *entry = list ? list->first : NULL; entry; entry = entry->next) {
        ts_xclbin_gap *gap = &m->x->gaps[m->x->n_gaps];
        const char *name;
        TS_TRY(take_number(m, entry, "offset", 8, NULL, &gap->file_offset));
        TS_TRY(load_file(m, entry, &name, &gap->data));
        m->x->n_gaps++;
    }
    return TS_OK;
}

static uint64_t later(uint64_t a, uint64_t b) {
    return a > b ? a : b;
}

/* Where the last part ends; saturates for offsets near 2^64, which writing then refuses. */
static uint64_t end_of_parts(const ts_xclbin *x) {
    uint64_t end = TS_XCLBIN_HEADER_BYTES + TS_XCLBIN_SECTION_HEADER_BYTES * x->n_sections;
    for (size_t i = 0; i < x->n_sections; i++)
        if (x->sections[i].file_offset < UINT64_MAX / 2)
            end = later(end, x->sections[i].file_offset + x->sections[i].data.size);
    for (size_t i = 0; i < x->n_gaps; i++)
        if (x->gaps[i].file_offset < UINT64_MAX / 2)
            end = later(end, x->gaps[i].file_offset + x->gaps[i].data.size);
    return end;
}

ts_status ts_xclbin_implode(ts_arena *arena, const ts_xclbin_document *manifest, ts_xclbin *out,
                            bool *is_exact, ts_diag *diag) {
    ts_xclbin_init(out, arena, manifest->file);
    const imploder m = {out, manifest, diag};
    const ts_json *root = manifest->root;
    const char *format = ts_json_text(root, "format", "");
    if (strcmp(format, FORMAT) != 0)
        FAIL(&m, root, TS_UNSUPPORTED, "'format' is '%s'; expected '" FORMAT "'", format);
    const ts_json *sections = ts_json_get(root, "sections"), *layout = ts_json_get(root, "layout");
    if (!ts_json_get(root, "header") || !sections)
        FAIL(&m, root, TS_MISSING, "expected 'header' and 'sections'");
    TS_TRY(take_header(&m, ts_json_get(root, "header"), &out->header));
    for (const ts_json *entry = sections->first; entry; entry = entry->next)
        TS_TRY(implode_section(&m, entry));
    uint8_t digest[16], wanted[16];
    digest_of(out, digest);
    *is_exact = ts_xclbin_parse_uuid(ts_json_text(layout, "content", ""), wanted) &&
                memcmp(digest, wanted, sizeof digest) == 0;
    if (!*is_exact) return TS_OK;
    TS_TRY(take_number(&m, layout, "file_size", 8, NULL, &out->file_size));
    TS_TRY(implode_gaps(&m, ts_json_get(layout, "between")));
    if (out->file_size > end_of_parts(out) + 7)
        FAIL(&m, layout, TS_RANGE, "'file_size' is %" PRIu64 "; the parts end at %" PRIu64,
             out->file_size, end_of_parts(out));
    return TS_OK;
}
