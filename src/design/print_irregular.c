/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Printing of what forms cannot say: parts of aie operations, modules, functions, scf, affine.
 *
 * src: Xilinx/mlir-aie: lib/Dialect/AIE/IR/AIEDialect.cpp, the print functions [code]
 * src: Xilinx/mlir-aie: test, for the rest as aie-opt prints it [observed]
 */
#include "forms.h"
#include "print_int.h"

#include <inttypes.h>
#include <string.h>

/* ---- aie ------------------------------------------------------------------------------------- */

static void print_optional_number(printer *p, const ts_op *op, const char *name) {
    if (ts_op_attr(op, name))
        ts_buf_printf(p->out, "%" PRId64, ts_op_integer(op, name, 0));
    else
        ts_buf_u8(p->out, '?');
}

static void print_place(printer *p, const ts_op *op) {
    ts_buf_u8(p->out, '(');
    print_optional_number(p, op, "col");
    ts_buf_text(p->out, ", ");
    print_optional_number(p, op, "row");
    ts_buf_u8(p->out, ')');
    p->punctuation = true;
}

static void print_initial(printer *p, const ts_op *op) {
    const ts_attr *value = ts_op_attr(op, "initial_value");
    if (!value) return;
    ts_buf_text(p->out, "= ");
    print_attr(value, PRINT_BARE, p->out);
}

static void print_global(printer *p, const ts_op *op) {
    const ts_attr *value = ts_op_attr(op, "initial_value");
    if (!value) return;
    ts_buf_text(p->out, "= ");
    if (value->kind == TS_ATTR_UNIT)
        ts_buf_text(p->out, "uninitialized");
    else
        print_attr(value, PRINT_BARE, p->out);
}

static void print_allocation(printer *p, const ts_op *op) {
    design_attr_spec spec;
    design_find_spec("channel_dir:dir", "channel_dir", 11, &spec);
    if (op->n_operands) {
        print_value(p, op->operands[0].value);
        ts_buf_text(p->out, ", ");
    }
    ts_buf_printf(p->out, "%s, %" PRId64,
                  design_enum_name(spec.words, ts_op_integer(op, "channel_dir", 0)),
                  ts_op_integer(op, "channel_index", 0));
    if (!op->n_operands) ts_buf_printf(p->out, ", %" PRId64, ts_op_integer(op, "col", 0));
}

static void print_dims(printer *p, const char *keyword, const ts_attr *dims) {
    if (!dims->n_elements) return;
    ts_buf_printf(p->out, " %s ", keyword);
    print_dialect_body(dims, p->out);
}

static void print_producer(printer *p, const ts_op *op) {
    print_value(p, op->operands[0].value);
    print_dims(p, "dimensionsToStream", ts_op_attr(op, "dimensionsToStream"));
}

static void print_consumers(printer *p, const ts_op *op) {
    const ts_attr *dims = ts_op_attr(op, "dimensionsFromStreamPerConsumer");
    for (uint32_t i = 1; i < op->n_operands; i++) {
        if (i > 1) ts_buf_text(p->out, ", ");
        print_value(p, op->operands[i].value);
        print_dims(p, "dimensionsFromStream", dims->elements[i - 1]);
    }
}

static void print_initials(printer *p, const ts_op *op) {
    const ts_attr *values = ts_op_attr(op, "initValues");
    if (!values) return;
    ts_buf_text(p->out, "= ");
    ts_attr_print(values, p->out);
}

static void print_offsets(printer *p, const ts_op *op) {
    ts_attr_print(ts_op_attr(op, "src_offsets"), p->out);
    ts_buf_u8(p->out, ' ');
    ts_attr_print(ts_op_attr(op, "dst_offsets"), p->out);
}

static void print_block_arguments(printer *p, const ts_block *block) {
    ts_buf_u8(p->out, '(');
    for (uint32_t i = 0; block && i < block->n_arguments; i++) {
        if (i) ts_buf_text(p->out, ", ");
        print_value(p, block->arguments[i]);
        ts_buf_text(p->out, ": ");
        ts_type_print(block->arguments[i]->type, p->out);
    }
    ts_buf_u8(p->out, ')');
}

