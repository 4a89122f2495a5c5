/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Code as text, in three views: a listing with addresses and bytes; source that the assembler reads
 * back as the same bytes (what is no bundle, or holds stray bits, as `.byte`); and the schedule: a
 * line a cycle with the slots in use and the cycle in which each result can first be read.
 */
#include "aie2_int.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    BYTES_COLUMN = TS_AIE2_MAX_BYTES * 3,
    SLOT_COLUMNS = 6,
};

typedef struct lister {
    const ts_aie2_code *code;
    ts_aie2_view view;
    ts_buf *out;
    size_t next_label, next_relocation;
    const char **names;           /* of the labels, sorted, for the source view */
    uint32_t cycle;               /* since the last label */
    const ts_aie2_bundle *bundle; /* being printed, with its offset */
    uint32_t offset;
    ts_buf symbol; /* the last name that was put together */
} lister;

/* The label at or below an address, or NULL. */
static const ts_aie2_label *label_of(const ts_aie2_code *code, uint32_t address) {
    const ts_aie2_label *found = NULL;
    size_t low = 0, high = code->n_labels;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (code->labels[middle].address <= address) {
            found = &code->labels[middle];
            low = middle + 1;
        } else
            high = middle;
    }
    return found;
}

static const ts_aie2_code_relocation *relocation_at(const lister *l, unsigned slot,
                                                    unsigned operand) {
    for (size_t i = l->next_relocation; i < l->code->n_relocations; i++) {
        const ts_aie2_code_relocation *r = &l->code->relocations[i];
        if (r->offset > l->offset) break;
        if (r->offset == l->offset &&
            ts_aie2_relocation_of(l->bundle, slot, operand) == (int)r->type)
            return r;
    }
    return NULL;
}

static bool is_identifier(const char *name) {
    size_t length =
        strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.$");
    return length && !name[length] && !(*name >= '0' && *name <= '9');
}

/* A name that the assembler reads: others in quotes. */
static void print_name(const char *name, ts_buf *out) {
    if (is_identifier(name)) {
        ts_buf_text(out, name);
        return;
    }
    ts_buf_u8(out, '"');
    for (; *name; name++) {
        if (*name == '"' || *name == '\\') ts_buf_u8(out, '\\');
        ts_buf_u8(out, (uint8_t)*name);
    }
    ts_buf_u8(out, '"');
}

/* "symbol" or "(symbol + 8)" */
static const char *reference(lister *l, const ts_aie2_code_relocation *r) {
    uint32_t distance = r->addend < 0 ? 0 - (uint32_t)r->addend : (uint32_t)r->addend;
    l->symbol.size = 0;
    if (r->addend) ts_buf_u8(&l->symbol, '(');
    print_name(r->symbol, &l->symbol);
    if (r->addend)
        ts_buf_printf(&l->symbol, " %c %" PRIu32 ")", r->addend < 0 ? '-' : '+', distance);
    ts_buf_u8(&l->symbol, 0);
    if (l->symbol.failed) l->out->failed = true;
    return l->symbol.failed ? "" : (const char *)l->symbol.data;
}

static const char *name_operand(void *context, const ts_aie2_op *op, unsigned operand) {
    lister *l = context;
    const ts_aie2_code_relocation *r = relocation_at(l, (unsigned)(op - l->bundle->ops), operand);
    return r ? reference(l, r) : NULL;
}

