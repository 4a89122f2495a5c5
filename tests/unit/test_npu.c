/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * npu: devices, addresses, register tables, ports, buffer descriptors, writes in words. */
#include "support.h"

#include "tessera/npu.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const ts_npu_tile *tile_of(ts_npu_kind kind) {
    return ts_npu_device_find("npu1")->tiles[kind];
}

static const ts_npu_register *reg_of(ts_npu_kind kind, const char *name) {
    const ts_npu_register *reg = ts_npu_register_find(tile_of(kind), name);
    if (!reg) fail_msg("no register %s", name);
    return reg;
}

static const char *text_of(ts_buf *buf) {
    ts_buf_u8(buf, 0);
    assert_false(buf->failed);
    return (const char *)buf->data;
}

/* ---- devices and addresses ------------------------------------------------------------------- */

static void devices_by_name(void **state) {
    (void)state;
    static const struct {
        const char *name;
        unsigned n_columns;
    } rows[] = {
        {"npu1", 4}, {"npu1_1col", 1}, {"npu1_2col", 2}, {"npu1_3col", 3}, {"npu1_4col", 4},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        const ts_npu_device *device = ts_npu_device_find(rows[i].name);
        assert_non_null(device);
        assert_string_equal(device->name, rows[i].name);
        assert_int_equal(device->n_columns, rows[i].n_columns);
        assert_int_equal(device->n_rows, 6);
        assert_ptr_equal(ts_npu_devices[i], device);
    }
    assert_null(ts_npu_devices[COUNT(rows)]);
    assert_null(ts_npu_device_find("npu2"));
    assert_null(ts_npu_device_find(""));
}

static void tiles_of_a_grid(void **state) {
    (void)state;
    const ts_npu_device *device = ts_npu_device_find("npu1_2col");
    for (uint32_t column = 0; column < 2; column++) {
        assert_int_equal(ts_npu_tile_at(device, column, 0)->kind, TS_NPU_SHIM);
        assert_int_equal(ts_npu_tile_at(device, column, 1)->kind, TS_NPU_MEMORY);
        for (uint32_t row = 2; row < 6; row++)
            assert_int_equal(ts_npu_tile_at(device, column, row)->kind, TS_NPU_COMPUTE);
        assert_null(ts_npu_tile_at(device, column, 6));
    }
    assert_null(ts_npu_tile_at(device, 2, 0));
    for (int kind = 0; kind < TS_NPU_N_KINDS; kind++)
        assert_int_equal(device->tiles[kind]->kind, kind);
}

static void addresses_split_and_join(void **state) {
    (void)state;
    const ts_npu_device *device = ts_npu_device_find("npu1");
    static const struct {
        uint64_t address;
        ts_npu_place place;
    } rows[] = {
        {0x00000000, {0, 0, 0}},
        {0x00232000, {0, 2, 0x32000}},
        {0x021a0004, {1, 1, 0xa0004}},
        {0x065fffff, {3, 5, 0xfffff}},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ts_npu_place place;
        uint64_t address;
        assert_true(ts_npu_split(device, rows[i].address, &place));
        assert_memory_equal(&place, &rows[i].place, sizeof place);
        assert_true(ts_npu_join(device, place, &address));
        assert_int_equal(address, rows[i].address);
    }
    ts_npu_place place;
    uint64_t address;
    assert_false(ts_npu_split(device, 0x00600000, &place));          /* row 6 */
    assert_false(ts_npu_split(device, 0x01f00000, &place));          /* row 31 */
    assert_false(ts_npu_split(device, 0x08000000, &place));          /* column 4 */
    assert_false(ts_npu_split(device, 0x8000000000000000U, &place)); /* no column wraps */
    assert_true(ts_npu_split(&ts_npu_phoenix, 0x08000000, &place));
    assert_false(ts_npu_join(device, (ts_npu_place){4, 0, 0}, &address));
    assert_false(ts_npu_join(device, (ts_npu_place){0, 6, 0}, &address));
    assert_false(ts_npu_join(device, (ts_npu_place){0, 0, 0x100000}, &address));
}

/* ---- the register tables --------------------------------------------------------------------- */

static const ts_json *module_json(ts_arena *arena, const char *module) {
    ts_span text;
    ts_diag diag = {0};
    ts_json *tree;
    if (!test_shared_file(arena, "data/aie_registers_aie2.json", &text)) {
        test_end(arena);
        skip();
    }
    assert_int_equal(ts_json_parse(arena, text, "registers", &tree, &diag), TS_OK);
    const ts_json *found = ts_json_get(ts_json_get(tree, "modules"), module);
    assert_non_null(found);
    return ts_json_get(found, "registers");
}

/* "rwNormal read/write" begins with the word we use, all kinds do. */
static void same_access(ts_npu_access access, const char *text, const char *name) {
    const char *word = ts_npu_access_word(access);
    if (strncmp(text, word, strlen(word)) != 0) fail_msg("%s: %s, not %s", name, text, word);
}

static void same_field(const ts_npu_field *field, const ts_json *want, const char *name) {
    const ts_json *range = ts_json_get(want, "bit_range");
    assert_string_equal(field->name, ts_json_text(want, "name", ""));
    if (field->lsb != strtoul(range->first->text, NULL, 10) ||
        field->lsb + field->width - 1UL != strtoul(range->last->text, NULL, 10))
        fail_msg("%s.%s is at %u, %u wide", name, field->name, field->lsb, field->width);
    same_access(field->access, ts_json_text(want, "type", ""), name);
}

static void same_register(const ts_npu_register *reg, const ts_json *want) {
    assert_int_equal(reg->offset, strtoul(ts_json_text(want, "offset", ""), NULL, 16));
    assert_int_equal(reg->width, strtoul(ts_json_text(want, "width", ""), NULL, 10));
    assert_int_equal(reg->reset, strtoul(ts_json_text(want, "reset", ""), NULL, 16));
    same_access(reg->access, ts_json_text(want, "type", ""), reg->name);
    const ts_json *fields = ts_json_get(want, "bit_fields");
    if (reg->n_fields != fields->n_children) fail_msg("%s: %u fields", reg->name, reg->n_fields);
    size_t i = 0;
    for (const ts_json *field = fields->first; field; field = field->next, i++)
        same_field(&reg->fields[i], field, reg->name);
}

static void the_tables_equal_the_shared_data(void **state) {
    (void)state;
    static const struct {
        const char *module;
        ts_npu_kind kind;
        size_t n_registers;
    } rows[] = {
        {"core", TS_NPU_COMPUTE, 457},
        {"memory", TS_NPU_COMPUTE, 203},
        {"memory_tile", TS_NPU_MEMORY, 718},
        {"shim", TS_NPU_SHIM, 428},
    };
    size_t n_of_kind[TS_NPU_N_KINDS] = {0};
    for (size_t i = 0; i < COUNT(rows); i++) {
        ts_arena *arena = test_begin();
        const ts_json *registers = module_json(arena, rows[i].module);
        assert_int_equal(registers->n_children, rows[i].n_registers);
        n_of_kind[rows[i].kind] += rows[i].n_registers;
        for (const ts_json *want = registers->first; want; want = want->next) {
            const char *name =
                ts_arena_printf(arena, "%s.%s", rows[i].module, ts_json_text(want, "name", ""));
            same_register(reg_of(rows[i].kind, name), want);
        }
        test_end(arena);
    }
    for (int kind = 0; kind < TS_NPU_N_KINDS; kind++) {
        size_t count;
        ts_npu_registers_of(tile_of((ts_npu_kind)kind), &count);
        assert_int_equal(count, n_of_kind[kind]);
    }
}

