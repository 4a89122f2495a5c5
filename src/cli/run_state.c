/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * What is in a tile: registers of its core, code around the program counter, memory, locks,
 * descriptors. For tessera run --break and --dump-tile.
 */
#include "cli_run.h"

#include <inttypes.h>
#include <string.h>

enum {
    BUNDLES_BEFORE = 4,
    BUNDLES_BEHIND = 8,
    MOST_BYTES = 128, /* of a register */
    LINE_BYTES = 16,  /* of a memory dump */
};

/* ---- registers --------------------------------------------------------------------------------
 */

/* Registers that together are all: words, and vectors as wide as they get. */
static bool is_word(unsigned reg) {
    switch (ts_aie2_registers[reg].bank) {
    case TS_AIE2_BANK_r:
    case TS_AIE2_BANK_p:
    case TS_AIE2_BANK_m:
    case TS_AIE2_BANK_dn:
    case TS_AIE2_BANK_dj:
    case TS_AIE2_BANK_dc:
    case TS_AIE2_BANK_s:
    case TS_AIE2_BANK_cr:
    case TS_AIE2_BANK_sr:
    case TS_AIE2_BANK_other: return true;
    default: return false;
    }
}

static bool is_vector(unsigned reg) {
    unsigned bank = ts_aie2_registers[reg].bank;
    return bank == TS_AIE2_BANK_x || bank == TS_AIE2_BANK_cm || bank == TS_AIE2_BANK_q;
}

/* As a number, the highest byte first. Whether it is not 0. */
static bool register_text(const ts_core *core, unsigned reg, char out[2 * MOST_BYTES + 3]) {
    uint8_t bytes[MOST_BYTES];
    size_t n = (ts_aie2_registers[reg].bits + 7U) / 8;
    bool is_set = false;
    if (n > MOST_BYTES) n = MOST_BYTES;
    ts_core_get(core, (ts_aie2_register)reg, bytes, n);
    memcpy(out, "0x", 3);
    for (size_t i = 0; i < n; i++) {
        snprintf(out + 2 + 2 * i, 3, "%02x", bytes[n - 1 - i]);
        is_set |= bytes[i] != 0;
    }
    return is_set;
}

static void print_registers(const ts_core *core, ts_buf *out) {
    char text[2 * MOST_BYTES + 3];
    unsigned n = 0, bank = TS_AIE2_N_BANKS;
    for (unsigned reg = 1; reg < ts_aie2_n_registers; reg++) {
        const ts_aie2_register_info *info = &ts_aie2_registers[reg];
        if (!is_word(reg)) continue;
        bool is_new = n % 4 == 0 || info->bank != bank;
        n = info->bank != bank ? 0 : n;
        bank = info->bank;
        (void)register_text(core, reg, text);
        ts_buf_printf(out, "%s%-12s %-10s", is_new ? "\n  " : "  ", info->name, text);
        n++;
    }
    ts_buf_u8(out, '\n');
    unsigned n_zero = 0;
    for (unsigned reg = 1; reg < ts_aie2_n_registers; reg++) {
        if (!is_vector(reg)) continue;
        if (register_text(core, reg, text))
            ts_buf_printf(out, "  %-12s %s\n", ts_aie2_registers[reg].name, text);
        else
            n_zero++;
    }
    if (n_zero)
        ts_buf_printf(out, "  the %u other vectors, accumulators and masks are 0\n", n_zero);
}

static void add_registers(ts_arena *arena, ts_json *node, const ts_core *core) {
    ts_json *all = ts_json_add(arena, node, "registers", TS_JSON_OBJECT);
    char text[2 * MOST_BYTES + 3];
    for (unsigned reg = 1; reg < ts_aie2_n_registers; reg++) {
        if (!is_word(reg) && !is_vector(reg)) continue;
        (void)register_text(core, reg, text);
        ts_json_add_string(arena, all, ts_aie2_registers[reg].name, text);
    }
}

/* ---- code -------------------------------------------------------------------------------------
 */

static uint32_t size_at(ts_span program, uint32_t at) {
    unsigned size = ts_aie2_bundle_size(program.data + at, program.size - at);
    return size && size <= program.size - at ? size : (uint32_t)program.size - at;
}

/* Where to begin so that few bundles come before `pc`. Bundles can only be followed forwards: from
 * the beginning of the function, where that is known. */
static uint32_t first_bundle(const cli_run_job *job, uint32_t column, uint32_t row, ts_span program,
                             uint32_t pc) {
    uint32_t last[BUNDLES_BEFORE], n = 0, at = 0, size;
    const char *name = ts_array_function(job->array, column, row, pc);
    if (!name || !cli_run_symbol(job, column, row, name, &at, &size)) return pc;
    for (; at < pc; at += size_at(program, at))
        last[n++ % BUNDLES_BEFORE] = at;
    if (at != pc || !n) return pc;
    return n < BUNDLES_BEFORE ? last[0] : last[n % BUNDLES_BEFORE];
}

