/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * DMA buffer descriptors: words to values and back, from one table of fields per tile kind.
 *
 * Encoding packs every field, reads the words back and compares: what a field cannot hold, or the
 * tile kind does not have, comes back different and is the error.
 */
#include "npu_int.h"

#include <inttypes.h>
#include <string.h>

/* Members of ts_npu_bd. */
#define MEMBER_LIST(X)                                                                             \
    X(BASE, base, uint64_t)                                                                        \
    X(LENGTH, length, uint32_t)                                                                    \
    X(D0_STEP, dim[0].step, uint32_t)                                                              \
    X(D1_STEP, dim[1].step, uint32_t)                                                              \
    X(D2_STEP, dim[2].step, uint32_t)                                                              \
    X(D3_STEP, dim[3].step, uint32_t)                                                              \
    X(D0_WRAP, dim[0].wrap, uint32_t)                                                              \
    X(D1_WRAP, dim[1].wrap, uint32_t)                                                              \
    X(D2_WRAP, dim[2].wrap, uint32_t)                                                              \
    X(D3_WRAP, dim[3].wrap, uint32_t)                                                              \
    X(D0_BEFORE, dim[0].zero_before, uint32_t)                                                     \
    X(D1_BEFORE, dim[1].zero_before, uint32_t)                                                     \
    X(D2_BEFORE, dim[2].zero_before, uint32_t)                                                     \
    X(D3_BEFORE, dim[3].zero_before, uint32_t)                                                     \
    X(D0_AFTER, dim[0].zero_after, uint32_t)                                                       \
    X(D1_AFTER, dim[1].zero_after, uint32_t)                                                       \
    X(D2_AFTER, dim[2].zero_after, uint32_t)                                                       \
    X(D3_AFTER, dim[3].zero_after, uint32_t)                                                       \
    X(ITERATION_STEP, iteration_step, uint32_t)                                                    \
    X(ITERATION_WRAP, iteration_wrap, uint32_t)                                                    \
    X(ITERATION_CURRENT, iteration_current, uint32_t)                                              \
    X(VALID, valid, bool)                                                                          \
    X(USE_NEXT, use_next, bool)                                                                    \
    X(NEXT, next, uint32_t)                                                                        \
    X(ACQUIRE, lock_acquire, bool)                                                                 \
    X(ACQUIRE_ID, lock_acquire_id, uint32_t)                                                       \
    X(ACQUIRE_VALUE, lock_acquire_value, int32_t)                                                  \
    X(RELEASE_ID, lock_release_id, uint32_t)                                                       \
    X(RELEASE_VALUE, lock_release_value, int32_t)                                                  \
    X(PACKET, packet, bool)                                                                        \
    X(PACKET_ID, packet_id, uint32_t)                                                              \
    X(PACKET_TYPE, packet_type, uint32_t)                                                          \
    X(OUT_OF_ORDER, out_of_order_bd, uint32_t)                                                     \
    X(TLAST_SUPPRESS, tlast_suppress, bool)                                                        \
    X(COMPRESSION, compression, bool)                                                              \
    X(SECURE, secure, bool)                                                                        \
    X(BURST, burst, uint32_t)                                                                      \
    X(SMID, smid, uint32_t)                                                                        \
    X(AX_CACHE, ax_cache, uint32_t)                                                                \
    X(AX_QOS, ax_qos, uint32_t)

typedef enum member {
#define X(name, place, type) name,
    MEMBER_LIST(X)
#undef X
    N_MEMBERS
} member;

static int64_t get(const ts_npu_bd *bd, member m) {
    switch (m) {
#define X(name, place, type)                                                                       \
    case name: return (int64_t)bd->place;
        MEMBER_LIST(X)
#undef X
    case N_MEMBERS: break;
    }
    return 0;
}

