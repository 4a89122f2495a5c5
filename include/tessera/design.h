/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * design: AIE-dialect MLIR as an operation tree, and the passes that place and route it.
 *
 * A design is a tree as MLIR's: operations hold regions, regions blocks, blocks operations; values
 * are results of operations or arguments of blocks. The custom and the generic spelling of an
 * operation, old and new, parse to the same tree: attributes carry the names of mlir-aie's
 * .td files ("col", "source_bundle", "operandSegmentSizes"), enumerations are i32 integers there
 * and here.
 *
 * Attributes that equal their default (offset = 0, sym_name "main" of a device, issue_token =
 * false) are not in the tree, so absent means the default. Terminators that go without saying
 * (aie.end of devices, switchboxes, shim muxes, packet flows and rules; scf.yield without operands)
 * are not in the tree either. Old spellings: aiex.runtime_sequence is AIE_RUNTIME_SEQUENCE, a
 * shim_dma_allocation without tile operand has the attribute "col".
 *
 * Data layouts are DIALECT attributes: "aie.bd_dim_layout_array" with elements "aie.bd_dim_layout"
 * of members size and stride (i32), "aie.bd_pad_layout_array" with const_pad_before and _after,
 * "aie.bd_dim_layout_array_array" with one array per consumer; "aie.packet_info" has pkt_type and
 * pkt_id.
 *
 * Memory: everything of a design lives in its arena. Passes change the tree in place; what they
 * take out is freed with the arena. Names, types and attributes are immutable and may be shared
 * between operations; types are unique, so equal types are equal pointers.
 */
#ifndef TESSERA_DESIGN_H
#define TESSERA_DESIGN_H

#include "tessera/base.h"
#include "tessera/npu.h"

/* Ceilings of the parser: levels of nesting of all kinds, dimensions of a shape, bits of an integer
 * type, bytes of a text, results or operands of one operation. */
#define TS_DESIGN_MAX_DEPTH   96
#define TS_DESIGN_MAX_RANK    32
#define TS_DESIGN_MAX_BITS    16777215
#define TS_DESIGN_MAX_BYTES   (UINT32_C(1) << 28)
#define TS_DESIGN_MAX_COUNT   65536
#define TS_DESIGN_MAX_MEMBERS 256

typedef struct ts_design ts_design;
typedef struct ts_type ts_type;
typedef struct ts_attr ts_attr;
typedef struct ts_value ts_value;
typedef struct ts_use ts_use;
typedef struct ts_op ts_op;
typedef struct ts_block ts_block;
typedef struct ts_region ts_region;

/* ---- types ----------------------------------------------------------------------------------- */

typedef enum ts_type_kind {
    TS_TYPE_NONE,     /* none */
    TS_TYPE_INDEX,    /* index */
    TS_TYPE_INTEGER,  /* i1 to i64, si8, ui32 */
    TS_TYPE_FLOAT,    /* bf16, f16, f32, f64 */
    TS_TYPE_MEMREF,   /* memref<4x?xi32, layout, space> */
    TS_TYPE_VECTOR,   /* vector<32xi8> */
    TS_TYPE_TENSOR,   /* tensor<4xi32> */
    TS_TYPE_FUNCTION, /* (i32) -> f32 */
    TS_TYPE_DIALECT,  /* !aie.objectfifo<memref<16xi32>> */
} ts_type_kind;

typedef enum ts_signedness {
    TS_SIGNLESS,
    TS_SIGNED,
    TS_UNSIGNED
} ts_signedness;

#define TS_DYNAMIC_SIZE INT64_MIN /* a dimension written `?` */

struct ts_type {
    ts_type_kind kind;
    ts_signedness signedness; /* INTEGER */
    uint32_t width;           /* bits of INTEGER and FLOAT */
    const char *name;         /* FLOAT "bf16"; DIALECT "aie.objectfifo"; else "" */
    const ts_type *element;   /* MEMREF, VECTOR, TENSOR; DIALECT: its type parameter or NULL */
    const int64_t *shape;     /* of those; NULL when n_dims is 0 */
    uint32_t n_dims;
    bool is_unranked;                              /* memref<*xi32> */
    const ts_attr *layout, *memory_space;          /* MEMREF; NULL: none */
    const ts_type *const *inputs, *const *results; /* FUNCTION */
    uint32_t n_inputs, n_results;
    const char *parameters; /* DIALECT: text between < and >, or NULL */
};

