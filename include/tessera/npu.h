/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * npu: what a device is. Grids of tiles by device name, the address map, every register and bit
 * field of a tile, memories, stream switch ports, DMA buffer descriptors; addresses as text and
 * back; register writes in plain words; instruction streams.
 *
 * Devices and tiles are const data and may be shared by threads; about them nothing is allocated
 * but the text that goes into a caller's ts_buf. Another generation is another set of const
 * objects, never an #ifdef. See docs/npu.md, docs/insts.md.
 */
#ifndef TESSERA_NPU_H
#define TESSERA_NPU_H

#include "tessera/base.h"

/* ---- registers and fields -------------------------------------------------------------------- */

#define TS_NPU_ACCESS_LIST(X)                                                                      \
    X(RW, "rw", "read and write")                                                                  \
    X(RO, "ro", "read only")                                                                       \
    X(WO, "wo", "write only")                                                                      \
    X(WTC, "wtc", "read, write 1 to clear")                                                        \
    X(MIXED, "mixed", "differs by field")

typedef enum ts_npu_access {
#define X(name, word, text) TS_NPU_ACCESS_##name,
    TS_NPU_ACCESS_LIST(X)
#undef X
} ts_npu_access;

/* The parts of a tile, as the register manual divides it. A compute tile has CORE and MEMORY. */
#define TS_NPU_MODULE_LIST(X)                                                                      \
    X(CORE, "core")                                                                                \
    X(MEMORY, "memory")                                                                            \
    X(MEMORY_TILE, "memory_tile")                                                                  \
    X(SHIM, "shim")

typedef enum ts_npu_module {
#define X(name, word) TS_NPU_MODULE_##name,
    TS_NPU_MODULE_LIST(X)
#undef X
} ts_npu_module;

const char *ts_npu_access_word(ts_npu_access access); /* "rw" */
const char *ts_npu_module_name(ts_npu_module module); /* "memory_tile" */

typedef struct ts_npu_field {
    const char *name;     /* the manual's spelling, "Buffer_Length" */
    uint8_t lsb;          /* lowest bit */
    uint8_t width;        /* bits, 1 to 128 */
    ts_npu_access access; /* never MIXED */
} ts_npu_field;

typedef struct ts_npu_register {
    const char *name;           /* the manual's spelling, "DMA_BD0_1"; unique within its module */
    const ts_npu_field *fields; /* from the highest bit down; they do not overlap */
    uint32_t offset;            /* bytes from the start of the tile */
    uint32_t reset; /* value after reset; of 128-bit registers the low word, the rest 0 */
    uint8_t n_fields;
    uint8_t width; /* bits, 32 or 128 */
    ts_npu_module module;
    ts_npu_access access;
} ts_npu_register;

/* The value of a field in a 32-bit register word, and the word with that field replaced (bits of
 * `field_value` above the width are dropped). For fields of at most 32 bits in the first word. */
uint32_t ts_npu_field_extract(const ts_npu_field *field, uint32_t word);
uint32_t ts_npu_field_insert(const ts_npu_field *field, uint32_t word, uint32_t field_value);
/* The bits of the first word that the field takes. */
uint32_t ts_npu_field_mask(const ts_npu_field *field);
/* NULL when there is none of that name. */
const ts_npu_field *ts_npu_field_find(const ts_npu_register *reg, const char *name);

/* ---- tiles ----------------------------------------------------------------------------------- */

typedef enum ts_npu_kind {
    TS_NPU_SHIM,    /* row 0: between the array and the host's memory, with DMA */
    TS_NPU_MEMORY,  /* row 1: 512 KiB shared by a column */
    TS_NPU_COMPUTE, /* rows from 2: core, program memory, 64 KiB data memory */
    TS_NPU_N_KINDS
} ts_npu_kind;

const char *ts_npu_kind_name(ts_npu_kind kind); /* "memory" */

typedef struct ts_npu_memory {
    const char *name;      /* "data" or "program" */
    uint32_t offset, size; /* bytes, within the tile */
} ts_npu_memory;

