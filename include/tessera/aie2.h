/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * aie2: the instruction set of the AIE2 core (XDNA1: Phoenix, Hawk Point). Tables of registers,
 * slot instructions and bundle formats; bundles to bytes and back; their text; the assembler.
 *
 * A bundle is 2 to 16 bytes, little endian; its low bits tell the format, the format tells the
 * slots, and each slot holds one instruction. Nothing interlocks: an operand is read and a result
 * written in a fixed cycle after issue, and until then the register holds its old value.
 */
#ifndef TESSERA_AIE2_H
#define TESSERA_AIE2_H

#include "base.h"

/* ---- slots, registers --------------------------------------------------------------------------
 */

/* X(constant, name, letter in drawings and listings, bits). `lng` stands in place of alu and mv;
 * `nop` only in formats that idle. */
#define TS_AIE2_SLOT_LIST(X)                                                                       \
    X(LDA, "lda", 'A', 21)                                                                         \
    X(LDB, "ldb", 'B', 16)                                                                         \
    X(ST, "st", 'S', 21)                                                                           \
    X(ALU, "alu", 'I', 20)                                                                         \
    X(MV, "mv", 'M', 22)                                                                           \
    X(VEC, "vec", 'V', 26)                                                                         \
    X(LNG, "lng", 'L', 42)                                                                         \
    X(NOP, "nop", 'N', 1)

typedef enum ts_aie2_slot {
#define X(constant, name, letter, bits) TS_AIE2_SLOT_##constant,
    TS_AIE2_SLOT_LIST(X)
#undef X
    TS_AIE2_N_SLOTS
} ts_aie2_slot;

typedef struct ts_aie2_slot_info {
    const char *name;
    char letter;
    uint8_t bits;
} ts_aie2_slot_info;

extern const ts_aie2_slot_info ts_aie2_slots[TS_AIE2_N_SLOTS];

enum {
    TS_AIE2_MAX_BYTES = 16,        /* of a bundle */
    TS_AIE2_MAX_OPS = 6,           /* slots of a format */
    TS_AIE2_MAX_OPERANDS = 6,      /* of an instruction */
    TS_AIE2_MAX_UNITS = 8,         /* undivided parts of a register */
    TS_AIE2_DELAY_SLOTS = 5,       /* bundles executed after a jump, call or return */
    TS_AIE2_PROGRAM_BYTES = 16384, /* program memory of a core */
};

/* Names of banks are the letters before a register's number, "am" for amll0 and its like, "bm" for
 * bml0 and bmh0; registers without a number are a bank of their own. */
/* clang-format off */
#define TS_AIE2_BANK_LIST(X) \
    X(r) X(p) X(m) X(dn) X(dj) X(dc) X(s) X(wl) X(wh) X(am) X(ql) X(qh) X(l) X(d) X(d_3d) X(x) \
    X(y) X(bm) X(cm) X(q) X(qwl) X(qwh) X(qx) X(cr) X(sr) X(other)
/* clang-format on */

typedef enum ts_aie2_bank {
#define X(name) TS_AIE2_BANK_##name,
    TS_AIE2_BANK_LIST(X)
#undef X
    TS_AIE2_N_BANKS
} ts_aie2_bank;

/* A register by its place in ts_aie2_registers; 0 is none. */
typedef uint16_t ts_aie2_register;

typedef struct ts_aie2_register_info {
    const char *name; /* unique: "r3", "l0", "d0_3d", "SP" */
    const char *text; /* in assembly: "r3", "r17:r16", "d0", "sp" */
    uint16_t bits;
    uint8_t bank;  /* ts_aie2_bank */
    uint8_t index; /* within the bank */
    uint8_t n_units;
    uint8_t units[TS_AIE2_MAX_UNITS]; /* undivided parts, low first; two registers that share one
                                         overlap */
} ts_aie2_register_info;

