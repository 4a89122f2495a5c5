/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * PDI images: leading words, a header table, image headers, partition headers, partition data. A
 * header is kept as its words, so that writing returns what reading took; the fields have names in
 * pdi.h. Every byte of a file belongs to one region (a header, data, or a gap that is carried), and
 * both reading and writing go through the sorted list of regions.
 */
#include "tessera/pdi.h"
#include "pdi_int.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The words a device finds its bus width by, written for a width of 32 bits.
 * src: Xilinx/bootgen: bootheader-versal.cpp, smapWords [code] */
static const uint8_t leading_words[16] = {0xdd, 0,    0,    0,    0x44, 0x33, 0x22, 0x11,
                                          0x88, 0x77, 0x66, 0x55, 0xcc, 0xbb, 0xaa, 0x99};
/* ... and their first words for 8 and 16 bits. */
static const uint32_t leading_starts[] = {0x000000dd, 0x00dd0000, 0xdd000000, 0x0000dd00};

/* Where a boot header would have this word, an NPU's image has its header table.
 * src: Xilinx/bootgen: readimage-versal.cpp, widthDetectionWord [code] */
#define BOOT_HEADER_MAGIC 0xaa995566u
#define MAGIC_PARTIAL     0x50504449u /* "IDPP" in the file: no boot loader inside */
#define MAGIC_FULL        0x46504449u /* "IDPF" */
#define VERSION_MADE      0x00040000u
/* Words of the three headers, a byte each.
 * src: Xilinx/bootgen: imageheadertable-versal.cpp, SetHeaderTablesSize [code] */
#define HEADER_SIZES                                                                               \
    (TS_PDI_TABLE_WORDS | TS_PDI_IMAGE_WORDS << 8 | (uint32_t)TS_PDI_PARTITION_WORDS << 16)

#define F(constant, word, n_words, name) {name, word, n_words},
const ts_pdi_field ts_pdi_table_fields[] = {TS_PDI_TABLE_FIELDS(F){NULL, 0, 0}};
const ts_pdi_field ts_pdi_image_fields[] = {TS_PDI_IMAGE_FIELDS(F){NULL, 0, 0}};
const ts_pdi_field ts_pdi_partition_fields[] = {TS_PDI_PARTITION_FIELDS(F){NULL, 0, 0}};
#undef F

/* src: Xilinx/bootgen: imageheadertable-versal.h, VERSION_v1_00_VERSAL and on [code] */
static const uint32_t known_versions[] = {0x01030000, 0x00020000, 0x00030000, VERSION_MADE};

typedef enum header_form {
    HEADER_TABLE,
    HEADER_IMAGE,
    HEADER_PARTITION,
} header_form;

static const struct {
    unsigned n_words;
    const char *name;
} header_forms[] = {
    {TS_PDI_TABLE_WORDS, "the image header table"},
    {TS_PDI_IMAGE_WORDS, "the header of image"},
    {TS_PDI_PARTITION_WORDS, "the header of partition"},
};

/* AMD's own overlays: the lengths are those before a recoding of the commands, and the data may be
 * shorter. What the three words mean is not published; the first is always 1, the others never 0.
 * src: amd/RyzenAI-SW: the PDIs in XCLBINs for Phoenix, partition header words 28..30
 * [observed: 165 PDIs, 2026-11] */
static bool is_recoded(const uint32_t *words) {
    const uint32_t *at = words + TS_PDI_PARTITION_RECODED;
    return at[0] == 1 && at[1] && at[2];
}

/* The last word of a header is its checksum: the words before summed, then inverted. Whoever
 * recodes a partition leaves it as it was, so it does not count the three words that tell about
 * that. src: Xilinx/bootgen: elftools.cpp, ComputeWordChecksum [code] src: amd/RyzenAI-SW: as
 * is_recoded() [observed] */
static uint32_t header_checksum(header_form form, const uint32_t *words) {
    uint32_t sum = 0;
    bool is_short = form == HEADER_PARTITION && is_recoded(words);
    for (unsigned i = 0; i + 1 < header_forms[form].n_words; i++)
        if (!is_short || i < TS_PDI_PARTITION_RECODED || i >= TS_PDI_PARTITION_RECODED + 3)
            sum += words[i];
    return ~sum;
}

