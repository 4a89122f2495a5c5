/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The container: header, section headers, payloads, and what lies between them. Reading keeps every
 * byte, so an unchanged container is written back exactly; a changed one is laid out anew, the way
 * XRT's tool does it: payloads in order at multiples of 8, then the "mirror", a JSON copy of the
 * metadata between two markers, from which that tool can migrate old files.
 */
#include "xclbin_int.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uuid/uuid.h>

/* The release of XRT whose output this library reproduces; it goes into the version fields, where
 * XRT's tool puts its own. */
enum {
    VERSION_MAJOR = 2,
    VERSION_MINOR = 26,
    VERSION_PATCH = 0
};

static const uint8_t magic[8] = "xclbin2";

void ts_xclbin_init(ts_xclbin *x, ts_arena *arena, const char *file) {
    *x = (ts_xclbin){.arena = arena, .file = file};
    ts_xclbin_header *h = &x->header;
    memcpy(h->magic, magic, sizeof magic);
    h->signature_length = 0xffffffff;
    memset(h->reserved, 0xff, sizeof h->reserved);
    memset(h->key_block, 0xff, sizeof h->key_block);
    h->version_major = VERSION_MAJOR;
    h->version_minor = VERSION_MINOR;
    h->version_patch = VERSION_PATCH;
}

/* ---- header and section headers, both ways ----------------------------------------------------
 */

static void read_header(ts_cur *cur, ts_xclbin_header *h) {
#define INT(field, n_bytes) h->field = ts_cur_uint_le(cur, n_bytes);
#define BYTES(field, n_bytes)                                                                      \
    do {                                                                                           \
        ts_span bytes = ts_cur_bytes(cur, n_bytes);                                                \
        if (bytes.data) memcpy(h->field, bytes.data, n_bytes);                                     \
    } while (0);
    TS_XCLBIN_HEADER_FIELDS(INT, BYTES)
#undef INT
#undef BYTES
}

static void write_header(ts_buf *out, const ts_xclbin_header *h) {
#define INT(field, n_bytes)   ts_buf_uint_le(out, h->field, n_bytes);
#define BYTES(field, n_bytes) ts_buf_bytes(out, h->field, n_bytes);
    TS_XCLBIN_HEADER_FIELDS(INT, BYTES)
#undef INT
#undef BYTES
}

/* src: Xilinx/XRT: src/runtime_src/core/include/xrt/detail/xclbin.h, axlf_section_header [code] */
static void write_section_header(ts_buf *out, const ts_xclbin_section *section, uint64_t offset) {
    ts_buf_u32le(out, section->kind);
    ts_buf_bytes(out, section->name, sizeof section->name);
    ts_buf_u32le(out, section->padding);
    ts_buf_u64le(out, offset);
    ts_buf_u64le(out, section->data.size);
}

static ts_xclbin_section *add_slot(ts_xclbin *x) {
    ts_xclbin_section *grown =
        ts_arena_room(x->arena, x->sections, x->n_sections, &x->capacity, sizeof *grown);
    if (!grown) return NULL;
    x->sections = grown;
    ts_xclbin_section *section = &x->sections[x->n_sections++];
    *section = (ts_xclbin_section){0};
    return section;
}

/* ---- reading --------------------------------------------------------------------------------- */

static ts_status read_section(ts_xclbin *x, ts_cur *cur, ts_span file, ts_diag *diag) {
    size_t at = ts_cur_off(cur);
    ts_xclbin_section *section = add_slot(x);
    if (!section) return ts_fail_nomem(diag);
    section->kind = ts_cur_u32le(cur);
    ts_span name = ts_cur_bytes(cur, sizeof section->name);
    if (name.data) memcpy(section->name, name.data, name.size);
    section->padding = ts_cur_u32le(cur);
    uint64_t offset = ts_cur_u64le(cur), size = ts_cur_u64le(cur);
    section->file_offset = offset;
    if (!ts_span_sub(file, offset, size, &section->data)) {
        char room[24];
        return ts_fail_at(diag, TS_RANGE, x->file, at + 24,
                          "section %zu (%s) at 0x%" PRIx64 " of %" PRIu64
                          " bytes lies outside the file of %zu bytes",
                          x->n_sections - 1, ts_xclbin_kind_name(section->kind, room), offset, size,
                          file.size);
    }
    return TS_OK;
}