static void print_arguments(printer *p, const ts_op *op) {
    names_state before = names_enter(p, &op->regions[0]);
    print_block_arguments(p, op->regions[0].first);
    ts_buf_u8(p->out, ' ');
    print_named_region(p, &op->regions[0], true);
    names_leave(p, before);
}

static void print_column_row(printer *p, const ts_op *op) {
    static const char *const names[] = {"x", "y"};
    for (size_t i = 0; i < 2; i++)
        if (ts_op_attr(op, names[i]))
            ts_buf_printf(p->out, "%" PRId64 ", ", ts_op_integer(op, names[i], 0));
}

/* ---- builtin, func, arith -------------------------------------------------------------------- */

static void print_module(printer *p, const ts_op *op) {
    const char *name = ts_op_text(op, "sym_name", NULL);
    if (name) {
        ts_buf_u8(p->out, ' ');
        print_symbol_name(p->out, name);
    }
    print_rest(p, op, true);
    ts_buf_u8(p->out, ' ');
    print_region(p, &op->regions[0], true);
}

static void print_argument_attrs(printer *p, const ts_attr *list, uint32_t index) {
    if (!list || !list->elements[index]->n_members) return;
    ts_buf_u8(p->out, ' ');
    ts_attr_print(list->elements[index], p->out);
}

static void print_function_results(printer *p, const ts_op *op, const ts_type *type) {
    const ts_attr *attrs = ts_op_attr(op, "res_attrs");
    if (!type->n_results) return;
    bool is_bare = type->n_results == 1 && !attrs && type->results[0]->kind != TS_TYPE_FUNCTION;
    ts_buf_text(p->out, is_bare ? " -> " : " -> (");
    for (uint32_t i = 0; i < type->n_results; i++) {
        if (i) ts_buf_text(p->out, ", ");
        ts_type_print(type->results[i], p->out);
        print_argument_attrs(p, attrs, i);
    }
    if (!is_bare) ts_buf_u8(p->out, ')');
}

static void print_func(printer *p, const ts_op *op) {
    const char *visibility = ts_op_text(op, "sym_visibility", NULL);
    const ts_type *type = ts_op_attr(op, "function_type")->type_value;
    const ts_block *block = op->regions[0].first;
    names_state before = names_enter(p, &op->regions[0]);
    if (visibility && *visibility) ts_buf_printf(p->out, "%s ", visibility);
    print_symbol_name(p->out, ts_op_text(op, "sym_name", ""));
    ts_buf_u8(p->out, '(');
    for (uint32_t i = 0; i < type->n_inputs; i++) {
        if (i) ts_buf_text(p->out, ", ");
        if (block) {
            print_value(p, block->arguments[i]);
            ts_buf_text(p->out, ": ");
        }
        ts_type_print(type->inputs[i], p->out);
        print_argument_attrs(p, ts_op_attr(op, "arg_attrs"), i);
    }
    ts_buf_u8(p->out, ')');
    print_function_results(p, op, type);
    print_rest(p, op, true);
    if (block) {
        ts_buf_u8(p->out, ' ');
        print_named_region(p, &op->regions[0], true);
    }
    names_leave(p, before);
}

static void print_result_types(printer *p, const ts_op *op) {
    bool is_bare = op->n_results == 1 && op->results[0].type->kind != TS_TYPE_FUNCTION;
    if (!is_bare) ts_buf_u8(p->out, '(');
    for (uint32_t i = 0; i < op->n_results; i++) {
        if (i) ts_buf_text(p->out, ", ");
        ts_type_print(op->results[i].type, p->out);
    }
    if (!is_bare) ts_buf_u8(p->out, ')');
}

static void print_signature(printer *p, const ts_op *op) {
    ts_buf_u8(p->out, '(');
    print_value_types(p, op->operands, op->n_operands);
    ts_buf_text(p->out, ") -> ");
    print_result_types(p, op);
}

