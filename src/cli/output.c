/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Results and errors on the terminal: aligned tables, JSON, one error at a time.
 */
#include "cli.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

int cli_fail(const ts_diag *diag) {
    char text[1024];
    ts_diag_format(diag, text, sizeof text);
    fflush(stdout);
    fprintf(stderr, "error: %s\n", text);
    return CLI_FAILED;
}

int cli_fail_in(const char *path, ts_diag *diag) {
    if (!diag->file[0]) snprintf(diag->file, sizeof diag->file, "%s", path);
    return cli_fail(diag);
}

int cli_print(const ts_buf *text) {
    if (text->failed) {
        fprintf(stderr, "error: out of memory\n");
        return CLI_FAILED;
    }
    if (text->size) fwrite(text->data, 1, text->size, stdout);
    if (fflush(stdout) == 0 && !ferror(stdout)) return CLI_DONE;
    fprintf(stderr, "error: cannot write to standard output\n");
    return CLI_FAILED;
}

int cli_print_json(ts_arena *arena, const ts_json *node) {
    ts_buf out = ts_buf_in(arena);
    if (ts_json_write(&out, node, &ts_json_pretty) != TS_OK) out.failed = true;
    return cli_print(&out);
}

int cli_deliver(cli_run *run, const ts_buf *text) {
    ts_diag diag = {0};
    const char *output = cli_value(run, "output");
    if (!output || text->failed) return cli_print(text);
    if (cli_check_overwrite(output, cli_has(run, "force")) != CLI_DONE) return CLI_FAILED;
    ts_status status = ts_file_write(output, ts_buf_span(text), &diag);
    return status == TS_OK ? CLI_DONE : cli_fail(&diag);
}

bool cli_same_file(const char *a, const char *b) {
    struct stat x, y;
    if (strcmp(a, b) == 0) return true;
    return stat(a, &x) == 0 && stat(b, &y) == 0 && S_ISREG(x.st_mode) && x.st_dev == y.st_dev &&
           x.st_ino == y.st_ino;
}

ts_status cli_read_input(ts_arena *arena, const char *path, const char *output, ts_span *out,
                         ts_diag *diag) {
    if (output && cli_same_file(path, output))
        return ts_fail(diag, TS_CONFLICT, path, "is read here and also the output file");
    return ts_file_read(arena, path, 0, out, diag);
}

ts_status cli_read_beside(ts_arena *arena, const char *beside, const char *name, const char *output,
                          ts_span *out, ts_diag *diag) {
    const char *path = ts_path_beside(arena, beside, name);
    return path ? cli_read_input(arena, path, output, out, diag) : ts_fail_nomem(diag);
}

int cli_check_overwrite(const char *path, bool force) {
    struct stat st;
    /* A device or pipe is written to, not replaced. */
    if (force || stat(path, &st) != 0 || !S_ISREG(st.st_mode)) return CLI_DONE;
    fprintf(stderr, "error: %s: exists already; use --force to replace it\n", path);
    return CLI_FAILED;
}

cli_table cli_table_new(ts_arena *arena, const cli_column *columns, size_t n_columns) {
    return (cli_table){.arena = arena, .columns = columns, .n_columns = n_columns};
}

void cli_cell(cli_table *table, const char *format, ...) {
    if (table->failed) return;
    const char **grown =
        ts_arena_room(table->arena, table->cells, table->n_cells, &table->capacity, sizeof *grown);
    if (!grown) {
        table->failed = true;
        return;
    }
    table->cells = grown;
    va_list args;
    va_start(args, format);
    ts_buf text = ts_buf_in(table->arena);
    ts_buf_vprintf(&text, format, args);
    ts_buf_u8(&text, 0);
    va_end(args);
    for (uint8_t *p = text.data; !text.failed && *p; p++)
        if (*p < 0x20 || *p == 0x7f) *p = '?';
    table->failed = text.failed;
    table->cells[table->n_cells++] = text.failed ? "" : (const char *)text.data;
}

/* Columns of text on a terminal: bytes that continue a UTF-8 character take none. */
static size_t shown_width(const char *text) {
    size_t width = 0;
    for (; *text; text++)
        width += ((unsigned char)*text & 0xc0) != 0x80;
    return width;
}

static void write_cell(ts_buf *out, const char *text, size_t width, cli_align align, bool is_last) {
    size_t pad = width - shown_width(text);
    if (align == CLI_RIGHT) ts_buf_printf(out, "%*s", (int)pad, "");
    ts_buf_text(out, text);
    if (align == CLI_LEFT && !is_last) ts_buf_printf(out, "%*s", (int)pad, "");
    if (!is_last) {
        ts_buf_text(out, "  ");
        return;
    }
    while (out->size && out->data[out->size - 1] == ' ')
        out->size--; /* behind an empty last cell */
    ts_buf_u8(out, '\n');
}

void cli_table_write(const cli_table *table, ts_buf *out) {
    size_t n = table->n_columns;
    size_t *width = TS_ARENA_ARRAY(table->arena, size_t, n);
    if (table->failed || !width || !n) {
        out->failed = true;
        return;
    }
    for (size_t i = 0; i < n; i++)
        width[i] = shown_width(table->columns[i].title);
    for (size_t i = 0; i < table->n_cells; i++)
        if (shown_width(table->cells[i]) > width[i % n])
            width[i % n] = shown_width(table->cells[i]);
    for (size_t i = 0; i < n; i++)
        write_cell(out, table->columns[i].title, width[i], table->columns[i].align, i + 1 == n);
    for (size_t i = 0; i < table->n_cells; i++)
        write_cell(out, table->cells[i], width[i % n], table->columns[i % n].align, i % n + 1 == n);
}

ts_json *cli_table_json(const cli_table *table) {
    ts_json *rows = ts_json_new(table->arena, TS_JSON_ARRAY), *row = NULL;
    for (size_t i = 0; rows && i < table->n_cells; i++) {
        const cli_column *column = &table->columns[i % table->n_columns];
        if (i % table->n_columns == 0) row = ts_json_add(table->arena, rows, "", TS_JSON_OBJECT);
        char key[32];
        snprintf(key, sizeof key, "%s", column->title);
        for (char *p = key; *p; p++)
            *p = *p == ' ' ? '_' : (char)tolower((unsigned char)*p);
        uint64_t number;
        bool is_number = column->align == CLI_RIGHT && ts_parse_u64(table->cells[i], &number) &&
                         table->cells[i][1] != 'x';
        ts_json_add_text(table->arena, row, key, is_number ? TS_JSON_NUMBER : TS_JSON_STRING,
                         table->cells[i]);
    }
    return table->failed ? NULL : rows;
}

int cli_show_table(cli_run *run, const cli_table *table, const char *summary) {
    if (cli_has(run, "json")) return cli_print_json(run->arena, cli_table_json(table));
    ts_buf out = ts_buf_in(run->arena);
    if (table->n_cells || table->failed) cli_table_write(table, &out);
    if (summary) ts_buf_text(&out, summary);
    return cli_print(&out);
}

ts_status cli_make_folder(const char *path, ts_diag *diag) {
    if (mkdir(path, 0777) == 0 || errno == EEXIST) return TS_OK;
    return ts_fail(diag, TS_IO, path, "cannot make this folder: %s", strerror(errno));
}
