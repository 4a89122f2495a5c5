/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The report of `xclbinutil --info`, in the words and columns of XRT's tool, so that scripts which
 * read it keep working. What that tool says about its own build is said about Tessera instead.
 *
 * src: Xilinx/XRT: src/runtime_src/tools/xclbinutil/FormattedOutput.cxx [code]
 */
#include "xclbin_edit.h"

#include <inttypes.h>
#include <string.h>

typedef struct reporter {
    ts_arena *arena;
    const ts_xclbin *x;
    ts_buf *out;
    ts_diag *diag;
    const ts_json *build;                     /* of BUILD_METADATA, or NULL */
    const ts_json *banks, *connections, *ips; /* lists, or NULL */
} reporter;

static void ruler(reporter *r) {
    ts_buf_printf(
        r->out, "%.*s\n", 78,
        "==================================================================================");
}

static void title(reporter *r, const char *text) {
    ts_buf_printf(r->out, "%s\n%.*s\n", text, (int)strlen(text),
                  "--------------------------------------------------------------");
}

static void row(reporter *r, int width, const char *label, const char *value) {
    ts_buf_printf(r->out, "   %-*s %s\n", width, label, value);
}

/* The node of a section's document, or NULL when the section is not there. */
static ts_status open_node(reporter *r, uint32_t kind, const char *path, const ts_json **out) {
    const ts_xclbin_section *section = ts_xclbin_find(r->x, kind);
    ts_json *tree;
    *out = NULL;
    if (!section) return TS_OK;
    TS_TRY(ts_xclbin_to_json(r->arena, section, r->x->file, "", &tree, NULL, r->diag));
    *out = ts_json_path(tree, path);
    return TS_OK;
}

static const char *text_at(const ts_json *node, const char *path, const char *fallback) {
    const ts_json *value = node ? ts_json_path(node, path) : NULL;
    return value ? value->text : fallback; /* "" for a list or an object, as in boost's tree */
}

static const ts_json *first_of(const ts_json *list) {
    return list ? list->first : NULL;
}

/* ---- "xclbin Information" -------------------------------------------------------------------- */

static void report_kernel_names(reporter *r) {
    ts_buf names = ts_buf_in(r->arena);
    const ts_json *regions = ts_json_path(r->build, "xclbin.user_regions");
    for (const ts_json *region = first_of(regions); region; region = region->next)
        for (const ts_json *k = first_of(ts_json_get(region, "kernels")); k; k = k->next) {
            const char *name = ts_json_text(k, "name", "");
            if (*name) ts_buf_printf(&names, "%s%s", names.size ? ", " : "", name);
        }
    ts_buf_u8(&names, 0);
    if (!names.failed) row(r, 23, "Kernels:", r->build ? (const char *)names.data : "<unknown>");
}

static const char *content_type(const reporter *r) {
    static const uint8_t bitstream[8] = {0x00, 0x09, 0x0f, 0xf0, 0x0f, 0xf0, 0x0f, 0xf0};
    const ts_xclbin_section *s = ts_xclbin_find(r->x, TS_XCLBIN_BITSTREAM);
    if (!s) return "";
    if (s->data.size < 8) return "Binary Image";
    if (memcmp(s->data.data, bitstream, 8) == 0) return "Bitstream";
    bool is_zip = memcmp(s->data.data, "PK\3\4", 4) == 0 ||
                  memcmp(s->data.data, "PK\5\6", 4) == 0 || memcmp(s->data.data, "PK\7\10", 4) == 0;
    if (is_zip) return memcmp(s->name, "behav", 6) == 0 ? "HW Emulation Binary" : "DCP";
    return memcmp(s->data.data, "\177ELF", 4) == 0 ? "SW Emulation Binary" : "Binary Image";
}

