/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * tessera xclbin extract, pack, add, remove, replace: containers from files and files from
 * containers. Output is the same from run to run: no time, and the UUID follows from the content,
 * unless asked otherwise.
 */
#include "xclbin_commands.h"
#include "xclbin_edit.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define OUTPUT_OPTION                                                                              \
    { "output", 'o', "FILE", "container to write" }
#define FORCE_OPTION                                                                               \
    { "force", 'f', NULL, "replace existing files" }
#define KEEP_UUID_OPTION                                                                           \
    { "keep-uuid", 0, NULL, "keep the UUID instead of deriving it" }
#define TIME_OPTION                                                                                \
    { "time", 0, "SECONDS", "time stamp, seconds since 1970, or 'now'" }
#define KEY_OPTION                                                                                 \
    { "key", 'k', "KEY", "[USER|SYS]:KEY:VALUE, as in xclbinutil" }
#define END_OPTION                                                                                 \
    { NULL, 0, NULL, NULL }

/* ---- extract --------------------------------------------------------------------------------- */

static int make_folder(const char *path) {
    if (mkdir(path, 0777) == 0 || errno == EEXIST) return CLI_DONE;
    fprintf(stderr, "error: %s: cannot create the folder: %s\n", path, strerror(errno));
    return CLI_FAILED;
}

/* Write the files into the folder; one that cannot be written leaves none of them. */
static int write_folder(ts_arena *arena, const char *folder, const ts_xclbin_side_file *files,
                        bool force) {
    ts_diag diag = {0};
    ts_file_set set;
    ts_file_set_init(&set, arena);
    if (make_folder(folder) != CLI_DONE) return CLI_FAILED;
    ts_status status = TS_OK;
    for (const ts_xclbin_side_file *f = files; f && status == TS_OK; f = f->next) {
        const ts_xclbin_side_file *same = files;
        while (strcmp(same->name, f->name) != 0)
            same = same->next;
        if (same != f && ts_span_equal(same->data, f->data)) continue;
        const char *path = ts_arena_printf(arena, "%s/%s", folder, f->name);
        if (!path) {
            status = ts_fail_nomem(&diag);
        } else if (cli_check_overwrite(path, force) != CLI_DONE) {
            ts_file_set_abandon(&set);
            return CLI_FAILED;
        } else {
            status = ts_file_set_add(&set, path, f->data, &diag);
        }
    }
    if (status == TS_OK) status = ts_file_set_commit(&set, &diag);
    ts_file_set_abandon(&set);
    return status == TS_OK ? CLI_DONE : cli_fail(&diag);
}

/* The file name of a section that is extracted by name: "AIE_PARTITION[two].json". */
static const char *named_file(ts_arena *arena, const xclbin_spec *spec) {
    const char *extension = spec->bits == TS_XCLBIN_JSON                ? "json"
                            : spec->kind == TS_XCLBIN_EMBEDDED_METADATA ? "xml"
                            : spec->kind == TS_XCLBIN_PDI               ? "pdi"
                                                                        : "bin";
    char *name = *spec->index
                     ? ts_arena_printf(arena, "%s[%s].%s", spec->section, spec->index, extension)
                     : ts_arena_printf(arena, "%s.%s", spec->section, extension);
    for (char *p = name; p && *p; p++)
        if (*p == '/') *p = '_'; /* an index may hold anything */
    return name;
}

/* Named sections: each in the form its name stands for in a dump. */
static int extract_named(cli_run *run, const ts_xclbin *x, const char *folder) {
    ts_xclbin_side_file *files = NULL;
    for (size_t i = 1; i < run->n_positional; i++) {
        ts_diag diag = {0};
        xclbin_spec spec = {0};
        if (xclbin_parse_section_name(run->arena, run->positional[i], &spec, &diag) != TS_OK)
            return cli_fail(&diag);
        const ts_xclbin_kind_info *about = ts_xclbin_kind_about(spec.kind);
        spec.bits = about && about->dump & TS_XCLBIN_JSON ? TS_XCLBIN_JSON : TS_XCLBIN_RAW;
        spec.file = named_file(run->arena, &spec);
        if (!spec.file || xclbin_render(run->arena, x, &spec, &files, &diag) != TS_OK)
            return cli_fail(&diag);
    }
    int status = write_folder(run->arena, folder, files, cli_has(run, "force"));
    for (; files && status == CLI_DONE; files = files->next)
        printf("%s/%s\n", folder, files->name);
    return status;
}

