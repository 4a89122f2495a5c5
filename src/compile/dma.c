/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Buffer descriptors and channels: for each aie.mem, then each aie.memtile_dma, then each
 * aie.shim_dma, all its descriptors in the order in which its blocks are reached, then the start of
 * each channel.
 *
 * src: Xilinx/mlir-aie: lib/Targets/AIERT.cpp, addInitConfig, configureLocksInBdBlock,
 * configureBdInBlock, pushToBdQueueAndEnable [code]
 */
#include "compile_int.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* One DMA's program. */
typedef struct dma {
    const comp *c;
    comp_tile tile;
    const ts_op *op;
} dma;

enum {
    DIRECTION_S2MM,
    DIRECTION_MM2S,
    LOCK_ACQUIRE = 0,
    LOCK_RELEASE = 1,
    LOCK_ACQUIRE_GREATER_EQUAL = 2,
    MAX_QUEUE_REPEATS = 255,
};

static const char *const directions[] = {"S2MM", "MM2S"};

/* ---- blocks ---------------------------------------------------------------------------------- */

typedef struct reached {
    const ts_block *block;
    bool is_reached;
} reached;

static int by_block(const void *a, const void *b) {
    uintptr_t x = (uintptr_t)((const reached *)a)->block,
              y = (uintptr_t)((const reached *)b)->block;
    return x < y ? -1 : x > y;
}

static bool reach(reached *blocks, size_t n, const ts_block *block) {
    reached key = {block, false};
    reached *found = bsearch(&key, blocks, n, sizeof *blocks, by_block);
    if (!found || found->is_reached) return false;
    return found->is_reached = true;
}

/* The blocks of a region in mlir-aie's order: the entry, then the successors of the block that was
 * found last, each when it is found first. Blocks nobody reaches are not there.
 * src: Xilinx/mlir-aie: lib/Targets/AIETargetShared.cpp, getOrderedChainOfBlocks [code] */
static ts_status order_blocks(const comp *c, const ts_region *region, const ts_block ***out,
                              size_t *n_out) {
    size_t n = 0, n_open = 0;
    *out = NULL;
    *n_out = 0;
    for (const ts_block *b = region->first; b; b = b->next)
        n++;
    const ts_block **order = TS_ARENA_ARRAY(c->arena, const ts_block *, n);
    const ts_block **open = TS_ARENA_ARRAY(c->arena, const ts_block *, n);
    reached *blocks = TS_ARENA_ARRAY(c->arena, reached, n);
    if (!order || !open || !blocks) return ts_fail_nomem(c->diag);
    *out = order;
    if (!n) return TS_OK;
    size_t at = 0;
    for (const ts_block *b = region->first; b; b = b->next)
        blocks[at++].block = b;
    qsort(blocks, n, sizeof *blocks, by_block);
    (void)reach(blocks, n, region->first);
    order[(*n_out)++] = open[n_open++] = region->first;
    while (n_open) {
        const ts_op *last = open[--n_open]->last;
        for (uint32_t i = 0; last && i < last->n_successors; i++)
            if (reach(blocks, n, last->successors[i]))
                order[(*n_out)++] = open[n_open++] = last->successors[i];
    }
    return TS_OK;
}

static const ts_op *first_in(const ts_block *block, ts_op_code code) {
    const ts_op *op = block ? block->first : NULL;
    while (op && op->code != code)
        op = op->next;
    return op;
}

/* ---- descriptors ----------------------------------------------------------------------------- */

/* Another tile's resources as a memory tile's DMA numbers them: the western neighbor's come first,
 * then its own, then the eastern neighbor's. src: Xilinx/mlir-aie:
 * lib/Dialect/AIE/IR/AIETargetModel.cpp, getLockLocalBaseIndex, getMemLocalBaseAddress [code] */
static ts_status neighbor_index(const dma *d, const ts_op *op, const comp_tile *owner,
                                uint32_t *out) {
    bool is_memory = d->tile.kind->kind == TS_NPU_MEMORY;
    uint32_t index = owner->column + 1 - d->tile.column;
    *out = is_memory ? index : 0;
    if (owner->row == d->tile.row && (is_memory ? index <= 2 : index == 1)) return TS_OK;
    return COMP_FAIL(d->c, op, TS_RANGE,
                     "the DMA of tile (%" PRIu32 ",%" PRIu32 ") cannot reach tile (%" PRIu32
                     ",%" PRIu32 ")",
                     d->tile.column, d->tile.row, owner->column, owner->row);
}