const char *ts_pdi_type_name(ts_pdi_type type) {
    switch (type) {
#define X(constant, value, name)                                                                   \
    case TS_PDI_TYPE_##constant: return name;
        TS_PDI_TYPE_LIST(X)
#undef X
    }
    return "?";
}

ts_pdi_type ts_pdi_partition_type(const ts_pdi_partition *partition) {
    return (ts_pdi_type)(partition->word[TS_PDI_PARTITION_ATTRIBUTES] >> 24 & 7);
}

const char *ts_pdi_partition_protection(const ts_pdi_partition *partition) {
    const uint32_t *word = partition->word;
    if (word[TS_PDI_PARTITION_KEY_SOURCE]) return "encrypted";
    if (word[TS_PDI_PARTITION_CERTIFICATE_OFF]) return "signed";
    /* src: Xilinx/bootgen: partitionheadertable-versal.h, vphtChecksumTypeShift [code] */
    if (word[TS_PDI_PARTITION_ATTRIBUTES] >> 12 & 3) return "hashed";
    if (is_recoded(word)) return "recoded";
    return NULL;
}

ts_span ts_pdi_partition_content(const ts_pdi_partition *partition) {
    uint64_t length = (uint64_t)partition->word[TS_PDI_PARTITION_PLAIN_LENGTH] * PDI_WORD_BYTES;
    ts_span content = partition->data;
    if (ts_pdi_partition_protection(partition) || length > content.size) return content;
    for (size_t i = (size_t)length; i < content.size; i++)
        if (content.data[i]) return content;
    content.size = (size_t)length;
    return content;
}

void ts_pdi_image_name(const ts_pdi_image *image, char out[TS_PDI_NAME_SIZE + 1]) {
    unsigned n = 0;
    for (unsigned i = 0; i < TS_PDI_NAME_SIZE; i++) {
        unsigned char c = (unsigned char)(image->word[TS_PDI_IMAGE_NAME + i / 4] >> (i % 4 * 8));
        if (!c) break;
        out[n++] = c > 0x20 && c < 0x7f ? (char)c : '_';
    }
    out[n] = '\0';
}

/* ---- regions --------------------------------------------------------------------------------- */

typedef enum region_kind {
    REGION_LEADING,
    REGION_TABLE,
    REGION_IMAGES,
    REGION_PARTITIONS,
    REGION_DATA,
    REGION_GAP,
} region_kind;

static const char *const region_names[] = {"the leading words",     "the image header table",
                                           "the image headers",     "the partition headers",
                                           "the data of partition", "gap"};

typedef struct region {
    uint64_t offset, size;
    region_kind kind;
    size_t index; /* of the partition or gap */
} region;

typedef struct region_list {
    region *at;
    size_t n;
} region_list;

static int by_offset(const void *a, const void *b) {
    const region *x = a, *y = b;
    return x->offset < y->offset ? -1 : x->offset > y->offset;
}

static void add_region(region_list *list, region_kind kind, size_t index, uint64_t offset,
                       uint64_t size) {
    if (size) list->at[list->n++] = (region){offset, size, kind, index};
}

/* Everything the headers place, and the gaps, by offset. False: NOMEM. */
static bool list_regions(ts_arena *arena, const ts_pdi *pdi, region_list *out) {
    *out = (region_list){TS_ARENA_ARRAY(arena, region, 4 + pdi->n_partitions + pdi->n_gaps), 0};
    if (!out->at) return false;
    uint64_t leading = pdi->leading.size;
    add_region(out, REGION_LEADING, 0, 0, leading);
    add_region(out, REGION_TABLE, 0, leading, TS_PDI_TABLE_WORDS * PDI_WORD_BYTES);
    add_region(out, REGION_IMAGES, 0, (uint64_t)pdi->table[TS_PDI_TABLE_IMAGE_OFF] * PDI_WORD_BYTES,
               (uint64_t)pdi->n_images * TS_PDI_IMAGE_WORDS * PDI_WORD_BYTES);
    add_region(out, REGION_PARTITIONS, 0,
               (uint64_t)pdi->table[TS_PDI_TABLE_PARTITION_OFF] * PDI_WORD_BYTES,
               (uint64_t)pdi->n_partitions * TS_PDI_PARTITION_WORDS * PDI_WORD_BYTES);
    for (size_t i = 0; i < pdi->n_partitions; i++)
        add_region(out, REGION_DATA, i,
                   (uint64_t)pdi->partitions[i].word[TS_PDI_PARTITION_DATA_OFF] * PDI_WORD_BYTES,
                   (uint64_t)pdi->partitions[i].data.size + pdi->partitions[i].n_padding);
    for (size_t i = 0; i < pdi->n_gaps; i++)
        add_region(out, REGION_GAP, i, pdi->gaps[i].offset, pdi->gaps[i].bytes.size);
    qsort(out->at, out->n, sizeof *out->at, by_offset);
    return true;
}

