/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * How the ops of an instruction stream lie in the file. There are two forms of each: that of
 * version 0.1, whose structures have 64-bit registers and padding, and that of version 1.0.
 *
 * TXN_OPS: X(constant, bytes and place of the size in 0.1, the same in 1.0). A place of 0 means
 * that the size is fixed; else what lies behind those bytes, up to the size, is `data`.
 *
 * TXN_FIELDS: X(constant, member, place and bytes in 0.1, the same in 1.0). 0 bytes: not there.
 *
 * src: Xilinx/aie-codegen: src/common/xaie_txn.h, XAie_*Hdr, patch_op_t, tct_op_t and their _opt
 * forms; xaie_txn.c, _XAie_GetTxnCmdSize, XAie_Txn_MergeSync [code]
 * src: Xilinx/mlir-aie: lib/Targets/AIETargetNPU.cpp, append* [code]; it ends a maskwrite32 at 28
 * bytes, where the C structure ends at 32: both tell their size.
 * src: Xilinx/mlir-aie: lib/Targets/AIETargetNPU.cpp, appendAddressPatch [code] has the action in
 * word 5, aie-codegen's patch_op_t in word 4; neither ever sets it.
 */
#ifndef TESSERA_NPU_TXN_OPS_H
#define TESSERA_NPU_TXN_OPS_H

/* clang-format off */
#define TXN_OPS(X)                                                                                 \
    X(WRITE32,            24, 20, 12, 0)                                                           \
    X(BLOCKWRITE,         16, 12, 12, 8)                                                           \
    X(MASKWRITE32,        28, 24, 16, 0)                                                           \
    X(MASKPOLL,           28, 24, 16, 0)                                                           \
    X(NOOP,                4,  0,  4, 0)                                                           \
    X(PREEMPT,             4,  0,  4, 0)                                                           \
    X(MASKPOLL_BUSY,      28, 24, 16, 0)                                                           \
    X(LOAD_PDI,           16,  0, 16, 0)                                                           \
    X(LOAD_PM_START,       8,  0,  8, 0)                                                           \
    X(CREATE_SCRATCHPAD,  16,  0, 16, 0)                                                           \
    X(UPDATE_STATE_TABLE,  8,  0,  8, 0)                                                           \
    X(UPDATE_REG,         12,  0, 12, 0)                                                           \
    X(UPDATE_SCRATCH,      4,  0,  4, 0)                                                           \
    X(SYNC,               16,  4, 16, 4)                                                           \
    X(ADDRESS_PATCH,      48,  4, 24, 4)                                                           \
    X(READ_REGS,          16,  4, 16, 4)                                                           \
    X(RECORD_TIMER,       12,  4, 12, 4)                                                           \
    X(MERGE_SYNC,         16,  4, 16, 4)

#define TXN_FIELDS(X)                                                                              \
    X(WRITE32,            addr,       8, 8,  4, 4)                                                 \
    X(WRITE32,            value,     16, 4,  8, 4)                                                 \
    X(BLOCKWRITE,         addr,       8, 4,  4, 4)                                                 \
    X(MASKWRITE32,        addr,       8, 8,  4, 4)                                                 \
    X(MASKWRITE32,        value,     16, 4,  8, 4)                                                 \
    X(MASKWRITE32,        mask,      20, 4, 12, 4)                                                 \
    X(MASKPOLL,           addr,       8, 8,  4, 4)                                                 \
    X(MASKPOLL,           value,     16, 4,  8, 4)                                                 \
    X(MASKPOLL,           mask,      20, 4, 12, 4)                                                 \
    X(PREEMPT,            level,      1, 1,  1, 1)                                                 \
    X(MASKPOLL_BUSY,      addr,       8, 8,  4, 4)                                                 \
    X(MASKPOLL_BUSY,      value,     16, 4,  8, 4)                                                 \
    X(MASKPOLL_BUSY,      mask,      20, 4, 12, 4)                                                 \
    X(LOAD_PDI,           id,         2, 2,  2, 2)                                                 \
    X(LOAD_PDI,           size,       4, 4,  4, 4)                                                 \
    X(LOAD_PDI,           host_addr,  8, 8,  8, 8)                                                 \
    X(LOAD_PM_START,      id,         4, 4,  4, 4)                                                 \
    X(LOAD_PM_START,      count,      1, 3,  1, 3)                                                 \
    X(CREATE_SCRATCHPAD,  usage,      1, 1,  1, 1)                                                 \
    X(CREATE_SCRATCHPAD,  size,       4, 4,  4, 4)                                                 \
    X(CREATE_SCRATCHPAD,  host_addr,  8, 8,  8, 8)                                                 \
    X(UPDATE_STATE_TABLE, index,      1, 1,  1, 1)                                                 \
    X(UPDATE_STATE_TABLE, function,   2, 1,  2, 1)                                                 \
    X(UPDATE_STATE_TABLE, argument,   4, 4,  4, 4)                                                 \
    X(UPDATE_REG,         addr,       8, 4,  8, 4)                                                 \
    X(UPDATE_REG,         index,      1, 1,  1, 1)                                                 \
    X(UPDATE_REG,         function,   2, 1,  2, 1)                                                 \
    X(UPDATE_REG,         argument,   4, 4,  4, 4)                                                 \
    X(SYNC,               column,    10, 1, 10, 1)                                                 \
    X(SYNC,               row,        9, 1,  9, 1)                                                 \
    X(SYNC,               direction,  8, 1,  8, 1)                                                 \
    X(SYNC,               channel,   15, 1, 15, 1)                                                 \
    X(SYNC,               n_columns, 14, 1, 14, 1)                                                 \
    X(SYNC,               n_rows,    13, 1, 13, 1)                                                 \
    X(ADDRESS_PATCH,      addr,      24, 8,  8, 4)                                                 \
    X(ADDRESS_PATCH,      arg,       32, 8, 12, 1)                                                 \
    X(ADDRESS_PATCH,      arg_plus,  40, 8, 16, 8)                                                 \
    X(ADDRESS_PATCH,      action,    16, 4,  0, 0)                                                 \
    X(READ_REGS,          count,      8, 4,  8, 4)                                                 \
    X(RECORD_TIMER,       id,         8, 4,  8, 4)                                                 \
    X(MERGE_SYNC,         n_tokens,   8, 1,  8, 1)                                                 \
    X(MERGE_SYNC,         n_columns,  9, 1,  9, 1)
/* clang-format on */

#endif
