/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Objectfifos: what the design says about them, checked, and what its tiles have given away before.
 */
#include "pass_fifo.h"

#include <stdlib.h>
#include <string.h>

/* ---- reading --------------------------------------------------------------------------------- */

static const ts_attr *list_or_null(const ts_attr *attr) {
    return attr && attr->n_elements ? attr : NULL;
}

static ts_status read_depths(fifo_state *s, fifo *f) {
    const ts_attr *depth = ts_op_attr(f->op, "elemNumber");
    size_t n = depth && depth->kind == TS_ATTR_ARRAY ? depth->n_elements : 1;
    int64_t *depths = TS_ARENA_ARRAY(s->c->design->arena, int64_t, n);
    if (!depths) return ts_fail_nomem(s->c->diag);
    f->has_depths = depth && depth->kind == TS_ATTR_ARRAY;
    if (f->has_depths && n != f->n_consumers + 1)
        return pass_fail(s->c, f->op, TS_RANGE,
                         "'%s' has %zu depths; it needs one for the producer and one for each of "
                         "its %u consumers",
                         f->name, n, f->n_consumers);
    for (size_t i = 0; i < n; i++) {
        const ts_attr *at = f->has_depths ? depth->elements[i] : depth;
        depths[i] = at && at->kind == TS_ATTR_INTEGER ? at->integer : -1;
        if (depths[i] < 0 || depths[i] > PASS_MAX_DEPTH)
            return pass_fail(s->c, f->op, TS_RANGE, "the depth of '%s' is not one of 0 to %d",
                             f->name, PASS_MAX_DEPTH);
    }
    f->depths = depths;
    f->n_depths = (uint32_t)n;
    f->depth = (uint32_t)depths[0];
    return TS_OK;
}

static ts_status read_tiles(fifo_state *s, fifo *f) {
    if (f->op->n_operands < 2)
        return pass_fail(s->c, f->op, TS_MISSING, "'%s' has no producer or no consumer", f->name);
    f->n_consumers = f->op->n_operands - 1;
    f->consumers = TS_ARENA_ARRAY(s->c->design->arena, ts_op *, f->n_consumers);
    f->dims_from = TS_ARENA_ARRAY(s->c->design->arena, const ts_attr *, f->n_consumers);
    if (!f->consumers || !f->dims_from) return ts_fail_nomem(s->c->diag);
    const ts_attr *from = ts_op_attr(f->op, "dimensionsFromStreamPerConsumer");
    for (uint32_t i = 0; i < f->op->n_operands; i++) {
        ts_op *tile = pass_tile_of_value(f->op->operands[i].value);
        if (!tile || ts_op_parent(tile) != s->c->device)
            return pass_fail(s->c, f->op, TS_MISSING, "an end of '%s' is not an aie.tile", f->name);
        if (i == 0)
            f->producer = tile;
        else
            f->consumers[i - 1] = tile;
        if (i > 0 && from && i - 1 < from->n_elements)
            f->dims_from[i - 1] = list_or_null(from->elements[i - 1]);
    }
    return TS_OK;
}

static ts_status read_element(fifo_state *s, fifo *f) {
    const ts_attr *type = ts_op_attr(f->op, "elemType");
    f->element = type && type->kind == TS_ATTR_TYPE && type->type_value->kind == TS_TYPE_DIALECT
                     ? type->type_value->element
                     : NULL;
    if (!f->element || f->element->kind != TS_TYPE_MEMREF || !ts_type_n_elements(f->element))
        return pass_fail(s->c, f->op, TS_RANGE, "the elements of '%s' are not memrefs of a size",
                         f->name);
    return TS_OK;
}

/* What cannot be, whatever the rest of the design says.
 * src: Xilinx/mlir-aie: lib/Dialect/AIE/IR/AIEDialect.cpp, ObjectFifoCreateOp::verify [code] */
static const char *wrong_with(const fifo_state *s, const fifo *f) {
    bool is_shim = pass_is_tile(s->c, f->producer, TS_NPU_SHIM);
    bool has_memory_tile = pass_is_tile(s->c, f->producer, TS_NPU_MEMORY);
    if (is_shim && f->dims_to) return "dimensionsToStream cannot be on a shim tile";
    if (is_shim && f->repeat) return "repeat_count cannot be on a shim tile";
    if (is_shim && f->init) return "initial values cannot be on a shim tile";
    if (f->init && f->init->n_elements != f->depth) return "not every element has an initial value";
    for (uint32_t i = 0; i < f->n_consumers; i++) {
        if (pass_is_tile(s->c, f->consumers[i], TS_NPU_SHIM) && f->dims_from[i])
            return "dimensionsFromStream cannot be on a shim tile";
        has_memory_tile |= pass_is_tile(s->c, f->consumers[i], TS_NPU_MEMORY);
    }
    if (ts_op_attr(f->op, "repeat_count") && (f->repeat < 1 || f->repeat > PASS_MAX_BD_CHAIN))
        return "repeat_count is out of range";
    if (ts_op_attr(f->op, "iter_count") && (f->iterations < 1 || f->iterations > 256))
        return "iter_count is not one of 1 to 256";
    if (f->iterations && !has_memory_tile) return "iter_count needs a memory tile at one end";
    return NULL;
}