/* Section names, wrapped as XRT wraps them: at most 54 columns, the comma at the line's end. */
static void report_section_names(reporter *r) {
    enum {
        WRAP = 54
    };
    ts_buf line = ts_buf_in(r->arena);
    const char *label = "Sections:";
    for (size_t i = 0; i < r->x->n_sections; i++) {
        const ts_xclbin_section *s = &r->x->sections[i];
        char room[24];
        const char *index = ts_xclbin_section_index(s);
        const char *token = ts_arena_printf(
            r->arena, "%s%s%s%s%s", ts_xclbin_kind_name(s->kind, room), *index ? "[" : "", index,
            *index ? "]" : "", i + 1 < r->x->n_sections ? ", " : "");
        if (!token) return;
        if (line.size && line.size + strlen(token) > WRAP) {
            ts_buf_printf(r->out, "   %-23s %.*s\n", label, (int)line.size, (char *)line.data);
            line.size = 0;
            label = "";
        }
        ts_buf_text(&line, token);
    }
    ts_buf_printf(r->out, "   %-23s %.*s\n", label, (int)line.size,
                  line.data ? (char *)line.data : "");
}

static void report_container(reporter *r) {
    const ts_xclbin_header *h = &r->x->header;
    char uuid[37], version[32];
    title(r, "xclbin Information");
    const char *tool = text_at(r->build, "xclbin.generated_by.name", "");
    const char *by = ts_arena_printf(r->arena, "%s (%s) on %s", tool,
                                     text_at(r->build, "xclbin.generated_by.version", ""),
                                     text_at(r->build, "xclbin.generated_by.time_stamp", ""));
    row(r, 23, "Generated by:", *tool && by ? by : "<unknown>");
    snprintf(version, sizeof version, "%u.%u.%u", (unsigned)h->version_major,
             (unsigned)h->version_minor, (unsigned)h->version_patch);
    row(r, 23, "Version:", version);
    report_kernel_names(r);
    row(r, 23, "Signature:", "");
    if (h->action_mask)
        ts_buf_printf(r->out, "   %-23s %s%s\n", "Action Mask(s):",
                      h->action_mask & TS_XCLBIN_ACTION_LOAD_AIE ? "LOAD_AIE " : "",
                      h->action_mask & TS_XCLBIN_ACTION_LOAD_PDI ? "LOAD_PDI " : "");
    row(r, 23, "Content:", content_type(r));
    ts_xclbin_format_uuid(h->uuid, uuid);
    row(r, 23, "UUID (xclbin):", uuid);
    report_section_names(r);
}

/* ---- "Hardware Platform (Shell) Information" ------------------------------------------------- */

/* platform.NAME, or dsa.NAME in older metadata. */
static const char *platform_text(const reporter *r, const char *name) {
    char path[64];
    snprintf(path, sizeof path, "platform.%s", name);
    const char *text = text_at(r->build, path, "--");
    if (strcmp(text, "--") != 0) return text;
    snprintf(path, sizeof path, "dsa.%s", name);
    return text_at(r->build, path, "--");
}

static void report_platform_metadata(reporter *r) {
    row(r, 23, "Vendor:", platform_text(r, "vendor"));
    row(r, 23, "Board:", platform_text(r, "board_id"));
    row(r, 23, "Name:", platform_text(r, "name"));
    ts_buf_printf(r->out, "   %-23s %s.%s\n", "Version:", platform_text(r, "version_major"),
                  platform_text(r, "version_minor"));
    const char *ip = platform_text(r, "generated_by.ip_cl");
    bool has_ip = strcmp(ip, "--") != 0;
    ts_buf_printf(r->out, "   %-23s %s %s (SW Build: %s%s%s)\n",
                  "Generated Version:", platform_text(r, "generated_by.name"),
                  platform_text(r, "generated_by.version"), platform_text(r, "generated_by.cl"),
                  has_ip ? "; " : "", has_ip ? ip : "");
    /* XRT has the line end inside the label, and none behind the value. */
    ts_buf_printf(r->out, "   %-23s %s", "Created:\n", platform_text(r, "generated_by.time_stamp"));
    const char *part = platform_text(r, "board.part");
    size_t dash = strcspn(part, "-");
    bool has_part = strcmp(part, "--") != 0 && part[dash];
    ts_buf_printf(r->out, "   %-23s %.*s\n", "FPGA Device:", has_part ? (int)dash : 2,
                  has_part ? part : "--");
    row(r, 23, "Board Vendor:", platform_text(r, "board.vendor"));
    row(r, 23, "Board Name:", platform_text(r, "board.name"));
    row(r, 23, "Board Part:", platform_text(r, "board.board_part"));
}

