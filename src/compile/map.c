/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Where everything of a placed design lies: data memory piece by piece with the gaps between,
 * locks, buffer descriptors with the channels that run them.
 */
#include "compile_int.h"

#include "map_int.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

const char *ts_compile_use_name(ts_compile_use use) {
    static const char *const names[] = {
#define X(constant, name) name,
        TS_COMPILE_USE_LIST(X)
#undef X
    };
    return names[use];
}

/* ---- memory ---------------------------------------------------------------------------------- */

/* src: Xilinx/mlir-aie: include/aie/Dialect/AIE/IR/AIETargetModel.h, getNumBanks [code] */
static uint32_t bank_bytes(const ts_npu_tile *kind) {
    return kind->memories[0].size / (kind->kind == TS_NPU_MEMORY ? 8 : 4);
}

static void add_piece(map *m, const comp_tile *tile, ts_compile_use use, const char *name,
                      uint32_t addr, uint32_t size) {
    uint32_t bank = bank_bytes(tile->kind);
    if (!size) return;
    m->out->pieces[m->out->n_pieces++] = (ts_compile_piece){
        tile->column, tile->row, use, name, addr, size, addr / bank, (addr + size - 1) / bank};
}

static void add_program(map *m, const comp_tile *tile, const ts_compile_core *core) {
    uint32_t own = comp_windows[COMP_OWN_WINDOW].base;
    for (size_t i = 0; core->file && i < core->program.n_segments; i++) {
        const ts_object_segment *s = &core->program.segments[i];
        if (s->type != TS_PT_LOAD) continue;
        if (s->paddr < tile->kind->memories[1].size)
            add_piece(m, tile, TS_COMPILE_USE_PROGRAM, "", s->paddr, s->mem_size);
        else if (s->paddr >= own && s->paddr - own < COMP_WINDOW_BYTES)
            add_piece(m, tile, TS_COMPILE_USE_DATA, "", s->paddr - own, s->mem_size);
    }
}

static ts_status add_cores(map *m) {
    for (size_t i = 0; i < m->placed->n_cores; i++) {
        const ts_compile_core *core = &m->placed->cores[i];
        comp_tile tile;
        TS_TRY(comp_tile_of(&m->c, core->op, &tile));
        add_piece(m, &tile, TS_COMPILE_USE_STACK, "", 0, core->stack_bytes);
        add_program(m, &tile, core);
    }
    return TS_OK;
}

static ts_status add_buffer(map *m, const ts_op *op) {
    comp_tile tile;
    uint32_t address;
    TS_TRY(comp_tile_of(&m->c, op, &tile));
    TS_TRY(comp_buffer_address(&m->c, op, &address));
    add_piece(m, &tile, TS_COMPILE_USE_BUFFER, ts_op_text(op, "sym_name", ""), address,
              (uint32_t)comp_memref_bytes(op->results[0].type));
    return TS_OK;
}

static int by_place(const void *a, const void *b) {
    const ts_compile_piece *x = a, *y = b;
    bool is_x = x->use == TS_COMPILE_USE_PROGRAM, is_y = y->use == TS_COMPILE_USE_PROGRAM;
    if (x->column != y->column) return x->column < y->column ? -1 : 1;
    if (x->row != y->row) return x->row < y->row ? -1 : 1;
    if (is_x != is_y) return is_x ? 1 : -1;
    if (x->addr != y->addr) return x->addr < y->addr ? -1 : 1;
    return x->use < y->use ? -1 : x->use > y->use;
}

/* What no piece of a tile covers, up to the end of its memory. */
static void add_free(map *m, const comp_tile *tile, const ts_compile_piece *pieces, size_t n) {
    uint64_t at = 0, end = tile->kind->memories[0].size;
    for (size_t i = 0; i < n; i++) {
        const ts_compile_piece *p = &pieces[i];
        if (p->column != tile->column || p->row != tile->row || p->use == TS_COMPILE_USE_PROGRAM)
            continue;
        if (p->addr > at)
            add_piece(m, tile, TS_COMPILE_USE_FREE, "", (uint32_t)at, p->addr - (uint32_t)at);
        if ((uint64_t)p->addr + p->size > at) at = (uint64_t)p->addr + p->size;
    }
    if (at < end) add_piece(m, tile, TS_COMPILE_USE_FREE, "", (uint32_t)at, (uint32_t)(end - at));
}

