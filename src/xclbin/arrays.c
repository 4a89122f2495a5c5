/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Sections that are a count and an array of records: one row per field, one interpreter each way.
 *
 * A field may apply to some records only: a record's variant (its type, for IP_LAYOUT) selects the
 * rows. The rows reproduce what XRT's tool writes, in its order, and accept what it reads; where
 * that tool cuts a value that does not fit, this one refuses it.
 */
#include "xclbin_int.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

typedef enum field_kind {
    DECIMAL, /* "%u"; read as decimal digits */
    HEX,     /* "0x%x"; read with C's prefixes */
    ENUM,    /* a word */
    WORD,    /* a word, or its number in decimal */
    TEXT,    /* fixed size, NUL-terminated */
    KIB,     /* "0x%x" in KiB; or, under the key m_size, in bytes */
    ADDRESS, /* "0x%x", or "not_used" for all ones */
    FLAG,    /* "0" or "1"; true and false are read too */
} field_kind;

/* Which variants a row is written and read for; bit n is variant n. */
#define ALL      0xffffu
#define OPTIONAL true

typedef struct field {
    const char *key;
    field_kind kind;
    uint8_t offset, n_bytes; /* in the record */
    uint8_t lsb, n_bits;     /* within that integer; n_bits 0: all of it */
    uint32_t write_when, read_when;
    bool optional; /* absent reads as 0 */
    const char *const *words;
    uint8_t n_words;
} field;

typedef struct array_layout {
    uint32_t kind;
    const char *list;
    uint8_t count_bytes, header_bytes, record_bytes;
    const field *fields;
    uint8_t n_fields;
} array_layout;

#define N_OF(array)  (sizeof(array) / sizeof((array)[0]))
#define WORDS(array) array, N_OF(array)

static const char *const memory_types[] = {
    "MEM_DDR3", "MEM_DDR4",     "MEM_DRAM", "MEM_STREAMING", "MEM_PREALLOCATED_GLOB",
    "MEM_ARE",  "MEM_HBM",      "MEM_BRAM", "MEM_URAM",      "MEM_STREAMING_CONNECTION",
    "MEM_HOST", "MEM_PS_KERNEL"};
static const char *const ip_types[] = {
    "IP_MB",       "IP_KERNEL",  "IP_DNASC",       "IP_DDR4_CONTROLLER",
    "IP_MEM_DDR4", "IP_MEM_HBM", "IP_MEM_HBM_ECC", "IP_PS_KERNEL"};
static const char *const ip_controls[] = {"AP_CTRL_HS", "AP_CTRL_CHAIN", "AP_CTRL_NONE",
                                          "AP_CTRL_ME", "ACCEL_ADAPTER", "FAST_ADAPTER"};
static const char *const ps_subtypes[] = {"PS", "DPU"};
static const char *const ps_functionals[] = {"DPU", "PrePost"};
static const char *const clock_types[] = {"UNUSED", "DATA", "KERNEL", "SYSTEM"};

/* MEM_TOPOLOGY's variant is its type. A MEM_STREAMING_CONNECTION has tag and type only.
 * src: Xilinx/XRT: src/runtime_src/tools/xclbinutil/SectionMemTopology.cxx [code] */
#define NOT_CONNECTION (ALL & ~(1u << 9))
/* IP_LAYOUT's variants: its types 0 to 7, then a PS kernel of subtype DPU, and any other type. */
enum {
    VARIANT_PS = 7,
    VARIANT_DPU = 8,
    VARIANT_OTHER = 9
};
#define MEM_IP   (1u << 4 | 1u << 5 | 1u << 6)
#define KERNEL   (1u << 1)
#define PS       (1u << VARIANT_PS | 1u << VARIANT_DPU)
#define DPU      (1u << VARIANT_DPU)
#define OTHER_IP (ALL & ~(MEM_IP | PS))

/* clang-format off */
static const field memory_fields[] = {
/*   key                  kind     at  n  lsb bits write when      read when       optional  words */
    {"m_type",            ENUM,     0, 1,  0, 0,   ALL,            ALL,            false,    WORDS(memory_types)},
    {"m_used",            DECIMAL,  1, 1,  0, 0,   ALL,            ALL,            false,    NULL, 0},
    {"m_sizeKB",          KIB,      8, 8,  0, 0,   ALL,            NOT_CONNECTION, OPTIONAL, NULL, 0},
    {"m_tag",             TEXT,    24, 16, 0, 0,   ALL,            ALL,            false,    NULL, 0},
    {"m_base_address",    HEX,     16, 8,  0, 0,   ALL,            NOT_CONNECTION, false,    NULL, 0},
};

