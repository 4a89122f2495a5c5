/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * pdi: the configuration image of an NPU. Three formats: the Versal programmable device image (PDI)
 * as NPUs use it, the configuration data object (CDO) inside it, and the boot image format (BIF)
 * that says which CDOs make a PDI. docs/pdi.md draws them.
 *
 * Two laws hold for images and CDOs: writing what was read gives the same bytes, and reading what
 * was written gives the same model.
 *
 * This library knows no registers. Whoever wants names in a listing passes them in, see
 * ts_cdo_names.
 */
#ifndef TESSERA_PDI_H
#define TESSERA_PDI_H

#include "tessera/base.h"

/* ---- PDI images ------------------------------------------------------------------------------ */

/* The three headers, as little-endian words. F(constant, first word, words, name); words that are
 * not listed are reserved. Offsets and lengths in them count words, from the start of the file.
 * src: Xilinx/bootgen: imageheadertable-versal.h, VersalImageHeaderTableStructure,
 * VersalImageHeaderStructure; partitionheadertable-versal.h, VersalPartitionHeaderTableStructure
 * [code] */
#define TS_PDI_TABLE_FIELDS(F)                                                                     \
    F(TABLE_VERSION, 0, 1, "version")                                                              \
    F(TABLE_N_IMAGES, 1, 1, "image_count")                                                         \
    F(TABLE_IMAGE_OFF, 2, 1, "first_image_header")                                                 \
    F(TABLE_N_PARTITIONS, 3, 1, "partition_count")                                                 \
    F(TABLE_PARTITION_OFF, 4, 1, "first_partition_header")                                         \
    F(TABLE_BOOT_DEVICE_ADDR, 5, 1, "secondary_boot_device_address")                               \
    F(TABLE_ID_CODE, 6, 1, "id_code")                                                              \
    F(TABLE_ATTRIBUTES, 7, 1, "attributes")                                                        \
    F(TABLE_PDI_ID, 8, 1, "pdi_id")                                                                \
    F(TABLE_PARENT_ID, 9, 1, "parent_id")                                                          \
    F(TABLE_MAGIC, 10, 1, "identification")                                                        \
    F(TABLE_HEADER_SIZES, 11, 1, "header_sizes")                                                   \
    F(TABLE_META_LENGTH, 12, 1, "total_meta_header_length")                                        \
    F(TABLE_SECURE_IV, 13, 3, "secure_header_iv")                                                  \
    F(TABLE_KEY_SOURCE, 16, 1, "key_source")                                                       \
    F(TABLE_EXTENDED_ID_CODE, 17, 1, "extended_id_code")                                           \
    F(TABLE_CERTIFICATE_OFF, 18, 1, "authentication_certificate")                                  \
    F(TABLE_BLACK_IV, 19, 3, "grey_or_black_iv")                                                   \
    F(TABLE_OPTIONAL_SIZE, 22, 1, "optional_data_size")                                            \
    F(TABLE_RESERVED, 23, 8, "reserved")                                                           \
    F(TABLE_CHECKSUM, 31, 1, "checksum")

#define TS_PDI_IMAGE_FIELDS(F)                                                                     \
    F(IMAGE_PARTITION_OFF, 0, 1, "first_partition_header")                                         \
    F(IMAGE_N_PARTITIONS, 1, 1, "partition_count")                                                 \
    F(IMAGE_REVOKE_ID, 2, 1, "revoke_id")                                                          \
    F(IMAGE_ATTRIBUTES, 3, 1, "attributes")                                                        \
    F(IMAGE_NAME, 4, 4, "name_words")                                                              \
    F(IMAGE_ID, 8, 1, "id")                                                                        \
    F(IMAGE_UNIQUE_ID, 9, 1, "unique_id")                                                          \
    F(IMAGE_PARENT_UNIQUE_ID, 10, 1, "parent_unique_id")                                           \
    F(IMAGE_FUNCTION_ID, 11, 1, "function_id")                                                     \
    F(IMAGE_COPY_ADDR, 12, 2, "memory_copy_address")                                               \
    F(IMAGE_PCR, 14, 1, "pcr")                                                                     \
    F(IMAGE_CHECKSUM, 15, 1, "checksum")

