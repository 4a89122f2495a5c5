/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * design, inside: what the files of the pass `runtime-sequence` share.
 */
#ifndef TESSERA_DESIGN_PASS_SEQUENCE_H
#define TESSERA_DESIGN_PASS_SEQUENCE_H

#include "passes.h"

/* DMAChannelDir: src: Xilinx/mlir-aie: include/aie/Dialect/AIE/IR/AIEAttrs.td [code] */
#define SEQUENCE_S2MM 0
#define SEQUENCE_MM2S 1

/* A channel of a tile's DMA. */
typedef struct sequence_channel {
    ts_op *tile;
    uint32_t column, row;
    int64_t direction, number;
} sequence_channel;

/* Attributes of aiex.npu.writebd.
 * src: Xilinx/mlir-aie: include/aie/Dialect/AIEX/IR/AIEX.td, AIE_NpuWriteBdOp [code] */
#define SEQUENCE_BD_LIST(X)                                                                        \
    X(column)                                                                                      \
    X(bd_id)                                                                                       \
    X(buffer_length)                                                                               \
    X(buffer_offset)                                                                               \
    X(enable_packet)                                                                               \
    X(out_of_order_id)                                                                             \
    X(packet_id)                                                                                   \
    X(packet_type)                                                                                 \
    X(d0_size)                                                                                     \
    X(d0_stride)                                                                                   \
    X(d1_size)                                                                                     \
    X(d1_stride)                                                                                   \
    X(d2_size)                                                                                     \
    X(d2_stride)                                                                                   \
    X(iteration_current)                                                                           \
    X(iteration_size)                                                                              \
    X(iteration_stride)                                                                            \
    X(next_bd)                                                                                     \
    X(row)                                                                                         \
    X(use_next_bd)                                                                                 \
    X(valid_bd)                                                                                    \
    X(lock_rel_val)                                                                                \
    X(lock_rel_id)                                                                                 \
    X(lock_acq_enable)                                                                             \
    X(lock_acq_val)                                                                                \
    X(lock_acq_id)                                                                                 \
    X(d0_zero_before)                                                                              \
    X(d1_zero_before)                                                                              \
    X(d2_zero_before)                                                                              \
    X(d0_zero_after)                                                                               \
    X(d1_zero_after)                                                                               \
    X(d2_zero_after)                                                                               \
    X(burst_length)

typedef struct sequence_bd {
#define X(name) int64_t name;
    SEQUENCE_BD_LIST(X)
#undef X
} sequence_bd;

/* Sizes and strides of a transfer, innermost first: in elements as written, and as the fields of a
 * buffer descriptor hold them. */
typedef struct sequence_pattern {
    uint64_t element_bits;
    int64_t sizes[4], strides[4];
    int64_t field_sizes[4], field_strides[4];
    bool is_linear; /* contiguous, so that no field is needed */
} sequence_pattern;

/* ---- reading (pass_sequence.c) --------------------------------------------------------------- */

/* The integer an operand is bound to by arith.constant, or false. */
bool sequence_constant(const ts_value *value, int64_t *out);
/* Of an aie.shim_dma_allocation. Errors: MISSING, at `op`. */
TS_NODISCARD ts_status sequence_allocation(ts_pass_context *c, const ts_op *op, const char *symbol,
                                           sequence_channel *out, const ts_op **allocation);
/* Follows casts and subviews to an argument of a block, adding up bytes; NULL when it is none. */
const ts_value *sequence_argument(const ts_value *value, int64_t *offset_bytes);
uint64_t sequence_element_bits(const ts_type *type);
/* The tile of a place, made at the start of the device when there is none. NULL: NOMEM. */
ts_op *sequence_tile(ts_pass_context *c, uint32_t column, uint32_t row);
/* The address of a register of a tile, by the manual's name. */
TS_NODISCARD ts_status sequence_register(ts_pass_context *c, const ts_op *op, uint32_t column,
                                         uint32_t row, const char *name,
                                         const ts_npu_register **reg, uint64_t *address);
