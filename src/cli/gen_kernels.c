/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Usage: gen_kernels OUT.c FILE...
 *
 * Runs on the build machine: makes the sources of kernels const arrays, each known by its folder's
 * and its own name, so that an installed program needs no files beside it.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_BYTES = 1 << 20,
    BYTES_PER_LINE = 20,
};

static const char *last_part(const char *path, const char *end) {
    while (end > path && end[-1] != '/')
        end--;
    return end;
}

static bool write_bytes(FILE *out, const char *path, int number) {
    FILE *in = fopen(path, "rb");
    if (!in) return false;
    fprintf(out, "static const uint8_t bytes_%d[] = {", number);
    int c, n = 0;
    while ((c = fgetc(in)) != EOF && n < MAX_BYTES)
        fprintf(out, "%s%d,", n++ % BYTES_PER_LINE ? "" : "\n", c);
    fprintf(out, "\n0};\n");
    bool is_whole = c == EOF && !ferror(in);
    fclose(in);
    return is_whole;
}

static void write_row(FILE *out, const char *path, int number) {
    const char *name = last_part(path, path + strlen(path));
    const char *folder_end = name > path ? name - 1 : name;
    const char *folder = last_part(path, folder_end);
    fprintf(out, "    {\"%.*s\", \"%s\", {bytes_%d, sizeof bytes_%d - 1}},\n",
            (int)(folder_end - folder), folder, name, number, number);
}

int main(int argc, char **argv) {
    FILE *out = argc > 1 ? fopen(argv[1], "w") : NULL;
    if (!out) {
        fprintf(stderr, "usage: gen_kernels OUT.c FILE...\n");
        return EXIT_FAILURE;
    }
    fprintf(out, "#include \"kernels.h\"\n");
    for (int i = 2; i < argc; i++) {
        if (write_bytes(out, argv[i], i)) continue;
        fprintf(stderr, "gen_kernels: cannot read %s\n", argv[i]);
        return EXIT_FAILURE;
    }
    fprintf(out, "const cli_kernel_file cli_kernel_files[] = {\n");
    for (int i = 2; i < argc; i++)
        write_row(out, argv[i], i);
    fprintf(out, "    {NULL, NULL, {NULL, 0}},\n};\n");
    bool is_good = !ferror(out);
    return fclose(out) == 0 && is_good ? EXIT_SUCCESS : EXIT_FAILURE;
}
