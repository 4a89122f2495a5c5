/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * tessera objdump: the code of objects, core programs, archives, and of the tiles that a CDO, PDI
 * or XCLBIN configures, as a listing, as source, or as a schedule; relocations and symbols.
 */
#include "cli.h"

#include "tessera/aie2.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

typedef struct dump {
    cli_run *run;
    ts_buf out;
    ts_json *json; /* NULL: text */
    ts_aie2_view view;
    bool wants_code, wants_relocations, wants_symbols;
    const char *section;
    bool has_tile;
    uint32_t column, row;
    size_t n_shown;
} dump;

/* ---- code
 * ---------------------------------------------------------------------------------------- */

static void add_json_bundle(dump *d, ts_json *list, const ts_aie2_code *code, uint32_t offset,
                            unsigned size, const ts_aie2_bundle *bundle) {
    ts_arena *arena = d->run->arena;
    ts_json *node = ts_json_add(arena, list, "", TS_JSON_OBJECT);
    char bytes[TS_AIE2_MAX_BYTES * 2 + 1];
    for (size_t i = 0; i < size; i++)
        snprintf(bytes + i * 2, 3, "%02x", code->bytes.data[offset + i]);
    ts_json_add_number(arena, node, "address", code->address + offset);
    ts_json_add_string(arena, node, "bytes", bytes);
    if (!bundle) return;
    ts_json_add_string(arena, node, "format", ts_aie2_formats[bundle->format].name);
    ts_json *ops = ts_json_add(arena, node, "operations", TS_JSON_ARRAY);
    for (unsigned i = 0; i < bundle->n_ops; i++) {
        ts_buf text = ts_buf_in(arena);
        ts_aie2_print_op(&bundle->ops[i], false, NULL, NULL, &text);
        ts_buf_u8(&text, 0);
        ts_json_add_string(arena, ops, "", text.failed ? "" : (const char *)text.data);
    }
}

static void add_json_code(dump *d, const ts_aie2_code *code) {
    ts_arena *arena = d->run->arena;
    ts_json *node = ts_json_add(arena, d->json, "", TS_JSON_OBJECT);
    ts_json_add_string(arena, node, "section", code->section);
    ts_json *labels = ts_json_add(arena, node, "labels", TS_JSON_ARRAY);
    for (size_t i = 0; i < code->n_labels; i++) {
        ts_json *label = ts_json_add(arena, labels, "", TS_JSON_OBJECT);
        ts_json_add_number(arena, label, "address", code->labels[i].address);
        ts_json_add_string(arena, label, "name", code->labels[i].name);
    }
    ts_json *bundles = ts_json_add(arena, node, "bundles", TS_JSON_ARRAY);
    for (uint32_t at = 0; at < code->bytes.size;) {
        ts_aie2_bundle bundle;
        ts_aie2_reject why;
        size_t left = code->bytes.size - at;
        bool is_code = ts_aie2_decode(code->bytes.data + at, left, &bundle, &why);
        unsigned size = is_code ? ts_aie2_formats[bundle.format].size : left < 2 ? 1 : 2;
        add_json_bundle(d, bundles, code, at, size, is_code ? &bundle : NULL);
        at += size;
    }
}

static ts_status show_code(dump *d, const ts_aie2_code *code, ts_diag *diag) {
    if (d->json) {
        add_json_code(d, code);
        return TS_OK;
    }
    if (d->n_shown++) ts_buf_u8(&d->out, '\n');
    return ts_aie2_list(code, d->view, &d->out, diag);
}

/* ---- objects
 * ------------------------------------------------------------------------------------- */

static ts_status labels_of(dump *d, const ts_object *object, uint32_t section, ts_aie2_code *code,
                           ts_diag *diag) {
    uint32_t *symbols;
    size_t n;
    TS_TRY(ts_object_section_symbols(d->run->arena, object, section, &symbols, &n, diag));
    ts_aie2_label *labels = TS_ARENA_ARRAY(d->run->arena, ts_aie2_label, n);
    if (!labels) return ts_fail_nomem(diag);
    for (size_t i = 0; i < n; i++) {
        const ts_object_symbol *symbol = &object->symbols[symbols[i]];
        labels[i] = (ts_aie2_label){.address = symbol->value,
                                    .name = symbol->name,
                                    .is_global = symbol->binding == TS_STB_GLOBAL,
                                    .is_weak = symbol->binding == TS_STB_WEAK,
                                    .is_function = symbol->type == TS_STT_FUNC};
    }
    code->labels = labels;
    code->n_labels = n;
    return TS_OK;
}

