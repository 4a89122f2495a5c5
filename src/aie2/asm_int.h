/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * What the files of the assembler share. The text is read once: sizes of bundles do not depend on
 * addresses, so offsets are final when a label is met (but see asm_delay.c on return addresses),
 * and only values that are not known yet wait for the end, as fixups.
 *
 * Functions that read text return false when they have reported an error; the statement is then
 * skipped. Running out of memory is such an error too, and stops everything.
 */
#ifndef TESSERA_ASM_INT_H
#define TESSERA_ASM_INT_H

#include "tessera/aie2.h"

/* Numbers of the format. src: gABI: chapter 4, "Section Header", "Symbol Table" [documented] */
enum {
    ASM_SHT_PROGBITS = 1,
    ASM_SHT_NOTE = 7,
    ASM_SHT_NOBITS = 8,
    ASM_SHT_INIT_ARRAY = 14,
    ASM_SHT_FINI_ARRAY = 15,
    ASM_SHT_PREINIT_ARRAY = 16,
    ASM_SHF_WRITE = 0x1,
    ASM_SHF_ALLOC = 0x2,
    ASM_SHF_EXECINSTR = 0x4,
    ASM_SHF_MERGE = 0x10,
    ASM_SHF_STRINGS = 0x20,
    ASM_SHF_LINK_ORDER = 0x80,
    ASM_SHF_GROUP = 0x200,
    ASM_STB_LOCAL = 0,
    ASM_STB_GLOBAL = 1,
    ASM_STB_WEAK = 2,
    ASM_STT_NOTYPE = 0,
    ASM_STT_OBJECT = 1,
    ASM_STT_FUNC = 2,
    ASM_STT_SECTION = 3,
};

/* Ceilings, so that no text hangs or takes all memory. */
enum {
    ASM_MAX_NESTING = 64,       /* of files, macros and repetitions being read */
    ASM_MAX_CONDITIONS = 128,   /* .if within .if */
    ASM_MAX_DEPTH = 64,         /* of an expression, and of symbols that stand for others */
    ASM_MAX_EXPANDED = 1000000, /* statements out of macros and repetitions */
    ASM_MAX_EXPANDED_BYTES = 128 << 20,
    ASM_MAX_OUTPUT = 64 << 20, /* bytes of all sections */
    ASM_MAX_TREE_STEPS = 10000000,
    ASM_MAX_SECTIONS = 0xfe00, /* ELF numbers them in 16 bits, some of them taken */
    ASM_MAX_TOKENS = 32,       /* of an operation's operands */
    ASM_MAX_PARAMETERS = 64,   /* of a macro */
    ASM_MAX_FILES = 0xffff,
    ASM_MACRO_BUCKETS = 4096,
};

/* ---- text being read ------------------------------------------------------------------------- */

/* A text: a file, or what came out of a macro. It ends with a new line and a NUL of ours. */
typedef struct asm_source {
    const char *file;
    const char *text, *end; /* *end is the NUL */
    uint32_t first_line;
    uint16_t file_index;
    const char *macro;               /* what it came out of, or NULL */
    const struct asm_source *caller; /* of a macro: the statement that called it */
    const char *call;
} asm_source;

/* A place to report something at. */
typedef struct asm_place {
    const asm_source *source;
    const char *at;
} asm_place;

typedef enum asm_input_kind {
    ASM_FILE,
    ASM_MACRO,
    ASM_REPEAT,
} asm_input_kind;

/* A text on the stack of those being read, with where reading goes on. */
typedef struct asm_input {
    asm_input_kind kind;
    const asm_source *source;
    const char *p;
    uint32_t line;
    uint64_t repeats;    /* more times to read it */
    size_t n_conditions; /* open when it began */
} asm_input;

typedef struct asm_condition {
    bool is_taken;  /* the part being read is assembled */
    bool was_taken; /* this part or one before it was */
    bool had_else;
    asm_place place;
} asm_condition;

/* ---- values ---------------------------------------------------------------------------------- */

struct asm_symbol;
struct asm_node;

/* number + plus - minus, or, when there is a tree, what that gives. */
typedef struct asm_value {
    int64_t number;
    struct asm_symbol *plus, *minus;
    const struct asm_node *tree;
} asm_value;

typedef enum asm_symbol_kind {
    ASM_UNDEFINED,
    ASM_LABEL,
    ASM_EQUAL, /* .set: stands for `value` */
    ASM_COMMON_SYMBOL,
} asm_symbol_kind;

