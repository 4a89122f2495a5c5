/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * A core from the inside.
 *
 * Program bytes are decoded once into emu_bundle and emu_op (predecode.c). An op that reads and
 * writes words of scalar registers in its first cycle is `quick`: its result is worked out at once
 * and lands at the end of the tick. Every other op becomes an emu_flight: its actions (read, load,
 * execute, commit, store) are put into the ring of ticks to come, in the order of phases that makes
 * the exposed pipeline come out (core.c). What an op means is a row of a table (semantics.c).
 */
#ifndef TESSERA_EMULATOR_INT_H
#define TESSERA_EMULATOR_INT_H

#include "tessera/emulator.h"

#include <string.h>

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the register file keeps its words in the order of the core, which is little endian"
#endif

/* ---- lanes: little-endian parts of bytes ------------------------------------------------------
 */

static inline uint16_t emu_get16(const uint8_t *p) {
    uint16_t v;
    memcpy(&v, p, sizeof v);
    return v;
}
static inline uint32_t emu_get32(const uint8_t *p) {
    uint32_t v;
    memcpy(&v, p, sizeof v);
    return v;
}
static inline uint64_t emu_get64(const uint8_t *p) {
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return v;
}
static inline void emu_put16(uint8_t *p, uint32_t value) {
    uint16_t v = (uint16_t)value;
    memcpy(p, &v, sizeof v);
}
static inline void emu_put32(uint8_t *p, uint32_t v) {
    memcpy(p, &v, sizeof v);
}
static inline void emu_put64(uint8_t *p, uint64_t v) {
    memcpy(p, &v, sizeof v);
}

/* Lane `i` of `bits` (4, 8, 16, 32, 64): as it is, or with its sign. */
static inline uint64_t emu_lane(const uint8_t *vector, unsigned bits, unsigned i) {
    switch (bits) {
    case 4: return vector[i / 2] >> i % 2 * 4 & 15;
    case 8: return vector[i];
    case 16: return emu_get16(vector + (size_t)i * 2);
    case 32: return emu_get32(vector + (size_t)i * 4);
    default: return emu_get64(vector + (size_t)i * 8);
    }
}
static inline int64_t emu_signed_lane(const uint8_t *vector, unsigned bits, unsigned i) {
    return (int64_t)(emu_lane(vector, bits, i) << (64 - bits)) >> (64 - bits);
}
static inline void emu_set_lane(uint8_t *vector, unsigned bits, unsigned i, uint64_t value) {
    switch (bits) {
    case 4:
        vector[i / 2] =
            (uint8_t)((vector[i / 2] & (i % 2 ? 0x0f : 0xf0)) | (value & 15) << i % 2 * 4);
        break;
    case 8: vector[i] = (uint8_t)value; break;
    case 16: emu_put16(vector + (size_t)i * 2, (uint32_t)value); break;
    case 32: emu_put32(vector + (size_t)i * 4, (uint32_t)value); break;
    default: emu_put64(vector + (size_t)i * 8, value);
    }
}

/* ---- ops --------------------------------------------------------------------------------------
 */

enum {
    EMU_RING = 16,     /* ticks ahead; no instruction has a stage beyond 11 */
    EMU_FLIGHTS = 128, /* power of two above 6 ops x 11 ticks */
    EMU_SLOT = 40,     /* actions of one phase in one tick */
    EMU_DATA = 768,    /* bytes that an op carries along */
    EMU_SPANS = 12,
    EMU_ACTIONS = 12,
    EMU_ITEMS = 6,
    EMU_OPS = 8192,
    EMU_BUNDLES = TS_AIE2_PROGRAM_BYTES / 2,
    EMU_ROUNDS = 8,       /* of the banks in one tick; no more accesses land in one */
    EMU_WORDS = 128,      /* scalar registers, one word each; cntr has two */
    EMU_FILE_BYTES = 4096 /* of all registers */
};

/* The phases of a tick, in order. Plain reads see nothing that lands in this tick; reads by way of
 * a bypass see what lands in it by way of the same; what else lands comes last, memory behind it.
 */
typedef enum emu_phase {
    EMU_WAIT, /* may stall: then nothing else of the tick happens */
    EMU_READ,
    EMU_COMMIT_VECTOR,
    EMU_READ_VECTOR,
    EMU_COMMIT_MOVE,
    EMU_READ_MOVE,
    EMU_LOAD,
    EMU_EXECUTE,
    EMU_COMMIT,
    EMU_STORE,
    EMU_END, /* done: the core stops behind this tick */
    EMU_N_PHASES
} emu_phase;

