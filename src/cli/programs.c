/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The core programs that a configuration loads: what the commands of a CDO, of a PDI's CDOs, or of
 * the PDIs in a container write to the program memories, tile by tile.
 */
#include "cli.h"

#include "tessera/npu.h"
#include "tessera/xclbin.h"

#include <string.h>

typedef struct collector {
    ts_arena *arena;
    const char *file;
    cli_programs *programs;
    const char *where; /* which PDI, or "" */
} collector;

static cli_program *program_of(collector *c, ts_npu_place place, uint32_t size) {
    cli_programs *all = c->programs;
    for (size_t i = 0; i < all->n; i++)
        if (all->list[i].column == place.column && all->list[i].row == place.row &&
            !strcmp(all->list[i].where, c->where))
            return &all->list[i];
    size_t bytes = all->n * sizeof *all->list;
    cli_program *grown = ts_arena_grow(c->arena, all->list, bytes, bytes + sizeof *grown);
    if (!grown) return NULL;
    all->list = grown;
    cli_program *p = &all->list[all->n];
    *p = (cli_program){.where = c->where, .column = place.column, .row = place.row, .size = size};
    p->memory = ts_arena_alloc(c->arena, size);
    p->is_written = ts_arena_alloc(c->arena, size);
    if (!p->memory || !p->is_written) return NULL;
    all->n++;
    return p;
}

static void put_word(cli_program *p, uint32_t offset, uint32_t value, uint32_t mask) {
    for (unsigned i = 0; i < 4 && offset + i < p->size; i++) {
        uint8_t bits = (uint8_t)(mask >> i * 8);
        uint8_t *byte = &p->memory[offset + i];
        *byte = (uint8_t)((*byte & ~bits) | ((value >> i * 8) & bits));
        p->is_written[offset + i] = 1;
    }
}

static ts_status put_store(collector *c, const ts_cdo_store *store, ts_diag *diag) {
    ts_npu_place place;
    if (!ts_npu_split(&ts_npu_phoenix, store->addr, &place)) return TS_OK;
    const ts_npu_tile *tile = ts_npu_tile_at(&ts_npu_phoenix, place.column, place.row);
    const ts_npu_memory *memory = tile ? ts_npu_memory_at(tile, place.offset) : NULL;
    if (!memory || strcmp(memory->name, "program") != 0) return TS_OK;
    cli_program *p = program_of(c, place, memory->size);
    if (!p) return ts_fail_nomem(diag);
    uint32_t at = place.offset - memory->offset;
    ts_cur cur = ts_cur_of(store->data);
    for (uint32_t i = 0; i < store->count && at < p->size; i++, at += 4)
        put_word(p, at, store->data.size ? ts_cur_u32le(&cur) : store->value, store->mask);
    return TS_OK;
}

static ts_status from_cdo(collector *c, ts_span bytes, ts_diag *diag) {
    ts_cdo cdo;
    TS_TRY(ts_cdo_parse(c->arena, bytes, c->file, &cdo, diag));
    for (size_t i = 0; i < cdo.n_commands; i++) {
        ts_cdo_store store;
        if (ts_cdo_store_of(&cdo.commands[i], &store)) TS_TRY(put_store(c, &store, diag));
    }
    return TS_OK;
}

static ts_status from_pdi(collector *c, ts_span bytes, ts_diag *diag) {
    ts_pdi pdi;
    TS_TRY(ts_pdi_parse(c->arena, bytes, c->file, &pdi, diag));
    for (size_t i = 0; i < pdi.n_partitions; i++) {
        const ts_pdi_partition *partition = &pdi.partitions[i];
        if (ts_pdi_partition_protection(partition) ||
            ts_pdi_partition_type(partition) != TS_PDI_TYPE_CDO)
            continue;
        TS_TRY(from_cdo(c, ts_pdi_partition_content(partition), diag));
    }
    return TS_OK;
}

static ts_status from_partition(collector *c, ts_span data, ts_diag *diag) {
    ts_xclbin_partition partition;
    TS_TRY(ts_xclbin_read_partition(c->arena, data, c->file, &partition, diag));
    for (size_t i = 0; i < partition.n_pdis; i++) {
        c->where = partition.n_pdis > 1 ? ts_arena_printf(c->arena, "PDI %zu, ", i) : "";
        if (!c->where) return ts_fail_nomem(diag);
        TS_TRY(from_pdi(c, partition.pdis[i].image, diag));
    }
    return TS_OK;
}

/* The PDIs of a partition, and those that older containers have in sections of their own. */
static ts_status from_xclbin(collector *c, ts_span bytes, ts_diag *diag) {
    ts_xclbin x;
    TS_TRY(ts_xclbin_read(c->arena, bytes, c->file, &x, diag));
    for (size_t i = 0; i < x.n_sections; i++) {
        const ts_xclbin_section *section = &x.sections[i];
        if (section->kind == TS_XCLBIN_AIE_PARTITION)
            TS_TRY(from_partition(c, section->data, diag));
        if (section->kind != TS_XCLBIN_PDI || !ts_pdi_is_image(section->data)) continue;
        c->where = "PDI section, ";
        TS_TRY(from_pdi(c, section->data, diag));
    }
    return TS_OK;
}

bool cli_holds_programs(ts_span bytes) {
    return ts_cdo_is_binary(bytes) || ts_pdi_is_image(bytes) || ts_xclbin_is_container(bytes);
}

ts_status cli_find_programs(ts_arena *arena, ts_span bytes, const char *file, cli_programs *out,
                            ts_diag *diag) {
    *out = (cli_programs){0};
    collector c = {arena, file, out, ""};
    if (ts_cdo_is_binary(bytes)) return from_cdo(&c, bytes, diag);
    if (ts_pdi_is_image(bytes)) return from_pdi(&c, bytes, diag);
    return from_xclbin(&c, bytes, diag);
}