static void registers_by_offset_and_name(void **state) {
    (void)state;
    const ts_npu_tile *compute = tile_of(TS_NPU_COMPUTE);
    assert_string_equal(ts_npu_register_at(compute, 0x1D004)->name, "DMA_BD0_1");
    assert_string_equal(ts_npu_register_at(compute, 0x1D007)->name, "DMA_BD0_1");
    assert_null(
        ts_npu_register_at(compute, 0x1D018)); /* a BD has six words, the next starts at 0x20 */
    assert_string_equal(ts_npu_register_at(compute, 0x3001f)->name, "Core_AMLL0_Part2");
    assert_string_equal(ts_npu_register_at(compute, 0x60000)->name, "Module_Clock_Control");
    assert_null(ts_npu_register_at(compute, 0x60004));
    assert_null(ts_npu_register_at(compute, UINT32_MAX));
    assert_null(ts_npu_register_at(tile_of(TS_NPU_SHIM), 0));
    assert_int_equal(reg_of(TS_NPU_COMPUTE, "memory.Timer_Control")->offset, 0x14000);
    assert_int_equal(reg_of(TS_NPU_COMPUTE, "core.Timer_Control")->offset, 0x34000);
    assert_int_equal(reg_of(TS_NPU_COMPUTE, "DMA_BD15_5")->offset, 0x1D1F4);
    assert_int_equal(reg_of(TS_NPU_MEMORY, "Lock63_value")->offset, 0xC03F0);
    assert_null(ts_npu_register_find(compute, "Timer_Control"));
    assert_null(ts_npu_register_find(compute, "shim.DMA_BD0_1"));
    assert_null(ts_npu_register_find(compute, "memory.DMA_BD0_10"));
    assert_null(ts_npu_register_find(compute, "DMA_BD"));
    assert_null(ts_npu_register_find(compute, ""));
    assert_null(ts_npu_register_find(compute, "zz"));
}

static void memories_of_a_tile(void **state) {
    (void)state;
    const ts_npu_tile *compute = tile_of(TS_NPU_COMPUTE);
    assert_string_equal(ts_npu_memory_at(compute, 0)->name, "data");
    assert_string_equal(ts_npu_memory_at(compute, 0xffff)->name, "data");
    assert_null(ts_npu_memory_at(compute, 0x10000));
    assert_string_equal(ts_npu_memory_at(compute, 0x20000)->name, "program");
    assert_null(ts_npu_memory_at(compute, 0x24000));
    assert_int_equal(ts_npu_memory_at(tile_of(TS_NPU_MEMORY), 0x7ffff)->size, 512 * 1024);
    assert_null(ts_npu_memory_at(tile_of(TS_NPU_MEMORY), 0x80000));
    assert_null(ts_npu_memory_at(tile_of(TS_NPU_SHIM), 0));
}

/* Every field of every register: what is inserted is extracted, and its neighbors stay. */
static void fields_extract_and_insert(void **state) {
    (void)state;
    test_random random = {1};
    size_t n_fields = 0;
    for (int kind = 0; kind < TS_NPU_N_KINDS; kind++) {
        size_t count;
        const ts_npu_register *all = ts_npu_registers_of(tile_of((ts_npu_kind)kind), &count);
        for (size_t i = 0; i < count; i++)
            for (size_t k = 0; k < all[i].n_fields; k++, n_fields++) {
                const ts_npu_field *field = &all[i].fields[k];
                uint32_t word = (uint32_t)test_next(&random), value = (uint32_t)test_next(&random);
                uint32_t got = ts_npu_field_insert(field, word, value);
                uint32_t kept = field->width >= 32 ? value : value & ((1U << field->width) - 1);
                assert_int_equal(ts_npu_field_extract(field, got), kept);
                assert_int_equal((got ^ word) & ~ts_npu_field_mask(field), 0);
                assert_ptr_equal(ts_npu_field_find(&all[i], field->name), field);
            }
    }
    assert_int_equal(n_fields, 1245 + 747 + 2843 + 1577);
    const ts_npu_register *reg = reg_of(TS_NPU_COMPUTE, "DMA_BD0_0");
    const ts_npu_field *base = ts_npu_field_find(reg, "Base_Address");
    assert_int_equal(ts_npu_field_mask(base), 0x0fffc000);
    assert_int_equal(ts_npu_field_extract(base, 0xf0408123), 0x102);
    assert_null(ts_npu_field_find(reg, "base_address"));
}

/* ---- addresses as text ----------------------------------------------------------------------- */

/* Text of the address, the text read again, and the text of that: all the same. */
static void round_trip(const ts_npu_device *device, uint64_t address) {
    ts_arena *arena = test_begin();
    ts_diag diag = {0};
    ts_buf first = ts_buf_in(arena), second = ts_buf_in(arena);
    uint64_t back = ~address;
    ts_npu_address_text(device, address, &first);
    const char *text = text_of(&first);
    if (ts_npu_address_parse(device, text, &back, &diag) != TS_OK || back != address)
        fail_msg("0x%" PRIx64 " -> %s -> 0x%" PRIx64 " %s", address, text, back, diag.message);
    ts_npu_address_text(device, back, &second);
    assert_string_equal(text, text_of(&second));
    test_end(arena);
}

static void every_register_has_a_text_of_its_own(void **state) {
    (void)state;
    const ts_npu_device *device = ts_npu_device_find("npu1");
    for (uint32_t row = 0; row < 3; row++) {
        size_t count;
        const ts_npu_register *all = ts_npu_registers_of(ts_npu_tile_at(device, 3, row), &count);
        for (size_t i = 0; i < count; i++)
            for (uint32_t inside = 0; inside < all[i].width / 8U; inside += 3) {
                uint64_t address;
                const ts_npu_place place = {3, row, all[i].offset + inside};
                assert_true(ts_npu_join(device, place, &address));
                round_trip(device, address);
            }
    }
}

static void every_address_has_a_text(void **state) {
    (void)state;
    test_random random = {2};
    const ts_npu_device *device = ts_npu_device_find("npu1_3col");
    for (int i = 0; i < 20000; i++) {
        round_trip(device, test_next(&random) % 0x6600000);
        round_trip(device, test_next(&random) >> (test_next(&random) % 64));
    }
    round_trip(device, UINT64_MAX);
}

