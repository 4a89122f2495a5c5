/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * tessera bootgen, also called as `bootgen`: the command line of AMD's tool as far as NPU images
 * need it. All of its options are in a table; those not for NPUs are answered with one sentence.
 *
 * src: Xilinx/bootgen: cmdoptions.y, cmdoptions.l [code]
 */
#include "cli.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

typedef struct request {
    const char *path; /* how the program was called, for messages */
    const char *image, *output, *read, *only;
    bool overwrite, help, has_arch;
} request;

typedef enum action {
    TAKE_ARCH,
    TAKE_IMAGE,
    TAKE_OUTPUT,
    TAKE_OVERWRITE,
    TAKE_READ,
    TAKE_LOG,
    TAKE_HELP,
    REFUSE,
} action;

static const struct {
    const char *name;
    action what;
    const char *instead; /* REFUSE: what it is for */
} options[] = {
    {"-arch", TAKE_ARCH, NULL},
    {"-image", TAKE_IMAGE, NULL},
    {"-o", TAKE_OUTPUT, NULL},
    {"-w", TAKE_OVERWRITE, NULL},
    {"-read", TAKE_READ, NULL},
    {"-log", TAKE_LOG, NULL},
    {"-h", TAKE_HELP, NULL},
    {"-help", TAKE_HELP, NULL},
    {"--help", TAKE_HELP, NULL},
    {"-bif_help", REFUSE, "explains attributes of boot images; docs/pdi.md has those for NPUs"},
    {"-dump", REFUSE, "takes images apart; 'tessera pdi extract' does that here"},
    {"-dump_dir", REFUSE, "takes images apart; 'tessera pdi extract' does that here"},
    {"-fill", REFUSE, "fills gaps of flash images; NPU images have none"},
    {"-p", REFUSE, "names a part for key files; NPU images are not encrypted here"},
    {"-packagename", REFUSE, "names a package for key files; NPU images are not encrypted here"},
    {"-encrypt", REFUSE, "encrypts; NPU images are not encrypted here"},
    {"-encryption_dump", REFUSE, "logs encryption; NPU images are not encrypted here"},
    {"-generate_keys", REFUSE, "makes keys; NPU images are not signed or encrypted here"},
    {"-generate_hashes", REFUSE, "hashes for signing; NPU images are not signed here"},
    {"-efuseppkbits", REFUSE, "hashes keys; NPU images are not signed here"},
    {"-spksignature", REFUSE, "signs keys; NPU images are not signed here"},
    {"-noauthblocks", REFUSE, "is about signing; NPU images are not signed here"},
    {"-enable_auth_opt", REFUSE, "is about signing; NPU images are not signed here"},
    {"-authenticatedjtag", REFUSE, "makes debug images for Versal; it has no meaning for NPUs"},
    {"-securedebugimage", REFUSE, "makes debug images for Versal; it has no meaning for NPUs"},
    {"-verify", REFUSE, "checks signatures; 'tessera pdi info' verifies the checksums"},
    {"-verify_kdf", REFUSE, "tests key derivation; NPU images are not encrypted here"},
    {"-split", REFUSE, "splits boot images; it has no meaning for NPUs"},
    {"-process_bitstream", REFUSE, "converts FPGA bitstreams; NPUs have none"},
    {"-dual_qspi_mode", REFUSE, "is about flash chips; NPU images are not in flash"},
    {"-dual_ospi_mode", REFUSE, "is about flash chips; NPU images are not in flash"},
    {"-padimageheader", REFUSE, "pads headers for old devices; it has no meaning for NPUs"},
    {"-nonbooting", REFUSE, "makes unfinished boot images; NPU images do not boot"},
    {"-legacy", REFUSE, "is for old devices; it has no meaning for NPUs"},
    {"-zynqmpes1", REFUSE, "is for early Zynq silicon; it has no meaning for NPUs"},
    {"-overlay_cdo", REFUSE, "changes CDOs on the way; 'tessera cdo list' and 'pack' edit them"},
    {"-out_type", REFUSE, "chooses a flash format; NPU images have one"},
    {"-debug", REFUSE, "was withdrawn by bootgen itself"},
    {"-r", REFUSE, "chooses another architecture; expected -arch versal"},
};

