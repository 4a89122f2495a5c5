/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Control packets: the tiles they go to, and the transfers from one more argument that send them.
 * src: Xilinx/mlir-aie: lib/Dialect/AIEX/Transforms/AIECtrlPacketToDma.cpp [code]
 */
#include "pass_route.h"
#include "pass_sequence.h"

#define HEADER_WORDS 2 /* of a packet in memory: the stream's and the control word */

static bool place_of(ts_pass_context *c, const ts_op *op, ts_npu_place *out) {
    return ts_npu_split(&c->grid, (uint64_t)ts_op_integer(op, "address", 0), out);
}

ts_status sequence_control_tiles(ts_pass_context *c) {
    for (ts_op *seq = NULL; (seq = ts_op_child(c->device, TS_OP_AIE_RUNTIME_SEQUENCE, seq));)
        for (ts_op *op = NULL; (op = ts_op_child(seq, TS_OP_AIEX_CONTROL_PACKET, op));) {
            ts_npu_place place;
            if (!place_of(c, op, &place))
                return pass_fail(c, op, TS_RANGE, "the address is outside the device");
            ts_op *tile = sequence_tile(c, place.column, place.row);
            if (!tile) return ts_fail_nomem(c->diag);
            TS_TRY(route_controller_id(c, tile));
        }
    return TS_OK;
}

static ts_status packet_words(ts_pass_context *c, const ts_op *op, int64_t *out) {
    const ts_attr *data = ts_op_attr(op, "data");
    int64_t n = ts_op_integer(op, "length", 0);
    if (data && data->kind == TS_ATTR_DENSE_ARRAY && data->type && data->type->width >= 8)
        n = (int64_t)(data->data.size / (data->type->width / 8));
    if (n < 0 || n > UINT16_MAX)
        return pass_fail(c, op, TS_RANGE, "a control packet of %lld words", (long long)n);
    *out = n + HEADER_WORDS;
    return TS_OK;
}

static void set_four(pass_builder *b, ts_op *op, const char *name, int64_t outer, int64_t inner) {
    const ts_type *i64 = ts_type_integer(b->design, 64, TS_SIGNLESS);
    int64_t values[4] = {outer, outer, outer, inner};
    pass_set(b, op, name, i64 ? ts_attr_dense_array(b->design, i64, values, 4) : NULL);
}

static ts_status send_packet(ts_pass_context *c, ts_op *op, ts_value *argument, int64_t *offset) {
    static const int64_t segments[] = {1, 0, 0, 0};
    pass_builder b = {.design = c->design};
    ts_npu_place place;
    int64_t n_words = 0;
    if (!place_of(c, op, &place))
        return pass_fail(c, op, TS_RANGE, "the address is outside the device");
    TS_TRY(packet_words(c, op, &n_words));
    const ts_type *i64 = ts_type_integer(c->design, 64, TS_SIGNLESS);
    sequence_channel channel = {.column = place.column,
                                .direction = SEQUENCE_MM2S,
                                .number = route_control_channel(c, place.row)};
    pass_before(&b, op);
    ts_op *copy = pass_make(&b, TS_OP_AIEX_NPU_DMA_MEMCPY_ND, &argument, 1, NULL, 0, 0);
    pass_set_segments(&b, copy, segments, 4);
    set_four(&b, copy, "static_offsets", 0, *offset);
    set_four(&b, copy, "static_sizes", 1, n_words);
    set_four(&b, copy, "static_strides", 0, 1);
    const char *symbol =
        pass_text(&b, "ctrlpkt_col%u_mm2s_chan%u", place.column, (unsigned)channel.number);
    pass_set(&b, copy, "metadata", symbol ? ts_attr_symbol(c->design, symbol) : NULL);
    pass_set(&b, copy, "id", i64 ? ts_attr_integer(c->design, 0, i64) : NULL);
    pass_set(&b, copy, "issue_token", ts_attr_bool(c->design, true));
    sequence_make_sync(&b, &channel);
    if (b.failed) return ts_fail_nomem(c->diag);
    *offset += n_words;
    ts_op_erase(op);
    return TS_OK;
}

static ts_status send_all(ts_pass_context *c, ts_op *seq) {
    const int64_t shape[1] = {TS_DYNAMIC_SIZE};
    int64_t offset = 0;
    ts_op *op = ts_op_child(seq, TS_OP_AIEX_CONTROL_PACKET, NULL), *next;
    if (!op) return TS_OK;
    const ts_type *i32 = ts_type_integer(c->design, 32, TS_SIGNLESS);
    const ts_type *type = i32 ? ts_type_memref(c->design, shape, 1, i32) : NULL;
    ts_value *argument =
        type ? ts_block_add_argument(c->design, seq->regions[0].first, type) : NULL;
    if (!argument) return ts_fail_nomem(c->diag);
    for (; op; op = next) {
        next = ts_op_child(seq, TS_OP_AIEX_CONTROL_PACKET, op);
        TS_TRY(send_packet(c, op, argument, &offset));
    }
    return TS_OK;
}

ts_status sequence_control_packets(ts_pass_context *c) {
    for (ts_op *seq = NULL; (seq = ts_op_child(c->device, TS_OP_AIE_RUNTIME_SEQUENCE, seq));)
        TS_TRY(send_all(c, seq));
    return TS_OK;
}
