/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The text of an instruction stream to binary. A statement is a line; blocks in braces go over
 * several.
 *
 *   text      = { [ statement ] newline }
 *   statement = "txn" version { name "=" number }   once, first; those of npu1 when missing
 *             | op { argument } { data }
 *             | "unread" "{" { byte } "}"           bytes that the header's size takes in
 *             | "tail" "{" { byte } "}"             bytes behind that
 *   argument  = address | number                    the op's addr, value and mask, in that order
 *             | name "=" number                     its other members; 0 when missing
 *             | "+" offset "=" number               bits of that word that no member has
 *   data      = number | "{" { word [ "*" number ] } "}"
 *
 * A number is decimal, or hexadecimal with 0x; a word or byte in braces is always hexadecimal. "#"
 * starts a comment, to the end of the line. An unknown op of code 128 or more is "custom code=N".
 */
#include "tessera/npu.h"

#include "txn_int.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    /* 16 MiB, far more than a run takes: WORD*COUNT must not fill the host's memory. */
    MAX_WORDS = 1 << 22,
    HEX_DIGITS = 8,
};

typedef struct packer {
    ts_scan scan;
    ts_buf *out;
    ts_txn txn; /* the header */
    unsigned form;
    size_t start;
    uint64_t n_ops;
    bool has_header, has_unread;
    ts_buf data, tail;
    const ts_npu_device *device;
} packer;

/* An op being read. */
typedef struct draft {
    ts_txn_op op;
    txn_layout layout;
    uint8_t spare[TXN_MAX_FIXED];
    bool is_custom, has_code;
} draft;

/* "name=number" at `token`: cuts it in two. False when it has no "=". */
static bool cut(char *token, char **value) {
    char *equals = strchr(token, '=');
    if (!equals) return false;
    *equals = '\0';
    *value = equals + 1;
    return true;
}

static ts_status number_of(packer *k, const char *at, const char *name, const char *text,
                           uint64_t most, uint64_t *out) {
    if (!ts_parse_u64(text, out))
        return ts_scan_fail(&k->scan, TS_SYNTAX, at, "'%s' is no number for %s", text, name);
    if (*out > most)
        return ts_scan_fail(&k->scan, TS_RANGE, at, "%s is %s; 0x%" PRIx64 " is the most", name,
                            text, most);
    return TS_OK;
}

static uint64_t most_of(unsigned n_bytes) {
    return n_bytes >= 8 ? UINT64_MAX : (UINT64_C(1) << 8 * n_bytes) - 1;
}

/* ---- the header ------------------------------------------------------------------------------ */

static ts_status take_version(packer *k) {
    char token[TS_SCAN_MAX_TOKEN];
    const char *at;
    TS_TRY(ts_scan_token(&k->scan, token, &at));
    if (strcmp(token, "0.1") != 0 && strcmp(token, "1.0") != 0)
        return ts_scan_fail(&k->scan, TS_UNSUPPORTED, at,
                            "version '%s'; streams can be made in versions 0.1 and 1.0", token);
    k->txn.major = token[0] == '1';
    k->txn.minor = token[0] == '0';
    k->form = token[0] == '1';
    return TS_OK;
}

static ts_status take_header_value(packer *k) {
    struct {
        const char *name;
        uint8_t *member;
    } const members[] = {{"generation", &k->txn.generation},
                         {"columns", &k->txn.n_columns},
                         {"rows", &k->txn.n_rows},
                         {"memory_rows", &k->txn.n_memory_rows}};
    char token[TS_SCAN_MAX_TOKEN], *text;
    const char *at;
    uint64_t value = 0;
    TS_TRY(ts_scan_token(&k->scan, token, &at));
    if (!cut(token, &text))
        return ts_scan_fail(&k->scan, TS_SYNTAX, at, "expected a name, '=' and a number");
    if (strcmp(token, "reserved") == 0) {
        TS_TRY(number_of(k, at, token, text, UINT16_MAX, &value));
        k->txn.reserved = (uint16_t)value;
        return TS_OK;
    }
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        if (strcmp(token, members[i].name) != 0) continue;
        TS_TRY(number_of(k, at, token, text, UINT8_MAX, &value));
        *members[i].member = (uint8_t)value;
        return TS_OK;
    }
    return ts_scan_fail(&k->scan, TS_UNKNOWN, at, "a stream has no '%s'", token);
}