static int by_offset(const void *a, const void *b) {
    const ts_xclbin_gap *x = a, *y = b;
    return x->file_offset < y->file_offset ? -1 : x->file_offset > y->file_offset;
}

/* Every stretch that neither the headers nor a section covers, all of it in file order. */
static ts_status find_gaps(ts_xclbin *x, ts_span file, uint64_t headers_end, ts_diag *diag) {
    size_t n = x->n_sections;
    ts_xclbin_gap *covered = TS_ARENA_ARRAY(x->arena, ts_xclbin_gap, n + 1);
    x->gaps = TS_ARENA_ARRAY(x->arena, ts_xclbin_gap, n + 1);
    if (!covered || !x->gaps) return ts_fail_nomem(diag);
    for (size_t i = 0; i < n; i++)
        covered[i] = (ts_xclbin_gap){x->sections[i].file_offset, x->sections[i].data};
    qsort(covered, n, sizeof *covered, by_offset);
    covered[n] = (ts_xclbin_gap){file.size, {0}};
    uint64_t end = headers_end;
    for (size_t i = 0; i <= n; i++) {
        uint64_t start = covered[i].file_offset;
        if (start > end) {
            ts_xclbin_gap *gap = &x->gaps[x->n_gaps++];
            gap->file_offset = end;
            (void)ts_span_sub(file, end, start - end, &gap->data);
        }
        if (start + covered[i].data.size > end) end = start + covered[i].data.size;
    }
    return TS_OK;
}

bool ts_xclbin_is_container(ts_span bytes) {
    return bytes.size >= sizeof magic && memcmp(bytes.data, magic, sizeof magic) == 0;
}

ts_status ts_xclbin_read(ts_arena *arena, ts_span bytes, const char *file, ts_xclbin *out,
                         ts_diag *diag) {
    *out = (ts_xclbin){.arena = arena, .file = file, .file_size = bytes.size};
    ts_cur cur = ts_cur_of(bytes);
    if (bytes.size >= sizeof magic && memcmp(bytes.data, magic, sizeof magic) != 0)
        return ts_fail_at(diag, TS_SYNTAX, file, 0,
                          "not an XCLBIN: expected the magic \"xclbin2\"");
    read_header(&cur, &out->header);
    if (cur.bad)
        return ts_fail_at(diag, TS_TRUNCATED, file, bytes.size,
                          "file ends inside the header; expected at least %d bytes",
                          TS_XCLBIN_HEADER_BYTES);
    uint64_t n = out->header.n_sections;
    if (n > TS_XCLBIN_MAX_SECTIONS)
        return ts_fail_at(diag, TS_RANGE, file, 448, "%" PRIu64 " sections; expected at most %d", n,
                          TS_XCLBIN_MAX_SECTIONS);
    if (out->header.length > bytes.size)
        return ts_fail_at(diag, TS_TRUNCATED, file, bytes.size,
                          "file ends here; its header says it is %" PRIu64 " bytes long",
                          out->header.length);
    if (n * TS_XCLBIN_SECTION_HEADER_BYTES > ts_cur_left(&cur))
        return ts_fail_at(diag, TS_TRUNCATED, file, bytes.size,
                          "file ends in the section headers; %" PRIu64 " of them need %" PRIu64
                          " bytes",
                          n, TS_XCLBIN_HEADER_BYTES + n * TS_XCLBIN_SECTION_HEADER_BYTES);
    for (uint64_t i = 0; i < n; i++)
        TS_TRY(read_section(out, &cur, bytes, diag));
    return find_gaps(out, bytes, ts_cur_off(&cur), diag);
}

/* ---- writing --------------------------------------------------------------------------------- */

