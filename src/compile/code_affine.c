/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Affine maps: their text, worked out for the operands of an operation.
 *
 *   map    = "affine_map<(" names ")" [ "[" names "]" ] "-> (" [ sum { "," sum } ] ")>"
 *   sum    = factor-with-signs { ("+" | "-") product }
 *   product = factor { ("*" | "floordiv" | "ceildiv" | "mod") factor }
 *   factor = number | name | "-" factor | "(" sum ")"
 *   set    = "affine_set<(" names ")" [ "[" names "]" ] ": (" [ part { "," part } ] ")>"
 *   part   = sum ( ">=" | "<=" | "==" ) sum
 *
 * src: llvm-project: mlir/docs/Dialects/Affine.md, "Affine Expressions" [documented]
 */
#include "code_int.h"

#include <stdlib.h>
#include <string.h>

enum {
    MAX_NESTING = 64,
    MAX_RESULTS = 16
};

typedef struct mapping {
    coder *k;
    const ts_op *op;
    const char *p;
    const char *names, *behind; /* "(d0, d1)[s0]" */
    uint32_t first;             /* operand */
    uint32_t n_names;           /* dimensions, then symbols, have the operands from there on */
    unsigned nesting;
    int64_t predicate; /* of the comparison that is made */
} mapping;

static ts_status sum(mapping *m, code_value *out);

static ts_status bad(mapping *m) {
    return CODE_FAIL(m->k, m->op, TS_UNSUPPORTED,
                     "'%s' has an affine map that is not supported in the code of a core",
                     m->op->name);
}

static bool take(mapping *m, const char *word) {
    m->p += strspn(m->p, " ");
    if (strncmp(m->p, word, strlen(word)) != 0) return false;
    m->p += strlen(word);
    return true;
}

/* ---- arithmetic ------------------------------------------------------------------------------ */

/* An operation of arith for a part of a map. */
typedef struct part {
    ts_value operands[2], result;
    ts_use uses[2];
    ts_named_attr named;
    ts_attr attr;
    ts_op op;
} part;

static ts_status combine(mapping *m, ts_op_code code, code_value a, code_value b, code_value *out) {
    ts_design *design = m->k->b->result->design;
    const ts_type *type = ts_type_index(design), *boolean = ts_type_integer(design, 1, TS_SIGNLESS);
    part *made = TS_ARENA_NEW(m->k->c.arena, part);
    bool known;
    if (!type || !boolean || !made) return ts_fail_nomem(m->k->c.diag);
    made->operands[0].type = made->operands[1].type = type;
    made->result.type = code == TS_OP_ARITH_CMPI ? boolean : type;
    made->attr = (ts_attr){.kind = TS_ATTR_INTEGER, .integer = m->predicate};
    made->named = (ts_named_attr){"predicate", &made->attr};
    made->uses[0].value = &made->operands[0];
    made->uses[1].value = &made->operands[1];
    made->op = (ts_op){.code = code,
                       .name = m->op->name,
                       .operands = made->uses,
                       .n_operands = 2,
                       .results = &made->result,
                       .n_results = 1,
                       .attrs = &made->named,
                       .n_attrs = 1,
                       .block = m->op->block,
                       .offset = m->op->offset};
    TS_TRY(code_bind(m->k, &made->operands[0], a));
    TS_TRY(code_bind(m->k, &made->operands[1], b));
    TS_TRY(code_arith(m->k, &made->op, &known));
    return code_look_up(m->k, m->op, &made->result, out);
}

/* The rest that has the divisor's sign, which is positive. */
static ts_status modulo(mapping *m, code_value a, code_value b, code_value *out) {
    code_value q;
    TS_TRY(combine(m, TS_OP_ARITH_FLOORDIVSI, a, b, &q));
    TS_TRY(combine(m, TS_OP_ARITH_MULI, q, b, &q));
    return combine(m, TS_OP_ARITH_SUBI, a, q, out);
}

/* ---- expressions ----------------------------------------------------------------------------- */

/* The place of a name in "(d0, d1)[s0]", or -1. */
static int find_name(const char *names, const char *end, const char *name, size_t length) {
    int n = 0;
    for (const char *p = names; p < end;) {
        size_t size = strcspn(p, " ,()[]>");
        if (size == length && size && strncmp(p, name, size) == 0) return n;
        n += size > 0;
        p += size ? size : 1;
    }
    return -1;
}

static ts_status named(mapping *m, code_value *out) {
    size_t length = strcspn(m->p, " ,()[]>+-*");
    int n = find_name(m->names, m->behind, m->p, length);
    if (n < 0 || (uint32_t)n >= m->n_names || m->first + (uint32_t)n >= m->op->n_operands)
        return bad(m);
    m->p += length;
    return code_operand_value(m->k, m->op, m->first + (uint32_t)n, out);
}

static ts_status factor(mapping *m, code_value *out) {
    const ts_type *type = ts_type_index(m->k->b->result->design);
    char *end;
    if (!type) return ts_fail_nomem(m->k->c.diag);
    if (++m->nesting > MAX_NESTING) return bad(m);
    m->p += strspn(m->p, " ");
    if (take(m, "(")) {
        TS_TRY(sum(m, out));
        if (!take(m, ")")) return bad(m);
    } else if (*m->p >= '0' && *m->p <= '9') {
        *out = code_constant(type, strtoll(m->p, &end, 10));
        m->p = end;
    } else if (take(m, "-")) {
        code_value value;
        TS_TRY(factor(m, &value));
        TS_TRY(combine(m, TS_OP_ARITH_SUBI, code_constant(type, 0), value, out));
    } else {
        TS_TRY(named(m, out));
    }
    m->nesting--;
    return TS_OK;
}

