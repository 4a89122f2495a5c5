/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Archives: a magic line, then members, each behind a header of 60 characters and at an even
 * offset. Names that are too long for the header stand in a member "//" (GNU, System V) or in front
 * of the data (BSD). A symbol index is there for linkers that do not want to read the members; ours
 * reads them, so it is skipped.
 *
 *   name 16 | date 12 | owner 6 | group 6 | mode 8 | size 10 | "`\n"
 *
 * src: llvm-project: llvm/lib/Object/Archive.cpp, ArchiveMemberHeader::getName [code]
 */
#include "object_int.h"

#include <inttypes.h>
#include <string.h>

static const char archive_magic[8] = {'!', '<', 'a', 'r', 'c', 'h', '>', '\n'};
static const char thin_magic[8] = {'!', '<', 't', 'h', 'i', 'n', '>', '\n'};

enum {
    NAME_BYTES = 16,
    SIZE_AT = 48,
    SIZE_BYTES = 10,
    END_AT = 58,
    HEADER_BYTES = 60,
};

typedef struct reader {
    ts_arena *arena;
    ts_span bytes;
    const char *file;
    ts_diag *diag;
    ts_span long_names; /* the member "//" */
    bool has_long_names;
} reader;

/* A member while its header is read. */
typedef struct member {
    uint64_t at;   /* of the header */
    ts_span field; /* the name there, without the blanks behind it */
    ts_span name;  /* what it stands for */
    ts_span data;
} member;

static bool begins_with(ts_span bytes, const char *text, size_t length) {
    return bytes.size >= length && memcmp(bytes.data, text, length) == 0;
}

static bool is_text(ts_span bytes, const char *text) {
    return bytes.size == strlen(text) && memcmp(bytes.data, text, bytes.size) == 0;
}

bool ts_archive_is(ts_span bytes) {
    return begins_with(bytes, archive_magic, sizeof archive_magic) ||
           begins_with(bytes, thin_magic, sizeof thin_magic);
}

static ts_span without_blanks(ts_span field) {
    while (field.size && field.data[field.size - 1] == ' ')
        field.size--;
    return field;
}

/* Decimal digits and nothing else; no field is long enough to overflow. */
static bool parse_decimal(ts_span field, uint64_t *out) {
    *out = 0;
    for (size_t i = 0; i < field.size; i++) {
        if (field.data[i] < '0' || field.data[i] > '9') return false;
        *out = *out * 10 + (uint64_t)(field.data[i] - '0');
    }
    return field.size > 0;
}

/* A number in the name field, behind `skip` characters. */
static ts_status name_number(reader *r, const member *m, size_t skip, uint64_t *out) {
    ts_span digits = {m->field.data + skip, m->field.size - skip};
    if (!parse_decimal(digits, out))
        return ts_fail_at(
            r->diag, TS_SYNTAX, r->file, m->at,
            "the member's name is \"%.*s\"; expected a decimal number behind \"%.*s\"",
            (int)m->field.size, (const char *)m->field.data, (int)skip,
            (const char *)m->field.data);
    return TS_OK;
}

/* "/123": the name in the table of long names that starts there, up to "/\n" or "\n". */
static ts_status find_long_name(reader *r, member *m) {
    uint64_t start;
    TS_TRY(name_number(r, m, 1, &start));
    if (!r->has_long_names)
        return ts_fail_at(r->diag, TS_SYNTAX, r->file, m->at,
                          "the name is number %" PRIu64
                          " of the table of long names; no member \"//\" is before this one",
                          start);
    if (start >= r->long_names.size)
        return ts_fail_at(r->diag, TS_RANGE, r->file, m->at,
                          "the name is at %" PRIu64
                          " of the table of long names, which has %zu bytes",
                          start, r->long_names.size);
    const uint8_t *first = r->long_names.data + start;
    const uint8_t *end = memchr(first, '\n', r->long_names.size - (size_t)start);
    if (!end)
        return ts_fail_at(r->diag, TS_SYNTAX, r->file, m->at,
                          "the name at %" PRIu64 " of the table of long names does not end", start);
    if (end > first && end[-1] == '/') end--;
    m->name = ts_span_of(first, (size_t)(end - first));
    return TS_OK;
}

/* "#1/20": the name is the first 20 bytes of the data, with zeros behind it. */
static ts_status take_bsd_name(reader *r, member *m) {
    uint64_t length;
    TS_TRY(name_number(r, m, 3, &length));
    if (!ts_span_sub(m->data, 0, length, &m->name))
        return ts_fail_at(r->diag, TS_RANGE, r->file, m->at,
                          "a name of %" PRIu64 " bytes in a member of %zu", length, m->data.size);
    (void)ts_span_sub(m->data, length, m->data.size - length, &m->data);
    while (m->name.size && m->name.data[m->name.size - 1] == 0)
        m->name.size--;
    return TS_OK;
}

static ts_status find_name(reader *r, member *m) {
    const ts_span field = m->field;
    if (begins_with(field, "#1/", 3)) return take_bsd_name(r, m);
    if (begins_with(field, "/", 1)) return find_long_name(r, m);
    const uint8_t *slash = field.size ? memchr(field.data, '/', field.size) : NULL;
    m->name = slash ? ts_span_of(field.data, (size_t)(slash - field.data)) : field;
    return TS_OK;
}

