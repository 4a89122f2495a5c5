/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * What `cdo list` says about commands, and what `cdo pack` takes for addresses: registers as tile,
 * module and name, writes in plain words, a heading where another tile begins. The grid is the
 * whole Phoenix: an image does not tell its device, and every other grid is a part of that one.
 */
#include "cli.h"

#include "tessera/npu.h"

#include <inttypes.h>
#include <string.h>

enum {
    MAX_NAME = 160,
    SET_WORDS = 512, /* of a set: more are told by their number */
};

static bool name_address(const void *context, uint64_t addr, ts_buf *out) {
    const ts_npu_device *device = context;
    ts_npu_place place;
    if (!ts_npu_split(device, addr, &place)) return false;
    ts_npu_address_text(device, addr, out);
    return true;
}

static bool find_address(const void *context, const char *name, size_t length, uint64_t *out) {
    char copy[MAX_NAME];
    ts_diag ignored = {0};
    if (length >= sizeof copy) return false;
    memcpy(copy, name, length);
    copy[length] = '\0';
    return ts_npu_address_parse(context, copy, out, &ignored) == TS_OK;
}

/* A store into the grid: where it goes. */
typedef struct target {
    ts_npu_place place;
    const ts_npu_tile *tile;
    ts_cdo_store store;
} target;

static bool find_target(const ts_npu_device *device, const ts_cdo_command *command, target *out) {
    if (!ts_cdo_store_of(command, &out->store) ||
        !ts_npu_split(device, out->store.addr, &out->place))
        return false;
    out->tile = ts_npu_tile_at(device, out->place.column, out->place.row);
    return out->tile != NULL;
}

static bool is_same_tile(ts_npu_place a, ts_npu_place b) {
    return a.column == b.column && a.row == b.row;
}

/* The words a store writes: of a set, as many as are told. */
static uint32_t *words_of(ts_arena *arena, const ts_cdo_store *store, size_t *n_words) {
    size_t n = store->data.size / 4;
    if (!n) n = store->count < SET_WORDS ? store->count : SET_WORDS;
    uint32_t *words = TS_ARENA_ARRAY(arena, uint32_t, n);
    ts_cur cur = ts_cur_of(store->data);
    for (size_t i = 0; words && i < n; i++)
        words[i] = store->data.size ? ts_cur_u32le(&cur) : store->value;
    *n_words = n;
    return words;
}

static void describe_words(const ts_npu_device *device, const target *to, ts_buf *before,
                           ts_buf *behind) {
    size_t n_words, n_all = to->store.data.size ? to->store.data.size / 4 : to->store.count;
    uint32_t *words = words_of(behind->arena, &to->store, &n_words);
    behind->failed |= !words;
    if (words) ts_npu_describe_store(device, to->store.addr, words, n_words, n_all, before, behind);
}

/* One value all over a memory. False where there is none. */
static bool describe_fill(const target *to, ts_buf *behind) {
    const ts_npu_memory *memory = ts_npu_memory_at(to->tile, to->place.offset);
    if (!memory || to->store.data.size) return false;
    uint64_t n_bytes = (uint64_t)to->store.count * 4;
    uint32_t within = to->place.offset - memory->offset, room = memory->size - within;
    ts_buf_printf(behind, "%s+0x%" PRIx32 ": %" PRIu64 " bytes of 0x%" PRIx32, memory->name, within,
                  n_bytes < room ? n_bytes : room, to->store.value);
    if (n_bytes > room) ts_buf_printf(behind, ", and %" PRIu64 " beyond its end", n_bytes - room);
    return true;
}

/* Where a buffer descriptor is written word by word, the words follow each other. */
static void describe_bd(const ts_npu_device *device, const ts_cdo *cdo, size_t index,
                        const target *to, ts_buf *before) {
    uint32_t words[TS_NPU_BD_MAX_WORDS];
    uint32_t from_first = to->place.offset - to->tile->bd_offset;
    if (to->place.offset < to->tile->bd_offset || from_first % to->tile->bd_stride ||
        from_first / to->tile->bd_stride >= to->tile->n_bds)
        return;
    for (unsigned i = 0; i < to->tile->n_bd_words; i++) {
        target next;
        if (index + i >= cdo->n_commands ||
            !find_target(device, &cdo->commands[index + i], &next) || next.store.data.size ||
            next.store.count != 1 || next.store.mask != UINT32_MAX ||
            next.store.addr != to->store.addr + 4 * (uint64_t)i)
            return;
        words[i] = next.store.value;
    }
    (void)ts_npu_describe_words(to->tile, to->place.offset, words, to->tile->n_bd_words, before);
    ts_buf_u8(before, '\n');
}

static bool is_other_tile(const ts_npu_device *device, const ts_cdo *cdo, size_t index,
                          const target *to) {
    target last;
    while (index-- > 0)
        if (find_target(device, &cdo->commands[index], &last))
            return !is_same_tile(last.place, to->place);
    return true;
}

static void say(const void *context, const ts_cdo *cdo, size_t index, ts_buf *before,
                ts_buf *behind) {
    const ts_npu_device *device = context;
    target to;
    if (!find_target(device, &cdo->commands[index], &to)) return;
    if (is_other_tile(device, cdo, index, &to)) {
        ts_buf_u8(before, '\n');
        ts_npu_tile_text(device, to.place.column, to.place.row, before);
        ts_buf_u8(before, '\n');
    }
    if (!to.store.data.size && to.store.count == 0) {
        ts_buf_text(behind, "nothing");
    } else if (!to.store.data.size && to.store.count == 1) {
        describe_bd(device, cdo, index, &to, before);
        ts_npu_describe(to.tile, to.place.offset, to.store.value, to.store.mask, behind);
    } else if (!describe_fill(&to, behind)) {
        describe_words(device, &to, before, behind);
    }
}

const ts_cdo_names *cli_cdo_names(void) {
    static const ts_cdo_names names = {&ts_npu_phoenix, name_address, find_address, say};
    return &names;
}