/* ---- reading --------------------------------------------------------------------------------- */

typedef struct reader {
    ts_arena *arena;
    ts_span bytes;
    const char *file;
    ts_diag *diag;
    ts_pdi *pdi;
} reader;

/* Read the words of header `index` of its form at `offset` and verify the checksum. */
static ts_status read_header(reader *r, header_form form, size_t index, uint64_t offset,
                             uint32_t *words) {
    unsigned n_words = header_forms[form].n_words;
    ts_cur cur = ts_cur_of(r->bytes);
    ts_cur_seek(&cur, offset);
    for (unsigned i = 0; i < n_words; i++)
        words[i] = ts_cur_u32le(&cur);
    char what[64];
    if (form == HEADER_TABLE)
        snprintf(what, sizeof what, "%s", header_forms[form].name);
    else
        snprintf(what, sizeof what, "%s %zu", header_forms[form].name, index);
    if (cur.bad)
        return ts_fail_at(r->diag, TS_TRUNCATED, r->file, offset,
                          "%s needs %zu bytes here; the file has %zu in all", what,
                          n_words * PDI_WORD_BYTES, r->bytes.size);
    uint32_t sum = header_checksum(form, words);
    if (sum != words[n_words - 1])
        return ts_fail_at(r->diag, TS_RANGE, r->file,
                          offset + ((uint64_t)n_words - 1) * PDI_WORD_BYTES,
                          "checksum 0x%08" PRIx32 " of %s; its words give 0x%08" PRIx32,
                          words[n_words - 1], what, sum);
    return TS_OK;
}

static bool is_leading(uint32_t word) {
    for (size_t i = 0; i < sizeof leading_starts / sizeof *leading_starts; i++)
        if (leading_starts[i] == word) return true;
    return false;
}

/* Where the header table starts: behind the leading words, if there are any. */
static size_t leading_size(ts_span bytes) {
    ts_cur cur = ts_cur_of(bytes);
    return is_leading(ts_cur_u32le(&cur)) ? sizeof leading_words : 0;
}

static bool is_magic(uint32_t word) {
    return word == MAGIC_PARTIAL || word == MAGIC_FULL;
}

ts_status pdi_check_table(const uint32_t *table, const char *file, ts_diag *diag) {
    if (is_magic(table[TS_PDI_TABLE_MAGIC])) return TS_OK;
    return ts_fail(diag, TS_RANGE, file,
                   "the header has the identification 0x%08" PRIx32 "; expected 0x%08x or 0x%08x",
                   table[TS_PDI_TABLE_MAGIC], MAGIC_PARTIAL, MAGIC_FULL);
}

bool ts_pdi_is_image(ts_span bytes) {
    ts_cur cur = ts_cur_of(bytes);
    ts_cur_seek(&cur, leading_size(bytes) + TS_PDI_TABLE_MAGIC * PDI_WORD_BYTES);
    return is_magic(ts_cur_u32le(&cur)) && !cur.bad;
}

/* The identification comes before the checksum: a file of another kind should hear so. */
static ts_status check_identification(reader *r, size_t leading) {
    ts_cur cur = ts_cur_of(r->bytes);
    ts_cur_seek(&cur, 16);
    uint32_t boot = ts_cur_u32le(&cur);
    if (!cur.bad && leading && boot == BOOT_HEADER_MAGIC)
        return ts_fail_at(r->diag, TS_UNSUPPORTED, r->file, 16,
                          "has a boot header, as images for whole Versal devices do; expected an "
                          "image header table");
    size_t at = leading + TS_PDI_TABLE_MAGIC * PDI_WORD_BYTES;
    cur = ts_cur_of(r->bytes);
    ts_cur_seek(&cur, at);
    uint32_t magic = ts_cur_u32le(&cur);
    if (cur.bad)
        return ts_fail_at(r->diag, TS_TRUNCATED, r->file, r->bytes.size,
                          "ends before the identification of a PDI at offset 0x%zx", at);
    if (!is_magic(magic))
        return ts_fail_at(r->diag, TS_SYNTAX, r->file, at,
                          "not a PDI: found 0x%08" PRIx32 "; expected \"IDPP\" or \"IDPF\"", magic);
    return TS_OK;
}

