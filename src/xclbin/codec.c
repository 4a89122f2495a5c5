/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Sections as JSON: which codec a kind has, and the codecs of sections whose payload is itself JSON
 * text. XRT keeps such text in the form boost's property tree writes: every scalar quoted, '/'
 * escaped, empty lists as "". Metadata that came from elsewhere passes through unchanged as bytes;
 * it takes that form only in a dump.
 */
#define TS_BAD_VALUE_IMPLEMENTATION
#include "xclbin_int.h"

#include <stdio.h>
#include <string.h>

/* src: boostorg/property_tree: detail/json_parser/write.hpp [code] */
const ts_json_style ts_xclbin_json_pretty = {.indent = 4,
                                             .scalars_as_strings = true,
                                             .empty_as_string = true,
                                             .escape_slash = true,
                                             .raw_bytes = true};
const ts_json_style ts_xclbin_json_compact = {.indent = 0,
                                              .scalars_as_strings = true,
                                              .empty_as_string = true,
                                              .escape_slash = true,
                                              .raw_bytes = true};

ts_status ts_xclbin_bad_value(const ts_xclbin_document *document, const ts_json *node,
                              ts_status code, ts_diag *diag, const char *format, ...) {
    char message[256];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    if (!document->text.size || !node || !node->offset)
        return ts_fail(diag, code, document->file, "%s", message);
    /* The reader notes where a value ends, so its last character is one before. */
    return ts_fail_text(diag, code, document->file, (const char *)document->text.data,
                        document->text.size, node->offset - 1, "%s", message);
}

/* ---- payloads that are JSON text --------------------------------------------------------------
 */

/* A payload in its own words: XRT reads it up to a NUL. */
static ts_span text_of(ts_span data) {
    const uint8_t *end = data.size ? memchr(data.data, 0, data.size) : NULL;
    return ts_span_of(data.data, end ? (size_t)(end - data.data) : data.size);
}

const char *ts_xclbin_payload_label(ts_arena *arena, const char *file, uint32_t kind) {
    char room[24];
    return ts_arena_printf(arena, "%s (section %s)", file ? file : "",
                           ts_xclbin_kind_name(kind, room));
}

/* The payload as a tree. */
static ts_status parse_payload(const ts_xclbin_codec_context *context, uint32_t kind, ts_span data,
                               ts_json **out) {
    const char *label = ts_xclbin_payload_label(context->arena, context->file, kind);
    if (!label) return ts_fail_nomem(context->diag);
    return ts_json_parse(context->arena, text_of(data), label, out, context->diag);
}

/* Copy the node `from` of the payload under the name `to`. */
static ts_status named_node(const ts_xclbin_codec_context *context, uint32_t kind, ts_span data,
                            const char *from, const char *to, ts_json *root) {
    ts_json *payload;
    TS_TRY(parse_payload(context, kind, data, &payload));
    const ts_json *node = ts_json_get(payload, from);
    char room[24];
    if (!node)
        return ts_fail(context->diag, TS_MISSING, context->file, "section %s has no node '%s'",
                       ts_xclbin_kind_name(kind, room), from);
    ts_json *copy = ts_json_copy(context->arena, node);
    if (!copy) return ts_fail_nomem(context->diag);
    copy->key = to;
    ts_json_append(root, copy);
    return TS_OK;
}

/* KEYVALUE_METADATA keeps its list without the node around it. */
static ts_status keyvalue_to_json(const ts_xclbin_codec_context *context, ts_span data,
                                  ts_json *root) {
    ts_json *payload = ts_json_new(context->arena, TS_JSON_OBJECT);
    if (data.size)
        TS_TRY(parse_payload(context, TS_XCLBIN_KEYVALUE_METADATA, data, &payload));
    else
        ts_json_add(context->arena, payload, "key_values", TS_JSON_ARRAY);
    if (!payload) return ts_fail_nomem(context->diag);
    payload->key = "keyvalue_metadata";
    ts_json_append(root, payload);
    return TS_OK;
}

static ts_status compact_text(ts_arena *arena, const ts_json *tree, ts_span *out, ts_diag *diag) {
    ts_buf text = ts_buf_in(arena);
    if (ts_json_write(&text, tree, &ts_xclbin_json_compact) != TS_OK) return ts_fail_nomem(diag);
    *out = ts_buf_span(&text);
    return TS_OK;
}

