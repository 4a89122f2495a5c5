/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Instruction streams as text, one op a line, in the grammar that txn_pack.c reads. All that makes
 * a difference to the bytes is in the text; what only helps a reader is a comment.
 */
#include "tessera/npu.h"

#include "txn_int.h"

#include <inttypes.h>
#include <string.h>

enum {
    INLINE_WORDS = TS_NPU_BD_MAX_WORDS, /* longer data goes into a block */
};

typedef struct lister {
    const ts_txn *txn;
    const ts_npu_device *device;
    unsigned form;
    bool brief;
    ts_buf *out;
    ts_buf before, note; /* the comments of the current op */
} lister;

static void end_line(lister *l) {
    if (l->note.size) {
        ts_buf_text(l->out, "  # ");
        ts_buf_span_add(l->out, ts_buf_span(&l->note));
        l->note.size = 0;
    }
    ts_buf_u8(l->out, '\n');
}

/* Lines before the op, as comments. */
static void list_before(lister *l) {
    if (!l->before.size) return;
    const char *p = (const char *)l->before.data, *end = p + l->before.size;
    while (p < end) {
        const char *newline = memchr(p, '\n', (size_t)(end - p));
        const char *stop = newline ? newline : end;
        ts_buf_printf(l->out, "# %.*s\n", (int)(stop - p), p);
        p = newline ? newline + 1 : end;
    }
}

static void list_value(lister *l, const txn_field *field, uint64_t value) {
    switch (field->member) {
    case offsetof(ts_txn_op, addr):
        ts_buf_u8(l->out, ' ');
        if (l->device)
            ts_npu_address_text(l->device, value, l->out);
        else
            ts_buf_printf(l->out, "0x%" PRIx64, value);
        break;
    case offsetof(ts_txn_op, value):
    case offsetof(ts_txn_op, mask): ts_buf_printf(l->out, " 0x%" PRIx64, value); break;
    case offsetof(ts_txn_op, action):
        if (!value) break;
        /* fall through */
    default:
        ts_buf_printf(l->out, value < 10 ? " %s=%" PRIu64 : " %s=0x%" PRIx64, field->name, value);
        break;
    }
}

/* Bits that no member has, a word at a time: +OFFSET=WORD. */
static void list_spare_bits(lister *l, const txn_layout *layout, ts_span raw) {
    for (size_t at = 0; at < layout->fixed_bytes; at += TXN_WORD_BYTES) {
        uint32_t word = 0;
        for (size_t i = at; i < at + TXN_WORD_BYTES && i < raw.size; i++)
            word |= (uint32_t)(raw.data[i] & txn_spare_bits(layout, i)) << 8 * (i - at);
        if (word) ts_buf_printf(l->out, " +%zu=0x%" PRIx32, at, word);
    }
}

static void list_data(lister *l, ts_span data) {
    size_t n_words = data.size / TXN_WORD_BYTES;
    ts_cur cur = ts_cur_of(data);
    if (n_words <= INLINE_WORDS) {
        while (ts_cur_left(&cur))
            ts_buf_printf(l->out, " 0x%" PRIx32, ts_cur_u32le(&cur));
        return;
    }
    if (!l->note.size) ts_buf_printf(&l->note, "%zu words", n_words);
    ts_buf_text(l->out, l->brief ? " {...}" : " {");
    if (l->brief) return;
    end_line(l);
    ts_list_words(data, 2, l->out);
    ts_buf_u8(l->out, '}');
}

static void list_op(lister *l, size_t index) {
    const ts_txn_op *op = &l->txn->ops[index];
    const char *name = ts_txn_op_name(op->code);
    txn_layout layout;
    if (!txn_layout_of(op->code, l->form, &layout)) return;
    l->before.size = l->note.size = 0;
    ts_txn_describe(l->txn, index, l->device, &l->before, &l->note);
    list_before(l);
    ts_buf_text(l->out, name);
    if (strcmp(name, TXN_CUSTOM_NAME) == 0) ts_buf_printf(l->out, " code=%u", op->code);
    for (size_t i = 0; i < layout.n_fields; i++)
        if (layout.fields[i].in[l->form].bytes)
            list_value(l, &layout.fields[i], txn_get(op, &layout.fields[i]));
    list_spare_bits(l, &layout, op->raw);
    list_data(l, op->data);
    end_line(l);
}

static void list_rest(lister *l, const char *name, ts_span bytes) {
    if (!bytes.size) return;
    ts_buf_printf(l->out, "%s {\n", name);
    ts_list_bytes(bytes, 2, l->out);
    ts_buf_text(l->out, "}\n");
}

ts_status ts_txn_list(ts_arena *arena, const ts_txn *txn, bool brief, ts_buf *out, ts_diag *diag) {
    lister l = {.txn = txn, .device = ts_txn_device(txn), .brief = brief, .out = out};
    l.before = ts_buf_in(arena);
    l.note = ts_buf_in(arena);
    if (!txn_form(txn, &l.form))
        return ts_fail(diag, TS_UNSUPPORTED, NULL, "instruction streams of version %u.%u",
                       txn->major, txn->minor);
    ts_buf_printf(out, "txn %u.%u generation=%u columns=%u rows=%u memory_rows=%u", txn->major,
                  txn->minor, txn->generation, txn->n_columns, txn->n_rows, txn->n_memory_rows);
    if (txn->reserved) ts_buf_printf(out, " reserved=0x%x", txn->reserved);
    ts_buf_u8(out, '\n');
    for (size_t i = 0; i < txn->n_ops; i++)
        list_op(&l, i);
    list_rest(&l, "unread", txn->unread);
    list_rest(&l, "tail", txn->tail);
    return out->failed || l.before.failed || l.note.failed ? ts_fail_nomem(diag) : TS_OK;
}
