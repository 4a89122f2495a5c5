/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * What the parts of the stack analysis share: the code as one image (stack_image.c), what a bundle
 * does (stack_bundle.c), a walk over every path of each function (stack_walk.c), the deepest chain
 * (stack.c).
 */
#ifndef TESSERA_STACK_INT_H
#define TESSERA_STACK_INT_H

#include "object_int.h"

#include "tessera/aie2.h"

enum {
    STACK_POINTERS = 8, /* p0 to p7 */
    STACK_LS = STACK_POINTERS,
    STACK_LE,
    STACK_VALUES,
    STACK_MAX_FUNCTIONS = 1 << 20,
    STACK_STEPS_PER_BYTE = 16, /* public builds take below 1 */
    STACK_MIN_STEPS = 1 << 16,
    STACK_MAX_STEPS = 1 << 26,
    STACK_MAX_LOOPS = 64, /* values of LS, and of LE, in a function */
};

/* What is known in front of a bundle. */
typedef struct stack_state {
    uint32_t walk; /* that came here: states of earlier walks need no clearing */
    uint16_t n_merges;
    uint16_t known;                /* bit per value: it is */
    int32_t depth;                 /* of the stack pointer since the function began */
    uint64_t return_in;            /* bit per register: it holds the function's return address */
    uint8_t landing[STACK_VALUES]; /* bundles until an older write has landed */
    uint32_t values[STACK_VALUES]; /* of p0 to p7, LS, LE */
} stack_state;

typedef struct stack_reloc {
    uint32_t offset;
    uint8_t type;
    uint32_t value;
} stack_reloc;

/* A stretch of code. Objects have no addresses yet, so each section gets one of its own, `shown`
 * less than which is what a person sees. */
typedef struct stack_region {
    uint32_t address, shown;
    ts_span bytes;
    const char *file;
    stack_reloc *relocs; /* by offset */
    size_t n_relocs;
    stack_state *states; /* by half of the offset */
} stack_region;

typedef struct stack_edge {
    uint32_t callee, at_call;
} stack_edge;

/* Beside each ts_stack_function. */
typedef struct stack_node {
    uint32_t address; /* in the image */
    stack_edge *edges;
    size_t n_edges, capacity;
    uint8_t color; /* 0 not seen, 1 on the way, 2 done */
    size_t next_edge;
    uint32_t from;
    bool never_returns; /* as far as has been walked */
} stack_node;

enum {
    STACK_ABSENT_BASE = 0x40000000
};

typedef struct stack_image {
    ts_arena *arena;
    ts_diag *diag;
    stack_region *regions; /* by address */
    size_t n_regions, region_capacity;
    ts_stack_function *functions;
    stack_node *nodes;
    size_t n_functions, function_capacity, node_capacity;
    uint32_t *by_address; /* functions, a hash table of addresses */
    size_t n_slots;
    const char **absent; /* the n-th is at STACK_ABSENT_BASE + n */
    size_t n_absent, absent_capacity;
    bool has_start;
    uint32_t start;
    uint32_t entry; /* function; 0: none is the first */
    uint32_t n_walks;
    uint64_t n_steps, max_steps; /* bundles run, in all walks */
} stack_image;

/* The function at an address, made when it is new. 0: NOMEM. */
uint32_t stack_function_at(stack_image *image, uint32_t address, const char *name);
/* The same, but 0 when there is none. */
uint32_t stack_find_function(const stack_image *image, uint32_t address);
stack_region *stack_region_at(const stack_image *image, uint32_t address);
const char *stack_absent_name(const stack_image *image, uint32_t address);

/* stack_image.c */
ts_status stack_read_program(stack_image *image, const ts_object *program);
ts_status stack_read_objects(stack_image *image, const ts_object *objects, size_t n);
ts_status stack_read_memory(stack_image *image, ts_span bytes);

/* ---- walking --------------------------------------------------------------------------------- */

typedef struct stack_walker {
    stack_image *image;
    uint32_t function, walk;
    uint32_t *work; /* addresses whose state changed */
    size_t n_work, capacity;
    uint32_t firsts[STACK_MAX_LOOPS], lasts[STACK_MAX_LOOPS]; /* of hardware loops */
    unsigned n_firsts, n_lasts;
    bool returns;
    ts_aie2_register sp, lr, ls, le;
} stack_walker;

/* A jump of a bundle. */
typedef struct stack_leap {
    const ts_aie2_instruction *in; /* NULL: none */
    bool is_known;
    uint32_t target;
} stack_leap;

/* stack_bundle.c */
ts_stack_function *stack_self(const stack_walker *w);
void stack_note(stack_walker *w, uint8_t what, uint32_t address, const char *name);
stack_state stack_state_at_entry(void);
/* A function was called: only what it keeps is known any more. */
void stack_forget_at_call(stack_state *s);
bool stack_has_return_address(const stack_state *s);
/* Run the bundle at an address: its bytes; 0: it is none. All slots read what was before it. */
unsigned stack_run_bundle(stack_walker *w, uint32_t address, stack_state *s, stack_leap *jump);

/* stack_walk.c: fill frame, edges and `open` of a function. */
ts_status stack_walk(stack_image *image, uint32_t function);

#endif