static void print_select(printer *p, const ts_op *op) {
    const ts_type *condition = op->operands[0].value->type;
    if (condition->kind != TS_TYPE_INTEGER || condition->width != 1 ||
        condition->signedness != TS_SIGNLESS) {
        ts_type_print(condition, p->out);
        ts_buf_text(p->out, ", ");
    }
    ts_type_print(op->results[0].type, p->out);
}

/* ---- scf ------------------------------------------------------------------------------------- */

static void print_inits(printer *p, const ts_op *op, uint32_t first, uint32_t first_argument) {
    const ts_block *block = op->regions[0].first;
    ts_buf_u8(p->out, '(');
    for (uint32_t i = first; i < op->n_operands; i++) {
        if (i > first) ts_buf_text(p->out, ", ");
        print_value(p, block->arguments[first_argument + i - first]);
        ts_buf_text(p->out, " = ");
        print_value(p, op->operands[i].value);
    }
    ts_buf_u8(p->out, ')');
}

/* " iter_args(...) -> (types)" of loops that carry values. */
static void print_carried(printer *p, const ts_op *op, uint32_t first) {
    if (op->n_operands == first) return;
    ts_buf_text(p->out, " iter_args");
    print_inits(p, op, first, 1);
    ts_buf_text(p->out, " -> (");
    print_value_types(p, op->operands + first, op->n_operands - first);
    ts_buf_u8(p->out, ')');
}

static void print_for(printer *p, const ts_op *op) {
    names_state before = names_enter(p, &op->regions[0]);
    const ts_type *type = op->operands[0].value->type;
    if (ts_op_attr(op, "unsignedCmp")) ts_buf_text(p->out, "unsigned ");
    print_value(p, op->regions[0].first->arguments[0]);
    ts_buf_text(p->out, " = ");
    print_value(p, op->operands[0].value);
    ts_buf_text(p->out, " to ");
    print_value(p, op->operands[1].value);
    ts_buf_text(p->out, " step ");
    print_value(p, op->operands[2].value);
    print_carried(p, op, 3);
    if (type->kind != TS_TYPE_INDEX) {
        ts_buf_text(p->out, " : ");
        ts_type_print(type, p->out);
        ts_buf_u8(p->out, ' '); /* aie-opt has two spaces here */
    }
    ts_buf_u8(p->out, ' ');
    print_named_region(p, &op->regions[0], true);
    names_leave(p, before);
    print_rest(p, op, false);
}

static void print_else(printer *p, const ts_op *op) {
    if (op->n_results) {
        ts_buf_text(p->out, " -> (");
        for (uint32_t i = 0; i < op->n_results; i++) {
            if (i) ts_buf_text(p->out, ", ");
            ts_type_print(op->results[i].type, p->out);
        }
        ts_buf_u8(p->out, ')');
    }
    ts_buf_u8(p->out, ' ');
    print_region(p, &op->regions[0], false);
    if (op->regions[1].first) {
        ts_buf_text(p->out, " else ");
        print_region(p, &op->regions[1], false);
    }
    print_rest(p, op, false);
}

static void print_if(printer *p, const ts_op *op) {
    print_value(p, op->operands[0].value);
    print_else(p, op);
}

static void print_while(printer *p, const ts_op *op) {
    names_state before = names_enter(p, &op->regions[0]);
    if (op->n_operands) {
        print_inits(p, op, 0, 0);
        ts_buf_u8(p->out, ' ');
    }
    ts_buf_text(p->out, ": ");
    print_signature(p, op);
    ts_buf_u8(p->out, ' ');
    print_named_region(p, &op->regions[0], true);
    names_leave(p, before);
    ts_buf_text(p->out, " do ");
    print_region(p, &op->regions[1], false);
    print_rest(p, op, true);
}

