/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Repetitions, and other files: .rept N; .irp name, a, b, c; .irpc name, abc; .include.
 */
#include "asm_int.h"

#include <string.h>

static const char *const opens[] = {".rept", ".rep", ".irp", ".irpc", NULL};
static const char *const closes[] = {".endr", NULL};

bool asm_d_stray_end(assembler *a, int argument, const char *at) {
    (void)argument;
    return asm_error(a, TS_SYNTAX, at, "an end without its beginning");
}

/* Every repetition is paid for, also of what has no statement. There are at most 2^31, of at most
 * 2^30 bytes. */
static bool charge(assembler *a, uint64_t times, uint64_t size, const char *at) {
    a->n_repeated += (size_t)times;
    a->n_expanded_bytes += (size_t)(times * size);
    if (a->n_repeated <= ASM_MAX_EXPANDED && a->n_expanded_bytes <= ASM_MAX_EXPANDED_BYTES)
        return true;
    a->is_stopped = true;
    return asm_error(a, TS_RANGE, at, "more than %d repetitions, or %d MiB of text out of them",
                     ASM_MAX_EXPANDED, ASM_MAX_EXPANDED_BYTES >> 20);
}

bool asm_d_repeat(assembler *a, int argument, const char *at) {
    (void)argument;
    int64_t times = 0;
    const char *body, *end;
    bool ok =
        asm_number_in(a, 0, INT32_MAX, "a number of repetitions", &times) && asm_expect_end(a);
    uint32_t line = a->line + 1;
    if (!asm_take_body(a, opens, closes, at, &body, &end) || !ok) return false;
    if (times == 0) return true;
    if (!charge(a, (uint64_t)times, (uint64_t)(end - body), at)) return false;
    ts_buf text = ts_buf_in(a->arena);
    ts_buf_bytes(&text, body, (size_t)(end - body));
    if (text.failed) return asm_nomem(a);
    return asm_push_expansion(a, ASM_REPEAT, &text, a->source, line, ".rept", at,
                              (uint64_t)times - 1);
}

/* The values of .irp and .irpc: text between commas, or single characters. */
static bool next_value(assembler *a, bool is_characters, const char **at, const char *end,
                       asm_argument *out) {
    if (is_characters) {
        if (*at == end) return false;
        *out = (asm_argument){(*at)++, 1};
        return true;
    }
    if (asm_at_end(a)) return false;
    *out = asm_take_argument(a, false);
    return asm_take(a, ',') || true;
}

/* The body comes behind the values, so reading goes there first and back for each value. */
static bool repeat_for(assembler *a, bool is_characters, const char *at) {
    asm_parameter parameter = {0};
    const char *body, *end;
    bool ok = asm_expect_name(a, "a name", &parameter.name, &parameter.length);
    asm_take(a, ',');
    asm_skip_space(a);
    const char *values = a->p;
    asm_argument characters = {values, 0};
    if (is_characters) characters = asm_take_argument(a, false);
    uint32_t line = a->line + 1;
    if (!asm_take_body(a, opens, closes, at, &body, &end) || !ok) return false;
    const char *behind = a->p, *next = characters.text;
    uint32_t line_behind = a->line;
    ts_buf text = ts_buf_in(a->arena);
    asm_argument value;
    a->p = values;
    while (ok && next_value(a, is_characters, &next, characters.text + characters.length, &value)) {
        const char *place = a->p;
        ok = asm_substitute(a, &text, body, end, &parameter, &value, 1);
        a->p = place;
    }
    a->p = behind;
    a->line = line_behind;
    return ok && asm_push_expansion(a, ASM_REPEAT, &text, a->source, line,
                                    is_characters ? ".irpc" : ".irp", at, 0);
}

bool asm_d_repeat_for(assembler *a, int argument, const char *at) {
    (void)argument;
    return repeat_for(a, false, at);
}

bool asm_d_repeat_characters(assembler *a, int argument, const char *at) {
    (void)argument;
    return repeat_for(a, true, at);
}
