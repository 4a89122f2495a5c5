/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The program of a core, linked: code of its body or a file that was given in its place, the files
 * that the design links with it, and the run-time library. Assembly is assembled on the way.
 */
#include "code_int.h"

#include <inttypes.h>
#include <string.h>

static ts_status load(comp_build *b, const char *name, ts_span *out, ts_diag *diag) {
    if (!b->options->load) return ts_fail(diag, TS_MISSING, name, "cannot be read here");
    TS_TRY(b->options->load(b->options->context, name, out, diag));
    return comp_cache_note(b, name, *out);
}

ts_status comp_load(comp_build *b, const char *name, ts_span *out) {
    return load(b, name, out, b->diag);
}

/* ---- assembly -------------------------------------------------------------------------------- */

static bool is_assembly(const char *name) {
    const char *dot = strrchr(name, '.');
    return dot && (strcmp(dot, ".s") == 0 || strcmp(dot, ".S") == 0);
}

/* The bytes of an .include. */
static ts_status load_include(void *context, ts_arena *arena, const char *name, ts_span *out,
                              ts_diag *diag) {
    comp_build *b = context;
    (void)arena;
    return load(b, name, out, diag);
}

static ts_status tell_messages(comp_build *b, const ts_aie2_messages *messages) {
    char text[sizeof(ts_diag)];
    for (size_t i = 0; i < messages->n; i++) {
        const ts_aie2_message *m = &messages->list[i];
        if (!m->is_warning) {
            if (b->diag && b->diag->code == TS_OK) *b->diag = m->diag;
            return m->diag.code;
        }
        ts_diag_format(&m->diag, text, sizeof text);
        TS_TRY(comp_warn(b, "%s", text));
    }
    return TS_OK;
}

static ts_status assemble(comp_build *b, ts_link_file *file) {
    const ts_aie2_assemble_options options = {.load = load_include, .context = b};
    ts_aie2_assembly assembly;
    ts_aie2_messages messages = {0};
    ts_object object;
    ts_buf bytes = ts_buf_in(b->arena);
    ts_status status =
        ts_aie2_assemble(b->arena, file->bytes, file->name, &options, &assembly, &messages);
    if (status == TS_NOMEM) return ts_fail_nomem(b->diag);
    TS_TRY(tell_messages(b, &messages));
    TS_TRY(status);
    TS_TRY(ts_object_from_assembly(b->arena, &assembly, &object, b->diag));
    TS_TRY(ts_object_write(&object, &bytes, b->diag));
    file->bytes = ts_buf_span(&bytes);
    return TS_OK;
}

/* ---- files ----------------------------------------------------------------------------------- */

static ts_status find_input(void *context, const char *name, ts_link_file *out, ts_diag *diag) {
    comp_build *b = context;
    (void)diag; /* the build's own */
    out->name = name;
    TS_TRY(comp_load(b, name, &out->bytes));
    return is_assembly(name) ? assemble(b, out) : TS_OK;
}

/* The file in place of the body, or the body's code. */
static ts_status get_main(comp_build *b, ts_compile_core *core, ts_link_file *out) {
    bool is_given = core->file;
    if (!is_given) TS_TRY(code_core(b, core));
    *out = (ts_link_file){core->file, is_given ? core->bytes : core->assembly};
    return TS_OK;
}

static ts_status keep(comp_build *b, ts_compile_core *core, const ts_link_result *linked) {
    ts_buf bytes = ts_buf_in(b->arena);
    for (size_t i = 0; i < linked->n_warnings; i++)
        TS_TRY(comp_warn(b, "%s: %s", core->file, linked->warnings[i]));
    TS_TRY(ts_object_write(&linked->program, &bytes, b->diag));
    core->bytes = ts_buf_span(&bytes);
    core->stack = linked->stack;
    return ts_object_read(b->arena, core->bytes, core->file, &core->program, b->diag);
}

ts_status comp_link_core(comp_build *b, ts_compile_core *core) {
    ts_link_file file;
    ts_link_placement placement;
    ts_link_result linked;
    bool is_found;
    const ts_link_options options = {
        .files = &file,
        .n_files = 1,
        .script_after = 1,
        .output = ts_arena_printf(b->arena, "%s_core_%" PRIu32 "_%" PRIu32 ".elf", b->name,
                                  core->column, core->row),
        .placement = &placement,
        .find = find_input,
        .find_context = b,
        .allow_stack_overflow = b->options->allow_stack_overflow || b->is_map};
    if (!options.output) return ts_fail_nomem(b->diag);
    TS_TRY(ts_compile_placement(b->arena, b->result->design, core->op, &placement, b->diag));
    TS_TRY(get_main(b, core, &file));
    TS_TRY(comp_cache_find(b, core, &file, &placement, &is_found));
    if (is_found) {
        core->file = options.output;
        return TS_OK;
    }
    if (is_assembly(file.name)) TS_TRY(assemble(b, &file));
    ts_status status = ts_link(b->arena, &options, &linked, b->diag);
    if (linked.has_stack && status != TS_OK) {
        core->stack = linked.stack;
        b->result->too_deep = core;
    }
    TS_TRY(status);
    core->file = options.output;
    TS_TRY(keep(b, core, &linked));
    return comp_cache_keep(b, core);
}
