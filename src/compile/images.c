/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * From the CDOs to the container: the BIF, the PDI that it describes, the three documents, the
 * XCLBIN that xclbinutil would make of them.
 *
 * src: Xilinx/mlir-aie: tools/aiecc/aiecc.cpp, generateMemTopologyJson, generateKernelsJson,
 * generatePartitionJson, generateCdoArtifacts [code]; spelling of numbers and text of the BIF:
 * the builds of Unicorn-Commander/Unicorn-Amanuensis, mlir-aie of 2025 [observed]
 */
#include "compile_int.h"

#include "tessera/pdi.h"
#include "tessera/xclbin.h"

#include <inttypes.h>
#include <string.h>

/* ---- the image ------------------------------------------------------------------------------- */

static const char *const cdo_names[] = {
#define X(constant, name) name,
    TS_COMPILE_CDO_LIST(X)
#undef X
};

static ts_status add_bif(comp_build *b, ts_span *out) {
    ts_buf text = ts_buf_in(b->arena);
    ts_buf_text(&text, "all:\n{\n  id_code = 0x14ca8093\n  extended_id_code = 0x01\n  image\n  {\n"
                       "    name=aie_image, id=0x1c000000\n    { type=cdo");
    for (size_t i = 0; i < TS_COMPILE_N_CDOS; i++)
        ts_buf_printf(&text, " file=%s/%s_aie_cdo_%s.bin",
                      b->options->folder ? b->options->folder : ".", b->name, cdo_names[i]);
    ts_buf_text(&text, " }\n  }\n}\n");
    if (text.failed) return ts_fail_nomem(b->diag);
    *out = ts_buf_span(&text);
    return comp_add_file(b, *out, "%s_design.bif", b->name);
}

static ts_status read_made(const void *context, ts_arena *arena, const char *name, ts_span *out,
                           ts_diag *diag) {
    const comp_build *b = context;
    const ts_compile_file *file = comp_find_file(b, ts_path_base(name));
    (void)arena;
    if (!file) return ts_fail(diag, TS_MISSING, name, "is none of the files of this build");
    *out = file->bytes;
    return TS_OK;
}

/* The BIF's folder may have any characters, also those that a BIF cannot: read one without. */
static ts_status add_pdi(comp_build *b) {
    ts_bif bif;
    ts_pdi pdi;
    ts_span written;
    TS_TRY(add_bif(b, &written));
    ts_buf text = ts_buf_in(b->arena), bytes = ts_buf_in(b->arena);
    ts_buf_text(&text, "all: { id_code = 0x14ca8093 extended_id_code = 0x01 image { "
                       "name=aie_image, id=0x1c000000 { type=cdo");
    for (size_t i = 0; i < TS_COMPILE_N_CDOS; i++)
        ts_buf_printf(&text, " file=%s_aie_cdo_%s.bin", b->name, cdo_names[i]);
    ts_buf_text(&text, " } } }");
    if (text.failed) return ts_fail_nomem(b->diag);
    TS_TRY(ts_bif_parse(b->arena, ts_buf_span(&text), "the image", &bif, b->diag));
    ts_bif_files files = {read_made, b};
    TS_TRY(ts_bif_build_from(b->arena, &bif, &files, &pdi, b->diag));
    TS_TRY(ts_pdi_write(&pdi, &bytes, b->diag));
    return comp_add_file(b, ts_buf_span(&bytes), "%s", b->pdi_name);
}

/* ---- documents ------------------------------------------------------------------------------- */

static ts_json *memory_json(ts_arena *arena) {
    static const struct {
        const char *size, *tag;
    } banks[] = {{"0x10000", "HOST"}, {"0xc000", "SRAM"}};
    ts_json *root = ts_json_new(arena, TS_JSON_OBJECT);
    ts_json *topology = ts_json_add(arena, root, "mem_topology", TS_JSON_OBJECT);
    ts_json_add_string(arena, topology, "m_count", "2");
    ts_json *list = ts_json_add(arena, topology, "m_mem_data", TS_JSON_ARRAY);
    for (size_t i = 0; i < 2; i++) {
        ts_json *bank = ts_json_add(arena, list, "", TS_JSON_OBJECT);
        ts_json_add_string(arena, bank, "m_type", "MEM_DRAM");
        ts_json_add_string(arena, bank, "m_used", "1");
        ts_json_add_string(arena, bank, "m_sizeKB", banks[i].size);
        ts_json_add_string(arena, bank, "m_tag", banks[i].tag);
        ts_json_add_string(arena, bank, "m_base_address", "0x4000000");
    }
    return root;
}

