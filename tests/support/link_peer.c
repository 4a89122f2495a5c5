/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * link_peer CORE.elf SCRIPT MAIN.o FOLDER...: link the objects that a public build kept with the
 * script it kept, and compare .text and .data with the program that LLVM's linker made of them.
 *
 * Start-up code and helpers came from a toolchain that is not there. So functions that no object
 * defines are cut out of the program, each into an object of its own, with the jumps and calls in
 * them as relocations again; linking puts them to where they must be, or the bytes differ.
 */
#include "tessera/aie2.h"
#include "tessera/object.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct peer {
    ts_arena *arena;
    ts_object program;
    ts_link_file files[512]; /* MAIN.o, then the pieces */
    size_t n_files;
    ts_object inputs[16];
    size_t n_inputs;
    char **folders;
    int n_folders;
} peer;

static ts_status find_input(void *context, const char *name, ts_link_file *out, ts_diag *diag) {
    peer *p = context;
    for (int i = 0; i < p->n_folders; i++) {
        char *path = ts_arena_printf(p->arena, "%s/%s", p->folders[i], name);
        ts_diag ignored = {0};
        if (!path) return ts_fail_nomem(diag);
        *out = (ts_link_file){.name = path};
        if (ts_file_read(p->arena, path, 0, &out->bytes, &ignored) == TS_OK) return TS_OK;
    }
    return ts_fail(diag, TS_MISSING, name, "not kept by the build");
}

static bool is_function(const ts_object *o, const ts_object_symbol *s) {
    return s->type == TS_STT_FUNC && s->size && s->place == TS_OBJECT_DEFINED &&
           s->binding != TS_STB_LOCAL && o->sections[s->section].flags & TS_SHF_EXECINSTR;
}

/* Whether an object of the build has it. */
static bool is_kept(const peer *p, const char *name) {
    for (size_t i = 0; i < p->n_inputs; i++) {
        uint32_t number = ts_object_find_symbol(&p->inputs[i], name);
        if (number && p->inputs[i].symbols[number].place == TS_OBJECT_DEFINED) return true;
    }
    return false;
}

static const ts_object_symbol *symbol_at(const peer *p, uint32_t address) {
    for (size_t i = 1; i < p->program.n_symbols; i++) {
        const ts_object_symbol *s = &p->program.symbols[i];
        if (is_function(&p->program, s) && address - s->value < s->size) return s;
    }
    return NULL;
}

static uint32_t named(peer *p, ts_object *o, const char *name) {
    uint32_t number = ts_object_find_symbol(o, name);
    if (number) return number;
    return ts_object_add_symbol(p->arena, o,
                                (ts_object_symbol){.name = name, .binding = TS_STB_GLOBAL});
}

/* Jumps and calls, and the value of the stack pointer, as relocations. */
static bool cut_bundle(peer *p, ts_object *o, uint32_t at, const ts_aie2_bundle *bundle) {
    for (unsigned i = 0; i < bundle->n_ops; i++) {
        const ts_aie2_op *op = &bundle->ops[i];
        const ts_aie2_instruction *in = &ts_aie2_instructions[op->instruction];
        unsigned last = in->n_operands ? in->n_operands - 1u : 0;
        int type = in->n_operands ? ts_aie2_relocation_of(bundle, i, last) : -1;
        uint32_t value = (uint32_t)op->values[last];
        const ts_object_symbol *s = symbol_at(p, value);
        const char *name = NULL;
        if (in->flags & TS_AIE2_JUMPS && s) name = s->name;
        if (!strcmp(in->mnemonic, "movxm") && op->values[0] == ts_aie2_register_named("SP", 2))
            name = "_sp_start_value_DM_stack";
        if (type < 0 || !name) continue;
        uint32_t number = named(p, o, strncmp(name, "core_", 5) == 0 ? "main" : name);
        ts_object_reloc reloc = {.offset = at,
                                 .type = (uint8_t)type,
                                 .symbol = number,
                                 .addend = s ? (int32_t)(value - s->value) : 0};
        if (!number || !ts_object_add_reloc(p->arena, &o->sections[1], reloc)) return false;
    }
    return true;
}

