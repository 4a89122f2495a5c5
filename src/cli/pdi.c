/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * tessera pdi: what an image holds, an image as a folder, and a folder or BIF as an image.
 */
#include "cli.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

static const cli_column partition_columns[] = {
    {"#", CLI_RIGHT},      {"image", CLI_LEFT},     {"image id", CLI_LEFT}, {"id", CLI_LEFT},
    {"type", CLI_LEFT},    {"state", CLI_LEFT},     {"offset", CLI_LEFT},   {"bytes", CLI_RIGHT},
    {"stored", CLI_RIGHT}, {"commands", CLI_RIGHT},
};

ts_status cli_read_pdi(ts_arena *arena, const char *path, ts_pdi *out, ts_diag *diag) {
    ts_span bytes;
    TS_TRY(ts_file_read(arena, path, 0, &bytes, diag));
    return ts_pdi_parse(arena, bytes, path, out, diag);
}

/* "-" for what holds no commands we can read. */
static const char *count_commands(ts_arena *arena, const ts_pdi_partition *partition) {
    ts_cdo cdo;
    ts_diag ignored = {0};
    if (ts_pdi_partition_type(partition) != TS_PDI_TYPE_CDO ||
        ts_pdi_partition_protection(partition) ||
        ts_cdo_parse(arena, ts_pdi_partition_content(partition), NULL, &cdo, &ignored) != TS_OK)
        return "-";
    const char *text = ts_arena_printf(arena, "%zu", cdo.n_commands);
    return text ? text : "-";
}

static void add_partition(cli_table *table, const ts_pdi *pdi, const ts_pdi_image *image,
                          size_t index) {
    const ts_pdi_partition *partition = &pdi->partitions[index];
    const char *state = ts_pdi_partition_protection(partition);
    char name[TS_PDI_NAME_SIZE + 1] = "-";
    if (image) ts_pdi_image_name(image, name);
    cli_cell(table, "%zu", index);
    cli_cell(table, "%s", name);
    cli_cell(table, "0x%" PRIx32, image ? image->word[TS_PDI_IMAGE_ID] : 0);
    cli_cell(table, "0x%" PRIx32, partition->word[TS_PDI_PARTITION_ID]);
    cli_cell(table, "%s", ts_pdi_type_name(ts_pdi_partition_type(partition)));
    cli_cell(table, "%s", state ? state : "plain");
    cli_cell(table, "0x%" PRIx64, (uint64_t)partition->word[TS_PDI_PARTITION_DATA_OFF] * 4);
    cli_cell(table, "%zu", ts_pdi_partition_content(partition).size);
    cli_cell(table, "%zu", partition->data.size);
    cli_cell(table, "%s", count_commands(table->arena, partition));
}

static cli_table partition_table(ts_arena *arena, const ts_pdi *pdi) {
    cli_table table = cli_table_new(arena, partition_columns,
                                    sizeof partition_columns / sizeof *partition_columns);
    for (size_t i = 0; i < pdi->n_partitions; i++) {
        const ts_pdi_image *owner = NULL;
        for (size_t k = 0; k < pdi->n_images && !owner; k++)
            if (i >= pdi->images[k].first_partition &&
                i - pdi->images[k].first_partition < pdi->images[k].n_partitions)
                owner = &pdi->images[k];
        add_partition(&table, pdi, owner, i);
    }
    return table;
}

static int info_json(cli_run *run, const ts_pdi *pdi, cli_table *table) {
    ts_json *root = ts_json_new(run->arena, TS_JSON_OBJECT);
    ts_json_add_string(run->arena, root, "file", run->positional[0]);
    ts_json_add_format(run->arena, root, "version", "0x%08" PRIx32,
                       pdi->table[TS_PDI_TABLE_VERSION]);
    ts_json_add_format(run->arena, root, "id_code", "0x%08" PRIx32,
                       pdi->table[TS_PDI_TABLE_ID_CODE]);
    ts_json_add_format(run->arena, root, "extended_id_code", "0x%" PRIx32,
                       pdi->table[TS_PDI_TABLE_EXTENDED_ID_CODE]);
    ts_json_add_bool(run->arena, root, "encrypted_headers", pdi->table[TS_PDI_TABLE_KEY_SOURCE]);
    ts_json_add_number(run->arena, root, "leading_bytes", pdi->leading.size);
    ts_json_add_number(run->arena, root, "images", pdi->n_images);
    ts_json_add_number(run->arena, root, "gaps", pdi->n_gaps);
    ts_json *rows = cli_table_json(table);
    if (!root || !rows) return cli_print_json(run->arena, NULL);
    rows->key = "partitions";
    ts_json_append(root, rows);
    return cli_print_json(run->arena, root);
}

