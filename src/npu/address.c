/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Addresses as text and back. The text names what is at the address, so two listings can be
 * compared by eye, and it says everything, so a listing can be packed again.
 */
#include "npu_int.h"

#include <inttypes.h>
#include <string.h>

static void offset_text(const ts_npu_tile *tile, uint32_t offset, ts_buf *out) {
    const ts_npu_memory *memory = ts_npu_memory_at(tile, offset);
    if (memory) {
        ts_buf_printf(out, ".%s+0x%" PRIx32, memory->name, offset - memory->offset);
        return;
    }
    const ts_npu_register *reg = ts_npu_register_at(tile, offset);
    if (!reg) {
        ts_buf_printf(out, "+0x%" PRIx32, offset);
        return;
    }
    ts_buf_printf(out, ".%s.%s", ts_npu_module_name(reg->module), reg->name);
    if (offset != reg->offset) ts_buf_printf(out, "+0x%" PRIx32, offset - reg->offset);
}

void ts_npu_address_text(const ts_npu_device *device, uint64_t address, ts_buf *out) {
    ts_npu_place place;
    if (!ts_npu_split(device, address, &place)) {
        ts_buf_printf(out, "0x%" PRIx64, address);
        return;
    }
    ts_buf_printf(out, "tile(%" PRIu32 ",%" PRIu32 ")", place.column, place.row);
    offset_text(ts_npu_tile_at(device, place.column, place.row), place.offset, out);
}

/* ---- the reader ------------------------------------------------------------------------------ */

enum {
    MAX_DIGITS = 40,
    MAX_SUGGESTIONS = 1024, /* more than any tile has registers */
};

typedef struct reader {
    const ts_npu_device *device;
    const ts_npu_tile *tile;
    const char *text, *at;
    ts_diag *diag;
} reader;

#define FAIL(r, code, ...)                                                                         \
    ts_fail_text((r)->diag, code, "address", (r)->text, strlen((r)->text),                         \
                 (size_t)((r)->at - (r)->text), __VA_ARGS__)

