/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The face of XRT's xclbinutil: its options, its order of operations, its messages. Options may
 * take several values ("--add-section A B"), be written "--name=value", and be cut short while that
 * is unambiguous. Options of parts that Tessera does not have are recognised and answered.
 *
 * src: Xilinx/XRT: src/runtime_src/tools/xclbinutil/XclBinUtilMain.cxx [code]
 */
#include "xclbin_edit.h"

#include <string.h>

typedef enum option_id {
    ADD_KERNEL,
    ADD_MERGE_SECTION,
    ADD_REPLACE_SECTION,
    ADD_SECTION,
    DUMP_SECTION,
    FILE_CHECK,
    FORCE,
    HELP,
    INFO,
    INPUT,
    KEY_VALUE,
    LIST_SECTIONS,
    OUTPUT,
    QUIET,
    REMOVE_KEY,
    REMOVE_SECTION,
    REPLACE_SECTION,
    RESET_BANK_GROUPING,
    SKIP_BANK_GROUPING,
    SKIP_UUID_INSERTION,
    TARGET,
    TIME,
    TRACE,
    VERBOSE,
    VERSION,
    N_IDS,
    NOT_HERE = N_IDS,
} option_id;

typedef enum arity {
    SWITCH,
    ONE,
    MANY,
    MAYBE, /* a value if one follows */
} arity;

static const struct option_row {
    const char *name;
    char letter;
    arity arity;
    option_id id;
    const char *help; /* or why it is not here */
} options[] = {
    {"add-kernel", 0, MANY, ADD_KERNEL, "add the kernels of a JSON file"},
    {"add-merge-section", 0, MANY, ADD_MERGE_SECTION, "add or merge SECTION:JSON:FILE"},
    {"add-replace-section", 0, MANY, ADD_REPLACE_SECTION, "add or replace SECTION:FORMAT:FILE"},
    {"add-section", 0, MANY, ADD_SECTION,
     "add SECTION:FORMAT:FILE; without SECTION, all of a JSON"},
    {"dump-section", 0, MANY, DUMP_SECTION, "write SECTION:FORMAT:FILE"},
    {"file-check", 0, SWITCH, FILE_CHECK, "does it have what file(1) needs to describe it?"},
    {"force", 0, SWITCH, FORCE, "replace existing output files"},
    {"help", 'h', SWITCH, HELP, "show this help"},
    {"info", 0, MAYBE, INFO, "report the content, to the terminal or to a file"},
    {"input", 'i', ONE, INPUT, "container to read"},
    {"key-value", 0, MANY, KEY_VALUE, "set [USER|SYS]:KEY:VALUE"},
    {"list-sections", 0, SWITCH, LIST_SECTIONS, "list all section names (on its own)"},
    {"output", 'o', ONE, OUTPUT, "container to write"},
    {"quiet", 'q', SWITCH, QUIET, "print errors only"},
    {"remove-key", 0, MANY, REMOVE_KEY, "remove a USER key"},
    {"remove-section", 0, MANY, REMOVE_SECTION, "remove SECTION or SECTION[INDEX]"},
    {"replace-section", 0, MANY, REPLACE_SECTION, "replace SECTION:FORMAT:FILE"},
    {"reset-bank-grouping", 0, SWITCH, RESET_BANK_GROUPING, "derive the group sections anew"},
    {"skip-bank-grouping", 0, SWITCH, SKIP_BANK_GROUPING, "do not derive the group sections"},
    {"skip-uuid-insertion", 0, SWITCH, SKIP_UUID_INSERTION, "keep the UUID"},
    {"target", 0, ONE, TARGET, "hw, hw_emu or sw_emu: sets the mode"},
    {"time", 0, ONE, TIME, "Tessera: time stamp in seconds since 1970 (default: none)"},
    {"trace", 't', SWITCH, TRACE, "accepted; there is no trace"},
    {"verbose", 'v', SWITCH, VERBOSE, "with --info: all metadata too"},
    {"version", 0, SWITCH, VERSION, "show the version"},
    {"add-pskernel", 0, MANY, NOT_HERE, "software kernels for Arm processors are not NPU kernels"},
    {"add-signature", 0, ONE, NOT_HERE, "signing is left to XRT's tool"},
    {"append-section", 0, MANY, NOT_HERE, "use --add-merge-section"},
    {"certificate", 0, ONE, NOT_HERE, "signing is left to XRT's tool"},
    {"digest-algorithm", 0, ONE, NOT_HERE, "signing is left to XRT's tool"},
    {"dump-signature", 0, ONE, NOT_HERE, "signing is left to XRT's tool"},
    {"get-signature", 0, SWITCH, NOT_HERE, "signing is left to XRT's tool"},
    {"migrate-forward", 0, SWITCH, NOT_HERE, "containers older than 2018.3 are not migrated"},
    {"private-key", 0, ONE, NOT_HERE, "signing is left to XRT's tool"},
    {"remove-signature", 0, SWITCH, NOT_HERE, "signing is left to XRT's tool"},
    {"signature-debug", 0, SWITCH, NOT_HERE, "signing is left to XRT's tool"},
    {"transform-pdi", 0, SWITCH, NOT_HERE, "PDIs are packed as they are"},
    {"validate-signature", 0, SWITCH, NOT_HERE, "signing is left to XRT's tool"},
};

