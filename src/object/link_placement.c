/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * A placement: where the stack, data and buffers of a core are, told in structs. It is checked, and
 * then written as the linker script that mlir-aie would have made of it.
 *
 * src: Xilinx/mlir-aie: lib/Targets/AIETargetLdScript.cpp, AIETranslateToLdScript [code]
 */
#include "link_int.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

enum {
    WINDOW_BYTES = 0x10000,
    N_WINDOWS = 4,
};

/* What a core sees of its neighbors' memories, and its own, which is the one to the east.
 * src: Xilinx/mlir-aie: include/aie/Dialect/AIE/IR/AIETargetModel.h, AIE2TargetModel,
 * getMemSouthBaseAddress and the others [code] */
static const struct {
    const char *name;
    uint32_t addr;
} windows[N_WINDOWS] = {
    {"south", 0x40000}, {"west", 0x50000}, {"north", 0x60000}, {"east", 0x70000}};

static bool is_absent(const ts_link_placement *p, unsigned window) {
    const bool absent[N_WINDOWS] = {p->no_south, p->no_west, p->no_north, false};
    return absent[window];
}

static bool is_within(uint32_t addr, uint32_t size, unsigned window) {
    return addr >= windows[window].addr && addr - windows[window].addr <= WINDOW_BYTES &&
           size <= WINDOW_BYTES - (addr - windows[window].addr);
}

/* ---- checks ---------------------------------------------------------------------------------- */

static const char placement_name[] = "the placement";

/* In a script a name stands between quotes if need be, so it cannot have one. */
static ts_status check_name(const char *what, const char *name, ts_diag *diag) {
    bool is_good = name && name[0] && strcmp(name, ".") != 0;
    for (const char *c = name; is_good && *c; c++)
        is_good = (unsigned char)*c >= ' ' && *c != '"' && *c != 0x7f;
    if (is_good) return TS_OK;
    return ts_fail(diag, TS_RANGE, placement_name,
                   "%s '%s': expected a name without '\"' and control characters, and not '.'",
                   what, name ? name : "");
}

/* Stack and data are in the tile's own memory. */
static ts_status check_own(const char *what, uint32_t addr, uint32_t size, ts_diag *diag) {
    if (!size || is_within(addr, size, N_WINDOWS - 1)) return TS_OK;
    return ts_fail(diag, TS_RANGE, placement_name,
                   "%s, 0x%" PRIx32 " to 0x%" PRIx64
                   ", is not within the memory of the tile, 0x70000 to 0x80000",
                   what, addr, (uint64_t)addr + size);
}

static ts_status check_buffer(const ts_link_placement *p, const ts_link_buffer *b, ts_diag *diag) {
    TS_TRY(check_name("buffer", b->name, diag));
    for (unsigned i = 0; i < N_WINDOWS; i++) {
        if (!is_within(b->addr, b->size, i) || b->addr == windows[i].addr + WINDOW_BYTES) continue;
        if (!is_absent(p, i)) return TS_OK;
        return ts_fail(diag, TS_RANGE, placement_name,
                       "buffer '%s' is at 0x%" PRIx32 ", but no tile with memory is to the %s",
                       b->name, b->addr, windows[i].name);
    }
    return ts_fail(diag, TS_RANGE, placement_name,
                   "buffer '%s', 0x%" PRIx32 " to 0x%" PRIx64
                   ", is not within one of the four memories of 64 KB from 0x40000 on",
                   b->name, b->addr, (uint64_t)b->addr + b->size);
}

static ts_status check_twice(const ts_link_placement *p, size_t at, ts_diag *diag) {
    for (size_t i = 0; i < at; i++)
        if (strcmp(p->buffers[i].name, p->buffers[at].name) == 0)
            return ts_fail(diag, TS_CONFLICT, placement_name,
                           "buffer '%s' is at 0x%" PRIx32 " and at 0x%" PRIx32, p->buffers[i].name,
                           p->buffers[i].addr, p->buffers[at].addr);
    return TS_OK;
}

ts_status ts_link_check_placement(const ts_link_placement *p, ts_diag *diag) {
    TS_TRY(check_own("the stack", p->stack_addr, p->stack_size, diag));
    TS_TRY(check_own("the room for data", p->data_addr, p->data_size, diag));
    if (p->main) TS_TRY(check_name("main function", p->main, diag));
    for (size_t i = 0; i < p->n_inputs; i++)
        TS_TRY(check_name("input", p->inputs[i], diag));
    if (p->n_buffers > TS_LINK_MAX_BUFFERS)
        return ts_fail(diag, TS_RANGE, placement_name, "%zu buffers; at most %d are allowed",
                       p->n_buffers, TS_LINK_MAX_BUFFERS);
    for (size_t i = 0; i < p->n_buffers; i++) {
        TS_TRY(check_buffer(p, &p->buffers[i], diag));
        TS_TRY(check_twice(p, i, diag));
    }
    return TS_OK;
}