static bool is_word(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static size_t word_length(const char *text) {
    size_t length = 0;
    while (is_word(text[length]))
        length++;
    return length;
}

static ts_status read_number(reader *r, uint64_t *out) {
    char digits[MAX_DIGITS];
    size_t length = word_length(r->at);
    if (length >= sizeof digits) return FAIL(r, TS_RANGE, "number of %zu digits", length);
    memcpy(digits, r->at, length);
    digits[length] = '\0';
    if (!ts_parse_u64(digits, out)) return FAIL(r, TS_SYNTAX, "expected a number");
    r->at += length;
    return TS_OK;
}

static ts_status expect(reader *r, char c) {
    if (*r->at != c) return FAIL(r, TS_SYNTAX, "expected '%c'", c);
    r->at++;
    return TS_OK;
}

/* "+NUMBER", where the number is below `limit`. */
static ts_status read_distance(reader *r, uint64_t limit, uint32_t *out) {
    TS_TRY(expect(r, '+'));
    const char *start = r->at;
    uint64_t value = 0;
    TS_TRY(read_number(r, &value));
    if (value >= limit) {
        r->at = start;
        return FAIL(r, TS_RANGE, "0x%" PRIx64 " is beyond the last byte, 0x%" PRIx64, value,
                    limit - 1);
    }
    *out = (uint32_t)value;
    return TS_OK;
}

static const ts_npu_memory *memory_named(const ts_npu_tile *tile, const char *name, size_t length) {
    for (size_t i = 0; i < tile->n_memories; i++)
        if (strlen(tile->memories[i].name) == length &&
            memcmp(tile->memories[i].name, name, length) == 0)
            return &tile->memories[i];
    return NULL;
}

/* The reader stands before the name with its module, if any; `last` is the register alone. */
static ts_status unknown_register(reader *r, const char *last, size_t length, size_t n_found) {
    const char *names[MAX_SUGGESTIONS];
    char word[64];
    size_t count = 0, all;
    const int spelled = (int)(last + length - r->at);
    if (n_found)
        return FAIL(r, TS_UNKNOWN,
                    "'%.*s' is in %zu modules of a %s tile: put core. or memory. before", spelled,
                    r->at, n_found, ts_npu_kind_name(r->tile->kind));
    const ts_npu_register *registers = ts_npu_registers_of(r->tile, &all);
    for (; count < all && count < MAX_SUGGESTIONS; count++)
        names[count] = registers[count].name;
    size_t kept = length < sizeof word - 1 ? length : sizeof word - 1;
    memcpy(word, last, kept);
    word[kept] = '\0';
    const char *near = ts_nearest_word(word, names, count);
    return FAIL(r, TS_UNKNOWN, "a %s tile has no register '%.*s'%s%s",
                ts_npu_kind_name(r->tile->kind), spelled, r->at, near ? "; near: " : "",
                near ? near : "");
}

/* data+N, program+N, MODULE.REGISTER[+N], REGISTER[+N]. */
static ts_status read_name(reader *r, uint32_t *offset) {
    size_t length = word_length(r->at);
    const ts_npu_memory *memory = memory_named(r->tile, r->at, length);
    uint32_t distance = 0;
    if (memory) {
        r->at += length;
        TS_TRY(read_distance(r, memory->size, &distance));
        *offset = memory->offset + distance;
        return TS_OK;
    }
    const char *module = NULL, *name = r->at;
    size_t module_length = 0;
    if (name[length] == '.') {
        module = name;
        module_length = length;
        name += length + 1;
        length = word_length(name);
    }
    size_t n_found;
    const ts_npu_register *reg =
        npu_register_find(r->tile, module, module_length, name, length, &n_found);
    if (!reg) return unknown_register(r, name, length, n_found);
    r->at = name + length;
    if (*r->at) TS_TRY(read_distance(r, reg->width / 8U, &distance));
    *offset = reg->offset + distance;
    return TS_OK;
}

static ts_status read_tile(reader *r, ts_npu_place *place) {
    uint64_t column = 0, row = 0;
    const char *start = r->at;
    TS_TRY(expect(r, '('));
    TS_TRY(read_number(r, &column));
    TS_TRY(expect(r, ','));
    TS_TRY(read_number(r, &row));
    TS_TRY(expect(r, ')'));
    if (column >= r->device->n_columns || row >= r->device->n_rows) {
        r->at = start;
        return FAIL(r, TS_RANGE, "%s has columns 0 to %d and rows 0 to %d", r->device->name,
                    r->device->n_columns - 1, r->device->n_rows - 1);
    }
    place->column = (uint32_t)column;
    place->row = (uint32_t)row;
    r->tile = ts_npu_tile_at(r->device, place->column, place->row);
    return TS_OK;
}

ts_status ts_npu_address_parse(const ts_npu_device *device, const char *text, uint64_t *out,
                               ts_diag *diag) {
    static const char tile[] = "tile";
    reader r = {.device = device, .text = text, .at = text, .diag = diag};
    if (strncmp(text, tile, sizeof tile - 1) != 0) {
        TS_TRY(read_number(&r, out));
        return *r.at ? FAIL(&r, TS_SYNTAX, "expected the end of the address") : TS_OK;
    }
    r.at += sizeof tile - 1;
    ts_npu_place place = {0};
    TS_TRY(read_tile(&r, &place));
    if (*r.at == '.') {
        r.at++;
        TS_TRY(read_name(&r, &place.offset));
    } else {
        TS_TRY(read_distance(&r, (uint64_t)1 << device->row_shift, &place.offset));
    }
    if (*r.at) return FAIL(&r, TS_SYNTAX, "expected the end of the address");
    if (!ts_npu_join(device, place, out)) return FAIL(&r, TS_RANGE, "outside %s", device->name);
    return TS_OK;
}
