/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The report of `attention verify` as one HTML file that loads nothing: the table, what is wrong,
 * heat maps of reference, result and error, and how often each error occurs.
 */
#include "attention.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum {
    MAX_MAP_ROWS = 512, /* of a heat map */
    HALF_BINS = 20,     /* of the histogram, on each side of 0 */
    MAP_WIDTH = 256,    /* of the picture on the page */
};

/* ---- text ------------------------------------------------------------------------------------ */

static void add_escaped(ts_buf *out, const char *text) {
    for (; *text; text++) {
        switch (*text) {
        case '&': ts_buf_text(out, "&amp;"); break;
        case '<': ts_buf_text(out, "&lt;"); break;
        case '>': ts_buf_text(out, "&gt;"); break;
        case '"': ts_buf_text(out, "&quot;"); break;
        default: ts_buf_u8(out, (uint8_t)*text); break;
        }
    }
}

static void add_element(ts_buf *out, const char *tag, const char *text) {
    ts_buf_printf(out, "<%s>", tag);
    add_escaped(out, text);
    ts_buf_printf(out, "</%.*s>\n", (int)strcspn(tag, " "), tag);
}

static void add_head(const att_verify_job *job, ts_buf *out) {
    ts_buf_text(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
        "<title>tessera attention verify</title>\n<style>\n"
        "body{font:15px/1.45 system-ui,sans-serif;color:#1d2129;background:#fff;margin:2em auto;"
        "max-width:1180px;padding:0 1em}\n"
        "table{border-collapse:collapse;font-variant-numeric:tabular-nums;margin:1em 0}\n"
        "th,td{padding:.25em .7em;border-bottom:1px solid #dde1e7;text-align:right;"
        "white-space:nowrap}\n"
        "th:first-child,td:first-child,td:last-child,th:last-child{text-align:left}\n"
        "tr.bad td{background:#fdecea}\n"
        ".maps{display:flex;flex-wrap:wrap;gap:1.2em}\n"
        "figure{margin:0}figcaption{color:#555;font-size:13px}\n"
        "img{image-rendering:pixelated;border:1px solid #c4c9d1;display:block}\n"
        ".verdict{padding:.6em 1em;border-left:4px solid #2a7f4f;background:#eaf6ef}\n"
        ".verdict.bad{border-color:#c0392b;background:#fdecea}\n"
        ".scroll{overflow-x:auto}\n</style></head><body>\n");
    add_element(out, "h1", "Attention, held against FP32");
    ts_buf_text(out, "<p>Inputs: ");
    add_escaped(out, job->inputs.text);
    ts_buf_printf(out,
                  "; Q %" PRIu32 " by %" PRIu32 ", K and V %" PRIu32 " by %" PRIu32
                  ", scale %.9g, output scale %.9g%s",
                  job->inputs.in.n_queries, job->inputs.in.d, job->inputs.in.n_keys,
                  job->inputs.in.d, job->inputs.scale, job->inputs.output_scale,
                  job->inputs.mask ? ", masked" : "");
    if (job->inputs.key_length < job->inputs.in.n_keys)
        ts_buf_printf(out, ", key length %" PRIu32, job->inputs.key_length);
    ts_buf_printf(out, ".</p>\n<p class=\"verdict%s\">%s</p>\n", job->is_good ? "" : " bad",
                  job->is_good ? "Passed." : "Failed.");
}

static void add_table(const att_verify_job *job, ts_buf *out) {
    cli_table table = att_table(job);
    if (table.failed || !table.n_columns) {
        out->failed = true;
        return;
    }
    ts_buf_text(out, "<div class=\"scroll\"><table><tr>");
    for (size_t i = 0; i < table.n_columns; i++)
        add_element(out, "th", table.columns[i].title);
    ts_buf_text(out, "</tr>\n");
    for (size_t i = 0; i < table.n_cells; i++) {
        size_t column = i % table.n_columns;
        if (column == 0)
            ts_buf_printf(out, "<tr%s>",
                          job->rows[i / table.n_columns].is_good ? "" : " class=\"bad\"");
        add_element(out, "td", table.cells[i]);
        if (column + 1 == table.n_columns) ts_buf_text(out, "</tr>\n");
    }
    ts_buf_text(out,
                "</table></div>\n"
                "<p>Errors are result &minus; FP32, in units of the output. &quot;unlike C&quot; "
                "counts bytes that differ from the plain C program for the same integer "
                "definition; cycles are those of the core from its first lock acquired to "
                "its last released, without waiting.</p>\n");
}

/* ---- heat maps ------------------------------------------------------------------------------- */

