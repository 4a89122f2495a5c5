/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * check_trace FILE: whether a trace of tessera run is JSON in the form its readers take, with
 * slices in the order of time and, on each track, within each other. Prints "N slices of M tracks".
 */
#include "tessera/base.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_TRACKS = 1000,
    MAX_DEPTH = 16
};

typedef struct track {
    uint64_t pid, tid, ends[MAX_DEPTH];
    unsigned depth;
} track;

typedef struct checker {
    track tracks[MAX_TRACKS];
    size_t n_tracks, n_slices;
} checker;

static void die(const char *what, const ts_json *node) {
    fprintf(stderr, "check_trace: %s, ts %s, pid %s, tid %s\n", what, ts_json_text(node, "ts", "?"),
            ts_json_text(node, "pid", "?"), ts_json_text(node, "tid", "?"));
    exit(1);
}

static uint64_t number(const ts_json *node, const char *key) {
    uint64_t value = 0;
    if (!ts_parse_u64(ts_json_text(node, key, ""), &value)) die(key, node);
    return value;
}

static track *track_of(checker *c, const ts_json *node) {
    uint64_t pid = number(node, "pid"), tid = number(node, "tid");
    for (size_t i = 0; i < c->n_tracks; i++)
        if (c->tracks[i].pid == pid && c->tracks[i].tid == tid) return &c->tracks[i];
    if (c->n_tracks == MAX_TRACKS) die("too many tracks", node);
    c->tracks[c->n_tracks] = (track){.pid = pid, .tid = tid};
    return &c->tracks[c->n_tracks++];
}

static void check_slice(checker *c, const ts_json *node) {
    uint64_t from = number(node, "ts"), to = from + number(node, "dur");
    track *t = track_of(c, node);
    while (t->depth && t->ends[t->depth - 1] <= from)
        t->depth--;
    if (t->depth && to > t->ends[t->depth - 1]) die("a slice reaches beyond the outer one", node);
    if (t->depth == MAX_DEPTH) die("too deep", node);
    t->ends[t->depth++] = to;
    c->n_slices++;
}

int main(int argc, char **argv) {
    static checker c;
    ts_arena arena;
    ts_diag diag = {0};
    ts_span text;
    ts_json *root;
    uint64_t last = 0;
    ts_arena_init(&arena, 0);
    if (argc != 2 || ts_file_read(&arena, argv[1], 0, &text, &diag) != TS_OK ||
        ts_json_parse(&arena, text, argv[1], &root, &diag) != TS_OK) {
        fprintf(stderr, "check_trace: %s\n", argc == 2 ? diag.message : "one file");
        return 1;
    }
    const ts_json *events = ts_json_get(root, "traceEvents");
    for (const ts_json *e = events ? events->first : NULL; e; e = e->next) {
        const char *phase = ts_json_text(e, "ph", "");
        if (strcmp(phase, "M") == 0) continue;
        if (number(e, "ts") < last) die("back in time", e);
        last = number(e, "ts");
        if (strcmp(phase, "X") == 0) check_slice(&c, e);
    }
    printf("%zu slices of %zu tracks\n", c.n_slices, c.n_tracks);
    ts_arena_free(&arena);
    return 0;
}
