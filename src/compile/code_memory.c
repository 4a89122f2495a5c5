/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Memory: buffers, globals and what lies on the stack; views of them; loads and stores.
 * src: llvm-project: mlir/include/mlir/Dialect/MemRef/IR/MemRefOps.td [documented]
 */
#include "code_int.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_ALLOCA_BYTES = CODE_MAX_FRAME,
    MAX_VIEWS = 16 /* of views */
};

/* ---- types ----------------------------------------------------------------------------------- */

static bool is_element(const ts_type *type) {
    if (type->kind == TS_TYPE_FLOAT) return type->width == 32 || type->width == 16;
    return type->kind == TS_TYPE_INTEGER &&
           (type->width == 1 || type->width == 8 || type->width == 16 || type->width == 32 ||
            type->width == 64);
}

ts_status code_fail_type(coder *k, const ts_op *op, const ts_type *type, const char *why) {
    ts_buf text = ts_buf_in(k->c.arena);
    ts_type_print(type, &text);
    ts_buf_u8(&text, 0);
    if (text.failed) return ts_fail_nomem(k->c.diag);
    return CODE_FAIL(k, op, TS_UNSUPPORTED, "'%s' works on %s, %s", op->name,
                     (const char *)text.data, why);
}

/* "[a, b, c]" of a layout; false when one is not a number, or there are too many or few. */
static bool read_strides(const char **text, int64_t *strides, uint32_t n) {
    const char *p = *text;
    char *end;
    for (uint32_t i = 0; i < n; i++) {
        strides[i] = strtoll(p, &end, 10);
        if (end == p) return false;
        p = end + strspn(end, " ");
        if (*p != (i + 1 < n ? ',' : ']')) return false;
        p++;
    }
    *text = p;
    return true;
}

/* strided<[a, b], offset: c>; elements. An offset that is not known is 0 here: what it is comes
 * with the value. */
static bool read_layout(const ts_type *type, int64_t *strides, int64_t *offset) {
    static const char prefix[] = "strided<[", behind[] = "offset: ";
    const char *p = type->layout->text;
    if (type->layout->kind != TS_ATTR_AFFINE_MAP || !p ||
        strncmp(p, prefix, sizeof prefix - 1) != 0)
        return false;
    p += sizeof prefix - 1;
    if (!read_strides(&p, strides, type->n_dims)) return false;
    p = strstr(p, behind);
    *offset = p ? strtoll(p + sizeof behind - 1, NULL, 10) : 0;
    return true;
}

/* Row by row; false: a size that is not known, other than the first. */
static bool identity_strides(const ts_type *type, int64_t *strides) {
    int64_t stride = 1;
    for (uint32_t i = type->n_dims; i-- > 0;) {
        strides[i] = stride;
        if (i && (type->shape[i] < 0 || type->shape[i] > INT32_MAX)) return false;
        if (i) stride *= type->shape[i];
        if (stride > INT32_MAX) return false;
    }
    return true;
}

/* Strides of a memref's type in bytes, and its offset. */
static ts_status type_layout(coder *k, const ts_op *op, const ts_type *type, int64_t *strides,
                             int64_t *offset) {
    *offset = 0;
    if (type->kind != TS_TYPE_MEMREF || type->is_unranked || !is_element(type->element))
        return code_fail_type(k, op, type, "which is not supported in the code of a core");
    bool ok = type->layout ? read_layout(type, strides, offset) : identity_strides(type, strides);
    if (!ok) return code_fail_type(k, op, type, "whose strides are not known");
    int64_t bytes = (int64_t)comp_element_bytes(type);
    for (uint32_t i = 0; i < type->n_dims; i++)
        strides[i] *= bytes;
    *offset *= bytes;
    return TS_OK;
}

ts_status code_memory_at(coder *k, const ts_op *op, const ts_type *type, code_operand base,
                         code_value *out) {
    code_memory *memory = TS_ARENA_NEW(k->c.arena, code_memory);
    *out = (code_value){.kind = CODE_MEMORY, .type = type, .memory = memory};
    if (!memory) return ts_fail_nomem(k->c.diag);
    memory->base = base;
    memory->align = base.kind == CODE_FRAME ? CODE_VECTOR_ALIGN : 1;
    memory->type = type;
    return type_layout(k, op, type, memory->strides, &memory->offset);
}

