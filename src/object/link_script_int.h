/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The parser of linker scripts: its words and expressions (link_words.c), statements
 * (link_script.c).
 */
#ifndef TESSERA_LINK_SCRIPT_INT_H
#define TESSERA_LINK_SCRIPT_INT_H

#include "link_int.h"

typedef struct script_parser {
    ts_arena *arena;
    const char *file;
    const char *text;
    size_t size;
    size_t at, end;              /* of the word that is next */
    unsigned depth, n_operators; /* of the expression that is read */
    ts_diag *diag;
} script_parser;

/* A node of the tree, zeroed. */
#define SCRIPT_MAKE(p, out)                                                                        \
    do {                                                                                           \
        *(out) = ts_arena_alloc((p)->arena, sizeof **(out));                                       \
        if (!*(out)) return ts_fail_nomem((p)->diag);                                              \
    } while (0)

/* An error about the word that is next, which the message quotes. */
ts_status script_wrong(script_parser *p, ts_status code, const char *what);
/* Read the next word: of an expression, where operators divide words, or not. */
ts_status script_look(script_parser *p, bool in_expr);
/* Read it again, as of the other kind. */
ts_status script_relook(script_parser *p, bool in_expr);
/* Make it longer, where only names of files and sections can be: "lib.a:a+b.o", "[^a]". */
void script_widen(script_parser *p);
bool script_at_end(const script_parser *p);
bool script_is(const script_parser *p, const char *word);
/* Take a word that must be there; that may be there; a name, without quotes. */
ts_status script_expect(script_parser *p, const char *word);
ts_status script_take(script_parser *p, const char *word, bool *found);
ts_status script_take_name(script_parser *p, const char *what, const char **out);

/* An expression; the next word must have been read as one of an expression, or need not. */
ts_status script_read_expr(script_parser *p, script_expr **out);
ts_status script_read_value(script_parser *p, script_expr **out);

#endif
