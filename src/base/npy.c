/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * NumPy's .npy: magic, version, a Python dictionary as text, then the values. The dictionary is
 * read with a small grammar of its own, not as Python:
 *
 *   header = "{" [ entry { "," entry } [ "," ] ] "}" { space | newline }
 *   entry  = string ":" ( string | "True" | "False" | tuple )
 *   tuple  = "(" [ number { "," number } [ "," ] ] ")"
 *
 * src: numpy/numpy: numpy/lib/format.py, module docstring [documented]
 */
#include "tessera/base.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    char letter;
    uint8_t size;
} type_table[TS_NPY_N_TYPES] = {
#define X(constant, name, letter, size) {name, letter, size},
    TS_NPY_TYPE_LIST(X)
#undef X
};

static const uint8_t magic[6] = {0x93, 'N', 'U', 'M', 'P', 'Y'};

const char *ts_npy_type_name(ts_npy_type type) {
    return type < TS_NPY_N_TYPES ? type_table[type].name : "?";
}

size_t ts_npy_type_size(ts_npy_type type) {
    return type < TS_NPY_N_TYPES ? type_table[type].size : 0;
}

typedef struct header_text {
    const char *p, *end;
    size_t start; /* of the text in the file */
    const char *begin;
    const char *file;
    ts_diag *diag;
} header_text;

static ts_status bad(header_text *h, const char *expected) {
    return ts_fail_at(h->diag, TS_SYNTAX, h->file, h->start + (size_t)(h->p - h->begin),
                      "bad .npy header: expected %s", expected);
}

static void skip_space(header_text *h) {
    while (h->p < h->end && (*h->p == ' ' || *h->p == '\n' || *h->p == '\t'))
        h->p++;
}

static bool take(header_text *h, char c) {
    skip_space(h);
    if (h->p == h->end || *h->p != c) return false;
    h->p++;
    return true;
}

static bool take_word(header_text *h, const char *word) {
    size_t length = strlen(word);
    skip_space(h);
    if ((size_t)(h->end - h->p) < length || memcmp(h->p, word, length) != 0) return false;
    h->p += length;
    return true;
}

/* A quoted string without escapes, which is all that NumPy writes here. */
static ts_status take_string(header_text *h, char *out, size_t size) {
    skip_space(h);
    char quote = h->p < h->end ? *h->p : 0;
    if (quote != '\'' && quote != '"') return bad(h, "a quoted string");
    size_t length = 0;
    for (h->p++; h->p < h->end && *h->p != quote; h->p++) {
        if (*h->p == '\\' || length + 1 >= size) return bad(h, "a short string without escapes");
        out[length++] = *h->p;
    }
    if (h->p == h->end) return bad(h, "the end of a quoted string");
    h->p++;
    out[length] = '\0';
    return TS_OK;
}

static ts_status take_shape(header_text *h, ts_npy *out) {
    if (!take(h, '(')) return bad(h, "the shape as a tuple");
    while (!take(h, ')')) {
        uint64_t value = 0;
        const char *start = h->p;
        for (; h->p < h->end && *h->p >= '0' && *h->p <= '9'; h->p++) {
            uint64_t digit = (uint64_t)(*h->p - '0');
            if (value > (UINT64_MAX - digit) / 10) return bad(h, "a dimension below 2^64");
            value = value * 10 + digit;
        }
        if (h->p == start) return bad(h, "a dimension");
        if (out->n_dims == TS_NPY_MAX_DIMS) return bad(h, "at most 32 dimensions");
        out->shape[out->n_dims++] = value;
        if (!take(h, ',') && (skip_space(h), h->p == h->end || *h->p != ')'))
            return bad(h, "',' or ')' after a dimension");
        skip_space(h);
    }
    return TS_OK;
}

static ts_status type_from(header_text *h, const char *descr, ts_npy_type *out) {
    char order = descr[0], letter = order ? descr[1] : 0;
    for (unsigned i = 0; i < TS_NPY_N_TYPES; i++) {
        char size[4];
        snprintf(size, sizeof size, "%u", type_table[i].size);
        bool order_fits = order == '<' || (type_table[i].size == 1 && order == '|');
        if (order_fits && letter == type_table[i].letter && strcmp(descr + 2, size) == 0) {
            *out = (ts_npy_type)i;
            return TS_OK;
        }
    }
    return ts_fail_at(h->diag, TS_UNSUPPORTED, h->file, h->start,
                      "element type '%s'; expected a little-endian bool, int, uint or float",
                      descr);
}

enum {
    HAS_TYPE = 1,
    HAS_ORDER = 2,
    HAS_SHAPE = 4
};

static ts_status take_entry(header_text *h, ts_npy *out, unsigned *seen) {
    char key[24] = "", descr[16] = "";
    TS_TRY(take_string(h, key, sizeof key));
    if (!take(h, ':')) return bad(h, "':'");
    unsigned bit = strcmp(key, "descr") == 0           ? HAS_TYPE
                   : strcmp(key, "fortran_order") == 0 ? HAS_ORDER
                   : strcmp(key, "shape") == 0         ? HAS_SHAPE
                                                       : 0;
    if (!bit || *seen & bit) return bad(h, "'descr', 'fortran_order' and 'shape', once each");
    *seen |= bit;
    if (bit == HAS_SHAPE) return take_shape(h, out);
    if (bit == HAS_ORDER) {
        out->fortran_order = take_word(h, "True");
        return out->fortran_order || take_word(h, "False") ? TS_OK : bad(h, "True or False");
    }
    skip_space(h);
    if (h->p < h->end && (*h->p == '[' || *h->p == '('))
        return ts_fail_at(h->diag, TS_UNSUPPORTED, h->file, h->start,
                          "structured elements; expected plain numbers");
    TS_TRY(take_string(h, descr, sizeof descr));
    return type_from(h, descr, &out->type);
}

