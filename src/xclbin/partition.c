/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * AIE_PARTITION: a fixed header, then a heap in which everything of variable size lies at a
 * multiple of 8, found through (count, offset) pairs: name, kernel commit, start columns, per PDI
 * its image and CDO groups, and the arrays themselves behind what they point to. The order on the
 * heap is XRT's, so the same JSON gives the same bytes.
 *
 * src: Xilinx/XRT: src/runtime_src/core/include/xrt/detail/xclbin.h, struct aie_partition, aie_pdi,
 * cdo_group [code]
 * src: Xilinx/XRT: src/runtime_src/tools/xclbinutil/SectionAIEPartition.cxx [code]
 */
#include "xclbin_int.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    HEADER_BYTES = 184,
    PDI_BYTES = 96,
    GROUP_BYTES = 96
};

static const char *const cdo_types[] = {"UNKNOWN", "PRIMARY", "LITE", "PRE_POST"};
enum {
    N_CDO_TYPES = sizeof cdo_types / sizeof cdo_types[0]
};

const char *ts_xclbin_cdo_type_name(uint8_t type) {
    return cdo_types[type < N_CDO_TYPES ? type : 0];
}

/* ---- reading --------------------------------------------------------------------------------- */

typedef struct image {
    ts_arena *arena;
    ts_span data;
    const char *file;
    ts_diag *diag;
} image;

/* An array_offset: count, then offset from the start of the section. */
typedef struct extent {
    uint32_t count, offset;
} extent;

static extent take_extent(ts_cur *cur) {
    extent e;
    e.count = ts_cur_u32le(cur);
    e.offset = ts_cur_u32le(cur);
    return e;
}

/* The bytes an extent stands for, `n_bytes` each. No bytes need no valid offset. */
static ts_status open_extent(const image *im, extent e, unsigned n_bytes, const char *what,
                             ts_span *out) {
    *out = (ts_span){0};
    if (e.count == 0 || ts_span_sub(im->data, e.offset, (uint64_t)e.count * n_bytes, out))
        return TS_OK;
    return ts_fail(im->diag, TS_RANGE, im->file,
                   "AIE_PARTITION: offset 0x%" PRIx32 " in the section: %s of %" PRIu32
                   " x %u bytes lies outside its %zu bytes",
                   e.offset, what, e.count, n_bytes, im->data.size);
}

static ts_status open_string(const image *im, uint32_t offset, const char *what, const char **out) {
    if (ts_xclbin_section_string(im->data, offset, out)) return TS_OK;
    return ts_fail(im->diag, TS_RANGE, im->file,
                   "AIE_PARTITION: offset 0x%" PRIx32
                   " in the section: %s is no NUL-terminated string inside its %zu bytes",
                   offset, what, im->data.size);
}

static ts_status read_ids(const image *im, extent e, const char *what, uint64_t **ids, size_t *n) {
    ts_span bytes;
    TS_TRY(open_extent(im, e, 8, what, &bytes));
    *n = e.count;
    *ids = TS_ARENA_ARRAY(im->arena, uint64_t, *n);
    if (!*ids) return ts_fail_nomem(im->diag);
    ts_cur cur = ts_cur_of(bytes);
    for (size_t i = 0; i < *n; i++)
        (*ids)[i] = ts_cur_u64le(&cur);
    return TS_OK;
}

static ts_status read_group(const image *im, ts_cur *cur, ts_xclbin_cdo_group *group) {
    uint32_t name = ts_cur_u32le(cur);
    group->type = ts_cur_u8(cur);
    ts_cur_skip(cur, 3);
    group->pdi_id = ts_cur_u64le(cur);
    extent kernels = take_extent(cur), pre = take_extent(cur);
    ts_cur_skip(cur, 64);
    TS_TRY(open_string(im, name, "a CDO group's name", &group->name));
    TS_TRY(read_ids(im, kernels, "dpu_kernel_ids", &group->kernel_ids, &group->n_kernel_ids));
    return read_ids(im, pre, "pre_cdo_groups", &group->pre_cdo_groups, &group->n_pre_cdo_groups);
}