static ts_status take_header(packer *k, const char *at) {
    if (k->has_header || k->n_ops || k->has_unread)
        return ts_scan_fail(&k->scan, TS_CONFLICT, at, "'txn' comes once, before everything else");
    k->has_header = true;
    TS_TRY(take_version(k));
    while (!ts_scan_at_line_end(&k->scan))
        TS_TRY(take_header_value(k));
    k->device = ts_txn_device(&k->txn);
    return TS_OK;
}

/* ---- ops ------------------------------------------------------------------------------------- */

static const txn_field *field_named(const packer *k, const draft *d, const char *name) {
    for (size_t i = 0; i < d->layout.n_fields; i++)
        if (strcmp(d->layout.fields[i].name, name) == 0 && d->layout.fields[i].in[k->form].bytes)
            return &d->layout.fields[i];
    return NULL;
}

static uint64_t most_of_field(const packer *k, const txn_field *field) {
    unsigned n_bytes = field->in[k->form].bytes;
    return most_of(n_bytes < field->member_bytes ? n_bytes : field->member_bytes);
}

static ts_status take_address(packer *k, const txn_field *field, draft *d) {
    char token[TS_SCAN_MAX_TOKEN];
    const char *at;
    ts_diag why = {0};
    uint64_t addr = 0;
    TS_TRY(ts_scan_token(&k->scan, token, &at));
    if (!token[0]) return ts_scan_fail(&k->scan, TS_SYNTAX, at, "expected an address");
    if (!k->device || ts_parse_u64(token, &addr)) {
        TS_TRY(number_of(k, at, "the address", token, most_of_field(k, field), &addr));
    } else {
        ts_status status = ts_npu_address_parse(k->device, token, &addr, &why);
        if (status != TS_OK) return ts_scan_fail(&k->scan, status, at, "%s", why.message);
        if (addr > most_of_field(k, field))
            return ts_scan_fail(&k->scan, TS_RANGE, at, "'%s' is out of reach", token);
    }
    d->op.addr = addr;
    return TS_OK;
}

/* addr, value and mask stand first, without their names. */
static ts_status take_plain(packer *k, draft *d) {
    static const char *const plain[] = {"value", "mask"};
    const txn_field *field = field_named(k, d, "addr");
    if (field) TS_TRY(take_address(k, field, d));
    for (size_t i = 0; i < 2; i++) {
        uint64_t value = 0;
        char what[32];
        field = field_named(k, d, plain[i]);
        if (!field) continue;
        snprintf(what, sizeof what, "a number, the %s", plain[i]);
        TS_TRY(ts_scan_number(&k->scan, most_of_field(k, field), what, &value));
        txn_set(&d->op, field, value);
    }
    return TS_OK;
}

static ts_status take_spare(packer *k, const char *at, const char *offset, const char *text,
                            draft *d) {
    uint64_t where = 0, word = 0;
    TS_TRY(number_of(k, at, "an offset", offset, TXN_MAX_FIXED, &where));
    TS_TRY(number_of(k, at, "a word", text, UINT32_MAX, &word));
    if (where % TXN_WORD_BYTES || where >= d->layout.fixed_bytes)
        return ts_scan_fail(&k->scan, TS_RANGE, at, "%s has no word at %s",
                            ts_txn_op_name(d->op.code), offset);
    for (unsigned i = 0; i < TXN_WORD_BYTES; i++) {
        uint8_t bits = (uint8_t)(word >> 8 * i);
        if (bits & ~txn_spare_bits(&d->layout, where + i))
            return ts_scan_fail(&k->scan, TS_CONFLICT, at,
                                "byte %" PRIu64 " of %s has a name of its own", where + i,
                                ts_txn_op_name(d->op.code));
        d->spare[where + i] |= bits;
    }
    d->op.raw = ts_span_of(d->spare, sizeof d->spare);
    return TS_OK;
}