/* What a kernel is called with before its buffers. */
static const struct {
    const char *name, *memory, *qualifier, *type, *offset;
} arguments[] = {
    {"opcode", NULL, "SCALAR", "uint64_t", "0x00"},
    {"instr", "SRAM", "GLOBAL", "char *", "0x8"},
    {"ninstr", NULL, "SCALAR", "uint32_t", "0x10"},
};

enum {
    FIRST_BUFFER_OFFSET = 0x14,
    MIN_BUFFERS = 5,
    MAX_BUFFERS = 4096,
};

static const char *or_else(const char *text, const char *fallback) {
    return text ? text : fallback;
}

/* A buffer for each argument of a runtime sequence, and at least five, as aiecc has it. */
static uint32_t n_buffers(const comp_build *b) {
    uint32_t n = MIN_BUFFERS;
    for (const ts_op *op = ts_op_child(b->result->device, TS_OP_AIE_RUNTIME_SEQUENCE, NULL); op;
         op = ts_op_child(b->result->device, TS_OP_AIE_RUNTIME_SEQUENCE, op)) {
        const ts_block *body = op->n_regions ? op->regions[0].first : NULL;
        if (body && body->n_arguments > n) n = body->n_arguments;
    }
    return n < MAX_BUFFERS ? n : MAX_BUFFERS;
}

static const char *kernel_id(const comp_build *b) {
    return or_else(b->options->kernel_id, "0x901");
}

static ts_json *kernels_json(const comp_build *b) {
    ts_arena *arena = b->arena;
    ts_json *root = ts_json_new(arena, TS_JSON_OBJECT);
    ts_json *node = ts_json_add(arena, root, "ps-kernels", TS_JSON_OBJECT);
    ts_json *list = ts_json_add(arena, node, "kernels", TS_JSON_ARRAY);
    ts_json *kernel = ts_json_add(arena, list, "", TS_JSON_OBJECT);
    ts_json_add_string(arena, kernel, "name", or_else(b->options->kernel_name, "MLIR_AIE"));
    ts_json_add_string(arena, kernel, "type", "dpu");
    ts_json *extended = ts_json_add(arena, kernel, "extended-data", TS_JSON_OBJECT);
    ts_json_add_string(arena, extended, "subtype", "DPU");
    ts_json_add_string(arena, extended, "functional", "0");
    ts_json_add_string(arena, extended, "dpu_kernel_id", kernel_id(b));
    ts_json *all = ts_json_add(arena, kernel, "arguments", TS_JSON_ARRAY);
    for (size_t i = 0; i < sizeof arguments / sizeof arguments[0]; i++) {
        ts_json *one = ts_json_add(arena, all, "", TS_JSON_OBJECT);
        ts_json_add_string(arena, one, "name", arguments[i].name);
        if (arguments[i].memory)
            ts_json_add_string(arena, one, "memory-connection", arguments[i].memory);
        ts_json_add_string(arena, one, "address-qualifier", arguments[i].qualifier);
        ts_json_add_string(arena, one, "type", arguments[i].type);
        ts_json_add_string(arena, one, "offset", arguments[i].offset);
    }
    for (uint32_t i = 0; i < n_buffers(b); i++) {
        ts_json *one = ts_json_add(arena, all, "", TS_JSON_OBJECT);
        ts_json_add_format(arena, one, "name", "bo%" PRIu32, i);
        ts_json_add_string(arena, one, "memory-connection", "HOST");
        ts_json_add_string(arena, one, "address-qualifier", "GLOBAL");
        ts_json_add_string(arena, one, "type", "void*");
        ts_json_add_format(arena, one, "offset", "0x%" PRIx32, FIRST_BUFFER_OFFSET + 8 * i);
    }
    ts_json *instances = ts_json_add(arena, kernel, "instances", TS_JSON_ARRAY);
    ts_json *instance = ts_json_add(arena, instances, "", TS_JSON_OBJECT);
    ts_json_add_string(arena, instance, "name", or_else(b->options->instance, "MLIRAIE"));
    return root;
}

/* The whole device begins at its column 0, a part of it wherever it fits: the hardware's columns
 * are 1 to 4. */
static void add_columns(const comp_build *b, ts_json *partition) {
    ts_json *width = ts_json_add(b->arena, partition, "partition", TS_JSON_OBJECT);
    ts_json_add_number(b->arena, width, "column_width", b->npu->n_columns);
    ts_json *starts = ts_json_add(b->arena, width, "start_columns", TS_JSON_ARRAY);
    if (strcmp(b->npu->name, "npu1") == 0) ts_json_add_number(b->arena, starts, "", 0);
    for (unsigned i = 1; strcmp(b->npu->name, "npu1") != 0 && i + b->npu->n_columns < 6; i++)
        ts_json_add_number(b->arena, starts, "", i);
}