static int refuse(const char *path, const char *format, ...) TS_PRINTF(2, 3);

static int refuse(const char *path, const char *format, ...) {
    va_list args;
    va_start(args, format);
    fprintf(stderr, "%s: ", path);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    return CLI_USAGE;
}

/* ---- the command line ------------------------------------------------------------------------ */

static bool is_one_of(const char *word, const char *const *words) {
    for (; *words; words++)
        if (strcmp(word, *words) == 0) return true;
    return false;
}

/* Take the option at argv[*at] and its words. */
static int take_option(request *r, int argc, char **argv, int *at) {
    static const char *const tables[] = {"bh", "iht", "ih", "pht", "ac", NULL};
    static const char *const levels[] = {"error", "warning", "info", "debug", "trace", NULL};
    static const char *const modes[] = {"on", "off", NULL};
    const char *word = argv[*at], *value = *at + 1 < argc ? argv[*at + 1] : NULL;
    size_t i = 0, n = sizeof options / sizeof *options;
    while (i < n && strcmp(options[i].name, word) != 0)
        i++;
    if (i == n) return cli_usage(r->path, "unknown option '%s'", word);
    action what = options[i].what;
    if (what == REFUSE) return refuse(r->path, "option '%s' %s", word, options[i].instead);
    if (!value && what <= TAKE_LOG && what != TAKE_OVERWRITE)
        return cli_usage(r->path, "option '%s' needs a value", word);
    switch (what) {
    case TAKE_ARCH:
        if (strcmp(value, "versal") != 0)
            return refuse(r->path, "architecture '%s' is not made; expected versal", value);
        r->has_arch = true;
        break;
    case TAKE_IMAGE: r->image = value; break;
    case TAKE_OUTPUT:
        if (strcmp(value, "i") == 0 && *at + 2 < argc) value = argv[++*at + 1];
        if (r->output) return refuse(r->path, "more than one -o; expected one image to write");
        r->output = value;
        break;
    case TAKE_READ:
        r->read = value;
        if (*at + 2 < argc && is_one_of(argv[*at + 2], tables)) r->only = argv[++*at + 1];
        break;
    case TAKE_LOG:
        if (!is_one_of(value, levels)) return cli_usage(r->path, "unknown log level '%s'", value);
        break;
    case TAKE_OVERWRITE:
        r->overwrite = !value || strcmp(value, "off") != 0;
        *at += value && is_one_of(value, modes);
        return CLI_DONE;
    case TAKE_HELP: r->help = true; return CLI_DONE;
    case REFUSE: break;
    }
    ++*at;
    return CLI_DONE;
}

static void print_help(const char *path) {
    printf("usage: %s -arch versal -image FILE.bif -o FILE.pdi [-w [on|off]]\n"
           "       %s -arch versal -read FILE.pdi [iht|ih|pht]\n\n"
           "Make and read NPU configuration images with the command line of AMD's bootgen.\n\n"
           "options:\n"
           "  -arch versal     the only architecture with NPU images\n"
           "  -image FILE      the BIF to make an image of\n"
           "  -o FILE          the image to write\n"
           "  -w [on|off]      replace an image that is there\n"
           "  -read FILE       print the headers of an image, or one kind of them\n"
           "  -log LEVEL       taken, and ignored\n"
           "  -h               show this help\n\n"
           "example:\n"
           "  %s -arch versal -image main_design.bif -o main.pdi -w\n",
           path, path, path);
}

/* ---- reading --------------------------------------------------------------------------------- */

static const cli_column columns[] = {
    {"header", CLI_LEFT}, {"field", CLI_LEFT}, {"at", CLI_LEFT}, {"value", CLI_LEFT}};