static void report_platform(reporter *r) {
    const ts_xclbin_header *h = &r->x->header;
    char uuid[37];
    title(r, "Hardware Platform (Shell) Information");
    if (r->build) report_platform_metadata(r);
    ts_buf_printf(r->out, "   %-23s %.64s\n", "Platform VBNV:",
                  h->platform_vbnv[0] ? (const char *)h->platform_vbnv : "<not defined>");
    ts_xclbin_format_uuid(h->interface_uuid, uuid);
    row(r, 23, "Static UUID:", uuid);
    ts_buf_printf(r->out, "   %-23s %" PRIu64 "\n\n",
                  "Feature ROM TimeStamp:", h->feature_rom_time_stamp);
}

/* ---- clocks and memory ----------------------------------------------------------------------- */

static ts_status report_scalable_clocks(reporter *r) {
    const ts_json *clocks;
    TS_TRY(
        open_node(r, TS_XCLBIN_CLOCK_FREQ_TOPOLOGY, "clock_freq_topology.m_clock_freq", &clocks));
    title(r, "Scalable Clocks");
    if (!clocks) ts_buf_text(r->out, "   No scalable clock data available.\n");
    unsigned index = 0;
    for (const ts_json *c = first_of(clocks); c; c = c->next) {
        row(r, 10, "Name:", ts_json_text(c, "m_name", ""));
        ts_buf_printf(r->out, "   %-10s %u\n", "Index:", index++);
        row(r, 10, "Type:", ts_json_text(c, "m_type", ""));
        ts_buf_printf(r->out, "   %-10s %s MHz\n", "Frequency:", ts_json_text(c, "m_freq_Mhz", ""));
        if (c->next) ts_buf_u8(r->out, '\n');
    }
    return TS_OK;
}

static void report_system_clock(reporter *r, const ts_json *clock) {
    static const struct {
        const char *label, *key, *unit;
        bool scalable_only;
    } rows[] = {{"Name:", "orig_name", "", false},
                {"Type:", "type", "", false},
                {"Default Freq:", "spec_frequency", "MHz", false},
                {"Requested Freq:", "requested_frequency", "MHz", true},
                {"Achieved Freq:", "achieved_frequency", "MHz", true}};
    bool scalable = ts_text_equal_nocase(ts_json_text(clock, "type", ""), "SCALABLE");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (scalable || !rows[i].scalable_only)
            ts_buf_printf(r->out, "   %-15s %s %s\n", rows[i].label,
                          ts_json_text(clock, rows[i].key, ""), rows[i].unit);
}

static ts_status report_system_clocks(reporter *r) {
    const ts_xclbin_section *s = ts_xclbin_find(r->x, TS_XCLBIN_SYSTEM_METADATA);
    ts_json *tree = NULL;
    ts_buf_text(r->out, "\nSystem Clocks\n------\n");
    if (s && s->data.size)
        TS_TRY(ts_json_parse(r->arena, s->data,
                             ts_xclbin_payload_label(r->arena, r->x->file, s->kind), &tree,
                             r->diag));
    const ts_json *clocks = ts_json_path(tree, "system_diagram_metadata.xsa.clocks");
    if (!first_of(clocks)) {
        ts_buf_text(r->out, "   No system clock data available.\n\n");
        return TS_OK;
    }
    for (const ts_json *c = clocks->first; c; c = c->next) {
        if (ts_text_equal_nocase(ts_json_text(c, "type", ""), "RESERVED")) continue;
        report_system_clock(r, c);
        if (c->next) ts_buf_u8(r->out, '\n');
    }
    ts_buf_u8(r->out, '\n');
    return TS_OK;
}