/* The header at `at` and the data behind it. */
static ts_status read_header(reader *r, uint64_t at, member *out) {
    ts_span header;
    uint64_t size;
    *out = (member){.at = at};
    if (!ts_span_sub(r->bytes, at, HEADER_BYTES, &header))
        return ts_fail_at(r->diag, TS_TRUNCATED, r->file, at,
                          "%" PRIu64 " bytes are left; expected the %d bytes of a member's header",
                          r->bytes.size - at, HEADER_BYTES);
    if (header.data[END_AT] != '`' || header.data[END_AT + 1] != '\n')
        return ts_fail_at(r->diag, TS_SYNTAX, r->file, at + END_AT,
                          "expected the end of a member's header, 60 0a; found %02x %02x",
                          header.data[END_AT], header.data[END_AT + 1]);
    ts_span digits = without_blanks(ts_span_of(header.data + SIZE_AT, SIZE_BYTES));
    if (!parse_decimal(digits, &size))
        return ts_fail_at(r->diag, TS_SYNTAX, r->file, at + SIZE_AT,
                          "the member's size is \"%.*s\"; expected a decimal number",
                          (int)digits.size, (const char *)digits.data);
    if (!ts_span_sub(r->bytes, at + HEADER_BYTES, size, &out->data))
        return ts_fail_at(r->diag, TS_TRUNCATED, r->file, at + SIZE_AT,
                          "a member of %" PRIu64 " bytes; %" PRIu64 " are left", size,
                          r->bytes.size - at - HEADER_BYTES);
    out->field = without_blanks(ts_span_of(header.data, NAME_BYTES));
    return TS_OK;
}

/* Symbol indexes: of GNU and System V, of GNU with 64-bit offsets, of BSD. */
static bool is_index(ts_span name) {
    return is_text(name, "/") || is_text(name, "/SYM64/") || is_text(name, "__.SYMDEF") ||
           is_text(name, "__.SYMDEF SORTED") || is_text(name, "__.SYMDEF_64") ||
           is_text(name, "__.SYMDEF_64 SORTED");
}

static ts_status check_name(reader *r, const member *m) {
    if (!m->name.size)
        return ts_fail_at(r->diag, TS_SYNTAX, r->file, m->at, "a member without a name");
    if (m->name.size > TS_ARCHIVE_MAX_NAME_BYTES)
        return ts_fail_at(r->diag, TS_RANGE, r->file, m->at,
                          "a member's name of %zu bytes; at most %d are allowed", m->name.size,
                          TS_ARCHIVE_MAX_NAME_BYTES);
    if (memchr(m->name.data, 0, m->name.size))
        return ts_fail_at(r->diag, TS_SYNTAX, r->file, m->at,
                          "a member's name with a zero byte in it");
    return TS_OK;
}

static ts_status add_member(reader *r, ts_archive *archive, const member *m) {
    if (archive->n_members == TS_ARCHIVE_MAX_MEMBERS)
        return ts_fail_at(r->diag, TS_RANGE, r->file, m->at, "more than %d members",
                          TS_ARCHIVE_MAX_MEMBERS);
    ts_archive_member *members = ts_arena_room(r->arena, archive->members, archive->n_members,
                                               &archive->member_capacity, sizeof *members);
    if (!members) return ts_fail_nomem(r->diag);
    archive->members = members;
    const char *name = ts_arena_strndup(r->arena, (const char *)m->name.data, m->name.size);
    if (!name) return ts_fail_nomem(r->diag);
    members[archive->n_members++] =
        (ts_archive_member){.name = name, .bytes = m->data, .offset = m->at};
    return TS_OK;
}

static ts_status read_member(reader *r, ts_archive *archive, member *m) {
    if (is_text(m->field, "//")) {
        r->long_names = m->data;
        r->has_long_names = true;
        return TS_OK;
    }
    if (is_index(m->field)) return TS_OK;
    TS_TRY(find_name(r, m));
    if (is_index(m->name)) return TS_OK;
    TS_TRY(check_name(r, m));
    return add_member(r, archive, m);
}

ts_status ts_archive_read(ts_arena *arena, ts_span bytes, const char *file, ts_archive *out,
                          ts_diag *diag) {
    reader r = {.arena = arena, .bytes = bytes, .file = file, .diag = diag};
    ts_archive archive = {0};
    if (begins_with(bytes, thin_magic, sizeof thin_magic))
        return ts_fail_at(diag, TS_UNSUPPORTED, file, 0,
                          "a thin archive, whose members are in other files");
    if (!begins_with(bytes, archive_magic, sizeof archive_magic))
        return ts_fail_at(diag, TS_SYNTAX, file, 0, "not an archive: expected \"!<arch>\"");
    for (uint64_t at = sizeof archive_magic; at < bytes.size;) {
        member m;
        TS_TRY(read_header(&r, at, &m));
        /* The last one may lack the byte that makes it even. */
        at += HEADER_BYTES + m.data.size + m.data.size % 2;
        TS_TRY(read_member(&r, &archive, &m));
    }
    *out = archive;
    return TS_OK;
}
