/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * CDOs as text, one command a line, in the grammar that cdo_pack.c reads. Everything that makes a
 * difference to the bytes is in the text; what only helps a reader is a comment. Commands whose
 * header word is unusual, and blocks that do not hold commands as they should, are told as words.
 */
#include "tessera/pdi.h"

#include "pdi_int.h"

#include <inttypes.h>
#include <string.h>

enum {
    INLINE_WORDS = 4, /* longer data goes into a block */
};

typedef struct lister {
    ts_arena *arena;
    const ts_cdo_names *names;
    bool brief;
    ts_buf *out;
    unsigned depth;
    ts_buf note; /* the comment of the current command, until it is printed */
} lister;

bool cdo_text_of(ts_span data, ts_span *out) {
    size_t length = 0;
    while (length < data.size && data.data[length] >= 0x20 && data.data[length] < 0x7f)
        length++;
    if (data.size - length >= PDI_WORD_BYTES) return false;
    for (size_t i = length; i < data.size; i++)
        if (data.data[i]) return false;
    *out = ts_span_of(data.data, length);
    return true;
}

static void indent(lister *l) {
    ts_buf_printf(l->out, "%*s", (int)(l->depth * 2), "");
}

static void end_line(lister *l) {
    if (l->note.size) {
        ts_buf_text(l->out, "  # ");
        ts_buf_span_add(l->out, ts_buf_span(&l->note));
        l->note.size = 0;
    }
    ts_buf_u8(l->out, '\n');
}

static uint32_t word_at(ts_span data, size_t index) {
    ts_cur cur = ts_cur_of(data);
    ts_cur_seek(&cur, (uint64_t)index * PDI_WORD_BYTES);
    return ts_cur_u32le(&cur);
}

static void list_data(lister *l, ts_span data) {
    size_t n_words = data.size / PDI_WORD_BYTES;
    if (n_words <= INLINE_WORDS) {
        for (size_t i = 0; i < n_words; i++)
            ts_buf_printf(l->out, " 0x%" PRIx32, word_at(data, i));
        return;
    }
    if (!l->note.size) ts_buf_printf(&l->note, "%zu words", n_words);
    if (l->brief) {
        ts_buf_text(l->out, " {...}");
        return;
    }
    ts_buf_text(l->out, " {");
    end_line(l);
    ts_list_words(data, 2 * (l->depth + 1), l->out);
    indent(l);
    ts_buf_u8(l->out, '}');
}

static void list_text(lister *l, ts_span data) {
    ts_span text;
    if (!cdo_text_of(data, &text)) {
        list_data(l, data);
        return;
    }
    ts_buf_text(l->out, " \"");
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == '"' || text.data[i] == '\\') ts_buf_u8(l->out, '\\');
        ts_buf_u8(l->out, text.data[i]);
    }
    ts_buf_u8(l->out, '"');
}

/* A name is printed only if it leads back to the address: a listing must pack to the same bytes. */
static bool list_name(lister *l, uint64_t addr) {
    const ts_cdo_names *names = l->names;
    if (!names || !names->name || !names->address) return false;
    ts_buf name = ts_buf_in(l->arena);
    uint64_t again;
    if (!names->name(names->context, addr, &name) || name.failed || !name.size) return false;
    if (!names->address(names->context, (const char *)name.data, name.size, &again) ||
        again != addr)
        return false;
    ts_buf_u8(l->out, ' ');
    ts_buf_span_add(l->out, ts_buf_span(&name));
    return true;
}

static ts_status list_commands(lister *l, const ts_cdo *cdo);

static ts_status list_nested(lister *l, ts_span words) {
    ts_cdo inner;
    ts_diag ignored = {0};
    ts_status status = l->depth == CDO_MAX_NESTING
                           ? TS_RANGE
                           : ts_cdo_parse_commands(l->arena, words, 0, NULL, &inner, &ignored);
    if (status == TS_NOMEM) return status;
    if (status != TS_OK || inner.unread.size) {
        list_data(l, words);
        return TS_OK;
    }
    ts_buf_text(l->out, " [");
    end_line(l);
    l->depth++;
    status = list_commands(l, &inner);
    l->depth--;
    indent(l);
    ts_buf_u8(l->out, ']');
    return status;
}