static int run_info(cli_run *run) {
    ts_diag diag = {0};
    ts_pdi pdi;
    if (cli_read_pdi(run->arena, run->positional[0], &pdi, &diag) != TS_OK) return cli_fail(&diag);
    cli_table table = partition_table(run->arena, &pdi);
    if (cli_has(run, "json")) return info_json(run, &pdi, &table);
    ts_buf out = ts_buf_in(run->arena);
    ts_buf_printf(&out, "version           0x%08" PRIx32 "\n", pdi.table[TS_PDI_TABLE_VERSION]);
    ts_buf_printf(&out, "id code           0x%08" PRIx32 "\n", pdi.table[TS_PDI_TABLE_ID_CODE]);
    ts_buf_printf(&out, "extended id code  0x%" PRIx32 "\n",
                  pdi.table[TS_PDI_TABLE_EXTENDED_ID_CODE]);
    ts_buf_printf(&out, "leading words     %s\n", pdi.leading.size ? "yes" : "no");
    ts_buf_printf(&out, "images            %zu\n", pdi.n_images);
    if (pdi.table[TS_PDI_TABLE_KEY_SOURCE])
        ts_buf_text(&out, "The headers of images and partitions are encrypted.\n");
    for (size_t i = 0; i < pdi.n_gaps; i++)
        ts_buf_printf(&out, "carried           %zu bytes at 0x%" PRIx64 "\n",
                      pdi.gaps[i].bytes.size, pdi.gaps[i].offset);
    if (pdi.n_partitions) {
        ts_buf_u8(&out, '\n');
        cli_table_write(&table, &out);
    }
    return cli_print(&out);
}

static int run_extract(cli_run *run) {
    ts_diag diag = {0};
    ts_pdi pdi;
    ts_pdi_part *parts;
    size_t n_parts;
    const char *folder = cli_required(run, "output");
    if (!folder) return CLI_USAGE;
    if (cli_read_pdi(run->arena, run->positional[0], &pdi, &diag) != TS_OK ||
        ts_pdi_split(run->arena, &pdi, &parts, &n_parts, &diag) != TS_OK)
        return cli_fail(&diag);
    if (cli_make_folder(folder, &diag) != TS_OK) return cli_fail(&diag);
    ts_file_set set;
    ts_file_set_init(&set, run->arena);
    ts_status status = TS_OK;
    for (size_t i = 0; i < n_parts && status == TS_OK; i++) {
        const char *path = ts_arena_printf(run->arena, "%s/%s", folder, parts[i].name);
        if (!path) {
            status = ts_fail_nomem(&diag);
        } else if (cli_check_overwrite(path, cli_has(run, "force")) != CLI_DONE) {
            ts_file_set_abandon(&set);
            return CLI_FAILED;
        } else {
            status = ts_file_set_add(&set, path, parts[i].bytes, &diag);
        }
    }
    if (status == TS_OK) status = ts_file_set_commit(&set, &diag);
    ts_file_set_abandon(&set);
    return status == TS_OK ? CLI_DONE : cli_fail(&diag);
}

static bool ends_with(const char *text, const char *end) {
    size_t n = strlen(text), m = strlen(end);
    return n >= m && strcmp(text + n - m, end) == 0;
}

/* The files of a BIF are read by the library, which knows of no output. */
static ts_status check_inputs(const ts_bif *bif, const char *output, ts_diag *diag) {
    for (size_t i = 0; i < bif->n_images; i++)
        for (size_t k = 0; k < bif->images[i].n_partitions; k++) {
            const ts_bif_partition *partition = &bif->images[i].partitions[k];
            for (size_t f = 0; f < partition->n_files; f++)
                if (cli_same_file(partition->files[f].name, output))
                    return ts_fail(diag, TS_CONFLICT, partition->files[f].name,
                                   "is read here and also the output file");
        }
    return TS_OK;
}