static int by_offset(const void *a, const void *b) {
    const ts_aie2_code_relocation *x = a, *y = b;
    return x->offset != y->offset ? (x->offset < y->offset ? -1 : 1)
                                  : (x->type > y->type) - (x->type < y->type);
}

/* A section's symbol has no name of its own. */
static const char *symbol_name(const ts_object *object, uint32_t number) {
    const ts_object_symbol *symbol = &object->symbols[number];
    if (symbol->type == TS_STT_SECTION && symbol->place == TS_OBJECT_DEFINED)
        return object->sections[symbol->section].name;
    return symbol->name;
}

static ts_status relocations_of(dump *d, const ts_object *object, const ts_object_section *section,
                                ts_aie2_code *code, ts_diag *diag) {
    ts_aie2_code_relocation *list =
        TS_ARENA_ARRAY(d->run->arena, ts_aie2_code_relocation, section->n_relocs);
    if (!list) return ts_fail_nomem(diag);
    for (size_t i = 0; i < section->n_relocs; i++) {
        const ts_object_reloc *r = &section->relocs[i];
        list[i] = (ts_aie2_code_relocation){r->offset, r->type, symbol_name(object, r->symbol),
                                            r->addend};
    }
    if (section->n_relocs) qsort(list, section->n_relocs, sizeof *list, by_offset);
    code->relocations = list;
    code->n_relocations = section->n_relocs;
    return TS_OK;
}

static bool is_wanted(const dump *d, const ts_object_section *section) {
    if (section->type != TS_SHT_PROGBITS || !section->bytes.size) return false;
    if (d->section) return strcmp(d->section, section->name) == 0;
    return (section->flags & TS_SHF_EXECINSTR) != 0;
}

static ts_status show_object_code(dump *d, const ts_object *object, ts_diag *diag) {
    size_t n_sections = 0;
    for (uint32_t i = 1; i < object->n_sections; i++) {
        const ts_object_section *section = &object->sections[i];
        ts_aie2_code code = {
            .section = section->name, .bytes = section->bytes, .address = section->addr};
        if (!is_wanted(d, section)) continue;
        n_sections++;
        TS_TRY(labels_of(d, object, i, &code, diag));
        if (object->type == TS_ET_REL) TS_TRY(relocations_of(d, object, section, &code, diag));
        TS_TRY(show_code(d, &code, diag));
    }
    if (d->section && !n_sections)
        return ts_fail(diag, TS_MISSING, object->file, "no section '%s' with bytes in it",
                       d->section);
    return TS_OK;
}

static const cli_column relocation_columns[] = {
    {"section", CLI_LEFT}, {"offset", CLI_LEFT},  {"type", CLI_LEFT},
    {"symbol", CLI_LEFT},  {"addend", CLI_RIGHT},
};

static const cli_column symbol_columns[] = {
    {"value", CLI_LEFT},   {"size", CLI_RIGHT},  {"binding", CLI_LEFT},
    {"section", CLI_LEFT}, {"symbol", CLI_LEFT},
};

static cli_table relocation_table(dump *d, const ts_object *object) {
    cli_table table = cli_table_new(d->run->arena, relocation_columns,
                                    sizeof relocation_columns / sizeof *relocation_columns);
    for (uint32_t i = 1; i < object->n_sections; i++) {
        const ts_object_section *section = &object->sections[i];
        for (size_t k = 0; k < section->n_relocs; k++) {
            char type[12];
            ts_object_reloc_name(section->relocs[k].type, type);
            cli_cell(&table, "%s", section->name);
            cli_cell(&table, "0x%08" PRIx32, section->relocs[k].offset);
            cli_cell(&table, "%s", type);
            cli_cell(&table, "%s", symbol_name(object, section->relocs[k].symbol));
            cli_cell(&table, "%" PRId32, section->relocs[k].addend);
        }
    }
    return table;
}

static const char *place_of(const ts_object *object, const ts_object_symbol *symbol) {
    switch (symbol->place) {
    case TS_OBJECT_DEFINED: return object->sections[symbol->section].name;
    case TS_OBJECT_ABSOLUTE: return "*absolute*";
    case TS_OBJECT_COMMON: return "*common*";
    case TS_OBJECT_UNDEFINED: break;
    }
    return "*undefined*";
}