enum {
    N_OPTIONS = sizeof options / sizeof options[0]
};

/* All values given to an option, in order. */
typedef struct values {
    const char **items;
    size_t n;
} values;

typedef struct request {
    ts_arena *arena;
    const char *program;
    values given[N_IDS];
    bool has[N_IDS];
} request;

static bool has(const request *r, option_id id) {
    return r->has[id];
}

static const char *last_value(const request *r, option_id id) {
    return r->given[id].n ? r->given[id].items[r->given[id].n - 1] : NULL;
}

static void print_help(const char *program) {
    printf(
        "usage: %s OPTIONS\n\nWork on XCLBIN containers with the options of XRT's xclbinutil.\n\n",
        program);
    for (int i = 0; i < N_OPTIONS; i++)
        if (options[i].id != NOT_HERE)
            printf("  %c%c%c --%-20s %s\n", options[i].letter ? '-' : ' ',
                   options[i].letter ? options[i].letter : ' ', options[i].letter ? ',' : ' ',
                   options[i].name, options[i].help);
    printf(
        "\nSECTION:FORMAT:FILE is for example AIE_PARTITION:JSON:partition.json; formats are RAW,\n"
        "JSON and HTML.\n\nexample:\n"
        "  %s --add-kernel kernels.json --add-replace-section MEM_TOPOLOGY:JSON:memory.json \\\n"
        "    --add-replace-section AIE_PARTITION:JSON:partition.json --output design.xclbin\n",
        program);
}

/* An exact name, or the only one that begins so. */
static const struct option_row *find_long(const char *name, size_t length) {
    const struct option_row *found = NULL;
    for (int i = 0; i < N_OPTIONS; i++) {
        if (strncmp(options[i].name, name, length) != 0) continue;
        if (!options[i].name[length]) return &options[i];
        if (found) return NULL;
        found = &options[i];
    }
    return length ? found : NULL;
}

static const struct option_row *find_letter(char letter) {
    for (int i = 0; i < N_OPTIONS; i++)
        if (options[i].letter == letter) return &options[i];
    return NULL;
}

static int unknown_option(const request *r, const char *word) {
    const char *names[N_OPTIONS];
    for (int i = 0; i < N_OPTIONS; i++)
        names[i] = options[i].name;
    const char *near = ts_nearest_word(word + 1 + (word[1] == '-'), names, N_OPTIONS);
    return cli_usage(r->program, "unrecognised or ambiguous option '%s'%s%s%s", word,
                     near ? "; did you mean '--" : "", near ? near : "", near ? "'?" : "");
}

