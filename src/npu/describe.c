/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Register writes in plain words. Most registers are told by their fields; those that make up a
 * design (locks, buffer descriptors, channels, switch ports, core control, shim multiplexers) have
 * a reader of their own. A reader that does not see all the bits it needs steps back, and the
 * fields are listed: a write is never told as more than it is.
 *
 * The shapes of the words (circuit, packet, slots) are the register manual's field descriptions:
 * src: AM025: Stream_Switch_Master_Config, Stream_Switch_Slave_*_Slot, DMA_*_Start_Queue,
 * Mux_Config, Demux_Config [documented]; src: Xilinx/aie-rt: driver/src/stream_switch/xaie_ss.c,
 * driver/src/pl/xaie_plif.c [code].
 */
#include "npu_int.h"

#include <inttypes.h>
#include <string.h>

typedef struct write {
    const ts_npu_tile *tile;
    const ts_npu_register *reg;
    uint32_t value; /* no bit outside the mask is set */
    uint32_t mask;
} write;

enum {
    LISTED_IN_FULL = 8, /* registers with more fields name only those that are not 0 */
    STORE_LINES = 64,   /* of a store that is not one thing; more would hide what is around it */
};

static void number_text(uint32_t value, ts_buf *out) {
    ts_buf_printf(out, value < 10 ? "%" PRIu32 : "0x%" PRIx32, value);
}

/* ---- by fields ------------------------------------------------------------------------------- */

static void field_text(const write *w, const ts_npu_field *field, bool first, ts_buf *out) {
    uint32_t mask = w->mask & ts_npu_field_mask(field);
    ts_buf_printf(out, "%s%s=", first ? "" : " ", field->name);
    number_text(ts_npu_field_extract(field, w->value), out);
    if (mask != ts_npu_field_mask(field))
        ts_buf_printf(out, " (bits 0x%" PRIx32 " of it)", mask >> field->lsb);
}

static void fields_text(const write *w, ts_buf *out) {
    size_t n_touched = 0, n_told = 0;
    for (size_t i = 0; i < w->reg->n_fields; i++)
        n_touched += (w->mask & ts_npu_field_mask(&w->reg->fields[i])) != 0;
    for (size_t i = w->reg->n_fields; i-- > 0;) {
        const ts_npu_field *field = &w->reg->fields[i];
        uint32_t mask = ts_npu_field_mask(field);
        if (!(w->mask & mask)) continue;
        if (n_touched > LISTED_IN_FULL && !(w->value & mask)) continue;
        field_text(w, field, !n_told++, out);
    }
    if (n_told < n_touched) ts_buf_printf(out, "%s", n_told ? ", other fields 0" : "all fields 0");
    if (!n_touched) ts_buf_text(out, w->mask ? "no field" : "nothing, the mask is 0");
}

/* The bits set that have a field. */
static uint32_t named_bits(const write *w) {
    uint32_t fields = 0;
    for (size_t i = 0; i < w->reg->n_fields; i++)
        fields |= ts_npu_field_mask(&w->reg->fields[i]);
    return w->value & fields;
}

static void stray_bits_text(const write *w, ts_buf *out) {
    uint32_t stray = w->value & ~named_bits(w);
    if (stray) ts_buf_printf(out, ", bits 0x%" PRIx32 " without a field", stray);
}

/* Whether the mask takes each field whole or not at all. */
static bool is_split_cleanly(const write *w) {
    for (size_t i = 0; i < w->reg->n_fields; i++) {
        uint32_t mask = ts_npu_field_mask(&w->reg->fields[i]);
        if ((mask & w->mask) != 0 && (mask & w->mask) != mask) return false;
    }
    return true;
}

static bool is_whole(const write *w) {
    for (size_t i = 0; i < w->reg->n_fields; i++)
        if (ts_npu_field_mask(&w->reg->fields[i]) & ~w->mask) return false;
    return true;
}

static uint32_t field(const write *w, const char *name) {
    const ts_npu_field *f = ts_npu_field_find(w->reg, name);
    return f ? ts_npu_field_extract(f, w->value) : 0;
}

/* ---- locks and buffer descriptors ------------------------------------------------------------ */

/* Which of `count` blocks of `stride` bytes from `base` holds `offset`, and where within it. */
static bool block_of(uint32_t offset, uint32_t base, uint32_t stride, uint32_t count,
                     uint32_t *block, uint32_t *within) {
    if (offset < base || (offset - base) / stride >= count) return false;
    *block = (offset - base) / stride;
    *within = (offset - base) % stride;
    return true;
}

