/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * The AIE2 tables, and bundles to bytes and back. */
#include "support.h"

#include "tessera/aie2.h"

#include <stdio.h>
#include <string.h>

static uint16_t row_named(const char *name) {
    for (uint16_t i = 0; i < ts_aie2_n_instructions; i++)
        if (!strcmp(ts_aie2_instructions[i].name, name)) return i;
    fail_msg("no instruction %s", name);
    return 0;
}

static int32_t reg(const char *name) {
    ts_aie2_register found = ts_aie2_register_named(name, strlen(name));
    if (!found) fail_msg("no register %s", name);
    return found;
}

static int32_t random_value(const ts_aie2_operand *o, test_random *random) {
    if (!o->is_register) {
        uint64_t n = (uint64_t)(((int64_t)o->max - o->min) / o->step) + 1;
        return (int32_t)(o->min + (int64_t)(test_next(random) % n) * o->step);
    }
    const ts_aie2_register_class *class = &ts_aie2_register_classes[o->register_class];
    for (;;) {
        ts_aie2_register r = class->to_register[test_next(random) & ((1u << class->width) - 1)];
        if (r && class->to_value[r] >= 0) return r;
    }
}

static ts_aie2_op random_op(uint16_t row, test_random *random) {
    ts_aie2_op op = {.instruction = row};
    const ts_aie2_instruction *in = &ts_aie2_instructions[row];
    for (unsigned k = 0; k < in->n_operands; k++) {
        op.values[k] = random_value(&in->operands[k], random);
        for (unsigned j = 0; j < k; j++) /* two operands in one field: the same register */
            if (in->operands[k].n_fields && in->operands[j].n_fields &&
                in->operands[k].fields[0].lsb == in->operands[j].fields[0].lsb)
                op.values[k] = op.values[j];
    }
    return op;
}

static bool same_op(const ts_aie2_op *a, const ts_aie2_op *b) {
    return a->instruction == b->instruction && !memcmp(a->values, b->values, sizeof a->values);
}

static bool same_bundle(const ts_aie2_bundle *a, const ts_aie2_bundle *b) {
    bool same =
        a->format == b->format && a->n_ops == b->n_ops && a->is_canonical == b->is_canonical;
    for (unsigned i = 0; same && i < a->n_ops; i++)
        same = same_op(&a->ops[i], &b->ops[i]);
    return same;
}

static void the_tables_are_whole(void **state) {
    (void)state;
    assert_int_equal(ts_aie2_n_instructions, 607);
    assert_int_equal(ts_aie2_n_formats, 78);
    assert_int_equal(ts_aie2_n_register_classes, 53); /* 51 of the field, and r28, r29 alone */
    for (unsigned i = 0; i < ts_aie2_n_instructions; i++) {
        const ts_aie2_instruction *in = &ts_aie2_instructions[i];
        assert_int_equal(in->match & ~in->mask, 0);
        uint64_t open = ~in->mask & ((UINT64_C(1) << ts_aie2_slots[in->slot].bits) - 1), used = 0;
        for (unsigned k = 0; k < in->n_operands; k++)
            for (unsigned f = 0; f < in->operands[k].n_fields; f++)
                used |= ((UINT64_C(1) << in->operands[k].fields[f].width) - 1)
                        << in->operands[k].fields[f].lsb;
        assert_int_equal(used & ~open & in->mask & ~in->match, 0);
        assert_true(in->n_timings >= 1 && !in->timings[in->n_timings - 1].n_conditions);
    }
}

static void every_instruction_survives_its_bits(void **state) {
    (void)state;
    test_random random = {4};
    for (uint16_t i = 0; i < ts_aie2_n_instructions; i++)
        for (unsigned round = 0; round < 1000; round++) {
            ts_aie2_op op = random_op(i, &random), again;
            ts_aie2_reject why;
            uint64_t bits;
            if (!ts_aie2_encode_op(&op, &bits, &why) ||
                !ts_aie2_decode_slot((ts_aie2_slot)ts_aie2_instructions[i].slot, bits, &again,
                                     &why) ||
                !same_op(&op, &again))
                fail_msg("%s, round %u: 0x%llx", ts_aie2_instructions[i].name, round,
                         (unsigned long long)bits);
        }
}

