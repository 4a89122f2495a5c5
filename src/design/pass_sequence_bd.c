/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Buffer descriptors and task queues as words: aiex.npu.writebd to a block write of a constant,
 * aiex.npu.push_queue to writes of a channel's registers.
 * src: Xilinx/mlir-aie: lib/Dialect/AIEX/Transforms/AIEDmaToNpu.cpp, WriteBdToBlockWritePattern,
 * PushQueuetoWrite32Pattern [code]
 */
#include "pass_sequence.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* Attributes and the fields of the manual that take them. Sizes of the third dimension are left
 * out, as mlir-aie does: there the length of the whole says it. */
static const struct {
    size_t member;
    const char *field;
} bd_fields[] = {
#define ROW(name, field)                                                                           \
    { offsetof(sequence_bd, name), field }
    ROW(buffer_length, "Buffer_Length"),
    ROW(enable_packet, "Enable_Packet"),
    ROW(out_of_order_id, "Out_Of_Order_BD_ID"),
    ROW(packet_id, "Packet_ID"),
    ROW(packet_type, "Packet_Type"),
    ROW(d0_size, "D0_Wrap"),
    ROW(d0_stride, "D0_Stepsize"),
    ROW(d1_size, "D1_Wrap"),
    ROW(d1_stride, "D1_Stepsize"),
    ROW(d2_stride, "D2_Stepsize"),
    ROW(iteration_current, "Iteration_Current"),
    ROW(iteration_size, "Iteration_Wrap"),
    ROW(iteration_stride, "Iteration_Stepsize"),
    ROW(next_bd, "Next_BD"),
    ROW(use_next_bd, "Use_Next_BD"),
    ROW(valid_bd, "Valid_BD"),
    ROW(lock_rel_val, "Lock_Rel_Value"),
    ROW(lock_rel_id, "Lock_Rel_ID"),
    ROW(lock_acq_enable, "Lock_Acq_Enable"),
    ROW(lock_acq_val, "Lock_Acq_Value"),
    ROW(lock_acq_id, "Lock_Acq_ID"),
    ROW(d0_zero_before, "D0_Zero_Before"),
    ROW(d1_zero_before, "D1_Zero_Before"),
    ROW(d2_zero_before, "D2_Zero_Before"),
    ROW(d0_zero_after, "D0_Zero_After"),
    ROW(d1_zero_after, "D1_Zero_After"),
    ROW(d2_zero_after, "D2_Zero_After"),
#undef ROW
};
#define N_BD_FIELDS (sizeof bd_fields / sizeof bd_fields[0])

/* 2: the NoC may join transfers. src: the same file, "AXCache = 2" [code] */
#define SHIM_AX_CACHE 2

/* ---- making operations ----------------------------------------------------------------------- */

