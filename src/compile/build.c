/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * A whole build: parse, the passes that the design still needs, the programs of the cores, and
 * every file that a device or a person wants of it.
 */
#include "compile_int.h"

#include <inttypes.h>
#include <string.h>

/* ---- files ----------------------------------------------------------------------------------- */

const ts_compile_file *comp_find_file(const comp_build *b, const char *name) {
    for (size_t i = 0; i < b->result->n_files; i++)
        if (strcmp(b->result->files[i].name, name) == 0) return &b->result->files[i];
    return NULL;
}

static char *format_name(comp_build *b, const char *format, va_list args) {
    ts_buf text = ts_buf_in(b->arena);
    ts_buf_vprintf(&text, format, args);
    ts_buf_u8(&text, 0);
    return text.failed ? NULL : (char *)text.data;
}

ts_status comp_add_file(comp_build *b, ts_span bytes, const char *format, ...) {
    ts_compile_result *r = b->result;
    va_list args;
    va_start(args, format);
    const char *name = format_name(b, format, args);
    va_end(args);
    if (!name) return ts_fail_nomem(b->diag);
    if (comp_find_file(b, name))
        return ts_fail(b->diag, TS_CONFLICT, b->options->file,
                       "two files of the build would have the name '%s'", name);
    ts_compile_file *grown =
        ts_arena_room(b->arena, r->files, r->n_files, &r->file_capacity, sizeof *grown);
    if (!grown) return ts_fail_nomem(b->diag);
    r->files = grown;
    r->files[r->n_files++] = (ts_compile_file){name, bytes};
    return TS_OK;
}

ts_status comp_warn(comp_build *b, const char *format, ...) {
    ts_compile_result *r = b->result;
    va_list args;
    va_start(args, format);
    const char *text = format_name(b, format, args);
    va_end(args);
    const char **grown =
        ts_arena_room(b->arena, r->warnings, r->n_warnings, &r->warning_capacity, sizeof *grown);
    if (!grown) return ts_fail_nomem(b->diag);
    r->warnings = grown;
    if (!text) return ts_fail_nomem(b->diag);
    r->warnings[r->n_warnings++] = text;
    return TS_OK;
}

static void step(const comp_build *b, const char *what) {
    if (b->options->step) b->options->step(b->options->context, what);
}

/* ---- the device ------------------------------------------------------------------------------ */

enum {
    MAX_DEVICE_NAME = 128
};

/* mlir-aie's name of a device that has none. src: Xilinx/mlir-aie:
 * include/aie/Dialect/AIE/IR/AIEOps.td, DeviceOp, getDefaultDeviceName [code] */
static const char *device_name(const ts_op *device) {
    return ts_op_text(device, "sym_name", "main");
}

static ts_status find_device(comp_build *b) {
    const ts_op *module = b->result->design->module;
    const char *wanted = b->options->device;
    ts_op *found = NULL;
    for (ts_op *op = ts_op_child(module, TS_OP_AIE_DEVICE, NULL); op;
         op = ts_op_child(module, TS_OP_AIE_DEVICE, op)) {
        if (wanted && strcmp(device_name(op), wanted) != 0) continue;
        if (found)
            return ts_op_fail(b->diag, b->result->design, op, TS_CONFLICT,
                              "a second aie.device, '%s' behind '%s': choose one with --device",
                              device_name(op), device_name(found));
        found = op;
    }
    if (!found)
        return ts_fail(b->diag, TS_MISSING, b->options->file, "has no aie.device%s%s%s",
                       wanted ? " '" : "", wanted ? wanted : "", wanted ? "'" : "");
    b->result->device = found;
    b->name = device_name(found);
    if (!ts_path_is_plain_name(b->name) || strlen(b->name) > MAX_DEVICE_NAME)
        return ts_op_fail(b->diag, b->result->design, found, TS_RANGE,
                          "the name of the device must be able to begin file names");
    comp c;
    TS_TRY(comp_init(&c, b->arena, b->result->design, found, NULL, b->diag));
    b->npu = c.npu;
    return TS_OK;
}

/* ---- passes ---------------------------------------------------------------------------------- */

static bool is_in_dma(const ts_op *op) {
    return ts_op_parent_of(op, TS_OP_AIE_MEM) || ts_op_parent_of(op, TS_OP_AIE_MEMTILE_DMA) ||
           ts_op_parent_of(op, TS_OP_AIE_SHIM_DMA);
}

static bool is_objectfifo(const ts_op *op) {
    return op->code >= TS_OP_AIE_OBJECTFIFO && op->code <= TS_OP_AIE_OBJECTFIFO_REGISTER_PROCESS;
}