static bool add_value(request *r, option_id id, const char *value) {
    values *v = &r->given[id];
    const char **grown =
        ts_arena_grow(r->arena, v->items, v->n * sizeof *grown, (v->n + 1) * sizeof *grown);
    if (!grown) return false;
    v->items = grown;
    v->items[v->n++] = value;
    return true;
}

static bool is_option(const char *word) {
    return word[0] == '-' && word[1];
}

/* The option at argv[*at] with its values. */
static int take_option(request *r, int argc, char **argv, int *at) {
    const char *word = argv[*at], *value = NULL;
    bool is_long = word[1] == '-';
    size_t length = is_long ? strcspn(word + 2, "=") : 1;
    const struct option_row *row = is_long ? find_long(word + 2, length) : find_letter(word[1]);
    if (!row) return unknown_option(r, word);
    if (is_long && word[2 + length] == '=') value = word + 2 + length + 1;
    if (!is_long && word[2]) value = word + 2;
    if (row->id == NOT_HERE)
        return cli_usage(r->program, "option '--%s' is not available: %s", row->name, row->help);
    if (row->arity == SWITCH && value)
        return cli_usage(r->program, "option '--%s' does not take any arguments", row->name);
    r->has[row->id] = true;
    if (value && !add_value(r, row->id, value)) return CLI_FAILED;
    size_t n_taken = value != NULL;
    size_t limit = row->arity == SWITCH ? 0 : row->arity == MANY ? SIZE_MAX : 1;
    while (n_taken < limit && *at + 1 < argc && !is_option(argv[*at + 1])) {
        if (!add_value(r, row->id, argv[++*at])) return CLI_FAILED;
        n_taken++;
    }
    if (!n_taken && (row->arity == ONE || row->arity == MANY))
        return cli_usage(r->program, "the required argument for option '--%s' is missing",
                         row->name);
    return CLI_DONE;
}

static int parse_request(request *r, int argc, char **argv) {
    for (int i = 0; i < argc; i++) {
        if (!is_option(argv[i]))
            return cli_usage(r->program,
                             "Positional arguments (e.g '%s') are not supported.  Please use "
                             "--input and/or --output if specifying a file.",
                             argv[i]);
        int status = take_option(r, argc, argv, &i);
        if (status != CLI_DONE) return status;
    }
    return CLI_DONE;
}

/* ---- running --------------------------------------------------------------------------------- */

typedef ts_status (*spec_action)(xclbin_session *session, const xclbin_spec *spec, ts_diag *diag);

/* In XRT's order; removal takes a plain section name. */
static const struct {
    option_id id;
    spec_action action;
} edits[] = {
    {REMOVE_SECTION, xclbin_remove},   {ADD_REPLACE_SECTION, xclbin_add_or_replace},
    {REPLACE_SECTION, xclbin_replace}, {ADD_SECTION, xclbin_add},
    {ADD_MERGE_SECTION, xclbin_merge},
};

static ts_status apply(request *r, xclbin_session *session, option_id id, spec_action action,
                       ts_diag *diag) {
    for (size_t i = 0; i < r->given[id].n; i++) {
        xclbin_spec spec = {0};
        const char *text = r->given[id].items[i];
        if (id == REMOVE_SECTION)
            TS_TRY(xclbin_parse_section_name(r->arena, text, &spec, diag));
        else
            TS_TRY(xclbin_spec_parse(r->arena, text, &spec, diag));
        TS_TRY(action(session, &spec, diag));
    }
    return TS_OK;
}