#define TS_PDI_PARTITION_FIELDS(F)                                                                 \
    F(PARTITION_ENCRYPTED_LENGTH, 0, 1, "encrypted_length")                                        \
    F(PARTITION_PLAIN_LENGTH, 1, 1, "unencrypted_length")                                          \
    F(PARTITION_TOTAL_LENGTH, 2, 1, "total_length")                                                \
    F(PARTITION_NEXT_OFF, 3, 1, "next_partition_header")                                           \
    F(PARTITION_EXEC_ADDR, 4, 2, "execution_address")                                              \
    F(PARTITION_LOAD_ADDR, 6, 2, "load_address")                                                   \
    F(PARTITION_DATA_OFF, 8, 1, "data")                                                            \
    F(PARTITION_ATTRIBUTES, 9, 1, "attributes")                                                    \
    F(PARTITION_N_SECTIONS, 10, 1, "section_count")                                                \
    F(PARTITION_CHECKSUM_OFF, 11, 1, "data_checksum")                                              \
    F(PARTITION_ID, 12, 1, "id")                                                                   \
    F(PARTITION_CERTIFICATE_OFF, 13, 1, "authentication_certificate")                              \
    F(PARTITION_SECURE_IV, 14, 3, "secure_header_iv")                                              \
    F(PARTITION_KEY_SOURCE, 17, 1, "key_source")                                                   \
    F(PARTITION_BLACK_IV, 18, 3, "grey_or_black_iv")                                               \
    F(PARTITION_REVOKE_ID, 21, 1, "revoke_id")                                                     \
    F(PARTITION_RESERVED, 22, 6, "reserved")                                                       \
    F(PARTITION_RECODED, 28, 3, "recoded")                                                         \
    F(PARTITION_CHECKSUM, 31, 1, "checksum")

enum {
#define F(constant, word, n_words, name) TS_PDI_##constant = (word),
    TS_PDI_TABLE_FIELDS(F)
    TS_PDI_IMAGE_FIELDS(F) TS_PDI_PARTITION_FIELDS(F)
#undef F
        TS_PDI_TABLE_WORDS = 32,
    TS_PDI_IMAGE_WORDS = 16,
    TS_PDI_PARTITION_WORDS = 32,
    TS_PDI_NAME_SIZE = 16,
    /* bootgen refuses to read more partitions; images have at least one each in what it makes.
     * src: Xilinx/bootgen: readimage-versal.cpp, ReadHeaderTableDetails [code] */
    TS_PDI_MAX_PARTITIONS = 254,
    TS_PDI_MAX_IMAGES = 254,
    /* What bootgen aligns the data of a partition to.
     * src: Xilinx/bootgen: partition-versal.cpp, VersalPartition [code] */
    TS_PDI_DATA_ALIGN = 16,
};

/* The same as data, for those who print or read headers by name; each list ends with a NULL name.
 */
typedef struct ts_pdi_field {
    const char *name;
    uint8_t word, n_words;
} ts_pdi_field;

extern const ts_pdi_field ts_pdi_table_fields[], ts_pdi_image_fields[], ts_pdi_partition_fields[];

/* Partition types, bits 24..26 of the partition attributes. X(constant, value, name)
 * src: Xilinx/bootgen: bootgenenum.h, PartitionType; partitionheadertable-versal.h,
 * vphtPartitionTypeShift [code] */
#define TS_PDI_TYPE_LIST(X)                                                                        \
    X(RESERVED, 0, "reserved")                                                                     \
    X(ELF, 1, "elf")                                                                               \
    X(CDO, 2, "cdo")                                                                               \
    X(CFI, 3, "cfi")                                                                               \
    X(RAW, 4, "raw")                                                                               \
    X(RAW_ELF, 5, "raw-elf")                                                                       \
    X(CFI_GSC, 6, "cfi-gsc")                                                                       \
    X(CFI_GSC_UNMASK, 7, "cfi-gsc-unmask")

