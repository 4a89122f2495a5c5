/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * tessera xclbin info: everything a person asks of a container on one page. The report is built as
 * a JSON tree; the text is that tree's tables.
 */
#include "xclbin_commands.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

typedef struct page {
    ts_arena *arena;
    const ts_xclbin *x;
    ts_buf text;
    ts_json *json;
    ts_diag *diag;
} page;

/* ---- pieces ---------------------------------------------------------------------------------- */

static void heading(page *p, const char *format, ...) TS_PRINTF(2, 3);

static void heading(page *p, const char *format, ...) {
    va_list args;
    va_start(args, format);
    ts_buf_u8(&p->text, '\n');
    ts_buf_vprintf(&p->text, format, args);
    ts_buf_u8(&p->text, '\n');
    va_end(args);
}

/* A table on the page and under `key` in the JSON. */
static void put_table(page *p, const char *key, const cli_table *table) {
    cli_table_write(table, &p->text);
    ts_json *rows = cli_table_json(table);
    if (!rows) {
        p->text.failed = true;
        return;
    }
    rows->key = key;
    ts_json_append(p->json, rows);
}

/* One line "label  value", also under `key`. */
static void put_line(page *p, const char *key, const char *label, const char *value) {
    ts_buf_printf(&p->text, "%-15s %s\n", label, value);
    ts_json_add_string(p->arena, p->json, key, value);
}

/* A part that does not decode: said in its place, the rest of the page goes on. */
static void put_broken(page *p, const ts_diag *diag) {
    char text[1024];
    ts_diag_format(diag, text, sizeof text);
    ts_buf_printf(&p->text, "  cannot be decoded: %s\n", text);
}

static const char *time_text(page *p, uint64_t seconds) {
    struct tm tm;
    char text[40];
    time_t t = (time_t)seconds;
    if (!seconds) return "none";
    if (seconds > INT32_MAX * (uint64_t)100 || !gmtime_r(&t, &tm) ||
        !strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &tm))
        return ts_arena_printf(p->arena, "%" PRIu64, seconds);
    return ts_arena_printf(p->arena, "%s (%" PRIu64 ")", text, seconds);
}

static void put_header(page *p) {
    const ts_xclbin_header *h = &p->x->header;
    char uuid[37];
    ts_xclbin_format_uuid(h->uuid, uuid);
    const char *mode = ts_xclbin_mode_name(h->mode);
    const char *vbnv = ts_arena_printf(p->arena, "%.64s", (const char *)h->platform_vbnv);
    put_line(p, "file", "file", p->x->file);
    put_line(p, "bytes", "bytes", ts_arena_printf(p->arena, "%" PRIu64, p->x->file_size));
    put_line(p, "uuid", "uuid", uuid);
    put_line(p, "version", "version",
             ts_arena_printf(p->arena, "%" PRIu64 ".%" PRIu64 ".%" PRIu64, h->version_major,
                             h->version_minor, h->version_patch));
    put_line(p, "mode", "mode", mode ? mode : ts_arena_printf(p->arena, "%" PRIu64, h->mode));
    put_line(p, "actions", "actions",
             ts_arena_printf(p->arena, "%s%s%s",
                             h->action_mask & TS_XCLBIN_ACTION_LOAD_AIE ? "load AIE " : "",
                             h->action_mask & TS_XCLBIN_ACTION_LOAD_PDI ? "load PDI " : "",
                             h->action_mask ? "" : "none"));
    put_line(p, "made", "made", time_text(p, h->time_stamp));
    put_line(p, "platform", "platform", vbnv && *vbnv ? vbnv : "none");
    put_line(p, "signed", "signed", h->signature_length == 0xffffffff ? "no" : "yes");
}

/* ---- AIE_PARTITION --------------------------------------------------------------------------- */

