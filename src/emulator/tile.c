/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * A tile's data memory, as far as others write into it, and its locks.
 *
 * src: aie2-facts 54, 55: acquire with -n waits for n or more and takes n off, with n waits for
 * exactly n and takes n off; release adds [observed: Phoenix, whole kernels]. A value beyond -64 to
 * 63 sets a bit of the overflow or underflow register (AM025: Locks_Overflow [documented]) and
 * leaves the lock as it was [inferred: no source says; a program that reads the lock afterwards
 * would tell].
 */
#include "array_int.h"

#include <stdio.h>

enum {
    LOCK_LEAST = -64,
    LOCK_MOST = 63
};

void arr_mark_all(arr_tile *tile, uint32_t offset, size_t n_bytes) {
    for (; n_bytes;) {
        unsigned n = 64 - offset % 64;
        if (n > n_bytes) n = (unsigned)n_bytes;
        arr_mark(tile, offset, n);
        offset += n;
        n_bytes -= n;
    }
}

_Static_assert(ARR_MAX_ACTORS < 1 << ARR_ACTOR_BITS, "a word's last writer has too few bits");

static void name_of(const ts_array *a, uint16_t actor, char *out, size_t size) {
    const arr_channel *c = a->actors[actor].self;
    const arr_tile *tile = a->actors[actor].self;
    if (a->actors[actor].step == arr_channel_step)
        snprintf(out, size, "dma %s %u of tile (%u,%u)", c->is_mm2s ? "MM2S" : "S2MM", c->number,
                 c->tile->column, c->tile->row);
    else
        snprintf(out, size, "the core of tile (%u,%u)", tile->column, tile->row);
}

static void tell_unordered(arr_tile *tile, uint32_t offset, uint16_t first, uint16_t second,
                           uint32_t pc) {
    char one[48], other[48];
    name_of(tile->array, first, one, sizeof one);
    name_of(tile->array, second, other, sizeof other);
    arr_find(tile->array, TS_FINDING_UNORDERED, tile, pc, (uint64_t)first << 16 | second,
             "data+0x%05x is written by %s and then by %s, without a lock of the tile between",
             (unsigned)offset, one, other);
}

void arr_note_write(arr_tile *tile, uint32_t offset, unsigned n_bytes, const uint8_t *bytes,
                    uint16_t actor, uint32_t pc) {
    uint32_t mine = arr_writer(tile, actor);
    uint32_t last = (offset + n_bytes - 1) / 4;
    if (arr_is_watched(tile, offset, n_bytes))
        arr_tell_write(tile, offset, bytes, n_bytes, actor, pc);
    for (uint32_t w = offset / 4; w <= last; w++) {
        uint32_t before = tile->writers[w];
        tile->writers[w] = mine;
        if (before == mine || !before || before >> ARR_ACTOR_BITS != mine >> ARR_ACTOR_BITS)
            continue;
        uint16_t other = (uint16_t)((before & ((1 << ARR_ACTOR_BITS) - 1)) - 1);
        tell_unordered(tile, w * 4, other, actor, pc);
    }
}

ts_status ts_array_watch(ts_array *array, uint32_t column, uint32_t row, uint32_t offset,
                         uint32_t size, ts_diag *diag) {
    arr_tile *tile = arr_tile_at(array, column, row);
    if (!tile || size > tile->data_size || offset > tile->data_size - size)
        return ts_fail(diag, TS_RANGE, NULL, "watch: tile (%u,%u) has no %u bytes at data+0x%x",
                       column, row, (unsigned)size, (unsigned)offset);
    tile->watch_from = offset;
    tile->watch_to = size ? offset + size : 0;
    return TS_OK;
}

void arr_lock_set(arr_tile *tile, unsigned lock, int32_t value) {
    ts_array *a = tile->array;
    tile->epoch++;
    tile->locks[lock] = (int16_t)value;
    arr_tell(a, TS_ARRAY_EVENT_LOCK, tile, NULL, lock << 8 | (uint32_t)(value & 255), 0);
    arr_wake_set(a, &tile->lock_waiters);
}

static void change(arr_tile *tile, unsigned lock, int32_t by) {
    int32_t value = tile->locks[lock] + by;
    if (value >= LOCK_LEAST && value <= LOCK_MOST) {
        if (by) arr_lock_set(tile, lock, value);
        return;
    }
    if (value > 0)
        tile->lock_overflow |= UINT64_C(1) << lock;
    else
        tile->lock_underflow |= UINT64_C(1) << lock;
    arr_find(tile->array, TS_FINDING_LOCK_RANGE, tile, TS_FINDING_NO_PC, lock,
             "lock %u has %d and would get %d, outside of %d to %d", lock, tile->locks[lock], value,
             LOCK_LEAST, LOCK_MOST);
}

bool arr_lock_acquire(arr_tile *tile, unsigned lock, int32_t value) {
    int32_t now = (int32_t)tile->locks[lock];
    if (value < 0 ? now < -value : now != value) return false;
    change(tile, lock, value < 0 ? value : -value);
    return true;
}

void arr_lock_release(arr_tile *tile, unsigned lock, int32_t value) {
    change(tile, lock, value);
}

void arr_lock_wait(arr_tile *tile, uint16_t actor) {
    arr_set_add(&tile->lock_waiters, actor);
}