void sequence_make_bd(pass_builder *b, const sequence_bd *bd) {
    ts_op *op = pass_make(b, TS_OP_AIEX_NPU_WRITEBD, NULL, 0, NULL, 0, 0);
#define X(name)                                                                                    \
    if (bd->name || strcmp(#name, "burst_length") != 0) pass_set_i32(b, op, #name, bd->name);
    SEQUENCE_BD_LIST(X)
#undef X
}

void sequence_make_patch(pass_builder *b, uint64_t address, int64_t argument, int64_t plus) {
    ts_op *op = pass_make(b, TS_OP_AIEX_NPU_ADDRESS_PATCH, NULL, 0, NULL, 0, 0);
    sequence_set_u32(b, op, "addr", address);
    pass_set_i32(b, op, "arg_idx", argument);
    pass_set_i32(b, op, "arg_plus", plus);
}

void sequence_make_push(pass_builder *b, const sequence_channel *channel, bool issue_token,
                        int64_t repeat_count, int64_t bd_id) {
    ts_op *op = pass_make(b, TS_OP_AIEX_NPU_PUSH_QUEUE, NULL, 0, NULL, 0, 0);
    pass_set_i32(b, op, "column", channel->column);
    pass_set_i32(b, op, "row", channel->row);
    pass_set_i32(b, op, "direction", channel->direction);
    pass_set_i32(b, op, "channel", channel->number);
    pass_set(b, op, "issue_token", ts_attr_bool(b->design, issue_token));
    pass_set_i32(b, op, "repeat_count", repeat_count);
    pass_set_i32(b, op, "bd_id", bd_id);
}

void sequence_make_sync(pass_builder *b, const sequence_channel *channel) {
    ts_op *op = pass_make(b, TS_OP_AIEX_NPU_SYNC, NULL, 0, NULL, 0, 0);
    pass_set_i32(b, op, "column", channel->column);
    pass_set_i32(b, op, "row", channel->row);
    pass_set_i32(b, op, "direction", channel->direction);
    pass_set_i32(b, op, "channel", channel->number);
    pass_set_i32(b, op, "column_num", 1);
    pass_set_i32(b, op, "row_num", 1);
}

void sequence_make_write(pass_builder *b, uint64_t address, uint32_t value) {
    ts_op *op = pass_make(b, TS_OP_AIEX_NPU_WRITE32, NULL, 0, NULL, 0, 0);
    sequence_set_u32(b, op, "address", address);
    sequence_set_u32(b, op, "value", value);
}

void sequence_make_maskwrite(pass_builder *b, uint64_t address, uint32_t value, uint32_t mask) {
    ts_op *op = pass_make(b, TS_OP_AIEX_NPU_MASKWRITE32, NULL, 0, NULL, 0, 0);
    sequence_set_u32(b, op, "address", address);
    sequence_set_u32(b, op, "value", value);
    sequence_set_u32(b, op, "mask", mask);
}

/* ---- the words of a descriptor --------------------------------------------------------------- */

ts_status sequence_bd_address(ts_pass_context *c, const ts_op *op, uint32_t column, uint32_t row,
                              int64_t bd_id, bool of_buffer, uint64_t *out) {
    const ts_npu_tile *tile = ts_npu_tile_at(&c->grid, column, row);
    if (!tile || bd_id < 0 || bd_id >= tile->n_bds)
        return pass_fail(c, op, TS_RANGE, "BD ID exceeds the maximum ID.");
    ts_npu_place place = {column, row, tile->bd_offset + tile->bd_stride * (uint32_t)bd_id};
    /* the word with the address: the first of a compute tile, else the second */
    if (of_buffer && tile->kind != TS_NPU_COMPUTE) place.offset += 4;
    if (!ts_npu_join(&c->grid, place, out))
        return pass_fail(c, op, TS_RANGE, "the descriptor has no address");
    return TS_OK;
}

static int64_t member_of(const sequence_bd *bd, size_t member) {
    int64_t value;
    memcpy(&value, (const char *)bd + member, sizeof value);
    return value;
}

static const ts_npu_register *bd_register(const ts_npu_tile *tile, uint32_t word) {
    return ts_npu_register_at(tile, tile->bd_offset + 4 * word);
}

/* Values are cut to the width of their field, as mlir-aie does, for negative lock values among
 * others. */
static void set_fields(const ts_npu_tile *tile, const sequence_bd *bd, uint32_t *words) {
    for (uint32_t w = 0; w < tile->n_bd_words; w++) {
        const ts_npu_register *reg = bd_register(tile, w);
        for (size_t i = 0; i < N_BD_FIELDS; i++) {
            const ts_npu_field *field = ts_npu_field_find(reg, bd_fields[i].field);
            if (!field) continue;
            uint32_t value = (uint32_t)member_of(bd, bd_fields[i].member);
            words[w] = ts_npu_field_insert(field, words[w], value);
        }
    }
}

static void set_field(const ts_npu_tile *tile, uint32_t word, const char *name, uint32_t value,
                      uint32_t *words) {
    const ts_npu_field *field = ts_npu_field_find(bd_register(tile, word), name);
    if (field) words[word] = ts_npu_field_insert(field, words[word], value);
}

static bool has_padding(const sequence_bd *bd) {
    return bd->d0_zero_before || bd->d1_zero_before || bd->d2_zero_before || bd->d0_zero_after ||
           bd->d1_zero_after || bd->d2_zero_after;
}

/* src: Xilinx/mlir-aie: lib/Dialect/AIEX/IR/AIEXDialect.cpp, NpuWriteBdOp::verify [code] */
static ts_status check_bd(ts_pass_context *c, const ts_op *op, const ts_npu_tile *tile,
                          const sequence_bd *bd) {
    bool is_shim = tile->kind == TS_NPU_SHIM;
    bool is_linear = bd->d0_size >= 1 && bd->d1_size == 1 && bd->iteration_size == 0;
    const struct {
        bool is_bad;
        const char *message;
    } rules[] = {
        {bd->bd_id < 0 || bd->bd_id >= tile->n_bds, "BD ID exceeds the maximum ID."},
        {(uint64_t)bd->packet_id > 31, "Packet ID exceeds the maximum supported by 5 bits."},
        {(uint64_t)bd->packet_type > 7, "Packet Type exceeds the maximum supported by 3 bits."},
        {!is_linear && (uint64_t)bd->d0_size > 0x3FF, "D0 Size exceeds the [0:1023] range."},
        {(uint64_t)bd->d0_stride > 0xFFFFF, "D0 Stride exceeds the [0:1M-1] range."},
        {(uint64_t)bd->d1_size > 0x3FF, "D1 Size exceeds the [0:1023] range."},
        {(uint64_t)bd->d1_stride > 0xFFFFF, "D1 Stride exceeds the [0:1M-1] range."},
        {(uint64_t)bd->d2_stride > 0xFFFFF, "D2 Stride exceeds the [0:1M-1] range."},
        {(uint64_t)bd->iteration_size > 0x3F, "Iteration Size exceeds the [0:63] range."},
        {(uint64_t)bd->iteration_stride > 0xFFFFF, "Iteration Stride exceeds the [0:1M-1] range."},
        {is_shim && bd->d2_size != 0, "ShimTile only supports 3 dimensions of sizes."},
        {is_shim && has_padding(bd), "ShimTile doesn't support zero padding."},
        {tile->kind == TS_NPU_COMPUTE && has_padding(bd),
         "Zero padding is only available on MemTile"},
        {!is_shim && bd->burst_length != 0, "Only ShimTiles support burst length."},
    };
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
        if (rules[i].is_bad) return pass_fail(c, op, TS_RANGE, "%s", rules[i].message);
    return TS_OK;
}

static ts_status encode(ts_pass_context *c, const ts_op *op, const ts_npu_tile *tile,
                        const sequence_bd *bd, uint32_t *words) {
    uint32_t burst = 0;
    TS_TRY(check_bd(c, op, tile, bd));
    set_fields(tile, bd, words);
    if (tile->kind == TS_NPU_SHIM) {
        TS_TRY(sequence_burst(c, op, bd->burst_length, &burst));
        words[1] = (uint32_t)bd->buffer_offset;
        set_field(tile, 4, "Burst_Length", burst, words);
        set_field(tile, 5, "AxCache", SHIM_AX_CACHE, words);
    } else if (tile->kind == TS_NPU_MEMORY) {
        set_field(tile, 1, "Base_Address", (uint32_t)bd->buffer_offset, words);
    } else {
        set_field(tile, 0, "Base_Address", (uint32_t)bd->buffer_offset / 4, words);
    }
    return TS_OK;
}

/* ---- constants ------------------------------------------------------------------------------- */

static bool all_equal(const uint32_t *words, uint32_t n_words) {
    for (uint32_t i = 1; i < n_words; i++)
        if (words[i] != words[0]) return false;
    return true;
}

static const ts_attr *dense_words(ts_design *design, const uint32_t *words, uint32_t n_words) {
    const ts_type *i32 = ts_type_integer(design, 32, TS_SIGNLESS);
    int64_t shape[1] = {n_words};
    ts_type tensor = {
        .kind = TS_TYPE_TENSOR, .name = "", .element = i32, .shape = shape, .n_dims = 1};
    ts_attr *attr = TS_ARENA_NEW(design->arena, ts_attr);
    ts_buf bytes = ts_buf_in(design->arena);
    bool is_splat = all_equal(words, n_words);
    for (uint32_t i = 0; i < (is_splat ? 1 : n_words); i++)
        ts_buf_u32le(&bytes, words[i]);
    if (!i32 || !attr || bytes.failed) return NULL;
    *attr = (ts_attr){.kind = TS_ATTR_DENSE,
                      .type = ts_type_unique(design, &tensor),
                      .data = ts_buf_span(&bytes),
                      .n_elements = n_words,
                      .is_splat = is_splat};
    return attr->type ? attr : NULL;
}

static ts_op *known_global(const ts_pass_context *c, const ts_type *type, const ts_attr *words) {
    for (ts_op *op = NULL; (op = ts_op_child(c->device, TS_OP_MEMREF_GLOBAL, op));) {
        const ts_attr *of_type = ts_op_attr(op, "type");
        const ts_attr *value = ts_op_attr(op, "initial_value");
        if (of_type && of_type->type_value == type && value && ts_attr_equal(value, words))
            return op;
    }
    return NULL;
}

/* One more than the highest that is there. */
static const char *new_name(ts_pass_context *c, pass_builder *b) {
    static const char prefix[] = "blockwrite_data_";
    uint64_t first = 0, number;
    for (ts_op *op = NULL; (op = ts_op_child(c->device, TS_OP_MEMREF_GLOBAL, op));) {
        const char *name = ts_op_text(op, "sym_name", "");
        if (strncmp(name, prefix, sizeof prefix - 1) == 0 &&
            ts_parse_u64(name + sizeof prefix - 1, &number) && number < UINT32_MAX &&
            number >= first)
            first = number + 1;
    }
    for (uint32_t n = (uint32_t)first; n < first + PASS_MAX_MADE; n++) {
        const char *name = pass_text(b, "blockwrite_data_%u", n);
        if (!name || !ts_symbol_find(c->device, name)) return name;
    }
    return NULL;
}

/* A constant of the device with these words, before the runtime sequence.
 * src: Xilinx/mlir-aie: lib/Dialect/AIEX/Utils/AIEUtils.cpp, getOrCreateDataMemref [code] */
static ts_op *global_of(ts_pass_context *c, pass_builder *b, ts_op *op, const uint32_t *words,
                        uint32_t n_words) {
    ts_design *design = c->design;
    int64_t shape[1] = {n_words};
    const ts_type *i32 = ts_type_integer(design, 32, TS_SIGNLESS);
    const ts_type *type = i32 ? ts_type_memref(design, shape, 1, i32) : NULL;
    const ts_attr *value = dense_words(design, words, n_words);
    ts_op *found = type && value ? known_global(c, type, value) : NULL;
    if (found) return found;
    ts_type none = {.kind = TS_TYPE_NONE, .name = ""};
    ts_attr *of_type = TS_ARENA_NEW(design->arena, ts_attr);
    if (!type || !value || !of_type) return NULL;
    *of_type =
        (ts_attr){.kind = TS_ATTR_TYPE, .type_value = type, .type = ts_type_unique(design, &none)};
    pass_before(b, ts_op_parent_of(op, TS_OP_AIE_RUNTIME_SEQUENCE));
    ts_op *global = pass_make(b, TS_OP_MEMREF_GLOBAL, NULL, 0, NULL, 0, 0);
    const char *name = new_name(c, b);
    pass_set_text(b, global, "sym_name", name);
    pass_set_text(b, global, "sym_visibility", "private");
    pass_set(b, global, "type", of_type);
    pass_set(b, global, "initial_value", value);
    pass_set(b, global, "constant", ts_attr_unit(design));
    return global;
}

/* ---- lowering -------------------------------------------------------------------------------- */

static ts_status place_of_op(ts_pass_context *c, const ts_op *op, uint32_t *column, uint32_t *row) {
    int64_t col = ts_op_integer(op, "column", -1), r = ts_op_integer(op, "row", -1);
    if (col < 0 || r < 0 || col >= c->grid.n_columns || r >= c->grid.n_rows)
        return pass_fail(c, op, TS_RANGE, "there is no tile(%lld,%lld)", (long long)col,
                         (long long)r);
    *column = (uint32_t)col;
    *row = (uint32_t)r;
    return TS_OK;
}

ts_status sequence_lower_bd(ts_pass_context *c, ts_op *op) {
    sequence_bd bd = {
#define X(name) .name = ts_op_integer(op, #name, 0),
        SEQUENCE_BD_LIST(X)
#undef X
    };
    uint32_t words[TS_NPU_BD_MAX_WORDS] = {0}, column = 0, row = 0;
    uint64_t address = 0;
    TS_TRY(place_of_op(c, op, &column, &row));
    const ts_npu_tile *tile = ts_npu_tile_at(&c->grid, column, row);
    TS_TRY(encode(c, op, tile, &bd, words));
    TS_TRY(sequence_bd_address(c, op, column, row, bd.bd_id, false, &address));
    pass_builder b = {.design = c->design};
    ts_op *global = global_of(c, &b, op, words, tile->n_bd_words);
    if (!global || b.failed) return ts_fail_nomem(c->diag);
    const ts_type *type = ts_op_attr(global, "type")->type_value;
    pass_before(&b, op);
    ts_op *get = pass_make(&b, TS_OP_MEMREF_GET_GLOBAL, NULL, 0, &type, 1, 0);
    pass_set(&b, get, "name", ts_attr_symbol(c->design, ts_op_text(global, "sym_name", "")));
    ts_value *data = pass_result(get);
    ts_op *write = data ? pass_make(&b, TS_OP_AIEX_NPU_BLOCKWRITE, &data, 1, NULL, 0, 0) : NULL;
    sequence_set_u32(&b, write, "address", address);
    if (b.failed) return ts_fail_nomem(c->diag);
    ts_op_erase(op);
    return TS_OK;
}

/* Five bits of the register's eight: those of a packet id.
 * src: Xilinx/mlir-aie: lib/Dialect/AIEX/Transforms/AIEDmaToNpu.cpp, PushQueuetoWrite32Pattern
 * [code]
 */
#define CONTROLLER_ID_BITS 0x1F

static ts_status write_controller(ts_pass_context *c, pass_builder *b, const ts_op *op,
                                  const sequence_channel *channel, const char *direction) {
    char name[32];
    const ts_npu_register *reg = NULL;
    uint64_t address = 0;
    ts_op *tile = sequence_tile(c, channel->column, channel->row);
    if (!tile) return ts_fail_nomem(c->diag);
    const ts_attr *id = ts_attr_member(ts_op_attr(tile, "controller_id"), "pkt_id");
    if (!id) return TS_OK;
    snprintf(name, sizeof name, "DMA_%s_%u_Ctrl", direction, (unsigned)channel->number);
    TS_TRY(sequence_register(c, op, channel->column, channel->row, name, &reg, &address));
    const ts_npu_field *field = ts_npu_field_find(reg, "Controller_ID");
    if (!field) return pass_fail(c, op, TS_UNSUPPORTED, "%s has no Controller_ID", name);
    sequence_make_maskwrite(b, address, ts_npu_field_insert(field, 0, (uint32_t)id->integer),
                            ts_npu_field_insert(field, 0, CONTROLLER_ID_BITS));
    return TS_OK;
}

static ts_status queue_word(ts_pass_context *c, const ts_op *op, const ts_npu_register *reg,
                            uint32_t *out) {
    int64_t bd = ts_op_integer(op, "bd_id", 0), repeat = ts_op_integer(op, "repeat_count", 0);
    const ts_npu_field *of_bd = ts_npu_field_find(reg, "Start_BD_ID");
    const ts_npu_field *of_repeat = ts_npu_field_find(reg, "Repeat_Count");
    const ts_npu_field *of_token = ts_npu_field_find(reg, "Enable_Token_Issue");
    if (!of_bd || !of_repeat || !of_token)
        return pass_fail(c, op, TS_UNSUPPORTED, "%s is not a task queue", reg->name);
    if (repeat < 0 || repeat > 255)
        return pass_fail(c, op, TS_RANGE, "Repeat count exceeds the [0:255] range.");
    uint32_t word = ts_npu_field_insert(of_bd, 0, (uint32_t)bd);
    word = ts_npu_field_insert(of_repeat, word, (uint32_t)repeat);
    *out = ts_npu_field_insert(of_token, word, ts_op_bool(op, "issue_token"));
    return TS_OK;
}

ts_status sequence_lower_push(ts_pass_context *c, ts_op *op) {
    sequence_channel channel = {.direction = ts_op_integer(op, "direction", 0),
                                .number = ts_op_integer(op, "channel", -1)};
    pass_builder b = {.design = c->design};
    char name[32];
    const ts_npu_register *reg = NULL;
    uint64_t address = 0;
    uint32_t word = 0;
    TS_TRY(place_of_op(c, op, &channel.column, &channel.row));
    const ts_npu_tile *tile = ts_npu_tile_at(&c->grid, channel.column, channel.row);
    if (channel.number < 0 || channel.number >= tile->n_channels)
        return pass_fail(c, op, TS_RANGE, "tile(%u,%u) has no DMA channel %lld", channel.column,
                         channel.row, (long long)channel.number);
    TS_TRY(sequence_bd_address(c, op, channel.column, channel.row, ts_op_integer(op, "bd_id", 0),
                               false, &address));
    const char *direction = channel.direction == SEQUENCE_MM2S ? "MM2S" : "S2MM";
    pass_before(&b, op);
    if (ts_op_bool(op, "issue_token")) TS_TRY(write_controller(c, &b, op, &channel, direction));
    snprintf(name, sizeof name, "DMA_%s_%u_%s_Queue", direction, (unsigned)channel.number,
             tile->kind == TS_NPU_SHIM ? "Task" : "Start");
    TS_TRY(sequence_register(c, op, channel.column, channel.row, name, &reg, &address));
    TS_TRY(queue_word(c, op, reg, &word));
    sequence_make_write(&b, address, word);
    if (b.failed) return ts_fail_nomem(c->diag);
    ts_op_erase(op);
    return TS_OK;
}
