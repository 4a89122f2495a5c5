/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * An image as a folder: a JSON manifest and one file for each partition and gap. The manifest names
 * header fields as pdi.h does; fields that are zero are left out, and checksums always are. With
 * "layout": "computed" counts, offsets and lengths are left out too, because ts_pdi_layout() gives
 * the same ones; with "stored" they are kept.
 */
#include "tessera/pdi.h"

#include "pdi_int.h"

#include <inttypes.h>
#include <string.h>

#define FORMAT "tessera pdi 1"

enum {
    COMPUTED_TABLE = 1u << TS_PDI_TABLE_N_IMAGES | 1u << TS_PDI_TABLE_IMAGE_OFF |
                     1u << TS_PDI_TABLE_N_PARTITIONS | 1u << TS_PDI_TABLE_PARTITION_OFF |
                     1u << TS_PDI_TABLE_HEADER_SIZES | 1u << TS_PDI_TABLE_META_LENGTH,
    COMPUTED_IMAGE = 1u << TS_PDI_IMAGE_PARTITION_OFF | 1u << TS_PDI_IMAGE_N_PARTITIONS,
    COMPUTED_PARTITION = 1u << TS_PDI_PARTITION_ENCRYPTED_LENGTH |
                         1u << TS_PDI_PARTITION_PLAIN_LENGTH | 1u << TS_PDI_PARTITION_TOTAL_LENGTH |
                         1u << TS_PDI_PARTITION_NEXT_OFF | 1u << TS_PDI_PARTITION_DATA_OFF,
};

/* ---- splitting ------------------------------------------------------------------------------- */

typedef struct splitter {
    ts_arena *arena;
    const ts_pdi *pdi;
    bool is_computed;
    ts_pdi_part *parts;
    size_t n_parts;
} splitter;

/* Whether ts_pdi_layout() makes the same words and padding out of the contents, behind which
 * ts_pdi_partition_content() left nothing but zeros. */
static ts_status try_layout(splitter *s, ts_diag *diag) {
    const ts_pdi *pdi = s->pdi;
    ts_pdi copy = *pdi;
    copy.images = TS_ARENA_ARRAY(s->arena, ts_pdi_image, pdi->n_images);
    copy.partitions = TS_ARENA_ARRAY(s->arena, ts_pdi_partition, pdi->n_partitions);
    if (!copy.images || !copy.partitions) return ts_fail_nomem(diag);
    if (pdi->n_images) memcpy(copy.images, pdi->images, pdi->n_images * sizeof *copy.images);
    for (size_t i = 0; i < pdi->n_partitions; i++) {
        copy.partitions[i] = pdi->partitions[i];
        copy.partitions[i].data = ts_pdi_partition_content(&pdi->partitions[i]);
    }
    ts_diag ignored = {0};
    bool same = ts_pdi_layout(&copy, &ignored) == TS_OK &&
                memcmp(copy.table, pdi->table, sizeof copy.table) == 0;
    for (size_t i = 0; same && i < pdi->n_images; i++)
        same = memcmp(copy.images[i].word, pdi->images[i].word, sizeof copy.images[i].word) == 0;
    for (size_t i = 0; same && i < pdi->n_partitions; i++) {
        const ts_pdi_partition *made = &copy.partitions[i], *stored = &pdi->partitions[i];
        same = memcmp(made->word, stored->word, sizeof made->word) == 0 &&
               made->data.size + made->n_padding == stored->data.size;
    }
    s->is_computed = same;
    return TS_OK;
}

static bool any_word(const uint32_t *words, const ts_pdi_field *f) {
    for (unsigned i = 0; i < f->n_words; i++)
        if (words[f->word + i]) return true;
    return false;
}