static void texts_of_addresses(void **state) {
    (void)state;
    static const struct {
        uint64_t address;
        const char *text;
    } rows[] = {
        {0x0021D004, "tile(0,2).memory.DMA_BD0_1"},
        {0x00200000, "tile(0,2).data+0x0"},
        {0x00200400, "tile(0,2).data+0x400"},
        {0x00220010, "tile(0,2).program+0x10"},
        {0x00232000, "tile(0,2).core.Core_Control"},
        {0x00230004, "tile(0,2).core.Core_AMLL0_Part1+0x4"},
        {0x02101234, "tile(1,1).data+0x1234"},
        {0x021C0010, "tile(1,1).memory_tile.Lock1_value"},
        {0x0601D214, "tile(3,0).shim.DMA_MM2S_0_Task_Queue"},
        {0x00000000, "tile(0,0)+0x0"},
        {0x00090000 + 0x100000, "tile(0,1)+0x90000"},
        {0x08000000, "0x8000000"},
    };
    const ts_npu_device *device = ts_npu_device_find("npu1");
    for (size_t i = 0; i < COUNT(rows); i++) {
        ts_arena *arena = test_begin();
        ts_buf buf = ts_buf_in(arena);
        ts_npu_address_text(device, rows[i].address, &buf);
        assert_string_equal(text_of(&buf), rows[i].text);
        test_end(arena);
    }
}

static void other_spellings_of_addresses(void **state) {
    (void)state;
    static const struct {
        const char *text;
        uint64_t address;
    } rows[] = {
        {"tile(0,2).DMA_BD0_1", 0x0021D004},
        {"tile(0x1,01).data+16", 0x02100010},
        {"tile(0,2).memory.DataMemory+0xf", 0x0020000f},
        {"0x21D004", 0x0021D004},
        {"tile(0,2)+0x1d004", 0x0021D004},
        {"42", 42},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint64_t address = 0;
        ts_diag diag = {0};
        if (ts_npu_address_parse(ts_npu_device_find("npu1"), rows[i].text, &address, &diag))
            fail_msg("%s: %s", rows[i].text, diag.message);
        assert_int_equal(address, rows[i].address);
    }
}