/* Register bytes [at, at + size) and their place in the data of a flight. */
typedef struct emu_span {
    uint16_t at, data;
    uint8_t size, stage, bypass;
    bool is_write, is_narrow; /* narrow: a word of fewer than 32 bits */
} emu_span;

/* `n` spans from `first` in `phase` of stage `stage`, counted from 1. */
typedef struct emu_action {
    uint8_t stage, phase, first, n;
} emu_action;

typedef struct emu_flight emu_flight;
typedef struct emu_op emu_op;

/* Work out a flight's results from its data. False: no known meaning in this mode. */
typedef bool emu_body(const emu_op *op, emu_flight *flight);

/* Quick ops: words in, words out, all in the first cycle. */
#define EMU_QUICK_LIST(X)                                                                          \
    X(NONE)                                                                                        \
    X(NOP)                                                                                         \
    X(ADD)                                                                                         \
    X(SUB)                                                                                         \
    X(ADC)                                                                                         \
    X(SBC)                                                                                         \
    X(AND)                                                                                         \
    X(OR)                                                                                          \
    X(XOR)                                                                                         \
    X(LSHL)                                                                                        \
    X(ASHL)                                                                                        \
    X(ABS)                                                                                         \
    X(CLB)                                                                                         \
    X(CLZ)                                                                                         \
    X(EQ)                                                                                          \
    X(NE)                                                                                          \
    X(LT)                                                                                          \
    X(LTU)                                                                                         \
    X(GE)                                                                                          \
    X(GEU)                                                                                         \
    X(EQZ)                                                                                         \
    X(NEZ)                                                                                         \
    X(EXTEND_S8)                                                                                   \
    X(EXTEND_S16)                                                                                  \
    X(EXTEND_U8)                                                                                   \
    X(EXTEND_U16)                                                                                  \
    X(SELEQZ)                                                                                      \
    X(SELNEZ)                                                                                      \
    X(DIVS)                                                                                        \
    X(MOVE)                                                                                        \
    X(ADD_NC)                                                                                      \
    X(POINTER)                                                                                     \
    X(JUMP)                                                                                        \
    X(JUMP_ZERO)                                                                                   \
    X(JUMP_NOT_ZERO)                                                                               \
    X(JUMP_DECREMENT)                                                                              \
    X(EVENT)

typedef enum emu_quick {
#define X(name) EMU_Q_##name,
    EMU_QUICK_LIST(X)
#undef X
} emu_quick;

/* What an op does besides its body. */
enum {
    EMU_LOADS = 1,
    EMU_STORES = 2,
    EMU_LOADS_FOUR = 4, /* from addresses in a vector */
    EMU_TILE = 8,       /* the access goes to the tile's registers */
    EMU_WAITS = 16,
    EMU_ENDS = 32,
    EMU_LINKS = 64,    /* writes the return address */
    EMU_FILLS = 128,   /* the pointer goes to the next 32 bytes */
    EMU_UNKNOWN = 256, /* runs only when the port says so */
    EMU_COUNTER = 512, /* reads the cycle counter */
};

/* Blocking ops, by what they ask for. */
typedef enum emu_wait {
    EMU_WAIT_NONE,
    EMU_WAIT_ACQUIRE,
    EMU_WAIT_RELEASE,
    EMU_WAIT_ACQUIRE_IF,
    EMU_WAIT_RELEASE_IF,
    EMU_WAIT_STREAM_IN,
    EMU_WAIT_STREAM_OUT,
    EMU_WAIT_HEADER,
    EMU_WAIT_CONTROL,
    EMU_WAIT_CASCADE_IN,
    EMU_WAIT_CASCADE_OUT
} emu_wait;

/* One meaning: instructions of this mnemonic, with `.2d` and `.3d` taken out, and of this timing
 * class when one is given. */
typedef struct emu_semantics {
    const char *mnemonic;
    const char *timing_class; /* beginning of it, or NULL */
    emu_body *body;
    uint16_t flags;
    uint8_t quick;     /* emu_quick */
    uint8_t wait;      /* emu_wait */
    uint8_t bytes;     /* of memory */
    uint8_t from, to;  /* bits of lanes, or what the body makes of them */
    uint8_t is_signed; /* of lanes, where no control register decides */
    uint8_t variant;
} emu_semantics;