ts_status code_get_memory(coder *k, const ts_op *op, uint32_t index, const code_memory **out) {
    code_value value;
    TS_TRY(code_operand_value(k, op, index, &value));
    *out = value.memory;
    return value.kind == CODE_MEMORY ? TS_OK : code_unsupported(k, op);
}

static ts_status bind_memory(coder *k, const ts_op *op, const code_memory *memory) {
    code_memory *kept = TS_ARENA_NEW(k->c.arena, code_memory);
    if (!kept) return ts_fail_nomem(k->c.diag);
    *kept = *memory;
    kept->type = op->results[0].type;
    return code_bind(k, &op->results[0], (code_value){.kind = CODE_MEMORY, .memory = kept});
}

/* ---- addresses ------------------------------------------------------------------------------- */

static ts_status add_constant(coder *k, const ts_op *op, code_memory *m, int64_t index,
                              int64_t stride) {
    if (index > INT32_MAX || index < INT32_MIN || stride > INT32_MAX || stride < INT32_MIN)
        return CODE_FAIL(k, op, TS_RANGE, "index %" PRId64 " is beyond the memory", index);
    m->offset += index * stride;
    if (m->offset <= INT32_MAX && m->offset >= INT32_MIN) return TS_OK;
    return CODE_FAIL(k, op, TS_RANGE, "an offset of %" PRId64 " bytes is beyond the memory",
                     m->offset);
}

static ts_status times(coder *k, const ts_op *op, uint32_t reg, int64_t by, uint32_t *out) {
    uint32_t other;
    int shift = 0;
    *out = reg;
    if (by == 1) return TS_OK;
    while (shift < 30 && INT64_C(1) << shift != by)
        shift++;
    if (by > INT32_MAX || by < INT32_MIN)
        return CODE_FAIL(k, op, TS_RANGE, "a stride of %" PRId64 " bytes is beyond the memory", by);
    bool is_power = INT64_C(1) << shift == by;
    TS_TRY(code_set(k, is_power ? shift : (int32_t)by, &other));
    return code_make(k, is_power ? CODE_LSHL : CODE_MUL, reg, other, out);
}

/* The power of two that a number of bytes is a multiple of. */
static uint32_t align_of(int64_t bytes) {
    uint32_t n = 1;
    while (n < CODE_VECTOR_ALIGN && !(bytes & n))
        n *= 2;
    return n;
}

/* Of what has been, and `of` times what has so many zeros. */
static uint32_t least_align(uint32_t been, uint32_t of, unsigned zeros) {
    for (; zeros && of < CODE_VECTOR_ALIGN; zeros--)
        of *= 2;
    return been < of ? been : of;
}

/* m += index * stride */
static ts_status add_index(coder *k, const ts_op *op, code_memory *m, code_value index,
                           int64_t stride) {
    uint32_t reg;
    if (index.kind == CODE_CONSTANT) return add_constant(k, op, m, index.constant, stride);
    if (!stride) return TS_OK;
    m->align = least_align(m->align, align_of(stride), code_zeros(&index));
    TS_TRY(code_any(k, op, index, &reg));
    TS_TRY(times(k, op, reg, stride, &reg));
    if (m->dynamic) return code_make(k, CODE_ADD, m->dynamic, reg, &m->dynamic);
    m->dynamic = reg;
    return TS_OK;
}

/* The symbol or place as a pointer. */
static ts_status base_pointer(coder *k, code_operand base, uint32_t *out) {
    if (base.kind == CODE_VIRTUAL) {
        *out = base.reg;
        return TS_OK;
    }
    *out = code_new_register(k, CODE_POINTER);
    if (!*out) return ts_fail_nomem(k->c.diag);
    code_inst inst = {.op = CODE_SET, .to = code_virtual_operand(*out), .from = {base}};
    return code_add(k, inst);
}

/* The constant part goes into an address that is constant anyway. */
ts_status code_resolve(coder *k, code_memory m, uint32_t *base, code_inst *inst) {
    if (m.base.kind != CODE_VIRTUAL) {
        m.base.value += (int32_t)m.offset;
        m.offset = 0;
    }
    TS_TRY(base_pointer(k, m.base, base));
    inst->from[0] = code_virtual_operand(*base);
    inst->from[1] = code_virtual_operand(m.dynamic);
    inst->value = (int32_t)m.offset;
    return TS_OK;
}