/* The fields that are not zero, not a checksum, and not in `without`, a set of words. */
static void add_header(splitter *s, ts_json *parent, const ts_pdi_field *fields,
                       const uint32_t *words, uint32_t without) {
    ts_json *header = ts_json_add(s->arena, parent, "header", TS_JSON_OBJECT);
    for (const ts_pdi_field *f = fields; f->name; f++) {
        if (!any_word(words, f) || without >> f->word & 1 || strcmp(f->name, "checksum") == 0)
            continue;
        if (f->n_words == 1) {
            ts_json_add_format(s->arena, header, f->name, "0x%" PRIx32, words[f->word]);
            continue;
        }
        ts_json *list = ts_json_add(s->arena, header, f->name, TS_JSON_ARRAY);
        for (unsigned i = 0; i < f->n_words; i++)
            ts_json_add_format(s->arena, list, "", "0x%" PRIx32, words[f->word + i]);
    }
}

static bool add_part(splitter *s, ts_json *node, const char *name, ts_span bytes) {
    if (!name) return false;
    ts_json_add_string(s->arena, node, "file", name);
    s->parts[s->n_parts++] = (ts_pdi_part){name, bytes};
    return true;
}

/* Whether the name alone gives back the name's words. */
static bool is_plain_name(const ts_pdi_image *image, const char *name) {
    ts_pdi_image again;
    ts_pdi_image_init(&again, name, 0);
    return memcmp(&again.word[TS_PDI_IMAGE_NAME], &image->word[TS_PDI_IMAGE_NAME],
                  TS_PDI_NAME_SIZE) == 0;
}

static void add_image(splitter *s, ts_json *list, const ts_pdi_image *image) {
    ts_json *node = ts_json_add(s->arena, list, "", TS_JSON_OBJECT);
    char name[TS_PDI_NAME_SIZE + 1];
    ts_pdi_image_name(image, name);
    uint32_t without = s->is_computed ? COMPUTED_IMAGE : 0;
    if (is_plain_name(image, name)) {
        ts_json_add_string(s->arena, node, "name", name);
        without |= 1u << TS_PDI_IMAGE_NAME;
    }
    ts_json_add_number(s->arena, node, "first_partition", image->first_partition);
    ts_json_add_number(s->arena, node, "partition_count", image->n_partitions);
    add_header(s, node, ts_pdi_image_fields, image->word, without);
}

/* "aie_image.0.cdo": image, index in the file, type. */
static char *partition_file_name(splitter *s, size_t index) {
    char name[TS_PDI_NAME_SIZE + 1] = "partition";
    for (size_t i = 0; i < s->pdi->n_images; i++) {
        const ts_pdi_image *image = &s->pdi->images[i];
        if (index >= image->first_partition && index - image->first_partition < image->n_partitions)
            ts_pdi_image_name(image, name);
    }
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    for (char *p = name; *p; p++)
        if (!strchr(plain, *p)) *p = '_';
    const ts_pdi_partition *partition = &s->pdi->partitions[index];
    return ts_arena_printf(s->arena, "%s.%zu.%s", name[0] ? name : "image", index,
                           ts_pdi_partition_protection(partition)
                               ? "bin"
                               : ts_pdi_type_name(ts_pdi_partition_type(partition)));
}

static ts_json *make_manifest(splitter *s) {
    ts_json *root = ts_json_new(s->arena, TS_JSON_OBJECT);
    ts_json_add_string(s->arena, root, "format", FORMAT);
    ts_json_add_string(s->arena, root, "layout", s->is_computed ? "computed" : "stored");
    ts_json *leading = ts_json_add(s->arena, root, "leading", TS_JSON_ARRAY);
    ts_cur cur = ts_cur_of(s->pdi->leading);
    while (ts_cur_left(&cur))
        ts_json_add_format(s->arena, leading, "", "0x%" PRIx32, ts_cur_u32le(&cur));
    add_header(s, root, ts_pdi_table_fields, s->pdi->table, s->is_computed ? COMPUTED_TABLE : 0);
    ts_json *images = ts_json_add(s->arena, root, "images", TS_JSON_ARRAY);
    for (size_t i = 0; i < s->pdi->n_images; i++)
        add_image(s, images, &s->pdi->images[i]);
    ts_json *partitions = ts_json_add(s->arena, root, "partitions", TS_JSON_ARRAY);
    for (size_t i = 0; i < s->pdi->n_partitions; i++) {
        const ts_pdi_partition *partition = &s->pdi->partitions[i];
        ts_json *node = ts_json_add(s->arena, partitions, "", TS_JSON_OBJECT);
        if (!add_part(s, node, partition_file_name(s, i),
                      s->is_computed ? ts_pdi_partition_content(partition) : partition->data))
            return NULL;
        add_header(s, node, ts_pdi_partition_fields, partition->word,
                   s->is_computed ? COMPUTED_PARTITION : 0);
    }
    /* '-' is in no partition's file name, so that no two parts share one. */
    ts_json *gaps = s->pdi->n_gaps ? ts_json_add(s->arena, root, "gaps", TS_JSON_ARRAY) : NULL;
    for (size_t i = 0; i < s->pdi->n_gaps; i++) {
        ts_json *node = ts_json_add(s->arena, gaps, "", TS_JSON_OBJECT);
        ts_json_add_format(s->arena, node, "offset", "0x%" PRIx64, s->pdi->gaps[i].offset);
        if (!add_part(s, node, ts_arena_printf(s->arena, "gap-%zu.bin", i), s->pdi->gaps[i].bytes))
            return NULL;
    }
    return root;
}

