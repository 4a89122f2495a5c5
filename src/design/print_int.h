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

#endif