typedef struct ts_npu_registers ts_npu_registers;
typedef struct ts_npu_ports ts_npu_ports;
typedef struct ts_npu_bd_layout ts_npu_bd_layout;

/* What all tiles of one kind have. Only const objects of this library. */
typedef struct ts_npu_tile {
    ts_npu_kind kind;
    uint8_t n_locks;
    uint8_t n_bds;                     /* DMA buffer descriptors */
    uint8_t n_bd_words;                /* 32-bit words of one, from its first register */
    uint8_t n_channels;                /* DMA channels in each direction */
    uint8_t n_slots;                   /* packet slots of a slave port */
    uint32_t lock_offset, lock_stride; /* bytes, of the lock value registers */
    uint32_t bd_offset, bd_stride;     /* bytes */
    ts_npu_memory memories[2];
    uint8_t n_memories;
    const ts_npu_registers *registers;
    const ts_npu_ports *ports;
    const ts_npu_bd_layout *bd;
} ts_npu_tile;

/* The register that covers the byte at `offset`, or NULL. It may start before: compare its offset.
 * The first word of a memory is a register of the table too (DataMemory, Program_Memory). */
const ts_npu_register *ts_npu_register_at(const ts_npu_tile *tile, uint32_t offset);
/* "memory.DMA_BD0_1", or "DMA_BD0_1" where only one module of the tile has that name; else NULL. */
const ts_npu_register *ts_npu_register_find(const ts_npu_tile *tile, const char *name);
/* All registers of a tile, in the order of their offsets. */
const ts_npu_register *ts_npu_registers_of(const ts_npu_tile *tile, size_t *n_registers);
/* The memory that holds the byte at `offset`, or NULL. */
const ts_npu_memory *ts_npu_memory_at(const ts_npu_tile *tile, uint32_t offset);

/* ---- devices and addresses ------------------------------------------------------------------- */

/* A grid of tiles: column 0 is the leftmost of the partition, row 0 is at the bottom. */
typedef struct ts_npu_device {
    const char *name; /* as in an MLIR design, "npu1_2col" */
    uint8_t n_columns, n_rows;
    uint8_t n_memory_rows;
    uint8_t column_shift, row_shift; /* address bits of the column's and the row's number */
    const ts_npu_tile *tiles[TS_NPU_N_KINDS];
} ts_npu_device;

/* The devices, ended by NULL: npu1 and npu1_4col are the same grid. */
extern const ts_npu_device *const ts_npu_devices[];
/* The Phoenix as it is built, which no design names: five columns, of which the driver hands out
 * those from the second on. For addresses that come from the hardware or production images.
 * src: amd/xdna-driver: src/driver/amdxdna/npu1_regs.c, first_col [code];
 * src: Xilinx/mlir-aie: docs/Devices.md, the hidden zeroth column [documented] */
extern const ts_npu_device ts_npu_phoenix;

/* NULL when no device of ts_npu_devices has that name. */
const ts_npu_device *ts_npu_device_find(const char *name);
/* NULL outside the grid. */
const ts_npu_tile *ts_npu_tile_at(const ts_npu_device *device, uint32_t column, uint32_t row);

typedef struct ts_npu_place {
    uint32_t column, row;
    uint32_t offset; /* bytes within the tile */
} ts_npu_place;

/* Address to place and back; false outside the grid, or when the offset does not fit. */
bool ts_npu_split(const ts_npu_device *device, uint64_t address, ts_npu_place *out);
bool ts_npu_join(const ts_npu_device *device, ts_npu_place place, uint64_t *out);

/* Every 64-bit address has exactly one text, and every such text one address:
 *     tile(0,2).memory.DMA_BD0_1      a register; +0x4 behind it is a byte offset inside it
 *     tile(0,2).data+0x400            a memory: data or program
 *     tile(0,2)+0x1234                neither
 *     0x123456789                     no tile of this device
 * The reader takes registers without the module where that is clear, and any number ts_parse_u64()
 * takes. Errors: SYNTAX, UNKNOWN (no such register; a near name is suggested), RANGE. */
