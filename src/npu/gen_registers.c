/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Usage: gen_registers TABLE.tsv OUT.c PREFIX
 *
 * Runs on the build machine: expands the register table, whose grammar is at its head, into const
 * arrays. Whatever is wrong in the table stops the build with its line: overlapping fields or
 * registers, a name twice, a field beyond the register.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_NAME = 80,
    MAX_COLUMNS = 8,
    MAX_DIMS = 2,
    MAX_FIELDS_OF_REGISTER = 32,
    MAX_FIELDS = 4096,
    MAX_REGISTERS = 4096,
    MAX_REGISTER_WIDTH = 128,
};

typedef struct field {
    char name[MAX_NAME];
    char access[8];
    unsigned lsb, width;
} field;

typedef struct reg {
    char name[MAX_NAME];
    char module[16], tile[16], access[8];
    uint32_t offset, reset;
    unsigned width, line;
    size_t first_field, n_fields;
} reg;

typedef struct table {
    const char *path;
    unsigned line;
    char module[16], tile[16];
    field fields[MAX_FIELDS];
    size_t n_fields;
    reg registers[MAX_REGISTERS];
    size_t n_registers;
    size_t first_of_row; /* registers that the row being read expanded to */
} table;

/* A name with {a..b} in it, and a number column with as many strides. */
typedef struct pattern {
    size_t n_dims;
    unsigned first[MAX_DIMS], last[MAX_DIMS];
    unsigned long stride[MAX_DIMS];
} pattern;

_Noreturn static void fail(const table *t, const char *format, ...) {
    va_list args;
    va_start(args, format);
    fprintf(stderr, "%s:%u: ", t->path, t->line);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    exit(1);
}

static void copy_word(const table *t, char *to, size_t size, const char *from) {
    if (strlen(from) >= size) fail(t, "'%s' is longer than %zu", from, size - 1);
    memcpy(to, from, strlen(from) + 1);
}

static unsigned long number(const table *t, const char *text, char **end) {
    unsigned long value = strtoul(text, end, 0);
    if (*end == text) fail(t, "'%s' is not a number", text);
    return value;
}

static unsigned long whole_number(const table *t, const char *text) {
    char *end = NULL;
    unsigned long value = number(t, text, &end);
    if (*end) fail(t, "'%s' behind a number", end);
    return value;
}

static size_t split(char *line, char **columns) {
    size_t count = 0;
    columns[count++] = line;
    for (char *at = strchr(line, '\t'); at && count < MAX_COLUMNS; at = strchr(at, '\t')) {
        *at++ = '\0';
        columns[count++] = at;
    }
    return count;
}

static void read_pattern(const table *t, const char *name, const char *strides, pattern *p) {
    *p = (pattern){0};
    for (const char *at = strchr(name, '{'); at; at = strchr(at + 1, '{')) {
        if (p->n_dims == MAX_DIMS) fail(t, "more than %d braces in %s", MAX_DIMS, name);
        size_t d = p->n_dims++;
        char close = 0;
        if (sscanf(at, "{%u..%u%c", &p->first[d], &p->last[d], &close) != 3 || close != '}' ||
            p->last[d] <= p->first[d])
            fail(t, "%s: expected {a..b} with a below b", name);
        char *end = NULL;
        if (*strides != '+') fail(t, "%s: no +STRIDE for brace %zu", name, d + 1);
        p->stride[d] = number(t, strides + 1, &end);
        strides = end;
    }
    if (*strides) fail(t, "'%s' behind the number of %s", strides, name);
}

static void expand_name(const table *t, const char *name, const unsigned *numbers, char *out) {
    size_t size = 0, d = 0;
    while (*name && size < MAX_NAME) {
        if (*name == '{') {
            size += (size_t)snprintf(out + size, MAX_NAME - size, "%u", numbers[d++]);
            name = strchr(name, '}') + 1;
        } else {
            out[size++] = *name++;
        }
    }
    if (size >= MAX_NAME) fail(t, "name longer than %d", MAX_NAME - 1);
    out[size] = '\0';
}

/* Steps through a pattern, the last dimension fastest. Starts with all zeros; false at the end. */
static bool next_number(const pattern *p, unsigned *steps) {
    for (size_t d = p->n_dims; d-- > 0;) {
        if (p->first[d] + ++steps[d] <= p->last[d]) return true;
        steps[d] = 0;
    }
    return false;
}

static void at_step(const table *t, const pattern *p, const unsigned *steps, const char *name,
                    char *out, unsigned long *distance) {
    unsigned numbers[MAX_DIMS] = {0};
    *distance = 0;
    for (size_t d = 0; d < p->n_dims; d++) {
        numbers[d] = p->first[d] + steps[d];
        *distance += steps[d] * p->stride[d];
    }
    expand_name(t, name, numbers, out);
}

