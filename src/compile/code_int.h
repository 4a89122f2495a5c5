/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Code for the bodies of cores and the functions that they call: MLIR becomes three-address code
 * over virtual registers in blocks (code_function), which get registers and become assembly.
 * docs/build.md says what is supported.
 *
 * An integer of fewer than 32 bits lies in the low bits of its register; what is above is anything,
 * unless code_value says more. One of 33 to 64 bits has two registers, a wide value: the same holds
 * for the high one. `index` has 32 bits.
 */
#ifndef TESSERA_CODE_INT_H
#define TESSERA_CODE_INT_H

#include "compile_int.h"

/* ---- registers ------------------------------------------------------------------------------- */

typedef enum code_class {
    CODE_GENERAL, /* r0 to r31 */
    CODE_POINTER, /* p0 to p7 */
    CODE_VECTOR,  /* x0 to x11 */
} code_class;

enum {
    /* Registers of the core by number: r0.. from 0, p0.. from 32, x0.. from 40. */
    CODE_R0 = 0,
    CODE_P0 = 32,
    CODE_X0 = 40,
    CODE_N_FIXED = 52,
    CODE_N_ARGUMENTS = 8, /* r0 to r7; of pointers p0 to p5 */
    CODE_N_POINTER_ARGUMENTS = 6,
    CODE_VECTOR_BYTES = 64,
    CODE_IN_ROOM = 1 << 22,
    CODE_VECTOR_ALIGN = 32,
    CODE_MAX_FRAME = 8160, /* what [sp, #offset] reaches */
};

/* ---- three-address code ---------------------------------------------------------------------- */

typedef enum code_operand_kind {
    CODE_NONE,
    CODE_VIRTUAL,
    CODE_FIXED,     /* a register of the core */
    CODE_IMMEDIATE, /* 32 bits */
    CODE_SYMBOL,    /* an address: symbol and offset */
    CODE_FRAME,     /* an address: offset in the room for memref.alloca */
    CODE_OUTGOING,  /* word `value` of the arguments that a call finds on the stack */
    CODE_INCOMING,  /* the same of the function's own arguments */
} code_operand_kind;

typedef struct code_operand {
    code_operand_kind kind;
    uint32_t reg;
    int32_t value;
    const char *symbol;
} code_operand;

typedef struct code_copy {
    code_operand to, from; /* `to`: VIRTUAL or FIXED */
} code_copy;

/* X(constant, text): $d the result, $0 to $2 the operands, $i the immediate. Without text: more
 * than one instruction, see code_emit.c. */
#define CODE_OP_LIST(X)                                                                            \
    X(SET, "")                                                                                     \
    X(COPY, "")                                                                                    \
    X(CALL, "")                                                                                    \
    X(SELECT, "")                                                                                  \
    X(LOAD, "")                                                                                    \
    X(STORE, "")                                                                                   \
    X(MOVE_POINTER, "")                                                                            \
    X(VECTOR_LOAD, "")                                                                             \
    X(VECTOR_STORE, "")                                                                            \
    X(TEXT, "")                                                                                    \
    X(ADD, "add $d, $0, $1")                                                                       \
    X(ADD_IMMEDIATE, "add $d, $0, #$i")                                                            \
    X(SUB, "sub $d, $0, $1")                                                                       \
    X(MUL, "mul $d, $0, $1")                                                                       \
    X(AND, "and $d, $0, $1")                                                                       \
    X(OR, "or $d, $0, $1")                                                                         \
    X(XOR, "xor $d, $0, $1")                                                                       \
    X(LSHL, "lshl $d, $0, $1")                                                                     \
    X(ASHL, "ashl $d, $0, $1")                                                                     \
    X(LT, "lt $d, $0, $1")                                                                         \
    X(GE, "ge $d, $0, $1")                                                                         \
    X(LTU, "ltu $d, $0, $1")                                                                       \
    X(GEU, "geu $d, $0, $1")                                                                       \
    X(EQ, "eq $d, $0, $1")                                                                         \
    X(NE, "ne $d, $0, $1")                                                                         \
    X(EQZ, "eqz $d, $0")                                                                           \
    X(EXTEND_S8, "extend.s8 $d, $0")                                                               \
    X(EXTEND_U8, "extend.u8 $d, $0")                                                               \
    X(EXTEND_S16, "extend.s16 $d, $0")                                                             \
    X(EXTEND_U16, "extend.u16 $d, $0")                                                             \
    X(ACQUIRE, "acq #$i, $0")                                                                      \
    X(RELEASE, "rel #$i, $0")                                                                      \
    X(PUT_STREAM, "mov ms, $0")                                                                    \
    X(GET_STREAM, "mov $d, SS")                                                                    \
    X(EVENT, "event #$i")

