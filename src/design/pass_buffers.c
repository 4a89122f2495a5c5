/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Addresses of buffers within their tile's data memory. The stack of a core lies at 0, buffers
 * behind it, the largest first: by turns in the banks, so that the two halves of a double buffer
 * are not in each other's way, or one behind the other. What was given an address keeps it.
 * src: Xilinx/mlir-aie: lib/Dialect/AIE/Transforms/AIEAssignBuffers.cpp [code]. Two things differ:
 * there a buffer with a given address is moved behind itself when banks are used, and an odd size
 * puts the next buffer where no DMA can reach it; here the first stays and the second starts at
 * the next multiple of 4.
 */
#include "pass_memory.h"

#include <string.h>

/* src: Xilinx/mlir-aie: include/aie/Dialect/AIE/IR/AIETargetModel.h, AIE2TargetModel::getNumBanks
 * [code] */
#define COMPUTE_BANKS 4
#define MEMORY_BANKS  8

static uint64_t aligned(uint64_t address) {
    return (address + 3) & ~UINT64_C(3);
}

/* ---- what lies in a tile --------------------------------------------------------------------- */

ts_op *pass_next_buffer(const ts_pass_context *c, const ts_op *op) {
    do
        op = ts_op_next_below(c->device, op);
    while (op && op->code != TS_OP_AIE_BUFFER);
    return (ts_op *)op;
}

/* A byte for every element at least, and 8 for an index.
 * src: Xilinx/mlir-aie: lib/Dialect/AIE/IR/AIEDialect.cpp, BufferOp::getAllocationSize [code] */
uint64_t pass_type_bytes(const ts_type *type) {
    const ts_type *element = type ? type->element : NULL;
    uint64_t n = type ? ts_type_n_elements(type) : 0;
    uint64_t width = element && element->kind == TS_TYPE_INDEX ? 64 : element ? element->width : 0;
    return n * ((width + 7) / 8);
}

static ts_status read_buffer(ts_pass_context *c, ts_op *op, pass_placed *out) {
    const ts_attr *address = ts_op_attr(op, "address"), *bank = ts_op_attr(op, "mem_bank");
    *out = (pass_placed){.op = op,
                         .bytes = op->n_results ? pass_type_bytes(op->results[0].type) : 0,
                         .address = ts_op_integer(op, "address", -1),
                         .bank = ts_op_integer(op, "mem_bank", -1),
                         .is_given = address != NULL};
    if (!out->bytes && op->n_results && ts_type_n_elements(op->results[0].type) == 0)
        return pass_fail(c, op, TS_RANGE, "buffer '%s' has no size that is known here",
                         pass_name(op));
    if ((address && out->address < 0) || (bank && out->bank < 0))
        return pass_fail(c, op, TS_RANGE, "buffer '%s' has a negative address or bank",
                         pass_name(op));
    return TS_OK;
}

ts_status pass_read_memory(ts_pass_context *c, ts_op *tile, pass_memory *out) {
    size_t n = 0;
    *out = (pass_memory){.tile = tile,
                         .size = pass_memory_bytes(c, tile),
                         .stack = pass_stack_bytes(c, tile),
                         .n_banks = COMPUTE_BANKS};
    if (pass_is_tile(c, tile, TS_NPU_MEMORY)) out->n_banks = MEMORY_BANKS;
    for (const ts_use *use = tile->results[0].first_use; use; use = use->next)
        n += use->user->code == TS_OP_AIE_BUFFER;
    if (!n) return TS_OK;
    if (n > PASS_MAX_BUFFERS)
        return pass_fail(c, tile, TS_RANGE, "%zu buffers in %s: more than %d are not supported", n,
                         pass_tile_text(c, tile), PASS_MAX_BUFFERS);
    out->buffers = TS_ARENA_ARRAY(c->design->arena, pass_placed, n);
    if (!out->buffers) return ts_fail_nomem(c->diag);
    for (ts_op *op = pass_next_buffer(c, c->device); op && out->n_buffers < n;
         op = pass_next_buffer(c, op)) {
        if (pass_tile_of(op) != tile) continue;
        TS_TRY(read_buffer(c, op, &out->buffers[out->n_buffers]));
        if (!out->size)
            return pass_fail(c, op, TS_CONFLICT, "buffer '%s' is in %s, which has no memory",
                             pass_name(op), pass_tile_text(c, tile));
        out->n_buffers++;
    }
    return TS_OK;
}