extern const ts_aie2_register_info ts_aie2_registers[]; /* [0] is no register */
extern const uint16_t ts_aie2_n_registers;
extern const uint16_t ts_aie2_n_units;
/* The register that is the unit. */
extern const ts_aie2_register ts_aie2_unit_registers[];

/* By name or by assembly text, letters without regard to case; 0 when there is none. Where a text
 * stands for two ("d0"), the one without "_3d" is meant. */
ts_aie2_register ts_aie2_register_named(const char *name, size_t length);

/* A set of registers that an operand field can hold. `to_register` has 1 << width entries. */
typedef struct ts_aie2_register_class {
    const char *name;
    uint8_t width;                       /* bits of the field; 0 when the register is fixed */
    const ts_aie2_register *to_register; /* 0: no such register */
    const int16_t *to_value;             /* by register; -1: not in the class */
} ts_aie2_register_class;

extern const ts_aie2_register_class ts_aie2_register_classes[];
extern const uint16_t ts_aie2_n_register_classes;

/* ---- instructions ------------------------------------------------------------------------------
 */

typedef enum ts_aie2_bypass {
    TS_AIE2_NO_BYPASS,
    TS_AIE2_MOVE_BYPASS,
    TS_AIE2_VECTOR_BYPASS
} ts_aie2_bypass;

/* `width` bits of the slot from bit `lsb` are bits of the operand's value from bit `at`. */
typedef struct ts_aie2_field {
    uint8_t lsb, width, at;
} ts_aie2_field;

typedef struct ts_aie2_operand {
    const char *name;
    bool is_register;
    uint8_t register_class; /* index, of registers */
    uint8_t width;          /* bits of the encoded value */
    uint8_t n_fields;
    ts_aie2_field fields[2];
    /* Immediates, in the units of the text. */
    int32_t min, max, step;
    /* Registers: cycle of access counted from 1, the cycle of issue; 0: not read, not written. */
    uint8_t read_cycle, write_cycle;
} ts_aie2_operand;

/* A register touched without being an operand; a cycle of 0: not read, not written. */
typedef struct ts_aie2_implicit {
    ts_aie2_register reg;
    uint8_t read_cycle, write_cycle;
} ts_aie2_implicit;

/* X(name): what one instruction a cycle can use. src: llvm-aie: AIE2Schedule.td, FuncUnits [code]
 */
/* clang-format off */
#define TS_AIE2_PORT_LIST(X) \
    X(R_WX) X(R_WA) X(R_RV) X(RS_WM) X(P_RM) X(P_WM) X(M_WM) X(DN_WM) X(DJ_WM) X(DC_WM) \
    X(W_RS) X(W_WA) X(W_WM) X(CM_RM) X(CM_WA) X(CM_WM) X(UPPER_SRS) X(UPS) X(PROC_BUS) \
    X(STORE) X(LOAD_A) X(SEMAPHORE) X(DONE) X(PART_WORD_STORE)
/* clang-format on */

typedef enum ts_aie2_port {
#define X(name) TS_AIE2_PORT_##name,
    TS_AIE2_PORT_LIST(X)
#undef X
    TS_AIE2_N_PORTS
} ts_aie2_port;

/* `port` in the cycles first to last. `avoids`: must not be held by another, but is not taken.
 * `is_presumed`: llvm-aie keeps others away from it, but production code shows that they may share
 * it: the scheduler keeps them apart, the hazard checker says nothing. */
typedef struct ts_aie2_port_use {
    uint8_t port;
    uint8_t first, last;
    bool avoids, is_presumed;
} ts_aie2_port_use;

/* What depends on the banks of the registers: the first of an instruction whose conditions hold. */
typedef struct ts_aie2_timing {
    uint8_t n_conditions;
    struct {
        uint8_t operand, bank;
    } conditions[2];
    uint8_t n_ports;
    const ts_aie2_port_use *ports;
    uint8_t read_bypass[TS_AIE2_MAX_OPERANDS], write_bypass[TS_AIE2_MAX_OPERANDS];
} ts_aie2_timing;

