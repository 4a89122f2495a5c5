/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "exercise_xclbin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void broken(const char *law) {
    fprintf(stderr, "broken law: %s\n", law);
    abort();
}

/* An error must have a code and words. */
static void expect_words(ts_status status, const ts_diag *diag) {
    if (status == TS_OK) {
        if (diag->code != TS_OK) broken("a call that succeeds leaves no error");
        return;
    }
    if (diag->code == TS_OK || !diag->message[0]) broken("a call that fails says why");
}

static ts_status load_side_file(void *context, ts_arena *arena, const char *name, ts_span *out,
                                ts_diag *diag) {
    (void)arena;
    for (const ts_xclbin_side_file *f = context; f; f = f->next)
        if (strcmp(f->name, name) == 0) {
            *out = f->data;
            return TS_OK;
        }
    return ts_fail(diag, TS_MISSING, name, "no such file");
}

/* To JSON, as text, and back into bytes. False where that does not work, with an error that says
 * why. */
static bool round_trip(ts_arena *arena, const ts_xclbin_section *section, ts_span *out) {
    ts_json *tree;
    ts_xclbin_side_file *files = NULL;
    ts_diag diag = {0};
    ts_buf text = ts_buf_in(arena);
    ts_status status = ts_xclbin_to_json(arena, section, "f", "", &tree, &files, &diag);
    expect_words(status, &diag);
    if (status != TS_OK || ts_json_write(&text, tree, &ts_xclbin_json_pretty) != TS_OK)
        return false;
    status = ts_json_parse(arena, ts_buf_span(&text), "t", &tree, &diag);
    expect_words(status, &diag);
    if (status != TS_OK) return false;
    const ts_xclbin_document document = {tree, "t", ts_buf_span(&text), load_side_file, files};
    status = ts_xclbin_from_json(arena, section->kind, ts_xclbin_section_index(section), &document,
                                 out, &diag);
    expect_words(status, &diag);
    return status == TS_OK && out->size;
}

/* XRT's forms do not keep everything, but what they keep they keep: a second round changes nothing.
 * The trace metadata's node changes its name on the way, so it has no second round. */
static void exercise_section(ts_arena *arena, const ts_xclbin_section *section) {
    ts_xclbin_section made = *section;
    ts_span again;
    if (!round_trip(arena, section, &made.data) || section->kind == TS_XCLBIN_AIE_TRACE_METADATA)
        return;
    if (round_trip(arena, &made, &again) && !ts_span_equal(made.data, again))
        broken("a section made from its own JSON gives its bytes again");
}

static void exercise_xml(ts_arena *arena, const ts_xclbin_section *section) {
    ts_json *tree, *again;
    ts_diag diag = {0};
    ts_buf first = ts_buf_in(arena), second = ts_buf_in(arena);
    ts_status status = ts_xclbin_parse_xml(arena, section->data, "x", &tree, &diag);
    expect_words(status, &diag);
    if (status != TS_OK) return;
    ts_xclbin_write_xml(&first, tree);
    if (first.failed ||
        ts_xclbin_parse_xml(arena, ts_buf_span(&first), "x", &again, &diag) != TS_OK)
        return;
    ts_xclbin_write_xml(&second, again);
    if (!second.failed && !ts_span_equal(ts_buf_span(&first), ts_buf_span(&second)))
        broken("XML that was written reads back as itself");
}

static void exercise_folder(ts_arena *arena, const ts_xclbin *x, ts_span bytes) {
    ts_xclbin_side_file *files;
    ts_diag diag = {0};
    ts_span manifest;
    ts_json *root;
    ts_xclbin again;
    bool is_exact;
    if (ts_xclbin_explode(arena, x, &files, &diag) != TS_OK) return;
    if (load_side_file(files, arena, TS_XCLBIN_MANIFEST, &manifest, &diag) != TS_OK)
        broken("a folder has a manifest");
    ts_status status = ts_json_parse(arena, manifest, "m", &root, &diag);
    const ts_xclbin_document document = {root, "m", manifest, load_side_file, files};
    if (status == TS_OK) status = ts_xclbin_implode(arena, &document, &again, &is_exact, &diag);
    if (status == TS_NOMEM) return;
    if (status != TS_OK || !is_exact) {
        fprintf(stderr, "%s\n", diag.message);
        broken("an untouched folder is recognised as such");
    }
    ts_buf out = ts_buf_in(arena);
    status = ts_xclbin_write_exact(&again, &out, &diag);
    if (status == TS_NOMEM) return;
    if (status != TS_OK || !ts_span_equal(ts_buf_span(&out), bytes))
        broken("extract and pack give the file back");
}

static void exercise_writing(ts_arena *arena, ts_xclbin *x, ts_span bytes) {
    ts_diag diag = {0};
    ts_buf exact = ts_buf_in(arena), fresh = ts_buf_in(arena);
    ts_status status = ts_xclbin_write_exact(x, &exact, &diag);
    expect_words(status, &diag);
    if (status == TS_OK && !ts_span_equal(ts_buf_span(&exact), bytes))
        broken("write(read(file)) is the file");
    const ts_xclbin_write_options options = {.keep_uuid = true};
    diag = (ts_diag){0};
    if (ts_xclbin_write(x, &options, &fresh, &diag) != TS_OK) return;
    ts_xclbin again;
    status = ts_xclbin_read(arena, ts_buf_span(&fresh), "again", &again, &diag);
    if (status == TS_NOMEM) return;
    if (status != TS_OK || again.n_sections != x->n_sections) broken("read(write(x)) is x");
    for (size_t i = 0; i < x->n_sections; i++)
        if (again.sections[i].kind != x->sections[i].kind ||
            !ts_span_equal(again.sections[i].data, x->sections[i].data))
            broken("read(write(x)) is x");
}

/* Memory for the next operation, in place of that of the last: a program does one of them. */
static ts_arena *renew(ts_arena *scratch, size_t budget_bytes) {
    ts_arena_free(scratch);
    ts_arena_init(scratch, budget_bytes);
    return scratch;
}

ts_status exercise_xclbin(ts_span bytes, const ts_xclbin *original, size_t budget_bytes) {
    ts_arena arena, scratch;
    ts_diag diag = {0};
    ts_xclbin x;
    ts_arena_init(&arena, budget_bytes);
    ts_arena_init(&scratch, budget_bytes);
    ts_status status = ts_xclbin_read(&arena, bytes, "fuzz.xclbin", &x, &diag);
    expect_words(status, &diag);
    if (status == TS_OK) {
        ts_xclbin_findings findings;
        ts_xclbin_differences differences;
        for (size_t i = 0; i < x.n_sections; i++) {
            exercise_section(renew(&scratch, budget_bytes), &x.sections[i]);
            if (x.sections[i].kind == TS_XCLBIN_EMBEDDED_METADATA)
                exercise_xml(renew(&scratch, budget_bytes), &x.sections[i]);
        }
        renew(&scratch, budget_bytes);
        expect_words(ts_xclbin_check(&scratch, &x, &findings, &diag), &diag);
        diag = (ts_diag){0};
        if (original)
            expect_words(
                ts_xclbin_diff(renew(&scratch, budget_bytes), original, &x, &differences, &diag),
                &diag);
        exercise_folder(renew(&scratch, budget_bytes), &x, bytes);
        exercise_writing(renew(&scratch, budget_bytes), &x, bytes);
        diag = (ts_diag){0};
        expect_words(ts_xclbin_group_memory(&x, &diag), &diag);
    }
    ts_arena_free(&scratch);
    ts_arena_free(&arena);
    return status;
}