/* src: Xilinx/XRT: src/runtime_src/tools/xclbinutil/SectionConnectivity.cxx [code] */
static const field connection_fields[] = {
    {"arg_index",         DECIMAL,  0, 4,  0, 0,   ALL,            ALL,            false,    NULL, 0},
    {"m_ip_layout_index", DECIMAL,  4, 4,  0, 0,   ALL,            ALL,            false,    NULL, 0},
    {"mem_data_index",    DECIMAL,  8, 4,  0, 0,   ALL,            ALL,            false,    NULL, 0},
};

/* `properties` comes before the bit fields that may then change parts of it.
 * src: Xilinx/XRT: src/runtime_src/tools/xclbinutil/SectionIPLayout.cxx [code] */
static const field ip_fields[] = {
    {"m_type",            ENUM,     0, 4,  0, 0,   ALL,            ALL,            false,    WORDS(ip_types)},
    {"m_index",           DECIMAL,  4, 2,  0, 0,   MEM_IP,         MEM_IP,         false,    NULL, 0},
    {"m_pc_index",        DECIMAL,  6, 1,  0, 0,   MEM_IP,         MEM_IP,         OPTIONAL, NULL, 0},
    {"properties",        HEX,      4, 4,  0, 0,   ALL & ~(MEM_IP | KERNEL | DPU), OTHER_IP, OPTIONAL, NULL, 0},
    {"m_int_enable",      FLAG,     4, 4,  0, 1,   KERNEL,         OTHER_IP,       OPTIONAL, NULL, 0},
    {"m_interrupt_id",    DECIMAL,  4, 4,  1, 7,   KERNEL,         OTHER_IP,       OPTIONAL, NULL, 0},
    {"m_ip_control",      ENUM,     4, 4,  8, 8,   KERNEL,         OTHER_IP,       OPTIONAL, WORDS(ip_controls)},
    {"m_subtype",         WORD,     4, 2,  0, 2,   DPU,            PS,             OPTIONAL, WORDS(ps_subtypes)},
    {"m_functional",      WORD,     4, 2,  4, 2,   DPU,            PS,             OPTIONAL, WORDS(ps_functionals)},
    {"m_kernel_id",       HEX,      6, 2,  0, 12,  DPU,            PS,             OPTIONAL, NULL, 0},
    {"m_base_address",    ADDRESS,  8, 8,  0, 0,   ALL,            ALL,            false,    NULL, 0},
    {"m_name",            TEXT,    16, 64, 0, 0,   ALL,            ALL,            false,    NULL, 0},
};

/* src: Xilinx/XRT: src/runtime_src/tools/xclbinutil/SectionClockFrequencyTopology.cxx [code] */
static const field clock_fields[] = {
    {"m_freq_Mhz",        DECIMAL,  0, 2,  0, 0,   ALL,            ALL,            false,    NULL, 0},
    {"m_type",            ENUM,     2, 1,  0, 0,   ALL,            ALL,            false,    WORDS(clock_types)},
    {"m_name",            TEXT,     8, 128, 0, 0,  ALL,            ALL,            false,    NULL, 0},
};

/* Header sizes are where C puts the first record: behind the count, aligned for the record. */
static const array_layout layouts[] = {
/*   kind                           list            count header record  fields */
    {TS_XCLBIN_MEM_TOPOLOGY,        "m_mem_data",    4,    8,     40,    memory_fields,     N_OF(memory_fields)},
    {TS_XCLBIN_GROUP_TOPOLOGY,      "m_mem_data",    4,    8,     40,    memory_fields,     N_OF(memory_fields)},
    {TS_XCLBIN_CONNECTIVITY,        "m_connection",  4,    4,     12,    connection_fields, N_OF(connection_fields)},
    {TS_XCLBIN_GROUP_CONNECTIVITY,  "m_connection",  4,    4,     12,    connection_fields, N_OF(connection_fields)},
    {TS_XCLBIN_IP_LAYOUT,           "m_ip_data",     4,    8,     80,    ip_fields,         N_OF(ip_fields)},
    {TS_XCLBIN_CLOCK_FREQ_TOPOLOGY, "m_clock_freq",  2,    2,     136,   clock_fields,      N_OF(clock_fields)},
};
/* clang-format on */

