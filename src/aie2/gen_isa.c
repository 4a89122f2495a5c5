/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Usage: gen_isa FOLDER OUT.c
 *
 * Runs on the build machine: turns registers.tsv, formats.tsv, timing.tsv, instructions.tsv and
 * relocations.tsv, whose grammars are at their heads, into const arrays. Whatever is wrong in a
 * table stops the build with its line: an open bit of no operand that is no don't-care cannot be
 * told from one, but a field outside its slot, an unknown register or class, a name twice, a bundle
 * format that is not the only smallest one for its slots can.
 */
#include "hash.h"

#include "tessera/aie2.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_COLUMNS = 8,
    MAX_REGISTERS = 400,
    MAX_CLASSES = 64,
    MAX_CLASS_WIDTH = 9,
    MAX_FORMATS = 96,
    MAX_TIMINGS = 400,
    MAX_TIMING_PORTS = 8,
    MAX_INSTRUCTIONS = 700,
    MAX_IMPLICIT = 8,
    MAX_RELOCATIONS = 64,
    SELECT_BITS = 9, /* of a slot, that lead to its candidates */
    HASH_SIZE = 2048,
    NAMES = 65536,
};

typedef struct reg {
    char *name, *text;
    unsigned bits, bank, index, n_units;
    unsigned units[TS_AIE2_MAX_UNITS];
} reg;

typedef struct reg_class {
    char *name;
    unsigned width;
    unsigned to_register[1 << MAX_CLASS_WIDTH];
    int to_value[MAX_REGISTERS];
} reg_class;

typedef struct timing {
    char *name;
    unsigned n_conditions, operands[2], banks[2];
    unsigned n_ports;
    ts_aie2_port_use ports[MAX_TIMING_PORTS];
    unsigned n_memory, memory[2];
    char *implicit;
    unsigned read_bypass[TS_AIE2_MAX_OPERANDS], write_bypass[TS_AIE2_MAX_OPERANDS];
} timing;

typedef struct operand {
    char *name;
    bool is_register;
    unsigned class, width, n_fields;
    ts_aie2_field fields[2];
    long long min, max, step;
    unsigned read, write;
} operand;

typedef struct instruction {
    char *name, *mnemonic, *timing_class;
    char text[128];
    char pattern[64];
    unsigned slot, flags, n_operands, n_implicit, first_timing, n_timings;
    operand operands[TS_AIE2_MAX_OPERANDS];
    ts_aie2_implicit implicit[MAX_IMPLICIT];
} instruction;

typedef struct relocation {
    unsigned size, n_fields;
    ts_aie2_field fields[2];
} relocation;

typedef struct tables {
    char path[1024];
    unsigned line;
    reg registers[MAX_REGISTERS];
    unsigned n_registers, n_units;
    unsigned unit_registers[256];
    reg_class classes[MAX_CLASSES];
    unsigned n_classes;
    ts_aie2_format formats[MAX_FORMATS];
    unsigned n_formats;
    int by_slots[256];
    timing timings[MAX_TIMINGS];
    unsigned n_timings;
    instruction instructions[MAX_INSTRUCTIONS];
    unsigned n_instructions;
    relocation relocations[MAX_RELOCATIONS];
    unsigned n_relocations;
} tables;

#define X(constant, name, letter, bits) name,
static const char *const slot_names[] = {TS_AIE2_SLOT_LIST(X)};
#undef X
#define X(constant, name, letter, bits) letter,
static const char slot_letters[] = {TS_AIE2_SLOT_LIST(X) '\0'};
#undef X
#define X(constant, name, letter, bits) bits,
static const unsigned slot_bits[] = {TS_AIE2_SLOT_LIST(X)};
#undef X
#define X(name) #name,
static const char *const bank_names[] = {TS_AIE2_BANK_LIST(X)};
static const char *const port_names[] = {TS_AIE2_PORT_LIST(X)};
#undef X

_Noreturn static void fail(const tables *t, const char *format, ...) {
    va_list args;
    va_start(args, format);
    fprintf(stderr, "%s:%u: ", t->path, t->line);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    exit(1);
}

static char *copy(const tables *t, const char *text) {
    size_t size = strlen(text) + 1;
    char *out = malloc(size);
    if (!out) fail(t, "out of memory");
    memcpy(out, text, size);
    return out;
}

static unsigned number(const tables *t, const char *text, char **end) {
    unsigned long value = strtoul(text, end, 10);
    if (*end == text || value > 1u << 20) fail(t, "'%s' is not a small number", text);
    return (unsigned)value;
}

static unsigned whole_number(const tables *t, const char *text) {
    char *end = NULL;
    unsigned value = number(t, text, &end);
    if (*end) fail(t, "'%s' behind a number", end);
    return value;
}

static unsigned index_of(const tables *t, const char *name, size_t length, const char *const *names,
                         unsigned n_names, const char *what) {
    for (unsigned i = 0; i < n_names; i++)
        if (strlen(names[i]) == length && !memcmp(names[i], name, length)) return i;
    fail(t, "no %s '%.*s'", what, (int)length, name);
}

/* The rows of a table, columns divided by `divider`; `#` starts a comment line. */
static void read_table(tables *t, const char *folder, const char *name, char divider,
                       void (*row)(tables *t, char **columns, size_t n_columns)) {
    char line[4096];
    snprintf(t->path, sizeof t->path, "%s/%s", folder, name);
    FILE *file = fopen(t->path, "r");
    t->line = 0;
    if (!file) fail(t, "cannot be opened");
    while (fgets(line, sizeof line, file)) {
        t->line++;
        line[strcspn(line, "\r\n")] = '\0';
        if (!*line || *line == '#') continue;
        char *columns[MAX_COLUMNS] = {0};
        size_t n_columns = 0;
        for (char *at = line; at && n_columns < MAX_COLUMNS;) {
            columns[n_columns++] = at;
            at = strchr(at, divider);
            while (at && *at == divider)
                *at++ = '\0';
        }
        row(t, columns, n_columns);
    }
    fclose(file);
}

