/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The boot image format, as far as NPU images need it:
 *
 *   bif        = word ":" "{" { item } "}"
 *   item       = "id_code" "=" number | "extended_id_code" "=" number
 *              | "id" "=" number | "parent_id" "=" number
 *              | "boot_config" "{" "smap_width" "=" number "}"
 *              | "image" "{" { image-item [ "," ] } "}"
 *   image-item = "name" "=" word | "id" "=" number | "uid" "=" number
 *              | "parent_uid" "=" number | "function_id" "=" number
 *              | "delay_load" | "delay_handoff"
 *              | [ "partition" ] "{" { part-item [ "," ] } "}"
 *   part-item  = "type" "=" "cdo" | "id" "=" number | "file" "=" file
 *   file       = path | '"' { character } '"'
 *
 * Numbers are decimal or 0x hexadecimal. Comments are C's, both kinds. What else bootgen knows is
 * in a table, so that it can be refused by name.
 *
 * src: Xilinx/bootgen: bif.y, bif.l [code]
 */
#include "tessera/pdi.h"

#include "pdi_int.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* bootgen's limits, all refused beyond. src: Xilinx/bootgen: imageheadertable-versal.h,
 * MAX_NUM_IMAGES_VERSAL, MAX_NUM_PARTITIONS_VERSAL; bifoptions.cpp [code], bootgen 2022.2
 * [observed] */
enum {
    MAX_WORD = 64,
    MAX_BIF_IMAGES = 10,
    MAX_BIF_PARTITIONS = 20,
    MAX_EXTENDED_ID_CODE = 0x3f,
};

/* bootgen's own defaults, for a device none of ours is.
 * src: Xilinx/bootgen: imageheadertable-versal.cpp, SetIds; 0x1c000000 and the name
 * [observed: bootgen 2022.2] */
#define DEFAULT_ID_CODE  0x04ca8093u
#define DEFAULT_IMAGE_ID 0x1c000000u
#define DEFAULT_NAME     "default_subsys"

static const char *const known_words[] = {"bootloader",
                                          "presign",
                                          "udf_data",
                                          "xip_mode",
                                          "boot",
                                          "user",
                                          "static",
                                          "noautostart",
                                          "multiboot",
                                          "protected",
                                          "alignment",
                                          "early_handoff",
                                          "delay_auth",
                                          "hivec",
                                          "blocks",
                                          "authblocks",
                                          "big_endian",
                                          "aarch32_mode",
                                          "metaheader",
                                          "section",
                                          "lockstep",
                                          "include",
                                          "tcmboot",
                                          "optionaldata",
                                          "offset",
                                          "reserve_legacy",
                                          "reserve",
                                          "load",
                                          "copy",
                                          "startup",
                                          "pid",
                                          "init",
                                          "udf_bh",
                                          "aeskeyfile",
                                          "ppkfile",
                                          "pskfile",
                                          "spkfile",
                                          "sskfile",
                                          "spksignature",
                                          "bhsignature",
                                          "headersignature",
                                          "bootvectors",
                                          "bootimage",
                                          "bh_keyfile",
                                          "puf_file",
                                          "pmufw_image",
                                          "pmcdata",
                                          "bh_key_iv",
                                          "pcr",
                                          "pcr_mindex",
                                          "imagestore",
                                          "bbram_kek_iv",
                                          "bh_kek_iv",
                                          "efuse_kek_iv",
                                          "efuse_user_kek0_iv",
                                          "efuse_user_kek1_iv",
                                          "userkeys",
                                          "familykey",
                                          "encryption",
                                          "authentication",
                                          "checksum",
                                          "partition_owner",
                                          "owner",
                                          "keysrc",
                                          "keysrc_encryption",
                                          "fsbl_config",
                                          "image_config",
                                          "boot_device",
                                          "destination_cpu",
                                          "core",
                                          "destination_device",
                                          "exception_level",
                                          "trustzone",
                                          "slr",
                                          "auth_params",
                                          "revoke_id",
                                          "split",
                                          "authjtag_config",
                                          "dpacm_enable",
                                          "pufhd_bh",
                                          "cluster"};

typedef struct parser {
    ts_arena *arena;
    const char *begin, *p, *end;
    const char *file;
    ts_diag *diag;
} parser;

static ts_status fail(parser *b, ts_status code, const char *at, const char *format, ...)
    TS_PRINTF(4, 5);

static ts_status fail(parser *b, ts_status code, const char *at, const char *format, ...) {
    char message[200];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    return ts_fail_text(b->diag, code, b->file, b->begin, (size_t)(b->end - b->begin),
                        (size_t)(at - b->begin), "%s", message);
}

