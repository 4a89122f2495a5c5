/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * What took the room of each memory, whether it is enough, and whether the stack is.
 */
#include "link_int.h"

#include "tessera/aie2.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    LAST_ADDRESS = 0xfffff, /* pointers have 20 bits */
    MAX_SECTION_BYTES = 64 << 20,
    /* The four memories that a core has for data.
     * src: Xilinx/mlir-aie: include/aie/Dialect/AIE/IR/AIETargetModel.h, AIE2TargetModel,
     * getMemSouthBaseAddress and the others [code] */
    DATA_FIRST = 0x40000,
    DATA_END = 0x80000,
};

/* ---- what took the room ---------------------------------------------------------------------- */

static int by_size(const void *a, const void *b) {
    const ts_link_use *x = a, *y = b;
    if (x->size != y->size) return x->size > y->size ? -1 : 1;
    if (x->addr != y->addr) return x->addr < y->addr ? -1 : 1;
    return strcmp(x->name, y->name);
}

static const char *memory_of(uint32_t flags) {
    return flags & TS_SHF_EXECINSTR ? "program" : "data";
}

/* A function or object says more than its section: the global symbol at the section's start. */
static void name_pieces(link_object *o) {
    for (size_t i = 1; o->model->symbols && i < o->model->n_symbols; i++) {
        const ts_object_symbol *symbol = &o->model->symbols[i];
        bool is_piece = symbol->place == TS_OBJECT_DEFINED && symbol->binding != TS_STB_LOCAL &&
                        !symbol->value && symbol->size;
        if (is_piece && !o->sections[symbol->section].piece)
            o->sections[symbol->section].piece = symbol->name;
    }
}

static size_t count_uses(const link *l) {
    size_t n = 0;
    for (const link_out *out = l->outs; out; out = out->next)
        if (out->flags & TS_SHF_ALLOC) n += (size_t)out->n_sections + 1;
    for (const link_reserved *r = l->reserved; r; r = r->next)
        n++;
    return n;
}

static void add_sections(const link *l, const link_out *out) {
    if (!out->first && out->size)
        l->result->uses[l->result->n_uses++] = (ts_link_use){
            memory_of(out->flags), out->name, out->name, l->script.file, out->addr, out->size};
    for (const link_section *s = out->first; s; s = s->next) {
        uint32_t size = ts_object_section_size(s->model);
        if (!size) continue;
        l->result->uses[l->result->n_uses++] = (ts_link_use){
            memory_of(out->flags), out->name, s->piece ? s->piece : s->model->name, s->object->file,
            out->addr + s->offset, size};
    }
}

ts_status link_report_uses(link *l) {
    ts_link_result *r = l->result;
    r->uses = TS_ARENA_ARRAY(l->arena, ts_link_use, count_uses(l));
    if (!r->uses) return ts_fail_nomem(l->diag);
    for (link_object *o = l->objects; o; o = o->next)
        name_pieces(o);
    for (const link_out *out = l->outs; out; out = out->next)
        if (out->flags & TS_SHF_ALLOC) add_sections(l, out);
    for (const link_reserved *s = l->reserved; s; s = s->next)
        if (s->name[0])
            r->uses[r->n_uses++] =
                (ts_link_use){"data", "", s->name, l->script.file, s->addr, s->size};
    if (r->n_uses) qsort(r->uses, r->n_uses, sizeof *r->uses, by_size);
    return TS_OK;
}

/* ---- is it enough? --------------------------------------------------------------------------- */

/* " (core_0_2 8192, softmax 6000, ...)": the three largest pieces between two addresses. */
static void name_largest(const ts_link_result *r, const char *memory, uint64_t from, uint64_t to,
                         ts_buf *out) {
    unsigned n = 0;
    for (size_t i = 0; i < r->n_uses; i++) {
        const ts_link_use *use = &r->uses[i];
        if (strcmp(use->memory, memory) != 0 || use->addr < from || use->addr >= to) continue;
        if (n++ < 3)
            ts_buf_printf(out, "%s%s %" PRIu32, n > 1 ? ", " : "; largest: ", use->name, use->size);
    }
    if (n > 3) ts_buf_printf(out, ", %u more", n - 3);
    ts_buf_u8(out, 0);
}