/* --target and SYS:dfx_enable together choose the mode. */
static ts_status apply_target(request *r, xclbin_session *session, ts_diag *diag) {
    static const struct {
        const char *target, *plain, *dfx;
    } modes[] = {
        {"hw", "flat", "hw_pr"}, {"hw_emu", "hw_emu", "hw_emu_pr"}, {"sw_emu", "sw_emu", NULL}};
    const char *target = last_value(r, TARGET), *mode = NULL;
    bool dfx = false;
    values *keys = &r->given[KEY_VALUE];
    size_t kept = 0;
    for (size_t i = 0; i < keys->n; i++) {
        static const char dfx_key[] = "SYS:dfx_enable:";
        if (!ts_xclbin_is_system_key(keys->items[i], "dfx_enable")) {
            keys->items[kept++] = keys->items[i];
            continue;
        }
        if (!target)
            return ts_fail(diag, TS_CONFLICT, NULL,
                           "The option '--target' needs to be defined when using "
                           "'SYS:dfx_enable'.");
        const char *value = keys->items[i] + sizeof dfx_key - 1;
        dfx = ts_text_equal_nocase(value, "true");
        if (!dfx && !ts_text_equal_nocase(value, "false"))
            return ts_fail(diag, TS_UNKNOWN, NULL,
                           "Unsupported key value for SYS:dfx_enable : '%s'", value);
    }
    keys->n = kept;
    if (!target) return TS_OK;
    for (size_t i = 0; i < kept; i++)
        if (ts_xclbin_is_system_key(keys->items[i], "mode"))
            return ts_fail(diag, TS_CONFLICT, NULL,
                           "The option '--target' and the key 'SYS:mode' are mutually exclusive.");
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++)
        if (strcmp(modes[i].target, target) == 0) mode = dfx ? modes[i].dfx : modes[i].plain;
    if (!mode)
        return ts_fail(diag, TS_UNKNOWN, NULL,
                       "Unknown target option: '%s'%s; expected hw, hw_emu or sw_emu", target,
                       dfx ? " with dfx_enable" : "");
    const char *pair = ts_arena_printf(r->arena, "SYS:mode:%s", mode);
    if (!pair) return ts_fail_nomem(diag);
    return ts_xclbin_set_key(&session->x, pair, diag);
}

static bool has_user_key(const xclbin_session *session, const char *key, size_t length) {
    const ts_xclbin_section *s = ts_xclbin_find(&session->x, TS_XCLBIN_KEYVALUE_METADATA);
    ts_json *tree;
    ts_diag ignored = {0};
    if (!s || ts_xclbin_to_json(session->arena, s, "", "", &tree, NULL, &ignored) != TS_OK)
        return false;
    const ts_json *list = ts_json_path(tree, "keyvalue_metadata.key_values");
    for (const ts_json *pair = list ? list->first : NULL; pair; pair = pair->next) {
        const char *name = ts_json_text(pair, "key", "");
        if (strlen(name) == length && memcmp(name, key, length) == 0) return true;
    }
    return false;
}

/* XRT's word on a USER pair that is about to be set. */
static void say_key(const xclbin_session *session, const char *pair) {
    const char *key = strchr(pair, ':'), *value = key ? strchr(key + 1, ':') : NULL;
    if (!session->say || !value || (pair[0] != 'U' && pair[0] != 'u')) return;
    int length = (int)(value - key - 1);
    if (has_user_key(session, key + 1, (size_t)length))
        printf("Updating key '%.*s' to '%s'\n", length, key + 1, value + 1);
    else
        printf("Creating new key '%.*s' with the value '%s'\n", length, key + 1, value + 1);
}

static ts_status apply_keys(request *r, xclbin_session *session, bool *keep_uuid, ts_diag *diag) {
    TS_TRY(apply_target(r, session, diag));
    for (size_t i = 0; i < r->given[REMOVE_KEY].n; i++) {
        const char *key = r->given[REMOVE_KEY].items[i];
        TS_TRY(ts_xclbin_remove_key(&session->x, key, diag));
        if (session->say) printf("Removing key '%s'\n", key);
    }
    for (size_t i = 0; i < r->given[KEY_VALUE].n; i++) {
        const char *pair = r->given[KEY_VALUE].items[i];
        say_key(session, pair);
        TS_TRY(ts_xclbin_set_key(&session->x, pair, diag));
        *keep_uuid |= ts_xclbin_is_system_key(pair, "XclbinUUID");
    }
    uint64_t time = 0;
    const char *time_text = last_value(r, TIME);
    if (time_text && !ts_parse_u64(time_text, &time))
        return ts_fail(diag, TS_SYNTAX, NULL, "--time is '%s'; expected seconds since 1970",
                       time_text);
    if (time_text) session->x.header.time_stamp = session->x.header.unique_id = time;
    return TS_OK;
}

