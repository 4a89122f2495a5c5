/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * base: what every Tessera library stands on. Status codes and diagnostics, arenas, bounds-checked
 * byte cursors and builders, files, a JSON tree, NumPy arrays.
 *
 * Memory: whatever a function returns lives in the arena it was given, unless its comment says
 * otherwise. Parsers borrow their input bytes: the bytes must outlive what was parsed from them.
 */
#ifndef TESSERA_BASE_H
#define TESSERA_BASE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TS_VERSION "0.1.0"

#if defined(__GNUC__)
#define TS_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define TS_NODISCARD         __attribute__((warn_unused_result))
#else
#define TS_PRINTF(fmt, args)
#define TS_NODISCARD
#endif

/* ---- status and diagnostics ------------------------------------------------------------------ */

#define TS_STATUS_LIST(X)                                                                          \
    X(OK, "no error")                                                                              \
    X(TRUNCATED, "input ends inside a record")                                                     \
    X(SYNTAX, "text does not follow its grammar")                                                  \
    X(RANGE, "value outside what the format allows")                                               \
    X(UNKNOWN, "name, kind or opcode absent from our tables")                                      \
    X(MISSING, "something required is not there")                                                  \
    X(CONFLICT, "two things exclude each other")                                                   \
    X(UNSUPPORTED, "recognised, but not made or changed by Tessera")                               \
    X(IO, "the operating system refused a file operation")                                         \
    X(NOMEM, "memory or arena budget exhausted")

typedef enum ts_status {
#define X(name, text) TS_##name,
    TS_STATUS_LIST(X)
#undef X
} ts_status;

/* "TRUNCATED", and what it means in words. Both are constants. */
const char *ts_status_name(ts_status status);
const char *ts_status_text(ts_status status);

typedef enum ts_place {
    TS_PLACE_NONE,   /* the file as a whole */
    TS_PLACE_OFFSET, /* byte offset in a binary file */
    TS_PLACE_TEXT,   /* line and column, both from 1, column in bytes */
} ts_place;

/* One error: what, where, and what was expected. Owns its text, so it may outlive every arena.
 * Start it with `ts_diag diag = {0};`. The first error wins: a later ts_fail() leaves it alone. */
typedef struct ts_diag {
    ts_status code;
    ts_place place;
    uint64_t offset; /* TS_PLACE_OFFSET */
    uint32_t line;   /* TS_PLACE_TEXT */
    uint32_t column;
    char file[256];    /* as the user named it; the end of it if longer */
    char message[320]; /* found, expected */
    char source[120];  /* TS_PLACE_TEXT: the line, shortened around the column */
    uint32_t caret;    /* column within `source`, from 0 */
} ts_diag;

/* Record an error about `file` as a whole (may be NULL), at a byte offset, or at a byte offset of a
 * text whose line and column are then worked out. Returns `code`, so that callers can return it.
 * `diag` may be NULL. */
ts_status ts_fail(ts_diag *diag, ts_status code, const char *file, const char *format, ...)
    TS_PRINTF(4, 5);
ts_status ts_fail_at(ts_diag *diag, ts_status code, const char *file, uint64_t offset,
                     const char *format, ...) TS_PRINTF(5, 6);
ts_status ts_fail_text(ts_diag *diag, ts_status code, const char *file, const char *text,
                       size_t length, size_t offset, const char *format, ...) TS_PRINTF(7, 8);
/* The error for an exhausted arena. */
ts_status ts_fail_nomem(ts_diag *diag);

/* For clang's static analyzer only, which sees one file at a time: these never return TS_OK. */
#if defined(__clang_analyzer__) && !defined(TS_DIAG_IMPLEMENTATION)
#define TS_NOT_OK(call, code)         ((void)(call), (code) != TS_OK ? (code) : TS_IO)
#define ts_fail(diag, code, ...)      TS_NOT_OK(ts_fail(diag, code, __VA_ARGS__), code)
#define ts_fail_at(diag, code, ...)   TS_NOT_OK(ts_fail_at(diag, code, __VA_ARGS__), code)
#define ts_fail_text(diag, code, ...) TS_NOT_OK(ts_fail_text(diag, code, __VA_ARGS__), code)
#define ts_fail_nomem(diag)           TS_NOT_OK(ts_fail_nomem(diag), TS_NOMEM)
#endif

