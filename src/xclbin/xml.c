/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * EMBEDDED_METADATA is XML. expat reads it; tree and output are those of boost's property tree,
 * which XRT's tool uses, because adding a kernel rewrites the whole text and must give the same
 * bytes.
 *
 * src: boostorg/property_tree: detail/xml_parser_read_rapidxml.hpp, xml_parser_write.hpp,
 * xml_parser_utils.hpp [code]
 */
#include "xclbin_int.h"

#include <expat.h>
#include <limits.h>
#include <string.h>

#define ATTRIBUTES "<xmlattr>"
#define COMMENT    "<xmlcomment>"

typedef struct reader {
    ts_arena *arena;
    XML_Parser parser;
    ts_span text;
    const char *file;
    ts_diag *diag;
    ts_json *stack[TS_JSON_MAX_DEPTH];
    ts_buf text_of[TS_JSON_MAX_DEPTH]; /* what each open element has of text so far */
    size_t depth;
    ts_buf run; /* character data since the last tag */
    ts_status status;
} reader;

static void stop(reader *r, ts_status status, const char *message) {
    if (r->status != TS_OK) return;
    XML_Index at = XML_GetCurrentByteIndex(r->parser);
    r->status = status == TS_NOMEM
                    ? ts_fail_nomem(r->diag)
                    : ts_fail_text(r->diag, status, r->file, (const char *)r->text.data,
                                   r->text.size, at > 0 ? (size_t)at : 0, "%s", message);
    XML_StopParser(r->parser, XML_FALSE);
}