static bool cut_code(peer *p, ts_object *o) {
    ts_span code = o->sections[1].bytes;
    for (uint32_t at = 0; at < code.size;) {
        ts_aie2_bundle bundle;
        ts_aie2_reject why;
        if (!ts_aie2_decode(code.data + at, code.size - at, &bundle, &why)) return true;
        if (!cut_bundle(p, o, at, &bundle)) return false;
        at += ts_aie2_formats[bundle.format].size;
    }
    return true;
}

/* Whether a function can be of the toolchain: a kernel that no object has would prove nothing. */
static bool is_of_toolchain(const char *name) {
    return strncmp(name, "__", 2) == 0 || !strcmp(name, "_main_init") || !strcmp(name, "memcpy");
}

/* A function, with other names for it, as an object. */
static bool cut(peer *p, const ts_object_symbol *s) {
    ts_object o;
    ts_span code;
    ts_diag diag = {0};
    ts_buf out = ts_buf_in(p->arena);
    const ts_object_section *text = &p->program.sections[s->section];
    const char *section = ts_arena_printf(p->arena, ".text.%s", s->name);
    const char *file = ts_arena_printf(p->arena, "%s.o", s->name);
    if (strcmp(s->name, "__start") == 0) file = "crt0.o";
    if (!section || !file || ts_object_init(p->arena, &o, &diag) != TS_OK ||
        !ts_span_sub(text->bytes, s->value - text->addr, s->size, &code))
        return false;
    if (!ts_object_add_section(p->arena, &o,
                               (ts_object_section){.name = section,
                                                   .type = TS_SHT_PROGBITS,
                                                   .flags = TS_SHF_ALLOC | TS_SHF_EXECINSTR,
                                                   .align = 16,
                                                   .bytes = code}))
        return false;
    for (size_t i = 1; i < p->program.n_symbols; i++) {
        ts_object_symbol alias = p->program.symbols[i];
        if (!is_function(&p->program, &alias) || alias.value != s->value) continue;
        alias.section = 1;
        alias.value = 0;
        if (!ts_object_add_symbol(p->arena, &o, alias)) return false;
    }
    if (!cut_code(p, &o) || ts_object_write(&o, &out, &diag) != TS_OK ||
        p->n_files == sizeof p->files / sizeof *p->files)
        return false;
    p->files[p->n_files++] = (ts_link_file){file, ts_buf_span(&out)};
    return true;
}

static int by_value(const void *a, const void *b) {
    const ts_object_symbol *x = *(const ts_object_symbol *const *)a,
                           *y = *(const ts_object_symbol *const *)b;
    return x->value != y->value ? (x->value < y->value ? -1 : 1) : x < y ? -1 : x > y;
}

/* All functions that came from elsewhere, in the order of their addresses. */
static ts_status cut_all(peer *p, size_t *n_cut, ts_diag *diag) {
    const ts_object_symbol **list =
        TS_ARENA_ARRAY(p->arena, const ts_object_symbol *, p->program.n_symbols);
    size_t n = 0;
    *n_cut = 0;
    for (size_t i = 1; list && i < p->program.n_symbols; i++)
        if (is_function(&p->program, &p->program.symbols[i]) &&
            !is_kept(p, p->program.symbols[i].name))
            list[n++] = &p->program.symbols[i];
    if (n) qsort(list, n, sizeof *list, by_value);
    for (size_t i = 0; i < n; i++) {
        if (i && list[i]->value == list[i - 1]->value) continue;
        if (!is_of_toolchain(list[i]->name))
            return ts_fail(diag, TS_MISSING, list[i]->name, "not in the objects of the build");
        if (!cut(p, list[i])) return ts_fail(diag, TS_UNSUPPORTED, list[i]->name, "cannot be cut");
        ++*n_cut;
    }
    return list ? TS_OK : ts_fail_nomem(diag);
}

/* Bytes of a section in both, or how they differ. */
static bool same(const ts_object *want, const ts_object *got, const char *name) {
    uint32_t a = ts_object_find_section(want, name), b = ts_object_find_section(got, name);
    ts_span x = a ? want->sections[a].bytes : (ts_span){0};
    ts_span y = b ? got->sections[b].bytes : (ts_span){0};
    size_t i = 0;
    if (a && b && want->sections[a].addr != got->sections[b].addr) {
        printf("%s is at 0x%x; expected 0x%x; ", name, (unsigned)got->sections[b].addr,
               (unsigned)want->sections[a].addr);
        return false;
    }
    while (i < x.size && i < y.size && x.data[i] == y.data[i])
        i++;
    if (i == x.size && i == y.size) return true;
    printf("%s differs from 0x%zx on, %zu bytes, expected %zu; ", name, i, y.size, x.size);
    return false;
}

