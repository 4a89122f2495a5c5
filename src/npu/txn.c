/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Instruction streams as bytes: a header of four words, then ops one behind the other. An op is
 * read by the table in txn_ops.h; bits that no member of it has are kept, so that every stream
 * comes back as it was. Nothing is executed here, and values are not judged.
 *
 * src: Xilinx/aie-codegen: src/common/xaie_txn.h, XAie_TxnHeader [code]
 */
#include "tessera/npu.h"

#include "txn_int.h"

#include "txn_ops.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define WIDTH(member) sizeof(((ts_txn_op *)NULL)->member)

static const struct {
    uint8_t code;
    uint8_t fixed_bytes[2], size_at[2]; /* version 0.1, version 1.0 */
} ops[] = {
#define X(constant, bytes0, at0, bytes1, at1) {TS_TXN_##constant, {bytes0, bytes1}, {at0, at1}},
    TXN_OPS(X)
#undef X
};

static const txn_field fields[] = {
#define X(constant, member, at0, bytes0, at1, bytes1)                                              \
    {TS_TXN_##constant,                                                                            \
     #member,                                                                                      \
     offsetof(ts_txn_op, member),                                                                  \
     WIDTH(member),                                                                                \
     {{at0, bytes0}, {at1, bytes1}}},
    TXN_FIELDS(X)
#undef X
};

static const struct {
    uint8_t code;
    const char *name;
} names[] = {
#define X(constant, number, name) {TS_TXN_##constant, name},
    TS_TXN_CODE_LIST(X)
#undef X
};

enum {
    N_OPS = sizeof ops / sizeof *ops,
    N_FIELDS = sizeof fields / sizeof *fields,
    N_NAMES = sizeof names / sizeof *names,
    CUSTOM_BYTES = 8, /* src: Xilinx/aie-codegen: src/common/xaie_txn.h, XAie_CustomOpHdr [code] */
    CUSTOM_SIZE_AT = 4,
};

_Static_assert((int)N_OPS == (int)N_NAMES, "each op has a name and a layout");

const char *ts_txn_op_name(uint8_t code) {
    for (size_t i = 0; i < N_NAMES; i++)
        if (names[i].code == code) return names[i].name;
    return code >= TS_TXN_CUSTOM ? TXN_CUSTOM_NAME : NULL;
}

bool txn_code_find(const char *name, uint8_t *out) {
    for (size_t i = 0; i < N_NAMES; i++) {
        if (strcmp(names[i].name, name) != 0) continue;
        *out = names[i].code;
        return true;
    }
    return false;
}

bool txn_form(const ts_txn *txn, unsigned *form) {
    *form = txn->major == 1;
    return (txn->major == 0 && txn->minor == 1) || (txn->major == 1 && txn->minor == 0);
}

bool txn_layout_of(uint8_t code, unsigned form, txn_layout *out) {
    *out = (txn_layout){.form = form};
    if (code >= TS_TXN_CUSTOM) {
        out->fixed_bytes = CUSTOM_BYTES;
        out->size_at = CUSTOM_SIZE_AT;
    }
    for (size_t i = 0; i < N_OPS; i++) {
        if (ops[i].code != code) continue;
        out->fixed_bytes = ops[i].fixed_bytes[form];
        out->size_at = ops[i].size_at[form];
    }
    for (size_t i = 0; i < N_FIELDS; i++) {
        if (fields[i].code != code) continue;
        if (!out->n_fields++) out->fields = &fields[i];
    }
    return out->fixed_bytes != 0;
}

uint64_t txn_get(const ts_txn_op *op, const txn_field *field) {
    const void *at = (const char *)op + field->member;
    uint8_t narrow = 0;
    uint32_t word = 0;
    uint64_t wide = 0;
    switch (field->member_bytes) {
    case sizeof narrow: memcpy(&narrow, at, sizeof narrow); return narrow;
    case sizeof word: memcpy(&word, at, sizeof word); return word;
    default: memcpy(&wide, at, sizeof wide); return wide;
    }
}

