/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Names for findings, from the symbols of a core's program: functions, buffers, the stack.
 */
#include "array_int.h"

#include <stdlib.h>

/* What the linker scripts of mlir-aie call the beginning of the stack.
 * src: Xilinx/mlir-aie: lib/Targets/AIETargetLdScript.cpp [code] */
static const char STACK_SYMBOL[] = "_sp_start_value_DM_stack";

static int by_address(const void *a, const void *b) {
    const arr_symbol *x = a, *y = b;
    return (x->address > y->address) - (x->address < y->address);
}

/* To the next symbol, where none is told. */
static void find_sizes(arr_symbol *symbols, size_t n, uint32_t end) {
    for (size_t i = n; i-- > 0;) {
        uint32_t next = i + 1 < n ? symbols[i + 1].address : end;
        if (!symbols[i].size && next > symbols[i].address)
            symbols[i].size = next - symbols[i].address;
    }
}

const arr_symbol *arr_symbol_find(const arr_symbol *symbols, size_t n, uint32_t address) {
    size_t low = 0, high = n; /* the first `low` begin at or before it */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (symbols[middle].address <= address)
            low = middle + 1;
        else
            high = middle;
    }
    if (!low || address - symbols[low - 1].address >= symbols[low - 1].size) return NULL;
    return &symbols[low - 1];
}

const char *arr_symbol_at(const arr_symbol *symbols, size_t n, uint32_t address) {
    const arr_symbol *s = arr_symbol_find(symbols, n, address);
    return s ? s->name : NULL;
}

const char *ts_array_function(const ts_array *array, uint32_t column, uint32_t row, uint32_t pc) {
    const arr_tile *tile = arr_tile_at(array, column, row);
    if (!tile || !tile->cpu) return NULL;
    const arr_symbols *s = &tile->cpu->symbols;
    return arr_symbol_at(s->functions, s->n_functions, pc);
}

void ts_array_set_stack(ts_array *array, uint32_t column, uint32_t row, uint32_t base,
                        uint32_t size) {
    arr_tile *tile = arr_tile_at(array, column, row);
    if (!tile || !tile->cpu) return;
    tile->cpu->symbols.has_stack = true;
    tile->cpu->symbols.stack_base = base;
    tile->cpu->symbols.stack_end = base + size;
}

static bool is_function(const ts_object_symbol *symbol) {
    return symbol->type == TS_STT_FUNC && symbol->value < TS_AIE2_PROGRAM_BYTES;
}

static bool is_buffer(const ts_object_symbol *symbol) {
    return symbol->type != TS_STT_FUNC && symbol->name[0] && symbol->value >= TS_CORE_DATA_BASE &&
           symbol->value < TS_CORE_DATA_BASE + TS_CORE_N_WINDOWS * TS_CORE_WINDOW_BYTES &&
           strcmp(symbol->name, STACK_SYMBOL) != 0;
}

/* The stack ends where the next symbol begins, when its own has no size. */
static void find_stack(ts_array *a, arr_tile *tile, const ts_object *program) {
    uint32_t number = ts_object_find_symbol(program, STACK_SYMBOL);
    if (!number) return;
    uint32_t base = program->symbols[number].value, size = program->symbols[number].size;
    if (size) {
        ts_array_set_stack(a, tile->column, tile->row, base, size);
        return;
    }
    uint32_t end = (base & ~(uint32_t)(TS_CORE_WINDOW_BYTES - 1)) + TS_CORE_WINDOW_BYTES;
    const arr_symbols *s = &tile->cpu->symbols;
    for (size_t i = 0; i < s->n_buffers; i++)
        if (s->buffers[i].address > base && s->buffers[i].address < end)
            end = s->buffers[i].address;
    ts_array_set_stack(a, tile->column, tile->row, base, end - base);
}

enum {
    ALL_BYTES = TS_CORE_N_WINDOWS * TS_CORE_WINDOW_BYTES,
    ALL_WORDS = ALL_BYTES / 64,
};

/* [address, address + size), as far as it is data memory. */
static void name_bytes(arr_symbols *s, uint32_t address, uint64_t size) {
    uint64_t at = address, end = at + size;
    if (at < TS_CORE_DATA_BASE) return;
    at -= TS_CORE_DATA_BASE;
    end -= TS_CORE_DATA_BASE;
    if (end > ALL_BYTES) end = ALL_BYTES;
    while (at < end) {
        unsigned n = 64 - at % 64 < end - at ? (unsigned)(64 - at % 64) : (unsigned)(end - at);
        arr_set_bits(s->named, ALL_WORDS, (uint32_t)at, n);
        at += n;
    }
}

static void name_all(arr_symbols *s, const ts_object *program) {
    if (s->has_stack) name_bytes(s, s->stack_base, s->stack_end - s->stack_base);
    for (size_t i = 0; i < s->n_buffers; i++)
        name_bytes(s, s->buffers[i].address, s->buffers[i].size);
    for (size_t i = 0; i < program->n_sections; i++)
        if (program->sections[i].flags & TS_SHF_ALLOC)
            name_bytes(s, program->sections[i].addr, ts_object_section_size(&program->sections[i]));
}

ts_status ts_array_add_symbols(ts_array *array, uint32_t column, uint32_t row,
                               const ts_object *program, ts_diag *diag) {
    arr_tile *tile = arr_tile_at(array, column, row);
    if (!tile || !tile->cpu)
        return ts_fail(diag, TS_RANGE, NULL, "tile (%u,%u) has no core", column, row);
    arr_symbols *s = &tile->cpu->symbols;
    *s = (arr_symbols){0};
    s->functions = TS_ARENA_ARRAY(array->arena, arr_symbol, program->n_symbols);
    s->buffers = TS_ARENA_ARRAY(array->arena, arr_symbol, program->n_symbols);
    if (!s->functions || !s->buffers) return ts_fail_nomem(diag);
    for (size_t i = 1; i < program->n_symbols; i++) {
        const ts_object_symbol *symbol = &program->symbols[i];
        arr_symbol entry = {symbol->value, symbol->size, symbol->name};
        if (is_function(symbol)) s->functions[s->n_functions++] = entry;
        if (is_buffer(symbol)) s->buffers[s->n_buffers++] = entry;
    }
    qsort(s->functions, s->n_functions, sizeof *s->functions, by_address);
    qsort(s->buffers, s->n_buffers, sizeof *s->buffers, by_address);
    find_sizes(s->functions, s->n_functions, TS_AIE2_PROGRAM_BYTES);
    find_sizes(s->buffers, s->n_buffers,
               TS_CORE_DATA_BASE + TS_CORE_N_WINDOWS * TS_CORE_WINDOW_BYTES);
    find_stack(array, tile, program);
    if (!s->n_buffers) return TS_OK;
    s->named = TS_ARENA_ARRAY(array->arena, uint64_t, ALL_WORDS);
    if (!s->named) return ts_fail_nomem(diag);
    name_all(s, program);
    return TS_OK;
}
