/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Blocks and instructions of the function that is being made.
 */
#include "code_int.h"

enum {
    MAX_INSTRUCTIONS = 1 << 16, /* of a function; program memory has 2^14 bytes */
    MAX_VIRTUALS = 1 << 20
};

code_operand code_virtual_operand(uint32_t reg) {
    return (code_operand){.kind = reg ? CODE_VIRTUAL : CODE_NONE, .reg = reg};
}

code_operand code_fixed_operand(uint32_t reg) {
    return (code_operand){.kind = CODE_FIXED, .reg = reg};
}

uint32_t code_new_register(coder *k, code_class class) {
    code_function *f = k->f;
    if (f->n_virtuals == f->virtual_capacity) {
        uint32_t capacity = f->virtual_capacity ? 2 * f->virtual_capacity : 64;
        code_virtual *grown =
            f->n_virtuals < MAX_VIRTUALS
                ? ts_arena_grow(k->c.arena, f->virtuals, f->virtual_capacity * sizeof *grown,
                                capacity * sizeof *grown)
                : NULL;
        if (!grown) return 0;
        f->virtuals = grown;
        f->virtual_capacity = capacity;
        if (!f->n_virtuals) f->n_virtuals = 1; /* 0 is none */
    }
    f->virtuals[f->n_virtuals] = (code_virtual){.class = class, .fixed = -1};
    return f->n_virtuals++;
}

code_block *code_new_block(coder *k) {
    code_block *block = TS_ARENA_NEW(k->c.arena, code_block);
    if (block) block->number = k->f->n_made++;
    return block;
}

static ts_status place(coder *k, code_block *block) {
    code_function *f = k->f;
    code_block **grown =
        ts_arena_room(k->c.arena, f->blocks, f->n_blocks, &f->block_capacity, sizeof *grown);
    if (!grown) return ts_fail_nomem(k->c.diag);
    f->blocks = grown;
    f->blocks[f->n_blocks++] = block;
    return TS_OK;
}

ts_status code_start(coder *k, code_block *block) {
    if (!block) return ts_fail_nomem(k->c.diag);
    block->is_open = true;
    k->block = block;
    k->n_constants = 0;
    return place(k, block);
}

ts_status code_add(coder *k, code_inst inst) {
    code_block *block = k->block;
    if (!block->is_open) return TS_OK; /* nothing comes here */
    if (k->f->n_insts++ == MAX_INSTRUCTIONS)
        return ts_fail(k->c.diag, TS_RANGE, k->c.design->file, "function %s is too large",
                       k->f->name);
    code_inst *grown =
        ts_arena_room(k->c.arena, block->insts, block->n_insts, &block->capacity, sizeof *grown);
    if (!grown) return ts_fail_nomem(k->c.diag);
    block->insts = grown;
    block->insts[block->n_insts++] = inst;
    if (inst.op == CODE_CALL) k->n_constants = 0;
    return TS_OK;
}

ts_status code_add_op(coder *k, code_op op, uint32_t to, uint32_t a, uint32_t b) {
    if (!to) return ts_fail_nomem(k->c.diag);
    code_inst inst = {.op = op,
                      .to = code_virtual_operand(to),
                      .from = {code_virtual_operand(a), code_virtual_operand(b)}};
    return code_add(k, inst);
}

ts_status code_make(coder *k, code_op op, uint32_t a, uint32_t b, uint32_t *out) {
    *out = code_new_register(k, CODE_GENERAL);
    return code_add_op(k, op, *out, a, b);
}

ts_status code_choose(coder *k, uint32_t condition, uint32_t a, uint32_t b, uint32_t *out) {
    *out = code_new_register(k, CODE_GENERAL);
    if (!*out) return ts_fail_nomem(k->c.diag);
    code_inst inst = {.op = CODE_SELECT,
                      .to = code_virtual_operand(*out),
                      .from = {code_virtual_operand(condition), code_virtual_operand(a),
                               code_virtual_operand(b)}};
    return code_add(k, inst);
}

ts_status code_set(coder *k, int32_t value, uint32_t *out) {
    const uint32_t capacity = sizeof k->constants / sizeof *k->constants;
    for (uint32_t i = 0; i < k->n_constants; i++)
        if (k->constants[i].value == value) {
            *out = k->constants[i].reg;
            return TS_OK;
        }
    *out = code_new_register(k, CODE_GENERAL);
    if (!*out) return ts_fail_nomem(k->c.diag);
    code_inst inst = {.op = CODE_SET,
                      .to = code_virtual_operand(*out),
                      .from = {{.kind = CODE_IMMEDIATE, .value = value}}};
    TS_TRY(code_add(k, inst));
    if (k->n_constants < capacity) {
        k->constants[k->n_constants].value = value;
        k->constants[k->n_constants++].reg = *out;
    }
    return TS_OK;
}

ts_status code_add_copies(coder *k, code_copy *copies, uint32_t n) {
    code_inst inst = {.op = CODE_COPY, .copies = copies, .n_copies = n};
    return n ? code_add(k, inst) : TS_OK;
}

ts_status code_go(coder *k, code_block *to) {
    if (!to) return ts_fail_nomem(k->c.diag);
    if (!k->block->is_open) return TS_OK;
    k->block->next[0] = to;
    k->block->n_next = 1;
    k->block->is_open = false;
    return TS_OK;
}

ts_status code_branch(coder *k, uint32_t condition, code_block *then, code_block *otherwise) {
    if (!condition || !then || !otherwise) return ts_fail_nomem(k->c.diag);
    if (!k->block->is_open) return TS_OK;
    k->block->condition = condition;
    k->block->next[0] = then;
    k->block->next[1] = otherwise;
    k->block->n_next = 2;
    k->block->is_open = false;
    return TS_OK;
}
