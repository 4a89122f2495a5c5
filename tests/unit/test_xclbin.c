/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * xclbin: the container, editing, checking, comparing, and hostile files. */
#include "exercise_xclbin.h"
#include "support.h"
#include "tessera/xclbin.h"

#include <string.h>

/* The example that all of these tests start from, made by the project's own tool. */
static ts_span example(ts_arena *arena, const char *name) {
    ts_span bytes;
    ts_diag diag = {0};
    const char *path = ts_arena_printf(arena, "%s/fuzz/corpus/xclbin/%s", TEST_SOURCE_DIR, name);
    if (ts_file_read(arena, path, 0, &bytes, &diag) != TS_OK) fail_msg("%s", diag.message);
    return bytes;
}

static ts_xclbin read_example(ts_arena *arena, const char *name) {
    ts_xclbin x;
    ts_diag diag = {0};
    if (ts_xclbin_read(arena, example(arena, name), name, &x, &diag) != TS_OK)
        fail_msg("%s", diag.message);
    return x;
}

/* A copy of the example that can be changed. */
static uint8_t *editable(ts_arena *arena, const char *name, size_t *size) {
    ts_span bytes = example(arena, name);
    uint8_t *copy = ts_arena_alloc(arena, bytes.size);
    memcpy(copy, bytes.data, bytes.size);
    *size = bytes.size;
    return copy;
}

static void put(uint8_t *bytes, size_t offset, uint64_t value, unsigned n_bytes) {
    for (unsigned i = 0; i < n_bytes; i++)
        bytes[offset + i] = (uint8_t)(value >> (8 * i));
}

enum {
    LENGTH = 304,
    N_SECTIONS = 448,
    FIRST_OFFSET = 456 + 24,
    FIRST_SIZE = 456 + 32
};

static size_t count_rule(const ts_xclbin_findings *found, const char *rule,
                         ts_xclbin_severity severity) {
    size_t n = 0;
    for (size_t i = 0; i < found->n_items; i++)
        n += strcmp(found->items[i].rule, rule) == 0 && found->items[i].severity == severity;
    return n;
}

/* ---- reading --------------------------------------------------------------------------------- */

static void header_fields_are_where_xrt_has_them(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_xclbin x;
    ts_diag diag = {0};
    ts_xclbin_init(&x, arena, "x");
    x.header.mode = 0x1122;
    x.header.action_mask = 0x3344;
    x.header.time_stamp = 0x0102030405060708;
    x.header.version_patch = 0x5566;
    memset(x.header.uuid, 0xab, 16);
    const ts_xclbin_write_options options = {.keep_uuid = true};
    ts_buf out = ts_buf_in(arena);
    assert_int_equal(ts_xclbin_write(&x, &options, &out, &diag), TS_OK);
    /* Offsets by hand from struct axlf and axlf_header. */
    assert_memory_equal(out.data, "xclbin2\0\xff\xff\xff\xff", 12);
    assert_memory_equal(out.data + 312, "\x08\x07\x06\x05\x04\x03\x02\x01", 8);
    assert_memory_equal(out.data + 328, "\x66\x55\x02\x1a\x22\x11\x44\x33", 8);
    for (int i = 0; i < 16; i++)
        assert_int_equal(out.data[416 + i], 0xab);
    test_end(arena);
}