const ts_type *ts_type_integer(ts_design *design, uint32_t width, ts_signedness signedness);
const ts_type *ts_type_index(ts_design *design);
const ts_type *ts_type_memref(ts_design *design, const int64_t *shape, uint32_t n_dims,
                              const ts_type *element);
/* Any other type, made unique; the members of `type` are copied. All of these: NULL is NOMEM. */
const ts_type *ts_type_unique(ts_design *design, const ts_type *type);
/* Elements of a static shape, bytes of the whole (sub-byte elements are packed; the last byte
 * counts); 0 for a dynamic or unranked shape, a product beyond 2^40 or an element without a size.
 */
uint64_t ts_type_n_elements(const ts_type *type);
uint64_t ts_type_n_bytes(const ts_type *type);

/* ---- attributes ------------------------------------------------------------------------------ */

typedef enum ts_attr_kind {
    TS_ATTR_UNIT,
    TS_ATTR_INTEGER, /* also bool (type i1) and enumerations (type i32) */
    TS_ATTR_FLOAT,
    TS_ATTR_STRING,
    TS_ATTR_TYPE,
    TS_ATTR_SYMBOL,      /* @root or @root::@nested */
    TS_ATTR_ARRAY,       /* [a, b] */
    TS_ATTR_DICTIONARY,  /* {a = 1, b} */
    TS_ATTR_DENSE_ARRAY, /* array<i32: 1, 2> */
    TS_ATTR_DENSE,       /* dense<[1, 2]> : tensor<2xi32> */
    TS_ATTR_AFFINE_MAP,  /* affine_map<(d0) -> (d0)>, affine_set<...>; kept as text */
    TS_ATTR_DIALECT,     /* #aie.packet_info<pkt_type = 0, pkt_id = 1>: name and members */
} ts_attr_kind;

typedef struct ts_named_attr {
    const char *name;
    const ts_attr *value;
} ts_named_attr;

struct ts_attr {
    ts_attr_kind kind;
    const ts_type *type; /* INTEGER, FLOAT, DENSE (its shaped type), DENSE_ARRAY (of an element) */
    int64_t integer;     /* INTEGER; unsigned types as the same bits */
    double real;         /* FLOAT */
    const char *text;    /* STRING (n_bytes long, may hold NULs), SYMBOL root, AFFINE_MAP, DIALECT
                          * name;    FLOAT: as written */
    size_t n_bytes;      /* STRING */
    const ts_type *type_value;      /* TYPE */
    const ts_attr *const *elements; /* ARRAY; SYMBOL: nested symbols; DIALECT: unnamed members */
    const ts_named_attr *members;   /* DICTIONARY, DIALECT: named members, as written */
    size_t n_elements, n_members;
    /* DENSE, DENSE_ARRAY: elements of (width + 7) / 8 bytes, 8 of index, little endian; one element
     * when all are equal. DIALECT of others than aie: the text behind the name. */
    ts_span data;
    bool is_splat;
    bool is_resource; /* dense_resource<text>: no data */
};

/* Builders; the pointers they get are kept, texts are copied. NULL is NOMEM. */
const ts_attr *ts_attr_unit(ts_design *design);
const ts_attr *ts_attr_bool(ts_design *design, bool value);
const ts_attr *ts_attr_integer(ts_design *design, int64_t value, const ts_type *type);
const ts_attr *ts_attr_i32(ts_design *design, int64_t value);
const ts_attr *ts_attr_string(ts_design *design, const char *text);
const ts_attr *ts_attr_symbol(ts_design *design, const char *root);
const ts_attr *ts_attr_array(ts_design *design, const ts_attr *const *elements, size_t n_elements);
const ts_attr *ts_attr_dialect(ts_design *design, const char *name, const ts_named_attr *members,
                               size_t n_members);
const ts_attr *ts_attr_dense_array(ts_design *design, const ts_type *element, const int64_t *values,
                                   size_t n_values);