static uint16_t random_row(unsigned slot, test_random *random) {
    for (;;) {
        uint16_t row = (uint16_t)(test_next(random) % ts_aie2_n_instructions);
        if (ts_aie2_instructions[row].slot == slot) return row;
    }
}

static void every_format_survives_its_bytes(void **state) {
    (void)state;
    test_random random = {5};
    for (unsigned i = 0; i < ts_aie2_n_formats; i++)
        for (unsigned round = 0; round < 200; round++) {
            const ts_aie2_format *format = &ts_aie2_formats[i];
            ts_aie2_bundle bundle, again;
            bundle.format = (uint8_t)i;
            bundle.n_ops = format->n_slots;
            bundle.is_canonical = true;
            for (unsigned k = 0; k < format->n_slots; k++)
                bundle.ops[k] = random_op(random_row(format->slots[k], &random), &random);
            uint8_t bytes[TS_AIE2_MAX_BYTES];
            ts_aie2_reject why;
            assert_true(ts_aie2_encode(&bundle, bytes, &why));
            assert_int_equal(ts_aie2_bundle_size(bytes, sizeof bytes), format->size);
            assert_true(ts_aie2_decode(bytes, format->size, &again, &why));
            assert_true(same_bundle(&again, &bundle));
            assert_false(ts_aie2_decode(bytes, format->size - 1u, &again, &why));
            assert_int_equal(why.reason, TS_AIE2_TRUNCATED);
        }
}

/* What decodes encodes to the same bits, or says that it does not; what does not decode is named.
 */
static void no_pattern_is_guessed(void **state) {
    (void)state;
    test_random random = {6};
    for (unsigned slot = 0; slot < TS_AIE2_N_SLOTS; slot++) {
        unsigned n_ok = 0, n_reserved = 0;
        for (unsigned round = 0; round < 100000; round++) {
            uint64_t bits = test_next(&random) & ((UINT64_C(1) << ts_aie2_slots[slot].bits) - 1),
                     again;
            ts_aie2_op op, op_again;
            ts_aie2_reject why;
            if (ts_aie2_decode_slot((ts_aie2_slot)slot, bits, &op, &why)) {
                n_ok++;
                assert_true(ts_aie2_encode_op(&op, &again, &why));
                assert_true(ts_aie2_decode_slot((ts_aie2_slot)slot, again, &op_again, &why));
                assert_true(same_op(&op, &op_again));
            } else {
                char text[200], number[32];
                n_reserved++;
                ts_aie2_reject_text(&why, text, sizeof text);
                snprintf(number, sizeof number, "0x%llx", (unsigned long long)bits);
                assert_non_null(strstr(text, ts_aie2_slots[slot].name));
                assert_non_null(strstr(text, number));
                assert_non_null(strstr(text, "reserved"));
            }
        }
        assert_true(n_ok > 0);
        if (slot != TS_AIE2_SLOT_NOP) assert_true(n_reserved > 0);
    }
}