/* ---- sorting --------------------------------------------------------------------------------- */

/* The order of equal elements shows in the addresses, so this is the sort that mlir-aie's own
 * build uses, step by step: quicksort by the median of three down to 16 elements, then insertion.
 * src: gcc-mirror/gcc: libstdc++-v3/include/bits/stl_algo.h, __introsort_loop [code] */
typedef pass_placed *item;

static bool comes_first(item a, item b) {
    return a->bytes > b->bytes;
}

static void swap(item *a, item *b) {
    item t = *a;
    *a = *b;
    *b = t;
}

static void insert_back(item *first, item *at, bool is_bounded) {
    item value = *at;
    while ((!is_bounded || at > first) && comes_first(value, at[-1])) {
        *at = at[-1];
        at--;
    }
    *at = value;
}

static void median_to(item *out, item *a, item *b, item *c) {
    if (comes_first(*a, *b))
        swap(out, comes_first(*b, *c) ? b : comes_first(*a, *c) ? c : a);
    else
        swap(out, comes_first(*a, *c) ? a : comes_first(*b, *c) ? c : b);
}

static item *partition(item *first, item *last, const item *pivot) {
    for (;; first++) {
        while (comes_first(*first, *pivot))
            first++;
        last--;
        while (comes_first(*pivot, *last))
            last--;
        if (first >= last) return first;
        swap(first, last);
    }
}

/* The loop sorts the smaller part, the larger waits: 64 of them are enough for any size. */
static void sort(item *items, size_t n) {
    struct {
        item *first, *last;
    } waiting[64] = {{items, items + n}};
    size_t n_waiting = n ? 1 : 0;
    while (n_waiting) {
        item *first = waiting[--n_waiting].first, *last = waiting[n_waiting].last;
        while (last - first > 16) {
            median_to(first, first + 1, first + (last - first) / 2, last - 1);
            item *cut = partition(first + 1, last, first);
            bool is_left_larger = cut - first > last - cut;
            waiting[n_waiting].first = is_left_larger ? first : cut;
            waiting[n_waiting++].last = is_left_larger ? cut : last;
            if (is_left_larger)
                first = cut;
            else
                last = cut;
        }
    }
    for (size_t i = 1; i < n; i++)
        insert_back(items, items + i, true);
}

/* Those without an address, the largest first. NULL: NOMEM. */
static item *sorted(ts_pass_context *c, pass_memory *m, bool with_banks, size_t *n) {
    item *items = TS_ARENA_ARRAY(c->design->arena, item, m->n_buffers);
    *n = 0;
    for (size_t i = 0; items && i < m->n_buffers; i++)
        if (!m->buffers[i].is_given && (!with_banks || m->buffers[i].bank < 0))
            items[(*n)++] = &m->buffers[i];
    if (items) sort(items, *n);
    return items;
}

/* ---- one behind the other -------------------------------------------------------------------- */

/* The lowest given buffer that lies at or above `from` and is not yet passed. */
static const pass_placed *next_given(const pass_memory *m, const pass_placed *after) {
    const pass_placed *best = NULL;
    for (size_t i = 0; i < m->n_buffers; i++) {
        const pass_placed *b = &m->buffers[i];
        if (!b->is_given || (after && (b->address < after->address ||
                                       (b->address == after->address && b <= after))))
            continue;
        if (!best || b->address < best->address) best = b;
    }
    return best;
}

/* The end of what was placed, which may be beyond the memory. */
static ts_status place_sequential(ts_pass_context *c, pass_memory *m, uint64_t *end) {
    size_t n;
    item *items = sorted(c, m, false, &n);
    if (!items) return ts_fail_nomem(c->diag);
    const pass_placed *given = next_given(m, NULL);
    uint64_t address = m->stack;
    for (size_t i = 0; i < n; i++) {
        address = aligned(address);
        while (given && address + items[i]->bytes > (uint64_t)given->address) {
            uint64_t behind = (uint64_t)given->address + given->bytes;
            if (behind > address) address = aligned(behind);
            given = next_given(m, given);
        }
        items[i]->address = (int64_t)address;
        items[i]->bank = -1;
        address += items[i]->bytes;
    }
    *end = address;
    return TS_OK;
}

/* ---- by banks -------------------------------------------------------------------------------- */

