/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The directives: one table, with what reads each.
 */
#include "asm_int.h"

#include <string.h>

/* ---- those of a line or two ------------------------------------------------------------------ */

/* What compilers say about the source and the unwinder; nothing of it reaches our objects. */
static bool read_nothing(assembler *a, int argument, const char *at) {
    (void)argument;
    (void)at;
    asm_skip_statement(a);
    return true;
}

static bool read_end(assembler *a, int argument, const char *at) {
    (void)argument;
    (void)at;
    a->is_over = true;
    return true;
}

static bool read_hazards(assembler *a, int argument, const char *at) {
    (void)at;
    a->no_hazards = argument == 0;
    return asm_expect_end(a);
}

/* .error and .warning, with a text or without */
static bool read_complaint(assembler *a, int is_error, const char *at) {
    ts_buf text = ts_buf_in(a->arena);
    if (!asm_at_end(a) && !asm_take_string(a, &text)) return false;
    ts_buf_u8(&text, 0);
    if (text.failed) return asm_nomem(a);
    const char *words = (const char *)text.data;
    if (!*words) words = is_error ? "an .error" : "a .warning";
    if (is_error) return asm_error(a, TS_CONFLICT, at, "%.250s", words);
    asm_warning_at(a, asm_here(a, at), "%.250s", words);
    return asm_expect_end(a);
}

static bool read_unsupported(assembler *a, int argument, const char *at) {
    (void)argument;
    return asm_error(a, TS_UNSUPPORTED, at, "this directive is known, but not read here");
}

/* ---- the table ------------------------------------------------------------------------------- */

enum {
    IN_BUNDLE = 1, /* may stand between the operations of a bundle */
    OPENS_IF = 2,
    TURNS_IF = 4, /* .else and its like, .endif */
};

/* Alignment: bytes or, 256 more, a power of 2; times the size of the fill. */
#define POWER 256

static const struct {
    const char *name;
    asm_directive_read *read;
    int argument;
    int flags;
} directives[] = {
    /* sections */
    {".text", asm_d_known_section, 0, 0},
    {".data", asm_d_known_section, 0, 0},
    {".bss", asm_d_known_section, 0, 0},
    {".rodata", asm_d_known_section, 0, 0},
    {".section", asm_d_section, 0, 0},
    {".pushsection", asm_d_push_section, 0, 0},
    {".popsection", asm_d_pop_section, 0, 0},
    {".previous", asm_d_previous, 0, 0},
    {".subsection", read_unsupported, 0, 0},
    /* symbols */
    {".globl", asm_d_binding, ASM_STB_GLOBAL, 0},
    {".global", asm_d_binding, ASM_STB_GLOBAL, 0},
    {".local", asm_d_binding, ASM_STB_LOCAL, 0},
    {".weak", asm_d_binding, ASM_STB_WEAK, 0},
    {".internal", asm_d_visibility, 1, 0},
    {".hidden", asm_d_visibility, 2, 0},
    {".protected", asm_d_visibility, 3, 0},
    {".type", asm_d_type, 0, 0},
    {".size", asm_d_size, 0, 0},
    {".set", asm_d_set, false, 0},
    {".equ", asm_d_set, false, 0},
    {".equiv", asm_d_set, true, 0},
    {".comm", asm_d_common, false, 0},
    {".common", asm_d_common, false, 0},
    {".lcomm", asm_d_common, true, 0},
    /* data */
    {".byte", asm_d_integers, 1, 0},
    {".short", asm_d_integers, 2, 0},
    {".half", asm_d_integers, 2, 0},
    {".hword", asm_d_integers, 2, 0},
    {".2byte", asm_d_integers, 2, 0},
    {".word", asm_d_integers, 4, 0},
    {".long", asm_d_integers, 4, 0},
    {".int", asm_d_integers, 4, 0},
    {".4byte", asm_d_integers, 4, 0},
    {".quad", asm_d_integers, 8, 0},
    {".8byte", asm_d_integers, 8, 0},
    {".uleb128", asm_d_leb, false, 0},
    {".sleb128", asm_d_leb, true, 0},
    {".ascii", asm_d_strings, false, 0},
    {".asciz", asm_d_strings, true, 0},
    {".string", asm_d_strings, true, 0},
    {".zero", asm_d_zeros, 0, 0},
    {".space", asm_d_zeros, 0, 0},
    {".skip", asm_d_zeros, 0, 0},
    {".fill", asm_d_fill, 0, 0},
    {".incbin", asm_d_incbin, 0, 0},
    {".org", asm_d_org, 0, 0},
    {".align", asm_d_align, 1, 0},
    {".balign", asm_d_align, 1, 0},
    {".balignw", asm_d_align, 2, 0},
    {".balignl", asm_d_align, 4, 0},
    {".p2align", asm_d_align, POWER + 1, 0},
    {".p2alignw", asm_d_align, POWER + 2, 0},
    {".p2alignl", asm_d_align, POWER + 4, 0},
    /* conditions */
    {".if", asm_d_if, ASM_IF_TRUE, OPENS_IF},
    {".ifne", asm_d_if, ASM_IF_TRUE, OPENS_IF},
    {".ifeq", asm_d_if, ASM_IF_ZERO, OPENS_IF},
    {".ifgt", asm_d_if, ASM_IF_POSITIVE, OPENS_IF},
    {".ifge", asm_d_if, ASM_IF_NOT_NEGATIVE, OPENS_IF},
    {".iflt", asm_d_if, ASM_IF_NEGATIVE, OPENS_IF},
    {".ifle", asm_d_if, ASM_IF_NOT_POSITIVE, OPENS_IF},
    {".ifb", asm_d_if_blank, true, OPENS_IF},
    {".ifnb", asm_d_if_blank, false, OPENS_IF},
    {".ifc", asm_d_if_same, true, OPENS_IF},
    {".ifnc", asm_d_if_same, false, OPENS_IF},
    {".ifeqs", asm_d_if_same, true, OPENS_IF},
    {".ifnes", asm_d_if_same, false, OPENS_IF},
    {".ifdef", asm_d_if_defined, true, OPENS_IF},
    {".ifndef", asm_d_if_defined, false, OPENS_IF},
    {".ifnotdef", asm_d_if_defined, false, OPENS_IF},
    {".elseif", asm_d_else_if, 0, TURNS_IF},
    {".else", asm_d_else, 0, TURNS_IF},
    {".endif", asm_d_end_if, 0, TURNS_IF},
    /* macros, repetitions, files */
    {".macro", asm_d_macro, 0, 0},
    {".endm", asm_d_stray_end, 0, 0},
    {".endmacro", asm_d_stray_end, 0, 0},
    {".exitm", asm_d_exit_macro, 0, 0},
    {".purgem", asm_d_purge, 0, 0},
    {".rept", asm_d_repeat, 0, 0},
    {".rep", asm_d_repeat, 0, 0},
    {".irp", asm_d_repeat_for, 0, 0},
    {".irpc", asm_d_repeat_characters, 0, 0},
    {".endr", asm_d_stray_end, 0, 0},
    {".include", asm_d_include, 0, 0},
    {".end", read_end, 0, 0},
    /* messages */
    {".error", read_complaint, true, 0},
    {".err", read_complaint, true, 0},
    {".warning", read_complaint, false, 0},
    /* ours */
    {".schedule", asm_d_schedule, 0, 0},
    {".endschedule", asm_d_end_schedule, 0, 0},
    {".noalias", asm_d_no_alias, 0, 0},
    {".nohazards", read_hazards, 0, 0},
    {".hazards", read_hazards, 1, 0},
    /* without effect */
    {".file", read_nothing, 0, IN_BUNDLE},
    {".ident", read_nothing, 0, IN_BUNDLE},
    {".loc", read_nothing, 0, IN_BUNDLE},
    {".addrsig", read_nothing, 0, IN_BUNDLE},
    {".addrsig_sym", read_nothing, 0, IN_BUNDLE},
    {".delay_slot", read_nothing, 0, IN_BUNDLE},
};