/* ---- registers ----------------------------------------------------------------------------------
 */

static unsigned find_register(const tables *t, const char *name, size_t length) {
    for (unsigned i = 1; i < t->n_registers; i++)
        if (strlen(t->registers[i].name) == length && !memcmp(t->registers[i].name, name, length))
            return i;
    fail(t, "no register '%.*s'", (int)length, name);
}

/* "amlh3" is number 3 * 4 + 1 of bank am, "bmh2" number 2 * 2 + 1 of bm. */
static void place_in_bank(const tables *t, reg *r) {
    static unsigned n_unnumbered[TS_AIE2_N_BANKS];
    size_t letters = strcspn(r->name, "0123456789");
    unsigned part = 0, parts = 1;
    const char *bank = r->name;
    size_t length = letters;
    if (!strncmp(bank, "am", 2) && letters == 4) {
        part = (bank[2] == 'h' ? 2u : 0) + (bank[3] == 'h' ? 1u : 0);
        parts = 4;
        length = 2;
    } else if (!strncmp(bank, "bm", 2) && letters == 3) {
        part = bank[2] == 'h';
        parts = 2;
        length = 2;
    } else if (strstr(bank, "_3d")) {
        r->bank = TS_AIE2_BANK_d_3d;
        r->index = (unsigned)(bank[1] - '0');
        return;
    } else if (!strncmp(bank, "cr", 2) || !strncmp(bank, "sr", 2) || !r->name[letters]) {
        bool is_control = !strncmp(bank, "cr", 2), is_status = !strncmp(bank, "sr", 2);
        r->bank = is_control ? TS_AIE2_BANK_cr : is_status ? TS_AIE2_BANK_sr : TS_AIE2_BANK_other;
        r->index = n_unnumbered[r->bank]++;
        return;
    }
    r->bank = index_of(t, bank, length, bank_names, TS_AIE2_N_BANKS, "bank");
    r->index = whole_number(t, r->name + letters) * parts + part;
}

static void add_units(const tables *t, reg *r, const reg *part) {
    for (unsigned i = 0; i < part->n_units; i++) {
        if (r->n_units == TS_AIE2_MAX_UNITS) fail(t, "'%s' has too many parts", r->name);
        r->units[r->n_units++] = part->units[i];
    }
}

static void register_row(tables *t, char **c, size_t n) {
    if (n < 4) fail(t, "a register has 4 or 5 columns");
    if (t->n_registers == MAX_REGISTERS) fail(t, "too many registers");
    reg *r = &t->registers[t->n_registers];
    r->name = copy(t, c[1]);
    r->text = copy(t, n > 4 ? c[4] : c[1]);
    r->bits = whole_number(t, c[2]);
    place_in_bank(t, r);
    for (unsigned i = 1; i < t->n_registers; i++)
        if (!strcmp(t->registers[i].name, r->name)) fail(t, "register '%s' twice", r->name);
    if (!strcmp(c[3], "-")) {
        if (t->n_units == 256) fail(t, "too many undivided registers");
        t->unit_registers[t->n_units] = t->n_registers;
        r->n_units = 1;
        r->units[0] = t->n_units++;
    } else
        for (char *part = strtok(c[3], " "); part; part = strtok(NULL, " "))
            add_units(t, r, &t->registers[find_register(t, part, strlen(part))]);
    t->n_registers++;
}

static unsigned find_class(const tables *t, const char *name, size_t length) {
    for (unsigned i = 0; i < t->n_classes; i++)
        if (strlen(t->classes[i].name) == length && !memcmp(t->classes[i].name, name, length))
            return i;
    fail(t, "no register class '%.*s'", (int)length, name);
}

static void class_value(const tables *t, reg_class *class, unsigned value, unsigned r,
                        bool is_encoded) {
    class->to_register[value] = r;
    if (is_encoded && class->to_value[r] < 0) class->to_value[r] = (int)value;
    if (value >> class->width) fail(t, "more values than %u bits have", class->width);
}

/* "110......=mWm_1[4:0]": all values that fit and no earlier rule took. */
static void class_rule(const tables *t, reg_class *class, const char *rule) {
    const char *equals = strchr(rule, '=');
    if (!equals || (size_t)(equals - rule) != class->width) fail(t, "a rule is BITS=CLASS[FIELD]");
    const char *bracket = strchr(equals, '[');
    size_t length = bracket ? (size_t)(bracket - equals - 1) : strlen(equals + 1);
    unsigned hi = 0, lo = 0;
    if (bracket && sscanf(bracket, "[%u:%u]", &hi, &lo) != 2) fail(t, "a field is [HI:LO]");
    unsigned field = bracket ? ((2u << hi) - 1) & ~((1u << lo) - 1) : 0;
    for (unsigned value = 0; value < 1u << class->width; value++) {
        unsigned open = 0;
        bool fits = true;
        for (unsigned bit = 0; bit < class->width; bit++) {
            char want = rule[class->width - 1 - bit];
            if (want == '.')
                open |= 1u << bit;
            else if ((unsigned)(want - '0') != (value >> bit & 1))
                fits = false;
        }
        if (!fits || class->to_register[value]) continue;
        unsigned r;
        if (bracket)
            r = t->classes[find_class(t, equals + 1, length)].to_register[(value & field) >> lo];
        else
            r = find_register(t, equals + 1, length);
        bool is_plain = !(value & open & ~field);
        if (r) class_value(t, class, value, r, is_plain);
    }
}

