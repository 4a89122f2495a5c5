/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The words of listings: what `cdo list` and `insts list` print and `pack` reads back. Each library
 * has its own statements; numbers, blocks of data, quotes and comments are the same everywhere.
 */
#include "tessera/base.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    WORD_BYTES = 4,
    LINE_WORDS = 8,
    LINE_BYTES = 32,
    MIN_RUN = 8, /* equal words told as WORD*COUNT */
};

ts_scan ts_scan_of(ts_span text, const char *file, ts_diag *diag) {
    const char *begin = text.size ? (const char *)text.data : "";
    return (ts_scan){begin, begin, begin + text.size, file, diag};
}

ts_status ts_scan_fail(const ts_scan *scan, ts_status code, const char *at, const char *format,
                       ...) {
    char message[200];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    return ts_fail_text(scan->diag, code, scan->file, scan->begin,
                        (size_t)(scan->end - scan->begin), (size_t)(at - scan->begin), "%s",
                        message);
}

/* ---- tokens ---------------------------------------------------------------------------------- */

void ts_scan_blanks(ts_scan *scan) {
    while (scan->p < scan->end && (*scan->p == ' ' || *scan->p == '\t' || *scan->p == '\r'))
        scan->p++;
    if (scan->p < scan->end && *scan->p == '#')
        while (scan->p < scan->end && *scan->p != '\n')
            scan->p++;
}

void ts_scan_lines(ts_scan *scan) {
    for (ts_scan_blanks(scan); scan->p < scan->end && *scan->p == '\n'; ts_scan_blanks(scan))
        scan->p++;
}

bool ts_scan_at_line_end(ts_scan *scan) {
    ts_scan_blanks(scan);
    return scan->p == scan->end || *scan->p == '\n';
}

bool ts_scan_take(ts_scan *scan, char c) {
    ts_scan_blanks(scan);
    if (scan->p == scan->end || *scan->p != c) return false;
    scan->p++;
    return true;
}

bool ts_scan_is_token_char(char c) {
    return (unsigned char)c > ' ' && !strchr("{}#\"@*", c);
}

ts_status ts_scan_token(ts_scan *scan, char out[TS_SCAN_MAX_TOKEN], const char **at) {
    ts_scan_blanks(scan);
    *at = scan->p;
    size_t n = 0;
    for (; scan->p < scan->end && ts_scan_is_token_char(*scan->p); scan->p++) {
        if (n + 1 == TS_SCAN_MAX_TOKEN)
            return ts_scan_fail(scan, TS_RANGE, *at, "a word longer than %d characters",
                                TS_SCAN_MAX_TOKEN - 1);
        out[n++] = *scan->p;
    }
    out[n] = '\0';
    return TS_OK;
}

ts_status ts_scan_number(ts_scan *scan, uint64_t most, const char *what, uint64_t *out) {
    char token[TS_SCAN_MAX_TOKEN];
    const char *at;
    TS_TRY(ts_scan_token(scan, token, &at));
    if (!token[0]) return ts_scan_fail(scan, TS_SYNTAX, at, "expected %s", what);
    if (!ts_parse_u64(token, out))
        return ts_scan_fail(scan, TS_SYNTAX, at, "'%s' is no number; expected %s", token, what);
    if (*out > most)
        return ts_scan_fail(scan, TS_RANGE, at, "%s is more than the 0x%" PRIx64 " that fits",
                            token, most);
    return TS_OK;
}

ts_status ts_scan_quoted(ts_scan *scan, ts_buf *out) {
    const char *at = scan->p;
    for (scan->p++; scan->p < scan->end && *scan->p != '"' && *scan->p != '\n'; scan->p++) {
        if (*scan->p == '\\' && scan->p + 1 < scan->end && scan->p[1] != '\n') scan->p++;
        ts_buf_u8(out, (uint8_t)*scan->p);
    }
    if (scan->p == scan->end || *scan->p != '"')
        return ts_scan_fail(scan, TS_SYNTAX, at, "a text without its closing quote");
    scan->p++;
    return TS_OK;
}