static void set(ts_npu_bd *bd, member m, int64_t value) {
    switch (m) {
#define X(name, place, type)                                                                       \
    case name: bd->place = (type)value; break;
        MEMBER_LIST(X)
#undef X
    case N_MEMBERS: break;
    }
}

static const char *member_name(member m) {
    static const char *const names[N_MEMBERS] = {
#define X(name, place, type) #place,
        MEMBER_LIST(X)
#undef X
    };
    return names[m];
}

typedef struct bd_field {
    const char *name; /* as in the register table */
    uint8_t word, lsb, width;
    uint8_t of;        /* a member */
    uint8_t value_lsb; /* bit of the member's value where the stored bits begin */
    uint8_t minus;     /* what is taken off the value before it is stored */
} bd_field;

struct ts_npu_bd_layout {
    const bd_field *fields;
    size_t n_fields;
};

/* clang-format off */
/* Positions are the register table's (a test compares them). That wraps are stored as they are, and
 * steps, iteration steps and iteration wraps minus one: src: Xilinx/aie-rt:
 * driver/src/dma/xaie_dma_aieml.c, _XAieMl_MemTileDmaWriteBd, _XAieMl_TileDmaWriteBd,
 * _XAieMl_ShimDmaWriteBd [code]; AM025 says the same of each field. Base addresses count words:
 * src: Xilinx/aie-rt: driver/src/global/xaiemlgbl_reginit.c, AddrAlignShift [code]. */
static const bd_field compute_fields[] = {
    /* name               word lsb width member  value_lsb minus */
    {"Base_Address",         0, 14, 14, BASE,              2, 0},
    {"Buffer_Length",        0,  0, 14, LENGTH,            0, 0},
    {"Enable_Compression",   1, 31,  1, COMPRESSION,       0, 0},
    {"Enable_Packet",        1, 30,  1, PACKET,            0, 0},
    {"Out_Of_Order_BD_ID",   1, 24,  6, OUT_OF_ORDER,      0, 0},
    {"Packet_ID",            1, 19,  5, PACKET_ID,         0, 0},
    {"Packet_Type",          1, 16,  3, PACKET_TYPE,       0, 0},
    {"D1_Stepsize",          2, 13, 13, D1_STEP,           0, 1},
    {"D0_Stepsize",          2,  0, 13, D0_STEP,           0, 1},
    {"D1_Wrap",              3, 21,  8, D1_WRAP,           0, 0},
    {"D0_Wrap",              3, 13,  8, D0_WRAP,           0, 0},
    {"D2_Stepsize",          3,  0, 13, D2_STEP,           0, 1},
    {"Iteration_Current",    4, 19,  6, ITERATION_CURRENT, 0, 0},
    {"Iteration_Wrap",       4, 13,  6, ITERATION_WRAP,    0, 1},
    {"Iteration_Stepsize",   4,  0, 13, ITERATION_STEP,    0, 1},
    {"TLAST_Suppress",       5, 31,  1, TLAST_SUPPRESS,    0, 0},
    {"Next_BD",              5, 27,  4, NEXT,              0, 0},
    {"Use_Next_BD",          5, 26,  1, USE_NEXT,          0, 0},
    {"Valid_BD",             5, 25,  1, VALID,             0, 0},
    {"Lock_Rel_Value",       5, 18,  7, RELEASE_VALUE,     0, 0},
    {"Lock_Rel_ID",          5, 13,  4, RELEASE_ID,        0, 0},
    {"Lock_Acq_Enable",      5, 12,  1, ACQUIRE,           0, 0},
    {"Lock_Acq_Value",       5,  5,  7, ACQUIRE_VALUE,     0, 0},
    {"Lock_Acq_ID",          5,  0,  4, ACQUIRE_ID,        0, 0},
};

