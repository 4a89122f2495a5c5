/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "program.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void complain(test_program *program, const char *what, const char *text, size_t length) {
    if (!program->is_bad)
        snprintf(program->error, sizeof program->error, "%s: %.*s", what, (int)length, text);
    program->is_bad = true;
}

static const char *skip_spaces(const char *at) {
    while (*at == ' ' || *at == '\t')
        at++;
    return at;
}

static bool read_number(const char **at, int32_t *out) {
    char *end;
    const char *from = **at == '#' ? *at + 1 : *at;
    long long value = strtoll(from, &end, 0);
    if (end == from) return false;
    *at = end;
    *out = (int32_t)(uint32_t)value;
    return true;
}

/* A register of the operand's class; "d0" may also be the one for three dimensions. */
static bool read_register(const ts_aie2_operand *o, const char **at, int32_t *out) {
    char name[24];
    size_t n = 0;
    while (isalnum((unsigned char)(*at)[n]) || (*at)[n] == '_' || (*at)[n] == ':')
        n++;
    if (!n || n + 4 > sizeof name) return false;
    memcpy(name, *at, n);
    const int16_t *to_value = ts_aie2_register_classes[o->register_class].to_value;
    ts_aie2_register r = ts_aie2_register_named(name, n);
    if (!r || to_value[r] < 0) {
        memcpy(name + n, "_3d", 4);
        r = ts_aie2_register_named(name, n + 3);
    }
    if (!r || to_value[r] < 0) return false;
    *at += n;
    *out = r;
    return true;
}

/* The operands as the row's text has them. */
static bool matches(const ts_aie2_instruction *in, const char *text, ts_aie2_op *op) {
    const char *pattern = in->text;
    for (;;) {
        pattern = skip_spaces(pattern);
        text = skip_spaces(text);
        if (!*pattern || !*text) return !*pattern && !*text;
        if (*pattern != '$') {
            if (tolower((unsigned char)*pattern++) != tolower((unsigned char)*text++)) return false;
            continue;
        }
        unsigned k = (unsigned)(pattern[1] - '0');
        const ts_aie2_operand *o = &in->operands[k];
        pattern += 2;
        if (!(o->is_register ? read_register(o, &text, &op->values[k])
                             : read_number(&text, &op->values[k])))
            return false;
        /* The recorded texts have unsigned fields with a sign. */
        if (!o->is_register && o->min == 0 && op->values[k] < 0) op->values[k] += 1 << o->width;
    }
}

static bool read_op(const char *text, size_t length, ts_aie2_op *out) {
    char line[120];
    size_t first, n, word = 0;
    if (length >= sizeof line) return false;
    memcpy(line, text, length);
    line[length] = 0;
    const char *at = skip_spaces(line);
    while (at[word] && at[word] != ' ' && at[word] != '\t')
        word++;
    if (!ts_aie2_find_mnemonic(at, word, &first, &n)) return false;
    for (size_t i = first; i < first + n; i++) {
        uint64_t bits;
        ts_aie2_reject why;
        ts_aie2_op op = {.instruction = ts_aie2_by_mnemonic[i]};
        if (matches(&ts_aie2_instructions[op.instruction], at + word, &op) &&
            ts_aie2_encode_op(&op, &bits, &why)) {
            *out = op;
            return true;
        }
    }
    return false;
}

static void append(test_program *program, const ts_aie2_op *ops, size_t n) {
    ts_aie2_bundle bundle;
    ts_aie2_reject why;
    ts_aie2_op turned[TS_AIE2_MAX_OPS];
    uint8_t bytes[TS_AIE2_MAX_BYTES];
    for (size_t i = 0; i < n; i++)
        turned[(i + program->rotation) % n] = ops[i];
    if (!ts_aie2_pack(turned, n, &bundle, &why) || !ts_aie2_encode(&bundle, bytes, &why)) {
        char text[120];
        ts_aie2_reject_text(&why, text, sizeof text);
        complain(program, "no bundle", text, strlen(text));
        return;
    }
    unsigned size = ts_aie2_formats[bundle.format].size;
    if (program->size + size > sizeof program->bytes) {
        complain(program, "program too long", "", 0);
        return;
    }
    memcpy(program->bytes + program->size, bytes, size);
    program->size += size;
}

static void append_bundle(test_program *program, const char *text, size_t length) {
    ts_aie2_op ops[TS_AIE2_MAX_OPS];
    size_t n = 0;
    unsigned times = 1;
    const char *at = text, *end = text + length;
    const char *star = memchr(text, '*', length);
    if (star) {
        times = (unsigned)strtoul(star + 1, NULL, 10);
        end = star;
    }
    while (at < end) {
        const char *stop = memchr(at, ';', (size_t)(end - at));
        if (!stop) stop = end;
        const char *last = stop;
        while (last > at && (last[-1] == ' ' || last[-1] == '\t'))
            last--;
        if (n == TS_AIE2_MAX_OPS || !read_op(at, (size_t)(last - at), &ops[n])) {
            complain(program, "no instruction", at, (size_t)(last - at));
            return;
        }
        n++;
        at = stop + 1;
    }
    while (n && times--)
        append(program, ops, n);
}

void test_assemble(test_program *program, const char *text) {
    while (*text) {
        size_t length = strcspn(text, "\n");
        const char *from = skip_spaces(text);
        if (from < text + length) append_bundle(program, from, (size_t)(text + length - from));
        text += length + (text[length] == '\n');
    }
}