static void print_switch(printer *p, const ts_op *op) {
    const ts_attr *cases = ts_op_attr(op, "cases");
    print_value(p, op->operands[0].value);
    print_rest(p, op, false);
    if (op->n_results) {
        ts_buf_text(p->out, " -> ");
        print_result_types(p, op);
    }
    for (size_t i = 0; i < cases->n_elements; i++) {
        ts_buf_printf(p->out, "\n%*scase %" PRId64 " ", (int)p->indent * 2, "",
                      ts_attr_element(cases, i));
        print_region(p, &op->regions[i + 1], false);
    }
    ts_buf_printf(p->out, "\n%*sdefault ", (int)p->indent * 2, "");
    print_region(p, &op->regions[0], false);
}

static void print_execute(printer *p, const ts_op *op) {
    if (op->n_results) {
        ts_buf_text(p->out, "-> ");
        print_result_types(p, op);
        ts_buf_u8(p->out, ' ');
    }
    if (ts_op_attr(op, "no_inline")) ts_buf_text(p->out, "no_inline ");
    print_region(p, &op->regions[0], false);
    print_rest(p, op, false);
}

/* ---- affine ---------------------------------------------------------------------------------- */

/* Names in a map's first brackets: its dimensions. */
static uint32_t count_dims(const char *map) {
    const char *open = strchr(map, '('), *close = open ? strchr(open, ')') : NULL;
    uint32_t n = 0;
    bool in_name = false;
    for (const char *c = open ? open + 1 : NULL; c && close && c < close; c++) {
        bool is_name = *c != ' ' && *c != ',';
        n += is_name && !in_name;
        in_name = is_name;
    }
    return n;
}

static void print_applied(printer *p, const char *map, const ts_use *uses, uint32_t n) {
    uint32_t n_dims = count_dims(map);
    if (n_dims > n) n_dims = n;
    ts_buf_text(p->out, map);
    ts_buf_u8(p->out, '(');
    print_values(p, uses, n_dims);
    ts_buf_u8(p->out, ')');
    if (n_dims == n) return;
    ts_buf_u8(p->out, '[');
    print_values(p, uses + n_dims, n - n_dims);
    ts_buf_u8(p->out, ']');
}

/* A constant bound is a number again. */
static bool constant_bound(const char *map, const char **number, size_t *length) {
    static const char head[] = "affine_map<() -> (";
    size_t size = strlen(map);
    if (size < sizeof head + 1 || memcmp(map, head, sizeof head - 1) != 0) return false;
    *number = map + sizeof head - 1;
    *length = strcspn(*number, ")");
    const char *digits = *number + (**number == '-');
    return strcmp(*number + *length, ")>") == 0 && *length <= 18 && *digits != '\0' &&
           (*digits != '0' || *length == 1) &&
           strspn(digits, "0123456789") == *length - (size_t)(digits - *number) &&
           digits < *number + *length;
}

static bool has_many_results(const char *map) {
    const char *arrow = strstr(map, "-> (");
    int open = 0;
    for (const char *c = arrow ? arrow + 4 : ""; *c && open >= 0; c++) {
        open += (*c == '(') - (*c == ')');
        if (*c == ',' && open == 0) return true;
    }
    return false;
}

static void print_bound(printer *p, const char *map, const char *keyword, const ts_use *uses,
                        uint32_t n) {
    const char *number;
    size_t length;
    if (n == 0 && constant_bound(map, &number, &length)) {
        ts_buf_bytes(p->out, number, length);
    } else if (n == 1 && strcmp(map, "affine_map<()[s0] -> (s0)>") == 0) {
        print_value(p, uses[0].value);
    } else {
        if (has_many_results(map)) ts_buf_printf(p->out, "%s ", keyword);
        print_applied(p, map, uses, n);
    }
}

