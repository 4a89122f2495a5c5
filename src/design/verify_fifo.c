/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Rules of object fifos: their ends, links, and who may acquire.
 *
 * src: Xilinx/mlir-aie: lib/Dialect/AIE/IR/AIEDialect.cpp, ObjectFifoCreateOp::verify,
 * ObjectFifoLinkOp::verify, ObjectFifoAllocateOp::verify, ObjectFifoAcquireOp::verify,
 * ObjectFifoReleaseOp::verify, ObjectFifoSubviewAccessOp::verify [code]
 */
#include "verify_int.h"

#include <inttypes.h>
#include <string.h>

static bool has_layout(const ts_attr *dims) {
    return dims && dims->n_elements;
}

/* The kind a tile or a logical tile is; UINT_MAX: not known. */
static unsigned kind_of(const verifier *v, const ts_op *op, uint32_t operand) {
    static const struct {
        const char *word;
        ts_npu_kind kind;
    } kinds[] = {{"CoreTile", TS_NPU_COMPUTE},
                 {"MemTile", TS_NPU_MEMORY},
                 {"ShimNOCTile", TS_NPU_SHIM},
                 {"ShimPLTile", TS_NPU_SHIM}};
    const ts_op *tile = op->operands[operand].value->owner;
    const ts_npu_tile *placed = verify_kind_of(v, tile);
    if (placed) return placed->kind;
    const char *word =
        tile && tile->code == TS_OP_AIE_LOGICAL_TILE ? ts_op_word(tile, "tile_type", "") : "";
    for (size_t i = 0; i < 4; i++)
        if (strcmp(kinds[i].word, word) == 0) return kinds[i].kind;
    return TS_NPU_N_KINDS;
}

/* ---- object fifos ---------------------------------------------------------------------------- */

static ts_status verify_depth(verifier *v, const ts_op *op) {
    const ts_attr *depth = ts_op_attr(op, "elemNumber");
    if (depth->kind == TS_ATTR_ARRAY && depth->n_elements != op->n_operands)
        return VERIFY_FAIL(v, op, "%zu depths for one producer and %u consumers", depth->n_elements,
                           (unsigned)op->n_operands - 1);
    bool is_good = depth->kind == TS_ATTR_ARRAY || depth->integer >= 0;
    for (size_t i = 0; depth->kind == TS_ATTR_ARRAY && i < depth->n_elements; i++)
        is_good = is_good && depth->elements[i]->integer >= 0;
    return is_good ? TS_OK : VERIFY_RANGE(v, op, "a depth is not negative");
}

static ts_status verify_shim_ends(verifier *v, const ts_op *op) {
    const ts_attr *from = ts_op_attr(op, "dimensionsFromStreamPerConsumer");
    bool is_shim = kind_of(v, op, 0) == TS_NPU_SHIM;
    if (is_shim && has_layout(ts_op_attr(op, "dimensionsToStream")))
        return VERIFY_FAIL(v, op,
                           "dimensionsToStream of a shim tile belong into the runtime sequence");
    for (uint32_t i = 1; i < op->n_operands; i++)
        if (kind_of(v, op, i) == TS_NPU_SHIM && has_layout(from->elements[i - 1]))
            return VERIFY_FAIL(
                v, op, "dimensionsFromStream of a shim tile belong into the runtime sequence");
    if (is_shim && ts_op_attr(op, "repeat_count"))
        return VERIFY_FAIL(v, op, "a shim tile has no repeat_count");
    if (is_shim && ts_op_attr(op, "initValues"))
        return VERIFY_FAIL(v, op, "a shim tile has no initial values");
    return TS_OK;
}

static bool is_core_stream(const verifier *v, const ts_op *op, uint32_t operand) {
    unsigned kind = kind_of(v, op, operand);
    return kind != TS_NPU_SHIM && kind != TS_NPU_MEMORY;
}

