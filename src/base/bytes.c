/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Spans, cursors and builders: the only code that touches file bytes. Every integer is assembled
 * from single bytes, so neither alignment nor the host's byte order matters.
 */
#include "tessera/base.h"

#include <stdio.h>
#include <string.h>

ts_span ts_span_of(const void *data, size_t size) {
    return (ts_span){.data = data, .size = size};
}

bool ts_span_equal(ts_span a, ts_span b) {
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

bool ts_span_sub(ts_span span, uint64_t offset, uint64_t size, ts_span *out) {
    if (offset > span.size || size > span.size - offset) return false;
    *out = (ts_span){.data = span.data ? span.data + offset : NULL, .size = (size_t)size};
    return true;
}

/* An empty input gets a place to point at: arithmetic on NULL is undefined. */
static const uint8_t nothing[1] = {0};

ts_cur ts_cur_of(ts_span span) {
    const uint8_t *data = span.data ? span.data : nothing;
    size_t size = span.data ? span.size : 0;
    return (ts_cur){.base = data, .p = data, .end = data + size};
}

size_t ts_cur_off(const ts_cur *cur) {
    return (size_t)(cur->p - cur->base);
}

size_t ts_cur_left(const ts_cur *cur) {
    return (size_t)(cur->end - cur->p);
}

uint64_t ts_cur_uint_le(ts_cur *cur, unsigned n_bytes) {
    if (cur->bad || ts_cur_left(cur) < n_bytes) {
        cur->bad = true;
        return 0;
    }
    uint64_t value = 0;
    for (unsigned i = 0; i < n_bytes; i++)
        value |= (uint64_t)cur->p[i] << (8 * i);
    cur->p += n_bytes;
    return value;
}

uint8_t ts_cur_u8(ts_cur *cur) {
    return (uint8_t)ts_cur_uint_le(cur, 1);
}

uint16_t ts_cur_u16le(ts_cur *cur) {
    return (uint16_t)ts_cur_uint_le(cur, 2);
}

uint32_t ts_cur_u32le(ts_cur *cur) {
    return (uint32_t)ts_cur_uint_le(cur, 4);
}

uint32_t ts_cur_u32be(ts_cur *cur) {
    uint32_t v = ts_cur_u32le(cur);
    return v >> 24 | (v >> 8 & 0xff00U) | (v << 8 & 0xff0000U) | v << 24;
}

uint64_t ts_cur_u64le(ts_cur *cur) {
    return ts_cur_uint_le(cur, 8);
}

ts_span ts_cur_bytes(ts_cur *cur, uint64_t size) {
    if (cur->bad || ts_cur_left(cur) < size) {
        cur->bad = true;
        return (ts_span){0};
    }
    ts_span out = {.data = cur->p, .size = (size_t)size};
    cur->p += size;
    return out;
}

void ts_cur_skip(ts_cur *cur, uint64_t size) {
    (void)ts_cur_bytes(cur, size);
}

void ts_cur_seek(ts_cur *cur, uint64_t offset) {
    if (cur->bad || offset > (uint64_t)(cur->end - cur->base))
        cur->bad = true;
    else
        cur->p = cur->base + offset;
}

ts_buf ts_buf_in(ts_arena *arena) {
    return (ts_buf){.arena = arena};
}

ts_span ts_buf_span(const ts_buf *buf) {
    return (ts_span){.data = buf->data, .size = buf->size};
}

/* Make the capacity at least `need`. */
static bool grow_to(ts_buf *buf, size_t need) {
    if (need <= buf->capacity) return true;
    uint8_t *grown = ts_arena_grow(buf->arena, buf->data, buf->size, need);
    if (!grown) {
        buf->failed = true;
        return false;
    }
    buf->data = grown;
    buf->capacity = need;
    return true;
}

void ts_buf_reserve(ts_buf *buf, size_t extra) {
    if (buf->failed) return;
    if (extra > SIZE_MAX / 4 - buf->size)
        buf->failed = true;
    else
        grow_to(buf, buf->size + extra);
}

/* Take `extra` more bytes; NULL once anything failed. */
static uint8_t *extend(ts_buf *buf, size_t extra) {
    if (buf->failed) return NULL;
    if (extra > SIZE_MAX / 4 - buf->size) {
        buf->failed = true;
        return NULL;
    }
    size_t need = buf->size + extra, doubled = buf->capacity ? buf->capacity * 2 : 256;
    if (need > buf->capacity && !grow_to(buf, need > doubled ? need : doubled)) return NULL;
    uint8_t *at = buf->data + buf->size;
    buf->size = need;
    return at;
}

void ts_buf_bytes(ts_buf *buf, const void *data, size_t size) {
    uint8_t *at = size ? extend(buf, size) : NULL;
    if (at) memcpy(at, data, size);
}

void ts_buf_span_add(ts_buf *buf, ts_span span) {
    ts_buf_bytes(buf, span.data, span.size);
}

void ts_buf_zeros(ts_buf *buf, size_t count) {
    uint8_t *at = count ? extend(buf, count) : NULL;
    if (at) memset(at, 0, count);
}

void ts_buf_align(ts_buf *buf, size_t boundary) {
    size_t over = buf->size % boundary;
    if (over) ts_buf_zeros(buf, boundary - over);
}

static void put_uint_le(uint8_t *at, uint64_t value, unsigned n_bytes) {
    for (unsigned i = 0; i < n_bytes; i++)
        at[i] = (uint8_t)(value >> (8 * i));
}

void ts_buf_uint_le(ts_buf *buf, uint64_t value, unsigned n_bytes) {
    uint8_t *at = extend(buf, n_bytes);
    if (at) put_uint_le(at, value, n_bytes);
}

void ts_buf_u8(ts_buf *buf, uint8_t value) {
    ts_buf_uint_le(buf, value, 1);
}

void ts_buf_u16le(ts_buf *buf, uint16_t value) {
    ts_buf_uint_le(buf, value, 2);
}

void ts_buf_u32le(ts_buf *buf, uint32_t value) {
    ts_buf_uint_le(buf, value, 4);
}

void ts_buf_u32be(ts_buf *buf, uint32_t value) {
    for (int shift = 24; shift >= 0; shift -= 8)
        ts_buf_u8(buf, (uint8_t)(value >> shift));
}

void ts_buf_u64le(ts_buf *buf, uint64_t value) {
    ts_buf_uint_le(buf, value, 8);
}

void ts_buf_patch_uint_le(ts_buf *buf, size_t offset, uint64_t value, unsigned n_bytes) {
    if (buf->failed) return;
    if (offset > buf->size || n_bytes > buf->size - offset)
        buf->failed = true;
    else
        put_uint_le(buf->data + offset, value, n_bytes);
}

void ts_buf_text(ts_buf *buf, const char *text) {
    ts_buf_bytes(buf, text, strlen(text));
}

void ts_buf_vprintf(ts_buf *buf, const char *format, va_list args) {
    va_list again;
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    if (length < 0) buf->failed = true;
    /* vsnprintf writes a final NUL, which is then taken back. */
    uint8_t *at = length < 0 ? NULL : extend(buf, (size_t)length + 1);
    if (at) {
        vsnprintf((char *)at, (size_t)length + 1, format, again);
        buf->size--;
    }
    va_end(again);
}

void ts_buf_printf(ts_buf *buf, const char *format, ...) {
    va_list args;
    va_start(args, format);
    ts_buf_vprintf(buf, format, args);
    va_end(args);
}
