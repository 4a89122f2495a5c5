/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * What would make XRT, its xclbinutil or the amdxdna driver's shim refuse a container, in words.
 * Each rule is one short function; those that need decoded sections share one `checker`.
 *
 * src: Xilinx/XRT: src/runtime_src/core/common/api/xrt_xclbin.cpp, init_axlf [code]
 * src: Xilinx/XRT: src/runtime_src/core/common/xclbin_parser.cpp [code]
 * src: amd/xdna-driver: src/shim/hwctx.cpp, xclbin_parser [code]
 */
#include "xclbin_int.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

typedef struct checker {
    ts_arena *arena;
    const ts_xclbin *x;
    ts_xclbin_findings *out;
    size_t capacity;
    bool failed;
    /* decoded, each NULL or 0 when missing or broken */
    ts_xclbin_partition *partitions;
    size_t n_partitions;
    ts_xclbin_ip *ips;
    size_t n_ips;
    ts_xclbin_bank *banks;
    size_t n_banks;
    ts_json *xml;
    size_t n_served_kernels;
} checker;

static void find(checker *c, ts_xclbin_severity severity, const char *rule, const char *section,
                 const char *format, ...) TS_PRINTF(5, 6);

static void find(checker *c, ts_xclbin_severity severity, const char *rule, const char *section,
                 const char *format, ...) {
    ts_xclbin_findings *out = c->out;
    ts_xclbin_finding *grown =
        ts_arena_room(c->arena, out->items, out->n_items, &c->capacity, sizeof *grown);
    if (!grown) {
        c->failed = true;
        return;
    }
    out->items = grown;
    va_list args;
    va_start(args, format);
    ts_buf text = ts_buf_in(c->arena);
    ts_buf_vprintf(&text, format, args);
    ts_buf_u8(&text, 0);
    va_end(args);
    if (text.failed || !section) {
        c->failed = true;
        return;
    }
    out->items[out->n_items++] =
        (ts_xclbin_finding){severity, rule, section, (const char *)text.data};
    out->n_errors += severity == TS_XCLBIN_ERROR;
    out->n_warnings += severity == TS_XCLBIN_WARNING;
}

/* A diagnostic of a section's decoder as a finding. */
static void find_broken(checker *c, const char *section, const ts_diag *diag) {
    if (diag->code == TS_NOMEM) c->failed = true;
    if (diag->place == TS_PLACE_TEXT)
        find(c, TS_XCLBIN_ERROR, "malformed", section,
             "cannot be decoded: line %" PRIu32 ", column %" PRIu32 " of its text: %s", diag->line,
             diag->column, diag->message);
    else
        find(c, TS_XCLBIN_ERROR, "malformed", section, "cannot be decoded: %s", diag->message);
}

/* ---- the container --------------------------------------------------------------------------- */

static void check_header(checker *c) {
    const ts_xclbin_header *h = &c->x->header;
    enum {
        LOADER_MAX_SECTIONS = 10000
    };
    if (h->length != c->x->file_size)
        find(c, TS_XCLBIN_ERROR, "length", "",
             "the header says %" PRIu64 " bytes, the file has %" PRIu64
             "; XRT refuses a length that is not the file's",
             h->length, c->x->file_size);
    if (h->n_sections > LOADER_MAX_SECTIONS)
        find(c, TS_XCLBIN_ERROR, "section-count", "", "%" PRIu64 " sections; XRT loads at most %d",
             h->n_sections, LOADER_MAX_SECTIONS);
    if (c->x->file_size < TS_XCLBIN_HEADER_BYTES + TS_XCLBIN_SECTION_HEADER_BYTES)
        find(c, TS_XCLBIN_ERROR, "section-count", "",
             "no section; XRT wants room for at least one section header (%d bytes)",
             TS_XCLBIN_HEADER_BYTES + TS_XCLBIN_SECTION_HEADER_BYTES);
    if (!ts_xclbin_mode_name(h->mode))
        find(c, TS_XCLBIN_ERROR, "mode", "",
             "mode %" PRIu64 " is not one that XRT defines (0 to 6)", h->mode);
    static const uint8_t no_uuid[16];
    if (memcmp(h->uuid, no_uuid, sizeof no_uuid) == 0)
        find(c, TS_XCLBIN_WARNING, "uuid", "",
             "no UUID; XRT tells loaded containers apart by it, so two without one are the same");
}

