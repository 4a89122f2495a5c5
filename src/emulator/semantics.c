/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * What each instruction means: one row per mnemonic, the forms of its address (.2d, .3d, indexed,
 * post-modified) left out, since operands tell those. The first row that fits an instruction is its
 * meaning; an instruction without a row stops the core.
 */
#include "emulator_int.h"

#define QUICK(text, kind)                                                                          \
    { .mnemonic = (text), .quick = EMU_Q_##kind }
#define QUICK_OF(text, class, kind)                                                                \
    { .mnemonic = (text), .timing_class = (class), .quick = EMU_Q_##kind }
#define BODY(text, name)                                                                           \
    { .mnemonic = (text), .body = emu_##name }
#define BODY_OF(text, class, name, what)                                                           \
    { .mnemonic = (text), .timing_class = (class), .body = emu_##name, .variant = (what) }
#define LOAD(text, class, size)                                                                    \
    {                                                                                              \
        .mnemonic = (text), .timing_class = (class), .body = emu_copy, .flags = EMU_LOADS,         \
        .bytes = (size)                                                                            \
    }
#define LOAD_PART(text, size, sign)                                                                \
    {                                                                                              \
        .mnemonic = (text), .body = emu_load_part, .flags = EMU_LOADS, .bytes = (size),            \
        .is_signed = (sign)                                                                        \
    }
#define STORE(text, class, size)                                                                   \
    { .mnemonic = (text), .timing_class = (class), .flags = EMU_STORES, .bytes = (size) }
#define LANES(text, name, bits, sign)                                                              \
    { .mnemonic = (text), .body = emu_##name, .from = (bits), .is_signed = (sign) }
#define LANES_OF(text, name, bits, sign, what)                                                     \
    {                                                                                              \
        .mnemonic = (text), .body = emu_##name, .from = (bits), .is_signed = (sign),               \
        .variant = (what)                                                                          \
    }
/* The three widths, or with and without a fixed sign. */
#define WIDTHS(text, name)                                                                         \
    LANES(text ".8", name, 8, 0), LANES(text ".16", name, 16, 0), LANES(text ".32", name, 32, 0)
#define SIGNED_WIDTHS(text, name)                                                                  \
    LANES(text ".s8", name, 8, 1), LANES(text ".s16", name, 16, 1), LANES(text ".s32", name, 32, 1)
#define DYNAMIC_WIDTHS(text, name)                                                                 \
    LANES(text ".d8", name, 8, 0), LANES(text ".d16", name, 16, 0),                                \
        LANES(text ".d32", name, 32, 0), SIGNED_WIDTHS(text, name)
#define ORDER_WIDTHS(text, name, what)                                                             \
    LANES_OF(text ".d8", name, 8, 0, what), LANES_OF(text ".d16", name, 16, 0, what),              \
        LANES_OF(text ".d32", name, 32, 0, what), LANES_OF(text ".s8", name, 8, 1, what),          \
        LANES_OF(text ".s16", name, 16, 1, what), LANES_OF(text ".s32", name, 32, 1, what)
#define NARROW(text, name, wide, bits, sign, kind, size)                                           \
    {                                                                                              \
        .mnemonic = (text), .body = emu_##name, .flags = (kind), .bytes = (size), .from = (wide),  \
        .to = (bits), .is_signed = (sign)                                                          \
    }
/* Accumulator to vector: in registers by two slots, and on the way to memory. */
#define SRS(types, wide, bits, sign, size)                                                         \
    NARROW("vsrs." types, srs, wide, bits, sign, 0, 0),                                            \
        NARROW("vsrsm." types, srs, wide, bits, sign, 0, 0),                                       \
        NARROW("vst.srs." types, srs, wide, bits, sign, EMU_STORES, size)
#define UPS(types, bits, wide, sign)                                                               \
    NARROW("vups." types, ups, bits, wide, sign, 0, 0),                                            \
        NARROW("vlda.ups." types, ups, bits, wide, sign, EMU_LOADS, 32)
#define PACK(types, wide, bits, sign)                                                              \
    NARROW("vpack." types, pack, wide, bits, sign, 0, 0),                                          \
        NARROW("vst.pack." types, pack, wide, bits, sign, EMU_STORES, 32)
#define UNPACK(types, bits, wide, sign)                                                            \
    NARROW("vunpack." types, unpack, bits, wide, sign, 0, 0),                                      \
        NARROW("vldb.unpack." types, unpack, bits, wide, sign, EMU_LOADS, 32)
#define GATHER(text, bits, half)                                                                   \
    {                                                                                              \
        .mnemonic = (text), .body = emu_copy, .flags = EMU_LOADS | EMU_LOADS_FOUR, .bytes = 32,    \
        .from = (bits), .variant = (half)                                                          \
    }
#define FILL(text)                                                                                 \
    { .mnemonic = (text), .quick = EMU_Q_POINTER, .flags = EMU_FILLS }
#define UNKNOWN_LOAD(text)                                                                         \
    { .mnemonic = (text), .body = emu_zeros, .flags = EMU_UNKNOWN }
#define WAITS(text, class, kind, what)                                                             \
    { .mnemonic = (text), .timing_class = (class), .wait = EMU_WAIT_##kind, .variant = (what) }
/* Signs: 1 the product, 2 the first accumulator, 4 the second one is taken away. */
#define PRODUCT(text, what)                                                                        \
    { .mnemonic = (text), .body = emu_vmac, .variant = (what) }
#define PRODUCT_F(text, what)                                                                      \
    { .mnemonic = (text), .body = emu_vmac_f, .variant = (what) }
#define SUM(text, name, what)                                                                      \
    { .mnemonic = (text), .body = emu_##name, .variant = (what) }

/* clang-format off */
const emu_semantics emu_meanings[] = {
    QUICK("nopa", NOP), QUICK("nopb", NOP), QUICK("nops", NOP), QUICK("nopx", NOP),
    QUICK("nopm", NOP), QUICK("nopv", NOP), QUICK("nopxm", NOP), QUICK("nop", NOP),

    /* scalar */
    QUICK("add", ADD), QUICK("sub", SUB), QUICK("adc", ADC), QUICK("sbc", SBC),
    QUICK("and", AND), QUICK("or", OR), QUICK("xor", XOR), QUICK("lshl", LSHL),
    QUICK("ashl", ASHL), QUICK("abs", ABS), QUICK("clb", CLB), QUICK("clz", CLZ),
    QUICK("eq", EQ), QUICK("ne", NE), QUICK("lt", LT), QUICK("ltu", LTU), QUICK("ge", GE),
    QUICK("geu", GEU), QUICK("eqz", EQZ), QUICK("nez", NEZ),
    QUICK("extend.s8", EXTEND_S8), QUICK("extend.s16", EXTEND_S16),
    QUICK("extend.u8", EXTEND_U8), QUICK("extend.u16", EXTEND_U16),
    QUICK("sel.eqz", SELEQZ), QUICK("sel.nez", SELNEZ), QUICK("divs", DIVS),
    QUICK("add.nc", ADD_NC), QUICK("movx", MOVE), QUICK("mova", MOVE), QUICK("movxm", MOVE),
    QUICK_OF("mov", "II_MOV", MOVE), QUICK_OF("mov", "II_MOV_SCL", MOVE),
    {.mnemonic = "mov", .timing_class = "II_MOV_CNTR", .body = emu_counter, .flags = EMU_COUNTER},
    BODY("mov.d1", copy), BODY("mov.d2", copy), BODY("mov.d3", copy), BODY("mov.d4", copy),
    BODY("mov.d5", copy), BODY("mov.d6", copy), BODY("mul", mul),
    QUICK("padda", POINTER), QUICK("paddb", POINTER), QUICK("padds", POINTER),

    /* control */
    QUICK("j", JUMP), QUICK("jz", JUMP_ZERO), QUICK("jnz", JUMP_NOT_ZERO),
    QUICK("jnzd", JUMP_DECREMENT), QUICK("ret", JUMP),
    {.mnemonic = "jl", .quick = EMU_Q_JUMP, .flags = EMU_LINKS},
    QUICK("event", EVENT),
    {.mnemonic = "done", .flags = EMU_ENDS},

    /* locks, streams, cascades; variant of an output: 1 always the last word, 2 does not wait */
    {.mnemonic = "acq", .wait = EMU_WAIT_ACQUIRE}, {.mnemonic = "rel", .wait = EMU_WAIT_RELEASE},
    {.mnemonic = "acq.cond", .wait = EMU_WAIT_ACQUIRE_IF},
    {.mnemonic = "rel.cond", .wait = EMU_WAIT_RELEASE_IF},
    WAITS("mov", "II_MOV_SS", STREAM_IN, 0), WAITS("mov.nb", "II_MOV_SS", STREAM_IN, 1),
    WAITS("mov", "II_ST_MS", STREAM_OUT, 0), WAITS("mov.tlast", NULL, STREAM_OUT, 1),
    WAITS("mov.nb", NULL, STREAM_OUT, 2), WAITS("mov.nb.tlast", NULL, STREAM_OUT, 3),
    WAITS("mov.ph", NULL, HEADER, 0), WAITS("mov.ph.tlast", NULL, HEADER, 1),
    WAITS("mov.ph.nb", NULL, HEADER, 2), WAITS("mov.ph.nb.tlast", NULL, HEADER, 3),
    WAITS("mov.cph", NULL, CONTROL, 0), WAITS("mov.cph.tlast", NULL, CONTROL, 1),
    WAITS("mov.cph.nb", NULL, CONTROL, 2), WAITS("mov.cph.nb.tlast", NULL, CONTROL, 3),
    WAITS("vmov", "II_VMOV_CASCADE_READ", CASCADE_IN, 0),
    WAITS("vmov.lo", NULL, CASCADE_IN, 1), WAITS("vmov.hi", NULL, CASCADE_IN, 2),
    WAITS("vmov", "II_VMOV_CASCADE_WRITE", CASCADE_OUT, 0),

    /* loads and stores */
    LOAD("lda", "II_LDA_Q", 16), LOAD("lda", "II_LDA_POSTINC_Q", 16),
    LOAD("lda", "II_LDA_2D_Q", 16), LOAD("lda", "II_LDA_3D_Q", 16), LOAD("lda", NULL, 4),
    LOAD_PART("lda.s8", 1, 1), LOAD_PART("lda.u8", 1, 0),
    LOAD_PART("lda.s16", 2, 1), LOAD_PART("lda.u16", 2, 0),
    {.mnemonic = "lda.tm", .body = emu_copy, .flags = EMU_LOADS | EMU_TILE, .bytes = 4},
    LOAD("vlda", NULL, 32), LOAD("vldb", NULL, 32),
    LOAD("vlda.128", NULL, 16), LOAD("vldb.128", NULL, 16),
    STORE("st", "II_ST_Q", 16), STORE("st", "II_ST_POSTINC_Q", 16), STORE("st", "II_ST_2D_Q", 16),
    STORE("st", "II_ST_3D_Q", 16), STORE("st", NULL, 4),
    STORE("st.s8", NULL, 1), STORE("st.s16", NULL, 2),
    {.mnemonic = "st.tm", .flags = EMU_STORES | EMU_TILE, .bytes = 4},
    STORE("vst", NULL, 32), STORE("vst.128", NULL, 16),
    GATHER("vldb.4x16.lo", 16, 0), GATHER("vldb.4x16.hi", 16, 1), GATHER("vldb.4x32.lo", 32, 0),
    GATHER("vldb.4x32.hi", 32, 1), GATHER("vldb.4x64.lo", 64, 0), GATHER("vldb.4x64.hi", 64, 1),
    FILL("vldb.compr.fill"), FILL("vldb.compr.reset"),
    FILL("vldb.sparse.fill.4"), FILL("vldb.sparse.fill.8"), FILL("vldb.sparse.fill.16"),
    FILL("vldb.sparse.reset.4"), FILL("vldb.sparse.reset.8"), FILL("vldb.sparse.reset.16"),
    UNKNOWN_LOAD("vldb.compr.peek"), UNKNOWN_LOAD("vldb.compr.pop"),
    UNKNOWN_LOAD("vldb.sparse.peek.4"), UNKNOWN_LOAD("vldb.sparse.peek.8"),
    UNKNOWN_LOAD("vldb.sparse.peek.16"), UNKNOWN_LOAD("vldb.sparse.pop.4"),
    UNKNOWN_LOAD("vldb.sparse.pop.8"), UNKNOWN_LOAD("vldb.sparse.pop.16"),

    /* vector, lane by lane */
    WIDTHS("vadd", vadd), WIDTHS("vsub", vsub), WIDTHS("vsel", vsel), WIDTHS("vaddsub", vaddsub),
    LANES("vband", vband, 32, 0), LANES("vbor", vbor, 32, 0),
    DYNAMIC_WIDTHS("vabs_gtz", vabs_gtz), SIGNED_WIDTHS("vbneg_ltz", vbneg_ltz),
    LANES("vneg_gtz8", vneg_gtz, 8, 1), LANES("vneg_gtz16", vneg_gtz, 16, 1),
    LANES("vneg_gtz32", vneg_gtz, 32, 1), WIDTHS("veqz", veqz),
    DYNAMIC_WIDTHS("vmax_lt", vmax_lt), DYNAMIC_WIDTHS("vmin_ge", vmin_ge),
    DYNAMIC_WIDTHS("vmaxdiff_lt", vmaxdiff_lt),
    ORDER_WIDTHS("vsub_lt", vsub_cmp, 0), ORDER_WIDTHS("vsub_ge", vsub_cmp, 1),
    ORDER_WIDTHS("vlt", vcmp, 0), ORDER_WIDTHS("vge", vcmp, 1),
    LANES_OF("vlt.bf16", vcmp, 16, 2, 0), LANES_OF("vge.bf16", vcmp, 16, 2, 1),
    LANES("vmax_lt.bf16", vmax_lt, 16, 2), LANES("vmin_ge.bf16", vmin_ge, 16, 2),

    /* vector, moving lanes */
    WIDTHS("vbcst", vbcst), LANES("vbcst.64", vbcst, 64, 0),
    WIDTHS("vbcstshfl", vbcstshfl), LANES("vbcstshfl.64", vbcstshfl, 64, 0),
    WIDTHS("vextbcst", vextbcst), LANES("vextbcst.64", vextbcst, 64, 0),
    DYNAMIC_WIDTHS("vextract", vextract), LANES("vextract.d64", vextract, 64, 0),
    LANES("vextract.s64", vextract, 64, 1), WIDTHS("vinsert", vinsert),
    LANES("vinsert.64", vinsert, 64, 0), WIDTHS("vpush.hi", vpush_hi),
    LANES("vpush.hi.64", vpush_hi, 64, 0), WIDTHS("vpush.lo", vpush_lo),
    LANES("vpush.lo.64", vpush_lo, 64, 0), BODY("vshuffle", vshuffle), BODY("vshift", vshift),
    BODY("vshift.align", vshift_align), BODY("vmov", copy), BODY("vmov.d", copy),

    /* conversions */
    SRS("d8.s32", 32, 8, 0, 32), SRS("s8.s32", 32, 8, 1, 32), SRS("d16.s32", 32, 16, 0, 32),
    SRS("s16.s32", 32, 16, 1, 32), SRS("d16.s64", 64, 16, 0, 32), SRS("s16.s64", 64, 16, 1, 32),
    SRS("d32.s64", 64, 32, 0, 32), SRS("s32.s64", 64, 32, 1, 32),
    UPS("s32.d8", 8, 32, 0), UPS("s32.s8", 8, 32, 1), UPS("s32.d16", 16, 32, 0),
    UPS("s32.s16", 16, 32, 1), UPS("s64.d16", 16, 64, 0), UPS("s64.s16", 16, 64, 1),
    UPS("s64.d32", 32, 64, 0), UPS("s64.s32", 32, 64, 1),
    PACK("d4.d8", 8, 4, 0), PACK("s4.s8", 8, 4, 1), PACK("d8.d16", 16, 8, 0),
    PACK("s8.s16", 16, 8, 1),
    UNPACK("d8.d4", 4, 8, 0), UNPACK("s8.s4", 4, 8, 1), UNPACK("d16.d8", 8, 16, 0),
    UNPACK("s16.s8", 8, 16, 1),
    BODY("vconv.bf16.fp32", to_bf16), BODY("vconv.fp32.bf16", from_bf16),
    {.mnemonic = "vst.conv.bf16.fp32", .body = emu_to_bf16, .flags = EMU_STORES, .bytes = 32},
    {.mnemonic = "vlda.conv.fp32.bf16", .body = emu_from_bf16, .flags = EMU_LOADS, .bytes = 32},
    BODY("vfloor.s32.bf16", vfloor),

    /* accumulators */
    PRODUCT("vmul", 0), PRODUCT("vnegmul", 1), PRODUCT("vmac", 0), PRODUCT("vmsc", 1),
    PRODUCT("vnegmac", 3), PRODUCT("vnegmsc", 2), PRODUCT("vaddmac", 0), PRODUCT("vaddmsc", 1),
    PRODUCT("vsubmac", 4), PRODUCT("vsubmsc", 5),
    PRODUCT_F("vmul.f", 0), PRODUCT_F("vnegmul.f", 1), PRODUCT_F("vmac.f", 0),
    PRODUCT_F("vmsc.f", 1), PRODUCT_F("vaddmac.f", 0), PRODUCT_F("vaddmsc.f", 1),
    SUM("vadd", vacc, 0), SUM("vsub", vacc, 4), SUM("vnegadd", vacc, 6), SUM("vnegsub", vacc, 2),
    SUM("vneg", vneg, 2), SUM("vadd.f", vacc_f, 0), SUM("vsub.f", vacc_f, 4),
    SUM("vnegadd.f", vacc_f, 6), SUM("vnegsub.f", vacc_f, 2), SUM("vneg.f", vacc_f, 2),
    BODY("vclr", zeros),
};
/* clang-format on */

const unsigned emu_n_meanings = sizeof emu_meanings / sizeof *emu_meanings;

/* Equal but for ".2d" or ".3d" in the instruction's. */
static bool same_mnemonic(const char *row, const char *mnemonic) {
    while (*row || *mnemonic) {
        if (mnemonic[0] == '.' && (mnemonic[1] == '2' || mnemonic[1] == '3') && mnemonic[2] == 'd')
            mnemonic += 3;
        if (*row != *mnemonic) return false;
        if (!*row) return true;
        row++;
        mnemonic++;
    }
    return true;
}

const emu_semantics *emu_meaning_of(uint16_t instruction) {
    const ts_aie2_instruction *in = &ts_aie2_instructions[instruction];
    for (unsigned i = 0; i < emu_n_meanings; i++) {
        const emu_semantics *row = &emu_meanings[i];
        if (!same_mnemonic(row->mnemonic, in->mnemonic)) continue;
        if (!row->timing_class || !strcmp(row->timing_class, in->timing_class)) return row;
    }
    return NULL;
}

bool ts_core_has_meaning(uint16_t row) {
    return row < ts_aie2_n_instructions && emu_meaning_of(row) != NULL;
}