static int extract_main(cli_run *run) {
    ts_diag diag = {0};
    ts_xclbin x;
    const char *folder = cli_required(run, "output");
    if (!folder) return CLI_USAGE;
    if (xclbin_load(run->arena, run->positional[0], &x, &diag) != TS_OK) return cli_fail(&diag);
    if (run->n_positional > 1) return extract_named(run, &x, folder);
    ts_xclbin_side_file *files;
    if (ts_xclbin_explode(run->arena, &x, &files, &diag) != TS_OK) return cli_fail(&diag);
    int status = write_folder(run->arena, folder, files, cli_has(run, "force"));
    if (status == CLI_DONE)
        printf("%s/%s: %zu sections\n", folder, TS_XCLBIN_MANIFEST, x.n_sections);
    return status;
}

static const cli_option extract_options[] = {
    {"output", 'o', "FOLDER", "folder to write to; made if it is not there"},
    FORCE_OPTION,
    END_OPTION,
};

const cli_command xclbin_extract_command = {
    .name = "extract",
    .arguments = "FILE [SECTION...] -o FOLDER",
    .summary = "Take a container apart into files",
    .details =
        "Without SECTION: the whole container, as a manifest (" TS_XCLBIN_MANIFEST
        ") and one file per section,\nJSON where that keeps every byte; 'pack' makes the same "
        "container of it again.\nWith SECTION: only those, as xclbinutil dumps them.",
    .example = "tessera xclbin extract design.xclbin -o design",
    .options = extract_options,
    .min_positional = 1,
    .max_positional = SIZE_MAX,
    .main = extract_main,
};

/* ---- what edits share ------------------------------------------------------------------------ */

static ts_status apply_keys_and_time(cli_run *run, ts_xclbin *x, bool *keep_uuid, ts_diag *diag) {
    for (size_t i = 0; i < run->n_given; i++)
        if (strcmp(run->given[i].option->name, "key") == 0) {
            TS_TRY(ts_xclbin_set_key(x, run->given[i].value, diag));
            *keep_uuid |= ts_xclbin_is_system_key(run->given[i].value, "XclbinUUID");
        }
    const char *text = cli_value(run, "time");
    if (!text) return TS_OK;
    uint64_t seconds;
    if (strcmp(text, "now") == 0)
        seconds = (uint64_t)time(NULL);
    else if (!ts_parse_u64(text, &seconds))
        return ts_fail(diag, TS_SYNTAX, NULL,
                       "--time is '%s'; expected seconds since 1970 or 'now'", text);
    x->header.time_stamp = x->header.unique_id = seconds;
    return TS_OK;
}

static int save(cli_run *run, xclbin_session *session, const char *output) {
    ts_diag diag = {0};
    bool keep_uuid = cli_has(run, "keep-uuid");
    if (apply_keys_and_time(run, &session->x, &keep_uuid, &diag) != TS_OK ||
        xclbin_finish(session, false, false, &diag) != TS_OK ||
        xclbin_save(session, output, keep_uuid, &diag) != TS_OK)
        return cli_fail(&diag);
    printf("%s: %llu bytes, %zu sections\n", output, (unsigned long long)session->x.header.length,
           session->x.n_sections);
    return CLI_DONE;
}

/* The output's name, if it may be written. An edit may write over its own input with --force. */
static const char *output_of(cli_run *run) {
    const char *output = cli_required(run, "output");
    if (output && cli_check_overwrite(output, cli_has(run, "force")) != CLI_DONE) return NULL;
    return output;
}

/* ---- pack ------------------------------------------------------------------------------------ */

static ts_status load_in_folder(void *context, ts_arena *arena, const char *name, ts_span *out,
                                ts_diag *diag) {
    if (!ts_path_is_plain_name(name))
        return ts_fail(diag, TS_RANGE, name, "expected a file name inside the folder");
    const char *path = ts_arena_printf(arena, "%s/%s", (const char *)context, name);
    return path ? ts_file_read(arena, path, 0, out, diag) : ts_fail_nomem(diag);
}

