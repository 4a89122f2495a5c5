/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "mlir_eval.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    N_VALUES = 1 << 14,
    MAX_DIMS = 4,
    MAX_CARRIED = 24,
    MAX_STEPS = 4000000,
    STACK_BYTES = 1 << 16
};

typedef struct value {
    uint64_t bits; /* zeros above the width */
    uint8_t *base; /* of a memref */
    size_t size;
    int64_t offset, strides[MAX_DIMS]; /* in elements */
} value;

struct eval {
    const eval_buffer *buffers;
    size_t n_buffers;
    const ts_op *device;
    const ts_value *keys[N_VALUES];
    value values[N_VALUES];
    uint8_t stack[STACK_BYTES];
    size_t stack_used;
    unsigned steps;
    char *text;
    jmp_buf out;
};

static void fail(eval *e, const ts_op *op, const char *what) {
    snprintf(e->text, 200, "%s: %s", op->name, what);
    longjmp(e->out, 1);
}

/* ---- values ---------------------------------------------------------------------------------- */

static unsigned width_of(const ts_type *type) {
    return type->kind == TS_TYPE_INDEX ? 64 : type->width;
}

static uint64_t cut(const ts_type *type, uint64_t bits) {
    unsigned width = width_of(type);
    return width >= 64 ? bits : bits & ((UINT64_C(1) << width) - 1);
}

static int64_t with_sign(const ts_type *type, uint64_t bits) {
    unsigned width = width_of(type);
    if (width >= 64) return (int64_t)bits;
    return bits >> (width - 1) & 1 ? (int64_t)bits - (INT64_C(1) << width) : (int64_t)bits;
}

static value *place(eval *e, const ts_value *key) {
    size_t i = ((uintptr_t)key >> 4) % N_VALUES;
    while (e->keys[i] && e->keys[i] != key)
        i = (i + 1) % N_VALUES;
    e->keys[i] = key;
    return &e->values[i];
}

static void outside(eval *e, const ts_op *op);

static value get(eval *e, const ts_op *op, uint32_t index) {
    const ts_value *v = op->operands[index].value;
    if (v->owner && ts_op_parent(v->owner) == e->device) outside(e, v->owner);
    return *place(e, v);
}

static void set_bits(eval *e, const ts_op *op, uint64_t bits) {
    *place(e, &op->results[0]) = (value){.bits = cut(op->results[0].type, bits)};
}

/* ---- arithmetic ------------------------------------------------------------------------------ */

static bool binary(eval *e, const ts_op *op) {
    const ts_type *type = op->operands[0].value->type;
    uint64_t a = get(e, op, 0).bits, b = op->n_operands > 1 ? get(e, op, 1).bits : 0, r;
    int64_t sa = with_sign(type, a), sb = with_sign(type, b);
    bool is_division = op->code >= TS_OP_ARITH_DIVSI && op->code <= TS_OP_ARITH_REMUI;
    bool is_shift = op->code >= TS_OP_ARITH_SHLI && op->code <= TS_OP_ARITH_SHRUI;
    int64_t least = width_of(type) >= 64 ? INT64_MIN : -(INT64_C(1) << (width_of(type) - 1));
    if (is_division && (b == 0 || (sa == least && sb == -1))) fail(e, op, "not defined");
    if (is_shift && b >= width_of(type)) fail(e, op, "shifts too far");
    switch (op->code) {
    case TS_OP_ARITH_ADDI: r = a + b; break;
    case TS_OP_ARITH_SUBI: r = a - b; break;
    case TS_OP_ARITH_MULI: r = a * b; break;
    case TS_OP_ARITH_DIVSI: r = (uint64_t)(sa / sb); break;
    case TS_OP_ARITH_REMSI: r = (uint64_t)(sa % sb); break;
    case TS_OP_ARITH_DIVUI: r = a / b; break;
    case TS_OP_ARITH_REMUI: r = a % b; break;
    case TS_OP_ARITH_CEILDIVUI: r = a / b + (a % b ? 1 : 0); break;
    case TS_OP_ARITH_CEILDIVSI:
        r = (uint64_t)(sa / sb);
        if (sa % sb && (sa > 0) == (sb > 0)) r++;
        break;
    case TS_OP_ARITH_FLOORDIVSI:
        r = (uint64_t)(sa / sb);
        if (sa % sb && (sa > 0) != (sb > 0)) r--;
        break;
    case TS_OP_ARITH_ANDI: r = a & b; break;
    case TS_OP_ARITH_ORI: r = a | b; break;
    case TS_OP_ARITH_XORI: r = a ^ b; break;
    case TS_OP_ARITH_SHLI: r = a << b; break;
    case TS_OP_ARITH_SHRUI: r = a >> b; break;
    case TS_OP_ARITH_SHRSI:
        r = a;
        for (uint64_t i = 0; i < b; i++)
            r = cut(type, r) >> 1 | (uint64_t)(sa < 0) << (width_of(type) - 1);
        break;
    case TS_OP_ARITH_MAXSI: r = sa >= sb ? a : b; break;
    case TS_OP_ARITH_MINSI: r = sa >= sb ? b : a; break;
    case TS_OP_ARITH_MAXUI: r = a >= b ? a : b; break;
    case TS_OP_ARITH_MINUI: r = a >= b ? b : a; break;
    case TS_OP_ARITH_EXTSI:
    case TS_OP_ARITH_INDEX_CAST: r = (uint64_t)sa; break;
    case TS_OP_ARITH_EXTUI:
    case TS_OP_ARITH_TRUNCI:
    case TS_OP_ARITH_INDEX_CASTUI: r = a; break;
    default: return false;
    }
    set_bits(e, op, r);
    return true;
}

