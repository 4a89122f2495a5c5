/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Kernels to load: built in memory of the sources that the program carries or of a folder's, read
 * from what a build left, or somebody else's files.
 */
#include "attention.h"
#include "kernels.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

/* ---- sources --------------------------------------------------------------------------------- */

typedef struct sources {
    cli_run *run;
    const char *kernel; /* in the program, or NULL: */
    const char *folder;
} sources;

/* `name` is seen from the kernel's folder, and may lie in another one: "../attention_int32/x.s". */
static const cli_kernel_file *carried(const char *kernel, const char *name) {
    size_t length = strlen(kernel);
    const char *slash = strncmp(name, "../", 3) == 0 ? strchr(name + 3, '/') : NULL;
    if (slash) {
        kernel = name + 3;
        length = (size_t)(slash - kernel);
        name = slash + 1;
    }
    for (const cli_kernel_file *file = cli_kernel_files; file->name; file++)
        if (strlen(file->kernel) == length && memcmp(file->kernel, kernel, length) == 0 &&
            strcmp(file->name, name) == 0)
            return file;
    return NULL;
}

static ts_status load_source(void *context, const char *name, ts_span *out, ts_diag *diag) {
    const sources *s = context;
    if (s->folder) {
        const char *path = ts_arena_printf(s->run->arena, "%s/%s", s->folder, name);
        return path ? ts_file_read(s->run->arena, path, 0, out, diag) : ts_fail_nomem(diag);
    }
    const cli_kernel_file *file = carried(s->kernel, name);
    if (!file)
        return ts_fail(diag, TS_MISSING, name, "is no source of %s in this program", s->kernel);
    *out = file->bytes;
    return TS_OK;
}

static bool has_source(const sources *s, const char *name) {
    if (!s->folder) return carried(s->kernel, name);
    const char *path = ts_arena_printf(s->run->arena, "%s/%s", s->folder, name);
    return path && access(path, R_OK) == 0;
}

static bool ends_with(const char *text, const char *end) {
    size_t n = strlen(text), m = strlen(end);
    return n > m && strcmp(text + n - m, end) == 0;
}

/* The only file of a folder that ends so. */
static ts_status only_file(cli_run *run, const char *folder, const char *end, const char **out,
                           ts_diag *diag) {
    DIR *dir = opendir(folder);
    if (!dir) return ts_fail(diag, TS_IO, folder, "cannot open: %s", strerror(errno));
    size_t n = 0;
    *out = NULL;
    for (const struct dirent *entry; (entry = readdir(dir));)
        if (ends_with(entry->d_name, end) && n++ == 0)
            *out = ts_arena_strdup(run->arena, entry->d_name);
    closedir(dir);
    if (n == 1) return *out ? TS_OK : ts_fail_nomem(diag);
    return ts_fail(diag, n ? TS_CONFLICT : TS_MISSING, folder,
                   "has %zu files that end in %s; expected one", n, end);
}

/* ---- building -------------------------------------------------------------------------------- */

/* Whether a core's program must be given: its body is empty and names none. */
static bool wants_program(const ts_op *core) {
    const ts_op *first = ts_op_child(core, TS_OP_AIE_END, NULL);
    return !*ts_op_text(core, "elf_file", "") && first && !first->previous;
}

/* NAME.s beside NAME.mlir is the program of every core that has none. */
static ts_status give_programs(const sources *s, ts_compile_options *o, ts_diag *diag) {
    ts_arena *arena = s->run->arena;
    ts_compile_result placed = {0};
    const char *stem = ts_path_stem(arena, o->file);
    const char *name = stem ? ts_arena_printf(arena, "%s.s", stem) : NULL;
    if (!name) return ts_fail_nomem(diag);
    if (!has_source(s, name)) return TS_OK;
    TS_TRY(ts_compile_place(arena, o, &placed, diag));
    ts_compile_elf *elfs = TS_ARENA_ARRAY(arena, ts_compile_elf, placed.n_cores);
    if (!elfs) return ts_fail_nomem(diag);
    o->elfs = elfs;
    for (size_t i = 0; i < placed.n_cores; i++) {
        const ts_compile_core *core = &placed.cores[i];
        if (!wants_program(core->op)) continue;
        ts_compile_elf *elf = &elfs[o->n_elfs++];
        *elf = (ts_compile_elf){.column = core->column, .row = core->row, .file = name};
        TS_TRY(load_source(o->context, name, &elf->bytes, diag));
    }
    return TS_OK;
}

ts_status att_kernel_build(cli_run *run, ts_attention_scores scores, const char *folder,
                           const char *output, ts_compile_result *result, ts_diag *diag) {
    sources s = {.run = run, .folder = folder};
    ts_compile_options o = {.load = load_source, .context = &s, .folder = output};
    s.kernel = ts_arena_printf(run->arena, "attention_%s", att_scores_name(scores));
    if (!s.kernel) return ts_fail_nomem(diag);
    o.file = ts_arena_printf(run->arena, "%s.mlir", s.kernel);
    if (folder) TS_TRY(only_file(run, folder, ".mlir", &o.file, diag));
    if (!o.file) return ts_fail_nomem(diag);
    TS_TRY(load_source(&s, o.file, &o.text, diag));
    TS_TRY(give_programs(&s, &o, diag));
    return ts_compile_build(run->arena, &o, result, diag);
}