static void a_bundle_with_stray_bits_is_told(void **state) {
    (void)state;
    /* vinsert.64 has two open bits that belong to no operand. */
    ts_aie2_op op = {row_named("VINSERT_64"), {reg("x1"), reg("x2"), reg("r29"), reg("l3")}};
    ts_aie2_bundle bundle, again;
    ts_aie2_reject why;
    uint8_t bytes[TS_AIE2_MAX_BYTES];
    assert_true(ts_aie2_pack(&op, 1, &bundle, &why));
    assert_true(ts_aie2_encode(&bundle, bytes, &why));
    unsigned n_stray = 0;
    for (unsigned bit = 0; bit < 32; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (ts_aie2_decode(bytes, 4, &again, &why) && again.ops[0].instruction == op.instruction &&
            !memcmp(again.ops[0].values, op.values, sizeof op.values)) {
            n_stray++;
            assert_false(again.is_canonical);
        }
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    assert_int_equal(n_stray, 2);
}

/* Encodings that llvm-aie's own tests state.
 * src: llvm-aie: llvm/test/MC/AIE/codealign.s, simple-scalar-instr.s [code] */
static void known_encodings(void **state) {
    (void)state;
    static const struct {
        const char *row;
        const char *registers[3];
        uint8_t bytes[4];
    } cases[] = {
        {"AND", {"r1", "r2", "r3"}, {0x99, 0x34, 0x82, 0x10}},
        {"OR", {"r1", "r2", "r3"}, {0x99, 0x35, 0x82, 0x10}},
        {"ADD", {"r2", "r0", "r1"}, {0x99, 0x10, 0x04, 0x10}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ts_aie2_op op = {.instruction = row_named(cases[i].row)};
        ts_aie2_bundle bundle;
        ts_aie2_reject why;
        uint8_t bytes[TS_AIE2_MAX_BYTES];
        for (unsigned k = 0; k < 3; k++)
            op.values[k] = reg(cases[i].registers[k]);
        assert_true(ts_aie2_pack(&op, 1, &bundle, &why));
        assert_true(ts_aie2_encode(&bundle, bytes, &why));
        assert_memory_equal(bytes, cases[i].bytes, 4);
    }
}

/* src: llvm-aie: llvm/lib/Target/AIE/MCTargetDesc/AIE2AsmBackend.cpp, writeNopData [code] */
static void padding_is_of_big_bundles(void **state) {
    (void)state;
    static const uint8_t tails[][TS_AIE2_MAX_BYTES] = {
        [1] = {0x01, 0x00},
        [2] = {0x19, 0x00, 0x00, 0x10},
        [3] = {0x15},
        [4] = {0x03, 0x80, 0x03},
        [5] = {0xbb, 0x8e, 0x03},
        [6] = {0x37, 0x88, 0x03},
        [7] = {0x2f, 0x78, 0x00, 0x00, 0x38, 0x00, 0x40},
        [8] = {0xc0, 0x03},
    };
    for (unsigned n = 1; n <= 8; n++) {
        uint8_t bytes[32 + TS_AIE2_MAX_BYTES];
        ts_aie2_fill_nops(bytes, 32 + n * 2);
        assert_memory_equal(bytes, tails[8], 16);
        assert_memory_equal(bytes + 16, tails[8], 16);
        assert_memory_equal(bytes + 32, tails[n], n * 2);
    }
}

static void the_smallest_format_is_chosen(void **state) {
    (void)state;
    unsigned nop = 1u << TS_AIE2_SLOT_NOP, lng = 1u << TS_AIE2_SLOT_LNG;
    for (unsigned set = 0; set < 256; set++) {
        int chosen = ts_aie2_choose_format(set);
        unsigned smallest = 0;
        for (unsigned i = 0; i < ts_aie2_n_formats; i++) {
            const ts_aie2_format *f = &ts_aie2_formats[i];
            if (!(set & ~(unsigned)f->slot_set) && (!smallest || f->size < smallest))
                smallest = f->size;
        }
        assert_int_equal(chosen < 0 ? 0 : ts_aie2_formats[chosen].size, smallest);
    }
    assert_string_equal(ts_aie2_formats[ts_aie2_choose_format(0)].name, "I16_NOP");
    assert_string_equal(ts_aie2_formats[ts_aie2_choose_format(lng)].name, "I48_LNG");
    assert_string_equal(ts_aie2_formats[ts_aie2_choose_format(nop | lng)].name, "I64_NOP_LNG");
    assert_int_equal(ts_aie2_choose_format(lng | 1u << TS_AIE2_SLOT_ALU), -1);
    assert_int_equal(ts_aie2_choose_format(256), -1);
}

static void bad_ops_are_refused(void **state) {
    (void)state;
    enum {
        WL0 = -1
    };
    static const struct {
        const char *row;
        int32_t values[TS_AIE2_MAX_OPERANDS];
        const char *words;
    } cases[] = {
        {"MOVA_lda_cg", {1, 2000}, "operand 2 of 'mova'"},
        {"MOVA_lda_cg", {1, -1025}, "operand 2 of 'mova'"},
        {"PADDA_sp_imm", {22}, "operand 1 of 'padda'"},
        {"VLDA_dmw_lda_w_ag_spill", {WL0, 0}, "operand 2 of 'vlda'"},
        {"ADD", {0, 1, 1}, "operand 1 of 'add'"},
        {"ADD", {WL0, 1, 1}, "operand 1 of 'add'"},
        {"ADD", {9999, 1, 1}, "operand 1 of 'add'"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ts_aie2_op op = {.instruction = row_named(cases[i].row)};
        memcpy(op.values, cases[i].values, sizeof op.values);
        if (op.values[0] == WL0) op.values[0] = reg("wl0");
        ts_aie2_reject why;
        uint64_t bits;
        char text[200];
        assert_false(ts_aie2_encode_op(&op, &bits, &why));
        assert_int_equal(why.reason, TS_AIE2_BAD_VALUE);
        ts_aie2_reject_text(&why, text, sizeof text);
        assert_non_null(strstr(text, cases[i].words));
    }
    ts_aie2_op different = {row_named("VADDMAC_vmac_bm_core_dense"),
                            {reg("cm0"), reg("cm1"), reg("cm2"), reg("x0"), reg("x1"), reg("r0")}};
    ts_aie2_reject why;
    uint64_t bits;
    assert_false(ts_aie2_encode_op(&different, &bits, &why));
    assert_int_equal(why.reason, TS_AIE2_NOT_SAME);
    ts_aie2_op twice[2] = {{row_named("NOPX"), {0}}, {row_named("DONE"), {0}}};
    ts_aie2_bundle bundle;
    char text[200];
    assert_false(ts_aie2_pack(twice, 2, &bundle, &why));
    ts_aie2_reject_text(&why, text, sizeof text);
    assert_string_equal(text, "two operations for the alu slot");
    ts_aie2_op both[2] = {{row_named("NOPX"), {0}}, {row_named("NOPXM"), {0}}};
    assert_false(ts_aie2_pack(both, 2, &bundle, &why));
    ts_aie2_reject_text(&why, text, sizeof text);
    assert_string_equal(text, "no bundle carries the slots alu, lng together");
}

static void registers_have_names_and_parts(void **state) {
    (void)state;
    static const struct {
        const char *name, *text;
        unsigned bits, n_units;
    } cases[] = {
        {"r7", "r7", 32, 1},      {"l2", "r21:r20", 64, 2}, {"p3", "p3", 20, 1},
        {"SP", "sp", 20, 1},      {"d3", "d3", 80, 4},      {"d3_3d", "d3", 160, 8},
        {"x5", "x5", 512, 2},     {"y4", "y4", 1024, 4},    {"cm8", "cm8", 1024, 4},
        {"bmh2", "bmh2", 512, 2}, {"qx1", "qx1", 640, 4},   {"crSat", "crSat", 32, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const ts_aie2_register_info *r = &ts_aie2_registers[reg(cases[i].name)];
        assert_string_equal(r->text, cases[i].text);
        assert_int_equal(r->bits, cases[i].bits);
        assert_int_equal(r->n_units, cases[i].n_units);
    }
    assert_int_equal(reg("R21:r20"), reg("l2"));
    assert_int_equal(reg("LC"), reg("lc"));
    assert_int_equal(ts_aie2_register_named("r32", 3), 0);
    assert_int_equal(ts_aie2_register_named("r1x", 2), reg("r1"));
    assert_int_equal(ts_aie2_register_named("", 0), 0);
    for (uint16_t i = 1; i < ts_aie2_n_registers; i++) /* every name leads back */
        assert_int_equal(reg(ts_aie2_registers[i].name), i);
    const ts_aie2_register_info *wl3 = &ts_aie2_registers[reg("wl3")],
                                *x3 = &ts_aie2_registers[reg("x3")];
    assert_int_equal(wl3->units[0], x3->units[0]);
    assert_int_equal(ts_aie2_unit_registers[wl3->units[0]], reg("wl3"));
}

/* src: FIM43-Redeye/xdna-emu: tests/isa-hw-baseline-20260324 [observed]; llvm-aie:
 * llvm/lib/Target/AIE/AIE2Schedule.td [code] */
static void results_land_in_their_cycle(void **state) {
    (void)state;
    ts_aie2_op load = {row_named("LDA_dms_lda_idx_imm"), {reg("r1"), reg("p0"), 0}};
    ts_aie2_op add = {row_named("ADD"), {reg("r2"), reg("r1"), reg("r1")}};
    ts_aie2_op mac = {row_named("VMAC_vmac_cm_core_dense"),
                      {reg("cm0"), reg("cm0"), reg("x0"), reg("x1"), reg("r0")}};
    ts_aie2_op vadd = {row_named("VADD_8"), {reg("x0"), reg("x2"), reg("x3")}};
    ts_aie2_op byte_store = {row_named("ST_S8_ag_idx_imm"), {reg("r1"), reg("p0"), 0}};
    assert_false(ts_aie2_sees(&load, 0, &add, 1, 6));
    assert_true(ts_aie2_sees(&load, 0, &add, 1, 7));
    assert_true(ts_aie2_sees(&load, 0, &byte_store, 0, 1)); /* reads in its cycle 7 */
    /* An accumulator is read in cycle 3, written in 5, and bypassed: MACs chain every 2 cycles. */
    assert_false(ts_aie2_sees(&mac, 0, &mac, 1, 1));
    assert_true(ts_aie2_sees(&mac, 0, &mac, 1, 2));
    /* The vectors of a MAC have no bypass; another vector op does. */
    assert_false(ts_aie2_sees(&vadd, 0, &mac, 2, 1));
    assert_true(ts_aie2_sees(&vadd, 0, &mac, 2, 2));
    assert_true(ts_aie2_sees(&vadd, 0, &vadd, 1, 1));
}

static void timing_follows_the_registers(void **state) {
    (void)state;
    ts_aie2_op to_r = {row_named("MOV_mv_scl"), {reg("r1"), reg("r2")}};
    ts_aie2_op to_p = {row_named("MOV_mv_scl"), {reg("p1"), reg("p2")}};
    ts_aie2_op to_lc = {row_named("MOV_mv_scl"), {reg("LC"), reg("r2")}};
    assert_int_equal(ts_aie2_timing_of(&to_r)->n_ports, 2);  /* P_RM, RS_WM */
    assert_int_equal(ts_aie2_timing_of(&to_p)->n_ports, 3);  /* and P_WM */
    assert_int_equal(ts_aie2_timing_of(&to_lc)->n_ports, 7); /* all that could be meant */
    assert_true(ts_aie2_timing_of(&to_lc)->ports[0].is_presumed);
    assert_false(ts_aie2_timing_of(&to_p)->ports[0].is_presumed);
    ts_aie2_op wide = {row_named("VMOV_mv_w"), {reg("wl0"), reg("wh0")}};
    assert_int_equal(ts_aie2_timing_of(&wide)->write_bypass[0], TS_AIE2_MOVE_BYPASS);
    assert_int_equal(ts_aie2_timing_of(&wide)->read_bypass[1], TS_AIE2_NO_BYPASS);
    const ts_aie2_instruction *signed_form =
        &ts_aie2_instructions[row_named("VUPS_S32_S8_mv_ups_w2c")];
    const ts_aie2_instruction *dynamic = &ts_aie2_instructions[row_named("VUPS_S32_D8_mv_ups_w2c")];
    assert_int_equal(dynamic->n_implicit, signed_form->n_implicit + 1); /* crUPSSign */
}

static void relocations_fill_their_operand(void **state) {
    (void)state;
    test_random random = {7};
    bool seen[TS_AIE2_N_RELOCATIONS] = {0};
    static const char *const rows[] = {"J_jump_imm", "MOVA_lda_cg", "MOVX_alu_cg", "MOV_mv_cg",
                                       "MOVXM_lng_cg"};
    for (unsigned i = 0; i < ts_aie2_n_formats; i++)
        for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
            const ts_aie2_format *format = &ts_aie2_formats[i];
            uint16_t row = row_named(rows[k]);
            unsigned operand = ts_aie2_instructions[row].n_operands - 1u, slot = 0;
            while (slot < format->n_slots && format->slots[slot] != ts_aie2_instructions[row].slot)
                slot++;
            if (slot == format->n_slots) continue;
            ts_aie2_bundle bundle = {.format = (uint8_t)i, .n_ops = format->n_slots}, again;
            for (unsigned s = 0; s < format->n_slots; s++)
                bundle.ops[s].instruction = ts_aie2_nops[format->slots[s]];
            bundle.ops[slot] = random_op(row, &random);
            int type = ts_aie2_relocation_of(&bundle, slot, operand);
            assert_true(type >= 0);
            seen[type] = true;
            assert_int_equal(ts_aie2_relocation_size((unsigned)type), format->size);
            uint8_t bytes[TS_AIE2_MAX_BYTES];
            ts_aie2_reject why;
            assert_true(ts_aie2_encode(&bundle, bytes, &why));
            int32_t value = random_value(&ts_aie2_instructions[row].operands[operand], &random);
            ts_aie2_relocate((unsigned)type, bytes, (uint32_t)value);
            bundle.ops[slot].values[operand] = value;
            assert_true(ts_aie2_decode(bytes, format->size, &again, &why));
            assert_true(same_op(&again.ops[slot], &bundle.ops[slot]));
            unsigned found_slot, found_operand;
            assert_true(
                ts_aie2_relocated_operand(&again, (unsigned)type, &found_slot, &found_operand));
            assert_int_equal(found_slot, slot);
            assert_int_equal(found_operand, operand);
        }
    for (unsigned i = 0; i < TS_AIE2_RELOCATION_ADDRESS; i++)
        if (!seen[i]) fail_msg("no operand for relocation %u", i);
    uint8_t word[4] = {0xff, 0xff, 0xff, 0xff};
    ts_aie2_relocate(TS_AIE2_RELOCATION_ADDRESS, word, 0x12345);
    assert_memory_equal(word, "\x45\x23\xf1\xff", 4);
    ts_aie2_relocate(TS_AIE2_RELOCATION_WORD, word, 0x89abcdef);
    assert_memory_equal(word, "\xef\xcd\xab\x89", 4);
    assert_int_equal(ts_aie2_relocation_size(TS_AIE2_N_RELOCATIONS), 0);
}

static void bundles_have_a_text(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    ts_aie2_op ops[2] = {{row_named("LDA_dms_lda_idx_imm"), {reg("r1"), reg("p0"), -4}},
                         {row_named("VMAC_vmac_cm_core_dense"),
                          {reg("cm0"), reg("cm1"), reg("x0"), reg("x1"), reg("r0")}}};
    ts_aie2_bundle bundle;
    ts_aie2_reject why;
    ts_buf out = ts_buf_in(arena);
    assert_true(ts_aie2_pack(ops, 2, &bundle, &why));
    ts_aie2_print_bundle(&bundle, NULL, NULL, &out);
    test_same_bytes(ts_buf_span(&out), test_text("lda r1, [p0, #-4]; vmac cm0, cm1, x0, x1, r0"));
    out.size = 0;
    assert_true(ts_aie2_pack(ops, 1, &bundle, &why));
    ts_aie2_print_bundle(&bundle, NULL, NULL, &out);
    test_same_bytes(ts_buf_span(&out), test_text("lda     r1, [p0, #-4]"));
    out.size = 0;
    assert_true(ts_aie2_pack(NULL, 0, &bundle, &why));
    ts_aie2_print_bundle(&bundle, NULL, NULL, &out);
    test_same_bytes(ts_buf_span(&out), test_text("nop"));
    test_end(arena);
}

static void mnemonics_are_found(void **state) {
    (void)state;
    size_t first, n;
    assert_true(ts_aie2_find_mnemonic("VLDA", 4, &first, &n));
    for (size_t i = 0; i < n; i++)
        assert_string_equal(ts_aie2_instructions[ts_aie2_by_mnemonic[first + i]].mnemonic, "vlda");
    assert_false(ts_aie2_find_mnemonic("vldz", 4, &first, &n));
    assert_string_equal(ts_aie2_nearest_mnemonic("vshufle"), "vshuffle");
    for (uint16_t i = 0; i < ts_aie2_n_instructions; i++) {
        const char *name = ts_aie2_instructions[i].mnemonic;
        assert_true(ts_aie2_find_mnemonic(name, strlen(name), &first, &n));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_tables_are_whole),
        cmocka_unit_test(every_instruction_survives_its_bits),
        cmocka_unit_test(every_format_survives_its_bytes),
        cmocka_unit_test(no_pattern_is_guessed),
        cmocka_unit_test(a_bundle_with_stray_bits_is_told),
        cmocka_unit_test(known_encodings),
        cmocka_unit_test(padding_is_of_big_bundles),
        cmocka_unit_test(the_smallest_format_is_chosen),
        cmocka_unit_test(bad_ops_are_refused),
        cmocka_unit_test(registers_have_names_and_parts),
        cmocka_unit_test(results_land_in_their_cycle),
        cmocka_unit_test(timing_follows_the_registers),
        cmocka_unit_test(relocations_fill_their_operand),
        cmocka_unit_test(bundles_have_a_text),
        cmocka_unit_test(mnemonics_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