typedef enum ts_pdi_type {
#define X(constant, value, name) TS_PDI_TYPE_##constant = (value),
    TS_PDI_TYPE_LIST(X)
#undef X
} ts_pdi_type;

typedef struct ts_pdi_partition {
    uint32_t word[TS_PDI_PARTITION_WORDS];
    ts_span data;     /* of an image that was read: as stored, with the zeros behind it */
    size_t n_padding; /* zeros to write behind `data`, up to the alignment */
} ts_pdi_partition;

typedef struct ts_pdi_image {
    uint32_t word[TS_PDI_IMAGE_WORDS];
    size_t first_partition, n_partitions; /* in ts_pdi.partitions */
} ts_pdi_image;

/* Bytes that no header describes: certificates, optional data, encrypted headers. Carried. */
typedef struct ts_pdi_gap {
    uint64_t offset;
    ts_span bytes;
} ts_pdi_gap;

typedef struct ts_pdi {
    ts_span leading; /* the words a bus width is told from: 16 bytes, or none */
    uint32_t table[TS_PDI_TABLE_WORDS];
    ts_pdi_image *images;
    size_t n_images;
    ts_pdi_partition *partitions;
    size_t n_partitions;
    ts_pdi_gap *gaps; /* by offset */
    size_t n_gaps;
} ts_pdi;

const char *ts_pdi_type_name(ts_pdi_type type);
ts_pdi_type ts_pdi_partition_type(const ts_pdi_partition *partition);
/* Why a partition can be carried but not made or listed: "encrypted", "signed", "hashed",
 * "recoded"; NULL for a plain one. */
const char *ts_pdi_partition_protection(const ts_pdi_partition *partition);
/* The data without the padding behind it; all of it where that cannot be told. */
ts_span ts_pdi_partition_content(const ts_pdi_partition *partition);
/* The name of an image, printable, with its final NUL. */
void ts_pdi_image_name(const ts_pdi_image *image, char out[TS_PDI_NAME_SIZE + 1]);

/* Whether `bytes` has the identification of a PDI where one belongs. */
bool ts_pdi_is_image(ts_span bytes);
/* Read an image; it borrows `bytes`. Every checksum is verified, and every byte is accounted for.
 * Encrypted image headers are carried as gaps, with no images.
 * Errors: SYNTAX (not a PDI), UNSUPPORTED (a boot header), TRUNCATED, RANGE, NOMEM. */
TS_NODISCARD ts_status ts_pdi_parse(ts_arena *arena, ts_span bytes, const char *file, ts_pdi *out,
                                    ts_diag *diag);
/* Append the image as its words say, with checksums computed. Errors: RANGE when its parts overlap
 * or leave holes (ts_pdi_layout() arranges them), NOMEM. */
TS_NODISCARD ts_status ts_pdi_write(const ts_pdi *pdi, ts_buf *out, ts_diag *diag);

/* The default words of a header as bootgen writes them for an NPU: version 4, no boot header, load
 * address all ones, one section, owner and load flags clear. */
void ts_pdi_init(ts_pdi *out);
void ts_pdi_image_init(ts_pdi_image *out, const char *name, uint32_t id);
void ts_pdi_partition_init(ts_pdi_partition *out, ts_pdi_type type, ts_span data);
/* Work out every count, offset and length from the contents, as bootgen arranges them: headers,
 * then data padded with zeros to 16 bytes. Errors: UNSUPPORTED (with gaps, or protected
 * partitions), RANGE (too much for 32-bit lengths). */
TS_NODISCARD ts_status ts_pdi_layout(ts_pdi *pdi, ts_diag *diag);

/* ---- an image as a folder -------------------------------------------------------------------- */

