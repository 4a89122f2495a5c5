/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * A JSON tree over YAJL, a streaming parser. Chosen above the tree-building libraries because a
 * stream of tokens keeps what they drop: the digits of a number as written (json-c saturates
 * numbers past 64 bits, jansson reformats reals), members that occur twice, and where each value
 * stands, for errors with line and column. XRT's tool keeps all of that too, in boost's property
 * tree.
 */
#include "tessera/base.h"

#include <inttypes.h>
#include <string.h>
#include <yajl/yajl_parse.h>

const ts_json_style ts_json_pretty = {.indent = 2};
const ts_json_style ts_json_compact = {0};

ts_json *ts_json_new(ts_arena *arena, ts_json_kind kind) {
    ts_json *node = TS_ARENA_NEW(arena, ts_json);
    if (node) *node = (ts_json){.kind = kind, .key = "", .text = ""};
    return node;
}

void ts_json_append(ts_json *parent, ts_json *child) {
    if (parent->last)
        parent->last->next = child;
    else
        parent->first = child;
    parent->last = child;
    parent->n_children++;
}

ts_json *ts_json_add_text(ts_arena *arena, ts_json *parent, const char *key, ts_json_kind kind,
                          const char *text) {
    if (!parent) return NULL;
    ts_json *node = ts_json_new(arena, kind);
    if (!node) return NULL;
    node->key = *key ? ts_arena_strdup(arena, key) : "";
    node->text = *text ? ts_arena_strdup(arena, text) : "";
    if (!node->key || !node->text) return NULL;
    ts_json_append(parent, node);
    return node;
}

ts_json *ts_json_add(ts_arena *arena, ts_json *parent, const char *key, ts_json_kind kind) {
    return ts_json_add_text(arena, parent, key, kind, "");
}

ts_json *ts_json_add_string(ts_arena *arena, ts_json *parent, const char *key, const char *text) {
    return ts_json_add_text(arena, parent, key, TS_JSON_STRING, text);
}

ts_json *ts_json_add_format(ts_arena *arena, ts_json *parent, const char *key, const char *format,
                            ...) {
    va_list args;
    va_start(args, format);
    ts_buf text = ts_buf_in(arena);
    ts_buf_vprintf(&text, format, args);
    ts_buf_u8(&text, 0);
    va_end(args);
    return text.failed ? NULL : ts_json_add_string(arena, parent, key, (const char *)text.data);
}

ts_json *ts_json_add_number(ts_arena *arena, ts_json *parent, const char *key, uint64_t value) {
    ts_json *node = ts_json_add_format(arena, parent, key, "%" PRIu64, value);
    if (node) node->kind = TS_JSON_NUMBER;
    return node;
}

ts_json *ts_json_add_bool(ts_arena *arena, ts_json *parent, const char *key, bool value) {
    return ts_json_add_text(arena, parent, key, TS_JSON_BOOL, value ? "true" : "false");
}

ts_json *ts_json_copy(ts_arena *arena, const ts_json *node) {
    ts_json *copy = ts_json_new(arena, node->kind);
    if (!copy) return NULL;
    copy->key = node->key; /* texts never change, so both trees may share them */
    copy->text = node->text;
    copy->offset = node->offset;
    for (const ts_json *child = node->first; child; child = child->next) {
        ts_json *child_copy = ts_json_copy(arena, child);
        if (!child_copy) return NULL;
        ts_json_append(copy, child_copy);
    }
    return copy;
}

const ts_json *ts_json_get(const ts_json *object, const char *key) {
    for (const ts_json *child = object ? object->first : NULL; child; child = child->next)
        if (strcmp(child->key, key) == 0) return child;
    return NULL;
}

bool ts_json_set_string(ts_arena *arena, ts_json *object, const char *key, const char *text) {
    for (ts_json *child = object->first; child; child = child->next)
        if (strcmp(child->key, key) == 0) {
            child->kind = TS_JSON_STRING;
            child->first = child->last = NULL;
            child->n_children = 0;
            child->text = ts_arena_strdup(arena, text);
            return child->text != NULL;
        }
    return ts_json_add_string(arena, object, key, text) != NULL;
}

const ts_json *ts_json_path(const ts_json *object, const char *path) {
    while (object && *path) {
        size_t length = strcspn(path, ".");
        const ts_json *child = object->first;
        while (child && (strncmp(child->key, path, length) != 0 || child->key[length]))
            child = child->next;
        object = child;
        path += length;
        if (*path) path++;
    }
    return object;
}

