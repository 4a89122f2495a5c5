/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Objectfifos: the buffers and locks of each end. In a link only one of the objectfifos has
 * elements: the larger one, or that with initial values. A memory tile that is full lends from its
 * neighbors.
 * src: Xilinx/mlir-aie: lib/Dialect/AIE/Transforms/AIEObjectFifoStatefulTransform.cpp,
 * createObjectFifoElements, createObjectFifoLocks [code]
 */
#include "pass_fifo.h"

#include <string.h>

/* ---- locks ----------------------------------------------------------------------------------- */

/* Who holds the locks of a tile: "a_prod_lock_0 0, ...". */
static const char *lock_users(fifo_state *s, const ts_op *tile) {
    ts_buf out = ts_buf_in(s->c->design->arena);
    for (const ts_op *op = fifo_next(s->c->device, s->c->device, TS_OP_AIE_LOCK); op;
         op = fifo_next(s->c->device, op, TS_OP_AIE_LOCK))
        if (pass_tile_of(op) == tile)
            ts_buf_printf(&out, "%s%s", out.size ? ", " : "", pass_name(op));
    ts_buf_u8(&out, 0);
    return out.failed ? "" : (const char *)out.data;
}

static ts_status take_lock(fifo_state *s, const fifo *f, ts_op *tile, int64_t *id) {
    fifo_tile *state = fifo_tile_of(s, tile);
    const ts_npu_tile *kind = pass_tile_kind(s->c, tile);
    for (*id = 0; *id < kind->n_locks; ++*id) {
        if (state->locks >> *id & 1) continue;
        state->locks |= UINT64_C(1) << *id;
        return TS_OK;
    }
    return pass_fail(s->c, f->op, TS_RANGE,
                     "no lock is left in %s for objectfifo '%s': all %u are taken: %s",
                     pass_tile_text(s->c, tile), f->name, kind->n_locks, lock_users(s, tile));
}

static ts_status make_lock(fifo_state *s, fifo *f, ts_op *tile, int64_t init, const char *kind,
                           size_t number) {
    const ts_type *index = ts_type_index(s->c->design);
    int64_t id;
    TS_TRY(take_lock(s, f, tile, &id));
    ts_op *op =
        pass_make(&s->b, TS_OP_AIE_LOCK, (ts_value *[]){pass_result(tile)}, 1, &index, 1, 0);
    char *name = pass_text(&s->b, "%s_%s_lock_%zu", f->name, kind, number);
    pass_set_i32(&s->b, op, "lockID", id);
    pass_set_i32(&s->b, op, "init", init);
    pass_set_text(&s->b, op, "sym_name", name);
    TS_TRY(fifo_built(s));
    op->results[0].name = name;
    return fifo_list_add(s, &f->locks, op) ? TS_OK : ts_fail_nomem(s->c->diag);
}

/* A pair of locks for each part: how many elements are free, and how many are full. */
static ts_status make_locks(fifo_state *s, fifo *f, ts_op *tile) {
    int64_t elements = f->depth, parts = 1;
    int64_t full = f->init ? (int64_t)f->init->n_elements : 0;
    int64_t repeat = f->repeat ? f->repeat : 1;
    if (f->link) {
        if (fifo_link_repeat(f->link)) repeat = fifo_link_repeat(f->link);
        if (fifo_is_distribute(f->link))
            parts = (int64_t)f->link->n_outs;
        else if (fifo_is_join(f->link))
            parts = (int64_t)f->link->n_ins;
    }
    if (f->no_locks) return TS_OK;
    if (pass_is_tile(s->c, tile, TS_NPU_SHIM)) elements = (int64_t)f->externals.n;
    for (int64_t i = 0; i < parts; i++) {
        TS_TRY(make_lock(s, f, tile, (elements - full) * repeat, "prod", (size_t)i));
        TS_TRY(make_lock(s, f, tile, full * repeat, "cons", (size_t)i));
    }
    return TS_OK;
}

/* ---- buffers --------------------------------------------------------------------------------- */

/* A tile of the design, made behind `host` and its buffers when the design has none there. */
static ts_op *tile_at(fifo_state *s, ts_op *host, int64_t column, int64_t row) {
    fifo_tile *state = &s->tiles[column * s->c->grid.n_rows + row];
    if (state->tile) return state->tile;
    pass_builder aside = s->b;
    ts_op *behind = host;
    const ts_type *index = ts_type_index(s->c->design);
    while (behind->next && behind->next->code == TS_OP_AIE_BUFFER)
        behind = behind->next;
    pass_after(&aside, behind);
    ts_op *tile = pass_make(&aside, TS_OP_AIE_TILE, NULL, 0, &index, 1, 0);
    pass_set_i32(&aside, tile, "col", column);
    pass_set_i32(&aside, tile, "row", row);
    s->b.failed = aside.failed;
    s->b.n_made = aside.n_made;
    /* The builder may stand just behind `behind`: it stays behind the new tile. */
    state->tile = tile;
    return tile;
}

/* The tile itself, or a neighbor that still has room when it is a memory tile and full. */
static ts_op *tile_with_room(fifo_state *s, ts_op *tile, uint64_t bytes) {
    uint64_t size = pass_memory_bytes(s->c, tile);
    ts_op *found = tile, *neighbors[2] = {NULL, NULL};
    int64_t column = pass_column(tile), row = pass_row(tile);
    if (!pass_is_tile(s->c, tile, TS_NPU_MEMORY) ||
        fifo_tile_of(s, tile)->used_bytes + bytes <= size)
        return tile;
    if (column > 0) neighbors[0] = tile_at(s, tile, column - 1, row);
    if (column + 1 < s->c->grid.n_columns) neighbors[1] = tile_at(s, tile, column + 1, row);
    for (int i = 1; i >= 0; i--)
        if (neighbors[i] && fifo_tile_of(s, neighbors[i])->used_bytes + bytes <= size)
            found = neighbors[i];
    return found;
}