static ts_status read_pdi(const image *im, ts_cur *cur, ts_xclbin_pdi *pdi) {
    memcpy(pdi->uuid, ts_cur_bytes(cur, 16).data, 16);
    extent bytes = take_extent(cur), groups = take_extent(cur);
    ts_cur_skip(cur, 64);
    TS_TRY(open_extent(im, bytes, 1, "a PDI image", &pdi->image));
    pdi->image_offset = bytes.offset;
    ts_span records;
    TS_TRY(open_extent(im, groups, GROUP_BYTES, "cdo_groups", &records));
    pdi->groups = TS_ARENA_ARRAY(im->arena, ts_xclbin_cdo_group, groups.count);
    if (!pdi->groups) return ts_fail_nomem(im->diag);
    ts_cur group_cur = ts_cur_of(records);
    for (; pdi->n_groups < groups.count; pdi->n_groups++)
        TS_TRY(read_group(im, &group_cur, &pdi->groups[pdi->n_groups]));
    return TS_OK;
}

static ts_status read_columns(const image *im, extent e, ts_xclbin_partition *p) {
    ts_span bytes;
    TS_TRY(open_extent(im, e, 2, "start_columns", &bytes));
    p->n_start_columns = e.count;
    p->start_columns = TS_ARENA_ARRAY(im->arena, uint16_t, p->n_start_columns);
    if (!p->start_columns) return ts_fail_nomem(im->diag);
    ts_cur cur = ts_cur_of(bytes);
    for (size_t i = 0; i < p->n_start_columns; i++)
        p->start_columns[i] = ts_cur_u16le(&cur);
    return TS_OK;
}

/* Many records may share one array of ids; this bounds what a small, hostile section can cost. */
static ts_status check_work(const image *im, extent pdis) {
    ts_span records;
    TS_TRY(open_extent(im, pdis, PDI_BYTES, "aie_pdi", &records));
    uint64_t work = 0, limit = 64 + im->data.size, n_image_bytes = 0;
    if (pdis.count > TS_XCLBIN_MAX_PDIS)
        return ts_fail(im->diag, TS_RANGE, im->file,
                       "AIE_PARTITION: offset 0x78 in the section: %" PRIu32
                       " PDIs; expected at most %d",
                       pdis.count, TS_XCLBIN_MAX_PDIS);
    ts_cur cur = ts_cur_of(records);
    for (uint32_t i = 0; i < pdis.count; i++) {
        ts_cur_skip(&cur, 16);
        n_image_bytes += take_extent(&cur).count;
        extent groups = take_extent(&cur);
        ts_cur_skip(&cur, 64);
        ts_span group_records;
        TS_TRY(open_extent(im, groups, GROUP_BYTES, "cdo_groups", &group_records));
        ts_cur group_cur = ts_cur_of(group_records);
        for (uint32_t k = 0; k < groups.count && work <= limit; k++) {
            ts_cur_skip(&group_cur, 16);
            extent kernels = take_extent(&group_cur), pre = take_extent(&group_cur);
            ts_cur_skip(&group_cur, 64);
            work += 1 + (uint64_t)kernels.count + pre.count;
        }
    }
    if (n_image_bytes > im->data.size)
        return ts_fail(im->diag, TS_RANGE, im->file,
                       "AIE_PARTITION: offset 0x%" PRIx32 " in the section: PDI images of %" PRIu64
                       " bytes in a section of %zu",
                       pdis.offset, n_image_bytes, im->data.size);
    if (work <= limit) return TS_OK;
    return ts_fail(im->diag, TS_RANGE, im->file,
                   "AIE_PARTITION: offset 0x%" PRIx32
                   " in the section: CDO groups and ids overlap: %" PRIu64
                   " or more of them in %zu bytes",
                   pdis.offset, work, im->data.size);
}

