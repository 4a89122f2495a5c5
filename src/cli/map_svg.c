/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The picture of `tessera map`: the array with row 0 at the bottom, each tile with a bar of its
 * memory, and the routes. A channel between two tiles has its lane across the gap, so that a route
 * leaves one tile where it enters the next; inside a tile it bends.
 */
#include "map.h"

#include <inttypes.h>

enum {
    TILE = 168,
    GAP = 32,
    MARGIN = 36,
    HEAD = 74,
    FOOT = 62,
    TEXT_X = 12, /* left of the routes: name and memory */
    BAR_Y = 50,
    BAR_W = 13,
    BAR_H = TILE - BAR_Y - 12,
    LANE = 7,         /* between two channels */
    FIRST_OUT = 62,   /* what goes north has its lanes from here on, */
    FIRST_BACK = 118, /* what comes back from here on */
    FIRST_EAST = 34,
    FIRST_WEST = 84,
    BEND = 44,
    N_COLORS = 10,
};

typedef struct point {
    int x, y;
} point;

static const char style[] =
    "<style>\n"
    "  svg { background: #fbfaf8; font-family: system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif; "
    "}\n"
    "  .title { font-size: 21px; font-weight: 600; fill: #22262b; }\n"
    "  .note { font-size: 12px; fill: #6a7078; }\n"
    "  .tile { stroke: #c9ccd1; stroke-width: 1; }\n"
    "  .compute { fill: #eef4fb; } .memory { fill: #f4effa; } .shim { fill: #faf3e6; }\n"
    "  .idle { opacity: 0.45; }\n"
    "  .name { font-size: 15px; font-weight: 600; fill: #3b4149; }\n"
    "  .small { font-size: 10.5px; fill: #6a7078; }\n"
    "  .stack { fill: #e07a5f; } .buffer { fill: #4f83cc; } .data { fill: #5fa777; }\n"
    "  .free { fill: #ffffff; }\n"
    "  .bar { fill: none; stroke: #9aa0a8; stroke-width: 0.8; }\n"
    "  .bank { stroke: #9aa0a8; stroke-width: 0.6; stroke-dasharray: 2 2; }\n"
    "  .route { fill: none; stroke-width: 2.6; stroke-linecap: round; stroke-linejoin: round; }\n"
    "  .packet { stroke-dasharray: 6 4; stroke-width: 2; }\n"
    "  .end { stroke: #fbfaf8; stroke-width: 1.2; }\n"
    "</style>\n";

static const char *const colors[N_COLORS] = {
    "#d1495b", "#2e86ab", "#3a9d6e", "#e09f3e", "#7b5ea7",
    "#17a2a2", "#b5651d", "#5b7fd1", "#c2528b", "#7a8b2d",
};

/* ---- places ---------------------------------------------------------------------------------- */

static point corner_of(const ts_compile_map *map, uint32_t column, uint32_t row) {
    int from_top = map->npu->n_rows - 1 - (int)row;
    return (point){MARGIN + (int)column * (TILE + GAP), HEAD + from_top * (TILE + GAP)};
}

/* Where a port is in its tile, and which way is out. The lane of what goes north or east is the
 * same on both sides of the gap, and so is that of what comes back. */
static point port_point(ts_npu_port port, bool is_out, point *outward) {
    int at = LANE * port.channel;
    *outward = (point){0, 0};
    switch (port.bundle) {
    case TS_NPU_BUNDLE_NORTH:
        *outward = (point){0, -1};
        return (point){(is_out ? FIRST_OUT : FIRST_BACK) + at, 0};
    case TS_NPU_BUNDLE_SOUTH:
        *outward = (point){0, 1};
        return (point){(is_out ? FIRST_BACK : FIRST_OUT) + at, TILE};
    case TS_NPU_BUNDLE_EAST:
        *outward = (point){1, 0};
        return (point){TILE, (is_out ? FIRST_EAST : FIRST_WEST) + at};
    case TS_NPU_BUNDLE_WEST:
        *outward = (point){-1, 0};
        return (point){0, (is_out ? FIRST_WEST : FIRST_EAST) + at};
    case TS_NPU_BUNDLE_DMA:
        return (point){(is_out ? 72 : 94) + 11 * port.channel, is_out ? 78 : 102};
    default: return (point){104 + 11 * port.channel, 58};
    }
}

/* ---- tiles ----------------------------------------------------------------------------------- */

static void escape(ts_buf *out, const char *text) {
    for (; *text; text++) {
        if (*text == '&')
            ts_buf_text(out, "&amp;");
        else if (*text == '<')
            ts_buf_text(out, "&lt;");
        else if (*text == '>')
            ts_buf_text(out, "&gt;");
        else
            ts_buf_u8(out, (unsigned char)*text < 0x20 ? '?' : (uint8_t)*text);
    }
}

static int scaled(uint64_t at, uint64_t size) {
    return (int)(at * BAR_H / size);
}

