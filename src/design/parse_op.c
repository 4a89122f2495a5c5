/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Operations, regions, blocks and the design as a whole.
 *
 *   design    = { "#" alias "=" attribute | "!" alias "=" type | operation }
 *   operation = [ %name [ ":" count ] , ... "=" ] ( custom | generic ) [ location ]
 *   generic   = string "(" values ")" [ "[" blocks "]" ] [ "<" dictionary ">" ]
 *               [ "(" regions ")" ] [ dictionary ] ":" function-type
 *   region    = "{" [ operations ] { ^name [ "(" arguments ")" ] ":" operations } "}"
 *
 * src: llvm-project: mlir/docs/LangRef.md [documented]
 */
#include "forms.h"
#include "parse_int.h"

#include <stdio.h>
#include <string.h>

/* ---- parts of operations --------------------------------------------------------------------- */

ts_status parse_operand(parser *p, building *b) {
    operand o = {.at = p->word.start};
    if (p->word.kind != WORD_VALUE) return parse_wrong(p, "a value as %name");
    if (b->n_operands == TS_DESIGN_MAX_COUNT)
        return parse_fail_at(p, o.at, TS_RANGE, "more than %d operands", TS_DESIGN_MAX_COUNT);
    TS_TRY(parse_text(p, &o.name));
    TS_TRY(scope_use_value(p, o.name, o.at, &o.value));
    operand *items =
        ts_arena_room(p->arena, b->operands, b->n_operands, &b->operand_capacity, sizeof *items);
    if (!items) return parse_nomem(p);
    b->operands = items;
    b->operands[b->n_operands++] = o;
    return TS_OK;
}

static ts_status add_operand(parser *p, void *context) {
    return parse_operand(p, context);
}

ts_status parse_operands_until(parser *p, building *b, const char *close) {
    return parse_list(p, close, add_operand, b);
}

ts_status parse_successor(parser *p, building *b) {
    const char *name;
    uint32_t at = p->word.start;
    ts_block *block;
    if (p->word.kind != WORD_BLOCK) return parse_wrong(p, "a block as ^name");
    TS_TRY(parse_text(p, &name));
    TS_TRY(scope_block(p, b->region, name, at, false, &block));
    return pointers_add(p, &b->successors, block);
}

static ts_status add_successor(parser *p, void *context) {
    return parse_successor(p, context);
}

ts_status parse_expect(parser *p, const building *b, uint32_t index, const ts_type *type) {
    const operand *o = &b->operands[index];
    return scope_expect_type(p, o->name, o->at, o->value, type);
}

ts_status parse_set(parser *p, building *b, const char *name, const ts_attr *value) {
    if (!value) return parse_nomem(p);
    if (ts_op_attr(b->op, name))
        return parse_fail_at(p, b->name_at, TS_CONFLICT, "'%s' has its attribute '%s' twice",
                             b->op->name, name);
    return ts_op_set_attr(p->design, b->op, name, value) ? TS_OK : parse_nomem(p);
}

ts_status parse_optional_dictionary(parser *p, building *b) {
    const ts_attr *dictionary;
    if (!parse_is(p, "{")) return TS_OK;
    TS_TRY(parse_dictionary(p, &dictionary));
    for (size_t i = 0; i < dictionary->n_members; i++)
        TS_TRY(parse_set(p, b, dictionary->members[i].name, dictionary->members[i].value));
    return TS_OK;
}

ts_status parse_set_segments(parser *p, building *b) {
    int64_t sizes[8];
    for (uint32_t i = 0; i < b->n_segments; i++)
        sizes[i] = b->segments[i];
    return parse_set(p, b, "operandSegmentSizes",
                     ts_attr_dense_array(p->design, p->i32, sizes, b->n_segments));
}

/* ---- regions --------------------------------------------------------------------------------- */

ts_status parse_argument(parser *p, arguments *list, bool with_type) {
    argument item = {.at = p->word.start};
    if (p->word.kind != WORD_VALUE) return parse_wrong(p, "an argument as %name");
    TS_TRY(parse_text(p, &item.name));
    if (with_type) {
        TS_TRY(parse_take(p, ":"));
        TS_TRY(parse_type(p, &item.type));
    }
    argument *items = ts_arena_room(p->arena, list->items, list->n, &list->capacity, sizeof *items);
    if (!items) return parse_nomem(p);
    list->items = items;
    list->items[list->n++] = item;
    return TS_OK;
}

static ts_status add_block_argument(parser *p, void *context) {
    TS_TRY(parse_argument(p, context, true));
    return parse_optional_location(p);
}

