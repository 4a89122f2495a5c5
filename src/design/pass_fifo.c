/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Objectfifos: the order of the lowering, what its files share, and what remains to do at its end.
 */
#include "pass_fifo.h"

#include <string.h>

/* ---- shared ---------------------------------------------------------------------------------- */

bool fifo_list_add(fifo_state *s, op_list *list, ts_op *op) {
    ts_op **grown = ts_arena_room(s->c->design->arena, (void *)list->ops, list->n, &list->capacity,
                                  sizeof *grown);
    if (!grown) return false;
    list->ops = grown;
    list->ops[list->n++] = op;
    return true;
}

fifo_tile *fifo_tile_of(const fifo_state *s, const ts_op *tile) {
    return &s->tiles[pass_column(tile) * s->c->grid.n_rows + pass_row(tile)];
}

fifo *fifo_find(const fifo_state *s, const char *name) {
    size_t low = 0, high = s->n_fifos;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(s->by_name[middle]->name, name);
        if (order == 0) return s->by_name[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

fifo *fifo_of_access(const fifo_state *s, const ts_op *access) {
    fifo *f = fifo_find(s, ts_op_text(access, "objFifo_name", ""));
    const ts_op *core = ts_op_parent_of(access, TS_OP_AIE_CORE);
    if (!f || !core || ts_op_integer(access, "port", PORT_PRODUCE) != PORT_CONSUME) return f;
    for (uint32_t i = 0; i < f->n_ends; i++)
        if (f->ends[i]->producer == pass_tile_of(core)) return f->ends[i];
    return f;
}

fifo *fifo_target(fifo *f) {
    return f->link && f->link->target ? f->link->target : f;
}

bool fifo_is_join(const fifo_link *link) {
    return link->n_ins > 1;
}

bool fifo_is_distribute(const fifo_link *link) {
    return link->n_outs > 1;
}

ts_op *fifo_shared_tile(const fifo_link *link) {
    ts_op *tile = fifo_is_distribute(link) ? link->ins[0]->consumers[0] : link->outs[0]->producer;
    bool is_simple = !fifo_is_join(link) && !fifo_is_distribute(link), is_shared = false;
    for (uint32_t i = 0; is_simple && i < link->ins[0]->n_consumers; i++)
        is_shared = is_shared || link->ins[0]->consumers[i] == tile;
    if (is_simple) return is_shared ? tile : NULL;
    for (size_t i = 0; i < link->n_ins; i++)
        if (link->ins[i]->consumers[0] != tile) return NULL;
    for (size_t i = 0; i < link->n_outs; i++)
        if (link->outs[i]->producer != tile) return NULL;
    return tile;
}

static int64_t offset_at(const ts_attr *offsets, size_t i) {
    const ts_attr *at = offsets && i < offsets->n_elements ? offsets->elements[i] : NULL;
    return at && at->kind == TS_ATTR_INTEGER ? at->integer : 0;
}

int64_t fifo_part_offset(const fifo_link *link, size_t i) {
    return offset_at(fifo_is_join(link) ? link->src_offsets : link->dst_offsets, i);
}

int64_t fifo_part_length(const fifo_link *link, size_t i) {
    bool is_join = fifo_is_join(link);
    size_t n = is_join ? link->n_ins : link->n_outs;
    int64_t whole = fifo_n_elements(is_join ? link->outs[0] : link->ins[0]);
    return (i + 1 < n ? fifo_part_offset(link, i + 1) : whole) - fifo_part_offset(link, i);
}

int64_t fifo_link_repeat(const fifo_link *link) {
    for (size_t i = 0; i < link->n_outs; i++)
        if (link->outs[i]->repeat) return link->outs[i]->repeat;
    return 0;
}

uint32_t fifo_n_elements(const fifo *f) {
    uint64_t n = ts_type_n_elements(f->element);
    return n > INT32_MAX ? INT32_MAX : (uint32_t)n;
}

ts_status fifo_built(fifo_state *s) {
    if (!s->b.failed) return TS_OK;
    if (s->b.n_made > PASS_MAX_MADE)
        return pass_fail(s->c, s->c->device, TS_RANGE,
                         "objectfifos would become more than %u operations", PASS_MAX_MADE);
    return ts_fail_nomem(s->c->diag);
}

ts_op *fifo_next(const ts_op *root, const ts_op *after, ts_op_code code) {
    do
        after = ts_op_next_below(root, after);
    while (after && after->code != code);
    return (ts_op *)after;
}

/* ---- memory that tiles share ----------------------------------------------------------------- */

/* Whether the core or DMA of the first tile reaches the second tile's memory: a memory tile that
 * of its neighbors to the left and right; a compute tile its own, its left neighbor's, the ones
 * above and below. src: Xilinx/mlir-aie: lib/Dialect/AIE/IR/AIETargetModel.cpp,
 * AIE2TargetModel::isLegalMemAffinity [code] */
static bool reaches(const fifo_state *s, const ts_op *from, const ts_op *to) {
    int64_t columns = pass_column(to) - pass_column(from), rows = pass_row(to) - pass_row(from);
    if (pass_is_tile(s->c, from, TS_NPU_MEMORY)) return rows == 0 && columns >= -1 && columns <= 1;
    if (rows == 0) return columns == 0 || columns == -1;
    if (columns != 0) return false;
    return rows == 1 || (rows == -1 && !pass_is_tile(s->c, to, TS_NPU_MEMORY));
}

bool fifo_share_memory(const fifo_state *s, const ts_op *a, const ts_op *b, int *direction) {
    *direction = 0;
    for (int kind = TS_NPU_SHIM; kind <= TS_NPU_MEMORY; kind++)
        if (pass_is_tile(s->c, a, (ts_npu_kind)kind) != pass_is_tile(s->c, b, (ts_npu_kind)kind))
            return false;
    bool right = reaches(s, a, b), left = reaches(s, b, a);
    *direction = left && right ? 2 : left ? -1 : right ? 1 : 0;
    return left || right;
}

/* ---- cores ----------------------------------------------------------------------------------- */

static ts_status rewrite_cores(fifo_state *s) {
    ts_op *core = ts_op_child(s->c->device, TS_OP_AIE_CORE, NULL);
    for (; core; core = ts_op_child(s->c->device, TS_OP_AIE_CORE, core)) {
        if (!pass_tile_of(core) || !fifo_tile_of(s, pass_tile_of(core))->has_fifo) continue;
        s->b.offset = core->offset;
        bool is_dynamic =
            s->c->options.dynamic_objectfifos || ts_op_bool(core, "dynamic_objfifo_lowering");
        TS_TRY(is_dynamic ? fifo_make_dynamic(s, core) : fifo_unroll(s, core));
        TS_TRY(fifo_check_loops(s, core, is_dynamic));
        TS_TRY(fifo_rewrite_accesses(s, core));
    }
    return fifo_built(s);
}

/* ---- taking out ------------------------------------------------------------------------------ */

static bool is_fifo_operation(const ts_op *op) {
    switch (op->code) {
    case TS_OP_AIE_OBJECTFIFO:
    case TS_OP_AIE_OBJECTFIFO_ALLOCATE:
    case TS_OP_AIE_OBJECTFIFO_LINK:
    case TS_OP_AIE_OBJECTFIFO_ACQUIRE:
    case TS_OP_AIE_OBJECTFIFO_RELEASE:
    case TS_OP_AIE_OBJECTFIFO_SUBVIEW_ACCESS:
    case TS_OP_AIE_OBJECTFIFO_REGISTER_EXTERNAL_BUFFERS:
    case TS_OP_AIE_OBJECTFIFO_REGISTER_PROCESS: return true;
    default: return false;
    }
}

/* Accesses first, for they use what acquires make. */
static ts_status remove_all(fifo_state *s, bool is_access) {
    for (ts_op *op = s->c->device, *next; op; op = next) {
        next = ts_op_next_below(s->c->device, op);
        if (!is_fifo_operation(op) ||
            (op->code == TS_OP_AIE_OBJECTFIFO_SUBVIEW_ACCESS) != is_access)
            continue;
        if (op->n_results && op->results[0].first_use)
            return pass_fail(s->c, op, TS_UNSUPPORTED, "what '%s' makes is used by '%s'", op->name,
                             op->results[0].first_use->user->name);
        ts_op_erase(op);
    }
    return TS_OK;
}

/* What still names an objectfifo means the host's end of it. */
static const ts_attr *renamed(fifo_state *s, const ts_attr *attr) {
    if (attr->kind == TS_ATTR_SYMBOL && !attr->n_elements && fifo_find(s, attr->text)) {
        char *name = pass_text(&s->b, "%s_shim_alloc", attr->text);
        return name ? ts_attr_symbol(s->c->design, name) : NULL;
    }
    if (attr->kind != TS_ATTR_ARRAY) return attr;
    const ts_attr **elements =
        TS_ARENA_ARRAY(s->c->design->arena, const ts_attr *, attr->n_elements);
    bool is_same = true;
    for (size_t i = 0; elements && i < attr->n_elements; i++) {
        const ts_attr *at = attr->elements[i];
        elements[i] = at->kind == TS_ATTR_SYMBOL ? renamed(s, at) : at;
        if (!elements[i]) return NULL;
        is_same = is_same && elements[i] == at;
    }
    if (!elements) return NULL;
    return is_same ? attr : ts_attr_array(s->c->design, elements, attr->n_elements);
}

static ts_status rename_uses(fifo_state *s) {
    for (ts_op *op = s->c->device; op; op = ts_op_next_below(s->c->device, op))
        for (uint32_t i = 0; i < op->n_attrs; i++) {
            const ts_attr *value = renamed(s, op->attrs[i].value);
            if (!value) return ts_fail_nomem(s->c->diag);
            op->attrs[i].value = value;
        }
    return TS_OK;
}

/* ---- the pass -------------------------------------------------------------------------------- */

ts_status ts_pass_objectfifo(ts_pass_context *c) {
    fifo_state s = {.c = c, .b = {.design = c->design, .offset = UINT32_MAX}};
    TS_TRY(fifo_read(&s));
    TS_TRY(fifo_split_all(&s));
    TS_TRY(fifo_make_elements(&s));
    TS_TRY(fifo_make_dmas(&s));
    TS_TRY(rewrite_cores(&s));
    TS_TRY(remove_all(&s, true));
    TS_TRY(remove_all(&s, false));
    TS_TRY(rename_uses(&s));
    return fifo_built(&s);
}

ts_status ts_verify_objectfifo(ts_pass_context *c) {
    for (ts_op *op = c->device; op; op = ts_op_next_below(c->device, op))
        if (is_fifo_operation(op))
            return pass_fail(c, op, TS_CONFLICT, "%s is still there", op->name);
    return pass_verify_programs(c);
}