static void sort_pieces(map *m) {
    if (m->out->n_pieces) qsort(m->out->pieces, m->out->n_pieces, sizeof *m->out->pieces, by_place);
}

/* Every tile with memory that the design names, once. */
static ts_status add_gaps(map *m) {
    bool is_done[UINT8_MAX + 1] = {0}; /* column * rows + row */
    size_t n = m->out->n_pieces;
    for (const ts_op *op = ts_op_child(m->c.device, TS_OP_AIE_TILE, NULL); op;
         op = ts_op_child(m->c.device, TS_OP_AIE_TILE, op)) {
        comp_tile tile;
        TS_TRY(comp_tile_of(&m->c, op, &tile));
        uint32_t number = tile.column * m->c.npu->n_rows + tile.row;
        if (!tile.kind->n_memories || number > UINT8_MAX || is_done[number]) continue;
        is_done[number] = true;
        add_free(m, &tile, m->out->pieces, n);
    }
    return TS_OK;
}

static size_t count(const map *m, ts_op_code code) {
    size_t n = 0;
    for (const ts_op *op = m->c.device; op; op = ts_op_next_below(m->c.device, op))
        n += op->code == code;
    return n;
}

static ts_status add_memory(map *m) {
    size_t n = count(m, TS_OP_AIE_BUFFER) + m->placed->n_cores;
    for (size_t i = 0; i < m->placed->n_cores; i++)
        n += m->placed->cores[i].program.n_segments;
    /* Behind each piece a gap, and one more in each tile. */
    m->out->pieces = TS_ARENA_ARRAY(m->c.arena, ts_compile_piece, 2 * n + count(m, TS_OP_AIE_TILE));
    if (!m->out->pieces) return ts_fail_nomem(m->c.diag);
    TS_TRY(add_cores(m));
    for (const ts_op *op = ts_op_child(m->c.device, TS_OP_AIE_BUFFER, NULL); op;
         op = ts_op_child(m->c.device, TS_OP_AIE_BUFFER, op))
        TS_TRY(add_buffer(m, op));
    sort_pieces(m);
    TS_TRY(add_gaps(m));
    sort_pieces(m);
    return TS_OK;
}

/* ---- locks ----------------------------------------------------------------------------------- */

static int by_lock(const void *a, const void *b) {
    const ts_compile_lock *x = a, *y = b;
    if (x->column != y->column) return x->column < y->column ? -1 : 1;
    if (x->row != y->row) return x->row < y->row ? -1 : 1;
    if (x->id != y->id) return x->id < y->id ? -1 : 1;
    return strcmp(x->name, y->name);
}

static ts_status add_locks(map *m) {
    m->out->locks = TS_ARENA_ARRAY(m->c.arena, ts_compile_lock, count(m, TS_OP_AIE_LOCK));
    if (!m->out->locks) return ts_fail_nomem(m->c.diag);
    for (const ts_op *op = ts_op_child(m->c.device, TS_OP_AIE_LOCK, NULL); op;
         op = ts_op_child(m->c.device, TS_OP_AIE_LOCK, op)) {
        comp_tile tile;
        int64_t id;
        TS_TRY(comp_tile_of(&m->c, op, &tile));
        TS_TRY(comp_need(&m->c, op, "lockID", 0, tile.kind->n_locks - 1, &id));
        m->out->locks[m->out->n_locks++] =
            (ts_compile_lock){tile.column, tile.row, (uint32_t)id, ts_op_integer(op, "init", 0),
                              ts_op_text(op, "sym_name", "")};
    }
    if (m->out->n_locks) qsort(m->out->locks, m->out->n_locks, sizeof *m->out->locks, by_lock);
    return TS_OK;
}

/* ---- descriptors ----------------------------------------------------------------------------- */

