/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * xclbin: sections as JSON and back, kernels, memory groups, XML. The bytes below were worked out
 * by hand from XRT's struct definitions; bench/peers/xclbinutil.sh compares with XRT's tool itself.
 */
#include "support.h"
#include "tessera/xclbin.h"

#include <string.h>

static ts_status load_pdi(void *context, ts_arena *arena, const char *name, ts_span *out,
                          ts_diag *diag) {
    (void)context;
    (void)arena;
    if (strcmp(name, "none.pdi") == 0) return ts_fail(diag, TS_IO, name, "no such file");
    *out = test_text(strcmp(name, "odd.pdi") == 0 ? "odd" : "the PDI's bytes.");
    return TS_OK;
}

static ts_xclbin_document parse(ts_arena *arena, const char *text) {
    ts_json *root = NULL;
    ts_diag diag = {0};
    ts_span span = test_text(text);
    if (ts_json_parse(arena, span, "doc.json", &root, &diag) != TS_OK) fail_msg("%s", diag.message);
    return (ts_xclbin_document){root, "doc.json", span, load_pdi, NULL};
}

static ts_xclbin_document parse_file(ts_arena *arena, const char *name) {
    ts_span text;
    ts_json *root = NULL;
    ts_diag diag = {0};
    const char *path = ts_arena_printf(arena, "%s/data/xclbin/%s", TEST_SOURCE_DIR, name);
    if (ts_file_read(arena, path, 0, &text, &diag) != TS_OK ||
        ts_json_parse(arena, text, name, &root, &diag) != TS_OK)
        fail_msg("%s", diag.message);
    return (ts_xclbin_document){root, name, text, load_pdi, NULL};
}

static ts_span encode(ts_arena *arena, uint32_t kind, ts_xclbin_document document) {
    ts_span out;
    ts_diag diag = {0};
    if (ts_xclbin_from_json(arena, kind, "", &document, &out, &diag) != TS_OK)
        fail_msg("%s", diag.message);
    return out;
}

static const char *decode(ts_arena *arena, uint32_t kind, ts_span data) {
    const ts_xclbin_section section = {.kind = kind, .data = data};
    ts_json *tree;
    ts_diag diag = {0};
    ts_buf out = ts_buf_in(arena);
    if (ts_xclbin_to_json(arena, &section, "x", "", &tree, NULL, &diag) != TS_OK)
        fail_msg("%s", diag.message);
    assert_int_equal(ts_json_write(&out, tree, &ts_xclbin_json_compact), TS_OK);
    ts_buf_u8(&out, 0);
    return (const char *)out.data;
}

/* ---- arrays ---------------------------------------------------------------------------------- */