static int by_file_offset(const void *a, const void *b) {
    const ts_xclbin_section *x = *(const ts_xclbin_section *const *)a;
    const ts_xclbin_section *y = *(const ts_xclbin_section *const *)b;
    if (x->file_offset != y->file_offset) return x->file_offset < y->file_offset ? -1 : 1;
    return x < y ? -1 : x > y;
}

static void check_layout(checker *c) {
    const ts_xclbin *x = c->x;
    const ts_xclbin_section **order =
        TS_ARENA_ARRAY(c->arena, const ts_xclbin_section *, x->n_sections);
    if (!order) {
        c->failed = true;
        return;
    }
    for (size_t i = 0; i < x->n_sections; i++)
        order[i] = &x->sections[i];
    qsort(order, x->n_sections, sizeof *order, by_file_offset);
    uint64_t end = TS_XCLBIN_HEADER_BYTES + TS_XCLBIN_SECTION_HEADER_BYTES * x->n_sections;
    const char *before = "the headers";
    for (size_t i = 0; i < x->n_sections; i++) {
        const ts_xclbin_section *s = order[i];
        const char *label = ts_xclbin_section_label(c->arena, s);
        if (s->file_offset % 8)
            find(c, TS_XCLBIN_ERROR, "alignment", label,
                 "starts at 0x%" PRIx64 "; AXLF wants multiples of 8", s->file_offset);
        if (s->data.size && s->file_offset < end)
            find(c, TS_XCLBIN_ERROR, "overlap", label,
                 "starts at 0x%" PRIx64 ", inside %s, which end at 0x%" PRIx64, s->file_offset,
                 before, end);
        if (s->data.size && s->file_offset + s->data.size > end) {
            end = s->file_offset + s->data.size;
            before = label;
        }
    }
}

static void check_section(checker *c, const ts_xclbin_section *s) {
    /* Only these have been seen empty on purpose: v++ puts an empty bitstream into NPU containers.
     */
    bool may_be_empty = s->kind == TS_XCLBIN_BITSTREAM || s->kind == TS_XCLBIN_DEBUG_DATA;
    const char *label = ts_xclbin_section_label(c->arena, s);
    const ts_xclbin_kind_info *about = ts_xclbin_kind_about(s->kind);
    if (!about)
        find(c, TS_XCLBIN_WARNING, "unknown-kind", label,
             "XRT's loaders pass it over, its xclbinutil refuses the whole file");
    if (!s->data.size && !may_be_empty) find(c, TS_XCLBIN_WARNING, "empty", label, "has no bytes");
    if (about && s->data.size && s->kind != TS_XCLBIN_AIE_PARTITION &&
        (about->dump & TS_XCLBIN_JSON)) {
        ts_json *ignored;
        ts_diag diag = {0};
        if (ts_xclbin_to_json(c->arena, s, c->x->file, "", &ignored, NULL, &diag) != TS_OK)
            find_broken(c, label, &diag);
    }
    enum {
        DRIVER_LIMIT = 64 * 1024
    };
    if (ts_xclbin_array_list(s->kind) && s->data.size > DRIVER_LIMIT)
        find(c, TS_XCLBIN_WARNING, "size", label,
             "%zu bytes; drivers read at most %d of it, says XRT's xclbinutil", s->data.size,
             DRIVER_LIMIT);
}

/* Names are compared pair by pair; beyond this many of them the file is no program for an NPU. */
enum {
    MAX_NAMES = 4096
};

static bool too_many_names(checker *c, size_t n, const char *section) {
    if (n <= MAX_NAMES) return false;
    find(c, TS_XCLBIN_WARNING, "size", section, "%zu entries; their names are not compared", n);
    return true;
}

