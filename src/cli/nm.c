/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * tessera nm: the symbols of objects, programs and archives, by address.
 */
#include "cli.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const cli_column columns[] = {
    {"address", CLI_LEFT},
    {"type", CLI_LEFT},
    {"name", CLI_LEFT},
};

static char section_letter(const ts_object_section *section) {
    if (!(section->flags & TS_SHF_ALLOC)) return 'n';
    if (section->flags & TS_SHF_EXECINSTR) return 't';
    if (section->type == TS_SHT_NOBITS) return 'b';
    return section->flags & TS_SHF_WRITE ? 'd' : 'r';
}

/* The letter that other tools of this name print.
 * src: llvm-project: llvm/tools/llvm-nm/llvm-nm.cpp, getNMSectionTagAndName [code] */
static char letter(const ts_object *object, const ts_object_symbol *symbol) {
    bool is_weak = symbol->binding == TS_STB_WEAK, is_data = symbol->type == TS_STT_OBJECT;
    char out = 'a';
    if (symbol->place == TS_OBJECT_UNDEFINED) return !is_weak ? 'U' : is_data ? 'v' : 'w';
    if (symbol->type == TS_STT_GNU_IFUNC) return 'i';
    if (is_weak) return is_data ? 'V' : 'W';
    if (symbol->place == TS_OBJECT_COMMON) return 'C';
    if (symbol->binding == TS_STB_GNU_UNIQUE) return 'u';
    if (symbol->place == TS_OBJECT_DEFINED)
        out = section_letter(&object->sections[symbol->section]);
    return symbol->binding == TS_STB_LOCAL ? out : (char)toupper((unsigned char)out);
}

/* Those without an address first, then by address; the same one by name. */
static int by_address(const void *a, const void *b) {
    const ts_object_symbol *x = a, *y = b;
    bool x_has = x->place != TS_OBJECT_UNDEFINED, y_has = y->place != TS_OBJECT_UNDEFINED;
    if (x_has != y_has) return x_has ? 1 : -1;
    if (x_has && x->value != y->value) return x->value < y->value ? -1 : 1;
    return strcmp(x->name, y->name);
}

static bool is_shown(const ts_object_symbol *symbol) {
    return symbol->type != TS_STT_FILE && symbol->type != TS_STT_SECTION;
}

static cli_table symbol_table(ts_arena *arena, const ts_object *object) {
    cli_table table = cli_table_new(arena, columns, sizeof columns / sizeof *columns);
    ts_object_symbol *sorted = TS_ARENA_ARRAY(arena, ts_object_symbol, object->n_symbols);
    size_t n = 0;
    table.failed = !sorted;
    for (size_t i = 1; sorted && i < object->n_symbols; i++)
        if (is_shown(&object->symbols[i])) sorted[n++] = object->symbols[i];
    if (n) qsort(sorted, n, sizeof *sorted, by_address);
    for (size_t i = 0; i < n; i++) {
        if (sorted[i].place == TS_OBJECT_UNDEFINED)
            cli_cell(&table, "%s", "");
        else
            cli_cell(&table, "0x%08" PRIx32, sorted[i].value);
        cli_cell(&table, "%c", letter(object, &sorted[i]));
        cli_cell(&table, "%s", sorted[i].name);
    }
    return table;
}

static int print_json(cli_run *run, const ts_object *objects, size_t n) {
    ts_json *root = ts_json_new(run->arena, TS_JSON_ARRAY);
    for (size_t i = 0; i < n; i++) {
        cli_table table = symbol_table(run->arena, &objects[i]);
        ts_json *object = ts_json_add(run->arena, root, "", TS_JSON_OBJECT);
        ts_json_add_string(run->arena, object, "file", objects[i].file);
        ts_json *rows = cli_table_json(&table);
        if (!object || !rows) return cli_print_json(run->arena, NULL);
        rows->key = "symbols";
        ts_json_append(object, rows);
    }
    return cli_print_json(run->arena, root);
}

static int run_nm(cli_run *run) {
    ts_diag diag = {0};
    ts_object *objects;
    size_t n;
    if (cli_read_objects(run, &objects, &n, &diag) != TS_OK) return cli_fail(&diag);
    if (cli_has(run, "json")) return print_json(run, objects, n);
    ts_buf out = ts_buf_in(run->arena);
    for (size_t i = 0; i < n; i++) {
        cli_table table = symbol_table(run->arena, &objects[i]);
        if (n > 1) ts_buf_printf(&out, "%s%s:\n", i ? "\n" : "", objects[i].file);
        if (table.n_cells || table.failed)
            cli_table_write(&table, &out);
        else
            ts_buf_text(&out, "no symbols\n");
    }
    return cli_print(&out);
}

static const cli_option options[] = {
    {"json", 0, NULL, "print JSON"},
    {NULL, 0, NULL, NULL},
};

const cli_command cli_nm = {
    .name = "nm",
    .arguments = "FILE...",
    .summary = "Print the symbols of object files, programs and archives, by address",
    .details = "Type: T code, D data, R constants, B zeroed data, A absolute, C common, n not\n"
               "loaded, W or V weak; small when local; U, w or v when undefined.",
    .example = "tessera nm main_core_0_2.elf",
    .options = options,
    .min_positional = 1,
    .max_positional = SIZE_MAX,
    .main = run_nm,
};