ts_status cli_build_bif(ts_arena *arena, const char *path, const char *output, ts_buf *out,
                        ts_diag *diag) {
    ts_span text;
    ts_bif bif;
    ts_pdi pdi;
    TS_TRY(cli_read_input(arena, path, output, &text, diag));
    TS_TRY(ts_bif_parse(arena, text, path, &bif, diag));
    TS_TRY(check_inputs(&bif, output, diag));
    if (!bif.has_id_code)
        fprintf(stderr, "warning: %s: no id_code; 0x%08" PRIx32 " is used, as bootgen does\n", path,
                bif.id_code);
    TS_TRY(ts_bif_build(arena, &bif, &pdi, diag));
    return ts_pdi_write(&pdi, out, diag);
}

static ts_status pack(cli_run *run, const char *path, const char *output, ts_buf *out,
                      ts_diag *diag) {
    struct stat st;
    ts_pdi pdi;
    if (ends_with(path, ".bif")) return cli_build_bif(run->arena, path, output, out, diag);
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
        path = ts_arena_printf(run->arena, "%s/" TS_PDI_MANIFEST, path);
        if (!path) return ts_fail_nomem(diag);
    }
    if (cli_same_file(path, output))
        return ts_fail(diag, TS_CONFLICT, path, "is read here and also the output file");
    TS_TRY(ts_pdi_join(run->arena, path, &pdi, diag));
    return ts_pdi_write(&pdi, out, diag);
}

static int run_pack(cli_run *run) {
    ts_diag diag = {0};
    ts_buf out = ts_buf_in(run->arena);
    const char *output = cli_required(run, "output");
    if (!output) return CLI_USAGE;
    if (cli_check_overwrite(output, cli_has(run, "force")) != CLI_DONE) return CLI_FAILED;
    if (pack(run, run->positional[0], output, &out, &diag) != TS_OK ||
        ts_file_write(output, ts_buf_span(&out), &diag) != TS_OK)
        return cli_fail_in(run->positional[0], &diag);
    return CLI_DONE;
}

static const cli_option info_options[] = {
    {"json", 0, NULL, "print JSON"},
    {NULL, 0, NULL, NULL},
};

static const cli_option write_options[] = {
    {"output", 'o', "PATH", "where to write"},
    {"force", 'f', NULL, "replace files that are there"},
    {NULL, 0, NULL, NULL},
};

static const cli_command pdi_info = {
    .name = "info",
    .arguments = "FILE",
    .summary = "Print what a PDI holds",
    .details =
        "Every checksum is verified. A partition is \"plain\", or \"encrypted\", \"signed\",\n"
        "\"hashed\" or \"recoded\": such ones are carried, but not made.",
    .example = "tessera pdi info main.pdi",
    .options = info_options,
    .min_positional = 1,
    .max_positional = 1,
    .main = run_info,
};

static const cli_command pdi_extract = {
    .name = "extract",
    .arguments = "FILE -o FOLDER",
    .summary = "Take a PDI apart, into a manifest and one file per partition",
    .example = "tessera pdi extract main.pdi -o main.parts",
    .options = write_options,
    .min_positional = 1,
    .max_positional = 1,
    .main = run_extract,
};

static const cli_command pdi_pack = {
    .name = "pack",
    .arguments = "FOLDER|FILE.bif -o FILE",
    .summary = "Make a PDI from an extracted folder, its manifest, or a BIF",
    .details = "A folder gives the image that it came from, byte for byte. Its CDO files may be\n"
               "replaced; lengths and checksums follow. The file names in a BIF count from the\n"
               "current folder.",
    .example = "tessera pdi pack main.parts -o main.pdi",
    .options = write_options,
    .min_positional = 1,
    .max_positional = 1,
    .main = run_pack,
};

static const cli_command *const subcommands[] = {&pdi_info, &pdi_extract, &pdi_pack, NULL};

const cli_command cli_pdi = {
    .name = "pdi",
    .arguments = "COMMAND ...",
    .summary = "Configuration images: info, extract, pack",
    .example = "tessera pdi info main.pdi",
    .subcommands = subcommands,
};