/* An element's initial value, as a buffer has it: of the tensor that is like its memref. */
static ts_status initial_value(fifo_state *s, const fifo *f, size_t number, const ts_attr **out) {
    const ts_attr *given = f->init->elements[number];
    const ts_type *type = given->type, *element = f->element;
    if (given->kind != TS_ATTR_DENSE || type->element != element->element ||
        type->n_dims != element->n_dims ||
        (type->n_dims &&
         memcmp(type->shape, element->shape, type->n_dims * sizeof *type->shape) != 0))
        return pass_fail(s->c, f->op, TS_CONFLICT,
                         "initial value %zu of '%s' is of another type than its elements", number,
                         f->name);
    const ts_type tensor = {.kind = TS_TYPE_TENSOR,
                            .element = element->element,
                            .shape = element->shape,
                            .n_dims = element->n_dims};
    ts_attr *value = TS_ARENA_NEW(s->c->design->arena, ts_attr);
    if (!value) return ts_fail_nomem(s->c->diag);
    *value = *given;
    value->type = ts_type_unique(s->c->design, &tensor);
    *out = value;
    return value->type ? TS_OK : ts_fail_nomem(s->c->diag);
}

static ts_status make_buffer(fifo_state *s, fifo *f, ts_op *tile, size_t number) {
    const ts_attr *initial = NULL;
    uint64_t bytes = ts_type_n_bytes(f->element);
    ts_op *at = tile_with_room(s, tile, bytes);
    if (f->init && number < f->init->n_elements) TS_TRY(initial_value(s, f, number, &initial));
    TS_TRY(fifo_built(s));
    ts_op *op =
        pass_make(&s->b, TS_OP_AIE_BUFFER, (ts_value *[]){pass_result(at)}, 1, &f->element, 1, 0);
    char *name = pass_text(&s->b, "%s_buff_%zu", f->name, number);
    pass_set_text(&s->b, op, "sym_name", name);
    if (initial) pass_set(&s->b, op, "initial_value", initial);
    TS_TRY(fifo_built(s));
    op->results[0].name = name;
    fifo_tile_of(s, at)->used_bytes += bytes;
    return fifo_list_add(s, &f->buffers, op) ? TS_OK : ts_fail_nomem(s->c->diag);
}

/* ---- which objectfifo has elements, and where ------------------------------------------------ */

/* Whether the link's elements are those of `f`. */
static bool owns_elements(const fifo *f) {
    const fifo_link *link = f->link;
    const fifo *in = link->ins[0], *out = link->outs[0];
    if (fifo_is_join(link)) return f == out;
    if (fifo_is_distribute(link)) return f == in;
    if (out->init) return f == out;
    /* Padding is added on the way out, so the smaller input is what lies in memory. */
    return f == (fifo_n_elements(in) >= fifo_n_elements(out) || out->pads ? in : out);
}

static ts_status place_of(fifo_state *s, const fifo *f, int direction, ts_op **out) {
    int producer, consumer;
    *out = direction == 1 ? f->consumers[0] : f->producer;
    if (!f->delegate) return TS_OK;
    fifo_share_memory(s, f->delegate, f->producer, &producer);
    fifo_share_memory(s, f->delegate, f->consumers[0], &consumer);
    if ((producer != -1 && producer != 2) || (consumer != -1 && consumer != 2))
        return pass_fail(s->c, f->allocate, TS_CONFLICT,
                         "'%s' cannot lie in %s: not both of its tiles reach that memory", f->name,
                         pass_tile_text(s->c, f->delegate));
    *out = f->delegate;
    return TS_OK;
}

static ts_status make_elements(fifo_state *s, fifo *f, int direction) {
    ts_op *tile, *last = NULL;
    if (!f->depth || f->stream >= 0) return TS_OK;
    if (f->link && (f->link->target || !owns_elements(f))) return TS_OK;
    TS_TRY(place_of(s, f, direction, &tile));
    for (ts_op *op = ts_op_child(s->c->device, TS_OP_AIE_TILE, NULL); op;
         op = ts_op_child(s->c->device, TS_OP_AIE_TILE, op))
        last = op;
    pass_after(&s->b, last);
    s->b.offset = f->op->offset;
    bool has_buffers = !pass_is_tile(s->c, tile, TS_NPU_SHIM);
    for (uint32_t i = 0; has_buffers && i < f->depth; i++)
        TS_TRY(make_buffer(s, f, tile, i));
    if (f->link) f->link->target = f;
    return make_locks(s, f, tile);
}

ts_status fifo_make_elements(fifo_state *s) {
    for (fifo *f = s->first; f; f = f->next) {
        int direction;
        bool needs_dma = fifo_needs_dma(s, f, &direction);
        fifo_tile_of(s, f->producer)->has_fifo = true;
        for (uint32_t i = 0; i < f->n_consumers; i++)
            fifo_tile_of(s, f->consumers[i])->has_fifo = true;
        if (needs_dma && !f->has_depths && !f->init)
            f->depth = fifo_needed_depth(s, f, f->producer);
        TS_TRY(make_elements(s, f, direction));
    }
    return TS_OK;
}