typedef struct asm_symbol {
    const char *name; /* "" of one without a name */
    uint32_t length, hash;
    asm_symbol_kind kind;
    uint32_t section;
    uint32_t offset; /* of a label; alignment of a common one */
    asm_value value; /* of ASM_EQUAL */
    asm_value size;
    asm_place size_place;
    bool has_size;
    bool is_fixed;     /* .equiv: not to be set again */
    bool is_used;      /* in an expression */
    bool needs_entry;  /* a relocation is to it */
    bool is_resolving; /* meets itself */
    bool is_numbered;  /* 1: and its like */
    bool has_binding;
    uint8_t binding, type, visibility;
    uint32_t index;          /* in the result */
    asm_place place;         /* of its definition, else of its first use */
    struct asm_symbol *next; /* all, in the order of meeting them */
} asm_symbol;

/* ---- sections -------------------------------------------------------------------------------- */

typedef struct asm_section {
    const char *name;
    uint32_t type, flags, align, entry_size;
    const char *group, *linked;
    uint32_t unique; /* `unique,N`: N + 1 */
    ts_buf bytes;
    uint32_t room;      /* of a NOBITS section */
    asm_symbol *symbol; /* its own, once one is needed */
    ts_aie2_asm_reloc *relocs;
    asm_symbol **reloc_symbols;
    size_t n_relocs, relocs_capacity, reloc_symbols_capacity;
    /* Delay slots: bundles still to come, the jump they belong to, and where the jump lies. */
    uint32_t delay;
    bool delay_of_call, delay_unchecked;
    asm_place jump;
    uint32_t jump_offset;
    size_t jump_bundle;  /* in assembler.bundles */
    size_t jump_fixup;   /* the first one of it or behind it */
    size_t first_loose;  /* the first bundle behind which nothing is aligned: it can grow */
    asm_symbol **recent; /* labels since the last call: its return address may move them */
    size_t n_recent, recent_capacity;
    uint32_t next;                  /* of the same bucket, counted from 1 */
    size_t first_bundle, n_bundles; /* in assembler.order */
} asm_section;

/* A value that waits for the end. */
typedef struct asm_fixup {
    asm_value value;
    asm_place place;
    uint32_t section, offset;
    uint8_t size; /* of data: bytes; 0: an operand of a bundle */
    uint8_t slot; /* which of the bundle's ops */
    uint8_t operand;
    uint8_t relocation; /* 0xff: none can do it */
} asm_fixup;

/* A use of a code address, looked at again at the end. */
typedef struct asm_target {
    size_t fixup; /* in assembler.fixups */
    bool is_loop_end;
} asm_target;

/* ---- operations ------------------------------------------------------------------------------ */

typedef enum asm_token_kind {
    ASM_TOKEN_END,
    ASM_TOKEN_REGISTER,
    ASM_TOKEN_WORD,
    ASM_TOKEN_NUMBER, /* behind a # */
    ASM_TOKEN_MARK,
} asm_token_kind;

typedef struct asm_token {
    asm_token_kind kind;
    char mark;
    ts_aie2_register reg;
    uint32_t length;
    const char *at;
    asm_value value;
} asm_token;

enum {
    ASM_MAX_SYMBOLIC = 2
};

typedef struct asm_op {
    ts_aie2_op op;
    asm_place place;
    uint32_t line;
    uint8_t n_symbolic; /* operands whose values are not known yet */
    struct {
        uint8_t operand;
        asm_place place;
        asm_value value;
    } symbolic[ASM_MAX_SYMBOLIC];
} asm_op;

/* ---- macros ---------------------------------------------------------------------------------- */

typedef struct asm_parameter {
    const char *name;
    size_t length;
    const char *value; /* the default; NULL: none */
    size_t value_length;
    bool is_required, takes_rest;
} asm_parameter;

typedef struct asm_macro {
    const char *name;
    size_t length;
    uint32_t hash;
    asm_parameter *parameters;
    size_t n_parameters;
    const char *body, *body_end;
    const asm_source *source;
    uint32_t line;          /* of the body */
    struct asm_macro *next; /* of the same bucket */
} asm_macro;

/* What is to be known of a bundle besides the result. */
typedef struct asm_bundle_note {
    asm_place place;
    uint32_t region; /* number of the scheduled region it belongs to; 0: none */
    bool is_start;   /* control comes here with all results landed */
    bool is_padding; /* an alignment has put it there */
} asm_bundle_note;

