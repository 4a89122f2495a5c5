/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * CDO text to binary. A statement is a line; blocks in braces and brackets go over several.
 *
 *   text      = { [ statement ] newline }
 *   statement = "version" number "." number        once, first; 2.0 when missing
 *             | "header" data                      more header words
 *             | "raw" data                         words of the command stream, as they are
 *             | "tail" "{" { byte } "}"            bytes behind the last command
 *             | "generic" number data              a command by its id
 *             | command { argument }               cdo_commands.h tells which
 *   argument  = number | address | text | data | "[" newline { [ statement ] newline } "]"
 *   address   = number | name
 *   text      = '"' { character } '"' | data
 *   data      = { number | "{" { word [ "*" number ] } "}" | "@" file }
 *   file      = name | '"' { character } '"'
 *
 * A number is decimal, or hexadecimal with 0x; a word or byte in braces is always hexadecimal. "#"
 * starts a comment, to the end of the line.
 */
#include "tessera/pdi.h"

#include "pdi_int.h"

#include "cdo_commands.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    /* 16 MiB, four times what all memories of an NPU hold: WORD*COUNT must not fill the host's. */
    MAX_WORDS = 1 << 22,
};

typedef struct packer {
    ts_arena *arena;
    ts_scan scan;
    const ts_cdo_source *source;
    ts_buf *out;
    unsigned depth;
    uint32_t version;
    size_t start, n_extra; /* where the CDO starts in `out`, and its extra header words */
    bool has_version, has_commands;
    ts_buf tail;
} packer;

/* ---- arguments ------------------------------------------------------------------------------- */

/* How many more words a CDO may take. */
static uint64_t room(const packer *k) {
    size_t used = (k->out->size - k->start) / PDI_WORD_BYTES;
    return used < MAX_WORDS ? MAX_WORDS - used : 0;
}

static ts_status check_room(packer *k, const char *at, uint64_t n_words) {
    if (n_words > room(k))
        return ts_scan_fail(&k->scan, TS_RANGE, at, "more than %d words in all", MAX_WORDS);
    return k->out->failed ? ts_fail_nomem(k->scan.diag) : TS_OK;
}

static ts_status take_file(packer *k) {
    const char *at = k->scan.p++;
    ts_buf name = ts_buf_in(k->arena);
    if (k->scan.p < k->scan.end && *k->scan.p == '"') {
        TS_TRY(ts_scan_quoted(&k->scan, &name));
    } else {
        char token[TS_SCAN_MAX_TOKEN];
        const char *token_at;
        TS_TRY(ts_scan_token(&k->scan, token, &token_at));
        ts_buf_text(&name, token);
    }
    ts_buf_u8(&name, 0);
    if (name.failed) return ts_fail_nomem(k->scan.diag);
    if (!k->source->read)
        return ts_scan_fail(&k->scan, TS_UNSUPPORTED, at, "files cannot be read here");
    ts_span bytes;
    TS_TRY(k->source->read(k->source->context, k->arena, (const char *)name.data, &bytes,
                           k->scan.diag));
    if (bytes.size % PDI_WORD_BYTES)
        return ts_scan_fail(&k->scan, TS_RANGE, at, "a file of %zu bytes; expected whole words",
                            bytes.size);
    TS_TRY(check_room(k, at, bytes.size / PDI_WORD_BYTES));
    ts_buf_span_add(k->out, bytes);
    return TS_OK;
}

static ts_status take_data(packer *k) {
    while (!ts_scan_at_line_end(&k->scan)) {
        const char *at = k->scan.p;
        uint64_t word = 0;
        if (*k->scan.p == '{') {
            k->scan.p++;
            TS_TRY(ts_scan_words(&k->scan, room(k), k->out));
        } else if (*k->scan.p == '@') {
            TS_TRY(take_file(k));
        } else {
            TS_TRY(ts_scan_number(&k->scan, UINT32_MAX, "a word", &word));
            TS_TRY(check_room(k, at, 1));
            ts_buf_u32le(k->out, (uint32_t)word);
        }
    }
    return TS_OK;
}

static ts_status take_text(packer *k) {
    ts_scan_blanks(&k->scan);
    if (k->scan.p == k->scan.end || *k->scan.p != '"') return take_data(k);
    size_t start = k->out->size;
    TS_TRY(ts_scan_quoted(&k->scan, k->out));
    while (!k->out->failed && (k->out->size - start) % PDI_WORD_BYTES)
        ts_buf_u8(k->out, 0);
    return TS_OK;
}