/* ---- words ----------------------------------------------------------------------------------- */

static bool starts(const parser *b, const char *text) {
    size_t length = strlen(text);
    return (size_t)(b->end - b->p) >= length && memcmp(b->p, text, length) == 0;
}

static ts_status skip_space(parser *b) {
    for (;;) {
        while (b->p < b->end && strchr(" \t\r\n", *b->p) && *b->p)
            b->p++;
        if (starts(b, "//")) {
            while (b->p < b->end && *b->p != '\n')
                b->p++;
        } else if (starts(b, "/*")) {
            const char *at = b->p;
            for (b->p += 2; b->p < b->end && !starts(b, "*/"); b->p++)
                ;
            if (b->p == b->end) return fail(b, TS_SYNTAX, at, "a comment without its end");
            b->p += 2;
        } else {
            return TS_OK;
        }
    }
}

/* Behind skip_space(). */
static bool take(parser *b, char c) {
    if (b->p == b->end || *b->p != c) return false;
    b->p++;
    return true;
}

static ts_status expect(parser *b, char c, const char *where) {
    TS_TRY(skip_space(b));
    if (take(b, c)) return TS_OK;
    return fail(b, TS_SYNTAX, b->p, "expected '%c' %s", c, where);
}

static bool is_word_char(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
}

/* A word with its final NUL, empty when there is none; `at` is where it starts. */
static ts_status take_word(parser *b, char out[MAX_WORD], const char **at) {
    TS_TRY(skip_space(b));
    *at = b->p;
    size_t n = 0;
    for (; b->p < b->end && is_word_char(*b->p); b->p++) {
        if (n + 1 == MAX_WORD)
            return fail(b, TS_RANGE, *at, "a word longer than %d characters", MAX_WORD - 1);
        out[n++] = *b->p;
    }
    out[n] = '\0';
    return TS_OK;
}