static const bd_field memory_fields[] = {
    {"Enable_Packet",        0, 31,  1, PACKET,            0, 0},
    {"Packet_Type",          0, 28,  3, PACKET_TYPE,       0, 0},
    {"Packet_ID",            0, 23,  5, PACKET_ID,         0, 0},
    {"Out_Of_Order_BD_ID",   0, 17,  6, OUT_OF_ORDER,      0, 0},
    {"Buffer_Length",        0,  0, 17, LENGTH,            0, 0},
    {"D0_Zero_Before",       1, 26,  6, D0_BEFORE,         0, 0},
    {"Next_BD",              1, 20,  6, NEXT,              0, 0},
    {"Use_Next_BD",          1, 19,  1, USE_NEXT,          0, 0},
    {"Base_Address",         1,  0, 19, BASE,              2, 0},
    {"TLAST_Suppress",       2, 31,  1, TLAST_SUPPRESS,    0, 0},
    {"D0_Wrap",              2, 17, 10, D0_WRAP,           0, 0},
    {"D0_Stepsize",          2,  0, 17, D0_STEP,           0, 1},
    {"D1_Zero_Before",       3, 27,  5, D1_BEFORE,         0, 0},
    {"D1_Wrap",              3, 17, 10, D1_WRAP,           0, 0},
    {"D1_Stepsize",          3,  0, 17, D1_STEP,           0, 1},
    {"Enable_Compression",   4, 31,  1, COMPRESSION,       0, 0},
    {"D2_Zero_Before",       4, 27,  4, D2_BEFORE,         0, 0},
    {"D2_Wrap",              4, 17, 10, D2_WRAP,           0, 0},
    {"D2_Stepsize",          4,  0, 17, D2_STEP,           0, 1},
    {"D2_Zero_After",        5, 28,  4, D2_AFTER,          0, 0},
    {"D1_Zero_After",        5, 23,  5, D1_AFTER,          0, 0},
    {"D0_Zero_After",        5, 17,  6, D0_AFTER,          0, 0},
    {"D3_Stepsize",          5,  0, 17, D3_STEP,           0, 1},
    {"Iteration_Current",    6, 23,  6, ITERATION_CURRENT, 0, 0},
    {"Iteration_Wrap",       6, 17,  6, ITERATION_WRAP,    0, 1},
    {"Iteration_Stepsize",   6,  0, 17, ITERATION_STEP,    0, 1},
    {"Valid_BD",             7, 31,  1, VALID,             0, 0},
    {"Lock_Rel_Value",       7, 24,  7, RELEASE_VALUE,     0, 0},
    {"Lock_Rel_ID",          7, 16,  8, RELEASE_ID,        0, 0},
    {"Lock_Acq_Enable",      7, 15,  1, ACQUIRE,           0, 0},
    {"Lock_Acq_Value",       7,  8,  7, ACQUIRE_VALUE,     0, 0},
    {"Lock_Acq_ID",          7,  0,  8, ACQUIRE_ID,        0, 0},
};

