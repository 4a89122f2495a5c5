/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Instruction streams, inside: the layout of one op, shared by reader, writer, listing and packer.
 */
#ifndef TESSERA_NPU_TXN_INT_H
#define TESSERA_NPU_TXN_INT_H

#include "tessera/npu.h"

enum {
    TXN_WORD_BYTES = 4,
    TXN_MAX_FIXED = 48, /* bytes of the longest known part */
};

#define TXN_CUSTOM_NAME "custom" /* an op without a name */

typedef struct txn_field {
    uint8_t code;
    const char *name;
    uint16_t member;      /* offset in ts_txn_op */
    uint8_t member_bytes; /* its width there */
    struct {
        uint8_t at, bytes;
    } in[2]; /* version 0.1, version 1.0 */
} txn_field;

/* One op in one version. */
typedef struct txn_layout {
    uint8_t fixed_bytes; /* the known part */
    uint8_t size_at;     /* 0: no size is told, the known part is all */
    const txn_field *fields;
    size_t n_fields;
    unsigned form; /* 0: version 0.1, 1: version 1.0 */
} txn_layout;

/* False for a version that is not known. */
bool txn_form(const ts_txn *txn, unsigned *form);
/* False for an op that cannot be in a stream. */
bool txn_layout_of(uint8_t code, unsigned form, txn_layout *out);
uint64_t txn_get(const ts_txn_op *op, const txn_field *field);
void txn_set(ts_txn_op *op, const txn_field *field, uint64_t value);
/* Append one op. On failure `message` says why. */
ts_status txn_write_op(const ts_txn_op *op, unsigned form, ts_buf *out, char *message, size_t size);
/* The header, TS_TXN_HEADER_BYTES of it. */
void txn_put_header(const ts_txn *txn, uint64_t n_ops, uint64_t size, uint8_t *out);
/* The bits of byte `index` of the known part that no member has. */
uint8_t txn_spare_bits(const txn_layout *layout, size_t index);
/* The op of that name, or false; "custom" is not one. */
bool txn_code_find(const char *name, uint8_t *out);

#endif