static ts_status too_full(link *l, const ts_link_memory *memory, const char *kind, uint64_t end) {
    ts_buf largest = ts_buf_in(l->arena);
    name_largest(l->result, kind, memory->addr, end, &largest);
    if (largest.failed) return ts_fail_nomem(l->diag);
    return ts_fail(l->diag, TS_RANGE, l->options->output,
                   "%s memory, 0x%" PRIx32 " to 0x%" PRIx64 ", needs %" PRIu64
                   " bytes and has %" PRIu32 ", %" PRIu64 " too few%s",
                   memory->name, memory->addr, (uint64_t)memory->addr + memory->size,
                   end - memory->addr, memory->size, end - memory->addr - memory->size,
                   (const char *)largest.data);
}

/* The core's program memory, whatever the script's says: mlir-aie's are 128 KB. */
static uint64_t program_end(const link *l) {
    uint64_t end = 0;
    for (const link_out *o = l->outs; o; o = o->next)
        if (o->flags & TS_SHF_ALLOC && o->flags & TS_SHF_EXECINSTR && o->size &&
            (uint64_t)o->addr + o->size > end)
            end = (uint64_t)o->addr + o->size;
    return end;
}

/* A script can ask for sections of any size; before they are made, they must be possible. */
static ts_status check_sizes(const link *l) {
    for (const link_out *o = l->outs; o; o = o->next) {
        bool is_loaded = o->flags & TS_SHF_ALLOC && o->size;
        if (is_loaded && (uint64_t)o->addr + o->size > LAST_ADDRESS + UINT64_C(1))
            return ts_fail(l->diag, TS_RANGE, l->options->output,
                           "section %s, 0x%" PRIx32 " to 0x%" PRIx64
                           ", is beyond the last address of a core, 0x%x",
                           o->name, o->addr, (uint64_t)o->addr + o->size, (unsigned)LAST_ADDRESS);
        if (o->size > MAX_SECTION_BYTES)
            return ts_fail(l->diag, TS_RANGE, l->options->output,
                           "section %s has %" PRIu32 " bytes; at most %d are allowed", o->name,
                           o->size, MAX_SECTION_BYTES);
    }
    return TS_OK;
}

static ts_status not_data(const link *l, const char *what, const char *name, uint32_t addr,
                          uint32_t size) {
    return ts_fail(l->diag, TS_RANGE, l->options->output,
                   "%s %s, 0x%" PRIx32 " to 0x%" PRIx64
                   ", is not in the data memories of a core, 0x%x to 0x%x",
                   what, name, addr, (uint64_t)addr + size, (unsigned)DATA_FIRST,
                   (unsigned)DATA_END);
}

/* A script without memories, or with wrong ones, may put data anywhere. */
static ts_status check_data(const link *l) {
    for (const link_out *o = l->outs; o; o = o->next) {
        bool is_data = o->flags & TS_SHF_ALLOC && !(o->flags & TS_SHF_EXECINSTR) && o->size;
        if (is_data && (o->addr < DATA_FIRST || (uint64_t)o->addr + o->size > DATA_END))
            return not_data(l, "section", o->name, o->addr, o->size);
    }
    for (const link_reserved *r = l->reserved; r; r = r->next)
        if (r->name[0] && r->addr >= DATA_FIRST && (uint64_t)r->addr + r->size > DATA_END)
            return not_data(l, "the buffer", r->name, r->addr, r->size);
    return TS_OK;
}