typedef enum code_op {
#define X(constant, text) CODE_##constant,
    CODE_OP_LIST(X)
#undef X
} code_op;

/* LOAD: from [0] + [1] + value to `to`; STORE: [2] there; [1] may be NONE. `bits` 8, 16, 32.
 * MOVE_POINTER: `to` = [0] + [1] + value. SELECT: [0] is not 0 ? [1] : [2]. SET: `to` = [0].
 * VECTOR_LOAD and _STORE: the same of 64 bytes. TEXT: `symbol` is the text, `copies` go before,
 * `results` behind it. COPY: all `copies` at once. CALL: `copies` go to the registers of the
 * arguments, `to` comes from where results come back; `symbol` is called. */
typedef struct code_inst {
    code_op op;
    uint8_t bits;
    bool is_signed;
    int32_t value;
    code_operand to, from[3];
    const char *symbol;
    code_copy *copies, *results;
    uint32_t n_copies, n_results;
    int32_t step;  /* LOAD, STORE: [0], a pointer, moves by so much behind it */
    uint8_t group; /* LOAD, STORE: two groups other than 0 share no memory */
} code_inst;

typedef struct code_block {
    uint32_t number;
    code_inst *insts;
    uint32_t n_insts;
    size_t capacity;
    /* Where it goes on: nowhere (it returns), to next[0], or by `condition` not 0 there, else to
     * next[1]. */
    struct code_block *next[2];
    uint32_t n_next;
    uint32_t condition; /* virtual */
    code_copy *results; /* of a block that returns */
    uint32_t n_results;
    bool is_open, is_reached, is_target;
    uint32_t index;    /* in the text, as long as no block is added */
    uint32_t n_before; /* edges that lead here */
    uint32_t depth;    /* loops that it is in */
    uint32_t counter;  /* virtual: of the end of a loop that is run `rounds` times; or 0 */
    uint32_t rounds;
    struct code_loop *loop; /* the innermost that it is in */
    uint32_t *live;         /* virtual registers that are live at its start, as bits */
    uint32_t first, last;   /* numbers of its first instruction, and of its end */
} code_block;

typedef struct code_virtual {
    code_class class;
    uint32_t from, to; /* places between which it lives */
    bool over_call;    /* it lives while something is called */
    int32_t fixed;     /* its register, or -1: in the frame at `slot` */
    int32_t hint;      /* a virtual register that it is copied from or to; negative: ~(a register of
                        * the core); 0: none */
    code_operand constant; /* all that it ever is: it is made where it is read, and has no slot */
    uint32_t weight;       /* how often it is met, roughly */
    uint32_t slot;         /* a word behind the room; from CODE_IN_ROOM on, one in it */
} code_virtual;

typedef struct code_function {
    const char *name;
    code_block **blocks; /* in the order of the text */
    uint32_t n_blocks, n_made;
    size_t block_capacity;
    uint32_t n_insts;
    code_virtual *virtuals; /* from 1 on */
    uint32_t n_virtuals, virtual_capacity;
    uint32_t room;                   /* bytes of memref.alloca, at the start of the frame */
    uint32_t slots;                  /* words behind it */
    uint32_t n_outgoing, n_incoming; /* words of arguments on the stack */
    uint32_t frame;                  /* bytes of all but the incoming, a multiple of 32 */
    uint64_t used;                   /* registers that are written, as bits */
    bool has_calls, returns;
    bool has_masks; /* r16 and r17 are for those of lanes */
} code_function;

/* ---- values ---------------------------------------------------------------------------------- */