static void class_row(tables *t, char **c, size_t n) {
    if (n < 4) fail(t, "a class has 4 columns");
    if (t->n_classes == MAX_CLASSES) fail(t, "too many classes");
    reg_class *class = &t->classes[t->n_classes];
    class->name = copy(t, c[1]);
    class->width = whole_number(t, c[2]);
    if (class->width > MAX_CLASS_WIDTH) fail(t, "a class of %u bits", class->width);
    for (unsigned i = 0; i < MAX_REGISTERS; i++)
        class->to_value[i] = -1;
    unsigned value = 0;
    for (char *item = strtok(c[3], " "); item; item = strtok(NULL, " ")) {
        bool is_other = *item == '~';
        if (strchr(item, '='))
            class_rule(t, class, item);
        else if (!strcmp(item, "-"))
            value++;
        else {
            item += is_other;
            class_value(t, class, value++, find_register(t, item, strlen(item)), !is_other);
        }
    }
    t->n_classes++;
}

static void register_or_class_row(tables *t, char **c, size_t n) {
    if (!strcmp(c[0], "reg"))
        register_row(t, c, n);
    else if (!strcmp(c[0], "class"))
        class_row(t, c, n);
    else
        fail(t, "a row is `reg` or `class`");
}

/* ---- formats ------------------------------------------------------------------------------------
 */

static void format_row(tables *t, char **c, size_t n) {
    if (n != 2) fail(t, "a format has a name and its bits");
    if (t->n_formats == MAX_FORMATS) fail(t, "too many formats");
    ts_aie2_format *f = &t->formats[t->n_formats++];
    size_t bits = strlen(c[1]);
    if (bits % 16 || bits > 128) fail(t, "%zu bits", bits);
    f->name = copy(t, c[0]);
    f->size = (uint8_t)(bits / 8);
    char last = '\0';
    for (size_t i = 0; i < bits; i++) {
        unsigned bit = (unsigned)(bits - 1 - i);
        char at = c[1][i];
        const char *letter = strchr(slot_letters, at);
        if (at == '0' || at == '1') {
            f->mask[bit / 64] |= UINT64_C(1) << bit % 64;
            f->match[bit / 64] |= (uint64_t)(at - '0') << bit % 64;
        } else if (!letter || !at)
            fail(t, "'%c' is no slot", at);
        else {
            unsigned slot = (unsigned)(letter - slot_letters);
            if (at != last) {
                if (f->slot_set & 1u << slot || f->n_slots == TS_AIE2_MAX_OPS)
                    fail(t, "slot %s is in two parts", slot_names[slot]);
                f->slot_set |= (uint8_t)(1u << slot);
                f->slots[f->n_slots++] = (uint8_t)slot;
            }
            f->lsb[f->n_slots - 1] = (uint8_t)bit;
        }
        last = at;
    }
    for (unsigned i = 0; i < f->n_slots; i++) {
        size_t count = 0;
        for (size_t k = 0; k < bits; k++)
            count += c[1][k] == slot_letters[f->slots[i]];
        if (count != slot_bits[f->slots[i]])
            fail(t, "%s has %zu bits", slot_names[f->slots[i]], count);
    }
}

static void choose_formats(tables *t) {
    for (unsigned set = 0; set < 256; set++) {
        int best = -1, n_best = 0;
        for (unsigned i = 0; i < t->n_formats; i++) {
            const ts_aie2_format *f = &t->formats[i];
            /* A nop slot is there only where it is asked for, or alone. */
            unsigned nop = 1u << TS_AIE2_SLOT_NOP;
            if ((set & ~(unsigned)f->slot_set) || (f->slot_set & nop && set & ~nop && !(set & nop)))
                continue;
            if (best >= 0 && f->size > t->formats[best].size) continue;
            n_best = best >= 0 && f->size == t->formats[best].size ? n_best + 1 : 1;
            best = (int)i;
        }
        if (n_best > 1) fail(t, "%d smallest formats for the slots 0x%02x", n_best, set);
        t->by_slots[set] = best;
    }
}

/* ---- timing -------------------------------------------------------------------------------------
 */

static unsigned bank_named(const tables *t, const char *name) {
    return index_of(t, name, strlen(name), bank_names, TS_AIE2_N_BANKS, "bank");
}

static void timing_ports(const tables *t, timing *row, char *text) {
    for (char *item = strtok(text, " "); item; item = strtok(NULL, " ")) {
        if (!strcmp(item, "-")) return;
        if (row->n_ports == MAX_TIMING_PORTS) fail(t, "too many ports");
        ts_aie2_port_use *use = &row->ports[row->n_ports++];
        use->avoids = *item == '?';
        use->is_presumed = *item == '~';
        item += use->avoids || use->is_presumed;
        char *at = strchr(item, '@'), *end = NULL;
        if (!at) fail(t, "a port is NAME@CYCLE");
        use->port =
            (uint8_t)index_of(t, item, (size_t)(at - item), port_names, TS_AIE2_N_PORTS, "port");
        use->first = use->last = (uint8_t)number(t, at + 1, &end);
        if (!strncmp(end, "..", 2)) use->last = (uint8_t)number(t, end + 2, &end);
        if (*end || !use->first || use->last < use->first) fail(t, "'%s' is no cycle", at + 1);
    }
}

static void timing_bypasses(const tables *t, timing *row, char *text) {
    for (char *item = strtok(text, " "); item; item = strtok(NULL, " ")) {
        if (!strcmp(item, "-")) return;
        unsigned which = (unsigned)(item[0] - '0');
        unsigned bypass = item[2] == 'm' ? TS_AIE2_MOVE_BYPASS : TS_AIE2_VECTOR_BYPASS;
        if (which >= TS_AIE2_MAX_OPERANDS || (item[2] != 'm' && item[2] != 'v') || item[3])
            fail(t, "a bypass is N<P or N>P");
        if (item[1] == '<')
            row->read_bypass[which] = bypass;
        else
            row->write_bypass[which] = bypass;
    }
}