const char *ts_json_text(const ts_json *object, const char *key, const char *fallback) {
    const ts_json *node = ts_json_get(object, key);
    return node && node->kind < TS_JSON_ARRAY ? node->text : fallback;
}

/* ---- reading --------------------------------------------------------------------------------- */

typedef struct reader {
    ts_arena *arena;
    yajl_handle yajl;
    ts_span text;
    const char *file;
    ts_diag *diag;
    ts_json *stack[TS_JSON_MAX_DEPTH];
    size_t depth;
    const char *pending_key;
    ts_json *root;
    ts_status status;
} reader;

static int stop(reader *r, ts_status status, const char *message) {
    r->status = ts_fail_text(r->diag, status, r->file, (const char *)r->text.data, r->text.size,
                             yajl_get_bytes_consumed(r->yajl), "%s", message);
    return 0;
}

static int out_of_memory(reader *r) {
    r->status = ts_fail_nomem(r->diag);
    return 0;
}

static ts_json *add_node(reader *r, ts_json_kind kind, const char *text, size_t length) {
    ts_json *node = ts_json_new(r->arena, kind);
    if (!node) return NULL;
    node->offset = yajl_get_bytes_consumed(r->yajl);
    if (length) node->text = ts_arena_strndup(r->arena, text, length);
    if (!node->text) return NULL;
    if (r->pending_key) node->key = r->pending_key;
    r->pending_key = NULL;
    if (r->depth)
        ts_json_append(r->stack[r->depth - 1], node);
    else
        r->root = node;
    return node;
}

static int add_scalar(reader *r, ts_json_kind kind, const char *text, size_t length) {
    return add_node(r, kind, text, length) ? 1 : out_of_memory(r);
}

static int open_container(reader *r, ts_json_kind kind) {
    if (r->depth == TS_JSON_MAX_DEPTH) return stop(r, TS_RANGE, "nested deeper than 64 levels");
    ts_json *node = add_node(r, kind, "", 0);
    if (!node) return out_of_memory(r);
    r->stack[r->depth++] = node;
    return 1;
}

static int on_null(void *ctx) {
    return add_scalar(ctx, TS_JSON_NULL, "null", 4);
}

static int on_boolean(void *ctx, int value) {
    return add_scalar(ctx, TS_JSON_BOOL, value ? "true" : "false", value ? 4 : 5);
}

static int on_number(void *ctx, const char *text, size_t length) {
    return add_scalar(ctx, TS_JSON_NUMBER, text, length);
}

/* Texts here are C strings; a NUL inside would silently cut one short. */
static int on_string(void *ctx, const unsigned char *text, size_t length) {
    reader *r = ctx;
    if (memchr(text, 0, length)) return stop(r, TS_SYNTAX, "string holds the character U+0000");
    return add_scalar(r, TS_JSON_STRING, (const char *)text, length);
}

static int on_key(void *ctx, const unsigned char *text, size_t length) {
    reader *r = ctx;
    if (memchr(text, 0, length)) return stop(r, TS_SYNTAX, "name holds the character U+0000");
    r->pending_key = ts_arena_strndup(r->arena, (const char *)text, length);
    return r->pending_key ? 1 : out_of_memory(r);
}

static int on_open_object(void *ctx) {
    return open_container(ctx, TS_JSON_OBJECT);
}

static int on_open_array(void *ctx) {
    return open_container(ctx, TS_JSON_ARRAY);
}

static int on_close(void *ctx) {
    ((reader *)ctx)->depth--;
    return 1;
}

static const yajl_callbacks callbacks = {
    .yajl_null = on_null,
    .yajl_boolean = on_boolean,
    .yajl_number = on_number,
    .yajl_string = on_string,
    .yajl_map_key = on_key,
    .yajl_start_map = on_open_object,
    .yajl_end_map = on_close,
    .yajl_start_array = on_open_array,
    .yajl_end_array = on_close,
};

/* YAJL's own words, "parse error: ...\n", on one line. */
static ts_status report_syntax(reader *r) {
    unsigned char *words = yajl_get_error(r->yajl, 0, r->text.data, r->text.size);
    char line[160] = "bad JSON";
    if (words) {
        size_t length = strcspn((char *)words, "\n");
        if (length >= sizeof line) length = sizeof line - 1;
        memcpy(line, words, length);
        line[length] = '\0';
        yajl_free_error(r->yajl, words);
    }
    stop(r, TS_SYNTAX, line);
    return r->status;
}

