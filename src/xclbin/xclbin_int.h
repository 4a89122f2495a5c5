/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * What the files of this library share.
 */
#ifndef TESSERA_XCLBIN_INT_H
#define TESSERA_XCLBIN_INT_H

#include "tessera/xclbin.h"

/* The codecs behind ts_xclbin_to_json() and ts_xclbin_from_json(); see codec.c. */
typedef struct ts_xclbin_codec_context {
    ts_arena *arena;
    const char *file; /* the container or document, for errors */
    ts_diag *diag;
} ts_xclbin_codec_context;

/* A document's value that is wrong: error at its line and column when the text is known. */
ts_status ts_xclbin_bad_value(const ts_xclbin_document *document, const ts_json *node,
                              ts_status code, ts_diag *diag, const char *format, ...)
    TS_PRINTF(5, 6);

#if defined(__clang_analyzer__) && !defined(TS_BAD_VALUE_IMPLEMENTATION)
#define ts_xclbin_bad_value(document, node, code, ...)                                             \
    TS_NOT_OK(ts_xclbin_bad_value(document, node, code, __VA_ARGS__), code)
#endif

/* Array sections (arrays.c). */
ts_status ts_xclbin_array_to_json(const ts_xclbin_codec_context *context, uint32_t kind,
                                  ts_span data, ts_json *root);
ts_status ts_xclbin_array_from_json(ts_arena *arena, uint32_t kind,
                                    const ts_xclbin_document *document, ts_span *out,
                                    ts_diag *diag);
/* The name of the list inside an array section's node, or NULL: "m_mem_data". */
const char *ts_xclbin_array_list(uint32_t kind);

/* AIE_PARTITION (partition.c). */
ts_status ts_xclbin_partition_to_json(const ts_xclbin_codec_context *context, ts_span data,
                                      const char *prefix, ts_json *root,
                                      ts_xclbin_side_file **side_files);
ts_status ts_xclbin_partition_from_json(ts_arena *arena, const char *index,
                                        const ts_xclbin_document *document, ts_span *out,
                                        ts_diag *diag);

/* Numbers as XRT's tool reads them from JSON text. `base` 10: digits only; 0: as C's strtoul. */
bool ts_xclbin_parse_number(const char *text, int base, uint64_t *out);

/* A NUL-terminated string inside a section. False when it runs out of it. */
bool ts_xclbin_section_string(ts_span data, uint32_t offset, const char **out);

/* The path of a section in messages: "MEM_TOPOLOGY", "AIE_PARTITION[name]". NULL: NOMEM. */
const char *ts_xclbin_section_label(ts_arena *arena, const ts_xclbin_section *section);

/* Replace a section's payload by a tree, adding the section if it is not there. Does nothing for an
 * empty tree. */
ts_status ts_xclbin_put_tree(ts_xclbin *x, uint32_t kind, const ts_json *tree, ts_diag *diag);

/* One record of MEM_TOPOLOGY and GROUP_TOPOLOGY, 40 bytes. */
typedef struct ts_xclbin_bank {
    uint8_t type, used;
    uint64_t size_kib, base;
    uint8_t tag[16];
} ts_xclbin_bank;

/* One record of CONNECTIVITY and GROUP_CONNECTIVITY, 12 bytes. */
typedef struct ts_xclbin_connection {
    int32_t argument, ip, bank;
} ts_xclbin_connection;

/* The records of a section. Errors: TRUNCATED, RANGE. A missing section (NULL) has none. */
ts_status ts_xclbin_read_banks(ts_arena *arena, const ts_xclbin_section *section, const char *file,
                               ts_xclbin_bank **out, size_t *n, ts_diag *diag);
ts_status ts_xclbin_read_connections(ts_arena *arena, const ts_xclbin_section *section,
                                     const char *file, ts_xclbin_connection **out, size_t *n,
                                     ts_diag *diag);

/* Entries of IP_LAYOUT as far as checks need them. */
typedef struct ts_xclbin_ip {
    uint32_t type, properties;
    uint64_t base;
    char name[65];
} ts_xclbin_ip;

enum {
    TS_XCLBIN_IP_PS_KERNEL = 7,
    TS_XCLBIN_SUBTYPE_DPU = 1,
    TS_XCLBIN_MEM_PS_KERNEL = 11,
};

ts_status ts_xclbin_read_ips(ts_arena *arena, const ts_xclbin_section *section, const char *file,
                             ts_xclbin_ip **out, size_t *n, ts_diag *diag);

/* "MEM_DRAM" and the like; NULL when unknown. */
const char *ts_xclbin_memory_type_name(uint64_t type);

#endif