extern const emu_semantics emu_meanings[];
extern const unsigned emu_n_meanings;
/* The row of an instruction, or NULL. */
const emu_semantics *emu_meaning_of(uint16_t instruction);

/* Places of words in the register file, by unit. */
typedef struct emu_layout {
    uint16_t at[256];   /* byte offset, by unit */
    uint16_t size[256]; /* bytes */
    /* Words that the core itself uses. */
    uint16_t ls, le, lc, sp, lr, dp, carry, r26, r27, r31, cntr, core_id, fp_flags;
    uint16_t sat, rnd, ms0, ss0;
    uint32_t mask[EMU_WORDS]; /* bits that a word has */
} emu_layout;

typedef enum emu_addressing {
    EMU_NO_ADDRESS,
    EMU_INDEXED, /* pointer + offset */
    EMU_POST,    /* pointer; then pointer += offset */
    EMU_POST_2D,
    EMU_POST_3D
} emu_addressing;

struct emu_op {
    const emu_semantics *row;
    uint16_t instruction;
    uint16_t flags;
    uint8_t quick, wait;
    uint8_t addressing;
    uint8_t n_spans, n_reads_now; /* reads of stage 1 without a bypass stand first */
    bool runs_now;                /* the body needs nothing more than those */
    uint8_t n_actions;
    uint8_t store_stage;
    /* Quick ops: words. */
    uint16_t d, a, b;
    uint32_t imm; /* second operand, offset or target */
    bool has_imm;
    /* Addresses: words. */
    uint16_t p, m, dn, dj, dc, dn2, dj2, dc2;
    bool has_modifier;
    int32_t offset;
    /* Bodies: places in the data. in[k]: k-th operand read that is no part of the address. */
    uint16_t in[EMU_ITEMS], out[2], memory;
    uint16_t in_size[EMU_ITEMS], out_size[2], n_bytes;
    uint16_t in_sat, in_rnd, in_sign;
    int32_t constants[EMU_ITEMS]; /* immediates, in the order of the text */
    emu_span spans[EMU_SPANS];
    emu_action actions[EMU_ACTIONS];
};

typedef struct emu_bundle {
    uint16_t first_op;
    uint8_t n_ops, size;
    bool has_part_word_store;
} emu_bundle;

struct emu_flight {
    const emu_op *op;
    uint32_t address, pc;
    uint32_t n_products; /* that its body added up */
    bool is_lost;
    uint8_t data[EMU_DATA];
};

typedef struct emu_slot {
    uint32_t phases; /* bit per phase that has entries */
    uint8_t count[EMU_N_PHASES];
    uint8_t n_waited;
    struct {
        uint8_t flight, action;
    } entries[EMU_N_PHASES][EMU_SLOT];
} emu_slot;

struct ts_core {
    union {
        uint32_t words[EMU_FILE_BYTES / 4];
        uint8_t bytes[EMU_FILE_BYTES];
    } file;
    emu_layout layout;
    uint8_t *windows[TS_CORE_N_WINDOWS];
    ts_core_ports ports;
    const uint8_t *program;
    uint32_t pc, break_pc;
    uint32_t access_pc, access_sp; /* of the op that accesses memory now */
    const uint8_t *access_data;    /* what it stores */
    uint64_t end;                  /* cycle at which ts_core_run() comes back */
    bool is_past_break;
    uint64_t *counts; /* by pc / 2, or NULL */
    ts_core_state state;
    uint64_t tick, cycle;
    /* Banks that this tick's accesses have taken: one set a cycle, bit per bank of the windows. */
    uint32_t rounds[EMU_ROUNDS];
    unsigned n_waits; /* cycles beyond the first */
    uint64_t bank_waits;
    uint64_t macs;
    uint64_t lost_stores;
    uint32_t lost_pc; /* of the last of them */
    ts_core_fault fault;
    uint32_t jumps[8]; /* by tick: target + 1 of the jump that ends there */
    uint32_t issue_pc;
    unsigned next_flight;
    emu_slot ring[EMU_RING];
    emu_flight flights[EMU_FLIGHTS];
    const emu_semantics **meanings; /* by instruction */
    uint16_t by_pc[EMU_BUNDLES];    /* bundle + 1; 0: not decoded */
    emu_bundle *bundles;
    unsigned n_bundles;
    emu_op *ops;
    unsigned n_ops;
    char stop_text[200];
};