ts_status link_check_memories(link *l) {
    ts_link_result *r = l->result;
    size_t n = 1;
    TS_TRY(check_sizes(l));
    for (const script_region *region = l->script.regions; region; region = region->link)
        n++;
    r->memories = TS_ARENA_ARRAY(l->arena, ts_link_memory, n);
    if (!r->memories) return ts_fail_nomem(l->diag);
    uint64_t end = program_end(l);
    r->memories[r->n_memories++] =
        (ts_link_memory){"program", 0, TS_AIE2_PROGRAM_BYTES, (uint32_t)end};
    if (end > TS_AIE2_PROGRAM_BYTES) return too_full(l, &r->memories[0], "program", end);
    for (const script_region *region = l->script.regions; region; region = region->link) {
        ts_link_memory *memory = &r->memories[r->n_memories];
        *memory = (ts_link_memory){region->name, (uint32_t)region->origin, (uint32_t)region->length,
                                   (uint32_t)(region->next - region->origin)};
        if (region->next - region->origin > region->length)
            return too_full(l, memory, region->is_code ? "program" : "data", region->next);
        if (!region->is_code) r->n_memories++;
    }
    return check_data(l);
}

/* ---- what may not be ------------------------------------------------------------------------- */

/* Something with a place: a section, or what the script sets aside. */
typedef struct taken {
    uint64_t addr, end;
    const char *name;
    const link_out *out; /* NULL: set aside */
    bool is_stack;
} taken;

static int by_addr(const void *a, const void *b) {
    const taken *x = a, *y = b;
    if (x->addr != y->addr) return x->addr < y->addr ? -1 : 1;
    return strcmp(x->name, y->name);
}

static ts_status overlap(const link *l, const taken *a, const taken *b) {
    if (!a->out && (b->out || b->is_stack)) return overlap(l, b, a);
    return ts_fail(
        l->diag, TS_CONFLICT, l->options->output,
        "%s %s, 0x%" PRIx64 " to 0x%" PRIx64 ", overlaps %s, 0x%" PRIx64 " to 0x%" PRIx64,
        a->out ? "section" : "the stack,", a->name, a->addr, a->end, b->name, b->addr, b->end);
}

/* Data in a buffer or in the stack would be overwritten, and so would a buffer in the stack. Of two
 * buffers in one place that may be what is wanted. */
static ts_status check_taken(link *l, taken *list, size_t n) {
    const taken *last = NULL; /* of those so far, the one that ends last */
    if (n) qsort(list, n, sizeof *list, by_addr);
    for (size_t i = 0; i < n; i++) {
        const taken *t = &list[i];
        if (last && t->addr < last->end) {
            if (t->out || last->out || t->is_stack || last->is_stack) return overlap(l, last, t);
            TS_TRY(link_warn(
                l, "%s, 0x%" PRIx64 " to 0x%" PRIx64 ", overlaps %s, 0x%" PRIx64 " to 0x%" PRIx64,
                t->name, t->addr, t->end, last->name, last->addr, last->end));
        }
        if (!last || t->end > last->end) last = t;
    }
    return TS_OK;
}

/* Sections with each other; then those with data with what is set aside under a name. Without one
 * it is only a hole. */
ts_status link_check_overlaps(link *l) {
    size_t n = 0;
    taken *list = TS_ARENA_ARRAY(l->arena, taken, count_uses(l));
    if (!list) return ts_fail_nomem(l->diag);
    for (const link_out *o = l->outs; o; o = o->next)
        if (o->flags & TS_SHF_ALLOC && o->size)
            list[n++] = (taken){o->addr, (uint64_t)o->addr + o->size, o->name, o, false};
    TS_TRY(check_taken(l, list, n));
    n = 0;
    for (const link_out *o = l->outs; o; o = o->next)
        if (o->flags & TS_SHF_ALLOC && o->size && !(o->flags & TS_SHF_EXECINSTR))
            list[n++] = (taken){o->addr, (uint64_t)o->addr + o->size, o->name, o, false};
    for (const link_reserved *r = l->reserved; r; r = r->next)
        if (r->name[0])
            list[n++] = (taken){r->addr, (uint64_t)r->addr + r->size, r->name, NULL,
                                strcmp(r->name, LINK_STACK) == 0};
    return check_taken(l, list, n);
}

