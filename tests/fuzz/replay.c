/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Drives a fuzz target without libFuzzer: every file of a corpus folder, then a number of seeded
 * mutations of them, so that the run is the same everywhere.
 *
 *   fuzz_NAME ROUNDS FOLDER    or    fuzz_NAME FILE...    to replay single inputs
 *
 * When a sanitizer or abort() stops the program, the input is left in fuzz-failure-NAME.bin.
 */
#include "tessera/base.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

/* What libFuzzer gives to targets that change inputs their own way. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size) {
    (void)data;
    (void)max_size;
    return size;
}

enum {
    MAX_INPUT = 1 << 16
};

/* What a death callback can still reach; a fuzz driver is one process for one target. */
static ts_span current_input;
static char failure_file[300];

static void save_input(void) {
    FILE *file = fopen(failure_file, "wb");
    if (!file) return;
    fwrite(current_input.data, 1, current_input.size, file);
    fclose(file);
    fprintf(stderr, "the input is in %s\n", failure_file);
}

/* A target's own abort(): a broken law. */
static void on_abort(int signal_number) {
    (void)signal_number;
    save_input();
}

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>

static void save_input_on_death(void) {
    __sanitizer_set_death_callback(save_input);
    signal(SIGABRT, on_abort);
}
#else
static void save_input_on_death(void) {
    signal(SIGABRT, on_abort);
}
#endif

/* xorshift64*: any generator will do, as long as it is ours and never changes. */
static uint64_t next_random(uint64_t *state) {
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * 0x2545f4914f6cdd1dULL;
}

/* An exact-size heap copy, so that one byte too far is seen. */
static void run_input(const uint8_t *data, size_t size) {
    uint8_t *copy = malloc(size ? size : 1);
    if (!copy) abort();
    if (size) memcpy(copy, data, size);
    current_input = ts_span_of(copy, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

/* Values that sit at the edges of integer fields. */
static const uint64_t interesting[] = {0,
                                       1,
                                       7,
                                       8,
                                       0x7f,
                                       0x80,
                                       0xff,
                                       0x7fff,
                                       0x8000,
                                       0xffff,
                                       0x7fffffff,
                                       0x80000000,
                                       0xffffffff,
                                       0x7fffffffffffffff,
                                       0x8000000000000000,
                                       0xffffffffffffffff};

static size_t mutate(uint8_t *data, size_t size, uint64_t *random) {
    uint64_t n_edits = 1 + next_random(random) % 4;
    for (uint64_t i = 0; i < n_edits && size; i++) {
        size_t at = next_random(random) % size;
        size_t width = (size_t)1 << next_random(random) % 4;
        uint64_t value;
        switch (next_random(random) % 6) {
        case 0: data[at] ^= (uint8_t)(1u << next_random(random) % 8); break;
        case 1: data[at] = (uint8_t)next_random(random); break;
        case 2: size = at; break;
        case 3:
            value = interesting[next_random(random) % (sizeof interesting / sizeof *interesting)];
            for (size_t b = 0; b < width && at + b < size; b++)
                data[at + b] = (uint8_t)(value >> (8 * b));
            break;
        case 4: /* repeat a piece */
            width = 1 + next_random(random) % 64;
            if (width > size - at) width = size - at;
            if (size + width <= MAX_INPUT) {
                memmove(data + at + width, data + at, size - at);
                size += width;
            }
            break;
        default: /* cut a piece out */
            width = 1 + next_random(random) % 64;
            if (width > size - at) width = size - at;
            memmove(data + at, data + at + width, size - at - width);
            size -= width;
        }
    }
    return size;
}

typedef struct corpus {
    ts_span *inputs;
    size_t n_inputs;
} corpus;

static int by_name(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static corpus read_corpus(ts_arena *arena, const char *folder) {
    corpus all = {0};
    DIR *dir = opendir(folder);
    if (!dir) return all;
    enum {
        MAX_FILES = 4096
    };
    char **names = TS_ARENA_ARRAY(arena, char *, MAX_FILES);
    size_t n = 0;
    for (struct dirent *entry; (entry = readdir(dir)) && n < MAX_FILES;)
        if (entry->d_name[0] != '.')
            names[n++] = ts_arena_printf(arena, "%s/%s", folder, entry->d_name);
    closedir(dir);
    qsort(names, n, sizeof *names, by_name);
    all.inputs = TS_ARENA_ARRAY(arena, ts_span, n);
    for (size_t i = 0; i < n; i++) {
        ts_diag diag = {0};
        if (ts_file_read(arena, names[i], MAX_INPUT, &all.inputs[all.n_inputs], &diag) == TS_OK)
            all.n_inputs++;
    }
    return all;
}

static int replay_files(ts_arena *arena, int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        ts_span input;
        ts_diag diag = {0};
        if (ts_file_read(arena, argv[i], 0, &input, &diag) != TS_OK) {
            fprintf(stderr, "%s: %s\n", diag.file, diag.message);
            return 1;
        }
        run_input(input.data, input.size);
    }
    return 0;
}

int main(int argc, char **argv) {
    ts_arena arena;
    ts_arena_init(&arena, 0);
    snprintf(failure_file, sizeof failure_file, "fuzz-failure-%s.bin", ts_path_base(argv[0]));
    save_input_on_death();
    uint64_t rounds;
    int status = 0;
    if (argc == 3 && ts_parse_u64(argv[1], &rounds)) {
        corpus all = read_corpus(&arena, argv[2]);
        if (!all.n_inputs) {
            fprintf(stderr, "%s: no inputs\n", argv[2]);
            status = 1;
        }
        uint8_t *work = malloc(MAX_INPUT);
        if (!work) abort();
        for (size_t i = 0; i < all.n_inputs; i++)
            run_input(all.inputs[i].data, all.inputs[i].size);
        for (uint64_t round = 0; round < rounds && !status; round++) {
            uint64_t random = 0x9e3779b97f4a7c15ULL * (round + 1);
            ts_span input = all.inputs[next_random(&random) % all.n_inputs];
            if (input.size) memcpy(work, input.data, input.size);
            size_t size = mutate(work, input.size, &random);
            run_input(work, size);
        }
        free(work);
        printf("%zu inputs, %llu mutations\n", all.n_inputs, (unsigned long long)rounds);
    } else {
        status = replay_files(&arena, argc, argv);
    }
    ts_arena_free(&arena);
    return status;
}