static void print_affine_for(printer *p, const ts_op *op) {
    uint32_t n[2];
    const ts_use *low = ts_op_segment(op, 0, &n[0]), *high = ts_op_segment(op, 1, &n[1]);
    int64_t step = ts_op_integer(op, "step", 1);
    names_state before = names_enter(p, &op->regions[0]);
    print_value(p, op->regions[0].first->arguments[0]);
    ts_buf_text(p->out, " = ");
    print_bound(p, ts_op_attr(op, "lowerBoundMap")->text, "max", low, n[0]);
    ts_buf_text(p->out, " to ");
    print_bound(p, ts_op_attr(op, "upperBoundMap")->text, "min", high, n[1]);
    if (step != 1) ts_buf_printf(p->out, " step %" PRId64, step);
    print_carried(p, op, n[0] + n[1]);
    ts_buf_u8(p->out, ' ');
    print_named_region(p, &op->regions[0], true);
    names_leave(p, before);
    print_rest(p, op, false);
}

static void print_affine_if(printer *p, const ts_op *op) {
    print_applied(p, ts_op_attr(op, "condition")->text, op->operands, op->n_operands);
    print_else(p, op);
}

/* A map's expressions with the operands in the places of its dimensions and symbols. */
static void print_subscripts(printer *p, const ts_op *op, uint32_t first) {
    size_t length;
    const char *text = design_subscripts(op, first, &length), *end = text + length;
    uint32_t n_dims = count_dims(ts_op_attr(op, "map")->text);
    ts_buf_u8(p->out, '[');
    while (text < end) {
        bool is_symbol = *text == 's';
        bool is_value =
            (is_symbol || *text == 'd') && text + 1 < end && text[1] >= '0' && text[1] <= '9';
        if (!is_value) {
            ts_buf_u8(p->out, (uint8_t)*text++);
            continue;
        }
        uint32_t number = 0;
        for (text++; text < end && *text >= '0' && *text <= '9'; text++)
            number = number * 10 + (uint32_t)(*text - '0');
        if (is_symbol) ts_buf_text(p->out, "symbol(");
        print_value(p, op->operands[first + number + (is_symbol ? n_dims : 0)].value);
        if (is_symbol) ts_buf_u8(p->out, ')');
    }
    ts_buf_u8(p->out, ']');
}

static void print_affine_access(printer *p, const ts_op *op, uint32_t memref) {
    print_values(p, op->operands, memref + 1);
    print_subscripts(p, op, memref + 1);
    print_rest(p, op, false);
    ts_buf_text(p->out, " : ");
    ts_type_print(op->operands[memref].value->type, p->out);
}

static void print_affine_load(printer *p, const ts_op *op) {
    print_affine_access(p, op, 0);
}

static void print_affine_store(printer *p, const ts_op *op) {
    print_affine_access(p, op, 1);
}

static void print_affine_apply(printer *p, const ts_op *op) {
    print_applied(p, ts_op_attr(op, "map")->text, op->operands, op->n_operands);
    print_rest(p, op, false);
}

void print_irregular(printer *p, const ts_op *op, const char *word, size_t length,
                     uint32_t *n_segments) {
    static const struct {
        const char *name;
        void (*print)(printer *p, const ts_op *op);
        uint32_t n_segments;
    } parts[] = {
        {"place", print_place, 0},
        {"initial", print_initial, 0},
        {"allocation", print_allocation, 1},
        {"producer", print_producer, 1},
        {"consumers", print_consumers, 1},
        {"initials", print_initials, 0},
        {"offsets", print_offsets, 0},
        {"arguments", print_arguments, 0},
        {"column_row", print_column_row, 0},
        {"module", print_module, 0},
        {"signature", print_signature, 0},
        {"func", print_func, 0},
        {"global", print_global, 0},
        {"select", print_select, 0},
        {"for", print_for, 0},
        {"if", print_if, 0},
        {"while", print_while, 0},
        {"switch", print_switch, 0},
        {"execute", print_execute, 0},
        {"affine_for", print_affine_for, 0},
        {"affine_if", print_affine_if, 0},
        {"affine_load", print_affine_load, 0},
        {"affine_store", print_affine_store, 0},
        {"affine_apply", print_affine_apply, 0},
    };
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (design_word_is(word, length, parts[i].name)) {
            parts[i].print(p, op);
            *n_segments = parts[i].n_segments;
        }
}