void ts_npu_address_text(const ts_npu_device *device, uint64_t address, ts_buf *out);
TS_NODISCARD ts_status ts_npu_address_parse(const ts_npu_device *device, const char *text,
                                            uint64_t *out, ts_diag *diag);

/* ---- stream switch ports --------------------------------------------------------------------- */

/* Names as in an MLIR design. Trace 0 of a compute tile is the core's, 1 its memory's. */
#define TS_NPU_BUNDLE_LIST(X)                                                                      \
    X(CORE, "Core")                                                                                \
    X(DMA, "DMA")                                                                                  \
    X(TILE_CONTROL, "TileControl")                                                                 \
    X(FIFO, "FIFO")                                                                                \
    X(SOUTH, "South")                                                                              \
    X(WEST, "West")                                                                                \
    X(NORTH, "North")                                                                              \
    X(EAST, "East")                                                                                \
    X(TRACE, "Trace")

typedef enum ts_npu_bundle {
#define X(name, word) TS_NPU_BUNDLE_##name,
    TS_NPU_BUNDLE_LIST(X)
#undef X
    TS_NPU_N_BUNDLES
} ts_npu_bundle;

const char *ts_npu_bundle_name(ts_npu_bundle bundle);
/* False when there is none of that name. */
bool ts_npu_bundle_find(const char *name, ts_npu_bundle *out);

typedef struct ts_npu_port {
    ts_npu_bundle bundle;
    uint8_t channel; /* within the bundle */
} ts_npu_port;

/* A master port sends out of the switch, a slave port takes into it. `index` is the number that
 * configuration registers use, from 0 to below the count. False when there is no such port. */
unsigned ts_npu_port_count(const ts_npu_tile *tile, bool is_master);
bool ts_npu_port_at(const ts_npu_tile *tile, bool is_master, uint32_t index, ts_npu_port *out);
bool ts_npu_port_index(const ts_npu_tile *tile, bool is_master, ts_npu_port port, uint32_t *out);
/* Whether the switch of such a tile can feed `master` from `slave`; false also when one of them
 * does not exist. src: Xilinx/mlir-aie: lib/Dialect/AIE/IR/AIETargetModel.cpp,
 * isLegalTileConnection [code] */
bool ts_npu_connection_is_legal(const ts_npu_tile *tile, ts_npu_port slave, ts_npu_port master);
/* Offsets of the configuration registers of a port, and of a slave port's packet slot (of which
 * there are tile->n_slots). The numbers must exist. */
uint32_t ts_npu_port_offset(const ts_npu_tile *tile, bool is_master, uint32_t index);
uint32_t ts_npu_slot_offset(const ts_npu_tile *tile, uint32_t slave, uint32_t slot);

/* ---- DMA buffer descriptors ------------------------------------------------------------------ */

#define TS_NPU_BD_MAX_WORDS 8
#define TS_NPU_BD_MAX_DIMS  4

/* One dimension of the address pattern; 0 is the innermost. All in 32-bit words or steps. */
typedef struct ts_npu_bd_dim {
    uint32_t step;        /* words between two steps, 1 or more */
    uint32_t wrap;        /* steps before the next dimension advances; 0: never */
    uint32_t zero_before; /* memory tile, MM2S: words (0) or inner wraps (1, 2) of zeros sent */
    uint32_t zero_after;
} ts_npu_bd_dim;

/* A buffer descriptor in actual values: what hardware stores minus one is not minus one here.
 * Members that a tile kind does not have are 0. */