/* src: as wrong_with(), the part on aie_stream */
static const char *wrong_with_stream(const fifo_state *s, const fifo *f) {
    if (f->stream < 0) return f->stream_port >= 0 ? "aie_stream_port needs aie_stream" : NULL;
    bool is_producer = f->stream == 0 || f->stream == 2, is_consumer = f->stream > 0;
    if (f->stream > 2) return "aie_stream is 0, 1 or 2";
    if (f->n_consumers > 1) return "aie_stream needs exactly one consumer";
    if (f->stream_port < 0) return "aie_stream needs aie_stream_port";
    if (is_producer && !pass_is_tile(s->c, f->producer, TS_NPU_COMPUTE))
        return "aie_stream is for compute tiles";
    if (is_consumer && !pass_is_tile(s->c, f->consumers[0], TS_NPU_COMPUTE))
        return "aie_stream is for compute tiles";
    if (is_producer && (f->repeat || f->init || f->iterations || f->dims_to))
        return "a stream end has no repeat_count, initial values, iter_count or dimensions";
    if (f->dims_from[0]) return "a stream end has no dimensions";
    return NULL;
}

static ts_status read_fifo(fifo_state *s, ts_op *op) {
    fifo *f = TS_ARENA_NEW(s->c->design->arena, fifo);
    if (!f) return ts_fail_nomem(s->c->diag);
    f->op = op;
    f->name = ts_op_text(op, "sym_name", "");
    f->channel = -1;
    TS_TRY(read_tiles(s, f));
    TS_TRY(read_depths(s, f));
    TS_TRY(read_element(s, f));
    f->dims_to = list_or_null(ts_op_attr(op, "dimensionsToStream"));
    f->pads = list_or_null(ts_op_attr(op, "padDimensions"));
    f->init = ts_op_attr(op, "initValues");
    f->repeat = ts_op_integer(op, "repeat_count", 0);
    f->iterations = ts_op_integer(op, "iter_count", 0);
    f->stream = ts_op_integer(op, "aie_stream", -1);
    f->stream_port = ts_op_integer(op, "aie_stream_port", -1);
    f->via_dma = ts_op_bool(op, "via_DMA");
    f->plio = ts_op_bool(op, "plio");
    f->no_locks = ts_op_bool(op, "disable_synchronization");
    const char *wrong = wrong_with(s, f);
    if (!wrong) wrong = wrong_with_stream(s, f);
    if (wrong) return pass_fail(s->c, op, TS_CONFLICT, "'%s': %s", f->name, wrong);
    if (s->last)
        s->last->next = f;
    else
        s->first = f;
    s->last = f;
    s->n_fifos++;
    return TS_OK;
}

static int by_name(const void *a, const void *b) {
    return strcmp((*(fifo *const *)a)->name, (*(fifo *const *)b)->name);
}

static ts_status read_fifos(fifo_state *s) {
    ts_op *op = ts_op_child(s->c->device, TS_OP_AIE_OBJECTFIFO, NULL);
    for (; op; op = ts_op_child(s->c->device, TS_OP_AIE_OBJECTFIFO, op))
        TS_TRY(read_fifo(s, op));
    s->by_name = TS_ARENA_ARRAY(s->c->design->arena, fifo *, s->n_fifos);
    if (!s->by_name) return ts_fail_nomem(s->c->diag);
    size_t n = 0;
    for (fifo *f = s->first; f; f = f->next)
        s->by_name[n++] = f;
    if (n) qsort((void *)s->by_name, n, sizeof *s->by_name, by_name);
    for (size_t i = 1; i < n; i++)
        if (strcmp(s->by_name[i - 1]->name, s->by_name[i]->name) == 0)
            return pass_fail(s->c, s->by_name[i]->op, TS_CONFLICT, "two objectfifos named '%s'",
                             s->by_name[i]->name);
    return TS_OK;
}

/* ---- links ----------------------------------------------------------------------------------- */