static int pack_folder(cli_run *run, const char *folder, const char *output) {
    ts_diag diag = {0};
    xclbin_session session = {.arena = run->arena};
    const char *manifest = ts_arena_printf(run->arena, "%s/%s", folder, TS_XCLBIN_MANIFEST);
    char *context = ts_arena_strdup(run->arena, folder);
    if (!manifest || !context) return CLI_FAILED;
    ts_xclbin_document document;
    bool is_exact;
    if (xclbin_open_document(run->arena, manifest, output, &document, &diag) != TS_OK)
        return cli_fail(&diag);
    document.load = load_in_folder;
    document.context = context;
    if (ts_xclbin_implode(run->arena, &document, &session.x, &is_exact, &diag) != TS_OK)
        return cli_fail(&diag);
    bool is_changed = cli_has(run, "key") || cli_has(run, "time");
    if (!is_exact || is_changed) return save(run, &session, output);
    ts_buf out = ts_buf_in(run->arena);
    if (ts_xclbin_write_exact(&session.x, &out, &diag) != TS_OK ||
        ts_file_write(output, ts_buf_span(&out), &diag) != TS_OK)
        return cli_fail(&diag);
    printf("%s: %zu bytes, %zu sections, unchanged\n", output, out.size, session.x.n_sections);
    return CLI_DONE;
}

/* The files that a compiler leaves beside a PDI, in the order of the usual recipe. */
static int pack_recipe(cli_run *run, const char *output) {
    static const struct {
        const char *option;
        uint32_t kind;
    } parts[] = {{"memory", TS_XCLBIN_MEM_TOPOLOGY}, {"partition", TS_XCLBIN_AIE_PARTITION}};
    ts_diag diag = {0};
    xclbin_session session = {.arena = run->arena, .output = output};
    if (xclbin_open(&session, NULL, &diag) != TS_OK) return cli_fail(&diag);
    for (size_t i = 0; i < 2; i++) {
        const char *file = cli_value(run, parts[i].option);
        const xclbin_spec spec = {.section = ts_xclbin_kind_about(parts[i].kind)->name,
                                  .index = "",
                                  .format = "JSON",
                                  .file = file,
                                  .kind = parts[i].kind,
                                  .bits = TS_XCLBIN_JSON};
        if (file && xclbin_add(&session, &spec, &diag) != TS_OK) return cli_fail(&diag);
    }
    for (size_t i = 0; i < run->n_given; i++) {
        xclbin_spec spec;
        if (strcmp(run->given[i].option->name, "section") == 0 &&
            (xclbin_spec_parse(run->arena, run->given[i].value, &spec, &diag) != TS_OK ||
             xclbin_add(&session, &spec, &diag) != TS_OK))
            return cli_fail(&diag);
    }
    const char *kernels = cli_value(run, "kernels");
    if (kernels && xclbin_add_kernels(&session, kernels, &diag) != TS_OK) return cli_fail(&diag);
    return save(run, &session, output);
}

static int pack_main(cli_run *run) {
    bool has_recipe = cli_has(run, "memory") || cli_has(run, "partition") ||
                      cli_has(run, "kernels") || cli_has(run, "section");
    if (has_recipe == (run->n_positional == 1))
        return cli_usage("tessera xclbin pack",
                         "expected either a FOLDER made by 'extract', or --partition, --kernels, "
                         "--memory or --section");
    const char *output = output_of(run);
    if (!output) return cli_has(run, "output") ? CLI_FAILED : CLI_USAGE;
    return has_recipe ? pack_recipe(run, output) : pack_folder(run, run->positional[0], output);
}

static const cli_option pack_options[] = {
    OUTPUT_OPTION,
    {"partition", 'p', "JSON", "AIE_PARTITION; names its PDIs, seen from its own folder"},
    {"kernels", 0, "JSON", "kernels: EMBEDDED_METADATA, IP_LAYOUT, CONNECTIVITY, groups"},
    {"memory", 'm', "JSON", "MEM_TOPOLOGY"},
    {"section", 's', "SPEC", "any section, KIND:FORMAT:FILE"},
    KEY_OPTION,
    TIME_OPTION,
    KEEP_UUID_OPTION,
    FORCE_OPTION,
    END_OPTION,
};