typedef struct ts_npu_bd {
    uint64_t base;   /* byte address, a multiple of 4, in the DMA's own address space */
    uint32_t length; /* 32-bit words */
    ts_npu_bd_dim dim[TS_NPU_BD_MAX_DIMS];
    uint32_t iteration_step;    /* words the base moves each time the descriptor runs, 1 or more */
    uint32_t iteration_wrap;    /* runs before the base is back, 1 to 64 */
    uint32_t iteration_current; /* runs done, 0 to 63; hardware counts it up */
    bool valid;
    bool use_next;
    uint32_t next;
    bool lock_acquire;          /* whether there is an acquire */
    uint32_t lock_acquire_id;   /* memory tile: 64 to 127 are its own */
    int32_t lock_acquire_value; /* -64 to 63; below 0: until greater or equal, else until equal */
    uint32_t lock_release_id;   /* as lock_acquire_id */
    int32_t lock_release_value; /* -64 to 63; 0: no release */
    bool packet;                /* MM2S: send a packet header first */
    uint32_t packet_id;         /* 0 to 31 */
    uint32_t packet_type;       /* 0 to 7 */
    uint32_t out_of_order_bd;   /* the descriptor an out-of-order receiver will use, 0 to 63 */
    bool tlast_suppress;        /* MM2S: no TLAST at the end */
    bool compression;           /* compute and memory tile */
    bool secure;                /* the rest: shim tile, AXI transfers */
    uint32_t burst;             /* 0, 1, 2 for 64, 128, 256 bytes */
    uint32_t smid;              /* 0 to 15 */
    uint32_t ax_cache;          /* 0 to 15 */
    uint32_t ax_qos;            /* 0 to 15 */
} ts_npu_bd;

/* `words`: tile->n_bd_words of them. False when a bit outside the fields is set: encoding would
 * not give it back. src: Xilinx/aie-rt: driver/src/dma/xaie_dma_aieml.c, WriteBd [code] */
bool ts_npu_bd_decode(const ts_npu_tile *tile, const uint32_t *words, ts_npu_bd *out);
/* Errors: RANGE when a value does not fit its field or the tile kind has no such field. */
TS_NODISCARD ts_status ts_npu_bd_encode(const ts_npu_tile *tile, const ts_npu_bd *bd,
                                        uint32_t *words, ts_diag *diag);
/* A descriptor that walks `length` words from `base`, valid, and does nothing else. */
ts_npu_bd ts_npu_bd_linear(const ts_npu_tile *tile, uint64_t base, uint32_t length);
/* Whether a channel (of either direction) can run that descriptor: in a memory tile even channels
 * have the lower half, odd channels the upper. src: Xilinx/mlir-aie:
 * include/aie/Dialect/AIE/IR/AIETargetModel.h, isBdChannelAccessible [code] */
bool ts_npu_bd_is_for_channel(const ts_npu_tile *tile, uint32_t bd, uint32_t channel);
/* One line, without its end: length, base, pattern, locks, what else is set. */
void ts_npu_bd_text(const ts_npu_tile *tile, const ts_npu_bd *bd, ts_buf *out);

/* ---- writes in plain words ------------------------------------------------------------------- */

/* One line, without its end, for a write of `value` under `mask` (1: the bit is written) to the
 * register at `offset`: "lock 3 := 1", "master South:1 <- slave DMA:0", or the fields by name. */
void ts_npu_describe(const ts_npu_tile *tile, uint32_t offset, uint32_t value, uint32_t mask,
                     ts_buf *out);
/* The same for consecutive words from `offset`: takes a whole buffer descriptor, or all that lies
 * in a memory, else one word, and returns how many words the line speaks of (at least 1).
 * n_words > 0. */
size_t ts_npu_describe_words(const ts_npu_tile *tile, uint32_t offset, const uint32_t *words,
                             size_t n_words, ts_buf *out);
/* "compute tile (0,2)". */
void ts_npu_tile_text(const ts_npu_device *device, uint32_t column, uint32_t row, ts_buf *out);
/* A store of `n_words` words to `addr`, of which `words` holds the first `n_given`: one thing (a
 * memory's content, a buffer descriptor) goes to `behind`; else `before` gets a line for each word
 * with its register, and for each tile that the store runs on into. */