static void check_duplicate_section(checker *c, size_t i) {
    const ts_xclbin_section *s = &c->x->sections[i];
    for (size_t k = 0; k < i; k++)
        if (c->x->sections[k].kind == s->kind &&
            strcmp(ts_xclbin_section_index(&c->x->sections[k]), ts_xclbin_section_index(s)) == 0) {
            find(c, TS_XCLBIN_ERROR, "duplicate-section", ts_xclbin_section_label(c->arena, s),
                 "is there twice; XRT loads the first and never sees the second");
            return;
        }
}

static void check_sections(checker *c) {
    bool skip_names = too_many_names(c, c->x->n_sections, "");
    for (size_t i = 0; i < c->x->n_sections; i++) {
        const ts_xclbin_section *s = &c->x->sections[i];
        check_section(c, s);
        bool may_repeat = s->kind == TS_XCLBIN_SOFT_KERNEL || s->kind == TS_XCLBIN_FLASH ||
                          s->kind == TS_XCLBIN_VENDER_METADATA ||
                          s->kind == TS_XCLBIN_AIE_RESOURCES_BIN;
        if (!may_repeat && !skip_names) check_duplicate_section(c, i);
    }
}

/* ---- what the NPU needs ---------------------------------------------------------------------- */

static void check_required(checker *c) {
    static const struct {
        uint32_t kind;
        const char *why;
    } required[] = {
        {TS_XCLBIN_AIE_PARTITION, "the driver finds the columns and the PDIs there"},
        {TS_XCLBIN_EMBEDDED_METADATA, "XRT finds the kernels and their arguments there"},
        {TS_XCLBIN_IP_LAYOUT, "XRT finds the kernels' instances there"},
        {TS_XCLBIN_MEM_TOPOLOGY, "XRT finds the memory that buffers go to there"},
    };
    for (size_t i = 0; i < sizeof required / sizeof required[0]; i++)
        if (!ts_xclbin_find(c->x, required[i].kind))
            find(c, TS_XCLBIN_ERROR, "missing-section",
                 ts_xclbin_kind_about(required[i].kind)->name, "is missing; %s", required[i].why);
}

static void check_columns(checker *c, const ts_xclbin_partition *p, const char *label) {
    /* The widest NPU that takes XCLBINs, Strix's, has 8 columns. Numbering may start at 1. */
    enum {
        MAX_COLUMNS = 8
    };
    if (p->column_width == 0 || p->column_width > MAX_COLUMNS)
        find(c, TS_XCLBIN_ERROR, "column-width", label,
             "column width %u; NPUs have 1 to %d columns", p->column_width, MAX_COLUMNS);
    if (!p->n_start_columns)
        find(c, TS_XCLBIN_ERROR, "start-columns", label, "no start column, so it fits nowhere");
    for (size_t i = 0; i < p->n_start_columns; i++)
        if (p->column_width && p->start_columns[i] + p->column_width > MAX_COLUMNS + 1)
            find(c, TS_XCLBIN_ERROR, "start-columns", label,
                 "start column %u with width %u ends at column %u; NPUs have at most %d",
                 p->start_columns[i], p->column_width, p->start_columns[i] + p->column_width,
                 MAX_COLUMNS);
}

static void check_pdi(checker *c, const ts_xclbin_partition *p, size_t i, const char *label) {
    const ts_xclbin_pdi *pdi = &p->pdis[i];
    char uuid[37];
    ts_xclbin_format_uuid(pdi->uuid, uuid);
    const uint64_t max_bytes = 32ull * 1024 * 64 * 64; /* XRT's PDI_IMAGE_MAX_SIZE */
    if (!pdi->image.size)
        find(c, TS_XCLBIN_ERROR, "pdi-missing", label, "PDI %zu (%s) has no bytes", i, uuid);
    if (pdi->image.size > max_bytes)
        find(c, TS_XCLBIN_ERROR, "pdi-size", label,
             "PDI %zu (%s) has %zu bytes; XRT takes at most %" PRIu64, i, uuid, pdi->image.size,
             max_bytes);
    if (pdi->image_offset % 8)
        find(c, TS_XCLBIN_WARNING, "alignment", label,
             "PDI %zu (%s) starts at 0x%" PRIx32 " of its section; XRT's tool aligns to 8", i, uuid,
             pdi->image_offset);
    if (!pdi->n_groups)
        find(c, TS_XCLBIN_ERROR, "cdo-groups", label, "PDI %zu (%s) has no CDO group", i, uuid);
    for (size_t k = 0; k < pdi->n_groups; k++)
        if (!pdi->groups[k].n_kernel_ids && pdi->groups[k].type == 1)
            find(c, TS_XCLBIN_WARNING, "kernel-id", label,
                 "PDI %zu (%s): primary CDO group '%s' serves no kernel id", i, uuid,
                 pdi->groups[k].name);
    for (size_t k = 0; k < i && p->n_pdis <= MAX_NAMES; k++)
        if (memcmp(p->pdis[k].uuid, pdi->uuid, 16) == 0 &&
            !ts_span_equal(p->pdis[k].image, pdi->image))
            find(c, TS_XCLBIN_WARNING, "duplicate-uuid", label,
                 "PDIs %zu and %zu have the UUID %s but other bytes", k, i, uuid);
}

