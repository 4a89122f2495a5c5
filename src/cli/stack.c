/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * tessera stack: how deep the stack gets, in objects, core programs, and the tiles of a PDI or
 * XCLBIN.
 */
#include "cli.h"

#include "tessera/npu.h"

#include <inttypes.h>
#include <string.h>

/* src: aie2-facts 50: where a core sees its own tile's data memory */
#define CORE_DATA_AT UINT32_C(0x70000)

static const cli_column columns[] = {
    {"function", CLI_LEFT}, {"file", CLI_LEFT},           {"address", CLI_LEFT},
    {"frame", CLI_RIGHT},   {"stated", CLI_RIGHT},        {"at call", CLI_RIGHT},
    {"deepest", CLI_RIGHT}, {"not bounded by", CLI_LEFT},
};

typedef struct report {
    cli_run *run;
    ts_buf out;
    ts_json *json; /* NULL: text */
    bool wants_all;
    bool failed;  /* a stack does not fit */
    bool is_tile; /* what is shown is out of a configuration */
    size_t n_shown;
} report;

static void open_cell(cli_table *table, const ts_stack_function *f) {
    if (!f->open)
        cli_cell(table, "%s", "");
    else if (f->open_name)
        cli_cell(table, "%s (%s) at 0x%" PRIx32, ts_stack_open_text(f->open), f->open_name,
                 f->open_at);
    else
        cli_cell(table, "%s at 0x%" PRIx32, ts_stack_open_text(f->open), f->open_at);
}

static void function_row(cli_table *table, const ts_stack *stack, uint32_t number) {
    const ts_stack_function *f = &stack->functions[number];
    cli_cell(table, "%s", f->name);
    cli_cell(table, "%s", f->file ? f->file : "");
    cli_cell(table, "0x%" PRIx32, f->address);
    cli_cell(table, "%" PRIu32, f->frame);
    if (f->is_stated)
        cli_cell(table, "%" PRIu32, f->stated);
    else
        cli_cell(table, "%s", "");
    if (f->callee)
        cli_cell(table, "%" PRIu32, f->at_call);
    else
        cli_cell(table, "%s", "");
    cli_cell(table, "%" PRIu32, f->depth);
    open_cell(table, f);
}

cli_table cli_stack_table(ts_arena *arena, const ts_stack *stack, bool wants_all) {
    cli_table table = cli_table_new(arena, columns, sizeof columns / sizeof *columns);
    if (wants_all)
        for (uint32_t i = 1; i < stack->n_functions; i++)
            function_row(&table, stack, i);
    else
        for (uint32_t i = stack->root; i; i = stack->functions[i].callee)
            function_row(&table, stack, i);
    return table;
}

/* ---- text ------------------------------------------------------------------------------------ */

/* A configuration tells of DMA buffers and loaded data; of memory that only cores use, nothing. */
static void print_fit(const ts_stack_fit *fit, bool is_tile, ts_buf *out) {
    if (!fit->is_known) return;
    ts_buf_printf(out, "the stack has %s%" PRIu32 " bytes, 0x%" PRIx32 " to 0x%" PRIx32,
                  is_tile ? "at most " : "", fit->given, fit->addr, fit->addr + fit->given);
    if (is_tile) ts_buf_printf(out, " (%s)", fit->next ? fit->next : "the end of the memory");
    ts_buf_text(out, ": ");
    if (fit->needed <= fit->given) {
        ts_buf_printf(out, "%" PRIu32 " free\n", fit->given - fit->needed);
        return;
    }
    ts_buf_printf(out, "%" PRIu32 " too few\n", fit->needed - fit->given);
    for (size_t i = 0; i < fit->n_hit; i++)
        ts_buf_printf(out, "overwritten: %" PRIu32 " bytes of %s at 0x%" PRIx32 "\n",
                      fit->hit[i].size, fit->hit[i].name, fit->hit[i].addr);
}

static void print_open(const ts_stack *stack, ts_buf *out) {
    size_t n = 0;
    for (uint32_t i = 1; i < stack->n_functions; i++) {
        const ts_stack_function *f = &stack->functions[i];
        if (!f->open || !f->is_reached || n++ >= 8) continue;
        ts_buf_printf(out, "not bounded: %s in %s at 0x%" PRIx32, ts_stack_open_text(f->open),
                      f->name, f->open_at);
        if (f->open_name) ts_buf_printf(out, " (%s)", f->open_name);
        ts_buf_u8(out, '\n');
    }
    if (n > 8) ts_buf_printf(out, "not bounded: %zu more\n", n - 8);
}