static const char *ids_text(ts_arena *arena, const uint64_t *ids, size_t n) {
    ts_buf text = ts_buf_in(arena);
    for (size_t i = 0; i < n; i++)
        ts_buf_printf(&text, "%s0x%" PRIx64, i ? " " : "", ids[i]);
    if (!n) ts_buf_text(&text, "-");
    ts_buf_u8(&text, 0);
    return text.failed ? "" : (const char *)text.data;
}

static void pdi_rows(page *p, cli_table *table, const ts_xclbin_pdi *pdi, size_t index) {
    char uuid[37];
    ts_xclbin_format_uuid(pdi->uuid, uuid);
    size_t n = pdi->n_groups ? pdi->n_groups : 1;
    for (size_t g = 0; g < n; g++) {
        const ts_xclbin_cdo_group *group = pdi->n_groups ? &pdi->groups[g] : NULL;
        cli_cell(table, "%zu", index);
        cli_cell(table, "%s", uuid);
        cli_cell(table, "%zu", pdi->image.size);
        cli_cell(table, "%s", group ? group->name : "-");
        cli_cell(table, "%s", group ? ts_xclbin_cdo_type_name(group->type) : "-");
        cli_cell(table, "0x%" PRIx64, group ? group->pdi_id : 0);
        cli_cell(table, "%s",
                 group ? ids_text(p->arena, group->kernel_ids, group->n_kernel_ids) : "-");
        cli_cell(table, "%s",
                 group ? ids_text(p->arena, group->pre_cdo_groups, group->n_pre_cdo_groups) : "-");
    }
}

static void put_partition(page *p, const ts_xclbin_section *section) {
    static const cli_column columns[] = {{"pdi", CLI_RIGHT},       {"uuid", CLI_LEFT},
                                         {"bytes", CLI_RIGHT},     {"group", CLI_LEFT},
                                         {"type", CLI_LEFT},       {"pdi id", CLI_LEFT},
                                         {"kernel ids", CLI_LEFT}, {"after groups", CLI_LEFT}};
    ts_xclbin_partition a;
    ts_diag diag = {0};
    heading(p, "AIE partition '%s'", ts_xclbin_section_index(section));
    if (ts_xclbin_read_partition(p->arena, section->data, p->x->file, &a, &diag) != TS_OK) {
        put_broken(p, &diag);
        return;
    }
    ts_buf starts = ts_buf_in(p->arena);
    for (size_t i = 0; i < a.n_start_columns; i++)
        ts_buf_printf(&starts, " %u", a.start_columns[i]);
    ts_buf_printf(&p->text,
                  "  %u columns, may start at column%.*s; %" PRIu32 " operations per cycle%s%s\n",
                  a.column_width, (int)starts.size, starts.data ? (const char *)starts.data : "",
                  a.operations_per_cycle, *a.kernel_commit_id ? "; kernels of commit " : "",
                  a.kernel_commit_id);
    ts_json *outer = p->json;
    p->json = ts_json_add(p->arena, outer, "partition", TS_JSON_OBJECT);
    ts_json_add_string(p->arena, p->json, "name", a.name);
    ts_json_add_number(p->arena, p->json, "column_width", a.column_width);
    ts_json *columns_json = ts_json_add(p->arena, p->json, "start_columns", TS_JSON_ARRAY);
    for (size_t i = 0; i < a.n_start_columns; i++)
        ts_json_add_number(p->arena, columns_json, "", a.start_columns[i]);
    ts_json_add_number(p->arena, p->json, "operations_per_cycle", a.operations_per_cycle);
    cli_table table = cli_table_new(p->arena, columns, 8);
    for (size_t i = 0; i < a.n_pdis; i++)
        pdi_rows(p, &table, &a.pdis[i], i);
    if (p->json)
        put_table(p, "pdis", &table);
    else
        p->text.failed = true;
    p->json = outer;
}

/* ---- kernels, memory, the rest ----------------------------------------------------------------
 */

