/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Usage: import_registers aie_registers_aie2.json > src/npu/registers_aie2.tsv
 *
 * Turns the register data of mlir-aie into the project's table: descriptions are left out, and
 * registers that differ only by a number in their name and a constant distance are folded into one
 * row, in one or two dimensions; fields of a register likewise. The head of the output gives the
 * grammar, src/npu/gen_registers.c reads it back. Run once by hand; a test compares its output with
 * the committed table, so a change of the source data or of the table cannot pass unseen.
 */
#include "tessera/base.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct item {
    const char *name;
    const char *alike; /* everything that members of one row must share */
    uint32_t at;       /* byte offset of a register, lowest bit of a field */
    bool done;
} item;

typedef struct items {
    item *all;
    size_t count;
} items;

/* One folded dimension: the number at `position` of the name counts from `first`. */
typedef struct dimension {
    size_t position, length; /* of the digits in the first name */
    uint32_t first, count, stride;
} dimension;

static const char file_head[] =
    "# Registers of the AIE2 tiles (Phoenix: npu1). Written by tools/import_registers.c, read by\n"
    "# src/npu/gen_registers.c.\n"
    "# src: Xilinx/mlir-aie: lib/Dialect/AIE/Util/aie_registers_aie2.json, from AM025 "
    "[documented]\n"
    "#\n"
    "#   module NAME TILE                         the rows below belong to it\n"
    "#   OFFSET NAME WIDTH ACCESS RESET           a register: byte offset in the tile, width in "
    "bits\n"
    "#          BITS NAME [ACCESS]                its fields, lowest first; access if not the "
    "register's\n"
    "#\n"
    "# {a..b} in a name stands for every number from a to b, and +STRIDE behind the offset or the "
    "bits\n"
    "# is the distance from one to the next; two of them make a grid. Access: rw, ro, wo, wtc "
    "(read,\n"
    "# write 1 to clear), mixed (see the fields).\n"
    "#\n"
    "# Compared with Xilinx/aie-rt: driver/src/global/xaiemlgbl_params.h, which has every one of "
    "these\n"
    "# at the same place, except:\n"
    "#   core.Core_Q0 to Core_Q3   there at 0x31200 (0x310C0 is reserved); kept as AM025 has them\n"
    "#   shim.NoC_Interface_AIE_to_NoC_*, AIE_AXIMM_Config, AIE_Tile_Column_Reset   there named "
    "ME_TO_NOC,\n"
    "#                             ME_AXIMM_CONFIG, COLUMN_RESET_CONTROL, at the same offsets\n"
    "#   fields called Reserved    not there\n"
    "# Not in AM025 and therefore not here: aie-rt's ECC, module reset, BISR and spare "
    "registers.\n";

_Noreturn static void fail(const char *what, const char *detail) {
    fprintf(stderr, "import_registers: %s: %s\n", what, detail);
    exit(1);
}