static ts_status check_table(reader *r, size_t leading) {
    const uint32_t *table = r->pdi->table;
    bool known = false;
    for (size_t i = 0; i < sizeof known_versions / sizeof *known_versions; i++)
        known |= known_versions[i] == table[TS_PDI_TABLE_VERSION];
    if (!known)
        return ts_fail_at(r->diag, TS_UNSUPPORTED, r->file, leading,
                          "version 0x%08" PRIx32 "; expected 0x%08" PRIx32
                          " or one of the three before",
                          table[TS_PDI_TABLE_VERSION], VERSION_MADE);
    if (table[TS_PDI_TABLE_HEADER_SIZES] != HEADER_SIZES)
        return ts_fail_at(r->diag, TS_RANGE, r->file,
                          leading + TS_PDI_TABLE_HEADER_SIZES * PDI_WORD_BYTES,
                          "header sizes 0x%06" PRIx32 "; expected 0x%06" PRIx32,
                          table[TS_PDI_TABLE_HEADER_SIZES], HEADER_SIZES);
    if (table[TS_PDI_TABLE_N_IMAGES] > TS_PDI_MAX_IMAGES)
        return ts_fail_at(r->diag, TS_RANGE, r->file,
                          leading + TS_PDI_TABLE_N_IMAGES * PDI_WORD_BYTES,
                          "%" PRIu32 " images; at most %d are allowed",
                          table[TS_PDI_TABLE_N_IMAGES], TS_PDI_MAX_IMAGES);
    if (table[TS_PDI_TABLE_N_PARTITIONS] > TS_PDI_MAX_PARTITIONS)
        return ts_fail_at(r->diag, TS_RANGE, r->file,
                          leading + TS_PDI_TABLE_N_PARTITIONS * PDI_WORD_BYTES,
                          "%" PRIu32 " partitions; at most %d are allowed",
                          table[TS_PDI_TABLE_N_PARTITIONS], TS_PDI_MAX_PARTITIONS);
    return TS_OK;
}

/* The data of a partition. A recoded one tells the length from before, so it ends with the file. */
static ts_status read_data(reader *r, uint64_t header_at, ts_pdi_partition *partition) {
    uint64_t offset = (uint64_t)partition->word[TS_PDI_PARTITION_DATA_OFF] * PDI_WORD_BYTES;
    uint64_t size = (uint64_t)partition->word[TS_PDI_PARTITION_TOTAL_LENGTH] * PDI_WORD_BYTES;
    if (is_recoded(partition->word) && offset < r->bytes.size && size > r->bytes.size - offset)
        size = r->bytes.size - offset;
    if (!ts_span_sub(r->bytes, offset, size, &partition->data))
        return ts_fail_at(
            r->diag, TS_TRUNCATED, r->file, header_at + TS_PDI_PARTITION_DATA_OFF * PDI_WORD_BYTES,
            "%" PRIu64 " bytes of data at offset 0x%" PRIx64 "; the file has %zu bytes in all",
            size, offset, r->bytes.size);
    return TS_OK;
}

static ts_status read_partitions(reader *r) {
    ts_pdi *pdi = r->pdi;
    uint64_t at = (uint64_t)pdi->table[TS_PDI_TABLE_PARTITION_OFF] * PDI_WORD_BYTES;
    pdi->n_partitions = pdi->table[TS_PDI_TABLE_N_PARTITIONS];
    pdi->partitions = TS_ARENA_ARRAY(r->arena, ts_pdi_partition, pdi->n_partitions);
    if (!pdi->partitions) return ts_fail_nomem(r->diag);
    for (size_t i = 0; i < pdi->n_partitions; i++) {
        TS_TRY(read_header(r, HEADER_PARTITION, i, at, pdi->partitions[i].word));
        TS_TRY(read_data(r, at, &pdi->partitions[i]));
        at += TS_PDI_PARTITION_WORDS * PDI_WORD_BYTES;
    }
    return TS_OK;
}

