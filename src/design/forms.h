/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * How operations are written: one row each, interpreted by the parser (parse_form.c), the printer
 * (print_form.c) and the verifier. In the spirit of MLIR's declarative assembly formats.
 *
 * A form is words with one space between. What is not listed stands for itself.
 *   $a          an attribute, written as its kind demands
 *   %a %a* %a?  an operand, operands with commas, an optional operand; each is a segment
 *   [%a]        a list of numbers and operands: attribute static_a and segment a
 *   t(%a) t(>) t(>*) t(*)  the type of a segment, of the result, of all results, of everything
 *   b(%a) e(%a,%m) x(%a)   not written: i1, an element of %m, not checked
 *   u(a)        a keyword that is there when the unit attribute is
 *   ^ ^*        a successor; a successor with operands
 *   region regions         in braces; any number with commas
 *   dict        the other attributes, when there are any
 *   ?( ... )?   there when what it begins with is, in print when its attribute or operand is
 *   ?+( ... )?  as before, but printed also when the same kind of group behind it is
 *   . _         in print: no space here, a space here
 *   !a          irregular: a function of that name
 *
 * Attributes are name:kind, then ? when they may be absent or =DEFAULT when absent means that
 * value. An attribute that has its default value is never in the tree.
 */
#ifndef TESSERA_DESIGN_FORMS_H
#define TESSERA_DESIGN_FORMS_H

#include "design_int.h"

enum {
    FORM_SEGMENTS = 1 << 0,   /* operandSegmentSizes tells the segments apart */
    FORM_ISOLATED = 1 << 1,   /* regions see no values from outside */
    FORM_TERMINATOR = 1 << 2, /* ends a block */
    FORM_END = 1 << 3,        /* blocks end in an aie.end that is neither written nor kept */
    FORM_YIELD = 1 << 4,      /* the same with a yield without operands */
    FORM_NAMED = 1 << 5,      /* results exist when they are named */
    FORM_FLAT = 1 << 6,       /* the first block may lack a terminator */
    FORM_FUNC = 1 << 7,       /* inside, names without a dialect are of func */
};

typedef struct design_form {
    const char *form; /* NULL: no such row */
    const char *attrs;
    const char *results; /* index, i1, or: > as written, =N as operand N, eN its element, bN i1 in
                          * its shape, * as all, $ type of "value", empty: none */
    unsigned flags;
    ts_op_code parents[3]; /* it must lie directly in one of these; OTHER: anywhere */
} design_form;

extern const design_form design_forms[TS_OP_N_CODES];

typedef enum design_kind {
    KIND_I8,
    KIND_I16,
    KIND_I32,
    KIND_I64,
    KIND_UI8,
    KIND_UI32,
    KIND_UI64,
    KIND_BOOL,
    KIND_STRING,
    KIND_NAME,    /* a string, written @name */
    KIND_SYMBOL,  /* a symbol reference */
    KIND_SYMBOLS, /* an array of them */
    KIND_ARRAY,
    KIND_DENSE,
    KIND_DENSES, /* an array of dense elements */
    KIND_INTS,   /* array<i32: ...>, array<i64: ...> */
    KIND_TYPE,
    KIND_UNIT,
    KIND_PACKET, /* #aie.packet_info, written <pkt_type = 0, pkt_id = 1> */
    KIND_DIMS,   /* #aie<bd_dim_layout_array[...]>, written [<size = 1, stride = 2>] */
    KIND_DIMSS,
    KIND_PADS,
    KIND_DEPTH, /* an i32 or an array of numbers */
    KIND_FLAGS, /* #arith.fastmath<...>, written <...> */
    KIND_ANY,
    KIND_ENUM,
} design_kind;

typedef struct design_enum {
    const char *name;
    uint32_t width; /* bits of its integer type */
    const char *const *names;
    uint32_t n_names;
} design_enum;

typedef struct design_attr_spec {
    const char *name; /* not ended by NUL */
    uint32_t length;
    design_kind kind;
    const design_enum *words; /* ENUM */
    bool is_optional, has_default;
    const char *text; /* the default: up to a space or the end */
} design_attr_spec;

/* The first spec of `attrs`, or that behind `*at`; false at the end. */
bool design_next_spec(const char *attrs, const char **at, design_attr_spec *out);
bool design_find_spec(const char *attrs, const char *name, size_t length, design_attr_spec *out);
/* Whether the attribute says what its absence says. */
bool design_is_default(const design_attr_spec *spec, const ts_attr *attr);
/* NULL when there is none. Names may be unused numbers: NULL. */
const char *design_enum_name(const design_enum *words, int64_t value);
/* The next word of a form into `*word` and its length; false at the end. */
bool design_next_word(const char **at, const char **word, size_t *length);
bool design_word_is(const char *word, size_t length, const char *text);
/* The segment of that name in a form, counted from 0; UINT32_MAX: none. */
uint32_t design_segment_of(const char *form, const char *name, size_t length);
bool design_is_segment(const char *word, size_t length, const char **name, size_t *name_length);
uint32_t design_n_segments(const char *form);

/* Whether that region, written {}, is one empty block and not none. */
bool design_needs_block(const ts_op *op, size_t region);
/* Whether the operation is as its row says, so that it can be written in its custom form; if not,
 * why, in `why`. */
typedef struct design_why {
    char text[240];
} design_why;
bool design_check(const ts_op *op, design_why *why);
bool design_check_irregular(const ts_op *op, design_why *why);
/* The text between the last brackets of a map of subscripts, when subscripts over these operands
 * give that very map again; NULL otherwise. */
const char *design_subscripts(const ts_op *op, uint32_t first, size_t *length);
bool design_attr_fits(const design_attr_spec *spec, const ts_attr *attr);
const char *design_kind_text(const design_attr_spec *spec, char *text, size_t size);
/* Whether a form writes the attribute outside its dictionary. */
bool design_is_written(const char *form, const char *name);

/* Names of all operations for suggestions, and the code of one; OTHER: unknown. */
extern const char *const design_op_names[TS_OP_N_CODES];
ts_op_code design_code_of(const uint16_t *codes, const char *name, size_t length);
uint16_t *design_make_codes(ts_arena *arena);

#endif
