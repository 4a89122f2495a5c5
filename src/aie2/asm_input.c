/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The stack of texts being read: the file, what it includes, and what comes out of macros and
 * repetitions, each read to its end before the one below goes on.
 */
#include "asm_int.h"

#include <string.h>

char *asm_copy_text(assembler *a, const char *text, size_t size) {
    char *copy = size < SIZE_MAX - 2 ? ts_arena_alloc(a->arena, size + 2) : NULL;
    if (!copy) {
        asm_nomem(a);
        return NULL;
    }
    if (size) memcpy(copy, text, size);
    copy[size] = '\n';
    return copy;
}

static void save(assembler *a) {
    if (!a->n_inputs) return;
    a->inputs[a->n_inputs - 1].p = a->p;
    a->inputs[a->n_inputs - 1].line = a->line;
}

static void enter(assembler *a) {
    const asm_input *top = &a->inputs[a->n_inputs - 1];
    a->source = top->source;
    a->p = top->p;
    a->line = top->line;
}

bool asm_push_text(assembler *a, asm_input_kind kind, const asm_source *source, uint64_t repeats) {
    if (a->n_inputs == ASM_MAX_NESTING)
        return asm_error(
            a, TS_RANGE, a->p,
            "files, macros and repetitions more than %d deep; does one contain itself?",
            ASM_MAX_NESTING);
    save(a);
    a->inputs[a->n_inputs++] = (asm_input){
        .kind = kind,
        .source = source,
        .p = source->text,
        .line = source->first_line,
        .repeats = repeats,
        .n_conditions = a->n_conditions,
    };
    enter(a);
    return true;
}

bool asm_push_file(assembler *a, ts_span text, const char *file) {
    if (a->n_files == ASM_MAX_FILES)
        return asm_error(a, TS_RANGE, a->p, "more than %d files", ASM_MAX_FILES);
    asm_source *source = TS_ARENA_NEW(a->arena, asm_source);
    char *copy = asm_copy_text(a, (const char *)text.data, text.size);
    if (!source || !copy) return asm_nomem(a);
    if (!asm_grow(a, &a->files, a->n_files, &a->files_capacity, sizeof *a->files)) return false;
    *source = (asm_source){.file = file,
                           .text = copy,
                           .end = copy + text.size + 1,
                           .first_line = 1,
                           .file_index = (uint16_t)a->n_files};
    a->files[a->n_files++] = file;
    return asm_push_text(a, ASM_FILE, source, 0);
}

/* What began in a text ends in it. */
static void close_conditions(assembler *a, const asm_input *input) {
    while (a->n_conditions > input->n_conditions) {
        const asm_condition *open = &a->conditions[--a->n_conditions];
        asm_error_at(a, TS_SYNTAX, open->place, "an .if without its .endif");
    }
}

bool asm_pop_text(assembler *a) {
    asm_input *top = &a->inputs[a->n_inputs - 1];
    close_conditions(a, top);
    if (top->repeats && !a->is_stopped) {
        top->repeats--;
        a->p = top->source->text;
        a->line = top->source->first_line;
        return true;
    }
    if (a->n_inputs == 1) return false;
    a->n_inputs--;
    enter(a);
    return true;
}