static const array_layout *find_layout(uint32_t kind) {
    for (size_t i = 0; i < N_OF(layouts); i++)
        if (layouts[i].kind == kind) return &layouts[i];
    return NULL;
}

const char *ts_xclbin_array_list(uint32_t kind) {
    const array_layout *layout = find_layout(kind);
    return layout ? layout->list : NULL;
}

const char *ts_xclbin_memory_type_name(uint64_t type) {
    return type < N_OF(memory_types) ? memory_types[type] : NULL;
}

static uint64_t get_bytes(const uint8_t *record, const field *f) {
    ts_cur cur = ts_cur_of(ts_span_of(record + f->offset, f->n_bytes));
    return ts_cur_uint_le(&cur, f->n_bytes);
}

static uint64_t mask_of(const field *f) {
    unsigned n_bits = f->n_bits ? f->n_bits : 8u * f->n_bytes;
    return n_bits == 64 ? UINT64_MAX : ((uint64_t)1 << n_bits) - 1;
}

static uint64_t get_value(const uint8_t *record, const field *f) {
    return get_bytes(record, f) >> f->lsb & mask_of(f);
}

static void set_value(uint8_t *record, const field *f, uint64_t value) {
    uint64_t mask = mask_of(f) << f->lsb;
    uint64_t bytes = (get_bytes(record, f) & ~mask) | (value << f->lsb & mask);
    for (unsigned i = 0; i < f->n_bytes; i++)
        record[f->offset + i] = (uint8_t)(bytes >> (8 * i));
}

/* Every layout's variant follows from the record's type, when there is one. */
static unsigned variant_of(const array_layout *layout, const uint8_t *record) {
    if (layout->fields == memory_fields) return record[0] < 16 ? record[0] : 15;
    if (layout->fields != ip_fields) return 0;
    uint64_t type = get_value(record, &ip_fields[0]);
    if (type == VARIANT_PS && (record[4] & 3) == TS_XCLBIN_SUBTYPE_DPU) return VARIANT_DPU;
    return type <= VARIANT_PS ? (unsigned)type : VARIANT_OTHER;
}

/* ---- to JSON --------------------------------------------------------------------------------- */

static void field_to_json(ts_arena *arena, ts_json *entry, const uint8_t *record, const field *f) {
    uint64_t value = f->kind == TEXT ? 0 : get_value(record, f);
    switch (f->kind) {
    case DECIMAL:
    case FLAG: ts_json_add_format(arena, entry, f->key, "%" PRIu64, value); break;
    case HEX:
    case KIB: ts_json_add_format(arena, entry, f->key, "0x%" PRIx64, value); break;
    case ADDRESS:
        if (value == UINT64_MAX)
            ts_json_add_string(arena, entry, f->key, "not_used");
        else
            ts_json_add_format(arena, entry, f->key, "0x%" PRIx64, value);
        break;
    case ENUM:
    case WORD:
        if (value < f->n_words)
            ts_json_add_string(arena, entry, f->key, f->words[value]);
        else
            ts_json_add_format(arena, entry, f->key, "UNKNOWN (%" PRIu64 ")%s", value,
                               f->words == clock_types ? " CLOCK_TYPE" : "");
        break;
    case TEXT: {
        const uint8_t *text = record + f->offset, *end = memchr(text, 0, f->n_bytes);
        const char *copy =
            ts_arena_strndup(arena, (const char *)text, end ? (size_t)(end - text) : f->n_bytes);
        if (copy) ts_json_add_string(arena, entry, f->key, copy);
        break;
    }
    }
}

/* How many records the section says and holds. */
static ts_status count_records(const ts_xclbin_codec_context *context, const array_layout *layout,
                               ts_span data, uint64_t *count) {
    char room[24];
    const char *name = ts_xclbin_kind_name(layout->kind, room);
    ts_cur cur = ts_cur_of(data);
    *count = ts_cur_uint_le(&cur, layout->count_bytes);
    if (data.size == 0 && layout->kind == TS_XCLBIN_IP_LAYOUT) return TS_OK;
    if (data.size < layout->header_bytes)
        return ts_fail(
            context->diag, TS_TRUNCATED, context->file,
            "%s: offset 0x0 in the section: %zu bytes; expected at least %u for the count", name,
            data.size, layout->header_bytes);
    uint64_t need = layout->header_bytes + *count * layout->record_bytes;
    if (need != data.size)
        return ts_fail(context->diag, need > data.size ? TS_TRUNCATED : TS_RANGE, context->file,
                       "%s: offset 0x0 in the section: %" PRIu64 " records need %" PRIu64
                       " bytes; the section has %zu",
                       name, *count, need, data.size);
    return TS_OK;
}