static const bd_field shim_fields[] = {
    {"Buffer_Length",        0,  0, 32, LENGTH,            0, 0},
    {"Base_Address_Low",     1,  2, 30, BASE,              2, 0},
    {"Enable_Packet",        2, 30,  1, PACKET,            0, 0},
    {"Out_Of_Order_BD_ID",   2, 24,  6, OUT_OF_ORDER,      0, 0},
    {"Packet_ID",            2, 19,  5, PACKET_ID,         0, 0},
    {"Packet_Type",          2, 16,  3, PACKET_TYPE,       0, 0},
    {"Base_Address_High",    2,  0, 16, BASE,             32, 0},
    {"Secure_Access",        3, 30,  1, SECURE,            0, 0},
    {"D0_Wrap",              3, 20, 10, D0_WRAP,           0, 0},
    {"D0_Stepsize",          3,  0, 20, D0_STEP,           0, 1},
    {"Burst_Length",         4, 30,  2, BURST,             0, 0},
    {"D1_Wrap",              4, 20, 10, D1_WRAP,           0, 0},
    {"D1_Stepsize",          4,  0, 20, D1_STEP,           0, 1},
    {"SMID",                 5, 28,  4, SMID,              0, 0},
    {"AxCache",              5, 24,  4, AX_CACHE,          0, 0},
    {"AxQoS",                5, 20,  4, AX_QOS,            0, 0},
    {"D2_Stepsize",          5,  0, 20, D2_STEP,           0, 1},
    {"Iteration_Current",    6, 26,  6, ITERATION_CURRENT, 0, 0},
    {"Iteration_Wrap",       6, 20,  6, ITERATION_WRAP,    0, 1},
    {"Iteration_Stepsize",   6,  0, 20, ITERATION_STEP,    0, 1},
    {"TLAST_Suppress",       7, 31,  1, TLAST_SUPPRESS,    0, 0},
    {"Next_BD",              7, 27,  4, NEXT,              0, 0},
    {"Use_Next_BD",          7, 26,  1, USE_NEXT,          0, 0},
    {"Valid_BD",             7, 25,  1, VALID,             0, 0},
    {"Lock_Rel_Value",       7, 18,  7, RELEASE_VALUE,     0, 0},
    {"Lock_Rel_ID",          7, 13,  4, RELEASE_ID,        0, 0},
    {"Lock_Acq_Enable",      7, 12,  1, ACQUIRE,           0, 0},
    {"Lock_Acq_Value",       7,  5,  7, ACQUIRE_VALUE,     0, 0},
    {"Lock_Acq_ID",          7,  0,  4, ACQUIRE_ID,        0, 0},
};
/* clang-format on */

#define LAYOUT(rows)                                                                               \
    { .fields = (rows), .n_fields = sizeof(rows) / sizeof(rows)[0] }
const ts_npu_bd_layout npu_aie2_shim_bd = LAYOUT(shim_fields);
const ts_npu_bd_layout npu_aie2_memory_bd = LAYOUT(memory_fields);
const ts_npu_bd_layout npu_aie2_compute_bd = LAYOUT(compute_fields);

static uint64_t ones(unsigned width) {
    return width >= 64 ? UINT64_MAX : ((uint64_t)1 << width) - 1;
}

static bool is_signed(uint8_t m) {
    return m == ACQUIRE_VALUE || m == RELEASE_VALUE;
}

bool ts_npu_bd_decode(const ts_npu_tile *tile, const uint32_t *words, ts_npu_bd *out) {
    uint32_t known[TS_NPU_BD_MAX_WORDS] = {0};
    *out = (ts_npu_bd){0};
    for (size_t i = 0; i < tile->bd->n_fields; i++) {
        const bd_field *field = &tile->bd->fields[i];
        uint64_t stored = words[field->word] >> field->lsb & ones(field->width);
        int64_t value = (int64_t)(stored << field->value_lsb) + field->minus;
        if (is_signed(field->of) && stored >> (field->width - 1))
            value -= (int64_t)1 << field->width;
        set(out, field->of, get(out, field->of) | value);
        known[field->word] |= (uint32_t)ones(field->width) << field->lsb;
    }
    for (size_t w = 0; w < tile->n_bd_words; w++)
        if (words[w] & ~known[w]) return false;
    return true;
}

/* What the fields of a member can hold, both ends included; false when there is none. */
static bool range_of(const ts_npu_bd_layout *layout, member m, int64_t *low, int64_t *high) {
    bool found = false;
    *low = *high = 0;
    for (size_t i = 0; i < layout->n_fields; i++) {
        const bd_field *field = &layout->fields[i];
        if (field->of != m) continue;
        found = true;
        int64_t most = (int64_t)(ones(field->width) << field->value_lsb);
        *low = is_signed(field->of) ? -(most + 1) / 2 : field->minus;
        *high = is_signed(field->of) ? most / 2 : (*high | most) + field->minus;
    }
    return found;
}