static void kernel_row(page *p, cli_table *table, const ts_json *kernel) {
    static const char *const qualifiers[] = {"scalar", "global", "constant", "local", "stream"};
    ts_buf arguments = ts_buf_in(p->arena), instances = ts_buf_in(p->arena);
    const ts_json *attributes = ts_json_get(kernel, "<xmlattr>");
    for (const ts_json *child = kernel->first; child; child = child->next) {
        const ts_json *a = ts_json_get(child, "<xmlattr>");
        uint64_t qualifier;
        if (strcmp(child->key, "arg") == 0)
            ts_buf_printf(&arguments, "%s%s %s%s", arguments.size ? ", " : "",
                          ts_json_text(a, "type", "?"), ts_json_text(a, "name", "?"),
                          ts_parse_u64(ts_json_text(a, "addressQualifier", ""), &qualifier) &&
                                  qualifier > 1 && qualifier < 5
                              ? ts_arena_printf(p->arena, " (%s)", qualifiers[qualifier])
                              : "");
        else if (strcmp(child->key, "instance") == 0)
            ts_buf_printf(&instances, "%s%s", instances.size ? " " : "",
                          ts_json_text(a, "name", "?"));
    }
    cli_cell(table, "%s", ts_json_text(attributes, "name", "?"));
    cli_cell(table, "%s", ts_json_text(attributes, "type", "-"));
    cli_cell(table, "%s",
             ts_json_text(ts_json_path(kernel, "extended-data.<xmlattr>"), "dpu_kernel_id", "-"));
    cli_cell(table, "%.*s", (int)instances.size, instances.data ? (char *)instances.data : "");
    cli_cell(table, "%.*s", (int)arguments.size, arguments.data ? (char *)arguments.data : "");
}

static void put_kernels(page *p) {
    static const cli_column columns[] = {{"kernel", CLI_LEFT},
                                         {"type", CLI_LEFT},
                                         {"kernel id", CLI_LEFT},
                                         {"instances", CLI_LEFT},
                                         {"arguments", CLI_LEFT}};
    const ts_xclbin_section *section = ts_xclbin_find(p->x, TS_XCLBIN_EMBEDDED_METADATA);
    if (!section) return;
    ts_json *xml;
    ts_diag diag = {0};
    heading(p, "Kernels");
    if (ts_xclbin_parse_xml(p->arena, section->data,
                            ts_xclbin_payload_label(p->arena, p->x->file, section->kind), &xml,
                            &diag) != TS_OK) {
        put_broken(p, &diag);
        return;
    }
    const ts_json *core = ts_json_path(xml, "project.platform.device.core");
    cli_table table = cli_table_new(p->arena, columns, 5);
    for (const ts_json *k = core ? core->first : NULL; k; k = k->next)
        if (strcmp(k->key, "kernel") == 0) kernel_row(p, &table, k);
    put_table(p, "kernels", &table);
}

/* XRT's drivers read at most so much of a list; a longer one is not a page for a person. */
enum {
    MAX_LIST_BYTES = 64 * 1024
};

/* Every field that any record has, in the order of their first appearance: records of IP_LAYOUT
 * differ by type. */
static size_t field_columns(const ts_json *list, cli_column *columns, size_t capacity) {
    size_t n = 0;
    columns[n++] = (cli_column){"#", CLI_RIGHT};
    for (const ts_json *entry = list->first; entry; entry = entry->next)
        for (const ts_json *f = entry->first; f && n < capacity; f = f->next) {
            size_t i = 0;
            while (i < n && strcmp(columns[i].title, f->key) != 0)
                i++;
            if (i == n) columns[n++] = (cli_column){f->key, CLI_LEFT};
        }
    return n;
}

