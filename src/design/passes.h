/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * What the passes share: the context each gets, tiles, and a builder that puts operations where
 * it stands. One function per pass, one per verifier; passes.c calls them.
 */
#ifndef TESSERA_DESIGN_PASSES_H
#define TESSERA_DESIGN_PASSES_H

#include "design_int.h"

/* Ceilings, so that a short text cannot ask for a machine's whole memory: operations that one run
 * of a pass makes, elements of an objectfifo, buffer descriptors of one objectfifo's end. */
#define PASS_MAX_MADE     (1u << 20)
#define PASS_MAX_DEPTH    4096
#define PASS_MAX_BD_CHAIN 4096
#define PASS_MAX_BUFFERS  4096 /* of one tile */

typedef struct ts_pass_context {
    ts_design *design;
    ts_op *device; /* aie.device */
    ts_pass_options options;
    ts_npu_device grid; /* what the device is */
    ts_diag *diag;
} ts_pass_context;

/* `options` may be NULL. Errors: UNSUPPORTED for a device Tessera does not know. */
TS_NODISCARD ts_status ts_pass_begin(ts_pass_context *c, ts_design *design, ts_op *device,
                                     const ts_pass_options *options, ts_diag *diag);

TS_NODISCARD ts_status ts_pass_objectfifo(ts_pass_context *c);
TS_NODISCARD ts_status ts_pass_lock_ids(ts_pass_context *c);
TS_NODISCARD ts_status ts_pass_buffer_addresses(ts_pass_context *c);
TS_NODISCARD ts_status ts_pass_bd_ids(ts_pass_context *c);

TS_NODISCARD ts_status ts_verify_objectfifo(ts_pass_context *c);
TS_NODISCARD ts_status ts_verify_lock_ids(ts_pass_context *c);
TS_NODISCARD ts_status ts_verify_buffer_addresses(ts_pass_context *c);
TS_NODISCARD ts_status ts_verify_bd_ids(ts_pass_context *c);
/* DMA programs: channels that exist, buffers and locks that the DMA reaches. What a descriptor may
 * be is ts_design_verify()'s. */
TS_NODISCARD ts_status pass_verify_programs(ts_pass_context *c);

/* ---- tiles (pass_common.c) ------------------------------------------------------------------- */

/* The aie.tile that makes a value, or NULL. */
ts_op *pass_tile_of_value(const ts_value *value);
/* Of an operation whose first operand is its tile: buffer, lock, core, mem. */
ts_op *pass_tile_of(const ts_op *op);
int64_t pass_column(const ts_op *tile);
int64_t pass_row(const ts_op *tile);
/* NULL outside the grid. */
const ts_npu_tile *pass_tile_kind(const ts_pass_context *c, const ts_op *tile);
bool pass_is_tile(const ts_pass_context *c, const ts_op *tile, ts_npu_kind kind);
/* Bytes of data memory: 0 for a shim tile. */
uint32_t pass_memory_bytes(const ts_pass_context *c, const ts_op *tile);
/* The core of a tile and the bytes of its stack; NULL and 0 without a core. */
ts_op *pass_core_of(const ts_pass_context *c, const ts_op *tile);
uint32_t pass_stack_bytes(const ts_pass_context *c, const ts_op *tile);
/* "tile(0,2)", in the arena; never NULL. */
const char *pass_tile_text(const ts_pass_context *c, const ts_op *tile);
/* The name a person knows an operation by: its symbol, else its first result's, else its kind. */
const char *pass_name(const ts_op *op);
/* An error at an operation of the pass's design. */
ts_status pass_fail(ts_pass_context *c, const ts_op *op, ts_status code, const char *format, ...)
    TS_PRINTF(4, 5);

/* ---- building (pass_common.c) ---------------------------------------------------------------- */

/* Puts operations before `before`, or at the end of `block` when that is NULL. After a failed
 * allocation all calls do nothing and `failed` stays set: test it once at the end. */
typedef struct pass_builder {
    ts_design *design;
    ts_block *block;
    ts_op *before;
    uint32_t n_made;
    uint32_t offset; /* of what is made, for errors: where the design asks for it */
    bool failed;
} pass_builder;

void pass_at_end(pass_builder *b, ts_block *block);
void pass_at_start(pass_builder *b, ts_block *block);
void pass_after(pass_builder *b, ts_op *op);
void pass_before(pass_builder *b, ts_op *op);
/* A new operation where the builder stands; NULL after a failure. */
ts_op *pass_make(pass_builder *b, ts_op_code code, ts_value *const *operands, size_t n_operands,
                 const ts_type *const *results, size_t n_results, size_t n_regions);
void pass_set(pass_builder *b, ts_op *op, const char *name, const ts_attr *value);
void pass_set_i32(pass_builder *b, ts_op *op, const char *name, int64_t value);
void pass_set_text(pass_builder *b, ts_op *op, const char *name, const char *text);
void pass_set_segments(pass_builder *b, ts_op *op, const int64_t *sizes, size_t n_sizes);
/* The only result, or NULL. */
ts_value *pass_result(ts_op *op);
/* arith.constant of index (type NULL) or another integer type. */
ts_value *pass_constant(pass_builder *b, int64_t value, const ts_type *type);
/* A new block before `where`. */
ts_block *pass_block_before(pass_builder *b, ts_block *where);
char *pass_text(pass_builder *b, const char *format, ...) TS_PRINTF(2, 3);

#endif