static void wrong_addresses_are_told(void **state) {
    (void)state;
    static const struct {
        const char *text;
        ts_status code;
        const char *words;
    } rows[] = {
        {"", TS_SYNTAX, "1:1: expected a number"},
        {"12x", TS_SYNTAX, "expected a number"},
        {"12 ", TS_SYNTAX, "1:3: expected the end"},
        {"tile", TS_SYNTAX, "1:5: expected '('"},
        {"tile(0)", TS_SYNTAX, "expected ','"},
        {"tile(0,2", TS_SYNTAX, "expected ')'"},
        {"tile(4,0)+0x0", TS_RANGE, "columns 0 to 3 and rows 0 to 5"},
        {"tile(0,6)+0x0", TS_RANGE, "columns 0 to 3 and rows 0 to 5"},
        {"tile(0,2)", TS_SYNTAX, "1:10: expected '+'"},
        {"tile(0,2)+0x100000", TS_RANGE, "the last byte, 0xfffff"},
        {"tile(0,2).data+0x10000", TS_RANGE, "the last byte, 0xffff"},
        {"tile(0,2).data", TS_SYNTAX, "expected '+'"},
        {"tile(0,0).data+0x0", TS_UNKNOWN, "a shim tile has no register 'data'"},
        {"tile(0,2).memory.DMA_BD0_1+4", TS_RANGE, "the last byte, 0x3"},
        {"tile(0,2).memory.DMA_BD0_1 ", TS_SYNTAX, "expected '+'"},
        {"tile(0,2).Core_Contrl", TS_UNKNOWN, "near: Core_Control"},
        {"tile(0,2).Timer_Control", TS_UNKNOWN,
         "'Timer_Control' is in 2 modules of a compute tile"},
        {"tile(0,2).memory.Core_Control", TS_UNKNOWN, "no register 'memory.Core_Control'"},
        {"tile(0,2).memory.Timer_Control+0x0+0x0", TS_SYNTAX, "expected the end"},
        {"tile(00000000000000000000000000000000000000000,2)+0", TS_RANGE, "number of 41 digits"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint64_t address;
        ts_diag diag = {0};
        ts_status status =
            ts_npu_address_parse(ts_npu_device_find("npu1"), rows[i].text, &address, &diag);
        if (status != rows[i].code) fail_msg("%s: %s", rows[i].text, ts_status_name(status));
        test_expect_error(&diag, rows[i].code, rows[i].words);
    }
}

/* ---- ports ----------------------------------------------------------------------------------- */

/* What the register table calls a port; it spells them differently for masters and slaves. */
static const char *port_register(ts_arena *arena, ts_npu_kind kind, bool is_master,
                                 ts_npu_port port) {
    const char *prefix = is_master ? "Stream_Switch_Master_Config_" : "Stream_Switch_Slave_Config_";
    const char *joint = is_master ? "" : "_";
    switch (port.bundle) {
    case TS_NPU_BUNDLE_CORE: return ts_arena_printf(arena, "%sAIE_Core0", prefix);
    case TS_NPU_BUNDLE_TILE_CONTROL: return ts_arena_printf(arena, "%sTile_Ctrl", prefix);
    case TS_NPU_BUNDLE_TRACE:
        if (kind != TS_NPU_COMPUTE) return ts_arena_printf(arena, "%sTrace", prefix);
        return ts_arena_printf(arena, "%s%s_Trace", prefix, port.channel ? "Mem" : "AIE");
    default:
        return ts_arena_printf(arena, "%s%s%s%u", prefix, ts_npu_bundle_name(port.bundle), joint,
                               port.channel);
    }
}

static unsigned count_registers(ts_npu_kind kind, const char *prefix) {
    size_t count;
    unsigned n = 0;
    const ts_npu_register *all = ts_npu_registers_of(tile_of(kind), &count);
    for (size_t i = 0; i < count; i++)
        n += strncmp(all[i].name, prefix, strlen(prefix)) == 0;
    return n;
}

static void one_port(ts_npu_kind kind, bool is_master, uint32_t index) {
    ts_arena *arena = test_begin();
    const ts_npu_tile *tile = tile_of(kind);
    ts_npu_port port;
    uint32_t back;
    assert_true(ts_npu_port_at(tile, is_master, index, &port));
    assert_true(ts_npu_port_index(tile, is_master, port, &back));
    assert_int_equal(back, index);
    const char *name = port_register(arena, kind, is_master, port);
    const ts_npu_register *reg = reg_of(kind, name);
    assert_int_equal(reg->offset, ts_npu_port_offset(tile, is_master, index));
    for (uint32_t slot = 0; !is_master && slot < tile->n_slots; slot++) {
        const char *slot_name = ts_arena_printf(arena, "Stream_Switch_Slave_%s_Slot%u",
                                                name + strlen("Stream_Switch_Slave_Config_"), slot);
        assert_int_equal(reg_of(kind, slot_name)->offset, ts_npu_slot_offset(tile, index, slot));
    }
    test_end(arena);
}

static void ports_are_where_the_registers_are(void **state) {
    (void)state;
    for (int kind = 0; kind < TS_NPU_N_KINDS; kind++)
        for (int is_master = 0; is_master < 2; is_master++) {
            const ts_npu_tile *tile = tile_of((ts_npu_kind)kind);
            unsigned count = ts_npu_port_count(tile, is_master);
            assert_int_equal(count, count_registers((ts_npu_kind)kind,
                                                    is_master ? "Stream_Switch_Master_Config_"
                                                              : "Stream_Switch_Slave_Config_"));
            for (uint32_t index = 0; index < count; index++)
                one_port((ts_npu_kind)kind, is_master, index);
            ts_npu_port port = {0};
            uint32_t index;
            assert_false(ts_npu_port_at(tile, is_master, count, &port));
            port = (ts_npu_port){.bundle = TS_NPU_BUNDLE_DMA, .channel = 6};
            assert_false(ts_npu_port_index(tile, is_master, port, &index));
        }
    ts_npu_bundle bundle;
    assert_true(ts_npu_bundle_find("TileControl", &bundle));
    assert_int_equal(bundle, TS_NPU_BUNDLE_TILE_CONTROL);
    assert_false(ts_npu_bundle_find("NOC", &bundle));
}

static ts_npu_port port(const char *bundle, unsigned channel) {
    ts_npu_port out = {.channel = (uint8_t)channel};
    if (!ts_npu_bundle_find(bundle, &out.bundle)) fail_msg("no bundle %s", bundle);
    return out;
}

static void connections_a_switch_can_make(void **state) {
    (void)state;
    static const struct {
        ts_npu_kind kind;
        const char *slave;
        unsigned slave_channel;
        const char *master;
        unsigned master_channel;
        bool is_legal;
    } rows[] = {
        {TS_NPU_COMPUTE, "South", 1, "DMA", 0, true},
        {TS_NPU_COMPUTE, "South", 5, "North", 0, true},
        {TS_NPU_COMPUTE, "South", 1, "South", 1, true},
        {TS_NPU_COMPUTE, "South", 1, "South", 2, false},
        {TS_NPU_COMPUTE, "South", 6, "DMA", 0, false},
        {TS_NPU_COMPUTE, "DMA", 0, "DMA", 1, false},
        {TS_NPU_COMPUTE, "Core", 0, "Core", 0, false},
        {TS_NPU_COMPUTE, "Core", 0, "TileControl", 0, true},
        {TS_NPU_COMPUTE, "TileControl", 0, "DMA", 0, false},
        {TS_NPU_COMPUTE, "Trace", 1, "DMA", 0, true},
        {TS_NPU_COMPUTE, "Trace", 1, "DMA", 1, false},
        {TS_NPU_COMPUTE, "Trace", 0, "North", 0, false},
        {TS_NPU_MEMORY, "South", 2, "North", 2, true},
        {TS_NPU_MEMORY, "South", 2, "North", 3, false},
        {TS_NPU_MEMORY, "North", 3, "DMA", 5, true},
        {TS_NPU_MEMORY, "TileControl", 0, "DMA", 5, true},
        {TS_NPU_MEMORY, "TileControl", 0, "DMA", 4, false},
        {TS_NPU_MEMORY, "Trace", 0, "South", 3, true},
        {TS_NPU_MEMORY, "Trace", 0, "North", 3, false},
        {TS_NPU_MEMORY, "DMA", 2, "DMA", 2, true},
        {TS_NPU_MEMORY, "Core", 0, "DMA", 0, false},
        {TS_NPU_SHIM, "South", 7, "South", 2, true},
        {TS_NPU_SHIM, "West", 1, "West", 2, false},
        {TS_NPU_SHIM, "West", 1, "East", 2, true},
        {TS_NPU_SHIM, "Trace", 0, "East", 0, true},
        {TS_NPU_SHIM, "Trace", 0, "East", 1, false},
        {TS_NPU_SHIM, "TileControl", 0, "TileControl", 0, false},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        if (ts_npu_connection_is_legal(
                tile_of(rows[i].kind), port(rows[i].slave, rows[i].slave_channel),
                port(rows[i].master, rows[i].master_channel)) != rows[i].is_legal)
            fail_msg("row %zu: %s:%u -> %s:%u", i, rows[i].slave, rows[i].slave_channel,
                     rows[i].master, rows[i].master_channel);
}

/* Counts and places that a tile states beside the table. */
static void tiles_agree_with_the_registers(void **state) {
    (void)state;
    for (int kind = 0; kind < TS_NPU_N_KINDS; kind++) {
        ts_arena *arena = test_begin();
        const ts_npu_tile *tile = tile_of((ts_npu_kind)kind);
        for (uint32_t i = 0; i < tile->n_locks; i++) {
            const char *name = ts_arena_printf(arena, "Lock%u_value", i);
            assert_int_equal(reg_of((ts_npu_kind)kind, name)->offset,
                             tile->lock_offset + i * tile->lock_stride);
        }
        assert_null(
            ts_npu_register_find(tile, ts_arena_printf(arena, "Lock%u_value", tile->n_locks)));
        for (uint32_t i = 0; i < tile->n_bds; i++)
            for (uint32_t w = 0; w < tile->n_bd_words; w++) {
                const char *name = ts_arena_printf(arena, "DMA_BD%u_%u", i, w);
                assert_int_equal(reg_of((ts_npu_kind)kind, name)->offset,
                                 tile->bd_offset + i * tile->bd_stride + 4 * w);
            }
        assert_int_equal(count_registers((ts_npu_kind)kind, "DMA_BD"),
                         tile->n_bds * tile->n_bd_words);
        assert_int_equal(count_registers((ts_npu_kind)kind, "DMA_S2MM_Status_"), tile->n_channels);
        assert_int_equal(count_registers((ts_npu_kind)kind, "DMA_MM2S_Status_"), tile->n_channels);
        test_end(arena);
    }
}

/* ---- buffer descriptors ---------------------------------------------------------------------- */

/* The register table's field names, and what the value of each must become. */
static const struct {
    const char *name;
    size_t place, size;
    unsigned shift, plus;
    bool is_signed;
} members[] = {
#define ROW(name, member, shift, plus, is_signed)                                                  \
    {name, offsetof(ts_npu_bd, member), sizeof((ts_npu_bd *)0)->member, shift, plus, is_signed},
    ROW("Base_Address", base, 2, 0, false) ROW("Base_Address_Low", base, 2, 0, false) ROW(
        "Base_Address_High", base, 32, 0,
        false) ROW("Buffer_Length", length, 0, 0,
                   false) ROW("D0_Stepsize", dim[0].step, 0, 1,
                              false) ROW("D1_Stepsize", dim[1].step, 0, 1,
                                         false) ROW("D2_Stepsize", dim[2].step, 0, 1, false)
        ROW("D3_Stepsize", dim[3].step, 0, 1, false) ROW("D0_Wrap", dim[0].wrap, 0, 0, false) ROW(
            "D1_Wrap", dim[1].wrap,
            0, 0, false) ROW("D2_Wrap", dim[2].wrap, 0, 0,
                             false) ROW("D0_Zero_Before", dim[0].zero_before, 0, 0, false)
            ROW("D1_Zero_Before", dim[1].zero_before,
                0, 0, false) ROW("D2_Zero_Before", dim[2].zero_before, 0, 0,
                                 false) ROW("D0_Zero_After", dim[0].zero_after, 0, 0, false)
                ROW("D1_Zero_After", dim[1].zero_after,
                    0, 0, false) ROW("D2_Zero_After", dim[2].zero_after, 0, 0,
                                     false) ROW("Iteration_Stepsize", iteration_step, 0, 1, false)
                    ROW("Iteration_Wrap", iteration_wrap,
                        0, 1, false) ROW("Iteration_Current", iteration_current, 0, 0,
                                         false) ROW("Valid_BD", valid, 0, 0, false)
                        ROW("Use_Next_BD", use_next, 0, 0, false) ROW("Next_BD", next, 0, 0, false)
                            ROW("Lock_Acq_Enable", lock_acquire, 0, 0,
                                false) ROW("Lock_Acq_ID", lock_acquire_id, 0, 0, false)
                                ROW("Lock_Acq_Value", lock_acquire_value, 0, 0, true) ROW(
                                    "Lock_Rel_ID", lock_release_id,
                                    0, 0, false) ROW("Lock_Rel_Value", lock_release_value, 0, 0,
                                                     true) ROW("Enable_Packet", packet, 0, 0, false)
                                    ROW("Packet_ID", packet_id, 0, 0,
                                        false) ROW("Packet_Type", packet_type, 0, 0, false)
                                        ROW("Out_Of_Order_BD_ID", out_of_order_bd, 0, 0, false)
                                            ROW("TLAST_Suppress", tlast_suppress, 0, 0, false)
                                                ROW("Enable_Compression", compression, 0, 0,
                                                    false) ROW("Secure_Access", secure, 0, 0, false)
                                                    ROW("Burst_Length", burst, 0, 0, false)
                                                        ROW("SMID", smid, 0, 0, false)
                                                            ROW("AxCache", ax_cache, 0, 0, false)
                                                                ROW("AxQoS", ax_qos, 0, 0, false)
#undef ROW
};

static uint64_t member_of(const ts_npu_bd *bd, size_t row) {
    uint64_t wide = 0;
    uint32_t word = 0;
    const uint8_t *at = (const uint8_t *)bd + members[row].place;
    if (members[row].size == 1) return *at;
    if (members[row].size == 4) {
        memcpy(&word, at, sizeof word);
        return word;
    }
    memcpy(&wide, at, sizeof wide);
    return wide;
}

/* One field of the register table set to `stored`, all others 0. */
static void one_bd_field(const ts_npu_tile *tile, uint32_t word, const ts_npu_field *field,
                         uint32_t stored) {
    size_t row = 0;
    while (row < COUNT(members) && strcmp(members[row].name, field->name) != 0)
        row++;
    if (row == COUNT(members)) fail_msg("no member for %s", field->name);
    uint32_t words[TS_NPU_BD_MAX_WORDS] = {0};
    words[word] = ts_npu_field_insert(field, 0, stored);
    stored = ts_npu_field_extract(field, words[word]);
    uint64_t want = ((uint64_t)stored << members[row].shift) + members[row].plus;
    if (members[row].is_signed && stored >> (field->width - 1))
        want = (uint32_t)(stored - (1U << field->width));
    ts_npu_bd bd, none;
    const uint32_t zeros[TS_NPU_BD_MAX_WORDS] = {0};
    assert_true(ts_npu_bd_decode(tile, words, &bd));
    assert_true(ts_npu_bd_decode(tile, zeros, &none));
    for (size_t i = 0; i < COUNT(members); i++) {
        if (members[i].place == members[row].place) continue;
        assert_int_equal(member_of(&bd, i), member_of(&none, i));
    }
    if (member_of(&bd, row) != want)
        fail_msg("%s %s: 0x%" PRIx64 ", not 0x%" PRIx64, ts_npu_kind_name(tile->kind), field->name,
                 member_of(&bd, row), want);
}

static void bd_fields_are_where_the_registers_say(void **state) {
    (void)state;
    test_random random = {3};
    for (int kind = 0; kind < TS_NPU_N_KINDS; kind++) {
        const ts_npu_tile *tile = tile_of((ts_npu_kind)kind);
        for (uint32_t w = 0; w < tile->n_bd_words; w++) {
            const ts_npu_register *reg = ts_npu_register_at(tile, tile->bd_offset + 4 * w);
            for (size_t k = 0; k < reg->n_fields; k++) {
                if (strcmp(reg->fields[k].name, "Reserved") == 0) continue;
                one_bd_field(tile, w, &reg->fields[k], UINT32_MAX);
                one_bd_field(tile, w, &reg->fields[k], (uint32_t)test_next(&random));
            }
        }
    }
}

/* Any words, kept to the bits that have a field: decoding and encoding gives them back, and
 * decoding those again the same descriptor. */
static void bds_round_trip(void **state) {
    (void)state;
    test_random random = {4};
    for (int i = 0; i < 3000; i++) {
        const ts_npu_tile *tile = tile_of((ts_npu_kind)(i % TS_NPU_N_KINDS));
        uint32_t words[TS_NPU_BD_MAX_WORDS] = {0}, got[TS_NPU_BD_MAX_WORDS] = {0};
        for (uint32_t w = 0; w < tile->n_bd_words; w++) {
            const ts_npu_register *reg = ts_npu_register_at(tile, tile->bd_offset + 4 * w);
            for (size_t k = 0; k < reg->n_fields; k++)
                if (strcmp(reg->fields[k].name, "Reserved") != 0)
                    words[w] |= ts_npu_field_mask(&reg->fields[k]);
            words[w] &= (uint32_t)test_next(&random);
        }
        ts_npu_bd bd, again;
        ts_diag diag = {0};
        assert_true(ts_npu_bd_decode(tile, words, &bd));
        if (ts_npu_bd_encode(tile, &bd, got, &diag) != TS_OK) fail_msg("%s", diag.message);
        assert_memory_equal(got, words, sizeof words);
        assert_true(ts_npu_bd_decode(tile, got, &again));
        for (size_t m = 0; m < COUNT(members); m++)
            assert_int_equal(member_of(&again, m), member_of(&bd, m));
    }
}

static void stray_bits_of_a_bd_are_told(void **state) {
    (void)state;
    ts_npu_bd bd;
    const uint32_t compute[] = {1U << 28, 0, 0, 0, 0, 0}, shim[] = {0, 1, 0, 0, 0, 0, 0, 0};
    assert_false(ts_npu_bd_decode(tile_of(TS_NPU_COMPUTE), compute, &bd));
    assert_false(ts_npu_bd_decode(tile_of(TS_NPU_SHIM), shim, &bd));
    assert_int_equal(bd.base, 0);
}

static void bds_of_a_channel(void **state) {
    (void)state;
    const ts_npu_tile *memory = tile_of(TS_NPU_MEMORY), *shim = tile_of(TS_NPU_SHIM);
    assert_true(ts_npu_bd_is_for_channel(memory, 0, 0));
    assert_true(ts_npu_bd_is_for_channel(memory, 23, 4));
    assert_false(ts_npu_bd_is_for_channel(memory, 24, 4));
    assert_false(ts_npu_bd_is_for_channel(memory, 23, 5));
    assert_true(ts_npu_bd_is_for_channel(memory, 47, 5));
    assert_false(ts_npu_bd_is_for_channel(memory, 48, 5));
    assert_false(ts_npu_bd_is_for_channel(memory, 0, 6));
    assert_true(ts_npu_bd_is_for_channel(shim, 15, 0));
    assert_false(ts_npu_bd_is_for_channel(shim, 16, 1));
}

/* Words worked out by hand from the field positions. */
static void a_bd_by_hand(void **state) {
    (void)state;
    ts_diag diag = {0};
    uint32_t words[TS_NPU_BD_MAX_WORDS];
    ts_npu_bd bd = ts_npu_bd_linear(tile_of(TS_NPU_SHIM), 0x123456789abcU, 0x1000);
    assert_int_equal(ts_npu_bd_encode(tile_of(TS_NPU_SHIM), &bd, words, &diag), TS_OK);
    const uint32_t shim[] = {0x1000, 0x56789abc, 0x1234, 0, 0, 0, 0, 1U << 25};
    assert_memory_equal(words, shim, sizeof shim);

    /* 8 rows of 16 words, 100 apart, padded by 2 and 3 words, own lock 5 */
    bd = ts_npu_bd_linear(tile_of(TS_NPU_MEMORY), 0x80400, 128);
    bd.dim[0].wrap = 16;
    bd.dim[0].zero_before = 2;
    bd.dim[0].zero_after = 3;
    bd.dim[1].step = 100;
    bd.dim[1].wrap = 8;
    bd.lock_acquire = true;
    bd.lock_acquire_id = 64 + 5;
    bd.lock_acquire_value = -1;
    bd.lock_release_id = 64 + 6;
    bd.lock_release_value = 1;
    bd.iteration_step = 2;
    bd.iteration_wrap = 4;
    const uint32_t memory[] = {
        128,
        2U << 26 | 0x20100,
        16U << 17,
        8U << 17 | 99,
        0,
        3U << 17,
        3U << 17 | 1U,
        1U << 31 | 1U << 24 | 70U << 16 | 1U << 15 | 0x7fU << 8 | 69U,
    };
    assert_int_equal(ts_npu_bd_encode(tile_of(TS_NPU_MEMORY), &bd, words, &diag), TS_OK);
    assert_memory_equal(words, memory, sizeof memory);
}

static void impossible_bds_are_told(void **state) {
    (void)state;
    static const struct {
        ts_npu_kind kind;
        size_t place;
        int32_t value;
        const char *words;
    } rows[] = {
        {TS_NPU_COMPUTE, offsetof(ts_npu_bd, dim[0].step), 0,
         "dim[0].step is 0, a compute tile takes 1 to 8192"},
        {TS_NPU_COMPUTE, offsetof(ts_npu_bd, dim[1].step), 8193, "takes 1 to 8192"},
        {TS_NPU_COMPUTE, offsetof(ts_npu_bd, dim[0].wrap), 256, "takes 0 to 255"},
        {TS_NPU_COMPUTE, offsetof(ts_npu_bd, dim[2].wrap), 1, "a compute tile has no such field"},
        {TS_NPU_COMPUTE, offsetof(ts_npu_bd, dim[3].step), 1, "has no such field"},
        {TS_NPU_COMPUTE, offsetof(ts_npu_bd, burst), 1, "has no such field"},
        {TS_NPU_COMPUTE, offsetof(ts_npu_bd, base), 0x10000, "takes 0 to 65532 in steps of 4"},
        {TS_NPU_COMPUTE, offsetof(ts_npu_bd, base), 2, "in steps of 4"},
        {TS_NPU_COMPUTE, offsetof(ts_npu_bd, length), 16384, "length is 16384"},
        {TS_NPU_COMPUTE, offsetof(ts_npu_bd, lock_acquire_value), 64, "takes -64 to 63"},
        {TS_NPU_COMPUTE, offsetof(ts_npu_bd, lock_release_value), -65, "takes -64 to 63"},
        {TS_NPU_COMPUTE, offsetof(ts_npu_bd, next), 16, "next is 16"},
        {TS_NPU_MEMORY, offsetof(ts_npu_bd, iteration_wrap), 65, "takes 1 to 64"},
        {TS_NPU_MEMORY, offsetof(ts_npu_bd, dim[0].zero_before), 64, "takes 0 to 63"},
        {TS_NPU_SHIM, offsetof(ts_npu_bd, dim[2].wrap), 3, "a shim tile has no such field"},
        {TS_NPU_SHIM, offsetof(ts_npu_bd, dim[0].step), 1048577, "takes 1 to 1048576"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ts_npu_bd bd = ts_npu_bd_linear(tile_of(rows[i].kind), 0x100, 16);
        memcpy((uint8_t *)&bd + rows[i].place, &rows[i].value, sizeof rows[i].value);
        uint32_t words[TS_NPU_BD_MAX_WORDS];
        ts_diag diag = {0};
        assert_int_equal(ts_npu_bd_encode(tile_of(rows[i].kind), &bd, words, &diag), TS_RANGE);
        test_expect_error(&diag, TS_RANGE, rows[i].words);
    }
    ts_npu_bd bd = ts_npu_bd_linear(tile_of(TS_NPU_SHIM), (uint64_t)1 << 48, 1);
    uint32_t words[TS_NPU_BD_MAX_WORDS];
    ts_diag diag = {0};
    assert_int_equal(ts_npu_bd_encode(tile_of(TS_NPU_SHIM), &bd, words, &diag), TS_RANGE);
    test_expect_error(&diag, TS_RANGE, "takes 0 to 281474976710652 in steps of 4");
}

/* ---- writes in words ------------------------------------------------------------------------- */

static void describes(const ts_npu_tile *tile, uint32_t offset, uint32_t value, uint32_t mask,
                      const char *want) {
    ts_arena *arena = test_begin();
    ts_buf out = ts_buf_in(arena);
    ts_npu_describe(tile, offset, value, mask, &out);
    assert_string_equal(text_of(&out), want);
    test_end(arena);
}

/* Writes of the configuration that mlir-aie made for a Phoenix design
 * (Unicorn-Commander/Unicorn-Amanuensis, mel_kernels/build_fixed_v3, its main.pdi), with the
 * meaning that the placed design beside it gives them. */
static void a_real_design_reads_as_one(void **state) {
    (void)state;
    static const struct {
        uint64_t address;
        uint32_t value, mask;
        const char *want;
    } rows[] = {
        {0x0021f020, 2, UINT32_MAX, "lock 2 := 2"},
        {0x00014000, 0, UINT32_MAX, "lock 0 := 0"},
        {0x0021de10, 2, 2, "dma MM2S 0: Reset=1"},
        {0x0021de00, 1, 0, "dma S2MM 0: nothing, the mask is 0"},
        {0x0021de04, 0, UINT32_MAX, "dma S2MM 0 starts bd 0, 1 time"},
        {0x0021de14, 2, UINT32_MAX, "dma MM2S 0 starts bd 2, 1 time"},
        {0x00232000, 0, 1, "core: enable off"},
        {0x00232000, 2, 2, "core: reset on"},
        {0x00232000, 1, 1, "core: enable on"},
        {0x0003f034, 0x80000005, UINT32_MAX, "master North:1 <- slave South:3"},
        {0x0003f114, 0x80000000, UINT32_MAX, "slave South:3 on, circuit"},
        {0x0003f010, 0x8000000e, UINT32_MAX, "master South:2 <- slave North:0"},
        {0x0003f008, 0xc0000045, UINT32_MAX, "master South:0 <- packets of arbiter 5 msel 3"},
        {0x0003f100, 0xc0000000, UINT32_MAX, "slave TileControl:0 on, packets"},
        {0x0003f200, 0x0f1f0135, UINT32_MAX,
         "slave TileControl:0 slot 0: packets with id 15 under mask 0x1f -> arbiter 5 msel 3"},
        {0x001b0030, 0x80000008, UINT32_MAX, "master North:1 <- slave South:1"},
        {0x0023f004, 0x80000006, UINT32_MAX, "master DMA:0 <- slave South:1"},
        {0x0023f014, 0x80000001, UINT32_MAX, "master South:0 <- slave DMA:0"},
        {0x0001f000, 0x400, 0xc00, "shim mux: South3 <- DMA"},
        {0x0001f004, 0x10, 0x30, "shim demux: South2 -> DMA"},
    };
    const ts_npu_device *device = ts_npu_device_find("npu1");
    for (size_t i = 0; i < COUNT(rows); i++) {
        ts_npu_place place;
        assert_true(ts_npu_split(device, rows[i].address, &place));
        describes(ts_npu_tile_at(device, place.column, place.row), place.offset, rows[i].value,
                  rows[i].mask, rows[i].want);
    }
}

static void other_writes(void **state) {
    (void)state;
    static const struct {
        ts_npu_kind kind;
        const char *name;
        uint32_t value, mask;
        const char *want;
    } rows[] = {
        {TS_NPU_COMPUTE, "Core_Control", 1, UINT32_MAX, "core: enable on, reset off"},
        {TS_NPU_COMPUTE, "Core_Control", 5, UINT32_MAX,
         "core: enable on, reset off, bits 0x4 without a field"},
        {TS_NPU_COMPUTE, "Lock3_value", 63, UINT32_MAX, "lock 3 := 63"},
        {TS_NPU_COMPUTE, "Lock3_value", 1, 1, "Lock_value=1 (bits 0x1 of it)"},
        {TS_NPU_COMPUTE, "Lock3_value", 0x5e, 3, "Lock_value=2 (bits 0x3 of it)"},
        {TS_NPU_COMPUTE, "Lock3_value", 0x41, UINT32_MAX, "lock 3 := 1, bits 0x40 without a field"},
        {TS_NPU_MEMORY, "Lock40_value", 5, 0x3f, "lock 40 := 5"},
        {TS_NPU_COMPUTE, "DMA_BD2_0", 200, UINT32_MAX,
         "bd 2 word 0: Buffer_Length=0xc8 Base_Address=0"},
        {TS_NPU_MEMORY, "DMA_MM2S_5_Start_Queue", 0x80030018, UINT32_MAX,
         "dma MM2S 5 starts bd 24, 4 times, token when done"},
        {TS_NPU_SHIM, "DMA_S2MM_1_Task_Queue", 0x800f0000, UINT32_MAX,
         "dma S2MM 1 starts bd 0, 16 times, token when done"},
        {TS_NPU_SHIM, "DMA_S2MM_0_Ctrl", 0xf00, 0xff00, "dma S2MM 0: Controller_ID=0xf"},
        {TS_NPU_COMPUTE, "Stream_Switch_Master_Config_DMA1", 0, UINT32_MAX, "master DMA:1 off"},
        {TS_NPU_COMPUTE, "Stream_Switch_Master_Config_DMA1", 0x8000001f, UINT32_MAX,
         "master DMA:1 <- slave 31 (no such port)"},
        {TS_NPU_COMPUTE, "Stream_Switch_Master_Config_DMA1", 0xc0000080, UINT32_MAX,
         "master DMA:1 <- packets of arbiter 0 msel none, header dropped"},
        {TS_NPU_COMPUTE, "Stream_Switch_Master_Config_DMA1", 0x80000000, 0x80000000,
         "master DMA:1: Master_Enable=1"},
        {TS_NPU_COMPUTE, "Stream_Switch_Slave_Config_Mem_Trace", 0, UINT32_MAX,
         "slave Trace:1 off"},
        {TS_NPU_MEMORY, "Stream_Switch_Slave_North_3_Slot3", 0, UINT32_MAX,
         "slave North:3 slot 3 off"},
        {TS_NPU_SHIM, "Mux_Config", 0x4400, UINT32_MAX,
         "shim mux: South2 <- PL, South3 <- DMA, South6 <- PL, South7 <- DMA"},
        {TS_NPU_SHIM, "Mux_Config", 0x400, 0x400, "South3=1 (bits 0x1 of it)"},
        {TS_NPU_SHIM, "Mux_Config", 0x400, 0x1c00, "South3=1 South6=0 (bits 0x1 of it)"},
        {TS_NPU_SHIM, "Mux_Config", 0, 1, "no field"},
        {TS_NPU_COMPUTE, "Stream_Switch_Master_Config_DMA1", 5, UINT32_MAX,
         "master DMA:1: Configuration=5 Drop_Header=0 Packet_Enable=0 Master_Enable=0"},
        {TS_NPU_COMPUTE, "Stream_Switch_Master_Config_DMA1", 0x80000025, UINT32_MAX,
         "master DMA:1: Configuration=0x25 Drop_Header=0 Packet_Enable=0 Master_Enable=1"},
        {TS_NPU_COMPUTE, "Stream_Switch_Slave_Config_DMA_1", 0x40000000, UINT32_MAX,
         "slave DMA:1: Packet_Enable=1 Slave_Enable=0"},
        {TS_NPU_COMPUTE, "Stream_Switch_Slave_DMA_1_Slot2", 1, UINT32_MAX,
         "slave DMA:1 slot 2: arbit=1 msel=0 enable=0 mask=0 id=0"},
        {TS_NPU_COMPUTE, "core.Event_Broadcast15", 7, UINT32_MAX, "Event=7"},
        {TS_NPU_COMPUTE, "memory.Event_Group_Error_Enable", 0x8001, UINT32_MAX,
         "DM_ECC_Error_Scrub_Corrected=1 DMA_Task_Token_Stall=1, other fields 0"},
        {TS_NPU_COMPUTE, "memory.Event_Group_Error_Enable", 0, UINT32_MAX, "all fields 0"},
        {TS_NPU_COMPUTE, "core.Tile_Control", 0, 0x80, "no field"},
        {TS_NPU_COMPUTE, "Core_AMLL0_Part1", 16, UINT32_MAX, ":= 0x10"},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        describes(tile_of(rows[i].kind), reg_of(rows[i].kind, rows[i].name)->offset, rows[i].value,
                  rows[i].mask, rows[i].want);
    describes(tile_of(TS_NPU_COMPUTE), 0x400, 0xabcd, UINT32_MAX, "data+0x400 := 0xabcd");
    describes(tile_of(TS_NPU_COMPUTE), 0x10000, 1, 3, "unknown register := 1 under mask 0x3");
}

static void describes_words(ts_npu_kind kind, uint32_t offset, const uint32_t *words,
                            size_t n_words, size_t n_told, const char *want) {
    ts_arena *arena = test_begin();
    ts_buf out = ts_buf_in(arena);
    assert_int_equal(ts_npu_describe_words(tile_of(kind), offset, words, n_words, &out), n_told);
    assert_string_equal(text_of(&out), want);
    test_end(arena);
}

static void runs_of_words(void **state) {
    (void)state;
    /* As a_real_design_reads_as_one: bd 0, and bd 3 of the same design. */
    const uint32_t first[] = {0x4000c8, 0, 0, 0, 0, 0x0e043fe0};
    const uint32_t last[] = {0xa90014, 0, 0, 0, 0, 0x16045fe3, 99, 99};
    describes_words(
        TS_NPU_COMPUTE, 0x1D000, first, 6, 6,
        "bd 0: 200 words (800 bytes) at data+0x400, acquire lock 0 >= 1, release lock 1 +1, "
        "next bd 1");
    describes_words(
        TS_NPU_COMPUTE, 0x1D060, last, 8, 6,
        "bd 3: 20 words (80 bytes) at data+0xa90, acquire lock 3 >= 1, release lock 2 +1, "
        "next bd 2");
    describes_words(TS_NPU_COMPUTE, 0x1D000, first, 5, 1,
                    "bd 0 word 0: Buffer_Length=0xc8 Base_Address=0x100");
    describes_words(TS_NPU_COMPUTE, 0x1D004, first + 1, 5, 1,
                    "bd 0 word 1: Packet_Type=0 Packet_ID=0 Out_Of_Order_BD_ID=0 Enable_Packet=0 "
                    "Enable_Compression=0");
    const uint32_t padded[] = {
        0x98000000 | 128,
        2U << 26 | 0x20100,
        16U << 17,
        8U << 17 | 99,
        0,
        3U << 17,
        3U << 17,
        1U << 24 | 70U << 16 | 1U << 15 | 5,
    };
    describes_words(
        TS_NPU_MEMORY, 0xA0300, padded, 8, 8,
        "bd 24: 128 words (512 bytes) at data+0x400, d0 step 1 wrap 16 zeros 2 before 3 "
        "after, d1 step 100 wrap 8, iteration step 1 wrap 4 at 0, acquire west lock 5 "
        "== 0, release lock 6 +1, packet id 16 type 1, not valid");
    const uint32_t shim[] = {16, 0x1000, 1, 0, 0x80000000, 0x12200000, 0, 0x82000000};
    describes_words(TS_NPU_SHIM, 0x1D020, shim, 8, 8,
                    "bd 1: 16 words (64 bytes) at 0x100001000, TLAST suppressed, burst 256 bytes, "
                    "SMID 1, AxCache 2, AxQoS 2");
    const uint32_t stray[] = {1, 3, 0, 0, 0, 0, 0, 0x02000000};
    describes_words(TS_NPU_SHIM, 0x1D1E0, stray, 8, 8,
                    "bd 15: 1 words (4 bytes) at 0x0, burst 64 bytes, bits without a field set");
    const uint32_t program[100] = {0};
    describes_words(TS_NPU_COMPUTE, 0x20000, program, 100, 100, "program+0x0: 400 bytes");
    describes_words(TS_NPU_COMPUTE, 0x23ff8, program, 100, 2, "program+0x3ff8: 8 bytes");
    describes_words(TS_NPU_COMPUTE, 0x23ffc, program, 1, 1, "program+0x3ffc := 0");
    describes_words(TS_NPU_COMPUTE, 0x32000, program, 2, 1, "core: enable off, reset off");
}

/* No write, however odd, is left without a line. */
static void every_write_has_a_line(void **state) {
    (void)state;
    test_random random = {5};
    for (int kind = 0; kind < TS_NPU_N_KINDS; kind++) {
        size_t count;
        const ts_npu_tile *tile = tile_of((ts_npu_kind)kind);
        const ts_npu_register *all = ts_npu_registers_of(tile, &count);
        for (size_t i = 0; i < count; i++) {
            ts_arena *arena = test_begin();
            ts_buf out = ts_buf_in(arena);
            ts_npu_describe(tile, all[i].offset, (uint32_t)test_next(&random),
                            (uint32_t)test_next(&random) | (uint32_t)test_next(&random), &out);
            const char *text = text_of(&out);
            if (strlen(text) < 4 || strchr(text, '\n')) fail_msg("%s: '%s'", all[i].name, text);
            test_end(arena);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(devices_by_name),
        cmocka_unit_test(tiles_of_a_grid),
        cmocka_unit_test(addresses_split_and_join),
        cmocka_unit_test(the_tables_equal_the_shared_data),
        cmocka_unit_test(registers_by_offset_and_name),
        cmocka_unit_test(memories_of_a_tile),
        cmocka_unit_test(fields_extract_and_insert),
        cmocka_unit_test(every_register_has_a_text_of_its_own),
        cmocka_unit_test(every_address_has_a_text),
        cmocka_unit_test(texts_of_addresses),
        cmocka_unit_test(other_spellings_of_addresses),
        cmocka_unit_test(wrong_addresses_are_told),
        cmocka_unit_test(ports_are_where_the_registers_are),
        cmocka_unit_test(connections_a_switch_can_make),
        cmocka_unit_test(tiles_agree_with_the_registers),
        cmocka_unit_test(bd_fields_are_where_the_registers_say),
        cmocka_unit_test(bds_round_trip),
        cmocka_unit_test(stray_bits_of_a_bd_are_told),
        cmocka_unit_test(bds_of_a_channel),
        cmocka_unit_test(a_bd_by_hand),
        cmocka_unit_test(impossible_bds_are_told),
        cmocka_unit_test(a_real_design_reads_as_one),
        cmocka_unit_test(other_writes),
        cmocka_unit_test(runs_of_words),
        cmocka_unit_test(every_write_has_a_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