typedef enum code_value_kind {
    CODE_UNKNOWN,
    CODE_CONSTANT,
    CODE_REGISTER,
    CODE_MEMORY,
} code_value_kind;

/* A memref: base + offset + dynamic, in bytes. */
typedef struct code_memory {
    code_operand base; /* SYMBOL, FRAME, VIRTUAL */
    int64_t offset;
    uint32_t dynamic; /* virtual register, or 0 */
    uint32_t align;   /* of base and dynamic, as far as it is known, up to CODE_VECTOR_ALIGN */
    const ts_type *type;
    int64_t strides[TS_DESIGN_MAX_RANK]; /* in bytes */
} code_memory;

typedef struct code_value {
    code_value_kind kind;
    const ts_type *type;
    int64_t constant;                        /* sign extended; i1: 0 or 1; f32, bf16: the bits */
    uint32_t reg, high;                      /* high: of a wide value, else 0 */
    bool is_sign_extended, is_zero_extended; /* the register above the value's bits */
    uint8_t zeros; /* its lowest bits that are known to be 0, of a register */
    const code_memory *memory;
} code_value;

/* The registers of a value; high: of a wide one, else 0. */
typedef struct code_words {
    uint32_t low, high;
} code_words;

/* ---- from MLIR ------------------------------------------------------------------------------- */

typedef struct code_named {
    const ts_value *value; /* NULL: free */
    code_value known;
} code_named;

/* A program in the making. */
typedef struct coder {
    comp c;
    comp_build *b;
    comp_tile tile;
    code_function *f; /* the function in the making, and its block */
    code_block *block;
    code_named *values; /* by hash of the pointer */
    size_t n_values, value_capacity;
    struct {
        int32_t value;
        uint32_t reg;
    } constants[8]; /* that this block has in registers */
    uint32_t n_constants;
    const ts_op **functions; /* func.func to be made, with the core's body first */
    size_t n_functions, n_done, function_capacity;
    const ts_op **globals; /* memref.global that are used */
    size_t n_globals, global_capacity;
    uint32_t n_emitted; /* functions */
    uint32_t growth;    /* instructions that loops have got by rounds done at once */
    ts_buf text;
} coder;

#define CODE_FAIL(k, op, code, ...) COMP_FAIL(&(k)->c, op, code, __VA_ARGS__)

/* The assembly of a core's program, into core->assembly, with core->file as its name. */
ts_status code_core(comp_build *b, ts_compile_core *core);

/* code_values.c */
ts_status code_unsupported(coder *k, const ts_op *op);
ts_status code_bind(coder *k, const ts_value *value, code_value known);
ts_status code_look_up(coder *k, const ts_op *op, const ts_value *value, code_value *out);
/* Bits of a value in a register; an error for types that no register has. */
ts_status code_width(coder *k, const ts_op *op, const ts_type *type, unsigned *out);
/* A constant of a type, brought to the form that code_value.constant has. */
int64_t code_canonical(const ts_type *type, int64_t value);
code_value code_constant(const ts_type *type, int64_t value);
code_value code_in_register(const ts_type *type, uint32_t reg);
/* Its lowest bits that are known to be 0. */
unsigned code_zeros(const code_value *value);
/* The register with a value, what is above its bits anything, its sign, zeros. */
ts_status code_any(coder *k, const ts_op *op, code_value value, uint32_t *out);
ts_status code_sign_extended(coder *k, const ts_op *op, code_value value, uint32_t *out);
ts_status code_zero_extended(coder *k, const ts_op *op, code_value value, uint32_t *out);
/* Whether a type takes two registers; the registers with such a value, or with a narrower one that
 * is brought there by its sign or by zeros (`how`; wide values are cut or extended the same way).
 */
typedef enum code_extension {
    CODE_ANY,
    CODE_SIGN,
    CODE_ZERO
} code_extension;
bool code_is_wide(const ts_type *type);
/* A vector of 512 bits; what its comparison gives, in one register or, long, two. */
bool code_is_vector(const ts_type *type);
bool code_is_mask(const ts_type *type);
bool code_is_long_mask(const ts_type *type);
ts_status code_wide_words(coder *k, const ts_op *op, code_value value, code_extension how,
                          code_words *out);