static ts_status set_lock(const dma *d, const ts_op *use, ts_npu_bd *bd) {
    const ts_op *lock;
    comp_tile owner;
    int64_t action, id, value = ts_op_integer(use, "value", 1);
    uint32_t index;
    TS_TRY(comp_source(d->c, use, 0, TS_OP_AIE_LOCK, &lock));
    TS_TRY(comp_tile_of(d->c, lock, &owner));
    TS_TRY(comp_need(d->c, use, "action", LOCK_ACQUIRE, LOCK_ACQUIRE_GREATER_EQUAL, &action));
    TS_TRY(comp_need(d->c, lock, "lockID", 0, owner.kind->n_locks - 1, &id));
    TS_TRY(neighbor_index(d, use, &owner, &index));
    if (value < -64 || value > 63)
        return COMP_FAIL(d->c, use, TS_RANGE, "lock value %" PRId64 "; -64 to 63 fit", value);
    uint32_t number = (uint32_t)id + index * d->tile.kind->n_locks;
    if (action == LOCK_RELEASE) {
        bd->lock_release_id = number;
        bd->lock_release_value = (int32_t)value;
        return TS_OK;
    }
    const ts_attr *enable = ts_op_attr(use, "acq_en");
    bd->lock_acquire = !enable || ts_op_bool(use, "acq_en");
    bd->lock_acquire_id = number;
    bd->lock_acquire_value = (int32_t)(action == LOCK_ACQUIRE_GREATER_EQUAL ? -value : value);
    return TS_OK;
}

static ts_status set_buffer(const dma *d, const ts_op *op, uint64_t element, ts_npu_bd *bd) {
    const ts_op *buffer = op->n_operands ? op->operands[0].value->owner : NULL;
    int64_t offset = ts_op_integer(op, "offset", 0);
    comp_tile owner;
    uint32_t address, index;
    if (offset < 0 || offset > UINT32_MAX)
        return COMP_FAIL(d->c, op, TS_RANGE, "offset %" PRId64 " is outside any buffer", offset);
    if (d->tile.kind->kind == TS_NPU_SHIM) {
        TS_TRY(comp_source(d->c, op, 0, TS_OP_AIE_EXTERNAL_BUFFER, &buffer));
        /* Without one, the instruction stream patches it. */
        bd->base = (uint64_t)ts_op_integer(buffer, "address", 0);
    } else {
        TS_TRY(comp_source(d->c, op, 0, TS_OP_AIE_BUFFER, &buffer));
        TS_TRY(comp_tile_of(d->c, buffer, &owner));
        TS_TRY(comp_buffer_address(d->c, buffer, &address));
        TS_TRY(neighbor_index(d, op, &owner, &index));
        bd->base = address + (uint64_t)index * d->tile.kind->memories[0].size;
    }
    bd->base += (uint64_t)offset * element;
    if (bd->base % 4)
        return COMP_FAIL(d->c, op, TS_RANGE, "address 0x%" PRIx64 " is not a multiple of 4 bytes",
                         bd->base);
    return TS_OK;
}

static ts_status set_length(const dma *d, const ts_op *op, uint64_t element, ts_npu_bd *bd) {
    const ts_type *type = op->operands[0].value->type;
    int64_t n = (int64_t)ts_type_n_elements(type);
    n = ts_op_integer(op, "len", n);
    if (n < 0 || n > UINT32_MAX || !element || (uint64_t)n * element % 4 ||
        (uint64_t)n * element / 4 > UINT32_MAX)
        return COMP_FAIL(d->c, op, TS_RANGE,
                         "%" PRId64 " elements of %" PRIu64
                         " bytes are no number of 32-bit words that a descriptor can have",
                         n, element);
    bd->length = (uint32_t)((uint64_t)n * element / 4);
    return TS_OK;
}

/* A number of elements as 32-bit words. */
static ts_status to_words(const dma *d, const ts_op *op, const ts_attr *from, const char *name,
                          uint64_t element, uint32_t *out) {
    const ts_attr *member = ts_attr_member(from, name);
    int64_t n = member && member->kind == TS_ATTR_INTEGER ? member->integer : -1;
    if (n < 0 || n > UINT32_MAX || (uint64_t)n * element / 4 > UINT32_MAX)
        return COMP_FAIL(d->c, op, TS_RANGE, "a dimension needs a '%s' from 0 to 2^32 - 1", name);
    if ((uint64_t)n * element % 4)
        return COMP_FAIL(d->c, op, TS_RANGE,
                         "%s %" PRId64 " of %" PRIu64
                         "-byte elements is no whole number of 32-bit words",
                         name, n, element);
    *out = (uint32_t)((uint64_t)n * element / 4);
    return TS_OK;
}