static void check_partitions(checker *c) {
    c->partitions = TS_ARENA_ARRAY(c->arena, ts_xclbin_partition, c->x->n_sections);
    if (!c->partitions) {
        c->failed = true;
        return;
    }
    for (size_t i = 0; i < c->x->n_sections; i++) {
        const ts_xclbin_section *s = &c->x->sections[i];
        if (s->kind != TS_XCLBIN_AIE_PARTITION) continue;
        const char *label = ts_xclbin_section_label(c->arena, s);
        ts_xclbin_partition *p = &c->partitions[c->n_partitions];
        ts_diag diag = {0};
        if (ts_xclbin_read_partition(c->arena, s->data, c->x->file, p, &diag) != TS_OK) {
            find_broken(c, label, &diag);
            continue;
        }
        c->n_partitions++;
        check_columns(c, p, label);
        if (!p->n_pdis) find(c, TS_XCLBIN_ERROR, "pdi-missing", label, "has no PDI");
        for (size_t k = 0; k < p->n_pdis; k++)
            check_pdi(c, p, k, label);
    }
}

static bool is_served(const checker *c, uint64_t kernel_id) {
    for (size_t i = 0; i < c->n_partitions; i++)
        if (ts_xclbin_serves(&c->partitions[i], kernel_id)) return true;
    return false;
}

static void check_ips(checker *c) {
    const ts_xclbin_section *section = ts_xclbin_find(c->x, TS_XCLBIN_IP_LAYOUT);
    ts_diag diag = {0};
    if (ts_xclbin_read_ips(c->arena, section, c->x->file, &c->ips, &c->n_ips, &diag) != TS_OK) {
        c->n_ips = 0; /* check_section() has reported it */
        return;
    }
    bool skip_names = too_many_names(c, c->n_ips, "IP_LAYOUT");
    for (size_t i = 0; i < c->n_ips; i++) {
        const ts_xclbin_ip *ip = &c->ips[i];
        uint32_t kernel_id = ip->properties >> 16 & 0xfff;
        if (ip->type == TS_XCLBIN_IP_PS_KERNEL && (ip->properties & 3) == TS_XCLBIN_SUBTYPE_DPU &&
            c->n_partitions && !is_served(c, kernel_id))
            find(c, TS_XCLBIN_WARNING, "kernel-id", "IP_LAYOUT",
                 "'%s' has kernel id 0x%x, which no CDO group serves; XRT's xclbinutil refuses to "
                 "pack that",
                 ip->name, kernel_id);
        for (size_t k = 0; k < i && !skip_names; k++)
            if (strcmp(c->ips[k].name, ip->name) == 0 && ip->name[0])
                find(c, TS_XCLBIN_ERROR, "duplicate-name", "IP_LAYOUT",
                     "entries %zu and %zu are both named '%s'", k, i, ip->name);
    }
}