static ts_status read_link_ends(fifo_state *s, fifo_link *link, const char *attr_name, fifo ***out,
                                size_t *n) {
    const ts_attr *names = ts_op_attr(link->op, attr_name);
    *n = names && names->kind == TS_ATTR_ARRAY ? names->n_elements : 0;
    *out = TS_ARENA_ARRAY(s->c->design->arena, fifo *, *n);
    if (!*out) return ts_fail_nomem(s->c->diag);
    if (!*n) return pass_fail(s->c, link->op, TS_MISSING, "a link needs objectfifos on both sides");
    for (size_t i = 0; i < *n; i++) {
        const ts_attr *name = names->elements[i];
        fifo *f = name->kind == TS_ATTR_SYMBOL ? fifo_find(s, name->text) : NULL;
        if (!f)
            return pass_fail(s->c, link->op, TS_UNKNOWN, "there is no objectfifo '%s'",
                             name->kind == TS_ATTR_SYMBOL ? name->text : "?");
        if (f->link)
            return pass_fail(s->c, f->op, TS_CONFLICT,
                             "objectfifo '%s' cannot be in more than one link", f->name);
        f->link = link;
        (*out)[i] = f;
    }
    return TS_OK;
}

static size_t n_elements_of(const ts_attr *attr) {
    return attr ? attr->n_elements : 0;
}

/* The last element that a pattern of dimensions touches. */
static int64_t last_of(const ts_attr *dims) {
    int64_t last = 0;
    for (size_t i = 0; dims && i < dims->n_elements; i++) {
        const ts_attr *size = ts_attr_member(dims->elements[i], "size");
        const ts_attr *stride = ts_attr_member(dims->elements[i], "stride");
        if (size && stride && size->integer > 1 && size->integer <= INT32_MAX &&
            stride->integer > 0 && stride->integer <= INT32_MAX)
            last += (size->integer - 1) * stride->integer;
        if (last > INT32_MAX) return last;
    }
    return last;
}

static int64_t shortest_part(const fifo_link *link) {
    size_t n = fifo_is_join(link) ? link->n_ins : link->n_outs;
    int64_t shortest = INT64_MAX;
    for (size_t i = 0; i < n; i++)
        if (fifo_part_length(link, i) < shortest) shortest = fifo_part_length(link, i);
    return shortest;
}

/* src: Xilinx/mlir-aie: lib/Dialect/AIE/IR/AIEDialect.cpp, ObjectFifoLinkOp::verify [code] */
static const char *wrong_with_link(const fifo_state *s, const fifo_link *link) {
    bool is_join = fifo_is_join(link), is_distribute = fifo_is_distribute(link);
    const ts_op *tile = fifo_shared_tile(link);
    if (is_join && is_distribute) return "a link cannot join and distribute at once";
    if (!tile) return "the objectfifos of a link must share a tile";
    if (!is_join && !is_distribute)
        return n_elements_of(link->src_offsets) && n_elements_of(link->dst_offsets)
                   ? "a link of one to one has no offsets"
                   : NULL;
    if (!pass_is_tile(s->c, tile, TS_NPU_MEMORY)) return "join and distribute are for memory tiles";
    if (n_elements_of(link->src_offsets) != (is_join ? link->n_ins : 0))
        return "a join needs one source offset for each input, others none";
    if (n_elements_of(link->dst_offsets) != (is_distribute ? link->n_outs : 0))
        return "a distribute needs one destination offset for each output, others none";
    for (size_t i = 0; i < (is_join ? link->n_ins : link->n_outs); i++)
        if (fifo_part_length(link, i) <= 0 || fifo_part_offset(link, i) < 0)
            return "the offsets of a link must rise and stay within the whole element";
    if (last_of(is_join ? link->outs[0]->dims_to : link->ins[0]->dims_from[0]) >=
        shortest_part(link))
        return "the dimensions of the whole reach beyond its shortest part";
    for (size_t i = 1; is_distribute && i < link->n_outs; i++)
        if (link->outs[i]->repeat != link->outs[0]->repeat)
            return "the repeat counts of a distribute's outputs must be equal";
    return NULL;
}

