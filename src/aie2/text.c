/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Names to rows, and rows to text as llvm-objdump prints it.
 */
#include "aie2_int.h"
#include "hash.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static bool same_name(const char *row, const char *name, size_t length) {
    for (size_t i = 0; i < length; i++)
        if (aie2_lower(row[i]) != aie2_lower(name[i])) return false;
    return !row[length];
}

ts_aie2_register ts_aie2_register_named(const char *name, size_t length) {
    for (uint32_t at = aie2_hash(name, length);; at++) {
        ts_aie2_register found = aie2_register_hash[at % AIE2_HASH_SIZE];
        if (!found || same_name(ts_aie2_registers[found].name, name, length) ||
            same_name(ts_aie2_registers[found].text, name, length))
            return found;
    }
}

bool ts_aie2_find_mnemonic(const char *mnemonic, size_t length, size_t *first, size_t *n) {
    for (uint32_t at = aie2_hash(mnemonic, length);; at++) {
        uint16_t place = aie2_mnemonic_hash[at % AIE2_HASH_SIZE];
        if (!place) return false;
        if (!same_name(aie2_mnemonics[place].name, mnemonic, length)) continue;
        *first = aie2_mnemonics[place].first;
        *n = aie2_mnemonics[place].n;
        return true;
    }
}

const char *ts_aie2_nearest_mnemonic(const char *mnemonic) {
    const char *names[1024];
    size_t n = 0;
    for (size_t i = 1; i < aie2_n_mnemonics && n < sizeof names / sizeof *names; i++)
        names[n++] = aie2_mnemonics[i].name;
    return ts_nearest_word(mnemonic, names, n);
}

static void print_operand(const ts_aie2_op *op, unsigned k, ts_aie2_name_operand *name,
                          void *context, ts_buf *out) {
    const ts_aie2_operand *o = &ts_aie2_instructions[op->instruction].operands[k];
    if (o->is_register) {
        ts_buf_text(out, ts_aie2_registers[op->values[k]].text);
        return;
    }
    const char *symbol = name ? name(context, op, k) : NULL;
    if (symbol)
        ts_buf_printf(out, "#%s", symbol);
    else
        ts_buf_printf(out, "#%" PRId32, op->values[k]);
}

void ts_aie2_print_op(const ts_aie2_op *op, bool padded, ts_aie2_name_operand *name, void *context,
                      ts_buf *out) {
    const ts_aie2_instruction *in = &ts_aie2_instructions[op->instruction];
    ts_buf_text(out, in->mnemonic);
    if (!*in->text) return;
    size_t length = strlen(in->mnemonic);
    do
        ts_buf_u8(out, ' ');
    while (padded && ++length < 8);
    for (const char *at = in->text; *at; at++) {
        if (*at == '$')
            print_operand(op, (unsigned)(*++at - '0'), name, context, out);
        else
            ts_buf_u8(out, (uint8_t)*at);
    }
}

void ts_aie2_print_bundle(const ts_aie2_bundle *bundle, ts_aie2_name_operand *name, void *context,
                          ts_buf *out) {
    for (unsigned i = 0; i < bundle->n_ops; i++) {
        if (i) ts_buf_text(out, "; ");
        ts_aie2_print_op(&bundle->ops[i], bundle->n_ops == 1, name, context, out);
    }
}

/* "lda, mv" */
static void list_slots(unsigned slot_set, char *out, size_t size) {
    size_t n = 0;
    *out = '\0';
    for (unsigned i = 0; i < TS_AIE2_N_SLOTS && n < size; i++)
        if (slot_set >> i & 1)
            n += (size_t)snprintf(out + n, size - n, "%s%s", n ? ", " : "", ts_aie2_slots[i].name);
}

void ts_aie2_reject_text(const ts_aie2_reject *why, char *out, size_t size) {
    const ts_aie2_instruction *in = &ts_aie2_instructions[why->instruction];
    const char *slot = why->slot < TS_AIE2_N_SLOTS ? ts_aie2_slots[why->slot].name : "";
    char slots[64];
    switch (why->reason) {
    case TS_AIE2_TRUNCATED: snprintf(out, size, "the bytes end inside the bundle"); break;
    case TS_AIE2_NO_FORMAT:
        snprintf(out, size, "no bundle format has the low bits 0x%04x",
                 (unsigned)(why->bits & 0xffff));
        break;
    case TS_AIE2_RESERVED:
        snprintf(out, size, "%s slot 0x%" PRIx64 " is reserved: no instruction has these bits",
                 slot, why->bits);
        break;
    case TS_AIE2_NO_REGISTER:
        snprintf(out, size,
                 "%s slot 0x%" PRIx64 " is reserved: operand %u of '%s' names no register", slot,
                 why->bits, why->operand + 1u, in->mnemonic);
        break;
    case TS_AIE2_NOT_SAME:
        snprintf(out, size,
                 "operand %u of '%s' must be the same register as the one it shares its bits with",
                 why->operand + 1u, in->mnemonic);
        break;
    case TS_AIE2_BAD_VALUE:
        snprintf(out, size, "operand %u of '%s' cannot have this value", why->operand + 1u,
                 in->mnemonic);
        break;
    case TS_AIE2_NO_SLOTS:
        if (why->slot < TS_AIE2_N_SLOTS) {
            snprintf(out, size, "two operations for the %s slot", slot);
            break;
        }
        list_slots((unsigned)why->bits, slots, sizeof slots);
        snprintf(out, size, "no bundle carries the slots %s together", slots);
        break;
    }
}
