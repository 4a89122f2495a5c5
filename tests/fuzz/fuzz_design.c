/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * Designs: what parses prints as text that parses to the same tree and prints the same again; the
 * verifier says yes or why not. */
#include "../support/design_equal.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed);

/* ---- changes of whole words ------------------------------------------------------------------ */

static bool is_word_byte(uint8_t c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           c == '.' || c == '%' || c == '@' || c == '^' || c == '#' || c == '!';
}

/* From a random place to the ends of `n_words` words or marks. */
static size_t pick(const uint8_t *data, size_t size, unsigned random, unsigned n_words,
                   size_t *length) {
    size_t from = random % size;
    while (from > 0 && is_word_byte(data[from - 1]) && is_word_byte(data[from]))
        from--;
    size_t end = from;
    for (; n_words && end < size; n_words--) {
        bool is_word = is_word_byte(data[end]);
        end++;
        while (is_word && end < size && is_word_byte(data[end]))
            end++;
    }
    *length = end - from;
    return from;
}

/* Replace the bytes at `at` with others of the same text. */
static size_t splice(uint8_t *data, size_t size, size_t max_size, size_t at, size_t length,
                     size_t from, size_t n) {
    uint8_t copy[512];
    if (n > sizeof copy) n = sizeof copy;
    if (size - length + n > max_size) return size;
    memcpy(copy, data + from, n);
    memmove(data + at + n, data + at + length, size - at - length);
    memcpy(data + at, copy, n);
    return size - length + n;
}

/* For libFuzzer: words and lines of the text itself in other places, so that more of what is tried
 * gets past the parser. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed) {
    size_t length, n;
    if (size < 8 || seed % 8 == 0) return LLVMFuzzerMutate(data, size, max_size);
    unsigned first = seed * 2654435761u, second = first * 2654435761u + 1;
    unsigned n_words = (seed >> 4) % 16 == 0 ? 40 : (seed >> 4) % 4;
    size_t at = pick(data, size, first >> 3, n_words, &length);
    size_t from =
        pick(data, size, second >> 3, (seed >> 8) % 16 == 0 ? 40 : (seed >> 8) % 4 + 1, &n);
    if (seed % 8 == 1) n = 0;
    return splice(data, size, max_size, at, length, from, n);
}

static void print_and_compare(ts_arena *arena, const ts_design *design) {
    ts_diag diag = {0};
    ts_design *again;
    char why[256];
    ts_buf text = ts_buf_in(arena), second = ts_buf_in(arena);
    ts_design_print(design, &text);
    if (text.failed) return;
    ts_status status = ts_design_parse(arena, ts_buf_span(&text), "again.mlir", &again, &diag);
    if (status == TS_NOMEM) return;
    if (status != TS_OK) abort();
    ts_design_print(again, &second);
    if (second.failed) return;
    if (!design_equal(arena, design, again, why, sizeof why)) abort();
    if (!ts_span_equal(ts_buf_span(&text), ts_buf_span(&second))) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    ts_arena arena;
    ts_diag diag = {0};
    ts_design *design;
    ts_arena_init(&arena, 256u << 20);
    ts_span text = {data, size};
    ts_status status = ts_design_parse(&arena, text, "fuzz.mlir", &design, &diag);
    if (status != TS_OK && !diag.message[0]) abort();
    if (status == TS_OK) {
        ts_diag wrong = {0};
        if (ts_design_verify(design, &wrong) != TS_OK && !wrong.message[0]) abort();
        print_and_compare(&arena, design);
    }
    ts_arena_free(&arena);
    return 0;
}