static void compare(eval *e, const ts_op *op) {
    const ts_type *type = op->operands[0].value->type;
    uint64_t a = get(e, op, 0).bits, b = get(e, op, 1).bits;
    int64_t sa = with_sign(type, a), sb = with_sign(type, b);
    const char *word = ts_op_word(op, "predicate", "");
    uint64_t less = word[0] == 'u' ? a < b : sa < sb;
    const char *rest = word + (word[0] == 'u' || word[0] == 's');
    bool is_equal = a == b;
    set_bits(e, op,
             strcmp(rest, "eq") == 0   ? is_equal
             : strcmp(rest, "ne") == 0 ? !is_equal
             : strcmp(rest, "lt") == 0 ? less
             : strcmp(rest, "le") == 0 ? less || is_equal
             : strcmp(rest, "gt") == 0 ? !less && !is_equal
                                       : !less);
}

/* ---- memory ---------------------------------------------------------------------------------- */

static void bind_memory(eval *e, const ts_op *op, uint8_t *bytes, size_t size) {
    const ts_type *type = op->results[0].type;
    value v = {.base = bytes, .size = size};
    int64_t stride = 1;
    for (uint32_t i = type->n_dims; i-- > 0;) {
        v.strides[i] = stride;
        stride *= type->shape[i];
    }
    *place(e, &op->results[0]) = v;
}

static size_t bytes_of(const ts_type *element) {
    return (element->width + 7) / 8;
}

static uint8_t *element(eval *e, const ts_op *op, uint32_t memref) {
    value m = get(e, op, memref);
    const ts_type *type = op->operands[memref].value->type;
    int64_t at = m.offset;
    for (uint32_t i = 0; i < type->n_dims; i++) {
        int64_t index = (int64_t)get(e, op, memref + 1 + i).bits;
        if (index < 0 || index >= type->shape[i]) fail(e, op, "index beyond the shape");
        at += index * m.strides[i];
    }
    size_t bytes = bytes_of(type->element);
    if (at < 0 || ((size_t)at + 1) * bytes > m.size) fail(e, op, "beyond the memory");
    return m.base + (size_t)at * bytes;
}

static void load(eval *e, const ts_op *op) {
    const uint8_t *p = element(e, op, 0);
    uint64_t bits = 0;
    for (size_t i = bytes_of(op->results[0].type); i-- > 0;)
        bits = bits << 8 | p[i];
    set_bits(e, op, bits);
}

static void store(eval *e, const ts_op *op) {
    uint8_t *p = element(e, op, 1);
    uint64_t bits = get(e, op, 0).bits;
    for (size_t i = 0; i < bytes_of(op->operands[0].value->type); i++)
        p[i] = (uint8_t)(bits >> 8 * i);
}