static void read_register(table *t, char **columns, size_t n_columns) {
    if (n_columns != 5) fail(t, "a register has 5 columns, this row %zu", n_columns);
    if (!*t->module) fail(t, "no module row before the first register");
    char *strides = NULL;
    unsigned long offset = number(t, columns[0], &strides);
    pattern p;
    read_pattern(t, columns[1], strides, &p);
    t->first_of_row = t->n_registers;
    unsigned steps[MAX_DIMS] = {0};
    do {
        if (t->n_registers == MAX_REGISTERS) fail(t, "more than %d registers", MAX_REGISTERS);
        reg *r = &t->registers[t->n_registers++];
        *r = (reg){.first_field = t->n_fields, .line = t->line};
        unsigned long distance = 0;
        at_step(t, &p, steps, columns[1], r->name, &distance);
        r->offset = (uint32_t)(offset + distance);
        r->width = (unsigned)whole_number(t, columns[2]);
        copy_word(t, r->access, sizeof r->access, columns[3]);
        r->reset = (uint32_t)whole_number(t, columns[4]);
        copy_word(t, r->module, sizeof r->module, t->module);
        copy_word(t, r->tile, sizeof r->tile, t->tile);
        if (r->width != 32 && r->width != MAX_REGISTER_WIDTH) fail(t, "width %u", r->width);
    } while (next_number(&p, steps));
}

static void read_fields(table *t, char **columns, size_t n_columns) {
    if (n_columns != 3 && n_columns != 4) fail(t, "a field has 3 or 4 columns");
    if (t->first_of_row == t->n_registers) fail(t, "a field without a register");
    const reg *row = &t->registers[t->first_of_row];
    char *rest = NULL;
    unsigned long high = number(t, columns[1], &rest), low = high;
    if (*rest == ':') low = number(t, rest + 1, &rest);
    if (low > high) fail(t, "bits %s: expected high:low", columns[1]);
    pattern p;
    read_pattern(t, columns[2], rest, &p);
    unsigned steps[MAX_DIMS] = {0};
    do {
        if (t->n_fields == MAX_FIELDS) fail(t, "more than %d fields", MAX_FIELDS);
        field *f = &t->fields[t->n_fields++];
        unsigned long distance = 0;
        at_step(t, &p, steps, columns[2], f->name, &distance);
        f->lsb = (unsigned)(low + distance);
        f->width = (unsigned)(high - low + 1);
        copy_word(t, f->access, sizeof f->access, n_columns == 4 ? columns[3] : row->access);
        if (f->lsb + f->width > row->width) fail(t, "%s ends beyond bit %u", f->name, row->width);
        if (strcmp(f->access, "mixed") == 0) fail(t, "%s needs an access of its own", f->name);
    } while (next_number(&p, steps));
    for (size_t i = t->first_of_row; i < t->n_registers; i++)
        t->registers[i].n_fields = t->n_fields - row->first_field;
}

static void read_row(table *t, char *line) {
    char *columns[MAX_COLUMNS];
    line[strcspn(line, "\n")] = '\0';
    if (!*line || *line == '#') return;
    size_t n_columns = split(line, columns);
    if (strcmp(columns[0], "module") == 0 && n_columns == 3) {
        copy_word(t, t->module, sizeof t->module, columns[1]);
        copy_word(t, t->tile, sizeof t->tile, columns[2]);
        t->first_of_row = t->n_registers;
    } else if (!*columns[0]) {
        read_fields(t, columns, n_columns);
    } else {
        read_register(t, columns, n_columns);
    }
}

/* ---- checks and order ------------------------------------------------------------------------ */

static int by_tile_and_offset(const void *a, const void *b) {
    const reg *x = a, *y = b;
    int tiles = strcmp(x->tile, y->tile);
    return tiles ? tiles : (x->offset > y->offset) - (x->offset < y->offset);
}

static int from_highest_bit(const void *a, const void *b) {
    const field *x = a, *y = b;
    return (x->lsb < y->lsb) - (x->lsb > y->lsb);
}

typedef struct named {
    const reg *is;
} named;

static int by_name_and_module(const void *a, const void *b) {
    const named *x = a, *y = b;
    int names = strcmp(x->is->name, y->is->name);
    return names ? names : strcmp(x->is->module, y->is->module);
}

static void order_fields(table *t) {
    for (size_t i = 0; i < t->n_registers; i++) {
        const reg *r = &t->registers[i];
        field *first = &t->fields[r->first_field];
        t->line = r->line;
        if (!r->n_fields || r->n_fields > MAX_FIELDS_OF_REGISTER)
            fail(t, "%s has %zu fields", r->name, r->n_fields);
        qsort(first, r->n_fields, sizeof *first, from_highest_bit);
        for (size_t k = 1; k < r->n_fields; k++)
            if (first[k].lsb + first[k].width > first[k - 1].lsb)
                fail(t, "%s: %s and %s overlap", r->name, first[k].name, first[k - 1].name);
    }
}

