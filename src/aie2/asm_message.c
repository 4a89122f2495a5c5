/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Errors and warnings of the assembler. Lines are counted only here, so that reading does not pay
 * for places that nothing is said about.
 */
#define ASM_MESSAGE_IMPLEMENTATION
#include "asm_int.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

bool asm_nomem(assembler *a) {
    a->status = TS_NOMEM;
    a->is_stopped = true;
    return false;
}

bool asm_grow(assembler *a, void *list, size_t n, size_t *capacity, size_t size) {
    if (n < *capacity) return true;
    void *items;
    memcpy(&items, list, sizeof items);
    size_t wanted = *capacity ? *capacity * 2 : 16;
    void *grown = ts_arena_grow(a->arena, items, n * size, wanted * size);
    if (!grown) return asm_nomem(a);
    memset((char *)grown + n * size, 0, (wanted - n) * size);
    memcpy(list, &grown, sizeof grown);
    *capacity = wanted;
    return true;
}

asm_place asm_here(const assembler *a, const char *at) {
    return (asm_place){.source = a->source, .at = at};
}

static uint32_t line_of(const asm_source *source, const char *at) {
    uint32_t line = source->first_line;
    for (const char *p = source->text; p < at; p++)
        line += *p == '\n';
    return line;
}

/* " (in macro 'm', called at f.s:7)" */
static void describe_call(const asm_source *source, char *out, size_t size) {
    out[0] = '\0';
    if (!source->caller) return;
    const asm_source *outermost = source;
    while (outermost->caller && outermost->caller->caller)
        outermost = outermost->caller;
    const char *base = ts_path_base(outermost->caller->file);
    snprintf(out, size, " (in %s, called at %.80s:%" PRIu32 ")", source->macro, base,
             line_of(outermost->caller, outermost->call));
}

static void add(assembler *a, ts_status code, bool is_warning, asm_place place, const char *text) {
    ts_aie2_messages *all = a->messages;
    size_t *n = is_warning ? &all->n_warnings : &all->n_errors;
    size_t most = is_warning ? TS_AIE2_MAX_WARNINGS : TS_AIE2_MAX_ERRORS;
    if ((*n)++ >= most) return;
    if (!asm_grow(a, &all->list, all->n, &all->capacity, sizeof *all->list)) return;
    ts_aie2_message *message = &all->list[all->n++];
    *message = (ts_aie2_message){.is_warning = is_warning};
    const asm_source *source = place.source;
    if (!source) {
        ts_fail(&message->diag, code, a->source ? a->source->file : NULL, "%s", text);
        return;
    }
    char call[160];
    describe_call(source, call, sizeof call);
    ts_fail_text(&message->diag, code, source->file, source->text,
                 (size_t)(source->end - source->text), (size_t)(place.at - source->text), "%s%s",
                 text, call);
    message->diag.line += source->first_line - 1;
}

static void add_error(assembler *a, ts_status code, asm_place place, const char *text) {
    if (a->status == TS_OK) a->status = code;
    add(a, code, false, place, text);
    if (a->messages->n_errors >= TS_AIE2_MAX_ERRORS) a->is_stopped = true;
}

bool asm_error(assembler *a, ts_status code, const char *at, const char *format, ...) {
    char text[280];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    add_error(a, code, asm_here(a, at), text);
    return false;
}

bool asm_error_at(assembler *a, ts_status code, asm_place place, const char *format, ...) {
    char text[280];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    add_error(a, code, place, text);
    return false;
}

void asm_warning_at(assembler *a, asm_place place, const char *format, ...) {
    char text[280];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    add(a, TS_CONFLICT, true, place, text);
}
