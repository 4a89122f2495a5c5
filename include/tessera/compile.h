/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * compile: a placed design and the programs of its cores, made into what a device loads: the CDOs
 * that configure the array, the PDI around them, the instruction stream, the metadata, the linker
 * scripts and the XCLBIN. docs/build.md has the whole path and every file.
 *
 * All results are bytes in memory; who calls writes them, all or none.
 */
#ifndef TESSERA_COMPILE_H
#define TESSERA_COMPILE_H

#include "tessera/base.h"
#include "tessera/design.h"
#include "tessera/npu.h"
#include "tessera/object.h"

/* ---- configuring the array ------------------------------------------------------------------- */

/* The program of a core. */
typedef struct ts_compile_core {
    const ts_op *op; /* aie.core */
    uint32_t column, row;
    const char *file; /* as errors name the program */
    ts_span bytes;    /* the ELF file */
    ts_span assembly; /* of a program that is made of the core's body: its text */
    ts_object program;
    ts_stack stack;
    uint32_t stack_bytes; /* what the design gives the stack */
} ts_compile_core;

/* The parts of a configuration, in the order in which they are loaded. X(constant, name) */
#define TS_COMPILE_CDO_LIST(X)                                                                     \
    X(ELFS, "elfs")                                                                                \
    X(INIT, "init")                                                                                \
    X(ENABLE, "enable")

typedef enum ts_compile_cdo {
#define X(constant, name) TS_COMPILE_CDO_##constant,
    TS_COMPILE_CDO_LIST(X)
#undef X
    TS_COMPILE_N_CDOS
} ts_compile_cdo;

/* The device that an aie.device names; NULL when there is none of that name. */
const ts_npu_device *ts_compile_device_of(const ts_op *device);
/* Append one part as a CDO: programs and their data; reset, locks, initial values, buffer
 * descriptors, channels, switches; start of the cores. `cores` has one entry for each aie.core of
 * the device whose program is to be loaded. Errors: MISSING (a place that no pass has given), RANGE
 * (a value the hardware has no room for), UNSUPPORTED, NOMEM. */
TS_NODISCARD ts_status ts_compile_cdo_write(const ts_design *design, const ts_op *device,
                                            const ts_compile_core *cores, size_t n_cores,
                                            ts_compile_cdo part, ts_buf *out, ts_diag *diag);
/* Append a lowered aie.runtime_sequence as an instruction stream. Errors: UNSUPPORTED (an operation
 * that is not lowered), MISSING, RANGE, NOMEM. */
TS_NODISCARD ts_status ts_compile_insts(const ts_design *design, const ts_op *device,
                                        const ts_op *sequence, ts_buf *out, ts_diag *diag);
/* Where a core's program finds buffers, its stack and room for data: what its linker script says.
 * Errors: MISSING (a buffer without address), NOMEM. */
TS_NODISCARD ts_status ts_compile_placement(ts_arena *arena, const ts_design *design,
                                            const ts_op *core, ts_link_placement *out,
                                            ts_diag *diag);

/* ---- a whole build --------------------------------------------------------------------------- */

/* A program for a core: finished, or an object, archive or assembly (".s") to link one of. */
typedef struct ts_compile_elf {
    uint32_t column, row;
    const char *file;
    ts_span bytes;
} ts_compile_elf;

typedef struct ts_compile_options {
    const char *file; /* names the design in errors */
    ts_span text;
    const char *device;   /* symbol of the aie.device; NULL: the only one */
    const char *sequence; /* symbol of the runtime sequence; NULL: the only one, if there is one */
    const ts_compile_elf *elfs;
    size_t n_elfs;
    /* Reads the file that an elf_file or link_with attribute names; NULL: such names are errors. */
    ts_status (*load)(void *context, const char *name, ts_span *out, ts_diag *diag);
    /* Told each step as it begins; may be NULL. */
    void (*step)(void *context, const char *what);
    /* A cache of linked programs, by name; both or none. `find_cached`: what was kept under the
     * name, or false; it may be damaged. `keep_cached` may fail in silence. */
    bool (*find_cached)(void *context, const char *name, ts_span *out);
    void (*keep_cached)(void *context, const char *name, ts_span bytes);
    const char *tool; /* which build of this library keeps them; NULL: any of its version */
    void *context;
    const char *folder;       /* where the files will lie, for main_design.bif; NULL: "." */
    const char *xclbin;       /* name of the container; NULL: from `file` */
    const char *insts;        /* name of the instruction stream; NULL: "insts.bin" */
    const char *pdi;          /* name of the image; NULL: "main.pdi" */
    const char *kernel_name;  /* NULL: "MLIR_AIE" */
    const char *kernel_id;    /* NULL: "0x901" */
    const char *instance;     /* NULL: "MLIRAIE" */
    bool is_basic_sequential; /* as ts_pass_options has it */
    bool control_packets;     /* the same */
    bool allow_stack_overflow;
    bool keep_passes; /* the design as it was parsed and behind each pass that ran, as files */
} ts_compile_options;