bool ts_attr_equal(const ts_attr *a, const ts_attr *b);
/* Member of a DICTIONARY or DIALECT attribute, or NULL; NULL attr is allowed. */
const ts_attr *ts_attr_member(const ts_attr *attr, const char *name);
/* Element `index` of DENSE or DENSE_ARRAY integers, sign extended; splats repeat. */
int64_t ts_attr_element(const ts_attr *attr, size_t index);

/* ---- operations ------------------------------------------------------------------------------ */

/* Every operation Tessera knows: enumerator and name. Others parse only in their generic form and
 * have the code OTHER; whoever needs a meaning refuses them by name and place. */
#define TS_OP_LIST(X)                                                                              \
    X(MODULE, "builtin.module")                                                                    \
    X(CAST, "builtin.unrealized_conversion_cast")                                                  \
    X(AIE_DEVICE, "aie.device")                                                                    \
    X(AIE_TILE, "aie.tile")                                                                        \
    X(AIE_LOGICAL_TILE, "aie.logical_tile")                                                        \
    X(AIE_CORE, "aie.core")                                                                        \
    X(AIE_MEM, "aie.mem")                                                                          \
    X(AIE_MEMTILE_DMA, "aie.memtile_dma")                                                          \
    X(AIE_SHIM_DMA, "aie.shim_dma")                                                                \
    X(AIE_DMA, "aie.dma")                                                                          \
    X(AIE_DMA_START, "aie.dma_start")                                                              \
    X(AIE_DMA_BD, "aie.dma_bd")                                                                    \
    X(AIE_DMA_BD_PACKET, "aie.dma_bd_packet")                                                      \
    X(AIE_NEXT_BD, "aie.next_bd")                                                                  \
    X(AIE_END, "aie.end")                                                                          \
    X(AIE_LOCK, "aie.lock")                                                                        \
    X(AIE_USE_LOCK, "aie.use_lock")                                                                \
    X(AIE_BUFFER, "aie.buffer")                                                                    \
    X(AIE_EXTERNAL_BUFFER, "aie.external_buffer")                                                  \
    X(AIE_FLOW, "aie.flow")                                                                        \
    X(AIE_PACKET_FLOW, "aie.packet_flow")                                                          \
    X(AIE_PACKET_SOURCE, "aie.packet_source")                                                      \
    X(AIE_PACKET_DEST, "aie.packet_dest")                                                          \
    X(AIE_CASCADE_FLOW, "aie.cascade_flow")                                                        \
    X(AIE_CONFIGURE_CASCADE, "aie.configure_cascade")                                              \
    X(AIE_SWITCHBOX, "aie.switchbox")                                                              \
    X(AIE_SHIM_MUX, "aie.shim_mux")                                                                \
    X(AIE_CONNECT, "aie.connect")                                                                  \
    X(AIE_AMSEL, "aie.amsel")                                                                      \
    X(AIE_MASTERSET, "aie.masterset")                                                              \
    X(AIE_PACKET_RULES, "aie.packet_rules")                                                        \
    X(AIE_RULE, "aie.rule")                                                                        \
    X(AIE_WIRE, "aie.wire")                                                                        \
    X(AIE_SHIM_DMA_ALLOCATION, "aie.shim_dma_allocation")                                          \
    X(AIE_OBJECTFIFO, "aie.objectfifo")                                                            \
    X(AIE_OBJECTFIFO_ALLOCATE, "aie.objectfifo.allocate")                                          \
    X(AIE_OBJECTFIFO_LINK, "aie.objectfifo.link")                                                  \
    X(AIE_OBJECTFIFO_ACQUIRE, "aie.objectfifo.acquire")                                            \
    X(AIE_OBJECTFIFO_RELEASE, "aie.objectfifo.release")                                            \
    X(AIE_OBJECTFIFO_SUBVIEW_ACCESS, "aie.objectfifo.subview.access")                              \
    X(AIE_OBJECTFIFO_REGISTER_EXTERNAL_BUFFERS, "aie.objectfifo.register_external_buffers")        \
    X(AIE_OBJECTFIFO_REGISTER_PROCESS, "aie.objectfifo.register_process")                          \
    X(AIE_BD_CHAIN, "aie.bd_chain")                                                                \
    X(AIE_GET_STREAM, "aie.get_stream")                                                            \
    X(AIE_PUT_STREAM, "aie.put_stream")                                                            \
    X(AIE_GET_CASCADE, "aie.get_cascade")                                                          \
    X(AIE_PUT_CASCADE, "aie.put_cascade")                                                          \
    X(AIE_EVENT, "aie.event")                                                                      \
    X(AIE_RUNTIME_SEQUENCE, "aie.runtime_sequence")                                                \
    X(AIEX_NPU_DMA_MEMCPY_ND, "aiex.npu.dma_memcpy_nd")                                            \
    X(AIEX_NPU_DMA_WAIT, "aiex.npu.dma_wait")                                                      \
    X(AIEX_NPU_SYNC, "aiex.npu.sync")                                                              \
    X(AIEX_NPU_WRITE32, "aiex.npu.write32")                                                        \
    X(AIEX_NPU_MASKWRITE32, "aiex.npu.maskwrite32")                                                \
    X(AIEX_NPU_BLOCKWRITE, "aiex.npu.blockwrite")                                                  \
    X(AIEX_NPU_ADDRESS_PATCH, "aiex.npu.address_patch")                                            \
    X(AIEX_NPU_RTP_WRITE, "aiex.npu.rtp_write")                                                    \
    X(AIEX_NPU_WRITEBD, "aiex.npu.writebd")                                                        \
    X(AIEX_NPU_PUSH_QUEUE, "aiex.npu.push_queue")                                                  \
    X(AIEX_NPU_LOAD_PDI, "aiex.npu.load_pdi")                                                      \
    X(AIEX_NPU_PREEMPT, "aiex.npu.preempt")                                                        \
    X(AIEX_CONTROL_PACKET, "aiex.control_packet")                                                  \
    X(AIEX_SET_LOCK, "aiex.set_lock")                                                              \
    X(AIEX_CONFIGURE, "aiex.configure")                                                            \
    X(AIEX_RUN, "aiex.run")                                                                        \
    X(AIEX_DMA_CONFIGURE_TASK, "aiex.dma_configure_task")                                          \
    X(AIEX_DMA_CONFIGURE_TASK_FOR, "aiex.dma_configure_task_for")                                  \
    X(AIEX_DMA_START_BD_CHAIN, "aiex.dma_start_bd_chain")                                          \
    X(AIEX_DMA_START_BD_CHAIN_FOR, "aiex.dma_start_bd_chain_for")                                  \
    X(AIEX_DMA_START_TASK, "aiex.dma_start_task")                                                  \
    X(AIEX_DMA_AWAIT_TASK, "aiex.dma_await_task")                                                  \
    X(AIEX_DMA_FREE_TASK, "aiex.dma_free_task")                                                    \
    X(FUNC_FUNC, "func.func")                                                                      \
    X(FUNC_CALL, "func.call")                                                                      \
    X(FUNC_RETURN, "func.return")                                                                  \
    X(SCF_FOR, "scf.for")                                                                          \
    X(SCF_IF, "scf.if")                                                                            \
    X(SCF_WHILE, "scf.while")                                                                      \
    X(SCF_CONDITION, "scf.condition")                                                              \
    X(SCF_YIELD, "scf.yield")                                                                      \
    X(SCF_INDEX_SWITCH, "scf.index_switch")                                                        \
    X(SCF_EXECUTE_REGION, "scf.execute_region")                                                    \
    X(CF_BR, "cf.br")                                                                              \
    X(CF_COND_BR, "cf.cond_br")                                                                    \
    X(CF_ASSERT, "cf.assert")                                                                      \
    X(AFFINE_FOR, "affine.for")                                                                    \
    X(AFFINE_IF, "affine.if")                                                                      \
    X(AFFINE_LOAD, "affine.load")                                                                  \
    X(AFFINE_STORE, "affine.store")                                                                \
    X(AFFINE_APPLY, "affine.apply")                                                                \
    X(AFFINE_MIN, "affine.min")                                                                    \
    X(AFFINE_MAX, "affine.max")                                                                    \
    X(AFFINE_YIELD, "affine.yield")                                                                \
    X(ARITH_CONSTANT, "arith.constant")                                                            \
    X(ARITH_ADDI, "arith.addi")                                                                    \
    X(ARITH_SUBI, "arith.subi")                                                                    \
    X(ARITH_MULI, "arith.muli")                                                                    \
    X(ARITH_DIVSI, "arith.divsi")                                                                  \
    X(ARITH_DIVUI, "arith.divui")                                                                  \
    X(ARITH_CEILDIVSI, "arith.ceildivsi")                                                          \
    X(ARITH_CEILDIVUI, "arith.ceildivui")                                                          \
    X(ARITH_FLOORDIVSI, "arith.floordivsi")                                                        \
    X(ARITH_REMSI, "arith.remsi")                                                                  \
    X(ARITH_REMUI, "arith.remui")                                                                  \
    X(ARITH_ANDI, "arith.andi")                                                                    \
    X(ARITH_ORI, "arith.ori")                                                                      \
    X(ARITH_XORI, "arith.xori")                                                                    \
    X(ARITH_SHLI, "arith.shli")                                                                    \
    X(ARITH_SHRSI, "arith.shrsi")                                                                  \
    X(ARITH_SHRUI, "arith.shrui")                                                                  \
    X(ARITH_MAXSI, "arith.maxsi")                                                                  \
    X(ARITH_MAXUI, "arith.maxui")                                                                  \
    X(ARITH_MINSI, "arith.minsi")                                                                  \
    X(ARITH_MINUI, "arith.minui")                                                                  \
    X(ARITH_CMPI, "arith.cmpi")                                                                    \
    X(ARITH_SELECT, "arith.select")                                                                \
    X(ARITH_EXTSI, "arith.extsi")                                                                  \
    X(ARITH_EXTUI, "arith.extui")                                                                  \
    X(ARITH_TRUNCI, "arith.trunci")                                                                \
    X(ARITH_INDEX_CAST, "arith.index_cast")                                                        \
    X(ARITH_INDEX_CASTUI, "arith.index_castui")                                                    \
    X(ARITH_BITCAST, "arith.bitcast")                                                              \
    X(ARITH_ADDF, "arith.addf")                                                                    \
    X(ARITH_SUBF, "arith.subf")                                                                    \
    X(ARITH_MULF, "arith.mulf")                                                                    \
    X(ARITH_DIVF, "arith.divf")                                                                    \
    X(ARITH_NEGF, "arith.negf")                                                                    \
    X(ARITH_MAXIMUMF, "arith.maximumf")                                                            \
    X(ARITH_MINIMUMF, "arith.minimumf")                                                            \
    X(ARITH_MAXNUMF, "arith.maxnumf")                                                              \
    X(ARITH_MINNUMF, "arith.minnumf")                                                              \
    X(ARITH_CMPF, "arith.cmpf")                                                                    \
    X(ARITH_EXTF, "arith.extf")                                                                    \
    X(ARITH_TRUNCF, "arith.truncf")                                                                \
    X(ARITH_SITOFP, "arith.sitofp")                                                                \
    X(ARITH_UITOFP, "arith.uitofp")                                                                \
    X(ARITH_FPTOSI, "arith.fptosi")                                                                \
    X(ARITH_FPTOUI, "arith.fptoui")                                                                \
    X(MEMREF_ALLOC, "memref.alloc")                                                                \
    X(MEMREF_ALLOCA, "memref.alloca")                                                              \
    X(MEMREF_DEALLOC, "memref.dealloc")                                                            \
    X(MEMREF_DIM, "memref.dim")                                                                    \
    X(MEMREF_LOAD, "memref.load")                                                                  \
    X(MEMREF_STORE, "memref.store")                                                                \
    X(MEMREF_COPY, "memref.copy")                                                                  \
    X(MEMREF_CAST, "memref.cast")                                                                  \
    X(MEMREF_SUBVIEW, "memref.subview")                                                            \
    X(MEMREF_REINTERPRET_CAST, "memref.reinterpret_cast")                                          \
    X(MEMREF_COLLAPSE_SHAPE, "memref.collapse_shape")                                              \
    X(MEMREF_EXPAND_SHAPE, "memref.expand_shape")                                                  \
    X(MEMREF_GLOBAL, "memref.global")                                                              \
    X(MEMREF_GET_GLOBAL, "memref.get_global")                                                      \
    X(MEMREF_ASSUME_ALIGNMENT, "memref.assume_alignment")                                          \
    X(VECTOR_TRANSFER_READ, "vector.transfer_read")                                                \
    X(VECTOR_TRANSFER_WRITE, "vector.transfer_write")                                              \
    X(VECTOR_LOAD, "vector.load")                                                                  \
    X(VECTOR_STORE, "vector.store")                                                                \
    X(VECTOR_SPLAT, "vector.splat")                                                                \
    X(VECTOR_BITCAST, "vector.bitcast")                                                            \
    X(VECTOR_BROADCAST, "vector.broadcast")