void txn_set(ts_txn_op *op, const txn_field *field, uint64_t value) {
    void *at = (char *)op + field->member;
    uint8_t narrow = (uint8_t)value;
    uint32_t word = (uint32_t)value;
    switch (field->member_bytes) {
    case sizeof narrow: memcpy(at, &narrow, sizeof narrow); break;
    case sizeof word: memcpy(at, &word, sizeof word); break;
    default: memcpy(at, &value, sizeof value); break;
    }
}

static bool covers(size_t at, size_t n_bytes, size_t index) {
    return index >= at && index - at < n_bytes;
}

uint8_t txn_spare_bits(const txn_layout *layout, size_t index) {
    if (index == 0) return 0;
    if (layout->size_at && covers(layout->size_at, TXN_WORD_BYTES, index)) return 0;
    for (size_t i = 0; i < layout->n_fields; i++) {
        const txn_field *field = &layout->fields[i];
        if (covers(field->in[layout->form].at, field->in[layout->form].bytes, index)) return 0;
    }
    return 0xff;
}

/* ---- reading --------------------------------------------------------------------------------- */

typedef struct reader {
    ts_span bytes; /* of the file, up to the size that the header tells */
    const char *file;
    ts_diag *diag;
    unsigned form;
} reader;

static bool has_spare_bits(const txn_layout *layout, ts_span fixed) {
    for (size_t i = 0; i < fixed.size; i++)
        if (fixed.data[i] & txn_spare_bits(layout, i)) return true;
    return false;
}

static uint32_t told_size(const txn_layout *layout, ts_span fixed) {
    if (!layout->size_at) return layout->fixed_bytes;
    ts_cur cur = ts_cur_of(fixed);
    ts_cur_seek(&cur, layout->size_at);
    return ts_cur_u32le(&cur);
}

static void read_members(const txn_layout *layout, ts_span fixed, ts_txn_op *out) {
    for (size_t i = 0; i < layout->n_fields; i++) {
        const txn_field *field = &layout->fields[i];
        ts_cur cur = ts_cur_of(fixed);
        if (!field->in[layout->form].bytes) continue;
        ts_cur_seek(&cur, field->in[layout->form].at);
        txn_set(out, field, ts_cur_uint_le(&cur, field->in[layout->form].bytes));
    }
}

/* The op at `at`; `index` is for messages. Gives its size. */
static ts_status read_op(const reader *r, size_t index, uint64_t at, ts_txn_op *out,
                         uint32_t *size) {
    ts_span fixed, whole;
    txn_layout layout;
    if (at >= r->bytes.size)
        return ts_fail_at(r->diag, TS_TRUNCATED, r->file, at,
                          "the stream ends before op %zu of those that its header counts", index);
    uint8_t code = r->bytes.data[at];
    *out = (ts_txn_op){.code = code, .offset = at};
    if (!txn_layout_of(code, r->form, &layout))
        return ts_fail_at(r->diag, TS_UNSUPPORTED, r->file, at,
                          "op %zu has code %u, whose form is not known", index, code);
    if (!ts_span_sub(r->bytes, at, layout.fixed_bytes, &fixed))
        return ts_fail_at(r->diag, TS_TRUNCATED, r->file, at,
                          "op %zu (%s) needs %u bytes; %zu are left", index, ts_txn_op_name(code),
                          layout.fixed_bytes, r->bytes.size - (size_t)at);
    *size = told_size(&layout, fixed);
    if (*size < layout.fixed_bytes || *size % TXN_WORD_BYTES)
        return ts_fail_at(r->diag, TS_RANGE, r->file, at + layout.size_at,
                          "op %zu (%s) tells a size of %" PRIu32
                          "; expected whole words, at least %u bytes",
                          index, ts_txn_op_name(code), *size, layout.fixed_bytes);
    if (!ts_span_sub(r->bytes, at, *size, &whole))
        return ts_fail_at(r->diag, TS_TRUNCATED, r->file, at + layout.size_at,
                          "op %zu (%s) tells a size of %" PRIu32 "; %zu bytes are left", index,
                          ts_txn_op_name(code), *size, r->bytes.size - (size_t)at);
    read_members(&layout, fixed, out);
    out->data = ts_span_of(whole.data + layout.fixed_bytes, whole.size - layout.fixed_bytes);
    if (!out->data.size) out->data.data = NULL;
    if (has_spare_bits(&layout, fixed)) out->raw = whole;
    return TS_OK;
}