ts_status ts_xclbin_write_exact(const ts_xclbin *x, ts_buf *out, ts_diag *diag) {
    uint8_t *image = ts_arena_alloc(x->arena, x->file_size);
    if (!image) return ts_fail_nomem(diag);
    ts_span all = ts_span_of(image, x->file_size), part;
    ts_buf headers = ts_buf_in(x->arena);
    write_header(&headers, &x->header);
    for (size_t i = 0; i < x->n_sections; i++)
        write_section_header(&headers, &x->sections[i], x->sections[i].file_offset);
    if (headers.failed) return ts_fail_nomem(diag);
    if (headers.size > x->file_size)
        return ts_fail(diag, TS_RANGE, x->file, "headers do not fit into %" PRIu64 " bytes",
                       x->file_size);
    for (size_t i = 0; i < x->n_gaps; i++) {
        const ts_xclbin_gap *gap = &x->gaps[i];
        if (!ts_span_sub(all, gap->file_offset, gap->data.size, &part))
            return ts_fail_at(diag, TS_RANGE, x->file, gap->file_offset,
                              "%zu bytes lie outside the file", gap->data.size);
        memcpy(image + gap->file_offset, gap->data.data, gap->data.size);
    }
    for (size_t i = 0; i < x->n_sections; i++) {
        const ts_xclbin_section *section = &x->sections[i];
        if (!ts_span_sub(all, section->file_offset, section->data.size, &part))
            return ts_fail_at(diag, TS_RANGE, x->file, section->file_offset,
                              "section %zu lies outside the file", i);
        if (section->data.size)
            memcpy(image + section->file_offset, section->data.data, section->data.size);
    }
    /* Last: a broken file may have a section that overlaps the headers, which then agree anyway. */
    memcpy(image, headers.data, headers.size);
    ts_buf_bytes(out, image, x->file_size);
    return out->failed ? ts_fail_nomem(diag) : TS_OK;
}

static void add_hex(ts_arena *arena, ts_json *parent, const char *key, const uint8_t *bytes,
                    size_t size) {
    ts_buf text = ts_buf_in(arena);
    for (size_t i = 0; i < size; i++)
        ts_buf_printf(&text, "%02x", bytes[i]);
    ts_buf_u8(&text, 0);
    if (!text.failed) ts_json_add_string(arena, parent, key, (const char *)text.data);
}

/* Fixed-size text up to its NUL. */
static void add_fixed_text(ts_arena *arena, ts_json *parent, const char *key, const uint8_t *bytes,
                           size_t size) {
    const uint8_t *end = memchr(bytes, 0, size);
    const char *text =
        ts_arena_strndup(arena, (const char *)bytes, end ? (size_t)(end - bytes) : size);
    if (text) ts_json_add_string(arena, parent, key, text);
}

/* XRT formats major and minor version, which are bytes, as characters: 2.26.0 is "\u0002.\u001A.0".
 * Kept, so that files are as long as its own. A 0 cannot be in a C string and stays a digit.
 * src: Xilinx/XRT: src/runtime_src/tools/xclbinutil/FormattedOutput.cxx, getVersionAsString [code]
 */
static void mirror_version(ts_arena *arena, ts_json *node, const ts_xclbin_header *h) {
    char major[] = {(char)(h->version_major ? h->version_major : '0'), '\0'};
    char minor[] = {(char)(h->version_minor ? h->version_minor : '0'), '\0'};
    ts_json_add_format(arena, node, "Version", "%s.%s.%" PRIu64, major, minor, h->version_patch);
}

/* src: Xilinx/XRT: src/runtime_src/tools/xclbinutil/XclBinClass.cxx, addHeaderMirrorData [code] */
static void mirror_header(ts_arena *arena, ts_json *root, const ts_xclbin_header *h) {
    ts_json *node = ts_json_add(arena, root, "header", TS_JSON_OBJECT);
    uint8_t little[8];
    add_fixed_text(arena, node, "Magic", h->magic, sizeof h->magic);
    for (int i = 0; i < 8; i++)
        little[i] = (uint8_t)(h->signature_length >> (8 * i));
    add_hex(arena, node, "SignatureLength", little, 4);
    add_hex(arena, node, "KeyBlock", h->key_block, sizeof h->key_block);
    for (int i = 0; i < 8; i++)
        little[i] = (uint8_t)(h->unique_id >> (8 * i));
    add_hex(arena, node, "UniqueID", little, 8);
    /* At least ten digits, as every time since 2001 has: a file without a time is as long as one
     * with, and XRT reads the zeros as 0. */
    ts_json_add_format(arena, node, "TimeStamp", "%010" PRIu64, h->time_stamp);
    ts_json_add_format(arena, node, "FeatureRomTimeStamp", "%" PRIu64, h->feature_rom_time_stamp);
    mirror_version(arena, node, h);
    ts_json_add_format(arena, node, "Mode", "%" PRIu64, h->mode);
    add_hex(arena, node, "InterfaceUUID", h->interface_uuid, sizeof h->interface_uuid);
    add_fixed_text(arena, node, "PlatformVBNV", h->platform_vbnv, sizeof h->platform_vbnv);
    add_hex(arena, node, "XclBinUUID", h->uuid, sizeof h->uuid);
    add_fixed_text(arena, node, "DebugBin", h->debug_bin, sizeof h->debug_bin);
}