/* A region between .schedule and .endschedule. */
typedef struct asm_region {
    bool is_open;
    asm_place place;
    asm_op *ops;
    ts_aie2_region_op *list;
    size_t n, capacity, list_capacity;
    uint8_t alias_group;
    ts_aie2_schedule_options options;
    uint32_t number;   /* regions so far */
    bool is_being_put; /* its bundles are being written */
    bool is_in_delay;  /* it begins in the delay slots of a jump before it */
    size_t first_bundle, first_fixup;
} asm_region;

/* ---- all of it ------------------------------------------------------------------------------- */

typedef struct assembler {
    ts_arena *arena;
    const ts_aie2_assemble_options *options;
    ts_aie2_messages *messages;
    ts_status status; /* of the first error */
    bool is_stopped;

    const char *p; /* where reading is, in the text on top of the stack */
    uint32_t line;
    const asm_source *source;
    asm_input inputs[ASM_MAX_NESTING];
    size_t n_inputs;
    asm_condition conditions[ASM_MAX_CONDITIONS];
    size_t n_conditions;
    size_t n_expanded, n_expanded_bytes, n_repeated, n_macro_calls;
    bool is_over; /* .end */
    size_t n_tree_steps;

    const char **files;
    size_t n_files, files_capacity;

    asm_symbol **symbol_table;
    size_t n_symbols, symbol_table_size;
    asm_symbol *first_symbol, *last_symbol;

    asm_macro *macros[ASM_MACRO_BUCKETS];
    size_t n_macros;

    asm_section *sections;
    size_t n_sections, sections_capacity;
    uint32_t section_buckets[1024]; /* numbers counted from 1 */
    uint32_t section, previous;
    uint32_t section_stack[ASM_MAX_NESTING][2];
    size_t n_section_stack;
    size_t output_bytes;

    asm_op ops[TS_AIE2_MAX_OPS]; /* of the bundle being read */
    size_t n_ops;
    unsigned slots; /* they take, bit per ts_aie2_slot */
    asm_place bundle_start;
    uint32_t bundle_line;
    bool bundle_goes_on; /* behind a ';' */
    ts_aie2_register loop_start, loop_end;
    bool no_hazards;
    asm_region region;

    ts_aie2_asm_bundle *bundles;
    asm_bundle_note *notes; /* of each bundle */
    size_t n_bundles, bundles_capacity, notes_capacity;
    uint32_t *order; /* bundles by section, then offset; made at the end */
    asm_fixup *fixups;
    size_t n_fixups, fixups_capacity;
    asm_target *targets;
    size_t n_targets, targets_capacity;

    uint8_t directive_hash[512];
} assembler;

/* asm_message.c */
bool asm_error(assembler *a, ts_status code, const char *at, const char *format, ...)
    TS_PRINTF(4, 5);
bool asm_error_at(assembler *a, ts_status code, asm_place place, const char *format, ...)
    TS_PRINTF(4, 5);
void asm_warning_at(assembler *a, asm_place place, const char *format, ...) TS_PRINTF(3, 4);
bool asm_nomem(assembler *a);
/* For clang's static analyzer only, which sees one file at a time: these never return true. */
#if defined(__clang_analyzer__) && !defined(ASM_MESSAGE_IMPLEMENTATION)
#define asm_error(a, ...)    ((void)asm_error(a, __VA_ARGS__), false)
#define asm_error_at(a, ...) ((void)asm_error_at(a, __VA_ARGS__), false)
#define asm_nomem(a)         ((void)asm_nomem(a), false)
#endif
asm_place asm_here(const assembler *a, const char *at);
/* Room for one more element: doubles. False: NOMEM, reported. */
bool asm_grow(assembler *a, void *list, size_t n, size_t *capacity, size_t size);

