/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The deepest chain of calls, and whether it fits. A function is as deep as its frame, or as one of
 * its calls: what it has on the stack at that moment and the depth of the callee. A call back to a
 * function that is still on the way is recursion: counted once, and said to be open.
 */
#include "stack_int.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_ROUNDS = 8,
};

/* src: aie2-facts 50: each tile's memory as a core sees it */
#define TILE_MEMORY_BYTES UINT32_C(0x10000)

/* ---- depth ----------------------------------------------------------------------------------- */

static uint32_t sum(uint32_t a, uint32_t b) {
    return a > UINT32_MAX - b ? UINT32_MAX : a + b;
}

/* .stack_sizes may state more than the code shows: then a call from within the frame is as much
 * deeper. */
static void settle_frame(stack_image *image, uint32_t number) {
    ts_stack_function *f = &image->functions[number];
    stack_node *node = &image->nodes[number];
    f->frame = f->is_stated && f->stated > f->found ? f->stated : f->found;
    for (size_t i = 0; i < node->n_edges; i++)
        if (node->edges[i].at_call)
            node->edges[i].at_call = sum(node->edges[i].at_call, f->frame - f->found);
    f->depth = f->frame;
}

/* A call whose callee is settled. */
static void count_edge(stack_image *image, uint32_t number, const stack_edge *edge) {
    ts_stack_function *f = &image->functions[number];
    const ts_stack_function *callee = &image->functions[edge->callee];
    uint32_t depth = sum(edge->at_call, callee->depth);
    f->open_below |= callee->open | callee->open_below;
    if (depth > f->depth || (depth == f->depth && !f->callee && callee->depth)) {
        f->depth = depth;
        f->callee = edge->callee;
        f->at_call = edge->at_call;
    }
}

static void note_recursion(ts_stack_function *f, const ts_stack_function *callee) {
    if (!f->open) {
        f->open_at = f->address;
        f->open_name = callee->name;
    }
    f->open |= TS_STACK_RECURSION;
}

/* Depth first from one function, with the way back in `from`. */
static void settle(stack_image *image, uint32_t root) {
    uint32_t at = root;
    if (image->nodes[root].color) return;
    image->nodes[root].color = 1;
    settle_frame(image, root);
    for (;;) {
        stack_node *node = &image->nodes[at];
        if (node->next_edge == node->n_edges) {
            node->color = 2;
            if (at == root) return;
            at = node->from;
            node = &image->nodes[at];
            count_edge(image, at, &node->edges[node->next_edge++]);
            continue;
        }
        const stack_edge *edge = &node->edges[node->next_edge];
        stack_node *callee = &image->nodes[edge->callee];
        if (callee->color == 1) {
            note_recursion(&image->functions[at], &image->functions[edge->callee]);
            node->next_edge++;
        } else if (callee->color == 2) {
            count_edge(image, at, edge);
            node->next_edge++;
        } else {
            callee->color = 1;
            callee->from = at;
            settle_frame(image, edge->callee);
            at = edge->callee;
        }
    }
}

/* Functions that calls discover change where others end, and what never returns, what is behind its
 * calls; so walk again until nothing is new. A round less is not wrong, but sees more than there
 * is.
 */
static ts_status walk_all(stack_image *image) {
    bool is_new = true;
    for (unsigned round = 0; is_new && round < MAX_ROUNDS; round++) {
        size_t before = image->n_functions;
        is_new = false;
        for (uint32_t i = 1; i < image->n_functions; i++)
            image->functions[i].is_called = false;
        for (uint32_t i = 1; i < image->n_functions; i++) {
            bool never_returned = image->nodes[i].never_returns;
            TS_TRY(stack_walk(image, i));
            is_new |= image->nodes[i].never_returns != never_returned;
        }
        is_new |= image->n_functions != before;
    }
    return TS_OK;
}

/* A program begins at its entry; of objects, the deepest that nothing else calls counts. */
static uint32_t choose_root(const stack_image *image) {
    uint32_t best = image->entry;
    for (uint32_t i = 1; !image->entry && i < image->n_functions; i++) {
        const ts_stack_function *f = &image->functions[i], *g = &image->functions[best];
        if (!best || f->depth > g->depth || (f->depth == g->depth && g->is_called && !f->is_called))
            best = i;
    }
    return best;
}