/* Address 0 is at the bottom. */
static void draw_piece(const ts_compile_piece *p, uint32_t size, ts_buf *out) {
    int low = scaled(p->addr, size), high = scaled((uint64_t)p->addr + p->size, size);
    if (p->use == TS_COMPILE_USE_PROGRAM || p->use == TS_COMPILE_USE_FREE) return;
    if (high == low) high++;
    ts_buf_printf(out, "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"><title>",
                  ts_compile_use_name(p->use), TEXT_X, BAR_Y + BAR_H - high, BAR_W, high - low);
    escape(out, *p->name ? p->name : ts_compile_use_name(p->use));
    ts_buf_printf(out, ": 0x%" PRIx32 ", %" PRIu32 " bytes</title></rect>\n", p->addr, p->size);
}

static void draw_frame(const char *class, ts_buf *out) {
    ts_buf_printf(out, "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>\n", class,
                  TEXT_X, BAR_Y, BAR_W, BAR_H);
}

static void draw_memory(const ts_compile_map *map, uint32_t column, uint32_t row,
                        const map_tile *sum, ts_buf *out) {
    const ts_npu_tile *kind = ts_npu_tile_at(map->npu, column, row);
    uint32_t size = kind->memories[0].size;
    int n_banks = kind->kind == TS_NPU_MEMORY ? 8 : 4;
    draw_frame("free", out);
    for (size_t i = 0; i < map->n_pieces; i++)
        if (map->pieces[i].column == column && map->pieces[i].row == row)
            draw_piece(&map->pieces[i], size, out);
    for (int i = 1; i < n_banks; i++)
        ts_buf_printf(out, "<path class=\"bank\" d=\"M%d %dh%d\"/>\n", TEXT_X,
                      BAR_Y + BAR_H * i / n_banks, BAR_W);
    draw_frame("bar", out);
    uint64_t used = sum->bytes[TS_COMPILE_USE_STACK] + sum->bytes[TS_COMPILE_USE_BUFFER] +
                    sum->bytes[TS_COMPILE_USE_DATA];
    ts_buf_printf(out,
                  "<text class=\"small\" transform=\"translate(%d %d) rotate(-90)\">%" PRIu64
                  ".%" PRIu64 " of %" PRIu32 " KiB</text>\n",
                  TEXT_X + BAR_W + 12, BAR_Y + BAR_H, used / 1024, used % 1024 * 10 / 1024,
                  size / 1024);
    if (sum->bytes[TS_COMPILE_USE_PROGRAM])
        ts_buf_printf(
            out,
            "<text class=\"small\" transform=\"translate(%d %d) rotate(-90)\">program %" PRIu64
            " B</text>\n",
            TEXT_X + BAR_W + 25, BAR_Y + BAR_H, sum->bytes[TS_COMPILE_USE_PROGRAM]);
}

static void draw_tile(const ts_compile_map *map, uint32_t column, uint32_t row, ts_buf *out) {
    const ts_npu_tile *kind = ts_npu_tile_at(map->npu, column, row);
    point at = corner_of(map, column, row);
    map_tile sum;
    map_sum_tile(map, column, row, &sum);
    bool has_memory = sum.bytes[TS_COMPILE_USE_BUFFER] || sum.bytes[TS_COMPILE_USE_STACK];
    bool is_idle = !has_memory && !sum.n_locks && !sum.n_descriptors && !sum.is_crossed;
    ts_buf_printf(out, "<g transform=\"translate(%d %d)\"%s>\n", at.x, at.y,
                  is_idle ? " class=\"idle\"" : "");
    ts_buf_printf(out, "<rect class=\"tile %s\" width=\"%d\" height=\"%d\" rx=\"10\"/>\n",
                  ts_npu_kind_name(kind->kind), TILE, TILE);
    ts_buf_printf(out,
                  "<text class=\"name\" x=\"%d\" y=\"24\">%" PRIu32 ",%" PRIu32
                  "</text><text class=\"small\" x=\"%d\" y=\"38\">%s</text>\n",
                  TEXT_X, column, row, TEXT_X, ts_npu_kind_name(kind->kind));
    if (has_memory) draw_memory(map, column, row, &sum, out);
    ts_buf_text(out, "</g>\n");
}

/* ---- routes ---------------------------------------------------------------------------------- */

static bool same_source(const ts_compile_route *a, const ts_compile_route *b) {
    const ts_compile_hop *x = &a->hops[0], *y = &b->hops[0];
    return x->column == y->column && x->row == y->row && x->in.bundle == y->in.bundle &&
           x->in.channel == y->in.channel;
}

/* The routes of one source to several places have the same color. */
static const char **choose_colors(const ts_compile_map *map, ts_arena *arena) {
    const char **chosen = TS_ARENA_ARRAY(arena, const char *, map->n_routes);
    size_t n = 0;
    for (size_t i = 0; chosen && i < map->n_routes; i++) {
        for (size_t k = 0; k < i && !chosen[i]; k++)
            if (same_source(&map->routes[k], &map->routes[i])) chosen[i] = chosen[k];
        if (!chosen[i]) chosen[i] = colors[n++ % N_COLORS];
    }
    return chosen;
}