static unsigned max_dims(const ts_npu_tile *kind) {
    return kind->kind == TS_NPU_MEMORY ? 4 : 3;
}

static ts_status check_n_dims(const dma *d, const ts_op *op, const ts_attr *dims) {
    if (dims->n_elements <= max_dims(d->tile.kind)) return TS_OK;
    return COMP_FAIL(d->c, op, TS_RANGE, "%zu dimensions; a DMA of a %s tile has %u",
                     dims->n_elements, ts_npu_kind_name(d->tile.kind->kind),
                     max_dims(d->tile.kind));
}

/* Written from the outermost; the innermost one's size is in elements and its step is 1, the
 * others' steps are in elements. The outermost that a tile has never wraps. */
static ts_status set_dims(const dma *d, const ts_op *op, uint64_t element, ts_npu_bd *bd) {
    const ts_attr *dims = ts_op_attr(op, "dimensions");
    if (!dims) return TS_OK;
    TS_TRY(check_n_dims(d, op, dims));
    for (size_t i = 0; i < dims->n_elements; i++) {
        size_t j = dims->n_elements - 1 - i;
        uint32_t step, wrap;
        TS_TRY(to_words(d, op, dims->elements[i], "stride", j ? element : 4, &step));
        TS_TRY(to_words(d, op, dims->elements[i], "size", j ? 4 : element, &wrap));
        bd->dim[j].step = step ? step : 1;
        bd->dim[j].wrap = j + 1 < max_dims(d->tile.kind) ? wrap : 0;
    }
    return TS_OK;
}

static ts_status set_padding(const dma *d, const ts_op *op, uint64_t element, ts_npu_bd *bd) {
    const ts_attr *dims = ts_op_attr(op, "pad_dimensions");
    if (!dims) return TS_OK;
    TS_TRY(check_n_dims(d, op, dims));
    for (size_t i = 0; i < dims->n_elements; i++) {
        size_t j = dims->n_elements - 1 - i;
        ts_npu_bd_dim *dim = &bd->dim[j];
        TS_TRY(to_words(d, op, dims->elements[i], "const_pad_before", j ? 4 : element,
                        &dim->zero_before));
        TS_TRY(to_words(d, op, dims->elements[i], "const_pad_after", j ? 4 : element,
                        &dim->zero_after));
    }
    return TS_OK;
}

/* Also the older operation of its own in the block. */
static ts_status set_packet(const dma *d, const ts_op *op, ts_npu_bd *bd) {
    const ts_attr *packet = ts_op_attr(op, "packet");
    int64_t type = 0, id = -1;
    for (const ts_op *other = op->block->first; other && !packet; other = other->next)
        if (strcmp(other->name, "aie.dma_bd_packet") == 0) {
            type = ts_op_integer(other, "packet_type", 0);
            id = ts_op_integer(other, "packet_id", 0);
        }
    if (packet) {
        const ts_attr *t = ts_attr_member(packet, "pkt_type"),
                      *i = ts_attr_member(packet, "pkt_id");
        type = t ? t->integer : -1;
        id = i ? i->integer : -1;
    } else if (id < 0) {
        return TS_OK;
    }
    if (type < 0 || type > 7 || id < 0 || id > 31)
        return COMP_FAIL(d->c, op, TS_RANGE,
                         "packet type %" PRId64 ", id %" PRId64 "; types go to 7, ids to 31", type,
                         id);
    if (!bd->length)
        return COMP_FAIL(d->c, op, TS_RANGE, "a descriptor of length 0 cannot send packets");
    bd->packet = true;
    bd->packet_type = (uint32_t)type;
    bd->packet_id = (uint32_t)id;
    return TS_OK;
}

/* The longest burst unless told otherwise. src: Xilinx/mlir-aie:
 * lib/Dialect/AIE/IR/AIEDialect.cpp, getShimBurstLength [code] */
static ts_status set_burst(const dma *d, const ts_op *op, ts_npu_bd *bd) {
    int64_t bytes = ts_op_integer(op, "burst_length", 0);
    if (d->tile.kind->kind != TS_NPU_SHIM) return TS_OK;
    for (bd->burst = 0; bd->burst < 3; bd->burst++)
        if ((bytes ? bytes : 256) == 64 << bd->burst) return TS_OK;
    return COMP_FAIL(d->c, op, TS_RANGE, "burst_length %" PRId64 "; 64, 128 and 256 bytes are",
                     bytes);
}