static void subview(eval *e, const ts_op *op) {
    value m = get(e, op, 0), v = m;
    const ts_attr *offsets = ts_op_attr(op, "static_offsets");
    const ts_attr *strides = ts_op_attr(op, "static_strides");
    uint32_t next = 1;
    for (uint32_t i = 0; i < op->results[0].type->n_dims; i++) {
        int64_t offset = ts_attr_element(offsets, i);
        if (offset == TS_DYNAMIC_SIZE) offset = (int64_t)get(e, op, next++).bits;
        v.offset += offset * m.strides[i];
        v.strides[i] = m.strides[i] * ts_attr_element(strides, i);
    }
    *place(e, &op->results[0]) = v;
}

static void outside(eval *e, const ts_op *op) {
    if (op->code == TS_OP_ARITH_CONSTANT)
        set_bits(e, op, (uint64_t)ts_op_attr(op, "value")->integer);
    for (size_t i = 0; op->code == TS_OP_AIE_BUFFER && i < e->n_buffers; i++)
        if (strcmp(e->buffers[i].name, ts_op_text(op, "sym_name", "")) == 0)
            bind_memory(e, op, e->buffers[i].bytes, e->buffers[i].size);
}

static void copy(eval *e, const ts_op *op) {
    value from = get(e, op, 0), to = get(e, op, 1);
    memmove(to.base, from.base, (size_t)ts_type_n_bytes(op->operands[0].value->type));
}

static void alloca_op(eval *e, const ts_op *op) {
    size_t size = (size_t)ts_type_n_bytes(op->results[0].type);
    if (e->stack_used + size > STACK_BYTES) e->stack_used = 0; /* loops make it again and again */
    bind_memory(e, op, e->stack + e->stack_used, size);
    e->stack_used += size;
}

/* ---- control --------------------------------------------------------------------------------- */

static const ts_op *block(eval *e, const ts_block *b);

static uint32_t take(eval *e, const ts_op *op, uint32_t first, value out[MAX_CARRIED]) {
    uint32_t n = op ? op->n_operands - first : 0;
    if (n > MAX_CARRIED) fail(e, op, "too many values");
    for (uint32_t i = 0; i < n; i++)
        out[i] = get(e, op, first + i);
    return n;
}

static void give_results(eval *e, const ts_op *op, const value *values) {
    for (uint32_t i = 0; i < op->n_results; i++)
        *place(e, &op->results[i]) = values[i];
}

static void give_arguments(eval *e, const ts_block *b, uint32_t first, const value *values) {
    for (uint32_t i = first; i < b->n_arguments; i++)
        *place(e, b->arguments[i]) = values[i - first];
}

static void loop_for(eval *e, const ts_op *op) {
    const ts_block *b = op->regions[0].first;
    const ts_type *type = op->operands[0].value->type;
    int64_t to = with_sign(type, get(e, op, 1).bits), step = with_sign(type, get(e, op, 2).bits);
    value carried[MAX_CARRIED];
    take(e, op, 3, carried);
    if (step <= 0) fail(e, op, "a step that is not positive");
    bool is_unsigned = ts_op_bool(op, "unsignedCmp");
    int64_t i = with_sign(type, get(e, op, 0).bits);
    while (is_unsigned ? cut(type, (uint64_t)i) < cut(type, (uint64_t)to) : i < to) {
        *place(e, b->arguments[0]) = (value){.bits = cut(type, (uint64_t)i)};
        give_arguments(e, b, 1, carried);
        const ts_op *last = block(e, b);
        if (op->n_results) take(e, last, 0, carried);
        /* what is left is a number without sign, whatever the bounds have */
        uint64_t left = cut(type, (uint64_t)to - (uint64_t)i);
        if (left <= cut(type, (uint64_t)step)) break;
        i = with_sign(type, cut(type, (uint64_t)i + (uint64_t)step));
    }
    give_results(e, op, carried);
}

static void loop_while(eval *e, const ts_op *op) {
    const ts_block *before = op->regions[0].first, *after = op->regions[1].first;
    value carried[MAX_CARRIED], passed[MAX_CARRIED];
    take(e, op, 0, carried);
    for (;;) {
        give_arguments(e, before, 0, carried);
        const ts_op *last = block(e, before);
        take(e, last, 1, passed);
        if (!get(e, last, 0).bits) break;
        give_arguments(e, after, 0, passed);
        last = block(e, after);
        if (op->n_operands) take(e, last, 0, carried);
    }
    give_results(e, op, passed);
}

