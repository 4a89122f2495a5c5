/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Directives that put contents into the section: numbers, strings, room, alignment, files.
 */
#include "asm_int.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    NO_RELOCATION = 0xff,
    MAX_FILE_NAME = 1024,
};

/* ---- numbers --------------------------------------------------------------------------------- */

/* Signed or unsigned, as it was written. */
bool asm_fits_bytes(int64_t number, unsigned size) {
    if (size == 8) return true;
    return number >= -(INT64_C(1) << (8 * size - 1)) && number < INT64_C(1) << 8 * size;
}

static void store(uint8_t *out, int64_t number, unsigned size) {
    for (unsigned i = 0; i < size; i++)
        out[i] = (uint8_t)((uint64_t)number >> 8 * i);
}

static bool put_value(assembler *a, unsigned size) {
    asm_skip_space(a);
    asm_fixup fixup = {.place = asm_here(a, a->p),
                       .section = a->section,
                       .offset = asm_offset(a),
                       .size = (uint8_t)size,
                       .relocation = size == 4 ? TS_AIE2_RELOCATION_ADDRESS : NO_RELOCATION};
    if (!asm_expression(a, &fixup.value)) return false;
    uint8_t *out = asm_reserve(a, size, fixup.place.at);
    if (!out) return false;
    if (!asm_is_number(&fixup.value)) return asm_add_fixup(a, &fixup);
    if (!asm_fits_bytes(fixup.value.number, size))
        return asm_error_at(a, TS_RANGE, fixup.place, "%" PRId64 " does not fit into %u byte%s",
                            fixup.value.number, size, size == 1 ? "" : "s");
    store(out, fixup.value.number, size);
    return true;
}

bool asm_d_integers(assembler *a, int size, const char *at) {
    (void)at;
    if (asm_at_end(a)) return true;
    do {
        if (!put_value(a, (unsigned)size)) return false;
    } while (asm_take(a, ','));
    return asm_expect_end(a);
}

/* Seven bits a byte, low first; the eighth says that more follow. src: DWARF5: 7.6 [documented] */
static bool put_leb(assembler *a, int64_t number, bool is_signed, const char *at) {
    uint8_t bytes[10];
    size_t n = 0;
    uint64_t bits = (uint64_t)number;
    bool is_done;
    do {
        uint8_t low = bits & 0x7f;
        bits >>= 7;
        if (is_signed && number < 0) bits |= UINT64_C(0x7f) << 57;
        is_done = is_signed ? (bits == 0 && !(low & 0x40)) || (bits == UINT64_MAX && low & 0x40)
                            : bits == 0;
        bytes[n++] = is_done ? low : low | 0x80;
    } while (!is_done);
    return asm_put_bytes(a, bytes, n, at);
}

bool asm_d_leb(assembler *a, int is_signed, const char *at) {
    do {
        int64_t number;
        if (!asm_number(a, &number) || !put_leb(a, number, is_signed != 0, at)) return false;
    } while (asm_take(a, ','));
    return asm_expect_end(a);
}

/* ---- strings, room --------------------------------------------------------------------------- */

bool asm_d_strings(assembler *a, int is_terminated, const char *at) {
    if (asm_at_end(a)) return true;
    do {
        ts_buf text = ts_buf_in(a->arena);
        do {
            if (!asm_take_string(a, &text)) return false;
            asm_skip_space(a);
        } while (*a->p == '"');
        if (is_terminated) ts_buf_u8(&text, 0);
        if (text.failed) return asm_nomem(a);
        if (!asm_put_bytes(a, text.data, text.size, at)) return false;
    } while (asm_take(a, ','));
    return asm_expect_end(a);
}

/* .space size [, fill] */
bool asm_d_zeros(assembler *a, int argument, const char *at) {
    (void)argument;
    int64_t size, fill = 0;
    if (!asm_number_in(a, 0, UINT32_MAX, "a size", &size)) return false;
    if (asm_take(a, ',') && !asm_number_in(a, -128, 255, "the fill", &fill)) return false;
    return asm_expect_end(a) && asm_put_zeros(a, (uint64_t)size, (uint8_t)fill, at);
}

/* .fill times [, size [, value]] */
bool asm_d_fill(assembler *a, int argument, const char *at) {
    (void)argument;
    int64_t times, size = 1, value = 0;
    if (!asm_number_in(a, 0, UINT32_MAX, "a number of repetitions", &times)) return false;
    if (asm_take(a, ',') && !asm_number_in(a, 0, 8, "the size", &size)) return false;
    if (asm_take(a, ',') && !asm_number(a, &value)) return false;
    if (!asm_expect_end(a)) return false;
    if (value == 0) return asm_put_zeros(a, (uint64_t)times * (uint64_t)size, 0, at);
    if (times > ASM_MAX_OUTPUT) times = ASM_MAX_OUTPUT + 1; /* refused by what follows */
    uint8_t *out = asm_reserve(a, (size_t)times * (size_t)size, at);
    if (!out) return false;
    for (int64_t i = 0; i < times; i++, out += size)
        store(out, value, (unsigned)size);
    return true;
}

