/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Status names and the one diagnostics type. An error owns its text and is written only once, so a
 * caller can pass one ts_diag through a whole operation and print the cause, not the last symptom.
 */
#define TS_DIAG_IMPLEMENTATION
#include "tessera/base.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name, *text;
} status_table[] = {
#define X(name, text) {#name, text},
    TS_STATUS_LIST(X)
#undef X
};

#define N_STATUS (sizeof status_table / sizeof status_table[0])

const char *ts_status_name(ts_status status) {
    return (size_t)status < N_STATUS ? status_table[status].name : "?";
}

const char *ts_status_text(ts_status status) {
    return (size_t)status < N_STATUS ? status_table[status].text : "?";
}

/* Control bytes would garble a terminal and can come from any input. */
static void make_printable(char *text) {
    for (unsigned char *p = (unsigned char *)text; *p; p++)
        if ((*p < 0x20 && *p != '\n') || *p == 0x7f) *p = '?';
}

/* False when an earlier error is already there. */
static bool begin(ts_diag *diag, ts_status code, const char *file, const char *format,
                  va_list args) {
    if (!diag || diag->code != TS_OK) return false;
    diag->code = code;
    diag->place = TS_PLACE_NONE;
    if (!file) file = "";
    size_t length = strlen(file), room = sizeof diag->file - 1;
    snprintf(diag->file, sizeof diag->file, "%s", length > room ? file + (length - room) : file);
    vsnprintf(diag->message, sizeof diag->message, format, args);
    make_printable(diag->file);
    make_printable(diag->message);
    return true;
}

ts_status ts_fail(ts_diag *diag, ts_status code, const char *file, const char *format, ...) {
    va_list args;
    va_start(args, format);
    begin(diag, code, file, format, args);
    va_end(args);
    return code;
}

ts_status ts_fail_at(ts_diag *diag, ts_status code, const char *file, uint64_t offset,
                     const char *format, ...) {
    va_list args;
    va_start(args, format);
    if (begin(diag, code, file, format, args)) {
        diag->place = TS_PLACE_OFFSET;
        diag->offset = offset;
    }
    va_end(args);
    return code;
}

/* Copy the line around `offset`, at most what fits, so that the caret stays on it. */
static void take_source_line(ts_diag *diag, const char *text, size_t line_start, size_t line_end,
                             size_t offset) {
    const size_t room = sizeof diag->source - 1;
    size_t from = line_start;
    if (offset - from > room - 20) from = offset - (room - 20);
    size_t count = line_end - from;
    if (count > room) count = room;
    memcpy(diag->source, text + from, count);
    diag->source[count] = '\0';
    /* A tab counts as one column here, so it must take one on the screen. */
    for (size_t i = 0; i < count; i++) {
        unsigned char c = (unsigned char)diag->source[i];
        if (c == '\t')
            diag->source[i] = ' ';
        else if (c < 0x20 || c == 0x7f)
            diag->source[i] = '?';
    }
    diag->caret = (uint32_t)(offset - from);
}

ts_status ts_fail_text(ts_diag *diag, ts_status code, const char *file, const char *text,
                       size_t length, size_t offset, const char *format, ...) {
    va_list args;
    va_start(args, format);
    if (begin(diag, code, file, format, args)) {
        if (offset > length) offset = length;
        size_t line_start = 0, line = 1;
        for (size_t i = 0; i < offset; i++)
            if (text[i] == '\n') {
                line++;
                line_start = i + 1;
            }
        size_t line_end = offset;
        while (line_end < length && text[line_end] != '\n')
            line_end++;
        diag->place = TS_PLACE_TEXT;
        diag->line = (uint32_t)line;
        diag->column = (uint32_t)(offset - line_start + 1);
        take_source_line(diag, text, line_start, line_end, offset);
    }
    va_end(args);
    return code;
}

ts_status ts_fail_nomem(ts_diag *diag) {
    return ts_fail(diag, TS_NOMEM, NULL, "out of memory");
}

void ts_diag_format(const ts_diag *diag, char *out, size_t size) {
    const char *file = diag->file[0] ? diag->file : "tessera";
    switch (diag->place) {
    case TS_PLACE_OFFSET:
        snprintf(out, size, "%s: offset 0x%" PRIx64 ": %s", file, diag->offset, diag->message);
        break;
    case TS_PLACE_TEXT:
        snprintf(out, size, "%s:%" PRIu32 ":%" PRIu32 ": %s\n    %s\n    %*s^", file, diag->line,
                 diag->column, diag->message, diag->source, (int)diag->caret, "");
        break;
    case TS_PLACE_NONE: snprintf(out, size, "%s: %s", file, diag->message); break;
    }
}
