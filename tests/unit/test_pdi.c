/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * pdi: images, and images as folders. */
#include "support.h"

#include "tessera/pdi.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Words of an image that bootgen 2022.2 made of one image "x" with a partition of two CDOs:
 * write 0x220000 1, a block of seven words, nop; and mask_write 0x220000 1 2. */
static const uint32_t bootgen_words[] = {
    0x000000dd, 0x11223344, 0x55667788, 0x99aabbcc, /* leading words */
    0x00040000, 1,          0x24,       1,
    0x34,       0,          0x14ca8093, 0, /* table */
    0,          0,          0x50504449, 0x00201020,
    0x30,       0,          0,          0, /* */
    0,          1,          0,          0,
    0,          0,          0,          0, /* */
    0,          0,          0,          0,
    0,          0,          0,          0x9ac12a78, /* */
    0x34,       1,          0,          0,
    0x78,       0,          0,          0, /* image */
    0x1c000000, 0,          0,          0,
    0,          0,          0,          0xe3ffff52, /* */
    0x18,       0x18,       0x18,       0,
    0,          0,          0xffffffff, 0xffffffff, /* partition */
    0x54,       0x02000006, 1,          0,
    0,          0,          0,          0, /* */
    0,          0,          0,          0,
    0,          0,          0,          0, /* */
    0,          0,          0,          0,
    0,          0,          0,          0xfdffff5e, /* */
    4,          0x004f4443, 0x200,      0x13,
    0xffb0b9a5, 0x00020103, 0x00220000, 1, /* data */
    0x00000111, 0x00090105, 0,          0x00220100,
    0,          1,          2,          3, /* */
    4,          5,          6,          0x00000111,
    0x00030102, 0x00220000, 1,          2, /* */
};

static ts_span words_of(ts_arena *arena, const uint32_t *words, size_t n_words) {
    ts_buf out = ts_buf_in(arena);
    for (size_t i = 0; i < n_words; i++)
        ts_buf_u32le(&out, words[i]);
    return ts_buf_span(&out);
}

static ts_span bootgen_file(ts_arena *arena) {
    return words_of(arena, bootgen_words, sizeof bootgen_words / 4);
}

static ts_pdi parse(ts_arena *arena, ts_span bytes) {
    ts_pdi pdi;
    ts_diag diag = {0};
    if (ts_pdi_parse(arena, bytes, "t.pdi", &pdi, &diag) != TS_OK)
        fail_msg("offset 0x%x: %s", (unsigned)diag.offset, diag.message);
    return pdi;
}

static ts_span written(ts_arena *arena, const ts_pdi *pdi) {
    ts_buf out = ts_buf_in(arena);
    ts_diag diag = {0};
    if (ts_pdi_write(pdi, &out, &diag) != TS_OK) fail_msg("%s", diag.message);
    return ts_buf_span(&out);
}

static void bootgens_image_is_read_and_written(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_span file = bootgen_file(arena);
    ts_pdi pdi = parse(arena, file);
    char name[TS_PDI_NAME_SIZE + 1];
    assert_int_equal(pdi.n_images, 1);
    assert_int_equal(pdi.n_partitions, 1);
    assert_int_equal(pdi.n_gaps, 0);
    ts_pdi_image_name(&pdi.images[0], name);
    assert_string_equal(name, "x");
    assert_int_equal(ts_pdi_partition_type(&pdi.partitions[0]), TS_PDI_TYPE_CDO);
    assert_string_equal(ts_pdi_type_name(TS_PDI_TYPE_CDO), "cdo");
    assert_null(ts_pdi_partition_protection(&pdi.partitions[0]));
    assert_int_equal(ts_pdi_partition_content(&pdi.partitions[0]).size, 96);
    test_same_bytes(written(arena, &pdi), file);
    test_end(arena);
}

