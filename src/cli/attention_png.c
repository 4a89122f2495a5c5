/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * A picture of one byte a pixel as a PNG with a palette, in base64, for a page that needs nothing
 * but itself. Not compressed: deflate's stored blocks.
 * src: PNG: chapters 5, 10 and 11 [documented]
 * src: RFC1951: 3.2.4, and RFC 1950 around it [documented]
 */
#include "attention.h"

#include <string.h>

enum {
    STORED_MOST = 65535, /* bytes of a stored block */
};

static uint32_t crc_of(const uint8_t *bytes, size_t n) {
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < n; i++) {
        crc ^= bytes[i];
        for (int k = 0; k < 8; k++)
            crc = crc >> 1 ^ (crc & 1 ? UINT32_C(0xedb88320) : 0);
    }
    return ~crc;
}

static uint32_t adler_of(ts_span bytes) {
    uint32_t a = 1, b = 0;
    for (size_t i = 0; i < bytes.size; i++) {
        a = (a + bytes.data[i]) % 65521;
        b = (b + a) % 65521;
    }
    return b << 16 | a;
}

static void add_chunk(ts_buf *out, const char *kind, ts_span data) {
    ts_buf_u32be(out, (uint32_t)data.size);
    size_t from = out->size;
    ts_buf_text(out, kind);
    ts_buf_span_add(out, data);
    if (!out->failed) ts_buf_u32be(out, crc_of(out->data + from, out->size - from));
}

/* zlib's header, stored blocks, checksum. */
static ts_buf wrap(ts_arena *arena, ts_span raw) {
    ts_buf out = ts_buf_in(arena);
    ts_buf_u8(&out, 0x78);
    ts_buf_u8(&out, 0x01);
    for (size_t at = 0; at < raw.size;) {
        size_t n = raw.size - at < STORED_MOST ? raw.size - at : STORED_MOST;
        ts_buf_u8(&out, at + n == raw.size);
        ts_buf_u16le(&out, (uint16_t)n);
        ts_buf_u16le(&out, (uint16_t)~n);
        ts_buf_bytes(&out, raw.data + at, n);
        at += n;
    }
    ts_buf_u32be(&out, adler_of(raw));
    return out;
}

static void add_base64(ts_span bytes, ts_buf *out) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < bytes.size; i += 3) {
        size_t n = bytes.size - i < 3 ? bytes.size - i : 3;
        uint32_t word = 0;
        for (size_t k = 0; k < 3; k++)
            word = word << 8 | (k < n ? bytes.data[i + k] : 0U);
        for (size_t k = 0; k < 4; k++)
            ts_buf_u8(out, k <= n ? (uint8_t)digits[word >> (18 - 6 * k) & 63] : '=');
    }
}

void att_png_base64(ts_arena *arena, const uint8_t *pixels, uint32_t width, uint32_t height,
                    const uint8_t palette[ATT_PALETTE], ts_buf *out) {
    static const uint8_t magic[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    ts_buf png = ts_buf_in(arena), header = ts_buf_in(arena), raw = ts_buf_in(arena);
    ts_buf_u32be(&header, width);
    ts_buf_u32be(&header, height);
    ts_buf_bytes(&header, "\x08\x03\x00\x00\x00", 5); /* 8 bits, palette, no interlace */
    for (uint32_t row = 0; row < height; row++) {
        ts_buf_u8(&raw, 0); /* no filter */
        ts_buf_bytes(&raw, pixels + (size_t)row * width, width);
    }
    ts_buf data = wrap(arena, ts_buf_span(&raw));
    ts_buf_bytes(&png, magic, sizeof magic);
    add_chunk(&png, "IHDR", ts_buf_span(&header));
    add_chunk(&png, "PLTE", ts_span_of(palette, ATT_PALETTE));
    add_chunk(&png, "IDAT", ts_buf_span(&data));
    add_chunk(&png, "IEND", (ts_span){NULL, 0});
    add_base64(ts_buf_span(&png), out);
    out->failed |= png.failed || header.failed || raw.failed || data.failed;
}