/* Where a jump goes, when that is not what a relocation says: "  // <main+0x20>" */
static void print_targets(lister *l) {
    for (unsigned i = 0; i < l->bundle->n_ops; i++) {
        const ts_aie2_op *op = &l->bundle->ops[i];
        const ts_aie2_instruction *in = &ts_aie2_instructions[op->instruction];
        unsigned last = in->n_operands - 1u;
        if (!(in->flags & TS_AIE2_JUMPS) || !in->n_operands || in->operands[last].is_register ||
            relocation_at(l, i, last))
            continue;
        uint32_t target = (uint32_t)op->values[last];
        const ts_aie2_label *label = label_of(l->code, target);
        if (!label)
            ts_buf_printf(l->out, "  // 0x%" PRIx32, target);
        else if (label->address == target)
            ts_buf_printf(l->out, "  // <%s>", label->name);
        else
            ts_buf_printf(l->out, "  // <%s+0x%" PRIx32 ">", label->name, target - label->address);
    }
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static ts_status sort_names(lister *l, ts_diag *diag) {
    l->names = TS_ARENA_ARRAY(l->out->arena, const char *, l->code->n_labels);
    if (!l->names) return ts_fail_nomem(diag);
    for (size_t i = 0; i < l->code->n_labels; i++)
        l->names[i] = l->code->labels[i].name;
    if (l->code->n_labels) qsort(l->names, l->code->n_labels, sizeof *l->names, by_name);
    return TS_OK;
}

/* A linked program has the local labels of all its objects, and so one name for several places. */
static bool is_unique(const lister *l, const char *name) {
    const char **found = bsearch(&name, l->names, l->code->n_labels, sizeof *l->names, by_name);
    size_t at = (size_t)(found - l->names);
    return (!at || strcmp(l->names[at - 1], name) != 0) &&
           (at + 1 == l->code->n_labels || strcmp(l->names[at + 1], name) != 0);
}

static void print_source_label(lister *l, const ts_aie2_label *label) {
    if (!is_unique(l, label->name)) {
        ts_buf_printf(l->out, "// <%s>\n", label->name);
        return;
    }
    static const char *const directives[] = {"        .globl  ", "        .weak   "};
    if (label->is_global || label->is_weak) {
        ts_buf_text(l->out, directives[label->is_weak]);
        print_name(label->name, l->out);
        ts_buf_u8(l->out, '\n');
    }
    if (label->is_function) {
        ts_buf_text(l->out, "        .type   ");
        print_name(label->name, l->out);
        ts_buf_text(l->out, ",@function\n");
    }
    print_name(label->name, l->out);
    ts_buf_text(l->out, ":\n");
}

static void print_labels(lister *l) {
    unsigned n = 0;
    uint32_t address = l->code->address + l->offset;
    while (l->next_label < l->code->n_labels && l->code->labels[l->next_label].address <= address) {
        const ts_aie2_label *label = &l->code->labels[l->next_label++];
        if (label->address != address) continue;
        l->cycle = 0;
        if (l->view == TS_AIE2_SOURCE)
            print_source_label(l, label);
        else
            ts_buf_printf(l->out, "%s%08" PRIx32 " <%s>:\n", n++ ? "" : "\n", address, label->name);
    }
}

static void print_bytes(lister *l, unsigned size) {
    for (unsigned i = 0; i < size; i++)
        ts_buf_printf(l->out, "%02x ", l->code->bytes.data[l->offset + i]);
}

static void pad(ts_buf *out, size_t from, size_t width) {
    for (size_t n = out->size - from; n < width; n++)
        ts_buf_u8(out, ' ');
}

static void print_relocations(lister *l, unsigned size) {
    for (size_t i = l->next_relocation; i < l->code->n_relocations; i++) {
        const ts_aie2_code_relocation *r = &l->code->relocations[i];
        if (r->offset >= l->offset + size) break;
        if (r->offset < l->offset) continue;
        ts_buf_printf(l->out, "                %08" PRIx32 ": R_AIE_%" PRIu32 " %s",
                      l->code->address + r->offset, r->type, r->symbol);
        if (r->addend) ts_buf_printf(l->out, "%+" PRId32, r->addend);
        ts_buf_u8(l->out, '\n');
    }
}

/* ---- the schedule
 * -------------------------------------------------------------------------------- */

/* "A.SX.." : lda, ldb, st, alu, mv, vec; "LL" for lng; "-" for a nop, "." for a slot that is not
 * there */
static void print_slots(lister *l) {
    char columns[SLOT_COLUMNS + 1] = "......";
    for (unsigned i = 0; i < l->bundle->n_ops; i++) {
        const ts_aie2_op *op = &l->bundle->ops[i];
        unsigned slot = ts_aie2_instructions[op->instruction].slot;
        if (slot == TS_AIE2_SLOT_LNG)
            columns[TS_AIE2_SLOT_ALU] = columns[TS_AIE2_SLOT_MV] = ts_aie2_is_nop(op) ? '-' : 'L';
        else if (slot < SLOT_COLUMNS)
            columns[slot] = ts_aie2_is_nop(op) ? '-' : ts_aie2_slots[slot].letter;
    }
    ts_buf_printf(l->out, "%s  ", columns);
}

static void print_result(lister *l, unsigned *n, ts_aie2_register r, unsigned write_cycle) {
    ts_buf_printf(l->out, "%s%s@%" PRIu32, (*n)++ ? " " : "  // ", ts_aie2_registers[r].text,
                  l->cycle + write_cycle);
}

static void print_results(lister *l) {
    unsigned n = 0;
    for (unsigned i = 0; i < l->bundle->n_ops; i++) {
        const ts_aie2_op *op = &l->bundle->ops[i];
        const ts_aie2_instruction *in = &ts_aie2_instructions[op->instruction];
        for (unsigned k = 0; k < in->n_operands; k++)
            if (in->operands[k].write_cycle)
                print_result(l, &n, (ts_aie2_register)op->values[k], in->operands[k].write_cycle);
        for (unsigned k = 0; k < in->n_implicit; k++)
            if (in->implicit[k].write_cycle)
                print_result(l, &n, in->implicit[k].reg, in->implicit[k].write_cycle);
    }
}

/* "    vec   8 of 9   88.9 %" per slot that is used */
static void print_loop(const ts_aie2_code *code, const ts_aie2_loop *loop, ts_buf *out) {
    const ts_aie2_label *label = label_of(code, loop->first);
    ts_buf_printf(out, "\n%s loop 0x%05" PRIx32 "..0x%05" PRIx32,
                  loop->is_hardware ? "hardware" : "jump", loop->first, loop->last);
    if (label) ts_buf_printf(out, " in %s", label->name);
    ts_buf_printf(out, ": %" PRIu32 " cycles a round, %" PRIu32 " of them idle\n", loop->n_bundles,
                  loop->n_idle);
    for (unsigned slot = 0; slot < TS_AIE2_N_SLOTS; slot++)
        if (loop->n_used[slot])
            ts_buf_printf(out, "    %-4s %5" PRIu32 " of %-5" PRIu32 " %5.1f %%\n",
                          ts_aie2_slots[slot].name, loop->n_used[slot], loop->n_bundles,
                          100.0 * loop->n_used[slot] / loop->n_bundles);
}

static ts_status print_loops(lister *l, ts_diag *diag) {
    ts_aie2_loop *loops;
    size_t n;
    TS_TRY(ts_aie2_find_loops(l->out->arena, l->code, &loops, &n, diag));
    for (size_t i = 0; i < n; i++)
        print_loop(l->code, &loops[i], l->out);
    return TS_OK;
}

/* ---- lines
 * --------------------------------------------------------------------------------------- */

static void print_bundle(lister *l, unsigned size) {
    uint32_t address = l->code->address + l->offset;
    size_t start = l->out->size;
    if (l->view == TS_AIE2_LISTING) {
        ts_buf_printf(l->out, "%8" PRIx32 ": ", address);
        print_bytes(l, size);
        pad(l->out, start, 10 + BYTES_COLUMN + 1);
    } else if (l->view == TS_AIE2_SCHEDULE) {
        ts_buf_printf(l->out, "%6" PRIu32 "  %05" PRIx32 "  ", l->cycle, address);
        print_slots(l);
    } else
        ts_buf_text(l->out, "        ");
    ts_aie2_print_bundle(l->bundle, name_operand, l, l->out);
    if (l->view == TS_AIE2_SCHEDULE)
        print_results(l);
    else
        print_targets(l);
    ts_buf_u8(l->out, '\n');
    if (l->view == TS_AIE2_LISTING) print_relocations(l, size);
    l->cycle++;
}

static void begin_data(lister *l, unsigned size) {
    uint32_t address = l->code->address + l->offset;
    size_t start = l->out->size;
    if (l->view == TS_AIE2_LISTING) {
        ts_buf_printf(l->out, "%8" PRIx32 ": ", address);
        print_bytes(l, size);
        pad(l->out, start, 10 + BYTES_COLUMN + 1);
    } else if (l->view == TS_AIE2_SCHEDULE)
        ts_buf_printf(l->out, "     ?  %05" PRIx32 "          ", address);
    else
        ts_buf_text(l->out, "        ");
}

static void print_data(lister *l, unsigned size, const char *reason) {
    begin_data(l, size);
    ts_buf_text(l->out, ".byte   ");
    for (unsigned i = 0; i < size; i++)
        ts_buf_printf(l->out, "%s0x%02x", i ? ", " : "", l->code->bytes.data[l->offset + i]);
    ts_buf_printf(l->out, "  // %s\n", reason);
    if (l->view == TS_AIE2_LISTING) print_relocations(l, size);
}

/* A word that the linker fills in. */
static void print_word(lister *l, const ts_aie2_code_relocation *r) {
    begin_data(l, 4);
    ts_buf_printf(l->out, ".word   %s\n", reference(l, r));
    if (l->view == TS_AIE2_LISTING) print_relocations(l, 4);
}

/* Bytes up to the next label or relocation behind this place, at most `size`. */
static unsigned undivided(const lister *l, unsigned size) {
    uint32_t end = l->offset + size;
    for (size_t i = l->next_relocation; i < l->code->n_relocations; i++)
        if (l->code->relocations[i].offset > l->offset) {
            if (l->code->relocations[i].offset < end) end = l->code->relocations[i].offset;
            break;
        }
    for (size_t i = l->next_label; i < l->code->n_labels; i++)
        if (l->code->labels[i].address > l->code->address + l->offset) {
            uint32_t at = l->code->labels[i].address - l->code->address;
            if (at < end) end = at;
            break;
        }
    return end - l->offset;
}

/* The relocation here that no operand takes, or NULL. */
static const ts_aie2_code_relocation *data_relocation(const lister *l,
                                                      const ts_aie2_bundle *bundle) {
    for (size_t i = l->next_relocation; i < l->code->n_relocations; i++) {
        const ts_aie2_code_relocation *r = &l->code->relocations[i];
        unsigned slot, operand;
        if (r->offset > l->offset) break;
        if (r->offset == l->offset &&
            (!bundle || !ts_aie2_relocated_operand(bundle, r->type, &slot, &operand)))
            return r;
    }
    return NULL;
}

static unsigned print_no_bundle(lister *l, const ts_aie2_code_relocation *r, const char *reason) {
    size_t left = l->code->bytes.size - l->offset;
    if (r && r->type == TS_AIE2_RELOCATION_ADDRESS && left >= 4 && undivided(l, 4) == 4) {
        print_word(l, r);
        return 4;
    }
    unsigned size = undivided(l, left < 2 ? 1 : 2);
    print_data(l, size, reason);
    return size;
}

static unsigned print_next(lister *l) {
    const uint8_t *bytes = l->code->bytes.data + l->offset;
    size_t left = l->code->bytes.size - l->offset;
    ts_aie2_bundle bundle;
    ts_aie2_reject why;
    char reason[200];
    print_labels(l);
    bool is_code = ts_aie2_decode(bytes, left, &bundle, &why);
    const ts_aie2_code_relocation *r = data_relocation(l, is_code ? &bundle : NULL);
    if (!is_code) {
        ts_aie2_reject_text(&why, reason, sizeof reason);
        return print_no_bundle(l, r, reason);
    }
    if (r) return print_no_bundle(l, r, "a relocation that no operand takes");
    unsigned size = ts_aie2_formats[bundle.format].size;
    if (undivided(l, size) < size)
        return print_no_bundle(l, NULL, "a label or relocation follows inside of a bundle");
    l->bundle = &bundle;
    if (bundle.is_canonical || l->view != TS_AIE2_SOURCE)
        print_bundle(l, size);
    else
        print_data(l, size, "bits that the assembler does not set");
    l->bundle = NULL;
    return size;
}

static void print_head(const lister *l) {
    const char *section = l->code->section;
    if (l->view == TS_AIE2_SOURCE)
        ts_buf_printf(l->out, "        .section %s,\"ax\",@progbits\n        .p2align 4\n",
                      section);
    else if (l->view == TS_AIE2_SCHEDULE)
        ts_buf_printf(l->out,
                      "Schedule of section %s: cycle, address, slots, operations; results and the "
                      "cycle of their first reader\n",
                      section);
    else
        ts_buf_printf(l->out, "Disassembly of section %s:\n", section);
}

ts_status ts_aie2_list(const ts_aie2_code *code, ts_aie2_view view, ts_buf *out, ts_diag *diag) {
    lister l = {.code = code, .view = view, .out = out, .symbol = ts_buf_in(out->arena)};
    if (view == TS_AIE2_SOURCE) TS_TRY(sort_names(&l, diag));
    print_head(&l);
    while (l.offset < code->bytes.size) {
        l.offset += print_next(&l);
        while (l.next_relocation < code->n_relocations &&
               code->relocations[l.next_relocation].offset < l.offset)
            l.next_relocation++;
    }
    if (view == TS_AIE2_SCHEDULE) TS_TRY(print_loops(&l, diag));
    return out->failed ? ts_fail_nomem(diag) : TS_OK;
}
