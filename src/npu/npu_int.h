/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * npu, inside: the tables behind a ts_npu_tile.
 */
#ifndef TESSERA_NPU_INT_H
#define TESSERA_NPU_INT_H

#include "tessera/npu.h"

/* Made by gen_registers.c from registers_aie2.tsv. */
struct ts_npu_registers {
    const ts_npu_register *all; /* by offset */
    const uint16_t *by_name;    /* indices into `all`, by name, then module */
    size_t count;
};

extern const ts_npu_registers npu_aie2_shim_registers;
extern const ts_npu_registers npu_aie2_memory_registers;
extern const ts_npu_registers npu_aie2_compute_registers;

/* The ports of one direction, in the order of their indices: a bundle's channels are together. */
typedef struct npu_port_run {
    ts_npu_bundle bundle;
    uint8_t count;
} npu_port_run;

#define NPU_MAX_PORT_RUNS 10

typedef enum npu_channels {
    NPU_ANY,         /* every channel to every channel */
    NPU_SAME,        /* only to the channel of the same number */
    NPU_SAME_WITHIN, /* as NPU_SAME within a bundle, as NPU_ANY between two */
    NPU_ONLY_0,      /* only to the master's channel 0 */
    NPU_ONLY_5,      /* only to the master's channel 5 */
} npu_channels;

/* Slaves of these bundles can feed masters of those; sets are bits, 1 << bundle. */
typedef struct npu_connection {
    uint16_t slaves, masters;
    npu_channels channels;
} npu_connection;

#define NPU_MAX_CONNECTIONS 8

struct ts_npu_ports {
    npu_port_run masters[NPU_MAX_PORT_RUNS], slaves[NPU_MAX_PORT_RUNS]; /* ended by count 0 */
    npu_connection connections[NPU_MAX_CONNECTIONS];
    uint32_t master_offset, slave_offset, slot_offset; /* bytes, of the first register */
};

extern const ts_npu_ports npu_aie2_shim_ports;
extern const ts_npu_ports npu_aie2_memory_ports;
extern const ts_npu_ports npu_aie2_compute_ports;

extern const ts_npu_bd_layout npu_aie2_shim_bd;
extern const ts_npu_bd_layout npu_aie2_memory_bd;
extern const ts_npu_bd_layout npu_aie2_compute_bd;

/* The register `module`.`name`, where `name` has `length` characters; `module` NULL means any.
 * `n_found` counts the modules that have it: the result is NULL unless that is 1. */
const ts_npu_register *npu_register_find(const ts_npu_tile *tile, const char *module,
                                         size_t module_length, const char *name, size_t length,
                                         size_t *n_found);

#endif