/* "file:line:column: message" or "file: offset 0x1c8: message", with source line and caret below
 * when there is one. Writes at most `size` bytes with the final NUL. */
void ts_diag_format(const ts_diag *diag, char *out, size_t size);

/* Return the status of a call that failed; arenas make this early return safe. */
#define TS_TRY(call)                                                                               \
    do {                                                                                           \
        ts_status ts_try_status_ = (call);                                                         \
        if (ts_try_status_ != TS_OK) return ts_try_status_;                                        \
    } while (0)

/* ---- arenas ---------------------------------------------------------------------------------- */

typedef struct ts_arena_chunk ts_arena_chunk;

/* Memory that is freed all at once. Start with ts_arena_init(), end with ts_arena_free(). */
typedef struct ts_arena {
    ts_arena_chunk *chunks; /* newest first */
    size_t used_bytes;      /* taken from the system */
    size_t budget_bytes;    /* ceiling on used_bytes */
    uint64_t grants;        /* allocations still allowed; UINT64_MAX means no limit (tests count) */
} ts_arena;

/* `budget_bytes` 0 means no ceiling. */
void ts_arena_init(ts_arena *arena, size_t budget_bytes);
/* Zeroed memory aligned for any type, or NULL when the budget is exhausted. Size 0 is allowed. */
void *ts_arena_alloc(ts_arena *arena, size_t size);
/* `count` elements of `size` bytes; NULL also when the product overflows. */
void *ts_arena_array(ts_arena *arena, size_t count, size_t size);
/* Make the block of `old_size` bytes at `block` `new_size` bytes long, in place when it is the
 * newest one, else by copy. NULL on failure, with the old block intact. */
void *ts_arena_grow(ts_arena *arena, void *block, size_t old_size, size_t new_size);
/* Room for one element of `size` bytes behind the `n` that `items` has: `items` while `*capacity`
 * is more than `n`, else a copy twice as large, with `*capacity` raised. NULL: NOMEM, nothing
 * changed. */
void *ts_arena_room(ts_arena *arena, void *items, size_t n, size_t *capacity, size_t size);
char *ts_arena_strndup(ts_arena *arena, const char *text, size_t length);
char *ts_arena_strdup(ts_arena *arena, const char *text);
char *ts_arena_printf(ts_arena *arena, const char *format, ...) TS_PRINTF(2, 3);
/* Free everything; the arena can be used again with the same budget. */
void ts_arena_free(ts_arena *arena);

#define TS_ARENA_NEW(arena, type)          ((type *)ts_arena_alloc((arena), sizeof(type)))
#define TS_ARENA_ARRAY(arena, type, count) ((type *)ts_arena_array((arena), (count), sizeof(type)))

/* ---- bytes: spans, cursors, builders --------------------------------------------------------- */

/* Borrowed bytes. `data` may be NULL when `size` is 0. */
typedef struct ts_span {
    const uint8_t *data;
    size_t size;
} ts_span;

ts_span ts_span_of(const void *data, size_t size);
bool ts_span_equal(ts_span a, ts_span b);

/* Reads forward and never past the end: a short read gives 0 and sets `bad`, which stays set. Test
 * `bad` before a value becomes a size, a bound or an offset. */
typedef struct ts_cur {
    const uint8_t *base, *p, *end;
    bool bad;
} ts_cur;

ts_cur ts_cur_of(ts_span span);
size_t ts_cur_off(const ts_cur *cur);
size_t ts_cur_left(const ts_cur *cur);
uint8_t ts_cur_u8(ts_cur *cur);
uint16_t ts_cur_u16le(ts_cur *cur);
uint32_t ts_cur_u32le(ts_cur *cur);
uint32_t ts_cur_u32be(ts_cur *cur);
uint64_t ts_cur_u64le(ts_cur *cur);
/* An unsigned integer of 1 to 8 bytes, little endian. */
uint64_t ts_cur_uint_le(ts_cur *cur, unsigned n_bytes);
ts_span ts_cur_bytes(ts_cur *cur, uint64_t size);
void ts_cur_skip(ts_cur *cur, uint64_t size);
void ts_cur_seek(ts_cur *cur, uint64_t offset);
/* Part of a span: false when it does not lie inside; sums cannot wrap. */
bool ts_span_sub(ts_span span, uint64_t offset, uint64_t size, ts_span *out);

