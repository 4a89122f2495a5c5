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

/* The register `module`.`name`, where `name` has `length` characters; `module` NULL means any.
 * `n_found` counts the modules that have it: the result is NULL unless that is 1. */
const ts_npu_register *npu_register_find(const ts_npu_tile *tile, const char *module,
                                         size_t module_length, const char *name, size_t length,
                                         size_t *n_found);

#endif