typedef struct banks {
    uint64_t next[MEMORY_BANKS]; /* first free byte of each */
    uint64_t size;
    uint32_t n;
} banks;

static bool put(banks *b, pass_placed *buffer, uint32_t bank) {
    uint64_t address = aligned(b->next[bank]);
    if (address + buffer->bytes > (bank + 1) * b->size) return false;
    buffer->address = (int64_t)address;
    buffer->bank = bank;
    b->next[bank] = address + buffer->bytes;
    return true;
}

/* Given addresses, then given banks. */
static ts_status put_given(ts_pass_context *c, pass_memory *m, banks *b) {
    for (size_t i = 0; i < m->n_buffers; i++) {
        pass_placed *buffer = &m->buffers[i];
        if (!buffer->is_given) continue;
        uint64_t first = (uint64_t)buffer->address, last = first + buffer->bytes;
        buffer->bank = (int64_t)(first / b->size);
        for (uint32_t bank = 0; bank < b->n; bank++) {
            uint64_t start = bank * b->size, end = start + b->size;
            if (last <= start || first >= end) continue;
            uint64_t used = last < end ? last : end;
            if (used > b->next[bank]) b->next[bank] = used;
        }
    }
    for (size_t i = 0; i < m->n_buffers; i++) {
        pass_placed *buffer = &m->buffers[i];
        if (buffer->is_given || buffer->bank < 0) continue;
        if (buffer->bank >= b->n)
            return pass_fail(c, buffer->op, TS_RANGE, "bank %lld does not exist: %s has 0 to %u",
                             (long long)buffer->bank, pass_tile_text(c, m->tile), b->n - 1);
        uint32_t bank = (uint32_t)buffer->bank;
        if (!put(b, buffer, bank))
            return pass_fail(
                c, buffer->op, TS_RANGE,
                "buffer '%s' is %llu bytes too large for what is left of bank %u of %s",
                pass_name(buffer->op),
                (unsigned long long)(aligned(b->next[bank]) + buffer->bytes - (bank + 1) * b->size),
                bank, pass_tile_text(c, m->tile));
    }
    return TS_OK;
}

/* Whether all fit; else nothing but the given ones is placed. */
static ts_status place_by_banks(ts_pass_context *c, pass_memory *m, bool *fits) {
    banks b = {.n = m->n_banks, .size = m->size / m->n_banks};
    size_t n;
    for (uint32_t i = 0; i < b.n; i++)
        b.next[i] = i * b.size;
    b.next[0] = m->stack;
    TS_TRY(put_given(c, m, &b));
    item *items = sorted(c, m, true, &n);
    if (!items) return ts_fail_nomem(c->diag);
    *fits = m->stack <= b.size;
    uint32_t bank = 0;
    for (size_t i = 0; i < n && *fits; i++) {
        uint32_t tried = 0;
        while (tried < b.n && !put(&b, items[i], bank)) {
            bank = (bank + 1) % b.n;
            tried++;
        }
        *fits = tried < b.n;
        bank = (bank + 1) % b.n;
    }
    return TS_OK;
}

/* ---- the pass -------------------------------------------------------------------------------- */

#define MAX_LISTED 8

/* The next largest buffer behind `last`; the first in the text of equal ones. */
static const pass_placed *next_largest(const pass_memory *m, const pass_placed *last) {
    const pass_placed *best = NULL;
    for (size_t i = 0; i < m->n_buffers; i++) {
        const pass_placed *b = &m->buffers[i];
        bool is_behind = !last || b->bytes < last->bytes || (b->bytes == last->bytes && b > last);
        if (is_behind && (!best || b->bytes > best->bytes)) best = b;
    }
    return best;
}

const char *pass_memory_text(ts_pass_context *c, const pass_memory *m) {
    ts_buf out = ts_buf_in(c->design->arena);
    const pass_placed *b = next_largest(m, NULL);
    uint64_t rest = 0;
    if (m->stack) ts_buf_printf(&out, "stack %u", m->stack);
    for (size_t i = 0; b && i < MAX_LISTED; i++, b = next_largest(m, b))
        ts_buf_printf(&out, "%s%s %llu", out.size ? ", " : "", pass_name(b->op),
                      (unsigned long long)b->bytes);
    for (; b; b = next_largest(m, b))
        rest += b->bytes;
    if (rest)
        ts_buf_printf(&out, " and %zu more of %llu", m->n_buffers - MAX_LISTED,
                      (unsigned long long)rest);
    ts_buf_u8(&out, 0);
    return out.failed ? "" : (const char *)out.data;
}