/* As MLIR's bare pointers have it, without the offset that the type tells.
 * src: llvm-project: mlir/docs/TargetLLVMIR.md, "Bare Pointer Calling Convention"
 * [documented] */
ts_status code_pointer(coder *k, const ts_op *op, const code_memory *memory, uint32_t *out) {
    int64_t strides[TS_DESIGN_MAX_RANK], offset;
    code_memory m = *memory;
    code_inst inst = {.op = CODE_MOVE_POINTER};
    uint32_t base;
    TS_TRY(type_layout(k, op, m.type, strides, &offset));
    for (uint32_t i = 0; i < m.type->n_dims; i++)
        if (strides[i] != m.strides[i] && m.type->shape[i] != 1)
            return code_fail_type(k, op, m.type, "whose strides are others here");
    m.offset -= offset;
    TS_TRY(code_resolve(k, m, &base, &inst));
    *out = base;
    if (!inst.value && !m.dynamic) return TS_OK;
    *out = code_new_register(k, CODE_POINTER);
    if (!*out) return ts_fail_nomem(k->c.diag);
    inst.to = code_virtual_operand(*out);
    return code_add(k, inst);
}

/* ---- loads and stores ------------------------------------------------------------------------ */

/* As operands, or of affine operations by a map. */
static ts_status get_indices(coder *k, const ts_op *op, uint32_t first, uint32_t n,
                             code_value *out) {
    uint32_t n_out, n_operands;
    if (op->code == TS_OP_AFFINE_LOAD || op->code == TS_OP_AFFINE_STORE) {
        TS_TRY(code_affine_map(k, op, "map", first, out, n, &n_out, &n_operands));
        return n_out == n ? TS_OK : code_unsupported(k, op);
    }
    if (op->n_operands - first != n) return code_unsupported(k, op);
    for (uint32_t i = 0; i < n; i++)
        TS_TRY(code_operand_value(k, op, first + i, &out[i]));
    return TS_OK;
}

static ts_status address(coder *k, const ts_op *op, uint32_t memref, code_inst *inst) {
    const code_memory *memory;
    code_value indices[TS_DESIGN_MAX_RANK] = {0};
    uint32_t base;
    TS_TRY(code_get_memory(k, op, memref, &memory));
    code_memory m = *memory;
    TS_TRY(get_indices(k, op, memref + 1, m.type->n_dims, indices));
    for (uint32_t i = 0; i < m.type->n_dims; i++)
        TS_TRY(add_index(k, op, &m, indices[i], m.strides[i]));
    uint32_t width = m.type->element->width;
    inst->bits = width == 1 ? 8 : width == 64 ? 32 : (uint8_t)width;
    return code_resolve(k, m, &base, inst);
}

ts_status code_vector_address(coder *k, const ts_op *op, uint32_t memref, code_inst *inst) {
    const code_memory *memory;
    code_value index;
    uint32_t base;
    TS_TRY(code_get_memory(k, op, memref, &memory));
    code_memory m = *memory;
    uint32_t n = m.type->n_dims;
    if (m.strides[n - 1] != (int64_t)comp_element_bytes(m.type))
        return code_fail_type(k, op, m.type, "whose rows have gaps");
    for (uint32_t i = 0; i < n; i++) {
        TS_TRY(code_operand_value(k, op, memref + 1 + i, &index));
        TS_TRY(add_index(k, op, &m, index, m.strides[i]));
    }
    if (m.align < CODE_VECTOR_ALIGN || m.offset % CODE_VECTOR_ALIGN)
        return CODE_FAIL(k, op, TS_UNSUPPORTED,
                         "'%s' needs an address that is known to be a multiple of %d bytes; "
                         "memref.assume_alignment says so of a memref",
                         op->name, CODE_VECTOR_ALIGN);
    return code_resolve(k, m, &base, inst);
}

