/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * After buffer addresses: every buffer lies inside its tile's memory, over no other and not over
 * the stack; its bank is the one its address is in.
 */
#include "pass_memory.h"

#include <stdlib.h>

static int by_address(const void *a, const void *b) {
    const pass_placed *x = a, *y = b;
    return x->address < y->address ? -1 : x->address > y->address;
}

static ts_status verify_place(ts_pass_context *c, const pass_memory *m, const pass_placed *b) {
    uint64_t end = (uint64_t)b->address + b->bytes;
    if (b->address < 0)
        return pass_fail(c, b->op, TS_MISSING, "buffer '%s' has no address", pass_name(b->op));
    if (end > m->size)
        return pass_fail(c, b->op, TS_RANGE,
                         "buffer '%s' ends at %llu, %llu bytes behind the memory of %s",
                         pass_name(b->op), (unsigned long long)end,
                         (unsigned long long)(end - m->size), pass_tile_text(c, m->tile));
    if ((uint64_t)b->address < m->stack)
        return pass_fail(c, b->op, TS_CONFLICT,
                         "buffer '%s' at %lld lies in the stack of %s, which ends at %u",
                         pass_name(b->op), (long long)b->address, pass_tile_text(c, m->tile),
                         m->stack);
    if (b->bank >= 0 && b->address / (m->size / m->n_banks) != b->bank)
        return pass_fail(c, b->op, TS_CONFLICT, "buffer '%s' at %lld is not in bank %lld",
                         pass_name(b->op), (long long)b->address, (long long)b->bank);
    return TS_OK;
}

static ts_status verify_memory(ts_pass_context *c, pass_memory *m) {
    if (m->n_buffers) qsort(m->buffers, m->n_buffers, sizeof *m->buffers, by_address);
    for (size_t i = 0; i < m->n_buffers; i++) {
        const pass_placed *b = &m->buffers[i], *next = b + 1;
        TS_TRY(verify_place(c, m, b));
        if (i + 1 < m->n_buffers && (uint64_t)b->address + b->bytes > (uint64_t)next->address)
            return pass_fail(c, next->op, TS_CONFLICT,
                             "buffers '%s' at %lld (%llu bytes) and '%s' at %lld of %s overlap",
                             pass_name(b->op), (long long)b->address, (unsigned long long)b->bytes,
                             pass_name(next->op), (long long)next->address,
                             pass_tile_text(c, m->tile));
    }
    return TS_OK;
}

ts_status ts_verify_buffer_addresses(ts_pass_context *c) {
    ts_op *tile = ts_op_child(c->device, TS_OP_AIE_TILE, NULL);
    for (; tile; tile = ts_op_child(c->device, TS_OP_AIE_TILE, tile)) {
        pass_memory m;
        TS_TRY(pass_read_memory(c, tile, &m));
        TS_TRY(verify_memory(c, &m));
    }
    return TS_OK;
}
