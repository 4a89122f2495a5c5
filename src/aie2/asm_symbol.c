/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Symbols: a hash table over their names, which lie in the texts. A numbered label ("1:") has an
 * entry under its number, which no name can be mistaken for: there `value.plus` is the last one
 * defined, `value.minus` the one that is still to come.
 */
#include "asm_int.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    FIRST_TABLE_SIZE = 256
};

static bool double_table(assembler *a) {
    size_t size = a->symbol_table_size ? a->symbol_table_size * 2 : FIRST_TABLE_SIZE;
    asm_symbol **table = TS_ARENA_ARRAY(a->arena, asm_symbol *, size);
    if (!table) return asm_nomem(a);
    for (size_t i = 0; i < a->symbol_table_size; i++) {
        asm_symbol *symbol = a->symbol_table[i];
        if (!symbol) continue;
        size_t at = symbol->hash & (size - 1);
        while (table[at])
            at = (at + 1) & (size - 1);
        table[at] = symbol;
    }
    a->symbol_table = table;
    a->symbol_table_size = size;
    return true;
}

asm_symbol *asm_new_symbol(assembler *a, const char *name, size_t length) {
    asm_symbol *symbol = TS_ARENA_NEW(a->arena, asm_symbol);
    if (!symbol) {
        asm_nomem(a);
        return NULL;
    }
    symbol->name = name;
    symbol->length = (uint32_t)length;
    if (a->last_symbol)
        a->last_symbol->next = symbol;
    else
        a->first_symbol = symbol;
    a->last_symbol = symbol;
    return symbol;
}

asm_symbol *asm_find_symbol(assembler *a, const char *name, size_t length) {
    uint32_t hash = asm_hash(name, length);
    if (2 * a->n_symbols >= a->symbol_table_size && !double_table(a)) return NULL;
    size_t mask = a->symbol_table_size - 1, at = hash & mask;
    for (asm_symbol *symbol; (symbol = a->symbol_table[at]) != NULL; at = (at + 1) & mask)
        if (symbol->hash == hash && symbol->length == length &&
            memcmp(symbol->name, name, length) == 0)
            return symbol;
    asm_symbol *made = asm_new_symbol(a, name, length);
    if (!made) return NULL;
    made->hash = hash;
    a->symbol_table[at] = made;
    a->n_symbols++;
    return made;
}

/* Labels that an alignment of the return address would move. */
static bool remember(assembler *a, asm_symbol *symbol) {
    asm_section *section = asm_current(a);
    if (!section->delay || !section->delay_of_call) return true;
    if (!asm_grow(a, &section->recent, section->n_recent, &section->recent_capacity,
                  sizeof(asm_symbol *)))
        return false;
    section->recent[section->n_recent++] = symbol;
    return true;
}

asm_symbol *asm_here_symbol(assembler *a) {
    asm_symbol *symbol = asm_new_symbol(a, "", 0);
    if (!symbol) return NULL;
    symbol->kind = ASM_LABEL;
    symbol->section = a->section;
    symbol->offset = asm_offset(a);
    return remember(a, symbol) ? symbol : NULL;
}

static bool place_label(assembler *a, asm_symbol *symbol, const char *at) {
    if (!asm_no_bundle(a, "a label", at)) return false;
    if (a->region.is_open) return asm_error(a, TS_SYNTAX, at, "a label in a .schedule region");
    symbol->kind = ASM_LABEL;
    symbol->section = a->section;
    symbol->offset = asm_offset(a);
    symbol->place = asm_here(a, at);
    return remember(a, symbol);
}

static bool say_defined(assembler *a, const asm_symbol *symbol, const char *at) {
    const asm_source *source = symbol->place.source;
    uint32_t line = source ? source->first_line : 0;
    for (const char *p = source ? source->text : NULL; source && p < symbol->place.at; p++)
        line += *p == '\n';
    return asm_error(a, TS_CONFLICT, at, "'%.*s' is defined already, on line %" PRIu32,
                     (int)symbol->length, symbol->name, line);
}

bool asm_define_label(assembler *a, const char *name, size_t length, const char *at) {
    if (length == 1 && *name == '.')
        return asm_error(a, TS_SYNTAX, at, "'.' is the current address, no name for a label");
    asm_symbol *symbol = asm_find_symbol(a, name, length);
    if (!symbol) return false;
    if (symbol->kind != ASM_UNDEFINED) return say_defined(a, symbol, at);
    return place_label(a, symbol, at);
}

static asm_symbol *numbered(assembler *a, uint64_t number) {
    char name[32];
    int length = snprintf(name, sizeof name, "\n%" PRIu64, number);
    asm_symbol *symbol = asm_find_symbol(a, name, (size_t)length);
    if (!symbol || symbol->name != name) return symbol;
    symbol->name = ts_arena_strndup(a->arena, name, (size_t)length);
    if (symbol->name) return symbol;
    symbol->name = "";
    asm_nomem(a);
    return NULL;
}

static asm_symbol *new_numbered(assembler *a, const asm_symbol *entry) {
    asm_symbol *symbol = asm_new_symbol(a, entry->name + 1, entry->length - 1);
    if (symbol) symbol->is_numbered = true;
    return symbol;
}

bool asm_define_number(assembler *a, uint64_t number, const char *at) {
    asm_symbol *entry = numbered(a, number);
    if (!entry) return false;
    asm_symbol *symbol = entry->value.minus ? entry->value.minus : new_numbered(a, entry);
    if (!symbol || !place_label(a, symbol, at)) return false;
    entry->value = (asm_value){.plus = symbol};
    return true;
}

asm_symbol *asm_local_number(assembler *a, uint64_t number, bool forward, const char *at) {
    asm_symbol *entry = numbered(a, number);
    if (!entry) return NULL;
    if (!forward) {
        if (!entry->value.plus)
            asm_error(a, TS_MISSING, at, "no label '%s:' before this", entry->name + 1);
        return entry->value.plus;
    }
    if (!entry->value.minus) {
        asm_symbol *symbol = new_numbered(a, entry);
        if (!symbol) return NULL;
        symbol->place = asm_here(a, at);
        symbol->is_used = true;
        entry->value.minus = symbol;
    }
    return entry->value.minus;
}

/* name = value, .set name, value: again as often as wanted; .equiv: once. */
bool asm_assign(assembler *a, const char *name, size_t length, const char *at, bool is_fixed) {
    asm_value value;
    if (!asm_expression(a, &value)) return false;
    asm_symbol *symbol = asm_find_symbol(a, name, length);
    if (!symbol) return false;
    bool is_taken = symbol->kind != ASM_UNDEFINED && symbol->kind != ASM_EQUAL;
    if (is_taken || symbol->is_fixed || (is_fixed && symbol->kind == ASM_EQUAL))
        return say_defined(a, symbol, at);
    symbol->kind = ASM_EQUAL;
    symbol->value = value;
    symbol->is_fixed = is_fixed;
    symbol->place = asm_here(a, at);
    return asm_expect_end(a);
}