static ts_status list_arg(lister *l, const ts_cdo_arg *arg) {
    switch (arg->kind) {
    case TS_CDO_ADDR:
    case TS_CDO_ADDR64:
    case TS_CDO_ADDR64LO:
        if (list_name(l, arg->value)) break;
        /* fall through */
    case TS_CDO_WORD: ts_buf_printf(l->out, " 0x%" PRIx64, arg->value); break;
    case TS_CDO_TEXT: list_text(l, arg->data); break;
    case TS_CDO_DATA: list_data(l, arg->data); break;
    case TS_CDO_COMMANDS: return list_nested(l, arg->data);
    }
    return TS_OK;
}

/* A header word that packing would not choose: the command as plain words, and its name beside. */
static bool is_unusual(const ts_cdo_command *command) {
    return command->reserved ||
           (command->long_length && command->args.size / PDI_WORD_BYTES < CDO_LONG_LENGTH);
}

static ts_status list_unusual(lister *l, const ts_cdo_command *command) {
    ts_buf words = ts_buf_in(l->arena);
    cdo_put_header(&words, command->id, command->args.size / PDI_WORD_BYTES, command->long_length,
                   command->reserved);
    ts_buf_span_add(&words, command->args);
    if (words.failed) return TS_NOMEM;
    if (!l->note.size) ts_buf_text(&l->note, ts_cdo_command_name(command));
    ts_buf_text(l->out, "raw");
    list_data(l, ts_buf_span(&words));
    end_line(l);
    return TS_OK;
}

static void list_before(lister *l, ts_span lines) {
    const char *p = (const char *)lines.data, *end = p + lines.size;
    while (p < end) {
        const char *newline = memchr(p, '\n', (size_t)(end - p));
        const char *stop = newline ? newline : end;
        if (stop > p) {
            indent(l);
            ts_buf_printf(l->out, "# %.*s", (int)(stop - p), p);
        }
        ts_buf_u8(l->out, '\n');
        p = newline ? newline + 1 : end;
    }
}

static ts_status list_command(lister *l, const ts_cdo *cdo, size_t index) {
    const ts_cdo_command *command = &cdo->commands[index];
    ts_cdo_args args = ts_cdo_args_of(command);
    ts_cdo_arg arg;
    l->note.size = 0;
    if (l->names && l->names->comment) {
        ts_buf before = ts_buf_in(l->arena);
        l->names->comment(l->names->context, cdo, index, &before, &l->note);
        if (before.failed || l->note.failed) return TS_NOMEM;
        if (before.size) list_before(l, ts_buf_span(&before));
    }
    indent(l);
    if (is_unusual(command)) return list_unusual(l, command);
    ts_buf_text(l->out, ts_cdo_command_name(command));
    if (!command->row) ts_buf_printf(l->out, " 0x%" PRIx32, command->id);
    while (ts_cdo_next_arg(&args, &arg))
        TS_TRY(list_arg(l, &arg));
    end_line(l);
    return TS_OK;
}

static ts_status list_commands(lister *l, const ts_cdo *cdo) {
    for (size_t i = 0; i < cdo->n_commands; i++)
        TS_TRY(list_command(l, cdo, i));
    return l->note.failed ? TS_NOMEM : TS_OK;
}

ts_status ts_cdo_list(ts_arena *arena, const ts_cdo *cdo, const ts_cdo_names *names, bool brief,
                      ts_buf *out, ts_diag *diag) {
    lister l = {arena, names, brief, out, 0, ts_buf_in(arena)};
    ts_buf_printf(out, "version %" PRIu32 ".%" PRIu32 "\n", cdo->version >> 8, cdo->version & 0xff);
    if (cdo->header.size) {
        ts_buf_text(out, "header");
        list_data(&l, cdo->header);
        end_line(&l);
    }
    if (list_commands(&l, cdo) != TS_OK) return ts_fail_nomem(diag);
    if (cdo->unread.size) {
        ts_buf_text(out, "raw");
        list_data(&l, cdo->unread);
        end_line(&l);
    }
    if (cdo->tail.size) {
        ts_buf_text(out, "tail {\n");
        ts_list_bytes(cdo->tail, 2, out);
        ts_buf_text(out, "}\n");
    }
    return out->failed || l.note.failed ? ts_fail_nomem(diag) : TS_OK;
}
