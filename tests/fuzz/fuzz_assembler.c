/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * The assembler. Every error has a place; what it makes is consistent, and every bundle of it can
 * be decoded. The text may include itself. */
#include "tessera/aie2.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds) {
    if (!holds) abort();
}

static ts_status load(void *context, ts_arena *arena, const char *name, ts_span *out,
                      ts_diag *diag) {
    (void)arena;
    if (name[0] == '?') return ts_fail(diag, TS_IO, name, "is not there");
    *out = *(const ts_span *)context;
    return TS_OK;
}

static void check_section(const ts_aie2_assembly *made, const ts_aie2_asm_section *section) {
    check(section->align && !(section->align & (section->align - 1)));
    check(!section->bytes.size || section->bytes.size == section->size);
    for (size_t i = 0; i < section->n_relocs; i++) {
        const ts_aie2_asm_reloc *reloc = &section->relocs[i];
        unsigned n = ts_aie2_relocation_size(reloc->type);
        check(n && reloc->offset <= section->size && n <= section->size - reloc->offset);
        check(reloc->symbol < made->n_symbols);
        check(!i || section->relocs[i - 1].offset <= reloc->offset);
    }
}

static void check_made(const ts_aie2_assembly *made) {
    check(made->n_sections > 0 && made->n_local_symbols <= made->n_symbols);
    for (size_t i = 0; i < made->n_sections; i++)
        check_section(made, &made->sections[i]);
    for (size_t i = 0; i < made->n_symbols; i++) {
        check(made->symbols[i].place != TS_AIE2_DEFINED ||
              made->symbols[i].section < made->n_sections);
        check((made->symbols[i].binding == 0) == (i < made->n_local_symbols));
    }
    for (size_t i = 0; i < made->n_bundles; i++) {
        const ts_aie2_asm_bundle *at = &made->bundles[i];
        check(at->section < made->n_sections && at->file < made->n_files);
        ts_span bytes = made->sections[at->section].bytes;
        ts_aie2_bundle bundle;
        ts_aie2_reject why;
        check(at->offset < bytes.size);
        check(ts_aie2_decode(bytes.data + at->offset, bytes.size - at->offset, &bundle, &why));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    ts_arena arena;
    ts_arena_init(&arena, 256u << 20);
    ts_span text = ts_span_of(data, size);
    ts_aie2_assemble_options options = {.load = load, .context = &text};
    ts_aie2_messages messages = {0};
    ts_aie2_assembly made;
    ts_status status = ts_aie2_assemble(&arena, text, "fuzz.s", &options, &made, &messages);
    if (status == TS_OK) {
        check(!messages.n_errors);
        check_made(&made);
    } else {
        check(status == TS_NOMEM || messages.n_errors > 0);
        check(!made.n_sections && !made.n_symbols);
    }
    for (size_t i = 0; i < messages.n; i++)
        check(messages.list[i].diag.code && messages.list[i].diag.message[0]);
    ts_arena_free(&arena);
    return 0;
}