typedef struct ts_pdi_part {
    const char *name; /* a plain file name */
    ts_span bytes;
} ts_pdi_part;

#define TS_PDI_MANIFEST "pdi.json"

/* An image as files: TS_PDI_MANIFEST first, then the data of each partition ("aie_image.0.cdo") and
 * each gap ("gap.0.bin"). When ts_pdi_layout() would arrange the image just so, the manifest leaves
 * that to it: then a part can be replaced by a longer one. Errors: NOMEM. */
TS_NODISCARD ts_status ts_pdi_split(ts_arena *arena, const ts_pdi *pdi, ts_pdi_part **parts,
                                    size_t *n_parts, ts_diag *diag);
/* The image again, from its manifest and the files beside it.
 * Errors: IO, SYNTAX, MISSING, UNKNOWN, RANGE, NOMEM. */
TS_NODISCARD ts_status ts_pdi_join(ts_arena *arena, const char *manifest_path, ts_pdi *out,
                                   ts_diag *diag);

/* ---- CDO binaries ---------------------------------------------------------------------------- */

/* Versions are major << 8 | minor. */
enum {
    TS_CDO_VERSION_1_50 = 0x132, /* the first with commands in today's form */
    TS_CDO_VERSION_2_00 = 0x200,
    TS_CDO_VERSION_3_00 = 0x300, /* not defined */
    TS_CDO_HEADER_BYTES = 20,
};

/* The commands a writer needs by name; the whole list is in src/pdi/cdo_commands.h. */
enum {
    TS_CDO_END_MARK = 0x100,
    TS_CDO_MASK_POLL = 0x101,
    TS_CDO_MASK_WRITE = 0x102,
    TS_CDO_WRITE = 0x103,
    TS_CDO_DELAY = 0x104,
    TS_CDO_DMA_WRITE = 0x105,
    TS_CDO_MASK_POLL64 = 0x106,
    TS_CDO_MASK_WRITE64 = 0x107,
    TS_CDO_WRITE64 = 0x108,
    TS_CDO_SET = 0x10c,
    TS_CDO_NOP = 0x111,
};
#define TS_CDO_END 0xffffffffu /* a header word of all ones, which has no length */

typedef struct ts_cdo_row ts_cdo_row; /* a row of the command table */

typedef struct ts_cdo_command {
    const ts_cdo_row *row; /* NULL: no command known by this id */
    uint32_t id;           /* module << 8 | number, or TS_CDO_END */
    uint8_t reserved;      /* bits 24..31 of the header word */
    bool long_length;      /* the length has a word of its own */
    uint64_t offset;       /* in the file, of the header word */
    ts_span args;          /* little-endian words, borrowed */
} ts_cdo_command;

typedef struct ts_cdo {
    uint32_t version;
    ts_span header; /* header words beyond the usual four; usually none */
    ts_cdo_command *commands;
    size_t n_commands;
    ts_span unread; /* words behind an end command, inside the length the header tells */
    ts_span tail;   /* bytes behind that length */
} ts_cdo;

/* Whether `bytes` starts with the identification of a CDO. */
bool ts_cdo_is_binary(ts_span bytes);
/* Read a CDO, versions 1 and 2; it borrows `bytes`. The header checksum is verified, and each known
 * command must have as many words as its arguments need. Nested commands stay in the arguments.
 * Errors: SYNTAX (not a CDO), UNSUPPORTED (version, big endian), TRUNCATED, RANGE, NOMEM. */
TS_NODISCARD ts_status ts_cdo_parse(ts_arena *arena, ts_span bytes, const char *file, ts_cdo *out,
                                    ts_diag *diag);
/* The commands of a nested block, such as the arguments of `proc` behind its first word. */
TS_NODISCARD ts_status ts_cdo_parse_commands(ts_arena *arena, ts_span words, uint64_t offset,
                                             const char *file, ts_cdo *out, ts_diag *diag);