static ts_json *object_member(ts_arena *arena, ts_json *parent, const char *key) {
    for (ts_json *child = parent ? parent->first : NULL; child; child = child->next)
        if (strcmp(child->key, key) == 0) return child;
    return parent ? ts_json_add(arena, parent, key, TS_JSON_OBJECT) : NULL;
}

/* XRT's tool signs the build metadata it packs; so do we, under our own name, without a time.
 * src: Xilinx/XRT: src/runtime_src/tools/xclbinutil/SectionBuildMetadata.cxx [code] */
static ts_status build_metadata_from_json(ts_arena *arena, const ts_xclbin_document *document,
                                          ts_span *out, ts_diag *diag) {
    ts_json *root = ts_json_copy(arena, document->root);
    ts_json *by = object_member(arena, root, "build_metadata");
    by = object_member(arena, by, "xclbin");
    by = object_member(arena, by, "packaged_by");
    if (!by || !ts_json_set_string(arena, by, "name", "tessera") ||
        !ts_json_set_string(arena, by, "version", TS_VERSION) ||
        !ts_json_set_string(arena, by, "hash", "") ||
        !ts_json_set_string(arena, by, "time_stamp", ""))
        return ts_fail_nomem(diag);
    return compact_text(arena, root, out, diag);
}

/* src: Xilinx/XRT: src/runtime_src/tools/xclbinutil/SectionKeyValueMetadata.cxx [code] */
static ts_status keyvalue_from_json(ts_arena *arena, const ts_xclbin_document *document,
                                    ts_span *out, ts_diag *diag) {
    const ts_json *values = ts_json_path(document->root, "keyvalue_metadata.key_values");
    if (!values)
        return ts_xclbin_bad_value(document, document->root, TS_MISSING, diag,
                                   "no node 'keyvalue_metadata.key_values' here");
    ts_json *root = ts_json_new(arena, TS_JSON_OBJECT);
    ts_json *list = root ? ts_json_add(arena, root, "key_values", TS_JSON_ARRAY) : NULL;
    for (const ts_json *pair = values->first; pair; pair = pair->next) {
        const char *key = ts_json_text(pair, "key", NULL),
                   *value = ts_json_text(pair, "value", NULL);
        if (!key || !value)
            return ts_xclbin_bad_value(document, pair, TS_MISSING, diag,
                                       "expected an object with 'key' and 'value'");
        ts_json *entry = ts_json_add(arena, list, "", TS_JSON_OBJECT);
        ts_json_add_string(arena, entry, "key", key);
        if (!ts_json_add_string(arena, entry, "value", value)) return ts_fail_nomem(diag);
    }
    return list ? compact_text(arena, root, out, diag) : ts_fail_nomem(diag);
}

/* ---- dispatch -------------------------------------------------------------------------------- */

static ts_status unsupported(uint32_t kind, const char *file, ts_diag *diag) {
    char room[24];
    return ts_fail(diag, TS_UNSUPPORTED, file,
                   "section %s has no JSON form here; it is carried as raw bytes",
                   ts_xclbin_kind_name(kind, room));
}

ts_status ts_xclbin_to_json(ts_arena *arena, const ts_xclbin_section *section, const char *file,
                            const char *prefix, ts_json **out, ts_xclbin_side_file **side_files,
                            ts_diag *diag) {
    const ts_xclbin_codec_context context = {arena, file, diag};
    ts_json *root = ts_json_new(arena, TS_JSON_OBJECT);
    if (!root) return ts_fail_nomem(diag);
    *out = root;
    switch (section->kind) {
    case TS_XCLBIN_AIE_PARTITION:
        return ts_xclbin_partition_to_json(&context, section->data, prefix, root, side_files);
    case TS_XCLBIN_BUILD_METADATA:
        return named_node(&context, section->kind, section->data, "build_metadata",
                          "build_metadata", root);
    case TS_XCLBIN_AIE_METADATA:
        return named_node(&context, section->kind, section->data, "aie_metadata", "aie_metadata",
                          root);
    /* XRT: the trace metadata's payload names its node as the AIE metadata does. */
    case TS_XCLBIN_AIE_TRACE_METADATA:
        return named_node(&context, section->kind, section->data, "aie_metadata",
                          "aie_trace_metadata", root);
    case TS_XCLBIN_KEYVALUE_METADATA: return keyvalue_to_json(&context, section->data, root);
    default:
        if (!ts_xclbin_array_list(section->kind)) return unsupported(section->kind, file, diag);
        return ts_xclbin_array_to_json(&context, section->kind, section->data, root);
    }
}

