/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Affine maps: their text, worked out for the operands of an operation.
 *
 *   map    = "affine_map<(" names ")" [ "[" names "]" ] "-> (" [ sum { "," sum } ] ")>"
 *   sum    = factor-with-signs { ("+" | "-") product }
 *   product = factor { ("*" | "floordiv" | "ceildiv" | "mod") factor }
 *   factor = number | name | "-" factor | "(" sum ")"
 *
 * src: llvm-project: mlir/docs/Dialects/Affine.md, "Affine Expressions" [documented]
 */
#include "code_int.h"

#include <stdlib.h>
#include <string.h>

enum {
    MAX_NESTING = 64
};

typedef struct mapping {
    coder *k;
    const ts_op *op;
    const char *p;
    const char *symbols; /* "(d0, d1)[s0": where the symbols' names begin, or NULL */
    const char *names;
    uint32_t first;   /* operand */
    uint32_t n_names; /* dimensions, then symbols, have the operands from there on */
    unsigned nesting;
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
    ts_op op;
} part;

static ts_status combine(mapping *m, ts_op_code code, code_value a, code_value b, code_value *out) {
    const ts_type *type = ts_type_index(m->k->b->result->design);
    part *made = TS_ARENA_NEW(m->k->c.arena, part);
    bool known;
    if (!type || !made) return ts_fail_nomem(m->k->c.diag);
    made->operands[0].type = made->operands[1].type = made->result.type = type;
    made->uses[0].value = &made->operands[0];
    made->uses[1].value = &made->operands[1];
    made->op = (ts_op){.code = code,
                       .name = m->op->name,
                       .operands = made->uses,
                       .n_operands = 2,
                       .results = &made->result,
                       .n_results = 1,
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
    int n = find_name(m->names, m->symbols, m->p, length);
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
        bool is_end = m->p[0] != '+' && (m->p[0] != '-' || m->p[1] == '>');
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

ts_status code_affine_map(coder *k, const ts_op *op, const char *name, uint32_t first,
                          code_value *out, uint32_t most, uint32_t *n_out, uint32_t *n_operands) {
    static const char prefix[] = "affine_map<";
    const ts_attr *attr = ts_op_attr(op, name);
    mapping m = {.k = k, .op = op, .first = first};
    if (!attr || attr->kind != TS_ATTR_AFFINE_MAP || !attr->text ||
        strncmp(attr->text, prefix, sizeof prefix - 1) != 0)
        return bad(&m);
    m.names = attr->text + sizeof prefix - 1;
    m.symbols = strstr(m.names, "->");
    if (!m.symbols) return bad(&m);
    m.p = m.symbols + 2;
    m.n_names = count_names(m.names, m.symbols);
    *n_operands = m.n_names;
    *n_out = 0;
    if (!take(&m, "(")) return bad(&m);
    if (take(&m, ")")) return TS_OK;
    do {
        if (*n_out == most) return bad(&m);
        TS_TRY(sum(&m, &out[(*n_out)++]));
    } while (take(&m, ","));
    return take(&m, ")") ? TS_OK : bad(&m);
}