static void memory_banks_have_xrts_bytes(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_span data =
        encode(arena, TS_XCLBIN_MEM_TOPOLOGY,
               parse(arena, "{\"mem_topology\":{\"m_count\":1,\"m_mem_data\":[{\"m_type\":"
                            "\"MEM_DRAM\",\"m_used\":1,\"m_size\":\"0x40000\",\"m_tag\":"
                            "\"HOST\",\"m_base_address\":\"0x4000000\"}]}}"));
    static const uint8_t want[48] = {1,   0,   0,   0,   0, 0, 0, 0, 2, 1, 0, 0, 0, 0, 0, 0,
                                     0,   1,   0,   0,   0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0,
                                     'H', 'O', 'S', 'T', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    test_same_bytes(data, ts_span_of(want, sizeof want));
    assert_string_equal(decode(arena, TS_XCLBIN_MEM_TOPOLOGY, data),
                        "{\"mem_topology\":{\"m_count\":\"1\",\"m_mem_data\":[{\"m_type\":"
                        "\"MEM_DRAM\",\"m_used\":\"1\",\"m_sizeKB\":\"0x100\",\"m_tag\":\"HOST\","
                        "\"m_base_address\":\"0x4000000\"}]}}\n");
    test_end(arena);
}

static void an_instance_of_each_type_has_its_fields(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_span data = encode(arena, TS_XCLBIN_IP_LAYOUT, parse_file(arena, "ip_layout.json"));
    assert_int_equal(data.size, 8 + 7 * 80);
    /* properties: PS kernel DPU 0x901; the same with function 1; KERNEL bits; HBM index, channel.
     */
    static const uint8_t want[7][4] = {{1, 0, 1, 9}, {0x11, 0, 1, 9}, {7, 1, 0, 0},
                                       {1, 1, 0, 0}, {4, 0, 2, 0},    {0xef, 0xbe, 0xad, 0xde},
                                       {0, 0, 0, 0}};
    for (int i = 0; i < 7; i++)
        test_same_bytes(ts_span_of(data.data + 8 + 80 * i + 4, 4), ts_span_of(want[i], 4));
    assert_int_equal(data.data[8 + 8], 0xff); /* not_used */
    const char *text = decode(arena, TS_XCLBIN_IP_LAYOUT, data);
    assert_non_null(strstr(text,
                           "{\"m_type\":\"IP_PS_KERNEL\",\"m_subtype\":\"DPU\",\"m_functional\":"
                           "\"PrePost\",\"m_kernel_id\":\"0x901\",\"m_base_address\":"
                           "\"not_used\",\"m_name\":\"ATTENTION:TWO\"}"));
    assert_non_null(strstr(text, "\"m_int_enable\":\"1\",\"m_interrupt_id\":\"3\",\"m_ip_control\":"
                                 "\"AP_CTRL_CHAIN\""));
    assert_non_null(strstr(text, "\"m_index\":\"4\",\"m_pc_index\":\"2\""));
    assert_non_null(strstr(text, "\"properties\":\"0xdeadbeef\""));
    test_end(arena);
}

static void lists_survive_both_ways(void **state) {
    (void)state;
    static const struct {
        uint32_t kind;
        const char *file;
    } rows[] = {
        {TS_XCLBIN_MEM_TOPOLOGY, "memory.json"},
        {TS_XCLBIN_MEM_TOPOLOGY, "banks.json"},
        {TS_XCLBIN_IP_LAYOUT, "ip_layout.json"},
        {TS_XCLBIN_CONNECTIVITY, "connectivity.json"},
        {TS_XCLBIN_CLOCK_FREQ_TOPOLOGY, "clocks.json"},
        {TS_XCLBIN_AIE_PARTITION, "two_pdis.json"},
        {TS_XCLBIN_AIE_PARTITION, "partition.json"},
        {TS_XCLBIN_KEYVALUE_METADATA, "keyvalue.json"},
        {TS_XCLBIN_BUILD_METADATA, "build_metadata.json"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ts_arena *arena = test_begin();
        ts_span data = encode(arena, rows[i].kind, parse_file(arena, rows[i].file));
        const ts_xclbin_section section = {.kind = rows[i].kind, .data = data};
        ts_json *tree;
        ts_xclbin_side_file *files = NULL;
        ts_diag diag = {0};
        assert_int_equal(ts_xclbin_to_json(arena, &section, "x", "", &tree, &files, &diag), TS_OK);
        if (rows[i].kind == TS_XCLBIN_AIE_PARTITION) {
            /* The loader here knows two contents; name them by theirs. */
            for (ts_json *pdi = tree->first->last->first; pdi; pdi = pdi->next)
                for (ts_xclbin_side_file *f = files; f; f = f->next)
                    if (strcmp(f->name, ts_json_text(pdi, "file_name", "")) == 0)
                        ts_json_set_string(arena, pdi, "file_name",
                                           f->data.size == 3 ? "odd.pdi" : "main.pdi");
        }
        const ts_xclbin_document again = {tree, "again", {0}, load_pdi, NULL};
        test_same_bytes(encode(arena, rows[i].kind, again), data);
        test_end(arena);
    }
}

static void an_empty_list_gives_no_bytes(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    assert_int_equal(encode(arena, TS_XCLBIN_MEM_TOPOLOGY,
                            parse(arena, "{\"mem_topology\":{\"m_count\":\"0\"}}"))
                         .size,
                     0);
    test_end(arena);
}

/* ---- AIE_PARTITION --------------------------------------------------------------------------- */

static void a_partition_is_laid_out_as_xrt_does(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_span data = encode(arena, TS_XCLBIN_AIE_PARTITION, parse_file(arena, "partition.json"));
    ts_xclbin_partition p;
    ts_diag diag = {0};
    assert_int_equal(ts_xclbin_read_partition(arena, data, "x", &p, &diag), TS_OK);
    assert_int_equal(p.operations_per_cycle, 2048);
    assert_int_equal(p.inference_fingerprint, 23423);
    assert_int_equal(p.pre_post_fingerprint, 12345);
    assert_int_equal(p.column_width, 1);
    assert_int_equal(p.n_start_columns, 4);
    assert_int_equal(p.start_columns[3], 4);
    assert_int_equal(p.n_pdis, 1);
    /* Header 184; name and commit 8 each; 4 columns 8; then the image. */
    assert_int_equal(p.pdis[0].image_offset, 208);
    test_same_bytes(p.pdis[0].image, test_text("the PDI's bytes."));
    const ts_xclbin_cdo_group *g = &p.pdis[0].groups[0];
    assert_string_equal(g->name, "DPU");
    assert_int_equal(g->type, 1);
    assert_int_equal(g->kernel_ids[0], 0x901);
    assert_int_equal(g->pre_cdo_groups[0], 0xc1);
    /* image 16, name 8, ids 8, pre-groups 8, the group's record 96, the PDI's record 96. */
    assert_int_equal(data.size, 208 + 16 + 8 + 8 + 8 + 96 + 96);
    test_end(arena);
}

static void small_uuids_get_zeros_in_front(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_span data = encode(arena, TS_XCLBIN_AIE_PARTITION, parse_file(arena, "two_pdis.json"));
    ts_xclbin_partition p;
    ts_diag diag = {0};
    char uuid[37];
    assert_int_equal(ts_xclbin_read_partition(arena, data, "x", &p, &diag), TS_OK);
    ts_xclbin_format_uuid(p.pdis[0].uuid, uuid);
    assert_string_equal(uuid, "00000000-0000-0000-0000-000000001234");
    assert_int_equal(p.pdis[0].groups[0].kernel_ids[2], 15); /* 017 is octal, as strtoul reads it */
    assert_int_equal(p.pdis[0].groups[1].pdi_id, UINT64_MAX);
    assert_string_equal(p.kernel_commit_id, "0123456789abcdef");
    test_end(arena);
}

static void overlapping_groups_cannot_cost_more_than_their_bytes(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    /* 200 PDI records that all point at the same 200 groups, whose ids are all the same bytes. */
    enum {
        N = 200,
        PDIS = 184,
        GROUPS = PDIS + N * 96
    };
    ts_buf out = ts_buf_in(arena);
    ts_buf_zeros(&out, GROUPS + N * 96);
    ts_buf_patch_uint_le(&out, 4, 183, 4);
    ts_buf_patch_uint_le(&out, 120, N, 4);
    ts_buf_patch_uint_le(&out, 124, PDIS, 4);
    for (size_t i = 0; i < N; i++) {
        ts_buf_patch_uint_le(&out, PDIS + i * 96 + 24, N, 4);
        ts_buf_patch_uint_le(&out, PDIS + i * 96 + 28, GROUPS, 4);
        ts_buf_patch_uint_le(&out, GROUPS + i * 96 + 16, 1000, 4);
        ts_buf_patch_uint_le(&out, GROUPS + i * 96 + 20, 184, 4);
        ts_buf_patch_uint_le(&out, GROUPS + i * 96, 183, 4);
    }
    ts_xclbin_partition p;
    ts_diag diag = {0};
    assert_int_equal(ts_xclbin_read_partition(arena, ts_buf_span(&out), "x", &p, &diag), TS_RANGE);
    test_expect_error(&diag, TS_RANGE, "overlap");
    assert_true(arena->used_bytes < 1u << 20);
    test_end(arena);
}

static void shared_or_too_many_images_are_refused(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_span data = encode(arena, TS_XCLBIN_AIE_PARTITION, parse_file(arena, "two_pdis.json"));
    ts_buf out = ts_buf_in(arena);
    ts_xclbin_partition p;
    ts_diag diag = {0};
    ts_buf_span_add(&out, data);
    size_t records = data.size - 2 * 96;
    /* Both PDIs span the whole section. */
    for (size_t i = 0; i < 2; i++) {
        ts_buf_patch_uint_le(&out, records + 96 * i + 16, data.size, 4);
        ts_buf_patch_uint_le(&out, records + 96 * i + 20, 0, 4);
    }
    assert_int_equal(ts_xclbin_read_partition(arena, ts_buf_span(&out), "x", &p, &diag), TS_RANGE);
    test_expect_error(&diag, TS_RANGE, "PDI images of");
    diag = (ts_diag){0};
    ts_buf_zeros(&out, (TS_XCLBIN_MAX_PDIS + 1) * 96);
    ts_buf_patch_uint_le(&out, 120, TS_XCLBIN_MAX_PDIS + 1, 4);
    ts_buf_patch_uint_le(&out, 124, data.size, 4);
    assert_int_equal(ts_xclbin_read_partition(arena, ts_buf_span(&out), "x", &p, &diag), TS_RANGE);
    test_expect_error(&diag, TS_RANGE, "4097 PDIs; expected at most 4096");
    test_end(arena);
}

/* ---- errors ---------------------------------------------------------------------------------- */

#define BANK(fields) "{\"mem_topology\":{\"m_count\":1,\n\"m_mem_data\":[{" fields "}]}}"
#define IP(fields)   "{\"ip_layout\":{\"m_count\":1,\n\"m_ip_data\":[{" fields "}]}}"
#define PARTITION(rest)                                                                            \
    "{\"aie_partition\":{\"partition\":{\"column_width\":1,\"start_columns\":[0]},\n" rest "}}"
#define PDI(fields) PARTITION("\"PDIs\":[{" fields "}]")

static void wrong_documents_are_named_with_line_and_column(void **state) {
    (void)state;
    static const struct {
        uint32_t kind;
        const char *text, *words;
        ts_status code;
    } rows[] = {
        {TS_XCLBIN_MEM_TOPOLOGY, "{}", "no node 'mem_topology'", TS_MISSING},
        {TS_XCLBIN_MEM_TOPOLOGY, "[]", "no node 'mem_topology'", TS_MISSING},
        {TS_XCLBIN_MEM_TOPOLOGY, "{\"mem_topology\":{}}", "'m_count' is missing", TS_MISSING},
        {TS_XCLBIN_MEM_TOPOLOGY, "{\"mem_topology\":{\"m_count\":2,\"m_mem_data\":[]}}",
         "has 0 entries; 'm_count' says 2", TS_CONFLICT},
        {TS_XCLBIN_MEM_TOPOLOGY, "{\"mem_topology\":{\"m_count\":\"many\"}}", "'m_count' is 'many'",
         TS_RANGE},
        {TS_XCLBIN_MEM_TOPOLOGY, "{\"mem_topology\":{\"m_count\":4294967295}}", "up to 2147483647",
         TS_RANGE},
        {TS_XCLBIN_MEM_TOPOLOGY, "{\"mem_topology\":{\"m_count\":1}}", "'m_mem_data' is missing",
         TS_MISSING},
        {TS_XCLBIN_MEM_TOPOLOGY, BANK("\"m_type\":\"MEM_DRAN\""), "doc.json:2:", TS_UNKNOWN},
        {TS_XCLBIN_MEM_TOPOLOGY, BANK("\"m_type\":\"MEM_DRAN\""), "expected perhaps MEM_DRAM",
         TS_UNKNOWN},
        {TS_XCLBIN_MEM_TOPOLOGY, BANK("\"m_type\":\"MEM_HBM\""), "'m_used' is missing", TS_MISSING},
        {TS_XCLBIN_MEM_TOPOLOGY, BANK("\"m_type\":\"MEM_HBM\",\"m_used\":256"), "at most 255",
         TS_RANGE},
        {TS_XCLBIN_MEM_TOPOLOGY, BANK("\"m_type\":\"MEM_HBM\",\"m_used\":1,\"m_size\":1000"),
         "not a multiple of 1024", TS_RANGE},
        {TS_XCLBIN_MEM_TOPOLOGY,
         BANK("\"m_type\":\"MEM_HBM\",\"m_used\":1,\"m_size\":1024,\"m_sizeKB\":1"),
         "exclude each other", TS_CONFLICT},
        {TS_XCLBIN_MEM_TOPOLOGY, BANK("\"m_type\":\"MEM_HBM\",\"m_used\":1,\"m_sizeKB\":\"big\""),
         "expected a number", TS_SYNTAX},
        {TS_XCLBIN_MEM_TOPOLOGY,
         BANK("\"m_type\":\"MEM_HBM\",\"m_used\":1,\"m_tag\":\"sixteen_letters_\""),
         "has 16 bytes; expected at most 15", TS_RANGE},
        {TS_XCLBIN_MEM_TOPOLOGY, BANK("\"m_type\":[\"MEM_HBM\"]"), "not a single value", TS_SYNTAX},
        {TS_XCLBIN_IP_LAYOUT, IP("\"m_type\":\"IP_PS_KERNEL\",\"m_kernel_id\":\"0x1000\""),
         "at most 4095", TS_RANGE},
        {TS_XCLBIN_IP_LAYOUT, IP("\"m_type\":\"IP_PS_KERNEL\",\"m_subtype\":\"DPV\""),
         "unknown m_subtype", TS_UNKNOWN},
        {TS_XCLBIN_IP_LAYOUT, IP("\"m_type\":\"IP_KERNEL\",\"m_interrupt_id\":128"), "at most 127",
         TS_RANGE},
        {TS_XCLBIN_IP_LAYOUT, IP("\"m_type\":\"IP_KERNEL\",\"m_int_enable\":\"maybe\""),
         "0, 1, true or false", TS_SYNTAX},
        {TS_XCLBIN_IP_LAYOUT, IP("\"m_type\":\"IP_MB\",\"properties\":\"0x100000000\""),
         "at most 4294967295", TS_RANGE},
        {TS_XCLBIN_AIE_PARTITION, "{\"aie_partition\":{}}", "'partition' is missing", TS_MISSING},
        {TS_XCLBIN_AIE_PARTITION, "{\"aie_partition\":{\"operations_per_cycle\":\"0x10\"}}",
         "in decimal", TS_RANGE},
        {TS_XCLBIN_AIE_PARTITION, "{\"aie_partition\":{\"partition\":{\"column_width\":0}}}",
         "is 0; expected at least 1", TS_RANGE},
        {TS_XCLBIN_AIE_PARTITION, "{\"aie_partition\":{\"partition\":{\"column_width\":65536}}}",
         "up to 65535", TS_RANGE},
        {TS_XCLBIN_AIE_PARTITION, "{\"aie_partition\":{\"partition\":{\"column_width\":1}}}",
         "'start_columns' is missing", TS_MISSING},
        {TS_XCLBIN_AIE_PARTITION, PARTITION("\"PDIs\":[]"), "'PDIs' is missing or empty",
         TS_MISSING},
        {TS_XCLBIN_AIE_PARTITION, PDI("\"file_name\":\"a\""), "no 'uuid'", TS_MISSING},
        {TS_XCLBIN_AIE_PARTITION, PDI("\"uuid\":\"xyz\""), "is no UUID", TS_SYNTAX},
        {TS_XCLBIN_AIE_PARTITION, PDI("\"uuid\":\"123456789012345678901234567890123\""),
         "is no UUID", TS_SYNTAX},
        {TS_XCLBIN_AIE_PARTITION, PDI("\"uuid\":\"1\""), "no 'file_name'", TS_MISSING},
        {TS_XCLBIN_AIE_PARTITION, PDI("\"uuid\":\"1\",\"file_name\":\"none.pdi\""), "no such file",
         TS_IO},
        {TS_XCLBIN_AIE_PARTITION, PDI("\"uuid\":\"1\",\"file_name\":\"a\""), "no 'cdo_groups'",
         TS_MISSING},
        {TS_XCLBIN_AIE_PARTITION, PDI("\"uuid\":\"1\",\"file_name\":\"a\",\"cdo_groups\":[{}]"),
         "'pdi_id' is missing", TS_MISSING},
        {TS_XCLBIN_AIE_PARTITION,
         PDI("\"uuid\":\"1\",\"file_name\":\"a\",\"cdo_groups\":[{\"pdi_id\":1,\"type\":\"PRIME\"}"
             "]"),
         "unknown CDO group type 'PRIME'", TS_UNKNOWN},
        {TS_XCLBIN_AIE_PARTITION,
         PDI("\"uuid\":\"1\",\"file_name\":\"a\",\"cdo_groups\":[{\"pdi_id\":1,\"dpu_kernel_ids\":["
             "\"-1\"]}]"),
         "'dpu_kernel_ids' has '-1'", TS_SYNTAX},
        {TS_XCLBIN_KEYVALUE_METADATA, "{\"keyvalue_metadata\":{\"key_values\":[{\"key\":\"a\"}]}}",
         "'key' and 'value'", TS_MISSING},
        {TS_XCLBIN_PDI, "{}", "no JSON form", TS_UNSUPPORTED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ts_arena *arena = test_begin();
        ts_xclbin_document document = parse(arena, rows[i].text);
        ts_span out;
        ts_diag diag = {0};
        if (ts_xclbin_from_json(arena, rows[i].kind, "", &document, &out, &diag) == TS_OK)
            fail_msg("accepted: %s", rows[i].text);
        test_expect_error(&diag, rows[i].code, rows[i].words);
        test_end(arena);
    }
}

/* ---- kernels and groups ---------------------------------------------------------------------- */

static ts_xclbin with_kernels(ts_arena *arena, const char *kernels) {
    ts_xclbin x;
    ts_diag diag = {0};
    ts_xclbin_document document = parse_file(arena, kernels);
    ts_xclbin_init(&x, arena, "x");
    ts_xclbin_append(&x, TS_XCLBIN_MEM_TOPOLOGY, "",
                     encode(arena, TS_XCLBIN_MEM_TOPOLOGY, parse_file(arena, "memory.json")));
    if (ts_xclbin_add_kernels(&x, &document, &diag) != TS_OK) fail_msg("%s", diag.message);
    return x;
}

static void kernels_become_xml_instances_and_connections(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_xclbin x = with_kernels(arena, "kernels.json");
    ts_span xml = ts_xclbin_find(&x, TS_XCLBIN_EMBEDDED_METADATA)->data;
    const char *text = ts_arena_strndup(arena, (const char *)xml.data, xml.size);
    assert_non_null(strstr(text,
                           "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<project>\n  <platform>\n"
                           "    <device>\n      <core>\n        <kernel name=\"ATTENTION\" "
                           "language=\"c\" type=\"dpu\">\n          <extended-data subtype=\"1\" "
                           "functional=\"0\" dpu_kernel_id=\"0x901\"/>\n          <arg "
                           "name=\"opcode\" addressQualifier=\"0\" id=\"0\" size=\"0x8\" "
                           "offset=\"0x00\" hostOffset=\"0x0\" hostSize=\"0x8\" "
                           "type=\"uint64_t\"/>\n"));
    assert_non_null(strstr(text, "          <instance name=\"TESSERA\"/>\n        </kernel>\n"));
    assert_string_equal(
        decode(arena, TS_XCLBIN_CONNECTIVITY, ts_xclbin_find(&x, TS_XCLBIN_CONNECTIVITY)->data),
        "{\"connectivity\":{\"m_count\":\"3\",\"m_connection\":["
        "{\"arg_index\":\"1\",\"m_ip_layout_index\":\"0\",\"mem_data_index\":\"1\"},"
        "{\"arg_index\":\"3\",\"m_ip_layout_index\":\"0\",\"mem_data_index\":\"0\"},"
        "{\"arg_index\":\"4\",\"m_ip_layout_index\":\"0\",\"mem_data_index\":\"0\"}"
        "]}}\n");
    /* A second time, the kernel is there already. */
    ts_diag diag = {0};
    ts_xclbin_document document = parse_file(arena, "kernels.json");
    assert_int_equal(ts_xclbin_add_kernels(&x, &document, &diag), TS_CONFLICT);
    test_expect_error(&diag, TS_CONFLICT, "Kernel name already exists");
    test_end(arena);
}

/* XRT reads bank numbers with stoi: what begins like a number is one, anything else is a tag. */
static void memory_connections_are_numbers_or_tags(void **state) {
    (void)state;
    static const struct {
        const char *text;
        size_t n;
        int32_t banks[3];
    } rows[] = {
        {"HOST", 1, {0}},    {"SRAM", 1, {1}}, {"1", 1, {1}},    {"0,1", 2, {0, 1}},
        {"0, 1", 2, {0, 1}}, {"+1", 1, {1}},   {"1abc", 1, {1}}, {"1,0,1", 3, {1, 0, 1}},
        {"", 1, {2}}, /* any: a bank for PS kernels is made */
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ts_arena *arena = test_begin();
        ts_xclbin x;
        ts_diag diag = {0};
        ts_xclbin_init(&x, arena, "x");
        ts_xclbin_append(&x, TS_XCLBIN_MEM_TOPOLOGY, "",
                         encode(arena, TS_XCLBIN_MEM_TOPOLOGY, parse_file(arena, "memory.json")));
        const char *text = ts_arena_printf(
            arena,
            "{\"ps-kernels\":{\"kernels\":[{\"name\":\"K\",\"arguments\":[{\"name\":\"a\","
            "\"address-qualifier\":\"GLOBAL\",\"type\":\"int *\",\"offset\":\"0\","
            "\"memory-connection\":\"%s\"}],\"instances\":[{\"name\":\"I\"}]}]}}",
            rows[i].text);
        ts_xclbin_document document = parse(arena, text);
        if (ts_xclbin_add_kernels(&x, &document, &diag) != TS_OK)
            fail_msg("'%s': %s", rows[i].text, diag.message);
        ts_span data = ts_xclbin_find(&x, TS_XCLBIN_CONNECTIVITY)->data;
        assert_int_equal(data.size, 4 + 12 * rows[i].n);
        for (size_t k = 0; k < rows[i].n; k++)
            assert_int_equal(data.data[4 + 12 * k + 8], rows[i].banks[k]);
        test_end(arena);
    }
}

#define KERNEL(rest)     "{\"ps-kernels\":{\"kernels\":[{\"name\":\"K\"," rest "}]}}"
#define ARGUMENT(fields) KERNEL("\"arguments\":[{" fields "}],\"instances\":[{\"name\":\"I\"}]")

static void wrong_kernels_are_named(void **state) {
    (void)state;
    static const struct {
        const char *text, *words;
    } rows[] = {
        {"{}", "no kernels found"},
        {"{\"ps-kernels\":{\"kernels\":[{}]}}", "the kernel has no 'name'"},
        {ARGUMENT("\"type\":\"int\""), "the argument has no 'name'"},
        {ARGUMENT("\"name\":\"a\""), "the argument has no 'address-qualifier'"},
        {ARGUMENT("\"name\":\"a\",\"address-qualifier\":\"GLOBALLY\""),
         "Unknown address-qualifier value: 'GLOBALLY'"},
        {ARGUMENT("\"name\":\"a\",\"address-qualifier\":\"SCALAR\",\"type\":\"unsigned int\""),
         "Unknown argument type: 'unsignedint'"},
        {ARGUMENT("\"name\":\"a\",\"address-qualifier\":\"SCALAR\",\"type\":\"int\""),
         "the argument has no 'offset'"},
        {ARGUMENT(
             "\"name\":\"a\",\"address-qualifier\":\"GLOBAL\",\"type\":\"int *\",\"offset\":\"0\","
             "\"memory-connection\":\"MARS\""),
         "Memory tag 'MARS' not found"},
        {ARGUMENT(
             "\"name\":\"a\",\"address-qualifier\":\"GLOBAL\",\"type\":\"int *\",\"offset\":\"0\","
             "\"memory-connection\":\"7\""),
         "memory-connection '7': no such memory bank"},
        {ARGUMENT(
             "\"name\":\"a\",\"address-qualifier\":\"GLOBAL\",\"type\":\"int *\",\"offset\":\"0\","
             "\"memory-connection\":\"-1\""),
         "memory-connection '-1': no such memory bank"},
        {ARGUMENT(
             "\"name\":\"a\",\"address-qualifier\":\"GLOBAL\",\"type\":\"int *\",\"offset\":\"0\","
             "\"memory-connection\":\"0,,1\""),
         "Memory tag '0,,1' not found"},
        {KERNEL(
             "\"extended-data\":{\"dpu_kernel_id\":\"0x1000\"},\"instances\":[{\"name\":\"I\"}]"),
         "doc.json:1:"},
        {KERNEL(
             "\"extended-data\":{\"dpu_kernel_id\":\"0x1000\"},\"instances\":[{\"name\":\"I\"}]"),
         "expected a number up to 0xfff"},
        {KERNEL("\"instances\":[{}]"), "instance has no 'name'"},
        {KERNEL("\"instances\":[{\"name\":\"I\"},{\"name\":\"I\"}]"),
         "PS Kernel instance name already exists: 'K:I'"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ts_arena *arena = test_begin();
        ts_xclbin x;
        ts_diag diag = {0};
        ts_xclbin_document document = parse(arena, rows[i].text);
        ts_xclbin_init(&x, arena, "x");
        ts_status status = ts_xclbin_add_kernels(&x, &document, &diag);
        assert_int_not_equal(status, TS_OK);
        test_expect_error(&diag, status, rows[i].words);
        test_end(arena);
    }
}

static void adjacent_banks_of_one_argument_are_grouped(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_xclbin x;
    ts_diag diag = {0};
    ts_xclbin_init(&x, arena, "x");
    ts_xclbin_append(&x, TS_XCLBIN_MEM_TOPOLOGY, "",
                     encode(arena, TS_XCLBIN_MEM_TOPOLOGY, parse_file(arena, "banks.json")));
    ts_xclbin_append(&x, TS_XCLBIN_CONNECTIVITY, "",
                     encode(arena, TS_XCLBIN_CONNECTIVITY, parse_file(arena, "connectivity.json")));
    assert_int_equal(ts_xclbin_group_memory(&x, &diag), TS_OK);
    const char *topology =
        decode(arena, TS_XCLBIN_GROUP_TOPOLOGY, ts_xclbin_find(&x, TS_XCLBIN_GROUP_TOPOLOGY)->data);
    /* Argument 3 has HBM 0, 1, 2, which lie behind each other. */
    assert_non_null(strstr(topology,
                           "{\"m_type\":\"MEM_HBM\",\"m_used\":\"1\",\"m_sizeKB\":\"0x300\","
                           "\"m_tag\":\"MBG[0:2]\",\"m_base_address\":\"0x0\"}]"));
    const char *groups = decode(arena, TS_XCLBIN_GROUP_CONNECTIVITY,
                                ts_xclbin_find(&x, TS_XCLBIN_GROUP_CONNECTIVITY)->data);
    assert_non_null(
        strstr(groups, "\"m_count\":\"10\",\"m_connection\":["
                       "{\"arg_index\":\"1\",\"m_ip_layout_index\":\"0\",\"mem_data_index\":\"4\"},"
                       "{\"arg_index\":\"4\",\"m_ip_layout_index\":\"0\",\"mem_data_index\":\"3\"},"
                       "{\"arg_index\":\"3\",\"m_ip_layout_index\":\"0\",\"mem_data_index\":\"5\"},"
                       "{\"arg_index\":\"5\",\"m_ip_layout_index\":\"0\",\"mem_data_index\":\"0\"},"
                       "{\"arg_index\":\"1\""));
    size_t n = x.n_sections;
    assert_int_equal(ts_xclbin_group_memory(&x, &diag), TS_OK);
    assert_int_equal(x.n_sections, n); /* not twice */
    test_end(arena);
}

static void an_argument_with_a_group_has_nothing_else(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_xclbin x;
    ts_diag diag = {0};
    ts_xclbin_init(&x, arena, "x.xclbin");
    ts_xclbin_append(&x, TS_XCLBIN_MEM_TOPOLOGY, "",
                     encode(arena, TS_XCLBIN_MEM_TOPOLOGY, parse_file(arena, "banks.json")));
    ts_xclbin_append(
        &x, TS_XCLBIN_CONNECTIVITY, "",
        encode(arena, TS_XCLBIN_CONNECTIVITY,
               parse(arena, "{\"connectivity\":{\"m_count\":3,\"m_connection\":["
                            "{\"arg_index\":3,\"m_ip_layout_index\":0,\"mem_data_index\":0},"
                            "{\"arg_index\":3,\"m_ip_layout_index\":0,\"mem_data_index\":1},"
                            "{\"arg_index\":3,\"m_ip_layout_index\":0,\"mem_data_index\":3}]}}")));
    assert_int_equal(ts_xclbin_group_memory(&x, &diag), TS_CONFLICT);
    test_expect_error(&diag, TS_CONFLICT, "Invalid memory grouping (not continuous)");
    test_end(arena);
}

static void merging_appends_to_the_list(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_xclbin_section section = {.kind = TS_XCLBIN_MEM_TOPOLOGY};
    ts_xclbin_document more = parse_file(arena, "banks.json");
    ts_diag diag = {0};
    section.data = encode(arena, TS_XCLBIN_MEM_TOPOLOGY, parse_file(arena, "memory.json"));
    assert_int_equal(ts_xclbin_merge_json(arena, &section, &more, &diag), TS_OK);
    assert_int_equal(section.data.size, 8 + 7 * 40);
    assert_memory_equal(section.data.data, "\7\0\0\0", 4);
    section.kind = TS_XCLBIN_PDI;
    assert_int_equal(ts_xclbin_merge_json(arena, &section, &more, &diag), TS_UNSUPPORTED);
    test_end(arena);
}

/* ---- XML ------------------------------------------------------------------------------------- */

static void xml_is_written_as_boost_writes_it(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_json *tree;
    ts_diag diag = {0};
    ts_buf out = ts_buf_in(arena);
    ts_span in =
        test_text("<?xml version=\"1.0\"?><!-- c --><a b=\"&lt;'&#65;\">x\n  y<c/> z <d> </d>"
                  "<e>t &amp; u</e></a>");
    assert_int_equal(ts_xclbin_parse_xml(arena, in, "x.xml", &tree, &diag), TS_OK);
    ts_xclbin_write_xml(&out, tree);
    test_same_bytes(ts_buf_span(&out),
                    test_text("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<!-- c -->\n"
                              "<a b=\"&lt;&apos;A\">\n  x yz\n  <c/>\n  <d/>\n"
                              "  <e>t &amp; u</e>\n</a>\n"));
    test_end(arena);
}

static void many_pieces_of_text_cost_no_more_than_one(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_buf text = ts_buf_in(arena);
    ts_json *tree;
    ts_diag diag = {0};
    ts_buf_text(&text, "<a>");
    for (int i = 0; i < 20000; i++)
        ts_buf_text(&text, "x<!---->");
    ts_buf_text(&text, "</a>");
    ts_buf_bytes(&text, "\0after a NUL", 12); /* which XRT does not read */
    size_t before = arena->used_bytes;
    assert_int_equal(ts_xclbin_parse_xml(arena, ts_buf_span(&text), "x.xml", &tree, &diag), TS_OK);
    assert_int_equal(strlen(tree->first->text), 20000);
    assert_true(arena->used_bytes - before < 16u << 20);
    test_end(arena);
}

static void bad_xml_has_line_and_column(void **state) {
    (void)state;
    static const struct {
        const char *text, *words;
        ts_status code;
    } rows[] = {
        {"", "no element found", TS_SYNTAX},
        {"<a>\n<b></a>", "x.xml:2:", TS_SYNTAX},
        {"<a", "unclosed token", TS_SYNTAX},
        {"<!DOCTYPE a [<!ENTITY e \"boom\">]><a>&e;</a>", "document type", TS_UNSUPPORTED},
        {"<a>&nothing;</a>", "undefined entity", TS_SYNTAX},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ts_arena *arena = test_begin();
        ts_json *tree;
        ts_diag diag = {0};
        assert_int_equal(ts_xclbin_parse_xml(arena, test_text(rows[i].text), "x.xml", &tree, &diag),
                         rows[i].code);
        test_expect_error(&diag, rows[i].code, rows[i].words);
        test_end(arena);
    }
}

static ts_status derive_everything(ts_arena *arena, void *context) {
    (void)context;
    ts_xclbin x;
    ts_diag diag = {0};
    ts_span kernels, memory, bytes;
    ts_json *root = NULL;
    const char *folder = TEST_SOURCE_DIR "/data/xclbin/";
    ts_xclbin_init(&x, arena, "x");
    const char *kernels_path = ts_arena_printf(arena, "%skernels.json", folder);
    const char *memory_path = ts_arena_printf(arena, "%smemory.json", folder);
    if (!kernels_path || !memory_path) return TS_NOMEM;
    TS_TRY(ts_file_read(arena, memory_path, 0, &memory, &diag));
    TS_TRY(ts_json_parse(arena, memory, "m", &root, &diag));
    const ts_xclbin_document banks = {root, "m", memory, NULL, NULL};
    TS_TRY(ts_xclbin_from_json(arena, TS_XCLBIN_MEM_TOPOLOGY, "", &banks, &bytes, &diag));
    if (!ts_xclbin_append(&x, TS_XCLBIN_MEM_TOPOLOGY, "", bytes)) return TS_NOMEM;
    TS_TRY(ts_file_read(arena, kernels_path, 0, &kernels, &diag));
    TS_TRY(ts_json_parse(arena, kernels, "k", &root, &diag));
    const ts_xclbin_document document = {root, "k", kernels, NULL, NULL};
    TS_TRY(ts_xclbin_add_kernels(&x, &document, &diag));
    return ts_xclbin_group_memory(&x, &diag);
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    test_every_allocation_fails(derive_everything, NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_banks_have_xrts_bytes),
        cmocka_unit_test(an_instance_of_each_type_has_its_fields),
        cmocka_unit_test(lists_survive_both_ways),
        cmocka_unit_test(an_empty_list_gives_no_bytes),
        cmocka_unit_test(a_partition_is_laid_out_as_xrt_does),
        cmocka_unit_test(small_uuids_get_zeros_in_front),
        cmocka_unit_test(overlapping_groups_cannot_cost_more_than_their_bytes),
        cmocka_unit_test(shared_or_too_many_images_are_refused),
        cmocka_unit_test(wrong_documents_are_named_with_line_and_column),
        cmocka_unit_test(kernels_become_xml_instances_and_connections),
        cmocka_unit_test(memory_connections_are_numbers_or_tags),
        cmocka_unit_test(wrong_kernels_are_named),
        cmocka_unit_test(adjacent_banks_of_one_argument_are_grouped),
        cmocka_unit_test(an_argument_with_a_group_has_nothing_else),
        cmocka_unit_test(merging_appends_to_the_list),
        cmocka_unit_test(xml_is_written_as_boost_writes_it),
        cmocka_unit_test(many_pieces_of_text_cost_no_more_than_one),
        cmocka_unit_test(bad_xml_has_line_and_column),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