enum {
    TS_AIE2_LOADS = 1,
    TS_AIE2_STORES = 2,
    TS_AIE2_VECTOR = 4,
    TS_AIE2_JUMPS = 8, /* also calls and returns: five delay slots follow */
    TS_AIE2_CALLS = 16,
    TS_AIE2_RETURNS = 32,
    TS_AIE2_ORDERED = 64, /* locks, streams, events: keeps its place among these and memory */
};

typedef struct ts_aie2_instruction {
    const char *name;     /* "LDA_dms_lda_idx", llvm-aie's; unique */
    const char *mnemonic; /* "lda" */
    const char *text;     /* behind the mnemonic, operands by number: "$0, [$1, $2]" */
    const char *timing_class;
    uint8_t slot; /* ts_aie2_slot */
    uint8_t flags;
    uint8_t n_operands;
    uint64_t mask, match; /* fixed bits of the slot */
    const ts_aie2_operand *operands;
    uint8_t n_implicit;
    const ts_aie2_implicit *implicit;
    uint8_t n_memory_cycles;
    uint8_t memory_cycles[2];
    uint8_t n_timings;
    const ts_aie2_timing *timings;
} ts_aie2_instruction;

extern const ts_aie2_instruction
    ts_aie2_instructions[]; /* slot by slot, in the order of matching */
extern const uint16_t ts_aie2_n_instructions;
/* The instruction of a slot that does nothing ("nopa"), by slot. */
extern const uint16_t ts_aie2_nops[TS_AIE2_N_SLOTS];

typedef struct ts_aie2_format {
    const char *name;
    uint8_t size; /* bytes */
    uint8_t n_slots;
    uint8_t slot_set;               /* bit per ts_aie2_slot */
    uint8_t slots[TS_AIE2_MAX_OPS]; /* from the most significant */
    uint8_t lsb[TS_AIE2_MAX_OPS];
    uint64_t mask[2], match[2]; /* fixed bits, low half first */
} ts_aie2_format;

extern const ts_aie2_format ts_aie2_formats[];
extern const uint16_t ts_aie2_n_formats;

/* ---- bundles ------------------------------------------------------------------------------------
 */

/* One slot's instruction. A value is a register or, in the units of the text, an immediate. */
typedef struct ts_aie2_op {
    uint16_t instruction;
    int32_t values[TS_AIE2_MAX_OPERANDS];
} ts_aie2_op;

typedef struct ts_aie2_bundle {
    uint8_t format;
    uint8_t n_ops;
    bool is_canonical;               /* ts_aie2_encode() gives the same bytes */
    ts_aie2_op ops[TS_AIE2_MAX_OPS]; /* in the order of the format's slots */
} ts_aie2_bundle;

typedef enum ts_aie2_reason {
    TS_AIE2_TRUNCATED,   /* the bytes end inside the bundle */
    TS_AIE2_NO_FORMAT,   /* no bundle format has these low bits */
    TS_AIE2_RESERVED,    /* no instruction of the slot has these bits */
    TS_AIE2_NO_REGISTER, /* a register field names no register */
    TS_AIE2_NOT_SAME,    /* two operands that share a field differ */
    TS_AIE2_BAD_VALUE,   /* an immediate out of range or step, or a register not in the class */
    TS_AIE2_NO_SLOTS,    /* no format carries these slots together, or two want one slot */
} ts_aie2_reason;

/* Why a bundle is none. `slot` and `bits` from RESERVED on; `operand` by number from NO_REGISTER
 * on. */
typedef struct ts_aie2_reject {
    ts_aie2_reason reason;
    uint8_t slot;
    uint8_t operand;
    uint16_t instruction;
    uint64_t bits;
} ts_aie2_reject;

/* "lda slot 0x1234 is reserved: no instruction has these bits" */
void ts_aie2_reject_text(const ts_aie2_reject *why, char *out, size_t size);

