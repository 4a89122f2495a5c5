/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * The tree of a design, built by hand: operations, values and their uses, copies, walking. */
#include "support.h"

#include "tessera/design.h"

#include <string.h>

static ts_op *new_op(ts_design *design, ts_op_code code, ts_value *operand, size_t n_results,
                     size_t n_regions) {
    const ts_type *type = ts_type_index(design);
    ts_value *operands[] = {operand};
    const ts_type *results[] = {type, type};
    ts_op *op = ts_op_new(design, code, operands, operand ? 1 : 0, results, n_results, n_regions);
    assert_non_null(op);
    return op;
}

static ts_block *body(ts_design *design) {
    return design->module->regions[0].first;
}

/* module { %tile = tile; core(%tile) { ^0(%a): lock(%tile); next_bd ^1; ^1: use_lock(%a) } } */
typedef struct sample {
    ts_design *design;
    ts_op *tile, *core, *lock, *branch, *use;
    ts_block *blocks[2];
} sample;

static sample make_sample(ts_arena *arena) {
    sample s = {.design = ts_design_new(arena, "sample.mlir")};
    assert_non_null(s.design);
    s.tile = new_op(s.design, TS_OP_AIE_TILE, NULL, 1, 0);
    ts_op_append(body(s.design), s.tile);
    s.core = new_op(s.design, TS_OP_AIE_CORE, &s.tile->results[0], 1, 1);
    ts_op_append(body(s.design), s.core);
    for (int i = 0; i < 2; i++)
        s.blocks[i] = ts_block_append(s.design, &s.core->regions[0]);
    ts_value *argument = ts_block_add_argument(s.design, s.blocks[0], ts_type_index(s.design));
    argument->name = "a";
    s.lock = new_op(s.design, TS_OP_AIE_LOCK, &s.tile->results[0], 1, 0);
    ts_op_append(s.blocks[0], s.lock);
    s.branch = new_op(s.design, TS_OP_AIE_NEXT_BD, NULL, 0, 0);
    assert_true(ts_op_set_successors(s.design, s.branch, &s.blocks[1], 1));
    ts_op_append(s.blocks[0], s.branch);
    s.use = new_op(s.design, TS_OP_AIE_USE_LOCK, argument, 0, 0);
    ts_op_append(s.blocks[1], s.use);
    return s;
}

static unsigned count_uses(const ts_value *value) {
    unsigned n = 0;
    for (const ts_use *use = value->first_use; use; use = use->next) {
        assert_ptr_equal(use->value, value);
        n++;
    }
    return n;
}

static void types_are_unique(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_design *design = ts_design_new(arena, NULL);
    const ts_type *i32 = ts_type_integer(design, 32, TS_SIGNLESS);
    assert_ptr_equal(i32, ts_type_integer(design, 32, TS_SIGNLESS));
    assert_ptr_not_equal(i32, ts_type_integer(design, 32, TS_SIGNED));
    const ts_type *memrefs[300];
    for (int64_t i = 0; i < 300; i++) {
        const int64_t shape[] = {i, 4};
        memrefs[i] = ts_type_memref(design, shape, 2, i32);
    }
    for (int64_t i = 0; i < 300; i++) {
        const int64_t shape[] = {i, 4};
        assert_ptr_equal(ts_type_memref(design, shape, 2, i32), memrefs[i]);
        assert_int_equal(ts_type_n_elements(memrefs[i]), i * 4);
        assert_int_equal(ts_type_n_bytes(memrefs[i]), i * 16);
    }
    const int64_t dynamic[] = {TS_DYNAMIC_SIZE}, huge[] = {1 << 30, 1 << 30};
    assert_int_equal(ts_type_n_bytes(ts_type_memref(design, dynamic, 1, i32)), 0);
    assert_int_equal(ts_type_n_bytes(ts_type_memref(design, huge, 2, i32)), 0);
    const int64_t odd[] = {9};
    const ts_type *i4 = ts_type_integer(design, 4, TS_SIGNLESS);
    assert_int_equal(ts_type_n_bytes(ts_type_memref(design, odd, 1, i4)), 5);
    const ts_type vector = {.kind = TS_TYPE_VECTOR, .shape = odd, .n_dims = 1, .element = i32};
    const ts_type *of_vectors = ts_type_memref(design, odd, 1, ts_type_unique(design, &vector));
    assert_int_equal(ts_type_n_bytes(of_vectors), 9 * 9 * 4);
    test_end(arena);
}