static ts_status take_code(packer *k, const char *at, const char *text, draft *d) {
    uint64_t code = 0;
    TS_TRY(number_of(k, at, "code", text, UINT8_MAX, &code));
    const char *name = ts_txn_op_name((uint8_t)code);
    if (code < TS_TXN_CUSTOM || strcmp(name, TXN_CUSTOM_NAME) != 0)
        return ts_scan_fail(&k->scan, TS_RANGE, at,
                            "op %s is %s; 'custom' is for unknown ones from %d on", text,
                            name ? name : "not known", TS_TXN_CUSTOM);
    d->op.code = (uint8_t)code;
    d->has_code = true;
    return TS_OK;
}

static ts_status take_named(packer *k, const char *at, char *token, const char *text, draft *d) {
    uint64_t value = 0;
    if (token[0] == '+') return take_spare(k, at, token + 1, text, d);
    if (strcmp(token, "code") == 0 && d->is_custom) return take_code(k, at, text, d);
    const txn_field *field = field_named(k, d, token);
    if (!field)
        return ts_scan_fail(&k->scan, TS_UNKNOWN, at, "%s has no '%s'", ts_txn_op_name(d->op.code),
                            token);
    TS_TRY(number_of(k, at, token, text, most_of_field(k, field), &value));
    txn_set(&d->op, field, value);
    return TS_OK;
}

static uint64_t room(const packer *k) {
    size_t used = (k->out->size - k->start + k->data.size) / TXN_WORD_BYTES;
    return used < MAX_WORDS ? MAX_WORDS - used : 0;
}

/* Members by name, bits, then data. */
static ts_status take_rest(packer *k, draft *d) {
    while (!ts_scan_at_line_end(&k->scan)) {
        char token[TS_SCAN_MAX_TOKEN], *text;
        const char *at = k->scan.p;
        uint64_t word = 0;
        if (ts_scan_take(&k->scan, '{')) {
            TS_TRY(ts_scan_words(&k->scan, room(k), &k->data));
            continue;
        }
        TS_TRY(ts_scan_token(&k->scan, token, &at));
        if (!token[0]) return ts_scan_fail(&k->scan, TS_SYNTAX, at, "expected a number");
        if (cut(token, &text)) {
            TS_TRY(take_named(k, at, token, text, d));
            continue;
        }
        TS_TRY(number_of(k, at, "a word of data", token, UINT32_MAX, &word));
        if (!room(k)) return ts_scan_fail(&k->scan, TS_RANGE, at, "more than %d words", MAX_WORDS);
        ts_buf_u32le(&k->data, (uint32_t)word);
    }
    return TS_OK;
}

static ts_status unknown_op(packer *k, const char *at, const char *word) {
    static const char *const names[] = {
#define X(constant, number, name) name,
        TS_TXN_CODE_LIST(X)
#undef X
            TXN_CUSTOM_NAME,
        "txn", "unread", "tail"};
    const char *near = ts_nearest_word(word, names, sizeof names / sizeof *names);
    if (near)
        return ts_scan_fail(&k->scan, TS_UNKNOWN, at, "no op '%s'; did you mean '%s'?", word, near);
    return ts_scan_fail(&k->scan, TS_UNKNOWN, at, "no op '%s'", word);
}

static ts_status take_op(packer *k, const char *at, const char *word) {
    char message[160];
    draft d = {0};
    d.is_custom = strcmp(word, TXN_CUSTOM_NAME) == 0;
    if (d.is_custom)
        d.op.code = UINT8_MAX; /* until take_code() */
    else if (!txn_code_find(word, &d.op.code))
        return unknown_op(k, at, word);
    if (!txn_layout_of(d.op.code, k->form, &d.layout)) return unknown_op(k, at, word);
    if (k->has_unread) return ts_scan_fail(&k->scan, TS_CONFLICT, at, "ops come before 'unread'");
    k->data.size = 0;
    TS_TRY(take_plain(k, &d));
    TS_TRY(take_rest(k, &d));
    if (d.is_custom && !d.has_code)
        return ts_scan_fail(&k->scan, TS_MISSING, at, "custom needs code=N");
    d.op.data = ts_buf_span(&k->data);
    if (k->data.failed) return ts_fail_nomem(k->scan.diag);
    ts_status status = txn_write_op(&d.op, k->form, k->out, message, sizeof message);
    k->n_ops++;
    return status == TS_OK ? TS_OK : ts_scan_fail(&k->scan, status, at, "%s", message);
}

