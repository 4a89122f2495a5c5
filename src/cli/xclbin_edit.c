/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Editing a container by section specifications. The rules (what may be added twice, which format a
 * kind takes, in which order things happen) are those of XRT's tool, and so are the messages.
 *
 * src: Xilinx/XRT: src/runtime_src/tools/xclbinutil/XclBinClass.cxx, ParameterSectionData.cxx
 * [code]
 */
#include "xclbin_edit.h"

#include <inttypes.h>
#include <string.h>

static void say(xclbin_session *session, const char *format, ...) TS_PRINTF(2, 3);

static void say(xclbin_session *session, const char *format, ...) {
    if (!session->say) return;
    char message[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    session->say(session->context, message);
}

/* ---- specifications -------------------------------------------------------------------------- */

static const struct {
    const char *name;
    unsigned bit;
} formats[] = {{"RAW", TS_XCLBIN_RAW}, {"JSON", TS_XCLBIN_JSON}, {"HTML", TS_XCLBIN_HTML}};

static ts_status unknown_section(const char *name, ts_diag *diag) {
    const char *names[TS_XCLBIN_N_KINDS];
    for (uint32_t i = 0; i < TS_XCLBIN_N_KINDS; i++)
        names[i] = ts_xclbin_kind_about(i)->name;
    const char *near = ts_nearest_word(name, names, TS_XCLBIN_N_KINDS);
    return ts_fail(diag, TS_UNKNOWN, NULL, "Section '%s' isn't a valid section name.%s%s%s", name,
                   near ? "  Did you mean '" : "", near ? near : "", near ? "'?" : "");
}

ts_status xclbin_parse_section_name(ts_arena *arena, const char *text, xclbin_spec *out,
                                    ts_diag *diag) {
    const char *bracket = strchr(text, '[');
    size_t length = strlen(text);
    out->text = text;
    out->index = "";
    out->section = ts_arena_strndup(arena, text, bracket ? (size_t)(bracket - text) : length);
    if (bracket && text[length - 1] != ']')
        return ts_fail(diag, TS_SYNTAX, NULL,
                       "Expected format <section>[<section_index>] when using a section index.  "
                       "Received: %s.",
                       text);
    if (bracket)
        out->index = ts_arena_strndup(arena, bracket + 1, length - (size_t)(bracket - text) - 2);
    if (!out->section || !out->index) return ts_fail_nomem(diag);
    if (!ts_xclbin_kind_find(out->section, &out->kind)) return unknown_section(out->section, diag);
    if (*out->index && out->kind != TS_XCLBIN_AIE_PARTITION)
        return ts_fail(diag, TS_UNSUPPORTED, NULL,
                       "The section '%s' doesn't support section indexes (e.g., '%s').",
                       out->section, out->index);
    return TS_OK;
}

ts_status xclbin_spec_parse(ts_arena *arena, const char *text, xclbin_spec *out, ts_diag *diag) {
    const char *first = strchr(text, ':'), *second = first ? strchr(first + 1, ':') : NULL;
    *out = (xclbin_spec){.text = text, .section = "", .index = ""};
    if (!second)
        return ts_fail(diag, TS_SYNTAX, NULL,
                       "Expected format <section>:<format>:<file> when using adding a section.  "
                       "Received: %s.",
                       text);
    const char *name = ts_arena_strndup(arena, text, (size_t)(first - text));
    out->format = ts_arena_strndup(arena, first + 1, (size_t)(second - first - 1));
    out->file = second + 1;
    if (!name || !out->format) return ts_fail_nomem(diag);
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
        if (ts_text_equal_nocase(formats[i].name, out->format)) out->bits = formats[i].bit;
    if (!*out->file)
        return ts_fail(diag, TS_SYNTAX, NULL, "Missing file name.  Received: %s.", text);
    if (!*name) {
        if (out->bits == TS_XCLBIN_JSON) return TS_OK;
        return ts_fail(diag, TS_SYNTAX, NULL,
                       "Empty sections names are only permitted with JSON format files.");
    }
    const char *file = out->file, *format = out->format;
    unsigned bits = out->bits;
    TS_TRY(xclbin_parse_section_name(arena, name, out, diag));
    *out = (xclbin_spec){text, out->section, out->index, format, file, out->kind, bits};
    return TS_OK;
}

static ts_status check_format(const xclbin_spec *spec, unsigned allowed, const char *action,
                              ts_diag *diag) {
    if (spec->bits & allowed) return TS_OK;
    return ts_fail(diag, TS_UNSUPPORTED, NULL,
                   "The %s section does not support %s the %s file type.%s", spec->section, action,
                   *spec->format ? spec->format : "(missing)",
                   allowed == 0               ? ""
                   : allowed == TS_XCLBIN_RAW ? "  Expected RAW."
                   : allowed & TS_XCLBIN_RAW  ? "  Expected JSON or RAW."
                                              : "  Expected JSON.");
}

/* ---- documents ------------------------------------------------------------------------------- */

typedef struct document_place {
    const char *path, *output;
} document_place;

/* A file the document names, seen from the document's folder. */
static ts_status load_beside(void *context, ts_arena *arena, const char *name, ts_span *out,
                             ts_diag *diag) {
    const document_place *place = context;
    return cli_read_beside(arena, place->path, name, place->output, out, diag);
}

ts_status xclbin_open_document(ts_arena *arena, const char *file, const char *output,
                               ts_xclbin_document *out, ts_diag *diag) {
    document_place *place = TS_ARENA_NEW(arena, document_place);
    ts_json *root = NULL;
    if (!place) return ts_fail_nomem(diag);
    *place = (document_place){file, output};
    *out = (ts_xclbin_document){.file = file, .load = load_beside, .context = place};
    TS_TRY(cli_read_input(arena, file, output, &out->text, diag));
    TS_TRY(ts_json_parse(arena, out->text, file, &root, diag));
    out->root = root;
    return TS_OK;
}

ts_status xclbin_open(xclbin_session *session, const char *file, ts_diag *diag) {
    if (!file) {
        ts_xclbin_init(&session->x, session->arena, "xclbin");
        return TS_OK;
    }
    ts_span bytes;
    TS_TRY(ts_file_read(session->arena, file, 0, &bytes, diag));
    return ts_xclbin_read(session->arena, bytes, file, &session->x, diag);
}

/* The payload that a specification's file holds. */
static ts_status load_payload(xclbin_session *session, const xclbin_spec *spec, ts_span *out,
                              ts_diag *diag) {
    const ts_xclbin_kind_info *about = ts_xclbin_kind_about(spec->kind);
    TS_TRY(check_format(spec, about ? about->add : TS_XCLBIN_RAW, "reading", diag));
    if (spec->bits == TS_XCLBIN_RAW)
        return cli_read_input(session->arena, spec->file, session->output, out, diag);
    ts_xclbin_document document;
    TS_TRY(xclbin_open_document(session->arena, spec->file, session->output, &document, diag));
    return ts_xclbin_from_json(session->arena, spec->kind, spec->index, &document, out, diag);
}

/* ---- edits ----------------------------------------------------------------------------------- */

static ts_xclbin_section *find_specified(const ts_xclbin *x, const xclbin_spec *spec) {
    return spec->kind == TS_XCLBIN_AIE_PARTITION ? ts_xclbin_find_index(x, spec->kind, spec->index)
                                                 : ts_xclbin_find(x, spec->kind);
}

static ts_xclbin_section *existing(xclbin_session *session, const xclbin_spec *spec) {
    return find_specified(&session->x, spec);
}

static ts_status put_section(xclbin_session *session, const xclbin_spec *spec, ts_span data,
                             const char *name, ts_diag *diag) {
    ts_xclbin_section *section = ts_xclbin_append(&session->x, spec->kind, name, data);
    if (!section) return ts_fail_nomem(diag);
    session->partition_added |= spec->kind == TS_XCLBIN_AIE_PARTITION;
    return ts_xclbin_update_header(&session->x, section, diag);
}

static void say_added(xclbin_session *session, const xclbin_spec *spec, size_t size) {
    say(session,
        "\nSection: '%s%s%s%s'(%" PRIu32
        ") was successfully added.\nSize   : %zu bytes\nFormat : %s\nFile   : '%s'",
        spec->section, *spec->index ? "[" : "", spec->index, *spec->index ? "]" : "", spec->kind,
        size, spec->format, spec->file);
}

ts_status xclbin_add(xclbin_session *session, const xclbin_spec *spec, ts_diag *diag) {
    if (!*spec->section) return xclbin_add_wildcard(session, spec, diag);
    if (existing(session, spec))
        return ts_fail(diag, TS_CONFLICT, session->x.file, "Section '%s%s%s%s' already exists.",
                       spec->section, *spec->index ? "[" : "", spec->index,
                       *spec->index ? "]" : "");
    ts_span data;
    TS_TRY(load_payload(session, spec, &data, diag));
    if (!data.size && spec->kind != TS_XCLBIN_DEBUG_DATA) {
        say(session,
            "\nSection: '%s'(%" PRIu32 ") was empty.  No action taken.\nFormat : %s\nFile   : '%s'",
            spec->section, spec->kind, spec->format, spec->file);
        return TS_OK;
    }
    TS_TRY(put_section(session, spec, data, spec->file, diag));
    say_added(session, spec, data.size);
    return TS_OK;
}

/* Whose JSON node this is. */
static bool kind_of_node(const char *node, uint32_t *kind) {
    for (uint32_t i = 0; i < TS_XCLBIN_N_KINDS; i++) {
        const char *name = ts_xclbin_kind_about(i)->node;
        if (name && strcmp(name, node) == 0) {
            *kind = i;
            return true;
        }
    }
    return false;
}

ts_status xclbin_add_wildcard(xclbin_session *session, const xclbin_spec *spec, ts_diag *diag) {
    ts_xclbin_document document;
    TS_TRY(xclbin_open_document(session->arena, spec->file, session->output, &document, diag));
    for (const ts_json *node = document.root->first; node; node = node->next) {
        xclbin_spec one = *spec;
        if (strcmp(node->key, "schema_version") == 0) continue;
        if (!kind_of_node(node->key, &one.kind))
            return ts_fail(diag, TS_UNKNOWN, spec->file,
                           "Node name '%s' does not map to a given section type.", node->key);
        one.section = ts_xclbin_kind_about(one.kind)->name;
        if (existing(session, &one))
            return ts_fail(diag, TS_CONFLICT, session->x.file, "Section '%s' already exists.",
                           one.section);
        ts_span data;
        TS_TRY(ts_xclbin_from_json(session->arena, one.kind, "", &document, &data, diag));
        bool is_empty = !data.size;
        if (!is_empty) TS_TRY(put_section(session, &one, data, "", diag));
        say(session, "\nSection: '%s'(%" PRIu32 ") was %s\nFormat : %s\nFile   : '%s'", one.section,
            one.kind, is_empty ? "empty.  No action taken." : "successfully added.", one.format,
            node->key);
    }
    return TS_OK;
}

ts_status xclbin_remove(xclbin_session *session, const xclbin_spec *spec, ts_diag *diag) {
    ts_xclbin_section *section = existing(session, spec);
    if (!section)
        return ts_fail(diag, TS_MISSING, session->x.file,
                       "Section '%s%s%s%s' is not part of the xclbin archive.", spec->section,
                       *spec->index ? "[" : "", spec->index, *spec->index ? "]" : "");
    ts_xclbin_remove(&session->x, section);
    say(session, "\nSection '%s'(%" PRIu32 ") was successfully removed", spec->section, spec->kind);
    return TS_OK;
}

ts_status xclbin_add_or_replace(xclbin_session *session, const xclbin_spec *spec, ts_diag *diag) {
    if (*spec->section && existing(session, spec)) TS_TRY(xclbin_remove(session, spec, diag));
    return xclbin_add(session, spec, diag);
}

ts_status xclbin_replace(xclbin_session *session, const xclbin_spec *spec, ts_diag *diag) {
    ts_xclbin_section *section = existing(session, spec);
    if (!section)
        return ts_fail(diag, TS_MISSING, session->x.file, "Section '%s' does not exist.",
                       spec->section);
    ts_span data;
    TS_TRY(load_payload(session, spec, &data, diag));
    /* A section of the same kind and name, in the same place. */
    ts_xclbin_section *fresh = ts_xclbin_append(&session->x, spec->kind, spec->file, data);
    if (!fresh) return ts_fail_nomem(diag);
    section = existing(session, spec);
    *section = *fresh;
    session->x.n_sections--;
    session->partition_added |= spec->kind == TS_XCLBIN_AIE_PARTITION;
    TS_TRY(ts_xclbin_update_header(&session->x, section, diag));
    say_added(session, spec, data.size);
    return TS_OK;
}

ts_status xclbin_merge(xclbin_session *session, const xclbin_spec *spec, ts_diag *diag) {
    if (spec->bits != TS_XCLBIN_JSON)
        return ts_fail(diag, TS_UNSUPPORTED, NULL,
                       "Adding or merging of sections are only supported with the JSON format.");
    ts_xclbin_section *section = *spec->section ? existing(session, spec) : NULL;
    if (!section) return xclbin_add(session, spec, diag);
    ts_xclbin_document document;
    TS_TRY(xclbin_open_document(session->arena, spec->file, session->output, &document, diag));
    TS_TRY(ts_xclbin_merge_json(session->arena, section, &document, diag));
    say(session, "\nSection: '%s'(%" PRIu32 ") merged successfully with\nFile: '%s'", spec->section,
        spec->kind, spec->file);
    return TS_OK;
}

ts_status xclbin_add_kernels(xclbin_session *session, const char *file, ts_diag *diag) {
    ts_xclbin_document document;
    TS_TRY(xclbin_open_document(session->arena, file, session->output, &document, diag));
    if (!ts_xclbin_find(&session->x, TS_XCLBIN_EMBEDDED_METADATA))
        say(session, "Info: Embedded Metadata section is missing project.platform.device.core "
                     "element, adding it.");
    return ts_xclbin_add_kernels(&session->x, &document, diag);
}

/* ---- dumps ----------------------------------------------------------------------------------- */

static ts_status write_json_form(const xclbin_spec *spec, const ts_json *tree, ts_buf *out,
                                 ts_diag *diag) {
    bool is_html = spec->bits == TS_XCLBIN_HTML;
    if (is_html)
        ts_buf_printf(out, "<!DOCTYPE html><html><body><h1>Section: %s (%" PRIu32 ")</h1><pre>\n",
                      spec->section, spec->kind);
    if (ts_json_write(out, tree, &ts_xclbin_json_pretty) != TS_OK) return ts_fail_nomem(diag);
    if (is_html) ts_buf_text(out, "</pre></body></html>\n");
    return out->failed ? ts_fail_nomem(diag) : TS_OK;
}

static ts_status add_rendered(ts_arena *arena, ts_xclbin_side_file **files, const char *name,
                              ts_span data, ts_diag *diag) {
    ts_xclbin_side_file *file = TS_ARENA_NEW(arena, ts_xclbin_side_file);
    if (!file) return ts_fail_nomem(diag);
    *file = (ts_xclbin_side_file){*files, name, data};
    *files = file;
    return TS_OK;
}

ts_status xclbin_render(ts_arena *arena, const ts_xclbin *x, const xclbin_spec *spec,
                        ts_xclbin_side_file **files, ts_diag *diag) {
    const ts_xclbin_section *section = find_specified(x, spec);
    if (!section)
        return ts_fail(diag, TS_MISSING, x->file, "Section '%s%s%s%s' does not exists.",
                       spec->section, *spec->index ? "[" : "", spec->index,
                       *spec->index ? "]" : "");
    if (spec->bits == TS_XCLBIN_RAW)
        return add_rendered(arena, files, spec->file, section->data, diag);
    ts_json *tree;
    ts_xclbin_side_file *sides = NULL;
    ts_buf out = ts_buf_in(arena);
    TS_TRY(ts_xclbin_to_json(arena, section, x->file, "", &tree, &sides, diag));
    TS_TRY(write_json_form(spec, tree, &out, diag));
    for (; sides; sides = sides->next)
        TS_TRY(add_rendered(arena, files, sides->name, sides->data, diag));
    return add_rendered(arena, files, spec->file, ts_buf_span(&out), diag);
}

/* The document under its own name, the others beside it. */
static ts_status stage_files(xclbin_session *session, const xclbin_spec *spec,
                             const ts_xclbin_side_file *files, ts_file_set *set, ts_diag *diag) {
    for (; files; files = files->next) {
        const char *path = files->name == spec->file
                               ? spec->file
                               : ts_path_beside(session->arena, spec->file, files->name);
        if (!path) return ts_fail_nomem(diag);
        TS_TRY(ts_file_set_add(set, path, files->data, diag));
    }
    return TS_OK;
}

ts_status xclbin_dump(xclbin_session *session, const xclbin_spec *spec, ts_diag *diag) {
    if (!*spec->section) return xclbin_dump_all(session, spec, diag);
    const ts_xclbin_kind_info *about = ts_xclbin_kind_about(spec->kind);
    ts_xclbin_side_file *files = NULL;
    if (existing(session, spec))
        TS_TRY(check_format(spec, about ? about->dump : TS_XCLBIN_RAW, "writing to", diag));
    TS_TRY(xclbin_render(session->arena, &session->x, spec, &files, diag));
    ts_file_set set;
    ts_file_set_init(&set, session->arena);
    ts_status status = stage_files(session, spec, files, &set, diag);
    if (status == TS_OK) status = ts_file_set_commit(&set, diag);
    ts_file_set_abandon(&set);
    if (status == TS_OK)
        say(session,
            "\nSection: '%s%s%s%s'(%" PRIu32
            ") was successfully written.\nFormat%s: %s\nFile  %s: '%s'",
            spec->section, *spec->index ? "[" : "", spec->index, *spec->index ? "]" : "",
            spec->kind, spec->kind == TS_XCLBIN_AIE_PARTITION ? " " : "", spec->format,
            spec->kind == TS_XCLBIN_AIE_PARTITION ? " " : "", spec->file);
    return status;
}

ts_status xclbin_dump_all(xclbin_session *session, const xclbin_spec *spec, ts_diag *diag) {
    ts_json *all = ts_json_new(session->arena, TS_JSON_OBJECT);
    ts_buf out = ts_buf_in(session->arena);
    for (size_t i = 0; all && i < session->x.n_sections; i++) {
        const ts_xclbin_section *section = &session->x.sections[i];
        const ts_xclbin_kind_info *about = ts_xclbin_kind_about(section->kind);
        if (!about || !(about->dump & TS_XCLBIN_JSON) || section->kind == TS_XCLBIN_AIE_PARTITION)
            continue;
        ts_json *tree;
        TS_TRY(ts_xclbin_to_json(session->arena, section, session->x.file, "", &tree, NULL, diag));
        ts_json_append(all, tree->first);
    }
    if (!all) return ts_fail_nomem(diag);
    TS_TRY(write_json_form(spec, all, &out, diag));
    TS_TRY(ts_file_write(spec->file, ts_buf_span(&out), diag));
    say(session,
        "\nSuccessfully wrote all of sections which support the format '%s' to the file: '%s'",
        spec->format, spec->file);
    return TS_OK;
}

/* ---- the end of an edit -----------------------------------------------------------------------
 */

/* Every DPU kernel of IP_LAYOUT must find a PDI in the partition that was just added. */
static ts_status compare_kernel_ids(xclbin_session *session, ts_diag *diag) {
    const ts_xclbin_section *partition =
        ts_xclbin_find_index(&session->x, TS_XCLBIN_AIE_PARTITION, "");
    const ts_xclbin_section *layout = ts_xclbin_find(&session->x, TS_XCLBIN_IP_LAYOUT);
    if (!session->partition_added || !partition || !layout) return TS_OK;
    ts_xclbin_partition p;
    ts_json *tree;
    TS_TRY(ts_xclbin_read_partition(session->arena, partition->data, session->x.file, &p, diag));
    TS_TRY(ts_xclbin_to_json(session->arena, layout, session->x.file, "", &tree, NULL, diag));
    const ts_json *list = ts_json_path(tree, "ip_layout.m_ip_data");
    for (const ts_json *ip = list ? list->first : NULL; ip; ip = ip->next) {
        uint64_t kernel_id;
        if (strcmp(ts_json_text(ip, "m_subtype", ""), "DPU") == 0 &&
            ts_parse_u64(ts_json_text(ip, "m_kernel_id", ""), &kernel_id) &&
            !ts_xclbin_serves(&p, kernel_id))
            return ts_fail(
                diag, TS_CONFLICT, session->x.file,
                "The AIE_PARTITION section in the xclbin is not compliant with IP_LAYOUT "
                "section: no CDO group serves the kernel id 0x%" PRIx64 " of '%s'",
                kernel_id, ts_json_text(ip, "m_name", ""));
    }
    return TS_OK;
}

ts_status xclbin_finish(xclbin_session *session, bool skip_grouping, bool regroup, ts_diag *diag) {
    static const uint32_t groups[] = {TS_XCLBIN_GROUP_TOPOLOGY, TS_XCLBIN_GROUP_CONNECTIVITY};
    for (int i = 0; i < 2 && regroup; i++) {
        ts_xclbin_section *section = ts_xclbin_find(&session->x, groups[i]);
        if (section) ts_xclbin_remove(&session->x, section);
    }
    TS_TRY(compare_kernel_ids(session, diag));
    return skip_grouping ? TS_OK : ts_xclbin_group_memory(&session->x, diag);
}

ts_status xclbin_save(xclbin_session *session, const char *file, bool keep_uuid, ts_diag *diag) {
    const ts_xclbin_write_options options = {.keep_uuid = keep_uuid};
    ts_buf out = ts_buf_in(session->arena);
    TS_TRY(ts_xclbin_write(&session->x, &options, &out, diag));
    return ts_file_write(file, ts_buf_span(&out), diag);
}