static uint8_t mix(int from, int to, double share) {
    return (uint8_t)lround(from + (to - from) * share);
}

/* Blue, white, red for -128 to 127. */
static void make_palette(uint8_t palette[ATT_PALETTE]) {
    static const int cold[3] = {33, 82, 163}, warm[3] = {178, 34, 34};
    for (int i = 0; i < 256; i++) {
        double share = sqrt(fabs((i - 128) / 127.0));
        const int *end = i < 128 ? cold : warm;
        for (int c = 0; c < 3; c++)
            palette[3 * i + c] = mix(255, end[c], fmin(1, share));
    }
}

static uint8_t pixel_of(double value) {
    return (uint8_t)(128 + lround(fmax(-128, fmin(127, value))));
}

typedef double map_value(const att_verify_job *job, const att_row *row, size_t index);

static double reference_at(const att_verify_job *job, const att_row *row, size_t index) {
    (void)row;
    return (double)job->reference[index];
}

static double result_at(const att_verify_job *job, const att_row *row, size_t index) {
    (void)job;
    return row->out[index];
}

static double error_at(const att_verify_job *job, const att_row *row, size_t index) {
    return row->out[index] - (double)job->reference[index];
}

/* The largest magnitude, to be the darkest. */
static double most_of(const att_verify_job *job, const att_row *row, map_value *value, size_t n) {
    double most = 0;
    for (size_t i = 0; i < n; i++)
        most = fmax(most, fabs(value(job, row, i)));
    return most;
}

static void add_map(const att_verify_job *job, const att_row *row, const char *title,
                    map_value *value, double most, ts_buf *out) {
    uint8_t palette[ATT_PALETTE];
    uint32_t width = job->inputs.in.d, height = job->inputs.in.n_queries;
    if (height > MAX_MAP_ROWS) height = MAX_MAP_ROWS;
    uint8_t *pixels = TS_ARENA_ARRAY(job->run->arena, uint8_t, (size_t)width * height);
    if (!pixels) {
        out->failed = true;
        return;
    }
    for (size_t i = 0; i < (size_t)width * height; i++)
        pixels[i] = pixel_of(most > 0 ? value(job, row, i) * 127 / most : 0);
    make_palette(palette);
    uint32_t shown_height = (uint32_t)((uint64_t)MAP_WIDTH * height / width);
    ts_buf_printf(out, "<figure><img width=\"%d\" height=\"%" PRIu32 "\" alt=\"%s\" src=\"data:",
                  MAP_WIDTH, shown_height ? shown_height : 1, title);
    ts_buf_text(out, "image/png;base64,");
    att_png_base64(job->run->arena, pixels, width, height, palette, out);
    ts_buf_printf(out,
                  "\"><figcaption>%s: rows %s0 to %" PRIu32 ", columns 0 to %" PRIu32
                  "; darkest is %.4g (blue below 0, red above)</figcaption></figure>\n",
                  title, height < job->inputs.in.n_queries ? "(the first) " : "", height - 1,
                  width - 1, most);
}

static void add_maps(const att_verify_job *job, const att_row *row, ts_buf *out) {
    size_t n = (size_t)job->inputs.in.n_queries * job->inputs.in.d;
    double most = fmax(most_of(job, row, reference_at, n), most_of(job, row, result_at, n));
    ts_buf_text(out, "<div class=\"maps\">\n");
    add_map(job, row, "reference", reference_at, most, out);
    add_map(job, row, "result", result_at, most, out);
    add_map(job, row, "error", error_at, most_of(job, row, error_at, n), out);
    ts_buf_text(out, "</div>\n");
}

/* ---- the histogram --------------------------------------------------------------------------- */

/* Errors in bins as wide as a nice number that makes them fit. */
static double bin_width(double most) {
    static const double nice[] = {0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10};
    for (size_t i = 0; i < sizeof nice / sizeof *nice; i++)
        if (most <= nice[i] * HALF_BINS) return nice[i];
    return 13; /* 255 / 20, and a little */
}