/* The sections that are lists of records: one table each. */
static void put_records(page *p, uint32_t kind, const char *title) {
    enum {
        MAX_COLUMNS = 16
    };
    const ts_xclbin_section *section = ts_xclbin_find(p->x, kind);
    if (!section || !section->data.size) return;
    ts_json *tree;
    ts_diag diag = {0};
    heading(p, "%s", title);
    if (section->data.size > MAX_LIST_BYTES) {
        ts_buf_printf(&p->text, "  %zu bytes of records; 'tessera xclbin extract' has them\n",
                      section->data.size);
        return;
    }
    if (ts_xclbin_to_json(p->arena, section, p->x->file, "", &tree, NULL, &diag) != TS_OK) {
        put_broken(p, &diag);
        return;
    }
    const ts_json *list = tree->first->last;
    cli_column *columns = TS_ARENA_ARRAY(p->arena, cli_column, MAX_COLUMNS);
    if (!columns) {
        p->text.failed = true;
        return;
    }
    size_t n = field_columns(list, columns, MAX_COLUMNS), index = 0;
    cli_table table = cli_table_new(p->arena, columns, n);
    for (const ts_json *entry = list->first; entry; entry = entry->next) {
        cli_cell(&table, "%zu", index++);
        for (size_t i = 1; i < n; i++)
            cli_cell(&table, "%s", ts_json_text(entry, columns[i].title, "-"));
    }
    put_table(p, ts_xclbin_kind_about(kind)->node, &table);
}

/* The records of a section, by index; none when it is missing or broken. */
typedef struct records {
    const ts_json **items;
    size_t n;
} records;

static records records_of(page *p, uint32_t kind) {
    const ts_xclbin_section *section = ts_xclbin_find(p->x, kind);
    ts_json *tree;
    ts_diag diag = {0};
    records r = {0};
    if (!section || section->data.size > MAX_LIST_BYTES ||
        ts_xclbin_to_json(p->arena, section, p->x->file, "", &tree, NULL, &diag) != TS_OK)
        return r;
    const ts_json *list = tree->first->last;
    r.items = TS_ARENA_ARRAY(p->arena, const ts_json *, list->n_children);
    for (const ts_json *entry = list->first; r.items && entry; entry = entry->next)
        r.items[r.n++] = entry;
    return r;
}

/* A text of the record that `index_text` numbers; the number itself when there is none. */
static const char *text_of(const records *r, const char *index_text, const char *key) {
    uint64_t index;
    if (!ts_parse_u64(index_text, &index) || index >= r->n) return index_text;
    return ts_json_text(r->items[index], key, index_text);
}

/* One row per instance: "1:SRAM 3:HOST", argument and bank. */
static void put_connections(page *p) {
    static const cli_column columns[] = {{"instance", CLI_LEFT}, {"argument:bank", CLI_LEFT}};
    const records connections = records_of(p, TS_XCLBIN_CONNECTIVITY);
    const records ips = records_of(p, TS_XCLBIN_IP_LAYOUT);
    const records banks = records_of(p, TS_XCLBIN_MEM_TOPOLOGY);
    if (!connections.n) return;
    heading(p, "Arguments to memory (CONNECTIVITY)");
    cli_table table = cli_table_new(p->arena, columns, 2);
    for (size_t i = 0; i < connections.n;) {
        ts_buf text = ts_buf_in(p->arena);
        const char *ip = ts_json_text(connections.items[i], "m_ip_layout_index", "");
        for (; i < connections.n; i++) {
            const ts_json *c = connections.items[i];
            if (strcmp(ts_json_text(c, "m_ip_layout_index", ""), ip) != 0) break;
            ts_buf_printf(&text, "%s%s:%s", text.size ? " " : "", ts_json_text(c, "arg_index", "?"),
                          text_of(&banks, ts_json_text(c, "mem_data_index", "?"), "m_tag"));
        }
        cli_cell(&table, "%s", text_of(&ips, ip, "m_name"));
        cli_cell(&table, "%.*s", (int)text.size, text.data ? (const char *)text.data : "");
    }
    put_table(p, "connectivity", &table);
}