static const char *access_word(const char *text) {
    static const char *const rows[][2] = {
        {"rwNormal read/write", "rw"},
        {"roRead-only", "ro"},
        {"woWrite-only", "wo"},
        {"wtcReadable, write a 1 to clear", "wtc"},
        {"mixedMixed types. See bit-field details.", "mixed"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(rows[i][0], text) == 0) return rows[i][1];
    fail("unknown access", text);
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static const item *find(const items *set, const char *name) {
    for (size_t i = 0; i < set->count; i++)
        if (strcmp(set->all[i].name, name) == 0) return &set->all[i];
    return NULL;
}

/* The name with the digits of up to two dimensions replaced. `text` is an arena's. */
static const char *renamed(ts_arena *arena, const char *name, const dimension *dims, size_t n_dims,
                           const uint32_t *numbers) {
    ts_buf out = ts_buf_in(arena);
    for (size_t at = 0; name[at];) {
        size_t d = 0;
        while (d < n_dims && dims[d].position != at)
            d++;
        if (d < n_dims) {
            ts_buf_printf(&out, "%" PRIu32, numbers[d]);
            at += dims[d].length;
        } else {
            ts_buf_u8(&out, (uint8_t)name[at++]);
        }
    }
    ts_buf_u8(&out, 0);
    return (const char *)out.data;
}

/* Whether the members of `dims` up to (number of the last dimension) `last` are all there. */
static bool row_is_there(ts_arena *arena, const items *set, const item *first,
                         const dimension *dims, size_t n_dims, uint32_t last) {
    const dimension *outer = n_dims == 2 ? &dims[0] : NULL;
    for (uint32_t k = 0; k < (outer ? outer->count : 1); k++) {
        const uint32_t grid[2] = {outer ? outer->first + k : last, last};
        const item *member = find(set, renamed(arena, first->name, dims, n_dims, grid));
        uint32_t at = first->at + (last - dims[n_dims - 1].first) * dims[n_dims - 1].stride +
                      (outer ? k * outer->stride : 0);
        if (!member || member->done || strcmp(member->alike, first->alike) != 0 || member->at != at)
            return false;
    }
    return true;
}

/* The longest run over any number in the name that is not folded yet; false when there is none. */
static bool longest_run(ts_arena *arena, const items *set, const item *first, dimension *dims,
                        size_t n_folded) {
    dimension best = {0};
    for (size_t at = 0; first->name[at]; at++) {
        if (!is_digit(first->name[at]) || (at && is_digit(first->name[at - 1]))) continue;
        if (n_folded == 1 && dims[0].position == at) continue;
        dimension *next = &dims[n_folded];
        *next = (dimension){.position = at, .count = 1};
        while (is_digit(first->name[at + next->length]))
            next->length++;
        next->first = (uint32_t)strtoul(first->name + at, NULL, 10);
        const uint32_t second[2] = {n_folded ? dims[0].first : next->first + 1, next->first + 1};
        const item *neighbor = find(set, renamed(arena, first->name, dims, n_folded + 1, second));
        if (!neighbor || neighbor->at <= first->at) continue;
        next->stride = neighbor->at - first->at;
        while (row_is_there(arena, set, first, dims, n_folded + 1, next->first + next->count))
            next->count++;
        if (next->count > best.count) best = *next;
    }
    dims[n_folded] = best;
    return best.count > 1;
}

static void mark_done(ts_arena *arena, items *set, const item *first, const dimension *dims,
                      size_t n_dims) {
    for (uint32_t a = 0; a < dims[0].count; a++)
        for (uint32_t b = 0; b < (n_dims == 2 ? dims[1].count : 1); b++) {
            const uint32_t numbers[2] = {dims[0].first + a, dims[1].first + b};
            const char *name = renamed(arena, first->name, dims, n_dims, numbers);
            set->all[find(set, name) - set->all].done = true;
        }
}

/* "NAME" with braces, and the strides in the order of the braces. */
static void print_folded(ts_buf *name, ts_buf *strides, const item *first, const dimension *dims,
                         size_t n_dims) {
    for (size_t at = 0; first->name[at];) {
        size_t d = 0;
        while (d < n_dims && dims[d].position != at)
            d++;
        if (d == n_dims) {
            ts_buf_u8(name, (uint8_t)first->name[at++]);
            continue;
        }
        ts_buf_printf(name, "{%" PRIu32 "..%" PRIu32 "}", dims[d].first,
                      dims[d].first + dims[d].count - 1);
        ts_buf_printf(strides, dims[d].stride < 10 ? "+%" PRIu32 : "+0x%" PRIX32, dims[d].stride);
        at += dims[d].length;
    }
}

/* Takes `first` and all that fold with it out of the set. */
static void fold(ts_arena *arena, items *set, item *first, ts_buf *name, ts_buf *strides) {
    dimension dims[2] = {{0}};
    size_t n_dims = 0;
    if (longest_run(arena, set, first, dims, 0))
        n_dims = longest_run(arena, set, first, dims, 1) ? 2 : 1;
    print_folded(name, strides, first, dims, n_dims);
    first->done = true;
    if (n_dims) mark_done(arena, set, first, dims, n_dims);
}

static int by_place(const void *a, const void *b) {
    const item *x = a, *y = b;
    return (x->at > y->at) - (x->at < y->at);
}

static items read_fields(ts_arena *arena, const ts_json *reg) {
    const ts_json *list = ts_json_get(reg, "bit_fields");
    items set = {.all = TS_ARENA_ARRAY(arena, item, list->n_children)};
    const char *access = ts_json_text(reg, "type", "");
    for (const ts_json *field = list->first; field; field = field->next) {
        const ts_json *range = ts_json_get(field, "bit_range");
        unsigned long low = strtoul(range->first->text, NULL, 10);
        unsigned long high = strtoul(range->last->text, NULL, 10);
        const char *own = ts_json_text(field, "type", "");
        set.all[set.count++] = (item){
            .name = ts_json_text(field, "name", ""),
            .at = (uint32_t)low,
            .alike = ts_arena_printf(arena, "%lu %s", high - low,
                                     strcmp(own, access) == 0 ? "" : access_word(own)),
        };
    }
    qsort(set.all, set.count, sizeof *set.all, by_place);
    return set;
}

static const char *fields_text(ts_arena *arena, const ts_json *reg) {
    items set = read_fields(arena, reg);
    ts_buf out = ts_buf_in(arena);
    for (size_t i = 0; i < set.count; i++) {
        item *first = &set.all[i];
        if (first->done) continue;
        ts_buf name = ts_buf_in(arena), strides = ts_buf_in(arena);
        fold(arena, &set, first, &name, &strides);
        char *access = NULL;
        unsigned long span = strtoul(first->alike, &access, 10);
        ts_buf_printf(&out, "\t");
        if (span) ts_buf_printf(&out, "%lu:", first->at + span);
        ts_buf_printf(&out, "%" PRIu32 "%.*s\t%.*s", first->at, (int)strides.size,
                      (const char *)strides.data, (int)name.size, (const char *)name.data);
        ts_buf_printf(&out, "%s%s\n", access[1] ? "\t" : "", access + 1);
    }
    ts_buf_u8(&out, 0);
    return (const char *)out.data;
}

static items read_registers(ts_arena *arena, const ts_json *list) {
    items set = {.all = TS_ARENA_ARRAY(arena, item, list->n_children)};
    for (const ts_json *reg = list->first; reg; reg = reg->next) {
        unsigned long reset = strtoul(ts_json_text(reg, "reset", ""), NULL, 16);
        set.all[set.count++] = (item){
            .name = ts_json_text(reg, "name", ""),
            .at = (uint32_t)strtoul(ts_json_text(reg, "offset", ""), NULL, 16),
            .alike = ts_arena_printf(arena, reset < 10 ? "%s\t%s\t%lu\n%s" : "%s\t%s\t0x%lX\n%s",
                                     ts_json_text(reg, "width", ""),
                                     access_word(ts_json_text(reg, "type", "")), reset,
                                     fields_text(arena, reg)),
        };
    }
    qsort(set.all, set.count, sizeof *set.all, by_place);
    return set;
}

static const char *heading(const char *name) {
    static const char *const rows[][2] = {
        {"Program_Memory", "memory"},
        {"DataMemory", "memory"},
        {"Core_A", "accumulator and vector registers"},
        {"Core_W", "accumulator and vector registers"},
        {"Core_Control", "core control"},
        {"Core_Status", "core control"},
        {"Core_Processor_Bus", "core control"},
        {"Core_", "scalar and control registers"},
        {"Debug", "core control"},
        {"PC_Event", "core control"},
        {"Error_Halt", "core control"},
        {"Enable_Events", "core control"},
        {"Reset_Event", "core control"},
        {"Performance", "performance counters"},
        {"Timer", "timer, events, trace"},
        {"Event", "timer, events, trace"},
        {"Trace", "timer, events, trace"},
        {"Combo", "timer, events, trace"},
        {"Edge", "timer, events, trace"},
        {"WatchPoint", "timer, events, trace"},
        {"Interrupt", "interrupt controllers"},
        {"DMA_BD", "DMA buffer descriptors"},
        {"DMA_", "DMA channels"},
        {"Lock", "locks"},
        {"Mux", "NoC and PL interface"},
        {"Demux", "NoC and PL interface"},
        {"NoC", "NoC and PL interface"},
        {"AIE_AXIMM", "NoC and PL interface"},
        {"PL_", "NoC and PL interface"},
        {"Stream_Switch_Master", "stream switch: master ports"},
        {"Stream_Switch_Slave_Config", "stream switch: slave ports"},
        {"Stream_Switch_Slave", "stream switch: packet slots"},
        {"Stream_Switch_", "stream switch: merging, events, status"},
        {"Tile_Control_Packet", "stream switch: merging, events, status"},
        {"Control_Packet", "stream switch: merging, events, status"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strncmp(name, rows[i][0], strlen(rows[i][0])) == 0) return rows[i][1];
    return "tile control";
}

static void print_module(ts_arena *arena, const ts_json *module) {
    const bool is_compute = strcmp(module->key, "core") == 0 || strcmp(module->key, "memory") == 0;
    const char *tile = is_compute                         ? "compute"
                       : strcmp(module->key, "shim") == 0 ? "shim"
                                                          : "memory";
    printf("\nmodule\t%s\t%s\n", module->key, tile);
    items set = read_registers(arena, ts_json_get(module, "registers"));
    const char *last = "";
    for (size_t i = 0; i < set.count; i++) {
        item *first = &set.all[i];
        if (first->done) continue;
        if (strcmp(last, heading(first->name)) != 0) printf("# %s\n", heading(first->name));
        last = heading(first->name);
        ts_buf name = ts_buf_in(arena), strides = ts_buf_in(arena);
        fold(arena, &set, first, &name, &strides);
        printf("0x%05" PRIX32 "%.*s\t%.*s\t%s", first->at, (int)strides.size,
               (const char *)strides.data, (int)name.size, (const char *)name.data, first->alike);
    }
}

int main(int argc, char **argv) {
    if (argc != 2) fail("usage", "import_registers REGISTERS.json");
    ts_arena arena;
    ts_arena_init(&arena, 0);
    ts_diag diag = {0};
    ts_span text;
    ts_json *tree = NULL;
    if (ts_file_read(&arena, argv[1], 0, &text, &diag) != TS_OK ||
        ts_json_parse(&arena, text, argv[1], &tree, &diag) != TS_OK)
        fail(argv[1], diag.message);
    printf("%s", file_head);
    for (const ts_json *m = ts_json_get(tree, "modules")->first; m; m = m->next)
        print_module(&arena, m);
    ts_arena_free(&arena);
    return fflush(stdout) == 0 ? 0 : 1;
}