static void choose_region(eval *e, const ts_op *op, uint32_t region) {
    value results[MAX_CARRIED];
    if (region >= op->n_regions || !op->regions[region].first) return;
    const ts_op *last = block(e, op->regions[region].first);
    if (op->n_results) {
        take(e, last, 0, results);
        give_results(e, op, results);
    }
}

static void switch_op(eval *e, const ts_op *op) {
    const ts_attr *cases = ts_op_attr(op, "cases");
    uint32_t region = 0;
    for (uint32_t i = 1; i < op->n_regions; i++)
        if (ts_attr_element(cases, i - 1) == (int64_t)get(e, op, 0).bits) region = i;
    choose_region(e, op, region);
}

/* The operation that ends it, with what it gives still to be read. */
static const ts_op *region(eval *e, const ts_region *r) {
    const ts_block *b = r->first;
    value values[MAX_CARRIED];
    for (;;) {
        const ts_op *last = block(e, b);
        uint32_t side = 0, first = 0;
        if (!last || (last->code != TS_OP_CF_BR && last->code != TS_OP_CF_COND_BR)) return last;
        if (last->code == TS_OP_CF_COND_BR) {
            side = !get(e, last, 0).bits;
            first = 1 + (side ? last->successors[0]->n_arguments : 0);
        }
        b = last->successors[side];
        for (uint32_t i = 0; i < b->n_arguments; i++)
            values[i] = get(e, last, first + i);
        give_arguments(e, b, 0, values);
    }
}

static void call(eval *e, const ts_op *op) {
    const ts_op *function = ts_symbol_find(e->device, ts_op_text(op, "callee", ""));
    value values[MAX_CARRIED];
    if (!function) fail(e, op, "no such function");
    take(e, op, 0, values);
    give_arguments(e, function->regions[0].first, 0, values);
    const ts_op *last = region(e, &function->regions[0]);
    if (op->n_results) {
        take(e, last, 0, values);
        give_results(e, op, values);
    }
}

static void step(eval *e, const ts_op *op) {
    if (++e->steps > MAX_STEPS) fail(e, op, "takes too long");
    switch (op->code) {
    case TS_OP_ARITH_CONSTANT: outside(e, op); return;
    case TS_OP_ARITH_CMPI: compare(e, op); return;
    case TS_OP_ARITH_SELECT:
        *place(e, &op->results[0]) = get(e, op, get(e, op, 0).bits ? 1 : 2);
        return;
    case TS_OP_MEMREF_LOAD: load(e, op); return;
    case TS_OP_MEMREF_STORE: store(e, op); return;
    case TS_OP_MEMREF_SUBVIEW: subview(e, op); return;
    case TS_OP_MEMREF_ALLOCA: alloca_op(e, op); return;
    case TS_OP_MEMREF_COPY: copy(e, op); return;
    case TS_OP_SCF_FOR: loop_for(e, op); return;
    case TS_OP_SCF_WHILE: loop_while(e, op); return;
    case TS_OP_SCF_IF: choose_region(e, op, get(e, op, 0).bits ? 0 : 1); return;
    case TS_OP_SCF_INDEX_SWITCH: switch_op(e, op); return;
    case TS_OP_FUNC_CALL: call(e, op); return;
    case TS_OP_AIE_END:
    case TS_OP_FUNC_RETURN:
    case TS_OP_SCF_YIELD:
    case TS_OP_SCF_CONDITION:
    case TS_OP_CF_BR:
    case TS_OP_CF_COND_BR: return;
    default:
        if (!binary(e, op)) fail(e, op, "not known");
    }
}

static const ts_op *block(eval *e, const ts_block *b) {
    for (const ts_op *op = b->first; op; op = op->next)
        step(e, op);
    return b->last;
}

bool eval_core(const ts_op *core, const eval_buffer *buffers, size_t n_buffers, char text[200]) {
    eval *e = calloc(1, sizeof *e);
    if (!e) abort();
    e->buffers = buffers;
    e->n_buffers = n_buffers;
    e->device = ts_op_parent_of(core, TS_OP_AIE_DEVICE);
    e->text = text;
    text[0] = 0;
    bool failed = setjmp(e->out);
    if (!failed) region(e, &core->regions[0]);
    free(e);
    return !failed;
}
