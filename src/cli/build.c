/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * tessera build: from a design to everything a device loads. Called
 * with aiecc's options it does what aiecc would; those that steer compilers which Tessera has no
 * need of are taken and do nothing.
 */
#include "designs.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* aiecc's switches and values that change nothing here.
 * src: Xilinx/mlir-aie: tools/aiecc/aiecc.cpp, command line options [code] */
#define IGNORED_SWITCHES(X)                                                                        \
    X("aie-generate-xclbin")                                                                       \
    X("aie-generate-npu-insts")                                                                    \
    X("aie-generate-npu")                                                                          \
    X("aie-generate-cdo")                                                                          \
    X("aie-generate-pdi")                                                                          \
    X("get-xclbin")                                                                                \
    X("get-npu-insts")                                                                             \
    X("get-cdo")                                                                                   \
    X("get-pdi")                                                                                   \
    X("xchesscc")                                                                                  \
    X("no-xchesscc")                                                                               \
    X("xbridge")                                                                                   \
    X("no-xbridge")                                                                                \
    X("compile")                                                                                   \
    X("no-compile")                                                                                \
    X("link")                                                                                      \
    X("no-link")                                                                                   \
    X("no-aiesim")                                                                                 \
    X("no-compile-host")                                                                           \
    X("unified")                                                                                   \
    X("no-unified")                                                                                \
    X("no-materialize")                                                                            \
    X("profile")                                                                                   \
    X("progress")                                                                                  \
    X("enable-repeater-scripts")                                                                   \
    X("disable-repeater-scripts")

#define IGNORED_VALUES(X)                                                                          \
    X("peano", 0)                                                                                  \
    X("aietools", 0)                                                                               \
    X("sysroot", 0)                                                                                \
    X("host-target", 0)                                                                            \
    X("repeater-output-dir", 0)                                                                    \
    X("nthreads", 'j')                                                                             \
    X("opt-level", 'O')

static const cli_option options[] = {
    {"output", 'o', "DIR", "the folder for all files; else DESIGN.mlir.prj, as aiecc's"},
    {"elf", 0, "C,R=FILE",
     "the program of the core at column C, row R, or .s, .o, .a to link one of"},
    {"include", 'I', "DIR", "look here too for files that elf_file and link_with name"},
    {"device", 0, "NAME", "the aie.device to build, when there are several"},
    {"sequence", 0, "NAME", "the runtime sequence to build; else each"},
    {"cache", 0, "DIR", "keep linked programs of cores there, and take them from there"},
    {"allow-stack-overflow", 0, NULL, "a stack that does not fit is a warning"},
    {"dump-intermediates", 0, NULL, "write the design behind each pass too"},
    {"json", 0, NULL, "list the files as JSON"},
    {"verbose", 'v', NULL, "list the files"},
    {"xclbin-name", 0, "FILE", "aiecc's: the container"},
    {"npu-insts-name", 0, "FILE", "aiecc's: the instruction stream"},
    {"pdi-name", 0, "FILE", "aiecc's: the image"},
    {"xclbin-kernel-name", 0, "NAME", "aiecc's: MLIR_AIE unless given"},
    {"xclbin-kernel-id", 0, "ID", "aiecc's: 0x901 unless given"},
    {"xclbin-instance-name", 0, "NAME", "aiecc's: MLIRAIE unless given"},
    {"alloc-scheme", 0, "SCHEME", "aiecc's: basic-sequential or bank-aware"},
    {"generate-ctrl-pkt-overlay", 0, NULL, "aiecc's: ways for control packets to all tiles"},
    {"device-name", 0, "NAME", "aiecc's: as --device"},
    {"sequence-name", 0, "NAME", "aiecc's: as --sequence"},
    {"tmpdir", 0, "DIR", "aiecc's: as --output, for all but container and stream"},
    {"output-dir", 0, "DIR", "aiecc's: as --output"},
#define X(name) {name, 0, NULL, NULL},
    IGNORED_SWITCHES(X)
#undef X
#define X(name, letter) {name, letter, "VALUE", NULL},
        IGNORED_VALUES(X)
#undef X
            {NULL, 0, NULL, NULL},
};

typedef struct builder {
    cli_run *run;
    const char *design;
    const char *folder; /* of all files, but for the two that aiecc puts where it runs */
    const char *xclbin, *insts, *pdi; /* paths, as given; or NULL */
    const char *cache;                /* the folder, or NULL */
    bool is_terminal, has_line;
    ts_file_set set;
} builder;

/* ---- the command line ------------------------------------------------------------------------ */

static const char *either(const cli_run *run, const char *ours, const char *theirs) {
    const char *value = cli_value(run, ours);
    return value ? value : cli_value(run, theirs);
}

/* A name that aiecc completes: "{0}.pdi" has the device's name, and then we choose it too. */
static const char *given_name(const cli_run *run, const char *option) {
    const char *value = cli_value(run, option);
    return value && !strchr(value, '{') ? value : NULL;
}