static ts_status read_links(fifo_state *s) {
    ts_op *op = ts_op_child(s->c->device, TS_OP_AIE_OBJECTFIFO_LINK, NULL);
    for (ts_op *at = op; at; at = ts_op_child(s->c->device, TS_OP_AIE_OBJECTFIFO_LINK, at))
        s->n_links++;
    s->links = TS_ARENA_ARRAY(s->c->design->arena, fifo_link, s->n_links);
    if (!s->links) return ts_fail_nomem(s->c->diag);
    for (size_t i = 0; op; op = ts_op_child(s->c->device, TS_OP_AIE_OBJECTFIFO_LINK, op), i++) {
        fifo_link *link = &s->links[i];
        link->op = op;
        link->src_offsets = ts_op_attr(op, "src_offsets");
        link->dst_offsets = ts_op_attr(op, "dst_offsets");
        TS_TRY(read_link_ends(s, link, "fifoIns", &link->ins, &link->n_ins));
        TS_TRY(read_link_ends(s, link, "fifoOuts", &link->outs, &link->n_outs));
        const char *wrong = wrong_with_link(s, link);
        if (wrong) return pass_fail(s->c, op, TS_CONFLICT, "%s", wrong);
    }
    return TS_OK;
}

/* ---- allocate, external buffers, accesses ---------------------------------------------------- */

/* src: Xilinx/mlir-aie: lib/Dialect/AIE/IR/AIEDialect.cpp, ObjectFifoAllocateOp::verify [code] */
static ts_status read_allocate(fifo_state *s, ts_op *op) {
    fifo *f = fifo_find(s, ts_op_text(op, "objFifo_name", ""));
    if (!f || !pass_tile_of(op))
        return pass_fail(s->c, op, TS_UNKNOWN, "there is no objectfifo '%s', or no tile",
                         ts_op_text(op, "objFifo_name", ""));
    if (f->allocate)
        return pass_fail(s->c, f->op, TS_CONFLICT, "'%s' has more than one allocate operation",
                         f->name);
    if (f->n_consumers != 1 || f->via_dma || f->repeat || f->dims_to || f->stream >= 0)
        return pass_fail(s->c, op, TS_CONFLICT,
                         "allocate is for one consumer without via_DMA, repeat_count, dimensions "
                         "and aie_stream; '%s' is not such",
                         f->name);
    f->delegate = pass_tile_of(op);
    f->allocate = op;
    return TS_OK;
}

static ts_status read_register(fifo_state *s, ts_op *op) {
    if (!fifo_find(s, ts_op_text(op, "objFifo_name", "")))
        return pass_fail(s->c, op, TS_UNKNOWN, "there is no objectfifo '%s'",
                         ts_op_text(op, "objFifo_name", ""));
    if (!pass_tile_of(op) || !pass_is_tile(s->c, pass_tile_of(op), TS_NPU_SHIM))
        return pass_fail(s->c, op, TS_CONFLICT, "external buffers are for shim tiles");
    return fifo_list_add(s, &s->registers, op) ? TS_OK : ts_fail_nomem(s->c->diag);
}

/* Acquire or release: in a core on the tile of its port. */
static ts_status check_access(fifo_state *s, const ts_op *op) {
    const ts_op *core = ts_op_parent_of(op, TS_OP_AIE_CORE);
    const fifo *f = fifo_find(s, ts_op_text(op, "objFifo_name", ""));
    bool is_there = false;
    if (!core || !pass_tile_of(core))
        return pass_fail(s->c, op, TS_CONFLICT, "%s must be within an aie.core", op->name);
    if (!f)
        return pass_fail(s->c, op, TS_UNKNOWN, "there is no objectfifo '%s'",
                         ts_op_text(op, "objFifo_name", ""));
    int64_t port = ts_op_integer(op, "port", PORT_PRODUCE), size = ts_op_integer(op, "size", 0);
    if (port == PORT_PRODUCE)
        is_there = f->producer == pass_tile_of(core);
    else
        for (uint32_t i = 0; i < f->n_consumers; i++)
            is_there |= f->consumers[i] == pass_tile_of(core);
    if (!is_there)
        return pass_fail(s->c, op, TS_CONFLICT, "the core of %s is not the %s of '%s'",
                         pass_tile_text(s->c, pass_tile_of(core)),
                         port == PORT_PRODUCE ? "producer" : "consumer", f->name);
    if (size < 1 || size > PASS_MAX_DEPTH)
        return pass_fail(s->c, op, TS_RANGE, "%lld elements: at least 1 and no more than %d",
                         (long long)size, PASS_MAX_DEPTH);
    return TS_OK;
}

static ts_status check_element_access(fifo_state *s, const ts_op *op) {
    const ts_op *acquire = op->n_operands ? op->operands[0].value->owner : NULL;
    int64_t index = ts_op_integer(op, "index", -1);
    if (!acquire || acquire->code != TS_OP_AIE_OBJECTFIFO_ACQUIRE || !op->n_results)
        return pass_fail(s->c, op, TS_CONFLICT, "what is accessed does not come from an acquire");
    int64_t size = ts_op_integer(acquire, "size", 0);
    if (index < 0 || index >= size)
        return pass_fail(s->c, op, TS_RANGE, "element %lld of %lld acquired", (long long)index,
                         (long long)size);
    return TS_OK;
}