/* Whether a loaded value is wanted with zeros above it. */
static bool is_used_unsigned(const ts_value *value) {
    for (const ts_use *use = value->first_use; use; use = use->next)
        switch (use->user->code) {
        case TS_OP_ARITH_EXTUI:
        case TS_OP_ARITH_DIVUI:
        case TS_OP_ARITH_REMUI:
        case TS_OP_ARITH_SHRUI:
        case TS_OP_ARITH_INDEX_CASTUI:
        case TS_OP_ARITH_UITOFP:
        case TS_OP_ARITH_EXTF: return true;
        default: break;
        }
    return value->type->width == 1;
}

/* The words of a wide value lie one behind the other, the low one first. */
static ts_status load_words(coder *k, const ts_op *op) {
    code_inst inst = {.op = CODE_LOAD};
    code_words words;
    TS_TRY(code_variable(k, op, op->results[0].type, &words));
    TS_TRY(address(k, op, 0, &inst));
    inst.to = code_virtual_operand(words.low);
    TS_TRY(code_add(k, inst));
    inst.to = code_virtual_operand(words.high);
    inst.value += 4;
    TS_TRY(code_add(k, inst));
    return code_bind_variable(k, op, &op->results[0], words);
}

static ts_status store_words(coder *k, const ts_op *op, code_value value) {
    code_inst inst = {.op = CODE_STORE};
    code_words words;
    TS_TRY(code_words_of(k, op, value, &words));
    TS_TRY(address(k, op, 1, &inst));
    inst.from[2] = code_virtual_operand(words.low);
    TS_TRY(code_add(k, inst));
    inst.from[2] = code_virtual_operand(words.high);
    inst.value += 4;
    return code_add(k, inst);
}

static ts_status do_load(coder *k, const ts_op *op) {
    code_inst inst = {.op = CODE_LOAD};
    if (code_is_wide(op->results[0].type)) return load_words(k, op);
    uint32_t out = code_new_register(k, CODE_GENERAL);
    bool is_unsigned = is_used_unsigned(&op->results[0]);
    if (!out) return ts_fail_nomem(k->c.diag);
    TS_TRY(address(k, op, 0, &inst));
    inst.to = code_virtual_operand(out);
    inst.is_signed = !is_unsigned;
    TS_TRY(code_add(k, inst));
    code_value value = code_in_register(op->results[0].type, out);
    value.is_sign_extended = !is_unsigned;
    value.is_zero_extended = is_unsigned && value.type->width >= 8;
    return code_bind(k, &op->results[0], value);
}

static ts_status do_store(coder *k, const ts_op *op) {
    code_inst inst = {.op = CODE_STORE};
    code_value value;
    uint32_t reg;
    TS_TRY(code_operand_value(k, op, 0, &value));
    if (code_is_wide(value.type)) return store_words(k, op, value);
    if (value.type->width == 1)
        TS_TRY(code_zero_extended(k, op, value, &reg));
    else
        TS_TRY(code_any(k, op, value, &reg));
    TS_TRY(address(k, op, 1, &inst));
    inst.from[2] = code_virtual_operand(reg);
    return code_add(k, inst);
}

/* ---- places ---------------------------------------------------------------------------------- */

static code_operand symbol_operand(const char *name) {
    return (code_operand){.kind = CODE_SYMBOL, .symbol = name};
}

/* A core sees the memories around it. */
static ts_status check_visible(coder *k, const ts_op *buffer) {
    comp_tile owner, shown;
    TS_TRY(comp_tile_of(&k->c, buffer, &owner));
    for (size_t i = 0; i < COMP_N_WINDOWS; i++)
        if (comp_window_tile(&k->c, &k->tile, &comp_windows[i], &shown) &&
            shown.column == owner.column && shown.row == owner.row)
            return TS_OK;
    return CODE_FAIL(
        k, buffer, TS_RANGE,
        "core (%" PRIu32 ",%" PRIu32 ") does not see buffer '%s' of tile (%" PRIu32 ",%" PRIu32 ")",
        k->tile.column, k->tile.row, ts_op_text(buffer, "sym_name", ""), owner.column, owner.row);
}

/* What `memory` says of a place that is known to be a multiple of so many bytes. */
static ts_status aligned(coder *k, code_value *value, int64_t bytes) {
    code_memory *memory = TS_ARENA_NEW(k->c.arena, code_memory);
    if (!memory) return ts_fail_nomem(k->c.diag);
    *memory = *value->memory;
    memory->align = align_of(bytes);
    value->memory = memory;
    return TS_OK;
}