static bool lock_text(const write *w, ts_buf *out) {
    uint32_t lock, within;
    if (!block_of(w->reg->offset, w->tile->lock_offset, w->tile->lock_stride, w->tile->n_locks,
                  &lock, &within))
        return false;
    if (!is_whole(w)) return false;
    ts_buf_printf(out, "lock %" PRIu32 " := %" PRIu32, lock, field(w, "Lock_value"));
    return true;
}

static bool bd_word_text(const write *w, ts_buf *out) {
    uint32_t bd, within;
    if (!block_of(w->reg->offset, w->tile->bd_offset, w->tile->bd_stride, w->tile->n_bds, &bd,
                  &within))
        return false;
    ts_buf_printf(out, "bd %" PRIu32 " word %" PRIu32 ": ", bd, within / 4);
    fields_text(w, out);
    return true;
}

/* ---- DMA channels ---------------------------------------------------------------------------- */

/* "DMA_S2MM_0_Start_Queue": direction, channel, and what follows; the shim says Task_Queue. */
static const char *channel_of(const char *name, const char **direction, char *channel) {
    static const char *const directions[] = {"S2MM", "MM2S"};
    for (size_t i = 0; i < 2; i++) {
        size_t length = strlen(directions[i]);
        if (strncmp(name, "DMA_", 4) != 0 || strncmp(name + 4, directions[i], length) != 0)
            continue;
        const char *at = name + 4 + length;
        if (at[0] != '_' || at[1] < '0' || at[1] > '9' || at[2] != '_') continue;
        *direction = directions[i];
        *channel = at[1];
        return at + 3;
    }
    return NULL;
}

static bool channel_text(const write *w, ts_buf *out) {
    const char *direction;
    char channel;
    const char *what = channel_of(w->reg->name, &direction, &channel);
    if (!what) return false;
    ts_buf_printf(out, "dma %s %c", direction, channel);
    const bool is_queue = strcmp(what, "Start_Queue") == 0 || strcmp(what, "Task_Queue") == 0;
    if (!is_queue || !is_whole(w)) {
        ts_buf_text(out, ": ");
        fields_text(w, out);
        return true;
    }
    uint32_t times = field(w, "Repeat_Count") + 1;
    ts_buf_printf(out, " starts bd %" PRIu32 ", %" PRIu32 " time%s%s", field(w, "Start_BD_ID"),
                  times, times == 1 ? "" : "s",
                  field(w, "Enable_Token_Issue") ? ", token when done" : "");
    return true;
}

/* ---- stream switch --------------------------------------------------------------------------- */

static void port_text(const write *w, bool is_master, uint32_t index, ts_buf *out) {
    ts_npu_port port;
    if (ts_npu_port_at(w->tile, is_master, index, &port))
        ts_buf_printf(out, "%s:%u", ts_npu_bundle_name(port.bundle), port.channel);
    else
        ts_buf_printf(out, "%" PRIu32 " (no such port)", index);
}

static void packet_master_text(const write *w, uint32_t configuration, ts_buf *out) {
    ts_buf_printf(out, " <- packets of arbiter %" PRIu32 " msel", configuration & 7);
    uint32_t msels = configuration >> 3;
    for (unsigned i = 0; i < 4; i++)
        if (msels >> i & 1) ts_buf_printf(out, " %u", i);
    if (!msels) ts_buf_text(out, " none");
    if (field(w, "Drop_Header")) ts_buf_text(out, ", header dropped");
}

static bool master_text(const write *w, ts_buf *out) {
    uint32_t index, within;
    if (!block_of(w->reg->offset, w->tile->ports->master_offset, 4,
                  ts_npu_port_count(w->tile, true), &index, &within))
        return false;
    ts_buf_text(out, "master ");
    port_text(w, true, index, out);
    const uint32_t configuration = field(w, "Configuration");
    const bool is_on = is_whole(w) && field(w, "Master_Enable");
    if (is_whole(w) && !named_bits(w)) {
        ts_buf_text(out, " off");
    } else if (is_on && field(w, "Packet_Enable")) {
        packet_master_text(w, configuration, out);
    } else if (is_on && configuration <= 0x1f && !field(w, "Drop_Header")) {
        ts_buf_text(out, " <- slave ");
        port_text(w, false, configuration, out);
    } else {
        ts_buf_text(out, ": ");
        fields_text(w, out);
    }
    return true;
}