static void report_memory(reporter *r) {
    title(r, "Memory Configuration");
    if (!r->banks) ts_buf_text(r->out, "   No memory configuration data available.\n");
    unsigned index = 0;
    for (const ts_json *bank = first_of(r->banks); bank; bank = bank->next) {
        uint64_t kib = 0;
        (void)ts_parse_u64(ts_json_text(bank, "m_sizeKB", "0"), &kib);
        row(r, 13, "Name:", ts_json_text(bank, "m_tag", ""));
        ts_buf_printf(r->out, "   %-13s %u\n", "Index:", index++);
        row(r, 13, "Type:", ts_json_text(bank, "m_type", ""));
        row(r, 13, "Base Address:", ts_json_text(bank, "m_base_address", ""));
        ts_buf_printf(r->out, "   %-13s 0x%" PRIx64 "\n", "Address Size:", kib * 1024);
        row(r, 13,
            "Bank Used:", strcmp(ts_json_text(bank, "m_used", "0"), "0") != 0 ? "Yes" : "No");
        if (bank->next) ts_buf_u8(r->out, '\n');
    }
}

/* ---- kernels --------------------------------------------------------------------------------- */

static void report_signature(reporter *r, const ts_json *kernel) {
    ts_buf_text(r->out, "\nDefinition\n----------\n");
    ts_buf_printf(r->out, "   Signature: %s (", ts_json_text(kernel, "name", ""));
    for (const ts_json *a = first_of(ts_json_get(kernel, "arguments")); a; a = a->next)
        ts_buf_printf(r->out, "%s %s%s", ts_json_text(a, "type", ""), ts_json_text(a, "name", ""),
                      a->next ? ", " : "");
    ts_buf_text(r->out, ")\n\n");
}

static void report_ports(reporter *r, const ts_json *kernel) {
    static const struct {
        const char *label, *key, *unit;
    } rows[] = {{"Port:", "name", ""},
                {"Mode:", "mode", ""},
                {"Range (bytes):", "range", ""},
                {"Data Width:", "data_width", " bits"},
                {"Port Type:", "port_type", ""}};
    ts_buf_text(r->out, "Ports\n-----\n");
    for (const ts_json *p = first_of(ts_json_get(kernel, "ports")); p; p = p->next) {
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
            ts_buf_printf(r->out, "   %-14s %s%s\n", rows[i].label,
                          ts_json_text(p, rows[i].key, ""), rows[i].unit);
        if (p->next) ts_buf_u8(r->out, '\n');
    }
    ts_buf_u8(r->out, '\n');
}

static const ts_json *item_at(const ts_json *list, const char *index_text) {
    uint64_t index;
    const ts_json *item = first_of(list);
    if (!ts_parse_u64(index_text, &index)) return NULL;
    while (item && index--)
        item = item->next;
    return item;
}

static void report_memory_of(reporter *r, const char *instance, unsigned argument) {
    bool found = false;
    for (const ts_json *c = first_of(r->connections); c; c = c->next) {
        const ts_json *ip = item_at(r->ips, ts_json_text(c, "m_ip_layout_index", ""));
        const ts_json *bank = item_at(r->banks, ts_json_text(c, "mem_data_index", ""));
        uint64_t index;
        if (!ip || !bank || strcmp(ts_json_text(ip, "m_name", ""), instance) != 0 ||
            !ts_parse_u64(ts_json_text(c, "arg_index", ""), &index) || index != argument)
            continue;
        found = true;
        ts_buf_printf(r->out, "   %-18s %s (%s)\n", "Memory:", ts_json_text(bank, "m_tag", ""),
                      ts_json_text(bank, "m_type", ""));
    }
    if (!found) row(r, 18, "Memory:", "<not applicable>");
}