/* Which partitions are an image's: its header points at the first one's header. */
static ts_status find_partitions(reader *r, uint64_t header_at, ts_pdi_image *image) {
    const uint32_t *table = r->pdi->table;
    uint32_t first = image->word[TS_PDI_IMAGE_PARTITION_OFF];
    uint32_t count = image->word[TS_PDI_IMAGE_N_PARTITIONS];
    uint32_t start = table[TS_PDI_TABLE_PARTITION_OFF];
    uint32_t index = first < start ? UINT32_MAX : (first - start) / TS_PDI_PARTITION_WORDS;
    bool aligned = first >= start && (first - start) % TS_PDI_PARTITION_WORDS == 0;
    if (count && (!aligned || index > r->pdi->n_partitions || count > r->pdi->n_partitions - index))
        return ts_fail_at(r->diag, TS_RANGE, r->file, header_at,
                          "%" PRIu32 " partition headers at word 0x%" PRIx32
                          "; the table has %zu at word 0x%" PRIx32,
                          count, first, r->pdi->n_partitions, start);
    image->first_partition = count ? index : 0;
    image->n_partitions = count;
    return TS_OK;
}

static ts_status read_images(reader *r) {
    ts_pdi *pdi = r->pdi;
    uint64_t at = (uint64_t)pdi->table[TS_PDI_TABLE_IMAGE_OFF] * PDI_WORD_BYTES;
    pdi->n_images = pdi->table[TS_PDI_TABLE_N_IMAGES];
    pdi->images = TS_ARENA_ARRAY(r->arena, ts_pdi_image, pdi->n_images);
    if (!pdi->images) return ts_fail_nomem(r->diag);
    for (size_t i = 0; i < pdi->n_images; i++) {
        TS_TRY(read_header(r, HEADER_IMAGE, i, at, pdi->images[i].word));
        TS_TRY(find_partitions(r, at, &pdi->images[i]));
        at += TS_PDI_IMAGE_WORDS * PDI_WORD_BYTES;
    }
    return TS_OK;
}

/* What lies between the regions becomes gaps; regions that share bytes are an error. */
static ts_status find_gaps(reader *r) {
    region_list regions;
    if (!list_regions(r->arena, r->pdi, &regions)) return ts_fail_nomem(r->diag);
    ts_pdi_gap *gaps = TS_ARENA_ARRAY(r->arena, ts_pdi_gap, regions.n + 1);
    if (!gaps) return ts_fail_nomem(r->diag);
    uint64_t end = 0;
    for (size_t i = 0; i <= regions.n; i++) {
        uint64_t start = i < regions.n ? regions.at[i].offset : r->bytes.size;
        if (start < end)
            return ts_fail_at(r->diag, TS_RANGE, r->file, start, "%s begins inside %s",
                              region_names[regions.at[i].kind],
                              region_names[regions.at[i - 1].kind]);
        if (start > end) {
            ts_pdi_gap *gap = &gaps[r->pdi->n_gaps++];
            *gap = (ts_pdi_gap){end, ts_span_of(r->bytes.data + end, (size_t)(start - end))};
        }
        if (i < regions.n) end = start + regions.at[i].size;
    }
    r->pdi->gaps = gaps;
    return TS_OK;
}

ts_status ts_pdi_parse(ts_arena *arena, ts_span bytes, const char *file, ts_pdi *out,
                       ts_diag *diag) {
    ts_pdi pdi = {0};
    reader r = {arena, bytes, file, diag, &pdi};
    if (bytes.size < PDI_WORD_BYTES)
        return ts_fail_at(diag, TS_TRUNCATED, file, bytes.size,
                          "%zu bytes; expected the headers of a PDI", bytes.size);
    size_t leading = leading_size(bytes);
    TS_TRY(check_identification(&r, leading));
    pdi.leading = ts_span_of(bytes.data, leading);
    TS_TRY(read_header(&r, HEADER_TABLE, 0, leading, pdi.table));
    TS_TRY(check_table(&r, leading));
    /* With a key the headers behind the table are encrypted. */
    if (!pdi.table[TS_PDI_TABLE_KEY_SOURCE]) {
        TS_TRY(read_partitions(&r));
        TS_TRY(read_images(&r));
    }
    TS_TRY(find_gaps(&r));
    *out = pdi;
    return TS_OK;
}

/* ---- writing --------------------------------------------------------------------------------- */

static void put_header(ts_buf *out, header_form form, const uint32_t *words) {
    for (unsigned i = 0; i + 1 < header_forms[form].n_words; i++)
        ts_buf_u32le(out, words[i]);
    ts_buf_u32le(out, header_checksum(form, words));
}

