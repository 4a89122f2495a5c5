/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * The parser's state, and what its files do for each other. */
#ifndef TESSERA_DESIGN_PARSE_INT_H
#define TESSERA_DESIGN_PARSE_INT_H

#include "design_int.h"

/* ---- words (lexer.c) ------------------------------------------------------------------------- */

typedef enum word_kind {
    WORD_END,
    WORD_NAME,    /* aie.tile, memref */
    WORD_VALUE,   /* %0, %tile, %0#1 */
    WORD_SYMBOL,  /* @name, @"name" */
    WORD_BLOCK,   /* ^bb1 */
    WORD_HASH,    /* #map, #aie.packet_info */
    WORD_BANG,    /* !alias, !aie.objectfifo */
    WORD_INTEGER, /* 12, 0x1F */
    WORD_FLOAT,   /* 1.0, 1.5e+3 */
    WORD_STRING,  /* "..." */
    WORD_MARK,    /* ( ) { } [ ] < > , : = ? * + - | -> :: ... */
} word_kind;

typedef struct lex_word {
    word_kind kind;
    uint32_t start, end; /* in the text; of sigil and quotes too */
} lex_word;

typedef struct parser {
    ts_arena *arena;
    ts_design *design;
    const char *text;
    uint32_t size;
    ts_diag *diag;
    lex_word word;     /* the next one */
    uint32_t last_end; /* of the word before */
    uint32_t depth;
    struct scope_table *scopes;
    const ts_type *i1, *i32, *i64, *index; /* often needed */
    uint16_t *codes;                       /* operations by the hash of their names */
} parser;

ts_status parse_advance(parser *p);
/* An error at the next word: what was expected, and what is there instead. */
ts_status parse_wrong(parser *p, const char *expected);
ts_status parse_fail_at(parser *p, uint32_t offset, ts_status code, const char *format, ...)
    TS_PRINTF(4, 5);
bool parse_is(const parser *p, const char *word); /* a mark or a name */
ts_status parse_take(parser *p, const char *word);
ts_status parse_maybe(parser *p, const char *word, bool *is_there);
/* The text of the next word without its sigil, interned; it is taken. NULL is never given. */
ts_status parse_text(parser *p, const char **out);
/* The bytes of a quoted text, escapes undone; `word` is one of kind STRING or SYMBOL. */
ts_status parse_unquote(parser *p, lex_word w, const char **out, size_t *n_bytes);
ts_status parse_symbol_name(parser *p, const char **out);
/* Non-negative integer, decimal or hexadecimal, of the next word, which is taken. */
ts_status parse_u64(parser *p, const char *expected, uint64_t *out);
/* With an optional minus; 64 bits. */
ts_status parse_i64(parser *p, const char *expected, int64_t *out);
/* Lex again from `offset`, for what is not made of words, as shapes. */
ts_status parse_seek(parser *p, uint32_t offset);
/* The raw text of a bracketed part that starts at the next word: < ( [ or {, balanced; taken. */
ts_status parse_balanced(parser *p, ts_span *out);
/* Count levels of nesting; the ceiling is TS_DESIGN_MAX_DEPTH. */
ts_status parse_deeper(parser *p);
ts_status parse_nomem(parser *p);

/* As for ts_fail(): the static analyzer sees one file at a time, and these never return TS_OK. */
#ifdef __clang_analyzer__
#define parse_wrong(p, expected)        TS_NOT_OK((parse_wrong)(p, expected), TS_SYNTAX)
#define parse_fail_at(p, at, code, ...) TS_NOT_OK((parse_fail_at)(p, at, code, __VA_ARGS__), code)
#define parse_nomem(p)                  TS_NOT_OK((parse_nomem)(p), TS_NOMEM)
#endif

/* A list of `element`s behind each other with commas until `close`, which is taken. */
typedef ts_status parse_element(parser *p, void *context);
ts_status parse_list(parser *p, const char *close, parse_element *element, void *context);
ts_status parse_list_bare(parser *p, parse_element *element, void *context);