static void attributes_are_sorted_and_replaced(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    sample s = make_sample(arena);
    static const char *const names[] = {"row", "col", "z", "a", "col"};
    for (size_t i = 0; i < 5; i++)
        assert_true(ts_op_set_attr(s.design, s.tile, names[i], ts_attr_i32(s.design, (int64_t)i)));
    assert_int_equal(s.tile->n_attrs, 4);
    for (uint32_t i = 1; i < s.tile->n_attrs; i++)
        assert_true(strcmp(s.tile->attrs[i - 1].name, s.tile->attrs[i].name) < 0);
    assert_int_equal(ts_op_integer(s.tile, "col", -1), 4);
    assert_int_equal(ts_op_integer(s.tile, "missing", -1), -1);
    assert_true(ts_op_set_attr(s.design, s.tile, "col", NULL));
    assert_null(ts_op_attr(s.tile, "col"));
    assert_int_equal(ts_op_integer(s.tile, "row", -1), 0);
    assert_true(ts_op_set_attr(s.design, s.lock, "sym_name", ts_attr_string(s.design, "l")));
    assert_string_equal(ts_op_text(s.lock, "sym_name", ""), "l");
    assert_ptr_equal(ts_symbol_find(s.core, "l"), s.lock);
    assert_null(ts_symbol_find(s.core, "k"));
    test_end(arena);
}

static void dense_elements_and_segments(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    sample s = make_sample(arena);
    const int64_t values[] = {1, -2, 3};
    const ts_attr *dense =
        ts_attr_dense_array(s.design, ts_type_integer(s.design, 16, TS_SIGNLESS), values, 3);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(ts_attr_element(dense, i), values[i]);
    assert_int_equal(ts_attr_element(dense, 3), 0);
    assert_true(ts_attr_equal(dense, ts_attr_dense_array(s.design, dense->type, values, 3)));
    assert_false(ts_attr_equal(dense, ts_attr_dense_array(s.design, dense->type, values, 2)));

    ts_value *operands[] = {&s.tile->results[0], &s.core->results[0], &s.tile->results[0]};
    assert_true(ts_op_set_operands(s.design, s.use, operands, 3));
    const int64_t sizes[] = {1, 0, 2};
    assert_true(ts_op_set_attr(
        s.design, s.use, "operandSegmentSizes",
        ts_attr_dense_array(s.design, ts_type_integer(s.design, 32, TS_SIGNLESS), sizes, 3)));
    uint32_t n;
    assert_ptr_equal(ts_op_segment(s.use, 2, &n)->value, operands[1]);
    assert_int_equal(n, 2);
    ts_op_segment(s.use, 1, &n);
    assert_int_equal(n, 0);
    ts_op_segment(s.use, 3, &n);
    assert_int_equal(n, 0);
    test_end(arena);
}

static void uses_follow_values(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    sample s = make_sample(arena);
    ts_value *tile = &s.tile->results[0];
    assert_int_equal(count_uses(tile), 2);
    ts_value_replace(tile, &s.lock->results[0]);
    assert_int_equal(count_uses(tile), 0);
    assert_int_equal(count_uses(&s.lock->results[0]), 2);
    ts_use_set(&s.core->operands[0], tile);
    assert_int_equal(count_uses(tile), 1);
    assert_int_equal(count_uses(&s.lock->results[0]), 1);
    ts_op_erase(s.use);
    assert_int_equal(count_uses(s.blocks[0]->arguments[0]), 0);
    assert_null(s.blocks[1]->first);
    ts_op_erase(s.core);
    assert_int_equal(count_uses(tile), 0);
    assert_ptr_equal(body(s.design)->last, s.tile);
    test_end(arena);
}