static ts_status verify_stream(verifier *v, const ts_op *op) {
    static const char *const not_with[] = {"repeat_count", "initValues", "iter_count"};
    int64_t stream = ts_op_integer(op, "aie_stream", -1);
    int64_t at = ts_op_integer(op, "aie_stream_port", -1);
    if (stream < 0) return at < 0 ? TS_OK : VERIFY_FAIL(v, op, "aie_stream_port needs aie_stream");
    if (stream > 2) return VERIFY_RANGE(v, op, "aie_stream is 0, 1 or 2");
    if (at < 0) return VERIFY_FAIL(v, op, "aie_stream needs aie_stream_port");
    if (at > 1) return VERIFY_RANGE(v, op, "aie_stream_port is 0 or 1");
    if (op->n_operands > 2) return VERIFY_FAIL(v, op, "aie_stream is for one consumer");
    bool is_producer = stream != 1, is_consumer = stream != 0;
    if ((is_producer && !is_core_stream(v, op, 0)) || (is_consumer && !is_core_stream(v, op, 1)))
        return VERIFY_FAIL(v, op, "only cores read and write streams");
    for (size_t i = 0; is_producer && i < 3; i++)
        if (ts_op_attr(op, not_with[i]))
            return VERIFY_FAIL(v, op, "the end of a stream has no %s", not_with[i]);
    const ts_attr *from = ts_op_attr(op, "dimensionsFromStreamPerConsumer");
    if ((is_producer && has_layout(ts_op_attr(op, "dimensionsToStream"))) ||
        (is_consumer && from->n_elements && has_layout(from->elements[0])))
        return VERIFY_FAIL(v, op, "the end of a stream has no data layout");
    return TS_OK;
}

static int64_t depth_of(const ts_op *op) {
    const ts_attr *depth = ts_op_attr(op, "elemNumber");
    if (depth->kind == TS_ATTR_INTEGER) return depth->integer;
    return depth->n_elements ? depth->elements[0]->integer : 0;
}

static ts_status verify_fifo(verifier *v, const ts_op *op) {
    const ts_attr *values = ts_op_attr(op, "initValues");
    const ts_type *type = ts_op_attr(op, "elemType")->type_value;
    int64_t iterations = ts_op_integer(op, "iter_count", 1);
    bool has_memory = false;
    if (type->kind != TS_TYPE_DIALECT || strcmp(type->name, "aie.objectfifo") != 0)
        return VERIFY_FAIL(v, op, "an object fifo's type is !aie.objectfifo<memref<...>>");
    TS_TRY(verify_depth(v, op));
    TS_TRY(verify_shim_ends(v, op));
    TS_TRY(verify_stream(v, op));
    if (values && (int64_t)values->n_elements != depth_of(op))
        return VERIFY_FAIL(v, op, "%zu initial values for %" PRId64 " objects", values->n_elements,
                           depth_of(op));
    if (ts_op_integer(op, "repeat_count", 1) < 1)
        return VERIFY_RANGE(v, op, "repeat_count is at least 1");
    if (iterations < 1 || iterations > 256)
        return VERIFY_RANGE(v, op, "iter_count is from 1 to 256, not %" PRId64, iterations);
    for (uint32_t i = 0; i < op->n_operands; i++) {
        unsigned kind = kind_of(v, op, i);
        has_memory |= kind == TS_NPU_MEMORY || kind == TS_NPU_N_KINDS;
    }
    return has_memory || !ts_op_attr(op, "iter_count")
               ? TS_OK
               : VERIFY_FAIL(v, op, "iter_count is for memory tiles");
}

/* ---- what refers to them --------------------------------------------------------------------- */

static const ts_op *fifo_named(verifier *v, const ts_op *from, const char *name) {
    const ts_op *fifo = verify_lookup(v, from, name);
    return fifo && fifo->code == TS_OP_AIE_OBJECTFIFO ? fifo : NULL;
}

