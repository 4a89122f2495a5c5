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
    BLOCK_LINES = 64, /* of a block that is not one thing; more would hide the commands */
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

static uint32_t *words_of(ts_arena *arena, ts_span data, size_t *n_words) {
    *n_words = data.size / 4;
    uint32_t *words = TS_ARENA_ARRAY(arena, uint32_t, *n_words);
    ts_cur cur = ts_cur_of(data);
    for (size_t i = 0; words && i < *n_words; i++)
        words[i] = ts_cur_u32le(&cur);
    return words;
}

/* A block is one thing (a memory's content, a buffer descriptor), or words one by one. */
static void describe_block(const target *to, ts_buf *before, ts_buf *behind) {
    size_t n_words, at = 0;
    uint32_t *words = words_of(behind->arena, to->store.data, &n_words);
    if (!words) {
        behind->failed = true;
        return;
    }
    for (unsigned line = 0; at < n_words && line < BLOCK_LINES; line++) {
        ts_buf text = ts_buf_in(behind->arena);
        uint32_t offset = to->place.offset + (uint32_t)at * 4;
        at += ts_npu_describe_words(to->tile, offset, words + at, n_words - at, &text);
        if (line == 0 && at >= n_words) {
            ts_buf_span_add(behind, ts_buf_span(&text));
        } else {
            ts_buf_span_add(before, ts_buf_span(&text));
            ts_buf_u8(before, '\n');
        }
        before->failed |= text.failed;
    }
    if (at < n_words) ts_buf_printf(before, "and %zu words more\n", n_words - at);
}

static void describe_set(const target *to, ts_buf *behind) {
    const ts_npu_memory *memory = ts_npu_memory_at(to->tile, to->place.offset);
    uint64_t n_bytes = (uint64_t)to->store.count * 4;
    if (memory)
        ts_buf_printf(behind, "%s+0x%" PRIx32 ": %" PRIu64 " bytes of 0x%" PRIx32, memory->name,
                      to->place.offset - memory->offset, n_bytes, to->store.value);
    else
        ts_buf_printf(behind, "%" PRIu64 " bytes of 0x%" PRIx32, n_bytes, to->store.value);
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
            return last.place.column != to->place.column || last.place.row != to->place.row;
    return true;
}

static void say(const void *context, const ts_cdo *cdo, size_t index, ts_buf *before,
                ts_buf *behind) {
    const ts_npu_device *device = context;
    target to;
    if (!find_target(device, &cdo->commands[index], &to)) return;
    if (is_other_tile(device, cdo, index, &to))
        ts_buf_printf(before, "\n%s tile (%" PRIu32 ",%" PRIu32 ")\n",
                      ts_npu_kind_name(to.tile->kind), to.place.column, to.place.row);
    if (to.store.data.size) {
        describe_block(&to, before, behind);
    } else if (to.store.count != 1) {
        describe_set(&to, behind);
    } else {
        describe_bd(device, cdo, index, &to, before);
        ts_npu_describe(to.tile, to.place.offset, to.store.value, to.store.mask, behind);
    }
}

const ts_cdo_names *cli_cdo_names(void) {
    static const ts_cdo_names names = {&ts_npu_phoenix, name_address, find_address, say};
    return &names;
}
