/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * tessera run --stats: what cores and DMA channels did, as tables.
 */
#include "cli_run.h"

#include <inttypes.h>

static const char *place(ts_arena *arena, uint32_t column, uint32_t row) {
    const char *text = ts_arena_printf(arena, "(%" PRIu32 ",%" PRIu32 ")", column, row);
    return text ? text : "?";
}

/* ---- cores ------------------------------------------------------------------------------------
 */

static void core_row(cli_table *table, const ts_array *array, uint32_t column, uint32_t row) {
    ts_core_stats s;
    if (!ts_array_core_stats(array, column, row, &s) || !s.is_enabled) return;
    cli_cell(table, "%s", place(table->arena, column, row));
    cli_cell(table, "%" PRIu64, s.cycles);
    cli_cell(table, "%" PRIu64, s.bundles);
    cli_cell(table, "%" PRIu64, s.stalls[TS_CORE_WAITS_LOCK]);
    cli_cell(table, "%" PRIu64,
             s.stalls[TS_CORE_WAITS_STREAM_IN] + s.stalls[TS_CORE_WAITS_STREAM_OUT]);
    cli_cell(table, "%" PRIu64,
             s.stalls[TS_CORE_WAITS_CASCADE_IN] + s.stalls[TS_CORE_WAITS_CASCADE_OUT]);
    cli_cell(table, "%" PRIu64, s.bank_waits);
    cli_cell(table, "%s", ts_core_state_text(s.state));
}

cli_table cli_run_core_table(ts_arena *arena, const ts_array *array) {
    static const cli_column columns[] = {{"core", CLI_LEFT},          {"cycles", CLI_RIGHT},
                                         {"bundles", CLI_RIGHT},      {"lock waits", CLI_RIGHT},
                                         {"stream waits", CLI_RIGHT}, {"cascade waits", CLI_RIGHT},
                                         {"bank waits", CLI_RIGHT},   {"state", CLI_LEFT}};
    cli_table table = cli_table_new(arena, columns, sizeof columns / sizeof *columns);
    const ts_npu_device *device = ts_array_device(array);
    for (uint32_t column = 0; column < device->n_columns; column++)
        for (uint32_t row = 0; row < device->n_rows; row++)
            core_row(&table, array, column, row);
    return table;
}

/* ---- slots ------------------------------------------------------------------------------------
 */

/* Bundles that had something to do in each slot, by the program that is there now. */
static void count_slots(ts_span program, const uint64_t *counts, uint64_t used[TS_AIE2_N_SLOTS]) {
    for (size_t at = 0; at < program.size; at += 2) {
        ts_aie2_bundle bundle;
        ts_aie2_reject why;
        if (!counts[at / 2] || !ts_aie2_decode(program.data + at, program.size - at, &bundle, &why))
            continue;
        for (unsigned i = 0; i < ts_aie2_formats[bundle.format].n_slots; i++)
            if (!ts_aie2_is_nop(&bundle.ops[i]))
                used[ts_aie2_formats[bundle.format].slots[i]] += counts[at / 2];
    }
}

static void slot_row(cli_table *table, const cli_run_job *job, uint32_t column, uint32_t row) {
    uint64_t used[TS_AIE2_N_SLOTS] = {0};
    ts_core_stats s;
    if (!ts_array_core_stats(job->array, column, row, &s) || !s.is_enabled) return;
    count_slots(ts_array_memory(job->array, column, row, "program"),
                job->counts[cli_run_tile(job, column, row)], used);
    cli_cell(table, "%s", place(table->arena, column, row));
    for (unsigned slot = 0; slot < TS_AIE2_SLOT_NOP; slot++)
        cli_cell(table, "%" PRIu64, used[slot]);
    cli_cell(table, "%" PRIu64, s.macs);
}

cli_table cli_run_slot_table(ts_arena *arena, const cli_run_job *job) {
    /* As TS_AIE2_SLOT_LIST, without the one that holds nothing. */
    static const cli_column columns[] = {
        {"core", CLI_LEFT}, {"lda", CLI_RIGHT}, {"ldb", CLI_RIGHT},
        {"st", CLI_RIGHT},  {"alu", CLI_RIGHT}, {"mv", CLI_RIGHT},
        {"vec", CLI_RIGHT}, {"lng", CLI_RIGHT}, {"macs", CLI_RIGHT}};
    _Static_assert(sizeof columns / sizeof *columns == TS_AIE2_SLOT_NOP + 2, "a column a slot");
    cli_table table = cli_table_new(arena, columns, sizeof columns / sizeof *columns);
    const ts_npu_device *device = ts_array_device(job->array);
    for (uint32_t column = 0; column < device->n_columns; column++)
        for (uint32_t row = 0; row < device->n_rows; row++)
            slot_row(&table, job, column, row);
    return table;
}

/* ---- DMA channels -----------------------------------------------------------------------------
 */

static void dma_row(cli_table *table, const ts_array *array, uint32_t column, uint32_t row,
                    uint32_t channel, bool is_mm2s) {
    ts_dma_stats s;
    if (!ts_array_dma_stats(array, column, row, is_mm2s, channel, &s)) return;
    if (!s.tasks && !s.descriptors && !s.is_running) return;
    cli_cell(table, "%s", place(table->arena, column, row));
    cli_cell(table, "%s %" PRIu32, is_mm2s ? "MM2S" : "S2MM", channel);
    cli_cell(table, "%" PRIu64, s.tasks);
    cli_cell(table, "%" PRIu64, s.descriptors);
    cli_cell(table, "%" PRIu64, s.words * 4);
    cli_cell(table, "%" PRIu64, s.busy);
    cli_cell(table, "%" PRIu64, s.lock_waits);
    cli_cell(table, "%" PRIu64, s.stream_waits);
    cli_cell(table, "%" PRIu64, s.memory_waits);
    cli_cell(table, "%s", s.is_running ? "runs" : "idle");
}

static void dma_rows(cli_table *table, const ts_array *array, uint32_t column, uint32_t row,
                     bool is_mm2s) {
    unsigned n = ts_npu_tile_at(ts_array_device(array), column, row)->n_channels;
    for (unsigned channel = 0; channel < n; channel++)
        dma_row(table, array, column, row, channel, is_mm2s);
}

cli_table cli_run_dma_table(ts_arena *arena, const ts_array *array) {
    static const cli_column columns[] = {{"tile", CLI_LEFT},          {"dma", CLI_LEFT},
                                         {"tasks", CLI_RIGHT},        {"descriptors", CLI_RIGHT},
                                         {"bytes", CLI_RIGHT},        {"busy", CLI_RIGHT},
                                         {"lock waits", CLI_RIGHT},   {"stream waits", CLI_RIGHT},
                                         {"memory waits", CLI_RIGHT}, {"state", CLI_LEFT}};
    cli_table table = cli_table_new(arena, columns, sizeof columns / sizeof *columns);
    const ts_npu_device *device = ts_array_device(array);
    for (uint32_t column = 0; column < device->n_columns; column++)
        for (uint32_t row = 0; row < device->n_rows; row++)
            for (unsigned k = 0; k < 2; k++)
                dma_rows(&table, array, column, row, k != 0);
    return table;
}