static int by_descriptor(const void *a, const void *b) {
    const ts_compile_descriptor *x = a, *y = b;
    if (x->column != y->column) return x->column < y->column ? -1 : 1;
    if (x->row != y->row) return x->row < y->row ? -1 : 1;
    return x->number < y->number ? -1 : x->number > y->number;
}

static ts_compile_descriptor *find_descriptor(map *m, const comp_tile *tile, int64_t number) {
    for (size_t i = m->out->n_descriptors; i-- > 0;) {
        ts_compile_descriptor *d = &m->out->descriptors[i];
        if (d->column == tile->column && d->row == tile->row && d->number == number) return d;
    }
    return NULL;
}

/* Name the descriptors that a channel comes to, from its first by the numbers of the next. */
static ts_status name_chain(map *m, const comp_tile *tile, const ts_op *start,
                            const ts_block *first) {
    const ts_op *op = first ? first->first : NULL;
    while (op && op->code != TS_OP_AIE_DMA_BD)
        op = op->next;
    const char *channel = ts_arena_printf(m->c.arena, "%s %" PRId64,
                                          ts_op_integer(start, "channel_dir", 0) ? "MM2S" : "S2MM",
                                          ts_op_integer(start, "channel_index", 0));
    if (!channel) return ts_fail_nomem(m->c.diag);
    ts_compile_descriptor *d = op ? find_descriptor(m, tile, ts_op_integer(op, "bd_id", -1)) : NULL;
    while (d && !*d->channel) {
        d->channel = channel;
        d = d->bd.use_next ? find_descriptor(m, tile, d->bd.next) : NULL;
    }
    return TS_OK;
}

static ts_status add_dma(map *m, const ts_op *dma) {
    comp_tile tile;
    TS_TRY(comp_tile_of(&m->c, dma, &tile));
    for (const ts_op *op = dma; op; op = ts_op_next_below(dma, op)) {
        if (op->code != TS_OP_AIE_DMA_BD) continue;
        ts_compile_descriptor *d = &m->out->descriptors[m->out->n_descriptors];
        *d = (ts_compile_descriptor){.column = tile.column, .row = tile.row, .channel = ""};
        TS_TRY(comp_read_bd(&m->c, dma, op, &d->number, &d->bd));
        m->out->n_descriptors++;
    }
    for (const ts_op *op = dma; op; op = ts_op_next_below(dma, op)) {
        if (op->code == TS_OP_AIE_DMA_START && op->n_successors)
            TS_TRY(name_chain(m, &tile, op, op->successors[0]));
        if (op->code == TS_OP_AIE_DMA && op->n_regions)
            TS_TRY(name_chain(m, &tile, op, op->regions[0].first));
    }
    return TS_OK;
}

static ts_status add_descriptors(map *m) {
    static const ts_op_code kinds[] = {TS_OP_AIE_MEM, TS_OP_AIE_MEMTILE_DMA, TS_OP_AIE_SHIM_DMA};
    size_t n = count(m, TS_OP_AIE_DMA_BD);
    m->out->descriptors = TS_ARENA_ARRAY(m->c.arena, ts_compile_descriptor, n);
    if (!m->out->descriptors) return ts_fail_nomem(m->c.diag);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        for (const ts_op *op = ts_op_child(m->c.device, kinds[i], NULL); op;
             op = ts_op_child(m->c.device, kinds[i], op))
            TS_TRY(add_dma(m, op));
    if (m->out->n_descriptors)
        qsort(m->out->descriptors, m->out->n_descriptors, sizeof *m->out->descriptors,
              by_descriptor);
    return TS_OK;
}

ts_status ts_compile_map_of(ts_arena *arena, const ts_compile_result *placed, ts_compile_map *out,
                            ts_diag *diag) {
    map m = {.placed = placed, .out = out};
    *out = (ts_compile_map){0};
    TS_TRY(comp_init(&m.c, arena, placed->design, placed->device, NULL, diag));
    out->npu = m.c.npu;
    TS_TRY(add_memory(&m));
    TS_TRY(add_locks(&m));
    TS_TRY(add_descriptors(&m));
    return comp_add_routes(&m);
}