typedef enum ts_op_code {
    TS_OP_OTHER,
#define X(code, name) TS_OP_##code,
    TS_OP_LIST(X)
#undef X
    TS_OP_N_CODES
} ts_op_code;

const char *ts_op_code_name(ts_op_code code); /* "aie.tile" */

struct ts_value {
    const ts_type *type;
    const char *name; /* without the %; NULL: a number when printed. Unique when printed. */
    ts_op *owner;     /* the operation it is a result of, or NULL */
    ts_block *block;  /* the block it is an argument of, or NULL */
    uint32_t index;   /* of the result or argument */
    ts_use *first_use;
};

/* One operand; in the list of its value's uses. */
struct ts_use {
    ts_value *value;
    ts_op *user;
    ts_use *previous, *next;
};

struct ts_op {
    ts_op_code code;
    const char *name; /* "aie.tile" */
    ts_block *block;  /* NULL: the module, or taken out */
    ts_op *previous, *next;
    ts_use *operands; /* successor operands come last, in the order of the successors */
    ts_value *results;
    ts_named_attr *attrs; /* sorted by name; properties and attributes together */
    ts_region *regions;
    ts_block **successors;
    uint32_t n_operands, n_results, n_attrs, n_regions, n_successors;
    uint32_t offset; /* in the design's text, for errors; UINT32_MAX: made by a pass */
};

