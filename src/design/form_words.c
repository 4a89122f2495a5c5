/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * Reading the rows of forms.c: words of a form, specs of attributes, codes of operations. */
#include "forms.h"

#include <string.h>

bool design_next_word(const char **at, const char **word, size_t *length) {
    while (**at == ' ')
        ++*at;
    *word = *at;
    *length = strcspn(*at, " ");
    *at += *length;
    return *length != 0;
}

bool design_word_is(const char *word, size_t length, const char *text) {
    return strncmp(word, text, length) == 0 && text[length] == '\0';
}

/* %a, %a*, %a? and [%a]. */
bool design_is_segment(const char *word, size_t length, const char **name, size_t *name_length) {
    if (length > 3 && word[0] == '[' && word[1] == '%') {
        *name = word + 2;
        *name_length = length - 3;
        return true;
    }
    if (length < 2 || word[0] != '%') return false;
    *name = word + 1;
    *name_length = length - 1 - (word[length - 1] == '*' || word[length - 1] == '?');
    return true;
}

uint32_t design_segment_of(const char *form, const char *name, size_t length) {
    const char *word, *found;
    size_t word_length, found_length;
    uint32_t n = 0;
    while (design_next_word(&form, &word, &word_length)) {
        if (!design_is_segment(word, word_length, &found, &found_length)) continue;
        if (found_length == length && memcmp(found, name, length) == 0) return n;
        n++;
    }
    return UINT32_MAX;
}

uint32_t design_n_segments(const char *form) {
    const char *word, *found;
    size_t word_length, found_length;
    uint32_t n = 0;
    while (design_next_word(&form, &word, &word_length))
        n += design_is_segment(word, word_length, &found, &found_length);
    return n;
}

bool design_needs_block(const ts_op *op, size_t region) {
    unsigned flags = design_forms[op->code].flags;
    if (flags & (FORM_END | FORM_FLAT)) return true;
    return (flags & FORM_YIELD) && (region == 0 || op->code == TS_OP_SCF_INDEX_SWITCH);
}

/* What irregular words write. */
static const struct {
    const char *word, *attrs[6];
} irregular[] = {
    {"!place", {"col", "row"}},
    {"!initial", {"initial_value"}},
    {"!allocation", {"channel_dir", "channel_index", "col"}},
    {"!producer", {"dimensionsToStream"}},
    {"!consumers", {"dimensionsFromStreamPerConsumer"}},
    {"!initials", {"initValues"}},
    {"!offsets", {"src_offsets", "dst_offsets"}},
    {"!column_row", {"x", "y"}},
    {"!module", {"sym_name"}},
    {"!func", {"sym_name", "function_type", "sym_visibility", "arg_attrs", "res_attrs"}},
    {"!global", {"initial_value"}},
    {"!for", {"unsignedCmp"}},
    {"!switch", {"cases"}},
    {"!execute", {"no_inline"}},
    {"!affine_for", {"lowerBoundMap", "upperBoundMap", "step", "operandSegmentSizes"}},
    {"!affine_if", {"condition"}},
    {"!affine_load", {"map"}},
    {"!affine_store", {"map"}},
    {"!affine_apply", {"map"}},
};

static bool irregular_writes(const char *word, size_t length, const char *name) {
    for (size_t i = 0; i < sizeof irregular / sizeof irregular[0]; i++)
        for (size_t k = 0; design_word_is(word, length, irregular[i].word) && k < 6; k++)
            if (irregular[i].attrs[k] && strcmp(irregular[i].attrs[k], name) == 0) return true;
    return false;
}

bool design_is_written(const char *form, const char *name) {
    const char *word;
    size_t length;
    while (design_next_word(&form, &word, &length)) {
        if (*word == '$' && design_word_is(word + 1, length - 1, name)) return true;
        if (*word == 'u' && word[1] == '(' && design_word_is(word + 2, length - 3, name))
            return true;
        if (*word == '[' && length > 3 && strncmp(name, "static_", 7) == 0 &&
            design_word_is(word + 2, length - 3, name + 7))
            return true;
        if (*word == '!' && irregular_writes(word, length, name)) return true;
    }
    return false;
}