static void bundle_text(ts_span program, uint32_t at, uint32_t size, ts_buf *out) {
    ts_aie2_bundle bundle;
    ts_aie2_reject why;
    if (ts_aie2_decode(program.data + at, size, &bundle, &why))
        ts_aie2_print_bundle(&bundle, NULL, NULL, out);
    else
        ts_buf_text(out, "no bundle");
}

/* Each bundle around `pc`: a line, or a node of `list`. */
static void show_code(const cli_run_job *job, uint32_t column, uint32_t row, uint32_t pc,
                      ts_buf *out, ts_json *list) {
    ts_span program = ts_array_memory(job->array, column, row, "program");
    if (pc >= program.size) return;
    unsigned n_behind = 0;
    for (uint32_t at = first_bundle(job, column, row, program, pc);
         at < program.size && n_behind <= BUNDLES_BEHIND;) {
        uint32_t size = size_at(program, at);
        ts_buf text = ts_buf_in(job->arena);
        bundle_text(program, at, size, &text);
        if (out)
            ts_buf_printf(out, "  %s 0x%05" PRIx32 "  %.*s\n", at == pc ? "->" : "  ", at,
                          (int)text.size, (const char *)text.data);
        if (list) {
            ts_json *node = ts_json_add(job->arena, list, "", TS_JSON_OBJECT);
            ts_json_add_number(job->arena, node, "address", at);
            ts_json_add_format(job->arena, node, "text", "%.*s", (int)text.size,
                               (const char *)text.data);
        }
        n_behind += at >= pc;
        at += size;
    }
}

/* ---- breaks -----------------------------------------------------------------------------------
 */

static bool is_there(const cli_run_job *job, const cli_run_point *point) {
    ts_core_stats stats;
    return job->result.end == TS_DEVICE_AT_BREAK &&
           ts_array_core_stats(job->array, point->column, point->row, &stats) &&
           stats.state == TS_CORE_AT_BREAK;
}

static const char *function_name(const cli_run_job *job, const cli_run_point *point, uint32_t at) {
    const char *name = ts_array_function(job->array, point->column, point->row, at);
    return name ? name : "?";
}

static void print_calls(const cli_run_job *job, const cli_run_point *point, ts_buf *out) {
    const cli_run_calls *calls = &job->calls[cli_run_tile(job, point->column, point->row)];
    if (!calls->depth) return;
    ts_buf_text(out, "calls   ");
    for (unsigned i = 0; i < calls->depth; i++)
        ts_buf_printf(out, "%s%s", i ? " > " : "", function_name(job, point, calls->functions[i]));
    ts_buf_u8(out, '\n');
}

static void print_break(const cli_run_job *job, const cli_run_point *point, ts_buf *out) {
    const ts_core *core = ts_array_core(job->array, point->column, point->row);
    const char *function =
        cli_run_function(job->arena, job, point->column, point->row, point->address);
    ts_buf_printf(out,
                  "\nbreak   the core of tile (%" PRIu32 ",%" PRIu32 ") at 0x%05" PRIx32 "%s%s",
                  point->column, point->row, point->address, *function ? " in " : "", function);
    ts_buf_printf(out, ", cycle %" PRIu64 "; what is in flight has not landed\n",
                  ts_array_cycle(job->array));
    print_calls(job, point, out);
    ts_buf_u8(out, '\n');
    show_code(job, point->column, point->row, point->address, out, NULL);
    print_registers(core, out);
}

void cli_run_print_breaks(const cli_run_job *job, ts_buf *out) {
    for (size_t i = 0; i < job->n_breaks; i++)
        if (is_there(job, &job->breaks[i])) print_break(job, &job->breaks[i], out);
    if (job->n_breaks && job->result.end != TS_DEVICE_AT_BREAK)
        ts_buf_text(out, "break   none was reached\n");
}

void cli_run_add_breaks(const cli_run_job *job, ts_json *root) {
    ts_arena *arena = job->arena;
    ts_json *list = ts_json_add(arena, root, "breaks", TS_JSON_ARRAY);
    for (size_t i = 0; i < job->n_breaks; i++) {
        const cli_run_point *p = &job->breaks[i];
        const cli_run_calls *calls = &job->calls[cli_run_tile(job, p->column, p->row)];
        if (!is_there(job, p)) continue;
        ts_json *node = ts_json_add(arena, list, "", TS_JSON_OBJECT);
        ts_json_add_number(arena, node, "column", p->column);
        ts_json_add_number(arena, node, "row", p->row);
        ts_json_add_number(arena, node, "cycle", ts_array_cycle(job->array));
        ts_json_add_number(arena, node, "pc", p->address);
        ts_json_add_string(arena, node, "function", function_name(job, p, p->address));
        ts_json *names = ts_json_add(arena, node, "calls", TS_JSON_ARRAY);
        for (unsigned k = 0; k < calls->depth; k++)
            ts_json_add_string(arena, names, "", function_name(job, p, calls->functions[k]));
        show_code(job, p->column, p->row, p->address, NULL,
                  ts_json_add(arena, node, "code", TS_JSON_ARRAY));
        add_registers(arena, node, ts_array_core(job->array, p->column, p->row));
    }
}