/* Append the binary. Errors: UNSUPPORTED (version 1), RANGE, NOMEM. */
TS_NODISCARD ts_status ts_cdo_write(const ts_cdo *cdo, ts_buf *out, ts_diag *diag);

typedef enum ts_cdo_kind {
    TS_CDO_WORD,
    TS_CDO_ADDR,     /* one word */
    TS_CDO_ADDR64,   /* high word, low word */
    TS_CDO_ADDR64LO, /* low word, high word */
    TS_CDO_TEXT,     /* the rest: characters in words, zeros behind them */
    TS_CDO_DATA,     /* the rest: words */
    TS_CDO_COMMANDS, /* the rest: commands */
} ts_cdo_kind;

typedef struct ts_cdo_arg {
    const char *name;
    int name_length;
    ts_cdo_kind kind;
    uint64_t value; /* up to ADDR64LO */
    ts_span data;   /* from TEXT on */
} ts_cdo_arg;

/* Walk the arguments of a command: `ts_cdo_args it = ts_cdo_args_of(command);`
 * `while (ts_cdo_next_arg(&it, &arg)) ...`. A command without a row has one DATA argument. */
typedef struct ts_cdo_args {
    const char *spec;
    ts_cur cur;
} ts_cdo_args;

ts_cdo_args ts_cdo_args_of(const ts_cdo_command *command);
bool ts_cdo_next_arg(ts_cdo_args *args, ts_cdo_arg *out);
/* "dma_write"; "generic" without a row. */
const char *ts_cdo_command_name(const ts_cdo_command *command);
/* Argument word `index`, or 0 when there are fewer. */
uint32_t ts_cdo_arg_word(const ts_cdo_command *command, size_t index);

/* What a command does to memory: `data` words to `addr`, `value` under `mask`, or `count` words of
 * `value` (WRITE has count 1, DMA_WRITE has data). False for commands that write nothing. */
typedef struct ts_cdo_store {
    uint64_t addr;
    uint32_t value, mask, count;
    ts_span data; /* DMA_WRITE: count * 4 bytes; else empty */
} ts_cdo_store;

bool ts_cdo_store_of(const ts_cdo_command *command, ts_cdo_store *out);

/* Building: ts_cdo_begin(), commands, ts_cdo_finish(). Failure shows in out->failed.
 * ts_cdo_put_block() puts a NOP before the block so that its data starts at a multiple of 16 bytes
 * of the file, as the driver in mlir-aie does.
 * src: Xilinx/bootgen: cdo-driver/cdo_driver.c, cdo_BlockWrite32,
 * getPadBytesForDmaWrCmdAlignment [code] */
void ts_cdo_begin(ts_buf *out);
void ts_cdo_put(ts_buf *out, uint32_t id, const uint32_t *words, size_t n_words);
void ts_cdo_put_write(ts_buf *out, uint64_t addr, uint32_t value);
void ts_cdo_put_block(ts_buf *out, uint64_t addr, ts_span words);
TS_NODISCARD ts_status ts_cdo_finish(ts_buf *out, ts_diag *diag);

/* Append one CDO that holds the commands of several, each in the form bootgen gives it: the
 * shortest command for an address, NOPs so that block data has the alignment of its address,
 * nothing behind an end command. `files` name the inputs in errors. Errors: those of
 * ts_cdo_parse(), UNSUPPORTED (version 1), RANGE (no commands at all, which bootgen refuses). */
TS_NODISCARD ts_status ts_cdo_merge(ts_arena *arena, const ts_span *inputs,
                                    const char *const *files, size_t n_inputs, ts_buf *out,
                                    ts_diag *diag);

/* ---- CDO text -------------------------------------------------------------------------------- */

/* Names for addresses and words about commands, from a library that knows the device. Any function
 * may be NULL. A name starts with a letter and has no white space and none of { } # " @ *. */