/* Sums and differences of such words; 1 in `*out` when a is less than b. */
ts_status code_wide_add(coder *k, code_words a, code_words b, code_words *out);
ts_status code_wide_subtract(coder *k, code_words a, code_words b, code_words *out);
ts_status code_wide_less(coder *k, code_words a, code_words b, bool is_signed, uint32_t *out);
/* A value in as many registers as it has, what is above its bits anything. */
ts_status code_words_of(coder *k, const ts_op *op, code_value value, code_words *out);
/* What is known of an operand. */
ts_status code_operand_value(coder *k, const ts_op *op, uint32_t index, code_value *out);

/* code_blocks.c; a register or block that there is no memory for is 0 or NULL, and NOMEM comes with
 * the next call that gives a status */
uint32_t code_new_register(coder *k, code_class class);
code_block *code_new_block(coder *k);
/* What follows goes to `block`, which is placed behind the others. */
ts_status code_start(coder *k, code_block *block);
ts_status code_add(coder *k, code_inst inst);
ts_status code_add_op(coder *k, code_op op, uint32_t to, uint32_t a, uint32_t b);
/* A new register with the result. */
ts_status code_make(coder *k, code_op op, uint32_t a, uint32_t b, uint32_t *out);
/* And with a where the condition is not 0, else b. */
ts_status code_choose(coder *k, uint32_t condition, uint32_t a, uint32_t b, uint32_t *out);
ts_status code_set(coder *k, int32_t value, uint32_t *out);
ts_status code_add_copies(coder *k, code_copy *copies, uint32_t n);
ts_status code_go(coder *k, code_block *to);
ts_status code_branch(coder *k, uint32_t condition, code_block *then, code_block *otherwise);
code_operand code_virtual_operand(uint32_t reg);
code_operand code_fixed_operand(uint32_t reg);

/* code_arith.c, code_wide.c, code_float.c, code_memory.c, code_control.c, code_calls.c,
 * code_stream.c, code_vector.c: operations (code_affine.c has affine maps). `*known` is set when
 * the operation is one of the file's. */
ts_status code_arith(coder *k, const ts_op *op, bool *known);
ts_status code_wide(coder *k, const ts_op *op, bool *known);
ts_status code_float(coder *k, const ts_op *op, bool *known);
ts_status code_memref(coder *k, const ts_op *op, bool *known);
ts_status code_control(coder *k, const ts_op *op, bool *known);
ts_status code_outside(coder *k, const ts_op *op, bool *known);
ts_status code_stream(coder *k, const ts_op *op, bool *known);
ts_status code_vector(coder *k, const ts_op *op, bool *known);
/* Where the vector lies whose memref is that operand; an error when that is not known to be a
 * multiple of CODE_VECTOR_ALIGN, or its lanes have gaps. */
ts_status code_vector_address(coder *k, const ts_op *op, uint32_t memref, code_inst *inst);
ts_status code_block_ops(coder *k, const ts_block *block);
/* All blocks of a region that is entered at its first one. */
ts_status code_region(coder *k, const ts_region *region);
/* Registers that hold a value of a type while control flows, what puts it there, what reads it. */
ts_status code_variable(coder *k, const ts_op *op, const ts_type *type, code_words *out);
ts_status code_copy_to(coder *k, const ts_op *op, code_value value, code_words variable,
                       code_copy *list, uint32_t *n);
ts_status code_bind_variable(coder *k, const ts_op *op, const ts_value *value, code_words variable);
/* The results of an affine map, an attribute of `op`, for its operands from `first` on: at most
 * `most`; how many operands it has. */
ts_status code_affine_map(coder *k, const ts_op *op, const char *name, uint32_t first,
                          code_value *out, uint32_t most, uint32_t *n_out, uint32_t *n_operands);
/* The largest or least of the results of such a map; whether a set holds for all its operands. */
ts_status code_affine_extreme(coder *k, const ts_op *op, const char *name, uint32_t first,
                              bool is_max, code_value *out, uint32_t *n_operands);
ts_status code_affine_set(coder *k, const ts_op *op, code_value *out);
/* The memref that an operand is; its address as operands of `inst`, the base in `*base` too; an
 * error about a type; memref.copy (code_copy.c). */