/* .align boundary [, [fill] [, most]] */
bool asm_d_align(assembler *a, int argument, const char *at) {
    bool is_power = argument & 256, has_fill = false;
    unsigned fill_size = (unsigned)argument & 255;
    int64_t boundary, fill = 0, most = INT64_MAX;
    if (!asm_number_in(a, 0, is_power ? 31 : INT64_C(1) << 31, "an alignment", &boundary))
        return false;
    if (asm_take(a, ',')) {
        asm_skip_space(a);
        has_fill = *a->p != ',' && !asm_at_end(a);
        if (has_fill && !asm_number(a, &fill)) return false;
        if (asm_take(a, ',') && !asm_number_in(a, 0, INT64_MAX, "the most to skip", &most))
            return false;
    }
    uint64_t bytes = is_power ? UINT64_C(1) << boundary : (uint64_t)boundary;
    return asm_expect_end(a) &&
           asm_align(a, bytes, has_fill ? &fill : NULL, fill_size, (uint64_t)most, at);
}

/* .org offset [, fill], where the offset may be a label of this section and more */
bool asm_d_org(assembler *a, int argument, const char *at) {
    (void)argument;
    asm_value value;
    int64_t fill = 0;
    asm_skip_space(a);
    asm_place place = asm_here(a, a->p);
    if (!asm_expression(a, &value) || !asm_resolve(a, &value, place)) return false;
    if (asm_take(a, ',') && !asm_number_in(a, -128, 255, "the fill", &fill)) return false;
    if (!asm_expect_end(a)) return false;
    if (value.plus && value.plus->kind == ASM_LABEL && value.plus->section == a->section) {
        value.number += value.plus->offset;
        value.plus = NULL;
    }
    if (!asm_is_number(&value))
        return asm_error_at(a, TS_SYNTAX, place, "expected an offset in this section");
    int64_t from = asm_offset(a);
    if (value.number < from)
        return asm_error_at(a, TS_RANGE, place,
                            "offset %" PRId64 " lies behind; this is offset %" PRId64, value.number,
                            from);
    return asm_put_zeros(a, (uint64_t)(value.number - from), (uint8_t)fill, at);
}

/* ---- files ----------------------------------------------------------------------------------- */

static bool load(assembler *a, ts_span *out, const char **name) {
    asm_skip_space(a);
    asm_place place = asm_here(a, a->p);
    ts_buf text = ts_buf_in(a->arena);
    if (!asm_take_string(a, &text)) return false;
    ts_buf_u8(&text, 0);
    if (text.failed) return asm_nomem(a);
    *name = (const char *)text.data;
    if (!a->options->load || text.size > MAX_FILE_NAME)
        return asm_error_at(a, TS_IO, place, "cannot read files from here");
    ts_diag diag = {0};
    ts_status status = a->options->load(a->options->context, a->arena, *name, out, &diag);
    if (status == TS_OK) return true;
    if (status == TS_NOMEM) return asm_nomem(a);
    return asm_error_at(a, status, place, "%s: %.200s", *name, diag.message);
}

bool asm_d_include(assembler *a, int argument, const char *at) {
    (void)argument;
    ts_span text;
    const char *name;
    if (!load(a, &text, &name) || !asm_expect_end(a)) return false;
    /* Files that include themselves twice would be read 2^64 times before they are too deep. */
    a->n_expanded_bytes += text.size + 1;
    if (a->n_expanded_bytes > ASM_MAX_EXPANDED_BYTES) {
        a->is_stopped = true;
        return asm_error(a, TS_RANGE, at, "included files come to more than %d MiB",
                         ASM_MAX_EXPANDED_BYTES >> 20);
    }
    return asm_push_file(a, text, name);
}

/* .incbin "file" [, skip [, size]] */
bool asm_d_incbin(assembler *a, int argument, const char *at) {
    (void)argument;
    ts_span bytes, part;
    const char *name;
    int64_t skip = 0, size = -1;
    if (!load(a, &bytes, &name)) return false;
    if (asm_take(a, ',') && !asm_number_in(a, 0, INT64_MAX, "the bytes to skip", &skip))
        return false;
    if (asm_take(a, ',') && !asm_number_in(a, 0, INT64_MAX, "a size", &size)) return false;
    if (!asm_expect_end(a)) return false;
    if (size < 0) size = (int64_t)bytes.size > skip ? (int64_t)bytes.size - skip : 0;
    if (!ts_span_sub(bytes, (uint64_t)skip, (uint64_t)size, &part))
        return asm_error(a, TS_RANGE, at, "%s has only %zu bytes", name, bytes.size);
    return asm_put_bytes(a, part.data, part.size, at);
}