static void report_instance(reporter *r, const ts_json *kernel, const ts_json *instance) {
    const char *name = ts_json_text(instance, "name", "");
    const char *full = ts_arena_printf(r->arena, "%s:%s", ts_json_text(kernel, "name", ""), name);
    const char *base = "--";
    if (!full) return;
    ts_buf_printf(r->out, "--------------------------\n%-16s %s\n", "Instance:", name);
    for (const ts_json *ip = first_of(r->ips); ip; ip = ip->next)
        if (strcmp(ts_json_text(ip, "m_name", ""), full) == 0) {
            base = ts_json_text(ip, "m_base_address", "");
            break;
        }
    row(r, 13, "Base Address:", base);
    ts_buf_u8(r->out, '\n');
    unsigned index = 0;
    for (const ts_json *a = first_of(ts_json_get(kernel, "arguments")); a; a = a->next, index++) {
        row(r, 18, "Argument:", ts_json_text(a, "name", ""));
        row(r, 18, "Register Offset:", ts_json_text(a, "offset", ""));
        row(r, 18, "Port:", ts_json_text(a, "port", ""));
        report_memory_of(r, full, index);
        if (a->next) ts_buf_u8(r->out, '\n');
    }
    if (instance->next) ts_buf_u8(r->out, '\n');
}

static bool is_in_build_metadata(const reporter *r, const char *kernel, size_t length) {
    const ts_json *regions = ts_json_path(r->build, "xclbin.user_regions");
    for (const ts_json *region = first_of(regions); region; region = region->next)
        for (const ts_json *k = first_of(ts_json_get(region, "kernels")); k; k = k->next) {
            const char *name = ts_json_text(k, "name", "");
            if (strlen(name) == length && memcmp(name, kernel, length) == 0) return true;
        }
    return false;
}

static void report_kernels(reporter *r) {
    const ts_json *regions = ts_json_path(r->build, "xclbin.user_regions");
    for (const ts_json *region = first_of(regions); region; region = region->next) {
        const ts_json *kernels = ts_json_get(region, "kernels");
        if (!first_of(kernels)) ts_buf_text(r->out, "Kernel(s): <None Found>\n");
        for (const ts_json *k = first_of(kernels); k; k = k->next) {
            ts_buf_printf(r->out, "Kernel: %s\n", ts_json_text(k, "name", ""));
            report_signature(r, k);
            report_ports(r, k);
            for (const ts_json *i = first_of(ts_json_get(k, "instances")); i; i = i->next)
                report_instance(r, k, i);
        }
    }
    for (const ts_json *ip = first_of(r->ips); ip; ip = ip->next) {
        const char *name = ts_json_text(ip, "m_name", ""), *colon = strchr(name, ':');
        if (!colon || is_in_build_metadata(r, name, (size_t)(colon - name))) continue;
        ts_buf_printf(r->out, "Kernel: %.*s\n--------------------------\n%-16s %s\n",
                      (int)(colon - name), name, "Instance:", colon + 1);
        row(r, 13, "Base Address:", ts_json_text(ip, "m_base_address", ""));
    }
}

/* ---- "Generated By" and keys ----------------------------------------------------------------- */

