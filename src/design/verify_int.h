/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * What the files of the verifier share. */
#ifndef TESSERA_DESIGN_VERIFY_INT_H
#define TESSERA_DESIGN_VERIFY_INT_H

#include "forms.h"

typedef struct verifier {
    const ts_design *design;
    ts_diag *diag;
    ts_arena arena;            /* scratch */
    design_map tables;         /* device or module to its symbols */
    const ts_op *device;       /* around the operation, or NULL */
    const ts_npu_device *grid; /* of it; NULL: one that Tessera has no data of */
} verifier;

/* A rule about one operation that is known to be as its row says. */
typedef ts_status verify_rule(verifier *v, const ts_op *op);

#define VERIFY_FAIL(v, op, ...)  ts_op_fail((v)->diag, (v)->design, (op), TS_CONFLICT, __VA_ARGS__)
#define VERIFY_RANGE(v, op, ...) ts_op_fail((v)->diag, (v)->design, (op), TS_RANGE, __VA_ARGS__)

ts_status verify_structure(verifier *v, const ts_op *op); /* terminators, blocks, parents */
ts_status verify_order(verifier *v, const ts_op *root);   /* values before their uses */
ts_status verify_symbols(verifier *v, const ts_op *table);
ts_status verify_upstream(verifier *v, const ts_op *op); /* func, scf, cf, memref */
ts_status verify_tiles(verifier *v, const ts_op *op);
ts_status verify_dma(verifier *v, const ts_op *op);
/* The numbers of a "packet" attribute. */
ts_status verify_packet(verifier *v, const ts_op *op);
ts_status verify_switches(verifier *v, const ts_op *op);
ts_status verify_fifos(verifier *v, const ts_op *op);
ts_status verify_sequence(verifier *v, const ts_op *op);

/* The aie.tile that gives the operand, or NULL: a logical tile, an argument. */
const ts_op *verify_tile_of(const ts_op *op, uint32_t operand);
/* What stands there; NULL when there is no grid or it lies outside. */
const ts_npu_tile *verify_kind_of(const verifier *v, const ts_op *tile);
/* The operation with that symbol in the device or module around, or NULL. */
const ts_op *verify_lookup(verifier *v, const ts_op *from, const char *name);
/* The operation with that symbol directly in a device or module, or NULL. */
const ts_op *verify_symbol(verifier *v, const ts_op *table, const char *name);
/* "compute tile (0, 2)" */
const char *verify_place(const verifier *v, const ts_op *tile, char *text, size_t size);

#endif