/* Bytes of the bundle whose first byte(s) these are: 0 when no format has these bits. Needs 2
 * bytes. */
unsigned ts_aie2_bundle_size(const uint8_t *bytes, size_t n_bytes);
/* False: `why` says why. */
bool ts_aie2_decode(const uint8_t *bytes, size_t n_bytes, ts_aie2_bundle *out, ts_aie2_reject *why);
bool ts_aie2_encode(const ts_aie2_bundle *bundle, uint8_t out[TS_AIE2_MAX_BYTES],
                    ts_aie2_reject *why);
/* One slot's bits and back. */
bool ts_aie2_decode_slot(ts_aie2_slot slot, uint64_t bits, ts_aie2_op *out, ts_aie2_reject *why);
bool ts_aie2_encode_op(const ts_aie2_op *op, uint64_t *bits, ts_aie2_reject *why);

/* The smallest format that carries all slots of the set (bit per ts_aie2_slot), or -1. It is
 * unique. */
int ts_aie2_choose_format(unsigned slot_set);
/* Ops in any order, at most one a slot, into the smallest bundle; idle slots get their nop. */
bool ts_aie2_pack(const ts_aie2_op *ops, size_t n_ops, ts_aie2_bundle *out, ts_aie2_reject *why);
/* Whether an op is the one of its slot that does nothing. */
bool ts_aie2_is_nop(const ts_aie2_op *op);
/* `n_bytes` (even) of bundles that do nothing, as few as possible.
 * src: llvm-aie: MCTargetDesc/AIE2AsmBackend.cpp, writeNopData [code] */
void ts_aie2_fill_nops(uint8_t *out, size_t n_bytes);

/* The timing of an op: the row for its registers. Never NULL. */
const ts_aie2_timing *ts_aie2_timing_of(const ts_aie2_op *op);
/* Whether a read of `consumer` sees what `producer` wrote, the consumer issued `distance` cycles
 * later, both by operand number: read cycle + distance > write cycle, one earlier by way of a
 * bypass. */
bool ts_aie2_sees(const ts_aie2_op *producer, unsigned written, const ts_aie2_op *consumer,
                  unsigned read, unsigned distance);

/* ---- text ---------------------------------------------------------------------------------------
 */

/* What stands for an immediate operand, or NULL for "#" and the number: labels, relocations. */
typedef const char *ts_aie2_name_operand(void *context, const ts_aie2_op *op, unsigned operand);

/* "lda     r1, [p0, #4]": the mnemonic is padded to eight columns when `padded`. */
void ts_aie2_print_op(const ts_aie2_op *op, bool padded, ts_aie2_name_operand *name, void *context,
                      ts_buf *out);
/* Ops divided by "; ", nops with them. Reads back as the same bundle. */
void ts_aie2_print_bundle(const ts_aie2_bundle *bundle, ts_aie2_name_operand *name, void *context,
                          ts_buf *out);

/* Instructions of a mnemonic are rows [first, first + n) of ts_aie2_by_mnemonic. */
extern const uint16_t ts_aie2_by_mnemonic[];
/* False when there is none. `length` characters of `mnemonic`, letters without regard to case. */
bool ts_aie2_find_mnemonic(const char *mnemonic, size_t length, size_t *first, size_t *n);
/* The nearest mnemonic, or NULL when none is near. */
const char *ts_aie2_nearest_mnemonic(const char *mnemonic);

/* ---- relocations --------------------------------------------------------------------------------
 */

enum {
    TS_AIE2_RELOCATION_ADDRESS = 50,
    TS_AIE2_RELOCATION_WORD = 51,
    TS_AIE2_N_RELOCATIONS = 54
};