static ts_status verify_allocate(verifier *v, const ts_op *op) {
    static const char *const not_with[] = {"via_DMA", "repeat_count", "aie_stream"};
    const ts_op *fifo = fifo_named(v, op, ts_op_text(op, "objFifo_name", ""));
    if (!fifo) return TS_OK;
    if (fifo->n_operands != 2)
        return VERIFY_FAIL(v, op, "only a fifo with one consumer is allocated elsewhere");
    for (size_t i = 0; i < 3; i++)
        if (ts_op_attr(fifo, not_with[i]))
            return VERIFY_FAIL(v, op, "a fifo with %s is not allocated elsewhere", not_with[i]);
    if (has_layout(ts_op_attr(fifo, "dimensionsToStream")))
        return VERIFY_FAIL(v, op, "a fifo with a data layout is not allocated elsewhere");
    return TS_OK;
}

static ts_status verify_link_end(verifier *v, const ts_op *op, const ts_attr *list) {
    for (size_t i = 0; i < list->n_elements; i++)
        if (!fifo_named(v, op, list->elements[i]->text))
            return ts_op_fail(v->diag, v->design, op, TS_UNKNOWN, "there is no object fifo '@%s'",
                              list->elements[i]->text);
    return list->n_elements ? TS_OK : VERIFY_FAIL(v, op, "a link needs fifos at both ends");
}

static bool consumes(const ts_op *fifo, const ts_value *tile) {
    for (uint32_t i = 1; i < fifo->n_operands; i++)
        if (fifo->operands[i].value == tile) return true;
    return false;
}

/* The tile in which all fifos in end and all fifos out begin. */
static const ts_value *shared_tile(verifier *v, const ts_op *op, const ts_attr *in,
                                   const ts_attr *out) {
    const ts_value *tile = fifo_named(v, op, out->elements[0]->text)->operands[0].value;
    for (size_t i = 0; i < out->n_elements; i++)
        if (fifo_named(v, op, out->elements[i]->text)->operands[0].value != tile) return NULL;
    for (size_t i = 0; i < in->n_elements; i++)
        if (!consumes(fifo_named(v, op, in->elements[i]->text), tile)) return NULL;
    return tile;
}

static ts_status verify_offsets(verifier *v, const ts_op *op, size_t n_in, size_t n_out) {
    size_t n_src = ts_op_attr(op, "src_offsets")->n_elements;
    size_t n_dst = ts_op_attr(op, "dst_offsets")->n_elements;
    if (n_in > 1 && n_src != n_in)
        return VERIFY_FAIL(v, op, "%zu offsets for %zu fifos that are joined", n_src, n_in);
    if (n_in > 1 && n_dst) return VERIFY_FAIL(v, op, "a join has no offsets on the other side");
    if (n_out > 1 && n_dst != n_out)
        return VERIFY_FAIL(v, op, "%zu offsets for %zu fifos that share", n_dst, n_out);
    if (n_out > 1 && n_src)
        return VERIFY_FAIL(v, op, "a distribution has no offsets on the other side");
    if (n_in == 1 && n_out == 1 && n_src && n_dst)
        return VERIFY_FAIL(v, op, "a plain link has no offsets on both sides");
    return TS_OK;
}

static ts_status verify_link(verifier *v, const ts_op *op) {
    const ts_attr *in = ts_op_attr(op, "fifoIns"), *out = ts_op_attr(op, "fifoOuts");
    TS_TRY(verify_link_end(v, op, in));
    TS_TRY(verify_link_end(v, op, out));
    if (in->n_elements > 1 && out->n_elements > 1)
        return VERIFY_FAIL(v, op, "a link joins or distributes, not both");
    const ts_value *tile = shared_tile(v, op, in, out);
    if (!tile) return VERIFY_FAIL(v, op, "the fifos of a link do not meet in one tile");
    const ts_npu_tile *kind = verify_kind_of(v, tile->owner);
    if (kind && kind->kind != TS_NPU_MEMORY && in->n_elements + out->n_elements > 2)
        return VERIFY_FAIL(v, op, "only memory tiles join and distribute");
    int64_t repeats = -1;
    for (size_t i = 0; i < out->n_elements && out->n_elements > 1; i++) {
        const ts_op *fifo = fifo_named(v, op, out->elements[i]->text);
        int64_t own = ts_op_integer(fifo, "repeat_count", 0);
        if (i && own != repeats)
            return VERIFY_FAIL(v, op, "fifos that share have the same repeat_count");
        repeats = own;
    }
    return verify_offsets(v, op, in->n_elements, out->n_elements);
}