static ts_status do_buffer(coder *k, const ts_op *op) {
    code_value value;
    int64_t at = ts_op_integer(op, "address", 1);
    const char *name = ts_op_text(op, "sym_name", "");
    TS_TRY(check_visible(k, op));
    if (!*name) return CODE_FAIL(k, op, TS_MISSING, "this buffer has no name");
    TS_TRY(code_memory_at(k, op, op->results[0].type, symbol_operand(name), &value));
    TS_TRY(aligned(k, &value, at));
    return code_bind(k, &op->results[0], value);
}

static ts_status use_global(coder *k, const ts_op *global) {
    for (size_t i = 0; i < k->n_globals; i++)
        if (k->globals[i] == global) return TS_OK;
    const ts_op **grown =
        ts_arena_room(k->c.arena, k->globals, k->n_globals, &k->global_capacity, sizeof *grown);
    if (!grown) return ts_fail_nomem(k->c.diag);
    k->globals = grown;
    k->globals[k->n_globals++] = global;
    return TS_OK;
}

static ts_status do_get_global(coder *k, const ts_op *op) {
    const char *name = ts_op_text(op, "name", "");
    const ts_op *global = ts_symbol_find(k->c.device, name);
    code_value value;
    if (!global) global = ts_symbol_find(k->c.design->module, name);
    if (!global || global->code != TS_OP_MEMREF_GLOBAL)
        return CODE_FAIL(k, op, TS_MISSING, "there is no memref.global @%s", name);
    TS_TRY(use_global(k, global));
    TS_TRY(code_memory_at(k, op, op->results[0].type, symbol_operand(name), &value));
    TS_TRY(aligned(k, &value, CODE_VECTOR_ALIGN)); /* see code_emit_globals() */
    return code_bind(k, &op->results[0], value);
}

/* How a memref leaves where it is made, itself or as a view: out of the function, or by what ends a
 * block. */
typedef enum way_out {
    STAYS,
    LEAVES_BLOCK,
    LEAVES_FUNCTION
} way_out;

static way_out leaves(const ts_value *value, unsigned depth) {
    way_out most = depth < MAX_VIEWS ? STAYS : LEAVES_FUNCTION;
    for (const ts_use *use = value->first_use; use && most != LEAVES_FUNCTION; use = use->next) {
        const ts_op *user = use->user;
        way_out found = STAYS;
        switch (user->code) {
        case TS_OP_FUNC_RETURN: found = LEAVES_FUNCTION; break;
        case TS_OP_SCF_YIELD:
        case TS_OP_SCF_CONDITION:
        case TS_OP_AFFINE_YIELD:
        case TS_OP_CF_BR:
        case TS_OP_CF_COND_BR: found = LEAVES_BLOCK; break;
        default: break;
        }
        for (uint32_t i = 0; i < user->n_results; i++)
            if (user->results[i].type->kind == TS_TYPE_MEMREF) {
                way_out further = leaves(&user->results[i], depth + 1);
                if (further > found) found = further;
            }
        if (found > most) most = found;
    }
    return most;
}

/* Whether an operation may come more than once while its function runs. */
static bool is_repeated(const ts_op *op) {
    for (; op && op->block; op = ts_op_parent(op)) {
        if (op->block->previous) return true;
        const ts_op *parent = ts_op_parent(op);
        if (parent && (parent->code == TS_OP_SCF_FOR || parent->code == TS_OP_SCF_WHILE ||
                       parent->code == TS_OP_AFFINE_FOR))
            return true;
        if (parent && (parent->code == TS_OP_FUNC_FUNC || parent->code == TS_OP_AIE_CORE)) break;
    }
    return false;
}

/* Each operation has one place in the frame, so there may be one of what it makes. */
static ts_status check_place(coder *k, const ts_op *op) {
    way_out out = leaves(&op->results[0], 0);
    if (out == STAYS || (out == LEAVES_BLOCK && !is_repeated(op))) return TS_OK;
    return CODE_FAIL(k, op, TS_UNSUPPORTED,
                     "what '%s' makes is on the stack, and cannot go out of its %s", op->name,
                     out == LEAVES_FUNCTION ? "function" : "loop or block");
}