static void reading_errors_say_where_and_what(void **state) {
    (void)state;
    static const struct {
        size_t offset;
        uint64_t value;
        unsigned n_bytes;
        ts_status code;
        const char *words;
    } rows[] = {
        {0, 'y', 1, TS_SYNTAX, "offset 0x0: not an XCLBIN"},
        {7, 'y', 1, TS_SYNTAX, "expected the magic"},
        {LENGTH, UINT64_MAX, 8, TS_TRUNCATED, "18446744073709551615 bytes long"},
        {N_SECTIONS, 0x10001, 4, TS_RANGE, "65537 sections; expected at most 65536"},
        {N_SECTIONS, 0xffffffff, 4, TS_RANGE, "4294967295 sections"},
        {N_SECTIONS, 0x1000, 4, TS_TRUNCATED, "file ends in the section headers"},
        {FIRST_OFFSET, UINT64_MAX, 8, TS_RANGE, "lies outside the file"},
        {FIRST_OFFSET, UINT64_MAX - 3, 8, TS_RANGE, "lies outside the file"},
        {FIRST_OFFSET, (uint64_t)1 << 32, 8, TS_RANGE, "0x100000000"},
        {FIRST_SIZE, UINT64_MAX, 8, TS_RANGE, "18446744073709551615 bytes lies outside"},
        {FIRST_SIZE, (uint64_t)1 << 63, 8, TS_RANGE, "lies outside the file"},
        {FIRST_SIZE, 0xffffffff, 8, TS_RANGE, "offset 0x1e0"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ts_arena *arena = test_begin();
        size_t size;
        uint8_t *bytes = editable(arena, "small.xclbin", &size);
        put(bytes, rows[i].offset, rows[i].value, rows[i].n_bytes);
        ts_xclbin x;
        ts_diag diag = {0};
        assert_int_equal(ts_xclbin_read(arena, ts_span_of(bytes, size), "a.xclbin", &x, &diag),
                         rows[i].code);
        test_expect_error(&diag, rows[i].code, rows[i].words);
        test_end(arena);
    }
}

/* Every (count, offset) pair of AIE_PARTITION at values that overflow when multiplied or added. */
static void partition_extents_cannot_overflow(void **state) {
    (void)state;
    static const uint32_t values[] = {0x7fffffff, 0x80000000, 0xffffffff, 0x15555556,
                                      0x2aaaaaab, 0x20000000, 0xfffffff8};
    ts_arena *arena = test_begin();
    ts_xclbin x = read_example(arena, "kinds.xclbin");
    const ts_xclbin_section *s = ts_xclbin_find(&x, TS_XCLBIN_AIE_PARTITION);
    unsigned n_refused = 0, n = 0;
    for (size_t offset = 0; offset + 4 <= s->data.size; offset += 4)
        for (size_t v = 0; v < sizeof values / sizeof values[0]; v++, n++) {
            ts_arena *scratch = test_begin();
            uint8_t *copy = ts_arena_alloc(scratch, s->data.size);
            memcpy(copy, s->data.data, s->data.size);
            put(copy, offset, values[v], 4);
            ts_xclbin_partition p;
            ts_diag diag = {0};
            ts_status status = ts_xclbin_read_partition(scratch, ts_span_of(copy, s->data.size),
                                                        "a.xclbin", &p, &diag);
            if (status != TS_OK) {
                n_refused++;
                test_expect_error(&diag, status, "in the section");
            }
            test_end(scratch);
        }
    /* 2 names, columns, PDIs; 2 x (image, groups); 4 x (name, ids, pre-groups): some always refuse.
     */
    assert_true(n_refused > 100 && n_refused < n);
    test_end(arena);
}

static void every_truncation_and_many_changes(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_xclbin original = read_example(arena, "recipe.xclbin");
    ts_span file = example(arena, "recipe.xclbin");
    test_random random = {7};
    for (size_t size = 0; size < file.size; size += size < 1024 ? 1 : 7) {
        ts_arena *scratch = test_begin();
        uint8_t *exact = ts_arena_alloc(scratch, size);
        memcpy(exact, file.data, size);
        assert_int_not_equal(exercise_xclbin(ts_span_of(exact, size), &original, 64u << 20), TS_OK);
        test_end(scratch);
    }
    for (int i = 0; i < 1000; i++) {
        size_t size;
        ts_arena *scratch = test_begin();
        uint8_t *copy = editable(scratch, "recipe.xclbin", &size);
        copy[test_next(&random) % size] = (uint8_t)test_next(&random);
        (void)exercise_xclbin(ts_span_of(copy, size), &original, 64u << 20);
        test_end(scratch);
    }
    test_end(arena);
}

static ts_status read_check_and_write(ts_arena *arena, void *context) {
    ts_xclbin x;
    ts_xclbin_findings findings;
    ts_xclbin_side_file *files;
    ts_diag diag = {0};
    ts_buf out = ts_buf_in(arena);
    const ts_xclbin_write_options options = {0};
    TS_TRY(ts_xclbin_read(arena, *(ts_span *)context, "a.xclbin", &x, &diag));
    TS_TRY(ts_xclbin_check(arena, &x, &findings, &diag));
    TS_TRY(ts_xclbin_explode(arena, &x, &files, &diag));
    return ts_xclbin_write(&x, &options, &out, &diag);
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_span file = example(arena, "small.xclbin");
    test_every_allocation_fails(read_check_and_write, &file);
    test_end(arena);
}

/* ---- writing --------------------------------------------------------------------------------- */

static void the_same_content_has_the_same_uuid(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    const ts_xclbin_write_options options = {0};
    ts_diag diag = {0};
    uint8_t uuids[3][16];
    for (int i = 0; i < 3; i++) {
        ts_xclbin x;
        ts_buf out = ts_buf_in(arena);
        ts_xclbin_init(&x, arena, "x");
        assert_non_null(ts_xclbin_append(&x, TS_XCLBIN_PDI, "dir/main.pdi",
                                         test_text(i < 2 ? "payload" : "pavload")));
        memset(x.header.uuid, i, 16); /* what was there before must not matter */
        assert_int_equal(ts_xclbin_write(&x, &options, &out, &diag), TS_OK);
        memcpy(uuids[i], x.header.uuid, 16);
        assert_int_equal(x.header.length, out.size);
        assert_int_equal(x.header.uuid[6] >> 4, 5); /* version 5: of a name */
        assert_string_equal((const char *)x.sections[0].name, "main");
    }
    assert_memory_equal(uuids[0], uuids[1], 16);
    assert_memory_not_equal(uuids[0], uuids[2], 16);
    test_end(arena);
}

static void payloads_start_at_multiples_of_8_and_the_mirror_follows(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_xclbin x;
    ts_diag diag = {0};
    ts_xclbin_init(&x, arena, "x");
    for (size_t i = 0; i < 9; i++)
        ts_xclbin_append(&x, TS_XCLBIN_AIE_RESOURCES, "name_of_more_than_fifteen",
                         ts_span_of("123456789", i));
    const ts_xclbin_write_options options = {0};
    ts_buf out = ts_buf_in(arena);
    assert_int_equal(ts_xclbin_write(&x, &options, &out, &diag), TS_OK);
    ts_xclbin again;
    assert_int_equal(ts_xclbin_read(arena, ts_buf_span(&out), "x", &again, &diag), TS_OK);
    for (size_t i = 0; i < 9; i++) {
        assert_int_equal(again.sections[i].file_offset % 8, 0);
        assert_int_equal(again.sections[i].data.size, i);
        assert_string_equal((const char *)again.sections[i].name, "name_of_more_th");
    }
    const ts_xclbin_gap *mirror = &again.gaps[again.n_gaps - 1];
    assert_memory_equal(mirror->data.data, "XCLBIN_MIRROR_DATA_START{", 25);
    assert_memory_equal(mirror->data.data + mirror->data.size - 23, "\nXCLBIN_MIRROR_DATA_END", 23);
    test_end(arena);
}

static ts_xclbin_side_file *file_named(ts_xclbin_side_file *files, const char *name) {
    while (files && strcmp(files->name, name) != 0)
        files = files->next;
    return files;
}

static ts_status load_file(void *context, ts_arena *arena, const char *name, ts_span *out,
                           ts_diag *diag) {
    (void)arena;
    const ts_xclbin_side_file *f = file_named(context, name);
    if (!f) return ts_fail(diag, TS_MISSING, name, "no such file");
    *out = f->data;
    return TS_OK;
}

static void a_folder_is_readable_and_can_be_edited(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_xclbin x = read_example(arena, "recipe.xclbin"), again;
    ts_xclbin_side_file *files;
    ts_diag diag = {0};
    ts_json *root;
    bool is_exact;
    assert_int_equal(ts_xclbin_explode(arena, &x, &files, &diag), TS_OK);
    static const char *const names[] = {
        TS_XCLBIN_MANIFEST,         "00_MEM_TOPOLOGY.json",
        "01_AIE_PARTITION.json",    "01_806c6eb8-d483-48f4-aa63-44eccc3802d5.pdi",
        "02_EMBEDDED_METADATA.xml", "03_IP_LAYOUT.json",
        "04_CONNECTIVITY.json",     "05_GROUP_CONNECTIVITY.json",
        "06_GROUP_TOPOLOGY.json",   "between_000014e8.bin"};
    size_t n = 0;
    for (ts_xclbin_side_file *f = files; f; f = f->next)
        n++;
    for (size_t i = 0; i + 1 < sizeof names / sizeof names[0]; i++)
        if (!file_named(files, names[i])) fail_msg("no %s", names[i]);
    assert_int_equal(n, sizeof names / sizeof names[0]);
    ts_span manifest = file_named(files, TS_XCLBIN_MANIFEST)->data;
    assert_int_equal(ts_json_parse(arena, manifest, "m", &root, &diag), TS_OK);
    const ts_xclbin_document document = {root, "m", manifest, load_file, files};
    assert_int_equal(ts_xclbin_implode(arena, &document, &again, &is_exact, &diag), TS_OK);
    assert_true(is_exact);
    /* A PDI of another size: the same sections, laid out anew. */
    file_named(files, names[3])->data = test_text("another PDI");
    assert_int_equal(ts_xclbin_implode(arena, &document, &again, &is_exact, &diag), TS_OK);
    assert_false(is_exact);
    assert_int_equal(again.n_sections, x.n_sections);
    const ts_xclbin_write_options options = {0};
    ts_buf out = ts_buf_in(arena);
    assert_int_equal(ts_xclbin_write(&again, &options, &out, &diag), TS_OK);
    ts_xclbin_differences found;
    assert_int_equal(ts_xclbin_diff(arena, &x, &again, &found, &diag), TS_OK);
    assert_string_equal(found.items[0].where,
                        "AIE_PARTITION PDI 0 (806c6eb8-d483-48f4-aa63-44eccc3802d5)");
    /* A file that is gone. */
    file_named(files, names[3])->name = "elsewhere.pdi";
    assert_int_equal(ts_xclbin_implode(arena, &document, &again, &is_exact, &diag), TS_MISSING);
    test_end(arena);
}

/* Names count their sections, so that no two of a thousand share a file. */
static void a_folder_of_a_thousand_partitions_keeps_them_apart(void **state) {
    (void)state;
    enum {
        N = 1010
    };
    ts_arena *arena = test_begin();
    ts_xclbin x, again;
    ts_diag diag = {0};
    ts_xclbin_init(&x, arena, "x");
    for (int i = 0; i < N; i++) {
        ts_buf data = ts_buf_in(arena);
        const ts_xclbin example_x = read_example(arena, "recipe.xclbin");
        ts_buf_span_add(&data, ts_xclbin_find(&example_x, TS_XCLBIN_AIE_PARTITION)->data);
        ts_buf_patch_uint_le(&data, 208, (uint64_t)i, 4); /* in the PDI */
        assert_non_null(ts_xclbin_append(&x, TS_XCLBIN_AIE_PARTITION, "p", ts_buf_span(&data)));
    }
    const ts_xclbin_write_options options = {0};
    ts_buf out = ts_buf_in(arena), packed = ts_buf_in(arena);
    assert_int_equal(ts_xclbin_write(&x, &options, &out, &diag), TS_OK);
    assert_int_equal(ts_xclbin_read(arena, ts_buf_span(&out), "x", &x, &diag), TS_OK);
    ts_xclbin_side_file *files;
    ts_json *root;
    bool is_exact;
    assert_int_equal(ts_xclbin_explode(arena, &x, &files, &diag), TS_OK);
    ts_span manifest = file_named(files, TS_XCLBIN_MANIFEST)->data;
    assert_int_equal(ts_json_parse(arena, manifest, "m", &root, &diag), TS_OK);
    const ts_xclbin_document document = {root, "m", manifest, load_file, files};
    assert_int_equal(ts_xclbin_implode(arena, &document, &again, &is_exact, &diag), TS_OK);
    assert_true(is_exact);
    assert_int_equal(ts_xclbin_write_exact(&again, &packed, &diag), TS_OK);
    test_same_bytes(ts_buf_span(&packed), ts_buf_span(&out));
    test_end(arena);
}

/* ---- keys ------------------------------------------------------------------------------------ */

static void keys_set_header_fields_and_user_pairs(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_xclbin x;
    ts_diag diag = {0};
    ts_xclbin_init(&x, arena, "x");
    static const char *const pairs[] = {
        "SYS:mode:hw_emu_pr",
        "sys:action_mask:LOAD_AIE",
        "SYS:action_mask:LOAD_PDI",
        "SYS:FeatureRomTimestamp:0x10",
        "SYS:InterfaceUUID:00112233-4455-6677-8899-aabbccddeeff",
        "SYS:PlatformVBNV:a:b:c",
        "SYS:XclbinUUID:ffeeddccbbaa99887766554433221100",
        "USER:one:1",
        "USER:two:a:b",
        "USER:one:changed",
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        if (ts_xclbin_set_key(&x, pairs[i], &diag) != TS_OK) fail_msg("%s", diag.message);
    assert_int_equal(x.header.mode, 6);
    assert_int_equal(x.header.action_mask, 3);
    assert_int_equal(x.header.feature_rom_time_stamp, 16);
    assert_int_equal(x.header.interface_uuid[15], 0xff);
    assert_string_equal((const char *)x.header.platform_vbnv, "a:b:c");
    assert_int_equal(x.header.uuid[0], 0xff);
    const ts_xclbin_section *s = ts_xclbin_find(&x, TS_XCLBIN_KEYVALUE_METADATA);
    test_same_bytes(s->data, test_text("{\"key_values\":[{\"key\":\"one\",\"value\":\"changed\"},"
                                       "{\"key\":\"two\",\"value\":\"a:b\"}]}\n"));
    assert_int_equal(ts_xclbin_remove_key(&x, "one", &diag), TS_OK);
    assert_int_equal(ts_xclbin_remove_key(&x, "two", &diag), TS_OK);
    s = ts_xclbin_find(&x, TS_XCLBIN_KEYVALUE_METADATA);
    test_same_bytes(s->data, test_text("{\"key_values\":\"\"}\n"));
    assert_int_equal(ts_xclbin_set_key(&x, "USER:back:again", &diag), TS_OK);
    assert_int_equal(ts_xclbin_remove_key(&x, "none", &diag), TS_MISSING);
    test_end(arena);
}

static void a_system_key_is_recognised_in_any_case(void **state) {
    (void)state;
    assert_true(ts_xclbin_is_system_key("SYS:XclbinUUID:0", "XclbinUUID"));
    assert_true(ts_xclbin_is_system_key("sys:XclbinUUID:0", "XclbinUUID"));
    assert_false(ts_xclbin_is_system_key("SYS:XclbinUUIDs:0", "XclbinUUID"));
    assert_false(ts_xclbin_is_system_key("USER:XclbinUUID:0", "XclbinUUID"));
    assert_false(ts_xclbin_is_system_key("SYS", "XclbinUUID"));
    assert_false(ts_xclbin_is_system_key("", "XclbinUUID"));
}

static void holes_in_argument_ids_are_found(void **state) {
    (void)state;
    static const struct {
        const char *ids[3];
        size_t n_findings;
    } rows[] = {{{"0", "1", "2"}, 0}, {{"0", "1", "200"}, 1}, {{"1", "2", "3"}, 1},
                {{"2", "0", "1"}, 0}, {{"0", "0", "1"}, 0},   {{"0", "", "1"}, 0}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ts_arena *arena = test_begin();
        ts_xclbin x;
        ts_xclbin_findings found;
        ts_diag diag = {0};
        const char *xml = ts_arena_printf(
            arena,
            "<project><platform><device><core><kernel name=\"K\"><arg id=\"%s\"/><arg id=\"%s\"/>"
            "<arg id=\"%s\"/></kernel></core></device></platform></project>",
            rows[i].ids[0], rows[i].ids[1], rows[i].ids[2]);
        ts_xclbin_init(&x, arena, "x");
        ts_xclbin_append(&x, TS_XCLBIN_EMBEDDED_METADATA, "", test_text(xml));
        assert_int_equal(ts_xclbin_check(arena, &x, &found, &diag), TS_OK);
        assert_int_equal(count_rule(&found, "argument-id", TS_XCLBIN_ERROR), rows[i].n_findings);
        test_end(arena);
    }
}

static void bad_keys_are_named(void **state) {
    (void)state;
    static const struct {
        const char *pair, *words;
        ts_status code;
    } rows[] = {
        {"SYS:mode", "Expected format [USER | SYS]:<key>:<value>", TS_SYNTAX},
        {"SYS:mode:fast", "Unknown value 'fast' for key 'mode'", TS_UNKNOWN},
        {"SYS:nothing:1", "Unknown key 'nothing'", TS_UNKNOWN},
        {"ME:a:b", "Unknown key domain", TS_UNKNOWN},
        {"SYS:XclbinUUID:12", "not a UUID", TS_SYNTAX},
        {"SYS:FeatureRomTimestamp:soon", "not a number", TS_SYNTAX},
        {"SYS:action_mask:LOAD_ALL", "Unknown bit mask", TS_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ts_arena *arena = test_begin();
        ts_xclbin x;
        ts_diag diag = {0};
        ts_xclbin_init(&x, arena, "x");
        (void)!ts_xclbin_set_key(&x, rows[i].pair, &diag);
        test_expect_error(&diag, rows[i].code, rows[i].words);
        test_end(arena);
    }
}

/* ---- check ----------------------------------------------------------------------------------- */

static ts_xclbin_findings check_bytes(ts_arena *arena, ts_span bytes) {
    ts_xclbin x;
    ts_xclbin_findings found;
    ts_diag diag = {0};
    if (ts_xclbin_read(arena, bytes, "a.xclbin", &x, &diag) != TS_OK) fail_msg("%s", diag.message);
    assert_int_equal(ts_xclbin_check(arena, &x, &found, &diag), TS_OK);
    return found;
}

static void a_good_container_has_no_finding(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_xclbin_findings found = check_bytes(arena, example(arena, "recipe.xclbin"));
    for (size_t i = 0; i < found.n_items; i++)
        print_message("%s: %s\n", found.items[i].section, found.items[i].text);
    assert_int_equal(found.n_items, 0);
    test_end(arena);
}

/* One change to the good container, and the rule that must notice. The sections of recipe.xclbin
 * are MEM_TOPOLOGY, AIE_PARTITION, EMBEDDED_METADATA, IP_LAYOUT, CONNECTIVITY, GROUP_CONNECTIVITY,
 * GROUP_TOPOLOGY. */
static void each_rule_notices_its_fault(void **state) {
    (void)state;
    enum {
        MODE = 332,
        HEADER = -1,
        SECTION_HEADER = -2
    };
    static const struct {
        int section; /* whose payload, or one of the above */
        size_t offset;
        uint64_t value;
        unsigned n_bytes;
        const char *rule;
        ts_xclbin_severity severity;
    } rows[] = {
        {HEADER, MODE, 7, 2, "mode", TS_XCLBIN_ERROR},
        {HEADER, LENGTH, 100, 8, "length", TS_XCLBIN_ERROR},
        {SECTION_HEADER, 40 + 24, 0x33c, 8, "alignment", TS_XCLBIN_ERROR},
        {SECTION_HEADER, 40 + 24, 0x2e0, 8, "overlap", TS_XCLBIN_ERROR},
        {SECTION_HEADER, 24, 8, 8, "overlap", TS_XCLBIN_ERROR},
        {SECTION_HEADER, 0, 99, 4, "unknown-kind", TS_XCLBIN_WARNING},
        {SECTION_HEADER, 0, 32, 4, "missing-section", TS_XCLBIN_ERROR},
        {SECTION_HEADER, 6 * 40, 6, 4, "duplicate-section", TS_XCLBIN_ERROR},
        {SECTION_HEADER, 6 * 40 + 32, 0, 8, "empty", TS_XCLBIN_WARNING},
        {SECTION_HEADER, 1 * 40, 29, 4, "missing-section", TS_XCLBIN_ERROR},
        {0, 0, 3, 4, "malformed", TS_XCLBIN_ERROR},
        {0, 8, 77, 1, "memory-type", TS_XCLBIN_ERROR},
        {1, 32, 0, 2, "column-width", TS_XCLBIN_ERROR},
        {1, 32, 9, 2, "column-width", TS_XCLBIN_ERROR},
        {1, 32, 6, 2, "start-columns", TS_XCLBIN_ERROR},
        {1, 40, 0, 4, "start-columns", TS_XCLBIN_ERROR},
        {1, 120, 0, 4, "pdi-missing", TS_XCLBIN_ERROR},
        {1, 124, 0xffff0000, 4, "malformed", TS_XCLBIN_ERROR},
        {2, 10, '<', 1, "malformed", TS_XCLBIN_ERROR},
        {3, 8 + 6, 0x902, 2, "kernel-id", TS_XCLBIN_WARNING},
        {3, 8 + 16, 'X', 1, "kernel-instance", TS_XCLBIN_ERROR},
        {4, 4 + 4, 9, 4, "connectivity", TS_XCLBIN_ERROR},
        {4, 4 + 8, 0xffffffff, 4, "connectivity", TS_XCLBIN_ERROR},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ts_arena *arena = test_begin();
        size_t size;
        uint8_t *bytes = editable(arena, "recipe.xclbin", &size);
        ts_xclbin x = read_example(arena, "recipe.xclbin");
        size_t base = rows[i].section == HEADER           ? 0
                      : rows[i].section == SECTION_HEADER ? 456
                                                          : x.sections[rows[i].section].file_offset;
        put(bytes, base + rows[i].offset, rows[i].value, rows[i].n_bytes);
        ts_xclbin_findings found = check_bytes(arena, ts_span_of(bytes, size));
        if (!count_rule(&found, rows[i].rule, rows[i].severity))
            fail_msg("row %zu: %s", i, rows[i].rule);
        test_end(arena);
    }
}

static void kernel_ids_are_compared_across_sections(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    size_t size;
    uint8_t *bytes = editable(arena, "recipe.xclbin", &size);
    /* The only kernel's id in the XML: then the driver finds no valid kernel at all. */
    for (size_t i = 0; i + 5 < size; i++)
        if (memcmp(bytes + i, "0x901", 5) == 0) bytes[i + 4] = '2';
    ts_xclbin_findings found = check_bytes(arena, ts_span_of(bytes, size));
    assert_int_equal(count_rule(&found, "kernel-id", TS_XCLBIN_WARNING), 1);
    assert_int_equal(count_rule(&found, "kernel-id", TS_XCLBIN_ERROR), 1);
    test_end(arena);
}

/* ---- diff ------------------------------------------------------------------------------------ */

static ts_xclbin_differences diff_bytes(ts_arena *arena, ts_span a, ts_span b) {
    ts_xclbin x, y;
    ts_xclbin_differences found;
    ts_diag diag = {0};
    assert_int_equal(ts_xclbin_read(arena, a, "a", &x, &diag), TS_OK);
    assert_int_equal(ts_xclbin_read(arena, b, "b", &y, &diag), TS_OK);
    assert_int_equal(ts_xclbin_diff(arena, &x, &y, &found, &diag), TS_OK);
    return found;
}

static void one_pdi_byte_is_named_by_section_pdi_and_offset(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    size_t size;
    uint8_t *bytes = editable(arena, "recipe.xclbin", &size);
    ts_xclbin x = read_example(arena, "recipe.xclbin");
    ts_xclbin_partition p;
    ts_diag diag = {0};
    const ts_xclbin_section *s = ts_xclbin_find(&x, TS_XCLBIN_AIE_PARTITION);
    assert_int_equal(ts_xclbin_read_partition(arena, s->data, "x", &p, &diag), TS_OK);
    bytes[s->file_offset + p.pdis[0].image_offset + 0x2a] ^= 1;
    ts_xclbin_differences found =
        diff_bytes(arena, example(arena, "recipe.xclbin"), ts_span_of(bytes, size));
    assert_int_equal(found.n_items, 1);
    assert_string_equal(found.items[0].where,
                        "AIE_PARTITION PDI 0 (806c6eb8-d483-48f4-aa63-44eccc3802d5)");
    assert_string_equal(found.items[0].text, "offset 0x2a: 0x69, 0x68");
    test_end(arena);
}

static void differences_have_names(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    size_t size;
    uint8_t *bytes = editable(arena, "recipe.xclbin", &size);
    ts_xclbin x = read_example(arena, "recipe.xclbin");
    put(bytes, 332, 3, 2); /* mode */
    put(bytes, x.sections[0].file_offset + 8 + 40 + 8, 1, 8);
    bytes[456 + 4] = 'M'; /* the first section's name */
    ts_xclbin_differences found =
        diff_bytes(arena, example(arena, "recipe.xclbin"), ts_span_of(bytes, size));
    assert_int_equal(found.n_items, 3);
    assert_string_equal(found.items[0].text, "name 'memory', 'Memory'");
    assert_string_equal(found.items[1].text, "m_mem_data[1].m_sizeKB: 0xc000, 0x1");
    assert_string_equal(found.items[2].where, "header mode");
    assert_string_equal(found.items[2].text, "0, 3");
    assert_int_equal(
        diff_bytes(arena, example(arena, "recipe.xclbin"), example(arena, "recipe.xclbin")).n_items,
        0);
    found = diff_bytes(arena, example(arena, "recipe.xclbin"), example(arena, "small.xclbin"));
    assert_true(found.n_items > 7);
    test_end(arena);
}

static void uuids_and_kinds_have_names(void **state) {
    (void)state;
    uint8_t uuid[16];
    char text[37], room[24];
    uint32_t kind;
    assert_true(ts_xclbin_parse_uuid("806C6EB8-d483-48f4-aa63-44eccc3802d5", uuid));
    ts_xclbin_format_uuid(uuid, text);
    assert_string_equal(text, "806c6eb8-d483-48f4-aa63-44eccc3802d5");
    assert_false(ts_xclbin_parse_uuid("806c6eb8", uuid));
    assert_false(ts_xclbin_parse_uuid("806c6eb8-d483-48f4-aa63-44eccc3802d5a", uuid));
    assert_false(ts_xclbin_parse_uuid("g06c6eb8-d483-48f4-aa63-44eccc3802d5", uuid));
    for (uint32_t i = 0; i < TS_XCLBIN_N_KINDS; i++) {
        assert_true(ts_xclbin_kind_find(ts_xclbin_kind_name(i, room), &kind));
        assert_int_equal(kind, i);
    }
    assert_true(ts_xclbin_kind_find(ts_xclbin_kind_name(4000000000u, room), &kind));
    assert_int_equal(kind, 4000000000u);
    assert_false(ts_xclbin_kind_find("KIND_4294967296", &kind));
    assert_false(ts_xclbin_kind_find("NOTHING", &kind));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(header_fields_are_where_xrt_has_them),
        cmocka_unit_test(reading_errors_say_where_and_what),
        cmocka_unit_test(partition_extents_cannot_overflow),
        cmocka_unit_test(every_truncation_and_many_changes),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(the_same_content_has_the_same_uuid),
        cmocka_unit_test(payloads_start_at_multiples_of_8_and_the_mirror_follows),
        cmocka_unit_test(a_folder_is_readable_and_can_be_edited),
        cmocka_unit_test(a_folder_of_a_thousand_partitions_keeps_them_apart),
        cmocka_unit_test(keys_set_header_fields_and_user_pairs),
        cmocka_unit_test(a_system_key_is_recognised_in_any_case),
        cmocka_unit_test(bad_keys_are_named),
        cmocka_unit_test(holes_in_argument_ids_are_found),
        cmocka_unit_test(a_good_container_has_no_finding),
        cmocka_unit_test(each_rule_notices_its_fault),
        cmocka_unit_test(kernel_ids_are_compared_across_sections),
        cmocka_unit_test(one_pdi_byte_is_named_by_section_pdi_and_offset),
        cmocka_unit_test(differences_have_names),
        cmocka_unit_test(uuids_and_kinds_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
