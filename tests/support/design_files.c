/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * design_files FILE...: read designs, as mlir-aie's test runner gives them to aie-opt: parts
 * between lines of `// -----` are designs of their own, and NPUDEVICE stands for a device. For each
 * file one line: how many parts parse, print and parse again to the same tree, and pass the
 * verifier; and the first error of each that does not.
 */
#include "design_equal.h"

#include <stdio.h>
#include <stdlib.h>
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
            ts_buf_text(&out, "npu1");
            i += 9;
        } else {
            ts_buf_u8(&out, (uint8_t)text[i++]);
        }
    }
    return ts_buf_span(&out);
}

static bool is_printing, is_verifying;

/* The text that the design prints as reads as the same design, and prints as the same text. */
static void print_again(ts_arena *arena, const char *file, const ts_design *design) {
    ts_diag diag = {0};
    ts_design *again;
    char why[256];
    ts_buf text = ts_buf_in(arena), second = ts_buf_in(arena);
    ts_design_print(design, &text);
    if (is_printing) printf("%.*s", (int)text.size, (const char *)text.data);
    if (ts_design_parse(arena, ts_buf_span(&text), file, &again, &diag) != TS_OK) {
        show("print", &diag);
        return;
    }
    ts_design_print(again, &second);
    if (!design_equal(arena, design, again, why, sizeof why))
        printf("  print: %s: %s\n", file, why);
    else if (!ts_span_equal(ts_buf_span(&text), ts_buf_span(&second)))
        printf("  print: %s: printed twice, the texts differ\n", file);
    else
        n_same++;
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
    if (is_parsed) print_again(&arena, file, design);
    ts_diag wrong = {0};
    bool is_right = is_parsed && ts_design_verify(design, &wrong) == TS_OK;
    n_verified += is_right;
    if (is_parsed && !is_right && is_verifying) show("verify", &wrong);
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
    is_printing = getenv("DESIGN_PRINT") != NULL;
    is_verifying = getenv("DESIGN_VERIFY") != NULL;
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