/* asm_text.c: characters and words. */
static inline bool asm_is_digit(char c) {
    return c >= '0' && c <= '9';
}
static inline bool asm_is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '$' || c == '@' || c == '?';
}
static inline bool asm_is_word_start(char c) {
    return asm_is_word(c) && !asm_is_digit(c) && c != '@' && c != '?';
}
static inline char asm_lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}
bool asm_same_word(const char *a, const char *b, size_t length);  /* without regard to case */
bool asm_is_text(const char *p, size_t length, const char *text); /* the same, to the letter */
uint32_t asm_hash(const char *name, size_t length);
/* Blanks and comments. */
void asm_skip_space(assembler *a);
/* Whether the statement ends here, behind blanks. */
bool asm_at_end(assembler *a);
void asm_skip_statement(assembler *a);
void asm_skip_line(assembler *a);
/* `c`, behind blanks. */
bool asm_take(assembler *a, char c);
bool asm_expect(assembler *a, char c, const char *where);
bool asm_expect_end(assembler *a);
/* A word, or anything within double quotes, as a name. False, without report: there is none. */
bool asm_take_name(assembler *a, const char **name, size_t *length);
bool asm_expect_name(assembler *a, const char *what, const char **name, size_t *length);
/* "text", with its escapes undone, appended. */
bool asm_take_string(assembler *a, ts_buf *out);
/* One character within quotes or after a backslash; moves on. */
bool asm_take_character(assembler *a, uint32_t *out);

/* asm_input.c: the stack of texts. */
bool asm_push_text(assembler *a, asm_input_kind kind, const asm_source *source, uint64_t repeats);
bool asm_push_file(assembler *a, ts_span text, const char *file);
/* Back to the text below; false when there is none. */
bool asm_pop_text(assembler *a);
/* A copy with the end that reading needs. NULL: NOMEM, reported. */
char *asm_copy_text(assembler *a, const char *text, size_t size);

/* asm_expression.c */
bool asm_expression(assembler *a, asm_value *out);
/* The same, which must be a number by now. */
bool asm_number(assembler *a, int64_t *out);
bool asm_number_in(assembler *a, int64_t min, int64_t max, const char *what, int64_t *out);
static inline bool asm_is_number(const asm_value *value) {
    return !value->plus && !value->minus && !value->tree;
}
/* Replaces what is known by now. False: it can have no value, reported at `place`. */
bool asm_resolve(assembler *a, asm_value *value, asm_place place);

/* asm_symbol.c */
asm_symbol *asm_find_symbol(assembler *a, const char *name, size_t length); /* NULL: NOMEM */
asm_symbol *asm_new_symbol(assembler *a, const char *name, size_t length);  /* NULL: NOMEM */
asm_symbol *asm_here_symbol(assembler *a);                                  /* NULL: NOMEM */
bool asm_define_label(assembler *a, const char *name, size_t length, const char *at);
bool asm_define_number(assembler *a, uint64_t number, const char *at);
asm_symbol *asm_local_number(assembler *a, uint64_t number, bool forward, const char *at);
bool asm_assign(assembler *a, const char *name, size_t length, const char *at, bool is_fixed);

/* asm_section.c */
bool asm_init_sections(assembler *a);
asm_section *asm_current(assembler *a);
uint32_t asm_offset(assembler *a);
/* A section by name, made when there is none. UINT32_MAX: reported. */
uint32_t asm_find_section(assembler *a, const asm_section *like);
uint32_t asm_default_section(assembler *a, const char *name, size_t length);
/* The type that a section without one gets. */
uint32_t asm_type_by_name(const char *name);
bool asm_enter_section(assembler *a, uint32_t section);
/* Room in the current section: bytes to write to, zero. NULL: reported. */
uint8_t *asm_reserve(assembler *a, size_t size, const char *at);
bool asm_put_bytes(assembler *a, const void *bytes, size_t size, const char *at);
bool asm_put_zeros(assembler *a, uint64_t size, uint8_t fill, const char *at);
bool asm_align(assembler *a, uint64_t boundary, const int64_t *fill, unsigned fill_size,
               uint64_t most, const char *at);
bool asm_add_fixup(assembler *a, const asm_fixup *fixup);

/* asm_operand.c, asm_match.c */
bool asm_read_operands(assembler *a, bool is_3d, asm_token tokens[ASM_MAX_TOKENS], size_t *n);
bool asm_match(assembler *a, const char *mnemonic, size_t length, size_t first, size_t n_rows,
               const asm_token *tokens, asm_op *out);
bool asm_check_immediate(assembler *a, const ts_aie2_operand *operand, int64_t number,
                         asm_place place);

/* asm_bundle.c */
bool asm_operation(assembler *a, const char *mnemonic, size_t length);
bool asm_end_bundle(assembler *a);
void asm_drop_bundle(assembler *a);
/* Encode, and keep what there is to know about the bundle. */
bool asm_put_bundle(assembler *a, const ts_aie2_bundle *bundle, const asm_op *const *ops, size_t n,
                    uint32_t line, asm_place place);