static ts_status take_dictionary(header_text *h, ts_npy *out) {
    unsigned seen = 0;
    if (!take(h, '{')) return bad(h, "'{'");
    while (!take(h, '}')) {
        TS_TRY(take_entry(h, out, &seen));
        if (!take(h, ',') && (skip_space(h), h->p == h->end || *h->p != '}'))
            return bad(h, "',' or '}'");
    }
    skip_space(h);
    if (h->p != h->end) return bad(h, "nothing after '}'");
    if (seen != (HAS_TYPE | HAS_ORDER | HAS_SHAPE))
        return bad(h, "'descr', 'fortran_order' and 'shape'");
    return TS_OK;
}

/* False when the number of elements or bytes does not fit 64 bits. A 0 anywhere makes it 0. */
static bool count_elements(const ts_npy *array, uint64_t *n_elements, uint64_t *n_bytes) {
    uint64_t count = 1, size = ts_npy_type_size(array->type);
    for (unsigned i = 0; i < array->n_dims; i++)
        if (array->shape[i] == 0) {
            *n_elements = *n_bytes = 0;
            return true;
        }
    for (unsigned i = 0; i < array->n_dims; i++) {
        if (count > UINT64_MAX / array->shape[i]) return false;
        count *= array->shape[i];
    }
    if (count > UINT64_MAX / size) return false;
    *n_elements = count;
    *n_bytes = count * size;
    return true;
}

bool ts_npy_is(ts_span bytes) {
    return bytes.size >= sizeof magic && memcmp(bytes.data, magic, sizeof magic) == 0;
}

ts_status ts_npy_parse(ts_span bytes, const char *file, ts_npy *out, ts_diag *diag) {
    ts_cur cur = ts_cur_of(bytes);
    ts_cur_seek(&cur, sizeof magic);
    if (!ts_npy_is(bytes))
        return ts_fail_at(diag, TS_SYNTAX, file, 0, "not a .npy file: expected \\x93NUMPY");
    uint8_t major = ts_cur_u8(&cur), minor = ts_cur_u8(&cur);
    if (cur.bad) return ts_fail_at(diag, TS_TRUNCATED, file, 6, "ends before the version");
    if (major < 1 || major > 3 || minor != 0)
        return ts_fail_at(diag, TS_UNSUPPORTED, file, 6, "version %u.%u; expected 1.0, 2.0 or 3.0",
                          major, minor);
    uint64_t length = ts_cur_uint_le(&cur, major == 1 ? 2 : 4);
    size_t text_at = ts_cur_off(&cur);
    ts_span text = ts_cur_bytes(&cur, length);
    if (cur.bad)
        return ts_fail_at(diag, TS_TRUNCATED, file, text_at,
                          "ends inside the header of %" PRIu64 " bytes", length);
    ts_npy array = {0};
    const char *p = (const char *)text.data;
    header_text h = {
        .p = p, .end = p + text.size, .begin = p, .start = text_at, .file = file, .diag = diag};
    TS_TRY(take_dictionary(&h, &array));
    uint64_t n_bytes;
    if (!count_elements(&array, &array.n_elements, &n_bytes))
        return ts_fail_at(diag, TS_RANGE, file, text_at, "the shape needs more than 2^64 bytes");
    if (n_bytes != ts_cur_left(&cur))
        return ts_fail_at(diag, n_bytes > ts_cur_left(&cur) ? TS_TRUNCATED : TS_RANGE, file,
                          ts_cur_off(&cur), "%zu bytes of values; the shape needs %" PRIu64,
                          ts_cur_left(&cur), n_bytes);
    array.data = ts_cur_bytes(&cur, n_bytes);
    *out = array;
    return TS_OK;
}

ts_status ts_npy_write(const ts_npy *array, ts_buf *out, ts_diag *diag) {
    uint64_t n_elements, n_bytes;
    if (array->type >= TS_NPY_N_TYPES || array->n_dims > TS_NPY_MAX_DIMS ||
        !count_elements(array, &n_elements, &n_bytes) || n_bytes != array->data.size)
        return ts_fail(diag, TS_RANGE, NULL, "shape, type and size of an array disagree");
    size_t size = type_table[array->type].size, start = out->size;
    ts_buf_bytes(out, magic, sizeof magic);
    ts_buf_bytes(out, "\1\0\0\0", 4); /* version 1.0; header length follows at the end */
    ts_buf_printf(out, "{'descr': '%c%c%zu', 'fortran_order': %s, 'shape': (",
                  size == 1 ? '|' : '<', type_table[array->type].letter, size,
                  array->fortran_order ? "True" : "False");
    for (unsigned i = 0; i < array->n_dims; i++)
        ts_buf_printf(out, "%" PRIu64 "%s", array->shape[i],
                      array->n_dims == 1      ? ","
                      : i + 1 < array->n_dims ? ", "
                                              : "");
    ts_buf_text(out, "), }");
    /* Values start at a multiple of 64 behind a newline. */
    while (!out->failed && (out->size - start + 1) % 64)
        ts_buf_u8(out, ' ');
    ts_buf_u8(out, '\n');
    ts_buf_patch_uint_le(out, start + 8, out->size - start - 10, 2);
    ts_buf_span_add(out, array->data);
    return out->failed ? ts_fail_nomem(diag) : TS_OK;
}