static ts_status bd_number(const dma *d, const ts_op *op, uint32_t *out) {
    int64_t id;
    *out = 0;
    TS_TRY(comp_need(d->c, op, "bd_id", 0, d->tile.kind->n_bds - 1, &id));
    *out = (uint32_t)id;
    return TS_OK;
}

static ts_status make_bd(const dma *d, const ts_op *op, ts_npu_bd *bd) {
    uint64_t element = op->n_operands ? comp_element_bytes(op->operands[0].value->type) : 0;
    int64_t next;
    *bd = ts_npu_bd_linear(d->tile.kind, 0, 0);
    for (const ts_op *use = op->block->first; use; use = use->next)
        if (use->code == TS_OP_AIE_USE_LOCK) TS_TRY(set_lock(d, use, bd));
    TS_TRY(set_buffer(d, op, element, bd));
    TS_TRY(set_length(d, op, element, bd));
    TS_TRY(set_dims(d, op, element, bd));
    TS_TRY(set_padding(d, op, element, bd));
    TS_TRY(set_packet(d, op, bd));
    TS_TRY(set_burst(d, op, bd));
    if (!ts_op_attr(op, "next_bd_id")) return TS_OK;
    TS_TRY(comp_need(d->c, op, "next_bd_id", 0, d->tile.kind->n_bds - 1, &next));
    bd->use_next = true;
    bd->next = (uint32_t)next;
    return TS_OK;
}

ts_status comp_read_bd(const comp *c, const ts_op *dma_op, const ts_op *op, uint32_t *number,
                       ts_npu_bd *out) {
    dma d = {.c = c, .op = dma_op};
    TS_TRY(comp_tile_of(c, dma_op, &d.tile));
    TS_TRY(bd_number(&d, op, number));
    return make_bd(&d, op, out);
}

/* The driver writes a shim tile's descriptors word by word, the others as blocks.
 * src: Xilinx/aie-rt: driver/src/dma/xaie_dma_aieml.c; driver/src/io_backend/ext/xaie_cdo.c,
 * XAIE_BACKEND_OP_CONFIG_SHIMDMABD [code] */
static ts_status write_bd(const dma *d, const ts_op *op) {
    const ts_npu_tile *kind = d->tile.kind;
    uint32_t words[TS_NPU_BD_MAX_WORDS], number;
    uint8_t bytes[4 * TS_NPU_BD_MAX_WORDS];
    ts_npu_bd bd;
    ts_diag diag = {0};
    TS_TRY(bd_number(d, op, &number));
    TS_TRY(make_bd(d, op, &bd));
    if (ts_npu_bd_encode(kind, &bd, words, &diag) != TS_OK)
        return COMP_FAIL(d->c, op, diag.code, "%s", diag.message);
    uint32_t offset = kind->bd_offset + number * kind->bd_stride;
    for (uint32_t i = 0; i < kind->n_bd_words; i++) {
        if (kind->kind == TS_NPU_SHIM) comp_write_at(d->c, &d->tile, offset + 4 * i, words[i]);
        for (unsigned b = 0; b < 4; b++)
            bytes[4 * i + b] = (uint8_t)(words[i] >> 8 * b);
    }
    if (kind->kind != TS_NPU_SHIM)
        comp_block(d->c, &d->tile, offset, (ts_span){bytes, (size_t)4 * kind->n_bd_words});
    return TS_OK;
}

static ts_status write_bds_of(const dma *d, const ts_block *block) {
    const ts_op *op = first_in(block, TS_OP_AIE_DMA_BD);
    return op ? write_bd(d, op) : TS_OK;
}

/* ---- channels -------------------------------------------------------------------------------- */

/* Push the first descriptor, then what enabled a channel of the first generation: this one has no
 * such bit, and the driver's mask is 0. src: Xilinx/aie-rt: driver/src/dma/xaie_dma.c,
 * XAie_DmaChannelSetStartQueueGeneric, _XAie_DmaChannelControl;
 * driver/src/global/xaiemlgbl_reginit.c, AieMlDmaChProp [code]; the CDOs of
 * Unicorn-Commander/Unicorn-Amanuensis have it, Phoenix, 2025 [observed] */