static bool slave_text(const write *w, ts_buf *out) {
    uint32_t index, within;
    if (!block_of(w->reg->offset, w->tile->ports->slave_offset, 4,
                  ts_npu_port_count(w->tile, false), &index, &within))
        return false;
    ts_buf_text(out, "slave ");
    port_text(w, false, index, out);
    if (is_whole(w) && !named_bits(w)) {
        ts_buf_text(out, " off");
    } else if (is_whole(w) && field(w, "Slave_Enable")) {
        ts_buf_text(out, field(w, "Packet_Enable") ? " on, packets" : " on, circuit");
    } else {
        ts_buf_text(out, ": ");
        fields_text(w, out);
    }
    return true;
}

static bool slot_text(const write *w, ts_buf *out) {
    uint32_t index, within;
    if (!block_of(w->reg->offset, w->tile->ports->slot_offset, 4U * w->tile->n_slots,
                  ts_npu_port_count(w->tile, false), &index, &within))
        return false;
    ts_buf_text(out, "slave ");
    port_text(w, false, index, out);
    ts_buf_printf(out, " slot %" PRIu32, within / 4);
    if (is_whole(w) && !named_bits(w)) {
        ts_buf_text(out, " off");
    } else if (!is_whole(w) || !field(w, "enable")) {
        ts_buf_text(out, ": ");
        fields_text(w, out);
    } else {
        ts_buf_printf(out,
                      ": packets with id %" PRIu32 " under mask 0x%" PRIx32 " -> arbiter %" PRIu32
                      " msel %" PRIu32,
                      field(w, "id"), field(w, "mask"), field(w, "arbit"), field(w, "msel"));
    }
    return true;
}

/* ---- core and shim --------------------------------------------------------------------------- */

static bool core_text(const write *w, ts_buf *out) {
    if (strcmp(w->reg->name, "Core_Control") != 0) return false;
    const char *before = "core: ";
    for (size_t i = w->reg->n_fields; i-- > 0;) {
        const ts_npu_field *f = &w->reg->fields[i];
        if (!(w->mask & ts_npu_field_mask(f))) continue;
        ts_buf_printf(out, "%s%s %s", before, strcmp(f->name, "Reset") == 0 ? "reset" : "enable",
                      ts_npu_field_extract(f, w->value) ? "on" : "off");
        before = ", ";
    }
    return strcmp(before, "core: ") != 0;
}

/* Mux_Config says where a port into the array comes from, Demux_Config where one out of it goes. */
static bool mux_text(const write *w, ts_buf *out) {
    static const char *const ends[] = {"PL", "DMA", "NoC", "nothing (3)"};
    const bool is_mux = strcmp(w->reg->name, "Mux_Config") == 0;
    if (!is_mux && strcmp(w->reg->name, "Demux_Config") != 0) return false;
    const char *before = is_mux ? "shim mux: " : "shim demux: ";
    size_t n_told = 0;
    if (!is_split_cleanly(w)) return false;
    for (size_t i = w->reg->n_fields; i-- > 0;) {
        const ts_npu_field *f = &w->reg->fields[i];
        if (!(ts_npu_field_mask(f) & w->mask)) continue;
        ts_buf_printf(out, "%s%s %s %s", n_told++ ? ", " : before, f->name, is_mux ? "<-" : "->",
                      ends[ts_npu_field_extract(f, w->value) & 3]);
    }
    return n_told != 0;
}

/* ---- the whole ------------------------------------------------------------------------------- */

static bool special_text(const write *w, ts_buf *out) {
    return lock_text(w, out) || bd_word_text(w, out) || channel_text(w, out) ||
           master_text(w, out) || slave_text(w, out) || slot_text(w, out) || core_text(w, out) ||
           mux_text(w, out);
}

static void unnamed_text(uint32_t value, uint32_t mask, ts_buf *out) {
    ts_buf_text(out, ":= ");
    number_text(value & mask, out);
    if (mask != UINT32_MAX) ts_buf_printf(out, " under mask 0x%" PRIx32, mask);
}