static ts_status define_arguments(parser *p, ts_block *block, const arguments *list) {
    if (list->n > TS_DESIGN_MAX_COUNT)
        return parse_fail_at(p, list->items[0].at, TS_RANGE, "more than %d arguments",
                             TS_DESIGN_MAX_COUNT);
    for (uint32_t i = 0; i < list->n; i++) {
        ts_value *value = ts_block_add_argument(p->design, block, list->items[i].type);
        if (!value) return parse_nomem(p);
        value->name = list->items[i].name;
        TS_TRY(scope_define_value(p, list->items[i].name, list->items[i].at, value));
    }
    return TS_OK;
}

static ts_status parse_operations(parser *p, ts_region *region, ts_block *block) {
    while (p->word.kind != WORD_BLOCK && !parse_is(p, "}")) {
        if (p->word.kind == WORD_END) return parse_wrong(p, "an operation or '}'");
        TS_TRY(parse_operation(p, region, block));
    }
    return TS_OK;
}

static ts_status parse_block(parser *p, ts_region *region) {
    const char *name;
    uint32_t at = p->word.start;
    ts_block *block;
    arguments list = {0};
    bool has_arguments;
    TS_TRY(parse_text(p, &name));
    TS_TRY(scope_block(p, region, name, at, true, &block));
    TS_TRY(parse_maybe(p, "(", &has_arguments));
    if (has_arguments) TS_TRY(parse_list(p, ")", add_block_argument, &list));
    TS_TRY(parse_take(p, ":"));
    TS_TRY(define_arguments(p, block, &list));
    return parse_operations(p, region, block);
}

static unsigned flags_of(const ts_op *op) {
    return design_forms[op->code].flags;
}

ts_status parse_region(parser *p, building *b, const arguments *first) {
    ts_region *region = TS_ARENA_NEW(p->arena, ts_region);
    if (!region) return parse_nomem(p);
    region->owner = b->op;
    TS_TRY(parse_set_operands(p, b));
    TS_TRY(parse_take(p, "{"));
    TS_TRY(scope_open(p, flags_of(b->op) & FORM_ISOLATED));
    bool has_arguments = first && first->n;
    if (has_arguments || (p->word.kind != WORD_BLOCK && !parse_is(p, "}"))) {
        ts_block *block = ts_block_append(p->design, region);
        if (!block) return parse_nomem(p);
        if (first) TS_TRY(define_arguments(p, block, first));
        TS_TRY(parse_operations(p, region, block));
    }
    while (p->word.kind == WORD_BLOCK)
        TS_TRY(parse_block(p, region));
    if (!parse_is(p, "}")) return parse_wrong(p, "'}'");
    TS_TRY(scope_close(p));
    TS_TRY(parse_advance(p));
    return pointers_add(p, &b->regions, region);
}

/* ---- finishing an operation ------------------------------------------------------------------ */

ts_status parse_set_operands(parser *p, building *b) {
    if (b->op->n_operands == b->n_operands) return TS_OK;
    ts_value **values = TS_ARENA_ARRAY(p->arena, ts_value *, b->n_operands);
    if (!values) return parse_nomem(p);
    for (uint32_t i = 0; i < b->n_operands; i++)
        values[i] = i < b->op->n_operands ? b->op->operands[i].value : b->operands[i].value;
    return ts_op_set_operands(p->design, b->op, values, b->n_operands) ? TS_OK : parse_nomem(p);
}

/* A terminator that its operation implies is not kept. */
static void drop_implied(ts_block *block, unsigned flags) {
    ts_op *last = block->last;
    if (!last || last->n_operands || last->n_attrs || last->n_results || last->n_regions ||
        last->n_successors)
        return;
    bool is_end = last->code == TS_OP_AIE_END && (flags & FORM_END);
    bool is_yield =
        (last->code == TS_OP_SCF_YIELD || last->code == TS_OP_AFFINE_YIELD) && (flags & FORM_YIELD);
    if (is_end || is_yield) ts_op_erase(last);
}

/* One block, with nothing in it. */
static bool is_empty(const ts_region *region) {
    const ts_block *block = region->first;
    return block && !block->next && !block->first && !block->n_arguments;
}

