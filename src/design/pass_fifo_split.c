/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Objectfifos: which need DMAs, and their ends. An objectfifo whose tiles share a memory stays one;
 * any other becomes a producer's end, which keeps the name, and one end for each consumer.
 * src: Xilinx/mlir-aie: lib/Dialect/AIE/Transforms/AIEObjectFifoStatefulTransform.cpp,
 * requiresDMAs, findObjectFifoSize, runOnOperation [code]
 */
#include "pass_fifo.h"

#include <string.h>

/* A link of one to one whose elements lie where `allocate` says needs no DMA when both tiles reach
 * that memory. */
static bool link_needs_dma(const fifo_state *s, fifo *f) {
    const fifo_link *link = f->link;
    if (fifo_is_join(link) || fifo_is_distribute(link)) {
        f->n_split_because_link++;
        return true;
    }
    if (link->ins[0]->element != link->outs[0]->element) f->n_split_because_link++;
    if (!f->delegate) return true;
    int producer, consumer;
    fifo_share_memory(s, f->delegate, f->producer, &producer);
    fifo_share_memory(s, f->delegate, f->consumers[0], &consumer);
    if ((producer == -1 || producer == 2) && (consumer == -1 || consumer == 2)) return false;
    f->n_split_because_link++;
    return true;
}

bool fifo_needs_dma(const fifo_state *s, fifo *f, int *direction) {
    bool is_shared = false;
    *direction = 0;
    if (f->via_dma || f->repeat || f->stream >= 0) return true;
    if (f->n_consumers == 1 && !f->dims_to) {
        const ts_op *other = f->n_split_because_link ? f->producer : f->consumers[0];
        is_shared = fifo_share_memory(s, f->producer, other, direction);
    }
    if (!is_shared) return true;
    bool has_dims = f->dims_from[0] != NULL;
    return (f->link && link_needs_dma(s, f)) || has_dims;
}

/* ---- depths ---------------------------------------------------------------------------------- */

/* External buffers that the first registration on a shim tile names; false without one. */
static bool registered(const fifo_state *s, const ts_op *tile, uint32_t *n) {
    for (size_t i = 0; i < s->registers.n; i++) {
        if (pass_tile_of(s->registers.ops[i]) != tile) continue;
        *n = s->registers.ops[i]->n_operands - 1;
        return true;
    }
    return false;
}

/* The objectfifo that acquires in the text name: the design's own. */
static const fifo *origin(const fifo_state *s, const fifo *f) {
    return f->is_end ? fifo_find(s, ts_op_text(f->op, "sym_name", "")) : f;
}

uint32_t fifo_needed_depth(const fifo_state *s, const fifo *f, const ts_op *tile) {
    uint32_t n = 0;
    int64_t most = 0;
    if (!f->depth || pass_is_tile(s->c, tile, TS_NPU_MEMORY)) return f->depth;
    if (pass_is_tile(s->c, tile, TS_NPU_SHIM) && registered(s, tile, &n)) return n;
    const op_list *accesses = &origin(s, f)->accesses;
    for (size_t i = 0; i < accesses->n; i++) {
        const ts_op *core = ts_op_parent_of(accesses->ops[i], TS_OP_AIE_CORE);
        int64_t size = ts_op_integer(accesses->ops[i], "size", 0);
        if (core && pass_tile_of(core) == tile && fifo_of_access(s, accesses->ops[i]) == f &&
            size > most)
            most = size;
    }
    if (!most) return f->depth;
    /* One more than a core holds, so that the next can arrive meanwhile. */
    return most == 1 && f->depth == 1 ? 1 : (uint32_t)most + 1;
}

/* ---- splitting ------------------------------------------------------------------------------- */

/* Registrations of `named` on a tile, for the end `f`. */
static bool take_externals(fifo_state *s, const char *named, const ts_op *tile, fifo *f) {
    for (size_t i = 0; i < s->registers.n; i++) {
        const ts_op *op = s->registers.ops[i];
        if (pass_tile_of(op) != tile || strcmp(ts_op_text(op, "objFifo_name", ""), named) != 0)
            continue;
        for (uint32_t j = 1; j < op->n_operands; j++)
            if (op->operands[j].value->owner &&
                !fifo_list_add(s, &f->externals, op->operands[j].value->owner))
                return false;
    }
    return true;
}

static fifo *new_end(fifo_state *s, fifo *f, uint32_t index) {
    fifo *end = TS_ARENA_NEW(s->c->design->arena, fifo);
    ts_op **consumers = TS_ARENA_ARRAY(s->c->design->arena, ts_op *, 1);
    const ts_attr **dims = TS_ARENA_ARRAY(s->c->design->arena, const ts_attr *, 1);
    char *name = f->n_consumers > 1 ? pass_text(&s->b, "%s_%u_cons", f->name, index)
                                    : pass_text(&s->b, "%s_cons", f->name);
    if (!end || !consumers || !dims || !name) return NULL;
    consumers[0] = f->consumers[index];
    dims[0] = f->dims_from[index];
    *end = (fifo){.op = f->op,
                  .name = name,
                  .producer = consumers[0],
                  .consumers = consumers,
                  .n_consumers = 1,
                  .element = f->element,
                  .dims_from = dims,
                  .iterations = f->iterations,
                  .stream = f->stream > 0 ? f->stream : -1,
                  .stream_port = f->stream > 0 ? f->stream_port : -1,
                  .no_locks = f->no_locks,
                  .is_end = true,
                  .channel = -1};
    end->depth =
        f->has_depths ? (uint32_t)f->depths[index + 1] : fifo_needed_depth(s, f, consumers[0]);
    return end;
}

/* The consumer's end takes the place of the whole in the link that begins there. */
static void move_link(fifo *f, fifo *end) {
    fifo_link *link = f->link;
    for (size_t i = 0; link && i < link->n_ins; i++)
        if (link->ins[i] == f && fifo_shared_tile(link) == end->producer) {
            link->ins[i] = end;
            end->link = link;
            f->link = NULL;
            return;
        }
}

static ts_status split(fifo_state *s, fifo *f) {
    f->ends = TS_ARENA_ARRAY(s->c->design->arena, fifo *, f->n_consumers);
    if (!f->ends) return ts_fail_nomem(s->c->diag);
    for (uint32_t i = 0; i < f->n_consumers; i++) {
        fifo *end = new_end(s, f, i);
        if (!end) return ts_fail_nomem(s->c->diag);
        if (f->stream == 1) f->stream = f->stream_port = -1;
        end->next = f->next;
        f->next = end;
        f->ends[f->n_ends++] = end;
        if (pass_is_tile(s->c, end->producer, TS_NPU_SHIM) &&
            !take_externals(s, f->name, end->producer, end))
            return ts_fail_nomem(s->c->diag);
        move_link(f, end);
    }
    return TS_OK;
}

ts_status fifo_split_all(fifo_state *s) {
    for (fifo *f = s->first, *next; f; f = next) {
        int direction;
        next = f->next;
        if (fifo_needs_dma(s, f, &direction)) TS_TRY(split(s, f));
    }
    for (fifo *f = s->first; f; f = f->next) {
        if (f->is_end || !pass_is_tile(s->c, f->producer, TS_NPU_SHIM)) continue;
        if (!take_externals(s, f->name, f->producer, f)) return ts_fail_nomem(s->c->diag);
    }
    return TS_OK;
}
