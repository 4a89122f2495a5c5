/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Several CDOs made into one, as bootgen does for the files of a partition. It reads every file
 * into commands and writes them again in one form of its own, so its output is not the
 * concatenation of its inputs; the rules here are that form:
 *
 * - addresses below 2^32 take the 32-bit command, a block of one word becomes a write;
 * - lengths up to 254 words stand in the header word;
 * - a block's data starts at a multiple of 16 bytes of its file, give or take its address; NOPs
 * make it so. Blocks to the NPI register space are cut to whole 16-byte groups besides;
 * - optional words that say nothing are dropped, texts end at their first zero;
 * - commands behind an end command are dropped, and the end command too.
 *
 * src: Xilinx/bootgen: imageheadertable-versal.cpp, ParseCdos; cdo-npi.c, cdocmd_post_process_cdo;
 * cdo-binary.c, encode_v2_cmd [code]; checked against bootgen 2022.2 by tests/cli/bootgen_peer.sh
 */
#include "tessera/pdi.h"

#include "pdi_int.h"

#include <inttypes.h>
#include <string.h>

enum {
    CFRAME_READ = 0x10b,
    WRITE_KEYHOLE = 0x10d,
    SET_BOARD = 0x114,
    LOG_STRING = 0x117,
    LOG_ADDRESS = 0x118,
    MARKER = 0x119,
    PROC = 0x11a,
    BLOCK_BEGIN = 0x11b,
    BLOCK_END = 0x11c,
    BREAK = 0x11d,
    PSM_SEQUENCE = 0x11f,
    PM_ADD_NODE_NAME = 0x23b,
    PM_IF_NOC_CLOCK_ENABLE = 0x246,
    CFU_SET_CRC32 = 0x401,
    CFU_CFI_TYPE = 0x409,
    NPI_SEQ = 0x301,
    NPI_SHUTDOWN = 0x304,
    ALIGN_WORDS = 4,
    MAX_OPEN_BLOCKS = 64,
};

/* Where DMA needs whole 16-byte groups. */
#define NPI_START 0xf6000000u
#define NPI_END   0xf8000000u

typedef struct merger {
    ts_arena *arena;
    ts_buf *out;
    size_t base; /* where the file's own header would be: positions count from there */
    uint32_t version;
    const char *file;
    ts_diag *diag;
    unsigned depth;
} merger;

static size_t position(const merger *m) {
    return (m->out->size - m->base) / PDI_WORD_BYTES;
}

static void put_words(merger *m, const uint32_t *words, size_t n_words) {
    for (size_t i = 0; i < n_words; i++)
        ts_buf_u32le(m->out, words[i]);
}

static void put(merger *m, uint32_t id, const uint32_t *words, size_t n_words) {
    ts_cdo_put(m->out, id, words, n_words);
}

static void put_nop(merger *m, size_t n_words) {
    cdo_put_header(m->out, TS_CDO_NOP, n_words - 1, false, 0);
    ts_buf_zeros(m->out, (n_words - 1) * PDI_WORD_BYTES);
}

/* A command whose data starts, modulo 4 words, where `phase` says. */
static void put_aligned(merger *m, uint32_t id, const uint32_t *words, size_t n_words, ts_span data,
                        size_t phase) {
    uint64_t length = n_words + (uint64_t)data.size / PDI_WORD_BYTES;
    size_t data_at = position(m) + cdo_header_bytes(length, false) / PDI_WORD_BYTES + n_words;
    size_t pad = (phase - data_at) % ALIGN_WORDS;
    if (pad) put_nop(m, pad);
    cdo_put_header(m->out, id, length, false, 0);
    put_words(m, words, n_words);
    ts_buf_span_add(m->out, data);
}

static void put_write(merger *m, uint64_t addr, uint32_t value) {
    uint32_t words[] = {(uint32_t)(addr >> 32), (uint32_t)addr, value};
    if (words[0])
        put(m, TS_CDO_WRITE64, words, 3);
    else
        put(m, TS_CDO_WRITE, words + 1, 2);
}

