/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * xclbin: the AXLF container that XRT and the amdxdna driver load. Reads, writes, edits, checks and
 * compares it; turns the section kinds that occur around NPUs into JSON and back, to the byte as
 * XRT's xclbinutil does; carries every other section verbatim.
 *
 * Two laws: ts_xclbin_write_exact(ts_xclbin_read(file)) is the file, byte for byte; and what
 * ts_xclbin_write() makes, ts_xclbin_read() gives back.
 *
 * src: Xilinx/XRT: src/runtime_src/core/include/xrt/detail/xclbin.h [code]
 */
#ifndef TESSERA_XCLBIN_H
#define TESSERA_XCLBIN_H

#include "tessera/base.h"

/* As XRT's xclbin.h has it; its loader takes at most 10,000. */
#define TS_XCLBIN_MAX_SECTIONS 0x10000
/* PDIs in one AIE_PARTITION; production containers have up to 31. */
#define TS_XCLBIN_MAX_PDIS 4096
/* Where section headers begin, and the size of one. */
#define TS_XCLBIN_HEADER_BYTES         456
#define TS_XCLBIN_SECTION_HEADER_BYTES 40

/* The formats a section can be given or taken in, as bits. */
enum {
    TS_XCLBIN_RAW = 1,
    TS_XCLBIN_JSON = 2,
    TS_XCLBIN_HTML = 4, /* JSON in a page; written only */
};

/* X(number, constant, xclbinutil's name, JSON node or NULL, formats to add, formats to dump), in
 * the order of the numbers. A kind whose JSON node is NULL but which takes JSON has a document of
 * its own shape. Kinds that XRT builds only from several parts (SOFT_KERNEL and the like) are
 * carried. src: Xilinx/XRT: src/runtime_src/tools/xclbinutil/Section*.cxx, the initializers [code]
 */
/* clang-format off */
#define TS_XCLBIN_KIND_LIST(X)                                                                              \
    X( 0, BITSTREAM,             "BITSTREAM",             NULL,                  1, 1)                      \
    X( 1, CLEARING_BITSTREAM,    "CLEARING_BITSTREAM",    NULL,                  1, 1)                      \
    X( 2, EMBEDDED_METADATA,     "EMBEDDED_METADATA",     NULL,                  1, 1)                      \
    X( 3, FIRMWARE,              "FIRMWARE",              NULL,                  1, 1)                      \
    X( 4, DEBUG_DATA,            "DEBUG_DATA",            NULL,                  1, 1)                      \
    X( 5, SCHED_FIRMWARE,        "SCHED_FIRMWARE",        NULL,                  1, 1)                      \
    X( 6, MEM_TOPOLOGY,          "MEM_TOPOLOGY",          "mem_topology",        2, 7)                      \
    X( 7, CONNECTIVITY,          "CONNECTIVITY",          "connectivity",        2, 7)                      \
    X( 8, IP_LAYOUT,             "IP_LAYOUT",             "ip_layout",           2, 7)                      \
    X( 9, DEBUG_IP_LAYOUT,       "DEBUG_IP_LAYOUT",       NULL,                  0, 1)                      \
    X(10, DESIGN_CHECK_POINT,    "DESIGN_CHECKPOINT",     NULL,                  1, 1)                      \
    X(11, CLOCK_FREQ_TOPOLOGY,   "CLOCK_FREQ_TOPOLOGY",   "clock_freq_topology", 2, 7)                      \
    X(12, MCS,                   "MCS",                   NULL,                  0, 1)                      \
    X(13, BMC,                   "BMC",                   NULL,                  0, 1)                      \
    X(14, BUILD_METADATA,        "BUILD_METADATA",        "build_metadata",      3, 6)                      \
    X(15, KEYVALUE_METADATA,     "KEYVALUE_METADATA",     "keyvalue_metadata",   2, 6)                      \
    X(16, USER_METADATA,         "USER_METADATA",         NULL,                  1, 1)                      \
    X(17, DNA_CERTIFICATE,       "DNA_CERTIFICATE",       NULL,                  0, 1)                      \
    X(18, PDI,                   "PDI",                   NULL,                  1, 1)                      \
    X(19, BITSTREAM_PARTIAL_PDI, "BITSTREAM_PARTIAL_PDI", NULL,                  1, 1)                      \
    X(20, PARTITION_METADATA,    "PARTITION_METADATA",    NULL,                  1, 1)                      \
    X(21, EMULATION_DATA,        "EMULATION_DATA",        NULL,                  1, 1)                      \
    X(22, SYSTEM_METADATA,       "SYSTEM_METADATA",       NULL,                  1, 1)                      \
    X(23, SOFT_KERNEL,           "SOFT_KERNEL",           NULL,                  0, 1)                      \
    X(24, FLASH,                 "FLASH",                 NULL,                  0, 1)                      \
    X(25, AIE_METADATA,          "AIE_METADATA",          "aie_metadata",        3, 6)                      \
    X(26, GROUP_TOPOLOGY,        "GROUP_TOPOLOGY",        "group_topology",      2, 7)                      \
    X(27, GROUP_CONNECTIVITY,    "GROUP_CONNECTIVITY",    "group_connectivity",  2, 7)                      \
    X(28, SMARTNIC,              "SMARTNIC",              NULL,                  1, 1)                      \
    X(29, AIE_RESOURCES,         "AIE_RESOURCES",         NULL,                  1, 1)                      \
    X(30, OVERLAY,               "OVERLAY",               NULL,                  1, 1)                      \
    X(31, VENDER_METADATA,       "VENDER_METADATA",       NULL,                  0, 1)                      \
    X(32, AIE_PARTITION,         "AIE_PARTITION",         "aie_partition",       2, 2)                      \
    X(33, IP_METADATA,           "IP_METADATA",           NULL,                  1, 1)                      \
    X(34, AIE_RESOURCES_BIN,     "AIE_RESOURCES_BIN",     NULL,                  0, 1)                      \
    X(35, AIE_TRACE_METADATA,    "AIE_TRACE_METADATA",    "aie_trace_metadata",  3, 3)                      \
    X(36, DTBO,                  "DTBO",                  NULL,                  1, 1)