/* A program is what its entry reaches, objects are all that is in them. */
static ts_status mark_reached(stack_image *image) {
    uint32_t *work = TS_ARENA_ARRAY(image->arena, uint32_t, image->n_functions);
    size_t n = 0;
    if (!work) return ts_fail_nomem(image->diag);
    for (uint32_t i = 1; i < image->n_functions; i++) {
        image->functions[i].is_reached = !image->entry || i == image->entry;
        if (i == image->entry) work[n++] = i;
    }
    while (n) {
        const stack_node *node = &image->nodes[work[--n]];
        for (size_t i = 0; i < node->n_edges; i++) {
            uint32_t callee = node->edges[i].callee;
            if (image->functions[callee].is_reached) continue;
            image->functions[callee].is_reached = true;
            work[n++] = callee;
        }
    }
    return TS_OK;
}

static uint8_t open_of_all(const stack_image *image) {
    uint8_t open = 0;
    for (uint32_t i = 1; i < image->n_functions; i++)
        if (image->functions[i].is_reached) open |= image->functions[i].open;
    return open;
}

static ts_status finish(stack_image *image, ts_stack *out) {
    TS_TRY(walk_all(image));
    TS_TRY(mark_reached(image));
    if (image->entry) settle(image, image->entry);
    for (uint32_t i = 1; i < image->n_functions; i++)
        if (!image->functions[i].is_called) settle(image, i);
    for (uint32_t i = 1; i < image->n_functions; i++)
        settle(image, i);
    uint32_t root = choose_root(image);
    const ts_stack_function *f = &image->functions[root];
    *out = (ts_stack){.functions = image->functions,
                      .n_functions = image->n_functions,
                      .root = root,
                      .depth = f->depth,
                      .open = open_of_all(image),
                      .has_start = image->has_start,
                      .start = image->start};
    return TS_OK;
}

ts_status ts_stack_of_objects(ts_arena *arena, const ts_object *objects, size_t n, ts_stack *out,
                              ts_diag *diag) {
    stack_image image = {.arena = arena, .diag = diag};
    for (size_t i = 0; i < n; i++)
        if (objects[i].type == TS_ET_EXEC && n > 1)
            return ts_fail(diag, TS_CONFLICT, objects[i].file,
                           "a program is measured alone, not together with others");
    TS_TRY(n == 1 && objects[0].type == TS_ET_EXEC ? stack_read_program(&image, &objects[0])
                                                   : stack_read_objects(&image, objects, n));
    return finish(&image, out);
}

ts_status ts_stack_of_memory(ts_arena *arena, ts_span bytes, ts_stack *out, ts_diag *diag) {
    stack_image image = {.arena = arena, .diag = diag};
    TS_TRY(stack_read_memory(&image, bytes));
    return finish(&image, out);
}

/* ---- words ----------------------------------------------------------------------------------- */

const char *ts_stack_open_text(uint8_t open) {
#define X(constant, value, text)                                                                   \
    if (open & (value)) return text;
    TS_STACK_OPEN_LIST(X)
#undef X
    return NULL;
}

bool ts_stack_disagrees(const ts_stack_function *function) {
    return function->is_stated && function->stated != function->found;
}

/* Frames of 0 are not told. A chain ends, because a callee that is still on the way is never taken.
 */
void ts_stack_chain(const ts_stack *stack, uint32_t function, ts_buf *out) {
    for (uint32_t i = function; i; i = stack->functions[i].callee) {
        const ts_stack_function *f = &stack->functions[i];
        uint32_t own = f->callee ? f->at_call : f->frame;
        ts_buf_printf(out, "%s%s", i == function ? "" : " > ", f->name);
        if (own) ts_buf_printf(out, " (%" PRIu32 ")", own);
    }
}

/* ---- does it fit? ---------------------------------------------------------------------------- */

static int by_addr(const void *a, const void *b) {
    const ts_stack_neighbor *x = a, *y = b;
    if (x->addr != y->addr) return x->addr < y->addr ? -1 : 1;
    if (x->size != y->size) return x->size > y->size ? -1 : 1;
    return strcmp(x->name, y->name);
}

static bool is_data(const ts_object *o, const ts_object_symbol *s) {
    if (s->type == TS_STT_FUNC || s->type == TS_STT_SECTION || s->type == TS_STT_FILE ||
        !s->name[0])
        return false;
    return s->place == TS_OBJECT_ABSOLUTE ||
           (s->place == TS_OBJECT_DEFINED && s->section && s->section < o->n_sections &&
            !(o->sections[s->section].flags & TS_SHF_EXECINSTR));
}

/* Everything in data memory from the stack's start on, the stack's own symbol and section not; nor
 * others that are only names of its start. */
