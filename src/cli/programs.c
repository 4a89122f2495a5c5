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

static bool new_part(ts_arena *arena, uint32_t offset, uint32_t size, cli_written *out) {
    *out = (cli_written){.offset = offset, .size = size};
    out->bytes = ts_arena_alloc(arena, size);
    out->is_written = ts_arena_alloc(arena, size);
    return out->bytes && out->is_written;
}

static const ts_npu_memory *memory_named(const ts_npu_tile *tile, const char *name) {
    for (unsigned i = 0; i < tile->n_memories; i++)
        if (!strcmp(tile->memories[i].name, name)) return &tile->memories[i];
    return NULL;
}

static cli_program *find_program(const collector *c, ts_npu_place place) {
    for (size_t i = 0; i < c->programs->n; i++) {
        cli_program *p = &c->programs->list[i];
        if (p->column == place.column && p->row == place.row && !strcmp(p->where, c->where))
            return p;
    }
    return NULL;
}

static cli_program *program_of(collector *c, const ts_npu_tile *tile, ts_npu_place place) {
    cli_programs *all = c->programs;
    const ts_npu_memory *program = memory_named(tile, "program"),
                        *data = memory_named(tile, "data");
    cli_program *found = find_program(c, place);
    if (found) return found;
    size_t bytes = all->n * sizeof *all->list;
    cli_program *grown = ts_arena_grow(c->arena, all->list, bytes, bytes + sizeof *grown);
    if (!grown) return NULL;
    all->list = grown;
    cli_program *p = &all->list[all->n];
    *p = (cli_program){.where = c->where, .column = place.column, .row = place.row};
    if (!new_part(c->arena, program->offset, program->size, &p->program) ||
        !new_part(c->arena, data->offset, data->size, &p->data) ||
        !new_part(c->arena, tile->bd_offset, tile->n_bds * tile->bd_stride, &p->descriptors))
        return NULL;
    all->n++;
    return p;
}

static void put_word(cli_written *part, uint32_t offset, uint32_t value, uint32_t mask) {
    for (unsigned i = 0; i < 4 && offset + i < part->size; i++) {
        uint8_t bits = (uint8_t)(mask >> i * 8);
        uint8_t *byte = &part->bytes[offset + i];
        *byte = (uint8_t)((*byte & ~bits) | ((value >> i * 8) & bits));
        part->is_written[offset + i] = 1;
    }
}

/* `offset` in the tile is where the store begins. */
static void put_part(cli_written *part, const ts_cdo_store *store, uint32_t offset) {
    uint32_t i = offset < part->offset ? (part->offset - offset + 3) / 4 : 0;
    for (; i < store->count; i++) {
        uint64_t at = (uint64_t)offset + UINT64_C(4) * i - part->offset;
        uint32_t value = store->value;
        if (at >= part->size) return;
        if (store->data.size) {
            ts_cur cur = ts_cur_of(store->data);
            ts_cur_skip(&cur, (size_t)i * 4);
            value = ts_cur_u32le(&cur);
        }
        put_word(part, (uint32_t)at, value, store->mask);
    }
}

static ts_status put_store(collector *c, const ts_cdo_store *store, ts_diag *diag) {
    ts_npu_place place;
    if (!ts_npu_split(&ts_npu_phoenix, store->addr, &place)) return TS_OK;
    const ts_npu_tile *tile = ts_npu_tile_at(&ts_npu_phoenix, place.column, place.row);
    if (!tile || tile->kind != TS_NPU_COMPUTE) return TS_OK;
    cli_program *p = program_of(c, tile, place);
    if (!p) return ts_fail_nomem(diag);
    put_part(&p->program, store, place.offset);
    put_part(&p->data, store, place.offset);
    put_part(&p->descriptors, store, place.offset);
    return TS_OK;
}

/* Only the tiles that have a program. */
static void drop_others(cli_programs *all) {
    size_t n = 0;
    for (size_t i = 0; i < all->n; i++) {
        const cli_written *program = &all->list[i].program;
        if (memchr(program->is_written, 1, program->size)) all->list[n++] = all->list[i];
    }
    all->n = n;
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
    if (ts_cdo_is_binary(bytes))
        TS_TRY(from_cdo(&c, bytes, diag));
    else if (ts_pdi_is_image(bytes))
        TS_TRY(from_pdi(&c, bytes, diag));
    else
        TS_TRY(from_xclbin(&c, bytes, diag));
    drop_others(out);
    return TS_OK;
}