static void put_keys(page *p) {
    const ts_xclbin_section *section = ts_xclbin_find(p->x, TS_XCLBIN_KEYVALUE_METADATA);
    ts_json *tree;
    ts_diag diag = {0};
    if (!section) return;
    heading(p, "Key-value pairs");
    if (ts_xclbin_to_json(p->arena, section, p->x->file, "", &tree, NULL, &diag) != TS_OK) {
        put_broken(p, &diag);
        return;
    }
    static const cli_column columns[] = {{"key", CLI_LEFT}, {"value", CLI_LEFT}};
    cli_table table = cli_table_new(p->arena, columns, 2);
    const ts_json *list = ts_json_path(tree, "keyvalue_metadata.key_values");
    for (const ts_json *pair = list ? list->first : NULL; pair; pair = pair->next) {
        cli_cell(&table, "%s", ts_json_text(pair, "key", ""));
        cli_cell(&table, "%s", ts_json_text(pair, "value", ""));
    }
    put_table(p, "key_values", &table);
}

static void put_build(page *p) {
    const ts_xclbin_section *section = ts_xclbin_find(p->x, TS_XCLBIN_BUILD_METADATA);
    ts_json *tree;
    ts_diag diag = {0};
    if (!section) return;
    heading(p, "Built by");
    if (ts_xclbin_to_json(p->arena, section, p->x->file, "", &tree, NULL, &diag) != TS_OK) {
        put_broken(p, &diag);
        return;
    }
    static const char *const parts[] = {"generated_by", "packaged_by"};
    for (int i = 0; i < 2; i++) {
        const ts_json *by = ts_json_path(ts_json_path(tree, "build_metadata.xclbin"), parts[i]);
        if (!by) continue;
        ts_buf_printf(&p->text, "  %-12s %s %s %s\n", parts[i], ts_json_text(by, "name", "?"),
                      ts_json_text(by, "version", ""), ts_json_text(by, "time_stamp", ""));
        ts_json_add_format(p->arena, p->json, parts[i], "%s %s", ts_json_text(by, "name", "?"),
                           ts_json_text(by, "version", ""));
    }
}

static int info_main(cli_run *run) {
    ts_diag diag = {0};
    ts_xclbin x;
    if (xclbin_load(run->arena, run->positional[0], &x, &diag) != TS_OK) return cli_fail(&diag);
    page p = {.arena = run->arena,
              .x = &x,
              .text = ts_buf_in(run->arena),
              .json = ts_json_new(run->arena, TS_JSON_OBJECT),
              .diag = &diag};
    if (!p.json) return cli_fail(&diag);
    put_header(&p);
    heading(&p, "Sections");
    cli_table sections = cli_table_new(run->arena, xclbin_section_columns, 5);
    xclbin_section_table(&sections, &x);
    put_table(&p, "sections", &sections);
    for (size_t i = 0; i < x.n_sections; i++)
        if (x.sections[i].kind == TS_XCLBIN_AIE_PARTITION) put_partition(&p, &x.sections[i]);
    put_kernels(&p);
    put_records(&p, TS_XCLBIN_IP_LAYOUT, "Instances (IP_LAYOUT)");
    put_records(&p, TS_XCLBIN_MEM_TOPOLOGY, "Memory (MEM_TOPOLOGY)");
    put_connections(&p);
    put_records(&p, TS_XCLBIN_CLOCK_FREQ_TOPOLOGY, "Clocks (CLOCK_FREQ_TOPOLOGY)");
    put_build(&p);
    put_keys(&p);
    if (cli_has(run, "json")) return cli_print_json(run->arena, p.text.failed ? NULL : p.json);
    return cli_print(&p.text);
}

static const cli_option info_options[] = {
    {"json", 0, NULL, "print JSON for programs"},
    {NULL, 0, NULL, NULL},
};

const cli_command xclbin_info_command = {
    .name = "info",
    .arguments = "FILE [--json]",
    .summary = "Show header, sections, partitions, PDIs, kernels and memory",
    .example = "tessera xclbin info design.xclbin",
    .options = info_options,
    .min_positional = 1,
    .max_positional = 1,
    .main = info_main,
};