static ts_status does_not_fit(ts_pass_context *c, const pass_memory *m, uint64_t over) {
    return pass_fail(c, m->tile, TS_RANGE, "%s is %llu bytes over its %u bytes of memory: %s",
                     pass_tile_text(c, m->tile), (unsigned long long)over, m->size,
                     pass_memory_text(c, m));
}

static ts_status place(ts_pass_context *c, pass_memory *m, bool by_banks, bool only_banks) {
    bool fits = false;
    uint64_t end = 0;
    if (by_banks) TS_TRY(place_by_banks(c, m, &fits));
    if (fits) return TS_OK;
    if (by_banks && only_banks)
        return pass_fail(c, m->tile, TS_RANGE, "the buffers of %s do not fit its %u banks: %s",
                         pass_tile_text(c, m->tile), m->n_banks, pass_memory_text(c, m));
    TS_TRY(place_sequential(c, m, &end));
    return end > m->size ? does_not_fit(c, m, end - m->size) : TS_OK;
}

static ts_status write_back(ts_pass_context *c, const pass_memory *m) {
    for (size_t i = 0; i < m->n_buffers; i++) {
        const pass_placed *b = &m->buffers[i];
        const ts_attr *address = ts_attr_i32(c->design, b->address);
        const ts_attr *bank = b->bank < 0 ? NULL : ts_attr_i32(c->design, b->bank);
        if (!address || (b->bank >= 0 && !bank) ||
            !ts_op_set_attr(c->design, b->op, "address", address) ||
            !ts_op_set_attr(c->design, b->op, "mem_bank", bank))
            return ts_fail_nomem(c->diag);
    }
    return TS_OK;
}

/* Buffers are the device's own, or have a value that the program brings with it. */
static ts_status check_scope(ts_pass_context *c, const ts_op *op) {
    const ts_op *parent = ts_op_parent(op);
    if (parent == c->device || parent->code == TS_OP_AIE_MEMTILE_DMA ||
        ts_op_attr(op, "initial_value"))
        return TS_OK;
    return pass_fail(c, op, TS_CONFLICT,
                     "buffer '%s' must be directly within the device, not within %s", pass_name(op),
                     parent->name);
}

static ts_status name_buffers(ts_pass_context *c) {
    unsigned n = 0;
    for (ts_op *op = pass_next_buffer(c, c->device); op; op = pass_next_buffer(c, op)) {
        TS_TRY(check_scope(c, op));
        if (!pass_tile_of(op))
            return pass_fail(c, op, TS_MISSING, "buffer '%s' is in no tile", pass_name(op));
        if (ts_op_attr(op, "sym_name")) continue;
        char *text = ts_arena_printf(c->design->arena, "_anonymous%u", n++);
        const ts_attr *name = text ? ts_attr_string(c->design, text) : NULL;
        if (!name || !ts_op_set_attr(c->design, op, "sym_name", name))
            return ts_fail_nomem(c->diag);
    }
    return TS_OK;
}

ts_status ts_pass_buffer_addresses(ts_pass_context *c) {
    TS_TRY(name_buffers(c));
    ts_op *tile = ts_op_child(c->device, TS_OP_AIE_TILE, NULL);
    for (; tile; tile = ts_op_child(c->device, TS_OP_AIE_TILE, tile)) {
        const char *scheme = ts_op_text(tile, "allocation_scheme", "");
        bool is_sequential = strcmp(scheme, "basic-sequential") == 0;
        bool is_banks = strcmp(scheme, "bank-aware") == 0;
        pass_memory m;
        if (*scheme && !is_sequential && !is_banks)
            return pass_fail(c, tile, TS_UNKNOWN,
                             "allocation_scheme is 'basic-sequential' or 'bank-aware', not '%s'",
                             scheme);
        TS_TRY(pass_read_memory(c, tile, &m));
        if (m.stack > m.size && m.size) return does_not_fit(c, &m, m.stack - m.size);
        bool by_banks = is_banks || (!is_sequential && !c->options.is_basic_sequential);
        TS_TRY(place(c, &m, by_banks, is_banks || c->options.is_bank_aware));
        TS_TRY(write_back(c, &m));
    }
    return TS_OK;
}