void ts_npu_describe(const ts_npu_tile *tile, uint32_t offset, uint32_t value, uint32_t mask,
                     ts_buf *out) {
    const ts_npu_memory *memory = ts_npu_memory_at(tile, offset);
    const ts_npu_register *reg = ts_npu_register_at(tile, offset);
    if (memory) {
        ts_buf_printf(out, "%s+0x%" PRIx32 " ", memory->name, offset - memory->offset);
        unnamed_text(value, mask, out);
    } else if (!reg || reg->width != 32 || reg->offset != offset) {
        if (!reg) ts_buf_text(out, "unknown register ");
        unnamed_text(value, mask, out);
    } else {
        const write w = {.tile = tile, .reg = reg, .value = value & mask, .mask = mask};
        if (!special_text(&w, out)) fields_text(&w, out);
        stray_bits_text(&w, out);
    }
}

static size_t memory_text(const ts_npu_memory *memory, uint32_t offset, size_t n_words,
                          ts_buf *out) {
    size_t room = (memory->size - (offset - memory->offset) + 3) / 4;
    size_t count = n_words < room ? n_words : room;
    ts_buf_printf(out, "%s+0x%" PRIx32 ": %zu bytes", memory->name, offset - memory->offset,
                  count * 4);
    return count;
}

size_t ts_npu_describe_words(const ts_npu_tile *tile, uint32_t offset, const uint32_t *words,
                             size_t n_words, ts_buf *out) {
    const ts_npu_memory *memory = ts_npu_memory_at(tile, offset);
    if (memory && n_words > 1) return memory_text(memory, offset, n_words, out);
    uint32_t number, within;
    if (n_words >= tile->n_bd_words &&
        block_of(offset, tile->bd_offset, tile->bd_stride, tile->n_bds, &number, &within) &&
        within == 0) {
        ts_npu_bd bd;
        bool is_exact = ts_npu_bd_decode(tile, words, &bd);
        ts_buf_printf(out, "bd %" PRIu32 ": ", number);
        ts_npu_bd_text(tile, &bd, out);
        if (!is_exact) ts_buf_text(out, ", bits without a field set");
        return tile->n_bd_words;
    }
    ts_npu_describe(tile, offset, words[0], UINT32_MAX, out);
    return 1;
}

/* ---- stores of several words ----------------------------------------------------------------- */

void ts_npu_tile_text(const ts_npu_device *device, uint32_t column, uint32_t row, ts_buf *out) {
    const ts_npu_tile *tile = ts_npu_tile_at(device, column, row);
    ts_buf_printf(out, "%s tile (%" PRIu32 ",%" PRIu32 ")",
                  tile ? ts_npu_kind_name(tile->kind) : "no", column, row);
}

/* One line of a store that is not one thing. */
static void store_line(const ts_npu_device *device, uint64_t addr, ts_npu_place place, size_t n,
                       const ts_buf *text, ts_npu_place *told, ts_buf *out) {
    if (place.column != told->column || place.row != told->row) {
        ts_npu_tile_text(device, place.column, place.row, out);
        ts_buf_u8(out, '\n');
    }
    *told = place;
    if (n == 1) {
        ts_npu_address_text(device, addr, out);
        ts_buf_text(out, ": ");
    }
    ts_buf_span_add(out, ts_buf_span(text));
    ts_buf_u8(out, '\n');
}

void ts_npu_describe_store(const ts_npu_device *device, uint64_t addr, const uint32_t *words,
                           size_t n_given, size_t n_words, ts_buf *before, ts_buf *behind) {
    size_t at = 0;
    ts_npu_place told = {0};
    if (!ts_npu_split(device, addr, &told)) return;
    for (unsigned line = 0; at < n_given && line < STORE_LINES; line++) {
        ts_buf text = ts_buf_in(behind->arena);
        ts_npu_place place;
        uint64_t from = addr + (uint64_t)at * 4;
        const ts_npu_tile *tile = ts_npu_split(device, from, &place)
                                      ? ts_npu_tile_at(device, place.column, place.row)
                                      : NULL;
        if (!tile) break;
        size_t n = ts_npu_describe_words(tile, place.offset, words + at, n_given - at, &text);
        at += n;
        before->failed |= text.failed;
        if (line == 0 && at == n_words) {
            ts_buf_span_add(behind, ts_buf_span(&text));
            return;
        }
        store_line(device, from, place, n, &text, &told, before);
    }
    if (at < n_words) ts_buf_printf(before, "and %zu words more\n", n_words - at);
}
