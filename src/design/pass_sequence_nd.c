/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Sizes and strides of transfers: from elements to what the fields of buffer descriptors count in,
 * and the limits of these fields.
 * src: Xilinx/mlir-aie: lib/Dialect/AIEX/IR/AIEXDialect.cpp, getHardwareStridesWraps,
 * verifyStridesWraps [code]
 */
#include "pass_sequence.h"

#define WORD_BITS  32 /* a DMA moves words */
#define MAX_NUMBER (INT64_C(1) << 40)
#define MAX_BITS   (1U << 16) /* of an element */

static bool is_beyond(const sequence_pattern *p, int i) {
    return p->sizes[i] > MAX_NUMBER || p->strides[i] > MAX_NUMBER || p->strides[i] < -MAX_NUMBER;
}

static int64_t words_of(const sequence_pattern *p, int64_t n_elements) {
    return n_elements * (int64_t)p->element_bits / WORD_BITS;
}

/* A stride below a word is that of a contiguous transfer; an element of more than a word is whole.
 */
static int64_t innermost_stride(const sequence_pattern *p) {
    if (p->strides[0] * (int64_t)p->element_bits < WORD_BITS || p->element_bits > WORD_BITS)
        return 0;
    return words_of(p, p->strides[0]) - 1;
}

void sequence_fields(sequence_pattern *p) {
    p->is_linear = p->sizes[1] == 1 && p->sizes[2] == 1 && p->strides[0] == 1 &&
                   p->strides[1] == 0 && p->strides[2] == 0;
    for (int i = 0; i < 4; i++) {
        p->field_sizes[i] = p->field_strides[i] = 0;
        if (is_beyond(p, i)) return;
    }
    if (p->sizes[0] == 0 || p->element_bits > MAX_BITS) return;
    p->field_sizes[0] = words_of(p, p->sizes[0]);
    p->field_strides[0] = innermost_stride(p);
    for (int i = 1; i < 3; i++) {
        p->field_sizes[i] = p->sizes[i];
        if (p->sizes[i] > 1) p->field_strides[i] = words_of(p, p->strides[i]) - 1;
    }
    if (p->sizes[3] > 1) {
        p->field_sizes[3] = p->sizes[3] - 1;
        if (p->strides[3] > 0) p->field_strides[3] = words_of(p, p->strides[3]) - 1;
    }
}

static ts_status check_elements(ts_pass_context *c, const ts_op *op, const sequence_pattern *p) {
    long long bytes = (long long)(p->element_bits / 8);
    if (p->element_bits == 0 || p->element_bits > MAX_BITS)
        return pass_fail(c, op, TS_UNSUPPORTED, "the elements of this buffer have no known size");
    for (int i = 0; i < 4; i++) {
        if (p->sizes[i] <= 0)
            return pass_fail(c, op, TS_RANGE, "Size %d must be a positive integer.", i);
        if (is_beyond(p, i))
            return pass_fail(c, op, TS_RANGE, "Size or stride %d is beyond all bounds.", i);
    }
    if (p->sizes[0] * (int64_t)p->element_bits % WORD_BITS != 0)
        return pass_fail(c, op, TS_RANGE,
                         "Transfer sizes must be multiples of 4 bytes. %lld elements at %lld bytes "
                         "each equal %lld bytes, which is not divisible by 4.",
                         (long long)p->sizes[0], bytes,
                         (long long)(p->sizes[0] * (int64_t)p->element_bits / 8));
    for (int i = 0; i < 3; i++)
        if (p->sizes[i] > 1 && p->strides[i] < 1)
            return pass_fail(c, op, TS_RANGE, "Stride %d must be a positive integer.", i);
    if (p->sizes[3] > 1 && p->strides[3] < 0)
        return pass_fail(c, op, TS_RANGE, "Stride 3 must be a non-negative integer.");
    for (int i = 0; i < 4; i++)
        if (!(i == 0 && p->strides[0] == 1) &&
            p->strides[i] * (int64_t)p->element_bits % WORD_BITS != 0)
            return pass_fail(c, op, TS_RANGE,
                             "Stride %d is %lld elements * %lld bytes = %lld bytes, which is not "
                             "divisible by 4.",
                             i, (long long)p->strides[i], bytes,
                             (long long)(p->strides[i] * (int64_t)p->element_bits / 8));
    return TS_OK;
}

/* Bits of a field of the descriptors of a tile kind. */
static uint32_t field_bits(const ts_npu_tile *tile, const char *const *registers,
                           const char *name) {
    for (int i = 0; registers[i]; i++) {
        const ts_npu_register *reg = ts_npu_register_find(tile, registers[i]);
        const ts_npu_field *field = reg ? ts_npu_field_find(reg, name) : NULL;
        if (field) return field->width;
    }
    return 0;
}

ts_status sequence_check_pattern(ts_pass_context *c, const ts_op *op, const ts_npu_tile *tile,
                                 const sequence_pattern *p) {
    static const char *const registers[] = {"DMA_BD0_2", "DMA_BD0_3", "DMA_BD0_4", "DMA_BD0_6",
                                            NULL};
    long long max_wrap = (1LL << field_bits(tile, registers, "D0_Wrap")) - 1;
    long long max_step = 1LL << field_bits(tile, registers, "D0_Stepsize");
    long long max_runs = 1LL << field_bits(tile, registers, "Iteration_Wrap");
    TS_TRY(check_elements(c, op, p));
    if (!p->is_linear && p->field_sizes[0] > max_wrap)
        return pass_fail(c, op, TS_RANGE, "Size 0 exceeds the [0:%lld] range.", max_wrap);
    if (p->field_sizes[1] > max_wrap)
        return pass_fail(c, op, TS_RANGE, "Size 1 exceeds the [0:%lld] range.", max_wrap);
    if (p->field_sizes[3] > max_runs)
        return pass_fail(c, op, TS_RANGE, "Size 3 exceeds the [1:%lld] range.", max_runs);
    for (int i = 0; i < 4; i++)
        if ((i < 3 || p->field_sizes[3] > 0) && p->field_strides[i] > max_step)
            return pass_fail(c, op, TS_RANGE, "Stride %d exceeds the [1:%lld] range.", i, max_step);
    return TS_OK;
}

/* src: Xilinx/mlir-aie: lib/Dialect/AIE/IR/AIETargetModel.cpp, getShimBurstEncodingsAndLengths
 * [code]; 0 is the longest: lib/Dialect/AIE/IR/AIEDialect.cpp, getShimBurstLengthEncoding [code] */
ts_status sequence_burst(ts_pass_context *c, const ts_op *op, int64_t bytes, uint32_t *field) {
    static const int64_t lengths[] = {64, 128, 256};
    for (uint32_t i = 0; i < 3; i++)
        if (lengths[i] == bytes || bytes == 0) *field = i;
    if (bytes == 0 || bytes == 64 || bytes == 128 || bytes == 256) return TS_OK;
    return pass_fail(c, op, TS_RANGE,
                     "Requested burst length is not supported by the target. Supported burst "
                     "lengths: 64 128 256");
}