ts_status ts_xclbin_from_json(ts_arena *arena, uint32_t kind, const char *index,
                              const ts_xclbin_document *document, ts_span *out, ts_diag *diag) {
    switch (kind) {
    case TS_XCLBIN_AIE_PARTITION:
        return ts_xclbin_partition_from_json(arena, index, document, out, diag);
    case TS_XCLBIN_BUILD_METADATA: return build_metadata_from_json(arena, document, out, diag);
    case TS_XCLBIN_AIE_METADATA:
    case TS_XCLBIN_AIE_TRACE_METADATA: return compact_text(arena, document->root, out, diag);
    case TS_XCLBIN_KEYVALUE_METADATA: return keyvalue_from_json(arena, document, out, diag);
    default:
        if (!ts_xclbin_array_list(kind)) return unsupported(kind, document->file, diag);
        return ts_xclbin_array_from_json(arena, kind, document, out, diag);
    }
}

ts_status ts_xclbin_put_tree(ts_xclbin *x, uint32_t kind, const ts_json *tree, ts_diag *diag) {
    if (!tree->first) return TS_OK;
    const ts_xclbin_document document = {.root = tree, .file = x->file};
    ts_span data;
    TS_TRY(ts_xclbin_from_json(x->arena, kind, "", &document, &data, diag));
    ts_xclbin_section *section = ts_xclbin_find(x, kind);
    if (!section) section = ts_xclbin_append(x, kind, "", data);
    if (!section) return ts_fail_nomem(diag);
    section->data = data;
    return TS_OK;
}

/* The list inside the node of a mergeable kind. */
static const char *list_of(uint32_t kind) {
    return kind == TS_XCLBIN_KEYVALUE_METADATA ? "key_values" : ts_xclbin_array_list(kind);
}

ts_status ts_xclbin_merge_json(ts_arena *arena, ts_xclbin_section *section,
                               const ts_xclbin_document *document, ts_diag *diag) {
    const char *list_name = list_of(section->kind);
    char room[24];
    if (!list_name)
        return ts_fail(diag, TS_UNSUPPORTED, document->file,
                       "the section '%s' does not support appending metadata",
                       ts_xclbin_kind_name(section->kind, room));
    /* Read the addition on its own first: its errors then have lines, and its count is checked. */
    ts_span added_data = {0};
    TS_TRY(ts_xclbin_from_json(arena, section->kind, "", document, &added_data, diag));
    ts_xclbin_section added = {.kind = section->kind, .data = added_data};
    ts_json *tree, *added_tree;
    TS_TRY(ts_xclbin_to_json(arena, section, document->file, "", &tree, NULL, diag));
    if (!added_data.size) return TS_OK;
    TS_TRY(ts_xclbin_to_json(arena, &added, document->file, "", &added_tree, NULL, diag));
    ts_json *node = tree->first;
    ts_json *list = object_member(arena, node, list_name);
    const ts_json *more = ts_json_get(added_tree->first, list_name);
    if (!list) return ts_fail_nomem(diag);
    list->kind = TS_JSON_ARRAY;
    for (const ts_json *entry = more ? more->first : NULL; entry; entry = entry->next) {
        ts_json *copy = ts_json_copy(arena, entry);
        if (!copy) return ts_fail_nomem(diag);
        ts_json_append(list, copy);
    }
    char count[24];
    snprintf(count, sizeof count, "%zu", list->n_children);
    if (section->kind != TS_XCLBIN_KEYVALUE_METADATA &&
        !ts_json_set_string(arena, node, "m_count", count))
        return ts_fail_nomem(diag);
    const ts_xclbin_document merged = {.root = tree, .file = document->file};
    return ts_xclbin_from_json(arena, section->kind, "", &merged, &section->data, diag);
}