static void put_single_writes(merger *m, uint64_t *addr, ts_cur *data, uint64_t n_words) {
    for (; n_words > 0 && ts_cur_left(data); n_words--, *addr += PDI_WORD_BYTES)
        put_write(m, *addr, ts_cur_u32le(data));
}

static void put_block(merger *m, uint64_t addr, ts_span data) {
    if (data.size == PDI_WORD_BYTES) {
        ts_cur cur = ts_cur_of(data);
        put_write(m, addr, ts_cur_u32le(&cur));
        return;
    }
    ts_cur cur = ts_cur_of(data);
    bool is_npi = addr >= NPI_START && addr < NPI_END;
    if (is_npi) put_single_writes(m, &addr, &cur, (0 - (addr >> 2)) % ALIGN_WORDS);
    size_t behind = is_npi ? ts_cur_left(&cur) / PDI_WORD_BYTES % ALIGN_WORDS : 0;
    ts_span block = ts_cur_bytes(&cur, ts_cur_left(&cur) - behind * PDI_WORD_BYTES);
    uint32_t words[] = {(uint32_t)(addr >> 32), (uint32_t)addr};
    put_aligned(m, TS_CDO_DMA_WRITE, words, 2, block, (size_t)(addr >> 2) % ALIGN_WORDS);
    addr += block.size;
    put_single_writes(m, &addr, &cur, behind);
}

/* `n_words` argument words, then a text: as many words as its characters need, at least `fewest`.
 */
static void put_text(merger *m, const ts_cdo_command *command, size_t n_words, size_t fewest) {
    ts_cur cur = ts_cur_of(command->args);
    ts_span words = ts_cur_bytes(&cur, n_words * PDI_WORD_BYTES);
    ts_span text = ts_cur_bytes(&cur, ts_cur_left(&cur));
    const uint8_t *zero = text.size ? memchr(text.data, 0, text.size) : NULL;
    size_t length = zero ? (size_t)(zero - text.data) : text.size;
    size_t n_text = (length + PDI_WORD_BYTES - 1) / PDI_WORD_BYTES;
    if (n_text < fewest) n_text = fewest;
    cdo_put_header(m->out, command->id, n_words + n_text, false, 0);
    ts_buf_span_add(m->out, words);
    ts_buf_bytes(m->out, text.data, length);
    ts_buf_zeros(m->out, n_text * PDI_WORD_BYTES - length);
}

/* mask_poll and mask_poll64: flags and error code only where they say something. */
static void put_poll(merger *m, const ts_cdo_command *command) {
    uint32_t word[7] = {0};
    bool is_wide = command->id == TS_CDO_MASK_POLL64;
    for (unsigned i = 0; i < 6u + is_wide; i++)
        word[!is_wide + i] = ts_cdo_arg_word(command, i);
    size_t n_words = word[6] ? 6 : word[5] ? 5 : 4;
    if (word[0])
        put(m, TS_CDO_MASK_POLL64, word, n_words + 1);
    else
        put(m, TS_CDO_MASK_POLL, word + 1, n_words);
}

/* Commands with one optional word that is left out when it equals `silent`. */
static void put_optional(merger *m, const ts_cdo_command *command, size_t n_words,
                         uint32_t silent) {
    uint32_t word[4] = {0};
    for (size_t i = 0; i <= n_words && i < 4; i++)
        word[i] = ts_cdo_arg_word(command, i);
    bool has = command->args.size > n_words * PDI_WORD_BYTES && word[n_words] != silent;
    put(m, command->id, word, n_words + has);
}

static ts_status merge_commands(merger *m, const ts_cdo *cdo);

/* proc and psm_sequence: `n_words` argument words, then commands, whose alignment counts from where
 * they come to lie: a length word makes them move. bootgen after 2022.2 also puts a NOP before some
 * procs; no NPU image has any. */