/* clang-format on */

typedef enum ts_xclbin_kind {
#define X(number, constant, name, node, add, dump) TS_XCLBIN_##constant = (number),
    TS_XCLBIN_KIND_LIST(X)
#undef X
    TS_XCLBIN_N_KINDS
} ts_xclbin_kind;

typedef struct ts_xclbin_kind_info {
    const char *name;   /* "MEM_TOPOLOGY" */
    const char *node;   /* "mem_topology", the document's root; or NULL */
    unsigned add, dump; /* formats */
} ts_xclbin_kind_info;

/* NULL for a number this version does not know. */
const ts_xclbin_kind_info *ts_xclbin_kind_about(uint32_t kind);
/* The name, or "KIND_99" written into `room` for an unknown number. */
const char *ts_xclbin_kind_name(uint32_t kind, char room[24]);
/* By xclbinutil's name, without regard to case; "KIND_99" works too. */
bool ts_xclbin_kind_find(const char *name, uint32_t *kind);

/* ---- the container --------------------------------------------------------------------------- */

/* The fixed header, in file order. INT(field, bytes), BYTES(field, bytes). */
/* clang-format off */
#define TS_XCLBIN_HEADER_FIELDS(INT, BYTES)                                                        \
    BYTES(magic, 8)                   /* "xclbin2" */                                              \
    INT(signature_length, 4)          /* 0xffffffff: not signed */                                 \
    BYTES(reserved, 28)               /* 0xff */                                                   \
    BYTES(key_block, 256)             /* 0xff when not signed */                                   \
    INT(unique_id, 8)                 /* seconds, or 0 */                                          \
    INT(length, 8)                    /* of the whole file, bytes */                               \
    INT(time_stamp, 8)                /* seconds since 1970, or 0 */                               \
    INT(feature_rom_time_stamp, 8)                                                                 \
    INT(version_patch, 2)                                                                          \
    INT(version_major, 1)                                                                          \
    INT(version_minor, 1)                                                                          \
    INT(mode, 2)                      /* TS_XCLBIN_MODE_LIST */                                    \
    INT(action_mask, 2)               /* TS_XCLBIN_ACTION_... */                                   \
    BYTES(interface_uuid, 16)                                                                      \
    BYTES(platform_vbnv, 64)          /* vendor:board:name:version, NUL-terminated */              \
    BYTES(uuid, 16)                                                                                \
    BYTES(debug_bin, 16)                                                                           \
    INT(n_sections, 4)                                                                             \
    INT(padding, 4)
/* clang-format on */

typedef struct ts_xclbin_header {
#define INT(field, n_bytes)   uint64_t field;
#define BYTES(field, n_bytes) uint8_t field[n_bytes];
    TS_XCLBIN_HEADER_FIELDS(INT, BYTES)
#undef INT
#undef BYTES
} ts_xclbin_header;