ts_status ts_xclbin_array_to_json(const ts_xclbin_codec_context *context, uint32_t kind,
                                  ts_span data, ts_json *root) {
    const array_layout *layout = find_layout(kind);
    ts_arena *arena = context->arena;
    uint64_t count;
    TS_TRY(count_records(context, layout, data, &count));
    ts_json *node = ts_json_add(arena, root, ts_xclbin_kind_about(kind)->node, TS_JSON_OBJECT);
    ts_json_add_format(arena, node, "m_count", "%" PRIu64, count);
    ts_json *list = ts_json_add(arena, node, layout->list, TS_JSON_ARRAY);
    for (uint64_t i = 0; i < count; i++) {
        const uint8_t *record = data.data + layout->header_bytes + i * layout->record_bytes;
        unsigned variant = variant_of(layout, record);
        ts_json *entry = ts_json_add(arena, list, "", TS_JSON_OBJECT);
        if (!entry) return ts_fail_nomem(context->diag);
        for (unsigned k = 0; k < layout->n_fields; k++)
            if (layout->fields[k].write_when >> variant & 1)
                field_to_json(arena, entry, record, &layout->fields[k]);
    }
    return list ? TS_OK : ts_fail_nomem(context->diag);
}

/* ---- from JSON ------------------------------------------------------------------------------- */

bool ts_xclbin_parse_number(const char *text, int base, uint64_t *out) {
    if (base == 0) return ts_parse_u64(text, out);
    if (!*text) return false;
    uint64_t value = 0;
    for (; *text; text++) {
        uint64_t digit = (uint64_t)(*text - '0');
        if (*text < '0' || *text > '9' || value > (UINT64_MAX - digit) / 10) return false;
        value = value * 10 + digit;
    }
    *out = value;
    return true;
}

typedef struct reader {
    const ts_xclbin_document *document;
    ts_diag *diag;
} reader;

static ts_status read_word(const reader *r, const ts_json *node, const field *f, uint64_t *value) {
    for (unsigned i = 0; i < f->n_words; i++)
        if (strcmp(f->words[i], node->text) == 0) {
            *value = i;
            return TS_OK;
        }
    if (f->kind == WORD && ts_xclbin_parse_number(node->text, 10, value)) return TS_OK;
    const char *near = ts_nearest_word(node->text, f->words, f->n_words);
    return ts_xclbin_bad_value(r->document, node, TS_UNKNOWN, r->diag,
                               "unknown %s '%s'; expected %s%s", f->key, node->text,
                               near ? "perhaps " : "one such as ", near ? near : f->words[0]);
}

static ts_status read_size(const reader *r, const ts_json *in_kib, const ts_json *in_bytes,
                           uint64_t *value) {
    const ts_json *node = in_kib ? in_kib : in_bytes;
    if (in_kib && in_bytes)
        return ts_xclbin_bad_value(r->document, in_bytes, TS_CONFLICT, r->diag,
                                   "'m_size' (%s) and 'm_sizeKB' (%s) exclude each other",
                                   in_bytes->text, in_kib->text);
    if (!ts_xclbin_parse_number(node->text, 0, value))
        return ts_xclbin_bad_value(r->document, node, TS_SYNTAX, r->diag,
                                   "'%s' is '%s'; expected a number", node->key, node->text);
    if (in_bytes && *value % 1024)
        return ts_xclbin_bad_value(r->document, node, TS_RANGE, r->diag,
                                   "m_size %s is not a multiple of 1024 bytes", node->text);
    if (in_bytes) *value /= 1024;
    return TS_OK;
}

static ts_status read_flag(const reader *r, const ts_json *node, uint64_t *value) {
    *value = strcmp(node->text, "1") == 0 || strcmp(node->text, "true") == 0;
    if (*value || strcmp(node->text, "0") == 0 || strcmp(node->text, "false") == 0) return TS_OK;
    return ts_xclbin_bad_value(r->document, node, TS_SYNTAX, r->diag,
                               "'%s' is '%s'; expected 0, 1, true or false", node->key, node->text);
}

