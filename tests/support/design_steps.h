/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The passes of mlir-aie that are steps of ours, under mlir-aie's names, for holding its tests
 * against them; and aie-find-flows, which reads flows back from switchboxes.
 */
#ifndef TESSERA_TEST_DESIGN_STEPS_H
#define TESSERA_TEST_DESIGN_STEPS_H

#include "tessera/design.h"

/* Run the step (with its option, if it has one) on one device. False: no step of that name. */
bool design_step(const char *name, ts_design *design, ts_op *device, ts_diag *diag,
                 ts_status *status);
/* The same name, for as long as the program runs; NULL: no such step. */
const char *design_step_name(const char *name);
/* Ports by which streams leave switches for others, as mlir-aie counts them. */
unsigned design_path_length(const ts_op *device);

#endif