/* Grows at the end. A failed allocation sets `failed`, which stays set; test it once at the end. */
typedef struct ts_buf {
    ts_arena *arena;
    uint8_t *data;
    size_t size, capacity;
    bool failed;
} ts_buf;

ts_buf ts_buf_in(ts_arena *arena);
ts_span ts_buf_span(const ts_buf *buf);
/* Room for `extra` more bytes at once, so that what is big is not copied while growing. */
void ts_buf_reserve(ts_buf *buf, size_t extra);
void ts_buf_bytes(ts_buf *buf, const void *data, size_t size);
void ts_buf_span_add(ts_buf *buf, ts_span span);
void ts_buf_zeros(ts_buf *buf, size_t count);
/* Zeros up to the next multiple of `boundary`. */
void ts_buf_align(ts_buf *buf, size_t boundary);
void ts_buf_u8(ts_buf *buf, uint8_t value);
void ts_buf_u16le(ts_buf *buf, uint16_t value);
void ts_buf_u32le(ts_buf *buf, uint32_t value);
void ts_buf_u32be(ts_buf *buf, uint32_t value);
void ts_buf_u64le(ts_buf *buf, uint64_t value);
void ts_buf_uint_le(ts_buf *buf, uint64_t value, unsigned n_bytes);
/* Overwrite `n_bytes` at `offset`, which must have been written before. */
void ts_buf_patch_uint_le(ts_buf *buf, size_t offset, uint64_t value, unsigned n_bytes);
void ts_buf_text(ts_buf *buf, const char *text);
void ts_buf_printf(ts_buf *buf, const char *format, ...) TS_PRINTF(2, 3);
void ts_buf_vprintf(ts_buf *buf, const char *format, va_list args);

/* ---- hashes ---------------------------------------------------------------------------------- */

enum {
    TS_SHA256_BYTES = 32,
    TS_SHA256_TEXT = 65 /* with the zero */
};

void ts_sha256(ts_span bytes, uint8_t out[TS_SHA256_BYTES]);
/* As small hexadecimal digits. */
void ts_sha256_text(ts_span bytes, char out[TS_SHA256_TEXT]);

/* ---- numbers and names in text --------------------------------------------------------------- */

/* The whole of `text` as an unsigned number: decimal, 0x hexadecimal, or octal after a leading 0,
 * as C's strtoul with base 0 reads it, but without sign or white space. False if it is anything
 * else or does not fit. */
bool ts_parse_u64(const char *text, uint64_t *out);
/* Letters without regard to case, ASCII only. */
bool ts_text_equal_nocase(const char *a, const char *b);
/* The candidate nearest to `word` by edit distance, or NULL when none is near: for "did you mean".
 */
const char *ts_nearest_word(const char *word, const char *const *candidates, size_t n_candidates);

/* ---- listings: text that is printed and read back -------------------------------------------- */

#define TS_SCAN_MAX_TOKEN 128

/* Reads text statement by statement. A statement is a line; "#" starts a comment, to the end of the
 * line. Errors go to `diag`, with line and column. */
typedef struct ts_scan {
    const char *begin, *p, *end;
    const char *file; /* names the text in errors */
    ts_diag *diag;
} ts_scan;

ts_scan ts_scan_of(ts_span text, const char *file, ts_diag *diag);
/* An error at `at`, which points into the text. */
ts_status ts_scan_fail(const ts_scan *scan, ts_status code, const char *at, const char *format, ...)
    TS_PRINTF(4, 5);
/* To the next thing in this line, or to its end; to the next line that holds something. */
void ts_scan_blanks(ts_scan *scan);
void ts_scan_lines(ts_scan *scan);
bool ts_scan_at_line_end(ts_scan *scan);
/* That character, if it is the next one. */
bool ts_scan_take(ts_scan *scan, char c);
/* A token is what stands between white space and { } # " @ *. It may be empty. */
bool ts_scan_is_token_char(char c);
TS_NODISCARD ts_status ts_scan_token(ts_scan *scan, char out[TS_SCAN_MAX_TOKEN], const char **at);
/* A token as a number, as ts_parse_u64() takes it; `what` is expected. */
TS_NODISCARD ts_status ts_scan_number(ts_scan *scan, uint64_t most, const char *what,
                                      uint64_t *out);
/* Characters between quotes, the first of which is next; a backslash keeps what follows it. */
TS_NODISCARD ts_status ts_scan_quoted(ts_scan *scan, ts_buf *out);
/* What stands behind "{", up to its "}", over any number of lines: hexadecimal words, each with a
 * count as WORD*COUNT where it repeats, at most `room` of them; or hexadecimal bytes. */