/* Of a buffer: its address within the tile. Errors: MISSING when it has none. */
TS_NODISCARD ts_status sequence_buffer(ts_pass_context *c, const ts_op *op, const char *symbol,
                                       const ts_op **buffer, int64_t *address);
/* `value` of an unsigned 32-bit attribute. */
void sequence_set_u32(pass_builder *b, ts_op *op, const char *name, uint64_t value);

/* ---- patterns (pass_sequence_nd.c) ----------------------------------------------------------- */

/* Works out the fields. */
void sequence_fields(sequence_pattern *p);
/* Errors: RANGE, at `op`, in mlir-aie's words. */
TS_NODISCARD ts_status sequence_check_pattern(ts_pass_context *c, const ts_op *op,
                                              const ts_npu_tile *tile, const sequence_pattern *p);
/* Burst length of a shim's descriptor to its field. Errors: RANGE. */
TS_NODISCARD ts_status sequence_burst(ts_pass_context *c, const ts_op *op, int64_t bytes,
                                      uint32_t *field);

/* ---- writing (pass_sequence_bd.c) ------------------------------------------------------------ */

void sequence_make_bd(pass_builder *b, const sequence_bd *bd);
void sequence_make_patch(pass_builder *b, uint64_t address, int64_t argument, int64_t plus);
void sequence_make_push(pass_builder *b, const sequence_channel *channel, bool issue_token,
                        int64_t repeat_count, int64_t bd_id);
void sequence_make_sync(pass_builder *b, const sequence_channel *channel);
void sequence_make_write(pass_builder *b, uint64_t address, uint32_t value);
void sequence_make_maskwrite(pass_builder *b, uint64_t address, uint32_t value, uint32_t mask);
/* The address of the word of a descriptor that takes the buffer's address. */
TS_NODISCARD ts_status sequence_bd_address(ts_pass_context *c, const ts_op *op, uint32_t column,
                                           uint32_t row, int64_t bd_id, bool of_buffer,
                                           uint64_t *out);
/* Lower one operation to register writes, which take its place. */
TS_NODISCARD ts_status sequence_lower_bd(ts_pass_context *c, ts_op *op);
TS_NODISCARD ts_status sequence_lower_push(ts_pass_context *c, ts_op *op);
TS_NODISCARD ts_status sequence_lower_memcpy(ts_pass_context *c, ts_op *op);
TS_NODISCARD ts_status sequence_lower_wait(ts_pass_context *c, ts_op *op);
TS_NODISCARD ts_status sequence_lower_rtp(ts_pass_context *c, ts_op *op);
TS_NODISCARD ts_status sequence_lower_write(ts_pass_context *c, ts_op *op);

/* ---- the steps of the pass, in its order ----------------------------------------------------- */

TS_NODISCARD ts_status sequence_inline_runs(ts_pass_context *c);
TS_NODISCARD ts_status sequence_chains(ts_pass_context *c);
TS_NODISCARD ts_status sequence_allocations(ts_pass_context *c);
TS_NODISCARD ts_status sequence_bd_ids(ts_pass_context *c);
TS_NODISCARD ts_status sequence_tasks(ts_pass_context *c);
TS_NODISCARD ts_status sequence_registers(ts_pass_context *c);
TS_NODISCARD ts_status sequence_locks(ts_pass_context *c);
/* Not of the pass: control packets to transfers from one more argument, and their tiles. */
TS_NODISCARD ts_status sequence_control_tiles(ts_pass_context *c);
TS_NODISCARD ts_status sequence_control_packets(ts_pass_context *c);

TS_NODISCARD ts_status ts_pass_runtime_sequence(ts_pass_context *c);
TS_NODISCARD ts_status ts_verify_runtime_sequence(ts_pass_context *c);

/* For clang's static analyzer only, as ts_fail() in base.h: this never returns TS_OK. */
#if defined(__clang_analyzer__) && !defined(pass_fail)
#define pass_fail(c, op, code, ...) TS_NOT_OK(pass_fail(c, op, code, __VA_ARGS__), code)
#endif

#endif
