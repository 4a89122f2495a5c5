/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The lowering of objectfifos, in the order of its files: read (pass_fifo_read.c), split into ends
 * (pass_fifo_split.c), buffers and locks (pass_fifo_elements.c), DMA programs and flows
 * (pass_fifo_dma.c), loops and accesses in cores (pass_fifo_unroll.c, pass_fifo_dynamic.c,
 * pass_fifo_access.c); pass_fifo_rounds.c checks that loops
 * left as such fit the elements.
 *
 * Names and order of what is made are those of mlir-aie, since instruction streams, linker scripts
 * and CDOs show them.
 * src: Xilinx/mlir-aie: lib/Dialect/AIE/Transforms/AIEObjectFifoStatefulTransform.cpp [code]
 */
#ifndef TESSERA_DESIGN_PASS_FIFO_H
#define TESSERA_DESIGN_PASS_FIFO_H

#include "passes.h"

/* Enumerators of the dialect.
 * src: Xilinx/mlir-aie: include/aie/Dialect/AIE/IR/AIEAttrs.td, LockAction, DMAChannelDir,
 * WireBundle, ObjectFifoPort [code] */
enum {
    LOCK_RELEASE = 1,
    LOCK_ACQUIRE_GREATER_EQUAL = 2,
    DIR_S2MM = 0,
    DIR_MM2S = 1,
    WIRE_CORE = 0,
    WIRE_DMA = 1,
    WIRE_PLIO = 7,
    PORT_PRODUCE = 0,
    PORT_CONSUME = 1,
};

typedef struct fifo fifo;
typedef struct fifo_link fifo_link;

/* A list of operations that grows. */
typedef struct op_list {
    ts_op **ops;
    size_t n, capacity;
} op_list;

/* What one core does with one port of a fifo, while the core is rewritten. */
typedef struct fifo_port {
    uint32_t next_acquire; /* element */
    uint32_t *held;        /* elements acquired and not released, oldest first */
    size_t n_held;
    struct fifo_release *releases, *last; /* not yet seen by an acquire, in the text's order */
    ts_value *counter, *depth;            /* dynamic: constants with place and depth, or NULL */
} fifo_port;

/* An objectfifo of the design or, after splitting, a consumer's end of one. */
struct fifo {
    ts_op *op; /* aie.objectfifo; of an end, the one it comes from */
    const char *name;
    ts_op *producer;   /* aie.tile; of an end, its own tile */
    ts_op **consumers; /* of an end, its own tile */
    uint32_t n_consumers;
    const ts_type *element; /* memref */
    const int64_t *depths;  /* of the producer, then of each consumer when it says so */
    uint32_t n_depths;
    uint32_t depth;            /* elements on this end */
    bool has_depths;           /* every end has its own depth in the text */
    const ts_attr *dims_to;    /* NULL: none */
    const ts_attr **dims_from; /* by consumer; NULL: none */
    const ts_attr *pads, *init;
    int64_t repeat;              /* 0: not said */
    int64_t iterations;          /* 0: not said */
    int64_t stream, stream_port; /* -1: none */
    bool via_dma, plio, no_locks;
    fifo_link *link;
    unsigned n_split_because_link;
    fifo **ends; /* after splitting: one for each consumer */
    uint32_t n_ends;
    ts_op *delegate;  /* tile to lie in, or NULL */
    ts_op *allocate;  /* the operation that says so */
    op_list accesses; /* acquires in the text that name it */
    op_list externals, buffers, locks;
    bool is_end, is_cross_tile;
    int channel; /* DMA channel of this end; -1: none left */
    fifo_port ports[2];
    const ts_op *checked_core[2]; /* by port: the core whose loops were looked at last */
    fifo *next;
};

struct fifo_link {
    ts_op *op;
    fifo **ins, **outs;
    size_t n_ins, n_outs;
    const ts_attr *src_offsets, *dst_offsets;
    fifo *target; /* whose elements all use, once made */
};

/* What a tile has given away. */
typedef struct fifo_tile {
    ts_op *tile;
    uint64_t locks;
    uint32_t channels[2], streams[2]; /* by direction */
    uint64_t used_bytes;
    bool has_fifo;
} fifo_tile;

typedef struct fifo_release {
    ts_op *op;
    size_t position; /* in the core's text */
    struct fifo_release *next;
} fifo_release;

typedef struct fifo_state {
    ts_pass_context *c;
    pass_builder b;
    fifo *first, *last;
    fifo **by_name; /* the design's own, sorted */
    size_t n_fifos;
    fifo_link *links;
    size_t n_links;
    op_list registers; /* register_external_buffers */
    fifo_tile *tiles;  /* by column and row */
    int64_t packet_id;
} fifo_state;

TS_NODISCARD ts_status fifo_read(fifo_state *s);
TS_NODISCARD ts_status fifo_split_all(fifo_state *s);
TS_NODISCARD ts_status fifo_make_elements(fifo_state *s);
TS_NODISCARD ts_status fifo_make_dmas(fifo_state *s);
/* Each run of a loop that stays one begins with as many elements held and, unless the core counts,
 * with the same element. */
TS_NODISCARD ts_status fifo_check_loops(fifo_state *s, ts_op *core, bool is_dynamic);
TS_NODISCARD ts_status fifo_unroll(fifo_state *s, ts_op *core);
TS_NODISCARD ts_status fifo_make_dynamic(fifo_state *s, ts_op *core);
TS_NODISCARD ts_status fifo_rewrite_accesses(fifo_state *s, ts_op *core);

/* Shared by the files. */
bool fifo_list_add(fifo_state *s, op_list *list, ts_op *op);
fifo_tile *fifo_tile_of(const fifo_state *s, const ts_op *tile);
fifo *fifo_find(const fifo_state *s, const char *name);
/* The end that an acquire or release means; NULL when there is no such objectfifo. */
fifo *fifo_of_access(const fifo_state *s, const ts_op *access);
/* Whose elements it uses: its own, or those of the link it is part of. */
fifo *fifo_target(fifo *f);
/* The tile that all objectfifos of a link share, or NULL. */
ts_op *fifo_shared_tile(const fifo_link *link);
bool fifo_is_join(const fifo_link *link);
bool fifo_is_distribute(const fifo_link *link);
/* Elements that part `i` of a join or distribute moves, and where they begin. */
int64_t fifo_part_length(const fifo_link *link, size_t i);
int64_t fifo_part_offset(const fifo_link *link, size_t i);
int64_t fifo_link_repeat(const fifo_link *link);
uint32_t fifo_n_elements(const fifo *f);
/* Whether two tiles see one memory; -1: the first's, 1: the second's, 2: both, 0: none. */
bool fifo_share_memory(const fifo_state *s, const ts_op *a, const ts_op *b, int *direction);
bool fifo_needs_dma(const fifo_state *s, fifo *f, int *direction);
/* Elements an end needs: what its core acquires at once and one more, else the depth. */
uint32_t fifo_needed_depth(const fifo_state *s, const fifo *f, const ts_op *tile);
/* NOMEM, or RANGE when the pass made more than its ceiling. */
ts_status fifo_built(fifo_state *s);
/* The next operation of a code below `root`. */
ts_op *fifo_next(const ts_op *root, const ts_op *after, ts_op_code code);

#endif