static ts_status read_object(peer *p, const char *path, ts_object *out, ts_link_file *file,
                             ts_diag *diag) {
    file->name = path;
    TS_TRY(ts_file_read(p->arena, path, 0, &file->bytes, diag));
    if (ts_archive_is(file->bytes)) {
        ts_object *objects;
        size_t n;
        TS_TRY(ts_object_read_all(p->arena, file->bytes, path, &objects, &n, diag));
        for (size_t i = 0; i < n && p->n_inputs < 16; i++)
            p->inputs[p->n_inputs++] = objects[i];
        return TS_OK;
    }
    TS_TRY(ts_object_read(p->arena, file->bytes, path, out, diag));
    if (out != &p->program) p->inputs[p->n_inputs++] = *out;
    return TS_OK;
}

/* The names in INPUT(), to know what the build kept. */
static ts_status read_inputs(peer *p, ts_span script, ts_diag *diag) {
    const char *at = (const char *)script.data, *end = at + script.size;
    for (; at + 6 < end; at++) {
        ts_link_file file;
        ts_object object;
        if (memcmp(at, "INPUT(", 6) != 0) continue;
        const char *close = memchr(at, ')', (size_t)(end - at));
        char *name = close ? ts_arena_strndup(p->arena, at + 6, (size_t)(close - at - 6)) : NULL;
        if (!name) continue;
        TS_TRY(find_input(p, name, &file, diag));
        TS_TRY(read_object(p, file.name, &object, &file, diag));
    }
    return TS_OK;
}

static ts_status run(peer *p, char **argv, ts_diag *diag) {
    ts_link_file script = {.name = argv[2]}, core;
    ts_link_result result;
    ts_object first;
    size_t n_cut = 0;
    TS_TRY(read_object(p, argv[1], &p->program, &core, diag));
    TS_TRY(ts_file_read(p->arena, argv[2], 0, &script.bytes, diag));
    TS_TRY(read_object(p, argv[3], &first, &p->files[p->n_files++], diag));
    TS_TRY(read_inputs(p, script.bytes, diag));
    TS_TRY(cut_all(p, &n_cut, diag));
    ts_link_options options = {.output = argv[1],
                               .files = p->files,
                               .n_files = p->n_files,
                               .script = &script,
                               .script_after = 1,
                               .find = find_input,
                               .find_context = p,
                               .no_runtime = true,
                               .allow_stack_overflow = true};
    TS_TRY(ts_link(p->arena, &options, &result, diag));
    for (size_t i = 0; i < result.n_warnings; i++)
        printf("warning: %s\n", result.warnings[i]);
    if (!same(&p->program, &result.program, ".text") ||
        !same(&p->program, &result.program, ".data"))
        return ts_fail(diag, TS_CONFLICT, argv[1], "not the same bytes");
    uint32_t text = ts_object_find_section(&p->program, ".text");
    uint32_t data = ts_object_find_section(&p->program, ".data");
    printf("same: %s: text %zu, data %zu bytes; %zu functions cut\n", argv[1],
           p->program.sections[text].bytes.size, data ? p->program.sections[data].bytes.size : 0,
           n_cut);
    return TS_OK;
}

int main(int argc, char **argv) {
    ts_arena arena;
    ts_diag diag = {0};
    if (argc < 4) return 2;
    ts_arena_init(&arena, 0);
    peer *p = TS_ARENA_NEW(&arena, peer);
    if (!p) return 1;
    p->arena = &arena;
    p->folders = argv + 4;
    p->n_folders = argc - 4;
    ts_status status = run(p, argv, &diag);
    if (status != TS_OK) {
        char text[1024];
        ts_diag_format(&diag, text, sizeof text);
        printf("differs: %s\n", text);
    }
    ts_arena_free(&arena);
    return status == TS_OK ? 0 : status == TS_MISSING ? 3 : 1;
}
