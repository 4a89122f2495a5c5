/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * tessera map: where everything of a design lies, as tables, JSON or a picture.
 */
#include "map.h"

#include "designs.h"

#include <inttypes.h>
#include <string.h>

/* ---- tables ---------------------------------------------------------------------------------- */

static const cli_column tile_columns[] = {
    {"tile", CLI_LEFT},    {"kind", CLI_LEFT},          {"stack", CLI_RIGHT},
    {"needed", CLI_RIGHT}, {"buffers", CLI_RIGHT},      {"data", CLI_RIGHT},
    {"free", CLI_RIGHT},   {"largest free", CLI_RIGHT}, {"program", CLI_RIGHT},
    {"locks", CLI_RIGHT},  {"descriptors", CLI_RIGHT},
};
static const cli_column memory_columns[] = {
    {"tile", CLI_LEFT}, {"address", CLI_LEFT}, {"bytes", CLI_RIGHT},
    {"bank", CLI_LEFT}, {"what", CLI_LEFT},    {"name", CLI_LEFT},
};
static const cli_column lock_columns[] = {
    {"tile", CLI_LEFT},
    {"lock", CLI_RIGHT},
    {"starts at", CLI_RIGHT},
    {"name", CLI_LEFT},
};
static const cli_column descriptor_columns[] = {
    {"tile", CLI_LEFT},
    {"bd", CLI_RIGHT},
    {"channel", CLI_LEFT},
    {"what it does", CLI_LEFT},
};
static const cli_column route_columns[] = {
    {"from", CLI_LEFT},
    {"to", CLI_LEFT},
    {"switched", CLI_LEFT},
    {"through", CLI_LEFT},
};

#define N_COLUMNS(columns) (sizeof(columns) / sizeof(columns)[0])

void map_sum_tile(const ts_compile_map *map, uint32_t column, uint32_t row, map_tile *out) {
    *out = (map_tile){0};
    for (size_t i = 0; i < map->n_pieces; i++) {
        const ts_compile_piece *p = &map->pieces[i];
        if (p->column != column || p->row != row) continue;
        out->bytes[p->use] += p->size;
        if (p->use == TS_COMPILE_USE_FREE && p->size > out->largest_free)
            out->largest_free = p->size;
    }
    for (size_t i = 0; i < map->n_locks; i++)
        out->n_locks += map->locks[i].column == column && map->locks[i].row == row;
    for (size_t i = 0; i < map->n_descriptors; i++)
        out->n_descriptors +=
            map->descriptors[i].column == column && map->descriptors[i].row == row;
    for (size_t i = 0; i < map->n_routes; i++)
        for (size_t h = 0; h < map->routes[i].n_hops; h++)
            out->is_crossed |=
                map->routes[i].hops[h].column == column && map->routes[i].hops[h].row == row;
}

static const ts_compile_core *core_at(const ts_compile_result *placed, uint32_t column,
                                      uint32_t row) {
    for (size_t i = 0; i < placed->n_cores; i++)
        if (placed->cores[i].column == column && placed->cores[i].row == row)
            return &placed->cores[i];
    return NULL;
}

static void bytes_cell(cli_table *table, bool is_known, uint64_t bytes) {
    if (is_known)
        cli_cell(table, "%" PRIu64, bytes);
    else
        cli_cell(table, "%s", "");
}

static void tile_row(cli_table *table, const ts_compile_map *map, const ts_compile_result *placed,
                     uint32_t column, uint32_t row) {
    const ts_compile_core *core = core_at(placed, column, row);
    const ts_npu_tile *kind = ts_npu_tile_at(map->npu, column, row);
    bool has_program = core && core->file;
    map_tile sum;
    map_sum_tile(map, column, row, &sum);
    bool has_memory = sum.bytes[TS_COMPILE_USE_FREE] || sum.bytes[TS_COMPILE_USE_BUFFER];
    if (!core && !has_memory && !sum.n_locks && !sum.n_descriptors && !sum.is_crossed) return;
    cli_cell(table, "(%" PRIu32 ",%" PRIu32 ")", column, row);
    cli_cell(table, "%s", ts_npu_kind_name(kind->kind));
    bytes_cell(table, core, sum.bytes[TS_COMPILE_USE_STACK]);
    if (has_program && core->stack.open)
        cli_cell(table, "%" PRIu32 " or more", core->stack.depth);
    else
        bytes_cell(table, has_program, has_program ? core->stack.depth : 0);
    bytes_cell(table, has_memory, sum.bytes[TS_COMPILE_USE_BUFFER]);
    bytes_cell(table, has_program, sum.bytes[TS_COMPILE_USE_DATA]);
    bytes_cell(table, has_memory, sum.bytes[TS_COMPILE_USE_FREE]);
    bytes_cell(table, has_memory, sum.largest_free);
    bytes_cell(table, has_program, sum.bytes[TS_COMPILE_USE_PROGRAM]);
    cli_cell(table, "%zu", sum.n_locks);
    cli_cell(table, "%zu", sum.n_descriptors);
}