/* X(number, name, value of the key SYS:mode) */
#define TS_XCLBIN_MODE_LIST(X)                                                                     \
    X(0, FLAT, "flat")                                                                             \
    X(1, PR, "hw_pr")                                                                              \
    X(2, TANDEM_STAGE2, "tandem")                                                                  \
    X(3, TANDEM_STAGE2_WITH_PR, "tandem_pr")                                                       \
    X(4, HW_EMU, "hw_emu")                                                                         \
    X(5, SW_EMU, "sw_emu")                                                                         \
    X(6, HW_EMU_PR, "hw_emu_pr")

/* "FLAT", or NULL for a number that XRT does not define. */
const char *ts_xclbin_mode_name(uint64_t mode);

enum {
    TS_XCLBIN_ACTION_LOAD_AIE = 1,
    TS_XCLBIN_ACTION_LOAD_PDI = 2,
};

typedef struct ts_xclbin_section {
    uint32_t kind;
    uint8_t name[16];     /* verbatim; NUL-padded, but a file may use all 16 */
    uint32_t padding;     /* verbatim */
    uint64_t file_offset; /* where it stood, in a container that was read */
    ts_span data;
} ts_xclbin_section;

/* Bytes of a file that neither header nor section covers: alignment, the mirror, a signature. */
typedef struct ts_xclbin_gap {
    uint64_t file_offset;
    ts_span data;
} ts_xclbin_gap;

/* A container in memory. Its parts live in `arena` or are borrowed from the bytes it was read from;
 * there is nothing to free. */
typedef struct ts_xclbin {
    ts_arena *arena;
    const char *file; /* for errors */
    ts_xclbin_header header;
    ts_xclbin_section *sections;
    size_t n_sections, capacity;
    ts_xclbin_gap *gaps; /* in file order, none empty; only of a container that was read */
    size_t n_gaps;
    uint64_t file_size;
} ts_xclbin;

/* An empty container with XRT's default header, no time and no UUID. `file` is borrowed. */
void ts_xclbin_init(ts_xclbin *x, ts_arena *arena, const char *file);
/* Whether `bytes` begin as a container does. */
bool ts_xclbin_is_container(ts_span bytes);
/* Errors: TRUNCATED, SYNTAX (not an XCLBIN), RANGE (a section outside the file, too many). */
TS_NODISCARD ts_status ts_xclbin_read(ts_arena *arena, ts_span bytes, const char *file,
                                      ts_xclbin *out, ts_diag *diag);
/* The file it was read from, or one with the same layout and other payloads of the same sizes. */
TS_NODISCARD ts_status ts_xclbin_write_exact(const ts_xclbin *x, ts_buf *out, ts_diag *diag);

/* A fresh layout: sections in order, each at a multiple of 8, then XRT's mirror of the metadata.
 * Sets length and number of sections in `x->header`, and the UUID from the content unless
 * `keep_uuid`. */
typedef struct ts_xclbin_write_options {
    bool keep_uuid;
} ts_xclbin_write_options;
TS_NODISCARD ts_status ts_xclbin_write(ts_xclbin *x, const ts_xclbin_write_options *options,
                                       ts_buf *out, ts_diag *diag);

/* The first section of a kind, or NULL. With `index`, of an AIE_PARTITION by its partition's name.
 */
ts_xclbin_section *ts_xclbin_find(const ts_xclbin *x, uint32_t kind);
ts_xclbin_section *ts_xclbin_find_index(const ts_xclbin *x, uint32_t kind, const char *index);
/* The partition's name of an AIE_PARTITION, "" for any other section or a broken one. */
const char *ts_xclbin_section_index(const ts_xclbin_section *section);
/* Append a section named after the stem of `name` (cut to 15 bytes). NULL: NOMEM. `data` is
 * borrowed. */
ts_xclbin_section *ts_xclbin_append(ts_xclbin *x, uint32_t kind, const char *name, ts_span data);
void ts_xclbin_remove(ts_xclbin *x, ts_xclbin_section *section);
/* Take over what a BUILD_METADATA section says about the platform. src: Xilinx/XRT:
 * src/runtime_src/tools/xclbinutil/XclBinClass.cxx, updateHeaderFromSection [code] */
TS_NODISCARD ts_status ts_xclbin_update_header(ts_xclbin *x, const ts_xclbin_section *section,
                                               ts_diag *diag);
/* Whether a pair is "SYS:key:..."; the domain's case does not matter. */
bool ts_xclbin_is_system_key(const char *pair, const char *key);
/* A key-value pair "SYS:mode:flat", "SYS:action_mask:LOAD_AIE", "SYS:FeatureRomTimestamp:N",
 * "SYS:InterfaceUUID:U", "SYS:PlatformVBNV:T", "SYS:XclbinUUID:U", or "USER:key:value", which goes
 * to KEYVALUE_METADATA. */