/* The same image from nothing. */
static void bootgens_image_is_made(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    static const uint32_t a[] = {0x20103, 0x220000, 1, 0x90105, 0, 0x220100, 0,
                                 1,       2,        3, 4,       5, 6,        0x111};
    static const uint32_t b[] = {0x30102, 0x220000, 1, 2};
    ts_buf first = ts_buf_in(arena), second = ts_buf_in(arena), cdo = ts_buf_in(arena);
    ts_diag diag = {0};
    ts_cdo_begin(&first);
    ts_buf_span_add(&first, words_of(arena, a, sizeof a / 4));
    ts_cdo_begin(&second);
    ts_buf_span_add(&second, words_of(arena, b, sizeof b / 4));
    assert_int_equal(ts_cdo_finish(&first, &diag), TS_OK);
    assert_int_equal(ts_cdo_finish(&second, &diag), TS_OK);
    ts_span inputs[] = {ts_buf_span(&first), ts_buf_span(&second)};
    static const char *const files[] = {"a", "b"};
    assert_int_equal(ts_cdo_merge(arena, inputs, files, 2, &cdo, &diag), TS_OK);
    ts_pdi pdi;
    ts_pdi_image image;
    ts_pdi_partition partition;
    ts_pdi_init(&pdi);
    ts_pdi_image_init(&image, "x", 0x1c000000);
    ts_pdi_partition_init(&partition, TS_PDI_TYPE_CDO, ts_buf_span(&cdo));
    image.n_partitions = 1;
    pdi.images = &image;
    pdi.partitions = &partition;
    pdi.n_images = pdi.n_partitions = 1;
    pdi.table[TS_PDI_TABLE_ID_CODE] = 0x14ca8093;
    pdi.table[TS_PDI_TABLE_EXTENDED_ID_CODE] = 1;
    assert_int_equal(ts_pdi_layout(&pdi, &diag), TS_OK);
    test_same_bytes(written(arena, &pdi), bootgen_file(arena));
    test_end(arena);
}

/* Images with several partitions of every length around the alignment. Allocates two arrays. */
static ts_status make(ts_arena *arena, size_t n_images, size_t n_each, ts_pdi *out) {
    ts_diag diag = {0};
    static const uint8_t data[64] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    ts_pdi_init(out);
    out->images = TS_ARENA_ARRAY(arena, ts_pdi_image, n_images);
    out->partitions = TS_ARENA_ARRAY(arena, ts_pdi_partition, n_images * n_each);
    if (!out->images || !out->partitions) return TS_NOMEM;
    out->n_images = n_images;
    out->n_partitions = n_images * n_each;
    for (size_t i = 0; i < n_images; i++) {
        ts_pdi_image_init(&out->images[i], "sixteen_letters_", (uint32_t)i);
        out->images[i].first_partition = i * n_each;
        out->images[i].n_partitions = n_each;
    }
    for (size_t i = 0; i < out->n_partitions; i++)
        ts_pdi_partition_init(&out->partitions[i], TS_PDI_TYPE_CDO, ts_span_of(data, i * 7 % 40));
    return ts_pdi_layout(out, &diag);
}

static void what_is_written_is_read(void **state) {
    (void)state;
    for (size_t n_images = 0; n_images < 4; n_images++)
        for (size_t n_each = 0; n_each < 5; n_each++) {
            ts_arena *arena = test_begin();
            ts_pdi pdi;
            assert_int_equal(make(arena, n_images, n_each, &pdi), TS_OK);
            ts_span file = written(arena, &pdi);
            ts_pdi again = parse(arena, file);
            assert_int_equal(again.n_images, n_images);
            assert_int_equal(again.n_partitions, pdi.n_partitions);
            assert_int_equal(again.n_gaps, 0);
            for (size_t i = 0; i < n_images; i++) {
                assert_int_equal(again.images[i].n_partitions, n_each);
                if (n_each) assert_int_equal(again.images[i].first_partition, i * n_each);
            }
            for (size_t i = 0; i < pdi.n_partitions; i++) {
                const ts_pdi_partition *got = &again.partitions[i];
                const ts_pdi_partition *made = &pdi.partitions[i];
                assert_int_equal(got->data.size, made->data.size + made->n_padding);
                if (made->data.size)
                    assert_memory_equal(got->data.data, made->data.data, made->data.size);
                assert_int_equal(got->data.size % TS_PDI_DATA_ALIGN, 0);
                assert_int_equal(ts_pdi_partition_content(got).size, (i * 7 % 40 + 3) / 4 * 4);
            }
            test_same_bytes(written(arena, &again), file);
            test_end(arena);
        }
}

/* Set one word of a header that ends with its checksum, and make the checksum right again. */
static void set_word(uint8_t *file, size_t header_word, size_t n_words, size_t word,
                     uint32_t value) {
    uint32_t sum = 0;
    for (size_t i = 0; i < n_words; i++) {
        uint8_t *at = file + (header_word + i) * 4;
        uint32_t v = at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
        if (i == word) v = value;
        if (i + 1 == n_words && word + 1 != n_words) v = ~sum;
        sum += v;
        for (int k = 0; k < 4; k++)
            at[k] = (uint8_t)(v >> (8 * k));
    }
}

