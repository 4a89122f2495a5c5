/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The code whose stack is to be measured, as one image: of a program at its addresses, of objects
 * with made-up addresses and relocations as values, of bare memory. And .stack_sizes: a table of
 * function addresses, each with the bytes of its frame as ULEB128.
 *
 * src: llvm-project: llvm/docs/CodeGenerator.rst, "Emitting function stack size information"
 * [documented]
 */
#include "stack_int.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- functions ------------------------------------------------------------------------------- */

static size_t slot_of(const stack_image *image, uint32_t address) {
    size_t slot = (size_t)(address * 2654435761u) & (image->n_slots - 1);
    while (image->by_address[slot] && image->nodes[image->by_address[slot]].address != address)
        slot = (slot + 1) & (image->n_slots - 1);
    return slot;
}

uint32_t stack_find_function(const stack_image *image, uint32_t address) {
    return image->n_slots ? image->by_address[slot_of(image, address)] : 0;
}

/* At most half of the table is in use. */
static bool grow_table(stack_image *image) {
    if (image->n_functions * 2 < image->n_slots) return true;
    size_t n = image->n_slots ? image->n_slots * 2 : 64;
    uint32_t *table = TS_ARENA_ARRAY(image->arena, uint32_t, n);
    if (!table) return false;
    image->by_address = table;
    image->n_slots = n;
    for (uint32_t i = 1; i < image->n_functions; i++)
        table[slot_of(image, image->nodes[i].address)] = i;
    return true;
}

static bool grow_functions(stack_image *image) {
    ts_stack_function *functions = ts_arena_room(image->arena, image->functions, image->n_functions,
                                                 &image->function_capacity, sizeof *functions);
    if (!functions) return false;
    image->functions = functions;
    stack_node *nodes = ts_arena_room(image->arena, image->nodes, image->n_functions,
                                      &image->node_capacity, sizeof *nodes);
    if (!nodes) return false;
    image->nodes = nodes;
    return true;
}

uint32_t stack_function_at(stack_image *image, uint32_t address, const char *name) {
    uint32_t number = stack_find_function(image, address);
    if (number) {
        ts_stack_function *f = &image->functions[number];
        if (name && f->name[0] == '0') f->name = name;
        return number;
    }
    if (image->n_functions > STACK_MAX_FUNCTIONS || !grow_functions(image) || !grow_table(image))
        return 0;
    const stack_region *region = stack_region_at(image, address);
    uint32_t shown = region ? address - region->shown : address;
    if (!name) name = ts_arena_printf(image->arena, "0x%" PRIx32, shown);
    if (!name) return 0;
    number = (uint32_t)image->n_functions++;
    image->functions[number] =
        (ts_stack_function){.name = name, .file = region ? region->file : NULL, .address = shown};
    image->nodes[number] = (stack_node){.address = address};
    image->by_address[slot_of(image, address)] = number;
    return number;
}

stack_region *stack_region_at(const stack_image *image, uint32_t address) {
    size_t low = 0, high = image->n_regions;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (image->regions[middle].address <= address)
            low = middle + 1;
        else
            high = middle;
    }
    stack_region *region = low ? &image->regions[low - 1] : NULL;
    return region && address - region->address < region->bytes.size ? region : NULL;
}

const char *stack_absent_name(const stack_image *image, uint32_t address) {
    uint32_t index = address - STACK_ABSENT_BASE;
    return address >= STACK_ABSENT_BASE && index < image->n_absent ? image->absent[index] : NULL;
}

/* ---- regions --------------------------------------------------------------------------------- */

static ts_status add_region(stack_image *image, uint32_t address, uint32_t shown, ts_span bytes,
                            const char *file) {
    stack_region *grown = ts_arena_room(image->arena, image->regions, image->n_regions,
                                        &image->region_capacity, sizeof *grown);
    if (!grown) return ts_fail_nomem(image->diag);
    image->regions = grown;
    stack_region *region = &grown[image->n_regions++];
    *region = (stack_region){.address = address, .shown = shown, .bytes = bytes, .file = file};
    image->max_steps += (uint64_t)bytes.size * STACK_STEPS_PER_BYTE;
    if (image->max_steps > STACK_MAX_STEPS) image->max_steps = STACK_MAX_STEPS;
    region->states = TS_ARENA_ARRAY(image->arena, stack_state, bytes.size / 2 + 1);
    return region->states ? TS_OK : ts_fail_nomem(image->diag);
}