/* The relocation (0..49) of an immediate operand in slot `slot_index` of a bundle, or -1. */
int ts_aie2_relocation_of(const ts_aie2_bundle *bundle, unsigned slot_index, unsigned operand);
/* Bytes that relocation `type` changes: 2 to 16 of a bundle, 4 of data; 0 for an unknown one. */
unsigned ts_aie2_relocation_size(unsigned type);
/* Put `value` in place. The value's range is the caller's: bits that do not fit are cut. */
void ts_aie2_relocate(unsigned type, uint8_t *bytes, uint32_t value);
/* The operand that relocation `type` of a bundle fills: false when it fills none. */
bool ts_aie2_relocated_operand(const ts_aie2_bundle *bundle, unsigned type, unsigned *slot_index,
                               unsigned *operand);

/* ---- hazards ------------------------------------------------------------------------------------
 */

/* X(constant, text): what hand-written bundles get wrong when nothing interlocks. */
#define TS_AIE2_HAZARD_LIST(X)                                                                     \
    X(READ_EARLY, "is read before its new value is there")                                         \
    X(READ_LATE, "is changed before an older op has read it")                                      \
    X(WRITES_MEET, "is written twice in one cycle")                                                \
    X(WRITES_SWAPPED, "is written before an older write has landed")                               \
    X(PORT, "is used twice in one cycle")                                                          \
    X(PART_WORD, "comes too soon behind a store of part of a word")                                \
    X(LOCK, "comes too soon: memory and locks are to be kept apart")                               \
    X(JUMP, "is in the delay slots of a jump")

typedef enum ts_aie2_hazard_kind {
#define X(constant, text) TS_AIE2_HAZARD_##constant,
    TS_AIE2_HAZARD_LIST(X)
#undef X
    TS_AIE2_N_HAZARDS
} ts_aie2_hazard_kind;

/* A bundle in its place. Straight-line code is assumed: each follows the one before it. */
typedef struct ts_aie2_placed {
    ts_aie2_bundle bundle;
    uint32_t address; /* in bytes */
    uint32_t line;    /* of the source, from 1; 0 when there is none */
    bool is_quiet;    /* nothing is said about its ops (`.nohazards`) */
    bool is_start;    /* whatever is before it has landed: a function, a scheduled region */
} ts_aie2_placed;

/* Two ops that do not go together. `second` is the later one in the text, or both are in one
 * bundle. */
typedef struct ts_aie2_hazard {
    ts_aie2_hazard_kind kind;
    uint32_t first, second;      /* bundles, by their place in the list */
    uint8_t first_op, second_op; /* ops of these bundles */
    ts_aie2_register reg;        /* READ_*, WRITES_*: what both touch (one undivided part of it) */
    uint8_t port;                /* PORT: ts_aie2_port */
    uint8_t missing;             /* bundles by which `second` would have to come later */
} ts_aie2_hazard;

typedef struct ts_aie2_hazards {
    ts_aie2_hazard *items; /* by `second`, then by `first` */
    size_t n_items;
} ts_aie2_hazards;

/* All hazards of a list of bundles. Reads of old values can be meant (loops that are pipelined by
 * hand): such bundles are to be quiet. Errors: NOMEM. */
TS_NODISCARD ts_status ts_aie2_find_hazards(ts_arena *arena, const ts_aie2_placed *bundles,
                                            size_t n_bundles, ts_aie2_hazards *out, ts_diag *diag);
/* "r1 is read before its new value is there: 3 more bundles behind lda (line 12)". The
 * place of `second` is for the caller to say. */
void ts_aie2_hazard_text(const ts_aie2_placed *bundles, const ts_aie2_hazard *hazard, char *out,
                         size_t size);

/* ---- scheduling ---------------------------------------------------------------------------------
 */

enum {
    TS_AIE2_MAX_SCHEDULED = 4096, /* ops of a region */
};

/* An op of a region: it runs behind all before it and sees all that they did. */
typedef struct ts_aie2_region_op {
    ts_aie2_op op;
    uint32_t line;       /* of the source, from 1; 0 when there is none */
    uint8_t alias_group; /* 0: memory that anything may touch; groups that differ share none */
} ts_aie2_region_op;