static ts_status do_alloca(coder *k, const ts_op *op) {
    const ts_type *type = op->results[0].type;
    TS_TRY(check_place(k, op));
    uint64_t bytes = comp_memref_bytes(type);
    code_value value;
    if (!bytes || bytes > MAX_ALLOCA_BYTES || k->f->room + bytes > MAX_ALLOCA_BYTES)
        return code_fail_type(k, op, type, "which has no room on the stack");
    code_operand base = {.kind = CODE_FRAME, .value = (int32_t)k->f->room};
    k->f->room += ((uint32_t)bytes + 31) & ~31u;
    TS_TRY(code_memory_at(k, op, type, base, &value));
    return code_bind(k, &op->results[0], value);
}

/* ---- views ----------------------------------------------------------------------------------- */

/* Number `i` of a list that is static or, where it says so, the next of the operands. */
static ts_status mixed(coder *k, const ts_op *op, const char *name, size_t i, uint32_t *next,
                       code_value *out) {
    const ts_attr *list = ts_op_attr(op, name);
    const ts_type *index = op->results[0].type;
    if (!list || i >= list->data.size / 8) return code_unsupported(k, op);
    int64_t value = ts_attr_element(list, i);
    *out = (code_value){.kind = CODE_CONSTANT, .type = index, .constant = value};
    if (value != TS_DYNAMIC_SIZE) return TS_OK;
    if (*next >= op->n_operands) return code_unsupported(k, op);
    return code_operand_value(k, op, (*next)++, out);
}

static uint32_t segment_start(const ts_op *op, unsigned segment) {
    uint32_t n;
    ts_use *first = ts_op_segment(op, segment, &n);
    return first ? (uint32_t)(first - op->operands) : 0;
}

/* Which of the source's dimensions remain: those whose size is not 1, or as many as are needed. */
static ts_status subview_strides(coder *k, const ts_op *op, const int64_t *from, uint32_t n,
                                 code_memory *m) {
    const ts_type *type = op->results[0].type;
    const ts_attr *sizes = ts_op_attr(op, "static_sizes");
    uint32_t to = 0, spare = n - type->n_dims;
    if (n < type->n_dims || !sizes || sizes->data.size / 8 != n) return code_unsupported(k, op);
    for (uint32_t i = 0; i < n; i++) {
        bool is_dropped =
            spare && ts_attr_element(sizes, i) == 1 && (to >= type->n_dims || type->shape[to] != 1);
        if (is_dropped)
            spare--;
        else if (to < type->n_dims)
            m->strides[to++] = from[i];
        else
            return code_unsupported(k, op);
    }
    return TS_OK;
}

static ts_status do_subview(coder *k, const ts_op *op) {
    const code_memory *source;
    code_value value = {0};
    int64_t strides[TS_DESIGN_MAX_RANK];
    TS_TRY(code_get_memory(k, op, 0, &source));
    code_memory m = *source;
    uint32_t n = source->type->n_dims, offset = segment_start(op, 1), stride = segment_start(op, 3);
    for (uint32_t i = 0; i < n; i++) {
        TS_TRY(mixed(k, op, "static_offsets", i, &offset, &value));
        TS_TRY(add_index(k, op, &m, value, source->strides[i]));
        TS_TRY(mixed(k, op, "static_strides", i, &stride, &value));
        if (value.kind != CODE_CONSTANT || value.constant > INT32_MAX || value.constant < INT32_MIN)
            return code_unsupported(k, op);
        strides[i] = source->strides[i] * value.constant;
    }
    TS_TRY(subview_strides(k, op, strides, n, &m));
    return bind_memory(k, op, &m);
}

/* Its offset counts from where the memory begins, not from where the source does. */
static ts_status do_reinterpret(coder *k, const ts_op *op) {
    const code_memory *source;
    code_value value = {0};
    const ts_type *type = op->results[0].type;
    uint32_t offset = segment_start(op, 1), stride = segment_start(op, 3);
    int64_t bytes = (int64_t)comp_element_bytes(type);
    TS_TRY(code_get_memory(k, op, 0, &source));
    if (source->type->layout || type->kind != TS_TYPE_MEMREF || !is_element(type->element))
        return code_unsupported(k, op);
    code_memory m = *source;
    TS_TRY(mixed(k, op, "static_offsets", 0, &offset, &value));
    TS_TRY(add_index(k, op, &m, value, bytes));
    for (uint32_t i = 0; i < type->n_dims; i++) {
        TS_TRY(mixed(k, op, "static_strides", i, &stride, &value));
        if (value.kind != CODE_CONSTANT || value.constant > INT32_MAX || value.constant < INT32_MIN)
            return code_unsupported(k, op);
        m.strides[i] = value.constant * bytes;
    }
    return bind_memory(k, op, &m);
}

