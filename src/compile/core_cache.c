/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Programs of cores that were linked before. The key is the SHA-256 of all that is known before
 * linking: who links, the code, the linker script with the names of the files to link. What files
 * held then stands in the entry, and must be what they hold now. An entry begins with the SHA-256
 * of the rest; what does not agree in any way is not there.
 *
 *   "TSCACHE1", SHA-256 of what follows, files as count and (name, SHA-256), warnings as count and
 *   texts, the program; texts and the program with their size before them, numbers of 32 bits
 */
#include "compile_int.h"

#include <string.h>

static const char magic[8] = "TSCACHE1";

enum {
    HEADER_BYTES = sizeof magic + TS_SHA256_BYTES,
    MAX_ITEMS = 4096
};

typedef struct used_file {
    const char *name;
    uint8_t hash[TS_SHA256_BYTES];
} used_file;

/* A program on its way into the cache. */
struct comp_cached {
    char key[TS_SHA256_TEXT];
    used_file *files;
    size_t n_files, capacity;
    size_t n_warnings; /* of the build before it */
};

static void put_sized(ts_buf *out, ts_span bytes) {
    ts_buf_u32le(out, (uint32_t)bytes.size);
    ts_buf_span_add(out, bytes);
}

static void put_text(ts_buf *out, const char *text) {
    put_sized(out, ts_span_of(text, strlen(text)));
}

static bool get_sized(ts_cur *cur, ts_span *out) {
    *out = ts_cur_bytes(cur, ts_cur_u32le(cur));
    return !cur->bad;
}

static bool get_text(ts_arena *arena, ts_cur *cur, const char **out) {
    ts_span text;
    *out = NULL;
    if (get_sized(cur, &text)) *out = ts_arena_strndup(arena, (const char *)text.data, text.size);
    return *out;
}

/* ---- keys ------------------------------------------------------------------------------------ */

static ts_status make_key(comp_build *b, const ts_link_file *main, const ts_link_placement *place,
                          char key[TS_SHA256_TEXT]) {
    ts_buf text = ts_buf_in(b->arena), script = ts_buf_in(b->arena);
    ts_link_write_script(place, &script);
    if (script.failed) return ts_fail_nomem(b->diag);
    put_text(&text, TS_VERSION);
    put_text(&text, b->options->tool ? b->options->tool : "");
    put_text(&text, b->name);
    put_text(&text, main->name);
    put_sized(&text, main->bytes);
    put_sized(&text, ts_buf_span(&script));
    ts_buf_u32le(&text, place->stack_addr);
    ts_buf_u32le(&text, place->stack_size);
    ts_buf_u8(&text, b->options->allow_stack_overflow);
    if (text.failed) return ts_fail_nomem(b->diag);
    ts_sha256_text(ts_buf_span(&text), key);
    return TS_OK;
}

ts_status comp_cache_note(comp_build *b, const char *name, ts_span bytes) {
    struct comp_cached *c = b->cached;
    if (!c) return TS_OK;
    used_file *grown = ts_arena_room(b->arena, c->files, c->n_files, &c->capacity, sizeof *grown);
    if (!grown) return ts_fail_nomem(b->diag);
    c->files = grown;
    grown[c->n_files].name = ts_arena_strdup(b->arena, name);
    if (!grown[c->n_files].name) return ts_fail_nomem(b->diag);
    ts_sha256(bytes, grown[c->n_files++].hash);
    return TS_OK;
}

/* ---- reading --------------------------------------------------------------------------------- */

/* The file is there and holds what it held. */
static bool is_as_before(comp_build *b, ts_cur *cur) {
    const char *name;
    ts_diag diag = {0};
    ts_span bytes;
    uint8_t hash[TS_SHA256_BYTES];
    if (!get_text(b->arena, cur, &name)) return false;
    ts_span wanted = ts_cur_bytes(cur, TS_SHA256_BYTES);
    if (cur->bad || !b->options->load ||
        b->options->load(b->options->context, name, &bytes, &diag) != TS_OK)
        return false;
    ts_sha256(bytes, hash);
    return memcmp(hash, wanted.data, sizeof hash) == 0;
}

