/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * soak_xclbin CHANGES FILE...: every truncation of a small file and 2,000 of a large one, then so
 * many random single-byte changes, all through everything the library does, in at most 64 MiB each.
 */
#include "../support/exercise_xclbin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum {
    BUDGET = 64 << 20,
    SMALL = 65536,
    N_TRUNCATIONS = 2000
};

static uint64_t next_random(uint64_t *state) {
    uint64_t z = *state += 0x9e3779b97f4a7c15ULL;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
    return z ^ z >> 31;
}

typedef struct tally {
    uint64_t n, n_ok;
} tally;

/* The first `size` bytes, that at `at` with the bits of `flip` turned. */
static void run(tally *t, const uint8_t *bytes, size_t size, size_t at, uint8_t flip,
                const ts_xclbin *original) {
    /* An exact-size copy, so that reading past it is seen. */
    uint8_t *copy = malloc(size ? size : 1);
    if (!copy) abort();
    if (size) memcpy(copy, bytes, size);
    if (flip) copy[at] ^= flip;
    t->n++;
    t->n_ok += exercise_xclbin(ts_span_of(copy, size), original, BUDGET) == TS_OK;
    free(copy);
}

static void truncate_all(tally *t, ts_span file, const ts_xclbin *original, uint64_t *random) {
    if (file.size <= SMALL) {
        for (size_t size = 0; size <= file.size; size++)
            run(t, file.data, size, 0, 0, original);
        return;
    }
    for (int i = 0; i < N_TRUNCATIONS; i++) {
        /* A third of them in the headers, where the structure is. */
        size_t limit = i % 3 ? file.size : 4096;
        run(t, file.data, next_random(random) % limit, 0, 0, original);
    }
}

static void change_bytes(tally *t, ts_span file, const ts_xclbin *original, uint64_t changes,
                         uint64_t *random) {
    for (uint64_t i = 0; i < changes; i++) {
        size_t limit = i % 2 ? file.size : (file.size < 16384 ? file.size : 16384);
        size_t at = next_random(random) % limit;
        run(t, file.data, file.size, at, (uint8_t)(1 + next_random(random) % 255), original);
    }
}

int main(int argc, char **argv) {
    uint64_t changes, random = 1;
    if (argc < 3 || !ts_parse_u64(argv[1], &changes)) {
        fprintf(stderr, "usage: soak_xclbin CHANGES FILE...\n");
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0); /* a line per file, as it is done */
    for (int i = 2; i < argc; i++) {
        ts_arena arena;
        ts_diag diag = {0};
        ts_span file;
        ts_xclbin original;
        tally truncated = {0}, changed = {0};
        ts_arena_init(&arena, 0);
        if (ts_file_read(&arena, argv[i], 0, &file, &diag) != TS_OK ||
            ts_xclbin_read(&arena, file, argv[i], &original, &diag) != TS_OK) {
            fprintf(stderr, "%s: %s\n", diag.file, diag.message);
            return 1;
        }
        truncate_all(&truncated, file, &original, &random);
        change_bytes(&changed, file, &original, changes, &random);
        struct rusage usage;
        getrusage(RUSAGE_SELF, &usage);
        printf("%s: %zu bytes, %llu truncations (%llu still read), %llu changes (%llu still read), "
               "peak %ld MiB\n",
               argv[i], file.size, (unsigned long long)truncated.n,
               (unsigned long long)truncated.n_ok, (unsigned long long)changed.n,
               (unsigned long long)changed.n_ok, usage.ru_maxrss / 1024);
        ts_arena_free(&arena);
    }
    return 0;
}