static ts_txn read_header(ts_span bytes, uint32_t *n_ops, uint32_t *size) {
    ts_cur cur = ts_cur_of(bytes);
    ts_txn txn = {0};
    txn.major = ts_cur_u8(&cur);
    txn.minor = ts_cur_u8(&cur);
    txn.generation = ts_cur_u8(&cur);
    txn.n_rows = ts_cur_u8(&cur);
    txn.n_columns = ts_cur_u8(&cur);
    txn.n_memory_rows = ts_cur_u8(&cur);
    txn.reserved = ts_cur_u16le(&cur);
    *n_ops = ts_cur_u32le(&cur);
    *size = ts_cur_u32le(&cur);
    return txn;
}

bool ts_txn_is_binary(ts_span bytes) {
    uint32_t n_ops, size;
    unsigned form;
    ts_txn txn = read_header(bytes, &n_ops, &size);
    return bytes.size >= TS_TXN_HEADER_BYTES && txn_form(&txn, &form) &&
           size >= TS_TXN_HEADER_BYTES && n_ops <= size / TXN_WORD_BYTES;
}

ts_status ts_txn_parse(ts_arena *arena, ts_span bytes, const char *file, ts_txn *out,
                       ts_diag *diag) {
    uint32_t n_ops, size;
    ts_txn txn = read_header(bytes, &n_ops, &size);
    reader r = {.file = file, .diag = diag};
    if (bytes.size < TS_TXN_HEADER_BYTES)
        return ts_fail_at(diag, TS_TRUNCATED, file, bytes.size,
                          "%zu bytes; an instruction stream starts with a header of %d", bytes.size,
                          TS_TXN_HEADER_BYTES);
    if (!txn_form(&txn, &r.form))
        return ts_fail_at(diag, TS_SYNTAX, file, 0,
                          "not an instruction stream: version %u.%u; expected 0.1 or 1.0",
                          txn.major, txn.minor);
    if (size < TS_TXN_HEADER_BYTES || !ts_span_sub(bytes, 0, size, &r.bytes))
        return ts_fail_at(diag, TS_TRUNCATED, file, 12,
                          "the header tells a size of %" PRIu32 "; the file has %zu bytes", size,
                          bytes.size);
    if (n_ops > (size - TS_TXN_HEADER_BYTES) / TXN_WORD_BYTES)
        return ts_fail_at(diag, TS_RANGE, file, 8,
                          "the header counts %" PRIu32 " ops; %" PRIu32 " bytes cannot hold them",
                          n_ops, size);
    txn.n_ops = n_ops;
    txn.ops = TS_ARENA_ARRAY(arena, ts_txn_op, n_ops);
    if (!txn.ops) return ts_fail_nomem(diag);
    uint64_t at = TS_TXN_HEADER_BYTES;
    for (size_t i = 0; i < n_ops; i++) {
        uint32_t op_size = 0;
        TS_TRY(read_op(&r, i, at, &txn.ops[i], &op_size));
        at += op_size;
    }
    txn.unread = ts_span_of(bytes.data + at, size - (size_t)at);
    txn.tail = ts_span_of(bytes.data + size, bytes.size - size);
    *out = txn;
    return TS_OK;
}

/* ---- writing --------------------------------------------------------------------------------- */

ts_txn ts_txn_for(const ts_npu_device *device) {
    return (ts_txn){.major = 0,
                    .minor = 1,
                    .generation = TS_TXN_GENERATION_NPU1,
                    .n_rows = device->n_rows,
                    .n_columns = device->n_columns,
                    .n_memory_rows = device->n_memory_rows};
}

static void put(uint8_t *at, uint64_t value, unsigned n_bytes) {
    for (unsigned i = 0; i < n_bytes; i++)
        at[i] = (uint8_t)(value >> 8 * i);
}

static ts_status put_members(const ts_txn_op *op, const txn_layout *layout, uint8_t *fixed,
                             char *message, size_t size) {
    for (size_t i = 0; i < layout->n_fields; i++) {
        const txn_field *field = &layout->fields[i];
        unsigned n_bytes = field->in[layout->form].bytes;
        uint64_t value = txn_get(op, field);
        if (n_bytes < 8 && value >> 8 * n_bytes) {
            snprintf(message, size, "%s: %s is 0x%" PRIx64 "; %u bits are there for it",
                     ts_txn_op_name(op->code), field->name, value, 8 * n_bytes);
            return TS_RANGE;
        }
        put(fixed + field->in[layout->form].at, value, n_bytes);
    }
    return TS_OK;
}