/* ---- dumps ------------------------------------------------------------------------------------
 */

/* "C,R[:FILE]"; `file` becomes NULL or the file. */
static bool parse_dump(const char *text, uint32_t *column, uint32_t *row, const char **file) {
    size_t length = strcspn(text, ":");
    *file = text[length] ? text + length + 1 : NULL;
    return cli_parse_tile(text, length, column, row) && (!*file || **file);
}

ts_status cli_run_check_dumps(cli_run *run, const cli_run_job *job, ts_diag *diag) {
    uint32_t column, row;
    const char *file;
    for (size_t i = 0; i < run->n_given && job->array; i++) {
        const char *text = run->given[i].value;
        if (strcmp(run->given[i].option->name, "dump-tile") != 0) continue;
        if (!parse_dump(text, &column, &row, &file))
            return ts_fail(diag, TS_SYNTAX, NULL, "--dump-tile %s: expected COLUMN,ROW[:FILE]",
                           text);
        if (!ts_npu_tile_at(ts_array_device(job->array), column, row))
            return ts_fail(diag, TS_RANGE, NULL, "--dump-tile %s: there is no such tile", text);
        if (file) TS_TRY(cli_run_check_output(job, file, diag));
    }
    return TS_OK;
}

/* Lines of 16 bytes; of the same lines one after the other only the first. */
static void print_memory(ts_span data, ts_buf *out) {
    bool is_left_out = false;
    for (size_t at = 0; at < data.size; at += LINE_BYTES) {
        const uint8_t *line = data.data + at;
        bool is_same = at && memcmp(line, line - LINE_BYTES, LINE_BYTES) == 0;
        if (is_same && !is_left_out) ts_buf_text(out, "  *\n");
        is_left_out = is_same;
        if (is_same) continue;
        ts_buf_printf(out, "  data+0x%05zx ", at);
        for (unsigned i = 0; i < LINE_BYTES; i++)
            ts_buf_printf(out, "%s%02x", i % 4 ? "" : " ", line[i]);
        ts_buf_u8(out, '\n');
    }
    if (data.size) ts_buf_printf(out, "  data+0x%05zx\n", data.size);
}

/* False: it is all 0. */
static bool read_bd(const cli_run_job *job, uint32_t column, uint32_t row, unsigned number,
                    ts_npu_bd *out) {
    const ts_npu_device *device = ts_array_device(job->array);
    const ts_npu_tile *tile = ts_npu_tile_at(device, column, row);
    uint32_t words[TS_NPU_BD_MAX_WORDS] = {0}, any = 0;
    for (unsigned i = 0; i < tile->n_bd_words; i++) {
        ts_npu_place place = {column, row, tile->bd_offset + number * tile->bd_stride + i * 4};
        uint64_t address;
        if (ts_npu_join(device, place, &address)) words[i] = ts_array_read(job->array, address);
        any |= words[i];
    }
    (void)ts_npu_bd_decode(tile, words, out);
    return any != 0;
}

static void print_locks(const cli_run_job *job, uint32_t column, uint32_t row, ts_buf *out) {
    const ts_npu_tile *tile = ts_npu_tile_at(ts_array_device(job->array), column, row);
    unsigned n = 0;
    for (unsigned i = 0; i < tile->n_locks; i++) {
        int32_t value = ts_array_lock(job->array, column, row, i);
        if (value) ts_buf_printf(out, "%slock %u is %" PRId32, n++ ? ", " : "  ", i, value);
    }
    ts_buf_printf(out, "%s\n", n ? "; the others 0" : "  all locks are 0");
}