/* ---- statements ------------------------------------------------------------------------------ */

static ts_status take_bytes(packer *k, const char *at, bool is_tail) {
    ts_buf *to = is_tail ? &k->tail : k->out;
    if (is_tail ? k->tail.size != 0 : k->has_unread)
        return ts_scan_fail(&k->scan, TS_CONFLICT, at, "this block comes once");
    if (!is_tail) k->has_unread = true;
    if (!ts_scan_take(&k->scan, '{'))
        return ts_scan_fail(&k->scan, TS_SYNTAX, k->scan.p, "expected '{'");
    return ts_scan_bytes(&k->scan, to);
}

static ts_status take_statement(packer *k) {
    char word[TS_SCAN_MAX_TOKEN];
    const char *at;
    TS_TRY(ts_scan_token(&k->scan, word, &at));
    if (!word[0]) return ts_scan_fail(&k->scan, TS_SYNTAX, at, "expected an op");
    if (strcmp(word, "txn") == 0) return take_header(k, at);
    if (strcmp(word, "unread") == 0) return take_bytes(k, at, false);
    if (strcmp(word, "tail") == 0) return take_bytes(k, at, true);
    return take_op(k, at, word);
}

ts_status ts_txn_pack(ts_arena *arena, ts_span text, const char *file, ts_buf *out, ts_diag *diag) {
    packer k = {.scan = ts_scan_of(text, file, diag), .out = out, .start = out->size};
    k.txn = ts_txn_for(ts_npu_device_find("npu1"));
    k.device = ts_txn_device(&k.txn);
    k.data = ts_buf_in(arena);
    k.tail = ts_buf_in(arena);
    ts_buf_zeros(out, TS_TXN_HEADER_BYTES);
    if (out->failed) return ts_fail_nomem(diag);
    for (ts_scan_lines(&k.scan); k.scan.p < k.scan.end; ts_scan_lines(&k.scan)) {
        TS_TRY(take_statement(&k));
        if (!ts_scan_at_line_end(&k.scan))
            return ts_scan_fail(&k.scan, TS_SYNTAX, k.scan.p,
                                "more than the statement takes; expected a new line");
    }
    if (out->failed) return ts_fail_nomem(diag);
    if (out->size - k.start > (size_t)MAX_WORDS * TXN_WORD_BYTES)
        return ts_scan_fail(&k.scan, TS_RANGE, k.scan.p, "more than %d words in all", MAX_WORDS);
    txn_put_header(&k.txn, k.n_ops, out->size - k.start, out->data + k.start);
    ts_buf_span_add(out, ts_buf_span(&k.tail));
    return out->failed || k.tail.failed ? ts_fail_nomem(diag) : TS_OK;
}

/* ---- words as text --------------------------------------------------------------------------- */

static int hex_digit(uint8_t c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool is_blank(uint8_t c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool ts_txn_from_hex(ts_span text, ts_buf *out) {
    uint32_t word = 0;
    unsigned n_digits = 0;
    size_t n_words = 0;
    for (size_t i = 0; i <= text.size; i++) {
        uint8_t c = i < text.size ? text.data[i] : '\n';
        int digit = hex_digit(c);
        if (digit >= 0 ? n_digits == HEX_DIGITS : !is_blank(c)) return false;
        if (digit >= 0) {
            word = word << 4 | (uint32_t)digit;
            n_digits++;
        } else if (n_digits) {
            if (n_digits != HEX_DIGITS) return false;
            ts_buf_u32le(out, word);
            n_words++;
            n_digits = 0;
        }
    }
    return n_words != 0;
}