const cli_command xclbin_pack_command = {
    .name = "pack",
    .arguments = "(FOLDER | --partition JSON --kernels JSON --memory JSON) -o FILE",
    .summary = "Make a container, of an extracted folder or of a compiler's files",
    .example =
        "tessera xclbin pack --partition main_aie_partition.json --kernels main_kernels.json "
        "--memory main_mem_topology.json -o design.xclbin",
    .options = pack_options,
    .min_positional = 0,
    .max_positional = 1,
    .main = pack_main,
};

/* ---- add, remove, replace -------------------------------------------------------------------- */

typedef ts_status (*spec_action)(xclbin_session *session, const xclbin_spec *spec, ts_diag *diag);

static int edit(cli_run *run, spec_action action, bool by_name) {
    ts_diag diag = {0};
    const char *output = output_of(run);
    if (!output) return cli_has(run, "output") ? CLI_FAILED : CLI_USAGE;
    xclbin_session session = {.arena = run->arena, .output = output};
    if (xclbin_open(&session, run->positional[0], &diag) != TS_OK) return cli_fail(&diag);
    for (size_t i = 1; i < run->n_positional; i++) {
        xclbin_spec spec = {0};
        ts_status status =
            by_name ? xclbin_parse_section_name(run->arena, run->positional[i], &spec, &diag)
                    : xclbin_spec_parse(run->arena, run->positional[i], &spec, &diag);
        if (status != TS_OK || action(&session, &spec, &diag) != TS_OK) return cli_fail(&diag);
    }
    const char *kernels = cli_value(run, "kernels");
    if (kernels && (xclbin_add_kernels(&session, kernels, &diag) != TS_OK ||
                    xclbin_finish(&session, false, true, &diag) != TS_OK))
        return cli_fail(&diag);
    return save(run, &session, output);
}

static int add_main(cli_run *run) {
    if (run->n_positional < 2 && !cli_has(run, "kernels") && !cli_has(run, "key"))
        return cli_usage("tessera xclbin add", "nothing to add; expected: %s",
                         run->command->arguments);
    return edit(run, xclbin_add, false);
}

static int remove_main(cli_run *run) {
    return edit(run, xclbin_remove, true);
}

static int replace_main(cli_run *run) {
    return edit(run, xclbin_replace, false);
}

static const cli_option add_options[] = {
    OUTPUT_OPTION,    {"kernels", 0, "JSON", "add kernels; the group sections are derived anew"},
    KEY_OPTION,       TIME_OPTION,
    KEEP_UUID_OPTION, FORCE_OPTION,
    END_OPTION,
};

static const cli_option edit_options[] = {
    OUTPUT_OPTION, KEY_OPTION, TIME_OPTION, KEEP_UUID_OPTION, FORCE_OPTION, END_OPTION,
};

const cli_command xclbin_add_command = {
    .name = "add",
    .arguments = "FILE [KIND:FORMAT:FILE...] [--kernels JSON] -o OUTPUT",
    .summary = "Add sections, kernels or keys",
    .example = "tessera xclbin add base.xclbin AIE_PARTITION:JSON:partition.json -o design.xclbin",
    .options = add_options,
    .min_positional = 1,
    .max_positional = SIZE_MAX,
    .main = add_main,
};

const cli_command xclbin_remove_command = {
    .name = "remove",
    .arguments = "FILE SECTION... -o OUTPUT",
    .summary = "Remove sections",
    .example = "tessera xclbin remove design.xclbin AIE_METADATA -o small.xclbin",
    .options = edit_options,
    .min_positional = 2,
    .max_positional = SIZE_MAX,
    .main = remove_main,
};

const cli_command xclbin_replace_command = {
    .name = "replace",
    .arguments = "FILE KIND:FORMAT:FILE... -o OUTPUT",
    .summary = "Replace sections in their places",
    .example = "tessera xclbin replace design.xclbin AIE_PARTITION:JSON:new.json -o new.xclbin",
    .options = edit_options,
    .min_positional = 2,
    .max_positional = SIZE_MAX,
    .main = replace_main,
};
