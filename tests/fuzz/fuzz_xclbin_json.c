/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * Documents that describe sections, kernels or a whole folder: the first byte chooses which. */
#include "tessera/xclbin.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every file a document names is these bytes. */
static ts_status load_same(void *context, ts_arena *arena, const char *name, ts_span *out,
                           ts_diag *diag) {
    (void)arena;
    (void)name;
    (void)diag;
    *out = *(ts_span *)context;
    return TS_OK;
}

static void try_section(ts_arena *arena, uint32_t kind, const ts_xclbin_document *document,
                        ts_diag *diag) {
    ts_xclbin_section section = {.kind = kind};
    if (ts_xclbin_from_json(arena, kind, "", document, &section.data, diag) != TS_OK) return;
    ts_json *tree;
    ts_xclbin_side_file *files = NULL;
    /* What was made from a document can be turned into one, unless it is text of its own shape. */
    if (section.data.size &&
        ts_xclbin_to_json(arena, &section, "f", "", &tree, &files, diag) != TS_OK &&
        (kind == TS_XCLBIN_AIE_PARTITION || kind == TS_XCLBIN_MEM_TOPOLOGY ||
         kind == TS_XCLBIN_IP_LAYOUT) &&
        diag->code != TS_NOMEM)
        abort();
    ts_diag ignored = {0};
    (void)!ts_xclbin_merge_json(arena, &section, document, &ignored);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (!size) return 0;
    ts_arena arena;
    ts_arena_init(&arena, 64u << 20);
    ts_diag diag = {0};
    ts_json *root;
    ts_span text = ts_span_of(data + 1, size - 1);
    if (ts_json_parse(&arena, text, "fuzz.json", &root, &diag) == TS_OK) {
        const ts_xclbin_document document = {root, "fuzz.json", text, load_same, &text};
        uint32_t choice = data[0] % (TS_XCLBIN_N_KINDS + 2);
        ts_xclbin x;
        bool is_exact;
        if (choice < TS_XCLBIN_N_KINDS) {
            try_section(&arena, choice, &document, &diag);
        } else if (choice == TS_XCLBIN_N_KINDS) {
            ts_xclbin_init(&x, &arena, "x");
            if (ts_xclbin_add_kernels(&x, &document, &diag) == TS_OK)
                (void)!ts_xclbin_group_memory(&x, &diag);
        } else if (ts_xclbin_implode(&arena, &document, &x, &is_exact, &diag) == TS_OK) {
            ts_buf out = ts_buf_in(&arena);
            const ts_xclbin_write_options options = {0};
            if (is_exact)
                (void)!ts_xclbin_write_exact(&x, &out, &diag);
            else
                (void)!ts_xclbin_write(&x, &options, &out, &diag);
        }
    }
    if (diag.code != TS_OK && !diag.message[0]) abort();
    ts_arena_free(&arena);
    return 0;
}