static cli_table tile_table(ts_arena *arena, const ts_compile_map *map,
                            const ts_compile_result *placed) {
    cli_table table = cli_table_new(arena, tile_columns, N_COLUMNS(tile_columns));
    for (uint32_t column = 0; column < map->npu->n_columns; column++)
        for (uint32_t row = 0; row < map->npu->n_rows; row++)
            tile_row(&table, map, placed, column, row);
    return table;
}

static void place_cell(cli_table *table, uint32_t column, uint32_t row) {
    cli_cell(table, "(%" PRIu32 ",%" PRIu32 ")", column, row);
}

static cli_table memory_table(ts_arena *arena, const ts_compile_map *map) {
    cli_table table = cli_table_new(arena, memory_columns, N_COLUMNS(memory_columns));
    for (size_t i = 0; i < map->n_pieces; i++) {
        const ts_compile_piece *p = &map->pieces[i];
        place_cell(&table, p->column, p->row);
        cli_cell(&table, "0x%05" PRIx32, p->addr);
        cli_cell(&table, "%" PRIu32, p->size);
        if (p->use == TS_COMPILE_USE_PROGRAM)
            cli_cell(&table, "%s", "");
        else if (p->first_bank == p->last_bank)
            cli_cell(&table, "%" PRIu32, p->first_bank);
        else
            cli_cell(&table, "%" PRIu32 " to %" PRIu32, p->first_bank, p->last_bank);
        cli_cell(&table, "%s", ts_compile_use_name(p->use));
        cli_cell(&table, "%s", p->name);
    }
    return table;
}

static cli_table lock_table(ts_arena *arena, const ts_compile_map *map) {
    cli_table table = cli_table_new(arena, lock_columns, N_COLUMNS(lock_columns));
    for (size_t i = 0; i < map->n_locks; i++) {
        const ts_compile_lock *l = &map->locks[i];
        place_cell(&table, l->column, l->row);
        cli_cell(&table, "%" PRIu32, l->id);
        cli_cell(&table, "%" PRId64, l->init);
        cli_cell(&table, "%s", l->name);
    }
    return table;
}

static cli_table descriptor_table(ts_arena *arena, const ts_compile_map *map) {
    cli_table table = cli_table_new(arena, descriptor_columns, N_COLUMNS(descriptor_columns));
    for (size_t i = 0; i < map->n_descriptors; i++) {
        const ts_compile_descriptor *d = &map->descriptors[i];
        ts_buf text = ts_buf_in(arena);
        ts_npu_bd_text(ts_npu_tile_at(map->npu, d->column, d->row), &d->bd, &text);
        ts_buf_u8(&text, 0);
        place_cell(&table, d->column, d->row);
        cli_cell(&table, "%" PRIu32, d->number);
        cli_cell(&table, "%s", d->channel);
        cli_cell(&table, "%s", text.failed ? "" : (const char *)text.data);
    }
    return table;
}

/* ---- routes ---------------------------------------------------------------------------------- */

void map_end_text(const ts_compile_route *route, bool is_to, ts_buf *out) {
    const ts_compile_hop *hop = &route->hops[is_to ? route->n_hops - 1 : 0];
    ts_npu_port port = is_to ? route->to : route->from;
    ts_buf_printf(out, "(%" PRIu32 ",%" PRIu32 ") %s:%u", hop->column, hop->row,
                  ts_npu_bundle_name(port.bundle), port.channel);
    if (is_to && route->is_open) ts_buf_text(out, ", and no further");
    ts_buf_u8(out, 0);
}

static void through_text(const ts_compile_route *route, ts_buf *out) {
    for (size_t i = 0; i < route->n_hops; i++) {
        const ts_compile_hop *h = &route->hops[i];
        ts_buf_printf(out, "%s(%" PRIu32 ",%" PRIu32 ") %s:%u > %s:%u", i ? ", " : "", h->column,
                      h->row, ts_npu_bundle_name(h->in.bundle), h->in.channel,
                      ts_npu_bundle_name(h->out.bundle), h->out.channel);
    }
    ts_buf_u8(out, 0);
}

static void text_cell(cli_table *table, const ts_buf *text) {
    cli_cell(table, "%s", text->failed ? "" : (const char *)text->data);
}