struct ts_block {
    ts_region *region;
    ts_block *previous, *next;
    ts_value **arguments;
    uint32_t n_arguments;
    ts_op *first, *last;
};

struct ts_region {
    ts_op *owner;
    ts_block *first, *last;
};

/* A new operation with zeroed regions and no attributes, not yet in a block. NULL: NOMEM. */
ts_op *ts_op_new(ts_design *design, ts_op_code code, ts_value *const *operands, size_t n_operands,
                 const ts_type *const *results, size_t n_results, size_t n_regions);
/* Insert at the end of a block, before or behind another operation; take out and forget (it and all
 * within; its results must be unused); move. */
void ts_op_append(ts_block *block, ts_op *op);
void ts_op_insert_before(ts_op *where, ts_op *op);
void ts_op_insert_after(ts_op *where, ts_op *op);
void ts_op_unlink(ts_op *op);
void ts_op_erase(ts_op *op);
/* A copy with all its regions; operands from outside stay the same values. */
ts_op *ts_op_clone(ts_design *design, const ts_op *op);
bool ts_op_set_operands(ts_design *design, ts_op *op, ts_value *const *operands, size_t n_operands);
bool ts_op_set_successors(ts_design *design, ts_op *op, ts_block *const *successors,
                          size_t n_successors);
