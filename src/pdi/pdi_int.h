/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * What the files of this library share.
 */
#ifndef TESSERA_PDI_INT_H
#define TESSERA_PDI_INT_H

#include "tessera/pdi.h"

#define PDI_WORD_BYTES ((size_t)4)

enum {
    CDO_HEADER_WORDS = 4, /* without the checksum behind them */
    /* Merging may write a block twice, and what is inside it twice as often: 16 times is enough. */
    CDO_MAX_NESTING = 4,
};

/* Identification words: "CDO\0" of versions 1.50 and up, "XNLX" of version 1.
 * src: Xilinx/bootgen: cdo-binary.c, decode_cdo_binary [code] */
#define CDO_MAGIC    0x004f4443u
#define CDO_V1_MAGIC 0x584c4e58u

/* Whether the words of a header table can be those of a PDI: its identification. */
ts_status pdi_check_table(const uint32_t *table, const char *file, ts_diag *diag);

struct ts_cdo_row {
    uint32_t id;
    const char *name;
    const char *args; /* see cdo_commands.h */
};

/* The row of a command of versions 1.50 and up, or of version 1; NULL when there is none. */
const ts_cdo_row *cdo_row_by_id(uint32_t id);
const ts_cdo_row *cdo_row_by_name(const char *name, size_t length);

/* One argument of a row: taken from *spec, which moves on. False at the end. */
typedef struct cdo_arg_spec {
    const char *name;
    int name_length;
    ts_cdo_kind kind;
    bool is_optional;
} cdo_arg_spec;

bool cdo_next_spec(const char **spec, cdo_arg_spec *out);
/* Words of an argument that is not the rest of its command. */
unsigned cdo_kind_words(ts_cdo_kind kind);
bool cdo_is_rest(ts_cdo_kind kind);
/* Fewest and most words of a command's arguments; `most` is UINT32_MAX when open. */
void cdo_arg_range(const ts_cdo_row *row, uint32_t *fewest, uint32_t *most);

/* Header word: reserved 31..24 | length 23..16 | module 15..8 | number 7..0. The length counts the
 * words behind it; 255 says that the next word is the length, as it must be from 255 words on.
 * src: Xilinx/bootgen: cdo-binary.c, decode_v2_cmd, hdr2l [code] */
enum {
    CDO_LONG_LENGTH = 255,
};
size_t cdo_header_bytes(uint64_t n_words, bool long_length);
void cdo_put_header(ts_buf *out, uint32_t id, uint64_t n_words, bool long_length, uint8_t reserved);
/* The same over bytes that were kept free at `at`. */
void cdo_patch_header(ts_buf *out, size_t at, uint32_t id, uint64_t n_words, bool long_length);
/* Fill in length and checksum of a CDO that starts at `start` with a header of `n_extra` words more
 * than usual and ends where `out` ends. */
ts_status cdo_finish_at(ts_buf *out, size_t start, size_t n_extra, uint32_t version, ts_diag *diag);

/* The characters of a text argument, up to the zeros, when it is padded in the one usual way and
 * printable; false otherwise. */
bool cdo_text_of(ts_span data, ts_span *out);

#endif