/* Acquire and release: from the core of the end that is named. */
static ts_status verify_access(verifier *v, const ts_op *op) {
    const ts_op *core = ts_op_parent_of(op, TS_OP_AIE_CORE);
    const char *name = ts_op_text(op, "objFifo_name", "");
    const ts_op *fifo = fifo_named(v, op, name);
    bool is_producer = strcmp(ts_op_word(op, "port", ""), "Produce") == 0;
    if (!core) return VERIFY_FAIL(v, op, "'%s' stands in a core", op->name);
    if (ts_op_integer(op, "size", 0) < 1)
        return VERIFY_RANGE(v, op, "at least one object is acquired or released");
    if (!fifo) return TS_OK;
    const ts_value *tile = core->operands[0].value;
    if (is_producer ? fifo->operands[0].value != tile : !consumes(fifo, tile))
        return VERIFY_FAIL(v, op, "this core's tile is no %s of '@%s'",
                           is_producer ? "producer" : "consumer", name);
    return TS_OK;
}

static bool is_subview(const ts_type *type) {
    return type->kind == TS_TYPE_DIALECT && strcmp(type->name, "aie.objectfifosubview") == 0;
}

static ts_status verify_acquire(verifier *v, const ts_op *op) {
    const ts_op *fifo = fifo_named(v, op, ts_op_text(op, "objFifo_name", ""));
    TS_TRY(verify_access(v, op));
    if (!is_subview(op->results[0].type))
        return VERIFY_FAIL(v, op, "what is acquired is of type !aie.objectfifosubview<...>");
    const ts_type *type = fifo ? ts_op_attr(fifo, "elemType")->type_value : NULL;
    return !type || type->element == op->results[0].type->element
               ? TS_OK
               : VERIFY_FAIL(v, op, "the fifo has objects of another type");
}

static ts_status verify_subview_access(verifier *v, const ts_op *op) {
    const ts_type *type = op->operands[0].value->type;
    const ts_op *acquire = op->operands[0].value->owner;
    int64_t index = ts_op_integer(op, "index", 0);
    if (!ts_op_parent_of(op, TS_OP_AIE_CORE))
        return VERIFY_FAIL(v, op, "'%s' stands in a core", op->name);
    if (!is_subview(type) || type->element != op->results[0].type)
        return VERIFY_FAIL(v, op, "an object is of the type of the subview's element");
    if (index < 0 || (acquire && acquire->code == TS_OP_AIE_OBJECTFIFO_ACQUIRE &&
                      index >= ts_op_integer(acquire, "size", 0)))
        return VERIFY_RANGE(v, op, "object %" PRId64 " is not among those that are acquired",
                            index);
    return TS_OK;
}

ts_status verify_fifos(verifier *v, const ts_op *op) {
    switch (op->code) {
    case TS_OP_AIE_OBJECTFIFO: return verify_fifo(v, op);
    case TS_OP_AIE_OBJECTFIFO_ALLOCATE: return verify_allocate(v, op);
    case TS_OP_AIE_OBJECTFIFO_LINK: return verify_link(v, op);
    case TS_OP_AIE_OBJECTFIFO_ACQUIRE: return verify_acquire(v, op);
    case TS_OP_AIE_OBJECTFIFO_RELEASE: return verify_access(v, op);
    case TS_OP_AIE_OBJECTFIFO_SUBVIEW_ACCESS: return verify_subview_access(v, op);
    default: return TS_OK;
    }
}