static void order_registers(table *t) {
    qsort(t->registers, t->n_registers, sizeof *t->registers, by_tile_and_offset);
    for (size_t i = 1; i < t->n_registers; i++) {
        const reg *a = &t->registers[i - 1], *b = &t->registers[i];
        t->line = b->line;
        if (strcmp(a->tile, b->tile) == 0 && a->offset + a->width / 8 > b->offset)
            fail(t, "%s and %s overlap", a->name, b->name);
    }
}

/* ---- output ---------------------------------------------------------------------------------- */

static void put_upper(FILE *out, const char *prefix, const char *word) {
    fputs(prefix, out);
    for (; *word; word++)
        fputc(*word >= 'a' && *word <= 'z' ? *word - 'a' + 'A' : *word, out);
}

static void write_fields(FILE *out, const table *t) {
    fprintf(out, "static const ts_npu_field fields[] = {\n");
    for (size_t i = 0; i < t->n_fields; i++) {
        const field *f = &t->fields[i];
        fprintf(out, "    {\"%s\", %u, %u, ", f->name, f->lsb, f->width);
        put_upper(out, "TS_NPU_ACCESS_", f->access);
        fprintf(out, "},\n");
    }
    fprintf(out, "};\n");
}

static void write_registers(FILE *out, const reg *first, size_t count) {
    fprintf(out, "\nstatic const ts_npu_register %s_all[] = {\n", first->tile);
    for (size_t i = 0; i < count; i++) {
        const reg *r = &first[i];
        fprintf(out, "    {\"%s\", &fields[%zu], 0x%" PRIx32 ", 0x%" PRIx32 ", %zu, %u, ", r->name,
                r->first_field, r->offset, r->reset, r->n_fields, r->width);
        put_upper(out, "TS_NPU_MODULE_", r->module);
        put_upper(out, ", TS_NPU_ACCESS_", r->access);
        fprintf(out, "},\n");
    }
    fprintf(out, "};\n");
}

static void write_tile(FILE *out, table *t, const reg *first, size_t count, const char *prefix) {
    static named names[MAX_REGISTERS];
    for (size_t i = 0; i < count; i++)
        names[i].is = &first[i];
    qsort(names, count, sizeof names[0], by_name_and_module);
    write_registers(out, first, count);
    fprintf(out, "\nstatic const uint16_t %s_by_name[] = {\n", first->tile);
    for (size_t i = 0; i < count; i++) {
        t->line = names[i].is->line;
        if (i && by_name_and_module(&names[i - 1], &names[i]) == 0)
            fail(t, "%s.%s is there twice", names[i].is->module, names[i].is->name);
        fprintf(out, "%s%zu,%s", i % 16 ? " " : "    ", (size_t)(names[i].is - first),
                i % 16 == 15 || i + 1 == count ? "\n" : "");
    }
    fprintf(out, "};\n\nconst ts_npu_registers %s_%s_registers = {%s_all, %s_by_name, %zu};\n",
            prefix, first->tile, first->tile, first->tile, count);
}

static void write_all(FILE *out, table *t, const char *prefix) {
    fprintf(out,
            "/* Made by gen_registers from the register table. */\n#include \"npu_int.h\"\n\n");
    write_fields(out, t);
    for (size_t i = 0; i < t->n_registers;) {
        size_t count = 1;
        while (i + count < t->n_registers &&
               strcmp(t->registers[i].tile, t->registers[i + count].tile) == 0)
            count++;
        write_tile(out, t, &t->registers[i], count, prefix);
        i += count;
    }
}

int main(int argc, char **argv) {
    if (argc != 4) {
        fprintf(stderr, "usage: gen_registers TABLE.tsv OUT.c PREFIX\n");
        return 2;
    }
    static table t;
    t.path = argv[1];
    FILE *in = fopen(argv[1], "r");
    if (!in) fail(&t, "cannot be read");
    char line[512];
    while (fgets(line, sizeof line, in)) {
        t.line++;
        if (!strchr(line, '\n')) fail(&t, "longer than %zu, or without an end", sizeof line - 2);
        read_row(&t, line);
    }
    fclose(in);
    order_fields(&t);
    order_registers(&t);
    FILE *out = fopen(argv[2], "w");
    if (!out) fail(&t, "%s cannot be written", argv[2]);
    write_all(out, &t, argv[3]);
    if (fclose(out) != 0) fail(&t, "%s cannot be written", argv[2]);
    return 0;
}