enum {
    N_DIRECTIVES = sizeof directives / sizeof *directives,
    HASH_SIZE = 512,
    MAX_NAME = 16,
};

_Static_assert(N_DIRECTIVES < 255, "numbers of directives fit a byte");

/* Lower case; 0 when it is longer than any directive. */
static size_t lower(const char *name, size_t length, char out[MAX_NAME]) {
    if (length >= MAX_NAME) return 0;
    for (size_t i = 0; i < length; i++)
        out[i] = asm_lower(name[i]);
    out[length] = '\0';
    return length;
}

void asm_init_directives(assembler *a) {
    for (unsigned i = 0; i < N_DIRECTIVES; i++) {
        uint32_t at = asm_hash(directives[i].name, strlen(directives[i].name));
        while (a->directive_hash[at % HASH_SIZE])
            at++;
        a->directive_hash[at % HASH_SIZE] = (uint8_t)(i + 1);
    }
}

static int find_directive(const assembler *a, const char *name, size_t length) {
    char word[MAX_NAME];
    if (!lower(name, length, word)) return -1;
    for (uint32_t at = asm_hash(word, length);; at++) {
        int found = a->directive_hash[at % HASH_SIZE] - 1;
        if (found < 0 || strcmp(directives[found].name, word) == 0) return found;
    }
}

static bool say_unknown(assembler *a, const char *name, size_t length) {
    const char *names[N_DIRECTIVES], *nearest = NULL;
    char word[MAX_NAME];
    for (size_t i = 0; i < N_DIRECTIVES; i++)
        names[i] = directives[i].name;
    if (lower(name, length, word)) nearest = ts_nearest_word(word, names, N_DIRECTIVES);
    if (nearest)
        return asm_error(a, TS_UNKNOWN, name, "no directive '%s'; did you mean '%s'?", word,
                         nearest);
    return asm_error(a, TS_UNKNOWN, name, "no directive '%.*s'", (int)(length < 60 ? length : 60),
                     name);
}

bool asm_directive(assembler *a, const char *name, size_t length) {
    if (length > 5 && asm_same_word(name, ".cfi_", 5)) return read_nothing(a, 0, name);
    int i = find_directive(a, name, length);
    if (i < 0) return say_unknown(a, name, length);
    if (!(directives[i].flags & IN_BUNDLE) && !asm_no_bundle(a, "a directive", name)) return false;
    return directives[i].read(a, directives[i].argument, name);
}

bool asm_skip_untaken(assembler *a) {
    const char *name, *at = a->p;
    size_t length;
    int i = *at == '.' && asm_take_name(a, &name, &length) ? find_directive(a, name, length) : -1;
    if (i >= 0 && directives[i].flags & TURNS_IF)
        return directives[i].read(a, directives[i].argument, at);
    bool ok = i < 0 || !(directives[i].flags & OPENS_IF) || asm_skip_if(a, at);
    asm_skip_statement(a);
    return ok;
}
