/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Editing a container by section specifications, "KIND:FORMAT:FILE", shared by `tessera xclbin` and
 * the face of XRT's xclbinutil.
 */
#ifndef TESSERA_CLI_XCLBIN_EDIT_H
#define TESSERA_CLI_XCLBIN_EDIT_H

#include "cli.h"
#include "tessera/xclbin.h"

/* "AIE_PARTITION[name]:JSON:file.json", taken apart. */
typedef struct xclbin_spec {
    const char *text;    /* the whole, for messages */
    const char *section; /* "" : the document tells */
    const char *index;   /* "" usually */
    const char *format;  /* as given */
    const char *file;
    uint32_t kind;
    unsigned bits; /* TS_XCLBIN_RAW...; 0 when the format is not known */
} xclbin_spec;

typedef struct xclbin_session {
    ts_arena *arena;
    ts_xclbin x;
    const char *output;   /* what will be written, or NULL; no file to read may be it */
    bool partition_added; /* from JSON in this session; then kernel ids are compared */
    /* Called with what was done, one message at a time; may be NULL. */
    void (*say)(void *context, const char *message);
    void *context;
} xclbin_session;

/* Take a specification apart. Errors: SYNTAX, UNKNOWN. */
ts_status xclbin_spec_parse(ts_arena *arena, const char *text, xclbin_spec *out, ts_diag *diag);
/* "KIND" or "KIND[index]". */
ts_status xclbin_parse_section_name(ts_arena *arena, const char *text, xclbin_spec *out,
                                    ts_diag *diag);

/* Read the container `file` (NULL: start an empty one). */
ts_status xclbin_open(xclbin_session *session, const char *file, ts_diag *diag);

ts_status xclbin_add(xclbin_session *session, const xclbin_spec *spec, ts_diag *diag);
/* Every section that the JSON document of `spec` has a node for. */
ts_status xclbin_add_wildcard(xclbin_session *session, const xclbin_spec *spec, ts_diag *diag);
ts_status xclbin_add_or_replace(xclbin_session *session, const xclbin_spec *spec, ts_diag *diag);
ts_status xclbin_replace(xclbin_session *session, const xclbin_spec *spec, ts_diag *diag);
ts_status xclbin_merge(xclbin_session *session, const xclbin_spec *spec, ts_diag *diag);
ts_status xclbin_remove(xclbin_session *session, const xclbin_spec *spec, ts_diag *diag);
ts_status xclbin_add_kernels(xclbin_session *session, const char *file, ts_diag *diag);
/* The files of a section's dump, put before `*files`: `spec->file`, and the PDIs of a partition. */
ts_status xclbin_render(ts_arena *arena, const ts_xclbin *x, const xclbin_spec *spec,
                        ts_xclbin_side_file **files, ts_diag *diag);
/* Write a section to `spec->file`, with the PDIs of a partition beside it. */
ts_status xclbin_dump(xclbin_session *session, const xclbin_spec *spec, ts_diag *diag);
ts_status xclbin_dump_all(xclbin_session *session, const xclbin_spec *spec, ts_diag *diag);

/* After the edits: compare kernel ids of a new partition with IP_LAYOUT, and derive the group
 * sections unless `skip_grouping`; with `regroup`, drop those that are there first. */
ts_status xclbin_finish(xclbin_session *session, bool skip_grouping, bool regroup, ts_diag *diag);

/* Write the container to `file`. */
ts_status xclbin_save(xclbin_session *session, const char *file, bool keep_uuid, ts_diag *diag);

/* A JSON file as a document whose names are files beside it. `output` as in a session. */
ts_status xclbin_open_document(ts_arena *arena, const char *file, const char *output,
                               ts_xclbin_document *out, ts_diag *diag);

/* The report of `xclbinutil --info`, in XRT's words. `verbose` adds all metadata as JSON. */
ts_status xclbin_report(ts_arena *arena, const ts_xclbin *x, bool verbose, ts_buf *out,
                        ts_diag *diag);

#endif