static ts_status product(mapping *m, code_value *out) {
    TS_TRY(factor(m, out));
    for (;;) {
        code_value other;
        ts_op_code code = take(m, "*")          ? TS_OP_ARITH_MULI
                          : take(m, "floordiv") ? TS_OP_ARITH_FLOORDIVSI
                          : take(m, "ceildiv")  ? TS_OP_ARITH_CEILDIVSI
                          : take(m, "mod")      ? TS_OP_ARITH_REMSI
                                                : TS_OP_OTHER;
        if (code == TS_OP_OTHER) return TS_OK;
        TS_TRY(factor(m, &other));
        if (code == TS_OP_ARITH_REMSI)
            TS_TRY(modulo(m, *out, other, out));
        else
            TS_TRY(combine(m, code, *out, other, out));
    }
}

static ts_status sum(mapping *m, code_value *out) {
    TS_TRY(product(m, out));
    for (;;) {
        code_value other;
        m->p += strspn(m->p, " ");
        bool is_end = m->p[0] != '+' && m->p[0] != '-';
        if (is_end) return TS_OK;
        ts_op_code code = *m->p++ == '+' ? TS_OP_ARITH_ADDI : TS_OP_ARITH_SUBI;
        TS_TRY(product(m, &other));
        TS_TRY(combine(m, code, *out, other, out));
    }
}

/* ---- maps ------------------------------------------------------------------------------------ */

static uint32_t count_names(const char *p, const char *end) {
    uint32_t n = 0;
    while (p < end) {
        size_t size = strcspn(p, " ,()[]>");
        n += size > 0;
        p += size ? size : 1;
    }
    return n;
}

/* The names of a map or set; what comes behind them is to be read. */
static ts_status begin(mapping *m, const char *name, const char *prefix, const char *mark) {
    const ts_attr *attr = ts_op_attr(m->op, name);
    if (!attr || attr->kind != TS_ATTR_AFFINE_MAP || !attr->text ||
        strncmp(attr->text, prefix, strlen(prefix)) != 0)
        return bad(m);
    m->names = attr->text + strlen(prefix);
    m->behind = strstr(m->names, mark);
    if (!m->behind) return bad(m);
    m->p = m->behind + strlen(mark);
    m->n_names = count_names(m->names, m->behind);
    return take(m, "(") ? TS_OK : bad(m);
}

ts_status code_affine_map(coder *k, const ts_op *op, const char *name, uint32_t first,
                          code_value *out, uint32_t most, uint32_t *n_out, uint32_t *n_operands) {
    mapping m = {.k = k, .op = op, .first = first};
    TS_TRY(begin(&m, name, "affine_map<", "->"));
    *n_operands = m.n_names;
    *n_out = 0;
    if (take(&m, ")")) return TS_OK;
    do {
        if (*n_out == most) return bad(&m);
        TS_TRY(sum(&m, &out[(*n_out)++]));
    } while (take(&m, ","));
    return take(&m, ")") ? TS_OK : bad(&m);
}

ts_status code_affine_extreme(coder *k, const ts_op *op, const char *name, uint32_t first,
                              bool is_max, code_value *out, uint32_t *n_operands) {
    mapping m = {.k = k, .op = op};
    code_value values[MAX_RESULTS];
    uint32_t n;
    TS_TRY(code_affine_map(k, op, name, first, values, MAX_RESULTS, &n, n_operands));
    if (!n) return bad(&m);
    *out = values[0];
    for (uint32_t i = 1; i < n; i++)
        TS_TRY(combine(&m, is_max ? TS_OP_ARITH_MAXSI : TS_OP_ARITH_MINSI, *out, values[i], out));
    return TS_OK;
}

/* ---- sets ------------------------------------------------------------------------------------ */

/* One comparison of a set. */
static ts_status compare(mapping *m, code_value *out) {
    static const struct {
        const char *word;
        int64_t predicate; /* arith.cmpi's */
    } words[] = {{">=", 5}, {"<=", 3}, {"==", 0}};
    code_value a, b;
    TS_TRY(sum(m, &a));
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (!take(m, words[i].word)) continue;
        TS_TRY(sum(m, &b));
        m->predicate = words[i].predicate;
        return combine(m, TS_OP_ARITH_CMPI, a, b, out);
    }
    return bad(m);
}

/* Both hold. */
static ts_status both(mapping *m, code_value a, code_value *out) {
    uint32_t ra, rb;
    if (a.kind == CODE_CONSTANT && a.constant) return TS_OK;
    if (a.kind == CODE_CONSTANT || (out->kind == CODE_CONSTANT && out->constant)) {
        *out = a;
        return TS_OK;
    }
    if (out->kind == CODE_CONSTANT) return TS_OK;
    TS_TRY(code_zero_extended(m->k, m->op, a, &ra));
    TS_TRY(code_zero_extended(m->k, m->op, *out, &rb));
    return code_make(m->k, CODE_AND, ra, rb, &out->reg);
}

ts_status code_affine_set(coder *k, const ts_op *op, code_value *out) {
    mapping m = {.k = k, .op = op};
    const ts_type *type = ts_type_integer(k->b->result->design, 1, TS_SIGNLESS);
    if (!type) return ts_fail_nomem(k->c.diag);
    TS_TRY(begin(&m, "condition", "affine_set<", ":"));
    *out = code_constant(type, 1);
    if (take(&m, ")")) return TS_OK;
    do {
        code_value value;
        TS_TRY(compare(&m, &value));
        TS_TRY(both(&m, value, out));
    } while (take(&m, ","));
    return take(&m, ")") ? TS_OK : bad(&m);
}