static void put_region(ts_buf *out, const ts_pdi *pdi, const region *part) {
    switch (part->kind) {
    case REGION_LEADING: ts_buf_span_add(out, pdi->leading); break;
    case REGION_TABLE: put_header(out, HEADER_TABLE, pdi->table); break;
    case REGION_IMAGES:
        for (size_t i = 0; i < pdi->n_images; i++)
            put_header(out, HEADER_IMAGE, pdi->images[i].word);
        break;
    case REGION_PARTITIONS:
        for (size_t i = 0; i < pdi->n_partitions; i++)
            put_header(out, HEADER_PARTITION, pdi->partitions[i].word);
        break;
    case REGION_DATA:
        ts_buf_span_add(out, pdi->partitions[part->index].data);
        ts_buf_zeros(out, pdi->partitions[part->index].n_padding);
        break;
    case REGION_GAP: ts_buf_span_add(out, pdi->gaps[part->index].bytes); break;
    }
}

static ts_status misplaced(const region *r, uint64_t end, ts_diag *diag) {
    char index[24] = "";
    if (r->kind >= REGION_DATA) snprintf(index, sizeof index, " %zu", r->index);
    return ts_fail(diag, TS_RANGE, NULL,
                   "%s%s is placed at offset 0x%" PRIx64 "; the part before ends at 0x%" PRIx64,
                   region_names[r->kind], index, r->offset, end);
}

ts_status ts_pdi_write(const ts_pdi *pdi, ts_buf *out, ts_diag *diag) {
    region_list regions;
    bool hidden = pdi->table[TS_PDI_TABLE_KEY_SOURCE] != 0;
    if (!hidden && (pdi->table[TS_PDI_TABLE_N_IMAGES] != pdi->n_images ||
                    pdi->table[TS_PDI_TABLE_N_PARTITIONS] != pdi->n_partitions))
        return ts_fail(diag, TS_RANGE, NULL,
                       "%zu images and %zu partitions; the header table counts %" PRIu32
                       " and %" PRIu32,
                       pdi->n_images, pdi->n_partitions, pdi->table[TS_PDI_TABLE_N_IMAGES],
                       pdi->table[TS_PDI_TABLE_N_PARTITIONS]);
    if (!list_regions(out->arena, pdi, &regions)) return ts_fail_nomem(diag);
    uint64_t end = 0;
    for (size_t i = 0; i < regions.n; i++)
        end += regions.at[i].size;
    ts_buf_reserve(out, (size_t)end);
    end = 0;
    for (size_t i = 0; i < regions.n; i++) {
        if (regions.at[i].offset != end) return misplaced(&regions.at[i], end, diag);
        put_region(out, pdi, &regions.at[i]);
        end += regions.at[i].size;
    }
    return out->failed ? ts_fail_nomem(diag) : TS_OK;
}

/* ---- making ---------------------------------------------------------------------------------- */

void ts_pdi_init(ts_pdi *out) {
    *out = (ts_pdi){.leading = {leading_words, sizeof leading_words}};
    out->table[TS_PDI_TABLE_VERSION] = VERSION_MADE;
    out->table[TS_PDI_TABLE_MAGIC] = MAGIC_PARTIAL;
}

void ts_pdi_image_init(ts_pdi_image *out, const char *name, uint32_t id) {
    *out = (ts_pdi_image){0};
    for (unsigned i = 0; i < TS_PDI_NAME_SIZE && name[i]; i++)
        out->word[TS_PDI_IMAGE_NAME + i / 4] |= (uint32_t)(unsigned char)name[i] << (i % 4 * 8);
    out->word[TS_PDI_IMAGE_ID] = id;
}

void ts_pdi_partition_init(ts_pdi_partition *out, ts_pdi_type type, ts_span data) {
    *out = (ts_pdi_partition){.data = data};
    /* src: Xilinx/bootgen: imageheadertable-versal.cpp, ImportCdo (the load address); the low
     * attribute bits 6, exception level 3, are what it writes for a CDO
     * [observed: bootgen 2022.2 and the images of mlir-aie] */
    out->word[TS_PDI_PARTITION_LOAD_ADDR] = UINT32_MAX;
    out->word[TS_PDI_PARTITION_LOAD_ADDR + 1] = UINT32_MAX;
    out->word[TS_PDI_PARTITION_ATTRIBUTES] = (uint32_t)type << 24 | 6;
    out->word[TS_PDI_PARTITION_N_SECTIONS] = 1;
}