static void timing_row(tables *t, char **c, size_t n) {
    if (n != 6) fail(t, "a timing has 6 columns");
    if (t->n_timings == MAX_TIMINGS) fail(t, "too many timings");
    timing *row = &t->timings[t->n_timings++];
    row->name = copy(t, c[0]);
    for (char *item = strtok(c[1], " "); item && strcmp(item, "-") != 0; item = strtok(NULL, " ")) {
        if (row->n_conditions == 2 || item[1] != ':') fail(t, "a condition is N:BANK, at most two");
        row->operands[row->n_conditions] = (unsigned)(item[0] - '0');
        row->banks[row->n_conditions++] = bank_named(t, item + 2);
    }
    timing_ports(t, row, c[2]);
    for (char *item = strtok(c[3], " "); item && strcmp(item, "-") != 0; item = strtok(NULL, " ")) {
        if (row->n_memory == 2) fail(t, "at most two memory cycles");
        row->memory[row->n_memory++] = whole_number(t, item);
    }
    row->implicit = copy(t, c[4]);
    timing_bypasses(t, row, c[5]);
}

/* ---- instructions -------------------------------------------------------------------------------
 */

/* "<1>5" or "" */
static const char *read_access(const tables *t, const char *text, unsigned *read, unsigned *write) {
    while (*text == '<' || *text == '>') {
        char *end = NULL;
        unsigned cycle = number(t, text + 1, &end);
        *(*text == '<' ? read : write) = cycle;
        text = end;
    }
    return text;
}

static void add_implicit(const tables *t, instruction *i, const char *text) {
    size_t length = strcspn(text + 1, "<>?") + 1;
    bool starts_with_access = *text == '<' || *text == '>';
    if (i->n_implicit == MAX_IMPLICIT) fail(t, "too many implicit registers");
    ts_aie2_implicit *out = &i->implicit[i->n_implicit++];
    unsigned read = 0, write = 0;
    if (starts_with_access) { /* timing.tsv: "<crSat@8" */
        const char *at = strchr(text, '@');
        if (!at) fail(t, "'%s' has no cycle", text);
        char *end = NULL;
        *(*text == '<' ? &read : &write) = number(t, at + 1, &end);
        out->reg = (uint16_t)find_register(t, text + 1, (size_t)(at - text - 1));
    } else { /* instructions.tsv: "+SP<1>1" */
        read_access(t, text + length, &read, &write);
        out->reg = (uint16_t)find_register(t, text + 1, length - 1);
    }
    out->read_cycle = (uint8_t)read;
    out->write_cycle = (uint8_t)write;
    /* One entry for what is both read and written. */
    for (unsigned k = 0; k + 1 < i->n_implicit; k++)
        if (i->implicit[k].reg == out->reg) {
            if (read) i->implicit[k].read_cycle = (uint8_t)read;
            if (write) i->implicit[k].write_cycle = (uint8_t)write;
            i->n_implicit--;
            return;
        }
}

/* "[8:3+19:15@6]" or "[-]" */
static const char *read_fields(const tables *t, const char *text, operand *o, unsigned n_bits) {
    if (*text != '[') fail(t, "operand '%s' has no field", o->name);
    if (text[1] == '-') return text + 3;
    unsigned at = 0;
    do {
        unsigned hi = 0, lo = 0;
        int length = 0;
        if (o->n_fields == 2 || sscanf(text + 1, "%u:%u%n", &hi, &lo, &length) != 2 || hi < lo ||
            hi >= n_bits)
            fail(t, "operand '%s': no field of the slot", o->name);
        text += 1 + length;
        if (*text == '@') {
            char *end = NULL;
            at = number(t, text + 1, &end);
            text = end;
        }
        o->fields[o->n_fields++] =
            (ts_aie2_field){(uint8_t)lo, (uint8_t)(hi - lo + 1), (uint8_t)at};
        at += hi - lo + 1;
        o->width += hi - lo + 1;
    } while (*text == '+');
    if (*text != ']') fail(t, "operand '%s': ']' expected", o->name);
    return text + 1;
}

/* "s6*4", "u2", "-12*32" */
static bool read_immediate(const tables *t, const char *kind, operand *o) {
    if (!strchr("us-", *kind) || !isdigit((unsigned char)kind[1])) return false;
    char *end = NULL;
    unsigned bits = number(t, kind + 1, &end);
    o->step = *end == '*' ? number(t, end + 1, &end) : 1;
    long long span = 1LL << bits;
    if (*kind == 'u')
        o->min = 0, o->max = (span - 1) * o->step;
    else if (*kind == 's')
        o->min = -span / 2 * o->step, o->max = (span / 2 - 1) * o->step;
    else
        o->min = -span * o->step, o->max = -o->step;
    o->width = bits;
    return true;
}

static void add_operand(const tables *t, instruction *i, char *text) {
    if (i->n_operands == TS_AIE2_MAX_OPERANDS) fail(t, "too many operands");
    operand *o = &i->operands[i->n_operands++];
    char *equals = strchr(text, '='), *bracket = strchr(text, '[');
    if (!equals || !bracket) fail(t, "an operand is NAME=KIND[BITS]ACCESS");
    *equals = '\0';
    o->name = copy(t, text);
    size_t length = (size_t)(bracket - equals - 1);
    unsigned bits = 0;
    if (read_immediate(t, equals + 1, o))
        bits = o->width;
    else {
        o->is_register = true;
        o->class = find_class(t, equals + 1, length);
        bits = t->classes[o->class].width;
    }
    o->width = 0;
    const char *rest = read_fields(t, bracket, o, slot_bits[i->slot]);
    if (o->width != bits)
        fail(t, "operand '%s' has %u bits in the slot, %u of its own", o->name, o->width, bits);
    rest = read_access(t, rest, &o->read, &o->write);
    if (*rest) fail(t, "'%s' behind operand '%s'", rest, o->name);
}

