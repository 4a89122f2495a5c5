/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Writing CDOs: header words and checksums, single commands for those who make a CDO from nothing,
 * and whole models back to their bytes.
 */
#include "tessera/pdi.h"

#include "pdi_int.h"

#include <inttypes.h>

size_t cdo_header_bytes(uint64_t n_words, bool long_length) {
    return long_length || n_words >= CDO_LONG_LENGTH ? 2 * PDI_WORD_BYTES : PDI_WORD_BYTES;
}

void cdo_patch_header(ts_buf *out, size_t at, uint32_t id, uint64_t n_words, bool long_length) {
    bool is_long = cdo_header_bytes(n_words, long_length) > PDI_WORD_BYTES;
    uint64_t length = is_long ? CDO_LONG_LENGTH : n_words;
    ts_buf_patch_uint_le(out, at, length << 16 | (id & 0xffff), 4);
    if (is_long) ts_buf_patch_uint_le(out, at + 4, n_words, 4);
}

void cdo_put_header(ts_buf *out, uint32_t id, uint64_t n_words, bool long_length,
                    uint8_t reserved) {
    size_t at = out->size;
    ts_buf_zeros(out, cdo_header_bytes(n_words, long_length));
    cdo_patch_header(out, at, id, n_words, long_length);
    ts_buf_patch_uint_le(out, at + 3, reserved, 1);
}

ts_status cdo_finish_at(ts_buf *out, size_t start, size_t n_extra, uint32_t version,
                        ts_diag *diag) {
    if (out->failed) return ts_fail_nomem(diag);
    size_t header_bytes = TS_CDO_HEADER_BYTES + n_extra * PDI_WORD_BYTES;
    uint64_t n_words = (out->size - start - header_bytes) / PDI_WORD_BYTES;
    if (n_words > UINT32_MAX)
        return ts_fail(diag, TS_RANGE, NULL, "%" PRIu64 " words of commands; at most 2^32 - 1 fit",
                       n_words);
    ts_buf_patch_uint_le(out, start, CDO_HEADER_WORDS + n_extra, 4);
    ts_buf_patch_uint_le(out, start + 4, CDO_MAGIC, 4);
    ts_buf_patch_uint_le(out, start + 8, version, 4);
    ts_buf_patch_uint_le(out, start + 12, n_words, 4);
    uint32_t sum = 0;
    ts_cur cur = ts_cur_of(ts_buf_span(out));
    ts_cur_seek(&cur, start);
    for (size_t i = 0; i < CDO_HEADER_WORDS + n_extra; i++)
        sum += ts_cur_u32le(&cur);
    ts_buf_patch_uint_le(out, start + header_bytes - 4, (uint32_t)~sum, 4);
    return TS_OK;
}

static void put_command(ts_buf *out, const ts_cdo_command *command) {
    if (command->id == TS_CDO_END) {
        ts_buf_u32le(out, UINT32_MAX);
        return;
    }
    cdo_put_header(out, command->id, command->args.size / PDI_WORD_BYTES, command->long_length,
                   command->reserved);
    ts_buf_span_add(out, command->args);
}

ts_status ts_cdo_write(const ts_cdo *cdo, ts_buf *out, ts_diag *diag) {
    if (cdo->version < TS_CDO_VERSION_1_50)
        return ts_fail(diag, TS_UNSUPPORTED, NULL, "CDO version %u.%u can be read, not written",
                       cdo->version >> 8, cdo->version & 0xff);
    size_t start = out->size;
    ts_buf_zeros(out, TS_CDO_HEADER_BYTES - 4);
    ts_buf_span_add(out, cdo->header);
    ts_buf_zeros(out, 4);
    for (size_t i = 0; i < cdo->n_commands; i++)
        put_command(out, &cdo->commands[i]);
    ts_buf_span_add(out, cdo->unread);
    TS_TRY(cdo_finish_at(out, start, cdo->header.size / PDI_WORD_BYTES, cdo->version, diag));
    ts_buf_span_add(out, cdo->tail);
    return out->failed ? ts_fail_nomem(diag) : TS_OK;
}

void ts_cdo_begin(ts_buf *out) {
    ts_buf_zeros(out, TS_CDO_HEADER_BYTES);
}

void ts_cdo_put(ts_buf *out, uint32_t id, const uint32_t *words, size_t n_words) {
    cdo_put_header(out, id, n_words, false, 0);
    for (size_t i = 0; i < n_words; i++)
        ts_buf_u32le(out, words[i]);
}

void ts_cdo_put_write(ts_buf *out, uint64_t addr, uint32_t value) {
    uint32_t words[] = {(uint32_t)(addr >> 32), (uint32_t)addr, value};
    ts_cdo_put(out, TS_CDO_WRITE64, words, 3);
}

void ts_cdo_put_block(ts_buf *out, uint64_t addr, ts_span words) {
    uint64_t n_words = 2 + (uint64_t)words.size / PDI_WORD_BYTES;
    /* The driver counts a long header from 256 words on, one more than it writes one from: blocks
     * of 253 words come out misaligned, and so must ours. */
    size_t before = (n_words > CDO_LONG_LENGTH ? 4 : 3) * PDI_WORD_BYTES;
    size_t over = (out->size + before) % TS_PDI_DATA_ALIGN;
    if (over) {
        size_t n_pad = (TS_PDI_DATA_ALIGN - over) / PDI_WORD_BYTES - 1;
        cdo_put_header(out, TS_CDO_NOP, n_pad, false, 0);
        ts_buf_zeros(out, n_pad * PDI_WORD_BYTES);
    }
    cdo_put_header(out, TS_CDO_DMA_WRITE, n_words, false, 0);
    ts_buf_u32le(out, (uint32_t)(addr >> 32));
    ts_buf_u32le(out, (uint32_t)addr);
    ts_buf_span_add(out, words);
}

ts_status ts_cdo_finish(ts_buf *out, ts_diag *diag) {
    return cdo_finish_at(out, 0, 0, TS_CDO_VERSION_2_00, diag);
}