/* Packet flows stay in a routed design, circuit flows do not. */
static bool needs_route(const ts_op *device, const ts_op *op) {
    return op->code == TS_OP_AIE_FLOW ||
           (op->code == TS_OP_AIE_PACKET_FLOW && !ts_op_child(device, TS_OP_AIE_SWITCHBOX, NULL));
}

static bool needs_lowering(const ts_op *op) {
    const ts_op *parent = ts_op_parent(op);
    return parent && parent->code == TS_OP_AIE_RUNTIME_SEQUENCE && !comp_is_lowered(op);
}

/* Whether an operation is what a pass is there to do away with. */
static bool is_for_pass(const ts_op *device, const ts_op *op, ts_pass pass) {
    switch (pass) {
    case TS_PASS_OBJECTFIFO: return is_objectfifo(op);
    case TS_PASS_LOCK_IDS: return op->code == TS_OP_AIE_LOCK && !ts_op_attr(op, "lockID");
    case TS_PASS_BUFFER_ADDRESSES:
        return op->code == TS_OP_AIE_BUFFER && !ts_op_attr(op, "address");
    case TS_PASS_BD_IDS:
        return op->code == TS_OP_AIE_DMA_BD && !ts_op_attr(op, "bd_id") && is_in_dma(op);
    case TS_PASS_ROUTE: return needs_route(device, op);
    case TS_PASS_RUNTIME_SEQUENCE: return needs_lowering(op);
    case TS_PASS_N: break;
    }
    return false;
}

static bool needs_pass(const ts_op *device, ts_pass pass) {
    for (const ts_op *op = device; op; op = ts_op_next_below(device, op))
        if (is_for_pass(device, op, pass)) return true;
    return false;
}

static ts_status add_design(comp_build *b, const char *name) {
    ts_buf text = ts_buf_in(b->arena);
    ts_design_print(b->result->design, &text);
    if (text.failed) return ts_fail_nomem(b->diag);
    return comp_add_file(b, ts_buf_span(&text), "%s", name);
}

/* "02_objectfifo.mlir": in the order in which they ran. */
static ts_status keep_pass(comp_build *b, const char *name) {
    if (!b->options->keep_passes || b->is_map) return TS_OK;
    const char *file = ts_arena_printf(b->arena, "%02u_%s.mlir", b->n_passes++, name);
    return file ? add_design(b, file) : ts_fail_nomem(b->diag);
}

static ts_status run_pass(comp_build *b, ts_pass pass) {
    const ts_pass_options options = {.is_basic_sequential = b->options->is_basic_sequential,
                                     .control_packets = b->options->control_packets};
    if (!needs_pass(b->result->device, pass)) return TS_OK;
    step(b, ts_pass_name(pass));
    TS_TRY(ts_design_run_pass(b->result->design, b->result->device, pass, &options, b->diag));
    return keep_pass(b, ts_pass_name(pass));
}

static ts_status place(comp_build *b) {
    TS_TRY(keep_pass(b, "parsed"));
    for (ts_pass pass = 0; pass < TS_PASS_RUNTIME_SEQUENCE; pass++)
        TS_TRY(run_pass(b, pass));
    return TS_OK;
}

/* From before the runtime sequence is lowered, as aiecc's is. */
static ts_status add_placed(comp_build *b) {
    return add_design(b, "input_physical.mlir");
}

/* ---- what is made of it ---------------------------------------------------------------------- */

static ts_status add_core_files(comp_build *b) {
    for (size_t i = 0; i < b->result->n_cores; i++) {
        const ts_compile_core *core = &b->result->cores[i];
        ts_link_placement placement;
        ts_buf script = ts_buf_in(b->arena);
        TS_TRY(ts_compile_placement(b->arena, b->result->design, core->op, &placement, b->diag));
        ts_link_write_script(&placement, &script);
        if (script.failed) return ts_fail_nomem(b->diag);
        TS_TRY(comp_add_file(b, core->bytes, "%s_core_%" PRIu32 "_%" PRIu32 ".elf", b->name,
                             core->column, core->row));
        if (core->assembly.size)
            TS_TRY(comp_add_file(b, core->assembly, "%s_core_%" PRIu32 "_%" PRIu32 ".s", b->name,
                                 core->column, core->row));
        TS_TRY(comp_add_file(b, ts_buf_span(&script), "%s_core_%" PRIu32 "_%" PRIu32 ".ld.script",
                             b->name, core->column, core->row));
    }
    return TS_OK;
}