ts_status ts_xclbin_read_partition(ts_arena *arena, ts_span data, const char *file,
                                   ts_xclbin_partition *out, ts_diag *diag) {
    const image im = {arena, data, file, diag};
    ts_xclbin_partition p = {0};
    ts_cur cur = ts_cur_of(data);
    p.schema_version = ts_cur_u8(&cur);
    ts_cur_skip(&cur, 3);
    uint32_t name = ts_cur_u32le(&cur);
    p.operations_per_cycle = ts_cur_u32le(&cur);
    ts_cur_skip(&cur, 4);
    p.inference_fingerprint = ts_cur_u64le(&cur);
    p.pre_post_fingerprint = ts_cur_u64le(&cur);
    p.column_width = ts_cur_u16le(&cur);
    ts_cur_skip(&cur, 6);
    extent columns = take_extent(&cur);
    ts_cur_skip(&cur, 72);
    extent pdis = take_extent(&cur);
    uint32_t commit = ts_cur_u32le(&cur);
    ts_cur_skip(&cur, 52);
    if (cur.bad)
        return ts_fail(diag, TS_TRUNCATED, file,
                       "AIE_PARTITION: offset 0x%zx in the section: it ends inside the header; "
                       "expected %d bytes",
                       data.size, HEADER_BYTES);
    TS_TRY(open_string(&im, name, "the partition's name", &p.name));
    p.kernel_commit_id = ""; /* containers made before this field existed have 0 there */
    if (commit) TS_TRY(open_string(&im, commit, "kernel_commit_id", &p.kernel_commit_id));
    TS_TRY(read_columns(&im, columns, &p));
    TS_TRY(check_work(&im, pdis));
    ts_span records;
    TS_TRY(open_extent(&im, pdis, PDI_BYTES, "aie_pdi", &records));
    p.pdis = TS_ARENA_ARRAY(arena, ts_xclbin_pdi, pdis.count);
    if (!p.pdis) return ts_fail_nomem(diag);
    ts_cur pdi_cur = ts_cur_of(records);
    for (; p.n_pdis < pdis.count; p.n_pdis++)
        TS_TRY(read_pdi(&im, &pdi_cur, &p.pdis[p.n_pdis]));
    *out = p;
    return TS_OK;
}

/* ---- to JSON --------------------------------------------------------------------------------- */

static void ids_to_json(ts_arena *arena, ts_json *parent, const char *key, const uint64_t *ids,
                        size_t n) {
    if (!n) return;
    ts_json *list = ts_json_add(arena, parent, key, TS_JSON_ARRAY);
    for (size_t i = 0; i < n; i++)
        ts_json_add_format(arena, list, "", "0x%" PRIx64, ids[i]);
}

static void group_to_json(ts_arena *arena, ts_json *list, const ts_xclbin_cdo_group *group) {
    ts_json *node = ts_json_add(arena, list, "", TS_JSON_OBJECT);
    ts_json_add_string(arena, node, "name", group->name);
    if (group->type) ts_json_add_string(arena, node, "type", ts_xclbin_cdo_type_name(group->type));
    ts_json_add_format(arena, node, "pdi_id", "0x%" PRIx64, group->pdi_id);
    ids_to_json(arena, node, "dpu_kernel_ids", group->kernel_ids, group->n_kernel_ids);
    ids_to_json(arena, node, "pre_cdo_groups", group->pre_cdo_groups, group->n_pre_cdo_groups);
}

/* A name for the file of PDI `index`: its UUID, with the index behind it when an earlier PDI has
 * the UUID but other bytes. The same bytes share a file. */
static const char *add_side_file(ts_arena *arena, const char *prefix, const ts_xclbin_partition *p,
                                 size_t index, ts_xclbin_side_file **side_files) {
    const ts_xclbin_pdi *pdi = &p->pdis[index];
    char uuid[37];
    ts_xclbin_format_uuid(pdi->uuid, uuid);
    size_t k = 0;
    while (k < index && memcmp(p->pdis[k].uuid, pdi->uuid, sizeof pdi->uuid) != 0)
        k++;
    bool is_shared = k < index && ts_span_equal(p->pdis[k].image, pdi->image);
    const char *name = k < index && !is_shared
                           ? ts_arena_printf(arena, "%s%s-%zu.pdi", prefix, uuid, index)
                           : ts_arena_printf(arena, "%s%s.pdi", prefix, uuid);
    if (!side_files || is_shared || !name) return name;
    ts_xclbin_side_file *file = TS_ARENA_NEW(arena, ts_xclbin_side_file);
    if (!file) return NULL;
    *file = (ts_xclbin_side_file){*side_files, name, pdi->image};
    *side_files = file;
    return name;
}