static unsigned flag_bits(const tables *t, const char *letters) {
    static const char known[] = "LSVJCRO";
    unsigned flags = 0;
    for (; *letters && *letters != '-'; letters++) {
        const char *at = strchr(known, *letters);
        if (!at) fail(t, "no flag '%c'", *letters);
        flags |= 1u << (at - known);
    }
    return flags;
}

/* "$dst, [$ptr]" to "$0, [$1]" */
static void number_operands(const tables *t, instruction *i, const char *text) {
    size_t n = 0;
    while (*text) {
        if (n + 4 > sizeof i->text) fail(t, "text too long");
        i->text[n++] = *text++;
        if (i->text[n - 1] != '$') continue;
        size_t length = 0;
        while (isalnum((unsigned char)text[length]) || text[length] == '_')
            length++;
        unsigned k = 0;
        while (k < i->n_operands && (strlen(i->operands[k].name) != length ||
                                     memcmp(i->operands[k].name, text, length) != 0))
            k++;
        if (k == i->n_operands) fail(t, "no operand '%.*s'", (int)length, text);
        i->text[n++] = (char)('0' + k);
        text += length;
    }
    i->text[n] = '\0';
}

/* ".d8" and its like in the mnemonic. */
static bool has_dynamic_sign(const char *mnemonic) {
    for (const char *at = strstr(mnemonic, ".d"); at; at = strstr(at + 1, ".d"))
        if (isdigit((unsigned char)at[2])) return true;
    return false;
}

static void add_timing(tables *t, instruction *i) {
    for (unsigned k = 0; k < t->n_timings; k++) {
        if (strcmp(t->timings[k].name, i->timing_class) != 0) continue;
        if (!i->n_timings++) i->first_timing = k;
    }
    if (!i->n_timings) fail(t, "no timing class '%s'", i->timing_class);
    char *implicit = copy(t, t->timings[i->first_timing].implicit);
    for (char *item = strtok(implicit, " "); item && strcmp(item, "-") != 0;
         item = strtok(NULL, " "))
        if (!strstr(item, "?d") || has_dynamic_sign(i->mnemonic)) add_implicit(t, i, item);
    free(implicit);
}

static void instruction_row(tables *t, char **c, size_t n) {
    if (n < 6) fail(t, "an instruction has 6 or 7 columns");
    if (t->n_instructions == MAX_INSTRUCTIONS) fail(t, "too many instructions");
    instruction *i = &t->instructions[t->n_instructions];
    i->slot = index_of(t, c[0], strlen(c[0]), slot_names, TS_AIE2_N_SLOTS, "slot");
    if (t->n_instructions && i->slot < t->instructions[t->n_instructions - 1].slot)
        fail(t, "slots are out of order");
    t->n_instructions++;
    i->name = copy(t, c[1]);
    if (strlen(c[2]) != slot_bits[i->slot]) fail(t, "'%s' has %zu bits", i->name, strlen(c[2]));
    memcpy(i->pattern, c[2], slot_bits[i->slot] + 1);
    i->timing_class = copy(t, c[3]);
    i->flags = flag_bits(t, c[4]);
    char *space = strchr(c[5], ' ');
    if (space) *space++ = '\0';
    i->mnemonic = copy(t, c[5]);
    char *operands[TS_AIE2_MAX_OPERANDS + MAX_IMPLICIT];
    size_t n_operands = 0;
    for (char *item = n > 6 ? strtok(c[6], " ") : NULL; item; item = strtok(NULL, " "))
        operands[n_operands++] = item;
    for (size_t k = 0; k < n_operands; k++)
        if (*operands[k] != '+') add_operand(t, i, operands[k]);
    for (size_t k = 0; k < n_operands; k++)
        if (*operands[k] == '+') add_implicit(t, i, operands[k]);
    number_operands(t, i, space ? space : "");
    add_timing(t, i);
}

/* ---- relocations --------------------------------------------------------------------------------
 */

static void relocation_row(tables *t, char **c, size_t n) {
    if (n != 3) fail(t, "a relocation has 3 columns");
    if (whole_number(t, c[0]) != t->n_relocations) fail(t, "%u expected", t->n_relocations);
    if (t->n_relocations == MAX_RELOCATIONS) fail(t, "too many relocations");
    relocation *r = &t->relocations[t->n_relocations++];
    r->size = whole_number(t, c[1]);
    for (char *item = strtok(c[2], " "); item; item = strtok(NULL, " ")) {
        unsigned hi = 0, lo = 0, at = 0;
        if (r->n_fields == 2 || sscanf(item, "%u:%u@%u", &hi, &lo, &at) != 3 || hi < lo ||
            hi >= r->size * 8)
            fail(t, "a field is HI:LO@AT within the bundle");
        r->fields[r->n_fields++] =
            (ts_aie2_field){(uint8_t)lo, (uint8_t)(hi - lo + 1), (uint8_t)at};
    }
}

/* ---- output -------------------------------------------------------------------------------------
 */

static void write_registers(const tables *t, FILE *out) {
    fprintf(out, "const ts_aie2_register_info ts_aie2_registers[] = {\n");
    for (unsigned i = 0; i < t->n_registers; i++) {
        const reg *r = &t->registers[i];
        fprintf(out, "    {\"%s\", \"%s\", %u, %u, %u, %u, {", r->name, r->text, r->bits, r->bank,
                r->index, r->n_units);
        for (unsigned k = 0; k < r->n_units || !k; k++)
            fprintf(out, "%s%u", k ? ", " : "", r->units[k]);
        fprintf(out, "}},\n");
    }
    fprintf(out, "};\nconst uint16_t ts_aie2_n_registers = %u, ts_aie2_n_units = %u;\n",
            t->n_registers, t->n_units);
    fprintf(out, "const ts_aie2_register ts_aie2_unit_registers[] = {");
    for (unsigned i = 0; i < t->n_units; i++)
        fprintf(out, "%u, ", t->unit_registers[i]);
    fprintf(out, "};\n\n");
}