static int check_scheme(const cli_run *run, ts_compile_options *o) {
    const char *scheme = cli_value(run, "alloc-scheme");
    if (!scheme || !*scheme || strcmp(scheme, "bank-aware") == 0) return CLI_DONE;
    o->is_basic_sequential = true;
    if (strcmp(scheme, "basic-sequential") == 0) return CLI_DONE;
    return cli_usage("tessera build", "--alloc-scheme is basic-sequential or bank-aware, not '%s'",
                     scheme);
}

static bool place_files(builder *b) {
    const cli_run *run = b->run;
    b->folder = either(run, "output", "output-dir");
    if (!b->folder) b->folder = cli_value(run, "tmpdir");
    if (!b->folder) b->folder = ts_arena_printf(run->arena, "%s.prj", ts_path_base(b->design));
    b->xclbin = given_name(run, "xclbin-name");
    b->insts = given_name(run, "npu-insts-name");
    b->pdi = given_name(run, "pdi-name");
    return b->folder;
}

static ts_status load_program(void *context, const char *name, ts_span *out, ts_diag *diag) {
    const builder *b = context;
    return cli_load_program(b->run, name, out, diag);
}

/* ---- the cache ------------------------------------------------------------------------------- */

static char *cache_path(const builder *b, const char *name) {
    return ts_arena_printf(b->run->arena, "%s/%s.core", b->cache, name);
}

static bool find_cached(void *context, const char *name, ts_span *out) {
    const builder *b = context;
    const char *path = cache_path(b, name);
    ts_diag diag = {0};
    return path && ts_file_read(b->run->arena, path, 0, out, &diag) == TS_OK;
}

/* Renamed when it is whole, so that others never see half of it. What cannot be kept is made again
 * next time. */
static void keep_cached(void *context, const char *name, ts_span bytes) {
    const builder *b = context;
    const char *path = cache_path(b, name);
    ts_file_set set;
    ts_diag diag = {0};
    char text[sizeof diag];
    ts_file_set_init(&set, b->run->arena);
    if (!path) return;
    if (ts_file_set_add(&set, path, bytes, &diag) != TS_OK ||
        ts_file_set_commit(&set, &diag) != TS_OK) {
        ts_diag_format(&diag, text, sizeof text);
        fprintf(stderr, "warning: %s\n", text);
    }
    ts_file_set_abandon(&set);
}

/* Which program this is, as its file tells. Without that nothing is cached: another one of the same
 * version could link otherwise. */
static const char *name_tool(const cli_run *run) {
    struct stat st;
    if (stat("/proc/self/exe", &st) != 0) return NULL;
    return ts_arena_printf(run->arena, "%ju bytes, %ju.%09ld", (uintmax_t)st.st_size,
                           (uintmax_t)st.st_mtim.tv_sec, (long)st.st_mtim.tv_nsec);
}

static ts_status open_cache(builder *b, ts_compile_options *o, ts_diag *diag) {
    b->cache = cli_value(b->run, "cache");
    if (!b->cache) return TS_OK;
    TS_TRY(cli_make_folder(b->cache, diag));
    o->tool = name_tool(b->run);
    if (!o->tool) return TS_OK;
    o->find_cached = find_cached;
    o->keep_cached = keep_cached;
    return TS_OK;
}

/* ---- progress -------------------------------------------------------------------------------- */

static void clear_line(builder *b) {
    if (b->has_line) fprintf(stderr, "\r\033[K");
    b->has_line = false;
}

static void show_step(void *context, const char *what) {
    builder *b = context;
    if (!b->is_terminal) return;
    clear_line(b);
    fprintf(stderr, "%s: %s", ts_path_base(b->design), what);
    fflush(stderr);
    b->has_line = true;
}

/* ---- files to write -------------------------------------------------------------------------- */

/* A path is taken as it is; a plain name lies in the folder, unless aiecc would put it where it
 * runs. */
static const char *path_of(const builder *b, const ts_compile_file *file) {
    const char *given[] = {b->xclbin, b->insts, b->pdi};
    for (size_t i = 0; i < 3; i++) {
        if (!given[i] || strcmp(ts_path_base(given[i]), file->name) != 0) continue;
        if (strchr(given[i], '/') || (i < 2 && !either(b->run, "output", "output-dir")))
            return given[i];
    }
    return ts_arena_printf(b->run->arena, "%s/%s", b->folder, file->name);
}

static ts_status stage(builder *b, const ts_compile_result *r, ts_diag *diag) {
    for (size_t i = 0; i < r->n_files; i++) {
        const char *path = path_of(b, &r->files[i]);
        if (!path) return ts_fail_nomem(diag);
        if (cli_same_file(path, b->design))
            return ts_fail(diag, TS_CONFLICT, path, "is the design and would be replaced");
        TS_TRY(ts_file_set_add(&b->set, path, r->files[i].bytes, diag));
    }
    return ts_file_set_commit(&b->set, diag);
}