/* Pointers that gather while a list is read. */
typedef struct pointers {
    const void **items;
    size_t n, capacity;
} pointers;
ts_status pointers_add(parser *p, pointers *list, const void *item);

/* ---- types and attributes (parse_type.c, parse_attr.c) --------------------------------------- */

bool parse_starts_type(const parser *p);
ts_status parse_type(parser *p, const ts_type **out);
/* Types in parentheses, or one type, added to the list. */
ts_status parse_types_in_parentheses(parser *p, pointers *out);
ts_status parse_function_type(parser *p, const ts_type **out);
/* With `expected`, a number or dense attribute has that type and no type behind it. */
ts_status parse_attr(parser *p, const ts_type *expected, const ts_attr **out);
ts_status parse_dense(parser *p, const ts_type *expected, const ts_attr **out);
ts_status parse_struct(parser *p, const char *name, const ts_attr **out); /* <k = v, ...> */
ts_status parse_array_of(parser *p, const char *name, const char *element, const ts_attr **out);
ts_status parse_dictionary(parser *p, const ts_attr **out);
ts_status parse_optional_location(parser *p);

/* ---- names with a scope (scope.c) ------------------------------------------------------------ */

ts_status scope_open(parser *p, bool is_isolated);
ts_status scope_close(parser *p);
ts_status scope_use_value(parser *p, const char *name, uint32_t at, ts_value **out);
ts_status scope_expect_type(parser *p, const char *name, uint32_t at, ts_value *value,
                            const ts_type *type);
ts_status scope_define_value(parser *p, const char *name, uint32_t at, ts_value *value);
ts_status scope_block(parser *p, ts_region *region, const char *name, uint32_t at,
                      bool is_definition, ts_block **out);
ts_status scope_alias(parser *p, const char *name, uint32_t at, const ts_attr *attr,
                      const ts_type *type);
const ts_attr *scope_find_attr(const parser *p, const char *name);
const ts_type *scope_find_type(const parser *p, const char *name);

/* ---- operations (parse_op.c, parse_form.c, parse_irregular.c) -------------------------------- */

/* An operand as it was written; its type may come later in the text. */
typedef struct operand {
    const char *name;
    ts_value *value;
    uint32_t at;
} operand;

/* An operation while it is read. */
typedef struct building {
    ts_op *op;
    uint32_t name_at; /* of the operation's name */
    uint32_t n_named; /* results with names, as written before `=` */
    operand *operands;
    uint32_t n_operands;
    size_t operand_capacity;
    uint32_t segments[8];
    uint32_t n_segments;
    pointers result_types, successors, regions;
    ts_region *region; /* that it lies in */
} building;

ts_status parse_operand(parser *p, building *b);
ts_status parse_operands_until(parser *p, building *b, const char *close);
ts_status parse_successor(parser *p, building *b);
/* Region with its braces; `names` and types are its first block's arguments. */
typedef struct argument {
    const char *name;
    const ts_type *type;
    uint32_t at;
} argument;
typedef struct arguments {
    argument *items;
    uint32_t n;
    size_t capacity;
} arguments;
ts_status parse_argument(parser *p, arguments *list, bool with_type);
ts_status parse_region(parser *p, building *b, const arguments *first);
ts_status parse_set(parser *p, building *b, const char *name, const ts_attr *value);
/* Set operandSegmentSizes from the segments. */
ts_status parse_set_segments(parser *p, building *b);
ts_status parse_set_operands(parser *p, building *b);
/* {a = 1, b} added to the operation's attributes, or nothing when there is no brace. */
ts_status parse_optional_dictionary(parser *p, building *b);
ts_status parse_expect(parser *p, const building *b, uint32_t index, const ts_type *type);
ts_status parse_operation(parser *p, ts_region *region, ts_block *block);
ts_status parse_custom(parser *p, building *b);

#endif