static void write_classes(const tables *t, FILE *out) {
    for (unsigned i = 0; i < t->n_classes; i++) {
        const reg_class *c = &t->classes[i];
        fprintf(out, "static const ts_aie2_register class_%s_registers[] = {", c->name);
        for (unsigned k = 0; k < 1u << c->width; k++)
            fprintf(out, "%u, ", c->to_register[k]);
        fprintf(out, "};\nstatic const int16_t class_%s_values[] = {", c->name);
        for (unsigned k = 0; k < t->n_registers; k++)
            fprintf(out, "%d, ", c->to_value[k]);
        fprintf(out, "};\n");
    }
    fprintf(out, "const ts_aie2_register_class ts_aie2_register_classes[] = {\n");
    for (unsigned i = 0; i < t->n_classes; i++) {
        const char *name = t->classes[i].name;
        fprintf(out, "    {\"%s\", %u, class_%s_registers, class_%s_values},\n", name,
                t->classes[i].width, name, name);
    }
    fprintf(out, "};\nconst uint16_t ts_aie2_n_register_classes = %u;\n\n", t->n_classes);
}

static void write_formats(const tables *t, FILE *out) {
    fprintf(out, "const ts_aie2_format ts_aie2_formats[] = {\n");
    for (unsigned i = 0; i < t->n_formats; i++) {
        const ts_aie2_format *f = &t->formats[i];
        fprintf(out, "    {\"%s\", %u, %u, %u, {", f->name, f->size, f->n_slots, f->slot_set);
        for (unsigned k = 0; k < f->n_slots; k++)
            fprintf(out, "%s%u", k ? ", " : "", f->slots[k]);
        fprintf(out, "}, {");
        for (unsigned k = 0; k < f->n_slots; k++)
            fprintf(out, "%s%u", k ? ", " : "", f->lsb[k]);
        fprintf(out, "}, {0x%llxu, 0x%llxu}, {0x%llxu, 0x%llxu}},\n",
                (unsigned long long)f->mask[0], (unsigned long long)f->mask[1],
                (unsigned long long)f->match[0], (unsigned long long)f->match[1]);
    }
    fprintf(out, "};\nconst uint16_t ts_aie2_n_formats = %u;\n", t->n_formats);
    fprintf(out, "const int8_t aie2_format_by_slots[256] = {");
    for (unsigned i = 0; i < 256; i++)
        fprintf(out, "%d, ", t->by_slots[i]);
    fprintf(out, "};\n");
    /* The formats that the low 8 bits leave possible. */
    unsigned n = 0, starts[257];
    fprintf(out, "const uint8_t aie2_format_candidates[] = {");
    for (unsigned low = 0; low < 256; low++) {
        starts[low] = n;
        for (unsigned i = 0; i < t->n_formats; i++)
            if (!((low ^ t->formats[i].match[0]) & t->formats[i].mask[0] & 0xff)) {
                fprintf(out, "%u, ", i);
                n++;
            }
    }
    starts[256] = n;
    fprintf(out, "};\nconst uint16_t aie2_format_starts[257] = {");
    for (unsigned i = 0; i <= 256; i++)
        fprintf(out, "%u, ", starts[i]);
    fprintf(out, "};\n\n");
}

static void write_timings(const tables *t, FILE *out) {
    for (unsigned i = 0; i < t->n_timings; i++) {
        const timing *row = &t->timings[i];
        if (!row->n_ports) continue;
        fprintf(out, "static const ts_aie2_port_use ports_%u[] = {", i);
        for (unsigned k = 0; k < row->n_ports; k++)
            fprintf(out, "{%u, %u, %u, %d, %d}, ", row->ports[k].port, row->ports[k].first,
                    row->ports[k].last, row->ports[k].avoids, row->ports[k].is_presumed);
        fprintf(out, "};\n");
    }
    fprintf(out, "static const ts_aie2_timing timings[] = {\n");
    for (unsigned i = 0; i < t->n_timings; i++) {
        const timing *row = &t->timings[i];
        fprintf(out, "    {%u, {{%u, %u}, {%u, %u}}, %u, ", row->n_conditions, row->operands[0],
                row->banks[0], row->operands[1], row->banks[1], row->n_ports);
        if (row->n_ports)
            fprintf(out, "ports_%u, {", i);
        else
            fprintf(out, "NULL, {");
        for (unsigned k = 0; k < TS_AIE2_MAX_OPERANDS; k++)
            fprintf(out, "%u, ", row->read_bypass[k]);
        fprintf(out, "}, {");
        for (unsigned k = 0; k < TS_AIE2_MAX_OPERANDS; k++)
            fprintf(out, "%u, ", row->write_bypass[k]);
        fprintf(out, "}},\n");
    }
    fprintf(out, "};\n\n");
}

static void write_operands(const instruction *i, unsigned number, FILE *out) {
    if (i->n_operands) fprintf(out, "static const ts_aie2_operand operands_%u[] = {\n", number);
    for (unsigned k = 0; k < i->n_operands; k++) {
        const operand *o = &i->operands[k];
        fprintf(out, "    {\"%s\", %s, %u, %u, %u, {{%u, %u, %u}, {%u, %u, %u}}, ", o->name,
                o->is_register ? "true" : "false", o->class, o->width, o->n_fields,
                o->fields[0].lsb, o->fields[0].width, o->fields[0].at, o->fields[1].lsb,
                o->fields[1].width, o->fields[1].at);
        /* INT32_MIN has no literal. */
        fprintf(out, "%lld%s, %lld, %lld, %u, %u},\n", o->min < -INT32_MAX ? o->min + 1 : o->min,
                o->min < -INT32_MAX ? " - 1" : "", o->max, o->step, o->read, o->write);
    }
    if (i->n_operands) fprintf(out, "};\n");
    if (i->n_implicit) fprintf(out, "static const ts_aie2_implicit implicit_%u[] = {", number);
    for (unsigned k = 0; k < i->n_implicit; k++)
        fprintf(out, "{%u, %u, %u}, ", i->implicit[k].reg, i->implicit[k].read_cycle,
                i->implicit[k].write_cycle);
    if (i->n_implicit) fprintf(out, "};\n");
}