static void print_dump(const cli_run_job *job, uint32_t column, uint32_t row, ts_buf *out) {
    const ts_npu_tile *tile = ts_npu_tile_at(ts_array_device(job->array), column, row);
    ts_core_stats stats;
    ts_buf_printf(out, "tile (%" PRIu32 ",%" PRIu32 ") at cycle %" PRIu64 "\n", column, row,
                  ts_array_cycle(job->array));
    if (ts_array_core_stats(job->array, column, row, &stats)) {
        const ts_core *core = ts_array_core(job->array, column, row);
        uint32_t pc = ts_core_pc(core);
        const char *function = cli_run_function(job->arena, job, column, row, pc);
        ts_buf_printf(out, "core    %s at 0x%05" PRIx32 "%s%s, %s",
                      stats.is_enabled ? "enabled," : "off,", pc, *function ? " in " : "", function,
                      ts_core_state_text(stats.state));
        print_registers(core, out);
    }
    print_locks(job, column, row, out);
    for (unsigned i = 0; i < tile->n_bds; i++) {
        ts_npu_bd bd;
        if (!read_bd(job, column, row, i, &bd)) continue;
        ts_buf_printf(out, "  bd %-2u ", i);
        ts_npu_bd_text(tile, &bd, out);
        ts_buf_u8(out, '\n');
    }
    print_memory(ts_array_memory(job->array, column, row, "data"), out);
}

/* The text of each dump goes to `out`, or for those with a file to `set`. */
static ts_status each_dump(cli_run *run, const cli_run_job *job, ts_buf *out, ts_file_set *set,
                           ts_diag *diag) {
    uint32_t column, row;
    const char *file;
    for (size_t i = 0; i < run->n_given && job->array; i++) {
        if (strcmp(run->given[i].option->name, "dump-tile") != 0) continue;
        if (!parse_dump(run->given[i].value, &column, &row, &file) || !file != !set) continue;
        ts_buf text = ts_buf_in(run->arena);
        print_dump(job, column, row, &text);
        if (text.failed) return ts_fail_nomem(diag);
        if (set) TS_TRY(ts_file_set_add(set, file, ts_buf_span(&text), diag));
        if (!set) ts_buf_printf(out, "\n%.*s", (int)text.size, (const char *)text.data);
    }
    return TS_OK;
}

void cli_run_print_dumps(cli_run *run, const cli_run_job *job, ts_buf *out) {
    if (each_dump(run, job, out, NULL, NULL) != TS_OK) out->failed = true;
}

ts_status cli_run_add_dump_files(cli_run *run, const cli_run_job *job, ts_file_set *set,
                                 ts_diag *diag) {
    return each_dump(run, job, NULL, set, diag);
}

static void add_dump(const cli_run_job *job, ts_json *list, uint32_t column, uint32_t row) {
    const ts_npu_tile *tile = ts_npu_tile_at(ts_array_device(job->array), column, row);
    ts_arena *arena = job->arena;
    ts_json *node = ts_json_add(arena, list, "", TS_JSON_OBJECT);
    ts_json_add_number(arena, node, "column", column);
    ts_json_add_number(arena, node, "row", row);
    ts_json *locks = ts_json_add(arena, node, "locks", TS_JSON_ARRAY);
    for (unsigned i = 0; i < tile->n_locks; i++) {
        const char *value =
            ts_arena_printf(arena, "%" PRId32, ts_array_lock(job->array, column, row, i));
        ts_json_add_text(arena, locks, "", TS_JSON_NUMBER, value ? value : "0");
    }
    ts_json *bds = ts_json_add(arena, node, "descriptors", TS_JSON_ARRAY);
    for (unsigned i = 0; i < tile->n_bds; i++) {
        ts_npu_bd bd;
        if (!read_bd(job, column, row, i, &bd)) continue;
        ts_buf text = ts_buf_in(arena);
        ts_npu_bd_text(tile, &bd, &text);
        ts_json *row_of = ts_json_add(arena, bds, "", TS_JSON_OBJECT);
        ts_json_add_number(arena, row_of, "bd", i);
        ts_json_add_format(arena, row_of, "text", "%.*s", (int)text.size, (const char *)text.data);
    }
    const ts_core *core = ts_array_core(job->array, column, row);
    if (core) ts_json_add_number(arena, node, "pc", ts_core_pc(core));
    if (core) add_registers(arena, node, core);
    ts_span data = ts_array_memory(job->array, column, row, "data");
    ts_buf hex = ts_buf_in(arena);
    for (size_t i = 0; i < data.size; i++)
        ts_buf_printf(&hex, "%02x", data.data[i]);
    ts_buf_u8(&hex, 0);
    ts_json_add_string(arena, node, "data", hex.failed ? "" : (const char *)hex.data);
}

void cli_run_add_dumps(cli_run *run, const cli_run_job *job, ts_json *root) {
    ts_json *list = ts_json_add(job->arena, root, "tiles", TS_JSON_ARRAY);
    uint32_t column, row;
    const char *file;
    for (size_t i = 0; i < run->n_given; i++)
        if (strcmp(run->given[i].option->name, "dump-tile") == 0 &&
            parse_dump(run->given[i].value, &column, &row, &file) && !file)
            add_dump(job, list, column, row);
}