static int by_region_address(const void *a, const void *b) {
    const stack_region *x = a, *y = b;
    return x->address != y->address ? (x->address < y->address ? -1 : 1) : 0;
}

static ts_status sort_regions(stack_image *image) {
    if (!image->n_regions) return TS_OK;
    qsort(image->regions, image->n_regions, sizeof *image->regions, by_region_address);
    for (size_t i = 0; i + 1 < image->n_regions; i++)
        if (image->regions[i + 1].address - image->regions[i].address <
            image->regions[i].bytes.size)
            return ts_fail(image->diag, TS_CONFLICT, image->regions[i].file,
                           "two sections with code at 0x%" PRIx32, image->regions[i + 1].address);
    return TS_OK;
}

static ts_status add_reserved_function(stack_image *image) {
    if (!grow_functions(image) || !grow_table(image)) return ts_fail_nomem(image->diag);
    image->n_functions = 1;
    image->max_steps = STACK_MIN_STEPS;
    return TS_OK;
}

/* ---- .stack_sizes ---------------------------------------------------------------------------- */

static bool read_uleb(ts_cur *cur, uint64_t *out) {
    *out = 0;
    for (unsigned shift = 0; shift < 63; shift += 7) {
        uint8_t byte = ts_cur_u8(cur);
        *out |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80)) return !cur->bad;
    }
    return false;
}

/* The word at `offset` of a section of the image's own, after its relocation if it has one. */
typedef bool word_value(const void *context, uint32_t offset, uint32_t *value);

static ts_status read_sizes(stack_image *image, const char *file, ts_span bytes, word_value *value,
                            const void *context) {
    ts_cur cur = ts_cur_of(bytes);
    while (ts_cur_left(&cur)) {
        uint32_t offset = (uint32_t)ts_cur_off(&cur), address = ts_cur_u32le(&cur);
        uint64_t size;
        bool is_known = !value || value(context, offset, &address);
        if (!read_uleb(&cur, &size) || cur.bad || size > INT32_MAX)
            return ts_fail(image->diag, TS_RANGE, file,
                           ".stack_sizes+0x%" PRIx32 ": expected an address and the bytes of a "
                           "frame",
                           offset);
        uint32_t number = is_known ? stack_find_function(image, address) : 0;
        if (!number) continue;
        ts_stack_function *f = &image->functions[number];
        f->is_stated = true;
        if (size > f->stated) f->stated = (uint32_t)size;
    }
    return TS_OK;
}

/* ---- a program ------------------------------------------------------------------------------- */

static bool is_code(const ts_object_section *section) {
    return section->flags & TS_SHF_EXECINSTR && section->type == TS_SHT_PROGBITS &&
           section->bytes.size;
}

static bool is_in_code(const ts_object *o, const ts_object_symbol *s) {
    return s->place == TS_OBJECT_DEFINED && is_code(&o->sections[s->section]);
}

static ts_status name_function(stack_image *image, const ts_object_symbol *symbol,
                               uint32_t address) {
    if (!stack_region_at(image, address)) return TS_OK;
    uint32_t number = stack_function_at(image, address, symbol->name);
    if (!number) return ts_fail_nomem(image->diag);
    if (symbol->size > image->functions[number].size) image->functions[number].size = symbol->size;
    return TS_OK;
}

/* The sections with code; of a program without sections, the segments. */
static ts_status add_program_code(stack_image *image, const ts_object *program) {
    for (size_t i = 1; i < program->n_sections; i++) {
        const ts_object_section *section = &program->sections[i];
        if (is_code(section))
            TS_TRY(add_region(image, section->addr, 0, section->bytes, program->file));
    }
    for (size_t i = 0; !image->n_regions && i < program->n_segments; i++) {
        const ts_object_segment *segment = &program->segments[i];
        if (segment->type == TS_PT_LOAD && segment->flags & TS_PF_X && segment->bytes.size)
            TS_TRY(add_region(image, segment->vaddr, 0, segment->bytes, program->file));
    }
    return sort_regions(image);
}