typedef struct ts_cdo_names {
    const void *context;
    /* Append the name of `addr` and give true, or give false. */
    bool (*name)(const void *context, uint64_t addr, ts_buf *out);
    /* The address of a name. */
    bool (*address)(const void *context, const char *name, size_t length, uint64_t *out);
    /* What command `index` means: lines to put before it (each ends with a newline, without "# "),
     * and words to put behind it. Both may stay empty. */
    void (*comment)(const void *context, const ts_cdo *cdo, size_t index, ts_buf *before,
                    ts_buf *behind);
} ts_cdo_names;

/* Append a listing that ts_cdo_pack() reads back to the same bytes (version 1 is only listed). With
 * `brief`, blocks are told by their size, which cannot be packed. `names` may be NULL.
 * Errors: NOMEM. */
TS_NODISCARD ts_status ts_cdo_list(ts_arena *arena, const ts_cdo *cdo, const ts_cdo_names *names,
                                   bool brief, ts_buf *out, ts_diag *diag);

typedef struct ts_cdo_source {
    const char *file; /* names the text in errors */
    const ts_cdo_names *names;
    /* The bytes of `@name` in the text, a whole number of words; NULL: none are allowed. */
    const void *context;
    ts_status (*read)(const void *context, ts_arena *arena, const char *name, ts_span *out,
                      ts_diag *diag);
} ts_cdo_source;

/* Append the binary of a listing; its grammar is in docs/pdi.md. Errors: SYNTAX, UNKNOWN, RANGE,
 * UNSUPPORTED, with line and column. */
TS_NODISCARD ts_status ts_cdo_pack(ts_arena *arena, ts_span text, const ts_cdo_source *source,
                                   ts_buf *out, ts_diag *diag);

/* ---- BIF ------------------------------------------------------------------------------------- */

typedef struct ts_bif_file {
    const char *name;
    size_t offset; /* in the text */
} ts_bif_file;

typedef struct ts_bif_partition {
    uint32_t id;
    size_t offset;
    ts_bif_file *files;
    size_t n_files;
} ts_bif_partition;

typedef struct ts_bif_image {
    char name[TS_PDI_NAME_SIZE + 1]; /* what fits of it */
    uint32_t id, unique_id, parent_unique_id, function_id;
    bool delay_load, delay_handoff;
    size_t offset;
    ts_bif_partition *partitions;
    size_t n_partitions;
} ts_bif_image;

typedef struct ts_bif {
    const char *name; /* the word before the colon */
    uint32_t id_code, extended_id_code, pdi_id, parent_id;
    bool has_id_code; /* else id_code is bootgen's default */
    bool has_leading; /* smap_width is not 0 */
    ts_bif_image *images;
    size_t n_images;
} ts_bif;

/* Read a BIF: the part of its grammar that NPU images need, docs/pdi.md has it. Words of the rest
 * are known and refused by name. `text` stays borrowed.
 * Errors: SYNTAX, UNKNOWN, RANGE, UNSUPPORTED, MISSING, NOMEM, with line and column. */
TS_NODISCARD ts_status ts_bif_parse(ts_arena *arena, ts_span text, const char *file, ts_bif *out,
                                    ts_diag *diag);
/* Read the CDO files it names, from the current folder as bootgen does, and make the image.
 * Errors: IO, and those of ts_cdo_merge() and ts_pdi_layout(). */
TS_NODISCARD ts_status ts_bif_build(ts_arena *arena, const ts_bif *bif, ts_pdi *out, ts_diag *diag);

/* Who gives the files that a BIF names, when it is not the file system. */
typedef struct ts_bif_files {
    ts_status (*read)(const void *context, ts_arena *arena, const char *name, ts_span *out,
                      ts_diag *diag);
    const void *context;
} ts_bif_files;

/* The same, of files from elsewhere. */
TS_NODISCARD ts_status ts_bif_build_from(ts_arena *arena, const ts_bif *bif,
                                         const ts_bif_files *files, ts_pdi *out, ts_diag *diag);

#endif