typedef struct ts_aie2_schedule_options {
    const char *file; /* names the source in errors; may be NULL */
    bool no_drain;    /* results may land behind the end of the region; see docs/scheduling.md */
    bool no_streams;  /* behind the end no op reads or writes a stream or the cascade soon */
    bool plain;       /* no op reads old values behind a write or new ones before it: no hazards */
} ts_aie2_schedule_options;

typedef struct ts_aie2_schedule_place {
    uint32_t bundle; /* cycle of issue: by place in the list */
    uint32_t op;     /* within the bundle's ops */
} ts_aie2_schedule_place;

typedef struct ts_aie2_scheduled {
    ts_aie2_bundle *bundles;
    size_t n_bundles;
    ts_aie2_schedule_place *places; /* by op of the region */
} ts_aie2_scheduled;

/* Bundles that do what the ops do one after another. Nops among the ops are dropped (their place is
 * that of nothing: UINT32_MAX). A jump, call or return can only be the last op; the last five
 * bundles are then its delay slots. The same input gives the same output. Errors: RANGE (too many
 * ops, a jump before the end, a value that ts_aie2_encode_op() refuses), NOMEM.
 * `options` may be NULL. */
TS_NODISCARD ts_status ts_aie2_schedule(ts_arena *arena, const ts_aie2_region_op *ops, size_t n_ops,
                                        const ts_aie2_schedule_options *options,
                                        ts_aie2_scheduled *out, ts_diag *diag);

/* ---- listings -----------------------------------------------------------------------------------
 */

typedef struct ts_aie2_label {
    uint32_t address;
    const char *name;
    bool is_global, is_weak, is_function; /* what the source view says of it */
} ts_aie2_label;

typedef struct ts_aie2_code_relocation {
    uint32_t offset; /* of the bundle, from the start of the code */
    uint32_t type;   /* R_AIE_n */
    const char *symbol;
    int32_t addend;
} ts_aie2_code_relocation;

/* A stretch of program memory, or the code of a section. All is borrowed. */
typedef struct ts_aie2_code {
    const char *section; /* ".text" */
    ts_span bytes;
    uint32_t address;            /* of the first byte */
    const ts_aie2_label *labels; /* sorted by address */
    size_t n_labels;
    const ts_aie2_code_relocation *relocations; /* sorted by offset */
    size_t n_relocations;
} ts_aie2_code;

typedef enum ts_aie2_view {
    TS_AIE2_LISTING,  /* address, bytes, text, as llvm-objdump */
    TS_AIE2_SOURCE,   /* what the assembler reads back as the same bytes */
    TS_AIE2_SCHEDULE, /* cycle, slots, when results land; then the loops */
} ts_aie2_view;

/* Bytes that are no bundle, or that a label or relocation divides, are listed as data; with the
 * reason. Errors: NOMEM. */
TS_NODISCARD ts_status ts_aie2_list(const ts_aie2_code *code, ts_aie2_view view, ts_buf *out,
                                    ts_diag *diag);

/* A loop: from its first bundle to its last, delay slots of the jump back included. */
typedef struct ts_aie2_loop {
    uint32_t first, last;             /* addresses of bundles */
    bool is_hardware;                 /* by LS, LE and LC; else by a jump back */
    uint32_t n_bundles;               /* and cycles of a round without stalls */
    uint32_t n_idle;                  /* bundles of nops alone */
    uint32_t n_used[TS_AIE2_N_SLOTS]; /* bundles with something in the slot */
} ts_aie2_loop;

/* The loops that the code itself tells of: immediate values of LS and LE, and jumps back to an
 * immediate address or to one that the pointer was last given. In the order in
 * which the code completes them: a hardware loop where LS and LE are set, another behind its jump.
 * Errors: NOMEM. */
TS_NODISCARD ts_status ts_aie2_find_loops(ts_arena *arena, const ts_aie2_code *code,
                                          ts_aie2_loop **out, size_t *n, ts_diag *diag);