static void report_generated_by(reporter *r) {
    const char *command = text_at(r->build, "xclbin.generated_by.name", "");
    title(r, "Generated By");
    if (!*command) {
        ts_buf_text(r->out, "   < Data not available >\n");
        return;
    }
    row(r, 14, "Command:", command);
    ts_buf_printf(r->out, "   %-14s %s - %s (SW BUILD: %s)\n",
                  "Version:", text_at(r->build, "xclbin.generated_by.version", "--"),
                  text_at(r->build, "xclbin.generated_by.time_stamp", "--"),
                  text_at(r->build, "xclbin.generated_by.cl", "--"));
    const char *line = text_at(r->build, "xclbin.generated_by.options", "");
    const char *space = strchr(line, ' ');
    ts_buf_printf(r->out, "   %-14s %s %s\n", "Command Line:", command, space ? space + 1 : line);
    const char *label = "Options:";
    for (const char *p = strstr(line, " -"); p;) {
        const char *next = strstr(p + 1, " -");
        ts_buf_printf(r->out, "   %-14s %.*s\n", label,
                      next ? (int)(next - p - 1) : (int)strlen(p + 1), p + 1);
        label = "";
        p = next;
    }
}

static ts_status report_keys(reporter *r) {
    const ts_json *keys;
    TS_TRY(open_node(r, TS_XCLBIN_KEYVALUE_METADATA, "keyvalue_metadata.key_values", &keys));
    title(r, "User Added Key Value Pairs");
    if (!first_of(keys)) ts_buf_text(r->out, "   <empty>\n");
    unsigned index = 1;
    for (const ts_json *k = first_of(keys); k; k = k->next)
        ts_buf_printf(r->out, "   %u) '%s' = '%s'\n", index++, ts_json_text(k, "key", ""),
                      ts_json_text(k, "value", ""));
    return TS_OK;
}

static ts_status report_all_metadata(reporter *r) {
    ts_json *all = ts_json_new(r->arena, TS_JSON_OBJECT);
    title(r, "JSON Metadata for Supported Sections");
    for (size_t i = 0; all && i < r->x->n_sections; i++) {
        const ts_xclbin_section *s = &r->x->sections[i];
        const ts_xclbin_kind_info *about = ts_xclbin_kind_about(s->kind);
        ts_json *tree;
        if (!about || !(about->dump & TS_XCLBIN_JSON)) continue;
        TS_TRY(ts_xclbin_to_json(r->arena, s, r->x->file, "", &tree, NULL, r->diag));
        ts_json_append(all, tree->first);
    }
    if (ts_json_write(r->out, all, &ts_xclbin_json_pretty) != TS_OK) return ts_fail_nomem(r->diag);
    ruler(r);
    return TS_OK;
}

ts_status xclbin_report(ts_arena *arena, const ts_xclbin *x, bool verbose, ts_buf *out,
                        ts_diag *diag) {
    reporter r = {.arena = arena, .x = x, .out = out, .diag = diag};
    TS_TRY(open_node(&r, TS_XCLBIN_BUILD_METADATA, "build_metadata", &r.build));
    TS_TRY(open_node(&r, TS_XCLBIN_MEM_TOPOLOGY, "mem_topology.m_mem_data", &r.banks));
    TS_TRY(open_node(&r, TS_XCLBIN_CONNECTIVITY, "connectivity.m_connection", &r.connections));
    TS_TRY(open_node(&r, TS_XCLBIN_IP_LAYOUT, "ip_layout.m_ip_data", &r.ips));
    ts_buf_u8(out, '\n');
    ruler(&r);
    ts_buf_printf(out, "%17s: %s\n", "Tessera Version", TS_VERSION);
    ruler(&r);
    if (!r.build) {
        ts_buf_text(out, "The BUILD_METADATA section is not present. Reports will be limited.\n");
        ruler(&r);
    }
    report_container(&r);
    ruler(&r);
    report_platform(&r);
    TS_TRY(report_scalable_clocks(&r));
    TS_TRY(report_system_clocks(&r));
    report_memory(&r);
    ruler(&r);
    if (r.build) {
        report_kernels(&r);
        ruler(&r);
        report_generated_by(&r);
        ruler(&r);
    }
    TS_TRY(report_keys(&r));
    ruler(&r);
    if (verbose) TS_TRY(report_all_metadata(&r));
    return out->failed ? ts_fail_nomem(diag) : TS_OK;
}
