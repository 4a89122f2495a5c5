// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Attention on one tile with scores clamped to int8, the baseline: all else is attention_int32.s.
        .set    int8_scores, 1
        .include "../attention_int32/attention_int32.s"
