/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * aie2: short sequences and the hazards in them. */
#include "aie2_ops.h"

#include <stdio.h>
#include <string.h>

enum {
    MAX_BUNDLES = 32,
};

#define LOAD    "LDA_dms_lda_idx_imm"
#define STORE   "ST_dms_sts_idx_imm"
#define STORE8  "ST_S8_ag_idx_imm"
#define VLDA    "VLDA_dmw_lda_w_ag_idx_imm"
#define VLDB    "VLDB_dmw_ldb_ag_idx_imm"
#define VMAC    "VMAC_vmac_cm_core_dense"
#define VMUL    "VMUL_vmac_cm_core_dense"
#define MOVX    "MOVX_alu_cg"
#define ACQUIRE "ACQ_mLockId_imm"
#define RELEASE "REL_mLockId_imm"

typedef struct expected {
    const char *what;
    /* Bundles divided by '|', ops by ';'; "!" begins one that is quiet, "^" one that starts anew;
     * a number stands for so many empty bundles. */
    const char *code;
    const char *hazards; /* the text of each, with the place of the second, one a line */
} expected;

static const expected cases[] = {
    {"a load is read six bundles behind it", LOAD " r0 p0 0|5|ADD r1 r0 r2",
     "7: r0 is read before its new value is there: 1 more bundle behind lda (line 1)\n"},
    {"and seven behind it", LOAD " r0 p0 0|6|ADD r1 r0 r2", ""},
    {"in the bundle of the load the old value is meant", LOAD " r0 p0 0;ADD r1 r0 r2", ""},
    {"two reads, two reports", LOAD " r0 p0 0|ADD r1 r0 r0|ADD r2 r0 r3",
     "2: r0 is read before its new value is there: 6 more bundles behind lda (line 1)\n"
     "3: r0 is read before its new value is there: 5 more bundles behind lda (line 1)\n"},
    {"half of a vector", VLDA " wh0 p0 0|2|VADD_8 x1 x0 x2",
     "4: wh0 is read before its new value is there: 4 more bundles behind vlda (line 1)\n"},
    {"a newer value is there", LOAD " r0 p0 0|" MOVX " r0 1|ADD r1 r0 r2", ""},
    {"MAC behind MAC by way of the bypass",
     VMUL " cm0 x0 x2 r0|1|" VMAC " cm0 cm0 x0 x2 r0|" VMAC " cm0 cm0 x0 x2 r0",
     "4: amll0 is read before its new value is there: 1 more bundle behind vmac (line 3)\n"},
    {"the vector inputs of a MAC have no bypass",
     "VADD_8 x0 x2 x4|" VMUL " cm0 x0 x2 r0|1|VADD_8 x4 x2 x2|VADD_8 x5 x4 x2",
     "2: wl0 is read before its new value is there: 1 more bundle behind vadd.8 (line 1)\n"},
    {"a result sampled late is a newer one", STORE8 " r0 p0 0|" MOVX " r0 1",
     "2: r0 is changed before an older op has read it: 5 more bundles behind st.s8 (line 1)\n"},
    {"or comes in time", STORE8 " r0 p0 0|5|" MOVX " r0 1", ""},
    {"even within one bundle", STORE8 " r0 p0 0;" MOVX " r0 1",
     "1: r0 is changed before an older op has read it: 6 more bundles behind st.s8 (line 1)\n"},
    {"two loads land apart, a move between them with one", LOAD " r0 p0 0|5|" MOVX " r0 1",
     "7: r0 is written twice in one cycle: 1 more bundle behind lda (line 1)\n"},
    {"a move lost behind a load", LOAD " r0 p0 0|2|" MOVX " r0 1",
     "4: r0 is written before an older write has landed: 4 more bundles behind lda (line 1)\n"},
    {"a register used twice on purpose",
     LOAD " r0 p0 0|2|" MOVX " r0 1|ADD r1 r0 r0|6|ADD r2 r0 r0", ""},
    {"status flags may meet", "VSRS_S16_S32_mv_w_srs wl0 bml0 s0;VSRSM_S16_S32 wl2 bml1 s0",
     "1: port CM_RM is used twice in one cycle: 1 more bundle behind vsrs.s16.s32 (line 1)\n"},
    {"one port, loads and moves", LOAD " r0 p0 0|5|MOVA_lda_cg r1 3",
     "7: port R_WA is used twice in one cycle: 1 more bundle behind lda (line 1)\n"},
    {"no port is left", LOAD " r0 p0 0|4|MOVA_lda_cg r1 3|1|MOVA_lda_cg r2 3", ""},
    {"memory behind a store of a byte", STORE8 " r0 p0 0|2|" LOAD " r1 p1 0",
     "4: lda comes too soon behind a store of part of a word: 4 more bundles behind st.s8 (line "
     "1)\n"},
    {"far enough", STORE8 " r0 p0 0|6|" LOAD " r1 p1 0", ""},
    {"a store released too soon", STORE " r0 p0 0|2|" RELEASE " 3 r1",
     "4: rel comes too soon: memory and locks are to be kept apart: 1 more bundle behind st (line "
     "1)\n"},
    {"a load acquired too soon", ACQUIRE " 3 r1|1|" LOAD " r0 p0 0",
     "3: lda comes too soon: memory and locks are to be kept apart: 2 more bundles behind acq "
     "(line "
     "1)\n"},
    {"locks kept apart", ACQUIRE " 3 r1|3|" STORE " r0 p0 0|3|" RELEASE " 3 r1", ""},
    {"the stack is no business of locks", ACQUIRE " 3 r1|1|LDA_dms_spill r0 -32", ""},
    {"a store of a general register beside a move of a pointer", STORE " r0 p0 0;MOV_mv_scl p1 p2",
     ""},
    {"two pointers are read in one cycle", STORE " p3 p0 0;MOV_mv_scl p1 p2",
     "1: port P_RM is used twice in one cycle: 1 more bundle behind st (line 1)\n"},
    {"a jump behind a jump", "JNZ r0 64|2|J_jump_imm 0",
     "4: j is in the delay slots of a jump: 3 more bundles behind jnz (line 1)\n"},
    {"a jump behind the delay slots", "JNZ r0 64|5|J_jump_imm 0", ""},
    {"a jump that may fall through carries on", LOAD " r0 p0 0|JNZ r1 64|5|JNZ r0 64", ""},
    {"and here it is too soon", "JNZ r1 64|4|" LOAD " r0 p0 0|JNZ r0 64",
     "7: r0 is read before its new value is there: 6 more bundles behind lda (line 6)\n"},
    {"behind a jump nothing is known", "J_jump_imm 64|4|" LOAD " r0 p0 0|ADD r1 r0 r0", ""},
    {"nor behind a call", "JL 64|4|" LOAD " r0 p0 0|ADD r1 r0 r0", ""},
    {"nor behind a return", "RET|4|" LOAD " r0 p0 0|ADD r1 r0 r0", ""},
    {"nor where one starts anew", LOAD " r0 p0 0|^ADD r1 r0 r0", ""},
    {"quiet bundles", LOAD " r0 p0 0|!ADD r1 r0 r0|ADD r1 r0 r0",
     "3: r0 is read before its new value is there: 5 more bundles behind lda (line 1)\n"},
    {"a quiet load", "!" LOAD " r0 p0 0|ADD r1 r0 r0", ""},
    {"carry", "ADD r0 r1 r2|ADC r3 r4 r5", ""},
    {"only counters of a dimension are written",
     "LDA_2D_dms_lda r0 p0 d0|MOV_mv_scl r1 dn0|MOV_mv_scl r2 dc0", ""},
    {"a call's return address", "JL 64|MOV_mv_scl r0 lr",
     "2: lr is read before its new value is there: 3 more bundles behind jl (line 1)\n"},
};