static ts_status start_channel(const dma *d, const ts_op *start, const ts_block *first) {
    const ts_npu_tile *kind = d->tile.kind;
    const ts_op *op = first_in(first, TS_OP_AIE_DMA_BD);
    int64_t direction, channel, repeats = ts_op_integer(start, "repeat_count", 0);
    uint32_t number;
    TS_TRY(comp_need(d->c, start, "channel_dir", DIRECTION_S2MM, DIRECTION_MM2S, &direction));
    TS_TRY(comp_need(d->c, start, "channel_index", 0, kind->n_channels - 1, &channel));
    if (!op) return COMP_FAIL(d->c, start, TS_MISSING, "the channel begins with no aie.dma_bd");
    TS_TRY(bd_number(d, op, &number));
    if (!ts_npu_bd_is_for_channel(kind, number, (uint32_t)channel))
        return COMP_FAIL(d->c, op, TS_RANGE,
                         "descriptor %" PRIu32 " is not for channel %" PRId64
                         ": even channels have the lower half, odd ones the upper",
                         number, channel);
    if (repeats < 0 || repeats > MAX_QUEUE_REPEATS)
        return COMP_FAIL(d->c, start, TS_RANGE, "repeat_count %" PRId64 "; 0 to %d fit", repeats,
                         MAX_QUEUE_REPEATS);
    bool is_shim = kind->kind == TS_NPU_SHIM;
    comp_value queue = comp_register(kind, "DMA_%s_%u_%s_Queue", directions[direction],
                                     (unsigned)channel, is_shim ? "Task" : "Start");
    comp_set(&queue, "Start_BD_ID", number);
    comp_set(&queue, "Repeat_Count", (uint32_t)repeats);
    comp_set(&queue, "Enable_Token_Issue", is_shim && direction == DIRECTION_S2MM);
    comp_write(d->c, &d->tile, queue);
    comp_value control =
        comp_register(kind, "DMA_%s_%u_Ctrl", directions[direction], (unsigned)channel);
    comp_mask_write_at(d->c, &d->tile, control.reg->offset, 0, 1);
    return TS_OK;
}

/* ---- one DMA --------------------------------------------------------------------------------- */

/* aie.dma: a channel whose descriptors are regions, one block each. */
static ts_status configure_regions(const dma *d) {
    const ts_region *body = &d->op->regions[0];
    for (const ts_block *b = body->first; b; b = b->next)
        for (const ts_op *op = b->first; op; op = op->next)
            for (uint32_t i = 0; op->code == TS_OP_AIE_DMA && i < op->n_regions; i++)
                TS_TRY(write_bds_of(d, op->regions[i].first));
    for (const ts_block *b = body->first; b; b = b->next)
        for (const ts_op *op = b->first; op; op = op->next)
            if (op->code == TS_OP_AIE_DMA)
                TS_TRY(start_channel(d, op, op->n_regions ? op->regions[0].first : NULL));
    return TS_OK;
}

static ts_status configure_blocks(const dma *d) {
    const ts_block **blocks;
    size_t n;
    TS_TRY(order_blocks(d->c, &d->op->regions[0], &blocks, &n));
    for (size_t i = 0; i < n; i++)
        TS_TRY(write_bds_of(d, blocks[i]));
    for (size_t i = 0; i < n; i++)
        for (const ts_op *op = blocks[i]->first; op; op = op->next)
            if (op->code == TS_OP_AIE_DMA_START)
                TS_TRY(start_channel(d, op, op->n_successors ? op->successors[0] : NULL));
    return TS_OK;
}

static ts_status configure_dma(const comp *c, const ts_op *op) {
    dma d = {.c = c, .op = op};
    bool has_regions = false;
    TS_TRY(comp_tile_of(c, op, &d.tile));
    if (!op->n_regions) return TS_OK;
    for (const ts_block *b = op->regions[0].first; b; b = b->next)
        has_regions |= first_in(b, TS_OP_AIE_DMA) != NULL;
    return has_regions ? configure_regions(&d) : configure_blocks(&d);
}

ts_status comp_configure_dmas(const comp *c) {
    static const ts_op_code kinds[] = {TS_OP_AIE_MEM, TS_OP_AIE_MEMTILE_DMA, TS_OP_AIE_SHIM_DMA};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        for (const ts_op *op = ts_op_child(c->device, kinds[i], NULL); op;
             op = ts_op_child(c->device, kinds[i], op))
            TS_TRY(configure_dma(c, op));
    return TS_OK;
}
