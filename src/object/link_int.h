/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * What the parts of the linker share. One link goes through them in this order: link_placement.c
 * makes a script when there is none, link_script.c reads it, link_input.c the files and the
 * symbols, link_live.c finds what is needed, link_layout.c gives everything a place, link_output.c
 * makes the program, link_report.c tells what took the room, and the stack's depth is checked.
 */
#ifndef TESSERA_LINK_INT_H
#define TESSERA_LINK_INT_H

#include "object_int.h"

/* ---- relocations ----------------------------------------------------------------------------- */

/* A relocation's place, for errors. */
typedef struct link_place {
    const char *file, *section, *symbol;
    uint32_t offset;
} link_place;

/* `bytes` are what is left of the section from the relocation's offset. */
ts_status link_relocate(const link_place *place, const ts_object_reloc *reloc, uint32_t symbol,
                        uint8_t *bytes, size_t n_bytes, ts_diag *diag);

/* ---- linker scripts -------------------------------------------------------------------------- */

typedef enum script_op {
    SCRIPT_NUMBER,
    SCRIPT_DOT,
    SCRIPT_SYMBOL,
    SCRIPT_DEFINED, /* the functions of one name ... */
    SCRIPT_ORIGIN,
    SCRIPT_LENGTH,
    SCRIPT_SIZEOF,
    SCRIPT_ADDR,
    SCRIPT_ALIGNOF,
    SCRIPT_ALIGN, /* ... of a value and an alignment ... */
    SCRIPT_MAX,   /* ... and of two values */
    SCRIPT_MIN,
    SCRIPT_UNARY,
    SCRIPT_BINARY,
    SCRIPT_CONDITION,
} script_op;

typedef struct script_expr {
    script_op op;
    char symbol[3];   /* of SCRIPT_UNARY, SCRIPT_BINARY: "<<"; '+' alone: the value itself */
    uint64_t number;  /* SCRIPT_NUMBER */
    const char *name; /* of a symbol, section or region */
    struct script_expr *a, *b, *c;
    size_t at; /* in the script's text */
} script_expr;

typedef enum script_sort {
    SCRIPT_UNSORTED,
    SCRIPT_BY_NAME,
    SCRIPT_BY_ALIGNMENT,
} script_sort;

/* A pattern of names, and those it leaves out. */
typedef struct script_pattern {
    const char *text;
    const char **excluded; /* files */
    size_t n_excluded, excluded_capacity;
    script_sort sorts[2]; /* the outer one first */
    unsigned block;       /* what patterns take stands block by block */
    struct script_pattern *next;
} script_pattern;

typedef enum script_kind {
    SCRIPT_ASSIGN, /* name = value, . += value, PROVIDE(name = value) */
    SCRIPT_INPUT,  /* file(sections) */
    SCRIPT_DATA,   /* BYTE(value) ... */
    SCRIPT_OUTPUT, /* .text : { ... } > region */
    SCRIPT_ASSERT,
} script_kind;

typedef struct script_statement {
    script_kind kind;
    size_t at;
    struct script_statement *next;
    const char *name; /* SCRIPT_ASSIGN ("." for the place), SCRIPT_OUTPUT; SCRIPT_ASSERT: message */
    bool is_provided, is_hidden; /* SCRIPT_ASSIGN */
    script_expr *value;          /* of an assignment ("+=" is written out), an ASSERT, data */
    unsigned n_bytes;            /* SCRIPT_DATA */
    bool is_kept;                /* SCRIPT_INPUT: KEEP() */
    script_pattern *file, *sections;
    struct link_out *out; /* SCRIPT_OUTPUT: what it has become */
    script_expr *address, *align, *subalign, *fill;
    bool is_not_loaded; /* (NOLOAD) */
    const char *region;
    struct script_statement *first; /* SCRIPT_OUTPUT: its contents */
} script_statement;

typedef struct script_region {
    const char *name;
    bool is_code, is_not_code; /* (RX), (!RX) */
    script_expr *origin_expr, *length_expr;
    uint64_t origin, length, next; /* `next`: the first free address */
    struct script_region *link;
} script_region;

typedef struct script_name {
    const char *text;
    size_t at;
    struct script_name *next;
} script_name;

typedef struct script {
    const char *file;
    ts_span text;
    const char *entry;
    script_name *inputs, *needed; /* INPUT(), EXTERN() */
    script_region *regions;
    script_statement *first;
} script;

ts_status link_script_parse(ts_arena *arena, const ts_link_file *file, script *out, ts_diag *diag);
/* Whether a name matches a pattern of *, ?, [a-z] and characters. */
bool link_matches(const char *pattern, const char *name);

/* ---- one link -------------------------------------------------------------------------------- */

/* A section of an object. */
typedef struct link_section {
    struct link_object *object;
    const ts_object_section *model;
    uint32_t order;  /* of all sections of all objects */
    bool is_dropped; /* of a group that another object has, or not to be linked at all */
    bool is_live;
    struct link_out *out;           /* NULL: none */
    uint32_t offset;                /* in `out` */
    const script_statement *taker;  /* that put it there, or NULL */
    struct link_section *next;      /* in `out` */
    struct link_section *in_group;  /* the next member of its group, in a circle; NULL: no group */
    struct link_section *next_text; /* in the bucket */
    const char *piece;              /* the function or object that it is, or NULL */
} link_section;