/* XRT mirrors the payload of a kind that can be both added and dumped as JSON. A payload that has
 * no JSON form is left out: migrating then takes the bytes themselves. */
static void mirror_section(ts_xclbin *x, ts_json *root, const ts_xclbin_section *section,
                           uint64_t offset) {
    ts_arena *arena = x->arena;
    ts_json *node = ts_json_add(arena, root, "section_header", TS_JSON_OBJECT);
    ts_json_add_format(arena, node, "Kind", "%" PRIu32, section->kind);
    add_fixed_text(arena, node, "Name", section->name, sizeof section->name);
    ts_json_add_format(arena, node, "Offset", "0x%" PRIx64, offset);
    ts_json_add_format(arena, node, "Size", "0x%zx", section->data.size);
    const ts_xclbin_kind_info *about = ts_xclbin_kind_about(section->kind);
    if (!node || !about || !(about->add & about->dump & TS_XCLBIN_JSON) ||
        section->kind == TS_XCLBIN_AIE_PARTITION)
        return;
    ts_json *payload;
    ts_diag ignored = {0};
    if (ts_xclbin_to_json(arena, section, x->file, "", &payload, NULL, &ignored) != TS_OK) return;
    payload->key = "payload";
    ts_json_append(node, payload);
}

static ts_status write_mirror(ts_xclbin *x, const uint64_t *offsets, ts_buf *out, ts_diag *diag) {
    ts_json *root = ts_json_new(x->arena, TS_JSON_OBJECT);
    ts_json *version = ts_json_add(x->arena, root, "schema_version", TS_JSON_OBJECT);
    if (!version) return ts_fail_nomem(diag);
    ts_json_add_string(x->arena, version, "major", "1");
    ts_json_add_string(x->arena, version, "minor", "0");
    ts_json_add_string(x->arena, version, "patch", "0");
    mirror_header(x->arena, root, &x->header);
    for (size_t i = 0; i < x->n_sections; i++)
        mirror_section(x, root, &x->sections[i], offsets[i]);
    ts_buf_text(out, "XCLBIN_MIRROR_DATA_START");
    if (ts_json_write(out, root, &ts_xclbin_json_compact) != TS_OK) return ts_fail_nomem(diag);
    ts_buf_text(out, "XCLBIN_MIRROR_DATA_END");
    return out->failed ? ts_fail_nomem(diag) : TS_OK;
}

/* The name space of content UUIDs: a random (version 4) UUID drawn once for this purpose. */
static const uuid_t content_name_space = {0x5b, 0x0e, 0x8c, 0x3c, 0x0a, 0x5d, 0x4b, 0x0f,
                                          0x9e, 0x6a, 0x2f, 0x1d, 0x7c, 0x44, 0x91, 0xb6};

void ts_xclbin_content_uuid(ts_span bytes, uint8_t out[16]) {
    uuid_generate_sha1(out, content_name_space, (const char *)bytes.data, bytes.size);
}