/* ---- assembler ----------------------------------------------------------------------------------
 */

enum {
    TS_AIE2_MAX_ERRORS = 20,    /* of a file, then reading ends */
    TS_AIE2_MAX_WARNINGS = 100, /* kept; more are only counted */
};

typedef struct ts_aie2_message {
    bool is_warning;
    ts_diag diag;
} ts_aie2_message;

/* Errors and warnings in the order of finding them. Start it with `= {0}`. */
typedef struct ts_aie2_messages {
    ts_aie2_message *list;
    size_t n, capacity;
    size_t n_errors, n_warnings; /* found, kept or not */
} ts_aie2_messages;

typedef struct ts_aie2_assemble_options {
    /* The bytes of a file that .include or .incbin names; NULL: such names are errors. */
    ts_status (*load)(void *context, ts_arena *arena, const char *name, ts_span *out,
                      ts_diag *diag);
    void *context;
    bool no_hazards; /* as if the text began with .nohazards */
} ts_aie2_assemble_options;

typedef struct ts_aie2_asm_reloc {
    uint32_t offset; /* of the bundle or the word, in its section */
    uint32_t symbol; /* in ts_aie2_assembly.symbols */
    int32_t addend;
    uint8_t type; /* R_AIE_... */
} ts_aie2_asm_reloc;

/* Types and flags are numbers as ELF has them. */
typedef struct ts_aie2_asm_section {
    const char *name;
    uint32_t type, flags;
    uint32_t align; /* a power of 2 */
    uint32_t entry_size;
    uint32_t size;
    ts_span bytes;             /* `size` of them; none of a section that only takes room (.bss) */
    const char *group;         /* the COMDAT group's signature, or NULL */
    const char *linked;        /* the section that this one is about (flag `o`), or NULL */
    ts_aie2_asm_reloc *relocs; /* by offset */
    size_t n_relocs;
} ts_aie2_asm_section;

typedef enum ts_aie2_asm_place {
    TS_AIE2_UNDEFINED,
    TS_AIE2_DEFINED, /* in `section` */
    TS_AIE2_ABSOLUTE,
    TS_AIE2_COMMON, /* `value` is the alignment */
} ts_aie2_asm_place;

/* Binding, type and visibility are numbers as ELF has them. */
typedef struct ts_aie2_asm_symbol {
    const char *name; /* "" of a section's own */
    ts_aie2_asm_place place;
    uint32_t section; /* in ts_aie2_assembly.sections */
    uint32_t value, size;
    uint8_t binding, type, visibility;
} ts_aie2_asm_symbol;

typedef struct ts_aie2_asm_bundle {
    uint32_t section, offset;
    uint32_t line;
    uint16_t file;  /* in ts_aie2_assembly.files */
    bool unchecked; /* it lies between .nohazards and .hazards */
} ts_aie2_asm_bundle;

typedef struct ts_aie2_assembly {
    ts_aie2_asm_section *sections; /* [0] is .text */
    size_t n_sections;
    ts_aie2_asm_symbol *symbols; /* local ones first; labels that begin with ".L" only where a
                                    relocation needs them */
    size_t n_symbols, n_local_symbols;
    ts_aie2_asm_bundle *bundles; /* in the order of the text; padding is not among them */
    size_t n_bundles;
    const char **files;
    size_t n_files;
} ts_aie2_assembly;

/* Assemble a text in the syntax that docs/assembly.md describes. What is wrong in it is added to
 * `messages`; `out` is complete when TS_OK comes back, and nothing when not. Errors: that of the
 * first error in the text; NOMEM. `options` may be NULL. */
TS_NODISCARD ts_status ts_aie2_assemble(ts_arena *arena, ts_span text, const char *file,
                                        const ts_aie2_assemble_options *options,
                                        ts_aie2_assembly *out, ts_aie2_messages *messages);

#endif