static cli_table symbol_table(dump *d, const ts_object *object) {
    cli_table table = cli_table_new(d->run->arena, symbol_columns,
                                    sizeof symbol_columns / sizeof *symbol_columns);
    for (uint32_t i = 1; i < object->n_symbols; i++) {
        const ts_object_symbol *symbol = &object->symbols[i];
        bool is_local = symbol->binding == TS_STB_LOCAL, is_weak = symbol->binding == TS_STB_WEAK;
        cli_cell(&table, "0x%08" PRIx32, symbol->value);
        cli_cell(&table, "%" PRIu32, symbol->size);
        cli_cell(&table, "%s", is_local ? "local" : is_weak ? "weak" : "global");
        cli_cell(&table, "%s", place_of(object, symbol));
        cli_cell(&table, "%s", symbol_name(object, i));
    }
    return table;
}

static void show_table(dump *d, const char *title, const cli_table *table) {
    if (d->json) {
        ts_json *node = ts_json_add(d->run->arena, d->json, "", TS_JSON_OBJECT);
        ts_json *rows = cli_table_json(table);
        if (!node || !rows) {
            d->out.failed = true;
            return;
        }
        rows->key = title;
        ts_json_append(node, rows);
        return;
    }
    if (d->n_shown++) ts_buf_u8(&d->out, '\n');
    if (table->n_cells || table->failed)
        cli_table_write(table, &d->out);
    else
        ts_buf_printf(&d->out, "no %s\n", title);
}

static ts_status show_objects(dump *d, ts_span bytes, const char *path, ts_diag *diag) {
    ts_object *objects;
    size_t n;
    if (d->has_tile)
        return ts_fail(diag, TS_CONFLICT, path, "--tile is for a CDO, PDI or XCLBIN; this is none");
    TS_TRY(ts_object_read_all(d->run->arena, bytes, path, &objects, &n, diag));
    for (size_t i = 0; i < n; i++) {
        if (n > 1 && !d->json) {
            const char *mark = d->view == TS_AIE2_SOURCE ? "// " : "";
            ts_buf_printf(&d->out, "%s%s%s:\n", d->n_shown ? "\n" : "", mark, objects[i].file);
            d->n_shown = 0;
        }
        if (d->wants_symbols) {
            cli_table table = symbol_table(d, &objects[i]);
            show_table(d, "symbols", &table);
        }
        if (d->wants_relocations) {
            cli_table table = relocation_table(d, &objects[i]);
            show_table(d, "relocations", &table);
        }
        if (d->wants_code) TS_TRY(show_object_code(d, &objects[i], diag));
    }
    return TS_OK;
}

/* ---- configurations
 * ------------------------------------------------------------------------------ */

/* Each stretch that was written without a hole. */
static ts_status show_program(dump *d, const cli_program *p, ts_diag *diag) {
    const cli_written *program = &p->program;
    for (uint32_t at = 0; at < program->size;) {
        uint32_t end = at;
        while (end < program->size && program->is_written[end])
            end++;
        if (end == at) {
            at++;
            continue;
        }
        const char *name =
            d->view == TS_AIE2_SOURCE
                ? ".text"
                : ts_arena_printf(d->run->arena, "program memory of %stile %" PRIu32 ",%" PRIu32,
                                  p->where, p->column, p->row);
        if (!name) return ts_fail_nomem(diag);
        ts_aie2_code code = {
            .section = name, .bytes = ts_span_of(program->bytes + at, end - at), .address = at};
        TS_TRY(show_code(d, &code, diag));
        at = end;
    }
    return TS_OK;
}

static ts_status no_such_tile(dump *d, const cli_programs *programs, const char *path,
                              ts_diag *diag) {
    ts_buf tiles = ts_buf_in(d->run->arena);
    for (size_t i = 0; i < programs->n && i < 16; i++)
        ts_buf_printf(&tiles, " %" PRIu32 ",%" PRIu32, programs->list[i].column,
                      programs->list[i].row);
    if (programs->n > 16) ts_buf_text(&tiles, " ...");
    ts_buf_u8(&tiles, 0);
    if (tiles.failed) return ts_fail_nomem(diag);
    return ts_fail(diag, TS_MISSING, path,
                   "no program for tile %" PRIu32 ",%" PRIu32 "; there are programs for%s",
                   d->column, d->row, (const char *)tiles.data);
}