static ts_status finish_regions(parser *p, building *b) {
    ts_op *op = b->op;
    unsigned flags = flags_of(op);
    ts_region *regions = TS_ARENA_ARRAY(p->arena, ts_region, b->regions.n);
    if (!regions) return parse_nomem(p);
    for (size_t i = 0; i < b->regions.n; i++) {
        const ts_region *from = b->regions.items[i];
        regions[i] = *from;
        for (ts_block *block = regions[i].first; block; block = block->next) {
            block->region = &regions[i];
            drop_implied(block, flags);
        }
        bool needs_block = design_needs_block(op, i);
        if (!regions[i].first && needs_block && !ts_block_append(p->design, &regions[i]))
            return parse_nomem(p);
        if ((flags & FORM_YIELD) && !needs_block && is_empty(&regions[i]))
            regions[i].first = regions[i].last = NULL;
    }
    op->regions = regions;
    op->n_regions = (uint32_t)b->regions.n;
    return TS_OK;
}

static void drop_defaults(ts_op *op) {
    const char *attrs = design_forms[op->code].attrs;
    if (!attrs || !*attrs) return;
    for (uint32_t i = 0; i < op->n_attrs;) {
        design_attr_spec spec;
        const char *name = op->attrs[i].name;
        if (design_find_spec(attrs, name, strlen(name), &spec) &&
            design_is_default(&spec, op->attrs[i].value)) {
            op->n_attrs--;
            memmove(&op->attrs[i], &op->attrs[i + 1], (op->n_attrs - i) * sizeof *op->attrs);
        } else {
            i++;
        }
    }
}

typedef struct result_name {
    const char *name;
    uint32_t at, n;
} result_name;

typedef struct result_names {
    result_name *items;
    uint32_t n, total;
    size_t capacity;
} result_names;

/* %a is the first of its results, %a#1 the second. */
static ts_status define_results(parser *p, ts_op *op, const result_names *names) {
    uint32_t next = 0;
    for (uint32_t i = 0; i < names->n; i++)
        for (uint32_t k = 0; k < names->items[i].n; k++) {
            const char *name = names->items[i].name;
            ts_value *value = &op->results[next++];
            value->name = name;
            if (k) name = ts_arena_printf(p->arena, "%s#%u", name, (unsigned)k);
            if (!name) return parse_nomem(p);
            TS_TRY(scope_define_value(p, name, names->items[i].at, value));
        }
    return TS_OK;
}

static ts_status finish_operation(parser *p, building *b, const result_names *names) {
    ts_op *op = b->op;
    TS_TRY(parse_set_operands(p, b));
    TS_TRY(finish_regions(p, b));
    drop_defaults(op);
    if (b->result_types.n > TS_DESIGN_MAX_COUNT)
        return parse_fail_at(p, b->name_at, TS_RANGE, "more than %d results", TS_DESIGN_MAX_COUNT);
    if (!design_set_results(p->design, op, (const ts_type *const *)b->result_types.items,
                            b->result_types.n) ||
        !ts_op_set_successors(p->design, op, (ts_block *const *)b->successors.items,
                              b->successors.n))
        return parse_nomem(p);
    if (names->total && names->total != op->n_results)
        return parse_fail_at(p, names->items[0].at, TS_CONFLICT,
                             "'%s' gives %u result%s; %u are named here", op->name,
                             (unsigned)op->n_results, op->n_results == 1 ? "" : "s",
                             (unsigned)names->total);
    TS_TRY(define_results(p, op, names));
    return parse_optional_location(p);
}

/* ---- operations ------------------------------------------------------------------------------ */

static ts_status add_result_name(parser *p, void *context) {
    result_names *list = context;
    result_name item = {.at = p->word.start, .n = 1};
    bool is_many;
    if (p->word.kind != WORD_VALUE) return parse_wrong(p, "a value as %name");
    if (memchr(p->text + p->word.start, '#', p->word.end - p->word.start))
        return parse_wrong(p, "a name without '#'");
    TS_TRY(parse_text(p, &item.name));
    TS_TRY(parse_maybe(p, ":", &is_many));
    if (is_many) {
        uint64_t n;
        uint32_t at = p->word.start;
        TS_TRY(parse_u64(p, "how many results there are", &n));
        if (n == 0 || n > TS_DESIGN_MAX_COUNT)
            return parse_fail_at(p, at, TS_RANGE, "from 1 to %d results", TS_DESIGN_MAX_COUNT);
        item.n = (uint32_t)n;
    }
    if (list->total + item.n > TS_DESIGN_MAX_COUNT)
        return parse_fail_at(p, item.at, TS_RANGE, "from 1 to %d results", TS_DESIGN_MAX_COUNT);
    result_name *items =
        ts_arena_room(p->arena, list->items, list->n, &list->capacity, sizeof *items);
    if (!items) return parse_nomem(p);
    list->items = items;
    list->items[list->n++] = item;
    list->total += item.n;
    return TS_OK;
}

