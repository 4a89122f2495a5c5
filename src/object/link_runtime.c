/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Start-up code and helpers for programs whose files do not have them: assembly (runtime/), which
 * is assembled here when something needs a symbol of it.
 */
#include "link_int.h"

#include "tessera/aie2.h"

#include <string.h>

enum {
    MAX_NAMES = 20
};

static const uint8_t crt0_text[] = {
#include "crt0.inc"
};
static const uint8_t div_text[] = {
#include "div.inc"
};
static const uint8_t div64_text[] = {
#include "div64.inc"
};
static const uint8_t float_text[] = {
#include "float.inc"
};
static const uint8_t int64_text[] = {
#include "int64.inc"
};
static const uint8_t macros_text[] = {
#include "macros.inc"
};
static const uint8_t mem_text[] = {
#include "mem.inc"
};

/* The names are those that compilers call: compiler-rt's and C's. */
static const struct {
    const char *file;  /* as errors and tables name it */
    const char *match; /* as scripts do */
    const uint8_t *text;
    size_t size;
    const char *names[MAX_NAMES];
} sources[] = {
    {"tessera(div.o)",
     "tessera:div.o",
     div_text,
     sizeof div_text,
     {"__udivsi3", "__umodsi3", "__divsi3", "__modsi3"}},
    {"tessera(div64.o)",
     "tessera:div64.o",
     div64_text,
     sizeof div64_text,
     {"__udivdi3", "__umoddi3", "__divdi3", "__moddi3"}},
    {"tessera(float.o)",
     "tessera:float.o",
     float_text,
     sizeof float_text,
     {"__addsf3", "__subsf3", "__mulsf3", "__divsf3", "__eqsf2", "__nesf2", "__ltsf2", "__lesf2",
      "__gtsf2", "__gesf2", "__unordsf2", "__fixsfsi", "__fixunssfsi", "__floatsisf",
      "__floatunsisf", "__negsf2", "__cmpsf2", "sqrtf"}},
    {"tessera(int64.o)",
     "tessera:int64.o",
     int64_text,
     sizeof int64_text,
     {"__muldi3", "__ashldi3", "__lshrdi3", "__ashrdi3"}},
    {"tessera(mem.o)",
     "tessera:mem.o",
     mem_text,
     sizeof mem_text,
     {"memcpy", "memset", "memmove", "memcmp"}},
    {"tessera(crt0.o)", "tessera:crt0.o", crt0_text, sizeof crt0_text, {"__start", "_main_init"}},
};

static bool is_wanted(const link *l, const char *const *names) {
    for (unsigned i = 0; i < MAX_NAMES && names[i]; i++) {
        const link_symbol *s = link_find_symbol(l, names[i]);
        if (s && s->is_referenced && s->state == LINK_UNDEFINED && !s->is_weak) return true;
    }
    return false;
}

/* The file that the others include. */
static ts_status load_macros(void *context, ts_arena *arena, const char *name, ts_span *out,
                             ts_diag *diag) {
    (void)context;
    (void)arena;
    *out = ts_span_of(macros_text, sizeof macros_text);
    return strcmp(name, "macros.s") == 0 ? TS_OK : ts_fail(diag, TS_MISSING, name, "no such file");
}

static ts_status assemble(link *l, ts_span text, const char *file, ts_object *out) {
    static const ts_aie2_assemble_options quiet = {.load = load_macros, .no_hazards = true};
    ts_aie2_assembly assembly;
    ts_aie2_messages messages = {0};
    ts_status status = ts_aie2_assemble(l->arena, text, file, &quiet, &assembly, &messages);
    if (status == TS_NOMEM) return ts_fail_nomem(l->diag);
    if (status != TS_OK) return ts_fail(l->diag, status, file, "Tessera's own code is wrong");
    return ts_object_from_assembly(l->arena, &assembly, out, l->diag);
}

ts_status link_add_runtime(link *l) {
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
        if (!is_wanted(l, sources[i].names)) continue;
        ts_object *o = TS_ARENA_NEW(l->arena, ts_object);
        if (!o) return ts_fail_nomem(l->diag);
        TS_TRY(assemble(l, ts_span_of(sources[i].text, sources[i].size), sources[i].file, o));
        TS_TRY(link_add_member(l, o, sources[i].file, sources[i].match, true));
    }
    return TS_OK;
}
