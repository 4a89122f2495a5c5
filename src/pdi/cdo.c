/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * CDO binaries: a header of five words and a list of commands. A command is kept as its id and its
 * argument words; the table in cdo_commands.h says what the words are. Blocks that hold commands
 * (proc, psm_sequence) stay words here; ts_cdo_parse_commands() opens them.
 */
#include "tessera/pdi.h"

#include "pdi_int.h"

#include "cdo_commands.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const ts_cdo_row rows[] = {
#define X(id, name, args) {id, name, args},
    CDO_COMMANDS(X)
#undef X
};

static const ts_cdo_row v1_rows[] = {
#define X(id, name, args) {id, name, args},
    CDO_V1_COMMANDS(X)
#undef X
};

#define N_ROWS    (sizeof rows / sizeof *rows)
#define N_V1_ROWS (sizeof v1_rows / sizeof *v1_rows)

/* A section of version 1 is listed as a command, of an id that none has. */
enum {
    V1_SECTION = 0x10000,
};

static const ts_cdo_row v1_section = {0, "section", "id n_words n_commands"};

static const ts_cdo_row *find_row(const ts_cdo_row *table, size_t n_rows, uint32_t id) {
    size_t low = 0, high = n_rows;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (table[middle].id == id) return &table[middle];
        if (table[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

const ts_cdo_row *cdo_row_by_id(uint32_t id) {
    return find_row(rows, N_ROWS, id);
}

const ts_cdo_row *cdo_row_by_name(const char *name, size_t length) {
    for (size_t i = 0; i < N_ROWS; i++)
        if (strlen(rows[i].name) == length && memcmp(rows[i].name, name, length) == 0)
            return &rows[i];
    return NULL;
}

/* ---- arguments ------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    ts_cdo_kind kind;
} kinds[] = {
    {":addr", TS_CDO_ADDR}, {":addr64", TS_CDO_ADDR64}, {":addr64lo", TS_CDO_ADDR64LO},
    {":text", TS_CDO_TEXT}, {":data", TS_CDO_DATA},     {":commands", TS_CDO_COMMANDS},
};

bool cdo_next_spec(const char **spec, cdo_arg_spec *out) {
    const char *p = *spec + strspn(*spec, " ");
    if (!*p) return false;
    size_t length = strcspn(p, " "), name_length = strcspn(p, " :?");
    *out = (cdo_arg_spec){.name = p, .name_length = (int)name_length};
    out->is_optional = p[length - 1] == '?';
    size_t kind_length = length - name_length - out->is_optional;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strlen(kinds[i].name) == kind_length &&
            memcmp(kinds[i].name, p + name_length, kind_length) == 0)
            out->kind = kinds[i].kind;
    *spec = p + length;
    return true;
}

bool cdo_is_rest(ts_cdo_kind kind) {
    return kind >= TS_CDO_TEXT;
}

unsigned cdo_kind_words(ts_cdo_kind kind) {
    return kind == TS_CDO_ADDR64 || kind == TS_CDO_ADDR64LO ? 2 : 1;
}

void cdo_arg_range(const ts_cdo_row *row, uint32_t *fewest, uint32_t *most) {
    cdo_arg_spec arg;
    *fewest = *most = 0;
    for (const char *spec = row->args; cdo_next_spec(&spec, &arg);) {
        if (cdo_is_rest(arg.kind)) {
            *most = UINT32_MAX;
            return;
        }
        *most += cdo_kind_words(arg.kind);
        if (!arg.is_optional) *fewest += cdo_kind_words(arg.kind);
    }
}

ts_cdo_args ts_cdo_args_of(const ts_cdo_command *command) {
    return (ts_cdo_args){command->row ? command->row->args : "words:data",
                         ts_cur_of(command->args)};
}

bool ts_cdo_next_arg(ts_cdo_args *args, ts_cdo_arg *out) {
    cdo_arg_spec spec;
    if (!cdo_next_spec(&args->spec, &spec)) return false;
    ts_cdo_arg arg = {.name = spec.name, .name_length = spec.name_length, .kind = spec.kind};
    if (cdo_is_rest(spec.kind)) {
        arg.data = ts_cur_bytes(&args->cur, ts_cur_left(&args->cur));
    } else {
        uint64_t first = ts_cur_u32le(&args->cur);
        uint64_t second = cdo_kind_words(spec.kind) == 2 ? ts_cur_u32le(&args->cur) : 0;
        arg.value = spec.kind == TS_CDO_ADDR64     ? first << 32 | second
                    : spec.kind == TS_CDO_ADDR64LO ? second << 32 | first
                                                   : first;
    }
    if (args->cur.bad) return false;
    *out = arg;
    return true;
}

const char *ts_cdo_command_name(const ts_cdo_command *command) {
    return command->row ? command->row->name : "generic";
}

uint32_t ts_cdo_arg_word(const ts_cdo_command *command, size_t index) {
    ts_cur cur = ts_cur_of(command->args);
    ts_cur_seek(&cur, (uint64_t)index * PDI_WORD_BYTES);
    return ts_cur_u32le(&cur);
}

bool ts_cdo_store_of(const ts_cdo_command *command, ts_cdo_store *out) {
    uint32_t a = ts_cdo_arg_word(command, 0), b = ts_cdo_arg_word(command, 1);
    uint32_t c = ts_cdo_arg_word(command, 2), d = ts_cdo_arg_word(command, 3);
    uint64_t pair = (uint64_t)a << 32 | b;
    switch (command->row ? command->id : 0) {
    case TS_CDO_WRITE: *out = (ts_cdo_store){a, b, UINT32_MAX, 1, {0}}; return true;
    case TS_CDO_WRITE64: *out = (ts_cdo_store){pair, c, UINT32_MAX, 1, {0}}; return true;
    case TS_CDO_MASK_WRITE: *out = (ts_cdo_store){a, c, b, 1, {0}}; return true;
    case TS_CDO_MASK_WRITE64: *out = (ts_cdo_store){pair, d, c, 1, {0}}; return true;
    case TS_CDO_SET: *out = (ts_cdo_store){pair, d, UINT32_MAX, c, {0}}; return true;
    case TS_CDO_DMA_WRITE: {
        if (command->args.size < 8) return false;
        ts_span data = ts_span_of(command->args.data + 8, command->args.size - 8);
        *out = (ts_cdo_store){pair, 0, UINT32_MAX, (uint32_t)(data.size / PDI_WORD_BYTES), data};
        return true;
    }
    default: return false;
    }
}

/* ---- reading --------------------------------------------------------------------------------- */

typedef struct reader {
    ts_cur cur;
    uint64_t start; /* offset in the file of the cursor's first byte */
    const char *file;
    ts_diag *diag;
    const ts_cdo_row *row; /* of the last command: runs of one kind are long */
    uint32_t fewest, most; /* argument words of that row */
} reader;

static uint64_t file_offset(const reader *r) {
    return r->start + ts_cur_off(&r->cur);
}

static ts_status check_length(reader *r, const ts_cdo_command *command, uint64_t n_words) {
    if (!command->row) return TS_OK;
    if (command->row != r->row) {
        r->row = command->row;
        cdo_arg_range(r->row, &r->fewest, &r->most);
    }
    uint32_t fewest = r->fewest, most = r->most;
    if (n_words >= fewest && n_words <= most) return TS_OK;
    char expected[48];
    if (most == UINT32_MAX)
        snprintf(expected, sizeof expected, "at least %" PRIu32, fewest);
    else if (most > fewest)
        snprintf(expected, sizeof expected, "%" PRIu32 " to %" PRIu32, fewest, most);
    else
        snprintf(expected, sizeof expected, "%" PRIu32, fewest);
    return ts_fail_at(r->diag, TS_RANGE, r->file, command->offset,
                      "%s has %" PRIu64 " argument words; expected %s", command->row->name, n_words,
                      expected);
}

static ts_status next_command(reader *r, ts_cdo_command *out) {
    out->offset = file_offset(r);
    uint32_t header = ts_cur_u32le(&r->cur);
    out->id = header == TS_CDO_END ? header : header & 0xffff;
    out->row = cdo_row_by_id(out->id);
    uint64_t n_words = 0;
    if (out->id != TS_CDO_END) {
        n_words = header >> 16 & 255;
        out->reserved = (uint8_t)(header >> 24);
        out->long_length = n_words == CDO_LONG_LENGTH;
        if (out->long_length) n_words = ts_cur_u32le(&r->cur);
    }
    size_t left = ts_cur_left(&r->cur);
    out->args = ts_cur_bytes(&r->cur, n_words * PDI_WORD_BYTES);
    if (r->cur.bad)
        return ts_fail_at(r->diag, TS_TRUNCATED, r->file, out->offset,
                          "%s has %" PRIu64 " argument words; %zu are left",
                          ts_cdo_command_name(out), n_words, left / PDI_WORD_BYTES);
    return check_length(r, out, n_words);
}

/* Words of a command of version 1 behind its id; how long one is may stand in its own words. */
static uint64_t v1_length(const ts_cur *cur, uint32_t id, const ts_cdo_row *row) {
    ts_cur peek = *cur;
    uint32_t word[5];
    for (unsigned i = 0; i < 5; i++)
        word[i] = ts_cur_u32le(&peek);
    uint32_t fewest, most;
    cdo_arg_range(row, &fewest, &most);
    switch (id) {
    case 0x105: return 3 + (uint64_t)word[1] + word[2];
    case 0x109: return word[0] || word[1] ? 6 : 6 + (uint64_t)word[4];
    case 0x203: return 3 + (uint64_t)word[2];
    case 0x301: return word[0] ? 2 : 1;
    case 0x309: return 20;
    default: return most;
    }
}

static ts_status next_v1_command(reader *r, ts_cdo_command *out) {
    out->offset = file_offset(r);
    out->id = ts_cur_u32le(&r->cur);
    out->row = find_row(v1_rows, N_V1_ROWS, out->id);
    if (!out->row)
        return ts_fail_at(r->diag, TS_UNKNOWN, r->file, out->offset,
                          "no command 0x%" PRIx32 " in version 1", out->id);
    uint64_t n_words = v1_length(&r->cur, out->id, out->row);
    out->args = ts_cur_bytes(&r->cur, n_words * PDI_WORD_BYTES);
    if (!r->cur.bad) return TS_OK;
    return ts_fail_at(r->diag, TS_TRUNCATED, r->file, out->offset,
                      "%s ends behind the end of the file", out->row->name);
}

typedef struct command_list {
    ts_arena *arena;
    ts_cdo *cdo;
    size_t capacity;
} command_list;

static ts_cdo_command *add_command(command_list *list) {
    ts_cdo *cdo = list->cdo;
    ts_cdo_command *grown =
        ts_arena_room(list->arena, cdo->commands, cdo->n_commands, &list->capacity, sizeof *grown);
    if (!grown) return NULL;
    cdo->commands = grown;
    ts_cdo_command *command = &cdo->commands[cdo->n_commands++];
    *command = (ts_cdo_command){0};
    return command;
}

static bool is_end(const ts_cdo_command *command) {
    return command->id == TS_CDO_END_MARK || command->id == TS_CDO_END;
}

static ts_status read_commands(reader *r, ts_arena *arena, ts_cdo *out) {
    command_list list = {arena, out, 0};
    while (ts_cur_left(&r->cur) > 0) {
        ts_cdo_command *command = add_command(&list);
        if (!command) return ts_fail_nomem(r->diag);
        TS_TRY(next_command(r, command));
        if (is_end(command)) break;
    }
    out->unread = ts_cur_bytes(&r->cur, ts_cur_left(&r->cur));
    return TS_OK;
}

/* Version 1 counts sections in its header, and commands in each section.
 * src: Xilinx/bootgen: cdo-binary.c, decode_v1 [code] */
static ts_status read_v1_sections(reader *r, ts_arena *arena, uint32_t n_sections, ts_cdo *out) {
    command_list list = {arena, out, 0};
    for (uint32_t i = 0; i < n_sections; i++) {
        ts_cdo_command *section = add_command(&list);
        if (!section) return ts_fail_nomem(r->diag);
        *section = (ts_cdo_command){.row = &v1_section, .id = V1_SECTION, .offset = file_offset(r)};
        section->args = ts_cur_bytes(&r->cur, 3 * PDI_WORD_BYTES);
        if (r->cur.bad)
            return ts_fail_at(r->diag, TS_TRUNCATED, r->file, section->offset,
                              "ends before section %" PRIu32 " of %" PRIu32, i + 1, n_sections);
        uint32_t n_commands = ts_cdo_arg_word(section, 2);
        for (uint32_t k = 0; k < n_commands; k++) {
            ts_cdo_command *command = add_command(&list);
            if (!command) return ts_fail_nomem(r->diag);
            TS_TRY(next_v1_command(r, command));
            if (is_end(command)) break;
        }
    }
    out->tail = ts_cur_bytes(&r->cur, ts_cur_left(&r->cur));
    return TS_OK;
}

static bool is_big_endian(uint32_t magic) {
    return magic == 0x43444f00u || magic == 0x584e4c58u;
}

bool ts_cdo_is_binary(ts_span bytes) {
    ts_cur cur = ts_cur_of(bytes);
    uint32_t n_words = ts_cur_u32le(&cur), magic = ts_cur_u32le(&cur);
    return !cur.bad && n_words &&
           (magic == CDO_MAGIC || magic == CDO_V1_MAGIC || is_big_endian(magic));
}

typedef struct header {
    uint32_t n_words, version, length;
    bool is_v1;
} header;

static ts_status check_version(reader *r, uint32_t magic, const header *head) {
    bool is_v1 = head->version < TS_CDO_VERSION_1_50;
    if (head->version >= TS_CDO_VERSION_3_00)
        return ts_fail_at(r->diag, TS_UNSUPPORTED, r->file, 8,
                          "CDO version 0x%" PRIx32 "; expected one below 0x%x", head->version,
                          TS_CDO_VERSION_3_00);
    if (is_v1 != (magic == CDO_V1_MAGIC))
        return ts_fail_at(r->diag, TS_RANGE, r->file, 4,
                          "identification 0x%08" PRIx32 " with version 0x%" PRIx32, magic,
                          head->version);
    return TS_OK;
}

/* Header: words behind this one | identification | version | length in words, or sections in
 * version 1 | checksum of the words before.
 * src: Xilinx/bootgen: cdo-binary.c, decode_cdo_binary, decode_v2 [code] */
static ts_status read_header(reader *r, header *head, ts_cdo *out) {
    head->n_words = ts_cur_u32le(&r->cur);
    uint32_t magic = ts_cur_u32le(&r->cur);
    if (r->cur.bad)
        return ts_fail_at(r->diag, TS_TRUNCATED, r->file, file_offset(r),
                          "ends inside the header of a CDO");
    if (is_big_endian(magic))
        return ts_fail_at(r->diag, TS_UNSUPPORTED, r->file, 4,
                          "a big-endian CDO; expected a little-endian one");
    if (magic != CDO_MAGIC && magic != CDO_V1_MAGIC)
        return ts_fail_at(r->diag, TS_SYNTAX, r->file, 4,
                          "not a CDO: found 0x%08" PRIx32 "; expected \"CDO\"", magic);
    if (head->n_words < CDO_HEADER_WORDS || head->n_words >= 0x10000)
        return ts_fail_at(r->diag, TS_RANGE, r->file, 0, "header of %" PRIu32 " words; expected %d",
                          head->n_words, CDO_HEADER_WORDS);
    head->version = ts_cur_u32le(&r->cur);
    head->length = ts_cur_u32le(&r->cur);
    uint32_t sum = head->n_words + magic + head->version + head->length;
    uint64_t n_extra = head->n_words - CDO_HEADER_WORDS;
    out->header = ts_cur_bytes(&r->cur, n_extra * PDI_WORD_BYTES);
    ts_cur extra = ts_cur_of(out->header);
    while (ts_cur_left(&extra))
        sum += ts_cur_u32le(&extra);
    uint64_t at = file_offset(r);
    uint32_t stored = ts_cur_u32le(&r->cur);
    if (r->cur.bad)
        return ts_fail_at(r->diag, TS_TRUNCATED, r->file, at, "ends inside the header of a CDO");
    if (stored != ~sum)
        return ts_fail_at(r->diag, TS_RANGE, r->file, at,
                          "checksum 0x%08" PRIx32 " of the CDO header; its words give 0x%08" PRIx32,
                          stored, ~sum);
    head->is_v1 = magic == CDO_V1_MAGIC;
    return check_version(r, magic, head);
}

ts_status ts_cdo_parse(ts_arena *arena, ts_span bytes, const char *file, ts_cdo *out,
                       ts_diag *diag) {
    reader r = {.cur = ts_cur_of(bytes), .file = file, .diag = diag};
    header head = {0};
    ts_cdo cdo = {0};
    TS_TRY(read_header(&r, &head, &cdo));
    cdo.version = head.version;
    if (head.is_v1) {
        TS_TRY(read_v1_sections(&r, arena, head.length, &cdo));
    } else {
        uint64_t at = file_offset(&r), length = (uint64_t)head.length * PDI_WORD_BYTES;
        size_t left = ts_cur_left(&r.cur);
        ts_span commands = ts_cur_bytes(&r.cur, length);
        if (r.cur.bad)
            return ts_fail_at(diag, TS_TRUNCATED, file, at,
                              "%" PRIu64 " bytes of commands; %zu are left", length, left);
        cdo.tail = ts_cur_bytes(&r.cur, ts_cur_left(&r.cur));
        reader inner = {.cur = ts_cur_of(commands), .start = at, .file = file, .diag = diag};
        TS_TRY(read_commands(&inner, arena, &cdo));
    }
    *out = cdo;
    return TS_OK;
}

ts_status ts_cdo_parse_commands(ts_arena *arena, ts_span words, uint64_t offset, const char *file,
                                ts_cdo *out, ts_diag *diag) {
    reader r = {.cur = ts_cur_of(words), .start = offset, .file = file, .diag = diag};
    ts_cdo cdo = {.version = TS_CDO_VERSION_2_00};
    TS_TRY(read_commands(&r, arena, &cdo));
    *out = cdo;
    return TS_OK;
}