TS_NODISCARD ts_status ts_scan_words(ts_scan *scan, uint64_t room, ts_buf *out);
TS_NODISCARD ts_status ts_scan_bytes(ts_scan *scan, ts_buf *out);
/* Lines for what ts_scan_words() and ts_scan_bytes() read, `indent` spaces in front of each. */
void ts_list_words(ts_span words, unsigned indent, ts_buf *out);
void ts_list_bytes(ts_span bytes, unsigned indent, ts_buf *out);

/* ---- files ----------------------------------------------------------------------------------- */

/* The bytes of a file into the arena. Errors: IO, NOMEM, RANGE when it is longer than `max_bytes`
 * (0: TS_FILE_MAX_BYTES, so that an endless device ends). */
#define TS_FILE_MAX_BYTES (UINT64_C(1) << 30)
TS_NODISCARD ts_status ts_file_read(ts_arena *arena, const char *path, uint64_t max_bytes,
                                    ts_span *out, ts_diag *diag);
/* Write a file whole or not at all: to a temporary name in the same folder, then renamed. A
 * symbolic link is followed; a device or pipe is written to directly. */
TS_NODISCARD ts_status ts_file_write(const char *path, ts_span bytes, ts_diag *diag);
/* A set of files that belong together: each is staged under a temporary name, so that what can go
 * wrong goes wrong before the first appears; ts_file_set_commit() then renames them one by one.
 * Devices and pipes are written to at once. ts_file_set_abandon() removes what is still staged; it
 * is safe after a commit and in every failure path. */
typedef struct ts_file_set {
    ts_arena *arena;
    struct ts_staged_file *files; /* newest first */
} ts_file_set;

void ts_file_set_init(ts_file_set *set, ts_arena *arena);
TS_NODISCARD ts_status ts_file_set_add(ts_file_set *set, const char *path, ts_span bytes,
                                       ts_diag *diag);
TS_NODISCARD ts_status ts_file_set_commit(ts_file_set *set, ts_diag *diag);
void ts_file_set_abandon(ts_file_set *set);

/* `name` seen from the folder that holds `file`; `name` itself when it is absolute. NULL: NOMEM. */
const char *ts_path_beside(ts_arena *arena, const char *file, const char *name);
/* "a/b/main.pdi" -> "main.pdi" (borrowed), and "main" (in the arena; NULL: NOMEM). */
const char *ts_path_base(const char *path);
char *ts_path_stem(ts_arena *arena, const char *path);
/* Whether `name` can be used as a file name inside a folder: not empty, no '/', not "." or "..". */
bool ts_path_is_plain_name(const char *name);

/* ---- JSON ------------------------------------------------------------------------------------ */

typedef enum ts_json_kind {
    TS_JSON_NULL,
    TS_JSON_BOOL,
    TS_JSON_NUMBER,
    TS_JSON_STRING,
    TS_JSON_ARRAY,
    TS_JSON_OBJECT,
} ts_json_kind;

#define TS_JSON_MAX_DEPTH 64

/* One value. Members keep their order, and a name may occur twice. Scalars keep their text as it
 * was written ("1.50", "0x10" in a string, "true"), because tools of this field compare and hash
 * that text. */
typedef struct ts_json {
    ts_json_kind kind;
    const char *key;  /* name in the parent object; "" in an array and at the root */
    const char *text; /* scalars; "" for arrays and objects */
    struct ts_json *first, *last, *next;
    size_t n_children;
    size_t offset; /* just behind the value in the text it was read from; 0 if built */
} ts_json;

/* A JSON document, UTF-8, at most TS_JSON_MAX_DEPTH deep. `file` names it in errors. */
TS_NODISCARD ts_status ts_json_parse(ts_arena *arena, ts_span text, const char *file, ts_json **out,
                                     ts_diag *diag);

/* Building: NULL parent makes a root. All return NULL only when the arena is exhausted or `parent`
 * was such a NULL, so a chain needs one test: that of ts_json_write(). */
ts_json *ts_json_new(ts_arena *arena, ts_json_kind kind);
ts_json *ts_json_add(ts_arena *arena, ts_json *parent, const char *key, ts_json_kind kind);
ts_json *ts_json_add_text(ts_arena *arena, ts_json *parent, const char *key, ts_json_kind kind,
                          const char *text);