bool ts_xclbin_serves(const ts_xclbin_partition *partition, uint64_t kernel_id) {
    for (size_t i = 0; i < partition->n_pdis; i++)
        for (size_t g = 0; g < partition->pdis[i].n_groups; g++) {
            const ts_xclbin_cdo_group *group = &partition->pdis[i].groups[g];
            for (size_t k = 0; k < group->n_kernel_ids; k++)
                if (group->kernel_ids[k] == kernel_id) return true;
        }
    return false;
}

ts_status ts_xclbin_partition_to_json(const ts_xclbin_codec_context *context, ts_span data,
                                      const char *prefix, ts_json *root,
                                      ts_xclbin_side_file **side_files) {
    ts_arena *arena = context->arena;
    ts_xclbin_partition p;
    TS_TRY(ts_xclbin_read_partition(arena, data, context->file, &p, context->diag));
    ts_json *node = ts_json_add(arena, root, "aie_partition", TS_JSON_OBJECT);
    ts_json_add_string(arena, node, "name", p.name);
    ts_json_add_format(arena, node, "operations_per_cycle", "%" PRIu32, p.operations_per_cycle);
    ts_json_add_format(arena, node, "inference_fingerprint", "%" PRIu64, p.inference_fingerprint);
    ts_json_add_format(arena, node, "pre_post_fingerprint", "%" PRIu64, p.pre_post_fingerprint);
    ts_json_add_string(arena, node, "kernel_commit_id", p.kernel_commit_id);
    ts_json *info = ts_json_add(arena, node, "partition", TS_JSON_OBJECT);
    ts_json_add_format(arena, info, "column_width", "%u", p.column_width);
    ts_json *columns = ts_json_add(arena, info, "start_columns", TS_JSON_ARRAY);
    for (size_t i = 0; i < p.n_start_columns; i++)
        ts_json_add_format(arena, columns, "", "%u", p.start_columns[i]);
    ts_json *pdis = ts_json_add(arena, node, "PDIs", TS_JSON_ARRAY);
    for (size_t i = 0; i < p.n_pdis; i++) {
        ts_json *entry = ts_json_add(arena, pdis, "", TS_JSON_OBJECT);
        char uuid[37];
        ts_xclbin_format_uuid(p.pdis[i].uuid, uuid);
        const char *name = add_side_file(arena, prefix, &p, i, side_files);
        if (!entry || !name) return ts_fail_nomem(context->diag);
        ts_json_add_string(arena, entry, "uuid", uuid);
        ts_json_add_string(arena, entry, "file_name", name);
        ts_json *groups = ts_json_add(arena, entry, "cdo_groups", TS_JSON_ARRAY);
        for (size_t k = 0; k < p.pdis[i].n_groups; k++)
            group_to_json(arena, groups, &p.pdis[i].groups[k]);
        if (!groups) return ts_fail_nomem(context->diag);
    }
    return pdis ? TS_OK : ts_fail_nomem(context->diag);
}

/* ---- from JSON ------------------------------------------------------------------------------- */

/* Header and heap are one builder: the header's bytes are reserved first and filled in last. */
typedef struct writer {
    const ts_xclbin_document *document;
    ts_arena *arena;
    ts_buf out;
    ts_diag *diag;
} writer;