static void check_connections(checker *c, uint32_t kind, uint32_t memory_kind) {
    ts_xclbin_connection *connections;
    size_t n, n_banks;
    ts_xclbin_bank *banks;
    ts_diag diag = {0};
    const char *label = ts_xclbin_kind_about(kind)->name;
    if (ts_xclbin_read_connections(c->arena, ts_xclbin_find(c->x, kind), c->x->file, &connections,
                                   &n, &diag) != TS_OK ||
        ts_xclbin_read_banks(c->arena, ts_xclbin_find(c->x, memory_kind), c->x->file, &banks,
                             &n_banks, &diag) != TS_OK)
        return;
    bool has_ips = ts_xclbin_find(c->x, TS_XCLBIN_IP_LAYOUT) != NULL;
    for (size_t i = 0; i < n; i++) {
        if (has_ips && (connections[i].ip < 0 || (size_t)connections[i].ip >= c->n_ips))
            find(c, TS_XCLBIN_ERROR, "connectivity", label,
                 "entry %zu: m_ip_layout_index %d; IP_LAYOUT has %zu entries", i, connections[i].ip,
                 c->n_ips);
        if (connections[i].bank < 0 || (size_t)connections[i].bank >= n_banks)
            find(c, TS_XCLBIN_ERROR, "connectivity", label,
                 "entry %zu: mem_data_index %d; %s has %zu entries", i, connections[i].bank,
                 ts_xclbin_kind_about(memory_kind)->name, n_banks);
    }
}

static void check_memory(checker *c) {
    const ts_xclbin_section *section = ts_xclbin_find(c->x, TS_XCLBIN_MEM_TOPOLOGY);
    ts_diag diag = {0};
    if (ts_xclbin_read_banks(c->arena, section, c->x->file, &c->banks, &c->n_banks, &diag) != TS_OK)
        return;
    bool skip_names = too_many_names(c, c->n_banks, "MEM_TOPOLOGY");
    for (size_t i = 0; i < c->n_banks; i++) {
        const ts_xclbin_bank *bank = &c->banks[i];
        if (!ts_xclbin_memory_type_name(bank->type))
            find(c, TS_XCLBIN_ERROR, "memory-type", "MEM_TOPOLOGY",
                 "entry %zu has type %u, which XRT does not define", i, bank->type);
        for (size_t k = 0; k < i && !skip_names; k++)
            if (memcmp(c->banks[k].tag, bank->tag, sizeof bank->tag) == 0 && bank->tag[0])
                find(c, TS_XCLBIN_WARNING, "duplicate-name", "MEM_TOPOLOGY",
                     "banks %zu and %zu are both tagged '%.16s'; kernels connect to the first", k,
                     i, (const char *)bank->tag);
    }
}

/* ---- kernels in the XML ---------------------------------------------------------------------- */

