/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Names for tessera run. A container has no symbols; --elf gives programs of cores, and where
 * `tessera build` wrote the container they lie beside it. Those are used only when the code they
 * hold is what the container loaded.
 */
#include "cli_run.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

static cli_run_program *room(cli_run_job *job) {
    cli_run_program *list = ts_arena_room(job->arena, job->programs, job->n_programs,
                                          &job->program_capacity, sizeof *list);
    if (!list) return NULL;
    job->programs = list;
    list[job->n_programs] = (cli_run_program){0};
    return &list[job->n_programs++];
}

static const cli_run_program *program_of(const cli_run_job *job, uint32_t column, uint32_t row) {
    for (size_t i = job->n_programs; i-- > 0;) {
        const cli_run_program *p = &job->programs[i];
        if (p->column == column && p->row == row && !p->is_other) return p;
    }
    return NULL;
}

static ts_status read_program(cli_run_job *job, cli_run_program *program, ts_diag *diag) {
    ts_span bytes;
    program->object = TS_ARENA_NEW(job->arena, ts_object);
    if (!program->object) return ts_fail_nomem(diag);
    TS_TRY(ts_file_read(job->arena, program->file, 0, &bytes, diag));
    return ts_object_read(job->arena, bytes, program->file, program->object, diag);
}

/* "0,2=FILE". */
static ts_status add_given(cli_run_job *job, const char *text, ts_diag *diag) {
    cli_run_program *program = room(job);
    if (!program) return ts_fail_nomem(diag);
    if (!cli_parse_tile_file(text, &program->column, &program->row, &program->file))
        return ts_fail(diag, TS_SYNTAX, NULL, "--elf %s: expected COLUMN,ROW=FILE", text);
    TS_TRY(read_program(job, program, diag));
    return ts_array_add_symbols(job->array, program->column, program->row, program->object, diag);
}

/* ---- beside the container ---------------------------------------------------------------------
 */

/* Whether all code of the program, and there is some, is in the program memory. */
static bool is_loaded(const cli_run_job *job, const cli_run_program *program) {
    ts_span memory = ts_array_memory(job->array, program->column, program->row, "program");
    size_t n_bytes = 0;
    for (size_t i = 0; i < program->object->n_sections; i++) {
        const ts_object_section *s = &program->object->sections[i];
        if (!(s->flags & TS_SHF_ALLOC) || !(s->flags & TS_SHF_EXECINSTR) || !s->bytes.size)
            continue;
        if (s->addr > memory.size || s->bytes.size > memory.size - s->addr) return false;
        if (memcmp(memory.data + s->addr, s->bytes.data, s->bytes.size) != 0) return false;
        n_bytes += s->bytes.size;
    }
    return n_bytes > 0;
}

static ts_status add_beside(cli_run_job *job, uint32_t column, uint32_t row, ts_diag *diag) {
    ts_diag ignored = {0};
    char name[64];
    snprintf(name, sizeof name, "main_core_%" PRIu32 "_%" PRIu32 ".elf", column, row);
    const char *path = ts_path_beside(job->arena, job->xclbin, name);
    if (!path) return ts_fail_nomem(diag);
    if (access(path, F_OK) != 0) return TS_OK;
    cli_run_program *program = room(job);
    if (!program) return ts_fail_nomem(diag);
    *program = (cli_run_program){.column = column, .row = row, .file = path};
    program->is_other = read_program(job, program, &ignored) != TS_OK || !is_loaded(job, program);
    if (program->is_other) return TS_OK;
    return ts_array_add_symbols(job->array, column, row, program->object, diag);
}

ts_status cli_run_add_programs(cli_run *run, cli_run_job *job, ts_diag *diag) {
    if (!job->array) return TS_OK;
    for (size_t i = 0; i < run->n_given; i++)
        if (strcmp(run->given[i].option->name, "elf") == 0)
            TS_TRY(add_given(job, run->given[i].value, diag));
    const ts_npu_device *device = ts_array_device(job->array);
    for (uint32_t column = 0; column < device->n_columns; column++)
        for (uint32_t row = 0; row < device->n_rows; row++)
            if (ts_array_core(job->array, column, row) && !program_of(job, column, row))
                TS_TRY(add_beside(job, column, row, diag));
    return TS_OK;
}

/* ---- symbols ----------------------------------------------------------------------------------
 */

bool cli_run_symbol(const cli_run_job *job, uint32_t column, uint32_t row, const char *name,
                    uint32_t *address, uint32_t *size) {
    const cli_run_program *program = program_of(job, column, row);
    uint32_t number = program ? ts_object_find_symbol(program->object, name) : 0;
    if (!number) return false;
    *address = program->object->symbols[number].value;
    *size = program->object->symbols[number].size;
    return true;
}

const char *cli_run_function(ts_arena *arena, const cli_run_job *job, uint32_t column, uint32_t row,
                             uint32_t pc) {
    uint32_t address = 0, size;
    const char *name = ts_array_function(job->array, column, row, pc), *text = NULL;
    if (!name) return "";
    if (cli_run_symbol(job, column, row, name, &address, &size) && address < pc)
        text = ts_arena_printf(arena, "%s+0x%" PRIx32, name, pc - address);
    return text ? text : name;
}