static ts_status report(request *r, xclbin_session *session, ts_diag *diag) {
    ts_buf out = ts_buf_in(r->arena);
    TS_TRY(xclbin_report(r->arena, &session->x, has(r, VERBOSE), &out, diag));
    const char *file = last_value(r, INFO);
    if (file) return ts_file_write(file, ts_buf_span(&out), diag);
    return cli_print(&out) == CLI_DONE ? TS_OK : ts_fail(diag, TS_IO, NULL, "cannot print");
}

/* src: Xilinx/XRT: src/runtime_src/tools/xclbinutil/XclBinClass.cxx, checkForValidSection [code] */
static ts_status file_check(const xclbin_session *session, ts_diag *diag) {
    const ts_xclbin_header *h = &session->x.header;
    if (!h->platform_vbnv[0] || !session->x.n_sections)
        return ts_fail(diag, TS_MISSING, session->x.file,
                       "The xclbin is missing %s required by the 'file' command to identify its "
                       "file type and display file characteristics.",
                       h->platform_vbnv[0] ? "at least one section" : "platformVBNV information");
    return TS_OK;
}

static ts_status run(request *r, xclbin_session *session, ts_diag *diag) {
    const char *input = last_value(r, INPUT), *output = last_value(r, OUTPUT);
    bool keep_uuid = has(r, SKIP_UUID_INSERTION);
    TS_TRY(xclbin_open(session, input, diag));
    for (size_t i = 0; i < sizeof edits / sizeof edits[0]; i++)
        TS_TRY(apply(r, session, edits[i].id, edits[i].action, diag));
    for (size_t i = 0; i < r->given[ADD_KERNEL].n; i++)
        TS_TRY(xclbin_add_kernels(session, r->given[ADD_KERNEL].items[i], diag));
    bool regroup =
        has(r, RESET_BANK_GROUPING) || (r->given[ADD_KERNEL].n && !has(r, SKIP_BANK_GROUPING));
    TS_TRY(xclbin_finish(session, has(r, SKIP_BANK_GROUPING), regroup, diag));
    TS_TRY(apply_keys(r, session, &keep_uuid, diag));
    TS_TRY(apply(r, session, DUMP_SECTION, xclbin_dump, diag));
    if (output) {
        TS_TRY(xclbin_save(session, output, keep_uuid, diag));
        if (session->say)
            printf("Successfully wrote (%llu bytes) to the output file: %s\n",
                   (unsigned long long)session->x.header.length, output);
    }
    if (has(r, INFO)) TS_TRY(report(r, session, diag));
    return has(r, FILE_CHECK) ? file_check(session, diag) : TS_OK;
}

static void print_message(void *context, const char *message) {
    (void)context;
    printf("%s\n", message);
}

/* A file of this call: what is read, or what is written. */
typedef struct used_file {
    const char *name;
    bool is_output;
} used_file;