ts_status ts_pdi_split(ts_arena *arena, const ts_pdi *pdi, ts_pdi_part **parts, size_t *n_parts,
                       ts_diag *diag) {
    splitter s = {.arena = arena, .pdi = pdi, .n_parts = 1};
    s.parts = TS_ARENA_ARRAY(arena, ts_pdi_part, 1 + pdi->n_partitions + pdi->n_gaps);
    if (!s.parts) return ts_fail_nomem(diag);
    TS_TRY(try_layout(&s, diag));
    ts_buf text = ts_buf_in(arena);
    if (ts_json_write(&text, make_manifest(&s), &ts_json_pretty) != TS_OK)
        return ts_fail_nomem(diag);
    s.parts[0] = (ts_pdi_part){TS_PDI_MANIFEST, ts_buf_span(&text)};
    *parts = s.parts;
    *n_parts = s.n_parts;
    return TS_OK;
}

/* ---- joining --------------------------------------------------------------------------------- */

typedef struct joiner {
    ts_arena *arena;
    ts_span text;
    const char *path;
    ts_diag *diag;
} joiner;

static ts_status bad_value(joiner *j, ts_status code, const ts_json *node, const char *expected) {
    return ts_fail_text(j->diag, code, j->path, (const char *)j->text.data, j->text.size,
                        node ? node->offset : 0, "%s%s%s", node && node->key[0] ? node->key : "",
                        node && node->key[0] ? ": " : "", expected);
}

/* Every member of `node` has one of the names; a mistyped one must not pass for a missing one. */
static ts_status check_keys(joiner *j, const ts_json *node, const char *const *keys) {
    if (node->kind != TS_JSON_OBJECT) return bad_value(j, TS_RANGE, node, "expected an object");
    for (const ts_json *child = node->first; child; child = child->next) {
        size_t i = 0;
        while (keys[i] && strcmp(keys[i], child->key) != 0)
            i++;
        if (!keys[i]) return bad_value(j, TS_UNKNOWN, child, "nothing of that name belongs here");
    }
    return TS_OK;
}

static ts_status read_word(joiner *j, const ts_json *node, uint64_t most, uint64_t *out) {
    if (node && (node->kind == TS_JSON_STRING || node->kind == TS_JSON_NUMBER) &&
        ts_parse_u64(node->text, out) && *out <= most)
        return TS_OK;
    return bad_value(j, TS_RANGE, node, "expected a number that fits its field");
}

static ts_status read_field(joiner *j, const ts_json *node, const ts_pdi_field *f,
                            uint32_t *words) {
    uint64_t word = 0;
    if (f->n_words == 1) {
        TS_TRY(read_word(j, node, UINT32_MAX, &word));
        words[f->word] = (uint32_t)word;
        return TS_OK;
    }
    if (node->kind != TS_JSON_ARRAY || node->n_children != f->n_words)
        return bad_value(j, TS_RANGE, node, "expected as many words as the field has");
    unsigned i = 0;
    for (const ts_json *child = node->first; child; child = child->next) {
        TS_TRY(read_word(j, child, UINT32_MAX, &word));
        words[f->word + i++] = (uint32_t)word;
    }
    return TS_OK;
}