/* Called from a port: ts_core_run() comes back behind this tick. */
static inline void emu_core_yield(ts_core *core) {
    core->end = 0;
}
/* A wait that was not stepped through. */
static inline void emu_core_skip(ts_core *core, uint64_t n_cycles) {
    core->cycle += n_cycles;
}

/* The bundle at an address, or NULL with state and stop_text set. */
const emu_bundle *emu_fetch(ts_core *core, uint32_t pc);
void emu_lay_out(emu_layout *layout);

/* ---- bodies, by file --------------------------------------------------------------------------
 */

/* clang-format off */
#define EMU_BODY_LIST(X)                                                                           \
    /* scalar.c */                                                                                 \
    X(mul) X(copy) X(load_part) X(counter)                                                         \
    /* vector.c */                                                                                 \
    X(vadd) X(vsub) X(vband) X(vbor) X(vbcst) X(vbcstshfl) X(vabs_gtz) X(vbneg_ltz) X(vneg_gtz)     \
    X(vmax_lt) X(vmin_ge) X(vsub_cmp) X(vmaxdiff_lt) X(vcmp) X(veqz) X(vextbcst) X(vextract)       \
    X(vinsert) X(vpush_hi) X(vpush_lo) X(vshuffle) X(vshift) X(vshift_align) X(vsel) X(vaddsub)    \
    X(zeros)                                                                                       \
    /* convert.c */                                                                                \
    X(ups) X(srs) X(pack) X(unpack) X(to_bf16) X(from_bf16) X(vfloor)                              \
    /* mac.c */                                                                                    \
    X(vacc) X(vmac) X(vneg) X(vmac_f) X(vacc_f)
/* clang-format on */

#define X(name) emu_body emu_##name;
EMU_BODY_LIST(X)
#undef X

/* ---- arithmetic shared by bodies --------------------------------------------------------------
 */

__extension__ typedef __int128 emu_wide;

/* value / 2^shift, rounded by crRnd (aie2-facts 35). */
emu_wide emu_round_shift(emu_wide value, unsigned shift, unsigned mode);
/* crSat: bit 0 clamps, bit 1 makes the range symmetric; else the low bits stay. */
uint64_t emu_saturate(emu_wide value, unsigned bits, bool is_signed, unsigned sat);
/* ---- shapes of products (shapes.c) ------------------------------------------------------------
 */

typedef enum emu_shape_kind {
    EMU_MATRIX,      /* C[rows][columns] = A[rows][inner] . B[inner][columns], all row-major */
    EMU_ELEMENT,     /* C[n] = sum over k of A[n + k columns] B[n + k columns] */
    EMU_CONVOLUTION, /* C[n] = sum over k of A[n + k] B[k]; `rows` outputs */
    EMU_COMPLEX,     /* EMU_ELEMENT of pairs, `inner` real products in a lane; sub_mask has signs */
    EMU_SPARSE       /* EMU_MATRIX; of each four elements of a column of B two stand in it */
} emu_shape_kind;

/* Channels stand side by side: element i of channel c is element i channels + c. */
typedef struct emu_shape {
    uint8_t amode, bmode, variant;
    uint8_t kind;
    uint8_t rows, inner, columns, channels;
    uint8_t x_bits, y_bits;
    uint8_t signs;
} emu_shape;

/* The factors of one product, as elements of A and B. */
typedef struct emu_term {
    unsigned x, y;
} emu_term;

enum {
    EMU_POSITIONS = 64 /* values of a sparse operand */
};

const emu_shape *emu_shape_of(unsigned amode, unsigned bmode, unsigned variant);
unsigned emu_shape_lanes(const emu_shape *s);
unsigned emu_shape_terms(const emu_shape *s);
/* Product k of a lane. EMU_SPARSE: x is the row's first element, y the value k of the column. */
emu_term emu_shape_term(const emu_shape *s, unsigned lane, unsigned k);
/* Does sub_mask turn the sign of product k? Only if it is known what it does. */
bool emu_signs_known(const emu_shape *s, unsigned mask);
bool emu_sign_flips(const emu_shape *s, unsigned mask, unsigned lane, unsigned k);
/* Where the values of a sparse operand stand; `mask` has 16 bytes. */
void emu_sparse_positions(const emu_shape *s, const uint8_t *mask, int *positions);

/* vshuffle: mode 0..63 of 64-byte vectors. */
void emu_shuffle(const uint8_t *low, const uint8_t *high, unsigned mode, uint8_t *out);

#endif