/* Every file that the options name. PDIs inside a document are only known later. */
static ts_status collect_files(request *r, used_file **files, size_t *n, ts_diag *diag) {
    static const struct {
        option_id id;
        bool is_spec, is_output;
    } rows[] = {
        {INPUT, false, false},
        {ADD_KERNEL, false, false},
        {ADD_SECTION, true, false},
        {ADD_REPLACE_SECTION, true, false},
        {ADD_MERGE_SECTION, true, false},
        {REPLACE_SECTION, true, false},
        {OUTPUT, false, true},
        {INFO, false, true},
        {DUMP_SECTION, true, true},
    };
    size_t capacity = 0;
    for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++)
        capacity += r->given[rows[k].id].n;
    *n = 0;
    *files = TS_ARENA_ARRAY(r->arena, used_file, capacity);
    if (!*files) return ts_fail_nomem(diag);
    for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++)
        for (size_t i = 0; i < r->given[rows[k].id].n; i++) {
            const char *name = r->given[rows[k].id].items[i];
            xclbin_spec spec;
            if (rows[k].is_spec) TS_TRY(xclbin_spec_parse(r->arena, name, &spec, diag));
            (*files)[(*n)++] = (used_file){rows[k].is_spec ? spec.file : name, rows[k].is_output};
        }
    return TS_OK;
}

/* What is written must not be there yet, unless forced, and never be an input or written twice. */
static int check_files(request *r) {
    used_file *files;
    size_t n;
    ts_diag diag = {0};
    if (collect_files(r, &files, &n, &diag) != TS_OK) return cli_fail(&diag);
    for (size_t i = 0; i < n; i++) {
        if (!files[i].is_output) continue;
        if (cli_check_overwrite(files[i].name, has(r, FORCE)) != CLI_DONE) return CLI_FAILED;
        for (size_t k = 0; k < i; k++)
            if (cli_same_file(files[i].name, files[k].name)) {
                fprintf(stderr, "error: %s: this output file is also used for %s\n", files[i].name,
                        files[k].is_output ? "other output" : "input");
                return CLI_FAILED;
            }
    }
    return CLI_DONE;
}

static int list_sections(void) {
    printf("All supported section names supported by this tool:\n");
    for (uint32_t i = 0; i < TS_XCLBIN_N_KINDS; i++)
        printf("  %s\n", ts_xclbin_kind_about(i)->name);
    return CLI_DONE;
}

static int run_request(request *r, int argc) {
    bool quiet = has(r, QUIET);
    if (has(r, HELP) || argc == 0) {
        print_help(r->program);
        return CLI_DONE;
    }
    if (has(r, VERSION)) {
        printf("tessera xclbinutil %s\n", TS_VERSION);
        return CLI_DONE;
    }
    if (has(r, LIST_SECTIONS) && argc > 1)
        return cli_usage(r->program, "The '--list-sections' argument is a stand alone option.  No "
                                     "other options can be specified with it.");
    if (has(r, LIST_SECTIONS)) return list_sections();
    int status = check_files(r);
    if (status != CLI_DONE) return status;
    if (!quiet && !has(r, OUTPUT))
        printf(
            "%s\nWarning: The option '--output' has not been specified. All operations will\n"
            "         be done in memory with the exception of the '--dump-section' command.\n%s\n",
            "------------------------------------------------------------------------------",
            "------------------------------------------------------------------------------");
    if (!quiet && has(r, INPUT))
        printf("Reading xclbin file into memory.  File: %s\n", last_value(r, INPUT));
    else if (!quiet)
        printf("Creating a default 'in-memory' xclbin image.\n");
    xclbin_session session = {
        .arena = r->arena, .output = last_value(r, OUTPUT), .say = quiet ? NULL : print_message};
    ts_diag diag = {0};
    if (run(r, &session, &diag) != TS_OK) return cli_fail(&diag);
    if (!quiet) printf("Leaving xclbinutil.\n");
    return CLI_DONE;
}

static int xclbinutil_main(int argc, char **argv, const char *name) {
    ts_arena arena;
    ts_arena_init(&arena, 0);
    request r = {.arena = &arena, .program = name};
    int status = parse_request(&r, argc, argv);
    if (status == CLI_DONE) status = run_request(&r, argc);
    ts_arena_free(&arena);
    return status;
}

const cli_command cli_xclbinutil = {
    .name = "xclbinutil",
    .arguments = "OPTIONS",
    .summary = "Work on XCLBIN containers with the options of XRT's xclbinutil",
    .raw_main = xclbinutil_main,
    .applet = "xclbinutil",
};