static ts_status number(const writer *w, const ts_json *parent, const char *key, int base,
                        uint64_t max, const char *fallback, uint64_t *out) {
    const ts_json *node = ts_json_get(parent, key);
    if (!node && !fallback)
        return ts_xclbin_bad_value(w->document, parent, TS_MISSING, w->diag, "'%s' is missing",
                                   key);
    const char *text = node ? node->text : fallback;
    if (node && node->kind >= TS_JSON_ARRAY) text = "";
    if (ts_xclbin_parse_number(text, base, out) && *out <= max) return TS_OK;
    return ts_xclbin_bad_value(w->document, node, TS_RANGE, w->diag,
                               "'%s' is '%s'; expected a number%s up to %" PRIu64, key, text,
                               base == 10 ? " in decimal" : "", max);
}

static uint32_t heap_offset(const writer *w) {
    return (uint32_t)w->out.size;
}

static uint32_t put_string(writer *w, const char *text) {
    uint32_t offset = heap_offset(w);
    ts_buf_bytes(&w->out, text, strlen(text) + 1);
    ts_buf_align(&w->out, 8);
    return offset;
}

static ts_status put_ids(writer *w, const ts_json *group, const char *key, extent *e) {
    const ts_json *list = ts_json_get(group, key);
    *e = (extent){0};
    if (!list || !list->n_children) return TS_OK;
    e->count = (uint32_t)list->n_children;
    e->offset = heap_offset(w);
    for (const ts_json *node = list->first; node; node = node->next) {
        uint64_t id;
        if (!ts_xclbin_parse_number(node->text, 0, &id))
            return ts_xclbin_bad_value(w->document, node, TS_SYNTAX, w->diag,
                                       "'%s' has '%s'; expected a number", key, node->text);
        ts_buf_u64le(&w->out, id);
    }
    return TS_OK;
}

static ts_status cdo_type(const writer *w, const ts_json *group, uint8_t *type) {
    const ts_json *node = ts_json_get(group, "type");
    *type = 0;
    if (!node || !*node->text) return TS_OK;
    for (unsigned i = 0; i < N_CDO_TYPES; i++)
        if (ts_text_equal_nocase(cdo_types[i], node->text)) {
            *type = (uint8_t)i;
            return TS_OK;
        }
    return ts_xclbin_bad_value(w->document, node, TS_UNKNOWN, w->diag,
                               "unknown CDO group type '%s'; expected PRIMARY, LITE or PRE_POST",
                               node->text);
}

static void put_extent(ts_buf *out, extent e) {
    ts_buf_u32le(out, e.count);
    ts_buf_u32le(out, e.offset);
}

/* Everything the group points to goes on the heap now; its record is collected for later. */
static ts_status put_group(writer *w, const ts_json *group, ts_buf *records) {
    uint32_t name = put_string(w, ts_json_text(group, "name", ""));
    uint8_t type;
    uint64_t pdi_id;
    extent kernels, pre;
    TS_TRY(cdo_type(w, group, &type));
    TS_TRY(number(w, group, "pdi_id", 0, UINT64_MAX, NULL, &pdi_id));
    TS_TRY(put_ids(w, group, "dpu_kernel_ids", &kernels));
    TS_TRY(put_ids(w, group, "pre_cdo_groups", &pre));
    ts_buf_u32le(records, name);
    ts_buf_u8(records, type);
    ts_buf_zeros(records, 3);
    ts_buf_u64le(records, pdi_id);
    put_extent(records, kernels);
    put_extent(records, pre);
    ts_buf_zeros(records, 64);
    return TS_OK;
}

/* "0x" and '-' are dropped and zeros added in front, as XRT's tool does. */
static ts_status pdi_uuid(const writer *w, const ts_json *pdi, uint8_t uuid[16]) {
    const ts_json *node = ts_json_get(pdi, "uuid");
    if (!node || !*node->text)
        return ts_xclbin_bad_value(w->document, pdi, TS_MISSING, w->diag, "the PDI has no 'uuid'");
    char digits[33] = "";
    size_t n = 0;
    const char *p = node->text;
    while (*p && n < 33) {
        if (p[0] == '0' && p[1] == 'x')
            p += 2;
        else if (*p == '-')
            p++;
        else
            digits[n++] = *p++;
    }
    if (n <= 32 && !*p) {
        memmove(digits + 32 - n, digits, n);
        memset(digits, '0', 32 - n);
        digits[32] = '\0';
        if (ts_xclbin_parse_uuid(digits, uuid)) return TS_OK;
    }
    return ts_xclbin_bad_value(w->document, node, TS_SYNTAX, w->diag,
                               "'%s' is no UUID of up to 32 hexadecimal digits", node->text);
}