void ts_use_set(ts_use *use, ts_value *value);
void ts_value_replace(ts_value *old_value, ts_value *new_value);
ts_block *ts_block_append(ts_design *design, ts_region *region);
ts_block *ts_block_insert_after(ts_design *design, ts_block *where);
ts_value *ts_block_add_argument(ts_design *design, ts_block *block, const ts_type *type);

/* The attribute of that name, or NULL. Typed reads return the fallback when it is absent or of
 * another kind. Setting replaces; a NULL value takes it out; false is NOMEM. */
const ts_attr *ts_op_attr(const ts_op *op, const char *name);
int64_t ts_op_integer(const ts_op *op, const char *name, int64_t fallback);
bool ts_op_bool(const ts_op *op, const char *name); /* unit or true */
const char *ts_op_text(const ts_op *op, const char *name,
                       const char *fallback); /* string, symbol */
bool ts_op_set_attr(ts_design *design, ts_op *op, const char *name, const ts_attr *value);
/* The word for an enumeration, "DMA" for source_bundle = 1, and the attribute for a word: NULL when
 * operations of that code have no such enumeration or it no such word. */
const char *ts_op_word(const ts_op *op, const char *name, const char *fallback);
const ts_attr *ts_attr_word(ts_design *design, ts_op_code code, const char *name, const char *word);
/* Operands of segment `segment` by "operandSegmentSizes"; the first and how many. */
ts_use *ts_op_segment(const ts_op *op, unsigned segment, uint32_t *n_operands);

