/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * AIE2 ops for tests. */
#include "aie2_ops.h"

#include <stdlib.h>
#include <string.h>

static uint16_t row_named(const char *name, size_t length) {
    for (uint16_t i = 0; i < ts_aie2_n_instructions; i++)
        if (strlen(ts_aie2_instructions[i].name) == length &&
            !memcmp(ts_aie2_instructions[i].name, name, length))
            return i;
    fail_msg("no instruction %.*s", (int)length, name);
    return 0;
}

static ts_aie2_op op_of(const char *words, size_t n) {
    const char *end = words + n;
    size_t length = strcspn(words, " ;");
    ts_aie2_op op = {.instruction = row_named(words, length)};
    const ts_aie2_instruction *row = &ts_aie2_instructions[op.instruction];
    unsigned n_values = 0;
    for (words += length; words < end && *words == ' '; words += length) {
        words++;
        length = strcspn(words, " ;");
        if (!length) break;
        if (n_values == row->n_operands) fail_msg("%s: too many operands", row->name);
        const ts_aie2_operand *operand = &row->operands[n_values];
        int32_t value = operand->is_register ? ts_aie2_register_named(words, length)
                                             : (int32_t)strtol(words, NULL, 10);
        /* "d0" is meant as the class has it. */
        if (operand->is_register &&
            ts_aie2_register_classes[operand->register_class].to_value[value] < 0)
            fail_msg("%s: %.*s is none of its registers", row->name, (int)length, words);
        op.values[n_values++] = value;
    }
    if (n_values != row->n_operands) fail_msg("%s: %u operands", row->name, n_values);
    return op;
}

ts_aie2_op test_aie2_op(const char *words) {
    return op_of(words, strlen(words));
}

ts_aie2_bundle test_aie2_bundle(const char *words) {
    ts_aie2_op ops[TS_AIE2_MAX_OPS];
    size_t n_ops = 0;
    while (*words) {
        size_t length = strcspn(words, ";");
        if (n_ops == TS_AIE2_MAX_OPS) fail_msg("too many ops: %s", words);
        ops[n_ops++] = op_of(words, length);
        words += length;
        words += strspn(words, "; ");
    }
    ts_aie2_bundle bundle;
    ts_aie2_reject why;
    char text[160] = "";
    if (!ts_aie2_pack(ops, n_ops, &bundle, &why)) {
        ts_aie2_reject_text(&why, text, sizeof text);
        fail_msg("%s", text);
    }
    return bundle;
}

static ts_aie2_register random_register(const ts_aie2_operand *operand, test_random *random,
                                        unsigned n_registers) {
    const ts_aie2_register_class *class = &ts_aie2_register_classes[operand->register_class];
    for (unsigned tries = 0;; tries++) {
        ts_aie2_register reg =
            class->to_register[test_next(random) & ((UINT64_C(1) << class->width) - 1)];
        if (!reg || class->to_value[reg] < 0) continue;
        if (tries > 64 || ts_aie2_registers[reg].index % 16 < n_registers) return reg;
    }
}

static int32_t random_value(const ts_aie2_operand *operand, test_random *random,
                            unsigned n_registers) {
    if (operand->is_register) return random_register(operand, random, n_registers);
    int64_t n_values = ((int64_t)operand->max - operand->min) / operand->step + 1;
    return (int32_t)(operand->min +
                     (int64_t)(test_next(random) % (uint64_t)n_values) * operand->step);
}

/* Two operands of one field are the same register. */
static bool same_field(const ts_aie2_operand *a, const ts_aie2_operand *b) {
    return a->n_fields && b->n_fields && a->fields[0].lsb == b->fields[0].lsb;
}

ts_aie2_op test_aie2_random_op(test_random *random, bool want_jump, unsigned n_registers) {
    for (;;) {
        uint16_t number = (uint16_t)(test_next(random) % ts_aie2_n_instructions);
        const ts_aie2_instruction *row = &ts_aie2_instructions[number];
        bool is_jump = row->flags & TS_AIE2_JUMPS;
        if (ts_aie2_nops[row->slot] == number || is_jump != want_jump) continue;
        ts_aie2_op op = {.instruction = number};
        for (unsigned i = 0; i < row->n_operands; i++) {
            op.values[i] = random_value(&row->operands[i], random, n_registers);
            for (unsigned k = 0; k < i; k++)
                if (same_field(&row->operands[i], &row->operands[k])) op.values[i] = op.values[k];
        }
        uint64_t bits;
        ts_aie2_reject why;
        if (ts_aie2_encode_op(&op, &bits, &why)) return op;
    }
}