static ts_status bad_member(const ts_npu_tile *tile, const ts_npu_bd *bd, member m, ts_diag *diag) {
    int64_t low, high;
    if (!range_of(tile->bd, m, &low, &high))
        return ts_fail(diag, TS_RANGE, NULL,
                       "buffer descriptor: %s is %" PRId64 ", but a %s tile has no such field",
                       member_name(m), get(bd, m), ts_npu_kind_name(tile->kind));
    return ts_fail(diag, TS_RANGE, NULL,
                   "buffer descriptor: %s is %" PRId64 ", a %s tile takes %" PRId64 " to %" PRId64
                   "%s",
                   member_name(m), get(bd, m), ts_npu_kind_name(tile->kind), low, high,
                   m == BASE ? " in steps of 4" : "");
}

ts_status ts_npu_bd_encode(const ts_npu_tile *tile, const ts_npu_bd *bd, uint32_t *words,
                           ts_diag *diag) {
    memset(words, 0, sizeof *words * tile->n_bd_words);
    for (size_t i = 0; i < tile->bd->n_fields; i++) {
        const bd_field *field = &tile->bd->fields[i];
        uint64_t value = (uint64_t)get(bd, field->of) - field->minus;
        words[field->word] |= (uint32_t)(value >> field->value_lsb & ones(field->width))
                              << field->lsb;
    }
    ts_npu_bd back;
    ts_npu_bd_decode(tile, words, &back);
    for (int m = 0; m < N_MEMBERS; m++)
        if (get(&back, (member)m) != get(bd, (member)m))
            return bad_member(tile, bd, (member)m, diag);
    return TS_OK;
}

ts_npu_bd ts_npu_bd_linear(const ts_npu_tile *tile, uint64_t base, uint32_t length) {
    static const uint32_t zeros[TS_NPU_BD_MAX_WORDS] = {0};
    ts_npu_bd bd;
    ts_npu_bd_decode(tile, zeros, &bd);
    bd.base = base;
    bd.length = length;
    bd.valid = true;
    return bd;
}

bool ts_npu_bd_is_for_channel(const ts_npu_tile *tile, uint32_t bd, uint32_t channel) {
    if (bd >= tile->n_bds || channel >= tile->n_channels) return false;
    return tile->kind != TS_NPU_MEMORY || (bd >= tile->n_bds / 2U) == (channel & 1);
}

/* ---- text ------------------------------------------------------------------------------------ */

/* A memory tile's DMA sees three tiles in a row: its western neighbor, itself, its eastern one.
 * src: Xilinx/mlir-aie: lib/Dialect/AIE/IR/AIETargetModel.cpp, getMemLocalBaseAddress,
 * getLockLocalBaseIndex [code] */
static const char *window_name(uint64_t value, uint64_t size) {
    static const char *const names[] = {"west ", "", "east "};
    return value / size < 3 ? names[value / size] : "beyond ";
}

static void base_text(const ts_npu_tile *tile, const ts_npu_bd *bd, ts_buf *out) {
    uint64_t size = tile->memories[0].size;
    if (tile->kind == TS_NPU_SHIM)
        ts_buf_printf(out, " at 0x%" PRIx64, bd->base);
    else if (tile->kind == TS_NPU_COMPUTE)
        ts_buf_printf(out, " at data+0x%" PRIx64, bd->base);
    else
        ts_buf_printf(out, " at %sdata+0x%" PRIx64, window_name(bd->base, size), bd->base % size);
}

static void lock_text(const ts_npu_tile *tile, uint32_t lock, ts_buf *out) {
    const bool windows = tile->kind == TS_NPU_MEMORY;
    ts_buf_printf(out, "%slock %" PRIu32, windows ? window_name(lock, tile->n_locks) : "",
                  windows ? lock % tile->n_locks : lock);
}

