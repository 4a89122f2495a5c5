/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * pdi: the boot image format. */
#include "support.h"

#include "tessera/pdi.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* As aiecc writes it.
 * src: Xilinx/mlir-aie: tools/aiecc/aiecc.cpp, main_design.bif [code] */
static const char aiecc_text[] = "all:\n"
                                 "{\n"
                                 "  id_code = 0x14ca8093\n"
                                 "  extended_id_code = 0x01\n"
                                 "  image\n"
                                 "  {\n"
                                 "    name=aie_image, id=0x1c000000\n"
                                 "    { type=cdo file=/a/main_aie_cdo_elfs.bin "
                                 "file=/a/main_aie_cdo_init.bin file=/a/main_aie_cdo_enable.bin }\n"
                                 "  }\n"
                                 "}\n";

static ts_bif parse(ts_arena *arena, const char *text) {
    ts_bif bif;
    ts_diag diag = {0};
    if (ts_bif_parse(arena, test_text(text), "t.bif", &bif, &diag) != TS_OK)
        fail_msg("%u:%u: %s", diag.line, diag.column, diag.message);
    return bif;
}

static void aiecc_text_is_read(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_bif bif = parse(arena, aiecc_text);
    assert_string_equal(bif.name, "all");
    assert_int_equal(bif.id_code, 0x14ca8093);
    assert_true(bif.has_id_code && bif.has_leading);
    assert_int_equal(bif.extended_id_code, 1);
    assert_int_equal(bif.n_images, 1);
    assert_string_equal(bif.images[0].name, "aie_image");
    assert_int_equal(bif.images[0].id, 0x1c000000);
    assert_int_equal(bif.images[0].n_partitions, 1);
    const ts_bif_partition *partition = bif.images[0].partitions;
    assert_int_equal(partition->n_files, 3);
    assert_string_equal(partition->files[2].name, "/a/main_aie_cdo_enable.bin");
    assert_memory_equal(aiecc_text + partition->files[1].offset, "/a/main_aie_cdo_init", 20);
    test_end(arena);
}

static void both_spellings_and_all_attributes(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_bif bif =
        parse(arena, "the_ROM_image: { // a comment\n"
                     "  id = 7 parent_id = 010 boot_config { smap_width = 0 } /* another\n */\n"
                     "  image { name=averyveryverylongname, id=16, uid=2 parent_uid=3,"
                     " function_id=4 delay_load, delay_handoff\n"
                     "    partition { id=8, type = cdo, file = \"a b.bin\", file=c/d-e+1.bin }\n"
                     "    { type=cdo id=0xFFFFFFFF file=x }\n"
                     "  }\n"
                     "  image { { partition_type=cdo file=y } }\n"
                     "}");
    assert_int_equal(bif.pdi_id, 7);
    assert_int_equal(bif.parent_id, 10);
    assert_int_equal(bif.id_code, 0x04ca8093);
    assert_false(bif.has_id_code || bif.has_leading);
    assert_int_equal(bif.n_images, 2);
    assert_string_equal(bif.images[0].name, "averyveryverylon");
    assert_int_equal(bif.images[0].unique_id, 2);
    assert_int_equal(bif.images[0].parent_unique_id, 3);
    assert_int_equal(bif.images[0].function_id, 4);
    assert_true(bif.images[0].delay_load && bif.images[0].delay_handoff);
    assert_int_equal(bif.images[0].n_partitions, 2);
    assert_string_equal(bif.images[0].partitions[0].files[0].name, "a b.bin");
    assert_string_equal(bif.images[0].partitions[0].files[1].name, "c/d-e+1.bin");
    assert_int_equal(bif.images[0].partitions[1].id, 0xffffffff);
    assert_string_equal(bif.images[1].name, "default_subsys");
    assert_int_equal(bif.images[1].id, 0x1c000000);
    test_end(arena);
}

/* A BIF with so many images, partitions in each, and files in each partition. */
static const char *many(ts_arena *arena, int n_images, int n_partitions, int n_files) {
    ts_buf text = ts_buf_in(arena);
    ts_buf_text(&text, "a:{\n");
    for (int i = 0; i < n_images; i++) {
        ts_buf_printf(&text, "image{id=%d", i);
        for (int k = 0; k < n_partitions; k++) {
            ts_buf_printf(&text, "{type=cdo id=%d", k);
            for (int f = 0; f < n_files; f++)
                ts_buf_printf(&text, " file=f%d.%d.%d", i, k, f);
            ts_buf_text(&text, "}");
        }
        ts_buf_text(&text, "}\n");
    }
    ts_buf_text(&text, "}");
    ts_buf_u8(&text, 0);
    assert_false(text.failed);
    return (const char *)text.data;
}