static ts_status take_address(packer *k, uint64_t most, uint64_t *out) {
    char token[TS_SCAN_MAX_TOKEN];
    const char *at;
    ts_scan_blanks(&k->scan);
    if (k->scan.p == k->scan.end || (*k->scan.p >= '0' && *k->scan.p <= '9') ||
        !ts_scan_is_token_char(*k->scan.p))
        return ts_scan_number(&k->scan, most, "an address", out);
    TS_TRY(ts_scan_token(&k->scan, token, &at));
    const ts_cdo_names *names = k->source->names;
    if (!names || !names->address || !names->address(names->context, token, strlen(token), out))
        return ts_scan_fail(&k->scan, TS_UNKNOWN, at, "no register is called '%s'", token);
    if (*out > most)
        return ts_scan_fail(&k->scan, TS_RANGE, at,
                            "'%s' is at 0x%" PRIx64 "; this command reaches up to 0x%" PRIx64,
                            token, *out, most);
    return TS_OK;
}

static ts_status take_statements(packer *k);

/* Commands between brackets; without brackets, words. */
static ts_status take_nested(packer *k) {
    const char *at = k->scan.p;
    if (!ts_scan_take(&k->scan, '[')) return take_data(k);
    if (k->depth == CDO_MAX_NESTING)
        return ts_scan_fail(&k->scan, TS_RANGE, at, "blocks nested deeper than %d",
                            CDO_MAX_NESTING);
    k->depth++;
    TS_TRY(take_statements(k));
    k->depth--;
    if (!ts_scan_take(&k->scan, ']'))
        return ts_scan_fail(&k->scan, TS_SYNTAX, k->scan.p, "expected ']'");
    return TS_OK;
}

static ts_status take_arg(packer *k, const cdo_arg_spec *arg) {
    uint64_t value = 0;
    switch (arg->kind) {
    case TS_CDO_WORD: {
        char what[48];
        snprintf(what, sizeof what, "a number, the %.*s", arg->name_length, arg->name);
        TS_TRY(ts_scan_number(&k->scan, UINT32_MAX, what, &value));
        break;
    }
    case TS_CDO_ADDR: TS_TRY(take_address(k, UINT32_MAX, &value)); break;
    case TS_CDO_ADDR64:
        TS_TRY(take_address(k, UINT64_MAX, &value));
        ts_buf_u32le(k->out, (uint32_t)(value >> 32));
        break;
    case TS_CDO_ADDR64LO: TS_TRY(take_address(k, UINT64_MAX, &value)); break;
    case TS_CDO_TEXT: return take_text(k);
    case TS_CDO_DATA: return take_data(k);
    case TS_CDO_COMMANDS: return take_nested(k);
    }
    ts_buf_u32le(k->out, (uint32_t)value);
    if (arg->kind == TS_CDO_ADDR64LO) ts_buf_u32le(k->out, (uint32_t)(value >> 32));
    return TS_OK;
}

/* ---- statements ------------------------------------------------------------------------------ */

/* Put the header word of a command in front of its arguments, which start at `at`. */
static ts_status put_header_before(packer *k, uint32_t id, size_t at) {
    size_t n_bytes = k->out->size - at;
    uint64_t n_words = n_bytes / PDI_WORD_BYTES;
    size_t header_bytes = cdo_header_bytes(n_words, false);
    ts_buf_zeros(k->out, header_bytes);
    if (k->out->failed) return ts_fail_nomem(k->scan.diag);
    memmove(k->out->data + at + header_bytes, k->out->data + at, n_bytes);
    cdo_patch_header(k->out, at, id, n_words, false);
    return TS_OK;
}

static ts_status take_command(packer *k, const ts_cdo_row *row) {
    size_t at = k->out->size;
    cdo_arg_spec arg;
    for (const char *spec = row->args; cdo_next_spec(&spec, &arg);) {
        if (arg.is_optional && ts_scan_at_line_end(&k->scan)) break;
        TS_TRY(take_arg(k, &arg));
        TS_TRY(check_room(k, k->scan.p, 2));
    }
    if (row->id != TS_CDO_END) return put_header_before(k, row->id, at);
    ts_buf_u32le(k->out, TS_CDO_END);
    return TS_OK;
}

static ts_status take_generic(packer *k) {
    uint64_t id = 0;
    TS_TRY(ts_scan_number(&k->scan, 0xffff, "the id of a command", &id));
    size_t at = k->out->size;
    TS_TRY(take_data(k));
    return put_header_before(k, (uint32_t)id, at);
}