static bool read_entry(comp_build *b, ts_span entry, const char ***warnings, uint32_t *n_warnings,
                       ts_span *program) {
    uint8_t hash[TS_SHA256_BYTES];
    ts_span rest;
    if (!ts_span_sub(entry, HEADER_BYTES, entry.size - HEADER_BYTES, &rest)) return false;
    ts_sha256(rest, hash);
    if (memcmp(entry.data, magic, sizeof magic) != 0 ||
        memcmp(entry.data + sizeof magic, hash, sizeof hash) != 0)
        return false;
    ts_cur cur = ts_cur_of(rest);
    uint32_t n_files = ts_cur_u32le(&cur);
    for (uint32_t i = 0; i < n_files; i++)
        if (n_files > MAX_ITEMS || !is_as_before(b, &cur)) return false;
    *n_warnings = ts_cur_u32le(&cur);
    if (cur.bad || *n_warnings > MAX_ITEMS) return false;
    *warnings = TS_ARENA_ARRAY(b->arena, const char *, *n_warnings);
    for (uint32_t i = 0; i < *n_warnings; i++)
        if (!*warnings || !get_text(b->arena, &cur, &(*warnings)[i])) return false;
    return *warnings && get_sized(&cur, program) && ts_cur_left(&cur) == 0;
}

/* Whoever reads what is in the cache has its own errors: with one of them it is as if it were not
 * there. */
static bool is_program(comp_build *b, ts_compile_core *core, ts_span program) {
    ts_diag diag = {0};
    return ts_object_read(b->arena, program, core->file, &core->program, &diag) == TS_OK &&
           ts_stack_of_objects(b->arena, &core->program, 1, &core->stack, &diag) == TS_OK;
}

static ts_status use_entry(comp_build *b, ts_compile_core *core, ts_span entry, bool *found) {
    const char **warnings;
    uint32_t n_warnings;
    ts_span program;
    if (!read_entry(b, entry, &warnings, &n_warnings, &program)) return TS_OK;
    if (!is_program(b, core, program)) return TS_OK;
    for (uint32_t i = 0; i < n_warnings; i++)
        TS_TRY(comp_warn(b, "%s", warnings[i]));
    core->bytes = program;
    *found = true;
    return TS_OK;
}

ts_status comp_cache_find(comp_build *b, ts_compile_core *core, const ts_link_file *main,
                          const ts_link_placement *placement, bool *found) {
    ts_span entry = {0};
    *found = false;
    b->cached = NULL;
    if (!b->options->find_cached || b->is_map) return TS_OK;
    struct comp_cached *c = TS_ARENA_NEW(b->arena, struct comp_cached);
    if (!c) return ts_fail_nomem(b->diag);
    TS_TRY(make_key(b, main, placement, c->key));
    if (b->options->find_cached(b->options->context, c->key, &entry))
        TS_TRY(use_entry(b, core, entry, found));
    c->n_warnings = b->result->n_warnings;
    b->cached = *found ? NULL : c;
    return TS_OK;
}

/* ---- writing --------------------------------------------------------------------------------- */

ts_status comp_cache_keep(comp_build *b, const ts_compile_core *core) {
    const struct comp_cached *c = b->cached;
    const ts_compile_result *r = b->result;
    ts_buf rest = ts_buf_in(b->arena), out = ts_buf_in(b->arena);
    uint8_t hash[TS_SHA256_BYTES];
    b->cached = NULL;
    if (!c) return TS_OK;
    ts_buf_u32le(&rest, (uint32_t)c->n_files);
    for (size_t i = 0; i < c->n_files; i++) {
        put_text(&rest, c->files[i].name);
        ts_buf_bytes(&rest, c->files[i].hash, TS_SHA256_BYTES);
    }
    ts_buf_u32le(&rest, (uint32_t)(r->n_warnings - c->n_warnings));
    for (size_t i = c->n_warnings; i < r->n_warnings; i++)
        put_text(&rest, r->warnings[i]);
    put_sized(&rest, core->bytes);
    if (rest.failed) return ts_fail_nomem(b->diag);
    ts_sha256(ts_buf_span(&rest), hash);
    ts_buf_bytes(&out, magic, sizeof magic);
    ts_buf_bytes(&out, hash, sizeof hash);
    ts_buf_span_add(&out, ts_buf_span(&rest));
    if (out.failed) return ts_fail_nomem(b->diag);
    b->options->keep_cached(b->options->context, c->key, ts_buf_span(&out));
    return TS_OK;
}