/* An object that is part of the link. */
typedef struct link_object {
    const ts_object *model;
    const char *file;
    const char *match;            /* what a script's patterns are compared with: "lib.a:memcpy.o" */
    link_section *sections;       /* by number */
    struct link_symbol **symbols; /* by number: the global one, NULL for local ones */
    bool is_runtime;
    struct link_object *next;
} link_object;

typedef enum link_state {
    LINK_UNDEFINED,
    LINK_LAZY, /* an archive has it */
    LINK_COMMON,
    LINK_DEFINED, /* by an object */
    LINK_SCRIPT,  /* by the script */
} link_state;

/* A global symbol. */
typedef struct link_symbol {
    const char *name;
    link_state state;
    bool is_weak;        /* the definition is, or all references are */
    bool is_referenced;  /* by an object or the script */
    bool is_needed;      /* by something live */
    link_object *object; /* that defines it */
    const ts_object_symbol *model;
    link_section *section; /* LINK_DEFINED; NULL: absolute */
    uint32_t value;        /* in the section; absolute or LINK_SCRIPT: the address */
    uint32_t before;       /* LINK_SCRIPT: at the end of the round before */
    uint32_t size, align;
    struct link_out *out;       /* LINK_SCRIPT: assigned inside of this section */
    struct link_member *member; /* LINK_LAZY */
    uint32_t reserved;          /* bytes that the script sets aside behind it */
    uint8_t visibility;
    const script_statement *provider;     /* PROVIDE(name = value), or NULL */
    struct link_symbol *next_hash, *next; /* in the bucket; in the order of appearance */
} link_symbol;

/* A member of an archive that may be needed. */
typedef struct link_member {
    const ts_object *model;
    const char *file, *match;
    bool is_taken, is_runtime;
} link_member;

/* A section of the program. */
typedef struct link_out {
    const char *name;
    link_section *first, *last;
    uint32_t n_sections;
    uint32_t type, flags, align, addr, size;
    script_region *region;
    bool is_placed;  /* has an address, or needs none */
    bool is_used;    /* has contents, or symbols that make it needed */
    uint32_t fill;   /* between sections: a word, its most significant byte first */
    ts_buf data;     /* BYTE(...) of the script: offset, size, value */
    uint32_t number; /* in the program */
    struct link_out *next_hash, *next;
} link_out;

/* Addresses that a script sets aside: `. += size`. */
typedef struct link_reserved {
    const char *name; /* of the symbol there; "" when there is none */
    uint32_t addr, size;
    struct link_reserved *next;
} link_reserved;

/* Where the stack begins, to LLVM's compiler.
 * src: Xilinx/mlir-aie: lib/Targets/AIETargetLdScript.cpp [code] */
#define LINK_STACK "_sp_start_value_DM_stack"

enum {
    LINK_BUCKETS = 1024
};

typedef struct link {
    ts_arena *arena;
    const ts_link_options *options;
    ts_link_result *result;
    ts_diag *diag;
    script script;
    link_object *objects, **objects_end; /* in the order they came in */
    size_t n_objects;
    uint32_t n_sections;
    link_symbol **buckets; /* twice as many as before when there are as many symbols */
    size_t n_buckets, n_symbols;
    link_symbol *symbols, **symbols_end;
    link_out *outs, **outs_end;
    size_t n_outs;
    link_out *out_buckets[LINK_BUCKETS];
    link_section *text_buckets[LINK_BUCKETS]; /* strings that are not loaded, by their bytes */
    link_reserved *reserved, **reserved_end;
    const char *entry;
} link;

/* link_input.c */
ts_status link_read_inputs(link *l);
link_symbol *link_find_symbol(const link *l, const char *name);
/* The symbol of that name, made when it is new; NULL: NOMEM. */
link_symbol *link_symbol_named(link *l, const char *name);
/* Say that something refers to a symbol, which may bring in a member of an archive. */
ts_status link_refer(link *l, const char *name);
/* Objects that `symbol` of `object` names: its section, or NULL. */
link_section *link_section_of(link_object *object, uint32_t symbol);
ts_status link_warn(link *l, const char *format, ...) TS_PRINTF(2, 3);

/* link_runtime.c: the start-up code, as an archive of one member. */
ts_status link_add_runtime(link *l);
ts_status link_add_member(link *l, const ts_object *model, const char *file, const char *match,
                          bool is_runtime);

/* link_live.c */
ts_status link_find_live(link *l);

/* link_layout.c */
ts_status link_place_all(link *l);
uint32_t link_symbol_addr(const link_symbol *symbol);

/* link_output.c */
ts_status link_make_program(link *l);

/* link_report.c */
ts_status link_report_uses(link *l);
ts_status link_check_memories(link *l);
ts_status link_check_overlaps(link *l);
ts_status link_check_stack(link *l);

#endif