static ts_status add_region(parser *p, void *context) {
    return parse_region(p, context, NULL);
}

static ts_status expect_operands(parser *p, building *b, const ts_type *type, uint32_t at) {
    if (type->n_inputs != b->n_operands)
        return parse_fail_at(p, at, TS_CONFLICT, "%u operands have %u types",
                             (unsigned)b->n_operands, (unsigned)type->n_inputs);
    for (uint32_t i = 0; i < b->n_operands; i++)
        TS_TRY(parse_expect(p, b, i, type->inputs[i]));
    for (uint32_t i = 0; i < type->n_results; i++)
        TS_TRY(pointers_add(p, &b->result_types, type->results[i]));
    return TS_OK;
}

static ts_status parse_generic(parser *p, building *b) {
    bool is_there;
    const ts_type *type;
    TS_TRY(parse_take(p, "("));
    TS_TRY(parse_operands_until(p, b, ")"));
    TS_TRY(parse_maybe(p, "[", &is_there));
    if (is_there) TS_TRY(parse_list(p, "]", add_successor, b));
    TS_TRY(parse_maybe(p, "<", &is_there));
    if (is_there) {
        TS_TRY(parse_optional_dictionary(p, b));
        TS_TRY(parse_take(p, ">"));
    }
    TS_TRY(parse_maybe(p, "(", &is_there));
    if (is_there) TS_TRY(parse_list(p, ")", add_region, b));
    TS_TRY(parse_optional_dictionary(p, b));
    TS_TRY(parse_take(p, ":"));
    uint32_t at = p->word.start;
    TS_TRY(parse_function_type(p, &type));
    return expect_operands(p, b, type, at);
}

static ts_status unknown_operation(parser *p) {
    char name[64];
    size_t length = p->word.end - p->word.start;
    if (length >= sizeof name) length = sizeof name - 1;
    memcpy(name, p->text + p->word.start, length);
    name[length] = '\0';
    const char *near = ts_nearest_word(name, design_op_names + 1, TS_OP_N_CODES - 1);
    const char *start = p->text + p->word.start;
    if (!memchr(start, '.', p->word.end - p->word.start)) return parse_wrong(p, "an operation");
    if (near)
        return parse_fail_at(p, p->word.start, TS_UNKNOWN,
                             "operation '%s' is not known; did you mean '%s'?", name, near);
    return parse_fail_at(p, p->word.start, TS_UNKNOWN,
                         "operation '%s' is not known; others are read as \"%s\"(...) : (...) -> "
                         "...",
                         name, name);
}

/* In functions the dialect func goes without saying. */
static ts_op_code find_code(const parser *p, const building *b, const char *name, size_t length) {
    char full[64];
    ts_op_code code = design_code_of(p->codes, name, length);
    if (code != TS_OP_OTHER || length + 6 > sizeof full || memchr(name, '.', length)) return code;
    const ts_op *parent = b->region ? b->region->owner : NULL;
    while (parent && !(flags_of(parent) & FORM_FUNC))
        parent = ts_op_parent(parent);
    if (!parent) return TS_OP_OTHER;
    memcpy(full, "func.", 5);
    memcpy(full + 5, name, length);
    return design_code_of(p->codes, full, length + 5);
}

/* The written name is kept where it is another spelling than ours. */
static ts_status name_operation(parser *p, building *b, const char *name, size_t length) {
    ts_op_code code = find_code(p, b, name, length);
    b->op = ts_op_new(p->design, code, NULL, 0, NULL, 0, 0);
    if (!b->op) return parse_nomem(p);
    b->op->offset = b->name_at;
    if (code == TS_OP_OTHER ||
        (memchr(name, '.', length) && !design_word_is(name, length, b->op->name)))
        b->op->name = design_intern(p->design, name, length);
    return b->op->name ? TS_OK : parse_nomem(p);
}

/* Printable ASCII that needs no escapes. */
static bool is_name(const char *name, size_t length) {
    for (size_t i = 0; i < length; i++)
        if (name[i] <= ' ' || name[i] > '~' || name[i] == '\\') return false;
    return length != 0;
}