/* "=" and a number. A leading 0 does not make it octal. */
static ts_status take_number_to(parser *b, uint32_t most, uint32_t *out) {
    char word[MAX_WORD];
    const char *at;
    uint64_t value;
    TS_TRY(expect(b, '=', "and a number"));
    TS_TRY(take_word(b, word, &at));
    const char *digits = word;
    while (digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9')
        digits++;
    if (!ts_parse_u64(digits, &value))
        return fail(b, TS_SYNTAX, at, "expected a number, decimal or 0x hexadecimal");
    if (value > most)
        return fail(b, TS_RANGE, at, "%s is too large; at most 0x%" PRIx32, word, most);
    *out = (uint32_t)value;
    return TS_OK;
}

static ts_status take_number(parser *b, uint32_t *out) {
    return take_number_to(b, UINT32_MAX, out);
}

/* "=" and a path, quoted or up to a blank or a mark of the grammar. */
static ts_status take_path(parser *b, ts_bif_file *out) {
    TS_TRY(expect(b, '=', "and a file name"));
    TS_TRY(skip_space(b));
    bool quoted = take(b, '"');
    const char *start = b->p;
    while (b->p < b->end && !strchr(quoted ? "\"\n" : " \t\r\n{}[]();,=\"", *b->p))
        b->p++;
    size_t length = (size_t)(b->p - start);
    out->offset = (size_t)(start - b->begin);
    if (quoted && !take(b, '"'))
        return fail(b, TS_SYNTAX, start, "a file name without its closing quote");
    if (!length) return fail(b, TS_SYNTAX, start, "expected a file name");
    out->name = ts_arena_strndup(b->arena, start, length);
    return out->name ? TS_OK : ts_fail_nomem(b->diag);
}

static ts_status refuse(parser *b, const char *at, const char *word, const char *expected) {
    if (!word[0]) return fail(b, TS_SYNTAX, at, "expected %s", expected);
    for (size_t i = 0; i < sizeof known_words / sizeof *known_words; i++)
        if (strcmp(known_words[i], word) == 0)
            return fail(b, TS_UNSUPPORTED, at, "'%s' is known, but not made for NPUs", word);
    return fail(b, TS_UNKNOWN, at, "no attribute '%s' here; expected %s", word, expected);
}

/* Room for one more element in an array that doubles; NULL: NOMEM. */
static void *grow(parser *b, void *items, size_t n, size_t size) {
    if (n & (n - 1)) return items;
    void *grown = ts_arena_grow(b->arena, items, n * size, (n ? 2 * n : 1) * size);
    if (grown) memset((char *)grown + n * size, 0, (n ? n : 1) * size);
    return grown;
}

/* ---- attributes ------------------------------------------------------------------------------ */

static ts_status take_type(parser *b) {
    char word[MAX_WORD];
    const char *at;
    TS_TRY(expect(b, '=', "and a partition type"));
    TS_TRY(take_word(b, word, &at));
    if (strcmp(word, "cdo") == 0) return TS_OK;
    static const char *const others[] = {"elf",
                                         "raw",
                                         "cfi",
                                         "cfi-gsc",
                                         "slr-boot",
                                         "slr-config",
                                         "slr-slave",
                                         "slr-slave-boot",
                                         "slr-slave-config",
                                         "bootloader",
                                         "pmcdata",
                                         "bootimage"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strcmp(others[i], word) == 0)
            return fail(b, TS_UNSUPPORTED, at, "partitions of type '%s' are not made; expected cdo",
                        word);
    return fail(b, TS_UNKNOWN, at, "no partition type '%s'; expected cdo", word);
}

static ts_status take_file(parser *b, ts_bif_partition *partition) {
    ts_bif_file *list = grow(b, partition->files, partition->n_files, sizeof *partition->files);
    if (!list) return ts_fail_nomem(b->diag);
    partition->files = list;
    return take_path(b, &list[partition->n_files++]);
}

/* Behind the opening brace. */
static ts_status take_partition(parser *b, const char *start, ts_bif_image *image) {
    ts_bif_partition *list =
        grow(b, image->partitions, image->n_partitions, sizeof *image->partitions);
    if (!list) return ts_fail_nomem(b->diag);
    image->partitions = list;
    ts_bif_partition *partition = &list[image->n_partitions++];
    partition->offset = (size_t)(start - b->begin);
    bool has_type = false;
    for (;;) {
        char word[MAX_WORD];
        const char *at;
        TS_TRY(take_word(b, word, &at));
        if (!word[0] && take(b, '}')) break;
        if (strcmp(word, "type") == 0 || strcmp(word, "partition_type") == 0) {
            TS_TRY(take_type(b));
            has_type = true;
        } else if (strcmp(word, "id") == 0) {
            TS_TRY(take_number(b, &partition->id));
        } else if (strcmp(word, "file") == 0) {
            TS_TRY(take_file(b, partition));
        } else {
            return refuse(b, at, word, "type, id, file or '}'");
        }
        TS_TRY(skip_space(b));
        take(b, ',');
    }
    if (!has_type) return fail(b, TS_MISSING, start, "a partition without type=cdo");
    if (!partition->n_files) return fail(b, TS_MISSING, start, "a partition without a file");
    return TS_OK;
}

static ts_status take_name(parser *b, ts_bif_image *image) {
    char word[MAX_WORD];
    const char *at;
    TS_TRY(expect(b, '=', "and a name"));
    TS_TRY(take_word(b, word, &at));
    if (!word[0]) return fail(b, TS_SYNTAX, at, "expected a name");
    snprintf(image->name, sizeof image->name, "%.*s", TS_PDI_NAME_SIZE, word);
    return TS_OK;
}

static ts_status take_image_item(parser *b, ts_bif_image *image, bool *is_end) {
    static const struct {
        const char *name;
        size_t member;
    } numbers[] = {
        {"id", offsetof(ts_bif_image, id)},
        {"uid", offsetof(ts_bif_image, unique_id)},
        {"parent_uid", offsetof(ts_bif_image, parent_unique_id)},
        {"function_id", offsetof(ts_bif_image, function_id)},
    };
    char word[MAX_WORD];
    const char *at;
    TS_TRY(take_word(b, word, &at));
    *is_end = !word[0] && take(b, '}');
    if (*is_end) return TS_OK;
    if (!word[0] && take(b, '{')) return take_partition(b, at, image);
    if (strcmp(word, "partition") == 0) {
        TS_TRY(expect(b, '{', "after partition"));
        return take_partition(b, at, image);
    }
    if (strcmp(word, "name") == 0) return take_name(b, image);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (strcmp(word, numbers[i].name) == 0)
            return take_number(b, (uint32_t *)(void *)((char *)image + numbers[i].member));
    if (strcmp(word, "delay_load") == 0)
        image->delay_load = true;
    else if (strcmp(word, "delay_handoff") == 0)
        image->delay_handoff = true;
    else
        return refuse(b, at, word, "name, id, a partition or '}'");
    return TS_OK;
}

static ts_status take_image(parser *b, const char *start, ts_bif *bif) {
    TS_TRY(expect(b, '{', "after image"));
    if (bif->n_images == MAX_BIF_IMAGES)
        return fail(b, TS_RANGE, start, "more than %d images", MAX_BIF_IMAGES);
    ts_bif_image *list = grow(b, bif->images, bif->n_images, sizeof *bif->images);
    if (!list) return ts_fail_nomem(b->diag);
    bif->images = list;
    ts_bif_image *image = &list[bif->n_images++];
    *image = (ts_bif_image){.id = DEFAULT_IMAGE_ID, .offset = (size_t)(start - b->begin)};
    snprintf(image->name, sizeof image->name, "%s", DEFAULT_NAME);
    for (bool is_end = false; !is_end;) {
        TS_TRY(take_image_item(b, image, &is_end));
        TS_TRY(skip_space(b));
        if (!is_end) take(b, ',');
    }
    if (!image->n_partitions) return fail(b, TS_MISSING, start, "an image without a partition");
    size_t n_partitions = 0;
    for (size_t i = 0; i < bif->n_images; i++)
        n_partitions += bif->images[i].n_partitions;
    if (n_partitions > MAX_BIF_PARTITIONS)
        return fail(b, TS_RANGE, start, "more than %d partitions, with those of this image",
                    MAX_BIF_PARTITIONS);
    return TS_OK;
}

static ts_status take_boot_config(parser *b, ts_bif *bif) {
    char word[MAX_WORD];
    const char *at;
    uint32_t width = 0;
    TS_TRY(expect(b, '{', "after boot_config"));
    TS_TRY(take_word(b, word, &at));
    if (strcmp(word, "smap_width") != 0) return refuse(b, at, word, "smap_width");
    TS_TRY(take_number(b, &width));
    if (width != 0 && width != 32)
        return fail(b, TS_UNSUPPORTED, at, "smap_width %" PRIu32 " is not made; expected 0 or 32",
                    width);
    bif->has_leading = width == 32;
    return expect(b, '}', "after smap_width");
}

static ts_status take_item(parser *b, ts_bif *bif, bool *is_end) {
    char word[MAX_WORD];
    const char *at;
    TS_TRY(take_word(b, word, &at));
    *is_end = !word[0] && take(b, '}');
    if (*is_end) return TS_OK;
    if (strcmp(word, "image") == 0) return take_image(b, at, bif);
    if (strcmp(word, "boot_config") == 0) return take_boot_config(b, bif);
    if (strcmp(word, "extended_id_code") == 0)
        return take_number_to(b, MAX_EXTENDED_ID_CODE, &bif->extended_id_code);
    if (strcmp(word, "parent_id") == 0) return take_number(b, &bif->parent_id);
    if (strcmp(word, "id") == 0) return take_number(b, &bif->pdi_id);
    if (strcmp(word, "id_code") == 0) {
        TS_TRY(take_number(b, &bif->id_code));
        bif->has_id_code = bif->id_code != 0;
        if (!bif->has_id_code) bif->id_code = DEFAULT_ID_CODE;
        return TS_OK;
    }
    if (!word[0] && (starts(b, "[") || starts(b, "{")))
        return fail(b, TS_UNSUPPORTED, at,
                    "a partition outside of an image; expected image { ... }");
    return refuse(b, at, word, "id_code, extended_id_code, image or '}'");
}

ts_status ts_bif_parse(ts_arena *arena, ts_span text, const char *file, ts_bif *out,
                       ts_diag *diag) {
    const char *begin = text.size ? (const char *)text.data : "";
    parser b = {arena, begin, begin, begin + text.size, file, diag};
    ts_bif bif = {.id_code = DEFAULT_ID_CODE, .has_leading = true};
    char word[MAX_WORD];
    const char *at;
    TS_TRY(take_word(&b, word, &at));
    if (!word[0]) return fail(&b, TS_SYNTAX, at, "expected a name and ':'");
    bif.name = ts_arena_strdup(arena, word);
    if (!bif.name) return ts_fail_nomem(diag);
    TS_TRY(expect(&b, ':', "after the name"));
    TS_TRY(expect(&b, '{', "after the name"));
    for (bool is_end = false; !is_end;)
        TS_TRY(take_item(&b, &bif, &is_end));
    TS_TRY(skip_space(&b));
    if (b.p < b.end)
        return fail(&b, TS_UNSUPPORTED, b.p, "more than one image description in a file");
    if (!bif.n_images) return fail(&b, TS_MISSING, at, "no image { ... } here");
    *out = bif;
    return TS_OK;
}