TS_NODISCARD ts_status ts_xclbin_set_key(ts_xclbin *x, const char *pair, ts_diag *diag);
TS_NODISCARD ts_status ts_xclbin_remove_key(ts_xclbin *x, const char *key, ts_diag *diag);

/* A UUID made of bytes: the same for the same, as ts_xclbin_write() makes one of a container. */
void ts_xclbin_content_uuid(ts_span bytes, uint8_t out[16]);

/* 32 hexadecimal digits, with or without '-', into 16 bytes; and the canonical 36 characters. */
bool ts_xclbin_parse_uuid(const char *text, uint8_t out[16]);
void ts_xclbin_format_uuid(const uint8_t uuid[16], char out[37]);

/* ---- sections as JSON ------------------------------------------------------------------------ */

/* How JSON that xclbinutil writes looks, for ts_json_write(): boost's property tree. */
extern const ts_json_style ts_xclbin_json_pretty, ts_xclbin_json_compact;

/* A file that a document names and that has to be written beside it. */
typedef struct ts_xclbin_side_file {
    struct ts_xclbin_side_file *next;
    const char *name;
    ts_span data; /* borrowed from the section */
} ts_xclbin_side_file;

/* A section as the document that xclbinutil dumps: an object with the kind's node in it. The PDIs
 * of an AIE_PARTITION come back in `side_files` (which may be NULL), named `prefix` + UUID +
 * ".pdi". Errors: UNSUPPORTED kind, RANGE, TRUNCATED, SYNTAX with the offset inside the section. */
TS_NODISCARD ts_status ts_xclbin_to_json(ts_arena *arena, const ts_xclbin_section *section,
                                         const char *file, const char *prefix, ts_json **out,
                                         ts_xclbin_side_file **side_files, ts_diag *diag);

/* A document to read from, with what errors and PDI names need. */
typedef struct ts_xclbin_document {
    const ts_json *root;
    const char *file;
    ts_span text; /* what `root` was parsed from, for line and column; may be empty */
    /* The bytes of a file the document names; NULL: such names are errors. */
    ts_status (*load)(void *context, ts_arena *arena, const char *name, ts_span *out,
                      ts_diag *diag);
    void *context;
} ts_xclbin_document;

/* The other way. `index` names the partition of an AIE_PARTITION ("" usually). An array section
 * whose count is 0 gives no bytes, as XRT does. Errors have line and column. */
TS_NODISCARD ts_status ts_xclbin_from_json(ts_arena *arena, uint32_t kind, const char *index,
                                           const ts_xclbin_document *document, ts_span *out,
                                           ts_diag *diag);

/* Add what the node of `document` lists to the list the section has already. IP_LAYOUT,
 * MEM_TOPOLOGY, CONNECTIVITY, CLOCK_FREQ_TOPOLOGY, KEYVALUE_METADATA and the group sections. */
TS_NODISCARD ts_status ts_xclbin_merge_json(ts_arena *arena, ts_xclbin_section *section,
                                            const ts_xclbin_document *document, ts_diag *diag);

/* "X.xclbin (section SYSTEM_METADATA)": what to call the text of a section in errors. NULL: NOMEM.
 */
const char *ts_xclbin_payload_label(ts_arena *arena, const char *file, uint32_t kind);

/* XML to a tree and back as boost's property tree has it: elements and text in order, attributes in
 * a child "<xmlattr>", comments in "<xmlcomment>". */
TS_NODISCARD ts_status ts_xclbin_parse_xml(ts_arena *arena, ts_span text, const char *file,
                                           ts_json **out, ts_diag *diag);
void ts_xclbin_write_xml(ts_buf *out, const ts_json *tree);

/* ---- deriving sections ----------------------------------------------------------------------- */

/* What --add-kernel does: put every kernel of a "ps-kernels" document into EMBEDDED_METADATA, its
 * instances into IP_LAYOUT, their memory arguments into CONNECTIVITY, and mark banks as used.
 * src: Xilinx/XRT: src/runtime_src/tools/xclbinutil/KernelUtilities.cxx [code] */
TS_NODISCARD ts_status ts_xclbin_add_kernels(ts_xclbin *x, const ts_xclbin_document *document,
                                             ts_diag *diag);