static void add_histogram(const att_verify_job *job, const att_row *row, ts_buf *out) {
    uint64_t bins[2 * HALF_BINS] = {0}, most = 1;
    size_t n = (size_t)job->inputs.in.n_queries * job->inputs.in.d;
    double width = bin_width(most_of(job, row, error_at, n));
    for (size_t i = 0; i < n; i++) {
        double at = floor(error_at(job, row, i) / width) + HALF_BINS;
        bins[(size_t)fmax(0, fmin(2 * HALF_BINS - 1, at))]++;
    }
    for (int i = 0; i < 2 * HALF_BINS; i++)
        most = bins[i] > most ? bins[i] : most;
    ts_buf_text(out, "<figure><svg width=\"620\" height=\"190\" role=\"img\" "
                     "font-family=\"system-ui,sans-serif\" font-size=\"12\">\n");
    for (int i = 0; i < 2 * HALF_BINS; i++) {
        double height = 140 * log1p((double)bins[i]) / log1p((double)most);
        ts_buf_printf(out,
                      "<rect x=\"%d\" y=\"%.1f\" width=\"13\" height=\"%.1f\" fill=\"%s\">"
                      "<title>%g to %g: %" PRIu64 "</title></rect>\n",
                      10 + 15 * i, 150 - height, height, i < HALF_BINS ? "#2152a3" : "#b22222",
                      (i - HALF_BINS) * width, (i + 1 - HALF_BINS) * width, bins[i]);
    }
    ts_buf_printf(
        out,
        "<line x1=\"10\" x2=\"610\" y1=\"150.5\" y2=\"150.5\" stroke=\"#888\"/>"
        "<text x=\"10\" y=\"168\">%g</text>"
        "<text x=\"310\" y=\"168\" text-anchor=\"middle\">0</text>"
        "<text x=\"610\" y=\"168\" text-anchor=\"end\">%g</text></svg>\n"
        "<figcaption>how often each error occurs, height by logarithm; the highest bar is "
        "%" PRIu64 " values</figcaption></figure>\n",
        -HALF_BINS * width, HALF_BINS * width, most);
}

/* ---- rows ------------------------------------------------------------------------------------ */

static void add_causes(const att_verify_job *job, const att_diagnosis *d, ts_buf *out) {
    ts_arena *arena = job->run->arena;
    ts_buf_text(out, "<table><tr><th>if</th><th>correlation</th><th>MAE</th><th>RMSE</th>"
                     "<th>equal</th></tr>\n");
    for (size_t i = 0; i <= d->n_causes; i++) {
        const att_cause *cause = i ? &d->causes[i - 1] : &d->as_it_is;
        ts_buf_text(out, "<tr>");
        add_element(out, "td", i ? cause->text : "nothing is wrong");
        add_element(out, "td", att_figure(arena, TS_METRIC_CORRELATION, cause->correlation));
        ts_buf_printf(out, "<td>%.4g</td><td>%.4g</td><td>%.4g %%</td></tr>\n", cause->mae,
                      cause->rmse, 100 * cause->equal);
    }
    ts_buf_text(out, "</table>\n");
}

static void add_diagnosis(const att_verify_job *job, const att_row *row, ts_buf *out) {
    const att_diagnosis *d = row->diagnosis;
    ts_buf_text(out, "<ul>\n");
    for (size_t i = 0; i < d->n_lines; i++)
        add_element(out, "li", d->lines[i]);
    ts_buf_text(out, "</ul>\n<p class=\"verdict bad\">Likely: ");
    add_escaped(out, d->verdict);
    ts_buf_printf(out, "</p>\n<p>%zu causes were tried; the nearest:</p>\n", d->n_tried);
    add_causes(job, d, out);
}

static void add_device(const att_row *row, ts_buf *out) {
    const att_result *r = row->device;
    if (r->n_findings) add_element(out, "h3", "What the emulator noticed");
    for (size_t i = 0; i < r->n_findings; i++)
        add_element(out, "p", r->findings[i]);
    if (r->text) add_element(out, "pre", r->text);
}

static void add_row(const att_verify_job *job, const att_row *row, ts_buf *out) {
    add_element(out, "h2", row->variant);
    if (row->why) {
        ts_buf_text(out, "<p class=\"verdict bad\">Failed: ");
        add_escaped(out, row->why);
        ts_buf_text(out, "</p>\n");
    }
    if (row->diagnosis) add_diagnosis(job, row, out);
    if (row->device) add_device(row, out);
    add_maps(job, row, out);
    add_histogram(job, row, out);
}

/* Variants that equal their plain C twin show nothing new. */
static bool is_shown(const att_row *row) {
    if (row->kind == ATT_IDEAL) return false;
    if (row->kind == ATT_HOST) return !row->is_good || strstr(row->variant, "plain");
    return true;
}

void att_write_html(const att_verify_job *job, ts_buf *out) {
    add_head(job, out);
    add_table(job, out);
    for (size_t i = 0; i < job->n_notes; i++)
        add_element(out, "p", job->notes[i]);
    for (size_t i = 0; i < job->n_rows; i++)
        if (is_shown(&job->rows[i])) add_row(job, &job->rows[i], out);
    ts_buf_text(out, "</body></html>\n");
}