static void pattern_bits(const char *pattern, uint64_t *mask, uint64_t *match) {
    *mask = *match = 0;
    for (; *pattern; pattern++) {
        *mask = *mask << 1 | (*pattern != '.');
        *match = *match << 1 | (*pattern == '1');
    }
}

static void write_instructions(const tables *t, FILE *out) {
    for (unsigned i = 0; i < t->n_instructions; i++)
        write_operands(&t->instructions[i], i, out);
    fprintf(out, "const ts_aie2_instruction ts_aie2_instructions[] = {\n");
    unsigned nops[TS_AIE2_N_SLOTS] = {0};
    for (unsigned i = 0; i < t->n_instructions; i++) {
        const instruction *in = &t->instructions[i];
        const timing *row = &t->timings[in->first_timing];
        uint64_t mask, match;
        pattern_bits(in->pattern, &mask, &match);
        if (!strcmp(in->timing_class, "II_NOP")) nops[in->slot] = i;
        fprintf(out, "    {\"%s\", \"%s\", \"%s\", \"%s\", %u, %u, %u, 0x%llxu, 0x%llxu, ",
                in->name, in->mnemonic, in->text, in->timing_class, in->slot, in->flags,
                in->n_operands, (unsigned long long)mask, (unsigned long long)match);
        if (in->n_operands)
            fprintf(out, "operands_%u, ", i);
        else
            fprintf(out, "NULL, ");
        if (in->n_implicit)
            fprintf(out, "%u, implicit_%u, ", in->n_implicit, i);
        else
            fprintf(out, "0, NULL, ");
        fprintf(out, "%u, {%u, %u}, %u, &timings[%u]},\n", row->n_memory, row->memory[0],
                row->memory[1], in->n_timings, in->first_timing);
    }
    fprintf(out, "};\nconst uint16_t ts_aie2_n_instructions = %u;\n", t->n_instructions);
    fprintf(out, "const uint16_t ts_aie2_nops[] = {");
    for (unsigned i = 0; i < TS_AIE2_N_SLOTS; i++)
        fprintf(out, "%u, ", nops[i]);
    fprintf(out, "};\n\n");
}

/* ---- the way from a slot's bits to its candidates
 * ------------------------------------------------ */

/* Rows times values of the chosen bits that lead to them: what a look-up has to try, all in all. */
static unsigned long candidates(const tables *t, unsigned slot, const unsigned *bits,
                                unsigned n_bits) {
    unsigned long total = 0;
    for (unsigned i = 0; i < t->n_instructions; i++) {
        if (t->instructions[i].slot != slot) continue;
        unsigned long n = 1;
        for (unsigned k = 0; k < n_bits; k++)
            n <<= t->instructions[i].pattern[slot_bits[slot] - 1 - bits[k]] == '.';
        total += n;
    }
    return total;
}

static unsigned choose_bits(const tables *t, unsigned slot, unsigned *bits) {
    unsigned n = 0;
    while (n < SELECT_BITS && n < slot_bits[slot]) {
        unsigned best = 0;
        unsigned long best_total = ~0ul;
        for (unsigned bit = 0; bit < slot_bits[slot]; bit++) {
            bool is_taken = false;
            for (unsigned k = 0; k < n; k++)
                is_taken |= bits[k] == bit;
            if (is_taken) continue;
            bits[n] = bit;
            unsigned long total = candidates(t, slot, bits, n + 1);
            if (total < best_total) best = bit, best_total = total;
        }
        bits[n++] = best;
    }
    return n;
}

static bool can_be(const char *pattern, unsigned n_pattern, const unsigned *bits, unsigned n_bits,
                   unsigned value) {
    for (unsigned k = 0; k < n_bits; k++) {
        char want = pattern[n_pattern - 1 - bits[k]];
        if (want != '.' && (unsigned)(want - '0') != (value >> k & 1)) return false;
    }
    return true;
}

static void write_selectors(const tables *t, FILE *out) {
    unsigned bits[TS_AIE2_N_SLOTS][SELECT_BITS], n_bits[TS_AIE2_N_SLOTS];
    for (unsigned slot = 0; slot < TS_AIE2_N_SLOTS; slot++) {
        n_bits[slot] = choose_bits(t, slot, bits[slot]);
        unsigned n = 0;
        fprintf(out, "static const uint16_t candidates_%s[] = {", slot_names[slot]);
        unsigned starts[(1 << SELECT_BITS) + 1];
        for (unsigned value = 0; value < 1u << n_bits[slot]; value++) {
            starts[value] = n;
            for (unsigned i = 0; i < t->n_instructions; i++)
                if (t->instructions[i].slot == slot &&
                    can_be(t->instructions[i].pattern, slot_bits[slot], bits[slot], n_bits[slot],
                           value)) {
                    fprintf(out, "%u, ", i);
                    n++;
                }
        }
        starts[1u << n_bits[slot]] = n;
        fprintf(out, "};\nstatic const uint16_t starts_%s[] = {", slot_names[slot]);
        for (unsigned value = 0; value <= 1u << n_bits[slot]; value++)
            fprintf(out, "%u, ", starts[value]);
        fprintf(out, "};\n");
    }
    fprintf(out, "const aie2_selector aie2_selectors[] = {\n");
    for (unsigned slot = 0; slot < TS_AIE2_N_SLOTS; slot++) {
        fprintf(out, "    {%u, {", n_bits[slot]);
        for (unsigned k = 0; k < n_bits[slot]; k++)
            fprintf(out, "%u, ", bits[slot][k]);
        fprintf(out, "}, starts_%s, candidates_%s},\n", slot_names[slot], slot_names[slot]);
    }
    fprintf(out, "};\n\n");
}