/* Other dimensions of memory that has no gaps. */
static ts_status do_reshape(coder *k, const ts_op *op) {
    const code_memory *source;
    int64_t offset, strides[TS_DESIGN_MAX_RANK];
    TS_TRY(code_get_memory(k, op, 0, &source));
    code_memory m = *source;
    if (m.type->layout) return code_unsupported(k, op);
    TS_TRY(type_layout(k, op, op->results[0].type, strides, &offset));
    memcpy(m.strides, strides, sizeof strides);
    return bind_memory(k, op, &m);
}

static ts_status do_same(coder *k, const ts_op *op) {
    const code_memory *source;
    TS_TRY(code_get_memory(k, op, 0, &source));
    return op->n_results ? bind_memory(k, op, source) : TS_OK;
}

/* The size of a dimension, when both are known. */
static ts_status do_dim(coder *k, const ts_op *op) {
    const ts_type *type = op->operands[0].value->type;
    code_value index;
    TS_TRY(code_operand_value(k, op, 1, &index));
    if (type->kind != TS_TYPE_MEMREF || type->is_unranked || index.kind != CODE_CONSTANT ||
        index.constant < 0 || index.constant >= type->n_dims || type->shape[index.constant] < 0)
        return code_fail_type(k, op, type, "where a size that is not known is not supported");
    return code_bind(k, &op->results[0],
                     code_constant(op->results[0].type, type->shape[index.constant]));
}

/* What it says holds for the memref itself, as it has not always a result. */
static ts_status do_assume(coder *k, const ts_op *op) {
    code_value value;
    int64_t bytes = ts_op_integer(op, "alignment", 1);
    TS_TRY(code_operand_value(k, op, 0, &value));
    if (value.kind != CODE_MEMORY || bytes <= 0) return code_unsupported(k, op);
    uint32_t align = least_align(align_of(bytes), align_of(value.memory->offset), 0);
    if (align > value.memory->align && !value.memory->dynamic) {
        TS_TRY(aligned(k, &value, align));
        TS_TRY(code_bind(k, op->operands[0].value, value));
    }
    return op->n_results ? bind_memory(k, op, value.memory) : TS_OK;
}

/* ---- all of them ----------------------------------------------------------------------------- */

ts_status code_memref(coder *k, const ts_op *op, bool *known) {
    *known = true;
    switch (op->code) {
    case TS_OP_AIE_BUFFER: return do_buffer(k, op);
    case TS_OP_MEMREF_GET_GLOBAL: return do_get_global(k, op);
    case TS_OP_MEMREF_ALLOC:
    case TS_OP_MEMREF_ALLOCA: return do_alloca(k, op);
    case TS_OP_MEMREF_DEALLOC: return TS_OK; /* until the function ends */
    case TS_OP_MEMREF_DIM: return do_dim(k, op);
    case TS_OP_AFFINE_LOAD:
    case TS_OP_MEMREF_LOAD: return do_load(k, op);
    case TS_OP_AFFINE_STORE:
    case TS_OP_MEMREF_STORE: return do_store(k, op);
    case TS_OP_MEMREF_COPY: return code_copy_memory(k, op);
    case TS_OP_MEMREF_SUBVIEW: return do_subview(k, op);
    case TS_OP_MEMREF_REINTERPRET_CAST: return do_reinterpret(k, op);
    case TS_OP_MEMREF_COLLAPSE_SHAPE:
    case TS_OP_MEMREF_EXPAND_SHAPE: return do_reshape(k, op);
    case TS_OP_MEMREF_CAST: return do_same(k, op);
    case TS_OP_MEMREF_ASSUME_ALIGNMENT: return do_assume(k, op);
    default: break;
    }
    *known = false;
    return TS_OK;
}