ts_status att_kernel_of(cli_run *run, const ts_compile_result *result, const char *name,
                        att_kernel *out, ts_diag *diag) {
    *out = (att_kernel){.name = name, .xclbin_file = name, .insts_file = name};
    out->programs = ts_arena_array(run->arena, result->n_cores, sizeof *out->programs);
    if (!out->programs) return ts_fail_nomem(diag);
    for (size_t i = 0; i < result->n_files; i++) {
        if (ends_with(result->files[i].name, ".xclbin")) out->xclbin = result->files[i].bytes;
        if (strcmp(result->files[i].name, "insts.bin") == 0) out->insts = result->files[i].bytes;
    }
    for (size_t i = 0; i < result->n_cores; i++) {
        const ts_compile_core *core = &result->cores[i];
        if (!core->bytes.size) continue;
        out->programs[out->n_programs++] =
            (struct att_program){core->column, core->row, core->file, core->bytes};
    }
    if (out->xclbin.size && out->insts.size) return TS_OK;
    return ts_fail(diag, TS_MISSING, name, "the design has no runtime sequence to run");
}

/* ---- files ----------------------------------------------------------------------------------- */

static ts_status read_kernel(cli_run *run, att_kernel *out, ts_diag *diag) {
    TS_TRY(ts_file_read(run->arena, out->xclbin_file, 0, &out->xclbin, diag));
    return ts_file_read(run->arena, out->insts_file, 0, &out->insts, diag);
}

/* main_core_C_R.elf */
static ts_status find_programs(cli_run *run, const char *folder, att_kernel *out, ts_diag *diag) {
    const ts_npu_device *npu = &ts_npu_phoenix;
    size_t n_tiles = (size_t)npu->n_columns * npu->n_rows;
    out->programs = ts_arena_array(run->arena, n_tiles, sizeof *out->programs);
    if (!out->programs) return ts_fail_nomem(diag);
    for (uint32_t i = 0; i < n_tiles; i++) {
        struct att_program *program = &out->programs[out->n_programs];
        program->column = i / npu->n_rows;
        program->row = i % npu->n_rows;
        program->file = ts_arena_printf(run->arena, "%s/main_core_%" PRIu32 "_%" PRIu32 ".elf",
                                        folder, program->column, program->row);
        if (!program->file) return ts_fail_nomem(diag);
        if (access(program->file, R_OK) != 0) continue;
        TS_TRY(ts_file_read(run->arena, program->file, 0, &program->bytes, diag));
        out->n_programs++;
    }
    return TS_OK;
}

ts_status att_kernel_open(cli_run *run, const char *folder, ts_attention_scores *scores,
                          att_kernel *out, ts_diag *diag) {
    const char *name;
    *out = (att_kernel){.name = folder};
    TS_TRY(only_file(run, folder, ".xclbin", &name, diag));
    *scores = strstr(name, "int8") ? TS_ATTENTION_INT8 : TS_ATTENTION_INT32;
    out->xclbin_file = ts_arena_printf(run->arena, "%s/%s", folder, name);
    out->insts_file = ts_arena_printf(run->arena, "%s/insts.bin", folder);
    if (!out->xclbin_file || !out->insts_file) return ts_fail_nomem(diag);
    TS_TRY(read_kernel(run, out, diag));
    return find_programs(run, folder, out, diag);
}

/* "0,2=FILE" */
static ts_status parse_program(cli_run *run, const char *text, struct att_program *out,
                               ts_diag *diag) {
    if (!cli_parse_tile_file(text, &out->column, &out->row, &out->file))
        return ts_fail(diag, TS_SYNTAX, NULL, "--core-elf %s: expected COLUMN,ROW=FILE", text);
    return ts_file_read(run->arena, out->file, 0, &out->bytes, diag);
}

ts_status att_kernel_foreign(cli_run *run, att_kernel *out, ts_diag *diag) {
    *out = (att_kernel){.xclbin_file = cli_value(run, "xclbin"),
                        .insts_file = cli_value(run, "insts")};
    out->name = ts_path_base(out->xclbin_file);
    out->programs = ts_arena_array(run->arena, run->n_given, sizeof *out->programs);
    if (!out->programs) return ts_fail_nomem(diag);
    for (size_t i = 0; i < run->n_given; i++)
        if (strcmp(run->given[i].option->name, "core-elf") == 0)
            TS_TRY(
                parse_program(run, run->given[i].value, &out->programs[out->n_programs++], diag));
    return read_kernel(run, out, diag);
}