static ts_status write_files(builder *b, const ts_compile_result *r, ts_diag *diag) {
    TS_TRY(cli_make_folder(b->folder, diag));
    ts_file_set_init(&b->set, b->run->arena);
    ts_status status = stage(b, r, diag);
    ts_file_set_abandon(&b->set);
    return status;
}

static const cli_column file_columns[] = {{"file", CLI_LEFT}, {"bytes", CLI_RIGHT}};

static int show_files(builder *b, const ts_compile_result *r) {
    cli_run *run = b->run;
    cli_table table = cli_table_new(run->arena, file_columns, 2);
    const ts_compile_file *last = &r->files[r->n_files - 1]; /* the container */
    for (size_t i = 0; i < r->n_files; i++) {
        const char *path = path_of(b, &r->files[i]);
        cli_cell(&table, "%s", path ? path : "");
        cli_cell(&table, "%zu", r->files[i].bytes.size);
    }
    if (cli_has(run, "json") || cli_has(run, "verbose")) return cli_show_table(run, &table, NULL);
    const char *path = path_of(b, last);
    printf("%s: %zu bytes; %zu more files in %s\n", path ? path : "", last->bytes.size,
           r->n_files - 1, b->folder);
    return CLI_DONE;
}

/* ---- the command ----------------------------------------------------------------------------- */

static int failed(builder *b, const ts_compile_result *r, ts_diag *diag) {
    ts_buf out = ts_buf_in(b->run->arena);
    (void)cli_fail_in(b->design, diag);
    if (r->too_deep) {
        cli_table table = cli_stack_table(b->run->arena, &r->too_deep->stack, false);
        cli_table_write(&table, &out);
    }
    if (!out.failed && out.size) fwrite(out.data, 1, out.size, stderr);
    return CLI_FAILED;
}

static const char *base_or_null(const char *path) {
    return path ? ts_path_base(path) : NULL;
}

static int run_build(cli_run *run) {
    ts_diag diag = {0};
    ts_compile_result result = {0};
    builder b = {.run = run, .design = run->positional[0], .is_terminal = isatty(STDERR_FILENO)};
    ts_compile_options o = {.file = b.design,
                            .device = either(run, "device", "device-name"),
                            .sequence = either(run, "sequence", "sequence-name"),
                            .load = load_program,
                            .step = show_step,
                            .context = &b,
                            .kernel_name = cli_value(run, "xclbin-kernel-name"),
                            .kernel_id = cli_value(run, "xclbin-kernel-id"),
                            .instance = cli_value(run, "xclbin-instance-name"),
                            .control_packets = cli_has(run, "generate-ctrl-pkt-overlay"),
                            .allow_stack_overflow = cli_has(run, "allow-stack-overflow"),
                            .keep_passes = cli_has(run, "dump-intermediates")};
    if (!place_files(&b)) {
        (void)ts_fail_nomem(&diag);
        return cli_fail(&diag);
    }
    o.folder = b.folder;
    o.xclbin = base_or_null(b.xclbin);
    o.insts = base_or_null(b.insts);
    o.pdi = base_or_null(b.pdi);
    int status = check_scheme(run, &o);
    if (status == CLI_DONE) status = cli_read_elfs(run, "tessera build", &o);
    if (status != CLI_DONE) return status;
    if (ts_file_read(run->arena, b.design, 0, &o.text, &diag) != TS_OK) return cli_fail(&diag);
    if (open_cache(&b, &o, &diag) != TS_OK) return cli_fail(&diag);
    ts_status built = ts_compile_build(run->arena, &o, &result, &diag);
    if (built == TS_OK) built = write_files(&b, &result, &diag);
    clear_line(&b);
    for (size_t i = 0; i < result.n_warnings; i++)
        fprintf(stderr, "warning: %s\n", result.warnings[i]);
    return built == TS_OK ? show_files(&b, &result) : failed(&b, &result, &diag);
}

const cli_command cli_build = {
    .name = "build",
    .arguments = "DESIGN.mlir -o DIR [--elf C,R=FILE]...",
    .summary = "Make everything a device loads of a design, programs of its cores included",
    .details =
        "Places and routes what is not yet, makes the cores' programs of their bodies where\n"
        "none is given, proves the stacks, and writes to DIR: the\n"
        "container, insts.bin, main.pdi, its CDOs and BIF, the metadata, programs and linker\n"
        "scripts of the cores, and the placed design. All or nothing. A name given with a\n"
        "folder is taken as it is. aiecc's other options, old and new, are taken too: those that\n"
        "steer its compilers do nothing here.",
    .example = "tessera build design.mlir -o build",
    .options = options,
    .min_positional = 1,
    .max_positional = 1,
    .main = run_build,
};