enum {
    TABLE_AT = 4,
    IMAGE_AT = 36,
    PARTITION_AT = 52,
};

static void bad_images_are_named(void **state) {
    (void)state;
    static const struct {
        size_t header, n_words, word;
        uint32_t value;
        ts_status code;
        const char *words;
    } cases[] = {
        {TABLE_AT, 32, TS_PDI_TABLE_MAGIC, 5, TS_SYNTAX, "offset 0x38: not a PDI"},
        {TABLE_AT, 32, TS_PDI_TABLE_VERSION, 5, TS_UNSUPPORTED, "offset 0x10: version 0x00000005"},
        {TABLE_AT, 32, TS_PDI_TABLE_HEADER_SIZES, 5, TS_RANGE, "offset 0x3c: header sizes"},
        {TABLE_AT, 32, TS_PDI_TABLE_N_IMAGES, 255, TS_RANGE, "offset 0x14: 255 images"},
        {TABLE_AT, 32, TS_PDI_TABLE_N_PARTITIONS, 255, TS_RANGE, "offset 0x1c: 255 partitions"},
        {TABLE_AT, 32, TS_PDI_TABLE_IMAGE_OFF, 0xffffffff, TS_TRUNCATED, "the header of image 0"},
        {TABLE_AT, 32, TS_PDI_TABLE_PARTITION_OFF, 0xffff, TS_TRUNCATED,
         "the header of partition 0 needs 128 bytes"},
        {TABLE_AT, 32, TS_PDI_TABLE_CHECKSUM, 5, TS_RANGE, "offset 0x8c: checksum 0x00000005"},
        {IMAGE_AT, 16, TS_PDI_IMAGE_CHECKSUM, 5, TS_RANGE, "offset 0xcc: checksum 0x00000005"},
        {IMAGE_AT, 16, TS_PDI_IMAGE_N_PARTITIONS, 2, TS_RANGE, "offset 0x90: 2 partition headers"},
        {IMAGE_AT, 16, TS_PDI_IMAGE_PARTITION_OFF, 0x35, TS_RANGE, "at word 0x35"},
        {IMAGE_AT, 16, TS_PDI_IMAGE_PARTITION_OFF, 0, TS_RANGE, "at word 0x0"},
        {PARTITION_AT, 32, TS_PDI_PARTITION_CHECKSUM, 5, TS_RANGE, "offset 0x14c: checksum"},
        {PARTITION_AT, 32, TS_PDI_PARTITION_TOTAL_LENGTH, 0x19, TS_TRUNCATED,
         "offset 0xf0: 100 bytes of data at offset 0x150"},
        {PARTITION_AT, 32, TS_PDI_PARTITION_TOTAL_LENGTH, 0xffffffff, TS_TRUNCATED, "0x150"},
        {PARTITION_AT, 32, TS_PDI_PARTITION_DATA_OFF, 0xffffffff, TS_TRUNCATED, "0x3fffffffc"},
        {PARTITION_AT, 32, TS_PDI_PARTITION_DATA_OFF, 0x50, TS_RANGE,
         "offset 0x140: the data of partition begins inside the partition headers"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ts_arena *arena = test_begin();
        ts_span file = bootgen_file(arena);
        uint8_t *copy = ts_arena_alloc(arena, file.size);
        memcpy(copy, file.data, file.size);
        set_word(copy, cases[i].header, cases[i].n_words, cases[i].word, cases[i].value);
        ts_pdi pdi;
        ts_diag diag = {0};
        (void)!ts_pdi_parse(arena, ts_span_of(copy, file.size), "t.pdi", &pdi, &diag);
        test_expect_error(&diag, cases[i].code, cases[i].words);
        test_end(arena);
    }
}

static void other_files_are_told_apart(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    uint8_t boot[64] = {0xdd};
    memcpy(boot + 16, "\x66\x55\x99\xaa", 4);
    static const char text[] = "#!/bin/sh\necho this is not an image at all, but long enough\n";
    const struct {
        ts_span bytes;
        ts_status code;
        const char *words;
    } cases[] = {
        {{0}, TS_TRUNCATED, "0 bytes; expected the headers"},
        {ts_span_of("\xdd\0\0\0", 4), TS_TRUNCATED, "ends before the identification"},
        {ts_span_of(boot, sizeof boot), TS_UNSUPPORTED, "has a boot header"},
        {test_text(text), TS_SYNTAX, "not a PDI"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ts_pdi pdi;
        ts_diag diag = {0};
        (void)!ts_pdi_parse(arena, cases[i].bytes, "t.pdi", &pdi, &diag);
        test_expect_error(&diag, cases[i].code, cases[i].words);
    }
    test_end(arena);
}

static void every_truncation_is_an_error(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_span file = bootgen_file(arena);
    for (size_t size = 0; size < file.size; size++) {
        ts_pdi pdi;
        ts_diag diag = {0};
        assert_int_not_equal(ts_pdi_parse(arena, ts_span_of(file.data, size), "t.pdi", &pdi, &diag),
                             TS_OK);
        assert_int_equal(diag.place, TS_PLACE_OFFSET);
    }
    test_end(arena);
}

/* Checksums see every flip in a header; flips elsewhere come back as they are. */
static void every_bit_flip_is_an_error_or_survives(void **state) {
    (void)state;
    for (size_t bit = 0; bit < sizeof bootgen_words * 8; bit++) {
        ts_arena *arena = test_begin();
        ts_span file = bootgen_file(arena);
        uint8_t *copy = ts_arena_alloc(arena, file.size);
        memcpy(copy, file.data, file.size);
        copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
        ts_pdi pdi;
        ts_diag diag = {0};
        ts_status status = ts_pdi_parse(arena, ts_span_of(copy, file.size), "t.pdi", &pdi, &diag);
        bool in_header = bit / 32 >= TABLE_AT && bit / 32 < PARTITION_AT + 32;
        if (in_header) assert_int_not_equal(status, TS_OK);
        if (status == TS_OK)
            test_same_bytes(written(arena, &pdi), ts_span_of(copy, file.size));
        else
            assert_true(diag.message[0]);
        test_end(arena);
    }
}

/* ---- what is carried ------------------------------------------------------------------------- */

static ts_pdi changed(ts_arena *arena, size_t header, size_t n_words, size_t word, uint32_t value,
                      ts_span *file) {
    ts_span from = bootgen_file(arena);
    uint8_t *copy = ts_arena_alloc(arena, from.size + 8);
    memcpy(copy, from.data, from.size);
    set_word(copy, header, n_words, word, value);
    *file = ts_span_of(copy, from.size + 8); /* eight bytes that no header describes */
    return parse(arena, *file);
}

static void protected_partitions_are_carried(void **state) {
    (void)state;
    static const struct {
        size_t word;
        uint32_t value;
        const char *state;
    } cases[] = {
        {TS_PDI_PARTITION_KEY_SOURCE, 0xa5c3c5a3, "encrypted"},
        {TS_PDI_PARTITION_CERTIFICATE_OFF, 0x70, "signed"},
        {TS_PDI_PARTITION_ATTRIBUTES, 0x02003006, "hashed"},
        {TS_PDI_PARTITION_ATTRIBUTES, 0x04000006, NULL}, /* raw */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ts_arena *arena = test_begin();
        ts_span file;
        ts_diag diag = {0};
        ts_pdi pdi = changed(arena, PARTITION_AT, 32, cases[i].word, cases[i].value, &file);
        const char *got = ts_pdi_partition_protection(&pdi.partitions[0]);
        if (cases[i].state)
            assert_string_equal(got, cases[i].state);
        else
            assert_null(got);
        assert_int_equal(pdi.n_gaps, 1);
        test_same_bytes(written(arena, &pdi), file);
        pdi.n_gaps = 0;
        assert_int_equal(ts_pdi_layout(&pdi, &diag), cases[i].state ? TS_UNSUPPORTED : TS_OK);
        test_end(arena);
    }
}

static void encrypted_headers_are_carried(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_span file;
    ts_pdi pdi = changed(arena, TABLE_AT, 32, TS_PDI_TABLE_KEY_SOURCE, 1, &file);
    assert_int_equal(pdi.n_images, 0);
    assert_int_equal(pdi.n_gaps, 1);
    test_same_bytes(written(arena, &pdi), file);
    test_end(arena);
}

/* The lengths are from before the recoding, and the checksum does not count the words about it. */
static void recoded_partitions_are_carried(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_span from = bootgen_file(arena);
    uint8_t *copy = ts_arena_alloc(arena, from.size);
    memcpy(copy, from.data, from.size);
    set_word(copy, PARTITION_AT, 32, TS_PDI_PARTITION_TOTAL_LENGTH, 0x100);
    memcpy(copy + (PARTITION_AT + TS_PDI_PARTITION_RECODED) * 4, "\1\0\0\0\2\0\0\0\3\0\0\0", 12);
    ts_pdi pdi = parse(arena, ts_span_of(copy, from.size));
    assert_string_equal(ts_pdi_partition_protection(&pdi.partitions[0]), "recoded");
    assert_int_equal(pdi.partitions[0].data.size, 96);
    test_same_bytes(written(arena, &pdi), ts_span_of(copy, from.size));
    test_end(arena);
}

static void writing_refuses_what_cannot_be(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_pdi pdi = parse(arena, bootgen_file(arena));
    ts_buf out = ts_buf_in(arena);
    ts_diag diag = {0};
    pdi.partitions[0].word[TS_PDI_PARTITION_DATA_OFF]++;
    (void)!ts_pdi_write(&pdi, &out, &diag);
    test_expect_error(&diag, TS_RANGE, "offset 0x154; the part before ends at 0x150");
    diag = (ts_diag){0};
    pdi.n_images = 0;
    (void)!ts_pdi_write(&pdi, &out, &diag);
    test_expect_error(&diag, TS_RANGE,
                      "0 images and 1 partitions; the header table counts 1 and 1");
    test_end(arena);
}

/* ---- folders --------------------------------------------------------------------------------- */

static const char *make_folder(ts_arena *arena) {
    char *path = ts_arena_strdup(arena, "/tmp/test_pdi.XXXXXX");
    assert_non_null(mkdtemp(path));
    return path;
}

static void put_parts(ts_arena *arena, const char *folder, const ts_pdi_part *parts, size_t n) {
    ts_diag diag = {0};
    for (size_t i = 0; i < n; i++)
        assert_int_equal(ts_file_write(ts_arena_printf(arena, "%s/%s", folder, parts[i].name),
                                       parts[i].bytes, &diag),
                         TS_OK);
}

static void remove_parts(ts_arena *arena, const char *folder, const ts_pdi_part *parts, size_t n) {
    for (size_t i = 0; i < n; i++)
        unlink(ts_arena_printf(arena, "%s/%s", folder, parts[i].name));
    rmdir(folder);
}

static bool has_text(ts_span bytes, const char *text) {
    for (size_t i = 0; i + strlen(text) <= bytes.size; i++)
        if (memcmp(bytes.data + i, text, strlen(text)) == 0) return true;
    return false;
}

static void a_folder_gives_the_image_back(void **state) {
    (void)state;
    for (int kind = 0; kind < 5; kind++) {
        ts_arena *arena = test_begin();
        ts_diag diag = {0};
        ts_span file = bootgen_file(arena);
        ts_pdi pdi, again;
        if (kind == 1) (void)changed(arena, PARTITION_AT, 32, TS_PDI_PARTITION_ID, 7, &file);
        if (kind == 2) (void)changed(arena, TABLE_AT, 32, TS_PDI_TABLE_KEY_SOURCE, 1, &file);
        if (kind == 3) {
            assert_int_equal(make(arena, 3, 2, &pdi), TS_OK);
            file = written(arena, &pdi);
        }
        if (kind == 4) { /* no other part may take the name of a gap */
            pdi = changed(arena, PARTITION_AT, 32, TS_PDI_PARTITION_KEY_SOURCE, 1, &file);
            memcpy(&pdi.images[0].word[TS_PDI_IMAGE_NAME], "gap\0\0\0\0\0\0\0\0\0\0\0\0", 16);
            file = written(arena, &pdi);
            assert_int_equal(pdi.n_gaps, 1);
        }
        pdi = parse(arena, file);
        ts_pdi_part *parts;
        size_t n_parts;
        assert_int_equal(ts_pdi_split(arena, &pdi, &parts, &n_parts, &diag), TS_OK);
        assert_string_equal(parts[0].name, TS_PDI_MANIFEST);
        assert_int_equal(n_parts, 1 + pdi.n_partitions + pdi.n_gaps);
        bool is_computed = has_text(parts[0].bytes, "\"layout\": \"computed\"");
        assert_int_equal(is_computed, kind == 0 || kind == 3);
        const char *folder = make_folder(arena);
        put_parts(arena, folder, parts, n_parts);
        const char *manifest = ts_arena_printf(arena, "%s/" TS_PDI_MANIFEST, folder);
        if (ts_pdi_join(arena, manifest, &again, &diag) != TS_OK) fail_msg("%s", diag.message);
        test_same_bytes(written(arena, &again), file);
        remove_parts(arena, folder, parts, n_parts);
        test_end(arena);
    }
}

static void read_manifest(ts_arena *arena, const char *text, ts_diag *diag) {
    const char *folder = make_folder(arena);
    ts_pdi_part part = {TS_PDI_MANIFEST, test_text(text)};
    ts_pdi pdi;
    put_parts(arena, folder, &part, 1);
    (void)!ts_pdi_join(arena, ts_arena_printf(arena, "%s/" TS_PDI_MANIFEST, folder), &pdi, diag);
    remove_parts(arena, folder, &part, 1);
}

static void bad_manifests_are_named(void **state) {
    (void)state;
    static const test_bad_text cases[] = {
        {"{", TS_SYNTAX, "pdi.json:"},
        {"{}", TS_SYNTAX, "not the manifest of a PDI"},
        {"{\"format\": \"tessera pdi 1\"}", TS_UNKNOWN, "\"computed\" or \"stored\""},
        {"{\"format\": \"tessera pdi 1\", \"leading\": [1]}", TS_RANGE, "four leading words"},
        {"{\"format\": \"tessera pdi 1\", \"header\": {\"id_cod\": 1}}", TS_UNKNOWN, "id_cod"},
        {"{\"format\": \"tessera pdi 1\",\n \"header\": {\"id_code\": \"0x100000000\"}}", TS_RANGE,
         "pdi.json:2:"},
        {"{\"format\": \"tessera pdi 1\", \"header\": {\"reserved\": 1}}", TS_RANGE, "as many"},
        {"{\"format\": \"tessera pdi 1\", \"partitions\": [{}]}", TS_MISSING, "a \"file\""},
        {"{\"format\": \"tessera pdi 1\", \"partitions\": [{\"file\": \"../x\"}]}", TS_RANGE,
         "own folder"},
        {"{\"format\": \"tessera pdi 1\", \"partitions\": [{\"file\": \"absent\"}]}", TS_IO,
         "absent"},
        {"{\"format\": \"tessera pdi 1\", \"images\": [{}]}", TS_MISSING, "first_partition"},
        {"{\"format\": \"tessera pdi 1\", \"images\": [{\"first_partition\": 0,"
         " \"partition_count\": 1}]}",
         TS_RANGE, "partition_count"},
        {"{\"format\": \"tessera pdi 1\", \"images\": 1}", TS_RANGE, "expected a list"},
    };
    test_expect_errors(cases, sizeof cases / sizeof *cases, read_manifest);
}

static ts_status everything(ts_arena *arena, void *context) {
    ts_pdi pdi, again;
    ts_diag diag = {0};
    ts_buf out = ts_buf_in(arena);
    ts_pdi_part *parts;
    size_t n_parts;
    TS_TRY(make(arena, 2, 3, &pdi));
    TS_TRY(ts_pdi_write(&pdi, &out, &diag));
    TS_TRY(ts_pdi_parse(arena, ts_buf_span(&out), "t.pdi", &again, &diag));
    TS_TRY(ts_pdi_split(arena, &again, &parts, &n_parts, &diag));
    return ts_pdi_join(arena, context, &again, &diag);
}

static void every_allocation_fails_once(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_pdi pdi = parse(arena, bootgen_file(arena));
    ts_diag diag = {0};
    ts_pdi_part *parts;
    size_t n_parts;
    assert_int_equal(ts_pdi_split(arena, &pdi, &parts, &n_parts, &diag), TS_OK);
    const char *folder = make_folder(arena);
    put_parts(arena, folder, parts, n_parts);
    test_every_allocation_fails(everything, ts_arena_printf(arena, "%s/" TS_PDI_MANIFEST, folder));
    remove_parts(arena, folder, parts, n_parts);
    test_end(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bootgens_image_is_read_and_written),
        cmocka_unit_test(bootgens_image_is_made),
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(bad_images_are_named),
        cmocka_unit_test(other_files_are_told_apart),
        cmocka_unit_test(every_truncation_is_an_error),
        cmocka_unit_test(every_bit_flip_is_an_error_or_survives),
        cmocka_unit_test(protected_partitions_are_carried),
        cmocka_unit_test(encrypted_headers_are_carried),
        cmocka_unit_test(recoded_partitions_are_carried),
        cmocka_unit_test(writing_refuses_what_cannot_be),
        cmocka_unit_test(a_folder_gives_the_image_back),
        cmocka_unit_test(bad_manifests_are_named),
        cmocka_unit_test(every_allocation_fails_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