ts_json *ts_json_add_string(ts_arena *arena, ts_json *parent, const char *key, const char *text);
ts_json *ts_json_add_format(ts_arena *arena, ts_json *parent, const char *key, const char *format,
                            ...) TS_PRINTF(4, 5);
ts_json *ts_json_add_number(ts_arena *arena, ts_json *parent, const char *key, uint64_t value);
ts_json *ts_json_add_bool(ts_arena *arena, ts_json *parent, const char *key, bool value);
/* Append a node that was built alone (its `next` must be NULL). */
void ts_json_append(ts_json *parent, ts_json *child);
ts_json *ts_json_copy(ts_arena *arena, const ts_json *node);
/* Set the string member `key`, adding it at the end if it is not there. False: NOMEM. */
bool ts_json_set_string(ts_arena *arena, ts_json *object, const char *key, const char *text);

/* The first member of that name, or NULL; NULL object is allowed. ts_json_path() walks "a.b.c". */
const ts_json *ts_json_get(const ts_json *object, const char *key);
const ts_json *ts_json_path(const ts_json *object, const char *path);
/* Text of a scalar member, or `fallback` when it is absent or not a scalar. */
const char *ts_json_text(const ts_json *object, const char *key, const char *fallback);

typedef struct ts_json_style {
    int indent;              /* spaces per level; 0: everything on one line */
    bool scalars_as_strings; /* quote numbers, true, false and null too */
    bool empty_as_string;    /* [] and {} below the root become "" */
    bool escape_slash;       /* "/" as "\/" */
    bool raw_bytes;          /* bytes that are not UTF-8 as they are; else U+FFFD */
} ts_json_style;

extern const ts_json_style ts_json_pretty, ts_json_compact;

/* Append the document and a newline. Errors: NOMEM (also for a NULL node). */
TS_NODISCARD ts_status ts_json_write(ts_buf *out, const ts_json *node, const ts_json_style *style);

/* ---- NumPy arrays (.npy) --------------------------------------------------------------------- */

#define TS_NPY_MAX_DIMS 32

/* X(constant, NumPy's name, NumPy's letter, bytes) */
#define TS_NPY_TYPE_LIST(X)                                                                        \
    X(BOOL, "bool", 'b', 1)                                                                        \
    X(INT8, "int8", 'i', 1)                                                                        \
    X(UINT8, "uint8", 'u', 1)                                                                      \
    X(INT16, "int16", 'i', 2)                                                                      \
    X(UINT16, "uint16", 'u', 2)                                                                    \
    X(INT32, "int32", 'i', 4)                                                                      \
    X(UINT32, "uint32", 'u', 4)                                                                    \
    X(INT64, "int64", 'i', 8)                                                                      \
    X(UINT64, "uint64", 'u', 8)                                                                    \
    X(FLOAT16, "float16", 'f', 2)                                                                  \
    X(FLOAT32, "float32", 'f', 4)                                                                  \
    X(FLOAT64, "float64", 'f', 8)

typedef enum ts_npy_type {
#define X(constant, name, letter, size) TS_NPY_##constant,
    TS_NPY_TYPE_LIST(X)
#undef X
    TS_NPY_N_TYPES
} ts_npy_type;

typedef struct ts_npy {
    ts_npy_type type;
    bool fortran_order; /* first dimension varies fastest */
    unsigned n_dims;    /* 0 is a scalar */
    uint64_t shape[TS_NPY_MAX_DIMS];
    uint64_t n_elements;
    ts_span data; /* n_elements values, little endian, borrowed from the input */
} ts_npy;

const char *ts_npy_type_name(ts_npy_type type); /* "int8" */
size_t ts_npy_type_size(ts_npy_type type);      /* bytes */
/* Whether it begins as such a file does. */
bool ts_npy_is(ts_span bytes);
/* Format versions 1 to 3. Big-endian, structured and object arrays are UNSUPPORTED.
 * src: numpy/numpy: numpy/lib/format.py, module docstring [documented] */
TS_NODISCARD ts_status ts_npy_parse(ts_span bytes, const char *file, ts_npy *out, ts_diag *diag);
/* Version 1.0, C or Fortran order as `array` says. Errors: RANGE when shape and data disagree. */
TS_NODISCARD ts_status ts_npy_write(const ts_npy *array, ts_buf *out, ts_diag *diag);

#endif