/* What a PDI brings that is known before any is placed. */
typedef struct {
    uint8_t uuid[16];
    ts_span image;
} pdi_input;

static ts_status load_image(writer *w, const ts_json *pdi, ts_span *bytes) {
    const ts_json *node = ts_json_get(pdi, "file_name");
    if (!node || !*node->text)
        return ts_xclbin_bad_value(w->document, pdi, TS_MISSING, w->diag,
                                   "the PDI has no 'file_name'");
    if (!w->document->load)
        return ts_xclbin_bad_value(w->document, node, TS_UNSUPPORTED, w->diag,
                                   "no file can be read here: '%s'", node->text);
    return w->document->load(w->document->context, w->arena, node->text, bytes, w->diag);
}

/* All images before the first is placed, so that the section takes its room once: growing with
 * every image would leave a copy of what is there behind each time. */
static ts_status read_pdis(writer *w, const ts_json *pdis, pdi_input **out) {
    uint64_t n_bytes = 0;
    pdi_input *input = TS_ARENA_ARRAY(w->arena, pdi_input, pdis->n_children);
    if (!input) return ts_fail_nomem(w->diag);
    *out = input;
    for (const ts_json *pdi = pdis->first; pdi; pdi = pdi->next, input++) {
        TS_TRY(pdi_uuid(w, pdi, input->uuid));
        TS_TRY(load_image(w, pdi, &input->image));
        n_bytes += input->image.size;
        if (n_bytes > UINT32_MAX / 2)
            return ts_xclbin_bad_value(w->document, ts_json_get(pdi, "file_name"), TS_RANGE,
                                       w->diag, "this PDI makes the section larger than 2 GiB");
    }
    ts_buf_reserve(&w->out, (size_t)n_bytes + 4096 * pdis->n_children); /* and what is around */
    return TS_OK;
}

static ts_status put_pdi(writer *w, const ts_json *pdi, const pdi_input *input, ts_buf *records) {
    extent groups = {0};
    extent bytes = {(uint32_t)input->image.size, heap_offset(w)};
    ts_buf_span_add(&w->out, input->image);
    ts_buf_align(&w->out, 8);
    const ts_json *list = ts_json_get(pdi, "cdo_groups");
    if (!list || !list->n_children)
        return ts_xclbin_bad_value(w->document, pdi, TS_MISSING, w->diag,
                                   "the PDI has no 'cdo_groups'");
    ts_buf group_records = ts_buf_in(w->arena);
    for (const ts_json *group = list->first; group; group = group->next)
        TS_TRY(put_group(w, group, &group_records));
    groups.count = (uint32_t)list->n_children;
    groups.offset = heap_offset(w);
    if (group_records.failed) return ts_fail_nomem(w->diag);
    ts_buf_span_add(&w->out, ts_buf_span(&group_records));
    ts_buf_bytes(records, input->uuid, sizeof input->uuid);
    put_extent(records, bytes);
    put_extent(records, groups);
    ts_buf_zeros(records, 64);
    return TS_OK;
}