/* ---- blocks of data -------------------------------------------------------------------------- */

/* A word in braces: hexadecimal with or without 0x. */
static ts_status take_hex(ts_scan *scan, uint64_t most, uint64_t *out) {
    char token[TS_SCAN_MAX_TOKEN + 2] = "0x";
    const char *at;
    TS_TRY(ts_scan_token(scan, token + 2, &at));
    bool has_prefix = token[2] == '0' && (token[3] == 'x' || token[3] == 'X');
    if (strncmp(token + 2, "...", 3) == 0)
        return ts_scan_fail(scan, TS_SYNTAX, at, "a listing made with --brief leaves data out");
    if (!token[2] || !ts_parse_u64(has_prefix ? token + 2 : token, out))
        return ts_scan_fail(scan, TS_SYNTAX, at, "expected hexadecimal words up to '}'");
    if (*out > most)
        return ts_scan_fail(scan, TS_RANGE, at, "%s is more than the 0x%" PRIx64 " that fits",
                            token + 2, most);
    return TS_OK;
}

ts_status ts_scan_words(ts_scan *scan, uint64_t room, ts_buf *out) {
    for (ts_scan_lines(scan); !ts_scan_take(scan, '}'); ts_scan_lines(scan)) {
        uint64_t word = 0, count = 1;
        const char *at = scan->p;
        TS_TRY(take_hex(scan, UINT32_MAX, &word));
        if (scan->p < scan->end && *scan->p == '*') {
            scan->p++;
            TS_TRY(ts_scan_number(scan, UINT32_MAX, "a count behind '*'", &count));
        }
        if (count > room)
            return ts_scan_fail(scan, TS_RANGE, at,
                                "more words than there is room for, by %" PRIu64, count - room);
        room -= count;
        for (uint64_t i = 0; i < count && !out->failed; i++)
            ts_buf_u32le(out, (uint32_t)word);
        if (out->failed) return ts_fail_nomem(scan->diag);
    }
    return TS_OK;
}

ts_status ts_scan_bytes(ts_scan *scan, ts_buf *out) {
    for (ts_scan_lines(scan); !ts_scan_take(scan, '}'); ts_scan_lines(scan)) {
        uint64_t byte = 0;
        TS_TRY(take_hex(scan, 0xff, &byte));
        ts_buf_u8(out, (uint8_t)byte);
    }
    return out->failed ? ts_fail_nomem(scan->diag) : TS_OK;
}

static uint32_t word_at(ts_span words, size_t index) {
    ts_cur cur = ts_cur_of(words);
    ts_cur_seek(&cur, (uint64_t)index * WORD_BYTES);
    return ts_cur_u32le(&cur);
}

static size_t run_length(ts_span words, size_t from, size_t n_words) {
    size_t n = 1;
    uint32_t word = word_at(words, from);
    while (from + n < n_words && word_at(words, from + n) == word)
        n++;
    return n;
}

void ts_list_words(ts_span words, unsigned indent, ts_buf *out) {
    size_t in_line = 0, n_words = words.size / WORD_BYTES;
    for (size_t i = 0; i < n_words;) {
        size_t run = run_length(words, i, n_words);
        bool is_run = run >= MIN_RUN;
        ts_buf_printf(out, "%*s%08" PRIx32, in_line ? 1 : (int)indent, "", word_at(words, i));
        if (is_run) ts_buf_printf(out, "*%zu", run);
        i += is_run ? run : 1;
        in_line = is_run ? LINE_WORDS : in_line + 1;
        if (in_line == LINE_WORDS || i == n_words) {
            ts_buf_u8(out, '\n');
            in_line = 0;
        }
    }
}

void ts_list_bytes(ts_span bytes, unsigned indent, ts_buf *out) {
    for (size_t i = 0; i < bytes.size; i++) {
        bool is_last = i + 1 == bytes.size || (i + 1) % LINE_BYTES == 0;
        ts_buf_printf(out, "%*s%02x%s", i % LINE_BYTES ? 1 : (int)indent, "", bytes.data[i],
                      is_last ? "\n" : "");
    }
}