static void print_disagreements(const ts_stack *stack, ts_buf *out) {
    size_t n = 0;
    for (uint32_t i = 1; i < stack->n_functions; i++) {
        const ts_stack_function *f = &stack->functions[i];
        if (!ts_stack_disagrees(f) || n++ >= 8) continue;
        ts_buf_printf(out,
                      "disagrees: .stack_sizes states %" PRIu32
                      " bytes for %s, its code has %" PRIu32 "\n",
                      f->stated, f->name, f->found);
    }
    if (n > 8) ts_buf_printf(out, "disagrees: %zu more\n", n - 8);
}

static void print_stack(report *r, const char *title, const ts_stack *stack,
                        const ts_stack_fit *fit) {
    cli_table table = cli_stack_table(r->run->arena, stack, r->wants_all);
    if (r->n_shown++) ts_buf_u8(&r->out, '\n');
    if (title) ts_buf_printf(&r->out, "%s:\n", title);
    if (!table.n_cells && !table.failed) {
        ts_buf_text(&r->out, "no functions\n");
        return;
    }
    cli_table_write(&table, &r->out);
    ts_buf_printf(&r->out, "%s %" PRIu32 " bytes: ", stack->open ? "at least" : "at most",
                  stack->depth);
    ts_stack_chain(stack, stack->root, &r->out);
    ts_buf_u8(&r->out, '\n');
    if (stack->open) print_open(stack, &r->out);
    print_disagreements(stack, &r->out);
    if (stack->has_start && !fit->is_known)
        ts_buf_printf(&r->out,
                      "the stack begins at 0x%" PRIx32 "; what follows it is not told here\n",
                      stack->start);
    print_fit(fit, r->is_tile, &r->out);
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static void json_fit(ts_arena *arena, ts_json *node, const ts_stack_fit *fit, bool is_tile) {
    if (!fit->is_known) return;
    ts_json_add_number(arena, node, "stack_address", fit->addr);
    ts_json_add_number(arena, node, "stack_bytes", fit->given);
    if (is_tile) ts_json_add_bool(arena, node, "stack_bytes_may_be_less", true);
    ts_json_add_bool(arena, node, "fits", fit->needed <= fit->given);
    ts_json *list = ts_json_add(arena, node, "overwritten", TS_JSON_ARRAY);
    for (size_t i = 0; i < fit->n_hit; i++) {
        ts_json *hit = ts_json_add(arena, list, "", TS_JSON_OBJECT);
        ts_json_add_string(arena, hit, "name", fit->hit[i].name);
        ts_json_add_number(arena, hit, "address", fit->hit[i].addr);
        ts_json_add_number(arena, hit, "bytes", fit->hit[i].size);
    }
}

static void json_open(ts_arena *arena, ts_json *node, uint8_t open) {
    ts_json *list = ts_json_add(arena, node, "not_bounded_by", TS_JSON_ARRAY);
    for (unsigned bit = 1; bit < 256; bit <<= 1)
        if (open & bit) ts_json_add_string(arena, list, "", ts_stack_open_text((uint8_t)bit));
}

static void json_function(ts_arena *arena, ts_json *list, const ts_stack *stack, uint32_t number) {
    const ts_stack_function *f = &stack->functions[number];
    ts_json *node = ts_json_add(arena, list, "", TS_JSON_OBJECT);
    ts_json_add_string(arena, node, "function", f->name);
    if (f->file) ts_json_add_string(arena, node, "file", f->file);
    ts_json_add_number(arena, node, "address", f->address);
    ts_json_add_number(arena, node, "frame", f->frame);
    if (f->is_stated) {
        ts_json_add_number(arena, node, "stated", f->stated);
        ts_json_add_bool(arena, node, "disagrees", ts_stack_disagrees(f));
    }
    if (f->callee) {
        ts_json_add_string(arena, node, "calls", stack->functions[f->callee].name);
        ts_json_add_number(arena, node, "at_call", f->at_call);
    }
    ts_json_add_number(arena, node, "deepest", f->depth);
    json_open(arena, node, f->open);
}

static void json_stack(report *r, const char *title, const ts_stack *stack,
                       const ts_stack_fit *fit) {
    ts_arena *arena = r->run->arena;
    ts_json *node = ts_json_add(arena, r->json, "", TS_JSON_OBJECT);
    ts_json_add_string(arena, node, "program", title);
    ts_json_add_number(arena, node, "bytes", stack->depth);
    ts_json_add_bool(arena, node, "bounded", !stack->open);
    json_open(arena, node, stack->open);
    json_fit(arena, node, fit, r->is_tile);
    ts_json *list = ts_json_add(arena, node, "chain", TS_JSON_ARRAY);
    for (uint32_t i = stack->root; i; i = stack->functions[i].callee)
        json_function(arena, list, stack, i);
    if (!r->wants_all) return;
    list = ts_json_add(arena, node, "functions", TS_JSON_ARRAY);
    for (uint32_t i = 1; i < stack->n_functions; i++)
        json_function(arena, list, stack, i);
}

/* ---- what is in a file ----------------------------------------------------------------------- */

static void show(report *r, const char *title, bool is_alone, const ts_stack *stack,
                 const ts_stack_fit *fit) {
    r->failed |= fit->is_known && fit->needed > fit->given;
    if (r->json)
        json_stack(r, title, stack, fit);
    else
        print_stack(r, is_alone ? NULL : title, stack, fit);
}

static ts_status show_program(report *r, const ts_object *program, bool is_alone, ts_diag *diag) {
    ts_stack stack;
    ts_stack_fit fit;
    TS_TRY(ts_stack_of_objects(r->run->arena, program, 1, &stack, diag));
    TS_TRY(ts_stack_fit_program(r->run->arena, program, &stack, &fit, diag));
    show(r, program->file, is_alone, &stack, &fit);
    return TS_OK;
}

/* ---- what a configuration knows of a stack's neighbors --------------------------------------- */

typedef struct neighbors {
    ts_stack_neighbor *list;
    size_t n;
} neighbors;

static ts_status add_neighbor(ts_arena *arena, neighbors *all, const char *name, uint32_t addr,
                              uint32_t size, ts_diag *diag) {
    size_t bytes = all->n * sizeof *all->list;
    ts_stack_neighbor *grown = ts_arena_grow(arena, all->list, bytes, bytes + sizeof *grown);
    if (!grown || !name) return ts_fail_nomem(diag);
    grown[all->n++] = (ts_stack_neighbor){name, addr, size};
    all->list = grown;
    return TS_OK;
}

/* The buffers of DMA descriptors from `start` on. */
static ts_status add_buffers(ts_arena *arena, const cli_program *p, uint32_t start, neighbors *all,
                             ts_diag *diag) {
    const ts_npu_tile *tile = ts_npu_tile_at(&ts_npu_phoenix, p->column, p->row);
    for (uint32_t i = 0; i < tile->n_bds; i++) {
        uint32_t words[TS_NPU_BD_MAX_WORDS] = {0};
        ts_npu_bd bd = {0};
        ts_cur cur = ts_cur_of(
            ts_span_of(p->descriptors.bytes + (size_t)i * tile->bd_stride, tile->bd_stride));
        for (unsigned k = 0; k < tile->n_bd_words; k++)
            words[k] = ts_cur_u32le(&cur);
        (void)!ts_npu_bd_decode(tile, words, &bd);
        if (!bd.valid || !bd.length || CORE_DATA_AT + bd.base < start) continue;
        TS_TRY(add_neighbor(arena, all, ts_arena_printf(arena, "DMA buffer %" PRIu32, i),
                            CORE_DATA_AT + (uint32_t)bd.base, bd.length * 4, diag));
    }
    return TS_OK;
}

/* Stretches of data memory that are written behind `start`. One that the stack lies in does not
 * count: all of the memory can have been cleared. */
static ts_status add_data(ts_arena *arena, const cli_program *p, uint32_t start, neighbors *all,
                          ts_diag *diag) {
    const cli_written *data = &p->data;
    for (uint32_t at = 0, end; at < data->size; at = end) {
        end = at + 1;
        if (!data->is_written[at]) continue;
        while (end < data->size && data->is_written[end])
            end++;
        if (CORE_DATA_AT + at > start)
            TS_TRY(add_neighbor(arena, all, "loaded data", CORE_DATA_AT + at, end - at, diag));
    }
    return TS_OK;
}

static ts_status fit_tile(ts_arena *arena, const cli_program *p, const ts_stack *stack,
                          ts_stack_fit *out, ts_diag *diag) {
    neighbors all = {0};
    *out = (ts_stack_fit){.needed = stack->depth};
    if (!stack->has_start || stack->start < CORE_DATA_AT ||
        stack->start - CORE_DATA_AT >= p->data.size)
        return TS_OK;
    TS_TRY(add_buffers(arena, p, stack->start, &all, diag));
    TS_TRY(add_data(arena, p, stack->start, &all, diag));
    return ts_stack_fit_neighbors(arena, all.list, all.n, stack->start, 0, stack->depth, out, diag);
}

/* Program memory up to the last byte that is written; the rest is 0. */
static ts_status show_tile(report *r, const char *path, const cli_program *p, ts_diag *diag) {
    uint32_t end = p->program.size;
    ts_stack stack;
    ts_stack_fit fit;
    while (end && !p->program.is_written[end - 1])
        end--;
    const char *title = ts_arena_printf(r->run->arena, "%s: %stile %" PRIu32 ",%" PRIu32, path,
                                        p->where, p->column, p->row);
    if (!title) return ts_fail_nomem(diag);
    TS_TRY(ts_stack_of_memory(r->run->arena, ts_span_of(p->program.bytes, end), &stack, diag));
    TS_TRY(fit_tile(r->run->arena, p, &stack, &fit, diag));
    r->is_tile = true;
    show(r, title, false, &stack, &fit);
    r->is_tile = false;
    return TS_OK;
}

static ts_status show_tiles(report *r, const char *path, ts_span bytes, ts_diag *diag) {
    cli_programs programs;
    TS_TRY(cli_find_programs(r->run->arena, bytes, path, &programs, diag));
    if (!programs.n)
        return ts_fail(diag, TS_MISSING, path, "no core program in this configuration");
    for (size_t i = 0; i < programs.n; i++)
        TS_TRY(show_tile(r, path, &programs.list[i], diag));
    return TS_OK;
}

/* Objects of all files are taken together; each program and each tile is alone. */
typedef struct gathered {
    ts_object *list;
    size_t n;
} gathered;

static ts_status gather(report *r, gathered *all, const ts_object *objects, size_t n,
                        ts_diag *diag) {
    ts_object *grown = ts_arena_grow(r->run->arena, all->list, all->n * sizeof *grown,
                                     (all->n + n) * sizeof *grown);
    if (!grown) return ts_fail_nomem(diag);
    memcpy(grown + all->n, objects, n * sizeof *grown);
    all->list = grown;
    all->n += n;
    return TS_OK;
}

static ts_status show_file(report *r, const char *path, gathered *all, ts_diag *diag) {
    ts_span bytes;
    ts_object *objects;
    size_t n;
    TS_TRY(ts_file_read(r->run->arena, path, 0, &bytes, diag));
    if (cli_holds_programs(bytes)) return show_tiles(r, path, bytes, diag);
    TS_TRY(ts_object_read_all(r->run->arena, bytes, path, &objects, &n, diag));
    if (n == 1 && objects[0].type == TS_ET_EXEC)
        return show_program(r, &objects[0], r->run->n_positional == 1, diag);
    return gather(r, all, objects, n, diag);
}

static ts_status show_objects(report *r, const gathered *all, ts_diag *diag) {
    ts_stack stack;
    const ts_stack_fit fit = {0};
    if (!all->n) return TS_OK;
    TS_TRY(ts_stack_of_objects(r->run->arena, all->list, all->n, &stack, diag));
    show(r, all->list[0].file, r->n_shown == 0, &stack, &fit);
    return TS_OK;
}

static int run_stack(cli_run *run) {
    ts_diag diag = {0};
    report r = {.run = run, .out = ts_buf_in(run->arena), .wants_all = cli_has(run, "all")};
    gathered all = {0};
    if (cli_has(run, "json")) r.json = ts_json_new(run->arena, TS_JSON_ARRAY);
    for (size_t i = 0; i < run->n_positional; i++)
        if (show_file(&r, run->positional[i], &all, &diag) != TS_OK)
            return cli_fail_in(run->positional[i], &diag);
    if (show_objects(&r, &all, &diag) != TS_OK) return cli_fail(&diag);
    int status = r.json ? cli_print_json(run->arena, r.json) : cli_print(&r.out);
    return status == CLI_DONE && r.failed ? CLI_FAILED : status;
}

static const cli_option options[] = {
    {"all", 'a', NULL, "every function, not only the deepest chain"},
    {"json", 0, NULL, "print JSON"},
    {NULL, 0, NULL, NULL},
};

const cli_command cli_stack = {
    .name = "stack",
    .arguments = "FILE...",
    .summary = "Show the deepest chain of calls of objects, core programs, and the tiles of a "
               "PDI or XCLBIN",
    .details =
        "Frames are what the code adds to its stack pointer, on every path, or what .stack_sizes\n"
        "states when that is more. Recursion, calls through pointers and functions that are not\n"
        "there make the figure a lower bound, and are named. Objects are taken together.\n"
        "Exit status 1 when the stack of a program does not fit below what follows it.",
    .example = "tessera stack main_core_0_2.elf",
    .options = options,
    .min_positional = 1,
    .max_positional = SIZE_MAX,
    .main = run_stack,
};