static void dim_text(const ts_npu_bd *bd, size_t d, ts_buf *out) {
    const ts_npu_bd_dim *dim = &bd->dim[d];
    ts_buf_printf(out, ", d%zu step %" PRIu32, d, dim->step);
    if (dim->wrap) ts_buf_printf(out, " wrap %" PRIu32, dim->wrap);
    if (dim->zero_before || dim->zero_after)
        ts_buf_printf(out, " zeros %" PRIu32 " before %" PRIu32 " after", dim->zero_before,
                      dim->zero_after);
}

/* Dimensions up to the last that says anything: a linear walk prints none. */
static void pattern_text(const ts_npu_bd *bd, ts_buf *out) {
    size_t n_dims = 0;
    for (size_t d = 0; d < TS_NPU_BD_MAX_DIMS; d++) {
        const ts_npu_bd_dim *dim = &bd->dim[d];
        if (dim->step > 1 || dim->wrap || dim->zero_before || dim->zero_after) n_dims = d + 1;
    }
    for (size_t d = 0; d < n_dims; d++)
        dim_text(bd, d, out);
    if (bd->iteration_step > 1 || bd->iteration_wrap > 1 || bd->iteration_current)
        ts_buf_printf(out, ", iteration step %" PRIu32 " wrap %" PRIu32 " at %" PRIu32,
                      bd->iteration_step, bd->iteration_wrap, bd->iteration_current);
}

static void locks_text(const ts_npu_tile *tile, const ts_npu_bd *bd, ts_buf *out) {
    if (bd->lock_acquire) {
        bool at_least = bd->lock_acquire_value < 0;
        ts_buf_text(out, ", acquire ");
        lock_text(tile, bd->lock_acquire_id, out);
        ts_buf_printf(out, " %s %d", at_least ? ">=" : "==",
                      at_least ? -bd->lock_acquire_value : bd->lock_acquire_value);
    }
    if (bd->lock_release_value) {
        ts_buf_text(out, ", release ");
        lock_text(tile, bd->lock_release_id, out);
        ts_buf_printf(out, " %+d", bd->lock_release_value);
    }
}

static void stream_text(const ts_npu_bd *bd, ts_buf *out) {
    if (bd->packet)
        ts_buf_printf(out, ", packet id %" PRIu32 " type %" PRIu32, bd->packet_id, bd->packet_type);
    if (bd->out_of_order_bd) ts_buf_printf(out, ", out of order bd %" PRIu32, bd->out_of_order_bd);
    if (bd->tlast_suppress) ts_buf_text(out, ", TLAST suppressed");
    if (bd->compression) ts_buf_text(out, ", compression");
}

static void axi_text(const ts_npu_bd *bd, ts_buf *out) {
    /* src: AM025: DMA_BD0_4, Burst_Length [documented] */
    static const char *const bursts[] = {"64 bytes", "128 bytes", "256 bytes", "undefined"};
    ts_buf_printf(out, ", burst %s", bursts[bd->burst & 3]);
    if (bd->smid) ts_buf_printf(out, ", SMID %" PRIu32, bd->smid);
    if (bd->ax_cache) ts_buf_printf(out, ", AxCache %" PRIu32, bd->ax_cache);
    if (bd->ax_qos) ts_buf_printf(out, ", AxQoS %" PRIu32, bd->ax_qos);
    if (bd->secure) ts_buf_text(out, ", secure");
}

void ts_npu_bd_text(const ts_npu_tile *tile, const ts_npu_bd *bd, ts_buf *out) {
    ts_buf_printf(out, "%" PRIu32 " words (%" PRIu64 " bytes)", bd->length,
                  (uint64_t)bd->length * 4);
    base_text(tile, bd, out);
    pattern_text(bd, out);
    locks_text(tile, bd, out);
    stream_text(bd, out);
    if (tile->kind == TS_NPU_SHIM) axi_text(bd, out);
    if (bd->use_next) ts_buf_printf(out, ", next bd %" PRIu32, bd->next);
    if (!bd->valid) ts_buf_text(out, ", not valid");
}