static ts_status show_programs(dump *d, ts_span bytes, const char *path, ts_diag *diag) {
    cli_programs programs;
    size_t n = 0;
    TS_TRY(cli_find_programs(d->run->arena, bytes, path, &programs, diag));
    for (size_t i = 0; i < programs.n; i++) {
        const cli_program *p = &programs.list[i];
        if (d->has_tile && (p->column != d->column || p->row != d->row)) continue;
        n++;
        TS_TRY(show_program(d, p, diag));
    }
    if (n) return TS_OK;
    if (d->has_tile && programs.n) return no_such_tile(d, &programs, path, diag);
    return ts_fail(diag, TS_MISSING, path, "no core program in this configuration");
}

/* ---- the command
 * --------------------------------------------------------------------------------- */

static bool parse_tile(dump *d, const char *text) {
    d->has_tile = cli_parse_tile(text, strlen(text), &d->column, &d->row);
    return d->has_tile;
}

static bool choose(dump *d) {
    cli_run *run = d->run;
    const char *tile = cli_value(run, "tile");
    d->section = cli_value(run, "section");
    d->wants_relocations = cli_has(run, "relocations");
    d->wants_symbols = cli_has(run, "symbols");
    d->wants_code = cli_has(run, "disassemble") || cli_has(run, "source") ||
                    cli_has(run, "schedule") || (!d->wants_relocations && !d->wants_symbols);
    if (cli_has(run, "source")) d->view = TS_AIE2_SOURCE;
    if (cli_has(run, "schedule")) d->view = TS_AIE2_SCHEDULE;
    if (cli_has(run, "json")) d->json = ts_json_new(run->arena, TS_JSON_ARRAY);
    return !tile || parse_tile(d, tile);
}

static int run_objdump(cli_run *run) {
    ts_diag diag = {0};
    dump d = {.run = run, .out = ts_buf_in(run->arena), .view = TS_AIE2_LISTING};
    if (!choose(&d))
        return cli_usage("tessera objdump", "--tile takes COLUMN,ROW, not '%s'",
                         cli_value(run, "tile"));
    if (cli_has(run, "source") && cli_has(run, "schedule"))
        return cli_usage("tessera objdump", "--source and --schedule exclude each other");
    for (size_t i = 0; i < run->n_positional; i++) {
        ts_span bytes;
        const char *path = run->positional[i];
        if (ts_file_read(run->arena, path, 0, &bytes, &diag) != TS_OK) return cli_fail(&diag);
        ts_status status = cli_holds_programs(bytes) ? show_programs(&d, bytes, path, &diag)
                                                     : show_objects(&d, bytes, path, &diag);
        if (status != TS_OK) return cli_fail_in(path, &diag);
    }
    return d.json ? cli_print_json(run->arena, d.json) : cli_print(&d.out);
}

static const cli_option options[] = {
    {"disassemble", 'd', NULL,
     "code with addresses and bytes (what is shown when nothing is asked for)"},
    {"source", 0, NULL, "code as text that `tessera as` reads back as the same bytes"},
    {"schedule", 0, NULL, "code with cycles, slots, when each result lands; the loops"},
    {"relocations", 'r', NULL, "relocations as a table"},
    {"symbols", 't', NULL, "symbols as a table"},
    {"section", 'j', "NAME", "only this section, also when it is no code"},
    {"tile", 0, "C,R", "of a CDO, PDI or XCLBIN: only this tile's program"},
    {"json", 0, NULL, "print JSON"},
    {NULL, 0, NULL, NULL},
};

const cli_command cli_objdump = {
    .name = "objdump",
    .arguments = "FILE...",
    .summary = "Show the code of objects, core programs, and of the tiles of a PDI or XCLBIN",
    .details =
        "FILE is an AIE object, archive or core program (ELF), a CDO, a PDI or an XCLBIN.\n"
        "In the schedule a line is a cycle: slots in use are A lda, B ldb, S st, X alu, M mv,\n"
        "V vec, LL lng, - a nop; behind // each result and the first cycle that reads it.",
    .example = "tessera objdump -d --tile 0,2 design.xclbin",
    .options = options,
    .min_positional = 1,
    .max_positional = SIZE_MAX,
    .main = run_objdump,
};
