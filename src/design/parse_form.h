/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * A form while it is read, for the interpreter and the irregular forms. */
#ifndef TESSERA_DESIGN_PARSE_FORM_H
#define TESSERA_DESIGN_PARSE_FORM_H

#include "forms.h"
#include "parse_int.h"

typedef struct form_state {
    parser *p;
    building *b;
    const design_form *form;
    const char *at;   /* in the form */
    uint32_t segment; /* the next one */
    uint32_t typed;   /* bits: segments whose types are known */
    arguments *inits; /* of a loop, while they are read */
} form_state;

const ts_type *form_integer_type(ts_design *design, const design_attr_spec *spec);
ts_status form_parse_attr(parser *p, const design_attr_spec *spec, const ts_attr **out);
/* The type that a constant of this value has, or NULL. */
const ts_type *form_value_type(const parser *p, const ts_attr *value);
ts_status form_set_segments(form_state *s);
ts_status form_irregular(form_state *s, const char *name, size_t length);
ts_status form_affine(form_state *s, const char *name, size_t length, bool *is_known);
ts_status form_control(form_state *s, const char *name, size_t length, bool *is_known);

/* Parts of loops and conditions, for scf and affine alike. */
ts_status form_inits(form_state *s, arguments *list);
ts_status form_carried(form_state *s, arguments *list);
ts_status form_else(form_state *s);
ts_status form_result_types(form_state *s);

#endif