static ts_json *partition_json(const comp_build *b, const char *uuid) {
    ts_arena *arena = b->arena;
    ts_json *root = ts_json_new(arena, TS_JSON_OBJECT);
    ts_json *partition = ts_json_add(arena, root, "aie_partition", TS_JSON_OBJECT);
    ts_json_add_string(arena, partition, "name", "QoS");
    ts_json_add_string(arena, partition, "operations_per_cycle", "2048");
    ts_json_add_string(arena, partition, "inference_fingerprint", "23423");
    ts_json_add_string(arena, partition, "pre_post_fingerprint", "12345");
    add_columns(b, partition);
    ts_json *pdis = ts_json_add(arena, partition, "PDIs", TS_JSON_ARRAY);
    ts_json *pdi = ts_json_add(arena, pdis, "", TS_JSON_OBJECT);
    ts_json_add_string(arena, pdi, "uuid", uuid);
    ts_json_add_string(arena, pdi, "file_name", b->pdi_name);
    ts_json *groups = ts_json_add(arena, pdi, "cdo_groups", TS_JSON_ARRAY);
    ts_json *group = ts_json_add(arena, groups, "", TS_JSON_OBJECT);
    ts_json_add_string(arena, group, "name", "DPU");
    ts_json_add_string(arena, group, "type", "PRIMARY");
    ts_json_add_string(arena, group, "pdi_id", "0x01");
    ts_json *ids = ts_json_add(arena, group, "dpu_kernel_ids", TS_JSON_ARRAY);
    ts_json_add_string(arena, ids, "", kernel_id(b));
    ts_json *before = ts_json_add(arena, group, "pre_cdo_groups", TS_JSON_ARRAY);
    ts_json_add_string(arena, before, "", "0xC1");
    return root;
}

/* A document as a file, and as xclbinutil reads it. */
static ts_status add_document(comp_build *b, const ts_json *root, const char *name,
                              ts_xclbin_document *out) {
    ts_buf text = ts_buf_in(b->arena);
    if (ts_json_write(&text, root, &ts_json_pretty) != TS_OK) return ts_fail_nomem(b->diag);
    TS_TRY(comp_add_file(b, ts_buf_span(&text), "%s_%s.json", b->name, name));
    *out = (ts_xclbin_document){.root = root, .context = b};
    out->file = b->result->files[b->result->n_files - 1].name;
    return TS_OK;
}

/* ---- the container --------------------------------------------------------------------------- */

static ts_status load_made(void *context, ts_arena *arena, const char *name, ts_span *out,
                           ts_diag *diag) {
    return read_made(context, arena, name, out, diag);
}

static ts_status append_section(ts_xclbin *x, uint32_t kind, const ts_xclbin_document *document,
                                ts_diag *diag) {
    ts_span data;
    TS_TRY(ts_xclbin_from_json(x->arena, kind, "", document, &data, diag));
    return ts_xclbin_append(x, kind, document->file, data) ? TS_OK : ts_fail_nomem(diag);
}

/* In the order in which aiecc's call of xclbinutil adds them. */
ts_status comp_add_images(comp_build *b) {
    ts_xclbin_document memory, kernels, partition;
    ts_xclbin x;
    uint8_t uuid[16];
    char uuid_text[37];
    TS_TRY(add_pdi(b));
    ts_xclbin_content_uuid(comp_find_file(b, b->pdi_name)->bytes, uuid);
    ts_xclbin_format_uuid(uuid, uuid_text);
    TS_TRY(add_document(b, memory_json(b->arena), "mem_topology", &memory));
    TS_TRY(add_document(b, kernels_json(b), "kernels", &kernels));
    TS_TRY(add_document(b, partition_json(b, uuid_text), "aie_partition", &partition));
    partition.load = load_made;
    ts_xclbin_init(&x, b->arena, b->xclbin_name);
    TS_TRY(append_section(&x, TS_XCLBIN_MEM_TOPOLOGY, &memory, b->diag));
    TS_TRY(append_section(&x, TS_XCLBIN_AIE_PARTITION, &partition, b->diag));
    TS_TRY(ts_xclbin_add_kernels(&x, &kernels, b->diag));
    TS_TRY(ts_xclbin_group_memory(&x, b->diag));
    const ts_xclbin_write_options options = {.keep_uuid = false};
    ts_buf bytes = ts_buf_in(b->arena);
    TS_TRY(ts_xclbin_write(&x, &options, &bytes, b->diag));
    return comp_add_file(b, ts_buf_span(&bytes), "%s", b->xclbin_name);
}