static int by_id(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

/* XRT sorts arguments by id, joins equal ones, and then wants 0, 1, 2, ... without a hole. Those
 * with no id do not count. */
static void check_arguments(checker *c, const ts_json *kernel, const char *name) {
    uint64_t *ids = TS_ARENA_ARRAY(c->arena, uint64_t, kernel->n_children);
    size_t n = 0;
    if (!ids) {
        c->failed = true;
        return;
    }
    for (const ts_json *arg = kernel->first; arg; arg = arg->next) {
        const char *text = ts_json_text(ts_json_get(arg, "<xmlattr>"), "id", "");
        if (strcmp(arg->key, "arg") == 0 && ts_parse_u64(text, &ids[n])) n++;
    }
    qsort(ids, n, sizeof *ids, by_id);
    uint64_t expected = 0;
    for (size_t i = 0; i < n; i++) {
        if (i && ids[i] == ids[i - 1]) continue;
        if (ids[i] != expected) {
            find(c, TS_XCLBIN_ERROR, "argument-id", "EMBEDDED_METADATA",
                 "kernel '%s' has an argument with id %" PRIu64 " and none with id %" PRIu64
                 "; XRT stops with \"mismatched argument index\"",
                 name, ids[i], expected);
            return;
        }
        expected++;
    }
}

/* The driver passes over a kernel whose PDI it does not find, as long as another one has one. */
static void check_kernel_id(checker *c, const ts_json *kernel, const char *name) {
    const ts_json *data = ts_json_path(kernel, "extended-data.<xmlattr>");
    const char *id_text = ts_json_text(data, "dpu_kernel_id", "0");
    uint64_t kernel_id = 0;
    if (!ts_parse_u64(id_text, &kernel_id))
        find(c, TS_XCLBIN_ERROR, "kernel-id", "EMBEDDED_METADATA",
             "kernel '%s': dpu_kernel_id '%s' is not a number", name, id_text);
    else if (is_served(c, kernel_id))
        c->n_served_kernels++;
    else if (c->n_partitions)
        find(c, TS_XCLBIN_WARNING, "kernel-id", "EMBEDDED_METADATA",
             "kernel '%s' has kernel id 0x%" PRIx64
             ", which no CDO group serves; the driver finds no PDI for it and leaves it out",
             name, kernel_id);
}

static void check_kernel(checker *c, const ts_json *core, const ts_json *kernel) {
    const char *name = ts_json_text(ts_json_get(kernel, "<xmlattr>"), "name", "");
    for (const ts_json *k = core->first; k != kernel; k = k->next)
        if (strcmp(k->key, "kernel") == 0 &&
            strcmp(ts_json_text(ts_json_get(k, "<xmlattr>"), "name", ""), name) == 0)
            find(c, TS_XCLBIN_ERROR, "duplicate-name", "EMBEDDED_METADATA",
                 "two kernels are named '%s'", name);
    bool has_instance = false;
    size_t length = strlen(name);
    for (size_t i = 0; i < c->n_ips; i++)
        has_instance |= strncmp(c->ips[i].name, name, length) == 0 && c->ips[i].name[length] == ':';
    if (!has_instance)
        find(c, TS_XCLBIN_ERROR, "kernel-instance", "EMBEDDED_METADATA",
             "kernel '%s' has no instance '%s:...' in IP_LAYOUT, so it has no compute unit", name,
             name);
    if (strcmp(ts_json_text(ts_json_get(kernel, "<xmlattr>"), "type", "pl"), "dpu") == 0)
        check_kernel_id(c, kernel, name);
    check_arguments(c, kernel, name);
}

static void check_kernels(checker *c) {
    const ts_xclbin_section *section = ts_xclbin_find(c->x, TS_XCLBIN_EMBEDDED_METADATA);
    if (!section) return;
    ts_diag diag = {0};
    if (ts_xclbin_parse_xml(c->arena, section->data, "EMBEDDED_METADATA", &c->xml, &diag) !=
        TS_OK) {
        find_broken(c, "EMBEDDED_METADATA", &diag);
        return;
    }
    const ts_json *core = ts_json_path(c->xml, "project.platform.device.core");
    size_t n_kernels = 0;
    if (core && too_many_names(c, core->n_children, "EMBEDDED_METADATA")) return;
    for (const ts_json *k = core ? core->first : NULL; k; k = k->next) {
        if (strcmp(k->key, "kernel") != 0) continue;
        n_kernels++;
        check_kernel(c, core, k);
    }
    if (!n_kernels)
        find(c, TS_XCLBIN_ERROR, "no-kernel", "EMBEDDED_METADATA",
             "has no kernel; the driver says \"No valid DPU kernel found in xclbin\"");
    else if (!c->n_served_kernels && c->n_partitions)
        find(c, TS_XCLBIN_ERROR, "kernel-id", "EMBEDDED_METADATA",
             "no CDO group serves any of its kernels; the driver says \"No valid DPU kernel found "
             "in "
             "xclbin\"");
}

ts_status ts_xclbin_check(ts_arena *arena, const ts_xclbin *x, ts_xclbin_findings *out,
                          ts_diag *diag) {
    *out = (ts_xclbin_findings){0};
    checker c = {.arena = arena, .x = x, .out = out};
    check_header(&c);
    check_layout(&c);
    check_sections(&c);
    check_required(&c);
    check_partitions(&c);
    check_ips(&c);
    check_memory(&c);
    check_connections(&c, TS_XCLBIN_CONNECTIVITY, TS_XCLBIN_MEM_TOPOLOGY);
    check_connections(&c, TS_XCLBIN_GROUP_CONNECTIVITY, TS_XCLBIN_GROUP_TOPOLOGY);
    check_kernels(&c);
    return c.failed ? ts_fail_nomem(diag) : TS_OK;
}
