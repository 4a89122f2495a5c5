/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Arenas: bump allocation in chunks, freed all at once. A budget bounds what hostile input can make
 * us take, and a count of grants lets tests fail every single allocation in turn.
 */
#include "tessera/base.h"

#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Small first, so that short commands stay small; then doubling up to a ceiling. */
enum {
    FIRST_CHUNK_BYTES = 4096,
    FIRST_ELEMENTS = 8, /* of an array that grows */
    MAX_CHUNK_BYTES = 1 << 20
};

struct ts_arena_chunk {
    ts_arena_chunk *next;
    size_t capacity, used;
    alignas(max_align_t) unsigned char bytes[];
};

void ts_arena_init(ts_arena *arena, size_t budget_bytes) {
    *arena =
        (ts_arena){.budget_bytes = budget_bytes ? budget_bytes : SIZE_MAX, .grants = UINT64_MAX};
}

static size_t align_up(size_t size) {
    const size_t unit = alignof(max_align_t);
    return (size + unit - 1) / unit * unit;
}

static ts_arena_chunk *add_chunk(ts_arena *arena, size_t at_least) {
    size_t capacity = arena->chunks ? arena->chunks->capacity * 2 : FIRST_CHUNK_BYTES;
    if (capacity > MAX_CHUNK_BYTES) capacity = MAX_CHUNK_BYTES;
    if (capacity < at_least) capacity = at_least;
    if (capacity > SIZE_MAX - sizeof(ts_arena_chunk)) return NULL;
    size_t total = capacity + sizeof(ts_arena_chunk);
    if (total > arena->budget_bytes - arena->used_bytes) return NULL;
    /* calloc: the bytes handed out are zero without a second pass over big, fresh chunks. */
    ts_arena_chunk *chunk = calloc(1, total);
    if (!chunk) return NULL;
    *chunk = (ts_arena_chunk){.next = arena->chunks, .capacity = capacity};
    arena->chunks = chunk;
    arena->used_bytes += total;
    return chunk;
}

static bool take_grant(ts_arena *arena) {
    if (arena->grants == 0) return false;
    if (arena->grants != UINT64_MAX) arena->grants--;
    return true;
}

void *ts_arena_alloc(ts_arena *arena, size_t size) {
    if (size > SIZE_MAX / 2 || !take_grant(arena)) return NULL;
    size = align_up(size ? size : 1);
    ts_arena_chunk *chunk = arena->chunks;
    if (!chunk || size > chunk->capacity - chunk->used) chunk = add_chunk(arena, size);
    if (!chunk) return NULL;
    void *block = chunk->bytes + chunk->used;
    chunk->used += size;
    return block;
}

void *ts_arena_array(ts_arena *arena, size_t count, size_t size) {
    if (size && count > SIZE_MAX / size) return NULL;
    return ts_arena_alloc(arena, count * size);
}

void *ts_arena_grow(ts_arena *arena, void *block, size_t old_size, size_t new_size) {
    ts_arena_chunk *chunk = arena->chunks;
    if (block && chunk && new_size <= SIZE_MAX / 2) {
        size_t old_total = align_up(old_size ? old_size : 1);
        bool is_newest = chunk->used >= old_total &&
                         (unsigned char *)block == chunk->bytes + (chunk->used - old_total);
        if (is_newest && new_size >= old_size &&
            align_up(new_size) <= chunk->capacity - (chunk->used - old_total)) {
            if (!take_grant(arena)) return NULL;
            chunk->used += align_up(new_size ? new_size : 1) - old_total;
            return block;
        }
    }
    void *fresh = ts_arena_alloc(arena, new_size);
    if (fresh && block) memcpy(fresh, block, old_size < new_size ? old_size : new_size);
    return fresh;
}

void *ts_arena_room(ts_arena *arena, void *items, size_t n, size_t *capacity, size_t size) {
    if (n < *capacity) return items;
    if (*capacity > SIZE_MAX / 2) return NULL;
    size_t wanted = *capacity ? *capacity * 2 : FIRST_ELEMENTS;
    if (wanted > SIZE_MAX / size) return NULL;
    void *grown = ts_arena_grow(arena, items, *capacity * size, wanted * size);
    if (grown) *capacity = wanted;
    return grown;
}

char *ts_arena_strndup(ts_arena *arena, const char *text, size_t length) {
    char *copy = length < SIZE_MAX ? ts_arena_alloc(arena, length + 1) : NULL;
    if (copy && length) memcpy(copy, text, length);
    return copy;
}

char *ts_arena_strdup(ts_arena *arena, const char *text) {
    return ts_arena_strndup(arena, text, strlen(text));
}

char *ts_arena_printf(ts_arena *arena, const char *format, ...) {
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    char *text = length < 0 ? NULL : ts_arena_alloc(arena, (size_t)length + 1);
    if (text) vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    va_end(args);
    return text;
}

void ts_arena_free(ts_arena *arena) {
    for (ts_arena_chunk *chunk = arena->chunks; chunk;) {
        ts_arena_chunk *next = chunk->next;
        free(chunk);
        chunk = next;
    }
    arena->chunks = NULL;
    arena->used_bytes = 0;
}
