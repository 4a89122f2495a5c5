/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * What the files of this library share: places of operations, named register values, and the CDO
 * that is being written.
 */
#ifndef TESSERA_COMPILE_INT_H
#define TESSERA_COMPILE_INT_H

#include "tessera/compile.h"

/* A tile of the design. */
typedef struct comp_tile {
    const ts_op *op; /* aie.tile */
    const ts_npu_tile *kind;
    uint32_t column, row;
} comp_tile;

/* One configuration in the making. `arena` is for what lives as long as the call. */
typedef struct comp {
    ts_arena *arena;
    const ts_design *design;
    const ts_op *device; /* aie.device */
    const ts_npu_device *npu;
    ts_buf *out; /* a CDO */
    ts_diag *diag;
} comp;

/* For clang's static analyzer as in base.h: it never returns TS_OK. */
#if defined(__clang_analyzer__)
#define COMP_FAIL(c, op, code, ...)                                                                \
    TS_NOT_OK(ts_op_fail((c)->diag, (c)->design, op, code, __VA_ARGS__), code)
#else
#define COMP_FAIL(c, op, code, ...) ts_op_fail((c)->diag, (c)->design, op, code, __VA_ARGS__)
#endif

ts_status comp_init(comp *c, ts_arena *arena, const ts_design *design, const ts_op *device,
                    ts_buf *out, ts_diag *diag);

/* ---- operations ------------------------------------------------------------------------------ */

/* The tile of an aie.tile, or of an operation whose first operand is one. */
ts_status comp_tile_of(const comp *c, const ts_op *op, comp_tile *out);
/* The operation of that kind that gives operand `index`; an error when it is another. */
ts_status comp_source(const comp *c, const ts_op *op, uint32_t index, ts_op_code code,
                      const ts_op **out);
/* The aie.core on a tile, or NULL. */
const ts_op *comp_core_on(const ts_op *tile);
/* An integer attribute that must be there and lie within the bounds. */
ts_status comp_need(const comp *c, const ts_op *op, const char *name, int64_t min, int64_t max,
                    int64_t *out);
/* Bytes of one element of a memref. */
uint64_t comp_element_bytes(const ts_type *type);
/* Bytes that a memref takes, elements of less than a byte one each. */
uint64_t comp_memref_bytes(const ts_type *type);
/* The address of an aie.buffer in its tile's data memory. */
ts_status comp_buffer_address(const comp *c, const ts_op *buffer, uint32_t *out);
/* The port that the attributes NAME_bundle and NAME_channel name, of that tile's switch. */
ts_status comp_port(const comp *c, const ts_op *op, const comp_tile *tile, bool is_master,
                    ts_npu_port *out);

/* ---- a core's view of data memory ------------------------------------------------------------ */

/* A window of a core's data addresses: onto a neighbor's memory, or its own, which is the one to
 * the east. src: Xilinx/mlir-aie: include/aie/Dialect/AIE/IR/AIETargetModel.h, AIE2TargetModel,
 * getMemSouthBaseAddress and the others [code] */
typedef struct comp_window {
    const char *name;
    uint32_t base;
    int8_t column, row; /* of the memory, from the core */
} comp_window;

enum {
    COMP_N_WINDOWS = 4,
    COMP_WINDOW_BYTES = 0x10000,
    COMP_OWN_WINDOW = 3,
};

extern const comp_window comp_windows[COMP_N_WINDOWS];
/* The tile that a window shows from a core; false when no compute tile is there. */
bool comp_window_tile(const comp *c, const comp_tile *core, const comp_window *window,
                      comp_tile *out);

/* ---- registers ------------------------------------------------------------------------------- */

/* A value for a register, put together from its fields; `mask` covers those that were set. */
typedef struct comp_value {
    const ts_npu_register *reg;
    uint32_t value, mask;
} comp_value;

/* No fields set. The register must exist. */
comp_value comp_register(const ts_npu_tile *kind, const char *format, ...) TS_PRINTF(2, 3);
comp_value comp_register_at(const ts_npu_tile *kind, uint32_t offset);
void comp_set(comp_value *value, const char *field, uint32_t field_value);

/* What the driver does to the array, as commands of the CDO. The mask of comp_mask_write() is that
 * of the fields that were set.
 * src: Xilinx/aie-rt: driver/src/io_backend/ext/xaie_cdo.c [code] */
void comp_write(const comp *c, const comp_tile *tile, comp_value value);
void comp_mask_write(const comp *c, const comp_tile *tile, comp_value value);
void comp_write_at(const comp *c, const comp_tile *tile, uint32_t offset, uint32_t value);
void comp_mask_write_at(const comp *c, const comp_tile *tile, uint32_t offset, uint32_t mask,
                        uint32_t value);
/* `bytes`: whole words. */
void comp_block(const comp *c, const comp_tile *tile, uint32_t offset, ts_span bytes);
/* Bytes at an address of the tile's data memory, which need not be whole words. */
void comp_data(const comp *c, const comp_tile *tile, uint32_t address, ts_span bytes);

/* ---- the parts of a configuration ------------------------------------------------------------ */

ts_status comp_load_program(const comp *c, const comp_tile *tile, const ts_compile_core *core);
ts_status comp_configure_dmas(const comp *c);
/* The descriptor that an aie.dma_bd of an aie.mem, aie.memtile_dma or aie.shim_dma describes. */
ts_status comp_read_bd(const comp *c, const ts_op *dma, const ts_op *op, uint32_t *number,
                       ts_npu_bd *out);
ts_status comp_configure_switches(const comp *c);

/* Whether an operation of a runtime sequence is an op of a stream, or only makes values for one. */
bool comp_is_lowered(const ts_op *op);

/* ---- the parts of a build -------------------------------------------------------------------- */

typedef struct comp_build {
    ts_arena *arena;
    const ts_compile_options *options;
    ts_compile_result *result;
    const ts_npu_device *npu;
    const char *name; /* "main": begins the names of files */
    const char *pdi_name, *xclbin_name;
    unsigned n_passes;          /* whose results are kept */
    bool is_map;                /* only to look at: programs may be absent, stacks too small */
    struct comp_cached *cached; /* the program that is being linked, to be kept; or NULL */
    ts_diag *diag;
} comp_build;

/* Add a file to the result, named by a format; NOMEM, or CONFLICT when the name is taken. */
ts_status comp_add_file(comp_build *b, ts_span bytes, const char *format, ...) TS_PRINTF(3, 4);
const ts_compile_file *comp_find_file(const comp_build *b, const char *name);
ts_status comp_warn(comp_build *b, const char *format, ...) TS_PRINTF(2, 3);
/* The bytes of a file that the design names. */
ts_status comp_load(comp_build *b, const char *name, ts_span *out);
/* The program of a core, linked of the file it has (an object, an archive, assembly) or else of the
 * code of its body, and of what the design links with it. */
ts_status comp_link_core(comp_build *b, ts_compile_core *core);
/* core_cache.c: a program that was linked before; a file that linking has read; what was linked */
ts_status comp_cache_find(comp_build *b, ts_compile_core *core, const ts_link_file *main,
                          const ts_link_placement *placement, bool *found);
ts_status comp_cache_note(comp_build *b, const char *name, ts_span bytes);
ts_status comp_cache_keep(comp_build *b, const ts_compile_core *core);
/* The cores' programs, read, with their stacks proven. */
ts_status comp_read_cores(comp_build *b);
/* BIF, PDI, JSON documents and the container, from the CDOs that were added before. */
ts_status comp_add_images(comp_build *b);

#endif