static ts_status read_header(joiner *j, const ts_json *parent, const ts_pdi_field *fields,
                             uint32_t *words) {
    const ts_json *header = ts_json_get(parent, "header");
    if (!header) return TS_OK;
    if (header->kind != TS_JSON_OBJECT)
        return bad_value(j, TS_RANGE, header, "expected an object of fields");
    for (const ts_json *node = header->first; node; node = node->next) {
        const ts_pdi_field *f = fields;
        while (f->name && strcmp(f->name, node->key) != 0)
            f++;
        if (!f->name) return bad_value(j, TS_UNKNOWN, node, "no field of this header");
        if (strcmp(f->name, "checksum") == 0)
            return bad_value(j, TS_RANGE, node, "is computed; expected none");
        TS_TRY(read_field(j, node, f, words));
    }
    return TS_OK;
}

static ts_status read_part(joiner *j, const ts_json *node, ts_span *out) {
    const ts_json *name = ts_json_get(node, "file");
    if (!name || name->kind != TS_JSON_STRING)
        return bad_value(j, TS_MISSING, node, "expected a \"file\"");
    if (!ts_path_is_plain_name(name->text))
        return bad_value(j, TS_RANGE, name, "expected a name in the manifest's own folder");
    const char *path = ts_path_beside(j->arena, j->path, name->text);
    if (!path) return ts_fail_nomem(j->diag);
    return ts_file_read(j->arena, path, 0, out, j->diag);
}

static ts_status read_list(joiner *j, const ts_json *root, const char *key, size_t most,
                           const ts_json **first, size_t *n) {
    const ts_json *list = ts_json_get(root, key);
    *first = NULL;
    *n = 0;
    if (!list) return TS_OK;
    if (list->kind != TS_JSON_ARRAY || list->n_children > most)
        return bad_value(j, TS_RANGE, list, "expected a list, not longer than the format allows");
    *first = list->first;
    *n = list->n_children;
    return TS_OK;
}

static ts_status read_leading(joiner *j, const ts_json *root, ts_pdi *pdi) {
    const ts_json *node;
    size_t n;
    TS_TRY(read_list(j, root, "leading", 4, &node, &n));
    ts_buf words = ts_buf_in(j->arena);
    if (n != 0 && n != 4)
        return bad_value(j, TS_RANGE, node, "expected four leading words or none");
    for (; node; node = node->next) {
        uint64_t word = 0;
        TS_TRY(read_word(j, node, UINT32_MAX, &word));
        ts_buf_u32le(&words, (uint32_t)word);
    }
    pdi->leading = ts_buf_span(&words);
    return words.failed ? ts_fail_nomem(j->diag) : TS_OK;
}

static ts_status read_image(joiner *j, const ts_json *node, const ts_pdi *pdi,
                            ts_pdi_image *image) {
    static const char *const keys[] = {"name", "first_partition", "partition_count", "header",
                                       NULL};
    uint64_t first = 0, count = 0;
    TS_TRY(check_keys(j, node, keys));
    const ts_json *name_node = ts_json_get(node, "name");
    if (name_node && name_node->kind != TS_JSON_STRING)
        return bad_value(j, TS_RANGE, name_node, "expected a text");
    const char *name = ts_json_text(node, "name", "");
    if (strlen(name) > TS_PDI_NAME_SIZE)
        return bad_value(j, TS_RANGE, name_node, "longer than 16 characters");
    ts_pdi_image_init(image, name, 0);
    TS_TRY(read_header(j, node, ts_pdi_image_fields, image->word));
    const ts_json *first_node = ts_json_get(node, "first_partition");
    const ts_json *count_node = ts_json_get(node, "partition_count");
    if (!first_node || !count_node)
        return bad_value(j, TS_MISSING, node, "expected first_partition and partition_count");
    TS_TRY(read_word(j, first_node, pdi->n_partitions, &first));
    TS_TRY(read_word(j, count_node, pdi->n_partitions - first, &count));
    image->first_partition = (size_t)first;
    image->n_partitions = (size_t)count;
    return TS_OK;
}