static ts_status take_version(packer *k, const char *at) {
    char token[TS_SCAN_MAX_TOKEN];
    const char *number_at;
    TS_TRY(ts_scan_token(&k->scan, token, &number_at));
    char *dot = strchr(token, '.');
    uint64_t major = 0, minor = 0;
    if (dot) *dot = '\0';
    if (!dot || !ts_parse_u64(token, &major) || !ts_parse_u64(dot + 1, &minor) || major > 255 ||
        minor > 255)
        return ts_scan_fail(&k->scan, TS_SYNTAX, number_at, "expected a version such as 2.0");
    if (k->has_version || k->has_commands)
        return ts_scan_fail(&k->scan, TS_CONFLICT, at,
                            "the version comes once, before everything else");
    k->version = (uint32_t)(major << 8 | minor);
    k->has_version = true;
    if (k->version >= TS_CDO_VERSION_1_50 && k->version < TS_CDO_VERSION_3_00) return TS_OK;
    return ts_scan_fail(&k->scan, TS_UNSUPPORTED, number_at,
                        "CDOs can be made in versions 1.50 to 2.255");
}

/* Header words stand before the checksum, which has its place at the end of what is there. */
static ts_status take_header(packer *k, const char *at) {
    if (k->has_commands || k->n_extra || k->depth)
        return ts_scan_fail(&k->scan, TS_CONFLICT, at,
                            "header words come once, before the commands");
    k->out->size -= PDI_WORD_BYTES;
    size_t start = k->out->size;
    TS_TRY(take_data(k));
    k->n_extra = (k->out->size - start) / PDI_WORD_BYTES;
    ts_buf_zeros(k->out, PDI_WORD_BYTES);
    if (k->n_extra >= 0x10000 - CDO_HEADER_WORDS)
        return ts_scan_fail(&k->scan, TS_RANGE, at, "%zu header words; less than 65532 are allowed",
                            k->n_extra);
    return TS_OK;
}

static ts_status take_tail(packer *k, const char *at) {
    if (k->tail.size || k->depth)
        return ts_scan_fail(&k->scan, TS_CONFLICT, at, "the tail comes once, outside of blocks");
    if (!ts_scan_take(&k->scan, '{'))
        return ts_scan_fail(&k->scan, TS_SYNTAX, k->scan.p, "expected '{'");
    return ts_scan_bytes(&k->scan, &k->tail);
}

static ts_status unknown_command(packer *k, const char *at, const char *word) {
    static const char *const names[] = {
#define X(id, name, args) name,
        CDO_COMMANDS(X)
#undef X
            "version",
        "header", "raw", "tail", "generic"};
    const char *near = ts_nearest_word(word, names, sizeof names / sizeof *names);
    if (near)
        return ts_scan_fail(&k->scan, TS_UNKNOWN, at, "no command '%s'; did you mean '%s'?", word,
                            near);
    return ts_scan_fail(&k->scan, TS_UNKNOWN, at, "no command '%s'", word);
}

static ts_status take_statement(packer *k) {
    char word[TS_SCAN_MAX_TOKEN];
    const char *at;
    TS_TRY(ts_scan_token(&k->scan, word, &at));
    if (!word[0]) return ts_scan_fail(&k->scan, TS_SYNTAX, at, "expected a command");
    if (strcmp(word, "version") == 0) return take_version(k, at);
    if (strcmp(word, "header") == 0) return take_header(k, at);
    if (strcmp(word, "tail") == 0) return take_tail(k, at);
    k->has_commands = true;
    if (strcmp(word, "raw") == 0) return take_data(k);
    if (strcmp(word, "generic") == 0) return take_generic(k);
    const ts_cdo_row *row = cdo_row_by_name(word, strlen(word));
    return row ? take_command(k, row) : unknown_command(k, at, word);
}

/* Up to the end of the text, or a ']' at the start of a line. */
static ts_status take_statements(packer *k) {
    for (ts_scan_lines(&k->scan); k->scan.p < k->scan.end; ts_scan_lines(&k->scan)) {
        if (*k->scan.p == ']' && k->depth) return TS_OK;
        TS_TRY(take_statement(k));
        if (!ts_scan_at_line_end(&k->scan))
            return ts_scan_fail(&k->scan, TS_SYNTAX, k->scan.p,
                                "more than the command takes; expected a new line");
    }
    return TS_OK;
}

ts_status ts_cdo_pack(ts_arena *arena, ts_span text, const ts_cdo_source *source, ts_buf *out,
                      ts_diag *diag) {
    packer k = {.arena = arena, .scan = ts_scan_of(text, source->file, diag), .source = source};
    k.out = out;
    k.version = TS_CDO_VERSION_2_00;
    k.start = out->size;
    k.tail = ts_buf_in(arena);
    ts_buf_zeros(out, TS_CDO_HEADER_BYTES);
    if (out->failed) return ts_fail_nomem(diag);
    TS_TRY(take_statements(&k));
    TS_TRY(cdo_finish_at(out, k.start, k.n_extra, k.version, diag));
    ts_buf_span_add(out, ts_buf_span(&k.tail));
    return out->failed || k.tail.failed ? ts_fail_nomem(diag) : TS_OK;
}