static ts_status put_columns(writer *w, const ts_json *partition, extent *e, uint64_t *width) {
    const ts_json *info = ts_json_get(partition, "partition");
    if (!info || !info->n_children)
        return ts_xclbin_bad_value(w->document, partition, TS_MISSING, w->diag,
                                   "'partition' is missing");
    TS_TRY(number(w, info, "column_width", 10, UINT16_MAX, NULL, width));
    if (*width == 0)
        return ts_xclbin_bad_value(w->document, ts_json_get(info, "column_width"), TS_RANGE,
                                   w->diag, "'column_width' is 0; expected at least 1");
    const ts_json *list = ts_json_get(info, "start_columns");
    if (!list || !list->n_children)
        return ts_xclbin_bad_value(w->document, info, TS_MISSING, w->diag,
                                   "'start_columns' is missing or empty");
    *e = (extent){(uint32_t)list->n_children, heap_offset(w)};
    for (const ts_json *node = list->first; node; node = node->next) {
        uint64_t column;
        if (!ts_xclbin_parse_number(node->text, 10, &column) || column > UINT16_MAX)
            return ts_xclbin_bad_value(w->document, node, TS_RANGE, w->diag,
                                       "start column '%s'; expected a number up to 65535",
                                       node->text);
        ts_buf_u16le(&w->out, (uint16_t)column);
    }
    ts_buf_align(&w->out, 8);
    return TS_OK;
}

/* The fixed header, in its struct's order; what is not set here stays 0. */
typedef struct header {
    uint32_t name, commit;
    uint64_t operations, inference, pre_post, column_width;
    extent columns, pdis;
} header;

static void fill_header(ts_buf *out, const header *h) {
    ts_buf_patch_uint_le(out, 4, h->name, 4);
    ts_buf_patch_uint_le(out, 8, h->operations, 4);
    ts_buf_patch_uint_le(out, 16, h->inference, 8);
    ts_buf_patch_uint_le(out, 24, h->pre_post, 8);
    ts_buf_patch_uint_le(out, 32, h->column_width, 2);
    ts_buf_patch_uint_le(out, 40, h->columns.count, 4);
    ts_buf_patch_uint_le(out, 44, h->columns.offset, 4);
    ts_buf_patch_uint_le(out, 120, h->pdis.count, 4);
    ts_buf_patch_uint_le(out, 124, h->pdis.offset, 4);
    ts_buf_patch_uint_le(out, 128, h->commit, 4);
}

ts_status ts_xclbin_partition_from_json(ts_arena *arena, const char *index,
                                        const ts_xclbin_document *document, ts_span *out,
                                        ts_diag *diag) {
    writer w = {document, arena, ts_buf_in(arena), diag};
    const ts_json *node = ts_json_get(document->root, "aie_partition");
    if (!node)
        return ts_xclbin_bad_value(document, document->root, TS_MISSING, diag,
                                   "no node 'aie_partition' here");
    header h = {0};
    ts_buf_zeros(&w.out, HEADER_BYTES);
    h.name = put_string(&w, index);
    TS_TRY(number(&w, node, "operations_per_cycle", 10, UINT32_MAX, "0", &h.operations));
    TS_TRY(number(&w, node, "inference_fingerprint", 10, UINT64_MAX, "0", &h.inference));
    TS_TRY(number(&w, node, "pre_post_fingerprint", 10, UINT64_MAX, "0", &h.pre_post));
    h.commit = put_string(&w, ts_json_text(node, "kernel_commit_id", ""));
    TS_TRY(put_columns(&w, node, &h.columns, &h.column_width));
    const ts_json *pdis = ts_json_get(node, "PDIs");
    if (!pdis || !pdis->n_children)
        return ts_xclbin_bad_value(document, node, TS_MISSING, diag, "'PDIs' is missing or empty");
    ts_buf records = ts_buf_in(arena);
    pdi_input *inputs = NULL;
    TS_TRY(read_pdis(&w, pdis, &inputs));
    for (const ts_json *pdi = pdis->first; pdi; pdi = pdi->next)
        TS_TRY(put_pdi(&w, pdi, inputs++, &records));
    h.pdis = (extent){(uint32_t)pdis->n_children, heap_offset(&w)};
    ts_buf_span_add(&w.out, ts_buf_span(&records));
    fill_header(&w.out, &h);
    if (records.failed || w.out.failed) return ts_fail_nomem(diag);
    if (w.out.size > UINT32_MAX)
        return ts_fail(diag, TS_RANGE, document->file, "the partition is larger than 4 GiB");
    *out = ts_buf_span(&w.out);
    return TS_OK;
}