static ts_status add_cdos(comp_build *b) {
    static const char *const names[] = {
#define X(constant, name) name,
        TS_COMPILE_CDO_LIST(X)
#undef X
    };
    const ts_compile_result *r = b->result;
    for (ts_compile_cdo part = 0; part < TS_COMPILE_N_CDOS; part++) {
        ts_buf cdo = ts_buf_in(b->arena);
        TS_TRY(
            ts_compile_cdo_write(r->design, r->device, r->cores, r->n_cores, part, &cdo, b->diag));
        TS_TRY(comp_add_file(b, ts_buf_span(&cdo), "%s_aie_cdo_%s.bin", b->name, names[part]));
    }
    return TS_OK;
}

static const ts_op *next_sequence(const comp_build *b, const ts_op *after) {
    const char *wanted = b->options->sequence;
    const ts_op *op = after;
    do
        op = ts_op_child(b->result->device, TS_OP_AIE_RUNTIME_SEQUENCE, op);
    while (op && wanted && strcmp(ts_op_text(op, "sym_name", ""), wanted) != 0);
    return op;
}

/* The sequence, or each of several under its own name: "insts_NAME.bin". */
static ts_status add_insts(comp_build *b) {
    const char *name = b->options->insts ? b->options->insts : "insts.bin";
    const ts_op *first = next_sequence(b, NULL);
    const char *end = strrchr(name, '.');
    int stem = end ? (int)(end - name) : (int)strlen(name);
    if (!first && b->options->sequence)
        return ts_op_fail(b->diag, b->result->design, b->result->device, TS_MISSING,
                          "the device has no runtime sequence '%s'", b->options->sequence);
    for (const ts_op *op = first; op; op = next_sequence(b, op)) {
        ts_buf bytes = ts_buf_in(b->arena);
        TS_TRY(ts_compile_insts(b->result->design, b->result->device, op, &bytes, b->diag));
        if (op == first && !next_sequence(b, op))
            TS_TRY(comp_add_file(b, ts_buf_span(&bytes), "%s", name));
        else
            TS_TRY(comp_add_file(b, ts_buf_span(&bytes), "%.*s_%s%s", stem, name,
                                 ts_op_text(op, "sym_name", "sequence"), end ? end : ""));
    }
    return TS_OK;
}

static ts_status check_names(comp_build *b) {
    const ts_compile_options *o = b->options;
    const char *names[] = {o->xclbin, o->insts, o->pdi};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (names[i] && !ts_path_is_plain_name(names[i]))
            return ts_fail(b->diag, TS_RANGE, NULL, "'%s' is no plain file name", names[i]);
    const char *stem = ts_path_stem(b->arena, o->file);
    b->pdi_name = o->pdi;
    b->xclbin_name = o->xclbin ? o->xclbin : ts_arena_printf(b->arena, "%s.xclbin", stem);
    return stem && b->xclbin_name ? TS_OK : ts_fail_nomem(b->diag);
}

/* "{0}.pdi" in aiecc's words. */
static ts_status name_pdi(comp_build *b) {
    if (!b->pdi_name) b->pdi_name = ts_arena_printf(b->arena, "%s.pdi", b->name);
    return b->pdi_name ? TS_OK : ts_fail_nomem(b->diag);
}

static ts_status open_design(comp_build *b) {
    const ts_compile_options *o = b->options;
    step(b, "parse");
    TS_TRY(ts_design_parse(b->arena, o->text, o->file, &b->result->design, b->diag));
    TS_TRY(ts_design_verify(b->result->design, b->diag));
    TS_TRY(find_device(b));
    return name_pdi(b);
}

ts_status ts_compile_place(ts_arena *arena, const ts_compile_options *options,
                           ts_compile_result *out, ts_diag *diag) {
    comp_build b = {.arena = arena, .options = options, .result = out, .diag = diag};
    *out = (ts_compile_result){0};
    b.is_map = true;
    TS_TRY(open_design(&b));
    TS_TRY(place(&b));
    return comp_read_cores(&b);
}

ts_status ts_compile_build(ts_arena *arena, const ts_compile_options *options,
                           ts_compile_result *out, ts_diag *diag) {
    comp_build b = {.arena = arena, .options = options, .result = out, .diag = diag};
    *out = (ts_compile_result){0};
    TS_TRY(check_names(&b));
    TS_TRY(open_design(&b));
    TS_TRY(place(&b));
    TS_TRY(add_placed(&b));
    TS_TRY(run_pass(&b, TS_PASS_RUNTIME_SEQUENCE));
    step(&b, "cores");
    TS_TRY(comp_read_cores(&b));
    TS_TRY(add_core_files(&b));
    step(&b, "configuration");
    TS_TRY(add_cdos(&b));
    TS_TRY(add_insts(&b));
    step(&b, "container");
    return comp_add_images(&b);
}
