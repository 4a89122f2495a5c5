/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Look-ups in the generated register tables: by offset and by name, both by binary search.
 */
#include "npu_int.h"

#include <string.h>

const char *ts_npu_access_word(ts_npu_access access) {
    static const char *const words[] = {
#define X(name, word, text) word,
        TS_NPU_ACCESS_LIST(X)
#undef X
    };
    return (size_t)access < sizeof words / sizeof words[0] ? words[access] : "?";
}

const char *ts_npu_module_name(ts_npu_module module) {
    static const char *const names[] = {
#define X(name, word) word,
        TS_NPU_MODULE_LIST(X)
#undef X
    };
    return (size_t)module < sizeof names / sizeof names[0] ? names[module] : "?";
}

uint32_t ts_npu_field_mask(const ts_npu_field *field) {
    if (field->lsb >= 32) return 0;
    uint32_t ones = field->width >= 32 ? UINT32_MAX : ((uint32_t)1 << field->width) - 1;
    return ones << field->lsb;
}

uint32_t ts_npu_field_extract(const ts_npu_field *field, uint32_t word) {
    return field->lsb >= 32 ? 0 : (word & ts_npu_field_mask(field)) >> field->lsb;
}

uint32_t ts_npu_field_insert(const ts_npu_field *field, uint32_t word, uint32_t field_value) {
    uint32_t mask = ts_npu_field_mask(field);
    return field->lsb >= 32 ? word : (word & ~mask) | (field_value << field->lsb & mask);
}

const ts_npu_field *ts_npu_field_find(const ts_npu_register *reg, const char *name) {
    for (size_t i = 0; i < reg->n_fields; i++)
        if (strcmp(reg->fields[i].name, name) == 0) return &reg->fields[i];
    return NULL;
}

const ts_npu_register *ts_npu_registers_of(const ts_npu_tile *tile, size_t *n_registers) {
    *n_registers = tile->registers->count;
    return tile->registers->all;
}

const ts_npu_register *ts_npu_register_at(const ts_npu_tile *tile, uint32_t offset) {
    const ts_npu_registers *table = tile->registers;
    size_t low = 0, high = table->count; /* the first `low` registers start at or before it */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (table->all[middle].offset <= offset)
            low = middle + 1;
        else
            high = middle;
    }
    if (!low) return NULL;
    const ts_npu_register *reg = &table->all[low - 1];
    return offset - reg->offset < reg->width / 8U ? reg : NULL;
}

/* As strcmp, with `length` characters of `name` and the whole of `other`. */
static int compare_name(const char *name, size_t length, const char *other) {
    int order = strncmp(name, other, length);
    return order ? order : (other[length] ? -1 : 0);
}

static bool is_module(ts_npu_module module, const char *name, size_t length) {
    const char *have = ts_npu_module_name(module);
    return strlen(have) == length && memcmp(have, name, length) == 0;
}

const ts_npu_register *npu_register_find(const ts_npu_tile *tile, const char *module,
                                         size_t module_length, const char *name, size_t length,
                                         size_t *n_found) {
    const ts_npu_registers *table = tile->registers;
    size_t low = 0, high = table->count; /* the first `low` names sort before it */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_name(name, length, table->all[table->by_name[middle]].name) > 0)
            low = middle + 1;
        else
            high = middle;
    }
    const ts_npu_register *found = NULL;
    *n_found = 0;
    for (; low < table->count; low++) {
        const ts_npu_register *reg = &table->all[table->by_name[low]];
        if (compare_name(name, length, reg->name) != 0) break;
        if (module && !is_module(reg->module, module, module_length)) continue;
        found = reg;
        ++*n_found;
    }
    return *n_found == 1 ? found : NULL;
}

const ts_npu_register *ts_npu_register_find(const ts_npu_tile *tile, const char *name) {
    size_t n_found;
    const char *dot = strchr(name, '.');
    if (!dot) return npu_register_find(tile, NULL, 0, name, strlen(name), &n_found);
    return npu_register_find(tile, name, (size_t)(dot - name), dot + 1, strlen(dot + 1), &n_found);
}

const ts_npu_memory *ts_npu_memory_at(const ts_npu_tile *tile, uint32_t offset) {
    for (size_t i = 0; i < tile->n_memories; i++) {
        const ts_npu_memory *memory = &tile->memories[i];
        if (offset >= memory->offset && offset - memory->offset < memory->size) return memory;
    }
    return NULL;
}