static ts_status put_nested(merger *m, const ts_cdo_command *command, size_t n_words) {
    ts_cdo inner;
    ts_cur cur = ts_cur_of(command->args);
    ts_span words = ts_cur_bytes(&cur, n_words * PDI_WORD_BYTES);
    ts_span commands = ts_cur_bytes(&cur, ts_cur_left(&cur));
    if (m->depth == CDO_MAX_NESTING)
        return ts_fail_at(m->diag, TS_RANGE, m->file, command->offset,
                          "blocks nested deeper than %d", CDO_MAX_NESTING);
    uint64_t commands_at =
        command->offset +
        cdo_header_bytes(command->args.size / PDI_WORD_BYTES, command->long_length) + words.size;
    TS_TRY(ts_cdo_parse_commands(m->arena, commands, commands_at, m->file, &inner, m->diag));
    size_t header_at = m->out->size;
    uint64_t length = 0;
    for (bool is_long = false;; is_long = true) {
        m->out->size = header_at;
        ts_buf_zeros(m->out, cdo_header_bytes(length, is_long));
        size_t start = m->out->size;
        ts_buf_span_add(m->out, words);
        m->depth++;
        TS_TRY(merge_commands(m, &inner));
        m->depth--;
        length = (m->out->size - start) / PDI_WORD_BYTES;
        cdo_patch_header(m->out, header_at, command->id, length, is_long);
        if (is_long || length < CDO_LONG_LENGTH) return TS_OK;
    }
}

/* Blocks between block_begin and block_end tell their length in words, without the end. */
typedef struct open_blocks {
    size_t length_at[MAX_OPEN_BLOCKS];
    unsigned n;
} open_blocks;

static void close_block(merger *m, open_blocks *open) {
    if (!open->n) return;
    size_t at = open->length_at[--open->n];
    ts_buf_patch_uint_le(m->out, at, (m->out->size - at) / PDI_WORD_BYTES - 1, 4);
}

static ts_status open_block(merger *m, const ts_cdo_command *command, open_blocks *open) {
    if (open->n == MAX_OPEN_BLOCKS)
        return ts_fail_at(m->diag, TS_RANGE, m->file, command->offset,
                          "more than %d blocks inside each other", MAX_OPEN_BLOCKS);
    size_t header_at = m->out->size;
    put_text(m, command, 1, 0);
    bool is_long = !m->out->failed && m->out->data[header_at + 2] == CDO_LONG_LENGTH;
    open->length_at[open->n++] = header_at + cdo_header_bytes(0, is_long);
    return TS_OK;
}