static void walking_visits_all_in_order(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    sample s = make_sample(arena);
    const ts_op *const order[] = {s.tile, s.core, s.lock, s.branch, s.use};
    const ts_op *at = s.design->module;
    for (size_t i = 0; i < 5; i++) {
        at = ts_op_next_below(s.design->module, at);
        assert_ptr_equal(at, order[i]);
    }
    assert_null(ts_op_next_below(s.design->module, at));
    assert_ptr_equal(ts_op_next_below(s.core, s.core), s.lock);
    assert_null(ts_op_next_below(s.core, s.use));
    assert_null(ts_op_next_below(s.tile, s.tile));
    assert_ptr_equal(ts_op_parent(s.use), s.core);
    assert_ptr_equal(ts_op_parent_of(s.use, TS_OP_MODULE), s.design->module);
    assert_null(ts_op_parent(s.design->module));
    assert_ptr_equal(ts_op_child(s.design->module, TS_OP_AIE_CORE, NULL), s.core);
    assert_null(ts_op_child(s.design->module, TS_OP_AIE_CORE, s.core));
    test_end(arena);
}

static void operations_move(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    sample s = make_sample(arena);
    ts_op_unlink(s.core);
    ts_op_insert_before(s.tile, s.core);
    assert_ptr_equal(body(s.design)->first, s.core);
    ts_op_unlink(s.core);
    ts_op_insert_after(s.tile, s.core);
    assert_ptr_equal(body(s.design)->last, s.core);
    ts_op *between = new_op(s.design, TS_OP_AIE_TILE, NULL, 1, 0);
    ts_op_insert_after(s.tile, between);
    assert_ptr_equal(s.tile->next, between);
    assert_ptr_equal(s.core->previous, between);
    ts_block *block = ts_block_insert_after(s.design, s.blocks[0]);
    assert_ptr_equal(block->next, s.blocks[1]);
    assert_ptr_equal(s.blocks[1]->previous, block);
    test_end(arena);
}

static void a_copy_is_whole_and_apart(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    sample s = make_sample(arena);
    ts_op *copy = ts_op_clone(s.design, s.core);
    assert_non_null(copy);
    assert_null(copy->block);
    assert_ptr_equal(copy->operands[0].value, &s.tile->results[0]);
    assert_int_equal(count_uses(&s.tile->results[0]), 4);
    ts_block *first = copy->regions[0].first, *second = first->next;
    assert_ptr_not_equal(first, s.blocks[0]);
    assert_ptr_equal(first->last->successors[0], second);
    assert_ptr_equal(second->first->operands[0].value, first->arguments[0]);
    assert_string_equal(first->arguments[0]->name, "a");
    assert_int_equal(count_uses(s.blocks[0]->arguments[0]), 1);
    assert_int_equal(first->first->code, TS_OP_AIE_LOCK);
    test_end(arena);
}

static ts_status build_and_clone(ts_arena *arena, void *context) {
    (void)context;
    ts_design *design = ts_design_new(arena, "x");
    if (!design) return TS_NOMEM;
    const ts_type *type = ts_type_index(design);
    if (!type) return TS_NOMEM;
    ts_op *op = ts_op_new(design, TS_OP_AIE_CORE, NULL, 0, &type, 1, 1);
    if (!op) return TS_NOMEM;
    ts_block *block = ts_block_append(design, &op->regions[0]);
    if (!block || !ts_block_add_argument(design, block, type)) return TS_NOMEM;
    if (!ts_op_set_attr(design, op, "a", ts_attr_i32(design, 1)) || !ts_op_attr(op, "a"))
        return TS_NOMEM;
    return ts_op_clone(design, op) ? TS_OK : TS_NOMEM;
}

static void no_memory_is_no_crash(void **state) {
    (void)state;
    test_every_allocation_fails(build_and_clone, NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(types_are_unique),
        cmocka_unit_test(attributes_are_sorted_and_replaced),
        cmocka_unit_test(dense_elements_and_segments),
        cmocka_unit_test(uses_follow_values),
        cmocka_unit_test(walking_visits_all_in_order),
        cmocka_unit_test(operations_move),
        cmocka_unit_test(a_copy_is_whole_and_apart),
        cmocka_unit_test(no_memory_is_no_crash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
