/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The checker of CHECK lines: each directive finds what it should and refuses what it should.
 */
#include "filecheck.h"
#include "support.h"

#include <string.h>

static const char input[] = "module {\n"
                            "  %tile = aie.tile(1, 2)\n"
                            "  %b0 = aie.buffer(%tile)   {sym_name = \"b0\"}\n"
                            "  aie.end\n"
                            "\n"
                            "  aie.last\n"
                            "}\n";

typedef struct row {
    bool holds;
    const char *checks;
} row;

static const row rows[] = {
    {true, "// CHECK: aie.tile(1, 2)"},
    {false, "// CHECK: aie.tile(2, 1)"},
    {false, "// nothing"},
    {true, "// CHECK: tile\n// CHECK: buffer\n// CHECK: end"},
    {false, "// CHECK: buffer\n// CHECK: module"},
    {true, "// CHECK: buffer(%tile) {sym_name"},
    {true, "// CHECK: %[[T:.*]] = aie.tile\n// CHECK: aie.buffer(%[[T]])"},
    {false, "// CHECK: %[[T:.*]] = aie.tile\n// CHECK: aie.end\n// CHECK: [[T]]"},
    {true, "// CHECK: %[[B:b[0-9]]] = aie.buffer{{.*}}\"[[B]]\""},
    {false, "// CHECK: [[UNSET]]"},
    {true, "// CHECK: aie.tile\n// CHECK-NEXT: aie.buffer"},
    {false, "// CHECK: aie.tile\n// CHECK-NEXT: aie.end"},
    {true, "// CHECK: %tile =\n// CHECK-SAME: (1, 2)"},
    {false, "// CHECK: %tile =\n// CHECK-SAME: sym_name"},
    {true, "// CHECK: aie.tile\n// CHECK-NOT: core\n// CHECK: aie.end"},
    {false, "// CHECK: aie.tile\n// CHECK-NOT: buffer\n// CHECK: aie.end"},
    {true, "// CHECK: aie.end\n// CHECK-NOT: buffer"},
    {false, "// CHECK: aie.tile\n// CHECK-NOT: last"},
    {true, "// CHECK-DAG: aie.end\n// CHECK-DAG: aie.tile\n// CHECK: aie.last"},
    {false, "// CHECK-DAG: aie.end\n// CHECK-DAG: aie.end"},
    {true, "// CHECK: aie.end\n// CHECK-EMPTY:\n// CHECK-NEXT: aie.last"},
    {false, "// CHECK: aie.tile\n// CHECK-EMPTY:"},
    {true, "// CHECK-COUNT-2: aie.{{tile|buffer}}"},
    {false, "// CHECK-COUNT-5: aie."},
    {true, "// CHECK-LABEL: aie.tile\n// CHECK: buffer\n// CHECK-LABEL: aie.end\n// CHECK: last"},
    {false, "// CHECK-LABEL: aie.tile\n// CHECK: last\n// CHECK-LABEL: aie.end"},
    {true, "// OTHER: aie.tile"},
    {false, "// XCHECK: aie.tile"},
    {true, "// CHECK: aie.tile({{[0-9]+}}, {{(1|2)}})\n// CHECK: {{^}}}"},
};

static void each_directive_holds_or_not(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ts_arena *arena = test_begin();
        char message[256];
        bool holds = filecheck(arena, test_text(rows[i].checks), test_text(input), "CHECK,OTHER",
                               message, sizeof message);
        if (holds != rows[i].holds) print_error("%s\n%s\n", rows[i].checks, message);
        assert_int_equal(holds, rows[i].holds);
        test_end(arena);
    }
}

static void a_failure_names_its_line(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    char message[256];
    assert_false(filecheck(arena, test_text("\n// CHECK: tile\n// CHECK: nowhere"),
                           test_text(input), "CHECK", message, sizeof message));
    assert_non_null(strstr(message, "line 3: not found: 'nowhere' from line 2"));
    test_end(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_directive_holds_or_not),
        cmocka_unit_test(a_failure_names_its_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