/* ---- codes of operations --------------------------------------------------------------------- */

const char *const design_op_names[TS_OP_N_CODES] = {[TS_OP_OTHER] = "",
#define X(code, name) [TS_OP_##code] = (name),
                                                    TS_OP_LIST(X)
#undef X
};

/* Other spellings. src: Xilinx/mlir-aie: include/aie/Dialect/AIEX/IR/AIEX.td, where the runtime
 * sequence was until it moved to the aie dialect [code]; in modules and functions the dialect's
 * name is left out. */
static const struct {
    const char *name;
    ts_op_code code;
} other_names[] = {
    {"aiex.runtime_sequence", TS_OP_AIE_RUNTIME_SEQUENCE},
    {"module", TS_OP_MODULE},
    {"unrealized_conversion_cast", TS_OP_CAST},
};

enum {
    N_SLOTS = 1024
};

static uint32_t slot_of(const char *name, size_t length) {
    return design_hash(DESIGN_HASH_START, name, length) & (N_SLOTS - 1);
}

static const char *name_at(uint16_t code) {
    return code < TS_OP_N_CODES ? design_op_names[code] : other_names[code - TS_OP_N_CODES].name;
}

uint16_t *design_make_codes(ts_arena *arena) {
    const uint16_t n = TS_OP_N_CODES + sizeof other_names / sizeof other_names[0];
    uint16_t *codes = TS_ARENA_ARRAY(arena, uint16_t, N_SLOTS);
    for (uint16_t code = 1; codes && code < n; code++) {
        uint32_t at = slot_of(name_at(code), strlen(name_at(code)));
        while (codes[at])
            at = (at + 1) & (N_SLOTS - 1);
        codes[at] = code;
    }
    return codes;
}

ts_op_code design_code_of(const uint16_t *codes, const char *name, size_t length) {
    for (uint32_t at = slot_of(name, length); codes[at]; at = (at + 1) & (N_SLOTS - 1)) {
        if (!design_word_is(name, length, name_at(codes[at]))) continue;
        return codes[at] < TS_OP_N_CODES ? (ts_op_code)codes[at]
                                         : other_names[codes[at] - TS_OP_N_CODES].code;
    }
    return TS_OP_OTHER;
}

const ts_npu_device *design_device(const ts_op *device) {
    const char *name = ts_op_word(device, "device", NULL);
    return name ? ts_npu_device_find(name) : NULL;
}

static bool find_enum(ts_op_code code, const char *name, design_attr_spec *out) {
    const char *attrs = (unsigned)code < TS_OP_N_CODES ? design_forms[code].attrs : NULL;
    return attrs && design_find_spec(attrs, name, strlen(name), out) && out->kind == KIND_ENUM;
}

const char *ts_op_word(const ts_op *op, const char *name, const char *fallback) {
    design_attr_spec spec;
    const ts_attr *attr = ts_op_attr(op, name);
    if (!attr || attr->kind != TS_ATTR_INTEGER || !find_enum(op->code, name, &spec))
        return fallback;
    const char *word = design_enum_name(spec.words, attr->integer);
    return word ? word : fallback;
}

const ts_attr *ts_attr_word(ts_design *design, ts_op_code code, const char *name,
                            const char *word) {
    design_attr_spec spec;
    if (!find_enum(code, name, &spec)) return NULL;
    for (uint32_t i = 0; i < spec.words->n_names; i++)
        if (spec.words->names[i] && strcmp(spec.words->names[i], word) == 0)
            return ts_attr_integer(design, i,
                                   ts_type_integer(design, spec.words->width, TS_SIGNLESS));
    return NULL;
}