void ts_npu_describe_store(const ts_npu_device *device, uint64_t addr, const uint32_t *words,
                           size_t n_given, size_t n_words, ts_buf *before, ts_buf *behind);

/* ---- instruction streams (transactions, TXN) ------------------------------------------------- */

/* What the firmware runs: a header, then ops one behind the other. X(constant, number, name); names
 * are those of mlir-aie's aiex.npu ops, or of aie-rt's enumerators in small letters.
 * src: Xilinx/aie-codegen: src/common/xaie_txn.h, XAie_TxnOpcode [code];
 * src: Xilinx/mlir-aie: lib/Targets/AIETargetNPU.cpp [code] */
#define TS_TXN_CODE_LIST(X)                                                                        \
    X(WRITE32, 0, "write32")                                                                       \
    X(BLOCKWRITE, 1, "blockwrite")                                                                 \
    X(MASKWRITE32, 3, "maskwrite32")                                                               \
    X(MASKPOLL, 4, "maskpoll")                                                                     \
    X(NOOP, 5, "noop")                                                                             \
    X(PREEMPT, 6, "preempt")                                                                       \
    X(MASKPOLL_BUSY, 7, "maskpoll_busy")                                                           \
    X(LOAD_PDI, 8, "load_pdi")                                                                     \
    X(LOAD_PM_START, 9, "load_pm_start")                                                           \
    X(CREATE_SCRATCHPAD, 10, "create_scratchpad")                                                  \
    X(UPDATE_STATE_TABLE, 11, "update_state_table")                                                \
    X(UPDATE_REG, 12, "update_reg")                                                                \
    X(UPDATE_SCRATCH, 13, "update_scratch")                                                        \
    X(SYNC, 128, "sync")                                                                           \
    X(ADDRESS_PATCH, 129, "address_patch")                                                         \
    X(READ_REGS, 130, "read_regs")                                                                 \
    X(RECORD_TIMER, 131, "record_timer")                                                           \
    X(MERGE_SYNC, 132, "merge_sync")

typedef enum ts_txn_code {
#define X(constant, number, name) TS_TXN_##constant = (number),
    TS_TXN_CODE_LIST(X)
#undef X
    TS_TXN_CUSTOM = 128 /* from here on each op tells its size, so that unknown ones are carried */
} ts_txn_code;

/* One op. Members that the op does not have are 0; those it has are in src/npu/txn_ops.h. */
typedef struct ts_txn_op {
    uint8_t code;    /* ts_txn_code; from TS_TXN_CUSTOM on any */
    uint64_t offset; /* in the file it was read from; not written */
    uint64_t addr;   /* a register, for ts_npu_split(); column 0 is the first of the partition */
    uint32_t value, mask;
    /* SYNC waits for one token of that channel from each tile of n_columns x n_rows from
     * (column, row) on. direction: 0 S2MM, 1 MM2S. */
    uint8_t column, row, direction, channel, n_columns, n_rows;
    /* ADDRESS_PATCH puts the address of host buffer `arg` (0: the first of the runtime sequence)
     * plus `arg_plus` bytes into the descriptor whose base address is at `addr`. Known streams
     * leave 0 there before, so nothing tells whether the firmware adds to it. */
    uint64_t arg, arg_plus;
    uint32_t action;    /* ADDRESS_PATCH: always 0 in what is known */
    uint32_t id;        /* LOAD_PDI, LOAD_PM_START, RECORD_TIMER */
    uint32_t size;      /* LOAD_PDI, CREATE_SCRATCHPAD: bytes */
    uint32_t count;     /* LOAD_PM_START: ops that belong to it; READ_REGS: addresses */
    uint64_t host_addr; /* LOAD_PDI: of the PDI; CREATE_SCRATCHPAD: offset */
    uint32_t argument;  /* UPDATE_STATE_TABLE, UPDATE_REG */
    uint8_t index, function;
    uint8_t usage;    /* CREATE_SCRATCHPAD */
    uint8_t level;    /* PREEMPT: 0 nothing, 1 memory tiles, 2 tiles, 3 with registers */
    uint8_t n_tokens; /* MERGE_SYNC, over n_columns */
    ts_span data;     /* little-endian words: what BLOCKWRITE writes, what READ_REGS reads (64-bit
                         addresses), what stands behind the known part of another op */
    ts_span raw;      /* the op as it was read, when it sets bits that no member has; else empty */
} ts_txn_op;