static ts_status layout_data(ts_pdi_partition *partition, uint64_t *at_word, ts_diag *diag) {
    size_t size = partition->data.size;
    if (ts_pdi_partition_protection(partition))
        return ts_fail(diag, TS_UNSUPPORTED, NULL, "a partition that is %s can only be carried",
                       ts_pdi_partition_protection(partition));
    uint64_t n_words = ((uint64_t)size + PDI_WORD_BYTES - 1) / PDI_WORD_BYTES;
    uint64_t padded = ((uint64_t)size + TS_PDI_DATA_ALIGN - 1) / TS_PDI_DATA_ALIGN *
                      (TS_PDI_DATA_ALIGN / PDI_WORD_BYTES);
    if (padded > UINT32_MAX - *at_word)
        return ts_fail(diag, TS_RANGE, NULL,
                       "%zu bytes in a partition; a PDI holds less than 16 GiB", size);
    partition->n_padding = (size_t)(padded * PDI_WORD_BYTES - size);
    partition->word[TS_PDI_PARTITION_ENCRYPTED_LENGTH] = (uint32_t)padded;
    partition->word[TS_PDI_PARTITION_PLAIN_LENGTH] = (uint32_t)n_words;
    partition->word[TS_PDI_PARTITION_TOTAL_LENGTH] = (uint32_t)padded;
    partition->word[TS_PDI_PARTITION_DATA_OFF] = (uint32_t)*at_word;
    *at_word += padded;
    return TS_OK;
}

ts_status ts_pdi_layout(ts_pdi *pdi, ts_diag *diag) {
    if (pdi->n_gaps || pdi->table[TS_PDI_TABLE_KEY_SOURCE] ||
        pdi->table[TS_PDI_TABLE_CERTIFICATE_OFF] || pdi->table[TS_PDI_TABLE_OPTIONAL_SIZE])
        return ts_fail(diag, TS_UNSUPPORTED, NULL,
                       "an image with optional data, keys or certificates can only be carried");
    if (pdi->n_images > TS_PDI_MAX_IMAGES || pdi->n_partitions > TS_PDI_MAX_PARTITIONS)
        return ts_fail(diag, TS_RANGE, NULL, "%zu images, %zu partitions; at most %d are allowed",
                       pdi->n_images, pdi->n_partitions, TS_PDI_MAX_PARTITIONS);
    uint32_t images_at = (uint32_t)(pdi->leading.size / PDI_WORD_BYTES) + TS_PDI_TABLE_WORDS;
    uint32_t partitions_at = images_at + (uint32_t)pdi->n_images * TS_PDI_IMAGE_WORDS;
    uint32_t data_at = partitions_at + (uint32_t)pdi->n_partitions * TS_PDI_PARTITION_WORDS;
    uint32_t *table = pdi->table;
    table[TS_PDI_TABLE_N_IMAGES] = (uint32_t)pdi->n_images;
    table[TS_PDI_TABLE_IMAGE_OFF] = images_at;
    table[TS_PDI_TABLE_N_PARTITIONS] = (uint32_t)pdi->n_partitions;
    table[TS_PDI_TABLE_PARTITION_OFF] = partitions_at;
    table[TS_PDI_TABLE_HEADER_SIZES] = HEADER_SIZES;
    table[TS_PDI_TABLE_META_LENGTH] = data_at - images_at;
    for (size_t i = 0; i < pdi->n_images; i++) {
        ts_pdi_image *image = &pdi->images[i];
        image->word[TS_PDI_IMAGE_PARTITION_OFF] =
            partitions_at + (uint32_t)image->first_partition * TS_PDI_PARTITION_WORDS;
        image->word[TS_PDI_IMAGE_N_PARTITIONS] = (uint32_t)image->n_partitions;
    }
    uint64_t at_word = data_at;
    for (size_t i = 0; i < pdi->n_partitions; i++) {
        bool is_last = i + 1 == pdi->n_partitions;
        pdi->partitions[i].word[TS_PDI_PARTITION_NEXT_OFF] =
            is_last ? 0 : partitions_at + (uint32_t)(i + 1) * TS_PDI_PARTITION_WORDS;
        TS_TRY(layout_data(&pdi->partitions[i], &at_word, diag));
    }
    return TS_OK;
}