static void draw_hop(const ts_compile_map *map, const ts_compile_hop *hop, bool is_first,
                     ts_buf *out) {
    point corner = corner_of(map, hop->column, hop->row), out_in, out_out;
    point in = port_point(hop->in, false, &out_in), to = port_point(hop->out, true, &out_out);
    in = (point){corner.x + in.x, corner.y + in.y};
    to = (point){corner.x + to.x, corner.y + to.y};
    ts_buf_printf(out, "%c%d %d", is_first ? 'M' : 'L', in.x, in.y);
    ts_buf_printf(out, "C%d %d %d %d %d %d", in.x - BEND * out_in.x, in.y - BEND * out_in.y,
                  to.x - BEND * out_out.x, to.y - BEND * out_out.y, to.x, to.y);
}

static void draw_end(const ts_compile_map *map, const ts_compile_hop *hop, bool is_to,
                     const char *color, ts_buf *out) {
    point corner = corner_of(map, hop->column, hop->row), outward;
    point at = port_point(is_to ? hop->out : hop->in, is_to, &outward);
    ts_buf_printf(out, "<circle class=\"end\" cx=\"%d\" cy=\"%d\" r=\"%s\" fill=\"%s\"/>\n",
                  corner.x + at.x, corner.y + at.y, is_to ? "5" : "3.6", color);
}

static void draw_route(const ts_compile_map *map, const ts_compile_route *r, const char *color,
                       ts_buf *out) {
    ts_buf from = ts_buf_in(out->arena), to = ts_buf_in(out->arena);
    map_end_text(r, false, &from);
    map_end_text(r, true, &to);
    if (from.failed || to.failed) {
        out->failed = true;
        return;
    }
    ts_buf_printf(out, "<path class=\"route%s\" stroke=\"%s\" d=\"", r->is_packet ? " packet" : "",
                  color);
    for (size_t i = 0; i < r->n_hops; i++)
        draw_hop(map, &r->hops[i], i == 0, out);
    ts_buf_text(out, "\"><title>");
    ts_buf_printf(out, "%s → %s", (const char *)from.data, (const char *)to.data);
    if (r->is_packet) ts_buf_printf(out, ", packets with id %" PRIu32, r->packet_id);
    ts_buf_text(out, "</title></path>\n");
    draw_end(map, &r->hops[0], false, color, out);
    draw_end(map, &r->hops[r->n_hops - 1], true, color, out);
}

/* ---- the picture ----------------------------------------------------------------------------- */

static void draw_legend(int y, ts_buf *out) {
    static const struct {
        const char *class, *text;
        int width;
    } items[] = {{"stack", "stack", 70}, {"buffer", "buffers", 84}, {"data", "data", 70}};
    int x = MARGIN;
    for (size_t i = 0; i < sizeof items / sizeof items[0]; i++) {
        ts_buf_printf(out,
                      "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"14\" height=\"12\" rx=\"2\"/>"
                      "<text class=\"note\" x=\"%d\" y=\"%d\">%s</text>\n",
                      items[i].class, x, y, x + 20, y + 10, items[i].text);
        x += items[i].width;
    }
    ts_buf_printf(out,
                  "<path class=\"route\" stroke=\"#6a7078\" d=\"M%d %dh30\"/>"
                  "<text class=\"note\" x=\"%d\" y=\"%d\">circuit</text>\n",
                  x, y + 6, x + 38, y + 10);
    x += 100;
    ts_buf_printf(out,
                  "<path class=\"route packet\" stroke=\"#6a7078\" d=\"M%d %dh30\"/>"
                  "<text class=\"note\" x=\"%d\" y=\"%d\">packets</text>\n",
                  x, y + 6, x + 38, y + 10);
}

void map_draw(const ts_compile_map *map, const char *title, ts_buf *out) {
    int width = 2 * MARGIN + map->npu->n_columns * (TILE + GAP) - GAP;
    int height = HEAD + map->npu->n_rows * (TILE + GAP) - GAP + FOOT;
    if (width < 480) width = 480;
    ts_buf_printf(out,
                  "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" "
                  "height=\"%d\">\n",
                  width, height, width, height);
    ts_buf_text(out, style);
    ts_buf_printf(out, "<text class=\"title\" x=\"%d\" y=\"38\">", MARGIN);
    escape(out, title);
    ts_buf_printf(out, "</text>\n<text class=\"note\" x=\"%d\" y=\"57\">%s, %zu routes</text>\n",
                  MARGIN, map->npu->name, map->n_routes);
    for (uint32_t column = 0; column < map->npu->n_columns; column++)
        for (uint32_t row = 0; row < map->npu->n_rows; row++)
            draw_tile(map, column, row, out);
    const char **chosen = choose_colors(map, out->arena);
    for (size_t i = 0; chosen && i < map->n_routes; i++)
        draw_route(map, &map->routes[i], chosen[i], out);
    out->failed |= !chosen;
    draw_legend(height - 34, out);
    ts_buf_text(out, "</svg>\n");
}