ts_status stack_read_program(stack_image *image, const ts_object *program) {
    TS_TRY(add_reserved_function(image));
    TS_TRY(add_program_code(image, program));
    for (size_t i = 1; i < program->n_symbols; i++) {
        const ts_object_symbol *s = &program->symbols[i];
        if (s->type == TS_STT_FUNC && s->size && is_in_code(program, s))
            TS_TRY(name_function(image, s, s->value));
    }
    /* A core starts at 0, whatever the file says. */
    uint32_t entry = stack_region_at(image, 0) ? 0 : program->entry;
    if (stack_region_at(image, entry)) {
        image->entry = stack_function_at(image, entry, NULL);
        if (!image->entry) return ts_fail_nomem(image->diag);
    }
    uint32_t sizes = ts_object_find_section(program, ".stack_sizes");
    if (!sizes) return TS_OK;
    return read_sizes(image, program->file, program->sections[sizes].bytes, NULL, NULL);
}

ts_status stack_read_memory(stack_image *image, ts_span bytes) {
    TS_TRY(add_reserved_function(image));
    TS_TRY(add_region(image, 0, 0, bytes, NULL));
    if (!bytes.size) return TS_OK;
    image->entry = stack_function_at(image, 0, NULL);
    return image->entry ? TS_OK : ts_fail_nomem(image->diag);
}

/* ---- objects --------------------------------------------------------------------------------- */

/* A global function, to look up by name. */
typedef struct exported {
    const char *name;
    uint32_t address;
    bool is_weak;
    size_t order;
} exported;

typedef struct object_reader {
    stack_image *image;
    const ts_object *objects;
    size_t n;
    uint32_t **bases; /* by object and section: address in the image; 0: no code */
    exported *exports;
    size_t n_exports;
} object_reader;

static ts_status place_code(object_reader *r) {
    uint64_t next = 0x1000;
    r->bases = TS_ARENA_ARRAY(r->image->arena, uint32_t *, r->n);
    if (!r->bases) return ts_fail_nomem(r->image->diag);
    for (size_t i = 0; i < r->n; i++) {
        const ts_object *o = &r->objects[i];
        r->bases[i] = TS_ARENA_ARRAY(r->image->arena, uint32_t, o->n_sections);
        if (!r->bases[i]) return ts_fail_nomem(r->image->diag);
        for (size_t k = 1; k < o->n_sections; k++) {
            const ts_object_section *section = &o->sections[k];
            if (!is_code(section)) continue;
            r->bases[i][k] = (uint32_t)next;
            next = (next + section->bytes.size + 31) & ~UINT64_C(15);
            if (next >= STACK_ABSENT_BASE)
                return ts_fail(r->image->diag, TS_RANGE, o->file, "too much code");
            TS_TRY(add_region(r->image, r->bases[i][k], r->bases[i][k], section->bytes, o->file));
        }
    }
    return TS_OK;
}

static int by_name(const void *a, const void *b) {
    const exported *x = a, *y = b;
    int order = strcmp(x->name, y->name);
    if (order) return order;
    if (x->is_weak != y->is_weak) return x->is_weak ? 1 : -1;
    return x->order < y->order ? -1 : 1;
}

/* Functions, and global labels in code, which may be functions written by hand. */
static ts_status list_functions(object_reader *r) {
    size_t n = 0;
    for (size_t i = 0; i < r->n; i++)
        n += r->objects[i].n_symbols;
    r->exports = TS_ARENA_ARRAY(r->image->arena, exported, n);
    if (!r->exports) return ts_fail_nomem(r->image->diag);
    for (size_t i = 0; i < r->n; i++) {
        const ts_object *o = &r->objects[i];
        for (size_t k = 1; k < o->n_symbols; k++) {
            const ts_object_symbol *s = &o->symbols[k];
            bool is_global = s->binding != TS_STB_LOCAL;
            if (!is_in_code(o, s) || (s->type != TS_STT_FUNC && !is_global)) continue;
            uint32_t address = r->bases[i][s->section] + s->value;
            TS_TRY(name_function(r->image, s, address));
            if (is_global)
                r->exports[r->n_exports] =
                    (exported){s->name, address, s->binding == TS_STB_WEAK, r->n_exports};
            r->n_exports += is_global;
        }
    }
    if (r->n_exports) qsort(r->exports, r->n_exports, sizeof *r->exports, by_name);
    return TS_OK;
}