static ts_status read_text(const reader *r, const ts_json *node, const field *f, uint8_t *record) {
    size_t length = strlen(node->text);
    if (length >= f->n_bytes)
        return ts_xclbin_bad_value(r->document, node, TS_RANGE, r->diag,
                                   "%s '%s' has %zu bytes; expected at most %u", f->key, node->text,
                                   length, f->n_bytes - 1u);
    memcpy(record + f->offset, node->text, length);
    return TS_OK;
}

/* XRT's reader takes 32-bit indexes as signed, its writer prints them as unsigned; both are read.
 */
static bool read_integer(const ts_json *node, const field *f, uint64_t *value) {
    const char *text = node->text;
    if (f->kind == DECIMAL && text[0] == '-' && f->n_bytes == 4 &&
        ts_xclbin_parse_number(text + 1, 10, value) && *value <= 0x80000000u) {
        *value = (0x100000000u - *value) & 0xffffffffu;
        return true;
    }
    return ts_xclbin_parse_number(text, f->kind == DECIMAL ? 10 : 0, value);
}

static ts_status read_value(const reader *r, const ts_json *node, const field *f,
                            const ts_json *in_bytes, uint64_t *value) {
    switch (f->kind) {
    case ENUM:
    case WORD: return read_word(r, node, f, value);
    case KIB: return read_size(r, node, in_bytes, value);
    case FLAG: return read_flag(r, node, value);
    case ADDRESS:
        if (strcmp(node->text, "not_used") == 0) {
            *value = UINT64_MAX;
            return TS_OK;
        }
        break;
    default: break;
    }
    if (read_integer(node, f, value)) return TS_OK;
    return ts_xclbin_bad_value(r->document, node, TS_SYNTAX, r->diag,
                               "'%s' is '%s'; expected a number%s", f->key, node->text,
                               f->kind == DECIMAL ? " in decimal" : "");
}

static ts_status field_from_json(const reader *r, const ts_json *entry, const field *f,
                                 uint8_t *record) {
    const ts_json *node = ts_json_get(entry, f->key);
    const ts_json *in_bytes = f->kind == KIB ? ts_json_get(entry, "m_size") : NULL;
    if (!node && !in_bytes) {
        if (f->optional) return TS_OK;
        return ts_xclbin_bad_value(r->document, entry, TS_MISSING, r->diag, "'%s' is missing",
                                   f->key);
    }
    if (node && node->kind >= TS_JSON_ARRAY)
        return ts_xclbin_bad_value(r->document, node, TS_SYNTAX, r->diag,
                                   "'%s' is not a single value", f->key);
    if (f->kind == TEXT) return read_text(r, node, f, record);
    if (f->optional && node && !*node->text) return TS_OK;
    uint64_t value;
    TS_TRY(read_value(r, node, f, in_bytes, &value));
    if (value & ~mask_of(f))
        return ts_xclbin_bad_value(r->document, node, TS_RANGE, r->diag,
                                   "'%s' is %s; expected at most %" PRIu64, f->key,
                                   (node ? node : in_bytes)->text, mask_of(f));
    set_value(record, f, value);
    return TS_OK;
}

static ts_status read_count(const reader *r, const array_layout *layout, const ts_json *node,
                            uint64_t *count) {
    const ts_json *value = ts_json_get(node, "m_count");
    if (!value)
        return ts_xclbin_bad_value(r->document, node, TS_MISSING, r->diag, "'m_count' is missing");
    uint64_t limit = layout->count_bytes == 2 ? INT16_MAX : INT32_MAX;
    if (!ts_xclbin_parse_number(value->text, 10, count) || *count > limit)
        return ts_xclbin_bad_value(r->document, value, TS_RANGE, r->diag,
                                   "'m_count' is '%s'; expected a number up to %" PRIu64,
                                   value->text, limit);
    return TS_OK;
}