/* ---- the stack ------------------------------------------------------------------------------- */

static void name_hit(const ts_stack_fit *fit, ts_buf *out) {
    for (size_t i = 0; i < fit->n_hit && i < 2; i++)
        ts_buf_printf(out, "%s%" PRIu32 " bytes of %s at 0x%" PRIx32, i ? ", " : "",
                      fit->hit[i].size, fit->hit[i].name, fit->hit[i].addr);
    if (fit->n_hit > 2) ts_buf_printf(out, " and %zu more", fit->n_hit - 2);
    if (!fit->n_hit) ts_buf_text(out, "what is behind it");
    ts_buf_u8(out, 0);
}

static const char *core_of(const link *l) {
    const link_symbol *main = link_find_symbol(l, "main");
    for (const link_symbol *s = l->symbols; main && s; s = s->next)
        if (s != main && s->state == LINK_DEFINED && s->model && s->model->type == TS_STT_FUNC &&
            link_symbol_addr(s) == link_symbol_addr(main) && s->section && s->section->out)
            return s->name;
    return "main";
}

static ts_status does_not_fit(link *l) {
    const ts_stack_fit *fit = &l->result->fit;
    ts_buf hit = ts_buf_in(l->arena), chain = ts_buf_in(l->arena), text = ts_buf_in(l->arena);
    name_hit(fit, &hit);
    ts_stack_chain(&l->result->stack, l->result->stack.root, &chain);
    ts_buf_u8(&chain, 0);
    if (hit.failed || chain.failed) return ts_fail_nomem(l->diag);
    ts_buf_printf(&text,
                  "the stack of %s needs %" PRIu32 " bytes and has %" PRIu32 " (0x%" PRIx32
                  " to 0x%" PRIx32 "): it would overwrite %s; deepest: %s",
                  core_of(l), fit->needed, fit->given, fit->addr, fit->addr + fit->given,
                  (const char *)hit.data, (const char *)chain.data);
    ts_buf_u8(&text, 0);
    if (text.failed) return ts_fail_nomem(l->diag);
    if (l->options->allow_stack_overflow) return link_warn(l, "%s", (const char *)text.data);
    return ts_fail(l->diag, TS_RANGE, l->options->output, "%s", (const char *)text.data);
}

/* A depth that is only a lower bound is no proof, and no fault. */
static ts_status warn_of_open(link *l) {
    const ts_stack *stack = &l->result->stack;
    for (size_t i = 1; i < stack->n_functions; i++) {
        const ts_stack_function *f = &stack->functions[i];
        if (f->open && f->is_reached)
            TS_TRY(link_warn(l, "the depth of the stack is not proven: %s in %s at 0x%" PRIx32,
                             ts_stack_open_text(f->open), f->name, f->open_at));
    }
    return TS_OK;
}

static ts_status warn_of_disagreement(link *l) {
    const ts_stack *stack = &l->result->stack;
    for (size_t i = 1; i < stack->n_functions; i++) {
        const ts_stack_function *f = &stack->functions[i];
        if (ts_stack_disagrees(f))
            TS_TRY(link_warn(l,
                             ".stack_sizes states %" PRIu32 " bytes for %s, its code has %" PRIu32,
                             f->stated, f->name, f->found));
    }
    return TS_OK;
}

ts_status link_check_stack(link *l) {
    ts_link_result *r = l->result;
    if (!program_end(l)) return TS_OK;
    TS_TRY(ts_stack_of_objects(l->arena, &r->program, 1, &r->stack, l->diag));
    TS_TRY(ts_stack_fit_program(l->arena, &r->program, &r->stack, &r->fit, l->diag));
    r->has_stack = true;
    if (r->stack.open) TS_TRY(warn_of_open(l));
    TS_TRY(warn_of_disagreement(l));
    if (r->fit.is_known && r->fit.needed > r->fit.given) return does_not_fit(l);
    return TS_OK;
}
