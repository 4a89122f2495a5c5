/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * tessera size: what objects and programs take of a core's memories.
 */
#include "cli.h"

#include "tessera/npu.h"

#include <inttypes.h>
#include <string.h>

static const cli_column columns[] = {
    {"section", CLI_LEFT},
    {"kind", CLI_LEFT},
    {"address", CLI_LEFT},
    {"bytes", CLI_RIGHT},
};

/* Code goes to program memory; all else that is loaded, constants too, to data memory. */
typedef struct totals {
    uint64_t text, data, bss;
} totals;

typedef struct limits {
    uint64_t program, data;
} limits;

/* The memories of a compute tile. */
static limits core_limits(void) {
    const ts_npu_tile *tile = ts_npu_device_find("npu1")->tiles[TS_NPU_COMPUTE];
    limits out = {0};
    for (size_t i = 0; i < tile->n_memories; i++) {
        bool is_program = strcmp(tile->memories[i].name, "program") == 0;
        *(is_program ? &out.program : &out.data) = tile->memories[i].size;
    }
    return out;
}

static const char *kind_of(const ts_object_section *section) {
    if (section->flags & TS_SHF_EXECINSTR) return "text";
    return section->type == TS_SHT_NOBITS ? "bss" : "data";
}

static void count(const ts_object_section *section, totals *sum) {
    uint32_t size = ts_object_section_size(section);
    if (section->flags & TS_SHF_EXECINSTR)
        sum->text += size;
    else
        *(section->type == TS_SHT_NOBITS ? &sum->bss : &sum->data) += size;
}

/* The sections that are loaded and not empty. */
static cli_table section_table(ts_arena *arena, const ts_object *object, totals *sum) {
    cli_table table = cli_table_new(arena, columns, sizeof columns / sizeof *columns);
    for (size_t i = 1; i < object->n_sections; i++) {
        const ts_object_section *section = &object->sections[i];
        if (!(section->flags & TS_SHF_ALLOC) || !ts_object_section_size(section)) continue;
        cli_cell(&table, "%s", section->name);
        cli_cell(&table, "%s", kind_of(section));
        cli_cell(&table, "0x%08" PRIx32, section->addr);
        cli_cell(&table, "%" PRIu32, ts_object_section_size(section));
        count(section, sum);
    }
    return table;
}

static void print_use(ts_buf *out, const char *memory, uint64_t used, uint64_t limit) {
    ts_buf_printf(out, "%-14s  %" PRIu64 " of %" PRIu64 " bytes, ", memory, used, limit);
    if (used > limit)
        ts_buf_printf(out, "%" PRIu64 " too many", used - limit);
    else
        ts_buf_printf(out, "%" PRIu64 " free", limit - used);
}

static void print_totals(ts_buf *out, const totals *sum, limits limit) {
    print_use(out, "program memory", sum->text, limit.program);
    ts_buf_printf(out, ": text %" PRIu64 "\n", sum->text);
    print_use(out, "data memory", sum->data + sum->bss, limit.data);
    ts_buf_printf(out, ": data %" PRIu64 ", bss %" PRIu64 "\n", sum->data, sum->bss);
}

static void add_up(totals *all, const totals *one) {
    all->text += one->text;
    all->data += one->data;
    all->bss += one->bss;
}

static void json_totals(ts_arena *arena, ts_json *object, const totals *sum, limits limit) {
    ts_json_add_number(arena, object, "text", sum->text);
    ts_json_add_number(arena, object, "data", sum->data);
    ts_json_add_number(arena, object, "bss", sum->bss);
    ts_json_add_number(arena, object, "program_memory", limit.program);
    ts_json_add_number(arena, object, "data_memory", limit.data);
    ts_json_add_bool(arena, object, "fits",
                     sum->text <= limit.program && sum->data + sum->bss <= limit.data);
}

static int print_json(cli_run *run, const ts_object *objects, size_t n, limits limit) {
    ts_json *root = ts_json_new(run->arena, TS_JSON_OBJECT);
    ts_json *list = ts_json_add(run->arena, root, "files", TS_JSON_ARRAY);
    totals all = {0};
    for (size_t i = 0; i < n; i++) {
        totals sum = {0};
        cli_table table = section_table(run->arena, &objects[i], &sum);
        ts_json *object = ts_json_add(run->arena, list, "", TS_JSON_OBJECT);
        ts_json_add_string(run->arena, object, "file", objects[i].file);
        ts_json *rows = cli_table_json(&table);
        if (!object || !rows) return cli_print_json(run->arena, NULL);
        rows->key = "sections";
        ts_json_append(object, rows);
        json_totals(run->arena, object, &sum, limit);
        add_up(&all, &sum);
    }
    ts_json *total = ts_json_add(run->arena, root, "total", TS_JSON_OBJECT);
    json_totals(run->arena, total, &all, limit);
    return cli_print_json(run->arena, total ? root : NULL);
}

static int run_size(cli_run *run) {
    ts_diag diag = {0};
    ts_object *objects;
    size_t n;
    limits limit = core_limits();
    totals all = {0};
    if (cli_read_objects(run, &objects, &n, &diag) != TS_OK) return cli_fail(&diag);
    if (cli_has(run, "json")) return print_json(run, objects, n, limit);
    ts_buf out = ts_buf_in(run->arena);
    for (size_t i = 0; i < n; i++) {
        totals sum = {0};
        cli_table table = section_table(run->arena, &objects[i], &sum);
        if (n > 1) ts_buf_printf(&out, "%s%s:\n", i ? "\n" : "", objects[i].file);
        if (table.n_cells || table.failed) cli_table_write(&table, &out);
        print_totals(&out, &sum, limit);
        add_up(&all, &sum);
    }
    if (n > 1) {
        ts_buf_printf(&out, "\nall %zu:\n", n);
        print_totals(&out, &all, limit);
    }
    return cli_print(&out);
}

static const cli_option options[] = {
    {"json", 0, NULL, "print JSON"},
    {NULL, 0, NULL, NULL},
};

const cli_command cli_size = {
    .name = "size",
    .arguments = "FILE...",
    .summary = "Print what object files, programs and archives take of a core's memories",
    .details =
        "Sections that are loaded, and their sums against the memories of an AIE2 tile: code\n"
        "(text) in program memory; data, constants and zeroed data (bss) in data memory.\n"
        "Stack and buffers that are only symbols are not counted.",
    .example = "tessera size main_core_0_2.elf",
    .options = options,
    .min_positional = 1,
    .max_positional = SIZE_MAX,
    .main = run_size,
};