typedef struct ts_compile_file {
    const char *name; /* a plain file name */
    ts_span bytes;
} ts_compile_file;

typedef struct ts_compile_result {
    ts_design *design; /* placed */
    ts_op *device;     /* aie.device; NULL when it did not get that far */
    ts_compile_core *cores;
    size_t n_cores;
    ts_compile_core *too_deep; /* the core whose stack does not fit, when that is the error */
    ts_compile_file *files;
    size_t n_files, file_capacity;
    const char **warnings;
    size_t n_warnings, warning_capacity;
} ts_compile_result;

/* Parse, place, route, configure. The files of `out` are complete when it succeeds; `out` tells as
 * much as is known also when it fails. Errors: those of the parser and the passes, MISSING (no such
 * device, a core without program), RANGE (a stack that does not fit, ...), CONFLICT, NOMEM. */
TS_NODISCARD ts_status ts_compile_build(ts_arena *arena, const ts_compile_options *options,
                                        ts_compile_result *out, ts_diag *diag);

/* ---- where everything lies ------------------------------------------------------------------- */

/* Parse, place and route, and read the programs that there are; nothing else. Cores without a
 * program are allowed, their `file` is NULL; stacks that do not fit are no error. */
TS_NODISCARD ts_status ts_compile_place(ts_arena *arena, const ts_compile_options *options,
                                        ts_compile_result *out, ts_diag *diag);

/* X(constant, name) */
#define TS_COMPILE_USE_LIST(X)                                                                     \
    X(STACK, "stack")                                                                              \
    X(BUFFER, "buffer")                                                                            \
    X(DATA, "data")                                                                                \
    X(FREE, "free")                                                                                \
    X(PROGRAM, "program")

typedef enum ts_compile_use {
#define X(constant, name) TS_COMPILE_USE_##constant,
    TS_COMPILE_USE_LIST(X)
#undef X
} ts_compile_use;

const char *ts_compile_use_name(ts_compile_use use); /* "stack" */

/* Part of a tile's data memory; PROGRAM: of its program memory. */
typedef struct ts_compile_piece {
    uint32_t column, row;
    ts_compile_use use;
    const char *name; /* of a buffer; else "" */
    uint32_t addr, size;
    uint32_t first_bank, last_bank;
} ts_compile_piece;

typedef struct ts_compile_lock {
    uint32_t column, row, id;
    int64_t init;
    const char *name;
} ts_compile_lock;

typedef struct ts_compile_descriptor {
    uint32_t column, row, number;
    const char *channel; /* "S2MM 0"; "" when no channel starts at it or comes to it */
    ts_npu_bd bd;
} ts_compile_descriptor;

/* Through one switch. */
typedef struct ts_compile_hop {
    uint32_t column, row;
    ts_npu_port in, out; /* slave and master of the switch */
} ts_compile_hop;

/* From a switch's local port to another one's. Ports of a shim's DMA are told as such. */
typedef struct ts_compile_route {
    ts_npu_port from, to;
    ts_compile_hop *hops;
    size_t n_hops;
    bool is_packet;
    uint32_t packet_id, packet_mask;
    bool is_open; /* it ends where no switch takes it on */
} ts_compile_route;

typedef struct ts_compile_map {
    const ts_npu_device *npu;
    ts_compile_piece *pieces; /* by row and column, then address; program memory last */
    size_t n_pieces;
    ts_compile_lock *locks;
    size_t n_locks;
    ts_compile_descriptor *descriptors;
    size_t n_descriptors;
    ts_compile_route *routes;
    size_t n_routes;
} ts_compile_map;

/* What lies where in a placed design. Routes end after TS_COMPILE_MAX_HOPS switches, and there are
 * at most TS_COMPILE_MAX_ROUTES. Errors: MISSING, RANGE (something is not placed), NOMEM. */
enum {
    TS_COMPILE_MAX_HOPS = 64,
    TS_COMPILE_MAX_ROUTES = 4096,
};
TS_NODISCARD ts_status ts_compile_map_of(ts_arena *arena, const ts_compile_result *placed,
                                         ts_compile_map *out, ts_diag *diag);

#endif
