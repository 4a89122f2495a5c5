/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The table of section kinds, and small conversions of names, modes and UUIDs.
 */
#include "tessera/xclbin.h"

#include <stdio.h>
#include <string.h>

static const ts_xclbin_kind_info kinds[TS_XCLBIN_N_KINDS] = {
#define X(number, constant, name, node, add, dump) {name, node, add, dump},
    TS_XCLBIN_KIND_LIST(X)
#undef X
};

/* The list must be dense and in order, since the number is the index. */
enum {
#define X(number, constant, name, node, add, dump) ORDER_##constant,
    TS_XCLBIN_KIND_LIST(X)
#undef X
};
#define X(number, constant, name, node, add, dump)                                                 \
    _Static_assert(ORDER_##constant == (number), "TS_XCLBIN_KIND_LIST is out of order");
TS_XCLBIN_KIND_LIST(X)
#undef X

const ts_xclbin_kind_info *ts_xclbin_kind_about(uint32_t kind) {
    return kind < TS_XCLBIN_N_KINDS ? &kinds[kind] : NULL;
}

const char *ts_xclbin_kind_name(uint32_t kind, char room[24]) {
    if (kind < TS_XCLBIN_N_KINDS) return kinds[kind].name;
    snprintf(room, 24, "KIND_%u", (unsigned)kind);
    return room;
}

bool ts_xclbin_kind_find(const char *name, uint32_t *kind) {
    for (uint32_t i = 0; i < TS_XCLBIN_N_KINDS; i++)
        if (ts_text_equal_nocase(kinds[i].name, name)) {
            *kind = i;
            return true;
        }
    uint64_t number;
    if (strncmp(name, "KIND_", 5) != 0 || !ts_parse_u64(name + 5, &number) || number > UINT32_MAX)
        return false;
    *kind = (uint32_t)number;
    return true;
}

const char *ts_xclbin_mode_name(uint64_t mode) {
    static const char *const names[] = {
#define X(number, name, key) [number] = #name,
        TS_XCLBIN_MODE_LIST(X)
#undef X
    };
    return mode < sizeof names / sizeof names[0] ? names[mode] : NULL;
}

static int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool ts_xclbin_parse_uuid(const char *text, uint8_t out[16]) {
    unsigned n_digits = 0;
    for (; *text; text++) {
        if (*text == '-') continue;
        int digit = hex_digit(*text);
        if (digit < 0 || n_digits == 32) return false;
        uint8_t *byte = &out[n_digits / 2];
        *byte = (uint8_t)(n_digits % 2 ? *byte | digit : digit << 4);
        n_digits++;
    }
    return n_digits == 32;
}

void ts_xclbin_format_uuid(const uint8_t uuid[16], char out[37]) {
    for (int i = 0; i < 16; i++) {
        bool dash = i == 4 || i == 6 || i == 8 || i == 10;
        out += snprintf(out, 4, dash ? "-%02x" : "%02x", uuid[i]);
    }
}