/* One more bundle is known; its bytes are there. */
bool asm_add_record(assembler *a, const ts_aie2_asm_bundle *bundle, const asm_bundle_note *note);
/* Nothing may stand in the middle of a bundle but operations. */
bool asm_no_bundle(assembler *a, const char *what, const char *at);

/* asm_delay.c: delay slots and return addresses */
/* The last bundle of all was put; these are the flags of its ops, and the first of its fixups. */
bool asm_count_delay(assembler *a, unsigned flags, asm_place place, size_t first_fixup);
/* A bundle of padding was put; `end` is the offset behind it. */
bool asm_count_padding(assembler *a, uint32_t end);

/* asm_directive.c */
void asm_init_directives(assembler *a);
bool asm_directive(assembler *a, const char *name, size_t length);
/* One statement of those that a false .if leaves out. */
bool asm_skip_untaken(assembler *a);

/* What reads a directive, behind its name. `argument` tells those apart that share a function; `at`
 * is where the name is. Sorted by the file they are in. */
typedef bool asm_directive_read(assembler *a, int argument, const char *at);
/* asm_data.c */
bool asm_fits_bytes(int64_t number, unsigned size);
asm_directive_read asm_d_integers, asm_d_strings, asm_d_zeros, asm_d_fill, asm_d_align, asm_d_org,
    asm_d_leb, asm_d_incbin;
/* asm_place.c: sections and symbols */
asm_directive_read asm_d_section, asm_d_known_section, asm_d_push_section, asm_d_pop_section,
    asm_d_previous, asm_d_binding, asm_d_visibility, asm_d_type, asm_d_size, asm_d_set,
    asm_d_common;
/* asm_condition.c */
enum {
    ASM_IF_TRUE,
    ASM_IF_ZERO,
    ASM_IF_POSITIVE,
    ASM_IF_NOT_NEGATIVE,
    ASM_IF_NEGATIVE,
    ASM_IF_NOT_POSITIVE,
};
asm_directive_read asm_d_if, asm_d_if_blank, asm_d_if_same, asm_d_if_defined, asm_d_else_if,
    asm_d_else, asm_d_end_if;
/* Whether statements are assembled here. */
static inline bool asm_is_taken(const assembler *a) {
    return !a->n_conditions || a->conditions[a->n_conditions - 1].is_taken;
}
/* One more .if, in a part that is left out. */
bool asm_skip_if(assembler *a, const char *at);
/* asm_macro.c, asm_repeat.c */
asm_directive_read asm_d_macro, asm_d_exit_macro, asm_d_purge, asm_d_repeat, asm_d_repeat_for,
    asm_d_repeat_characters, asm_d_stray_end, asm_d_include;
asm_macro *asm_find_macro(assembler *a, const char *name, size_t length);
bool asm_call_macro(assembler *a, const asm_macro *macro, const char *at);
/* The lines up to the directive that closes what `opens` opens; lists end with NULL. */
bool asm_take_body(assembler *a, const char *const *opens, const char *const *closes,
                   const char *at, const char **body, const char **end);
/* Text with \name replaced by arguments, on the stack of texts. */
typedef struct asm_argument {
    const char *text;
    size_t length;
} asm_argument;
bool asm_substitute(assembler *a, ts_buf *out, const char *body, const char *end,
                    const asm_parameter *parameters, const asm_argument *arguments, size_t n);
bool asm_push_expansion(assembler *a, asm_input_kind kind, const ts_buf *text,
                        const asm_source *origin, uint32_t line, const char *what, const char *at,
                        uint64_t repeats);
/* An argument of a macro: up to a comma or the end of the statement. */
asm_argument asm_take_argument(assembler *a, bool takes_rest);
/* asm_region.c */
asm_directive_read asm_d_schedule, asm_d_end_schedule, asm_d_no_alias;
bool asm_add_to_region(assembler *a, const asm_op *op);

/* asm_hazards.c */
bool asm_find_hazards(assembler *a);

/* asm_finish.c */
/* The bundle at an offset, as a place in assembler.order; SIZE_MAX: none begins there. */
size_t asm_find_bundle(const assembler *a, uint32_t section, uint32_t offset);
ts_status asm_finish(assembler *a, ts_aie2_assembly *out);

#endif
