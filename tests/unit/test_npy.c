/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * base: NumPy arrays. The first bytes below are what NumPy 1.26 writes for
 * numpy.save(f, numpy.arange(-3, 3, dtype=numpy.int8).reshape(2, 3)). */
#include "support.h"

#include <string.h>

static ts_span numpy_file(ts_arena *arena) {
    ts_buf out = ts_buf_in(arena);
    ts_buf_bytes(&out, "\x93NUMPY\x01\x00v\x00", 10);
    ts_buf_printf(&out, "%-117s\n", "{'descr': '|i1', 'fortran_order': False, 'shape': (2, 3), }");
    static const int8_t values[6] = {-3, -2, -1, 0, 1, 2};
    ts_buf_bytes(&out, values, 6);
    return ts_buf_span(&out);
}

static void reads_and_writes_what_numpy_does(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_diag diag = {0};
    ts_npy array;
    ts_span file = numpy_file(arena);
    assert_int_equal(ts_npy_parse(file, "a.npy", &array, &diag), TS_OK);
    assert_string_equal(ts_npy_type_name(array.type), "int8");
    assert_int_equal(array.n_dims, 2);
    assert_int_equal(array.shape[0], 2);
    assert_int_equal(array.shape[1], 3);
    assert_int_equal((int8_t)array.data.data[0], -3);
    ts_buf again = ts_buf_in(arena);
    assert_int_equal(ts_npy_write(&array, &again, &diag), TS_OK);
    test_same_bytes(ts_buf_span(&again), file);
    test_end(arena);
}

static void every_type_and_order_survives(void **state) {
    (void)state;
    static const uint8_t values[64];
    for (int type = 0; type < TS_NPY_N_TYPES; type++)
        for (unsigned n_dims = 0; n_dims <= 3; n_dims++) {
            ts_arena *arena = test_begin();
            ts_diag diag = {0};
            ts_npy array = {.type = (ts_npy_type)type,
                            .n_dims = n_dims,
                            .shape = {2, 2, 2},
                            .fortran_order = n_dims == 2};
            array.data = ts_span_of(values, ts_npy_type_size(array.type) << n_dims);
            ts_buf out = ts_buf_in(arena);
            assert_int_equal(ts_npy_write(&array, &out, &diag), TS_OK);
            assert_int_equal((out.size - array.data.size) % 64, 0);
            ts_npy again;
            assert_int_equal(ts_npy_parse(ts_buf_span(&out), "a.npy", &again, &diag), TS_OK);
            assert_int_equal(again.type, array.type);
            assert_int_equal(again.n_dims, n_dims);
            assert_int_equal(again.fortran_order, array.fortran_order);
            assert_int_equal(again.n_elements, 1u << n_dims);
            test_end(arena);
        }
}

static void parse_header(ts_arena *arena, const char *header, size_t n_values, ts_npy *out,
                         ts_diag *diag) {
    ts_buf file = ts_buf_in(arena);
    ts_buf_bytes(&file, "\x93NUMPY\x01\x00", 8);
    ts_buf_u16le(&file, (uint16_t)strlen(header));
    ts_buf_text(&file, header);
    ts_buf_zeros(&file, n_values);
    (void)!ts_npy_parse(ts_buf_span(&file), "a.npy", out, diag);
}

static void bad_headers_are_named(void **state) {
    (void)state;
    static const struct {
        const char *header, *words;
        ts_status code;
    } rows[] = {
        {"{'descr': '<i4', 'fortran_order': False, 'shape': (2,)}", "8", TS_TRUNCATED},
        {"{'descr': '|i1', 'fortran_order': False, 'shape': (2,)}", "needs 2", TS_RANGE},
        {"{'descr': '>i4', 'fortran_order': False, 'shape': (1,)}", "'>i4'", TS_UNSUPPORTED},
        {"{'descr': '|O', 'fortran_order': False, 'shape': (1,)}", "'|O'", TS_UNSUPPORTED},
        {"{'descr': [('a', '<i4')], 'fortran_order': False, 'shape': (1,)}", "structured",
         TS_UNSUPPORTED},
        {"{'descr': '<i4', 'fortran_order': 1, 'shape': (1,)}", "True or False", TS_SYNTAX},
        {"{'descr': '<i4', 'shape': (1,)}", "'fortran_order'", TS_SYNTAX},
        {"{'descr': '<i4', 'descr': '<i4'}", "once each", TS_SYNTAX},
        {"{'descr': '<i4', 'fortran_order': False, 'shape': (4294967296, 4294967296)}", "2^64",
         TS_RANGE},
        {"{'descr': '<i4', 'fortran_order': False, 'shape': (99999999999999999999,)}", "2^64",
         TS_SYNTAX},
        {"{'descr': '<i4', 'fortran_order': False, 'shape': (-1,)}", "dimension", TS_SYNTAX},
        {"{'descr': '<i4", "end of a quoted string", TS_SYNTAX},
        {"", "'{'", TS_SYNTAX},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ts_arena *arena = test_begin();
        ts_diag diag = {0};
        ts_npy array;
        parse_header(arena, rows[i].header, 4, &array, &diag);
        test_expect_error(&diag, rows[i].code, rows[i].words);
        test_end(arena);
    }
}

static void a_zero_dimension_holds_nothing(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_diag diag = {0};
    ts_npy array;
    parse_header(arena,
                 "{'descr': '<f8', 'fortran_order': False, 'shape': (0, 18446744073709551615)}", 0,
                 &array, &diag);
    assert_int_equal(diag.code, TS_OK);
    assert_int_equal(array.n_elements, 0);
    test_end(arena);
}

static void every_truncation_is_an_error(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_span file = numpy_file(arena);
    for (size_t size = 0; size < file.size; size++) {
        ts_diag diag = {0};
        ts_npy array;
        assert_int_not_equal(ts_npy_parse(ts_span_of(file.data, size), "a.npy", &array, &diag),
                             TS_OK);
        assert_true(diag.message[0]);
    }
    test_end(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_and_writes_what_numpy_does),
        cmocka_unit_test(every_type_and_order_survives),
        cmocka_unit_test(bad_headers_are_named),
        cmocka_unit_test(a_zero_dimension_holds_nothing),
        cmocka_unit_test(every_truncation_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