typedef struct ts_txn {
    uint8_t major, minor; /* 0.1, which all known NPU1 flows write, or 1.0 (shorter ops) */
    uint8_t generation;   /* 3: Phoenix, Hawk Point; 4: Strix and later */
    uint8_t n_rows, n_columns, n_memory_rows;
    uint16_t reserved;
    ts_txn_op *ops;
    size_t n_ops;
    ts_span unread; /* behind the ops that the header counts, inside the size it tells */
    ts_span tail;   /* behind that size */
} ts_txn;

#define TS_TXN_HEADER_BYTES    16
#define TS_TXN_GENERATION_NPU1 3

/* "write32"; "custom" for what has no name, NULL for what cannot be in a stream. */
const char *ts_txn_op_name(uint8_t code);
/* A stream without ops for a device, version 0.1. */
ts_txn ts_txn_for(const ts_npu_device *device);
/* Whether `bytes` starts like one: a version that is known, and a size that is possible. */
bool ts_txn_is_binary(ts_span bytes);
/* Read a stream; it borrows `bytes`.
 * Errors: SYNTAX (not a stream), UNSUPPORTED (version, op), TRUNCATED, RANGE, NOMEM. */
TS_NODISCARD ts_status ts_txn_parse(ts_arena *arena, ts_span bytes, const char *file, ts_txn *out,
                                    ts_diag *diag);
/* Append the binary: counts and sizes are worked out, and what was read comes back byte for byte.
 * Errors: RANGE (a value does not fit its field in that version), UNSUPPORTED, NOMEM. */
TS_NODISCARD ts_status ts_txn_write(const ts_txn *txn, ts_buf *out, ts_diag *diag);

/* Walk the values of an op: for (i = 0; ts_txn_value_at(txn, op, i, &value); i++). */
typedef struct ts_txn_value {
    const char *name; /* "addr" */
    uint64_t value;
    bool is_addr; /* a register's address */
} ts_txn_value;

bool ts_txn_value_at(const ts_txn *txn, const ts_txn_op *op, size_t index, ts_txn_value *out);
/* The names that addresses have in this stream: those of the Phoenix, or NULL for a generation
 * whose registers are not in the table. */
const ts_npu_device *ts_txn_device(const ts_txn *txn);
/* What op `index` does, in words without a line's end; may stay empty. `before` gets lines for what
 * does not fit on one. `device` as from ts_txn_device(). */
void ts_txn_describe(const ts_txn *txn, size_t index, const ts_npu_device *device, ts_buf *before,
                     ts_buf *behind);
/* Append a listing that ts_txn_pack() reads back to the same bytes. With `brief`, data is told by
 * its size, which cannot be packed. Errors: NOMEM. */
TS_NODISCARD ts_status ts_txn_list(ts_arena *arena, const ts_txn *txn, bool brief, ts_buf *out,
                                   ts_diag *diag);
/* Append the binary of the words of a stream as text, one a line, eight hexadecimal digits each:
 * the form that aie-translate prints and older hosts read. False when `text` is something else.
 * src: Xilinx/mlir-aie: lib/Targets/AIETargets.cpp, aie-npu-to-binary without -aie-output-binary
 * [code] */
bool ts_txn_from_hex(ts_span text, ts_buf *out);
/* Append the binary of a listing; its grammar is in docs/insts.md. Errors: SYNTAX, UNKNOWN, RANGE,
 * CONFLICT, UNSUPPORTED, with line and column. */
TS_NODISCARD ts_status ts_txn_pack(ts_arena *arena, ts_span text, const char *file, ts_buf *out,
                                   ts_diag *diag);

#endif