static void long_lists_are_read(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_bif bif = parse(arena, many(arena, 10, 2, 37));
    assert_int_equal(bif.n_images, 10);
    assert_int_equal(bif.images[9].id, 9);
    assert_int_equal(bif.images[9].n_partitions, 2);
    assert_int_equal(bif.images[9].partitions[1].n_files, 37);
    assert_string_equal(bif.images[9].partitions[1].files[36].name, "f9.1.36");
    assert_int_equal(parse(arena, many(arena, 1, 20, 1)).images[0].n_partitions, 20);
    test_end(arena);
}

static void limits_of_bootgen_hold(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    const struct {
        const char *text, *words;
    } cases[] = {
        {many(arena, 11, 1, 1), "t.bif:12:1: more than 10 images"},
        {many(arena, 1, 21, 1), "t.bif:2:1: more than 20 partitions"},
        {many(arena, 3, 7, 1), "t.bif:4:1: more than 20 partitions"},
        {"all:{ extended_id_code = 64 }", "t.bif:1:26: 64 is too large; at most 0x3f"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ts_bif bif;
        ts_diag diag = {0};
        (void)!ts_bif_parse(arena, test_text(cases[i].text), "t.bif", &bif, &diag);
        test_expect_error(&diag, TS_RANGE, cases[i].words);
    }
    test_end(arena);
}

static void read_text(ts_arena *arena, const char *text, ts_diag *diag) {
    ts_bif bif;
    (void)!ts_bif_parse(arena, test_text(text), "t.bif", &bif, diag);
}

static void bad_text_is_named(void **state) {
    (void)state;
    static const test_bad_text cases[] = {
        {"", TS_SYNTAX, "t.bif:1:1: expected a name and ':'"},
        {"all {", TS_SYNTAX, "t.bif:1:5: expected ':' after the name"},
        {"all:\n[", TS_SYNTAX, "t.bif:2:1: expected '{'"},
        {"all:{", TS_SYNTAX, "expected id_code"},
        {"all:{}", TS_MISSING, "no image { ... } here"},
        {"all:{ id_code 1 }", TS_SYNTAX, "t.bif:1:15: expected '=' and a number"},
        {"all:{ id_code = x }", TS_SYNTAX, "t.bif:1:17: expected a number"},
        {"all:{ id_code = 0x100000000 }", TS_RANGE, "at most 0xffffffff"},
        {"all:{ id_cod = 1 }", TS_UNKNOWN, "t.bif:1:7: no attribute 'id_cod' here"},
        {"all:{ image { name=a } }", TS_MISSING, "t.bif:1:7: an image without a partition"},
        {"all:{ image { {file=a} } }", TS_MISSING, "a partition without type=cdo"},
        {"all:{ image { {type=cdo} } }", TS_MISSING, "a partition without a file"},
        {"all:{ image { {type=raw file=a} } }", TS_UNSUPPORTED, "type 'raw' are not made"},
        {"all:{ image { {type=cod file=a} } }", TS_UNKNOWN, "no partition type 'cod'"},
        {"all:{ image { {type=cdo file=} } }", TS_SYNTAX, "expected a file name"},
        {"all:{ image { {type=cdo file=\"a\n\"} } }", TS_SYNTAX, "closing quote"},
        {"all:{ image { {type=cdo, encryption=aes file=a} } }", TS_UNSUPPORTED,
         "t.bif:1:26: 'encryption' is known, but not made for NPUs"},
        {"all:{ metaheader { } }", TS_UNSUPPORTED, "'metaheader' is known"},
        {"all:{ [bootloader] a.elf }", TS_UNSUPPORTED, "a partition outside of an image"},
        {"all:{ boot_config { smap_width=8 } }", TS_UNSUPPORTED, "smap_width 8 is not made"},
        {"all:{ /* }", TS_SYNTAX, "t.bif:1:7: a comment without its end"},
        {"all:{ image { {type=cdo file=a} } } more: {}", TS_UNSUPPORTED, "more than one"},
        {"all:{ image { , } }", TS_SYNTAX, "expected name, id, a partition or '}'"},
    };
    test_expect_errors(cases, sizeof cases / sizeof *cases, read_text);
}

static void every_truncation_is_an_error(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    for (size_t size = 0; size < sizeof aiecc_text - 3; size++) {
        ts_bif bif;
        ts_diag diag = {0};
        assert_int_not_equal(
            ts_bif_parse(arena, ts_span_of(aiecc_text, size), "t.bif", &bif, &diag), TS_OK);
        assert_int_equal(diag.place, TS_PLACE_TEXT);
    }
    test_end(arena);
}

static ts_status read_it(ts_arena *arena, void *context) {
    ts_bif bif;
    ts_diag diag = {0};
    return ts_bif_parse(arena, test_text(context), "t.bif", &bif, &diag);
}

static void every_allocation_fails_once(void **state) {
    (void)state;
    char text[sizeof aiecc_text];
    memcpy(text, aiecc_text, sizeof text);
    test_every_allocation_fails(read_it, text);
}

/* A folder with a CDO of one command, and a BIF that names it twice. */
static char *put_cdo(ts_arena *arena, char *folder) {
    ts_buf cdo = ts_buf_in(arena);
    ts_diag diag = {0};
    assert_non_null(mkdtemp(folder));
    ts_cdo_begin(&cdo);
    ts_cdo_put_write(&cdo, 0x232000, 1);
    assert_int_equal(ts_cdo_finish(&cdo, &diag), TS_OK);
    char *path = ts_arena_printf(arena, "%s/a.bin", folder);
    assert_int_equal(ts_file_write(path, ts_buf_span(&cdo), &diag), TS_OK);
    return path;
}

static ts_status build_it(ts_arena *arena, void *context) {
    ts_bif bif;
    ts_pdi pdi, again;
    ts_diag diag = {0};
    ts_buf out = ts_buf_in(arena);
    TS_TRY(ts_bif_parse(arena, test_text(context), "t.bif", &bif, &diag));
    TS_TRY(ts_bif_build(arena, &bif, &pdi, &diag));
    TS_TRY(ts_pdi_write(&pdi, &out, &diag));
    TS_TRY(ts_pdi_parse(arena, ts_buf_span(&out), "t.pdi", &again, &diag));
    assert_int_equal(again.n_images, 2);
    assert_int_equal(again.n_partitions, 2);
    assert_int_equal(ts_pdi_partition_content(&again.partitions[0]).size, 20 + 2 * 12);
    assert_int_equal(ts_pdi_partition_content(&again.partitions[1]).size, 20 + 12);
    return TS_OK;
}

static void ids_of_all_ones_are_none(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_diag diag = {0};
    ts_pdi pdi;
    char folder[] = "/tmp/test_bif.XXXXXX";
    const char *path = put_cdo(arena, folder);
    ts_bif bif = parse(arena, ts_arena_printf(arena,
                                              "a: { id_code=1 image { id=0xffffffff uid=0xffffffff "
                                              "parent_uid=0xfffffffe function_id=4294967295 "
                                              "{ type=cdo file=%s } } }",
                                              path));
    assert_int_equal(ts_bif_build(arena, &bif, &pdi, &diag), TS_OK);
    const uint32_t *word = pdi.images[0].word;
    assert_int_equal(word[TS_PDI_IMAGE_ID], UINT32_MAX);
    assert_int_equal(word[TS_PDI_IMAGE_UNIQUE_ID], 0);
    assert_int_equal(word[TS_PDI_IMAGE_PARENT_UNIQUE_ID], 0xfffffffe);
    assert_int_equal(word[TS_PDI_IMAGE_FUNCTION_ID], 0);
    unlink(path);
    rmdir(folder);
    test_end(arena);
}

static void images_are_built_from_files(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    char folder[] = "/tmp/test_bif.XXXXXX";
    const char *path = put_cdo(arena, folder);
    char *text = ts_arena_printf(arena,
                                 "a: { id_code=1 image { { type=cdo file=%s file=%s } }"
                                 " image { { type=cdo file=%s } } }",
                                 path, path, path);
    test_every_allocation_fails(build_it, text);
    unlink(path);
    rmdir(folder);
    test_end(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(aiecc_text_is_read),
        cmocka_unit_test(both_spellings_and_all_attributes),
        cmocka_unit_test(long_lists_are_read),
        cmocka_unit_test(limits_of_bootgen_hold),
        cmocka_unit_test(bad_text_is_named),
        cmocka_unit_test(every_truncation_is_an_error),
        cmocka_unit_test(every_allocation_fails_once),
        cmocka_unit_test(ids_of_all_ones_are_none),
        cmocka_unit_test(images_are_built_from_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
