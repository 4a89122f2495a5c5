/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Objects with AIE2 code, built in memory: for the tests of the linker and of the stack's depth.
 */
#ifndef TESSERA_TEST_CODE_H
#define TESSERA_TEST_CODE_H

#include "tessera/aie2.h"
#include "tessera/object.h"

/* An object to add to; mistakes in a test abort. */
typedef struct code_object {
    ts_arena *arena;
    ts_object o;
    uint32_t section; /* where code goes */
    ts_buf code;
} code_object;

void code_begin(ts_arena *arena, code_object *c);
/* A new section; what follows goes there. */
void code_section(code_object *c, const char *name, uint32_t flags, uint32_t align);
/* A global function or object at the place that is next; its size is what follows it. */
void code_symbol(code_object *c, const char *name, uint8_t binding, uint8_t type);
/* One instruction by llvm-aie's name, in the smallest bundle, with values in the units of its text.
 * `symbol`: what relocates its last immediate, or NULL. */
void code_op(code_object *c, const char *name, int32_t a, int32_t b, const char *symbol,
             int32_t addend);
void code_nops(code_object *c, unsigned n);
/* Bytes, and a word of data that is relocated. */
void code_bytes(code_object *c, const void *data, size_t size);
void code_word(code_object *c, uint8_t type, const char *symbol, int32_t addend);
/* A function in a section of its own: `frame` bytes in front and back behind, calls in between. */
void code_function(code_object *c, const char *name, int32_t frame, const char *const *calls);
/* The file; the object can be added to further. */
ts_span code_file(code_object *c);

/* The object of a text for the assembler, which is not checked for hazards. */
ts_object code_assemble(ts_arena *arena, const char *text);

/* The .text of such a text, in which `nop *7` is seven lines, for program memory: its bytes. */
size_t code_program(const char *text, uint8_t out[TS_AIE2_PROGRAM_BYTES]);

uint32_t code_reference(code_object *c, const char *name);
ts_aie2_register code_register(const char *name);

#endif