static const exported *find_export(const object_reader *r, const char *name) {
    size_t low = 0, high = r->n_exports;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(r->exports[middle].name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < r->n_exports && !strcmp(r->exports[low].name, name) ? &r->exports[low] : NULL;
}

/* An address for a name that no object has, to be known by it again. */
static ts_status absent_address(stack_image *image, const char *name, uint32_t *out) {
    for (size_t i = image->n_absent; i-- > 0;)
        if (image->absent[i] == name) {
            *out = STACK_ABSENT_BASE + (uint32_t)i;
            return TS_OK;
        }
    const char **grown = ts_arena_room(image->arena, image->absent, image->n_absent,
                                       &image->absent_capacity, sizeof *grown);
    if (!grown) return ts_fail_nomem(image->diag);
    image->absent = grown;
    image->absent[image->n_absent] = name;
    *out = STACK_ABSENT_BASE + (uint32_t)image->n_absent++;
    return TS_OK;
}

/* Where a relocation points in the image; false for data, which no call goes to, and when the
 * addend is not told. */
static bool target_of(const object_reader *r, size_t object, const ts_object_reloc *reloc,
                      uint32_t *out) {
    const ts_object *o = &r->objects[object];
    if (reloc->in_place) return false;
    const ts_object_symbol *s = &o->symbols[reloc->symbol];
    const exported *e = s->binding != TS_STB_LOCAL ? find_export(r, s->name) : NULL;
    if (e) {
        *out = e->address + (uint32_t)reloc->addend;
        return true;
    }
    if (s->place != TS_OBJECT_DEFINED || !r->bases[object][s->section]) return false;
    *out = r->bases[object][s->section] + s->value + (uint32_t)reloc->addend;
    return true;
}

static int by_reloc_offset(const void *a, const void *b) {
    const stack_reloc *x = a, *y = b;
    return x->offset != y->offset ? (x->offset < y->offset ? -1 : 1)
                                  : (x->type > y->type) - (x->type < y->type);
}

static ts_status read_code_relocs(object_reader *r, size_t object, size_t section) {
    const ts_object *o = &r->objects[object];
    const ts_object_section *from = &o->sections[section];
    stack_region *region = stack_region_at(r->image, r->bases[object][section]);
    stack_reloc *list = TS_ARENA_ARRAY(r->image->arena, stack_reloc, from->n_relocs);
    if (!list) return ts_fail_nomem(r->image->diag);
    for (size_t i = 0; i < from->n_relocs; i++) {
        const ts_object_reloc *reloc = &from->relocs[i];
        list[i] = (stack_reloc){.offset = reloc->offset, .type = reloc->type};
        if (!target_of(r, object, reloc, &list[i].value))
            TS_TRY(absent_address(r->image, o->symbols[reloc->symbol].name, &list[i].value));
    }
    if (from->n_relocs) qsort(list, from->n_relocs, sizeof *list, by_reloc_offset);
    region->relocs = list;
    region->n_relocs = from->n_relocs;
    return TS_OK;
}

typedef struct sizes_context {
    const object_reader *reader;
    size_t object;
    const ts_object_section *section;
} sizes_context;

static bool size_address(const void *context, uint32_t offset, uint32_t *value) {
    const sizes_context *c = context;
    for (size_t i = 0; i < c->section->n_relocs; i++)
        if (c->section->relocs[i].offset == offset)
            return target_of(c->reader, c->object, &c->section->relocs[i], value);
    return false;
}

ts_status stack_read_objects(stack_image *image, const ts_object *objects, size_t n) {
    object_reader r = {.image = image, .objects = objects, .n = n};
    TS_TRY(add_reserved_function(image));
    TS_TRY(place_code(&r));
    TS_TRY(sort_regions(image));
    TS_TRY(list_functions(&r));
    for (size_t i = 0; i < n; i++)
        for (size_t k = 1; k < objects[i].n_sections; k++) {
            const ts_object_section *section = &objects[i].sections[k];
            sizes_context context = {&r, i, section};
            if (r.bases[i][k]) TS_TRY(read_code_relocs(&r, i, k));
            if (strcmp(section->name, ".stack_sizes") == 0)
                TS_TRY(read_sizes(image, objects[i].file, section->bytes, size_address, &context));
        }
    return TS_OK;
}