static ts_status read_operation(fifo_state *s, ts_op *op) {
    fifo *f;
    switch (op->code) {
    case TS_OP_AIE_OBJECTFIFO_ALLOCATE: return read_allocate(s, op);
    case TS_OP_AIE_OBJECTFIFO_REGISTER_EXTERNAL_BUFFERS: return read_register(s, op);
    case TS_OP_AIE_OBJECTFIFO_RELEASE: return check_access(s, op);
    case TS_OP_AIE_OBJECTFIFO_SUBVIEW_ACCESS: return check_element_access(s, op);
    case TS_OP_AIE_OBJECTFIFO_ACQUIRE:
        TS_TRY(check_access(s, op));
        f = fifo_find(s, ts_op_text(op, "objFifo_name", ""));
        return fifo_list_add(s, &f->accesses, op) ? TS_OK : ts_fail_nomem(s->c->diag);
    case TS_OP_AIE_OBJECTFIFO_REGISTER_PROCESS:
        return pass_fail(s->c, op, TS_UNSUPPORTED,
                         "aie.objectfifo.register_process is not supported: write the core");
    default: return TS_OK;
    }
}

static ts_status read_rest(fifo_state *s) {
    for (ts_op *op = s->c->device; op; op = ts_op_next_below(s->c->device, op))
        TS_TRY(read_operation(s, op));
    return TS_OK;
}

/* ---- what tiles have given away already ------------------------------------------------------ */

static void note_channel(fifo_state *s, const ts_op *start) {
    const ts_op *program = ts_op_parent(start);
    const ts_op *tile = program ? pass_tile_of(program) : NULL;
    int64_t channel = ts_op_integer(start, "channel_index", -1);
    int64_t direction = ts_op_integer(start, "channel_dir", DIR_S2MM);
    if (tile && channel >= 0 && channel < 32)
        fifo_tile_of(s, tile)->channels[direction == DIR_MM2S] |= 1u << channel;
}

static void note_streams(fifo_state *s, const ts_op *flow) {
    static const char *const names[2][2] = {{"dest_bundle", "dest_channel"},
                                            {"source_bundle", "source_channel"}};
    for (int direction = 0; direction < 2; direction++) {
        unsigned operand = direction == DIR_MM2S ? 0 : 1;
        if (operand >= flow->n_operands) return;
        const ts_op *tile = pass_tile_of_value(flow->operands[operand].value);
        int64_t channel = ts_op_integer(flow, names[direction][1], -1);
        if (tile && ts_op_integer(flow, names[direction][0], -1) == WIRE_CORE && channel >= 0 &&
            channel < 32)
            fifo_tile_of(s, tile)->streams[direction] |= 1u << channel;
    }
}

static void note_operation(fifo_state *s, ts_op *op) {
    int64_t id;
    switch (op->code) {
    case TS_OP_AIE_TILE: fifo_tile_of(s, op)->tile = op; break;
    case TS_OP_AIE_LOCK:
        id = ts_op_integer(op, "lockID", -1);
        if (pass_tile_of(op) && id >= 0 && id < 64)
            fifo_tile_of(s, pass_tile_of(op))->locks |= UINT64_C(1) << id;
        break;
    case TS_OP_AIE_DMA_START:
    case TS_OP_AIE_DMA: note_channel(s, op); break;
    case TS_OP_AIE_FLOW: note_streams(s, op); break;
    case TS_OP_AIE_PACKET_FLOW:
        id = ts_op_integer(op, "ID", 0);
        if (id >= s->packet_id) s->packet_id = id + 1;
        break;
    default: break;
    }
}

static ts_status note_used(fifo_state *s) {
    size_t n = (size_t)s->c->grid.n_columns * s->c->grid.n_rows;
    s->tiles = TS_ARENA_ARRAY(s->c->design->arena, fifo_tile, n);
    if (!s->tiles) return ts_fail_nomem(s->c->diag);
    for (ts_op *op = s->c->device; op; op = ts_op_next_below(s->c->device, op))
        note_operation(s, op);
    return TS_OK;
}

ts_status fifo_read(fifo_state *s) {
    TS_TRY(note_used(s));
    TS_TRY(read_fifos(s));
    TS_TRY(read_links(s));
    return read_rest(s);
}