ts_status ts_xclbin_write(ts_xclbin *x, const ts_xclbin_write_options *options, ts_buf *out,
                          ts_diag *diag) {
    uint64_t *offsets = TS_ARENA_ARRAY(x->arena, uint64_t, x->n_sections);
    if (!offsets) return ts_fail_nomem(diag);
    ts_xclbin_header *h = &x->header;
    h->n_sections = x->n_sections;
    h->length = 0; /* so that the UUID does not depend on it; patched below */
    if (!options->keep_uuid) memset(h->uuid, 0, sizeof h->uuid);
    size_t start = out->size, n_payload_bytes = 0;
    for (size_t i = 0; i < x->n_sections; i++)
        n_payload_bytes += x->sections[i].data.size;
    ts_buf_reserve(out, n_payload_bytes + 16384); /* and headers and mirror */
    uint64_t offset = TS_XCLBIN_HEADER_BYTES + TS_XCLBIN_SECTION_HEADER_BYTES * x->n_sections;
    write_header(out, h);
    for (size_t i = 0; i < x->n_sections; i++) {
        offset = (offset + 7) / 8 * 8;
        offsets[i] = offset;
        write_section_header(out, &x->sections[i], offset);
        offset += x->sections[i].data.size;
    }
    for (size_t i = 0; i < x->n_sections; i++) {
        if (!out->failed) ts_buf_zeros(out, start + offsets[i] - out->size);
        ts_buf_span_add(out, x->sections[i].data);
    }
    if (out->failed) return ts_fail_nomem(diag);
    if (!options->keep_uuid)
        ts_xclbin_content_uuid((ts_span){out->data + start, out->size - start}, h->uuid);
    TS_TRY(write_mirror(x, offsets, out, diag));
    h->length = out->size - start;
    ts_buf headers = ts_buf_in(x->arena);
    write_header(&headers, h);
    if (headers.failed) return ts_fail_nomem(diag);
    memcpy(out->data + start, headers.data, headers.size);
    return TS_OK;
}

/* ---- editing --------------------------------------------------------------------------------- */

ts_xclbin_section *ts_xclbin_find(const ts_xclbin *x, uint32_t kind) {
    for (size_t i = 0; i < x->n_sections; i++)
        if (x->sections[i].kind == kind) return &x->sections[i];
    return NULL;
}

bool ts_xclbin_section_string(ts_span data, uint32_t offset, const char **out) {
    if (offset >= data.size || !memchr(data.data + offset, 0, data.size - offset)) return false;
    *out = (const char *)data.data + offset;
    return true;
}

const char *ts_xclbin_section_index(const ts_xclbin_section *section) {
    /* aie_partition.mpo_name is at offset 4; see partition.c. */
    ts_cur cur = ts_cur_of(section->data);
    ts_cur_skip(&cur, 4);
    uint32_t offset = ts_cur_u32le(&cur);
    const char *name = "";
    if (section->kind == TS_XCLBIN_AIE_PARTITION && !cur.bad)
        (void)ts_xclbin_section_string(section->data, offset, &name);
    return name;
}

ts_xclbin_section *ts_xclbin_find_index(const ts_xclbin *x, uint32_t kind, const char *index) {
    for (size_t i = 0; i < x->n_sections; i++)
        if (x->sections[i].kind == kind &&
            strcmp(ts_xclbin_section_index(&x->sections[i]), index) == 0)
            return &x->sections[i];
    return NULL;
}

const char *ts_xclbin_section_label(ts_arena *arena, const ts_xclbin_section *section) {
    char room[24];
    const char *name = ts_xclbin_kind_name(section->kind, room);
    const char *index = ts_xclbin_section_index(section);
    return *index ? ts_arena_printf(arena, "%s[%s]", name, index) : ts_arena_strdup(arena, name);
}

ts_xclbin_section *ts_xclbin_append(ts_xclbin *x, uint32_t kind, const char *name, ts_span data) {
    const char *stem = ts_path_stem(x->arena, name);
    ts_xclbin_section *section = stem ? add_slot(x) : NULL;
    if (!section) return NULL;
    section->kind = kind;
    size_t length = strlen(stem), room = sizeof section->name - 1;
    memcpy(section->name, stem, length < room ? length : room);
    section->data = data;
    return section;
}

void ts_xclbin_remove(ts_xclbin *x, ts_xclbin_section *section) {
    size_t at = (size_t)(section - x->sections);
    memmove(section, section + 1, (x->n_sections - at - 1) * sizeof *section);
    x->n_sections--;
}