static ts_status read_lists(joiner *j, const ts_json *root, ts_pdi *pdi) {
    static const char *const partition_keys[] = {"file", "header", NULL};
    static const char *const gap_keys[] = {"offset", "file", NULL};
    const ts_json *images, *partitions, *gaps;
    TS_TRY(read_list(j, root, "images", TS_PDI_MAX_IMAGES, &images, &pdi->n_images));
    TS_TRY(
        read_list(j, root, "partitions", TS_PDI_MAX_PARTITIONS, &partitions, &pdi->n_partitions));
    TS_TRY(read_list(j, root, "gaps", 2 * (size_t)TS_PDI_MAX_PARTITIONS, &gaps, &pdi->n_gaps));
    pdi->images = TS_ARENA_ARRAY(j->arena, ts_pdi_image, pdi->n_images);
    pdi->partitions = TS_ARENA_ARRAY(j->arena, ts_pdi_partition, pdi->n_partitions);
    pdi->gaps = TS_ARENA_ARRAY(j->arena, ts_pdi_gap, pdi->n_gaps);
    if (!pdi->images || !pdi->partitions || !pdi->gaps) return ts_fail_nomem(j->diag);
    for (size_t i = 0; i < pdi->n_images; i++, images = images->next)
        TS_TRY(read_image(j, images, pdi, &pdi->images[i]));
    for (size_t i = 0; i < pdi->n_partitions; i++, partitions = partitions->next) {
        TS_TRY(check_keys(j, partitions, partition_keys));
        TS_TRY(read_header(j, partitions, ts_pdi_partition_fields, pdi->partitions[i].word));
        TS_TRY(read_part(j, partitions, &pdi->partitions[i].data));
    }
    for (size_t i = 0; i < pdi->n_gaps; i++, gaps = gaps->next) {
        TS_TRY(check_keys(j, gaps, gap_keys));
        if (!ts_json_get(gaps, "offset"))
            return bad_value(j, TS_MISSING, gaps, "a gap without an \"offset\"");
        TS_TRY(read_word(j, ts_json_get(gaps, "offset"), UINT64_MAX, &pdi->gaps[i].offset));
        TS_TRY(read_part(j, gaps, &pdi->gaps[i].bytes));
    }
    return TS_OK;
}

ts_status ts_pdi_join(ts_arena *arena, const char *manifest_path, ts_pdi *out, ts_diag *diag) {
    static const char *const keys[] = {"format", "layout",     "leading", "header",
                                       "images", "partitions", "gaps",    NULL};
    joiner j = {.arena = arena, .path = manifest_path, .diag = diag};
    ts_json *root;
    ts_pdi pdi = {0};
    TS_TRY(ts_file_read(arena, manifest_path, 1u << 24, &j.text, diag));
    TS_TRY(ts_json_parse(arena, j.text, manifest_path, &root, diag));
    if (strcmp(ts_json_text(root, "format", ""), FORMAT) != 0)
        return ts_fail(diag, TS_SYNTAX, manifest_path,
                       "not the manifest of a PDI; expected \"format\": \"" FORMAT "\"");
    TS_TRY(check_keys(&j, root, keys));
    TS_TRY(read_leading(&j, root, &pdi));
    TS_TRY(read_header(&j, root, ts_pdi_table_fields, pdi.table));
    TS_TRY(read_lists(&j, root, &pdi));
    const char *layout = ts_json_text(root, "layout", "");
    if (strcmp(layout, "computed") == 0)
        TS_TRY(ts_pdi_layout(&pdi, diag));
    else if (strcmp(layout, "stored") != 0)
        return bad_value(&j, TS_UNKNOWN, ts_json_get(root, "layout"),
                         "expected \"computed\" or \"stored\"");
    TS_TRY(pdi_check_table(pdi.table, manifest_path, diag));
    *out = pdi;
    return TS_OK;
}