static size_t parse(const char *code, ts_aie2_placed *bundles) {
    size_t n_bundles = 0;
    while (*code) {
        size_t length = strcspn(code, "|"), n_empty = 0;
        char words[200];
        bool is_quiet = *code == '!', is_start = *code == '^';
        if (length >= sizeof words) fail_msg("too long: %s", code);
        memcpy(words, code, length);
        words[length] = '\0';
        if (sscanf(words, "%zu", &n_empty) == 1)
            words[0] = '\0';
        else
            n_empty = 1;
        for (size_t i = 0; i < n_empty; i++) {
            if (n_bundles == MAX_BUNDLES) fail_msg("too many bundles: %s", code);
            bundles[n_bundles] = (ts_aie2_placed){
                .bundle = test_aie2_bundle(words + (is_quiet || is_start)),
                .line = (uint32_t)n_bundles + 1,
                .is_quiet = is_quiet,
                .is_start = is_start,
            };
            n_bundles++;
        }
        code += length;
        code += *code == '|';
    }
    return n_bundles;
}

static void hazards_are_found(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ts_arena *arena = test_begin();
        ts_aie2_placed bundles[MAX_BUNDLES];
        size_t n_bundles = parse(cases[i].code, bundles);
        ts_aie2_hazards found;
        ts_diag diag = {0};
        ts_buf text = ts_buf_in(arena);
        assert_int_equal(ts_aie2_find_hazards(arena, bundles, n_bundles, &found, &diag), TS_OK);
        for (size_t k = 0; k < found.n_items; k++) {
            char line[200];
            ts_aie2_hazard_text(bundles, &found.items[k], line, sizeof line);
            ts_buf_printf(&text, "%u: %s\n", bundles[found.items[k].second].line, line);
        }
        ts_buf_u8(&text, 0);
        if (strcmp((const char *)text.data, cases[i].hazards))
            fail_msg("%s:\n%sbut expected\n%s", cases[i].what, (const char *)text.data,
                     cases[i].hazards);
        test_end(arena);
    }
}

/* A bundle without a line is told by its address. */
static void places_without_lines(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_aie2_placed bundles[] = {
        {.bundle = test_aie2_bundle(LOAD " r0 p0 0"), .address = 0x40},
        {.bundle = test_aie2_bundle("ADD r1 r0 r0"), .address = 0x44},
    };
    ts_aie2_hazards found;
    ts_diag diag = {0};
    char line[200];
    assert_int_equal(ts_aie2_find_hazards(arena, bundles, 2, &found, &diag), TS_OK);
    assert_int_equal(found.n_items, 1);
    ts_aie2_hazard_text(bundles, found.items, line, sizeof line);
    assert_string_equal(line, "r0 is read before its new value is there: 6 more bundles behind lda "
                              "(address 0x40)");
    test_end(arena);
}

static ts_status find_some(ts_arena *arena, void *context) {
    ts_aie2_placed bundles[MAX_BUNDLES];
    size_t n_bundles = parse(LOAD " r0 p0 0|ADD r1 r0 r2|ADD r1 r0 r2", bundles);
    ts_aie2_hazards found;
    ts_diag diag = {0};
    (void)context;
    ts_status status = ts_aie2_find_hazards(arena, bundles, n_bundles, &found, &diag);
    if (status == TS_OK) assert_int_equal(found.n_items, 2);
    return status;
}

static void memory_runs_out(void **state) {
    (void)state;
    test_every_allocation_fails(find_some, NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hazards_are_found),
        cmocka_unit_test(places_without_lines),
        cmocka_unit_test(memory_runs_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