ts_status code_get_memory(coder *k, const ts_op *op, uint32_t index, const code_memory **out);
ts_status code_resolve(coder *k, code_memory m, uint32_t *base, code_inst *inst);
ts_status code_fail_type(coder *k, const ts_op *op, const ts_type *type, const char *why);
ts_status code_copy_memory(coder *k, const ts_op *op);
/* A memref as a pointer, as functions get it, and back. */
ts_status code_pointer(coder *k, const ts_op *op, const code_memory *memory, uint32_t *out);
ts_status code_memory_at(coder *k, const ts_op *op, const ts_type *type, code_operand base,
                         code_value *out);
/* A call of a helper of the run-time library. */
ts_status code_call_helper(coder *k, const char *name, const uint32_t *arguments, uint32_t n,
                           uint32_t *result);
/* The same with a wide result; `arguments` are its words in order. */
ts_status code_call_wide(coder *k, const char *name, const uint32_t *arguments, uint32_t n,
                         code_words *result);
ts_status code_return(coder *k, const ts_op *op);
ts_status code_enter(coder *k, const ts_op *function);

/* ---- better code --------------------------------------------------------------------------- */

/* Between what MLIR says and registers. Virtual registers are no SSA: variables of loops are
 * written in more than one place, and what is written in one place only is known by that. */

typedef struct code_loop {
    code_block *head, *latch; /* the only one that goes back to the head, or NULL */
    code_block *before;       /* the only one from outside, and goes nowhere else; or NULL */
    uint32_t *inside;         /* blocks by index, as bits */
    uint32_t n_blocks;
    uint32_t n_latches;
    bool has_calls;
} code_loop;

/* Where each virtual register is written. */
typedef struct code_defs {
    uint32_t *n;
    code_block **block; /* of the last */
    uint32_t *at;
} code_defs;

/* code_improve.c: number `i` of the operands that are read, of those that are written; NULL: there
 * are no more. They may be of any kind. */
code_operand *code_read(code_inst *inst, uint32_t i);
code_operand *code_write(code_inst *inst, uint32_t i);
/* What it does is to write `to`, and that depends on its operands only. */
bool code_is_pure(const code_inst *inst);
bool code_is_constant(const code_operand *o);
ts_status code_find_defs(coder *k, code_function *f, code_defs *out);
/* The one instruction that writes a virtual register; NULL: there are more. */
code_inst *code_def(const code_defs *defs, uint32_t reg);
/* A constant that a register has wherever it is read. */
bool code_known(const code_defs *defs, uint32_t reg, int32_t *out);
/* Each register `i` becomes to[i], unless that is 0. */
void code_rename(code_function *f, const uint32_t *to);
ts_status code_insert(coder *k, code_block *block, uint32_t at, code_inst inst);
void code_remove(code_block *block, uint32_t at);
ts_status code_improve(coder *k, code_function *f);

/* code_flow.c: branches that are decided, blocks that belong together, blocks without anything */
ts_status code_clean_flow(coder *k, code_function *f);
/* Innermost first; every loop has a block in front where that is asked for. */
ts_status code_find_loops(coder *k, code_function *f, code_loop **out, uint32_t *n);
ts_status code_add_block(coder *k, code_function *f, uint32_t index, code_block **out);
bool code_is_inside(const code_loop *loop, const code_block *block);

/* code_copies.c */
ts_status code_merge_copies(coder *k, code_function *f);
ts_status code_remove_dead(coder *k, code_function *f);

/* code_loops.c */
ts_status code_rotate_loops(coder *k, code_function *f);
ts_status code_hoist(coder *k, code_function *f, const code_loop *loop);
ts_status code_unroll(coder *k, code_function *f);

/* code_address.c */
ts_status code_reduce_strength(coder *k, code_function *f, const code_loop *loop);

/* code_groups.c */
void code_fold_steps(code_function *f);
ts_status code_find_groups(coder *k, code_function *f);

/* ---- registers and text ---------------------------------------------------------------------- */

/* Gives each virtual register a register of the core or a place in the frame. */
ts_status code_allocate(coder *k, code_function *f);
ts_status code_emit(coder *k, code_function *f);
ts_status code_emit_globals(coder *k);

#endif