/* GROUP_CONNECTIVITY and GROUP_TOPOLOGY from CONNECTIVITY and MEM_TOPOLOGY, with adjacent banks of
 * one argument grouped. Does nothing without MEM_TOPOLOGY or when a group section exists.
 * src: Xilinx/XRT: src/runtime_src/tools/xclbinutil/XclBinUtilities.cxx [code] */
TS_NODISCARD ts_status ts_xclbin_group_memory(ts_xclbin *x, ts_diag *diag);

/* ---- what a container says, decoded ---------------------------------------------------------- */

typedef struct ts_xclbin_cdo_group {
    const char *name;
    uint8_t type; /* 0 unknown, 1 primary, 2 lite, 3 pre/post */
    uint64_t pdi_id;
    uint64_t *kernel_ids, *pre_cdo_groups;
    size_t n_kernel_ids, n_pre_cdo_groups;
} ts_xclbin_cdo_group;

typedef struct ts_xclbin_pdi {
    uint8_t uuid[16];
    ts_span image;
    uint32_t image_offset; /* in the section */
    ts_xclbin_cdo_group *groups;
    size_t n_groups;
} ts_xclbin_pdi;

typedef struct ts_xclbin_partition {
    const char *name;
    uint8_t schema_version;
    uint32_t operations_per_cycle;
    uint64_t inference_fingerprint, pre_post_fingerprint;
    const char *kernel_commit_id;
    uint16_t column_width;
    uint16_t *start_columns;
    size_t n_start_columns;
    ts_xclbin_pdi *pdis;
    size_t n_pdis;
} ts_xclbin_partition;

TS_NODISCARD ts_status ts_xclbin_read_partition(ts_arena *arena, ts_span data, const char *file,
                                                ts_xclbin_partition *out, ts_diag *diag);
const char *ts_xclbin_cdo_type_name(uint8_t type); /* "PRIMARY"; "UNKNOWN" */
/* Whether a CDO group of the partition serves a kernel id. */
bool ts_xclbin_serves(const ts_xclbin_partition *partition, uint64_t kernel_id);

/* ---- checking and comparing ------------------------------------------------------------------ */

typedef enum ts_xclbin_severity {
    TS_XCLBIN_NOTE,    /* unusual, harmless */
    TS_XCLBIN_WARNING, /* some loader or tool takes it badly */
    TS_XCLBIN_ERROR,   /* XRT or the driver refuses it */
} ts_xclbin_severity;

typedef struct ts_xclbin_finding {
    ts_xclbin_severity severity;
    const char *rule;    /* "kernel-id", stable, for programs */
    const char *section; /* which, or "" */
    const char *text;    /* what is wrong, and who refuses it */
} ts_xclbin_finding;

typedef struct ts_xclbin_findings {
    ts_xclbin_finding *items;
    size_t n_items, n_errors, n_warnings;
} ts_xclbin_findings;

/* What XRT or the amdxdna driver would say to it. Errors: NOMEM only. */
TS_NODISCARD ts_status ts_xclbin_check(ts_arena *arena, const ts_xclbin *x, ts_xclbin_findings *out,
                                       ts_diag *diag);

typedef struct ts_xclbin_difference {
    const char *where; /* "header uuid", "AIE_PARTITION pdi 0 (806c6eb8-...)", "MEM_TOPOLOGY[1]" */
    const char *text;  /* what differs: offsets, both values */
} ts_xclbin_difference;

typedef struct ts_xclbin_differences {
    ts_xclbin_difference *items;
    size_t n_items;
} ts_xclbin_differences;

/* Everything in which two containers differ, most meaningful name first. Errors: NOMEM only. */
TS_NODISCARD ts_status ts_xclbin_diff(ts_arena *arena, const ts_xclbin *a, const ts_xclbin *b,
                                      ts_xclbin_differences *out, ts_diag *diag);

/* ---- as a folder ----------------------------------------------------------------------------- */

/* The manifest's file name. */
#define TS_XCLBIN_MANIFEST "xclbin.json"

/* The container as files for people: the manifest, and each section as JSON or XML where that gives
 * the same bytes back, else raw. Names are plain; the caller writes them into one folder. */
TS_NODISCARD ts_status ts_xclbin_explode(ts_arena *arena, const ts_xclbin *x,
                                         ts_xclbin_side_file **files, ts_diag *diag);
/* The way back. Untouched files give the same bytes (`*is_exact`); otherwise lay it out anew with
 * ts_xclbin_write(). `manifest` loads the files it names. */
TS_NODISCARD ts_status ts_xclbin_implode(ts_arena *arena, const ts_xclbin_document *manifest,
                                         ts_xclbin *out, bool *is_exact, ts_diag *diag);

#endif