ts_status ts_json_parse(ts_arena *arena, ts_span text, const char *file, ts_json **out,
                        ts_diag *diag) {
    reader r = {.arena = arena, .text = text, .file = file, .diag = diag};
    r.yajl = yajl_alloc(&callbacks, NULL, &r);
    if (!r.yajl) return ts_fail_nomem(diag);
    static const unsigned char empty[1] = {0};
    yajl_status parsed = yajl_parse(r.yajl, text.size ? text.data : empty, text.size);
    if (parsed == yajl_status_ok) parsed = yajl_complete_parse(r.yajl);
    if (r.status == TS_OK && parsed != yajl_status_ok) report_syntax(&r);
    yajl_free(r.yajl);
    if (r.status == TS_OK) *out = r.root;
    return r.status;
}

/* ---- writing --------------------------------------------------------------------------------- */

/* Bytes of the UTF-8 character at `p`; 0 when there is none. */
static size_t utf8_length(const unsigned char *p) {
    static const struct {
        unsigned char mask, lead, low, high; /* bounds of the second byte */
    } forms[] = {{0xff, 0xe0, 0xa0, 0xbf}, {0xff, 0xed, 0x80, 0x9f}, {0xf0, 0xe0, 0x80, 0xbf},
                 {0xff, 0xf0, 0x90, 0xbf}, {0xff, 0xf4, 0x80, 0x8f}, {0xf8, 0xf0, 0x80, 0xbf}};
    if (p[0] < 0x80) return 1;
    if (p[0] >= 0xc2 && p[0] <= 0xdf) return (p[1] & 0xc0) == 0x80 ? 2 : 0;
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if ((p[0] & forms[i].mask) != forms[i].lead) continue;
        if (p[0] > 0xf4 || p[1] < forms[i].low || p[1] > forms[i].high) return 0;
        if ((p[2] & 0xc0) != 0x80) return 0;
        if (p[0] < 0xf0) return 3;
        return (p[3] & 0xc0) == 0x80 ? 4 : 0;
    }
    return 0;
}

/* A character past ASCII, or U+FFFD for a byte that belongs to none; the bytes it took. */
static size_t write_character(ts_buf *out, const char *p) {
    size_t length = utf8_length((const unsigned char *)p);
    if (length)
        ts_buf_bytes(out, p, length);
    else
        ts_buf_text(out, "\xef\xbf\xbd");
    return length ? length : 1;
}

static void write_string(ts_buf *out, const char *text, const ts_json_style *style) {
    ts_buf_u8(out, '"');
    for (const char *p = text; *p; p++) {
        static const char plain[] = "\"\\\b\f\n\r\t", letter[] = "\"\\bfnrt";
        unsigned char c = (unsigned char)*p;
        const char *special = strchr(plain, c);
        if (special)
            ts_buf_printf(out, "\\%c", letter[special - plain]);
        else if (c == '/' && style->escape_slash)
            ts_buf_text(out, "\\/");
        else if (c < 0x20)
            ts_buf_printf(out, "\\u%04X", c);
        else if (c < 0x80 || style->raw_bytes)
            ts_buf_u8(out, c);
        else
            p += write_character(out, p) - 1;
    }
    ts_buf_u8(out, '"');
}

static void new_line(ts_buf *out, const ts_json_style *style, int level) {
    if (style->indent) ts_buf_printf(out, "\n%*s", style->indent * level, "");
}

static void write_node(ts_buf *out, const ts_json *node, const ts_json_style *style, int level) {
    if (node->kind < TS_JSON_ARRAY) {
        if (node->kind == TS_JSON_STRING || style->scalars_as_strings)
            write_string(out, node->text, style);
        else
            ts_buf_text(out, node->text);
        return;
    }
    bool is_array = node->kind == TS_JSON_ARRAY;
    if (!node->first && level > 0 && style->empty_as_string) {
        ts_buf_text(out, "\"\"");
        return;
    }
    ts_buf_u8(out, is_array ? '[' : '{');
    for (const ts_json *child = node->first; child; child = child->next) {
        new_line(out, style, level + 1);
        if (!is_array) {
            write_string(out, child->key, style);
            ts_buf_text(out, style->indent ? ": " : ":");
        }
        write_node(out, child, style, level + 1);
        if (child->next) ts_buf_u8(out, ',');
    }
    if (node->first || (level == 0 && style->empty_as_string)) new_line(out, style, level);
    ts_buf_u8(out, is_array ? ']' : '}');
}

ts_status ts_json_write(ts_buf *out, const ts_json *node, const ts_json_style *style) {
    if (!node) return TS_NOMEM;
    write_node(out, node, style, 0);
    ts_buf_u8(out, '\n');
    return out->failed ? TS_NOMEM : TS_OK;
}