ts_status parse_operation(parser *p, ts_region *region, ts_block *block) {
    building b = {.region = region};
    result_names names = {0};
    if (p->word.kind == WORD_VALUE) {
        TS_TRY(parse_list_bare(p, add_result_name, &names));
        TS_TRY(parse_take(p, "="));
    }
    b.name_at = p->word.start;
    b.n_named = names.total;
    const char *name = p->text + p->word.start;
    size_t length = p->word.end - p->word.start;
    bool is_generic = p->word.kind == WORD_STRING;
    if (!is_generic && p->word.kind != WORD_NAME) return parse_wrong(p, "an operation");
    if (is_generic) {
        name++;
        length -= 2;
        if (!is_name(name, length)) return parse_wrong(p, "the name of an operation");
    }
    TS_TRY(name_operation(p, &b, name, length));
    if (!is_generic && !design_forms[b.op->code].form) return unknown_operation(p);
    ts_op_append(block, b.op);
    TS_TRY(parse_advance(p));
    TS_TRY(is_generic ? parse_generic(p, &b) : parse_custom(p, &b));
    return finish_operation(p, &b, &names);
}

/* ---- the design ------------------------------------------------------------------------------ */

static ts_status parse_alias(parser *p) {
    const char *name;
    const ts_attr *attr = NULL;
    const ts_type *type = NULL;
    uint32_t at = p->word.start;
    bool is_type = p->word.kind == WORD_BANG;
    TS_TRY(parse_text(p, &name));
    TS_TRY(parse_take(p, "="));
    if (is_type)
        TS_TRY(parse_type(p, &type));
    else
        TS_TRY(parse_attr(p, NULL, &attr));
    return scope_alias(p, name, at, attr, type);
}

/* {-# ... #-} holds data of resources, which nobody here needs. */
static ts_status skip_metadata(parser *p) {
    uint32_t at = p->word.start;
    for (uint32_t i = at; i + 3 <= p->size; i++)
        if (memcmp(p->text + i, "#-}", 3) == 0) return parse_seek(p, i + 3);
    return parse_fail_at(p, at, TS_SYNTAX, "'{-#' without '#-}'");
}

static bool is_metadata(const parser *p) {
    return p->size - p->word.start >= 3 && memcmp(p->text + p->word.start, "{-#", 3) == 0;
}

static ts_status parse_top_level(parser *p) {
    ts_region *region = &p->design->module->regions[0];
    TS_TRY(scope_open(p, true));
    while (p->word.kind != WORD_END) {
        if (p->word.kind == WORD_HASH || p->word.kind == WORD_BANG)
            TS_TRY(parse_alias(p));
        else if (is_metadata(p))
            TS_TRY(skip_metadata(p));
        else
            TS_TRY(parse_operation(p, region, region->first));
    }
    return scope_close(p);
}

/* A text that is one module is that module, and not one inside another. */
static void take_module(ts_design *design) {
    ts_op *op = design->module->regions[0].first->first;
    if (!op || op->next || op->code != TS_OP_MODULE || op->n_regions != 1 ||
        !op->regions[0].first || op->regions[0].first->next)
        return;
    ts_op_unlink(op);
    design->module = op;
}

ts_status ts_design_parse(ts_arena *arena, ts_span text, const char *file, ts_design **out,
                          ts_diag *diag) {
    parser p = {.arena = arena, .diag = diag, .text = (const char *)text.data};
    if (text.size > TS_DESIGN_MAX_BYTES)
        return ts_fail(diag, TS_RANGE, file, "%zu bytes; a design has at most %u", text.size,
                       TS_DESIGN_MAX_BYTES);
    p.size = (uint32_t)text.size;
    p.design = ts_design_new(arena, file);
    p.codes = design_make_codes(arena);
    if (!p.design || !p.codes) return parse_nomem(&p);
    p.design->text = text;
    p.i1 = ts_type_integer(p.design, 1, TS_SIGNLESS);
    p.i32 = ts_type_integer(p.design, 32, TS_SIGNLESS);
    p.i64 = ts_type_integer(p.design, 64, TS_SIGNLESS);
    p.index = ts_type_index(p.design);
    if (!p.i1 || !p.i32 || !p.i64 || !p.index) return parse_nomem(&p);
    TS_TRY(parse_seek(&p, 0));
    TS_TRY(parse_top_level(&p));
    take_module(p.design);
    *out = p.design;
    return TS_OK;
}

ts_status ts_op_fail(ts_diag *diag, const ts_design *design, const ts_op *op, ts_status code,
                     const char *format, ...) {
    char message[300];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    /* What a pass made stands nowhere: the nearest operation around it does. */
    while (op && op->offset == UINT32_MAX)
        op = ts_op_parent(op);
    if (!op || !design->text.size) return ts_fail(diag, code, design->file, "%s", message);
    return ts_fail_text(diag, code, design->file, (const char *)design->text.data,
                        design->text.size, op->offset, "%s", message);
}