/* ---- names --------------------------------------------------------------------------------------
 */

/* Open addressing; `value` 0 is an empty place. False when the name is there already. */
static bool hash_add(const tables *t, const char **names, unsigned *values, const char *name,
                     unsigned value) {
    size_t length = strlen(name);
    for (unsigned at = aie2_hash(name, length), tries = 0; tries < HASH_SIZE; at++, tries++) {
        unsigned place = at % HASH_SIZE;
        if (!values[place]) {
            names[place] = name;
            values[place] = value;
            return true;
        }
        if (strlen(names[place]) != length) continue;
        bool same = true;
        for (size_t i = 0; i < length; i++)
            same &= aie2_lower(names[place][i]) == aie2_lower(name[i]);
        if (same) return false;
    }
    fail(t, "hash table full");
}

static void write_hash(const unsigned *values, const char *name, FILE *out) {
    fprintf(out, "const uint16_t %s[%u] = {", name, (unsigned)HASH_SIZE);
    for (unsigned i = 0; i < HASH_SIZE; i++)
        fprintf(out, "%u, ", values[i]);
    fprintf(out, "};\n");
}

static int compare_names(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void write_names(const tables *t, FILE *out) {
    const char *names[HASH_SIZE] = {0};
    unsigned values[HASH_SIZE] = {0};
    for (unsigned i = 1; i < t->n_registers; i++)
        if (!hash_add(t, names, values, t->registers[i].name, i))
            fail(t, "register '%s' but for case", t->registers[i].name);
    for (unsigned i = 1; i < t->n_registers; i++)
        hash_add(t, names, values, t->registers[i].text, i); /* a text that is a name means that */
    write_hash(values, "aie2_register_hash", out);

    static char *mnemonics[MAX_INSTRUCTIONS];
    unsigned n = 0;
    for (unsigned i = 0; i < t->n_instructions; i++)
        mnemonics[i] = t->instructions[i].mnemonic;
    qsort(mnemonics, t->n_instructions, sizeof *mnemonics, compare_names);
    for (unsigned i = 0; i < t->n_instructions; i++)
        if (!i || strcmp(mnemonics[i], mnemonics[i - 1]) != 0) mnemonics[n++] = mnemonics[i];
    memset(names, 0, sizeof names);
    memset(values, 0, sizeof values);
    unsigned first = 0;
    fprintf(out, "const aie2_mnemonic aie2_mnemonics[] = {{0, 0, NULL},\n");
    for (unsigned k = 0; k < n; k++) {
        unsigned count = 0;
        for (unsigned i = 0; i < t->n_instructions; i++)
            count += !strcmp(t->instructions[i].mnemonic, mnemonics[k]);
        fprintf(out, "    {%u, %u, \"%s\"},\n", first, count, mnemonics[k]);
        first += count;
        if (!hash_add(t, names, values, mnemonics[k], k + 1))
            fail(t, "mnemonic '%s' but for case", mnemonics[k]);
    }
    fprintf(out, "};\nconst uint16_t aie2_n_mnemonics = %u;\n", n + 1);
    write_hash(values, "aie2_mnemonic_hash", out);
    fprintf(out, "const uint16_t ts_aie2_by_mnemonic[] = {");
    for (unsigned k = 0; k < n; k++)
        for (unsigned i = 0; i < t->n_instructions; i++)
            if (!strcmp(t->instructions[i].mnemonic, mnemonics[k])) fprintf(out, "%u, ", i);
    fprintf(out, "};\n\n");
}

static void write_relocations(const tables *t, FILE *out) {
    fprintf(out, "const aie2_relocation aie2_relocations[] = {\n");
    for (unsigned i = 0; i < t->n_relocations; i++) {
        const relocation *r = &t->relocations[i];
        fprintf(out, "    {%u, %u, {{%u, %u, %u}, {%u, %u, %u}}},\n", r->size, r->n_fields,
                r->fields[0].lsb, r->fields[0].width, r->fields[0].at, r->fields[1].lsb,
                r->fields[1].width, r->fields[1].at);
    }
    fprintf(out, "};\nconst uint16_t aie2_n_relocations = %u;\n", t->n_relocations);
}

static void check_names(const tables *t) {
    for (unsigned i = 0; i < t->n_instructions; i++)
        for (unsigned k = 0; k < i; k++)
            if (!strcmp(t->instructions[i].name, t->instructions[k].name))
                fail(t, "instruction '%s' twice", t->instructions[i].name);
}

int main(int argc, char **argv) {
    static tables t = {.n_registers = 1,
                       .registers = {{.name = "", .text = "", .bank = TS_AIE2_BANK_other}}};
    if (argc != 3) {
        fprintf(stderr, "usage: gen_isa FOLDER OUT.c\n");
        return 2;
    }
    read_table(&t, argv[1], "registers.tsv", '\t', register_or_class_row);
    read_table(&t, argv[1], "formats.tsv", ' ', format_row);
    choose_formats(&t);
    read_table(&t, argv[1], "timing.tsv", '\t', timing_row);
    read_table(&t, argv[1], "instructions.tsv", '\t', instruction_row);
    check_names(&t);
    read_table(&t, argv[1], "relocations.tsv", '\t', relocation_row);
    FILE *out = fopen(argv[2], "w");
    if (!out) {
        perror(argv[2]);
        return 1;
    }
    fprintf(out, "/* Made by gen_isa from the tables of src/aie2. */\n#include \"aie2_int.h\"\n\n");
    write_registers(&t, out);
    write_classes(&t, out);
    write_formats(&t, out);
    write_timings(&t, out);
    write_instructions(&t, out);
    write_selectors(&t, out);
    write_names(&t, out);
    write_relocations(&t, out);
    return fclose(out) ? 1 : 0;
}