static cli_table route_table(ts_arena *arena, const ts_compile_map *map) {
    cli_table table = cli_table_new(arena, route_columns, N_COLUMNS(route_columns));
    for (size_t i = 0; i < map->n_routes; i++) {
        const ts_compile_route *r = &map->routes[i];
        ts_buf from = ts_buf_in(arena), to = ts_buf_in(arena), through = ts_buf_in(arena);
        map_end_text(r, false, &from);
        map_end_text(r, true, &to);
        through_text(r, &through);
        text_cell(&table, &from);
        text_cell(&table, &to);
        if (!r->is_packet)
            cli_cell(&table, "%s", "circuit");
        else if (r->packet_mask == 31)
            cli_cell(&table, "packets with id %" PRIu32, r->packet_id);
        else
            cli_cell(&table, "packets with id %" PRIu32 " under mask 0x%" PRIx32, r->packet_id,
                     r->packet_mask);
        text_cell(&table, &through);
    }
    return table;
}

/* ---- the command ----------------------------------------------------------------------------- */

static int show(cli_run *run, const ts_compile_map *map, const ts_compile_result *placed) {
    const struct {
        const char *title, *key;
        cli_table table;
    } parts[] = {
        {"Tiles (bytes)", "tiles", tile_table(run->arena, map, placed)},
        {"Memory", "memory", memory_table(run->arena, map)},
        {"Locks", "locks", lock_table(run->arena, map)},
        {"Descriptors", "descriptors", descriptor_table(run->arena, map)},
        {"Routes", "routes", route_table(run->arena, map)},
    };
    ts_buf out = ts_buf_in(run->arena);
    ts_json *root = ts_json_new(run->arena, TS_JSON_OBJECT);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        ts_json *rows = cli_table_json(&parts[i].table);
        if (!rows || !root) return cli_print_json(run->arena, NULL);
        rows->key = parts[i].key;
        ts_json_append(root, rows);
        if (!parts[i].table.n_cells) continue;
        ts_buf_printf(&out, "%s%s\n", out.size ? "\n" : "", parts[i].title);
        cli_table_write(&parts[i].table, &out);
    }
    return cli_has(run, "json") ? cli_print_json(run->arena, root) : cli_print(&out);
}

static int write_svg(cli_run *run, const ts_compile_map *map, const char *path) {
    ts_diag diag = {0};
    ts_buf out = ts_buf_in(run->arena);
    if (cli_same_file(path, run->positional[0])) {
        (void)ts_fail(&diag, TS_CONFLICT, path, "is the design and would be replaced");
        return cli_fail(&diag);
    }
    map_draw(map, ts_path_base(run->positional[0]), &out);
    ts_status status =
        out.failed ? ts_fail_nomem(&diag) : ts_file_write(path, ts_buf_span(&out), &diag);
    return status == TS_OK ? CLI_DONE : cli_fail(&diag);
}

static int run_map(cli_run *run) {
    ts_diag diag = {0};
    ts_compile_result placed;
    ts_compile_map map;
    const char *svg = cli_value(run, "svg");
    ts_compile_options o = {.file = run->positional[0],
                            .device = cli_value(run, "device"),
                            .load = cli_load_program,
                            .context = run};
    int status = cli_read_elfs(run, "tessera map", &o);
    if (status != CLI_DONE) return status;
    if (ts_file_read(run->arena, o.file, 0, &o.text, &diag) != TS_OK ||
        ts_compile_place(run->arena, &o, &placed, &diag) != TS_OK ||
        ts_compile_map_of(run->arena, &placed, &map, &diag) != TS_OK)
        return cli_fail_in(o.file, &diag);
    if (svg && write_svg(run, &map, svg) != CLI_DONE) return CLI_FAILED;
    return svg && !cli_has(run, "json") ? CLI_DONE : show(run, &map, &placed);
}

static const cli_option options[] = {
    {"elf", 0, "C,R=FILE", "the program of the core at column C, row R; else that of elf_file"},
    {"include", 'I', "DIR", "look here too for programs that elf_file names"},
    {"device", 0, "NAME", "the aie.device, when there are several"},
    {"json", 0, NULL, "print JSON instead of tables"},
    {"svg", 0, "FILE", "draw the array with its routes"},
    {NULL, 0, NULL, NULL},
};

const cli_command cli_map = {
    .name = "map",
    .arguments = "DESIGN.mlir [--json] [--svg FILE]",
    .summary = "Show where everything of a design lies: memory, locks, descriptors, routes",
    .details =
        "Places and routes what is not yet. What a program takes is shown where there is one.",
    .example = "tessera map design.mlir --svg design.svg",
    .options = options,
    .min_positional = 1,
    .max_positional = 1,
    .main = run_map,
};