/* Walking: the parent operation; the next of all operations below `root` in the text's order, each
 * before what it holds. NULL at the end. */
ts_op *ts_op_parent(const ts_op *op);
ts_op *ts_op_parent_of(const ts_op *op, ts_op_code code);
ts_op *ts_op_next_below(const ts_op *root, const ts_op *op);
/* The operation of that code in the first block of `parent`'s first region, behind `after` or the
 * first when that is NULL. */
ts_op *ts_op_child(const ts_op *parent, ts_op_code code, const ts_op *after);
/* The operation with "sym_name" `name` directly within `table` (a device or module), or NULL. */
ts_op *ts_symbol_find(const ts_op *table, const char *name);

/* ---- designs --------------------------------------------------------------------------------- */

struct ts_design {
    ts_arena *arena;
    const char *file;
    ts_span text; /* borrowed */
    ts_op *module;
    struct ts_design_names *names; /* interned strings, types */
};

/* A module without operations, for who builds a design. NULL: NOMEM. */
ts_design *ts_design_new(ts_arena *arena, const char *file);
/* Parse; `text` is borrowed as long as the design lives, `file` names it in errors. */
TS_NODISCARD ts_status ts_design_parse(ts_arena *arena, ts_span text, const char *file,
                                       ts_design **out, ts_diag *diag);
/* The tree as text that parses to the same tree, in the custom forms and the order of aie-opt. */
void ts_design_print(const ts_design *design, ts_buf *out);
void ts_op_print(const ts_op *op, ts_buf *out);
void ts_type_print(const ts_type *type, ts_buf *out);
void ts_attr_print(const ts_attr *attr, ts_buf *out);
/* An error at an operation: line, column and caret of its text. Returns `code`. */
ts_status ts_op_fail(ts_diag *diag, const ts_design *design, const ts_op *op, ts_status code,
                     const char *format, ...) TS_PRINTF(5, 6);
/* Whether every operation has the operands, attributes, regions and terminators its kind demands.
 */
TS_NODISCARD ts_status ts_design_verify(const ts_design *design, ts_diag *diag);

/* ---- passes ---------------------------------------------------------------------------------- */

/* In the order in which `build` runs them, which is mlir-aie's: locks that the design names get
 * their numbers before those of objectfifos. Each works on one aie.device. */
#define TS_PASS_LIST(X)                                                                            \
    X(LOCK_IDS, "lock-ids", "numbers of locks")                                                    \
    X(OBJECTFIFO, "objectfifo", "object fifos to buffers, locks, DMA programs and flows")          \
    X(BD_IDS, "bd-ids", "numbers of buffer descriptors")                                           \
    X(BUFFER_ADDRESSES, "buffer-addresses", "addresses and banks of buffers")                      \
    X(ROUTE, "route", "flows to connections of stream switches")                                   \
    X(RUNTIME_SEQUENCE, "runtime-sequence", "host data movement to register writes")

typedef enum ts_pass {
#define X(code, name, text) TS_PASS_##code,
    TS_PASS_LIST(X)
#undef X
    TS_PASS_N
} ts_pass;

typedef struct ts_pass_options {
    bool is_basic_sequential; /* buffers one behind the other instead of by banks */
    bool is_bank_aware;       /* by banks or not at all; else by banks, or sequential if need be */
    bool dynamic_objectfifos; /* cores choose buffers at run time, loops are not unrolled */
    bool packet_objectfifos;  /* objectfifos through packet switching */
    bool control_packets;     /* ways for control packets from the shims to all tiles */
    uint32_t stack_bytes;     /* of cores that do not say; 0 means 1,024 */
} ts_pass_options;

const char *ts_pass_name(ts_pass pass);
/* Run one pass on one device of the design, then its verifier. `options` may be NULL. */
TS_NODISCARD ts_status ts_design_run_pass(ts_design *design, ts_op *device, ts_pass pass,
                                          const ts_pass_options *options, ts_diag *diag);

#endif