static ts_status merge_command(merger *m, const ts_cdo_command *command, open_blocks *open) {
    uint32_t first = ts_cdo_arg_word(command, 0);
    ts_span args = command->args;
    ts_cdo_store store;
    if (!command->row) {
        cdo_put_header(m->out, command->id, args.size / PDI_WORD_BYTES, false, 0);
        ts_buf_span_add(m->out, args);
        return TS_OK;
    }
    if (m->version >= TS_CDO_VERSION_2_00 &&
        ((command->id >= NPI_SEQ && command->id <= NPI_SHUTDOWN) ||
         (command->id >= CFU_SET_CRC32 && command->id <= CFU_CFI_TYPE)))
        return ts_fail_at(m->diag, TS_RANGE, m->file, command->offset,
                          "%s is a command of CDO versions before 2.0", command->row->name);
    switch (command->id) {
    case TS_CDO_MASK_POLL:
    case TS_CDO_MASK_POLL64: put_poll(m, command); break;
    case TS_CDO_WRITE64:
        put_write(m, (uint64_t)first << 32 | ts_cdo_arg_word(command, 1),
                  ts_cdo_arg_word(command, 2));
        break;
    case TS_CDO_MASK_WRITE64: {
        uint32_t words[4] = {first, ts_cdo_arg_word(command, 1), ts_cdo_arg_word(command, 2),
                             ts_cdo_arg_word(command, 3)};
        put(m, first ? TS_CDO_MASK_WRITE64 : TS_CDO_MASK_WRITE, words + !first, 3u + !!first);
        break;
    }
    case TS_CDO_DMA_WRITE:
        if (ts_cdo_store_of(command, &store)) put_block(m, store.addr, store.data);
        break;
    case WRITE_KEYHOLE: {
        uint32_t words[3] = {first, ts_cdo_arg_word(command, 1), ts_cdo_arg_word(command, 2)};
        put_aligned(m, command->id, words, 3, ts_span_of(args.data + 12, args.size - 12),
                    words[1] >> 2 & 3);
        break;
    }
    case CFRAME_READ: {
        uint32_t words[4] = {first, ts_cdo_arg_word(command, 1), ts_cdo_arg_word(command, 2),
                             ts_cdo_arg_word(command, 3)};
        put_aligned(m, command->id, words, 4, ts_span_of(args.data + 16, args.size - 16), 0);
        break;
    }
    case SET_BOARD:
    case LOG_STRING: put_text(m, command, 0, 0); break;
    case MARKER: put_text(m, command, 1, 0); break;
    case PM_ADD_NODE_NAME: put_text(m, command, 1, 4); break;
    case LOG_ADDRESS: put_optional(m, command, 1, 0); break;
    case PM_IF_NOC_CLOCK_ENABLE: put_optional(m, command, 2, 1); break;
    case BREAK: put_optional(m, command, 0, 1); break;
    case CFU_SET_CRC32:
        put(m, command->id, (uint32_t[]){first, ts_cdo_arg_word(command, 1)}, first ? 2 : 1);
        break;
    case PROC: return put_nested(m, command, 1);
    case PSM_SEQUENCE: return put_nested(m, command, 0);
    case BLOCK_BEGIN: return open_block(m, command, open);
    case BLOCK_END:
        close_block(m, open);
        put(m, command->id, NULL, 0);
        break;
    default:
        cdo_put_header(m->out, command->id, args.size / PDI_WORD_BYTES, false, 0);
        ts_buf_span_add(m->out, args);
    }
    return TS_OK;
}

static ts_status merge_commands(merger *m, const ts_cdo *cdo) {
    open_blocks open = {.n = 0};
    for (size_t i = 0; i < cdo->n_commands; i++) {
        const ts_cdo_command *command = &cdo->commands[i];
        if (command->id == TS_CDO_END_MARK || command->id == TS_CDO_END) break;
        TS_TRY(merge_command(m, command, &open));
    }
    while (open.n)
        close_block(m, &open);
    return m->out->failed ? ts_fail_nomem(m->diag) : TS_OK;
}

ts_status ts_cdo_merge(ts_arena *arena, const ts_span *inputs, const char *const *files,
                       size_t n_inputs, ts_buf *out, ts_diag *diag) {
    size_t start = out->size, n_bytes = TS_CDO_HEADER_BYTES;
    for (size_t i = 0; i < n_inputs; i++)
        n_bytes += inputs[i].size + inputs[i].size / 8;
    ts_buf_reserve(out, n_bytes);
    ts_buf_zeros(out, TS_CDO_HEADER_BYTES);
    for (size_t i = 0; i < n_inputs; i++) {
        ts_cdo cdo;
        TS_TRY(ts_cdo_parse(arena, inputs[i], files[i], &cdo, diag));
        if (cdo.version < TS_CDO_VERSION_1_50)
            return ts_fail(diag, TS_UNSUPPORTED, files[i],
                           "CDO version %" PRIu32 ".%" PRIu32
                           " can be read, not made part of a PDI",
                           cdo.version >> 8, cdo.version & 0xff);
        size_t before = out->size;
        merger m = {arena, out, before - TS_CDO_HEADER_BYTES, cdo.version, files[i], diag, 0};
        TS_TRY(merge_commands(&m, &cdo));
        if (out->size == before)
            return ts_fail(diag, TS_RANGE, files[i],
                           "holds no commands; expected at least one, as bootgen does");
    }
    if (n_inputs == 0) return ts_fail(diag, TS_MISSING, NULL, "a partition without CDO files");
    return cdo_finish_at(out, start, 0, TS_CDO_VERSION_2_00, diag);
}
