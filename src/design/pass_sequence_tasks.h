/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * design, inside: DMA tasks of a runtime sequence.
 */
#ifndef TESSERA_DESIGN_PASS_SEQUENCE_TASKS_H
#define TESSERA_DESIGN_PASS_SEQUENCE_TASKS_H

#include "pass_sequence.h"

/* The aiex.dma_configure_task that the first operand of an operation is, or NULL. */
const ts_op *sequence_task_of(const ts_op *op);
TS_NODISCARD ts_status sequence_task_channel(ts_pass_context *c, const ts_op *task,
                                             sequence_channel *out);
/* Whether the blocks of a task are descriptors one behind the other. */
TS_NODISCARD ts_status sequence_check_blocks(ts_pass_context *c, const ts_op *task);

#endif