/* ---- the script ------------------------------------------------------------------------------ */

/* Plain names stand as they are, as mlir-aie writes them; what could be a word of the language, or
 * more than one, stands between quotes. */
static void write_name(const char *name, const char *more, ts_buf *out) {
    bool is_plain = !isdigit((unsigned char)name[0]), is_upper = strlen(name) > 2;
    for (const char *c = name; *c; c++) {
        is_plain =
            is_plain && (isalnum((unsigned char)*c) || strchr("_.$", *c) || strchr(more, *c));
        is_upper = is_upper && (isupper((unsigned char)*c) || *c == '_');
    }
    const char *quote = is_plain && !is_upper ? "" : "\"";
    ts_buf_printf(out, "%s%s%s", quote, name, quote);
}

static const char script_head[] = "}\n"
                                  "ENTRY(__start)\n"
                                  "SECTIONS\n"
                                  "{\n"
                                  "  . = 0x0;\n"
                                  "  .text : {\n"
                                  "     /* the __start symbol has to come at address zero. */\n"
                                  "     *crt0.o(.text*)\n"
                                  "     _ctors_start = .;\n"
                                  "     _init_array_start = .;\n"
                                  "     KEEP(SORT(*.init_array))\n"
                                  "     _ctors_end = .;\n"
                                  "     _init_array_end = .;\n"
                                  "     _dtors_start = .;\n"
                                  "     _dtors_end = .;\n"
                                  "     *(.text*)\n"
                                  "  } > program\n"
                                  "  .data : {\n"
                                  "     *(.data*)\n"
                                  "     *(.rodata*)\n"
                                  "  } > data\n"
                                  "  .comment : {\n"
                                  "     *(.comment*)\n"
                                  "  }\n"
                                  "  .symtab : {\n"
                                  "     *(.symtab)\n"
                                  "  }\n"
                                  "  .shstrtab : {\n"
                                  "     *(.shstrtab)\n"
                                  "  }\n"
                                  "  .strtab : {\n"
                                  "     *(.strtab)\n"
                                  "  }\n"
                                  "  .stack_sizes : {\n"
                                  "     *(.stack_sizes)\n"
                                  "  }\n"
                                  "\n";

static void write_window(const ts_link_placement *p, unsigned window, ts_buf *out) {
    uint32_t base = windows[window].addr;
    if (is_absent(p, window)) {
        ts_buf_printf(
            out, "/* No tile with memory exists to the %s. */\n. = 0x%" PRIX32 ";\n. += 0x%X;\n",
            windows[window].name, base, (unsigned)WINDOW_BYTES);
        return;
    }
    for (size_t i = 0; i < p->n_buffers; i++) {
        if (p->buffers[i].addr < base || p->buffers[i].addr - base >= WINDOW_BYTES) continue;
        ts_buf_printf(out, ". = 0x%" PRIX32 ";\n", p->buffers[i].addr);
        write_name(p->buffers[i].name, "", out);
        ts_buf_printf(out, " = .;\n. += 0x%" PRIX32 ";\n", p->buffers[i].size);
    }
}

void ts_link_write_script(const ts_link_placement *p, ts_buf *out) {
    ts_buf_printf(out,
                  "\nMEMORY\n{\n   program (RX) : ORIGIN = 0, LENGTH = 0x0020000\n"
                  "   data (!RX) : ORIGIN = 0x%" PRIX32 ", LENGTH = 0x%" PRIX32 "\n",
                  p->data_addr, p->data_size);
    ts_buf_text(out, script_head);
    ts_buf_printf(out, ". = 0x%" PRIX32 ";\n" LINK_STACK " = .;\n. += 0x%" PRIX32 "; /* stack */\n",
                  p->stack_addr, p->stack_size);
    for (unsigned i = 0; i < N_WINDOWS; i++)
        write_window(p, i, out);
    ts_buf_text(out, "  .bss : { *(.bss*) } > data\n}\n");
    for (size_t i = 0; i < p->n_inputs; i++) {
        ts_buf_text(out, "INPUT(");
        write_name(p->inputs[i], "/-~", out);
        ts_buf_text(out, ")\n");
    }
    if (!p->main) return;
    ts_buf_text(out, "PROVIDE(main = ");
    write_name(p->main, "", out);
    ts_buf_text(out, ");\n");
}