ts_status txn_write_op(const ts_txn_op *op, unsigned form, ts_buf *out, char *message,
                       size_t size) {
    uint8_t fixed[TXN_MAX_FIXED] = {op->code};
    txn_layout layout;
    if (!txn_layout_of(op->code, form, &layout)) {
        snprintf(message, size, "code %u, whose form is not known", op->code);
        return TS_UNSUPPORTED;
    }
    TS_TRY(put_members(op, &layout, fixed, message, size));
    uint64_t n_bytes = (uint64_t)layout.fixed_bytes + op->data.size;
    if (op->data.size && !layout.size_at) {
        snprintf(message, size, "%s takes no data", ts_txn_op_name(op->code));
        return TS_RANGE;
    }
    if (n_bytes % TXN_WORD_BYTES || n_bytes > UINT32_MAX) {
        snprintf(message, size, "%s with %zu bytes of data; expected whole words, less than 4 GiB",
                 ts_txn_op_name(op->code), op->data.size);
        return TS_RANGE;
    }
    if (layout.size_at) put(fixed + layout.size_at, n_bytes, TXN_WORD_BYTES);
    for (size_t i = 0; i < layout.fixed_bytes && i < op->raw.size; i++)
        fixed[i] |= op->raw.data[i] & txn_spare_bits(&layout, i);
    ts_buf_bytes(out, fixed, layout.fixed_bytes);
    ts_buf_span_add(out, op->data);
    return TS_OK;
}

void txn_put_header(const ts_txn *txn, uint64_t n_ops, uint64_t size, uint8_t *out) {
    const uint8_t bytes[] = {txn->major,  txn->minor,     txn->generation,
                             txn->n_rows, txn->n_columns, txn->n_memory_rows};
    memcpy(out, bytes, sizeof bytes);
    put(out + 6, txn->reserved, 2);
    put(out + 8, n_ops, 4);
    put(out + 12, size, 4);
}

ts_status ts_txn_write(const ts_txn *txn, ts_buf *out, ts_diag *diag) {
    unsigned form;
    char message[160];
    size_t start = out->size;
    if (!txn_form(txn, &form))
        return ts_fail(diag, TS_UNSUPPORTED, NULL,
                       "instruction streams can be made in versions 0.1 and 1.0, not %u.%u",
                       txn->major, txn->minor);
    ts_buf_zeros(out, TS_TXN_HEADER_BYTES);
    for (size_t i = 0; i < txn->n_ops; i++) {
        ts_status status = txn_write_op(&txn->ops[i], form, out, message, sizeof message);
        if (status != TS_OK) return ts_fail(diag, status, NULL, "op %zu: %s", i, message);
    }
    ts_buf_span_add(out, txn->unread);
    if (out->failed) return ts_fail_nomem(diag);
    if (out->size - start > UINT32_MAX || txn->n_ops > UINT32_MAX)
        return ts_fail(diag, TS_RANGE, NULL, "a stream of %zu bytes; 4 GiB are the limit",
                       out->size - start);
    txn_put_header(txn, txn->n_ops, out->size - start, out->data + start);
    ts_buf_span_add(out, txn->tail);
    return out->failed ? ts_fail_nomem(diag) : TS_OK;
}

/* ---- values ---------------------------------------------------------------------------------- */

bool ts_txn_value_at(const ts_txn *txn, const ts_txn_op *op, size_t index, ts_txn_value *out) {
    txn_layout layout;
    unsigned form;
    if (!txn_form(txn, &form) || !txn_layout_of(op->code, form, &layout)) return false;
    for (size_t i = 0; i < layout.n_fields; i++) {
        const txn_field *field = &layout.fields[i];
        if (!field->in[form].bytes || index--) continue;
        *out = (ts_txn_value){.name = field->name, .value = txn_get(op, field)};
        out->is_addr = field->member == offsetof(ts_txn_op, addr);
        return true;
    }
    return false;
}