/* Checksums were verified while reading, and are not part of the model. */
static void add_fields(cli_table *table, const char *header, const ts_pdi_field *fields,
                       const uint32_t *words) {
    for (const ts_pdi_field *f = fields; f->name; f++) {
        ts_buf value = ts_buf_in(table->arena);
        for (unsigned i = 0; i < f->n_words; i++)
            ts_buf_printf(&value, "%s0x%08" PRIx32, i ? " " : "", words[f->word + i]);
        ts_buf_u8(&value, 0);
        cli_cell(table, "%s", header);
        cli_cell(table, "%s", f->name);
        cli_cell(table, "0x%02x", f->word * 4);
        cli_cell(table, "%s", value.failed ? "?" : (const char *)value.data);
    }
}

static bool wants(const request *r, const char *kind) {
    return !r->only || strcmp(r->only, kind) == 0;
}

static int read_image(const request *r, ts_arena *arena) {
    ts_diag diag = {0};
    ts_pdi pdi;
    if (cli_read_pdi(arena, r->read, &pdi, &diag) != TS_OK) return cli_fail(&diag);
    cli_table table = cli_table_new(arena, columns, sizeof columns / sizeof *columns);
    if (wants(r, "iht")) add_fields(&table, "image header table", ts_pdi_table_fields, pdi.table);
    for (size_t i = 0; wants(r, "ih") && i < pdi.n_images; i++) {
        char name[TS_PDI_NAME_SIZE + 1], header[64];
        ts_pdi_image_name(&pdi.images[i], name);
        snprintf(header, sizeof header, "image %zu (%s)", i, name);
        add_fields(&table, header, ts_pdi_image_fields, pdi.images[i].word);
    }
    for (size_t i = 0; wants(r, "pht") && i < pdi.n_partitions; i++) {
        char header[64];
        snprintf(header, sizeof header, "partition %zu (%s)", i,
                 ts_pdi_type_name(ts_pdi_partition_type(&pdi.partitions[i])));
        add_fields(&table, header, ts_pdi_partition_fields, pdi.partitions[i].word);
    }
    ts_buf out = ts_buf_in(arena);
    if (table.n_cells)
        cli_table_write(&table, &out);
    else
        ts_buf_printf(&out, "no such header in %s\n", r->read);
    return cli_print(&out);
}

/* ---- writing --------------------------------------------------------------------------------- */

static int make_image(const request *r, ts_arena *arena) {
    ts_diag diag = {0};
    ts_buf out = ts_buf_in(arena);
    if (!r->overwrite && access(r->output, F_OK) == 0) {
        (void)ts_fail(&diag, TS_CONFLICT, r->output, "exists already; use -w on to replace it");
        return cli_fail(&diag);
    }
    if (cli_build_bif(arena, r->image, r->output, &out, &diag) != TS_OK ||
        ts_file_write(r->output, ts_buf_span(&out), &diag) != TS_OK)
        return cli_fail_in(r->image, &diag);
    return CLI_DONE;
}

static int run_bootgen(int argc, char **argv, const char *path) {
    request r = {.path = path};
    for (int at = 0; at < argc; at++) {
        int status = take_option(&r, argc, argv, &at);
        if (status != CLI_DONE) return status;
    }
    if (r.help) {
        print_help(path);
        return CLI_DONE;
    }
    if (!r.read && !r.image) return cli_usage(path, "expected -image FILE.bif or -read FILE.pdi");
    if (!r.has_arch) /* bootgen takes another architecture then */
        return cli_usage(path, "expected -arch versal, the architecture of NPU images");
    if (!r.read && !r.output) return cli_usage(path, "option '-o' is required with -image");
    ts_arena arena;
    ts_arena_init(&arena, 0);
    int status = r.image && r.output ? make_image(&r, &arena) : CLI_DONE;
    if (status == CLI_DONE && r.read) status = read_image(&r, &arena);
    ts_arena_free(&arena);
    return status;
}

const cli_command cli_bootgen = {
    .name = "bootgen",
    .arguments = "-arch versal -image FILE.bif -o FILE.pdi [-w]",
    .summary = "Make and read images with the command line of AMD's bootgen",
    .example = "tessera bootgen -arch versal -image main_design.bif -o main.pdi -w",
    .raw_main = run_bootgen,
    .applet = "bootgen",
};