ts_status ts_xclbin_array_from_json(ts_arena *arena, uint32_t kind,
                                    const ts_xclbin_document *document, ts_span *out,
                                    ts_diag *diag) {
    const array_layout *layout = find_layout(kind);
    const reader r = {document, diag};
    const ts_json *node = ts_json_get(document->root, ts_xclbin_kind_about(kind)->node);
    if (!node)
        return ts_xclbin_bad_value(document, document->root, TS_MISSING, diag, "no node '%s' here",
                                   ts_xclbin_kind_about(kind)->node);
    uint64_t count = 0;
    TS_TRY(read_count(&r, layout, node, &count));
    *out = (ts_span){0};
    if (count == 0) return TS_OK;
    const ts_json *list = ts_json_get(node, layout->list);
    if (!list)
        return ts_xclbin_bad_value(document, node, TS_MISSING, diag, "'%s' is missing",
                                   layout->list);
    if (list->n_children != count)
        return ts_xclbin_bad_value(document, list, TS_CONFLICT, diag,
                                   "'%s' has %zu entries; 'm_count' says %" PRIu64, layout->list,
                                   list->n_children, count);
    size_t size = layout->header_bytes + (size_t)count * layout->record_bytes;
    uint8_t *data = ts_arena_alloc(arena, size);
    if (!data) return ts_fail_nomem(diag);
    for (unsigned i = 0; i < layout->count_bytes; i++)
        data[i] = (uint8_t)(count >> (8 * i));
    uint8_t *record = data + layout->header_bytes;
    for (const ts_json *entry = list->first; entry; entry = entry->next) {
        for (unsigned k = 0; k < layout->n_fields; k++)
            if (layout->fields[k].read_when >> variant_of(layout, record) & 1)
                TS_TRY(field_from_json(&r, entry, &layout->fields[k], record));
        record += layout->record_bytes;
    }
    *out = ts_span_of(data, size);
    return TS_OK;
}

/* ---- records for the other files of this library ----------------------------------------------
 */

static ts_status open_records(ts_arena *arena, const ts_xclbin_section *section, const char *file,
                              size_t *n, ts_cur *cur, size_t size, void **out, ts_diag *diag) {
    const ts_xclbin_codec_context context = {arena, file, diag};
    *n = 0;
    *out = NULL;
    if (!section) return TS_OK;
    const array_layout *layout = find_layout(section->kind);
    uint64_t count;
    TS_TRY(count_records(&context, layout, section->data, &count));
    *n = (size_t)count;
    *out = ts_arena_array(arena, *n, size);
    *cur = ts_cur_of(section->data);
    ts_cur_skip(cur, section->data.size ? layout->header_bytes : 0);
    return *out ? TS_OK : ts_fail_nomem(diag);
}

ts_status ts_xclbin_read_banks(ts_arena *arena, const ts_xclbin_section *section, const char *file,
                               ts_xclbin_bank **out, size_t *n, ts_diag *diag) {
    ts_cur cur = {0};
    void *records;
    TS_TRY(open_records(arena, section, file, n, &cur, sizeof **out, &records, diag));
    *out = records;
    for (size_t i = 0; i < *n; i++) {
        ts_xclbin_bank *bank = &(*out)[i];
        bank->type = ts_cur_u8(&cur);
        bank->used = ts_cur_u8(&cur);
        ts_cur_skip(&cur, 6);
        bank->size_kib = ts_cur_u64le(&cur);
        bank->base = ts_cur_u64le(&cur);
        memcpy(bank->tag, ts_cur_bytes(&cur, 16).data, 16);
    }
    return TS_OK;
}

ts_status ts_xclbin_read_connections(ts_arena *arena, const ts_xclbin_section *section,
                                     const char *file, ts_xclbin_connection **out, size_t *n,
                                     ts_diag *diag) {
    ts_cur cur = {0};
    void *records;
    TS_TRY(open_records(arena, section, file, n, &cur, sizeof **out, &records, diag));
    *out = records;
    for (size_t i = 0; i < *n; i++) {
        (*out)[i].argument = (int32_t)ts_cur_u32le(&cur);
        (*out)[i].ip = (int32_t)ts_cur_u32le(&cur);
        (*out)[i].bank = (int32_t)ts_cur_u32le(&cur);
    }
    return TS_OK;
}

ts_status ts_xclbin_read_ips(ts_arena *arena, const ts_xclbin_section *section, const char *file,
                             ts_xclbin_ip **out, size_t *n, ts_diag *diag) {
    ts_cur cur = {0};
    void *records;
    TS_TRY(open_records(arena, section, file, n, &cur, sizeof **out, &records, diag));
    *out = records;
    for (size_t i = 0; i < *n; i++) {
        ts_xclbin_ip *ip = &(*out)[i];
        ip->type = ts_cur_u32le(&cur);
        ip->properties = ts_cur_u32le(&cur);
        ip->base = ts_cur_u64le(&cur);
        memcpy(ip->name, ts_cur_bytes(&cur, 64).data, 64);
    }
    return TS_OK;
}