static bool is_space(uint8_t c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* The text run that just ended belongs to the open element: white space folded to single spaces and
 * trimmed, then appended to what text the element has already. */
static void end_run(reader *r) {
    ts_buf *text = &r->text_of[r->depth - 1];
    bool gap = false, any = false;
    for (size_t i = 0; i < r->run.size; i++) {
        uint8_t c = r->run.data[i];
        if (is_space(c)) {
            gap = any;
            continue;
        }
        if (gap) ts_buf_u8(text, ' ');
        gap = false;
        any = true;
        ts_buf_u8(text, c);
    }
    r->run.size = 0;
    if (text->failed) stop(r, TS_NOMEM, "");
}

static void on_start(void *context, const char *name, const char **attributes) {
    reader *r = context;
    end_run(r);
    if (r->depth == TS_JSON_MAX_DEPTH) {
        stop(r, TS_RANGE, "elements nested deeper than 64 levels");
        return;
    }
    ts_json *element = ts_json_add(r->arena, r->stack[r->depth - 1], name, TS_JSON_OBJECT);
    ts_json *list =
        attributes[0] ? ts_json_add(r->arena, element, ATTRIBUTES, TS_JSON_OBJECT) : NULL;
    for (; attributes[0]; attributes += 2)
        if (!ts_json_add_string(r->arena, list, attributes[0], attributes[1])) element = NULL;
    if (!element) {
        stop(r, TS_NOMEM, "");
        return;
    }
    r->text_of[r->depth] = ts_buf_in(r->arena);
    r->stack[r->depth++] = element;
}

static void on_end(void *context, const char *name) {
    reader *r = context;
    (void)name;
    end_run(r);
    r->depth--;
    ts_buf *text = &r->text_of[r->depth];
    if (!text->size) return;
    ts_buf_u8(text, 0);
    if (text->failed)
        stop(r, TS_NOMEM, "");
    else
        r->stack[r->depth]->text = (const char *)text->data;
}

static void on_text(void *context, const char *text, int length) {
    reader *r = context;
    ts_buf_bytes(&r->run, text, (size_t)length);
    if (r->run.failed) stop(r, TS_NOMEM, "");
}

static void on_comment(void *context, const char *text) {
    reader *r = context;
    end_run(r);
    if (!ts_json_add_string(r->arena, r->stack[r->depth - 1], COMMENT, text)) stop(r, TS_NOMEM, "");
}

/* A document type could define entities, and those could be bombs; no XCLBIN needs one. */
static void on_doctype(void *context, const char *name, const char *system, const char *public_id,
                       int has_internal) {
    (void)name;
    (void)system;
    (void)public_id;
    (void)has_internal;
    stop(context, TS_UNSUPPORTED, "document type declarations are not read");
}

ts_status ts_xclbin_parse_xml(ts_arena *arena, ts_span text, const char *file, ts_json **out,
                              ts_diag *diag) {
    /* XRT reads a C string: what follows a NUL does not count. */
    const uint8_t *end = text.size ? memchr(text.data, 0, text.size) : NULL;
    if (end) text.size = (size_t)(end - text.data);
    reader r = {.arena = arena, .text = text, .file = file, .diag = diag, .run = ts_buf_in(arena)};
    *out = ts_json_new(arena, TS_JSON_OBJECT);
    if (!*out) return ts_fail_nomem(diag);
    if (text.size > INT_MAX) return ts_fail(diag, TS_RANGE, file, "more than 2 GiB of XML");
    r.text_of[r.depth] = ts_buf_in(arena);
    r.stack[r.depth++] = *out;
    r.parser = XML_ParserCreate(NULL);
    if (!r.parser) return ts_fail_nomem(diag);
    XML_SetUserData(r.parser, &r);
    XML_SetElementHandler(r.parser, on_start, on_end);
    XML_SetCharacterDataHandler(r.parser, on_text);
    XML_SetCommentHandler(r.parser, on_comment);
    XML_SetStartDoctypeDeclHandler(r.parser, on_doctype);
    if (XML_Parse(r.parser, (const char *)text.data, (int)text.size, 1) != XML_STATUS_OK)
        stop(&r, TS_SYNTAX, XML_ErrorString(XML_GetErrorCode(r.parser)));
    XML_ParserFree(r.parser);
    return r.status;
}

/* ---- writing --------------------------------------------------------------------------------- */

static void write_encoded(ts_buf *out, const char *text) {
    /* Text of spaces only would be lost when read again, so boost encodes its first one. */
    if (*text && strspn(text, " ") == strlen(text)) {
        ts_buf_text(out, "&#32;");
        text++;
    }
    for (; *text; text++) {
        static const struct {
            char c;
            const char *entity;
        } entities[] = {
            {'<', "&lt;"}, {'>', "&gt;"}, {'&', "&amp;"}, {'"', "&quot;"}, {'\'', "&apos;"}};
        const char *entity = NULL;
        for (size_t i = 0; i < sizeof entities / sizeof entities[0]; i++)
            if (entities[i].c == *text) entity = entities[i].entity;
        if (entity)
            ts_buf_text(out, entity);
        else
            ts_buf_u8(out, (uint8_t)*text);
    }
}

static void indent(ts_buf *out, int level) {
    ts_buf_printf(out, "%*s", 2 * level, "");
}

static bool is_element(const ts_json *node) {
    return strcmp(node->key, ATTRIBUTES) != 0;
}

static void write_element(ts_buf *out, const ts_json *element, int level);

static void write_children(ts_buf *out, const ts_json *element, int level) {
    for (const ts_json *child = element->first; child; child = child->next) {
        if (strcmp(child->key, COMMENT) == 0) {
            indent(out, level);
            ts_buf_printf(out, "<!--%s-->\n", child->text);
        } else if (is_element(child)) {
            write_element(out, child, level);
        }
    }
}

static void write_element(ts_buf *out, const ts_json *element, int level) {
    bool has_elements = false;
    for (const ts_json *child = element->first; child; child = child->next)
        has_elements |= is_element(child);
    indent(out, level);
    ts_buf_printf(out, "<%s", element->key);
    const ts_json *attributes = ts_json_get(element, ATTRIBUTES);
    for (const ts_json *a = attributes ? attributes->first : NULL; a; a = a->next) {
        ts_buf_printf(out, " %s=\"", a->key);
        write_encoded(out, a->text);
        ts_buf_u8(out, '"');
    }
    if (!*element->text && !has_elements) {
        ts_buf_text(out, "/>\n");
        return;
    }
    ts_buf_u8(out, '>');
    if (has_elements) ts_buf_u8(out, '\n');
    if (*element->text) {
        if (has_elements) indent(out, level + 1);
        write_encoded(out, element->text);
        if (has_elements) ts_buf_u8(out, '\n');
    }
    write_children(out, element, level + 1);
    if (has_elements) indent(out, level);
    ts_buf_printf(out, "</%s>\n", element->key);
}

void ts_xclbin_write_xml(ts_buf *out, const ts_json *tree) {
    ts_buf_text(out, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n");
    write_children(out, tree, 0);
}