static ts_status list_neighbors(ts_arena *arena, const ts_object *o, uint32_t start,
                                ts_stack_neighbor **out, size_t *n_out, uint32_t *given,
                                ts_diag *diag) {
    size_t n = 0, own_section = 0;
    ts_stack_neighbor *list =
        TS_ARENA_ARRAY(arena, ts_stack_neighbor, o->n_symbols + o->n_sections);
    if (!list) return ts_fail_nomem(diag);
    for (size_t i = 1; i < o->n_symbols; i++) {
        const ts_object_symbol *s = &o->symbols[i];
        if (!is_data(o, s) || s->value < start) continue;
        bool is_stack = s->value == start && strcmp(s->name, "_sp_start_value_DM_stack") == 0;
        if (is_stack) {
            *given = s->size;
            if (s->place == TS_OBJECT_DEFINED && s->section < o->n_sections &&
                o->sections[s->section].type == TS_SHT_NOBITS)
                own_section = s->section;
        } else if (s->value > start || s->size)
            list[n++] = (ts_stack_neighbor){s->name, s->value, s->size};
    }
    for (size_t i = 1; i < o->n_sections; i++) {
        const ts_object_section *s = &o->sections[i];
        uint32_t size = ts_object_section_size(s);
        if (i != own_section && s->flags & TS_SHF_ALLOC && !(s->flags & TS_SHF_EXECINSTR) && size &&
            s->addr >= start)
            list[n++] = (ts_stack_neighbor){s->name, s->addr, size};
    }
    *out = list;
    *n_out = n;
    return TS_OK;
}

static bool find_start(const ts_object *program, const ts_stack *stack, uint32_t *out) {
    uint32_t symbol = ts_object_find_symbol(program, "_sp_start_value_DM_stack");
    *out = stack->start;
    if (stack->has_start || !symbol) return stack->has_start;
    *out = program->symbols[symbol].value;
    return program->symbols[symbol].place != TS_OBJECT_UNDEFINED;
}

/* How many bytes of a neighbor lie below `end`. One without a size ends where the next begins. */
static uint32_t bytes_hit(const ts_stack_neighbor *list, size_t n, size_t i, uint64_t end) {
    uint64_t stop = (uint64_t)list[i].addr + list[i].size;
    if (!list[i].size) {
        stop = end;
        for (size_t k = i + 1; k < n; k++)
            if (list[k].addr > list[i].addr) {
                stop = list[k].addr;
                break;
            }
    }
    return (uint32_t)((stop < end ? stop : end) - list[i].addr);
}

ts_status ts_stack_fit_neighbors(ts_arena *arena, ts_stack_neighbor *list, size_t n, uint32_t addr,
                                 uint32_t given, uint32_t needed, ts_stack_fit *out,
                                 ts_diag *diag) {
    uint32_t end_of_memory = (addr & ~(TILE_MEMORY_BYTES - 1)) + TILE_MEMORY_BYTES;
    uint64_t end = (uint64_t)addr + needed;
    if (n) qsort(list, n, sizeof *list, by_addr);
    if (!given) given = (n && list[0].addr < end_of_memory ? list[0].addr : end_of_memory) - addr;
    for (size_t i = 0; i < n; i++)
        if (list[i].size && list[i].addr - addr < given) given = list[i].addr - addr;
    *out = (ts_stack_fit){.is_known = true, .addr = addr, .given = given, .needed = needed};
    if (n && list[0].addr == addr + given) out->next = list[0].name;
    out->hit = TS_ARENA_ARRAY(arena, ts_stack_neighbor, n);
    if (!out->hit) return ts_fail_nomem(diag);
    for (size_t i = 0; i < n && list[i].addr < end && needed > given; i++)
        out->hit[out->n_hit++] =
            (ts_stack_neighbor){list[i].name, list[i].addr, bytes_hit(list, n, i, end)};
    return TS_OK;
}

ts_status ts_stack_fit_program(ts_arena *arena, const ts_object *program, const ts_stack *stack,
                               ts_stack_fit *out, ts_diag *diag) {
    ts_stack_neighbor *list = NULL;
    size_t n = 0;
    uint32_t start, given = 0;
    *out = (ts_stack_fit){.needed = stack->depth};
    if (!find_start(program, stack, &start)) return TS_OK;
    TS_TRY(list_neighbors(arena, program, start, &list, &n, &given, diag));
    return ts_stack_fit_neighbors(arena, list, n, start, given, stack->depth, out, diag);
}
