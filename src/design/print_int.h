/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * What the files of the printer do for each other. */
#ifndef TESSERA_DESIGN_PRINT_INT_H
#define TESSERA_DESIGN_PRINT_INT_H

#include "design_int.h"

typedef enum print_style {
    PRINT_WHOLE, /* with its type */
    PRINT_SHORT, /* without the types that go without saying: i64, f64 */
    PRINT_BARE,  /* without its type */
} print_style;

void print_attr(const ts_attr *attr, print_style style, ts_buf *out);
void print_dialect_body(const ts_attr *attr, ts_buf *out);
void print_members(const ts_named_attr *members, size_t n, ts_buf *out);
void print_results(ts_buf *out, const ts_type *const *types, uint32_t n);
void print_integer(ts_buf *out, int64_t value, const ts_type *type);
void print_quoted(ts_buf *out, const char *text, size_t n_bytes);
void print_symbol_name(ts_buf *out, const char *name);
void print_key(ts_buf *out, const char *name);
/* The bits of a float of that type, and back (float.c). False: a type that has none here. */
bool print_float_bits(const ts_type *type, double value, uint64_t *out);
double print_float_value(const ts_type *type, uint64_t bits);

/* ---- names of values and blocks (print_names.c) ---------------------------------------------- */

typedef struct used_name used_name;

typedef struct names_state {
    uint32_t next_number, next_argument, next_conflict;
    used_name *newest;
} names_state;

typedef struct printer {
    ts_buf *out;
    ts_arena *arena;
    design_map values; /* to their groups */
    design_map blocks; /* to their numbers, plus one */
    used_name **buckets;
    names_state names;
    uint32_t indent;
    bool has_failed;
    bool space, punctuation; /* of a form: whether a space stands before what comes */
} printer;

bool names_begin(printer *p);
/* Name all values of a region's own blocks; what names_leave() forgets. */
names_state names_enter(printer *p, const ts_region *region);
void names_leave(printer *p, names_state before);
void names_results(printer *p, const ts_op *op);
/* "%a" or "%a:2" for a result and those that share its name; how many they are. */
uint32_t print_group(printer *p, const ts_value *first);
void print_value(printer *p, const ts_value *value);
void print_block_name(printer *p, const ts_block *block);

/* ---- operations (print_op.c, print_form.c, print_irregular.c) -------------------------------- */

void print_operation(printer *p, const ts_op *op);
void print_region(printer *p, const ts_region *region, bool hides_arguments);
/* Region whose values are named already, for forms that write its arguments first. */
void print_named_region(printer *p, const ts_region *region, bool hides_arguments);
void print_values(printer *p, const ts_use *uses, uint32_t n);
void print_value_types(printer *p, const ts_use *uses, uint32_t n);
/* " {a = 1}" with the attributes that the form does not write, after " attributes" if so wanted. */
void print_rest(printer *p, const ts_op *op, bool with_keyword);
void print_custom(printer *p, const ts_op *op);
void print_irregular(printer *p, const ts_op *op, const char *word, size_t length,
                     uint32_t *n_segments);

#endif
